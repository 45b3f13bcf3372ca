//! Vector kernels: the only module of this crate that may hold `unsafe`.
//!
//! Each kernel has the contract of its scalar twin, and is chosen by [`Level`].
#![allow(
    unsafe_code,
    reason = "vector loads and stores, and calls of functions that need an instruction set"
)]

pub(crate) mod transpose;

use ccsds_core::arch::Level;

/// An instruction set that this machine has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    /// Available: the constructor sees to that, and the calls below rely on it.
    level: Level,
}

impl Machine {
    /// `None` when the machine does not have it.
    pub(crate) fn with_level(level: Level) -> Option<Self> {
        level.is_available().then_some(Self { level })
    }

    pub(crate) const fn level(self) -> Level {
        self.level
    }

    /// Whether there are vectors of 32 octets.
    #[cfg(target_arch = "x86_64")]
    pub(crate) const fn has_avx2(self) -> bool {
        matches!(self.level, Level::Avx2 | Level::Gfni)
    }

    /// Do safe work whose loops the compiler makes vectors of, by the vectors that there are.
    #[inline(always)]
    pub(crate) fn run(self, work: impl Work) {
        #[cfg(target_arch = "x86_64")]
        if self.has_avx2() {
            // SAFETY: the level is available, and includes AVX2.
            unsafe { run_avx2(work) };
            return;
        }
        work.run();
    }
}

/// Something that is compiled for each level.
///
/// `run`, and all that it calls in its loops, is to be `inline(always)`: a function of its own would be compiled for the weakest level.
pub(crate) trait Work {
    fn run(self);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2(work: impl Work) {
    work.run();
}
