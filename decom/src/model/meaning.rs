//! How a raw value becomes an engineering value, and when it is alarming (660.0-B-2 §4.3.2.2.5 to §4.3.2.2.7).

use alloc::string::String;
use alloc::vec::Vec;

use super::encoding::Encoding;
use super::logic::{Condition, ParameterRef};
pub use crate::plan::meaning::{
    AlarmLevel, AlarmRange, Epoch, MathOperator, TimeCode, TimeScale, ValidRange,
};

/// A type of one value.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// How bits give the raw value.
    pub encoding: Encoding,
    /// What the engineering value is.
    pub kind: EngineeringKind,
    /// Calibrators that apply where their condition holds: the first one that does.
    pub context_calibrators: Vec<(Condition, Calibrator)>,
    /// The calibrator that applies otherwise.
    pub calibrator: Option<Calibrator>,
    /// Alarms that apply where their condition holds: the first one that does.
    pub context_alarms: Vec<(Condition, Alarm)>,
    /// The alarm that applies otherwise.
    pub alarm: Option<Alarm>,
    /// Engineering values, or raw ones, outside of which a value is not valid.
    pub valid_range: Option<ValidRange>,
}

impl Scalar {
    /// A type without calibrators, alarms and valid range.
    #[must_use]
    pub const fn new(encoding: Encoding, kind: EngineeringKind) -> Self {
        Self {
            encoding,
            kind,
            context_calibrators: Vec::new(),
            calibrator: None,
            context_alarms: Vec::new(),
            alarm: None,
            valid_range: None,
        }
    }
}

/// What an engineering value is.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineeringKind {
    /// A moment: the number scaled and counted from an epoch.
    AbsoluteTime(TimeSpec),
    /// One of two words.
    Boolean {
        /// The word for zero.
        zero: String,
        /// The word for anything else.
        one: String,
    },
    /// One of several words.
    Enumerated(Vec<Label>),
    /// A floating-point number.
    Float,
    /// A whole number, as long as no calibrator makes it a floating-point number.
    Integer,
    /// Octets.
    Octets,
    /// A span of time: the number scaled.
    RelativeTime(TimeSpec),
    /// Characters.
    Text,
}

/// A word for a range of raw values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Label {
    /// The first raw value.
    pub first: i64,
    /// The last raw value, included.
    pub last: i64,
    /// The word.
    pub label: String,
}

/// How a raw number, after calibration, stands for a time.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeSpec {
    /// Seconds of one unit of the number. A CCSDS code has its own.
    pub scale: f64,
    /// Seconds added to the scaled number.
    pub offset: f64,
    /// What it counts from; relative times count from nothing.
    pub epoch: Epoch,
    /// Whether the octets are a number or a CCSDS code.
    pub code: TimeCode,
}

/// A function from raw to calibrated numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Calibrator {
    /// An expression in reverse Polish order.
    Math(Vec<MathOp>),
    /// Coefficients from the constant on. Negative powers have a second list, from the power -1 on.
    Polynomial {
        /// Coefficient of the power `i`.
        coefficients: Vec<f64>,
        /// Coefficient of the power `-1 - i`.
        negative: Vec<f64>,
    },
    /// Points in order of their raw value; between two of them the value is found by interpolation.
    Spline {
        /// 0: the value of the point before; 1: a straight line. Higher orders are a polynomial through as many points as it takes.
        order: u8,
        /// Whether values outside the points follow the first or last segment; otherwise they have no calibrated value.
        extrapolate: bool,
        /// Raw and calibrated values, at least one, raw ones strictly increasing.
        points: Vec<(f64, f64)>,
    },
    /// Natural logarithm series of SCOS-2000: `1 / Σ a_i ln(x)^i`.
    ReciprocalLogarithmic([f64; 5]),
}

/// One step of an expression: an operand to push, or an operation on those pushed last.
#[derive(Clone, Debug, PartialEq)]
pub enum MathOp {
    /// A number.
    Number(f64),
    /// Another parameter.
    Parameter(ParameterRef),
    /// The raw value to be calibrated.
    This,
    /// An operator.
    Apply(MathOperator),
}

/// When a value is alarming.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alarm {
    /// Ranges of the engineering number. Several levels are told apart by the most severe one that holds.
    pub ranges: Vec<AlarmRange>,
    /// Words that are alarming.
    pub labels: Vec<(String, AlarmLevel)>,
    /// What any other word is.
    pub other_labels: AlarmLevel,
    /// Limits on the change from one sample to the next.
    pub change: Vec<AlarmRange>,
    /// How many alarming samples in a row it takes, at least 1.
    pub min_violations: u32,
}
