//! Properties of the receive chain as plain functions: each takes raw octets and panics when its oracle is contradicted.
//!
//! Any fuzzer can call them; `tests/replay.rs` runs the committed corpus through them in `cargo test`.
//!
//! | property | oracle |
//! | --- | --- |
//! | [`receiver_vs_pipeline`] | both drivers give the same frames and the same account, and the account closes |
//! | [`frames`] | whatever parses lies inside the octets given; pointers lie inside their zone |
//! | [`assembler`] | the octet ledger closes after every frame; no packet is longer than the store |
//! | [`packets`] | packet lengths and headers agree with each other |
//! | [`rs_decode`] | a corrected block is a codeword and differs in as many symbols as reported; any other is untouched |
#![allow(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a property says no by panicking"
)]

mod chain;
mod codes;
mod link;

pub use self::chain::receiver_vs_pipeline;
pub use self::codes::rs_decode;
pub use self::link::{assembler, frames, packets};

/// A property: octets in, a panic if they contradict it.
pub type Property = fn(&[u8]);

/// Every property by the name of its corpus folder.
pub const PROPERTIES: [(&str, Property); 5] = [
    ("assembler", assembler),
    ("frames", frames),
    ("packets", packets),
    ("receiver_vs_pipeline", receiver_vs_pipeline),
    ("rs_decode", rs_decode),
];

/// Takes configuration off the front of the octets, so that a fuzzer can vary it too.
#[derive(Debug)]
pub(crate) struct Choices<'a> {
    octets: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { octets }
    }

    /// The next octet, or zero when there is none.
    pub(crate) fn octet(&mut self) -> u8 {
        match self.octets.split_first() {
            Some((&first, rest)) => {
                self.octets = rest;
                first
            }
            None => 0,
        }
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.octet()) % end
    }

    /// The next `len` octets, or as many as there are.
    pub(crate) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.octets.split_at(len.min(self.octets.len()));
        self.octets = rest;
        taken
    }

    pub(crate) const fn rest(self) -> &'a [u8] {
        self.octets
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}
