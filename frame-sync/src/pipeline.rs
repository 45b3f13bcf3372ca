//! The receive chain on all cores: batches of CADUs, one slab of frames each.

use alloc::vec::Vec;

use ccsds_core::quality::ReceiveTime;
use rayon::prelude::*;

use crate::align;
use crate::codec::{BlockLength, BlockReport, FrameCodec};
use crate::randomizer::Randomizer;
use crate::receiver::frame_meta;
use crate::slab::{FrameSlab, Slot};
use crate::sync::{CaduLoc, SyncConfig, SyncEvent, SyncStats, Synchronizer};

/// Decodes batch after batch in the current rayon pool.
///
/// Finding CADUs is serial and cheap; extraction and decoding go on all threads, and each result lands in the slot of its
/// CADU, so the frames, their order and every account are the same for any number of threads and any cut of the input.
#[derive(Debug)]
pub struct FramePipeline<C> {
    sync: Synchronizer,
    randomizer: Randomizer,
    codec: C,
    cadus: Vec<CaduLoc>,
    ordinal: u64,
}

impl<C: FrameCodec + Sync> FramePipeline<C> {
    /// A pipeline that has seen nothing.
    #[must_use]
    pub const fn new(sync: SyncConfig, randomizer: Randomizer, codec: C) -> Self {
        Self { sync: Synchronizer::new(sync), randomizer, codec, cadus: Vec::new(), ordinal: 0 }
    }

    /// Decode every whole CADU in `window` into `out`; returns how many leading octets are spent.
    ///
    /// The rest must begin the next window, with more octets behind it; [`SyncConfig::window_len`] octets suffice for progress.
    ///
    /// # Errors
    /// When the codec and the slots disagree on the length of a block: a fault of the codec.
    pub fn run(
        &mut self,
        window: &[u8],
        received: ReceiveTime,
        out: &mut FrameSlab,
    ) -> Result<usize, BlockLength> {
        self.decode(window, received, out, Synchronizer::poll)
    }

    /// The same for the last window of a stream.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn finish(
        &mut self,
        window: &[u8],
        received: ReceiveTime,
        out: &mut FrameSlab,
    ) -> Result<usize, BlockLength> {
        self.decode(window, received, out, Synchronizer::finish)
    }

    /// What the synchronizer found so far.
    pub fn stats(&self) -> SyncStats {
        self.sync.stats()
    }

    fn decode(
        &mut self,
        window: &[u8],
        received: ReceiveTime,
        out: &mut FrameSlab,
        step: fn(&mut Synchronizer, &[u8]) -> crate::sync::Step,
    ) -> Result<usize, BlockLength> {
        let mut spent = 0;
        self.cadus.clear();
        out.events.clear();
        loop {
            let step = step(&mut self.sync, window.get(spent..).unwrap_or_default());
            let Some(event) = step.event else {
                spent += step.advance;
                break;
            };
            out.events.push(event);
            if let SyncEvent::Cadu(cadu) = event {
                self.cadus.push(CaduLoc { offset: spent + cadu.offset, ..cadu });
            }
            spent += step.advance;
        }

        let (block_len, frame_len) = (self.codec.block_len(), self.codec.frame_len());
        let (octets, slots) = out.reset(self.cadus.len(), block_len, frame_len);
        let (codec, randomizer, config, first) =
            (&self.codec, self.randomizer, self.sync.config(), self.ordinal);
        let batch = batch_len(block_len);
        octets
            .par_chunks_mut(batch * block_len.max(1))
            .zip(slots.par_chunks_mut(batch))
            .zip(self.cadus.par_chunks(batch))
            .enumerate()
            .try_for_each(|(n, ((blocks, slots), cadus))| {
                for (block, cadu) in blocks.chunks_exact_mut(block_len.max(1)).zip(cadus) {
                    align::extract(window, cadu, config, randomizer, block);
                }
                let mut reports = [BlockReport::UNCHECKED; MAX_BATCH_LEN];
                let reports = reports.get_mut(..slots.len()).unwrap_or_default();
                codec.decode_batch(blocks, reports)?;
                for (((slot, &report), cadu), ordinal) in
                    slots.iter_mut().zip(&*reports).zip(cadus).zip(first + (n * batch) as u64..)
                {
                    *slot = Slot { meta: frame_meta(ordinal, cadu, report, received), report };
                }
                Ok(())
            })?;
        self.ordinal += self.cadus.len() as u64;
        Ok(spent)
    }
}

/// How many blocks a thread takes at a time.
///
/// So many that whatever a codec checks at once is filled well, so few that extraction leaves them in the second cache for
/// the decoder.
const fn batch_len(block_len: usize) -> usize {
    let blocks = BATCH_OCTETS / (block_len + 1) / 16 * 16;
    if blocks < 16 {
        16
    } else if blocks > MAX_BATCH_LEN {
        MAX_BATCH_LEN
    } else {
        blocks
    }
}

const BATCH_OCTETS: usize = 80 * 1024;
const MAX_BATCH_LEN: usize = 256;
