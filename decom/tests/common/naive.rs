//! A naive interpreter of the database itself, one bit at a time: the specification of compiler and decoders.

use std::collections::BTreeMap;

use decom::model::layout::Chosen;
use decom::model::{
    BitOrder, ByteOrder, Comparand, Condition, ContainerId, Database, Dimension, Encoding, Entry, EntryKind,
    IntExpr, IntegerEncoding, ParameterId, ParameterRef, Reference, Size, TypeId, TypeKind,
};

use super::{Owned, Said, number_bits};

/// Everything that is to be said of `packet`, and the container that it is of, if it is of one.
///
/// `before` is the container that the packet before was of.
pub fn decode(
    database: &Database,
    root: ContainerId,
    packet: &[u8],
    before: Option<&str>,
) -> (Vec<Said>, Option<String>, bool) {
    let before = before.and_then(|name| database.container_named(name));
    let mut naive =
        Naive { database, packet, before, said: Vec::new(), latest: BTreeMap::new(), is_short: false };
    let leaf = naive.container(root, Some(0));
    (naive.said, leaf, naive.is_short)
}

struct Naive<'d> {
    database: &'d Database,
    packet: &'d [u8],
    before: Option<ContainerId>,
    said: Vec<Said>,
    latest: BTreeMap<u32, Owned>,
    is_short: bool,
}

#[derive(Clone, Copy)]
struct At {
    cursor: Option<i64>,
    start: Option<i64>,
    end: Option<i64>,
}

impl Naive<'_> {
    fn container(&mut self, id: ContainerId, cursor: Option<i64>) -> Option<String> {
        let container = self.database.container(id).unwrap();
        self.said.push(Said::Enter(container.name.clone()));
        let mut at = At { cursor, start: Some(0), end: Some(self.packet.len() as i64 * 8) };
        self.entries(&container.entries, &mut at);
        let is_of = |heir: &decom::model::Container| {
            heir.base.as_ref().is_some_and(|base| base.container == id && self.holds(&base.restriction))
        };
        let containers = self.database.containers.iter().enumerate();
        let mut heirs: Vec<usize> = containers.filter(|(_, heir)| is_of(heir)).map(|(i, _)| i).collect();
        if heirs.iter().any(|&heir| self.is_next(heir)) {
            heirs.retain(|&heir| self.is_next(heir));
        } else {
            heirs.retain(|&heir| !self.is_only_next(heir));
        }
        let mut found = None;
        let latest = self.latest.clone();
        for index in heirs {
            self.latest.clone_from(&latest);
            let leaf = self.container(ContainerId(index as u32), at.cursor);
            found = found.or(leaf);
        }
        found.or((!container.is_abstract).then(|| container.name.clone()))
    }

    /// Whether the container of the packet before, or a base of it, names this one as the next.
    fn is_next(&self, index: usize) -> bool {
        let bases = std::iter::successors(self.before, |&id| {
            Some(self.database.container(id)?.base.as_ref()?.container)
        });
        let next = |id| self.database.container(id).unwrap().next;
        bases.into_iter().any(|id| next(id) == Some(ContainerId(index as u32)))
    }

    /// Whether an heir has no restriction, but is named as the next of some container.
    fn is_only_next(&self, index: usize) -> bool {
        let is_named =
            |container: &decom::model::Container| container.next == Some(ContainerId(index as u32));
        let base = self.database.containers[index].base.as_ref();
        base.is_some_and(|base| base.restriction == Condition::ALWAYS)
            && self.database.containers.iter().any(is_named)
    }

    fn entries(&mut self, entries: &[Entry], at: &mut At) {
        for entry in entries {
            if entry.include.as_ref().is_some_and(|condition| !self.holds(condition)) {
                continue;
            }
            let offset = self.number(&entry.location.offset);
            let place = match entry.location.reference {
                Reference::PreviousEntry => at.cursor,
                Reference::ContainerStart => at.start,
                Reference::ContainerEnd => at.end.map(|end| end - self.extent(entry)),
                Reference::NextEntry => unreachable!("not generated"),
            };
            let sign = if entry.location.reference == Reference::ContainerEnd { -1 } else { 1 };
            at.cursor = match (place, offset) {
                (Some(place), Some(offset)) if place + sign * offset >= 0 => Some(place + sign * offset),
                _ => {
                    self.is_short = true;
                    None
                }
            };
            match &entry.repeat {
                None => self.kind(&entry.kind, at),
                Some(repeat) => match (self.number(&repeat.count), self.number(&repeat.gap)) {
                    (Some(count), Some(gap)) => {
                        for index in 0..count {
                            if index > 0 {
                                at.cursor = at.cursor.map(|cursor| cursor + gap);
                            }
                            if at.cursor.is_none() {
                                self.is_short = true;
                                break;
                            }
                            self.kind(&entry.kind, at);
                        }
                    }
                    _ => {
                        self.is_short = true;
                        at.cursor = None;
                    }
                },
            }
        }
    }

    fn kind(&mut self, kind: &EntryKind, at: &mut At) {
        match kind {
            EntryKind::Parameter(id) => {
                let parameter = self.database.parameter(*id).unwrap();
                self.value(*id, &parameter.name.clone(), parameter.parameter_type, at);
            }
            EntryKind::Array { parameter, dimensions } => {
                let row = self.database.parameter(*parameter).unwrap();
                self.array(*parameter, &row.name.clone(), dimensions, row.parameter_type, at);
            }
            EntryKind::Container(id) => {
                let mut chain = vec![*id];
                while let Some(base) = &self.database.container(chain[0]).unwrap().base {
                    chain.insert(0, base.container);
                }
                let mut inner = At { start: at.cursor, ..*at };
                for id in chain {
                    self.entries(&self.database.container(id).unwrap().entries.clone(), &mut inner);
                }
                at.cursor = inner.cursor;
            }
            EntryKind::Fill { bits } => {
                at.cursor = at.cursor.zip(self.number(bits)).map(|(cursor, bits)| cursor + bits);
            }
            EntryKind::Choice { selector, cases } => {
                let Some(Owned::Integer(number)) = self.latest.get(&selector.parameter.0) else { return };
                if let Some((_, chosen)) = cases.iter().find(|(value, _)| i128::from(*value) == *number) {
                    let kind = match *chosen {
                        Chosen::Container(id) => EntryKind::Container(id),
                        Chosen::Parameter(id) => EntryKind::Parameter(id),
                    };
                    self.kind(&kind, at);
                }
            }
            EntryKind::Fragments { .. } => unreachable!("not generated"),
        }
    }

    fn value(&mut self, parameter: ParameterId, name: &str, id: TypeId, at: &mut At) {
        match &self.database.parameter_type(id).unwrap().kind {
            TypeKind::Scalar(scalar) => {
                let bits = match &scalar.encoding {
                    Encoding::Float { bits, .. } | Encoding::Integer { bits, .. } => Some(i64::from(*bits)),
                    Encoding::Octets { size: Size::Bits(bits) } => self.number(bits),
                    _ => unreachable!("not generated"),
                };
                let end = at.cursor.zip(bits.filter(|bits| *bits >= 0)).map(|(cursor, bits)| cursor + bits);
                let fits = end.filter(|end| *end <= self.packet.len() as i64 * 8);
                match (at.cursor, fits) {
                    (Some(cursor), Some(end)) => {
                        let bits: Vec<bool> = (cursor..end).map(|bit| self.bit(bit)).collect();
                        let value = number(&bits, &scalar.encoding);
                        self.said.push(Said::Value(name.to_owned(), value.clone()));
                        if self.database.parameter(parameter).unwrap().parameter_type == id {
                            self.latest.insert(parameter.0, value);
                        }
                        at.cursor = Some(end);
                    }
                    _ => {
                        self.said.push(Said::Missing(name.to_owned()));
                        self.is_short = true;
                        at.cursor = None;
                    }
                }
            }
            TypeKind::Aggregate(members) => {
                for member in members {
                    self.value(parameter, &format!("{name}.{}", member.name), member.member_type, at);
                }
            }
            TypeKind::Array { element, dimensions } => {
                self.array(parameter, &format!("{name}[]"), dimensions, *element, at);
            }
        }
    }

    fn array(
        &mut self,
        parameter: ParameterId,
        name: &str,
        dimensions: &[Dimension],
        element: TypeId,
        at: &mut At,
    ) {
        let extents: Option<Vec<u32>> = dimensions
            .iter()
            .map(|d| Some((self.number(&d.last)? - self.number(&d.first)? + 1).max(0) as u32))
            .collect();
        let Some(extents) = extents else {
            self.is_short = true;
            at.cursor = None;
            return;
        };
        let owner = self.database.parameter(parameter).unwrap().name.clone();
        self.said.push(Said::Array(owner, extents.clone()));
        for _ in 0..extents.iter().product::<u32>() {
            if at.cursor.is_none() {
                break;
            }
            self.value(parameter, name, element, at);
        }
    }

    fn bit(&self, bit: i64) -> bool {
        self.packet[(bit / 8) as usize] >> (7 - bit % 8) & 1 == 1
    }

    /// Bits of an entry that has the same size in every packet.
    fn extent(&self, entry: &Entry) -> i64 {
        let EntryKind::Parameter(id) = &entry.kind else { unreachable!("not generated") };
        let parameter_type = self.database.parameter(*id).unwrap().parameter_type;
        let TypeKind::Scalar(scalar) = &self.database.parameter_type(parameter_type).unwrap().kind else {
            unreachable!("not generated")
        };
        match scalar.encoding {
            Encoding::Float { bits, .. } | Encoding::Integer { bits, .. } => bits.into(),
            _ => unreachable!("not generated"),
        }
    }

    fn number(&self, expr: &IntExpr) -> Option<i64> {
        match expr {
            IntExpr::Fixed(value) => Some(*value),
            IntExpr::Linear { parameter, slope, intercept } => {
                Some((self.operand(parameter)? * slope + intercept) as i64)
            }
            IntExpr::Lookup(list) => {
                list.iter().find(|(condition, _)| self.holds(condition)).map(|(_, value)| *value)
            }
        }
    }

    fn operand(&self, reference: &ParameterRef) -> Option<f64> {
        match self.latest.get(&reference.parameter.0)? {
            Owned::Integer(value) => Some(*value as f64),
            Owned::Float(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::All(list) => list.iter().all(|condition| self.holds(condition)),
            Condition::Any(list) => list.iter().any(|condition| self.holds(condition)),
            Condition::Compare(comparison) => {
                let right = match &comparison.right {
                    Comparand::Literal(literal) => literal.parse().ok(),
                    Comparand::Parameter(other) => self.operand(other),
                };
                let left = self.operand(&comparison.left);
                left.zip(right).is_some_and(|(left, right)| comparison.operator.holds(&left, &right))
            }
        }
    }
}

/// The value of bits in the order in which they were received.
fn number(bits: &[bool], encoding: &Encoding) -> Owned {
    let word = |bits: &[bool]| bits.iter().fold(0u128, |word, bit| word << 1 | u128::from(*bit));
    let reorder = |byte_order: &ByteOrder, bit_order: BitOrder| {
        let mut bits = bits.to_vec();
        if bit_order == BitOrder::LeastSignificantFirst {
            bits.reverse();
        }
        if *byte_order == ByteOrder::LeastSignificantFirst {
            bits = bits.chunks(8).rev().flatten().copied().collect();
        }
        word(&bits)
    };
    match encoding {
        Encoding::Float { bits: len, byte_order, bit_order, .. } => {
            let word = reorder(byte_order, *bit_order);
            Owned::Float(number_bits(if *len == 32 {
                f64::from(f32::from_bits(word as u32))
            } else {
                f64::from_bits(word as u64)
            }))
        }
        Encoding::Integer { bits: len, encoding, byte_order, bit_order } => {
            let word = reorder(byte_order, *bit_order) as i128;
            let sign = word >> (len - 1) & 1 == 1;
            Owned::Integer(match encoding {
                IntegerEncoding::Unsigned => word,
                IntegerEncoding::TwosComplement => {
                    if sign {
                        word - (1 << len)
                    } else {
                        word
                    }
                }
                IntegerEncoding::OnesComplement => {
                    if sign {
                        word - (1 << len) + 1
                    } else {
                        word
                    }
                }
                IntegerEncoding::SignMagnitude => {
                    if sign {
                        -(word & !(1 << (len - 1)))
                    } else {
                        word
                    }
                }
                IntegerEncoding::Bcd | IntegerEncoding::PackedBcd => unreachable!("not generated"),
            })
        }
        Encoding::Octets { .. } | Encoding::Text { .. } => {
            let octets = bits.chunks(8).map(|chunk| (word(chunk) << (8 - chunk.len())) as u8).collect();
            Owned::Octets(octets, bits.len())
        }
    }
}
