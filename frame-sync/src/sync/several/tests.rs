use std::vec;
use std::vec::Vec;

use super::*;
use crate::asm::Asm;
use crate::sync::{SyncParameters, Synchronizer};

const LENS: [usize; 3] = [40, 25, 61];

fn codings() -> [SyncConfig; 3] {
    let [a, b, c] = LENS;
    [(Asm::TM, a), (Asm::TURBO_1_2, b), (Asm::TURBO_1_4, c)]
        .map(|(asm, len)| SyncConfig::new(SyncParameters::new(asm, asm.len_bits() + 8 * len)).unwrap())
}

/// Octets in which no marker stands.
fn octets(seed: usize, len: usize) -> Vec<u8> {
    let mut word = 0x9E37_79B9u32.wrapping_mul(seed as u32 + 1);
    (0..len)
        .map(|_| {
            word = word.wrapping_mul(0x0019_660D).wrapping_add(0x3C6E_F35F);
            (word >> 24) as u8
        })
        .collect()
}

/// A CADU of one of the codings.
fn cadu(coding: usize, seed: usize) -> Vec<u8> {
    let marker: &[u8] = match coding {
        0 => &[0x1A, 0xCF, 0xFC, 0x1D],
        1 => &[0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0],
        _ => {
            &[0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0, 0xFC, 0xB8, 0x89, 0x38, 0xD8, 0xD7, 0x6A, 0x4F]
        }
    };
    [marker, &octets(seed, LENS[coding])].concat()
}

/// Every event with its coding; places in the window are left out, for they depend on the cut.
fn follow<C: AsRef<[SyncConfig]>>(
    mut synchronizer: SeveralSynchronizer<C>,
    stream: &[u8],
    cut: usize,
) -> (Vec<(usize, SyncEvent)>, SyncStats) {
    let (mut start, mut end, mut events) = (0, 0, Vec::new());
    let needed = synchronizer.window_len();
    loop {
        let ended = end == stream.len();
        loop {
            let window = &stream[start..end];
            let CodedStep { coding, step: Step { advance, event } } =
                if ended { synchronizer.finish(window) } else { synchronizer.poll(window) };
            assert!(event.is_some() || advance > 0 || window.len() < needed || ended, "stuck");
            if let Some(SyncEvent::Cadu(cadu)) = event {
                assert_eq!(cadu.stream_bit, 8 * (start + cadu.offset) as u64 + u64::from(cadu.bit));
                events.push((coding, SyncEvent::Cadu(CaduLoc { offset: 0, bit: 0, ..cadu })));
            } else if let Some(event) = event {
                events.push((coding, event));
            }
            start += advance;
            if event.is_none() {
                break;
            }
        }
        if ended {
            break;
        }
        end = (end + cut).min(stream.len());
    }
    let stats = synchronizer.stats();
    assert_eq!(stats.bits.total(), 8 * stream.len() as u64, "the bit ledger closes");
    (events, stats)
}

fn cadus(events: &[(usize, SyncEvent)]) -> Vec<(usize, u64, SyncQuality)> {
    let cadus = events.iter().filter_map(|&(coding, event)| match event {
        SyncEvent::Cadu(cadu) => Some((coding, cadu.stream_bit, cadu.sync)),
        _ => None,
    });
    cadus.collect()
}

/// In any order that codings come in, each CADU is of its coding, where it is; no bit belongs to none.
#[test]
fn codings_take_turns_in_one_stream() {
    let orders: [&[usize]; 5] =
        [&[0], &[0, 1], &[2, 1], &[0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2], &[0, 2, 1, 1, 0]];
    for order in orders {
        let kinds: Vec<usize> = order.iter().copied().cycle().take(60).collect();
        let lead = octets(999, 33);
        let (mut stream, mut expected) = (lead, Vec::new());
        for (seed, &coding) in kinds.iter().enumerate() {
            expected.push((coding, 8 * stream.len() as u64, SyncQuality::Locked));
            stream.extend(cadu(coding, seed));
        }
        for flip in [0, 0xFF] {
            let stream: Vec<u8> = stream.iter().map(|octet| octet ^ flip).collect();
            for cut in [1, 13, 1000, stream.len()] {
                let (events, stats) = follow(SeveralSynchronizer::new(codings()), &stream, cut);
                assert_eq!(cadus(&events), expected, "{order:?}");
                assert_eq!((stats.locks, stats.bits.discarded, stats.bits.pending), (1, 8 * 33, 0));
            }
        }
    }
}

/// A marker that nobody can read: the CADU is delivered as the coding before, or as the one whose length leads to the next marker.
#[test]
fn a_damaged_marker_is_bridged_by_the_marker_behind() {
    let kinds = [0, 0, 1, 1, 0, 2, 2, 1, 0, 0];
    for damaged in 1..kinds.len() - 1 {
        let mut stream = Vec::new();
        let mut expected = Vec::new();
        for (seed, &coding) in kinds.iter().enumerate() {
            let mut cadu = cadu(coding, seed);
            let quality = if seed == damaged { SyncQuality::Flywheel } else { SyncQuality::Locked };
            if seed == damaged {
                cadu[..4].copy_from_slice(&[0x55; 4]);
                cadu[4..8].copy_from_slice(&octets(77, 4));
            }
            expected.push((coding, 8 * stream.len() as u64, quality));
            stream.extend(cadu);
        }
        for cut in [1, stream.len()] {
            let (events, stats) = follow(SeveralSynchronizer::new(codings()), &stream, cut);
            assert_eq!(cadus(&events), expected, "CADU {damaged}");
            assert_eq!((stats.flywheel, stats.bits.discarded), (1, 0));
        }
    }
}

/// Lost and inserted bits between codings cost the CADU they hit, and no other.
#[test]
fn lost_bits_between_codings_cost_one_cadu() {
    let kinds: Vec<usize> = [0, 1, 0, 2, 2, 1].into_iter().cycle().take(40).collect();
    for hit in 5..15 {
        for cut_octets in [1, 9, 20] {
            let mut stream = Vec::new();
            let mut expected = Vec::new();
            for (seed, &coding) in kinds.iter().enumerate() {
                let mut cadu = cadu(coding, seed);
                if seed == hit {
                    // In the middle of its block.
                    let at = cadu.len() - 22;
                    cadu.drain(at..at + cut_octets);
                } else {
                    expected.push((coding, 8 * stream.len() as u64, SyncQuality::Locked));
                }
                stream.extend(cadu);
            }
            let (events, _) = follow(SeveralSynchronizer::new(codings()), &stream, 77);
            let found = cadus(&events);
            assert!(expected.iter().all(|cadu| found.contains(cadu)), "CADU {hit}, {cut_octets} octets lost");
            // The one that was hit comes out as well: nothing shows yet that it lost bits.
            assert_eq!(found.len(), 40);
        }
    }
}

/// A long CADU that breaks off is delivered with short ones of another coding in it: their bits are in the account once.
#[test]
fn short_cadus_in_a_long_one_are_not_counted_twice() {
    for left in [16, 20, 24] {
        let mut stream: Vec<u8> = (0..3).flat_map(|seed| cadu(2, seed)).collect();
        stream.extend(&cadu(2, 3)[..left]);
        let first = 8 * stream.len() as u64;
        stream.extend((0..6).flat_map(|seed| cadu(1, 10 + seed)));
        for cut in [1, stream.len()] {
            let (events, stats) = follow(SeveralSynchronizer::new(codings()), &stream, cut);
            let found = cadus(&events);
            assert_eq!(found.len(), 4 + 6, "{found:?}");
            for (number, &(coding, at, _)) in found[4..].iter().enumerate() {
                assert_eq!((coding, at), (1, first + 8 * 33 * number as u64));
            }
            assert_eq!((stats.bits.discarded, stats.bits.pending), (0, 0));
        }
    }
}

/// With one coding it is the plain synchronizer, event by event, whatever the stream has suffered.
#[test]
fn one_coding_gives_what_the_plain_synchronizer_gives() {
    for seed in 0..200usize {
        let chance = octets(5000 + seed, 400);
        let mut chance = chance.into_iter().cycle();
        let mut next = move |bound: usize| usize::from(chance.next().unwrap_or(0)) % bound;
        let [config, ..] = codings();
        let p = *config.parameters();
        let config = SyncConfig::new(SyncParameters {
            search_errors: next(3) as u8,
            verify: next(3) as u8,
            flywheel: next(3) as u8,
            slip: next(3) as u8,
            fill_bits: next(2) * 3,
            ..p
        })
        .unwrap();
        let mut stream = octets(seed, next(50));
        for number in 0..40 {
            let mut cadu = cadu(0, 10_000 + 100 * seed + number);
            match next(9) {
                0 => drop(cadu.drain(..next(44))),
                1 => cadu.extend(octets(number, next(60))),
                2 => cadu[next(4)] ^= 0xFF,
                3 => cadu.iter_mut().for_each(|octet| *octet = !*octet),
                4 => cadu[next(4)] ^= 0x10,
                _ => {}
            }
            stream.extend(cadu);
        }
        stream.truncate(stream.len() - next(40));
        let (events, stats) = follow(SeveralSynchronizer::new([config]), &stream, 1 + next(200));
        let (mut plain, mut start, mut expected) = (Synchronizer::new(config), 0, Vec::new());
        loop {
            let Step { advance, event } = plain.finish(&stream[start..]);
            let Some(event) = event else { break };
            let event = match event {
                SyncEvent::Cadu(cadu) => SyncEvent::Cadu(CaduLoc { offset: 0, bit: 0, ..cadu }),
                other => other,
            };
            expected.push((0, event));
            start += advance;
        }
        assert_eq!(events, expected, "seed {seed}");
        assert_eq!(stats, plain.stats(), "seed {seed}");
    }
}

#[test]
fn without_a_coding_nothing_is_found() {
    let (events, stats) = follow(SeveralSynchronizer::new(vec![]), &octets(1, 500), 100);
    assert!(events.is_empty());
    assert_eq!(stats.bits.discarded + stats.bits.pending, 4000);
}

/// Behind the marker of a long coding come short CADUs: that of the long one ends behind the first of them, and bits count once.
#[test]
fn bits_of_short_cadus_within_a_long_one_count_once() {
    let mut stream = [cadu(2, 0), cadu(2, 1), cadu(2, 2)[..16].to_vec()].concat();
    stream.extend((0..12).flat_map(|seed| cadu(1, seed)));
    for cut in [1, 7, 300, stream.len()] {
        let (events, stats) = follow(SeveralSynchronizer::new(codings()), &stream, cut);
        let found: Vec<usize> = cadus(&events).iter().map(|(coding, ..)| *coding).collect();
        assert_eq!(found, [&[2; 3][..], &[1; 12]].concat());
        assert_eq!((stats.bits.total(), stats.bits.discarded), (8 * stream.len() as u64, 0));
    }
}
