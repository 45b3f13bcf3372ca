//! Division by the generator polynomial, which makes the check symbols.

use super::{MAX_PARITY_SYMBOLS, RsE, field};

/// The remainder of a message times x^2E, one symbol of the message after the other.
pub(super) struct Remainder {
    generator: &'static Generator,
    /// Highest coefficient first, in big-endian order; zero behind the 2E that count.
    words: Words,
}

impl Remainder {
    /// The remainder of no message.
    pub(super) const fn new(e: RsE) -> Self {
        let generator = match e {
            RsE::E8 => &GENERATOR_E8,
            RsE::E16 => &GENERATOR_E16,
        };
        Self { generator, words: [0; 4] }
    }

    /// Go on to the message with one more symbol.
    pub(super) fn append(&mut self, symbol: u8) {
        let [a, b, c, d] = self.words;
        let quotient = (a >> 56) as u8 ^ symbol;
        self.words = [a << 8 | b >> 56, b << 8 | c >> 56, c << 8 | d >> 56, d << 8];
        for (bit, multiple) in self.generator.iter().enumerate() {
            let mask = u64::from(quotient >> bit & 1).wrapping_neg();
            for (word, multiple) in self.words.iter_mut().zip(multiple) {
                *word ^= multiple & mask;
            }
        }
    }

    /// The coefficients, highest first; those behind the 2E that count are zero.
    pub(super) fn coefficients(&self) -> impl Iterator<Item = u8> {
        self.words.into_iter().flat_map(u64::to_be_bytes)
    }
}

/// Coefficients, eight to a word.
type Words = [u64; MAX_PARITY_SYMBOLS / 8];
/// The coefficients behind the leading one, times α^0 to α^7.
type Generator = [Words; 8];

static GENERATOR_E16: Generator = generator(RsE::E16);
static GENERATOR_E8: Generator = generator(RsE::E8);

/// g(x), the product of x − α^(11j) for j from 128 − E to 127 + E.
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn generator(e: RsE) -> Generator {
    let degree = e.parity_symbols();
    let mut coefficients = [0; MAX_PARITY_SYMBOLS + 1];
    coefficients[0] = 1;
    let mut roots = 0;
    while roots < degree {
        let root = field::POWERS[e.first_root() + roots];
        // Highest first: times x leaves them in place, times the root moves them one down.
        let mut i = roots + 1;
        while i > 0 {
            coefficients[i] ^= field::product(coefficients[i - 1], root);
            i -= 1;
        }
        roots += 1;
    }
    let (mut multiples, mut bit) = ([[0; MAX_PARITY_SYMBOLS / 8]; 8], 0);
    while bit < 8 {
        let mut i = 0;
        while i < degree {
            let multiple = field::product(coefficients[i + 1], 1 << bit);
            multiples[bit][i / 8] |= (multiple as u64) << (56 - i % 8 * 8);
            i += 1;
        }
        bit += 1;
    }
    multiples
}
