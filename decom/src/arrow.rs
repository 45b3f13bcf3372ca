//! Columns as Apache Arrow record batches.
//!
//! Buffers are handed over, not copied: numbers, moments, booleans, texts, octets, offsets and validity are laid out alike on both
//! sides. Copied are only alarm levels, numbers of more than 64 bits, and indices of words where two words are the same.
//!
//! | of a column | becomes | of type |
//! | --- | --- | --- |
//! | its engineering values, or where it has none its raw ones | `NAME` | see below |
//! | its raw values, where the engineering ones are numbers, words or moments | `NAME:raw` | see below |
//! | its alarms | `NAME:alarm` | dictionary of words: `normal`, `watch`, `warning`, `distress`, `critical`, `severe` |
//!
//! `NAME` is as [`ColumnBatch::names`] says.
//!
//! | values | Arrow type |
//! | --- | --- |
//! | whole numbers of up to 64 bits, floating-point numbers | the natural width |
//! | whole numbers of more bits | `FixedSizeBinary(16)`, most significant octet first |
//! | words of an enumeration | dictionary of words; null for a number that it does not have |
//! | one of two words | `Boolean`; the words are in the metadata |
//! | moments | `Timestamp(ns)`: zone `+00:00` on UTC, without one on TAI and GPS; the scale is in the metadata |
//! | texts, octets | `Utf8`, `Binary` |
//! | several a packet | `FixedSizeList` where their number is fixed, `List` otherwise |
//!
//! Metadata of a field: `parameter` (the qualified name), `unit`, `description`, `time_scale`, `zero` and `one`, each where there is
//! such a thing.

mod arrays;

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use std::collections::HashMap;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};

use self::arrays::{Rows, Words};
use crate::block::ColumnDecoder;
use crate::column::{Column, ColumnBatch, Engineering, Repetition, Values};
use crate::plan::meaning::TimeScale;
use crate::plan::{AlarmLevel, Kind, Meaning, NodeId, Plan};

/// Turns the batches of one [`ColumnDecoder`] into record batches.
#[derive(Clone, Debug)]
pub struct ArrowColumns {
    container: NodeId,
    schema: SchemaRef,
    recipes: Vec<Recipe>,
    alarm_words: Arc<StringArray>,
}

/// What a column becomes.
#[derive(Clone, Debug)]
struct Recipe {
    value: FieldRef,
    raw: Option<FieldRef>,
    alarm: Option<FieldRef>,
    words: Option<Words>,
}

impl ArrowColumns {
    /// For batches of `decoder`. Parameters that have one of the `reserved` names go by their qualified ones.
    #[must_use]
    pub fn new(decoder: &ColumnDecoder<'_>, reserved: &[&str]) -> Self {
        let (plan, batch) = (decoder.plan(), decoder.batch());
        let names = batch.names(plan, reserved);
        let recipes: Vec<Recipe> = batch
            .columns()
            .iter()
            .zip(names)
            .map(|(column, name)| Recipe::new(plan, column, &name))
            .collect();
        let fields = recipes.iter().flat_map(Recipe::fields).cloned();
        Self {
            container: decoder.container(),
            schema: Arc::new(Schema::new(fields.collect::<Fields>())),
            recipes,
            alarm_words: Arc::new(StringArray::from(ALARM_WORDS.to_vec())),
        }
    }

    /// The schema of every record batch.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The record batch that takes over the columns of `batch`.
    ///
    /// # Errors
    /// When the batch is not of this decoder, or lists would be longer than Arrow's 32-bit offsets tell.
    pub fn record_batch(&self, batch: ColumnBatch) -> Result<RecordBatch, ArrowError> {
        let rows = batch.rows();
        if batch.container() != self.container || batch.columns().len() != self.recipes.len() {
            return Err(ArrowError::SchemaError("the batch is of another decoder".to_owned()));
        }
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for (column, recipe) in batch.into_columns().into_iter().zip(&self.recipes) {
            recipe.arrays(column, rows, &self.alarm_words, &mut arrays)?;
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
    }
}

impl Recipe {
    fn new(plan: &Plan<'_>, column: &Column, name: &str) -> Self {
        let item = plan.item(column.item());
        let meaning = item.and_then(|item| plan.meaning(item));
        let parameter = item.and_then(|item| plan.parameter(item.parameter));
        let mut metadata = HashMap::new();
        let mut note = |key: &str, text: &str| {
            if !text.is_empty() {
                metadata.insert(key.to_owned(), text.to_owned());
            }
        };
        note("parameter", parameter.map_or("", |parameter| plan.str(parameter.name)));
        note("description", parameter.map_or("", |parameter| plan.str(parameter.description)));
        let raw_metadata = metadata.clone();
        let mut note = |key: &str, text: &str| {
            if !text.is_empty() {
                metadata.insert(key.to_owned(), text.to_owned());
            }
        };
        note("unit", meaning.map_or("", |meaning| plan.str(meaning.unit)));
        if let Some(&Meaning { kind: Kind::Boolean { zero, one }, .. }) = meaning {
            note("zero", plan.str(zero));
            note("one", plan.str(one));
        }
        if let Some(Engineering::Times { scale, .. }) = column.engineering() {
            note("time_scale", scale_name(*scale));
        }
        let raw_type = type_of_raw(column.raw());
        let (value_type, has_raw) = match column.engineering() {
            Some(engineering) => {
                (type_of_engineering(engineering), !matches!(engineering, Engineering::Text(_)))
            }
            None => (raw_type.clone(), false),
        };
        let words = match column.engineering() {
            Some(Engineering::Labels(_)) => meaning.map(|meaning| Words::new(plan, meaning)),
            _ => None,
        };
        let field = |name: String, data_type: DataType, metadata: HashMap<String, String>| {
            let data_type = rows_of(column.occurrence(), data_type);
            Arc::new(Field::new(name, data_type, true).with_metadata(metadata))
        };
        Self {
            raw: has_raw.then(|| field(format!("{name}:raw"), raw_type, raw_metadata.clone())),
            alarm: column.alarms().map(|_| field(format!("{name}:alarm"), alarm_type(), raw_metadata)),
            value: field(name.to_owned(), value_type, metadata),
            words,
        }
    }

    fn fields(&self) -> impl Iterator<Item = &FieldRef> {
        [Some(&self.value), self.raw.as_ref(), self.alarm.as_ref()].into_iter().flatten()
    }

    fn arrays(
        &self,
        column: Column,
        rows: usize,
        alarm_words: &Arc<StringArray>,
        arrays: &mut Vec<ArrayRef>,
    ) -> Result<(), ArrowError> {
        let occurrence = column.occurrence();
        let parts = column.into_parts();
        let rows = Rows::new(occurrence, rows, parts.offsets)?;
        let raw_nulls = parts.validity.map(arrays::nulls);
        let alarms = parts.alarms.map(|alarms| arrays::alarms(&alarms, raw_nulls.clone(), alarm_words));
        let (value, raw) = match parts.engineering {
            Some(engineering) => {
                let nulls = parts.engineering_validity.map(arrays::nulls);
                let value = arrays::engineering(engineering, nulls, self.words.as_ref())?;
                let raw = self.raw.as_ref().map(|_| arrays::raw(parts.raw, raw_nulls)).transpose()?;
                (value, raw)
            }
            None => (arrays::raw(parts.raw, raw_nulls)?, None),
        };
        arrays.push(rows.of(&self.value, value)?);
        if let (Some(field), Some(raw)) = (&self.raw, raw) {
            arrays.push(rows.of(field, raw)?);
        }
        if let (Some(field), Some(alarms)) = (&self.alarm, alarms) {
            arrays.push(rows.of(field, alarms?)?);
        }
        Ok(())
    }
}

/// The word for a level, as columns of alarms have it.
#[must_use]
pub const fn alarm_word(level: AlarmLevel) -> &'static str {
    let [normal, watch, warning, distress, critical, severe] = ALARM_WORDS;
    match level {
        AlarmLevel::Normal => normal,
        AlarmLevel::Watch => watch,
        AlarmLevel::Warning => warning,
        AlarmLevel::Distress => distress,
        AlarmLevel::Critical => critical,
        AlarmLevel::Severe => severe,
    }
}

fn type_of_raw(values: &Values) -> DataType {
    match values {
        Values::F32(_) => DataType::Float32,
        Values::F64(_) => DataType::Float64,
        Values::I8(_) => DataType::Int8,
        Values::I16(_) => DataType::Int16,
        Values::I32(_) => DataType::Int32,
        Values::I64(_) => DataType::Int64,
        Values::Octets(_) => DataType::Binary,
        Values::U8(_) => DataType::UInt8,
        Values::U16(_) => DataType::UInt16,
        Values::U32(_) => DataType::UInt32,
        Values::U64(_) => DataType::UInt64,
        Values::Wide(_) => DataType::FixedSizeBinary(WIDE_OCTETS),
    }
}

fn type_of_engineering(values: &Engineering) -> DataType {
    match values {
        Engineering::Booleans(_) => DataType::Boolean,
        Engineering::F64(_) => DataType::Float64,
        Engineering::Labels(_) => dictionary(DataType::UInt32),
        Engineering::Text(_) => DataType::Utf8,
        Engineering::Times { scale, .. } => DataType::Timestamp(TimeUnit::Nanosecond, zone(*scale)),
    }
}

fn alarm_type() -> DataType {
    dictionary(DataType::UInt8)
}

fn dictionary(keys: DataType) -> DataType {
    DataType::Dictionary(keys.into(), DataType::Utf8.into())
}

/// The type of a column whose values are of a type.
fn rows_of(occurrence: Repetition, values: DataType) -> DataType {
    let element = || Arc::new(Field::new_list_field(values.clone(), true));
    match occurrence {
        Repetition::Fixed(n) => DataType::FixedSizeList(element(), n.try_into().unwrap_or(i32::MAX)),
        Repetition::Once => values,
        Repetition::Varying => DataType::List(element()),
    }
}

fn zone(scale: TimeScale) -> Option<Arc<str>> {
    (scale == TimeScale::Utc).then(|| "+00:00".into())
}

const fn scale_name(scale: TimeScale) -> &'static str {
    match scale {
        TimeScale::Gps => "GPS",
        TimeScale::Tai => "TAI",
        TimeScale::Utc => "UTC",
    }
}

/// In the order of the levels.
const ALARM_WORDS: [&str; 6] = ["normal", "watch", "warning", "distress", "critical", "severe"];
const WIDE_OCTETS: i32 = 16;
