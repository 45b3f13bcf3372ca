//! Inputs that make other implementations of the same books panic: here they are answers.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{
    ChannelContent, Content, Fhp, FrameError, FrameFormat, OcfPresence, PacketZone, UslpParameters,
};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::packet_len;
use ccsds_core::quality::{FrameMeta, PacketQuality};
use ccsds_core::vc::{Continuity, Delivery, PacketAssembler};
use frame_sync::codec::{BlockLength, FrameCodec};
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE};

/// A telemetry packet whose data field is one octet: too short for the secondary header that its flag announces.
#[test]
fn a_packet_shorter_than_its_secondary_header_is_delivered() {
    let packet = [0x08, 0x00, 0xC0, 0x21, 0x00, 0x00, 0x01];
    assert_eq!(packet_len(&packet), Ok(7));
    let content = Content::Packets(PacketZone { fhp: Fhp::At(0), octets: &packet });
    let gvcid = Gvcid::new(Tfvn::Tm, Scid::new(1), Vcid::from_low_bits(0));
    let delivery = Delivery { vc: Default::default(), gvcid, continuity: Continuity::First, content };
    let mut assembler = PacketAssembler::new([0; 64]);
    let mut packets = assembler.push(&delivery, &FrameMeta::default());
    let delivered = packets.next().unwrap();
    assert_eq!(delivered.bytes, packet);
    assert!(!delivered.meta.quality.contains(PacketQuality::TRUNCATED));
    fuzz::packets(&packet);
}

/// A USLP length field that leaves no room for the frame's own header or trailer.
#[test]
fn every_uslp_length_field_is_an_error_or_a_frame() {
    for (ocf, fecf) in [
        (OcfPresence::Absent, Fecf::Absent),
        (OcfPresence::Flagged, Fecf::Crc16),
        (OcfPresence::Present, Fecf::Crc32),
    ] {
        let parameters = UslpParameters { ocf, fecf, frame_len: 64, ..UslpParameters::default() };
        let format = FrameFormat::uslp(parameters).unwrap();
        for length in 0..=u16::MAX {
            let mut frame = [0; 64];
            frame[..4].copy_from_slice(&[0xC0, 0x01, 0x20, 0x00]);
            frame[4..6].copy_from_slice(&length.to_be_bytes());
            // OCF flag, and a frame count of two octets.
            frame[6] = 0x0A;
            let _ = format.check_fecf(&frame);
            match format.parse(&frame) {
                Ok(parsed) => {
                    assert_eq!(parsed.bytes().len(), usize::from(length) + 1);
                    let _ = parsed.content(ChannelContent::Packets);
                }
                Err(FrameError::Length { expected, actual: 64 }) => {
                    assert_eq!(expected, usize::from(length) + 1);
                    assert!(!(7..=64).contains(&expected));
                }
                // Header, count, control field, check and an octet of data.
                Err(FrameError::Truncated { .. }) => assert!(length + 1 < 7 + 2 + 4 + 4 + 1),
                Err(error) => panic!("{error}"),
            }
        }
        for len in 0..=64 {
            let _ = format.parse(&[0xC0; 64][..len]);
            fuzz::frame_uslp(&[&[1, 1, 0, 0], &[0xC0; 64][..len]].concat());
        }
    }
}

/// A depth that no book knows, and blocks that no depth divides.
#[test]
fn a_wrong_interleave_is_refused_and_so_is_a_block_that_does_not_fit() {
    for depth in [0, 6, 7, 9, 255] {
        assert_eq!(Interleave::from_depth(depth), None);
    }
    let config = RsConfig::new(RsE::E16, Interleave::I5, 0, Basis::Dual).unwrap();
    let decoder = RsDecoder::new(config);
    for len in (0..1400).filter(|len| *len != 1275) {
        let mut block = vec![0x55; len];
        assert_eq!(decoder.decode(&mut block), Err(BlockLength { expected: 1275, actual: len }));
        assert!(block.iter().all(|octet| *octet == 0x55));
    }
}
