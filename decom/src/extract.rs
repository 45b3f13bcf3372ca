//! From bits to raw values.
//!
//! What the usual fields take is one load of eight octets and two shifts, see [`Field::extract`]; everything else goes through
//! the encoding, see [`extract`].

mod float;
mod integer;
mod size;

use ccsds_core::bits::read_unsigned;

pub(crate) use self::float::scaled;
use self::integer::ordered;
use crate::plan::{Encoding, Expr, Field, FieldKind, LONGEST, Plan};
use crate::raw::{Bits, Raw};

/// A raw value and the bits it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extracted<'a> {
    /// The value.
    pub raw: Raw<'a>,
    /// How many bits of the packet it takes; those of a size before it and a terminator behind it are counted.
    pub bits: usize,
}

/// The value that begins at `bit` of `packet`.
///
/// `None` when it reaches past the end, or its size is not known. `size` gives the value of an expression of the plan.
#[must_use]
pub fn extract<'a>(
    plan: &Plan<'_>,
    encoding: &Encoding,
    packet: &'a [u8],
    bit: usize,
    size: impl FnOnce(u32) -> Option<i64>,
) -> Option<Extracted<'a>> {
    let of_bits = |bits: u8| Bits::new(packet, bit, bits.into());
    match *encoding {
        Encoding::Float { bits, encoding, order, reversed } => {
            let all = of_bits(bits)?;
            let word = ordered(plan, all, order, reversed);
            let value = word.and_then(|word| float::decode(encoding, word, bits.into()));
            Some(Extracted { raw: value.map_or(Raw::Undefined(all), Raw::Float), bits: bits.into() })
        }
        Encoding::Integer { bits, encoding, order, reversed } => {
            let all = of_bits(bits)?;
            let word = ordered(plan, all, order, reversed);
            let raw = word.and_then(|word| integer::decode(encoding, word, bits.into()));
            Some(Extracted { raw: raw.unwrap_or(Raw::Undefined(all)), bits: bits.into() })
        }
        Encoding::Octets { size: rule } => {
            let (content, bits) = size::measure(plan, rule, 1, packet, bit, size)?;
            Some(Extracted { raw: Raw::Octets(content), bits })
        }
        Encoding::Text { size: rule, charset } => {
            let (content, bits) = size::measure(plan, rule, size::unit_len(charset), packet, bit, size)?;
            Some(Extracted { raw: Raw::Text { bits: content, charset }, bits })
        }
    }
}

impl Field {
    /// The value of the field; `None` when the packet ends before it does.
    #[inline]
    #[must_use]
    pub fn extract<'a>(&self, plan: &Plan<'_>, packet: &'a [u8]) -> Option<Raw<'a>> {
        match self.load(packet) {
            Some(raw) if packet.len() <= LONGEST => Some(raw),
            _ => self.extract_slowly(plan, packet),
        }
    }

    /// The value where one load gives it, as it does of all usual kinds, in a packet of at most [`LONGEST`] octets.
    #[inline(always)]
    pub(crate) fn load(&self, packet: &[u8]) -> Option<Raw<'static>> {
        let (word, down) = self.window(packet)?;
        let kind = self.kind();
        // Branches, the rarest kinds last: they are predicted better than a jump to one of five.
        if kind == FieldKind::Unsigned {
            Some(Raw::Unsigned(word.wrapping_shr(down)))
        } else if kind as u8 <= FieldKind::Float64 as u8 {
            if kind == FieldKind::Float32 {
                return Some(Raw::Float(f32::from_bits((word >> 32) as u32).into()));
            }
            rare();
            Some(Raw::Float(f64::from_bits(word)))
        } else if kind == FieldKind::Signed {
            Some(Raw::Signed((word as i64).wrapping_shr(down)))
        } else {
            None
        }
    }

    /// The same for encodings of their own, and near the end of the packet.
    #[inline(never)]
    pub(crate) fn extract_slowly<'a>(&self, plan: &Plan<'_>, packet: &'a [u8]) -> Option<Raw<'a>> {
        let (bit, bits) = (self.bit() as usize, u32::from(self.bits()));
        match self.kind() {
            FieldKind::Float32 => {
                unsigned(packet, bit, 32).map(|word| Raw::Float(f32::from_bits(word as u32).into()))
            }
            FieldKind::Float64 => unsigned(packet, bit, 64).map(|word| Raw::Float(f64::from_bits(word))),
            FieldKind::Signed => signed(packet, bit, bits).map(Raw::Signed),
            FieldKind::Unsigned => unsigned(packet, bit, bits).map(Raw::Unsigned),
            FieldKind::Other => {
                let encoding = plan.encoding(plan.item(self.item())?)?;
                extract(plan, encoding, packet, bit, |expr| fixed(plan, expr)).map(|extracted| extracted.raw)
            }
        }
    }
}

/// The 1 to 64 bits from `bit` on as a number without sign.
#[inline]
pub(crate) fn unsigned(packet: &[u8], bit: usize, bits: u32) -> Option<u64> {
    match window(packet, bit, bits) {
        Some((word, surplus)) => Some(word >> surplus),
        None => read_unsigned(packet, bit, bits).filter(|_| bits > 0),
    }
}

/// The 1 to 64 bits from `bit` on in two's complement.
#[inline]
pub(crate) fn signed(packet: &[u8], bit: usize, bits: u32) -> Option<i64> {
    let (word, surplus) = match window(packet, bit, bits) {
        Some(window) => window,
        None => {
            let surplus = 64u32.checked_sub(bits).filter(|_| bits > 0)?;
            (read_unsigned(packet, bit, bits)? << surplus, surplus)
        }
    };
    Some(word as i64 >> surplus)
}

/// The bits at the top of a word, and how far down they belong.
///
/// One load of eight octets: those from the first bit on, or the last ones of the packet. `None` when the bits do not lie in
/// them: in packets shorter than that, in nine octets, or outside the packet.
#[inline]
fn window(packet: &[u8], bit: usize, bits: u32) -> Option<(u64, u32)> {
    let start = (bit / 8).min(packet.len().checked_sub(8)?);
    let octets = packet.get(start..)?.first_chunk()?;
    let shift = bit - start * 8;
    let surplus = 64u32.checked_sub(bits)?;
    if surplus == 64 || shift > surplus as usize {
        return None;
    }
    Some((u64::from_be_bytes(*octets) << shift, surplus))
}

/// What calls this happens less often than what does not, as the compiler is to believe.
#[cold]
const fn rare() {}

/// The value of an expression that needs no packet.
fn fixed(plan: &Plan<'_>, expr: u32) -> Option<i64> {
    match plan.exprs.get(expr as usize)? {
        Expr::Fixed(value) => Some(*value),
        Expr::Linear { .. } | Expr::Lookup(_) => None,
    }
}

#[cfg(test)]
mod tests;
