//! The truth about a simulated recording, as JSON.

use bench::sim::packets::PacketKind;
use bench::sim::truth::{ChannelTruth, Fates};
use bench::sim::{Fate, Truth};
use ccsds_core::frame::ChannelContent;
use serde::{Deserialize, Serialize};

use crate::fep::mission::{Mission, content_word, marker_hex};

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
    /// The codings; behind the marker of the first one are the frames that slices are cut from.
    #[serde(default)]
    pub codings: Vec<CodingTruthReport>,
    /// The channels.
    pub channels: Vec<ChannelTruthReport>,
}

impl TruthReport {
    pub(super) fn new(
        mission: &Mission,
        seed: u64,
        octets: u64,
        truth: &Truth,
        markers: impl Iterator<Item = Vec<u8>>,
    ) -> Self {
        let codings = markers.zip(&truth.cadus_sent);
        Self {
            codings: codings
                .map(|(marker, &cadus_sent)| CodingTruthReport { marker: marker_hex(&marker), cadus_sent })
                .collect(),
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
        self.channels.iter().map(|channel| channel.packets.of(fate)).sum()
    }

    /// Service data units of this fate that are no packets, on all channels.
    #[must_use]
    pub fn units(&self, fate: Fate) -> u64 {
        self.channels.iter().map(|channel| channel.units.of(fate)).sum()
    }
}

/// One coding.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct CodingTruthReport {
    /// Its marker in hexadecimal.
    pub marker: String,
    /// CADUs on the air.
    pub cadus_sent: u64,
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
    /// What it carries, as the mission file has it.
    #[serde(default)]
    pub content: String,
    /// Frames made.
    pub frames_sent: u64,
    /// Those of them that were never on the air.
    pub frames_dropped: u64,
    /// Extra copies on the air.
    pub frames_repeated: u64,
    /// Copies that arrive undamaged and must be refused, because their sequence number came before or is too far ahead.
    #[serde(default)]
    pub frames_refused: u64,
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
    /// Service data units that are no packets.
    #[serde(default)]
    pub units: FatesReport,
    /// Packets or units that need not come out, in order, fill left out.
    pub not_due: Vec<PacketTruthReport>,
}

impl ChannelTruthReport {
    fn new(channel: &ChannelTruth) -> Self {
        let open =
            channel.packets.iter().filter(|packet| packet.fate != Fate::Must && !packet.sent.kind.is_idle());
        let fates = FatesReport::new(channel.packet_fates);
        let (packets, units) = match channel.content {
            ChannelContent::Idle | ChannelContent::Packets => (fates, FatesReport::default()),
            _ => (FatesReport::default(), fates),
        };
        Self {
            tfvn: channel.gvcid.tfvn.get(),
            scid: channel.gvcid.scid.get(),
            vcid: channel.gvcid.vcid.get(),
            content: content_word(channel.content).to_owned(),
            frames_sent: channel.frames.sent,
            frames_dropped: channel.frames.dropped,
            frames_repeated: channel.frames.repeated,
            frames_refused: channel.frames.refused,
            frames: FatesReport::new(channel.frames.fates),
            missing: channel.counts.missing,
            gaps: channel.counts.gaps,
            repeats: channel.counts.repeats,
            counts_are_exact: channel.counts_are_exact,
            packets,
            idle_packets: FatesReport::new(channel.idle_fates),
            units,
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

    const fn of(&self, fate: Fate) -> u64 {
        match fate {
            Fate::Lost => self.lost,
            Fate::May => self.may,
            Fate::Must => self.must,
        }
    }
}

/// A packet or another unit that need not come out.
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
