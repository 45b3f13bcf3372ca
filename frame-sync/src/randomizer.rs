//! Pseudo-random sequences (131.0-B-6 §10): both restart at each code block, and the marker is not randomized.

/// The sequence that a link adds to its code blocks, as a table.
///
/// A value refers to its table alone, so firmware links only the sequence it names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Randomizer {
    table: &'static [u8],
    period_bits: usize,
}

impl Randomizer {
    /// No randomization.
    pub const NONE: Self = Self { table: &[], period_bits: 0 };
    /// The 255-bit sequence of h(x) = x^8 + x^7 + x^5 + x^3 + 1; the legacy one since 131.0-B-5.
    pub const CCSDS_255: Self = Self { table: &SEQUENCE_255, period_bits: 255 * 8 };
    /// The 131071-bit sequence of h(x) = x^17 + x^14 + 1, from 131.0-B-5 on.
    pub const CCSDS_131071: Self = Self { table: &SEQUENCE_131071, period_bits: LONG_PERIOD_BITS };

    /// The sequence of telecommands, h(x) = x^8 + x^6 + x^4 + x^3 + x^2 + x + 1 (231.0-B §6), for whoever listens to an uplink.
    pub const TELECOMMAND: Self = Self { table: &SEQUENCE_TELECOMMAND, period_bits: 255 * 8 };

    /// Add the sequence to a block, or take it off again: it is the same operation.
    pub fn apply(self, block: &mut [u8]) {
        let mut position = 0;
        for octets in block.chunks_mut(self.run_len()) {
            self.apply_from(position, octets);
            position += octets.len();
        }
    }

    /// The same from a multiple of [`Self::run_len`] on, so many octets at most.
    pub(crate) fn apply_from(self, position: usize, octets: &mut [u8]) {
        if self.table.is_empty() {
            return;
        }
        match self.run(position) {
            Some(sequence) => {
                for (octet, random) in octets.iter_mut().zip(sequence) {
                    *octet ^= random;
                }
            }
            None => {
                for (octet, position) in octets.iter_mut().zip(position..) {
                    *octet ^= self.octet(position);
                }
            }
        }
    }

    /// In which runs the sequence may be had.
    pub(crate) const fn run_len(self) -> usize {
        if self.table.is_empty() { usize::MAX } else { self.table.len() }
    }

    /// The run that begins at a multiple of [`Self::run_len`]; `None` where the table does not have it.
    pub(crate) fn run(self, position: usize) -> Option<&'static [u8]> {
        let goes_on = || (self.table.len() * 8).is_multiple_of(self.period_bits);
        (!self.table.is_empty() && (position == 0 || goes_on())).then_some(self.table)
    }

    /// The octet of the sequence at `position`, for any position.
    #[must_use]
    pub fn octet(self, position: usize) -> u8 {
        (0..8).fold(0, |octet, i| octet << 1 | self.bit(position * 8 + i))
    }

    fn bit(self, position: usize) -> u8 {
        let position = position.checked_rem(self.period_bits).unwrap_or(0);
        self.table.get(position / 8).map_or(0, |octet| octet >> (7 - position % 8) & 1)
    }
}

static SEQUENCE_255: [u8; LEN_255] = sequence_255(0b1001_0101);
/// The same for telecommands.
static SEQUENCE_TELECOMMAND: [u8; LEN_255] = sequence_255(0b1111_1010);
/// One period and one bit.
static SEQUENCE_131071: [u8; LONG_PERIOD_BITS.div_ceil(8)] = sequence_131071();

const LONG_PERIOD_BITS: usize = 131_071;

/// Eight periods of 255 bits are 255 octets. Eight times as many serve a whole code block of any interleaving in one run, which
/// takes half the time; with `std` they are worth their memory.
const LEN_255: usize = if cfg!(feature = "std") { 8 * 255 } else { 255 };

#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn sequence_255(taps: u8) -> [u8; LEN_255] {
    let mut octets = [0; LEN_255];
    let mut register = 0xFFu8;
    let mut i = 0;
    while i < LEN_255 * 8 {
        octets[i / 8] = octets[i / 8] << 1 | register >> 7;
        register = register << 1 | ((register & taps).count_ones() & 1) as u8;
        i += 1;
    }
    octets
}

/// s[n+17] = s[n] + s[n+14] over bits. Raised to the eighth power the recurrence holds between bits eight times as far
/// apart, so from the eighteenth octet on it holds between whole octets.
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn sequence_131071() -> [u8; LONG_PERIOD_BITS.div_ceil(8)] {
    let mut octets = [0; LONG_PERIOD_BITS.div_ceil(8)];
    // The rightmost character of the printed seed is the first bit.
    let mut register = SEED_131071;
    let mut i = 0;
    while i < 17 * 8 {
        octets[i / 8] = octets[i / 8] << 1 | (register & 1) as u8;
        register = register >> 1 | ((register ^ register >> 14) & 1) << 16;
        i += 1;
    }
    let mut j = 17;
    while j < octets.len() {
        octets[j] = octets[j - 17] ^ octets[j - 3];
        j += 1;
    }
    octets
}

const SEED_131071: u32 = 0b1_1000_1110_0011_1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(position: usize, taps: &[usize], seed: &[u8]) -> u8 {
        let mut bits = seed.to_vec();
        while bits.len() < (position + 1) * 8 {
            let n = bits.len() - seed.len();
            bits.push(taps.iter().fold(0, |sum, tap| sum ^ bits[n + tap]));
        }
        bits[position * 8..][..8].iter().fold(0, |octet, bit| octet << 1 | bit)
    }

    #[test]
    fn the_published_octets_begin_each_sequence() {
        assert_eq!(SEQUENCE_255[..8], [0xFF, 0x48, 0x0E, 0xC0, 0x9A, 0x0D, 0x70, 0xBC]);
        assert_eq!(SEQUENCE_131071[..8], [0x1C, 0x71, 0xB9, 0x1B, 0xA9, 0xBA, 0x84, 0x57]);
    }

    /// 131.0-B-6 §10: the first 64 octets.
    #[test]
    fn the_long_sequence_begins_with_the_published_octets() {
        let published = "1C71B91BA9BA8457B4BC5054BFD055402F49319652982CD6CF986A9FCCD54F999560D0A4F6823CDA54F3423E6C8EEB23\
                         177E43C7DAB545E66F11152D2F79A3C4";
        let hex: std::string::String =
            SEQUENCE_131071[..64].iter().map(|octet| std::format!("{octet:02X}")).collect();
        assert_eq!(hex, published);
    }

    /// 231.0-B §6.
    #[test]
    fn the_sequence_of_telecommands_begins_with_the_published_octets() {
        assert_eq!(SEQUENCE_TELECOMMAND[..5], [0xFF, 0x39, 0x9E, 0x5A, 0x68]);
        // s[n+8] = s[n] + s[n+1] + s[n+2] + s[n+3] + s[n+4] + s[n+6], as octets over a whole period.
        for position in 0..255 {
            assert_eq!(
                Randomizer::TELECOMMAND.octet(position),
                naive(position, &[0, 1, 2, 3, 4, 6], &[1; 8])
            );
        }
    }

    /// Read from left to right the seed gives `C71C6E46EA`.
    #[test]
    fn the_long_seed_is_not_read_from_left_to_right() {
        assert_ne!(SEQUENCE_131071[0], 0xC7);
    }

    #[test]
    fn tables_equal_the_recurrence_bit_by_bit() {
        let seed: std::vec::Vec<u8> = (0..17).map(|i| (SEED_131071 >> i & 1) as u8).collect();
        for position in [0, 16, 17, 18, 100, 16_382] {
            assert_eq!(
                Randomizer::CCSDS_131071.octet(position),
                naive(position, &[0, 14], &seed),
                "octet {position}"
            );
        }
        for position in 0..255 {
            assert_eq!(Randomizer::CCSDS_255.octet(position), naive(position, &[0, 3, 5, 7], &[1; 8]));
        }
    }

    #[test]
    fn a_block_longer_than_the_period_goes_on() {
        for randomizer in [Randomizer::CCSDS_255, Randomizer::CCSDS_131071] {
            let mut block = std::vec![0; 40_000];
            randomizer.apply(&mut block);
            for position in [0, 254, 255, 600, 16_383, 16_384, 39_999] {
                assert_eq!(block[position], randomizer.octet(position), "octet {position}");
            }
        }
    }

    #[test]
    fn no_randomizer_changes_nothing() {
        let mut block = [0x5A; 9];
        Randomizer::NONE.apply(&mut block);
        assert_eq!(block, [0x5A; 9]);
    }
}
