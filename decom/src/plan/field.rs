//! A value at a fixed bit of the packet, and the eight octets that it is read from.

use super::{FieldKind, ItemId};

/// A value at a fixed bit of the packet, in twelve octets.
///
/// Eight octets of the packet hold all of it, but for a few: what reads it is one load, one shift that takes its first bit to the top of
/// the word, and one that takes its last bit to the bottom. Which eight octets these are, and both shifts, are known beforehand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "blob", serde(into = "Call", from = "Call"))]
pub struct Field {
    /// The first of its octets; [`ELSEWHERE`] is set where it is not read so.
    octet: u32,
    item: ItemId,
    /// Bits of these octets before its first one.
    before: u8,
    /// How far down it belongs, once its first bit is at the top.
    down: u8,
    bits: u8,
    kind: FieldKind,
}

impl Field {
    /// The value of `item` that begins at `bit`, where bit 0 is the first of the packet, and takes as many bits as are said. Where its
    /// kind is [`FieldKind::Other`], the encoding of the item says how many.
    #[must_use]
    pub const fn new(item: ItemId, bit: u32, bits: u8, kind: FieldKind) -> Self {
        Self::from_octet(bit / 8, item, bit, bits, kind)
    }

    /// The same, read from eight octets of which this is the first, where they hold all of it.
    #[must_use]
    pub const fn from_octet(octet: u32, item: ItemId, bit: u32, bits: u8, kind: FieldKind) -> Self {
        let before = bit.saturating_sub(octet.saturating_mul(8));
        if octet <= bit / 8 && bits > 0 && before.saturating_add(bits as u32) <= 64 {
            Self { octet, item, before: before as u8, down: 64 - bits, bits, kind }
        } else {
            Self { octet: (bit / 8) | ELSEWHERE, item, before: (bit % 8) as u8, down: 0, bits, kind }
        }
    }

    /// The same value, read from eight of the first `octets` of the packet, where these hold it: what lies near the end of a packet is
    /// one load then, too.
    #[must_use]
    pub const fn within(self, octets: u32) -> Self {
        let Some(last) = octets.checked_sub(8) else { return self };
        let moved = Self::from_octet(last, self.item, self.bit(), self.bits, self.kind);
        if self.first_octet() <= last || moved.octet & ELSEWHERE != 0 { self } else { moved }
    }

    /// Its first bit; bit 0 is the first of the packet.
    #[inline]
    #[must_use]
    pub const fn bit(&self) -> u32 {
        // Made of a bit, so that it fits.
        self.first_octet() * 8 + self.before as u32
    }

    /// How many bits it has, where its kind is not [`FieldKind::Other`].
    #[inline]
    #[must_use]
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// What it is a value of.
    #[inline]
    #[must_use]
    pub const fn item(&self) -> ItemId {
        self.item
    }

    /// What the bits are.
    #[inline]
    #[must_use]
    pub const fn kind(&self) -> FieldKind {
        self.kind
    }

    /// The first of the octets that it is read from.
    pub(crate) const fn first_octet(&self) -> u32 {
        self.octet & !ELSEWHERE
    }

    /// The word that it is read from, with its first bit at the top, and how far down it belongs. `None` where that takes more than one
    /// load, or the packet ends before that. Packets are shorter than [`LONGEST`].
    #[inline(always)]
    pub(crate) fn window(&self, packet: &[u8]) -> Option<(u64, u32)> {
        let start = self.octet as usize;
        // Told so, the compiler sees that the octets are there.
        if start > packet.len().checked_sub(8)? {
            return None;
        }
        let octets = packet.get(start..)?.first_chunk()?;
        let word = u64::from_be_bytes(*octets).wrapping_shl(self.before.into());
        Some((word, self.down.into()))
    }
}

/// Stands for no octet, as no packet is so long.
const ELSEWHERE: u32 = 1 << 31;
/// What packets may be long, at most.
pub(crate) const LONGEST: usize = ELSEWHERE as usize - 1;

/// The call that makes a field: so it reads in the source of a plan, and a forged one becomes one that can be read, too.
#[cfg(feature = "blob")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Field::from_octet")]
struct Call(u32, ItemId, u32, u8, FieldKind);

#[cfg(feature = "blob")]
impl From<Field> for Call {
    fn from(field: Field) -> Self {
        Self(field.first_octet(), field.item, field.bit(), field.bits, field.kind)
    }
}

#[cfg(feature = "blob")]
impl From<Call> for Field {
    fn from(Call(octet, item, bit, bits, kind): Call) -> Self {
        Self::from_octet(octet, item, bit, bits, kind)
    }
}

#[cfg(test)]
mod tests;
