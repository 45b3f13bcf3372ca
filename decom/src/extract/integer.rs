//! Whole numbers of up to 128 bits: orders of octets and bits, signs, decimal digits.

use crate::plan::{IntegerEncoding, Order, Plan};
use crate::raw::{Bits, Raw};

/// The bits as one word, their most significant one first.
///
/// The octets are put in order first: eight bits each, from the first bit on, and the last one as many as are left. `reversed`
/// then reads the word from its other end. `None` when there are more than 128 bits, none at all, or the order is none.
pub(super) fn ordered(plan: &Plan<'_>, bits: Bits<'_>, order: Order, reversed: bool) -> Option<u128> {
    let len = bits.bit_len();
    let unused = 128usize.checked_sub(len).filter(|_| len > 0)?;
    let word =
        bits.octets().fold(0, |word, octet| word << 8 | u128::from(octet)) >> (len.div_ceil(8) * 8 - len);
    let word = match order {
        Order::Big => word,
        Order::Little => concatenated(word, len, 0..len.div_ceil(8))?,
        Order::List(span) => {
            let list = span.of(plan.octets);
            if list.len() != len.div_ceil(8) {
                return None;
            }
            let place =
                |significance| list.iter().position(|&of_octet| usize::from(of_octet) == significance);
            // An octet that is missing from the list leaves a gap; one that is there twice makes another one miss.
            (0..list.len()).try_for_each(|significance| place(significance).map(drop))?;
            concatenated(word, len, (0..list.len()).filter_map(place))?
        }
    };
    Some(if reversed { word.reverse_bits() >> unused } else { word })
}

/// The octets of a word of `len` bits, numbered from its most significant one, one above the other.
fn concatenated(word: u128, len: usize, octets: impl Iterator<Item = usize>) -> Option<u128> {
    let mut sum = 0;
    let mut filled = 0u32;
    for octet in octets {
        let end = len.min(octet * 8 + 8);
        let bits = end.checked_sub(octet * 8)?;
        let value = word.checked_shr((len - end) as u32)? & mask(bits as u32);
        sum |= value.checked_shl(filled)?;
        filled += bits as u32;
    }
    Some(sum)
}

/// The number that a word of `bits` bits stands for; `None` when it is none, or does not fit.
pub(super) fn decode(encoding: IntegerEncoding, word: u128, bits: u32) -> Option<Raw<'static>> {
    let negative = bits > 0 && word.checked_shr(bits - 1)? & 1 == 1;
    match encoding {
        IntegerEncoding::Bcd => decimal(word, bits, 8).and_then(without_sign),
        IntegerEncoding::OnesComplement if negative => with_sign(-((!word & mask(bits)) as i128)),
        IntegerEncoding::PackedBcd => packed(word, bits),
        IntegerEncoding::SignMagnitude if negative => with_sign(-((word & mask(bits - 1)) as i128)),
        IntegerEncoding::TwosComplement if negative => with_sign((word | !mask(bits)) as i128),
        IntegerEncoding::OnesComplement
        | IntegerEncoding::SignMagnitude
        | IntegerEncoding::TwosComplement => with_sign(word.try_into().ok()?),
        IntegerEncoding::Unsigned if bits > 64 => Some(Raw::Wide(word)),
        IntegerEncoding::Unsigned => without_sign(word),
    }
}

/// Two digits an octet, the last half octet perhaps a sign.
fn packed(word: u128, bits: u32) -> Option<Raw<'static>> {
    let (digits, bits, negative) = match word & 0xF {
        0xA | 0xC | 0xE | 0xF if bits >= 4 => (word >> 4, bits - 4, false),
        0xB | 0xD if bits >= 4 => (word >> 4, bits - 4, true),
        _ => (word, bits, false),
    };
    let magnitude = i128::try_from(decimal(digits, bits, 4)?).ok()?;
    with_sign(if negative { -magnitude } else { magnitude })
}

/// The number whose digits each have `width` bits; a first one may have fewer. `None` when one is above 9.
fn decimal(word: u128, bits: u32, width: u32) -> Option<u128> {
    (0..bits.div_ceil(width)).rev().try_fold(0u128, |number, i| {
        let digit = word >> (i * width) & mask(width);
        (digit <= 9).then_some(number * 10 + digit)
    })
}

fn with_sign(value: i128) -> Option<Raw<'static>> {
    value.try_into().ok().map(Raw::Signed)
}

fn without_sign(value: u128) -> Option<Raw<'static>> {
    value.try_into().ok().map(Raw::Unsigned)
}

/// The lowest bits set; all of them from 128 on.
fn mask(bits: u32) -> u128 {
    1u128.checked_shl(bits).map_or(u128::MAX, |bit| bit - 1)
}
