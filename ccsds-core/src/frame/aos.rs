//! AOS transfer frame, CCSDS 732.0-B-5.

mod header_error_control;

use self::header_error_control::Outcome;
use super::{
    BitstreamZone, ConfigError, Content, DataField, Fhp, FrameError, OcfPresence, PacketZone, TransferFrame,
    check_len, cut,
};
use crate::fecf::Fecf;
use crate::id::{Gvcid, Scid, Tfvn, Vcid};
use crate::sdls::SecurityOutcome;
use crate::vc::VcFrameCount;

/// Managed parameters of an AOS channel.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AosParameters {
    /// Octets of every frame, trailer included.
    pub frame_len: usize,
    /// Whether the two octets of frame header error control follow the primary header; it is then corrected before it is read.
    pub header_error_control: bool,
    /// Octets of the insert zone.
    pub insert_zone: usize,
    /// Whether frames carry an operational control field.
    pub ocf: OcfPresence,
    /// The error control field.
    pub fecf: Fecf,
}

impl AosParameters {
    pub(super) const fn check(&self) -> Result<(), ConfigError> {
        if matches!(self.fecf, Fecf::Crc32) {
            return Err(ConfigError::Crc32OutsideUslp);
        }
        if matches!(self.ocf, OcfPresence::Flagged) {
            return Err(ConfigError::OcfFlagInAos);
        }
        let ocf = if self.has_ocf() { 4 } else { 0 };
        let min = PrimaryHeader::LEN + self.extra_len() + ocf + self.fecf.len() + 1;
        check_len(self.frame_len, min)
    }

    pub(super) const fn parse<'a>(&self, bytes: &'a [u8]) -> Result<TransferFrame<'a>, FrameError> {
        let wrong_length = FrameError::Length { expected: self.frame_len, actual: bytes.len() };
        if bytes.len() != self.frame_len {
            return Err(wrong_length);
        }
        let Some((header, rest)) = bytes.split_first_chunk() else { return Err(wrong_length) };
        let header = PrimaryHeader::from_bytes(header);
        // The header is corrected before any field of it is used.
        let (header, header_symbols, rest) = if self.header_error_control {
            let Some((check, rest)) = rest.split_first_chunk::<HEADER_ERROR_CONTROL_LEN>() else {
                return Err(FrameError::Truncated { needed: HEADER_ERROR_CONTROL_LEN, actual: rest.len() });
            };
            match header_error_control::correct(header, u16::from_be_bytes(*check)) {
                Outcome::Header { header, symbols } => (header, symbols, rest),
                Outcome::Uncorrectable => return Err(FrameError::HeaderErrorControl),
            }
        } else {
            (header, 0, rest)
        };
        if header.tfvn() != Tfvn::Aos.get() {
            return Err(FrameError::Version { tfvn: header.tfvn() });
        }
        let parts = match cut(rest, self.insert_zone, self.has_ocf(), self.fecf) {
            Ok(parts) => parts,
            Err(error) => return Err(error),
        };
        Ok(TransferFrame {
            bytes,
            data: parts.data,
            extra: parts.extra,
            count: header.vc_frame_count(),
            gvcid: Gvcid::new(Tfvn::Aos, header.scid(), header.vcid()),
            field: DataField::Aos { replay: header.replay(), header_symbols },
            ocf: parts.ocf,
            security: SecurityOutcome::Unprotected,
        })
    }

    const fn has_ocf(&self) -> bool {
        matches!(self.ocf, OcfPresence::Present)
    }

    const fn extra_len(&self) -> usize {
        self.insert_zone + if self.header_error_control { HEADER_ERROR_CONTROL_LEN } else { 0 }
    }
}

/// The six octets that every AOS frame begins with (§4.1.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PrimaryHeader {
    identification: u16,
    count: u32,
    signalling: u8,
}

impl PrimaryHeader {
    /// Octets of the header.
    pub const LEN: usize = 6;

    /// Split the octets into their words.
    #[must_use]
    pub const fn from_bytes(octets: &[u8; Self::LEN]) -> Self {
        let [a, b, c, d, e, signalling] = *octets;
        Self {
            identification: u16::from_be_bytes([a, b]),
            count: u32::from_be_bytes([0, c, d, e]),
            signalling,
        }
    }

    /// Transfer frame version number, 1 for AOS.
    #[must_use]
    pub const fn tfvn(self) -> u8 {
        (self.identification >> 14) as u8
    }

    /// Ten bits of spacecraft identifier: since issue 5 the two most significant ones sit in the signalling field, in bits
    /// that older issues reserved as zeros.
    #[must_use]
    pub const fn scid(self) -> Scid {
        Scid::new(((self.signalling as u16) << 4 & 0x300) | (self.identification >> 6 & 0xFF))
    }

    /// Six bits of virtual channel identifier.
    #[must_use]
    pub const fn vcid(self) -> Vcid {
        Vcid::from_low_bits(self.identification as u8)
    }

    /// The virtual channel frame count: 24 bits, or 28 when the cycle count is in use (§4.1.2.5.4).
    #[must_use]
    pub const fn vc_frame_count(self) -> VcFrameCount {
        if self.cycle_in_use() {
            VcFrameCount::new((self.cycle() as u64) << 24 | self.count as u64, 28)
        } else {
            VcFrameCount::new(self.count as u64, 24)
        }
    }

    /// Whether the frame was stored aboard and is played back.
    #[must_use]
    pub const fn replay(self) -> bool {
        self.signalling & 0x80 != 0
    }

    /// Whether the cycle count extends the frame count.
    #[must_use]
    pub const fn cycle_in_use(self) -> bool {
        self.signalling & 0x40 != 0
    }

    /// Times that the 24-bit count has wrapped, modulo 16.
    #[must_use]
    pub const fn cycle(self) -> u8 {
        self.signalling & 0x0F
    }
}

/// M_PDU: five spare bits, eleven bits of first header pointer, the packet zone (§4.1.4.2).
pub(super) const fn packet_zone(data: &[u8]) -> Result<Content<'_>, FrameError> {
    let Some((pointer, octets)) = data.split_first_chunk() else {
        return Err(FrameError::Truncated { needed: 2, actual: data.len() });
    };
    match Fhp::from_11_bits(u16::from_be_bytes(*pointer), octets.len()) {
        Ok(fhp) => Ok(Content::Packets(PacketZone { fhp, octets })),
        Err(error) => Err(error),
    }
}

/// B_PDU: two spare bits, fourteen bits of pointer to the last valid bit, the bitstream zone (§4.1.4.3).
pub(super) const fn bitstream_zone(data: &[u8]) -> Result<Content<'_>, FrameError> {
    let Some((pointer, octets)) = data.split_first_chunk() else {
        return Err(FrameError::Truncated { needed: 2, actual: data.len() });
    };
    let zone_len = octets.len() * 8;
    let pointer = u16::from_be_bytes(*pointer) & ALL_VALID;
    let valid_bits = match pointer {
        ALL_VALID => zone_len,
        ONLY_IDLE => return Ok(Content::Idle(octets)),
        last if (last as usize) < zone_len => last as usize + 1,
        _ => return Err(FrameError::Pointer { pointer, zone_len }),
    };
    Ok(Content::Bitstream(BitstreamZone { valid_bits, octets }))
}

const HEADER_ERROR_CONTROL_LEN: usize = 2;
/// B_PDU pointer: every bit of the zone belongs to the stream.
const ALL_VALID: u16 = 0x3FFF;
/// B_PDU pointer: no bit of the zone does.
const ONLY_IDLE: u16 = 0x3FFE;
