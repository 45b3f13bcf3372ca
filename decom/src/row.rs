//! Rows: one packet at a time, without an allocator.
//!
//! A [`Decoder`] walks from a root container to the heir that the packet is of, and hands every value to a [`RowSink`] in the
//! order of the database. Values are raw; a [`Sample`] works out its engineering value and alarm when it is asked to.
//!
//! The work for one packet is bounded by its length and the plan: a loop that does not get on in the packet comes to an end.

mod straight;
mod walk;

use core::fmt;

use crate::alarm::AlarmMonitor;
use crate::plan::{AlarmLevel, Item, ItemId, LONGEST, Meaning, NodeId, ParameterId, Plan};
use crate::raw::Raw;
pub use crate::scene::Register;
use crate::scene::Scene;
use crate::value::Value;

/// Decodes packets of one kind, row by row.
///
/// `R` keeps what values refer to: [`Plan::registers`] registers, in `[Register; N]`, `&mut [Register]` or `Vec<Register>`.
#[derive(Clone, Debug)]
pub struct Decoder<'p, R> {
    plan: Plan<'p>,
    root: NodeId,
    registers: R,
    /// What the packet before was of.
    before: Option<NodeId>,
}

impl<'p, const N: usize> Decoder<'p, [Register; N]> {
    /// A decoder with registers of its own: fit for a `static`, and refused at compile time when they are too few.
    ///
    /// # Errors
    /// When `N` is too small for `plan`.
    pub const fn with_array(plan: Plan<'p>, root: NodeId) -> Result<Self, TooFewRegisters> {
        let needed = plan.registers as usize;
        if N < needed {
            return Err(TooFewRegisters { needed, actual: N });
        }
        Ok(Self { plan, root, registers: [Register::Empty; N], before: None })
    }
}

impl<'p, R: AsRef<[Register]> + AsMut<[Register]>> Decoder<'p, R> {
    /// A decoder for packets that begin with `root`.
    ///
    /// # Errors
    /// When there are too few registers.
    pub fn new(plan: Plan<'p>, root: NodeId, registers: R) -> Result<Self, TooFewRegisters> {
        let (needed, actual) = (plan.registers as usize, registers.as_ref().len());
        if actual < needed {
            return Err(TooFewRegisters { needed, actual });
        }
        Ok(Self { plan, root, registers, before: None })
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan<'p> {
        &self.plan
    }

    /// Hand every value of `packet` to `sink`.
    pub fn decode<S: RowSink>(&mut self, packet: &[u8], sink: &mut S) -> RowReport {
        let registers = self.registers.as_mut();
        registers.fill(Register::Empty);
        // Nothing has a place behind that.
        let packet = packet.get(..LONGEST).unwrap_or(packet);
        straight::decode(&self.plan, self.root, packet, registers, sink, &mut self.before)
    }

    /// What the last packet was of; `None` where it was of no container.
    #[must_use]
    pub const fn before(&self) -> Option<NodeId> {
        self.before
    }

    /// Say what the packet before the next one was of, where it was not the last that was decoded; `None` where packets are missing.
    /// Only databases in which one container comes behind another depend on it.
    pub const fn set_before(&mut self, container: Option<NodeId>) {
        self.before = container;
    }

    /// The container that `packet` is of; `None` when it is none of those that the root may be.
    pub fn select(&mut self, packet: &[u8]) -> Option<NodeId> {
        match self.plan.select(self.root, packet) {
            Selection::Container(node) => Some(node),
            Selection::Unmatched => None,
            Selection::Unknown => {
                let report = self.decode(packet, &mut ());
                (report.status != RowStatus::Unmatched).then_some(report.container)
            }
        }
    }
}

#[cfg(feature = "alloc")]
impl<R: AsRef<[Register]> + AsMut<[Register]>> Decoder<'_, R> {
    /// Every container that `packet` is of: more than one where several heirs of a container match.
    pub(crate) fn leaves(&mut self, packet: &[u8], leaf: impl FnMut(NodeId)) {
        let mut leaves = Leaves { plan: self.plan, open: alloc::vec::Vec::new(), leaf };
        let _ = self.decode(packet, &mut leaves);
        leaves.close_until(None);
    }
}

/// Containers that a packet is of and of none of whose heirs.
#[cfg(feature = "alloc")]
struct Leaves<'p, F> {
    plan: Plan<'p>,
    /// From the root on, each with whether the packet is of an heir.
    open: alloc::vec::Vec<(NodeId, bool)>,
    leaf: F,
}

#[cfg(feature = "alloc")]
impl<F: FnMut(NodeId)> Leaves<'_, F> {
    fn close_until(&mut self, base: Option<NodeId>) {
        while let Some((id, mut is_matched)) = self.open.pop_if(|(id, _)| Some(*id) != base) {
            if !is_matched && self.plan.node(id).is_some_and(|node| !node.is_abstract) {
                (self.leaf)(id);
                is_matched = true;
            }
            if let Some((_, base)) = self.open.last_mut() {
                *base |= is_matched;
            }
        }
    }
}

#[cfg(feature = "alloc")]
impl<F: FnMut(NodeId)> RowSink for Leaves<'_, F> {
    fn enter(&mut self, container: NodeId) {
        self.close_until(self.plan.node(container).map(|node| node.parent));
        self.open.push((container, false));
    }

    fn value(&mut self, _sample: &Sample<'_, '_, '_>) {}
}

impl<'p> Plan<'p> {
    /// The container that `packet` is of, as far as fixed places tell it: no value is decoded but those that heirs are told by.
    pub fn select(&self, root: NodeId, packet: &[u8]) -> Selection {
        let scene = Scene::new(self, packet, &[]);
        walk::select(&scene, root, 0)
    }
}

/// What fixed places tell about the container of a packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Selection {
    /// It is of this one. Where several heirs match, the first of them.
    Container(NodeId),
    /// It depends on values whose place depends on the packet, or on the packet before: only [`Decoder::select`] can tell.
    Unknown,
    /// It is of none.
    Unmatched,
}

/// Takes the values of a packet, in the order of the database.
pub trait RowSink {
    /// The elements of an array follow; the last dimension runs fastest. Arrays of fixed size are not announced where their places
    /// are fixed: their [`Shape`](crate::plan::Shape) tells.
    fn array(&mut self, _parameter: ParameterId, _dimensions: &[u32]) {}

    /// The packet is of this container, or of an heir of it.
    fn enter(&mut self, _container: NodeId) {}

    /// A value that the packet has no room for any more, or whose place or size cannot be told.
    fn missing(&mut self, _item: ItemId) {}

    /// A value.
    fn value(&mut self, sample: &Sample<'_, '_, '_>);
}

/// Nobody takes the values: what the packet is of is all that is wanted.
impl RowSink for () {
    fn value(&mut self, _sample: &Sample<'_, '_, '_>) {}
}

/// One value of a packet.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'s, 'p, 'a> {
    item: ItemId,
    raw: Raw<'a>,
    scene: Scene<'s, 'p, 'a>,
}

impl<'p, 'a> Sample<'_, 'p, 'a> {
    /// What it is a value of.
    #[must_use]
    pub const fn item(&self) -> ItemId {
        self.item
    }

    /// The value as the packet carries it.
    #[must_use]
    pub const fn raw(&self) -> Raw<'a> {
        self.raw
    }

    /// The engineering value.
    #[must_use]
    pub fn value(&self) -> Value<'p, 'a> {
        match self.meaning() {
            Some(meaning) => meaning.value(self.scene.plan, self.raw, &self.scene),
            None => Value::Undefined,
        }
    }

    /// How grave `value`, the engineering value of this sample, is.
    #[must_use]
    pub fn alarm(&self, value: &Value<'_, '_>) -> AlarmLevel {
        match self.meaning() {
            Some(meaning) => meaning.alarm(self.scene.plan, value, &self.scene),
            None => AlarmLevel::Normal,
        }
    }

    /// Whether `value`, the engineering value of this sample, is one at all, lies where valid values do, and what makes values of its
    /// parameter valid holds. Where the packet does not tell that, it is taken to hold.
    #[must_use]
    pub fn is_valid(&self, value: &Value<'_, '_>) -> bool {
        let plan = self.scene.plan;
        let parameter = self.plan_item().and_then(|item| plan.parameter(item.parameter));
        *value != Value::Undefined
            && self.meaning().is_none_or(|meaning| meaning.in_valid_range(self.raw, value))
            && parameter.is_none_or(|parameter| self.scene.truth(parameter.valid_if) != Some(false))
    }

    /// How grave `value` is in the light of the values before it: changes and repetitions count, which `monitor` keeps.
    pub fn observe(&self, monitor: &mut AlarmMonitor, value: &Value<'_, '_>) -> AlarmLevel {
        match self.meaning() {
            Some(meaning) => monitor.observe(meaning, self.scene.plan, value, &self.scene),
            None => AlarmLevel::Normal,
        }
    }

    /// The row of the plan about the item.
    #[must_use]
    pub fn plan_item(&self) -> Option<&'p Item> {
        self.scene.plan.item(self.item)
    }

    /// How the raw value gives the engineering value.
    #[must_use]
    pub fn meaning(&self) -> Option<&'p Meaning> {
        self.scene.plan.meaning(self.plan_item()?)
    }
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct RowReport {
    /// The container that it is of; the last one that it matched, where it is of none.
    pub container: NodeId,
    /// How it went.
    pub status: RowStatus,
    /// Bits up to the end of the last value.
    pub bits: usize,
}

/// How the decoding of a packet went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RowStatus {
    /// Every value of its container was there.
    Complete,
    /// It ends before its container does, or the place of a value could not be told: what fits was decoded.
    Short,
    /// It is of no container: only what all have in common was decoded.
    Unmatched,
}

impl RowStatus {
    /// That of a packet that is of `container`, if of any.
    const fn of(container: Option<NodeId>, is_short: bool) -> Self {
        match container {
            _ if is_short => Self::Short,
            Some(_) => Self::Complete,
            None => Self::Unmatched,
        }
    }
}

/// A decoder was given fewer registers than its plan needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TooFewRegisters {
    /// Registers needed.
    pub needed: usize,
    /// Registers given.
    pub actual: usize,
}

impl fmt::Display for TooFewRegisters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the plan needs {} registers, not {}", self.needed, self.actual)
    }
}

impl core::error::Error for TooFewRegisters {}

#[cfg(all(test, feature = "alloc"))]
mod tests;
