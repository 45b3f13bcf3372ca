//! `fep replay`: the frames of an archive, taken apart again.

use std::path::PathBuf;
use std::time::Instant;

use super::reader::{ArchiveReader, Block, Selection};
use crate::fep::failure::Failure;
use crate::fep::mission::Mission;
use crate::fep::output::OutputOptions;
use crate::fep::process::{self, FrameStage, Sink};
use crate::fep::report::{InputReport, LedgerReport, Report};

/// What `fep replay` is asked to do.
#[derive(Clone, Debug)]
pub struct ReplayOptions {
    /// The archive.
    pub archive: PathBuf,
    /// Another mission file than the one in the archive.
    pub mission: Option<PathBuf>,
    /// What to write.
    pub outputs: OutputOptions,
    /// Which frames.
    pub selection: Selection,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The accounts, from the frames up.
    pub report: Report,
    /// Octets of the archive that belong to no whole block.
    pub damaged: u64,
}

/// Take the frames of an archive apart, write the outputs, and report: what comes out is what came out when they were received.
///
/// # Errors
/// When the archive cannot be read, or an output cannot be written whole.
pub fn run(options: &ReplayOptions) -> Result<Replayed, Failure> {
    let started = Instant::now();
    let mut reader = ArchiveReader::open(&options.archive)?;
    let mission = match &options.mission {
        Some(path) => Mission::read(path)?,
        None => Mission::parse(reader.mission(), &options.archive).map_err(|error| {
            Failure::cannot_run(format!(
                "the mission file in the archive does not do here, give one with --mission: {error}"
            ))
        })?,
    };
    let report = process::written(&mission, &options.outputs, None, |sink| {
        let mut report = take_apart(&mut reader, &mission, &options.selection, sink)?;
        report.set_time(started.elapsed());
        Ok(report)
    })?;
    Ok(Replayed { report, damaged: reader.damaged() })
}

/// Hand the frames of an archive to `sink`, and report.
///
/// # Errors
/// When the archive cannot be read, its mission has no frames, or the sink fails.
pub fn take_apart(
    reader: &mut ArchiveReader,
    mission: &Mission,
    selection: &Selection,
    sink: &mut dyn Sink,
) -> Result<Report, Failure> {
    let Some(layer) = mission.frames() else {
        return Err(Failure::cannot_run(
            "the mission file says nothing about frames: kind must be \"bits\" or \"frames\"",
        ));
    };
    let mut stage = FrameStage::new(layer, sink);
    let (mut block, mut octets) = (Block::default(), 0);
    while reader.next_block(selection, &mut block)? {
        for (record, frame) in block.frames().filter(|(record, _)| selection.wants(record)) {
            octets += frame.len() as u64;
            stage.coding(record.which_coding());
            stage.take(frame, record.meta())?;
        }
    }
    Ok(Report {
        mission: mission.name.clone(),
        input: InputReport::new(octets),
        ledger: LedgerReport::new(&stage.checks()),
        ..stage.report()
    })
}

/// The channel that `TFVN-SCID-VCID` names, as output files do.
///
/// # Errors
/// When that is no channel.
pub fn channel(text: &str) -> Result<(u8, u16, u8), String> {
    let mut parts = text.split('-');
    let mut part = || parts.next().and_then(|part| part.parse().ok());
    let (tfvn, scid, vcid): (Option<u16>, Option<u16>, Option<u16>) = (part(), part(), part());
    match (tfvn, scid, vcid, parts.next()) {
        (Some(tfvn @ 0..=12), Some(scid), Some(vcid @ 0..=63), None) => Ok((tfvn as u8, scid, vcid as u8)),
        _ => Err(format!("\"{text}\" is no channel: write TFVN-SCID-VCID, such as 1-157-16")),
    }
}

/// The range that `FIRST-LAST` names; a single number is a range too.
///
/// # Errors
/// When that is no range.
pub fn range(text: &str) -> Result<std::ops::RangeInclusive<u64>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err(format!("\"{text}\" is no range: write FIRST-LAST, such as 100-200")),
    }
}
