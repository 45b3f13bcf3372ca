//! Copying octets that lie across those of the source, with inversion and a sequence taken off on the way.
//!
//! One text: the compiler makes vectors of it, as wide as the level allows.

use ccsds_core::arch::Level;

/// A kernel that this machine can run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CopyKernel {
    /// Available: both constructors see to that, and the call below relies on it.
    level: Level,
}

/// What is copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// As many octets as are copied; one more where they are shifted.
    pub(crate) octets: &'a [u8],
    /// Bits to pass over in the first octet, 0 to 7.
    pub(crate) shift: u32,
    /// Added to every octet.
    pub(crate) flip: u8,
}

impl CopyKernel {
    pub(crate) fn best() -> Self {
        Self { level: Level::detect() }
    }

    /// The kernel of this level, or the portable one where the machine has not the level.
    pub(crate) fn of(level: Level) -> Self {
        Self { level: if level.is_available() { level } else { Level::Scalar } }
    }

    /// Copy as many octets as `to` has, and add a sequence of as many to them.
    pub(crate) fn copy(self, from: Source<'_>, sequence: Option<&[u8]>, to: &mut [u8]) {
        match self.level {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the level is available, and includes AVX2.
            Level::Avx2 | Level::Gfni => unsafe { copy_avx2(from, sequence, to) },
            _ => copy_portable(from, sequence, to),
        }
    }
}

/// The copy with what the crate is compiled for.
#[inline(always)]
fn copy(Source { octets, shift, flip }: Source<'_>, sequence: Option<&[u8]>, to: &mut [u8]) {
    let next = octets.get(1..).unwrap_or_default();
    let shifted = |a: &u8, b: &u8| a << shift | b >> (8 - shift);
    match (shift, sequence) {
        (0, None) => {
            for (to, a) in to.iter_mut().zip(octets) {
                *to = a ^ flip;
            }
        }
        (0, Some(sequence)) => {
            for ((to, a), random) in to.iter_mut().zip(octets).zip(sequence) {
                *to = a ^ flip ^ random;
            }
        }
        (_, None) => {
            for ((to, a), b) in to.iter_mut().zip(octets).zip(next) {
                *to = shifted(a, b) ^ flip;
            }
        }
        (_, Some(sequence)) => {
            for (((to, a), b), random) in to.iter_mut().zip(octets).zip(next).zip(sequence) {
                *to = shifted(a, b) ^ flip ^ random;
            }
        }
    }
}

/// The copy as a function of its own: inlined where it is called, the compiler no longer sees that `to` overlaps nothing, and
/// octets that are shifted take half as long again.
#[inline(never)]
fn copy_portable(from: Source<'_>, sequence: Option<&[u8]>, to: &mut [u8]) {
    copy(from, sequence, to);
}

/// The same with vectors of 32 octets. Those of 16 are in every x86-64.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn copy_avx2(from: Source<'_>, sequence: Option<&[u8]>, to: &mut [u8]) {
    copy(from, sequence, to);
}
