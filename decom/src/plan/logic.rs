//! Conditions, and numbers that depend on the packet.

use super::Field;
use super::{ItemId, Span, Text};

/// A condition, or the head of one: `All` and `Any` are followed by their parts, each a whole condition.
///
/// A comparison with a parameter that the packet does not carry, or does not reach, is false.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Condition {
    /// Every part holds.
    All {
        /// How many parts.
        parts: u32,
    },
    /// At least one part holds.
    Any {
        /// How many parts.
        parts: u32,
    },
    /// A comparison.
    Compare {
        /// What is compared: index of an operand.
        operand: u32,
        /// How.
        operator: Operator,
        /// With what.
        with: Compared,
    },
}

/// What an operand is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Compared {
    /// A whole number.
    Integer(i128),
    /// A floating-point number.
    Number(f64),
    /// Another operand.
    Operand(u32),
    /// A text, or the word for a value.
    Text(Text),
}

/// A parameter that a condition, a number or a calibrator refers to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Operand {
    /// Where its value is.
    pub place: Place,
    /// What it is a value of.
    pub item: ItemId,
    /// Whether the engineering value is meant; otherwise the raw one.
    pub calibrated: bool,
}

/// Where the value of an operand is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Place {
    /// At a fixed bit of the packet.
    Field(Field),
    /// In a register, once it was decoded.
    Register(u32),
}

/// A whole number.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Expr {
    /// Always the same.
    Fixed(i64),
    /// `slope · operand + intercept`, towards zero.
    Linear {
        /// Index of an operand.
        operand: u32,
        /// Factor.
        slope: f64,
        /// Summand.
        intercept: f64,
    },
    /// The number beside the first condition that holds: range of `lookups`.
    Lookup(Span),
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Operator {
    /// `==`
    Equal,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `!=`
    NotEqual,
}

impl Operator {
    /// Whether `left` stands so to `right`; NaN stands in no relation but inequality.
    #[must_use]
    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::NotEqual => left != right,
        }
    }
}
