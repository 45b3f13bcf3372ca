//! Recordings have the packets that another reader finds in them.
#![cfg(feature = "pcm")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use decom::pcm::chapter10::{Packet, Packets};
use proptest::prelude::*;

fn recording(name: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/irig106_ch10"));
    if !folder.is_dir() {
        eprintln!("skipped: no folder {}", folder.display());
        return None;
    }
    Some(std::fs::read(folder.join(name)).unwrap())
}

fn count<K: Ord>(packets: &[Packet<'_>], key: impl Fn(&Packet<'_>) -> K) -> Vec<(K, usize)> {
    let mut counts = BTreeMap::new();
    for packet in packets {
        *counts.entry(key(packet)).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

#[test]
fn a_whole_recording_is_packets_to_its_last_octet() {
    let Some(octets) = recording("discrete.c10") else { return };
    let mut walker = Packets::new(&octets);
    let packets: Vec<_> = walker.by_ref().collect();
    assert_eq!((walker.skipped(), walker.pending().len()), (0, 0));
    assert_eq!(packets.len(), 83);
    assert_eq!(count(&packets, |packet| packet.data_type), [(0, 1), (1, 1), (3, 18), (0x11, 61), (0x29, 2)]);
    assert_eq!(count(&packets, |packet| packet.channel), [(0, 20), (1, 61), (54, 1), (55, 1)]);
    assert_eq!(packets.iter().map(|packet| packet.octets.len()).sum::<usize>(), octets.len());
    assert!(packets.iter().all(|packet| packet.data_intact != Some(false)));
}

#[test]
fn a_recording_that_breaks_off_loses_only_its_last_packet() {
    let Some(octets) = recording("event.c10") else { return };
    let mut walker = Packets::new(&octets);
    let packets: Vec<_> = walker.by_ref().collect();
    assert_eq!(packets.len(), 41);
    assert_eq!(
        count(&packets, |packet| packet.data_type),
        [(1, 1), (2, 1), (3, 2), (0x11, 1), (0x21, 19), (0x40, 17)]
    );
    let taken: usize = packets.iter().map(|packet| packet.octets.len()).sum();
    assert_eq!(taken + walker.skipped() + walker.pending().len(), octets.len());
    assert!(walker.pending().starts_with(&[0x25, 0xEB]));
}

#[test]
fn damage_costs_the_packets_that_it_hits() {
    let Some(mut octets) = recording("discrete.c10") else { return };
    let whole: Vec<usize> = Packets::new(&octets).map(|packet| packet.offset).collect();
    octets[whole[10] + 5] ^= 0x40;
    octets[whole[40]] = 0;
    octets.splice(0..0, [0x25, 0xEB, 0x25]);
    octets.push(0x25);
    let mut walker = Packets::new(&octets);
    let offsets: Vec<usize> = walker.by_ref().map(|packet| packet.offset - 3).collect();
    let expected: Vec<usize> =
        whole.iter().copied().filter(|at| ![whole[10], whole[40]].contains(at)).collect();
    assert_eq!(offsets, expected);
    let lost = whole[11] - whole[10] + whole[41] - whole[40];
    assert_eq!((walker.skipped(), walker.pending()), (lost + 3, &[0x25][..]));
}

/// A packet with a secondary header and a data checksum of 1, 2 or 4 octets.
fn packet(flags: u8) -> Vec<u8> {
    let sum = |octets: &[u8]| {
        octets.chunks(2).fold(0u16, |sum, pair| sum.wrapping_add(u16::from_le_bytes([pair[0], pair[1]])))
    };
    let checksum_len = [0, 1, 2, 4][usize::from(flags & 3)];
    let mut body = vec![1, 2, 3, 4, 0xFF, 0xFE];
    while !(body.len() + checksum_len).is_multiple_of(4) {
        body.push(0);
    }
    let checksum = match checksum_len {
        1 => vec![body.iter().fold(0u8, |sum, octet| sum.wrapping_add(*octet))],
        2 => sum(&body).to_le_bytes().to_vec(),
        4 => {
            let word = |four: &[u8]| u32::from_le_bytes(four.try_into().unwrap());
            body.chunks(4).map(word).fold(0, u32::wrapping_add).to_le_bytes().to_vec()
        }
        _ => vec![],
    };
    let mut secondary = vec![8, 7, 6, 5, 4, 3, 2, 1, 0, 0];
    secondary.extend(sum(&secondary).to_le_bytes());
    let len = (24 + 12 + body.len() + checksum_len) as u32;
    let mut octets = vec![0x25, 0xEB, 9, 1];
    octets.extend(len.to_le_bytes());
    octets.extend([6, 0, 0, 0, 6, 77, 0x80 | flags, 0x09, 6, 5, 4, 3, 2, 1]);
    octets.extend(sum(&octets).to_le_bytes());
    octets.extend(secondary);
    octets.extend(body);
    octets.extend(checksum);
    octets
}

#[test]
fn secondary_headers_and_checksums_are_read_and_checked() {
    for flags in 0..4 {
        let mut octets = packet(flags);
        let found = Packets::new(&octets).next().unwrap();
        assert_eq!((found.channel, found.data_type, found.sequence), (0x109, 9, 77));
        assert_eq!(found.relative_time, 0x0102_0304_0506);
        assert_eq!(found.secondary_time, Some([8, 7, 6, 5, 4, 3, 2, 1]));
        assert_eq!(found.data, [1, 2, 3, 4, 0xFF, 0xFE]);
        assert_eq!(found.data_intact, (flags > 0).then_some(true));
        octets[37] ^= 1;
        let found = Packets::new(&octets).next().unwrap();
        assert_eq!(found.data_intact, (flags > 0).then_some(false));
        octets[25] ^= 1;
        assert!(Packets::new(&octets).next().is_none(), "the secondary header is wrong");
    }
}

#[test]
fn what_may_become_a_packet_is_pending_and_the_rest_is_skipped() {
    let whole = packet(1);
    for (octets, skipped, pending) in [
        (vec![0; 40], 40, 0),
        ([vec![0; 40], vec![0x25]].concat(), 40, 1),
        ([vec![0; 40], vec![0x25, 0xEB, 0]].concat(), 40, 3),
        ([vec![0; 40], vec![0x25, 0xEC, 0]].concat(), 43, 0),
        ([&[0x25, 0xEB, 0x25][..], &whole[..30]].concat(), 3, 30),
        (whole[..whole.len() - 1].to_vec(), 0, whole.len() - 1),
    ] {
        let mut walker = Packets::new(&octets);
        assert!(walker.next().is_none());
        assert_eq!((walker.skipped(), walker.pending()), (skipped, &octets[skipped..]), "{octets:x?}");
        assert_eq!(walker.pending().len(), pending);
    }
}

proptest! {
    #[test]
    fn every_octet_is_in_a_packet_skipped_or_pending(
        noise in proptest::collection::vec(prop_oneof![Just(0x25u8), Just(0xEB), any::<u8>()], 0..80),
        at in 0usize..200,
        flags in 0u8..4,
    ) {
        let mut octets = packet(flags);
        octets.extend(packet(0));
        let at = at.min(octets.len());
        octets.splice(at..at, noise);
        let mut walker = Packets::new(&octets);
        let taken: usize = walker.by_ref().map(|packet| packet.octets.len()).sum();
        prop_assert_eq!(taken + walker.skipped() + walker.pending().len(), octets.len());
    }
}
