//! A model of the code that follows the definition and nothing else: slow, and simple enough to be believed.
//!
//! Polynomials are vectors of coefficients in the conventional basis, highest power first, as symbols travel.

use std::vec;
use std::vec::Vec;

use super::RsE;

/// The product of two elements: of the polynomials in α, reduced by F(x) = x^8 + x^7 + x^2 + x + 1.
pub(super) fn mul(a: u8, b: u8) -> u8 {
    let mut product = (0..8).filter(|bit| b >> bit & 1 == 1).fold(0u16, |sum, bit| sum ^ u16::from(a) << bit);
    for degree in (8..16).rev() {
        if product >> degree & 1 == 1 {
            product ^= 0b1_1000_0111 << (degree - 8);
        }
    }
    product as u8
}

pub(super) fn pow(base: u8, exponent: usize) -> u8 {
    (0..exponent).fold(1, |power, _| mul(power, base))
}

/// The element whose product with `a` is one.
pub(super) fn inverse(a: u8) -> u8 {
    (1..=255).find(|&b| mul(a, b) == 1).unwrap()
}

/// The roots of the generator polynomial: α^(11 j) for j from 128 − E to 127 + E.
pub(super) fn roots(e: RsE) -> Vec<u8> {
    let e = e.errors();
    (128 - e..=127 + e).map(|j| pow(pow(2, 11), j)).collect()
}

/// The generator polynomial.
pub(super) fn generator(e: RsE) -> Vec<u8> {
    roots(e).into_iter().fold(vec![1], |product, root| {
        let mut next = product.clone();
        next.push(0);
        for (coefficient, shifted) in next.iter_mut().skip(1).zip(product) {
            *coefficient ^= mul(shifted, root);
        }
        next
    })
}

/// The remainder of a long division by the generator.
pub(super) fn remainder(e: RsE, dividend: &[u8]) -> Vec<u8> {
    let (generator, mut rest) = (generator(e), dividend.to_vec());
    let parity = generator.len() - 1;
    for i in 0..rest.len().saturating_sub(parity) {
        let quotient = rest[i];
        for (coefficient, &divisor) in rest[i..].iter_mut().zip(&generator) {
            *coefficient ^= mul(quotient, divisor);
        }
    }
    rest.split_off(rest.len() - parity)
}

/// The codeword of a message.
pub(super) fn encode(e: RsE, message: &[u8]) -> Vec<u8> {
    let mut word = message.to_vec();
    word.resize(message.len() + e.parity_symbols(), 0);
    let parity = remainder(e, &word);
    word.truncate(message.len());
    word.extend(parity);
    word
}

pub(super) fn is_codeword(e: RsE, word: &[u8]) -> bool {
    remainder(e, word).iter().all(|&coefficient| coefficient == 0)
}

/// The value of a word, a polynomial, at some element.
pub(super) fn value(word: &[u8], x: u8) -> u8 {
    word.iter().fold(0, |value, &coefficient| mul(value, x) ^ coefficient)
}

/// The values of a word at the roots.
pub(super) fn syndromes(e: RsE, word: &[u8]) -> Vec<u8> {
    roots(e).into_iter().map(|root| value(word, root)).collect()
}

/// The codeword that differs from `word` in `erased` symbols and in others that number at most half of what the erasures
/// leave of 2E; `None` when there is none.
///
/// Peterson's method: for every number of errors, the most first, solve linear equations for the locator; try all symbols as
/// its roots; solve linear equations for the values.
pub(super) fn decode(e: RsE, word: &[u8], erased: &[usize]) -> Option<Vec<u8>> {
    if erased.len() > e.parity_symbols() {
        return None;
    }
    let locator = |symbol: usize| pow(pow(2, 11), word.len() - 1 - symbol);
    // Multiplying by 1 − X x takes an erasure out of the sequence of syndromes.
    let mut sequence = syndromes(e, word);
    for &symbol in erased {
        let x = locator(symbol);
        sequence = sequence.windows(2).map(|pair| pair[1] ^ mul(pair[0], x)).collect();
    }
    for errors in (0..=sequence.len() / 2).rev() {
        let rows = (0..errors).map(|i| (0..=errors).map(|j| sequence[i + j]).collect()).collect();
        let Some(register) = solve(rows, errors) else {
            continue;
        };
        // x^n + register_(n−1) x^(n−1) + … has the error locators as its roots.
        let mut polynomial = vec![1];
        polynomial.extend(register.iter().rev());
        let mut symbols: Vec<usize> =
            (0..word.len()).filter(|&n| value(&polynomial, locator(n)) == 0).collect();
        symbols.retain(|symbol| !erased.contains(symbol));
        symbols.extend(erased);
        // Every syndrome is the sum over the symbols of value times root to the power of the symbol.
        let equations = roots(e).into_iter().zip(syndromes(e, word)).map(|(root, syndrome)| {
            let mut row: Vec<u8> = symbols.iter().map(|n| pow(root, word.len() - 1 - n)).collect();
            row.push(syndrome);
            row
        });
        let corrected = solve(equations.collect(), symbols.len()).map(|values| {
            let mut corrected = word.to_vec();
            for (symbol, value) in symbols.iter().zip(values) {
                corrected[*symbol] ^= value;
            }
            corrected
        });
        // The largest regular system settles the number of errors.
        return corrected.filter(|corrected| is_codeword(e, corrected));
    }
    None
}

/// Gauss' elimination: rows are coefficients and right side. `None` when singular or contradictory.
fn solve(mut rows: Vec<Vec<u8>>, unknowns: usize) -> Option<Vec<u8>> {
    for column in 0..unknowns {
        let pivot = (column..rows.len()).find(|&row| rows[row][column] != 0)?;
        rows.swap(column, pivot);
        let scale = inverse(rows[column][column]);
        let pivot: Vec<u8> = rows[column].iter().map(|&coefficient| mul(coefficient, scale)).collect();
        for row in &mut rows {
            let factor = row[column];
            for (coefficient, &pivot) in row.iter_mut().zip(&pivot) {
                *coefficient ^= mul(factor, pivot);
            }
        }
        rows[column] = pivot;
    }
    let (solved, rest) = rows.split_at(unknowns);
    rest.iter().all(|row| row[unknowns] == 0).then(|| solved.iter().map(|row| row[unknowns]).collect())
}

#[test]
fn the_model_gives_the_generator_exponents_of_the_facts() {
    let exponents = |e| -> Vec<usize> {
        let exponent = |&coefficient: &u8| (0..255).find(|&n| pow(2, n) == coefficient).unwrap();
        generator(e).iter().map(exponent).collect()
    };
    let e16 = exponents(RsE::E16);
    assert_eq!(e16[..17], [0, 249, 59, 66, 4, 43, 126, 251, 97, 30, 3, 213, 50, 66, 170, 5, 24]);
    assert!(e16.iter().eq(e16.iter().rev()));
    let e8 = exponents(RsE::E8);
    assert_eq!(e8[..9], [0, 30, 230, 49, 235, 129, 81, 76, 173]);
    assert!(e8.iter().eq(e8.iter().rev()));
}
