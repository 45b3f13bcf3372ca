//! Whole blocks, many at a time, on the level that the decoder has.

use core::slice;

use crate::arch::rs::{Dirty, Kernel, Workspace, lane};
use crate::codec::{BlockReport, Codeword};

use super::RsDecoder;
use super::transform::Residue;

impl RsDecoder {
    /// Whether all words of one block are codewords.
    pub(super) fn is_clean(&self, block: &[u8]) -> bool {
        let (kernel, interleave) = (Kernel::of(self.level()), self.config.interleave());
        if kernel.is_portable() || interleave.depth() == 1 {
            let mut residues = (0..interleave.depth()).map(|index| Residue::of(self.config, block, index));
            return residues.all(|residue| residue.is_zero());
        }
        let dirty = kernel.check(self.config, block, &mut Workspace::new());
        !(0..interleave.depth()).any(|index| dirty.contains(lane(interleave, 0, index)))
    }

    /// Correct one block.
    pub(super) fn correct_block(&self, block: &mut [u8]) -> BlockReport {
        // Firmware has no other level, and its compiler knows: it links no tables of kernels.
        if Kernel::of(self.level()).is_portable() {
            return self.correct(block, &[]);
        }
        let mut report = BlockReport::default();
        self.correct_batch(block, slice::from_mut(&mut report));
        report
    }

    /// Correct blocks that lie back to back, and report on each.
    pub(super) fn correct_batch(&self, blocks: &mut [u8], reports: &mut [BlockReport]) {
        let (kernel, interleave) = (Kernel::of(self.level()), self.config.interleave());
        if let ([report], 1) = (&mut *reports, interleave.depth()) {
            *report = BlockReport::default();
            report.push(self.correct_single_codeword(kernel, blocks));
            return;
        }
        let count = kernel.blocks(interleave);
        let mut clean = BlockReport::default();
        (0..interleave.depth()).for_each(|_| clean.push(Codeword::Corrected { symbols: 0 }));
        let mut workspace = Workspace::new();
        let batches = blocks.chunks_mut(count * self.config.block_len());
        for (blocks, reports) in batches.zip(reports.chunks_mut(count)) {
            let dirty = kernel.check(self.config, blocks, &mut workspace);
            reports.fill(clean);
            if !dirty.is_none() {
                self.correct_dirty(kernel, &workspace, dirty, blocks, reports);
            }
        }
    }

    /// Correct what a check has found dirty in some blocks, of which all words are reported clean.
    fn correct_dirty(
        &self,
        kernel: Kernel,
        workspace: &Workspace,
        dirty: Dirty,
        blocks: &mut [u8],
        reports: &mut [BlockReport],
    ) {
        let interleave = self.config.interleave();
        for (n, (block, report)) in blocks.chunks_exact_mut(self.config.block_len()).zip(reports).enumerate()
        {
            let lanes = (0..interleave.depth()).map(|index| lane(interleave, n, index));
            if !lanes.clone().any(|lane| dirty.contains(lane)) {
                continue;
            }
            *report = BlockReport::default();
            for (index, lane) in lanes.enumerate() {
                report.push(if dirty.contains(lane) {
                    let errata = kernel.errata(self.config, &kernel.residue(workspace, lane));
                    self.apply(errata, block, index)
                } else {
                    Codeword::Corrected { symbols: 0 }
                });
            }
        }
    }

    /// Correct a block without interleaving. Alone in its lanes it would take as long to check as if all were full, and longer
    /// than by the transform that works on all lanes of one word.
    fn correct_single_codeword(&self, kernel: Kernel, block: &mut [u8]) -> Codeword {
        let residue = Residue::of(self.config, block, 0);
        if residue.is_zero() {
            return Codeword::Corrected { symbols: 0 };
        }
        self.apply(kernel.errata(self.config, &residue), block, 0)
    }
}
