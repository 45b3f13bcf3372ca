//! `fep simulate` follows the mission file: what it sends is what comes out, units that are no packets, protected frames and several
//! codings too.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use bench::sim::packets::PacketKind;
use bench::sim::{Check, Fate, Fault, IdlePackets, Impairments, Pass, Place, When};
use ccsds_core::id::Gvcid;
use ccsds_core::packet::Packet;
use ccsds_core::quality::PacketQuality;
use examples::fep::failure::Failure;
use examples::fep::input::{Input, Source};
use examples::fep::mission::Mission;
use examples::fep::process::{self, ServiceUnit, Sink};
use examples::fep::progress::Progress;
use examples::fep::report::Report;
use examples::fep::simulate::{TruthReport, link_spec};
use tempfile::TempDir;

const RS: &str = "[coding]\nrandomizer = \"ccsds-255\"\nscheme = \"reed-solomon\"\ninterleave = 1\n";
const UNCODED: &str = "[coding]\nrandomizer = \"ccsds-131071\"\nscheme = \"none\"\n";
const TM: &str = "[frame]\nprotocol = \"tm\"\nlength = 223\nocf = \"flagged\"\nfecf = \"crc16\"\n";
const AOS: &str = "[frame]\nprotocol = \"aos\"\nlength = 223\ninsert_zone = 3\nfecf = \"crc16\"\n";
const USLP: &str = "[frame]\nprotocol = \"uslp\"\nlength = 223\nocf = \"flagged\"\nfecf = \"crc32\"\n";

fn text(coding: &str, frame: &str, channels: &[(&str, &str)]) -> String {
    let mut text = format!("[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n{coding}{frame}");
    for (vcid, content) in channels {
        text.push_str(&format!(
            "[[channel]]\nscid = 77\nvcid = {vcid}\ncontent = \"{content}\"\nmax_packet = 3000\n"
        ));
    }
    text.replace("content = \"idle\"\nmax_packet = 3000\n", "content = \"idle\"\n")
}

/// Every packet and every unit held against the truth.
struct Taken<'t> {
    gvcids: Vec<Gvcid>,
    check: Check<'t>,
    units: u64,
}

impl Sink for Taken<'_> {
    fn packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        self.check.packet(self.gvcids[channel], packet.bytes);
        Ok(())
    }

    fn sdu(&mut self, channel: usize, unit: &ServiceUnit<'_>) -> Result<(), Failure> {
        if !unit.meta.quality.contains(PacketQuality::TRUNCATED) {
            self.units += 1;
            self.check.unit(self.gvcids[channel], unit.octets);
        }
        Ok(())
    }
}

/// Simulate and decode; the truth is satisfied and every account closes.
#[track_caller]
fn assert_truth(mission: &Mission, impairments: &Impairments, frames: usize) -> (Report, Pass) {
    let pass = Pass::simulate(&link_spec(mission).unwrap(), impairments, 7, frames).unwrap();
    let gvcids = mission.frames().unwrap().channels.iter().map(|declared| declared.channel.gvcid).collect();
    let mut taken = Taken { gvcids, check: pass.truth.check(IdlePackets::Ignored), units: 0 };
    let source = Source { inputs: vec![Input::Octets(Arc::from(&pass.octets[..]))], ..Source::default() };
    let report = process::decode(mission, &source, Some(2), &mut taken, &mut Progress::silent()).unwrap();
    assert!(report.ledger.closed, "{:?}", report.ledger);
    let verdict = taken.check.finish();
    assert!(verdict.is_satisfied(), "{verdict:?}\n{}", report.to_text());
    (report, pass)
}

fn noisy() -> Impairments {
    Impairments { bit_error_rate: 2e-5, lead_bits: 1003, inverted: true, ..Impairments::default() }
        .with(When::Random(0.02), Fault::Drop)
        .with(When::Random(0.02), Fault::Repeat)
        .with(When::Random(0.02), Fault::SymbolErrors { per_codeword: 20 })
        .with(When::Random(0.01), Fault::MarkerErrors { bits: 9 })
        .with(When::Random(0.01), Fault::Burst { at: Place::Anywhere, bits: 3000 })
        .with(When::Random(0.01), Fault::Delete { at: Place::Block, bits: 1 })
}

const ALL_CHANNELS: [(&str, &[(&str, &str)]); 3] = [
    (TM, &[("0", "packets"), ("1", "vca"), ("7", "idle")]),
    (AOS, &[("0", "packets"), ("1", "vca"), ("2", "bitstream"), ("63", "idle")]),
    (USLP, &[("0", "packets"), ("1", "vca"), ("2", "sdu"), ("63", "idle")]),
];

fn parse(text: &str) -> Mission {
    Mission::parse(text, Path::new("simulate.toml")).unwrap()
}

#[test]
fn units_that_are_no_packets_come_out_as_they_were_sent() {
    for coding in [RS, UNCODED] {
        for (frame, channels) in ALL_CHANNELS {
            let mission = parse(&text(coding, frame, channels));
            let (report, pass) = assert_truth(&mission, &Impairments::default(), 600);
            for truth in &pass.truth.channels {
                let found = report.channels.as_ref().unwrap();
                let found = found.iter().find(|channel| channel.vcid == truth.gvcid.vcid.get()).unwrap();
                let Some(sdus) = found.sdus else { continue };
                let sent = truth.packets.iter().filter(|unit| unit.fate == Fate::Must);
                let bits: usize = sent
                    .map(|unit| match unit.sent.kind {
                        PacketKind::Bitstream { bits } => bits,
                        _ => 8 * unit.sent.len,
                    })
                    .sum();
                assert!(truth.packet_fates.must > 15);
                assert_eq!((sdus.units, sdus.bits), (truth.packet_fates.must, bits as u64));
            }
            assert_eq!(
                report.channels.unwrap().iter().filter(|c| c.sdus.is_some()).count(),
                channels.len() - 2
            );
            assert_truth(&mission, &noisy(), 1500);
        }
    }
}

#[test]
fn protected_frames_are_opened_and_those_sent_again_are_refused() {
    let scratch = TempDir::new().unwrap();
    let key: String = (0..32).map(|octet| format!("{octet:02x}")).collect();
    fs::write(scratch.path().join("long.key"), &key).unwrap();
    fs::write(scratch.path().join("short.key"), &key[..32]).unwrap();
    let kinds = [
        "service = \"authenticated-encryption\"\nalgorithm = \"aes-gcm\"\niv = 12\nkey_file = \"long.key\"\nwindow = 30\n",
        "service = \"authenticated-encryption\"\nalgorithm = \"aes-gcm\"\niv = 12\nsequence_number = 2\nmac = 12\n\
         key_file = \"short.key\"\nwindow = 30\nmask = \"ffff00ff\"\n",
        "service = \"authentication\"\nalgorithm = \"aes-gcm\"\niv = 12\nkey_file = \"long.key\"\n",
        "service = \"authentication\"\nalgorithm = \"aes-cmac\"\nsequence_number = 4\nkey_file = \"long.key\"\nwindow = 5\n",
        "service = \"authentication\"\nalgorithm = \"aes-cmac\"\nmac = 8\nkey_file = \"short.key\"\n",
        "service = \"authentication\"\nalgorithm = \"hmac-sha256\"\nsequence_number = 1\nmac = 32\npad_length = 1\n\
         key_file = \"long.key\"\nwindow = 30\n",
        "service = \"authentication\"\nalgorithm = \"hmac-sha512\"\nsequence_number = 8\nmac = 64\nkey_file = \"long.key\"\n",
        "service = \"clear\"\nsequence_number = 4\n",
    ];
    for (frame, channels) in ALL_CHANNELS {
        for kind in kinds {
            let text = format!(
                "{}[[security]]\nspi = 9\nscid = 77\nvcid = [0, 1]\n{kind}",
                text(RS, frame, channels)
            );
            let path = scratch.path().join("protected.toml");
            fs::write(&path, text).unwrap();
            let mission = Mission::read(&path).unwrap();
            let (report, pass) = assert_truth(&mission, &Impairments::default(), 200);
            let security = report.security.iter().map(|s| s.opened + s.authenticated + s.clear).sum::<u64>();
            let sent = pass.truth.channels[..2].iter().map(|channel| channel.frames.sent).sum::<u64>();
            assert_eq!(security, sent, "{kind}");
            let (report, pass) = assert_truth(&mission, &noisy(), 700);
            let replayed = report.security.iter().map(|security| security.replayed).sum::<u64>();
            let refused = pass.truth.channels.iter().map(|channel| channel.frames.refused).sum::<u64>();
            assert!(replayed >= refused, "{replayed} of {refused}");
            assert_eq!(refused > 0, kind.contains("window"), "{kind}");
        }
    }
    // A fade longer than the window costs everything behind it.
    let text = format!(
        "{}[[security]]\nspi = 9\nscid = 77\nvcid = 0\n{}",
        text(RS, TM, ALL_CHANNELS[0].1),
        kinds[0]
    );
    fs::write(scratch.path().join("fade.toml"), text).unwrap();
    let mission = Mission::read(&scratch.path().join("fade.toml")).unwrap();
    let fade = Impairments::default().with(When::at(200..320), Fault::Drop);
    let (report, pass) = assert_truth(&mission, &fade, 500);
    let refused = pass.truth.channels[0].frames.refused;
    assert!(refused > 50);
    assert_eq!(report.frames.unwrap().refused, refused);
}

/// The first number is a managed parameter: a receiver that begins later than the window reaches hears nothing.
#[test]
fn numbers_begin_where_management_says() {
    let scratch = TempDir::new().unwrap();
    fs::write(scratch.path().join("key.hex"), "00112233445566778899aabbccddeeff").unwrap();
    let text = format!(
        "{}[[security]]\nspi = 9\nscid = 77\nvcid = 0\nservice = \"authentication\"\nalgorithm = \"aes-cmac\"\n\
         sequence_number = 4\nwindow = 30\nfirst_number = 70000\nkey_file = \"key.hex\"\n",
        text(RS, TM, ALL_CHANNELS[0].1)
    );
    let path = scratch.path().join("first.toml");
    fs::write(&path, &text).unwrap();
    let mission = Mission::read(&path).unwrap();
    assert!(mission.to_string().contains("window 30, numbers from 70000 on"), "{mission}");
    for (lost, heard) in [(0, true), (20, true), (120, false)] {
        let late = Impairments::default().with(When::at(0..lost), Fault::Drop);
        let (report, pass) = assert_truth(&mission, &late, 300);
        let [security] = report.security[..] else { panic!("{:?}", report.security) };
        assert_eq!((security.authenticated > 0, security.replayed > 0), (heard, !heard));
        assert_eq!(pass.truth.channels[0].frames.refused, security.replayed);
    }
    // A receiver that expects another number refuses them all.
    fs::write(&path, text.replace("70000", "70100")).unwrap();
    let pass = Pass::simulate(&link_spec(&mission).unwrap(), &Impairments::default(), 7, 100).unwrap();
    let source = Source { inputs: vec![Input::Octets(Arc::from(&pass.octets[..]))], ..Source::default() };
    let mission = Mission::read(&path).unwrap();
    let report = process::decode(&mission, &source, Some(1), &mut (), &mut Progress::silent()).unwrap();
    assert!(report.security[0].authenticated == 0 && report.security[0].replayed > 20);
    let error = Mission::parse(&text.replace("window = 30\n", ""), &path).unwrap_err();
    assert_eq!(error.key(), "security.first_number");
}

const ALSO: &str = "[[coding.also]]\nmarker = \"034776C7272895B0\"\nlength = 150\nrandomizer = \"ccsds-131071\"\nscheme = \"none\"\n\
    [[coding.also]]\nmarker = \"352EF853\"\nlength = 478\nrandomizer = \"ccsds-255\"\nscheme = \"reed-solomon\"\ne = 8\ninterleave = 2\n";

#[test]
fn several_codings_take_turns() {
    for (frame, channels) in ALL_CHANNELS {
        let mission = parse(&text(&format!("{RS}{ALSO}"), frame, channels));
        let (report, pass) = assert_truth(&mission, &Impairments::default(), 306);
        let sync = report.sync.as_ref().unwrap();
        let found: Vec<u64> = sync.markers.iter().map(|marker| marker.cadus).collect();
        assert_eq!(found, pass.truth.cadus_sent);
        assert_eq!((sync.cadus, sync.locks_total, found), (306, 1, vec![102; 3]));
        assert_eq!(report.frames.unwrap().total, 306);
        assert_truth(&mission, &noisy(), 1500);
    }
}

#[test]
fn the_command_sends_and_takes_apart_any_of_these() {
    let scratch = TempDir::new().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    let fep = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_fep")).args(arguments).output().unwrap();
    fs::write(path("key.hex"), "00112233445566778899aabbccddeeff").unwrap();
    let security = "[[security]]\nspi = 9\nscid = 77\nvcid = [0, 1]\nservice = \"authenticated-encryption\"\nalgorithm = \"aes-gcm\"\n\
                    iv = 12\nkey_file = \"key.hex\"\nwindow = 30\n";
    let slices = UNCODED.replace("scheme = \"none\"\n", "scheme = \"none\"\nslice = 100\n");
    let missions = [
        format!("{}{security}", text(&format!("{RS}{ALSO}"), AOS, ALL_CHANNELS[1].1)),
        text(&slices, TM, ALL_CHANNELS[0].1),
        format!("{}{security}", text(&slices, USLP, ALL_CHANNELS[2].1)),
    ];
    for (n, mission) in missions.iter().enumerate() {
        fs::write(path("m.toml"), mission).unwrap();
        for (size, len) in [("--frames", 400), ("--size", 700_001)] {
            let (recording, out) = (path(&format!("{n}{size}")), path(&format!("out{n}{size}")));
            let len = len.to_string();
            let output = fep(&["simulate", "--mission", &path("m.toml"), "--out", &recording, size, &len]);
            assert!(output.status.success(), "{output:?}");
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(said.contains("units that are no packets"), "{said}");
            let output = fep(&[
                "process",
                &recording,
                "--mission",
                &path("m.toml"),
                "--out",
                &out,
                "--packets",
                "--sdus",
            ]);
            assert!(output.status.success(), "{output:?}");
            let read = |path: String| fs::read_to_string(path).unwrap();
            let truth: TruthReport = serde_json::from_str(&read(format!("{recording}.truth.json"))).unwrap();
            let report: Report = serde_json::from_str(&read(format!("{out}/report.json"))).unwrap();
            for sent in &truth.channels {
                let found = report.channels.as_ref().unwrap();
                let found = found.iter().find(|channel| channel.vcid == sent.vcid).unwrap();
                let units = found.sdus.map_or(0, |sdus| sdus.units);
                assert_eq!(
                    (found.packets, units),
                    (sent.packets.must, sent.units.must),
                    "{n} {size} {sent:?}"
                );
                assert_eq!((found.missing, sent.packets.may, sent.units.may), (0, 0, 0));
                assert!(sent.content == "idle" || sent.packets.must + sent.units.must > 5);
            }
            assert_eq!(truth.codings.len(), if n == 0 { 3 } else { 1 });
        }
        // With damage nothing comes out that must not.
        let recording = path(&format!("{n}.damaged"));
        let arguments = [
            "simulate",
            "--mission",
            &path("m.toml"),
            "--out",
            &recording,
            "--size",
            "900000",
            "--burst",
            "60:9000",
        ];
        assert!(fep(&arguments).status.success());
        let output =
            fep(&["process", &recording, "--mission", &path("m.toml"), "--out", &path(&format!("out{n}"))]);
        assert!(output.status.success(), "{output:?}");
    }
}
