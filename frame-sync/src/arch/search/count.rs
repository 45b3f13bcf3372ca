//! Marker errors at 64 places in one word, by bit-sliced counters.
//!
//! The bits of a word stand for consecutive places of the stream. Bit *k* of the marker is compared at all of them when the
//! stream is shifted by *k*. Full adders count the differences: plane *i* holds bit *i* of every count. A marker with
//! *e* errors has *e* differences; inverted, it has as many as were compared, less *e*.
//!
//! Words are independent of one another, so the compiler makes vectors of them, as wide as the level allows.

use core::array;

use super::Wanted;

/// The search with what the crate is compiled for.
#[inline(always)]
pub(super) fn search<T>(
    wanted: Wanted<'_>,
    window: &[u8],
    from: usize,
    to: usize,
    mut accept: impl FnMut(usize) -> Option<T>,
) -> Option<T> {
    let pattern = Pattern::new(wanted);
    let mut octet = from / 8;
    while octet * 8 < to {
        let words = words(window, octet);
        let candidates = if wanted.errors == 0 { pattern.exact(&words) } else { pattern.tolerant(&words) };
        let first_bit = octet * 8;
        octet += WORDS * 8;
        if candidates.iter().fold(0, |any, places| any | places) == 0 {
            continue;
        }
        for (i, mut places) in candidates.into_iter().enumerate() {
            while places != 0 {
                let place = places.leading_zeros() as usize;
                places &= !(1 << 63 >> place);
                let at = first_bit + i * 64 + place;
                if let Some(found) = (from..to).contains(&at).then(|| accept(at)).flatten() {
                    return Some(found);
                }
            }
        }
    }
    None
}

/// The same with vectors of 32 octets. Those of 16 are in every x86-64.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
pub(super) fn search_avx2<T>(
    wanted: Wanted<'_>,
    window: &[u8],
    from: usize,
    to: usize,
    accept: impl FnMut(usize) -> Option<T>,
) -> Option<T> {
    search(wanted, window, from, to, accept)
}

/// What is looked for, each bit of it in all places of a word.
struct Pattern {
    /// The first bits of the marker.
    bits: [u64; BITS],
    /// Whether they matter.
    care: [u64; BITS],
    /// The highest count of a marker, and the highest below those of an inverted one.
    limits: [[u64; COUNT_BITS]; 2],
}

impl Pattern {
    fn new(Wanted { asm, errors }: Wanted<'_>) -> Self {
        let (bits, care) = asm.first_word();
        let everywhere = |bit: u64| 0u64.wrapping_sub(bit & 1);
        let compared = (care >> (64 - BITS)).count_ones();
        // Where so many errors are allowed that everything matches, the first limit lets everything pass.
        let limits = if errors < compared { [errors, compared - errors - 1] } else { [u32::MAX; 2] };
        Self {
            bits: array::from_fn(|k| everywhere(bits >> (63 - k))),
            care: array::from_fn(|k| everywhere(care >> (63 - k))),
            limits: limits.map(|limit| array::from_fn(|i| everywhere(u64::from(limit) >> i))),
        }
    }

    #[inline(always)]
    fn exact(&self, words: &[u64; WORDS + 1]) -> [u64; WORDS] {
        let mut found = [0; WORDS];
        let next = words.iter().skip(1);
        for ((found, word), next) in found.iter_mut().zip(words).zip(next) {
            let (mut wrong, mut right) = (0, 0);
            for (k, (bit, care)) in self.bits.iter().zip(&self.care).enumerate().take(16) {
                let different = shifted(*word, *next, k) ^ bit;
                wrong |= different & care;
                right |= !different & care;
            }
            *found = !(wrong & right);
        }
        found
    }

    #[inline(always)]
    fn tolerant(&self, words: &[u64; WORDS + 1]) -> [u64; WORDS] {
        let [normal, inverted] = self.limits;
        let mut found = [0; WORDS];
        let next = words.iter().skip(1);
        for ((found, word), next) in found.iter_mut().zip(words).zip(next) {
            let count = self.count(*word, *next);
            *found = at_most(count, normal) | !at_most(count, inverted);
        }
        found
    }

    /// How many of all bits differ.
    #[inline(always)]
    fn count(&self, word: u64, next: u64) -> [u64; COUNT_BITS] {
        let ([a1, a2, a4, a8, a16], [b1, b2, b4, b8, b16]) =
            (self.count_sixteen(word, next, 0), self.count_sixteen(word, next, 16));
        let (ones, carry) = half_add(a1, b1);
        let (twos, carry) = add(a2, b2, carry);
        let (fours, carry) = add(a4, b4, carry);
        let (eights, carry) = add(a8, b8, carry);
        let (sixteens, carry) = add(a16, b16, carry);
        [ones, twos, fours, eights, sixteens, carry]
    }

    /// How many of the sixteen bits from `k` on differ.
    #[inline(always)]
    fn count_sixteen(&self, word: u64, next: u64, k: usize) -> [u64; 5] {
        let ([a1, a2, a4, a8], [b1, b2, b4, b8]) =
            (self.count_eight(word, next, k), self.count_eight(word, next, k + 8));
        let (ones, carry) = half_add(a1, b1);
        let (twos, carry) = add(a2, b2, carry);
        let (fours, carry) = add(a4, b4, carry);
        let (eights, sixteens) = add(a8, b8, carry);
        [ones, twos, fours, eights, sixteens]
    }

    /// How many of the eight bits from `k` on differ.
    #[inline(always)]
    fn count_eight(&self, word: u64, next: u64, k: usize) -> [u64; 4] {
        let different = |i| self.different(word, next, k + i);
        let (ones, carry_1) = add(different(0), different(1), different(2));
        let (ones, carry_2) = add(ones, different(3), different(4));
        let (ones, carry_3) = add(ones, different(5), different(6));
        let (ones, carry_4) = half_add(ones, different(7));
        let (twos, fours_1) = add(carry_1, carry_2, carry_3);
        let (twos, fours_2) = half_add(twos, carry_4);
        let (fours, eights) = half_add(fours_1, fours_2);
        [ones, twos, fours, eights]
    }

    /// Where bit `k` of the marker differs.
    #[inline(always)]
    fn different(&self, word: u64, next: u64, k: usize) -> u64 {
        match (self.bits.get(k), self.care.get(k)) {
            (Some(bit), Some(care)) => (shifted(word, next, k) ^ bit) & care,
            _ => 0,
        }
    }
}

/// The stream `shift` bits on.
#[inline(always)]
fn shifted(word: u64, next: u64, shift: usize) -> u64 {
    word << shift | next >> 1 >> (63 - shift)
}

/// A full adder for each place: sum and carry.
#[inline(always)]
fn add(a: u64, b: u64, c: u64) -> (u64, u64) {
    let half = a ^ b;
    (half ^ c, (a & b) | (half & c))
}

/// The same for two bits.
#[inline(always)]
fn half_add(a: u64, b: u64) -> (u64, u64) {
    (a ^ b, a & b)
}

/// Where a count is at most `limit`.
#[inline(always)]
fn at_most(count: [u64; COUNT_BITS], limit: [u64; COUNT_BITS]) -> u64 {
    count.into_iter().zip(limit).fold(u64::MAX, |at_most, (plane, limit)| {
        // Equal bits leave it to those below.
        at_most & !(plane ^ limit) | !plane & limit
    })
}

/// The words from `octet` on; zeros behind the window's end.
#[inline(always)]
fn words(window: &[u8], octet: usize) -> [u64; WORDS + 1] {
    let rest = window.get(octet..).unwrap_or_default();
    let mut padded = [0; 8 * (WORDS + 1)];
    let block = rest.first_chunk().unwrap_or_else(|| {
        for (octet, from) in padded.iter_mut().zip(rest) {
            *octet = *from;
        }
        &padded
    });
    let mut words = [0; WORDS + 1];
    for (word, octets) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u64::from_be_bytes(*octets);
    }
    words
}

/// Bits of the marker that are compared: they leave next to nothing.
const BITS: usize = 32;
/// Bits of a number up to that.
const COUNT_BITS: usize = 6;
/// Words that are searched at once.
const WORDS: usize = 16;
