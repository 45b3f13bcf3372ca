//! Mission files: the managed parameters of one physical channel, read from TOML and legal by construction.
//!
//! Beside the keys of the contract (`FEP.md`) there are some of our own:
//!
//! | key | value | default |
//! | --- | --- | --- |
//! | `[input] skip`, `kind = "packets"` | octets before each packet that do not belong to it | 0 |
//! | `[input] line_code` | `"nrz-l"`, `"nrz-m"` or `"nrz-s"`: how bits are represented on the line | `"nrz-l"` |
//! | `[input] lengths`, `kind = "frames"` | `"own"`: each frame is as long as its header says (USLP), or `"fixed"` | `"own"` under USLP |
//! | `[sync] cadu_bits` | bits from one marker to the next, at least marker and code block; without code the last octet of a frame may be incomplete | marker and code block |
//! | `[sync] alignment` | `"bit"`, or `"octet"`: CADUs begin at octets only | `"bit"` |
//! | `[coding] derandomize` | `"before"`, or `"after"` the correction: spacecraft that randomize frames, then code them | `"before"` |
//! | `[coding] slice` | octets of a slice: frames behind markers of their own were cut into slices (131.0-B-6 §8); `[sync]` is about slices | there are none |
//! | `[coding] frame_marker` | the marker in front of each frame in the slices | `"1ACFFC1D"` |
//! | `[[coding.also]]` | another coding in the same stream: `marker`, the keys of `[coding]`, and where they differ `mask`, `cadu_bits` and `length` of its frames | there is none |
//! | `[frame] secondary_header` | also `"extended-count"`: it extends the frame count to 32 bits | `"flagged"` |
//! | `[frame] truncated_length` | octets of truncated USLP frames | there are none |
//! | `[frame] check_idle` | whether the fill of idle frames is held against the sequence of the books | `false` |
//! | `[database] mib` | the folder of a SCOS-2000 MIB, in place of `xtce` | |
//! | `[database] root` | the container that packets begin with | those of the database |
//! | `[database] lenient` | leave out what is not supported, and say so in the report | `false` |
//! | `[database] time` | the parameter that tells when a packet was made | the first moment of its container |
//! | `[[channel]] content` | also `"sdu"`: service data units that USLP delimits; `max_packet` bounds them too | `"packets"` |
//! | `[[channel]] pec` | `"crc16"`: packets with a secondary header end with a check | `"absent"` |
//! | `[[channel]] pus` | `{ issue = "a" or "c", time = "cuc 4+2" }`: secondary headers; for issue A also `counter`, `destination` | none |
//! | `[[channel]] time` | `"cds 2+2"`, `"cuc-1958 4+2"` or `"p-field"`: the time code that secondary headers without `pus` begin with; rows have it as `generation_time` where the database has no time | none |
//! | `[[channel]] groups` | whether groups of packets are joined by their sequence flags | `false` |
//! | `[[channel]] max_group` | octets of the largest joined group | 1 MiB |
//! | `[[channel]] group_header` | octets of the secondary header that later parts of a group repeat | 0 |
//! | `[[security]] spi`, `scid`, `vcid`, `map` | the index of a security association (355.0-B-2); its spacecraft, channels, USLP access points | `map`: all |
//! | `[[security]] service` | `"clear"`, `"authentication"`, `"encryption"`, `"authenticated-encryption"` | |
//! | `[[security]] algorithm` | `"aes-gcm"`, `"aes-cmac"`, `"hmac-sha256"`, `"hmac-sha512"` | none; a key needs one |
//! | `[[security]] iv`, `sequence_number`, `pad_length`, `mac` | octets of the fields of header and trailer | 0; `mac`: 16 where there is one |
//! | `[[security]] mask` | authentication bit mask in hexadecimal, from the first octet of the frame; behind its end all bits count | none |
//! | `[[security]] window` | how far a sequence number (or else the initialization vector) may be ahead of the last; 0: not followed | 0 |
//! | `[[security]] first_number` | the sequence number of the first frame, where it is managed | the first frame begins the count |
//! | `[[security]] key_file`, `key_env` | a file beside the mission file, or an environment variable, with the key in hexadecimal | no key |
//!
//! Without a key, authenticated frames are passed on unchecked and encrypted ones as they are.

mod build;
mod describe;
mod file;
mod place;
mod security;
mod services;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use ccsds_core::frame::{AosParameters, ChannelContent, FrameFormat, TmParameters, UslpParameters};
use ccsds_core::vc::Channel;
use frame_sync::codec::{DerandomizeAfter, FrameCodec, Uncoded};
use frame_sync::line::LineCode;
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{RsConfig, RsDecoder};
use frame_sync::sync::SyncConfig;

pub use self::place::{MissionError, Named};
pub use self::security::DeclaredAssociation;
pub use self::services::{Groups, HeaderTime, PacketServices};
use crate::fep::failure::Failure;

/// The managed parameters of one physical channel.
#[derive(Clone, Debug)]
pub struct Mission {
    /// What the channel is called.
    pub name: String,
    /// The lowest layer of the input, and everything above it.
    pub link: Link,
    /// The mission database; it is only looked for, until parameters are decoded.
    pub database: Option<DatabaseChoice>,
}

impl Mission {
    /// Read a mission file.
    ///
    /// # Errors
    /// When the file cannot be read, or says something impossible.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::cannot_run(format!("mission file {}: {error}", path.display())))?;
        Self::parse(&text, path).map_err(Failure::cannot_run)
    }

    /// Read the text of a mission file; `path` names it in errors, and files it refers to lie beside it.
    ///
    /// # Errors
    /// When it says something impossible.
    pub fn parse(text: &str, path: &Path) -> Result<Self, MissionError> {
        build::mission(text, path)
    }

    /// How bits are represented on the line.
    #[must_use]
    pub const fn line_code(&self) -> LineCode {
        match &self.link {
            Link::Bits(link) => link.line_code,
            Link::Frames(_) | Link::Packets(_) => LineCode::NrzL,
        }
    }

    /// What the users of each channel agreed on, in the order of the channels; a packet file is one channel.
    #[must_use]
    pub fn services(&self) -> Vec<PacketServices> {
        match (&self.link, self.frames()) {
            (Link::Packets(file), _) => vec![file.services],
            (_, Some(layer)) => layer.channels.iter().map(|declared| declared.services).collect(),
            (_, None) => Vec::new(),
        }
    }

    /// The frame layer, where the input has one.
    #[must_use]
    pub const fn frames(&self) -> Option<&FrameLayer> {
        match &self.link {
            Link::Bits(link) => Some(&link.frames),
            Link::Frames(file) => Some(&file.frames),
            Link::Packets(_) => None,
        }
    }
}

/// The mission database that a mission file names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DatabaseChoice {
    /// An XTCE file, or the folder of a SCOS-2000 MIB.
    pub path: PathBuf,
    /// The container that packets begin with; those of the database where nothing is said.
    pub root: Option<Named>,
    /// Whether what is not supported is left out; otherwise it is an error.
    pub lenient: bool,
    /// The parameter that tells when a packet was made; the first moment of its container where nothing is said.
    pub time: Option<Named>,
}

/// The lowest layer of the input, and everything above it.
#[derive(Clone, Debug)]
pub enum Link {
    /// A stream of bits.
    Bits(BitLink),
    /// Transfer frames, back to back.
    Frames(FrameFile),
    /// Packets, back to back.
    Packets(PacketFile),
}

/// A stream of bits: synchronization, coding, frames.
#[derive(Clone, Debug)]
pub struct BitLink {
    /// How bits are represented on the line.
    pub line_code: LineCode,
    /// The marker's octets.
    pub marker: Vec<u8>,
    /// Where the CADUs are.
    pub sync: SyncConfig,
    /// The pseudo-random sequence.
    pub randomizer: Randomizer,
    /// When it comes off.
    pub derandomize: Derandomize,
    /// The channel code.
    pub code: Code,
    /// Where the frames are, if the code blocks are slices of a stream of frames.
    pub slices: Option<Box<Slices>>,
    /// Other codings in the same stream.
    pub others: Vec<OtherCoding>,
    /// What the code blocks hold.
    pub frames: FrameLayer,
}

/// Frames behind markers of their own, in slices (131.0-B-6 §8).
#[derive(Clone, Debug)]
pub struct Slices {
    /// The marker's octets.
    pub marker: Vec<u8>,
    /// Where the frames are in the stream that the slices make.
    pub sync: SyncConfig,
}

/// When the pseudo-random sequence comes off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Derandomize {
    /// After the correction: frames were randomized, then coded.
    After,
    /// Before it, as the book has it: code blocks were randomized.
    Before,
}

/// Another coding in the same stream, with a marker of its own.
#[derive(Clone, Debug)]
pub struct OtherCoding {
    /// The marker's octets.
    pub marker: Vec<u8>,
    /// Where its CADUs are.
    pub sync: SyncConfig,
    /// The pseudo-random sequence.
    pub randomizer: Randomizer,
    /// When it comes off.
    pub derandomize: Derandomize,
    /// The channel code.
    pub code: Code,
}

impl BitLink {
    /// Bits of the stream from one frame to the next, on average.
    #[must_use]
    pub fn bits_per_frame(&self) -> u64 {
        let bits = self.sync.parameters().cadu_bits as u64;
        match &self.slices {
            Some(slices) => {
                slices.sync.parameters().cadu_bits as u64 * bits / (self.sync.block_bits() as u64).max(1)
            }
            None => bits,
        }
    }

    /// What the copy out of the stream takes off, and a decoder that does the rest.
    #[must_use]
    pub fn randomizer_and_decoder(&self) -> (Randomizer, Box<dyn FrameCodec + Send + Sync>) {
        self.derandomize.split(self.randomizer, &self.code)
    }
}

impl Derandomize {
    /// What the copy out of the stream takes off, and a decoder that does the rest.
    #[must_use]
    pub fn split(
        self,
        randomizer: Randomizer,
        code: &Code,
    ) -> (Randomizer, Box<dyn FrameCodec + Send + Sync>) {
        match self {
            Self::After => (Randomizer::NONE, Box::new(DerandomizeAfter::new(code.decoder(), randomizer))),
            Self::Before => (randomizer, code.decoder()),
        }
    }
}

/// The channel code.
#[derive(Clone, Copy, Debug)]
pub enum Code {
    /// A Reed-Solomon code.
    ReedSolomon(RsConfig),
    /// None: the block is the frame.
    Uncoded {
        /// Octets of the frame.
        frame_len: usize,
    },
}

impl Code {
    /// Octets of a code block.
    #[must_use]
    pub const fn block_len(&self) -> usize {
        match self {
            Self::ReedSolomon(config) => config.block_len(),
            Self::Uncoded { frame_len } => *frame_len,
        }
    }

    /// Octets of a frame.
    #[must_use]
    pub const fn frame_len(&self) -> usize {
        match self {
            Self::ReedSolomon(config) => config.frame_len(),
            Self::Uncoded { frame_len } => *frame_len,
        }
    }

    /// The Reed-Solomon code, if it is one.
    #[must_use]
    pub const fn reed_solomon(&self) -> Option<RsConfig> {
        match self {
            Self::ReedSolomon(config) => Some(*config),
            Self::Uncoded { .. } => None,
        }
    }

    /// A decoder.
    #[must_use]
    pub fn decoder(&self) -> Box<dyn FrameCodec + Send + Sync> {
        match *self {
            Self::ReedSolomon(config) => Box::new(RsDecoder::new(config)),
            Self::Uncoded { frame_len } => Box::new(Uncoded { frame_len }),
        }
    }
}

/// Transfer frames, back to back.
#[derive(Clone, Debug)]
pub struct FrameFile {
    /// Octets before each frame that do not belong to it.
    pub skip: usize,
    /// Whether each frame is as long as its own header says.
    pub own_lengths: bool,
    /// The frames.
    pub frames: FrameLayer,
}

/// Packets, back to back.
#[derive(Clone, Copy, Debug)]
pub struct PacketFile {
    /// Octets before each packet that do not belong to it.
    pub skip: usize,
    /// Octets of the largest packet; a larger one is a bad header.
    pub max_packet: usize,
    /// What is agreed on above the packets.
    pub services: PacketServices,
}

/// The frames of a physical channel, and the virtual channels among them.
#[derive(Clone, Debug)]
pub struct FrameLayer {
    /// The layout as the mission file gives it.
    pub layout: FrameLayout,
    /// The same, ready to parse frames with.
    pub format: FrameFormat,
    /// The same for frames of other codings, where they are of other lengths.
    pub other_formats: Vec<FrameFormat>,
    /// The channels that are declared.
    pub channels: Vec<DeclaredChannel>,
    /// Whether the fill of idle frames is held against the sequence of the books.
    pub check_idle: bool,
    /// The security associations that are declared.
    pub security: Vec<DeclaredAssociation>,
}

/// The layout of the frames, protocol by protocol.
#[derive(Clone, Copy, Debug)]
pub enum FrameLayout {
    /// 732.0-B-5.
    Aos(AosParameters),
    /// 132.0-B-3.
    Tm(TmParameters),
    /// 732.1-B-3.
    Uslp(UslpParameters),
}

/// A virtual channel that the mission file declares.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredChannel {
    /// Which channel, and what it carries.
    pub channel: Channel,
    /// Octets of the largest packet or service data unit.
    pub max_packet: usize,
    /// What is agreed on above the packets.
    pub services: PacketServices,
}

/// A marker as a mission file has it.
pub(in crate::fep) fn marker_hex(marker: &[u8]) -> String {
    marker.iter().map(|octet| format!("{octet:02X}")).collect()
}

/// What a channel carries, in the words of a mission file.
pub(in crate::fep) const fn content_word(content: ChannelContent) -> &'static str {
    match content {
        ChannelContent::Bitstream => "bitstream",
        ChannelContent::Idle => "idle",
        ChannelContent::Packets => "packets",
        ChannelContent::Sdus => "sdu",
        ChannelContent::Vca => "vca",
    }
}

/// The largest space packet, and the default of `max_packet` (133.0-B-2 §4.1.1.3).
pub const MAX_SPACE_PACKET: usize = 65_542;
