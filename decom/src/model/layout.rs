//! Containers: what lies where in a packet (660.0-B-2 §4.3.4).

use alloc::string::String;
use alloc::vec::Vec;

use super::logic::{Condition, IntExpr, ParameterRef};
use super::{ContainerId, Dimension, Origin, ParameterId};

/// A sequence of entries, possibly an extension of another container's.
#[derive(Clone, Debug)]
pub struct Container {
    /// The qualified name.
    pub name: String,
    /// One line about it; may be empty.
    pub description: String,
    /// What it extends: its entries follow those of the base.
    pub base: Option<Base>,
    /// What the packet right behind one of it is of, in the same stream. Where the restriction of several heirs holds, the packet is of
    /// those among them that are named so; one without a restriction of its own is found in no other way.
    pub next: Option<ContainerId>,
    /// Whether a packet needs an heir of it to match.
    pub is_abstract: bool,
    /// What it holds, in order.
    pub entries: Vec<Entry>,
    /// Bits of the whole container where the database says so.
    pub size_bits: Option<IntExpr>,
    /// Where the database declares it.
    pub origin: Origin,
}

/// What a container extends, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// The container it extends.
    pub container: ContainerId,
    /// When a packet of that container is one of this.
    pub restriction: Condition,
}

/// Something in a container.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What.
    pub kind: EntryKind,
    /// Where it lies; right after the entry before it, where nothing is said.
    pub location: Location,
    /// It is there only if this holds.
    pub include: Option<Condition>,
    /// How often it is there, one after the other.
    pub repeat: Option<Repeat>,
    /// Where the database declares it.
    pub origin: Origin,
}

impl Entry {
    /// An entry right after the one before it.
    #[must_use]
    pub const fn new(kind: EntryKind, origin: Origin) -> Self {
        Self { kind, location: Location::FOLLOWING, include: None, repeat: None, origin }
    }
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryKind {
    /// An array whose dimensions the entry gives instead of its type.
    Array {
        /// A parameter of an array type, or of the type of each element.
        parameter: ParameterId,
        /// The dimensions.
        dimensions: Vec<Dimension>,
    },
    /// One of several entries, told by a number in the packet; nothing when no case has it.
    Choice {
        /// The number.
        selector: ParameterRef,
        /// Numbers, each with the parameter or container it stands for.
        cases: Vec<(i64, Chosen)>,
    },
    /// Everything that another container and its bases hold; not what extends it.
    Container(ContainerId),
    /// Bits that belong to no parameter.
    Fill {
        /// How many.
        bits: IntExpr,
    },
    /// A number whose bits lie in several places, the most significant ones first. Places count from the start of the container.
    Fragments {
        /// The parameter.
        parameter: ParameterId,
        /// First bit and number of bits of each part; at most 64 bits in all.
        parts: Vec<(u32, u32)>,
    },
    /// A parameter.
    Parameter(ParameterId),
}

/// What a number stands for in a choice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Chosen {
    /// All that a container holds.
    Container(ContainerId),
    /// A parameter.
    Parameter(ParameterId),
}

/// Where an entry lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// What the offset counts from.
    pub reference: Reference,
    /// Bits from there.
    pub offset: IntExpr,
}

impl Location {
    /// Right after the entry before.
    pub const FOLLOWING: Self = Self { reference: Reference::PreviousEntry, offset: IntExpr::Fixed(0) };
}

/// What a location counts from.
///
/// Going forward, an offset leads to the first bit of the entry; going backward, to the bit after its last one. An heir and its
/// bases are one container, with one start; a container that an entry refers to has its own.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Reference {
    /// Backward from the end of the container: of the packet, unless its size is known.
    ContainerEnd,
    /// Forward from the start of the container.
    ContainerStart,
    /// Backward from the start of the next entry.
    NextEntry,
    /// Forward from the end of the entry before.
    #[default]
    PreviousEntry,
}

/// How often an entry is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// How often.
    pub count: IntExpr,
    /// Bits between one and the next.
    pub gap: IntExpr,
}
