use std::vec::Vec;

use super::*;
use crate::frame::{AosParameters, ChannelContent, FrameFormat};
use crate::id::{Gvcid, Scid, Tfvn, Vcid};
use crate::quality::{CodingQuality, FrameQuality};

const ZONE: usize = 20;

fn channel(vcid: u8) -> Channel {
    Channel {
        gvcid: Gvcid::new(Tfvn::Aos, Scid::new(42), Vcid::from_low_bits(vcid)),
        content: ChannelContent::Packets,
    }
}

/// A frame with the part of `stream` that its count stands for; packets begin every 30 octets.
fn frame(vcid: u8, count: u8, stream: &[u8]) -> Vec<u8> {
    let start = usize::from(count) * ZONE;
    let first = start.next_multiple_of(30) - start;
    let pointer = if first < ZONE { first as u8 } else { 0xFF };
    let mut bytes = std::vec![0x4A, 0x80 | vcid, 0, 0, count, 0, if first < ZONE { 0 } else { 7 }, pointer];
    bytes.extend_from_slice(&stream[start..start + ZONE]);
    bytes
}

/// Ten packets of thirty octets.
fn stream(apid: u8) -> Vec<u8> {
    (0..10u8).flat_map(|n| [[0, apid, 0xC0, n, 0, 23].to_vec(), std::vec![n; 24]].concat()).collect()
}

/// Push frames through a bank of channels 5 and 7, and collect the sequence counts that come out whole, per channel.
fn run(frames: impl Iterator<Item = (Vec<u8>, FrameQuality)>) -> ([Vec<u8>; 2], VcBank<[u8; 64], 2>) {
    let format = FrameFormat::aos(AosParameters { frame_len: 8 + ZONE, ..AosParameters::default() }).unwrap();
    let mut bank = VcBank::new([channel(5), channel(7)], [const { PacketAssembler::new([0; 64]) }; 2]);
    let mut out = [Vec::new(), Vec::new()];
    for (ordinal, (bytes, quality)) in frames.enumerate() {
        let meta = FrameMeta { ordinal: ordinal as u64, quality, ..FrameMeta::default() };
        let parsed = format.parse(&bytes).unwrap();
        let Ok(mut packets) = bank.push(&parsed, &meta) else { continue };
        while let Some(packet) = packets.next() {
            if packet.meta.quality.is_good() {
                out[usize::from(packet.meta.gvcid.vcid.get() == 7)].push(packet.bytes[3]);
            }
        }
    }
    (out, bank)
}

/// State shared by all channels is a mistake seen elsewhere.
#[test]
fn a_gap_on_one_channel_costs_the_others_nothing() {
    let (five, seven) = (stream(1), stream(2));
    let frames = (0..15u8).flat_map(|count| [(5, count), (7, count)]).filter(|&lost| lost != (7, 6));
    let frames = frames.map(|(vcid, count)| {
        let stream = if vcid == 5 { &five } else { &seven };
        (frame(vcid, count, stream), FrameQuality::EXTERNAL)
    });
    let ([of_five, of_seven], bank) = run(frames);
    assert_eq!(of_five, (0..10).collect::<Vec<u8>>());
    // Octets 120 to 139 were lost: they belong to the fifth packet.
    assert_eq!(of_seven, [0, 1, 2, 3, 5, 6, 7, 8, 9]);
    let [on_five, on_seven] = [0, 1].map(|vc| bank.demux().slots()[vc].counts());
    assert_eq!((on_five.missing, on_seven.missing), (0, 1));
}

/// Uncorrectable frames that pass for good ones are a mistake seen elsewhere, and so is reading headers before correction.
#[test]
fn an_uncorrectable_frame_yields_no_packet_and_its_header_is_not_believed() {
    let five = stream(1);
    let frames = (0..15u8).map(|count| {
        let mut bytes = frame(5, count, &five);
        let mut quality = FrameQuality::EXTERNAL;
        if count == 6 {
            // The damaged header claims another channel and another count.
            bytes[1..5].copy_from_slice(&[0x87, 0x55, 0x55, 0x55]);
            quality.coding = CodingQuality::Uncorrectable { codewords: 1 };
        }
        (bytes, quality)
    });
    let ([of_five, of_seven], bank) = run(frames);
    assert_eq!(of_five, [0, 1, 2, 3, 5, 6, 7, 8, 9]);
    assert!(of_seven.is_empty());
    let [on_five, on_seven] = [0, 1].map(|vc| bank.demux().slots()[vc].counts());
    assert_eq!((on_five.gaps, on_five.missing, on_seven.total()), (1, 1, 0));
}

/// Loss counters that shrink, or grow beyond reason, when a count wraps or is set anew are a mistake seen elsewhere.
#[test]
fn neither_a_wrap_nor_a_restart_is_a_loss() {
    let mut ledger = crate::ledger::CountLedger::EMPTY;
    let mut before = VcFrameCount::new(0xFF_FFFE, 24);
    for value in [0xFF_FFFF, 0, 1, 500_000, 3, 4] {
        let now = VcFrameCount::new(value, 24);
        ledger.record(before.step_to(now, false));
        before = now;
    }
    assert_eq!((ledger.next, ledger.gaps, ledger.restarts), (4, 1, 1));
    assert_eq!(ledger.missing, 499_998);
}
