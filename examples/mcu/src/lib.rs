//! The receive chain as firmware: interrupt, queue, synchronizer, Reed-Solomon correction, packets, parameters.
//!
//! | module | what |
//! | --- | --- |
//! | [`link`] | managed parameters, checked at compile time, and the memory of each stage |
//! | [`parameters`] | what the housekeeping packet holds |
//! | [`plan`] | the same as the tables of a plan, in flash |
//! | [`answer`] | what came out, folded into a few words that the truth is compared with |
//! | [`local`] | statics that one context owns |
//! | `budget` | what the images that measure flash, memory and instructions share |
//! | [`board`] | start, printing, time and interrupt of each board |
#![no_std]
#![cfg_attr(target_arch = "sparc", feature(asm_experimental_arch))]

pub mod answer;
pub mod board;
#[cfg(all(target_arch = "arm", target_os = "none"))]
pub mod budget;
pub mod link;
pub mod local;
pub mod parameters;
pub mod plan;
