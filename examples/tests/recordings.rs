//! Real recordings, decoded in process and held against what independent decoders found in them.
//!
//! `.ci/recordings.py` compares more of each, and more recordings, through the command.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use examples::fep::input::Input;
use examples::fep::mission::Mission;
use examples::fep::output::{OcfFormat, OutputOptions};
use examples::fep::process::{self, ProcessOptions};
use examples::fep::report::{ChannelReport, Report};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The report on one recording, the folder with its outputs, and what is expected; `None` when there are no recordings here.
struct Decoded {
    report: Report,
    out: TempDir,
    expected: Value,
}

fn decode(folder: &str, file: &str, mission: &str) -> Option<Decoded> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = root.join("../../shared/data");
    if !data.is_dir() {
        eprintln!("skipped: no recordings at {}", data.display());
        return None;
    }
    let mission = Mission::read(&root.join("missions").join(mission)).unwrap();
    let out = TempDir::new().unwrap();
    let outputs = OutputOptions {
        folder: Some(out.path().join("out")),
        all_frames: true,
        frames: true,
        packets: true,
        idle: true,
        ocf: Some(OcfFormat::Csv),
        insert: true,
        ..OutputOptions::default()
    };
    let input = Input::File(data.join(folder).join(file));
    let options = ProcessOptions { inputs: vec![input], outputs, quiet: true, ..ProcessOptions::default() };
    let report = process::run(&mission, &options).unwrap();
    assert!(report.ledger.closed, "{:?}", report.ledger);
    let expected = fs::read_to_string(data.join(folder).join("expected.json")).unwrap();
    Some(Decoded { report, out, expected: serde_json::from_str(&expected).unwrap() })
}

impl Decoded {
    fn path(&self, name: &str) -> PathBuf {
        self.out.path().join("out").join(name)
    }

    /// The digest of an output; one that was not written is empty.
    fn sha256(&self, name: &str) -> String {
        let octets = fs::read(self.path(name)).unwrap_or_default();
        Sha256::digest(&octets).iter().map(|octet| format!("{octet:02x}")).collect()
    }

    fn frames(&self) -> u64 {
        self.report.frames.map_or(0, |frames| frames.total)
    }

    fn channels(&self) -> &[ChannelReport] {
        self.report.channels.as_deref().unwrap_or_default()
    }

    /// How many frames carried each report in their operational control field, and that every change is a line of its own.
    #[track_caller]
    fn assert_reports(&self) {
        let theirs = self.expected["ocf_values"].as_array().unwrap();
        let mut ours = BTreeMap::<&str, u64>::new();
        for ocf in &self.report.ocf {
            *ours.entry(&ocf.word).or_default() += ocf.frames;
        }
        // The expectation lists the eight most frequent ones.
        assert_eq!(ours.len().min(8), theirs.len(), "{ours:?}");
        let text = fs::read_to_string(self.path("ocf.csv")).unwrap();
        for value in theirs {
            let word = value["raw"].as_str().unwrap();
            assert_eq!(ours.get(word).copied(), value["count"].as_u64(), "{word}");
            let number = |field: &str| value[field].as_u64().unwrap();
            let fields =
                ["version", "status", "cop", "vcid", "no_rf", "no_bitlock", "lockout", "wait", "retransmit"];
            let fields: Vec<String> =
                fields.into_iter().chain(["farmb", "report"]).map(|f| number(f).to_string()).collect();
            let line = format!(",{word},{}", fields.join(","));
            assert!(text.lines().any(|found| found.ends_with(&line)), "{line}");
        }
        // Within each channel, the word of a telecommand channel is never said twice in a row.
        let mut latest = BTreeMap::new();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let key = (fields[4].to_owned(), fields[5].to_owned(), fields[10].to_owned());
            let word = fields[6].to_owned();
            assert_ne!(latest.insert(key, word.clone()), Some(word), "{line}");
        }
    }

    /// Frames, packets and octets of every channel that `expected` lists.
    #[track_caller]
    fn assert_channels(&self, expected: &Value) {
        let expected = expected["vc"].as_object().unwrap();
        assert_eq!(self.channels().len(), expected.len());
        for channel in self.channels() {
            let theirs = &expected[&channel.vcid.to_string()];
            let name = format!("VC{}", channel.vcid);
            // ESCAPADE: the expectation was made after frames sent twice had been removed.
            let frames = [channel.frames, channel.frames - channel.repeats];
            assert!(frames.contains(&theirs["frames"].as_u64().unwrap()), "{name}: {frames:?}");
            if let Some(packets) = theirs["packets"].as_u64() {
                assert_eq!(channel.packets + channel.idle_packets, packets, "{name}");
                let file = format!("packets/{}-{}-{}.bin", channel.tfvn, channel.scid, channel.vcid);
                assert_eq!(theirs["packets_sha256"], self.sha256(&file), "{name}");
                assert_eq!(
                    channel.octets.pending,
                    theirs["unfinished_tail_bytes"].as_u64().unwrap(),
                    "{name}"
                );
                let cut = theirs["partial_packets_dropped_at_gaps"].as_u64().unwrap();
                assert_eq!(channel.truncated_packets, cut, "{name}");
            }
        }
    }
}

/// A stream of bits of which every CADU is clean.
#[track_caller]
fn assert_cadus(folder: &str, file: &str, mission: &str) {
    let Some(decoded) = decode(folder, file, mission) else { return };
    let expected = &decoded.expected;
    assert_eq!(expected["full_cadus"], decoded.frames());
    assert_eq!(expected["frames_sha256_concatenated"], decoded.sha256("frames.bin"));
    let coding = decoded.report.coding.as_ref().unwrap();
    assert_eq!((coding.clean, coding.uncorrectable, coding.codeword_errors.len()), (decoded.frames(), 0, 17));
    assert_eq!(coding.codeword_errors[0], 4 * decoded.frames());
    let lock = decoded.report.sync.as_ref().unwrap().locks[0];
    assert_eq!(expected["first_asm_bit_offset"], lock.first_bit);
    let behind = decoded.report.input.bits - 1 - lock.last_bit;
    assert_eq!(expected["tail_bits_after_last_full_cadu"], behind);
    decoded.assert_channels(expected);
}

/// A file of frames.
#[track_caller]
fn assert_frames(folder: &str, file: &str, mission: &str) {
    let Some(decoded) = decode(folder, file, mission) else { return };
    assert_eq!(decoded.expected["frames"], decoded.frames());
    assert_eq!(decoded.expected["files"][file]["sha256"], decoded.sha256("frames.bin"));
    assert_eq!(fs::metadata(decoded.path("frames.meta")).unwrap().len(), 64 * decoded.frames());
    decoded.assert_channels(&decoded.expected);
}

#[test]
fn suomi_npp() {
    assert_cadus("cadu_npp", "npp.20241206T173815.dat", "npp-hrd.toml");
}

#[test]
fn aqua() {
    assert_cadus("cadu_aqua", "aqua.20241206T175646.dat", "aqua-db.toml");
}

#[test]
fn noaa_20() {
    assert_cadus("cadu_noaa20", "noaa20.20241206T162710.dat", "noaa20-hrd.toml");
}

#[test]
fn suomi_npp_with_a_frame_missing() {
    for (file, key) in [
        ("snpp_synchronized_cadus.dat", "snpp_synchronized_cadus"),
        ("snpp_7cadus_2vcids.dat", "snpp_7cadus_2vcids"),
    ] {
        let Some(decoded) = decode("cadu_snpp_aligned", file, "npp-hrd.toml") else { return };
        let expected = &decoded.expected[key];
        assert_eq!(expected["cadus"], decoded.frames());
        assert_eq!(expected["frames_sha256"], decoded.sha256("frames.bin"));
        decoded.assert_channels(expected);
    }
}

#[test]
fn noise_holds_no_frame() {
    let Some(decoded) = decode("cadu_noise_gcomw1", "gcomw1_first256KiB.dat", "gcom-w1.toml") else { return };
    assert_eq!(decoded.frames(), 0);
    let bits = decoded.report.ledger.bits.unwrap();
    assert_eq!((bits.frames, bits.markers, bits.discarded + bits.pending), (0, 0, 2_097_152));
}

#[test]
fn euclid() {
    assert_frames("frm_euclid", "euclid_lowrate_frames.u8", "euclid.toml");
}

#[test]
fn hera() {
    assert_frames("frm_hera_low", "hera_low_rate_frames_2024_10_07_16_25_23.u8", "hera-low-rate.toml");
}

/// The check that others found valid on every packet with a secondary header, and the services that they name.
#[test]
fn euclid_speaks_pus_a_with_a_valid_check_on_every_packet() {
    let Some(decoded) = decode("frm_euclid", "euclid_lowrate_frames.u8", "euclid.toml") else { return };
    let services = &decoded.report.services;
    let [vc0, vc4] = services.as_slice() else { panic!("{services:?}") };
    let pec = vc0.pec.unwrap();
    assert_eq!((pec.valid, pec.invalid, pec.unchecked), (1946, 0, 12));
    assert_eq!(vc0.pus_unread.unwrap().without_header, 12);
    let mut messages: Vec<_> = vc0.pus.iter().map(|message| (message.service, message.subservice)).collect();
    messages.sort_unstable();
    messages.dedup();
    assert_eq!(messages, [(1, 1), (1, 7), (3, 25), (5, 1)]);
    assert_eq!(vc0.pus.iter().map(|message| message.packets).sum::<u64>(), 1946);
    // Packets without secondary header: nothing to check, nothing to read.
    assert_eq!((vc4.pec.unwrap().valid, vc4.pus.len()), (0, 0));
}

#[test]
fn hera_speaks_pus_c_with_a_valid_check_on_every_packet() {
    let file = "hera_low_rate_frames_2024_10_07_16_25_23.u8";
    let Some(decoded) = decode("frm_hera_low", file, "hera-low-rate.toml") else { return };
    let services = &decoded.report.services[0];
    let pec = services.pec.unwrap();
    assert_eq!((pec.valid, pec.invalid, pec.unchecked), (2246, 0, 56));
    let unread = services.pus_unread.unwrap();
    assert_eq!((unread.without_header, unread.version, unread.malformed, unread.damaged), (56, 0, 0, 0));
    let reports: u64 =
        services.pus.iter().filter(|message| message.service == 3).map(|message| message.packets).sum();
    assert!(reports > 2000, "{:?}", services.pus);
}

#[test]
fn the_reports_of_euclid_and_hera_are_those_that_others_read() {
    let hera = "hera_low_rate_frames_2024_10_07_16_25_23.u8";
    for (folder, file, mission) in [
        ("frm_euclid", "euclid_lowrate_frames.u8", "euclid.toml"),
        ("frm_hera_low", hera, "hera-low-rate.toml"),
    ] {
        let Some(decoded) = decode(folder, file, mission) else { return };
        decoded.assert_reports();
    }
}

/// The time of Chang'e 5 is in the insert zone of every frame.
#[test]
fn the_insert_zones_of_change_5_are_a_stream_of_their_own() {
    let Some(decoded) = decode("frm_ce5", "ce5_frames.u8", "change5.toml") else { return };
    let zones = decoded.report.insert_zone.unwrap();
    // All but the frame that is none.
    assert_eq!((zones.zones, zones.octets), (decoded.frames() - 1, 8 * (decoded.frames() - 1)));
    let (frames, stream) =
        (fs::read(decoded.path("frames.bin")).unwrap(), fs::read(decoded.path("insert_zone.bin")).unwrap());
    let expected = frames.chunks(220).filter(|frame| frame[0] >> 6 == 1).map(|frame| &frame[6..14]);
    assert!(stream.chunks(8).eq(expected));
}

#[test]
fn escapade_with_its_odd_secondary_header_and_frames_sent_twice() {
    assert_frames("frm_escapade_gold", "escapade_gold_frames_2025_11_14_16_49.u8", "escapade-gold.toml");
}

#[test]
fn mars_2020_with_frames_that_fail_the_fecf() {
    let (folder, file) = ("frm_mars2020", "mars2020_frames.u8");
    assert_frames(folder, file, "mars2020-cruise.toml");
    if let Some(decoded) = decode(folder, file, "mars2020-cruise.toml") {
        assert_eq!(decoded.report.frames.map(|frames| frames.fecf_failed), Some(4));
    }
}

#[test]
fn lucy() {
    assert_frames("frm_lucy", "lucy_frames_eb3frn_20211016_185442.u8", "lucy.toml");
}

#[test]
fn change_5_with_a_false_decode() {
    assert_frames("frm_ce5", "ce5_frames.u8", "change5.toml");
    if let Some(decoded) = decode("frm_ce5", "ce5_frames.u8", "change5.toml") {
        assert_eq!(decoded.report.frames.map(|frames| frames.malformed_by_reason.version), Some(1));
    }
}
