//! `fep db` on databases and packets that nobody here wrote, and on small ones that say one thing each.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn fep(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fep")).args(arguments).output().unwrap()
}

/// A folder of the recordings; `None`, and a line that says so, where they are not there.
fn data(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(folder);
    if !path.is_dir() {
        eprintln!("skipped: there is no {}", path.display());
        return None;
    }
    Some(path)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn decode(arguments: &[&str]) -> Vec<Value> {
    let mut all = vec!["db", "decode"];
    all.extend(arguments);
    let output = fep(&all);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The values of a parameter in a packet, by the last part of its name.
fn values<'j>(packet: &'j Value, name: &str, key: &str) -> Vec<&'j Value> {
    let parameters = packet["parameters"].as_array().unwrap().iter();
    let of_name =
        parameters.filter(|parameter| parameter["name"].as_str().unwrap().rsplit('/').next() == Some(name));
    of_name.map(|parameter| &parameter[key]).collect()
}

/// Whether two values are the same, whole numbers as numbers.
fn same(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64(), left.as_array(), right.as_array()) {
        (Some(left), Some(right), ..) => left == right,
        (.., Some(left), Some(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        _ => left == right,
    }
}

#[test]
fn every_probe_gives_its_value_or_an_error() {
    let Some(folder) = data("xtce_probes") else { return };
    let expected = json(&folder.join("expected.json"));
    let (hex, mut checked) = (expected["packet_hex"].as_str().unwrap(), 0);
    for (probe, expectation) in expected["expect"].as_object().unwrap() {
        let path = folder.join(format!("{probe}.xml"));
        let output = fep(&["db", "decode", path.to_str().unwrap(), "--root", "R", "--hex", hex]);
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        if !output.status.success() {
            assert!(err.contains(&format!("{probe}.xml:")), "{probe}: {err}");
            assert!(expectation.is_null() || expectation == "ERR", "{probe} does not load: {err}");
            continue;
        }
        let packet: Value = serde_json::from_str(&out).unwrap();
        for (name, value) in expectation.as_object().into_iter().flatten() {
            let found = values(&packet, name, "value");
            match value.as_str() {
                Some("any") => assert!(!found.is_empty(), "{probe}: {out}"),
                Some(text) if text.starts_with('[') => {
                    // One digit of several.
                    let digits = text.trim_matches(['[', ']']);
                    assert!(digits.contains(&found[0].to_string()), "{probe}: {out}");
                }
                Some(text) if text.starts_with('(') => {
                    let choices = text.trim_matches(['(', ')']).replace('\\', "");
                    let found = found[0].as_f64().unwrap();
                    let close = |choice: &str| (choice.parse::<f64>().unwrap() - found).abs() < 1e-10;
                    assert!(choices.split('|').any(close), "{probe}: {out}");
                }
                Some(text) => {
                    let value: f64 = text.parse().unwrap();
                    assert_eq!(
                        found.iter().map(|v| v.as_f64()).collect::<Vec<_>>(),
                        [Some(value)],
                        "{probe}: {out}"
                    );
                }
                None => assert!(value.is_null() && found.is_empty(), "{probe}: {out}"),
            }
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn packets_have_the_values_that_another_implementation_finds() {
    for (folder, file, database, more) in [
        (
            "pkt_jpss_geoloc",
            "J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1",
            "jpss1_geolocation_xtce_v1.xml",
            &[][..],
        ),
        (
            "pkt_suda",
            "sciData_2022_130_17_41_53.spl",
            "suda_combined_science_definition.xml",
            &["--skip", "4"],
        ),
    ] {
        let Some(folder) = data(folder) else { return };
        let (database, file) = (folder.join(database), folder.join(file));
        let mut arguments = vec![database.to_str().unwrap(), file.to_str().unwrap()];
        arguments.extend(more);
        let packets = decode(&arguments);
        let expected = json(&folder.join("expected.json"));
        assert_eq!(packets.len() as u64, expected["xtce"]["packets"].as_u64().unwrap());
        let mut compared = 0;
        for sample in expected["xtce"]["samples"].as_array().unwrap() {
            let packet = &packets[sample["index"].as_u64().unwrap() as usize];
            for (name, pair) in sample["values"].as_object().unwrap() {
                let Some(pair) = pair.as_array().filter(|pair| pair.len() == 2) else { continue };
                for (key, expected) in [("raw", &pair[0]), ("value", &pair[1])] {
                    // Long runs of octets are told by other means there.
                    if expected.is_number() || (expected.is_string() && !pair[0].is_string()) {
                        let found = values(packet, name, key);
                        assert_eq!(found.len(), 1, "{name}");
                        assert!(same(found[0], expected), "{name} {key}: {} is not {expected}", found[0]);
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 50, "{compared}");
    }
}

#[test]
fn aggregates_and_arrays_come_out_whole() {
    let Some(folder) = data("pkt_yamcs_quickstart") else { return };
    let (database, file) = (folder.join("xtce.xml"), folder.join("testdata.ccsds"));
    let packets = decode(&[database.to_str().unwrap(), file.to_str().unwrap()]);
    let expected = json(&folder.join("expected.json"));
    assert_eq!(packets.len() as u64, expected["packets"].as_u64().unwrap());
    let mut compared = 0;
    for (index, sample) in expected["decoded"].as_object().unwrap() {
        let packet = &packets[index.parse::<usize>().unwrap()];
        for (name, expected) in sample.as_object().unwrap() {
            let found = values(packet, name, "value");
            assert_eq!(found.len(), 1, "{name}");
            let found = match found[0].as_object() {
                Some(members) => Value::Array(members.values().cloned().collect()),
                None => found[0].clone(),
            };
            // Their words for bits are numbers there.
            if !found.is_string() && !found.is_boolean() {
                let close = |found: &Value, expected: &Value| match (found.as_f64(), expected.as_f64()) {
                    (Some(found), Some(expected)) => found == expected,
                    _ => same_members(found, expected),
                };
                assert!(close(&found, expected), "{name}: {found} is not {expected}");
                compared += 1;
            }
        }
    }
    assert!(compared > 30, "{compared}");
}

/// The same numbers; members of an object have an order of their own there.
fn same_members(found: &Value, expected: &Value) -> bool {
    let sorted = |value: &Value| {
        let mut numbers: Vec<f64> = value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        numbers.sort_by(f64::total_cmp);
        numbers
    };
    sorted(found) == sorted(expected)
}

/// A database around these types, parameters and entries.
fn database(scratch: &TempDir, types: &str, parameters: &str, containers: &str) -> String {
    let text = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<SpaceSystem name="T" xmlns="http://www.omg.org/spec/XTCE/20180204"><TelemetryMetaData><ParameterTypeSet>
<IntegerParameterType name="u8" signed="false"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/></IntegerParameterType>
{types}</ParameterTypeSet><ParameterSet><Parameter name="n" parameterTypeRef="u8"/><Parameter name="z" parameterTypeRef="u8"/>
{parameters}</ParameterSet><ContainerSet>{containers}</ContainerSet></TelemetryMetaData></SpaceSystem>"#
    );
    let path = scratch.path().join("t.xml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const MATRIX: &str = r#"<ArrayParameterType name="m" arrayTypeRef="point"><DimensionList>
<Dimension><StartingIndex><FixedValue>0</FixedValue></StartingIndex><EndingIndex><FixedValue>1</FixedValue></EndingIndex></Dimension>
<Dimension><StartingIndex><FixedValue>0</FixedValue></StartingIndex><EndingIndex><DynamicValue><ParameterInstanceRef parameterRef="n"/><LinearAdjustment intercept="-1"/></DynamicValue></EndingIndex></Dimension>
</DimensionList></ArrayParameterType>
<AggregateParameterType name="point"><MemberList><Member name="x" typeRef="u8"/><Member name="y" typeRef="on"/></MemberList></AggregateParameterType>
<BooleanParameterType name="on" oneStringValue="ON" zeroStringValue="OFF"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/></BooleanParameterType>
"#;

#[test]
fn an_array_of_aggregates_with_a_size_from_the_packet_is_nested() {
    let scratch = TempDir::new().unwrap();
    let parameters = r#"<Parameter name="m" parameterTypeRef="m"/>"#;
    let container = r#"<SequenceContainer name="R"><EntryList><ParameterRefEntry parameterRef="n"/><ParameterRefEntry parameterRef="m"/><ParameterRefEntry parameterRef="z"/></EntryList></SequenceContainer>"#;
    let path = database(&scratch, MATRIX, parameters, container);
    let whole = decode(&[&path, "--root", "R", "--hex", "02 01 00 02 01 03 00 04 01 09"]);
    let expected = r#"[[{"x":1,"y":false},{"x":2,"y":true}],[{"x":3,"y":false},{"x":4,"y":true}]]"#;
    assert_eq!(whole[0]["status"], "ok");
    assert_eq!(*values(&whole[0], "m", "value")[0], serde_json::from_str::<Value>(expected).unwrap());
    assert_eq!(*values(&whole[0], "z", "value")[0], 9);
    let empty = decode(&[&path, "--root", "/T/R", "--hex", "0009"]);
    assert_eq!(
        (values(&empty[0], "m", "value"), values(&empty[0], "z", "value")),
        (vec![&Value::Array(vec![])], vec![&Value::from(9)])
    );
    // The packet ends in the second row.
    let short = decode(&[&path, "--root", "R", "--hex", "02010002010300"]);
    assert_eq!(short[0]["status"], "short");
    assert_eq!(*values(&short[0], "m", "valid")[0], false);
    assert_eq!(values(&short[0], "m", "value")[0][1][0]["x"], 3);
    assert_eq!(values(&short[0], "z", "value"), [&Value::Null]);
}

#[test]
fn a_word_stands_for_what_it_is() {
    let scratch = TempDir::new().unwrap();
    let types = r#"<EnumeratedParameterType name="e"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/><EnumerationList><Enumeration value="1" label="one"/></EnumerationList></EnumeratedParameterType>
<BooleanParameterType name="on" oneStringValue="ON" zeroStringValue="OFF"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/></BooleanParameterType>
<FloatParameterType name="volt"><UnitSet><Unit>V</Unit></UnitSet><IntegerDataEncoding sizeInBits="8" encoding="unsigned"><DefaultCalibrator><PolynomialCalibrator><Term coefficient="0.5" exponent="1"/></PolynomialCalibrator></DefaultCalibrator></IntegerDataEncoding><DefaultAlarm><StaticAlarmRanges><CriticalRange maxInclusive="10"/></StaticAlarmRanges></DefaultAlarm></FloatParameterType>
"#;
    let parameters = r#"<Parameter name="e" parameterTypeRef="e"/><Parameter name="on" parameterTypeRef="on"/><Parameter name="volt" parameterTypeRef="volt"/>"#;
    let container = r#"<SequenceContainer name="R"><EntryList><ParameterRefEntry parameterRef="e"/><ParameterRefEntry parameterRef="e"/><ParameterRefEntry parameterRef="on"/><ParameterRefEntry parameterRef="volt"/></EntryList></SequenceContainer>"#;
    let path = database(&scratch, types, parameters, container);
    let packets = decode(&[&path, "--root", "R", "--hex", "010705FF"]);
    let expected = r#"[{"name":"/T/e","raw":1,"value":"one","unit":"","valid":true},{"name":"/T/e","raw":7,"value":null,"unit":"","valid":true},{"name":"/T/on","raw":5,"value":true,"label":"ON","unit":"","valid":true},{"name":"/T/volt","raw":255,"value":127.5,"unit":"V","valid":true,"alarm":"critical"}]"#;
    assert_eq!(packets[0]["parameters"], serde_json::from_str::<Value>(expected).unwrap());
    let in_range = decode(&[&path, "--root", "R", "--hex", "0107050F"]);
    assert!(in_range[0]["parameters"][3].get("alarm").is_none(), "{in_range:?}");
}

#[test]
fn what_is_wrong_is_said_in_one_line_each() {
    let scratch = TempDir::new().unwrap();
    let container = r#"<SequenceContainer name="R"><EntryList><ParameterRefEntry parameterRef="nobody"/><ParameterRefEntry parameterRef="n"/><ParameterRefEntry parameterRef="none"/></EntryList></SequenceContainer>"#;
    let path = database(&scratch, "", "", container);
    for command in [&["db", "check"][..], &["db", "decode", "--hex", "00"]] {
        let mut arguments = command.to_vec();
        arguments.push(&path);
        let output = fep(&arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(output.stdout.is_empty());
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 2, "{said}");
        assert!(lines[0].contains("t.xml:5:") && lines[0].contains("nobody"), "{said}");
    }
    let none = fep(&["db", "check", scratch.path().join("none.xml").to_str().unwrap()]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8(none.stderr).unwrap().starts_with("fep: database "));

    let good = database(
        &scratch,
        "",
        "",
        r#"<SequenceContainer name="R"><EntryList><ParameterRefEntry parameterRef="n"/></EntryList></SequenceContainer>"#,
    );
    for (arguments, words) in [
        (&["--root", "Q", "--hex", "00"][..], "no container Q; there are /T/R"),
        (&["--hex", "0"], "--hex"),
        (&["--hex", "0g"], "--hex"),
        (&[], "required"),
        (&["none.bin"], "none.bin"),
    ] {
        let mut all = vec!["db", "decode", &good];
        all.extend(arguments);
        let output = fep(&all);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_lenient_load_says_what_it_leaves_out() {
    let scratch = TempDir::new().unwrap();
    let types = r#"<IntegerParameterType name="odd" signed="false"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/><DefaultAlarm><CustomAlarm name="alarm"/></DefaultAlarm></IntegerParameterType>"#;
    let container = r#"<SequenceContainer name="R"><EntryList><ParameterRefEntry parameterRef="odd"/></EntryList></SequenceContainer>"#;
    let path = database(&scratch, types, r#"<Parameter name="odd" parameterTypeRef="odd"/>"#, container);
    assert_eq!(fep(&["db", "check", &path]).status.code(), Some(1));
    let output = fep(&["db", "decode", &path, "--lenient", "--hex", "05"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("t.xml:4:") && said.contains("left out"), "{said}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "{\"container\":\"/T/R\",\"status\":\"ok\",\"parameters\":[{\"name\":\"/T/odd\",\"raw\":5,\"value\":5,\"unit\":\"\",\"valid\":true}]}\n"
    );
}

#[test]
fn a_check_shows_the_tree() {
    let Some(folder) = data("pkt_jpss_geoloc") else { return };
    let path = folder.join("jpss1_geolocation_xtce_v1.xml");
    let output = fep(&["db", "check", path.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{text}");
    for words in ["root       ", "568 bits (71 octets)", "abstract", "27 parameters in containers"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_folder_of_scos_2000_tables_is_a_database() {
    let Some(folder) = data("mib_spacepylibrary") else { return };
    let mib = folder.join("mib");
    let output = fep(&["db", "check", mib.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let expected = json(&folder.join("expected.json"));
    let hex = expected["packets"][0].as_str().unwrap();
    let packets = decode(&[mib.to_str().unwrap(), "--hex", hex]);
    assert_eq!(packets.len(), 1);
    // The packet ends before the last two parameters that the tables have for it.
    assert_eq!((&packets[0]["container"], &packets[0]["status"]), (&"/MIB/TM_PKT1".into(), &"short".into()));
    assert_eq!(*values(&packets[0], "APID", "value")[0], 1234);
    assert_eq!(
        (values(&packets[0], "PAR9", "valid"), values(&packets[0], "PAR11", "valid")),
        (vec![&true.into()], vec![&false.into()])
    );
}

#[test]
fn alarms_see_changes_and_violations_in_a_row() {
    let scratch = TempDir::new().unwrap();
    let types = r#"<IntegerParameterType name="level" signed="false"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/><DefaultAlarm><ChangeAlarmRanges changeType="changePerSample"><WarningRange minInclusive="-10" maxInclusive="10"/></ChangeAlarmRanges></DefaultAlarm></IntegerParameterType>
<IntegerParameterType name="heat" signed="false"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/><DefaultAlarm minViolations="2"><StaticAlarmRanges><CriticalRange maxInclusive="100"/></StaticAlarmRanges></DefaultAlarm></IntegerParameterType>
"#;
    let parameters = r#"<Parameter name="level" parameterTypeRef="level"/><Parameter name="heat" parameterTypeRef="heat"/>"#;
    let container = r#"<SequenceContainer name="R"><EntryList><ParameterRefEntry parameterRef="level"/><ParameterRefEntry parameterRef="heat"/></EntryList></SequenceContainer>"#;
    let path = database(&scratch, types, parameters, container);
    let input = scratch.path().join("packets.bin");
    fs::write(&input, [5, 200, 15, 20, 30, 101, 31, 102, 3, 103, 3, 1]).unwrap();
    let packets = decode(&[&path, "--root", "R", "--length", "2", input.to_str().unwrap()]);
    let alarms: Vec<[Option<&str>; 2]> = packets
        .iter()
        .map(|packet| [0, 1].map(|index| packet["parameters"][index]["alarm"].as_str()))
        .collect();
    let (warning, critical) = (Some("warning"), Some("critical"));
    let expected =
        [[None, None], [None, None], [warning, None], [None, critical], [warning, critical], [None, None]];
    assert_eq!(alarms, expected);
}
