//! Differential precoding, also called line coding: NRZ-M and NRZ-S (131.0-B-6 §3.3.2 has NRZ-M ahead of the convolutional code).
//!
//! A change of level, or its absence, carries the bit, so the polarity of the demodulator no longer matters. Decoding comes
//! after the Viterbi decoder and before the search for markers.

/// How bits are represented on the line.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LineCode {
    /// The level is the bit.
    #[default]
    NrzL,
    /// A change of level is a one.
    NrzM,
    /// A change of level is a zero.
    NrzS,
}

/// Turns levels into bits, in place, for a stream that arrives in pieces.
#[derive(Clone, Copy, Debug)]
pub struct LineDecoder {
    code: LineCode,
    /// The last level, in the least significant place.
    level: u8,
}

impl LineDecoder {
    /// A decoder that takes the level before the first bit to be zero.
    #[must_use]
    pub const fn new(code: LineCode) -> Self {
        Self { code, level: 0 }
    }

    /// Decode the next octets of the stream.
    pub fn decode(&mut self, octets: &mut [u8]) {
        let flip = match self.code {
            LineCode::NrzL => return,
            LineCode::NrzM => 0x00,
            LineCode::NrzS => 0xFF,
        };
        for octet in octets {
            let levels = *octet;
            *octet = levels ^ (self.level << 7 | levels >> 1) ^ flip;
            self.level = levels & 1;
        }
    }
}

/// Turns bits into levels, in place: the transmitting side.
#[derive(Clone, Copy, Debug)]
pub struct LineEncoder {
    code: LineCode,
    level: u8,
}

impl LineEncoder {
    /// An encoder whose level before the first bit is zero.
    #[must_use]
    pub const fn new(code: LineCode) -> Self {
        Self { code, level: 0 }
    }

    /// Encode the next octets of the stream.
    pub fn encode(&mut self, octets: &mut [u8]) {
        let flip = match self.code {
            LineCode::NrzL => return,
            LineCode::NrzM => 0x00,
            LineCode::NrzS => 0xFF,
        };
        for octet in octets {
            // Each level is the sum of all bits up to it: a prefix sum in three steps.
            let mut sum = *octet ^ flip;
            sum ^= sum >> 1;
            sum ^= sum >> 2;
            sum ^= sum >> 4;
            *octet = if self.level == 1 { !sum } else { sum };
            self.level = *octet & 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One bit at a time, from the definition.
    fn naive(levels: &[u8], code: LineCode) -> std::vec::Vec<u8> {
        let bits: std::vec::Vec<u8> =
            levels.iter().flat_map(|octet| (0..8).rev().map(move |i| octet >> i & 1)).collect();
        let mut before = 0;
        let decoded: std::vec::Vec<u8> = bits
            .iter()
            .map(|&level| {
                let changed = u8::from(level != before);
                before = level;
                match code {
                    LineCode::NrzL => level,
                    LineCode::NrzM => changed,
                    LineCode::NrzS => 1 - changed,
                }
            })
            .collect();
        decoded.chunks(8).map(|bits| bits.iter().fold(0, |octet, bit| octet << 1 | bit)).collect()
    }

    proptest! {
        #[test]
        fn decoding_follows_the_definition_however_the_stream_is_cut(levels: std::vec::Vec<u8>, cut in 0usize..64) {
            for code in [LineCode::NrzL, LineCode::NrzM, LineCode::NrzS] {
                let mut decoder = LineDecoder::new(code);
                let mut decoded = levels.clone();
                let (first, second) = decoded.split_at_mut(cut.min(levels.len()));
                decoder.decode(first);
                decoder.decode(second);
                prop_assert_eq!(&decoded, &naive(&levels, code));
                LineEncoder::new(code).encode(&mut decoded);
                prop_assert_eq!(&decoded, &levels);
            }
        }
    }

    #[test]
    fn polarity_does_not_matter() {
        let mut levels = [0x35, 0xC0, 0x0F];
        let mut inverted = levels.map(|octet: u8| !octet);
        LineDecoder::new(LineCode::NrzM).decode(&mut levels);
        LineDecoder::new(LineCode::NrzM).decode(&mut inverted);
        assert_eq!(levels[1..], inverted[1..]);
    }
}
