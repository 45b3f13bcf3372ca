//! Budget (b): frames with their Reed-Solomon code corrected.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(all(target_arch = "arm", target_os = "none")))]
fn main() {}

#[cfg(all(target_arch = "arm", target_os = "none"))]
mod firmware {
    use core::hint::black_box;

    use ccsds_core::quality::ReceiveTime;
    use mcu::link::{self, Station};
    use mcu::local::Local;

    // SAFETY: the only call.
    static STATION: Local<Station> = Local::new(unsafe { link::station() });

    fn run() -> ! {
        // SAFETY: this function runs once, and no interrupt is on.
        let station = unsafe { STATION.take() };
        mcu::budget::measure(|mut octets| {
            while !octets.is_empty() {
                let taken = station.push(octets, ReceiveTime(0));
                octets = octets.get(taken..).unwrap_or_default();
                while let Ok(Some(received)) = station.pull() {
                    black_box(received.bytes);
                    black_box(received.meta);
                }
            }
        })
    }

    mcu::start!(run);
    mcu::no_panic!();
}
