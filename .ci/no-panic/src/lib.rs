//! Every public function of the crates without features, each behind a symbol that a linker can ask for.
//!
//! `entries.rs` is generated from the documentation of the crates, so no function can be forgotten. The panic handler calls a function
//! that nobody defines: while any panic can be reached, the library does not link.
#![no_std]
#![allow(clippy::all, deprecated, unused_must_use, reason = "generated")]

use core::fmt::{self, Write};
use core::mem::MaybeUninit;

include!("entries.rs");

unsafe extern "C" {
    /// Fills memory with what the optimizer knows nothing about.
    fn anything(at: *mut u8, len: usize);
    /// Looks at memory, so that what is there must have been worked out.
    fn look(at: *const u8, len: usize);
    fn a_panic_can_be_reached() -> !;
}

/// A value of which nothing is known but its type.
fn any<T>() -> T {
    let mut value = MaybeUninit::<T>::uninit();
    // SAFETY: this code is never run, only linked; to the optimizer the function writes some value of the type.
    unsafe {
        anything(value.as_mut_ptr().cast(), size_of::<T>());
        value.assume_init()
    }
}

fn keep<T>(value: T) {
    // SAFETY: the value is alive during the call.
    unsafe { look((&raw const value).cast(), size_of::<T>()) }
}

fn keep_all<T>(values: impl Iterator<Item = T>) {
    values.for_each(keep);
}

/// Shows a value.
fn show(value: &impl fmt::Display) {
    keep(write!(Paper, "{value}").is_ok());
}

fn show_hexadecimal(value: &impl fmt::LowerHex) {
    keep(write!(Paper, "{value:x}").is_ok());
}

struct Paper;

impl Write for Paper {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        keep(text);
        if any() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// Takes the values of packets.
struct Sink;

impl decom::row::RowSink for Sink {
    fn value(&mut self, sample: &decom::row::Sample<'_, '_, '_>) {
        keep(sample);
    }
}

/// Knows whatever there is to know.
struct Known;

impl decom::value::Scope for Known {
    fn number(&self, operand: u32) -> Option<f64> {
        keep(operand);
        any()
    }

    fn holds(&self, condition: u32) -> bool {
        keep(condition);
        any()
    }
}

#[cfg(feature = "index")]
#[unsafe(no_mangle)]
extern "C" fn e_indexes() {
    let octets: &'static [u8] = any();
    keep(octets[any::<usize>()]);
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: never called, as this library is never run.
    unsafe { a_panic_can_be_reached() }
}
