//! Managed parameters of frame synchronization.

use core::fmt;

use crate::asm::Asm;

/// Legal managed parameters of frame synchronization.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SyncConfig {
    parameters: SyncParameters,
}

/// Managed parameters of frame synchronization, yet to be checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SyncParameters {
    /// The marker.
    pub asm: Asm,
    /// Bits from one marker to the next.
    pub cadu_bits: usize,
    /// How many of them, at the end, belong to no code block: some links send fill between CADUs.
    pub fill_bits: usize,
    /// Bit errors allowed in a marker while searching.
    pub search_errors: u8,
    /// Bit errors allowed in a marker while verifying and in lock; at least those allowed while searching.
    pub lock_errors: u8,
    /// Markers that must follow a candidate, one CADU apart, before it is believed.
    pub verify: u8,
    /// Markers that may be missed in a row before the lock is given up.
    pub flywheel: u8,
    /// Bits, either way, by which a marker may miss its place in lock.
    pub slip: u8,
    /// Which polarities to expect.
    pub polarity: Polarity,
    /// At which bits a CADU may begin while searching.
    pub alignment: Alignment,
}

impl SyncParameters {
    /// The usual tolerances: search without errors, lock with up to three, verify once, flywheel over two, slip by two.
    #[must_use]
    pub const fn new(asm: Asm, cadu_bits: usize) -> Self {
        Self {
            asm,
            cadu_bits,
            fill_bits: 0,
            search_errors: 0,
            lock_errors: 3,
            verify: 1,
            flywheel: 2,
            slip: 2,
            polarity: Polarity::Auto,
            alignment: Alignment::Bit,
        }
    }
}

/// Which polarities of the stream to expect.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Polarity {
    /// Either; it may change at any marker.
    #[default]
    Auto,
    /// Inverted only.
    Inverted,
    /// Normal only.
    Normal,
}

/// At which bits a CADU may begin while searching.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Alignment {
    /// At any bit.
    #[default]
    Bit,
    /// At the first bit of an octet: the stream was aligned before.
    Octet,
}

impl SyncConfig {
    /// Check the parameters.
    ///
    /// # Errors
    /// When they contradict each other.
    pub const fn new(parameters: SyncParameters) -> Result<Self, SyncConfigError> {
        let p = parameters;
        let asm_bits = p.asm.len_bits();
        let taken = asm_bits + 2 * p.slip as usize;
        if p.cadu_bits > MAX_CADU_BITS || p.fill_bits >= p.cadu_bits || p.cadu_bits - p.fill_bits <= taken {
            return Err(SyncConfigError::CaduLength { bits: p.cadu_bits });
        }
        let tolerance = if p.search_errors > p.lock_errors { p.search_errors } else { p.lock_errors };
        if tolerance as u32 * 2 >= p.asm.weight() {
            return Err(SyncConfigError::Tolerance { errors: tolerance, weight: p.asm.weight() });
        }
        Ok(Self { parameters })
    }

    /// The parameters.
    #[must_use]
    pub const fn parameters(&self) -> &SyncParameters {
        &self.parameters
    }

    /// The marker.
    #[must_use]
    pub const fn asm(&self) -> &Asm {
        &self.parameters.asm
    }

    /// Bits of a code block.
    #[must_use]
    pub const fn block_bits(&self) -> usize {
        self.parameters.cadu_bits - self.parameters.fill_bits - self.parameters.asm.len_bits()
    }

    /// Octets of window that suffice for every decision: two CADUs, the markers that verify a candidate in the second one,
    /// and the one among those that may be damaged.
    #[must_use]
    pub const fn window_len(&self) -> usize {
        let p = &self.parameters;
        let verify = if p.verify == 0 { 1 } else { p.verify as usize };
        let bits =
            (2 + verify + self.verify_misses() as usize) * p.cadu_bits + p.asm.len_bits() + p.slip as usize;
        bits.div_ceil(8) + 1
    }

    pub(super) const fn cadu_len(&self) -> u64 {
        self.parameters.cadu_bits as u64
    }

    /// Bits of the marker and the code block: what must be there of the last CADU.
    pub(super) const fn filled_len(&self) -> u64 {
        (self.parameters.cadu_bits - self.parameters.fill_bits) as u64
    }

    pub(super) const fn search_errors(&self) -> u32 {
        self.parameters.search_errors as u32
    }

    /// A marker good enough to be found is good enough to be kept.
    pub(super) const fn lock_errors(&self) -> u32 {
        let (search, lock) = (self.search_errors(), self.parameters.lock_errors as u32);
        if search > lock { search } else { lock }
    }

    pub(super) const fn verify(&self) -> u8 {
        self.parameters.verify
    }

    pub(super) const fn flywheel(&self) -> u8 {
        self.parameters.flywheel
    }

    /// Markers that may be damaged while a candidate is verified: one, unless the flywheel tolerates none either.
    pub(super) const fn verify_misses(&self) -> u8 {
        if self.parameters.flywheel == 0 { 0 } else { 1 }
    }
}

/// Parameters that contradict each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SyncConfigError {
    /// A CADU must be longer than its marker and the slips on both sides of it, and at most 2^24 bits.
    CaduLength {
        /// Bits given.
        bits: usize,
    },
    /// With so many errors a marker and its complement are the same.
    Tolerance {
        /// Bit errors allowed.
        errors: u8,
        /// Bits of the marker that matter.
        weight: u32,
    },
}

impl fmt::Display for SyncConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::CaduLength { bits } => {
                write!(f, "a CADU of {bits} bits cannot hold its marker, the slips allowed and a code block")
            }
            Self::Tolerance { errors, weight } => {
                write!(
                    f,
                    "{errors} errors in a sync marker of {weight} significant bits leave nothing to recognise"
                )
            }
        }
    }
}

impl core::error::Error for SyncConfigError {}

const MAX_CADU_BITS: usize = 1 << 24;
