//! Buffers as arrays.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use arrow_array::types::{UInt8Type, UInt32Type};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, DictionaryArray, FixedSizeBinaryArray, FixedSizeListArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, ListArray, StringArray,
    TimestampNanosecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_buffer::{BooleanBuffer, Buffer, MutableBuffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, FieldRef};

use super::{WIDE_OCTETS, zone};
use crate::column::{Bitmap, Engineering, Octets, Repetition, Values};
use crate::plan::{AlarmLevel, Kind, Meaning, NONE, Plan};

/// How values are put together to rows.
pub(super) enum Rows {
    Fixed,
    Once,
    Varying(OffsetBuffer<i32>),
}

impl Rows {
    pub(super) fn new(
        occurrence: Repetition,
        rows: usize,
        ends: Option<Vec<u32>>,
    ) -> Result<Self, ArrowError> {
        Ok(match (occurrence, ends) {
            (Repetition::Fixed(_), _) => Self::Fixed,
            (Repetition::Once, _) => Self::Once,
            (Repetition::Varying, ends) => Self::Varying(offsets(ends.unwrap_or_default(), rows)?),
        })
    }

    /// The column of `field` that holds `values`.
    pub(super) fn of(&self, field: &FieldRef, values: ArrayRef) -> Result<ArrayRef, ArrowError> {
        Ok(match (self, field.data_type()) {
            (Self::Fixed, DataType::FixedSizeList(element, n)) => {
                Arc::new(FixedSizeListArray::try_new(Arc::clone(element), *n, values, None)?)
            }
            (Self::Varying(offsets), DataType::List(element)) => {
                Arc::new(ListArray::try_new(Arc::clone(element), offsets.clone(), values, None)?)
            }
            _ => values,
        })
    }
}

/// The words of an enumeration, each once.
#[derive(Clone, Debug)]
pub(super) struct Words {
    words: Arc<StringArray>,
    /// The word of each label; empty where they are the same.
    places: Vec<u32>,
}

impl Words {
    pub(super) fn new(plan: &Plan<'_>, meaning: &Meaning) -> Self {
        let labels = match meaning.kind {
            Kind::Enumerated(labels) => labels.of(plan.labels),
            _ => &[],
        };
        let mut words: Vec<&str> = Vec::new();
        let mut seen = std::collections::HashMap::new();
        let mut places = Vec::with_capacity(labels.len());
        for label in labels {
            let word = plan.str(label.text);
            let place = *seen.entry(word).or_insert(words.len() as u32);
            if place as usize == words.len() {
                words.push(word);
            }
            places.push(place);
        }
        if words.len() == labels.len() {
            places.clear();
        }
        Self { words: Arc::new(StringArray::from(words)), places }
    }

    fn array(&self, keys: Vec<u32>, nulls: Option<&NullBuffer>) -> Result<ArrayRef, ArrowError> {
        // A number without a word is no value.
        let unknown =
            keys.contains(&NONE).then(|| NullBuffer::from_iter(keys.iter().map(|&key| key != NONE)));
        let nulls = NullBuffer::union(nulls, unknown.as_ref());
        let keys = match self.places.as_slice() {
            [] => keys,
            places => keys.into_iter().map(|key| places.get(key as usize).copied().unwrap_or(NONE)).collect(),
        };
        let words = Arc::clone(&self.words) as ArrayRef;
        let keys = UInt32Array::try_new(keys.into(), nulls)?;
        Ok(Arc::new(DictionaryArray::<UInt32Type>::try_new(keys, words)?))
    }
}

pub(super) fn nulls(bitmap: Bitmap) -> NullBuffer {
    NullBuffer::new(bits(bitmap))
}

fn bits(bitmap: Bitmap) -> BooleanBuffer {
    let len = bitmap.len();
    BooleanBuffer::new(Buffer::from_vec(bitmap.into_octets()), 0, len)
}

pub(super) fn raw(values: Values, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
    Ok(match values {
        Values::F32(values) => Arc::new(Float32Array::try_new(values.into(), nulls)?),
        Values::F64(values) => Arc::new(Float64Array::try_new(values.into(), nulls)?),
        Values::I8(values) => Arc::new(Int8Array::try_new(values.into(), nulls)?),
        Values::I16(values) => Arc::new(Int16Array::try_new(values.into(), nulls)?),
        Values::I32(values) => Arc::new(Int32Array::try_new(values.into(), nulls)?),
        Values::I64(values) => Arc::new(Int64Array::try_new(values.into(), nulls)?),
        Values::Octets(octets) => {
            let (offsets, data) = runs(octets)?;
            Arc::new(BinaryArray::try_new(offsets, data, nulls)?)
        }
        Values::U8(values) => Arc::new(UInt8Array::try_new(values.into(), nulls)?),
        Values::U16(values) => Arc::new(UInt16Array::try_new(values.into(), nulls)?),
        Values::U32(values) => Arc::new(UInt32Array::try_new(values.into(), nulls)?),
        Values::U64(values) => Arc::new(UInt64Array::try_new(values.into(), nulls)?),
        Values::Wide(values) => {
            let mut octets = MutableBuffer::with_capacity(values.len() * size_of::<u128>());
            values.iter().for_each(|value| octets.extend_from_slice(&value.to_be_bytes()));
            Arc::new(FixedSizeBinaryArray::try_new(WIDE_OCTETS, octets.into(), nulls)?)
        }
    })
}

pub(super) fn engineering(
    values: Engineering,
    nulls: Option<NullBuffer>,
    words: Option<&Words>,
) -> Result<ArrayRef, ArrowError> {
    Ok(match values {
        Engineering::Booleans(values) => Arc::new(BooleanArray::new(bits(values), nulls)),
        Engineering::F64(values) => Arc::new(Float64Array::try_new(values.into(), nulls)?),
        Engineering::Labels(keys) => match words {
            Some(words) => words.array(keys, nulls.as_ref())?,
            None => return Err(ArrowError::SchemaError(String::from("words without an enumeration"))),
        },
        Engineering::Text(octets) => {
            let (offsets, data) = runs(octets)?;
            Arc::new(StringArray::try_new(offsets, data, nulls)?)
        }
        Engineering::Times { nanoseconds, scale } => {
            let times = TimestampNanosecondArray::try_new(nanoseconds.into(), nulls)?;
            Arc::new(times.with_timezone_opt(zone(scale)))
        }
    })
}

pub(super) fn alarms(
    levels: &[AlarmLevel],
    nulls: Option<NullBuffer>,
    words: &Arc<StringArray>,
) -> Result<ArrayRef, ArrowError> {
    let levels: Vec<u8> = levels.iter().map(|&level| level as u8).collect();
    let levels = UInt8Array::try_new(levels.into(), nulls)?;
    Ok(Arc::new(DictionaryArray::<UInt8Type>::try_new(levels, Arc::clone(words) as ArrayRef)?))
}

fn runs(octets: Octets) -> Result<(OffsetBuffer<i32>, Buffer), ArrowError> {
    let len = octets.len();
    let (ends, data) = octets.into_parts();
    Ok((offsets(ends, len)?, Buffer::from_vec(data)))
}

/// Offsets without sign as those with one: the octets are the same up to what 31 bits hold.
fn offsets(ends: Vec<u32>, runs: usize) -> Result<OffsetBuffer<i32>, ArrowError> {
    let fits = ends.len() == runs + 1
        && ends.is_sorted()
        && ends.last().is_some_and(|&end| i32::try_from(end).is_ok());
    if !fits {
        return Err(ArrowError::OffsetOverflowError(ends.last().map_or(0, |&end| end as usize)));
    }
    let len = ends.len();
    Ok(OffsetBuffer::new(ScalarBuffer::new(Buffer::from_vec(ends), 0, len)))
}
