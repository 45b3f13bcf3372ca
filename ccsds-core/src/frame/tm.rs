//! TM transfer frame, CCSDS 132.0-B-3.

use super::{
    ConfigError, Content, DataField, Fhp, FrameError, OcfPresence, PacketZone, TransferFrame, check_len, cut,
};
use crate::fecf::Fecf;
use crate::id::{Gvcid, Scid, Tfvn, Vcid};
use crate::sdls::SecurityOutcome;
use crate::vc::VcFrameCount;

/// Managed parameters of a TM channel.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TmParameters {
    /// Octets of every frame, trailer included.
    pub frame_len: usize,
    /// How the length of the secondary header is known.
    pub secondary_header: SecondaryHeader,
    /// Whether frames carry an operational control field.
    pub ocf: OcfPresence,
    /// The error control field.
    pub fecf: Fecf,
}

/// How the length of the secondary header is known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SecondaryHeader {
    /// As flagged; three octets behind the identification octet extend the frame count to 32 bits (§4.1.3.3).
    ExtendedCount,
    /// Always this many octets, whatever the frame says: real spacecraft deviate.
    Fixed(u8),
    /// As the frame's flag and the header's own length field say.
    #[default]
    Flagged,
}

impl TmParameters {
    pub(super) const fn check(&self) -> Result<(), ConfigError> {
        let secondary = match self.secondary_header {
            SecondaryHeader::Fixed(len) if len > 64 => {
                return Err(ConfigError::SecondaryHeaderLength { len });
            }
            SecondaryHeader::Fixed(len) => len as usize,
            SecondaryHeader::ExtendedCount | SecondaryHeader::Flagged => 0,
        };
        if matches!(self.fecf, Fecf::Crc32) {
            return Err(ConfigError::Crc32OutsideUslp);
        }
        let ocf = if matches!(self.ocf, OcfPresence::Present) { 4 } else { 0 };
        let min = PrimaryHeader::LEN + secondary + ocf + self.fecf.len() + 1;
        check_len(self.frame_len, min)
    }

    pub(super) const fn parse<'a>(&self, bytes: &'a [u8]) -> Result<TransferFrame<'a>, FrameError> {
        let wrong_length = FrameError::Length { expected: self.frame_len, actual: bytes.len() };
        if bytes.len() != self.frame_len {
            return Err(wrong_length);
        }
        let Some((header, rest)) = bytes.split_first_chunk() else { return Err(wrong_length) };
        let header = PrimaryHeader::from_bytes(header);
        if header.tfvn() != Tfvn::Tm.get() {
            return Err(FrameError::Version { tfvn: header.tfvn() });
        }
        let secondary_len = match self.secondary_header {
            SecondaryHeader::Fixed(len) => len as usize,
            SecondaryHeader::ExtendedCount | SecondaryHeader::Flagged if !header.has_secondary_header() => 0,
            SecondaryHeader::ExtendedCount | SecondaryHeader::Flagged => match rest.first() {
                Some(&id) => secondary_header_len(id),
                None => return Err(FrameError::Truncated { needed: 1, actual: 0 }),
            },
        };
        let ocf = match self.ocf {
            OcfPresence::Absent => false,
            OcfPresence::Flagged => header.has_ocf(),
            OcfPresence::Present => true,
        };
        let parts = match cut(rest, secondary_len, ocf, self.fecf) {
            Ok(parts) => parts,
            Err(error) => return Err(error),
        };
        let count = match self.secondary_header {
            SecondaryHeader::ExtendedCount => match extended_count(header, parts.extra) {
                Ok(count) => count,
                Err(error) => return Err(error),
            },
            _ => VcFrameCount::new(header.vc_frame_count() as u64, 8),
        };
        Ok(TransferFrame {
            bytes,
            data: parts.data,
            extra: parts.extra,
            count,
            gvcid: Gvcid::new(Tfvn::Tm, header.scid(), header.vcid()),
            field: DataField::Tm {
                status: header.vca_status(),
                vca: header.sync_flag(),
                mc_count: header.mc_frame_count(),
            },
            ocf: parts.ocf,
            security: SecurityOutcome::Unprotected,
        })
    }
}

/// The six octets that every TM frame begins with (§4.1.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PrimaryHeader {
    identification: u16,
    mc_frame_count: u8,
    vc_frame_count: u8,
    data_field_status: u16,
}

impl PrimaryHeader {
    /// Octets of the header.
    pub const LEN: usize = 6;

    /// Split the octets into their words.
    #[must_use]
    pub const fn from_bytes(octets: &[u8; Self::LEN]) -> Self {
        let [a, b, mc_frame_count, vc_frame_count, c, d] = *octets;
        Self {
            identification: u16::from_be_bytes([a, b]),
            mc_frame_count,
            vc_frame_count,
            data_field_status: u16::from_be_bytes([c, d]),
        }
    }

    /// Transfer frame version number, 0 for TM.
    #[must_use]
    pub const fn tfvn(self) -> u8 {
        (self.identification >> 14) as u8
    }

    /// Ten bits of spacecraft identifier.
    #[must_use]
    pub const fn scid(self) -> Scid {
        Scid::new(self.identification >> 4 & 0x3FF)
    }

    /// Three bits of virtual channel identifier.
    #[must_use]
    pub const fn vcid(self) -> Vcid {
        Vcid::from_low_bits((self.identification >> 1 & 7) as u8)
    }

    /// Whether an operational control field follows the data field.
    #[must_use]
    pub const fn has_ocf(self) -> bool {
        self.identification & 1 != 0
    }

    /// Frames of the master channel, modulo 256.
    #[must_use]
    pub const fn mc_frame_count(self) -> u8 {
        self.mc_frame_count
    }

    /// Frames of the virtual channel, modulo 256.
    #[must_use]
    pub const fn vc_frame_count(self) -> u8 {
        self.vc_frame_count
    }

    /// Whether a secondary header follows.
    #[must_use]
    pub const fn has_secondary_header(self) -> bool {
        self.data_field_status & 1 << 15 != 0
    }

    /// Set when the data field holds a VCA service data unit and no packets.
    #[must_use]
    pub const fn sync_flag(self) -> bool {
        self.data_field_status & 1 << 14 != 0
    }

    /// Packet order flag: reserved, zero, unless the synchronization flag gives it to the project.
    #[must_use]
    pub const fn packet_order_flag(self) -> bool {
        self.data_field_status & 1 << 13 != 0
    }

    /// Segment length identifier: 3 unless the synchronization flag gives it to the project.
    #[must_use]
    pub const fn segment_length_id(self) -> u8 {
        (self.data_field_status >> 11 & 3) as u8
    }

    /// Packet order flag, segment length identifier and first header pointer together.
    #[must_use]
    pub const fn vca_status(self) -> VcaStatus {
        VcaStatus {
            packet_order_flag: self.packet_order_flag(),
            segment_length_id: self.segment_length_id(),
            first_header_pointer: self.first_header_pointer(),
        }
    }

    /// The eleven bits of the first header pointer, as transmitted.
    #[must_use]
    pub const fn first_header_pointer(self) -> u16 {
        self.data_field_status & 0x7FF
    }
}

/// The fields of the data field status that a set synchronization flag gives to the project (§4.1.2.7.3 to §4.1.2.7.6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VcaStatus {
    /// Packet order flag.
    pub packet_order_flag: bool,
    /// Segment length identifier, two bits.
    pub segment_length_id: u8,
    /// First header pointer, eleven bits.
    pub first_header_pointer: u16,
}

/// The upper 24 bits of the count stand in the secondary header. A frame without them would count by itself.
const fn extended_count(header: PrimaryHeader, secondary: &[u8]) -> Result<VcFrameCount, FrameError> {
    match secondary {
        [_, a, b, c, ..] => {
            let value = u32::from_be_bytes([*a, *b, *c, header.vc_frame_count()]);
            Ok(VcFrameCount::new(value as u64, 32))
        }
        _ => Err(FrameError::Truncated { needed: EXTENDED_COUNT_LEN, actual: secondary.len() }),
    }
}

pub(super) const fn packet_zone(data: &[u8], pointer: u16) -> Result<Content<'_>, FrameError> {
    match Fhp::from_11_bits(pointer, data.len()) {
        Ok(fhp) => Ok(Content::Packets(PacketZone { fhp, octets: data })),
        Err(error) => Err(error),
    }
}

/// Octets of a secondary header that extends the count: identification, and three more.
const EXTENDED_COUNT_LEN: usize = 4;

/// Octets of a secondary header, its identification octet included: the field holds that number minus one (§4.1.3.2.3).
const fn secondary_header_len(id: u8) -> usize {
    (id & 0x3F) as usize + 1
}
