//! Marker search at any bit offset.

#[cfg(any(test, feature = "std", target_pointer_width = "64"))]
mod count;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod nibbles;
#[cfg(any(test, not(any(feature = "std", target_pointer_width = "64"))))]
mod plain;
#[cfg(test)]
mod tests;

use ccsds_core::arch::Level;

use crate::asm::Asm;

/// A kernel that this machine can run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchKernel {
    /// Available: both constructors see to that, and the calls below rely on it.
    level: Level,
}

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) asm: &'a Asm,
    /// Bit errors allowed.
    pub(crate) errors: u32,
}

impl SearchKernel {
    pub(crate) fn best() -> Self {
        Self { level: Level::detect() }
    }

    pub(crate) fn with_level(level: Level) -> Option<Self> {
        level.is_available().then_some(Self { level })
    }

    /// What `accept` makes of the first bit in `from..to` that it accepts. It is shown, in order, all bits at which a marker of
    /// either polarity begins, and a few at which none does. Behind the window there are zeros.
    pub(crate) fn first<T>(
        self,
        wanted: Wanted<'_>,
        window: &[u8],
        from: usize,
        to: usize,
        accept: impl FnMut(usize) -> Option<T>,
    ) -> Option<T> {
        #[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
        let (mut from, mut accept) = (from, accept);
        #[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
        if let Some(nibbles) = nibbles::Nibbles::new(wanted) {
            let found = match self.level {
                #[cfg(target_arch = "aarch64")]
                // SAFETY: the level is available, and includes NEON.
                Level::Neon => unsafe { nibbles.search_neon(window, &mut from, to, &mut accept) },
                #[cfg(target_arch = "x86_64")]
                // SAFETY: the level is available, and includes AVX2.
                Level::Avx2 | Level::Gfni => unsafe {
                    nibbles.search_avx2(window, &mut from, to, &mut accept)
                },
                #[cfg(target_arch = "x86_64")]
                // SAFETY: the level is available, and includes SSSE3.
                Level::Ssse3 => unsafe { nibbles.search_ssse3(window, &mut from, to, &mut accept) },
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        match self.level {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the level is available, and includes AVX2.
            Level::Avx2 | Level::Gfni => unsafe { count::search_avx2(wanted, window, from, to, accept) },
            #[cfg(any(test, feature = "std", target_pointer_width = "64"))]
            _ => count::search(wanted, window, from, to, accept),
            // Firmware: a fourth of the code, an eighth of the stack.
            #[cfg(not(any(test, feature = "std", target_pointer_width = "64")))]
            _ => plain::search(wanted, window, from, to, accept),
        }
    }
}
