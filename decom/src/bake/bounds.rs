//! Whether tables that came as octets are ones that a compiler could have made, as far as work goes.
//!
//! The decoder follows indices and stops at [`MAX_DEPTH`]. Tables that somebody forged may lead to each heir, or to each step, over
//! two ways from the one before: 2^24 ways in all. What the compiler makes are trees. Each check is a pass over the tables.

use alloc::vec;

use crate::plan::{Calibrator, Expr, MAX_DEPTH, NodeId, Plan, Span, Step, work};

/// Whether the work that a packet takes is bounded by the sizes of the plan and the packet, whatever is in the packet.
pub(super) fn are_kept(plan: &Plan<'_>) -> bool {
    plan.registers as usize <= plan.items.len()
        && tables_are_apart(plan)
        && heirs_are_a_tree(plan)
        && programs_are_apart(plan)
        && work::costly_operand(plan).is_none()
}

/// Whether no two rows share what they refer to, so that looking at all that rows refer to is one pass.
fn tables_are_apart(plan: &Plan<'_>) -> bool {
    let lookups = plan.exprs.iter().map(|expr| match *expr {
        Expr::Lookup(rows) => rows.of(plan.lookups).len(),
        Expr::Fixed(_) | Expr::Linear { .. } => 0,
    });
    let math = plan.calibrators.iter().map(|calibrator| match *calibrator {
        Calibrator::Math(ops) => ops.of(plan.math).len(),
        _ => 0,
    });
    let contexts = plan.meanings.iter().map(|meaning| {
        let calibrators = meaning.context_calibrators.of(plan.contexts).len();
        calibrators + meaning.context_alarms.of(plan.contexts).len()
    });
    let branches = plan.steps.iter().map(|step| match *step {
        Step::Choose { branches, .. } => branches.of(plan.branches).len(),
        _ => 0,
    });
    let heirs = plan.nodes.iter().map(|node| {
        let cases = node.switch.map_or(0, |switch| switch.cases.of(plan.cases).len());
        cases + node.links.of(plan.links).len()
    });
    lookups.sum::<usize>() <= plan.lookups.len()
        && math.sum::<usize>() <= plan.math.len()
        && contexts.sum::<usize>() <= plan.contexts.len()
        && branches.sum::<usize>() <= plan.branches.len()
        && heirs.sum::<usize>() <= plan.cases.len() + plan.links.len()
        && plan.nodes.iter().map(|node| node.fields.of(plan.fields).len()).sum::<usize>() <= plan.fields.len()
        && plan.nodes.iter().map(|node| node.saves.of(plan.saves).len()).sum::<usize>() <= plan.saves.len()
}

/// Whether each heir has one base, which says so itself, and lies behind it.
fn heirs_are_a_tree(plan: &Plan<'_>) -> bool {
    let mut reached = vec![false; plan.nodes.len()];
    for (id, node) in (0u32..).map(NodeId).zip(plan.nodes) {
        let cases = node.switch.map_or(&[][..], |switch| switch.cases.of(plan.cases));
        let links = node.links.of(plan.links);
        for link in links.iter().chain(cases.iter().map(|case| &case.link)) {
            let Some(heir) = plan.node(link.node) else { continue };
            let Some(reached) = reached.get_mut(link.node.0 as usize) else { continue };
            if *reached || heir.parent != id || link.node <= id {
                return false;
            }
            *reached = true;
        }
    }
    true
}

/// Whether programs do not share steps, but for branches, which lie before the step that chooses one.
fn programs_are_apart(plan: &Plan<'_>) -> bool {
    // A step is in its program, and in a branch of each choice around it.
    let most = (plan.steps.len() + plan.branches.len() + plan.parts.len() + plan.exprs.len()) as u64;
    let most = most.saturating_mul(MAX_DEPTH as u64 + 1);
    let mut before = vec![0u64];
    let cost_of = |before: &[u64], span: Span| {
        let end = span.start.checked_add(span.len)? as usize;
        Some(before.get(end)?.saturating_sub(*before.get(span.start as usize)?))
    };
    let mut sum = 0u64;
    for step in plan.steps {
        let more = match *step {
            Step::Choose { branches, .. } => {
                let branches = branches.of(plan.branches);
                let mut worst = 0;
                for branch in branches {
                    // Only what lies before is known: one that leads forward, or nowhere, is none of the compiler's.
                    let Some(cost) = cost_of(&before, branch.steps) else { return false };
                    worst = worst.max(cost);
                }
                worst.saturating_add(branches.len() as u64)
            }
            Step::Fragments { parts, .. } => parts.of(plan.parts).len() as u64,
            _ => 0,
        };
        sum = sum.saturating_add(more).saturating_add(1);
        if sum > most {
            return false;
        }
        before.push(sum);
    }
    let programs = plan.nodes.iter().map(|node| cost_of(&before, node.steps).unwrap_or(0));
    programs.fold(0, u64::saturating_add) <= sum
}
