//! Memory between two pages that nobody may touch: a kernel that reads or writes beyond its slice ends the test.
#![allow(clippy::expect_used, reason = "without the memory there is no test")]

use mmap_rs::{MmapMut, MmapNone, MmapOptions};

/// Which guard the octets touch. The other one is as far away as the memory is larger than they are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flush {
    End,
    Start,
}

impl Flush {
    pub(crate) const BOTH: [Self; 2] = [Self::End, Self::Start];
}

/// Whole pages of memory with a guard at either end.
pub(crate) struct Guarded {
    memory: MmapMut,
    _guards: [MmapNone; 2],
}

impl Guarded {
    /// Memory for so many octets.
    pub(crate) fn new(len: usize) -> Self {
        let page = MmapOptions::page_size();
        let len = len.next_multiple_of(page).max(page);
        let whole = MmapOptions::new(len + 2 * page).and_then(MmapOptions::map_none);
        let mut memory = whole.expect("address space for the memory and its guards");
        let before = memory.split_to(page).expect("a page is a page");
        let behind = memory.split_off(len).expect("whole pages");
        let memory = MmapMut::try_from(memory).expect("memory");
        Self { memory, _guards: [before, behind] }
    }

    /// Octets that touch a guard.
    pub(crate) fn put(&mut self, octets: &[u8], flush: Flush) -> &mut [u8] {
        let memory = self.memory.as_mut_slice();
        memory.fill(UNTOUCHED);
        let at = match flush {
            Flush::End => memory.len() - octets.len(),
            Flush::Start => 0,
        };
        let put = memory.get_mut(at..at + octets.len()).expect("memory enough");
        put.copy_from_slice(octets);
        put
    }

    /// Whether what is beside those octets is as [`Self::put`] left it.
    pub(crate) fn is_untouched_beside(&self, len: usize, flush: Flush) -> bool {
        let memory = self.memory.as_slice();
        let beside = match flush {
            Flush::End => memory.len().checked_sub(len).and_then(|at| memory.get(..at)),
            Flush::Start => memory.get(len..),
        };
        beside.is_some_and(|beside| beside.iter().all(|octet| *octet == UNTOUCHED))
    }
}

const UNTOUCHED: u8 = 0xA5;
