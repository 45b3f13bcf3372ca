//! Calibrators (660.0-B-2 §4.3.2.2.5).

use std::collections::BTreeMap;
use std::format;
use std::vec;
use std::vec::Vec;

use super::Loader;
use super::report::Node;
use super::values::{child, children, elements, number, text};
use crate::model::{Calibrator, Condition, MathOp, MathOperator};

impl<'a> Loader<'_, 'a> {
    /// What the `DefaultCalibrator` of an encoding says, if it has one.
    pub(super) fn default_calibrator(&self, encoding: Node<'a>) -> Option<Calibrator> {
        self.calibrator(child(encoding, "DefaultCalibrator")?)
    }

    /// The calibrators of an encoding that apply under a condition, in order.
    pub(super) fn context_calibrators(&self, encoding: Node<'a>) -> Vec<(Condition, Calibrator)> {
        let list = child(encoding, "ContextCalibratorList");
        let contexts = list.into_iter().flat_map(|list| children(list, "ContextCalibrator"));
        let read = contexts.filter_map(|context| {
            let (Some(condition), Some(calibrator)) =
                (child(context, "ContextMatch"), child(context, "Calibrator"))
            else {
                if child(context, "UseWhenCondition").is_none() {
                    let fix = "write a ContextMatch and a Calibrator";
                    self.report.error(context, "the context calibrator is not complete", fix);
                }
                return None;
            };
            let (condition, calibrator) = (self.criteria(condition), self.calibrator(calibrator));
            Some((condition?, calibrator?))
        });
        read.collect()
    }

    fn calibrator(&self, node: Node<'a>) -> Option<Calibrator> {
        let mut found = elements(node).filter_map(|element| match element.tag_name().name() {
            "MathOperationCalibrator" => Some(self.math(element)),
            "PolynomialCalibrator" => Some(self.polynomial(element)),
            "SplineCalibrator" => Some(self.spline(element)),
            _ => None,
        });
        match (found.next(), found.next()) {
            (Some(calibrator), None) => calibrator,
            _ => {
                let fix = "write one PolynomialCalibrator, SplineCalibrator or MathOperationCalibrator";
                self.report.error(node, format!("`{}` needs one function", node.tag_name().name()), fix);
                None
            }
        }
    }

    fn polynomial(&self, node: Node<'a>) -> Option<Calibrator> {
        let mut terms = BTreeMap::new();
        for term in children(node, "Term") {
            let (coefficient, exponent) =
                (self.report.number(term, "coefficient"), self.report.number(term, "exponent")?);
            if libm::trunc(exponent) != exponent || libm::fabs(exponent) > MAX_EXPONENT {
                let what = format!("exponents are whole numbers of at most {MAX_EXPONENT}");
                self.report.attribute_error(term, "exponent", what, "use a MathOperationCalibrator");
                return None;
            }
            if terms.insert(exponent as i32, coefficient?).is_some() {
                self.report.attribute_error(term, "exponent", "the power is there twice", "add the terms up");
            }
        }
        if terms.is_empty() {
            self.report.error(node, "the polynomial has no terms", "write at least one Term");
            return None;
        }
        let coefficient = |power: i32| terms.get(&power).copied().unwrap_or(0.0);
        let highest = terms.keys().next_back().copied().unwrap_or(0);
        let lowest = terms.keys().next().copied().unwrap_or(0);
        Some(Calibrator::Polynomial {
            coefficients: (0..=highest).map(coefficient).collect(),
            negative: (lowest..0).rev().map(coefficient).collect(),
        })
    }

    fn spline(&self, node: Node<'a>) -> Option<Calibrator> {
        let order = u8::try_from(self.report.count(node, "order", 0, MAX_ORDER, 1)).ok()?;
        let extrapolate = self.report.flag(node, "extrapolate", false);
        let mut points = Vec::new();
        for point in children(node, "SplinePoint") {
            if self.report.integer(point, "order").is_some_and(|own| own != i64::from(order)) {
                let what = "points with an order of their own are not supported";
                self.report.omit_attribute(point, "order", what, "give the order to the SplineCalibrator");
            }
            points.push((self.report.number(point, "raw")?, self.report.number(point, "calibrated")?));
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let needed = usize::from(order).max(1) + 1;
        if points.len() < needed {
            let what = format!("a spline of order {order} needs {needed} points");
            self.report.error(node, what, "write more points, or a lower order");
            return None;
        }
        let pairs = points.iter().zip(points.iter().skip(1));
        if pairs.into_iter().any(|(a, b)| a.0 == b.0) || points.iter().any(|point| point.0.is_nan()) {
            self.report.error(node, "two points have the same raw value", "keep one of them");
            return None;
        }
        Some(Calibrator::Spline { order, extrapolate, points })
    }

    /// An expression in reverse Polish order, which must leave one number behind.
    fn math(&self, node: Node<'a>) -> Option<Calibrator> {
        let mut ops = vec![];
        let (mut height, mut highest) = (0usize, 0);
        for element in elements(node) {
            let op = match element.tag_name().name() {
                "ValueOperand" => MathOp::Number(self.operand(element)?),
                "ThisParameterOperand" => MathOp::This,
                "ParameterInstanceRefOperand" => MathOp::Parameter(self.number_ref(element)?),
                "Operator" => {
                    let found = OPERATORS.iter().find(|&&(sign, ..)| sign == text(element));
                    let Some(&(sign, operator, takes, gives)) = found else {
                        let what = format!("`{}` is no operator", text(element));
                        self.report.error(element, what, "see MathOperatorsType of the schema");
                        return None;
                    };
                    let Some(left) = height.checked_sub(takes) else {
                        let what = format!("`{sign}` needs {takes} operands, and there are {height}");
                        self.report.error(element, what, "write operands before their operator");
                        return None;
                    };
                    height = left + gives;
                    highest = highest.max(height);
                    ops.push(MathOp::Apply(operator));
                    continue;
                }
                _ => continue,
            };
            height += 1;
            highest = highest.max(height);
            ops.push(op);
        }
        if height != 1 {
            let what = format!("the expression leaves {height} numbers, not one");
            self.report.error(node, what, "write operands before their operator");
            return None;
        }
        if highest > MAX_STACK {
            let what = format!("the expression keeps more than {MAX_STACK} numbers at once");
            self.report.error(node, what, "write operators as soon as their operands are there");
            return None;
        }
        Some(Calibrator::Math(ops))
    }

    fn operand(&self, node: Node<'a>) -> Option<f64> {
        let found = number(text(node));
        if found.is_none() {
            self.report.error(node, format!("`{}` is not a number", text(node)), "write a number");
        }
        found
    }
}

/// Operators: sign, meaning, how many numbers it takes from the stack, and how many it puts there.
const OPERATORS: &[(&str, MathOperator, usize, usize)] = &[
    ("+", MathOperator::Add, 2, 1),
    ("-", MathOperator::Subtract, 2, 1),
    ("*", MathOperator::Multiply, 2, 1),
    ("/", MathOperator::Divide, 2, 1),
    ("%", MathOperator::Modulo, 2, 1),
    ("^", MathOperator::Power, 2, 1),
    ("y^x", MathOperator::ReversePower, 2, 1),
    ("ln", MathOperator::Ln, 1, 1),
    ("log", MathOperator::Log10, 1, 1),
    ("e^x", MathOperator::Exp, 1, 1),
    ("1/x", MathOperator::Reciprocal, 1, 1),
    ("x!", MathOperator::Factorial, 1, 1),
    ("tan", MathOperator::Tan, 1, 1),
    ("cos", MathOperator::Cos, 1, 1),
    ("sin", MathOperator::Sin, 1, 1),
    ("atan", MathOperator::Atan, 1, 1),
    ("atan2", MathOperator::Atan2, 2, 1),
    ("acos", MathOperator::Acos, 1, 1),
    ("asin", MathOperator::Asin, 1, 1),
    ("tanh", MathOperator::Tanh, 1, 1),
    ("cosh", MathOperator::Cosh, 1, 1),
    ("sinh", MathOperator::Sinh, 1, 1),
    ("atanh", MathOperator::Atanh, 1, 1),
    ("acosh", MathOperator::Acosh, 1, 1),
    ("asinh", MathOperator::Asinh, 1, 1),
    ("swap", MathOperator::Swap, 2, 2),
    ("drop", MathOperator::Drop, 1, 0),
    ("dup", MathOperator::Duplicate, 1, 2),
    ("over", MathOperator::Over, 2, 3),
    ("<<", MathOperator::ShiftLeft, 2, 1),
    (">>", MathOperator::ShiftRight, 2, 1),
    ("&", MathOperator::BitAnd, 2, 1),
    ("|", MathOperator::BitOr, 2, 1),
    ("&&", MathOperator::And, 2, 1),
    ("||", MathOperator::Or, 2, 1),
    ("!", MathOperator::Not, 1, 1),
    ("abs", MathOperator::Abs, 1, 1),
    ("div", MathOperator::IntegerDivide, 2, 1),
    ("int", MathOperator::Truncate, 1, 1),
    (">", MathOperator::Greater, 2, 1),
    (">=", MathOperator::GreaterOrEqual, 2, 1),
    ("<", MathOperator::Less, 2, 1),
    ("<=", MathOperator::LessOrEqual, 2, 1),
    ("==", MathOperator::Equal, 2, 1),
    ("!=", MathOperator::NotEqual, 2, 1),
    ("min", MathOperator::Min, 2, 1),
    ("max", MathOperator::Max, 2, 1),
    ("xor", MathOperator::BitXor, 2, 1),
    ("~", MathOperator::BitNot, 1, 1),
];

/// Numbers that an expression may keep at once: as many as the stack that evaluates it holds.
const MAX_STACK: usize = 32;

/// The highest power of a polynomial, and the lowest one below zero.
const MAX_EXPONENT: f64 = 64.0;

/// The highest order of a spline.
const MAX_ORDER: u32 = 15;
