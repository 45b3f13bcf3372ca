//! Moments of UTC as a day and a time of that day: what the day segmented and calendar codes hold.

use core::fmt;

use super::{Date, TimeError, TimeField};

/// A moment of universal time coordinated: a day, and the picoseconds since it began.
///
/// Lossless for every field of CDS and CCS codes. A day that a leap second ends is a second longer, so that second is a moment
/// of its own, 23:59:60, between the last of its day and the first of the next. Which days have one is not known here: it is
/// accepted on every day. Two moments compare rightly; the seconds between them depend on a table of leap seconds, which this
/// crate does not keep.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UtcTime {
    day: i32,
    picosecond: u64,
}

impl UtcTime {
    /// 1958 January 1: the CCSDS epoch.
    pub const CCSDS_EPOCH: Self = Self { day: Date::CCSDS.days(), picosecond: 0 };
    /// 1970 January 1: the Unix epoch.
    pub const UNIX_EPOCH: Self = Self { day: Date::UNIX.days(), picosecond: 0 };
    /// 1980 January 6: the GPS epoch.
    pub const GPS_EPOCH: Self = Self { day: Date::GPS.days(), picosecond: 0 };
    /// 2000 January 1, noon, as missions use it for the epoch of a code; the astronomical J2000 is a noon of terrestrial time.
    pub const J2000: Self = Self { day: Date::J2000.days(), picosecond: PICOSECONDS_PER_DAY / 2 };

    /// A day, counted from 1958 January 1, and the picoseconds since it began.
    ///
    /// # Errors
    /// When the time is beyond the end of a day with a leap second.
    pub const fn new(day: i32, picosecond: u64) -> Result<Self, TimeError> {
        if picosecond >= PICOSECONDS_PER_DAY + PICOSECONDS_PER_SECOND {
            let millisecond = picosecond / PICOSECONDS_PER_MILLISECOND;
            let shown = if millisecond > u32::MAX as u64 { u32::MAX } else { millisecond as u32 };
            return Err(TimeError::range(TimeField::MillisecondOfDay, shown));
        }
        Ok(Self { day, picosecond })
    }

    /// A day and the time on a clock; second 60 is the leap second of 23:59.
    ///
    /// # Errors
    /// When a clock does not show such a time.
    pub const fn from_clock(
        date: Date,
        [hour, minute, second]: [u8; 3],
        picosecond: u64,
    ) -> Result<Self, TimeError> {
        if hour > 23 {
            return Err(TimeError::range(TimeField::Hour, hour as u32));
        }
        if minute > 59 {
            return Err(TimeError::range(TimeField::Minute, minute as u32));
        }
        if second > 60 || (second == 60 && !(hour == 23 && minute == 59)) {
            return Err(TimeError::range(TimeField::Second, second as u32));
        }
        if picosecond >= PICOSECONDS_PER_SECOND {
            return Err(TimeError::range(TimeField::Fraction, u32::MAX));
        }
        let seconds = (hour as u64 * 60 + minute as u64) * 60 + second as u64;
        Self::new(date.days(), seconds * PICOSECONDS_PER_SECOND + picosecond)
    }

    /// Days from 1958 January 1, negative before.
    #[must_use]
    pub const fn day(self) -> i32 {
        self.day
    }

    /// The day of the calendar.
    #[must_use]
    pub const fn date(self) -> Date {
        Date::from_days(self.day)
    }

    /// Picoseconds since the day began.
    #[must_use]
    pub const fn picosecond_of_day(self) -> u64 {
        self.picosecond
    }

    /// Milliseconds since the day began.
    #[must_use]
    pub const fn millisecond_of_day(self) -> u32 {
        (self.picosecond / PICOSECONDS_PER_MILLISECOND) as u32
    }

    /// Hour, minute and second on the clock; 23, 59, 60 in a leap second.
    #[must_use]
    pub const fn clock(self) -> [u8; 3] {
        if self.is_leap_second() {
            return [23, 59, 60];
        }
        let second = self.picosecond / PICOSECONDS_PER_SECOND;
        [(second / 3600) as u8, (second / 60 % 60) as u8, (second % 60) as u8]
    }

    /// Picoseconds since the second began.
    #[must_use]
    pub const fn picosecond(self) -> u64 {
        self.picosecond % PICOSECONDS_PER_SECOND
    }

    /// Whether this moment lies in the second that only days with a leap second have.
    #[must_use]
    pub const fn is_leap_second(self) -> bool {
        self.picosecond >= PICOSECONDS_PER_DAY
    }
}

impl fmt::Display for UtcTime {
    /// `2017-09-27T13:54:00.559891000000Z`; a precision asks for fewer digits, and the rest is cut off.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, [hour, minute, second]) = (self.date(), self.clock());
        let (year, month, day) = (date.year(), date.month(), date.day_of_month());
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        let digits = f.precision().unwrap_or(12).min(12);
        if digits > 0 {
            let fraction = quotient(self.picosecond(), 10u64.pow(12 - digits as u32));
            write!(f, ".{fraction:0digits$}")?;
        }
        f.write_str("Z")
    }
}

/// A quotient where no divisor is zero: said so that compilers see no panic.
pub(super) const fn quotient(dividend: u64, divisor: u64) -> u64 {
    match dividend.checked_div(divisor) {
        Some(quotient) => quotient,
        None => 0,
    }
}

pub(super) const PICOSECONDS_PER_MILLISECOND: u64 = 1_000_000_000;
pub(super) const PICOSECONDS_PER_SECOND: u64 = 1000 * PICOSECONDS_PER_MILLISECOND;
pub(super) const PICOSECONDS_PER_DAY: u64 = 86_400 * PICOSECONDS_PER_SECOND;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;

    const MIDNIGHT: UtcTime = UtcTime { day: 21_550, picosecond: 0 };

    #[test]
    fn a_leap_second_stands_between_its_day_and_the_next() {
        let date = Date::new(2016, 12, 31).unwrap();
        let leap = UtcTime::from_clock(date, [23, 59, 60], 999_999_999_999).unwrap();
        let before = UtcTime::from_clock(date, [23, 59, 59], 0).unwrap();
        assert!(before < leap && leap < MIDNIGHT);
        assert!(leap.is_leap_second() && !before.is_leap_second());
        assert_eq!(leap.date(), date);
        assert_eq!(leap.to_string(), "2016-12-31T23:59:60.999999999999Z");
        assert_eq!(MIDNIGHT.to_string(), "2017-01-01T00:00:00.000000000000Z");
    }

    #[test]
    fn what_no_clock_shows_is_refused() {
        for (clock, field) in [
            ([24, 0, 0], TimeField::Hour),
            ([0, 60, 0], TimeField::Minute),
            ([23, 59, 61], TimeField::Second),
            ([22, 59, 60], TimeField::Second),
            ([23, 58, 60], TimeField::Second),
        ] {
            let error = UtcTime::from_clock(Date::UNIX, clock, 0).unwrap_err();
            assert!(
                matches!(error, TimeError::Range { field: refused, .. } if refused == field),
                "{clock:?}"
            );
        }
        assert!(UtcTime::from_clock(Date::UNIX, [0; 3], PICOSECONDS_PER_SECOND).is_err());
        assert!(UtcTime::new(0, 86_401 * PICOSECONDS_PER_SECOND).is_err());
        assert!(UtcTime::new(0, u64::MAX).is_err());
    }

    #[test]
    fn a_precision_cuts_digits_off() {
        let time = UtcTime::from_clock(Date::GPS, [1, 2, 3], 456_789_000_000).unwrap();
        assert_eq!(format!("{time:.0}"), "1980-01-06T01:02:03Z");
        assert_eq!(format!("{time:.5}"), "1980-01-06T01:02:03.45678Z");
    }

    proptest! {
        #[test]
        fn clock_and_date_lead_back(day: i32, picosecond in 0..86_401 * PICOSECONDS_PER_SECOND) {
            let time = UtcTime::new(day, picosecond).unwrap();
            prop_assert_eq!(UtcTime::from_clock(time.date(), time.clock(), time.picosecond()), Ok(time));
        }
    }
}
