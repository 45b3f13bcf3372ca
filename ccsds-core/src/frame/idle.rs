//! Fill of frames that hold only idle data, held against the sequence that the books recommend.
//!
//! A register of 32 cells (132.0-B-3 §4.1.4.6, and alike in 732.0-B-5 and 732.1-B-3), set to ones once and never again, so that a
//! receiver does not know where in the sequence a frame begins. It needs not: every bit follows from the 32 before it.

/// What the fill of one frame is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IdleFill {
    /// One octet over and over: spacecraft of older issues, and many of today.
    Constant(u8),
    /// Anything else.
    Other {
        /// Bits that do not follow from those before; one bit error makes five.
        violations: u32,
    },
    /// The recommended sequence, without an error.
    Sequence,
}

impl IdleFill {
    /// Examine the data field of one frame; `None` where it is too short to tell, five octets at least.
    #[must_use]
    pub fn of(octets: &[u8]) -> Option<Self> {
        if octets.len() < WINDOW_LEN {
            return None;
        }
        // All zeros follow from each other too.
        if let Some((&first, rest)) = octets.split_first()
            && rest.iter().all(|&octet| octet == first)
        {
            return Some(Self::Constant(first));
        }
        let violations = octets.windows(WINDOW_LEN).map(violations).sum();
        Some(if violations == 0 { Self::Sequence } else { Self::Other { violations } })
    }
}

/// How many of the last eight bits of five octets are not s[n] + s[n+10] + s[n+30] + s[n+31], which s[n+32] is.
fn violations(window: &[u8]) -> u32 {
    let bits = window.iter().fold(0u64, |bits, &octet| bits << 8 | u64::from(octet));
    let expected = bits >> 32 ^ bits >> 22 ^ bits >> 2 ^ bits >> 1;
    ((expected ^ bits) as u8).count_ones()
}

/// How the fill of the frames of one channel was.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct IdleLedger {
    /// The recommended sequence.
    pub sequence: u64,
    /// One octet over and over.
    pub constant: u64,
    /// Anything else.
    pub other: u64,
    /// Too short to tell.
    pub short: u64,
}

impl IdleLedger {
    /// Nothing counted.
    pub const EMPTY: Self = Self { sequence: 0, constant: 0, other: 0, short: 0 };

    /// Enter one frame.
    pub const fn record(&mut self, fill: Option<IdleFill>) {
        match fill {
            Some(IdleFill::Sequence) => self.sequence += 1,
            Some(IdleFill::Constant(_)) => self.constant += 1,
            Some(IdleFill::Other { .. }) => self.other += 1,
            None => self.short += 1,
        }
    }

    /// All frames.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.sequence + self.constant + self.other + self.short
    }
}

/// The register, and the eight bits that follow from it.
const WINDOW_LEN: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// The register of the books, bit by bit.
    fn register(bits: usize) -> Vec<u8> {
        let mut sequence = std::vec![1u8; 32];
        for n in 0..bits - 32 {
            sequence.push(sequence[n] ^ sequence[n + 10] ^ sequence[n + 30] ^ sequence[n + 31]);
        }
        sequence.chunks_exact(8).map(|bits| bits.iter().fold(0, |octet, bit| octet << 1 | bit)).collect()
    }

    /// 132.0-B-3 §4.1.4.6: the published octets.
    #[test]
    fn the_published_sequence_is_recognised_from_any_octet() {
        let published = [
            0xFF, 0xFF, 0xFF, 0xFF, 0x6D, 0xB6, 0xD8, 0x61, 0x45, 0x1F, 0x11, 0xF1, 0x97, 0x16, 0x72, 0x3C,
            0xBE, 0x7E, 0x00, 0xB1,
        ];
        assert_eq!(register(160), published);
        for start in 0..published.len() - 5 {
            assert_eq!(IdleFill::of(&published[start..]), Some(IdleFill::Sequence), "from octet {start}");
        }
        let long = register(40_000);
        assert_eq!(IdleFill::of(&long[1234..]), Some(IdleFill::Sequence));
    }

    #[test]
    fn a_bit_error_breaks_the_sequence_in_five_places() {
        let mut fill = register(8000);
        fill[500] ^= 0x10;
        assert_eq!(IdleFill::of(&fill), Some(IdleFill::Other { violations: 5 }));
    }

    #[test]
    fn constant_fill_is_no_sequence_and_short_fill_says_nothing() {
        assert_eq!(IdleFill::of(&[0; 100]), Some(IdleFill::Constant(0)));
        assert_eq!(IdleFill::of(&[0x55; 100]), Some(IdleFill::Constant(0x55)));
        assert_eq!(IdleFill::of(&[0xFF; 4]), None);
        let mut ledger = IdleLedger::EMPTY;
        ledger.record(IdleFill::of(&[0; 100]));
        ledger.record(None);
        assert_eq!((ledger.constant, ledger.short, ledger.total()), (1, 1, 2));
    }
}
