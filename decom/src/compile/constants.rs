//! Parameters that no packet carries because their values never change: what depends on them is worked out here.

use alloc::format;
use alloc::string::{String, ToString};

use super::Compiler;
use super::logic::integer;
use crate::model::{
    Comparand, Comparison, Condition, EngineeringKind, IntExpr, Operator, ParameterRef, Scalar, TypeKind,
};

/// A value that never changes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Constant<'d> {
    Integer(i128),
    Number(f64),
    Word(&'d str),
}

impl<'d> Compiler<'d> {
    /// Whether a condition holds in every packet, or in none; `None` where that depends on the packet.
    pub(super) fn truth(&mut self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::All(list) => {
                let mut all = Some(true);
                for part in list {
                    match self.truth(part) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => all = None,
                    }
                }
                all
            }
            Condition::Any(list) => {
                let mut any = Some(false);
                for part in list {
                    match self.truth(part) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => any = None,
                    }
                }
                any
            }
            Condition::Compare(comparison) => self.constant_truth(comparison),
        }
    }

    /// Whether a comparison of a constant holds. One that makes no sense is a fault, and never does.
    pub(super) fn constant_truth(&mut self, comparison: &Comparison) -> Option<bool> {
        let Comparison { left, operator, right } = comparison;
        let (text, scalar) = self.constant(left)?;
        let own = value_of(scalar, left.calibrated, text);
        let other = match right {
            Comparand::Literal(literal) => value_of(scalar, left.calibrated, literal),
            Comparand::Parameter(other) => {
                let (text, scalar) = self.constant(other)?;
                value_of(scalar, other.calibrated, text)
            }
        };
        let holds = own.zip(other).and_then(|(own, other)| compare(*operator, own, other));
        if holds.is_none() {
            let name = self.parameter_name(left);
            self.fault(format!("{name}, which is always {text:?}, cannot be compared so"));
        }
        Some(holds.unwrap_or(false))
    }

    /// The number that is always the value of a parameter.
    pub(super) fn constant_number(&mut self, reference: &ParameterRef) -> Option<f64> {
        let (text, scalar) = self.constant(reference)?;
        match value_of(scalar, reference.calibrated, text) {
            Some(Constant::Integer(integer)) => Some(integer as f64),
            Some(Constant::Number(number)) => Some(number),
            Some(Constant::Word(_)) | None => {
                let name = self.parameter_name(reference);
                self.fault(format!("{name}, which is always {text:?}, is no number"));
                Some(0.0)
            }
        }
    }

    /// The text that is always the value of a parameter, as the literal that a comparison may have.
    pub(super) fn constant_literal(&self, reference: &ParameterRef) -> Option<String> {
        let (text, scalar) = self.constant(reference)?;
        let raw = if reference.calibrated { None } else { value_of(scalar, false, text) };
        Some(match raw {
            Some(Constant::Integer(raw)) => raw.to_string(),
            _ => String::from(text),
        })
    }

    /// A number with a constant in it, towards zero.
    pub(super) fn constant_expr(&mut self, expr: &IntExpr) -> Option<i64> {
        match expr {
            IntExpr::Fixed(value) => Some(*value),
            IntExpr::Linear { parameter, slope, intercept } => {
                let number = self.constant_number(parameter)?;
                Some(libm::trunc(slope * number + intercept) as i64)
            }
            IntExpr::Lookup(_) => None,
        }
    }

    fn constant(&self, reference: &ParameterRef) -> Option<(&'d str, &'d Scalar)> {
        let database = self.database;
        let parameter = database.parameter(reference.parameter)?;
        let text = parameter.constant.as_deref()?;
        match &database.parameter_type(parameter.parameter_type)?.kind {
            TypeKind::Scalar(scalar) if reference.path.is_empty() => Some((text, scalar)),
            _ => None,
        }
    }
}

/// What a text means as a value of a type: words as numbers where the raw value is asked for.
fn value_of<'d>(scalar: &'d Scalar, calibrated: bool, text: &'d str) -> Option<Constant<'d>> {
    match &scalar.kind {
        EngineeringKind::Enumerated(labels) => {
            let raw = labels.iter().find(|label| label.label == text).map(|label| label.first.into());
            let raw = raw.or_else(|| integer(text));
            if !calibrated {
                return raw.map(Constant::Integer);
            }
            let raw = i64::try_from(raw?).ok()?;
            let found = labels.iter().find(|label| (label.first..=label.last).contains(&raw));
            found.map(|label| Constant::Word(&label.label))
        }
        EngineeringKind::Boolean { zero, one } => {
            let is_one = match text {
                text if text == one => true,
                text if text == zero => false,
                "true" | "True" | "TRUE" | "1" => true,
                "false" | "False" | "FALSE" | "0" => false,
                _ => return None,
            };
            Some(Constant::Integer(is_one.into()))
        }
        EngineeringKind::Float | EngineeringKind::Integer | EngineeringKind::RelativeTime(_) => {
            let number = || text.trim().parse().ok().map(Constant::Number);
            integer(text).map(Constant::Integer).or_else(number)
        }
        EngineeringKind::Text => Some(Constant::Word(text)),
        EngineeringKind::AbsoluteTime(_) | EngineeringKind::Octets => None,
    }
}

/// Words have no order.
fn compare(operator: Operator, own: Constant<'_>, other: Constant<'_>) -> Option<bool> {
    let is_equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    match (own, other) {
        (Constant::Word(own), Constant::Word(other)) => is_equality.then(|| operator.holds(&own, &other)),
        (Constant::Integer(own), Constant::Integer(other)) => Some(operator.holds(&own, &other)),
        (Constant::Word(_), _) | (_, Constant::Word(_)) => None,
        (own, other) => Some(operator.holds(&number(own), &number(other))),
    }
}

fn number(constant: Constant<'_>) -> f64 {
    match constant {
        Constant::Integer(integer) => integer as f64,
        Constant::Number(number) => number,
        Constant::Word(_) => f64::NAN,
    }
}
