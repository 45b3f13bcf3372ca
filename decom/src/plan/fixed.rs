//! Containers and fields by name, also when the program is compiled: a structure of one's own, as fast as one written by hand.
//!
//! Where a packet is always laid out the same, its fields can be constants. The compiler then knows place and kind of each, and leaves
//! one load and one shift of it. A name that the database does not have does not compile.
//!
//! ```
//! # mod probe { include!("../../tests/probe/probe.rs"); }
//! use decom::plan::{Field, Plan};
//!
//! /// Baked by `PlanBuf::to_rust`, or `fep db bake`.
//! const PLAN: Plan<'static> = probe::PLAN;
//!
//! const MODE: Field = PLAN.field("House", "mode").expect("the database has it");
//! const BUS: Field = PLAN.field("House", "bus").expect("the database has it");
//! const GAIN: Field = PLAN.field("House", "gain").expect("the database has it");
//!
//! struct House {
//!     mode: u8,
//!     bus: u16,
//!     gain: f32,
//! }
//!
//! impl House {
//!     fn read(packet: &[u8; 27]) -> Option<Self> {
//!         Some(Self {
//!             mode: MODE.unsigned(packet)? as u8,
//!             bus: BUS.unsigned(packet)? as u16,
//!             gain: GAIN.float32(packet)?,
//!         })
//!     }
//! }
//!
//! let mut packet = [0; 27];
//! packet[11] = 2;
//! packet[12..14].copy_from_slice(&30_000u16.to_be_bytes());
//! packet[19..23].copy_from_slice(&1.5f32.to_be_bytes());
//! let house = House::read(&packet).unwrap();
//! assert_eq!((house.mode, house.bus, house.gain), (2, 30_000, 1.5));
//! ```

use super::{Field, FieldKind, MAX_DEPTH, NodeId, Plan, Span, Text};
use crate::extract::{signed, unsigned};

impl Plan<'_> {
    /// The node of this name: the qualified one, or the first whose last part it is.
    #[must_use]
    pub const fn node_named(&self, name: &str) -> Option<NodeId> {
        let (mut nodes, mut found) = (self.nodes, None);
        while let Some((node, behind)) = nodes.split_first() {
            let full = self.octets_of(node.name);
            let index = (self.nodes.len() - behind.len() - 1) as u32;
            if equal(full, name.as_bytes()) {
                return Some(NodeId(index));
            }
            if found.is_none() && is_named(full, name.as_bytes()) {
                found = Some(NodeId(index));
            }
            nodes = behind;
        }
        found
    }

    /// The first field of this name in a container or its bases; `None` where there is none at a fixed place.
    ///
    /// Both names are qualified ones, or the last part of one. Members of aggregates follow their parameter, as in `stars.flux`.
    #[must_use]
    pub const fn field(&self, container: &str, parameter: &str) -> Option<Field> {
        match self.node_named(container) {
            Some(container) => self.field_of_chain(container, parameter.as_bytes()),
            None => None,
        }
    }

    const fn field_of_chain(&self, container: NodeId, parameter: &[u8]) -> Option<Field> {
        let (mut id, mut depth) = (container, 0);
        while let Some(node) = at(self.nodes, id.0) {
            let mut fields = range(self.fields, node.fields);
            while let Some((field, behind)) = fields.split_first() {
                if self.is_of(field, parameter) {
                    return Some(*field);
                }
                fields = behind;
            }
            id = node.parent;
            depth += 1;
            if depth >= MAX_DEPTH {
                break;
            }
        }
        None
    }

    const fn is_of(&self, field: &Field, name: &[u8]) -> bool {
        let Some(item) = at(self.items, field.item().0) else { return false };
        let Some(parameter) = at(self.parameters, item.parameter.0) else { return false };
        match before_tail(name, self.octets_of(item.suffix)) {
            Some(name) => is_named(self.octets_of(parameter.name), name),
            None => false,
        }
    }

    const fn octets_of(&self, text: Text) -> &[u8] {
        range(self.text.as_bytes(), text.0)
    }
}

impl Field {
    /// The number, of a field without sign; `None` where it is of another kind, or the packet ends before it does.
    #[inline]
    #[must_use]
    pub fn unsigned(&self, packet: &[u8]) -> Option<u64> {
        match self.kind() {
            FieldKind::Unsigned => self.word(packet),
            _ => None,
        }
    }

    /// The number, of a field in two's complement; `None` where it is of another kind, or the packet ends before it does.
    #[inline]
    #[must_use]
    pub fn signed(&self, packet: &[u8]) -> Option<i64> {
        match self.kind() {
            FieldKind::Signed => signed(packet, self.bit() as usize, self.bits().into()),
            _ => None,
        }
    }

    /// The number, of a field in IEEE 754 binary32; `None` where it is of another kind, or the packet ends before it does.
    #[inline]
    #[must_use]
    pub fn float32(&self, packet: &[u8]) -> Option<f32> {
        match self.kind() {
            FieldKind::Float32 => self.word(packet).map(|word| f32::from_bits(word as u32)),
            _ => None,
        }
    }

    /// The number, of a field in IEEE 754 binary64; `None` where it is of another kind, or the packet ends before it does.
    #[inline]
    #[must_use]
    pub fn float64(&self, packet: &[u8]) -> Option<f64> {
        match self.kind() {
            FieldKind::Float64 => self.word(packet).map(f64::from_bits),
            _ => None,
        }
    }

    /// The bits of the field. Of whole octets only those are loaded that there are: of several fields in a row the compiler then makes
    /// one wide load.
    #[inline(always)]
    fn word(&self, packet: &[u8]) -> Option<u64> {
        let (first, bits) = (self.bit() as usize / 8, u32::from(self.bits()));
        if !self.bit().is_multiple_of(8) {
            return unsigned(packet, self.bit() as usize, bits);
        }
        let octets = packet.get(first..)?;
        match bits {
            8 => octets.first().map(|&octet| octet.into()),
            16 => octets.first_chunk().map(|&octets| u16::from_be_bytes(octets).into()),
            32 => octets.first_chunk().map(|&octets| u32::from_be_bytes(octets).into()),
            64 => octets.first_chunk().map(|&octets| u64::from_be_bytes(octets)),
            _ => unsigned(packet, self.bit() as usize, bits),
        }
    }
}

/// Whether `name` is `full`, or its last part.
const fn is_named(full: &[u8], name: &[u8]) -> bool {
    match before_tail(full, name) {
        Some([]) => true,
        // A name with an oblique in it is a qualified one.
        Some([.., b'/']) => !contains(name, b'/'),
        _ => false,
    }
}

/// What comes before `tail` where `octets` end with it.
const fn before_tail<'o>(octets: &'o [u8], tail: &[u8]) -> Option<&'o [u8]> {
    let Some(len) = octets.len().checked_sub(tail.len()) else { return None };
    let Some((before, end)) = octets.split_at_checked(len) else { return None };
    if equal(end, tail) { Some(before) } else { None }
}

const fn equal(mut some: &[u8], mut others: &[u8]) -> bool {
    while let ([one, rest @ ..], [other, behind @ ..]) = (some, others) {
        if *one != *other {
            return false;
        }
        (some, others) = (rest, behind);
    }
    some.len() == others.len()
}

const fn contains(mut octets: &[u8], octet: u8) -> bool {
    while let [first, rest @ ..] = octets {
        if *first == octet {
            return true;
        }
        octets = rest;
    }
    false
}

/// [`Span::of`] when the program is compiled.
const fn range<T>(table: &[T], span: Span) -> &[T] {
    let Some((_, from)) = table.split_at_checked(span.start as usize) else { return &[] };
    match from.split_at_checked(span.len as usize) {
        Some((rows, _)) => rows,
        None => &[],
    }
}

const fn at<T>(table: &[T], index: u32) -> Option<&T> {
    match table.split_at_checked(index as usize) {
        Some((_, [row, ..])) => Some(row),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
