//! The frame archive: every frame of a link with what is known about it, in one file that only grows.
//!
//! ```text
//! header │ mission file │ block │ block │ block …        block = header │ channels │ records │ octets of the frames
//! ```
//!
//! - A block stands for itself: its header and what follows carry a CRC-32 each. Whatever a file was cut off at, all blocks before
//!   that place are whole, and [`ArchiveWriter::append`] goes on behind the last of them.
//! - A reader may follow a file that is being written: a block that is not there yet is no error, see [`ArchiveReader::next_block`].
//! - The headers of the blocks are the index: times, channels and counts of a block stand in front of it, so that a reader who
//!   wants some frames only skips the other blocks without reading them.
//! - The managed parameters travel along: the header holds the mission file.
//!
//! All numbers are little-endian. The layouts are those of [`format`], one record is a [`crate::fep::record::FrameRecord`].

pub mod format;
mod reader;
pub mod replay;
#[cfg(test)]
mod tests;
mod writer;

use std::fs;
use std::path::PathBuf;

pub use self::reader::{ArchiveReader, Block, Selection};
pub use self::writer::ArchiveWriter;

use crate::fep::failure::Failure;
use crate::fep::input::{Input, Source};
use crate::fep::mission::Mission;
use crate::fep::process;
use crate::fep::progress::Progress;
use crate::fep::report::Report;

/// What `fep archive` is asked to do.
#[derive(Clone, Debug)]
pub struct ArchiveOptions {
    /// Where the stream comes from.
    pub inputs: Vec<Input>,
    /// The mission file.
    pub mission: PathBuf,
    /// The archive.
    pub out: PathBuf,
    /// Whether frames are added to an archive that is there already.
    pub append: bool,
    /// Whether an archive that is there already is replaced.
    pub force: bool,
    /// Threads to decode with; all cores where it is not said.
    pub threads: Option<usize>,
    /// Show no progress bar.
    pub quiet: bool,
}

/// Decode the inputs and write every frame to the archive; returns the accounts.
///
/// # Errors
/// When the run cannot begin, or the archive cannot be written. What was written until then can be read.
pub fn run(options: &ArchiveOptions) -> Result<Report, Failure> {
    let mission = Mission::read(&options.mission)?;
    let text = fs::read_to_string(&options.mission).map_err(Failure::cannot_run)?;
    if mission.frames().is_none() {
        return Err(Failure::cannot_run(
            "packets without frames cannot be archived: kind must be \"bits\" or \"frames\"",
        ));
    }
    let source =
        Source { inputs: options.inputs.clone(), line_code: mission.line_code(), ..Source::default() };
    source.check()?;
    let mut writer = if options.append && options.out.exists() {
        ArchiveWriter::append(&options.out, &text)?
    } else {
        ArchiveWriter::create(&options.out, &text, options.force)?
    };
    let mut progress = Progress::new(source.known_len(), options.quiet);
    let report = process::decode(&mission, &source, options.threads, &mut writer, &mut progress)?;
    progress.finish();
    writer.finish()?;
    Ok(report)
}
