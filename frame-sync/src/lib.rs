//! The CCSDS TM synchronization and channel coding sublayer (131.0-B-6): from raw bits to decoded transfer frames.
//!
//! ```text
//! bits ──▶ Synchronizer ──▶ extract ──▶ FrameCodec ──▶ transfer frames
//!          where are the     strip, shift,  check and
//!          CADUs?            derandomize    correct
//! ```
//!
//! | module | what |
//! | --- | --- |
//! | [`asm`] | attached sync markers, by coding scheme |
//! | [`sync`] | the synchronizer: search, verification, lock, flywheel, slips; it owns no octet; also for several markers at once |
//! | [`align`] | the one copy: strip the marker, shift to octets, undo inversion and randomization |
//! | [`randomizer`] | both pseudo-random sequences |
//! | [`mod@line`] | differential precoding (NRZ-M, NRZ-S) |
//! | [`soft`] | soft symbols and their hard decisions |
//! | [`codec`] | the trait of channel codes, and what they report |
//! | [`rs`] | Reed-Solomon, E = 16 and 8, every interleaving, both bases |
//! | [`receiver`] | the whole chain on one thread in the caller's memory |
//! | [`slices`] | sync-marked transfer frames in slices behind codeword sync markers |
//! | [`turbo`] | sizes of turbo code blocks and their markers, without the code |
//! | [`pipeline`] | the whole chain on all cores |
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `alloc` | [`codec::FrameCodec`] for boxed codecs |
//! | `defmt` | formatting of small types for the logger of that name |
//! | `std` (default) | run-time detection of the instruction set, and `memchr` in the byte-aligned marker search; implies `alloc` |
//! | `rayon` (default) | [`pipeline::FramePipeline`] and [`slab::FrameSlab`]; implies `std` |
//!
//! Without features the crate is `no_std` and needs no allocator.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod align;
mod arch;
pub mod asm;
pub mod codec;
pub mod line;
#[cfg(feature = "rayon")]
pub mod pipeline;
pub mod randomizer;
pub mod receiver;
pub mod rs;
#[cfg(feature = "rayon")]
pub mod slab;
pub mod slices;
pub mod soft;
pub mod sync;
pub mod turbo;
