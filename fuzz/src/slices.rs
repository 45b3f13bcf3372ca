//! Frames behind markers of their own, in slices behind others: what lost no bit comes out, and nothing else is called good.

use arbitrary::Arbitrary;
use ccsds_core::quality::{CodingQuality, FrameMeta, FrameQuality, ReceiveTime, SyncQuality};
use frame_sync::asm::Asm;
use frame_sync::codec::BlockReport;
use frame_sync::receiver::ReceivedFrame;
use frame_sync::slices::{SliceJoiner, SliceStats};
use frame_sync::sync::{Polarity, SyncConfig, SyncParameters};

use crate::choices::{Choices, is_one_line};
use crate::stream;

/// Frames cut into slices, some of which are lost, damaged or somewhere else: a frame that is in lock was sent and lost no bit; frames
/// of which no slice was lost come out, once, where they are in the stream; and every bit is in the account.
///
/// The first octets choose the lengths and the tolerance; then comes what befalls the slices, one after the other.
pub fn slices(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let (slice_len, frame_len) = (4 + choices.below(70), 4 + choices.below(100));
    let (verify, flywheel) = (1 + choices.below(2) as u8, choices.below(3) as u8);
    let link = Link::new(slice_len, frame_len, verify, flywheel);
    let mut befallen = Vec::new();
    while befallen.len() < 200
        && let Some(what) = choices.any::<Befallen>()
    {
        befallen.push(what);
    }
    let sent = link.sent(befallen.len());
    let (delivered, stats, touched) = link.receive(&sent, &befallen);

    assert_eq!(
        stats.sync.bits.total(),
        8 * slice_len as u64 * stats.slices + stats.filled_bits,
        "the bit ledger closes"
    );
    assert_eq!(stats.sync.cadus, delivered.len() as u64 + stats.cut);
    assert!(stats.uncorrectable <= stats.slices);

    let cadu_len = MARKER.len() + frame_len;
    let frames = sent.len() / cadu_len;
    // Slices that hold octets of a frame, with its marker or without.
    let slices_of = |number: usize, marker: usize| {
        let (from, to) = (number * cadu_len + marker, (number + 1) * cadu_len);
        from / slice_len..=(to - 1) / slice_len
    };
    let whole = |number: usize, marker: usize| slices_of(number, marker).all(|slice| !touched[slice].0);
    // Slices behind the first one of a frame were put to it.
    let joined =
        |number: usize, marker: usize| slices_of(number, marker).skip(1).all(|slice| !touched[slice].1);
    let mut found = vec![false; frames];
    let mut latest = None;
    for (number, (octets, meta)) in delivered.iter().enumerate() {
        assert_eq!(meta.ordinal, number as u64);
        if !matches!(meta.quality.sync, SyncQuality::Locked) {
            continue;
        }
        let at = (latest.map_or(0, |latest| latest + 1)..frames).find(|&frame| link.frame(frame) == *octets);
        let Some(at) = at else { panic!("a frame was made up, or came twice") };
        assert!(whole(at, 8) && joined(at, 8), "a frame that lost bits is called good");
        (latest, found[at]) = (Some(at), true);
    }
    for (number, (octets, _)) in delivered.iter().enumerate() {
        if let Some(at) = (0..frames).find(|&frame| link.frame(frame) == *octets) {
            assert!(whole(at, 8), "frame {number} lost bits");
            found[at] = true;
        }
    }
    // The markers that verify a frame are those of the frames behind it, which must be there too.
    let stretch = usize::from(verify);
    for (number, &found) in found.iter().enumerate().take(frames.saturating_sub(stretch)) {
        let mut stretch = number..=number + stretch;
        let there = stretch.clone().all(|frame| whole(frame, 0) && joined(frame, 0))
            // Between the frames as well as within them.
            && stretch.all(|frame| frame == number
                || !(frame * cadu_len).is_multiple_of(slice_len)
                || !touched[frame * cadu_len / slice_len].1);
        assert!(!there || found, "frame {number} lost no bit, and did not come out");
    }
}

/// What happens to a slice on its way.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Befallen {
    Nothing,
    /// Some symbols were corrected.
    Corrected,
    /// Nobody saw its marker.
    Doubtful,
    /// It comes later than it should, by this many octets and a bit: before it there was something else.
    Late {
        octets: u8,
    },
    Lost,
    /// It comes a bit early or late.
    Slip {
        early: bool,
    },
    /// It is beyond correction.
    Uncorrectable {
        seed: u8,
    },
}

struct Link {
    slices: SyncConfig,
    frames: SyncConfig,
    slice_len: usize,
    frame_len: usize,
}

type Delivered = Vec<(Vec<u8>, FrameMeta)>;

impl Link {
    fn new(slice_len: usize, frame_len: usize, verify: u8, flywheel: u8) -> Self {
        let slices = SyncParameters { slip: 1, ..SyncParameters::new(Asm::TM, 8 * (4 + slice_len)) };
        let frames = SyncParameters {
            verify,
            flywheel,
            polarity: Polarity::Normal,
            ..SyncParameters::new(Asm::TURBO_1_2, 8 * (MARKER.len() + frame_len))
        };
        let [slices, frames] = [slices, frames].map(|parameters| SyncConfig::new(parameters).unwrap());
        Self { slices, frames, slice_len, frame_len }
    }

    /// The number of a frame is in it, so that no two are the same.
    fn frame(&self, number: usize) -> Vec<u8> {
        let mut octets = stream::octets(number as u8, self.frame_len);
        octets[..2].copy_from_slice(&(number as u16).to_be_bytes());
        octets
    }

    /// What the slices hold.
    fn sent(&self, slices: usize) -> Vec<u8> {
        let len = slices * self.slice_len;
        let frames = (0..).flat_map(|number| [&MARKER[..], &self.frame(number)].concat());
        frames.take(len).collect()
    }

    /// What comes out; and which slices lost their octets, and which were not joined to those before.
    fn receive(&self, sent: &[u8], befallen: &[Befallen]) -> (Delivered, SliceStats, Vec<(bool, bool)>) {
        let window = vec![0; SliceJoiner::<(), ()>::window_len(&self.slices, &self.frames)];
        let block = vec![0; self.frame_len];
        for (window_len, block_len) in [(window.len() - 1, block.len()), (window.len(), block.len() - 1)] {
            let (window, block) = (vec![0; window_len], vec![0; block_len]);
            let refused = SliceJoiner::with_storage(&self.slices, self.frames, window, block).err();
            assert!(is_one_line(&refused.unwrap()));
        }
        let mut joiner = SliceJoiner::with_storage(&self.slices, self.frames, window, block).unwrap();
        let (mut out, mut touched) = (Vec::new(), Vec::new());
        let mut stream_bit = 0;
        for (ordinal, (slice, what)) in sent.chunks(self.slice_len).zip(befallen).enumerate() {
            let mut octets = slice.to_vec();
            let mut quality = FrameQuality {
                sync: SyncQuality::Locked,
                coding: CodingQuality::Clean,
                ..FrameQuality::default()
            };
            let (mut lost, mut apart) = (false, false);
            match *what {
                Befallen::Nothing => {}
                Befallen::Corrected => quality.coding = CodingQuality::Corrected { symbols: 3 },
                Befallen::Doubtful => quality.sync = SyncQuality::Flywheel,
                Befallen::Late { octets } => {
                    stream_bit += 8 * u64::from(octets) + 2;
                    apart = ordinal > 0;
                }
                Befallen::Lost => lost = true,
                Befallen::Slip { early } => {
                    stream_bit = if early { u64::saturating_sub(stream_bit, 1) } else { stream_bit + 1 };
                }
                Befallen::Uncorrectable { seed } => {
                    octets = stream::octets(seed, self.slice_len);
                    quality.coding = CodingQuality::Uncorrectable { codewords: 1 };
                    lost = true;
                }
            }
            touched.push((lost, apart));
            if !matches!(what, Befallen::Lost) {
                let meta =
                    FrameMeta { ordinal: ordinal as u64, stream_bit, received: ReceiveTime(0), quality };
                let received = ReceivedFrame { bytes: &octets, report: BlockReport::UNCHECKED, meta };
                let mut tries = 0;
                while !joiner.push(&received) {
                    while let Some(frame) = joiner.pull() {
                        out.push((frame.bytes.to_vec(), frame.meta));
                    }
                    tries += 1;
                    assert!(tries < 20, "the joiner is stuck");
                }
            }
            stream_bit += self.slices.parameters().cadu_bits as u64;
        }
        joiner.finish();
        while let Some(frame) = joiner.pull() {
            out.push((frame.bytes.to_vec(), frame.meta));
        }
        (out, joiner.stats(), touched)
    }
}

/// Markers of frames, which noise does not hold.
const MARKER: [u8; 8] = [0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0];
