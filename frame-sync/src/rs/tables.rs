//! Constants of the kernels, for all levels.

use super::{RsE, field, transform};

#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub(crate) mod correction;
#[cfg(target_arch = "x86_64")]
pub(crate) mod matrices;

/// The multiples of one constant, for shuffles: by every value of the low, then of the high four bits of an octet.
#[derive(Clone, Copy)]
#[repr(align(32))]
pub(crate) struct Nibbles(pub(crate) [[u8; 16]; 2]);

/// The constants of the 32-point transform of one coset, level by level.
#[derive(Clone, Copy)]
pub(crate) struct Twiddles {
    /// Those of eight neighbours, four times.
    pub(crate) lower: [LowerTwiddles; 4],
    pub(crate) fourth: [u8; 2],
    pub(crate) fifth: u8,
}

/// The constants of the first three levels between eight neighbours.
#[derive(Clone, Copy)]
pub(crate) struct LowerTwiddles {
    pub(crate) first: [u8; 4],
    pub(crate) second: [u8; 2],
    pub(crate) third: u8,
}

/// Where a transform takes the value at a point from.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    /// The symbol of the codeword; [`u8::MAX`], which is none, at zero.
    pub(crate) symbol: u8,
    /// x^b at the point x.
    pub(crate) scale: u8,
}

/// Points of the truncated transform.
const COSET: usize = 32;
/// Cosets of all points.
const COSETS: usize = 256 / COSET;

/// `ω_0` to `ω_255`, coset by coset, a fourth of a coset at a time.
pub(crate) type Points = [[[Point; 8]; 4]; COSETS];

/// The points in the order of the transform.
pub(crate) const fn points(e: RsE) -> &'static Points {
    match e {
        RsE::E8 => &POINTS_E8,
        RsE::E16 => &POINTS_E16,
    }
}

static POINTS_E8: Points = all_points(RsE::E8);
static POINTS_E16: Points = all_points(RsE::E16);
pub(crate) static TWIDDLES: [Twiddles; COSETS] = twiddles();

/// For each octet c, the multiplication of an element by c.
pub(crate) static NIBBLES: [Nibbles; 256] = nibbles(&identity());
/// For each octet c, the product of c and the element that an octet in the dual basis stands for.
pub(crate) static NIBBLES_OF_DUAL: [Nibbles; 256] = nibbles(&field::FROM_DUAL);

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn all_points(e: RsE) -> Points {
    let (mut table, mut j) = ([[[Point { symbol: u8::MAX, scale: 0 }; 8]; 4]; COSETS], 1);
    while j < 256 {
        let power = field::LOGARITHMS[transform::point(j) as usize] as usize;
        let scale = field::POWERS[power * e.first_root() % field::ORDER];
        table[j / COSET][j / 8 % 4][j % 8] = Point { symbol: 254 - power as u8, scale };
        j += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn twiddles() -> [Twiddles; COSETS] {
    let lower = LowerTwiddles { first: [0; 4], second: [0; 2], third: 0 };
    let (mut table, mut n) = ([Twiddles { lower: [lower; 4], fourth: [0; 2], fifth: 0 }; COSETS], 0);
    while n < COSETS {
        let mut quarter = 0;
        while quarter < 4 {
            let eight = 4 * n + quarter;
            table[n].lower[quarter] = LowerTwiddles {
                first: [
                    twiddle(4 * eight),
                    twiddle(4 * eight + 1),
                    twiddle(4 * eight + 2),
                    twiddle(4 * eight + 3),
                ],
                second: [twiddle(2 * eight), twiddle(2 * eight + 1)],
                third: twiddle(eight),
            };
            quarter += 1;
        }
        table[n].fourth = [twiddle(2 * n), twiddle(2 * n + 1)];
        table[n].fifth = twiddle(n);
        n += 1;
    }
    table
}

/// The constant of pair g of groups of 2^t points, at any level t: `s_t` is `ω_(j>>t)` at the first of these points, `ω_j`, and
/// j is 2^(t+1) g there.
const fn twiddle(pair: usize) -> u8 {
    transform::point(2 * pair)
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn identity() -> [u8; 256] {
    let (mut table, mut octet) = ([0; 256], 0);
    while octet < table.len() {
        table[octet] = octet as u8;
        octet += 1;
    }
    table
}

/// `elements`, a linear map, tells what element an octet stands for.
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn nibbles(elements: &[u8; 256]) -> [Nibbles; 256] {
    let (mut table, mut constant) = ([Nibbles([[0; 16]; 2]); 256], 0);
    while constant < table.len() {
        let mut n = 0;
        while n < 16 {
            table[constant].0[0][n] = field::product(constant as u8, elements[n]);
            table[constant].0[1][n] = field::product(constant as u8, elements[n << 4]);
            n += 1;
        }
        constant += 1;
    }
    table
}
