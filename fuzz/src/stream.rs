//! Streams of bits made of operations: what transmitters, demodulators and broken recorders do.

use arbitrary::Arbitrary;

use crate::choices::Choices;

/// Something that is sent, or that happens to what was sent so far.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Operation {
    /// A CADU with a block of octets that follow from the seed.
    Cadu { seed: u8 },
    /// Bits get lost, some way back.
    Delete { back: u16, bits: u8 },
    /// A bit is received wrong, some way back.
    Flip { back: u16 },
    /// Bits turn up at the end.
    Insert { bits: u8, ones: bool },
    /// From here on the polarity is the other one.
    Invert,
    /// A marker that nothing follows.
    Marker,
    /// Octets that follow from the seed.
    Noise { octets: u8, seed: u8 },
    /// The last octets once more: a replay.
    Repeat { octets: u16 },
}

/// A stream: octets as they are, or operations on CADUs of this marker and block length.
pub(crate) fn stream(choices: Choices<'_>, marker: &[u8], block_len: usize, fill_bits: usize) -> Vec<u8> {
    stream_of(choices, &[Kind { marker, block_len, fill_bits }])
}

/// How CADUs of one coding are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind<'m> {
    pub(crate) marker: &'m [u8],
    pub(crate) block_len: usize,
    pub(crate) fill_bits: usize,
}

/// The same with CADUs of several kinds, of which there must be one at least; the seed of a CADU tells which it is.
pub(crate) fn stream_of(mut choices: Choices<'_>, kinds: &[Kind<'_>]) -> Vec<u8> {
    if !choices.flag() {
        return choices.rest().to_vec();
    }
    let mut sent = Bits { bits: Vec::new(), inverted: false };
    while let Some(operation) = choices.any() {
        if sent.bits.len() > MAX_BITS {
            break;
        }
        let number = if let Operation::Cadu { seed } = operation { seed } else { 0 };
        sent.apply(operation, kinds[usize::from(number) % kinds.len()]);
    }
    sent.octets()
}

struct Bits {
    bits: Vec<bool>,
    inverted: bool,
}

impl Bits {
    fn apply(&mut self, operation: Operation, Kind { marker, block_len, fill_bits }: Kind<'_>) {
        match operation {
            Operation::Cadu { seed } => {
                self.send(marker);
                self.send(&octets(seed, block_len));
                self.bits.extend((0..fill_bits).map(|i| i % 2 == 0));
            }
            Operation::Delete { back, bits } => {
                let start = self.bits.len().saturating_sub(back.into());
                let end = (start + usize::from(bits)).min(self.bits.len());
                self.bits.drain(start..end);
            }
            Operation::Flip { back } => {
                let at = self.bits.len().checked_sub(1 + usize::from(back));
                if let Some(bit) = at.and_then(|at| self.bits.get_mut(at)) {
                    *bit = !*bit;
                }
            }
            Operation::Insert { bits, ones } => self.bits.extend((0..bits).map(|_| ones)),
            Operation::Invert => self.inverted = !self.inverted,
            Operation::Marker => self.send(marker),
            Operation::Noise { octets: len, seed } => self.send(&octets(seed, len.into())),
            Operation::Repeat { octets } => {
                let start = self.bits.len().saturating_sub(8 * usize::from(octets));
                self.bits.extend_from_within(start..);
            }
        }
    }

    fn send(&mut self, octets: &[u8]) {
        let inverted = self.inverted;
        let bits =
            octets.iter().flat_map(|octet| (0..8).rev().map(move |i| (octet >> i & 1 == 1) != inverted));
        self.bits.extend(bits);
    }

    fn octets(&self) -> Vec<u8> {
        let octet = |bits: &[bool]| {
            let value = bits.iter().fold(0, |value, bit| value << 1 | u8::from(*bit));
            value << (8 - bits.len())
        };
        self.bits.chunks(8).map(octet).collect()
    }
}

/// Octets without a pattern, the same for the same seed.
pub(crate) fn octets(seed: u8, len: usize) -> Vec<u8> {
    let mut state = u32::from(seed).wrapping_mul(0x9E37_79B1) | 1;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 11) as u8
    };
    (0..len).map(step).collect()
}

/// Enough for several CADUs of any length that properties choose, and quickly gone through.
const MAX_BITS: usize = 1 << 16;
