//! Engineering values: what raw values mean.

use crate::moment::Moment;
use crate::plan::{Kind, Label, Meaning, Plan, Span};
use crate::raw::{Bits, Raw};
use crate::text::TextValue;

/// What conditions and other parameters an engineering value may depend on.
pub trait Scope {
    /// The number of an operand of the plan; `None` while it is not known.
    fn number(&self, operand: u32) -> Option<f64>;

    /// Whether a condition of the plan holds.
    fn holds(&self, condition: u32) -> bool;
}

/// Nothing is known, and nothing holds.
impl Scope for () {
    fn number(&self, _operand: u32) -> Option<f64> {
        None
    }

    fn holds(&self, _condition: u32) -> bool {
        false
    }
}

/// An engineering value: words are of the plan, texts and octets of the packet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'p, 'a> {
    /// One of two words.
    Boolean {
        /// Whether it is the word for anything but zero.
        value: bool,
        /// The word.
        label: &'p str,
    },
    /// A span of time, in seconds.
    Duration(f64),
    /// A floating-point number.
    Float(f64),
    /// A word of an enumeration.
    Label {
        /// The number that it stands for, after calibration.
        raw: i64,
        /// The word; `None` for a number that the enumeration does not have.
        label: Option<&'p str>,
    },
    /// Octets.
    Octets(Bits<'a>),
    /// A whole number with a sign.
    Signed(i64),
    /// Characters.
    Text(TextValue<'a>),
    /// A moment.
    Time(Moment),
    /// No value: out of the range of its calibrator, no number of its encoding, or beyond what its kind holds.
    Undefined,
    /// A whole number without sign.
    Unsigned(u64),
    /// A whole number of more than 64 bits.
    Wide(u128),
}

impl<'a> Value<'_, 'a> {
    /// The value that a raw one is by itself.
    pub(crate) const fn plain(raw: Raw<'a>) -> Self {
        match raw {
            Raw::Float(value) => Self::Float(value),
            Raw::Octets(bits) => Self::Octets(bits),
            Raw::Signed(value) => Self::Signed(value),
            Raw::Text { bits, charset } => Self::Text(TextValue::new(bits, charset)),
            Raw::Undefined(_) => Self::Undefined,
            Raw::Unsigned(value) => Self::Unsigned(value),
            Raw::Wide(value) => Self::Wide(value),
        }
    }

    /// The whole number, where it is one and no floating-point number.
    pub(crate) fn integer(&self) -> Option<i128> {
        match *self {
            Self::Label { raw, .. } => Some(raw.into()),
            Self::Signed(value) => Some(value.into()),
            Self::Unsigned(value) => Some(value.into()),
            Self::Wide(value) => value.try_into().ok(),
            _ => None,
        }
    }

    /// The number: of a word the one it stands for, of a span of time its seconds. `None` for what is no number, and for moments.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match *self {
            Self::Boolean { value, .. } => Some(f64::from(u8::from(value))),
            Self::Duration(value) | Self::Float(value) => Some(value),
            Self::Label { raw, .. } => Some(raw as f64),
            Self::Signed(value) => Some(value as f64),
            Self::Unsigned(value) => Some(value as f64),
            Self::Wide(value) => Some(value as f64),
            Self::Octets(_) | Self::Text(_) | Self::Time(_) | Self::Undefined => None,
        }
    }
}

impl Meaning {
    /// The engineering value of a raw one.
    ///
    /// A whole number stays one; a calibrator makes it a floating-point number. Words are looked up by the nearest whole number,
    /// the one farther from zero between two. What its kind has no use for stays what it is, as octets that are to be a number.
    #[must_use]
    pub fn value<'p, 'a>(
        &self,
        plan: &Plan<'p>,
        raw: Raw<'a>,
        scope: &(impl Scope + ?Sized),
    ) -> Value<'p, 'a> {
        let Some(raw) = self.calibrated(plan, raw, scope) else { return Value::Undefined };
        let time = |index: u32| plan.times.get(index as usize);
        match (self.kind, raw) {
            (Kind::AbsoluteTime(index), _) => {
                time(index).and_then(|time| time.moment(raw)).map_or(Value::Undefined, Value::Time)
            }
            (Kind::Boolean { zero, one }, _) => boolean(plan.str(zero), plan.str(one), raw),
            (Kind::Enumerated(labels), _) => word(plan, labels.of(plan.labels), raw),
            (Kind::Float, _) => raw.number().map_or(Value::plain(raw), Value::Float),
            (Kind::Octets, Raw::Text { bits, .. }) => Value::Octets(bits),
            (Kind::RelativeTime(index), _) => {
                time(index).and_then(|time| time.seconds(raw)).map_or(Value::Undefined, Value::Duration)
            }
            (Kind::Integer | Kind::Octets | Kind::Text, _) => Value::plain(raw),
        }
    }

    /// Whether the raw number, or the calibrated one, is where valid values are. What is no number is valid, unless it is no
    /// value at all.
    #[must_use]
    pub fn in_valid_range(&self, raw: Raw<'_>, value: &Value<'_, '_>) -> bool {
        let Some(range) = self.valid_range else { return true };
        let (number, is_defined) = if range.calibrated {
            (value.number(), *value != Value::Undefined)
        } else {
            (raw.number(), !matches!(raw, Raw::Undefined(_)))
        };
        let (min, max) = ((range.min, range.min_inclusive), (range.max, range.max_inclusive));
        number.map_or(is_defined, |x| lies_between(min, max, x))
    }

    /// The raw value after the calibrator that applies, if it is a number and one does. `None` where that gives none.
    fn calibrated<'a>(
        &self,
        plan: &Plan<'_>,
        raw: Raw<'a>,
        scope: &(impl Scope + ?Sized),
    ) -> Option<Raw<'a>> {
        let calibrator = chosen(plan, self.context_calibrators, self.calibrator, plan.calibrators, scope);
        match (raw.number(), calibrator) {
            (Some(x), Some(calibrator)) => calibrator.apply(plan, x, scope).map(Raw::Float),
            _ => Some(raw),
        }
    }
}

/// The calibrator or alarm that applies: that of the first condition that holds, or the default.
pub(crate) fn chosen<'p, T>(
    plan: &Plan<'p>,
    contexts: Span,
    default: u32,
    table: &'p [T],
    scope: &(impl Scope + ?Sized),
) -> Option<&'p T> {
    let context = contexts.of(plan.contexts).iter().find(|context| scope.holds(context.condition));
    // `NONE` leads outside of every table.
    table.get(context.map_or(default, |context| context.target) as usize)
}

/// Whether a number lies between two bounds, each with whether it is inside itself. What is not a number does not.
pub(crate) fn lies_between((min, with_min): (f64, bool), (max, with_max): (f64, bool), x: f64) -> bool {
    (x > min || (with_min && x == min)) && (x < max || (with_max && x == max))
}

/// Which of two words: by a number, by octets that are not all zero, or by the word itself.
fn boolean<'p, 'a>(zero: &'p str, one: &'p str, raw: Raw<'a>) -> Value<'p, 'a> {
    let value = match raw {
        Raw::Float(x) if x.is_nan() => return Value::Undefined,
        Raw::Float(x) => libm::round(x) != 0.0,
        Raw::Octets(bits) => bits.octets().any(|octet| octet != 0),
        Raw::Signed(value) => value != 0,
        Raw::Text { bits, charset } => match TextValue::new(bits, charset) {
            text if text == *one => true,
            text if text == *zero => false,
            text => return Value::Text(text),
        },
        Raw::Undefined(_) => return Value::Undefined,
        Raw::Unsigned(value) => value != 0,
        Raw::Wide(value) => value != 0,
    };
    Value::Boolean { value, label: if value { one } else { zero } }
}

/// The word for a number. A whole number that no enumeration can have, as it takes more than 64 bits with sign, stays a number.
fn word<'p, 'a>(plan: &Plan<'p>, labels: &[Label], raw: Raw<'a>) -> Value<'p, 'a> {
    let number = match raw {
        Raw::Float(x) => match libm::round(x) {
            x if (-LIMIT..LIMIT).contains(&x) => x as i64,
            _ => return Value::Undefined,
        },
        _ => match raw.integer().and_then(|value| i64::try_from(value).ok()) {
            Some(value) => value,
            None => return Value::plain(raw),
        },
    };
    let behind = labels.partition_point(|label| label.first <= number);
    let label =
        behind.checked_sub(1).and_then(|index| labels.get(index)).filter(|label| number <= label.last);
    Value::Label { raw: number, label: label.map(|label| plan.str(label.text)) }
}

const LIMIT: f64 = 9_223_372_036_854_775_808.0;

#[cfg(test)]
pub(crate) mod tests;
