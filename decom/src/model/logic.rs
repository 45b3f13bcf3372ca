//! Conditions, and numbers that depend on the packet (660.0-B-2 §4.3.4).

use alloc::string::String;
use alloc::vec::Vec;

use super::ParameterId;
pub use crate::plan::Operator;

/// Something that is true of a packet, or is not.
///
/// A comparison with a parameter that the packet does not carry, or does not reach, is false whatever the operator.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Every one holds; without any, always.
    All(Vec<Self>),
    /// At least one holds; without any, never.
    Any(Vec<Self>),
    /// A comparison.
    Compare(Comparison),
}

impl Condition {
    /// The condition that always holds.
    pub const ALWAYS: Self = Self::All(Vec::new());
}

/// A parameter compared with something.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The parameter.
    pub left: ParameterRef,
    /// How.
    pub operator: Operator,
    /// With what.
    pub right: Comparand,
}

/// What a parameter is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparand {
    /// A literal as the database has it; the type of the parameter tells whether it is a number, a word or a text. Numbers may be decimal,
    /// `0x`, `0o` or `0b`.
    Literal(String),
    /// Another parameter.
    Parameter(ParameterRef),
}

/// A parameter in the packet, or a part of it: its most recent value.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterRef {
    /// Which parameter.
    pub parameter: ParameterId,
    /// Which part of it; empty for a scalar.
    pub path: Vec<PathStep>,
    /// Whether its engineering value is meant; otherwise the raw one.
    pub calibrated: bool,
}

/// A step into a structured parameter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PathStep {
    /// The element with this index.
    Element(u32),
    /// The member of this name.
    Member(String),
}

/// A whole number, fixed or taken from the packet.
#[derive(Clone, Debug, PartialEq)]
pub enum IntExpr {
    /// Always the same.
    Fixed(i64),
    /// `slope · parameter + intercept`, towards zero. Where the packet does not carry the parameter there is no value.
    Linear {
        /// The parameter.
        parameter: ParameterRef,
        /// Factor.
        slope: f64,
        /// Summand.
        intercept: f64,
    },
    /// The number beside the first condition that holds. There is no value where none does.
    Lookup(Vec<(Condition, i64)>),
}
