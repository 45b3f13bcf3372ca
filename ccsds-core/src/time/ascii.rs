//! ASCII calendar segmented time codes A and B, 301.0-B-4 §3.5: `1988-01-18T17:20:43.123456Z`, `1988-018T17:20:43.123456Z`.

use super::utc::quotient;
use super::{Calendar, Date, TimeError, TimeField, UtcTime, t_field, t_field_mut};

/// Layout of an ASCII code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AsciiFormat {
    calendar: Calendar,
    fraction_digits: u8,
    terminator: Terminator,
}

/// How an ASCII code ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Terminator {
    /// With its last digit.
    Absent,
    /// With the letter Z.
    Z,
}

impl AsciiFormat {
    /// A layout with so many digits below the second; without any there is no decimal point either.
    ///
    /// Digits after the twelfth, below the picosecond, are read over, and written as zeros.
    #[must_use]
    pub const fn new(calendar: Calendar, fraction_digits: u8, terminator: Terminator) -> Self {
        Self { calendar, fraction_digits, terminator }
    }

    /// The layout of a code that takes all of `octets`: the code says itself how it is laid out.
    ///
    /// # Errors
    /// When an octet cannot stand where it does.
    pub fn of(octets: &[u8]) -> Result<Self, TimeError> {
        let calendar = match octets.get(DAY_AT + 2) {
            Some(b'-') => Calendar::MonthDay,
            _ => Calendar::DayOfYear,
        };
        let (terminator, end) = match octets {
            [.., b'Z'] => (Terminator::Z, octets.len() - 1),
            _ => (Terminator::Absent, octets.len()),
        };
        let plain = Self { calendar, fraction_digits: 0, terminator };
        let seconds_end = plain.seconds_len();
        let fraction_digits = match end.checked_sub(seconds_end) {
            Some(0) => 0,
            // A point alone is no fraction.
            Some(1) => return Err(octet(octets, seconds_end)),
            Some(point_and_digits) => match u8::try_from(point_and_digits - 1) {
                Ok(digits) => digits,
                Err(_) => return Err(octet(octets, seconds_end + 1 + usize::from(u8::MAX))),
            },
            None => return Err(TimeError::Short { needed: plain.len(), actual: octets.len() }),
        };
        Ok(Self { fraction_digits, ..plain })
    }

    /// How the code names the day.
    #[must_use]
    pub const fn calendar(self) -> Calendar {
        self.calendar
    }

    /// Digits below the second.
    #[must_use]
    pub const fn fraction_digits(self) -> u8 {
        self.fraction_digits
    }

    /// How the code ends.
    #[must_use]
    pub const fn terminator(self) -> Terminator {
        self.terminator
    }

    /// Octets of the code.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a code is never empty")]
    pub const fn len(self) -> usize {
        let fraction = if self.fraction_digits == 0 { 0 } else { 1 + self.fraction_digits as usize };
        let terminator = match self.terminator {
            Terminator::Absent => 0,
            Terminator::Z => 1,
        };
        self.seconds_len() + fraction + terminator
    }

    /// Read the code that begins `octets`.
    ///
    /// # Errors
    /// When `octets` is too short, an octet cannot stand where it does, or calendar or clock have no such moment.
    pub fn decode(self, octets: &[u8]) -> Result<UtcTime, TimeError> {
        let mut text = Reader { octets: t_field(octets, self.len())?, at: 0 };
        let year = text.number(4)?;
        if year == 0 {
            return Err(TimeError::range(TimeField::Year, 0));
        }
        text.separator(b'-')?;
        let date = match self.calendar {
            Calendar::DayOfYear => Date::from_day_of_year(year as i32, text.number(3)? as u16)?,
            Calendar::MonthDay => {
                let month = text.number(2)?;
                text.separator(b'-')?;
                Date::new(year as i32, month as u8, text.number(2)? as u8)?
            }
        };
        text.separator(b'T')?;
        let hour = text.number(2)?;
        text.separator(b':')?;
        let minute = text.number(2)?;
        text.separator(b':')?;
        let second = text.number(2)?;
        let picosecond = if self.fraction_digits == 0 {
            0
        } else {
            text.separator(b'.')?;
            text.fraction(self.fraction_digits)?
        };
        if self.terminator == Terminator::Z {
            text.separator(b'Z')?;
        }
        UtcTime::from_clock(date, [hour as u8, minute as u8, second as u8], picosecond)
    }

    /// Write the code to the beginning of `octets`; returns its length. What is finer than the format is cut off.
    ///
    /// # Errors
    /// When `octets` is too short, or the year is not one of 1 to 9999.
    pub fn emit(self, time: UtcTime, octets: &mut [u8]) -> Result<usize, TimeError> {
        let date = time.date();
        let year = match date.year() {
            year @ 1..=9999 => year as u64,
            _ => return Err(TimeError::Unrepresentable),
        };
        let mut text = Writer { octets: t_field_mut(octets, self.len())?.iter_mut() };
        text.number(year, 4);
        text.octet(b'-');
        match self.calendar {
            Calendar::DayOfYear => text.number(date.day_of_year().into(), 3),
            Calendar::MonthDay => {
                text.number(date.month().into(), 2);
                text.octet(b'-');
                text.number(date.day_of_month().into(), 2);
            }
        }
        for (separator, part) in [b'T', b':', b':'].into_iter().zip(time.clock()) {
            text.octet(separator);
            text.number(part.into(), 2);
        }
        if self.fraction_digits > 0 {
            text.octet(b'.');
            let digits = self.fraction_digits.min(PICOSECOND_DIGITS);
            let unit = 10u64.pow((PICOSECOND_DIGITS - digits).into());
            text.number(quotient(time.picosecond(), unit), digits);
            for _ in digits..self.fraction_digits {
                text.octet(b'0');
            }
        }
        if self.terminator == Terminator::Z {
            text.octet(b'Z');
        }
        Ok(self.len())
    }

    /// Octets up to the seconds.
    const fn seconds_len(self) -> usize {
        match self.calendar {
            Calendar::DayOfYear => DAY_AT + 3 + 9,
            Calendar::MonthDay => DAY_AT + 5 + 9,
        }
    }
}

/// A code that is being read.
struct Reader<'a> {
    octets: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn number(&mut self, digits: u8) -> Result<u32, TimeError> {
        (0..digits).try_fold(0, |value, _| Ok(value * 10 + u32::from(self.digit()?)))
    }

    /// Digits below the second, in picoseconds.
    fn fraction(&mut self, digits: u8) -> Result<u64, TimeError> {
        let mut unit = 10u64.pow(PICOSECOND_DIGITS.into());
        (0..digits).try_fold(0, |value, _| {
            unit /= 10;
            Ok(value + unit * u64::from(self.digit()?))
        })
    }

    fn digit(&mut self) -> Result<u8, TimeError> {
        match self.octets.get(self.at) {
            Some(digit @ b'0'..=b'9') => {
                self.at += 1;
                Ok(digit - b'0')
            }
            _ => Err(octet(self.octets, self.at)),
        }
    }

    fn separator(&mut self, expected: u8) -> Result<(), TimeError> {
        if self.octets.get(self.at) != Some(&expected) {
            return Err(octet(self.octets, self.at));
        }
        self.at += 1;
        Ok(())
    }
}

/// A code that is being written, to exactly as many octets as it takes.
struct Writer<'a> {
    octets: core::slice::IterMut<'a, u8>,
}

impl Writer<'_> {
    fn octet(&mut self, octet: u8) {
        if let Some(place) = self.octets.next() {
            *place = octet;
        }
    }

    fn number(&mut self, value: u64, digits: u8) {
        for place in (0..digits).rev() {
            self.octet(b'0' + (quotient(value, 10u64.pow(place.into())) % 10) as u8);
        }
    }
}

/// What is wrong at a place: another octet than expected, or none.
fn octet(octets: &[u8], at: usize) -> TimeError {
    match octets.get(at) {
        Some(&octet) => TimeError::Octet { at, octet },
        None => TimeError::Short { needed: at + 1, actual: octets.len() },
    }
}

/// Where the day begins: after the year and a hyphen.
const DAY_AT: usize = 5;
const PICOSECOND_DIGITS: u8 = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use std::format;
    use std::string::String;

    fn read(text: &str) -> Result<UtcTime, TimeError> {
        AsciiFormat::of(text.as_bytes())?.decode(text.as_bytes())
    }

    proptest! {
        #[test]
        fn codes_read_as_another_calendar_prints(
            days in -700_000i32..2_900_000, second in 0u32..86_400, nanosecond in 0u32..1_000_000_000,
            by_month: bool, digits in 0usize..20, z: bool,
        ) {
            let date = NaiveDate::from_ymd_opt(1958, 1, 1).unwrap() + chrono::TimeDelta::days(days.into());
            let day = date.format(if by_month { "%Y-%m-%d" } else { "%Y-%j" });
            let clock = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
            let fraction: String = format!("{nanosecond:09}00000000000").chars().take(digits).collect();
            let point = if digits > 0 { "." } else { "" };
            let expected = format!("{day}T{clock}{point}{fraction}{}", if z { "Z" } else { "" });

            let format = AsciiFormat::of(expected.as_bytes()).unwrap();
            prop_assert_eq!(format.len(), expected.len());
            let kept = format!("{fraction:0<12}")[..12].parse::<u64>().unwrap();
            let clock = [second / 3600, second / 60 % 60, second % 60].map(|part| part as u8);
            let time = UtcTime::from_clock(Date::from_days(days), clock, kept).unwrap();
            prop_assert_eq!(read(&expected), Ok(time));
            let mut octets = [0; 48];
            prop_assert_eq!(format.emit(time, &mut octets), Ok(expected.len()));
            prop_assert_eq!(&octets[..expected.len()], expected.as_bytes());
        }

        #[test]
        fn no_octets_are_trouble(octets in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(format) = AsciiFormat::of(&octets) {
                prop_assert_eq!(format.len(), octets.len());
                let _ = format.decode(&octets);
            }
        }

        #[test]
        fn one_wrong_octet_is_refused_or_a_digit(at in 0usize..27, octet: u8) {
            let mut octets = *b"1988-01-18T17:20:43.123456Z";
            let format = AsciiFormat::of(&octets).unwrap();
            let separator = !octets[at].is_ascii_digit();
            let same = octets[at] == octet;
            octets[at] = octet;
            if !same && (separator || !octet.is_ascii_digit()) {
                prop_assert_eq!(format.decode(&octets), Err(TimeError::Octet { at, octet }));
            }
        }
    }

    #[test]
    fn a_code_without_its_end_is_refused() {
        assert!(matches!(read(""), Err(TimeError::Short { .. })));
        assert!(matches!(read("1988-01-18T17:20:4"), Err(TimeError::Short { .. })));
        assert_eq!(read("1988-01-18T17:20:43."), Err(TimeError::Octet { at: 19, octet: b'.' }));
        assert!(matches!(read("1988-018T17:20Z"), Err(TimeError::Short { .. })));
        let mut octets = [0; 20];
        let format = AsciiFormat::new(Calendar::MonthDay, 1, Terminator::Absent);
        let short = TimeError::Short { needed: 21, actual: 20 };
        assert_eq!(format.emit(UtcTime::UNIX_EPOCH, &mut octets), Err(short));
    }

    #[test]
    fn a_fraction_longer_than_the_format_counts_is_refused() {
        let text = format!("1988-018T17:20:43.{:0256}", 0);
        assert_eq!(read(&text), Err(TimeError::Octet { at: 273, octet: b'0' }));
    }
}
