use std::vec::Vec;

use super::*;
use crate::frame::{AosParameters, FrameFormat};
use crate::id::{Scid, Tfvn, Vcid};
use crate::quality::{CodingQuality, FecfQuality};

const GOOD: FrameQuality = FrameQuality::EXTERNAL;

fn channel(vcid: u8, content: ChannelContent) -> Channel {
    Channel { gvcid: Gvcid::new(Tfvn::Aos, Scid::new(42), Vcid::from_low_bits(vcid)), content }
}

/// An AOS frame of spacecraft 42 whose data field is `fill`.
fn frame(vcid: u8, count: u8, fill: u8) -> Vec<u8> {
    let mut bytes = std::vec![0x4A, 0x80 | vcid, 0, 0, count, 0, 0x07, 0xFF];
    bytes.resize(40, fill);
    bytes
}

fn route<'a, S: AsRef<[VcSlot]> + AsMut<[VcSlot]>>(
    demux: &mut VcDemux<S>,
    bytes: &'a [u8],
    quality: FrameQuality,
) -> Route<'a> {
    let format = FrameFormat::aos(AosParameters { frame_len: 40, ..AosParameters::default() }).unwrap();
    demux.route(&format.parse(bytes).unwrap(), quality)
}

fn continuity(route: Route<'_>) -> Continuity {
    match route {
        Route::Channel(delivery) => delivery.continuity,
        other => panic!("{other:?}"),
    }
}

#[test]
fn frames_go_to_the_channel_that_was_declared_for_them() {
    let mut demux = VcDemux::declare([channel(5, ChannelContent::Packets), channel(7, ChannelContent::Vca)]);
    for (vcid, index) in [(5, 0), (7, 1), (5, 0)] {
        let bytes = frame(vcid, 0, vcid);
        let Route::Channel(delivery) = route(&mut demux, &bytes, GOOD) else { panic!("not routed") };
        assert_eq!(delivery.vc.get(), index);
    }
    assert_eq!(route(&mut demux, &frame(6, 0, 0), GOOD), Route::Undeclared);
    assert_eq!(route(&mut demux, &frame(63, 0, 0), GOOD), Route::Idle);
}

#[test]
fn a_frame_that_cannot_be_trusted_moves_no_count() {
    let mut demux = VcDemux::declare([channel(5, ChannelContent::Packets)]);
    assert_eq!(continuity(route(&mut demux, &frame(5, 0, 0), GOOD)), Continuity::First);
    for quality in [
        FrameQuality { coding: CodingQuality::Uncorrectable { codewords: 1 }, ..GOOD },
        FrameQuality { fecf: FecfQuality::Invalid, ..GOOD },
    ] {
        assert_eq!(route(&mut demux, &frame(5, 200, 1), quality), Route::Untrusted);
    }
    assert_eq!(continuity(route(&mut demux, &frame(5, 1, 2), GOOD)), Continuity::Next);
    assert_eq!(demux.slots()[0].counts().total(), 2);
}

#[test]
fn a_malformed_data_field_moves_no_count() {
    let mut demux = VcDemux::declare([channel(5, ChannelContent::Packets)]);
    let mut bytes = frame(5, 9, 0);
    bytes[6..8].copy_from_slice(&500u16.to_be_bytes());
    assert_eq!(
        route(&mut demux, &bytes, GOOD),
        Route::Malformed(FrameError::Pointer { pointer: 500, zone_len: 32 })
    );
    assert_eq!(demux.slots()[0].counts().total(), 0);
}

/// A corrupted header that creates a channel is a mistake seen elsewhere.
#[test]
fn forged_headers_open_no_channel() {
    let mut demux = VcDemux::declare([channel(5, ChannelContent::Packets)]);
    for vcid in (0..63).filter(|&vcid| vcid != 5) {
        assert_eq!(route(&mut demux, &frame(vcid, 1, 0), GOOD), Route::Undeclared);
    }
    assert_eq!(demux.slots().len(), 1);
}

#[test]
fn a_constant_count_on_an_idle_channel_is_no_loss() {
    let mut demux = VcDemux::declare([channel(63, ChannelContent::Idle)]);
    for fill in 0..5 {
        let _ = route(&mut demux, &frame(63, 9, fill), GOOD);
    }
    let counts = demux.slots()[0].counts();
    assert_eq!((counts.first, counts.repeats, counts.gaps, counts.missing), (1, 4, 0, 0));
}

#[test]
fn a_repeated_frame_is_told_from_a_whole_turn_of_the_counter() {
    let mut demux = VcDemux::declare([channel(5, ChannelContent::Packets)]);
    assert_eq!(continuity(route(&mut demux, &frame(5, 7, 1), GOOD)), Continuity::First);
    assert_eq!(continuity(route(&mut demux, &frame(5, 7, 1), GOOD)), Continuity::Repeat);
    assert_eq!(continuity(route(&mut demux, &frame(5, 7, 2), GOOD)), Continuity::Restart);
}
