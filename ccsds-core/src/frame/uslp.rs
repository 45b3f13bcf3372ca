//! USLP transfer frame, CCSDS 732.1-B-3.

use super::{
    ConfigError, Content, DataField, Fhp, FrameError, OcfPresence, PacketZone, SduPart, TransferFrame,
    check_len, cut,
};
use crate::fecf::Fecf;
use crate::id::{Gvcid, MapId, Scid, Tfvn, Vcid};
use crate::sdls::SecurityOutcome;
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
    /// Octets of a truncated frame, whose header does not say; 0 where the channel has none.
    ///
    /// A truncated frame has no error control field, so a single wrong bit turns a frame into one that nothing checks: say so only
    /// of a channel that has them.
    pub truncated_len: usize,
}

impl UslpParameters {
    pub(super) const fn check(&self) -> Result<(), ConfigError> {
        let ocf = if matches!(self.ocf, OcfPresence::Present) { 4 } else { 0 };
        let min = PrimaryHeader::LEN + self.insert_zone + ocf + self.fecf.len() + 1;
        if self.truncated_len > self.frame_len {
            return Err(ConfigError::FrameTooLong { max: self.frame_len, len: self.truncated_len });
        }
        if self.truncated_len > 0 && self.truncated_len <= FrameStart::LEN {
            return Err(ConfigError::FrameTooShort { min: FrameStart::LEN + 1, len: self.truncated_len });
        }
        check_len(self.frame_len, min)
    }

    /// Whether `bytes` begin with a truncated frame, on a channel that has them.
    pub(super) const fn is_truncated(&self, bytes: &[u8]) -> bool {
        match bytes.split_first_chunk() {
            Some((start, _)) => self.truncated_len > 0 && FrameStart::from_bytes(start).is_truncated(),
            None => false,
        }
    }

    /// Octets of the frame that `bytes` begin with, as its own header says; `None` where that has not arrived whole.
    ///
    /// So frames of different lengths that lie back to back are told apart.
    ///
    /// # Errors
    /// When these octets begin no frame of the channel: another version, a length that management rules out, or a truncated frame where
    /// there are none. Nothing then tells where the next frame begins.
    pub const fn own_len(&self, bytes: &[u8]) -> Result<Option<usize>, FrameError> {
        let Some((start, _)) = bytes.split_first_chunk() else { return Ok(None) };
        let start = FrameStart::from_bytes(start);
        if start.tfvn() != Tfvn::Uslp.get() {
            return Err(FrameError::Version { tfvn: start.tfvn() });
        }
        if start.is_truncated() {
            let short = FrameError::Truncated { needed: PrimaryHeader::LEN, actual: FrameStart::LEN };
            return if self.truncated_len > 0 { Ok(Some(self.truncated_len)) } else { Err(short) };
        }
        let Some((header, _)) = bytes.split_first_chunk() else { return Ok(None) };
        let len = PrimaryHeader::from_bytes(header).frame_len();
        if len < PrimaryHeader::LEN || len > self.frame_len {
            return Err(FrameError::Length { expected: self.frame_len, actual: len });
        }
        Ok(Some(len))
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
        if !start.is_truncated() {
            return self.parse_whole(bytes);
        }
        if self.truncated_len == 0 {
            return Err(FrameError::Truncated { needed: PrimaryHeader::LEN, actual: FrameStart::LEN });
        }
        match bytes.split_at_checked(self.truncated_len) {
            Some((bytes, _)) => parse_truncated(start, bytes),
            None => Err(FrameError::Length { expected: self.truncated_len, actual: bytes.len() }),
        }
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
            security: SecurityOutcome::Unprotected,
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
        security: SecurityOutcome::Unprotected,
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

/// How a data field is filled (§4.1.4.2.2), in three bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConstructionRule {
    /// 000: packets that span frames; a pointer tells where the first one begins.
    PacketsSpanning,
    /// 001: a service data unit begins; a pointer tells its last octet if it ends too.
    SduStarts,
    /// 010: a service data unit goes on; a pointer tells its last octet if it ends.
    SduContinues,
    /// 011: octets of a stream.
    OctetStream,
    /// 100: the first segment of a packet or unit.
    SegmentStarts,
    /// 101: a segment in the middle.
    SegmentContinues,
    /// 110: the last segment.
    SegmentEnds,
    /// 111: whole packets, or a whole unit.
    Unsegmented,
}

/// The header of a data field (§4.1.4.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DataFieldHeader {
    /// How the field is filled.
    pub rule: ConstructionRule,
    /// Which protocol is within, five bits: 0 packets, 5 service data units, 31 idle data.
    pub protocol_id: u8,
    /// First header pointer (rule 000) or last valid octet pointer (rules 001 and 010), as transmitted.
    pub pointer: Option<u16>,
}

impl DataFieldHeader {
    /// Read the header that begins a data field; `None` where octets are missing.
    #[must_use]
    pub const fn parse(data: &[u8]) -> Option<Self> {
        let Some((&first, rest)) = data.split_first() else { return None };
        let rule = ConstructionRule::from_bits(first >> 5);
        let pointer = match (rule.has_pointer(), rest) {
            (false, _) => None,
            (true, [a, b, ..]) => Some(u16::from_be_bytes([*a, *b])),
            (true, _) => return None,
        };
        Some(Self { rule, protocol_id: first & PROTOCOL_ID, pointer })
    }

    /// Octets of the header: 1, or 3 with a pointer.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a header is never empty")]
    pub const fn len(self) -> usize {
        if self.pointer.is_some() { 3 } else { 1 }
    }
}

impl ConstructionRule {
    const fn from_bits(bits: u8) -> Self {
        match bits & 7 {
            0 => Self::PacketsSpanning,
            1 => Self::SduStarts,
            2 => Self::SduContinues,
            3 => Self::OctetStream,
            4 => Self::SegmentStarts,
            5 => Self::SegmentContinues,
            6 => Self::SegmentEnds,
            _ => Self::Unsegmented,
        }
    }

    /// The three bits as transmitted.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::PacketsSpanning => 0,
            Self::SduStarts => 1,
            Self::SduContinues => 2,
            Self::OctetStream => 3,
            Self::SegmentStarts => 4,
            Self::SegmentContinues => 5,
            Self::SegmentEnds => 6,
            Self::Unsegmented => 7,
        }
    }

    /// Whether a pointer of 16 bits follows: where the field has a fixed length (§4.1.4.2.4).
    #[must_use]
    pub const fn has_pointer(self) -> bool {
        matches!(self, Self::PacketsSpanning | Self::SduStarts | Self::SduContinues)
    }
}

/// The zone behind a data field header (§4.1.4.2), as the header says and the channel understands it.
///
/// On a channel of packets the segments of rules 100 to 111 are packets, unless their protocol is that of service data units: a
/// field that no rule ties to the frames before it starts a packet at once, as does the first of several segments; later ones start
/// none. On a channel of service data units they are parts of one.
pub(super) const fn zone(data: &[u8], packets: bool) -> Result<Content<'_>, FrameError> {
    let Some(header) = DataFieldHeader::parse(data) else {
        let needed = if data.is_empty() { 1 } else { 3 };
        return Err(FrameError::Truncated { needed, actual: data.len() });
    };
    let Some((_, zone)) = data.split_at_checked(header.len()) else {
        return Err(FrameError::Truncated { needed: header.len(), actual: data.len() });
    };
    if header.protocol_id == IDLE_DATA {
        return Ok(Content::Idle(zone));
    }
    let packets = packets && header.protocol_id != SERVICE_DATA_UNITS;
    match (header.rule, header.pointer) {
        (ConstructionRule::PacketsSpanning, Some(pointer)) => match Fhp::from_16_bits(pointer, zone.len()) {
            Ok(fhp) => Ok(Content::Packets(PacketZone { fhp, octets: zone })),
            Err(error) => Err(error),
        },
        (ConstructionRule::SduStarts, Some(pointer)) => sdu_part(true, pointer, zone),
        (ConstructionRule::SduContinues, Some(pointer)) => sdu_part(false, pointer, zone),
        (ConstructionRule::OctetStream, _) => Ok(Content::Octets(zone)),
        (ConstructionRule::SegmentStarts | ConstructionRule::Unsegmented, _)
            if packets && !zone.is_empty() =>
        {
            Ok(Content::Packets(PacketZone { fhp: Fhp::At(0), octets: zone }))
        }
        (_, _) if packets => Ok(Content::Packets(PacketZone { fhp: Fhp::NoPacketStart, octets: zone })),
        (rule, _) => Ok(Content::Sdu(SduPart {
            first: matches!(rule, ConstructionRule::SegmentStarts | ConstructionRule::Unsegmented),
            last: matches!(rule, ConstructionRule::SegmentEnds | ConstructionRule::Unsegmented),
            octets: zone,
        })),
    }
}

/// What follows the header of a data field, if it has one.
pub(super) const fn behind_header(data: &[u8]) -> &[u8] {
    match DataFieldHeader::parse(data) {
        Some(header) => match data.split_at_checked(header.len()) {
            Some((_, zone)) => zone,
            None => data,
        },
        None => data,
    }
}

/// The part of a unit in a zone of fixed length, whose pointer tells the last octet, or that the unit goes on (§4.1.4.2.4.5).
const fn sdu_part(first: bool, pointer: u16, zone: &[u8]) -> Result<Content<'_>, FrameError> {
    if pointer == u16::MAX {
        return Ok(Content::Sdu(SduPart { first, last: false, octets: zone }));
    }
    match zone.split_at_checked(pointer as usize + 1) {
        Some((octets, _)) => Ok(Content::Sdu(SduPart { first, last: true, octets })),
        None => Err(FrameError::Pointer { pointer, zone_len: zone.len() }),
    }
}

/// The low five bits of a data field header.
const PROTOCOL_ID: u8 = 0x1F;
/// Protocol identifier of mission-specific service data units.
const SERVICE_DATA_UNITS: u8 = 5;
/// Protocol identifier of a field that holds nothing but idle data.
const IDLE_DATA: u8 = 0x1F;
