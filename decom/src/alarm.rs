//! Alarms: how grave a value is, at once and in the light of the values before it (660.0-B-2 §4.3.2.2.7).

use crate::plan::{Alarm, AlarmLevel, AlarmRange, Meaning, Plan};
use crate::value::{Scope, Value, chosen, lies_between};

impl Meaning {
    /// How grave a value is by itself: the most severe of its ranges that holds, or what its word is.
    ///
    /// A value that is none, and what is not a number, is in no range. Changes and repetitions take an [`AlarmMonitor`].
    #[must_use]
    pub fn alarm(&self, plan: &Plan<'_>, value: &Value<'_, '_>, scope: &(impl Scope + ?Sized)) -> AlarmLevel {
        self.chosen_alarm(plan, scope).map_or(AlarmLevel::Normal, |alarm| alarm.level(plan, value))
    }

    fn chosen_alarm<'p>(&self, plan: &Plan<'p>, scope: &(impl Scope + ?Sized)) -> Option<&'p Alarm> {
        chosen(plan, self.context_alarms, self.alarm, plan.alarms, scope)
    }
}

impl Alarm {
    fn level(&self, plan: &Plan<'_>, value: &Value<'_, '_>) -> AlarmLevel {
        let by_number =
            value.number().map_or(AlarmLevel::Normal, |x| most_severe(self.ranges.of(plan.alarm_ranges), x));
        by_number.max(self.level_of_word(plan, value))
    }

    /// The level of a word or a text; a number that its enumeration does not have is another word.
    fn level_of_word(&self, plan: &Plan<'_>, value: &Value<'_, '_>) -> AlarmLevel {
        let is = |word: &str| match value {
            Value::Boolean { label, .. } | Value::Label { label: Some(label), .. } => word == *label,
            Value::Text(text) => text == word,
            _ => false,
        };
        if !matches!(value, Value::Boolean { .. } | Value::Label { .. } | Value::Text(_)) {
            return AlarmLevel::Normal;
        }
        let words = self.labels.of(plan.alarm_labels).iter();
        words
            .filter(|(word, _)| is(plan.str(*word)))
            .map(|(_, level)| *level)
            .max()
            .unwrap_or(self.other_labels)
    }
}

/// What alarms on changes and repetitions remember of one item. The caller keeps one for each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AlarmMonitor {
    previous: Option<f64>,
    violations: u32,
}

impl AlarmMonitor {
    /// Nothing is remembered.
    #[must_use]
    pub const fn new() -> Self {
        Self { previous: None, violations: 0 }
    }

    /// How grave the next value of the item is.
    ///
    /// The change from the last number counts as the value itself does. A violation is reported once there were as many in a row
    /// as the alarm takes, of whatever level. A value that is no number leaves the one to compare the next with as it was.
    pub fn observe(
        &mut self,
        meaning: &Meaning,
        plan: &Plan<'_>,
        value: &Value<'_, '_>,
        scope: &(impl Scope + ?Sized),
    ) -> AlarmLevel {
        let number = value.number().filter(|number| !number.is_nan());
        let change = number.zip(self.previous).map(|(number, previous)| number - previous);
        self.previous = number.or(self.previous);
        let Some(alarm) = meaning.chosen_alarm(plan, scope) else {
            self.violations = 0;
            return AlarmLevel::Normal;
        };
        let by_change =
            change.map_or(AlarmLevel::Normal, |x| most_severe(alarm.change.of(plan.alarm_ranges), x));
        let level = alarm.level(plan, value).max(by_change);
        self.violations = if level == AlarmLevel::Normal { 0 } else { self.violations.saturating_add(1) };
        if self.violations >= alarm.min_violations { level } else { AlarmLevel::Normal }
    }
}

impl AlarmRange {
    /// Whether a number is inside.
    #[must_use]
    pub fn contains(&self, x: f64) -> bool {
        lies_between((self.min, self.min_inclusive), (self.max, self.max_inclusive), x)
    }
}

fn most_severe(ranges: &[AlarmRange], x: f64) -> AlarmLevel {
    ranges.iter().filter(|range| range.contains(x)).map(|range| range.level).max().unwrap_or_default()
}

#[cfg(test)]
mod tests;
