//! `fep discover` on recordings, and on files as recorders make them: what is found out decodes them as missions written by hand do.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

mod discovered;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bench::sim::{Fault, Impairments, LinkSpec, Pass, Place, SliceSpec, When};
use examples::fep::discover;
use examples::fep::input::Input;
use examples::fep::mission::{Link, Mission};
use examples::fep::output::OutputOptions;
use examples::fep::process::{self, ProcessOptions};
use examples::fep::report::Report;
use frame_sync::randomizer::Randomizer;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use self::discovered::discovered;

/// The folder with the recordings; says so where there is none.
fn recordings() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !data.is_dir() {
        eprintln!("skipped: no recordings at {}", data.display());
        return None;
    }
    Some(data)
}

fn expected(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap()
}

/// What `process` makes of a stream with the mission that was discovered.
struct Processed {
    report: Report,
    out: TempDir,
}

impl Processed {
    fn new(octets: &[u8], name: &str) -> Self {
        Self::with_mission(octets, &discovered(octets, name))
    }

    fn with_mission(octets: &[u8], mission: &Mission) -> Self {
        let out = TempDir::new().unwrap();
        let outputs = OutputOptions {
            folder: Some(out.path().join("out")),
            all_frames: true,
            packets: true,
            idle: true,
            ..OutputOptions::default()
        };
        let inputs = vec![Input::Octets(Arc::from(octets))];
        let options = ProcessOptions { inputs, outputs, quiet: true, ..ProcessOptions::default() };
        let report = process::run(mission, &options).unwrap();
        Self { report, out }
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.out.path().join("out").join(name)).unwrap_or_default()
    }

    fn sha256(&self, name: &str) -> String {
        Sha256::digest(self.read(name)).iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Frames of every channel that is expected, and its packets to the octet.
    #[track_caller]
    fn assert_channels(&self, expected: &Value) {
        let expected = expected["vc"].as_object().unwrap();
        let channels = self.report.channels.as_deref().unwrap();
        assert_eq!(channels.len(), expected.len());
        for channel in channels {
            let theirs = &expected[&channel.vcid.to_string()];
            assert_eq!(theirs["frames"], channel.frames, "VC{}", channel.vcid);
            if let Some(packets) = theirs["packets"].as_u64() {
                assert_eq!(channel.packets + channel.idle_packets, packets, "VC{}", channel.vcid);
                let file = format!("packets/{}-{}-{}.bin", channel.tfvn, channel.scid, channel.vcid);
                assert_eq!(theirs["packets_sha256"], self.sha256(&file), "VC{}", channel.vcid);
            }
        }
    }
}

#[test]
fn direct_broadcast_recordings_need_no_mission_file() {
    let Some(data) = recordings() else { return };
    for (folder, file) in [
        ("cadu_aqua", "aqua.20241206T175646.dat"),
        ("cadu_noaa20", "noaa20.20241206T162710.dat"),
        ("cadu_npp", "npp.20241206T173815.dat"),
    ] {
        let folder = data.join(folder);
        let expected = expected(&folder);
        let processed = Processed::new(&fs::read(folder.join(file)).unwrap(), file);
        assert_eq!(expected["full_cadus"], processed.report.frames.unwrap().total);
        assert_eq!(expected["frames_sha256_concatenated"], processed.sha256("frames.bin"));
        processed.assert_channels(&expected);
    }
    let folder = data.join("cadu_snpp_aligned");
    let all = expected(&folder);
    for key in ["snpp_synchronized_cadus", "snpp_7cadus_2vcids"] {
        let file = format!("{key}.dat");
        let processed = Processed::new(&fs::read(folder.join(&file)).unwrap(), &file);
        assert_eq!(all[key]["frames_sha256"], processed.sha256("frames.bin"));
        processed.assert_channels(&all[key]);
    }
}

#[test]
fn receiver_noise_holds_nothing() {
    let Some(data) = recordings() else { return };
    let noise = Input::File(data.join("cadu_noise_gcomw1/gcomw1_first256KiB.dat"));
    assert_eq!(discover::run(&noise, "noise").unwrap_err().status(), 1);
}

#[test]
fn soft_symbols_that_were_sliced() {
    let Some(data) = recordings() else { return };
    let folder = data.join("soft_astrocast_9k6");
    let symbols = fs::read(folder.join("astro9k6_soft.i8")).unwrap();
    let mut bits = vec![0; symbols.len().div_ceil(8)];
    frame_sync::soft::harden(frame_sync::soft::symbols(&symbols), &mut bits);
    let processed = Processed::new(&bits, "astrocast");
    assert_eq!(expected(&folder)["frames_in_time_order_sha256"], processed.sha256("frames.bin"));
    let frames = processed.report.frames.unwrap();
    assert_eq!((frames.total, frames.idle, frames.fecf_failed), (3, 3, 0));
}

/// The dumps of another library: with the mission found out they give what they give with the one written by hand.
#[test]
fn dumps_of_another_library_decode_as_with_missions_written_by_hand() {
    let Some(data) = recordings() else { return };
    let missions = Path::new(env!("CARGO_MANIFEST_DIR")).join("missions");
    for (file, mission) in [
        ("aos_1", "aos-cadu"),
        ("aos_1_gap", "aos-cadu"),
        ("aos_bitstream", "aos-bitstream"),
        ("tm_1", "tm-cadu"),
        ("tm_user_data", "tm-vca"),
    ] {
        let text = fs::read_to_string(data.join(format!("dumps_dariol83/dumpFile_{file}.hex"))).unwrap();
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        let octets: Vec<u8> = digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        let by_hand = Mission::read(&missions.join(format!("dariol83-{mission}.toml"))).unwrap();
        let (ours, theirs) = (Processed::new(&octets, file), Processed::with_mission(&octets, &by_hand));
        assert!(!theirs.read("frames.bin").is_empty());
        assert!(ours.read("frames.bin") == theirs.read("frames.bin"), "{file}");
        for channel in theirs.report.channels.as_deref().unwrap() {
            let name = format!("packets/{}-{}-{}.bin", channel.tfvn, channel.scid, channel.vcid);
            assert!(ours.read(&name) == theirs.read(&name), "{file} {name}");
        }
        assert_eq!(ours.report.apids, theirs.report.apids, "{file}");
    }
}

/// Files of frames that others decoded, FECF and all or stripped of it: what comes out is what independent decoders found, with no
/// mission file.
#[test]
fn files_of_frames_need_no_mission_file() {
    let Some(data) = recordings() else { return };
    let mut files: Vec<PathBuf> = fs::read_dir(&data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("frm_")))
        .collect();
    files.sort();
    assert_eq!(files.len(), 15);
    for folder in files {
        let expected = expected(&folder);
        let (file, _) = expected["files"].as_object().unwrap().iter().next().unwrap();
        let octets = fs::read(folder.join(file)).unwrap();
        let mission = discovered(&octets, file);
        let Link::Frames(found) = &mission.link else { panic!("{file} is a file of frames\n{mission}") };
        assert_eq!(expected["frame_length_in_file"], found.frames.format.frame_len(), "{file}");
        let processed = Processed::with_mission(&octets, &mission);
        let frames = processed.report.frames.unwrap();
        assert_eq!(expected["frames"], frames.total, "{file}");
        assert_eq!(expected["fecf"]["bad"].as_u64().unwrap_or(0), frames.fecf_failed, "{file}");
        assert!(processed.read("frames.bin") == octets);
        let theirs = expected["vc"].as_object().unwrap();
        let channels = processed.report.channels.as_deref().unwrap();
        assert_eq!(channels.len(), theirs.len(), "{file}\n{mission}");
        for channel in channels {
            let (name, theirs) = (format!("{file} VC{}", channel.vcid), &theirs[&channel.vcid.to_string()]);
            // ESCAPADE: the expectation was made after frames sent twice had been removed.
            let counted = [channel.frames, channel.frames - channel.repeats];
            assert!(counted.contains(&theirs["frames"].as_u64().unwrap()), "{name}: {counted:?}");
            if let Some(packets) = theirs["packets"].as_u64() {
                assert_eq!(channel.packets + channel.idle_packets, packets, "{name}\n{mission}");
                let file = format!("packets/{}-{}-{}.bin", channel.tfvn, channel.scid, channel.vcid);
                assert_eq!(theirs["packets_sha256"], processed.sha256(&file), "{name}\n{mission}");
            }
        }
    }
}

/// USLP frames of lengths of their own, and frames of every protocol in slots of one length.
#[test]
fn simulated_frames_without_markers_are_found_by_their_headers() {
    for spec in [LinkSpec::aos_default(), LinkSpec::tm_default(), LinkSpec::uslp_default()] {
        let spec = LinkSpec { randomizer: Randomizer::NONE, ..spec.uncoded() };
        let pass = Pass::simulate(&spec, &Impairments::default(), 3, 220).unwrap();
        let len = spec.cadu_bits() / 8;
        let octets: Vec<u8> =
            pass.octets.chunks(len).flat_map(|cadu| cadu[spec.marker.len()..].to_vec()).collect();
        let mission = discovered(&octets, "simulated");
        let Link::Frames(found) = &mission.link else { panic!("{mission}") };
        assert_eq!(found.frames.format, spec.frames.format().unwrap(), "{mission}");
        let processed = Processed::with_mission(&octets, &mission);
        assert!(processed.read("frames.bin") == octets);
        let packets: u64 = processed.report.channels.unwrap().iter().map(|channel| channel.packets).sum();
        assert_eq!(packets, pass.truth.packets(bench::sim::Fate::Must), "{mission}");
    }
    // Packets of any length, one a frame; the last frame is cut off.
    let mut octets = Vec::new();
    for count in 0..40u16 {
        let len = 30 + (usize::from(count) * 13) % 200;
        let [high, low] = ((len + 14) as u16).to_be_bytes();
        octets.extend([0xC0, 0x07, 0xB0, 0x40, high, low, 0x01, count as u8, 0xE0]);
        octets.extend([0x00, 0x07, 0xC0, count as u8, 0, (len - 1) as u8]);
        octets.extend(std::iter::repeat_n(count as u8, len));
    }
    octets.truncate(octets.len() - 5);
    let mission = discovered(&octets, "uslp");
    let Link::Frames(found) = &mission.link else { panic!("{mission}") };
    assert!(found.own_lengths, "{mission}");
    let processed = Processed::with_mission(&octets, &mission);
    let channel = &processed.report.channels.as_ref().unwrap()[0];
    assert_eq!((channel.scid, channel.vcid, channel.frames, channel.packets), (123, 2, 39, 39), "{mission}");
}

/// What a recorder puts before each: a clock, a count, something constant, and octets that change.
fn recorded(pieces: &[u8], len: usize, header_len: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    for (n, piece) in (0u32..).zip(pieces.chunks(len)) {
        let clock = 0x1234_5678_u32.wrapping_add(n.wrapping_mul(77_777)).to_be_bytes();
        let noise = n.wrapping_mul(0x9E37_79B9).to_be_bytes();
        let header = [&clock[..], &[0xAB, 0xCD], &n.to_le_bytes(), &noise].concat();
        octets.extend(header.iter().cycle().skip(header.len() - header_len % header.len()).take(header_len));
        octets.extend(piece);
    }
    octets
}

#[test]
fn octets_that_a_recorder_puts_before_each_cadu_are_found() {
    for spec in [
        LinkSpec::aos_default(),
        LinkSpec::tm_default(),
        LinkSpec::uslp_default(),
        LinkSpec::tm_default().uncoded(),
        LinkSpec::aos_default().uncoded(),
    ] {
        for header_len in [10, 28] {
            let pass = Pass::simulate(&spec, &Impairments::default(), 3, 200).unwrap();
            let octets = recorded(&pass.octets, spec.cadu_bits() / 8, header_len);
            let discovery = discover::run(&Input::Octets(Arc::from(&octets[..])), "recorded").unwrap();
            let between = format!("{} bits from the end of each code block", 8 * header_len);
            assert!(discovery.mission.contains(&between), "{}", discovery.mission);
            assert!(discovery.summary.contains(&between), "{}", discovery.summary);
            let mission = discovered(&octets, "recorded");
            let Link::Bits(link) = &mission.link else { panic!("{mission}") };
            let parameters = link.sync.parameters();
            assert_eq!(parameters.cadu_bits, spec.cadu_bits() + 8 * header_len);
            assert_eq!(parameters.fill_bits, 8 * header_len, "{mission}");
            assert_eq!(link.frames.format, spec.frames.format().unwrap(), "{mission}");
            let processed = Processed::with_mission(&octets, &mission);
            let packets: u64 = processed.report.channels.unwrap().iter().map(|channel| channel.packets).sum();
            assert_eq!(packets, pass.truth.packets(bench::sim::Fate::Must), "{mission}");
        }
    }
}

#[test]
fn octets_that_a_recorder_puts_before_each_frame_are_found() {
    for spec in [LinkSpec::aos_default(), LinkSpec::tm_default(), LinkSpec::uslp_default()] {
        let spec = LinkSpec { randomizer: Randomizer::NONE, ..spec.uncoded() };
        for header_len in [4, 14, 33] {
            let pass = Pass::simulate(&spec, &Impairments::default(), 3, 220).unwrap();
            let len = spec.cadu_bits() / 8;
            let frames: Vec<u8> =
                pass.octets.chunks(len).flat_map(|cadu| cadu[spec.marker.len()..].to_vec()).collect();
            let octets = recorded(&frames, spec.frames.len, header_len);
            let mission = discovered(&octets, "recorded");
            let Link::Frames(found) = &mission.link else { panic!("{header_len}\n{mission}") };
            assert_eq!((found.skip, found.own_lengths), (header_len, false), "{mission}");
            assert_eq!(found.frames.format, spec.frames.format().unwrap(), "{mission}");
            let processed = Processed::with_mission(&octets, &mission);
            assert!(processed.read("frames.bin") == frames);
            let packets: u64 = processed.report.channels.unwrap().iter().map(|channel| channel.packets).sum();
            assert_eq!(packets, pass.truth.packets(bench::sim::Fate::Must), "{mission}");
        }
    }
}

#[test]
fn slices_behind_codeword_markers_are_found() {
    let marker = vec![0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0];
    let slicings = [
        (512, Randomizer::CCSDS_131071, marker.clone()),
        (2048, Randomizer::CCSDS_255, marker),
        (100, Randomizer::CCSDS_131071, vec![0x1A, 0xCF, 0xFC, 0x1D]),
    ];
    for (spec, (len, randomizer, marker)) in
        [LinkSpec::tm_default(), LinkSpec::aos_default(), LinkSpec::uslp_default()].into_iter().zip(slicings)
    {
        let spec = LinkSpec { randomizer: Randomizer::NONE, ..spec.uncoded() };
        let slices = SliceSpec { len, marker, randomizer };
        // A fade over a few slices.
        let fade = Fault::Burst { at: Place::Bit(0), bits: 3 * 8 * len as u32 };
        for impairments in [
            Impairments { inverted: true, lead_bits: 1234, ..Impairments::default() },
            Impairments::default().with(When::at([60]), fade),
        ] {
            let pass = Pass::in_slices(&spec, &slices, &impairments, 3, 200).unwrap();
            let mission = discovered(&pass.octets, "sliced");
            let Link::Bits(link) = &mission.link else { panic!("{mission}") };
            assert_eq!((&link.marker, link.code.block_len()), (&slices.marker, len), "{mission}");
            assert_eq!(link.randomizer, randomizer, "{mission}");
            let found = link.slices.as_ref().unwrap();
            assert_eq!(found.sync.block_bits(), 8 * spec.frames.len);
            assert_eq!((&found.marker, link.frames.format), (&spec.marker, spec.frames.format().unwrap()));
            let processed = Processed::with_mission(&pass.octets, &mission);
            let report = processed.report;
            let packets: u64 = report.channels.as_ref().unwrap().iter().map(|channel| channel.packets).sum();
            let must = pass.truth.packets(bench::sim::Fate::Must);
            assert!(packets >= must.max(100), "{packets} of {must}\n{mission}");
            assert!(report.ledger.closed);
        }
    }
}
