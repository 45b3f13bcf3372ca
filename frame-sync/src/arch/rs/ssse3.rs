//! x86-64 with SSSE3 and SSE4.1: 16 lanes.

use core::arch::x86_64::*;

use super::{at, check::check, correct::correct, transform::transform};
use crate::rs::tables::{NIBBLES, NIBBLES_OF_DUAL, Nibbles};

transform!(#[target_feature(enable = "ssse3,sse4.1")]);
check!(#[target_feature(enable = "ssse3,sse4.1")]);
correct!(#[target_feature(enable = "ssse3,sse4.1")]);

type Vector = __m128i;
/// Octets of a vector.
const LANES: usize = 16;
const HALVES: usize = LANES / 16;

/// The product table of one constant, low and high nibble.
#[derive(Clone, Copy)]
struct Factor(__m128i, __m128i);

static MULTIPLES: &[Nibbles; 256] = &NIBBLES;
static MULTIPLES_OF_DUAL: &[Nibbles; 256] = &NIBBLES_OF_DUAL;

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn factor(Nibbles([low, high]): &Nibbles) -> Factor {
    Factor(load(low), load(high))
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn times(vector: Vector, Factor(low, high): Factor) -> Vector {
    let nibble = _mm_set1_epi8(0x0F);
    let low = _mm_shuffle_epi8(low, _mm_and_si128(vector, nibble));
    let high = _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16::<4>(vector), nibble));
    plus(low, high)
}

/// The factor that is the first element of a vector.
#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn by_first(vector: Vector) -> Factor {
    factor(at(MULTIPLES, first(vector)))
}

/// A product in the representation of elements that [`enter`] leads to: here it is the common one.
#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
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
#[target_feature(enable = "ssse3,sse4.1")]
fn zero() -> Vector {
    _mm_setzero_si128()
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn plus(a: Vector, b: Vector) -> Vector {
    _mm_xor_si128(a, b)
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn and(a: Vector, b: Vector) -> Vector {
    _mm_and_si128(a, b)
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn or(a: Vector, b: Vector) -> Vector {
    _mm_or_si128(a, b)
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn splat(octet: u8) -> Vector {
    _mm_set1_epi8(octet.cast_signed())
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn zeros(vector: Vector) -> u32 {
    _mm_movemask_epi8(_mm_cmpeq_epi8(vector, zero())).cast_unsigned()
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn first(vector: Vector) -> u8 {
    _mm_extract_epi8::<0>(vector) as u8
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn drop_first(vector: Vector, above: Vector) -> Vector {
    _mm_alignr_epi8::<1>(above, vector)
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn zip<const OCTETS: usize>(a: Vector, b: Vector) -> [Vector; 2] {
    match OCTETS {
        1 => [_mm_unpacklo_epi8(a, b), _mm_unpackhi_epi8(a, b)],
        2 => [_mm_unpacklo_epi16(a, b), _mm_unpackhi_epi16(a, b)],
        4 => [_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b)],
        _ => [_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b)],
    }
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn pick(vector: Vector, octets: &[u8; 16]) -> Vector {
    _mm_shuffle_epi8(vector, load(octets))
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn load_halves([octets]: [&[u8; 16]; HALVES]) -> Vector {
    load(octets)
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn load(octets: &[u8; LANES]) -> Vector {
    // SAFETY: `octets` is 16 readable octets, and this load takes any alignment.
    unsafe { _mm_loadu_si128(octets.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn store(vector: Vector, octets: &mut [u8; LANES]) {
    // SAFETY: `octets` is 16 writable octets, and this store takes any alignment.
    unsafe { _mm_storeu_si128(octets.as_mut_ptr().cast(), vector) }
}
