//! Frame header error control of AOS (732.0-B-5 §4.1.2.6): a shortened Reed-Solomon code over GF(16).
//!
//! Ten symbols of four bits: identification (four), signalling field (two), check (four). The frame count is not among them.
//! Field x^4 + x + 1; generator with the roots α^6 to α^9; two symbols can be corrected.

use super::PrimaryHeader;

/// What the check said of a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// The header, after so many symbols were corrected.
    Header { header: PrimaryHeader, symbols: u8 },
    /// More symbols are wrong than can be corrected.
    Uncorrectable,
}

/// Correct what the code guards of `header` with its `check`.
pub(super) const fn correct(header: PrimaryHeader, check: u16) -> Outcome {
    // Forty bits, the first symbol on top.
    let word = (header.identification as u64) << 24 | (header.signalling as u64) << 16 | check as u64;
    let syndromes = syndromes(word);
    let [s6, s7, s8, s9] = syndromes;
    if s6 | s7 | s8 | s9 == 0 {
        return Outcome::Header { header, symbols: 0 };
    }
    let (word, symbols) = match locate(syndromes) {
        Errors::One(first) => (word ^ first.pattern(), 1),
        Errors::Two(first, second) => (word ^ first.pattern() ^ second.pattern(), 2),
        Errors::Many => return Outcome::Uncorrectable,
    };
    let corrected = PrimaryHeader {
        identification: (word >> 24) as u16,
        signalling: (word >> 16) as u8,
        count: header.count,
    };
    Outcome::Header { header: corrected, symbols }
}

/// A wrong symbol: its power of x, and what to add to it.
#[derive(Clone, Copy)]
struct Error {
    power: u8,
    value: u8,
}

impl Error {
    const fn pattern(self) -> u64 {
        (self.value as u64) << (4 * self.power)
    }
}

enum Errors {
    One(Error),
    Two(Error, Error),
    Many,
}

/// The word, as a polynomial, at α^6 to α^9.
const fn syndromes(word: u64) -> [u8; 4] {
    let mut syndromes = [0; 4];
    let mut power = 0;
    while power < SYMBOLS {
        let symbol = (word >> (4 * power)) as u8 & 0xF;
        let [a, b, c, d] = syndromes;
        syndromes = [
            a ^ times_power(symbol, 6 * power),
            b ^ times_power(symbol, 7 * power),
            c ^ times_power(symbol, 8 * power),
            d ^ times_power(symbol, 9 * power),
        ];
        power += 1;
    }
    syndromes
}

/// Peterson's algorithm for two errors: the locator x² + σ1 x + σ2, then its roots among the ten places.
const fn locate([s6, s7, s8, s9]: [u8; 4]) -> Errors {
    let determinant = times(s7, s7) ^ times(s6, s8);
    if determinant == 0 {
        // At most one error: each syndrome is the one before times the place.
        if s6 == 0 || s7 == 0 || times(s7, s8) != times(s6, s9) {
            return Errors::Many;
        }
        let power = logarithm(over(s7, s6));
        return if power < SYMBOLS { Errors::One(at(power, s6)) } else { Errors::Many };
    }
    let sigma_1 = over(times(s7, s8) ^ times(s6, s9), determinant);
    let sigma_2 = over(times(s8, s8) ^ times(s7, s9), determinant);
    let mut first = None;
    let mut power = 0;
    while power < SYMBOLS {
        let place = times_power(1, power);
        if times(place, place) ^ times(sigma_1, place) ^ sigma_2 == 0 {
            match first {
                None => first = Some(power),
                Some(other) => {
                    let (x1, x2) = (times_power(1, other), place);
                    // s6 = z1 + z2 and s7 = z1 x1 + z2 x2, where z is the value times the sixth power of the place.
                    let z1 = over(s7 ^ times(s6, x2), x1 ^ x2);
                    let z2 = s6 ^ z1;
                    return if z1 == 0 || z2 == 0 {
                        Errors::Many
                    } else {
                        Errors::Two(at(other, z1), at(power, z2))
                    };
                }
            }
        }
        power += 1;
    }
    Errors::Many
}

/// The error at x^`power` whose value times the sixth power of its place is `z`.
const fn at(power: u8, z: u8) -> Error {
    Error { power, value: times_power(z, 15 - 6 * power % 15) }
}

/// Product in the field.
const fn times(a: u8, b: u8) -> u8 {
    let (mut product, mut bit) = (0, 4);
    while bit > 0 {
        bit -= 1;
        product = double(product) ^ if b >> bit & 1 == 1 { a } else { 0 };
    }
    product
}

/// `a` times α.
const fn double(a: u8) -> u8 {
    let shifted = a << 1;
    if shifted & 0x10 == 0 { shifted } else { shifted ^ 0x13 }
}

/// `a` times α to `exponent`.
const fn times_power(a: u8, exponent: u8) -> u8 {
    let (mut product, mut left) = (a, exponent % 15);
    while left > 0 {
        product = double(product);
        left -= 1;
    }
    product
}

/// The power of α that `a` is; 15 for 0.
const fn logarithm(a: u8) -> u8 {
    let (mut power, mut value) = (0, 1);
    while power < 15 && value != a {
        value = double(value);
        power += 1;
    }
    power
}

/// Quotient in the field; `b` is not 0.
const fn over(a: u8, b: u8) -> u8 {
    times_power(a, 15 - logarithm(b) % 15)
}

/// Symbols of the code word.
const SYMBOLS: u8 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    const fn header(identification: u16, signalling: u8) -> PrimaryHeader {
        PrimaryHeader { identification, count: 0xAB_CDEF, signalling }
    }

    /// Check symbols by division, written down from the generator in the book.
    fn check_of(identification: u16, signalling: u8) -> u16 {
        const GENERATOR: u64 = 0x1_8281; // x^4 + α^3 x^3 + α x^2 + α^3 x + 1
        let mut rest = (u64::from(identification) << 8 | u64::from(signalling)) << 16;
        for power in (4..10).rev() {
            let symbol = (rest >> (4 * power)) as u8 & 0xF;
            for i in 0..5 {
                let coefficient = (GENERATOR >> (4 * i)) as u8 & 0xF;
                rest ^= u64::from(times(coefficient, symbol)) << (4 * (power - 4 + i));
            }
        }
        rest as u16
    }

    const WORDS: [(u16, u8); 4] = [(0x1234, 0x56), (0, 0), (0x4845, 0xF9), (0x7FFF, 0x0F)];

    /// 732.0-B-5 §4.1.2.6: the known vector.
    #[test]
    fn the_known_header_has_the_known_check() {
        assert_eq!(check_of(0x1234, 0x56), 0x94DC);
        let clean = header(0x1234, 0x56);
        assert_eq!(correct(clean, 0x94DC), Outcome::Header { header: clean, symbols: 0 });
    }

    #[test]
    fn every_one_and_two_wrong_symbols_are_corrected() {
        for (identification, signalling) in WORDS {
            let sent = header(identification, signalling);
            let check = check_of(identification, signalling);
            let word = u64::from(identification) << 24 | u64::from(signalling) << 16 | u64::from(check);
            let damaged = |pattern: u64| {
                let word = word ^ pattern;
                correct(header((word >> 24) as u16, (word >> 16) as u8), word as u16)
            };
            for i in 0..10 {
                for a in 1..16u64 {
                    let one = a << (4 * i);
                    assert_eq!(damaged(one), Outcome::Header { header: sent, symbols: 1 });
                    for j in 0..i {
                        for b in 1..16u64 {
                            let two = one | b << (4 * j);
                            assert_eq!(damaged(two), Outcome::Header { header: sent, symbols: 2 }, "{two:x}");
                        }
                    }
                }
            }
        }
    }

    /// Three wrong symbols are seen or become another word of the code; they never pass as the word that was sent.
    #[test]
    fn three_wrong_symbols_never_pass_for_what_was_sent() {
        let (mut seen, mut total) = (0u32, 0u32);
        for (identification, signalling) in WORDS.into_iter().take(1) {
            let check = check_of(identification, signalling);
            for pattern in 0..120u64 * 3375 {
                let (places, mut values) = (pattern / 3375, pattern % 3375);
                let Some([i, j, k]) = triple(places) else { continue };
                let mut errors = 0u64;
                for place in [i, j, k] {
                    errors |= (values % 15 + 1) << (4 * place);
                    values /= 15;
                }
                let word = (u64::from(identification) << 24 | u64::from(signalling) << 16 | u64::from(check))
                    ^ errors;
                let outcome = correct(header((word >> 24) as u16, (word >> 16) as u8), word as u16);
                total += 1;
                match outcome {
                    Outcome::Uncorrectable => seen += 1,
                    Outcome::Header { header, symbols } => {
                        assert_eq!(symbols, 2, "{errors:x}");
                        let again = check_of(header.identification, header.signalling);
                        let changed = (u64::from(header.identification) << 24
                            | u64::from(header.signalling) << 16
                            | u64::from(again))
                            ^ word;
                        assert_eq!(
                            (0..10).filter(|i| changed >> (4 * i) & 0xF != 0).count(),
                            2,
                            "{errors:x}"
                        );
                    }
                }
            }
        }
        // Most are seen: the code is shortened from fifteen symbols to ten.
        assert!(seen > total / 2, "{seen} of {total}");
    }

    /// The `n`th choice of three places among ten.
    fn triple(n: u64) -> Option<[u64; 3]> {
        let mut all = (0..10u64).flat_map(|i| (0..i).flat_map(move |j| (0..j).map(move |k| [i, j, k])));
        all.nth(usize::try_from(n).ok()?)
    }
}
