//! Markers that are known, found at any bit in both polarities, with and without differential precoding.

use std::collections::BTreeMap;

use frame_sync::line::{LineCode, LineDecoder};

use super::sample::{bit, word};

/// A marker that comes back after the same number of bits.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// How bits are represented on the line.
    pub(super) line_code: LineCode,
    /// The marker.
    pub(super) marker: Vec<u8>,
    /// Who uses it; `None` for one that is in no list.
    pub(super) user: Option<&'static str>,
    /// Bits from one marker to the next.
    pub(super) cadu_bits: usize,
    /// Markers with another one exactly so many bits behind.
    pub(super) pairs: usize,
    /// Markers.
    pub(super) markers: usize,
    /// Those of them in inverted polarity.
    pub(super) inverted: usize,
}

/// Look for every known marker; the most frequent first. `decoded` holds the pieces without and with NRZ-M decoding.
pub(super) fn find_known(decoded: &Decoded) -> Vec<Found> {
    let mut found = Vec::new();
    for (line_code, pieces) in decoded.both() {
        let mut hits: BTreeMap<(usize, bool), Vec<Vec<usize>>> = BTreeMap::new();
        for (n, piece) in pieces.iter().enumerate() {
            scan(piece, |marker, inverted, at| {
                let by_piece =
                    hits.entry((marker, inverted)).or_insert_with(|| vec![Vec::new(); pieces.len()]);
                if let Some(hits) = by_piece.get_mut(n) {
                    hits.push(at);
                }
            });
        }
        for (n, known) in KNOWN.iter().enumerate() {
            let nothing = vec![Vec::new(); pieces.len()];
            let normal = hits.get(&(n, false)).unwrap_or(&nothing);
            let inverted = hits.get(&(n, true)).unwrap_or(&nothing);
            let all = || normal.iter().chain(inverted);
            let Some((cadu_bits, pairs)) = period(&all(), 8 * known.octets.len() + MIN_BLOCK_BITS) else {
                continue;
            };
            let markers = all().map(Vec::len).sum();
            let upside_down = inverted.iter().map(Vec::len).sum();
            // A marker that is inverted behind an NRZ-M decoder is one of an NRZ-S line.
            let (line_code, inverted) = match line_code {
                LineCode::NrzM if 2 * upside_down > markers => (LineCode::NrzS, markers - upside_down),
                _ => (line_code, upside_down),
            };
            found.push(Found {
                line_code,
                marker: known.octets.to_vec(),
                user: Some(known.user),
                cadu_bits,
                pairs,
                markers,
                inverted,
            });
        }
    }
    // Of two that are equally frequent the longer one holds the other.
    found.sort_by_key(|found| std::cmp::Reverse((found.pairs, found.marker.len())));
    found
}

/// The pieces of a sample without and with differential decoding.
#[derive(Clone, Debug)]
pub(super) struct Decoded {
    pub(super) nrz_l: Vec<Vec<u8>>,
    pub(super) nrz_m: Vec<Vec<u8>>,
}

impl Decoded {
    pub(super) fn new(pieces: &[Vec<u8>]) -> Self {
        let differential = |piece: &Vec<u8>| {
            let mut octets = piece.clone();
            LineDecoder::new(LineCode::NrzM).decode(&mut octets);
            octets
        };
        Self { nrz_l: pieces.to_vec(), nrz_m: pieces.iter().map(differential).collect() }
    }

    /// The pieces as a line of this code has them.
    pub(super) fn pieces(&self, line_code: LineCode) -> &[Vec<u8>] {
        match line_code {
            LineCode::NrzL => &self.nrz_l,
            LineCode::NrzM | LineCode::NrzS => &self.nrz_m,
        }
    }

    /// Each with the name of the line code that was taken off.
    pub(super) fn both(&self) -> [(LineCode, &[Vec<u8>]); 2] {
        [(LineCode::NrzL, &self.nrz_l), (LineCode::NrzM, &self.nrz_m)]
    }
}

/// Tell `hit` of every known marker in `octets`: which, whether inverted, and its first bit.
fn scan(octets: &[u8], mut hit: impl FnMut(usize, bool, usize)) {
    // Sixteen bits tell most places apart, so the list is gone through rarely.
    let mut maybe = vec![0u64; 1 << 10];
    let sixteen = |known: &Known| known.octets.first_chunk().map_or(0, |head| u16::from_be_bytes(*head));
    for head in KNOWN.iter().map(sixteen).flat_map(|head| [head, !head]) {
        if let Some(word) = maybe.get_mut(usize::from(head >> 6)) {
            *word |= 1 << (head & 63);
        }
    }
    for (n, window) in octets.windows(3).enumerate() {
        let &[a, b, c] = window else { continue };
        let wide = u32::from_be_bytes([0, a, b, c]);
        for shift in 0..8 {
            let head = (wide >> (8 - shift)) as u16;
            if maybe.get(usize::from(head >> 6)).is_some_and(|word| word >> (head & 63) & 1 == 1) {
                let at = 8 * n + shift;
                for (index, known) in KNOWN.iter().enumerate() {
                    for inverted in [false, true] {
                        if is_at(octets, at, known.octets, inverted) {
                            hit(index, inverted, at);
                        }
                    }
                }
            }
        }
    }
}

/// Whether `marker` is at bit `at`, without an error.
fn is_at(octets: &[u8], at: usize, marker: &[u8], inverted: bool) -> bool {
    let flip = if inverted { u8::MAX } else { 0 };
    8 * octets.len() >= at + 8 * marker.len()
        && marker.iter().zip((at..).step_by(8)).all(|(&expected, at)| {
            let octet = match word(octets, at) {
                Some(word) => (word >> 24) as u8,
                None => (0..8).fold(0, |octet, i| octet << 1 | bit(octets, at + i)),
            };
            octet == expected ^ flip
        })
}

/// The distance from one marker to the next, at least `min` bits, and how often it lies between hits. A single marker that was missed
/// leaves a distance twice as long, so not only neighbours are compared.
///
/// That is the distance which is the most frequent, or one half as frequent that markers keep more than once in a row: where codings take
/// turns, a marker comes back most often with its next turn.
fn period<'a>(hits: &(impl Iterator<Item = &'a Vec<usize>> + Clone), min: usize) -> Option<(usize, usize)> {
    let mut distances: BTreeMap<usize, usize> = BTreeMap::new();
    for hits in hits.clone() {
        for (n, from) in hits.iter().enumerate() {
            for to in hits.iter().skip(n + 1).take(NEIGHBOURS) {
                let distance = to - from;
                if (min..=MAX_CADU_BITS).contains(&distance) {
                    *distances.entry(distance).or_default() += 1;
                }
            }
        }
    }
    // The shortest of those that are equally frequent.
    let most = distances.iter().max_by_key(|&(distance, count)| (count, std::cmp::Reverse(distance)));
    let most = most.map(|(&distance, &count)| (distance, count))?;
    let is_kept = |distance: usize| {
        let hits = hits.clone();
        let kept = hits.map(|hits| {
            let is_hit = |at: usize| hits.binary_search(&at).is_ok();
            hits.iter().filter(|&&at| is_hit(at + distance) && is_hit(at + 2 * distance)).count()
        });
        kept.sum::<usize>()
    };
    let mut shorter = distances.range(..most.0).filter(|(_, count)| 2 * **count >= most.1);
    let shorter = shorter.find(|&(&distance, &count)| 4 * is_kept(distance) >= count);
    Some(shorter.map_or(most, |(&distance, &count)| (distance, count)))
}

/// A marker and who uses it.
struct Known {
    octets: &'static [u8],
    user: &'static str,
}

/// 131.0-B-6 §9 and issues before it; 211.2-B-3; spacecraft that do not follow the book.
const KNOWN: [Known; 9] = [
    Known { octets: &[0x1A, 0xCF, 0xFC, 0x1D], user: "uncoded, convolutional, Reed-Solomon, LDPC 7/8" },
    Known {
        octets: &[0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0],
        user: "turbo 1/2, LDPC 1/2, 2/3 and 4/5",
    },
    Known {
        octets: &[0x25, 0xD5, 0xC0, 0xCE, 0x89, 0x90, 0xF6, 0xC9, 0x46, 0x1B, 0xF7, 0x9C],
        user: "turbo 1/3",
    },
    Known {
        octets: &[
            0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0, 0xFC, 0xB8, 0x89, 0x38, 0xD8, 0xD7, 0x6A, 0x4F,
        ],
        user: "turbo 1/4",
    },
    Known {
        octets: &[
            0x25, 0xD5, 0xC0, 0xCE, 0x89, 0x90, 0xF6, 0xC9, 0x46, 0x1B, 0xF7, 0x9C, 0xDA, 0x2A, 0x3F, 0x31,
            0x76, 0x6F, 0x09, 0x36, 0xB9, 0xE4, 0x08, 0x63,
        ],
        user: "turbo 1/6",
    },
    Known { octets: &[0x35, 0x2E, 0xF8, 0x53], user: "embedded streams up to 131.0-B-5; Coriolis" },
    Known { octets: &[0x04, 0xB3, 0xE3, 0x75], user: "CloudSat" },
    Known { octets: &[0x36, 0x83, 0xA2, 0xE6], user: "GOES" },
    Known { octets: &[0xFA, 0xF3, 0x20], user: "Proximity-1" },
];

const NEIGHBOURS: usize = 6;
/// The shortest block that is taken for one.
const MIN_BLOCK_BITS: usize = 64;
/// The longest CADU looked for; a little more than that of the longest transfer frame in a rate 1/6 code.
pub(super) const MAX_CADU_BITS: usize = 1 << 20;
