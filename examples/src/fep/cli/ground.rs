//! The options of `fep merge`, `fep archive` and `fep replay`.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;

use super::outputs::OutputArgs;
use super::{finish, print};
use crate::fep::archive::replay::{self, ReplayOptions};
use crate::fep::archive::{self, ArchiveOptions, Selection};
use crate::fep::failure::Failure;
use crate::fep::input::Input;
use crate::fep::merge::{self, MergeOptions};
use crate::fep::mission::Mission;

/// Options of `fep merge`.
#[derive(Args, Debug)]
pub(super) struct MergeArgs {
    /// One recording from each station, two or more.
    #[arg(required = true, num_args = 2.., value_name = "RECORDING")]
    inputs: Vec<PathBuf>,
    /// The mission file (TOML): the managed parameters of the physical channel.
    #[arg(long, value_name = "M.toml")]
    mission: PathBuf,
    /// Frames of each station that are held until the others catch up.
    #[arg(long, value_name = "FRAMES", default_value_t = 16_384, value_parser = clap::value_parser!(u32).range(1..=1 << 24))]
    window: u32,
    /// Threads to decode each recording with [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    #[command(flatten)]
    outputs: OutputArgs,
}

/// Options of `fep archive`.
#[derive(Args, Debug)]
pub(super) struct ArchiveArgs {
    /// Files, read one after the other as one stream; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// The mission file (TOML): the managed parameters of the physical channel.
    #[arg(long, value_name = "M.toml")]
    mission: PathBuf,
    /// The archive to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Add to FILE if it is there already; it must have been begun with the same mission file.
    #[arg(long, conflicts_with = "force")]
    append: bool,
    /// Replace FILE if it is there already.
    #[arg(long)]
    force: bool,
    /// Threads to decode with; the result is the same for every number [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Show no progress bar. There is none anyway unless standard error is a terminal.
    #[arg(long)]
    quiet: bool,
}

/// Options of `fep replay`.
#[derive(Args, Debug)]
pub(super) struct ReplayArgs {
    /// The archive.
    #[arg(value_name = "ARCHIVE")]
    archive: PathBuf,
    /// Another mission file (TOML) than the one in the archive, for the same frames.
    #[arg(long, value_name = "M.toml")]
    mission: Option<PathBuf>,
    /// Only frames of this channel.
    #[arg(long, value_name = "TFVN-SCID-VCID", value_parser = replay::channel)]
    channel: Option<(u8, u16, u8)>,
    /// Only frames with these counts, of channels that are known.
    #[arg(long, value_name = "FIRST-LAST", value_parser = replay::range)]
    counts: Option<RangeInclusive<u64>>,
    /// Only frames received at these times, in the unit of their records.
    #[arg(long, value_name = "FIRST-LAST", value_parser = replay::range)]
    received: Option<RangeInclusive<u64>>,
    #[command(flatten)]
    outputs: OutputArgs,
}

/// Merge recordings of several stations.
pub(super) fn merge(arguments: MergeArgs) -> Result<(), Failure> {
    let options = MergeOptions {
        inputs: arguments.inputs,
        outputs: arguments.outputs.options(),
        threads: arguments.threads.map(usize::from),
        window: usize::try_from(arguments.window).unwrap_or(usize::MAX),
    };
    let merged = merge::run(&Mission::read(&arguments.mission)?, &options)?;
    print(&merged.merge.to_text())?;
    finish(&merged.report)
}

/// Decode a recording into an archive.
pub(super) fn archive(arguments: ArchiveArgs) -> Result<(), Failure> {
    let report = archive::run(&ArchiveOptions {
        inputs: arguments.inputs.into_iter().map(Input::named).collect(),
        mission: arguments.mission,
        out: arguments.out,
        append: arguments.append,
        force: arguments.force,
        threads: arguments.threads.map(usize::from),
        quiet: arguments.quiet,
    })?;
    finish(&report)
}

/// Take an archive apart.
pub(super) fn replay(arguments: ReplayArgs) -> Result<(), Failure> {
    let ReplayArgs { archive, mission, channel, counts, received, outputs } = arguments;
    let selection = Selection { channel, counts, received };
    let options = ReplayOptions { archive, mission, outputs: outputs.options(), selection };
    let replayed = replay::run(&options)?;
    if replayed.damaged > 0 {
        print(&format!("damaged    {} octets of the archive belong to no whole block\n", replayed.damaged))?;
    }
    finish(&replayed.report)
}
