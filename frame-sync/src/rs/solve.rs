//! From syndromes to corrections: key equation, root search, error values. The cold path.
//!
//! Symbol n of a codeword is the coefficient of x^(254−n); its locator is X = α^(11(254−n)). Let S be the polynomial of the
//! syndromes, Λ(x) the product of 1 − X x over errors and erasures, O its terms of odd degree, Ω = Λ S mod x^2E and b the
//! first root. As O is x times the derivative of Λ, Forney's formula for the error value at X reads Ω(1/X) / (X^b O(1/X)).

use core::mem;

use super::field::{div, mul, root};
use super::{CODEWORD_SYMBOLS, MAX_PARITY_SYMBOLS, RsConfig};

/// What turns a word with these syndromes into a codeword; `None` when it holds more errors than the code can correct.
///
/// `erased` are symbols of unknown value, none of them twice, none in virtual fill.
pub(crate) fn errata(
    config: RsConfig,
    syndromes: &[u8; MAX_PARITY_SYMBOLS],
    erased: &[u8],
) -> Option<Errata> {
    let syndromes = syndromes.get(..config.e.parity_symbols())?;
    let locator = Locator::new(syndromes, erased)?;
    let evaluator = locator.evaluator(syndromes);
    let evaluator = evaluator.get(..locator.degree)?;
    let first_root = config.e.first_root();
    let mut errata = Errata::NONE;
    // Errors in virtual fill cannot be. As they are not looked for, there will be fewer roots than the degree asks for.
    for symbol in config.virtual_fill..CODEWORD_SYMBOLS as u8 {
        // 1/X = α^(11(n−254)) = α^(11(n+1)).
        let inverse = usize::from(symbol) + 1;
        let (even, odd) = locator.halves(root(inverse));
        if even == odd {
            let value = div(value(evaluator, root(inverse)), odd)?;
            errata.push(Erratum { symbol, value: mul(value, root(inverse * first_root)) })?;
        }
    }
    (errata.len == locator.degree && errata.explain(syndromes, first_root)).then_some(errata)
}

/// A symbol to be corrected.
#[derive(Clone, Copy)]
pub(crate) struct Erratum {
    /// Its place in the codeword, virtual fill included.
    pub(crate) symbol: u8,
    /// What to add to it; zero for an erased symbol that was right.
    pub(crate) value: u8,
}

/// The corrections of one codeword.
pub(crate) struct Errata {
    list: [Erratum; MAX_PARITY_SYMBOLS],
    len: usize,
}

impl Errata {
    pub(crate) const NONE: Self =
        Self { list: [Erratum { symbol: 0, value: 0 }; MAX_PARITY_SYMBOLS], len: 0 };

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Erratum> {
        self.list.iter().take(self.len)
    }

    /// `None` when there is no more room.
    pub(crate) fn push(&mut self, erratum: Erratum) -> Option<()> {
        *self.list.get_mut(self.len)? = erratum;
        self.len += 1;
        Some(())
    }

    /// Whether these are their syndromes. By linearity the corrected word then is a codeword, and only then.
    fn explain(&self, syndromes: &[u8], first_root: usize) -> bool {
        let mut left = [0; MAX_PARITY_SYMBOLS];
        for (left, syndrome) in left.iter_mut().zip(syndromes) {
            *left = *syndrome;
        }
        for erratum in self.iter() {
            for (left, j) in left.iter_mut().zip(first_root..).take(syndromes.len()) {
                *left ^= mul(erratum.value, root(power_of(erratum.symbol) * j));
            }
        }
        left == [0; MAX_PARITY_SYMBOLS]
    }
}

/// Λ, constant term first.
struct Locator {
    coefficients: [u8; MAX_PARITY_SYMBOLS + 1],
    /// The number of errors and erasures; the terms beyond are zero.
    degree: usize,
}

impl Locator {
    /// The shortest register that gives the syndromes, by Berlekamp and Massey, begun with the locator of the erasures;
    /// `None` when it takes more errors than the code can correct.
    fn new(syndromes: &[u8], erased: &[u8]) -> Option<Self> {
        let mut current = [0; MAX_PARITY_SYMBOLS + 1];
        current[0] = 1;
        for &symbol in erased {
            let x = root(power_of(symbol));
            let mut below = 0;
            for coefficient in &mut current {
                below = mem::replace(coefficient, *coefficient ^ mul(below, x));
            }
        }
        let mut degree = erased.len();
        let mut previous = current;
        for step in erased.len()..syndromes.len() {
            let discrepancy = convolution(&current, syndromes.get(..=step)?);
            // Times x: the degree never exceeds the number of syndromes, so what comes round is zero.
            previous.rotate_right(1);
            if discrepancy == 0 {
                continue;
            }
            let before = current;
            for (coefficient, previous) in current.iter_mut().zip(&previous) {
                *coefficient ^= mul(*previous, discrepancy);
            }
            if 2 * degree <= step + erased.len() {
                degree = step + 1 + erased.len() - degree;
                let scale = div(1, discrepancy)?;
                previous = before.map(|coefficient| mul(coefficient, scale));
            }
        }
        // An error takes two check symbols, an erasure one.
        let fits = 2 * degree <= syndromes.len() + erased.len();
        fits.then_some(Self { coefficients: current, degree })
    }

    /// Ω: its degree lies below that of Λ.
    fn evaluator(&self, syndromes: &[u8]) -> [u8; MAX_PARITY_SYMBOLS] {
        let mut evaluator = [0; MAX_PARITY_SYMBOLS];
        for (coefficient, n) in evaluator.iter_mut().zip(0..self.degree) {
            *coefficient =
                syndromes.get(..=n).map_or(0, |syndromes| convolution(&self.coefficients, syndromes));
        }
        evaluator
    }

    /// The terms of even and of odd degree at `x`: equal at a root.
    fn halves(&self, x: u8) -> (u8, u8) {
        let square = mul(x, x);
        // Horner's rule with every other coefficient, twice at a time.
        let coefficients = self.coefficients.iter().take(self.degree + 1).rev();
        let (even, odd) = coefficients.fold((0, 0), |(same, other), c| (mul(other, square) ^ c, same));
        (even, mul(odd, x))
    }
}

/// The coefficient of x^n in the product of a polynomial and the one that `up_to_n` are the lowest coefficients of.
fn convolution(polynomial: &[u8], up_to_n: &[u8]) -> u8 {
    up_to_n.iter().rev().zip(polynomial).fold(0, |sum, (a, b)| sum ^ mul(*a, *b))
}

/// The value of a polynomial at `x`.
fn value(polynomial: &[u8], x: u8) -> u8 {
    polynomial.iter().rev().fold(0, |value, coefficient| mul(value, x) ^ coefficient)
}

/// The power of x whose coefficient a symbol is.
fn power_of(symbol: u8) -> usize {
    usize::from(254u8.saturating_sub(symbol))
}
