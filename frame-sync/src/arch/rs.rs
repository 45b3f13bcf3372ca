//! Reed-Solomon: the check of many codewords at once, and the correction of one.

use ccsds_core::arch::Level;

use crate::rs::solve::{self, Errata};
use crate::rs::transform::Residue;
use crate::rs::{Interleave, MAX_PARITY_SYMBOLS, RsConfig};

#[cfg(target_arch = "x86_64")]
mod avx2;
mod check;
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

    /// Whether it takes no instruction set. One word alone is best left to the algorithms that it is compared with.
    pub(crate) fn is_portable(self) -> bool {
        self.0 == Level::Scalar
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

/// Sixteen octets of each block.
#[inline]
fn sixteen<'a, const N: usize>(blocks: &[&'a [u8]; N], start: usize) -> [&'a [u8; HALF]; N] {
    blocks.map(|block| block.get(start..).and_then(<[u8]>::first_chunk).unwrap_or(&[0; HALF]))
}

/// The last octets of each block, `count` of them and something behind.
#[inline]
fn last<const N: usize>(blocks: &[&[u8]; N], count: usize) -> [[u8; HALF]; N] {
    blocks.map(|block| {
        let mut last = *block.last_chunk().unwrap_or(&[0; HALF]);
        last.rotate_left(HALF - count);
        last
    })
}

#[inline]
#[expect(clippy::indexing_slicing, reason = "an octet is less than 256")]
fn at<T>(table: &[T; 256], octet: u8) -> &T {
    &table[usize::from(octet)]
}

/// The octets that go to row n from piece k of a transposition, one array for each.
#[expect(clippy::indexing_slicing, reason = "const evaluation: an index out of bounds would not compile")]
const fn picks<const I: usize, const P: usize>() -> [[[u8; HALF]; P]; P] {
    let mut picks = [[[NOWHERE; HALF]; P]; P];
    let mut n = 0;
    while n < P {
        let mut k = 0;
        while k < P {
            let mut octet = 0;
            while octet < I {
                picks[n][k][k * I + octet] = (n * I + octet) as u8;
                octet += 1;
            }
            k += 1;
        }
        n += 1;
    }
    picks
}

/// The number of no octet: the highest bit is set.
const NOWHERE: u8 = 0x80;
