//! Measure the receive chain on this machine, beside the peers that exist.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bench::report::contest::{Pace, Stopwatch};
use bench::report::machine::Machine;
use bench::report::row::{JsonRow, Row};
use bench::report::{self, Failure, Scope, goals, memory, parameters, picture, process, table};
use clap::Parser;

/// Measure everything in one run: every kernel level on one thread, the whole chain on every number of threads, the peers in
/// between, and memcpy.
///
/// Every figure is Gbit/s of what goes in. Every answer is checked while it is timed.
#[derive(Debug, Parser)]
#[command(name = "report", version)]
struct Arguments {
    /// Take less than a minute: fewer repetitions, 64 MiB for what is to exceed the caches instead of 256.
    #[arg(long)]
    quick: bool,
    /// Only works whose name contains this, or the works of a subject: rs, crc, sync, align, demux, assemble, chain, decom, database. May be repeated.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Also run this `fep` on a 1 GiB file (256 MiB with --quick) [default: the one beside this program, if there is one].
    #[arg(long, value_name = "PATH")]
    fep: Option<PathBuf>,
    /// Do not run `fep`.
    #[arg(long, conflicts_with = "fep")]
    no_fep: bool,
    /// Also run the Python peers of the column decoder by this interpreter, which has `numpy`, `ccsdspy` and `space_packet_parser`.
    #[arg(long, value_name = "PYTHON")]
    python: Option<PathBuf>,
    /// Write the packets that they are given.
    #[arg(long, value_name = "FILE")]
    packets: Option<PathBuf>,
    /// Write the rows as a JSON array.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a picture.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write a page with the picture and the table.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Put the tables between the marks in this Markdown file, as bench/README.md has them.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Exit with status 3 when a goal is missed.
    #[arg(long)]
    strict: bool,
}

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(status) => status,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "report: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let machine = Machine::here();
    say(&format!("{}\n", machine.line()))?;
    let (pace, streaming_len) =
        if arguments.quick { (Pace::QUICK, 64 << 20) } else { (Pace::FULL, 256 << 20) };
    let mut stopwatch = Stopwatch::new(pace);
    let scope = Scope::of_machine(streaming_len);
    let mut rows = report::run(&scope, &arguments.only, &mut stopwatch, |work| {
        // Progress, to be overwritten by the next line.
        let _ = write!(io::stderr(), "\r\x1b[K{work}");
    })?;
    let _ = write!(io::stderr(), "\r\x1b[K");
    if let Some(path) = &arguments.packets {
        fs::write(path, parameters::peer_packets())?;
    }
    if let Some(python) = &arguments.python {
        parameters::enter_python(python, &mut rows)?;
    }
    let process = run_fep(arguments)?;
    let outcomes = goals::outcomes(&rows, process.as_ref());

    say(&table::text(&rows))?;
    say(&format!("\n{}", table::goals(&outcomes)))?;
    if let Some(process) = &process {
        say(&format!("\n{}\n", process.line()))?;
    }
    let noise = stopwatch.noise();
    say(&format!(
        "\nnoise: one time in ten a fixed loop took {:.1} % longer than at best, or more\n",
        noise * 100.0
    ))?;
    let memory_noise = memory::noise(&rows).unwrap_or_default();
    say(&format!(
        "noise: the median of copying memory took {:.1} % longer than the best\n",
        memory_noise * 100.0
    ))?;
    if noise.max(memory_noise) > NOISY {
        say(
            "warning: this machine is busy or changes its clock; trust ratios more than figures, best more than median\n",
        )?;
    }
    write_files(arguments, &machine, &rows)?;
    if let Some(path) = &arguments.markdown {
        let section = table::markdown(&machine, noise, &rows, &outcomes, process.as_ref());
        fs::write(path, between_marks(&fs::read_to_string(path)?, &section)?)?;
    }
    let missed = outcomes.iter().any(|outcome| !outcome.reached);
    Ok(if arguments.strict && missed { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn run_fep(arguments: &Arguments) -> Result<Option<process::Outcome>, Failure> {
    let fep = match (&arguments.fep, arguments.only.is_empty()) {
        (Some(path), _) => Some(path.clone()),
        (None, true) if !arguments.no_fep => process::beside_this_program(),
        (None, _) => None,
    };
    let octets = if arguments.quick { 256 << 20 } else { 1 << 30 };
    match fep {
        Some(fep) => process::measure(&fep, &std::env::temp_dir(), octets, FEP_THREADS).map(Some),
        None => Ok(None),
    }
}

fn write_files(arguments: &Arguments, machine: &Machine, rows: &[Row]) -> Result<(), Failure> {
    if let Some(path) = &arguments.json {
        let rows: Vec<_> = rows.iter().map(JsonRow::new).collect();
        fs::write(path, serde_json::to_string_pretty(&rows)? + "\n")?;
    }
    if let Some(path) = &arguments.svg {
        fs::write(path, picture::svg(machine, rows))?;
    }
    if let Some(path) = &arguments.html {
        fs::write(path, picture::html(machine, rows))?;
    }
    Ok(())
}

/// The text with `section` in place of what stood between the marks.
fn between_marks(text: &str, section: &str) -> Result<String, Failure> {
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, behind) = parts.ok_or_else(|| format!("no {BEGIN} and {END} to write between"))?;
    Ok(format!("{before}{BEGIN}\n{section}{END}{behind}"))
}

fn say(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}

const BEGIN: &str = "<!-- report begins -->";
const END: &str = "<!-- report ends -->";
/// As the goal has it.
const FEP_THREADS: usize = 2;
/// A quiet machine stays below this.
const NOISY: f64 = 0.05;
