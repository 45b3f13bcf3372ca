//! The receive chain on all cores: batches of CADUs, slabs of frames.

mod turns;

use alloc::vec::Vec;
use std::sync::Mutex;

use ccsds_core::quality::ReceiveTime;
use rayon::prelude::*;

use self::turns::{Pass, Turns};
use crate::align;
use crate::codec::{BlockLength, BlockReport, FrameCodec};
use crate::randomizer::Randomizer;
use crate::receiver::frame_meta;
use crate::slab::{FrameSlab, Slot};
use crate::sync::{CaduLoc, Step, SyncConfig, SyncEvent, SyncStats, Synchronizer};

/// Decodes window after window in the current rayon pool.
///
/// Finding CADUs is serial and cheap; extraction and decoding go on all threads, and each result lands in the slot of its
/// CADU, so the frames, their order and every account are the same for any number of threads and any cut of the input.
///
/// [`Self::run`] leaves all frames of a window in one slab. Where the frames are taken apart at once, [`Self::run_each`] is
/// faster: there the threads do that too, by turns, and each finds in its caches what it decoded.
#[derive(Debug)]
pub struct FramePipeline<C> {
    sync: Apart<Synchronizer>,
    randomizer: Randomizer,
    codec: C,
    ordinal: u64,
    cadus: Vec<CaduLoc>,
    /// For each thread of [`Self::run_each`].
    workers: Vec<Apart<Worker>>,
}

impl<C: FrameCodec + Sync> FramePipeline<C> {
    /// A pipeline that has seen nothing.
    #[must_use]
    pub const fn new(sync: SyncConfig, randomizer: Randomizer, codec: C) -> Self {
        let sync = Apart(Synchronizer::new(sync));
        Self { sync, randomizer, codec, ordinal: 0, cadus: Vec::new(), workers: Vec::new() }
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

    /// Decode every whole CADU in `window`, and let `take` have the frames, slab after slab in stream order; returns how many
    /// leading octets are spent, as [`Self::run`] does.
    ///
    /// Each thread takes pieces of the window through all stages. Search and `take` are serial: one thread at a time is there,
    /// in the order of the pieces, while the others decode. The longer the window, the less it matters that they have nothing
    /// to do at its end; a whole recording may be one window.
    ///
    /// # Errors
    /// As [`Self::run`]; then `take` has had the slabs before the one that failed.
    pub fn run_each(
        &mut self,
        window: &[u8],
        received: ReceiveTime,
        take: impl FnMut(&FrameSlab) + Send,
    ) -> Result<usize, BlockLength> {
        self.decode_each(window, received, Synchronizer::poll, take)
    }

    /// The same for the last window of a stream.
    ///
    /// # Errors
    /// As [`Self::run_each`].
    pub fn finish_each(
        &mut self,
        window: &[u8],
        received: ReceiveTime,
        take: impl FnMut(&FrameSlab) + Send,
    ) -> Result<usize, BlockLength> {
        self.decode_each(window, received, Synchronizer::finish, take)
    }

    /// What the synchronizer found so far.
    pub fn stats(&self) -> SyncStats {
        self.sync.0.stats()
    }

    fn decode(
        &mut self,
        window: &[u8],
        received: ReceiveTime,
        out: &mut FrameSlab,
        step: Poll,
    ) -> Result<usize, BlockLength> {
        let spent = search(&mut self.sync.0, window, step, &mut self.cadus, &mut out.events);
        let first = self.ordinal;
        self.ordinal += self.cadus.len() as u64;
        let stage = BlockStage {
            codec: &self.codec,
            randomizer: self.randomizer,
            sync: self.sync.0.config(),
            received,
        };
        stage.run(window, &self.cadus, first, out)?;
        Ok(spent)
    }

    fn decode_each(
        &mut self,
        window: &[u8],
        received: ReceiveTime,
        step: Poll,
        take: impl FnMut(&FrameSlab) + Send,
    ) -> Result<usize, BlockLength> {
        let Self { sync: Apart(sync), randomizer, codec, ordinal, workers, .. } = self;
        let config = *sync.config();
        let stage = BlockStage { codec: &*codec, randomizer: *randomizer, sync: &config, received };
        workers.resize_with(rayon::current_num_threads(), Apart::default);
        let pieces = Pieces {
            sync,
            window,
            spent: 0,
            portions: Portions::of(stage.codec),
            step,
            ordinal,
            undecided: false,
            next: Some(0),
        };
        let pieces = Mutex::new(pieces);
        let turns = Turns::new(take);
        rayon::scope(|scope| {
            let mut workers = workers.iter_mut();
            let mine = workers.next();
            for Apart(worker) in workers {
                scope.spawn(|_| worker.work(&stage, &pieces, &turns));
            }
            if let Some(Apart(worker)) = mine {
                worker.work(&stage, &pieces, &turns);
            }
        });
        turns.outcome()?;
        Ok(pieces.into_inner().map_or(0, |pieces| pieces.spent))
    }
}

/// What one thread writes while others read what lies near: it has its cache lines to itself, and the next ones, which machines
/// fetch along.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart<T>(T);

/// What a thread of [`FramePipeline::run_each`] keeps.
#[derive(Debug, Default)]
struct Worker {
    cadus: Vec<CaduLoc>,
    slab: FrameSlab,
}

impl Worker {
    /// Take piece after piece through all stages, until there is none or something failed.
    fn work<C: FrameCodec, T: FnMut(&FrameSlab)>(
        &mut self,
        stage: &BlockStage<'_, C>,
        pieces: &Mutex<Pieces<'_>>,
        turns: &Turns<T>,
    ) {
        let Self { cadus, slab } = self;
        loop {
            // The lock is poisoned when another thread panicked: then nothing is worth going on with.
            let Some(piece) = pieces.lock().ok().and_then(|mut pieces| pieces.next(cadus, &mut slab.events))
            else {
                return;
            };
            // Whatever happens from here on, the turn comes and goes.
            let turn = Pass::new(turns, piece.turn);
            let (blocks, slots) = slab.reset(cadus.len(), stage.codec.block_len(), stage.codec.frame_len());
            let decoded = stage.decode_all(piece.window, cadus, piece.ordinal, blocks, slots);
            if turn.take(decoded.map(|()| &*slab)).is_err() {
                return;
            }
        }
    }
}

/// The pieces that a window is cut into.
struct Pieces<'a> {
    sync: &'a mut Synchronizer,
    window: &'a [u8],
    spent: usize,
    portions: Portions,
    /// How to look at the last piece.
    step: Poll,
    ordinal: &'a mut u64,
    /// Whether nothing of the last piece was spent: it comes again, with all that follows it.
    undecided: bool,
    /// Turn of the next piece, until the last one was given.
    next: Option<u64>,
}

/// A piece that was searched.
struct Piece<'a> {
    turn: u64,
    window: &'a [u8],
    /// Number of its first CADU in the stream.
    ordinal: u64,
}

impl<'a> Pieces<'a> {
    fn next(&mut self, cadus: &mut Vec<CaduLoc>, events: &mut Vec<SyncEvent>) -> Option<Piece<'a>> {
        let turn = self.next?;
        let rest = self.window.get(self.spent..).unwrap_or_default();
        let (window, step): (_, Poll) = match rest.get(..self.piece_len(rest.len())) {
            Some(piece) if piece.len() < rest.len() => (piece, Synchronizer::poll),
            _ => (rest, self.step),
        };
        let spent = search(self.sync, window, step, cadus, events);
        self.spent += spent;
        let ordinal = *self.ordinal;
        *self.ordinal += cadus.len() as u64;
        self.undecided = spent == 0;
        self.next = (window.len() < rest.len()).then_some(turn + 1);
        Some(Piece { turn, window, ordinal })
    }

    /// Octets that hold a portion of CADUs and the one before, in which the synchronizer begins.
    fn piece_len(&self, rest: usize) -> usize {
        if self.undecided {
            return rest;
        }
        let config = self.sync.config();
        let cadu_len = config.parameters().cadu_bits.div_ceil(8).max(1);
        let blocks = self.portions.turn(self.spent / cadu_len, rest / cadu_len);
        ((blocks + 1) * cadu_len).max(config.window_len())
    }
}

/// What comes between search and frames, for those who search themselves: CADUs of one coding among several, as it may be.
#[derive(Debug)]
pub struct BlockStage<'a, C> {
    /// Undoes the code.
    pub codec: &'a C,
    /// The sequence that is taken off on the way.
    pub randomizer: Randomizer,
    /// Marker and length of the CADUs.
    pub sync: &'a SyncConfig,
    /// When the window was received.
    pub received: ReceiveTime,
}

impl<C: FrameCodec + Sync> BlockStage<'_, C> {
    /// Extract and decode CADUs of `window` into `out`, on all threads of the current rayon pool; `first` is the ordinal of the first one.
    ///
    /// # Errors
    /// When the codec and the slots disagree on the length of a block: a fault of the codec.
    pub fn run(
        &self,
        window: &[u8],
        cadus: &[CaduLoc],
        first: u64,
        out: &mut FrameSlab,
    ) -> Result<(), BlockLength> {
        let block_len = self.codec.block_len();
        let (octets, slots) = out.reset(cadus.len(), block_len, self.codec.frame_len());
        let batch = Portions::of(self.codec).next(slots.len().div_ceil(2));
        octets
            .par_chunks_mut(batch * block_len.max(1))
            .zip(slots.par_chunks_mut(batch))
            .zip(cadus.par_chunks(batch))
            .enumerate()
            .try_for_each(|(n, ((blocks, slots), cadus))| {
                self.decode(window, cadus, first + (n * batch) as u64, blocks, slots)
            })
    }
}

impl<C: FrameCodec> BlockStage<'_, C> {
    /// Decode any number of CADUs.
    fn decode_all(
        &self,
        window: &[u8],
        cadus: &[CaduLoc],
        first: u64,
        blocks: &mut [u8],
        slots: &mut [Slot],
    ) -> Result<(), BlockLength> {
        let batch = Portions::of(self.codec).most;
        let blocks = blocks.chunks_mut(batch * self.codec.block_len().max(1));
        let batches = blocks.zip(slots.chunks_mut(batch)).zip(cadus.chunks(batch));
        for (((blocks, slots), cadus), first) in batches.zip((first..).step_by(batch)) {
            self.decode(window, cadus, first, blocks, slots)?;
        }
        Ok(())
    }

    /// Decode at most [`MAX_BATCH_LEN`] CADUs, the first of which is number `first` of the stream.
    fn decode(
        &self,
        window: &[u8],
        cadus: &[CaduLoc],
        first: u64,
        blocks: &mut [u8],
        slots: &mut [Slot],
    ) -> Result<(), BlockLength> {
        for (block, cadu) in blocks.chunks_exact_mut(self.codec.block_len().max(1)).zip(cadus) {
            align::extract(window, cadu, self.sync, self.randomizer, block);
        }
        let mut reports = [BlockReport::UNCHECKED; MAX_BATCH_LEN];
        let reports = reports.get_mut(..slots.len()).unwrap_or_default();
        self.codec.decode_batch(blocks, reports)?;
        for (((slot, &report), cadu), ordinal) in slots.iter_mut().zip(&*reports).zip(cadus).zip(first..) {
            *slot = Slot { meta: frame_meta(ordinal, cadu, report, self.received), report };
        }
        Ok(())
    }
}

/// How the synchronizer looks at a window.
type Poll = fn(&mut Synchronizer, &[u8]) -> Step;

/// All CADUs and events of a window; returns how many leading octets are spent.
fn search(
    sync: &mut Synchronizer,
    window: &[u8],
    poll: Poll,
    cadus: &mut Vec<CaduLoc>,
    events: &mut Vec<SyncEvent>,
) -> usize {
    let mut spent = 0;
    cadus.clear();
    events.clear();
    loop {
        let Step { advance, event } = poll(sync, window.get(spent..).unwrap_or_default());
        if let Some(event) = event {
            events.push(event);
            if let SyncEvent::Cadu(cadu) = event {
                cadus.push(CaduLoc { offset: spent + cadu.offset, ..cadu });
            }
        }
        spent += advance;
        if event.is_none() {
            return spent;
        }
    }
}

/// In which portions blocks are decoded.
#[derive(Clone, Copy)]
struct Portions {
    threads: usize,
    /// What a codec checks at once.
    at_once: usize,
    /// So many that extraction leaves them in the second cache for the decoder: whole checks.
    most: usize,
}

impl Portions {
    fn of<C: FrameCodec>(codec: &C) -> Self {
        let at_once = codec.blocks_at_once().clamp(1, MAX_BATCH_LEN);
        let most = BATCH_OCTETS / (codec.block_len() + 1);
        let most = most.clamp(at_once, MAX_BATCH_LEN) / at_once * at_once;
        Self { threads: rayon::current_num_threads(), at_once, most }
    }

    /// What a thread takes next of so many blocks: so few that it will not be the last one by far to have done its part.
    fn next(self, blocks: usize) -> usize {
        if self.threads == 1 {
            return self.most;
        }
        let part = blocks.div_ceil(self.threads * PARTS).max(LEAST_PART);
        part.next_multiple_of(self.at_once).min(self.most)
    }

    /// What a thread takes next through all stages, when so many blocks were taken before, and so many are left.
    ///
    /// What a consumer writes moves to another cache at each turn, so turns are long (bench `chain`: on two threads the consumer
    /// takes twice its time with turns of one batch). The first ones are not: the threads would all wait for one another.
    fn turn(self, taken: usize, left: usize) -> usize {
        if self.threads == 1 {
            return self.most;
        }
        let longest = (BATCHES * self.most).min(self.most + taken);
        let part = left.div_ceil(self.threads).max(LEAST_TURN);
        part.next_multiple_of(self.at_once).min(longest)
    }
}

const BATCH_OCTETS: usize = 80 * 1024;
const MAX_BATCH_LEN: usize = 256;
/// Batches in one turn, at most: what they leave still fits a second cache.
const BATCHES: usize = 3;
/// Parts for each thread of what is left.
const PARTS: usize = 2;
/// To hand out fewer blocks costs more than it saves.
const LEAST_PART: usize = 8;
/// As [`LEAST_PART`], where a turn comes with them.
const LEAST_TURN: usize = 24;
