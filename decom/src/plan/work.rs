//! How much work one value asks for.
//!
//! What values depend on is followed down to [`MAX_DEPTH`]. Where two ways lead from each to the next, that is 2^24 ways: parameters
//! that are calibrated by twice the one after them do it. Such a plan is not made, and none is read from octets.

use alloc::vec;
use alloc::vec::Vec;

use super::{Calibrator, Compared, Condition, Encoding, Expr, MAX_DEPTH, MathOp, Place, Plan, SizeRule};

/// The first operand whose value takes more than [`MAX_COST`] others.
pub(crate) fn costly_operand(plan: &Plan<'_>) -> Option<usize> {
    let ends = condition_ends(plan.conditions);
    let mut costs = vec![1u64; plan.operands.len()];
    // What one more level of dependence costs; the decoder goes no deeper. Most plans are done after two.
    for _ in 0..=MAX_DEPTH {
        let values = Values::new(plan, &ends, &costs);
        let next: Vec<u64> = (0..costs.len()).map(|index| values.operand(index)).collect();
        if let Some(costly) = next.iter().position(|&cost| cost > MAX_COST) {
            return Some(costly);
        }
        if next == costs {
            break;
        }
        costs = next;
    }
    None
}

/// What conditions, expressions and meanings cost, given what operands do.
struct Values<'w, 'p> {
    plan: &'w Plan<'p>,
    ends: &'w [usize],
    operands: &'w [u64],
    /// Of the conditions before each one.
    before: Vec<u64>,
    exprs: Vec<u64>,
    meanings: Vec<u64>,
}

impl<'w, 'p> Values<'w, 'p> {
    fn new(plan: &'w Plan<'p>, ends: &'w [usize], operands: &'w [u64]) -> Self {
        let mut values =
            Self { plan, ends, operands, before: vec![0], exprs: Vec::new(), meanings: Vec::new() };
        let mut sum = 0u64;
        for condition in plan.conditions {
            let cost = match *condition {
                Condition::Compare { operand, with: Compared::Operand(other), .. } => {
                    values.known(operand).saturating_add(values.known(other))
                }
                Condition::Compare { operand, .. } => values.known(operand),
                Condition::All { .. } | Condition::Any { .. } => 0,
            };
            sum = sum.saturating_add(cost).saturating_add(1);
            values.before.push(sum);
        }
        let exprs = plan.exprs.iter().map(|expr| match *expr {
            Expr::Fixed(_) => 1,
            Expr::Linear { operand, .. } => values.known(operand).saturating_add(1),
            Expr::Lookup(rows) => sum_of(rows.of(plan.lookups).iter().map(|row| values.condition(row.0))),
        });
        values.exprs = exprs.collect();
        let calibrators: Vec<u64> =
            plan.calibrators.iter().map(|calibrator| values.calibrator(*calibrator)).collect();
        let meanings = plan.meanings.iter().map(|meaning| {
            let contexts = meaning.context_calibrators.of(plan.contexts);
            let conditions = sum_of(contexts.iter().map(|context| values.condition(context.condition)));
            let targets = contexts.iter().map(|context| context.target).chain([meaning.calibrator]);
            let worst = targets.filter_map(|target| calibrators.get(target as usize)).max();
            conditions.saturating_add(worst.copied().unwrap_or(0))
        });
        values.meanings = meanings.collect();
        values
    }

    /// What the value of an operand costs, known so far; nothing where there is none.
    fn known(&self, operand: u32) -> u64 {
        self.operands.get(operand as usize).copied().unwrap_or(0)
    }

    fn condition(&self, index: u32) -> u64 {
        let index = index as usize;
        let after = self.ends.get(index).and_then(|&end| self.before.get(end));
        let cost = self.before.get(index).zip(after).map(|(before, after)| after.saturating_sub(*before));
        cost.unwrap_or(0).saturating_add(1)
    }

    fn calibrator(&self, calibrator: Calibrator) -> u64 {
        let Calibrator::Math(ops) = calibrator else { return 1 };
        sum_of(ops.of(self.plan.math).iter().map(|op| match *op {
            MathOp::Operand(operand) => self.known(operand),
            MathOp::Apply(_) | MathOp::Number(_) | MathOp::This => 0,
        }))
    }

    /// What the value of an operand costs when those it depends on cost what is known.
    fn operand(&self, index: usize) -> u64 {
        let Some(operand) = self.plan.operands.get(index) else { return 0 };
        let Some(item) = self.plan.item(operand.item) else { return 1 };
        let size = match (operand.place, self.plan.encoding(item)) {
            (Place::Register(_), Some(Encoding::Octets { size } | Encoding::Text { size, .. })) => {
                match *size {
                    SizeRule::Bits(expr) | SizeRule::TerminatedWithin { bits: expr, .. } => {
                        self.exprs.get(expr as usize).copied().unwrap_or(0)
                    }
                    SizeRule::Leading { .. } | SizeRule::Terminated { .. } => 0,
                }
            }
            _ => 0,
        };
        let meaning = match operand.calibrated {
            true => self.meanings.get(item.meaning as usize).copied().unwrap_or(0),
            false => 0,
        };
        size.saturating_add(meaning).saturating_add(1)
    }
}

fn sum_of(costs: impl Iterator<Item = u64>) -> u64 {
    costs.fold(0, u64::saturating_add)
}

/// Where each condition and its parts end. Each is a part of one other at most, so this is one pass.
fn condition_ends(conditions: &[Condition]) -> Vec<usize> {
    let mut ends = vec![conditions.len(); conditions.len()];
    for (index, condition) in conditions.iter().enumerate().rev() {
        let parts = match *condition {
            Condition::All { parts } | Condition::Any { parts } => parts,
            Condition::Compare { .. } => 0,
        };
        let mut end = index + 1;
        for _ in 0..parts {
            match ends.get(end) {
                Some(&next) => end = next,
                None => break,
            }
        }
        if let Some(slot) = ends.get_mut(index) {
            *slot = end;
        }
    }
    ends
}

/// The most values that one value may depend on, over all the ways that lead to them.
const MAX_COST: u64 = 1 << 14;
