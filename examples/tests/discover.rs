//! `fep discover`: links that nobody described, found out from their bits and then decoded.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

mod discovered;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use bench::sim::{
    ChannelSpec, Check, CodingSpec, FrameSpec, IdlePackets, Impairments, Lengths, LinkSpec, Pass, Payload,
    Protocol,
};
use ccsds_core::fecf::Fecf;
use ccsds_core::frame::ChannelContent;
use ccsds_core::id::Gvcid;
use ccsds_core::packet::Packet;
use ccsds_core::quality::PacketQuality;
use examples::fep::discover;
use examples::fep::failure::Failure;
use examples::fep::input::{Input, Source};
use examples::fep::mission::{Code, Link, Mission};
use examples::fep::process::{self, ServiceUnit, Sink};
use examples::fep::progress::Progress;
use examples::fep::simulate::link_spec;
use frame_sync::line::LineCode;
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsE};
use tempfile::TempDir;

use self::discovered::discovered;

/// Holds every packet against the truth.
struct Comparison<'t> {
    gvcids: Vec<Gvcid>,
    check: Check<'t>,
}

impl Sink for Comparison<'_> {
    fn packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        self.check.packet(*self.gvcids.get(channel).unwrap(), packet.bytes);
        Ok(())
    }

    fn sdu(&mut self, channel: usize, unit: &ServiceUnit<'_>) -> Result<(), Failure> {
        if !unit.meta.quality.contains(PacketQuality::TRUNCATED) {
            self.check.unit(self.gvcids[channel], unit.octets);
        }
        Ok(())
    }
}

/// Simulate a link, find out what it is, and decode it by what was found out.
#[track_caller]
fn assert_found(spec: &LinkSpec, impairments: &Impairments) {
    let frames = 220 * spec.codings().len().pow(2);
    let pass = Pass::simulate(spec, impairments, 7, frames).unwrap();
    let mission = discovered(&pass.octets, "simulated");
    assert!(matches!(mission.link, Link::Bits(_)));
    let Link::Bits(link) = &mission.link else { return };
    assert_eq!(link.line_code, spec.line_code);
    let first = (&link.marker, &link.sync, link.randomizer, link.code);
    let others = link.others.iter().map(|other| (&other.marker, &other.sync, other.randomizer, other.code));
    let mut found: Vec<_> = std::iter::once(first).chain(others).collect();
    found.sort_by_key(|(marker, ..)| *marker);
    let mut sent = spec.codings();
    sent.sort_by(|a, b| a.marker.cmp(&b.marker));
    assert_eq!(found.len(), sent.len(), "{mission}");
    for ((marker, sync, randomizer, code), sent) in found.into_iter().zip(&sent) {
        assert_eq!((marker, randomizer), (&sent.marker, sent.randomizer), "{mission}");
        let block_len = sent.coding.map_or(sent.frame_len, RsConfig::block_len);
        let cadu_bits = 8 * (marker.len() + block_len) + sent.fill_bits as usize;
        assert_eq!(sync.parameters().cadu_bits, cadu_bits);
        let code = match code {
            Code::ReedSolomon(config) => Some(config),
            Code::Uncoded { .. } => None,
        };
        assert_eq!(code, sent.coding, "{mission}");
        let len = code.map_or(block_len, RsConfig::frame_len);
        let format = FrameSpec { len, ..spec.frames }.format().unwrap();
        assert!(link.frames.format == format || link.frames.other_formats.contains(&format), "{mission}");
    }
    for declared in spec.declared_channels() {
        let found = link.frames.channels.iter().find(|found| found.channel.gvcid == declared.gvcid);
        // A TM channel that sends only idle data may be one of packets: its pointers say so.
        let idle = declared.content == ChannelContent::Idle;
        let found = found.unwrap().channel.content;
        assert!(found == declared.content || (idle && found == ChannelContent::Packets), "{mission}");
    }
    let gvcids = link.frames.channels.iter().map(|declared| declared.channel.gvcid).collect();
    let mut comparison = Comparison { gvcids, check: pass.truth.check(IdlePackets::Ignored) };
    let source = Source {
        inputs: vec![Input::Octets(Arc::from(pass.octets))],
        line_code: mission.line_code(),
        ..Source::default()
    };
    let report =
        process::decode(&mission, &source, Some(2), &mut comparison, &mut Progress::silent()).unwrap();
    assert!(report.ledger.closed);
    let verdict = comparison.check.finish();
    assert!(verdict.is_satisfied(), "{verdict:?}\n{mission}");
}

fn rs(e: RsE, interleave: Interleave, virtual_fill: u8, basis: Basis) -> RsConfig {
    RsConfig::new(e, interleave, virtual_fill, basis).unwrap()
}

/// The same link in another code, its frames as long as that takes.
fn coded(mut spec: LinkSpec, code: RsConfig) -> LinkSpec {
    (spec.frames.len, spec.coding) = (code.frame_len(), Some(code));
    spec
}

fn randomized(spec: LinkSpec, randomizer: Randomizer) -> LinkSpec {
    LinkSpec { randomizer, ..spec }
}

const RANDOMIZERS: [Randomizer; 3] = [Randomizer::NONE, Randomizer::CCSDS_255, Randomizer::CCSDS_131071];

#[test]
fn every_protocol_with_every_randomizer_coded_and_uncoded() {
    for spec in [LinkSpec::aos_default(), LinkSpec::tm_default(), LinkSpec::uslp_default()] {
        for randomizer in RANDOMIZERS {
            let spec = randomized(spec.clone(), randomizer);
            assert_found(&spec, &Impairments::default());
            assert_found(&spec.uncoded(), &Impairments::default());
        }
    }
}

#[test]
fn every_depth_capability_and_basis_of_the_code() {
    let depths =
        [Interleave::I1, Interleave::I2, Interleave::I3, Interleave::I4, Interleave::I5, Interleave::I8];
    for (n, depth) in depths.into_iter().enumerate() {
        for (e, basis) in [(RsE::E16, Basis::Dual), (RsE::E8, Basis::Conventional), (RsE::E8, Basis::Dual)] {
            let code = rs(e, depth, [0, 3, 16][n % 3], basis);
            let randomizer = RANDOMIZERS[n % 3];
            assert_found(
                &randomized(coded(LinkSpec::tm_default(), code), randomizer),
                &Impairments::default(),
            );
        }
        let code = rs(RsE::E16, depth, [7, 0, 9][n % 3], Basis::Conventional);
        assert_found(&coded(LinkSpec::aos_default(), code), &Impairments::default());
    }
}

#[test]
fn every_zone_and_trailer_of_the_frames() {
    let aos = LinkSpec::aos_default();
    for (cycle, header_error_control, extra, ocf, fecf) in [
        (false, false, 2, false, Fecf::Absent),
        (false, true, 0, true, Fecf::Absent),
        (true, false, 8, true, Fecf::Crc16),
        (true, true, 60, false, Fecf::Crc16),
    ] {
        let protocol = Protocol::Aos { cycle, header_error_control };
        let frames = FrameSpec { protocol, len: 892, extra, ocf, fecf };
        assert_found(&LinkSpec { frames, ..aos.clone() }, &Impairments::default());
    }
    let tm = LinkSpec::tm_default();
    for (extra, ocf, fecf) in [(4, false, Fecf::Absent), (12, true, Fecf::Absent), (64, true, Fecf::Crc16)] {
        let frames = FrameSpec { extra, ocf, fecf, ..tm.frames };
        assert_found(&LinkSpec { frames, ..tm.clone() }, &Impairments::default());
    }
    let uslp = LinkSpec::uslp_default();
    for (count_len, extra, ocf, fecf) in [
        (0, 0, false, Fecf::Absent),
        (1, 3, true, Fecf::Crc16),
        (2, 0, false, Fecf::Crc32),
        (7, 100, true, Fecf::Absent),
    ] {
        let frames = FrameSpec { protocol: Protocol::Uslp { count_len }, len: 1115, extra, ocf, fecf };
        assert_found(&LinkSpec { frames, ..uslp.clone() }, &Impairments::default());
    }
}

#[test]
fn line_codes_polarities_and_fill_between_the_cadus() {
    let inverted = Impairments { inverted: true, ..Impairments::default() };
    for (n, line_code) in [LineCode::NrzL, LineCode::NrzM, LineCode::NrzS].into_iter().enumerate() {
        let spec = LinkSpec { line_code, ..[LinkSpec::aos_default(), LinkSpec::tm_default()][n % 2].clone() };
        assert_found(&spec, &Impairments::default());
        assert_found(&spec, &inverted);
    }
    for fill_bits in [1, 7, 8, 1216] {
        let spec = LinkSpec { fill_bits, ..LinkSpec::tm_default() };
        assert_found(&spec, &inverted);
        assert_found(&spec.uncoded(), &Impairments::default());
    }
}

#[test]
fn markers_of_the_list_and_one_that_nobody_uses() {
    let markers: [&[u8]; 7] = [
        &[0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0],
        &[0x25, 0xD5, 0xC0, 0xCE, 0x89, 0x90, 0xF6, 0xC9, 0x46, 0x1B, 0xF7, 0x9C],
        &[0x35, 0x2E, 0xF8, 0x53],
        &[0x04, 0xB3, 0xE3, 0x75],
        &[0xFA, 0xF3, 0x20],
        &[0x5B, 0x21, 0xC6, 0x0E],
        &[0x9D, 0x36, 0xE1, 0x4F, 0x70, 0x0B],
    ];
    for marker in markers {
        assert_found(
            &LinkSpec { marker: marker.to_vec(), ..LinkSpec::aos_default() },
            &Impairments::default(),
        );
    }
}

#[test]
fn codings_that_take_turns() {
    let turbo = [0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0];
    let other = |marker: &[u8], coding: Option<RsConfig>, frame_len, randomizer, fill_bits| CodingSpec {
        marker: marker.to_vec(),
        frame_len: coding.map_or(frame_len, RsConfig::frame_len),
        coding,
        randomizer,
        fill_bits,
    };
    let short = rs(RsE::E8, Interleave::I2, 0, Basis::Dual);
    let others = vec![
        other(&turbo, None, 600, Randomizer::CCSDS_131071, 0),
        other(&[0x35, 0x2E, 0xF8, 0x53], Some(short), 0, Randomizer::CCSDS_255, 0),
    ];
    let filled = vec![other(&turbo, Some(short), 0, Randomizer::NONE, 11)];
    let inverted = Impairments { inverted: true, lead_bits: 77, ..Impairments::default() };
    for spec in [LinkSpec::aos_default(), LinkSpec::tm_default(), LinkSpec::uslp_default()] {
        let first = spec.clone().uncoded();
        assert_found(&LinkSpec { others: others.clone(), ..first.clone() }, &Impairments::default());
        assert_found(&LinkSpec { others: filled.clone(), ..first }, &inverted);
        assert_found(&LinkSpec { others: others.clone(), ..spec.clone() }, &inverted);
        assert_found(&LinkSpec { others: filled.clone(), ..spec }, &Impairments::default());
    }
}

#[test]
fn units_that_are_no_packets() {
    let units = |vcid, payload| ChannelSpec::of_units(vcid, 1, payload);
    let with = |mut spec: LinkSpec, channels: &[ChannelSpec]| {
        spec.channels.extend_from_slice(channels);
        spec
    };
    let lengths = Lengths::Octaves { min: 16, max: 8000 };
    for spec in [
        with(LinkSpec::aos_default(), &[units(20, Payload::Vca), units(21, Payload::Bitstream)]),
        with(LinkSpec::tm_default(), &[units(5, Payload::Vca)]),
        with(LinkSpec::uslp_default(), &[units(21, Payload::Units(lengths))]),
    ] {
        assert_found(&spec, &Impairments::default());
        assert_found(&spec.uncoded(), &Impairments::default());
    }
    // What USLP calls a whole service data unit in each frame is found as such: without the octet that says so.
    let spec = with(LinkSpec::uslp_default(), &[units(20, Payload::Vca)]);
    let pass = Pass::simulate(&spec, &Impairments::default(), 7, 220).unwrap();
    let mission = discovered(&pass.octets, "simulated");
    let mut channels = mission.frames().unwrap().channels.iter();
    let found = channels.find(|declared| declared.channel.gvcid.vcid.get() == 20).unwrap();
    assert_eq!(found.channel.content, ChannelContent::Sdus);
}

/// What is encrypted stays so: the frames come out, and what they carry is passed on as it is.
#[test]
fn protected_frames() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("protected.toml");
    fs::write(scratch.path().join("a.key"), "000102030405060708090a0b0c0d0e0f").unwrap();
    let frames = [
        ("tm", "ocf = \"flagged\"\nfecf = \"crc16\"", 7),
        ("aos", "insert_zone = 3\nfecf = \"crc16\"", 63),
        ("uslp", "ocf = \"flagged\"\nfecf = \"crc32\"", 63),
    ];
    let services = [
        "service = \"authenticated-encryption\"\nalgorithm = \"aes-gcm\"\niv = 12",
        "service = \"authentication\"\nalgorithm = \"aes-cmac\"\nsequence_number = 4",
    ];
    for (protocol, trailers, idle) in frames {
        for service in services {
            let text = format!(
                "[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n[coding]\nrandomizer = \"ccsds-255\"\nscheme = \"reed-solomon\"\ninterleave = 4\n\
                 [frame]\nprotocol = \"{protocol}\"\nlength = 892\n{trailers}\n\
                 [[channel]]\nscid = 77\nvcid = [0, 1]\ncontent = \"packets\"\n\
                 [[channel]]\nscid = 77\nvcid = {idle}\ncontent = \"idle\"\n\
                 [[security]]\nspi = 9\nscid = 77\nvcid = [0, 1]\n{service}\nkey_file = \"a.key\"\n"
            );
            fs::write(&path, &text).unwrap();
            let sent = link_spec(&Mission::read(&path).unwrap()).unwrap();
            let pass = Pass::simulate(&sent, &Impairments::default(), 7, 300).unwrap();
            let mission = discovered(&pass.octets, "protected");
            assert!(matches!(&mission.link, Link::Bits(link) if link.code.reed_solomon() == sent.coding));
            let source = Source { inputs: vec![Input::Octets(Arc::from(pass.octets))], ..Source::default() };
            let report =
                process::decode(&mission, &source, Some(2), &mut (), &mut Progress::silent()).unwrap();
            let frames = report.frames.unwrap();
            assert_eq!((frames.good + frames.idle, frames.total), (300, 300), "{mission}");
            for sent in pass.truth.channels {
                let heard = report.channels.iter().flatten().find(|c| c.vcid == sent.gvcid.vcid.get());
                let heard = heard.unwrap();
                assert_eq!((heard.scid, heard.missing), (77, 0), "{mission}");
            }
        }
    }
}

#[test]
fn bit_errors_and_a_ragged_beginning_are_no_obstacle() {
    let impairments = Impairments {
        bit_error_rate: 1e-3,
        inverted: true,
        lead_bits: 4321,
        cut_head_bits: 77,
        ..Impairments::default()
    };
    assert_found(&LinkSpec::aos_default(), &impairments);
    assert_found(&randomized(LinkSpec::tm_default(), Randomizer::CCSDS_131071), &impairments);
    let few = Impairments { bit_error_rate: 1e-5, ..impairments };
    assert_found(&LinkSpec::uslp_default().uncoded(), &few);
}

#[test]
fn in_nothing_nothing_is_found() {
    let zeros = vec![0; 100_000];
    let mut noise = vec![0; 100_000];
    bench::sim::rng::Rng::new(3).fill(&mut noise);
    for octets in [&zeros[..], &noise, &[], &[0x1A, 0xCF, 0xFC, 0x1D]] {
        let failure = discover::run(&Input::Octets(Arc::from(octets)), "nothing").unwrap_err();
        assert_eq!(failure.status(), 1);
        assert!(failure.to_string().contains("nothing was written"), "{failure}");
    }
}

#[test]
fn the_command_writes_a_mission_file_that_process_takes() {
    let scratch = TempDir::new().unwrap();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    let pass = Pass::simulate(&LinkSpec::aos_default(), &Impairments::default(), 1, 60).unwrap();
    fs::write(path("pass.bin"), &pass.octets).unwrap();
    let fep = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_fep")).args(arguments).output().unwrap();
    let (input, mission) = (path("pass.bin"), path("found.toml"));
    let output = fep(&["discover", &input, "--out", &mission]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert!(fep(&["mission", "check", &mission]).status.success());
    assert!(fep(&["process", &input, "--mission", &mission]).status.success());
    // It is not replaced without being asked.
    assert_eq!(fep(&["discover", &input, "--out", &mission]).status.code(), Some(1));
    assert!(fep(&["discover", &input, "--out", &mission, "--force"]).status.success());
    fs::write(path("noise.bin"), vec![0x55; 10_000]).unwrap();
    let output = fep(&["discover", &path("noise.bin"), "--out", &path("none.toml")]);
    assert_eq!((output.status.code(), Path::new(&path("none.toml")).exists()), (Some(1), false));
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}
