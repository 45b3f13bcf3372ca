//! Raw values: a field of bits, and the encoding that gives it a meaning.

use ccsds_core::bits::{read_signed, read_unsigned};

/// How the bits of a field encode a number. Names follow XTCE (660.0-B-2 §4.3.2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RawEncoding {
    /// IEEE 754 binary floating point of 32 or 64 bits.
    Ieee754,
    /// Negative values are the complement of their magnitude.
    OnesComplement,
    /// The first bit is the sign, the others the magnitude.
    SignMagnitude,
    /// Two's complement.
    TwosComplement,
    /// No sign.
    Unsigned,
}

/// A value as the packet carries it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RawValue {
    /// A floating-point number.
    Float(f64),
    /// A signed integer.
    Signed(i64),
    /// An unsigned integer.
    Unsigned(u64),
}

impl RawEncoding {
    /// The value of the field of `bit_len` bits that starts at `bit_offset` of the packet.
    ///
    /// `None` when the field reaches past the packet's end, or no such encoding has that many bits.
    #[must_use]
    pub fn extract(self, packet: &[u8], bit_offset: usize, bit_len: u32) -> Option<RawValue> {
        let unsigned = read_unsigned(packet, bit_offset, bit_len)?;
        match (self, bit_len) {
            (_, 0) => None,
            (Self::Unsigned, _) => Some(RawValue::Unsigned(unsigned)),
            (Self::TwosComplement, _) => read_signed(packet, bit_offset, bit_len).map(RawValue::Signed),
            (Self::OnesComplement, _) => {
                let value = read_signed(packet, bit_offset, bit_len)?;
                // Minus one stands for minus zero.
                Some(RawValue::Signed(if value < 0 { value + 1 } else { value }))
            }
            (Self::SignMagnitude, _) => {
                let sign = 1 << (bit_len - 1);
                let magnitude = (unsigned & (sign - 1)) as i64;
                Some(RawValue::Signed(if unsigned & sign == 0 { magnitude } else { -magnitude }))
            }
            (Self::Ieee754, 32) => Some(RawValue::Float(f32::from_bits(unsigned as u32).into())),
            (Self::Ieee754, 64) => Some(RawValue::Float(f64::from_bits(unsigned))),
            (Self::Ieee754, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_bits_mean_what_their_encoding_says() {
        let value = |encoding: RawEncoding, bits: u8| encoding.extract(&[bits << 2], 2, 4).unwrap();
        for (bits, ones, sign, twos) in
            [(0b0101, 5, 5, 5), (0b1010, -5, -2, -6), (0b1111, 0, -7, -1), (0b1000, -7, 0, -8)]
        {
            assert_eq!(value(RawEncoding::Unsigned, bits), RawValue::Unsigned(bits.into()));
            assert_eq!(value(RawEncoding::OnesComplement, bits), RawValue::Signed(ones));
            assert_eq!(value(RawEncoding::SignMagnitude, bits), RawValue::Signed(sign));
            assert_eq!(value(RawEncoding::TwosComplement, bits), RawValue::Signed(twos));
        }
    }

    #[test]
    fn fields_that_do_not_exist_have_no_value() {
        assert_eq!(RawEncoding::Unsigned.extract(&[0xFF], 4, 5), None);
        assert_eq!(RawEncoding::Ieee754.extract(&[0; 8], 0, 33), None);
        assert_eq!(RawEncoding::SignMagnitude.extract(&[0; 8], 0, 0), None);
    }

    proptest! {
        #[test]
        fn floating_point_values_come_back_at_any_bit(value: f64, shift in 0u32..8) {
            let octets = (u128::from(value.to_bits()) << (64 - shift)).to_be_bytes();
            let read = RawEncoding::Ieee754.extract(&octets, shift as usize, 64);
            prop_assert_eq!(read, Some(RawValue::Float(value)));
        }
    }
}
