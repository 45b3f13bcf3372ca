//! Record batches hold what the columns hold, in the same memory.

#![cfg(all(feature = "arrow", feature = "xtce"))]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::Packet;
use ccsds_core::quality::{PacketMeta, PacketQuality, ReceiveTime};
use decom::arrow::ArrowColumns;
use decom::block::ColumnDecoder;
use decom::column::{Engineering, Values};
use decom::plan::PlanBuf;

const TYPES: &str = r#"
<IntegerParameterType name="u8" signed="false"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/></IntegerParameterType>
<IntegerParameterType name="u16" signed="false"><UnitSet><Unit>count</Unit></UnitSet><IntegerDataEncoding sizeInBits="16" encoding="unsigned"/></IntegerParameterType>
<IntegerParameterType name="wide" signed="false" sizeInBits="128"><UnitSet/><IntegerDataEncoding sizeInBits="72" encoding="unsigned"/></IntegerParameterType>
<EnumeratedParameterType name="mode"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/><EnumerationList><Enumeration value="0" label="off"/><Enumeration value="1" label="on"/><Enumeration value="2" label="off"/></EnumerationList></EnumeratedParameterType>
<BooleanParameterType name="flag" oneStringValue="OPEN" zeroStringValue="SHUT"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/></BooleanParameterType>
<FloatParameterType name="volt" shortDescription="bus voltage"><UnitSet><Unit>V</Unit></UnitSet><IntegerDataEncoding sizeInBits="8" encoding="unsigned"><DefaultCalibrator><PolynomialCalibrator><Term coefficient="0.5" exponent="1"/></PolynomialCalibrator></DefaultCalibrator></IntegerDataEncoding><DefaultAlarm><StaticAlarmRanges><CriticalRange maxInclusive="10"/></StaticAlarmRanges></DefaultAlarm></FloatParameterType>
<StringParameterType name="word"><UnitSet/><StringDataEncoding><SizeInBits><Fixed><FixedValue>16</FixedValue></Fixed></SizeInBits></StringDataEncoding></StringParameterType>
<BinaryParameterType name="blob"><UnitSet/><BinaryDataEncoding><SizeInBits><FixedValue>16</FixedValue></SizeInBits></BinaryDataEncoding></BinaryParameterType>
<AbsoluteTimeParameterType name="utc"><Encoding units="seconds"><IntegerDataEncoding sizeInBits="32" encoding="unsigned"/></Encoding><ReferenceTime><Epoch>UNIX</Epoch></ReferenceTime></AbsoluteTimeParameterType>
<ArrayParameterType name="list" arrayTypeRef="u16"><DimensionList><Dimension><StartingIndex><FixedValue>0</FixedValue></StartingIndex><EndingIndex><DynamicValue><ParameterInstanceRef parameterRef="n"/><LinearAdjustment intercept="-1"/></DynamicValue></EndingIndex></Dimension></DimensionList></ArrayParameterType>
<ArrayParameterType name="pair" arrayTypeRef="mode"><DimensionList><Dimension><StartingIndex><FixedValue>0</FixedValue></StartingIndex><EndingIndex><FixedValue>1</FixedValue></EndingIndex></Dimension></DimensionList></ArrayParameterType>
<AggregateParameterType name="point"><MemberList><Member name="x" typeRef="u8"/><Member name="y" typeRef="u16"/></MemberList></AggregateParameterType>
"#;

/// A database of one container with these entries: names of parameters, each of the type of the same name without digits.
fn plan(entries: &[(&str, &str)]) -> PlanBuf {
    let parameter =
        |(name, kind): &(&str, &str)| format!(r#"<Parameter name="{name}" parameterTypeRef="{kind}"/>"#);
    let entry = |(name, _): &(&str, &str)| format!(r#"<ParameterRefEntry parameterRef="{name}"/>"#);
    // A type refers to it.
    let mut parameters: BTreeMap<&str, &str> = [("n", "u8")].into();
    parameters.extend(entries.iter().copied());
    let parameters: Vec<(&str, &str)> = parameters.into_iter().collect();
    let text = format!(
        r#"<SpaceSystem name="T" xmlns="http://www.omg.org/spec/XTCE/20180204"><TelemetryMetaData><ParameterTypeSet>{TYPES}</ParameterTypeSet><ParameterSet>{}</ParameterSet><ContainerSet><SequenceContainer name="R"><EntryList>{}</EntryList></SequenceContainer></ContainerSet></TelemetryMetaData></SpaceSystem>"#,
        parameters.iter().map(parameter).collect::<String>(),
        entries.iter().map(entry).collect::<String>(),
    );
    decom::xtce::load(&text).unwrap().compile().unwrap()
}

fn packet(bytes: &[u8]) -> Packet<'_> {
    let gvcid = Gvcid::new(Tfvn::Tm, Scid::new(1), Vcid::from_low_bits(0));
    let (received, quality) = (ReceiveTime(0), PacketQuality::GOOD);
    Packet { bytes, meta: PacketMeta { gvcid, first_frame: 0, received, quality } }
}

fn decode(plan: &PlanBuf, packets: &[&[u8]]) -> RecordBatch {
    let plan = plan.plan();
    let mut decoder = ColumnDecoder::new(plan, plan.roots[0]).unwrap();
    let arrow = ArrowColumns::new(&decoder, &["quality"]);
    let mut batch = decoder.batch();
    decoder.append(&packets.iter().map(|bytes| packet(bytes)).collect::<Vec<_>>(), &mut batch);
    let records = arrow.record_batch(batch).unwrap();
    assert_eq!(records.schema(), *arrow.schema());
    records
}

fn names(batch: &RecordBatch) -> Vec<String> {
    batch.schema().fields().iter().map(|field| field.name().clone()).collect()
}

#[test]
fn every_kind_of_value_is_of_its_type() {
    let entries = [
        ("a", "u8"),
        ("count", "u16"),
        ("w", "wide"),
        ("mode", "mode"),
        ("flag", "flag"),
        ("volt", "volt"),
        ("word", "word"),
        ("blob", "blob"),
        ("time", "utc"),
        ("quality", "u8"),
    ];
    let first = [
        &[7, 1, 2][..],
        &[1, 2, 3, 4, 5, 6, 7, 8, 9],
        &[1, 5, 8],
        b"hi",
        &[0xAB, 0xCD],
        &[0, 1, 0x51, 0x80, 3],
    ];
    let second = [&[8, 3, 4][..], &[0; 9], &[9, 0, 200], "é".as_bytes(), &[0, 0], &[0, 0, 0, 1, 4]];
    let third: [&[u8]; 2] = [&[9, 3, 4], &[0; 9]];
    let (first, second, third) = (first.concat(), second.concat(), third.concat());
    let plan = plan(&entries);
    let batch = decode(&plan, &[&first, &second, &third]);
    assert_eq!(
        names(&batch),
        [
            "a",
            "count",
            "w",
            "mode",
            "mode:raw",
            "flag",
            "flag:raw",
            "volt",
            "volt:raw",
            "volt:alarm",
            "word",
            "blob",
            "time",
            "time:raw",
            "/T/quality",
        ]
    );
    let column = |name: &str| batch.column_by_name(name).unwrap();
    assert_eq!(column("a").as_primitive::<UInt8Type>().values(), &[7, 8, 9]);
    assert_eq!(column("count").as_primitive::<UInt16Type>().values(), &[0x102, 0x304, 0x304]);
    assert_eq!(column("w").as_fixed_size_binary().value(0), [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let mode = column("mode").as_dictionary::<UInt32Type>();
    let words = mode.values().as_string::<i32>();
    assert_eq!(words.iter().flatten().collect::<Vec<_>>(), ["off", "on"], "each word once");
    assert_eq!(
        mode.keys().iter().collect::<Vec<_>>(),
        [Some(1), None, None],
        "9 has no word, the third ends before"
    );
    assert_eq!(
        column("mode:raw").as_primitive::<UInt8Type>().iter().collect::<Vec<_>>(),
        [Some(1), Some(9), None]
    );
    assert_eq!(column("flag").as_boolean().iter().collect::<Vec<_>>(), [Some(true), Some(false), None]);
    assert_eq!(
        column("volt").as_primitive::<Float64Type>().iter().collect::<Vec<_>>(),
        [Some(4.0), Some(100.0), None]
    );
    let alarm = column("volt:alarm").as_dictionary::<UInt8Type>();
    let alarm: Vec<Option<&str>> =
        alarm.downcast_dict::<arrow_array::StringArray>().unwrap().into_iter().collect();
    assert_eq!(alarm, [Some("normal"), Some("critical"), None], "above 10 V is critical");
    assert_eq!(column("word").as_string::<i32>().iter().collect::<Vec<_>>(), [Some("hi"), Some("é"), None]);
    assert_eq!(column("blob").as_binary::<i32>().value(0), [0xAB, 0xCD]);
    let time = column("time").as_primitive::<TimestampNanosecondType>();
    assert_eq!(time.iter().collect::<Vec<_>>(), [Some(86_400_000_000_000), Some(1_000_000_000), None]);
    assert_eq!(*time.data_type(), DataType::Timestamp(TimeUnit::Nanosecond, Some("+00:00".into())));
}

#[test]
fn fields_say_unit_description_and_words() {
    let batch = decode(&plan(&[("count", "u16"), ("flag", "flag"), ("volt", "volt"), ("time", "utc")]), &[]);
    let schema = batch.schema();
    let of = |name: &str, key: &str| schema.field_with_name(name).unwrap().metadata().get(key).cloned();
    assert_eq!(of("volt", "unit").as_deref(), Some("V"));
    assert_eq!(of("volt:raw", "unit"), None, "counts have no unit");
    assert_eq!(of("volt", "parameter").as_deref(), Some("/T/volt"));
    assert_eq!((of("flag", "zero").as_deref(), of("flag", "one").as_deref()), (Some("SHUT"), Some("OPEN")));
    assert_eq!(of("time", "time_scale").as_deref(), Some("UTC"));
    assert_eq!(batch.num_rows(), 0);
}

#[test]
fn instances_and_elements_are_lists() {
    let batch = decode(
        &plan(&[("n", "u8"), ("list", "list"), ("pair", "pair"), ("point", "point")]),
        &[&[2, 0, 1, 0, 2, 1, 7, 5, 0, 6], &[0, 0, 2, 5, 0, 6], &[1, 0, 9]],
    );
    assert_eq!(names(&batch), ["n", "list[]", "pair[]", "pair[]:raw", "point.x", "point.y"]);
    let list = batch.column_by_name("list[]").unwrap().as_list::<i32>();
    let lists: Vec<Vec<u16>> =
        (0..3).map(|row| list.value(row).as_primitive::<UInt16Type>().values().to_vec()).collect();
    assert_eq!(lists, [vec![1, 2], vec![], vec![9]]);
    assert_eq!(batch.column_by_name("point.y").unwrap().as_primitive::<UInt16Type>().value(1), 6);
    assert!(batch.column_by_name("point.y").unwrap().is_null(2));
}

#[test]
fn buffers_are_handed_over() {
    let plan = plan(&[("a", "u8"), ("volt", "volt"), ("word", "word"), ("flag", "flag")]);
    let plan = plan.plan();
    let mut decoder = ColumnDecoder::new(plan, plan.roots[0]).unwrap();
    let arrow = ArrowColumns::new(&decoder, &[]);
    let mut batch = decoder.batch();
    decoder.append(&[packet(&[1, 2, b'o', b'k', 1]), packet(&[3, 4, b'n', b'o', 0])], &mut batch);
    let address = |index: usize| {
        let column = &batch.columns()[index];
        match (column.raw(), column.engineering()) {
            (_, Some(Engineering::F64(values))) => values.as_ptr().cast::<u8>(),
            (_, Some(Engineering::Text(values))) => values.data().as_ptr(),
            (_, Some(Engineering::Booleans(values))) => values.as_octets().as_ptr(),
            (Values::U8(values), _) => values.as_ptr(),
            other => panic!("{other:?}"),
        }
    };
    let before: Vec<*const u8> = (0..4).map(address).collect();
    let records = arrow.record_batch(batch).unwrap();
    let after = [
        records.column(0).as_primitive::<UInt8Type>().values().as_ptr(),
        records.column(1).as_primitive::<Float64Type>().values().as_ptr().cast(),
        records.column_by_name("word").unwrap().as_string::<i32>().value_data().as_ptr(),
        records.column_by_name("flag").unwrap().as_boolean().values().values().as_ptr(),
    ];
    assert_eq!(before, after);
}

#[test]
fn a_batch_of_another_decoder_is_refused() {
    let (one, two) = (plan(&[("a", "u8")]), plan(&[("a", "u8"), ("count", "u16")]));
    let (one, two) = (one.plan(), two.plan());
    let decoder = ColumnDecoder::new(two, two.roots[0]).unwrap();
    let arrow = ArrowColumns::new(&ColumnDecoder::new(one, one.roots[0]).unwrap(), &[]);
    assert!(arrow.record_batch(decoder.batch()).is_err());
}
