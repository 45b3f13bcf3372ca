//! `fep merge`, `fep archive` and `fep replay`, and several spacecraft in one stream.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bench::sim::rng::Rng;
use bench::sim::{Check, Fault, IdlePackets, Impairments, LinkSpec, Pass, When};
use ccsds_core::id::Gvcid;
use ccsds_core::packet::Packet;
use examples::fep::archive::{self, ArchiveOptions, ArchiveReader, Block, Selection, replay};
use examples::fep::failure::Failure;
use examples::fep::input::{Input, Source};
use examples::fep::merge::{self, MergeOptions, MergeReport};
use examples::fep::mission::Mission;
use examples::fep::output::OutputOptions;
use examples::fep::process::{self, ProcessOptions, Sink};
use examples::fep::progress::Progress;
use examples::fep::report::Report;
use examples::fep::simulate::link_spec;
use tempfile::TempDir;

const CODED: &str = "[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n\
    [coding]\nrandomizer = \"ccsds-255\"\nscheme = \"reed-solomon\"\ninterleave = 5\n";
const TM: &str = "[frame]\nprotocol = \"tm\"\nlength = 1115\nocf = \"flagged\"\nfecf = \"crc16\"\n\
    [[channel]]\nscid = 5\nvcid = \"0-2\"\nmax_packet = 9000\n[[channel]]\nvcid = 7\ncontent = \"idle\"\n";
const AOS: &str = "[frame]\nprotocol = \"aos\"\nlength = 1115\nfecf = \"crc16\"\n\
    [[channel]]\nscid = 999\nvcid = [0, 7, \"20-21\"]\n[[channel]]\nvcid = 63\ncontent = \"idle\"\n";
const USLP: &str = "[frame]\nprotocol = \"uslp\"\nlength = 1115\nocf = \"flagged\"\ninsert_zone = 5\nfecf = \"crc32\"\n\
    [[channel]]\nscid = 60000\nvcid = [1, 40]\n[[channel]]\nvcid = 63\ncontent = \"idle\"\n";

fn mission_text(frames: &str) -> String {
    format!("{CODED}{frames}")
}

fn mission(frames: &str) -> Mission {
    Mission::parse(&mission_text(frames), Path::new("m.toml")).unwrap()
}

fn everything(folder: &Path) -> OutputOptions {
    OutputOptions {
        folder: Some(folder.to_owned()),
        frames: true,
        all_frames: true,
        packets: true,
        idle: true,
        ..OutputOptions::default()
    }
}

/// Process a recording and write everything there is to write.
fn processed(mission: &Mission, recording: &Path, out: &Path) -> Report {
    let inputs = vec![Input::File(recording.to_owned())];
    let options =
        ProcessOptions { inputs, outputs: everything(out), quiet: true, ..ProcessOptions::default() };
    process::run(mission, &options).unwrap()
}

/// Every file of a folder, by its path in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn packets(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(&folder.join("packets"))
}

/// A recording of `frames` frames without a fault, and its CADUs.
fn clean_pass(mission: &Mission, frames: usize) -> Vec<u8> {
    Pass::simulate(&link_spec(mission).unwrap(), &Impairments::default(), 11, frames).unwrap().octets
}

/// The same recording as another station has it: of the frames a share is beyond repair, some have errors, the beginning and the
/// end are missing; never the frames that `keep` says.
fn damaged(octets: &[u8], cadu_len: usize, rng: &mut Rng, lost: f64, keep: &[bool]) -> (Vec<u8>, Vec<bool>) {
    let (mut recording, mut losses) = (octets.to_vec(), Vec::new());
    for (n, cadu) in recording.chunks_mut(cadu_len).enumerate() {
        let lose = rng.chance(lost) && !keep.get(n).copied().unwrap_or(false);
        losses.push(lose);
        if lose {
            rng.fill(&mut cadu[4..]);
        } else if rng.chance(0.3) {
            cadu[100 + n % 500] ^= 0x55;
        }
    }
    (recording, losses)
}

fn write(folder: &Path, name: &str, octets: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, octets).unwrap();
    path
}

fn merged(mission: &Mission, inputs: &[PathBuf], out: &Path, window: usize) -> (Report, MergeReport) {
    let options =
        MergeOptions { inputs: inputs.to_vec(), outputs: everything(out), threads: Some(1), window };
    let merged = merge::run(mission, &options).unwrap();
    assert!(merged.report.ledger.closed);
    (merged.report, merged.merge)
}

/// Every third frame is lost at either station, never the same one: together they have everything.
#[test]
fn two_damaged_copies_give_the_packets_of_the_undamaged_recording() {
    for (n, frames) in [TM, AOS, USLP].into_iter().enumerate() {
        let scratch = TempDir::new().unwrap();
        let mission = mission(frames);
        let octets = clean_pass(&mission, 900);
        let cadu_len = octets.len() / 900;
        let mut rng = Rng::new(n as u64);
        let (first, losses) = damaged(&octets, cadu_len, &mut rng, 0.3, &[]);
        let (second, others) = damaged(&octets, cadu_len, &mut rng, 0.43, &losses);
        let share = |losses: &[bool]| losses.iter().filter(|lost| **lost).count() as f64 / 900.0;
        assert!((0.25..0.35).contains(&share(&losses)) && (0.25..0.35).contains(&share(&others)));
        let inputs = [write(scratch.path(), "a.bin", &first), write(scratch.path(), "b.bin", &second)];
        let clean = scratch.path().join("clean");
        let report = processed(&mission, &write(scratch.path(), "clean.bin", &octets), &clean);
        for window in [64, 4096] {
            let out = scratch.path().join(format!("merged-{window}"));
            let (union, merge) = merged(&mission, &inputs, &out, window);
            assert!(packets(&clean) == packets(&out), "{} window {window}", mission.name);
            assert!(files(&clean.join("frames")) == files(&out.join("frames")));
            assert_eq!(union.apids, report.apids);
            assert_eq!((merge.conflicts, merge.stations[0].late, merge.stations[1].late), (0, 0, 0));
            for station in &merge.stations {
                assert_eq!(station.frames, station.used + station.duplicates);
                assert!(station.aligned && station.used > 250, "{station:?}");
            }
            assert!(merge.channels.iter().all(|channel| channel.union.missing == 0), "{merge:?}");
            assert!(merge.channels.iter().all(|channel| channel.stations.iter().any(|s| s.missing > 0)));
        }
    }
}

#[test]
fn what_no_station_has_is_a_gap_of_the_union() {
    let scratch = TempDir::new().unwrap();
    let mission = mission(AOS);
    let octets = clean_pass(&mission, 600);
    let cadu_len = octets.len() / 600;
    let mut rng = Rng::new(4);
    let (first, losses) = damaged(&octets, cadu_len, &mut rng, 0.2, &[]);
    let (second, others) = damaged(&octets, cadu_len, &mut rng, 0.2, &[]);
    let lost = losses.iter().zip(&others).filter(|(a, b)| **a && **b).count() as u64;
    assert!(lost > 10);
    let inputs = [write(scratch.path(), "a.bin", &first), write(scratch.path(), "b.bin", &second)];
    let (report, merge) = merged(&mission, &inputs, &scratch.path().join("out"), 4096);
    let edge = [0, 599].into_iter().filter(|&n| losses[n] && others[n]).count() as u64;
    let missing: u64 = merge.channels.iter().map(|channel| channel.union.missing).sum();
    // Frames at the very beginning or end of a channel are no gap.
    assert!(missing <= lost && missing + edge + 5 >= lost, "{missing} of {lost}");
    let channels = report.channels.as_deref().unwrap();
    assert_eq!(channels.iter().map(|channel| channel.missing).sum::<u64>(), missing);
}

/// The second station begins later and goes on longer; with eight bits of count that takes more than counting.
#[test]
fn recordings_that_only_overlap_are_joined() {
    for frames in [TM, AOS] {
        let scratch = TempDir::new().unwrap();
        let mission = mission(frames);
        let octets = clean_pass(&mission, 2400);
        let cadu_len = octets.len() / 2400;
        let inputs = [
            write(scratch.path(), "a.bin", &octets[..1700 * cadu_len + 99]),
            write(scratch.path(), "b.bin", &octets[900 * cadu_len + 51..]),
        ];
        let (clean, out) = (scratch.path().join("clean"), scratch.path().join("out"));
        processed(&mission, &write(scratch.path(), "clean.bin", &octets), &clean);
        for inputs in [inputs.clone(), [inputs[1].clone(), inputs[0].clone()]] {
            let _ = fs::remove_dir_all(&out);
            let (_, merge) = merged(&mission, &inputs, &out, 4096);
            assert!(packets(&clean) == packets(&out), "{merge:?}");
            assert!(merge.channels.iter().all(|channel| channel.union.missing == 0));
        }
    }
}

/// One station is silent for longer than the counters of TM take to go round.
#[test]
fn a_long_silence_is_filled_by_the_other_station() {
    let scratch = TempDir::new().unwrap();
    let mission = mission(TM);
    let octets = clean_pass(&mission, 3000);
    let cadu_len = octets.len() / 3000;
    let (mut silent, mut short) = (octets.clone(), octets.clone());
    Rng::new(9).fill(&mut silent[700 * cadu_len..2300 * cadu_len]);
    // This one was not even recording.
    short.drain(200 * cadu_len..600 * cadu_len);
    let inputs = [write(scratch.path(), "a.bin", &silent), write(scratch.path(), "b.bin", &short)];
    let (clean, out) = (scratch.path().join("clean"), scratch.path().join("out"));
    processed(&mission, &write(scratch.path(), "clean.bin", &octets), &clean);
    let (_, merge) = merged(&mission, &inputs, &out, 4096);
    assert!(packets(&clean) == packets(&out), "{merge:?}");
}

#[test]
fn merging_a_real_recording_with_a_damaged_copy_of_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let recording = root.join("../../shared/data/cadu_npp/npp.20241206T173815.dat");
    let Ok(octets) = fs::read(&recording) else {
        eprintln!("skipped: no recordings at {}", recording.display());
        return;
    };
    let scratch = TempDir::new().unwrap();
    let mission = Mission::read(&root.join("missions/npp-hrd.toml")).unwrap();
    let mut rng = Rng::new(5);
    let copy = |rng: &mut Rng, odd: usize| {
        let mut copy = octets.clone();
        for (n, cadu) in copy.chunks_mut(1024).enumerate().skip(2) {
            if n % 4 / 2 == odd && rng.chance(0.6) {
                rng.fill(&mut cadu[100..200]);
                rng.fill(&mut cadu[600..900]);
            }
        }
        copy
    };
    let inputs = [
        write(scratch.path(), "a.bin", &copy(&mut rng, 0)),
        write(scratch.path(), "b.bin", &copy(&mut rng, 1)),
    ];
    let (clean, out) = (scratch.path().join("clean"), scratch.path().join("out"));
    processed(&mission, &recording, &clean);
    let (_, merge) = merged(&mission, &inputs, &out, 4096);
    assert!(merge.stations.iter().all(|station| station.untrusted > 100), "{merge:?}");
    assert!(packets(&clean) == packets(&out));
}

fn archived(scratch: &Path, mission: &Path, recording: &Path, append: bool) -> PathBuf {
    let out = scratch.join("frames.archive");
    let options = ArchiveOptions {
        inputs: vec![Input::File(recording.to_owned())],
        mission: mission.to_owned(),
        out: out.clone(),
        append,
        force: false,
        threads: Some(1),
        quiet: true,
    };
    assert!(archive::run(&options).unwrap().ledger.closed);
    out
}

#[test]
fn what_is_replayed_is_what_was_processed_octet_for_octet() {
    for frames in [TM, AOS, USLP] {
        let scratch = TempDir::new().unwrap();
        let text = mission_text(frames);
        let mission_file = write(scratch.path(), "m.toml", text.as_bytes());
        let impairments =
            Impairments { bit_error_rate: 1e-4, inverted: true, lead_bits: 333, ..Impairments::default() }
                .with(When::Random(0.05), Fault::SymbolErrors { per_codeword: 17 })
                .with(When::Random(0.02), Fault::Drop)
                .with(When::Random(0.02), Fault::Repeat);
        let spec = link_spec(&mission(frames)).unwrap();
        let pass = Pass::simulate(&spec, &impairments, 3, 1500).unwrap();
        let recording = write(scratch.path(), "pass.bin", &pass.octets);
        let (direct, again) = (scratch.path().join("direct"), scratch.path().join("again"));
        let report = processed(&mission(frames), &recording, &direct);
        let archive = archived(scratch.path(), &mission_file, &recording, false);
        let options = replay::ReplayOptions {
            archive,
            mission: None,
            outputs: everything(&again),
            selection: Selection::default(),
        };
        let replayed = replay::run(&options).unwrap();
        let (mut ours, mut theirs) = (files(&again), files(&direct));
        for files in [&mut ours, &mut theirs] {
            files.remove(Path::new("report.json")).unwrap();
        }
        assert!(theirs.len() > 4 && ours == theirs);
        let from_frames_up = |report: &Report| {
            (
                report.frames,
                report.channels.clone(),
                report.undeclared.clone(),
                report.apids.clone(),
                report.encapsulation.clone(),
            )
        };
        assert_eq!(from_frames_up(&replayed.report), from_frames_up(&report));
        assert!(replayed.report.ledger.closed && replayed.damaged == 0);
    }
}

#[test]
fn frames_are_found_by_channel_and_count_without_reading_everything() {
    let scratch = TempDir::new().unwrap();
    let mission_file = write(scratch.path(), "m.toml", mission_text(AOS).as_bytes());
    let recording = write(scratch.path(), "pass.bin", &clean_pass(&mission(AOS), 4000));
    let path = archived(scratch.path(), &mission_file, &recording, false);
    let selection = Selection { channel: Some((1, 999, 7)), counts: Some(100..=105), received: None };
    let mut reader = ArchiveReader::open(&path).unwrap();
    let (mut block, mut counts) = (Block::default(), Vec::new());
    while reader.next_block(&selection, &mut block).unwrap() {
        counts.extend(
            block
                .frames()
                .filter(|(record, _)| selection.wants(record))
                .map(|(record, _)| record.frame_count()),
        );
    }
    assert_eq!(counts, (100..=105).collect::<Vec<_>>());
    assert!(reader.skipped_blocks() > 5, "{}", reader.skipped_blocks());
}

#[test]
fn the_commands_archive_append_replay_and_merge() {
    let scratch = TempDir::new().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    let fep = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_fep")).args(arguments).output().unwrap();
    write(scratch.path(), "m.toml", mission_text(TM).as_bytes());
    write(scratch.path(), "pass.bin", &clean_pass(&mission(TM), 80));
    let (m, pass, file) = (path("m.toml"), path("pass.bin"), path("a.frames"));
    let arguments = ["archive", &pass, "--mission", &m, "--out", &file];
    let output = fep(&arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert_eq!(fep(&arguments).status.code(), Some(1));
    let once = fs::metadata(&file).unwrap().len();
    assert!(fep(&["archive", &pass, "--mission", &m, "--out", &file, "--append"]).status.success());
    assert!(fs::metadata(&file).unwrap().len() > once + 80 * 1115);
    let output = fep(&["replay", &file, "--out", &path("again"), "--all-frames", "--packets"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::metadata(path("again/frames.bin")).unwrap().len(), 160 * 1115);
    assert!(fep(&["replay", &file, "--channel", "0-5-1", "--counts", "3-9"]).status.success());
    assert_eq!(fep(&["replay", &file, "--channel", "5"]).status.code(), Some(1));
    assert_eq!(fep(&["replay", &pass]).status.code(), Some(1));
    let output = fep(&["merge", &pass, &pass, "--mission", &m, "--out", &path("merged"), "--packets"]);
    assert!(output.status.success(), "{output:?}");
    assert!(Path::new(&path("merged/merge.json")).exists());
    assert_eq!(fep(&["merge", &pass, "--mission", &m, "--out", &path("one")]).status.code(), Some(1));
}

/// Holds every packet against the truth about its spacecraft.
struct Comparison<'t> {
    gvcids: Vec<Gvcid>,
    checks: Vec<(u16, Check<'t>)>,
}

impl Sink for Comparison<'_> {
    fn packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        let gvcid = self.gvcids[channel];
        let check = self.checks.iter_mut().find(|(scid, _)| *scid == gvcid.scid.get());
        check.unwrap().1.packet(gvcid, packet.bytes);
        Ok(())
    }
}

/// Three spacecraft share a carrier, as relays and constellations have it: CADU by CADU, in no order.
#[test]
fn several_spacecraft_in_one_stream_are_told_apart() {
    let passes: Vec<(u16, Pass)> = [5u16, 77, 1023]
        .into_iter()
        .map(|scid| {
            let spec = LinkSpec { scid, ..LinkSpec::tm_default() };
            (scid, Pass::simulate(&spec, &Impairments::default(), scid.into(), 200).unwrap())
        })
        .collect();
    let cadu_len = LinkSpec::tm_default().cadu_bits() / 8;
    let mut rests: Vec<&[u8]> = passes.iter().map(|(_, pass)| pass.octets.as_slice()).collect();
    let (mut rng, mut stream) = (Rng::new(6), Vec::new());
    while rests.iter().any(|rest| !rest.is_empty()) {
        let next = rng.below(3) as usize;
        if let Some((cadu, rest)) = rests[next].split_at_checked(cadu_len) {
            stream.extend_from_slice(cadu);
            rests[next] = rest;
        }
    }
    let octets: Arc<[u8]> = Arc::from(stream);
    let channels = "[[channel]]\nscid = SCID\nvcid = [0, 1]\n[[channel]]\nvcid = 7\ncontent = \"idle\"\n";
    let frames = "[frame]\nprotocol = \"tm\"\nlength = 1115\nocf = \"flagged\"\nfecf = \"crc16\"\n";
    let declared: String =
        passes.iter().map(|(scid, _)| channels.replace("SCID", &scid.to_string())).collect();
    let by_hand = mission(&format!("{frames}{declared}"));
    let found = examples::fep::discover::run(&Input::Octets(Arc::clone(&octets)), "three").unwrap();
    let found = Mission::parse(&found.mission, Path::new("found.toml")).unwrap();
    for mission in [by_hand, found] {
        let checks = passes.iter().map(|(scid, pass)| (*scid, pass.truth.check(IdlePackets::Ignored)));
        let gvcids =
            mission.frames().unwrap().channels.iter().map(|declared| declared.channel.gvcid).collect();
        let mut comparison = Comparison { gvcids, checks: checks.collect() };
        let source = Source { inputs: vec![Input::Octets(Arc::clone(&octets))], ..Source::default() };
        let report =
            process::decode(&mission, &source, Some(2), &mut comparison, &mut Progress::silent()).unwrap();
        assert!(report.ledger.closed);
        let channels = report.channels.as_deref().unwrap();
        assert_eq!(channels.len(), 9);
        assert!(channels.iter().all(|channel| channel.missing == 0));
        for (scid, check) in comparison.checks {
            let verdict = check.finish();
            assert!(verdict.is_satisfied(), "spacecraft {scid}: {verdict:?}");
        }
    }
}
