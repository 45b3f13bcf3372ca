mod meanings;

use super::*;
use crate::column::{Column, Engineering, Repetition, Values};
use crate::model::{
    Alarm, AlarmLevel, AlarmRange, BitOrder, ByteOrder, Calibrator, Charset, Condition, Container,
    ContainerId, Database, Encoding, EngineeringKind, Entry, EntryKind, FloatEncoding, IntExpr,
    IntegerEncoding, Label, Location, Origin, Parameter, ParameterId as ModelId, ParameterRef, ParameterType,
    Reference, Repeat, Scalar, Size, TypeId, TypeKind,
};
use crate::plan::{ItemId, NONE, PlanBuf};
use crate::raw::Raw;
use crate::row::{Decoder, Register, RowSink, Sample};
use crate::value::Value;
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::quality::PacketMeta;
use proptest::prelude::*;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// A database of one container with these values, each at a bit of its own or behind the one before.
fn database(scalars: &[(Option<u32>, Scalar)]) -> Database {
    let mut database = Database::default();
    let mut entries = Vec::new();
    for (i, (bit, scalar)) in (0u32..).zip(scalars) {
        database.types.push(ParameterType {
            name: format!("/T/t{i}"),
            unit: String::new(),
            kind: TypeKind::Scalar(scalar.clone()),
            origin: Origin::default(),
        });
        database.parameters.push(Parameter {
            name: format!("/T/p{i}"),
            description: String::new(),
            parameter_type: TypeId(i),
            constant: None,
            valid_if: None,
            origin: Origin::default(),
        });
        let mut entry = Entry::new(EntryKind::Parameter(ModelId(i)), Origin::default());
        if let Some(bit) = bit {
            let offset = IntExpr::Fixed((*bit).into());
            entry.location = Location { reference: Reference::ContainerStart, offset };
        }
        entries.push(entry);
    }
    database.containers.push(container("/T/C", entries));
    database
}

fn container(name: &str, entries: Vec<Entry>) -> Container {
    Container {
        name: name.to_string(),
        description: String::new(),
        base: None,
        next: None,
        is_abstract: false,
        entries,
        size_bits: None,
        origin: Origin::default(),
    }
}

fn integer(bits: u32, encoding: IntegerEncoding, byte_order: ByteOrder) -> Encoding {
    Encoding::Integer { bits, encoding, byte_order, bit_order: BitOrder::default() }
}

fn plain(encoding: Encoding) -> Scalar {
    let kind = match encoding {
        Encoding::Float { .. } => EngineeringKind::Float,
        Encoding::Integer { .. } => EngineeringKind::Integer,
        Encoding::Octets { .. } => EngineeringKind::Octets,
        Encoding::Text { .. } => EngineeringKind::Text,
    };
    Scalar::new(encoding, kind)
}

fn any_encoding() -> impl Strategy<Value = Encoding> {
    let big = ByteOrder::default;
    prop_oneof![
        4 => (1u32..=64).prop_map(move |bits| integer(bits, IntegerEncoding::Unsigned, big())),
        2 => (1u32..=64).prop_map(move |bits| integer(bits, IntegerEncoding::TwosComplement, big())),
        2 => prop::sample::select(&[8u32, 16, 32, 64][..]).prop_map(move |bits| integer(bits, IntegerEncoding::Unsigned, big())),
        1 => (65u32..=128).prop_map(move |bits| integer(bits, IntegerEncoding::Unsigned, big())),
        1 => prop::sample::select(&[
            IntegerEncoding::Bcd, IntegerEncoding::PackedBcd, IntegerEncoding::OnesComplement, IntegerEncoding::SignMagnitude,
        ][..]).prop_flat_map(move |encoding| (1u32..=16).prop_map(move |octets| octets * 4).prop_map(move |bits| {
            let bits = if encoding == IntegerEncoding::Bcd { bits.div_ceil(8) * 8 } else { bits };
            integer(bits, encoding, big())
        })),
        1 => (1u32..=8, any::<bool>()).prop_map(|(octets, sign)| {
            let encoding = if sign { IntegerEncoding::TwosComplement } else { IntegerEncoding::Unsigned };
            integer(octets * 8, encoding, ByteOrder::LeastSignificantFirst)
        }),
        2 => (prop::sample::select(&[16u32, 32, 64][..]), any::<bool>()).prop_map(|(bits, little)| Encoding::Float {
            bits,
            encoding: FloatEncoding::Ieee754,
            byte_order: if little { ByteOrder::LeastSignificantFirst } else { ByteOrder::default() },
            bit_order: BitOrder::default(),
        }),
        1 => (0i64..5).prop_map(|octets| Encoding::Octets { size: Size::Bits(IntExpr::Fixed(octets * 8)) }),
        1 => (0i64..5).prop_map(|octets| Encoding::Text { size: Size::Bits(IntExpr::Fixed(octets * 8)), charset: Charset::Latin1 }),
    ]
}

/// Values at any bit, octet or behind each other.
fn any_scalars() -> impl Strategy<Value = Vec<(Option<u32>, Scalar)>> {
    let place = prop_oneof![
        2 => Just(None),
        1 => (0u32..400).prop_map(Some),
        2 => (0u32..50).prop_map(|octet| Some(octet * 8)),
    ];
    prop::collection::vec((place, any_encoding().prop_map(plain)), 1..40)
}

fn meta(i: usize) -> PacketMeta {
    PacketMeta {
        gvcid: Gvcid { tfvn: Tfvn::Aos, scid: Scid::new(1), vcid: Vcid::from_low_bits(1) },
        first_frame: i as u64,
        received: ReceiveTime(i as u64 * 3),
        quality: if i.is_multiple_of(3) { PacketQuality::TRUNCATED } else { PacketQuality::GOOD },
    }
}

fn packets(octets: &[Vec<u8>]) -> Vec<Packet<'_>> {
    octets.iter().enumerate().map(|(i, bytes)| Packet { bytes, meta: meta(i) }).collect()
}

/// Octets that do not repeat soon, so that values of different packets and places differ.
fn octets(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Many octets of few bits, so that decimal digits and small numbers are common.
        if state & 3 == 0 { (state >> 40) as u8 & 0x19 } else { (state >> 40) as u8 }
    };
    (0..len).map(step).collect()
}

/// What a column has to hold, value by value, as the row engine sees it.
#[derive(Default)]
struct Rows {
    values: Vec<Vec<Vec<Seen>>>,
}

#[derive(Clone, Debug)]
struct Seen {
    raw: String,
    value: String,
    /// The value as a column of floating-point numbers has it.
    number: String,
    level: AlarmLevel,
    /// The packet does not reach it.
    is_missing: bool,
}

impl Rows {
    fn of(plan: &Plan<'_>, packets: &[Packet<'_>]) -> Self {
        let mut rows = Self::default();
        let registers = vec![Register::Empty; plan.registers as usize];
        let mut decoder = Decoder::new(*plan, plan.roots[0], registers).unwrap();
        for packet in packets {
            rows.values.push(vec![Vec::new(); plan.items.len()]);
            let _ = decoder.decode(packet.bytes, &mut rows);
        }
        rows
    }

    fn cell(&mut self, item: ItemId) -> &mut Vec<Seen> {
        &mut self.values.last_mut().unwrap()[item.0 as usize]
    }
}

impl RowSink for Rows {
    fn missing(&mut self, item: ItemId) {
        let seen = Seen {
            raw: "null".into(),
            value: "null".into(),
            number: "null".into(),
            level: AlarmLevel::Normal,
            is_missing: true,
        };
        self.cell(item).push(seen);
    }

    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let value = sample.value();
        let is_raw = !matches!(sample.raw(), Raw::Undefined(_));
        let seen = Seen {
            raw: show_raw(sample.raw()),
            value: show_value(value),
            number: value.number().map_or("null".into(), show_number),
            level: if is_raw { sample.alarm(&value) } else { AlarmLevel::Normal },
            is_missing: false,
        };
        self.cell(sample.item()).push(seen);
    }
}

fn show_raw(raw: Raw<'_>) -> String {
    match raw {
        // Whether a conversion makes what is no number a quiet one is up to the processor.
        Raw::Float(x) => format!("{:x}", x.to_bits() | if x.is_nan() { 1 << 51 } else { 0 }),
        Raw::Octets(bits) | Raw::Text { bits, .. } => format!("{bits:x}"),
        Raw::Signed(x) => x.to_string(),
        Raw::Undefined(_) => "null".into(),
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
        Value::Time(moment) => moment.unix_nanoseconds().map_or("null".into(), |time| time.to_string()),
        Value::Undefined => "null".into(),
        Value::Duration(x) | Value::Float(x) => show_number(x),
        Value::Signed(x) => x.to_string(),
        Value::Unsigned(x) => x.to_string(),
        Value::Wide(x) => x.to_string(),
    }
}

/// Every bit, but of what is not a number: which NaN comes out depends on the order of operands.
fn show_number(x: f64) -> String {
    if x.is_nan() { "nan".into() } else { format!("{:x}", x.to_bits()) }
}

/// The raw value at `index` of a column.
fn raw_at(column: &Column, index: usize) -> String {
    if column.validity().is_some_and(|bitmap| bitmap.get(index) == Some(false)) {
        return "null".into();
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
        return "null".into();
    }
    match column.engineering() {
        None => raw_at(column, index),
        Some(Engineering::Booleans(values)) => values.get(index).unwrap().to_string(),
        Some(Engineering::F64(values)) => show_number(values[index]),
        Some(Engineering::Labels(values)) => {
            let meaning = plan.meaning(plan.item(column.item()).unwrap()).unwrap();
            let crate::plan::Kind::Enumerated(labels) = meaning.kind else { panic!() };
            let label = (values[index] != NONE).then(|| labels.of(plan.labels)[values[index] as usize]);
            format!("{:?}", label.map(|label| plan.str(label.text)))
        }
        Some(Engineering::Text(texts)) => String::from_utf8(texts.get(index).unwrap().to_vec()).unwrap(),
        Some(Engineering::Times { nanoseconds, .. }) => nanoseconds[index].to_string(),
    }
}

/// A batch says what the rows say.
fn compare(plan: &Plan<'_>, rows: &Rows, batch: &ColumnBatch) {
    assert_eq!(batch.rows(), rows.values.len());
    for column in batch.columns() {
        let item = column.item().0 as usize;
        let mut index = 0;
        for (row, values) in rows.values.iter().enumerate() {
            let mut seen = values[item].clone();
            match column.occurrence() {
                Repetition::Once => {
                    assert!(seen.len() <= 1);
                    if seen.is_empty() {
                        let null = "null".to_string();
                        seen.push(Seen {
                            raw: null.clone(),
                            value: null.clone(),
                            number: null,
                            level: AlarmLevel::Normal,
                            is_missing: true,
                        });
                    }
                }
                Repetition::Fixed(n) => assert_eq!(seen.len(), n as usize),
                Repetition::Varying => {
                    // What is missing ends a list.
                    seen.retain(|seen| !seen.is_missing);
                    let offsets = column.offsets().unwrap();
                    assert_eq!(offsets[row] as usize, index);
                    assert_eq!(offsets[row + 1] as usize, index + seen.len());
                }
            }
            for seen in seen {
                assert_eq!(raw_at(column, index), seen.raw, "raw, item {item}, row {row}");
                let expected: &str = match column.engineering() {
                    None => &seen.raw,
                    Some(Engineering::F64(_)) => &seen.number,
                    // A number that no enumeration can have is no word.
                    Some(Engineering::Labels(_))
                        if seen.value != "None" && !seen.value.starts_with("Some(") =>
                    {
                        "null"
                    }
                    Some(_) => &seen.value,
                };
                assert_eq!(value_at(plan, column, index), expected, "value, item {item}, row {row}");
                let level = column.alarms().map_or(AlarmLevel::Normal, |alarms| alarms[index]);
                assert_eq!(level, seen.level, "alarm, item {item}, row {row}");
                index += 1;
            }
        }
        assert_eq!(column.len(), index);
        for bitmap in [column.validity(), column.engineering_validity()].into_iter().flatten() {
            assert_eq!(bitmap.len(), index);
        }
        assert!(column.engineering().is_none_or(|values| values.len() == index));
        assert!(column.alarms().is_none_or(|values| values.len() == index));
    }
}

fn levels() -> impl Iterator<Item = Level> {
    Level::ALL.into_iter().filter(|level| level.is_available())
}

/// All levels, in one go and in pieces, say what the row engine says.
fn check(plan: &Plan<'_>, octets: &[Vec<u8>], piece: usize) {
    let packets = packets(octets);
    let rows = Rows::of(plan, &packets);
    for level in levels() {
        let mut decoder = ColumnDecoder::with_level(*plan, plan.roots[0], level).unwrap();
        let mut batch = decoder.batch();
        decoder.append(&packets, &mut batch);
        compare(plan, &rows, &batch);
        batch.clear();
        for piece in packets.chunks(piece.max(1)) {
            decoder.append(piece, &mut batch);
        }
        compare(plan, &rows, &batch);
        assert!(
            batch.received().iter().zip(&packets).all(|(received, packet)| *received == packet.meta.received)
        );
        assert!(
            batch.quality().iter().zip(&packets).all(|(quality, packet)| *quality == packet.meta.quality)
        );
    }
}

/// Octets that every packet of the first container has to have.
fn container_len(plan: &Plan<'_>) -> usize {
    let ends = plan.fields.iter().map(|field| field.bit() as usize / 8 + 18);
    ends.max().unwrap_or(0)
}

fn compile(database: &Database) -> PlanBuf {
    database.compile().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn columns_equal_rows_at_every_level(
        scalars in any_scalars(),
        seed: u64,
        rows in 0usize..70,
        piece in 1usize..40,
        cut in prop::collection::vec((0usize..70, 0usize..60), 0..4),
    ) {
        let buffer = compile(&database(&scalars));
        let plan = buffer.plan();
        let len = container_len(&plan);
        let mut all: Vec<Vec<u8>> = (0..rows).map(|i| octets(seed ^ i as u64, len)).collect();
        for (row, len) in cut {
            if let Some(packet) = all.get_mut(row) {
                packet.truncate(len);
            }
        }
        check(&plan, &all, piece);
    }

    #[test]
    fn columns_equal_a_bit_by_bit_reader(
        fields in prop::collection::vec((0u32..300, 1u32..=64, any::<bool>()), 1..30),
        seed: u64,
        rows in 0usize..70,
    ) {
        let scalar = |bits, signed| {
            let encoding = if signed { IntegerEncoding::TwosComplement } else { IntegerEncoding::Unsigned };
            plain(integer(bits, encoding, ByteOrder::default()))
        };
        let scalars: Vec<_> = fields.iter().map(|&(bit, bits, signed)| (Some(bit), scalar(bits, signed))).collect();
        let buffer = compile(&database(&scalars));
        let plan = buffer.plan();
        // No octet more than the last value needs.
        let len = fields.iter().map(|(bit, bits, _)| (bit + bits).div_ceil(8)).max().unwrap() as usize;
        let all: Vec<Vec<u8>> = (0..rows).map(|i| octets(seed ^ i as u64, len)).collect();
        let packets = packets(&all);
        for level in levels() {
            let mut decoder = ColumnDecoder::with_level(plan, plan.roots[0], level).unwrap();
            let mut batch = decoder.batch();
            decoder.append(&packets, &mut batch);
            for (column, &(bit, bits, signed)) in batch.columns().iter().zip(&fields) {
                for (row, packet) in all.iter().enumerate() {
                    let value = (bit..bit + bits).fold(0u64, |value, bit| {
                        value << 1 | u64::from(packet[bit as usize / 8] >> (7 - bit % 8) & 1)
                    });
                    let expected = if signed {
                        Raw::Signed((value << (64 - bits)) as i64 >> (64 - bits))
                    } else {
                        Raw::Unsigned(value)
                    };
                    prop_assert_eq!(column.raw().number(row), Some(expected));
                }
            }
        }
    }

    #[test]
    fn packets_back_to_back_equal_packets(scalars in any_scalars(), seed: u64, rows in 0usize..70, rest in 0usize..9) {
        let buffer = compile(&database(&scalars));
        let plan = buffer.plan();
        let len = container_len(&plan);
        let data = octets(seed, rows * len + rest.min(len - 1));
        let all: Vec<Vec<u8>> = data.chunks_exact(len).map(<[u8]>::to_vec).collect();
        let rows = Rows::of(&plan, &packets(&all));
        for level in levels() {
            let mut decoder = ColumnDecoder::with_level(plan, plan.roots[0], level).unwrap();
            let mut batch = decoder.batch();
            decoder.append_strided(&data, len, ReceiveTime(9), PacketQuality::GOOD, &mut batch);
            compare(&plan, &rows, &batch);
            prop_assert!(batch.received().iter().all(|&received| received == ReceiveTime(9)));
        }
    }
}

#[test]
fn more_packets_than_a_block_are_one_column() {
    let scalars = [
        (None, plain(integer(16, IntegerEncoding::Unsigned, ByteOrder::default()))),
        (None, plain(integer(3, IntegerEncoding::TwosComplement, ByteOrder::default()))),
        (None, plain(integer(64, IntegerEncoding::Unsigned, ByteOrder::default()))),
        (Some(0), plain(Encoding::Octets { size: Size::Bits(IntExpr::Fixed(24)) })),
    ];
    let buffer = compile(&database(&scalars));
    let all: Vec<Vec<u8>> = (0..700).map(|i| octets(i, if i % 100 == 50 { 5 } else { 24 })).collect();
    check(&buffer.plan(), &all, 333);
}

#[test]
fn an_item_that_is_there_several_times_has_so_many_values_a_row() {
    let mut database =
        database(&[(None, plain(integer(12, IntegerEncoding::Unsigned, ByteOrder::default())))]);
    let count = IntExpr::Fixed(5);
    database.containers[0].entries[0].repeat = Some(Repeat { count, gap: IntExpr::Fixed(4) });
    let buffer = compile(&database);
    let plan = buffer.plan();
    let all: Vec<Vec<u8>> = (0..40).map(|i| octets(i, if i == 7 { 4 } else { 10 })).collect();
    check(&plan, &all, 9);
    let decoder = ColumnDecoder::new(plan, plan.roots[0]).unwrap();
    assert_eq!(decoder.batch().columns()[0].occurrence(), Repetition::Fixed(5));
}

/// A count, and so many numbers of 16 bits; then one of 8 bits if the count is odd.
fn varying() -> Database {
    let unsigned = |bits| plain(integer(bits, IntegerEncoding::Unsigned, ByteOrder::default()));
    let mut database = database(&[(None, unsigned(8)), (None, unsigned(16)), (None, unsigned(8))]);
    let count = ParameterRef { parameter: ModelId(0), path: Vec::new(), calibrated: false };
    let [_, list, last] = &mut database.containers[0].entries[..] else { panic!() };
    list.repeat = Some(Repeat {
        count: IntExpr::Linear { parameter: count.clone(), slope: 1.0, intercept: 0.0 },
        gap: IntExpr::Fixed(0),
    });
    last.include = Some(Condition::Compare(crate::model::Comparison {
        left: count,
        operator: crate::model::Operator::Greater,
        right: crate::model::Comparand::Literal("2".into()),
    }));
    database
}

#[test]
fn lists_that_vary_have_offsets() {
    let buffer = compile(&varying());
    let plan = buffer.plan();
    let mut all: Vec<Vec<u8>> = (0..50u8)
        .map(|i| {
            let mut packet = octets(i.into(), 24);
            packet[0] = i % 11;
            packet
        })
        .collect();
    all[8].truncate(4);
    all[9].truncate(0);
    check(&plan, &all, 7);
    let decoder = ColumnDecoder::new(plan, plan.roots[0]).unwrap();
    let occurrences: Vec<_> = decoder.batch().columns().iter().map(Column::occurrence).collect();
    assert_eq!(occurrences, [Repetition::Once, Repetition::Varying, Repetition::Once]);
}

/// A base that every packet is of, and two heirs of which only one is chosen here.
#[test]
fn a_container_with_bases_has_their_columns_too() {
    let unsigned = |bits| plain(integer(bits, IntegerEncoding::Unsigned, ByteOrder::default()));
    let mut database = varying();
    let base = database.containers[0].clone();
    database.types.push(ParameterType {
        name: "/T/t".into(),
        unit: String::new(),
        kind: TypeKind::Scalar(unsigned(8)),
        origin: Origin::default(),
    });
    database.parameters.push(Parameter {
        name: "/T/heir".into(),
        description: String::new(),
        parameter_type: TypeId(3),
        constant: None,
        valid_if: None,
        origin: Origin::default(),
    });
    let entry = Entry::new(EntryKind::Parameter(ModelId(3)), Origin::default());
    database.containers.push(Container {
        base: Some(crate::model::Base { container: ContainerId(0), restriction: Condition::ALWAYS }),
        ..container("/T/Heir", vec![entry])
    });
    assert!(!base.is_abstract);
    let buffer = compile(&database);
    let plan = buffer.plan();
    let heir = plan.node_named("Heir").unwrap();
    let mut decoder = ColumnDecoder::new(plan, heir).unwrap();
    let mut batch = decoder.batch();
    let octets = [vec![1, 0xAB, 0xCD, 0x42], vec![0, 0x17], vec![3, 0, 1, 0, 2, 0, 3, 9, 8]];
    decoder.append(&packets(&octets), &mut batch);
    assert_eq!(batch.columns().len(), 4);
    assert_eq!(batch.columns()[1].raw(), &Values::U16(vec![0xABCD, 1, 2, 3]));
    assert_eq!(batch.columns()[1].offsets(), Some(&[0, 1, 1, 4][..]));
    assert_eq!(batch.columns()[2].raw(), &Values::U8(vec![0, 0, 9]));
    assert_eq!(batch.columns()[2].validity().map(crate::column::Bitmap::as_octets), Some(&[0b100][..]));
    assert_eq!(batch.columns()[3].raw(), &Values::U8(vec![0x42, 0x17, 8]));
    assert_eq!(batch.columns()[3].validity(), None);
}

#[test]
fn a_batch_of_another_decoder_is_replaced() {
    let one =
        compile(&database(&[(None, plain(integer(8, IntegerEncoding::Unsigned, ByteOrder::default())))]));
    let other =
        compile(&database(&[(None, plain(integer(9, IntegerEncoding::Unsigned, ByteOrder::default())))]));
    let mut first = ColumnDecoder::new(one.plan(), one.plan().roots[0]).unwrap();
    let mut second = ColumnDecoder::new(other.plan(), other.plan().roots[0]).unwrap();
    let all = [vec![1, 2], vec![3, 4]];
    let mut batch = first.batch();
    first.append(&packets(&all), &mut batch);
    second.append(&packets(&all), &mut batch);
    assert_eq!(batch.columns()[0].raw(), &Values::U16(vec![2, 6]));
}

#[test]
fn what_is_not_asked_for_is_not_there() {
    let mut scalar = plain(integer(8, IntegerEncoding::Unsigned, ByteOrder::default()));
    scalar.calibrator = Some(Calibrator::Polynomial { coefficients: vec![1.0, 2.0], negative: Vec::new() });
    scalar.alarm = Some(Alarm {
        ranges: vec![AlarmRange {
            level: AlarmLevel::Critical,
            min: 9.0,
            min_inclusive: true,
            max: 20.0,
            max_inclusive: true,
        }],
        min_violations: 1,
        ..Alarm::default()
    });
    let buffer = compile(&database(&[(None, scalar.clone()), (None, scalar)]));
    let plan = buffer.plan();
    for (detail, has_engineering, has_alarms) in
        [(Detail::Raw, false, false), (Detail::Engineering, true, false), (Detail::Alarms, true, true)]
    {
        let parameters = Some(&[ParameterId(1)][..]);
        let options = ColumnOptions { detail, parameters, ..ColumnOptions::default() };
        let mut decoder = ColumnDecoder::with_options(plan, plan.roots[0], &options).unwrap();
        let mut batch = decoder.batch();
        decoder.append(&packets(&[vec![9, 4], vec![9, 100]]), &mut batch);
        let [column] = batch.columns() else { panic!() };
        assert_eq!((column.item(), column.raw()), (ItemId(1), &Values::U8(vec![4, 100])));
        let engineering = has_engineering.then(|| Engineering::F64(vec![9.0, 201.0]));
        assert_eq!(column.engineering(), engineering.as_ref());
        let alarms = [AlarmLevel::Critical, AlarmLevel::Normal];
        assert_eq!(column.alarms(), has_alarms.then_some(&alarms[..]));
    }
}

#[test]
fn labels_keep_unknown_numbers_apart() {
    let mut scalar = plain(integer(8, IntegerEncoding::Unsigned, ByteOrder::default()));
    let label = |first, last, label: &str| Label { first, last, label: label.into() };
    scalar.kind = EngineeringKind::Enumerated(vec![label(0, 0, "OFF"), label(2, 5, "ON")]);
    let buffer = compile(&database(&[(None, scalar)]));
    let plan = buffer.plan();
    let all: Vec<Vec<u8>> = (0..8).map(|i| vec![i]).collect();
    check(&plan, &all, 3);
    let mut decoder = ColumnDecoder::new(plan, plan.roots[0]).unwrap();
    let mut batch = decoder.batch();
    decoder.append(&packets(&all), &mut batch);
    let expected = vec![0, NONE, 1, 1, 1, 1, NONE, NONE];
    assert_eq!(batch.columns()[0].engineering(), Some(&Engineering::Labels(expected)));
    assert_eq!(batch.columns()[0].engineering_validity(), None);
}

#[test]
fn what_the_plan_does_not_have_is_no_decoder() {
    let buffer = compile(&database(&[]));
    assert!(ColumnDecoder::new(buffer.plan(), NodeId(7)).is_none());
    let missing = Level::ALL.into_iter().find(|level| !level.is_available()).unwrap();
    assert!(ColumnDecoder::with_level(buffer.plan(), NodeId(0), missing).is_none());
}

/// Every number of bits at every bit of an octet and every octet of a window, in blocks of every length around a step.
#[test]
fn every_place_and_every_number_of_packets_is_the_same_at_every_level() {
    for bits in 1..=64u32 {
        for encoding in [IntegerEncoding::Unsigned, IntegerEncoding::TwosComplement] {
            let scalar = plain(integer(bits, encoding, ByteOrder::default()));
            let scalars: Vec<_> = (0..40).map(|i| (Some(i * 9), scalar.clone())).collect();
            let buffer = compile(&database(&scalars));
            let rows = 16 * (bits as usize % 3) + bits as usize % 18;
            let all: Vec<Vec<u8>> = (0..rows).map(|i| octets(u64::from(bits << 8) + i as u64, 52)).collect();
            check(&buffer.plan(), &all, rows);
        }
    }
}

#[test]
fn flags_and_octets_side_by_side_are_the_same_at_every_level() {
    let unsigned = |bits| plain(integer(bits, IntegerEncoding::Unsigned, ByteOrder::default()));
    let signed = |bits| plain(integer(bits, IntegerEncoding::TwosComplement, ByteOrder::default()));
    for head in 0..18 {
        let mut scalars: Vec<_> = (0..head).map(|_| (None, unsigned(8))).collect();
        scalars.extend([1, 1, 3, 2, 1, 8, 4, 4, 8, 8, 6, 2, 7, 1].map(|bits| (None, unsigned(bits))));
        scalars.extend([5, 3, 8, 8, 8, 2, 6, 8, 8, 8].map(|bits| (None, signed(bits))));
        scalars.push((None, unsigned(16)));
        let buffer = compile(&database(&scalars));
        let len = container_len(&buffer.plan());
        for rows in [1, 15, 16, 17, 33] {
            let all: Vec<Vec<u8>> = (0..rows).map(|i| octets(i * 77 + head, len)).collect();
            check(&buffer.plan(), &all, 100);
        }
    }
}
