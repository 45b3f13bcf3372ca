//! CRC-16 with GF2P8AFFINEQB, which passes over octets three times as fast as carry-less multiplication.
//!
//! Cut the message into rows of *n* octets and let *X* = x^(8 *n*). For an octet *a*, a polynomial of degree below eight, there
//! are octets *u* and *v* with *a* · *X*² = *u* · *X* + *v* mod *P*. They are linear in *a*: each is a matrix of 8 × 8 bits
//! times *a*. Thus two rows take up the next one, all their octets at once: *a*, *b* and *c* become *b* + *u* and *c* + *v*.
//! The check of the two rows that are left is that of the message.
//!
//! A row of one vector is quick to begin and to end with. Between, rows of six hide the latency of taking one up.

use core::arch::x86_64::*;

use super::clmul::{big_endian, head, join, load_pair, split};
use super::remainder::{times, x_to_the};

/// `None` below sixteen octets.
#[target_feature(enable = "gfni,avx2,pclmulqdq,sse4.1,ssse3")]
pub(super) fn checksum(octets: &[u8]) -> Option<u16> {
    let ([p, q, r, s], rest) = head(octets)?;
    // As the octets came.
    let first = _mm256_set_m128i(big_endian(q), big_endian(p));
    let second = _mm256_set_m128i(big_endian(s), big_endian(r));
    let mut rows = Rows { a: [first], b: [second] };

    let (vectors, _) = rest.as_chunks::<32>();
    if vectors.len() < LONG {
        rows.fold(vectors.as_chunks().0);
    } else {
        let (few, many) = vectors.as_rchunks();
        rows.fold(few.as_chunks().0);
        rows = rows.widen_and_fold(many);
    }
    let ([a], [b]) = (rows.a, rows.b);
    let [p, q, r, s] = split(a, b);
    Some(join([big_endian(p), big_endian(q), big_endian(r), big_endian(s)]))
}

/// Two rows of the same check as the message so far.
#[derive(Clone, Copy)]
struct Rows<const VECTORS: usize> {
    a: [__m256i; VECTORS],
    b: [__m256i; VECTORS],
}

impl<const VECTORS: usize> Rows<VECTORS> {
    const SQUARE: Square = Square::of_rows(32 * VECTORS as u32);

    #[inline]
    #[target_feature(enable = "gfni,avx2")]
    fn fold(&mut self, rows: &[[[u8; 32]; VECTORS]]) {
        let Self { mut a, mut b } = *self;
        let (to_u, to_v) = (_mm256_set1_epi64x(Self::SQUARE.to_u), _mm256_set1_epi64x(Self::SQUARE.to_v));
        for row in rows {
            for ((a, b), octets) in a.iter_mut().zip(&mut b).zip(row) {
                let u = _mm256_gf2p8affine_epi64_epi8::<0>(*a, to_u);
                let v = _mm256_gf2p8affine_epi64_epi8::<0>(*a, to_v);
                *a = _mm256_xor_si256(*b, u);
                *b = _mm256_xor_si256(load_pair(octets), v);
            }
        }
        *self = Self { a, b };
    }
}

impl Rows<1> {
    #[inline]
    #[target_feature(enable = "gfni,avx2")]
    fn widen_and_fold(self, rows: &[[[u8; 32]; 6]]) -> Self {
        let (zero, [first], [second]) = (_mm256_setzero_si256(), self.a, self.b);
        let mut wide = Rows { a: [zero; 6], b: [zero, zero, zero, zero, first, second] };
        wide.fold(rows);
        let mut octets = [[[0; 32]; 6]; 2];
        for (octets, vector) in octets.as_flattened_mut().iter_mut().zip(wide.a.iter().chain(&wide.b)) {
            store(octets, *vector);
        }
        let mut narrow = Self { a: [zero], b: [zero] };
        narrow.fold(octets.as_flattened().as_chunks().0);
        narrow
    }
}

/// What takes an octet to *u* and to *v*.
struct Square {
    to_u: i64,
    to_v: i64,
}

impl Square {
    #[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
    const fn of_rows(octets: u32) -> Self {
        let (mut to_u, mut to_v) = ([0; 8], [0; 8]);
        let (x, x_squared) = (x_to_the(8 * octets), x_to_the(16 * octets));
        let mut bit = 0;
        while bit < 8 {
            let product = times(1 << bit, x_squared);
            // The rest of the right u has degree below eight: it is v.
            let mut u = 0;
            while (times(u, x) ^ product) >> 8 != 0 {
                u += 1;
            }
            assert!(
                u < 256,
                "octets and octets times X do not span the remainders: take another length of row"
            );
            to_u[bit] = u as u8;
            to_v[bit] = (times(u, x) ^ product) as u8;
            bit += 1;
        }
        Self { to_u: matrix(to_u), to_v: matrix(to_v) }
    }
}

/// The operand of GF2P8AFFINEQB that takes bit *i* to the octet `columns[i]`. Its last octet is the row of bit 0.
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn matrix(columns: [u8; 8]) -> i64 {
    let (mut matrix, mut i) = (0u64, 0);
    while i < 64 {
        let (row, column) = (7 - i / 8, i % 8);
        matrix |= ((columns[column] >> row & 1) as u64) << i;
        i += 1;
    }
    matrix.cast_signed()
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(octets: &mut [u8; 32], vector: __m256i) {
    // SAFETY: `octets` is 32 writable octets and this store takes any alignment.
    unsafe { _mm256_storeu_si256(octets.as_mut_ptr().cast(), vector) }
}

/// Vectors of a message that wide rows pay for (measured: from 1.2 KiB on).
const LONG: usize = 24;
