//! Moments and spans of time: what numbers and CCSDS time codes stand for.

use core::fmt;

use ccsds_core::time::{
    CdsEpoch, CdsFormat, CucEpoch, CucFormat, Date, SubMillisecond, UniformTime, UtcTime,
};

use crate::extract::scaled;
use crate::plan::Time;
use crate::plan::meaning::{TimeCode, TimeScale};
use crate::raw::Raw;

/// A moment, to the picosecond: a day of the Gregorian calendar, and the time since it began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Moment {
    /// Days from 1958 January 1, negative before.
    pub day: i32,
    /// Picoseconds since the day began; above 86400 s only in a leap second.
    pub picosecond: u64,
    /// The scale on which days and seconds are counted.
    pub scale: TimeScale,
}

impl fmt::Display for Moment {
    /// `2021-04-09T00:00:00.137Z`, with ` TAI` or ` GPS` for `Z` on these scales.
    ///
    /// As many digits as the moment takes, in groups of three; a precision asks for as many, and the rest is cut off.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let picosecond = self.picosecond.min(LAST_PICOSECOND);
        let time = UtcTime::new(self.day, picosecond).unwrap_or(UtcTime::CCSDS_EPOCH);
        let (date, [hour, minute, second]) = (time.date(), time.clock());
        let (year, month, day) = (date.year(), date.month(), date.day_of_month());
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        let fits = |digits: &usize| time.picosecond().is_multiple_of(last_digit(*digits));
        let digits =
            f.precision().unwrap_or_else(|| [0, 3, 6, 9].into_iter().find(fits).unwrap_or(12)).min(12);
        if digits > 0 {
            let fraction = time.picosecond().checked_div(last_digit(digits)).unwrap_or(0);
            write!(f, ".{fraction:0digits$}")?;
        }
        f.write_str(match self.scale {
            TimeScale::Gps => " GPS",
            TimeScale::Tai => " TAI",
            TimeScale::Utc => "Z",
        })
    }
}

impl Time {
    /// The moment of a raw or calibrated value; `None` for what is no time, and beyond the days that 32 bits count.
    ///
    /// A whole number is exact, to the nearest picosecond, where the scale is a whole number of picoseconds or any binary fraction:
    /// 0.001 is then a thousandth, not the nearest `f64`. So is a time code; its units are its own.
    pub(crate) fn moment(&self, raw: Raw<'_>) -> Option<Moment> {
        let since_day = match self.code {
            TimeCode::Cds { .. } => {
                let time = self.day_segmented(raw)?;
                if self.offset == 0.0 {
                    // A leap second stays one, which the sum of its parts would not.
                    let (day, picosecond) = (time.day(), time.picosecond_of_day());
                    return Some(Moment { day, picosecond, scale: self.epoch.scale });
                }
                since_1958(time) - i128::from(self.epoch.day) * PER_DAY
            }
            TimeCode::Cuc { .. } => {
                let time = self.unsegmented(raw)?;
                let fraction = picoseconds_of(time.fraction().into(), -64)?;
                (i128::from(time.seconds()) * PER_SECOND + fraction)
                    .checked_add(decimal(self.epoch.second)?)?
            }
            TimeCode::Number => {
                let number = match raw.integer() {
                    Some(number) => scaled_number(number, self.scale)?,
                    None => picoseconds(raw.number()? * self.scale)?,
                };
                number.checked_add(decimal(self.epoch.second)?)?
            }
        };
        let since_day = since_day.checked_add(decimal(self.offset)?)?;
        let total = since_day.checked_add(i128::from(self.epoch.day) * PER_DAY)?;
        let day = i32::try_from(total.div_euclid(PER_DAY)).ok()?;
        Some(Moment { day, picosecond: total.rem_euclid(PER_DAY) as u64, scale: self.epoch.scale })
    }

    /// The seconds of a raw or calibrated value, which counts from nothing; `None` for what is no time.
    pub(crate) fn seconds(&self, raw: Raw<'_>) -> Option<f64> {
        let seconds = match self.code {
            TimeCode::Cds { .. } => {
                let span = since_1958(self.day_segmented(raw)?) - i128::from(self.epoch.day) * PER_DAY;
                span as f64 / PER_SECOND as f64
            }
            TimeCode::Cuc { .. } => {
                let time = self.unsegmented(raw)?;
                scaled(u128::from(time.seconds().unsigned_abs()) << 64 | u128::from(time.fraction()), -64)
            }
            TimeCode::Number => raw.number()? * self.scale,
        };
        Some(seconds + self.offset)
    }

    /// A day segmented code, whose day counts from that of the epoch.
    fn day_segmented(&self, raw: Raw<'_>) -> Option<UtcTime> {
        let TimeCode::Cds { day_octets, submillisecond_octets } = self.code else { return None };
        let fraction = match submillisecond_octets {
            0 => SubMillisecond::Absent,
            2 => SubMillisecond::Microsecond,
            4 => SubMillisecond::Picosecond,
            _ => return None,
        };
        let epoch = CdsEpoch::Agency(Date::from_days(self.epoch.day));
        let format = CdsFormat::new(epoch, day_octets.into(), fraction)?;
        format.decode(code_octets(raw, format.len())?.get(..format.len())?).ok()
    }

    /// An unsegmented code, which counts from the epoch.
    fn unsegmented(&self, raw: Raw<'_>) -> Option<UniformTime> {
        let TimeCode::Cuc { coarse_octets, fine_octets } = self.code else { return None };
        let format = CucFormat::new(CucEpoch::Agency, coarse_octets.into(), fine_octets.into())?;
        format.decode(code_octets(raw, format.len())?.get(..format.len())?).ok()
    }
}

/// The `len` octets of a code, be they octets or one number; `None` when the value has another length, or is not whole.
fn code_octets(raw: Raw<'_>, len: usize) -> Option<[u8; MAX_CODE_LEN]> {
    let mut code = [0; MAX_CODE_LEN];
    match raw {
        Raw::Octets(bits) if bits.bit_len() == len * 8 => {
            code.iter_mut().zip(bits.octets()).for_each(|(to, from)| *to = from);
        }
        _ => {
            let number = u128::try_from(raw.integer()?).ok()?;
            let leading =
                16usize.checked_sub(len).filter(|&leading| number.leading_zeros() as usize >= leading * 8)?;
            code.iter_mut()
                .zip(number.to_be_bytes().into_iter().skip(leading))
                .for_each(|(to, from)| *to = from);
        }
    }
    Some(code)
}

/// Picoseconds since 1958 January 1, in days of 86400 s.
fn since_1958(time: UtcTime) -> i128 {
    i128::from(time.day()) * PER_DAY + i128::from(time.picosecond_of_day())
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

/// Picoseconds of seconds that were written as a decimal fraction: of the one that was meant, where it has at most nine digits.
fn decimal(seconds: f64) -> Option<i128> {
    let nanoseconds = libm::round(seconds * 1e9);
    if libm::fabs(nanoseconds) <= EXACT && nanoseconds / 1e9 == seconds {
        return Some(nanoseconds as i128 * 1000);
    }
    picoseconds(seconds)
}

/// Picoseconds of a number of seconds.
fn picoseconds(seconds: f64) -> Option<i128> {
    let (significand, exponent) = parts(seconds)?;
    picoseconds_of(significand, exponent)
}

/// Picoseconds of `number · 2^exponent` seconds, rounded to the nearest, away from zero between two.
fn picoseconds_of(number: i128, exponent: i32) -> Option<i128> {
    let magnitude = number.unsigned_abs();
    let bits = exponent.unsigned_abs();
    let (whole, fraction) = if exponent >= 0 {
        let fits = magnitude == 0 || magnitude.leading_zeros() >= bits;
        (if fits { magnitude.checked_shl(bits).unwrap_or(0) } else { return None }, 0)
    } else {
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

/// Picoseconds of the last of so many digits behind the second.
fn last_digit(digits: usize) -> u64 {
    (digits..12).fold(1, |unit, _| unit * 10)
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
/// The longest code: seven octets of seconds and ten of fractions.
const MAX_CODE_LEN: usize = 17;
/// The last picosecond of a day with a leap second.
const LAST_PICOSECOND: u64 = 86_401 * PER_SECOND as u64 - 1;

#[cfg(test)]
mod tests;
