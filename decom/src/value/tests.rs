use super::*;
use crate::plan::meaning::{Epoch, TimeCode, TimeScale, ValidRange};
use crate::plan::{Calibrator, Charset, Context, NONE, Text, Time};
use std::vec::Vec;

/// Words are cut out of this.
const WORDS: &str = "OFFONLOWHIGH";
const OFF: Text = Text(Span { start: 0, len: 3 });
const ON: Text = Text(Span { start: 3, len: 2 });
const LOW: Text = Text(Span { start: 5, len: 3 });
const HIGH: Text = Text(Span { start: 8, len: 4 });

/// Twice the number; one less than the number; its reciprocal.
const CALIBRATORS: [Calibrator; 3] = [polynomial(0, 2), polynomial(2, 2), reciprocal(4)];
const NUMBERS: [f64; 5] = [0.0, 2.0, -1.0, 1.0, 1.0];

const fn polynomial(start: u32, len: u32) -> Calibrator {
    Calibrator::Polynomial { coefficients: Span { start, len }, negative: Span { start: 0, len: 0 } }
}

const fn reciprocal(start: u32) -> Calibrator {
    Calibrator::Polynomial { coefficients: Span { start: 0, len: 0 }, negative: Span { start, len: 1 } }
}

fn plan() -> Plan<'static> {
    Plan {
        text: WORDS,
        numbers: &NUMBERS,
        calibrators: &CALIBRATORS,
        labels: &[
            Label { first: -2, last: -1, text: LOW },
            Label { first: 0, last: 0, text: OFF },
            Label { first: 10, last: i64::MAX, text: HIGH },
        ],
        times: &[Time { scale: 0.5, offset: 1.0, epoch: EPOCH, code: TimeCode::Number }],
        contexts: &[
            Context { condition: 1, target: 0 },
            Context { condition: 2, target: 1 },
            Context { condition: 3, target: NONE },
        ],
        ..Plan::default()
    }
}

const EPOCH: Epoch = Epoch { day: 100, second: 0.0, scale: TimeScale::Gps };
const NOTHING: Span = Span { start: 0, len: 0 };
const WORDS_OF_THREE: Kind = Kind::Enumerated(Span { start: 0, len: 3 });
const SWITCH: Kind = Kind::Boolean { zero: OFF, one: ON };

/// Nothing but a kind.
pub(crate) const fn meaning(kind: Kind) -> Meaning {
    Meaning {
        kind,
        unit: Text(NOTHING),
        context_calibrators: NOTHING,
        calibrator: NONE,
        context_alarms: NOTHING,
        alarm: NONE,
        valid_range: None,
    }
}

const fn calibrated(kind: Kind, calibrator: u32) -> Meaning {
    Meaning { calibrator, ..meaning(kind) }
}

fn bits(octets: &[u8]) -> Bits<'_> {
    Bits::new(octets, 0, octets.len() * 8).unwrap()
}

fn text(octets: &[u8]) -> Raw<'_> {
    Raw::Text { bits: bits(octets), charset: Charset::Utf8 }
}

fn value<'a>(meaning: &Meaning, raw: Raw<'a>) -> Value<'static, 'a> {
    meaning.value(&plan(), raw, &())
}

/// These conditions hold.
struct Holding(&'static [u32]);

impl Scope for Holding {
    fn number(&self, _operand: u32) -> Option<f64> {
        None
    }

    fn holds(&self, condition: u32) -> bool {
        self.0.contains(&condition)
    }
}

#[test]
fn whole_numbers_stay_whole_until_they_are_calibrated() {
    let integer = meaning(Kind::Integer);
    assert_eq!(value(&integer, Raw::Unsigned(u64::MAX)), Value::Unsigned(u64::MAX));
    assert_eq!(value(&integer, Raw::Signed(-5)), Value::Signed(-5));
    assert_eq!(value(&integer, Raw::Wide(1 << 100)), Value::Wide(1 << 100));
    assert_eq!(value(&integer, Raw::Float(0.5)), Value::Float(0.5));
    assert_eq!(value(&calibrated(Kind::Integer, 0), Raw::Unsigned(5)), Value::Float(10.0));
    assert_eq!(value(&meaning(Kind::Float), Raw::Unsigned(5)), Value::Float(5.0));
}

#[test]
fn a_calibrator_without_a_result_leaves_no_value() {
    let reciprocal = calibrated(Kind::Float, 2);
    assert_eq!(value(&reciprocal, Raw::Unsigned(4)), Value::Float(0.25));
    assert_eq!(value(&reciprocal, Raw::Unsigned(0)), Value::Undefined);
    for kind in [Kind::Float, Kind::Integer, SWITCH, WORDS_OF_THREE, Kind::Octets, Kind::AbsoluteTime(0)] {
        assert_eq!(value(&meaning(kind), Raw::Undefined(bits(&[0xAA]))), Value::Undefined);
    }
}

#[test]
fn the_first_calibrator_whose_condition_holds_applies() {
    let contexts = Span { start: 0, len: 3 };
    let meaning = Meaning { context_calibrators: contexts, ..calibrated(Kind::Float, 2) };
    let of = |holding| meaning.value(&plan(), Raw::Unsigned(4), &Holding(holding));
    assert_eq!(of(&[]), Value::Float(0.25));
    assert_eq!(of(&[1, 2, 3]), Value::Float(8.0));
    assert_eq!(of(&[2, 3]), Value::Float(3.0));
    assert_eq!(of(&[3]), Value::Float(4.0));
}

#[test]
fn words_are_found_by_ranges_and_an_unknown_number_has_none() {
    let of = |raw| value(&meaning(WORDS_OF_THREE), raw);
    let label = |raw, label| Value::Label { raw, label };
    for (number, word) in [
        (i64::MIN, None),
        (-3, None),
        (-2, Some("LOW")),
        (-1, Some("LOW")),
        (0, Some("OFF")),
        (1, None),
        (9, None),
        (10, Some("HIGH")),
        (i64::MAX, Some("HIGH")),
    ] {
        assert_eq!(of(Raw::Signed(number)), label(number, word));
    }
    assert_eq!(of(Raw::Unsigned(0)), label(0, Some("OFF")));
    // Not the word for -1.
    assert_eq!(of(Raw::Unsigned(u64::MAX)), Value::Unsigned(u64::MAX));
    assert_eq!(of(text(b"OFF")), Value::Text(TextValue::new(bits(b"OFF"), Charset::Utf8)));
}

#[test]
fn words_are_looked_up_by_the_nearest_calibrated_number() {
    let of = |raw| value(&meaning(WORDS_OF_THREE), raw);
    let label = |raw, label| Value::Label { raw, label };
    assert_eq!(of(Raw::Float(0.4)), label(0, Some("OFF")));
    assert_eq!(of(Raw::Float(-0.5)), label(-1, Some("LOW")));
    assert_eq!(of(Raw::Float(9.5)), label(10, Some("HIGH")));
    for x in [f64::NAN, f64::INFINITY, 9.3e18, -9.3e18] {
        assert_eq!(of(Raw::Float(x)), Value::Undefined);
    }
    assert_eq!(value(&calibrated(WORDS_OF_THREE, 0), Raw::Unsigned(5)), label(10, Some("HIGH")));
}

#[test]
fn one_of_two_words_is_chosen_by_anything_but_zero() {
    let of = |raw| match value(&meaning(SWITCH), raw) {
        Value::Boolean { value, label } => Some((value, label)),
        _ => None,
    };
    let (off, on) = (Some((false, "OFF")), Some((true, "ON")));
    assert_eq!((of(Raw::Unsigned(0)), of(Raw::Unsigned(2))), (off, on));
    assert_eq!((of(Raw::Signed(0)), of(Raw::Signed(-1))), (off, on));
    assert_eq!((of(Raw::Wide(0)), of(Raw::Wide(1 << 90))), (off, on));
    assert_eq!((of(Raw::Float(0.4)), of(Raw::Float(-0.5)), of(Raw::Float(f64::NAN))), (off, on, None));
    assert_eq!((of(Raw::Octets(bits(&[0, 0]))), of(Raw::Octets(bits(&[0, 1])))), (off, on));
    assert_eq!((of(text(b"OFF")), of(text(b"ON")), of(text(b"UP"))), (off, on, None));
    assert_eq!(value(&calibrated(SWITCH, 1), Raw::Unsigned(1)).number(), Some(0.0));
}

#[test]
fn octets_and_texts_stay_what_they_are() {
    let (octets, characters) = (Raw::Octets(bits(&[1, 2])), text(b"ab"));
    let as_text = Value::Text(TextValue::new(bits(b"ab"), Charset::Utf8));
    assert_eq!(value(&meaning(Kind::Text), characters), as_text);
    assert_eq!(value(&meaning(Kind::Octets), characters), Value::Octets(bits(b"ab")));
    for kind in [Kind::Octets, Kind::Text, Kind::Integer, Kind::Float, WORDS_OF_THREE] {
        assert_eq!(value(&calibrated(kind, 0), octets), Value::Octets(bits(&[1, 2])));
    }
    assert_eq!(value(&meaning(Kind::Float), characters), as_text);
}

#[test]
fn times_are_scaled_after_calibration() {
    let moment = |picosecond| Value::Time(Moment { day: 100, picosecond, scale: TimeScale::Gps });
    assert_eq!(value(&meaning(Kind::AbsoluteTime(0)), Raw::Unsigned(3)), moment(2_500_000_000_000));
    assert_eq!(value(&calibrated(Kind::AbsoluteTime(0), 0), Raw::Unsigned(3)), moment(4_000_000_000_000));
    assert_eq!(value(&meaning(Kind::RelativeTime(0)), Raw::Signed(-4)), Value::Duration(-1.0));
    assert_eq!(value(&meaning(Kind::RelativeTime(9)), Raw::Signed(-4)), Value::Undefined);
    assert_eq!(value(&meaning(Kind::AbsoluteTime(0)), Raw::Float(f64::INFINITY)), Value::Undefined);
}

#[test]
fn values_have_the_number_that_they_stand_for() {
    let label = Value::Label { raw: 7, label: None };
    let numbers: Vec<_> = [
        Value::Boolean { value: true, label: "ON" },
        Value::Duration(1.5),
        Value::Float(2.5),
        label,
        Value::Signed(-3),
        Value::Unsigned(4),
        Value::Wide(1 << 100),
    ]
    .iter()
    .map(|value| value.number().unwrap())
    .collect();
    assert_eq!(numbers, [1.0, 1.5, 2.5, 7.0, -3.0, 4.0, libm::exp2(100.0)]);
    let moment = Moment { day: 0, picosecond: 0, scale: TimeScale::Tai };
    for value in [Value::Octets(bits(&[1])), Value::Time(moment), Value::Undefined] {
        assert_eq!(value.number(), None);
    }
}

#[test]
fn a_valid_range_is_of_the_raw_number_or_the_calibrated_one() {
    let range =
        |calibrated| ValidRange { min: 2.0, min_inclusive: false, max: 8.0, max_inclusive: true, calibrated };
    let of = |is_calibrated, raw| {
        let meaning = Meaning { valid_range: Some(range(is_calibrated)), ..calibrated(Kind::Float, 0) };
        meaning.in_valid_range(raw, &value(&meaning, raw))
    };
    for (raw, by_raw, by_calibrated) in
        [(1, false, false), (2, false, true), (4, true, true), (5, true, false), (9, false, false)]
    {
        assert_eq!(of(false, Raw::Unsigned(raw)), by_raw, "{raw}");
        assert_eq!(of(true, Raw::Unsigned(raw)), by_calibrated, "{raw}");
    }
    for is_calibrated in [false, true] {
        assert!(!of(is_calibrated, Raw::Float(f64::NAN)));
        assert!(!of(is_calibrated, Raw::Undefined(bits(&[0xAA]))));
        assert!(of(is_calibrated, Raw::Octets(bits(&[0xAA]))));
    }
    // The raw number is there, but not the calibrated one.
    let meaning = Meaning { valid_range: Some(range(true)), ..calibrated(Kind::Float, 2) };
    assert!(!meaning.in_valid_range(Raw::Unsigned(0), &value(&meaning, Raw::Unsigned(0))));
}
