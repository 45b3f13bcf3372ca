//! What packets are of, told by the few bits that tell it.
//!
//! The conditions of a mission database look at the same bits of every packet, mostly those of its header. Packets that agree in them
//! are of the same container, so that it is worked out once for all of them.

use alloc::vec;
use alloc::vec::Vec;

use crate::plan::{
    Calibrator, Compared, Condition, Field, FieldKind, MAX_DEPTH, MathOp, NONE, Node, NodeId, Place, Plan,
};
use crate::row::{Decoder, Register, Selection};

/// Tells which container packets are of, and remembers it.
///
/// Several roots are tried in turn: a packet is of the first container that it may be of. Where several heirs match, that is the
/// first of them.
#[derive(Clone, Debug)]
pub struct Dispatch<'p> {
    plan: Plan<'p>,
    roots: Vec<NodeId>,
    registers: Vec<Register>,
    memo: Option<Memo>,
    /// What the packet before was of, and the bits that told it.
    last: Option<(u128, Option<NodeId>)>,
    /// What the packet before was of, where that matters.
    before: Option<NodeId>,
}

impl<'p> Dispatch<'p> {
    /// For packets that begin with one of `roots`.
    #[must_use]
    pub fn new(plan: Plan<'p>, roots: &[NodeId]) -> Self {
        Self {
            plan,
            roots: roots.to_vec(),
            registers: vec![Register::Empty; plan.registers as usize],
            memo: Memo::new(&plan, roots),
            last: None,
            before: None,
        }
    }

    /// The container that `packet` is of; `None` when it is of none.
    #[inline]
    pub fn select(&mut self, packet: &[u8]) -> Option<NodeId> {
        let key = self.memo.as_ref().and_then(|memo| memo.key(packet));
        match (key, self.last) {
            // Most packets are of what the one before was of.
            (Some(key), Some((before, found))) if key == before => found,
            _ => self.look_up(packet, key),
        }
    }

    /// How many packets of `len` octets each, back to back from the beginning of `octets`, are of what the first one is of, as far as the
    /// bits that tell it are the same: at least one where there is one.
    #[must_use]
    pub fn run(&self, octets: &[u8], len: usize) -> usize {
        let Some(memo) = self.memo.as_ref().filter(|_| len >= HEAD) else {
            return usize::from(len > 0 && octets.len() >= len);
        };
        alike(octets, len, memo.mask, usize::MAX)
    }

    /// What the packet before was of. In plans in which containers do not depend on it, nobody keeps that.
    #[must_use]
    pub const fn before(&self) -> Option<NodeId> {
        self.before
    }

    /// Say what the packet before was of, where it was not the last one that was looked at; `None` where packets are missing.
    pub const fn set_before(&mut self, container: Option<NodeId>) {
        self.before = container;
    }

    fn look_up(&mut self, packet: &[u8], key: Option<u128>) -> Option<NodeId> {
        let known = key.and_then(|key| self.memo.as_ref()?.recall(key));
        let found = match known {
            Some(UNMATCHED) => None,
            Some(node) => Some(NodeId(node)),
            None => {
                let found = self.find(packet);
                if let (Some(memo), Some(key)) = (&mut self.memo, key) {
                    memo.remember(key, found.map_or(UNMATCHED, |node| node.0));
                }
                found
            }
        };
        self.last = key.map(|key| (key, found));
        found
    }

    fn find(&mut self, packet: &[u8]) -> Option<NodeId> {
        let mut before = None;
        let found = self.roots.iter().find_map(|&root| match self.plan.select(root, packet) {
            Selection::Container(node) => Some(node),
            Selection::Unmatched => None,
            Selection::Unknown => {
                let mut decoder = Decoder::new(self.plan, root, self.registers.as_mut_slice()).ok()?;
                decoder.set_before(self.before);
                let found = decoder.select(packet);
                before = decoder.before();
                found
            }
        });
        self.before = before;
        found
    }
}

/// What packets with the same bits were of, where a few bits near their beginning tell it all.
#[derive(Clone, Debug)]
pub(crate) struct Memo {
    /// The bits that tell, of the first [`HEAD`] octets as they lie in memory.
    pub(crate) mask: u128,
    /// Bits and selections; a packet has one place here.
    table: Vec<(u128, u32)>,
}

impl Memo {
    /// `None` when bits farther behind, or at places that depend on the packet, or the packet before tell what a packet is of.
    pub(crate) fn new(plan: &Plan<'_>, roots: &[NodeId]) -> Option<Self> {
        if !plan.sequels.is_empty() {
            return None;
        }
        let mut mask = 0;
        for &root in roots {
            told_by(plan, root, 0, &mut mask)?;
        }
        Some(Self { mask: mask.to_be(), table: vec![(u128::MAX, NONE); PLACES] })
    }

    /// The bits that tell; `None` for packets that do not have all of them.
    #[inline]
    pub(crate) fn key(&self, packet: &[u8]) -> Option<u128> {
        packet.first_chunk().map(|head| u128::from_ne_bytes(*head) & self.mask)
    }

    #[inline]
    pub(crate) fn recall(&self, key: u128) -> Option<u32> {
        let &(known, selection) = self.table.get(place(key))?;
        (known == key && selection != NONE).then_some(selection)
    }

    pub(crate) fn remember(&mut self, key: u128, selection: u32) {
        if let Some(slot) = self.table.get_mut(place(key)) {
            *slot = (key, selection);
        }
    }
}

/// How many packets of `len` octets each, back to back, have the same of the bits under `mask` as the first one, itself included; at most
/// `most`. None has where they are too short. Mask and packets are octets as they lie in memory.
#[inline]
pub(crate) fn alike(packets: &[u8], len: usize, mask: u128, most: usize) -> usize {
    let octets = mask.to_ne_bytes();
    let (near, far) = octets.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    let all = packets.chunks_exact(len).take(most);
    // Mostly these bits are in the primary header.
    if far.iter().all(|&octet| octet == 0) {
        let mask = u64::from_ne_bytes(*near);
        let bits = |packet: &[u8]| packet.first_chunk().map(|head| u64::from_ne_bytes(*head) & mask);
        let first = bits(packets);
        return all.take_while(|packet| first.is_some() && bits(packet) == first).count();
    }
    let bits = |packet: &[u8]| packet.first_chunk().map(|head| u128::from_ne_bytes(*head) & mask);
    let first = bits(packets);
    all.take_while(|packet| first.is_some() && bits(packet) == first).count()
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
    if field.kind() == FieldKind::Other {
        return None;
    }
    let behind = (HEAD as u32 * 8).checked_sub(field.bit().checked_add(field.bits().into())?)?;
    let ones = u128::MAX.checked_shr(128u32.checked_sub(field.bits().into())?)?;
    ones.checked_shl(behind)
}

/// Octets that the bits which tell packets apart lie in.
const HEAD: usize = 16;
/// Kinds of packets that are remembered; more take turns.
const PLACES: usize = 256;
/// Stands for no container; no plan has so many nodes.
const UNMATCHED: u32 = NONE - 1;

#[cfg(test)]
mod tests;
