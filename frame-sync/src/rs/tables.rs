//! Constants of the vector kernels, which take the same place in many codewords, or many places in one.

use super::{CODEWORD_SYMBOLS, MAX_PARITY_SYMBOLS, RsE, field, transform};

/// The multiples of one constant, for shuffles: by every value of the low, then of the high four bits of an octet.
#[derive(Clone, Copy)]
#[repr(align(32))]
pub(crate) struct Nibbles(pub(crate) [[u8; 16]; 2]);

/// A linear map of octets as a matrix of bits, for the affine instruction of x86.
#[derive(Clone, Copy)]
pub(crate) struct Matrix(pub(crate) u64);

impl Matrix {
    /// The map that takes the bits of an octet, the least significant first, to these.
    #[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
    const fn new(images: [u8; 8]) -> Self {
        let (mut matrix, mut cell) = (0, 0);
        while cell < 64 {
            let (row, column) = (cell / 8, cell % 8);
            // The row of bit n of the result is octet 7 − n.
            matrix |= (images[column] as u64 >> (7 - row) & 1) << cell;
            cell += 1;
        }
        Self(matrix)
    }
}

/// The constants of the 32-point transform of one coset, level by level.
#[derive(Clone, Copy)]
pub(crate) struct Twiddles {
    pub(crate) first: [[u8; 4]; 4],
    pub(crate) second: [[u8; 2]; 4],
    pub(crate) third: [u8; 4],
    pub(crate) fourth: [u8; 2],
    pub(crate) fifth: u8,
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
pub(crate) const COSET: usize = 32;
/// Cosets of all points.
pub(crate) const COSETS: usize = 256 / COSET;

/// `ω_0` to `ω_255`, coset by coset, a fourth of a coset at a time.
pub(crate) type Points = [[[Point; 8]; 4]; COSETS];

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
pub(crate) static MATRICES: [Matrix; 256] = matrices(&identity());
/// For each octet c, the product of c and the element that an octet in the dual basis stands for.
pub(crate) static NIBBLES_OF_DUAL: [Nibbles; 256] = nibbles(&field::FROM_DUAL);
pub(crate) static MATRICES_OF_DUAL: [Matrix; 256] = matrices(&field::FROM_DUAL);

/// From our field to that of AES, which the product of the Galois field instructions is in, and back.
pub(crate) static TO_AES: Matrix = to_aes();
pub(crate) static FROM_AES: Matrix = from_aes();

/// Ones where a coefficient of the transform, the row, is a summand of a syndrome, the column.
pub(crate) static SUMMANDS: [[u8; MAX_PARITY_SYMBOLS]; MAX_PARITY_SYMBOLS] = summands();
/// Row by row the powers X^-0 to X^-17 of the locators X of all symbols. There is no symbol 255: no polynomial but 0 has a root
/// there.
pub(crate) static INVERSE_POWERS: [[u8; 256]; MAX_PARITY_SYMBOLS / 2 + 2] = inverse_powers();
/// For each symbol the powers X^-32 to X^-1 of its locator.
pub(crate) static PAST_POWERS: [[u8; MAX_PARITY_SYMBOLS]; 256] = past_powers();

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

/// At the first point `ω_j` of a pair of groups of 2^t points, `s_t` is `ω_(j>>t)`: `ω_2g` for the pair g, at every level t.
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn twiddles() -> [Twiddles; COSETS] {
    let none = Twiddles { first: [[0; 4]; 4], second: [[0; 2]; 4], third: [0; 4], fourth: [0; 2], fifth: 0 };
    let (mut table, mut m) = ([none; COSETS], 0);
    while m < COSETS {
        let (coset, mut g) = (&mut table[m], 0);
        while g < 16 {
            coset.first[g / 4][g % 4] = transform::point(2 * (16 * m + g));
            g += 1;
        }
        while g < 16 + 8 {
            coset.second[(g - 16) / 2][g % 2] = transform::point(2 * (8 * m + g - 16));
            g += 1;
        }
        while g < 24 + 4 {
            coset.third[g - 24] = transform::point(2 * (4 * m + g - 24));
            g += 1;
        }
        coset.fourth = [transform::point(4 * m), transform::point(4 * m + 2)];
        coset.fifth = transform::point(2 * m);
        m += 1;
    }
    table
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

/// `elements` as with [`nibbles`].
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn matrices(elements: &[u8; 256]) -> [Matrix; 256] {
    let (mut table, mut constant) = ([Matrix(0); 256], 0);
    while constant < table.len() {
        let (mut images, mut bit) = ([0; 8], 0);
        while bit < 8 {
            images[bit] = field::product(constant as u8, elements[1 << bit]);
            bit += 1;
        }
        table[constant] = Matrix::new(images);
        constant += 1;
    }
    table
}

/// The image of every element in the field of AES: that of α is a root of F(x).
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn aes_images() -> [u8; 256] {
    let mut root = 1;
    loop {
        root += 1;
        let (mut powers, mut exponent) = ([1; 9], 1);
        while exponent <= 8 {
            powers[exponent] = aes_product(powers[exponent - 1], root);
            exponent += 1;
        }
        if powers[8] == powers[7] ^ powers[2] ^ powers[1] ^ powers[0] {
            let (mut images, mut element) = ([0; 256], 1);
            while element < images.len() {
                let bit = element.trailing_zeros() as usize;
                images[element] = images[element & (element - 1)] ^ powers[bit];
                element += 1;
            }
            return images;
        }
    }
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn to_aes() -> Matrix {
    let (images, mut bit, mut columns) = (aes_images(), 0, [0; 8]);
    while bit < 8 {
        columns[bit] = images[1 << bit];
        bit += 1;
    }
    Matrix::new(columns)
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn from_aes() -> Matrix {
    let (images, mut element, mut columns) = (aes_images(), 0, [0; 8]);
    while element < images.len() {
        if images[element].is_power_of_two() {
            columns[images[element].trailing_zeros() as usize] = element as u8;
        }
        element += 1;
    }
    Matrix::new(columns)
}

/// The product in the field of AES, of polynomials modulo x^8 + x^4 + x^3 + x + 1.
const fn aes_product(a: u8, b: u8) -> u8 {
    let (mut sum, mut term, mut rest) = (0, a, b);
    while rest != 0 {
        sum ^= term * (rest & 1);
        term = (term << 1) ^ ((term >> 7) * 0b0001_1011);
        rest >>= 1;
    }
    sum
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn summands() -> [[u8; MAX_PARITY_SYMBOLS]; MAX_PARITY_SYMBOLS] {
    let (mut table, mut n) = ([[0; MAX_PARITY_SYMBOLS]; MAX_PARITY_SYMBOLS], 0);
    while n < table.len() {
        let mut syndrome = 0;
        while syndrome < MAX_PARITY_SYMBOLS {
            if transform::MONOMIALS[n] >> (MAX_PARITY_SYMBOLS - 1 - syndrome) & 1 == 1 {
                table[n][syndrome] = u8::MAX;
            }
            syndrome += 1;
        }
        n += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn inverse_powers() -> [[u8; 256]; MAX_PARITY_SYMBOLS / 2 + 2] {
    let (mut table, mut exponent) = ([[0; 256]; MAX_PARITY_SYMBOLS / 2 + 2], 0);
    table[0][CODEWORD_SYMBOLS] = 1;
    while exponent < table.len() {
        let mut symbol = 0;
        while symbol < CODEWORD_SYMBOLS {
            // 1/X = α^(11(n−254)) = α^(11(n+1)).
            table[exponent][symbol] = field::POWERS[(symbol + 1) * exponent % field::ORDER];
            symbol += 1;
        }
        exponent += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn past_powers() -> [[u8; MAX_PARITY_SYMBOLS]; 256] {
    let (mut table, mut symbol) = ([[0; MAX_PARITY_SYMBOLS]; 256], 0);
    while symbol < CODEWORD_SYMBOLS {
        let mut exponent = 0;
        while exponent < MAX_PARITY_SYMBOLS {
            table[symbol][exponent] =
                field::POWERS[(symbol + 1) * (MAX_PARITY_SYMBOLS - exponent) % field::ORDER];
            exponent += 1;
        }
        symbol += 1;
    }
    table
}
