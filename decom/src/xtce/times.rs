//! Epochs: the moments that times count from.

use std::format;

use super::Loader;
use super::encodings::TRANSFORM;
use super::report::Node;
use super::values::{child, text};
use crate::model::{Encoding, Epoch, IntExpr, Size, TimeCode, TimeScale, TimeSpec};

impl<'a> Loader<'_, 'a> {
    /// What an `Epoch` element says: a name, a date, or a date and time.
    pub(super) fn epoch(&self, node: Node<'a>) -> Option<Epoch> {
        let value = text(node);
        let time_of_day = node.attribute("timeOfDay");
        let found = match (named(value), time_of_day) {
            (Some(epoch), None) => Some(epoch),
            (_, time) => moment(value, time.map(str::trim)),
        };
        if found.is_none() {
            let fix = "write TAI, UTC, GPS, UNIX, POSIX, J2000, MJD, or a date as 2000-01-01 or 2000-01-01T12:00:00Z";
            self.report.error(node, format!("`{value}` is no epoch"), fix);
        }
        found
    }
}

impl<'a> Loader<'_, 'a> {
    /// The CCSDS time code (301.0-B-4 §3.2, §3.3) that octets are in, where their encoding names one. Its size says the rest: four octets
    /// of seconds and as many of their fractions as are left; a day, milliseconds and the part of one that is left.
    pub(super) fn set_time_code(&self, source: Node<'a>, encoding: &Encoding, spec: &mut TimeSpec) {
        let Some(algorithm) = child(source, TRANSFORM) else { return };
        let octets = match encoding {
            Encoding::Octets { size: Size::Bits(IntExpr::Fixed(bits)) } if bits % 8 == 0 => bits / 8,
            _ => 0,
        };
        let code = match (algorithm.attribute("name"), octets) {
            (Some("CUC"), octets @ 4..=14) => {
                TimeCode::Cuc { coarse_octets: 4, fine_octets: octets as u8 - 4 }
            }
            (Some("CDS"), octets @ (6 | 8 | 10)) => {
                TimeCode::Cds { day_octets: 2, submillisecond_octets: octets as u8 - 6 }
            }
            (Some("CDS"), octets @ (7 | 9 | 11)) => {
                TimeCode::Cds { day_octets: 3, submillisecond_octets: octets as u8 - 7 }
            }
            (Some("CDS" | "CUC"), _) => {
                let fix = "give it a fixed size: 4 to 14 octets for CUC, 6 to 11 for CDS";
                self.report.error(source, "no CCSDS time code has this size", fix);
                return;
            }
            _ => return,
        };
        let holder = source.parent();
        for name in ["scale", "units"] {
            if let Some(node) = holder.filter(|node| node.has_attribute(name)) {
                self.report.attribute_error(node, name, "a CCSDS time code has its own units", "remove it");
            }
        }
        spec.code = code;
    }
}

fn named(name: &str) -> Option<Epoch> {
    let (day, second, scale) = match name {
        "TAI" => (0, 0.0, TimeScale::Tai),
        "UTC" => (0, 0.0, TimeScale::Utc),
        "GPS" => (day(1980, 1, 6)?, 0.0, TimeScale::Gps),
        "UNIX" | "POSIX" => (day(1970, 1, 1)?, 0.0, TimeScale::Utc),
        // 2000 January 1, 12:00 terrestrial time, which is 32.184 s ahead of TAI.
        "J2000" => (day(2000, 1, 1)?, 43_200.0 - 32.184, TimeScale::Tai),
        "MJD" => (day(1858, 11, 17)?, 0.0, TimeScale::Utc),
        _ => return None,
    };
    Some(Epoch { day, second, scale })
}

/// `2000-01-01`, `2000-01-01T12:00:00.5`, either with `Z` or `+01:00`.
fn moment(value: &str, time_of_day: Option<&str>) -> Option<Epoch> {
    let (date, time) = match (value.split_once('T'), time_of_day) {
        (Some((date, time)), None) => (date, Some(time)),
        (None, time) => (value, time),
        (Some(_), Some(_)) => return None,
    };
    let (year, rest) = date.split_at_checked(4)?;
    let [b'-', m1, m2, b'-', d1, d2, zone @ ..] = rest.as_bytes() else { return None };
    let day = day(i32::try_from(digits(year.as_bytes())?).ok()?, digits(&[*m1, *m2])?, digits(&[*d1, *d2])?)?;
    let (second, ahead) = match time {
        Some(time) if zone.is_empty() || time_of_day.is_some() => {
            let (seconds, after) = seconds(time)?;
            (seconds, zone_seconds(after)? + zone_seconds(core::str::from_utf8(zone).ok()?)?)
        }
        Some(_) => return None,
        None => (0.0, zone_seconds(core::str::from_utf8(zone).ok()?)?),
    };
    let total = second - f64::from(ahead);
    let days = libm::floor(total / DAY);
    Some(Epoch { day: day + days as i32, second: total - days * DAY, scale: TimeScale::Utc })
}

/// Seconds of a time of day, and what follows it.
fn seconds(time: &str) -> Option<(f64, &str)> {
    let (clock, rest) = time.split_at_checked(8)?;
    let [h1, h2, b':', m1, m2, b':', s1, s2] = clock.as_bytes() else { return None };
    let (hours, minutes, seconds) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?, digits(&[*s1, *s2])?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let whole = f64::from(hours * 3600 + minutes * 60 + seconds);
    let Some(fraction) = rest.strip_prefix('.') else { return Some((whole, rest)) };
    let end = fraction.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(fraction.len());
    let (fraction, after) = fraction.split_at_checked(end)?;
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    Some((whole + fraction, after))
}

/// Seconds that a time zone is ahead of UTC.
fn zone_seconds(zone: &str) -> Option<i32> {
    match zone.as_bytes() {
        [] | [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
            (hours <= 14 && minutes <= 59).then_some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn digits(octets: &[u8]) -> Option<u32> {
    octets
        .iter()
        .try_fold(0, |number, octet| octet.is_ascii_digit().then(|| number * 10 + u32::from(octet - b'0')))
}

/// Days from 1958 January 1 to a date of the Gregorian calendar.
fn day(year: i32, month: u32, day: u32) -> Option<i32> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month.checked_sub(1)?).ok()?;
    if day == 0 || day > *lengths.get(month)? {
        return None;
    }
    let before: u32 = lengths.iter().take(month).sum();
    let years = year - 1;
    // Days from 0001 January 1 to the first day of the year; 714,779 of them to 1958 January 1.
    let to_year = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    Some(to_year + i32::try_from(before + day - 1).ok()? - 714_779)
}

const DAY: f64 = 86_400.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(value: &str) -> Option<(i32, f64)> {
        moment(value, None).map(|epoch| (epoch.day, epoch.second))
    }

    #[test]
    fn days_count_from_the_epoch_of_ccsds() {
        // 301.0-B: 1958 January 1 is modified Julian day 36204; 2000 January 1 is 51544.
        for (date, days) in [
            ("1958-01-01", 0),
            ("1957-12-31", -1),
            ("1970-01-01", 40587 - 36204),
            ("1980-01-06", 44244 - 36204),
            ("2000-01-01", 51544 - 36204),
            ("2000-03-01", 51604 - 36204),
            ("1858-11-17", -36204),
            ("2100-03-01", 88128 - 36204),
        ] {
            assert_eq!(at(date), Some((days, 0.0)), "{date}");
        }
    }

    #[test]
    fn times_of_day_and_zones_are_read() {
        assert_eq!(at("2000-01-01T12:00:00"), Some((15340, 43200.0)));
        assert_eq!(at("2000-01-01T00:30:00.25+01:00"), Some((15339, 84600.25)));
        assert_eq!(at("2000-01-01T23:30:00-01:00"), Some((15341, 1800.0)));
        assert_eq!(at("2000-01-01Z"), Some((15340, 0.0)));
        assert_eq!(moment("1970-01-01", Some("01:00:30Z")).map(|e| (e.day, e.second)), Some((4383, 3630.0)));
    }

    #[test]
    fn what_is_no_date_is_no_epoch() {
        for text in [
            "",
            "2000",
            "2000-1-1",
            "2000-13-01",
            "2001-02-29",
            "2000-01-01T24:00:00",
            "2000-01-01X",
            "é000-01-01",
            "2000-01-01T12:00",
            "2000-01-01+15:00",
            "2000-01-01ZT12:00:00",
            "Tai",
        ] {
            assert_eq!(at(text), None, "{text}");
            assert_eq!(named(text), None, "{text}");
        }
    }
}
