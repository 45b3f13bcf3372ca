//! Rows as Parquet.
//!
//! The `parquet` crate writes headers of pages and the footer. What is in the pages is laid out here, straight from the buffers of
//! the columns and in parallel: a column whose values are all the same takes a few octets, whole numbers of a narrow span one or two
//! each, words one. Everything else is plain, and nothing is compressed. The pages of a row group are made one behind the other in one
//! piece of memory, which is written at once and comes back.
//!
//! | values | type |
//! | --- | --- |
//! | whole numbers | `INT32`, `INT64`, annotated with width and sign |
//! | numbers of more than 64 bits | `FIXED_LEN_BYTE_ARRAY(16)`, most significant octet first |
//! | floating-point numbers | `FLOAT`, `DOUBLE` |
//! | words, texts | `BYTE_ARRAY (STRING)` |
//! | one of two words | `BOOLEAN` |
//! | moments | `INT64 (TIMESTAMP(NANOS, UTC))` |
//! | octets | `BYTE_ARRAY` |
//! | several a packet | `LIST` |
//!
//! Metadata of the file: `container`; `units` and `descriptions`, JSON objects with the names of columns as keys.
//!
//! | module | what |
//! | --- | --- |
//! | `leaf` | values as the pages of a column |
//! | `levels` | which values there are, and to which row they belong |

mod leaf;
mod levels;

use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

use ccsds_core::packet::SpacePacketHeader;
use decom::column::{Bitmap, Column, ColumnBatch, Engineering, Repetition, Values};
use decom::plan::meaning::TimeScale;
use parquet::basic::{ConvertedType, LogicalType, Repetition as Occurs, TimeUnit, Type as Physical};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::schema::types::{ColumnDescPtr, SchemaDescPtr, SchemaDescriptor, Type, TypePtr};

use self::leaf::Leaf;
pub(super) use self::leaf::PageHeads;
use self::levels::Levels;
use super::table::{ALARMS, QUALITY, Rows, Source, TableColumn, words};
use crate::fep::database::{json, utc};
use crate::fep::output::WholeFile;

/// A file that grows.
pub(super) struct ParquetFile {
    file: WholeFile,
    /// Octets written so far.
    len: usize,
    schema: SchemaDescPtr,
    notes: Vec<KeyValue>,
    groups: Vec<RowGroupMetaData>,
}

impl ParquetFile {
    /// Append a row group; returns the memory that it was in.
    pub(super) fn append(&mut self, rows: RowGroup) -> Result<Vec<u8>> {
        let RowGroup { octets, rows, columns } = rows;
        self.file.write_all(&octets)?;
        let here = self.len as i64;
        let columns: Result<Vec<ColumnChunkMetaData>> = columns
            .into_iter()
            .map(|column| {
                let (data, dictionary) = (column.data_page_offset(), column.dictionary_page_offset());
                let column = column.into_builder().set_data_page_offset(here + data);
                column.set_dictionary_page_offset(dictionary.map(|offset| here + offset)).build()
            })
            .collect();
        let group = RowGroupMetaData::builder(Arc::clone(&self.schema))
            .set_column_metadata(columns?)
            .set_total_byte_size(octets.len() as i64)
            .set_num_rows(rows as i64)
            .set_ordinal(self.groups.len() as i32)
            .set_file_offset(here)
            .build()?;
        self.groups.push(group);
        self.len += octets.len();
        let mut memory = octets;
        memory.clear();
        Ok(memory)
    }

    /// Write the footer.
    pub(super) fn close(self) -> Result<WholeFile> {
        let Self { mut file, schema, notes, groups, .. } = self;
        let rows = groups.iter().map(RowGroupMetaData::num_rows).sum();
        let maker = Some(concat!("fep ", env!("CARGO_PKG_VERSION")).to_owned());
        let about = FileMetaData::new(VERSION, rows, maker, Some(notes), schema, None);
        ParquetMetaDataWriter::new(&mut file, &ParquetMetaData::new(about, groups)).finish()?;
        Ok(file)
    }
}

/// The pages of a row group.
#[derive(Debug)]
pub(super) struct RowGroup {
    octets: Vec<u8>,
    rows: usize,
    /// What the footer says of each column; places count from the beginning of the group.
    columns: Vec<ColumnChunkMetaData>,
}

/// The schema of the file of a container.
#[derive(Debug)]
pub(super) struct ParquetSchema {
    schema: SchemaDescPtr,
    notes: Vec<KeyValue>,
}

impl ParquetSchema {
    pub(super) fn new(columns: &[TableColumn], batch: &ColumnBatch, container: &str) -> Result<Self> {
        let fields: Result<Vec<TypePtr>> =
            columns.iter().map(|column| field(&column.name, column.source, batch).map(Arc::new)).collect();
        let root = Arc::new(Type::group_type_builder("schema").with_fields(fields?).build()?);
        let schema = Arc::new(SchemaDescriptor::new(root));
        let object = |text: &dyn Fn(&TableColumn) -> &str| {
            let mut notes = String::new();
            for column in columns.iter().filter(|column| !text(column).is_empty()) {
                notes.push(if notes.is_empty() { '{' } else { ',' });
                json::string(&mut notes, &column.name);
                notes.push(':');
                json::string(&mut notes, text(column));
            }
            if notes.is_empty() { "{}".to_owned() } else { notes + "}" }
        };
        let notes = vec![
            KeyValue::new("container".to_owned(), container.to_owned()),
            KeyValue::new("units".to_owned(), object(&|column| &column.unit)),
            KeyValue::new("descriptions".to_owned(), object(&|column| &column.description)),
        ];
        Ok(Self { schema, notes })
    }

    /// Begin a file.
    pub(super) fn begin(&self, mut file: WholeFile) -> Result<ParquetFile> {
        file.write_all(MAGIC)?;
        let (schema, notes) = (Arc::clone(&self.schema), self.notes.clone());
        Ok(ParquetFile { file, len: MAGIC.len(), schema, notes, groups: Vec::new() })
    }

    /// The columns of a row group, in memory that earlier ones were in.
    pub(super) fn group(
        &self,
        columns: &[TableColumn],
        rows: &Rows<'_>,
        heads: &mut PageHeads,
        mut octets: Vec<u8>,
    ) -> Result<RowGroup> {
        let leaves = self.schema.columns().iter().zip(columns);
        let columns: Result<Vec<ColumnChunkMetaData>> = leaves
            .map(|(descriptor, column)| chunk(descriptor, column.source, rows, heads, &mut octets))
            .collect();
        Ok(RowGroup { octets, rows: rows.block.rows(), columns: columns? })
    }
}

/// What a value is.
#[derive(Clone, Debug)]
struct Kind {
    physical: Physical,
    logical: Option<LogicalType>,
}

impl Kind {
    const fn plain(physical: Physical) -> Self {
        Self { physical, logical: None }
    }

    fn whole(bits: i8, is_signed: bool) -> Self {
        let physical = if bits > 32 { Physical::INT64 } else { Physical::INT32 };
        Self { physical, logical: Some(LogicalType::integer(bits, is_signed)) }
    }

    const fn text() -> Self {
        Self { physical: Physical::BYTE_ARRAY, logical: Some(LogicalType::String) }
    }

    fn moment() -> Self {
        Self { physical: Physical::INT64, logical: Some(LogicalType::timestamp(true, TimeUnit::NANOS)) }
    }

    const fn of_raw(values: &Values) -> Option<(i8, bool)> {
        Some(match values {
            Values::I8(_) => (8, true),
            Values::I16(_) => (16, true),
            Values::I32(_) => (32, true),
            Values::I64(_) => (64, true),
            Values::U8(_) => (8, false),
            Values::U16(_) => (16, false),
            Values::U32(_) => (32, false),
            Values::U64(_) => (64, false),
            Values::F32(_) | Values::F64(_) | Values::Octets(_) | Values::Wide(_) => return None,
        })
    }

    fn raw(values: &Values) -> Self {
        match (values, Self::of_raw(values)) {
            (_, Some((bits, is_signed))) => Self::whole(bits, is_signed),
            (Values::F32(_), _) => Self::plain(Physical::FLOAT),
            (Values::F64(_), _) => Self::plain(Physical::DOUBLE),
            (Values::Wide(_), _) => Self::plain(Physical::FIXED_LEN_BYTE_ARRAY),
            _ => Self::plain(Physical::BYTE_ARRAY),
        }
    }

    fn value(column: &Column) -> Self {
        match column.engineering() {
            None => Self::raw(column.raw()),
            Some(Engineering::Booleans(_)) => Self::plain(Physical::BOOLEAN),
            Some(Engineering::Labels(_) | Engineering::Text(_)) => Self::text(),
            Some(Engineering::Times { .. }) => Self::moment(),
            Some(_) => Self::plain(Physical::DOUBLE),
        }
    }
}

/// The field of a column: optional, or a list of what is.
fn field(name: &str, source: Source, batch: &ColumnBatch) -> Result<Type> {
    let column = |index: usize| {
        let missing = || ParquetError::General(format!("{name} is of no column"));
        batch.columns().get(index).ok_or_else(missing)
    };
    let (kind, occurrence) = match source {
        Source::Generation(_) | Source::Reception => (Kind::moment(), Repetition::Once),
        Source::Quality => (Kind::text(), Repetition::Once),
        Source::Apid | Source::SequenceCount => (Kind::whole(16, false), Repetition::Once),
        Source::Alarm(index) => (Kind::text(), column(index)?.occurrence()),
        Source::Raw(index) => (Kind::raw(column(index)?.raw()), column(index)?.occurrence()),
        Source::Value(index) => (Kind::value(column(index)?), column(index)?.occurrence()),
    };
    let leaf = |name: &str| {
        let builder = Type::primitive_type_builder(name, kind.physical)
            .with_repetition(Occurs::OPTIONAL)
            .with_logical_type(kind.logical.clone());
        match kind.physical {
            Physical::FIXED_LEN_BYTE_ARRAY => builder.with_length(size_of::<u128>() as i32).build(),
            _ => builder.build(),
        }
    };
    if occurrence == Repetition::Once {
        return leaf(name);
    }
    let list = Type::group_type_builder("list")
        .with_repetition(Occurs::REPEATED)
        .with_fields(vec![Arc::new(leaf("element")?)])
        .build()?;
    Type::group_type_builder(name)
        .with_repetition(Occurs::REQUIRED)
        .with_logical_type(Some(LogicalType::List))
        .with_converted_type(ConvertedType::LIST)
        .with_fields(vec![Arc::new(list)])
        .build()
}

/// Append the pages of one column.
fn chunk(
    descriptor: &ColumnDescPtr,
    source: Source,
    rows: &Rows<'_>,
    heads: &mut PageHeads,
    group: &mut Vec<u8>,
) -> Result<ColumnChunkMetaData> {
    let len = rows.block.rows();
    let missing = || ParquetError::General(format!("{} is of no column", descriptor.name()));
    let column = |index: usize| rows.batch.columns().get(index).ok_or_else(missing);
    let some = |times: &dyn Fn(usize) -> Option<i64>| {
        let known: Vec<i64> = (0..len).filter_map(times).collect();
        (Levels::flat(len, (0..len).map(|row| times(row).is_some())), Leaf::whole64(Cow::from(known)))
    };
    let none = || (Levels::none(len), Leaf::whole64::<i64>(Cow::from(&[])));
    let (levels, leaf) = match source {
        Source::Apid => of_header(rows, |header| header.apid().get()),
        Source::SequenceCount => of_header(rows, SpacePacketHeader::sequence_count),
        Source::Quality => (Levels::all(len), Leaf::words(&QUALITY, Cow::from(&rows.quality))),
        Source::Reception if rows.block.has_received() => some(&|row| {
            let time = rows.block.received(row).0;
            i64::try_from(time).ok().filter(|&time| time != 0)
        }),
        Source::Generation(None) if rows.block.has_times() => some(&|row| rows.block.generated(row)),
        Source::Generation(None) | Source::Reception => none(),
        Source::Generation(Some(index)) | Source::Value(index) => value(rows, column(index)?),
        Source::Raw(index) => {
            let column = column(index)?;
            (Levels::of(column, column.validity(), len), raw(column.raw(), column.validity()))
        }
        Source::Alarm(index) => {
            let column = column(index)?;
            let levels: Vec<u8> = column.alarms().unwrap_or(&[]).iter().map(|&level| level as u8).collect();
            let levels = present(&levels, column.validity()).into_owned();
            (Levels::of(column, column.validity(), len), Leaf::words(&ALARMS, Cow::from(levels)))
        }
    };
    leaf.close(descriptor, &levels, heads, group)
}

/// A number that the header of each packet has.
fn of_header<'r>(rows: &Rows<'_>, value: impl Fn(SpacePacketHeader) -> u16) -> (Levels, Leaf<'r>) {
    let header = |packet: &[u8]| packet.first_chunk().map(SpacePacketHeader::from_bytes);
    let block = rows.block;
    let values: Vec<u16> = match block.strided() {
        Some((octets, stride)) => octets.chunks_exact(stride).filter_map(header).map(value).collect(),
        None => block.packets().filter_map(header).map(value).collect(),
    };
    let levels = if values.len() == block.rows() {
        Levels::all(block.rows())
    } else {
        Levels::flat(block.rows(), block.packets().map(|packet| header(packet).is_some()))
    };
    (levels, Leaf::whole(Cow::from(values)))
}

/// The engineering values of a column, or where it has none its raw ones.
fn value<'r>(rows: &Rows<'r>, column: &'r Column) -> (Levels, Leaf<'r>) {
    let (len, mask) = (rows.block.rows(), column.engineering_validity());
    let levels = Levels::of(column, mask, len);
    match column.engineering() {
        None => (levels, raw(column.raw(), mask)),
        Some(Engineering::Booleans(values)) => (levels, Leaf::booleans(values, mask)),
        Some(Engineering::F64(values)) => (levels, Leaf::float64(present(values, mask))),
        Some(Engineering::Text(values)) => (levels, Leaf::octets(values, mask)),
        Some(Engineering::Labels(values)) => {
            // A number without a word is no value.
            let (words, places) = words(&rows.plan, column);
            let place = |(index, &label): (usize, &u32)| {
                let is_there = mask.is_none_or(|mask| mask.get(index) == Some(true));
                places.get(label as usize).filter(|_| is_there).copied()
            };
            let labels = || values.iter().enumerate().map(place);
            let levels = Levels::with(column, len, labels().map(|label| label.is_some()));
            let labels: Vec<u32> = labels().flatten().collect();
            (levels, Leaf::words(&words, Cow::from(labels)))
        }
        Some(Engineering::Times { nanoseconds, scale: TimeScale::Utc }) => {
            (levels, Leaf::whole64(present(nanoseconds, mask)))
        }
        Some(Engineering::Times { nanoseconds, scale }) => {
            let utc = |(index, &time): (usize, &i64)| {
                let is_there = mask.is_none_or(|mask| mask.get(index) == Some(true));
                utc::unix_nanoseconds(time, *scale).filter(|_| is_there)
            };
            let times: Vec<Option<i64>> = nanoseconds.iter().enumerate().map(utc).collect();
            let levels = Levels::with(column, len, times.iter().map(Option::is_some));
            let times: Vec<i64> = times.into_iter().flatten().collect();
            (levels, Leaf::whole64(Cow::from(times)))
        }
        Some(_) => (Levels::none(len), Leaf::float64(Cow::from(&[]))),
    }
}

fn raw<'r>(values: &'r Values, mask: Option<&'r Bitmap>) -> Leaf<'r> {
    match values {
        Values::F32(values) => Leaf::float32(present(values, mask)),
        Values::F64(values) => Leaf::float64(present(values, mask)),
        Values::I8(values) => Leaf::whole(present(values, mask)),
        Values::I16(values) => Leaf::whole(present(values, mask)),
        Values::I32(values) => Leaf::whole(present(values, mask)),
        Values::I64(values) => Leaf::whole64(present(values, mask)),
        Values::Octets(values) => Leaf::octets(values, mask),
        Values::U8(values) => Leaf::whole(present(values, mask)),
        Values::U16(values) => Leaf::whole(present(values, mask)),
        Values::U32(values) => Leaf::whole(present(values, mask)),
        Values::U64(values) => Leaf::whole64(present(values, mask)),
        Values::Wide(values) => Leaf::wide(present(values, mask)),
    }
}

/// The values that are there.
fn present<'v, T: Copy>(values: &'v [T], mask: Option<&Bitmap>) -> Cow<'v, [T]> {
    match mask {
        None => values.into(),
        Some(mask) => {
            let there = values.iter().enumerate().filter(|(index, _)| mask.get(*index) == Some(true));
            there.map(|(_, &value)| value).collect::<Vec<T>>().into()
        }
    }
}

/// What a file begins with.
const MAGIC: &[u8; 4] = b"PAR1";
/// Of the format: what is newer than its first version is not used.
const VERSION: i32 = 1;
