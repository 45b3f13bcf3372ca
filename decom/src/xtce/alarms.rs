//! Alarms and valid ranges (660.0-B-2 §4.3.2.2.6).

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::Loader;
use super::report::Node;
use super::values::{child, children, integer};
use crate::model::{Alarm, AlarmLevel, AlarmRange, Condition, EngineeringKind, Label, ValidRange};

impl<'a> Loader<'_, 'a> {
    /// What a `DefaultAlarm` or `ContextAlarm` says; nothing where it is off, or says nothing that is supported.
    pub(super) fn alarm(&self, node: Node<'a>, kind: &EngineeringKind) -> Option<Alarm> {
        let min_violations = self.report.count(node, "minViolations", 1, u32::MAX, 1);
        let conformance = self.report.count(node, "minConformance", 1, u32::MAX, min_violations);
        if conformance != min_violations {
            let what = "an alarm ends after as many samples as it began with";
            self.report.omit_attribute(node, "minConformance", what, "remove it");
        }
        if self.report.flag(node, "disabled", false) {
            return None;
        }
        let mut alarm = Alarm { min_violations, ..Alarm::default() };
        let unit = child(node, "StaticAlarmRanges").map_or(1.0, |ranges| self.alarm_unit(ranges, kind));
        if let Some(ranges) = child(node, "StaticAlarmRanges") {
            if ranges.attribute("appliesToCalibratedValues").is_some()
                && !self.report.flag(ranges, "appliesToCalibratedValues", true)
            {
                let what = "alarms hold for calibrated values";
                self.report.omit_attribute(ranges, "appliesToCalibratedValues", what, "remove it");
                return None;
            }
            alarm.ranges.extend(self.levels(ranges, unit));
        }
        if let Some(ranges) = child(node, "AlarmMultiRanges") {
            for range in children(ranges, "Range") {
                let level = self.report.word(range, "level", &LEVELS, AlarmLevel::Normal);
                alarm.ranges.extend(self.ranges(range, self.is_outside(range), level, unit));
            }
        }
        if let Some(ranges) = child(node, "ChangeAlarmRanges") {
            alarm.change.extend(self.changes(ranges));
        }
        self.label_alarms(node, kind, &mut alarm);
        let is_empty = alarm.ranges.is_empty() && alarm.change.is_empty() && alarm.labels.is_empty();
        (!is_empty || alarm.other_labels != AlarmLevel::Normal).then_some(alarm)
    }

    /// The alarms of a `ContextAlarmList`, in order.
    pub(super) fn context_alarms(&self, list: Node<'a>, kind: &EngineeringKind) -> Vec<(Condition, Alarm)> {
        let contexts = children(list, "ContextAlarm").filter_map(|context| {
            let Some(condition) = child(context, "ContextMatch") else {
                self.report.error(context, "the alarm has no context", "write a ContextMatch");
                return None;
            };
            let (condition, alarm) = (self.criteria(condition), self.alarm(context, kind));
            // In its context, an alarm that never sounds still takes the place of the default one.
            Some((condition?, alarm.unwrap_or(Alarm { min_violations: 1, ..Alarm::default() })))
        });
        contexts.collect()
    }

    /// What a `ValidRange` says; `default` tells whether it holds for the calibrated value where it does not say.
    pub(super) fn valid_range(&self, node: Node<'a>, default: bool) -> Option<ValidRange> {
        let bounds = self.bounds(node)?;
        let draft = self.report.flag(node, "rangeAppliesToCalibrated", default);
        Some(ValidRange {
            min: bounds.min,
            min_inclusive: bounds.min_inclusive,
            max: bounds.max,
            max_inclusive: bounds.max_inclusive,
            calibrated: self.report.flag(node, "validRangeAppliesToCalibrated", draft),
        })
    }

    /// Seconds of the unit that ranges of times are in.
    fn alarm_unit(&self, ranges: Node<'a>, kind: &EngineeringKind) -> f64 {
        match kind {
            EngineeringKind::RelativeTime(_) => self.time_unit(ranges, "timeUnits").unwrap_or(1.0),
            _ => 1.0,
        }
    }

    fn levels(&self, node: Node<'a>, unit: f64) -> Vec<AlarmRange> {
        let is_outside = self.is_outside(node);
        let levels = RANGES.iter().filter_map(|&(name, level)| Some((child(node, name)?, level)));
        levels.flat_map(|(range, level)| self.ranges(range, is_outside, level, unit)).collect()
    }

    /// Whether values outside of a range are alarming, and not those inside.
    fn is_outside(&self, node: Node<'a>) -> bool {
        let forms = [("outside", true), ("inside", false)];
        let draft = self.report.word(node, "alarmForm", &forms, true);
        self.report.word(node, "rangeForm", &forms, draft)
    }

    /// Where values are alarming: the range, or what is left and right of it.
    fn ranges(&self, node: Node<'a>, is_outside: bool, level: AlarmLevel, unit: f64) -> Vec<AlarmRange> {
        let Some(bounds) = self.bounds(node) else { return Vec::new() };
        let inside = AlarmRange { level, min: bounds.min * unit, max: bounds.max * unit, ..bounds };
        if !is_outside {
            return Vec::from([inside]);
        }
        let below = AlarmRange {
            min: f64::NEG_INFINITY,
            min_inclusive: true,
            max: inside.min,
            max_inclusive: !inside.min_inclusive,
            ..inside
        };
        let above = AlarmRange {
            min: inside.max,
            min_inclusive: !inside.max_inclusive,
            max: f64::INFINITY,
            max_inclusive: true,
            ..inside
        };
        let mut outside = Vec::new();
        outside.extend((inside.min > f64::NEG_INFINITY).then_some(below));
        outside.extend((inside.max < f64::INFINITY).then_some(above));
        outside
    }

    fn bounds(&self, node: Node<'a>) -> Option<AlarmRange> {
        let bound =
            |inclusive, exclusive, missing| match (node.attribute(inclusive), node.attribute(exclusive)) {
                (None, None) => Some((missing, true)),
                (Some(_), None) => Some((self.report.number(node, inclusive)?, true)),
                (None, Some(_)) => Some((self.report.number(node, exclusive)?, false)),
                (Some(_), Some(_)) => {
                    self.report.attribute_error(
                        node,
                        exclusive,
                        "the bound is there twice",
                        "keep one of them",
                    );
                    None
                }
            };
        let min = bound("minInclusive", "minExclusive", f64::NEG_INFINITY);
        let max = bound("maxInclusive", "maxExclusive", f64::INFINITY);
        let ((min, min_inclusive), (max, max_inclusive)) = (min?, max?);
        if min > max || min.is_nan() || max.is_nan() {
            self.report.error(node, "the first bound is above the last one", "exchange them");
            return None;
        }
        Some(AlarmRange { level: AlarmLevel::Normal, min, min_inclusive, max, max_inclusive })
    }

    /// Limits on the change to the next sample: the only kind of change that can be seen without a clock.
    fn changes(&self, node: Node<'a>) -> Vec<AlarmRange> {
        let per_sample = [("changePerSecond", false), ("changePerSample", true)];
        let absolute = [("absoluteChange", true), ("percentageChange", false)];
        let samples = self.report.count(node, "spanOfInterestInSamples", 0, u32::MAX, 1);
        let is_supported = self.report.word(node, "changeType", &per_sample, false)
            && self.report.word(node, "changeBasis", &absolute, true)
            && samples == 1;
        if !is_supported {
            let what = "only absolute changes from one sample to the next are supported";
            let fix = "write changeType=\"changePerSample\" and changeBasis=\"absoluteChange\"";
            self.report.omit(node, what, fix);
            return Vec::new();
        }
        self.levels(node, 1.0)
    }

    fn label_alarms(&self, node: Node<'a>, kind: &EngineeringKind, alarm: &mut Alarm) {
        let Some(list) = child(node, "EnumerationAlarmList") else { return };
        let EngineeringKind::Enumerated(labels) = kind else {
            self.report.error(list, "the type has no labels", "remove it");
            return;
        };
        alarm.other_labels = self.report.word(node, "defaultAlarmLevel", &LEVELS, AlarmLevel::Normal);
        for entry in children(list, "EnumerationAlarm") {
            let level = self.report.word(entry, "alarmLevel", &LEVELS, AlarmLevel::Normal);
            let name = entry.attribute("enumerationLabel").or_else(|| entry.attribute("enumerationValue"));
            let Some(name) = name else {
                self.report.error(entry, "the alarm names no label", "write enumerationLabel=\"…\"");
                continue;
            };
            let found = alarming_labels(labels, name);
            if found.is_empty() {
                let what = format!("`{name}` is no label of the type");
                self.report.omit(entry, what, "write one of its labels");
            }
            alarm.labels.extend(found.into_iter().map(|label| (label, level)));
        }
    }
}

/// The label of this name; where there is none, those of the raw value. 1.1 has `enumerationValue` for either.
fn alarming_labels(labels: &[Label], name: &str) -> Vec<String> {
    if labels.iter().any(|label| label.label == name) {
        return Vec::from([name.to_string()]);
    }
    let Some(value) = integer(name) else { return Vec::new() };
    let found = labels.iter().filter(|label| (label.first..=label.last).contains(&value));
    found.map(|label| label.label.clone()).collect()
}

const LEVELS: [(&str, AlarmLevel); 6] = [
    ("normal", AlarmLevel::Normal),
    ("watch", AlarmLevel::Watch),
    ("warning", AlarmLevel::Warning),
    ("distress", AlarmLevel::Distress),
    ("critical", AlarmLevel::Critical),
    ("severe", AlarmLevel::Severe),
];

const RANGES: [(&str, AlarmLevel); 5] = [
    ("WatchRange", AlarmLevel::Watch),
    ("WarningRange", AlarmLevel::Warning),
    ("DistressRange", AlarmLevel::Distress),
    ("CriticalRange", AlarmLevel::Critical),
    ("SevereRange", AlarmLevel::Severe),
];
