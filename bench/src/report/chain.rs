//! The whole chain: bits in memory, packets counted.

use std::hint::black_box;
use std::sync::Arc;

use ccsds_core::arch::Level;
use ccsds_core::quality::ReceiveTime;
use frame_sync::codec::BlockLength;
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
    let mut contests = Vec::new();
    for &threads in &scope.threads {
        let clean = Recording::clean(RESIDENT_CADUS * threads)?;
        contests.push(chain(scope, CLEAN, &clean, TIMES, threads)?);
    }
    let streaming = Recording::clean(UNIT_CADUS)?.repeated(scope.streaming_len);
    for &threads in &scope.threads {
        contests.push(chain(scope, STREAMING, &streaming, 1, threads)?);
    }
    drop(streaming);
    let clean = Recording::clean(RESIDENT_CADUS)?;
    let dirty = Recording::with_errors_in_every_codeword(RESIDENT_CADUS, 1)?;
    contests.push(chain(scope, ONE_ERROR, &dirty, TIMES, 1)?);
    for rate in ["1e-5", "1e-4", "1e-3", "1e-2"] {
        let noisy = clean.with_symbol_error_rate(rate.parse().unwrap_or_default());
        contests.push(chain(scope, &format!("{NOISY} {rate}"), &noisy, TIMES, 1)?);
    }
    Ok(contests)
}

/// All levels on one thread, the best level on several; a call takes the recording so many times.
fn chain(
    scope: &Scope,
    work: &str,
    recording: &Recording,
    times: usize,
    threads: usize,
) -> Result<Contest, Failure> {
    let mut contest = Contest::new(work, Unit { name: "CADU", octets: recording.cadu_len() });
    let best = scope.levels.last().copied();
    for level in scope.levels.iter().copied().filter(|&level| threads == 1 || Some(level) == best) {
        let input = match times {
            1 => Input::once(recording),
            times => Input::repeated(recording, times),
        };
        let mut chain = Chain::new(recording, level, threads)?;
        let packets = recording.packets * times as u64;
        contest.ours(level, threads, input.len(), move || assert_eq!(chain.count(&input), packets));
    }
    // The peer reads frame headers before it corrects them, and refuses damaged markers: with errors on the link its answer would
    // not be the same.
    if matches!(work, CLEAN | STREAMING) {
        peers::chain::enter_chain(&mut contest, &Recording::clean(FEW_CADUS)?, threads);
    }
    Ok(contest)
}

/// What a chain is given in one call.
#[derive(Clone, Debug)]
pub struct Input {
    /// A recording, behind as much as `lead` tells of what it ends with.
    octets: Arc<[u8]>,
    lead: usize,
    times: usize,
}

impl Input {
    /// A recording once.
    #[must_use]
    pub fn once(recording: &Recording) -> Self {
        Self { octets: recording.octets.clone(), lead: 0, times: 1 }
    }

    /// A recording of whole CADUs so many times in the same memory, one right behind the other.
    ///
    /// What a synchronizer leaves of one time must come in front of the next, as when a buffer is filled anew. It is less
    /// than a CADU.
    #[must_use]
    pub fn repeated(recording: &Recording, times: usize) -> Self {
        let (octets, lead) = (&recording.octets, recording.cadu_len());
        let end = octets.get(octets.len().saturating_sub(lead)..).unwrap_or_default();
        Self { octets: [end, octets].concat().into(), lead, times }
    }

    /// Octets that arrive.
    #[must_use]
    pub fn len(&self) -> usize {
        self.octets.len().saturating_sub(self.lead) * self.times
    }

    /// Whether nothing arrives.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The receive chain as an application with all its input in memory builds it.
#[derive(Debug)]
pub struct Chain {
    sync: SyncConfig,
    randomizer: Randomizer,
    code: RsConfig,
    level: Level,
    pool: Arc<ThreadPool>,
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
            stage: PacketStage::new(recording)?,
        })
    }

    /// The good packets in all of the input; 0 when the chain fails.
    pub fn count(&mut self, input: &Input) -> u64 {
        let pool = self.pool.clone();
        pool.install(|| self.run(black_box(input)).unwrap_or(0))
    }

    fn run(&mut self, input: &Input) -> Result<u64, BlockLength> {
        let codec: RsDecoder = rs::decoder(self.code, self.level);
        let mut pipeline = FramePipeline::new(self.sync, self.randomizer, codec);
        let stage = &mut self.stage;
        stage.forget();
        let mut take = |slab: &FrameSlab| {
            for frame in slab.frames() {
                stage.push(frame.bytes, &frame.meta);
            }
        };
        let (received, mut rest) = (ReceiveTime(0), &[][..]);
        for _ in 0..input.times {
            rest = input.octets.get(input.lead.saturating_sub(rest.len())..).unwrap_or_default();
            let spent = pipeline.run_each(rest, received, &mut take)?;
            rest = rest.get(spent..).unwrap_or_default();
        }
        pipeline.finish_each(rest, received, take)?;
        Ok(stage.packets())
    }
}

/// What is in cache: half a mebibyte for each thread.
const RESIDENT_CADUS: usize = 400;
/// How often it arrives in a call: so often that waking the threads up does not matter.
const TIMES: usize = 16;
/// What is simulated of a long recording; the rest repeats it.
const UNIT_CADUS: usize = 3200;
/// Enough for a peer that takes milliseconds.
const FEW_CADUS: usize = 48;

/// Works that goals name.
pub(super) const CLEAN: &str = "whole chain, clean, in cache";
pub(super) const STREAMING: &str = "whole chain, clean, streaming";
pub(super) const ONE_ERROR: &str = "whole chain, 1 error in every codeword";
const NOISY: &str = "whole chain, symbol error rate";
