//! Most-significant-bit-first field access.
//!
//! CCSDS numbers bits from the first transmitted: bit 0 is the most significant bit of the first octet.

/// The unsigned field of `bit_len` bits (0 to 64) that starts at `bit_offset`.
///
/// `None` when the field is longer than 64 bits or reaches past the octets.
#[must_use]
pub const fn read_unsigned(octets: &[u8], bit_offset: usize, bit_len: u32) -> Option<u64> {
    if bit_len > 64 {
        return None;
    }
    if bit_len == 0 {
        return Some(0);
    }
    let Some(end) = bit_offset.checked_add(bit_len as usize) else { return None };
    let skipped = bit_offset / 8;
    let Some((_, mut rest)) = octets.split_at_checked(skipped) else { return None };
    // At most nine octets hold the field; 128 bits take them all.
    let needed = end.div_ceil(8) - skipped;
    let mut word = 0u128;
    let mut taken = 0;
    while taken < needed {
        let Some((&octet, tail)) = rest.split_first() else { return None };
        word = word << 8 | octet as u128;
        rest = tail;
        taken += 1;
    }
    let surplus = needed * 8 - bit_offset % 8 - bit_len as usize;
    Some((word >> surplus) as u64 & mask(bit_len))
}

/// The two's complement field of `bit_len` bits (0 to 64) that starts at `bit_offset`.
///
/// `None` when the field is longer than 64 bits or reaches past the octets.
#[must_use]
pub const fn read_signed(octets: &[u8], bit_offset: usize, bit_len: u32) -> Option<i64> {
    let Some(value) = read_unsigned(octets, bit_offset, bit_len) else { return None };
    if bit_len == 0 {
        return Some(0);
    }
    let surplus = 64 - bit_len;
    Some((value << surplus) as i64 >> surplus)
}

/// The lowest `bit_len` bits set; all of them from 64 on.
const fn mask(bit_len: u32) -> u64 {
    match 1u64.checked_shl(bit_len) {
        Some(bit) => bit - 1,
        None => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One bit at a time.
    fn naive(octets: &[u8], bit_offset: usize, bit_len: u32) -> Option<u64> {
        (bit_offset..bit_offset + bit_len as usize).try_fold(0u64, |value, i| {
            let bit = octets.get(i / 8)? >> (7 - i % 8) & 1;
            Some(value << 1 | u64::from(bit))
        })
    }

    proptest! {
        #[test]
        fn fields_equal_a_bit_by_bit_reader(octets: [u8; 12], bit_offset in 0usize..100, bit_len in 0u32..=64) {
            prop_assert_eq!(
                read_unsigned(&octets, bit_offset, bit_len),
                if bit_len == 0 { Some(0) } else { naive(&octets, bit_offset, bit_len) }
            );
        }

        #[test]
        fn signed_fields_keep_their_sign(value: i64, bit_len in 1u32..=64) {
            let value = value >> (64 - bit_len);
            let octets = (value as u64).to_be_bytes();
            prop_assert_eq!(read_signed(&octets, 64 - bit_len as usize, bit_len), Some(value));
        }
    }

    #[test]
    fn fields_outside_the_octets_are_refused() {
        assert_eq!(read_unsigned(&[0xFF; 8], 1, 64), None);
        assert_eq!(read_unsigned(&[0xFF; 8], usize::MAX, 2), None);
        assert_eq!(read_unsigned(&[0xFF; 16], 0, 65), None);
    }
}
