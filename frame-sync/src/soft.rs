//! Soft symbols: one octet each, the sign is the bit and the magnitude its certainty.
//!
//! Demodulators write them as signed octets, positive for a one. Soft-decision decoders will take them as they are; a link without
//! a convolutional code needs the bits alone.

use bytemuck::cast_slice;

/// See the octets of a recording as soft symbols, in place.
#[must_use]
pub fn symbols(octets: &[u8]) -> &[i8] {
    cast_slice(octets)
}

/// Decide each symbol by its sign, and pack eight of them into each octet; returns how many octets were filled.
///
/// Symbols that do not fill an octet are left for the next call. An undecided symbol (zero) is a zero.
pub fn harden(symbols: &[i8], bits: &mut [u8]) -> usize {
    let (whole, _) = symbols.as_chunks::<8>();
    for (octet, symbols) in bits.iter_mut().zip(whole) {
        *octet = symbols.iter().fold(0, |octet, &symbol| octet << 1 | u8::from(symbol > 0));
    }
    whole.len().min(bits.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_is_the_bit() {
        let recording = [1, 0xFF, 127, 0x81, 0, 64, 64, 0xC0, 5];
        let mut bits = [0; 2];
        assert_eq!(harden(symbols(&recording), &mut bits), 1);
        assert_eq!(bits, [0b1010_0110, 0]);
    }

    #[test]
    fn no_more_octets_are_filled_than_there_is_room_for() {
        assert_eq!(harden(&[1; 24], &mut [0; 2]), 2);
    }
}
