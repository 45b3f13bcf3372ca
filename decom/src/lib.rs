//! Parameter decommutation: from packets to engineering values.
//!
//! | module | what |
//! | --- | --- |
//! | [`raw`] | raw values: a field of bits and the encoding that gives it a meaning |
//!
//! The mission database, the compiled plan and the column engine that the architecture describes build on this.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `alloc`, `std` (default) | nothing yet; they select the same features of `ccsds-core` |
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod raw;
