//! The truth about a simulated recording, as JSON.

use bench::sim::packets::PacketKind;
use bench::sim::truth::{ChannelTruth, Fates};
use bench::sim::{Fate, Truth};
use serde::{Deserialize, Serialize};

use crate::fep::mission::Mission;

/// What was sent, and what became of it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct TruthReport {
    /// Name of the mission.
    pub mission: String,
    /// What settled everything that was left to chance.
    pub seed: u64,
    /// Octets of the recording.
    pub octets: u64,
    /// Codewords that arrived with so many wrong symbols, 0 and up; empty without a code.
    pub codeword_errors: Vec<u64>,
    /// Damage that neither code nor FECF can show.
    pub unseen_damage: u64,
    /// The channels.
    pub channels: Vec<ChannelTruthReport>,
}

impl TruthReport {
    pub(super) fn new(mission: &Mission, seed: u64, octets: u64, truth: &Truth) -> Self {
        Self {
            mission: mission.name.clone(),
            seed,
            octets,
            codeword_errors: truth.codeword_errors.clone(),
            unseen_damage: truth.unseen_damage,
            channels: truth.channels.iter().map(ChannelTruthReport::new).collect(),
        }
    }

    /// Frames made on all channels.
    #[must_use]
    pub fn frames_made(&self) -> u64 {
        self.channels.iter().map(|channel| channel.frames_sent).sum()
    }

    /// Packets of this fate on all channels, idle ones left out.
    #[must_use]
    pub fn packets(&self, fate: Fate) -> u64 {
        let of = |fates: &FatesReport| match fate {
            Fate::Lost => fates.lost,
            Fate::May => fates.may,
            Fate::Must => fates.must,
        };
        self.channels.iter().map(|channel| of(&channel.packets)).sum()
    }
}

/// One channel.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChannelTruthReport {
    /// Transfer frame version number.
    pub tfvn: u8,
    /// Spacecraft.
    pub scid: u16,
    /// Virtual channel.
    pub vcid: u8,
    /// Frames made.
    pub frames_sent: u64,
    /// Those of them that were never on the air.
    pub frames_dropped: u64,
    /// Extra copies on the air.
    pub frames_repeated: u64,
    /// The frames made by what became of them.
    pub frames: FatesReport,
    /// What the counts of the frames that must be received say: frames missing in gaps.
    pub missing: u64,
    /// Gaps.
    pub gaps: u64,
    /// Repeats.
    pub repeats: u64,
    /// Whether a receiver must count exactly so.
    pub counts_are_exact: bool,
    /// Packets that are no fill.
    pub packets: FatesReport,
    /// Packets that are fill.
    pub idle_packets: FatesReport,
    /// Packets that need not come out, in order, fill left out.
    pub not_due: Vec<PacketTruthReport>,
}

impl ChannelTruthReport {
    fn new(channel: &ChannelTruth) -> Self {
        let open =
            channel.packets.iter().filter(|packet| packet.fate != Fate::Must && !packet.sent.kind.is_idle());
        Self {
            tfvn: channel.gvcid.tfvn.get(),
            scid: channel.gvcid.scid.get(),
            vcid: channel.gvcid.vcid.get(),
            frames_sent: channel.frames.sent,
            frames_dropped: channel.frames.dropped,
            frames_repeated: channel.frames.repeated,
            frames: FatesReport::new(channel.frames.fates),
            missing: channel.counts.missing,
            gaps: channel.counts.gaps,
            repeats: channel.counts.repeats,
            counts_are_exact: channel.counts_are_exact,
            packets: FatesReport::new(channel.packet_fates),
            idle_packets: FatesReport::new(channel.idle_fates),
            not_due: open
                .map(|packet| PacketTruthReport {
                    apid: match packet.sent.kind {
                        PacketKind::Space { apid } => Some(apid),
                        _ => None,
                    },
                    sequence: packet.sent.sequence,
                    len: packet.sent.len,
                    lost: packet.fate == Fate::Lost,
                })
                .collect(),
        }
    }
}

/// How many met which fate.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct FatesReport {
    /// Must come out, octet for octet.
    pub must: u64,
    /// Depend on choices that receivers are free to make.
    pub may: u64,
    /// Must not come out as good.
    pub lost: u64,
}

impl FatesReport {
    const fn new(fates: Fates) -> Self {
        Self { must: fates.must, may: fates.may, lost: fates.lost }
    }
}

/// A packet that need not come out.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PacketTruthReport {
    /// Process of a space packet.
    pub apid: Option<u16>,
    /// Packets of the same process before it.
    pub sequence: u64,
    /// Octets.
    pub len: usize,
    /// Whether it must not come out; otherwise it may.
    pub lost: bool,
}
