//! The options of `fep db`.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::fep::database::decode::{Framing, PacketDecoder, framing_of, packets, parse_hex};
use crate::fep::database::{MissionDatabase, check};
use crate::fep::failure::Failure;
use crate::fep::output::WholeFile;

/// Commands about mission databases.
#[derive(Debug, Subcommand)]
pub(super) enum DatabaseCommand {
    /// Load a database, and print what is in it.
    ///
    /// Exit status 1 when something is wrong with it: every problem is one line, `file:line:column: path: what; fix`.
    Check(CheckArgs),
    /// Print packets as JSON, one object a line.
    Decode(DecodeArgs),
    /// Write the compiled database for programs: as Rust source, which firmware decodes with without std and without an allocator,
    /// or as octets, which load much faster than the database.
    Bake(BakeArgs),
}

#[derive(Args, Debug)]
pub(super) struct BakeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    form: BakeForm,
    /// The file to write.
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Replace OUT if it is there already.
    #[arg(long)]
    force: bool,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct BakeForm {
    /// Rust source: tables, and `pub const PLAN: decom::plan::Plan<'static>`.
    #[arg(long)]
    rust: bool,
    /// Octets for `decom::plan::PlanBuf::from_blob`.
    #[arg(long)]
    blob: bool,
}

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args, Debug)]
pub(super) struct DecodeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The container that packets begin with: its qualified name, or the last part of it [default: those of the database].
    #[arg(long, value_name = "CONTAINER")]
    root: Option<String>,
    /// A packet in hexadecimal digits; without --root also several space packets, back to back.
    #[arg(long, value_name = "OCTETS", conflicts_with_all = ["skip", "length"])]
    hex: Option<String>,
    /// A file of packets, back to back.
    #[arg(value_name = "FILE", required_unless_present = "hex", conflicts_with = "hex")]
    file: Option<PathBuf>,
    /// Octets before each packet of FILE that do not belong to it.
    #[arg(long, value_name = "OCTETS", default_value_t = 0)]
    skip: usize,
    /// Octets of each packet of FILE, where they have no packet header that says it.
    #[arg(long, value_name = "OCTETS", conflicts_with = "skip")]
    length: Option<u32>,
}

#[derive(Args, Debug)]
struct DatabaseArgs {
    /// The database: an XTCE file, or the folder of a SCOS-2000 MIB.
    #[arg(value_name = "DB")]
    database: PathBuf,
    /// Leave out what is not supported, and say so on standard error.
    #[arg(long)]
    lenient: bool,
}

impl DatabaseArgs {
    fn load(&self) -> Result<MissionDatabase, Failure> {
        let database = MissionDatabase::load(&self.database, self.lenient)?;
        let mut stderr = io::stderr().lock();
        for omission in database.omissions() {
            // Whoever closed standard error does not want to know.
            let _ = writeln!(stderr, "{omission}");
        }
        Ok(database)
    }
}

pub(super) fn run(command: &DatabaseCommand) -> Result<(), Failure> {
    match command {
        DatabaseCommand::Check(arguments) => super::print(&check::describe(&arguments.database.load()?)),
        DatabaseCommand::Decode(arguments) => decode(arguments),
        DatabaseCommand::Bake(arguments) => bake(arguments),
    }
}

fn bake(arguments: &BakeArgs) -> Result<(), Failure> {
    let out = &arguments.out;
    if out.exists() && !arguments.force {
        return Err(Failure::cannot_run(format!(
            "{} is there already: choose another name, or replace it with --force",
            out.display()
        )));
    }
    let plan = arguments.database.load()?.plan;
    let octets = if arguments.form.rust { plan.to_rust().into_bytes() } else { plan.to_blob() };
    let mut file = WholeFile::new(out.clone())?;
    file.append(&octets)?;
    file.commit(arguments.force)
}

fn decode(arguments: &DecodeArgs) -> Result<(), Failure> {
    let database = arguments.database.load()?;
    let mut decoder = PacketDecoder::new(&database, arguments.root.as_deref())?;
    let (octets, framing) = match (&arguments.hex, &arguments.file) {
        (Some(hex), _) => {
            let octets = parse_hex(hex)?;
            let framing = if arguments.root.is_some() { Framing::Whole } else { framing_of(&octets) };
            (octets, framing)
        }
        (None, Some(file)) => {
            let octets = fs::read(file)
                .map_err(|error| Failure::cannot_run(format!("{}: {error}", file.display())))?;
            let framing = match arguments.length {
                Some(len) => Framing::Fixed(len as usize),
                None => Framing::Packets { skip: arguments.skip },
            };
            (octets, framing)
        }
        (None, None) => return Err(Failure::cannot_run("give packets: --hex OCTETS, or FILE")),
    };
    let mut stdout = BufWriter::new(io::stdout().lock());
    for packet in packets(&octets, framing) {
        let line = decoder.decode(packet)?;
        match stdout.write_all(line.as_bytes()) {
            Ok(()) => {}
            Err(error) => return super::written(Err(error)),
        }
    }
    super::written(stdout.flush())
}
