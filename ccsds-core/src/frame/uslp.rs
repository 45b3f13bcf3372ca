//! USLP transfer frame, CCSDS 732.1-B-3.

use super::{
    ConfigError, Content, DataField, Fhp, FrameError, OcfPresence, PacketZone, TransferFrame, check_len, cut,
};
use crate::fecf::Fecf;
use crate::id::{Gvcid, MapId, Scid, Tfvn, Vcid};
use crate::vc::VcFrameCount;

/// Managed parameters of a USLP channel.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct UslpParameters {
    /// Octets of the longest frame; a frame's own length field may say less.
    pub frame_len: usize,
    /// Octets of the insert zone.
    pub insert_zone: usize,
    /// Whether frames carry an operational control field.
    pub ocf: OcfPresence,
    /// The error control field.
    pub fecf: Fecf,
}

impl UslpParameters {
    pub(super) const fn check(&self) -> Result<(), ConfigError> {
        let ocf = if matches!(self.ocf, OcfPresence::Present) { 4 } else { 0 };
        let min = PrimaryHeader::LEN + self.insert_zone + ocf + self.fecf.len() + 1;
        check_len(self.frame_len, min)
    }

    /// The octets that the frame's own length field claims; all of them where it claims the impossible.
    pub(super) fn trim<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        match bytes.split_first_chunk() {
            Some((header, _)) => bytes.get(..PrimaryHeader::from_bytes(header).frame_len()).unwrap_or(bytes),
            None => bytes,
        }
    }

    pub(super) const fn parse<'a>(&self, bytes: &'a [u8]) -> Result<TransferFrame<'a>, FrameError> {
        let Some((start, _)) = bytes.split_first_chunk() else {
            return Err(FrameError::Length { expected: FrameStart::LEN, actual: bytes.len() });
        };
        let start = FrameStart::from_bytes(start);
        if start.tfvn() != Tfvn::Uslp.get() {
            return Err(FrameError::Version { tfvn: start.tfvn() });
        }
        if start.is_truncated() { parse_truncated(start, bytes) } else { self.parse_whole(bytes) }
    }

    const fn parse_whole<'a>(&self, bytes: &'a [u8]) -> Result<TransferFrame<'a>, FrameError> {
        let short = FrameError::Length { expected: PrimaryHeader::LEN, actual: bytes.len() };
        let Some((header, _)) = bytes.split_first_chunk() else { return Err(short) };
        let header = PrimaryHeader::from_bytes(header);
        let len = header.frame_len();
        let wrong_length = FrameError::Length { expected: len, actual: bytes.len() };
        if len > self.frame_len {
            return Err(wrong_length);
        }
        let Some((bytes, _)) = bytes.split_at_checked(len) else { return Err(wrong_length) };
        let Some((_, rest)) = bytes.split_at_checked(PrimaryHeader::LEN) else { return Err(wrong_length) };

        let count_len = header.frame_count_len();
        let Some((mut count_octets, rest)) = rest.split_at_checked(count_len) else {
            return Err(FrameError::Truncated { needed: count_len, actual: rest.len() });
        };
        let mut count = 0;
        while let Some((&octet, tail)) = count_octets.split_first() {
            count = count << 8 | octet as u64;
            count_octets = tail;
        }
        let ocf = match self.ocf {
            OcfPresence::Absent => false,
            OcfPresence::Flagged => header.has_ocf(),
            OcfPresence::Present => true,
        };
        let parts = match cut(rest, self.insert_zone, ocf, self.fecf) {
            Ok(parts) => parts,
            Err(error) => return Err(error),
        };
        Ok(TransferFrame {
            bytes,
            data: parts.data,
            extra: parts.extra,
            count: VcFrameCount::new(count, count_len as u8 * 8),
            gvcid: header.start.gvcid(),
            field: DataField::Uslp { map_id: header.start.map_id() },
            ocf: parts.ocf,
        })
    }
}

/// A truncated frame has neither length nor count, insert zone nor trailer (annex D).
const fn parse_truncated(start: FrameStart, bytes: &[u8]) -> Result<TransferFrame<'_>, FrameError> {
    let Some((_, data)) = bytes.split_at_checked(FrameStart::LEN) else {
        return Err(FrameError::Length { expected: FrameStart::LEN, actual: bytes.len() });
    };
    Ok(TransferFrame {
        bytes,
        data,
        extra: &[],
        count: VcFrameCount::new(0, 0),
        gvcid: start.gvcid(),
        field: DataField::Uslp { map_id: start.map_id() },
        ocf: None,
    })
}

/// The four octets that every USLP frame begins with, truncated ones too (§4.1.2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FrameStart {
    word: u32,
}

impl FrameStart {
    /// Octets of the start.
    pub const LEN: usize = 4;

    /// Read the word.
    #[must_use]
    pub const fn from_bytes(octets: &[u8; Self::LEN]) -> Self {
        Self { word: u32::from_be_bytes(*octets) }
    }

    /// Transfer frame version number, 12 for USLP.
    #[must_use]
    pub const fn tfvn(self) -> u8 {
        (self.word >> 28) as u8
    }

    /// Sixteen bits of spacecraft identifier.
    #[must_use]
    pub const fn scid(self) -> Scid {
        Scid::new((self.word >> 12) as u16)
    }

    /// Whether the spacecraft identifier names the destination and not the source.
    #[must_use]
    pub const fn scid_is_destination(self) -> bool {
        self.word & 1 << 11 != 0
    }

    /// Six bits of virtual channel identifier.
    #[must_use]
    pub const fn vcid(self) -> Vcid {
        Vcid::from_low_bits((self.word >> 5) as u8)
    }

    /// Four bits of multiplexer access point identifier.
    #[must_use]
    pub const fn map_id(self) -> MapId {
        MapId::from_low_bits((self.word >> 1) as u8)
    }

    /// Whether the header ends here.
    #[must_use]
    pub const fn is_truncated(self) -> bool {
        self.word & 1 != 0
    }

    const fn gvcid(self) -> Gvcid {
        Gvcid::new(Tfvn::Uslp, self.scid(), self.vcid())
    }
}

/// The fixed part of a whole frame's primary header (§4.1.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PrimaryHeader {
    /// The octets it shares with a truncated frame.
    pub start: FrameStart,
    length: u16,
    flags: u8,
}

impl PrimaryHeader {
    /// Octets before the frame count.
    pub const LEN: usize = 7;

    /// Split the octets into their words.
    #[must_use]
    pub const fn from_bytes(octets: &[u8; Self::LEN]) -> Self {
        let [a, b, c, d, e, f, flags] = *octets;
        Self { start: FrameStart::from_bytes(&[a, b, c, d]), length: u16::from_be_bytes([e, f]), flags }
    }

    /// Octets of the whole frame: the field holds that number minus one.
    #[must_use]
    pub const fn frame_len(self) -> usize {
        self.length as usize + 1
    }

    /// Whether the frame bypasses the sequence control of a telecommand link.
    #[must_use]
    pub const fn bypass(self) -> bool {
        self.flags & 0x80 != 0
    }

    /// Whether the data field holds protocol control commands.
    #[must_use]
    pub const fn protocol_control(self) -> bool {
        self.flags & 0x40 != 0
    }

    /// Whether an operational control field follows the data field.
    #[must_use]
    pub const fn has_ocf(self) -> bool {
        self.flags & 0x08 != 0
    }

    /// Octets of the frame count, 0 to 7.
    #[must_use]
    pub const fn frame_count_len(self) -> usize {
        (self.flags & 7) as usize
    }
}

/// The zone behind a data field header, as packets where the header says so (§4.1.4.2).
///
/// Rule 0 carries a pointer. A field that no rule ties to the frames before it (rule 7) starts a packet at once, as does the
/// first of several segments (rule 4); later segments (5 and 6) start none. The other rules carry no packets.
pub(super) const fn packet_zone(data: &[u8]) -> Result<Content<'_>, FrameError> {
    let Some((&header, zone)) = data.split_first() else {
        return Err(FrameError::Truncated { needed: 1, actual: 0 });
    };
    if header & PROTOCOL_ID == IDLE_DATA {
        return Ok(Content::Idle(zone));
    }
    let (fhp, octets) = match header >> 5 {
        0 => {
            let Some((pointer, octets)) = zone.split_first_chunk() else {
                return Err(FrameError::Truncated { needed: 3, actual: data.len() });
            };
            (Fhp::from_16_bits(u16::from_be_bytes(*pointer), octets.len()), octets)
        }
        4 | 7 if !zone.is_empty() => (Ok(Fhp::At(0)), zone),
        4..=7 => (Ok(Fhp::NoPacketStart), zone),
        _ => return Ok(Content::Vca(zone)),
    };
    match fhp {
        Ok(fhp) => Ok(Content::Packets(PacketZone { fhp, octets })),
        Err(error) => Err(error),
    }
}

/// The low five bits of a data field header.
const PROTOCOL_ID: u8 = 0x1F;
/// Protocol identifier of a field that holds nothing but idle data.
const IDLE_DATA: u8 = 0x1F;
