//! Containers and what they extend (660.0-B-2 §4.3.4).

use std::string::ToString;
use std::vec::Vec;

use super::Loader;
use super::graph::bottom_up;
use super::names::{Declaration, unknown};
use super::report::Node;
use super::values::{child, elements};
use crate::model::layout::Chosen;
use crate::model::{Base, Condition, Container, ContainerId, Entry, EntryKind, IntExpr, Reference};

impl<'a> Loader<'_, 'a> {
    /// Reads every container of telemetry, and those of commanding that these refer to.
    pub(super) fn read_containers(&mut self) {
        for (index, declaration) in self.names.containers.iter().enumerate() {
            if declaration.is_telemetry {
                self.container_id(index);
            }
        }
        while let Some(&index) = self.wanted.get(self.database.containers.len()) {
            let Some(&declaration) = self.names.containers.get(index) else { break };
            let container = self.read_container(&declaration);
            self.database.containers.push(container);
        }
        let (order, circles) = bottom_up(&self.references());
        for &index in &circles {
            if let Some(node) = self.container_node(index) {
                let fix = "remove the reference that leads back to it";
                self.report.error(node, "the container holds or extends itself", fix);
            }
        }
        if circles.is_empty() && !self.segments.is_empty() {
            self.join_segments(&order);
        }
    }

    /// The container that the `containerRef` of an element names.
    pub(super) fn container_ref(&mut self, node: Node<'a>) -> Option<ContainerId> {
        let reference = node.attribute("containerRef")?;
        let Some(index) = self.names.find_container(node, reference) else {
            let fix = "declare it, or correct the reference";
            self.report.attribute_error(node, "containerRef", unknown("container", reference), fix);
            return None;
        };
        self.container_id(index)
    }

    /// Containers that each container extends or holds.
    pub(super) fn references(&self) -> Vec<Vec<usize>> {
        let of_entry = |entry: &Entry| match &entry.kind {
            EntryKind::Container(id) => Vec::from([id.0 as usize]),
            EntryKind::Choice { cases, .. } => {
                let chosen = cases.iter().filter_map(|&(_, chosen)| match chosen {
                    Chosen::Container(id) => Some(id.0 as usize),
                    Chosen::Parameter(_) => None,
                });
                chosen.collect()
            }
            _ => Vec::new(),
        };
        let of = |container: &Container| {
            let base = container.base.iter().map(|base| base.container.0 as usize);
            base.chain(container.entries.iter().flat_map(of_entry)).collect()
        };
        self.database.containers.iter().map(of).collect()
    }

    fn container_node(&self, index: usize) -> Option<Node<'a>> {
        Some(self.names.containers.get(*self.wanted.get(index)?)?.node)
    }

    /// The index of a container in the database, which it gets if it has none yet.
    fn container_id(&mut self, index: usize) -> Option<ContainerId> {
        let slot = self.container_ids.get_mut(index)?;
        if slot.is_none() {
            *slot = u32::try_from(self.wanted.len()).ok();
            self.wanted.push(index);
        }
        slot.map(ContainerId)
    }

    fn read_container(&mut self, declaration: &Declaration<'a>) -> Container {
        let node = declaration.node;
        let base = child(node, "BaseContainer");
        let criteria = base.and_then(|base| child(base, "RestrictionCriteria"));
        let next = criteria.and_then(|criteria| child(criteria, "NextContainer"));
        let next = next.and_then(|next| self.container_ref(next));
        let base = base.and_then(|base| self.base(base, criteria));
        let entries = self.entries(node);
        Container {
            name: self.names.qualified(declaration),
            description: node.attribute("shortDescription").unwrap_or("").to_string(),
            base,
            next,
            is_abstract: self.report.flag(node, "abstract", false),
            entries,
            size_bits: child(node, "BinaryEncoding").and_then(|encoding| self.container_size(encoding)),
            origin: self.report.origin(node),
        }
    }

    fn base(&mut self, node: Node<'a>, criteria: Option<Node<'a>>) -> Option<Base> {
        let container = self.container_ref(node);
        let restriction = match criteria {
            None => Condition::ALWAYS,
            // What the next packet is says nothing of this one.
            Some(criteria) if elements(criteria).all(|node| node.tag_name().name() == "NextContainer") => {
                Condition::ALWAYS
            }
            // Nobody can tell whether an algorithm holds: the container is never found.
            Some(criteria) => self.criteria(criteria).unwrap_or(Condition::Any(Vec::new())),
        };
        Some(Base { container: container?, restriction })
    }

    fn container_size(&self, node: Node<'a>) -> Option<IntExpr> {
        self.refuse_orders(node);
        self.size_expr(child(node, "SizeInBits")?)
    }

    fn entries(&mut self, container: Node<'a>) -> Vec<Entry> {
        let Some(list) = child(container, "EntryList") else {
            self.report.error(container, "the container has no entries", "write an EntryList");
            return Vec::new();
        };
        let mut entries = Vec::new();
        for node in elements(list) {
            if let Some(entry) = self.entry(node, entries.len()) {
                if entry.location.reference == Reference::NextEntry && node.next_sibling_element().is_none() {
                    let fix = "refer to previousEntry, containerStart or containerEnd";
                    self.report.error(node, "there is no next entry to count from", fix);
                }
                entries.push(entry);
            }
        }
        entries
    }
}
