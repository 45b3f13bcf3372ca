//! `fep merge`: recordings of one pass from two or more stations, the best of each frame.
//!
//! ```text
//! recording A ── process ──▶ Extender ─┐
//! recording B ── process ──▶ Extender ─┼─▶ Union ──▶ FrameStage ──▶ packets, frames, accounts
//! recording C ── process ──▶ Extender ─┘
//! ```
//!
//! Every recording is decoded on a thread of its own. Frame counts are extended over their wraps, station by station; frames that
//! are the same to the octet tell how the extended counts of two stations lie to each other. Then each frame is taken once, from
//! the station that received it best. Only frames that can be trusted take part: of a frame that no station received well
//! nothing is made up.
//!
//! Where a stream has several codings, each frame keeps the one that it had at the station it is taken from. Protected frames are
//! opened twice: at each station, where they are in the order of the link, forged ones and those sent again are told; in the union
//! they are opened to be read. How far a number may be ahead is not asked of a station: what one of them lost another may have.
//!
//! Memory is bounded by [`MergeOptions::window`] frames for each station and as many for the union. Stations whose recordings
//! begin further apart than that can still be merged where the frame count is wide (AOS, most USLP); with the eight bits of TM
//! they cannot be aligned, and the report says so.

mod extend;
mod report;
mod union;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use ccsds_core::frame::TransferFrame;
use ccsds_core::id::Gvcid;
use ccsds_core::quality::FrameMeta;

pub use self::report::{ChannelMerge, MergeReport, StationMerge, StationsChannel};

use self::extend::Extender;
use self::union::Union;
use crate::fep::failure::Failure;
use crate::fep::input::{Input, Source};
use crate::fep::mission::{Link, Mission};
use crate::fep::output::{OutputOptions, WholeFile};
use crate::fep::process::{self, FrameStage, Sink};
use crate::fep::progress::Progress;
use crate::fep::record::Disposition;
use crate::fep::report::{InputReport, LedgerReport, Report};

/// What `fep merge` is asked to do.
#[derive(Clone, Debug)]
pub struct MergeOptions {
    /// One recording from each station.
    pub inputs: Vec<PathBuf>,
    /// What to write.
    pub outputs: OutputOptions,
    /// Threads to decode each recording with; all cores where it is not said.
    pub threads: Option<usize>,
    /// Frames of each station that are held until the others catch up.
    pub window: usize,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The accounts of the union, from the frames up, as `process` reports them.
    pub report: Report,
    /// Who contributed what.
    pub merge: MergeReport,
}

/// Merge the recordings, write the outputs and `merge.json`, and report.
///
/// # Errors
/// When a recording cannot be read, or an output cannot be written whole.
pub fn run(mission: &Mission, options: &MergeOptions) -> Result<Merged, Failure> {
    let Some(layer) = mission.frames() else {
        return Err(Failure::cannot_run(
            "packets without frames cannot be merged: kind must be \"bits\" or \"frames\"",
        ));
    };
    let sources: Vec<Source> = options
        .inputs
        .iter()
        .map(|path| Source {
            inputs: vec![Input::File(path.clone())],
            line_code: mission.line_code(),
            ..Source::default()
        })
        .collect();
    for source in &sources {
        source.check()?;
    }
    let beside = options.outputs.folder.as_ref().map(|folder| folder.join(MERGE_REPORT));
    if let Some(path) = beside.as_ref().filter(|path| path.exists() && !options.outputs.force) {
        let what =
            format!("{} is there already: choose another --out, or replace it with --force", path.display());
        return Err(Failure::cannot_run(what));
    }
    let started = Instant::now();
    let names = options.inputs.iter().map(|path| path.display().to_string()).collect();
    let mut union = Union::new(names, options.window);
    let report = process::written(mission, &options.outputs, options.threads, |sink| {
        // Its frames are in the order of each channel, and each is there once.
        let mut stage = FrameStage::with_decryptor(layer, layer.decryptor_with_window(0), sink);
        let octets = union_of(mission, &sources, options.threads, &mut union, &mut stage)?;
        let mut report = Report {
            mission: mission.name.clone(),
            input: InputReport::new(octets),
            ledger: LedgerReport::new(&stage.checks()),
            ..stage.report()
        };
        report.set_time(started.elapsed());
        Ok(report)
    })?;
    let merge = union.report();
    if let Some(path) = beside {
        let mut file = WholeFile::new(path)?;
        file.append((serde_json::to_string_pretty(&merge).map_err(Failure::incomplete)? + "\n").as_bytes())?;
        file.commit(options.outputs.force)?;
    }
    Ok(Merged { report, merge })
}

/// Decode every recording on threads of its own, and hand the best copy of each frame to `stage`; returns the octets read.
fn union_of(
    mission: &Mission,
    sources: &[Source],
    threads: Option<usize>,
    union: &mut Union,
    stage: &mut FrameStage<'_>,
) -> Result<u64, Failure> {
    thread::scope(|scope| {
        let workers: Vec<_> = sources
            .iter()
            .map(|source| {
                let (sender, receiver) = sync_channel(BATCHES);
                let worker = scope.spawn(move || decode(mission, source, threads, sender));
                union.add(receiver);
                worker
            })
            .collect();
        let merged = union.run(&mut |frame, meta| {
            stage.coding(frame.coding);
            stage.take(&frame.octets, meta)
        });
        // Whoever still wants to send finds nobody there, and stops.
        union.hang_up();
        let mut octets = 0;
        for worker in workers {
            let failed = || Failure::incomplete("internal error: a thread that decodes stopped");
            octets += worker.join().map_err(|_| failed())??;
        }
        merged.map(|()| octets)
    })
}

/// A trusted frame of one station.
#[derive(Clone, Debug)]
struct StationFrame {
    octets: Vec<u8>,
    meta: FrameMeta,
    /// Which coding it had, by its place in the mission file.
    coding: u8,
    gvcid: Gvcid,
    /// Its count over all turns of the counter, on the station's own scale.
    count: u64,
    /// Bits of the count in the frame.
    count_bits: u8,
    /// Whether it holds only idle data: those may repeat to the octet, one turn of the counter later.
    idle: bool,
    /// What the octets are, in short.
    fingerprint: u64,
}

/// What a station's thread hands on.
enum Message {
    Frames(Vec<StationFrame>),
    /// Nothing more comes.
    End(Left),
}

/// Frames of a station that take no part.
#[derive(Clone, Copy, Debug, Default)]
struct Left {
    /// Trusted frames that were sent twice.
    repeats: u64,
    /// Frames whose protection says that they are forged, or sent again.
    refused: u64,
    /// Frames that cannot be trusted.
    untrusted: u64,
}

/// Decode one recording and send its frames; returns its length in octets.
fn decode(
    mission: &Mission,
    source: &Source,
    threads: Option<usize>,
    sender: SyncSender<Message>,
) -> Result<u64, Failure> {
    let cadu_bits = match &mission.link {
        Link::Bits(link) => {
            let others = link.others.iter().map(|other| other.sync.parameters().cadu_bits as u64);
            [link.bits_per_frame()].into_iter().chain(others).collect()
        }
        Link::Frames(_) | Link::Packets(_) => Vec::new(),
    };
    let decryptor = mission.frames().and_then(|layer| layer.decryptor_with_window(u64::MAX));
    let mut station = Station {
        extender: Extender::default(),
        cadu_bits,
        coding: 0,
        batch: Vec::new(),
        sender,
        left: Left::default(),
    };
    let report =
        process::decode_through(mission, source, threads, decryptor, &mut station, &mut Progress::silent());
    station.send();
    let Station { sender, left, .. } = station;
    let _ = sender.send(Message::End(left));
    Ok(report?.input.octets)
}

/// Takes the frames of one recording, on its thread.
struct Station {
    extender: Extender,
    /// Bits from one frame to the next, for each coding; none where the recording tells no time.
    cadu_bits: Vec<u64>,
    /// Which coding the frames have.
    coding: u8,
    batch: Vec<StationFrame>,
    sender: SyncSender<Message>,
    left: Left,
}

impl Station {
    fn send(&mut self) {
        // Nobody listens any more when the merge has failed; the thread then comes to its end soon.
        let _ = self.sender.send(Message::Frames(std::mem::take(&mut self.batch)));
    }
}

impl Sink for Station {
    fn any_frame(
        &mut self,
        bytes: &[u8],
        meta: &FrameMeta,
        disposition: Disposition,
        frame: Option<&TransferFrame<'_>>,
    ) -> Result<(), Failure> {
        let Some(frame) = frame else {
            match disposition {
                Disposition::Refused => self.left.refused += 1,
                _ => self.left.untrusted += 1,
            }
            return Ok(());
        };
        let fingerprint = fingerprint(bytes);
        let (gvcid, count) = (frame.gvcid(), frame.vc_frame_count());
        let idle = frame.is_only_idle_data();
        let place = self.cadu_bits.get(usize::from(self.coding)).map(|&bits| (meta.stream_bit, bits));
        let Some(extended) = self.extender.extend(gvcid, count, place, fingerprint, idle) else {
            self.left.repeats += 1;
            return Ok(());
        };
        self.batch.push(StationFrame {
            octets: bytes.to_vec(),
            meta: *meta,
            coding: self.coding,
            gvcid,
            count: extended,
            count_bits: count.bits(),
            idle,
            fingerprint,
        });
        if self.batch.len() >= BATCH {
            self.send();
        }
        Ok(())
    }

    fn coding(&mut self, coding: u8) {
        self.coding = coding;
    }
}

/// A number that is the same for the same octets and hardly ever for others.
fn fingerprint(octets: &[u8]) -> u64 {
    let (words, rest) = octets.as_chunks::<8>();
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517C_C1B7_2722_0A95);
    let hash = words.iter().fold(octets.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    rest.iter().fold(hash, |hash, &octet| mix(hash, octet.into()))
}

type Batches = Receiver<Message>;

/// Frames sent at a time.
const BATCH: usize = 64;
/// Batches that wait, for each station.
const BATCHES: usize = 4;
const MERGE_REPORT: &str = "merge.json";
