//! Faults of the world: broken, growing, endless and forged inputs, hostile configuration, full disks, killed processes.
#![cfg(target_os = "linux")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use examples::fep::report::Report;
use tempfile::TempDir;

const MISSION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/missions/npp-hrd.toml");
const FEP: &str = env!("CARGO_BIN_EXE_fep");
/// Octets from one marker of that mission to the next.
const CADU_LEN: usize = 1024;

fn fep(arguments: &[&str]) -> Output {
    Command::new(FEP).args(arguments).output().unwrap()
}

#[track_caller]
fn assert_ok(output: &Output) {
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

/// One line on standard error, and this exit status.
#[track_caller]
fn assert_fails(output: &Output, status: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(said.lines().count() == 1 && said.contains(words), "{said}");
}

fn report(path: &str) -> Report {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A folder, and paths in it.
struct Scratch(TempDir);

impl Scratch {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, octets: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), octets).unwrap();
        self.path(name)
    }

    /// A pass without damage.
    fn pass(&self, frames: usize) -> String {
        let path = self.path("pass.bin");
        assert_ok(&fep(&["simulate", "--mission", MISSION, "--frames", &frames.to_string(), "--out", &path]));
        path
    }
}

/// Names of all files below `folder`.
fn names(folder: &Path) -> Vec<PathBuf> {
    let (mut names, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { names.push(path) }
        }
    }
    names.sort();
    names
}

fn is_part(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "part")
}

/// `fep` that reads a pipe.
fn piped(arguments: &[&str]) -> Child {
    let mut command = Command::new(FEP);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// The most memory that a process has had so far, in KiB.
fn peak_memory(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_recording_cut_anywhere_closes_its_account() {
    let scratch = Scratch::new();
    let octets = fs::read(scratch.pass(12)).unwrap();
    let json = scratch.path("report.json");
    for cut in [1, 3, 4, CADU_LEN - 1, CADU_LEN, CADU_LEN + 1, 5 * CADU_LEN + 511, 11 * CADU_LEN + 1023] {
        let input = scratch.file("cut.bin", &octets[..cut]);
        assert_ok(&fep(&["process", &input, "--mission", MISSION, "--report", &json]));
        let report = report(&json);
        assert!(report.ledger.closed);
        assert_eq!(report.input.octets, cut as u64);
        assert_eq!(report.frames.unwrap().total, (cut / CADU_LEN) as u64);
    }
}

#[test]
fn a_recording_that_grows_meanwhile_is_taken_as_far_as_it_was_there() {
    let scratch = Scratch::new();
    let octets = fs::read(scratch.pass(3000)).unwrap();
    for more in [&[][..], &["--mmap"]] {
        let (growing, json) = (scratch.file("growing.bin", &octets[..CADU_LEN]), scratch.path("report.json"));
        let mut writer = OpenOptions::new().append(true).open(&growing).unwrap();
        let rest = octets[CADU_LEN..].to_vec();
        let append = thread::spawn(move || {
            for piece in rest.chunks(700) {
                writer.write_all(piece).unwrap();
            }
        });
        let mut arguments = vec!["process", &growing, "--mission", MISSION, "--report", &json];
        arguments.extend(more);
        assert_ok(&fep(&arguments));
        append.join().unwrap();
        let report = report(&json);
        assert!(report.ledger.closed);
        assert!((CADU_LEN as u64..=octets.len() as u64).contains(&report.input.octets));
        assert_eq!(report.frames.unwrap().total, report.input.octets / CADU_LEN as u64);
    }
}

#[test]
fn a_pipe_that_closes_early_ends_the_stream() {
    let scratch = Scratch::new();
    let (octets, json) = (fs::read(scratch.pass(40)).unwrap(), scratch.path("report.json"));
    for len in [0, 1, 20 * CADU_LEN + 77] {
        let mut child = piped(&["process", "-", "--mission", MISSION, "--report", &json]);
        child.stdin.take().unwrap().write_all(&octets[..len]).unwrap();
        assert_ok(&child.wait_with_output().unwrap());
        let report = report(&json);
        assert!(report.ledger.closed && report.input.octets == len as u64);
        assert_eq!(report.frames.unwrap().total, (len / CADU_LEN) as u64);
    }
}

/// The shell lets files grow to 64 KiB only, and has the process told instead of ended: that is what a full disk looks like.
#[test]
fn a_full_disk_leaves_no_file_and_is_exit_status_2() {
    let scratch = Scratch::new();
    let (pass, out) = (scratch.pass(2000), scratch.path("out"));
    let script = r#"trap '' XFSZ; ulimit -f 64; exec "$@""#;
    let output = Command::new("bash")
        .args(["-c", script, "bash", FEP, "process", &pass, "--mission", MISSION, "--out", &out])
        .args(["--frames", "--all-frames", "--packets"])
        .output()
        .unwrap();
    assert_fails(&output, 2, "cannot write");
    assert_eq!(names(Path::new(&out)), [] as [PathBuf; 0], "nothing whole, nothing in part");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_before_the_run() {
    let scratch = Scratch::new();
    let pass = scratch.pass(5);
    for folder in ["/proc/fep", "/dev/null/fep"] {
        assert_fails(&fep(&["process", &pass, "--mission", MISSION, "--out", folder]), 1, folder);
    }
}

#[test]
fn a_killed_process_leaves_earlier_outputs_whole_and_none_of_its_own() {
    let scratch = Scratch::new();
    let (pass, out) = (scratch.pass(3000), scratch.path("out"));
    let octets = fs::read(&pass).unwrap();
    for earlier in [false, true] {
        if earlier {
            assert_ok(&fep(&[
                "process",
                &pass,
                "--mission",
                MISSION,
                "--out",
                &out,
                "--force",
                "--packets",
                "--all-frames",
            ]));
        }
        let whole = |names: Vec<PathBuf>| -> Vec<(PathBuf, Vec<u8>)> {
            let kept = names.into_iter().filter(|name| !is_part(name));
            kept.map(|name| (name.clone(), fs::read(name).unwrap())).collect()
        };
        let before = if earlier { whole(names(Path::new(&out))) } else { Vec::new() };
        let mut child = piped(&[
            "process",
            "-",
            "--mission",
            MISSION,
            "--out",
            &out,
            "--force",
            "--packets",
            "--all-frames",
        ]);
        let mut pipe = child.stdin.take().unwrap();
        // Until something is on the disk; the pipe is never closed, so the run never ends by itself.
        let in_part = || {
            Path::new(&out).is_dir()
                && names(Path::new(&out))
                    .iter()
                    .any(|name| is_part(name) && fs::metadata(name).is_ok_and(|part| part.len() > 0))
        };
        let mut pieces = octets.chunks(64 << 10).cycle();
        while !in_part() {
            pipe.write_all(pieces.next().unwrap()).unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(whole(names(Path::new(&out))) == before, "earlier outputs: {earlier}");
        for part in names(Path::new(&out)).into_iter().filter(|name| is_part(name)) {
            fs::remove_file(part).unwrap();
        }
    }
}

/// Ten gibibytes of nothing, and CADUs behind it: places beyond 32 bits of octets, 64 MiB of memory, however it is read.
#[test]
fn a_sparse_recording_of_ten_gibibytes_is_searched_to_its_end() {
    let scratch = Scratch::new();
    let octets = fs::read(scratch.pass(8)).unwrap();
    let (sparse, json) = (scratch.path("sparse.bin"), scratch.path("report.json"));
    let hole = 10u64 << 30;
    let file = File::create(&sparse).unwrap();
    file.set_len(hole).unwrap();
    let mut file = OpenOptions::new().append(true).open(&sparse).unwrap();
    file.write_all(&octets).unwrap();
    assert_ok(&fep(&["process", &sparse, "--mission", MISSION, "--report", &json, "--mmap"]));
    let report = report(&json);
    assert!(report.ledger.closed);
    assert_eq!(report.input.octets, hole + octets.len() as u64);
    assert_eq!(report.frames.unwrap().total, 8);
    assert_eq!(report.sync.unwrap().locks[0].first_bit, 8 * hole);
}

/// Every frame names another channel of another spacecraft; nobody declared any of them.
#[test]
fn ten_million_forged_headers_take_no_memory() {
    let scratch = Scratch::new();
    let mission = scratch.file(
        "m.toml",
        "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"uslp\"\nlength = 16\n[[channel]]\nscid = 1\nvcid = 1\n",
    );
    let json = scratch.path("report.json");
    let mut child =
        piped(&["process", "-", "--mission", &mission, "--report", &json, "--threads", "1", "--quiet"]);
    let mut pipe = child.stdin.take().unwrap();
    let mut peaks = Vec::new();
    let frames = 10_000_000u64;
    let mut piece = Vec::new();
    for number in 0..frames {
        // Sixteen bits of spacecraft and six of channel, all of them used, in an order that no run repeats.
        let forged = number.wrapping_mul(0x9E37_79B9) & 0x3F_FFFF;
        let word = 0xC000_0000 | (forged >> 6) << 12 | (forged & 0x3F) << 5;
        piece.extend_from_slice(&(word as u32).to_be_bytes());
        piece.extend_from_slice(&[0, 15, 0, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0]);
        if piece.len() == 1 << 20 || number + 1 == frames {
            pipe.write_all(&piece).unwrap();
            piece.clear();
        }
        if number == frames / 10 || number + 1 == frames {
            peaks.push(peak_memory(&child));
        }
    }
    drop(pipe);
    assert_ok(&child.wait_with_output().unwrap());
    let report = report(&json);
    assert!(report.ledger.closed && report.input.octets == 16 * frames);
    let frames_report = report.frames.unwrap();
    assert_eq!(frames_report.total, frames);
    // But for those of channel 63, which are idle, and one channel that is declared.
    assert!(frames_report.undeclared > frames / 100 * 98);
    assert!(peaks[0] < 64 << 10 && peaks[1] < peaks[0] + 1024, "KiB: {peaks:?}");
}

#[test]
fn a_mission_file_of_ten_mebibytes_is_read_or_refused_in_one_line() {
    let scratch = Scratch::new();
    let head = "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"uslp\"\nlength = 100\n";
    let long =
        format!("{head}[[channel]]\nscid = 1\nvcid = 1\n{}", "# nothing to see here\n".repeat(480_000));
    assert!(long.len() > 10 << 20);
    assert_ok(&fep(&["mission", "check", &scratch.file("comments.toml", long)]));

    // So many channels that a search for doubles among them, or a store for each, would take for ever.
    let mut channels = head.to_owned();
    for scid in 0.. {
        let _ = write!(channels, "[[channel]]\nscid = {}\nvcid = \"0-62\"\n", scid % 65_536);
        if channels.len() > 10 << 20 {
            break;
        }
    }
    assert_fails(&fep(&["mission", "check", &scratch.file("channels.toml", channels)]), 1, "at most 1024");

    let nested = format!("name = {}", "[".repeat(10 << 20));
    assert_fails(&fep(&["mission", "check", &scratch.file("nested.toml", nested)]), 1, "nested.toml:1");
    let noise: Vec<u8> = (0..10u32 << 20).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert_fails(&fep(&["mission", "check", &scratch.file("noise.toml", noise)]), 1, "noise.toml");
    let line = format!("name = \"{}", "x".repeat(10 << 20));
    assert_fails(&fep(&["mission", "check", &scratch.file("line.toml", line)]), 1, "line.toml:1");
}

const SYSTEM: &str = "<SpaceSystem name=\"T\"><TelemetryMetaData>";

#[test]
fn xml_bombs_and_external_entities_are_refused_and_never_fetched() {
    let scratch = Scratch::new();
    let mut bomb = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE bomb [<!ENTITY a0 \"ha\">");
    for i in 1..30 {
        let _ = write!(bomb, "<!ENTITY a{i} \"&a{before};&a{before};\">", before = i - 1);
    }
    bomb.push_str("]><SpaceSystem name=\"&a29;\"/>");
    // A pipe that nobody writes to: whoever opened it would wait for ever.
    let pipe = scratch.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let external = format!("<!DOCTYPE x [<!ENTITY e SYSTEM \"file://{pipe}\">]><SpaceSystem name=\"&e;\"/>");
    let subset = format!("<!DOCTYPE SpaceSystem SYSTEM \"file://{pipe}\"><SpaceSystem name=\"T\"/>");
    let inclusion = format!(
        "<SpaceSystem name=\"T\" xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include href=\"{pipe}\"/></SpaceSystem>"
    );
    for (name, text, words) in [
        ("bomb.xml", bomb, "document type"),
        ("external.xml", external, "document type"),
        ("subset.xml", subset, "document type"),
        ("inclusion.xml", inclusion, "include"),
    ] {
        for more in [&[][..], &["--lenient"]] {
            let path = scratch.file(name, &text);
            let mut arguments = vec!["db", "check", &path];
            arguments.extend(more);
            let output = fep(&arguments);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.code() == Some(1) && said.contains(words), "{name}: {said}");
        }
    }
}

#[test]
fn what_nests_or_cycles_without_end_is_refused_in_bounded_work() {
    let scratch = Scratch::new();
    let container = |name: &str, inside: &str| {
        format!("<SequenceContainer name=\"{name}\"><EntryList>{inside}</EntryList></SequenceContainer>")
    };
    let include = |name: &str| format!("<ContainerRefEntry containerRef=\"{name}\"/>");
    let heir = |name: &str, base: &str| {
        format!(
            "<SequenceContainer name=\"{name}\"><EntryList/><BaseContainer containerRef=\"{base}\"/></SequenceContainer>"
        )
    };
    let document = |containers: &str| {
        format!(
            "{SYSTEM}<ParameterTypeSet><IntegerParameterType name=\"t\"><IntegerDataEncoding sizeInBits=\"8\"/>\
             </IntegerParameterType></ParameterTypeSet><ParameterSet><Parameter name=\"p\" parameterTypeRef=\"t\"/>\
             </ParameterSet><ContainerSet>{containers}</ContainerSet></TelemetryMetaData></SpaceSystem>"
        )
    };
    let value = "<ParameterRefEntry parameterRef=\"p\"/>";
    let cyclic_include = container("a", &include("b")) + &container("b", &include("a"));
    let cyclic_base = heir("a", "b") + &heir("b", "a");
    let mut deep_base = container("c0", value);
    for i in 1..200 {
        let before = format!("c{}", i - 1);
        deep_base += &heir(&format!("c{i}"), &before);
    }
    let repeat = "<ParameterRefEntry parameterRef=\"p\"><RepeatEntry><Count><FixedValue>4294967295</FixedValue></Count>\
                  </RepeatEntry></ParameterRefEntry>";
    for (name, containers) in
        [("include.xml", cyclic_include), ("base.xml", cyclic_base), ("deep.xml", deep_base)]
    {
        let output = fep(&["db", "check", &scratch.file(name, document(&containers))]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && !said.is_empty(), "{name}: {output:?}");
    }
    // A few types, and more values than there are atoms.
    let mut types = String::from(
        "<IntegerParameterType name=\"t0\"><IntegerDataEncoding sizeInBits=\"1\"/></IntegerParameterType>",
    );
    for i in 1..23 {
        let member = |m: u32| format!("<Member name=\"m{m}\" typeRef=\"t{}\"/>", i - 1);
        let members: String = (0..10).map(member).collect();
        let _ = write!(
            types,
            "<AggregateParameterType name=\"t{i}\"><MemberList>{members}</MemberList></AggregateParameterType>"
        );
    }
    let aggregates = format!(
        "{SYSTEM}<ParameterTypeSet>{types}</ParameterTypeSet><ParameterSet><Parameter name=\"p\" parameterTypeRef=\"t22\"/>\
         </ParameterSet><ContainerSet>{}</ContainerSet></TelemetryMetaData></SpaceSystem>",
        container("c", value)
    );
    let output = fep(&["db", "check", &scratch.file("aggregates.xml", aggregates)]);
    assert!(output.status.code() == Some(1) && !output.stderr.is_empty(), "{output:?}");

    // Four thousand million values: of a packet of two octets there are two.
    let path = scratch.file("repeat.xml", document(&container("c", repeat)));
    let output = fep(&["db", "decode", &path, "--root", "c", "--hex", "0102"]);
    assert!(matches!(output.status.code(), Some(0 | 1)) && output.stdout.len() < 4096, "{output:?}");

    let elements =
        format!("{}{}", "<SpaceSystem name=\"T\">".repeat(100_000), "</SpaceSystem>".repeat(100_000));
    let output = fep(&["db", "check", &scratch.file("elements.xml", elements)]);
    assert!(output.status.code() == Some(1) && !output.stderr.is_empty(), "{:?}", output.status);
}

/// Whoever reads the packets as they are printed may stop; whoever writes to standard error may be gone.
#[test]
fn a_reader_of_packets_that_goes_away_is_no_trouble() {
    let scratch = Scratch::new();
    let container = "<ParameterTypeSet><IntegerParameterType name=\"t\"><IntegerDataEncoding sizeInBits=\"8\"/>\
        </IntegerParameterType></ParameterTypeSet><ParameterSet><Parameter name=\"p\" parameterTypeRef=\"t\"/></ParameterSet>\
        <ContainerSet><SequenceContainer name=\"c\"><EntryList><ParameterRefEntry parameterRef=\"p\"/></EntryList>\
        </SequenceContainer></ContainerSet>";
    let database = scratch.file("t.xml", format!("{SYSTEM}{container}</TelemetryMetaData></SpaceSystem>"));
    let packets = scratch.file("packets", vec![7; 200_000]);
    let mut child = Command::new(FEP)
        .args(["db", "decode", &database, "--length", "1", &packets])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
