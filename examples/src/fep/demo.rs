//! `fep` without arguments: a short pass of a built-in spacecraft, simulated, decoded, compared with the truth and decommutated.

mod values;

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use bench::sim::{Check, Fate, Fault, IdlePackets, Impairments, Pass, Place, Verdict, When};
use ccsds_core::id::Gvcid;
use ccsds_core::packet::Packet;

use self::values::Values;
use crate::fep::database::MissionDatabase;
use crate::fep::failure::Failure;
use crate::fep::input::{Input, Source};
use crate::fep::mission::Mission;
use crate::fep::process::{self, Sink};
use crate::fep::progress::Progress;
use crate::fep::report::Report;
use crate::fep::simulate::link_spec;

/// Simulate, decode, compare; returns what there is to say.
///
/// # Errors
/// When the result is not the truth: then something is wrong with `fep` itself.
pub fn run() -> Result<String, Failure> {
    let mission = Mission::parse(MISSION, Path::new("demo.toml")).map_err(Failure::cannot_run)?;
    let pass =
        Pass::simulate(&link_spec(&mission)?, &impairments(), SEED, FRAMES).map_err(Failure::cannot_run)?;
    let source =
        Source { inputs: vec![Input::Octets(Arc::from(pass.octets.as_slice()))], ..Source::default() };
    let database = MissionDatabase::parse(DATABASE, "demo.xml".to_owned(), false)?;
    let mut comparison = Comparison {
        values: Values::new(&database)?,
        gvcids: mission.frames().map_or_else(Vec::new, |layer| {
            layer.channels.iter().map(|declared| declared.channel.gvcid).collect()
        }),
        check: pass.truth.check(IdlePackets::Counted),
    };
    let report = process::decode(&mission, &source, None, &mut comparison, &mut Progress::silent())?;
    let Comparison { check, values, .. } = comparison;
    let verdict = check.finish();
    let text = describe(&pass, &report, &verdict, &values);
    if verdict.is_satisfied() && report.ledger.closed {
        Ok(text)
    } else {
        Err(Failure::incomplete(format!(
            "the demo pass was not decoded as it was sent, please report this\n{text}"
        )))
    }
}

fn impairments() -> Impairments {
    Impairments { bit_error_rate: 2e-4, lead_bits: 1234, cut_tail_bits: 3000, ..Impairments::default() }
        .with(When::at([60]), Fault::Drop)
        .with(When::at([120]), Fault::Insert { at: Place::Block, bits: 2 })
        .with(When::at([180]), Fault::Invert { at: Place::BOUNDARY })
        .with(When::at([240]), Fault::Burst { at: Place::Block, bits: 2000 })
        .with(When::at([300]), Fault::MarkerErrors { bits: 7 })
        .with(When::at([360]), Fault::Repeat)
}

/// Holds every packet against the truth, and decommutates it.
struct Comparison<'t> {
    values: Values<'t>,
    gvcids: Vec<Gvcid>,
    check: Check<'t>,
}

impl Sink for Comparison<'_> {
    fn packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        if let Some(&gvcid) = self.gvcids.get(channel) {
            self.check.packet(gvcid, packet.bytes);
        }
        self.values.take(packet);
        Ok(())
    }
}

fn describe(pass: &Pass, report: &Report, verdict: &Verdict, values: &Values<'_>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "A simulated pass: {FRAMES} frames, bit errors at a rate of 2e-4, noise ahead of the first CADU; then a frame is\n\
         dropped, two bits slip in, the polarity changes, a burst strikes, a marker is damaged and a frame comes twice.\n",
    );
    text.push_str(&report.to_text());
    let truth = &pass.truth;
    let _ = writeln!(
        text,
        "\ntruth      {} packets must come out, {} were lost on the link, {} may do either",
        truth.packets(Fate::Must),
        truth.packets(Fate::Lost),
        truth.packets(Fate::May),
    );
    let _ = if verdict.is_satisfied() {
        writeln!(
            text,
            "verdict    every packet that must come out did, octet for octet, and none that was lost"
        )
    } else {
        writeln!(
            text,
            "verdict    WRONG: {} packets are missing, {} lost ones came out, {} were never sent",
            verdict.missing.len(),
            verdict.revived.len(),
            verdict.unexplained,
        )
    };
    values.describe(&mut text);
    let _ = writeln!(
        text,
        "\nNext: fep process RECORDING --mission examples/missions/npp-hrd.toml --out DIR --packets; fep --help says the rest.",
    );
    text
}

/// The mission database of the spacecraft.
const DATABASE: &str = include_str!("../../missions/demo.xml");
const SEED: u64 = 1;
const FRAMES: usize = 420;

/// A spacecraft that does not exist.
const MISSION: &str = r#"
name = "Demonstrator"

[input]
kind = "bits"

[sync]
marker = "1ACFFC1D"

[coding]
randomizer = "ccsds-131071"
scheme = "reed-solomon"
e = 16
interleave = 5
basis = "dual"

[frame]
protocol = "aos"
length = 1115
fecf = "crc16"

[[channel]]
scid = 777
vcid = [0, 1, 12]
content = "packets"

[[channel]]
vcid = 63
content = "idle"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_pass_decodes_to_the_truth() {
        let text = run().unwrap();
        assert!(text.contains("every packet that must come out did"), "{text}");
        assert!(text.contains("slips 1"), "{text}");
        assert!(text.contains("BusVoltage") && text.contains(" V") && text.contains('!'), "{text}");
    }
}
