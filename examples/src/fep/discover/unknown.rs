//! Markers that are in no list: bits that come back after the same distance and never change.

use std::collections::BTreeMap;

use frame_sync::line::LineCode;

use super::marker::{Decoded, Found};
use super::sample::{bit, word};

/// Candidates for a marker, the likeliest first. Nothing but a code, an error control field or a chain of packets behind it
/// can confirm one: what is found here is a header of constant bits as well as a marker.
pub(super) fn find_unknown(decoded: &Decoded) -> Vec<Found> {
    let mut found = Vec::new();
    for (line_code, pieces) in decoded.both() {
        let Some(piece) = pieces.iter().max_by_key(|piece| piece.len()) else { continue };
        let octets = piece.get(..MAX_LEN).unwrap_or(piece);
        for cadu_bits in distances(octets) {
            let steady = Steady::new(octets, cadu_bits);
            found.extend(steady.candidates(line_code));
        }
    }
    // Of the places that hold still the shortest is the likeliest: long ones are fill.
    found.sort_by_key(|found| std::cmp::Reverse(found.pairs));
    found.truncate(MAX_CANDIDATES);
    found
}

/// The distances at which the same 32 bits come back most often.
fn distances(octets: &[u8]) -> Vec<usize> {
    let last = (8 * octets.len()).saturating_sub(32);
    let mut words: Vec<u64> = (0..last)
        .filter_map(|n| word(octets, n).map(|word| (word, n)))
        // What repeats every octet or two is fill.
        .filter(|(word, _)| word.rotate_left(8) != *word && word.rotate_left(16) != *word)
        .map(|(word, n)| u64::from(word) << 32 | n as u64)
        .collect();
    words.sort_unstable();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for pair in words.windows(2) {
        if let [a, b] = pair
            && a >> 32 == b >> 32
            && (MIN_CADU_BITS as u64..=MAX_CADU_BITS as u64).contains(&(b - a))
        {
            *counts.entry((b - a) as usize).or_default() += 1;
        }
    }
    let mut counts: Vec<(usize, usize)> =
        counts.into_iter().filter(|&(_, count)| count >= MIN_CADUS).collect();
    counts.sort_by_key(|&(distance, count)| (std::cmp::Reverse(count), distance));
    counts.into_iter().map(|(distance, _)| distance).take(DISTANCES).collect()
}

/// Which bits of a CADU are the same as those of the one before, over all CADUs.
struct Steady {
    /// One at each place where the bits hold still.
    steady: Vec<bool>,
    /// What they are, most of the time.
    value: Vec<bool>,
    cadus: usize,
}

impl Steady {
    fn new(octets: &[u8], cadu_bits: usize) -> Self {
        let (mut same, mut ones) = (vec![0usize; cadu_bits], vec![0usize; cadu_bits]);
        let cadus = 8 * octets.len() / cadu_bits;
        for cadu in 0..cadus.saturating_sub(1) {
            let start = cadu * cadu_bits;
            for (place, (same, ones)) in same.iter_mut().zip(&mut ones).enumerate() {
                let here = bit(octets, start + place);
                *ones += usize::from(here);
                *same += usize::from(here == bit(octets, start + cadu_bits + place));
            }
        }
        let pairs = cadus.saturating_sub(1);
        Self {
            steady: same.iter().map(|same| 50 * same >= 49 * pairs).collect(),
            value: ones.iter().map(|ones| 2 * ones > pairs).collect(),
            cadus,
        }
    }

    /// Stretches of bits that hold still, as the CADU goes round: where each begins and how long it is.
    fn stretches(&self) -> Vec<(usize, usize)> {
        let len = self.steady.len();
        let at = |n: usize| self.steady.get(n % len.max(1)).copied().unwrap_or(false);
        (0..len)
            .filter(|&n| at(n) && !at(n + len - 1))
            .map(|start| (start, (0..len).take_while(|i| at(start + i)).count()))
            .collect()
    }

    fn candidates(&self, line_code: LineCode) -> Vec<Found> {
        if self.cadus < MIN_CADUS {
            return Vec::new();
        }
        let mut stretches = self.stretches();
        stretches.retain(|&(_, len)| len + SLACK >= 16);
        stretches.sort_by_key(|&(_, len)| std::cmp::Reverse(len.min(200)));
        let mut found = Vec::new();
        for &(start, len) in stretches.iter().take(STRETCHES) {
            for bits in LENGTHS.into_iter().filter(|&bits| bits <= len + SLACK) {
                let octet = |n: usize| {
                    (0..8).fold(0, |octet, i| {
                        let place = (start + 8 * n + i) % self.value.len().max(1);
                        octet << 1 | u8::from(self.value.get(place).copied().unwrap_or(false))
                    })
                };
                let marker: Vec<u8> = (0..bits / 8).map(octet).collect();
                let plain = marker.iter().all(|octet| marker.first() == Some(octet));
                if !plain && self.value.len() > bits + MIN_CADU_BITS {
                    found.push(Found {
                        line_code,
                        marker,
                        user: None,
                        cadu_bits: self.value.len(),
                        pairs: self.cadus - 1,
                        markers: self.cadus,
                        inverted: 0,
                    });
                }
            }
        }
        found
    }
}

/// Octets looked at.
const MAX_LEN: usize = 256 << 10;
const MIN_CADU_BITS: usize = 128;
/// Eight octets of every sixteen of what is looked at.
const MAX_CADU_BITS: usize = 1 << 17;
/// Fewer CADUs tell nothing: any bit holds still now and then.
const MIN_CADUS: usize = 12;
/// Distances that are followed up.
const DISTANCES: usize = 3;
/// Steady stretches that are followed up, for each distance.
const STRETCHES: usize = 3;
const MAX_CANDIDATES: usize = 36;
/// Bits by which a marker may be longer than the stretch that holds still.
const SLACK: usize = 0;
/// Lengths of markers, the likeliest first.
const LENGTHS: [usize; 11] = [32, 64, 24, 16, 48, 40, 96, 128, 192, 56, 80];
