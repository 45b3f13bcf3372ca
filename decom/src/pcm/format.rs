//! What a PCM format is: IRIG 106 chapter 4, in plain values.

use alloc::string::String;
use alloc::vec::Vec;

use crate::model::FloatEncoding;

/// A PCM format: minor frames of a fixed number of words, and the measurements in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PcmFormat {
    /// What it is called.
    pub name: String,
    /// Words of a minor frame, numbered from 1. The synchronization pattern is one more word, without a number, whatever its size.
    pub words: u32,
    /// Bits of a word, 1 to 64.
    pub word_bits: u32,
    /// Words that have another number of bits.
    pub word_sizes: Vec<(u32, u32)>,
    /// Order in which the bits of words are transmitted.
    pub order: WordOrder,
    /// Bits of the synchronization pattern.
    pub sync_bits: u32,
    /// Whether the pattern lies at the end of the minor frame, and not at its beginning.
    pub sync_last: bool,
    /// Minor frames of a major frame, numbered from 1.
    pub minor_frames: u32,
    /// What tells minor frames apart; a format with several needs one.
    pub counter: Option<SubframeCounter>,
    /// What the words mean.
    pub measurements: Vec<Measurement>,
}

/// Which bit of a word comes first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum WordOrder {
    /// The least significant one.
    LeastSignificantFirst,
    /// The most significant one.
    #[default]
    MostSignificantFirst,
}

/// The subframe identification counter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SubframeCounter {
    /// Where it lies.
    pub bits: WordBits,
    /// Order in which its bits are transmitted.
    pub order: WordOrder,
    /// What it is in the first minor frame.
    pub first: u64,
    /// What it is in the last minor frame.
    pub last: u64,
    /// From one minor frame to the next; below zero for a counter that falls.
    pub step: i64,
}

/// Some bits of a word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WordBits {
    /// The word, from 1.
    pub word: u32,
    /// The first bit, from 1: the most significant one of the word.
    pub first_bit: u32,
    /// How many; 0 for all from the first one on.
    pub bits: u32,
}

impl WordBits {
    /// A word with all its bits.
    #[must_use]
    pub const fn whole(word: u32) -> Self {
        Self { word, first_bit: 1, bits: 0 }
    }
}

/// Something that is measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measurement {
    /// What it is called.
    pub name: String,
    /// One line about it; may be empty.
    pub description: String,
    /// The unit of the engineering value; may be empty.
    pub unit: String,
    /// How its bits give a number.
    pub number: NumberFormat,
    /// Order in which its bits are transmitted; that of the format where nothing is said.
    pub order: Option<WordOrder>,
    /// Where it lies: several places are several samples.
    pub places: Vec<Place>,
    /// From number to engineering value.
    pub calibration: Calibration,
}

/// How bits give a number.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum NumberFormat {
    /// Two decimal digits in each octet.
    Bcd,
    /// Floating point.
    Float(FloatEncoding),
    /// Zero stands for the most negative number.
    OffsetBinary,
    /// One's complement.
    OnesComplement,
    /// A sign and a magnitude.
    SignMagnitude,
    /// Two's complement.
    TwosComplement,
    /// No sign.
    #[default]
    Unsigned,
}

/// Where a measurement lies.
///
/// Each part goes through words and frames by intervals of its own; the first occurrence of each part makes the first sample, and
/// so on. With one part it is commutated, with several it is fragmented.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Parts of the number, the most significant one first.
    pub parts: Vec<Part>,
}

/// A part of a number, again and again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Part {
    /// The bits of its first occurrence.
    pub bits: WordBits,
    /// Words from one occurrence to the next in the same minor frame: supercommutation. 0 for one in a minor frame.
    pub word_interval: u32,
    /// The last word; 0 for that of the minor frame.
    pub last_word: u32,
    /// The first minor frame.
    pub frame: u32,
    /// Minor frames from one occurrence to the next: subcommutation. 0 for one in a major frame.
    pub frame_interval: u32,
    /// The last minor frame; 0 for that of the major frame.
    pub last_frame: u32,
}

impl Part {
    /// Bits of one word of every minor frame.
    #[must_use]
    pub const fn every_frame(bits: WordBits) -> Self {
        Self { bits, word_interval: 0, last_word: 0, frame: 1, frame_interval: 1, last_frame: 0 }
    }
}

/// From number to engineering value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Calibration {
    /// It is the number.
    #[default]
    None,
    /// Straight lines between points: numbers, strictly increasing, with their engineering values.
    Points(Vec<(f64, f64)>),
    /// Coefficients from the constant on.
    Polynomial(Vec<f64>),
}
