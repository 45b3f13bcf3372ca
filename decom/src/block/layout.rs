//! Which columns a container has.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::mem::discriminant;

use super::{ColumnOptions, Detail};
use crate::column::{Bitmap, Column, Engineering, Octets, Repetition, Validity, Values};
use crate::plan::{Encoding, Field, ItemId, Kind, MAX_DEPTH, Meaning, NONE, NodeId, ParameterId, Plan, Step};

/// What is known of a column before the first packet.
#[derive(Clone, Debug)]
pub(super) struct Spec<'p> {
    pub(super) item: ItemId,
    pub(super) occurrence: Repetition,
    pub(super) encoding: Encoding,
    /// `None` where nothing but raw values is worked out.
    pub(super) meaning: Option<&'p Meaning>,
    /// Where the item is at fixed places, in the order of the container.
    pub(super) places: Vec<Place>,
    pub(super) raw: Values,
    pub(super) engineering: Option<Engineering>,
    pub(super) has_alarms: bool,
}

/// A field, and how deep in the chain of bases its container is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) field: Field,
    pub(super) depth: usize,
}

/// The columns of a container, in the order of the database.
pub(super) fn specs<'p>(plan: &Plan<'p>, container: NodeId, options: &ColumnOptions<'_>) -> Vec<Spec<'p>> {
    let mut survey = Survey { plan, found: Vec::new(), index: BTreeMap::new() };
    for (depth, node) in plan.chain(container).filter_map(|id| plan.node(id)).enumerate() {
        for &field in node.fields.of(plan.fields) {
            survey.find(field.item(), |found| found.places.push(Place { field, depth }));
        }
        survey.steps(node.steps.of(plan.steps), false, 0);
    }
    survey.found.into_iter().filter_map(|found| spec(plan, found, options)).collect()
}

/// The items of a container, and where they are.
struct Survey<'s, 'p> {
    plan: &'s Plan<'p>,
    found: Vec<Found>,
    index: BTreeMap<ItemId, usize>,
}

struct Found {
    item: ItemId,
    places: Vec<Place>,
    /// In how many steps it is; more than one when it is in a loop.
    steps: u32,
}

impl Survey<'_, '_> {
    /// Change what is known of an item.
    fn find(&mut self, item: ItemId, change: impl FnOnce(&mut Found)) {
        let index = *self.index.entry(item).or_insert(self.found.len());
        if index == self.found.len() {
            self.found.push(Found { item, places: Vec::new(), steps: 0 });
        }
        if let Some(found) = self.found.get_mut(index) {
            change(found);
        }
    }

    fn steps(&mut self, steps: &[Step], in_loop: bool, depth: usize) {
        if depth >= MAX_DEPTH {
            return;
        }
        let mut loop_end = 0;
        for (index, step) in steps.iter().enumerate() {
            let in_loop = in_loop || index < loop_end;
            match *step {
                Step::Array { body, .. } | Step::Repeat { body, .. } => {
                    loop_end = loop_end.max(index.saturating_add(body as usize).saturating_add(1));
                }
                Step::Field { item } | Step::Fragments { item, .. } => {
                    let times = if in_loop { 2 } else { 1 };
                    self.find(item, |found| found.steps = found.steps.saturating_add(times));
                }
                Step::Choose { branches, .. } => {
                    for branch in branches.of(self.plan.branches) {
                        self.steps(branch.steps.of(self.plan.steps), in_loop, depth + 1);
                    }
                }
                Step::At { .. } | Step::Group { .. } | Step::Skip { .. } | Step::When { .. } => {}
            }
        }
    }
}

/// `None` for items that are not wanted, or that the plan does not know.
fn spec<'p>(plan: &Plan<'p>, found: Found, options: &ColumnOptions<'_>) -> Option<Spec<'p>> {
    let item = plan.item(found.item)?;
    let is_there = item.parameter != ParameterId(NONE);
    let is_wanted = is_there && options.parameters.is_none_or(|wanted| wanted.contains(&item.parameter));
    let encoding = *plan.encoding(item).filter(|_| is_wanted)?;
    let occurrence = match (found.places.len(), found.steps) {
        (1, 0) | (0, 1) => Repetition::Once,
        (n, 0) => Repetition::Fixed(n.try_into().ok()?),
        _ => Repetition::Varying,
    };
    let meaning = plan.meaning(item);
    let engineering = meaning
        .filter(|_| options.detail >= Detail::Engineering)
        .and_then(|meaning| engineering(plan, &encoding, meaning));
    let has_alarms = options.detail >= Detail::Alarms
        && meaning.is_some_and(|meaning| meaning.alarm != NONE || meaning.context_alarms.len > 0);
    Some(Spec {
        item: found.item,
        occurrence,
        encoding,
        meaning: meaning.filter(|_| engineering.is_some() || has_alarms),
        places: found.places,
        raw: Values::of_encoding(&encoding),
        engineering,
        has_alarms,
    })
}

/// Where engineering values go; `None` when they are the raw ones.
fn engineering(plan: &Plan<'_>, encoding: &Encoding, meaning: &Meaning) -> Option<Engineering> {
    let is_calibrated = meaning.calibrator != NONE || meaning.context_calibrators.len > 0;
    let numbers = || Some(Engineering::F64(Vec::new()));
    match (meaning.kind, encoding) {
        (Kind::AbsoluteTime(index), _) => {
            let scale = plan.times.get(index as usize).map(|time| time.epoch.scale).unwrap_or_default();
            Some(Engineering::Times { nanoseconds: Vec::new(), scale })
        }
        (Kind::Boolean { .. }, _) => Some(Engineering::Booleans(Bitmap::new())),
        (Kind::RelativeTime(_), _) => numbers(),
        (_, Encoding::Octets { .. }) | (Kind::Octets, Encoding::Text { .. }) => None,
        (_, Encoding::Text { .. }) => Some(Engineering::Text(Octets::new())),
        (Kind::Enumerated(_), _) => Some(Engineering::Labels(Vec::new())),
        (Kind::Float, Encoding::Integer { .. }) => numbers(),
        (Kind::Float | Kind::Integer | Kind::Octets | Kind::Text, _) if is_calibrated => numbers(),
        (Kind::Float | Kind::Integer | Kind::Octets | Kind::Text, _) => None,
    }
}

impl Spec<'_> {
    /// Whether each packet has as many values as there are places, which the plan tells.
    pub(super) fn is_fixed(&self) -> bool {
        match self.occurrence {
            Repetition::Once => self.places.len() == 1,
            Repetition::Fixed(_) => true,
            Repetition::Varying => false,
        }
    }

    /// The column without values.
    pub(super) fn column(&self) -> Column {
        Column {
            item: self.item,
            occurrence: self.occurrence,
            raw: self.raw.clone(),
            engineering: self.engineering.clone(),
            alarms: self.has_alarms.then(Vec::new),
            validity: Validity::default(),
            defined: Validity::default(),
            offsets: if self.occurrence == Repetition::Varying { vec![0] } else { Vec::new() },
        }
    }

    /// Whether a column may be one of this.
    pub(super) fn made(&self, column: &Column) -> bool {
        column.item == self.item
            && column.occurrence == self.occurrence
            && discriminant(&column.raw) == discriminant(&self.raw)
            && column.engineering.as_ref().map(discriminant) == self.engineering.as_ref().map(discriminant)
            && column.alarms.is_some() == self.has_alarms
    }
}
