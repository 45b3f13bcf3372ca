//! Which kernel computes CRC-16.

use super::Level;

/// A kernel that this machine can run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crc16Kernel {
    level: Level,
    /// Within what the machine has: both constructors see to that, and the calls below rely on it.
    instructions: Instructions,
}

#[derive(Clone, Copy, Debug)]
enum Instructions {
    #[cfg(target_arch = "x86_64")]
    Affine,
    #[cfg(target_arch = "x86_64")]
    Clmul,
    #[cfg(target_arch = "aarch64")]
    Pmull,
    Portable,
    #[cfg(target_arch = "x86_64")]
    Vclmul,
}

impl Crc16Kernel {
    #[inline]
    pub(crate) fn best() -> Self {
        Self::of_available(Level::detect())
    }

    pub(crate) fn with_level(level: Level) -> Option<Self> {
        level.is_available().then(|| Self::of_available(level))
    }

    #[inline]
    fn of_available(level: Level) -> Self {
        let instructions = match level {
            #[cfg(target_arch = "x86_64")]
            Level::Ssse3 => Instructions::Clmul,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 if super::has!("vpclmulqdq") => Instructions::Vclmul,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Instructions::Clmul,
            #[cfg(target_arch = "x86_64")]
            Level::Gfni => Instructions::Affine,
            // It belongs to an extension that nearly all machines with NEON have.
            #[cfg(target_arch = "aarch64")]
            Level::Neon if super::has!("aes") => Instructions::Pmull,
            _ => Instructions::Portable,
        };
        Self { level, instructions }
    }

    pub(crate) const fn level(self) -> Level {
        self.level
    }

    /// `None` where tables do as well: at the scalar level, and for fewer than sixteen octets.
    #[inline]
    pub(crate) fn checksum(self, octets: &[u8]) -> Option<u16> {
        match self.instructions {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the level includes GFNI, AVX2, PCLMULQDQ, SSE4.1 and SSSE3.
            Instructions::Affine => unsafe { super::affine::checksum(octets) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the level includes PCLMULQDQ, SSE4.1 and SSSE3.
            Instructions::Clmul => unsafe { super::clmul::checksum(octets) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: the level includes NEON; the machine was asked for PMULL.
            Instructions::Pmull => unsafe { super::pmull::checksum(octets) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the level includes AVX2, PCLMULQDQ, SSE4.1 and SSSE3; the machine was asked for VPCLMULQDQ.
            Instructions::Vclmul => unsafe { super::clmul::checksum_in_pairs(octets) },
            Instructions::Portable => {
                let _ = octets;
                None
            }
        }
    }
}
