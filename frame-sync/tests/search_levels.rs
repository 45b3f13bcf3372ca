//! The synchronizer makes the same decisions at every kernel level, however the stream is cut.
#![allow(clippy::indexing_slicing, reason = "a wrong index fails the test")]

use ccsds_core::arch::Level;
use frame_sync::asm::Asm;
use frame_sync::sync::{SyncConfig, SyncEvent, SyncParameters, SyncStats, Synchronizer};

const CADU_BITS: usize = 32 + 8 * 223 + 3;

/// Xorshift: the same octets in each run.
fn random(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

/// Noise with CADUs in it: in three runs, the second one inverted, and with errors in some markers.
fn stream() -> Vec<u8> {
    let mut octets = random(30_000);
    for (start, inverted) in [(4_001, false), (70_006, true), (150_003, false)] {
        for cadu in 0..20 {
            for i in 0..32 {
                let wrong = cadu % 5 == 4 && (i == 3 || i == 17);
                let value = 0x1ACF_FC1D_u32 >> (31 - i) & 1 == 1;
                let (at, mask) = (start + cadu * CADU_BITS + i, 0x80 >> ((start + cadu * CADU_BITS + i) % 8));
                octets[at / 8] =
                    if value ^ inverted ^ wrong { octets[at / 8] | mask } else { octets[at / 8] & !mask };
            }
        }
    }
    octets
}

fn run(mut sync: Synchronizer, octets: &[u8], step: usize) -> (Vec<SyncEvent>, SyncStats) {
    let (mut events, mut dropped, mut end) = (Vec::new(), 0, 0);
    loop {
        end = (end + step).min(octets.len());
        loop {
            let window = &octets[dropped..end];
            let found = if end == octets.len() { sync.finish(window) } else { sync.poll(window) };
            // Where a CADU lies in its window depends on how the stream was cut.
            events.extend(found.event.map(|event| match event {
                SyncEvent::Cadu(mut cadu) => {
                    (cadu.offset, cadu.bit) = (0, 0);
                    SyncEvent::Cadu(cadu)
                }
                other => other,
            }));
            dropped += found.advance;
            if found.event.is_none() {
                break;
            }
        }
        if end == octets.len() {
            return (events, sync.stats());
        }
    }
}

#[test]
fn levels_make_the_same_decisions_however_the_stream_is_cut() {
    let octets = stream();
    for search_errors in [0, 1, 3] {
        let parameters = SyncParameters { search_errors, ..SyncParameters::new(Asm::TM, CADU_BITS) };
        let config = SyncConfig::new(parameters).unwrap();
        let expected = run(Synchronizer::new(config), &octets, octets.len());
        assert!(expected.1.cadus >= 60, "{}", expected.1.cadus);
        for level in Level::ALL {
            for step in [61, 1000, 30_000] {
                let Some(sync) = Synchronizer::with_level(config, level) else { continue };
                assert_eq!(run(sync, &octets, step), expected, "{level:?}, {step} octets at a time");
            }
        }
    }
}
