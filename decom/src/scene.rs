//! What can be said of one packet: the values of operands, conditions and numbers.

use crate::extract::{Extracted, extract};
use crate::plan::{Compared, Condition, Encoding, Expr, ItemId, MAX_DEPTH, NONE, Operator, Place, Plan};
use crate::raw::Raw;
use crate::text::TextValue;
use crate::value::{Scope, Value};

/// Where the most recent value of an item that something refers to is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Register {
    /// From this bit of the packet on.
    At(u32),
    /// The packet has not carried it so far.
    #[default]
    Empty,
    /// It lay in several parts: these bits, put together.
    Parts(u64),
}

/// A packet, and what a decoder has found in it so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'s, 'p, 'a> {
    pub(crate) plan: &'s Plan<'p>,
    pub(crate) packet: &'a [u8],
    pub(crate) registers: &'s [Register],
    /// How many values depend on this one already.
    depth: usize,
}

impl<'s, 'p, 'a> Scene<'s, 'p, 'a> {
    pub(crate) const fn new(plan: &'s Plan<'p>, packet: &'a [u8], registers: &'s [Register]) -> Self {
        Self { plan, packet, registers, depth: 0 }
    }

    /// The raw value of an item at `bit`.
    pub(crate) fn item(&self, item: ItemId, bit: usize) -> Option<Extracted<'a>> {
        let encoding = self.plan.encoding(self.plan.item(item)?)?;
        let deeper = self.deeper()?;
        extract(self.plan, encoding, self.packet, bit, |expr| deeper.expr(expr))
    }

    /// The raw value of an item whose bits were put together.
    pub(crate) fn parts(&self, item: ItemId, word: u64) -> Option<Raw<'static>> {
        let encoding = self.plan.encoding(self.plan.item(item)?)?;
        let (Encoding::Integer { bits, .. } | Encoding::Float { bits, .. }) = *encoding else { return None };
        let octets = word.to_be_bytes();
        let bit = 64usize.checked_sub(bits.into())?;
        // The octets go out of scope, so only numbers can leave.
        match extract(self.plan, encoding, &octets, bit, |_| None)?.raw {
            Raw::Float(value) => Some(Raw::Float(value)),
            Raw::Signed(value) => Some(Raw::Signed(value)),
            Raw::Unsigned(value) => Some(Raw::Unsigned(value)),
            Raw::Wide(value) => Some(Raw::Wide(value)),
            Raw::Octets(_) | Raw::Text { .. } | Raw::Undefined(_) => None,
        }
    }

    /// The value of an expression.
    pub(crate) fn expr(&self, expr: u32) -> Option<i64> {
        match *self.plan.exprs.get(expr as usize)? {
            Expr::Fixed(value) => Some(value),
            Expr::Linear { operand, slope, intercept } => {
                let value = slope * self.deeper()?.number(operand)? + intercept;
                // What a float holds exactly is more than any packet is long.
                (value.abs() < EXACT).then_some(value as i64)
            }
            Expr::Lookup(span) => {
                let deeper = self.deeper()?;
                let rows = span.of(self.plan.lookups);
                rows.iter().find(|(condition, _)| deeper.holds(*condition)).map(|&(_, value)| value)
            }
        }
    }

    /// The raw value of an operand; `None` when the packet does not carry it.
    pub(crate) fn raw(&self, operand: u32) -> Option<Raw<'a>> {
        let operand = self.plan.operands.get(operand as usize)?;
        match operand.place {
            Place::Field(field) => field.extract(self.plan, self.packet),
            Place::Register(register) => match *self.registers.get(register as usize)? {
                Register::At(bit) => self.item(operand.item, bit as usize).map(|extracted| extracted.raw),
                Register::Empty => None,
                Register::Parts(word) => self.parts(operand.item, word),
            },
        }
    }

    /// The engineering value of an operand, or its raw one where that is meant.
    fn value(&self, operand: u32) -> Option<Value<'p, 'a>> {
        let raw = self.raw(operand)?;
        let row = self.plan.operands.get(operand as usize)?;
        let meaning = self.plan.meaning(self.plan.item(row.item)?)?;
        if row.calibrated {
            Some(meaning.value(self.plan, raw, &self.deeper()?))
        } else {
            Some(Value::plain(raw))
        }
    }

    fn deeper(&self) -> Option<Self> {
        (self.depth < MAX_DEPTH).then_some(Self { depth: self.depth + 1, ..*self })
    }

    /// Whether a condition holds; `None` where the packet does not tell.
    pub(crate) fn truth(&self, condition: u32) -> Option<bool> {
        if condition == NONE {
            return Some(true);
        }
        self.deeper()?.evaluate(condition as usize, 0).0
    }

    /// Whether a condition holds, if the packet tells, and which one follows it.
    fn evaluate(&self, index: usize, depth: usize) -> (Option<bool>, usize) {
        let Some(&condition) = self.plan.conditions.get(index).filter(|_| depth < MAX_DEPTH) else {
            return (None, usize::MAX);
        };
        let mut next = index + 1;
        let (parts, all) = match condition {
            Condition::Compare { operand, operator, with } => {
                return (self.compare(operand, operator, with), next);
            }
            Condition::All { parts } => (parts, true),
            Condition::Any { parts } => (parts, false),
        };
        // One part that fails is enough for all of them, and one that holds for any of them.
        let mut holds = Some(all);
        for _ in 0..parts {
            if next >= self.plan.conditions.len() {
                return (None, usize::MAX);
            }
            let (part, after) = self.evaluate(next, depth + 1);
            if holds == Some(all) && part != Some(all) || part == Some(!all) {
                holds = part;
            }
            next = after;
        }
        (holds, next)
    }

    fn compare(&self, operand: u32, operator: Operator, with: Compared) -> Option<bool> {
        match with {
            Compared::Integer(right) => {
                let raw = self.raw(operand)?;
                match raw.integer() {
                    Some(left) => Some(operator.holds(&left, &right)),
                    None => raw.number().map(|left| operator.holds(&left, &(right as f64))),
                }
            }
            Compared::Number(right) => Some(operator.holds(&self.number(operand)?, &right)),
            Compared::Operand(other) => {
                let (left, right) = (self.value(operand)?, self.value(other)?);
                match (left.integer(), right.integer()) {
                    (Some(left), Some(right)) => Some(operator.holds(&left, &right)),
                    _ => match (left, right) {
                        (Value::Text(left), Value::Text(right)) => {
                            Some(ordered(operator, left.chars(), right.chars()))
                        }
                        _ => Some(operator.holds(&left.number()?, &right.number()?)),
                    },
                }
            }
            Compared::Text(text) => {
                let right = self.plan.str(text).chars();
                match self.value(operand)? {
                    Value::Text(left) => Some(ordered(operator, TextValue::chars(left), right)),
                    Value::Boolean { label, .. } | Value::Label { label: Some(label), .. } => {
                        Some(ordered(operator, label.chars(), right))
                    }
                    _ => None,
                }
            }
        }
    }
}

impl Scope for Scene<'_, '_, '_> {
    fn number(&self, operand: u32) -> Option<f64> {
        self.value(operand)?.number()
    }

    fn holds(&self, condition: u32) -> bool {
        self.truth(condition) == Some(true)
    }
}

fn ordered(operator: Operator, left: impl Iterator<Item = char>, right: impl Iterator<Item = char>) -> bool {
    operator.holds(&left.cmp(right), &core::cmp::Ordering::Equal)
}

/// Whole numbers below this are exact in floating point.
const EXACT: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests;
