//! Frames in slices: behind the markers there are no frames, but what the blocks make together is a stream of frames behind markers of
//! their own (131.0-B-6 §8).

use ccsds_core::quality::ReceiveTime;
use frame_sync::codec::Uncoded;
use frame_sync::pipeline::FramePipeline;
use frame_sync::randomizer::Randomizer;
use frame_sync::slab::FrameSlab;

use super::coding::RANDOMIZERS;
use super::marker::{self, Decoded, Found};
use super::{Reading, sync_config};

/// How frames are sliced.
#[derive(Clone, Debug)]
pub(super) struct Slices {
    /// The marker in front of each slice.
    pub(super) found: Found,
    /// The sequence that each slice is randomized with.
    pub(super) randomizer: Randomizer,
    /// Octets of a slice.
    pub(super) len: usize,
    /// Slices in the sample.
    pub(super) count: usize,
}

/// The best reading of the blocks behind `found` as slices, if the frames in them confirm it.
pub(super) fn find(decoded: &Decoded, found: &Found) -> Option<Reading> {
    let runs = runs(decoded, found)?;
    let readings = RANDOMIZERS.into_iter().filter_map(|randomizer| read(&runs, found, randomizer));
    readings.max_by(|a, b| a.score().total_cmp(&b.score()))
}

fn read(runs: &[Vec<Vec<u8>>], found: &Found, randomizer: Randomizer) -> Option<Reading> {
    let len = runs.first()?.first()?.len();
    let joined = |run: &Vec<Vec<u8>>| {
        let slices = run.iter().flat_map(|slice| {
            let mut slice = slice.clone();
            randomizer.apply(&mut slice);
            slice
        });
        slices.collect::<Vec<u8>>()
    };
    let streams = Decoded { nrz_l: runs.iter().map(joined).collect(), nrz_m: Vec::new() };
    let frames = marker::find_known(&streams);
    let mut best: Option<Reading> = None;
    for inner in frames.iter().take(MAX_MARKERS) {
        let Some(reading) = Reading::new(&streams, inner, false) else { continue };
        // Frames in slices are neither coded nor randomized on their own, and their polarity is that of the slices.
        let plain = reading.coding.code.is_none()
            && reading.coding.randomizer == Randomizer::NONE
            && inner.cadu_bits.is_multiple_of(8)
            && inner.inverted == 0;
        if plain && reading.is_confirmed() && best.as_ref().is_none_or(|best| best.score() < reading.score())
        {
            best = Some(reading);
        }
    }
    let count = runs.iter().map(Vec::len).sum();
    let slices = Slices { found: found.clone(), randomizer, len, count };
    best.map(|reading| Reading { slices: Some(slices), ..reading })
}

/// The blocks behind the markers, those that follow one another without a break together.
fn runs(decoded: &Decoded, found: &Found) -> Option<Vec<Vec<Vec<u8>>>> {
    let config = sync_config(found)?;
    if !config.block_bits().is_multiple_of(8) {
        return None;
    }
    let mut runs: Vec<Vec<Vec<u8>>> = Vec::new();
    for piece in decoded.pieces(found.line_code) {
        let codec = Uncoded { frame_len: config.block_bits() / 8 };
        let mut pipeline = FramePipeline::new(config, Randomizer::NONE, codec);
        let mut slab = FrameSlab::new();
        pipeline.finish(piece, ReceiveTime(0), &mut slab).ok()?;
        let mut next = None;
        for frame in slab.frames() {
            let at = frame.meta.stream_bit;
            if next != Some(at) {
                runs.push(Vec::new());
            }
            next = Some(at + found.cadu_bits as u64);
            if let Some(run) = runs.last_mut() {
                run.push(frame.bytes.to_vec());
            }
        }
    }
    (!runs.is_empty()).then_some(runs)
}

/// Markers of frames that are followed up.
const MAX_MARKERS: usize = 2;
