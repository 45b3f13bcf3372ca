//! `fep process --params`: rows of recordings that nobody here made, held against what independent decoders found; the three formats
//! held against each other; and what is said of packets that did not arrive whole.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail so")]

mod outputs;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use outputs::{Row, close, csv_lines, files, in_sequence, json_of_csv, parquet_rows, rows, same};
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use tempfile::TempDir;

/// A folder of the recordings; `None`, and a line that says so, where they are not there.
fn data(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(folder);
    if !path.is_dir() {
        eprintln!("skipped: there is no {}", path.display());
        return None;
    }
    Some(path)
}

fn fep(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fep")).args(arguments).output().unwrap()
}

/// A mission of packets back to back with this database table.
fn mission(scratch: &TempDir, input: &str, database: &str) -> PathBuf {
    let path = scratch.path().join("mission.toml");
    fs::write(&path, format!("[input]\nkind = \"packets\"\n{input}\n[database]\n{database}\n")).unwrap();
    path
}

/// Run `fep process --params`; the folder with the outputs.
#[track_caller]
fn process(scratch: &TempDir, mission: &Path, input: &Path, format: &str, threads: u32) -> PathBuf {
    let out = scratch.path().join(format!("{format}-{threads}"));
    let (mission, input, folder) =
        (mission.to_str().unwrap(), input.to_str().unwrap(), out.to_str().unwrap());
    let threads = threads.to_string();
    let output = fep(&[
        "process",
        input,
        "--mission",
        mission,
        "--out",
        folder,
        "--params",
        format,
        "--threads",
        &threads,
        "--quiet",
    ]);
    assert!(output.status.success(), "{output:?}");
    out
}

fn report(out: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap()
}

/// All three formats have the same rows, for one thread and for three the same octets.
#[track_caller]
fn compare_formats(scratch: &TempDir, mission: &Path, input: &Path) -> BTreeMap<String, Vec<Row>> {
    for format in ["csv", "jsonl", "parquet"] {
        let (one, three) =
            (process(scratch, mission, input, format, 1), process(scratch, mission, input, format, 3));
        assert!(files(&one) == files(&three), "{format}: three threads write what one does");
    }
    let rows = rows(&scratch.path().join("jsonl-1"));
    let (csv, parquet) = (files(&scratch.path().join("csv-1")), files(&scratch.path().join("parquet-1")));
    assert_eq!((csv.len(), parquet.len()), (rows.len(), rows.len()));
    for (container, rows) in &rows {
        let lines = csv_lines(std::str::from_utf8(&csv[&format!("{container}.csv")]).unwrap());
        let (head, lines) = lines.split_first().unwrap();
        let parquet = parquet_rows(&parquet[&format!("{container}.parquet")]);
        assert_eq!((lines.len(), parquet.len()), (rows.len(), rows.len()), "{container}");
        for (index, row) in rows.iter().enumerate() {
            assert_eq!(head.len(), row.len());
            for ((name, _), (field, is_quoted)) in head.iter().zip(&lines[index]) {
                let in_csv = json_of_csv(field, *is_quoted, &row[name]);
                assert!(same(&in_csv, &row[name]), "CSV, row {index}, {name}: {in_csv} is not {}", row[name]);
            }
            assert_eq!(parquet[index].len(), row.len());
            for (name, value) in &parquet[index] {
                let is_nan = row[name].is_null() && value.is_null();
                assert!(
                    is_nan || same(value, &row[name]),
                    "Parquet, row {index}, {name}: {value} is not {}",
                    row[name]
                );
            }
        }
    }
    rows
}

#[test]
fn recordings_have_the_values_that_another_implementation_finds() {
    for (folder, file, database, input) in [
        ("pkt_jpss_geoloc", "J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1", "jpss1_geolocation_xtce_v1.xml", ""),
        ("pkt_suda", "sciData_2022_130_17_41_53.spl", "suda_combined_science_definition.xml", "skip = 4"),
    ] {
        let Some(folder) = data(folder) else { return };
        let scratch = TempDir::new().unwrap();
        let mission = mission(&scratch, input, &format!("xtce = \"{}\"", folder.join(database).display()));
        let expected: Value =
            serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
        let rows = in_sequence(compare_formats(&scratch, &mission, &folder.join(file)));
        assert_eq!(rows.len() as u64, expected["xtce"]["packets"].as_u64().unwrap());
        assert!(rows.iter().all(|row| row["quality"] == "ok"));
        let mut compared = 0;
        for sample in expected["xtce"]["samples"].as_array().unwrap() {
            let row = &rows[sample["index"].as_u64().unwrap() as usize];
            assert_eq!(row["apid"], sample["apid"]);
            for (name, pair) in sample["values"].as_object().unwrap() {
                let Some([raw, value]) = pair.as_array().map(Vec::as_slice) else { continue };
                let found_raw = row.get(&format!("{name}:raw")).unwrap_or(&row[name]);
                if raw.is_number() {
                    assert!(close(found_raw, raw), "{name}: {found_raw} is not {raw}");
                    compared += 1;
                }
                if value.is_number() || (value.is_string() && !raw.is_string()) {
                    assert!(close(&row[name], value), "{name}: {} is not {value}", row[name]);
                    compared += 1;
                }
            }
        }
        assert!(compared > 100, "{compared}");
    }
}

#[test]
fn aggregates_have_a_column_a_member() {
    let Some(folder) = data("pkt_yamcs_quickstart") else { return };
    let scratch = TempDir::new().unwrap();
    let mission = mission(&scratch, "", &format!("xtce = \"{}\"", folder.join("xtce.xml").display()));
    let rows = in_sequence(compare_formats(&scratch, &mission, &folder.join("testdata.ccsds")));
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    assert_eq!(rows.len() as u64, expected["packets"].as_u64().unwrap());
    let mut compared = 0;
    for (index, sample) in expected["decoded"].as_object().unwrap() {
        let row = &rows[index.parse::<usize>().unwrap()];
        for (name, expected) in sample.as_object().unwrap() {
            let raw = |name: &str| row.get(&format!("{name}:raw")).or_else(|| row.get(name)).cloned();
            match expected.as_array() {
                None if expected.is_number() => {
                    let found = raw(name).unwrap_or_else(|| panic!("{name}: {row:?}"));
                    assert!(close(&found, expected), "{name}: {found} is not {expected}");
                    compared += 1;
                }
                Some(members) => {
                    let prefix = format!("{name}.");
                    let found: Vec<&Value> = row
                        .iter()
                        .filter(|(key, _)| key.starts_with(&prefix))
                        .map(|(_, value)| value)
                        .collect();
                    assert_eq!(found.len(), members.len(), "{name}");
                    for member in members {
                        assert!(found.iter().any(|found| close(found, member)), "{name}: {found:?}");
                        compared += 1;
                    }
                }
                None => {}
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn many_row_groups_follow_one_another() {
    let Some(folder) = data("pkt_jpss_geoloc") else { return };
    let scratch = TempDir::new().unwrap();
    let database = format!("xtce = \"{}\"", folder.join("jpss1_geolocation_xtce_v1.xml").display());
    let mission = mission(&scratch, "", &database);
    let once = fs::read(folder.join("J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1")).unwrap();
    let input = scratch.path().join("forty.bin");
    fs::write(&input, once.repeat(40)).unwrap();
    let (one, two) = (
        process(&scratch, &mission, &input, "parquet", 1),
        process(&scratch, &mission, &input, "parquet", 2),
    );
    assert!(files(&one) == files(&two));
    let octets = files(&one).into_values().next().unwrap();
    let reader = SerializedFileReader::new(bytes::Bytes::from(octets.clone())).unwrap();
    assert!(reader.num_row_groups() > 1);
    let rows = parquet_rows(&octets);
    assert_eq!(rows.len(), 7200 * 40);
    assert!(rows.chunks(7200).all(|chunk| chunk == &rows[..7200]));
    let report = report(&one);
    assert_eq!(report["parameters"]["containers"][0]["rows"], 7200 * 40);
    assert_eq!(report["ledger"]["closed"], true);
}

/// A database with one of everything, in this folder.
fn everything(scratch: &TempDir) -> PathBuf {
    let header = ["version:u3", "type:u1", "flag:u1", "apid:u11", "group:u2", "sequence:u14", "length:u16"];
    let house = ["when:gps", "mode:mode", "volt:volt", "word:word", "wide:u72", "quality:u8", "valve:valve"];
    let list = ["n:u8", "list:list", "tail:f32"];
    let parameter = |both: &&str| {
        let (name, kind) = both.split_once(':').unwrap();
        format!(r#"<Parameter name="{name}" parameterTypeRef="{kind}" shortDescription="{name}"/>"#)
    };
    let entry =
        |both: &&str| format!(r#"<ParameterRefEntry parameterRef="{}"/>"#, both.split_once(':').unwrap().0);
    let integer = |bits: u32| {
        format!(
            r#"<IntegerParameterType name="u{bits}" signed="false" sizeInBits="128"><UnitSet/><IntegerDataEncoding sizeInBits="{bits}" encoding="unsigned"/></IntegerParameterType>"#
        )
    };
    let container = |name: &str, entries: &[&str], apid: u32| {
        let entries: String = entries.iter().map(entry).collect();
        format!(
            r#"<SequenceContainer name="{name}"><EntryList>{entries}</EntryList><BaseContainer containerRef="Header"><RestrictionCriteria><Comparison parameterRef="apid" value="{apid}"/></RestrictionCriteria></BaseContainer></SequenceContainer>"#
        )
    };
    let text = format!(
        r#"<SpaceSystem name="T" xmlns="http://www.omg.org/spec/XTCE/20180204"><TelemetryMetaData><ParameterTypeSet>{}
<FloatParameterType name="f32"><UnitSet/><FloatDataEncoding sizeInBits="32"/></FloatParameterType>
<FloatParameterType name="volt"><UnitSet><Unit>V</Unit></UnitSet><IntegerDataEncoding sizeInBits="8" encoding="unsigned"><DefaultCalibrator><PolynomialCalibrator><Term coefficient="0.5" exponent="1"/></PolynomialCalibrator></DefaultCalibrator></IntegerDataEncoding><DefaultAlarm><StaticAlarmRanges><WarningRange maxInclusive="50"/><CriticalRange maxInclusive="100"/></StaticAlarmRanges></DefaultAlarm></FloatParameterType>
<EnumeratedParameterType name="mode"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/><EnumerationList><Enumeration value="0" label="off, &quot;dark&quot;"/><Enumeration value="1" label="on"/></EnumerationList></EnumeratedParameterType>
<BooleanParameterType name="valve" oneStringValue="OPEN" zeroStringValue="SHUT"><UnitSet/><IntegerDataEncoding sizeInBits="8" encoding="unsigned"/></BooleanParameterType>
<StringParameterType name="word"><UnitSet/><StringDataEncoding><SizeInBits><Fixed><FixedValue>24</FixedValue></Fixed></SizeInBits></StringDataEncoding></StringParameterType>
<AbsoluteTimeParameterType name="gps"><Encoding units="seconds" scale="0.001"><IntegerDataEncoding sizeInBits="48" encoding="unsigned"/></Encoding><ReferenceTime><Epoch>GPS</Epoch></ReferenceTime></AbsoluteTimeParameterType>
<ArrayParameterType name="list" arrayTypeRef="mode"><DimensionList><Dimension><StartingIndex><FixedValue>0</FixedValue></StartingIndex><EndingIndex><DynamicValue><ParameterInstanceRef parameterRef="n"/><LinearAdjustment intercept="-1"/></DynamicValue></EndingIndex></Dimension></DimensionList></ArrayParameterType>
</ParameterTypeSet><ParameterSet>{}</ParameterSet><ContainerSet><SequenceContainer name="Header" abstract="true"><EntryList>{}</EntryList></SequenceContainer>{}{}</ContainerSet></TelemetryMetaData></SpaceSystem>"#,
        [1, 2, 3, 8, 11, 14, 16, 72].map(integer).concat(),
        header.iter().chain(&house).chain(&list).map(parameter).collect::<String>(),
        header.iter().map(entry).collect::<String>(),
        container("House", &house, 5),
        container("List", &list, 6),
    );
    let path = scratch.path().join("t.xml");
    fs::write(&path, text).unwrap();
    path
}

fn packet(apid: u16, count: u16, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16 - 1).to_be_bytes();
    [&apid.to_be_bytes()[..], &(0xC000 | count).to_be_bytes(), &length, data].concat()
}

/// 2024 January 1 is 1388102400 s of UTC after the epoch of GPS, and GPS is 18 s ahead by then: milliseconds.
const NEW_YEAR: u64 = (1_388_102_400 + 18) * 1000;

fn house(count: u16, mode: u8, volt: u8, word: &[u8; 3], millisecond: u64) -> Vec<u8> {
    let time = (NEW_YEAR + millisecond).to_be_bytes();
    let data = [&time[2..], &[mode, volt], word, &[0, 0, 0, 0, 0, 0, 0, 1, 2], &[9, 1]].concat();
    packet(5, count, &data)
}

#[test]
fn every_kind_of_value_has_its_column() {
    let scratch = TempDir::new().unwrap();
    let database = everything(&scratch);
    let mission =
        mission(&scratch, "", &format!("xtce = \"{}\"", database.file_name().unwrap().to_str().unwrap()));
    let list = |count, elements: &[u8], tail: f32| {
        packet(6, count, &[&[elements.len() as u8][..], elements, &tail.to_be_bytes()].concat())
    };
    let mut packets = vec![
        house(0, 0, 80, b"a,b", 1),
        list(0, &[0, 1, 7], 0.1),
        packet(7, 0, &[1]),
        house(1, 1, 240, b"say", 2500),
        list(1, &[], f32::INFINITY),
        // Idle, and one of a protocol that has no application process.
        packet(0x7FF, 0, &[0]),
        vec![0xE9, 3, 0],
        // Ends before its container.
        packet(5, 2, &[0, 1, 2]),
        list(2, &[1], -1.5),
        // The number of elements promises more than there is.
        packet(6, 3, &[9, 1, 0]),
    ];
    // Broken off by the end of the file.
    packets.push(house(3, 1, 7, b"end", 0)[..12].to_vec());
    let input = scratch.path().join("packets.bin");
    fs::write(&input, packets.concat()).unwrap();
    let rows = compare_formats(&scratch, &mission, &input);
    assert_eq!(rows.keys().collect::<Vec<_>>(), ["T.House", "T.List"]);

    let house = &rows["T.House"];
    let column = |name: &str| house.iter().map(|row| row[name].clone()).collect::<Vec<Value>>();
    let of = |values: &str| serde_json::from_str::<Vec<Value>>(values).unwrap();
    assert_eq!(column("quality"), of(r#"["ok","ok","short","truncated"]"#));
    assert_eq!(column("mode"), of(r#"["off, \"dark\"","on",null,null]"#));
    assert_eq!(column("mode:raw"), of("[0,1,null,null]"));
    assert_eq!(column("volt"), of("[40.0,120.0,null,null]"));
    assert_eq!(column("volt:alarm"), of(r#"["normal","critical",null,null]"#));
    assert_eq!(column("word"), of(r#"["a,b","say",null,null]"#));
    assert_eq!(column("valve"), of("[true,true,null,null]"));
    assert_eq!(column("/T/quality"), of("[9,9,null,null]"), "the name is taken");
    assert_eq!(house[0]["wide"], 258);
    assert_eq!(column("apid"), of("[5,5,5,5]"));
    assert_eq!(column("reception_time"), of("[null,null,null,null]"));
    let times = column("generation_time");
    assert_eq!(times[..2], of(r#"["2024-01-01T00:00:00.001Z","2024-01-01T00:00:02.5Z"]"#));

    let list = &rows["T.List"];
    let column = |name: &str| list.iter().map(|row| row[name].clone()).collect::<Vec<Value>>();
    assert_eq!(column("list[]"), of(r#"[["off, \"dark\"","on",null],[],["on"],["on","off, \"dark\""]]"#));
    assert_eq!(column("list[]:raw"), of("[[0,1,7],[],[1],[1,0]]"));
    assert_eq!(column("tail"), of("[0.1,null,-1.5,null]"), "JSON has no infinity");
    assert_eq!(column("quality"), of(r#"["ok","ok","ok","short"]"#));

    let report = report(&scratch.path().join("jsonl-3"));
    let parameters = &report["parameters"];
    assert_eq!(parameters["packets"], 11);
    assert_eq!((&parameters["idle_packets"], &parameters["encapsulation_packets"]), (&1.into(), &1.into()));
    assert_eq!(parameters["unmatched"], serde_json::json!([{"scid":null,"vcid":null,"apid":7,"packets":1}]));
    let of_house = &parameters["containers"][0];
    assert_eq!((&of_house["container"], &of_house["file"]), (&"/T/House".into(), &"T.House.jsonl".into()));
    assert_eq!(
        (&of_house["rows"], &of_house["short"], &of_house["truncated"]),
        (&4.into(), &1.into(), &1.into())
    );
    assert_eq!((&of_house["alarms"]["critical"], &of_house["alarms"]["warning"]), (&1.into(), &0.into()));
    assert_eq!(report["ledger"]["closed"], true);
    let account = report["ledger"]["accounts"].as_array().unwrap().last().unwrap();
    assert_eq!((&account["total"], &account["accounted"]), (&11.into(), &11.into()));
}

#[test]
fn units_are_in_the_metadata_of_the_file() {
    let scratch = TempDir::new().unwrap();
    everything(&scratch);
    let mission = mission(&scratch, "", "xtce = \"t.xml\"");
    let input = scratch.path().join("packets.bin");
    fs::write(&input, house(0, 0, 80, b"abc", 1)).unwrap();
    let out = process(&scratch, &mission, &input, "parquet", 1);
    let octets = files(&out).remove("T.House.parquet").unwrap();
    let reader = SerializedFileReader::new(bytes::Bytes::from(octets)).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap().clone();
    let of =
        |key: &str| metadata.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone()).unwrap();
    assert_eq!(of("container"), "/T/House");
    assert_eq!(of("units"), r#"{"volt":"V"}"#);
    assert!(of("descriptions").contains(r#""mode":"mode""#));
}

#[test]
fn packets_that_broke_off_on_the_link_are_marked() {
    let scratch = TempDir::new().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mission = scratch.path().join("mission.toml");
    let link = "[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n[coding]\nrandomizer = \"ccsds-131071\"\nscheme = \"reed-solomon\"\n\
                interleave = 5\n[frame]\nprotocol = \"aos\"\nlength = 1115\nfecf = \"crc16\"\n[[channel]]\nscid = 777\nvcid = [0, 1]\n";
    let database = root.join("missions/demo.xml");
    fs::write(&mission, format!("{link}[database]\nxtce = \"{}\"\n", database.display())).unwrap();
    let (mission, recording) = (mission.to_str().unwrap(), scratch.path().join("pass.bin"));
    let simulated = fep(&[
        "simulate",
        "--mission",
        mission,
        "--out",
        recording.to_str().unwrap(),
        "--frames",
        "600",
        "--drop",
        "20,60,90,120,150,180,210,240,270,300,330,360,390,420,450,480,510,540",
    ]);
    assert!(simulated.status.success(), "{simulated:?}");
    let out = process(&scratch, Path::new(mission), &recording, "jsonl", 2);
    let report = report(&out);
    assert_eq!(report["ledger"]["closed"], true);
    let rows = rows(&out).remove("Demonstrator.Platform").unwrap();
    let truncated = rows.iter().filter(|row| row["quality"] == "truncated").count() as u64;
    let container = &report["parameters"]["containers"][0];
    assert!(truncated > 0, "{container}");
    assert_eq!(container["truncated"], truncated);
    // What did not break off is what the account of the link has of this process.
    let apids = report["apids"].as_array().unwrap().iter();
    let whole: u64 =
        apids.filter(|apid| apid["apid"] == 100).map(|apid| apid["packets"].as_u64().unwrap()).sum();
    assert_eq!(container["rows"].as_u64().unwrap() - truncated, whole);
    let unmatched = report["parameters"]["unmatched"].as_array().unwrap();
    assert!(unmatched.iter().any(|unmatched| unmatched["apid"] == 101 && unmatched["vcid"] == 0));
}

#[test]
fn what_is_wrong_is_said_with_line_and_key() {
    let scratch = TempDir::new().unwrap();
    everything(&scratch);
    let folder = scratch.path().join("mib");
    fs::create_dir(&folder).unwrap();
    let input = scratch.path().join("packets.bin");
    fs::write(&input, house(0, 0, 80, b"abc", 1)).unwrap();
    for (database, said) in [
        ("xtce = \"t.xml\"\nroot = \"Nobody\"", ":6: database.root: "),
        ("xtce = \"t.xml\"\nroot = \"Nobody\"", "/T/House"),
        ("xtce = \"t.xml\"\ntime = \"nobody\"", ":6: database.time: "),
        ("xtce = \"t.xml\"\nmib = \"mib\"", ":6: database.mib: "),
        ("mib = \"none\"", ":5: database.mib: no such folder"),
        ("lenient = true", "database.xtce: missing key"),
        ("xtce = 3", "database.xtce"),
        ("xtce = \"t.xml\"\nrot = \"R\"", "rot"),
    ] {
        let mission = mission(&scratch, "", database);
        let out = scratch.path().join("out");
        let output = fep(&[
            "process",
            input.to_str().unwrap(),
            "--mission",
            mission.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            "--params",
            "csv",
        ]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(said) && error.lines().count() == 1, "{database}: {error}");
        assert!(!out.join("params").exists());
    }
    let bare = scratch.path().join("bare.toml");
    fs::write(&bare, "[input]\nkind = \"packets\"\n").unwrap();
    let arguments =
        ["process", input.to_str().unwrap(), "--mission", bare.to_str().unwrap(), "--params", "csv"];
    let error = String::from_utf8(fep(&arguments).stderr).unwrap();
    assert!(error.contains("--params writes files"), "{error}");
    let out = scratch.path().join("bare");
    let output = fep(&[&arguments[..], &["--out", out.to_str().unwrap()]].concat());
    assert!(String::from_utf8(output.stderr).unwrap().contains("[database]"));

    // A file that is there is not replaced, unless that is asked for.
    let mission = mission(&scratch, "", "xtce = \"t.xml\"");
    let out = process(&scratch, &mission, &input, "csv", 1);
    fs::remove_file(out.join("report.json")).unwrap();
    fs::write(out.join("params/T.List.csv"), "stale").unwrap();
    let mut again = vec![
        "process",
        input.to_str().unwrap(),
        "--mission",
        mission.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--params",
        "csv",
    ];
    let output = fep(&again);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is there already"));
    again.push("--force");
    assert!(fep(&again).status.success());
    assert_eq!(files(&out).keys().collect::<Vec<_>>(), ["T.House.csv"], "what was there before is gone");
}

#[test]
fn the_time_of_packets_may_be_named_and_the_root_too() {
    let scratch = TempDir::new().unwrap();
    everything(&scratch);
    let input = scratch.path().join("packets.bin");
    fs::write(&input, house(0, 0, 80, b"abc", 1)).unwrap();
    let mission =
        mission(&scratch, "", "xtce = \"t.xml\"\nroot = \"/T/Header\"\ntime = \"when\"\nlenient = true");
    let rows = rows(&process(&scratch, &mission, &input, "jsonl", 1));
    assert_eq!(rows["T.House"][0]["generation_time"], "2024-01-01T00:00:00.001Z");
    assert_eq!(rows["T.House"][0]["when"], "2024-01-01T00:00:00.001Z");
}

/// Behind a table's head comes its body, which nothing in the body itself tells; another process sends in between what it likes.
#[test]
fn a_packet_is_what_the_one_before_announces() {
    let scratch = TempDir::new().unwrap();
    let heir = |name: &str, base: &str, criteria: &str| {
        format!(
            "<SequenceContainer name=\"{name}\"><EntryList><ParameterRefEntry parameterRef=\"{name}_value\"/></EntryList>\
             <BaseContainer containerRef=\"{base}\"><RestrictionCriteria>{criteria}</RestrictionCriteria></BaseContainer></SequenceContainer>"
        )
    };
    let parameter =
        |name: &str, bits: u32| format!("<Parameter name=\"{name}\" parameterTypeRef=\"u{bits}\"/>");
    let of_type = |bits: u32| {
        format!(
            "<IntegerParameterType name=\"u{bits}\" signed=\"false\"><IntegerDataEncoding sizeInBits=\"{bits}\"/></IntegerParameterType>"
        )
    };
    let xml = format!(
        "<SpaceSystem name=\"T\" xmlns=\"http://www.omg.org/spec/XTCE/20180204\"><TelemetryMetaData>\
         <ParameterTypeSet>{}{}{}</ParameterTypeSet><ParameterSet>{}{}{}{}{}</ParameterSet><ContainerSet>\
         <SequenceContainer name=\"Packet\" abstract=\"true\"><EntryList><ParameterRefEntry parameterRef=\"id\"/>\
         <ParameterRefEntry parameterRef=\"rest\"/><ParameterRefEntry parameterRef=\"kind\"/></EntryList></SequenceContainer>\
         {}{}</ContainerSet></TelemetryMetaData></SpaceSystem>",
        of_type(8),
        of_type(16),
        of_type(32),
        parameter("id", 16),
        parameter("rest", 32),
        parameter("kind", 8),
        parameter("Head_value", 8),
        parameter("Body_value", 8),
        heir(
            "Head",
            "Packet",
            "<Comparison parameterRef=\"kind\" value=\"1\"/><NextContainer containerRef=\"Body\"/>"
        ),
        "<SequenceContainer name=\"Body\"><EntryList><ParameterRefEntry parameterRef=\"Body_value\"/></EntryList>\
         <BaseContainer containerRef=\"Packet\"/></SequenceContainer>",
    );
    fs::write(scratch.path().join("next.xml"), xml).unwrap();
    let packets = [
        packet(5, 0, &[1, 10]),
        packet(5, 1, &[7, 20]),
        // Nothing announces this one.
        packet(5, 2, &[7, 30]),
        packet(5, 3, &[1, 40]),
        // Here packets are missing.
        packet(5, 6, &[7, 50]),
        packet(5, 7, &[1, 60]),
        packet(5, 8, &[1, 70]),
    ];
    let input = scratch.path().join("packets.bin");
    fs::write(&input, packets.concat()).unwrap();
    let mission = mission(&scratch, "", "xtce = \"next.xml\"");
    let out = process(&scratch, &mission, &input, "jsonl", 2);
    let found = rows(&out);
    let values = |container: &str, name: &str| -> Vec<u64> {
        found[container].iter().map(|row| row[name].as_u64().unwrap()).collect()
    };
    assert_eq!(values("T.Head", "Head_value"), [10, 40, 60]);
    assert_eq!(values("T.Body", "Body_value"), [20, 70]);
    assert_eq!(report(&out)["parameters"]["unmatched"][0]["packets"], 2);
}

#[test]
fn a_database_is_baked_to_octets_and_to_rust() {
    let scratch = TempDir::new().unwrap();
    let database = everything(&scratch);
    let database = database.to_str().unwrap();
    let (blob, rust) = (scratch.path().join("plan.bin"), scratch.path().join("plan.rs"));
    assert!(fep(&["db", "bake", database, "--blob", blob.to_str().unwrap()]).status.success());
    assert!(fep(&["db", "bake", database, "--rust", rust.to_str().unwrap()]).status.success());
    let plan = decom::plan::PlanBuf::from_blob(&fs::read(&blob).unwrap()).unwrap();
    let loaded = decom::xtce::load(&fs::read_to_string(database).unwrap()).unwrap().compile().unwrap();
    assert_eq!(plan, loaded);
    assert_eq!(fs::read_to_string(&rust).unwrap(), loaded.to_rust());
    let again = fep(&["db", "bake", database, "--rust", rust.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(
        fep(&["db", "bake", database, rust.to_str().unwrap()]).status.code(),
        Some(1),
        "one form is needed"
    );
}

#[test]
fn packets_whose_check_fails_are_damaged_and_groups_are_one_row() {
    let scratch = TempDir::new().unwrap();
    everything(&scratch);
    // A packet with secondary header flag, sequence flags and a check.
    let part = |flags: u16, count: u16, data: &[u8], is_right: bool| {
        let mut packet = packet(0x0800 | 6, count, &[data, &[0, 0]].concat());
        packet[2] = (flags << 6) as u8 | packet[2] & 0x3F;
        let len = packet.len() - 2;
        let check = ccsds_core::fecf::crc16(&packet[..len]) ^ u16::from(!is_right);
        packet[len..].copy_from_slice(&check.to_be_bytes());
        packet
    };
    let tail = 2.5f32.to_be_bytes();
    let packets = [
        part(3, 0, &[&[1, 1][..], &tail].concat(), true),
        part(3, 1, &[&[1, 0][..], &tail].concat(), false),
        // Three parts of one unit.
        part(1, 2, &[2, 1], true),
        part(0, 3, &[0], true),
        part(2, 4, &tail, true),
        // The first part is missing.
        part(2, 6, &tail, true),
    ];
    let input = scratch.path().join("packets.bin");
    fs::write(&input, packets.concat()).unwrap();
    let mission = scratch.path().join("groups.toml");
    let text = "[input]\nkind = \"packets\"\n[[channel]]\ngroups = true\npec = \"crc16\"\n[database]\nxtce = \"t.xml\"\n";
    fs::write(&mission, text).unwrap();
    let out = process(&scratch, &mission, &input, "jsonl", 1);
    let rows = rows(&out).remove("T.List").unwrap();
    let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<Value>>();
    let of = |values: &str| serde_json::from_str::<Vec<Value>>(values).unwrap();
    assert_eq!(column("quality"), of(r#"["ok","damaged","ok"]"#));
    assert_eq!(column("list[]:raw"), of("[[1],[0],[1,0]]"));
    assert_eq!(column("tail"), of("[2.5,2.5,2.5]"));
    let report = report(&out);
    let parameters = &report["parameters"];
    assert_eq!((&parameters["group_parts"], &parameters["group_parts_lost"]), (&2.into(), &1.into()));
    assert_eq!(
        (&parameters["containers"][0]["damaged"], &report["ledger"]["closed"]),
        (&1.into(), &true.into())
    );
    // Channels that do not agree cannot be told apart.
    fs::write(&mission, text.replace("[database]", "[[channel]]\n[database]")).unwrap();
    let arguments = ["process", input.to_str().unwrap(), "--mission", mission.to_str().unwrap()];
    let said = String::from_utf8(fep(&arguments).stderr).unwrap();
    assert!(said.contains("does not tell channels apart"), "{said}");
}

#[test]
fn a_header_of_the_packet_utilization_standard_tells_the_time() {
    let scratch = TempDir::new().unwrap();
    everything(&scratch);
    // Version 2; service 3, subservice 25; counter, destination; day 24106 since 1958 is 2024 January 1; 1.5 s.
    let header = [0x20, 3, 25, 0, 7, 0, 1, 0x5E, 0x2A, 0, 0, 0x05, 0xDC];
    let packets = [packet(6, 0, &[0; 5]), packet(0x0800 | 6, 1, &header)];
    let input = scratch.path().join("packets.bin");
    fs::write(&input, packets.concat()).unwrap();
    let mission = scratch.path().join("pus.toml");
    fs::write(
        &mission,
        "[input]\nkind = \"packets\"\n[[channel]]\npus = { issue = \"c\", time = \"cds 2+0\" }\n[database]\nxtce = \"t.xml\"\n",
    )
    .unwrap();
    let rows = compare_formats(&scratch, &mission, &input).remove("T.List").unwrap();
    let times: Vec<&Value> = rows.iter().map(|row| &row["generation_time"]).collect();
    assert_eq!(times, [&Value::Null, &"2024-01-01T00:00:01.5Z".into()]);
}

/// Runs of packets of one length go their own way; octets before each packet keep them from it.
#[test]
fn runs_of_packets_have_the_rows_that_single_packets_have() {
    let scratch = TempDir::new().unwrap();
    everything(&scratch);
    let mut packets = Vec::new();
    for round in 0..40u16 {
        let (count, apid) = (round * 10, if round % 3 == 0 { 6 } else { 7 });
        for k in 0..round % 7 * 3 {
            packets.push(packet(apid, count + k, &[k as u8; 5]));
        }
        packets.push(packet(0x7FF, 0, &[1; 5]));
        packets.push(packet(6, count, &vec![1; usize::from(round % 5 + 1)]));
    }
    let (plain, spaced) = (scratch.path().join("plain.bin"), scratch.path().join("spaced.bin"));
    fs::write(&plain, packets.concat()).unwrap();
    fs::write(&spaced, packets.iter().flat_map(|packet| [&[0xAA][..], packet].concat()).collect::<Vec<u8>>())
        .unwrap();
    let database = "xtce = \"t.xml\"";
    let mut found = Vec::new();
    for (input, skip) in [(&plain, ""), (&spaced, "skip = 1")] {
        let out = process(&scratch, &mission(&scratch, skip, database), input, "parquet", 2);
        let report = report(&out);
        found.push((
            files(&out),
            report["apids"].clone(),
            report["parameters"].clone(),
            report["packets"]["packets"].clone(),
        ));
        fs::remove_dir_all(&out).unwrap();
    }
    assert!(found[0].0.values().any(|octets| !parquet_rows(octets).is_empty()));
    assert!(found[0] == found[1]);
}

#[test]
fn the_time_code_of_a_secondary_header_tells_the_time() {
    // Day 24106 since 1958 is 2024 January 1; 1.5 s and 250 us.
    let cds = [0x5E, 0x2A, 0, 0, 0x05, 0xDC, 0, 250];
    // 37 leap seconds lie between TAI and UTC then.
    let tai = (24_106u32 * 86_400 + 37).to_be_bytes();
    let cuc = [tai[0], tai[1], tai[2], tai[3], 0x80];
    let p_field = [&[0b0100_0001][..], &cds[..6], &[0, 0]].concat();
    for (time, header, expected) in [
        ("cds 2+2", &cds[..], "2024-01-01T00:00:01.50025Z"),
        ("cuc-1958 4+1", &cuc, "2024-01-01T00:00:00.5Z"),
        ("p-field", &p_field, "2024-01-01T00:00:01.5Z"),
    ] {
        let scratch = TempDir::new().unwrap();
        everything(&scratch);
        let input = scratch.path().join("packets.bin");
        let packets = [packet(6, 0, &[0; 5]), packet(0x0800 | 6, 1, header)];
        fs::write(&input, packets.concat()).unwrap();
        let mission = scratch.path().join("time.toml");
        let text = format!(
            "[input]\nkind = \"packets\"\n[[channel]]\ntime = \"{time}\"\n[database]\nxtce = \"t.xml\"\n"
        );
        fs::write(&mission, text).unwrap();
        let rows = compare_formats(&scratch, &mission, &input).remove("T.List").unwrap();
        let times: Vec<&Value> = rows.iter().map(|row| &row["generation_time"]).collect();
        assert_eq!(times, [&Value::Null, &expected.into()]);
    }
}

/// Days, milliseconds and microseconds are parameters of this database too: they tell the same.
#[test]
fn the_geolocation_packets_have_the_time_of_their_header() {
    let Some(folder) = data("pkt_jpss_geoloc") else { return };
    let scratch = TempDir::new().unwrap();
    let mission = scratch.path().join("geo.toml");
    let database = folder.join("jpss1_geolocation_xtce_v1.xml");
    let text = format!(
        "[input]\nkind = \"packets\"\n[[channel]]\ntime = \"cds 2+2\"\n[database]\nxtce = {database:?}\n"
    );
    fs::write(&mission, text).unwrap();
    let input = folder.join("J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1");
    let rows = in_sequence(rows(&process(&scratch, &mission, &input, "jsonl", 2)));
    assert_eq!(rows.len(), 7200);
    for row in &rows {
        let number = |name: &str| row[name].as_f64().unwrap() as u64;
        let seconds = number("DOY") * 86_400 + number("MSEC") / 1000;
        let nanoseconds = number("MSEC") % 1000 * 1_000_000 + number("USEC") * 1000;
        // Unix time knows no leap seconds, and neither does a count of days; 4383 days lie between the epochs.
        let epoch = hifitime::Epoch::from_unix_seconds((seconds - 4383 * 86_400) as f64);
        let (year, month, day, hour, minute, second, _) = epoch.to_gregorian_utc();
        let whole = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        let time = row["generation_time"].as_str().unwrap();
        assert_eq!(time.split(['.', 'Z']).next(), Some(&*whole));
        let fraction = format!("{nanoseconds:09}");
        let digits = time.split_once('.').map_or("", |(_, digits)| digits.trim_end_matches('Z'));
        assert_eq!(digits, fraction.trim_end_matches('0'));
    }
}
