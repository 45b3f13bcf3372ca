use super::*;
use crate::plan::{MathOp, MathOperator, Span};
use proptest::prelude::*;
use std::vec::Vec;

fn span(len: usize) -> Span {
    Span { start: 0, len: len as u32 }
}

fn polynomial_of(coefficients: &[f64], negative: &[f64], x: f64) -> Option<f64> {
    let numbers = [coefficients, negative].concat();
    let negative = Span { start: coefficients.len() as u32, len: negative.len() as u32 };
    let calibrator = Calibrator::Polynomial { coefficients: span(coefficients.len()), negative };
    calibrator.apply(&Plan { numbers: &numbers, ..Plan::default() }, x, &())
}

fn spline_of(points: &[[f64; 2]], order: u8, extrapolate: bool, x: f64) -> Option<f64> {
    let numbers = points.as_flattened();
    let calibrator = Calibrator::Spline { order, extrapolate, points: span(numbers.len()) };
    calibrator.apply(&Plan { numbers, ..Plan::default() }, x, &())
}

/// Operand 7 is 40, and no other is known.
struct Known;

impl Scope for Known {
    fn number(&self, operand: u32) -> Option<f64> {
        (operand == 7).then_some(40.0)
    }

    fn holds(&self, _condition: u32) -> bool {
        false
    }
}

fn math_of(math: &[MathOp], x: f64) -> Option<f64> {
    Calibrator::Math(span(math.len())).apply(&Plan { math, ..Plan::default() }, x, &Known)
}

/// `numbers`, then the operators.
fn result(numbers: &[f64], operators: &[MathOperator]) -> Option<f64> {
    let numbers = numbers.iter().copied().map(MathOp::Number);
    math_of(&numbers.chain(operators.iter().copied().map(MathOp::Apply)).collect::<Vec<_>>(), 0.0)
}

proptest! {
    #[test]
    fn polynomials_equal_sums_of_powers(coefficients in prop::collection::vec(-9i32..9, 0..6), negative in prop::collection::vec(-9i32..9, 0..4), power in -3i32..4, minus: bool) {
        // Small whole coefficients of powers of two: everything is exact, in whatever order.
        let x = libm::exp2(power.into()) * if minus { -1.0 } else { 1.0 };
        let float = |list: &[i32]| list.iter().copied().map(f64::from).collect::<Vec<_>>();
        let (coefficients, negative) = (float(&coefficients), float(&negative));
        let positive: f64 = (0..).zip(&coefficients).map(|(i, c)| c * x.powi(i)).sum();
        let expected = (1..).zip(&negative).map(|(i, c)| c * x.powi(-i)).sum::<f64>() + positive;
        prop_assert_eq!(polynomial_of(&coefficients, &negative, x), Some(expected));
    }

    #[test]
    fn a_spline_of_order_n_follows_any_polynomial_of_degree_n(
        coefficients in prop::collection::vec(-5.0f64..5.0, 1..5),
        steps in prop::collection::vec(0.5f64..3.0, 5..9),
        at in 0.0f64..1.0,
        outside in -2.0f64..2.0,
    ) {
        let order = (coefficients.len() - 1) as u8;
        let raws: Vec<f64> = steps.iter().scan(-4.0, |sum, step| { *sum += step; Some(*sum) }).collect();
        let points: Vec<[f64; 2]> = raws.iter().map(|&x| [x, horner(&coefficients, x)]).collect();
        let (first, last) = (raws[0], raws[raws.len() - 1]);
        for x in [first + at * (last - first), first - outside.abs(), last + outside.abs()] {
            let value = spline_of(&points, order, true, x).unwrap();
            let expected = horner(&coefficients, x);
            prop_assert!((value - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{value} {expected}");
            let is_inside = (first..=last).contains(&x);
            prop_assert_eq!(spline_of(&points, order, false, x), is_inside.then_some(value));
        }
        for &[x, y] in &points {
            prop_assert_eq!(spline_of(&points, order, false, x), Some(y));
        }
    }

    #[test]
    fn lines_between_points_equal_a_search_from_the_front(points in prop::collection::btree_map(-50i32..50, -9.0f64..9.0, 2..12), x in -60.0f64..60.0) {
        let points: Vec<[f64; 2]> = points.into_iter().map(|(raw, calibrated)| [raw.into(), calibrated]).collect();
        let expected = points.windows(2).find(|pair| (pair[0][0]..=pair[1][0]).contains(&x)).map(|pair| {
            let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
            y0 + (y1 - y0) * ((x - x0) / (x1 - x0))
        });
        let value = spline_of(&points, 1, false, x);
        prop_assert_eq!(value.is_some(), expected.is_some());
        if let (Some(value), Some(expected)) = (value, expected) {
            prop_assert!((value - expected).abs() < 1e-12, "{value} {expected}");
        }
    }

    #[test]
    fn the_modulus_is_that_of_c(a: f64, b: f64, near in 0u64..1 << 60) {
        let near = f64::from_bits(b.to_bits().wrapping_add(near));
        for (a, b) in [(a, b), (b, a), (near, b), (b, near)] {
            let (ours, theirs) = (math_of(&[MathOp::Number(a), MathOp::Number(b), MathOp::Apply(MathOperator::Modulo)], 0.0), libm::fmod(a, b));
            prop_assert_eq!(ours.map(f64::to_bits), Some(theirs.to_bits()).filter(|_| !theirs.is_nan()));
        }
    }

    #[test]
    fn expressions_never_panic(ops in prop::collection::vec(any_op(), 0..60), x: f64) {
        if let Some(value) = math_of(&ops, x) {
            prop_assert!(!value.is_nan());
        }
    }
}

fn any_op() -> impl Strategy<Value = MathOp> {
    prop_oneof![
        prop::sample::select(OPERATORS).prop_map(MathOp::Apply),
        any::<f64>().prop_map(MathOp::Number),
        (-3i8..70).prop_map(|number| MathOp::Number(number.into())),
        (6u32..8).prop_map(MathOp::Operand),
        Just(MathOp::This),
    ]
}

#[rustfmt::skip]
const OPERATORS: &[MathOperator] = {
    use MathOperator::*;
    &[
        Abs, Acos, Acosh, Add, And, Asin, Asinh, Atan, Atan2, Atanh, BitAnd, BitNot, BitOr, BitXor, Cos, Cosh, Divide, Drop,
        Duplicate, Equal, Exp, Factorial, Greater, GreaterOrEqual, IntegerDivide, Less, LessOrEqual, Ln, Log10, Max, Min,
        Modulo, Multiply, Negate, Not, NotEqual, Or, Over, Power, Reciprocal, ReversePower, Round, ShiftLeft, ShiftRight,
        Sin, Sinh, Sqrt, Subtract, Swap, Tan, Tanh, Truncate,
    ]
};

#[test]
fn calibrators_of_the_probes_come_out() {
    assert_eq!(polynomial_of(&[1.0, 2.0], &[], 3.0), Some(7.0));
    assert_eq!(spline_of(&[[0.0, 0.0], [10.0, 100.0]], 1, false, 3.0), Some(30.0));
    assert_eq!(spline_of(&[[0.0, 0.0], [5.0, 25.0], [10.0, 100.0]], 2, false, 3.0), Some(9.0));
    let double = [MathOp::This, MathOp::Number(2.0), MathOp::Apply(MathOperator::Multiply)];
    assert_eq!(math_of(&double, 3.0), Some(6.0));
}

#[test]
fn negative_powers_of_zero_have_no_value() {
    assert_eq!(polynomial_of(&[1.0], &[2.0, 4.0], 2.0), Some(3.0));
    assert_eq!(polynomial_of(&[1.0], &[2.0], 0.0), None);
    assert_eq!(polynomial_of(&[1.0], &[], 0.0), Some(1.0));
    assert_eq!(polynomial_of(&[], &[], 5.0), Some(0.0));
}

#[test]
fn products_are_rounded_before_they_are_added() {
    // Fused, the square of 1 + 2^-52 less its leading part would not vanish.
    let x = 1.0 + f64::EPSILON;
    assert_eq!(polynomial_of(&[-(1.0 + 2.0 * f64::EPSILON), 0.0, 1.0], &[], x), Some(0.0));
}

#[test]
fn steps_keep_the_value_of_the_point_before() {
    let points = [[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]];
    for (x, inside, outside) in [
        (0.5, None, Some(10.0)),
        (1.0, Some(10.0), Some(10.0)),
        (1.9, Some(10.0), Some(10.0)),
        (2.0, Some(20.0), Some(20.0)),
        (4.0, Some(40.0), Some(40.0)),
        (9.0, None, Some(40.0)),
    ] {
        assert_eq!(spline_of(&points, 0, false, x), inside);
        assert_eq!(spline_of(&points, 0, true, x), outside);
    }
}

#[test]
fn a_spline_uses_no_more_points_than_there_are() {
    assert_eq!(spline_of(&[[1.0, 5.0], [3.0, 9.0]], 3, false, 2.0), Some(7.0));
    assert_eq!(spline_of(&[[1.0, 5.0]], 1, true, 2.0), Some(5.0));
    assert_eq!(spline_of(&[[1.0, 5.0]], 1, false, 2.0), None);
    assert_eq!(spline_of(&[], 1, true, 2.0), None);
    assert_eq!(spline_of(&[[1.0, 5.0], [3.0, 9.0]], 1, true, f64::NAN), None);
}

#[test]
fn neighbours_lie_as_many_before_as_behind() {
    // |x|: two points on either side see the bend, with a third point behind the bend is not seen before it.
    let points = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0].map(|x: f64| [x, x.abs()]);
    assert_eq!(spline_of(&points, 2, false, -2.5), Some(2.5));
    assert_eq!(spline_of(&points, 2, false, -0.5), Some(0.25));
    // Through (-2, 2), (-1, 1), (0, 0), (1, 1).
    assert_eq!(spline_of(&points, 3, false, -0.5), Some(0.375));
}

#[test]
fn reciprocal_logarithms_need_a_logarithm() {
    let numbers = [1.0, 2.0, 0.0, 0.5, 0.0];
    let of = |x| {
        Calibrator::ReciprocalLogarithmic(span(5)).apply(
            &Plan { numbers: &numbers, ..Plan::default() },
            x,
            &(),
        )
    };
    let log = libm::log(10.0);
    assert!((of(10.0).unwrap() - 1.0 / (1.0 + 2.0 * log + 0.5 * log * log * log)).abs() < 1e-15);
    assert_eq!(of(1.0), Some(1.0));
    assert_eq!((of(0.0), of(-1.0), of(f64::NAN)), (None, None, None));
    let none = Calibrator::ReciprocalLogarithmic(span(0)).apply(&Plan::default(), 10.0, &());
    assert_eq!(none, None);
}

#[test]
fn operators_do_what_they_are_named_after() {
    use MathOperator as Op;
    for (operator, x, expected) in [
        (Op::Abs, -2.5, 2.5),
        (Op::Acos, 1.0, 0.0),
        (Op::Acosh, 1.0, 0.0),
        (Op::Asin, 0.0, 0.0),
        (Op::Asinh, 0.0, 0.0),
        (Op::Atan, 0.0, 0.0),
        (Op::Atanh, 0.0, 0.0),
        (Op::BitNot, 5.0, -6.0),
        (Op::Cos, 0.0, 1.0),
        (Op::Cosh, 0.0, 1.0),
        (Op::Exp, 0.0, 1.0),
        (Op::Factorial, 5.0, 120.0),
        (Op::Ln, 1.0, 0.0),
        (Op::Log10, 1000.0, 3.0),
        (Op::Negate, 2.0, -2.0),
        (Op::Not, 2.0, 0.0),
        (Op::Reciprocal, 4.0, 0.25),
        (Op::Round, -2.5, -3.0),
        (Op::Sin, 0.0, 0.0),
        (Op::Sinh, 0.0, 0.0),
        (Op::Sqrt, 2.25, 1.5),
        (Op::Tan, 0.0, 0.0),
        (Op::Tanh, 0.0, 0.0),
        (Op::Truncate, -2.5, -2.0),
    ] {
        assert_eq!(result(&[x], &[operator]), Some(expected), "{operator:?}");
    }
    for (operator, a, b, expected) in [
        (Op::Add, 7.0, 2.0, 9.0),
        (Op::And, 7.0, 0.0, 0.0),
        (Op::Atan2, 1.0, 0.0, core::f64::consts::FRAC_PI_2),
        (Op::BitAnd, 6.0, 3.0, 2.0),
        (Op::BitOr, 6.0, 3.0, 7.0),
        (Op::BitXor, 6.0, 3.0, 5.0),
        (Op::Divide, 7.0, 2.0, 3.5),
        (Op::Equal, 7.0, 2.0, 0.0),
        (Op::Greater, 7.0, 2.0, 1.0),
        (Op::GreaterOrEqual, 2.0, 2.0, 1.0),
        (Op::IntegerDivide, -7.0, 2.0, -3.0),
        (Op::Less, 7.0, 2.0, 0.0),
        (Op::LessOrEqual, 2.0, 2.0, 1.0),
        (Op::Max, 7.0, 2.0, 7.0),
        (Op::Min, 7.0, 2.0, 2.0),
        (Op::Modulo, -7.0, 2.0, -1.0),
        (Op::Multiply, 7.0, 2.0, 14.0),
        (Op::NotEqual, 7.0, 2.0, 1.0),
        (Op::Or, 7.0, 0.0, 1.0),
        (Op::Power, 7.0, 2.0, 49.0),
        (Op::ReversePower, 7.0, 2.0, 128.0),
        (Op::ShiftLeft, 7.0, 2.0, 28.0),
        (Op::ShiftRight, -7.0, 1.0, -4.0),
        (Op::Subtract, 7.0, 2.0, 5.0),
    ] {
        assert_eq!(result(&[a, b], &[operator]), Some(expected), "{operator:?}");
    }
    assert_eq!(result(&[7.0, 2.0], &[Op::Drop]), Some(7.0));
    assert_eq!(result(&[7.0, 2.0], &[Op::Swap, Op::Subtract]), Some(-5.0));
    assert_eq!(result(&[7.0, 2.0], &[Op::Over, Op::Subtract, Op::Subtract]), Some(12.0));
    assert_eq!(result(&[7.0], &[Op::Duplicate, Op::Multiply]), Some(49.0));
}

#[test]
fn comparisons_and_logic_hold_for_every_order_of_their_operands() {
    use MathOperator as Op;
    for (operator, holds) in [
        // Of 0 and 0, 0 and 3, 3 and 0, 3 and 3, 3 and 5.
        (Op::And, [0.0, 0.0, 0.0, 1.0, 1.0]),
        (Op::Equal, [1.0, 0.0, 0.0, 1.0, 0.0]),
        (Op::Greater, [0.0, 0.0, 1.0, 0.0, 0.0]),
        (Op::GreaterOrEqual, [1.0, 0.0, 1.0, 1.0, 0.0]),
        (Op::Less, [0.0, 1.0, 0.0, 0.0, 1.0]),
        (Op::LessOrEqual, [1.0, 1.0, 0.0, 1.0, 1.0]),
        (Op::NotEqual, [0.0, 1.0, 1.0, 0.0, 1.0]),
        (Op::Or, [0.0, 1.0, 1.0, 1.0, 1.0]),
    ] {
        let pairs = [[0.0, 0.0], [0.0, 3.0], [3.0, 0.0], [3.0, 3.0], [3.0, 5.0]];
        assert_eq!(pairs.map(|pair| result(&pair, &[operator])), holds.map(Some), "{operator:?}");
    }
    assert_eq!([0.0, -3.0].map(|x| result(&[x], &[Op::Not])), [Some(1.0), Some(0.0)]);
}

#[test]
fn the_modulus_of_the_smallest_and_the_largest_is_that_of_c() {
    let numbers =
        [f64::MAX, f64::MIN_POSITIVE, 5e-324, 3e-320, 1.5, 0.0, -0.0, f64::INFINITY, f64::NAN, -7.25, 1e300];
    for a in numbers {
        for b in numbers {
            let ours = result(&[a, b], &[MathOperator::Modulo]).map(f64::to_bits);
            assert_eq!(ours, Some(libm::fmod(a, b)).filter(|x| !x.is_nan()).map(f64::to_bits), "{a} {b}");
        }
    }
}

#[test]
fn operands_come_from_the_scope() {
    let sum = |operand| [MathOp::This, MathOp::Operand(operand), MathOp::Apply(MathOperator::Add)];
    assert_eq!(math_of(&sum(7), 2.0), Some(42.0));
    assert_eq!(math_of(&sum(8), 2.0), None);
}

#[test]
fn what_cannot_be_computed_has_no_value() {
    use MathOperator as Op;
    assert_eq!(result(&[], &[]), None);
    assert_eq!(result(&[1.0], &[Op::Add]), None);
    assert_eq!(result(&[1.0], &[Op::Drop]), None);
    assert_eq!(result(&[1.0; 32], &[Op::Multiply; 31]), Some(1.0));
    assert_eq!(result(&[1.0; 33], &[Op::Multiply; 32]), None);
    assert_eq!(result(&[1.0; 32], &[Op::Duplicate]), None);
    assert_eq!((result(&[-1.0], &[Op::Sqrt]), result(&[-1.0], &[Op::Ln])), (None, None));
    assert_eq!((result(&[171.0], &[Op::Factorial]), result(&[1.5], &[Op::Factorial])), (None, None));
    assert_eq!(
        (result(&[1.0, 64.0], &[Op::ShiftLeft]), result(&[1.0, -1.0], &[Op::ShiftRight])),
        (None, None)
    );
    assert_eq!((result(&[1e19, 1.0], &[Op::BitAnd]), result(&[1e19], &[Op::BitNot])), (None, None));
    // Infinity is a number, as IEEE 754 has it.
    assert_eq!(result(&[1.0, 0.0], &[Op::Divide]), Some(f64::INFINITY));
    assert_eq!(result(&[0.0, 0.0], &[Op::Divide]), None);
}
