//! GF(256) as 131.0-B §4.3 defines it, and the two bases of its elements.
//!
//! An element is an octet in the conventional basis: bit n is the coefficient of α^n. Addition is XOR. Products go by
//! logarithms to the base α^11, on which the code is built: its roots and the locators of its symbols are powers of that.
//! The tables are small enough for flash, and no product branches on zero: the logarithm of zero points beyond the table of
//! powers, and what lies beyond reads as zero.

use super::{Basis, CODEWORD_SYMBOLS};

/// The product of two elements.
pub(super) fn mul(a: u8, b: u8) -> u8 {
    exp(log(a) + log(b))
}

/// The quotient of two elements; `None` when the divisor is zero.
pub(super) fn div(a: u8, b: u8) -> Option<u8> {
    (b != 0).then(|| exp(log(a) + ORDER - log(b)))
}

/// α^(11 `j`).
pub(crate) fn root(j: usize) -> u8 {
    exp(j % ORDER)
}

/// α^11 to a sum of two logarithms.
pub(crate) fn exp(exponent: usize) -> u8 {
    POWERS.get(exponent).copied().unwrap_or(0)
}

pub(crate) fn log(element: u8) -> usize {
    LOGARITHMS.get(usize::from(element)).copied().map_or(LOG_ZERO, usize::from)
}

impl Basis {
    /// The element that an octet on the link stands for.
    pub(super) fn element(self, octet: u8) -> u8 {
        match self {
            Self::Conventional => octet,
            Self::Dual => look_up(&FROM_DUAL, octet),
        }
    }

    /// The octet that stands for an element on the link.
    pub(super) fn octet(self, element: u8) -> u8 {
        match self {
            Self::Conventional => element,
            Self::Dual => look_up(&TO_DUAL, element),
        }
    }

    /// The logarithm of every octet's element.
    pub(super) const fn logarithms(self) -> &'static [u16; 256] {
        match self {
            Self::Conventional => &LOGARITHMS,
            Self::Dual => &LOGARITHMS_OF_DUAL,
        }
    }
}

fn look_up(table: &[u8; 256], index: u8) -> u8 {
    table.get(usize::from(index)).copied().unwrap_or(0)
}

/// The product by its definition: for tables, which are made when there is no other yet.
pub(super) const fn product(a: u8, b: u8) -> u8 {
    let (mut sum, mut term, mut rest) = (0, a, b);
    while rest != 0 {
        if rest & 1 == 1 {
            sum ^= term;
        }
        let carry = term >> 7;
        term = (term << 1) ^ (carry * REDUCTION);
        rest >>= 1;
    }
    sum
}

const fn power(base: u8, exponent: usize) -> u8 {
    let (mut power, mut i) = (1, 0);
    while i < exponent {
        power = product(power, base);
        i += 1;
    }
    power
}

/// The sum of an element's conjugates, which is 0 or 1.
const fn trace(element: u8) -> u8 {
    let (mut sum, mut conjugate, mut i) = (0, element, 0);
    while i < 8 {
        sum ^= conjugate;
        conjugate = product(conjugate, conjugate);
        i += 1;
    }
    sum
}

/// 131.0-B §4.4.2 takes the dual of the basis 1, δ, δ² … δ^7 with δ = α^117. A coordinate in a dual basis is the trace of the
/// element times the member of the other basis; the first goes first on the link, in the most significant bit.
const fn to_dual(element: u8) -> u8 {
    let (mut octet, mut term, mut i) = (0, element, 0);
    while i < 8 {
        octet = octet << 1 | trace(term);
        term = product(term, DELTA);
        i += 1;
    }
    octet
}

/// The non-zero elements.
pub(crate) const ORDER: usize = CODEWORD_SYMBOLS;
/// α.
pub(super) const ALPHA: u8 = 2;
const DELTA: u8 = power(ALPHA, 117);
/// F(x) = x^8 + x^7 + x^2 + x + 1, without its leading term.
const REDUCTION: u8 = 0b1000_0111;
/// Beyond [`POWERS`], whatever is added.
const LOG_ZERO: usize = 2 * ORDER;

/// Powers of α^11, two rounds of them, so that a sum of two logarithms needs no reduction.
pub(super) static POWERS: [u8; 2 * ORDER] = powers();
/// Logarithms to the base α^11.
pub(super) static LOGARITHMS: [u16; 256] = logarithms();
static LOGARITHMS_OF_DUAL: [u16; 256] = logarithms_of_dual();
pub(super) static FROM_DUAL: [u8; 256] = from_dual_table();
static TO_DUAL: [u8; 256] = to_dual_table();

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn powers() -> [u8; 2 * ORDER] {
    let (mut table, mut i) = ([1; 2 * ORDER], 1);
    while i < table.len() {
        table[i] = product(table[i - 1], power(ALPHA, 11));
        i += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn logarithms() -> [u16; 256] {
    let (mut table, mut exponent) = ([LOG_ZERO as u16; 256], 0);
    while exponent < ORDER {
        table[POWERS[exponent] as usize] = exponent as u16;
        exponent += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn logarithms_of_dual() -> [u16; 256] {
    let (mut table, mut octet) = ([0; 256], 0);
    while octet < table.len() {
        table[octet] = LOGARITHMS[FROM_DUAL[octet] as usize];
        octet += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn to_dual_table() -> [u8; 256] {
    let (mut table, mut element) = ([0; 256], 0);
    while element < table.len() {
        table[element] = to_dual(element as u8);
        element += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn from_dual_table() -> [u8; 256] {
    let (mut table, mut element) = ([0; 256], 0);
    while element < table.len() {
        table[TO_DUAL[element] as usize] = element as u8;
        element += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_give_the_product_of_the_definition() {
        for a in 0..=255 {
            for b in 0..=255 {
                assert_eq!(mul(a, b), product(a, b), "{a} times {b}");
                assert_eq!(div(mul(a, b), b), (b != 0).then_some(a), "{a} times {b} over {b}");
            }
        }
    }

    #[test]
    fn alpha_and_its_eleventh_power_generate_the_field() {
        for generator in [ALPHA, root(1)] {
            let order = (1..).find(|&exponent| power(generator, exponent) == 1);
            assert_eq!(order, Some(ORDER));
        }
        assert_eq!(root(1), power(ALPHA, 11));
    }

    #[test]
    fn the_dual_basis_is_dual() {
        for i in 0..8 {
            for j in 0..8 {
                // Member i of the dual basis is what the octet with bit i alone stands for.
                let member = Basis::Dual.element(0x80 >> i);
                assert_eq!(trace(product(member, power(DELTA, j))), u8::from(i == j));
            }
        }
    }

    /// 131.0-B §4.3.9 prints the map as a matrix; its rows are the images of α^7 to α^0.
    #[test]
    fn the_dual_basis_map_is_the_printed_matrix() {
        let rows = [0x8D, 0xEF, 0xEC, 0x86, 0xFA, 0x99, 0xAF, 0x7B];
        for (exponent, row) in (0..8).rev().zip(rows) {
            assert_eq!(Basis::Dual.octet(1 << exponent), row);
        }
        assert!((0..=255).all(|octet| Basis::Dual.octet(Basis::Dual.element(octet)) == octet));
    }
}
