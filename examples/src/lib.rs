//! The front-end processor `fep` as a library, so that tests and fuzz targets can run it in process.
//!
//! `src/bin/fep.rs` only hands its arguments to [`fep::cli::main`]; the other programs in `src/bin` show one idea each.

pub mod fep;
