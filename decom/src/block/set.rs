//! Packets of every container of a plan: sorted by what they are of, and decoded a block of each kind at a time.

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use ccsds_core::packet::{Packet, SpacePacketHeader, encap, packet_len};
use ccsds_core::quality::{PacketQuality, ReceiveTime};

use super::{ColumnDecoder, ColumnOptions, Detail};
use crate::arch::Machine;
use crate::column::ColumnBatch;
use crate::plan::{
    Calibrator, Compared, Condition, Field, FieldKind, MAX_DEPTH, MathOp, NONE, Node, NodeId, ParameterId,
    Place, Plan,
};
use crate::row::{Decoder, Register};

/// Columns of every container that packets turn out to be of.
///
/// A packet that several heirs of a container match is of each of them.
#[derive(Clone, Debug)]
pub struct ColumnSet<'p> {
    plan: Plan<'p>,
    root: NodeId,
    detail: Detail,
    parameters: Option<Vec<ParameterId>>,
    machine: Machine,
    registers: Vec<Register>,
    slots: Vec<Slot<'p>>,
    /// The slot of each container; [`NONE`] while there is none.
    slot_of: Vec<u32>,
    memo: Option<Memo>,
    /// Containers that packets were of together, as slots. The first one is of no container.
    selections: Vec<Vec<u32>>,
    unmatched: u64,
}

/// The columns of one container.
#[derive(Clone, Debug)]
struct Slot<'p> {
    decoder: ColumnDecoder<'p>,
    batch: ColumnBatch,
}

impl<'p> ColumnSet<'p> {
    /// Columns for packets that begin with `root`; `None` when the plan has no such container, or this machine not that
    /// instruction set.
    #[must_use]
    pub fn new(plan: Plan<'p>, root: NodeId, options: &ColumnOptions<'_>) -> Option<Self> {
        plan.node(root)?;
        Some(Self {
            plan,
            root,
            detail: options.detail,
            parameters: options.parameters.map(<[_]>::to_vec),
            machine: Machine::with_level(options.level)?,
            registers: vec![Register::Empty; plan.registers as usize],
            slots: Vec::new(),
            slot_of: vec![NONE; plan.nodes.len()],
            memo: Memo::new(&plan, root),
            selections: vec![Vec::new()],
            unmatched: 0,
        })
    }

    /// Put the values of packets behind those of their containers.
    pub fn append(&mut self, packets: &[Packet<'_>]) {
        let meta = |packet: &&Packet<'_>| (packet.meta.received, packet.meta.quality);
        self.extend(packets.iter(), |packet| packet.bytes, meta);
    }

    /// The same for packets back to back, of which the same is known; returns how many octets were taken. What is left is the
    /// beginning of a packet.
    pub fn append_stream(&mut self, data: &[u8], received: ReceiveTime, quality: PacketQuality) -> usize {
        let mut rest = data;
        let packets = core::iter::from_fn(|| {
            let len = match *rest {
                // Any but an encapsulation packet is as long as the header of a space packet says.
                [first, _, _, _, high, low, ..] if first >> 5 != encap::PVN => {
                    usize::from(u16::from_be_bytes([high, low])) + SpacePacketHeader::LEN + 1
                }
                _ => packet_len(rest).ok()?,
            };
            let (packet, behind) = rest.split_at_checked(len)?;
            rest = behind;
            Some(packet)
        });
        self.extend(packets, |packet| packet, |_| (received, quality));
        data.len() - rest.len()
    }

    #[inline(always)]
    fn extend<'a, T: Copy>(
        &mut self,
        packets: impl Iterator<Item = T>,
        octets: impl Fn(T) -> &'a [u8],
        meta: impl Fn(&T) -> (ReceiveTime, PacketQuality),
    ) {
        // Packets that wait until there is a block of their kind.
        let mut waiting: Vec<Vec<T>> = Vec::new();
        let flush = |Slot { decoder, batch }: &mut Slot<'p>, waiting: &mut Vec<T>| {
            let first = batch.rows();
            batch.received.extend(waiting.iter().map(|packet| meta(packet).0));
            batch.quality.extend(waiting.iter().map(|packet| meta(packet).1));
            decoder.rows(first, waiting.drain(..).map(&octets), batch);
        };
        // Most packets are of what the one before was of: its bits, and the list that it waits in.
        let mut last = (None, NONE);
        let mut list: Vec<T> = Vec::new();
        for packet in packets {
            let bytes = octets(packet);
            let key = self.memo.as_ref().and_then(|memo| memo.key(bytes));
            if key.is_some() && key == last.0 && list.len() < BLOCK {
                list.push(packet);
                continue;
            }
            // The list goes back to where it is from.
            if let Some(home) = waiting.get_mut(last.1 as usize) {
                mem::swap(home, &mut list);
            }
            last = (None, NONE);
            let selection = self.select(bytes, key);
            waiting.resize_with(self.slots.len(), || Vec::with_capacity(BLOCK));
            let chosen = self.selections.get(selection).map_or(&[][..], Vec::as_slice);
            self.unmatched += u64::from(chosen.is_empty());
            for &slot in chosen {
                let slot = slot as usize;
                if let (Some(slot), Some(waiting)) = (self.slots.get_mut(slot), waiting.get_mut(slot)) {
                    if waiting.len() >= BLOCK {
                        flush(slot, waiting);
                    }
                    waiting.push(packet);
                }
            }
            if let &[slot] = chosen
                && let Some(home) = waiting.get_mut(slot as usize)
            {
                mem::swap(home, &mut list);
                last = (key, slot);
            }
        }
        if let Some(home) = waiting.get_mut(last.1 as usize) {
            mem::swap(home, &mut list);
        }
        for (slot, waiting) in self.slots.iter_mut().zip(&mut waiting) {
            flush(slot, waiting);
        }
    }

    /// Which containers a packet is of.
    fn select(&mut self, packet: &[u8], key: Option<u128>) -> usize {
        match key.and_then(|key| self.memo.as_ref()?.recall(key)) {
            Some(selection) => selection as usize,
            None => self.find(packet, key),
        }
    }

    #[cold]
    fn find(&mut self, packet: &[u8], key: Option<u128>) -> usize {
        let mut leaves = Vec::new();
        if let Ok(mut decoder) = Decoder::new(self.plan, self.root, self.registers.as_mut_slice()) {
            decoder.leaves(packet, |leaf| leaves.push(leaf));
        }
        let slots: Vec<u32> = leaves.into_iter().filter_map(|leaf| self.slot(leaf)).collect();
        let found = self.selections.iter().position(|selection| *selection == slots);
        let selection = found.unwrap_or_else(|| {
            self.selections.push(slots);
            self.selections.len() - 1
        });
        if let (Some(memo), Some(key)) = (&mut self.memo, key) {
            memo.remember(key, selection as u32);
        }
        selection
    }

    /// The slot of a container.
    fn slot(&mut self, container: NodeId) -> Option<u32> {
        let slot = self.slot_of.get_mut(container.0 as usize)?;
        if *slot == NONE {
            let options = ColumnOptions {
                detail: self.detail,
                parameters: self.parameters.as_deref(),
                level: self.machine.level(),
            };
            let decoder = ColumnDecoder::with_options(self.plan, container, &options)?;
            *slot = self.slots.len() as u32;
            self.slots.push(Slot { batch: decoder.batch(), decoder });
        }
        Some(*slot)
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan<'p> {
        &self.plan
    }

    /// The columns, container by container in the order in which they appeared.
    pub fn batches(&self) -> impl Iterator<Item = &ColumnBatch> {
        self.slots.iter().map(|slot| &slot.batch)
    }

    /// The same, to be changed or taken.
    pub fn batches_mut(&mut self) -> impl Iterator<Item = &mut ColumnBatch> {
        self.slots.iter_mut().map(|slot| &mut slot.batch)
    }

    /// How many packets were of no container.
    #[must_use]
    pub const fn unmatched(&self) -> u64 {
        self.unmatched
    }

    /// Forget the packets, keep the memory.
    pub fn clear(&mut self) {
        self.batches_mut().for_each(ColumnBatch::clear);
        self.unmatched = 0;
    }
}

/// What packets with the same bits were of, where a few bits near their beginning tell it all.
#[derive(Clone, Debug)]
struct Memo {
    /// The bits that tell, of the first [`HEAD`] octets.
    mask: u128,
    /// Bits and selections; a packet has one place here.
    table: Vec<(u128, u32)>,
}

impl Memo {
    /// `None` when bits farther behind, or at places that depend on the packet, tell what a packet is of.
    fn new(plan: &Plan<'_>, root: NodeId) -> Option<Self> {
        let mut mask = 0;
        told_by(plan, root, 0, &mut mask)?;
        Some(Self { mask, table: vec![(u128::MAX, NONE); PLACES] })
    }

    /// The bits that tell; `None` for packets that do not have all of them.
    #[inline]
    fn key(&self, packet: &[u8]) -> Option<u128> {
        packet.first_chunk().map(|head| u128::from_be_bytes(*head) & self.mask)
    }

    #[inline]
    fn recall(&self, key: u128) -> Option<u32> {
        let &(known, selection) = self.table.get(place(key))?;
        (known == key && selection != NONE).then_some(selection)
    }

    fn remember(&mut self, key: u128, selection: u32) {
        if let Some(slot) = self.table.get_mut(place(key)) {
            *slot = (key, selection);
        }
    }
}

#[inline]
fn place(key: u128) -> usize {
    let folded = (key >> 64) as u64 ^ (key as u64).rotate_left(31);
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - PLACES.trailing_zeros())) as usize
}

/// Add the bits that tell what a packet of a container is of to `mask`; `None` when they do not tell.
fn told_by(plan: &Plan<'_>, id: NodeId, depth: usize, mask: &mut u128) -> Option<()> {
    let node = plan.node(id).filter(|_| depth < MAX_DEPTH)?;
    let links = heirs(plan, node);
    if node.is_dynamic && !links.is_empty() {
        return None;
    }
    if let Some(switch) = node.switch {
        *mask |= bits_of(switch.field)?;
    }
    for (heir, condition) in links {
        of_condition(plan, condition, mask)?;
        told_by(plan, heir, depth + 1, mask)?;
    }
    Some(())
}

fn heirs(plan: &Plan<'_>, node: &Node) -> Vec<(NodeId, u32)> {
    let cases =
        node.switch.map_or(&[][..], |switch| switch.cases.of(plan.cases)).iter().map(|case| case.link);
    cases.chain(node.links.of(plan.links).iter().copied()).map(|link| (link.node, link.condition)).collect()
}

fn of_condition(plan: &Plan<'_>, condition: u32, mask: &mut u128) -> Option<()> {
    if condition == NONE {
        return Some(());
    }
    let mut index = condition as usize;
    // Parts that are still to come.
    let mut parts = 1u32;
    while parts > 0 {
        parts -= 1;
        match *plan.conditions.get(index)? {
            Condition::All { parts: more } | Condition::Any { parts: more } => {
                parts = parts.checked_add(more)?;
            }
            Condition::Compare { operand, with, .. } => {
                of_operand(plan, operand, mask)?;
                if let Compared::Operand(other) = with {
                    of_operand(plan, other, mask)?;
                }
            }
        }
        index += 1;
    }
    Some(())
}

fn of_operand(plan: &Plan<'_>, operand: u32, mask: &mut u128) -> Option<()> {
    let operand = plan.operands.get(operand as usize)?;
    let Place::Field(field) = operand.place else { return None };
    *mask |= bits_of(field)?;
    if operand.calibrated {
        let meaning = plan.meaning(plan.item(operand.item)?)?;
        let calibrator = plan.calibrators.get(meaning.calibrator as usize);
        let depends = match calibrator {
            Some(Calibrator::Math(span)) => {
                span.of(plan.math).iter().any(|op| matches!(op, MathOp::Operand(_)))
            }
            _ => false,
        };
        if depends || meaning.context_calibrators.len > 0 {
            return None;
        }
    }
    Some(())
}

/// The bits of a field among the first [`HEAD`] octets; `None` when it is not within.
fn bits_of(field: Field) -> Option<u128> {
    if field.kind == FieldKind::Other {
        return None;
    }
    let behind = (HEAD as u32 * 8).checked_sub(field.bit.checked_add(field.bits.into())?)?;
    let ones = u128::MAX.checked_shr(128u32.checked_sub(field.bits.into())?)?;
    ones.checked_shl(behind)
}

/// Octets that the bits which tell packets apart lie in.
const HEAD: usize = 16;
/// Kinds of packets that are remembered; more take turns.
const PLACES: usize = 256;
/// Packets that wait for each other.
const BLOCK: usize = 256;
