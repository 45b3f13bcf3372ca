use std::vec;
use std::vec::Vec;

use super::*;
use crate::asm::Asm;
use crate::codec::Uncoded;
use crate::receiver::Receiver;
use crate::sync::{Polarity, SyncParameters};

const SLICE_LEN: usize = 32;
const FRAME_LEN: usize = 50;
const CSM: [u8; 8] = [0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0];
const ASM: [u8; 4] = [0x1A, 0xCF, 0xFC, 0x1D];

fn slices() -> SyncConfig {
    SyncConfig::new(SyncParameters::new(Asm::TURBO_1_2, 8 * (CSM.len() + SLICE_LEN))).unwrap()
}

fn frames() -> SyncConfig {
    let usual = SyncParameters::new(Asm::TM, 8 * (ASM.len() + FRAME_LEN));
    SyncConfig::new(SyncParameters { polarity: Polarity::Normal, ..usual }).unwrap()
}

/// No two octets of all frames together repeat a marker.
fn frame(number: usize) -> Vec<u8> {
    let mut word = 0x9E37_79B9u32.wrapping_mul(number as u32 + 1);
    (0..FRAME_LEN)
        .map(|_| {
            word = word.wrapping_mul(0x0019_660D).wrapping_add(0x3C6E_F35F);
            (word >> 24) as u8
        })
        .collect()
}

/// The slices of so many frames, the last one completed with zeros, each behind its marker and randomized.
fn sent(count: usize) -> Vec<Vec<u8>> {
    let stream: Vec<u8> = (0..count).flat_map(|number| [&ASM[..], &frame(number)].concat()).collect();
    stream
        .chunks(SLICE_LEN)
        .map(|piece| {
            let mut slice = piece.to_vec();
            slice.resize(SLICE_LEN, 0);
            Randomizer::CCSDS_131071.apply(&mut slice);
            [&CSM[..], &slice].concat()
        })
        .collect()
}

struct Received {
    frames: Vec<(Vec<u8>, FrameMeta)>,
    stats: SliceStats,
}

fn receive(stream: &[u8], cut: usize) -> Received {
    let mut receiver = Receiver::with_storage(
        slices(),
        Randomizer::CCSDS_131071,
        Uncoded { frame_len: SLICE_LEN },
        vec![0; 4000],
        [0; 64],
    )
    .unwrap();
    let window = vec![0; SliceJoiner::<(), ()>::window_len(&slices(), &frames())];
    let mut joiner = SliceJoiner::with_storage(&slices(), frames(), window, [0; FRAME_LEN]).unwrap();
    let mut out = Vec::new();
    let mut take = |joiner: &mut SliceJoiner<_, _>| {
        while let Some(frame) = joiner.pull() {
            out.push((frame.bytes.to_vec(), frame.meta));
        }
    };
    for piece in stream.chunks(cut).map(Some).chain([None]) {
        let mut piece = match piece {
            Some(piece) => piece,
            None => {
                receiver.finish();
                &[]
            }
        };
        loop {
            let taken = receiver.push(piece, ReceiveTime(7));
            piece = &piece[taken..];
            while let Some(slice) = receiver.pull().unwrap() {
                while !joiner.push(&slice) {
                    take(&mut joiner);
                }
                take(&mut joiner);
            }
            if piece.is_empty() {
                break;
            }
        }
    }
    joiner.finish();
    take(&mut joiner);
    let stats = joiner.stats();
    let bits = 8 * SLICE_LEN as u64 * stats.slices + stats.filled_bits;
    assert_eq!(stats.sync.bits.total(), bits, "the ledger closes: {stats:?}");
    assert_eq!(stats.sync.cadus, out.len() as u64 + stats.cut);
    assert_eq!(receiver.stats().cadus, stats.slices);
    Received { frames: out, stats }
}

#[track_caller]
fn assert_frames(received: &Received, numbers: &[usize]) {
    let expected: Vec<_> = numbers.iter().map(|&number| frame(number)).collect();
    let found: Vec<_> = received.frames.iter().map(|(octets, _)| octets.clone()).collect();
    let known = |octets: &Vec<u8>| (0..1000).find(|&number| frame(number) == *octets);
    assert!(found == expected, "{:?} and not {numbers:?}", found.iter().map(known).collect::<Vec<_>>());
    assert!(received.frames.iter().zip(0..).all(|((_, meta), n)| meta.ordinal == n));
}

#[test]
fn frames_in_slices_come_out_however_the_stream_is_cut() {
    let stream = [&[0x55; 13][..], &sent(60).concat()].concat();
    for cut in [1, 7, 40, 1000, stream.len()] {
        let received = receive(&stream, cut);
        assert_frames(&received, &(0..60).collect::<Vec<_>>());
        assert_eq!((received.stats.lost, received.stats.breaks, received.stats.cut), (0, 0, 0));
        for (number, (_, meta)) in received.frames.iter().enumerate() {
            let octet = number * (ASM.len() + FRAME_LEN);
            let slice = octet / SLICE_LEN;
            let at = 13 + slice * (CSM.len() + SLICE_LEN) + CSM.len() + octet % SLICE_LEN;
            assert_eq!(meta.stream_bit, 8 * at as u64, "frame {number}");
            let quality = FrameQuality { fecf: Default::default(), ..FrameQuality::EXTERNAL };
            assert_eq!(meta.quality, quality);
        }
    }
}

/// Slices of which so many are noise, from the `first` on.
fn with_noise(slices: &[Vec<u8>], first: usize, many: usize) -> Vec<u8> {
    let mut stream = slices.to_vec();
    for (number, slice) in stream[first..first + many].iter_mut().enumerate() {
        *slice = (0..slice.len() / FRAME_LEN + 1)
            .flat_map(|n| frame(700 + 7 * number + n))
            .take(slice.len())
            .collect();
    }
    stream.concat()
}

/// Wherever slices are lost, and however many: exactly the frames that lost no bit come out as good.
#[test]
fn lost_slices_cost_the_frames_they_touch_and_no_other() {
    let slices = sent(60);
    for many in [1, 2, 4, 5, 6, 9, 20] {
        for first in 3..slices.len() - many - 4 {
            let received = receive(&with_noise(&slices, first, many), 997);
            let lost = |slice: usize| (first..first + many).contains(&slice);
            let at = |number: usize| number * (ASM.len() + FRAME_LEN);
            let whole = |from: usize, to: usize| !(from..to).any(|octet| lost(octet / SLICE_LEN));
            let must: Vec<usize> = (0..60).filter(|&n| whole(at(n), at(n + 1))).collect();
            let may: Vec<usize> = (0..60).filter(|&n| whole(at(n) + ASM.len(), at(n + 1))).collect();
            let (good, others): (Vec<_>, Vec<_>) =
                received.frames.iter().partition(|(_, meta)| meta.quality.is_trusted());
            let numbers = |frames: &[&(Vec<u8>, FrameMeta)]| -> Vec<Option<usize>> {
                frames.iter().map(|(octets, _)| (0..60).find(|&n| frame(n) == *octets)).collect()
            };
            let expected: Vec<_> = must.iter().map(|&n| Some(n)).collect();
            assert_eq!(numbers(&good), expected, "{many} slices from {first}, {:?}", received.stats);
            // Beside them there is at most one that lost nothing but its marker, and what came of noise that was taken for a slice.
            let right = numbers(&others).into_iter().flatten();
            assert!(right.clone().all(|n| may.contains(&n)), "{many} slices from {first}");
            // The flywheel takes two of them for slices.
            assert_eq!(received.stats.lost, many.saturating_sub(2) as u64);
        }
    }
}

/// Bits that turn up between slices, no whole number of slices: nothing is joined across them.
#[test]
fn nothing_is_joined_over_a_break_of_unknown_length() {
    let slices = sent(60);
    for first in [5, 30, 31, 32, 33] {
        for octets in [1, 11, 100, 1000] {
            let noise: Vec<u8> = (0..20).flat_map(|n| frame(500 + n)).cycle().take(octets).collect();
            let stream = [slices[..first].concat(), noise, slices[first..].concat()].concat();
            let received = receive(&stream, 997);
            let at = |number: usize| number * (ASM.len() + FRAME_LEN);
            let split = first * SLICE_LEN;
            let good: Vec<_> = received.frames.iter().filter(|(_, meta)| meta.quality.is_trusted()).collect();
            let expected: Vec<_> =
                (0..60).filter(|&n| at(n + 1) <= split || at(n) >= split).map(frame).collect();
            let found: Vec<_> = good.iter().map(|(octets, _)| octets.clone()).collect();
            assert!(found == expected, "{octets} octets at slice {first}: {:?}", received.stats);
            assert_eq!(received.stats.breaks, 1);
        }
    }
}

/// Slices as another decoder hands them on.
fn push_all(slices: &[Vec<u8>], quality: impl Fn(usize) -> FrameQuality) -> Vec<(Vec<u8>, FrameQuality)> {
    let mut joiner = SliceJoiner::<[u8; 400], [u8; FRAME_LEN]>::new(&self::slices(), frames()).unwrap();
    let mut out = Vec::new();
    for (number, slice) in slices.iter().enumerate() {
        let mut octets = slice[CSM.len()..].to_vec();
        Randomizer::CCSDS_131071.apply(&mut octets);
        let stream_bit = 8 * (number * (CSM.len() + SLICE_LEN)) as u64;
        let meta = FrameMeta { stream_bit, quality: quality(number), ..FrameMeta::default() };
        let slice = ReceivedFrame { bytes: &octets, report: BlockReport::UNCHECKED, meta };
        while !joiner.push(&slice) {
            while joiner.pull().is_some() {}
        }
        while let Some(frame) = joiner.pull() {
            out.push((frame.bytes.to_vec(), frame.meta.quality));
        }
    }
    joiner.finish();
    while let Some(frame) = joiner.pull() {
        out.push((frame.bytes.to_vec(), frame.meta.quality));
    }
    assert!(joiner.push(&ReceivedFrame {
        bytes: &[],
        report: BlockReport::UNCHECKED,
        meta: FrameMeta::default()
    }));
    out
}

#[test]
fn what_the_code_says_of_slices_is_said_of_their_frames() {
    let slices = sent(30);
    let locked = |coding| FrameQuality { coding, ..FrameQuality::EXTERNAL };
    // Slice 10 holds octets 320 to 351: the end of frame 5, the marker of frame 6 and its beginning.
    let out = push_all(&slices, |number| match number {
        10 => locked(CodingQuality::Corrected { symbols: 3 }),
        _ => locked(CodingQuality::Clean),
    });
    assert_eq!(out.len(), 30);
    for (number, (octets, quality)) in out.iter().enumerate() {
        assert!(*octets == frame(number));
        let touched = number == 5 || number == 6;
        let expected = if touched { CodingQuality::Corrected { symbols: 3 } } else { CodingQuality::Clean };
        assert_eq!(quality.coding, expected, "frame {number}");
    }
    let out = push_all(&slices, |number| match number {
        10 => locked(CodingQuality::Uncorrectable { codewords: 1 }),
        _ => locked(CodingQuality::Clean),
    });
    let expected: Vec<_> = (0..30).filter(|n| *n != 5 && *n != 6).map(frame).collect();
    assert!(out.into_iter().map(|(octets, _)| octets).collect::<Vec<_>>() == expected);
}

/// Slice 10 holds octets 320 to 351 of what was cut, slice 11 the next 32: frame 5 ends in the one, frame 7 begins in the other, and
/// frame 6 lies in both.
#[test]
fn a_frame_counts_the_corrections_of_its_own_slices() {
    let out = push_all(&sent(30), |number| match number {
        10 | 11 => FrameQuality { coding: CodingQuality::Corrected { symbols: 3 }, ..FrameQuality::EXTERNAL },
        _ => FrameQuality { coding: CodingQuality::Clean, ..FrameQuality::EXTERNAL },
    });
    let corrected: Vec<_> = out.iter().map(|(_, quality)| quality.coding).collect();
    let of = |symbols| CodingQuality::Corrected { symbols };
    assert_eq!(corrected[4..9], [CodingQuality::Clean, of(3), of(6), of(3), CodingQuality::Clean]);
}

#[test]
fn a_frame_tells_the_errors_of_its_marker_and_the_polarity_of_its_slices() {
    let mut slices = sent(30);
    // The marker of frame 6 begins with octet 324.
    slices[10][CSM.len() + 4] ^= 0b0010_0100;
    let stream: Vec<u8> = slices.concat().iter().map(|octet| !octet).collect();
    let received = receive(&stream, 100);
    assert_frames(&received, &(0..30).collect::<Vec<_>>());
    for (number, (_, meta)) in received.frames.iter().enumerate() {
        assert_eq!(meta.quality.asm_errors, if number == 6 { 2 } else { 0 }, "frame {number}");
        assert!(meta.quality.inverted);
    }
}

/// The synchronizer of the slices bridges slips of up to two bits, and delivers the slice behind.
#[test]
fn a_slip_between_slices_breaks_nothing_and_more_does() {
    let slices = sent(30);
    for (slip, breaks) in [(0, 0), (1, 0), (2, 0), (-1, 0), (-2, 0), (3, 1), (-3, 1)] {
        let mut joiner =
            SliceJoiner::with_storage(&self::slices(), frames(), vec![0; 4000], [0; FRAME_LEN]).unwrap();
        for (number, slice) in slices.iter().enumerate() {
            let mut octets = slice[CSM.len()..].to_vec();
            Randomizer::CCSDS_131071.apply(&mut octets);
            let at = 8 * (number * (CSM.len() + SLICE_LEN)) as u64;
            let stream_bit = if number < 10 { at } else { at.wrapping_add_signed(slip) };
            let meta = FrameMeta { stream_bit, quality: FrameQuality::EXTERNAL, ..FrameMeta::default() };
            let slice = ReceivedFrame { bytes: &octets, report: BlockReport::UNCHECKED, meta };
            while !joiner.push(&slice) {
                while joiner.pull().is_some() {}
            }
        }
        joiner.finish();
        while joiner.pull().is_some() {}
        let stats = joiner.stats();
        assert_eq!((stats.breaks, stats.lost), (breaks, 0), "{slip} bits");
        // Only the frame that a break lies in is lost.
        assert_eq!(stats.sync.cadus, 30 - breaks, "{slip} bits: {:?}", stats.sync);
    }
}

#[test]
fn what_cannot_be_joined_is_refused() {
    let odd = SyncConfig::new(SyncParameters::new(Asm::TM, 32 + 1001)).unwrap();
    let error = SliceJoiner::with_storage(&odd, frames(), [0; 4000], [0; 64]).unwrap_err();
    assert_eq!(error, SliceError::SliceBits { bits: 1001 });
    let needed = SliceJoiner::<(), ()>::window_len(&slices(), &frames());
    let error = SliceJoiner::with_storage(&slices(), frames(), vec![0; needed - 1], [0; 64]).unwrap_err();
    assert_eq!(error, SliceError::Storage(StorageTooSmall::Window { needed, actual: needed - 1 }));
    let error = SliceJoiner::with_storage(&slices(), frames(), vec![0; needed], [0; 49]).unwrap_err();
    assert_eq!(error, SliceError::Storage(StorageTooSmall::Block { needed: 50, actual: 49 }));
}
