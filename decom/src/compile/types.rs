//! Parameters and their types: items, structures, encodings, meanings.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::Compiler;
use super::logic::Reach;
use super::tables::{Tables, push};
use crate::model::{
    Alarm, BitOrder, ByteOrder, Calibrator, Condition, Database, Dimension, Encoding, EngineeringKind,
    IntExpr, Label, MathOp, Scalar, Size, TimeSpec, TypeId, TypeKind,
};
use crate::plan::{
    self, Context, Item, ItemId, Kind, MAX_DEPTH, Meaning, NONE, Order, Parameter, ParameterId, Shape,
    SizeRule, Span, Text, Time,
};

impl<'d> Compiler<'d> {
    /// Every parameter, its items and its structure.
    pub(super) fn parameters(&mut self) {
        let database = self.database;
        // First the names of all items, so that types may refer to any of them; then what they are.
        for (index, parameter) in (0u32..).zip(&database.parameters) {
            self.subject = (&parameter.name, parameter.origin);
            let start = self.tables.plan.items.len() as u32;
            match self.leaves(parameter.parameter_type) {
                Some(leaves) if start as usize + leaves as usize <= MAX_ITEMS => {
                    self.items(ParameterId(index), parameter.parameter_type, &mut String::new());
                }
                Some(_) => self.fault(format!("the parameters have more than {MAX_ITEMS} values in all")),
                None => self.fault("its type does not exist, nests without end, or has too many parts"),
            }
            let row = Parameter {
                name: self.tables.new_text(&parameter.name),
                description: self.tables.text(&parameter.description),
                items: Span { start, len: self.tables.plan.items.len() as u32 - start },
                shape: NONE,
                valid_if: NONE,
            };
            self.tables.plan.parameters.push(row);
        }
        let mut shapes = Vec::new();
        for (index, parameter) in database.parameters.iter().enumerate() {
            self.subject = (&parameter.name, parameter.origin);
            let Some(row) = self.tables.plan.parameters.get(index).copied() else { continue };
            if row.items.len == 0 || self.is_full(0) {
                continue;
            }
            shapes.clear();
            let mut item = row.items.start;
            self.shape(parameter.parameter_type, &mut item, &mut shapes);
            let shape = Tables::append(&mut self.tables.plan.shapes, &shapes).start;
            let valid_if = parameter.valid_if.as_ref();
            let valid_if = valid_if.map_or(NONE, |condition| self.condition(condition, Reach::Anywhere));
            if let Some(row) = self.tables.plan.parameters.get_mut(index) {
                row.shape = shape;
                row.valid_if = valid_if;
            }
        }
    }

    /// How many items the values of a type are of; `None` when it does not exist or has no end.
    pub(super) fn leaves(&self, id: TypeId) -> Option<u32> {
        Some(self.measure(id)?.leaves)
    }

    /// Bits of the values of a type, where that is the same for every packet.
    pub(super) fn type_bits(&self, id: TypeId) -> Option<u32> {
        self.measure(id)?.bits
    }

    /// How many fields the values of a type are, where that is the same for every packet.
    pub(super) fn type_fields(&self, id: TypeId) -> Option<u32> {
        self.measure(id)?.fields
    }

    fn measure(&self, id: TypeId) -> Option<Measure> {
        self.measures.get(id.0 as usize).copied().flatten()
    }

    /// Name the items of a type.
    fn items(&mut self, parameter: ParameterId, id: TypeId, suffix: &mut String) {
        let database = self.database;
        let Some(parameter_type) = database.parameter_type(id) else { return };
        let len = suffix.len();
        match &parameter_type.kind {
            TypeKind::Scalar(_) => {
                let suffix = self.tables.text(suffix);
                let item = Item { parameter, suffix, encoding: 0, meaning: 0, register: NONE };
                self.tables.plan.items.push(item);
            }
            TypeKind::Array { element, .. } => {
                suffix.push_str("[]");
                self.items(parameter, *element, suffix);
            }
            TypeKind::Aggregate(members) => {
                for member in members {
                    suffix.push('.');
                    suffix.push_str(&member.name);
                    self.items(parameter, member.member_type, suffix);
                    suffix.truncate(len);
                }
            }
        }
        suffix.truncate(len);
    }

    /// The structure of a type, and what its items are.
    fn shape(&mut self, id: TypeId, item: &mut u32, out: &mut Vec<Shape>) {
        let database = self.database;
        let Some(parameter_type) = database.parameter_type(id) else { return };
        match &parameter_type.kind {
            TypeKind::Scalar(scalar) => {
                let (encoding, meaning) = self.scalar(id, scalar);
                if let Some(row) = self.tables.plan.items.get_mut(*item as usize) {
                    row.encoding = encoding;
                    row.meaning = meaning;
                }
                out.push(Shape::Value(ItemId(*item)));
                *item += 1;
            }
            TypeKind::Array { element, dimensions } => {
                let dimensions = self.dimensions(dimensions, Reach::Anywhere);
                out.push(Shape::Array { dimensions });
                self.shape(*element, item, out);
            }
            TypeKind::Aggregate(members) => {
                out.push(Shape::Aggregate { members: members.len() as u32 });
                for member in members {
                    out.push(Shape::Member(self.tables.text(&member.name)));
                    self.shape(member.member_type, item, out);
                }
            }
        }
    }

    /// First and last index of each dimension, as indices of numbers one after the other.
    pub(super) fn dimensions(&mut self, dimensions: &[Dimension], reach: Reach<'_>) -> Span {
        if dimensions.len() > plan::MAX_RANK {
            self.fault(format!("arrays have at most {} dimensions", plan::MAX_RANK));
        }
        let bounds: Vec<u32> = dimensions
            .iter()
            .flat_map(|dimension| [&dimension.first, &dimension.last])
            .map(|bound| self.expr(bound, reach))
            .collect();
        // The numbers are to stand side by side; equal ones may be shared.
        let rows: Vec<plan::Expr> =
            bounds.iter().filter_map(|&bound| self.tables.plan.exprs.get(bound as usize).copied()).collect();
        Tables::append(&mut self.tables.plan.exprs, &rows)
    }

    /// The encoding and the meaning of a scalar type.
    fn scalar(&mut self, id: TypeId, scalar: &'d Scalar) -> (u16, u32) {
        if let Some(&Some(known)) = self.scalars.get(id.0 as usize) {
            return known;
        }
        if let Some(parameter_type) = self.database.parameter_type(id) {
            self.subject = (&parameter_type.name, parameter_type.origin);
        }
        let encoding = self.encoding(&scalar.encoding);
        let meaning = self.meaning(id, scalar);
        let encoding = self.tables.encoding(encoding).unwrap_or_else(|| {
            self.fault("the database has more than 65536 different encodings");
            0
        });
        if let Some(slot) = self.scalars.get_mut(id.0 as usize) {
            *slot = Some((encoding, meaning));
        }
        (encoding, meaning)
    }

    fn encoding(&mut self, encoding: &Encoding) -> plan::Encoding {
        match encoding {
            Encoding::Float { bits, encoding, byte_order, bit_order } => {
                use plan::FloatEncoding as F;
                let legal = match encoding {
                    F::Dec | F::Ibm => matches!(bits, 32 | 64),
                    F::Ieee754 => matches!(bits, 16 | 32 | 64 | 80 | 128),
                    F::MilStd1750A => matches!(bits, 32 | 48),
                    F::Ti => matches!(bits, 32 | 40),
                };
                if !legal {
                    self.fault(format!("there is no {encoding:?} number of {bits} bits"));
                }
                plan::Encoding::Float {
                    bits: *bits as u8,
                    encoding: *encoding,
                    order: self.order(byte_order, *bits),
                    reversed: *bit_order == BitOrder::LeastSignificantFirst,
                }
            }
            Encoding::Integer { bits, encoding, byte_order, bit_order } => {
                let most = if *encoding == plan::IntegerEncoding::Unsigned { 128 } else { 64 };
                if *bits == 0 || *bits > most {
                    self.fault(format!("a {encoding:?} number has 1 to {most} bits, not {bits}"));
                }
                plan::Encoding::Integer {
                    bits: *bits as u8,
                    encoding: *encoding,
                    order: self.order(byte_order, *bits),
                    reversed: *bit_order == BitOrder::LeastSignificantFirst,
                }
            }
            Encoding::Octets { size } => plan::Encoding::Octets { size: self.size(size) },
            Encoding::Text { size, charset } => {
                plan::Encoding::Text { size: self.size(size), charset: *charset }
            }
        }
    }

    fn order(&mut self, order: &ByteOrder, bits: u32) -> Order {
        let octets = bits.div_ceil(8) as usize;
        match order {
            // One octet has no order.
            _ if octets <= 1 => Order::Big,
            ByteOrder::MostSignificantFirst => Order::Big,
            ByteOrder::LeastSignificantFirst => Order::Little,
            ByteOrder::List(list) => {
                let mut sorted = list.clone();
                sorted.sort_unstable();
                if sorted.len() != octets
                    || !sorted.iter().enumerate().all(|(i, &octet)| usize::from(octet) == i)
                {
                    self.fault(format!("an order of octets names each of {octets} octets once"));
                }
                if !bits.is_multiple_of(8) {
                    self.fault("an order of octets needs whole octets");
                }
                let descending = list.iter().rev().enumerate().all(|(i, &octet)| usize::from(octet) == i);
                let ascending = list.iter().enumerate().all(|(i, &octet)| usize::from(octet) == i);
                match (descending, ascending) {
                    (true, _) => Order::Big,
                    (_, true) => Order::Little,
                    _ => Order::List(Tables::append(&mut self.tables.plan.octets, list)),
                }
            }
        }
    }

    fn size(&mut self, size: &Size) -> SizeRule {
        let octets = |compiler: &mut Self, terminator: &[u8]| {
            if terminator.is_empty() {
                compiler.fault("a terminator has at least one octet");
            }
            Tables::append(&mut compiler.tables.plan.octets, terminator)
        };
        match size {
            Size::Bits(bits) => SizeRule::Bits(self.expr(bits, Reach::Anywhere)),
            Size::Leading { tag_bits, max_bits } => {
                if !(1..=64).contains(tag_bits) {
                    self.fault(format!("a leading size has 1 to 64 bits, not {tag_bits}"));
                }
                SizeRule::Leading { tag_bits: *tag_bits as u8, max_bits: *max_bits }
            }
            Size::Terminated { terminator, max_bits } => {
                SizeRule::Terminated { terminator: octets(self, terminator), max_bits: *max_bits }
            }
            Size::TerminatedWithin { terminator, bits } => SizeRule::TerminatedWithin {
                terminator: octets(self, terminator),
                bits: self.expr(bits, Reach::Anywhere),
            },
        }
    }

    fn meaning(&mut self, id: TypeId, scalar: &'d Scalar) -> u32 {
        let unit = self.database.parameter_type(id).map_or("", |parameter_type| parameter_type.unit.as_str());
        let meaning = Meaning {
            kind: self.kind(&scalar.kind),
            unit: self.tables.text(unit),
            context_calibrators: self.contexts(&scalar.context_calibrators, Self::calibrator),
            calibrator: scalar.calibrator.as_ref().map_or(NONE, |calibrator| self.calibrator(calibrator)),
            context_alarms: self.contexts(&scalar.context_alarms, Self::alarm),
            alarm: scalar.alarm.as_ref().map_or(NONE, |alarm| self.alarm(alarm)),
            valid_range: scalar.valid_range,
        };
        push(&mut self.tables.plan.meanings, meaning)
    }

    fn kind(&mut self, kind: &EngineeringKind) -> Kind {
        match kind {
            EngineeringKind::AbsoluteTime(time) => Kind::AbsoluteTime(self.time(time)),
            EngineeringKind::Boolean { zero, one } => {
                Kind::Boolean { zero: self.tables.text(zero), one: self.tables.text(one) }
            }
            EngineeringKind::Enumerated(labels) => Kind::Enumerated(self.labels(labels)),
            EngineeringKind::Float => Kind::Float,
            EngineeringKind::Integer => Kind::Integer,
            EngineeringKind::Octets => Kind::Octets,
            EngineeringKind::RelativeTime(time) => Kind::RelativeTime(self.time(time)),
            EngineeringKind::Text => Kind::Text,
        }
    }

    fn time(&mut self, time: &TimeSpec) -> u32 {
        let row = Time { scale: time.scale, offset: time.offset, epoch: time.epoch, code: time.code };
        push(&mut self.tables.plan.times, row)
    }

    /// Words in order of their values, the first of several for one value.
    fn labels(&mut self, labels: &[Label]) -> Span {
        let mut sorted: Vec<&Label> = labels.iter().collect();
        sorted.sort_by_key(|label| label.first);
        for pair in sorted.windows(2) {
            if let [first, second] = pair
                && first.last >= second.first
            {
                self.fault(format!(
                    "the words {:?} and {:?} stand for the same value",
                    first.label, second.label
                ));
            }
        }
        let rows: Vec<plan::Label> = sorted
            .into_iter()
            .map(|label| plan::Label {
                first: label.first,
                last: label.last,
                text: self.tables.text(&label.label),
            })
            .collect();
        Tables::append(&mut self.tables.plan.labels, &rows)
    }

    fn contexts<T>(&mut self, list: &[(Condition, T)], row: fn(&mut Self, &T) -> u32) -> Span {
        let rows: Vec<Context> = list
            .iter()
            .map(|(condition, target)| Context {
                condition: self.condition(condition, Reach::Anywhere),
                target: row(self, target),
            })
            .collect();
        Tables::append(&mut self.tables.plan.contexts, &rows)
    }

    fn calibrator(&mut self, calibrator: &Calibrator) -> u32 {
        let row = match calibrator {
            Calibrator::Math(operations) => {
                let rows: Vec<plan::MathOp> = operations
                    .iter()
                    .map(|operation| match operation {
                        MathOp::Apply(operator) => plan::MathOp::Apply(*operator),
                        MathOp::Number(number) => plan::MathOp::Number(*number),
                        MathOp::Parameter(parameter) => {
                            if let Some(number) = self.constant_number(parameter) {
                                return plan::MathOp::Number(number);
                            }
                            plan::MathOp::Operand(self.reference(parameter, Reach::Anywhere).unwrap_or(NONE))
                        }
                        MathOp::This => plan::MathOp::This,
                    })
                    .collect();
                plan::Calibrator::Math(Tables::append(&mut self.tables.plan.math, &rows))
            }
            Calibrator::Polynomial { coefficients, negative } => plan::Calibrator::Polynomial {
                coefficients: Tables::append(&mut self.tables.plan.numbers, coefficients),
                negative: Tables::append(&mut self.tables.plan.numbers, negative),
            },
            Calibrator::ReciprocalLogarithmic(coefficients) => {
                let numbers = &mut self.tables.plan.numbers;
                plan::Calibrator::ReciprocalLogarithmic(Tables::append(numbers, coefficients))
            }
            Calibrator::Spline { order, extrapolate, points } => {
                if points.is_empty() || !points.is_sorted_by(|a, b| a.0 < b.0) {
                    self.fault("the raw values of a spline are at least one, and rise");
                }
                let flat: Vec<f64> = points.iter().flat_map(|&(raw, calibrated)| [raw, calibrated]).collect();
                let points = Tables::append(&mut self.tables.plan.numbers, &flat);
                plan::Calibrator::Spline { order: *order, extrapolate: *extrapolate, points }
            }
        };
        push(&mut self.tables.plan.calibrators, row)
    }

    fn alarm(&mut self, alarm: &Alarm) -> u32 {
        let labels: Vec<(Text, plan::AlarmLevel)> =
            alarm.labels.iter().map(|(label, level)| (self.tables.text(label), *level)).collect();
        let plan = &mut self.tables.plan;
        let row = plan::Alarm {
            ranges: Tables::append(&mut plan.alarm_ranges, &alarm.ranges),
            labels: Tables::append(&mut plan.alarm_labels, &labels),
            other_labels: alarm.other_labels,
            change: Tables::append(&mut plan.alarm_ranges, &alarm.change),
            min_violations: alarm.min_violations.max(1),
        };
        push(&mut plan.alarms, row)
    }
}

/// How large the values of a type are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    /// Items: scalars, those of an array counted once.
    leaves: u32,
    /// Types, this one and all within: those without a value are walked as well.
    parts: u32,
    /// Bits, and fields, of all of them together, where these are the same for every packet.
    bits: Option<u32>,
    fields: Option<u32>,
    /// How deep types lie in types.
    depth: usize,
}

/// How large the values of every type are, each measured once: a type may hold others many times over, and they again.
pub(super) fn measures(database: &Database) -> Vec<Option<Measure>> {
    let mut states = vec![State::New; database.types.len()];
    for index in 0..database.types.len() {
        measure(database, &mut states, index, 0);
    }
    states
        .into_iter()
        .map(|state| match state {
            State::Done(measure) => measure,
            State::New | State::Open => None,
        })
        .collect()
}

#[derive(Clone, Copy)]
enum State {
    Done(Option<Measure>),
    New,
    /// It is being measured: if it is met again, it holds itself.
    Open,
}

fn measure(database: &Database, states: &mut [State], index: usize, depth: usize) -> Option<Measure> {
    match states.get_mut(index)? {
        State::Done(measure) => return *measure,
        State::Open => return None,
        state if depth < MAX_NESTING => *state = State::Open,
        State::New => return None,
    }
    let mut part = |id: TypeId| measure(database, states, id.0 as usize, depth + 1);
    let found = match &database.types.get(index)?.kind {
        TypeKind::Scalar(scalar) => {
            let bits = scalar_bits(&scalar.encoding);
            Some(Measure { leaves: 1, parts: 1, bits, fields: Some(1), depth: 0 })
        }
        TypeKind::Array { element, dimensions } => part(*element).and_then(|element| {
            let count = elements(dimensions);
            let times = |one: Option<u32>| count?.checked_mul(one?);
            let (bits, fields) = (times(element.bits), times(element.fields));
            let parts = element.parts.checked_add(1)?;
            Some(Measure { parts, bits, fields, depth: element.depth + 1, ..element })
        }),
        TypeKind::Aggregate(members) => {
            let none = Measure { leaves: 0, parts: 1, bits: Some(0), fields: Some(0), depth: 0 };
            members.iter().try_fold(none, |sum, member| {
                let member = part(member.member_type)?;
                let add = |a: Option<u32>, b: Option<u32>| a?.checked_add(b?);
                Some(Measure {
                    leaves: sum.leaves.checked_add(member.leaves)?,
                    parts: sum.parts.checked_add(member.parts)?,
                    bits: add(sum.bits, member.bits),
                    fields: add(sum.fields, member.fields),
                    depth: sum.depth.max(member.depth + 1),
                })
            })
        }
    };
    let found = found.filter(|found| found.depth < MAX_DEPTH && found.parts as usize <= MAX_PARTS);
    *states.get_mut(index)? = State::Done(found);
    found
}

fn scalar_bits(encoding: &Encoding) -> Option<u32> {
    match encoding {
        Encoding::Float { bits, .. } | Encoding::Integer { bits, .. } => Some(*bits),
        Encoding::Octets { size } | Encoding::Text { size, .. } => match size {
            Size::Bits(IntExpr::Fixed(bits)) | Size::TerminatedWithin { bits: IntExpr::Fixed(bits), .. } => {
                u32::try_from(*bits).ok()
            }
            _ => None,
        },
    }
}

/// How many elements an array has, where that is the same for every packet.
pub(super) fn elements(dimensions: &[Dimension]) -> Option<u32> {
    if dimensions.is_empty() {
        return None;
    }
    dimensions.iter().try_fold(1u32, |product, dimension| match (&dimension.first, &dimension.last) {
        (IntExpr::Fixed(first), IntExpr::Fixed(last)) => {
            let extent = last.checked_sub(*first)?.checked_add(1)?.max(0);
            product.checked_mul(u32::try_from(extent).ok()?)
        }
        _ => None,
    })
}

/// How deep types are followed: deeper than any that is accepted, and not so deep that the stack runs out.
const MAX_NESTING: usize = 256;

/// The most values that all parameters together may be of.
const MAX_ITEMS: usize = 1 << 21;
/// The most types that a type may be made of, each counted as often as it is there.
const MAX_PARTS: usize = 1 << 22;
