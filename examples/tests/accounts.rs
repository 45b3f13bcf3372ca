//! Every account closes and nothing is invented, whatever arrives: damaged passes of three protocols, and plain noise.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::path::Path;
use std::sync::Arc;

use bench::sim::rng::Rng;
use bench::sim::{Check, Fault, IdlePackets, Impairments, Pass, Place, When};
use ccsds_core::id::Gvcid;
use ccsds_core::packet::Packet;
use examples::fep::failure::Failure;
use examples::fep::input::{Input, Source};
use examples::fep::mission::Mission;
use examples::fep::process::{self, Sink};
use examples::fep::progress::Progress;
use examples::fep::report::Report;
use examples::fep::simulate::link_spec;

const BITS: &str = "[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n";
const CODED: &str = "[coding]\nrandomizer = \"ccsds-131071\"\nscheme = \"reed-solomon\"\ninterleave = 5\n";
const UNCODED: &str = "[coding]\nrandomizer = \"none\"\nscheme = \"none\"\n";

fn missions() -> Vec<Mission> {
    let frames = [
        "[frame]\nprotocol = \"aos\"\nlength = 1115\nfecf = \"crc16\"\n[[channel]]\nscid = 999\nvcid = [0, 7, \"20-21\"]\n",
        "[frame]\nprotocol = \"tm\"\nlength = 1115\nocf = \"flagged\"\nfecf = \"crc16\"\n[[channel]]\nscid = 5\nvcid = \"0-2\"\n\
         max_packet = 3000\n[[channel]]\nvcid = 7\ncontent = \"idle\"\n",
        "[frame]\nprotocol = \"uslp\"\nlength = 1115\nocf = \"flagged\"\ninsert_zone = 5\nfecf = \"crc32\"\n\
         [[channel]]\nscid = 60000\nvcid = [1, 40]\n",
    ];
    let mut missions = Vec::new();
    for frames in frames {
        for coding in [CODED, UNCODED] {
            let text = format!("{BITS}{coding}{frames}");
            missions.push(Mission::parse(&text, Path::new("bits.toml")).unwrap());
        }
        let text = format!("[input]\nkind = \"frames\"\nskip = 3\n{frames}");
        missions.push(Mission::parse(&text, Path::new("frames.toml")).unwrap());
    }
    missions.push(Mission::parse("[input]\nkind = \"packets\"\n", Path::new("packets.toml")).unwrap());
    missions
}

fn decode(mission: &Mission, octets: &[u8], sink: &mut dyn Sink) -> Report {
    let source = Source { inputs: vec![Input::Octets(Arc::from(octets))], ..Source::default() };
    process::decode(mission, &source, Some(2), sink, &mut Progress::silent()).unwrap()
}

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
}

fn impairments(rng: &mut Rng) -> Impairments {
    let faults = [
        Fault::Burst { at: Place::Anywhere, bits: 900 },
        Fault::Delete { at: Place::Anywhere, bits: 1 },
        Fault::Delete { at: Place::Anywhere, bits: 5000 },
        Fault::Drop,
        Fault::Insert { at: Place::Anywhere, bits: 2 },
        Fault::Insert { at: Place::BOUNDARY, bits: 20_001 },
        Fault::Invert { at: Place::Anywhere },
        Fault::MarkerErrors { bits: 6 },
        Fault::Repeat,
        Fault::SymbolErrors { per_codeword: 17 },
    ];
    let mut impairments = Impairments {
        bit_error_rate: 1e-5,
        inverted: rng.chance(0.5),
        lead_bits: rng.below(20_000),
        cut_head_bits: rng.below(3000),
        cut_tail_bits: rng.below(9000),
        ..Impairments::default()
    };
    for fault in faults {
        impairments = impairments.with(When::Random(0.02), fault);
    }
    impairments
}

#[test]
fn damaged_passes_give_the_truth_and_closed_accounts() {
    let mut rng = Rng::new(1);
    for mission in missions() {
        let Ok(spec) = link_spec(&mission) else { continue };
        for seed in 0..6 {
            let pass = Pass::simulate(&spec, &impairments(&mut rng), seed, 250).unwrap();
            let gvcids =
                mission.frames().unwrap().channels.iter().map(|declared| declared.channel.gvcid).collect();
            let mut comparison = Comparison { gvcids, check: pass.truth.check(IdlePackets::Ignored) };
            let report = decode(&mission, &pass.octets, &mut comparison);
            assert!(report.ledger.closed, "{:?}", report.ledger);
            let verdict = comparison.check.finish();
            assert!(verdict.is_satisfied(), "seed {seed} of\n{mission}\n{verdict:?}");
            assert!(report.frames.is_some_and(|frames| frames.good > 100), "{}", report.to_text());
        }
    }
}

/// The same recordings read with the wrong mission: nothing fits, and all of it is accounted for.
#[test]
fn accounts_close_on_what_is_not_meant_for_the_mission() {
    let missions = missions();
    let spec = link_spec(missions.first().unwrap()).unwrap();
    let mut octets = Pass::simulate(&spec, &Impairments::default(), 3, 60).unwrap().octets;
    octets.pop();
    for mission in &missions {
        assert!(decode(mission, &octets, &mut ()).ledger.closed);
    }
}

#[test]
fn accounts_close_on_noise() {
    let mut rng = Rng::new(2);
    for mission in missions() {
        for len in [0, 1, 7, 1114, 1115, 1118, 1119, 100_000] {
            let mut octets = vec![0; len];
            rng.fill(&mut octets);
            let report = decode(&mission, &octets, &mut ());
            assert!(report.ledger.closed, "{len} octets: {:?}", report.ledger);
            assert_eq!(report.input.octets, len as u64);
        }
    }
}
