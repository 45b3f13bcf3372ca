//! Parameter type and format codes: ECSS-E-ST-70-41, and appendix A of the ICD.

use super::MibOptions;
use crate::model::{
    BitOrder, ByteOrder, Charset, Encoding, EngineeringKind, Epoch, FloatEncoding, IntExpr, IntegerEncoding,
    Size, TimeCode, TimeScale, TimeSpec,
};

/// What a pair of codes stands for.
pub(super) enum Coded {
    /// A value: its bits, and what it is without calibration.
    Value(Encoding, EngineeringKind),
    /// Whatever another parameter says.
    Deduced,
    /// Not something that can be expressed.
    Unsupported(&'static str),
}

/// What `(PTC, PFC)` stands for.
pub(super) fn decode(ptc: i64, pfc: i64, byte_order: &ByteOrder, options: &MibOptions) -> Coded {
    let Ok(format) = u32::try_from(pfc) else { return Coded::Unsupported("negative format codes") };
    let integer = |bits, encoding, kind| {
        Coded::Value(
            Encoding::Integer { bits, encoding, byte_order: byte_order.clone(), bit_order: FIRST },
            kind,
        )
    };
    let float = |bits, encoding| {
        Coded::Value(
            Encoding::Float { bits, encoding, byte_order: byte_order.clone(), bit_order: FIRST },
            EngineeringKind::Float,
        )
    };
    match (ptc, format) {
        (1, 0) => integer(1, IntegerEncoding::Unsigned, boolean()),
        (1, bits @ 1..=32) => integer(bits, IntegerEncoding::Unsigned, boolean()),
        (2, bits @ 1..=32) => integer(bits, IntegerEncoding::Unsigned, EngineeringKind::Integer),
        (3 | 4, format) => match integer_bits(format) {
            Some(bits) if ptc == 3 => integer(bits, IntegerEncoding::Unsigned, EngineeringKind::Integer),
            Some(bits) => integer(bits, IntegerEncoding::TwosComplement, EngineeringKind::Integer),
            None => Coded::Unsupported("whole numbers of this format"),
        },
        (5, 1) => float(32, FloatEncoding::Ieee754),
        (5, 2) => float(64, FloatEncoding::Ieee754),
        (5, 3) => float(32, FloatEncoding::MilStd1750A),
        (5, 4) => float(48, FloatEncoding::MilStd1750A),
        (6, bits @ 1..=64) => integer(bits, IntegerEncoding::Unsigned, EngineeringKind::Integer),
        (6, bits) if bits > 64 => {
            Coded::Value(Encoding::Octets { size: fixed(bits) }, EngineeringKind::Octets)
        }
        (7, octets) => {
            Coded::Value(Encoding::Octets { size: string_size(octets, options) }, EngineeringKind::Octets)
        }
        (8, octets) => {
            let (size, charset) = (string_size(octets, options), Charset::UsAscii);
            Coded::Value(Encoding::Text { size, charset }, EngineeringKind::Text)
        }
        (9, 1 | 2) => absolute_cds(if format == 1 { 0 } else { 2 }, options.epoch),
        (9, 3..=18) => absolute_cuc(format, options.epoch),
        (10, 3..=18) => relative_cuc(format),
        (11, 0) => Coded::Deduced,
        (11, _) => Coded::Unsupported("deduced parameters of a fixed size"),
        (12, _) => Coded::Unsupported("packets within packets"),
        (13, _) => Coded::Unsupported("saved synthetic parameters"),
        _ => Coded::Unsupported("this type and format"),
    }
}

/// Bits of a value; nothing where each packet may have others.
pub(super) fn fixed_bits(encoding: &Encoding) -> Option<u32> {
    match encoding {
        Encoding::Float { bits, .. } | Encoding::Integer { bits, .. } => Some(*bits),
        Encoding::Octets { size: Size::Bits(IntExpr::Fixed(bits)) }
        | Encoding::Text { size: Size::Bits(IntExpr::Fixed(bits)), .. } => u32::try_from(*bits).ok(),
        _ => None,
    }
}

fn integer_bits(format: u32) -> Option<u32> {
    match format {
        0..=12 => Some(format + 4),
        13 => Some(24),
        14 => Some(32),
        15 => Some(48),
        16 => Some(64),
        _ => None,
    }
}

fn boolean() -> EngineeringKind {
    EngineeringKind::Boolean { zero: "False".into(), one: "True".into() }
}

fn fixed(bits: u32) -> Size {
    Size::Bits(IntExpr::Fixed(bits.into()))
}

/// No octets stand for a length before the string.
fn string_size(octets: u32, options: &MibOptions) -> Size {
    match octets.checked_mul(8) {
        Some(bits) if bits > 0 => fixed(bits),
        _ => {
            let tag_bits = u32::from(options.length_octets.clamp(1, 4)) * 8;
            let longest = (1u64 << tag_bits) - 1;
            Size::Leading { tag_bits, max_bits: u32::try_from(longest * 8).unwrap_or(u32::MAX) }
        }
    }
}

/// CDS: a day of 16 bits, the millisecond of the day, and perhaps its microsecond. Days have 86,400 s.
fn absolute_cds(submillisecond_octets: u8, epoch: Epoch) -> Coded {
    let size = fixed(48 + 8 * u32::from(submillisecond_octets));
    let code = TimeCode::Cds { day_octets: 2, submillisecond_octets };
    let epoch = Epoch { scale: TimeScale::Utc, ..epoch };
    let spec = TimeSpec { scale: 1.0, offset: 0.0, epoch, code };
    Coded::Value(Encoding::Octets { size }, EngineeringKind::AbsoluteTime(spec))
}

fn absolute_cuc(format: u32, epoch: Epoch) -> Coded {
    let (coarse_octets, fine_octets) = cuc_octets(format);
    let size = fixed(8 * u32::from(coarse_octets + fine_octets));
    let spec =
        TimeSpec { scale: 1.0, offset: 0.0, epoch, code: TimeCode::Cuc { coarse_octets, fine_octets } };
    Coded::Value(Encoding::Octets { size }, EngineeringKind::AbsoluteTime(spec))
}

/// Relative times may be negative: two's complement of all octets, which CUC itself does not have.
fn relative_cuc(format: u32) -> Coded {
    let (coarse_octets, fine_octets) = cuc_octets(format);
    let encoding = Encoding::Integer {
        bits: 8 * u32::from(coarse_octets + fine_octets),
        encoding: IntegerEncoding::TwosComplement,
        byte_order: ByteOrder::MostSignificantFirst,
        bit_order: FIRST,
    };
    let scale = 1.0 / f64::from(1u32 << (8 * fine_octets));
    let spec = TimeSpec { scale, offset: 0.0, epoch: Epoch::default(), code: TimeCode::Number };
    Coded::Value(encoding, EngineeringKind::RelativeTime(spec))
}

/// Formats 3 to 18: one to four octets of seconds, each with none to three of fractions.
const fn cuc_octets(format: u32) -> (u8, u8) {
    let index = format.saturating_sub(3);
    ((index / 4 % 4 + 1) as u8, (index % 4) as u8)
}

const FIRST: BitOrder = BitOrder::MostSignificantFirst;
