//! LEON3, SPARC V8, big-endian, in an emulator: a serial port prints, error mode ends. The octets are polled for.
//!
//! Of the traps only those are taken that calls themselves need: a register window is written to its stack when calls run out of the
//! eight windows, and read back on return (SPARC V8 manual, chapter 5 and appendix H).

use core::arch::global_asm;
use core::ptr;

global_asm!(
    r#"
    .section .trap_table, "ax"
    .align 4096
    .globl trap_table
trap_table:
    ba start                    ! 0: reset
    nop
    nop
    nop
    .rept 4                     ! 1 to 4: stop
    ba stop
    nop
    nop
    nop
    .endr
    ba window_overflow          ! 5
    mov %wim, %l3
    nop
    nop
    ba window_underflow         ! 6
    mov %wim, %l3
    nop
    nop
    .rept 249                   ! 7 to 255: stop
    ba stop
    nop
    nop
    nop
    .endr

    .text
window_overflow:                ! %l3: the one invalid window, a bit of eight; it moves one down
    mov %g1, %l7
    srl %l3, 1, %g1
    sll %l3, 7, %l4
    or %l4, %g1, %g1
    and %g1, 0xff, %g1
    save                        ! into the window that is to be written
    mov %g1, %wim
    nop
    nop
    nop
    std %l0, [%sp]
    std %l2, [%sp + 8]
    std %l4, [%sp + 16]
    std %l6, [%sp + 24]
    std %i0, [%sp + 32]
    std %i2, [%sp + 40]
    std %i4, [%sp + 48]
    std %i6, [%sp + 56]
    restore
    mov %l7, %g1
    jmp %l1
    rett %l2

window_underflow:               ! the invalid window moves one up
    sll %l3, 1, %l4
    srl %l3, 7, %l5
    or %l5, %l4, %l5
    and %l5, 0xff, %l5
    mov %l5, %wim
    nop
    nop
    nop
    restore
    restore                     ! into the window that is to be read
    ldd [%sp], %l0
    ldd [%sp + 8], %l2
    ldd [%sp + 16], %l4
    ldd [%sp + 24], %l6
    ldd [%sp + 32], %i0
    ldd [%sp + 40], %i2
    ldd [%sp + 48], %i4
    ldd [%sp + 56], %i6
    save
    save
    jmp %l1
    rett %l2

    .globl stop
stop:                           ! a trap while traps are off: the processor enters error mode, and the emulator ends
    wr %g0, 0xc0, %psr
    nop
    nop
    nop
    ta 0
    nop

start:
    set trap_table, %g1
    wr %g1, %tbr
    wr %g0, 0xc0, %psr          ! supervisor, traps off, window 0
    wr %g0, 2, %wim             ! window 1 is invalid
    nop
    nop
    nop
    set stack_top, %sp
    sub %sp, 96, %sp
    clr %fp
    set bss_start, %g1
    set bss_end, %g2
clear:
    cmp %g1, %g2
    bgeu run
    nop
    st %g0, [%g1]
    ba clear
    add %g1, 4, %g1
run:
    set 0x10e0, %g1             ! traps and the floating-point unit on
    wr %g1, %psr
    nop
    nop
    nop
    call firmware
    nop
    ba stop
    nop

    .globl .umul                ! helpers of processors that cannot multiply and divide
.umul:
    umul %o0, %o1, %o0
    retl
    rd %y, %o1
    .globl .udiv
.udiv:
    wr %g0, 0, %y
    nop
    nop
    nop
    retl
    udiv %o0, %o1, %o0

    .globl __atomic_load_4      ! LEON3 orders loads and stores by itself, and has one core here
__atomic_load_4:
    retl
    ld [%o0], %o0
    .globl __atomic_store_4
__atomic_store_4:
    retl
    st %o1, [%o0]
"#
);

unsafe extern "C" {
    fn stop() -> !;
}

/// Print one octet.
pub fn print_octet(octet: u8) {
    // SAFETY: the serial port of LEON3 is there, and nothing else uses it.
    unsafe {
        CONTROL.write_volatile(TRANSMIT);
        while STATUS.read_volatile() & HOLDS_NOTHING == 0 {}
        DATA.write_volatile(octet.into());
    }
}

/// End the emulation; what was printed tells how.
pub fn exit(_ok: bool) -> ! {
    // SAFETY: it stops the processor.
    unsafe { stop() }
}

const DATA: *mut u32 = ptr::with_exposed_provenance_mut(0x8000_0100);
const STATUS: *mut u32 = ptr::with_exposed_provenance_mut(0x8000_0104);
const CONTROL: *mut u32 = ptr::with_exposed_provenance_mut(0x8000_0108);
const TRANSMIT: u32 = 2;
const HOLDS_NOTHING: u32 = 4;

/// Define the entry point.
#[macro_export]
macro_rules! start {
    ($main:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn firmware() -> ! {
            $main()
        }
    };
}
