//! Streams that are not one frame of whole octets behind one marker: several codings, frames of a number of bits, frames of their own
//! length.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arbitrary_int::{u3, u4, u6};
use bench::sim::rng::Rng;
use bench::sim::{IdlePackets, IdleSpec, Impairments, LinkSpec, Pass};
use ccsds_core::fecf::Fecf;
use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use examples::fep::input::Input;
use examples::fep::merge::{self, MergeOptions};
use examples::fep::mission::Mission;
use examples::fep::output::OutputOptions;
use examples::fep::process::{self, ProcessOptions};
use examples::fep::report::Report;
use frame_sync::randomizer::Randomizer;
use serde_json::Value;
use spacepackets::uslp::{
    ConstructionRule, PrimaryHeader, SourceOrDestField, TransferFrameCreator, TransferFrameDataFieldHeader,
    UslpProtocolId,
};
use tempfile::TempDir;

struct Processed {
    report: Report,
    out: TempDir,
}

fn parse(text: &str) -> Mission {
    Mission::parse(text, Path::new("test.toml")).unwrap()
}

/// Decode a stream; every account closes.
fn process(octets: &[u8], mission: &Mission) -> Processed {
    let out = TempDir::new().unwrap();
    let outputs = OutputOptions {
        folder: Some(out.path().to_owned()),
        all_frames: true,
        frames: true,
        packets: true,
        sdus: true,
        ..OutputOptions::default()
    };
    let inputs = vec![Input::Octets(Arc::from(octets))];
    let options =
        ProcessOptions { inputs, outputs, threads: Some(2), quiet: true, ..ProcessOptions::default() };
    let report = process::run(mission, &options).unwrap();
    assert!(report.ledger.closed, "{:?}", report.ledger);
    Processed { report, out }
}

impl Processed {
    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.out.path().join(name)).unwrap_or_default()
    }
}

const TWO_CODINGS: &str = "[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n\
    [coding]\nrandomizer = \"ccsds-255\"\nscheme = \"reed-solomon\"\ne = 16\ninterleave = 5\n\
    [[coding.also]]\nmarker = \"034776C7272895B0\"\nlength = 220\nrandomizer = \"ccsds-131071\"\nscheme = \"none\"\n\
    [frame]\nprotocol = \"tm\"\nlength = 1115\nocf = \"flagged\"\nfecf = \"crc16\"\n\
    [[channel]]\nscid = 683\nvcid = \"0-3\"\n[[channel]]\nvcid = 7\ncontent = \"idle\"\n";

/// The same spacecraft in Reed-Solomon code, and uncoded in short frames on another channel behind another marker.
fn two_codings() -> [(LinkSpec, Pass); 2] {
    let coded = LinkSpec::tm_default();
    let mut uncoded = LinkSpec {
        coding: None,
        randomizer: Randomizer::CCSDS_131071,
        marker: vec![0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0],
        idle: IdleSpec { weight: 0, ..coded.idle },
        ..coded.clone()
    };
    uncoded.frames.len = 220;
    uncoded.frames.fecf = Fecf::Crc16;
    uncoded.channels.truncate(1);
    uncoded.channels[0].vcid = 3;
    [coded, uncoded].map(|spec| {
        let pass = Pass::simulate(&spec, &Impairments::default(), 5, 120).unwrap();
        (spec, pass)
    })
}

#[test]
fn two_codings_in_one_stream_are_decoded_each_in_its_own_way() {
    let mission = parse(TWO_CODINGS);
    assert!(
        mission.to_string().contains("also       034776C7272895B0, 1824 bits: no code, frame of 220 octets")
    );
    let passes = two_codings();
    let cadus: Vec<Vec<Vec<u8>>> = passes
        .iter()
        .map(|(spec, pass)| pass.octets.chunks(spec.cadu_bits() / 8).map(<[u8]>::to_vec).collect())
        .collect();
    // Alternating, in pairs, and one pass after the other.
    for run in [1, 2, 7, 120] {
        let mut places = [0, 0];
        let mut order = Vec::new();
        while places != [120, 120] {
            for (coding, place) in places.iter_mut().enumerate() {
                let until = (*place + run).min(120);
                order.extend((*place..until).map(|number| (coding, number)));
                *place = until;
            }
        }
        let mut stream = vec![0xA5; 77];
        stream.extend(order.iter().flat_map(|&(coding, number)| cadus[coding][number].clone()));
        // Not at an octet.
        let shifted: Vec<u8> =
            [0].iter().chain(&stream).zip(stream.iter().chain(&[0])).map(|(a, b)| a << 5 | b >> 3).collect();
        let found = process(&shifted, &mission);
        let sync = found.report.sync.as_ref().unwrap();
        assert_eq!((sync.cadus, sync.locks_total), (240, 1), "runs of {run}");
        let markers: Vec<_> =
            sync.markers.iter().map(|marker| (marker.marker.as_str(), marker.cadus)).collect();
        assert_eq!(markers, [("1ACFFC1D", 120), ("034776C7272895B0", 120)]);
        let coding = found.report.coding.as_ref().unwrap();
        assert_eq!((coding.clean, coding.unchecked), (120, 120));
        // Every packet of both, octet for octet.
        for (spec, pass) in &passes {
            let mut check = pass.truth.check(IdlePackets::Ignored);
            for channel in &spec.channels {
                let octets = found.read(&format!("packets/0-683-{}.bin", channel.vcid));
                let gvcid = Gvcid::new(Tfvn::Tm, Scid::new(683), Vcid::from_low_bits(channel.vcid));
                let mut rest = octets.as_slice();
                while !rest.is_empty() {
                    let len = ccsds_core::packet::packet_len(rest).unwrap();
                    check.packet(gvcid, &rest[..len]);
                    rest = &rest[len..];
                }
            }
            let verdict = check.finish();
            assert!(verdict.is_satisfied(), "{verdict:?}");
        }
        // Each frame is annotated with its coding.
        let meta = found.read("frames.meta");
        let codings: Vec<usize> = meta.chunks(64).map(|record| record[59].into()).collect();
        assert_eq!(codings, order.iter().map(|&(coding, _)| coding).collect::<Vec<_>>());
    }
}

/// Frames of both codings are lost at two stations, never the same one: together they have everything, each frame with its coding.
#[test]
fn a_merge_of_two_codings_gives_the_packets_of_the_undamaged_stream() {
    let mission = parse(TWO_CODINGS);
    let cadus: Vec<Vec<u8>> = {
        let [coded, uncoded] = two_codings().map(|(spec, pass)| {
            pass.octets.chunks(spec.cadu_bits() / 8).map(<[u8]>::to_vec).collect::<Vec<_>>()
        });
        coded.chunks(3).zip(uncoded.chunks(3)).flat_map(|(a, b)| [a, b].concat()).collect()
    };
    let clean = process(&cadus.concat(), &mission);
    let mut rng = Rng::new(8);
    let lost: Vec<u64> = cadus.iter().map(|_| rng.below(10)).collect();
    let scratch = TempDir::new().unwrap();
    let copies = [0..3, 3..6].map(|share| {
        let mut copy = cadus.clone();
        for (cadu, _) in copy.iter_mut().zip(&lost).filter(|(_, lost)| share.contains(*lost)) {
            let from = if cadu.len() > 1000 { 4 } else { 8 };
            rng.fill(&mut cadu[from..]);
        }
        let path = scratch.path().join(format!("{}.bin", share.start));
        fs::write(&path, copy.concat()).unwrap();
        path
    });
    for window in [32, 4096] {
        let out = scratch.path().join(format!("merged-{window}"));
        let outputs = OutputOptions {
            folder: Some(out.clone()),
            all_frames: true,
            frames: true,
            packets: true,
            ..OutputOptions::default()
        };
        let options = MergeOptions { inputs: copies.to_vec(), outputs, threads: Some(1), window };
        let merge::Merged { report, merge } = merge::run(&mission, &options).unwrap();
        assert!(report.ledger.closed, "{:?}", report.ledger);
        assert!(
            merge.stations.iter().all(|station| station.untrusted > 50 && station.late == 0),
            "{merge:?}"
        );
        assert!(merge.channels.iter().all(|channel| channel.union.missing == 0), "{merge:?}");
        for vcid in [0, 1, 3] {
            for kind in ["packets", "frames"] {
                let name = format!("{kind}/0-683-{vcid}.bin");
                let octets = fs::read(out.join(&name)).unwrap();
                assert!(octets.len() > 5000 && octets == clean.read(&name), "{name}");
            }
        }
        let meta = fs::read(out.join("frames.meta")).unwrap();
        let codings: Vec<(u8, u8)> = meta.chunks(64).map(|record| (record[57], record[59])).collect();
        assert_eq!(codings.len(), 240);
        assert!(codings.iter().all(|&(vcid, coding)| coding == u8::from(vcid == 3)), "{codings:?}");
    }
}

#[test]
fn accounts_of_two_codings_close_on_damaged_streams() {
    let mission = parse(TWO_CODINGS);
    let mut rng = Rng::new(9);
    let passes = two_codings();
    for _ in 0..8 {
        let mut stream = Vec::new();
        for number in 0..120 {
            for (spec, pass) in &passes {
                let len = spec.cadu_bits() / 8;
                let mut cadu = pass.octets[number * len..][..len].to_vec();
                match rng.below(12) {
                    0 => drop(cadu.drain(..rng.index(len))),
                    1 => cadu[..8].fill(0x33),
                    2 => rng.fill(&mut cadu),
                    3 => cadu.iter_mut().for_each(|octet| *octet = !*octet),
                    _ => {}
                }
                stream.extend(cadu);
            }
        }
        let found = process(&stream, &mission);
        let frames = found.report.frames.unwrap();
        assert!(frames.good + frames.idle > 100, "{}", found.report.to_text());
    }
}

#[test]
fn what_another_coding_lacks_is_named() {
    let error = |from: &str, to: &str| {
        let error = Mission::parse(&TWO_CODINGS.replacen(from, to, 1), Path::new("test.toml")).unwrap_err();
        (error.line(), error.key().to_owned())
    };
    assert_eq!(error("marker = \"034776C7272895B0\"\n", "").1, "coding.also.marker");
    assert_eq!(error("length = 220", "length = 5"), (12, "coding.also.length".to_owned()));
    assert_eq!(error("scheme = \"none\"", "scheme = \"reed-solomon\"").1, "coding.also.interleave");
    assert_eq!(error("interleave = 5", "interleave = 5\nslice = 100").1, "coding.slice");
}

/// 331 bits from marker to marker, as one spacecraft has it: frames of 37 octets and three bits.
#[test]
fn frames_of_a_number_of_bits_come_out_with_zeros_behind() {
    let mut rng = Rng::new(4);
    for lead in [0, 5] {
        let mut bits: Vec<bool> = (0..lead).map(|bit| bit % 2 == 0).collect();
        let mut expected = Vec::new();
        let mut put = |octets: &[u8], len: usize| {
            bits.extend((0..len).map(|bit| octets[bit / 8] >> (7 - bit % 8) & 1 == 1));
        };
        for count in 0..50 {
            let mut frame = vec![0; 38];
            rng.fill(&mut frame);
            // TM, spacecraft 9, channel 2, user data.
            frame[..6].copy_from_slice(&[0x00, 0x94, count, count, 0x40, 0x00]);
            frame[37] &= 0xE0;
            put(&[0x1A, 0xCF, 0xFC, 0x1D], 32);
            put(&frame, 299);
            expected.extend(frame);
        }
        let count = bits.len();
        let mut stream = vec![0; count.div_ceil(8)];
        for (bit, _) in bits.iter().enumerate().filter(|(_, one)| **one) {
            stream[bit / 8] |= 0x80 >> (bit % 8);
        }
        let text = "[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\ncadu_bits = 331\n\
                    [coding]\nrandomizer = \"none\"\nscheme = \"none\"\n[frame]\nprotocol = \"tm\"\nlength = 38\n\
                    [[channel]]\nscid = 9\nvcid = 2\ncontent = \"vca\"\n";
        for flip in [0, 0xFF] {
            let stream: Vec<u8> = stream.iter().map(|octet| octet ^ flip).collect();
            let found = process(&stream, &parse(text));
            assert!(found.read("frames.bin") == expected, "lead of {lead}");
            assert!(found.read("frames/0-9-2.bin") == expected);
            let ledger = found.report.ledger.bits.unwrap();
            assert_eq!((ledger.frames, ledger.markers), (50 * 299, 50 * 32));
            assert_eq!(ledger.discarded + ledger.pending, (8 * stream.len() - 50 * 331) as u64);
        }
        // The whole octets alone, and what is behind them as fill.
        let found = process(&stream, &parse(&text.replace("length = 38", "length = 37")));
        let whole: Vec<u8> = expected.chunks(38).flat_map(|frame| frame[..37].to_vec()).collect();
        assert!(found.read("frames.bin") == whole);
        assert!(parse(text).to_string().contains("blocks of 299 bits"));
        let error = |text: &str| Mission::parse(text, Path::new("test.toml")).unwrap_err().key().to_owned();
        assert_eq!(error(&text.replace("length = 38", "length = 38\nfecf = \"crc16\"")), "sync.cadu_bits");
        assert_eq!(error(&text.replace("length = 38", "length = 39")), "sync.cadu_bits");
    }
}

/// A frame of any length, as the `spacepackets` crate makes it, with one packet in it.
fn uslp(count: u64, packet_len: usize) -> Vec<u8> {
    let mut packet = vec![0x00, 0x07, 0xC0, count as u8];
    packet.extend(((packet_len - 7) as u16).to_be_bytes());
    packet.resize(packet_len, count as u8);
    let mut header = PrimaryHeader::new(0x1234, SourceOrDestField::Source, u6::new(5), u4::new(0), 0);
    header.set_vc_frame_count(u3::new(3), count).unwrap();
    let protocol = UslpProtocolId::SpacePacketsOrEncapsulation;
    let field = TransferFrameDataFieldHeader::new(ConstructionRule::NoSegmentation, protocol, None).unwrap();
    let creator = TransferFrameCreator::new(header, field, &packet, None, true);
    let mut frame = vec![0; creator.len_written()];
    creator.write_to_slice(&mut frame).unwrap();
    frame
}

const OWN_LENGTHS: &str = "[input]\nkind = \"frames\"\nskip = 3\n[frame]\nprotocol = \"uslp\"\nlength = 2000\nfecf = \"crc16\"\n\
                           [[channel]]\nscid = 4660\nvcid = 5\n";

#[test]
fn uslp_frames_back_to_back_are_as_long_as_they_say() {
    let frames: Vec<Vec<u8>> =
        (0..300u64).map(|count| uslp(count, 7 + (count as usize * 37) % 1900)).collect();
    let stream: Vec<u8> = frames.iter().flat_map(|frame| [&[0xEE; 3], frame.as_slice()].concat()).collect();
    let mission = parse(OWN_LENGTHS);
    assert!(mission.to_string().contains("2000 octets at most, as their headers say"));
    let found = process(&stream, &mission);
    assert_eq!(found.read("frames.bin"), frames.concat());
    let channel = &found.report.channels.as_ref().unwrap()[0];
    assert_eq!((channel.frames, channel.packets, channel.missing), (300, 300, 0));
    let ledger = found.report.ledger.frame_file.unwrap();
    assert_eq!((ledger.skipped, ledger.lost, ledger.pending), (900, 0, 0));

    // A frame whose check fails costs itself alone; the last one is cut off.
    let mut damaged = stream.clone();
    damaged[3 + frames[0].len() + 3 + 20] ^= 1;
    damaged.truncate(stream.len() - 1);
    let found = process(&damaged, &mission);
    let frames_report = found.report.frames.unwrap();
    assert_eq!((frames_report.total, frames_report.good, frames_report.fecf_failed), (299, 298, 1));
    assert_eq!(found.report.ledger.frame_file.unwrap().pending, frames[299].len() as u64 + 2);

    // A wrong length, whether it can be or not, costs its frame and no other one.
    let at = 3 + frames[0].len() + 3;
    for octets in [[0xFF, 0xFF], [0, 3], [0, 60], [3, 0]] {
        let mut damaged = stream.clone();
        damaged[at + 4..at + 6].copy_from_slice(&octets);
        let found = process(&damaged, &mission);
        let ledger = found.report.ledger.frame_file.unwrap();
        let frames_report = found.report.frames.unwrap();
        assert_eq!(
            (frames_report.total, frames_report.good, ledger.bad_headers),
            (299, 299, 1),
            "{octets:?}"
        );
        assert_eq!(ledger.lost, 3 + frames[1].len() as u64);
        assert!(found.report.ledger.closed);
    }

    // Among frames of one length it still counts as a frame.
    let equal: Vec<&Vec<u8>> = vec![&frames[0]; 5];
    let mut damaged: Vec<u8> =
        equal.iter().flat_map(|frame| [&[0xEE; 3], frame.as_slice()].concat()).collect();
    damaged[at + 4..at + 6].copy_from_slice(&[0xFF, 0xFF]);
    let text = OWN_LENGTHS.replace("length = 2000", &format!("length = {}", frames[0].len()));
    let found = process(&damaged, &parse(&text));
    let frames_report = found.report.frames.unwrap();
    assert_eq!((frames_report.total, frames_report.good, frames_report.fecf_failed), (5, 4, 1));
    assert_eq!(found.report.ledger.frame_file.unwrap().lost, 0);

    // Noise ahead of the frames, and nothing but noise: neither is taken for long.
    let noise: Vec<u8> = (0..50_000u32).map(|i| (i.wrapping_mul(0x9E37_79B9) >> 24) as u8).collect();
    let found = process(&[noise.as_slice(), stream.as_slice()].concat(), &mission);
    assert_eq!(found.report.frames.unwrap().good, 300);
    assert_eq!(found.report.ledger.frame_file.unwrap().lost, 50_000);
    let found = process(&noise, &mission);
    assert!(found.report.ledger.closed);
    assert_eq!(found.report.frames.unwrap().good, 0);
    // Only USLP headers say how long a frame is.
    let text = OWN_LENGTHS
        .replace("4660", "46")
        .replace("uslp", "tm")
        .replace("skip = 3", "skip = 3\nlengths = \"own\"");
    assert_eq!(Mission::parse(&text, Path::new("test.toml")).unwrap_err().key(), "input.lengths");
}

/// Frames of the Python library, of two spacecraft and two lengths, in one file.
#[test]
fn frames_of_another_encoder_lie_back_to_back() {
    let data: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/proto_vectors");
    if !data.is_dir() {
        eprintln!("skipped: no vectors at {}", data.display());
        return;
    }
    let vectors: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(data.join("uslp.json")).unwrap()).unwrap();
    let hex = |value: &Value| -> Vec<u8> {
        let digits = value.as_str().unwrap();
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    };
    let whole: Vec<&Value> = vectors.iter().filter(|vector| vector["construction_rule"] == 7).collect();
    let stream: Vec<u8> = whole.iter().chain(&whole).flat_map(|vector| hex(&vector["hex"])).collect();
    let mut text =
        "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"uslp\"\nlength = 65536\nocf = \"flagged\"\n"
            .to_owned();
    for vector in &whole {
        text.push_str(&format!(
            "[[channel]]\nscid = {}\nvcid = {}\ncontent = \"sdu\"\n",
            vector["scid"], vector["vcid"]
        ));
    }
    let found = process(&stream, &parse(&text));
    assert_eq!(found.report.frames.unwrap().good, 4);
    for vector in whole {
        let unit = hex(&vector["tfdz"]);
        let name = format!("sdus/12-{}-{}-{}.bin", vector["scid"], vector["vcid"], vector["map_id"]);
        // The count of the second one does not move: it was sent again.
        let copies = if vector["vcf_count_len"] == 0 { 2 } else { 1 };
        assert_eq!(found.read(&name), unit.repeat(copies), "{name}");
    }
}
