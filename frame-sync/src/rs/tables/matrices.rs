//! Linear maps of octets, for the Galois field instructions of x86.

use super::identity;
use crate::rs::field;

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

/// For each octet c, the multiplication of an element by c.
pub(crate) static MATRICES: [Matrix; 256] = matrices(&identity());
/// For each octet c, the product of c and the element that an octet in the dual basis stands for.
pub(crate) static MATRICES_OF_DUAL: [Matrix; 256] = matrices(&field::FROM_DUAL);

/// From our field to that of AES, which the product of the Galois field instructions is in, and back.
pub(crate) static TO_AES: Matrix = to_aes();
pub(crate) static FROM_AES: Matrix = from_aes();

/// `elements`, a linear map, tells what element an octet stands for.
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
