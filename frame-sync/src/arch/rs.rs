//! Reed-Solomon: the check of many codewords at once, and the correction of one.
//!
//! `transform`, `check` and `correct` are one text for all levels. A level is a module of its own, with the vectors and the few
//! operations that the text is made of; macros, because a function cannot be generic over the instructions it is compiled for.
//! In it no closure may touch a vector: what takes the closure is compiled without the instruction set, and does not inline it.

use ccsds_core::arch::Level;

use crate::rs::solve::{self, Errata};
use crate::rs::transform::Residue;
use crate::rs::{Interleave, MAX_PARITY_SYMBOLS, RsConfig};

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod check;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod correct;
#[cfg(target_arch = "x86_64")]
mod gfni;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(target_arch = "x86_64")]
mod ssse3;
mod transform;

/// The kernel of a level that this machine has.
#[derive(Clone, Copy)]
pub(crate) struct Kernel(Level);

impl Kernel {
    /// The kernel of this level, or the portable one where the machine has not the level.
    pub(crate) fn of(level: Level) -> Self {
        Self(if level.is_available() { level } else { Level::Scalar })
    }

    /// Whether it takes no instruction set.
    pub(crate) fn is_portable(self) -> bool {
        self.0 == Level::Scalar
    }

    /// Whether so many codewords are checked faster side by side than by [`Residue::of`] one by one: two that share vectors
    /// take less than one takes that way, without vectors it is 20.
    pub(crate) fn pays(self, codewords: usize) -> bool {
        codewords >= if self.is_portable() { 20 } else { 2 }
    }

    /// How many blocks are checked at once.
    pub(crate) fn blocks(self, interleave: Interleave) -> usize {
        self.lanes() / HALF * blocks_of_half(interleave)
    }

    /// Check as many blocks as [`Self::blocks`], or fewer. What is in no codeword's lane means nothing.
    pub(crate) fn check(self, config: RsConfig, blocks: &[u8], workspace: &mut Workspace) -> Dirty {
        Dirty(match self.0 {
            // SAFETY: `of` made `self` because the machine has this level.
            #[cfg(target_arch = "x86_64")]
            Level::Ssse3 => unsafe { ssse3::check(config, blocks, workspace) },
            // SAFETY: `of` made `self` because the machine has this level.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::check(config, blocks, workspace) },
            // SAFETY: `of` made `self` because the machine has this level.
            #[cfg(target_arch = "x86_64")]
            Level::Gfni => unsafe { gfni::check(config, blocks, workspace) },
            // SAFETY: `of` made `self` because the machine has this level.
            #[cfg(target_arch = "aarch64")]
            Level::Neon => unsafe { neon::check(config, blocks, workspace) },
            _ => portable::check(config, blocks, workspace),
        })
    }

    /// The residue that [`Self::check`] left of a codeword.
    pub(crate) fn residue(self, workspace: &Workspace, lane: usize) -> Residue {
        let mut coefficients = [0; MAX_PARITY_SYMBOLS];
        let rows = workspace.residues.chunks_exact(self.lanes());
        for (coefficient, row) in coefficients.iter_mut().zip(rows) {
            *coefficient = row.get(lane).copied().unwrap_or(0);
        }
        Residue { coefficients }
    }

    /// What turns a word with this residue into a codeword; `None` when it holds more errors than the code can correct.
    pub(crate) fn errata(self, config: RsConfig, residue: &Residue) -> Option<Errata> {
        match self.0 {
            // SAFETY: `of` made `self` because the machine has this level.
            #[cfg(target_arch = "x86_64")]
            Level::Ssse3 => unsafe { ssse3::errata(config, residue) },
            // SAFETY: `of` made `self` because the machine has this level.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::errata(config, residue) },
            // SAFETY: `of` made `self` because the machine has this level.
            #[cfg(target_arch = "x86_64")]
            Level::Gfni => unsafe { gfni::errata(config, residue) },
            // SAFETY: `of` made `self` because the machine has this level.
            #[cfg(target_arch = "aarch64")]
            Level::Neon => unsafe { neon::errata(config, residue) },
            _ => solve::errata(config, &residue.syndromes(), &[]),
        }
    }

    /// Codewords side by side.
    fn lanes(self) -> usize {
        match self.0 {
            Level::Ssse3 | Level::Neon => HALF,
            _ => 2 * HALF,
        }
    }
}

/// The lanes whose words are not codewords.
#[derive(Clone, Copy)]
pub(crate) struct Dirty(u32);

impl Dirty {
    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn contains(self, lane: usize) -> bool {
        self.0 >> lane & 1 == 1
    }
}

/// The lane of a codeword, for a block of those that are checked at once.
///
/// Half a vector, or all of one with 16 lanes, takes as many whole blocks as fit.
pub(crate) fn lane(interleave: Interleave, block: usize, index: usize) -> usize {
    let blocks = blocks_of_half(interleave);
    HALF * (block / blocks) + interleave.depth() * (block % blocks) + index
}

fn blocks_of_half(interleave: Interleave) -> usize {
    HALF / interleave.depth()
}

/// Memory for a check. It serves one code: what is in the rows of virtual fill stays zero.
#[repr(align(64))]
pub(crate) struct Workspace {
    /// For each symbol the octets of all lanes, in the order of the codeword; there is no symbol 255, but a row of zeros.
    rows: [u8; 256 * MAX_LANES],
    /// For each coefficient the elements of all lanes.
    residues: [u8; MAX_PARITY_SYMBOLS * MAX_LANES],
}

impl Workspace {
    pub(crate) const fn new() -> Self {
        Self { rows: [0; 256 * MAX_LANES], residues: [0; MAX_PARITY_SYMBOLS * MAX_LANES] }
    }
}

/// Lanes of the widest vectors.
const MAX_LANES: usize = 32;
/// What the transpositions keep apart.
const HALF: usize = 16;

#[inline]
#[expect(clippy::indexing_slicing, reason = "an octet is less than 256")]
fn at<T>(table: &[T; 256], octet: u8) -> &T {
    &table[usize::from(octet)]
}
