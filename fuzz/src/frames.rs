//! Transfer frames: every field at the bits where the books put it, every octet in one part, and a crate by another author.

use ccsds_core::bits::read_unsigned;
use ccsds_core::clcw::{Clcw, Ocf};
use ccsds_core::fecf::{Fecf, crc16, crc32};
use ccsds_core::frame::uslp::{FrameStart, PrimaryHeader};
use ccsds_core::frame::{
    AosParameters, ChannelContent, ConfigError, Content, DataFieldHeader, Fhp, FrameFormat, IdleFill,
    IdleLedger, OcfPresence, SecondaryHeader, TmParameters, TransferFrame, UslpParameters,
};
use ccsds_core::id::{MapId, Tfvn};
use ccsds_core::quality::{FecfQuality, FrameQuality};
use ccsds_core::vc::{Channel, Route, VcDemux, VcSlot};
use spacepackets::uslp::TransferFrameReader;

use crate::choices::{Choices, is_one_line};

/// A TM frame: 132.0-B-3 §4.1.
pub fn frame_tm(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let (ocf, fecf) = trailer(&mut choices);
    let zone = choices.below(70) as u8;
    let frame = choices.rest();
    let secondary_header = match zone {
        0 => SecondaryHeader::Flagged,
        69 => SecondaryHeader::ExtendedCount,
        len => SecondaryHeader::Fixed(len),
    };
    let parameters = TmParameters { frame_len: frame.len(), secondary_header, ocf, fecf };
    let Some(format) = legal(FrameFormat::tm(parameters)) else { return };
    let field = |at, bits| read_unsigned(frame, at, bits).unwrap();
    let Some(parsed) = parse(&format, frame) else { return };
    assert_eq!(field(0, 2), 0);
    assert_eq!(u64::from(parsed.gvcid().scid.get()), field(2, 10));
    assert_eq!(u64::from(parsed.gvcid().vcid.get()), field(12, 3));
    assert_eq!(parsed.mc_frame_count().map(u64::from), Some(field(16, 8)));
    let count = match secondary_header {
        // The three octets behind the first one of the secondary header are the more significant ones.
        SecondaryHeader::ExtendedCount => (field(56, 24) << 8 | field(24, 8), 32),
        SecondaryHeader::Fixed(_) | SecondaryHeader::Flagged => (field(24, 8), 8),
    };
    assert_eq!((parsed.vc_frame_count().value(), parsed.vc_frame_count().bits()), count);
    let secondary = match secondary_header {
        SecondaryHeader::Fixed(len) => len.into(),
        SecondaryHeader::ExtendedCount | SecondaryHeader::Flagged if field(32, 1) == 1 => {
            field(50, 6) as usize + 1
        }
        SecondaryHeader::ExtendedCount | SecondaryHeader::Flagged => 0,
    };
    assert_eq!(parsed.secondary_header().len(), secondary);
    let has_ocf = ocf == OcfPresence::Present || (ocf == OcfPresence::Flagged && field(15, 1) == 1);
    parts(&parsed, frame, 6, parsed.secondary_header(), has_ocf, fecf);
    let (sync, pointer, zone_len) = (field(33, 1), field(37, 11), parsed.data_field().len() as u64);
    match parsed.content(ChannelContent::Packets) {
        Ok(Content::Vca(_)) => assert_eq!(sync, 1),
        Ok(Content::Idle(_)) => assert_eq!((sync, pointer), (0, 0x7FE)),
        Ok(Content::Packets(zone)) => {
            assert_eq!(sync, 0);
            match zone.fhp {
                Fhp::At(at) => assert!(u64::from(at) == pointer && pointer < zone_len),
                Fhp::NoPacketStart => assert_eq!(pointer, 0x7FF),
                Fhp::IdleOnly => assert_eq!(pointer, 0x7FE),
            }
        }
        Ok(Content::Bitstream(_) | Content::Octets(_) | Content::Sdu(_) | Content::Sealed(_)) => {
            panic!("TM carries packets or VCA data")
        }
        Err(_) => assert!(sync == 0 && pointer >= zone_len),
    }
    every_content(&parsed);
}

/// An AOS frame: 732.0-B-5 §4.1.
pub fn frame_aos(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let (ocf, fecf) = trailer(&mut choices);
    let (insert_zone, header_error_control) = (choices.below(70), choices.flag());
    let frame = choices.rest();
    let parameters = AosParameters { frame_len: frame.len(), header_error_control, insert_zone, ocf, fecf };
    let Some(format) = legal(FrameFormat::aos(parameters)) else { return };
    let field = |at, bits| read_unsigned(frame, at, bits).unwrap();
    let Some(parsed) = parse(&format, frame) else { return };
    if parsed.header_symbols_corrected() == 0 {
        assert_eq!(field(0, 2), 1);
        // The two highest bits of the identifier stand in the signalling field.
        assert_eq!(u64::from(parsed.gvcid().scid.get()), field(42, 2) << 8 | field(2, 8));
        assert_eq!(u64::from(parsed.gvcid().vcid.get()), field(10, 6));
        let (count, bits) = match field(41, 1) {
            1 => (field(44, 4) << 24 | field(16, 24), 28),
            _ => (field(16, 24), 24),
        };
        assert_eq!((parsed.vc_frame_count().value(), parsed.vc_frame_count().bits()), (count, bits));
        assert_eq!(parsed.is_replay(), Some(field(40, 1) == 1));
    } else {
        assert!(header_error_control);
    }
    // The count is not guarded, so it is as received.
    assert_eq!(parsed.vc_frame_count().value() & 0xFF_FFFF, field(16, 24));
    let header = if header_error_control { 8 } else { 6 };
    assert_eq!(parsed.insert_zone().len(), insert_zone);
    parts(&parsed, frame, header, parsed.insert_zone(), ocf == OcfPresence::Present, fecf);
    let data_bit = 8 * (header + insert_zone);
    if parsed.data_field().len() >= 2 && parsed.gvcid().vcid.get() != 63 {
        let (zone, bits) = (parsed.data_field().len() as u64 - 2, parsed.data_field().len() as u64 * 8 - 16);
        match (parsed.content(ChannelContent::Packets), field(data_bit + 5, 11)) {
            (Ok(Content::Packets(found)), pointer) => match found.fhp {
                Fhp::At(at) => assert!(u64::from(at) == pointer && pointer < zone),
                Fhp::NoPacketStart => assert_eq!(pointer, 0x7FF),
                Fhp::IdleOnly => assert_eq!(pointer, 0x7FE),
            },
            (Err(_), pointer) => assert!(pointer >= zone),
            other => panic!("{other:?}"),
        }
        match (parsed.content(ChannelContent::Bitstream), field(data_bit + 2, 14)) {
            (Ok(Content::Bitstream(found)), 0x3FFF) => assert_eq!(found.valid_bits as u64, bits),
            (Ok(Content::Bitstream(found)), last) => assert_eq!(found.valid_bits as u64, last + 1),
            (Ok(Content::Idle(_)), pointer) => assert_eq!(pointer, 0x3FFE),
            (Err(_), pointer) => assert!(pointer >= bits),
            other => panic!("{other:?}"),
        }
    }
    every_content(&parsed);
}

/// A USLP frame: 732.1-B-3 §4.1, and the same frame as `spacepackets` reads it.
pub fn frame_uslp(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let ocf = choices.pick(&[OcfPresence::Absent, OcfPresence::Flagged, OcfPresence::Present]);
    let fecf = choices.pick(&[Fecf::Absent, Fecf::Crc16, Fecf::Crc32]);
    let insert_zone = choices.below(70);
    let slack = choices.below(3);
    let frame = choices.rest();
    // A truncated frame of all the octets there are, where there may be one.
    let frame_len = frame.len().saturating_sub(slack);
    let truncated = frame.get(3).is_some_and(|octet| octet & 1 == 1);
    let truncated_len = match slack {
        // Longer than whole frames may be, where there are none, and where there are.
        2 if truncated && frame_len > 300 => frame_len + 1,
        2 if truncated && frame_len > 200 => 0,
        _ if truncated => frame_len,
        _ => 0,
    };
    let parameters = UslpParameters { frame_len, insert_zone, ocf, fecf, truncated_len };
    let Some(format) = legal(FrameFormat::uslp(parameters)) else { return };
    let own_len = parameters.own_len(frame);
    let parsed = parse(&format, frame);
    match own_len {
        Ok(Some(len)) => {
            let said = if truncated {
                truncated_len
            } else {
                usize::from(frame[4]) * 256 + usize::from(frame[5]) + 1
            };
            assert!(len == said && len <= frame_len);
            assert!(parsed.is_none_or(|parsed| parsed.bytes().len() == len));
        }
        Ok(None) => assert!(frame.len() < PrimaryHeader::LEN && parsed.is_none()),
        Err(error) => assert!(parsed.is_none() && is_one_line(&error)),
    }
    let Some(parsed) = parsed else { return };
    let field = |at, bits| read_unsigned(frame, at, bits).unwrap();
    assert_eq!(field(0, 4), 12);
    assert_eq!(u64::from(parsed.gvcid().scid.get()), field(4, 16));
    assert_eq!(u64::from(parsed.gvcid().vcid.get()), field(21, 6));
    assert_eq!(parsed.map_id().map(|map| u64::from(map.get())), Some(field(27, 4)));
    assert_eq!(parsed.map_id(), MapId::new(field(27, 4) as u8));
    let start = FrameStart::from_bytes(frame.first_chunk().unwrap());
    assert_eq!((u64::from(start.scid_is_destination()), start.scid()), (field(20, 1), parsed.gvcid().scid));
    field_header(&parsed);
    if field(31, 1) == 1 {
        assert_eq!(parsed.data_field().len() + 4, frame_len);
        assert_eq!((parsed.ocf(), parsed.insert_zone().len()), (None, 0));
        return every_content(&parsed);
    }
    let whole = frame.get(..field(32, 16) as usize + 1).unwrap();
    let header = PrimaryHeader::from_bytes(frame.first_chunk().unwrap());
    assert_eq!([header.bypass(), header.protocol_control()].map(u64::from), [field(48, 1), field(49, 1)]);
    let count_len = field(53, 3) as u32;
    assert!(whole.len() <= format.frame_len());
    assert_eq!(parsed.vc_frame_count().value(), field(56, 8 * count_len));
    assert_eq!(u32::from(parsed.vc_frame_count().bits()), 8 * count_len);
    assert_eq!(parsed.insert_zone().len(), insert_zone);
    let has_ocf = ocf == OcfPresence::Present || (ocf == OcfPresence::Flagged && field(52, 1) == 1);
    parts(&parsed, whole, 7 + count_len as usize, parsed.insert_zone(), has_ocf, fecf);
    every_content(&parsed);
    if insert_zone == 0 && ocf == OcfPresence::Flagged && fecf != Fecf::Crc32 {
        peer(&parsed, frame, fecf);
    }
}

/// The header of the data field is its first octet, and a pointer behind it where the rule has one.
fn field_header(parsed: &TransferFrame<'_>) {
    let field = parsed.data_field();
    match parsed.data_field_header() {
        Some(header) => {
            assert_eq!((header.rule.bits() << 5) | header.protocol_id, field[0]);
            let pointer = (field[0] >> 5 < 3).then(|| u16::from_be_bytes([field[1], field[2]]));
            assert_eq!((header.pointer, header.rule.has_pointer()), (pointer, pointer.is_some()));
            assert_eq!(DataFieldHeader::parse(&field[..header.len()]), Some(header));
        }
        None => assert!(field.is_empty() || (field[0] >> 5 < 3 && field.len() < 3)),
    }
}

/// What `spacepackets` makes of a whole frame, where it makes something of it. It panics when a length field leaves no room for
/// its own trailer: those frames are never shown to it.
fn peer(parsed: &TransferFrame<'_>, frame: &[u8], fecf: Fecf) {
    let Some(&first) = parsed.data_field().first() else { return };
    let header_len = if first >> 5 < 3 { 3 } else { 1 };
    if parsed.data_field().len() < header_len {
        return;
    }
    let Ok(theirs) = TransferFrameReader::from_bytes(frame, fecf == Fecf::Crc16) else { return };
    assert_eq!(theirs.spacecraft_id(), parsed.gvcid().scid.get());
    assert_eq!(theirs.vc_id().value(), parsed.gvcid().vcid.get());
    assert_eq!(Some(theirs.map_id().value()), parsed.map_id().map(MapId::get));
    assert_eq!(theirs.len_frame(), parsed.bytes().len());
    assert_eq!(theirs.primary_header().vc_frame_count(), parsed.vc_frame_count().value());
    assert_eq!(theirs.operational_control_field(), parsed.ocf().map(u32::from_be_bytes));
    assert_eq!(theirs.data(), &parsed.data_field()[header_len..]);
}

fn trailer(choices: &mut Choices<'_>) -> (OcfPresence, Fecf) {
    let ocf = choices.pick(&[OcfPresence::Absent, OcfPresence::Flagged, OcfPresence::Present]);
    (ocf, choices.pick(&[Fecf::Absent, Fecf::Crc16, Fecf::Crc32]))
}

/// A format, or a reason why there is none.
fn legal(format: Result<FrameFormat, ConfigError>) -> Option<FrameFormat> {
    match format {
        Ok(format) => Some(format),
        Err(error) => {
            assert!(is_one_line(&error));
            None
        }
    }
}

/// The frame, its check compared with what it must be.
fn parse<'a>(format: &FrameFormat, frame: &'a [u8]) -> Option<TransferFrame<'a>> {
    let checked = format.check_fecf(frame);
    let parsed = match format.parse(frame) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert!(is_one_line(&error));
            return None;
        }
    };
    match format.tfvn() {
        Tfvn::Tm => {
            assert!(parsed.is_replay().is_none() && parsed.vca_status().is_some() == (frame[4] & 0x40 != 0));
        }
        Tfvn::Aos => assert!(parsed.mc_frame_count().is_none() && parsed.vca_status().is_none()),
        _ => assert!(parsed.is_replay().is_none() && parsed.secondary_header().is_empty()),
    }
    let truncated = parsed.map_id().is_some() && frame[3] & 1 == 1;
    if !truncated {
        let octets = parsed.bytes();
        let expected = match format.fecf() {
            Fecf::Absent => FecfQuality::Unchecked,
            fecf => {
                let (body, check) = octets.split_at(octets.len() - fecf.len());
                let found = check.iter().fold(0, |value, octet| value << 8 | u32::from(*octet));
                let right = if fecf == Fecf::Crc32 { crc32(body) } else { crc16(body).into() };
                if found == right { FecfQuality::Valid } else { FecfQuality::Invalid }
            }
        };
        assert_eq!(checked, expected);
    }
    Some(parsed)
}

/// Header, zone, data field and trailer lie behind one another and are all there is.
fn parts(
    parsed: &TransferFrame<'_>,
    frame: &[u8],
    header_len: usize,
    extra: &[u8],
    has_ocf: bool,
    fecf: Fecf,
) {
    assert_eq!(parsed.bytes(), frame);
    assert_eq!(extra, &frame[header_len..header_len + extra.len()]);
    let data_at = header_len + extra.len();
    let data_end = frame.len() - fecf.len() - if has_ocf { 4 } else { 0 };
    assert_eq!(parsed.data_field(), &frame[data_at..data_end]);
    assert_eq!(parsed.ocf().is_some(), has_ocf);
    if let Some(ocf) = parsed.ocf() {
        assert_eq!(ocf, frame[data_end..data_end + 4]);
        match Ocf::from_bytes(ocf) {
            Ocf::Clcw(clcw) => assert_eq!((clcw.to_bytes(), ocf[0] >> 7), (ocf, 0)),
            Ocf::Other(octets) => assert_eq!((octets, ocf[0] >> 7), (ocf, 1)),
        }
        assert_eq!(Clcw::from_bytes(ocf).is_some(), ocf[0] >> 7 == 0);
    }
}

/// Whatever the channel carries, zones lie in the data field and pointers in their zone; declared by its own name, a frame
/// finds its channel once.
fn every_content(parsed: &TransferFrame<'_>) {
    let contents = [
        ChannelContent::Bitstream,
        ChannelContent::Idle,
        ChannelContent::Packets,
        ChannelContent::Sdus,
        ChannelContent::Vca,
    ];
    for content in contents {
        let found = parsed.content(content);
        match found {
            Ok(Content::Packets(zone)) => {
                assert!(parsed.data_field().ends_with(zone.octets));
                if let Fhp::At(at) = zone.fhp {
                    assert!(usize::from(at) < zone.octets.len());
                }
            }
            Ok(Content::Bitstream(zone)) => {
                assert!(zone.valid_bits <= zone.octets.len() * 8);
                assert!(parsed.data_field().ends_with(zone.octets));
            }
            Ok(Content::Idle(octets)) => {
                assert!(parsed.data_field().ends_with(octets));
                idle(octets);
            }
            Ok(Content::Octets(octets) | Content::Vca(octets)) => {
                assert!(parsed.data_field().ends_with(octets));
            }
            Ok(Content::Sdu(part)) => {
                assert!(part.octets.len() < parsed.data_field().len());
                assert!(part.last || parsed.data_field().ends_with(part.octets));
            }
            Ok(Content::Sealed(_)) => panic!("nobody said that it is encrypted"),
            Err(error) => assert!(is_one_line(&error)),
        }
        let channel = Channel { gvcid: parsed.gvcid(), content };
        let mut demux = VcDemux::new([VcSlot::new(channel)]);
        match (demux.route(parsed, FrameQuality::EXTERNAL), found) {
            (Route::Channel(delivery), Ok(content)) => assert_eq!(delivery.content, content),
            (Route::Malformed(error), Err(expected)) => assert_eq!(error, expected),
            other => panic!("{other:?}"),
        }
        assert_eq!(demux.slots()[0].counts().total(), u64::from(found.is_ok()));
    }
}

/// What fill is made of: 132.0-B-3 §4.1.4.6, bit by bit.
fn idle(octets: &[u8]) {
    let bits: Vec<u8> = octets.iter().flat_map(|octet| (0..8).rev().map(move |i| octet >> i & 1)).collect();
    let wrong = |n: &usize| bits[*n] ^ bits[n + 10] ^ bits[n + 30] ^ bits[n + 31] != bits[n + 32];
    let violations = (0..bits.len().saturating_sub(32)).filter(wrong).count() as u32;
    let found = IdleFill::of(octets);
    let mut ledger = IdleLedger::EMPTY;
    ledger.record(found);
    assert_eq!(ledger.total(), 1);
    match found {
        None => assert!(octets.len() < 5),
        Some(IdleFill::Constant(octet)) => assert!(octets.iter().all(|other| *other == octet)),
        Some(IdleFill::Sequence) => assert_eq!(violations, 0),
        Some(IdleFill::Other { violations: ours }) => assert!(ours == violations && ours > 0),
    }
}
