//! Inputs to begin a hunt with, cut from the simulator: passes, frames and packets of links that are deterministic everywhere.
//!
//! `cargo run -p fuzz` writes them into the corpus.

mod documents;

use bench::sim::{
    ChannelSpec, Fault, FrameSpec, IdleSpec, Impairments, Lengths, LinkSpec, Pass, Place, Protocol, Source,
    When,
};
use ccsds_core::fecf::Fecf;
use decom::xtce;
use frame_sync::line::LineCode;
use frame_sync::randomizer::Randomizer;

use self::documents::Document;
use crate::parameters::HEAD_LEN;
use crate::stream::octets;

/// An input, and where it belongs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seed {
    /// The property it is for.
    pub property: &'static str,
    /// What is in it.
    pub name: String,
    /// Choices, then what a link or a user sends.
    pub octets: Vec<u8>,
}

/// All of them, the same on every machine.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let mut seeds = Seeds(Vec::new());
    seeds.frames();
    seeds.passes();
    seeds.packets();
    seeds.texts();
    seeds.documents();
    seeds.others();
    seeds.0
}

struct Seeds(Vec<Seed>);

impl Seeds {
    fn add(&mut self, property: &'static str, name: impl Into<String>, choices: &[u8], rest: &[u8]) {
        let octets = [choices, rest].concat();
        self.0.push(Seed { property, name: name.into(), octets });
    }

    /// One frame of each channel, behind the choices that fit it.
    fn frames(&mut self) {
        let cycle = Protocol::Aos { cycle: true, header_error_control: false };
        let links: [(&'static str, &str, Protocol, Fecf, &[u8]); 5] = [
            ("frame_tm", "tm", Protocol::Tm, Fecf::Crc16, &[1, 1, 0]),
            ("frame_aos", "aos", PLAIN_AOS, Fecf::Crc16, &[2, 1, 0, 0]),
            ("frame_aos", "aos_cycle", cycle, Fecf::Crc16, &[2, 1, 0, 0]),
            ("frame_uslp", "uslp_crc16", Protocol::Uslp { count_len: 3 }, Fecf::Crc16, &[1, 1, 0, 0]),
            ("frame_uslp", "uslp_crc32", Protocol::Uslp { count_len: 7 }, Fecf::Crc32, &[1, 2, 0, 0]),
        ];
        for (property, name, protocol, fecf, choices) in links {
            let spec = small(protocol, 60, fecf);
            let pass = simulate(&spec, &Impairments::default(), 12);
            for (number, cadu) in pass.octets.chunks_exact(64).enumerate().step_by(5) {
                self.add(property, format!("{name}_{number}"), choices, &cadu[4..]);
                self.add("fecf", format!("{name}_{number}"), &[], &cadu[4..]);
            }
        }
        let lengths = [0xC0, 0, 0, 0x02, 0, 2, 0, 0xE0];
        self.add("frame_uslp", "length_shorter_than_its_header", &[1, 1, 0, 0], &lengths);
    }

    /// Passes with one impairment each, for everything that begins with bits.
    fn passes(&mut self) {
        let at = |fault| Impairments::default().with(When::at([3]), fault);
        let passes = [
            ("clean", Impairments::default()),
            ("inverted", Impairments { inverted: true, lead_bits: 13, ..Impairments::default() }),
            ("turns_over", at(Fault::Invert { at: Place::Bit(77) })),
            ("deletion", at(Fault::Delete { at: Place::Bit(100), bits: 1 })),
            ("insertion", at(Fault::Insert { at: Place::BOUNDARY, bits: 3 })),
            ("lost_marker", at(Fault::MarkerErrors { bits: 9 })),
            ("repeat", at(Fault::Repeat)),
            ("drop", at(Fault::Drop)),
            ("errors", at(Fault::SymbolErrors { per_codeword: 3 })),
        ];
        for (name, impairments) in passes {
            let tm = simulate(&small(Protocol::Tm, 40, Fecf::Crc16), &impairments, 12).octets;
            // Marker, block of 40, no fill, tolerances, polarity, alignment; cuts; octets as they are.
            let link = [0, 36, 0, 0, 3, 1, 2, 2, 0, 0];
            self.add("sync", name, &[&link[..], &[7, 3, 0]].concat(), &tm);
            self.add("receiver_vs_pipeline", name, &[&link[..], &[50, 9, 0]].concat(), &tm);
            self.add("fep_process", format!("tm_{name}"), &[0, 1, 1, 44, 0, 0], &tm);
            let uslp = small(Protocol::Uslp { count_len: 4 }, 60, Fecf::Absent);
            let uslp = LinkSpec {
                frames: FrameSpec { extra: 3, ..uslp.frames },
                scid: 48_879,
                line_code: LineCode::NrzM,
                ..uslp
            };
            self.add(
                "fep_process",
                format!("uslp_{name}"),
                &[3, 0, 0, 99, 0, 0],
                &simulate(&uslp, &impairments, 8).octets,
            );
        }
        let aos = small(PLAIN_AOS, 28, Fecf::Absent);
        let frames: Vec<u8> = simulate(&aos, &Impairments::default(), 9)
            .octets
            .chunks(32)
            .flat_map(|cadu| [&[0, 0], &cadu[4..]].concat())
            .collect();
        self.add("fep_process", "frame_file", &[4, 0, 0, 50, 0, 0], &frames);
        for (number, protocol) in [0u8, 1, 2].into_iter().enumerate() {
            let choices = octets(protocol + 1, 90);
            self.add("downlink", format!("link_{number}"), &[protocol], &choices);
            self.add("downlink", format!("clean_{number}"), &[protocol], &choices[..30]);
        }
    }

    fn packets(&mut self) {
        let spec = small(PLAIN_AOS, 300, Fecf::Crc16);
        let pass = simulate(&spec, &Impairments::default(), 20);
        for (channel, truth) in pass.truth.channels.iter().enumerate().take(2) {
            let all: Vec<u8> =
                (0..6).filter_map(|index| truth.packet_octets(index)).flatten().copied().collect();
            self.add("packets", format!("channel_{channel}"), &[], &all);
            self.add("encapsulation", format!("channel_{channel}"), &[], &all[..12]);
            let packets: Vec<u8> = (0..6)
                .filter_map(|index| truth.packet_octets(index))
                .flat_map(|packet| [&[0][..], packet].concat())
                .collect();
            self.add("fep_process", format!("packet_file_{channel}"), &[6, 0, 0, 77, 0, 0], &packets);
            self.add("assembler", format!("zone_of_channel_{channel}"), &[190, 0, 5, 0, 63], &all);
        }
        self.add("packets", "peer_panics", &[], &[0x08, 0x00, 0xC0, 0x21, 0x00, 0x00, 0x01]);
        for (name, head) in
            [("idle", &[0xE0][..]), ("short", &[0xE9, 2]), ("long", &[0xEB, 0, 0, 0, 0, 1, 0, 0])]
        {
            self.add("encapsulation", name, &[], head);
        }
        for seed in 0..3 {
            self.add("packet_stream", format!("stream_{seed}"), &[20 * seed], &octets(seed + 9, 300));
        }
        let report = [0x08, 0x05, 0xC0, 0x00, 0x00, 0x0B, 0x10, 1, 1, 9, 1, 2, 3, 4, 5, 6, 0xAA, 0xBB];
        self.add("pus", "issue_a", &[1, 0, 0, 0, 6, 3, 2, 2, 0], &report);
        let report =
            [0x08, 0x05, 0xC0, 0x00, 0x00, 0x0F, 0x20, 17, 2, 0, 7, 0, 0, 0x1E, 1, 2, 3, 4, 5, 9, 9, 9];
        self.add("pus", "issue_c", &[0, 0, 1, 0, 0, 3, 1, 3, 0], &report);
        self.add(
            "pus",
            "peer_panics",
            &[0, 0, 1, 0, 0, 3, 1, 3, 0],
            &[0x08, 0x00, 0xC0, 0x21, 0x00, 0x00, 0x01],
        );
        for seed in 0..2 {
            self.add("packet_groups", format!("groups_{seed}"), &[150, 0, seed], &octets(seed + 40, 400));
        }
        let words: Vec<u8> = (0..4u8).flat_map(|seed| [0x01, seed << 2, seed << 5, seed]).collect();
        self.add("bit_fields", "octets", &[0, 3, 9, 0, 17, 33], &octets(5, 60));
        self.add("line_codes", "levels", &[13], &octets(6, 80));
        self.add(
            "markers",
            "masked",
            &[4, 4],
            &[0x1A, 0xCF, 0xFC, 0x1D, 0, 0xFF, 0, 0xF0, 1, 1, 1, 90, 7, 8, 9],
        );
        self.add("clcw", "words", &[], &words);
        self.add("clcw", "no_clcw", &[], &[0x80, 1, 2, 3]);
    }

    fn texts(&mut self) {
        let packets: Vec<u8> = [&[60, 30][..], &octets(3, 30), &[28], &octets(4, 28)].concat();
        let telemetry = include_str!("../seeds/telemetry.xml");
        self.add("xtce_load", "telemetry", &[&packets[..61], &[0]].concat(), telemetry.as_bytes());
        let meanings = include_str!("../seeds/meanings.xml");
        for (number, first) in [(0, [1, 2]), (1, [2, 1]), (2, [9, 9])] {
            let text = ["abcd", "aaaa", "\u{e9}\u{20ac}"][number].as_bytes();
            let packet = [&first[..], &text[..4], b"abcd\xFD", &octets(number as u8, 29)].concat();
            let packet = [&packet[..13], b"yes", &packet[16..]].concat();
            let choices = [&[packet.len() as u8 + 1, packet.len() as u8][..], &packet, &[0]].concat();
            self.add("xtce_load", format!("meanings_{number}"), &choices, meanings.as_bytes());
        }
        self.add(
            "xtce_load",
            "document_type",
            &[0, 0],
            b"<!DOCTYPE x [<!ENTITY a \"b\">]><SpaceSystem name=\"&a;\"/>",
        );
        for seed in 0..6 {
            self.add(
                "xtce_load",
                format!("made_{seed}"),
                &[&packets[..61], &[1]].concat(),
                &octets(seed, 500),
            );
        }
        self.add("mib_load", "tables", &packets[..61], include_str!("../seeds/tables.mib").as_bytes());
        self.add("tmats_load", "link", &packets[..61], include_str!("../seeds/link.tmats").as_bytes());
        for seed in 0..4 {
            self.add("mission_toml", format!("made_{seed}"), &[1], &octets(seed, 120));
        }
        if let Ok(compiled) =
            xtce::load(telemetry).map_err(drop).and_then(|database| database.compile().map_err(drop))
        {
            let blob = compiled.to_blob();
            let tables = &blob[HEAD_LEN..];
            let len = (tables.len() as u16).to_be_bytes();
            self.add("plan_blob", "telemetry", &len, &[tables, &packets].concat());
        }
    }

    /// One-feature documents of the tests of `decom`, and their packets.
    fn documents(&mut self) {
        for Document { name, text, packets } in documents::all() {
            let fits = |packet: &&Vec<u8>| packet.len() < 120;
            let mut choices = vec![0];
            for packet in packets.iter().filter(fits) {
                if choices.len() + packet.len() < 190 {
                    choices.push(packet.len() as u8);
                    choices.extend(packet);
                }
            }
            choices[0] = (choices.len() - 1) as u8;
            choices.push(0);
            self.add("xtce_load", name, &choices, text.as_bytes());
        }
    }

    fn others(&mut self) {
        for seed in 0..4u8 {
            let link = [0, 36, 0, 0, 3, 1, 2, 2, 0, 0];
            let other = [1, 20, seed, 0, 3, 1, 2, 2, 0, 0];
            let operations = octets(seed + 70, 400);
            self.add(
                "several",
                format!("turns_{seed}"),
                &[&[1][..], &link, &other, &[7, 3, 1]].concat(),
                &operations,
            );
            self.add("slices", format!("slices_{seed}"), &[28 + seed, 40, 0, 2], &octets(seed + 80, 300));
            self.add("vc_bank", format!("frames_{seed}"), &[seed, 20, 120, seed], &octets(seed + 90, 400));
            self.add("sdu_stream", format!("units_{seed}"), &[150, 20, seed], &octets(seed + 60, 200));
        }
        for (seed, dynamic) in [(1, 0), (2, 1), (3, 1), (4, 0), (5, 1)] {
            self.add("plan_row_vs_column", format!("random_{seed}"), &[dynamic, 100], &octets(seed, 500));
        }
        let codes: [(&str, &[u8]); 6] = [
            ("unsegmented", &[0, 0, 0x1E, 0x5B, 0x2C, 0x11, 0x22, 0x80, 0x01]),
            ("unsegmented_extended", &[0, 0, 0x9F, 0x24, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
            ("day_segmented", &[0, 0, 0x41, 0x55, 0x3B, 0x02, 0xFB, 0x8E, 0xEF, 0x03, 0x7B]),
            ("day_segmented_long", &[1, 0, 0x4E, 0x00, 0x55, 0x3B, 0x02, 0xFB, 0x8E, 0xEF, 0, 0, 1, 2]),
            ("calendar", &[0, 0, 0x52, 0x20, 0x17, 9, 0x27, 0x13, 0x54, 0x00, 0x55, 0x98]),
            ("ascii", b"\x00\x04\x01\x06\x012016-12-31T23:59:60.123456Z"),
        ];
        for (name, code) in codes {
            self.add("time_codes", name, &[], code);
        }
        // Protocol, index, service, lengths; a data field; algorithm, mask, window; then a frame to protect and what changes in it.
        for (name, choices) in [
            ("clear", [0, 1, 2, 12, 0, 0, 0]),
            ("authentication", [1, 2, 0, 0, 4, 1, 16]),
            ("authenticated_encryption", [2, 1, 1, 12, 0, 0, 16]),
            ("encryption", [0, 0, 3, 16, 2, 2, 0]),
        ] {
            let field = [&[60, 0, choices[1]][..], &octets(choices[3], 58)].concat();
            for encrypts in [0, 1] {
                let more = [
                    0, 2, 0xFF, 0x0F, 9, encrypts, 1, 3, 0xFF, 0, 0xF0, 0, 0, 0, 0, 0, 0, 1, 44, 1, 30, 4, 3,
                ];
                let rest = [&field[..], &more, &octets(9, 40)].concat();
                self.add("sdls", format!("{name}_{encrypts}"), &choices, &rest);
            }
        }
        let mut recording = Vec::new();
        for number in 0..3u8 {
            recording.extend(chapter10_packet(number));
            recording.extend_from_slice(&[0x25, 0xEB, number][..usize::from(number)]);
        }
        self.add("chapter10", "three_packets", &[], &recording);
    }
}

/// A packet of eight octets of data, the last two of which are their sum.
fn chapter10_packet(number: u8) -> Vec<u8> {
    let mut packet = vec![0x25, 0xEB, 1, 0, 32, 0, 0, 0, 6, 0, 0, 0, 6, number, 2, 9, 1, 2, 3, 4, 5, 6];
    let sum =
        packet.chunks(2).fold(0u16, |sum, word| sum.wrapping_add(u16::from_le_bytes([word[0], word[1]])));
    packet.extend(sum.to_le_bytes());
    packet.extend([1, 0, 2, 0, number, 0]);
    packet.extend((3 + u16::from(number)).to_le_bytes());
    packet
}

/// A small link without a code: what a fuzzer changes is not hidden behind check symbols.
fn small(protocol: Protocol, len: usize, fecf: Fecf) -> LinkSpec {
    let tm = protocol == Protocol::Tm;
    LinkSpec {
        frames: FrameSpec { protocol, len, extra: 0, ocf: !matches!(protocol, Protocol::Aos { .. }), fecf },
        channels: vec![
            ChannelSpec::new(0, 2, vec![Source::space(11, Lengths::Uniform { min: 7, max: 90 }, 1)]),
            ChannelSpec::new(
                1,
                1,
                vec![
                    Source::encapsulation(2, Lengths::Uniform { min: 10, max: 70 }, 2),
                    Source::space(12, Lengths::Fixed(20), 1),
                ],
            ),
        ],
        idle: IdleSpec { vcid: if tm { 7 } else { 63 }, weight: 1, first_count: 0 },
        coding: None,
        randomizer: Randomizer::NONE,
        ..LinkSpec::aos_default()
    }
}

fn simulate(spec: &LinkSpec, impairments: &Impairments, frames: usize) -> Pass {
    Pass::simulate(spec, impairments, 1, frames).unwrap()
}

const PLAIN_AOS: Protocol = Protocol::Aos { cycle: false, header_error_control: false };
