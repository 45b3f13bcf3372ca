//! The frames of all stations, each once and in order, in bounded memory.
//!
//! The next frame is always taken from the station that lies furthest behind, so a frame need not be held long: it may go as soon
//! as every station has passed its count, or has ended.

use std::collections::{BTreeMap, HashMap, VecDeque};

use ccsds_core::id::Gvcid;
use ccsds_core::quality::{CodingQuality, FecfQuality, FrameMeta, FrameQuality, SyncQuality};

use super::extend::turn;
use super::report::{ChannelMerge, MergeReport, StationMerge, StationsChannel};
use super::{Batches, Left, Message, StationFrame};
use crate::fep::failure::Failure;

/// Takes the frames of the union in order.
pub(super) type Take<'a> = dyn FnMut(&StationFrame, FrameMeta) -> Result<(), Failure> + 'a;

/// All stations and what they have heard together.
#[derive(Debug)]
pub(super) struct Union {
    stations: Vec<Station>,
    channels: BTreeMap<Gvcid, Channel>,
    window: usize,
    /// Frames held in all channels.
    held: usize,
    /// Frames that came in, to tell the oldest of those held.
    arrivals: u64,
    released: u64,
    report: MergeReport,
}

#[derive(Debug)]
struct Station {
    batches: Option<Batches>,
    waiting: VecDeque<StationFrame>,
    /// What is to be added to its counts, channel by channel.
    offsets: HashMap<Gvcid, Offset>,
    /// The latest count of each channel, offset added.
    latest: HashMap<Gvcid, u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Offset {
    turns: i64,
    bits: u8,
    /// Frames in a row that are the same to the octet as those of another turn.
    doubts: u8,
    doubted: i64,
}

/// What all stations heard of a channel.
#[derive(Debug, Default)]
struct Channel {
    /// Frames that may still be bettered, by count.
    held: BTreeMap<u64, Held>,
    /// What frames are held or went by not long ago: their counts by what they hold.
    known: HashMap<u64, u64>,
    /// The same in order, to be forgotten.
    recent: VecDeque<(u64, u64)>,
    /// The last count that went by.
    passed: Option<u64>,
    stations: Vec<StationsChannel>,
    union: StationsChannel,
}

#[derive(Debug)]
struct Held {
    frame: StationFrame,
    station: usize,
    arrival: u64,
}

impl Union {
    pub(super) fn new(names: Vec<String>, window: usize) -> Self {
        let stations =
            names.into_iter().map(|name| StationMerge { name, ..StationMerge::default() }).collect();
        Self {
            stations: Vec::new(),
            channels: BTreeMap::new(),
            window: window.max(1),
            held: 0,
            arrivals: 0,
            released: 0,
            report: MergeReport { stations, ..MergeReport::default() },
        }
    }

    pub(super) fn add(&mut self, batches: Batches) {
        self.stations.push(Station {
            batches: Some(batches),
            waiting: VecDeque::new(),
            offsets: HashMap::new(),
            latest: HashMap::new(),
        });
    }

    /// Take no more frames of any station.
    pub(super) fn hang_up(&mut self) {
        for station in &mut self.stations {
            station.batches = None;
        }
    }

    /// Merge everything that comes, and let `take` have it.
    pub(super) fn run(&mut self, take: &mut Take<'_>) -> Result<(), Failure> {
        for station in 0..self.stations.len() {
            self.fill(station, self.window);
        }
        self.align();
        while let Some(station) = self.furthest_behind() {
            self.fill(station, 1);
            if let Some(frame) = self.next_of(station) {
                self.insert(station, frame);
            }
            self.release(take)?;
        }
        self.release(take)
    }

    /// Wait until `len` frames of a station are there, or it has ended.
    fn fill(&mut self, station: usize, len: usize) {
        let (Some(from), Some(report)) =
            (self.stations.get_mut(station), self.report.stations.get_mut(station))
        else {
            return;
        };
        while from.waiting.len() < len
            && let Some(batches) = &from.batches
        {
            match batches.recv() {
                Ok(Message::Frames(frames)) => from.waiting.extend(frames),
                Ok(Message::End(Left { repeats, refused, untrusted })) => {
                    (report.repeats, report.refused, report.untrusted) = (repeats, refused, untrusted);
                    from.batches = None;
                }
                Err(_) => from.batches = None,
            }
        }
    }

    /// Find out how the counts of each station lie to those of the stations before it: the same octets are the same frame.
    fn align(&mut self) {
        let mut reference: HashMap<(Gvcid, u64), u64> = HashMap::new();
        for (n, (station, report)) in self.stations.iter_mut().zip(&mut self.report.stations).enumerate() {
            let mut votes: HashMap<Gvcid, BTreeMap<i64, usize>> = HashMap::new();
            for frame in station.waiting.iter().filter(|frame| !frame.idle) {
                if let Some(&theirs) = reference.get(&(frame.gvcid, frame.fingerprint)) {
                    let turns = (theirs as i64 - frame.count as i64) / turn(frame.count_bits) as i64;
                    *votes.entry(frame.gvcid).or_default().entry(turns).or_default() += 1;
                }
            }
            report.aligned = n == 0 || !votes.is_empty();
            for frame in &station.waiting {
                let turns =
                    votes.get(&frame.gvcid).and_then(|votes| votes.iter().max_by_key(|(_, votes)| **votes));
                let turns = turns.map_or(0, |(&turns, _)| turns);
                let offset = Offset { turns, bits: frame.count_bits, ..Offset::default() };
                let offset = *station.offsets.entry(frame.gvcid).or_insert(offset);
                if !frame.idle {
                    reference.entry((frame.gvcid, frame.fingerprint)).or_insert(offset.apply(frame.count));
                }
            }
        }
    }

    /// The station to hear next: one that has said nothing yet, or else the one most counts behind on any channel.
    fn furthest_behind(&self) -> Option<usize> {
        let mut newest: HashMap<Gvcid, u64> = HashMap::new();
        for (&gvcid, &count) in self.stations.iter().flat_map(|station| &station.latest) {
            let newest = newest.entry(gvcid).or_default();
            *newest = count.max(*newest);
        }
        let lag = |station: &Station| {
            let behind =
                station.latest.iter().map(|(gvcid, count)| newest.get(gvcid).unwrap_or(count) - count);
            behind.max().map_or(u64::MAX, |behind| behind)
        };
        let speaking = self.stations.iter().enumerate().filter(|(_, station)| !station.has_ended());
        speaking.max_by_key(|(n, station)| (lag(station), std::cmp::Reverse(*n))).map(|(n, _)| n)
    }

    fn next_of(&mut self, station: usize) -> Option<StationFrame> {
        let from = self.stations.get_mut(station)?;
        let mut frame = from.waiting.pop_front()?;
        let channel = self.channels.entry(frame.gvcid).or_default();
        let bits = frame.count_bits;
        let offset = from.offsets.entry(frame.gvcid).or_insert(Offset { bits, ..Offset::default() });
        let mut count = offset.apply(frame.count);
        // A long silence can hide turns of the counter: frames that are known from another turn say so.
        match channel.known.get(&frame.fingerprint).filter(|_| !frame.idle) {
            Some(&theirs) if theirs != count && bits == 0 => count = theirs,
            Some(&theirs) if theirs != count => {
                let turns = (theirs as i64 - frame.count as i64) / turn(bits) as i64;
                offset.doubts = if turns == offset.doubted { offset.doubts + 1 } else { 1 };
                offset.doubted = turns;
                if offset.doubts >= DOUBTS {
                    (offset.turns, offset.doubts) = (turns, 0);
                    count = offset.apply(frame.count);
                }
            }
            _ => offset.doubts = 0,
        }
        frame.count = count;
        let before = from.latest.insert(frame.gvcid, count);
        let stations = self.report.stations.len();
        channel.stations.resize(stations, StationsChannel::default());
        if let Some(heard) = channel.stations.get_mut(station) {
            heard.record(before.map(|before| count.saturating_sub(before)));
        }
        Some(frame)
    }

    /// Put a frame in its place, if it is not there already in better quality.
    fn insert(&mut self, station: usize, frame: StationFrame) {
        self.arrivals += 1;
        let Some(report) = self.report.stations.get_mut(station) else { return };
        report.frames += 1;
        let channel = self.channels.entry(frame.gvcid).or_default();
        let (count, fingerprint) = (frame.count, frame.fingerprint);
        if channel.passed.is_some_and(|passed| count <= passed) {
            let known = channel.known.get(&fingerprint) == Some(&count);
            let counter = if known { &mut report.duplicates } else { &mut report.late };
            *counter += 1;
            return;
        }
        channel.learn(fingerprint, count, self.window);
        let Some(held) = channel.held.get_mut(&count) else {
            self.held += 1;
            channel.held.insert(count, Held { frame, station, arrival: self.arrivals });
            return;
        };
        if held.frame.fingerprint != fingerprint {
            self.report.conflicts += 1;
        }
        let loser = if rank(frame.meta.quality) < rank(held.frame.meta.quality) {
            let loser = held.station;
            (held.frame, held.station) = (frame, station);
            loser
        } else {
            station
        };
        if let Some(report) = self.report.stations.get_mut(loser) {
            report.duplicates += 1;
        }
    }

    /// Let go what every station has passed, and the oldest ones when there are too many.
    fn release(&mut self, take: &mut Take<'_>) -> Result<(), Failure> {
        while let Some((gvcid, count)) = self.ready() {
            let Some(channel) = self.channels.get_mut(&gvcid) else { return Ok(()) };
            let Some(held) = channel.held.remove(&count) else { return Ok(()) };
            self.held -= 1;
            channel.union.record(channel.passed.map(|passed| count - passed));
            channel.passed = Some(count);
            if let Some(report) = self.report.stations.get_mut(held.station) {
                report.used += 1;
            }
            let meta = FrameMeta { ordinal: self.released, ..held.frame.meta };
            self.released += 1;
            take(&held.frame, meta)?;
        }
        Ok(())
    }

    /// The oldest frame that may go; of each channel only the lowest count may.
    fn ready(&self) -> Option<(Gvcid, u64)> {
        let all_ended = self.stations.iter().all(Station::has_ended);
        let lowest = self.channels.iter().filter_map(|(&gvcid, channel)| {
            channel.held.first_key_value().map(|(&count, held)| (gvcid, count, held))
        });
        lowest
            .filter(|(gvcid, count, _)| {
                let passed = |station: &Station| {
                    station.has_ended() || station.latest.get(gvcid).is_some_and(|latest| latest >= count)
                };
                all_ended || self.held > self.window || self.stations.iter().all(passed)
            })
            .min_by_key(|(_, _, held)| held.arrival)
            .map(|(gvcid, count, _)| (gvcid, count))
    }

    pub(super) fn report(mut self) -> MergeReport {
        self.report.channels = self
            .channels
            .iter()
            .map(|(gvcid, channel)| ChannelMerge {
                tfvn: gvcid.tfvn.get(),
                scid: gvcid.scid.get(),
                vcid: gvcid.vcid.get(),
                stations: channel.stations.clone(),
                union: channel.union,
            })
            .collect();
        self.report
    }
}

impl Station {
    fn has_ended(&self) -> bool {
        self.batches.is_none() && self.waiting.is_empty()
    }
}

impl Offset {
    fn apply(&self, count: u64) -> u64 {
        count.saturating_add_signed(self.turns * turn(self.bits) as i64)
    }
}

impl Channel {
    /// Remember what a frame holds, and forget what is long ago.
    fn learn(&mut self, fingerprint: u64, count: u64, window: usize) {
        self.known.insert(fingerprint, count);
        self.recent.push_back((fingerprint, count));
        if self.recent.len() > 2 * window
            && let Some((fingerprint, count)) = self.recent.pop_front()
            && self.known.get(&fingerprint) == Some(&count)
        {
            self.known.remove(&fingerprint);
        }
    }
}

/// How well a frame was received; the least is the best.
fn rank(quality: FrameQuality) -> (u8, u8, u16, u8, u8) {
    let fecf = match quality.fecf {
        FecfQuality::Valid => 0,
        FecfQuality::Unchecked => 1,
        FecfQuality::Invalid => 2,
    };
    let (coding, symbols) = match quality.coding {
        CodingQuality::Clean => (0, 0),
        CodingQuality::Corrected { symbols } => (1, symbols),
        CodingQuality::Unchecked => (2, 0),
        CodingQuality::Uncorrectable { codewords } => (3, codewords.into()),
    };
    let sync = match quality.sync {
        SyncQuality::Locked => 0,
        SyncQuality::Flywheel => 1,
        SyncQuality::Unverified => 2,
    };
    (fecf, coding, symbols, sync, quality.asm_errors)
}

/// Frames in a row that must contradict an alignment before it is given up.
const DOUBTS: u8 = 3;
