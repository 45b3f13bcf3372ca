//! The whole chain: bits in memory, packets counted.

use std::hint::black_box;
use std::sync::Arc;

use ccsds_core::arch::Level;
use ccsds_core::quality::ReceiveTime;
use frame_sync::pipeline::FramePipeline;
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{RsConfig, RsDecoder};
use frame_sync::slab::FrameSlab;
use frame_sync::sync::SyncConfig;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::contest::Contest;
use super::frames::PacketStage;
use super::material::Recording;
use super::row::Unit;
use super::{Failure, Scope, peers, rs};

/// Every work of this module.
///
/// # Errors
/// When the link cannot be simulated, or threads cannot be started.
pub fn contests(scope: &Scope) -> Result<Vec<Contest>, Failure> {
    let clean = Recording::clean(RESIDENT_CADUS)?;
    let mut contests = Vec::new();
    for &threads in &scope.threads {
        contests.push(chain(scope, CLEAN, &clean, threads)?);
    }
    let streaming = Recording::clean(UNIT_CADUS)?.repeated(scope.streaming_len);
    for &threads in &scope.threads {
        contests.push(chain(scope, STREAMING, &streaming, threads)?);
    }
    drop(streaming);
    let dirty = Recording::with_errors_in_every_codeword(RESIDENT_CADUS, 1)?;
    contests.push(chain(scope, ONE_ERROR, &dirty, 1)?);
    for rate in ["1e-5", "1e-4", "1e-3", "1e-2"] {
        let noisy = clean.with_symbol_error_rate(rate.parse().unwrap_or_default());
        contests.push(chain(scope, &format!("{NOISY} {rate}"), &noisy, 1)?);
    }
    Ok(contests)
}

/// All levels on one thread, the best level on several.
fn chain(scope: &Scope, work: &str, recording: &Recording, threads: usize) -> Result<Contest, Failure> {
    let mut contest = Contest::new(work, Unit { name: "CADU", octets: recording.cadu_len() });
    let best = scope.levels.last().copied();
    for level in scope.levels.iter().copied().filter(|&level| threads == 1 || Some(level) == best) {
        let octets = recording.octets.clone();
        let mut chain = Chain::new(recording, level, threads)?;
        let packets = recording.packets;
        contest.ours(level, threads, octets.len(), move || assert_eq!(chain.count(&octets), packets));
    }
    // The peer reads frame headers before it corrects them, and refuses damaged markers: with errors on the link its answer would
    // not be the same.
    if matches!(work, CLEAN | STREAMING) {
        peers::chain::enter_chain(&mut contest, &Recording::clean(FEW_CADUS)?, threads);
    }
    Ok(contest)
}

/// The receive chain as an application with all its input in memory builds it.
#[derive(Debug)]
pub struct Chain {
    sync: SyncConfig,
    randomizer: Randomizer,
    code: RsConfig,
    level: Level,
    pool: Arc<ThreadPool>,
    slab: FrameSlab,
    stage: PacketStage,
}

impl Chain {
    /// The receiving end of the link of a recording.
    ///
    /// # Errors
    /// When the link has no such frames, or threads cannot be started.
    pub fn new(recording: &Recording, level: Level, threads: usize) -> Result<Self, Failure> {
        Ok(Self {
            sync: recording.sync,
            randomizer: recording.spec.randomizer,
            code: recording.code,
            level,
            pool: Arc::new(ThreadPoolBuilder::new().num_threads(threads).build()?),
            slab: FrameSlab::new(),
            stage: PacketStage::new(recording)?,
        })
    }

    /// The good packets in a whole recording; 0 when the chain fails.
    pub fn count(&mut self, octets: &[u8]) -> u64 {
        let pool = self.pool.clone();
        pool.install(|| self.run(black_box(octets)))
    }

    fn run(&mut self, octets: &[u8]) -> u64 {
        let codec: RsDecoder = rs::decoder(self.code, self.level);
        let mut pipeline = FramePipeline::new(self.sync, self.randomizer, codec);
        let mut spent = 0;
        self.stage.forget();
        loop {
            let rest = octets.get(spent..).unwrap_or_default();
            let (window, ended) = match rest.get(..BATCH_LEN * self.pool.current_num_threads()) {
                Some(window) => (window, false),
                None => (rest, true),
            };
            let received = ReceiveTime(0);
            let taken = match ended {
                true => pipeline.finish(window, received, &mut self.slab),
                false => pipeline.run(window, received, &mut self.slab),
            };
            for frame in self.slab.frames() {
                self.stage.push(frame.bytes, &frame.meta);
            }
            match taken {
                Ok(taken) if !ended => spent += taken,
                Ok(_) => return self.stage.packets(),
                Err(_) => return 0,
            }
        }
    }
}

/// What one thread is given of a batch: with its frames it stays in a second-level cache.
const BATCH_LEN: usize = 128 << 10;
const RESIDENT_CADUS: usize = 200;
/// What is simulated of a long recording; the rest repeats it.
const UNIT_CADUS: usize = 3200;
/// Enough for a peer that takes milliseconds.
const FEW_CADUS: usize = 48;

/// Works that goals name.
pub(super) const CLEAN: &str = "whole chain, clean, in cache";
pub(super) const STREAMING: &str = "whole chain, clean, streaming";
pub(super) const ONE_ERROR: &str = "whole chain, 1 error in every codeword";
const NOISY: &str = "whole chain, symbol error rate";
