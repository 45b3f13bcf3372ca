//! Budget (d): the forty parameters of each housekeeping packet, calibrated, and their alarms.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(all(target_arch = "arm", target_os = "none")))]
fn main() {}

#[cfg(all(target_arch = "arm", target_os = "none"))]
mod firmware {
    use mcu::link::Chain;
    use mcu::local::Local;

    // SAFETY: the only call.
    static CHAIN: Local<Chain> = Local::new(unsafe { Chain::new() });

    fn run() -> ! {
        // SAFETY: this function runs once, and no interrupt is on.
        let chain = unsafe { CHAIN.take() };
        mcu::budget::measure(|octets| chain.push(octets))
    }

    mcu::start!(run);
    mcu::no_panic!();
}
