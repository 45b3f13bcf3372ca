//! Frame error control field: CRC-16 (132.0-B-3 §4.1.6, 732.0-B-5 §4.1.6) and the CRC-32 of USLP (732.1-B-3 annex B).

use crc::{Algorithm, Crc, Table};

use crate::arch::Level;
use crate::arch::crc16::Crc16Kernel;

/// Which error control field ends a frame.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Fecf {
    /// No field: another code protects the frame, or it was stripped.
    #[default]
    Absent,
    /// Two octets; generator x^16 + x^12 + x^5 + 1, register preset to ones.
    Crc16,
    /// Four octets; generator x^32 + x^23 + x^21 + x^11 + x^2 + 1, register preset to zeros. USLP only.
    Crc32,
}

impl Fecf {
    /// Octets of the field.
    #[must_use]
    pub const fn len(self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Crc16 => 2,
            Self::Crc32 => 4,
        }
    }

    /// Whether the frame ends without such a field.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// The 16-bit check of `octets`: `29B1` for the nine digits "123456789".
#[must_use]
pub fn crc16(octets: &[u8]) -> u16 {
    Crc16::new().checksum(octets)
}

/// The 32-bit check of `octets` that USLP and Proximity-1 use.
#[must_use]
pub fn crc32(octets: &[u8]) -> u32 {
    CRC32.checksum(octets)
}

/// The 16-bit check at one kernel level; [`crc16`] takes the strongest.
#[derive(Clone, Copy, Debug)]
pub struct Crc16 {
    kernel: Crc16Kernel,
}

impl Crc16 {
    /// The strongest level of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self { kernel: Crc16Kernel::best() }
    }

    /// This level; `None` where the machine does not have it.
    #[must_use]
    pub fn with_level(level: Level) -> Option<Self> {
        Some(Self { kernel: Crc16Kernel::with_level(level)? })
    }

    /// The level.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.kernel.level()
    }

    /// The check of `octets`.
    #[must_use]
    pub fn checksum(&self, octets: &[u8]) -> u16 {
        match self.kernel.checksum(octets) {
            Some(check) => check,
            None => CRC16.checksum(octets),
        }
    }
}

impl Default for Crc16 {
    fn default() -> Self {
        Self::new()
    }
}

/// Sixteen tables at once where memory is plentiful, one in flash-poor builds; the answers are the same.
#[cfg(feature = "std")]
type Tables = Table<16>;
#[cfg(not(feature = "std"))]
type Tables = Table<1>;

static CRC16: Crc<u16, Tables> = Crc::<u16, Tables>::new(&crc::CRC_16_IBM_3740);
static CRC32: Crc<u32, Tables> = Crc::<u32, Tables>::new(&CRC_32_PROXIMITY_1);

const CRC_32_PROXIMITY_1: Algorithm<u32> = Algorithm {
    width: 32,
    poly: 0x00A0_0805,
    init: 0,
    refin: false,
    refout: false,
    xorout: 0,
    check: 0x5169_3C0C,
    residue: 0,
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Long division, one bit at a time.
    fn naive(octets: &[u8], width: u32, poly: u64, init: u64) -> u64 {
        let top = 1 << (width - 1);
        octets.iter().flat_map(|octet| (0..8).rev().map(move |i| u64::from(octet >> i & 1))).fold(
            init,
            |register, bit| {
                let out = u64::from(register & top != 0) ^ bit;
                ((register << 1) ^ (out * poly)) & (top << 1).wrapping_sub(1)
            },
        )
    }

    #[test]
    fn published_check_values() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
        assert_eq!(crc16(&[1, 2, 3, 4]), 0x89C3);
        assert_eq!(crc32(b"123456789"), 0x5169_3C0C);
    }

    /// The values that the tests of the Go library `ravisuhag/astro` (`pkg/crc`) expect: zeros at first, nothing reflected, nothing added.
    /// Yamcs and COSMOS have the same parameters.
    #[test]
    fn the_check_of_32_bits_is_that_of_another_implementation() {
        assert_eq!(crc32(&[]), 0);
        assert_eq!(crc32(&[0]), 0);
        assert_eq!(crc32(&[0xFF; 4]), 0x7180_0472);
        assert_eq!(crc32(&[0xDE, 0xAD, 0xBE, 0xEF]), 0x4440_D14C);
    }

    proptest! {
        #[test]
        fn tables_equal_long_division(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert_eq!(u64::from(crc16(&octets)), naive(&octets, 16, 0x1021, 0xFFFF));
            prop_assert_eq!(u64::from(crc32(&octets)), naive(&octets, 32, 0x00A0_0805, 0));
        }
    }
}
