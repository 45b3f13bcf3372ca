//! Others who do the same work: crates, and Debian's libfec behind a feature.

pub mod chain;
#[cfg(feature = "libfec")]
#[path = "arch/libfec.rs"]
mod libfec;
pub mod rs;
