//! `fep process`: bits, frames or packets in, accounts and outputs out.
//!
//! ```text
//! bits ───▶ FramePipeline ──▶ FrameStage ──▶ packets, frames, accounts
//! frames ─────────────────────▲
//! packets ──────────────────────────────────▶ PacketWalk
//! ```
//!
//! Two things go on at once: a thread reads ahead, and the threads of a pool take a window apart, each from bits to packets what
//! it has in its caches. They hand on frames by turns in the order of the stream, so every file and every account is the same for
//! any number of threads and any way of reading the input.
//!
//! Memory is bounded: three windows of input, for each thread a slab of the frames of a turn, and one store per declared packet
//! channel.

mod frame_file;
mod frames;
mod ocf;
mod packets;
mod sdus;
mod security;
mod services;
mod several;

use std::time::Instant;

use ccsds_core::frame::TransferFrame;
use ccsds_core::id::Gvcid;
use ccsds_core::ledger::BitLedger;
use ccsds_core::packet::Packet;
use ccsds_core::quality::{FrameMeta, PacketMeta, ReceiveTime};
use ccsds_core::sdls::Decryptor;
use frame_sync::codec::FrameCodec;
use frame_sync::pipeline::FramePipeline;
use frame_sync::receiver::ReceivedFrame;
use frame_sync::slab::FrameSlab;
use frame_sync::slices::SliceJoiner;
use frame_sync::sync::SyncStats;
use rayon::{ThreadPool, ThreadPoolBuilder};

pub(in crate::fep) use self::frames::FrameStage;
pub use self::ocf::OcfChange;
use self::packets::PacketWalk;
pub use self::sdus::{ServiceUnit, UnitKind};
use self::several::SeveralChain;
use crate::fep::accounts::{Check, CodingAccount, Locks};
use crate::fep::failure::Failure;
use crate::fep::input::{Consumer, Input, Source};
use crate::fep::mission::{BitLink, Code, FrameLayer, Link, Mission, Slices};
use crate::fep::output::{OutputOptions, Outputs, channel_file_name};
use crate::fep::parameters::{Intake, ParameterFiles};
use crate::fep::progress::{Progress, State};
use crate::fep::record::Disposition;
use crate::fep::report::{CodingReport, InputReport, LedgerReport, Report, SlicesReport, SyncReport};

/// What `fep process` is asked to do.
#[derive(Clone, Debug, Default)]
pub struct ProcessOptions {
    /// Where the stream comes from.
    pub inputs: Vec<Input>,
    /// What to write.
    pub outputs: OutputOptions,
    /// Threads to decode with; all cores where it is not said.
    pub threads: Option<usize>,
    /// Octets after which the input is cut off.
    pub limit: Option<u64>,
    /// Map regular files instead of reading them.
    pub map: bool,
    /// Show no progress bar.
    pub quiet: bool,
}

/// Decode the inputs as `mission` says, write the outputs, and report.
///
/// # Errors
/// When the run cannot begin, or an output cannot be written whole. Accounts that do not close are no error here: the report
/// says so, and whoever runs the command decides.
pub fn run(mission: &Mission, options: &ProcessOptions) -> Result<Report, Failure> {
    let source = Source {
        inputs: options.inputs.clone(),
        map: options.map,
        limit: options.limit,
        line_code: mission.line_code(),
    };
    source.check()?;
    // Packets come without frames: there is nothing to write.
    let has_frames = mission.frames().is_some();
    let wanted = OutputOptions {
        frames: options.outputs.frames && has_frames,
        all_frames: options.outputs.all_frames && has_frames,
        ocf: options.outputs.ocf.filter(|_| has_frames),
        insert: options.outputs.insert && has_frames,
        sdus: options.outputs.sdus && has_frames,
        ..options.outputs.clone()
    };
    let mut progress = Progress::new(source.known_len(), options.quiet);
    let report = written(mission, &wanted, options.threads, |sink| {
        decode(mission, &source, options.threads, sink, &mut progress)
    })?;
    progress.finish();
    Ok(report)
}

/// Prepare the outputs, let `work` fill them, and put them in place; returns the report that `work` made, completed.
///
/// # Errors
/// When the run cannot begin, `work` fails, or an output cannot be written whole.
pub(in crate::fep) fn written(
    mission: &Mission,
    options: &OutputOptions,
    threads: Option<usize>,
    work: impl FnOnce(&mut dyn Sink) -> Result<Report, Failure>,
) -> Result<Report, Failure> {
    let mut outputs = Outputs::prepare(options, &file_names(mission))?;
    let parameters = match (options.params, &options.folder) {
        (Some(format), Some(folder)) => {
            Some(ParameterFiles::prepare(mission, format, folder.join(PARAMS), options.force)?)
        }
        _ => None,
    };
    let report = match &parameters {
        None => work(&mut outputs)?,
        Some(parameters) => {
            let started = Instant::now();
            let threads = threads.unwrap_or_else(rayon::current_num_threads);
            let (mut report, mut rows, written) =
                parameters.run(threads, |intake| work(&mut Both { outputs: &mut outputs, intake }))?;
            rows.name_channels(&gvcids(mission));
            rows.count_groups(&report);
            report.ledger.enter(&rows.check(&report));
            report.parameters = Some(rows);
            written.commit()?;
            report.set_time(started.elapsed());
            report
        }
    };
    outputs.commit(&report.to_json()?)?;
    Ok(report)
}

/// Packets go to the outputs, units of user data to the parameters.
struct Both<'a, 's> {
    outputs: &'a mut Outputs,
    intake: &'a mut Intake<'s>,
}

impl Sink for Both<'_, '_> {
    fn frame(&mut self, channel: usize, bytes: &[u8]) -> Result<(), Failure> {
        self.outputs.frame(channel, bytes)
    }

    fn any_frame(
        &mut self,
        bytes: &[u8],
        meta: &FrameMeta,
        disposition: Disposition,
        frame: Option<&TransferFrame<'_>>,
    ) -> Result<(), Failure> {
        self.outputs.any_frame(bytes, meta, disposition, frame)
    }

    fn packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        self.outputs.packet(channel, packet)
    }

    fn truncated_packet(&mut self, channel: usize, packet: &Packet<'_>) -> Result<(), Failure> {
        self.intake.take(channel, packet)
    }

    fn unit(&mut self, channel: usize, unit: Packet<'_>) -> Result<(), Failure> {
        self.intake.take(channel, &unit)
    }

    fn run(&mut self, channel: usize, octets: &[u8], len: usize, meta: PacketMeta) -> Result<(), Failure> {
        self.outputs.run(channel, octets, len, meta)?;
        self.intake.take_run(channel, octets, len, meta)
    }

    fn ocf(&mut self, change: &OcfChange) -> Result<(), Failure> {
        self.outputs.ocf(change)
    }

    fn insert_zone(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.outputs.insert_zone(octets)
    }

    fn sdu(&mut self, channel: usize, unit: &ServiceUnit<'_>) -> Result<(), Failure> {
        self.outputs.sdu(channel, unit)
    }

    fn coding(&mut self, coding: u8) {
        self.outputs.coding(coding);
    }
}

/// Decode `source` as `mission` says, hand everything to `sink`, and report.
///
/// # Errors
/// When an input cannot be read, or the sink fails.
pub fn decode(
    mission: &Mission,
    source: &Source,
    threads: Option<usize>,
    sink: &mut dyn Sink,
    progress: &mut Progress,
) -> Result<Report, Failure> {
    let decryptor = mission.frames().and_then(FrameLayer::decryptor);
    decode_through(mission, source, threads, decryptor, sink, progress)
}

/// The same, with protected frames opened by `decryptor`, which may stand for equipment elsewhere, and not by the mission file's keys.
///
/// It sees the frames in the order of the stream, whatever the number of threads.
///
/// # Errors
/// As [`decode`].
pub fn decode_through(
    mission: &Mission,
    source: &Source,
    threads: Option<usize>,
    decryptor: Option<Box<dyn Decryptor + Send>>,
    sink: &mut dyn Sink,
    progress: &mut Progress,
) -> Result<Report, Failure> {
    let started = Instant::now();
    let mut report = match &mission.link {
        Link::Bits(link) => {
            let stage = FrameStage::with_decryptor(&link.frames, decryptor, sink);
            let pool = pool(threads)?;
            if link.others.is_empty() {
                bits(link, source, stage, &pool, progress)?
            } else {
                let mut chain = SeveralChain::new(link, &pool, stage);
                let octets = source.drive(&mut chain, progress)?;
                chain.report(octets)
            }
        }
        Link::Frames(file) => {
            let stage = FrameStage::with_decryptor(&file.frames, decryptor, sink);
            frame_file::decode(file, source, stage, progress)?
        }
        Link::Packets(file) => {
            let mut walk = PacketWalk::new(*file, sink);
            let octets = source.drive(&mut walk, progress)?;
            walk.report(octets)
        }
    };
    report.mission.clone_from(&mission.name);
    report.set_time(started.elapsed());
    Ok(report)
}

/// Takes frames and packets as they come out; channels by their place in the mission file. By default everything is let go.
pub trait Sink: Send {
    /// A trusted frame of a declared channel.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn frame(&mut self, _channel: usize, _bytes: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    /// Any frame, with what is known about it; `frame` where its header may be believed and was read.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn any_frame(
        &mut self,
        _bytes: &[u8],
        _meta: &FrameMeta,
        _disposition: Disposition,
        _frame: Option<&TransferFrame<'_>>,
    ) -> Result<(), Failure> {
        Ok(())
    }

    /// A complete packet. All packets of a packet file are on channel 0.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn packet(&mut self, _channel: usize, _packet: &Packet<'_>) -> Result<(), Failure> {
        Ok(())
    }

    /// What there is of a packet that broke off.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn truncated_packet(&mut self, _channel: usize, _packet: &Packet<'_>) -> Result<(), Failure> {
        Ok(())
    }

    /// A report in an operational control field that differs from the one before.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn ocf(&mut self, _change: &OcfChange) -> Result<(), Failure> {
        Ok(())
    }

    /// The insert zone of a trusted frame.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn insert_zone(&mut self, _octets: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    /// The frames that follow have this coding, by its place in the mission file; 0 at first.
    fn coding(&mut self, _coding: u8) {}

    /// A service data unit that is no packet.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn sdu(&mut self, _channel: usize, _unit: &ServiceUnit<'_>) -> Result<(), Failure> {
        Ok(())
    }

    /// A unit of user data, with what befell it: a packet, or a group of packets joined where the mission file says so.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn unit(&mut self, _channel: usize, _unit: Packet<'_>) -> Result<(), Failure> {
        Ok(())
    }

    /// Complete packets of one process, `len` octets each, back to back; none is idle, and each is a unit of user data.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn run(&mut self, channel: usize, octets: &[u8], len: usize, meta: PacketMeta) -> Result<(), Failure> {
        for bytes in octets.chunks_exact(len.max(1)) {
            let packet = Packet { bytes, meta };
            self.packet(channel, &packet)?;
            self.unit(channel, packet)?;
        }
        Ok(())
    }
}

/// Nobody takes anything: the report is all that is wanted.
impl Sink for () {
    fn run(&mut self, _: usize, _: &[u8], _: usize, _: PacketMeta) -> Result<(), Failure> {
        Ok(())
    }
}

/// The names of the files that channels are written to.
pub(in crate::fep) fn file_names(mission: &Mission) -> Vec<String> {
    match mission.frames() {
        Some(layer) => {
            layer.channels.iter().map(|declared| channel_file_name(declared.channel.gvcid)).collect()
        }
        None => vec![PACKETS_BIN.to_owned()],
    }
}

/// The channels in the order of the mission file.
fn gvcids(mission: &Mission) -> Vec<Gvcid> {
    let channels = mission.frames().into_iter().flat_map(|layer| &layer.channels);
    channels.map(|declared| declared.channel.gvcid).collect()
}

fn pool(threads: Option<usize>) -> Result<ThreadPool, Failure> {
    // Zero stands for all cores.
    ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build().map_err(Failure::cannot_run)
}

fn bits<'a>(
    link: &'a BitLink,
    source: &Source,
    stage: FrameStage<'a>,
    pool: &'a ThreadPool,
    progress: &mut Progress,
) -> Result<Report, Failure> {
    let (randomizer, decoder) = link.randomizer_and_decoder();
    let mut chain = BitChain {
        pool,
        link,
        pipeline: FramePipeline::new(link.sync, randomizer, decoder),
        joiner: link.slices.as_ref().map(|slices| joiner(link, slices)).transpose()?,
        locks: Locks::default(),
        coding: CodingAccount::new(correctable_symbols(&link.code)),
        stage,
    };
    let octets = source.drive(&mut chain, progress)?;
    Ok(chain.report(octets))
}

/// Symbols that the code corrects in one codeword.
const fn correctable_symbols(code: &Code) -> Option<usize> {
    match code {
        Code::ReedSolomon(config) => Some(config.e().errors()),
        Code::Uncoded { .. } => None,
    }
}

/// From bits to frames, and on.
struct BitChain<'a> {
    pool: &'a ThreadPool,
    link: &'a BitLink,
    pipeline: FramePipeline<Box<dyn FrameCodec + Send + Sync>>,
    /// What finds the frames, where the blocks are slices.
    joiner: Option<Joiner>,
    locks: Locks,
    coding: CodingAccount,
    stage: FrameStage<'a>,
}

type Joiner = SliceJoiner<Box<[u8]>, Box<[u8]>>;

/// Joins the slices of a link.
fn joiner(link: &BitLink, slices: &Slices) -> Result<Joiner, Failure> {
    let window = vec![0; Joiner::window_len(&link.sync, &slices.sync)];
    let block = vec![0; slices.sync.block_bits().div_ceil(8)];
    SliceJoiner::with_storage(&link.sync, slices.sync, window.into(), block.into())
        .map_err(Failure::cannot_run)
}

impl Consumer for BitChain<'_> {
    fn window_len(&self) -> usize {
        self.link.sync.window_len()
    }

    fn feed(&mut self, window: &[u8], ended: bool) -> Result<usize, Failure> {
        let Self { pool, link, pipeline, joiner, locks, coding, stage } = self;
        // Recordings carry no time of reception.
        let received = ReceiveTime(0);
        let mut taken = Ok(());
        let take = |slab: &FrameSlab| {
            if taken.is_ok() {
                taken = take_apart(slab, link, joiner, locks, coding, stage);
            }
        };
        let spent = pool.install(|| match ended {
            true => pipeline.finish_each(window, received, take),
            false => pipeline.run_each(window, received, take),
        });
        taken?;
        if let Some(joiner) = joiner
            && ended
        {
            joiner.finish();
            take_joined(joiner, stage)?;
        }
        spent.map_err(Failure::incomplete)
    }

    fn state(&self) -> State {
        State { locked: Some(self.locks.is_locked()), items: self.stage.frames() }
    }
}

/// Enter the frames of a slab in the accounts and hand them on.
fn take_apart(
    slab: &FrameSlab,
    link: &BitLink,
    joiner: &mut Option<Joiner>,
    locks: &mut Locks,
    coding: &mut CodingAccount,
    stage: &mut FrameStage<'_>,
) -> Result<(), Failure> {
    for event in slab.events() {
        locks.record(event, &link.sync);
    }
    for frame in slab.frames() {
        coding.record(&frame.report);
        match joiner {
            Some(joiner) => join(joiner, &frame, stage)?,
            None => stage.take(frame.bytes, frame.meta)?,
        }
    }
    Ok(())
}

/// Take a slice, and the frames that it completes.
fn join(joiner: &mut Joiner, slice: &ReceivedFrame<'_>, stage: &mut FrameStage<'_>) -> Result<(), Failure> {
    while !joiner.push(slice) {
        take_joined(joiner, stage)?;
    }
    take_joined(joiner, stage)
}

fn take_joined(joiner: &mut Joiner, stage: &mut FrameStage<'_>) -> Result<(), Failure> {
    while let Some(frame) = joiner.pull() {
        stage.take(frame.bytes, frame.meta)?;
    }
    Ok(())
}

impl BitChain<'_> {
    fn report(mut self, octets: u64) -> Report {
        self.locks.close();
        let stats: SyncStats = self.pipeline.stats();
        let bits: BitLedger = stats.bits;
        let mut checks = vec![
            Check { account: "bits".to_owned(), total: 8 * octets, accounted: bits.total() },
            Check { account: "code blocks".to_owned(), total: stats.cadus, accounted: self.coding.total() },
        ];
        let slices = self.joiner.as_ref().map(SliceJoiner::stats);
        match &slices {
            Some(slices) => {
                let bits = slices.slices * self.link.sync.block_bits() as u64 + slices.filled_bits;
                let frames = self.stage.frames() + slices.cut;
                checks.extend([
                    Check { account: "slices".to_owned(), total: stats.cadus, accounted: slices.slices },
                    Check {
                        account: "bits of slices".to_owned(),
                        total: bits,
                        accounted: slices.sync.bits.total(),
                    },
                    Check {
                        account: "frames from slices".to_owned(),
                        total: slices.sync.cadus,
                        accounted: frames,
                    },
                ]);
            }
            None => checks.push(Check {
                account: "frames from CADUs".to_owned(),
                total: stats.cadus,
                accounted: self.stage.frames(),
            }),
        }
        checks.extend(self.stage.checks());
        let stage = self.stage.report();
        Report {
            input: InputReport::new(octets),
            sync: Some(SyncReport::new(&stats, &self.locks)),
            coding: Some(CodingReport::new(&self.coding)),
            slices: slices.as_ref().map(SlicesReport::new),
            ledger: LedgerReport::new(&checks).with_bits(bits),
            ..stage
        }
    }
}

/// The folder of the files of parameters.
const PARAMS: &str = "params";
/// The file that holds the packets of a packet file.
const PACKETS_BIN: &str = "packets.bin";
