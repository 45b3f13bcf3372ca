//! One-feature documents: each value of each packet is what was worked out by hand, raw and calibrated, with its validity, alarm
//! and unit, and nothing else comes out.
//!
//! `documents/` has a table for each subject. A document is described by the parts that matter; `xml` puts the rest around them.
//!
//! | key | what |
//! | --- | --- |
//! | `types`, `containers` | elements of the sets of types and containers |
//! | `parameters` | `name:type`, separated by spaces; elements as they are |
//! | `entries` | of the root container `R`, line by line: names of parameters, or an element as it is |
//! | `root` | attributes of `R`, and `inside` the elements before its entries |
//! | `packets` | `[octets, container and status, values…]` |
//! | `error` | instead of packets: what the error says |
//! | `warning` | beside packets: what the only warning says |
//!
//! Types `u1` to `u64`, `i8` to `i64`, `f32` and `f64` are always there. A value is written `name = raw`, or `name = raw -> value`
//! where they differ, then `[unit]`, `invalid` and the alarm; changes are seen from packet to packet.
#![cfg(feature = "xtce")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

mod common;

use std::fmt::Write;
use std::path::Path;

use common::documents::{expression_type, octets, xml};
use decom::alarm::AlarmMonitor;
use decom::plan::{AlarmLevel, ItemId, ParameterId, Plan, PlanBuf};
use decom::raw::Raw;
use decom::row::{Decoder, Register, RowSink, RowStatus, Sample};
use decom::value::Value;
use decom::xtce;
use toml::Table;

#[test]
fn alarms_have_ranges_and_levels() {
    check("alarms");
}

#[test]
fn contexts_choose_calibrators_and_alarms() {
    check("contexts");
}

#[test]
fn texts_end_in_every_way_of_the_schema() {
    check("texts");
}

#[test]
fn epochs_have_names_or_dates() {
    check("epochs");
}

#[test]
fn times_are_scaled_in_their_unit() {
    check("times");
}

#[test]
fn ccsds_time_codes_are_named_or_scaled() {
    check("codes");
}

#[test]
fn arrays_get_their_dimensions_from_the_type_or_the_entry() {
    check("arrays");
}

#[test]
fn every_kind_of_type_is_read() {
    check("types");
}

#[test]
fn constants_have_their_initial_values() {
    check("constants");
}

#[test]
fn conditions_nest() {
    check("conditions");
}

#[test]
fn entries_are_placed_included_and_repeated() {
    check("places");
}

#[test]
fn every_kind_of_entry_is_read() {
    check("entries");
}

#[test]
fn an_indirect_entry_finds_parameters_by_name_or_alias() {
    check("indirect");
}

#[test]
fn segments_are_put_together() {
    check("segments");
}

#[test]
fn byte_order_is_a_word_or_a_list() {
    check("orders");
}

#[test]
fn every_calibrator_is_read() {
    check("calibrators");
}

#[test]
fn sizes_come_from_parameters_and_lookups() {
    check("sizes");
}

#[test]
fn a_missing_slope_is_one() {
    check("slopes");
}

#[test]
fn binary_sizes_are_fixed_dynamic_or_looked_up() {
    check("binaries");
}

#[test]
fn valid_ranges_hold_for_calibrated_or_raw_values() {
    check("ranges");
}

#[test]
fn validity_conditions_judge_values() {
    check("validity");
}

#[test]
fn units_are_put_together() {
    check("units");
}

#[test]
fn containers_extend_others() {
    check("containers");
}

/// `encodings.toml`: encoding, bits, octets, and the number they are.
#[test]
fn what_comes_next_is_found_behind_its_container() {
    check("next");
}

fn encodings(table: &str, parameter: &str, data: &str) {
    let rows = read("encodings");
    let rows = rows[table].as_array().unwrap();
    for row in rows {
        let row = row.as_array().unwrap();
        let [encoding, bits, hex, number] =
            [0, 1, 2, 3].map(|i| row[i].as_str().map_or_else(|| row[i].to_string(), str::to_owned));
        let name = format!("{encoding} {bits} {hex}");
        let document = format!(
            "types = '<{parameter} name=\"t\"><{data} encoding=\"{encoding}\" sizeInBits=\"{bits}\"/></{parameter}>'\n\
             parameters = 'a:t'\nentries = 'a'\npackets = [['{hex}', 'R ok', 'a = {number}']]"
        );
        check_document(&name, &document.parse().unwrap());
    }
}

#[test]
fn every_integer_encoding_is_read() {
    encodings("integers", "IntegerParameterType", "IntegerDataEncoding");
}

#[test]
fn every_float_encoding_is_read() {
    encodings("floats", "FloatParameterType", "FloatDataEncoding");
}

/// `operators.toml`: an operator, the operands before it, and what it leaves.
#[test]
fn every_operator_is_read() {
    let rows = read("operators");
    for row in rows["operators"].as_array().unwrap() {
        let row: Vec<&str> = row.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect();
        let [expression, raw, result] = row[..] else { panic!("{row:?}") };
        let of_type = expression_type("t", expression);
        let number =
            i8::from_str_radix(raw, 16).unwrap_or_else(|_| u8::from_str_radix(raw, 16).unwrap() as i8);
        let same = result.parse() == Ok(f64::from(number));
        let arrow = if same { String::new() } else { format!(" -> {result}") };
        let document = format!(
            "types = '''{of_type}'''\n\
             parameters = 'b:u8 a:t'\nentries = 'b a'\npackets = [['05{raw}', 'R ok', 'b = 5', 'a = {number}{arrow}']]"
        );
        check_document(expression, &document.parse().unwrap());
    }
}

/// Check every document of a table.
fn check(subject: &str) {
    let table = read(subject);
    let documents = table["document"].as_array().unwrap();
    for document in documents {
        let document = document.as_table().unwrap();
        check_document(document["name"].as_str().unwrap(), document);
    }
}

fn read(subject: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/documents/{subject}.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn check_document(name: &str, document: &Table) {
    let known = [
        "name",
        "why",
        "types",
        "containers",
        "parameters",
        "entries",
        "root",
        "inside",
        "packets",
        "error",
        "warning",
    ];
    assert!(document.keys().all(|key| known.contains(&key.as_str())), "{name}: {document:?}");
    let xml = xml(document);
    let plan = match plan_of(&xml) {
        Ok((plan, warnings)) => {
            let expected = document.get("warning").and_then(toml::Value::as_str);
            assert_eq!(warnings.len(), usize::from(expected.is_some()), "{name}: {warnings:?}");
            let is_right =
                warnings.iter().all(|found| expected.is_some_and(|expected| found.contains(expected)));
            assert!(is_right, "{name}: {warnings:?}\nbut should be {expected:?}");
            plan
        }
        Err(found) => {
            let expected = document.get("error").and_then(toml::Value::as_str);
            let is_right = expected.is_some_and(|expected| found.contains(expected));
            assert!(is_right, "{name}: {found}\nbut should be {expected:?}");
            return;
        }
    };
    assert!(!document.contains_key("error"), "{name}: loads, but should be an error");
    let plan = plan.plan();
    let mut monitors = vec![AlarmMonitor::new(); plan.items.len()];
    let root = plan.node_named("R").unwrap();
    let mut decoder = Decoder::new(plan, root, vec![Register::Empty; plan.registers as usize]).unwrap();
    for packet in document["packets"].as_array().unwrap() {
        let packet: Vec<&str> =
            packet.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect();
        if packet == ["gap"] {
            decoder.set_before(None);
            continue;
        }
        let [hex, outcome, expected @ ..] = packet.as_slice() else { panic!("{name}: {packet:?}") };
        let octets = octets(hex);
        let mut lines = Lines { plan, lines: Vec::new(), monitors: &mut monitors };
        let report = decoder.decode(&octets, &mut lines);
        let status = match report.status {
            RowStatus::Complete => "ok",
            RowStatus::Short => "short",
            RowStatus::Unmatched => "unmatched",
        };
        let container = plan.container_name(report.container).trim_start_matches("/T/");
        assert_eq!(format!("{container} {status}"), *outcome, "{name}: {hex}: {:#?}", lines.lines);
        let is_right = lines.lines.len() == expected.len()
            && lines.lines.iter().zip(expected).all(|(found, expected)| is_same(found, expected));
        assert!(is_right, "{name}: {hex}: {:#?}\nbut should be {expected:#?}", lines.lines);
    }
}

fn plan_of(xml: &str) -> Result<(PlanBuf, Vec<String>), String> {
    let database = xtce::load(xml)
        .map_err(|errors| errors.iter().map(|error| format!("{error}\n")).collect::<String>())?;
    let plan = database.compile();
    let plan = plan.map_err(|errors| errors.iter().map(|error| format!("{error}\n")).collect::<String>())?;
    Ok((
        plan,
        database.warnings.iter().map(|warning| format!("{}: {}", warning.path, warning.what)).collect(),
    ))
}

/// Whether two lines are the same, numbers as numbers. `~` stands for: up to the last digits of a function of the library.
fn is_same(found: &str, expected: &str) -> bool {
    let (mut found, mut expected) = (found.split(' '), expected.split(' '));
    loop {
        let (found, expected) = match (found.next(), expected.next()) {
            (None, None) => return true,
            (Some(found), Some(expected)) => (found, expected),
            _ => return false,
        };
        let number = |token: &str| token.parse::<f64>().ok().filter(|_| !token.starts_with('"'));
        let is_same = match (number(found), expected.strip_prefix('~').map(number)) {
            (Some(found), Some(Some(near))) => (found - near).abs() <= near.abs() * 1e-12,
            (Some(found), None) => number(expected).map(f64::to_bits) == Some(found.to_bits()),
            _ => found == expected,
        };
        if !is_same {
            return false;
        }
    }
}

/// Values as a table writes them.
struct Lines<'p, 'm> {
    plan: Plan<'p>,
    lines: Vec<String>,
    monitors: &'m mut Vec<AlarmMonitor>,
}

impl Lines<'_, '_> {
    fn name(&self, item: ItemId) -> String {
        let item = self.plan.item(item).unwrap();
        let parameter = self.plan.str(self.plan.parameter(item.parameter).unwrap().name);
        format!("{}{}", parameter.strip_prefix("/T/").unwrap_or(parameter), self.plan.str(item.suffix))
    }
}

impl RowSink for Lines<'_, '_> {
    fn array(&mut self, parameter: ParameterId, dimensions: &[u32]) {
        let name = self.plan.str(self.plan.parameter(parameter).unwrap().name);
        self.lines.push(format!("array {} {dimensions:?}", name.strip_prefix("/T/").unwrap_or(name)));
    }

    fn missing(&mut self, item: ItemId) {
        let name = self.name(item);
        self.lines.push(format!("missing {name}"));
    }

    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let value = sample.value();
        let meaning = sample.meaning().unwrap();
        let alarm = sample.observe(&mut self.monitors[sample.item().0 as usize], &value);
        let (raw, shown) = (show_raw(sample.raw()), show(&value));
        let mut line = format!("{} = {raw}", self.name(sample.item()));
        if !is_same(&raw, &shown) {
            let _ = write!(line, " -> {shown}");
        }
        let unit = self.plan.str(meaning.unit);
        if !unit.is_empty() {
            let _ = write!(line, " [{unit}]");
        }
        let is_value = value != Value::Undefined;
        if !meaning.in_valid_range(sample.raw(), &value) || is_value && !sample.is_valid(&value) {
            line.push_str(" invalid");
        }
        if alarm != AlarmLevel::Normal {
            let _ = write!(line, " {}", format!("{alarm:?}").to_lowercase());
        }
        self.lines.push(line);
    }
}

fn show_raw(raw: Raw<'_>) -> String {
    match raw {
        Raw::Float(value) => format!("{value:?}"),
        Raw::Octets(bits) | Raw::Undefined(bits) => format!("x{bits:x}"),
        Raw::Signed(value) => value.to_string(),
        Raw::Text { bits, .. } => format!("x{bits:x}"),
        Raw::Unsigned(value) => value.to_string(),
        Raw::Wide(value) => value.to_string(),
    }
}

fn show(value: &Value<'_, '_>) -> String {
    match value {
        Value::Boolean { label, .. } | Value::Label { label: Some(label), .. } => format!("{label:?}"),
        Value::Duration(value) | Value::Float(value) => format!("{value:?}"),
        Value::Label { label: None, .. } => "?".to_owned(),
        Value::Octets(bits) => format!("x{bits:x}"),
        Value::Signed(value) => value.to_string(),
        Value::Text(text) => format!("{:?}", text.to_string()),
        Value::Time(moment) => moment.to_string(),
        Value::Undefined => "none".to_owned(),
        Value::Unsigned(value) => value.to_string(),
        Value::Wide(value) => value.to_string(),
    }
}
