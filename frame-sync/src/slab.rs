//! Frames of one batch in equal slots of one allocation, in stream order.

use alloc::vec::Vec;

use ccsds_core::quality::FrameMeta;

use crate::codec::BlockReport;
use crate::receiver::ReceivedFrame;
use crate::sync::SyncEvent;

/// Frames of one batch. Reused from batch to batch, it stops allocating once it has grown.
#[derive(Clone, Debug, Default)]
pub struct FrameSlab {
    octets: Vec<u8>,
    /// Octets from one slot to the next: a code block.
    block_len: usize,
    /// Octets of the frame that begins each slot.
    frame_len: usize,
    pub(crate) slots: Vec<Slot>,
    pub(crate) events: Vec<SyncEvent>,
}

/// What is known about the frame in a slot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    pub(crate) meta: FrameMeta,
    pub(crate) report: BlockReport,
}

impl FrameSlab {
    /// An empty slab.
    #[must_use]
    pub const fn new() -> Self {
        Self { octets: Vec::new(), block_len: 0, frame_len: 0, slots: Vec::new(), events: Vec::new() }
    }

    /// The frames in stream order.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = ReceivedFrame<'_>> {
        self.octets.chunks_exact(self.block_len.max(1)).zip(&self.slots).map(|(block, slot)| ReceivedFrame {
            bytes: block.get(..self.frame_len).unwrap_or_default(),
            report: slot.report,
            meta: slot.meta,
        })
    }

    /// Locks acquired and lost, and the CADUs between them, in stream order.
    #[must_use]
    pub fn events(&self) -> &[SyncEvent] {
        &self.events
    }

    /// Make room for `frames` frames, and hand out the slots to be filled.
    pub(crate) fn reset(
        &mut self,
        frames: usize,
        block_len: usize,
        frame_len: usize,
    ) -> (&mut [u8], &mut [Slot]) {
        self.block_len = block_len;
        self.frame_len = frame_len;
        self.octets.resize(frames * block_len, 0);
        self.slots.resize(frames, Slot::default());
        (&mut self.octets, &mut self.slots)
    }
}
