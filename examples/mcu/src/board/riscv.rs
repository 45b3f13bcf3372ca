//! RV32 in an emulator: semihosting prints and ends. The octets are polled for.

use core::arch::asm;

pub use riscv_rt::entry;

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
    // SAFETY: the debugger reads at most what `argument` points to, and gives a result back in the first register. It knows a
    // call by the instructions around the break, which must not be compressed.
    unsafe {
        asm!(
            ".balign 16", ".option push", ".option norvc", "slli x0, x0, 0x1f", "ebreak", "srai x0, x0, 7", ".option pop",
            inout("a0") operation => _, in("a1") argument, options(nostack)
        );
    }
}

const WRITE_CHARACTER: usize = 0x03;
const EXIT: usize = 0x18;
const APPLICATION_EXIT: usize = 0x2_0026;
const RUN_TIME_ERROR: usize = 0x2_0023;

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
