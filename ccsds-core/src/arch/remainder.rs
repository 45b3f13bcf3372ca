//! Remainders by the generator polynomial *P* = x^16 + x^12 + x^5 + 1, for the constants of the CRC-16 kernels.

/// What the preset register, sixteen ones, adds to the lane in which the message begins, by the octets in that lane. Lanes in
/// front of it are zero.
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
pub(super) static PRESET: [u16; 17] = {
    let mut presets = [0; 17];
    let mut len = 1;
    while len < 17 {
        presets[len] = times(0xFFFF, times(x_to_the(8 * len as u32), X_TO_MINUS_16));
        len += 1;
    }
    presets
};

/// x^n for the lower half of a lane and for the upper one.
pub(super) const fn power(n: u32) -> [u64; 2] {
    [x_to_the(n) as u64, x_to_the(n + 64) as u64]
}

/// x^n mod P.
pub(super) const fn x_to_the(n: u32) -> u16 {
    let (mut power, mut i) = (1, 0);
    while i < n {
        power = times(power, 2);
        i += 1;
    }
    power
}

/// `a` · `b` mod P.
pub(super) const fn times(a: u16, b: u16) -> u16 {
    let (mut product, mut factor, mut rest) = (0, a, b);
    while rest != 0 {
        if rest & 1 == 1 {
            product ^= factor;
        }
        factor = if factor & 0x8000 == 0 { factor << 1 } else { factor << 1 ^ GENERATOR };
        rest >>= 1;
    }
    product
}

/// ⌊x^79 / P⌋.
pub(super) const QUOTIENT: u64 = {
    let (mut quotient, mut rest, mut i) = (0, 0u32, 0);
    // Long division of a one and 79 zeros.
    while i < 80 {
        rest = rest << 1 | (i == 0) as u32;
        quotient <<= 1;
        if rest & 0x1_0000 != 0 {
            rest ^= 0x1_0000 | GENERATOR as u32;
            quotient |= 1;
        }
        i += 1;
    }
    quotient
};

/// P without its highest term.
const GENERATOR: u16 = 0x1021;

/// x^-16 mod P: the power of x that x^16 = x^12 + x^5 + 1 takes to 1.
const X_TO_MINUS_16: u16 = x_to_the(32_767 - 16);
