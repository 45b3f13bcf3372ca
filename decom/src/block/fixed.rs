//! Containers whose places are all fixed.

use alloc::vec;
use alloc::vec::Vec;

use ccsds_core::arch::Level;

use super::cut::{Cut, Word};
use super::layout::{Place, Spec};
use crate::column::{Column, Engineering, Repetition};
use crate::plan::{Meaning, NodeId, Plan};
use crate::scene::{Register, Scene};

/// Goes through blocks of packets, column by column.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    /// Where all that is cut out of words lies.
    words: Vec<Word>,
    /// Whether each column is cut out of words.
    is_cut: Vec<bool>,
    /// Octets that a packet must have for all of these.
    octets: usize,
    /// Stands in for packets that have fewer.
    blank: Vec<u8>,
    /// Packets in a block.
    block: usize,
    /// What registers hold while the values of each container of the chain are looked at.
    registers: Vec<Vec<Register>>,
}

impl Fixed {
    pub(super) fn new(plan: &Plan<'_>, container: NodeId, specs: &[Spec<'_>], _level: Level) -> Self {
        let cuts: Vec<Cut> =
            specs.iter().enumerate().filter_map(|(column, spec)| Cut::of(column, spec)).collect();
        let octets = cuts.iter().map(Cut::end).max().unwrap_or(0);
        let mut is_cut = vec![false; specs.len()];
        for cut in &cuts {
            if let Some(is_cut) = is_cut.get_mut(cut.column) {
                *is_cut = true;
            }
        }
        let end = plan.node(container).map_or(0, |node| node.end_bit.div_ceil(8)) as usize;
        Self {
            words: Word::cover(&cuts),
            is_cut,
            octets,
            blank: vec![0; octets],
            block: (BLOCK_OCTETS / end.max(1)).clamp(STEP, MAX_BLOCK) / STEP * STEP,
            registers: registers(plan, container),
        }
    }

    pub(super) fn append<'a>(
        &self,
        plan: &Plan<'_>,
        specs: &[Spec<'_>],
        first: usize,
        rows: impl Iterator<Item = &'a [u8]>,
        columns: &mut [Column],
    ) {
        let mut rows = rows.peekable();
        let mut first = first;
        let mut block: [&[u8]; MAX_BLOCK] = [&[]; MAX_BLOCK];
        while rows.peek().is_some() {
            let mut len = 0;
            for (slot, row) in block.iter_mut().zip(rows.by_ref().take(self.block)) {
                *slot = row;
                len += 1;
            }
            let block = block.get(..len).unwrap_or(&[]);
            self.block(plan, specs, first, block, columns);
            first += len;
        }
    }

    fn block(
        &self,
        plan: &Plan<'_>,
        specs: &[Spec<'_>],
        first: usize,
        rows: &[&[u8]],
        columns: &mut [Column],
    ) {
        let mut whole: [&[u8]; MAX_BLOCK] = [&self.blank; MAX_BLOCK];
        let mut has_short = false;
        for (slot, row) in whole.iter_mut().zip(rows) {
            if row.len() >= self.octets {
                *slot = row;
            } else {
                has_short = true;
            }
        }
        let mut scratch = [0; MAX_BLOCK];
        for word in &self.words {
            word.append(whole.get(..rows.len()).unwrap_or(&[]), &mut scratch, columns);
        }
        for ((spec, &is_cut), column) in specs.iter().zip(&self.is_cut).zip(columns) {
            if !is_cut {
                slowly(plan, spec, rows, column);
            } else if has_short {
                self.mend(plan, spec, first, rows, column);
            }
            column.validity.settle(column.raw.len());
            if let Some(meaning) = spec.meaning {
                self.note(plan, spec, meaning, first, rows, column);
                column.defined.settle(column.engineering.as_ref().map_or(0, Engineering::len));
            }
        }
    }

    /// Put what packets that are too short for all have of a column into it.
    fn mend(&self, plan: &Plan<'_>, spec: &Spec<'_>, first: usize, rows: &[&[u8]], column: &mut Column) {
        for (index, row) in (first..).zip(rows).filter(|(_, row)| row.len() < self.octets) {
            for place in &spec.places {
                if column.raw.replace(index, place.field.extract(plan, row)).is_none() {
                    column.validity.lose(index);
                }
            }
        }
    }

    /// Engineering values one by one.
    fn note(
        &self,
        plan: &Plan<'_>,
        spec: &Spec<'_>,
        meaning: &Meaning,
        first: usize,
        rows: &[&[u8]],
        column: &mut Column,
    ) {
        let mut index = first * spec.places.len();
        for row in rows {
            for place in &spec.places {
                let registers = self.registers.get(place.depth).map_or(&[][..], Vec::as_slice);
                let is_there = column.validity.holds(index);
                let raw = place.field.extract(plan, row).filter(|_| is_there);
                let scene = Scene::new(plan, row, registers);
                let value = raw.map(|raw| meaning.value(plan, raw, &scene));
                column.note(plan, meaning, value, |value| meaning.alarm(plan, value, &scene));
                index += 1;
            }
        }
    }
}

/// Put the values of a column behind the others, one by one.
fn slowly(plan: &Plan<'_>, spec: &Spec<'_>, rows: &[&[u8]], column: &mut Column) {
    for row in rows {
        for Place { field, .. } in &spec.places {
            let index = column.raw.len();
            if column.raw.push(field.extract(plan, row)).is_none() {
                column.validity.lose(index);
            }
        }
    }
    debug_assert!(spec.occurrence != Repetition::Varying);
}

/// What registers hold, container by container of the chain.
fn registers(plan: &Plan<'_>, container: NodeId) -> Vec<Vec<Register>> {
    let mut registers = vec![Register::Empty; plan.registers as usize];
    let nodes = plan.chain(container).filter_map(|id| plan.node(id));
    nodes
        .map(|node| {
            for &(register, bit) in node.saves.of(plan.saves) {
                if let Some(slot) = registers.get_mut(register as usize) {
                    *slot = Register::At(bit);
                }
            }
            registers.clone()
        })
        .collect()
}

/// What of the packets and the columns stays in the first-level cache.
const BLOCK_OCTETS: usize = 16 << 10;
/// Packets of the largest block.
const MAX_BLOCK: usize = 256;
/// Packets of the smallest one.
const STEP: usize = 32;
