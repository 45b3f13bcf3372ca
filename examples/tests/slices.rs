//! Frames in slices (131.0-B-6 §8) through the whole chain: what is lost with slices, and nothing else.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::path::Path;
use std::sync::Arc;

use bench::sim::{Check, Fault, IdlePackets, Impairments, Pass, Place, When};
use ccsds_core::frame::TransferFrame;
use ccsds_core::id::Gvcid;
use ccsds_core::packet::Packet;
use ccsds_core::quality::FrameMeta;
use examples::fep::failure::Failure;
use examples::fep::input::{Input, Source};
use examples::fep::mission::Mission;
use examples::fep::process::{self, Sink};
use examples::fep::progress::Progress;
use examples::fep::record::Disposition;
use examples::fep::report::Report;
use examples::fep::simulate::{link_spec, slice_spec};

const MISSION: &str = "[input]\nkind = \"bits\"\n[sync]\nmarker = \"034776C7272895B0\"\n\
                       [coding]\nrandomizer = \"ccsds-131071\"\nscheme = \"none\"\nslice = 512\n\
                       [frame]\nprotocol = \"tm\"\nlength = 1115\nocf = \"flagged\"\n\
                       [[channel]]\nscid = 5\nvcid = \"0-2\"\n[[channel]]\nvcid = 7\ncontent = \"idle\"\n";

fn mission(text: &str) -> Mission {
    Mission::parse(text, Path::new("slices.toml")).unwrap()
}

/// Frames that are good, and packets held against the truth.
struct Taken<'t> {
    gvcids: Vec<Gvcid>,
    check: Check<'t>,
    good: Vec<Vec<u8>>,
}

impl Sink for Taken<'_> {
    fn any_frame(
        &mut self,
        bytes: &[u8],
        _: &FrameMeta,
        disposition: Disposition,
        _: Option<&TransferFrame<'_>>,
    ) -> Result<(), Failure> {
        if matches!(disposition, Disposition::Good | Disposition::Idle) {
            self.good.push(bytes.to_vec());
        }
        Ok(())
    }

    fn packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        self.check.packet(*self.gvcids.get(channel).unwrap(), packet.bytes);
        Ok(())
    }
}

/// Decode a pass; the report and the good frames.
#[track_caller]
fn decode(mission: &Mission, pass: &Pass, threads: usize) -> (Report, Vec<Vec<u8>>) {
    let gvcids = mission.frames().unwrap().channels.iter().map(|declared| declared.channel.gvcid).collect();
    let mut taken = Taken { gvcids, check: pass.truth.check(IdlePackets::Ignored), good: Vec::new() };
    let source = Source {
        inputs: vec![Input::Octets(Arc::from(pass.octets.as_slice()))],
        line_code: mission.line_code(),
        ..Source::default()
    };
    let report =
        process::decode(mission, &source, Some(threads), &mut taken, &mut Progress::silent()).unwrap();
    assert!(report.ledger.closed, "{:?}", report.ledger);
    let verdict = taken.check.finish();
    assert!(verdict.is_satisfied(), "{verdict:?}");
    (report, taken.good)
}

fn simulate(mission: &Mission, impairments: &Impairments) -> Pass {
    let (spec, slices) = (link_spec(mission).unwrap(), slice_spec(mission).unwrap());
    Pass::in_slices(&spec, &slices, impairments, 11, 200).unwrap()
}

#[test]
fn every_frame_in_slices_comes_out_of_a_clean_link() {
    for (protocol, slice, marker) in
        [("tm", 512, "1ACFFC1D"), ("aos", 2048, "352EF853"), ("tm", 100, "1ACFFC1D")]
    {
        let text = MISSION
            .replace("\"tm\"", &format!("\"{protocol}\""))
            .replace("flagged", if protocol == "tm" { "flagged" } else { "absent" })
            .replace("slice = 512", &format!("slice = {slice}\nframe_marker = \"{marker}\""));
        // A differential decoder does not know the level ahead of the first bit.
        let differential = text
            .replace("kind = \"bits\"", "kind = \"bits\"\nline_code = \"nrz-m\"")
            .replace("[sync]", "[sync]\nsearch_errors = 1");
        for text in [text, differential] {
            let mission = mission(&text);
            let impairments = Impairments { inverted: true, lead_bits: 12_345, ..Impairments::default() };
            let pass = simulate(&mission, &impairments);
            let (report, good) = decode(&mission, &pass, 2);
            assert_eq!(good.len(), 200, "{mission}");
            let slices = report.slices.unwrap();
            assert_eq!(slices.slices, (200u64 * 1119).div_ceil(slice));
            // Zeros complete the last slice, and the flywheel may take them for one frame more, which nothing vouches for.
            assert!(slices.frames - 200 <= slices.flywheel && slices.flywheel <= 1);
            assert_eq!((slices.lost, slices.breaks, slices.cut), (0, 0, 0));
            assert_eq!(decode(&mission, &pass, 1).1, good);
        }
    }
}

/// Fades over one slice and over many, with and without an error control field to vouch for frames: the frames they do not touch
/// come out, all of them, and no other does.
#[test]
fn fades_cost_the_frames_they_touch() {
    for text in
        [MISSION.to_owned(), MISSION.replace("ocf = \"flagged\"", "ocf = \"flagged\"\nfecf = \"crc16\"")]
    {
        let mission = mission(&text);
        let (_, clean) = decode(&mission, &simulate(&mission, &Impairments::default()), 2);
        assert_eq!(clean.len(), 200);
        for (first, many) in [(20, 1), (21, 2), (30, 4), (33, 9), (50, 40), (100, 3)] {
            let bits = many * 8 * 520;
            let fade = Fault::Burst { at: Place::Bit(0), bits };
            let impairments = Impairments::default().with(When::at([first]), fade);
            let (report, good) = decode(&mission, &simulate(&mission, &impairments), 2);
            let lost = 512 * first..512 * (first + u64::from(many));
            let touched = |n: u64| 1119 * n < lost.end && lost.start < 1119 * (n + 1);
            let expected: Vec<_> =
                (0..).zip(&clean).filter(|(n, _)| !touched(*n)).map(|(_, frame)| frame).collect();
            // Of the noise in a fade a frame that has lost only its marker can be told where an error control field vouches for it.
            let one_more = |n: u64| 1119 * n + 4 >= lost.end && 1119 * n < lost.end;
            let right = good.iter().eq(expected.iter().copied());
            let extra = (0..200).filter(|n| one_more(*n)).count();
            assert!(
                right || good.len() <= expected.len() + extra,
                "{many} slices from {first}: {} of {}",
                good.len(),
                expected.len()
            );
            assert!(expected.iter().all(|frame| good.contains(frame)), "{many} slices from {first}");
            assert!(good.iter().all(|frame| clean.contains(frame)), "{many} slices from {first}");
            let slices = report.slices.unwrap();
            assert_eq!((slices.slices + slices.lost, slices.breaks == 0), (438, many < 14), "{slices:?}");
        }
    }
}

/// Everything goes wrong at once, and the accounts close.
#[test]
fn accounts_of_slices_close_on_damaged_passes() {
    let mission = mission(&MISSION.replace("ocf = \"flagged\"", "ocf = \"flagged\"\nfecf = \"crc16\""));
    let impairments =
        Impairments { bit_error_rate: 3e-5, cut_head_bits: 777, cut_tail_bits: 5, ..Impairments::default() }
            .with(When::Random(0.02), Fault::Insert { at: Place::Anywhere, bits: 9 })
            .with(When::Random(0.02), Fault::Delete { at: Place::Anywhere, bits: 5000 })
            .with(When::Random(0.02), Fault::MarkerErrors { bits: 12 })
            .with(When::Random(0.01), Fault::Invert { at: Place::Anywhere })
            .with(When::at([3]), Fault::Drop)
            .with(When::at([5]), Fault::Repeat);
    let (report, good) = decode(&mission, &simulate(&mission, &impairments), 2);
    assert!(good.len() > 50, "{}", report.to_text());
    assert!(report.slices.is_some_and(|slices| slices.breaks > 0 && slices.cut + slices.discarded_bits > 0));
}

#[test]
fn a_mission_says_how_frames_are_sliced() {
    let text = mission(MISSION).to_string();
    for words in ["the block of 512 octets is a slice", "make a stream of frames behind 1ACFFC1D, 8952 bits"]
    {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
    let error = |from: &str, to: &str| {
        let error = Mission::parse(&MISSION.replace(from, to), Path::new("slices.toml")).unwrap_err();
        (error.key().to_owned(), error.to_string())
    };
    let (key, what) = error("slice = 512", "frame_marker = \"1ACFFC1D\"");
    assert!(key == "coding.frame_marker" && what.contains("goes with slice"), "{what}");
    let (key, what) = error("\"none\"\nslice", "\"reed-solomon\"\nslice");
    assert!(key == "coding.slice" && what.contains("scheme = \"none\""), "{what}");
    let (key, _) = error("slice = 512", "slice = 512\nframe_marker = \"1AC\"");
    assert_eq!(key, "coding.frame_marker");
    let (key, _) = error("slice = 512", "slice = 0");
    assert_eq!(key, "coding.slice");
}
