//! Cortex-M in an emulator: semihosting prints and ends, `SysTick` counts and interrupts.

use core::arch::asm;
use core::ptr;

pub use cortex_m_rt::{entry, exception};

/// Print one octet.
pub fn print_octet(octet: u8) {
    semihosting(WRITE_CHARACTER, &raw const octet as usize);
}

/// End the emulation.
pub fn exit(ok: bool) -> ! {
    semihosting(EXIT, if ok { APPLICATION_EXIT } else { RUN_TIME_ERROR });
    loop {}
}

fn semihosting(operation: usize, argument: usize) {
    // SAFETY: the debugger reads at most what `argument` points to, and gives a result back in the first register.
    unsafe { asm!("bkpt 0xAB", inout("r0") operation => _, in("r1") argument, options(nostack)) }
}

const WRITE_CHARACTER: usize = 0x03;
const EXIT: usize = 0x18;
const APPLICATION_EXIT: usize = 0x2_0026;
const RUN_TIME_ERROR: usize = 0x2_0023;

/// Let `SysTick` count down, and interrupt every so many ticks if `interrupt`.
pub fn start_ticks(period: u32, interrupt: bool) {
    // SAFETY: the registers of `SysTick` are there on each Cortex-M that has it, and concern nothing else.
    unsafe {
        RELOAD.write_volatile(period - 1);
        CURRENT.write_volatile(0);
        CONTROL.write_volatile(if interrupt { 0b111 } else { 0b101 });
    }
}

/// What `SysTick` counted since a reading of it, at most 2^24 - 1.
pub fn ticks_since(before: u32) -> u32 {
    before.wrapping_sub(now()) & 0xFF_FFFF
}

/// The reading of `SysTick`, which counts down.
pub fn now() -> u32 {
    // SAFETY: reading the register has no effect.
    unsafe { CURRENT.read_volatile() }
}

/// Sleep until an interrupt.
pub fn sleep() {
    // SAFETY: waiting touches nothing.
    unsafe { asm!("wfi", options(nostack, preserves_flags)) }
}

const CONTROL: *mut u32 = ptr::with_exposed_provenance_mut(0xE000_E010);
const RELOAD: *mut u32 = ptr::with_exposed_provenance_mut(0xE000_E014);
const CURRENT: *mut u32 = ptr::with_exposed_provenance_mut(0xE000_E018);

/// Octets of stack that were ever touched: the start-up code painted it.
pub fn stack_used() -> u32 {
    unsafe extern "C" {
        static _stack_start: u32;
        static _stack_end: u32;
    }
    let (top, end) = (&raw const _stack_start, &raw const _stack_end);
    let mut at = end;
    // SAFETY: the linker placed both symbols around the stack, which is readable memory.
    while at < top && unsafe { at.read_volatile() } == cortex_m_rt::STACK_PAINT_VALUE {
        // SAFETY: `at` is still below `top`.
        at = unsafe { at.add(1) };
    }
    (top.addr() - at.addr()) as u32
}

/// Define the entry point.
#[macro_export]
macro_rules! start {
    ($main:path) => {
        #[$crate::board::entry]
        fn start() -> ! {
            $main()
        }
    };
}
