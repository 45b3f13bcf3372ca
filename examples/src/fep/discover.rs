//! `fep discover`: the managed parameters of a link, found out from nothing but its bits.
//!
//! ```text
//! sample ──▶ marker ──▶ coding ──▶ frame ──▶ content ──▶ mission file
//!            unknown                chain
//!            slices ──▶ marker ───▶
//!            files ───────────────▶
//! ```
//!
//! Each step hands on every reading that it cannot tell from the best one, and the steps behind it decide: that a
//! Reed-Solomon code fits does not tell whether the blocks are randomized, but frame counts that count do.
//!
//! At most [`MAX_LEN`] octets are looked at, however long the recording is.

mod chain;
mod coding;
mod content;
mod files;
mod frame;
mod marker;
mod sample;
mod slices;
mod unknown;
mod write;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use ccsds_core::quality::{ReceiveTime, SyncQuality};
use frame_sync::asm::Asm;
use frame_sync::codec::Uncoded;
use frame_sync::pipeline::FramePipeline;
use frame_sync::randomizer::Randomizer;
use frame_sync::slab::FrameSlab;
use frame_sync::sync::{SyncConfig, SyncParameters};

use self::coding::Coding;
use self::content::Heard;
use self::frame::{Evidence, Layout};
use self::marker::{Decoded, Found};
use self::sample::Sample;
use crate::fep::failure::Failure;
use crate::fep::input::{Input, Source};
use crate::fep::mission::Mission;
use crate::fep::process;
use crate::fep::progress::Progress;
use crate::fep::report::Report;

/// How sure a line of the mission file is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Sure {
    /// It cannot be chance.
    Certain,
    /// Chance would be surprising.
    Likely,
    /// Nothing speaks against it, and little for it.
    Guess,
    /// The recording does not tell.
    Default,
}

impl fmt::Display for Sure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Guess => "guess",
            Self::Default => "default",
        })
    }
}

/// What was found out about a recording.
#[derive(Clone, Debug)]
pub struct Discovery {
    /// The mission file: every line says how sure it is.
    pub mission: String,
    /// What there is to say in a few lines.
    pub summary: String,
    /// What the mission file made of the sample.
    pub check: Report,
}

/// Find out the managed parameters of `input`; `name` is what it is called.
///
/// # Errors
/// When it cannot be read, or nothing is found in it.
pub fn run(input: &Input, name: &str) -> Result<Discovery, Failure> {
    let mut sample = Sample::take(input)?;
    let examined = sample.len();
    let nothing =
        |what: &str| Failure::cannot_run(format!("{name}: {what} in {examined} octets; nothing was written"));
    let decoded = Decoded::new(&sample.pieces);
    let known = marker::find_known(&decoded);
    let known_reading = read_known(&decoded, &known);
    let reading = match known_reading.as_ref().filter(|reading| !reading.is_confirmed()) {
        // There are markers, and nothing that makes sense behind them.
        Some(reading) => {
            reading.found.as_ref().and_then(|found| slices::find(&decoded, found)).or(known_reading)
        }
        None => known_reading,
    };
    let reading = reading.or_else(|| {
        let file = files::find(&sample).map(Reading::of_file);
        let reading = file.or_else(|| read_unknown_or_recorded(&decoded, &sample))?;
        if reading.found.is_none() {
            // In the middle of a long file nothing tells where a frame begins.
            sample.keep_the_first();
        }
        Some(reading)
    });
    let reading = reading
        .ok_or_else(|| nothing("neither sync markers nor frame headers come back after the same distance"))?;
    let mission = write::mission(&reading, &sample, name);
    let parsed = Mission::parse(&mission, Path::new("discovered.toml"))
        .map_err(|error| Failure::incomplete(format!("internal error, please report it: {error}")))?;
    let check = check(&parsed, &sample)?;
    let summary = write::summary(&reading, &sample, &check);
    Ok(Discovery { mission, summary, check })
}

/// One way to read a recording, from the marker to the channels.
#[derive(Clone, Debug)]
struct Reading {
    /// `None` in a file of frames.
    found: Option<Found>,
    /// The slices that the frames are in.
    slices: Option<slices::Slices>,
    /// Whether the frames of a file have lengths of their own.
    own_lengths: bool,
    /// Octets before each frame of a file that do not belong to it.
    skip: usize,
    coding: Coding,
    /// `None` where the frames follow no protocol.
    layout: Option<Layout>,
    channels: Vec<Heard>,
    /// CADUs in the sample, of this coding.
    cadus: usize,
    /// Other codings that take turns with this one.
    also: Vec<Also>,
    /// Other markers that come back too.
    others: Vec<Found>,
}

/// Another coding in the same stream.
#[derive(Clone, Debug)]
struct Also {
    found: Found,
    coding: Coding,
    evidence: Evidence,
    /// CADUs in the sample.
    cadus: usize,
}

impl Reading {
    /// The best reading with a marker.
    fn new(decoded: &Decoded, found: &Found, any_length: bool) -> Option<Self> {
        let blocks = blocks(decoded, found)?;
        let best = Self::best(Self::candidates(&blocks, found, any_length).into_iter())?;
        Some(best.surveyed(&blocks))
    }

    /// The best reading with a marker that other frames of the link of `first` are behind.
    fn beside(first: &Self, decoded: &Decoded, found: &Found) -> Option<Self> {
        let blocks = blocks(decoded, found)?;
        let readings = Self::candidates(&blocks, found, true).into_iter();
        let surveyed = readings.map(|reading| reading.surveyed(&blocks));
        Self::best(surveyed.filter(|reading| first.takes_turns_with(reading)))
    }

    /// The one with the highest score; the first of several.
    fn best(readings: impl Iterator<Item = Self>) -> Option<Self> {
        readings.reduce(|best, next| if best.score() < next.score() { next } else { best })
    }

    /// Every reading that is worth a look: some with a layout of frames, and one without.
    fn candidates(blocks: &[Vec<u8>], found: &Found, any_length: bool) -> Vec<Self> {
        let reading = |coding: Coding, layout: Option<Layout>| Self {
            found: Some(found.clone()),
            slices: None,
            own_lengths: false,
            skip: 0,
            coding,
            layout,
            channels: Vec::new(),
            cadus: blocks.len(),
            also: Vec::new(),
            others: Vec::new(),
        };
        let codings = coding::find(blocks, any_length);
        let of_layouts = codings.iter().flat_map(|coding| {
            let layouts = Layout::find(&coding.frames(blocks), coding.code.is_some());
            layouts.into_iter().map(|layout| reading(*coding, Some(layout)))
        });
        let mut readings: Vec<Self> = of_layouts.collect();
        if readings.is_empty() {
            readings.extend(codings.first().map(|coding| reading(*coding, None)));
        }
        readings
    }

    /// The same with the channels that are heard.
    fn surveyed(mut self, blocks: &[Vec<u8>]) -> Self {
        let Some(layout) = &self.layout else { return self };
        let mut frames = self.coding.frames(blocks);
        for frame in &mut frames {
            frame.truncate(layout.frame_len);
        }
        self.coding.frame_len = layout.frame_len;
        let checked = self.coding.code.is_some() || layout.evidence.fecf > 0;
        if layout.evidence.fecf > 0 {
            let fecf = layout.fecf;
            frames.retain(|frame| coding::valid_fecf(std::iter::once(frame.as_slice()), fecf) == 1);
        }
        let trust = if checked { content::Trust::Checked } else { content::Trust::Unchecked };
        self.channels = content::survey(layout, &frames, trust);
        self
    }

    /// Frames that another receiver decoded.
    fn of_file(file: files::FrameFile) -> Self {
        let files::FrameFile { mut frames, layout, own_lengths, skip } = file;
        let cadus = frames.len();
        let trust = if layout.evidence.fecf > 0 {
            frames.retain(|frame| coding::valid_fecf(std::iter::once(frame.as_slice()), layout.fecf) == 1);
            content::Trust::Checked
        } else {
            content::Trust::Decoded
        };
        let channels = content::survey(&layout, &frames, trust);
        let coding = Coding {
            randomizer: Randomizer::NONE,
            code: None,
            frame_len: layout.frame_len,
            tried: 0,
            passed: 0,
        };
        Self {
            found: None,
            slices: None,
            own_lengths,
            skip,
            coding,
            layout: Some(layout),
            channels,
            cadus,
            also: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Whether frames behind another marker are of the same link: their protocol, and spacecraft that are heard here too.
    fn takes_turns_with(&self, other: &Self) -> bool {
        let (Some(mine), Some(others)) = (&self.layout, &other.layout) else { return false };
        let frames = |is_like: &dyn Fn(&Heard, &Heard) -> bool| -> usize {
            let heard =
                other.channels.iter().filter(|heard| self.channels.iter().any(|mine| is_like(mine, heard)));
            heard.map(|heard| heard.frames).sum()
        };
        let known = match other.is_confirmed() {
            true => frames(&|a, b| a.scid == b.scid),
            false => frames(&|a, b| (a.scid, a.vcid) == (b.scid, b.vcid)),
        };
        mine.tfvn == others.tfvn && known >= 2 && 10 * known >= 9 * other.cadus
    }

    /// Enter another coding of the same link.
    fn add(&mut self, other: Self) {
        let Self { found: Some(found), layout: Some(layout), coding, cadus, channels, .. } = other else {
            return;
        };
        let knows_better = self.layout.as_mut().is_some_and(|mine| mine.learn_zones(&layout));
        for heard in channels {
            let is_same = |mine: &&mut Heard| (mine.scid, mine.vcid) == (heard.scid, heard.vcid);
            match self.channels.iter_mut().find(is_same) {
                Some(mine) => {
                    let frames = mine.frames + heard.frames;
                    if knows_better || heard.sure < mine.sure {
                        *mine = heard;
                    }
                    mine.frames = frames;
                }
                None => self.channels.push(heard),
            }
        }
        self.also.push(Also { found, coding, evidence: layout.evidence, cadus });
    }

    fn score(&self) -> f64 {
        let coded = self.coding.passed as f64 / self.coding.tried.max(1) as f64;
        2.0 * coded + self.layout.as_ref().map_or(0.0, |layout| layout.evidence.score())
    }

    /// Whether something behind the marker confirms that it is one.
    fn is_confirmed(&self) -> bool {
        (self.coding.code.is_some() && self.coding.passed >= 2)
            || self.layout.as_ref().is_some_and(|layout| layout.evidence.is_convincing())
    }
}

/// The best reading with a marker of the list. A long marker that comes back often needs no other confirmation.
fn read_known(decoded: &Decoded, known: &[Found]) -> Option<Reading> {
    let most = known.first()?.pairs;
    let worth_it = |found: &&Found| 4 * found.pairs >= most;
    let mut best: Option<Reading> = None;
    for found in known.iter().filter(worth_it).take(MAX_KNOWN) {
        let Some(reading) = Reading::new(decoded, found, true) else { continue };
        let sure = found.marker.len() >= 4 && found.pairs >= 4;
        let better = best.as_ref().is_none_or(|best| {
            (best.is_confirmed(), best.score()) < (reading.is_confirmed(), reading.score())
        });
        if better && (sure || reading.is_confirmed()) {
            best = Some(reading);
        }
    }
    let mut best = best?;
    let chosen = best.found.clone()?;
    // A short marker that begins a long one is no other marker.
    let others = known.iter().filter(|other| {
        other.line_code == chosen.line_code
            && other.pairs >= 4
            && !chosen.marker.starts_with(&other.marker)
            && !other.marker.starts_with(&chosen.marker)
    });
    for other in others {
        match Reading::beside(&best, decoded, other) {
            Some(reading) => best.add(reading),
            None => best.others.push(other.clone()),
        }
    }
    Some(best)
}

/// The best reading with a marker of no list: only what confirms itself.
fn read_unknown(decoded: &Decoded) -> Option<Reading> {
    let mut best: Option<Reading> = None;
    for found in unknown::find_unknown(decoded) {
        let Some(reading) = Reading::new(decoded, &found, false) else { continue };
        if reading.is_confirmed() && best.as_ref().is_none_or(|best| best.score() < reading.score()) {
            best = Some(reading);
        }
    }
    best
}

/// The best reading with a marker of no list, or of frames behind what a recorder puts before each: constant bits may be either.
fn read_unknown_or_recorded(decoded: &Decoded, sample: &Sample) -> Option<Reading> {
    let unknown = read_unknown(decoded);
    if unknown.as_ref().is_some_and(|reading| reading.coding.code.is_some()) {
        return unknown;
    }
    let recorded = files::behind_headers(sample).map(Reading::of_file);
    match (unknown, recorded) {
        (Some(unknown), Some(recorded)) if recorded.score() > unknown.score() + 0.5 => Some(recorded),
        (unknown, recorded) => unknown.or(recorded),
    }
}

/// The blocks behind the markers, aligned to octets.
fn blocks(decoded: &Decoded, found: &Found) -> Option<Vec<Vec<u8>>> {
    let config = sync_config(found)?;
    let mut blocks = Vec::new();
    for piece in decoded.pieces(found.line_code) {
        let codec = Uncoded { frame_len: config.block_bits() / 8 };
        let mut pipeline = FramePipeline::new(config, Randomizer::NONE, codec);
        let mut slab = FrameSlab::new();
        pipeline.finish(piece, ReceiveTime(0), &mut slab).ok()?;
        // Where no marker was seen, another coding may have its turn.
        let seen = slab.frames().filter(|frame| frame.meta.quality.sync != SyncQuality::Flywheel);
        blocks.extend(seen.map(|frame| frame.bytes.to_vec()));
    }
    (blocks.len() >= 2).then_some(blocks)
}

/// The usual synchronizer for a marker.
fn sync_config(found: &Found) -> Option<SyncConfig> {
    let asm = Asm::new(&found.marker).ok()?;
    let fill_bits = found.cadu_bits.checked_sub(asm.len_bits())? % 8;
    let lock_errors = lock_errors(&found.marker);
    SyncConfig::new(SyncParameters { fill_bits, lock_errors, ..SyncParameters::new(asm, found.cadu_bits) })
        .ok()
}

/// Bit errors that a marker may have in lock: the usual three, fewer in a short one.
fn lock_errors(marker: &[u8]) -> u8 {
    if marker.len() >= 4 { 3 } else { 2 }
}

/// Decode the sample as the mission says.
fn check(mission: &Mission, sample: &Sample) -> Result<Report, Failure> {
    let inputs = sample.pieces.iter().map(|piece| Input::Octets(Arc::from(piece.as_slice()))).collect();
    let source = Source { inputs, line_code: mission.line_code(), ..Source::default() };
    process::decode(mission, &source, None, &mut (), &mut Progress::silent())
}

pub use self::sample::MAX_LEN;
/// Markers of the list that are followed up.
const MAX_KNOWN: usize = 3;
