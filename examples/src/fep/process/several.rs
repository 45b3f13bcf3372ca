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
    /// Memory of blocks that were handed on.
    spare: Vec<Vec<u8>>,
}

struct Coding {
    marker: String,
    randomizer: Randomizer,
    decoder: Box<dyn FrameCodec + Send + Sync>,
    cadus: u64,
}

/// A block as it came out of the stream, then decoded.
struct Block {
    coding: usize,
    cadu: CaduLoc,
    octets: Vec<u8>,
    report: BlockReport,
}

impl<'a> SeveralChain<'a> {
    pub(super) fn new(link: &BitLink, pool: &'a ThreadPool, stage: FrameStage<'a>) -> Self {
        let (randomizer, decoder) = link.randomizer_and_decoder();
        let hex = |marker: &[u8]| marker.iter().map(|octet| format!("{octet:02X}")).collect::<String>();
        let first = Coding { marker: hex(&link.marker), randomizer, decoder, cadus: 0 };
        let others = link.others.iter().map(|other| {
            let (randomizer, decoder) = other.derandomize.split(other.randomizer, &other.code);
            Coding { marker: hex(&other.marker), randomizer, decoder, cadus: 0 }
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
            spare: Vec::new(),
        }
    }

    /// All CADUs of a window, in order; the octets that are spent.
    fn search(&mut self, window: &[u8], ended: bool) -> (usize, Vec<Block>) {
        let (mut spent, mut blocks) = (0, Vec::new());
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
                    let mut octets = self.spare.pop().unwrap_or_default();
                    octets.resize(known.decoder.block_len(), 0);
                    let cadu = CaduLoc { offset: spent + cadu.offset, ..cadu };
                    blocks.push(Block { coding, cadu, octets, report: BlockReport::UNCHECKED });
                }
            }
            spent += step.advance;
            if step.event.is_none() {
                return (spent, blocks);
            }
        }
    }

    /// Extract and decode, each block for itself.
    fn decode(&self, window: &[u8], blocks: &mut [Block]) -> Result<(), BlockLength> {
        let (codings, configs) = (&self.codings, self.sync.codings());
        self.pool.install(|| {
            blocks.par_iter_mut().try_for_each(|block| {
                let (Some(coding), Some(config)) = (codings.get(block.coding), configs.get(block.coding))
                else {
                    return Ok(());
                };
                align::extract(window, &block.cadu, config, coding.randomizer, &mut block.octets);
                block.report = coding.decoder.decode(&mut block.octets)?;
                block.octets.truncate(coding.decoder.frame_len());
                Ok(())
            })
        })
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
        let (spent, mut blocks) = self.search(window, ended);
        self.decode(window, &mut blocks).map_err(Failure::incomplete)?;
        for Block { coding, cadu, octets, report } in blocks {
            self.account.record(&report);
            let quality = FrameQuality {
                sync: cadu.sync,
                coding: report.quality(),
                asm_errors: cadu.asm_errors,
                inverted: cadu.inverted,
                ..FrameQuality::default()
            };
            // Recordings carry no time of reception.
            let (ordinal, stream_bit) = (self.stage.frames(), cadu.stream_bit);
            let meta = FrameMeta { ordinal, stream_bit, received: ReceiveTime(0), quality };
            self.stage.coding(u8::try_from(coding).unwrap_or(u8::MAX));
            self.stage.take(&octets, meta)?;
            self.spare.push(octets);
        }
        Ok(spent)
    }

    fn state(&self) -> State {
        State { locked: Some(self.locks.is_locked()), items: self.stage.frames() }
    }
}
