//! Parameters in several parts (660.0-B-2, `ParameterSegmentRefEntry`).

use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use super::Loader;
use super::report::Node;
use super::types::array_bits;
use crate::model::{Container, Entry, EntryKind, IntExpr, Location, ParameterId, Reference, TypeKind};

/// A part of a parameter. An entry of as many bits stands in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// Where it is described.
    pub(super) node: Node<'a>,
    /// The container it is in.
    pub(super) container: usize,
    /// The entry of that container.
    pub(super) entry: usize,
    /// The parameter.
    pub(super) parameter: ParameterId,
    /// Its place among the parts, where that is not the one in the container.
    pub(super) order: Option<i64>,
    /// Its bits.
    pub(super) bits: u32,
}

impl<'a> Loader<'_, 'a> {
    /// Adds an entry for each parameter in parts, behind the last of them. `order` are all containers, each after those it refers to.
    pub(super) fn join_segments(&mut self, order: &[usize]) {
        let places = self.places(order);
        let mut parameters: BTreeMap<(usize, ParameterId), Vec<Segment<'a>>> = BTreeMap::new();
        for segment in core::mem::take(&mut self.segments) {
            parameters.entry((segment.container, segment.parameter)).or_default().push(segment);
        }
        let mut joined: Vec<(usize, usize, Entry)> = Vec::new();
        for ((container, parameter), mut segments) in parameters {
            segments.sort_by_key(|segment| segment.order);
            let Some(parts) = self.parts(&places, &segments) else { continue };
            let Some(last) = segments.iter().max_by_key(|segment| segment.entry) else { continue };
            let kind = EntryKind::Fragments { parameter, parts };
            joined.push((container, last.entry, Entry::new(kind, self.report.origin(last.node))));
        }
        // From the last entry on, so that the places of those before it stay as they are.
        joined.sort_by_key(|&(container, entry, _)| (container, entry));
        for (container, entry, fragments) in joined.into_iter().rev() {
            if let Some(container) = self.database.containers.get_mut(container) {
                container.entries.insert(container.entries.len().min(entry + 1), fragments);
            }
        }
    }

    /// First bit and number of bits of each part.
    fn parts(&self, places: &[Vec<Option<i64>>], segments: &[Segment<'a>]) -> Option<Vec<(u32, u32)>> {
        let mut parts = Vec::new();
        let mut total = 0;
        let first = segments.first()?;
        for segment in segments {
            let entry = self.database.containers.get(segment.container)?.entries.get(segment.entry)?;
            let place = places.get(segment.container)?.get(segment.entry).copied().flatten();
            let place = place.and_then(|place| u32::try_from(place).ok());
            let Some(place) = place.filter(|_| entry.include.is_none() && entry.repeat.is_none()) else {
                let fix = "put what differs from packet to packet behind it";
                self.report.error(segment.node, "the part has no fixed place", fix);
                return None;
            };
            parts.push((place, segment.bits));
            total += u64::from(segment.bits);
        }
        let id = self.database.parameter(first.parameter)?.parameter_type;
        let bits = self.type_bits.get(id.0 as usize).copied().flatten();
        let is_scalar = matches!(self.database.parameter_type(id)?.kind, TypeKind::Scalar(_));
        if !is_scalar || bits != Some(total) || total > 64 {
            let what = "the parts in this container are not the whole parameter, or more than 64 bits";
            self.report.error(first.node, what, "put all parts into one container");
            return None;
        }
        Some(parts)
    }

    /// The first bit of each entry of each container, where it is the same in every packet.
    fn places(&self, order: &[usize]) -> Vec<Vec<Option<i64>>> {
        let containers = &self.database.containers;
        let mut ends = vec![None; containers.len()];
        let mut places = vec![Vec::new(); containers.len()];
        for &index in order {
            let Some(container) = containers.get(index) else { continue };
            let (end, own) = self.layout(container, &ends);
            if let (Some(slot), Some(list)) = (ends.get_mut(index), places.get_mut(index)) {
                *slot = end;
                *list = own;
            }
        }
        places
    }

    /// Where a container ends, and where its entries begin.
    fn layout(&self, container: &Container, ends: &[Option<i64>]) -> (Option<i64>, Vec<Option<i64>>) {
        let mut at = match &container.base {
            Some(base) => ends.get(base.container.0 as usize).copied().flatten(),
            None => Some(0),
        };
        let places = container.entries.iter().map(|entry| {
            let start = match &entry.location {
                Location { reference: Reference::ContainerStart, offset: IntExpr::Fixed(offset) } => {
                    Some(*offset)
                }
                Location { reference: Reference::PreviousEntry, offset: IntExpr::Fixed(offset) } => {
                    at.and_then(|at| at.checked_add(*offset))
                }
                _ => None,
            };
            let bits = if entry.include.is_none() { self.entry_bits(entry, ends) } else { None };
            at = start.and_then(|start| start.checked_add(bits?));
            start
        });
        let places = places.collect();
        (at, places)
    }

    /// Bits of an entry where they are the same in every packet.
    fn entry_bits(&self, entry: &Entry, ends: &[Option<i64>]) -> Option<i64> {
        let of_type = |parameter: ParameterId| {
            let id = self.database.parameter(parameter)?.parameter_type;
            Some((id, self.type_bits.get(id.0 as usize).copied().flatten()))
        };
        let bits = match &entry.kind {
            EntryKind::Array { parameter, dimensions } => {
                let (id, bits) = of_type(*parameter)?;
                let element = match &self.database.parameter_type(id)?.kind {
                    TypeKind::Array { element, .. } => self.type_bits.get(element.0 as usize).copied()?,
                    _ => bits,
                };
                i64::try_from(array_bits(element?, dimensions)?).ok()?
            }
            EntryKind::Choice { .. } => return None,
            EntryKind::Container(id) => ends.get(id.0 as usize).copied()??,
            EntryKind::Fill { bits: IntExpr::Fixed(bits) } => *bits,
            EntryKind::Fill { .. } => return None,
            EntryKind::Fragments { .. } => 0,
            EntryKind::Parameter(parameter) => i64::try_from(of_type(*parameter)?.1?).ok()?,
        };
        match &entry.repeat {
            None => Some(bits),
            Some(repeat) => match (&repeat.count, &repeat.gap) {
                (IntExpr::Fixed(0), _) => Some(0),
                (IntExpr::Fixed(count), IntExpr::Fixed(gap)) => {
                    bits.checked_add(*gap)?.checked_mul(*count)?.checked_sub(*gap)
                }
                _ => None,
            },
        }
    }
}
