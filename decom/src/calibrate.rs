//! Calibrators: from raw to engineering numbers (660.0-B-2 §4.3.2.2.5).
//!
//! Sums and products are rounded one by one, never fused, and functions are those of `libm`, so that every machine and every
//! kernel gives the same bits.

mod math;
mod spline;

use crate::plan::{Calibrator, Plan};
use crate::value::Scope;

impl Calibrator {
    /// The calibrated number of `x`; `None` where there is none: outside the points of a spline, where a function is not
    /// defined, or when an operand is not known.
    ///
    /// A whole number above 2^53 was rounded when it became `x`.
    #[must_use]
    pub fn apply(&self, plan: &Plan<'_>, x: f64, scope: &(impl Scope + ?Sized)) -> Option<f64> {
        match *self {
            Self::Math(span) => math::evaluate(span.of(plan.math), x, scope),
            Self::Polynomial { coefficients, negative } => {
                polynomial(coefficients.of(plan.numbers), negative.of(plan.numbers), x)
            }
            Self::ReciprocalLogarithmic(span) => reciprocal_logarithmic(span.of(plan.numbers), x),
            Self::Spline { order, extrapolate, points } => {
                let (points, _) = points.of(plan.numbers).as_chunks();
                spline::interpolate(points, order.into(), extrapolate, x)
            }
        }
    }
}

/// Horner's rule, from the highest power down; then the negative powers as a polynomial of the reciprocal.
///
/// At zero negative powers have no value.
fn polynomial(coefficients: &[f64], negative: &[f64], x: f64) -> Option<f64> {
    let sum = horner(coefficients, x);
    if negative.is_empty() {
        return Some(sum);
    }
    let reciprocal = 1.0 / x;
    (x != 0.0).then(|| sum + horner(negative, reciprocal) * reciprocal)
}

/// SCOS-2000's logarithmic calibration; numbers that have no logarithm have no value.
fn reciprocal_logarithmic(coefficients: &[f64], x: f64) -> Option<f64> {
    let sum = if x > 0.0 { horner(coefficients, libm::log(x)) } else { 0.0 };
    (sum != 0.0).then(|| 1.0 / sum)
}

fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests;
