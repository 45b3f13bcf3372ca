//! The commands and their options.

mod database;
mod discover;
mod ground;
mod outputs;
mod simulate;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use self::database::DatabaseCommand;
use self::discover::DiscoverArgs;
use self::ground::{ArchiveArgs, MergeArgs, ReplayArgs};
use self::outputs::OutputArgs;
use self::simulate::SimulateArgs;
use crate::fep::failure::Failure;
use crate::fep::input::Input;
use crate::fep::mission::Mission;
use crate::fep::process::{self, ProcessOptions};
use crate::fep::report::Report;
use crate::fep::{demo, simulate as simulator};

/// Run the command line `arguments`, the program's name first.
///
/// # Returns
/// 0 when the job is done, 1 when it could not be begun, 2 when it did not come to its end.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let result = match Cli::try_parse_from(arguments) {
        Ok(cli) => run(cli),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            // Help may be cut short by whoever reads it.
            let _ = error.print();
            Ok(())
        }
        Err(error) => Err(usage_failure(&error)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // The problems of a database name their file themselves.
            let program = if matches!(failure, Failure::BadDatabase(_)) { "" } else { "fep: " };
            let _ = writeln!(io::stderr(), "{program}{failure}");
            ExitCode::from(failure.status())
        }
    }
}

/// A CCSDS front-end processor: raw bits to frames to packets, with an account of every bit.
///
/// Without a command it simulates a short pass of a built-in spacecraft, decodes it and compares the result with the truth.
#[derive(Debug, Parser)]
#[command(name = "fep", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Decode a recording and keep every frame, with what is known about it, in a file that only grows.
    ///
    /// The archive may be read while it is written, and cut off anywhere: all whole blocks before are good. The mission file
    /// travels along. Exit status as that of process.
    Archive(ArchiveArgs),
    /// Decode bits, frames or packets, and report what was found.
    ///
    /// Exit status: 0 when the input was decoded and the ledger closed, 1 when that could not be begun, 2 when the ledger did not
    /// close or an output could not be written whole. Damaged telemetry is no error: it is in the report.
    Process(ProcessArgs),
    /// Find out the managed parameters of a recording from its bits alone, and write a mission file.
    ///
    /// At most 8 MiB of the recording are looked at. Every line of the mission file says how sure it is. Exit status: 0 when a
    /// mission file was made, 1 when nothing was found.
    Discover(DiscoverArgs),
    /// Examine mission databases, and decode packets with them.
    #[command(subcommand)]
    Db(DatabaseCommand),
    /// Merge recordings of one pass from two or more stations: of each frame the best copy.
    ///
    /// Writes what process writes, of the union, and merge.json: who contributed what, and what is missing at each station and in
    /// the union. Exit status as that of process.
    Merge(MergeArgs),
    /// Examine mission files.
    #[command(subcommand)]
    Mission(MissionCommand),
    /// Take the frames of an archive apart again: the outputs are those of process, octet for octet.
    ///
    /// Exit status as that of process.
    Replay(ReplayArgs),
    /// Write a deterministic downlink with stated impairments, and the truth beside it.
    Simulate(SimulateArgs),
}

#[derive(Debug, Subcommand)]
enum MissionCommand {
    /// Print what a mission file means: layout, lengths, rates. Errors name line and key.
    Check {
        /// The mission file (TOML).
        #[arg(value_name = "M.toml")]
        mission: PathBuf,
    },
}

#[derive(Args, Debug)]
struct ProcessArgs {
    /// Files, read one after the other as one stream; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// The mission file (TOML): the managed parameters of the physical channel.
    #[arg(long, value_name = "M.toml")]
    mission: PathBuf,
    #[command(flatten)]
    outputs: OutputArgs,
    /// Threads to decode with; the result is the same for every number [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Octets of input after which to stop [default: no limit].
    #[arg(long, value_name = "BYTES")]
    limit: Option<u64>,
    /// Map files into memory instead of reading them; regular files without line code only, and nobody may shorten them meanwhile.
    #[arg(long)]
    mmap: bool,
    /// Show no progress bar. There is none anyway unless standard error is a terminal.
    #[arg(long)]
    quiet: bool,
}

impl ProcessArgs {
    fn options(self) -> (PathBuf, ProcessOptions) {
        let options = ProcessOptions {
            inputs: self.inputs.into_iter().map(Input::named).collect(),
            outputs: self.outputs.options(),
            threads: self.threads.map(usize::from),
            limit: self.limit,
            map: self.mmap,
            quiet: self.quiet,
        };
        (self.mission, options)
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        None => print(&demo::run()?),
        Some(Command::Process(arguments)) => {
            let (mission, options) = arguments.options();
            finish(&process::run(&Mission::read(&mission)?, &options)?)
        }
        Some(Command::Archive(arguments)) => ground::archive(arguments),
        Some(Command::Merge(arguments)) => ground::merge(arguments),
        Some(Command::Replay(arguments)) => ground::replay(arguments),
        Some(Command::Db(command)) => database::run(&command),
        Some(Command::Discover(arguments)) => discover::run(&arguments),
        Some(Command::Mission(MissionCommand::Check { mission })) => {
            print(&Mission::read(&mission)?.to_string())
        }
        Some(Command::Simulate(arguments)) => {
            let report = simulator::run(&Mission::read(&arguments.mission)?, &arguments.options())?;
            print(&simulator::summary(&report, &arguments.out))
        }
    }
}

/// Print a report; an account that does not close is a fault of ours.
fn finish(report: &Report) -> Result<(), Failure> {
    print(&report.to_text())?;
    if report.ledger.closed {
        return Ok(());
    }
    Err(Failure::incomplete(
        "the ledger does not close, see the report: this is a fault of fep, please report it",
    ))
}

/// Write to standard output. A reader that has gone away has seen enough.
fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// What came of writing to standard output.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::incomplete(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// What clap says in several lines, in one.
fn usage_failure(error: &clap::Error) -> Failure {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::cannot_run("a command is missing: see fep --help");
    }
    let text = error.to_string();
    // A blank line ends what is wrong; tips and usage follow.
    let said: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let said = said.join(" ");
    Failure::cannot_run(format!("{}; see fep --help", said.strip_prefix("error: ").unwrap_or(&said)))
}
