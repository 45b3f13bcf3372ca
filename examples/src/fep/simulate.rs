//! `fep simulate`: a deterministic downlink as a mission file describes it, with stated impairments, and the truth beside it.
//!
//! What a mission file does not say is chosen here: each channel with packets carries two processes, frames of only idle data
//! come in between, and the first [`MAX_CHANNELS`] channels of the first spacecraft are heard. Codings take turns, some CADUs at a
//! time; bitstreams are not always full; units that USLP delimits are of all lengths; the numbers of protected frames begin at 1.

mod protect;
mod spec;
mod truth;

use std::fmt::Write;
use std::path::PathBuf;

use bench::sim::{Downlink, Fate, Impairments, LinkSpec, Pass, SliceSpec, Truth, write_slices_to};

pub use self::spec::{MAX_CHANNELS, link_spec, slice_spec};
pub use self::truth::{ChannelTruthReport, CodingTruthReport, FatesReport, TruthReport};
use crate::fep::failure::Failure;
use crate::fep::mission::Mission;
use crate::fep::output::WholeFile;

/// What `fep simulate` is asked to do.
#[derive(Clone, Debug)]
pub struct SimulateOptions {
    /// The recording; the truth goes beside it.
    pub out: PathBuf,
    /// Whether files that are there already are replaced.
    pub force: bool,
    /// How long the recording is.
    pub size: Size,
    /// What settles everything that is left to chance.
    pub seed: u64,
    /// What goes wrong.
    pub impairments: Impairments,
}

/// How long a recording is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Size {
    /// So many frames are made; they and their packets are kept in memory.
    Frames(usize),
    /// So many octets arrive; any number, in bounded memory.
    Octets(u64),
}

/// Write a recording and the truth about it; returns what is written beside it.
///
/// # Errors
/// When the mission cannot be simulated, or a file cannot be written.
pub fn run(mission: &Mission, options: &SimulateOptions) -> Result<TruthReport, Failure> {
    let spec = link_spec(mission)?;
    let truth_path = truth_path(&options.out);
    for path in [&options.out, &truth_path] {
        if path.exists() && !options.force {
            let what = format!(
                "{} is there already: choose another --out, or replace it with --force",
                path.display()
            );
            return Err(Failure::cannot_run(what));
        }
    }
    let unusable = |failure: Failure| Failure::cannot_run(failure);
    let (mut recording, mut beside) = (
        WholeFile::new(options.out.clone()).map_err(unusable)?,
        WholeFile::new(truth_path).map_err(unusable)?,
    );
    let (octets, truth) = transmit(&spec, slice_spec(mission).as_ref(), options, &mut recording)?;
    let markers = spec.codings().into_iter().map(|coding| coding.marker);
    let report = TruthReport::new(mission, options.seed, octets, &truth, markers);
    let json = serde_json::to_string_pretty(&report).map_err(Failure::incomplete)?;
    beside.append(json.as_bytes())?;
    beside.append(b"\n")?;
    recording.commit(options.force)?;
    beside.commit(options.force)?;
    Ok(report)
}

/// Send the downlink into `out`; returns the octets it took, and the truth.
fn transmit(
    spec: &LinkSpec,
    slices: Option<&SliceSpec>,
    options: &SimulateOptions,
    out: &mut WholeFile,
) -> Result<(u64, Truth), Failure> {
    let SimulateOptions { impairments, seed, .. } = options;
    match options.size {
        Size::Frames(frames) => {
            let pass = match slices {
                Some(slices) => Pass::in_slices(spec, slices, impairments, *seed, frames),
                None => Pass::simulate(spec, impairments, *seed, frames),
            };
            let pass = pass.map_err(Failure::cannot_run)?;
            out.append(&pass.octets)?;
            Ok((pass.octets.len() as u64, pass.truth))
        }
        Size::Octets(octets) => {
            if impairments.cut_tail_bits > 0 {
                return Err(Failure::cannot_run(
                    "--cut-tail goes with --frames: with --size the tail is cut anyway",
                ));
            }
            let written = match slices {
                Some(slices) => write_slices_to(spec, slices, impairments, *seed, out, octets),
                None => {
                    let downlink = Downlink::new(spec, impairments, *seed).map_err(Failure::cannot_run)?;
                    downlink.write_to(out, octets)
                }
            };
            let truth = written.map_err(|error| {
                Failure::incomplete(format!("cannot write {}: {error}", options.out.display()))
            })?;
            Ok((octets, truth))
        }
    }
}

/// Where the truth about `recording` goes.
fn truth_path(recording: &std::path::Path) -> PathBuf {
    let mut name = recording.as_os_str().to_owned();
    name.push(".truth.json");
    name.into()
}

/// What was simulated, in a few lines.
#[must_use]
pub fn summary(report: &TruthReport, out: &std::path::Path) -> String {
    let packets = |fate| report.packets(fate);
    let units = |fate| report.units(fate);
    let mut text = format!(
        "wrote {} octets to {}, and the truth to {}\n{} frames made; packets: {} must come out, {} were lost, {} may do either\n",
        report.octets,
        out.display(),
        truth_path(out).display(),
        report.frames_made(),
        packets(Fate::Must),
        packets(Fate::Lost),
        packets(Fate::May),
    );
    if report.channels.iter().any(|channel| channel.units != FatesReport::default()) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "units that are no packets: {} must come out, {} were lost, {} may do either",
            units(Fate::Must),
            units(Fate::Lost),
            units(Fate::May)
        );
    }
    text
}
