//! Nothing but the start-up code and the measurement itself.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(all(target_arch = "arm", target_os = "none")))]
fn main() {}

#[cfg(all(target_arch = "arm", target_os = "none"))]
mod firmware {
    use core::hint::black_box;

    fn run() -> ! {
        mcu::budget::measure(|octets| {
            black_box(octets);
        })
    }

    mcu::start!(run);
    mcu::no_panic!();
}
