//! Engineering values one by one: the specification of every faster way, and the way of all that has none.

use crate::column::{Column, Engineering, Octets};
use crate::plan::{AlarmLevel, Kind, Label, Meaning, NONE, Plan};
use crate::text::TextValue;
use crate::value::Value;

impl Column {
    /// Put an engineering value and its alarm behind the others; `None` for a value that is missing.
    pub(super) fn note(
        &mut self,
        plan: &Plan<'_>,
        meaning: &Meaning,
        value: Option<Value<'_, '_>>,
        alarm: impl FnOnce(&Value<'_, '_>) -> AlarmLevel,
    ) {
        if let Some(engineering) = &mut self.engineering {
            let index = engineering.len();
            if engineering.push(plan, meaning, value.as_ref()).is_none() {
                self.defined.lose(index);
            }
        }
        if let Some(alarms) = &mut self.alarms {
            alarms.push(value.as_ref().map_or(AlarmLevel::Normal, alarm));
        }
    }
}

impl Engineering {
    /// One more value; `None`, and an empty place, when it is none of this kind.
    pub(super) fn push(
        &mut self,
        plan: &Plan<'_>,
        meaning: &Meaning,
        value: Option<&Value<'_, '_>>,
    ) -> Option<()> {
        match (&mut *self, value) {
            (Self::Booleans(values), Some(Value::Boolean { value, .. })) => values.push(*value),
            (Self::F64(values), Some(value)) if value.number().is_some() => {
                values.push(value.number().unwrap_or_default());
            }
            (Self::Labels(values), Some(Value::Label { raw, .. })) => {
                values.push(label_index(labels_of(plan, meaning), *raw));
            }
            (Self::Text(texts), Some(Value::Text(text))) => return push_text(texts, *text),
            (Self::Times { nanoseconds, .. }, Some(Value::Time(moment)))
                if moment.unix_nanoseconds().is_some() =>
            {
                nanoseconds.push(moment.unix_nanoseconds().unwrap_or_default());
            }
            _ => {
                self.push_nothing();
                return None;
            }
        }
        Some(())
    }
}

fn push_text(texts: &mut Octets, text: TextValue<'_>) -> Option<()> {
    match text.as_str() {
        Some(text) => texts.push_slice(text.as_bytes()),
        None => {
            text.chars().for_each(|character| texts.push_char(character));
            texts.push_rest()
        }
    }
}

/// The words of an enumeration; none of anything else.
pub(super) fn labels_of<'p>(plan: &Plan<'p>, meaning: &Meaning) -> &'p [Label] {
    match meaning.kind {
        Kind::Enumerated(labels) => labels.of(plan.labels),
        _ => &[],
    }
}

/// Which of the words stands for a number; [`NONE`] when none does.
pub(super) fn label_index(labels: &[Label], number: i64) -> u32 {
    let behind = labels.partition_point(|label| label.first <= number);
    let found = behind.checked_sub(1).and_then(|index| Some((index, labels.get(index)?)));
    found.filter(|(_, label)| number <= label.last).map_or(NONE, |(index, _)| index as u32)
}
