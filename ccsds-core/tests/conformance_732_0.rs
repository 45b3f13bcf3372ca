//! AOS transfer frames, clause by clause (732.0-B-5).
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use ccsds_core::fecf::{Fecf, crc16};
use ccsds_core::frame::{
    AosParameters, BitstreamZone, ChannelContent, Content, Fhp, FrameError, FrameFormat, OcfPresence,
    PacketZone,
};
use ccsds_core::quality::FecfQuality;
use ccsds_core::vc::VcFrameCount;

fn aos(parameters: AosParameters) -> FrameFormat {
    FrameFormat::aos(parameters).unwrap()
}

/// Spacecraft 0x148 = 01 0100 1000b, channel 0x34, signalling 0x56: the header of the known vector, its count A0B0C0.
const GUARDED: [u8; 12] = [0x12 | 0x40, 0x34, 0xA0, 0xB0, 0xC0, 0x56, 0, 0, 0x07, 0xFF, 1, 2];

/// The check of `identification` and `signalling`, found by trying all of them: the code words are those that need no correction.
fn check_of(bytes: &[u8; 12]) -> u16 {
    let format = aos(AosParameters { frame_len: 12, header_error_control: true, ..AosParameters::default() });
    let mut found = (0..=u16::MAX).filter(|check| {
        let mut bytes = *bytes;
        bytes[6..8].copy_from_slice(&check.to_be_bytes());
        format.parse(&bytes).is_ok_and(|frame| frame.header_symbols_corrected() == 0)
    });
    let check = found.next().unwrap();
    assert_eq!(found.next(), None, "one check only");
    check
}

/// §4.1.2.6: the header is corrected before it is used; a header read before its correction is a mistake seen elsewhere.
#[test]
fn an_aos_header_with_two_wrong_symbols_is_corrected_before_it_is_read() {
    let format = aos(AosParameters { frame_len: 12, header_error_control: true, ..AosParameters::default() });
    let mut bytes = GUARDED;
    let check = check_of(&bytes);
    bytes[6..8].copy_from_slice(&check.to_be_bytes());
    let clean = format.parse(&bytes).unwrap();
    let (gvcid, count) = (clean.gvcid(), clean.vc_frame_count());
    assert_eq!((gvcid.scid.get(), gvcid.vcid.get()), (0x148, 0x34));
    assert_eq!((count, clean.is_replay()), (VcFrameCount::new(0x6A0_B0C0, 28), Some(false)));
    for (octet, pattern) in [(0, 0xFF), (1, 0xF0), (5, 0x81), (6, 0x11), (7, 0x0F)] {
        let mut damaged = bytes;
        damaged[octet] ^= pattern;
        let frame = format.parse(&damaged).unwrap();
        assert_eq!((frame.gvcid(), frame.vc_frame_count()), (gvcid, count), "octet {octet}");
        assert!((1..=2).contains(&frame.header_symbols_corrected()));
        assert_eq!(frame.bytes(), damaged);
    }
    // The version number is corrected too, and the count is not guarded.
    let mut damaged = bytes;
    (damaged[0], damaged[4]) = (damaged[0] ^ 0xC0, 0xC1);
    assert_eq!(format.parse(&damaged).unwrap().vc_frame_count(), VcFrameCount::new(0x6A0_B0C1, 28));
}

#[test]
fn an_aos_header_beyond_correction_is_malformed() {
    let format = aos(AosParameters { frame_len: 12, header_error_control: true, ..AosParameters::default() });
    let mut bytes = GUARDED;
    let check = check_of(&bytes);
    bytes[6..8].copy_from_slice(&check.to_be_bytes());
    let (mut refused, mut total) = (0, 0);
    for pattern in 1..=255u8 {
        let mut damaged = bytes;
        damaged[0] ^= pattern | 0x11;
        damaged[5] ^= pattern | 0x01;
        total += 1;
        match format.parse(&damaged) {
            Err(FrameError::HeaderErrorControl) => refused += 1,
            // Three or four wrong symbols may look like another header, never like this one.
            Ok(frame) => assert_ne!((frame.gvcid().scid.get(), frame.gvcid().vcid.get()), (0x148, 0x34)),
            Err(_) => {}
        }
    }
    assert!(2 * refused > total, "{refused} of {total}");
}

/// §4.1.2.5: replay flag, and a cycle that makes the count 28 bits wide when it is in use.
#[test]
fn the_signalling_field_tells_replay_and_the_width_of_the_count() {
    let format = aos(AosParameters { frame_len: 9, ..AosParameters::default() });
    for (signalling, replay, count) in [
        (0x00, false, VcFrameCount::new(0xFF_FFFF, 24)),
        (0x8F, true, VcFrameCount::new(0xFF_FFFF, 24)),
        (0x4F, false, VcFrameCount::new(0xFFF_FFFF, 28)),
        (0xC1, true, VcFrameCount::new(0x1FF_FFFF, 28)),
    ] {
        let bytes = [0x40, 0x00, 0xFF, 0xFF, 0xFF, signalling, 0x07, 0xFF, 0];
        let frame = format.parse(&bytes).unwrap();
        assert_eq!((frame.is_replay(), frame.vc_frame_count()), (Some(replay), count), "{signalling:02X}");
    }
}

/// §4.1.3: the insert zone is in every frame of the channel, those of only idle data too.
#[test]
fn every_frame_has_an_insert_zone_idle_ones_too() {
    let format = aos(AosParameters { frame_len: 12, insert_zone: 3, ..AosParameters::default() });
    for vcid in [5, 63] {
        let bytes = [0x40, vcid, 0, 0, 0, 0, 1, 2, 3, 0x07, 0xFF, 0];
        let frame = format.parse(&bytes).unwrap();
        assert_eq!(frame.insert_zone(), &[1, 2, 3]);
        assert_eq!(frame.is_only_idle_data(), vcid == 63);
    }
}

/// §4.1.4.2 and §4.1.4.3: five and two spare bits before the pointers are nobody's.
#[test]
fn spare_bits_before_the_pointers_of_both_units_are_ignored() {
    let format = aos(AosParameters { frame_len: 12, ..AosParameters::default() });
    let packets = [0x40, 5, 0, 0, 0, 0, 0xF8, 0x02, 1, 2, 3, 4];
    let zone = PacketZone { fhp: Fhp::At(2), octets: &packets[8..] };
    let frame = format.parse(&packets).unwrap();
    assert_eq!(frame.content(ChannelContent::Packets), Ok(Content::Packets(zone)));
    let bits = [0x40, 5, 0, 0, 0, 0, 0xC0, 0x09, 1, 2, 3, 4];
    let zone = BitstreamZone { valid_bits: 10, octets: &bits[8..] };
    let frame = format.parse(&bits).unwrap();
    assert_eq!(frame.content(ChannelContent::Bitstream), Ok(Content::Bitstream(zone)));
    assert_eq!(frame.content(ChannelContent::Vca), Ok(Content::Vca(&bits[6..])));
}

/// §4.1.5, §4.1.6: control field and error control end the frame, whatever it holds.
#[test]
fn trailers_of_an_aos_frame_lie_behind_any_content() {
    let parameters = AosParameters {
        frame_len: 18,
        ocf: OcfPresence::Present,
        fecf: Fecf::Crc16,
        ..AosParameters::default()
    };
    let format = aos(parameters);
    let mut bytes = [0x40, 5, 0, 0, 0, 0, 0x07, 0xFF, 1, 2, 3, 4, 0x15, 0x44, 0xAC, 0x63, 0, 0];
    let check = crc16(&bytes[..16]).to_be_bytes();
    bytes[16..].copy_from_slice(&check);
    assert_eq!(format.check_fecf(&bytes), FecfQuality::Valid);
    let frame = format.parse(&bytes).unwrap();
    assert_eq!((frame.ocf(), frame.data_field().len()), (Some([0x15, 0x44, 0xAC, 0x63]), 6));
}
