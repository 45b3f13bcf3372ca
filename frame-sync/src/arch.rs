//! Vector kernels: the only module of this crate that may hold `unsafe`.
//!
//! Each kernel has the contract of its scalar twin, and is chosen by [`ccsds_core::arch::Level`].
#![allow(
    unsafe_code,
    reason = "vector loads and stores, and calls of functions that need an instruction set"
)]

pub(crate) mod copy;
pub(crate) mod rs;
pub(crate) mod search;
