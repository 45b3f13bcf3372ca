//! Containers with a program: packet by packet.

use alloc::vec;
use alloc::vec::Vec;

use super::layout::Spec;
use super::way::{CHUNK, Scratch, Way};
use crate::arch::Machine;
use crate::column::{Column, Engineering, Repetition};
use crate::plan::{AlarmLevel, ItemId, Link, Meaning, NONE, Node, NodeId, Plan, Span};
use crate::row::{Decoder, Register, RowSink, Sample};

/// Goes through packets one by one.
#[derive(Clone, Debug)]
pub(super) struct Moving<'p> {
    /// The containers of the plan: those of the chain lead to each other whatever the packet says, and nowhere else.
    nodes: Vec<Node>,
    links: Vec<Link>,
    root: NodeId,
    registers: Vec<Register>,
    /// The column of each item; [`NONE`] where there is none.
    columns: Vec<u32>,
    /// How engineering values of each column are worked out; `None` where there are raw ones only.
    ways: Vec<Option<Way>>,
    machine: Machine,
    scratch: Scratch,
    plan: Plan<'p>,
}

impl<'p> Moving<'p> {
    pub(super) fn new(plan: &Plan<'p>, container: NodeId, specs: &[Spec<'_>], machine: Machine) -> Self {
        let mut nodes = plan.nodes.to_vec();
        let mut links = Vec::new();
        let chain: Vec<NodeId> = plan.chain(container).collect();
        for (i, id) in chain.iter().enumerate() {
            let start = links.len() as u32;
            links.extend(chain.get(i + 1).map(|&node| Link { node, condition: NONE }));
            if let Some(node) = nodes.get_mut(id.0 as usize) {
                node.switch = None;
                node.is_abstract = false;
                node.links = Span { start, len: links.len() as u32 - start };
            }
        }
        let mut columns = vec![NONE; plan.items.len()];
        for (index, spec) in (0..).zip(specs) {
            if let Some(slot) = columns.get_mut(spec.item.0 as usize) {
                *slot = index;
            }
        }
        Self {
            nodes,
            links,
            root: chain.first().copied().unwrap_or(container),
            registers: vec![Register::Empty; plan.registers as usize],
            columns,
            ways: specs.iter().map(|spec| Some(Way::of(plan, spec, spec.meaning?, None))).collect(),
            machine,
            scratch: Scratch { predicates: Vec::new(), numbers: vec![0.0; CHUNK] },
            plan: *plan,
        }
    }

    pub(super) fn append<'a>(
        &mut self,
        specs: &[Spec<'_>],
        first: usize,
        rows: impl Iterator<Item = &'a [u8]>,
        columns: &mut [Column],
    ) {
        let plan = Plan { nodes: &self.nodes, links: &self.links, sequels: &[], ..self.plan };
        let Ok(mut decoder) = Decoder::new(plan, self.root, self.registers.as_mut_slice()) else { return };
        for (row, packet) in (first..).zip(rows) {
            let mut sink = Sink { plan: &plan, lookup: &self.columns, specs, ways: &self.ways, row, columns };
            // What became of the packet is seen in what is valid.
            let _ = decoder.decode(packet, &mut sink);
            for ((column, spec), way) in columns.iter_mut().zip(specs).zip(&self.ways) {
                column.end_row(&plan, spec.meaning.filter(|_| is_in_scene(way)), row);
            }
        }
        for ((column, spec), way) in columns.iter_mut().zip(specs).zip(&self.ways) {
            column.validity.settle(column.raw.len());
            if let (Some(way), Some(meaning)) = (way, spec.meaning) {
                // What was there before has its engineering values, or its alarms.
                let before = column.engineering.as_ref().map(Engineering::len);
                let from = before.or(column.alarms.as_ref().map(Vec::len)).unwrap_or(column.raw.len());
                way.append(self.machine, &plan, || Some(meaning), from, &mut self.scratch, column);
            }
            column.defined.settle(column.engineering.as_ref().map_or(0, Engineering::len));
        }
    }
}

/// Takes the values of one packet.
struct Sink<'s, 'p> {
    plan: &'s Plan<'s>,
    lookup: &'s [u32],
    specs: &'s [Spec<'p>],
    ways: &'s [Option<Way>],
    row: usize,
    columns: &'s mut [Column],
}

impl<'p> Sink<'_, 'p> {
    /// The column of an item, where it takes one more value of this row.
    ///
    /// And what its values mean, where that depends on the packet.
    fn column(&mut self, item: ItemId) -> Option<(&mut Column, Option<&'p Meaning>)> {
        let index = *self.lookup.get(item.0 as usize)? as usize;
        let column = self.columns.get_mut(index)?;
        let meaning =
            self.specs.get(index)?.meaning.filter(|_| self.ways.get(index).is_some_and(is_in_scene));
        Some((column, meaning)).filter(|(column, _)| column.has_room(self.row))
    }
}

impl RowSink for Sink<'_, '_> {
    fn missing(&mut self, item: ItemId) {
        let plan = self.plan;
        if let Some((column, meaning)) = self.column(item)
            && matches!(column.occurrence, Repetition::Fixed(_))
        {
            column.push_missing(plan, meaning);
        }
    }

    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let plan = self.plan;
        let Some((column, meaning)) = self.column(sample.item()) else { return };
        let index = column.raw.len();
        let found = column.raw.push(Some(sample.raw()));
        if found.is_none() {
            column.validity.lose(index);
        }
        if let Some(meaning) = meaning {
            column.note(plan, meaning, found.map(|()| sample.value()), |value| sample.alarm(value));
        }
    }
}

/// Whether engineering values are worked out packet by packet.
fn is_in_scene(way: &Option<Way>) -> bool {
    matches!(way, Some(Way::InScene))
}

impl Column {
    /// Whether the row may hold one more value.
    fn has_room(&self, row: usize) -> bool {
        match self.occurrence {
            Repetition::Fixed(n) => self.raw.len() < (row + 1) * n as usize,
            Repetition::Once => self.raw.len() <= row,
            // Arrow counts in 32 bits with sign.
            Repetition::Varying => self.raw.len() < i32::MAX as usize,
        }
    }

    fn push_missing(&mut self, plan: &Plan<'_>, meaning: Option<&Meaning>) {
        self.validity.lose(self.raw.len());
        self.raw.push(None);
        if let Some(meaning) = meaning {
            self.note(plan, meaning, None, |_| AlarmLevel::Normal);
        }
    }

    fn end_row(&mut self, plan: &Plan<'_>, meaning: Option<&Meaning>, row: usize) {
        match self.occurrence {
            Repetition::Fixed(_) | Repetition::Once => {
                while self.has_room(row) {
                    self.push_missing(plan, meaning);
                }
            }
            Repetition::Varying => self.offsets.push(self.raw.len() as u32),
        }
    }
}
