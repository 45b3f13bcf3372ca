//! The mission database: one typed model behind every format that databases are written in.
//!
//! A loader resolves every reference to an index and leaves no name to look up; the compiler turns the model into a flat
//! [`Plan`](crate::plan::Plan). Names follow XTCE (660.0-B-2).
//!
//! | module | what |
//! | --- | --- |
//! | [`encoding`] | how the bits of a packet give a raw value |
//! | [`meaning`] | how a raw value becomes an engineering value, and when it is alarming |
//! | [`layout`] | containers: what lies where in a packet |
//! | [`logic`] | conditions, and numbers that depend on the packet |

pub mod encoding;
pub mod layout;
pub mod logic;
pub mod meaning;

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

pub use self::encoding::{BitOrder, ByteOrder, Charset, Encoding, FloatEncoding, IntegerEncoding, Size};
pub use self::layout::{Base, Container, Entry, EntryKind, Location, Reference, Repeat};
pub use self::logic::{Comparand, Comparison, Condition, IntExpr, Operator, ParameterRef, PathStep};
pub use self::meaning::{
    Alarm, AlarmLevel, AlarmRange, Calibrator, EngineeringKind, Epoch, Label, MathOp, MathOperator, Scalar,
    TimeCode, TimeScale, TimeSpec, ValidRange,
};

/// A mission database, resolved.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// What the mission is called.
    pub name: String,
    /// Types of parameters, in no particular order.
    pub types: Vec<ParameterType>,
    /// Parameters, in the order in which the database declares them.
    pub parameters: Vec<Parameter>,
    /// Containers, in the order in which the database declares them.
    pub containers: Vec<Container>,
    /// What a lenient loader left out: empty after a strict one.
    pub omissions: Vec<Omission>,
    /// What is there, but can never have an effect; a strict load tells too.
    pub warnings: Vec<Omission>,
}

impl Database {
    /// The type with this index.
    #[must_use]
    pub fn parameter_type(&self, id: TypeId) -> Option<&ParameterType> {
        self.types.get(id.0 as usize)
    }

    /// The parameter with this index.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> Option<&Parameter> {
        self.parameters.get(id.0 as usize)
    }

    /// The container with this index.
    #[must_use]
    pub fn container(&self, id: ContainerId) -> Option<&Container> {
        self.containers.get(id.0 as usize)
    }

    /// The container of this name: the qualified one, or the last part of it where only one container has it.
    #[must_use]
    pub fn container_named(&self, name: &str) -> Option<ContainerId> {
        let position = |matches: &dyn Fn(&str) -> bool| {
            let mut found = (0u32..).zip(&self.containers).filter(|(_, container)| matches(&container.name));
            match (found.next(), found.next()) {
                (Some((index, _)), None) => Some(ContainerId(index)),
                _ => None,
            }
        };
        position(&|full| full == name).or_else(|| position(&|full| full.rsplit('/').next() == Some(name)))
    }

    /// The containers that begin packets: those without a base that others extend; where there is none, those without a base that
    /// no entry refers to. Those that are found only behind other packets are tried before them.
    #[must_use]
    pub fn roots(&self) -> Vec<ContainerId> {
        let bases = self.containers.iter().filter_map(|heir| Some(heir.base.as_ref()?.container));
        let extended: BTreeSet<ContainerId> = bases.collect();
        let ids = (0u32..).map(ContainerId).zip(&self.containers);
        let baseless = ids.filter(|(_, container)| container.base.is_none()).map(|(id, _)| id);
        let baseless: Vec<ContainerId> = baseless.collect();
        let named: BTreeSet<ContainerId> =
            self.containers.iter().filter_map(|container| container.next).collect();
        let is_sequel = |id: &ContainerId| named.contains(id) && !extended.contains(id);
        let (sequels, baseless): (Vec<_>, Vec<_>) = baseless.into_iter().partition(is_sequel);
        let roots: Vec<ContainerId> = baseless.iter().copied().filter(|id| extended.contains(id)).collect();
        if !roots.is_empty() {
            return [sequels, roots].concat();
        }
        let entries = self.containers.iter().flat_map(|container| &container.entries);
        let included: BTreeSet<ContainerId> = entries
            .filter_map(|entry| match entry.kind {
                EntryKind::Container(id) => Some(id),
                _ => None,
            })
            .collect();
        sequels.into_iter().chain(baseless.into_iter().filter(|id| !included.contains(id))).collect()
    }
}

/// A parameter: a name for values of a type.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The qualified name, as `/System/Subsystem/name`.
    pub name: String,
    /// One line about it; may be empty.
    pub description: String,
    /// What its values are.
    pub parameter_type: TypeId,
    /// The engineering value that it always has, where no packet carries it: a number or word as the database writes it.
    pub constant: Option<String>,
    /// What must hold of a packet for its value there to be valid. Where the packet does not tell, it counts as valid.
    pub valid_if: Option<Condition>,
    /// Where the database declares it.
    pub origin: Origin,
}

/// What the values of a parameter are.
#[derive(Clone, Debug)]
pub struct ParameterType {
    /// The qualified name.
    pub name: String,
    /// The unit of the engineering value; empty where it has none.
    pub unit: String,
    /// Its structure.
    pub kind: TypeKind,
    /// Where the database declares it.
    pub origin: Origin,
}

/// The structure of a type.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "most types are scalars")]
pub enum TypeKind {
    /// Named members, one after the other.
    Aggregate(Vec<Member>),
    /// Elements of one type, the last index running fastest.
    Array {
        /// The type of each element.
        element: TypeId,
        /// First and last index of each dimension, both included.
        dimensions: Vec<Dimension>,
    },
    /// One value.
    Scalar(Scalar),
}

/// A member of an aggregate.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub member_type: TypeId,
}

/// One dimension of an array.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// The first index.
    pub first: IntExpr,
    /// The last index: included. An array with a last index before its first one has no elements.
    pub last: IntExpr,
}

/// Where in its source something is declared; lines and columns from 1, 0 where they are not known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Origin {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// Something that a lenient loader left out, or that has no effect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Omission {
    /// Where it stands.
    pub origin: Origin,
    /// The path of the element, or table and row.
    pub path: String,
    /// What was left out, and what that means for the values.
    pub what: String,
}

/// Index of a type in its database.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TypeId(pub u32);

/// Index of a parameter in its database.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ParameterId(pub u32);

/// Index of a container in its database.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ContainerId(pub u32);
