//! Instruction sets that a kernel may be written for.
//!
//! The machine is asked once what it has; a codec or checker takes that, or the level it is told. A level never changes an
//! answer: the scalar kernel specifies the others. `--cfg ccsds_force_scalar` leaves only that one.
#![allow(unsafe_code, reason = "vector loads, and calls of functions that need an instruction set")]

#[cfg(target_arch = "x86_64")]
mod affine;
#[cfg(target_arch = "x86_64")]
mod clmul;
pub(crate) mod crc16;
#[cfg(target_arch = "aarch64")]
mod pmull;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod remainder;

/// Instruction sets, weakest first within an architecture.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Level {
    /// Portable code.
    Scalar,
    /// x86-64: octet shuffles of 16 lanes, carry-less multiplication.
    Ssse3,
    /// x86-64: octet shuffles of 32 lanes, carry-less multiplication.
    Avx2,
    /// x86-64: AVX2 with Galois field instructions and carry-less multiplication of 32 octets at once.
    Gfni,
    /// AArch64: octet shuffles of 16 lanes, and carry-less multiplication where the machine has it.
    Neon,
}

impl Level {
    /// Every level of every architecture, weakest first.
    pub const ALL: [Self; 5] = [Self::Scalar, Self::Ssse3, Self::Avx2, Self::Gfni, Self::Neon];

    /// The strongest level of this machine. Without `std` it is the strongest that the target is compiled for.
    #[must_use]
    #[inline]
    pub fn detect() -> Self {
        #[cfg(feature = "std")]
        let level = *DETECTED.get_or_init(Self::strongest);
        #[cfg(not(feature = "std"))]
        let level = Self::strongest();
        level
    }

    fn strongest() -> Self {
        Self::ALL.into_iter().rev().find(|level| level.is_available()).unwrap_or(Self::Scalar)
    }

    /// Whether this machine can run the level.
    #[must_use]
    #[allow(clippy::eq_op, clippy::nonminimal_bool, reason = "what the compiler knows is constant")]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            _ if cfg!(any(ccsds_force_scalar, miri)) => false,
            #[cfg(target_arch = "x86_64")]
            Self::Ssse3 => has!("ssse3") && has!("sse4.1") && has!("pclmulqdq"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Self::Ssse3.is_available() && has!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Gfni => Self::Avx2.is_available() && has!("gfni") && has!("vpclmulqdq"),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => cfg!(all(target_feature = "neon", target_endian = "little")),
            _ => false,
        }
    }

    /// The name as reports print it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Ssse3 => "ssse3",
            Self::Avx2 => "avx2",
            Self::Gfni => "gfni",
            Self::Neon => "neon",
        }
    }
}

/// Asking costs as much as the check of a short message: ask once.
#[cfg(feature = "std")]
static DETECTED: std::sync::OnceLock<Level> = std::sync::OnceLock::new();

/// Whether the machine has a feature: asked at run time with `std`, known at compile time without.
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
macro_rules! has {
    ($feature:tt) => {{
        #[cfg(all(feature = "std", target_arch = "aarch64"))]
        let has = std::arch::is_aarch64_feature_detected!($feature);
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        let has = std::is_x86_feature_detected!($feature);
        #[cfg(not(feature = "std"))]
        let has = cfg!(target_feature = $feature);
        has
    }};
}
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
use has;

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn a_level_is_called_what_it_is() {
        for level in Level::ALL {
            assert_eq!(level.name(), format!("{level:?}").to_lowercase());
        }
    }

    #[test]
    fn a_level_implies_the_weaker_ones_of_its_architecture() {
        assert!(Level::Scalar.is_available());
        assert!(Level::detect().is_available());
        for (stronger, weaker) in [(Level::Gfni, Level::Avx2), (Level::Avx2, Level::Ssse3)] {
            assert!(!stronger.is_available() || weaker.is_available());
        }
    }
}
