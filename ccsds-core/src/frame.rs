//! Transfer frames of TM, AOS and USLP behind one view.
//!
//! A [`FrameFormat`] holds the managed parameters of a physical channel. [`FrameFormat::parse`] checks every length once;
//! no accessor of the [`TransferFrame`] it returns can fail. What the data field means is a property of the virtual channel,
//! not of the frame (an AOS header does not tell packets from encrypted octets), so the caller names the
//! [`ChannelContent`] when asking for [`TransferFrame::content`].

pub mod aos;
pub mod fhp;
pub mod idle;
pub mod tm;
pub mod uslp;

use core::fmt;

pub use self::aos::AosParameters;
pub use self::fhp::Fhp;
pub use self::idle::{IdleFill, IdleLedger};
pub use self::tm::{SecondaryHeader, TmParameters, VcaStatus};
pub use self::uslp::{ConstructionRule, DataFieldHeader, UslpParameters};

use crate::clcw::Clcw;
use crate::fecf::{self, Fecf};
use crate::id::{Gvcid, MapId, Tfvn};
use crate::quality::FecfQuality;
use crate::sdls::{DataPlace, Opened, SecurityOutcome};
use crate::vc::VcFrameCount;

/// Managed parameters that fix the layout of every frame on a physical channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FrameFormat {
    protocol: Protocol,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Protocol {
    Aos(AosParameters),
    Tm(TmParameters),
    Uslp(UslpParameters),
}

impl FrameFormat {
    /// A TM channel, 132.0-B-3.
    ///
    /// # Errors
    /// When the length leaves no data field, or the parameters contradict the book.
    pub const fn tm(parameters: TmParameters) -> Result<Self, ConfigError> {
        match parameters.check() {
            Ok(()) => Ok(Self { protocol: Protocol::Tm(parameters) }),
            Err(error) => Err(error),
        }
    }

    /// An AOS channel, 732.0-B-5.
    ///
    /// # Errors
    /// When the length leaves no data field, or the parameters contradict the book.
    pub const fn aos(parameters: AosParameters) -> Result<Self, ConfigError> {
        match parameters.check() {
            Ok(()) => Ok(Self { protocol: Protocol::Aos(parameters) }),
            Err(error) => Err(error),
        }
    }

    /// A USLP channel, 732.1-B-3.
    ///
    /// # Errors
    /// When the length leaves no data field, or the parameters contradict the book.
    pub const fn uslp(parameters: UslpParameters) -> Result<Self, ConfigError> {
        match parameters.check() {
            Ok(()) => Ok(Self { protocol: Protocol::Uslp(parameters) }),
            Err(error) => Err(error),
        }
    }

    /// Which protocol the frames follow.
    #[must_use]
    pub const fn tfvn(&self) -> Tfvn {
        match self.protocol {
            Protocol::Aos(_) => Tfvn::Aos,
            Protocol::Tm(_) => Tfvn::Tm,
            Protocol::Uslp(_) => Tfvn::Uslp,
        }
    }

    /// Octets of a frame; the most there can be where frames vary in length.
    #[must_use]
    pub const fn frame_len(&self) -> usize {
        match self.protocol {
            Protocol::Aos(p) => p.frame_len,
            Protocol::Tm(p) => p.frame_len,
            Protocol::Uslp(p) => p.frame_len,
        }
    }

    /// The error control field that ends every frame.
    #[must_use]
    pub const fn fecf(&self) -> Fecf {
        match self.protocol {
            Protocol::Aos(p) => p.fecf,
            Protocol::Tm(p) => p.fecf,
            Protocol::Uslp(p) => p.fecf,
        }
    }

    /// Read the headers of one frame.
    ///
    /// Correct the frame first: a header read before correction is a guess.
    ///
    /// # Errors
    /// When the header contradicts the managed parameters; the frame is then malformed.
    pub const fn parse<'a>(&self, bytes: &'a [u8]) -> Result<TransferFrame<'a>, FrameError> {
        match self.protocol {
            Protocol::Aos(p) => p.parse(bytes),
            Protocol::Tm(p) => p.parse(bytes),
            Protocol::Uslp(p) => p.parse(bytes),
        }
    }

    /// Check the frame error control field, if the channel has one. A truncated USLP frame has none (732.1-B-3 annex D).
    #[must_use]
    pub fn check_fecf(&self, bytes: &[u8]) -> FecfQuality {
        let frame = match self.protocol {
            Protocol::Uslp(p) if p.is_truncated(bytes) => return FecfQuality::Unchecked,
            Protocol::Uslp(p) => p.trim(bytes),
            _ => bytes,
        };
        let valid = match self.fecf() {
            Fecf::Absent => return FecfQuality::Unchecked,
            Fecf::Crc16 => frame
                .split_last_chunk()
                .is_some_and(|(body, check)| fecf::crc16(body) == u16::from_be_bytes(*check)),
            Fecf::Crc32 => frame
                .split_last_chunk()
                .is_some_and(|(body, check)| fecf::crc32(body) == u32::from_be_bytes(*check)),
        };
        if valid { FecfQuality::Valid } else { FecfQuality::Invalid }
    }
}

/// Whether frames carry an operational control field.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OcfPresence {
    /// No frame does.
    #[default]
    Absent,
    /// The header of each frame says so (TM, USLP).
    Flagged,
    /// Every frame does.
    Present,
}

/// What a virtual channel carries: the service that management assigned to it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ChannelContent {
    /// A bitstream in B_PDUs (732.0-B-5 §4.1.4.3).
    Bitstream,
    /// Only idle data.
    Idle,
    /// Space packets or encapsulation packets.
    #[default]
    Packets,
    /// Service data units that USLP delimits: MAPA and VCA units (732.1-B-3 §4.1.4.2.2).
    Sdus,
    /// Fixed-length service data units of the project's own: telemetry of fixed layout, encrypted data.
    Vca,
}

/// What the data field of one frame holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Content<'a> {
    /// Part of a bitstream.
    Bitstream(BitstreamZone<'a>),
    /// Only idle data.
    Idle(&'a [u8]),
    /// Part of a stream of octets (USLP).
    Octets(&'a [u8]),
    /// Part of a stream of packets.
    Packets(PacketZone<'a>),
    /// A service data unit that USLP delimits, or a part of one.
    Sdu(SduPart<'a>),
    /// Encrypted octets, to which there is no key here (355.0-B-2).
    Sealed(&'a [u8]),
    /// A service data unit, or a part of one.
    Vca(&'a [u8]),
}

impl Content<'_> {
    /// Whether nothing here reaches a user.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        matches!(self, Self::Idle(_) | Self::Packets(PacketZone { fhp: Fhp::IdleOnly, .. }))
    }
}

/// The octets of a packet stream that one frame carries, and where in them the first packet begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PacketZone<'a> {
    /// Where the first packet header begins.
    pub fhp: Fhp,
    /// The octets.
    pub octets: &'a [u8],
}

/// The octets of a service data unit that one frame carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SduPart<'a> {
    /// Whether the unit begins here.
    pub first: bool,
    /// Whether it ends here.
    pub last: bool,
    /// The octets.
    pub octets: &'a [u8],
}

/// The octets of a bitstream that one frame carries, and how many of their bits are valid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BitstreamZone<'a> {
    /// Bits that belong to the stream; the rest is fill.
    pub valid_bits: usize,
    /// The octets.
    pub octets: &'a [u8],
}

/// One frame of any protocol, parsed once; borrows the frame's octets.
#[derive(Clone, Copy, Debug)]
pub struct TransferFrame<'a> {
    bytes: &'a [u8],
    data: &'a [u8],
    /// Insert zone (AOS, USLP) or secondary header (TM).
    extra: &'a [u8],
    count: VcFrameCount,
    gvcid: Gvcid,
    field: DataField,
    ocf: Option<[u8; Clcw::LEN]>,
    security: SecurityOutcome,
}

/// What the frame's own headers say about its data field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum DataField {
    Aos { replay: bool, header_symbols: u8 },
    Tm { status: VcaStatus, vca: bool, mc_count: u8 },
    Uslp { map_id: MapId },
}

impl<'a> TransferFrame<'a> {
    /// The whole frame.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The data field: what lies between the headers and the trailer, those of security included once it was [opened](crate::sdls::open).
    #[must_use]
    pub const fn data_field(&self) -> &'a [u8] {
        self.data
    }

    /// What came of the frame's protection.
    #[must_use]
    pub const fn security(&self) -> SecurityOutcome {
        self.security
    }

    /// Where in the frame its data field lies.
    #[must_use]
    pub fn data_place(&self) -> DataPlace {
        // Both are parts of one slice: the difference of their addresses is the place.
        let start = self.data.as_ptr().addr().saturating_sub(self.bytes.as_ptr().addr());
        DataPlace { gvcid: self.gvcid, map: self.map_id(), start, end: start + self.data.len() }
    }

    /// The frame as a decryptor left it. There are no data outside the frame.
    pub(crate) fn opened(self, opened: &Opened) -> Self {
        match self.bytes.get(opened.start..opened.end) {
            Some(data) => Self { data, security: opened.outcome, ..self },
            None => Self { security: SecurityOutcome::Malformed, ..self },
        }
    }

    /// The channel that the header names.
    #[must_use]
    pub const fn gvcid(&self) -> Gvcid {
        self.gvcid
    }

    /// The virtual channel frame count.
    #[must_use]
    pub const fn vc_frame_count(&self) -> VcFrameCount {
        self.count
    }

    /// The master channel frame count of a TM frame.
    #[must_use]
    pub const fn mc_frame_count(&self) -> Option<u8> {
        match self.field {
            DataField::Tm { mc_count, .. } => Some(mc_count),
            _ => None,
        }
    }

    /// Whether an AOS frame was stored aboard and is played back; `None` where the header does not say.
    #[must_use]
    pub const fn is_replay(&self) -> Option<bool> {
        match self.field {
            DataField::Aos { replay, .. } => Some(replay),
            _ => None,
        }
    }

    /// Symbols of four bits that the frame header error control of an AOS frame corrected, 0 to 2.
    ///
    /// [`Self::bytes`] are as received; the identifiers and counts here are corrected.
    #[must_use]
    pub const fn header_symbols_corrected(&self) -> u8 {
        match self.field {
            DataField::Aos { header_symbols, .. } => header_symbols,
            _ => 0,
        }
    }

    /// The status fields that a TM frame without packets leaves to the project; `None` where there are packets.
    #[must_use]
    pub const fn vca_status(&self) -> Option<VcaStatus> {
        match self.field {
            DataField::Tm { vca: true, status, .. } => Some(status),
            _ => None,
        }
    }

    /// The header of the data field of a USLP frame.
    #[must_use]
    pub const fn data_field_header(&self) -> Option<DataFieldHeader> {
        match self.field {
            DataField::Uslp { .. } => DataFieldHeader::parse(self.data),
            _ => None,
        }
    }

    /// The multiplexer access point of a USLP frame.
    #[must_use]
    pub const fn map_id(&self) -> Option<MapId> {
        match self.field {
            DataField::Uslp { map_id } => Some(map_id),
            _ => None,
        }
    }

    /// The operational control field; [`crate::clcw::Ocf::from_bytes`] reads it.
    #[must_use]
    pub const fn ocf(&self) -> Option<[u8; Clcw::LEN]> {
        self.ocf
    }

    /// The insert zone of an AOS or USLP frame; empty where there is none.
    #[must_use]
    pub const fn insert_zone(&self) -> &'a [u8] {
        match self.field {
            DataField::Tm { .. } => &[],
            _ => self.extra,
        }
    }

    /// The secondary header of a TM frame, its identification octet included; empty where there is none.
    #[must_use]
    pub const fn secondary_header(&self) -> &'a [u8] {
        match self.field {
            DataField::Tm { .. } => self.extra,
            _ => &[],
        }
    }

    /// Whether the frame itself says that it holds nothing but idle data.
    #[must_use]
    pub const fn is_only_idle_data(&self) -> bool {
        match self.field {
            DataField::Tm { vca, status, .. } => !vca && status.first_header_pointer == fhp::ONLY_IDLE_11,
            DataField::Aos { .. } | DataField::Uslp { .. } => {
                self.gvcid.vcid.get() == crate::id::Vcid::ONLY_IDLE_DATA.get()
            }
        }
    }

    /// The data field as the service that management assigned to the channel.
    ///
    /// # Errors
    /// When the field contradicts that service: a pointer outside the zone, or a field too short for its header.
    pub const fn content(&self, channel: ChannelContent) -> Result<Content<'a>, FrameError> {
        match channel {
            _ if self.is_only_idle_data() => match self.field {
                DataField::Uslp { .. } => Ok(Content::Idle(uslp::behind_header(self.data))),
                _ => Ok(Content::Idle(self.data)),
            },
            ChannelContent::Idle => Ok(Content::Idle(self.data)),
            _ if self.security.is_sealed() => Ok(Content::Sealed(self.data)),
            ChannelContent::Vca => Ok(Content::Vca(self.data)),
            ChannelContent::Packets => match self.field {
                DataField::Aos { .. } => aos::packet_zone(self.data),
                DataField::Tm { vca: true, .. } => Ok(Content::Vca(self.data)),
                DataField::Tm { status, .. } => tm::packet_zone(self.data, status.first_header_pointer),
                DataField::Uslp { .. } => uslp::zone(self.data, true),
            },
            ChannelContent::Sdus => match self.field {
                DataField::Uslp { .. } => uslp::zone(self.data, false),
                _ => Ok(Content::Vca(self.data)),
            },
            ChannelContent::Bitstream => match self.field {
                DataField::Aos { .. } => aos::bitstream_zone(self.data),
                _ => Ok(Content::Vca(self.data)),
            },
        }
    }
}

/// Parameters that no frame can have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// CRC-32 is for USLP alone.
    Crc32OutsideUslp,
    /// The frame cannot hold its headers, trailer and one octet of data.
    FrameTooShort {
        /// Octets that the headers, the trailer and one octet of data take.
        min: usize,
        /// The length given.
        len: usize,
    },
    /// The frame is longer than the protocol allows.
    FrameTooLong {
        /// The most the protocol allows.
        max: usize,
        /// The length given.
        len: usize,
    },
    /// An AOS header has no flag for the operational control field.
    OcfFlagInAos,
    /// A TM secondary header takes at most 64 octets.
    SecondaryHeaderLength {
        /// The length given.
        len: u8,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Crc32OutsideUslp => f.write_str("a 32-bit FECF exists in USLP frames only"),
            Self::FrameTooShort { min, len } => {
                write!(
                    f,
                    "a frame of {len} octets cannot hold its headers, trailer and data: at least {min} needed"
                )
            }
            Self::FrameTooLong { max, len } => {
                write!(f, "a frame of {len} octets exceeds the protocol's {max}")
            }
            Self::OcfFlagInAos => {
                f.write_str("an AOS header has no OCF flag: the field is present or absent")
            }
            Self::SecondaryHeaderLength { len } => {
                write!(f, "a TM secondary header takes at most 64 octets, not {len}")
            }
        }
    }
}

impl core::error::Error for ConfigError {}

/// Why a frame is malformed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FrameError {
    /// More symbols of an AOS header are wrong than its error control can correct.
    HeaderErrorControl,
    /// The octets are not as many as the managed length or the header's length field says.
    Length {
        /// Octets that the frame should have.
        expected: usize,
        /// Octets given.
        actual: usize,
    },
    /// A pointer lies outside the zone it points into.
    Pointer {
        /// The pointer.
        pointer: u16,
        /// Octets (packets) or bits (bitstream) of the zone.
        zone_len: usize,
    },
    /// The data field cannot hold what its headers announce.
    Truncated {
        /// Octets needed.
        needed: usize,
        /// Octets there are.
        actual: usize,
    },
    /// The version number belongs to another protocol.
    Version {
        /// The first two bits of the frame (TM, AOS) or the first four (USLP).
        tfvn: u8,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::HeaderErrorControl => f.write_str("the header is beyond correction"),
            Self::Length { expected, actual } => {
                write!(f, "frame is {actual} octets, its length is {expected}")
            }
            Self::Pointer { pointer, zone_len } => {
                write!(f, "pointer {pointer} lies outside a zone of {zone_len}")
            }
            Self::Truncated { needed, actual } => write!(f, "data field needs {needed} octets, has {actual}"),
            Self::Version { tfvn } => write!(f, "unexpected transfer frame version number {tfvn}"),
        }
    }
}

impl core::error::Error for FrameError {}

/// The parts of a frame after its primary header, cut to the managed parameters.
#[derive(Clone, Copy, Debug)]
struct Parts<'a> {
    extra: &'a [u8],
    data: &'a [u8],
    ocf: Option<[u8; Clcw::LEN]>,
}

/// Refuse a frame length below `min`, or beyond what any length field or code block can carry.
const fn check_len(len: usize, min: usize) -> Result<(), ConfigError> {
    if len < min {
        Err(ConfigError::FrameTooShort { min, len })
    } else if len > MAX_FRAME_LEN {
        Err(ConfigError::FrameTooLong { max: MAX_FRAME_LEN, len })
    } else {
        Ok(())
    }
}

/// Cut `extra_len` octets off the front, and the trailer off the end, of what follows the primary header.
const fn cut(rest: &[u8], extra_len: usize, ocf: bool, fecf: Fecf) -> Result<Parts<'_>, FrameError> {
    let ocf_len = if ocf { Clcw::LEN } else { 0 };
    let needed = extra_len + ocf_len + fecf.len();
    let short = FrameError::Truncated { needed, actual: rest.len() };
    let Some((extra, rest)) = rest.split_at_checked(extra_len) else { return Err(short) };
    let Some(without_fecf) = rest.len().checked_sub(fecf.len()) else { return Err(short) };
    let Some((rest, _)) = rest.split_at_checked(without_fecf) else { return Err(short) };
    if !ocf {
        return Ok(Parts { extra, data: rest, ocf: None });
    }
    match rest.split_last_chunk::<{ Clcw::LEN }>() {
        Some((data, ocf)) => Ok(Parts { extra, data, ocf: Some(*ocf) }),
        None => Err(short),
    }
}

/// What the sixteen-bit length field of USLP can say; TM and AOS frames are shorter than that on every known link.
const MAX_FRAME_LEN: usize = 65_536;

#[cfg(test)]
mod tests;
