//! Parameters: rows, columns and a naive interpreter against each other; hostile plans.

#[path = "../../decom/tests/common/mod.rs"]
pub(crate) mod common;

use ccsds_core::arch::Level;
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::Packet;
use ccsds_core::quality::{PacketMeta, PacketQuality, ReceiveTime};
use decom::block::ColumnDecoder;
use decom::column::{Column, ColumnBatch, Engineering, Repetition, Values};
use decom::model::ContainerId;
use decom::plan::{AlarmLevel, ItemId, Kind, NONE, NodeId, Plan, PlanBuf};
use decom::raw::Raw;
use decom::row::{Decoder, Register, RowReport, RowSink, RowStatus, Sample};
use decom::value::Value;

use self::common::random::{Choices as DatabaseChoices, database};
use self::common::{Recorder, Said, naive, number_bits};
use crate::choices::Choices;
use crate::plans::{self, other_ways};

/// A random database and packets: rows say what a naive interpreter of the database says, columns say what rows say, at every level
/// and in pieces, and the work is bounded by the packet.
pub fn plan_row_vs_column(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let dynamic = choices.flag();
    let made_of = 2 * choices.below(250);
    let database = database(&mut DatabaseChoices::new(choices.take(made_of)), dynamic);
    let compiled = database.compile().unwrap_or_else(|errors| panic!("{errors:?}"));
    let packets = packets(choices);
    let plan = compiled.plan();
    let root = plan.node_named("/root").unwrap();
    let mut decoder = Decoder::new(plan, root, vec![Register::Empty; plan.registers as usize]).unwrap();
    let mut before = None;
    for packet in &packets {
        let mut recorder = Recorder::new(plan);
        let report = decoder.decode(packet, &mut recorder);
        let (said, leaf, is_short) = naive::decode(&database, ContainerId(0), packet, before.as_deref());
        assert_eq!(values(&recorder.said), values(&said));
        let status = match (is_short, &leaf) {
            (true, _) => RowStatus::Short,
            (false, Some(_)) => RowStatus::Complete,
            (false, None) => RowStatus::Unmatched,
        };
        assert_eq!(report.status, status);
        before = leaf;
    }
    rows_equal_columns(compiled.plan(), &packets);
    assert!(PlanBuf::from_blob(&compiled.to_blob()) == Ok(compiled), "a plan that does not come back");
}

/// Octets that claim to be a plan: one that is refused, or one that packets go through without a panic, in bounded work, and without
/// a value from behind their end; rows and columns alike.
pub fn plan_blob(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let len = choices.below_wide(1 << 16);
    let tables = choices.take(len);
    // The head that a writer puts before tables: what is hunted for lies behind it.
    let mut blob = PlanBuf::default().to_blob();
    blob.truncate(HEAD_LEN);
    blob[HEAD_LEN - 4..].copy_from_slice(&crc32fast::hash(tables).to_be_bytes());
    blob.extend_from_slice(tables);
    let Ok(plan) = PlanBuf::from_blob(&blob) else { return };
    let packets = packets(choices);
    let plan = plan.plan();
    for root in (0..plan.nodes.len().min(4) as u32).map(NodeId) {
        for packet in &packets {
            let _ = rows(plan, root, packet);
            let _ = plan.select(root, packet);
        }
        let packets: Vec<Packet<'_>> =
            packets.iter().map(|octets| Packet { bytes: octets, meta: META }).collect();
        if let Some(mut decoder) = ColumnDecoder::new(plan, root) {
            let mut batch = decoder.batch();
            decoder.append(&packets, &mut batch);
        }
    }
}

/// Packets of any length, the last one of what is left.
pub(crate) fn packets(mut choices: Choices<'_>) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    while packets.len() < 12 && !choices.is_empty() {
        let len = choices.below(120);
        packets.push(choices.take(len).to_vec());
    }
    packets
}

/// Rows and columns of every container of a plan say the same.
pub(crate) fn rows_equal_columns(plan: Plan<'_>, packets: &[Vec<u8>]) {
    for &root in plan.roots {
        let all: Vec<Rows> = packets.iter().map(|packet| rows(plan, root, packet)).collect();
        // What is compiled has every item that it gives values of; a forged plan need not.
        assert!(all.iter().flat_map(|rows| &rows.values).all(|(item, _)| plan.item(*item).is_some()));
        for node in (0..plan.nodes.len() as u32).map(NodeId) {
            let mut chain: Vec<NodeId> = plan.chain(node).collect();
            chain.sort_unstable();
            // Columns are about one container and its bases; a packet may be of several.
            let fits = |rows: &Rows| {
                let mut entered = rows.entered.clone();
                entered.sort_unstable();
                rows.report.is_some_and(|report| report.container == node) && entered == chain
            };
            let (rows, octets): (Vec<_>, Vec<_>) =
                all.iter().zip(packets).filter(|(rows, _)| fits(rows)).unzip();
            if !rows.is_empty() {
                columns(plan, node, &rows, &octets);
            }
        }
    }
    other_ways(plan, packets);
}

fn columns(plan: Plan<'_>, node: NodeId, rows: &[&Rows], octets: &[&Vec<u8>]) {
    let packets: Vec<Packet<'_>> = octets.iter().map(|octets| Packet { bytes: octets, meta: META }).collect();
    for level in Level::ALL.into_iter().filter(|level| level.is_available()) {
        let mut decoder = ColumnDecoder::with_level(plan, node, level).unwrap();
        let mut batch = decoder.batch();
        decoder.append(&packets, &mut batch);
        compare(&plan, rows, &batch);
        batch.clear();
        for packet in &packets {
            decoder.append(std::slice::from_ref(packet), &mut batch);
        }
        compare(&plan, rows, &batch);
    }
}

fn values(said: &[Said]) -> Vec<Said> {
    said.iter().filter(|said| matches!(said, Said::Enter(_) | Said::Value(..))).cloned().collect()
}

/// What the row engine says of one packet.
pub(crate) struct Rows {
    entered: Vec<NodeId>,
    pub(crate) values: Vec<(ItemId, Seen)>,
    pub(crate) report: Option<RowReport>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    raw: String,
    is_raw: bool,
    value: String,
    level: AlarmLevel,
}

impl Seen {
    fn nothing() -> Self {
        Self { raw: NULL.into(), is_raw: false, value: NULL.into(), level: AlarmLevel::Normal }
    }
}

/// Decode one packet and count what it takes.
pub(crate) fn rows(plan: Plan<'_>, root: NodeId, packet: &[u8]) -> Rows {
    let registers = vec![Register::Empty; plan.registers as usize];
    let mut decoder = Decoder::new(plan, root, registers).unwrap();
    let mut rows = Rows { entered: Vec::new(), values: Vec::new(), report: None };
    let report = decoder.decode(packet, &mut rows);
    assert!(report.bits <= packet.len() * 8, "a value behind the end of its packet");
    rows.report = Some(report);
    rows
}

impl RowSink for Rows {
    fn enter(&mut self, container: NodeId) {
        self.entered.push(container);
    }

    fn missing(&mut self, item: ItemId) {
        self.values.push((item, Seen::nothing()));
    }

    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let value = sample.value();
        let is_raw = !matches!(sample.raw(), Raw::Undefined(_));
        let is_enumerated =
            sample.meaning().is_some_and(|meaning| matches!(meaning.kind, Kind::Enumerated(_)));
        let is_number = matches!(value, Value::Unsigned(_) | Value::Wide(_));
        let seen = Seen {
            raw: show_raw(sample.raw()),
            is_raw,
            // A number that no enumeration can have stays one; a column of words has no place for it.
            value: if is_enumerated && is_number { NULL.into() } else { show_value(value) },
            level: if is_raw { sample.alarm(&value) } else { AlarmLevel::Normal },
        };
        plans::sample(sample, value);
        self.values.push((sample.item(), seen));
    }
}

fn show_raw(raw: Raw<'_>) -> String {
    match raw {
        Raw::Float(x) => format!("{:x}", number_bits(x)),
        Raw::Octets(bits) | Raw::Text { bits, .. } => format!("{bits:x}"),
        Raw::Signed(x) => x.to_string(),
        Raw::Undefined(_) => NULL.into(),
        Raw::Unsigned(x) => x.to_string(),
        Raw::Wide(x) => x.to_string(),
    }
}

fn show_value(value: Value<'_, '_>) -> String {
    match value {
        Value::Boolean { value, .. } => value.to_string(),
        Value::Label { label, .. } => format!("{label:?}"),
        Value::Octets(bits) => format!("{bits:x}"),
        Value::Text(text) => text.to_string(),
        Value::Time(moment) => moment.unix_nanoseconds().map_or(NULL.into(), |time| time.to_string()),
        Value::Undefined => NULL.into(),
        Value::Duration(x) | Value::Float(x) => format!("{:x}", number_bits(x)),
        Value::Signed(x) => x.to_string(),
        Value::Unsigned(x) => x.to_string(),
        Value::Wide(x) => x.to_string(),
    }
}

fn raw_at(column: &Column, index: usize) -> String {
    if column.validity().is_some_and(|bitmap| bitmap.get(index) == Some(false)) {
        return NULL.into();
    }
    match column.raw() {
        Values::Octets(octets) => {
            octets.get(index).unwrap().iter().map(|octet| format!("{octet:02x}")).collect()
        }
        values => show_raw(values.number(index).unwrap()),
    }
}

fn value_at(plan: &Plan<'_>, column: &Column, index: usize) -> String {
    if column.engineering_validity().is_some_and(|bitmap| bitmap.get(index) == Some(false)) {
        return NULL.into();
    }
    match column.engineering() {
        None => raw_at(column, index),
        Some(Engineering::Booleans(values)) => values.get(index).unwrap().to_string(),
        Some(Engineering::F64(values)) => format!("{:x}", number_bits(values[index])),
        Some(Engineering::Labels(values)) => {
            let meaning = plan.meaning(plan.item(column.item()).unwrap()).unwrap();
            let Kind::Enumerated(labels) = meaning.kind else { panic!("labels of what is no word") };
            let label = (values[index] != NONE).then(|| labels.of(plan.labels)[values[index] as usize]);
            format!("{:?}", label.map(|label| plan.str(label.text)))
        }
        Some(Engineering::Text(texts)) => String::from_utf8(texts.get(index).unwrap().to_vec()).unwrap(),
        Some(Engineering::Times { nanoseconds, .. }) => nanoseconds[index].to_string(),
        Some(_) => panic!("values that nobody knows"),
    }
}

fn compare(plan: &Plan<'_>, rows: &[&Rows], batch: &ColumnBatch) {
    assert_eq!(batch.rows(), rows.len());
    for column in batch.columns() {
        let mut index = 0;
        for (row, rows) in rows.iter().enumerate() {
            let mine = rows.values.iter().filter(|(item, _)| *item == column.item());
            let mut seen: Vec<Seen> = mine.map(|(_, seen)| seen.clone()).collect();
            match column.occurrence() {
                Repetition::Once => {
                    assert!(seen.len() <= 1);
                    if seen.is_empty() {
                        seen.push(Seen::nothing());
                    }
                }
                Repetition::Fixed(n) => assert_eq!(seen.len(), n as usize),
                Repetition::Varying => {
                    // What is missing ends a list.
                    seen.retain(|seen| seen.is_raw || seen.raw != NULL || seen.value != NULL);
                    let offsets = column.offsets().unwrap();
                    assert_eq!(offsets[row] as usize, index);
                    assert_eq!(offsets[row + 1] as usize, index + seen.len());
                }
            }
            for seen in seen {
                let found = raw_at(column, index);
                assert_eq!(found, seen.raw, "raw value of {:?} in row {row}", column.item());
                let expected = if column.engineering().is_none() { &seen.raw } else { &seen.value };
                let found = value_at(plan, column, index);
                assert_eq!(&found, expected, "value of {:?} in row {row}", column.item());
                let level = column.alarms().map_or(AlarmLevel::Normal, |alarms| alarms[index]);
                assert_eq!(level, seen.level, "alarm of {:?} in row {row}", column.item());
                index += 1;
            }
        }
        assert_eq!(column.len(), index);
    }
}

/// Octets of a blob before its tables: magic word, version, checksum.
pub(crate) const HEAD_LEN: usize = 10;
const NULL: &str = "null";
pub(crate) const META: PacketMeta = PacketMeta {
    gvcid: Gvcid::new(Tfvn::Aos, Scid::new(1), Vcid::from_low_bits(1)),
    first_frame: 0,
    received: ReceiveTime(0),
    quality: PacketQuality::GOOD,
};
