//! From the transmitter to the recorder: what a link does to bits, and where each CADU ends up.

use std::collections::BTreeSet;

use frame_sync::line::{LineCode, LineEncoder};

use super::link::SpecError;
use super::rng::{Rng, Sparse};

/// What goes wrong on a link; by default nothing does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Impairments {
    /// Bits received wrong, each on its own.
    pub bit_error_rate: f64,
    /// Whether the stream begins with inverted polarity.
    pub inverted: bool,
    /// Random bits ahead of the first CADU.
    pub lead_bits: u64,
    /// Bits missed at the start.
    pub cut_head_bits: u64,
    /// Bits missed at the end of a [`super::Pass`].
    pub cut_tail_bits: u64,
    /// Everything else, each with the CADUs that it strikes.
    pub faults: Vec<(When, Fault)>,
}

impl Impairments {
    /// The same and one more.
    #[must_use]
    pub fn with(mut self, when: When, fault: Fault) -> Self {
        self.faults.push((when, fault));
        self
    }

    /// Refuse what would take all memory, or for ever.
    pub(super) fn check(&self) -> Result<(), SpecError> {
        let edges = [self.lead_bits, self.cut_head_bits];
        let faults = self.faults.iter().map(|(_, fault)| match fault {
            Fault::Delete { bits, .. } | Fault::Insert { bits, .. } => *bits,
            _ => 0,
        });
        match edges.into_iter().chain(faults).find(|&bits| bits > MAX_EDIT_BITS) {
            Some(bits) => Err(SpecError::Impairment { bits, max: MAX_EDIT_BITS }),
            None => Ok(()),
        }
    }
}

/// Which ones are struck, counted from 0. [`Fault::Drop`] and [`Fault::Repeat`] count frames as they are made, the others count
/// CADUs as they are sent.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// Every one.
    Always,
    /// These.
    At(BTreeSet<u64>),
    /// One out of `period`.
    Every {
        /// From one to the next.
        period: u64,
        /// The first.
        first: u64,
    },
    /// Each with this probability.
    Random(f64),
}

impl When {
    /// These.
    pub fn at(numbers: impl IntoIterator<Item = u64>) -> Self {
        Self::At(numbers.into_iter().collect())
    }

    fn strikes(&self, number: u64, rng: &mut Rng) -> bool {
        match self {
            Self::Always => true,
            Self::At(numbers) => numbers.contains(&number),
            Self::Every { period, first } => number
                .checked_sub(*first)
                .is_some_and(|since| since.checked_rem(*period).unwrap_or(since) == 0),
            Self::Random(probability) => rng.chance(*probability),
        }
    }
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Every second bit or so of a stretch is wrong, its first and last one for certain.
    Burst {
        /// Where it begins.
        at: Place,
        /// How long it is; it may reach into the CADUs that follow.
        bits: u32,
    },
    /// Bits get lost.
    Delete {
        /// The first of them.
        at: Place,
        /// How many; they may reach into the CADUs that follow.
        bits: u64,
    },
    /// A frame is made and counted, but never sent.
    Drop,
    /// Random bits turn up.
    Insert {
        /// In front of which bit.
        at: Place,
        /// How many.
        bits: u64,
    },
    /// The polarity changes.
    Invert {
        /// The first bit of the new polarity.
        at: Place,
    },
    /// So many bits of the marker are wrong.
    MarkerErrors {
        /// How many.
        bits: u32,
    },
    /// A CADU is sent once more.
    Repeat,
    /// So many symbols of every codeword are wrong; without a code, of the frame.
    SymbolErrors {
        /// How many.
        per_codeword: usize,
    },
}

/// A bit of a CADU.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// Any bit.
    Anywhere,
    /// This one; 0 is the first of the marker.
    Bit(u32),
    /// Any bit behind the marker.
    Block,
}

impl Place {
    /// Between two CADUs.
    pub const BOUNDARY: Self = Self::Bit(0);
}

/// How the bits of a CADU are arranged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CaduLayout {
    pub(super) marker_len: usize,
    pub(super) block_len: usize,
    /// All bits, fill included.
    pub(super) bits: usize,
    /// Codewords that take turns, octet by octet.
    pub(super) interleave: usize,
}

/// A transmitter, a noisy path and a recorder.
#[derive(Clone, Debug)]
pub(super) struct Medium {
    layout: CaduLayout,
    line_code: LineCode,
    level: u8,
    faults: Vec<(When, Fault, Rng)>,
    noise: Sparse,
    rng: Rng,
    inverted: bool,
    /// CADUs sent so far.
    cadus: u64,
    /// Bits still to be lost, and bits that the present burst still covers.
    deleting: u64,
    bursting: u64,
    /// Whether the bit before was received wrong, or its neighbour was lost: a differential code spreads that.
    unsettled: bool,
    work: Vec<u8>,
    edits: Vec<(usize, Edit)>,
    pub(super) recorder: Recorder,
}

#[derive(Clone, Copy, Debug)]
enum Edit {
    Delete(u64),
    Insert(u64),
}

/// What became of one CADU on its way.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Arrival {
    /// Place in the recording of the first bit behind the marker; `None` when it was lost.
    pub(super) block_bit: Option<u64>,
    /// Where that bit would be, going by other parts of the block that slipped.
    pub(super) slipped: Vec<u64>,
    /// Whether its block began with inverted polarity.
    pub(super) inverted: bool,
    /// Whether any of its bits may have suffered.
    pub(super) touched: bool,
}

impl Medium {
    pub(super) fn new(layout: CaduLayout, line_code: LineCode, impairments: &Impairments, seed: u64) -> Self {
        let rng = |purpose| Rng::for_purpose(seed, CHANNEL_PURPOSE + purpose);
        let faults = (2..)
            .zip(&impairments.faults)
            .map(|(purpose, (when, fault))| (when.clone(), *fault, rng(purpose)));
        let mut medium = Self {
            layout,
            line_code,
            level: 0,
            faults: faults.collect(),
            noise: Sparse::new(impairments.bit_error_rate, rng(0)),
            rng: rng(1),
            inverted: impairments.inverted,
            cadus: 0,
            deleting: impairments.cut_head_bits,
            bursting: 0,
            // The level ahead of the first bit is unknown.
            unsettled: line_code != LineCode::NrzL,
            work: Vec::new(),
            edits: Vec::new(),
            recorder: Recorder::default(),
        };
        medium.record_random(impairments.lead_bits);
        medium
    }

    /// Whether frame `number` of the pass is sent, and how often.
    pub(super) fn copies(&mut self, number: u64) -> usize {
        let mut copies = 1;
        for (when, fault, rng) in &mut self.faults {
            match fault {
                Fault::Drop if when.strikes(number, rng) => return 0,
                Fault::Repeat if when.strikes(number, rng) => copies += 1,
                _ => {}
            }
        }
        copies
    }

    /// Send a CADU of this layout and record what arrives.
    pub(super) fn send(&mut self, cadu: &[u8], layout: CaduLayout) -> Arrival {
        self.layout = layout;
        self.work.clear();
        self.work.extend_from_slice(cadu);
        self.edits.clear();
        let number = self.cadus;
        self.cadus += 1;
        let mut inverted = self.inverted;
        let mut touched = self.unsettled | (self.deleting > 0);

        let mut faults = std::mem::take(&mut self.faults);
        let mut struck: Vec<_> = faults
            .iter_mut()
            .filter_map(|(when, fault, rng)| when.strikes(number, rng).then_some((*fault, rng)))
            .collect();
        touched |= !struck.is_empty();
        // Errors that are defined by what the decoder sees come ahead of the line code.
        for (fault, rng) in &mut struck {
            match *fault {
                Fault::MarkerErrors { bits } => self.spoil_marker(bits as usize, rng),
                Fault::SymbolErrors { per_codeword } => self.spoil_symbols(per_codeword, rng),
                _ => {}
            }
        }
        self.encode_line();
        touched |= self.add_noise();
        if self.inverted {
            invert_from(&mut self.work, 0);
        }
        touched |= self.bursting > 0;
        self.burst(0, false);
        for (fault, rng) in &mut struck {
            match *fault {
                Fault::Burst { at, bits } => {
                    let at = self.place(at, rng);
                    self.bursting = u64::from(bits);
                    self.burst(at, true);
                }
                Fault::Delete { at, bits } => self.edits.push((self.place(at, rng), Edit::Delete(bits))),
                Fault::Insert { at, bits } => self.edits.push((self.place(at, rng), Edit::Insert(bits))),
                Fault::Invert { at } => {
                    let at = self.place(at, rng);
                    invert_from(&mut self.work, at);
                    self.inverted = !self.inverted;
                    inverted ^= at <= self.layout.marker_len * 8;
                }
                Fault::Drop | Fault::MarkerErrors { .. } | Fault::Repeat | Fault::SymbolErrors { .. } => {}
            }
        }
        drop(struck);
        self.faults = faults;
        // Conservative: whatever happened may have happened to the last bit.
        self.unsettled = touched && self.line_code != LineCode::NrzL;
        let inverted = inverted && self.line_code == LineCode::NrzL;
        self.record(Arrival { inverted, touched, ..Arrival::default() })
    }

    fn place(&self, place: Place, rng: &mut Rng) -> usize {
        let marker_bits = self.layout.marker_len * 8;
        match place {
            Place::Anywhere => rng.index(self.layout.bits),
            Place::Bit(bit) => (bit as usize).min(self.layout.bits),
            Place::Block => marker_bits + rng.index(self.layout.block_len * 8),
        }
    }

    fn spoil_marker(&mut self, bits: usize, rng: &mut Rng) {
        for bit in choose(bits, self.layout.marker_len * 8, rng) {
            flip(&mut self.work, bit);
        }
    }

    fn spoil_symbols(&mut self, per_codeword: usize, rng: &mut Rng) {
        let CaduLayout { marker_len, block_len, interleave, .. } = self.layout;
        for codeword in 0..interleave {
            let symbols = (block_len + interleave - 1 - codeword) / interleave;
            for symbol in choose(per_codeword, symbols, rng) {
                if let Some(octet) = self.work.get_mut(marker_len + symbol * interleave + codeword) {
                    *octet ^= rng.between(1, 255) as u8;
                }
            }
        }
    }

    /// Turn bits into levels. The encoder starts at level zero; from the other level every level is the other one.
    fn encode_line(&mut self) {
        if self.line_code == LineCode::NrzL {
            return;
        }
        LineEncoder::new(self.line_code).encode(&mut self.work);
        if self.level == 1 {
            invert_from(&mut self.work, 0);
        }
        if let Some(last) = self.layout.bits.checked_sub(1) {
            self.level = self.work.get(last / 8).map_or(0, |octet| octet >> (7 - last % 8) & 1);
        }
    }

    /// Flip bits at random; returns whether there were any.
    fn add_noise(&mut self) -> bool {
        let (bits, mut from) = (self.layout.bits as u64, 0);
        while let Some(place) = self.noise.next_within(bits - from) {
            flip(&mut self.work, (from + place) as usize);
            from += place + 1;
        }
        from > 0
    }

    /// Let the present burst cover the bits from `at` on; its first bit and its last one are wrong.
    fn burst(&mut self, at: usize, mut first: bool) {
        for bit in at..self.layout.bits {
            if self.bursting == 0 {
                return;
            }
            if first || self.bursting == 1 || self.rng.chance(0.5) {
                flip(&mut self.work, bit);
            }
            first = false;
            self.bursting -= 1;
        }
    }

    /// Copy the CADU into the recording, without what is deleted and with what is inserted.
    fn record(&mut self, mut arrival: Arrival) -> Arrival {
        let marker_bits = self.layout.marker_len * 8;
        let block = marker_bits..marker_bits + self.layout.block_len * 8;
        let mut edits = std::mem::take(&mut self.edits);
        edits.sort_by_key(|(at, _)| *at);
        let mut from = 0;
        let end = (self.layout.bits, Edit::Insert(0));
        for &(at, edit) in edits.iter().chain([&end]) {
            let skipped = self.deleting.min((at - from) as u64);
            self.deleting -= skipped;
            from += skipped as usize;
            let block_bit = (self.recorder.bits() + marker_bits as u64).checked_sub(from as u64);
            if (from..at).contains(&block.start) {
                arrival.block_bit = block_bit;
            } else if from < at && block.contains(&from) {
                arrival.slipped.extend(block_bit);
            }
            self.recorder.push(&self.work, from, at - from);
            from = at;
            match edit {
                Edit::Delete(bits) => self.deleting += bits,
                Edit::Insert(bits) => self.record_random(bits),
            }
        }
        self.edits = edits;
        arrival
    }

    fn record_random(&mut self, bits: u64) {
        let skipped = self.deleting.min(bits);
        self.deleting -= skipped;
        let mut left = bits - skipped;
        while left > 0 {
            let some = left.min(64);
            self.recorder.push(&self.rng.next_u64().to_be_bytes(), 0, some as usize);
            left -= some;
        }
    }
}

/// The bits that arrived, first bit first.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder {
    octets: Vec<u8>,
    /// Octets handed on and forgotten.
    forgotten: u64,
    /// An unfinished octet, left-aligned, and how many bits of it there are.
    partial: u64,
    partial_bits: u32,
}

impl Recorder {
    /// Bits recorded so far.
    pub(super) const fn bits(&self) -> u64 {
        self.whole_bits() + self.partial_bits as u64
    }

    /// Bits in whole octets.
    pub(super) const fn whole_bits(&self) -> u64 {
        (self.forgotten + self.octets.len() as u64) * 8
    }

    /// Record `len` bits of `source` from bit `from` on.
    fn push(&mut self, source: &[u8], from: usize, len: usize) {
        if self.partial_bits == 0 && from.is_multiple_of(8) && len.is_multiple_of(8) {
            let octets = source.get(from / 8..).and_then(|rest| rest.get(..len / 8));
            self.octets.extend_from_slice(octets.unwrap_or_default());
            return;
        }
        let (mut at, end) = (from, from + len);
        while at < end {
            // Up to 57 new bits fit behind seven old ones.
            let some = (end - at).min(56) as u32;
            let chunk = word_at(source, at) >> (64 - some) << (64 - some);
            self.partial |= chunk >> self.partial_bits;
            self.partial_bits += some;
            at += some as usize;
            let whole = (self.partial_bits / 8) as usize;
            self.octets.extend_from_slice(self.partial.to_be_bytes().get(..whole).unwrap_or_default());
            self.partial = self.partial.checked_shl(self.partial_bits / 8 * 8).unwrap_or(0);
            self.partial_bits %= 8;
        }
    }

    /// Forget every bit from `bits` on and complete the last octet with zeros.
    pub(super) fn close(&mut self, bits: u64) {
        if self.partial_bits > 0 {
            self.octets.push((self.partial >> 56) as u8);
            (self.partial, self.partial_bits) = (0, 0);
        }
        let len = usize::try_from(bits.div_ceil(8).saturating_sub(self.forgotten)).unwrap_or(usize::MAX);
        self.octets.truncate(len);
        if !bits.is_multiple_of(8)
            && bits < self.whole_bits()
            && let Some(last) = self.octets.last_mut()
        {
            *last &= !(0xFF >> (bits % 8));
        }
    }

    /// The octets not forgotten yet.
    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Give away every octet not forgotten yet.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.forgotten += self.octets.len() as u64;
        std::mem::take(&mut self.octets)
    }

    /// Forget the first `len` octets.
    pub(super) fn forget(&mut self, len: usize) {
        let len = len.min(self.octets.len());
        self.octets.drain(..len);
        self.forgotten += len as u64;
    }

    /// Octets forgotten so far.
    pub(super) const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Sixty-four bits from `bit` of the recording on; zeros where there is nothing.
    pub(super) fn word(&self, bit: u64) -> u64 {
        let local = bit.checked_sub(self.forgotten * 8).and_then(|local| usize::try_from(local).ok());
        local.map_or(0, |local| word_at(&self.octets, local))
    }
}

/// Sixty-four bits from `bit` on; zeros behind the end.
fn word_at(octets: &[u8], bit: usize) -> u64 {
    let rest = octets.get(bit / 8..).unwrap_or_default();
    let (word, next) = match rest {
        [a, b, c, d, e, f, g, h, next, ..] => (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), *next),
        short => {
            let word = short
                .iter()
                .chain([0; 8].iter())
                .take(8)
                .fold(0, |word, octet| word << 8 | u64::from(*octet));
            (word, 0)
        }
    };
    match (bit % 8) as u32 {
        0 => word,
        shift => word << shift | u64::from(next) >> (8 - shift),
    }
}

fn flip(octets: &mut [u8], bit: usize) {
    if let Some(octet) = octets.get_mut(bit / 8) {
        *octet ^= 0x80 >> (bit % 8);
    }
}

fn invert_from(octets: &mut [u8], bit: usize) {
    if let Some((first, rest)) = octets.get_mut(bit / 8..).and_then(<[u8]>::split_first_mut) {
        *first ^= 0xFF >> (bit % 8);
        for octet in rest {
            *octet = !*octet;
        }
    }
}

/// `wanted` different numbers below `bound`, or all of them.
fn choose(wanted: usize, bound: usize, rng: &mut Rng) -> BTreeSet<usize> {
    if wanted >= bound {
        return (0..bound).collect();
    }
    // Floyd's algorithm: one draw for each number.
    (bound - wanted..bound).fold(BTreeSet::new(), |mut chosen, last| {
        let number = rng.between(0, last);
        let taken = !chosen.insert(number);
        if taken {
            chosen.insert(last);
        }
        chosen
    })
}

/// Keeps the channel's draws apart from those of the packets.
const CHANNEL_PURPOSE: u64 = 1 << 32;
/// Half a gigabyte.
const MAX_EDIT_BITS: u64 = 1 << 32;
