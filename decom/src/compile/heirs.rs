//! Heirs, and how a packet tells them apart.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use core::mem;

use super::Compiler;
use super::logic::Reach;
use super::tables::Tables;
use crate::model::ContainerId;
use crate::plan::{
    Case, Compared, Condition, Field, FieldKind, Link, MAX_HEIRS, NodeId, Operator, Place, Switch,
};

impl Compiler<'_> {
    /// Say how the heirs of `node` are told apart: by one number where that does, by a condition each otherwise.
    pub(super) fn heirs(&mut self, base: ContainerId, node: NodeId, heirs: &[(ContainerId, NodeId)]) {
        if heirs.is_empty() {
            return;
        }
        let database = self.database;
        let known = self.known.get_mut(node.0 as usize).map(mem::take).unwrap_or_default();
        let mut conditions = Vec::new();
        for &(id, heir) in heirs {
            let Some(container) = database.container(id) else { continue };
            self.subject = (&container.name, container.origin);
            let mut parts = Vec::new();
            if let Some(base) = &container.base {
                self.flatten(&base.restriction, Reach::Chain(&known), 0, &mut parts);
            }
            conditions.push((heir, parts));
        }
        if let Some(slot) = self.known.get_mut(node.0 as usize) {
            *slot = known;
        }
        let switch = self.best_switch(&conditions);
        let (mut cases, mut links) = (Vec::new(), Vec::new());
        for (heir, parts) in conditions {
            let found = switch.and_then(|field| self.equality(&parts, field));
            let parts = match found {
                Some((_, position)) => without(&parts, position),
                None => parts,
            };
            let link = Link { node: heir, condition: self.conditions(&parts) };
            match found {
                Some((value, _)) => cases.push(Case { value, link }),
                None => links.push(link),
            }
        }
        cases.sort_by_key(|case| case.value);
        let of_one_number = cases.chunk_by(|a, b| a.value == b.value).map(<[Case]>::len).max().unwrap_or(0);
        let tested = links.len() + of_one_number;
        if tested > MAX_HEIRS {
            if let Some(container) = database.container(base) {
                self.subject.0 = &container.name;
            }
            self.fault(format!(
                "{tested} containers that extend it are told apart by no common number, more than {MAX_HEIRS}"
            ));
        }
        let plan = &mut self.tables.plan;
        let cases = Tables::append(&mut plan.cases, &cases);
        let links = Tables::append(&mut plan.links, &links);
        if let Some(row) = plan.nodes.get_mut(node.0 as usize) {
            row.links = links;
            row.switch = switch.map(|field| Switch { field, cases });
        }
    }

    /// The field that most heirs are found by, if any is.
    fn best_switch(&self, conditions: &[(NodeId, Vec<Condition>)]) -> Option<Field> {
        let mut count: BTreeMap<(u32, u8), (usize, Field)> = BTreeMap::new();
        for (_, parts) in conditions {
            let mut counted = Vec::new();
            for part in conjuncts(parts) {
                if let Some((field, _)) = self.field_equals(part)
                    && !counted.contains(&(field.bit(), field.bits()))
                {
                    counted.push((field.bit(), field.bits()));
                    count.entry((field.bit(), field.bits())).or_insert((0, field)).0 += 1;
                }
            }
        }
        // The first of the best, so that the plan does not depend on anything else.
        let best = count.into_values().rev().max_by_key(|(heirs, _)| *heirs);
        best.map(|(_, field)| field)
    }

    /// The number that a condition demands of `field`, and which of its parts does.
    fn equality(&self, parts: &[Condition], field: Field) -> Option<(u64, usize)> {
        conjuncts(parts).iter().enumerate().find_map(|(position, part)| {
            let (other, value) = self.field_equals(part)?;
            ((other.bit(), other.bits()) == (field.bit(), field.bits())).then_some((value, position))
        })
    }

    /// The field and the number of a comparison for equality.
    fn field_equals(&self, part: &Condition) -> Option<(Field, u64)> {
        let Condition::Compare { operand, operator: Operator::Equal, with: Compared::Integer(value) } = *part
        else {
            return None;
        };
        let operand = self.tables.plan.operands.get(operand as usize)?;
        match operand.place {
            Place::Field(field) if field.kind() == FieldKind::Unsigned && !operand.calibrated => {
                Some((field, u64::try_from(value).ok()?))
            }
            _ => None,
        }
    }
}

/// The comparisons that must all hold; nothing where a condition is more involved.
fn conjuncts(parts: &[Condition]) -> &[Condition] {
    match parts {
        [Condition::Compare { .. }] => parts,
        [Condition::All { parts: count }, rest @ ..]
            if rest.len() == *count as usize
                && rest.iter().all(|part| matches!(part, Condition::Compare { .. })) =>
        {
            rest
        }
        _ => &[],
    }
}

/// What is left of a conjunction without one of its parts.
fn without(parts: &[Condition], position: usize) -> Vec<Condition> {
    let rest: Vec<Condition> =
        conjuncts(parts).iter().enumerate().filter(|&(i, _)| i != position).map(|(_, part)| *part).collect();
    match rest.as_slice() {
        [] | [_] => rest,
        _ => {
            let mut all = Vec::from([Condition::All { parts: rest.len() as u32 }]);
            all.extend(rest);
            all
        }
    }
}
