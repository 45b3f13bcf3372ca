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

impl<'a> Loader<'_, 'a> {
    /// Warns of references in types to parameters that no packet carries with a value of the type.
    pub(super) fn check_together(&self, references: &[(Node<'a>, ParameterId)]) {
        let types: HashMap<NodeId, usize> =
            self.names.types.iter().enumerate().map(|(index, found)| (found.node.id(), index)).collect();
        let of_types = references.iter().filter_map(|&(node, parameter)| {
            let found = node.ancestors().find_map(|node| types.get(&node.id()))?;
            Some((node, parameter, *found))
        });
        let of_types: Vec<(Node<'a>, ParameterId, usize)> = of_types.collect();
        if of_types.is_empty() {
            return;
        }
        let users = self.users(of_types.iter().map(|&(.., index)| index).collect());
        let wanted = of_types.iter().map(|(_, parameter, _)| parameter.0);
        let Some(own) = self.carried(&users.values().flatten().copied().chain(wanted).collect()) else {
            return;
        };
        let mut holders: HashMap<u32, Vec<usize>> = HashMap::new();
        for (container, carried) in own.iter().enumerate() {
            for &parameter in carried {
                holders.entry(parameter).or_default().push(container);
            }
        }
        let mut told = BTreeSet::new();
        let mut budget = MAX_STEPS;
        for (node, parameter, index) in of_types {
            if !told.insert((index, parameter)) {
                continue;
            }
            let users = users.get(&index).into_iter().flatten();
            let mut with = users.flat_map(|user| holders.get(user).into_iter().flatten()).peekable();
            let is_used = with.peek().is_some();
            let is_there = with.any(|&container| self.has(&own, container, parameter.0, &mut budget));
            if is_used && !is_there && budget > 0 {
                let name = self.database.parameter(parameter).map_or("", |found| found.name.as_str());
                let type_name = self.database.types.get(index).map_or("", |found| found.name.as_str());
                let what = format!(
                    "no packet carries `{name}` together with a value of `{type_name}`: it has no value here, and no condition on it holds"
                );
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
