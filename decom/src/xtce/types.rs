//! Types of parameters, what they inherit from others, and parameters (660.0-B-2 §4.3.2).

use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use super::Loader;
use super::encodings::ENCODINGS;
use super::graph::bottom_up;
use super::names::{Declaration, unknown};
use super::report::Node;
use super::values::{child, children, elements, text};
use crate::model::layout::Chosen;
use crate::model::{
    BitOrder, ByteOrder, Condition, Database, Dimension, Encoding, EngineeringKind, EntryKind, FloatEncoding,
    IntExpr, IntegerEncoding, Label, Member, Parameter, ParameterId, ParameterType, Scalar, Size, TimeCode,
    TimeSpec, TypeId, TypeKind,
};

/// A type and what it is derived from, the type itself first.
///
/// A derived type has everything of its base that it does not give itself (660.0-B-2, `baseType`).
struct Chain<'a>(Vec<Node<'a>>);

impl<'a> Chain<'a> {
    fn node(&self) -> Option<Node<'a>> {
        self.0.first().copied()
    }

    fn child(&self, name: &str) -> Option<Node<'a>> {
        self.0.iter().find_map(|&node| child(node, name))
    }

    /// The type that gives an attribute.
    fn with(&self, attribute: &str) -> Option<Node<'a>> {
        self.0.iter().copied().find(|node| node.has_attribute(attribute))
    }

    fn text(&self, attribute: &str, default: &str) -> String {
        self.with(attribute).and_then(|node| node.attribute(attribute)).unwrap_or(default).to_string()
    }
}

impl<'a> Loader<'_, 'a> {
    /// Reads every type; a type has the index of its declaration.
    pub(super) fn read_types(&mut self) {
        for declaration in &self.names.types {
            let (kind, unit, is_encoded) = self.read_type(declaration);
            self.database.types.push(ParameterType {
                name: self.names.qualified(declaration),
                unit,
                kind,
                origin: self.report.origin(declaration.node),
            });
            self.encoded.push(is_encoded);
        }
        self.measure_types();
    }

    /// Reads every parameter; a parameter has the index of its declaration.
    pub(super) fn read_parameters(&mut self) {
        for declaration in &self.names.parameters {
            let node = declaration.node;
            let parameter_type = self.type_ref(node, "parameterTypeRef").unwrap_or(TypeId(u32::MAX));
            self.database.parameters.push(Parameter {
                name: self.names.qualified(declaration),
                description: node.attribute("shortDescription").unwrap_or("").to_string(),
                parameter_type,
                constant: self.constant(node, parameter_type),
                valid_if: self.validity(node),
                origin: self.report.origin(node),
            });
        }
    }

    /// What must hold for values of a parameter to be valid.
    fn validity(&self, node: Node<'a>) -> Option<Condition> {
        child(child(node, "ParameterProperties")?, "ValidityCondition").and_then(|node| self.criteria(node))
    }

    /// The value of a parameter that never changes: one that says so, or one without an encoding whose source is not told. It is the
    /// initial value of the parameter, or of its type. [`Self::forget_carried`] takes those back that are in packets.
    fn constant(&self, node: Node<'a>, id: TypeId) -> Option<String> {
        let source =
            child(node, "ParameterProperties").and_then(|properties| properties.attribute("dataSource"));
        let is_encoded = self.encoded.get(id.0 as usize).copied()?;
        if source != Some("constant") && (is_encoded || source.is_some()) {
            return None;
        }
        let initial = node.attribute("initialValue");
        let initial = initial.or_else(|| {
            let chain = self.chain(self.names.types.get(id.0 as usize)?);
            chain.with("initialValue")?.attribute("initialValue")
        });
        initial.map(|value| value.trim().to_string())
    }

    /// Parameters that a container carries have the value that is there.
    pub(super) fn forget_carried(&mut self) {
        let Database { containers, parameters, .. } = &mut self.database;
        let mut forget = |id: ParameterId| {
            if let Some(parameter) = parameters.get_mut(id.0 as usize) {
                parameter.constant = None;
            }
        };
        for entry in containers.iter().flat_map(|container| &container.entries) {
            match &entry.kind {
                EntryKind::Array { parameter, .. }
                | EntryKind::Fragments { parameter, .. }
                | EntryKind::Parameter(parameter) => forget(*parameter),
                EntryKind::Choice { cases, .. } => cases.iter().for_each(|&(_, chosen)| {
                    if let Chosen::Parameter(parameter) = chosen {
                        forget(parameter);
                    }
                }),
                EntryKind::Container(_) | EntryKind::Fill { .. } => {}
            }
        }
    }

    /// The dimensions that a `DimensionList` gives.
    pub(super) fn dimensions(&self, list: Node<'a>) -> Option<Vec<Dimension>> {
        let read: Vec<Option<Dimension>> = elements(list)
            .filter_map(|element| match element.tag_name().name() {
                "Dimension" => Some(self.dimension(element)),
                "Size" => Some(self.dimension_of_size(element)),
                _ => None,
            })
            .collect();
        if read.is_empty() {
            self.report.error(list, "there are no dimensions", "write at least one Dimension");
            return None;
        }
        read.into_iter().collect()
    }

    fn dimension(&self, node: Node<'a>) -> Option<Dimension> {
        let first = match child(node, "StartingIndex") {
            Some(first) => self.size_expr(first),
            None => Some(IntExpr::Fixed(0)),
        };
        let Some(last) = child(node, "EndingIndex") else {
            self.report.error(node, "the dimension has no last index", "write an EndingIndex");
            return None;
        };
        let last = self.int_expr(last);
        Some(Dimension { first: first?, last: last? })
    }

    /// Drafts of 1.2 give the number of elements.
    fn dimension_of_size(&self, node: Node<'a>) -> Option<Dimension> {
        let last = match self.size_expr(node)? {
            IntExpr::Fixed(size) => IntExpr::Fixed(size - 1),
            IntExpr::Linear { parameter, slope, intercept } => {
                // Only whole numbers are the same before and after one is taken from them.
                if libm::trunc(slope) != slope || libm::trunc(intercept) != intercept {
                    let fix = "write a StartingIndex and an EndingIndex";
                    self.report.error(node, "a size with fractions is not supported", fix);
                }
                IntExpr::Linear { parameter, slope, intercept: intercept - 1.0 }
            }
            IntExpr::Lookup(cases) => IntExpr::Lookup(
                cases.into_iter().map(|(condition, size)| (condition, size.saturating_sub(1))).collect(),
            ),
        };
        Some(Dimension { first: IntExpr::Fixed(0), last })
    }

    /// Finds types that hold themselves, and measures the others from the inside out.
    fn measure_types(&mut self) {
        let types = &self.database.types;
        let edges: Vec<Vec<usize>> = types.iter().map(|found| parts(&found.kind)).collect();
        let (order, circles) = bottom_up(&edges);
        for index in circles {
            if let Some(declaration) = self.names.types.get(index) {
                self.report.error(declaration.node, "the type holds itself", "remove it from its members");
            }
        }
        let mut bits: Vec<Option<u64>> = vec![None; types.len()];
        let mut depths = vec![0u32; types.len()];
        let mut encoded = core::mem::take(&mut self.encoded);
        for index in order {
            let (Some(found), Some(parts)) = (types.get(index), edges.get(index)) else { continue };
            let size = fixed_bits(&found.kind, &bits);
            let depth = parts.iter().filter_map(|&part| depths.get(part)).max().map_or(0, |depth| depth + 1);
            let is_sized =
                !matches!(&found.kind, TypeKind::Array { dimensions, .. } if dimensions.is_empty());
            let is_encoded =
                is_sized && parts.iter().all(|&part| encoded.get(part).copied().unwrap_or(false));
            if depth > MAX_NESTING
                && let Some(declaration) = self.names.types.get(index)
            {
                let what = format!("aggregates and arrays nest deeper than {MAX_NESTING}");
                self.report.error(declaration.node, what, "flatten the structure");
            }
            if let (Some(bits), Some(known), Some(slot)) =
                (bits.get_mut(index), encoded.get_mut(index), depths.get_mut(index))
            {
                *bits = size;
                *known &= is_encoded;
                *slot = depth.min(MAX_NESTING);
            }
        }
        self.type_bits = bits;
        self.encoded = encoded;
    }

    fn chain(&self, declaration: &Declaration<'a>) -> Chain<'a> {
        let mut chain = vec![declaration.node];
        while let Some(&node) = chain.last()
            && let Some(reference) = node.attribute("baseType")
        {
            let base = self.names.find_type(node, reference).and_then(|base| self.names.types.get(base));
            let problem = match base {
                None => unknown("type", reference),
                Some(base) if chain.contains(&base.node) => "the type is derived from itself".to_string(),
                Some(_) if chain.len() == MAX_BASES => format!("there are more than {MAX_BASES} base types"),
                Some(base) if base.node.tag_name().name() != node.tag_name().name() => {
                    format!("`{reference}` is another kind of type")
                }
                Some(base) => {
                    let left = self.inherited_left.get().checked_sub(base.node.range().len());
                    self.inherited_left.set(left.unwrap_or(0));
                    if left.is_some() {
                        chain.push(base.node);
                        continue;
                    }
                    "derived types repeat more than there is room for".to_string()
                }
            };
            // A base reports what is wrong with its own base.
            if chain.len() == 1 || base.is_some_and(|base| base.node == declaration.node) {
                self.report.attribute_error(node, "baseType", problem, "correct the reference");
            }
            break;
        }
        Chain(chain)
    }

    /// The structure of a type, its unit, and whether its values have an encoding.
    fn read_type(&self, declaration: &Declaration<'a>) -> (TypeKind, String, bool) {
        let node = declaration.node;
        match node.tag_name().name() {
            "AggregateParameterType" => (self.aggregate(node), String::new(), true),
            "ArrayParameterType" => (self.array(node), String::new(), true),
            name => {
                let chain = self.chain(declaration);
                let unit = chain.child("UnitSet").map_or_else(String::new, |set| self.unit(set));
                let (scalar, is_encoded) = self.scalar(name, &chain);
                (TypeKind::Scalar(scalar), unit, is_encoded)
            }
        }
    }

    fn aggregate(&self, node: Node<'a>) -> TypeKind {
        let mut members: Vec<Member> = Vec::new();
        let mut names = std::collections::HashSet::new();
        for member in child(node, "MemberList").into_iter().flat_map(|list| children(list, "Member")) {
            let Some(name) = member.attribute("name") else { continue };
            if !names.insert(name) {
                let what = format!("there are two members `{name}`");
                self.report.attribute_error(member, "name", what, "rename one of them");
            }
            if let Some(member_type) = self.type_ref(member, "typeRef") {
                members.push(Member { name: name.to_string(), member_type });
            }
        }
        if members.is_empty() {
            self.report.error(node, "the aggregate has no members", "write a MemberList");
        }
        TypeKind::Aggregate(members)
    }

    fn array(&self, node: Node<'a>) -> TypeKind {
        let element = self.type_ref(node, "arrayTypeRef").unwrap_or(TypeId(u32::MAX));
        let dimensions =
            child(node, "DimensionList").and_then(|list| self.dimensions(list)).unwrap_or_default();
        let told = self.report.integer(node, "numberOfDimensions");
        if !dimensions.is_empty() && told.is_some_and(|told| usize::try_from(told) != Ok(dimensions.len())) {
            let what = format!("the list has {} dimensions", dimensions.len());
            self.report.attribute_error(node, "numberOfDimensions", what, "correct one of them");
        }
        TypeKind::Array { element, dimensions }
    }

    /// A type of one value, and whether it has an encoding.
    fn scalar(&self, name: &str, chain: &Chain<'a>) -> (Scalar, bool) {
        let is_time = matches!(name, "AbsoluteTimeParameterType" | "RelativeTimeParameterType");
        let holder = if is_time {
            chain.child("Encoding")
        } else {
            chain.0.iter().copied().find(|&node| has_encoding(node))
        };
        let source = holder.and_then(|holder| self.encoding_of(holder));
        let encoding = match source {
            Some(source) => self.encoding(source),
            None => self.encoding_of_size(name, chain),
        };
        let is_encoded = source.is_some() || encoding.is_some();
        let encoding = encoding.unwrap_or(Encoding::Octets { size: Size::Bits(IntExpr::Fixed(0)) });
        let mut kind = self.kind(name, chain);
        if let (EngineeringKind::AbsoluteTime(spec) | EngineeringKind::RelativeTime(spec), Some(source)) =
            (&mut kind, source)
        {
            self.set_time_code(source, &encoding, spec);
        }
        if let Some(source) = source
            && !suits(&kind, &encoding)
        {
            let what = format!("`{name}` cannot have a `{}`", source.tag_name().name());
            self.report.omit(
                source,
                what,
                "give the type another encoding, or be content with the raw value",
            );
            kind = plain_kind(&encoding);
        }
        let mut scalar = Scalar::new(encoding, kind);
        self.add_calibrators(source, &mut scalar);
        self.add_alarms(chain, &mut scalar);
        (scalar, is_encoded)
    }

    /// The encoding in an element.
    fn encoding_of(&self, holder: Node<'a>) -> Option<Node<'a>> {
        let mut found = elements(holder).filter(|node| ENCODINGS.contains(&node.tag_name().name()));
        let (first, second) = (found.next(), found.next());
        if let Some(second) = second {
            self.report.error(second, "there is more than one encoding", "keep one of them");
        }
        first
    }

    /// The encoding of a number without one that says how long it is.
    fn encoding_of_size(&self, name: &str, chain: &Chain<'a>) -> Option<Encoding> {
        let node = chain.with("sizeInBits")?;
        let (byte_order, bit_order) = (ByteOrder::default(), BitOrder::default());
        match name {
            "IntegerParameterType" => {
                let signed = chain.with("signed").is_none_or(|node| self.report.flag(node, "signed", true));
                let encoding =
                    if signed { IntegerEncoding::TwosComplement } else { IntegerEncoding::Unsigned };
                let bits = self.report.count(node, "sizeInBits", 1, 64, 32);
                Some(Encoding::Integer { bits, encoding, byte_order, bit_order })
            }
            "FloatParameterType" => {
                let bits = self.report.count(node, "sizeInBits", 1, 128, 32);
                let encoding = FloatEncoding::Ieee754;
                [32, 64, 128].contains(&bits).then_some(Encoding::Float {
                    bits,
                    encoding,
                    byte_order,
                    bit_order,
                })
            }
            _ => None,
        }
    }

    fn kind(&self, name: &str, chain: &Chain<'a>) -> EngineeringKind {
        match name {
            "AbsoluteTimeParameterType" | "RelativeTimeParameterType" => self.time(name, chain),
            "BinaryParameterType" => EngineeringKind::Octets,
            "BooleanParameterType" => EngineeringKind::Boolean {
                zero: chain.text("zeroStringValue", "False"),
                one: chain.text("oneStringValue", "True"),
            },
            "EnumeratedParameterType" => EngineeringKind::Enumerated(self.labels(chain)),
            "FloatParameterType" => EngineeringKind::Float,
            "IntegerParameterType" => EngineeringKind::Integer,
            _ => EngineeringKind::Text,
        }
    }

    fn labels(&self, chain: &Chain<'a>) -> Vec<Label> {
        let list = chain.child("EnumerationList");
        let mut labels: Vec<(Label, Node<'a>)> = Vec::new();
        for entry in list.into_iter().flat_map(|list| children(list, "Enumeration")) {
            let (Some(first), Some(label)) = (self.report.integer(entry, "value"), entry.attribute("label"))
            else {
                continue;
            };
            let last = self.report.integer(entry, "maxValue").unwrap_or(first);
            if last < first {
                self.report.attribute_error(entry, "maxValue", "the range is empty", "exchange the values");
            }
            labels.push((Label { first, last, label: label.to_string() }, entry));
        }
        if let (None, Some(node)) = (labels.first(), chain.node()) {
            self.report.error(node, "the type has no labels", "write an EnumerationList");
        }
        // Stable: of two labels for a value, the first one is kept.
        labels.sort_by_key(|(label, _)| label.first);
        let mut kept: Vec<Label> = Vec::with_capacity(labels.len());
        for (label, node) in labels {
            if kept.last().is_some_and(|before| before.last >= label.first) {
                let what = format!("`{}` has a value that another label has", label.label);
                self.report.omit(node, what, "give each value one label");
            } else {
                kept.push(label);
            }
        }
        kept
    }

    fn time(&self, name: &str, chain: &Chain<'a>) -> EngineeringKind {
        let encoding = chain.child("Encoding");
        let number = |attribute, default| {
            encoding.and_then(|node| self.report.number(node, attribute)).unwrap_or(default)
        };
        let unit = encoding.and_then(|node| self.time_unit(node, "units")).unwrap_or(1.0);
        let (scale, offset) = (number("scale", 1.0) * unit, number("offset", 0.0) * unit);
        let reference = chain.child("ReferenceTime");
        let epoch = reference.and_then(|node| child(node, "Epoch"));
        let mut spec = TimeSpec { scale, offset, epoch: Default::default(), code: TimeCode::Number };
        match (name == "AbsoluteTimeParameterType", epoch) {
            (true, Some(epoch)) => {
                spec.epoch = self.epoch(epoch).unwrap_or_default();
                EngineeringKind::AbsoluteTime(spec)
            }
            (true, None) => {
                let is_reported = reference.is_some_and(|node| child(node, "OffsetFrom").is_some());
                if let (false, Some(node)) = (is_reported, chain.node()) {
                    let fix = "write a ReferenceTime with an Epoch";
                    self.report.omit(node, "the absolute time counts from nothing", fix);
                }
                EngineeringKind::RelativeTime(spec)
            }
            (false, epoch) => {
                if let Some(epoch) = epoch {
                    self.report.omit(epoch, "a relative time counts from nothing", "remove it");
                }
                EngineeringKind::RelativeTime(spec)
            }
        }
    }

    /// Seconds of the unit that an attribute names: of those that always have as many.
    pub(super) fn time_unit(&self, node: Node<'a>, attribute: &'a str) -> Option<f64> {
        let name = node.attribute(attribute)?;
        let found = UNITS.iter().find(|&&(unit, _)| unit == name);
        if found.is_none() {
            let what = format!("`{name}` is no unit of a fixed number of seconds");
            let names: Vec<&str> = UNITS.iter().map(|&(unit, _)| unit).collect();
            self.report.omit_attribute(node, attribute, what, format!("write one of {}", names.join(", ")));
        }
        found.map(|&(_, seconds)| seconds)
    }

    fn add_calibrators(&self, source: Option<Node<'a>>, scalar: &mut Scalar) {
        let is_number = matches!(scalar.encoding, Encoding::Integer { .. } | Encoding::Float { .. });
        let Some(source) = source.filter(|_| is_number) else { return };
        let is_word = matches!(scalar.kind, EngineeringKind::Boolean { .. } | EngineeringKind::Enumerated(_));
        if is_word {
            for name in ["DefaultCalibrator", "ContextCalibratorList"] {
                if let Some(node) = child(source, name) {
                    self.report.omit(
                        node,
                        "words stand for raw values, which are not calibrated",
                        "remove it",
                    );
                }
            }
            return;
        }
        scalar.calibrator = self.default_calibrator(source);
        scalar.context_calibrators = self.context_calibrators(source);
    }

    fn add_alarms(&self, chain: &Chain<'a>, scalar: &mut Scalar) {
        if let Some(range) = chain.child("ValidRange") {
            let default = chain
                .with("validRangeAppliesToCalibrated")
                .is_none_or(|node| self.report.flag(node, "validRangeAppliesToCalibrated", true));
            scalar.valid_range = self.valid_range(range, default);
        }
        scalar.alarm = chain.child("DefaultAlarm").and_then(|alarm| self.alarm(alarm, &scalar.kind));
        let list = chain.child("ContextAlarmList").or_else(|| chain.child("BinaryContextAlarmList"));
        if let Some(list) = list {
            scalar.context_alarms = self.context_alarms(list, &scalar.kind);
        }
    }

    /// Units of the engineering value, as `m/s` or `m s^-1`.
    fn unit(&self, set: Node<'a>) -> String {
        let units = children(set, "Unit")
            .filter(|unit| !matches!(unit.attribute("form"), Some("raw" | "uncalibrated")));
        let units = units.filter_map(|unit| {
            let name = match text(unit) {
                "" => unit.attribute("description").unwrap_or("").trim(),
                name => name,
            };
            let factor = unit.attribute("factor").map(str::trim).filter(|&factor| factor != "1");
            let power = self.report.number(unit, "power").filter(|&power| power != 1.0);
            let power = power.map_or_else(String::new, |power| format!("^{power}"));
            let factor = factor.map_or_else(String::new, |factor| format!("{factor} "));
            (!name.is_empty()).then(|| format!("{factor}{name}{power}"))
        });
        units.collect::<Vec<_>>().join(" ")
    }
}

fn has_encoding(node: Node<'_>) -> bool {
    elements(node).any(|node| ENCODINGS.contains(&node.tag_name().name()))
}

/// Whether raw values of an encoding can become engineering values of a kind.
fn suits(kind: &EngineeringKind, encoding: &Encoding) -> bool {
    match encoding {
        Encoding::Float { .. } => {
            !matches!(kind, EngineeringKind::Enumerated(_) | EngineeringKind::Octets | EngineeringKind::Text)
        }
        Encoding::Integer { .. } => !matches!(kind, EngineeringKind::Octets | EngineeringKind::Text),
        Encoding::Octets { .. } => match kind {
            EngineeringKind::AbsoluteTime(spec) | EngineeringKind::RelativeTime(spec) => {
                spec.code != TimeCode::Number
            }
            kind => matches!(kind, EngineeringKind::Octets),
        },
        Encoding::Text { .. } => matches!(kind, EngineeringKind::Text),
    }
}

/// What the raw values of an encoding are by themselves.
fn plain_kind(encoding: &Encoding) -> EngineeringKind {
    match encoding {
        Encoding::Float { .. } => EngineeringKind::Float,
        Encoding::Integer { .. } => EngineeringKind::Integer,
        Encoding::Octets { .. } => EngineeringKind::Octets,
        Encoding::Text { .. } => EngineeringKind::Text,
    }
}

/// The types of the parts of a structure.
fn parts(kind: &TypeKind) -> Vec<usize> {
    match kind {
        TypeKind::Aggregate(members) => members.iter().map(|member| member.member_type.0 as usize).collect(),
        TypeKind::Array { element, .. } => vec![element.0 as usize],
        TypeKind::Scalar(_) => Vec::new(),
    }
}

/// Bits of a value where they are the same in every packet.
fn fixed_bits(kind: &TypeKind, types: &[Option<u64>]) -> Option<u64> {
    let of = |id: TypeId| types.get(id.0 as usize).copied().flatten();
    match kind {
        TypeKind::Aggregate(members) => {
            members.iter().try_fold(0u64, |sum, member| sum.checked_add(of(member.member_type)?))
        }
        TypeKind::Array { element, dimensions } => array_bits(of(*element)?, dimensions),
        TypeKind::Scalar(scalar) => match &scalar.encoding {
            Encoding::Float { bits, .. } | Encoding::Integer { bits, .. } => Some(u64::from(*bits)),
            Encoding::Octets { size } | Encoding::Text { size, .. } => match size {
                Size::Bits(IntExpr::Fixed(bits))
                | Size::TerminatedWithin { bits: IntExpr::Fixed(bits), .. } => u64::try_from(*bits).ok(),
                _ => None,
            },
        },
    }
}

/// Bits of an array of elements of a size where its dimensions are fixed.
pub(super) fn array_bits(element: u64, dimensions: &[Dimension]) -> Option<u64> {
    if dimensions.is_empty() {
        return None;
    }
    dimensions.iter().try_fold(element, |bits, dimension| match dimension {
        Dimension { first: IntExpr::Fixed(first), last: IntExpr::Fixed(last) } => {
            bits.checked_mul(u64::try_from(last.checked_sub(*first)?.checked_add(1)?).unwrap_or(0))
        }
        _ => None,
    })
}

/// Units of time that always have as many seconds: those of 1.2, and of 1.3.
const UNITS: &[(&str, f64)] = &[
    ("seconds", 1.0),
    ("picoSeconds", 1e-12),
    ("days", 86_400.0),
    ("milliseconds", 1e-3),
    ("microseconds", 1e-6),
    ("nanoseconds", 1e-9),
    ("picoseconds", 1e-12),
    ("minutes", 60.0),
    ("hours", 3_600.0),
];

/// How deep aggregates and arrays may nest.
const MAX_NESTING: u32 = 64;

/// How many types may be derived one from another.
const MAX_BASES: usize = 64;
