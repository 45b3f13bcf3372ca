//! How the bits of a packet give a raw value: XTCE data encodings (660.0-B-2 §4.3.2.2).

use alloc::vec::Vec;

use super::logic::IntExpr;
pub use crate::plan::{Charset, FloatEncoding, IntegerEncoding};

/// The bits of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Encoding {
    /// A floating-point number.
    Float {
        /// Bits, as many as the encoding allows.
        bits: u32,
        /// Which representation.
        encoding: FloatEncoding,
        /// Order of its octets.
        byte_order: ByteOrder,
        /// Order of its bits.
        bit_order: BitOrder,
    },
    /// A whole number.
    Integer {
        /// Bits, 1 to 128; more than 64 unsigned only.
        bits: u32,
        /// Which representation.
        encoding: IntegerEncoding,
        /// Order of its octets.
        byte_order: ByteOrder,
        /// Order of its bits.
        bit_order: BitOrder,
    },
    /// Bits without a meaning of their own.
    Octets {
        /// How many.
        size: Size,
    },
    /// Characters.
    Text {
        /// Where they end.
        size: Size,
        /// What they stand for.
        charset: Charset,
    },
}

/// How many bits a text or a run of octets has.
#[derive(Clone, Debug, PartialEq)]
pub enum Size {
    /// A number of bits, fixed or given by the packet.
    Bits(IntExpr),
    /// A number before it says how many octets follow, the number itself not counted.
    Leading {
        /// Bits of that number: most significant octet first, 1 to 64.
        tag_bits: u32,
        /// Most bits that the text may have.
        max_bits: u32,
    },
    /// Everything up to a terminator, which belongs to the field but not to the text.
    Terminated {
        /// The terminator's octets, at least one.
        terminator: Vec<u8>,
        /// Bits after which the text ends also without one; the terminator counted.
        max_bits: u32,
    },
    /// A field of a number of bits; the text in it ends at a terminator, or with the field.
    TerminatedWithin {
        /// The terminator's octets, at least one.
        terminator: Vec<u8>,
        /// Bits of the field.
        bits: IntExpr,
    },
}

/// Order of the octets of a value.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum ByteOrder {
    /// Least significant octet first.
    LeastSignificantFirst,
    /// Octet `i` of the packet has the significance `list[i]`; 0 is the least significant.
    List(Vec<u8>),
    /// Most significant octet first.
    #[default]
    MostSignificantFirst,
}

/// Order of the bits of a value.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BitOrder {
    /// The first bit received is the least significant one.
    LeastSignificantFirst,
    /// The first bit received is the most significant one.
    #[default]
    MostSignificantFirst,
}
