//! Reed-Solomon codes of 131.0-B-6 §4: E = 16 and 8, every interleaving depth, both bases, virtual fill.
//!
//! A *code block* holds I interleaved *codewords*: codeword i takes the octets i, i + I, i + 2I and so on. Its last 2E
//! symbols are check symbols. Virtual fill shortens a code: each codeword begins with that many zero symbols which both
//! ends know of, and which are never transmitted.
//!
//! Encoder and decoder work on the block as the code defines it: the randomizer is off already, or not yet on.
//!
//! ```
//! use frame_sync::codec::FrameCodec;
//! use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE, RsEncoder};
//!
//! const CODE: RsConfig = match RsConfig::new(RsE::E16, Interleave::I5, 0, Basis::Dual) {
//!     Ok(config) => config,
//!     Err(_) => panic!("illegal code"),
//! };
//!
//! let mut block = [0; CODE.block_len()];
//! block[..CODE.frame_len()].fill(0x5A);
//! RsEncoder::new(CODE).encode(&mut block)?;
//!
//! block[100] ^= 0xFF;
//! let report = RsDecoder::new(CODE).decode(&mut block)?;
//! assert_eq!(block[100], 0x5A);
//! assert_eq!(report.quality(), ccsds_core::quality::CodingQuality::Corrected { symbols: 1 });
//! # Ok::<(), frame_sync::codec::BlockLength>(())
//! ```

use core::fmt;

use ccsds_core::arch::Level;

use crate::codec::{BlockLength, BlockReport, Codeword, FrameCodec};

use self::divide::Remainder;
use self::solve::Errata;
use self::transform::Residue;

mod batch;
mod divide;
pub(crate) mod field;
#[cfg(test)]
mod reference;
pub(crate) mod solve;
pub(crate) mod tables;
#[cfg(test)]
mod tests;
pub(crate) mod transform;

/// How many symbol errors a codeword survives.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RsE {
    /// Eight: the (255, 239) code.
    E8,
    /// Sixteen: the (255, 223) code.
    E16,
}

impl RsE {
    /// Symbol errors that can be corrected in a codeword, E.
    #[must_use]
    pub const fn errors(self) -> usize {
        match self {
            Self::E8 => 8,
            Self::E16 => 16,
        }
    }

    /// Check symbols of a codeword, 2E.
    #[must_use]
    pub const fn parity_symbols(self) -> usize {
        2 * self.errors()
    }

    /// The least j for which α^(11j) is a root of the generator polynomial: 128 − E, hence 120 for E = 8.
    pub(crate) const fn first_root(self) -> usize {
        128 - self.errors()
    }
}

/// How many codewords share a code block.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Interleave {
    /// One: no interleaving.
    I1,
    /// Two.
    I2,
    /// Three.
    I3,
    /// Four.
    I4,
    /// Five.
    I5,
    /// Eight.
    I8,
}

impl Interleave {
    /// The interleaving of this depth, if 131.0-B defines it.
    #[must_use]
    pub const fn from_depth(depth: u8) -> Option<Self> {
        match depth {
            1 => Some(Self::I1),
            2 => Some(Self::I2),
            3 => Some(Self::I3),
            4 => Some(Self::I4),
            5 => Some(Self::I5),
            8 => Some(Self::I8),
            _ => None,
        }
    }

    /// Codewords in a code block, I.
    #[must_use]
    pub const fn depth(self) -> usize {
        match self {
            Self::I1 => 1,
            Self::I2 => 2,
            Self::I3 => 3,
            Self::I4 => 4,
            Self::I5 => 5,
            Self::I8 => 8,
        }
    }
}

/// How octets on the link stand for elements of the field.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Basis {
    /// As polynomials in α; what some missions send.
    Conventional,
    /// In Berlekamp's dual basis; what 131.0-B prescribes.
    Dual,
}

/// A Reed-Solomon code of 131.0-B; a value is legal by construction.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RsConfig {
    e: RsE,
    interleave: Interleave,
    virtual_fill: u8,
    basis: Basis,
}

impl RsConfig {
    /// The code with `virtual_fill` leading zero symbols in each codeword that are not transmitted.
    ///
    /// 131.0-B counts virtual fill over the whole code block: Q there is `virtual_fill` times the interleaving depth.
    ///
    /// # Errors
    /// When the virtual fill leaves no symbol for the frame.
    pub const fn new(
        e: RsE,
        interleave: Interleave,
        virtual_fill: u8,
        basis: Basis,
    ) -> Result<Self, RsConfigError> {
        let max = (CODEWORD_SYMBOLS - e.parity_symbols() - 1) as u8;
        if virtual_fill > max {
            return Err(RsConfigError::VirtualFill { max, symbols: virtual_fill });
        }
        Ok(Self { e, interleave, virtual_fill, basis })
    }

    /// The error correction capability of a codeword.
    #[must_use]
    pub const fn e(self) -> RsE {
        self.e
    }

    /// How many codewords share a block.
    #[must_use]
    pub const fn interleave(self) -> Interleave {
        self.interleave
    }

    /// Leading zero symbols of each codeword that are not transmitted.
    #[must_use]
    pub const fn virtual_fill(self) -> u8 {
        self.virtual_fill
    }

    /// The basis of the symbols on the link.
    #[must_use]
    pub const fn basis(self) -> Basis {
        self.basis
    }

    /// Octets of a code block as transmitted: frame and check symbols, without virtual fill.
    #[must_use]
    pub const fn block_len(self) -> usize {
        (CODEWORD_SYMBOLS - self.virtual_fill as usize) * self.interleave.depth()
    }

    /// Octets of the transfer frame that a block carries.
    #[must_use]
    pub const fn frame_len(self) -> usize {
        self.block_len() - self.parity_len()
    }

    /// Octets of the check symbols behind the frame.
    #[must_use]
    pub const fn parity_len(self) -> usize {
        self.e.parity_symbols() * self.interleave.depth()
    }

    /// Where in a block codeword `index` keeps a symbol; `None` in virtual fill, which is nowhere.
    pub(crate) fn octet_of(self, symbol: u8, index: usize) -> Option<usize> {
        let sent = symbol.checked_sub(self.virtual_fill)?;
        Some(usize::from(sent) * self.interleave.depth() + index)
    }
}

/// Why some parameters are no code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RsConfigError {
    /// The virtual fill leaves no symbol for the frame.
    VirtualFill {
        /// The most that the code can take.
        max: u8,
        /// The symbols given.
        symbols: u8,
    },
}

impl fmt::Display for RsConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::VirtualFill { max, symbols } => {
                write!(f, "virtual fill of {symbols} symbols a codeword, the code takes at most {max}")
            }
        }
    }
}

impl core::error::Error for RsConfigError {}

/// Checks and corrects code blocks.
///
/// It corrects up to E symbol errors a codeword. A codeword beyond that is left as received, and so is one whose errors
/// would lie in virtual fill. Only what became a codeword is reported as corrected.
///
/// It checks as many codewords side by side as a vector has lanes, so [`FrameCodec::decode_batch`] takes a fraction of the
/// time of [`FrameCodec::decode`] for each block.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RsDecoder {
    config: RsConfig,
    /// `None` for the strongest; every level given is available.
    level: Option<Level>,
}

impl RsDecoder {
    /// A decoder of this code on the strongest level of the machine that it comes to run on.
    #[must_use]
    pub const fn new(config: RsConfig) -> Self {
        Self { config, level: None }
    }

    /// A decoder of this code on some level, to compare levels; `None` when this machine has not the level.
    ///
    /// A level changes the speed and no answer.
    #[must_use]
    pub fn with_level(config: RsConfig, level: Level) -> Option<Self> {
        level.is_available().then_some(Self { config, level: Some(level) })
    }

    /// The level it decodes on.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level.unwrap_or_else(Level::detect)
    }

    /// The code it decodes.
    #[must_use]
    pub const fn config(&self) -> RsConfig {
        self.config
    }

    /// Whether every codeword of the block arrived without an error; corrects nothing.
    ///
    /// # Errors
    /// When the block has not [`RsConfig::block_len`] octets.
    pub fn check(&self, block: &[u8]) -> Result<bool, BlockLength> {
        BlockLength::check(block, self.config.block_len())?;
        Ok(self.is_clean(block))
    }

    /// Correct a block of which some octets are known to be unreliable.
    ///
    /// `erasures` are positions in the block, in any order; to repeat one does no harm. A codeword is corrected while
    /// twice its errors plus its erasures are at most 2E. An erased symbol that was right does not count as corrected, and
    /// what arrives as a codeword is clean, whatever was erased.
    ///
    /// # Errors
    /// When the block has not [`RsConfig::block_len`] octets, or an erasure lies beyond it.
    pub fn decode_with_erasures(
        &self,
        block: &mut [u8],
        erasures: &[usize],
    ) -> Result<BlockReport, ErasureError> {
        let block_len = self.config.block_len();
        BlockLength::check(block, block_len)?;
        if let Some(&position) = erasures.iter().find(|&&position| position >= block_len) {
            return Err(ErasureError::Position { block_len, position });
        }
        Ok(self.correct(block, erasures))
    }

    fn correct(&self, block: &mut [u8], erasures: &[usize]) -> BlockReport {
        let mut report = BlockReport::default();
        for index in 0..self.config.interleave.depth() {
            report.push(self.correct_codeword(block, index, erasures));
        }
        report
    }

    fn correct_codeword(&self, block: &mut [u8], index: usize, erasures: &[usize]) -> Codeword {
        let residue = Residue::of(self.config, block, index);
        if residue.is_zero() {
            return Codeword::Corrected { symbols: 0 };
        }
        let errata = Erased::of(self.config, index, erasures)
            .and_then(|erased| solve::errata(self.config, &residue.syndromes(), erased.symbols()));
        self.apply(errata, block, index)
    }

    /// Write what there is to correct in one codeword.
    fn apply(&self, errata: Option<Errata>, block: &mut [u8], index: usize) -> Codeword {
        let Some(errata) = errata else {
            return Codeword::Uncorrectable;
        };
        let mut symbols = 0;
        for erratum in errata.iter().filter(|erratum| erratum.value != 0) {
            let octet = self.config.octet_of(erratum.symbol, index).and_then(|octet| block.get_mut(octet));
            if let Some(octet) = octet {
                // Both bases are linear, so the correction may be written in either.
                *octet ^= self.config.basis.octet(erratum.value);
                symbols += 1;
            }
        }
        Codeword::Corrected { symbols }
    }
}

impl FrameCodec for RsDecoder {
    fn block_len(&self) -> usize {
        self.config.block_len()
    }

    fn frame_len(&self) -> usize {
        self.config.frame_len()
    }

    fn blocks_at_once(&self) -> usize {
        self.side_by_side()
    }

    fn decode(&self, block: &mut [u8]) -> Result<BlockReport, BlockLength> {
        BlockLength::check(block, self.config.block_len())?;
        Ok(self.correct_block(block))
    }

    fn decode_batch(&self, blocks: &mut [u8], reports: &mut [BlockReport]) -> Result<(), BlockLength> {
        BlockLength::check(blocks, self.config.block_len().saturating_mul(reports.len()))?;
        self.correct_batch(blocks, reports);
        Ok(())
    }
}

/// Why a block with erasures was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ErasureError {
    /// The block has the wrong length.
    BlockLength(BlockLength),
    /// An erasure lies beyond the block.
    Position {
        /// Octets of the block.
        block_len: usize,
        /// The position given.
        position: usize,
    },
}

impl From<BlockLength> for ErasureError {
    fn from(error: BlockLength) -> Self {
        Self::BlockLength(error)
    }
}

impl fmt::Display for ErasureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BlockLength(error) => error.fmt(f),
            Self::Position { block_len, position } => {
                write!(f, "erasure at octet {position} of a block of {block_len}")
            }
        }
    }
}

impl core::error::Error for ErasureError {}

/// Appends check symbols to frames.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RsEncoder {
    config: RsConfig,
}

impl RsEncoder {
    /// An encoder of this code.
    #[must_use]
    pub const fn new(config: RsConfig) -> Self {
        Self { config }
    }

    /// The code it encodes.
    #[must_use]
    pub const fn config(&self) -> RsConfig {
        self.config
    }

    /// Write the check symbols of the frame, the first [`RsConfig::frame_len`] octets, behind it.
    ///
    /// # Errors
    /// When the block has not [`RsConfig::block_len`] octets.
    pub fn encode(&self, block: &mut [u8]) -> Result<(), BlockLength> {
        BlockLength::check(block, self.config.block_len())?;
        let (depth, basis) = (self.config.interleave.depth(), self.config.basis);
        let Some((frame, parity)) = block.split_at_mut_checked(self.config.frame_len()) else {
            return Ok(());
        };
        for index in 0..depth {
            let symbols = frame.iter().skip(index).step_by(depth);
            // Leading zeros leave the remainder at zero, so virtual fill needs no step.
            let mut remainder = Remainder::new(self.config.e);
            for &octet in symbols {
                remainder.append(basis.element(octet));
            }
            for (octet, element) in parity.iter_mut().skip(index).step_by(depth).zip(remainder.coefficients())
            {
                *octet = basis.octet(element);
            }
        }
        Ok(())
    }
}

/// The erased symbols of one codeword, each once.
struct Erased {
    symbols: [u8; MAX_PARITY_SYMBOLS],
    len: usize,
}

impl Erased {
    /// `None` when there are more than any code can restore.
    fn of(config: RsConfig, index: usize, erasures: &[usize]) -> Option<Self> {
        let depth = config.interleave.depth();
        let mut erased = Self { symbols: [0; MAX_PARITY_SYMBOLS], len: 0 };
        for position in erasures.iter().filter(|&position| position % depth == index) {
            let symbol = u8::try_from(position / depth).ok()?.checked_add(config.virtual_fill)?;
            if !erased.symbols().contains(&symbol) {
                *erased.symbols.get_mut(erased.len)? = symbol;
                erased.len += 1;
            }
        }
        (erased.len <= config.e.parity_symbols()).then_some(erased)
    }

    fn symbols(&self) -> &[u8] {
        self.symbols.get(..self.len).unwrap_or(&[])
    }
}

/// Symbols of a codeword, virtual fill included.
pub(crate) const CODEWORD_SYMBOLS: usize = 255;
/// Check symbols of the stronger code.
pub(crate) const MAX_PARITY_SYMBOLS: usize = RsE::E16.parity_symbols();
