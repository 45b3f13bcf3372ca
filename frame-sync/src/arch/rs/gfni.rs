//! x86-64 with AVX2 and GFNI: vectors as with AVX2, but a product is one instruction.

use core::arch::x86_64::*;

use super::avx2::{
    HALVES, LANES, Vector, and, drop_first, first, load, load_halves, or, pick, plus, splat, store, zero,
    zeros, zip,
};
use super::{check::check, correct::correct, transform::transform};
use crate::rs::tables::matrices::{FROM_AES, MATRICES, MATRICES_OF_DUAL, Matrix, TO_AES};

transform!(#[target_feature(enable = "avx2,gfni")]);
check!(#[target_feature(enable = "avx2,gfni")]);
correct!(#[target_feature(enable = "avx2,gfni")]);

/// The matrix of one constant, four times.
type Factor = __m256i;

static MULTIPLES: &[Matrix; 256] = &MATRICES;
static MULTIPLES_OF_DUAL: &[Matrix; 256] = &MATRICES_OF_DUAL;

#[inline]
#[target_feature(enable = "avx2,gfni")]
fn factor(&Matrix(rows): &Matrix) -> Factor {
    _mm256_set1_epi64x(rows.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2,gfni")]
fn times(vector: Vector, matrix: Factor) -> Vector {
    _mm256_gf2p8affine_epi64_epi8::<0>(vector, matrix)
}

/// The first element of a vector in all lanes.
#[inline]
#[target_feature(enable = "avx2,gfni")]
fn by_first(vector: Vector) -> Vector {
    _mm256_broadcastb_epi8(_mm256_castsi256_si128(vector))
}

/// A product in the field of AES, for which there is an instruction that takes the factor from a register. A matrix comes from
/// memory, which takes twice as long where each product waits for the one before.
#[inline]
#[target_feature(enable = "avx2,gfni")]
fn scale(vector: Vector, factor: Vector) -> Vector {
    _mm256_gf2p8mul_epi8(vector, factor)
}

/// To the field of AES, which is as good as ours: there is but one with 256 elements.
#[inline]
#[target_feature(enable = "avx2,gfni")]
fn enter(vector: Vector) -> Vector {
    times(vector, factor(&TO_AES))
}

#[inline]
#[target_feature(enable = "avx2,gfni")]
fn leave(vector: Vector) -> Vector {
    times(vector, factor(&FROM_AES))
}
