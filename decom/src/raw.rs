//! Raw values: what an encoding makes of the bits of a packet, before calibration.

use core::fmt;

use crate::plan::Charset;

/// A value as the packet carries it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Raw<'a> {
    /// A floating-point number.
    Float(f64),
    /// Bits without a meaning of their own.
    Octets(Bits<'a>),
    /// A whole number of an encoding with a sign.
    Signed(i64),
    /// Characters, without size and terminator.
    Text {
        /// The bits of the characters.
        bits: Bits<'a>,
        /// What they stand for.
        charset: Charset,
    },
    /// Bits that are no number of their encoding, as a decimal digit above 9.
    Undefined(Bits<'a>),
    /// A whole number of an encoding without sign.
    Unsigned(u64),
    /// A whole number of an encoding of more than 64 bits.
    Wide(u128),
}

impl Raw<'_> {
    /// The number; whole numbers above 2^53 are rounded to the nearest even one that fits. `None` for what is no number.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(value),
            Self::Signed(value) => Some(value as f64),
            Self::Unsigned(value) => Some(value as f64),
            Self::Wide(value) => Some(value as f64),
            Self::Octets(_) | Self::Text { .. } | Self::Undefined(_) => None,
        }
    }

    /// The whole number; `None` for what is none, and from 2^127 on.
    #[must_use]
    pub fn integer(self) -> Option<i128> {
        match self {
            Self::Signed(value) => Some(value.into()),
            Self::Unsigned(value) => Some(value.into()),
            Self::Wide(value) => value.try_into().ok(),
            Self::Float(_) | Self::Octets(_) | Self::Text { .. } | Self::Undefined(_) => None,
        }
    }
}

/// A run of bits of a packet, at any bit. Two runs are equal when they hold the same bits, wherever they lie.
#[derive(Clone, Copy)]
pub struct Bits<'a> {
    /// The octets that hold the run, and no others.
    octets: &'a [u8],
    /// Its first bit, counted from the first of the packet.
    bit_offset: u32,
    bit_len: u32,
}

impl<'a> Bits<'a> {
    /// The `len` bits from `bit` of `packet` on; `None` when they reach past its end, or past 2^32 bits.
    #[must_use]
    pub fn new(packet: &'a [u8], bit: usize, len: usize) -> Option<Self> {
        let end = bit.checked_add(len)?;
        let octets = packet.get(bit / 8..end.div_ceil(8))?;
        Some(Self { octets, bit_offset: bit.try_into().ok()?, bit_len: len.try_into().ok()? })
    }

    /// How many bits there are.
    #[must_use]
    pub const fn bit_len(self) -> usize {
        self.bit_len as usize
    }

    /// The first bit, counted from the first of the packet.
    #[must_use]
    pub const fn bit_offset(self) -> usize {
        self.bit_offset as usize
    }

    /// The bits as octets, from the first bit on; the last octet ends in zero bits where the run does not fill it.
    pub fn octets(self) -> impl Iterator<Item = u8> + Clone + use<'a> {
        let shift = self.bit_offset % 8;
        let len = self.bit_len.div_ceil(8);
        let surplus = len * 8 - self.bit_len;
        (0..len).zip(self.octets).map(move |(i, &first)| {
            let next = self.octets.get(i as usize + 1).copied().unwrap_or(0);
            let octet = (u16::from_be_bytes([first, next]) << shift >> 8) as u8;
            if i + 1 == len { octet >> surplus << surplus } else { octet }
        })
    }

    /// The octets themselves, where the run begins and ends with one.
    #[must_use]
    pub const fn as_slice(self) -> Option<&'a [u8]> {
        if self.bit_offset.is_multiple_of(8) && self.bit_len.is_multiple_of(8) {
            Some(self.octets)
        } else {
            None
        }
    }
}

impl PartialEq for Bits<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bit_len == other.bit_len
            && match (self.as_slice(), other.as_slice()) {
                (Some(left), Some(right)) => left == right,
                _ => self.octets().eq(other.octets()),
            }
    }
}

impl Eq for Bits<'_> {}

impl fmt::Debug for Bits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bits({self:x}, {} bits at {})", self.bit_len, self.bit_offset)
    }
}

impl fmt::LowerHex for Bits<'_> {
    /// Two digits for each octet.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.octets().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;
    use std::vec::Vec;

    /// One bit at a time.
    fn naive(packet: &[u8], bit: usize, len: usize) -> Option<Vec<u8>> {
        let mut octets = std::vec![0u8; len.div_ceil(8)];
        for i in 0..len {
            let value = packet.get((bit + i) / 8)? >> (7 - (bit + i) % 8) & 1;
            octets[i / 8] |= value << (7 - i % 8);
        }
        Some(octets)
    }

    proptest! {
        #[test]
        fn octets_of_a_run_equal_a_bit_by_bit_reader(packet: [u8; 12], bit in 0usize..=96, len in 0usize..100) {
            let bits = Bits::new(&packet, bit, len);
            prop_assert_eq!(bits.map(|bits| bits.octets().collect::<Vec<_>>()), naive(&packet, bit, len));
            if let Some(bits) = bits {
                prop_assert_eq!((bits.bit_offset(), bits.bit_len()), (bit, len));
                prop_assert_eq!(bits.as_slice().is_some(), bit % 8 == 0 && len % 8 == 0);
                if let Some(slice) = bits.as_slice() {
                    prop_assert_eq!(slice, &packet[bit / 8..(bit + len) / 8]);
                }
            }
        }

        #[test]
        fn runs_are_equal_by_what_they_hold(packet: [u8; 6], left in 0usize..40, right in 0usize..40, len in 0usize..8) {
            let equal = Bits::new(&packet, left, len) == Bits::new(&packet, right, len);
            prop_assert_eq!(equal, naive(&packet, left, len) == naive(&packet, right, len));
        }
    }

    #[test]
    fn runs_outside_the_packet_do_not_exist() {
        assert_eq!(Bits::new(&[0xFF; 2], 9, 8), None);
        assert_eq!(Bits::new(&[0xFF; 2], 17, 0), None);
        assert_eq!(Bits::new(&[0xFF; 2], usize::MAX, 2), None);
        assert_eq!(Bits::new(&[0xFF; 2], 16, 0).map(Bits::bit_len), Some(0));
    }

    #[test]
    fn a_run_shows_its_octets() {
        let bits = Bits::new(&[0x12, 0x34, 0x56], 4, 12).unwrap();
        assert_eq!(format!("{bits:x}"), "2340");
        assert_eq!(format!("{bits:?}"), "Bits(2340, 12 bits at 4)");
    }

    #[test]
    fn only_numbers_are_numbers() {
        let bits = Bits::new(&[7], 0, 8).unwrap();
        assert_eq!((Raw::Signed(-7).number(), Raw::Signed(-7).integer()), (Some(-7.0), Some(-7)));
        assert_eq!((Raw::Float(0.5).number(), Raw::Float(0.5).integer()), (Some(0.5), None));
        assert_eq!(Raw::Unsigned(u64::MAX).number(), Some(18_446_744_073_709_551_616.0));
        assert_eq!((Raw::Wide(1 << 70).integer(), Raw::Wide(u128::MAX).integer()), (Some(1 << 70), None));
        for raw in [Raw::Octets(bits), Raw::Undefined(bits), Raw::Text { bits, charset: Charset::Utf8 }] {
            assert_eq!((raw.number(), raw.integer()), (None, None));
        }
    }
}
