//! The fates of one channel's frames, and with them the fates of its packets.

use std::collections::VecDeque;

use ccsds_core::vc::Continuity;

use crate::sim::frames::SentFrame;
use crate::sim::packets::SentPacket;
use crate::sim::truth::{ChannelTruth, Fate, PacketTruth};

/// The frames and packets of one channel on their way to judgement.
#[derive(Clone, Debug)]
pub(super) struct ChannelJudge {
    counter: Counter,
    /// Count and number of the frame that was surely received last.
    latest: Option<(u64, u64)>,
    /// The best fate among the copies of the present frame.
    pub(super) best_copy: Option<Fate>,
    /// Whether something that is not what it seems may have come in since the last frame.
    pub(super) disturbed: bool,
    /// Frames in a row that were not surely received.
    missing: u64,
    /// Fates of frames from number `first_fate` on.
    fates: VecDeque<FrameFate>,
    first_fate: u64,
    /// Packets whose frames are not all decided.
    pub(super) waiting: VecDeque<SentPacket>,
}

#[derive(Clone, Copy, Debug)]
struct FrameFate {
    fate: Fate,
    idle: bool,
    /// Whether a packet that is being put together may break off ahead of this frame.
    disturbed: bool,
}

impl ChannelJudge {
    pub(super) const fn new(counter: Counter) -> Self {
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

    pub(super) fn enter_copy(&mut self, sent: SentFrame, fate: Fate, unseen: bool, truth: &mut ChannelTruth) {
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

    pub(super) fn finish_frame(&mut self, sent: SentFrame, fate: Fate, truth: &mut ChannelTruth) {
        truth.frames.fates.enter(fate);
        if !self.counter.idle {
            self.fates.push_back(FrameFate { fate, idle: sent.idle, disturbed: self.disturbed });
        }
        self.disturbed = false;
        if fate != Fate::Lost {
            // So many may be missing that the count came round.
            truth.unseen_gaps += u64::from(self.counter.turn().is_some_and(|turn| self.missing >= turn));
        }
        self.missing = if fate == Fate::Must { 0 } else { self.missing + 1 };
    }

    /// Decide on the packets whose frames are all decided.
    pub(super) fn settle_packets(&mut self, truth: &mut ChannelTruth, keep: bool, ended: bool) {
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
pub(super) struct Counter {
    pub(super) bits: u8,
    /// Whether the channel carries only idle data.
    pub(super) idle: bool,
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
