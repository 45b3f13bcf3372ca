//! Properties of the receive chain as plain functions: each takes raw octets and panics when its oracle is contradicted.
//!
//! Any fuzzer can call them; `hunt/` holds thin targets for `cargo fuzz`, `tests/replay.rs` runs the committed corpus through them in
//! `cargo test`. The first octets are choices (managed parameters, cuts, operations), the rest is what a link or a user sends.
//!
//! | property | oracle |
//! | --- | --- |
//! | [`assembler`] | the octet ledger closes after every frame; no packet exceeds the store; the work is bounded by the zone |
//! | [`bit_fields`] | any field is its bits |
//! | [`chapter10`] | every octet is in a packet, skipped or pending |
//! | [`clcw`] | every field is what its bits say; reports that differ from those before are passed on |
//! | [`downlink`] | what faults did not touch comes out of a simulated pass, what was lost does not; all accounts close |
//! | [`encapsulation`] | every field is what its bits say |
//! | [`fecf`] | every kernel level, the tables and the `crc` crate say the same |
//! | [`fep_process`] | mapped, read or in parts: the same frames, packets and report, and the ledger closes |
//! | [`frame_aos`], [`frame_tm`], [`frame_uslp`] | every field is what its bits say; parts tile the frame; `spacepackets` reads the same |
//! | [`line_codes`] | bits follow from levels and signs by their definition, and levels from bits |
//! | [`markers`] | a marker is found whatever its masked bits are; lengths and tolerances are legal or refused |
//! | [`mib_load`], [`tmats_load`], [`xtce_load`] | a database or errors that say where; what loads decodes, in rows as in columns |
//! | [`mission_toml`] | a mission that can be described, or one error in one line |
//! | [`packet_groups`] | every packet is in the account once; no unit is longer than its store |
//! | [`packet_stream`] | packets in undamaged zones come out, whatever the damaged ones say |
//! | [`packets`] | lengths and headers agree with each other and with `spacepackets` |
//! | [`plan_blob`] | a hostile plan decodes to something, without a panic and in bounded work |
//! | [`plan_row_vs_column`] | rows, columns at every level, and a naive interpreter say the same |
//! | [`pus`] | secondary headers are their octets, `spacepackets` reads the same; a check is valid where it is right |
//! | [`receiver_vs_pipeline`] | the drivers give the same frames and the same account, and the account closes |
//! | [`rs_decode`] | corrected is a codeword, and what was sent where it can be; every level, `fec` and `rs2` agree |
//! | [`sdls`] | fields tile the data field, the account closes; what `ring` protected opens once, and nothing else does |
//! | [`sdu_stream`] | units whose frames arrived come out, and nothing else is called good; the account closes |
//! | [`several`] | codings in one stream: every cut gives the same events, each CADU is of its coding; the account closes |
//! | [`slices`] | frames that lost no slice come out, and no other is called good; the account closes |
//! | [`sync`] | every kernel and every cut, and one of several, give the same events; CADUs are what they are said to be; work is bounded |
//! | [`time_codes`] | what is read is written again; `spacepackets` reads the same |
//! | [`vc_bank`] | the bank is its parts, counts are arithmetic, a batch gives back what it took |
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a property says no by panicking"
)]

mod assembler;
mod chain;
mod channels;
mod choices;
mod codes;
mod downlink;
mod frames;
mod loaders;
mod packets;
mod parameters;
mod plans;
mod process;
mod pus;
mod sdls;
pub mod seeds;
mod slices;
mod stream;
mod sync;
mod times;
mod xml;

pub use self::assembler::{assembler, packet_stream};
pub use self::chain::receiver_vs_pipeline;
pub use self::channels::{sdu_stream, vc_bank};
pub use self::codes::{fecf, rs_decode};
pub use self::downlink::downlink;
pub use self::frames::{frame_aos, frame_tm, frame_uslp};
pub use self::loaders::{chapter10, mib_load, mission_toml, tmats_load, xtce_load};
pub use self::packets::{bit_fields, clcw, encapsulation, packets};
pub use self::parameters::{plan_blob, plan_row_vs_column};
pub use self::process::fep_process;
pub use self::pus::{packet_groups, pus};
pub use self::sdls::sdls;
pub use self::slices::slices;
pub use self::sync::{line_codes, markers, several, sync};
pub use self::times::time_codes;

/// A property: octets in, a panic if they contradict it.
pub type Property = fn(&[u8]);

/// Every property by the name of its corpus folder and of its target.
pub const PROPERTIES: [(&str, Property); 32] = [
    ("assembler", assembler),
    ("bit_fields", bit_fields),
    ("chapter10", chapter10),
    ("clcw", clcw),
    ("downlink", downlink),
    ("encapsulation", encapsulation),
    ("fecf", fecf),
    ("fep_process", fep_process),
    ("frame_aos", frame_aos),
    ("frame_tm", frame_tm),
    ("frame_uslp", frame_uslp),
    ("line_codes", line_codes),
    ("markers", markers),
    ("mib_load", mib_load),
    ("mission_toml", mission_toml),
    ("packet_groups", packet_groups),
    ("packet_stream", packet_stream),
    ("packets", packets),
    ("plan_blob", plan_blob),
    ("plan_row_vs_column", plan_row_vs_column),
    ("pus", pus),
    ("receiver_vs_pipeline", receiver_vs_pipeline),
    ("rs_decode", rs_decode),
    ("sdls", sdls),
    ("sdu_stream", sdu_stream),
    ("several", several),
    ("slices", slices),
    ("sync", sync),
    ("time_codes", time_codes),
    ("tmats_load", tmats_load),
    ("vc_bank", vc_bank),
    ("xtce_load", xtce_load),
];
