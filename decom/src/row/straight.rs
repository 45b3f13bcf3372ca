//! The straight way through a plan, which most packets take: their containers hold nothing but values at fixed bits, and one number tells
//! which heir of each they are of.
//!
//! What it knows stays in registers of the processor. Where there is more to it, the [walk](super::walk) goes on.

use super::walk::Walk;
use super::{Register, RowReport, RowSink, RowStatus, Sample};
use crate::plan::{Field, Link, MAX_DEPTH, NONE, Node, NodeId, Plan};
use crate::raw::Raw;
use crate::scene::Scene;

/// How far a packet got.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// The next container.
    pub(super) id: NodeId,
    /// How many it extends, from the root on.
    pub(super) depth: usize,
    /// What the packet is of, as far as is known: [`NONE`] for nothing.
    found: NodeId,
    /// Where the last value ends.
    pub(super) end: u32,
    /// Whether a value was missing.
    pub(super) is_short: bool,
}

impl Way {
    pub(super) fn found(&self) -> Option<NodeId> {
        (self.found != NodeId(NONE)).then_some(self.found)
    }
}

/// Hand every value of a packet to a sink. `before` is what the packet before was of, and then what this one is of.
#[inline]
pub(super) fn decode<S: RowSink>(
    plan: &Plan<'_>,
    root: NodeId,
    packet: &[u8],
    registers: &mut [Register],
    sink: &mut S,
    before: &mut Option<NodeId>,
) -> RowReport {
    let mut way = Way { id: root, depth: 0, found: NodeId(NONE), end: 0, is_short: false };
    let mut deepest = NodeId(NONE);
    while way.depth < MAX_DEPTH
        && let Some(node) = plan.node(way.id)
    {
        let heir = match heir(plan, node, packet) {
            Heir::Unknown => {
                let (found, report) = Walk::new(plan, packet, registers, sink).run(root, way, *before);
                *before = found;
                return report;
            }
            Heir::None => None,
            Heir::Node(id) => Some(id),
        };
        sink.enter(way.id);
        deepest = way.id;
        way.is_short |= !values(node.fields.of(plan.fields), Scene::new(plan, packet, registers), sink);
        way.end = way.end.max(node.end_bit);
        if !node.is_abstract {
            way.found = way.id;
        }
        let Some(heir) = heir else { break };
        way.id = heir;
        way.depth += 1;
    }
    let found = way.found();
    *before = found;
    RowReport {
        container: found.unwrap_or(deepest),
        status: RowStatus::of(found, way.is_short),
        bits: (way.end as usize).min(packet.len() * 8),
    }
}

/// The heir of a container that the packet is of.
enum Heir {
    /// It has none.
    None,
    Node(NodeId),
    /// To tell takes more than a number, or the container has a program, or keeps something in registers.
    Unknown,
}

#[inline(always)]
fn heir(plan: &Plan<'_>, node: &Node, packet: &[u8]) -> Heir {
    if node.is_dynamic || node.saves.len > 0 || node.links.len > 0 || !plan.sequels.is_empty() {
        return Heir::Unknown;
    }
    if node.switch.is_none() {
        return Heir::None;
    }
    let mut cases = cases(plan, node, packet);
    match (cases.next(), cases.next()) {
        (Some(&Link { node: heir, condition: NONE }), None) => Heir::Node(heir),
        _ => Heir::Unknown,
    }
}

/// Hand on values at fixed bits; whether the packet has room for all of them.
#[inline(always)]
pub(super) fn values<S: RowSink>(fields: &[Field], scene: Scene<'_, '_, '_>, sink: &mut S) -> bool {
    let mut is_whole = true;
    for field in fields {
        match field.load(scene.packet) {
            Some(raw) => sink.value(&Sample { item: field.item(), raw, scene }),
            None => is_whole &= unusual(field, scene, sink),
        }
    }
    is_whole
}

/// A value at fixed bits that takes more than one load; whether the packet has room for it.
#[cold]
#[inline(never)]
fn unusual<S: RowSink>(field: &Field, scene: Scene<'_, '_, '_>, sink: &mut S) -> bool {
    match field.extract_slowly(scene.plan, scene.packet) {
        Some(raw) => {
            sink.value(&Sample { item: field.item(), raw, scene });
            true
        }
        None => {
            sink.missing(field.item());
            false
        }
    }
}

/// The heirs of a node that a number of the packet tells.
#[inline(always)]
pub(super) fn cases<'p>(
    plan: &Plan<'p>,
    node: &Node,
    packet: &[u8],
) -> impl Iterator<Item = &'p Link> + use<'p> {
    let found = node
        .switch
        .as_ref()
        .and_then(|switch| Some((number(&switch.field, plan, packet)?, switch.cases.of(plan.cases))));
    let (value, cases) = found.unwrap_or((0, &[]));
    let first = cases.partition_point(|case| case.value < value);
    let equal = cases.get(first..).unwrap_or(&[]).iter().take_while(move |case| case.value == value);
    equal.map(|case| &case.link)
}

/// The number that tells heirs apart.
#[inline(always)]
fn number(field: &Field, plan: &Plan<'_>, packet: &[u8]) -> Option<u64> {
    match field.load(packet) {
        Some(Raw::Unsigned(value)) => Some(value),
        _ => match field.extract_slowly(plan, packet)? {
            Raw::Unsigned(value) => Some(value),
            _ => None,
        },
    }
}
