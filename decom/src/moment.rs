//! Moments and spans of time: what numbers and CCSDS time codes stand for.

use crate::plan::Time;
use crate::plan::meaning::{TimeCode, TimeScale};
use crate::raw::Raw;

/// A moment, to the picosecond: a day of the Gregorian calendar, and the time since it began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
    /// Days from 1958 January 1, negative before.
    pub day: i32,
    /// Picoseconds since the day began; above 86400 s only in a leap second.
    pub picosecond: u64,
    /// The scale on which days and seconds are counted.
    pub scale: TimeScale,
}

impl Time {
    /// The moment of a raw or calibrated value; `None` for what is no time, and beyond the days that 32 bits count.
    ///
    /// A whole number is exact, to the nearest picosecond, where the scale is a whole number of picoseconds or any binary fraction:
    /// 0.001 is then a thousandth, not the nearest `f64`.
    pub(crate) fn moment(&self, raw: Raw<'_>) -> Option<Moment> {
        let since_epoch = match (self.code, raw.integer()) {
            (TimeCode::Number, Some(number)) => scaled_number(number, self.scale)?,
            (TimeCode::Number, None) => picoseconds(raw.number()? * self.scale)?,
            _ => return None,
        };
        let epoch = i128::from(self.epoch.day) * PER_DAY + picoseconds(self.epoch.second)?;
        let total = epoch.checked_add(since_epoch)?.checked_add(picoseconds(self.offset)?)?;
        let day = i32::try_from(total.div_euclid(PER_DAY)).ok()?;
        Some(Moment { day, picosecond: total.rem_euclid(PER_DAY) as u64, scale: self.epoch.scale })
    }

    /// The seconds of a raw or calibrated value.
    pub(crate) fn seconds(&self, raw: Raw<'_>) -> Option<f64> {
        match self.code {
            TimeCode::Number => Some(raw.number()? * self.scale + self.offset),
            _ => None,
        }
    }
}

/// Picoseconds of a whole number of units of `scale` seconds.
fn scaled_number(number: i128, scale: f64) -> Option<i128> {
    let unit = libm::round(scale * PER_SECOND as f64);
    // The decimal fraction that was meant, when the scale is the number nearest to it.
    if libm::fabs(unit) <= EXACT && unit / PER_SECOND as f64 == scale {
        return number.checked_mul(unit as i128);
    }
    let (significand, exponent) = parts(scale)?;
    picoseconds_of(number.checked_mul(significand)?, exponent)
}

/// Picoseconds of a number of seconds.
fn picoseconds(seconds: f64) -> Option<i128> {
    let (significand, exponent) = parts(seconds)?;
    picoseconds_of(significand, exponent)
}

/// Picoseconds of `number · 2^exponent` seconds, rounded to the nearest.
fn picoseconds_of(number: i128, exponent: i32) -> Option<i128> {
    let magnitude = number.unsigned_abs();
    let (whole, fraction) = if exponent >= 0 {
        let fits = magnitude.leading_zeros() >= exponent as u32;
        (
            if fits || magnitude == 0 {
                magnitude.checked_shl(exponent as u32).unwrap_or(0)
            } else {
                return None;
            },
            0,
        )
    } else {
        let bits = exponent.unsigned_abs();
        let whole = magnitude.checked_shr(bits).unwrap_or(0);
        let rest = magnitude - whole.checked_shl(bits).unwrap_or(0);
        // What is below 2^-88 s is left out, so that the product has room.
        let dropped = bits.saturating_sub(FRACTION_BITS);
        let kept = bits - dropped;
        let scaled = rest.checked_shr(dropped).unwrap_or(0) * PER_SECOND as u128;
        (whole, (scaled + (1 << (kept - 1))) >> kept)
    };
    let sum = i128::try_from(whole).ok()?.checked_mul(PER_SECOND)?.checked_add(fraction as i128)?;
    Some(if number < 0 { -sum } else { sum })
}

/// Significand and exponent: `x = significand · 2^exponent`; `None` when `x` is not finite.
fn parts(x: f64) -> Option<(i128, i32)> {
    if !x.is_finite() {
        return None;
    }
    let bits = x.to_bits();
    let fraction = i128::from(bits & ((1 << 52) - 1));
    let (significand, exponent) = match (bits >> 52 & 0x7FF) as i32 {
        0 => (fraction, -1074),
        exponent => (fraction | 1 << 52, exponent - 1075),
    };
    Some((if x.is_sign_negative() { -significand } else { significand }, exponent))
}

const PER_SECOND: i128 = 1_000_000_000_000;
const PER_DAY: i128 = 86_400 * PER_SECOND;
/// Whole numbers up to this one are exact in `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;
const FRACTION_BITS: u32 = 88;
