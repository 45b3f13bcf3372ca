//! A stream of several codings, each with a marker of its own.

use ccsds_core::quality::{FrameMeta, ReceiveTime};
use frame_sync::codec::{BlockLength, FrameCodec};
use frame_sync::pipeline::BlockStage;
use frame_sync::randomizer::Randomizer;
use frame_sync::slab::FrameSlab;
use frame_sync::sync::{CaduLoc, CodedStep, SeveralSynchronizer, SyncConfig, SyncEvent};
use rayon::ThreadPool;

use super::FrameStage;
use crate::fep::accounts::{Check, CodingAccount, Locks};
use crate::fep::failure::Failure;
use crate::fep::input::Consumer;
use crate::fep::mission::{BitLink, marker_hex};
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

/// One coding, and what a window holds of it.
struct Coding {
    marker: String,
    randomizer: Randomizer,
    decoder: Box<dyn FrameCodec + Send + Sync>,
    cadus: u64,
    places: Vec<CaduLoc>,
    slab: FrameSlab,
}

impl Coding {
    const fn new(marker: String, randomizer: Randomizer, decoder: Box<dyn FrameCodec + Send + Sync>) -> Self {
        Self { marker, randomizer, decoder, cadus: 0, places: Vec::new(), slab: FrameSlab::new() }
    }

    /// Extract and decode the blocks of a window.
    fn decode(&mut self, window: &[u8], sync: &SyncConfig) -> Result<(), BlockLength> {
        let Self { randomizer, decoder, places, slab, .. } = self;
        // Recordings carry no time of reception.
        let received = ReceiveTime(0);
        BlockStage { codec: decoder, randomizer: *randomizer, sync, received }.run(window, places, 0, slab)
    }
}

impl<'a> SeveralChain<'a> {
    pub(super) fn new(link: &BitLink, pool: &'a ThreadPool, stage: FrameStage<'a>) -> Self {
        let (randomizer, decoder) = link.randomizer_and_decoder();
        let first = Coding::new(marker_hex(&link.marker), randomizer, decoder);
        let others = link.others.iter().map(|other| {
            let (randomizer, decoder) = other.derandomize.split(other.randomizer, &other.code);
            Coding::new(marker_hex(&other.marker), randomizer, decoder)
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
        let mut frames: Vec<_> = codings.iter().map(|coding| coding.slab.frames()).collect();
        for &coding in &*order {
            let Some(frame) = frames.get_mut(coding).and_then(Iterator::next) else { continue };
            account.record(&frame.report);
            let meta = FrameMeta { ordinal: stage.frames(), ..frame.meta };
            stage.coding(u8::try_from(coding).unwrap_or(u8::MAX));
            stage.take(frame.bytes, meta)?;
        }
        Ok(spent)
    }

    fn state(&self) -> State {
        State { locked: Some(self.locks.is_locked()), items: self.stage.frames() }
    }
}
