use super::*;
use crate::plan::meaning::Epoch;
use crate::raw::Bits;
use proptest::prelude::*;
use std::format;
use std::string::{String, ToString};

const GPS_EPOCH: Epoch = Epoch { day: 8040, second: 0.0, scale: TimeScale::Gps };
const UNIX_EPOCH: Epoch = Epoch { day: 4383, second: 0.0, scale: TimeScale::Utc };
const CCSDS_EPOCH: Epoch = Epoch { day: 0, second: 0.0, scale: TimeScale::Tai };

const fn number(scale: f64, offset: f64, epoch: Epoch) -> Time {
    Time { scale, offset, epoch, code: TimeCode::Number }
}

const fn code(code: TimeCode, epoch: Epoch) -> Time {
    Time { scale: 1.0, offset: 0.0, epoch, code }
}

const fn cuc(coarse_octets: u8, fine_octets: u8) -> TimeCode {
    TimeCode::Cuc { coarse_octets, fine_octets }
}

const fn cds(day_octets: u8, submillisecond_octets: u8) -> TimeCode {
    TimeCode::Cds { day_octets, submillisecond_octets }
}

fn octets(octets: &[u8]) -> Raw<'_> {
    Raw::Octets(Bits::new(octets, 0, octets.len() * 8).unwrap())
}

fn shown(time: Time, raw: Raw<'_>) -> Option<String> {
    time.moment(raw).map(|moment| moment.to_string())
}

/// Picoseconds since 1958.
fn total(moment: Moment) -> i128 {
    i128::from(moment.day) * PER_DAY + i128::from(moment.picosecond)
}

/// A quotient, rounded to the nearest, away from zero between two.
fn rounded(dividend: i128, divisor: i128) -> i128 {
    (dividend.abs() * 2 + divisor) / (divisor * 2) * dividend.signum()
}

proptest! {
    #[test]
    fn decimal_scales_are_exact(number: i64, digits in 0u32..=12, unit in prop::sample::select(&[1u16, 2, 5, 25, 300][..])) {
        let scale = f64::from(unit) / 10f64.powi(digits as i32);
        let expected = i128::from(number) * i128::from(unit) * 10i128.pow(12 - digits);
        prop_assert_eq!(scaled_number(number.into(), scale), Some(expected));
    }

    #[test]
    fn binary_scales_are_exact(number: i64, bits in 0u32..=24, factor in 1u16..500) {
        let scale = f64::from(factor) / f64::from(1u32 << bits);
        let dividend = i128::from(number) * i128::from(factor);
        // Seconds and fractions apart, as their product is too long for one number.
        let (seconds, rest) = (dividend.abs() >> bits, dividend.abs() & ((1 << bits) - 1));
        let expected = (seconds * PER_SECOND + rounded(rest * PER_SECOND, 1 << bits)) * dividend.signum();
        prop_assert_eq!(scaled_number(number.into(), scale), Some(expected));
    }

    #[test]
    fn seconds_and_their_picoseconds_are_the_same_number(number in -9_000_000_000_000_000i64..9_000_000_000_000_000) {
        // 2^-20 s steps: each has an exact f64, and not always an exact picosecond.
        let seconds = number as f64 / 1_048_576.0;
        prop_assert_eq!(picoseconds(seconds), Some(rounded(i128::from(number) * PER_SECOND, 1 << 20)));
    }

    #[test]
    fn nothing_panics(value: f64, scale: f64, offset: f64, second: f64, whole: i64, wide: u128, day: i32, code_octets: (u8, u8), kind in 0..3, octets in prop::collection::vec(any::<u8>(), 0..20)) {
        let time_code = match kind {
            0 => TimeCode::Number,
            1 => cuc(code_octets.0 % 9, code_octets.1 % 12),
            _ => cds(code_octets.0 % 5, code_octets.1 % 6),
        };
        let time = Time { scale, offset, epoch: Epoch { day, second, scale: TimeScale::Utc }, code: time_code };
        for raw in [Raw::Float(value), Raw::Signed(whole), Raw::Wide(wide), self::octets(&octets)] {
            let _ = time.seconds(raw);
            if let Some(moment) = time.moment(raw) {
                let _ = moment.to_string();
            }
        }
    }

    #[test]
    fn unsegmented_codes_equal_numbers_of_the_same_unit(value in 0u64..1 << 48) {
        let octets = &value.to_be_bytes()[2..];
        let by_code = code(cuc(4, 2), GPS_EPOCH);
        let by_number = number(1.0 / 65_536.0, 0.0, GPS_EPOCH);
        let expected = by_number.moment(Raw::Unsigned(value));
        prop_assert!(expected.is_some());
        prop_assert_eq!(by_code.moment(self::octets(octets)), expected);
        prop_assert_eq!(by_code.moment(Raw::Unsigned(value)), expected);
        prop_assert_eq!(by_code.seconds(self::octets(octets)), by_number.seconds(Raw::Unsigned(value)));
    }

    #[test]
    fn day_segmented_codes_are_a_day_and_a_time(day: u16, millisecond in 0u32..86_400_000, microsecond in 0u16..1000) {
        let word = u64::from(day) << 48 | u64::from(millisecond) << 16 | u64::from(microsecond);
        let picoseconds = i128::from(millisecond) * 1_000_000_000 + i128::from(microsecond) * 1_000_000;
        let expected = (i128::from(day) + i128::from(GPS_EPOCH.day)) * PER_DAY + picoseconds;
        let time = code(cds(2, 2), GPS_EPOCH);
        for raw in [Raw::Unsigned(word), octets(&word.to_be_bytes())] {
            prop_assert_eq!(time.moment(raw).map(total), Some(expected));
            let later = Time { offset: 0.5, ..time };
            prop_assert_eq!(later.moment(raw).map(total), Some(expected + PER_SECOND / 2));
            let seconds = (i128::from(day) * PER_DAY + picoseconds) as f64 / PER_SECOND as f64;
            prop_assert_eq!(time.seconds(raw), Some(seconds));
        }
    }
}

#[test]
fn numbers_count_from_their_epoch() {
    // Unix time 1617926400 is 2021 April 9, 00:00; GPS time is the count of the week roll-over of 1999 August 22.
    assert_eq!(
        shown(number(0.001, 0.0, UNIX_EPOCH), Raw::Unsigned(1_617_926_400_137)).unwrap(),
        "2021-04-09T00:00:00.137Z"
    );
    assert_eq!(
        shown(number(1.0, 0.0, GPS_EPOCH), Raw::Signed(1024 * 604_800)).unwrap(),
        "1999-08-22T00:00:00 GPS"
    );
    // The probe: 66051 s of TAI.
    assert_eq!(
        shown(number(1.0, 0.0, CCSDS_EPOCH), Raw::Unsigned(66_051)).unwrap(),
        "1958-01-01T18:20:51 TAI"
    );
    assert_eq!(number(1.0, 0.0, CCSDS_EPOCH).seconds(Raw::Unsigned(66_051)), Some(66_051.0));
    assert_eq!(
        shown(number(1.0, 0.25, CCSDS_EPOCH), Raw::Signed(-1)).unwrap(),
        "1957-12-31T23:59:59.250 TAI"
    );
    let noon = Epoch { day: 15_340, second: 43_200.0, scale: TimeScale::Tai };
    assert_eq!(shown(number(86_400.0, 0.0, noon), Raw::Float(0.5)).unwrap(), "2000-01-02T00:00:00 TAI");
}

/// The `f64` nearest to 1000000.1 is 23 picoseconds less.
#[test]
fn offsets_and_epochs_are_the_decimal_fractions_that_were_meant() {
    let late = Epoch { second: 1_000_000.1, ..CCSDS_EPOCH };
    for time in [number(1.0, 1_000_000.1, CCSDS_EPOCH), number(1.0, 0.0, late), code(cuc(1, 0), late)] {
        assert_eq!(shown(time, Raw::Unsigned(0)).unwrap(), "1958-01-12T13:46:40.100 TAI");
    }
    // More digits than are taken to be meant: the `f64` itself, to the picosecond.
    let tiny = number(1.0, 2f64.powi(-39), CCSDS_EPOCH);
    assert_eq!(tiny.moment(Raw::Unsigned(0)).map(total), Some(2));
}

#[test]
fn binary_fractions_are_rounded_to_the_nearest_picosecond() {
    for (number, exponent, expected) in [
        (0, 300, Some(0)),
        (3, 2, Some(12 * PER_SECOND)),
        (-1, 63, Some(-(1 << 63) * PER_SECOND)),
        (1, 87, Some((1 << 87) * PER_SECOND)),
        (1, 88, None),
        (1, 127, None),
        (1, 128, None),
        (3, -1, Some(PER_SECOND * 3 / 2)),
        // 122070312.5 of them.
        (1, -13, Some(122_070_313)),
        (-1, -13, Some(-122_070_313)),
        (1, -40, Some(1)),
        (1, -41, Some(0)),
        (1 << 100, -141, Some(0)),
        (1 << 100, -140, Some(1)),
        ((1 << 100) - 1, -100, Some(PER_SECOND)),
        (1, -1074, Some(0)),
    ] {
        assert_eq!(picoseconds_of(number, exponent), expected, "{number} times 2^{exponent}");
    }
}

/// A worked example of day segmented time from the documentation of another library, counted from 1958.
#[test]
fn a_day_segmented_code_shows_its_time() {
    let epoch = Epoch { scale: TimeScale::Utc, ..CCSDS_EPOCH };
    let time = code(cds(2, 2), epoch);
    let raw = octets(&[0x55, 0x3B, 0x02, 0xFB, 0x8E, 0xEF, 0x03, 0x7B]);
    assert_eq!(shown(time, raw).unwrap(), "2017-09-27T13:54:00.559891Z");
}

#[test]
fn a_leap_second_stays_one() {
    let epoch = Epoch { scale: TimeScale::Utc, ..CCSDS_EPOCH };
    let leap = octets(&[0x54, 0x2D, 0x05, 0x26, 0x5D, 0xF4]);
    assert_eq!(shown(code(cds(2, 0), epoch), leap).unwrap(), "2016-12-31T23:59:60.500Z");
    // One millisecond beyond it there is nothing.
    assert_eq!(shown(code(cds(2, 0), epoch), octets(&[0x54, 0x2D, 0x05, 0x26, 0x5F, 0xE8])), None);
}

#[test]
fn what_is_no_code_has_no_moment() {
    let time = code(cuc(4, 0), GPS_EPOCH);
    assert!(time.moment(octets(&[0; 4])).is_some());
    for raw in [octets(&[0; 5]), octets(&[0; 3]), Raw::Signed(-1), Raw::Unsigned(1 << 32), Raw::Float(1.0)] {
        assert_eq!((time.moment(raw), time.seconds(raw)), (None, None));
    }
    for bad in [cuc(0, 0), cuc(8, 0), cuc(1, 11), cds(4, 0), cds(2, 1)] {
        assert_eq!(code(bad, GPS_EPOCH).moment(octets(&[0; 8])), None);
    }
    // Microsecond 1000 of a millisecond.
    assert_eq!(code(cds(2, 2), GPS_EPOCH).moment(octets(&[0, 0, 0, 0, 0, 0, 0x03, 0xE8])), None);
    // More octets than a number of 128 bits has.
    assert_eq!(code(cuc(7, 10), GPS_EPOCH).moment(Raw::Wide(1)), None);
    assert!(code(cuc(7, 10), GPS_EPOCH).moment(octets(&[0; 17])).is_some());
}

#[test]
fn times_beyond_the_days_there_are_have_no_moment() {
    assert_eq!(number(1.0, 0.0, UNIX_EPOCH).moment(Raw::Unsigned(u64::MAX)), None);
    assert_eq!(number(f64::MAX, 0.0, UNIX_EPOCH).moment(Raw::Unsigned(1)), None);
    assert_eq!(number(1.0, f64::NAN, UNIX_EPOCH).moment(Raw::Unsigned(1)), None);
    assert_eq!(code(cuc(7, 0), UNIX_EPOCH).moment(octets(&[0xFF; 7])), None);
}

#[test]
fn digits_come_in_groups_of_three_unless_a_precision_asks() {
    let of = |picosecond| Moment { day: 0, picosecond, scale: TimeScale::Utc };
    for (picosecond, digits) in [
        (0, ""),
        (100_000_000_000, ".100"),
        (100_000_000, ".000100"),
        (1000, ".000000001"),
        (1, ".000000000001"),
    ] {
        assert_eq!(of(picosecond).to_string(), format!("1958-01-01T00:00:00{digits}Z"));
    }
    assert_eq!(format!("{:.2}", of(999_999_999_999)), "1958-01-01T00:00:00.99Z");
    assert_eq!(format!("{:.0}", of(999_999_999_999)), "1958-01-01T00:00:00Z");
    assert_eq!(format!("{:.30}", of(1)), "1958-01-01T00:00:00.000000000001Z");
}
