//! What a downlink looks like: the managed parameters of the sending side.

use std::fmt;

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{ChannelContent, ConfigError};
use ccsds_core::id::{Gvcid, Scid, Vcid};
use ccsds_core::vc::Channel;
use frame_sync::asm::{Asm, AsmError};
use frame_sync::line::LineCode;
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsE};
use frame_sync::sync::{SyncConfig, SyncConfigError, SyncParameters};

use super::frames::{FrameSpec, ONLY_IDLE_DATA, Protocol};
use super::packets::{Lengths, PacketKind, Source};
use super::security::Protection;
use super::units::Payload;

/// Everything that the sending side of a link has agreed upon.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkSpec {
    /// Layout of the frames.
    pub frames: FrameSpec,
    /// The spacecraft.
    pub scid: u16,
    /// Virtual channels that carry packets or other units.
    pub channels: Vec<ChannelSpec>,
    /// Frames of only idle data.
    pub idle: IdleSpec,
    /// The channel code; without one the frame stands alone between two markers.
    pub coding: Option<RsConfig>,
    /// The pseudo-random sequence added to each code block.
    pub randomizer: Randomizer,
    /// The sync marker, 1 to 24 octets. Truth takes it that no other place looks like one: three octets or more.
    pub marker: Vec<u8>,
    /// Bits of fill, alternating from one, behind each code block.
    pub fill_bits: u32,
    /// How bits are represented on the line.
    pub line_code: LineCode,
    /// What the receiver tolerates: what must come out depends on it.
    pub tolerance: Tolerance,
    /// Other codings that take turns with the one above, [`LinkSpec::TURN`] CADUs at a time.
    pub others: Vec<CodingSpec>,
    /// How frames are protected; the first one that names a channel is that of its frames.
    pub protection: Vec<Protection>,
}

/// One of several codings on a link; frames differ in nothing but their length.
#[derive(Clone, Debug, PartialEq)]
pub struct CodingSpec {
    /// The sync marker; none begins with another one.
    pub marker: Vec<u8>,
    /// Octets of a frame.
    pub frame_len: usize,
    /// The channel code, if there is one.
    pub coding: Option<RsConfig>,
    /// The pseudo-random sequence added to each code block.
    pub randomizer: Randomizer,
    /// Bits of fill behind each code block.
    pub fill_bits: u32,
}

/// One virtual channel that carries packets or other units.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChannelSpec {
    /// Its number.
    pub vcid: u8,
    /// Its share of the frames.
    pub weight: u32,
    /// Frame count of its first frame.
    pub first_count: u64,
    /// The processes whose packets it carries.
    pub sources: Vec<Source>,
    /// What its frames carry.
    pub payload: Payload,
}

/// Frames of only idle data.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IdleSpec {
    /// The channel that sends them: 63 under AOS and USLP. A channel that also carries packets may do so too.
    pub vcid: u8,
    /// Their share of the frames; with 0 there are none.
    pub weight: u32,
    /// Frame count of the first one, where the channel carries nothing else.
    pub first_count: u64,
}

/// Marker tolerances of the receiver that the truth is about; see [`SyncParameters`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tolerance {
    /// Bit errors in a marker while searching.
    pub search_errors: u8,
    /// Bit errors in a marker while verifying and in lock.
    pub lock_errors: u8,
    /// Markers missed in a row.
    pub flywheel: u8,
    /// Bits by which a marker may miss its place.
    pub slip: u8,
}

impl LinkSpec {
    /// An AOS link like the high rate data broadcast of JPSS: 892-octet frames in a Reed-Solomon code of depth 4.
    #[must_use]
    pub fn aos_default() -> Self {
        let octaves = |min, max| Lengths::Octaves { min, max };
        Self {
            frames: FrameSpec {
                protocol: Protocol::Aos { cycle: false, header_error_control: false },
                len: 892,
                extra: 0,
                ocf: false,
                fecf: Fecf::Absent,
            },
            scid: 42,
            channels: vec![
                ChannelSpec::new(
                    0,
                    1,
                    vec![
                        Source::space(11, Lengths::Fixed(71), 4),
                        Source::space(8, Lengths::Fixed(318), 1),
                        Source::space(37, Lengths::Uniform { min: 7, max: 600 }, 1),
                    ],
                ),
                ChannelSpec::new(
                    1,
                    1,
                    vec![
                        Source::space(515, Lengths::Fixed(148), 3),
                        Source::space(528, octaves(40, 2000), 1),
                    ],
                ),
                ChannelSpec::new(
                    6,
                    2,
                    vec![
                        Source::space(1289, Lengths::Fixed(3476), 1),
                        Source::space(1314, octaves(100, 9000), 2),
                    ],
                ),
                ChannelSpec::new(
                    16,
                    6,
                    vec![
                        Source::space(800, octaves(300, 30_000), 1),
                        Source::space(826, Lengths::Fixed(9318), 1),
                    ],
                ),
            ],
            idle: IdleSpec { vcid: ONLY_IDLE_DATA, weight: 2, first_count: 0 },
            coding: RsConfig::new(RsE::E16, Interleave::I4, 0, Basis::Dual).ok(),
            randomizer: Randomizer::CCSDS_255,
            marker: MARKER.to_vec(),
            fill_bits: 0,
            line_code: LineCode::NrzL,
            tolerance: Tolerance::default(),
            others: Vec::new(),
            protection: Vec::new(),
        }
    }

    /// A TM link as ESA's missions have it: 1115-octet frames with CLCW and FECF in a Reed-Solomon code of depth 5.
    #[must_use]
    pub fn tm_default() -> Self {
        Self {
            frames: FrameSpec { protocol: Protocol::Tm, len: 1115, extra: 0, ocf: true, fecf: Fecf::Crc16 },
            scid: 0x2AB,
            channels: vec![
                ChannelSpec::new(
                    0,
                    3,
                    vec![
                        Source::space(1, Lengths::Uniform { min: 7, max: 260 }, 3),
                        Source::space(2, Lengths::Octaves { min: 20, max: 4000 }, 1),
                        Source {
                            kind: PacketKind::IdleSpace,
                            lengths: Lengths::Uniform { min: 7, max: 90 },
                            weight: 1,
                        },
                    ],
                ),
                ChannelSpec::new(
                    1,
                    2,
                    vec![Source::space(100, Lengths::Octaves { min: 500, max: 20_000 }, 1)],
                ),
            ],
            idle: IdleSpec { vcid: 7, weight: 1, first_count: 0 },
            coding: RsConfig::new(RsE::E16, Interleave::I5, 0, Basis::Dual).ok(),
            ..Self::aos_default()
        }
    }

    /// A USLP link: 1115-octet frames with insert zone, OCF and CRC-32, space packets and encapsulation packets.
    #[must_use]
    pub fn uslp_default() -> Self {
        Self {
            frames: FrameSpec {
                protocol: Protocol::Uslp { count_len: 4 },
                len: 1115,
                extra: 12,
                ocf: true,
                fecf: Fecf::Crc32,
            },
            scid: 0xBEEF,
            channels: vec![
                ChannelSpec::new(
                    1,
                    2,
                    vec![
                        Source::space(300, Lengths::Octaves { min: 7, max: 3000 }, 3),
                        Source::encapsulation(2, Lengths::Octaves { min: 10, max: 5000 }, 2),
                        Source::idle_octets(2),
                    ],
                ),
                ChannelSpec::new(
                    40,
                    1,
                    vec![
                        Source::encapsulation(4, Lengths::Uniform { min: 10, max: 12_000 }, 3),
                        Source {
                            kind: PacketKind::IdleEncapsulation,
                            lengths: Lengths::Uniform { min: 2, max: 300 },
                            weight: 1,
                        },
                    ],
                ),
            ],
            idle: IdleSpec { vcid: ONLY_IDLE_DATA, weight: 1, first_count: 0 },
            coding: RsConfig::new(RsE::E16, Interleave::I5, 0, Basis::Dual).ok(),
            ..Self::aos_default()
        }
    }

    /// The same link without a channel code, its frames guarded by a FECF instead.
    #[must_use]
    pub fn uncoded(mut self) -> Self {
        self.coding = None;
        if self.frames.fecf.is_empty() {
            self.frames.fecf = Fecf::Crc16;
        }
        self
    }

    /// CADUs of one coding before it is the turn of the next.
    pub const TURN: u64 = 3;

    /// All codings: that of the link itself first.
    #[must_use]
    pub fn codings(&self) -> Vec<CodingSpec> {
        let first = CodingSpec {
            marker: self.marker.clone(),
            frame_len: self.frames.len,
            coding: self.coding,
            randomizer: self.randomizer,
            fill_bits: self.fill_bits,
        };
        std::iter::once(first).chain(self.others.iter().cloned()).collect()
    }

    /// Octets of a code block.
    #[must_use]
    pub fn block_len(&self) -> usize {
        self.coding.map_or(self.frames.len, RsConfig::block_len)
    }

    /// Bits from one marker to the next.
    #[must_use]
    pub fn cadu_bits(&self) -> usize {
        8 * (self.marker.len() + self.block_len()) + self.fill_bits as usize
    }

    /// The synchronizer that fits; with other codings, that of the first.
    ///
    /// # Errors
    /// When there is no such marker, or the tolerances contradict it.
    pub fn sync_config(&self) -> Result<SyncConfig, SpecError> {
        self.sync_config_of(&self.marker, self.cadu_bits(), self.fill_bits)
    }

    fn sync_config_of(
        &self,
        marker: &[u8],
        cadu_bits: usize,
        fill_bits: u32,
    ) -> Result<SyncConfig, SpecError> {
        let asm = Asm::new(marker).map_err(SpecError::Marker)?;
        let Tolerance { search_errors, lock_errors, flywheel, slip } = self.tolerance;
        let usual = SyncParameters::new(asm, cadu_bits);
        let fill_bits = fill_bits as usize;
        SyncConfig::new(SyncParameters { fill_bits, search_errors, lock_errors, flywheel, slip, ..usual })
            .map_err(SpecError::Sync)
    }

    /// The channels as a receiver declares them; the one of only idle data comes last.
    #[must_use]
    pub fn declared_channels(&self) -> Vec<Channel> {
        let declare = |vcid, content| Channel {
            gvcid: Gvcid::new(self.frames.tfvn(), Scid::new(self.scid), Vcid::from_low_bits(vcid)),
            content,
        };
        let content = |payload| match payload {
            Payload::Bitstream => ChannelContent::Bitstream,
            Payload::Packets => ChannelContent::Packets,
            Payload::Units(_) => ChannelContent::Sdus,
            Payload::Vca => ChannelContent::Vca,
        };
        let channels = self.channels.iter();
        let mut channels: Vec<_> =
            channels.map(|channel| declare(channel.vcid, content(channel.payload))).collect();
        if self.idle.weight > 0 && self.idle_channel() == channels.len() {
            channels.push(declare(self.idle.vcid, ChannelContent::Idle));
        }
        channels
    }

    /// Where among the declared channels frames of only idle data are.
    pub(super) fn idle_channel(&self) -> usize {
        let vcid = self.idle.vcid;
        self.channels.iter().position(|channel| channel.vcid == vcid).unwrap_or(self.channels.len())
    }

    /// Whether the link can be simulated.
    ///
    /// # Errors
    /// When parameters contradict a book or each other.
    pub fn check(&self) -> Result<(), SpecError> {
        let codings = self.codings();
        for coding in &codings {
            let frames = FrameSpec { len: coding.frame_len, ..self.frames };
            frames.format().map_err(SpecError::Frame)?;
            self.check_layout(&frames)?;
            if let Some(code) = coding.coding
                && code.frame_len() != frames.len
            {
                return Err(SpecError::CodeLength { frame: frames.len, code: code.frame_len() });
            }
        }
        self.check_channels()?;
        for (n, coding) in codings.iter().enumerate() {
            let bits = coding.cadu_bits();
            self.sync_config_of(&coding.marker, bits, coding.fill_bits)?;
            if codings.iter().skip(n + 1).any(|other| other.is_taken_for(coding)) {
                return Err(SpecError::SameMarker);
            }
        }
        Ok(())
    }

    fn check_layout(&self, frames: &FrameSpec) -> Result<(), SpecError> {
        let (scid_bits, extra_max, count_len) = match frames.protocol {
            Protocol::Aos { .. } => (10, frames.len, 0),
            Protocol::Tm => (10, 64, 0),
            Protocol::Uslp { count_len } => (16, frames.len, count_len),
        };
        if u32::from(self.scid) >= 1 << scid_bits {
            return Err(SpecError::Scid { scid: self.scid, bits: scid_bits });
        }
        if count_len > 7 {
            return Err(SpecError::CountLength { octets: count_len });
        }
        let max = frames.max_zone_len();
        let zones = self.channels.iter().map(|channel| {
            let protection = self.protection_of(channel.vcid);
            frames.zone_len_of(channel.payload, protection)
        });
        let idle = frames.zone_len_of(Payload::Packets, self.protection_of(self.idle.vcid));
        for len in zones.chain([frames.zone_len(), idle]) {
            match len {
                Some(len) if len <= max && frames.extra <= extra_max => {}
                len => return Err(SpecError::Zone { len: len.unwrap_or(0), max }),
            }
        }
        Ok(())
    }

    fn protection_of(&self, vcid: u8) -> Option<&Protection> {
        self.protection.iter().find(|protection| protection.vcids.contains(&vcid))
    }

    fn check_channels(&self) -> Result<(), SpecError> {
        let last = match self.frames.protocol {
            Protocol::Tm => 7,
            Protocol::Aos { .. } | Protocol::Uslp { .. } => ONLY_IDLE_DATA - 1,
        };
        let idle_fits = self.idle.vcid <= last || (last > 7 && self.idle.vcid == ONLY_IDLE_DATA);
        if self.idle.weight > 0 && !idle_fits {
            return Err(SpecError::Vcid { vcid: self.idle.vcid, max: last });
        }
        if self.idle.weight == 0 && self.channels.iter().all(|channel| channel.weight == 0) {
            return Err(SpecError::NoChannel);
        }
        for (index, channel) in self.channels.iter().enumerate() {
            let vcid = channel.vcid;
            if vcid > last {
                return Err(SpecError::Vcid { vcid, max: last });
            }
            if self.channels.iter().skip(index + 1).any(|other| other.vcid == vcid) {
                return Err(SpecError::SameVcid { vcid });
            }
            if let Payload::Units(lengths) = channel.payload {
                check_lengths(lengths, PacketKind::Unit)?;
            }
            let unsupported = match (channel.payload, self.frames.protocol) {
                (Payload::Bitstream, protocol) => !matches!(protocol, Protocol::Aos { .. }),
                (Payload::Units(_), protocol) => !matches!(protocol, Protocol::Uslp { .. }),
                (Payload::Packets | Payload::Vca, _) => false,
            };
            if unsupported {
                return Err(SpecError::Payload { vcid });
            }
            if channel.payload != Payload::Packets {
                continue;
            }
            if channel.sources.iter().all(|source| source.weight == 0) {
                return Err(SpecError::NoSource { vcid });
            }
            channel.sources.iter().try_for_each(check_source)?;
        }
        Ok(())
    }
}

impl ChannelSpec {
    /// A channel whose frames are counted from 0.
    #[must_use]
    pub const fn new(vcid: u8, weight: u32, sources: Vec<Source>) -> Self {
        Self { vcid, weight, first_count: 0, sources, payload: Payload::Packets }
    }

    /// A channel of units that are no packets.
    #[must_use]
    pub const fn of_units(vcid: u8, weight: u32, payload: Payload) -> Self {
        Self { vcid, weight, first_count: 0, sources: Vec::new(), payload }
    }
}

impl CodingSpec {
    /// Octets of a code block.
    #[must_use]
    pub fn block_len(&self) -> usize {
        self.coding.map_or(self.frame_len, RsConfig::block_len)
    }

    /// Bits from one marker to the next.
    #[must_use]
    pub fn cadu_bits(&self) -> usize {
        8 * (self.marker.len() + self.block_len()) + self.fill_bits as usize
    }

    /// Whether one of the two markers begins with the other.
    fn is_taken_for(&self, other: &Self) -> bool {
        self.marker.starts_with(&other.marker) || other.marker.starts_with(&self.marker)
    }
}

impl Default for Tolerance {
    /// As [`SyncParameters::new`] has it.
    fn default() -> Self {
        let usual = SyncParameters::new(Asm::TM, 0);
        Self {
            search_errors: usual.search_errors,
            lock_errors: usual.lock_errors,
            flywheel: usual.flywheel,
            slip: usual.slip,
        }
    }
}

fn check_lengths(lengths: Lengths, kind: PacketKind) -> Result<(), SpecError> {
    let (min, max) = lengths.bounds();
    if min < kind.min_len() || max > PacketKind::MAX_LEN || min > max {
        return Err(SpecError::PacketLength { min, max, least: kind.min_len() });
    }
    Ok(())
}

fn check_source(source: &Source) -> Result<(), SpecError> {
    check_lengths(source.lengths, source.kind)?;
    match source.kind {
        PacketKind::Space { apid } if apid >= 0x7FF => Err(SpecError::Apid { apid }),
        PacketKind::Encapsulation { protocol } if !(1..=7).contains(&protocol) => {
            Err(SpecError::EncapsulatedProtocol { protocol })
        }
        PacketKind::Bitstream { .. } | PacketKind::Unit => Err(SpecError::NoPackets),
        _ => Ok(()),
    }
}

/// Why a link cannot be simulated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SpecError {
    /// The process identifier is that of fill, or none at all.
    Apid {
        /// The identifier given.
        apid: u16,
    },
    /// The code takes frames of another length.
    CodeLength {
        /// Octets of a frame.
        frame: usize,
        /// Octets that the code takes.
        code: usize,
    },
    /// A USLP frame count has at most seven octets.
    CountLength {
        /// Octets given.
        octets: u8,
    },
    /// The protocol of an encapsulation packet is 1 to 7.
    EncapsulatedProtocol {
        /// The protocol given.
        protocol: u8,
    },
    /// No frame has this layout.
    Frame(ConfigError),
    /// A single impairment inserts or loses more bits than can be simulated.
    Impairment {
        /// Bits asked for.
        bits: u64,
        /// The most there can be.
        max: u64,
    },
    /// No marker is like this.
    Marker(AsmError),
    /// No channel ever sends a frame.
    NoChannel,
    /// No source makes units that are no packets.
    NoPackets,
    /// A channel has no source of packets.
    NoSource {
        /// Which channel.
        vcid: u8,
    },
    /// Lengths that packets of this kind cannot have.
    PacketLength {
        /// The shortest packet asked for.
        min: usize,
        /// The longest.
        max: usize,
        /// The shortest there can be.
        least: usize,
    },
    /// The protocol has no such payload.
    Payload {
        /// Which channel.
        vcid: u8,
    },
    /// The marker of one coding begins with that of another.
    SameMarker,
    /// Frames of several codings are not sliced.
    SlicesOfSeveral,
    /// Two channels have the same number.
    SameVcid {
        /// The number.
        vcid: u8,
    },
    /// The spacecraft identifier is too large for the protocol.
    Scid {
        /// The identifier.
        scid: u16,
        /// Bits that the protocol has for it.
        bits: u32,
    },
    /// The tolerances contradict the marker or the length of a CADU.
    Sync(SyncConfigError),
    /// The channel number is too large for the protocol, or reserved.
    Vcid {
        /// The number given.
        vcid: u8,
        /// The largest allowed.
        max: u8,
    },
    /// The packet zone is empty, or too long for a first header pointer.
    Zone {
        /// Its octets.
        len: usize,
        /// The most a pointer reaches.
        max: usize,
    },
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Apid { apid } => write!(f, "APID {apid} is not for data: 0 to 2046 are"),
            Self::CodeLength { frame, code } => write!(f, "frames are {frame} octets, the code takes {code}"),
            Self::CountLength { octets } => {
                write!(f, "a USLP frame count has at most 7 octets, not {octets}")
            }
            Self::EncapsulatedProtocol { protocol } => {
                write!(f, "encapsulated protocol {protocol} is not one of 1 to 7")
            }
            Self::Frame(error) => error.fmt(f),
            Self::Impairment { bits, max } => write!(f, "{bits} bits at once cannot be simulated: {max} can"),
            Self::Marker(error) => error.fmt(f),
            Self::NoChannel => f.write_str("no channel sends a frame"),
            Self::NoPackets => f.write_str("a source makes packets"),
            Self::NoSource { vcid } => write!(f, "channel {vcid} has no source of packets"),
            Self::PacketLength { min, max, least } => write!(
                f,
                "packets of {min} to {max} octets cannot be made: {least} to {} can",
                PacketKind::MAX_LEN
            ),
            Self::Payload { vcid } => {
                write!(
                    f,
                    "channel {vcid} cannot carry that: bitstreams are for AOS, units over several frames for USLP"
                )
            }
            Self::SameMarker => f.write_str("the marker of one coding begins with that of another"),
            Self::SlicesOfSeveral => f.write_str("frames of several codings are not sliced"),
            Self::SameVcid { vcid } => write!(f, "two channels have the number {vcid}"),
            Self::Scid { scid, bits } => write!(f, "spacecraft {scid} does not fit into {bits} bits"),
            Self::Sync(error) => error.fmt(f),
            Self::Vcid { vcid, max } => write!(f, "channel {vcid} cannot be used here: 0 to {max} can"),
            Self::Zone { len, max } => write!(f, "a packet zone of {len} octets is not between 1 and {max}"),
        }
    }
}

impl std::error::Error for SpecError {}

const MARKER: [u8; 4] = [0x1A, 0xCF, 0xFC, 0x1D];
