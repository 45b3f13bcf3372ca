//! Days of the Gregorian calendar, before its introduction too, and their number from 1958 January 1 (301.0-B-4 §3.3, §3.4).

use super::{TimeError, TimeField};

/// A day of the calendar.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

/// How a calendar code names the day of a year.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Calendar {
    /// By its number in the year, from 1: ASCII code B.
    DayOfYear,
    /// By month and day of month: ASCII code A.
    MonthDay,
}

impl Date {
    /// 1958 January 1: the CCSDS epoch.
    pub const CCSDS: Self = Self::from_days(0);
    /// 1970 January 1: the Unix epoch.
    pub const UNIX: Self = Self::from_days(4383);
    /// 1980 January 6: the GPS epoch.
    pub const GPS: Self = Self::from_days(8040);
    /// 2000 January 1: J2000 is its noon.
    pub const J2000: Self = Self::from_days(15_340);

    /// A day by year, month and day of month; year 0 is the one before year 1.
    ///
    /// # Errors
    /// When the calendar has no such day, or when its number does not fit 32 bits.
    pub const fn new(year: i32, month: u8, day: u8) -> Result<Self, TimeError> {
        if !year_is_counted(year) {
            return Err(TimeError::range(TimeField::Year, year as u32));
        }
        if month == 0 || month > 12 {
            return Err(TimeError::range(TimeField::Month, month as u32));
        }
        if day == 0 || day as u16 > month_len(year, month) {
            return Err(TimeError::range(TimeField::DayOfMonth, day as u32));
        }
        Ok(Self { year, month, day })
    }

    /// A day by year and day of year, from 1.
    ///
    /// # Errors
    /// When the calendar has no such day, or when its number does not fit 32 bits.
    pub const fn from_day_of_year(year: i32, day_of_year: u16) -> Result<Self, TimeError> {
        if !year_is_counted(year) {
            return Err(TimeError::range(TimeField::Year, year as u32));
        }
        if day_of_year == 0 || day_of_year > year_len(year) {
            return Err(TimeError::range(TimeField::DayOfYear, day_of_year as u32));
        }
        Ok(Self::in_year(year, day_of_year))
    }

    /// The day that so many days lead to from 1958 January 1.
    #[must_use]
    pub const fn from_days(days: i32) -> Self {
        let days = days as i64 + DAYS_TO_1958;
        let (cycles, rest) = (days.div_euclid(DAYS_400), days.rem_euclid(DAYS_400));
        // The last century of a cycle, and the last year of four, have one day more than the others.
        let centuries = min(rest / DAYS_100, 3);
        let rest = rest - centuries * DAYS_100;
        let (fours, rest) = (rest / DAYS_4, rest % DAYS_4);
        let years = min(rest / 365, 3);
        let year = cycles * 400 + centuries * 100 + fours * 4 + years + 1;
        Self::in_year(year as i32, (rest - years * 365 + 1) as u16)
    }

    /// Days from 1958 January 1, negative before.
    #[must_use]
    pub const fn days(self) -> i32 {
        (days_before_year(self.year) + self.day_of_year() as i64 - 1 - DAYS_TO_1958) as i32
    }

    /// The year; 0 is the one before year 1.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day_of_month(self) -> u8 {
        self.day
    }

    /// The day of the year, 1 to 366.
    #[must_use]
    pub const fn day_of_year(self) -> u16 {
        let mut day = self.day as u16;
        let mut month = 1;
        while month < self.month {
            day += month_len(self.year, month);
            month += 1;
        }
        day
    }

    /// The day of a year that is known to have it.
    const fn in_year(year: i32, day_of_year: u16) -> Self {
        let mut day = day_of_year;
        let mut month = 1;
        while month < 12 && day > month_len(year, month) {
            day -= month_len(year, month);
            month += 1;
        }
        Self { year, month, day: day as u8 }
    }
}

/// Whether every day of `year` has a number of 32 bits.
const fn year_is_counted(year: i32) -> bool {
    let first = days_before_year(year) - DAYS_TO_1958;
    first >= i32::MIN as i64 && first + 365 <= i32::MAX as i64
}

/// Days from the first of year 1 to the first of `year`.
const fn days_before_year(year: i32) -> i64 {
    let years = year as i64 - 1;
    years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400)
}

const fn year_len(year: i32) -> u16 {
    if is_leap(year) { 366 } else { 365 }
}

const fn month_len(year: i32, month: u8) -> u16 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn min(a: i64, b: i64) -> i64 {
    if a < b { a } else { b }
}

const DAYS_4: i64 = 4 * 365 + 1;
const DAYS_100: i64 = 25 * DAYS_4 - 1;
const DAYS_400: i64 = 4 * DAYS_100 + 1;
const DAYS_TO_1958: i64 = days_before_year(1958);

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, NaiveDate};

    fn theirs(days: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(1958, 1, 1).unwrap() + chrono::TimeDelta::days(days.into())
    }

    #[test]
    fn every_day_of_four_centuries_is_what_another_calendar_says() {
        for days in -36_600..=110_000 {
            let (ours, theirs) = (Date::from_days(days), theirs(days));
            assert_eq!(
                (ours.year(), u32::from(ours.month()), u32::from(ours.day_of_month())),
                (theirs.year(), theirs.month(), theirs.day())
            );
            assert_eq!(u32::from(ours.day_of_year()), theirs.ordinal());
            assert_eq!(ours.days(), days);
            assert_eq!(Date::new(ours.year(), ours.month(), ours.day_of_month()), Ok(ours));
            assert_eq!(Date::from_day_of_year(ours.year(), ours.day_of_year()), Ok(ours));
        }
    }

    #[test]
    fn days_that_the_calendar_lacks_are_refused() {
        for year in [1899, 1900, 1904, 2000, 2023, 2100] {
            for (month, day) in (0..=14).flat_map(|month| (0..=33).map(move |day| (month, day))) {
                let theirs = NaiveDate::from_ymd_opt(year, month.into(), day.into());
                assert_eq!(Date::new(year, month, day).is_ok(), theirs.is_some(), "{year}-{month}-{day}");
            }
            for day in 0..=368 {
                let theirs = NaiveDate::from_yo_opt(year, day.into());
                assert_eq!(Date::from_day_of_year(year, day).is_ok(), theirs.is_some(), "{year}-{day}");
            }
        }
    }

    #[test]
    fn the_ends_of_the_count_are_reached_and_not_passed() {
        for days in [i32::MIN, i32::MIN + 1, -1, 0, i32::MAX - 1, i32::MAX] {
            assert_eq!(Date::from_days(days).days(), days);
        }
        let last = Date::from_days(i32::MAX);
        assert!(Date::new(last.year() + 1, 1, 1).is_err());
        assert!(Date::new(last.year() - 1, 12, 31).is_ok());
        assert!(Date::new(i32::MAX, 1, 1).is_err());
        assert!(Date::new(i32::MIN, 1, 1).is_err());
    }
}
