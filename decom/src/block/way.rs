//! Engineering values and alarms of whole columns, by the fastest way that gives what one value at a time would.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::curve::Curve;
use super::few::Few;
use super::layout::Spec;
use super::note::{label_index, labels_of};
use super::steps::Steps;
use crate::arch::{Machine, Work};
use crate::column::{Column, Engineering, Values};
use crate::plan::{
    AlarmLevel, Calibrator, Context, Encoding, IntegerEncoding, Kind, MathOp, Meaning, NONE, Plan,
};
use crate::raw::Raw;

/// How engineering values and alarms of a column are worked out.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// They depend on other parameters in a manner of their own: in the light of each packet.
    InScene,
    /// Numbers.
    Numbers(Numbers),
    /// They depend on the raw value alone.
    OneByOne,
    /// They were worked out for every raw value there may be.
    Table(Box<Table>),
}

/// Numbers, calibrated by what conditions select.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    /// Each with its predicate, the first one that holds counts; the last one has none.
    curves: Few<(Option<usize>, Curve)>,
    limits: Few<(Option<usize>, Limits)>,
}

/// Where a column has its alarms.
#[derive(Clone, Debug)]
enum Limits {
    Calibrated(Steps<f64>),
    /// The same, told from the raw numbers.
    Raw(Steps<i64>),
}

/// Everything about every raw value.
#[derive(Clone, Debug)]
pub(super) struct Table {
    lowest: i64,
    column: Column,
}

/// Whether a condition holds, packet by packet of a block.
pub(super) type Predicate = [bool; CHUNK];

/// What is looked at of a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    pub(super) predicates: Vec<Predicate>,
    /// Room for [`CHUNK`] numbers.
    pub(super) numbers: Vec<f64>,
}

impl Way {
    /// How the values of a column are worked out. `predicate` gives the index of a condition; `None` where there are none.
    pub(super) fn of(
        plan: &Plan<'_>,
        spec: &Spec<'_>,
        meaning: &Meaning,
        mut predicate: Option<&mut dyn FnMut(u32) -> usize>,
    ) -> Self {
        let has_contexts = meaning.context_calibrators.len > 0 || meaning.context_alarms.len > 0;
        let is_free =
            !has_contexts && !calibrators(plan, meaning).any(|calibrator| has_operands(plan, calibrator));
        let is_number = matches!(spec.encoding, Encoding::Integer { .. } | Encoding::Float { .. });
        if !is_number || (!is_free && predicate.is_none()) {
            return Self::InScene;
        }
        let wants_numbers = matches!(spec.engineering, None | Some(Engineering::F64(_)))
            && matches!(meaning.kind, Kind::Float | Kind::Integer | Kind::Octets | Kind::Text);
        if wants_numbers && let Some(numbers) = Numbers::of(plan, spec, meaning, &mut predicate) {
            let is_slow = matches!(numbers.curves[..], [(None, Curve::Other(_) | Curve::Spline(_))]);
            return match Table::of(plan, spec, meaning).filter(|_| is_free && is_slow) {
                Some(table) => Self::Table(Box::new(table)),
                None => Self::Numbers(numbers),
            };
        }
        match Table::of(plan, spec, meaning).filter(|_| is_free) {
            Some(table) => Self::Table(Box::new(table)),
            None if is_free => Self::OneByOne,
            None => Self::InScene,
        }
    }

    /// Put what belongs to the raw values behind those of the engineering values there are behind these. Of a column that depends
    /// on conditions there are as many as packets in a block.
    pub(super) fn append<'p>(
        &self,
        machine: Machine,
        plan: &Plan<'p>,
        meaning: impl FnOnce() -> Option<&'p Meaning>,
        from: usize,
        scratch: &mut Scratch,
        column: &mut Column,
    ) {
        match self {
            Self::InScene => {}
            Self::Numbers(numbers) => machine.run(OfNumbers { numbers, plan, from, scratch, column }),
            Self::OneByOne => {
                if let Some(meaning) = meaning() {
                    one_by_one(plan, meaning, from, column);
                }
            }
            Self::Table(table) => machine.run(OfTable { table, from, column }),
        }
        if matches!(self, Self::Numbers(_) | Self::Table(_)) {
            column.lose_engineering(from);
        }
    }
}

struct OfNumbers<'w, 'p> {
    numbers: &'w Numbers,
    plan: &'w Plan<'p>,
    from: usize,
    scratch: &'w mut Scratch,
    column: &'w mut Column,
}

impl Work for OfNumbers<'_, '_> {
    #[inline(always)]
    fn run(self) {
        self.numbers.append(self.plan, self.from, self.scratch, self.column);
    }
}

struct OfTable<'w> {
    table: &'w Table,
    from: usize,
    column: &'w mut Column,
}

impl Work for OfTable<'_> {
    #[inline(always)]
    fn run(self) {
        self.table.append(self.from, self.column);
    }
}

/// Values that are looked at without their packet.
fn one_by_one(plan: &Plan<'_>, meaning: &Meaning, from: usize, column: &mut Column) {
    let labels = labels_of(plan, meaning);
    let is_plain_word = matches!(meaning.kind, Kind::Enumerated(_)) && meaning.calibrator == NONE;
    for index in from..column.raw.len() {
        let raw = column.raw.number(index).filter(|_| column.validity.holds(index));
        if let (true, None, Some(Engineering::Labels(values)), Some(Raw::Signed(_) | Raw::Unsigned(_))) =
            (is_plain_word, &column.alarms, &mut column.engineering, raw)
            && let Some(Ok(number)) = raw.and_then(Raw::integer).map(i64::try_from)
        {
            values.push(label_index(labels, number));
            continue;
        }
        let value = raw.map(|raw| meaning.value(plan, raw, &()));
        column.note(plan, meaning, value, |value| meaning.alarm(plan, value, &()));
    }
}

impl Numbers {
    /// `None` when a calibrator, or an alarm, is none of those that go by columns.
    fn of(
        plan: &Plan<'_>,
        spec: &Spec<'_>,
        meaning: &Meaning,
        predicate: &mut Option<&mut dyn FnMut(u32) -> usize>,
    ) -> Option<Self> {
        let mut index = |condition: u32| predicate.as_mut().map(|predicate| predicate(condition));
        let mut curves = Vec::new();
        for context in meaning.context_calibrators.of(plan.contexts) {
            let curve = Curve::of(plan, plan.calibrators.get(context.target as usize))?;
            curves.push((Some(index(context.condition)?), curve));
        }
        curves.push((None, Curve::of(plan, plan.calibrators.get(meaning.calibrator as usize))?));
        let mut limits: Vec<(Option<usize>, Limits)> = Vec::new();
        if spec.has_alarms {
            let default = Context { condition: NONE, target: meaning.alarm };
            for (i, context) in meaning.context_alarms.of(plan.contexts).iter().chain([&default]).enumerate()
            {
                let alarm = plan.alarms.get(context.target as usize);
                let ranges = alarm.map_or(&[][..], |alarm| alarm.ranges.of(plan.alarm_ranges));
                let is_last = i == meaning.context_alarms.len as usize;
                let condition = if is_last { None } else { Some(index(context.condition)?) };
                limits.push((condition, Limits::Calibrated(Steps::of_ranges(ranges))));
            }
        }
        if let ([(None, curve)], Some((first, last))) = (&curves[..], domain(&spec.encoding, MOST_BITS)) {
            let is_small = curve.is_polynomial() && domain(&spec.encoding, STEPS_BITS).is_some();
            for (_, limits) in &mut limits {
                if let Limits::Calibrated(steps) = limits {
                    if curve.is_monotone() {
                        *limits = Limits::Raw(steps.before(|x| curve.polynomial(x), first, last));
                    } else if is_small {
                        *limits = Limits::Raw(steps.before_any(|x| curve.polynomial(x), first, last));
                    }
                }
            }
        }
        Some(Self { curves: curves.into(), limits: limits.into() })
    }

    #[inline(always)]
    fn append(&self, plan: &Plan<'_>, from: usize, scratch: &mut Scratch, column: &mut Column) {
        let mut from = from;
        while from < column.raw.len() {
            let len = (column.raw.len() - from).min(CHUNK);
            self.chunk(plan, from, len, scratch, column);
            from += len;
        }
    }

    #[inline(always)]
    fn chunk(&self, plan: &Plan<'_>, from: usize, len: usize, scratch: &mut Scratch, column: &mut Column) {
        let needs_numbers = column.engineering.is_some()
            || self.limits.iter().any(|(_, limits)| matches!(limits, Limits::Calibrated(_)));
        let Scratch { predicates, numbers: xs } = scratch;
        let xs = xs.get_mut(..len).unwrap_or_default();
        let is_direct = match (&self.curves[..], &mut column.engineering) {
            ([(None, curve)], Some(Engineering::F64(values))) => {
                curve.append_direct(&column.raw, from..from + len, values)
            }
            _ => false,
        };
        let needs_numbers = needs_numbers && !is_direct;
        if needs_numbers {
            numbers(&column.raw, from, xs);
        }
        let mut spare = Vec::new();
        let values = match &mut column.engineering {
            Some(Engineering::F64(values)) => values,
            _ => &mut spare,
        };
        let first = values.len() - if is_direct { len } else { 0 };
        let mut undefined = Vec::new();
        if needs_numbers {
            let defined = &mut column.defined;
            match &self.curves[..] {
                [(None, curve)] => curve.append(plan, xs, values, |index| undefined.push(index)),
                curves => {
                    values.resize(first + len, 0.0);
                    let chosen = choose(curves, predicates);
                    for (k, (_, curve)) in curves.iter().enumerate() {
                        let mut lost = Vec::new();
                        let mut calibrated = Vec::with_capacity(len);
                        curve.append(plan, xs, &mut calibrated, |index| lost.push(index));
                        let slots = values.iter_mut().skip(first);
                        for ((slot, value), &chosen) in slots.zip(calibrated).zip(&chosen) {
                            *slot = if chosen == k { value } else { *slot };
                        }
                        for index in lost.into_iter().filter(|&index| chosen.get(index) == Some(&k)) {
                            undefined.push(first + index);
                        }
                    }
                    undefined.sort_unstable();
                }
            }
            undefined.iter().for_each(|&index| defined.lose(index));
        }
        let values = values.get(first..).unwrap_or(&[]);
        let Some(alarms) = &mut column.alarms else { return };
        match &self.limits[..] {
            [(None, limits)] => limits.append(&column.raw, from, len, values, alarms),
            all => {
                let begin = alarms.len();
                alarms.resize(begin + len, AlarmLevel::Normal);
                let chosen = choose(all, predicates);
                let mut levels = Vec::with_capacity(len);
                for (k, (_, limits)) in all.iter().enumerate() {
                    levels.clear();
                    limits.append(&column.raw, from, len, values, &mut levels);
                    let slots = alarms.iter_mut().skip(begin);
                    for ((slot, &level), &chosen) in slots.zip(&levels).zip(&chosen) {
                        *slot = if chosen == k { level } else { *slot };
                    }
                }
            }
        }
        // What is no number is not alarming.
        let end = alarms.len();
        for index in undefined {
            if let Some(level) = alarms.get_mut(end - len + (index - first)) {
                *level = AlarmLevel::Normal;
            }
        }
    }
}

/// Which one counts, packet by packet: the first one whose predicate holds.
fn choose<T>(of: &[(Option<usize>, T)], predicates: &[Predicate]) -> [usize; CHUNK] {
    let mut chosen = [of.len().saturating_sub(1); CHUNK];
    for (k, (predicate, _)) in of.iter().enumerate().rev() {
        if let Some(predicate) = predicate.and_then(|index| predicates.get(index)) {
            for (chosen, &holds) in chosen.iter_mut().zip(predicate) {
                *chosen = if holds { k } else { *chosen };
            }
        }
    }
    chosen
}

impl Limits {
    #[inline(always)]
    fn append(
        &self,
        raw: &Values,
        from: usize,
        len: usize,
        calibrated: &[f64],
        levels: &mut Vec<AlarmLevel>,
    ) {
        macro_rules! native {
            ($values:expr) => {
                if let Self::Raw(steps) = self {
                    let values = $values.get(from..from + len).unwrap_or(&[]);
                    steps.append(values, |x| x.into(), |x| x.try_into().ok(), levels);
                }
            };
        }
        match (self, raw) {
            (Self::Calibrated(steps), _) => steps.append(calibrated, |x| x, Some, levels),
            (_, Values::I8(values)) => native!(values),
            (_, Values::I16(values)) => native!(values),
            (_, Values::I32(values)) => native!(values),
            (_, Values::U8(values)) => native!(values),
            (_, Values::U16(values)) => native!(values),
            (_, Values::U32(values)) => native!(values),
            // Thresholds are put before numbers of few bits only.
            _ => {}
        }
    }
}

impl Table {
    /// `None` when there are too many raw values.
    fn of(plan: &Plan<'_>, spec: &Spec<'_>, meaning: &Meaning) -> Option<Self> {
        let (lowest, last) = domain(&spec.encoding, TABLE_BITS)?;
        let mut column = spec.column();
        for number in lowest..=last {
            let raw = match column.raw {
                Values::I8(_) | Values::I16(_) => Raw::Signed(number),
                Values::U8(_) | Values::U16(_) => Raw::Unsigned(number as u64),
                _ => return None,
            };
            let value = meaning.value(plan, raw, &());
            column.note(plan, meaning, Some(value), |value| meaning.alarm(plan, value, &()));
        }
        column.defined.settle((last - lowest + 1) as usize);
        Some(Self { lowest, column })
    }

    #[inline(always)]
    fn append(&self, from: usize, column: &mut Column) {
        macro_rules! each {
            ($values:expr) => {{
                let values = $values.get(from..).unwrap_or(&[]);
                let places = values.iter().map(|&raw| (i64::from(raw) - self.lowest) as usize);
                self.look_up(places, &mut column.engineering, &mut column.alarms);
                if self.column.defined.bitmap().is_some() {
                    for (index, &raw) in (from..).zip(values) {
                        if !self.column.defined.holds((i64::from(raw) - self.lowest) as usize) {
                            column.defined.lose(index);
                        }
                    }
                }
            }};
        }
        match &column.raw {
            Values::I8(values) => each!(values),
            Values::I16(values) => each!(values),
            Values::U8(values) => each!(values),
            Values::U16(values) => each!(values),
            _ => {}
        }
    }

    #[inline(always)]
    fn look_up(
        &self,
        places: impl ExactSizeIterator<Item = usize> + Clone,
        engineering: &mut Option<Engineering>,
        alarms: &mut Option<Vec<AlarmLevel>>,
    ) {
        match (engineering, &self.column.engineering) {
            (Some(Engineering::Booleans(values)), Some(Engineering::Booleans(table))) => {
                places.clone().for_each(|place| values.push(table.get(place).unwrap_or(false)));
            }
            (Some(Engineering::F64(values)), Some(Engineering::F64(table))) => {
                values.extend(places.clone().map(|place| table.get(place).copied().unwrap_or_default()));
            }
            (Some(Engineering::Labels(values)), Some(Engineering::Labels(table))) => {
                values.extend(places.clone().map(|place| table.get(place).copied().unwrap_or(NONE)));
            }
            (
                Some(Engineering::Times { nanoseconds, .. }),
                Some(Engineering::Times { nanoseconds: table, .. }),
            ) => {
                nanoseconds.extend(places.clone().map(|place| table.get(place).copied().unwrap_or_default()));
            }
            // Numbers have no texts.
            _ => {}
        }
        if let (Some(levels), Some(table)) = (alarms, &self.column.alarms) {
            levels.extend(places.map(|place| table.get(place).copied().unwrap_or_default()));
        }
    }
}

impl Column {
    /// What has no raw value has no engineering value.
    fn lose_engineering(&mut self, from: usize) {
        if self.validity.bitmap().is_none() {
            return;
        }
        for index in (from..self.raw.len()).filter(|&index| !self.validity.holds(index)) {
            if let Some(engineering) = &mut self.engineering {
                engineering.blank(index);
                self.defined.lose(index);
            }
            if let Some(level) = self.alarms.as_mut().and_then(|alarms| alarms.get_mut(index)) {
                *level = AlarmLevel::Normal;
            }
        }
    }
}

/// The raw numbers from `from` on.
#[inline(always)]
fn numbers(values: &Values, from: usize, out: &mut [f64]) {
    macro_rules! each {
        ($values:expr, $number:expr) => {
            for (slot, &value) in out.iter_mut().zip($values.get(from..).unwrap_or(&[])) {
                *slot = $number(value);
            }
        };
    }
    match values {
        Values::F32(values) => each!(values, f64::from),
        Values::F64(values) => each!(values, |value| value),
        Values::I8(values) => each!(values, f64::from),
        Values::I16(values) => each!(values, f64::from),
        Values::I32(values) => each!(values, f64::from),
        Values::I64(values) => each!(values, |value| value as f64),
        Values::Octets(_) => {}
        Values::U8(values) => each!(values, f64::from),
        Values::U16(values) => each!(values, f64::from),
        Values::U32(values) => each!(values, f64::from),
        Values::U64(values) => each!(values, |value| value as f64),
        Values::Wide(values) => each!(values, |value| value as f64),
    }
}

/// The first and the last number of an encoding of at most `most_bits` bits.
fn domain(encoding: &Encoding, most_bits: u8) -> Option<(i64, i64)> {
    let Encoding::Integer { bits, encoding: kind, .. } = *encoding else { return None };
    if bits == 0 || bits > most_bits {
        return None;
    }
    // A single decimal digit may be 9, which four bits of two's complement do not reach.
    let magnitude = if kind == IntegerEncoding::PackedBcd { bits } else { bits - 1 };
    match Values::of_encoding(encoding) {
        Values::U8(_) | Values::U16(_) | Values::U32(_) => Some((0, (1 << bits) - 1)),
        // The lowest number of two's complement; other encodings do not reach it.
        Values::I8(_) | Values::I16(_) | Values::I32(_) => Some((-(1 << magnitude), (1 << magnitude) - 1)),
        _ => None,
    }
}

/// Every calibrator that may apply.
fn calibrators<'p>(plan: &Plan<'p>, meaning: &Meaning) -> impl Iterator<Item = &'p Calibrator> + use<'p> {
    let table = plan.calibrators;
    let contexts = meaning.context_calibrators.of(plan.contexts).iter().map(|context| context.target);
    let indices: Vec<u32> = contexts.chain([meaning.calibrator]).collect();
    indices.into_iter().filter_map(move |index| table.get(index as usize))
}

fn has_operands(plan: &Plan<'_>, calibrator: &Calibrator) -> bool {
    match calibrator {
        Calibrator::Math(span) => span.of(plan.math).iter().any(|op| matches!(op, MathOp::Operand(_))),
        Calibrator::Polynomial { .. } | Calibrator::ReciprocalLogarithmic(_) | Calibrator::Spline { .. } => {
            false
        }
    }
}

/// Packets of the largest block.
pub(super) const CHUNK: usize = 256;
/// Raw numbers of so many bits have a table.
const TABLE_BITS: u8 = 12;
/// Raw numbers of so many bits are gone through for the limits of a curve.
const STEPS_BITS: u8 = 16;
/// Of so many bits every number is exact in floating point, and in 64 bits with sign.
const MOST_BITS: u8 = 32;
