//! The check of a codeword: a truncated inverse additive FFT.
//!
//! Let `r_i` be the coefficient of x^i in a received word, b the first root, and h the function with h(x) = `r_i` x^b at
//! x = α^(11i) and h(0) = 0. The syndromes are `S_l` = Σ h(x) x^l over all 256 elements. That sum over x^n alone is 1 for
//! n = 255 and 0 for every smaller n, so `S_l` is the coefficient of x^(255−l) in the polynomial of degree below 256 that
//! takes the values of h. A word is a codeword exactly when the 2E highest coefficients vanish.
//!
//! An additive FFT finds them in 640 multiplications after the 255 that make h, where evaluation at 32 roots takes 8160. It
//! works in the basis `X_n`, the product of the `s_t` for the bits t that are set in n, where `s_0` = x and `s_(t+1)` =
//! `s_t`² + `s_t` (Lin, Al-Naffouri and Han, arXiv 1503.05761). Its points are `ω_j`, the sum of the `β_t` for the bits t that
//! are set in j, where the β are a Cantor basis: `β_t` = `β_(t+1)`² + `β_(t+1)`. Therefore `s_t` is `ω_(j>>t)` at `ω_j`, and it
//! grows by 1 from a point to the one that lies `β_t` further. A polynomial `f_0` + `s_t` `f_1` then takes the values
//! `f_0` + `s_t` `f_1` and `f_0` + `s_t` `f_1` + `f_1` at such a pair, which a butterfly undoes: `f_1` is the sum of both. As only
//! the last 32 of 256 coefficients are wanted, the last three levels need no more than that sum, over 8 blocks of 32 points.
//!
//! Sixteen lanes hold sixteen cosets of sixteen points; the constants of a multiplication differ from lane to lane. This was
//! measured at 4.6 times the rate of Horner's rule with a product table for every pair of roots.

use super::{MAX_PARITY_SYMBOLS, RsConfig, RsE, field};

/// What a received word has in excess of a codeword: its coefficients of `X_224` to `X_255`.
pub(crate) struct Residue {
    /// The lower half is not computed for E = 8, where it does not matter.
    pub(crate) coefficients: [u8; MAX_PARITY_SYMBOLS],
}

impl Residue {
    /// The residue of codeword `index` of a block.
    pub(super) fn of(config: RsConfig, block: &[u8], index: usize) -> Self {
        let mut rows = scaled_symbols(config, block, index);
        let mut twiddles = TWIDDLES.iter();
        for level in 0..LEVELS {
            // `zip` asks for the group first, so the end of a level costs no twiddle.
            for (group, twiddle) in rows.chunks_exact_mut(2 << level).zip(twiddles.by_ref()) {
                let (low, high) = group.split_at_mut(1 << level);
                for (low, high) in low.iter_mut().zip(high) {
                    *high = high.plus(*low);
                    *low = low.plus(high.times(twiddle));
                }
            }
        }
        let mut coefficients = [0; MAX_PARITY_SYMBOLS];
        let (low, high) = coefficients.split_at_mut(COSET);
        for ((low, high), row) in low.iter_mut().zip(high).zip(&rows) {
            *high = row.sum();
            if config.e == RsE::E16 {
                *low = row.times(&LAST_TWIDDLE).sum();
            }
        }
        Self { coefficients }
    }

    /// Whether the word is a codeword.
    pub(super) fn is_zero(&self) -> bool {
        self.coefficients.iter().fold(0, |sum, coefficient| sum | coefficient) == 0
    }

    /// The values of the received word at the roots of the generator polynomial, 2E of them.
    ///
    /// All coefficients of the `s_t` are 0 or 1, hence so are those of the `X_n`: the change of basis is a matter of sums.
    pub(crate) fn syndromes(&self) -> [u8; MAX_PARITY_SYMBOLS] {
        let mut syndromes = [0; MAX_PARITY_SYMBOLS];
        for (coefficient, monomials) in self.coefficients.iter().zip(MONOMIALS) {
            for (syndrome, bit) in syndromes.iter_mut().zip((0..u32::BITS).rev()) {
                *syndrome ^= coefficient * (monomials >> bit & 1) as u8;
            }
        }
        syndromes
    }
}

/// The values of h: at `ω_(16k+r)` in lane k of row r.
fn scaled_symbols(config: RsConfig, block: &[u8], index: usize) -> [Lanes; COSET] {
    let logarithms = config.basis.logarithms();
    let scales = match config.e {
        RsE::E8 => &SCALES_E8,
        RsE::E16 => &SCALES_E16,
    };
    let mut rows = [Lanes::ZERO; COSET];
    for ((row, symbols), scales) in rows.iter_mut().zip(&SYMBOLS).zip(scales) {
        let mut lanes = [0; LANES];
        for ((lane, &symbol), &scale) in lanes.iter_mut().zip(symbols).zip(scales) {
            let octet = config.octet_of(symbol, index).and_then(|octet| block.get(octet));
            let logarithm = octet.and_then(|&octet| logarithms.get(usize::from(octet)));
            *lane = logarithm.map_or(0, |&logarithm| field::exp(usize::from(logarithm) + usize::from(scale)));
        }
        *row = Lanes::new(lanes);
    }
    rows
}

/// Sixteen elements side by side.
#[derive(Clone, Copy)]
struct Lanes([u64; 2]);

impl Lanes {
    const ZERO: Self = Self([0; 2]);

    const fn new(elements: [u8; LANES]) -> Self {
        let word = u128::from_le_bytes(elements);
        Self([word as u64, (word >> 64) as u64])
    }

    const fn plus(self, other: Self) -> Self {
        let (Self([a, b]), Self([x, y])) = (self, other);
        Self([a ^ x, b ^ y])
    }

    /// The product lane by lane.
    fn times(self, constants: &Constants) -> Self {
        let mut product = [0; 2];
        for (bit, Self(multiples)) in constants.0.iter().enumerate() {
            for ((product, word), multiples) in product.iter_mut().zip(self.0).zip(multiples) {
                let ones = word >> bit & 0x0101_0101_0101_0101;
                // A one becomes an octet of ones.
                *product ^= (ones << 8).wrapping_sub(ones) & multiples;
            }
        }
        Self(product)
    }

    /// The sum over all lanes.
    fn sum(self) -> u8 {
        let Self([a, b]) = self;
        (a ^ b).to_le_bytes().into_iter().fold(0, |sum, element| sum ^ element)
    }
}

/// A constant for each lane, as its multiples by α^0 to α^7.
struct Constants([Lanes; 8]);

impl Constants {
    #[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
    const fn new(elements: [u8; LANES]) -> Self {
        let (mut multiples, mut bit) = ([Lanes::ZERO; 8], 0);
        while bit < 8 {
            let (mut lanes, mut lane) = ([0; LANES], 0);
            while lane < LANES {
                lanes[lane] = field::product(elements[lane], 1 << bit);
                lane += 1;
            }
            multiples[bit] = Lanes::new(lanes);
            bit += 1;
        }
        Self(multiples)
    }
}

const LANES: usize = 16;
/// Points of a coset, one in each row.
const COSET: usize = 16;
/// Levels of butterflies between rows.
const LEVELS: usize = 4;

/// The symbol whose value belongs to a point; at zero there is none, and 255 is beyond every codeword.
static SYMBOLS: [[u8; LANES]; COSET] = symbols();
/// Exponents of x^b at each point x.
static SCALES_E16: [[u8; LANES]; COSET] = scales(RsE::E16);
static SCALES_E8: [[u8; LANES]; COSET] = scales(RsE::E8);
/// Level by level, `s_t` at the first point of each group of 2^(t+1) rows.
static TWIDDLES: [Constants; COSET - 1] = twiddles();
/// The fifth level is between lanes. For a in an even lane k and b in the odd one behind, `f_0` is a + `s_4` (a + b), so a
/// counts 1 + `s_4` times and b `s_4` times. As `s_4` is `ω_k` there and `β_0` is 1, that is in both the ω of the other lane.
static LAST_TWIDDLE: Constants = Constants::new(last_twiddle());
/// The coefficients of x^255 to x^224 in `X_224` to `X_255`, highest first.
pub(super) static MONOMIALS: [u32; MAX_PARITY_SYMBOLS] = monomials();

/// `ω_j`. The last element of a Cantor basis may be any of trace 1, and α is one: F(x) has a term in x^7.
pub(super) const fn point(j: usize) -> u8 {
    let (mut point, mut element, mut bit) = (0, field::ALPHA, 8);
    while bit > 0 {
        bit -= 1;
        if j >> bit & 1 == 1 {
            point ^= element;
        }
        element ^= field::product(element, element);
    }
    point
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn symbols() -> [[u8; LANES]; COSET] {
    let mut table = [[u8::MAX; LANES]; COSET];
    let mut j = 1;
    while j < LANES * COSET {
        // The first symbol of a codeword is the coefficient of x^254.
        table[j % COSET][j / COSET] = 254 - field::LOGARITHMS[point(j) as usize] as u8;
        j += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn scales(e: RsE) -> [[u8; LANES]; COSET] {
    let (symbols, mut table) = (symbols(), [[0; LANES]; COSET]);
    let mut j = 1;
    while j < LANES * COSET {
        let power = 254 - symbols[j % COSET][j / COSET] as usize;
        table[j % COSET][j / COSET] = (power * e.first_root() % field::ORDER) as u8;
        j += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn twiddles() -> [Constants; COSET - 1] {
    let mut table = [const { Constants([Lanes::ZERO; 8]) }; COSET - 1];
    let (mut level, mut next) = (0, 0);
    while level < LEVELS {
        let mut row = 0;
        while row < COSET {
            let (mut elements, mut lane) = ([0; LANES], 0);
            while lane < LANES {
                elements[lane] = point((lane * COSET + row) >> level);
                lane += 1;
            }
            table[next] = Constants::new(elements);
            next += 1;
            row += 2 << level;
        }
        level += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn last_twiddle() -> [u8; LANES] {
    let (mut elements, mut lane) = ([0; LANES], 0);
    while lane < LANES {
        elements[lane] = point(lane ^ 1);
        lane += 1;
    }
    elements
}

/// Over GF(2) a polynomial is the set of its exponents, here a word of bits.
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn monomials() -> [u32; MAX_PARITY_SYMBOLS] {
    let (mut table, mut n) = ([0; MAX_PARITY_SYMBOLS], 0);
    while n < table.len() {
        let (mut polynomial, mut t) = (1, 0);
        while t < 5 {
            if n >> t & 1 == 1 {
                polynomial = times_s(polynomial, t);
            }
            t += 1;
        }
        // Of s_6 and s_7 no term but the leading one, x^64 and x^128, reaches up to x^224.
        table[n] = (times_s(polynomial, 5) >> 32) as u32;
        n += 1;
    }
    table
}

/// Times `s_t`, the sum of x^(2^k) over the k with an odd binomial coefficient of t and k: those whose bits are all in t.
const fn times_s(polynomial: u64, t: usize) -> u64 {
    let (mut product, mut k) = (0, 0);
    while k <= t {
        if k & !t == 0 {
            product ^= polynomial << (1 << k);
        }
        k += 1;
    }
    product
}
