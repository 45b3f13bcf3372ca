//! Entries: fields at fixed bits as long as that goes, then steps.

use alloc::format;
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use super::logic::Reach;
use super::tables::Tables;
use super::types::elements;
use super::{Compiler, Known};
use crate::model::layout::Chosen;
use crate::model::{
    Container, ContainerId, Dimension, Entry, EntryKind, IntExpr, Location, ParameterId, Reference, TypeId,
    TypeKind,
};
use crate::plan::{
    self, Anchor, Branch, Encoding, Field, FieldKind, FloatEncoding, IntegerEncoding, ItemId, MAX_DEPTH,
    NONE, Order, Step,
};

/// What a container holds, counted from its start, when that is the same for every packet.
#[derive(Debug)]
pub(super) struct Inline {
    fields: Vec<Field>,
    end: u32,
}

/// The entries of one node.
#[derive(Debug)]
pub(super) struct Laid {
    pub(super) fields: Vec<Field>,
    pub(super) steps: Vec<Step>,
    pub(super) end_bit: u32,
    pub(super) known: Known,
}

/// Entries while they are laid out.
#[derive(Debug)]
struct Flow {
    /// The bit where the next entry follows; `None` once that depends on the packet.
    cursor: Option<u32>,
    laid: Laid,
}

/// The container that entries are in, as far as it is the same for every packet.
#[derive(Clone, Copy, Debug)]
struct Frame {
    start: Option<u32>,
    end: Option<u32>,
}

impl Compiler<'_> {
    /// Lay out the entries of a container's own, from the bit `begin` of the packet where that is known.
    pub(super) fn lay_out(&mut self, id: ContainerId, begin: Option<u32>, known: Known) -> Laid {
        let laid = Laid { fields: Vec::new(), steps: Vec::new(), end_bit: begin.unwrap_or(0), known };
        let mut flow = Flow { cursor: begin, laid };
        let database = self.database;
        if let Some(container) = database.container(id) {
            self.open.push(id);
            let frame = Frame { start: Some(0), end: fixed_size(container) };
            self.entries(&mut flow, &container.entries, frame);
            self.open.pop();
        }
        if let Some(cursor) = flow.cursor {
            flow.laid.end_bit = cursor;
        }
        if nesting(&flow.laid.steps) > MAX_DEPTH {
            self.fault(format!("its entries nest more than {MAX_DEPTH} deep"));
        }
        flow.laid
    }

    fn entries(&mut self, flow: &mut Flow, entries: &[Entry], frame: Frame) {
        for (index, entry) in entries.iter().enumerate() {
            if self.is_full(flow.laid.fields.len() + flow.laid.steps.len()) {
                return;
            }
            let next = entries.get(index + 1);
            if entry.include.as_ref().is_some_and(|include| self.truth(include) == Some(false)) {
                continue;
            }
            let fixed = flow.cursor.and_then(|cursor| self.fixed_entry(flow, entry, next, cursor, frame));
            match (fixed, flow.cursor) {
                (Some(end), _) => flow.cursor = Some(end),
                (None, Some(cursor)) => {
                    flow.laid.end_bit = cursor;
                    flow.cursor = None;
                    self.moving_entry(flow, entry, next, frame);
                }
                (None, None) => self.moving_entry(flow, entry, next, frame),
            }
        }
    }

    /// Lay out an entry that is at the same bits of every packet; returns where it ends.
    fn fixed_entry(
        &mut self,
        flow: &mut Flow,
        entry: &Entry,
        next: Option<&Entry>,
        cursor: u32,
        frame: Frame,
    ) -> Option<u32> {
        match entry.include.as_ref().map(|include| self.truth(include)) {
            None | Some(Some(true)) => {}
            // It is in no packet.
            Some(Some(false)) => return Some(cursor),
            Some(None) => return None,
        }
        let extent = self.extent(entry)?;
        let offset = fixed(&entry.location.offset)?;
        let start = match entry.location.reference {
            Reference::PreviousEntry => i64::from(cursor).checked_add(offset)?,
            Reference::ContainerStart => i64::from(frame.start?).checked_add(offset)?,
            Reference::ContainerEnd => {
                (i64::from(frame.end?) - i64::from(extent.total)).checked_sub(offset)?
            }
            Reference::NextEntry => {
                let next = next?;
                let next_offset = fixed(&next.location.offset)?;
                let next_start = match next.location.reference {
                    Reference::ContainerStart => i64::from(frame.start?).checked_add(next_offset)?,
                    Reference::ContainerEnd => (i64::from(frame.end?) - i64::from(self.extent(next)?.total))
                        .checked_sub(next_offset)?,
                    Reference::NextEntry | Reference::PreviousEntry => return None,
                };
                next_start.checked_sub(offset)?.checked_sub(extent.total.into())?
            }
        };
        let Ok(start) = u32::try_from(start) else {
            self.fault("an entry lies before the first bit of the packet");
            return Some(cursor);
        };
        let end = start.checked_add(extent.total)?;
        // An entry without fields may be there four thousand million times.
        if extent.fields > 0 {
            let mut bit = start;
            for _ in 0..extent.count {
                self.fixed_kind(&entry.kind, bit, &mut flow.laid);
                // Behind the last one nothing has to be.
                bit = bit.saturating_add(extent.bits).saturating_add(extent.gap);
            }
        }
        Some(end)
    }

    /// How much room an entry takes, where that is the same for every packet and not too much for a field each.
    fn extent(&mut self, entry: &Entry) -> Option<Extent> {
        let (count, gap) = match &entry.repeat {
            None => (1, 0),
            Some(repeat) => {
                (u32::try_from(fixed(&repeat.count)?).ok()?, u32::try_from(fixed(&repeat.gap)?).ok()?)
            }
        };
        let (bits, fields) = match &entry.kind {
            EntryKind::Parameter(parameter) => {
                let id = self.database.parameter(*parameter)?.parameter_type;
                (self.type_bits(id)?, self.type_fields(id)?)
            }
            EntryKind::Array { parameter, dimensions } => {
                let element = self.element_type(*parameter)?;
                let elements = elements(dimensions)?;
                (
                    elements.checked_mul(self.type_bits(element)?)?,
                    elements.checked_mul(self.type_fields(element)?)?,
                )
            }
            EntryKind::Container(id) => {
                let inline = self.inline(*id)?;
                (inline.end, inline.fields.len() as u32)
            }
            EntryKind::Fill { bits } => (u32::try_from(fixed(bits)?).ok()?, 0),
            EntryKind::Choice { .. } | EntryKind::Fragments { .. } => return None,
        };
        if fields.checked_mul(count)? > MAX_UNROLLED {
            return None;
        }
        let gaps = gap.checked_mul(count.saturating_sub(1))?;
        let total = bits.checked_mul(count)?.checked_add(gaps)?;
        Some(Extent { bits, gap, count, fields, total })
    }

    fn fixed_kind(&mut self, kind: &EntryKind, bit: u32, laid: &mut Laid) {
        match kind {
            EntryKind::Parameter(parameter) => {
                let database = self.database;
                let Some(row) = database.parameter(*parameter) else { return };
                let mut item = self.first_item(*parameter);
                let mut bit = bit;
                self.fixed_type(row.parameter_type, &mut item, &mut bit, laid);
            }
            EntryKind::Array { parameter, dimensions } => {
                let Some(element) = self.element_type(*parameter) else { return };
                let mut bit = bit;
                let elements = elements(dimensions).filter(|_| self.type_fields(element) != Some(0));
                for _ in 0..elements.unwrap_or(0) {
                    let mut item = self.first_item(*parameter);
                    self.fixed_type(element, &mut item, &mut bit, laid);
                }
            }
            EntryKind::Container(id) => {
                let Some(inline) = self.inline(*id) else { return };
                for field in &inline.fields {
                    keep(Field::new(field.item(), field.bit() + bit, field.bits(), field.kind()), laid);
                }
            }
            EntryKind::Choice { .. } | EntryKind::Fill { .. } | EntryKind::Fragments { .. } => {}
        }
    }

    /// Fields for the values of a type.
    fn fixed_type(&self, id: TypeId, item: &mut u32, bit: &mut u32, laid: &mut Laid) {
        let database = self.database;
        let Some(parameter_type) = database.parameter_type(id) else { return };
        match &parameter_type.kind {
            TypeKind::Scalar(_) => {
                let bits = self.type_bits(id).unwrap_or(0);
                if let Some(field) = self.field(ItemId(*item), *bit) {
                    keep(field, laid);
                }
                *bit += bits;
                *item += 1;
            }
            TypeKind::Aggregate(members) => {
                for member in members {
                    self.fixed_type(member.member_type, item, bit, laid);
                }
            }
            TypeKind::Array { element, dimensions } => {
                let first = *item;
                let elements = elements(dimensions).filter(|_| self.type_fields(*element) != Some(0));
                for _ in 0..elements.unwrap_or(0) {
                    *item = first;
                    self.fixed_type(*element, item, bit, laid);
                }
                *item = first + self.leaves(*element).unwrap_or(0);
            }
        }
    }

    /// The field of an item at `bit`.
    fn field(&self, item: ItemId, bit: u32) -> Option<Field> {
        let plan = self.tables.plan.plan();
        let row = plan.item(item)?;
        let (bits, kind) = match *plan.encoding(row)? {
            Encoding::Integer { bits, encoding, order, reversed: false }
                if bits <= 64 && (order == Order::Big || bits <= 8) =>
            {
                match encoding {
                    IntegerEncoding::Unsigned => (bits, FieldKind::Unsigned),
                    IntegerEncoding::TwosComplement => (bits, FieldKind::Signed),
                    _ => (bits, FieldKind::Other),
                }
            }
            Encoding::Float {
                bits,
                encoding: FloatEncoding::Ieee754,
                order: Order::Big,
                reversed: false,
            } => match bits {
                32 => (bits, FieldKind::Float32),
                64 => (bits, FieldKind::Float64),
                _ => (bits, FieldKind::Other),
            },
            Encoding::Integer { bits, .. } | Encoding::Float { bits, .. } => (bits, FieldKind::Other),
            Encoding::Octets { .. } | Encoding::Text { .. } => (0, FieldKind::Other),
        };
        Some(Field::new(item, bit, bits, kind))
    }

    /// What a container and its bases hold, where that is the same for every packet.
    fn inline(&mut self, id: ContainerId) -> Option<Rc<Inline>> {
        if let Some(known) = self.inlines.get(&id.0) {
            return known.clone();
        }
        if self.open.contains(&id) || self.open.len() >= MAX_DEPTH {
            self.fault("is in itself, over one or more containers, or nests without end");
            return None;
        }
        let database = self.database;
        let subject = self.subject;
        let mut flow = Flow {
            cursor: Some(0),
            laid: Laid { fields: Vec::new(), steps: Vec::new(), end_bit: 0, known: Known::default() },
        };
        let (mut size, mut moves) = (None, false);
        let errors = self.errors.len();
        self.open.push(id);
        for id in self.bases(id) {
            let Some(container) = database.container(id) else { continue };
            if container.size_bits.is_some() {
                size = fixed_size(container);
                // The packet says how large it is: it moves.
                moves = size.is_none();
            }
            let frame = Frame { start: Some(0), end: size };
            for (index, entry) in container.entries.iter().enumerate() {
                if self.is_full(flow.laid.fields.len()) {
                    break;
                }
                let next = container.entries.get(index + 1);
                flow.cursor =
                    flow.cursor.and_then(|cursor| self.fixed_entry(&mut flow, entry, next, cursor, frame));
            }
        }
        self.open.pop();
        flow.cursor = flow.cursor.filter(|_| !moves);
        // What moves is laid out where it is used, and its faults are told there.
        if flow.cursor.is_none() && !self.is_full(0) {
            self.errors.truncate(errors);
        }
        self.subject = subject;
        if flow.cursor.is_some() {
            self.inlined += flow.laid.fields.len();
        }
        let inline = flow
            .cursor
            .map(|cursor| Rc::new(Inline { fields: flow.laid.fields, end: size.unwrap_or(cursor) }));
        self.inlines.insert(id.0, inline.clone());
        inline
    }

    /// A container and what it extends, outermost first.
    fn bases(&self, id: ContainerId) -> Vec<ContainerId> {
        let mut chain = vec![id];
        let mut next = self.database.container(id);
        while let Some(base) = next.and_then(|container| container.base.as_ref()) {
            if chain.len() >= MAX_DEPTH {
                break;
            }
            chain.push(base.container);
            next = self.database.container(base.container);
        }
        chain.reverse();
        chain
    }

    /// Steps for an entry whose place, presence or size depends on the packet.
    fn moving_entry(&mut self, flow: &mut Flow, entry: &Entry, next: Option<&Entry>, frame: Frame) {
        let condition = entry
            .include
            .as_ref()
            .map_or(NONE, |condition| self.condition(condition, Reach::Chain(&flow.laid.known)));
        let mut steps = Vec::new();
        self.place(flow, entry, next, frame, &mut steps);
        let repeat = entry.repeat.as_ref().map(|repeat| {
            let reach = Reach::Chain(&flow.laid.known);
            let gap = if repeat.gap == IntExpr::Fixed(0) { NONE } else { self.expr(&repeat.gap, reach) };
            (self.expr(&repeat.count, reach), gap)
        });
        let body = self.moving_kind(flow, &entry.kind);
        if let Some((count, gap)) = repeat {
            steps.push(Step::Repeat { count, gap, body: body.len() as u32 });
        }
        steps.extend(body);
        if condition != NONE {
            flow.laid.steps.push(Step::When { condition, body: steps.len() as u32 });
        }
        flow.laid.steps.extend(steps);
    }

    /// The step to where an entry lies.
    fn place(
        &mut self,
        flow: &Flow,
        entry: &Entry,
        next: Option<&Entry>,
        frame: Frame,
        steps: &mut Vec<Step>,
    ) {
        if entry.location == Location::FOLLOWING {
            return;
        }
        let reach = Reach::Chain(&flow.laid.known);
        let offset = &entry.location.offset;
        let back = match entry.location.reference {
            Reference::ContainerEnd | Reference::NextEntry => self.extent(entry).map(|extent| extent.total),
            Reference::ContainerStart | Reference::PreviousEntry => Some(0),
        };
        let Some(back) = back else {
            self.fault("an entry that is placed backward must have the same size in every packet");
            return;
        };
        let (base, offset, back) = match entry.location.reference {
            Reference::PreviousEntry => (Anchor::Here, self.expr(offset, reach), back),
            Reference::ContainerStart => (Anchor::Start, self.expr(offset, reach), back),
            Reference::ContainerEnd => match (frame.start, frame.end, fixed(offset)) {
                // The end of this container is not that of the packet.
                (Some(start), Some(end), Some(offset)) => {
                    let bit = i64::from(end) - i64::from(start) - offset;
                    (Anchor::Start, self.tables.fixed(bit), back)
                }
                (Some(_), Some(_), None) => {
                    self.fault("a distance from the end of a container of known size must be fixed");
                    return;
                }
                _ => (Anchor::End, self.expr(&negated(offset), reach), back),
            },
            Reference::NextEntry => {
                let next = next.map(|next| &next.location);
                let place = match (next, fixed(offset)) {
                    (Some(Location { reference: Reference::ContainerStart, offset: next }), Some(offset)) => {
                        u32::try_from(offset)
                            .ok()
                            .map(|offset| (Anchor::Start, self.expr(next, reach), back + offset))
                    }
                    _ => None,
                };
                let Some(place) = place else {
                    self.fault(
                        "an entry placed before the next one needs a next one that is placed from the container's start",
                    );
                    return;
                };
                place
            }
        };
        steps.push(Step::At { base, offset, back });
    }

    fn moving_kind(&mut self, flow: &mut Flow, kind: &EntryKind) -> Vec<Step> {
        let mut steps = Vec::new();
        if let EntryKind::Array { parameter, .. } | EntryKind::Parameter(parameter) = kind
            && self.tables.plan.parameters.get(parameter.0 as usize).is_none_or(|row| row.items.len == 0)
        {
            // Its type does not exist, or has no end: that is told already, and laying it out would have none either.
            return steps;
        }
        match kind {
            EntryKind::Parameter(parameter) => {
                let database = self.database;
                let Some(row) = database.parameter(*parameter) else { return steps };
                let mut item = self.first_item(*parameter);
                self.moving_type(*parameter, row.parameter_type, &mut item, &mut flow.laid.known, &mut steps);
            }
            EntryKind::Array { parameter, dimensions } => {
                let Some(element) = self.element_type(*parameter) else { return steps };
                let mut item = self.first_item(*parameter);
                self.array(*parameter, dimensions, element, &mut item, &mut flow.laid.known, &mut steps);
            }
            EntryKind::Container(id) => self.group(flow, *id, &mut steps),
            EntryKind::Fill { bits } => {
                let bits = self.expr(bits, Reach::Chain(&flow.laid.known));
                steps.push(Step::Skip { bits });
            }
            EntryKind::Fragments { parameter, parts } => {
                let item = ItemId(self.first_item(*parameter));
                if parts
                    .iter()
                    .try_fold(0u32, |sum, part| sum.checked_add(part.1))
                    .is_none_or(|bits| bits > 64)
                {
                    self.fault("a number in several parts has at most 64 bits");
                }
                let parts = Tables::append(&mut self.tables.plan.parts, parts);
                flow.laid.known.moving.insert(item);
                steps.push(Step::Fragments { item, parts });
            }
            EntryKind::Choice { selector, cases } => {
                let Some(operand) = self.reference(selector, Reach::Chain(&flow.laid.known)) else {
                    return steps;
                };
                let branches: Vec<Branch> = cases
                    .iter()
                    .map_while(|&(value, chosen)| {
                        if self.is_full(steps.len()) {
                            return None;
                        }
                        let kind = match chosen {
                            Chosen::Container(id) => EntryKind::Container(id),
                            Chosen::Parameter(id) => EntryKind::Parameter(id),
                        };
                        let body = self.moving_kind(flow, &kind);
                        Some(Branch { value, steps: Tables::append(&mut self.tables.plan.steps, &body) })
                    })
                    .collect();
                let branches = Tables::append(&mut self.tables.plan.branches, &branches);
                steps.push(Step::Choose { operand, branches });
            }
        }
        steps
    }

    /// All that another container and its bases hold.
    fn group(&mut self, flow: &mut Flow, id: ContainerId, steps: &mut Vec<Step>) {
        if self.open.contains(&id) || self.open.len() >= MAX_DEPTH {
            self.fault("is in itself, over one or more containers, or nests without end");
            return;
        }
        let known = mem::take(&mut flow.laid.known);
        let laid = Laid { fields: Vec::new(), steps: Vec::new(), end_bit: 0, known };
        let mut inner = Flow { cursor: None, laid };
        let database = self.database;
        let mut size = NONE;
        self.open.push(id);
        for id in self.bases(id) {
            let Some(container) = database.container(id) else { continue };
            if let Some(bits) = &container.size_bits {
                size = self.expr(bits, Reach::Chain(&inner.laid.known));
            }
            self.entries(&mut inner, &container.entries, Frame { start: None, end: None });
        }
        self.open.pop();
        flow.laid.known = inner.laid.known;
        steps.push(Step::Group { size, body: inner.laid.steps.len() as u32 });
        steps.extend(inner.laid.steps);
    }

    fn moving_type(
        &mut self,
        parameter: ParameterId,
        id: TypeId,
        item: &mut u32,
        known: &mut Known,
        steps: &mut Vec<Step>,
    ) {
        let database = self.database;
        let Some(parameter_type) = database.parameter_type(id) else { return };
        match &parameter_type.kind {
            TypeKind::Scalar(_) => {
                known.moving.insert(ItemId(*item));
                steps.push(Step::Field { item: ItemId(*item) });
                *item += 1;
            }
            TypeKind::Aggregate(members) => {
                for member in members {
                    self.moving_type(parameter, member.member_type, item, known, steps);
                }
            }
            TypeKind::Array { element, dimensions } => {
                self.array(parameter, dimensions, *element, item, known, steps);
            }
        }
    }

    fn array(
        &mut self,
        parameter: ParameterId,
        dimensions: &[Dimension],
        element: TypeId,
        item: &mut u32,
        known: &mut Known,
        steps: &mut Vec<Step>,
    ) {
        if dimensions.is_empty() {
            self.fault("an array needs dimensions: its type has none, and the entry gives none");
        }
        let dimensions = self.dimensions(dimensions, Reach::Chain(known));
        let mut body = Vec::new();
        self.moving_type(parameter, element, item, known, &mut body);
        let parameter = plan::ParameterId(parameter.0);
        steps.push(Step::Array { parameter, dimensions, body: body.len() as u32 });
        steps.extend(body);
    }

    /// The type of the elements when an entry makes an array of a parameter.
    fn element_type(&self, parameter: ParameterId) -> Option<TypeId> {
        let id = self.database.parameter(parameter)?.parameter_type;
        Some(match &self.database.parameter_type(id)?.kind {
            TypeKind::Array { element, .. } => *element,
            TypeKind::Aggregate(_) | TypeKind::Scalar(_) => id,
        })
    }

    fn first_item(&self, parameter: ParameterId) -> u32 {
        self.tables.plan.parameters.get(parameter.0 as usize).map_or(NONE, |parameter| parameter.items.start)
    }
}

/// Room that an entry takes: `count` times `bits`, `gap` between them.
#[derive(Clone, Copy, Debug)]
struct Extent {
    bits: u32,
    gap: u32,
    count: u32,
    /// Fields of one of them.
    fields: u32,
    total: u32,
}

fn keep(field: Field, laid: &mut Laid) {
    laid.known.fields.insert(field.item(), field);
    laid.fields.push(field);
}

fn fixed(expr: &IntExpr) -> Option<i64> {
    match expr {
        IntExpr::Fixed(value) => Some(*value),
        IntExpr::Linear { .. } | IntExpr::Lookup(_) => None,
    }
}

fn fixed_size(container: &Container) -> Option<u32> {
    container.size_bits.as_ref().and_then(fixed).and_then(|bits| u32::try_from(bits).ok())
}

fn negated(expr: &IntExpr) -> IntExpr {
    match expr {
        IntExpr::Fixed(value) => IntExpr::Fixed(value.saturating_neg()),
        IntExpr::Linear { parameter, slope, intercept } => {
            IntExpr::Linear { parameter: parameter.clone(), slope: -slope, intercept: -intercept }
        }
        IntExpr::Lookup(list) => IntExpr::Lookup(
            list.iter().map(|(condition, value)| (condition.clone(), value.saturating_neg())).collect(),
        ),
    }
}

/// How deep bodies lie in bodies.
fn nesting(steps: &[Step]) -> usize {
    let mut deepest = 0;
    let mut rest = steps;
    while let Some((step, after)) = rest.split_first() {
        let body = match step {
            Step::Array { body, .. }
            | Step::Group { body, .. }
            | Step::Repeat { body, .. }
            | Step::When { body, .. } => *body as usize,
            _ => 0,
        };
        let (inside, behind) = after.split_at_checked(body).unwrap_or((after, &[]));
        deepest = deepest.max(1 + if body > 0 { nesting(inside) } else { 0 });
        rest = behind;
    }
    deepest
}

/// The most fields that one entry is unrolled into; a larger one is a loop.
const MAX_UNROLLED: u32 = 4096;
