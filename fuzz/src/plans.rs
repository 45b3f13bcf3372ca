//! Other ways to ask a plan: remembered containers, sets of columns, streams, parts of the plan, monitors, texts, source.

use ccsds_core::packet::Packet;
use decom::alarm::AlarmMonitor;
use decom::block::{ColumnDecoder, ColumnOptions, ColumnSet, Detail};
use decom::column::ColumnBatch;
use decom::dispatch::Dispatch;
use decom::plan::meaning::TimeScale;
use decom::plan::{AlarmLevel, Charset, Field, FieldKind, Meaning, NodeId, ParameterId, Plan, PlanBuf};
use decom::raw::Raw;
use decom::row::{Decoder, Register, Sample};
use decom::text::TextValue;
use decom::value::Value;

use crate::choices::is_one_line;
use crate::parameters::{META, Rows, common, rows};

/// Every other way gives what rows give.
pub(crate) fn other_ways(plan: Plan<'_>, packets: &[Vec<u8>]) {
    remembered(plan, packets);
    part(plan, packets);
    by_name(plan, packets);
    for &root in plan.roots {
        set(plan, root, packets);
    }
    let source = plan.to_buf().to_rust();
    assert!(is_balanced(&source), "{source}");
}

/// What is remembered of one packet is not said of another.
fn remembered(plan: Plan<'_>, packets: &[Vec<u8>]) {
    if plan.roots.is_empty() {
        return;
    }
    let mut dispatch = Dispatch::new(plan, plan.roots);
    let mut before = None;
    for packet in packets.iter().chain(packets).flat_map(|packet| [packet, packet]) {
        let (found, behind) = common::select(plan, plan.roots, packet, before);
        assert_eq!(dispatch.select(packet), found);
        before = behind;
        let run = dispatch.run(&[&packet[..], packet, packet].concat(), packet.len());
        assert!(run <= 3 && (run > 0 || packet.is_empty()));
    }
    // In firmware registers are an array.
    for packet in packets {
        match Decoder::<[Register; 2]>::with_array(plan, plan.roots[0]) {
            Ok(mut decoder) => {
                assert_eq!(decoder.plan().registers, plan.registers);
                let report = decoder.decode(packet, &mut ());
                assert_eq!(Some(report), rows(plan, plan.roots[0], packet).report);
            }
            Err(error) => assert!(error.needed == plan.registers as usize && error.needed > error.actual),
        }
    }
    if let Some(registers) = (plan.registers as usize).checked_sub(1) {
        let error = Decoder::new(plan, plan.roots[0], vec![Register::Empty; registers]).err().unwrap();
        assert_eq!((error.needed, error.actual), (registers + 1, registers));
        assert!(is_one_line(&error));
    }
}

/// A field that is found by its names is the first of them in its container or the bases of it, and has the same values without a plan.
fn by_name(plan: Plan<'_>, packets: &[Vec<u8>]) {
    let name_of = |field: &Field| {
        let item = plan.item(field.item())?;
        let parameter = plan.parameter(item.parameter)?;
        Some(format!("{}{}", plan.str(parameter.name), plan.str(item.suffix)))
    };
    for node in (0..plan.nodes.len() as u32).map(NodeId) {
        let container = plan.container_name(node);
        let last = container.rsplit('/').next().unwrap_or(container);
        assert!(plan.node_named(last).is_some_and(|node| plan.container_name(node).ends_with(last)));
        // Its own come before those of its bases.
        let mut chain: Vec<NodeId> = plan.chain(node).collect();
        chain.reverse();
        let fields: Vec<Field> = chain
            .into_iter()
            .filter_map(|base| plan.node(base))
            .flat_map(|base| base.fields.of(plan.fields).iter().copied())
            .collect();
        for name in fields.iter().filter_map(name_of) {
            let found = plan.field(container, &name);
            let first = fields.iter().find(|field| name_of(field).as_ref() == Some(&name));
            assert_eq!(found.as_ref(), first, "{name} of {container}");
            assert_eq!(plan.field(container, &format!("{name}?")), None);
            assert_eq!(plan.field("?", &name), None);
            // The last part of a name will do.
            let last = name.rsplit('/').next().unwrap_or(&name);
            let by_last = plan.field(container, last);
            assert!(by_last.is_some_and(|field| name_of(&field).is_some_and(|name| name.ends_with(last))));
            let Some(field) = found else { continue };
            for packet in packets {
                same_value(&field, field.extract(&plan, packet), packet);
            }
        }
    }
}

fn same_value(field: &Field, raw: Option<Raw<'_>>, packet: &[u8]) {
    let bits = |x: f64| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
    let (unsigned, signed) = (field.unsigned(packet), field.signed(packet));
    let (float32, float64) = (field.float32(packet), field.float64(packet));
    match (field.kind(), raw) {
        (FieldKind::Unsigned, raw) => {
            assert_eq!(unsigned.map(Raw::Unsigned), raw);
            assert!(signed.is_none() && float32.is_none() && float64.is_none());
        }
        (FieldKind::Signed, raw) => {
            assert_eq!(signed.map(Raw::Signed), raw);
            assert!(unsigned.is_none() && float32.is_none() && float64.is_none());
        }
        (FieldKind::Float32, Some(Raw::Float(x))) => {
            assert_eq!(float32.map(|x| bits(x.into())), Some(bits(x)));
            assert!(unsigned.is_none() && signed.is_none() && float64.is_none());
        }
        (FieldKind::Float64, Some(Raw::Float(x))) => {
            assert_eq!(float64.map(bits), Some(bits(x)));
            assert!(unsigned.is_none() && signed.is_none() && float32.is_none());
        }
        _ => assert!(unsigned.is_none() && signed.is_none() && float32.is_none() && float64.is_none()),
    }
}

/// A plan of every other parameter gives their values, and no other.
fn part(plan: Plan<'_>, packets: &[Vec<u8>]) {
    let wanted: Vec<ParameterId> = (0..plan.parameters.len() as u32).step_by(2).map(ParameterId).collect();
    let buf: PlanBuf = plan.subset(&wanted);
    for &root in plan.roots {
        for packet in packets {
            let (all, some) = (rows(plan, root, packet), rows(buf.plan(), root, packet));
            let container = |rows: &Rows| rows.report.unwrap().container;
            assert_eq!(container(&all), container(&some));
            let kept =
                all.values.iter().filter(|(item, _)| wanted.contains(&plan.item(*item).unwrap().parameter));
            assert!(kept.eq(&some.values), "a part of the plan says something else");
        }
    }
}

/// Packets in one piece, one by one, and as a stream give the same columns of the same containers.
fn set(plan: Plan<'_>, root: NodeId, octets: &[Vec<u8>]) {
    let new = || ColumnSet::new(plan, root, &ColumnOptions::default()).unwrap();
    let (mut whole, mut pieces, mut stream, mut alone) = (new(), new(), new(), new());
    let packets: Vec<Packet<'_>> = octets.iter().map(|bytes| Packet { bytes, meta: META }).collect();
    whole.append(&packets);
    packets.iter().for_each(|packet| pieces.append(std::slice::from_ref(packet)));
    assert_same(&whole, &pieces);
    let counted: usize = whole.batches().map(ColumnBatch::rows).sum();
    assert!(counted + whole.unmatched() as usize >= packets.len(), "a packet that is of nothing");
    for batch in whole.batches() {
        names(&plan, batch);
        details(plan, batch, &packets);
    }
    // The same as space packets, a hundred of each, so that runs come about.
    let mut data = Vec::new();
    for packet in octets {
        let mut packet = packet.clone();
        packet.resize(packet.len().max(7), 0);
        packet[0] &= 0x1F;
        let len = (packet.len() - 7) as u16;
        packet[4..6].copy_from_slice(&len.to_be_bytes());
        for number in 0..100 {
            let last = packet.len() - 1;
            packet[last] ^= number;
            alone.append(&[Packet { bytes: &packet, meta: META }]);
            data.extend_from_slice(&packet);
        }
    }
    let len = data.len();
    data.extend([0x08, 1, 0xC0]);
    assert_eq!(stream.append_stream(&data, META.received, META.quality), len);
    assert_same(&stream, &alone);
    stream.clear();
    assert!(stream.unmatched() == 0 && stream.batches().all(|batch| batch.rows() == 0));
}

fn assert_same(one: &ColumnSet<'_>, other: &ColumnSet<'_>) {
    assert_eq!(one.unmatched(), other.unmatched());
    assert_eq!(one.batches().count(), other.batches().count());
    for (one, other) in one.batches().zip(other.batches()) {
        assert_eq!((one.container(), one.rows()), (other.container(), other.rows()));
        assert_eq!((one.received(), one.quality()), (other.received(), other.quality()));
        for (one, other) in one.columns().iter().zip(other.columns()) {
            // Shown, a number that is none is the same as another.
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
    }
}

/// No two columns have the same name, nor one that is taken.
fn names(plan: &Plan<'_>, batch: &ColumnBatch) {
    let mut names = batch.names(plan, &["received"]);
    assert_eq!(names.len(), batch.columns().len());
    names.push("received".into());
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

/// Less detail is the same without the rest; packets of one length may lie back to back.
fn details(plan: Plan<'_>, batch: &ColumnBatch, packets: &[Packet<'_>]) {
    let decode = |detail| {
        let options = ColumnOptions { detail, ..ColumnOptions::default() };
        let mut decoder = ColumnDecoder::with_options(plan, batch.container(), &options).unwrap();
        let mut batch = decoder.batch();
        decoder.append(packets, &mut batch);
        (decoder, batch)
    };
    let (_, raw) = decode(Detail::Raw);
    let (_, engineering) = decode(Detail::Engineering);
    let (mut decoder, all) = decode(Detail::Alarms);
    for ((raw, engineering), all) in raw.columns().iter().zip(engineering.columns()).zip(all.columns()) {
        assert!(raw.engineering().is_none() && raw.alarms().is_none() && engineering.alarms().is_none());
        assert_eq!(format!("{:?}", raw.raw()), format!("{:?}", all.raw()));
        assert_eq!(format!("{:?}", engineering.engineering()), format!("{:?}", all.engineering()));
        assert_eq!(raw.validity(), all.validity());
    }
    for packet in packets.iter().filter(|packet| !packet.bytes.is_empty()) {
        let (mut strided, mut expected) = (decoder.batch(), decoder.batch());
        let data = [packet.bytes, packet.bytes, packet.bytes, &packet.bytes[1..]].concat();
        decoder.append_strided(&data, packet.bytes.len(), META.received, META.quality, &mut strided);
        decoder.append(&[*packet, *packet, *packet], &mut expected);
        assert_eq!(strided.rows(), 3);
        for (one, other) in strided.columns().iter().zip(expected.columns()) {
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
    }
}

/// A monitor that remembers nothing says what the value alone says, or waits for more; texts are what other decoders make of them.
pub(crate) fn sample(sample: &Sample<'_, '_, '_>, value: Value<'_, '_>) {
    let level = sample.alarm(&value);
    let mut monitor = AlarmMonitor::new();
    let observed = sample.observe(&mut monitor, &value);
    assert!(observed == level || observed == AlarmLevel::Normal);
    // The same value again is no change that a range of changes other than zero sees.
    let _ = sample.observe(&mut monitor, &value);
    if let Some(meaning) = sample.meaning() {
        check_range(meaning, sample, &value);
    }
    match value {
        Value::Text(text) => check_text(text),
        Value::Time(moment) => {
            let shown = moment.to_string();
            let zone = [("Z", TimeScale::Utc), (" TAI", TimeScale::Tai), (" GPS", TimeScale::Gps)];
            assert!(
                zone.iter().any(|(end, scale)| shown.ends_with(end) && *scale == moment.scale),
                "{shown}"
            );
            assert!(shown.contains('T') && format!("{moment:.12}").len() >= shown.len());
        }
        _ => {}
    }
}

/// A value is valid where there is no range, and inside of it; not outside.
fn check_range(meaning: &Meaning, sample: &Sample<'_, '_, '_>, value: &Value<'_, '_>) {
    let valid = meaning.in_valid_range(sample.raw(), value);
    let Some(range) = meaning.valid_range else { return assert!(valid) };
    let number = if range.calibrated { value.number() } else { sample.raw().number() };
    if let Some(number) = number {
        let inside = range.min < number && number < range.max;
        let outside = number < range.min || number > range.max;
        assert!(valid || !inside, "{number} is in {range:?}");
        assert!(!valid || !outside, "{number} is not in {range:?}");
    }
}

fn check_text(text: TextValue<'_>) {
    let octets: Vec<u8> = text.bits().octets().collect();
    let shown = text.to_string();
    assert!(text.as_str().is_none_or(|text| text == shown));
    assert!(text == *shown);
    assert!(
        text.bits().bit_offset() % 8 == 0 || text.bits().as_slice().is_none(),
        "octets that begin within one"
    );
    assert_eq!(text, TextValue::new(text.bits(), text.charset()));
    assert!(text.bits().bit_len() == 8 * octets.len() || text.bits().bit_len() % 8 != 0);
    let units = |from: fn([u8; 2]) -> u16| -> Vec<u16> {
        octets.chunks_exact(2).map(|unit| from([unit[0], unit[1]])).collect()
    };
    // A single octet at the end is no unit.
    let utf16 = |units: Vec<u16>| {
        let mut text = String::from_utf16_lossy(&units);
        if octets.len() % 2 == 1 && !units.last().is_some_and(|last| (0xD800..0xDC00).contains(last)) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        text
    };
    match text.charset() {
        Charset::Utf8 => assert_eq!(shown, String::from_utf8_lossy(&octets)),
        Charset::Utf16Be => assert_eq!(shown, utf16(units(u16::from_be_bytes))),
        Charset::Utf16Le => assert_eq!(shown, utf16(units(u16::from_le_bytes))),
        Charset::Latin1 => assert!(shown.chars().eq(octets.iter().copied().map(char::from))),
        Charset::UsAscii | Charset::Windows1252 => assert_eq!(shown.chars().count(), octets.len()),
        Charset::Utf16 | Charset::Utf32Be | Charset::Utf32Le => {
            assert!(shown.chars().count() <= octets.len().div_ceil(2));
        }
    }
}

/// Brackets of all kinds close in their order, but for those in strings.
fn is_balanced(source: &str) -> bool {
    let (mut open, mut quoted, mut escaped) = (Vec::new(), false, false);
    for character in source.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(character) => return false,
            _ => {}
        }
    }
    open.is_empty() && !quoted
}
