//! Structured parameters, put together from the values that a decoder hands out one by one.

use std::fmt::Write;

use decom::alarm::AlarmMonitor;
use decom::plan::{
    AlarmLevel, Expr, ItemId, MAX_RANK, Meaning, NodeId, Parameter, ParameterId, Plan, Shape, Span,
};
use decom::row::{RowSink, Sample};
use decom::value::Value;

use super::json;

/// Writes one JSON object for each instance of a parameter, separated by commas.
#[derive(Debug)]
pub(super) struct Instances<'p> {
    plan: Plan<'p>,
    out: String,
    open: Option<Instance>,
    /// What alarms remember of each item.
    monitors: Vec<AlarmMonitor>,
}

/// An instance of a parameter that is not complete.
#[derive(Debug)]
struct Instance {
    parameter: ParameterId,
    /// What is to come, the next thing last.
    tasks: Vec<Task>,
    raw: String,
    value: String,
    /// Keys beside these two.
    beside: String,
    unit: String,
    is_valid: bool,
    alarm: AlarmLevel,
}

/// What is to come.
#[derive(Clone, Debug)]
enum Task {
    /// The size of an array, and then its elements.
    Array { element: u32 },
    /// Elements of an array from `next` on.
    Elements { element: u32, extents: [u32; MAX_RANK], rank: usize, next: u64, total: Option<u64> },
    /// A value.
    Leaf(ItemId),
    /// A structure, or a part of one.
    Shape(u32),
    /// Something to be written.
    Text(String),
}

impl<'p> Instances<'p> {
    pub(super) const fn new(plan: Plan<'p>, monitors: Vec<AlarmMonitor>) -> Self {
        Self { plan, out: String::new(), open: None, monitors }
    }

    /// The objects, and what alarms remember.
    pub(super) fn finish(mut self) -> (String, Vec<AlarmMonitor>) {
        self.close();
        (self.out, self.monitors)
    }

    /// A value of an item: what `write` makes of it, or nothing.
    fn leaf(&mut self, item: ItemId, write: impl Fn(&mut Instance)) {
        let Some(row) = self.plan.item(item) else { return };
        let Some(parameter) = self.plan.parameter(row.parameter) else { return };
        if !self.expects(row.parameter, item) {
            self.close();
            self.begin(row.parameter, parameter);
        }
        let is_expected = self.expects(row.parameter, item);
        let Some(open) = &mut self.open else { return };
        if is_expected {
            open.tasks.pop();
        } else {
            // The structure has no such place: then the value stands for itself.
            *open = Instance::new(row.parameter, Vec::new());
        }
        let unit = self.plan.meaning(row).map_or("", |meaning: &Meaning| self.plan.str(meaning.unit));
        if self.plan.shapes.get(parameter.shape as usize).is_some_and(|shape| has_one_unit(*shape)) {
            unit.clone_into(&mut open.unit);
        }
        write(open);
        self.advance();
    }

    /// Whether a value of this item is what comes next.
    fn expects(&mut self, parameter: ParameterId, item: ItemId) -> bool {
        let Some(open) = self.open.as_mut().filter(|open| open.parameter == parameter) else { return false };
        if let Some(Task::Elements { total: None, .. }) = open.tasks.last() {
            open.element();
            open.run(&self.plan);
        }
        matches!(open.tasks.last(), Some(&Task::Leaf(next)) if next == item)
    }

    fn begin(&mut self, id: ParameterId, parameter: &Parameter) {
        let mut open = Instance::new(id, vec![Task::Shape(parameter.shape)]);
        open.run(&self.plan);
        if let Some(Task::Array { element }) = open.tasks.last().cloned() {
            // Nobody said how many elements there are: as many as come.
            open.tasks.pop();
            open.push_str("[");
            open.elements(element, &[], None);
        }
        if let Some(Task::Elements { total: None, .. }) = open.tasks.last() {
            open.element();
            open.run(&self.plan);
        }
        self.open = Some(open);
    }

    fn advance(&mut self) {
        if let Some(open) = &mut self.open {
            open.run(&self.plan);
            if open.tasks.is_empty() {
                self.close();
            }
        }
    }

    /// Write what there is of the instance under way.
    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        open.give_up();
        let Instance { parameter, raw, value, beside, unit, is_valid, alarm, .. } = open;
        let Some(parameter) = self.plan.parameter(parameter) else { return };
        let out = &mut self.out;
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str("{\"name\":");
        json::string(out, self.plan.str(parameter.name));
        // Writing to a string cannot fail.
        let _ = write!(out, ",\"raw\":{raw},\"value\":{value}{beside},\"unit\":");
        json::string(out, &unit);
        let _ = write!(out, ",\"valid\":{is_valid}");
        if alarm != AlarmLevel::Normal {
            let _ = write!(out, ",\"alarm\":\"{}\"", alarm_name(alarm));
        }
        out.push('}');
    }
}

impl RowSink for Instances<'_> {
    fn array(&mut self, id: ParameterId, dimensions: &[u32]) {
        let Some(parameter) = self.plan.parameter(id) else { return };
        let awaits = |open: &Option<Instance>| {
            let open = open.as_ref().filter(|open| open.parameter == id);
            open.map(|open| match open.tasks.last() {
                Some(Task::Array { element }) => Some(*element),
                _ => None,
            })
        };
        if awaits(&self.open).is_none() {
            // Only an array that begins its parameter begins an instance.
            self.close();
            let mut open = Instance::new(id, vec![Task::Shape(parameter.shape)]);
            open.run(&self.plan);
            if !matches!(open.tasks.last(), Some(Task::Array { .. })) {
                return;
            }
            self.open = Some(open);
        }
        if let (Some(Some(element)), Some(open)) = (awaits(&self.open), &mut self.open) {
            open.tasks.pop();
            open.elements(element, dimensions, Some(dimensions));
        }
        self.advance();
    }

    fn enter(&mut self, _container: NodeId) {
        self.close();
    }

    fn missing(&mut self, item: ItemId) {
        self.leaf(item, |open| {
            open.push_str("null");
            open.is_valid = false;
        });
    }

    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let (raw, value) = (sample.raw(), sample.value());
        let is_valid = sample.is_valid(&value);
        let alarm = match self.monitors.get_mut(sample.item().0 as usize) {
            Some(monitor) => sample.observe(monitor, &value),
            None => sample.alarm(&value),
        };
        self.leaf(sample.item(), |open| {
            json::raw(&mut open.raw, raw);
            json::value(&mut open.value, &value);
            match value {
                Value::Boolean { label, .. } if open.tasks.is_empty() => {
                    open.beside.push_str(",\"label\":");
                    json::string(&mut open.beside, label);
                }
                Value::Float(value) | Value::Duration(value)
                    if open.tasks.is_empty() && !value.is_finite() =>
                {
                    let _ = write!(open.beside, ",\"special\":\"{value}\"");
                }
                _ => {}
            }
            open.is_valid &= is_valid;
            open.alarm = open.alarm.max(alarm);
        });
    }
}

impl Instance {
    const fn new(parameter: ParameterId, tasks: Vec<Task>) -> Self {
        Self {
            parameter,
            tasks,
            raw: String::new(),
            value: String::new(),
            beside: String::new(),
            unit: String::new(),
            is_valid: true,
            alarm: AlarmLevel::Normal,
        }
    }

    fn push_str(&mut self, text: &str) {
        self.raw.push_str(text);
        self.value.push_str(text);
    }

    /// Go on until a value or the size of an array is needed.
    fn run(&mut self, plan: &Plan<'_>) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Text(text) => self.push_str(&text),
                Task::Shape(index) => self.shape(plan, index),
                Task::Elements { total: Some(_), .. } => {
                    self.tasks.push(task);
                    self.element();
                }
                Task::Array { .. } | Task::Elements { .. } | Task::Leaf(_) => {
                    self.tasks.push(task);
                    return;
                }
            }
        }
    }

    fn shape(&mut self, plan: &Plan<'_>, index: u32) {
        match plan.shapes.get(index as usize) {
            Some(&Shape::Value(item)) => self.tasks.push(Task::Leaf(item)),
            Some(&Shape::Aggregate { members }) => {
                self.push_str("{");
                let mut parts = vec![Task::Text("}".to_owned())];
                let mut member = index + 1;
                let mut fields = Vec::new();
                for position in 0..members {
                    let Some(&Shape::Member(name)) = plan.shapes.get(member as usize) else { break };
                    let mut key = if position > 0 { ",".to_owned() } else { String::new() };
                    json::string(&mut key, plan.str(name));
                    key.push(':');
                    fields.extend([Task::Text(key), Task::Shape(member + 1)]);
                    member = end_of(plan, member + 1);
                }
                parts.extend(fields.into_iter().rev());
                self.tasks.extend(parts);
            }
            Some(&Shape::Array { dimensions }) => match fixed(plan, dimensions) {
                Some(extents) => self.elements(index + 1, &extents, Some(&extents)),
                None => self.tasks.push(Task::Array { element: index + 1 }),
            },
            Some(&Shape::Member(_)) | None => self.push_str("null"),
        }
    }

    /// Elements are to come: so many, or until something else does.
    fn elements(&mut self, element: u32, dimensions: &[u32], counted: Option<&[u32]>) {
        let mut extents = [1; MAX_RANK];
        for (extent, &len) in extents.iter_mut().zip(dimensions) {
            *extent = len;
        }
        let rank = dimensions.len().clamp(1, MAX_RANK);
        let total = counted.map(|counted| {
            counted.iter().try_fold(1u64, |total, &len| total.checked_mul(len.into())).unwrap_or(u64::MAX)
        });
        match total {
            Some(0) => self.push_str("[]"),
            _ => self.tasks.push(Task::Elements { element, extents, rank, next: 0, total }),
        }
    }

    /// Begin the next element of the array on top, or end the array.
    fn element(&mut self) {
        let Some(Task::Elements { element, extents, rank, next, total }) = self.tasks.last_mut() else {
            return;
        };
        let (at, rank, element) = (*next, *rank, *element);
        let is_over = total.is_some_and(|total| at >= total);
        // Dimensions that begin with this element; all end behind the last one.
        let mut boundaries = 0;
        let mut product = 1u64;
        if total.is_some() {
            for &extent in extents.iter().take(rank).skip(1).rev() {
                product = product.saturating_mul(extent.into()).max(1);
                boundaries += usize::from(at.is_multiple_of(product));
            }
        }
        *next += 1;
        let has_opened = total.is_none();
        if is_over {
            self.tasks.pop();
            self.push_str(&"]".repeat(rank));
            return;
        }
        if at > 0 {
            self.push_str(&"]".repeat(boundaries));
            self.push_str(",");
            self.push_str(&"[".repeat(boundaries));
        } else if !has_opened {
            self.push_str(&"[".repeat(rank));
        }
        self.tasks.push(Task::Shape(element));
    }

    /// Nothing more comes: what is missing is null, and arrays end early.
    fn give_up(&mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Text(text) => {
                    self.push_str(&text);
                    continue;
                }
                Task::Elements { rank, total, next, .. } => {
                    self.push_str(&"]".repeat(rank));
                    if total.is_none_or(|total| next >= total) {
                        continue;
                    }
                }
                Task::Array { .. } | Task::Leaf(_) | Task::Shape(_) => self.push_str("null"),
            }
            self.is_valid = false;
        }
    }
}

/// The number of elements in each dimension, where the packet does not change it.
fn fixed(plan: &Plan<'_>, dimensions: Span) -> Option<Vec<u32>> {
    let bounds = dimensions.of(plan.exprs);
    if bounds.is_empty() {
        return None;
    }
    let lens = bounds.chunks(2).map(|bounds| match *bounds {
        [Expr::Fixed(first), Expr::Fixed(last)] => {
            u32::try_from(last.checked_sub(first)?.checked_add(1)?.max(0)).ok()
        }
        _ => None,
    });
    lens.take(MAX_RANK).collect()
}

/// The shape behind the one at `index` and all its parts.
fn end_of(plan: &Plan<'_>, index: u32) -> u32 {
    let (mut index, mut open) = (index, 1u64);
    while open > 0 {
        open -= 1;
        match plan.shapes.get(index as usize) {
            Some(&Shape::Aggregate { members }) => open += u64::from(members),
            Some(Shape::Array { .. } | Shape::Member(_)) => open += 1,
            Some(Shape::Value(_)) => {}
            None => return index,
        }
        index += 1;
    }
    index
}

/// Whether all values of a structure are of one item.
const fn has_one_unit(shape: Shape) -> bool {
    matches!(shape, Shape::Array { .. } | Shape::Value(_))
}

/// The word for a level, in lower case.
pub(super) const fn alarm_name(level: AlarmLevel) -> &'static str {
    match level {
        AlarmLevel::Normal => "normal",
        AlarmLevel::Watch => "watch",
        AlarmLevel::Warning => "warning",
        AlarmLevel::Distress => "distress",
        AlarmLevel::Critical => "critical",
        AlarmLevel::Severe => "severe",
    }
}
