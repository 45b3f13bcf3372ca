//! What a receiver must, may and must not deliver, and how a receiver's answer compares with it.

use std::collections::HashMap;

use ccsds_core::frame::ChannelContent;
use ccsds_core::id::Gvcid;
use ccsds_core::ledger::CountLedger;
use ccsds_core::packet::is_idle;
use ccsds_core::vc::Channel;

use super::packets::SentPacket;

/// Everything that was sent, and what became of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// The channels in the order of [`super::LinkSpec::declared_channels`].
    pub channels: Vec<ChannelTruth>,
    /// Every CADU on the air, in order. Empty after a stream in bounded memory.
    pub cadus: Vec<CaduTruth>,
    /// CADUs on the air, by their coding.
    pub cadus_sent: Vec<u64>,
    /// Codewords that arrived with so many wrong symbols, 0 and up; empty without a code. CADUs cut by the edges of the
    /// recording, or without a first bit of their block, are left out.
    pub codeword_errors: Vec<u64>,
    /// Damage that neither code nor FECF can show: CADUs that may be taken for what they are not.
    pub unseen_damage: u64,
}

impl Truth {
    /// Begin to compare what a receiver delivers.
    #[must_use]
    pub fn check(&self, idle: IdlePackets) -> Check<'_> {
        let channels = self.channels.iter().map(ChannelCheck::new).collect();
        Check { truth: self, idle, channels, verdict: Verdict::default() }
    }

    /// Frames whose fate is `fate`, on all channels.
    #[must_use]
    pub fn frames(&self, fate: Fate) -> u64 {
        self.channels.iter().map(|channel| channel.frames.fates.of(fate)).sum()
    }

    /// Packets whose fate is `fate`, idle ones left out, on all channels.
    #[must_use]
    pub fn packets(&self, fate: Fate) -> u64 {
        self.channels.iter().map(|channel| channel.packet_fates.of(fate)).sum()
    }
}

/// What a receiver is to make of a frame or a packet.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Fate {
    /// It was not received whole: it must not come out as good.
    Lost,
    /// It depends on choices that receivers are free to make.
    May,
    /// It must come out, octet for octet.
    Must,
}

/// How many met which fate.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Fates {
    /// [`Fate::Lost`].
    pub lost: u64,
    /// [`Fate::May`].
    pub may: u64,
    /// [`Fate::Must`].
    pub must: u64,
}

impl Fates {
    /// How many met `fate`.
    #[must_use]
    pub const fn of(&self, fate: Fate) -> u64 {
        match fate {
            Fate::Lost => self.lost,
            Fate::May => self.may,
            Fate::Must => self.must,
        }
    }

    /// All.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.lost + self.may + self.must
    }

    pub(super) const fn enter(&mut self, fate: Fate) {
        match fate {
            Fate::Lost => self.lost += 1,
            Fate::May => self.may += 1,
            Fate::Must => self.must += 1,
        }
    }
}

/// One virtual channel.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelTruth {
    /// Which.
    pub gvcid: Gvcid,
    /// What it carries. Service data units stand where packets would.
    pub content: ChannelContent,
    /// Its frames.
    pub frames: FrameTotals,
    /// What the frame counts of the frames that must be received say.
    pub counts: CountLedger,
    /// Whether a receiver must count exactly so: no frame's fate is open.
    pub counts_are_exact: bool,
    /// Losses that the frame count does not show, because it is too narrow: a packet may be put together from both sides.
    pub unseen_gaps: u64,
    /// The packets in order; after a stream in bounded memory, those that need not come out.
    pub packets: Vec<PacketTruth>,
    /// Packets that are no fill.
    pub packet_fates: Fates,
    /// Packets that are fill.
    pub idle_fates: Fates,
    /// The packets' octets, end to end. Empty after a stream in bounded memory.
    pub(super) octets: Vec<u8>,
    pub(super) starts: Vec<usize>,
}

impl ChannelTruth {
    pub(super) const fn new(channel: Channel) -> Self {
        Self {
            gvcid: channel.gvcid,
            content: channel.content,
            frames: FrameTotals {
                sent: 0,
                dropped: 0,
                repeated: 0,
                refused: 0,
                fates: Fates { lost: 0, may: 0, must: 0 },
            },
            counts: CountLedger::EMPTY,
            counts_are_exact: true,
            unseen_gaps: 0,
            packets: Vec::new(),
            packet_fates: Fates { lost: 0, may: 0, must: 0 },
            idle_fates: Fates { lost: 0, may: 0, must: 0 },
            octets: Vec::new(),
            starts: Vec::new(),
        }
    }

    /// The octets of packet `index`.
    #[must_use]
    pub fn packet_octets(&self, index: usize) -> Option<&[u8]> {
        let start = *self.starts.get(index)?;
        self.octets.get(start..start + self.packets.get(index)?.sent.len)
    }
}

/// How many frames a channel sent.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FrameTotals {
    /// Frames made.
    pub sent: u64,
    /// Those of them that were never on the air.
    pub dropped: u64,
    /// Extra copies on the air.
    pub repeated: u64,
    /// Copies that arrive undamaged and must be refused, because their number came before or is too far ahead.
    pub refused: u64,
    /// What became of the frames made; of one with several copies, the best.
    pub fates: Fates,
}

/// One packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PacketTruth {
    /// What was sent.
    pub sent: SentPacket,
    /// What became of it.
    pub fate: Fate,
}

/// One CADU on the air.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CaduTruth {
    /// Which channel's frame it holds.
    pub channel: usize,
    /// Frames of the channel before that one.
    pub number: u64,
    /// Place of its marker in the recording; `None` when the start of its block was lost.
    pub stream_bit: Option<u64>,
    /// Whether it arrived inverted.
    pub inverted: bool,
    /// Wrong bits in its marker.
    pub marker_errors: u32,
    /// Wrong symbols in each codeword; without a code, wrong octets of the frame in the first.
    pub symbol_errors: [u16; MAX_CODEWORDS],
    /// What became of it.
    pub fate: Fate,
}

/// Codewords of the deepest interleaving.
pub const MAX_CODEWORDS: usize = 8;

/// Whether a receiver delivers packets that are fill.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IdlePackets {
    /// It does, and they are counted. Many look the same, so they are not told apart.
    Counted,
    /// It need not.
    Ignored,
}

/// A comparison in progress. Feed it every packet that a receiver calls good, each channel in order.
#[derive(Debug)]
pub struct Check<'t> {
    truth: &'t Truth,
    idle: IdlePackets,
    channels: Vec<ChannelCheck<'t>>,
    verdict: Verdict,
}

#[derive(Debug)]
struct ChannelCheck<'t> {
    /// Where packets with the same octets stand; no two should have them, but chance and short packets do it.
    places: HashMap<&'t [u8], Vec<usize>>,
    delivered: Vec<bool>,
    /// Packets before this one have had their turn.
    next: usize,
    idle: u64,
    extra: u64,
}

impl<'t> ChannelCheck<'t> {
    fn new(channel: &'t ChannelTruth) -> Self {
        let mut places: HashMap<_, Vec<_>> = HashMap::new();
        for (index, packet) in channel.packets.iter().enumerate() {
            if let Some(octets) = channel.packet_octets(index)
                && !packet.sent.kind.is_idle()
            {
                places.entry(octets).or_default().push(index);
            }
        }
        Self { places, delivered: vec![false; channel.packets.len()], next: 0, idle: 0, extra: 0 }
    }

    /// Enter a packet; `false` when no packet like it is due.
    fn deliver(&mut self, octets: &[u8]) -> bool {
        let due = self.places.get(octets).and_then(|places| places.iter().find(|&&place| place >= self.next));
        let Some(&place) = due else { return false };
        self.next = place + 1;
        if let Some(delivered) = self.delivered.get_mut(place) {
            *delivered = true;
        }
        true
    }
}

impl Check<'_> {
    /// Enter one packet.
    pub fn packet(&mut self, gvcid: Gvcid, octets: &[u8]) {
        let channel = self.truth.channels.iter().position(|channel| channel.gvcid == gvcid);
        let Some(check) = channel.and_then(|channel| self.channels.get_mut(channel)) else {
            self.verdict.extra.push((gvcid, octets.to_vec()));
            self.verdict.unexplained += u64::from(self.truth.unseen_damage == 0);
            return;
        };
        if is_idle(octets) {
            check.idle += 1;
        } else if !check.deliver(octets) {
            check.extra += 1;
            self.verdict.extra.push((gvcid, octets.to_vec()));
        }
    }

    /// Enter one service data unit that is no packet.
    pub fn unit(&mut self, gvcid: Gvcid, octets: &[u8]) {
        let channel = self.truth.channels.iter().position(|channel| channel.gvcid == gvcid);
        match channel.and_then(|channel| self.channels.get_mut(channel)) {
            Some(check) => {
                if check.deliver(octets) {
                    return;
                }
                check.extra += 1;
            }
            None => self.verdict.unexplained += u64::from(self.truth.unseen_damage == 0),
        }
        self.verdict.extra.push((gvcid, octets.to_vec()));
    }

    /// Everything is entered: compare.
    pub fn finish(mut self) -> Verdict {
        for (channel, check) in self.truth.channels.iter().zip(&self.channels) {
            for (index, (packet, &delivered)) in channel.packets.iter().zip(&check.delivered).enumerate() {
                match packet.fate {
                    _ if packet.sent.kind.is_idle() => {}
                    Fate::Lost if delivered => self.verdict.revived.push((channel.gvcid, index)),
                    Fate::Must if !delivered => self.verdict.missing.push((channel.gvcid, index)),
                    Fate::Lost | Fate::May | Fate::Must => {}
                }
            }
            let seen = self.truth.unseen_damage == 0;
            if seen {
                self.verdict.unexplained += check.extra.saturating_sub(channel.unseen_gaps);
            }
            let Fates { may, must, .. } = channel.idle_fates;
            if self.idle == IdlePackets::Counted {
                self.verdict.idle_missing += must.saturating_sub(check.idle);
                if seen {
                    self.verdict.idle_extra += check.idle.saturating_sub(must + may + channel.unseen_gaps);
                }
            }
        }
        self.verdict
    }
}

/// How a receiver's answer compares with the truth. A packet is named by its channel and its place in
/// [`ChannelTruth::packets`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Verdict {
    /// Packets that must come out and did not.
    pub missing: Vec<(Gvcid, usize)>,
    /// Packets that came out as good though they were lost.
    pub revived: Vec<(Gvcid, usize)>,
    /// Packets that were not sent, or came out twice or out of order.
    pub extra: Vec<(Gvcid, Vec<u8>)>,
    /// Those of them that damage which nothing can show does not explain.
    pub unexplained: u64,
    /// Fill that must come out and did not.
    pub idle_missing: u64,
    /// Fill beyond what may come out.
    pub idle_extra: u64,
}

impl Verdict {
    /// Whether the receiver did what it must, and nothing that it must not.
    #[must_use]
    pub const fn is_satisfied(&self) -> bool {
        self.missing.is_empty()
            && self.revived.is_empty()
            && self.unexplained == 0
            && self.idle_missing == 0
            && self.idle_extra == 0
    }
}
