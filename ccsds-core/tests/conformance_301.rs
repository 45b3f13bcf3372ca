//! Time codes, CCSDS 301.0-B-4, clause by clause, and against codes that others wrote.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::path::{Path, PathBuf};

use ccsds_core::time::{
    AsciiFormat, Calendar, CcsFormat, CdsEpoch, CdsFormat, CucEpoch, CucFormat, Date, SubMillisecond,
    Terminator, Time, TimeError, TimeField, TimeFormat, UniformTime, UtcTime,
};
use serde_json::Value;

fn data(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(file);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn octets(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn utc(text: &str) -> UtcTime {
    AsciiFormat::of(text.as_bytes()).unwrap().decode(text.as_bytes()).unwrap()
}

fn p_field(octet: u8) -> TimeFormat {
    TimeFormat::from_p_field(&[octet], Date::GPS).unwrap().0
}

/// §3.2.2: the first octet of a P-field is often taken for another layout.
#[test]
fn p_field_2e_is_an_agency_epoch_with_four_octets_and_two() {
    let format = CucFormat::new(CucEpoch::Agency, 4, 2).unwrap();
    assert_eq!(p_field(0x2E), TimeFormat::Cuc(format));
    assert_eq!(format.p_field().as_bytes(), [0x2E]);
}

/// §3.2.2: the second octet adds to the first; it is not a layout of its own.
#[test]
fn an_extended_p_field_adds_octets() {
    let format = CucFormat::new(CucEpoch::Tai1958, 5, 9).unwrap();
    assert_eq!(format.p_field().as_bytes(), [0x9F, 0b0011_1000]);
    assert_eq!(TimeFormat::from_p_field(&[0x9F, 0b0011_1000], Date::GPS), Some((TimeFormat::Cuc(format), 2)));
    assert_eq!(TimeFormat::from_p_field(&[0x9F], Date::GPS), None);
}

/// §3.2.3: the fraction is binary, its first octet counts 1/256 s.
#[test]
fn unsegmented_codes_have_binary_fractions() {
    let format = CucFormat::new(CucEpoch::Tai1958, 4, 3).unwrap();
    let time = format.decode(&[0x01, 0x02, 0x03, 0x04, 0x80, 0x00, 0x01]).unwrap();
    assert_eq!(time.seconds(), 0x0102_0304);
    // 1/2 + 2^-24 s.
    assert_eq!(time.attoseconds(), 500_000_059_604_644_775);
    assert_eq!(time.nanoseconds(), 500_000_059);
}

/// §3.2.1: level 1 counts TAI seconds; a day of it always has 86400, and a change of epoch is a subtraction.
#[test]
fn unsegmented_seconds_know_no_leap_second() {
    let format = CucFormat::new(CucEpoch::Tai1958, 5, 0).unwrap();
    let seconds = UniformTime::from_days(15_340);
    let mut code = [0; 5];
    format.emit(seconds, &mut code).unwrap();
    assert_eq!(code, [0x00, 0x4E, 0xFF, 0xA2, 0x00]);
    assert_eq!(seconds.checked_sub(UniformTime::from_days(4383)), Some(UniformTime::new(946_684_800, 0)));
}

/// §3.3: 1958 January 1 is day 0, and the epochs of others have these numbers.
#[test]
fn days_are_counted_from_1958() {
    for (year, month, day, days, date) in [
        (1958, 1, 1, 0, Date::CCSDS),
        (1970, 1, 1, 4383, Date::UNIX),
        (1980, 1, 6, 8040, Date::GPS),
        (2000, 1, 1, 15_340, Date::J2000),
    ] {
        assert_eq!(Date::new(year, month, day), Ok(date));
        assert_eq!(date.days(), days);
    }
    assert_eq!(UtcTime::GPS_EPOCH, utc("1980-01-06T00:00:00Z"));
    assert_eq!(UtcTime::J2000, utc("2000-01-01T12:00:00Z"));
    assert_eq!(UtcTime::UNIX_EPOCH, utc("1970-001T00:00:00"));
}

/// §3.3.2: every P-field there is, and what it means.
#[test]
fn day_segmented_p_fields_say_epoch_day_and_resolution() {
    for octet in 0x40..=0x4F {
        let format = TimeFormat::from_p_field(&[octet], Date::GPS);
        let sub_millisecond = match octet & 3 {
            0 => SubMillisecond::Absent,
            1 => SubMillisecond::Microsecond,
            2 => SubMillisecond::Picosecond,
            _ => {
                assert_eq!(format, None);
                continue;
            }
        };
        let epoch = if octet & 8 == 0 { CdsEpoch::Ccsds } else { CdsEpoch::Agency(Date::GPS) };
        let day_len = if octet & 4 == 0 { 2 } else { 3 };
        let expected = CdsFormat::new(epoch, day_len, sub_millisecond).unwrap();
        assert_eq!(format, Some((TimeFormat::Cds(expected), 1)));
        assert_eq!(expected.p_field().as_bytes(), [octet]);
        assert_eq!(expected.len(), day_len + 4 + usize::from(octet & 3) * 2);
    }
}

/// §3.3: with an epoch of its own an agency counts days from it.
#[test]
fn an_agency_may_count_days_from_elsewhere() {
    let format = CdsFormat::new(CdsEpoch::Agency(Date::J2000), 3, SubMillisecond::Absent).unwrap();
    let time = format.decode(&[0, 0, 31, 0, 0, 0, 1]).unwrap();
    assert_eq!(time, utc("2000-02-01T00:00:00.001Z"));
}

/// §3.3, §3.4, §3.5: the day that ends with a leap second has 86401 of them, in every code that follows UTC.
#[test]
fn a_leap_second_round_trips_in_every_code_of_utc() {
    let leap = utc("2016-12-31T23:59:60.999999999999Z");
    assert_eq!(leap.millisecond_of_day(), 86_400_999);
    assert!(leap.is_leap_second() && leap < utc("2017-01-01T00:00:00Z"));
    let mut code = [0; 40];

    let cds = CdsFormat::new(CdsEpoch::Ccsds, 2, SubMillisecond::Picosecond).unwrap();
    cds.emit(leap, &mut code).unwrap();
    assert_eq!(code[..10], octets("542d05265fe73b9ac9ff"));
    assert_eq!(cds.decode(&code), Ok(leap));

    for (calendar, hex, text) in [
        (Calendar::MonthDay, "20161231235960999999999999", "2016-12-31T23:59:60.999999999999Z"),
        (Calendar::DayOfYear, "20160366235960999999999999", "2016-366T23:59:60.999999999999Z"),
    ] {
        let ccs = CcsFormat::new(calendar, 6).unwrap();
        assert_eq!(ccs.emit(leap, &mut code), Ok(13));
        assert_eq!(code[..13], octets(hex));
        assert_eq!(ccs.decode(&code), Ok(leap));
        let ascii = AsciiFormat::new(calendar, 12, Terminator::Z);
        assert_eq!(ascii.emit(leap, &mut code), Ok(text.len()));
        assert_eq!(code[..text.len()], *text.as_bytes());
        assert_eq!(utc(text), leap);
    }
}

/// §3.3: a millisecond of the day that no day has is an error, not the next day.
#[test]
fn the_day_ends_after_its_leap_second() {
    let format = CdsFormat::new(CdsEpoch::Ccsds, 2, SubMillisecond::Microsecond).unwrap();
    let code = |millisecond: u32, microsecond: u16| {
        let mut code = [0; 8];
        code[2..6].copy_from_slice(&millisecond.to_be_bytes());
        code[6..].copy_from_slice(&microsecond.to_be_bytes());
        format.decode(&code)
    };
    assert!(code(86_400_999, 999).is_ok());
    let millisecond = TimeError::Range { field: TimeField::MillisecondOfDay, value: 86_401_000 };
    assert_eq!(code(86_401_000, 0), Err(millisecond));
    assert_eq!(code(0, 1000), Err(TimeError::Range { field: TimeField::Fraction, value: 1000 }));
}

/// §3.4: both variants of the calendar segmented code, and its P-fields.
#[test]
fn calendar_segmented_codes_are_decimal_digits() {
    for (octet, hex, text) in [
        (0x50, "19880118172043", "1988-01-18T17:20:43Z"),
        (0x52, "198801181720431234", "1988-01-18T17:20:43.1234Z"),
        (0x58, "19880018172043", "1988-018T17:20:43Z"),
        (0x5E, "19880018172043123456789012", "1988-018T17:20:43.123456789012Z"),
    ] {
        let format = p_field(octet);
        assert_eq!(format.len(), hex.len() / 2);
        assert_eq!(format.decode(&octets(hex)), Ok(Time::Utc(utc(text))), "{hex}");
    }
    assert_eq!(TimeFormat::from_p_field(&[0x57], Date::GPS), None);
    assert_eq!(CcsFormat::new(Calendar::MonthDay, 7), None);
}

/// §3.4: what is not a decimal digit, a date or a time of day is refused, and the error says where.
#[test]
fn malformed_calendar_segmented_codes_are_refused() {
    let format = CcsFormat::new(Calendar::MonthDay, 1).unwrap();
    let range = |field, value| Err(TimeError::Range { field, value });
    for (hex, error) in [
        ("1988011817204a00", Err(TimeError::Octet { at: 6, octet: 0x4A })),
        ("19880118172043a0", Err(TimeError::Octet { at: 7, octet: 0xA0 })),
        ("1988131817204300", range(TimeField::Month, 13)),
        ("1988001817204300", range(TimeField::Month, 0)),
        ("1987022917204300", range(TimeField::DayOfMonth, 29)),
        ("0000011817204300", range(TimeField::Year, 0)),
        ("1988011824204300", range(TimeField::Hour, 24)),
        ("1988011817604300", range(TimeField::Minute, 60)),
        ("1988011817206000", range(TimeField::Second, 60)),
        ("19880118172043", Err(TimeError::Short { needed: 8, actual: 7 })),
    ] {
        assert_eq!(format.decode(&octets(hex)), error, "{hex}");
    }
    let by_day = CcsFormat::new(Calendar::DayOfYear, 0).unwrap();
    assert_eq!(by_day.decode(&octets("19870366172043")), range(TimeField::DayOfYear, 366));
    assert_eq!(by_day.decode(&octets("19871001172043")), range(TimeField::DayOfYear, 1001));
}

/// §3.5: the fraction has as many digits as wished, and the Z may be left out.
#[test]
fn ascii_codes_say_how_long_they_are() {
    for (text, calendar, digits, terminator) in [
        ("1988-01-18T17:20:43.123456Z", Calendar::MonthDay, 6, Terminator::Z),
        ("1988-01-18T17:20:43", Calendar::MonthDay, 0, Terminator::Absent),
        ("1988-018T17:20:43.123456Z", Calendar::DayOfYear, 6, Terminator::Z),
        ("1988-018T17:20:43.1", Calendar::DayOfYear, 1, Terminator::Absent),
    ] {
        assert_eq!(
            AsciiFormat::of(text.as_bytes()),
            Ok(AsciiFormat::new(calendar, digits, terminator)),
            "{text}"
        );
    }
    assert_eq!(utc("1988-01-18T17:20:43.123456Z"), utc("1988-018T17:20:43.123456"));
    // Digits below the picosecond are read over.
    assert_eq!(utc("1988-018T17:20:43.1234567890129999"), utc("1988-018T17:20:43.123456789012"));
}

/// §3.1: identifications that are reserved, or left to the agency, are no layout.
#[test]
fn other_identifications_are_no_layout() {
    for octet in (0x00..=0x0F).chain(0x30..=0x3F).chain(0x60..=0x7F) {
        assert_eq!(TimeFormat::from_p_field(&[octet], Date::GPS), None, "{octet:#04x}");
    }
    assert_eq!(TimeFormat::from_p_field(&[], Date::GPS), None);
    // No second octet is defined for segmented codes.
    assert_eq!(TimeFormat::from_p_field(&[0xC0, 0x00], Date::GPS), None);
    assert_eq!(TimeFormat::from_p_field(&[0xD0, 0x00], Date::GPS), None);
}

/// §3.3: codes that a Python library wrote, and one from a satellite.
#[test]
fn day_segmented_codes_of_others_read_as_they_say() {
    let Some(path) = data("proto_vectors/timecodes.json") else { return };
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for vector in vectors["cds"].as_array().unwrap() {
        let expected = utc(vector["utc"].as_str().unwrap());
        let code = octets(vector["cds_short_with_pfield"].as_str().unwrap());
        let (format, len) = TimeFormat::from_p_field(&code, Date::GPS).unwrap();
        assert_eq!(len + format.len(), code.len());
        assert_eq!(format.decode(&code[len..]), Ok(Time::Utc(expected)));
        assert_eq!(Some(i64::from(expected.day())), vector["ccsds_days"].as_i64());
        assert_eq!(Some(u64::from(expected.millisecond_of_day())), vector["ms_of_day"].as_u64());
        let TimeFormat::Cds(format) = format else { panic!("{format:?}") };
        let mut written = [0; 6];
        format.emit(expected, &mut written).unwrap();
        assert_eq!(written, code[len..]);
    }
    let real = &vectors["real"][0];
    let format = CdsFormat::new(CdsEpoch::Ccsds, 2, SubMillisecond::Microsecond).unwrap();
    let time = format.decode(&octets(real["hex"].as_str().unwrap()));
    assert_eq!(time, Ok(utc(real["utc"].as_str().unwrap())));
}
