//! From bits to frames: the drivers against each other.

use ccsds_core::quality::{FrameMeta, ReceiveTime};
use frame_sync::codec::{BlockReport, FrameCodec, Uncoded};
use frame_sync::pipeline::FramePipeline;
use frame_sync::randomizer::Randomizer;
use frame_sync::receiver::Receiver;
use frame_sync::slab::FrameSlab;
use frame_sync::sync::{SyncConfig, SyncStats};

use crate::choices::{Choices, is_one_line};
use crate::stream::stream;
use crate::sync::SyncLink;

type Frames = Vec<(Vec<u8>, BlockReport, FrameMeta)>;

/// The receiver and both ways of the pipeline agree on any stream, however it is cut, and the bit ledger closes.
///
/// The first octets choose the managed parameters and the cuts; the rest is the stream, or operations that make it.
pub fn receiver_vs_pipeline(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let Some(link) = SyncLink::choose(&mut choices) else { return };
    let (push, window) = (1 + choices.below(200), 1 + choices.below(256) * 4);
    let stream = stream(choices, link.marker, link.block_len, link.config.parameters().fill_bits);

    let (config, codec) = (link.config, Uncoded { frame_len: link.block_len });
    let (by_receiver, receiver_stats) = receive(config, codec, &stream, push);
    for each in [false, true] {
        let (by_pipeline, pipeline_stats) = pipeline(config, codec, &stream, window, each);
        assert_eq!(by_receiver, by_pipeline);
        assert_eq!(receiver_stats, pipeline_stats);
    }
    assert_eq!(receiver_stats.bits.total(), stream.len() as u64 * 8, "the bit ledger closes");
    assert_eq!(receiver_stats.cadus, by_receiver.len() as u64);
}

fn receive(
    config: SyncConfig,
    codec: impl FrameCodec + Copy,
    stream: &[u8],
    push: usize,
) -> (Frames, SyncStats) {
    let (mut window, mut block) = (vec![0; config.window_len()], vec![0; codec.block_len()]);
    for (window_len, block_len) in [(window.len() - 1, block.len()), (window.len(), block.len() - 1)] {
        let (window, block) = (vec![0; window_len], vec![0; block_len]);
        let refused = Receiver::with_storage(config, Randomizer::NONE, codec, window, block).err().unwrap();
        assert!(is_one_line(&refused));
    }
    let mut receiver =
        Receiver::borrowing(config, Randomizer::CCSDS_255, codec, &mut window, &mut block).unwrap();
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
    while let Some(frame) = receiver.pull_mut().unwrap() {
        frames.push((frame.bytes.to_vec(), frame.report, frame.meta));
    }
    (frames, receiver.stats())
}

fn pipeline(
    config: SyncConfig,
    codec: impl FrameCodec + Sync,
    stream: &[u8],
    window: usize,
    each: bool,
) -> (Frames, SyncStats) {
    let mut pipeline = FramePipeline::new(config, Randomizer::CCSDS_255, codec);
    let (mut frames, mut slab) = (Vec::new(), FrameSlab::new());
    let (mut start, mut end) = (0, 0);
    let mut take = |slab: &FrameSlab| {
        frames.extend(slab.frames().map(|frame| (frame.bytes.to_vec(), frame.report, frame.meta)));
    };
    let time = ReceiveTime(0);
    loop {
        let ended = end == stream.len();
        let octets = &stream[start..end];
        start += match (each, ended) {
            (false, false) => pipeline.run(octets, time, &mut slab).unwrap(),
            (false, true) => pipeline.finish(octets, time, &mut slab).unwrap(),
            (true, false) => pipeline.run_each(octets, time, &mut take).unwrap(),
            (true, true) => pipeline.finish_each(octets, time, &mut take).unwrap(),
        };
        if !each {
            take(&slab);
        }
        if ended {
            return (frames, pipeline.stats());
        }
        end = (end + window).min(stream.len());
    }
}
