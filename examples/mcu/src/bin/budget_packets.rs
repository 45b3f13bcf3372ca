//! Budget (c): packets of three virtual channels.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(all(target_arch = "arm", target_os = "none")))]
fn main() {}

#[cfg(all(target_arch = "arm", target_os = "none"))]
mod firmware {
    use core::hint::black_box;

    use ccsds_core::quality::ReceiveTime;
    use mcu::link::{self, Bank, FORMAT, Station};
    use mcu::local::Local;

    // SAFETY: the only call.
    static STATION: Local<Station> = Local::new(unsafe { link::station() });
    // SAFETY: the only call.
    static BANK: Local<Bank> = Local::new(unsafe { link::bank() });

    fn run() -> ! {
        // SAFETY: this function runs once, and no interrupt is on.
        let (station, bank) = unsafe { (STATION.take(), BANK.take()) };
        mcu::budget::measure(|mut octets| {
            while !octets.is_empty() {
                let taken = station.push(octets, ReceiveTime(0));
                octets = octets.get(taken..).unwrap_or_default();
                while let Ok(Some(received)) = station.pull() {
                    let mut meta = received.meta;
                    meta.quality.fecf = FORMAT.check_fecf(received.bytes);
                    let Ok(frame) = FORMAT.parse(received.bytes) else { continue };
                    let Ok(mut packets) = bank.push(&frame, &meta) else { continue };
                    while let Some(packet) = packets.next() {
                        black_box(packet.bytes);
                        black_box(packet.meta);
                    }
                }
            }
        })
    }

    mcu::start!(run);
    mcu::no_panic!();
}
