//! How raw values give engineering values, and when these are alarming.

use super::{Span, Text};

/// How the raw values of a type give engineering values.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Meaning {
    /// What the engineering value is.
    pub kind: Kind,
    /// Its unit; empty where it has none.
    pub unit: Text,
    /// Calibrators with a condition: the first one whose condition holds applies.
    pub context_calibrators: Span,
    /// The calibrator that applies otherwise: index of a calibrator, or `NONE`.
    pub calibrator: u32,
    /// Alarms with a condition: the first one whose condition holds applies.
    pub context_alarms: Span,
    /// The alarm that applies otherwise: index of an alarm, or `NONE`.
    pub alarm: u32,
    /// Numbers outside of which a value is not valid.
    pub valid_range: Option<ValidRange>,
}

/// What an engineering value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Kind {
    /// A moment: index of a time.
    AbsoluteTime(u32),
    /// One of two words.
    Boolean {
        /// The word for zero.
        zero: Text,
        /// The word for anything else.
        one: Text,
    },
    /// One of several words: range of `labels`, sorted by their first value; they do not overlap.
    Enumerated(Span),
    /// A floating-point number.
    Float,
    /// A whole number; a calibrator makes it a floating-point number.
    Integer,
    /// Octets.
    Octets,
    /// A span of time: index of a time.
    RelativeTime(u32),
    /// Characters.
    Text,
}

/// A calibrator or an alarm that applies under a condition.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Context {
    /// The condition.
    pub condition: u32,
    /// Index of the calibrator or alarm; `NONE` for a calibrator that changes nothing.
    pub target: u32,
}

/// A function from raw to calibrated numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Calibrator {
    /// An expression: range of `math`.
    Math(Span),
    /// A polynomial: ranges of `numbers`, from the constant on, and from the power -1 on.
    Polynomial {
        /// Coefficients of the powers 0, 1, …
        coefficients: Span,
        /// Coefficients of the powers -1, -2, …
        negative: Span,
    },
    /// `1 / Σ a_i ln(x)^i`: range of `numbers`.
    ReciprocalLogarithmic(Span),
    /// Interpolation between points.
    Spline {
        /// 0: the value of the point before; 1: a straight line; more: a polynomial through `order + 1` neighbouring points.
        order: u8,
        /// Whether the first and last segments go on outside the points; otherwise there is no value.
        extrapolate: bool,
        /// Raw and calibrated value of each point in turn: range of `numbers`.
        points: Span,
    },
}

/// One step of an expression.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum MathOp {
    /// An operator on the values pushed last.
    Apply(MathOperator),
    /// Push a number.
    Number(f64),
    /// Push another parameter: index of an operand.
    Operand(u32),
    /// Push the raw value.
    This,
}

/// Operators of XTCE's `MathOperation`; a comparison gives 1 or 0, as does a logical operator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
#[allow(missing_docs, reason = "each is named after what it computes")]
pub enum MathOperator {
    Abs,
    Acos,
    Acosh,
    Add,
    And,
    Asin,
    Asinh,
    Atan,
    Atan2,
    Atanh,
    BitAnd,
    BitNot,
    BitOr,
    BitXor,
    Cos,
    Cosh,
    Divide,
    /// Drops the value pushed last.
    Drop,
    /// Pushes the value pushed last once more.
    Duplicate,
    Equal,
    Exp,
    Factorial,
    Greater,
    GreaterOrEqual,
    IntegerDivide,
    Less,
    LessOrEqual,
    Ln,
    Log10,
    Max,
    Min,
    Modulo,
    Multiply,
    Negate,
    Not,
    NotEqual,
    Or,
    /// Copies the value below the last one to the top.
    Over,
    /// The value pushed before, raised to the one pushed last.
    Power,
    Reciprocal,
    /// The value pushed last, raised to the one pushed before.
    ReversePower,
    Round,
    ShiftLeft,
    ShiftRight,
    Sin,
    Sinh,
    Sqrt,
    Subtract,
    /// Exchanges the last two values.
    Swap,
    Tan,
    Tanh,
    Truncate,
}

/// A word for a range of raw values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Label {
    /// The first raw value.
    pub first: i64,
    /// The last raw value, included.
    pub last: i64,
    /// The word.
    pub text: Text,
}

/// How a number or a code stands for a time.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Time {
    /// Seconds of one unit of a number.
    pub scale: f64,
    /// Seconds added to the scaled number.
    pub offset: f64,
    /// What it counts from.
    pub epoch: Epoch,
    /// Whether the octets are a number or a CCSDS code.
    pub code: TimeCode,
}

/// A moment that times count from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Epoch {
    /// Days from 1958 January 1 to the epoch's day.
    pub day: i32,
    /// Seconds of that day.
    pub second: f64,
    /// The scale on which seconds are counted.
    pub scale: TimeScale,
}

/// Whether leap seconds are counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum TimeScale {
    /// GPS time: no leap seconds, 19 s behind TAI.
    Gps,
    /// International atomic time: no leap seconds.
    #[default]
    Tai,
    /// Coordinated universal time in days of 86400 s, as CDS and POSIX count.
    Utc,
}

/// How the octets of a time are to be read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum TimeCode {
    /// CCSDS day segmented (301.0-B-4 §3.3) without P-field; its epoch replaces nothing but the day.
    Cds {
        /// Octets of the day count: 2 or 3.
        day_octets: u8,
        /// Octets of the submillisecond: 0, 2 or 4.
        submillisecond_octets: u8,
    },
    /// CCSDS unsegmented (301.0-B-4 §3.2) without P-field.
    Cuc {
        /// Octets of whole seconds, 1 to 7.
        coarse_octets: u8,
        /// Octets of fractions, 0 to 10.
        fine_octets: u8,
    },
    /// A number, whole or floating-point.
    #[default]
    Number,
}

/// When a value is alarming.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Alarm {
    /// Ranges of the engineering number that are alarming: range of `alarm_ranges`. The most severe one that holds counts.
    pub ranges: Span,
    /// Words that are alarming: range of `alarm_labels`.
    pub labels: Span,
    /// What any other word is.
    pub other_labels: AlarmLevel,
    /// Changes from one sample to the next that are alarming: range of `alarm_ranges`.
    pub change: Span,
    /// How many alarming samples in a row it takes, at least 1.
    pub min_violations: u32,
}

/// A range of numbers inside of which a value is alarming.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct AlarmRange {
    /// The level.
    pub level: AlarmLevel,
    /// The first bound; minus infinity where there is none.
    pub min: f64,
    /// Whether the bound itself is inside.
    pub min_inclusive: bool,
    /// The last bound; infinity where there is none.
    pub max: f64,
    /// Whether the bound itself is inside.
    pub max_inclusive: bool,
}

/// How grave an alarm is, in the order of XTCE.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum AlarmLevel {
    /// No alarm.
    #[default]
    Normal,
    /// To be watched.
    Watch,
    /// A warning.
    Warning,
    /// Distress.
    Distress,
    /// Critical.
    Critical,
    /// The gravest.
    Severe,
}

/// The range outside of which a value is not valid.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct ValidRange {
    /// The first bound.
    pub min: f64,
    /// Whether the bound itself is valid.
    pub min_inclusive: bool,
    /// The last bound.
    pub max: f64,
    /// Whether the bound itself is valid.
    pub max_inclusive: bool,
    /// Whether it holds for the calibrated value; otherwise for the raw one.
    pub calibrated: bool,
}

/// What the octets of a text stand for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Charset {
    /// ISO 8859-1.
    Latin1,
    /// US-ASCII.
    UsAscii,
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16 that begins with a byte order mark; without one, most significant octet first.
    Utf16,
    /// UTF-16, most significant octet first.
    Utf16Be,
    /// UTF-16, least significant octet first.
    Utf16Le,
    /// UTF-32, most significant octet first.
    Utf32Be,
    /// UTF-32, least significant octet first.
    Utf32Le,
    /// Windows code page 1252.
    Windows1252,
}
