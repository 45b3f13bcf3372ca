//! From bits to frames: the drivers against each other.

use ccsds_core::quality::{FrameMeta, ReceiveTime};
use frame_sync::asm::Asm;
use frame_sync::codec::{BlockReport, Uncoded};
use frame_sync::pipeline::FramePipeline;
use frame_sync::randomizer::Randomizer;
use frame_sync::receiver::Receiver;
use frame_sync::slab::FrameSlab;
use frame_sync::sync::{Alignment, Polarity, SyncConfig, SyncParameters, SyncStats};

use crate::Choices;

type Frames = Vec<(Vec<u8>, BlockReport, FrameMeta)>;

/// The receiver and the pipeline agree on any stream, however it is cut, and the bit ledger closes.
///
/// The first octets choose the managed parameters and the cuts; the rest is the stream.
pub fn receiver_vs_pipeline(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let asm = [Asm::TM, Asm::TURBO_1_2, Asm::new(&[0xEB, 0x90]).unwrap()][choices.below(3)];
    let frame_len = 4 + choices.below(60);
    let parameters = SyncParameters {
        fill_bits: choices.below(12),
        search_errors: choices.below(4) as u8,
        lock_errors: choices.below(4) as u8,
        verify: choices.below(3) as u8,
        flywheel: choices.below(3) as u8,
        slip: choices.below(4) as u8,
        polarity: [Polarity::Auto, Polarity::Normal, Polarity::Inverted][choices.below(3)],
        alignment: [Alignment::Bit, Alignment::Octet][choices.below(2)],
        ..SyncParameters::new(asm, asm.len_bits() + 8 * frame_len)
    };
    let parameters = SyncParameters { cadu_bits: parameters.cadu_bits + parameters.fill_bits, ..parameters };
    let Ok(config) = SyncConfig::new(parameters) else { return };
    let (push, window) = (1 + choices.below(200), 1 + choices.below(256) * 4);
    let stream = choices.rest();

    let (by_receiver, receiver_stats) = receive(config, frame_len, stream, push);
    let (by_pipeline, pipeline_stats) = pipeline(config, frame_len, stream, window);
    assert_eq!(by_receiver, by_pipeline);
    assert_eq!(receiver_stats, pipeline_stats);
    assert_eq!(receiver_stats.bits.total(), stream.len() as u64 * 8, "the bit ledger closes");
    assert_eq!(receiver_stats.cadus, by_receiver.len() as u64);
}

fn receive(config: SyncConfig, frame_len: usize, stream: &[u8], push: usize) -> (Frames, SyncStats) {
    let (window, block) = (vec![0; config.window_len()], vec![0; frame_len]);
    let codec = Uncoded { frame_len };
    let mut receiver = Receiver::with_storage(config, Randomizer::CCSDS_255, codec, window, block).unwrap();
    let mut frames = Vec::new();
    for mut piece in stream.chunks(push) {
        while !piece.is_empty() {
            let taken = receiver.push(piece, ReceiveTime(0));
            piece = &piece[taken..];
            let before = frames.len();
            while let Some(frame) = receiver.pull().unwrap() {
                frames.push((frame.bytes.to_vec(), frame.report, frame.meta));
            }
            assert!(taken > 0 || frames.len() > before, "the receiver is stuck");
        }
    }
    receiver.finish();
    while let Some(frame) = receiver.pull().unwrap() {
        frames.push((frame.bytes.to_vec(), frame.report, frame.meta));
    }
    (frames, receiver.stats())
}

fn pipeline(config: SyncConfig, frame_len: usize, stream: &[u8], window: usize) -> (Frames, SyncStats) {
    let mut pipeline = FramePipeline::new(config, Randomizer::CCSDS_255, Uncoded { frame_len });
    let (mut frames, mut slab) = (Vec::new(), FrameSlab::new());
    let (mut start, mut end) = (0, 0);
    while end < stream.len() {
        end = (end + window).min(stream.len());
        start += pipeline.run(&stream[start..end], ReceiveTime(0), &mut slab).unwrap();
        frames.extend(slab.frames().map(|frame| (frame.bytes.to_vec(), frame.report, frame.meta)));
    }
    pipeline.finish(&stream[start..], ReceiveTime(0), &mut slab).unwrap();
    frames.extend(slab.frames().map(|frame| (frame.bytes.to_vec(), frame.report, frame.meta)));
    (frames, pipeline.stats())
}
