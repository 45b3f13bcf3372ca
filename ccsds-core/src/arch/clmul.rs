//! CRC-16 with PCLMULQDQ and VPCLMULQDQ.
//!
//! A message is a polynomial over GF(2), its first bit the highest power; its check is *message* · x^16 mod *P*, with
//! *P* = x^16 + x^12 + x^5 + 1 and the first sixteen bits inverted. A *lane* is sixteen octets of it: *h* · x^64 + *l*.
//!
//! - **Fold.** What lies *d* bits further is added to a lane once the lane is multiplied by x^d:
//!   *h* · (x^(d+64) mod *P*) + *l* · (x^d mod *P*), two carry-less multiplications and 80 bits. The four lanes of a block of
//!   64 octets do this at once, to hide the latency; *d* is the length of a block.
//! - **Head.** Blocks are counted from the end of the message, so the first may be short. Zeros in front of a message change
//!   nothing: lanes in front of it are zero, and the lane in which it begins is shifted. No other lane is partial.
//! - **Join.** Each lane of the last block is multiplied by x^(16 + distance to the end). The sum *s* has 79 bits.
//! - **Barrett.** The quotient of *s* by *P* is ⌊⌊*s* / x^16⌋ · *M* / x^63⌋ with *M* = ⌊x^79 / *P*⌋. The check is
//!   the lowest sixteen bits of *s* + quotient · *P*.

use core::arch::x86_64::*;

use super::remainder::{PRESET, QUOTIENT, power};

/// `None` below sixteen octets.
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
pub(super) fn checksum(octets: &[u8]) -> Option<u16> {
    let (mut lanes, rest) = head(octets)?;
    for block in rest.as_chunks().0.as_chunks().0 {
        lanes = fold(lanes, in_lanes(block));
    }
    Some(join(lanes))
}

/// The same; long messages two lanes to a register, in blocks of 128 octets.
#[target_feature(enable = "vpclmulqdq,avx2,pclmulqdq,sse4.1,ssse3")]
pub(super) fn checksum_in_pairs(octets: &[u8]) -> Option<u16> {
    let (mut lanes, rest) = head(octets)?;
    let (few, many) = rest.as_rchunks();
    for block in few.as_chunks().0.as_chunks().0 {
        lanes = fold(lanes, in_lanes(block));
    }
    if !many.is_empty() {
        lanes = fold_pairs(lanes, many);
    }
    Some(join(lanes))
}

/// Four lanes, the first of the message first.
type Lanes = [__m128i; 4];

/// The first block, and the whole ones behind it; `None` when the message is shorter than a lane.
#[inline]
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
pub(super) fn head(octets: &[u8]) -> Option<(Lanes, &[u8])> {
    let first = octets.first_chunk()?;
    // Blocks are never empty, and neither is the lane in which the message begins.
    let (block, rest) = octets.split_at_checked((octets.len() - 1) % 64 + 1)?;
    let mut lanes = [_mm_setzero_si128(); 4];
    for (behind, lane) in [48, 32, 16, 0].into_iter().zip(&mut lanes) {
        let end = block.len().saturating_sub(behind);
        if end > 16 {
            *lane = big_endian(load(block.get(..end)?.last_chunk()?));
        } else if let Some(preset) = PRESET.get(end) {
            let start = _mm_shuffle_epi8(load(first), first_octets(end));
            *lane = _mm_xor_si128(start, _mm_cvtsi32_si128(i32::from(*preset)));
        }
    }
    Some((lanes, rest))
}

#[inline]
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
fn in_lanes([p, q, r, s]: &[[u8; 16]; 4]) -> Lanes {
    [big_endian(load(p)), big_endian(load(q)), big_endian(load(r)), big_endian(load(s))]
}

/// `lanes` and the block behind them.
#[inline]
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
fn fold(lanes: Lanes, mut next: Lanes) -> Lanes {
    for (lane, next) in lanes.into_iter().zip(&mut next) {
        *next = _mm_xor_si128(*next, multiply(lane, lane_of(const { power(512) })));
    }
    next
}

/// `lanes` and the blocks of 128 octets behind them.
#[inline]
#[target_feature(enable = "vpclmulqdq,avx2,pclmulqdq,sse4.1,ssse3")]
fn fold_pairs([p, q, r, s]: Lanes, blocks: &[[u8; 128]]) -> Lanes {
    let zero = _mm256_setzero_si256();
    let mut pairs = [zero, zero, _mm256_set_m128i(q, p), _mm256_set_m128i(s, r)];
    let power = _mm256_broadcastsi128_si256(lane_of(const { power(1024) }));
    let reverse = _mm256_broadcastsi128_si256(first_octets(16));
    for block in blocks {
        for (pair, octets) in pairs.iter_mut().zip(block.as_chunks().0) {
            let high = _mm256_clmulepi64_epi128::<0x11>(*pair, power);
            let low = _mm256_clmulepi64_epi128::<0x00>(*pair, power);
            let next = _mm256_shuffle_epi8(load_pair(octets), reverse);
            *pair = _mm256_xor_si256(_mm256_xor_si256(high, low), next);
        }
    }
    let [a, b, c, d] = pairs;
    fold(split(a, b), split(c, d))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn split(first: __m256i, second: __m256i) -> Lanes {
    [
        _mm256_castsi256_si128(first),
        _mm256_extracti128_si256::<1>(first),
        _mm256_castsi256_si128(second),
        _mm256_extracti128_si256::<1>(second),
    ]
}

/// The check of the one block that is left.
#[inline]
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
pub(super) fn join(lanes: Lanes) -> u16 {
    const TO_END: [[u64; 2]; 4] = [power(48 * 8 + 16), power(32 * 8 + 16), power(16 * 8 + 16), power(16)];
    let mut sum = _mm_setzero_si128();
    for (lane, power) in lanes.into_iter().zip(TO_END) {
        sum = _mm_xor_si128(sum, multiply(lane, lane_of(power)));
    }
    barrett(sum)
}

/// The remainder of 79 bits.
#[inline]
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
fn barrett(sum: __m128i) -> u16 {
    let product = _mm_clmulepi64_si128::<0x00>(_mm_srli_si128::<2>(sum), lane_of([QUOTIENT, 0]));
    // Bits 63 to 78: the rest of the quotient only cancels bits above the check.
    let quotient = _mm_cvtsi128_si32(_mm_srli_si128::<7>(product)) >> 7;
    (_mm_cvtsi128_si32(sum) ^ quotient ^ quotient << 5 ^ quotient << 12) as u16
}

/// `lane` times a power of x, of which `power` holds what belongs to either half.
#[inline]
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
fn multiply(lane: __m128i, power: __m128i) -> __m128i {
    _mm_xor_si128(_mm_clmulepi64_si128::<0x00>(lane, power), _mm_clmulepi64_si128::<0x11>(lane, power))
}

/// The octets of a lane as a number, the first of them highest; and back.
#[inline]
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
pub(super) fn big_endian(octets: __m128i) -> __m128i {
    _mm_shuffle_epi8(octets, first_octets(16))
}

/// A shuffle that makes the first `len` octets, 0 to 16, a number with the last of them lowest. An index below zero gives zero.
#[inline]
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
fn first_octets(len: usize) -> __m128i {
    let place = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    _mm_sub_epi8(_mm_set1_epi8(len as i8 - 1), place)
}

#[inline]
#[target_feature(enable = "pclmulqdq,sse4.1,ssse3")]
fn lane_of([low, high]: [u64; 2]) -> __m128i {
    _mm_set_epi64x(high.cast_signed(), low.cast_signed())
}

#[inline]
#[target_feature(enable = "ssse3")]
fn load(octets: &[u8; 16]) -> __m128i {
    // SAFETY: `octets` is 16 readable octets and this load takes any alignment.
    unsafe { _mm_loadu_si128(octets.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load_pair(octets: &[u8; 32]) -> __m256i {
    // SAFETY: `octets` is 32 readable octets and this load takes any alignment.
    unsafe { _mm256_loadu_si256(octets.as_ptr().cast()) }
}
