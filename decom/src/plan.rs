//! The compiled mission database: flat tables of plain data.
//!
//! A [`Plan`] borrows its tables, so that they can lie in flash; `PlanBuf` owns them. References between tables are indices and
//! [`Span`]s, and [`NONE`] stands for no index. Reading a table is total: an index that leads nowhere gives nothing, so a plan
//! that somebody damaged decodes to nonsense, but never panics and never runs away.
//!
//! ```text
//! node ──▶ fields   what lies at a fixed bit of the packet, in order
//!   │ ───▶ steps    what follows from the first entry on whose place or presence depends on the packet
//!   └────▶ links    heirs, each with the condition under which a packet is one
//! field, step ──▶ item ──▶ encoding, meaning, parameter
//! ```

pub mod data;
mod field;
pub mod fixed;
pub mod logic;
pub mod meaning;
#[cfg(feature = "alloc")]
mod owned;
#[cfg(feature = "alloc")]
mod subset;
#[cfg(feature = "alloc")]
pub(crate) mod work;

pub use self::data::{Encoding, FieldKind, FloatEncoding, IntegerEncoding, Order, SizeRule};
pub use self::field::Field;
pub(crate) use self::field::LONGEST;
pub use self::logic::{Compared, Condition, Expr, Operand, Operator, Place};
pub use self::meaning::{
    Alarm, AlarmLevel, AlarmRange, Calibrator, Charset, Context, Kind, Label, MathOp, MathOperator, Meaning,
    Time,
};
#[cfg(feature = "alloc")]
pub use self::owned::PlanBuf;

/// A compiled mission database.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan<'p> {
    /// Containers. An heir comes after its base.
    pub nodes: &'p [Node],
    /// Nodes that packets begin with.
    pub roots: &'p [NodeId],
    /// Heirs that are tested one after the other.
    pub links: &'p [Link],
    /// Heirs that are found by a number; sorted by it within each switch.
    pub cases: &'p [Case],
    /// Values at fixed places.
    pub fields: &'p [Field],
    /// Fields that something refers to: the register that keeps each, and its first bit.
    pub saves: &'p [(u32, u32)],
    /// Programs of the parts that depend on the packet.
    pub steps: &'p [Step],
    /// Branches of [`Step::Choose`].
    pub branches: &'p [Branch],
    /// Numbers that depend on the packet.
    pub exprs: &'p [Expr],
    /// Conditions and numbers of [`Expr::Lookup`].
    pub lookups: &'p [(u32, i64)],
    /// Conditions, each followed by its parts.
    pub conditions: &'p [Condition],
    /// Parameters that conditions and numbers refer to.
    pub operands: &'p [Operand],
    /// Parts of [`Step::Fragments`]: first bit, and number of bits.
    pub parts: &'p [(u32, u32)],
    /// What values are of.
    pub items: &'p [Item],
    /// Parameters.
    pub parameters: &'p [Parameter],
    /// Structures of parameters, each followed by its parts.
    pub shapes: &'p [Shape],
    /// How bits give raw values.
    pub encodings: &'p [Encoding],
    /// Orders of octets, and terminators.
    pub octets: &'p [u8],
    /// How raw values give engineering values.
    pub meanings: &'p [Meaning],
    /// Calibrators and alarms with their conditions.
    pub contexts: &'p [Context],
    /// Calibrators.
    pub calibrators: &'p [Calibrator],
    /// Coefficients, and raw and calibrated values of points in turn.
    pub numbers: &'p [f64],
    /// Expressions in reverse Polish order.
    pub math: &'p [MathOp],
    /// Words of enumerations.
    pub labels: &'p [Label],
    /// Times.
    pub times: &'p [Time],
    /// Alarms.
    pub alarms: &'p [Alarm],
    /// Ranges of alarms.
    pub alarm_ranges: &'p [AlarmRange],
    /// Words that are alarming.
    pub alarm_labels: &'p [(Text, AlarmLevel)],
    /// All names and words, one after the other.
    pub text: &'p str,
    /// How many registers a decoder needs: one per item that something refers to.
    pub registers: u32,
    /// Containers that come behind others, in rising order.
    pub sequels: &'p [Sequel],
}

impl<'p> Plan<'p> {
    /// The text of `text`.
    #[must_use]
    pub fn str(&self, text: Text) -> &'p str {
        let end = text.0.start.saturating_add(text.0.len) as usize;
        self.text.get(text.0.start as usize..end).unwrap_or("")
    }

    /// The node with this index.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&'p Node> {
        self.nodes.get(id.0 as usize)
    }

    /// The qualified name of a container; empty where there is none.
    #[must_use]
    pub fn container_name(&self, id: NodeId) -> &'p str {
        self.node(id).map_or("", |node| self.str(node.name))
    }

    /// Whether it is the turn of a container behind a packet of `before`; `None` where nobody knows what was before.
    pub(crate) fn turn(&self, id: NodeId, before: Option<NodeId>) -> Turn {
        let first = self.sequels.partition_point(|sequel| sequel.node < id);
        let own = self.sequels.get(first..).unwrap_or(&[]);
        let own = own.get(..own.partition_point(|sequel| sequel.node == id)).unwrap_or(&[]);
        let is_behind =
            |before| self.chain(before).any(|base| own.iter().any(|sequel| sequel.behind == base));
        match own.first() {
            Some(_) if before.is_some_and(is_behind) => Turn::Its,
            Some(sequel) if sequel.is_only => Turn::NotIts,
            _ => Turn::Any,
        }
    }

    /// The item with this index.
    #[must_use]
    pub fn item(&self, id: ItemId) -> Option<&'p Item> {
        self.items.get(id.0 as usize)
    }

    /// The parameter with this index.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> Option<&'p Parameter> {
        self.parameters.get(id.0 as usize)
    }

    /// What the raw values of an item mean.
    #[must_use]
    pub fn meaning(&self, item: &Item) -> Option<&'p Meaning> {
        self.meanings.get(item.meaning as usize)
    }

    /// How the values of an item are encoded.
    #[must_use]
    pub fn encoding(&self, item: &Item) -> Option<&'p Encoding> {
        self.encodings.get(usize::from(item.encoding))
    }

    /// The nodes from the outermost base to `id`.
    ///
    /// Goes no deeper than [`MAX_DEPTH`]; the compiler refuses what is.
    pub fn chain(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<'p> {
        let mut chain = [id; MAX_DEPTH];
        let mut len = 0;
        let mut next = Some(id);
        for slot in chain.iter_mut().rev() {
            let Some((id, node)) = next.and_then(|id| Some((id, self.node(id)?))) else { break };
            *slot = id;
            len += 1;
            next = (node.parent != NodeId(NONE)).then_some(node.parent);
        }
        chain.into_iter().skip(MAX_DEPTH - len)
    }
}

/// A container.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Node {
    /// Its qualified name.
    pub name: Text,
    /// What it extends; [`NONE`] for nothing.
    pub parent: NodeId,
    /// Its values at fixed bits of the packet: those that come before its steps. Those of its bases are in their nodes.
    pub fields: Span,
    /// Those of its fields that registers keep.
    pub saves: Span,
    /// Its program; runs after the fields.
    pub steps: Span,
    /// Heirs with a condition of their own.
    pub links: Span,
    /// Heirs that a number tells apart.
    pub switch: Option<Switch>,
    /// Where the fields end, and steps begin; heirs of a node without steps begin there too.
    pub end_bit: u32,
    /// Whether a packet that is none of its heirs is unmatched.
    pub is_abstract: bool,
    /// Whether it or a base of it has steps: then places of values differ from packet to packet.
    pub is_dynamic: bool,
}

/// A container that packets right behind those of another one are of, if anything else that tells it allows that.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Sequel {
    /// The container.
    pub node: NodeId,
    /// The other one.
    pub behind: NodeId,
    /// Whether nothing else tells that a packet is of it: behind any other it is not.
    pub is_only: bool,
}

/// Whether a container may be what a packet is of, as far as the packet before tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Turn {
    /// That tells nothing.
    Any,
    /// It is what comes now.
    Its,
    /// It only ever comes behind something else.
    NotIts,
}

/// A number in the packet that tells heirs apart.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Switch {
    /// The number: unsigned.
    pub field: Field,
    /// What it may be, in rising order.
    pub cases: Span,
}

/// An heir, and the number it is found by.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Case {
    /// The number.
    pub value: u64,
    /// The heir, and what else must hold.
    pub link: Link,
}

/// An heir, and the condition under which a packet is one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Link {
    /// The heir.
    pub node: NodeId,
    /// The condition; [`NONE`] when it always holds.
    pub condition: u32,
}

/// One step of a program. A body is the given number of steps that follow.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Step {
    /// The body once for each element of an array.
    Array {
        /// The parameter that is, or has in it, the array.
        parameter: ParameterId,
        /// First and last index of each dimension in turn: indices of `exprs`.
        dimensions: Span,
        /// Steps of an element.
        body: u32,
    },
    /// Move to a place.
    At {
        /// From where.
        base: Anchor,
        /// Bits from there, forward: index of an expression.
        offset: u32,
        /// Bits to go back after that.
        back: u32,
    },
    /// The steps of the branch that a number selects; none when no branch has it.
    Choose {
        /// The number: index of an operand.
        operand: u32,
        /// The branches. Their steps lie before the program.
        branches: Span,
    },
    /// A value here; then move behind it.
    Field {
        /// What it is a value of.
        item: ItemId,
    },
    /// A value of several parts; the place does not change.
    Fragments {
        /// What it is a value of.
        item: ItemId,
        /// Its parts, counted from the start of the container.
        parts: Span,
    },
    /// The body has a start, and an end where the size is known, of its own.
    Group {
        /// Bits of the group: index of an expression; [`NONE`] when it ends with what it is in.
        size: u32,
        /// Steps of the group.
        body: u32,
    },
    /// The body again and again.
    Repeat {
        /// How often: index of an expression.
        count: u32,
        /// Bits between one and the next: index of an expression; [`NONE`] for none.
        gap: u32,
        /// Steps to repeat.
        body: u32,
    },
    /// Move on.
    Skip {
        /// Bits: index of an expression.
        bits: u32,
    },
    /// The body, if something holds.
    When {
        /// What must hold.
        condition: u32,
        /// Steps to be run then.
        body: u32,
    },
}

/// What a place counts from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Anchor {
    /// Where the program is.
    Here,
    /// The end of the container.
    End,
    /// The start of the container.
    Start,
}

/// What a number selects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Branch {
    /// The number.
    pub value: i64,
    /// The steps.
    pub steps: Span,
}

/// What a value is of: a scalar parameter, a member of an aggregate, the elements of an array.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Item {
    /// The parameter; [`NONE`] where nobody asks for it, and others depend on it.
    pub parameter: ParameterId,
    /// Which part of it, as `.member` or `[].member`; empty for a scalar.
    pub suffix: Text,
    /// How its bits give a raw value: index of an encoding.
    pub encoding: u16,
    /// How that gives an engineering value: index of a meaning.
    pub meaning: u32,
    /// The register that keeps its most recent value; [`NONE`] when nothing refers to it.
    pub register: u32,
}

/// A parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Parameter {
    /// Its qualified name.
    pub name: Text,
    /// One line about it; may be empty.
    pub description: Text,
    /// Its items, in the order of the structure.
    pub items: Span,
    /// Its structure: index of a shape.
    pub shape: u32,
    /// The condition without which its values are not valid; [`NONE`] where there is none.
    pub valid_if: u32,
}

/// The structure of a parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Shape {
    /// Members, each a [`Shape::Member`] and the shape of it, follow.
    Aggregate {
        /// How many.
        members: u32,
    },
    /// The shape of an element follows.
    Array {
        /// First and last index of each dimension in turn: indices of `exprs`.
        dimensions: Span,
    },
    /// The name of the member whose shape follows.
    Member(Text),
    /// The values of an item.
    Value(ItemId),
}

/// A range of a table.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Span {
    /// The first one.
    pub start: u32,
    /// How many.
    pub len: u32,
}

/// Where a range leads outside of its table: that is rare, as the compiler is to believe.
#[cold]
const fn nothing<'t, T>() -> &'t [T] {
    &[]
}

impl Span {
    /// The range of `table`; empty where it leads outside.
    #[inline]
    #[must_use]
    pub fn of<T>(self, table: &[T]) -> &[T] {
        let (start, len) = (self.start as usize, self.len as usize);
        match start.checked_add(len).and_then(|end| table.get(start..end)) {
            Some(rows) => rows,
            None => nothing(),
        }
    }
}

/// A range of the text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct Text(pub Span);

/// Index of a node.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct NodeId(pub u32);

/// Index of an item.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct ItemId(pub u32);

/// Index of a parameter.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct ParameterId(pub u32);

/// No index.
pub const NONE: u32 = u32::MAX;

/// How deep heirs, conditions and programs may nest: what bounds the stack of a decoder.
pub const MAX_DEPTH: usize = 24;

/// How many dimensions an array may have.
pub const MAX_RANK: usize = 8;

/// How many heirs of one container may be tested for one packet. A number that tells heirs apart leaves few of thousands.
pub const MAX_HEIRS: usize = 512;

#[cfg(test)]
pub(crate) mod tests;
