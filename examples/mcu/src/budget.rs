//! What the budget images have in common: octets from a recording that the emulator's loader puts into memory, and a few numbers.

use core::ptr;
use core::slice;

use crate::board;

/// Feed the recording to `push`, in pieces of a DMA transfer's size, and print the octets, the ticks that they took, those of the
/// piece that took longest, and the stack.
pub fn measure(mut push: impl FnMut(&[u8])) -> ! {
    // SAFETY: the loader puts the length and then the octets of a recording here, into memory that nothing else uses.
    let recording = unsafe {
        let len = u32::from_be_bytes(LOADED.cast::<[u8; 4]>().read_volatile());
        slice::from_raw_parts(LOADED.add(4), len as usize)
    };
    board::start_ticks(1 << 24, false);
    let (mut ticks, mut longest, mut before) = (0, 0, board::now());
    for piece in recording.chunks(64) {
        push(piece);
        let now = board::now();
        let taken = before.wrapping_sub(now) & 0xFF_FFFF;
        ticks += taken;
        longest = longest.max(taken);
        before = now;
    }
    for number in [recording.len() as u32, ticks, longest, board::stack_used()] {
        board::print_number(number);
        board::print(" ");
    }
    board::exit(true)
}

/// Memory of the board that no image uses.
const LOADED: *const u8 = ptr::with_exposed_provenance(0x2100_0000);
