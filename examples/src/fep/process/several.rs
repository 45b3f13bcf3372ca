//! A stream of several codings, each with a marker of its own.

use ccsds_core::quality::{FrameMeta, FrameQuality, ReceiveTime};
use frame_sync::align;
use frame_sync::codec::{BlockLength, BlockReport, FrameCodec};
use frame_sync::randomizer::Randomizer;
use frame_sync::sync::{CaduLoc, CodedStep, SeveralSynchronizer, SyncConfig, SyncEvent};
use rayon::ThreadPool;
use rayon::prelude::*;

use super::FrameStage;
use crate::fep::accounts::{Check, CodingAccount, Locks};
use crate::fep::failure::Failure;
use crate::fep::input::Consumer;
use crate::fep::mission::BitLink;
use crate::fep::process::correctable_symbols;
use crate::fep::progress::State;
use crate::fep::report::{CodingReport, InputReport, LedgerReport, MarkerReport, Report, SyncReport};

/// From bits to frames of several codings, and on.
pub(super) struct SeveralChain<'a> {
    pool: &'a ThreadPool,
    sync: SeveralSynchronizer<Vec<SyncConfig>>,
    codings: Vec<Coding>,
    locks: Locks,
    account: CodingAccount,
    stage: FrameStage<'a>,
    /// The codings of the CADUs of a window, in order.
    order: Vec<usize>,
}

/// One coding, and what a window holds of it: its blocks lie back to back and are decoded many at a time.
struct Coding {
    marker: String,
    randomizer: Randomizer,
    decoder: Box<dyn FrameCodec + Send + Sync>,
    cadus: u64,
    places: Vec<CaduLoc>,
    blocks: Vec<u8>,
    reports: Vec<BlockReport>,
    /// Blocks that were handed on.
    taken: usize,
}

impl Coding {
    fn new(marker: String, randomizer: Randomizer, decoder: Box<dyn FrameCodec + Send + Sync>) -> Self {
        let (places, blocks, reports) = (Vec::new(), Vec::new(), Vec::new());
        Self { marker, randomizer, decoder, cadus: 0, places, blocks, reports, taken: 0 }
    }

    /// Extract and decode the blocks of a window.
    fn decode(&mut self, window: &[u8], config: &SyncConfig) -> Result<(), BlockLength> {
        let Self { randomizer, decoder, places, blocks, reports, .. } = self;
        let (block_len, count) = (decoder.block_len().max(1), places.len());
        blocks.resize(count * block_len, 0);
        reports.resize(count, BlockReport::UNCHECKED);
        let at_once = decoder.blocks_at_once().max(1);
        let part = count.div_ceil(rayon::current_num_threads() * PARTS).next_multiple_of(at_once);
        let most = (BATCH_OCTETS / block_len).next_multiple_of(at_once);
        let batch = part.min(most).max(at_once);
        let blocks = blocks.par_chunks_mut(batch * block_len);
        let batches = blocks.zip(reports.par_chunks_mut(batch)).zip(places.par_chunks(batch));
        batches.try_for_each(|((blocks, reports), places)| {
            for (block, cadu) in blocks.chunks_exact_mut(block_len).zip(places) {
                align::extract(window, cadu, config, *randomizer, block);
            }
            decoder.decode_batch(blocks, reports)
        })
    }

    /// The next frame of the window, where it was and what decoding it says.
    fn next(&mut self) -> Option<(&[u8], CaduLoc, BlockReport)> {
        let (at, block_len) = (self.taken, self.decoder.block_len());
        self.taken += 1;
        let block = self.blocks.get(at * block_len..)?.get(..self.decoder.frame_len())?;
        Some((block, *self.places.get(at)?, *self.reports.get(at)?))
    }
}

impl<'a> SeveralChain<'a> {
    pub(super) fn new(link: &BitLink, pool: &'a ThreadPool, stage: FrameStage<'a>) -> Self {
        let (randomizer, decoder) = link.randomizer_and_decoder();
        let hex = |marker: &[u8]| marker.iter().map(|octet| format!("{octet:02X}")).collect::<String>();
        let first = Coding::new(hex(&link.marker), randomizer, decoder);
        let others = link.others.iter().map(|other| {
            let (randomizer, decoder) = other.derandomize.split(other.randomizer, &other.code);
            Coding::new(hex(&other.marker), randomizer, decoder)
        });
        let configs = [link.sync].into_iter().chain(link.others.iter().map(|other| other.sync));
        let codes = [&link.code].into_iter().chain(link.others.iter().map(|other| &other.code));
        Self {
            pool,
            sync: SeveralSynchronizer::new(configs.collect()),
            codings: [first].into_iter().chain(others).collect(),
            locks: Locks::default(),
            account: CodingAccount::new(codes.filter_map(correctable_symbols).max()),
            stage,
            order: Vec::new(),
        }
    }

    /// All CADUs of a window, in order; the octets that are spent.
    fn search(&mut self, window: &[u8], ended: bool) -> usize {
        self.order.clear();
        for coding in &mut self.codings {
            coding.places.clear();
            coding.taken = 0;
        }
        let mut spent = 0;
        loop {
            let rest = window.get(spent..).unwrap_or_default();
            let CodedStep { coding, step } =
                if ended { self.sync.finish(rest) } else { self.sync.poll(rest) };
            if let Some(event) = step.event {
                if let Some(config) = self.sync.codings().get(coding) {
                    self.locks.record(&event, config);
                }
                if let (SyncEvent::Cadu(cadu), Some(known)) = (event, self.codings.get_mut(coding)) {
                    known.cadus += 1;
                    known.places.push(CaduLoc { offset: spent + cadu.offset, ..cadu });
                    self.order.push(coding);
                }
            }
            spent += step.advance;
            if step.event.is_none() {
                return spent;
            }
        }
    }

    pub(super) fn report(mut self, octets: u64) -> Report {
        self.locks.close();
        let stats = self.sync.stats();
        let by_coding = self.codings.iter().map(|coding| coding.cadus).sum();
        let mut checks = vec![
            Check { account: "bits".to_owned(), total: 8 * octets, accounted: stats.bits.total() },
            Check { account: "CADUs by marker".to_owned(), total: stats.cadus, accounted: by_coding },
            Check { account: "code blocks".to_owned(), total: stats.cadus, accounted: self.account.total() },
            Check {
                account: "frames from CADUs".to_owned(),
                total: stats.cadus,
                accounted: self.stage.frames(),
            },
        ];
        checks.extend(self.stage.checks());
        let stage = self.stage.report();
        let markers = self
            .codings
            .iter()
            .map(|coding| MarkerReport { marker: coding.marker.clone(), cadus: coding.cadus });
        Report {
            input: InputReport::new(octets),
            sync: Some(SyncReport { markers: markers.collect(), ..SyncReport::new(&stats, &self.locks) }),
            coding: Some(CodingReport::new(&self.account)),
            ledger: LedgerReport::new(&checks).with_bits(stats.bits),
            ..stage
        }
    }
}

impl Consumer for SeveralChain<'_> {
    fn window_len(&self) -> usize {
        self.sync.window_len()
    }

    fn feed(&mut self, window: &[u8], ended: bool) -> Result<usize, Failure> {
        let spent = self.search(window, ended);
        let Self { pool, sync, codings, account, stage, order, .. } = self;
        let decoded = pool.install(|| {
            codings
                .iter_mut()
                .zip(sync.codings())
                .try_for_each(|(coding, config)| coding.decode(window, config))
        });
        decoded.map_err(Failure::incomplete)?;
        for &coding in &*order {
            let Some((octets, cadu, report)) = codings.get_mut(coding).and_then(Coding::next) else {
                continue;
            };
            account.record(&report);
            let quality = FrameQuality {
                sync: cadu.sync,
                coding: report.quality(),
                asm_errors: cadu.asm_errors,
                inverted: cadu.inverted,
                ..FrameQuality::default()
            };
            // Recordings carry no time of reception.
            let (ordinal, stream_bit) = (stage.frames(), cadu.stream_bit);
            let meta = FrameMeta { ordinal, stream_bit, received: ReceiveTime(0), quality };
            stage.coding(u8::try_from(coding).unwrap_or(u8::MAX));
            stage.take(octets, meta)?;
        }
        Ok(spent)
    }

    fn state(&self) -> State {
        State { locked: Some(self.locks.is_locked()), items: self.stage.frames() }
    }
}

/// Octets of blocks that are extracted and decoded at a time, about.
const BATCH_OCTETS: usize = 80 * 1024;
/// Parts of a window for each thread.
const PARTS: usize = 2;
