//! Whole blocks, many at a time, on the level that the decoder has.
//!
//! A check takes as long for one codeword as for all that fit side by side; few are better checked one by one.

use core::slice;

use crate::arch::rs::{Dirty, Kernel, Workspace, lane};
use crate::codec::{BlockReport, Codeword};

use super::RsDecoder;
use super::transform::Residue;

impl RsDecoder {
    /// How many blocks are checked at once.
    pub(super) fn side_by_side(&self) -> usize {
        Kernel::of(self.level()).blocks(self.config.interleave())
    }

    /// Whether all words of one block are codewords.
    pub(super) fn is_clean(&self, block: &[u8]) -> bool {
        let (kernel, interleave) = (Kernel::of(self.level()), self.config.interleave());
        if !kernel.pays(interleave.depth()) {
            return (0..interleave.depth()).all(|index| Residue::of(self.config, block, index).is_zero());
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
        // Neither is ever zero: said so that compilers see no panic.
        let (block_len, at_once) = (self.config.block_len().max(1), kernel.blocks(interleave).max(1));
        let mut side_by_side = reports.len();
        if !kernel.pays(side_by_side % at_once * interleave.depth()) {
            side_by_side -= side_by_side % at_once;
        }
        let blocks = blocks.split_at_mut_checked(side_by_side * block_len).unwrap_or_default();
        let reports = reports.split_at_mut_checked(side_by_side).unwrap_or_default();
        let ((blocks, other_blocks), (reports, other_reports)) = (blocks, reports);
        if side_by_side > 0 {
            self.correct_side_by_side(kernel, blocks, reports);
        }
        for (block, report) in other_blocks.chunks_exact_mut(block_len).zip(other_reports) {
            *report = self.correct_one_by_one(kernel, block);
        }
    }

    fn correct_side_by_side(&self, kernel: Kernel, blocks: &mut [u8], reports: &mut [BlockReport]) {
        let interleave = self.config.interleave();
        let (block_len, at_once) = (self.config.block_len().max(1), kernel.blocks(interleave).max(1));
        let mut clean = BlockReport::default();
        (0..interleave.depth()).for_each(|_| clean.push(Codeword::Corrected { symbols: 0 }));
        let mut workspace = Workspace::new();
        for (blocks, reports) in blocks.chunks_mut(at_once * block_len).zip(reports.chunks_mut(at_once)) {
            let dirty = kernel.check(self.config, blocks, &mut workspace);
            reports.fill(clean);
            if dirty.is_none() {
                continue;
            }
            for (n, (block, report)) in blocks.chunks_exact_mut(block_len).zip(reports).enumerate() {
                let lanes = (0..interleave.depth()).map(|index| lane(interleave, n, index));
                if lanes.clone().any(|lane| dirty.contains(lane)) {
                    *report = self.correct_lanes(kernel, &workspace, dirty, lanes, block);
                }
            }
        }
    }

    /// Correct a block whose codewords were checked in these lanes.
    fn correct_lanes(
        &self,
        kernel: Kernel,
        workspace: &Workspace,
        dirty: Dirty,
        lanes: impl Iterator<Item = usize>,
        block: &mut [u8],
    ) -> BlockReport {
        let mut report = BlockReport::default();
        for (index, lane) in lanes.enumerate() {
            report.push(if dirty.contains(lane) {
                let errata = kernel.errata(self.config, &kernel.residue(workspace, lane));
                self.apply(errata, block, index)
            } else {
                Codeword::Corrected { symbols: 0 }
            });
        }
        report
    }

    fn correct_one_by_one(&self, kernel: Kernel, block: &mut [u8]) -> BlockReport {
        let mut report = BlockReport::default();
        for index in 0..self.config.interleave().depth() {
            let residue = Residue::of(self.config, block, index);
            report.push(if residue.is_zero() {
                Codeword::Corrected { symbols: 0 }
            } else {
                self.apply(kernel.errata(self.config, &residue), block, index)
            });
        }
        report
    }
}
