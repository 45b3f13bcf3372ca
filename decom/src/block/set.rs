//! Packets of every container of a plan: sorted by what they are of, and decoded a block of each kind at a time.

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use ccsds_core::packet::{Packet, SpacePacketHeader, encap, packet_len};
use ccsds_core::quality::{PacketQuality, ReceiveTime};

use super::fixed::block_len;
use super::{ColumnDecoder, ColumnOptions, Detail};
use crate::arch::Machine;
use crate::column::ColumnBatch;
use crate::dispatch::{Memo, alike};
use crate::plan::{NONE, NodeId, ParameterId, Plan};
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
    /// What the packet before was of, where that matters.
    before: Option<NodeId>,
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
            memo: Memo::new(&plan, &[root]),
            before: None,
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
        let mask = self.memo.as_ref().map(|memo| memo.mask);
        let mut rest = data;
        loop {
            let (mut near, mut far) = (0, 0);
            // Packets go one by one until many of a kind follow each other, or nothing but one kind.
            let packets = core::iter::from_fn(|| {
                let len = stream_packet_len(rest)?;
                if near == 0 {
                    near = mask.map_or(1, |mask| run(rest, len, mask));
                    if near >= LONG || mask.is_some() && rest.len() / len.max(1) <= near {
                        far = near * len;
                        return None;
                    }
                }
                near -= 1;
                let (packet, behind) = rest.split_at_checked(len)?;
                rest = behind;
                Some(packet)
            });
            self.extend(packets, |packet| packet, |_| (received, quality));
            let Some((packets, behind)) = rest.split_at_checked(far).filter(|_| far > 0) else { break };
            self.extend_by_run(packets, far / near, received, quality);
            rest = behind;
        }
        data.len() - rest.len()
    }

    /// Packets of the same length and the same bits that tell what they are of.
    fn extend_by_run(&mut self, data: &[u8], len: usize, received: ReceiveTime, quality: PacketQuality) {
        let key = self.memo.as_ref().and_then(|memo| memo.key(data));
        let selection = self.select(data.get(..len).unwrap_or(data), key);
        let chosen = self.selections.get(selection).map_or(&[][..], Vec::as_slice);
        if chosen.is_empty() {
            self.unmatched += (data.len() / len) as u64;
        }
        for &slot in chosen {
            if let Some(Slot { decoder, batch }) = self.slots.get_mut(slot as usize) {
                let first = batch.rows();
                let rows = first + data.len() / len;
                batch.received.resize(rows, received);
                batch.quality.resize(rows, quality);
                decoder.strided_rows(first, data, len, batch);
            }
        }
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
            if meta(&packet).1.contains(PacketQuality::SPANS_GAP) {
                self.before = None;
            }
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
            decoder.set_before(self.before);
            decoder.leaves(packet, |leaf| leaves.push(leaf));
        }
        self.before = leaves.first().copied();
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

/// How long the packet at the beginning is; `None` when that cannot be told.
#[inline]
fn stream_packet_len(data: &[u8]) -> Option<usize> {
    match *data {
        // Any but an encapsulation packet is as long as the header of a space packet says.
        [first, _, _, _, high, low, ..] if first >> 5 != encap::PVN => {
            Some(usize::from(u16::from_be_bytes([high, low])) + SpacePacketHeader::LEN + 1)
        }
        _ => packet_len(data).ok(),
    }
}

/// How many whole space packets at the beginning, at most a few blocks, are of `len` octets and have the same bits under `mask`; one when
/// there is none.
///
/// Where a packet begins is not computed from the one before, but guessed: loads need not wait for each other.
#[inline]
fn run(data: &[u8], len: usize, mask: u128) -> usize {
    let is_space = data.first().is_some_and(|first| first >> 5 != encap::PVN);
    let count = if is_space { alike(data, len, mask | LENGTH, BLOCKS * block_len(len)) } else { 0 };
    count.max(1)
}

/// The version number and the length of a space packet, among the first sixteen octets as they lie in memory.
const LENGTH: u128 = (0b111u128 << 125 | 0xffff << 80).to_be();
/// Blocks of packets of a kind that are decoded together: what is looked up for them counts less then, and their octets are still near.
const BLOCKS: usize = 4;
/// Packets of a kind that are decoded where they lie.
const LONG: usize = 32;
/// Packets that wait for each other.
const BLOCK: usize = 256;
