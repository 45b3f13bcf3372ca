//! Expressions in reverse Polish order.

use crate::plan::{MathOp, MathOperator};
use crate::value::Scope;

/// The number that an expression leaves on top of its stack.
///
/// `None` when it takes more than it pushed, pushes more than [`DEPTH`] numbers, refers to an operand that is not known, asks an
/// operator for what it cannot give, or when the result is not a number.
pub(super) fn evaluate(ops: &[MathOp], x: f64, scope: &(impl Scope + ?Sized)) -> Option<f64> {
    let mut stack = Stack { numbers: [0.0; DEPTH], len: 0 };
    for op in ops {
        match *op {
            MathOp::Apply(operator) => stack.apply(operator)?,
            MathOp::Number(number) => stack.push(number)?,
            MathOp::Operand(operand) => stack.push(scope.number(operand)?)?,
            MathOp::This => stack.push(x)?,
        }
    }
    stack.pop().filter(|number| !number.is_nan())
}

struct Stack {
    numbers: [f64; DEPTH],
    len: usize,
}

impl Stack {
    fn push(&mut self, number: f64) -> Option<()> {
        *self.numbers.get_mut(self.len)? = number;
        self.len += 1;
        Some(())
    }

    fn pop(&mut self) -> Option<f64> {
        self.len = self.len.checked_sub(1)?;
        self.numbers.get(self.len).copied()
    }

    fn apply(&mut self, operator: MathOperator) -> Option<()> {
        use MathOperator as Op;
        let last = self.pop()?;
        if let Some(result) = of_one(operator, last) {
            return self.push(result?);
        }
        match operator {
            Op::Drop => return Some(()),
            Op::Duplicate => {
                self.push(last)?;
                return self.push(last);
            }
            _ => {}
        }
        let before = self.pop()?;
        match operator {
            Op::Over => {
                self.push(before)?;
                self.push(last)?;
                self.push(before)
            }
            Op::Swap => {
                self.push(last)?;
                self.push(before)
            }
            _ => self.push(of_two(operator, before, last)?),
        }
    }
}

/// `None` when the operator is not one of a single number; `Some(None)` when it has no result for this one.
fn of_one(operator: MathOperator, x: f64) -> Option<Option<f64>> {
    use MathOperator as Op;
    Some(Some(match operator {
        Op::Abs => libm::fabs(x),
        Op::Acos => libm::acos(x),
        Op::Acosh => libm::acosh(x),
        Op::Asin => libm::asin(x),
        Op::Asinh => libm::asinh(x),
        Op::Atan => libm::atan(x),
        Op::Atanh => libm::atanh(x),
        Op::BitNot => return Some(whole(x).map(|x| !x as f64)),
        Op::Cos => libm::cos(x),
        Op::Cosh => libm::cosh(x),
        Op::Exp => libm::exp(x),
        Op::Factorial => return Some(factorial(x)),
        Op::Ln => libm::log(x),
        Op::Log10 => libm::log10(x),
        Op::Negate => -x,
        Op::Not => truth(x == 0.0),
        Op::Reciprocal => 1.0 / x,
        Op::Round => libm::round(x),
        Op::Sin => libm::sin(x),
        Op::Sinh => libm::sinh(x),
        Op::Sqrt => libm::sqrt(x),
        Op::Tan => libm::tan(x),
        Op::Tanh => libm::tanh(x),
        Op::Truncate => libm::trunc(x),
        _ => return None,
    }))
}

/// The result for the number pushed before and the one pushed last.
fn of_two(operator: MathOperator, a: f64, b: f64) -> Option<f64> {
    use MathOperator as Op;
    Some(match operator {
        Op::Add => a + b,
        Op::And => truth(a != 0.0 && b != 0.0),
        Op::Atan2 => libm::atan2(a, b),
        Op::BitAnd => (whole(a)? & whole(b)?) as f64,
        Op::BitOr => (whole(a)? | whole(b)?) as f64,
        Op::BitXor => (whole(a)? ^ whole(b)?) as f64,
        Op::Divide => a / b,
        Op::Equal => truth(a == b),
        Op::Greater => truth(a > b),
        Op::GreaterOrEqual => truth(a >= b),
        Op::IntegerDivide => libm::trunc(a / b),
        Op::Less => truth(a < b),
        Op::LessOrEqual => truth(a <= b),
        Op::Max => libm::fmax(a, b),
        Op::Min => libm::fmin(a, b),
        Op::Modulo => modulo(a, b),
        Op::Multiply => a * b,
        Op::NotEqual => truth(a != b),
        Op::Or => truth(a != 0.0 || b != 0.0),
        Op::Power => libm::pow(a, b),
        Op::ReversePower => libm::pow(b, a),
        Op::ShiftLeft => (whole(a)?.checked_shl(bits(b)?)?) as f64,
        Op::ShiftRight => (whole(a)?.checked_shr(bits(b)?)?) as f64,
        Op::Subtract => a - b,
        _ => return None,
    })
}

/// What is left of `a` after whole times `b`, exactly, with the sign of `a`: `fmod` of C. Its divisions might panic for all that
/// a compiler knows; this is long division in binary, of 2098 steps at most.
fn modulo(a: f64, b: f64) -> f64 {
    let (x, y) = (a.abs(), b.abs());
    if !x.is_finite() || y == 0.0 || y.is_nan() {
        return f64::NAN;
    }
    if x < y {
        return a;
    }
    let ((mut rest, from), (divisor, to)) = (normalized(x), normalized(y));
    for _ in to..from {
        rest = rest.checked_sub(divisor).unwrap_or(rest) << 1;
    }
    rest = rest.checked_sub(divisor).unwrap_or(rest);
    libm::scalbn(rest as f64, to).copysign(a)
}

/// 53 bits, the first of them set, and an exponent: `x = bits · 2^exponent`, for a finite number above zero.
fn normalized(x: f64) -> (u64, i32) {
    let (bits, fraction) = (x.to_bits(), x.to_bits() & ((1 << 52) - 1));
    match (bits >> 52 & 0x7FF) as i32 {
        0 => {
            let shift = fraction.leading_zeros().saturating_sub(11);
            (fraction << shift, -1074 - shift.cast_signed())
        }
        exponent => (fraction | 1 << 52, exponent - 1075),
    }
}

fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// The number as 64 bits in two's complement, towards zero.
fn whole(x: f64) -> Option<i64> {
    (-LIMIT..LIMIT).contains(&x).then_some(x as i64)
}

fn bits(x: f64) -> Option<u32> {
    whole(x)?.try_into().ok()
}

/// The product of all whole numbers up to `x`, which must be one from 0 to 170: beyond that it has no `f64`.
fn factorial(x: f64) -> Option<f64> {
    let last = bits(x).filter(|&last| last <= 170 && f64::from(last) == x)?;
    Some((1..=last).fold(1.0, |product, factor| product * f64::from(factor)))
}

/// Numbers that an expression may have on its stack.
const DEPTH: usize = 32;
const LIMIT: f64 = 9_223_372_036_854_775_808.0;
