//! Moments on any scale as UTC: what leap seconds have added up to.

use ccsds_core::time::UtcTime;
use decom::moment::Moment;
use decom::plan::meaning::TimeScale;

/// The moment of UTC; `None` where days are more than 32 bits count.
///
/// Before 1972 the scales are taken to be the same, as they were at the epoch of TAI: UTC had no leap seconds then, but seconds of
/// other lengths.
#[must_use]
pub fn utc(moment: &Moment) -> Option<UtcTime> {
    let ahead = match moment.scale {
        TimeScale::Gps => GPS_BEHIND_TAI,
        TimeScale::Tai => 0,
        TimeScale::Utc => return UtcTime::new(moment.day, moment.picosecond).ok(),
    };
    let day = i64::from(moment.day);
    let tai = day.checked_mul(SECONDS_PER_DAY)?;
    let tai = tai.checked_add(i64::try_from(moment.picosecond / PER_SECOND).ok()?)?.checked_add(ahead)?;
    let fraction = moment.picosecond % PER_SECOND;
    let mut behind = 0;
    for (&day, offset) in LEAP_DAYS.iter().zip(FIRST_OFFSET..) {
        let midnight = i64::from(day) * SECONDS_PER_DAY;
        if tai >= midnight + offset {
            behind = offset;
        } else if offset > FIRST_OFFSET && tai >= midnight + offset - 1 {
            return UtcTime::new(day - 1, SECONDS_PER_DAY as u64 * PER_SECOND + fraction).ok();
        } else {
            break;
        }
    }
    let utc = tai - behind;
    let day = i32::try_from(utc.div_euclid(SECONDS_PER_DAY)).ok()?;
    UtcTime::new(day, utc.rem_euclid(SECONDS_PER_DAY) as u64 * PER_SECOND + fraction).ok()
}

/// Nanoseconds since 1970 January 1 in days of 86400 s, of a moment that is as many nanoseconds after it on another scale. A leap
/// second has none of its own: it is the same as the second after it.
#[must_use]
pub fn unix_nanoseconds(nanoseconds: i64, scale: TimeScale) -> Option<i64> {
    let time = utc(&moment(nanoseconds, scale))?;
    nanoseconds_of(time)
}

/// Nanoseconds since 1970 January 1 of a moment of UTC, in days of 86400 s; `None` where 64 bits do not hold them.
#[must_use]
pub fn nanoseconds_of(time: UtcTime) -> Option<i64> {
    let midnight = (i64::from(time.day()) - UNIX_DAY).checked_mul(NANOSECONDS_PER_DAY)?;
    midnight.checked_add(i64::try_from(time.picosecond_of_day() / 1000).ok()?)
}

/// The moment so many nanoseconds after 1970 January 1 on a scale.
#[must_use]
pub const fn moment(nanoseconds: i64, scale: TimeScale) -> Moment {
    // 64 bits of nanoseconds are no more than 106752 days.
    let day = (nanoseconds.div_euclid(NANOSECONDS_PER_DAY) + UNIX_DAY) as i32;
    let picosecond = nanoseconds.rem_euclid(NANOSECONDS_PER_DAY).unsigned_abs() * 1000;
    Moment { day, picosecond, scale }
}

/// Date and time in ISO 8601, with as many digits as it takes.
#[must_use]
pub fn iso(time: UtcTime) -> String {
    let mut digits = 12usize;
    let mut fraction = time.picosecond();
    while digits > 0 && fraction.is_multiple_of(10) {
        fraction /= 10;
        digits -= 1;
    }
    format!("{time:.digits$}")
}

/// Days from 1958 January 1 to those with which TAI - UTC becomes 10 s, 11 s, …: IERS Bulletin C.
const LEAP_DAYS: [i32; 28] = [
    5113, 5295, 5479, 5844, 6209, 6574, 6940, 7305, 7670, 8035, 8582, 8947, 9312, 10043, 10957, 11688, 12053,
    12600, 12965, 13330, 13879, 14426, 14975, 17532, 18628, 19905, 21000, 21550,
];
const FIRST_OFFSET: i64 = 10;
const GPS_BEHIND_TAI: i64 = 19;
const SECONDS_PER_DAY: i64 = 86_400;
const PER_SECOND: u64 = 1_000_000_000_000;
const NANOSECONDS_PER_DAY: i64 = 86_400_000_000_000;
/// Days from 1958 January 1 to 1970 January 1.
const UNIX_DAY: i64 = 4383;

#[cfg(test)]
mod tests {
    use super::*;
    use ccsds_core::time::Date;
    use hifitime::Epoch;

    fn shown(day: i32, second: u64, scale: TimeScale) -> String {
        utc(&Moment { day, picosecond: second * PER_SECOND, scale }).map(iso).unwrap()
    }

    #[test]
    fn a_leap_second_is_one() {
        let day = Date::new(2016, 12, 31).unwrap().days();
        assert_eq!(shown(day + 1, 35, TimeScale::Tai), "2016-12-31T23:59:59Z");
        assert_eq!(shown(day + 1, 36, TimeScale::Tai), "2016-12-31T23:59:60Z");
        assert_eq!(shown(day + 1, 37, TimeScale::Tai), "2017-01-01T00:00:00Z");
        assert_eq!(shown(day + 1, 17, TimeScale::Gps), "2016-12-31T23:59:60Z");
        assert_eq!(shown(day + 1, 17, TimeScale::Utc), "2017-01-01T00:00:17Z");
        assert_eq!(shown(0, 66_051, TimeScale::Tai), "1958-01-01T18:20:51Z");
    }

    #[test]
    fn a_leap_second_has_no_nanoseconds_of_its_own() {
        // 2017 January 1 is day 17167 since 1970.
        let midnight = 17_167 * NANOSECONDS_PER_DAY;
        let second = 1_000_000_000;
        let tai = |nanoseconds| unix_nanoseconds(nanoseconds, TimeScale::Tai);
        assert_eq!(tai(midnight + 35 * second), Some(midnight - second));
        assert_eq!(tai(midnight + 36 * second), Some(midnight));
        assert_eq!(tai(midnight + 37 * second), Some(midnight));
        assert_eq!(unix_nanoseconds(midnight + 18 * second + 5, TimeScale::Gps), Some(midnight + 5));
        assert_eq!(unix_nanoseconds(-1, TimeScale::Utc), Some(-1));
    }

    #[test]
    fn digits_that_say_nothing_are_left_out() {
        let moment = |picosecond| Moment { day: 4383, picosecond, scale: TimeScale::Utc };
        assert_eq!(utc(&moment(1)).map(iso).unwrap(), "1970-01-01T00:00:00.000000000001Z");
        assert_eq!(utc(&moment(120_000_000_000)).map(iso).unwrap(), "1970-01-01T00:00:00.12Z");
    }

    #[test]
    fn another_library_knows_the_same_leap_seconds() {
        for day in (Date::new(1972, 1, 2).unwrap().days()..Date::new(2026, 1, 1).unwrap().days()).step_by(13)
        {
            let seconds = i64::from(day) * SECONDS_PER_DAY + 43_200;
            let since_1900 = seconds + i64::from(DAYS_TO_1958) * SECONDS_PER_DAY;
            let epoch = Epoch::from_tai_seconds(since_1900 as f64);
            let (year, month, day_of_month, hour, minute, second, _) = epoch.to_gregorian_utc();
            let time = utc(&Moment { day, picosecond: 43_200 * PER_SECOND, scale: TimeScale::Tai }).unwrap();
            let date = time.date();
            assert_eq!((date.year(), date.month(), date.day_of_month()), (year, month, day_of_month));
            assert_eq!(time.clock(), [hour, minute, second], "{epoch:?}");
        }
    }

    const DAYS_TO_1958: i32 = 21_184;
}
