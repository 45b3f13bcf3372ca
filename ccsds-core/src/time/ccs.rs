//! CCSDS calendar segmented time code, 301.0-B-4 §3.4: year, day and clock in binary coded decimals.

use super::utc::{PICOSECONDS_PER_SECOND, quotient};
use super::{
    Calendar, Date, EXTENDED, PField, TimeError, TimeField, UtcTime, put_unsigned, t_field, t_field_mut,
};

/// Layout of a calendar segmented code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CcsFormat {
    calendar: Calendar,
    fraction_len: u8,
}

impl CcsFormat {
    /// A layout with so many octets, of two digits each, below the second; `None` for more than six.
    #[must_use]
    pub const fn new(calendar: Calendar, fraction_len: usize) -> Option<Self> {
        if fraction_len > 6 { None } else { Some(Self { calendar, fraction_len: fraction_len as u8 }) }
    }

    /// Read the P-field that begins `octets`; returns the layout and how many octets the P-field took.
    ///
    /// `None` for another kind of code, the reserved resolution, or an extension, of which the book defines none.
    #[must_use]
    pub const fn from_p_field(octets: &[u8]) -> Option<(Self, usize)> {
        let Some((&octet, _)) = octets.split_first() else { return None };
        if octet & (EXTENDED | 0b0111_0000) != IDENTIFICATION {
            return None;
        }
        let calendar = if octet & DAY_OF_YEAR == 0 { Calendar::MonthDay } else { Calendar::DayOfYear };
        match Self::new(calendar, (octet & 7) as usize) {
            Some(format) => Some((format, 1)),
            None => None,
        }
    }

    /// The P-field that says so.
    #[must_use]
    pub const fn p_field(self) -> PField {
        let calendar = match self.calendar {
            Calendar::DayOfYear => DAY_OF_YEAR,
            Calendar::MonthDay => 0,
        };
        PField::one(IDENTIFICATION | calendar | self.fraction_len)
    }

    /// How the code names the day.
    #[must_use]
    pub const fn calendar(self) -> Calendar {
        self.calendar
    }

    /// Octets of the T-field: 7 to 13.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a code is never empty")]
    pub const fn len(self) -> usize {
        SECONDS_LEN + self.fraction_len as usize
    }

    /// Read the T-field that begins `octets`.
    ///
    /// # Errors
    /// When `octets` is too short, a digit is above 9, or calendar or clock have no such moment.
    pub const fn decode(self, octets: &[u8]) -> Result<UtcTime, TimeError> {
        match self.read(octets) {
            Ok((date, clock, picosecond)) => UtcTime::from_clock(date, clock, picosecond),
            Err(error) => Err(error),
        }
    }

    /// Write the T-field to the beginning of `octets`; returns its length. What is finer than the format is cut off.
    ///
    /// # Errors
    /// When `octets` is too short, or the year is not one of 1 to 9999.
    pub const fn emit(self, time: UtcTime, octets: &mut [u8]) -> Result<usize, TimeError> {
        let date = time.date();
        if date.year() < 1 || date.year() > 9999 {
            return Err(TimeError::Unrepresentable);
        }
        let field = match t_field_mut(octets, self.len()) {
            Ok(field) => field,
            Err(error) => return Err(error),
        };
        let day = match self.calendar {
            Calendar::DayOfYear => date.day_of_year() as u64,
            Calendar::MonthDay => date.month() as u64 * 100 + date.day_of_month() as u64,
        };
        let [hour, minute, second] = time.clock();
        let clock = (hour as u64 * 100 + minute as u64) * 100 + second as u64;
        let seconds = (date.year() as u64 * 10_000 + day) * 1_000_000 + clock;
        let fraction = quotient(time.picosecond(), unit(self.fraction_len as u32));
        if let Some((head, tail)) = field.split_at_mut_checked(SECONDS_LEN) {
            put_unsigned(head, to_digits(seconds));
            put_unsigned(tail, to_digits(fraction));
        }
        Ok(self.len())
    }

    const fn read(self, octets: &[u8]) -> Result<(Date, [u8; 3], u64), TimeError> {
        let field = match t_field(octets, self.len()) {
            Ok(field) => field,
            Err(error) => return Err(error),
        };
        let (seconds, fraction) = match field.split_at_checked(SECONDS_LEN) {
            Some((seconds, fraction)) => (from_digits(seconds, 0), from_digits(fraction, SECONDS_LEN)),
            None => return Err(TimeError::Short { needed: SECONDS_LEN, actual: field.len() }),
        };
        let (seconds, fraction) = match (seconds, fraction) {
            (Ok(seconds), Ok(fraction)) => (seconds, fraction),
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        let (year, day) = (seconds / 10_000_000_000, seconds / 1_000_000 % 10_000);
        if year == 0 {
            return Err(TimeError::range(TimeField::Year, 0));
        }
        let date = match self.calendar {
            Calendar::DayOfYear => Date::from_day_of_year(year as i32, day as u16),
            Calendar::MonthDay => Date::new(year as i32, (day / 100) as u8, (day % 100) as u8),
        };
        let clock = [(seconds / 10_000 % 100) as u8, (seconds / 100 % 100) as u8, (seconds % 100) as u8];
        match date {
            Ok(date) => Ok((date, clock, fraction * unit(self.fraction_len as u32))),
            Err(error) => Err(error),
        }
    }
}

/// Picoseconds of the last digit of so many octets.
const fn unit(fraction_len: u32) -> u64 {
    quotient(PICOSECONDS_PER_SECOND, 100u64.pow(fraction_len))
}

/// The number that the digits of `octets`, which begin at octet `at` of the T-field, stand for.
const fn from_digits(mut octets: &[u8], mut at: usize) -> Result<u64, TimeError> {
    let mut value = 0;
    while let Some((&octet, rest)) = octets.split_first() {
        if octet >> 4 > 9 || octet & 15 > 9 {
            return Err(TimeError::Octet { at, octet });
        }
        value = value * 100 + (octet >> 4) as u64 * 10 + (octet & 15) as u64;
        octets = rest;
        at += 1;
    }
    Ok(value)
}

/// The last sixteen digits of `value`, four bits each.
const fn to_digits(mut value: u64) -> u64 {
    let mut digits = 0;
    let mut shift = 0;
    while shift < 64 {
        digits |= (value % 10) << shift;
        value /= 10;
        shift += 4;
    }
    digits
}

const IDENTIFICATION: u8 = 0b0101_0000;
const DAY_OF_YEAR: u8 = 0b0000_1000;

/// Octets of year, day and clock.
const SECONDS_LEN: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, NaiveTime};
    use proptest::prelude::*;
    use std::format;
    use std::string::String;

    fn any_format() -> impl Strategy<Value = CcsFormat> {
        (any::<bool>(), 0u8..=6).prop_map(|(by_month, fraction_len)| CcsFormat {
            calendar: if by_month { Calendar::MonthDay } else { Calendar::DayOfYear },
            fraction_len,
        })
    }

    proptest! {
        #[test]
        fn p_fields_lead_back(format in any_format()) {
            prop_assert_eq!(CcsFormat::from_p_field(format.p_field().as_bytes()), Some((format, 1)));
        }

        /// In hexadecimal the T-field reads as the date and time that another calendar prints.
        #[test]
        fn codes_read_as_another_calendar_prints(
            format in any_format(), days in -700_000i32..2_900_000, second in 0u32..86_400, nanosecond in 0u32..1_000_000_000,
        ) {
            let date = NaiveDate::from_ymd_opt(1958, 1, 1).unwrap() + chrono::TimeDelta::days(days.into());
            let clock = NaiveTime::from_num_seconds_from_midnight_opt(second, nanosecond).unwrap();
            let day = match format.calendar {
                Calendar::DayOfYear => "%Y0%j%H%M%S%9f",
                Calendar::MonthDay => "%Y%m%d%H%M%S%9f",
            };
            let mut expected = format!("{}000", date.and_time(clock).format(day));
            expected.truncate(2 * format.len());

            let picosecond = u64::from(second) * PICOSECONDS_PER_SECOND + u64::from(nanosecond) * 1000;
            let time = UtcTime::new(days, picosecond).unwrap();
            let mut octets = [0; 13];
            prop_assert_eq!(format.emit(time, &mut octets), Ok(format.len()));
            let ours: String = octets[..format.len()].iter().map(|octet| format!("{octet:02x}")).collect();
            prop_assert_eq!(ours, expected);
            let fraction = time.picosecond() / unit(format.fraction_len.into()) * unit(format.fraction_len.into());
            let read = UtcTime::from_clock(time.date(), time.clock(), fraction);
            prop_assert_eq!(format.decode(&octets), read);
        }

        #[test]
        fn codes_that_are_read_are_written_alike(format in any_format(), digits in prop::collection::vec(0u8..10, 26)) {
            let mut octets: [u8; 13] = core::array::from_fn(|i| digits[2 * i] << 4 | digits[2 * i + 1]);
            // Often enough a day and an hour that exist.
            octets[2] &= 0x13;
            octets[4] &= 0x13;
            if let Ok(time) = format.decode(&octets) {
                let mut written = [0; 13];
                prop_assert_eq!(format.emit(time, &mut written), Ok(format.len()));
                prop_assert_eq!(&written[..format.len()], &octets[..format.len()]);
            }
        }
    }
}
