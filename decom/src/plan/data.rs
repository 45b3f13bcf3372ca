//! Where values lie, and how their bits give raw values.

use super::Span;
use super::meaning::Charset;

/// What the bits of a field are: the usual cases apart from all others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum FieldKind {
    /// IEEE 754 binary32, most significant octet first.
    Float32,
    /// IEEE 754 binary64, most significant octet first.
    Float64,
    /// Two's complement of 1 to 64 bits, most significant octet and bit first.
    Signed,
    /// No sign, 1 to 64 bits, most significant octet and bit first.
    Unsigned,
    /// As the encoding of its item says. The number of bits is fixed.
    Other,
}

/// How bits give a raw value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Encoding {
    /// A floating-point number.
    Float {
        /// Bits.
        bits: u8,
        /// Which representation.
        encoding: FloatEncoding,
        /// Order of the octets.
        order: Order,
        /// Whether the first bit is the least significant one.
        reversed: bool,
    },
    /// A whole number.
    Integer {
        /// Bits: 1 to 128, more than 64 without sign only.
        bits: u8,
        /// Which representation.
        encoding: IntegerEncoding,
        /// Order of the octets.
        order: Order,
        /// Whether the first bit is the least significant one.
        reversed: bool,
    },
    /// Bits without a meaning of their own.
    Octets {
        /// How many.
        size: SizeRule,
    },
    /// Characters.
    Text {
        /// How many.
        size: SizeRule,
        /// What they stand for.
        charset: Charset,
    },
}

/// How many bits a text or a run of octets has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum SizeRule {
    /// A number of bits: index of an expression.
    Bits(u32),
    /// A number before it says how many octets follow.
    Leading {
        /// Bits of that number.
        tag_bits: u8,
        /// Most bits that may follow.
        max_bits: u32,
    },
    /// Up to a terminator, which belongs to the field but not to the text.
    Terminated {
        /// The terminator: range of `octets`.
        terminator: Span,
        /// Most bits, the terminator counted.
        max_bits: u32,
    },
    /// A number of bits in which a terminator may end the text.
    TerminatedWithin {
        /// The terminator: range of `octets`.
        terminator: Span,
        /// Bits of the field: index of an expression.
        bits: u32,
    },
}

/// Order of the octets of a value.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum Order {
    /// Most significant first.
    #[default]
    Big,
    /// Significance of each octet, 0 the least: range of `octets`.
    List(Span),
    /// Least significant first. A value that does not fill its last octet has the bits that are over in its last, most significant
    /// part: twelve bits `AB C` are the number `CAB`.
    Little,
}

/// Representations of whole numbers; names follow XTCE.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum IntegerEncoding {
    /// One decimal digit in each octet, in its low half.
    Bcd,
    /// Negative values are the complement of their magnitude.
    OnesComplement,
    /// Two decimal digits in each octet. A last half octet of A, C, E or F is a plus sign, of B or D a minus sign.
    PackedBcd,
    /// The first bit is the sign, the others the magnitude.
    SignMagnitude,
    /// Two's complement.
    TwosComplement,
    /// No sign.
    Unsigned,
}

/// Representations of floating-point numbers; names follow XTCE.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub enum FloatEncoding {
    /// DEC (VAX): F of 32 bits, G of 64, their 16-bit words in the order in which the machine stores them, each word most
    /// significant octet first.
    Dec,
    /// IBM System/360 hexadecimal, 32 or 64 bits.
    Ibm,
    /// IEEE 754 binary: 16, 32, 64, 80 (extended, explicit leading bit) or 128 bits.
    Ieee754,
    /// MIL-STD-1750A, 32 or 48 bits.
    MilStd1750A,
    /// Texas Instruments `TMS320C3x`: 32 bits (single) or 40 bits (extended).
    Ti,
}
