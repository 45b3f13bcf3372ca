//! Constants of the correction: where a coefficient goes, and powers of the locators of all symbols.

use crate::rs::{CODEWORD_SYMBOLS, MAX_PARITY_SYMBOLS, field, transform};

/// Ones where a coefficient of the transform, the row, is a summand of a syndrome, the column.
pub(crate) static SUMMANDS: [[u8; MAX_PARITY_SYMBOLS]; MAX_PARITY_SYMBOLS] = summands();
/// Row by row the powers X^-0 to X^-17 of the locators X of all symbols. There is no symbol 255: no polynomial but 0 has a root
/// there.
pub(crate) static INVERSE_POWERS: [[u8; 256]; MAX_PARITY_SYMBOLS / 2 + 2] = inverse_powers();
/// For each symbol the powers X^-32 to X^-1 of its locator.
pub(crate) static PAST_POWERS: [[u8; MAX_PARITY_SYMBOLS]; 256] = past_powers();

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
