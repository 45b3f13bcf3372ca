//! The front-end processor command; everything it does is in `examples::fep`.

use std::process::ExitCode;

fn main() -> ExitCode {
    examples::fep::cli::main(std::env::args_os())
}
