//! The options of `fep discover`.

use std::path::PathBuf;

use clap::Args;

use super::print;
use crate::fep::discover;
use crate::fep::failure::Failure;
use crate::fep::input::Input;
use crate::fep::output::WholeFile;

/// Options of `fep discover`.
#[derive(Args, Debug)]
pub(super) struct DiscoverArgs {
    /// The recording: bits packed into octets, the first bit the most significant; `-` is standard input.
    #[arg(value_name = "FILE")]
    input: PathBuf,
    /// Write the mission file to M.toml [default: standard output, behind the summary].
    #[arg(long, value_name = "M.toml")]
    out: Option<PathBuf>,
    /// Replace M.toml if it is there already.
    #[arg(long)]
    force: bool,
}

/// Find out the managed parameters of a recording.
pub(super) fn run(arguments: &DiscoverArgs) -> Result<(), Failure> {
    if let Some(out) = arguments.out.as_ref().filter(|out| out.exists() && !arguments.force) {
        let what =
            format!("{} is there already: choose another --out, or replace it with --force", out.display());
        return Err(Failure::cannot_run(what));
    }
    let name = match arguments.input.file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => arguments.input.display().to_string(),
    };
    let discovery = discover::run(&Input::named(arguments.input.clone()), &name)?;
    match &arguments.out {
        Some(out) => {
            let mut file = WholeFile::new(out.clone()).map_err(Failure::cannot_run)?;
            file.append(discovery.mission.as_bytes())?;
            file.commit(arguments.force)?;
            print(&format!("{}wrote {}\n", discovery.summary, out.display()))
        }
        None => print(&format!("{}\n{}", discovery.summary, discovery.mission)),
    }
}
