//! `fep process` on simulated passes whose frames are protected here, by `ring`: what comes out is what comes out of the same pass
//! without protection.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bench::sim::rng::Rng;
use bench::sim::{ChannelSpec, FrameSpec, IdleSpec, Impairments, Lengths, LinkSpec, Pass, Protocol, Source};
use ccsds_core::fecf::{Fecf, crc16, crc32};
use ccsds_core::frame::FrameFormat;
use ccsds_core::id::{Gvcid, MapId};
use ccsds_core::quality::FrameMeta;
use ccsds_core::sdls::{DataPlace, Decryptor, Opened, SecurityOutcome};
use examples::fep::archive::{self, ArchiveOptions, replay};
use examples::fep::input::{Input, Source as Recording};
use examples::fep::merge::{self, MergeOptions};
use examples::fep::mission::Mission;
use examples::fep::output::OutputOptions;
use examples::fep::process::{self, ProcessOptions};
use examples::fep::progress::Progress;
use examples::fep::report::Report;
use frame_sync::randomizer::Randomizer;
use ring::{aead, hmac};
use tempfile::TempDir;

const KEY: [u8; 32] = *b"0123456789abcdef0123456789ABCDEF";
const KEY_HEX: &str = "30313233343536373839616263646566 30313233343536373839414243444546\n";
const SPI: u16 = 258;
const FRAMES: usize = 400;

/// How the frames of channel 0 are protected.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Gcm,
    Hmac,
    Clear,
}

impl Kind {
    /// The `[[security]]` table without its key.
    fn table(self, scid: u16) -> String {
        let what = match self {
            Self::Gcm => {
                "service = \"authenticated-encryption\"\nalgorithm = \"aes-gcm\"\niv = 12\nwindow = 100"
            }
            Self::Hmac => {
                "service = \"authentication\"\nalgorithm = \"hmac-sha256\"\nsequence_number = 4\nmac = 32\nwindow = 100\n\
                 mask = \"fff0\""
            }
            Self::Clear => "service = \"clear\"\nsequence_number = 2\npad_length = 1",
        };
        format!("[[security]]\nspi = {SPI}\nscid = {scid}\nvcid = 0\n{what}\n")
    }

    const fn overhead(self) -> usize {
        match self {
            Self::Gcm => 2 + 12 + 16,
            Self::Hmac => 2 + 4 + 32,
            // Three octets of fill.
            Self::Clear => 2 + 2 + 1 + 3,
        }
    }

    /// What stands between secondary header or insert zone, and trailer; `before` is everything ahead of it.
    fn protect(self, before: &[u8], data: &[u8], number: u64) -> Vec<u8> {
        let mut field = SPI.to_be_bytes().to_vec();
        match self {
            Self::Gcm => {
                let mut iv = [0xC5; 12];
                iv[4..].copy_from_slice(&number.to_be_bytes());
                field.extend(iv);
                let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, &KEY).unwrap());
                let covered = aead::Aad::from([before, &field].concat());
                let mut data = data.to_vec();
                let nonce = aead::Nonce::assume_unique_for_key(iv);
                let tag = key.seal_in_place_separate_tag(nonce, covered, &mut data).unwrap();
                field.extend(data);
                field.extend(tag.as_ref());
            }
            Self::Hmac => {
                field.extend((number as u32).to_be_bytes());
                field.extend(data);
                let mut covered = [before, &field].concat();
                covered[1] &= 0xF0;
                let code = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &KEY), &covered);
                field.extend(code.as_ref());
            }
            Self::Clear => {
                field.extend((number as u16).to_be_bytes());
                field.push(3);
                field.extend(data);
                field.extend([0xEE; 3]);
            }
        }
        field
    }
}

/// A link, its pass without protection and with it, and the mission files for both.
struct Link {
    spec: LinkSpec,
    kind: Kind,
    folder: TempDir,
}

impl Link {
    fn new(protocol: Protocol, kind: Kind) -> Self {
        let tm = protocol == Protocol::Tm;
        let aos = matches!(protocol, Protocol::Aos { .. });
        let fecf = if matches!(protocol, Protocol::Uslp { .. }) { Fecf::Crc32 } else { Fecf::Crc16 };
        let spec = LinkSpec {
            frames: FrameSpec { protocol, len: 180, extra: if tm { 0 } else { 4 }, ocf: !aos, fecf },
            channels: vec![
                ChannelSpec::new(0, 3, vec![Source::space(11, Lengths::Uniform { min: 7, max: 400 }, 1)]),
                ChannelSpec::new(1, 1, vec![Source::space(12, Lengths::Uniform { min: 7, max: 90 }, 1)]),
            ],
            idle: IdleSpec { vcid: if tm { 7 } else { 63 }, weight: 1, first_count: 0 },
            coding: None,
            randomizer: Randomizer::CCSDS_255,
            scid: 42,
            ..LinkSpec::aos_default()
        };
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("key.hex"), KEY_HEX).unwrap();
        Self { spec, kind, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Protected frames are all one length longer; where it varies, only the longest is fixed.
    fn frame_len(&self, protected: bool) -> usize {
        self.spec.frames.len + if protected { self.kind.overhead() } else { 0 }
    }

    fn mission_text(&self, protected: bool, key: &str) -> String {
        let frames = &self.spec.frames;
        let (protocol, ocf) = match frames.protocol {
            Protocol::Aos { .. } => ("aos", "absent"),
            Protocol::Tm => ("tm", "flagged"),
            Protocol::Uslp { .. } => ("uslp", "flagged"),
        };
        let fecf = if frames.fecf == Fecf::Crc32 { "crc32" } else { "crc16" };
        let insert =
            if protocol == "tm" { String::new() } else { format!("insert_zone = {}\n", frames.extra) };
        let idle = self.spec.idle.vcid;
        let mut text = format!(
            "name = \"link\"\n[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n\
             [coding]\nrandomizer = \"ccsds-255\"\nscheme = \"none\"\n\
             [frame]\nprotocol = \"{protocol}\"\nlength = {}\nocf = \"{ocf}\"\nfecf = \"{fecf}\"\n{insert}\
             [[channel]]\nscid = 42\nvcid = [0, 1]\n[[channel]]\nvcid = {idle}\ncontent = \"idle\"\n",
            self.frame_len(protected),
        );
        if protected {
            text.push_str(&self.kind.table(42));
            text.push_str(key);
        }
        text
    }

    fn mission(&self, protected: bool, key: &str) -> Mission {
        let path = self.path(if protected { "protected.toml" } else { "plain.toml" });
        fs::write(&path, self.mission_text(protected, key)).unwrap();
        Mission::read(&path).unwrap()
    }

    /// The frames as they were sent.
    fn frames(&self) -> Vec<Vec<u8>> {
        let pass = Pass::simulate(&self.spec, &Impairments::default(), 5, FRAMES).unwrap();
        let cadus = pass.octets.chunks_exact(4 + self.spec.frames.len);
        cadus
            .map(|cadu| {
                let mut frame = cadu[4..].to_vec();
                Randomizer::CCSDS_255.apply(&mut frame);
                frame
            })
            .collect()
    }

    /// The same frame, protected.
    fn protected(&self, frame: &[u8], number: u64) -> Vec<u8> {
        let format: FrameFormat = self.spec.frames.format().unwrap();
        let parsed = format.parse(frame).unwrap();
        let place = parsed.data_place();
        let (mut before, data, behind) =
            (frame[..place.start].to_vec(), &frame[place.start..place.end], &frame[place.end..]);
        let uslp = matches!(self.spec.frames.protocol, Protocol::Uslp { .. });
        let len = self.frame_len(true) as u16;
        if uslp {
            before[4..6].copy_from_slice(&(len - 1).to_be_bytes());
        }
        let field = self.kind.protect(&before, data, number);
        let trailer_len = self.spec.frames.fecf.len();
        let mut frame = [&before[..], &field, &behind[..behind.len() - trailer_len]].concat();
        match self.spec.frames.fecf {
            Fecf::Crc32 => frame.extend(crc32(&frame).to_be_bytes()),
            _ => frame.extend(crc16(&frame).to_be_bytes()),
        }
        assert_eq!(frame.len(), self.frame_len(true));
        frame
    }

    fn recording(&self, name: &str, frames: impl Iterator<Item = Vec<u8>>) -> PathBuf {
        let mut octets = vec![0x55; 13];
        for mut frame in frames {
            Randomizer::CCSDS_255.apply(&mut frame);
            octets.extend([0x1A, 0xCF, 0xFC, 0x1D]);
            octets.extend(frame);
        }
        let path = self.path(name);
        fs::write(&path, octets).unwrap();
        path
    }

    fn process(&self, mission: &Mission, recording: &Path, out: &str, threads: usize) -> Report {
        let options = ProcessOptions {
            inputs: vec![Input::File(recording.to_owned())],
            outputs: OutputOptions {
                folder: Some(self.path(out)),
                packets: true,
                frames: true,
                ..OutputOptions::default()
            },
            threads: Some(threads),
            quiet: true,
            ..ProcessOptions::default()
        };
        let report = process::run(mission, &options).unwrap();
        assert!(report.ledger.closed, "{}", report.to_text());
        report
    }

    /// The packets of every channel, by the name of their file.
    fn packets(&self, out: &str) -> BTreeMap<String, Vec<u8>> {
        files(&self.path(out)).into_iter().filter(|(name, _)| name.contains("packets")).collect()
    }
}

/// Every file below `folder`, by its path from there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

const PROTOCOLS: [Protocol; 3] = [
    Protocol::Tm,
    Protocol::Aos { cycle: false, header_error_control: false },
    Protocol::Uslp { count_len: 3 },
];

/// Frames of channel 0 alone: what the others carry does not matter here.
fn of_channel_0(link: &Link) -> Vec<Vec<u8>> {
    let format = link.spec.frames.format().unwrap();
    let mut frames = link.frames();
    frames.retain(|frame| format.parse(frame).unwrap().gvcid().vcid.get() == 0);
    assert!(frames.len() > 100);
    frames
}

fn protected(link: &Link, plain: &[Vec<u8>]) -> Vec<Vec<u8>> {
    plain.iter().zip(1000..).map(|(frame, number)| link.protected(frame, number)).collect()
}

const KEY_FILE: &str = "key_file = \"key.hex\"\n";

#[test]
fn packets_of_a_protected_pass_are_those_of_the_pass_without_protection() {
    for protocol in PROTOCOLS {
        for kind in [Kind::Gcm, Kind::Hmac, Kind::Clear] {
            let link = Link::new(protocol, kind);
            let plain = of_channel_0(&link);
            let recording = link.recording("plain.bin", plain.iter().cloned());
            let expected = link.process(&link.mission(false, ""), &recording, "plain", 1);
            assert!(link.packets("plain").values().any(|packets| packets.len() > 10_000));
            let recording = link.recording("protected.bin", protected(&link, &plain).into_iter());
            let key = if kind == Kind::Clear { "" } else { KEY_FILE };
            let mission = link.mission(true, key);
            for threads in [1, 2, 4] {
                let out = format!("out{threads}");
                let report = link.process(&mission, &recording, &out, threads);
                assert_eq!(link.packets(&out), link.packets("plain"), "{protocol:?} {kind:?} {threads}");
                assert_eq!(report.apids, expected.apids);
                let [security] = report.security[..] else { panic!("{:?}", report.security) };
                let frames = plain.len() as u64;
                let counted = (security.opened, security.authenticated, security.clear);
                let of_kind = match kind {
                    Kind::Gcm => (frames, 0, 0),
                    Kind::Hmac => (0, frames, 0),
                    Kind::Clear => (0, 0, frames),
                };
                assert_eq!(counted, of_kind);
                assert_eq!(
                    security.octets.headers + security.octets.trailers,
                    frames * kind.overhead() as u64
                );
                assert_eq!((security.octets.refused, security.octets.sealed), (0, 0));
                assert!(report.to_text().contains("security   "), "{}", report.to_text());
                let accounts = report.ledger.accounts.iter().filter(|a| a.account.starts_with("protected"));
                assert_eq!(accounts.count(), 2);
            }
            assert_eq!(timeless(&link, "out1"), timeless(&link, "out2"));
            assert_eq!(timeless(&link, "out1"), timeless(&link, "out4"));
        }
    }
}

/// All files but the report, whose time differs.
fn timeless(link: &Link, out: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(&link.path(out));
    assert!(files.remove("report.json").is_some());
    files
}

#[test]
fn frames_that_were_forged_or_sent_again_reach_nobody() {
    let link = Link::new(PROTOCOLS[1], Kind::Gcm);
    let plain = of_channel_0(&link);
    let recording = link.recording("plain.bin", plain.iter().cloned());
    link.process(&link.mission(false, ""), &recording, "plain", 1);
    let mut sent = protected(&link, &plain);
    let mut forged = sent[50].clone();
    let last = forged.len() - 2;
    forged[90] ^= 1;
    let check = crc16(&forged[..last]).to_be_bytes();
    forged[last..].copy_from_slice(&check);
    // A right frame of an association that does not exist.
    let mut stranger = sent[60].clone();
    stranger[10] ^= 0x80;
    let check = crc16(&stranger[..last]).to_be_bytes();
    stranger[last..].copy_from_slice(&check);
    let again = sent[3].clone();
    sent.insert(50, forged);
    sent.insert(70, stranger);
    sent.insert(90, again);
    let recording = link.recording("protected.bin", sent.into_iter());
    let mission = link.mission(true, KEY_FILE);
    let report = link.process(&mission, &recording, "out", 2);
    assert_eq!(link.packets("out"), link.packets("plain"));
    let [security] = report.security[..] else { panic!("{:?}", report.security) };
    assert_eq!((security.bad_mac, security.replayed, security.unknown_spi), (1, 1, 1));
    assert_eq!(report.frames.unwrap().refused, 3);
    let [channel] = &report.channels.unwrap()[..] else { panic!("one channel") };
    assert_eq!((channel.gaps, channel.repeats, channel.missing), (0, 0, 0));

    // What is archived is what was received; replayed, it gives the same.
    let archived = link.path("pass.fa");
    archive::run(&ArchiveOptions {
        inputs: vec![Input::File(recording)],
        mission: link.path("protected.toml"),
        out: archived.clone(),
        append: false,
        force: false,
        threads: Some(2),
        quiet: true,
    })
    .unwrap();
    let replayed = replay::run(&replay::ReplayOptions {
        archive: archived,
        // The one in the archive, whose key lies beside it.
        mission: None,
        outputs: OutputOptions {
            folder: Some(link.path("replayed")),
            packets: true,
            ..OutputOptions::default()
        },
        selection: archive::Selection::default(),
    })
    .unwrap();
    assert_eq!(replayed.report.security, vec![security]);
    assert_eq!(link.packets("replayed"), link.packets("plain"));
}

#[test]
fn without_its_key_a_pass_goes_through_untouched_and_the_key_is_nowhere_to_be_seen() {
    let link = Link::new(PROTOCOLS[1], Kind::Gcm);
    let plain = of_channel_0(&link);
    let sent = protected(&link, &plain);
    let recording = link.recording("protected.bin", sent.iter().cloned());
    let report = link.process(&link.mission(true, ""), &recording, "sealed", 2);
    let [security] = report.security[..] else { panic!("{:?}", report.security) };
    let zone = (plain[0].len() - 6 - 4 - 2) as u64;
    assert_eq!((security.no_key, security.octets.sealed), (sent.len() as u64, sent.len() as u64 * zone));
    assert_eq!(report.frames.unwrap().good, sent.len() as u64);
    let [channel] = &report.channels.unwrap()[..] else { panic!("one channel") };
    assert_eq!((channel.frames, channel.packets), (sent.len() as u64, 0));
    // The frames of the channel, octet for octet.
    let frames: Vec<Vec<u8>> = files(&link.path("sealed"))
        .into_iter()
        .filter(|(name, _)| name.contains("frames"))
        .map(|(_, f)| f)
        .collect();
    assert!(frames.contains(&sent.concat()), "{:?}", frames.iter().map(Vec::len).collect::<Vec<_>>());

    // With it: nothing that the command says or writes holds the key.
    link.mission(true, KEY_FILE);
    let mission = link.path("protected.toml");
    let out = link.path("with-key");
    let run = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_fep")).args(arguments).output().unwrap();
    let mission = mission.to_str().unwrap();
    let check = run(&["mission", "check", mission]);
    let process = run(&[
        "process",
        "--mission",
        mission,
        "--packets",
        "--frames",
        "--all-frames",
        "--out",
        out.to_str().unwrap(),
        recording.to_str().unwrap(),
    ]);
    assert!(check.status.success() && process.status.success(), "{check:?} {process:?}");
    let shown = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(
        shown.contains("association 258 of AOS/42/0: authenticated encryption by AES-GCM, key of 256 bits"),
        "{shown}"
    );
    let mut said: Vec<Vec<u8>> = files(&out).into_values().collect();
    said.extend([check.stdout, check.stderr, process.stdout, process.stderr]);
    for said in said {
        let hex = &KEY_HEX.as_bytes()[..16];
        let seen = said.windows(16).any(|octets| octets == &KEY[..16] || octets.eq_ignore_ascii_case(hex));
        assert!(!seen);
    }
}

/// Two stations lose frames of two channels under one association, never the same one; somebody forges frames at one of them, and sends old
/// ones again at the other. Long fades run up the sequence numbers by more than the window.
#[test]
fn a_merge_of_protected_recordings_gives_the_packets_of_the_pass_without_protection() {
    for protocol in PROTOCOLS {
        let link = Link::new(protocol, Kind::Gcm);
        let format = link.spec.frames.format().unwrap();
        let mut plain = link.frames();
        plain.retain(|frame| matches!(format.parse(frame).unwrap().gvcid().vcid.get(), 0 | 1));
        let recording = link.recording("plain.bin", plain.iter().cloned());
        link.process(&link.mission(false, ""), &recording, "plain", 1);
        let sent = protected(&link, &plain);
        let text = link.mission_text(true, KEY_FILE).replace("vcid = 0\n", "vcid = [0, 1]\n");
        fs::write(link.path("protected.toml"), text.replace("window = 100", "window = 20")).unwrap();
        let mission = Mission::read(&link.path("protected.toml")).unwrap();

        let mut rng = Rng::new(12);
        let fate: Vec<u64> = (0..sent.len() as u64)
            .map(|n| match n {
                // Fades.
                100..130 => 0,
                150..175 => 1,
                _ => rng.below(5),
            })
            .collect();
        let heard = |station: u64| -> Vec<Vec<u8>> {
            sent.iter()
                .zip(&fate)
                .filter(|(_, fate)| **fate != station)
                .map(|(frame, _)| frame.clone())
                .collect()
        };
        let (mut first, mut second) = (heard(0), heard(1));
        let mut forged = first[50].clone();
        let trailer = link.spec.frames.fecf.len();
        let end = forged.len() - trailer;
        forged[90] ^= 1;
        let check = match link.spec.frames.fecf {
            Fecf::Crc32 => crc32(&forged[..end]).to_be_bytes().to_vec(),
            _ => crc16(&forged[..end]).to_be_bytes().to_vec(),
        };
        forged[end..].copy_from_slice(&check);
        first.insert(50, forged);
        let again = second[3].clone();
        second.insert(90, again);
        let lost = sent.len() - first.len().max(second.len());
        assert!(lost > 50, "{lost}");
        let inputs = vec![
            link.recording("first.bin", first.into_iter()),
            link.recording("second.bin", second.into_iter()),
        ];
        for window in [100, 4096] {
            let out = format!("merged-{window}");
            let outputs =
                OutputOptions { folder: Some(link.path(&out)), packets: true, ..OutputOptions::default() };
            let options = MergeOptions { inputs: inputs.clone(), outputs, threads: Some(1), window };
            let merge::Merged { report, merge } = merge::run(&mission, &options).unwrap();
            assert!(report.ledger.closed);
            assert_eq!(link.packets(&out), link.packets("plain"), "{protocol:?}");
            let refused: Vec<u64> = merge.stations.iter().map(|station| station.refused).collect();
            assert_eq!((refused, merge.conflicts), (vec![1, 1], 0), "{merge:?}");
            let opened: u64 = report.security.iter().map(|security| security.opened).sum();
            assert_eq!(opened, sent.len() as u64);
        }
    }
}

/// Equipment that opens nothing and counts what it is shown.
struct Elsewhere(Arc<std::sync::Mutex<Vec<u64>>>);

impl Decryptor for Elsewhere {
    fn protects(&self, gvcid: Gvcid, _: Option<MapId>) -> bool {
        gvcid.vcid.get() == 0
    }

    fn open(&mut self, frame: &mut [u8], place: &DataPlace, meta: &FrameMeta) -> Opened {
        self.0.lock().unwrap().push(meta.ordinal);
        // A service of its own: the first octet is taken off, all others are inverted.
        frame[place.start..place.end].iter_mut().for_each(|octet| *octet ^= 0xFF);
        Opened { outcome: SecurityOutcome::Opened, start: place.start + 1, ..Opened::unprotected(place) }
    }
}

#[test]
fn equipment_elsewhere_takes_the_place_of_the_keys() {
    let link = Link::new(PROTOCOLS[1], Kind::Gcm);
    let plain = of_channel_0(&link);
    let recording = link.recording("plain.bin", plain.iter().cloned());
    let expected = link.process(&link.mission(false, ""), &recording, "plain", 1);
    let format = link.spec.frames.format().unwrap();
    let sent = plain.iter().map(|frame| {
        let place = format.parse(frame).unwrap().data_place();
        let inverted: Vec<u8> = frame[place.start..place.end].iter().map(|octet| octet ^ 0xFF).collect();
        let mut sent = [&frame[..place.start], &[0x99], &inverted].concat();
        sent.extend(crc16(&sent).to_be_bytes());
        sent
    });
    let recording = link.recording("inverted.bin", sent);
    let text = link.mission_text(false, "").replace("length = 180", "length = 181");
    let mission = Mission::parse(&text, Path::new("m.toml")).unwrap();
    for threads in [1, 3] {
        let shown = Arc::default();
        let source = Recording { inputs: vec![Input::File(recording.clone())], ..Recording::default() };
        let report = process::decode_through(
            &mission,
            &source,
            Some(threads),
            Some(Box::new(Elsewhere(Arc::clone(&shown)))),
            &mut (),
            &mut Progress::silent(),
        )
        .unwrap();
        assert!(report.ledger.closed);
        assert_eq!(report.apids, expected.apids);
        assert_eq!(*shown.lock().unwrap(), (0..plain.len() as u64).collect::<Vec<_>>());
    }
}
