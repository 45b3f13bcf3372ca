//! Budget (a): synchronization, derandomization, the check of the Reed-Solomon code.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(all(target_arch = "arm", target_os = "none")))]
fn main() {}

#[cfg(all(target_arch = "arm", target_os = "none"))]
mod firmware {
    use core::hint::black_box;

    use frame_sync::align;
    use frame_sync::randomizer::Randomizer;
    use frame_sync::rs::RsDecoder;
    use frame_sync::sync::{SyncEvent, Synchronizer};
    use mcu::link::{CODE, SYNC};
    use mcu::local::Local;

    static WINDOW: Local<[u8; SYNC.window_len()]> = Local::new([0; SYNC.window_len()]);
    static BLOCK: Local<[u8; CODE.block_len()]> = Local::new([0; CODE.block_len()]);
    static SYNCHRONIZER: Local<Synchronizer> = Local::new(Synchronizer::new(SYNC));
    const DECODER: RsDecoder = RsDecoder::new(CODE);

    fn run() -> ! {
        // SAFETY: this function runs once, and no interrupt is on.
        let (window, block, sync) = unsafe { (WINDOW.take(), BLOCK.take(), SYNCHRONIZER.take()) };
        let mut filled = 0;
        mcu::budget::measure(|octets| {
            for (to, from) in window.iter_mut().skip(filled).zip(octets) {
                *to = *from;
                filled += 1;
            }
            loop {
                let step = sync.poll(window.get(..filled).unwrap_or_default());
                if let Some(SyncEvent::Cadu(cadu)) = step.event {
                    let held = window.get(..filled).unwrap_or_default();
                    align::extract(held, &cadu, &SYNC, Randomizer::CCSDS_255, block);
                    black_box(DECODER.check(block).is_ok_and(|clean| clean));
                }
                // The synchronizer never asks for more to be dropped than it was shown.
                if step.advance <= filled && filled <= window.len() {
                    window.copy_within(step.advance..filled, 0);
                    filled -= step.advance;
                }
                if step.event.is_none() {
                    break;
                }
            }
        })
    }

    mcu::start!(run);
    mcu::no_panic!();
}
