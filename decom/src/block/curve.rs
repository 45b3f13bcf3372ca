//! Calibrators of whole columns. Every number is that of [`Calibrator::apply`], to the last bit.

use alloc::vec::Vec;
use core::ops::Range;

use super::few::Coefficients;
use crate::arch::extend;
use crate::column::Values;
use crate::plan::{Calibrator, MathOp, Plan};

/// A calibrator that needs nothing but the raw number.
#[derive(Clone, Debug)]
pub(super) enum Curve {
    /// The number itself.
    Identity,
    /// Anything else, number by number.
    Other(Calibrator),
    /// Coefficients from the constant on.
    Polynomial(Coefficients),
    Spline(Spline),
}

impl Curve {
    /// `None` for calibrators that depend on other parameters.
    pub(super) fn of(plan: &Plan<'_>, calibrator: Option<&Calibrator>) -> Option<Self> {
        Some(match calibrator {
            None => Self::Identity,
            Some(&Calibrator::Polynomial { coefficients, negative })
                if negative.of(plan.numbers).is_empty() =>
            {
                Self::Polynomial(coefficients.of(plan.numbers).into())
            }
            Some(&Calibrator::Spline { order: order @ (0 | 1), extrapolate, points }) => {
                let (points, _) = points.of(plan.numbers).as_chunks();
                Self::Spline(Spline::new(points, order, extrapolate))
            }
            Some(Calibrator::Math(span))
                if span.of(plan.math).iter().any(|op| matches!(op, MathOp::Operand(_))) =>
            {
                return None;
            }
            Some(other) => Self::Other(*other),
        })
    }

    /// Whether it never falls, or never rises, also after rounding: a straight line.
    pub(super) fn is_monotone(&self) -> bool {
        match self {
            Self::Identity => true,
            Self::Polynomial(coefficients) => {
                coefficients.len() <= 2 && coefficients.iter().all(|coefficient| coefficient.is_finite())
            }
            Self::Other(_) | Self::Spline(_) => false,
        }
    }

    /// Whether it is a polynomial, which gives a number for every number.
    pub(super) const fn is_polynomial(&self) -> bool {
        matches!(self, Self::Polynomial(_))
    }

    /// The calibrated number of one that is not NaN, of a polynomial or no calibrator.
    pub(super) fn polynomial(&self, x: f64) -> f64 {
        match self {
            Self::Polynomial(coefficients) => horner(coefficients, x),
            Self::Identity | Self::Other(_) | Self::Spline(_) => x,
        }
    }

    /// Put the calibrated numbers of raw ones behind the others, where that goes without a detour; returns whether it did.
    #[inline(always)]
    pub(super) fn append_direct(&self, raw: &Values, range: Range<usize>, out: &mut Vec<f64>) -> bool {
        let Self::Polynomial(coefficients) = self else { return false };
        macro_rules! each {
            ($values:expr, $horner:expr) => {{
                let values = $values.get(range).unwrap_or(&[]);
                match coefficients[..] {
                    [a, b] => extend(out, values, |x| $horner(&[a, b], x.into())),
                    [a, b, c] => extend(out, values, |x| $horner(&[a, b, c], x.into())),
                    [a, b, c, d] => extend(out, values, |x| $horner(&[a, b, c, d], x.into())),
                    _ => return false,
                }
                true
            }};
        }
        let is_negative_zero = |x: &f64| *x == 0.0 && x.is_sign_negative();
        match raw {
            Values::F32(values) => each!(values, horner),
            _ if coefficients.last().is_none_or(is_negative_zero) => false,
            Values::I8(values) => each!(values, horner_finite),
            Values::I16(values) => each!(values, horner_finite),
            Values::I32(values) => each!(values, horner_finite),
            Values::U8(values) => each!(values, horner_finite),
            Values::U16(values) => each!(values, horner_finite),
            Values::U32(values) => each!(values, horner_finite),
            _ => false,
        }
    }

    /// Put the calibrated numbers behind the others; `undefined` is told the places of those that there are none for.
    #[inline(always)]
    pub(super) fn append(
        &self,
        plan: &Plan<'_>,
        xs: &[f64],
        out: &mut Vec<f64>,
        mut undefined: impl FnMut(usize),
    ) {
        match self {
            Self::Identity => out.extend_from_slice(xs),
            Self::Other(calibrator) => {
                let first = out.len();
                out.extend(xs.iter().enumerate().map(|(i, &x)| {
                    calibrator.apply(plan, x, &()).unwrap_or_else(|| {
                        undefined(first + i);
                        0.0
                    })
                }));
            }
            Self::Polynomial(coefficients) => match coefficients[..] {
                [] => out.resize(out.len() + xs.len(), 0.0),
                [a] => fixed([a], xs, out),
                [a, b] => fixed([a, b], xs, out),
                [a, b, c] => fixed([a, b, c], xs, out),
                [a, b, c, d] => fixed([a, b, c, d], xs, out),
                _ => out.extend(xs.iter().map(|&x| horner(coefficients, x))),
            },
            Self::Spline(spline) => spline.append(xs, out, undefined),
        }
    }
}

/// A polynomial of a length that the compiler knows.
#[inline(always)]
fn fixed<const N: usize>(coefficients: [f64; N], xs: &[f64], out: &mut Vec<f64>) {
    extend(out, xs, |x| horner(&coefficients, x));
}

/// As [`Calibrator::apply`] does it: nothing is fused, and the sum begins with zero.
#[inline(always)]
fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The same for finite numbers: zero times one, and a last coefficient that is not negative zero, is that coefficient.
#[inline(always)]
fn horner_finite(coefficients: &[f64], x: f64) -> f64 {
    match coefficients.split_last() {
        Some((&last, rest)) => rest.iter().rev().fold(last, |sum, coefficient| sum * x + coefficient),
        None => 0.0,
    }
}

/// Points that straight lines, or steps, lead through.
#[derive(Clone, Debug)]
pub(super) struct Spline {
    /// The raw numbers of the points but the first.
    thresholds: Vec<f64>,
    pieces: Vec<Piece>,
    first: f64,
    last: f64,
}

/// What holds from a point on.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// The point itself keeps its value.
    point: [f64; 2],
    /// The start of a straight line; a step has none.
    from: Option<[f64; 2]>,
    slope: f64,
}

impl Spline {
    fn new(points: &[[f64; 2]], order: u8, extrapolate: bool) -> Self {
        let piece = |(i, &point): (usize, &[f64; 2])| {
            let start = i.min(points.len().saturating_sub(2));
            match (points.get(start), points.get(start + 1)) {
                (Some(&[x0, y0]), Some(&[x1, y1])) if order > 0 => {
                    Piece { point, from: Some([x0, y0]), slope: (y1 - y0) / (x1 - x0) }
                }
                // A step, or a single point.
                _ => Piece { point, from: None, slope: 0.0 },
            }
        };
        let ends = points.first().zip(points.last()).map(|(first, last)| (first[0], last[0]));
        let (first, last) = match ends {
            Some(_) if extrapolate => (f64::NEG_INFINITY, f64::INFINITY),
            Some(ends) => ends,
            None => (f64::NAN, f64::NAN),
        };
        Self {
            thresholds: points.iter().skip(1).map(|point| point[0]).collect(),
            pieces: points.iter().enumerate().map(piece).collect(),
            first,
            last,
        }
    }

    #[inline(always)]
    fn append(&self, xs: &[f64], out: &mut Vec<f64>, mut undefined: impl FnMut(usize)) {
        let mut chunks = xs.chunks_exact(LANES);
        for chunk in &mut chunks {
            let mut passed = [0u64; LANES];
            for &threshold in &self.thresholds {
                for (passed, &x) in passed.iter_mut().zip(chunk) {
                    *passed += u64::from(x >= threshold);
                }
            }
            for (&x, passed) in chunk.iter().zip(passed) {
                self.push(x, passed as usize, out, &mut undefined);
            }
        }
        for &x in chunks.remainder() {
            let passed = self.thresholds.iter().filter(|&&threshold| x >= threshold).count();
            self.push(x, passed, out, &mut undefined);
        }
    }

    #[inline(always)]
    fn push(&self, x: f64, passed: usize, out: &mut Vec<f64>, undefined: &mut impl FnMut(usize)) {
        let value =
            self.pieces.get(passed).filter(|_| (self.first..=self.last).contains(&x)).and_then(|piece| {
                let Piece { point: [raw, calibrated], from, slope } = *piece;
                match from {
                    Some([x0, y0]) if raw != x => Some(slope * (x - x0) + y0).filter(|value| !value.is_nan()),
                    _ => Some(calibrated),
                }
            });
        if value.is_none() {
            undefined(out.len());
        }
        out.push(value.unwrap_or(0.0));
    }
}

/// Numbers that are compared with thresholds side by side.
const LANES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{PlanBuf, Span};
    use crate::raw::Raw;
    use alloc::vec;
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => (-40i32..40).prop_map(|x| f64::from(x) / 4.0),
            1 => prop::sample::select(&[f64::NEG_INFINITY, f64::INFINITY, f64::NAN, -0.0][..]),
            1 => any::<f64>(),
        ]
    }

    /// Raw numbers of every type.
    fn check_direct(plan: &Plan<'_>, calibrator: &Calibrator, curve: &Curve, xs: &[f64]) {
        let all = [
            Values::F32(xs.iter().map(|&x| x as f32).collect()),
            Values::F64(xs.to_vec()),
            Values::I8(xs.iter().map(|&x| x as i8).collect()),
            Values::I16(xs.iter().map(|&x| x as i16).collect()),
            Values::I32(xs.iter().map(|&x| x as i32).collect()),
            Values::U8(xs.iter().map(|&x| x as u8).collect()),
            Values::U16(xs.iter().map(|&x| x as u16).collect()),
            Values::U32(xs.iter().map(|&x| x as u32).collect()),
        ];
        for raw in all {
            let mut out = vec![1.0];
            if !curve.append_direct(&raw, 0..raw.len(), &mut out) {
                assert_eq!(out, [1.0]);
                continue;
            }
            assert_eq!(out.len(), raw.len() + 1);
            for (i, value) in out.into_iter().skip(1).enumerate() {
                let x = raw.number(i).and_then(Raw::number).unwrap();
                let expected = calibrator.apply(plan, x, &()).unwrap();
                let is_same = value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan();
                assert!(is_same, "{x}: {value}, not {expected}");
            }
        }
    }

    fn check(plan: &Plan<'_>, calibrator: &Calibrator, xs: &[f64]) {
        let curve = Curve::of(plan, Some(calibrator)).unwrap();
        let (mut out, mut lost) = (vec![1.0], Vec::new());
        curve.append(plan, xs, &mut out, |index| lost.push(index));
        check_direct(plan, calibrator, &curve, xs);
        for (i, &x) in xs.iter().enumerate() {
            let expected = calibrator.apply(plan, x, &());
            assert_eq!(lost.contains(&(i + 1)), expected.is_none(), "{x}");
            let bits = |x: f64| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
            assert_eq!(bits(out[i + 1]), bits(expected.unwrap_or(0.0)), "{x}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn curves_equal_calibrators(
            mut points in prop::collection::vec((number(), number()), 0..20),
            coefficients in prop::collection::vec(number(), 0..7),
            order in 0u8..3,
            extrapolate: bool,
            xs in prop::collection::vec(number(), 0..40),
        ) {
            points.retain(|(raw, _)| !raw.is_nan());
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut xs = xs;
            xs.extend(points.iter().map(|point| point.0));
            let span = |start: usize, len: usize| Span { start: start as u32, len: len as u32 };
            let mut numbers = coefficients.clone();
            numbers.extend(points.iter().flat_map(|&(raw, calibrated)| [raw, calibrated]));
            let buffer = PlanBuf { numbers, ..PlanBuf::default() };
            let coefficients = span(0, coefficients.len());
            let points = span(coefficients.len as usize, points.len() * 2);
            for calibrator in [
                Calibrator::Polynomial { coefficients, negative: Span::default() },
                Calibrator::Polynomial { coefficients, negative: coefficients },
                Calibrator::ReciprocalLogarithmic(coefficients),
                Calibrator::Spline { order, extrapolate, points },
            ] {
                check(&buffer.plan(), &calibrator, &xs);
            }
        }
    }
}
