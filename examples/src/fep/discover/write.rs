//! What was found, as a mission file and as a few lines.

use std::fmt::Write;

use ccsds_core::fecf::Fecf;
use ccsds_core::id::Tfvn;
use frame_sync::line::LineCode;
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{Basis, RsConfig};

use super::coding::Coding;
use super::frame::{Evidence, Layout};
use super::marker::Found;
use super::sample::Sample;
use super::{Also, Reading, Sure, lock_errors};
use crate::fep::mission::{content_word, marker_hex};
use crate::fep::report::Report;

/// The mission file.
pub(super) fn mission(reading: &Reading, sample: &Sample, name: &str) -> String {
    let mut file = File::default();
    file.comment(&format!("Found by fep discover in {}.", printable(name)));
    let what = if reading.found.is_some() { "CADUs" } else { "frames" };
    let cadus = reading.cadus + reading.also.iter().map(|also| also.cadus).sum::<usize>();
    file.comment(&format!("{}, {cadus} {what} in them.", examined(sample)));
    file.comment("Behind each line: how sure it is (certain, likely, guess, default), and why.");
    file.text(&format!("name = \"{}\"", printable(name)));
    file.text("");
    match reading.slices.as_ref().map(|slices| &slices.found).or(reading.found.as_ref()) {
        Some(found) => {
            input_and_sync(&mut file, reading, found);
            coding(&mut file, reading);
        }
        None => input_of_frames(&mut file, reading),
    }
    frame(&mut file, reading);
    channels(&mut file, reading);
    file.text
}

/// Lines with what speaks for them behind.
#[derive(Debug, Default)]
struct File {
    text: String,
}

impl File {
    fn text(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn comment(&mut self, what: &str) {
        self.text(&format!("# {what}"));
    }

    fn line(&mut self, key: &str, value: &str, sure: Sure, why: &str) {
        let assignment = format!("{key} = {value}");
        self.text(&format!("{assignment:<34} # {sure}: {why}"));
    }

    fn word(&mut self, key: &str, word: &str, sure: Sure, why: &str) {
        self.line(key, &format!("\"{word}\""), sure, why);
    }
}

fn input_of_frames(file: &mut File, reading: &Reading) {
    file.text("[input]");
    let why = "no marker comes back, but what headers begin with does";
    file.word("kind", "frames", Sure::Certain, why);
    if reading.own_lengths {
        file.word("lengths", "own", Sure::Certain, "each length leads to the next header");
    }
    if reading.skip > 0 {
        let period = reading.skip + reading.layout.as_ref().map_or(0, |layout| layout.frame_len);
        let why = format!("headers come back every {period} octets, so many of which are ahead of the frame");
        file.line("skip", &reading.skip.to_string(), Sure::Certain, &why);
        if reading.layout.as_ref().is_some_and(Layout::is_uslp) {
            file.word("lengths", "fixed", Sure::Certain, "frames lie at equal distances");
        }
    }
}

fn input_and_sync(file: &mut File, reading: &Reading, found: &Found) {
    let certain = if found.pairs >= 4 || reading.is_confirmed() { Sure::Certain } else { Sure::Likely };
    let pairs = pairs(found);
    file.text("[input]");
    file.word("kind", "bits", certain, "there are markers");
    let (line_code, why) = match found.line_code {
        LineCode::NrzL => ("nrz-l", "the marker is there as it is"),
        LineCode::NrzM => ("nrz-m", "the marker is there after differential decoding"),
        LineCode::NrzS => ("nrz-s", "the marker is there after differential decoding, inverted"),
    };
    file.word("line_code", line_code, certain, why);
    file.text("\n[sync]");
    let marker = marker_hex(&found.marker);
    match found.user {
        Some(user) => file.word("marker", &marker, certain, &format!("in use for: {user}; {pairs}")),
        None => {
            let why = "in no list: bits that never change, in front of what can be decoded";
            file.word("marker", &marker, Sure::Likely, why);
        }
    }
    for other in &reading.others {
        let marker = marker_hex(&other.marker);
        file.comment(&format!(
            "There is also {marker}, {} times {} bits apart.",
            other.pairs, other.cadu_bits
        ));
    }
    file.line("cadu_bits", &found.cadu_bits.to_string(), certain, &pairs);
    if let Some(bits) = between(reading, found) {
        let what = "bits from the end of each code block to the next marker belong to neither: a recorder's, or fill.";
        file.comment(&format!("{bits} {what}"));
    }
    if lock_errors(&found.marker) != 3 {
        let why = "a short marker must not be found where there is none";
        file.line("lock_errors", &lock_errors(&found.marker).to_string(), Sure::Default, why);
    }
    let polarity = match (found.inverted, found.markers) {
        _ if found.line_code != LineCode::NrzL => "differential decoding makes it normal".to_owned(),
        (0, _) => "normal throughout; either is accepted".to_owned(),
        (inverted, markers) if inverted == markers => "inverted throughout; either is accepted".to_owned(),
        (inverted, markers) => format!("{inverted} of {markers} markers are inverted"),
    };
    file.word("polarity", "auto", Sure::Certain, &polarity);
}

fn pairs(found: &Found) -> String {
    format!("{} of {} markers have another one {} bits behind", found.pairs, found.markers, found.cadu_bits)
}

fn randomizer_word(randomizer: Randomizer) -> &'static str {
    match randomizer {
        Randomizer::CCSDS_255 => "ccsds-255",
        Randomizer::CCSDS_131071 => "ccsds-131071",
        _ => "none",
    }
}

/// Bits between a code block and the marker behind it, where there are any.
fn between(reading: &Reading, found: &Found) -> Option<usize> {
    if reading.slices.is_some() {
        return None;
    }
    let coding = &reading.coding;
    let block_len = coding.code.map_or(coding.frame_len, RsConfig::block_len);
    found.cadu_bits.checked_sub(8 * (found.marker.len() + block_len)).filter(|bits| *bits > 0)
}

fn coding(file: &mut File, reading: &Reading) {
    let coding = &reading.coding;
    let evidence = reading.layout.as_ref().map(|layout| layout.evidence).unwrap_or_default();
    file.text("\n[coding]");
    if let (Some(slices), Some(frames)) = (&reading.slices, &reading.found) {
        let randomizer = randomizer_word(slices.randomizer);
        file.word("randomizer", randomizer, Sure::Certain, "only so do slices make a stream of frames");
        file.word("scheme", "none", Sure::Certain, "the blocks are slices of frames as they are");
        file.line("slice", &slices.len.to_string(), Sure::Certain, "from one marker to the next");
        let marker = marker_hex(&frames.marker);
        let why = format!(
            "{} of {} in the slices have another one {} bits behind",
            frames.pairs, frames.markers, frames.cadu_bits
        );
        file.word("frame_marker", &marker, Sure::Certain, &why);
        return;
    }
    code_lines(file, coding, &evidence, reading.layout.is_some());
    for also in &reading.also {
        other_coding(file, also);
    }
}

/// Another coding that has its turn now and then.
fn other_coding(file: &mut File, also: &Also) {
    let Also { found, coding, evidence, .. } = also;
    file.text("\n[[coding.also]]");
    let pairs = pairs(found);
    file.word("marker", &marker_hex(&found.marker), Sure::Certain, &pairs);
    file.line("cadu_bits", &found.cadu_bits.to_string(), Sure::Certain, &pairs);
    let (sure, why) = match coding.code {
        Some(_) => (Sure::Certain, "what the code block carries"),
        None => (Sure::Likely, "from one marker to the next"),
    };
    file.line("length", &coding.frame_len.to_string(), sure, why);
    code_lines(file, coding, evidence, true);
}

/// How blocks are randomized, and their code.
fn code_lines(file: &mut File, coding: &Coding, evidence: &Evidence, has_layout: bool) {
    let randomizer = randomizer_word(coding.randomizer);
    let (sure, why) = if evidence.is_convincing() {
        (Sure::Certain, "only so do the headers make sense")
    } else if has_layout {
        (Sure::Likely, "so the headers make the most sense")
    } else {
        (Sure::Guess, "no reading of the headers makes sense")
    };
    file.word("randomizer", randomizer, sure, why);
    let passed = format!("{} of {} blocks tried are codewords", coding.passed, coding.tried);
    match coding.code {
        Some(code) => {
            let sure = if coding.passed >= 2 { Sure::Certain } else { Sure::Likely };
            file.word("scheme", "reed-solomon", sure, &passed);
            file.line("e", &code.e().errors().to_string(), sure, "no stronger code fits");
            let depth = code.interleave().depth().to_string();
            file.line("interleave", &depth, sure, "no other depth fits");
            file.line("virtual_fill", &code.virtual_fill().to_string(), sure, "from the length of the block");
            match code.basis() {
                Basis::Dual => file.word("basis", "dual", sure, "as the book has it"),
                Basis::Conventional => file.word("basis", "conventional", sure, "the dual one does not fit"),
            }
        }
        None => {
            let sure = if evidence.is_convincing() { Sure::Likely } else { Sure::Guess };
            file.word("scheme", "none", sure, "no Reed-Solomon code of the book fits");
        }
    }
}

fn frame(file: &mut File, reading: &Reading) {
    file.text("\n[frame]");
    let Some(layout) = &reading.layout else {
        file.word("protocol", "tm", Sure::Guess, "no version number fits most frames");
        let why = "from one marker to the next";
        file.line("length", &reading.coding.frame_len.to_string(), Sure::Guess, why);
        return;
    };
    let evidence = &layout.evidence;
    let sure = if evidence.is_convincing() { Sure::Certain } else { Sure::Guess };
    let why = format!(
        "version of {} of {} frames; {} of {} counts go on",
        evidence.version, evidence.frames, evidence.next, evidence.followers
    );
    let protocol = match layout.tfvn {
        Tfvn::Tm => "tm",
        Tfvn::Aos => "aos",
        _ => "uslp",
    };
    file.word("protocol", protocol, sure, &why);
    let (length_sure, why) = length(reading, layout);
    file.line("length", &layout.frame_len.to_string(), length_sure, &why);
    let chained = format!("{} of {} pairs of pointers agree", evidence.chained, evidence.pairs);
    let zones = if evidence.chained >= 3 { Sure::Certain } else { Sure::Default };
    match (layout.tfvn, layout.secondary_header) {
        (Tfvn::Tm, Some(len)) => file.line("secondary_header", &len.to_string(), zones, &chained),
        (Tfvn::Tm, None) => file.word("secondary_header", "flagged", zones, &chained),
        _ => file.line("insert_zone", &layout.insert_zone.to_string(), zones, &chained),
    }
    if layout.tfvn == Tfvn::Aos {
        let why = format!("it holds in {} of {} headers", evidence.headers, evidence.version);
        file.line("header_error_control", &layout.header_error_control.to_string(), Sure::Certain, &why);
    }
    ocf(file, layout);
    let (fecf, sure, why) = match layout.fecf {
        Fecf::Absent => ("absent", Sure::Certain, "no check at the end is valid".to_owned()),
        Fecf::Crc16 => {
            ("crc16", Sure::Certain, format!("{} of {} are valid", evidence.fecf, evidence.version))
        }
        Fecf::Crc32 => {
            ("crc32", Sure::Certain, format!("{} of {} are valid", evidence.fecf, evidence.version))
        }
    };
    file.word("fecf", fecf, sure, &why);
}

fn length(reading: &Reading, layout: &Layout) -> (Sure, String) {
    if reading.own_lengths {
        (Sure::Likely, "the longest frame".to_owned())
    } else if reading.found.is_none() {
        (Sure::Certain, "headers come back after so many octets".to_owned())
    } else if reading.coding.code.is_some() {
        (Sure::Certain, "what the code block carries".to_owned())
    } else if layout.unexplained > 0 {
        let octets = layout.unexplained;
        (Sure::Likely, format!("packets end here; {octets} octets behind are of no code known here"))
    } else if layout.fecf != Fecf::Absent {
        (Sure::Certain, "the error control field ends here".to_owned())
    } else {
        (Sure::Likely, "from one marker to the next".to_owned())
    }
}

fn ocf(file: &mut File, layout: &Layout) {
    let evidence = &layout.evidence;
    let told = layout.zone_len.is_some();
    match (layout.tfvn, layout.ocf) {
        (Tfvn::Aos, true) if told => {
            file.word("ocf", "present", Sure::Certain, "the packets end four octets before the trailer");
        }
        (Tfvn::Aos, true) => {
            let why = "four octets before the end look like a control word in every frame";
            file.word("ocf", "present", Sure::Likely, why);
        }
        (Tfvn::Aos, false) if told => {
            file.word("ocf", "absent", Sure::Certain, "the packets leave no room for it");
        }
        (Tfvn::Aos, false) => {
            file.word("ocf", "absent", Sure::Guess, "nothing looks like one, and no packets tell");
        }
        (_, flagged) => {
            let why = match flagged {
                true => {
                    format!("the flag is set in {} of {} frames", evidence.control_words, evidence.version)
                }
                false => "the flag is set in no frame".to_owned(),
            };
            file.word("ocf", "flagged", Sure::Certain, &why);
        }
    }
}

fn channels(file: &mut File, reading: &Reading) {
    for heard in &reading.channels {
        file.text("\n[[channel]]");
        let sure = if heard.frames >= 3 { Sure::Certain } else { Sure::Likely };
        let why = if heard.frames == 1 { "1 frame".to_owned() } else { format!("{} frames", heard.frames) };
        file.line("scid", &heard.scid.get().to_string(), sure, &why);
        file.line("vcid", &heard.vcid.get().to_string(), sure, &why);
        file.word("content", content_word(heard.content), heard.sure, &heard.why);
    }
}

/// What there is to say in a few lines.
pub(super) fn summary(reading: &Reading, sample: &Sample, check: &Report) -> String {
    let mut text = String::new();
    let mut say = |topic: &str, what: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{topic:<10} {what}");
    };
    say("examined", &examined(sample));
    match (&reading.slices, &reading.found) {
        (Some(slices), Some(found)) => {
            say("marker", &marker(&slices.found, slices.count));
            say("slices", &format!("of {} octets, {}", slices.len, randomized(slices.randomizer)));
            say("in them", &marker(found, reading.cadus));
        }
        (_, Some(found)) => {
            say("marker", &marker(found, reading.cadus));
            say("coding", &code(&reading.coding));
            for also in &reading.also {
                say("also", &marker(&also.found, also.cadus));
                say("coding", &code(&also.coding));
            }
            if let Some(bits) = between(reading, found) {
                say("between", &format!("{bits} bits from the end of each code block to the next marker"));
            }
        }
        (_, None) if reading.skip > 0 => {
            let what =
                format!("none: frames that another receiver decoded, {} octets before each", reading.skip);
            say("marker", &what);
        }
        (_, None) => say("marker", "none: frames that another receiver decoded, back to back"),
    }
    say(
        "frames",
        &match &reading.layout {
            Some(layout) => format!("{} of {} octets", layout.tfvn, layout.frame_len),
            None => "of no known protocol".to_owned(),
        },
    );
    for heard in &reading.channels {
        let what = format!(
            "{}/{}: {} frames, {} ({}: {})",
            heard.scid,
            heard.vcid,
            heard.frames,
            content_word(heard.content),
            heard.sure,
            heard.why
        );
        say("channel", &what);
    }
    let good = check.frames.map_or(0, |frames| frames.good + frames.idle);
    let total = check.frames.map_or(0, |frames| frames.total);
    let packets: u64 =
        check.channels.iter().flatten().map(|channel| channel.packets + channel.idle_packets).sum();
    say(
        "check",
        &format!("decoded so, {good} of {total} frames are good, and {packets} packets come out whole"),
    );
    text
}

/// The marker in one line.
fn marker(found: &Found, cadus: usize) -> String {
    let marker = marker_hex(&found.marker);
    let line = match found.line_code {
        LineCode::NrzL => "",
        LineCode::NrzM => ", NRZ-M",
        LineCode::NrzS => ", NRZ-S",
    };
    let polarity = if 2 * found.inverted > found.markers { ", inverted" } else { "" };
    format!("{marker}, every {} bits, {cadus} CADUs{line}{polarity}", found.cadu_bits)
}

/// The coding in one line.
fn code(coding: &Coding) -> String {
    let randomizer = randomized(coding.randomizer);
    match coding.code {
        Some(code) => format!(
            "Reed-Solomon E={} I={} fill={} {}, {randomizer}",
            code.e().errors(),
            code.interleave().depth(),
            code.virtual_fill(),
            if code.basis() == Basis::Dual { "dual" } else { "conventional" },
        ),
        None => format!("none that is known here, {randomizer}"),
    }
}

fn randomized(randomizer: Randomizer) -> &'static str {
    match randomizer {
        Randomizer::CCSDS_255 => "randomized with 255 bits",
        Randomizer::CCSDS_131071 => "randomized with 131071 bits",
        _ => "not randomized",
    }
}

fn examined(sample: &Sample) -> String {
    match sample.total {
        Some(total) if !sample.is_whole() => {
            format!("{} octets of {total}, from everywhere: other channels may be there too", sample.len())
        }
        Some(_) => format!("all {} octets", sample.len()),
        None => format!("the first {} octets", sample.len()),
    }
}

/// A name that breaks neither a string nor a comment.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || matches!(c, '"' | '\\') { '_' } else { c }).collect()
}
