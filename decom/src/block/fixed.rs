//! Containers whose places are all fixed.

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use super::cut::{Cut, Word};
use super::layout::{Place, Spec};
use super::way::{CHUNK, Scratch, Way};
use crate::arch::transpose::{Rows, STEP, Strided, Transposer};
use crate::arch::{Machine, Work};
use crate::column::{Column, Engineering, Repetition};
use crate::plan::{Meaning, NodeId, Plan};
use crate::scene::{Register, Scene};
use crate::value::Scope as _;

/// Goes through blocks of packets, column by column.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    machine: Machine,
    transposer: Transposer,
    /// Where all that is cut out of words lies.
    words: Vec<Word>,
    /// Columns that are neither transposed nor cut.
    slow: Vec<usize>,
    /// Columns with more than raw values, and how many there are of each in a packet.
    ways: Vec<(usize, usize, Way)>,
    /// Whether every value comes from the transposer, or from another column: then nobody looks at a packet again.
    is_transposed: bool,
    /// Conditions, each with how deep in the chain of bases it is looked at.
    conditions: Vec<(u32, usize)>,
    scratch: Scratch,
    /// Octets that a packet must have for all that is transposed or cut.
    octets: usize,
    /// Stands in for packets that have fewer.
    blank: Vec<u8>,
    /// Packets in a block.
    block: usize,
    /// What registers hold while the values of each container of the chain are looked at.
    registers: Vec<Vec<Register>>,
}

impl Fixed {
    pub(super) fn new(plan: &Plan<'_>, container: NodeId, specs: &[Spec<'_>], machine: Machine) -> Self {
        let cuts: Vec<Cut> =
            specs.iter().enumerate().filter_map(|(column, spec)| Cut::of(column, spec)).collect();
        let octets = cuts.iter().map(Cut::end).max().unwrap_or(0);
        let is_cut = |column: &usize| cuts.binary_search_by_key(column, |cut| cut.column).is_ok();
        let slow: Vec<usize> = (0..specs.len()).filter(|column| !is_cut(column)).collect();
        let (transposer, rest) = Transposer::new(machine, cuts, octets);
        let mut conditions = Vec::new();
        let mut ways = Vec::new();
        for (column, spec) in specs.iter().enumerate() {
            let Some(meaning) = spec.meaning else { continue };
            let way = match spec.places[..] {
                [place] => {
                    let mut predicate = |condition| index_of(&mut conditions, (condition, place.depth));
                    Way::of(plan, spec, meaning, Some(&mut predicate))
                }
                _ => Way::of(plan, spec, meaning, None),
            };
            ways.push((column, spec.places.len(), way));
        }
        let end = plan.node(container).map_or(0, |node| node.end_bit.div_ceil(8)) as usize;
        let words = Word::cover(&rest, octets);
        let in_scene = ways.iter().any(|(_, _, way)| matches!(way, Way::InScene));
        Self {
            machine,
            transposer,
            is_transposed: words.is_empty() && slow.is_empty() && conditions.is_empty() && !in_scene,
            words,
            slow,
            ways,
            scratch: Scratch {
                predicates: vec![[false; CHUNK]; conditions.len()],
                numbers: vec![0.0; CHUNK],
            },
            conditions,
            octets,
            blank: vec![0; octets],
            block: block_len(end),
            registers: registers(plan, container),
        }
    }

    pub(super) fn append<'a>(
        &mut self,
        plan: &Plan<'_>,
        specs: &[Spec<'_>],
        first: usize,
        rows: impl Iterator<Item = &'a [u8]>,
        columns: &mut [Column],
    ) {
        let mut scratch = mem::take(&mut self.scratch);
        let mut rows = rows;
        let mut first = first;
        // Kernels take whole steps: what is behind the last packet is blank, or of a packet before.
        let mut block: [&[u8]; CHUNK] = [&self.blank; CHUNK];
        loop {
            let mut len = 0;
            for (slot, row) in block.iter_mut().take(self.block).zip(rows.by_ref()) {
                *slot = row;
                len += 1;
            }
            if len == 0 {
                break;
            }
            let is_whole = self.cut(&block, len, columns);
            let block = block.get(..len).unwrap_or(&[]);
            self.rest(plan, specs, first, block, is_whole, columns, &mut scratch);
            first += len;
        }
        columns.iter_mut().for_each(|column| column.validity.settle(column.raw.len()));
        self.scratch = scratch;
    }

    /// The same for packets of `stride` octets each, back to back.
    pub(super) fn append_strided(
        &mut self,
        plan: &Plan<'_>,
        specs: &[Spec<'_>],
        first: usize,
        data: &[u8],
        stride: usize,
        columns: &mut [Column],
    ) {
        if !self.is_transposed || stride < self.octets {
            self.append(plan, specs, first, data.chunks_exact(stride), columns);
            return;
        }
        if self.ways.is_empty() {
            self.transpose(data, stride, columns);
        } else {
            let mut scratch = mem::take(&mut self.scratch);
            let mut first = first;
            for block in data.chunks(self.block * stride) {
                self.transpose(block, stride, columns);
                self.means(plan, specs, first, columns, &mut scratch);
                first += block.len() / stride;
            }
            self.scratch = scratch;
        }
        columns.iter_mut().for_each(|column| column.validity.settle(column.raw.len()));
    }

    /// Put the numbers of packets of `stride` octets each into their columns.
    fn transpose(&self, data: &[u8], stride: usize, columns: &mut [Column]) {
        let len = data.len() / stride;
        let (most, rest) = data.split_at_checked(len / STEP * STEP * stride).unwrap_or((data, &[]));
        // The last ones fill a step with blank ones.
        let mut last: [&[u8]; STEP] = [&self.blank; STEP];
        last.iter_mut().zip(rest.chunks_exact(stride)).for_each(|(slot, row)| *slot = row);
        let last = if rest.len() < stride { &[][..] } else { &last };
        let rows = (Strided::new(most, stride, self.octets), Rows::new(last, self.octets));
        let (Some(most), Some(last)) = rows else { return };
        if len <= self.block {
            self.transposer.append(most, last, len, columns);
        } else {
            self.transposer.append_blocks(most, last, len, self.block, columns);
        }
    }

    /// Put the numbers of the first `len` packets into their columns; returns whether all packets had them all.
    fn cut(&self, block: &[&[u8]; CHUNK], len: usize, columns: &mut [Column]) -> bool {
        let padded = len.next_multiple_of(STEP);
        if let Some(rows) = block.get(..padded).and_then(|rows| Rows::new(rows, self.octets)) {
            self.take(rows, len, columns);
            return true;
        }
        let mut whole: [&[u8]; CHUNK] = [&[]; CHUNK];
        for (slot, &row) in whole.iter_mut().zip(block) {
            *slot = if row.len() >= self.octets { row } else { &self.blank };
        }
        if let Some(rows) = whole.get(..padded).and_then(|rows| Rows::new(rows, self.octets)) {
            self.take(rows, len, columns);
        }
        false
    }

    fn take(&self, rows: Rows<'_, '_>, len: usize, columns: &mut [Column]) {
        self.transposer.append(Strided::none(self.octets), rows, len, columns);
        self.machine.run(OfWords { words: &self.words, rows: rows.first(len), columns });
    }

    /// Everything that is not simply cut out of the packets.
    #[expect(clippy::too_many_arguments, reason = "one block, and where it goes")]
    fn rest(
        &self,
        plan: &Plan<'_>,
        specs: &[Spec<'_>],
        first: usize,
        rows: &[&[u8]],
        is_whole: bool,
        columns: &mut [Column],
        scratch: &mut Scratch,
    ) {
        for &index in &self.slow {
            if let (Some(spec), Some(column)) = (specs.get(index), columns.get_mut(index)) {
                slowly(plan, spec, rows, column);
            }
        }
        if !is_whole {
            for (index, (spec, column)) in specs.iter().zip(columns.iter_mut()).enumerate() {
                if self.slow.binary_search(&index).is_err() {
                    self.mend(plan, spec, first, rows, column);
                }
            }
        }
        for (&(condition, depth), predicate) in self.conditions.iter().zip(&mut scratch.predicates) {
            let registers = self.registers.get(depth).map_or(&[][..], Vec::as_slice);
            for (holds, row) in predicate.iter_mut().zip(rows) {
                *holds = Scene::new(plan, row, registers).holds(condition);
            }
        }
        for (index, _, way) in &self.ways {
            let (Way::InScene, Some(spec), Some(column)) = (way, specs.get(*index), columns.get_mut(*index))
            else {
                continue;
            };
            let Some(meaning) = spec.meaning else { continue };
            self.note(plan, spec, meaning, first, rows, column);
            column.defined.settle(column.engineering.as_ref().map_or(0, Engineering::len));
        }
        self.means(plan, specs, first, columns, scratch);
    }

    /// Engineering values and alarms that whole columns have.
    fn means(
        &self,
        plan: &Plan<'_>,
        specs: &[Spec<'_>],
        first: usize,
        columns: &mut [Column],
        scratch: &mut Scratch,
    ) {
        for (index, times, way) in &self.ways {
            let Some(column) = columns.get_mut(*index) else { continue };
            let meaning = || specs.get(*index).and_then(|spec| spec.meaning);
            way.append(self.machine, plan, meaning, first * times, scratch, column);
            if !matches!(way, Way::InScene) {
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

    /// Engineering values in the light of each packet.
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

struct OfWords<'w, 'a> {
    words: &'w [Word],
    rows: &'w [&'a [u8]],
    columns: &'w mut [Column],
}

impl Work for OfWords<'_, '_> {
    #[inline(always)]
    fn run(self) {
        let mut scratch = [0; CHUNK];
        for word in self.words {
            word.append(self.rows, &mut scratch, self.columns);
        }
    }
}

/// How many packets of `octets` octets are a block.
pub(super) fn block_len(octets: usize) -> usize {
    (BLOCK_OCTETS / octets.max(1)).clamp(LEAST, CHUNK) / STEP * STEP
}

/// The index of something in a list that it is put into if it is not there.
fn index_of<T: PartialEq>(list: &mut Vec<T>, wanted: T) -> usize {
    list.iter().position(|there| *there == wanted).unwrap_or_else(|| {
        list.push(wanted);
        list.len() - 1
    })
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
const BLOCK_OCTETS: usize = 24 << 10;
/// Packets of the smallest block: of long packets, what stays is the lines that neighbouring columns share, and fewer packets would be
/// all set-up.
const LEAST: usize = 128;
