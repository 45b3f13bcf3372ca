//! USLP transfer frames, clause by clause (732.1-B-3), and frames that the `spacepackets` Python library encoded.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::path::Path;

use ccsds_core::fecf::{Fecf, crc32};
use ccsds_core::frame::{
    ChannelContent, Content, Fhp, FrameError, FrameFormat, OcfPresence, PacketZone, SduPart, UslpParameters,
};
use ccsds_core::quality::{FecfQuality, FrameMeta, FrameQuality, PacketQuality};
use ccsds_core::vc::{Channel, MapContinuity, PacketAssembler, Route, VcDemux, VcFrameCount};
use serde_json::Value;

fn vectors() -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/proto_vectors/uslp.json");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn octets(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap_or_default();
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn frames_of_another_encoder_read_field_by_field() {
    for vector in vectors().unwrap_or_default() {
        let name = vector["name"].as_str().unwrap();
        let mut bytes = octets(&vector["hex"]);
        let truncated = vector["vcf_count_len"].is_null();
        let fecf = if vector["fecf_appended"] == Value::Bool(true) { Fecf::Crc16 } else { Fecf::Absent };
        let format = FrameFormat::uslp(UslpParameters {
            frame_len: 100,
            insert_zone: octets(&vector["insert_zone"]).len(),
            ocf: OcfPresence::Flagged,
            fecf,
            truncated_len: if truncated { bytes.len() + 1 } else { 0 },
        })
        .unwrap();
        if fecf == Fecf::Crc16 {
            assert_eq!(format.check_fecf(&bytes), FecfQuality::Valid, "{name}");
        }
        // A code block may be longer than the frame in it.
        bytes.extend([0x55; 9]);

        let frame = format.parse(&bytes).unwrap();
        assert_eq!(Some(u64::from(frame.gvcid().scid.get())), vector["scid"].as_u64(), "{name}");
        assert_eq!(Some(u64::from(frame.gvcid().vcid.get())), vector["vcid"].as_u64(), "{name}");
        assert_eq!(frame.map_id().map(|map| u64::from(map.get())), vector["map_id"].as_u64(), "{name}");
        if truncated {
            assert_eq!(frame.vc_frame_count().bits(), 0, "{name}");
            continue;
        }
        assert_eq!(Some(frame.bytes().len() as u64), vector["length"].as_u64(), "{name}");
        assert_eq!(
            Some(u64::from(frame.vc_frame_count().bits()) / 8),
            vector["vcf_count_len"].as_u64(),
            "{name}"
        );
        assert_eq!(frame.vc_frame_count().value(), vector["vcf_count"].as_u64().unwrap_or(0), "{name}");
        assert_eq!(frame.insert_zone(), octets(&vector["insert_zone"]), "{name}");
        assert_eq!(frame.ocf().map(Vec::from).unwrap_or_default(), octets(&vector["ocf"]), "{name}");
        match frame.content(ChannelContent::Packets).unwrap() {
            Content::Packets(zone) => {
                assert_eq!(zone.octets, octets(&vector["tfdz"]), "{name}");
                assert_eq!(zone.fhp, Fhp::At(0), "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

fn uslp(parameters: UslpParameters) -> FrameFormat {
    FrameFormat::uslp(parameters).unwrap()
}

/// A whole frame without count, whose data field is `data`.
fn frame_of(data: &[u8]) -> Vec<u8> {
    let len = (7 + data.len() - 1) as u16;
    [&[0xC0, 0x00, 0x10, 0x66][..], &len.to_be_bytes(), &[0x00], data].concat()
}

/// §4.1.4.2.2: what each of the eight rules means on a channel of packets and on one of service data units.
#[test]
fn all_eight_construction_rules_are_understood() {
    let format = uslp(UslpParameters { frame_len: 64, ..UslpParameters::default() });
    let octets: &[u8] = &[0xA0, 0xA1, 0xA2, 0xA3];
    let packets = |fhp| Content::Packets(PacketZone { fhp, octets });
    let part = |first, last, len: usize| Content::Sdu(SduPart { first, last, octets: &octets[..len] });
    let cases: [(u8, &[u8], Content<'_>, Content<'_>); 11] = [
        (0, &[0, 2], packets(Fhp::At(2)), packets(Fhp::At(2))),
        (0, &[0xFF, 0xFF], packets(Fhp::NoPacketStart), packets(Fhp::NoPacketStart)),
        (1, &[0xFF, 0xFF], part(true, false, 4), part(true, false, 4)),
        (1, &[0, 1], part(true, true, 2), part(true, true, 2)),
        (2, &[0xFF, 0xFF], part(false, false, 4), part(false, false, 4)),
        (2, &[0, 3], part(false, true, 4), part(false, true, 4)),
        (3, &[], Content::Octets(octets), Content::Octets(octets)),
        (4, &[], packets(Fhp::At(0)), part(true, false, 4)),
        (5, &[], packets(Fhp::NoPacketStart), part(false, false, 4)),
        (6, &[], packets(Fhp::NoPacketStart), part(false, true, 4)),
        (7, &[], packets(Fhp::At(0)), part(true, true, 4)),
    ];
    for (rule, pointer, of_packets, of_units) in cases {
        let bytes = frame_of(&[&[rule << 5][..], pointer, octets].concat());
        let frame = format.parse(&bytes).unwrap();
        let header = frame.data_field_header().unwrap();
        assert_eq!((header.rule.bits(), header.protocol_id), (rule, 0));
        assert_eq!((header.pointer.is_some(), header.len()), (rule < 3, 1 + pointer.len()));
        assert_eq!(frame.content(ChannelContent::Packets), Ok(of_packets), "rule {rule}");
        assert_eq!(frame.content(ChannelContent::Sdus), Ok(of_units), "rule {rule}");
    }
}

/// §4.1.4.2.3: the protocol identifier tells units of the mission and idle data from packets.
#[test]
fn the_protocol_identifier_tells_units_and_idle_data_from_packets() {
    let format = uslp(UslpParameters { frame_len: 64, ..UslpParameters::default() });
    let unit = frame_of(&[7 << 5 | 5, 1, 2]);
    let part = SduPart { first: true, last: true, octets: &[1, 2] };
    let content = |bytes| format.parse(bytes).unwrap().content(ChannelContent::Packets);
    assert_eq!(content(&unit), Ok(Content::Sdu(part)));
    let idle = frame_of(&[7 << 5 | 31, 1, 2]);
    assert!(content(&idle).unwrap().is_idle());
}

/// §4.1.4.2.4.5: a pointer to the last valid octet lies within the zone.
#[test]
fn a_last_valid_octet_outside_the_zone_is_malformed() {
    let format = uslp(UslpParameters { frame_len: 64, ..UslpParameters::default() });
    let bytes = frame_of(&[1 << 5, 0, 4, 1, 2, 3, 4]);
    let error = format.parse(&bytes).unwrap().content(ChannelContent::Sdus).unwrap_err();
    assert_eq!(error, FrameError::Pointer { pointer: 4, zone_len: 4 });
    let short = frame_of(&[1 << 5, 0]);
    let error = format.parse(&short).unwrap().content(ChannelContent::Sdus).unwrap_err();
    assert_eq!(error, FrameError::Truncated { needed: 3, actual: 2 });
}

/// §4.1.2.11: 0 to 7 octets of count.
#[test]
fn counts_of_every_length_are_read() {
    let format = uslp(UslpParameters { frame_len: 64, ..UslpParameters::default() });
    let count = [0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7];
    for len in 0..=7usize {
        let mut bytes = vec![0xC0, 0x00, 0x10, 0x66, 0, (7 + len + 2 - 1) as u8, len as u8];
        bytes.extend(&count[..len]);
        bytes.extend([0xE0, 0x55]);
        let frame = format.parse(&bytes).unwrap();
        let value = count[..len].iter().fold(0, |value, &octet| value << 8 | u64::from(octet));
        assert_eq!(frame.vc_frame_count(), VcFrameCount::new(value, 8 * len as u8), "{len} octets");
        assert_eq!(frame.data_field(), &[0xE0, 0x55]);
    }
}

/// Annex D: a truncated frame ends where management says, and nothing checks it.
#[test]
fn a_truncated_frame_has_the_managed_length_and_no_error_control() {
    let parameters =
        UslpParameters { frame_len: 64, fecf: Fecf::Crc16, truncated_len: 7, ..UslpParameters::default() };
    let format = uslp(parameters);
    let bytes = [0xC1, 0x23, 0x40, 0xAD, 0xE5, 1, 2, 0x55, 0x55];
    assert_eq!(format.check_fecf(&bytes), FecfQuality::Unchecked);
    let frame = format.parse(&bytes).unwrap();
    assert_eq!((frame.bytes(), frame.data_field()), (&bytes[..7], &bytes[4..7]));
    assert_eq!(format.parse(&bytes[..6]).unwrap_err(), FrameError::Length { expected: 7, actual: 6 });
    // Where there are none, a wrong bit must not make one.
    let none = uslp(UslpParameters { truncated_len: 0, ..parameters });
    assert_eq!(none.check_fecf(&bytes), FecfQuality::Invalid);
    assert!(none.parse(&bytes).is_err());
}

/// §4.1.6 and annex B: 32 bits of error control.
#[test]
fn a_frame_with_a_crc_of_32_bits_is_checked() {
    let format = uslp(UslpParameters { frame_len: 64, fecf: Fecf::Crc32, ..UslpParameters::default() });
    let mut bytes = frame_of(&[0xE0, 1, 2, 0, 0, 0, 0]);
    let body = bytes.len() - 4;
    let check = crc32(&bytes[..body]).to_be_bytes();
    bytes[body..].copy_from_slice(&check);
    assert_eq!(format.check_fecf(&bytes), FecfQuality::Valid);
    assert_eq!(format.parse(&bytes).unwrap().data_field(), &[0xE0, 1, 2]);
    bytes[8] ^= 1;
    assert_eq!(format.check_fecf(&bytes), FecfQuality::Invalid);
}

/// §2.1.2: several multiplexer access points share one channel and its count; each has its own stream of packets.
#[test]
fn packets_of_several_access_points_on_one_channel_do_not_mix() {
    let format = uslp(UslpParameters { frame_len: 64, ..UslpParameters::default() });
    // A packet of ten octets on each of two access points, half in each frame, in turn.
    let packet = |apid: u8| [0x00, apid, 0xC0, 0, 0, 3, apid, apid, apid, apid];
    let frame = |map: u8, count: u8, start: bool, octets: &[u8]| {
        let pointer = if start { [0, 0] } else { [0xFF, 0xFF] };
        let len = (8 + 3 + octets.len() - 1) as u8;
        [&[0xC0, 0x00, 0x10, 0x60 | map << 1, 0, len, 1, count, 0][..], &pointer, octets].concat()
    };
    let (a, b) = (packet(1), packet(2));
    let frames = [
        frame(1, 0, true, &a[..5]),
        frame(4, 1, true, &b[..5]),
        frame(1, 2, false, &a[5..]),
        // Frame 3 is lost; it might have been of either.
        frame(1, 4, true, &a[..5]),
        frame(4, 5, false, &b[5..]),
        frame(1, 6, false, &a[5..]),
    ];
    let gvcid = format.parse(&frames[0]).unwrap().gvcid();
    let mut demux = VcDemux::declare([Channel { gvcid, content: ChannelContent::Packets }]);
    let mut maps = MapContinuity::new();
    let mut assemblers: [PacketAssembler<[u8; 64]>; 16] = [const { PacketAssembler::new([0; 64]) }; 16];
    let mut out = Vec::new();
    for bytes in &frames {
        let frame = format.parse(bytes).unwrap();
        let Route::Channel(mut delivery) = demux.route(&frame, FrameQuality::EXTERNAL) else {
            panic!("lost")
        };
        let map = frame.map_id().unwrap();
        delivery.continuity = maps.advance(map, delivery.continuity);
        let mut packets = assemblers[usize::from(map.get())].push(&delivery, &FrameMeta::default());
        while let Some(packet) = packets.next() {
            out.push((
                map.get(),
                packet.bytes.to_vec(),
                packet.meta.quality.contains(PacketQuality::TRUNCATED),
            ));
        }
    }
    assert_eq!(out, [(1, a.to_vec(), false), (4, b[..5].to_vec(), true), (1, a.to_vec(), false)]);
}

/// §4.1.2.7: the length field is the octets of the frame less one. What cannot begin a frame of the channel is no frame.
#[test]
fn a_frame_says_how_long_it_is_before_it_is_there() {
    let channel = UslpParameters { frame_len: 100, truncated_len: 9, ..UslpParameters::default() };
    let whole = [0xC0, 0x01, 0x00, 0x62, 0x00, 23, 0x00];
    assert_eq!(channel.own_len(&whole), Ok(Some(24)));
    for len in 0..7 {
        assert_eq!(channel.own_len(&whole[..len]), Ok(None), "{len} octets of the header");
    }
    assert_eq!(channel.own_len(&[0xC0, 0x01, 0x00, 0x63]), Ok(Some(9)));
    assert_eq!(channel.own_len(&[0xC0, 0x01, 0x00, 0x62, 0x00, 99, 0x00]), Ok(Some(100)));
    let error = channel.own_len(&[0xC0, 0x01, 0x00, 0x62, 0x00, 100, 0x00]);
    assert_eq!(error, Err(FrameError::Length { expected: 100, actual: 101 }));
    let error = channel.own_len(&[0xC0, 0x01, 0x00, 0x62, 0x00, 5, 0x00]);
    assert_eq!(error, Err(FrameError::Length { expected: 100, actual: 6 }));
    assert_eq!(channel.own_len(&[0x40, 0, 0, 0]), Err(FrameError::Version { tfvn: 4 }));
    let without = UslpParameters { truncated_len: 0, ..channel };
    assert!(without.own_len(&[0xC0, 0x01, 0x00, 0x63]).is_err());
}
