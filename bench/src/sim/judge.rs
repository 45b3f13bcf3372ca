//! From what was done to the bits to what a receiver can make of them.
//!
//! The judge knows where each CADU went and what it should have been; it compares the recording with that and never searches,
//! decodes or parses. Where a receiver is free to choose (a damaged marker next to a loss of alignment, say), the fate is
//! [`Fate::May`].
//!
//! Its rules of synchronization: a marker where the one before predicts it counts with up to `lock_errors` errors, in either
//! polarity, or up to `slip` bits off. Up to `flywheel` + 1 damaged markers in a row cost nothing if the next is in place. A
//! CADU anywhere else must be found when its marker has no more than `search_errors` errors and one of the next two confirms it.

use std::collections::VecDeque;

use ccsds_core::fecf::{self, Fecf};
use ccsds_core::vc::Continuity;
use frame_sync::line::LineCode;

use super::channel::{Arrival, CaduLayout, Recorder};
use super::coder::Coder;
use super::frames::SentFrame;
use super::link::{LinkSpec, Tolerance};
use super::packets::{PacketLog, SentPacket};
use super::truth::{CaduTruth, ChannelTruth, Fate, MAX_CODEWORDS, PacketTruth, Truth};

/// Watches a downlink and says what must come out of it.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    rules: Rules,
    /// CADUs and dropped frames whose fate is open, in order.
    open: VecDeque<Entry>,
    /// How many of them have been compared with the recording.
    compared: usize,
    /// Where the receiver expects the next marker, if that is certain.
    lock: Option<Lock>,
    channels: Vec<ChannelJudge>,
    truth: Truth,
    /// Whether to keep every packet and CADU.
    keep: bool,
}

#[derive(Clone, Debug)]
struct Rules {
    layout: CaduLayout,
    coder: Coder,
    frame_len: usize,
    /// Symbol errors that a codeword survives; `None` without a code.
    correctable: Option<u16>,
    fecf: Fecf,
    line_code: LineCode,
    tolerance: Tolerance,
}

/// A frame on the air, or one that was dropped.
#[derive(Clone, Debug)]
struct Entry {
    sent: SentFrame,
    /// Whether no other copy follows.
    last_copy: bool,
    /// `None` for a dropped frame.
    cadu: Option<Cadu>,
}

#[derive(Clone, Debug)]
struct Cadu {
    /// Place of the first bit behind the marker.
    block_bit: Option<u64>,
    inverted: bool,
    /// What was sent, while it is to be compared.
    clean: Option<Vec<u8>>,
    marker_errors: u32,
    symbol_errors: [u16; MAX_CODEWORDS],
    damage: Damage,
    /// Whether the recording ends before the CADU does.
    cut: bool,
}

/// What the damage to a block amounts to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Damage {
    /// More than the code corrects, and it shows.
    Beyond,
    /// More than the code corrects; the frame itself may yet be right.
    Doubtful,
    /// None, or the code corrects it.
    None,
    /// The frame is wrong, and nothing shows it.
    Unseen,
}

/// How sure it is that a receiver finds a CADU.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Located {
    /// Its place follows from its neighbours.
    ByNeighbours,
    /// Its marker is recognised.
    Marked,
    /// It depends.
    Unsure,
}

#[derive(Clone, Copy, Debug)]
struct Lock {
    next: u64,
    inverted: bool,
    misses: u8,
}

impl Judge {
    pub(super) fn new(spec: &LinkSpec, coder: Coder, keep: bool) -> Self {
        let channels: Vec<_> =
            spec.declared_channels().into_iter().map(|channel| ChannelTruth::new(channel.gvcid)).collect();
        let (packet_channels, count_bits) = (spec.channels.len(), spec.frames.count_bits());
        Self {
            rules: Rules {
                layout: Coder::layout(spec),
                coder,
                frame_len: spec.frames.len,
                correctable: spec.coding.map(|code| code.e().errors() as u16),
                fecf: spec.frames.fecf,
                line_code: spec.line_code,
                tolerance: spec.tolerance,
            },
            open: VecDeque::new(),
            compared: 0,
            lock: None,
            channels: (0..channels.len())
                .map(|index| ChannelJudge::new(Counter { bits: count_bits, idle: index >= packet_channels }))
                .collect(),
            truth: Truth { channels, ..Truth::default() },
            keep,
        }
    }

    /// A frame was made, and so many copies of it will be sent.
    pub(super) fn made(&mut self, sent: SentFrame, copies: usize, log: &PacketLog) {
        self.log(sent.channel, log);
        if let Some(channel) = self.truth.channels.get_mut(sent.channel) {
            channel.frames.sent += 1;
            channel.frames.dropped += u64::from(copies == 0);
            channel.frames.repeated += copies.saturating_sub(1) as u64;
        }
        if copies == 0 {
            self.open.push_back(Entry { sent, last_copy: true, cadu: None });
        }
    }

    /// Packets of a channel are complete, or never will be.
    pub(super) fn log(&mut self, channel: usize, log: &PacketLog) {
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.waiting.extend(&log.packets);
        }
        if let Some(truth) = self.truth.channels.get_mut(channel)
            && self.keep
        {
            let mut start = truth.octets.len();
            for packet in &log.packets {
                truth.starts.push(start);
                start += packet.len;
            }
            truth.octets.extend_from_slice(&log.octets);
        }
    }

    /// A CADU was sent.
    pub(super) fn aired(&mut self, sent: SentFrame, last_copy: bool, cadu: &[u8], arrival: Arrival) {
        let cadu = Cadu {
            block_bit: arrival.block_bit,
            inverted: arrival.inverted,
            clean: arrival.touched.then(|| cadu.to_vec()),
            marker_errors: 0,
            symbol_errors: [0; MAX_CODEWORDS],
            damage: Damage::None,
            cut: false,
        };
        self.open.push_back(Entry { sent, last_copy, cadu: Some(cadu) });
    }

    /// Look at what the recording holds by now.
    pub(super) fn watch(&mut self, recorder: &Recorder) {
        while let Some(entry) = self.open.get_mut(self.compared) {
            if let Some(cadu) = &mut entry.cadu
                && !self.rules.compare(cadu, recorder, false)
            {
                break;
            }
            self.compared += 1;
        }
    }

    /// Settle what the end of the recording cannot change any more, unless everything is kept for the end.
    pub(super) fn settle_early(&mut self) {
        let ahead = usize::from(self.rules.tolerance.flywheel) + 3;
        while !self.keep && self.open.iter().take(self.compared).filter(|entry| entry.cadu.is_some()).count() > ahead {
            self.settle();
        }
    }

    /// The first bit of the recording that may still be looked at.
    pub(super) fn needed_from(&self, recorder: &Recorder) -> u64 {
        let first = self.open.iter().skip(self.compared).find_map(|entry| entry.cadu.as_ref()?.block_bit);
        let marker_bits = self.rules.layout.marker_len as u64 * 8;
        first.unwrap_or(recorder.bits()).min(recorder.bits()).saturating_sub(marker_bits + 1)
    }

    /// The recording ends at bit `end`, and was completed to an octet with zeros.
    pub(super) fn finish(mut self, recorder: &Recorder, end: u64) -> Truth {
        for entry in &mut self.open {
            let Some(cadu) = &mut entry.cadu else { continue };
            self.rules.compare(cadu, recorder, true);
            let Some(block_bit) = cadu.block_bit else { continue };
            let block_end = block_bit + self.rules.layout.block_len as u64 * 8;
            cadu.cut = block_end > end.next_multiple_of(8);
            if block_bit > end {
                cadu.block_bit = None;
            } else if !cadu.cut && block_end > end {
                cadu.damage = Damage::Doubtful;
            }
        }
        self.compared = self.open.len();
        while !self.open.is_empty() {
            self.settle();
        }
        for (channel, truth) in self.channels.iter_mut().zip(&mut self.truth.channels) {
            channel.settle_packets(truth, self.keep, true);
        }
        self.truth
    }

    /// Decide on the oldest open entry.
    fn settle(&mut self) {
        let located = self.locate();
        let Some(entry) = self.open.pop_front() else { return };
        self.compared = self.compared.saturating_sub(1);
        let Entry { sent, last_copy, cadu } = entry;
        let Some(cadu) = cadu else {
            self.finish_frame(sent, Fate::Lost);
            return;
        };
        let (fate, unseen) = self.rules.fate(&cadu, located);
        if unseen {
            self.truth.unseen_damage += 1;
            for channel in &mut self.channels {
                channel.disturbed = true;
            }
        }
        self.enter_cadu(sent, &cadu, fate);
        if let (Some(channel), Some(truth)) = (self.channels.get_mut(sent.channel), self.truth.channels.get_mut(sent.channel)) {
            channel.enter_copy(sent, fate, unseen, truth);
            if last_copy {
                let fate = channel.best_copy.take().unwrap_or(Fate::Lost);
                self.finish_frame(sent, fate);
            }
        }
    }

    fn finish_frame(&mut self, sent: SentFrame, fate: Fate) {
        let channel = self.channels.get_mut(sent.channel);
        if let (Some(channel), Some(truth)) = (channel, self.truth.channels.get_mut(sent.channel)) {
            channel.finish_frame(sent, fate, truth);
            channel.settle_packets(truth, self.keep, false);
        }
    }

    fn enter_cadu(&mut self, sent: SentFrame, cadu: &Cadu, fate: Fate) {
        let Rules { layout, correctable, .. } = &self.rules;
        if correctable.is_some() && !cadu.cut && cadu.block_bit.is_some() {
            for &errors in cadu.symbol_errors.iter().take(layout.interleave) {
                let errors = usize::from(errors);
                if self.truth.codeword_errors.len() <= errors {
                    self.truth.codeword_errors.resize(errors + 1, 0);
                }
                if let Some(codewords) = self.truth.codeword_errors.get_mut(errors) {
                    *codewords += 1;
                }
            }
        }
        if self.keep {
            self.truth.cadus.push(CaduTruth {
                channel: sent.channel,
                number: sent.number,
                stream_bit: self.rules.marker_at(cadu),
                inverted: cadu.inverted,
                marker_errors: cadu.marker_errors,
                symbol_errors: cadu.symbol_errors,
                fate,
            });
        }
    }

    /// How the oldest entry is found, given those that follow; moves the lock.
    fn locate(&mut self) -> Located {
        let rules = &self.rules;
        let mut marks = self.open.iter().filter_map(|entry| entry.cadu.as_ref()).map(|cadu| rules.mark(cadu));
        if self.open.front().is_none_or(|entry| entry.cadu.is_none()) {
            return Located::Unsure;
        }
        // A CADU without a place leaves the receiver where it expects the next.
        let Some(Some(mark)) = marks.next() else { return Located::Unsure };
        let Tolerance { search_errors, lock_errors, flywheel, slip } = rules.tolerance;
        let cadu_bits = rules.layout.bits as u64;
        let good = |mark: &Mark| mark.errors <= lock_errors.into();
        // Markers that follow without a break, up to where one is recognised.
        let (mut missed, mut expected, mut confirmed_behind) = (0, mark.at + cadu_bits, None);
        for following in marks.flatten() {
            if following.at != expected || following.inverted != mark.inverted {
                break;
            }
            if good(&following) {
                confirmed_behind = Some(missed);
                break;
            }
            missed += 1;
            expected += cadu_bits;
        }
        let misses = self.lock.map_or(0, |lock| lock.misses);
        let (located, misses) = match self.lock {
            Some(Lock { next, .. }) if good(&mark) && mark.at == next => (Located::Marked, 0),
            Some(Lock { next, inverted, .. })
                if good(&mark) && mark.inverted == inverted && mark.at.abs_diff(next) <= slip.into() =>
            {
                (Located::Marked, 0)
            }
            Some(Lock { next, inverted, .. })
                if mark.at == next
                    && mark.inverted == inverted
                    // Otherwise it looks like a marker of the other polarity.
                    && mark.errors + u32::from(lock_errors) < rules.layout.marker_len as u32 * 8
                    && confirmed_behind.is_some_and(|missed| misses + missed <= flywheel) =>
            {
                (Located::ByNeighbours, misses + 1)
            }
            _ if mark.errors <= search_errors.into() && confirmed_behind.is_some_and(|missed| missed <= flywheel.min(1)) => {
                (Located::Marked, 0)
            }
            _ => {
                self.lock = None;
                return Located::Unsure;
            }
        };
        self.lock = Some(Lock { next: mark.at + cadu_bits, inverted: mark.inverted, misses });
        located
    }
}

/// A marker as it arrived.
#[derive(Clone, Copy, Debug)]
struct Mark {
    at: u64,
    inverted: bool,
    errors: u32,
}

impl Rules {
    fn marker_at(&self, cadu: &Cadu) -> Option<u64> {
        cadu.block_bit?.checked_sub(self.layout.marker_len as u64 * 8)
    }

    fn mark(&self, cadu: &Cadu) -> Option<Mark> {
        self.marker_at(cadu).map(|at| Mark { at, inverted: cadu.inverted, errors: cadu.marker_errors })
    }

    /// The fate of one CADU, and whether a receiver may take it for what it is not.
    fn fate(&self, cadu: &Cadu, located: Located) -> (Fate, bool) {
        let guarded = self.correctable.is_some() || !self.fecf.is_empty();
        match (cadu.damage, located) {
            _ if cadu.cut || self.marker_at(cadu).is_none() => (Fate::Lost, false),
            (Damage::Unseen, _) => (Fate::May, true),
            (Damage::None, Located::Marked) => (Fate::Must, false),
            (Damage::None, Located::ByNeighbours) if guarded => (Fate::Must, false),
            (Damage::Beyond, _) if guarded => (Fate::Lost, false),
            _ => (Fate::May, !guarded),
        }
    }

    /// Compare a CADU with the recording; `false` when it is not all there yet.
    fn compare(&self, cadu: &mut Cadu, recorder: &Recorder, ended: bool) -> bool {
        let (Some(clean), Some(block_bit)) = (&cadu.clean, cadu.block_bit) else {
            cadu.clean = None;
            return true;
        };
        let CaduLayout { marker_len, block_len, .. } = self.layout;
        if block_bit + block_len as u64 * 8 > recorder.whole_bits() && !ended {
            return false;
        }
        let marker_bits = marker_len as u64 * 8;
        let mut wrong = clean.get(..marker_len + block_len).unwrap_or_default().to_vec();
        // Bits of a marker ahead of the recording count as zeros; such a CADU is lost anyway.
        let ahead = marker_bits.saturating_sub(block_bit);
        let octets = wrong.chunks_mut(8).zip((0..).step_by(64));
        for (chunk, offset) in octets {
            let word = match (block_bit + offset).checked_sub(marker_bits) {
                Some(bit) => self.received(recorder, bit),
                None => self.received(recorder, 0).checked_shr((ahead - offset) as u32).unwrap_or(0),
            };
            for (octet, received) in chunk.iter_mut().zip(word.to_be_bytes()) {
                *octet ^= received;
            }
        }
        let (marker, block) = wrong.split_at_mut_checked(marker_len).unwrap_or_default();
        if cadu.inverted {
            for octet in marker.iter_mut().chain(block.iter_mut()) {
                *octet = !*octet;
            }
        }
        cadu.marker_errors = marker.iter().map(|octet| octet.count_ones()).sum();
        let sent = clean.get(marker_len..).unwrap_or_default();
        (cadu.symbol_errors, cadu.damage) = self.assess(block, sent);
        cadu.clean = None;
        true
    }

    /// Sixty-four bits of the recording, line code undone.
    fn received(&self, recorder: &Recorder, bit: u64) -> u64 {
        let levels = recorder.word(bit);
        let before = match bit.checked_sub(1) {
            Some(before) => recorder.word(before),
            None => levels >> 1,
        };
        match self.line_code {
            LineCode::NrzL => levels,
            LineCode::NrzM => levels ^ before,
            LineCode::NrzS => !(levels ^ before),
        }
    }

    /// What it means that `wrong` was added to the block `sent`.
    fn assess(&self, wrong: &mut [u8], sent: &[u8]) -> ([u16; MAX_CODEWORDS], Damage) {
        let interleave = self.layout.interleave;
        let mut symbol_errors = [0u16; MAX_CODEWORDS];
        for (position, _) in wrong.iter().enumerate().filter(|(_, wrong)| **wrong != 0) {
            if let Some(errors) = symbol_errors.get_mut(position % interleave) {
                *errors += 1;
            }
        }
        let correctable = self.correctable.unwrap_or(0);
        let beyond = symbol_errors.map(|errors| errors > correctable);
        if !beyond.contains(&true) {
            return (symbol_errors, Damage::None);
        }
        // Codewords within the code are corrected; what is left is in the others.
        for (position, octet) in wrong.iter_mut().enumerate() {
            if !beyond.get(position % interleave).copied().unwrap_or(false) {
                *octet = 0;
            }
        }
        let (frame, _) = wrong.split_at_mut_checked(self.frame_len).unwrap_or_default();
        let intact = frame.iter().all(|octet| *octet == 0);
        for (octet, sent) in frame.iter_mut().zip(sent) {
            *octet ^= sent;
        }
        self.coder.derandomize(frame);
        let valid = match self.fecf {
            Fecf::Absent => None,
            Fecf::Crc16 => frame.split_last_chunk().map(|(body, check)| fecf::crc16(body) == u16::from_be_bytes(*check)),
            Fecf::Crc32 => frame.split_last_chunk().map(|(body, check)| fecf::crc32(body) == u32::from_be_bytes(*check)),
        };
        let damage = match valid {
            Some(true) if intact => Damage::Doubtful,
            Some(true) => Damage::Unseen,
            Some(false) => Damage::Beyond,
            None if self.correctable.is_some() => Damage::Beyond,
            None => Damage::Unseen,
        };
        (symbol_errors, damage)
    }
}

/// The frames and packets of one channel on their way to judgement.
#[derive(Clone, Debug)]
struct ChannelJudge {
    counter: Counter,
    /// Count and number of the frame that was surely received last.
    latest: Option<(u64, u64)>,
    /// The best fate among the copies of the present frame.
    best_copy: Option<Fate>,
    /// Whether something that is not what it seems may have come in since the last frame.
    disturbed: bool,
    /// Frames in a row that were not surely received.
    missing: u64,
    /// Fates of frames from number `first_fate` on.
    fates: VecDeque<FrameFate>,
    first_fate: u64,
    waiting: VecDeque<SentPacket>,
}

#[derive(Clone, Copy, Debug)]
struct FrameFate {
    fate: Fate,
    idle: bool,
    /// Whether a packet that is being put together may break off ahead of this frame.
    disturbed: bool,
}

impl ChannelJudge {
    const fn new(counter: Counter) -> Self {
        Self {
            counter,
            latest: None,
            best_copy: None,
            disturbed: false,
            missing: 0,
            fates: VecDeque::new(),
            first_fate: 0,
            waiting: VecDeque::new(),
        }
    }

    fn enter_copy(&mut self, sent: SentFrame, fate: Fate, unseen: bool, truth: &mut ChannelTruth) {
        self.best_copy = match self.best_copy {
            // A copy that is not what it seems spoils the other.
            _ if unseen => Some(Fate::May),
            Some(Fate::May) if fate == Fate::Must && self.disturbed => Some(Fate::May),
            before => before.max(Some(fate)),
        };
        match fate {
            Fate::Must => {
                truth.counts.record(self.counter.step(self.latest, sent));
                self.latest = Some((sent.count, sent.number));
            }
            Fate::May => truth.counts_are_exact = false,
            Fate::Lost => {}
        }
        truth.counts_are_exact &= !self.disturbed;
    }

    fn finish_frame(&mut self, sent: SentFrame, fate: Fate, truth: &mut ChannelTruth) {
        truth.frames.fates.enter(fate);
        self.fates.push_back(FrameFate { fate, idle: sent.idle, disturbed: self.disturbed });
        self.disturbed = false;
        if fate != Fate::Lost {
            // So many may be missing that the count came round.
            truth.unseen_gaps += u64::from(self.counter.turn().is_some_and(|turn| self.missing >= turn));
        }
        self.missing = if fate == Fate::Must { 0 } else { self.missing + 1 };
    }

    /// Decide on the packets whose frames are all decided.
    fn settle_packets(&mut self, truth: &mut ChannelTruth, keep: bool, ended: bool) {
        let decided = self.first_fate + self.fates.len() as u64;
        while let Some(&sent) = self.waiting.front() {
            if sent.last_frame >= decided && !ended {
                break;
            }
            self.waiting.pop_front();
            let fate = self.packet_fate(sent);
            let totals = if sent.kind.is_idle() { &mut truth.idle_fates } else { &mut truth.packet_fates };
            totals.enter(fate);
            if keep || fate != Fate::Must {
                truth.packets.push(PacketTruth { sent, fate });
            }
            // No later packet begins in an earlier frame.
            while self.first_fate < sent.last_frame && self.fates.pop_front().is_some() {
                self.first_fate += 1;
            }
        }
    }

    fn packet_fate(&self, sent: SentPacket) -> Fate {
        if sent.last_frame == SentPacket::NEVER {
            return Fate::Lost;
        }
        let skipped = sent.first_frame.saturating_sub(self.first_fate) as usize;
        let touched = (sent.last_frame - sent.first_frame + 1) as usize;
        let mut worst = Fate::Must;
        for (index, frame) in self.fates.iter().skip(skipped).take(touched).enumerate() {
            let fate = match frame.fate {
                // None of its octets are lost, but a receiver cannot know.
                Fate::Lost if frame.idle => Fate::May,
                fate => fate,
            };
            let seam = if frame.disturbed && index > 0 { Fate::May } else { Fate::Must };
            worst = worst.min(fate).min(seam);
        }
        worst
    }
}

/// The frame count of a channel, as the books have it and as a receiver keeps its account.
#[derive(Clone, Copy, Debug)]
struct Counter {
    bits: u8,
    /// Whether the channel carries only idle data.
    idle: bool,
}

impl Counter {
    /// Frames until the count comes round.
    fn turn(self) -> Option<u64> {
        1u64.checked_shl(self.bits.into())
    }

    /// What the count of `sent` says after that of the frame before.
    fn step(self, before: Option<(u64, u64)>, sent: SentFrame) -> Continuity {
        let Some((count, number)) = before else { return Continuity::First };
        let (Some(turn), 1..) = (self.turn(), self.bits) else { return Continuity::Next };
        let steps = (sent.count + turn - count) % turn;
        let wide = self.bits >= 16;
        match steps {
            0 if number == sent.number || self.idle => Continuity::Repeat,
            0 if wide => Continuity::Restart,
            0 => Continuity::Gap { missing: turn - 1 },
            1 => Continuity::Next,
            _ if wide && steps > turn / 2 - 1 => Continuity::Restart,
            _ => Continuity::Gap { missing: steps - 1 },
        }
    }
}
