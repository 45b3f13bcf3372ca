//! The command as scripts see it: exit status, one-line errors, files, and the same answer however the input is read.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use examples::fep::report::Report;
use tempfile::TempDir;

const MISSION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/missions/npp-hrd.toml");

fn fep<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fep")).args(arguments).output().unwrap()
}

#[track_caller]
fn assert_ok(output: &Output) {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

/// One line on standard error, and this exit status.
#[track_caller]
fn assert_fails(output: &Output, status: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("fep: ") && said.contains(words), "{said}");
}

fn report(path: &Path) -> Report {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Every file below `folder`; reports without what depends on the clock.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let octets = if path.ends_with("report.json") {
                    let timeless = Report { seconds: 0.0, gbit_per_s: 0.0, ..report(&path) };
                    timeless.to_json().unwrap().into_bytes()
                } else {
                    fs::read(&path).unwrap()
                };
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), octets);
            }
        }
    }
    files
}

/// A simulated pass of more than one window, with everything going wrong in it, and its folder.
fn damaged_pass(scratch: &Path) -> PathBuf {
    let pass = scratch.join("pass.bin");
    let output = fep([
        "simulate",
        "--mission",
        MISSION,
        "--frames",
        "6000",
        "--seed",
        "7",
        "--bit-error-rate",
        "3e-4",
        "--lead",
        "777",
        "--drop",
        "50,51,900",
        "--repeat",
        "70",
        "--slip",
        "80:+2,1500:-1",
        "--invert",
        "120,4000",
        "--burst",
        "200:3000",
        "--garbage",
        "300:50001",
        "--marker-errors",
        "400:9",
        "--cut-tail",
        "4000",
        "--out",
        pass.to_str().unwrap(),
    ]);
    assert_ok(&output);
    pass
}

fn process(inputs: &[&Path], out: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["process", "--mission", MISSION, "--out", out.to_str().unwrap()];
    arguments.extend(["--frames", "--all-frames", "--packets", "--idle"]);
    arguments.extend(more);
    arguments.extend(inputs.iter().map(|path| path.to_str().unwrap()));
    fep(arguments)
}

#[test]
fn the_answer_is_the_same_however_the_input_is_read() {
    let scratch = TempDir::new().unwrap();
    let pass = damaged_pass(scratch.path());
    let out = |name: &str| scratch.path().join(name);
    assert_ok(&process(&[&pass], &out("read"), &[]));
    let expected = files(&out("read"));
    assert!(expected.len() > 10, "{:?}", expected.keys());
    let whole = report(&out("read/report.json"));
    assert!(whole.ledger.closed);
    assert!(whole.sync.is_some_and(|sync| sync.locks_total > 2 && sync.slips > 0));

    let octets = fs::read(&pass).unwrap();
    let parts: Vec<PathBuf> =
        [0..3, 3..1_000_001, 1_000_001..1_000_001, 1_000_001..5_242_883, 5_242_883..octets.len()]
            .into_iter()
            .enumerate()
            .map(|(index, range)| {
                let part = out(&format!("part{index}"));
                fs::write(&part, &octets[range]).unwrap();
                part
            })
            .collect();
    let parts: Vec<&Path> = parts.iter().map(PathBuf::as_path).collect();
    let runs: [(&str, &[&Path], &[&str]); 7] = [
        ("map", &[&pass], &["--mmap"]),
        ("parts", &parts, &[]),
        ("parts-map", &parts, &["--mmap"]),
        ("one-thread", &[&pass], &["--threads", "1"]),
        ("two-threads", &[&pass], &["--threads", "2", "--mmap"]),
        ("three-threads", &parts, &["--threads", "3"]),
        ("eight-threads", &[&pass], &["--threads", "8"]),
    ];
    for (name, inputs, more) in runs {
        assert_ok(&process(inputs, &out(name), more));
        assert!(files(&out(name)) == expected, "{name} differs");
    }

    let mut child = Command::new(env!("CARGO_BIN_EXE_fep"))
        .args([
            "process",
            "-",
            "--mission",
            MISSION,
            "--frames",
            "--all-frames",
            "--packets",
            "--idle",
            "--out",
        ])
        .arg(out("stdin"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    for piece in octets.chunks(99_991) {
        pipe.write_all(piece).unwrap();
    }
    drop(pipe);
    assert!(child.wait().unwrap().success());
    assert!(files(&out("stdin")) == expected, "stdin differs");
}

#[test]
fn a_line_code_is_decoded_in_either_way_of_reading() {
    let scratch = TempDir::new().unwrap();
    // The level ahead of the first bit is unknown, so that bit may be wrong.
    let differential = fs::read_to_string(MISSION)
        .unwrap()
        .replace("\"bits\"", "\"bits\"\nline_code = \"nrz-m\"")
        .replace("\"1ACFFC1D\"", "\"1ACFFC1D\"\nsearch_errors = 1");
    let (mission, pass) = (scratch.path().join("m.toml"), scratch.path().join("pass.bin"));
    fs::write(&mission, differential).unwrap();
    let (mission, pass) = (mission.to_str().unwrap(), pass.to_str().unwrap());
    assert_ok(&fep([
        "simulate",
        "--mission",
        mission,
        "--frames",
        "50",
        "--inverted",
        "--lead",
        "100",
        "--out",
        pass,
    ]));
    for more in [&[][..], &["--mmap"]] {
        let name = scratch.path().join("report.json");
        let mut arguments = vec!["process", pass, "--mission", mission, "--report", name.to_str().unwrap()];
        arguments.extend(more);
        assert_ok(&fep(arguments));
        let report = report(&name);
        assert_eq!(report.frames.map(|frames| frames.total), Some(50));
        assert!(report.ledger.closed);
    }
}

#[test]
fn nothing_in_gives_an_empty_closed_report() {
    let scratch = TempDir::new().unwrap();
    let inputs: [(&str, Vec<u8>); 6] = [
        ("empty", vec![]),
        ("octet", vec![0x1A]),
        ("marker", vec![0x1A, 0xCF, 0xFC, 0x1D]),
        ("zeros", vec![0; 1 << 20]),
        ("ones", vec![0xFF; 1 << 20]),
        ("aligned", vec![0x1A; 5000]),
    ];
    for (name, octets) in inputs {
        let (input, out) = (scratch.path().join(name), scratch.path().join(format!("{name}.out")));
        fs::write(&input, &octets).unwrap();
        for more in [&["--force"][..], &["--force", "--mmap"]] {
            assert_ok(&process(&[&input], &out, more));
            let report = report(&out.join("report.json"));
            assert!(report.ledger.closed, "{name}");
            assert_eq!(report.input.octets, octets.len() as u64);
            assert_eq!(report.frames.map(|frames| frames.total), Some(0), "{name}");
            assert_eq!(report.channels.map(|channels| channels.len()), Some(0));
        }
    }
}

#[test]
fn a_limit_cuts_the_input() {
    let scratch = TempDir::new().unwrap();
    let pass = scratch.path().join("pass.bin");
    assert_ok(&fep(["simulate", "--mission", MISSION, "--frames", "20", "--out", pass.to_str().unwrap()]));
    for more in [&["--limit", "10241"][..], &["--limit", "10241", "--mmap"]] {
        let out = scratch.path().join(format!("out{}", more.len()));
        assert_ok(&process(&[&pass, &pass], &out, more));
        let report = report(&out.join("report.json"));
        assert_eq!((report.input.octets, report.input.bits), (10_241, 81_928));
        assert_eq!(report.frames.map(|frames| frames.total), Some(10));
        assert_eq!(report.ledger.bits.map(|bits| bits.pending), Some(8));
    }
}

#[test]
fn what_cannot_run_says_in_one_line_what_to_mend() {
    let scratch = TempDir::new().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("input"), [0; 10]).unwrap();
    fs::write(path("bad.toml"), "[input]\nkind = \"bits\"\nspeed = 5\n").unwrap();
    let input = path("input");
    let cases: [(&[&str], &str); 16] = [
        (&["process"], "required arguments were not provided"),
        (&["process", &input], "--mission"),
        (&["process", &input, "--mission", MISSION, "--what"], "--what"),
        (&["process", &input, "--mission", MISSION, "--threads", "0"], "--threads"),
        (&["process", &input, "--mission", MISSION, "--limit", "-5"], "-5"),
        (&["process", &path("none"), "--mission", MISSION], "none"),
        (&["process", &path(""), "--mission", MISSION], "folder"),
        (&["process", &input, "--mission", &path("none.toml")], "none.toml"),
        (&["process", &input, "--mission", &path("bad.toml")], "bad.toml:3: input.speed"),
        (&["process", &input, "--mission", MISSION, "--packets"], "--out DIR"),
        (&["process", &input, "--mission", MISSION, "--out", &path("out"), "--idle"], "--packets"),
        (&["process", &input, "--mission", MISSION, "--out", &path("input/out")], "input/out"),
        (
            &["process", &input, "--mission", MISSION, "--report", &path("none/report.json")],
            "none/report.json",
        ),
        (&["process", "-", "-", "--mission", MISSION], "only once"),
        (&["mission", "check", &path("bad.toml")], "bad.toml:3: input.speed"),
        (&["simulate", "--mission", MISSION, "--out", &path("none/pass.bin")], "none/pass.bin"),
    ];
    for (arguments, words) in cases {
        assert_fails(&fep(arguments), 1, words);
    }
    assert!(!Path::new(&path("out")).join("report.json").exists());
}

#[test]
fn nothing_is_overwritten_without_force() {
    let scratch = TempDir::new().unwrap();
    let (pass, out) = (scratch.path().join("pass.bin"), scratch.path().join("out"));
    let simulate = ["simulate", "--mission", MISSION, "--frames", "30", "--out", pass.to_str().unwrap()];
    assert_ok(&fep(simulate));
    assert_fails(&fep(simulate), 1, "--force");
    assert_ok(&process(&[&pass], &out, &[]));
    let before = files(&out);
    assert_fails(&process(&[&pass], &out, &["--limit", "2000"]), 1, "--force");
    assert!(files(&out) == before);
    // Channels that the new run does not hear leave nothing behind.
    assert_ok(&process(&[&pass], &out, &["--limit", "2000", "--force"]));
    let after = files(&out);
    assert!(after.len() < before.len(), "{:?}", after.keys());
    assert_eq!(after[Path::new("frames.meta")].len(), 64);
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_whole_is_exit_status_2() {
    let scratch = TempDir::new().unwrap();
    let input = scratch.path().join("input");
    fs::write(&input, [0; 10]).unwrap();
    let arguments = ["process", input.to_str().unwrap(), "--mission", MISSION, "--report", "/dev/full"];
    assert_fails(&fep(arguments), 2, "/dev/full");

    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_fep")).args(arguments.iter().take(4)).stdout(full).output().unwrap();
    assert_fails(&output, 2, "standard output");
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    for arguments in [&["--help"][..], &[]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fep"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn without_arguments_a_pass_is_shown() {
    let output = fep::<&str>([]);
    assert_ok(&output);
    let text = String::from_utf8(output.stdout).unwrap();
    for words in ["mission    Demonstrator", "ledger     closed", "every packet that must come out did"] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn every_command_has_help_that_goes_to_standard_output() {
    for command in
        [&["--help"][..], &["process", "--help"], &["simulate", "--help"], &["mission", "check", "--help"]]
    {
        let output = fep(command);
        assert_ok(&output);
        assert!(!output.stdout.is_empty());
    }
    assert_ok(&fep(["--version"]));
}

#[test]
fn every_mission_file_here_says_something_possible() {
    let mut missions = 0;
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/missions")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            assert_ok(&fep(["mission", "check", path.to_str().unwrap()]));
            missions += 1;
        }
    }
    assert!(missions > 20, "{missions} missions");
}

#[test]
fn frames_and_packets_are_walked_and_what_is_left_over_is_pending() {
    let scratch = TempDir::new().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    // Two octets, then a TM frame of spacecraft 5, channel 1, which holds a packet of nine octets; then half a frame.
    let frame = [0x00, 0x52, 0, 0, 0x18, 0x00, 0x00, 0x07, 0xC0, 0x00, 0x00, 0x02, 1, 2, 3];
    let mut octets = vec![0xEE, 0xEE];
    octets.extend(frame);
    octets.extend([0xEE, 0xEE, 0x00]);
    fs::write(path("frames"), &octets).unwrap();
    let mission = "[input]\nkind = \"frames\"\nskip = 2\n[frame]\nprotocol = \"tm\"\nlength = 15\n[[channel]]\nscid = 5\nvcid = 1\n";
    fs::write(path("frames.toml"), mission).unwrap();
    let arguments = [
        "process",
        &path("frames"),
        "--mission",
        &path("frames.toml"),
        "--out",
        &path("frames.out"),
        "--packets",
    ];
    assert_ok(&fep(arguments));
    let found = report(&Path::new(&path("frames.out")).join("report.json"));
    assert!(found.sync.is_none() && found.coding.is_none() && found.ledger.closed);
    let ledger = found.ledger.frame_file.unwrap();
    assert_eq!((ledger.frames, ledger.skipped, ledger.pending), (15, 2, 3));
    assert_eq!(fs::read(Path::new(&path("frames.out")).join("packets/0-5-1.bin")).unwrap(), frame[6..]);

    let mut octets = frame[6..].to_vec();
    octets.extend(&frame[6..12]);
    fs::write(path("packets"), &octets).unwrap();
    fs::write(path("packets.toml"), "[input]\nkind = \"packets\"\n").unwrap();
    let arguments =
        ["process", &path("packets"), "--mission", &path("packets.toml"), "--out", &path("packets.out")];
    assert_ok(&fep(arguments));
    let found = report(&Path::new(&path("packets.out")).join("report.json"));
    assert!(found.frames.is_none() && found.channels.is_none() && found.ledger.closed);
    let packets = found.packets.unwrap();
    assert_eq!((packets.packets, packets.octets.packets, packets.octets.pending), (1, 9, 6));
    assert_eq!((found.apids[0].apid, found.apids[0].scid), (7, None));
}

/// USLP: two access points on one channel, an operational control field, idle fill, an insert zone, a truncated frame.
#[test]
fn a_uslp_channel_with_two_access_points_comes_apart() {
    let scratch = TempDir::new().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    let packet = |apid: u8| [0x00, apid, 0xC0, 0, 0, 3, apid, apid, apid, apid];
    // Spacecraft 1, channel 3; frames of 22 octets with an insert zone of two and a CLCW; half a packet each.
    let frame = |vcid: u8, map: u8, count: u8, rule: [u8; 3], octets: &[u8]| {
        let start = [0xC0, 0x00, 0x10 | vcid >> 3, vcid << 5 | map << 1, 0, 21, 0x09, count, 0xEE, count];
        [&start[..], &rule, octets, &[0x01, 0x04, 0x00, count / 2]].concat()
    };
    let (a, b) = (packet(1), packet(2));
    let (begin, go_on) = ([0, 0, 0], [0, 0xFF, 0xFF]);
    let octets = [
        frame(3, 1, 0, begin, &a[..5]),
        frame(3, 4, 1, begin, &b[..5]),
        frame(3, 1, 2, go_on, &a[5..]),
        frame(3, 4, 3, go_on, &b[5..]),
        frame(63, 0, 0, [0xFF, 0, 0], &[0; 5]),
    ]
    .concat();
    fs::write(path("frames"), &octets).unwrap();
    let mission = "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"uslp\"\nlength = 22\ninsert_zone = 2\nocf = \"flagged\"\n\
                   check_idle = true\n[[channel]]\nscid = 1\nvcid = 3\n";
    fs::write(path("m.toml"), mission).unwrap();
    let out = path("out");
    let arguments = [
        "process",
        &path("frames"),
        "--mission",
        &path("m.toml"),
        "--out",
        &out,
        "--packets",
        "--ocf",
        "jsonl",
        "--insert",
    ];
    assert_ok(&fep(arguments));
    let found = report(&Path::new(&out).join("report.json"));
    assert!(found.ledger.closed, "{:?}", found.ledger);
    let channel = &found.channels.as_ref().unwrap()[0];
    assert_eq!(
        (channel.packets, channel.truncated_packets, channel.octets.pending),
        (2, 0, 0),
        "{channel:?}"
    );
    assert_eq!(fs::read(Path::new(&out).join("packets/12-1-3.bin")).unwrap(), [a, b].concat());
    assert_eq!(
        fs::read(Path::new(&out).join("insert_zone.bin")).unwrap(),
        [0xEE, 0, 0xEE, 1, 0xEE, 2, 0xEE, 3, 0xEE, 0]
    );
    assert_eq!(found.insert_zone.map(|zones| (zones.zones, zones.missing)), Some((5, 0)));
    assert_eq!(found.idle_fill.map(|fill| (fill.constant, fill.sequence)), Some((1, 0)));
    // The words of channel 3 change once; that of channel 63 is its first.
    let text = fs::read_to_string(Path::new(&out).join("ocf.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> =
        lines.iter().map(|line| (line["frame"].as_u64(), line["report_value"].as_u64())).collect();
    assert_eq!(told, [(Some(0), Some(0)), (Some(2), Some(1)), (Some(4), Some(0))]);
    assert_eq!(lines[0]["tc_vcid"], 1);
}

/// Groups are joined in the report, and the packets come out as they were.
#[test]
fn groups_of_packets_are_joined_where_the_mission_says_so() {
    let scratch = TempDir::new().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    let packet = |flags: u8, count: u8, data: &[u8]| {
        [&[0x00, 0x07, flags << 6, count, 0, data.len() as u8 - 1], data].concat()
    };
    let octets = [
        packet(1, 0, &[1, 2]),
        packet(0, 1, &[3]),
        packet(2, 2, &[4]),
        packet(3, 3, &[5]),
        packet(1, 4, &[6]),
        packet(2, 6, &[7]),
        packet(1, 7, &[8]),
    ]
    .concat();
    fs::write(path("packets"), &octets).unwrap();
    fs::write(path("m.toml"), "[input]\nkind = \"packets\"\n[[channel]]\ngroups = true\n").unwrap();
    let arguments =
        ["process", &path("packets"), "--mission", &path("m.toml"), "--out", &path("out"), "--packets"];
    let output = fep(arguments);
    assert_ok(&output);
    assert!(String::from_utf8(output.stdout).unwrap().contains("groups: 1 whole, 1 broken"));
    let found = report(&Path::new(&path("out")).join("report.json"));
    let groups = found.services[0].groups.unwrap();
    assert_eq!((groups.whole, groups.truncated, groups.passed), (1, 1, 1));
    assert_eq!((groups.parts_joined, groups.parts_truncated), (3, 1));
    assert_eq!((groups.parts_headless, groups.parts_pending), (1, 1));
    assert!(found.ledger.closed && found.ledger.accounts.iter().any(|account| account.total == 7));
    assert_eq!(fs::read(Path::new(&path("out")).join("packets/packets.bin")).unwrap(), octets);
}

/// The field names of the contract, section by section; more may be added.
#[test]
fn the_report_has_every_field_of_the_contract() {
    let scratch = TempDir::new().unwrap();
    let (pass, json) = (scratch.path().join("pass.bin"), scratch.path().join("report.json"));
    let (pass, json) = (pass.to_str().unwrap(), json.to_str().unwrap());
    let simulate =
        ["simulate", "--mission", MISSION, "--frames", "300", "--bit-error-rate", "1e-4", "--out", pass];
    assert_ok(&fep(simulate));
    // Channel 1 is not declared, so that there is something undeclared.
    let mission = scratch.path().join("m.toml");
    fs::write(&mission, fs::read_to_string(MISSION).unwrap().replace("\"0-62\"", "[0, \"2-62\"]")).unwrap();
    assert_ok(&fep(["process", pass, "--mission", mission.to_str().unwrap(), "--report", json]));
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let fields = [
        ("", "mission input sync coding frames channels undeclared apids ledger seconds gbit_per_s"),
        ("/input", "octets bits"),
        ("/sync", "locks cadus flywheel slips marker_bit_errors"),
        ("/sync/locks/0", "first_bit last_bit inverted cadus"),
        ("/coding", "clean corrected uncorrectable symbols_corrected codeword_errors"),
        ("/frames", "total good fecf_failed malformed undeclared idle"),
        (
            "/channels/0",
            "tfvn scid vcid frames missing gaps repeats restarts packets idle_packets truncated_packets octets",
        ),
        ("/channels/0/octets", "packets idle lost pending"),
        ("/undeclared/0", "tfvn scid vcid frames"),
        ("/apids/0", "scid vcid apid packets octets sequence_gaps missing"),
        ("/ledger", "bits closed"),
        ("/ledger/bits", "frames markers discarded pending"),
    ];
    for (place, names) in fields {
        let section = report.pointer(place).unwrap();
        for name in names.split(' ') {
            assert!(section.get(name).is_some(), "{place} has no {name}: {section}");
        }
    }
    let count = |place: &str| report.pointer(place).and_then(serde_json::Value::as_u64).unwrap();
    let frames = ["good", "uncorrectable", "fecf_failed", "unverified", "malformed", "undeclared", "idle"];
    let sum: u64 = frames.iter().map(|name| count(&format!("/frames/{name}"))).sum();
    assert_eq!((count("/frames/total"), sum), (300, 300));
    assert!(count("/undeclared/0/frames") == count("/frames/undeclared") && count("/frames/undeclared") > 0);
    assert_eq!(report["coding"]["codeword_errors"].as_array().map(Vec::len), Some(17));
}
