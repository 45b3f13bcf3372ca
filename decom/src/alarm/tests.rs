use super::*;
use crate::plan::{Context, Kind, NONE, Span, Text};
use crate::raw::Bits;
use crate::text::TextValue;

const NOTHING: Span = Span { start: 0, len: 0 };
const ON: Text = Text(Span { start: 0, len: 2 });

const fn range(level: AlarmLevel, min: f64, max: f64) -> AlarmRange {
    AlarmRange { level, min, min_inclusive: true, max, max_inclusive: false }
}

const INFINITY: f64 = f64::INFINITY;

/// Above 10 a warning, above 20 critical, written with the outer one inside of the other; jumps of 5 and more are to be watched.
const RANGES: [AlarmRange; 4] = [
    range(AlarmLevel::Warning, 10.0, INFINITY),
    range(AlarmLevel::Critical, 20.0, INFINITY),
    range(AlarmLevel::Watch, 5.0, INFINITY),
    range(AlarmLevel::Watch, -INFINITY, -5.0),
];

const LIMITS: Alarm = Alarm {
    ranges: Span { start: 0, len: 2 },
    labels: NOTHING,
    other_labels: AlarmLevel::Normal,
    change: NOTHING,
    min_violations: 1,
};

fn plan(alarms: &[Alarm]) -> Plan<'_> {
    Plan {
        alarms,
        alarm_ranges: &RANGES,
        alarm_labels: &[(ON, AlarmLevel::Watch), (ON, AlarmLevel::Severe)],
        contexts: &[Context { condition: 1, target: 1 }, Context { condition: 2, target: NONE }],
        text: "ON",
        ..Plan::default()
    }
}

const MEANING: Meaning = Meaning {
    kind: Kind::Float,
    unit: Text(NOTHING),
    context_calibrators: NOTHING,
    calibrator: NONE,
    context_alarms: Span { start: 0, len: 2 },
    alarm: 0,
    valid_range: None,
};

struct Holding(u32);

impl Scope for Holding {
    fn number(&self, _operand: u32) -> Option<f64> {
        None
    }

    fn holds(&self, condition: u32) -> bool {
        condition == self.0
    }
}

#[test]
fn the_most_severe_range_counts() {
    let level = |value| MEANING.alarm(&plan(&[LIMITS]), &value, &());
    for (x, expected) in [
        (9.9, AlarmLevel::Normal),
        (10.0, AlarmLevel::Warning),
        (19.9, AlarmLevel::Warning),
        (20.0, AlarmLevel::Critical),
        (f64::NAN, AlarmLevel::Normal),
    ] {
        assert_eq!(level(Value::Float(x)), expected, "{x}");
    }
    assert_eq!(level(Value::Unsigned(15)), AlarmLevel::Warning);
    assert_eq!(level(Value::Undefined), AlarmLevel::Normal);
}

#[test]
fn bounds_are_inside_or_not() {
    let range =
        AlarmRange { min_inclusive: false, max_inclusive: true, ..range(AlarmLevel::Watch, 1.0, 2.0) };
    assert_eq!([0.9, 1.0, 1.1, 2.0, 2.1].map(|x| range.contains(x)), [false, false, true, true, false]);
}

#[test]
fn words_have_levels_and_so_has_any_other() {
    let alarm = Alarm {
        labels: Span { start: 0, len: 2 },
        other_labels: AlarmLevel::Distress,
        ranges: NOTHING,
        ..LIMITS
    };
    let level = |value| MEANING.alarm(&plan(&[alarm]), &value, &());
    let text = |octets| Value::Text(TextValue::new(Bits::new(octets, 0, 16).unwrap(), Default::default()));
    // The graver of two entries for the same word.
    assert_eq!(level(Value::Label { raw: 1, label: Some("ON") }), AlarmLevel::Severe);
    assert_eq!(level(Value::Boolean { value: true, label: "ON" }), AlarmLevel::Severe);
    assert_eq!(level(text(b"ON")), AlarmLevel::Severe);
    assert_eq!(level(text(b"NO")), AlarmLevel::Distress);
    assert_eq!(level(Value::Label { raw: 1, label: Some("OFF") }), AlarmLevel::Distress);
    assert_eq!(level(Value::Label { raw: 2, label: None }), AlarmLevel::Distress);
    assert_eq!(level(Value::Float(1.0)), AlarmLevel::Normal);
}

#[test]
fn the_first_alarm_whose_condition_holds_applies() {
    let strict = Alarm { ranges: Span { start: 0, len: 1 }, ..LIMITS };
    let level = |holding| MEANING.alarm(&plan(&[LIMITS, strict]), &Value::Float(25.0), &Holding(holding));
    assert_eq!(
        (level(0), level(1), level(2)),
        (AlarmLevel::Critical, AlarmLevel::Warning, AlarmLevel::Normal)
    );
}

/// The levels of one value after the other.
fn levels<const N: usize>(alarm: Alarm, values: [Value<'_, '_>; N]) -> [AlarmLevel; N] {
    let mut monitor = AlarmMonitor::new();
    values.map(|value| monitor.observe(&MEANING, &plan(&[alarm]), &value, &()))
}

#[test]
fn a_jump_alarms_once_there_is_something_to_jump_from() {
    let alarm = Alarm { change: Span { start: 2, len: 2 }, ..LIMITS };
    let (normal, watch) = (AlarmLevel::Normal, AlarmLevel::Watch);
    let values = [8.0, 2.0, 6.9, 1.5, 6.9].map(Value::Float);
    assert_eq!(levels(alarm, values), [normal, watch, normal, watch, watch]);
    // The graver of value and change; what is no number is skipped.
    let values =
        [Value::Float(8.0), Value::Undefined, Value::Float(f64::NAN), Value::Float(14.0), Value::Float(25.0)];
    assert_eq!(levels(alarm, values), [normal, normal, normal, AlarmLevel::Warning, AlarmLevel::Critical]);
}

#[test]
fn alarms_take_as_many_in_a_row_as_they_say() {
    let alarm = Alarm { min_violations: 3, ..LIMITS };
    let (normal, warning, critical) = (AlarmLevel::Normal, AlarmLevel::Warning, AlarmLevel::Critical);
    let values = [12.0, 25.0, 12.0, 25.0, 3.0, 12.0].map(Value::Float);
    assert_eq!(levels(alarm, values), [normal, normal, warning, critical, normal, normal]);
    for min_violations in [0, 1] {
        let values = [12.0, 3.0].map(Value::Float);
        assert_eq!(levels(Alarm { min_violations, ..LIMITS }, values), [warning, normal]);
    }
}

#[test]
fn without_an_alarm_a_row_of_violations_ends() {
    let alarm = Alarm { min_violations: 2, ..LIMITS };
    let mut monitor = AlarmMonitor::default();
    let mut observe =
        |holding| monitor.observe(&MEANING, &plan(&[alarm]), &Value::Float(12.0), &Holding(holding));
    let (normal, warning) = (AlarmLevel::Normal, AlarmLevel::Warning);
    assert_eq!([0, 2, 0, 0].map(&mut observe), [normal, normal, normal, warning]);
}
