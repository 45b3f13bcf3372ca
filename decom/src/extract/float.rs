//! Floating-point numbers of other machines, each correctly rounded to the nearest IEEE 754 binary64, ties to even.

use crate::plan::FloatEncoding;

/// The number that a word of `bits` bits stands for; `None` when the encoding has no such size.
pub(super) fn decode(encoding: FloatEncoding, word: u128, bits: u32) -> Option<f64> {
    match (encoding, bits) {
        (FloatEncoding::Dec, 32) => Some(dec(word, 8, 23)),
        (FloatEncoding::Dec, 64) => Some(dec(word, 11, 52)),
        (FloatEncoding::Ibm, 32) => Some(ibm(word, 24)),
        (FloatEncoding::Ibm, 64) => Some(ibm(word, 56)),
        (FloatEncoding::Ieee754, 16) => Some(ieee(word, 5, 10)),
        (FloatEncoding::Ieee754, 32) => Some(f32::from_bits(word as u32).into()),
        (FloatEncoding::Ieee754, 64) => Some(f64::from_bits(word as u64)),
        (FloatEncoding::Ieee754, 80) => Some(extended(word)),
        (FloatEncoding::Ieee754, 128) => Some(ieee(word, 15, 112)),
        (FloatEncoding::MilStd1750A, 32) => Some(mil_std_1750a(field(word, 8, 24), 24, word)),
        (FloatEncoding::MilStd1750A, 48) => {
            // The lower half of the mantissa stands behind the exponent.
            Some(mil_std_1750a(field(word, 24, 24) << 16 | field(word, 0, 16), 40, word >> 16))
        }
        (FloatEncoding::Ti, 32) => Some(ti(word, 23)),
        (FloatEncoding::Ti, 40) => Some(ti(word, 31)),
        _ => None,
    }
}

/// IEEE 754 binary interchange formats (IEEE 754-2019 §3.4).
fn ieee(word: u128, exponent_bits: u32, fraction_bits: u32) -> f64 {
    let negative = field(word, exponent_bits + fraction_bits, 1) == 1;
    let fraction = field(word, 0, fraction_bits);
    let exponent = field(word, fraction_bits, exponent_bits) as i32;
    let last = (1 << exponent_bits) - 1;
    let bias = last / 2;
    let magnitude = match exponent {
        0 => scaled(fraction, 1 - bias - fraction_bits as i32),
        _ if exponent == last && fraction == 0 => f64::INFINITY,
        _ if exponent == last => f64::NAN,
        _ => scaled(1 << fraction_bits | fraction, exponent - bias - fraction_bits as i32),
    };
    signed(negative, magnitude)
}

/// The extended format of 80 bits, whose leading bit is written. Patterns that processors refuse as operands are not a number.
fn extended(word: u128) -> f64 {
    let exponent = field(word, 64, 15) as i32;
    let mantissa = field(word, 0, 64);
    let is_leading_bit_set = mantissa >> 63 == 1;
    let magnitude = match exponent {
        0 => scaled(mantissa, 1 - 16_383 - 63),
        0x7FFF if mantissa == 1 << 63 => f64::INFINITY,
        1..0x7FFF if is_leading_bit_set => scaled(mantissa, exponent - 16_383 - 63),
        _ => f64::NAN,
    };
    signed(field(word, 79, 1) == 1, magnitude)
}

/// MIL-STD-1750A §4.1: a two's complement fraction, and a two's complement exponent in the low octet of `rest`.
fn mil_std_1750a(mantissa: u128, mantissa_bits: u32, rest: u128) -> f64 {
    let exponent = twos_complement(field(rest, 0, 8), 8) as i32;
    with_sign(twos_complement(mantissa, mantissa_bits), exponent + 1 - mantissa_bits as i32)
}

/// DEC F and G: a fraction from one half on, whose leading bit is not written. A sign without exponent is a reserved operand.
fn dec(word: u128, exponent_bits: u32, fraction_bits: u32) -> f64 {
    let negative = field(word, exponent_bits + fraction_bits, 1) == 1;
    let exponent = field(word, fraction_bits, exponent_bits) as i32;
    if exponent == 0 {
        return if negative { f64::NAN } else { 0.0 };
    }
    let bias = 1 << (exponent_bits - 1);
    let mantissa = 1 << fraction_bits | field(word, 0, fraction_bits);
    signed(negative, scaled(mantissa, exponent - bias - 1 - fraction_bits as i32))
}

/// IBM System/360: a power of sixteen, and a fraction whose first hexadecimal digit need not be above zero.
fn ibm(word: u128, fraction_bits: u32) -> f64 {
    let exponent = field(word, fraction_bits, 7) as i32 - 64;
    let magnitude = scaled(field(word, 0, fraction_bits), exponent * 4 - fraction_bits as i32);
    signed(field(word, fraction_bits + 7, 1) == 1, magnitude)
}

/// `TMS320C3x`: a two's complement exponent, then a two's complement mantissa whose bit beside the sign is not written: it is
/// the other one. The lowest exponent is zero.
fn ti(word: u128, fraction_bits: u32) -> f64 {
    let exponent = twos_complement(field(word, fraction_bits + 1, 8), 8) as i32;
    if exponent == -128 {
        return 0.0;
    }
    let fraction = field(word, 0, fraction_bits) as i128;
    let leading = if field(word, fraction_bits, 1) == 1 { -2 } else { 1 };
    with_sign(fraction + (leading << fraction_bits), exponent - fraction_bits as i32)
}

/// `mantissa · 2^exponent`.
fn with_sign(mantissa: i128, exponent: i32) -> f64 {
    signed(mantissa < 0, scaled(mantissa.unsigned_abs(), exponent))
}

fn signed(negative: bool, magnitude: f64) -> f64 {
    if negative { -magnitude } else { magnitude }
}

/// `mantissa · 2^exponent`, rounded once: to the nearest number, to the even one between two, to infinity beyond the last.
pub(crate) fn scaled(mantissa: u128, exponent: i32) -> f64 {
    let Some(last_bit) = mantissa.checked_ilog2() else { return 0.0 };
    // The exponent of the last place that the result keeps: 53 bits, fewer where numbers are subnormal.
    let kept = (last_bit as i32 + exponent - 52).max(-1074);
    let drop = kept - exponent;
    let significand = match u32::try_from(drop) {
        Err(_) => mantissa << drop.unsigned_abs(),
        Ok(drop) => {
            let floor = mantissa.checked_shr(drop).unwrap_or(0);
            let rest = mantissa - floor.checked_shl(drop).unwrap_or(0);
            let half = drop.checked_sub(1).and_then(|bit| 1u128.checked_shl(bit));
            match half {
                Some(half) if rest > half || (rest == half && floor & 1 == 1) => floor + 1,
                _ => floor,
            }
        }
    };
    // A significand that carries adds one to the exponent that stands above it, as does the leading bit of a normal number.
    let biased = (kept + 1074) as u64;
    let bits = (significand as u64).saturating_add(biased.saturating_mul(1 << 52));
    f64::from_bits(bits.min(f64::INFINITY.to_bits()))
}

/// The bits from `shift`, counted from the least significant one.
fn field(word: u128, shift: u32, bits: u32) -> u128 {
    word >> shift & ((1 << bits) - 1)
}

fn twos_complement(value: u128, bits: u32) -> i128 {
    let surplus = 128 - bits;
    (value << surplus) as i128 >> surplus
}

#[cfg(test)]
mod tests;
