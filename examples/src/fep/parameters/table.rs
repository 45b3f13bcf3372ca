//! One container: a block of its packets as columns, and these in the format of the files.

use std::collections::BTreeMap;

use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::Packet;
use ccsds_core::quality::{PacketMeta, PacketQuality, ReceiveTime};
use decom::block::ColumnDecoder;
use decom::column::{Column, ColumnBatch, Engineering, Repetition};
use decom::plan::{AlarmLevel, NodeId, ParameterId, Plan};
use decom::row::{Decoder, Register, RowStatus};
use parquet::errors::ParquetError;

use super::blocks::{Block, MAX_ROWS, MAX_VALUES};
use super::parquet::{PageHeads, ParquetFile, ParquetSchema, RowGroup};
use super::{Format, text};
use crate::fep::failure::Failure;
use crate::fep::output::WholeFile;

/// How packets of one container become rows.
#[derive(Debug)]
pub(super) struct Table<'p> {
    decoder: ColumnDecoder<'p>,
    format: Format,
    columns: Vec<TableColumn>,
    /// Parquet only.
    schema: Option<ParquetSchema>,
    root: NodeId,
    /// Bits from which on a packet has all values; `None` where that depends on the packet.
    complete_bits: Option<usize>,
    /// Packets in a block.
    pub(super) max_rows: usize,
}

/// One column of a file.
#[derive(Debug)]
pub(super) struct TableColumn {
    pub(super) name: String,
    pub(super) source: Source,
    pub(super) unit: String,
    pub(super) description: String,
}

/// Where the values of a column come from; the number is that of a column of the decoder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Source {
    Alarm(usize),
    Apid,
    Generation(Option<usize>),
    Quality,
    Raw(usize),
    Reception,
    SequenceCount,
    Value(usize),
}

/// The packets of a block as columns.
pub(super) struct Rows<'b> {
    pub(super) plan: Plan<'b>,
    pub(super) block: &'b Block,
    pub(super) batch: &'b ColumnBatch,
    /// Indices of [`QUALITY`].
    pub(super) quality: Vec<u8>,
}

/// A block in the format of its file.
pub(super) enum Encoded {
    Group(RowGroup),
    Text(String),
}

/// Memory that one thread decodes and encodes blocks of a container in, one after another.
#[derive(Debug)]
pub(super) struct Workplace<'p> {
    decoder: ColumnDecoder<'p>,
    batch: ColumnBatch,
    /// Parquet only.
    heads: PageHeads,
}

/// What became of packets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Rows.
    pub rows: u64,
    /// Those with `short`, `damaged` and `truncated` as quality.
    pub flagged: [u64; 3],
    /// Values by how grave they are, from `watch` on.
    pub alarms: [u64; 5],
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        let flagged = self.flagged.iter_mut().zip(other.flagged);
        flagged.chain(self.alarms.iter_mut().zip(other.alarms)).for_each(|(sum, count)| *sum += count);
    }
}

impl<'p> Table<'p> {
    /// `None` when the plan has no such container.
    pub(super) fn new(
        plan: Plan<'p>,
        container: NodeId,
        time: Option<ParameterId>,
        format: Format,
    ) -> Option<Self> {
        let node = plan.node(container)?;
        let decoder = ColumnDecoder::new(plan, container)?;
        let batch = decoder.batch();
        let columns = columns(&plan, &batch, time);
        let schema = match format {
            Format::Parquet => ParquetSchema::new(&columns, &batch, plan.container_name(container)).ok(),
            Format::Csv | Format::Jsonl => None,
        };
        Some(Self {
            root: plan.chain(container).next()?,
            complete_bits: (!node.is_dynamic).then_some(node.end_bit as usize),
            max_rows: (MAX_VALUES / columns.len()).clamp(1, MAX_ROWS),
            decoder,
            format,
            columns,
            schema,
        })
    }

    /// Memory to encode blocks in.
    pub(super) fn workplace(&self) -> Workplace<'p> {
        let decoder = self.decoder.clone();
        Workplace { batch: decoder.batch(), decoder, heads: PageHeads::default() }
    }

    /// The packets of a block in the format of the files; of Parquet, in `memory`.
    pub(super) fn encode(
        &self,
        block: &Block,
        place: &mut Workplace<'p>,
        memory: Vec<u8>,
    ) -> Result<(Encoded, Tally), Failure> {
        let mut tally = Tally { rows: block.rows() as u64, ..Tally::default() };
        decode(block, place);
        let rows = Rows {
            plan: *self.decoder.plan(),
            block,
            batch: &place.batch,
            quality: self.quality(block, &mut tally)?,
        };
        for alarms in rows.batch.columns().iter().filter_map(Column::alarms) {
            for &level in alarms.iter().filter(|&&level| level != AlarmLevel::Normal) {
                if let Some(count) = tally.alarms.get_mut(level as usize - 1) {
                    *count += 1;
                }
            }
        }
        let encoded = match self.format {
            Format::Csv => Encoded::Text(text::csv(&self.columns, &rows)),
            Format::Jsonl => Encoded::Text(text::jsonl(&self.columns, &rows)),
            Format::Parquet => {
                let schema = self.schema()?;
                let group = schema.group(&self.columns, &rows, &mut place.heads, memory);
                Encoded::Group(group.map_err(Failure::incomplete)?)
            }
        };
        Ok((encoded, tally))
    }

    /// What a file of text begins with.
    pub(super) fn head(&self) -> String {
        match self.format {
            Format::Csv => text::csv_head(&self.columns),
            Format::Jsonl | Format::Parquet => String::new(),
        }
    }

    pub(super) fn parquet_file(&self, file: WholeFile) -> Result<ParquetFile, ParquetError> {
        let schema = self.schema().map_err(|failure| ParquetError::General(failure.to_string()))?;
        schema.begin(file)
    }

    fn schema(&self) -> Result<&ParquetSchema, Failure> {
        let missing = || Failure::incomplete("a container has columns that Parquet has no type for");
        self.schema.as_ref().ok_or_else(missing)
    }

    /// The word for what befell each packet.
    fn quality(&self, block: &Block, tally: &mut Tally) -> Result<Vec<u8>, Failure> {
        let stride = block.strided().map(|(_, stride)| stride);
        let is_whole = stride.zip(self.complete_bits).is_some_and(|(stride, bits)| stride * 8 >= bits);
        if is_whole && block.is_good() {
            return Ok(vec![0; block.rows()]);
        }
        let plan = *self.decoder.plan();
        let mut registers = vec![Register::default(); plan.registers as usize];
        let mut decoder =
            Decoder::new(plan, self.root, registers.as_mut_slice()).map_err(Failure::incomplete)?;
        let mut is_short = |packet: &[u8]| {
            let may_be = self.complete_bits.is_none_or(|bits| packet.len() * 8 < bits);
            may_be && decoder.decode(packet, &mut ()).status == RowStatus::Short
        };
        let mut word = |(row, packet): (usize, &[u8])| {
            let quality = block.quality(row);
            let word = if quality.contains(PacketQuality::TRUNCATED) {
                3
            } else if !quality.is_good() {
                2
            } else {
                u8::from(is_short(packet))
            };
            if let Some(count) = usize::from(word).checked_sub(1).and_then(|i| tally.flagged.get_mut(i)) {
                *count += 1;
            }
            word
        };
        Ok(block.packets().enumerate().map(&mut word).collect())
    }
}

/// The packets of a block as columns.
fn decode(block: &Block, place: &mut Workplace<'_>) {
    let Workplace { decoder, batch, .. } = place;
    batch.clear();
    if let Some((octets, stride)) = block.strided() {
        decoder.append_strided(octets, stride, ReceiveTime(0), PacketQuality::GOOD, batch);
        return;
    }
    let mut packets = block.packets().map(|bytes| Packet { bytes, meta: META });
    let mut some: Vec<Packet<'_>> = Vec::with_capacity(AT_ONCE);
    loop {
        some.clear();
        some.extend(packets.by_ref().take(AT_ONCE));
        if some.is_empty() {
            return;
        }
        decoder.append(&some, batch);
    }
}

/// The columns of the file of a container.
fn columns(plan: &Plan<'_>, batch: &ColumnBatch, time: Option<ParameterId>) -> Vec<TableColumn> {
    let of_packet = [
        Source::Generation(time_column(plan, batch.columns(), time)),
        Source::Reception,
        Source::Quality,
        Source::Apid,
        Source::SequenceCount,
    ];
    let plain = |(name, source): (&str, Source)| TableColumn {
        name: name.to_owned(),
        source,
        unit: String::new(),
        description: String::new(),
    };
    let mut columns: Vec<TableColumn> = PACKET_COLUMNS.into_iter().zip(of_packet).map(plain).collect();
    let names = batch.names(plan, &PACKET_COLUMNS);
    for (index, (column, name)) in batch.columns().iter().zip(names).enumerate() {
        let item = plan.item(column.item());
        let meaning = item.and_then(|item| plan.meaning(item));
        let parameter = item.and_then(|item| plan.parameter(item.parameter));
        let description = parameter.map_or("", |parameter| plan.str(parameter.description));
        let mut add = |name: String, source: Source, unit: &str| {
            columns.push(TableColumn {
                name,
                source,
                unit: unit.to_owned(),
                description: description.to_owned(),
            });
        };
        let unit = meaning.map_or("", |meaning| plan.str(meaning.unit));
        add(name.clone(), Source::Value(index), unit);
        if !matches!(column.engineering(), None | Some(Engineering::Text(_))) {
            add(format!("{name}:raw"), Source::Raw(index), "");
        }
        if column.alarms().is_some() {
            add(format!("{name}:alarm"), Source::Alarm(index), "");
        }
    }
    columns
}

/// The column that tells when packets were made: that of the parameter, or else the first moment that every packet has once.
fn time_column(plan: &Plan<'_>, columns: &[Column], parameter: Option<ParameterId>) -> Option<usize> {
    let mut moments = columns.iter().enumerate().filter(|(_, column)| {
        column.occurrence() == Repetition::Once
            && matches!(column.engineering(), Some(Engineering::Times { .. }))
    });
    let is_wanted = |column: &Column| plan.item(column.item()).map(|item| item.parameter) == parameter;
    let found = match parameter {
        Some(_) => moments.find(|(_, column)| is_wanted(column)),
        None => moments.next(),
    };
    found.map(|(index, _)| index)
}

/// The words of the labels of a column, and the place of each label among them: two labels may have the same word.
pub(super) fn words<'p>(plan: &Plan<'p>, column: &Column) -> (Vec<&'p str>, Vec<u32>) {
    let meaning = plan.item(column.item()).and_then(|item| plan.meaning(item));
    let labels = match meaning.map(|meaning| meaning.kind) {
        Some(decom::plan::Kind::Enumerated(labels)) => labels.of(plan.labels),
        _ => &[],
    };
    let (mut words, mut places) = (Vec::new(), Vec::with_capacity(labels.len()));
    let mut seen = BTreeMap::new();
    for label in labels {
        let word = plan.str(label.text);
        places.push(*seen.entry(word).or_insert_with(|| {
            words.push(word);
            words.len() as u32 - 1
        }));
    }
    (words, places)
}

/// Columns that every file begins with.
const PACKET_COLUMNS: [&str; 5] = ["generation_time", "reception_time", "quality", "apid", "sequence_count"];
/// Words for what befell a packet, in rising order of gravity.
pub(super) const QUALITY: [&str; 4] = ["ok", "short", "damaged", "truncated"];
/// Words for how grave a value is, in the order of [`AlarmLevel`].
pub(super) const ALARMS: [&str; 6] = ["normal", "watch", "warning", "distress", "critical", "severe"];
/// Packets that are shown to the decoder at once.
const AT_ONCE: usize = 4096;
/// What the decoder need not know of packets.
const META: PacketMeta = PacketMeta {
    gvcid: Gvcid::new(Tfvn::Tm, Scid::new(0), Vcid::from_low_bits(0)),
    first_frame: 0,
    received: ReceiveTime(0),
    quality: PacketQuality::GOOD,
};
