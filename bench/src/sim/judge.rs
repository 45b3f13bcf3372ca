//! From what was done to the bits to what a receiver can make of them.
//!
//! The judge knows where each CADU went and what it should have been; it compares the recording with that and never searches,
//! decodes or parses. Where a receiver is free to choose (a damaged marker next to a loss of alignment, say), the fate is
//! [`Fate::May`].
//!
//! Its rules of synchronization: a marker where the one before predicts it counts with up to `lock_errors` errors, in either
//! polarity, or up to `slip` bits off. Up to `flywheel` + 1 damaged markers in a row cost nothing if the next is in place. A
//! CADU anywhere else must be found when its marker has no more than `search_errors` errors and one of the next two confirms it.

mod channel;

use std::collections::VecDeque;

use ccsds_core::fecf::{self, Fecf};
use frame_sync::line::LineCode;

use self::channel::{ChannelJudge, Counter};
use super::channel::{Arrival, CaduLayout, Recorder};
use super::coder::Coder;
use super::frames::SentFrame;
use super::link::{LinkSpec, Tolerance};
use super::packets::PacketLog;
use super::security::Followed;
use super::truth::{CaduTruth, ChannelTruth, Fate, MAX_CODEWORDS, Truth};

/// Watches a downlink and says what must come out of it.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    rules: Rules,
    /// CADUs and dropped frames whose fate is open, in order.
    open: VecDeque<Entry>,
    /// How many of them have been compared with the recording, and how many of those are CADUs.
    compared: usize,
    compared_cadus: usize,
    /// Where the receiver expects the next marker, if that is certain.
    lock: Option<Lock>,
    channels: Vec<ChannelJudge>,
    /// Numbers of protected frames, one for each protection.
    followed: Vec<Followed>,
    truth: Truth,
    /// Whether to keep every packet and CADU.
    keep: bool,
}

#[derive(Clone, Debug)]
struct Rules {
    coders: Vec<Coder>,
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
    /// Its coding, by its place in the specification.
    coding: usize,
    /// Place of the first bit behind the marker.
    block_bit: Option<u64>,
    /// Where that bit would be, going by other parts of the block that slipped.
    slipped: Vec<u64>,
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
    pub(super) fn new(spec: &LinkSpec, coders: Vec<Coder>, keep: bool) -> Self {
        let channels: Vec<_> = spec.declared_channels().into_iter().map(ChannelTruth::new).collect();
        let cadus_sent = vec![0; coders.len()];
        let (packet_channels, count_bits) = (spec.channels.len(), spec.frames.count_bits());
        Self {
            rules: Rules {
                coders,
                fecf: spec.frames.fecf,
                line_code: spec.line_code,
                tolerance: spec.tolerance,
            },
            open: VecDeque::new(),
            compared: 0,
            compared_cadus: 0,
            lock: None,
            channels: (0..channels.len())
                .map(|index| ChannelJudge::new(Counter { bits: count_bits, idle: index >= packet_channels }))
                .collect(),
            followed: spec.protection.iter().map(Followed::new).collect(),
            truth: Truth { channels, cadus_sent, ..Truth::default() },
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
    pub(super) fn aired(
        &mut self,
        sent: SentFrame,
        coding: usize,
        last_copy: bool,
        cadu: &[u8],
        arrival: Arrival,
    ) {
        if let Some(cadus) = self.truth.cadus_sent.get_mut(coding) {
            *cadus += 1;
        }
        let cadu = Cadu {
            coding,
            block_bit: arrival.block_bit,
            slipped: arrival.slipped,
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
            self.compared_cadus += usize::from(entry.cadu.is_some());
        }
    }

    /// Settle what the end of the recording cannot change any more, unless everything is kept for the end.
    pub(super) fn settle_early(&mut self) {
        let ahead = usize::from(self.rules.tolerance.flywheel) + 3;
        while !self.keep && self.compared_cadus > ahead {
            self.settle();
        }
    }

    /// The first bit of the recording that may still be looked at.
    pub(super) fn needed_from(&self, recorder: &Recorder) -> u64 {
        let first = self.open.iter().skip(self.compared).find_map(|entry| entry.cadu.as_ref()?.block_bit);
        // The block of a CADU that lost bits, put where its end says, reaches back behind the one before.
        let reach = self.rules.coders.iter().map(|coder| coder.layout().bits).max().unwrap_or(0) as u64 + 1;
        first.unwrap_or(recorder.bits()).min(recorder.bits()).saturating_sub(reach)
    }

    /// The recording ends at bit `end`, and was completed to an octet with zeros.
    pub(super) fn finish(mut self, recorder: &Recorder, end: u64) -> Truth {
        for entry in &mut self.open {
            let Some(cadu) = &mut entry.cadu else { continue };
            self.rules.compare(cadu, recorder, true);
            let Some(block_bit) = cadu.block_bit else { continue };
            let block_end = block_bit + self.rules.layout(cadu.coding).block_len as u64 * 8;
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
        let Entry { sent, last_copy, cadu } = entry;
        self.compared = self.compared.saturating_sub(1);
        self.compared_cadus = self.compared_cadus.saturating_sub(usize::from(cadu.is_some()));
        let Some(cadu) = cadu else {
            self.finish_frame(sent, Fate::Lost);
            return;
        };
        let (mut fate, unseen) = self.rules.fate(&cadu, located);
        if let Some((protection, number)) = sent.secured
            && let Some(followed) = self.followed.get_mut(protection)
        {
            let whole = fate == Fate::Must;
            fate = followed.admit(number, fate);
            if let Some(channel) = self.truth.channels.get_mut(sent.channel) {
                channel.frames.refused += u64::from(whole && fate == Fate::Lost);
            }
        }
        if unseen {
            self.truth.unseen_damage += 1;
            for channel in &mut self.channels {
                channel.disturbed = true;
            }
        }
        self.enter_cadu(sent, &cadu, fate);
        if let (Some(channel), Some(truth)) =
            (self.channels.get_mut(sent.channel), self.truth.channels.get_mut(sent.channel))
        {
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
        let (layout, correctable) = (self.rules.layout(cadu.coding), self.rules.correctable(cadu.coding));
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
        let cadu_bits = |mark: &Mark| rules.layout(mark.coding).bits as u64;
        let good = |mark: &Mark| mark.errors <= lock_errors.into();
        // Markers that follow without a break, up to where one is recognised.
        let (mut missed, mut expected, mut confirmed_behind) = (0, mark.at + cadu_bits(&mark), None);
        for following in marks.flatten() {
            if following.at != expected || following.inverted != mark.inverted {
                break;
            }
            if good(&following) {
                confirmed_behind = Some(missed);
                break;
            }
            // Where CADUs are of several lengths, a damaged marker does not tell where the one behind is.
            if rules.coders.len() > 1 {
                break;
            }
            missed += 1;
            expected += cadu_bits(&following);
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
                    && mark.errors + u32::from(lock_errors)
                        < rules.layout(mark.coding).marker_len as u32 * 8
                    && confirmed_behind.is_some_and(|missed| misses + missed <= flywheel) =>
            {
                (Located::ByNeighbours, misses + 1)
            }
            _ if mark.errors <= search_errors.into()
                && confirmed_behind.is_some_and(|missed| missed <= flywheel.min(1)) =>
            {
                (Located::Marked, 0)
            }
            _ => {
                self.lock = None;
                return Located::Unsure;
            }
        };
        self.lock = Some(Lock { next: mark.at + cadu_bits(&mark), inverted: mark.inverted, misses });
        located
    }
}

/// A marker as it arrived.
#[derive(Clone, Copy, Debug)]
struct Mark {
    coding: usize,
    at: u64,
    inverted: bool,
    errors: u32,
}

impl Rules {
    fn layout(&self, coding: usize) -> CaduLayout {
        self.coders.get(coding).map(Coder::layout).unwrap_or_default()
    }

    /// Symbol errors that a codeword survives; `None` without a code.
    fn correctable(&self, coding: usize) -> Option<u16> {
        self.coders.get(coding).and_then(Coder::correctable)
    }

    fn marker_at(&self, cadu: &Cadu) -> Option<u64> {
        cadu.block_bit?.checked_sub(self.layout(cadu.coding).marker_len as u64 * 8)
    }

    fn mark(&self, cadu: &Cadu) -> Option<Mark> {
        let Cadu { coding, inverted, marker_errors: errors, .. } = *cadu;
        self.marker_at(cadu).map(|at| Mark { coding, at, inverted, errors })
    }

    /// The fate of one CADU, and whether a receiver may take it for what it is not.
    fn fate(&self, cadu: &Cadu, located: Located) -> (Fate, bool) {
        let guarded = self.correctable(cadu.coding).is_some() || !self.fecf.is_empty();
        match (cadu.damage, located) {
            _ if cadu.cut || (self.marker_at(cadu).is_none() && cadu.damage != Damage::Doubtful) => {
                (Fate::Lost, false)
            }
            (Damage::Unseen, _) => (Fate::May, true),
            (Damage::None, Located::Marked) => (Fate::Must, false),
            (Damage::None, Located::ByNeighbours) if guarded => (Fate::Must, false),
            (Damage::Beyond, _) if guarded => (Fate::Lost, false),
            _ => (Fate::May, !guarded),
        }
    }

    /// Compare a CADU with the recording; `false` when it is not all there yet.
    fn compare(&self, cadu: &mut Cadu, recorder: &Recorder, ended: bool) -> bool {
        let block_bits = self.layout(cadu.coding).block_len as u64 * 8;
        let last = cadu.slipped.iter().chain(&cadu.block_bit).max();
        if !ended && last.is_some_and(|last| last + block_bits > recorder.whole_bits()) {
            return false;
        }
        let Some(clean) = cadu.clean.take() else { return true };
        let Some(coder) = self.coders.get(cadu.coding) else { return true };
        let (inverted, differential) = (cadu.inverted, self.line_code != LineCode::NrzL);
        cadu.damage = Damage::Beyond;
        if let Some(block_bit) = cadu.block_bit {
            let (marker_errors, symbol_errors, damage) =
                self.measure(coder, &clean, recorder, block_bit, inverted);
            (cadu.marker_errors, cadu.symbol_errors, cadu.damage) = (marker_errors, symbol_errors, damage);
            if damage != Damage::None && !differential {
                // A receiver that keeps the polarity of the CADU before may fare better.
                let (marker_errors, symbol_errors, damage) =
                    self.measure(coder, &clean, recorder, block_bit, !inverted);
                if damage == Damage::None {
                    (cadu.marker_errors, cadu.symbol_errors, cadu.damage) =
                        (marker_errors, symbol_errors, damage);
                    cadu.inverted = !inverted;
                }
            }
        }
        // So may one that keeps the alignment of the CADU before.
        let elsewhere = |&block_bit: &u64| {
            let fares =
                |inverted| self.measure(coder, &clean, recorder, block_bit, inverted).2 == Damage::None;
            fares(inverted) || (!differential && fares(!inverted))
        };
        if cadu.damage == Damage::Beyond && cadu.slipped.iter().any(elsewhere) {
            cadu.damage = Damage::Doubtful;
        }
        true
    }

    /// Wrong bits of the marker, wrong symbols and damage of a CADU whose block is looked for at `block_bit`.
    fn measure(
        &self,
        coder: &Coder,
        clean: &[u8],
        recorder: &Recorder,
        block_bit: u64,
        inverted: bool,
    ) -> (u32, [u16; MAX_CODEWORDS], Damage) {
        let CaduLayout { marker_len, block_len, .. } = coder.layout();
        let mut wrong = clean.get(..marker_len + block_len).unwrap_or_default().to_vec();
        self.subtract(recorder, block_bit, marker_len, &mut wrong);
        if inverted {
            for octet in &mut wrong {
                *octet = !*octet;
            }
        }
        let block = wrong.split_off(marker_len.min(wrong.len()));
        let marker_errors = wrong.iter().map(|octet| octet.count_ones()).sum();
        let (symbol_errors, damage) = self.assess(coder, block, clean.get(marker_len..).unwrap_or_default());
        (marker_errors, symbol_errors, damage)
    }

    /// Take the recorded marker and block off the `octets` that were sent.
    fn subtract(&self, recorder: &Recorder, block_bit: u64, marker_len: usize, octets: &mut [u8]) {
        let marker_bits = marker_len as u64 * 8;
        for (chunk, offset) in octets.chunks_mut(8).zip((0..).step_by(64)) {
            let word = match (block_bit + offset).checked_sub(marker_bits) {
                Some(bit) => self.received(recorder, bit),
                // A marker that begins ahead of the recording; such a CADU is lost anyway.
                None => {
                    let ahead = marker_bits - block_bit - offset;
                    self.received(recorder, 0).checked_shr(ahead as u32).unwrap_or(0)
                }
            };
            for (octet, received) in chunk.iter_mut().zip(word.to_be_bytes()) {
                *octet ^= received;
            }
        }
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
    fn assess(&self, coder: &Coder, mut wrong: Vec<u8>, sent: &[u8]) -> ([u16; MAX_CODEWORDS], Damage) {
        let interleave = coder.layout().interleave;
        let mut symbol_errors = [0u16; MAX_CODEWORDS];
        for (position, _) in wrong.iter().enumerate().filter(|(_, wrong)| **wrong != 0) {
            if let Some(errors) = symbol_errors.get_mut(position % interleave) {
                *errors += 1;
            }
        }
        let correctable = coder.correctable().unwrap_or(0);
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
        let (frame, _) = wrong.split_at_mut_checked(coder.frame_len()).unwrap_or_default();
        let intact = frame.iter().all(|octet| *octet == 0);
        for (octet, sent) in frame.iter_mut().zip(sent) {
            *octet ^= sent;
        }
        coder.derandomize(frame);
        let valid = match self.fecf {
            Fecf::Absent => None,
            Fecf::Crc16 => {
                frame.split_last_chunk().map(|(body, check)| fecf::crc16(body) == u16::from_be_bytes(*check))
            }
            Fecf::Crc32 => {
                frame.split_last_chunk().map(|(body, check)| fecf::crc32(body) == u32::from_be_bytes(*check))
            }
        };
        let damage = match valid {
            Some(true) if intact => Damage::Doubtful,
            Some(true) => Damage::Unseen,
            Some(false) => Damage::Beyond,
            None if coder.correctable().is_some() => Damage::Beyond,
            None => Damage::Unseen,
        };
        (symbol_errors, damage)
    }
}
