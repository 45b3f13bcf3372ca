//! Where texts and runs of octets end.

use super::unsigned;
use crate::plan::{Charset, Plan, SizeRule};
use crate::raw::Bits;

/// The content that begins at `bit`, and how many bits the whole takes.
///
/// A terminator is looked for at every `unit_len`-th octet, so that half a character and half of the next do not make one.
/// `None` when the content reaches past the packet, or is longer than its rule allows.
pub(super) fn measure<'a>(
    plan: &Plan<'_>,
    rule: SizeRule,
    unit_len: usize,
    packet: &'a [u8],
    bit: usize,
    size: impl FnOnce(u32) -> Option<i64>,
) -> Option<(Bits<'a>, usize)> {
    let sized = |expr| usize::try_from(size(expr)?).ok();
    match rule {
        SizeRule::Bits(expr) => {
            let bits = sized(expr)?;
            Some((Bits::new(packet, bit, bits)?, bits))
        }
        SizeRule::Leading { tag_bits, max_bits } => {
            let tag = usize::try_from(unsigned(packet, bit, tag_bits.into())?).ok()?;
            let bits = tag.checked_mul(8).filter(|&bits| bits <= max_bits as usize)?;
            let start = bit.checked_add(tag_bits.into())?;
            Some((Bits::new(packet, start, bits)?, bits + usize::from(tag_bits)))
        }
        SizeRule::Terminated { terminator, max_bits } => {
            let terminator = terminator.of(plan.octets);
            let there = packet.len().saturating_mul(8).saturating_sub(bit);
            let all = Bits::new(packet, bit, there.min(max_bits as usize))?;
            match position(all, terminator, unit_len) {
                Some(bits) => Some((Bits::new(packet, bit, bits)?, bits + terminator.len() * 8)),
                // The packet ends before the text may.
                None if there < max_bits as usize => None,
                None => Some((all, max_bits as usize)),
            }
        }
        SizeRule::TerminatedWithin { terminator, bits } => {
            let bits = sized(bits)?;
            let all = Bits::new(packet, bit, bits)?;
            let content = position(all, terminator.of(plan.octets), unit_len).unwrap_or(bits);
            Some((Bits::new(packet, bit, content)?, bits))
        }
    }
}

/// Octets of the smallest part of a character.
pub(super) fn unit_len(charset: Charset) -> usize {
    match charset {
        Charset::Latin1 | Charset::UsAscii | Charset::Utf8 | Charset::Windows1252 => 1,
        Charset::Utf16 | Charset::Utf16Be | Charset::Utf16Le => 2,
        Charset::Utf32Be | Charset::Utf32Le => 4,
    }
}

/// Bits before the first terminator.
fn position(all: Bits<'_>, terminator: &[u8], unit_len: usize) -> Option<usize> {
    if terminator.is_empty() {
        return None;
    }
    // Bits that do not fill an octet are no part of a terminator.
    let mut rest = all.octets().take(all.bit_len() / 8);
    let mut octets = 0;
    loop {
        let mut ahead = rest.clone();
        if terminator.iter().all(|&octet| ahead.next() == Some(octet)) {
            return Some(octets * 8);
        }
        rest.nth(unit_len - 1)?;
        octets += unit_len;
    }
}
