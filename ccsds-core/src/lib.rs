//! The CCSDS data link protocol sublayer and packet layer, from decoded frames to packets.
//!
//! ```text
//! &[u8] ── FrameFormat::parse ──▶ TransferFrame ── VcDemux::route ──▶ VcRoute ── PacketAssembler::push ──▶ Packet
//! ```
//!
//! | module | what | book |
//! | --- | --- | --- |
//! | [`id`] | version numbers, spacecraft, channel and process identifiers | 132.0-B, 732.0-B, 732.1-B, 133.0-B |
//! | [`frame`] | TM, AOS and USLP transfer frames behind one view | 132.0-B-3, 732.0-B-5, 732.1-B-3 |
//! | [`fecf`] | frame error control field, CRC-16 and CRC-32 | 132.0-B-3 §4.1.6, 732.1-B-3 §4.1.6 |
//! | [`clcw`] | communications link control word | 232.0-B |
//! | [`packet`] | space and encapsulation packets; groups, packet error control, PUS headers | 133.0-B-2, 133.1-B-3, ECSS-E-ST-70-41C |
//! | [`sdls`] | security headers and trailers; whoever takes the protection off | 355.0-B-2 |
//! | [`time`] | time codes: unsegmented, day and calendar segmented, ASCII | 301.0-B-4 |
//! | [`vc`] | demultiplexer, frame counts, packet assembly | 132.0-B-3, 732.0-B-5, 732.1-B-3 |
//! | [`quality`] | what is known about the link quality of a frame or packet | – |
//! | [`ledger`] | closed accounts: where every bit, frame, count and octet went | – |
//! | [`arch`] | instruction sets that kernels are written for | – |
//! | [`bits`] | most-significant-bit-first field access | – |
//!
//! Nothing here reads a file, a socket or a clock; nothing allocates; no input makes it panic. What the link did to
//! the data is reported as data (see [`quality`]); an `Err` is about the caller's configuration or one malformed frame.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `alloc` | [`vc::PacketBatch`] |
//! | `defmt` | formatting of small types for the logger of that name |
//! | `sdls` | keys of protected frames: AES-GCM, AES-CMAC, HMAC ([`sdls`]) |
//! | `std` (default) | larger, faster check tables; implies `alloc` |
//!
//! Without features the crate is `no_std`, needs no allocator, and keeps its tables small.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod arch;
pub mod bits;
pub mod clcw;
pub mod fecf;
pub mod frame;
pub mod id;
pub mod ledger;
pub mod packet;
pub mod quality;
pub mod sdls;
pub mod time;
pub mod vc;
