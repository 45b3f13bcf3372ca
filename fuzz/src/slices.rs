//! Frames in slices: what is joined, what is left out, and that it does not matter when frames are taken.

use ccsds_core::quality::{CodingQuality, FrameMeta, FrameQuality, SyncQuality};
use frame_sync::align;
use frame_sync::codec::BlockReport;
use frame_sync::randomizer::Randomizer;
use frame_sync::receiver::ReceivedFrame;
use frame_sync::slices::{SliceJoiner, SliceStats};
use frame_sync::sync::{SyncEvent, Synchronizer};

use crate::choices::Choices;
use crate::stream::stream;
use crate::sync::{SyncLink, follow_from};

/// Slices that come and slices that do not: frames are those that a synchronizer finds in what the slices make, without those that lost a
/// part; the ledgers close; and neither a longer window nor the time at which frames are taken changes anything.
///
/// The first octets choose the managed parameters of slices and frames, the next [`PLAN`] what befalls each slice; then comes the stream
/// of frames, or operations that make it.
pub fn slices(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let Some(outer) = SyncLink::choose(&mut choices) else { return };
    let Some(inner) = SyncLink::choose(&mut choices) else { return };
    let longer = choices.below(256);
    let plan = choices.take(PLAN);
    let frames = stream(choices, inner.marker, inner.block_len, inner.config.parameters().fill_bits);
    let sent = Sent::new(&outer, &frames, plan);

    let eager = join(&outer, &inner, &sent.slices, 0, true);
    check(&outer, &sent, &eager);
    let ways = [(0, false), (longer, true), (longer, false)];
    for (longer, at_once) in ways {
        let other = join(&outer, &inner, &sent.slices, longer, at_once);
        check(&outer, &sent, &other);
        // Of more stretches than are told apart some are taken together.
        if sent.marked <= MARKS {
            let told = |joined: &Joined| -> Vec<_> {
                let frames = joined.frames.iter();
                frames
                    .map(|(octets, meta)| {
                        // Where a frame came from is told by the slice that came last: slips in between are not seen.
                        let at = if sent.slipped { 0 } else { meta.stream_bit };
                        (octets.clone(), meta.ordinal, at, meta.quality)
                    })
                    .collect()
            };
            assert!(told(&other) == told(&eager) && other.stats == eager.stats, "{longer} {at_once}");
        }
    }
    if eager.stats.breaks == 0 && sent.marked <= MARKS {
        let expected = expected(&inner, &sent);
        let frames: Vec<Vec<u8>> = eager.frames.into_iter().map(|(octets, _)| octets).collect();
        assert!(frames == expected, "{} frames of {}", frames.len(), expected.len());
    }
}

/// Slices as a receiver hands them on.
struct Sent {
    slices: Vec<(Vec<u8>, FrameMeta)>,
    /// What they make, with zeros where one is missing, and those places in bits.
    joined: Vec<u8>,
    lost: Vec<(u64, u64)>,
    /// Slices that something befell.
    marked: usize,
    slipped: bool,
}

impl Sent {
    fn new(outer: &SyncLink, frames: &[u8], plan: &[u8]) -> Self {
        let parameters = outer.config.parameters();
        let len = outer.config.block_bits() / 8;
        let mut sent =
            Self { slices: Vec::new(), joined: Vec::new(), lost: Vec::new(), marked: 0, slipped: false };
        // Slices are coded, or they are not.
        let coded = plan.iter().any(|fate| matches!(fate % 16, 3 | 4));
        let coding = if coded { CodingQuality::Clean } else { CodingQuality::Unchecked };
        // What is missing counts when something follows.
        let (mut at, mut missing) = (1000u64, 0);
        for (n, piece) in frames.chunks(len).enumerate() {
            let fate = plan.get(n % plan.len().max(1)).copied().unwrap_or(0);
            if fate % 16 == 1 && fate > 16 {
                let bits = u64::from(fate / 16);
                at += bits;
                sent.slipped = true;
            }
            let quality = FrameQuality { sync: SyncQuality::Locked, coding, ..FrameQuality::default() };
            let quality = match fate % 16 {
                2 => FrameQuality { sync: SyncQuality::Flywheel, ..quality },
                3 => FrameQuality { coding: CodingQuality::Corrected { symbols: fate.into() }, ..quality },
                4 => FrameQuality { coding: CodingQuality::Uncorrectable { codewords: 1 }, ..quality },
                5 | 6 => {
                    at += parameters.cadu_bits as u64;
                    missing += 1;
                    continue;
                }
                _ => quality,
            };
            if !sent.slices.is_empty() && missing > 0 {
                sent.lose(missing * len);
            }
            missing = 0;
            let mut slice = piece.to_vec();
            slice.resize(len, 0);
            let from = 8 * sent.joined.len() as u64;
            sent.joined.extend_from_slice(&slice);
            if fate % 16 == 4 {
                sent.lost.push((from, from + 8 * len as u64));
            }
            sent.marked += usize::from(matches!(fate % 16, 2..=4));
            let meta = FrameMeta { ordinal: n as u64, stream_bit: at, quality, ..FrameMeta::default() };
            sent.slices.push((slice, meta));
            at += parameters.cadu_bits as u64;
        }
        sent
    }

    fn lose(&mut self, octets: usize) {
        let from = 8 * self.joined.len() as u64;
        self.joined.resize(self.joined.len() + octets, 0);
        self.lost.push((from, 8 * self.joined.len() as u64));
        self.marked += 1;
    }
}

struct Joined {
    frames: Vec<(Vec<u8>, FrameMeta)>,
    stats: SliceStats,
}

/// Join the slices in a window that is so much longer than it must be, and take frames at once or only when there is no room.
fn join(
    outer: &SyncLink,
    inner: &SyncLink,
    slices: &[(Vec<u8>, FrameMeta)],
    longer: usize,
    at_once: bool,
) -> Joined {
    type Joiner = SliceJoiner<Vec<u8>, Vec<u8>>;
    let window = vec![0; Joiner::window_len(&outer.config, &inner.config) + longer];
    let block = vec![0; inner.config.block_bits().div_ceil(8)];
    let mut joiner = Joiner::with_storage(&outer.config, inner.config, window, block).unwrap();
    let mut frames = Vec::new();
    let mut pull = |joiner: &mut Joiner| {
        while let Some(frame) = joiner.pull() {
            frames.push((frame.bytes.to_vec(), frame.meta));
        }
    };
    for (bytes, meta) in slices {
        let slice = ReceivedFrame { bytes, report: BlockReport::UNCHECKED, meta: *meta };
        let mut tries = 0;
        while !joiner.push(&slice) {
            pull(&mut joiner);
            tries += 1;
            assert!(tries <= 2, "a slice is taken when there is room");
        }
        if at_once {
            pull(&mut joiner);
        }
    }
    joiner.finish();
    pull(&mut joiner);
    Joined { frames, stats: joiner.stats() }
}

fn check(outer: &SyncLink, sent: &Sent, Joined { frames, stats }: &Joined) {
    assert_eq!(stats.slices, sent.slices.len() as u64, "every slice is joined");
    let bits = stats.slices * outer.config.block_bits() as u64 + stats.filled_bits;
    assert_eq!(stats.sync.bits.total(), bits, "the ledger of bits closes");
    assert_eq!(stats.sync.cadus, frames.len() as u64 + stats.cut, "the ledger of frames closes");
    for (n, (_, meta)) in (0..).zip(frames) {
        assert_eq!(meta.ordinal, n);
    }
}

/// The frames that a synchronizer finds in what the slices make, without those that lost a part.
fn expected(inner: &SyncLink, sent: &Sent) -> Vec<Vec<u8>> {
    let (events, _) = follow_from(Synchronizer::new(inner.config), &sent.joined, sent.joined.len().max(1));
    let mut frames = Vec::new();
    for event in events {
        let SyncEvent::Cadu(cadu) = event else { continue };
        let from = cadu.stream_bit + inner.config.asm().len_bits() as u64;
        let to = from + inner.config.block_bits() as u64;
        if sent.lost.iter().all(|&(start, end)| end <= from || to <= start) {
            let mut block = vec![0; inner.config.block_bits().div_ceil(8)];
            align::extract(&sent.joined, &cadu, &inner.config, Randomizer::NONE, &mut block);
            frames.push(block);
        }
    }
    frames
}

/// Octets that say what befalls slices.
const PLAN: usize = 40;
/// Stretches that a joiner tells apart.
const MARKS: usize = 32;
