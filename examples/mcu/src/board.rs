//! What differs from board to board: start, printing, the end, and the interrupt that octets come with.
//!
//! A board has `print`, `exit`, and a `start!` that defines the entry point around a function.

#[cfg(all(target_arch = "arm", target_os = "none"))]
#[path = "board/cortex_m.rs"]
mod machine;
#[cfg(target_arch = "riscv32")]
#[path = "board/riscv.rs"]
mod machine;
#[cfg(target_arch = "sparc")]
#[path = "board/leon3.rs"]
mod machine;

#[cfg(target_os = "none")]
pub use self::machine::*;

/// Print a number.
#[cfg(target_os = "none")]
pub fn print_number(number: u32) {
    let (mut digits, mut rest) = ([b'0'; 10], number);
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let first = digits.iter().take(9).take_while(|&&digit| digit == b'0').count();
    for &digit in digits.iter().skip(first) {
        print_octet(digit);
    }
}

/// Print a text.
#[cfg(target_os = "none")]
pub fn print(text: &str) {
    text.bytes().for_each(print_octet);
}

/// A panic handler that cannot be linked: an image has no panic path left.
#[macro_export]
macro_rules! no_panic {
    () => {
        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            unsafe extern "C" {
                fn a_panic_can_be_reached() -> !;
            }
            // SAFETY: never called: with this call left in, the image does not link.
            unsafe { a_panic_can_be_reached() }
        }
    };
}
