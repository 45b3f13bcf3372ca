//! Parameter decommutation: from packets to columns of engineering values.
//!
//! ```text
//! XTCE, MIB, PCM ── loaders ──▶ Database ── compile ──▶ Plan ──▶ rows      one packet at a time, no_std, no alloc
//!                                                          └──▶ columns   many packets at a time, natural widths
//! ```
//!
//! | module | what |
//! | --- | --- |
//! | [`plan`] | the compiled mission database: flat tables of plain data that may lie in flash |
//! | [`plan::fixed`] | fields by name when the program is compiled, for structures of one's own |
//! | [`raw`] | raw values: what an encoding makes of the bits of a packet |
//! | [`mod@extract`] | from bits to raw values |
//! | [`calibrate`] | from raw to engineering numbers |
//! | [`value`], [`text`], [`moment`] | engineering values: numbers, words, texts, times |
//! | [`row`] | one packet at a time, without an allocator |
//! | [`alarm`] | how grave a value is |
//! | [`mod@column`], [`block`] | many packets at a time into columns (`alloc`) |
//! | [`dispatch`] | which container packets are of (`alloc`) |
//! | `arrow` | columns as Apache Arrow record batches (`arrow`) |
//! | `bake` | plans as octets and as Rust source (`blob`) |
//! | [`model`] | the typed mission database that every loader makes (`alloc`) |
//! | `mib` | loads SCOS-2000 tables (`mib`) |
//! | `pcm` | formats and recordings of IRIG 106 (`pcm`) |
//! | `xtce` | the loader of XTCE documents (`xtce`) |
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `defmt` | formatting of small types for the logger of that name |
//! | `alloc` | the model, its compiler, columns |
//! | `std` (default) | selects the same feature of `ccsds-core`; implies `alloc` |
//! | `arrow` | columns as Apache Arrow record batches; implies `std` |
//! | `mib` (default) | the loader of SCOS-2000 tables; implies `std` |
//! | `pcm` (default) | formats and recordings of IRIG 106; formats need `alloc` |
//! | `xtce` (default) | the XTCE loader; implies `std` |
//! | `blob` | plans as octets (`postcard`) and as Rust source; implies `alloc` |
#![no_std]
#![deny(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod alarm;
#[cfg(feature = "alloc")]
mod arch;
#[cfg(feature = "arrow")]
pub mod arrow;
#[cfg(feature = "blob")]
pub mod bake;
#[cfg(feature = "alloc")]
pub mod block;
pub mod calibrate;
#[cfg(feature = "alloc")]
pub mod column;
#[cfg(feature = "alloc")]
pub mod compile;
#[cfg(feature = "alloc")]
pub mod dispatch;
pub mod extract;
#[cfg(feature = "alloc")]
mod line;
#[cfg(feature = "mib")]
pub mod mib;
#[cfg(feature = "alloc")]
pub mod model;
pub mod moment;
#[cfg(feature = "pcm")]
pub mod pcm;
pub mod plan;
pub mod raw;
pub mod row;
mod scene;
pub mod text;
pub mod value;
#[cfg(feature = "xtce")]
pub mod xtce;
