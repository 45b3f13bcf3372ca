//! Threads that take pieces of a window through all stages hand on slabs in stream order, and stop in order when something fails.
#![cfg(feature = "rayon")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, where a panic is the failure"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use ccsds_core::quality::ReceiveTime;
use frame_sync::asm::Asm;
use frame_sync::codec::{BlockLength, BlockReport, FrameCodec, Uncoded};
use frame_sync::pipeline::FramePipeline;
use frame_sync::randomizer::Randomizer;
use frame_sync::slab::FrameSlab;
use frame_sync::sync::{SyncConfig, SyncEvent, SyncParameters};
use rayon::{ThreadPool, ThreadPoolBuilder};

const FRAME_LEN: usize = 1024;
const CADUS: u32 = 3000;

/// Refuses the frame that begins with this number, as no codec should.
#[derive(Clone, Copy, Debug)]
struct Refusing(u32);

impl FrameCodec for Refusing {
    fn block_len(&self) -> usize {
        FRAME_LEN
    }

    fn frame_len(&self) -> usize {
        FRAME_LEN
    }

    fn blocks_at_once(&self) -> usize {
        3
    }

    fn decode(&self, block: &mut [u8]) -> Result<BlockReport, BlockLength> {
        match number(block) {
            n if n == self.0 => Err(BlockLength { expected: n as usize, actual: block.len() }),
            _ => Ok(BlockReport::UNCHECKED),
        }
    }
}

/// CADUs whose frames begin with their numbers.
fn stream() -> Vec<u8> {
    (0..CADUS)
        .flat_map(|n| {
            let mut cadu = vec![0x55; 4 + FRAME_LEN];
            cadu[..4].copy_from_slice(&[0x1A, 0xCF, 0xFC, 0x1D]);
            cadu[4..8].copy_from_slice(&n.to_be_bytes());
            cadu
        })
        .collect()
}

fn number(frame: &[u8]) -> u32 {
    u32::from_be_bytes(*frame.first_chunk().unwrap())
}

fn pipeline(refused: u32) -> FramePipeline<Refusing> {
    let sync = SyncConfig::new(SyncParameters::new(Asm::TM, 8 * (4 + FRAME_LEN))).unwrap();
    FramePipeline::new(sync, Randomizer::NONE, Refusing(refused))
}

fn pools() -> impl Iterator<Item = ThreadPool> {
    [1, 2, 3, 8].into_iter().map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
}

/// One whole slab after the other.
fn numbers(slab: &FrameSlab) -> Vec<u32> {
    let cadus = slab.events().iter().filter(|event| matches!(event, SyncEvent::Cadu(_)));
    assert_eq!(cadus.count(), slab.frames().len());
    slab.frames()
        .map(|frame| {
            assert_eq!(frame.meta.ordinal, u64::from(number(frame.bytes)));
            number(frame.bytes)
        })
        .collect()
}

#[test]
fn slabs_come_in_stream_order() {
    let octets = stream();
    for pool in pools() {
        let (mut taken, mut slabs) = (Vec::new(), 0);
        let mut pipeline = pipeline(CADUS);
        let mut take = |slab: &FrameSlab| {
            slabs += 1;
            taken.extend(numbers(slab));
        };
        let spent = pool.install(|| pipeline.run_each(&octets, ReceiveTime(0), &mut take)).unwrap();
        pool.install(|| pipeline.finish_each(&octets[spent..], ReceiveTime(0), &mut take)).unwrap();
        assert!(taken.into_iter().eq(0..CADUS), "{} threads", pool.current_num_threads());
        assert!(slabs > 10, "{slabs}");
        assert_eq!(pipeline.stats().bits.total(), octets.len() as u64 * 8);
    }
}

/// Window after window, as octets arrive from a socket.
#[test]
fn windows_of_any_length_give_the_same_frames() {
    let octets = stream();
    for pool in pools() {
        for window_len in [5000, 30_000, octets.len()] {
            let (mut pipeline, mut slab, mut taken) = (pipeline(CADUS), FrameSlab::default(), Vec::new());
            let (mut first, mut end) = (0, 0);
            while end < octets.len() {
                end = (end + window_len).min(octets.len());
                let spent =
                    pool.install(|| pipeline.run(&octets[first..end], ReceiveTime(3), &mut slab)).unwrap();
                first += spent;
                taken.extend(numbers(&slab));
                assert!(slab.frames().all(|frame| frame.meta.received == ReceiveTime(3)));
                assert!(end - first <= 3 * 1028, "{} octets are kept", end - first);
            }
            pool.install(|| pipeline.finish(&octets[first..], ReceiveTime(4), &mut slab)).unwrap();
            taken.extend(numbers(&slab));
            assert!(taken.into_iter().eq(0..CADUS), "{} threads", pool.current_num_threads());
        }
    }
}

#[test]
fn a_frame_may_be_one_octet() {
    let octets: Vec<u8> = (0..200).flat_map(|n| [0x1A, 0xCF, 0xFC, 0x1D, n]).collect();
    let sync = SyncConfig::new(SyncParameters { slip: 0, ..SyncParameters::new(Asm::TM, 40) }).unwrap();
    for pool in pools() {
        let mut pipeline = FramePipeline::new(sync, Randomizer::NONE, Uncoded { frame_len: 1 });
        let (mut slab, mut each) = (FrameSlab::default(), Vec::new());
        pool.install(|| pipeline.finish(&octets, ReceiveTime(0), &mut slab)).unwrap();
        assert!(slab.frames().map(|frame| frame.bytes).eq((0..200).map(|n| [n])));
        let mut pipeline = FramePipeline::new(sync, Randomizer::NONE, Uncoded { frame_len: 1 });
        let take = |slab: &FrameSlab| each.extend(slab.frames().flat_map(|frame| frame.bytes.to_vec()));
        pool.install(|| pipeline.finish_each(&octets, ReceiveTime(0), take)).unwrap();
        assert!(each.into_iter().eq(0..200));
    }
}

#[test]
fn a_slow_consumer_sees_the_same() {
    let octets = stream();
    for pool in pools() {
        let mut taken = Vec::new();
        let take = |slab: &FrameSlab| {
            // Long enough for the other threads to fall asleep.
            for _ in 0..2000 {
                std::thread::yield_now();
            }
            taken.extend(numbers(slab));
        };
        pool.install(|| pipeline(CADUS).finish_each(&octets, ReceiveTime(0), take)).unwrap();
        assert!(taken.into_iter().eq(0..CADUS));
    }
}

#[test]
fn a_block_that_the_codec_refuses_ends_the_run_after_the_slabs_before_it() {
    let octets = stream();
    for pool in pools() {
        for refused in [0, 1, 1000, CADUS - 1] {
            let mut taken = Vec::new();
            let take = |slab: &FrameSlab| taken.extend(numbers(slab));
            let outcome = pool.install(|| pipeline(refused).finish_each(&octets, ReceiveTime(0), take));
            assert_eq!(outcome, Err(BlockLength { expected: refused as usize, actual: FRAME_LEN }));
            let len = taken.len() as u32;
            assert!(len <= refused && taken.into_iter().eq(0..len), "{len} of {refused}");
        }
    }
}

#[test]
fn a_consumer_that_panics_ends_the_run_and_no_thread_waits() {
    let octets = stream();
    for pool in pools() {
        let mut taken = 0;
        let take = |slab: &FrameSlab| {
            taken += slab.frames().len();
            assert!(taken < 1000, "enough");
        };
        let run = || pool.install(|| pipeline(CADUS).finish_each(&octets, ReceiveTime(0), take));
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
        assert!((1000..2000).contains(&taken), "{taken}");
    }
}
