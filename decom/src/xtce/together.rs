//! Whether what a type refers to can be in the same packet as its values.

use std::collections::{BTreeSet, HashMap};
use std::format;
use std::vec;
use std::vec::Vec;

use roxmltree::NodeId;

use super::Loader;
use super::graph::bottom_up;
use super::report::Node;
use crate::model::layout::Chosen;
use crate::model::{EntryKind, ParameterId, TypeKind};

/// Parameters that a container carries.
type Carried = BTreeSet<u32>;

/// Whose values depend on what is referred to.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Subject {
    /// Those of a parameter.
    Parameter(usize),
    /// Those of all parameters of a type.
    Type(usize),
}

impl<'a> Loader<'_, 'a> {
    /// Warns of references in types, and in what makes values of a parameter valid, to parameters that no packet carries with such a value.
    pub(super) fn check_together(&self, references: &[(Node<'a>, ParameterId)]) {
        let types = (0..).map(Subject::Type).zip(&self.names.types);
        let parameters = (0..).map(Subject::Parameter).zip(&self.names.parameters);
        let subjects: HashMap<NodeId, Subject> =
            types.chain(parameters).map(|(subject, found)| (found.node.id(), subject)).collect();
        let dependent = references.iter().filter_map(|&(node, parameter)| {
            if self.database.parameter(parameter).is_some_and(|found| found.constant.is_some()) {
                return None;
            }
            let found = node.ancestors().find_map(|node| subjects.get(&node.id()))?;
            Some((node, parameter, *found))
        });
        let dependent: Vec<(Node<'a>, ParameterId, Subject)> = dependent.collect();
        if dependent.is_empty() {
            return;
        }
        let of_types = dependent.iter().filter_map(|&(.., subject)| match subject {
            Subject::Parameter(_) => None,
            Subject::Type(index) => Some(index),
        });
        let users = self.users(of_types.collect());
        // Each of those that have a condition of their own.
        let alone = dependent.iter().filter_map(|&(.., subject)| match subject {
            Subject::Parameter(index) => Some((index, Carried::from([index as u32]))),
            Subject::Type(_) => None,
        });
        let alone: HashMap<usize, Carried> = alone.collect();
        let wanted = dependent.iter().map(|(_, parameter, _)| parameter.0);
        let wanted = users.values().chain(alone.values()).flatten().copied().chain(wanted);
        let Some(own) = self.carried(&wanted.collect()) else { return };
        let mut holders: HashMap<u32, Vec<usize>> = HashMap::new();
        for (container, carried) in own.iter().enumerate() {
            for &parameter in carried {
                holders.entry(parameter).or_default().push(container);
            }
        }
        let mut told = BTreeSet::new();
        let mut budget = MAX_STEPS;
        for (node, parameter, subject) in dependent {
            if !told.insert((subject, parameter)) {
                continue;
            }
            let users = match subject {
                Subject::Parameter(index) => alone.get(&index),
                Subject::Type(index) => users.get(&index),
            };
            let users = users.into_iter().flatten();
            let mut with = users.flat_map(|user| holders.get(user).into_iter().flatten()).peekable();
            let is_used = with.peek().is_some();
            let is_there = with.any(|&container| self.has(&own, container, parameter.0, &mut budget));
            if is_used && !is_there && budget > 0 {
                let name = self.database.parameter(parameter).map_or("", |found| found.name.as_str());
                let what = match subject {
                    Subject::Parameter(index) => {
                        let of = self.database.parameters.get(index).map_or("", |found| found.name.as_str());
                        format!(
                            "no packet carries `{name}` together with `{of}`: what it says of a value nobody knows, and the value counts as valid"
                        )
                    }
                    Subject::Type(index) => {
                        let of = self.database.types.get(index).map_or("", |found| found.name.as_str());
                        format!(
                            "no packet carries `{name}` together with a value of `{of}`: it has no value here, and no condition on it holds"
                        )
                    }
                };
                self.report.warn(node, what);
            }
        }
    }

    /// Whether a container or one of its bases holds a parameter. Counts what it takes to find out.
    fn has(&self, own: &[Carried], container: usize, parameter: u32, budget: &mut usize) -> bool {
        let mut next = Some(container);
        while let Some(index) = next.filter(|_| *budget > 0) {
            *budget -= 1;
            if own.get(index).is_some_and(|own| own.contains(&parameter)) {
                return true;
            }
            next = self.base_of(index);
        }
        false
    }

    fn base_of(&self, container: usize) -> Option<usize> {
        Some(self.database.containers.get(container)?.base.as_ref()?.container.0 as usize)
    }

    /// For each of these types, the parameters that have values of it, be it in a structure. Derived types read their base again, so
    /// that their parameters count as parameters of the base too.
    fn users(&self, types: BTreeSet<usize>) -> HashMap<usize, Carried> {
        let count = self.database.types.len();
        let mut above: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (index, found) in self.database.types.iter().enumerate() {
            let parts: Vec<usize> = match &found.kind {
                TypeKind::Aggregate(members) => {
                    members.iter().map(|member| member.member_type.0 as usize).collect()
                }
                TypeKind::Array { element, .. } => vec![element.0 as usize],
                TypeKind::Scalar(_) => Vec::new(),
            };
            let node = self.names.types.get(index).map(|found| found.node);
            let base = node.and_then(|node| self.names.find_type(node, node.attribute("baseType")?));
            for part in parts.into_iter().chain(base) {
                if let Some(list) = above.get_mut(part) {
                    list.push(index);
                }
            }
        }
        let mut parameters: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (id, parameter) in (0u32..).zip(&self.database.parameters) {
            if let Some(list) = parameters.get_mut(parameter.parameter_type.0 as usize) {
                list.push(id);
            }
        }
        let users = types.into_iter().map(|index| {
            let mut seen = BTreeSet::from([index]);
            let mut pending = vec![index];
            let mut users = Carried::new();
            while let Some(next) = pending.pop() {
                users.extend(parameters.get(next).into_iter().flatten());
                pending.extend(
                    above.get(next).into_iter().flatten().copied().filter(|&above| seen.insert(above)),
                );
            }
            (index, users)
        });
        users.collect()
    }

    /// Of each container, which of the parameters that matter it holds itself, or another container that it holds. `None` when that is
    /// too much to keep.
    fn carried(&self, matters: &BTreeSet<u32>) -> Option<Vec<Carried>> {
        let containers = &self.database.containers;
        let (order, circles) = bottom_up(&self.references());
        if !circles.is_empty() {
            return None;
        }
        let mut own = vec![Carried::new(); containers.len()];
        let mut budget = MAX_STEPS;
        for index in order {
            let Some(container) = containers.get(index) else { continue };
            let mut held = Carried::new();
            let mut all = |id: u32, held: &mut Carried| {
                let mut next = Some(id as usize);
                while let Some(index) = next {
                    let carried = own.get(index).into_iter().flatten();
                    budget = budget.saturating_sub(1 + own.get(index).map_or(0, Carried::len));
                    if budget == 0 {
                        return;
                    }
                    held.extend(carried);
                    next = self.base_of(index);
                }
            };
            for entry in &container.entries {
                match &entry.kind {
                    EntryKind::Array { parameter, .. }
                    | EntryKind::Fragments { parameter, .. }
                    | EntryKind::Parameter(parameter) => _ = held.insert(parameter.0),
                    EntryKind::Choice { cases, .. } => cases.iter().for_each(|(_, chosen)| match chosen {
                        Chosen::Container(id) => all(id.0, &mut held),
                        Chosen::Parameter(id) => _ = held.insert(id.0),
                    }),
                    EntryKind::Container(id) => all(id.0, &mut held),
                    EntryKind::Fill { .. } => {}
                }
            }
            held.retain(|parameter| matters.contains(parameter));
            *own.get_mut(index)? = held;
        }
        (budget > 0).then_some(own)
    }
}

/// How much is looked up before the warnings are given up: no database that people write takes as much.
const MAX_STEPS: usize = 1 << 23;
