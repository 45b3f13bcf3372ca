//! x86-64 with AVX2: 32 lanes, two halves of 16.

use core::arch::x86_64::*;

use super::{at, check::check, correct::correct, transform::transform};
use crate::rs::tables::{NIBBLES, NIBBLES_OF_DUAL, Nibbles};

transform!(#[target_feature(enable = "avx2")]);
check!(#[target_feature(enable = "avx2")]);
correct!(#[target_feature(enable = "avx2")]);

pub(super) type Vector = __m256i;
/// Octets of a vector.
pub(super) const LANES: usize = 32;

/// The halves that [`zip`] and [`pick`] keep apart.
pub(super) const HALVES: usize = LANES / 16;

/// The product table of one constant, low and high nibble.
#[derive(Clone, Copy)]
struct Factor(__m256i, __m256i);

static MULTIPLES: &[Nibbles; 256] = &NIBBLES;
static MULTIPLES_OF_DUAL: &[Nibbles; 256] = &NIBBLES_OF_DUAL;

#[inline]
#[target_feature(enable = "avx2")]
fn factor(Nibbles([low, high]): &Nibbles) -> Factor {
    Factor(_mm256_broadcastsi128_si256(load_half(low)), _mm256_broadcastsi128_si256(load_half(high)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn times(vector: Vector, Factor(low, high): Factor) -> Vector {
    let nibble = _mm256_set1_epi8(0x0F);
    let low = _mm256_shuffle_epi8(low, _mm256_and_si256(vector, nibble));
    let high = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16::<4>(vector), nibble));
    plus(low, high)
}

/// The factor that is the first element of a vector.
#[inline]
#[target_feature(enable = "avx2")]
fn by_first(vector: Vector) -> Factor {
    factor(at(MULTIPLES, first(vector)))
}

/// A product in the representation of elements that [`enter`] leads to: here it is the common one.
#[inline]
#[target_feature(enable = "avx2")]
fn scale(vector: Vector, factor: Factor) -> Vector {
    times(vector, factor)
}

#[inline]
fn enter(vector: Vector) -> Vector {
    vector
}

#[inline]
fn leave(vector: Vector) -> Vector {
    vector
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn zero() -> Vector {
    _mm256_setzero_si256()
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn plus(a: Vector, b: Vector) -> Vector {
    _mm256_xor_si256(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn and(a: Vector, b: Vector) -> Vector {
    _mm256_and_si256(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn or(a: Vector, b: Vector) -> Vector {
    _mm256_or_si256(a, b)
}

/// The same octet in every lane.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn splat(octet: u8) -> Vector {
    _mm256_set1_epi8(octet.cast_signed())
}

/// A bit for every lane, set where it is zero.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn zeros(vector: Vector) -> u32 {
    _mm256_movemask_epi8(_mm256_cmpeq_epi8(vector, zero())).cast_unsigned()
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn first(vector: Vector) -> u8 {
    _mm256_extract_epi8::<0>(vector) as u8
}

/// Every lane moved one down, and the first of `above` into the last.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn drop_first(vector: Vector, above: Vector) -> Vector {
    _mm256_alignr_epi8::<1>(_mm256_permute2x128_si256::<0x21>(vector, above), vector)
}

/// Pieces of `OCTETS` octets from both, by turns: those of the lower eight octets of each half, then those of the upper.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn zip<const OCTETS: usize>(a: Vector, b: Vector) -> [Vector; 2] {
    match OCTETS {
        1 => [_mm256_unpacklo_epi8(a, b), _mm256_unpackhi_epi8(a, b)],
        2 => [_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)],
        4 => [_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b)],
        _ => [_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b)],
    }
}

/// In each half the octets with these numbers; zero where the number is no octet's.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn pick(vector: Vector, octets: &[u8; 16]) -> Vector {
    _mm256_shuffle_epi8(vector, _mm256_broadcastsi128_si256(load_half(octets)))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load_halves([low, high]: [&[u8; 16]; HALVES]) -> Vector {
    _mm256_set_m128i(load_half(high), load_half(low))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_half(octets: &[u8; 16]) -> __m128i {
    // SAFETY: `octets` is 16 readable octets, and this load takes any alignment.
    unsafe { _mm_loadu_si128(octets.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load(octets: &[u8; LANES]) -> Vector {
    // SAFETY: `octets` is 32 readable octets, and this load takes any alignment.
    unsafe { _mm256_loadu_si256(octets.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store(vector: Vector, octets: &mut [u8; LANES]) {
    // SAFETY: `octets` is 32 writable octets, and this store takes any alignment.
    unsafe { _mm256_storeu_si256(octets.as_mut_ptr().cast(), vector) }
}
