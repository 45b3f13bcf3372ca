//! Entries of containers (660.0-B-2 §4.3.4.5).

use std::collections::HashMap;
use std::format;
use std::rc::Rc;
use std::vec::Vec;

use super::Loader;
use super::report::Node;
use super::segments::Segment;
use super::values::{child, children, octets};
use crate::model::layout::Chosen;
use crate::model::{
    EngineeringKind, Entry, EntryKind, IntExpr, Label, Location, ParameterId, Reference, Repeat, TypeId,
    TypeKind,
};

impl<'a> Loader<'_, 'a> {
    /// The entry that an element describes; it will be the one at `index` of its container.
    pub(super) fn entry(&mut self, node: Node<'a>, index: usize) -> Option<Entry> {
        let kind = match node.tag_name().name() {
            "ArrayParameterRefEntry" => self.array_entry(node),
            "ContainerRefEntry" => self.container_ref(node).map(EntryKind::Container),
            "ContainerSegmentRefEntry" | "StreamSegmentEntry" => self.room(node),
            "FixedValueEntry" => self.fixed_value(node),
            "IndirectParameterRefEntry" => self.indirect(node),
            "ParameterRefEntry" => self.parameter_entry(node),
            "ParameterSegmentRefEntry" => self.segment(node, index),
            _ => None,
        };
        let location = match child(node, "LocationInContainerInBits") {
            Some(location) => self.location(location),
            None => Some(Location::FOLLOWING),
        };
        let include = child(node, "IncludeCondition").and_then(|include| {
            self.refuse_algorithm(include);
            self.criteria(include)
        });
        let repeat = child(node, "RepeatEntry").and_then(|repeat| self.repeat(repeat));
        Some(Entry { kind: kind?, location: location?, include, repeat, origin: self.report.origin(node) })
    }

    fn parameter_entry(&self, node: Node<'a>) -> Option<EntryKind> {
        let (parameter, found) = self.whole_parameter(node)?;
        self.need_encoding(node, found)?;
        Some(EntryKind::Parameter(parameter))
    }

    /// The parameter that an entry names, and its type.
    fn whole_parameter(&self, node: Node<'a>) -> Option<(ParameterId, TypeId)> {
        let (parameter, path) = self.find_parameter(node, "parameterRef")?;
        if !path.is_empty() {
            let what = "an entry holds a parameter, not a part of one";
            self.report.attribute_error(node, "parameterRef", what, "name the whole parameter");
            return None;
        }
        Some((parameter, self.database.parameter(parameter)?.parameter_type))
    }

    /// A container cannot hold what has no size.
    fn need_encoding(&self, node: Node<'a>, id: TypeId) -> Option<()> {
        if self.encoded.get(id.0 as usize).copied()? {
            return Some(());
        }
        let name = self.database.parameter_type(id).map_or("", |found| found.name.as_str());
        let what = format!("nothing says how many bits values of type `{name}` have");
        self.report.error(node, what, "give the type, or the types in it, a data encoding and dimensions");
        None
    }

    fn array_entry(&self, node: Node<'a>) -> Option<EntryKind> {
        let (parameter, id) = self.whole_parameter(node)?;
        let Some(list) = child(node, "DimensionList") else {
            if !matches!(self.database.parameter_type(id)?.kind, TypeKind::Array { .. }) {
                self.report.error(
                    node,
                    "the parameter is no array",
                    "write a DimensionList, or a ParameterRefEntry",
                );
                return None;
            }
            self.need_encoding(node, id)?;
            return Some(EntryKind::Parameter(parameter));
        };
        let dimensions = self.dimensions(list)?;
        match &self.database.parameter_type(id)?.kind {
            TypeKind::Array { element, dimensions: declared } => {
                self.need_encoding(node, *element)?;
                let told = self.names.types.get(id.0 as usize)?.node.attribute("numberOfDimensions");
                let told = told.and_then(|told| told.trim().parse().ok()).unwrap_or(declared.len());
                if told != 0 && told != dimensions.len() {
                    let what = format!("the array has {told} dimensions, the entry {}", dimensions.len());
                    self.report.error(list, what, "list all dimensions");
                }
            }
            _ => self.need_encoding(node, id)?,
        }
        Some(EntryKind::Array { parameter, dimensions })
    }

    fn fixed_value(&self, node: Node<'a>) -> Option<EntryKind> {
        let value = node.attribute("binaryValue").and_then(octets);
        if value.is_none() {
            let what = "the value is not hexadecimal";
            self.report.attribute_error(node, "binaryValue", what, "write two digits for each octet");
        }
        let default = u32::try_from(value?.len().saturating_mul(8)).ok()?;
        let bits = self.report.count(node, "sizeInBits", 1, u32::MAX, default);
        Some(EntryKind::Fill { bits: IntExpr::Fixed(bits.into()) })
    }

    /// Something that is not supported, but says how large it is.
    fn room(&self, node: Node<'a>) -> Option<EntryKind> {
        let what = format!("`{}` is not supported", node.tag_name().name());
        self.report.omit(node, what, "load leniently to pass over its bits");
        let bits = self.report.count(node, "sizeInBits", 1, u32::MAX, 0);
        (bits != 0).then_some(EntryKind::Fill { bits: IntExpr::Fixed(bits.into()) })
    }

    /// A part of a parameter leaves room behind; [`Self::join_segments`] puts the parts together.
    fn segment(&mut self, node: Node<'a>, entry: usize) -> Option<EntryKind> {
        let (parameter, id) = self.whole_parameter(node)?;
        self.need_encoding(node, id)?;
        let bits = self.report.count(node, "sizeInBits", 1, 64, 0);
        let order = self.report.integer(node, "order");
        let container = self.database.containers.len();
        self.segments.push(Segment { node, container, entry, parameter, order, bits });
        (bits != 0).then_some(EntryKind::Fill { bits: IntExpr::Fixed(bits.into()) })
    }

    /// The parameter whose name, or alias, is the label that another parameter has (660.0-B-2, `IndirectParameterRefEntry`).
    fn indirect(&self, node: Node<'a>) -> Option<EntryKind> {
        let Some(instance) = child(node, "ParameterInstance") else {
            self.report.error(node, "nothing says which parameter it is", "write a ParameterInstance");
            return None;
        };
        let mut selector = self.parameter_ref(instance)?;
        selector.calibrated = false;
        let scalar = self.scalar_at(&selector).ok()?;
        let EngineeringKind::Enumerated(labels) = &scalar.kind else {
            let fix = "refer to a parameter of an enumerated type whose labels are names of parameters";
            self.report.error(instance, "the parameter has no labels", fix);
            return None;
        };
        let aliases = node.attribute("aliasNameSpace").map(|space| {
            let mut known = self.aliases.borrow_mut();
            Rc::clone(known.entry(space).or_insert_with(|| Rc::new(self.aliases(space))))
        });
        let mut cases = Vec::new();
        for label in labels {
            let found = match &aliases {
                Some(aliases) => aliases.get(label.label.as_str()).copied(),
                None => self
                    .names
                    .find_parameter(node, &label.label)
                    .filter(|(_, path)| path.is_empty())
                    .map(|(index, _)| index),
            };
            let Some(index) = found else {
                let what = format!("the label `{}` is no name or alias of one parameter", label.label);
                self.report.omit(node, what, "declare the parameter, or remove the label");
                continue;
            };
            let parameter = ParameterId(u32::try_from(index).ok()?);
            self.need_encoding(node, self.database.parameter(parameter)?.parameter_type)?;
            let Some(values) = values(label).filter(|values| self.take_cases(values)) else {
                let what = format!("the label `{}` has more than {MAX_CASES} values", label.label);
                self.report.error(node, what, "give it fewer values");
                return None;
            };
            cases.extend(values.map(|value| (value, Chosen::Parameter(parameter))));
        }
        Some(EntryKind::Choice { selector, cases })
    }

    /// Whether there is room for so many cases more.
    fn take_cases(&self, values: &core::ops::RangeInclusive<i64>) -> bool {
        let wanted = values.end().checked_sub(*values.start()).and_then(|more| u32::try_from(more + 1).ok());
        let left = wanted.and_then(|wanted| self.cases_left.get().checked_sub(wanted));
        self.cases_left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Parameters by their alias in a name space; those that share an alias have none.
    fn aliases(&self, space: &str) -> HashMap<&'a str, usize> {
        let mut aliases = HashMap::new();
        let mut shared = Vec::new();
        for (index, declaration) in self.names.parameters.iter().enumerate() {
            let set = child(declaration.node, "AliasSet");
            let own = set.into_iter().flat_map(|set| children(set, "Alias"));
            for alias in own.filter(|alias| alias.attribute("nameSpace") == Some(space)) {
                let Some(name) = alias.attribute("alias") else { continue };
                if aliases.insert(name, index).is_some() {
                    shared.push(name);
                }
            }
        }
        for name in shared {
            aliases.remove(name);
        }
        aliases
    }

    fn location(&self, node: Node<'a>) -> Option<Location> {
        let reference = self.report.word(
            node,
            "referenceLocation",
            &[
                ("containerStart", Reference::ContainerStart),
                ("containerEnd", Reference::ContainerEnd),
                ("previousEntry", Reference::PreviousEntry),
                ("nextEntry", Reference::NextEntry),
            ],
            Reference::PreviousEntry,
        );
        let offset = self.int_expr(node)?;
        let is_inner = matches!(reference, Reference::ContainerEnd | Reference::ContainerStart);
        if is_inner && matches!(offset, IntExpr::Fixed(offset) if offset < 0) {
            self.report.error(
                node,
                "the place lies outside of the container",
                "write an offset of 0 or more",
            );
        }
        Some(Location { reference, offset })
    }

    fn repeat(&self, node: Node<'a>) -> Option<Repeat> {
        let Some(count) = child(node, "Count") else {
            self.report.error(node, "nothing says how often", "write a Count");
            return None;
        };
        let offset = child(node, "Offset");
        if let Some(offset) = offset
            && self.report.integer(offset, "offsetSizeInBits").is_some_and(|bits| bits != 1)
        {
            let what = "offsets in units of more than one bit are not supported";
            self.report.attribute_error(offset, "offsetSizeInBits", what, "write the offset in bits");
        }
        let gap = match offset {
            Some(offset) => self.int_expr(offset),
            None => Some(IntExpr::Fixed(0)),
        };
        let count = self.size_expr(count);
        Some(Repeat { count: count?, gap: gap? })
    }
}

/// Values of a label, unless they are too many to list.
fn values(label: &Label) -> Option<core::ops::RangeInclusive<i64>> {
    (label.last.checked_sub(label.first)? < MAX_CASES).then_some(label.first..=label.last)
}

/// How many values a label of an indirect entry may have.
const MAX_CASES: i64 = 4096;
