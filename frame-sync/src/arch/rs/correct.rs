//! The correction of one codeword, as in [`crate::rs::solve`] but by algorithms that fill a vector.

use crate::rs::solve::Erratum;
use crate::rs::tables::correction::INVERSE_POWERS;
use crate::rs::{MAX_PARITY_SYMBOLS, RsConfig, RsE, field};

/// Define `errata` for a level, from its vectors and what can be done with them.
macro_rules! correct {
    ($(#[$attribute:meta])*) => {
        pub(super) use self::correct::errata;

        mod correct {
            use super::*;
            use crate::arch::rs::at;
            use crate::arch::rs::correct::{Error, KeyEquation, STATE};
            use crate::rs::solve::Errata;
            use crate::rs::tables::correction::{PAST_POWERS, SUMMANDS};
            use crate::rs::transform::Residue;
            use crate::rs::{MAX_PARITY_SYMBOLS, RsConfig, RsE};

            /// What turns a word with this residue into a codeword; `None` when it holds more errors than the code can
            /// correct.
            ///
            /// Whatever the algorithms find is held against the syndromes, so that nothing is corrected that does not become
            /// a codeword. As no word lies within E errors of two codewords, the scalar algorithms find nothing else.
            $(#[$attribute])*
            pub(in crate::arch::rs) fn errata(config: RsConfig, residue: &Residue) -> Option<Errata> {
                let syndromes = syndromes(config.e(), residue);
                // One error, by far the most common number: measured at twice the rate of the general way.
                if let Some(error) = Error::alone(config, &syndromes) {
                    let mut left = Unexplained::new(config.e(), &syndromes);
                    left.explain(&error);
                    if left.is_nothing() {
                        let mut errata = Errata::NONE;
                        errata.push(error.erratum)?;
                        return Some(errata);
                    }
                }
                let key = solve_key_equation(config.e(), &syndromes)?;
                let (even, odd) = (values(key.even_terms()), values(key.odd_terms()));
                let roots = equal(&even, &odd);
                // With fewer roots than its degree asks for, Λ is no locator.
                let found: u32 = roots.iter().map(|places| places.count_ones()).sum();
                if found as usize != key.degree {
                    return None;
                }
                let evaluator = values(key.evaluator_terms());
                let mut errata = Errata::NONE;
                let mut left = Unexplained::new(config.e(), &syndromes);
                for (mut places, first) in roots.into_iter().zip([0, 64, 128, 192]) {
                    while places != 0 {
                        let symbol = first + places.trailing_zeros() as u8;
                        places &= places - 1;
                        let error = Error::forney(config, symbol, *at(&evaluator, symbol), *at(&odd, symbol))?;
                        errata.push(error.erratum)?;
                        left.explain(&error);
                    }
                }
                left.is_nothing().then_some(errata)
            }

            /// The syndromes, and zeros behind them when there are fewer than 32.
            #[inline]
            $(#[$attribute])*
            fn syndromes(e: RsE, residue: &Residue) -> [u8; MAX_PARITY_SYMBOLS] {
                let mut sums = [zero(); MAX_PARITY_SYMBOLS / LANES];
                for (&coefficient, summands) in residue.coefficients.iter().zip(&SUMMANDS) {
                    let coefficient = splat(coefficient);
                    for (sum, summand) in sums.iter_mut().zip(summands.as_chunks().0) {
                        *sum = plus(*sum, and(coefficient, load(summand)));
                    }
                }
                let mut syndromes = [0; MAX_PARITY_SYMBOLS];
                for (octets, sum) in syndromes.as_chunks_mut().0.iter_mut().zip(sums) {
                    store(sum, octets);
                }
                if let Some(beyond) = syndromes.get_mut(e.parity_symbols()..) {
                    beyond.fill(0);
                }
                syndromes
            }

            /// Berlekamp and Massey's algorithm without inversions, reformulated so that a step takes no sum over a vector:
            /// Sarwate and Shanbhag, "High-speed architectures for Reed-Solomon decoders", 2001.
            ///
            /// `delta` begins as S + x^3E. Its lowest coefficients are the discrepancies to come, for which each step takes one
            /// away; those from x^E on end as Λ, those below as Ω'. Once all discrepancies to come are zero, there is nothing
            /// to do but to shift by their number.
            #[inline]
            $(#[$attribute])*
            fn solve_key_equation(e: RsE, syndromes: &[u8; MAX_PARITY_SYMBOLS]) -> Option<KeyEquation> {
                let mut octets = [0; STATE];
                *octets.first_chunk_mut()? = *syndromes;
                *octets.get_mut(3 * e.errors())? = 1;
                let mut delta = [zero(); STATE / LANES];
                for (delta, octets) in delta.iter_mut().zip(octets.as_chunks().0) {
                    *delta = enter(load(octets));
                }
                let (mut theta, mut gamma, mut balance, mut left) = (delta, splat(1), 0, e.parity_symbols());
                while left > 0 && nonzero(&delta) << (MAX_PARITY_SYMBOLS - left) != 0 {
                    let discrepancy = delta[0];
                    let (by_gamma, by_discrepancy) = (by_first(gamma), by_first(discrepancy));
                    let shifted = drop_lowest(&delta);
                    for ((delta, &shifted), &theta) in delta.iter_mut().zip(&shifted).zip(&theta) {
                        *delta = plus(scale(shifted, by_gamma), scale(theta, by_discrepancy));
                    }
                    if first(discrepancy) != 0 && balance >= 0 {
                        (theta, gamma, balance) = (shifted, discrepancy, -balance - 1);
                    } else {
                        balance += 1;
                    }
                    left -= 1;
                }
                for (octets, &delta) in octets.as_chunks_mut().0.iter_mut().zip(&delta) {
                    store(leave(delta), octets);
                }
                let mut locator = [0; MAX_PARITY_SYMBOLS / 2 + 2];
                for (coefficient, octet) in locator.iter_mut().zip(octets.get(left + e.errors()..)?) {
                    *coefficient = *octet;
                }
                KeyEquation::new(e, locator, *octets.get(left..)?.first_chunk()?)
            }

            /// The values of a polynomial at the inverse locators of all symbols.
            #[inline]
            $(#[$attribute])*
            fn values(terms: impl Iterator<Item = (&'static [u8; 256], u8)> + Clone) -> [u8; 256] {
                let mut values = [0; 256];
                for (n, values) in values.as_chunks_mut().0.as_chunks_mut().0.iter_mut().enumerate() {
                    let mut sums = [zero(); 8];
                    for (powers, constant) in terms.clone() {
                        let constant = factor(at(MULTIPLES, constant));
                        for (sum, powers) in sums.iter_mut().zip(powers.as_chunks().0.iter().skip(n * 8)) {
                            *sum = plus(*sum, times(load(powers), constant));
                        }
                    }
                    let values: &mut [[u8; LANES]; 8] = values;
                    for (octets, sum) in values.iter_mut().zip(sums) {
                        store(sum, octets);
                    }
                }
                values
            }

            /// A bit for every octet, set where both are equal.
            #[inline]
            $(#[$attribute])*
            fn equal(a: &[u8; 256], b: &[u8; 256]) -> [u64; 4] {
                let mut equal = [0; 4];
                let words = a.as_chunks::<64>().0.iter().zip(b.as_chunks::<64>().0);
                for (equal, (a, b)) in equal.iter_mut().zip(words) {
                    for (n, (a, b)) in a.as_chunks().0.iter().zip(b.as_chunks().0).enumerate() {
                        *equal |= u64::from(zeros(plus(load(a), load(b)))) << (n * LANES);
                    }
                }
                equal
            }

            /// A bit for each of the first 32 octets, set where it is not zero.
            #[inline]
            $(#[$attribute])*
            fn nonzero(vectors: &[Vector]) -> u32 {
                let mut zero = 0;
                for (n, &vector) in vectors.iter().take(MAX_PARITY_SYMBOLS / LANES).enumerate() {
                    zero |= zeros(vector) << (n * LANES);
                }
                !zero
            }

            /// Every octet moved one down.
            #[inline]
            $(#[$attribute])*
            fn drop_lowest(vectors: &[Vector; STATE / LANES]) -> [Vector; STATE / LANES] {
                let mut dropped = *vectors;
                let above = vectors.iter().skip(1).copied().chain([zero()]);
                for (vector, above) in dropped.iter_mut().zip(above) {
                    *vector = drop_first(*vector, above);
                }
                dropped
            }

            /// What is left of syndromes; the last of them is in the last lane.
            struct Unexplained {
                e: RsE,
                syndromes: [Vector; MAX_PARITY_SYMBOLS / LANES],
            }

            impl Unexplained {
                #[inline]
                $(#[$attribute])*
                fn new(e: RsE, octets: &[u8; MAX_PARITY_SYMBOLS]) -> Self {
                    let mut octets = *octets;
                    if e == RsE::E8 {
                        octets.rotate_right(MAX_PARITY_SYMBOLS - e.parity_symbols());
                    }
                    let mut syndromes = [zero(); MAX_PARITY_SYMBOLS / LANES];
                    for (syndromes, octets) in syndromes.iter_mut().zip(octets.as_chunks().0) {
                        *syndromes = load(octets);
                    }
                    Self { e, syndromes }
                }

                /// Take away what an error adds to the syndromes.
                #[inline]
                $(#[$attribute])*
                fn explain(&mut self, error: &Error) {
                    let behind_last = factor(at(MULTIPLES, error.behind_last));
                    let powers = at(&PAST_POWERS, error.erratum.symbol).as_chunks().0;
                    for (syndromes, powers) in self.syndromes.iter_mut().zip(powers) {
                        *syndromes = plus(*syndromes, times(load(powers), behind_last));
                    }
                }

                #[inline]
                $(#[$attribute])*
                fn is_nothing(&self) -> bool {
                    nonzero(&self.syndromes) >> (MAX_PARITY_SYMBOLS - self.e.parity_symbols()) == 0
                }
            }
        }
    };
}
pub(super) use correct;

/// A solution of Λ S = Ω + x^2E Ω', with Ω of lower degree than Λ. Ω' serves to evaluate errors as well as Ω.
pub(super) struct KeyEquation {
    /// Λ, constant term first.
    locator: [u8; MAX_PARITY_SYMBOLS / 2 + 2],
    /// Ω', of lower degree than Λ; what follows that means nothing.
    evaluator: [u8; MAX_PARITY_SYMBOLS / 2],
    /// The degree of Λ, which is the number of errors.
    pub(super) degree: usize,
}

impl KeyEquation {
    /// `None` when Λ is no locator, or one of more errors than the code can correct.
    #[inline]
    pub(super) fn new(
        e: RsE,
        locator: [u8; MAX_PARITY_SYMBOLS / 2 + 2],
        evaluator: [u8; MAX_PARITY_SYMBOLS / 2],
    ) -> Option<Self> {
        let [constant, ..] = locator;
        let degree = locator.iter().rposition(|&coefficient| coefficient != 0)?;
        (constant != 0 && degree <= e.errors()).then_some(Self { locator, evaluator, degree })
    }

    /// The terms of even degree of Λ: powers of all inverse locators, and the coefficient.
    #[inline]
    pub(super) fn even_terms(&self) -> impl Iterator<Item = (&'static [u8; 256], u8)> + Clone {
        self.pairs().map(|([powers, _], [constant, _])| (powers, *constant))
    }

    /// The terms of odd degree of Λ.
    #[inline]
    pub(super) fn odd_terms(&self) -> impl Iterator<Item = (&'static [u8; 256], u8)> + Clone {
        self.pairs().map(|([_, powers], [_, constant])| (powers, *constant))
    }

    /// The terms of Ω'.
    #[inline]
    pub(super) fn evaluator_terms(&self) -> impl Iterator<Item = (&'static [u8; 256], u8)> + Clone {
        INVERSE_POWERS.iter().zip(self.evaluator).take(self.degree)
    }

    #[inline]
    fn pairs(&self) -> impl Iterator<Item = (&'static [[u8; 256]; 2], &[u8; 2])> + Clone {
        let powers = INVERSE_POWERS.as_chunks().0.iter();
        powers.zip(self.locator.as_chunks().0).take(self.degree / 2 + 1)
    }
}

/// An error of a codeword.
pub(super) struct Error {
    pub(super) erratum: Erratum,
    /// What it would add to the syndrome behind the last one. To that it adds as much over the locator, and so on.
    pub(super) behind_last: u8,
}

impl Error {
    /// The error that gives the first two syndromes by itself; `None` when there is none outside of virtual fill.
    #[inline]
    pub(super) fn alone(config: RsConfig, &[first, second, ..]: &[u8; MAX_PARITY_SYMBOLS]) -> Option<Self> {
        if first == 0 || second == 0 {
            return None;
        }
        let locator = (field::log(second) + field::ORDER - field::log(first)) % field::ORDER;
        let behind_last = field::log(first) + locator * config.e().parity_symbols();
        Self::new(config, 254 - locator as u8, behind_last % field::ORDER)
    }

    /// The error at a root by Forney's formula, Ω'(1/X) / (X^(b+2E) O(1/X)), where O is the sum of the terms of odd degree
    /// of Λ.
    #[inline]
    pub(super) fn forney(config: RsConfig, symbol: u8, evaluator: u8, odd: u8) -> Option<Self> {
        if evaluator == 0 || odd == 0 {
            return None;
        }
        Self::new(config, symbol, field::log(evaluator) + field::ORDER - field::log(odd))
    }

    /// `None` in virtual fill, where no error can be. `behind_last` is the sum of two logarithms.
    #[inline]
    fn new(config: RsConfig, symbol: u8, behind_last: usize) -> Option<Self> {
        // 1/X = α^(11(n+1)).
        let inverse = usize::from(symbol) + 1;
        let value = behind_last + inverse * (config.e().first_root() + config.e().parity_symbols());
        let erratum = Erratum { symbol, value: field::root(value) };
        let error = Self { erratum, behind_last: field::exp(behind_last) };
        (symbol >= config.virtual_fill()).then_some(error)
    }
}

/// Octets of a vector or several that hold 3E + 1 coefficients.
pub(super) const STATE: usize = 64;
