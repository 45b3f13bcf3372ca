//! The report of a run: JSON for programs, text for people.
//!
//! Field names are the contract of `FEP.md`. Beyond it there are:
//!
//! - `sync.locks_total`: the list holds the first thousand; `last_bit` is the last bit of the last CADU, itself included;
//! - `coding.unchecked`, `coding.uncorrectable_codewords`;
//! - `slices`: the frames found in slices (131.0-B-6 §8), and what was lost of them;
//! - `frames.good` counts corrected frames too, and `frames.corrected` says how many those are; `frames.uncorrectable`,
//!   `frames.unverified` and `frames.refused`, so that `total` is the sum of all but `corrected`; `malformed_by_reason`;
//! - `channels[]`: `sdus`, the service data units that are no packets; `fhp_mismatches`, `unknown_version`, `oversized_packets`,
//!   `content`, and in `octets` the parts of `lost`;
//! - `undeclared_not_listed`: frames of channels beyond the 4096 that the list holds;
//! - `apids[].sequence_repeats`: packets with the same count as the one before, neither gaps nor losses;
//! - `encapsulation[]`: encapsulation packets, which have no application process;
//! - `packets`: the totals of a packet file;
//! - `parameters`, with `--params`: rows by container and quality, alarms by level, packets that no container is for, and what a
//!   lenient load of the database left out;
//! - `ocf[]`: reports in operational control fields by channel; `insert_zone`, `idle_fill`, `corrected_headers` (AOS);
//! - `security[]`: protected frames by what came of them, channel by channel; refused ones are `frames.refused`;
//! - `services[]`: packet error control, services of the packet utilization standard and groups, channel by channel;
//! - `ledger.accounts[]`: every total and the sum of what it was split into.

mod fields;
mod parameters;
mod security;
mod services;
pub(in crate::fep) mod text;

use std::time::Duration;

use ccsds_core::frame::ChannelContent;
use ccsds_core::id::Gvcid;
use ccsds_core::ledger::{BitLedger, FrameLedger, OctetLedger, PacketLedger};
use ccsds_core::vc::VcSlot;
use frame_sync::sync::SyncStats;
use serde::{Deserialize, Serialize};

pub use self::fields::{
    IdleFillReport, InsertZoneReport, MarkerReport, OcfReport, SduOctets, SdusReport, SlicesReport,
};
pub use self::parameters::{AlarmsReport, ParameterContainerReport, ParametersReport, UnmatchedReport};
pub use self::security::{SecurityOctets, SecurityReport};
pub use self::services::{ChannelServicesReport, GroupsReport, PecReport, PusReport, PusUnreadReport};
use crate::fep::accounts::{ChannelAccount, Check, CodingAccount, Locks, Malformed, Processes, Undeclared};
use crate::fep::failure::Failure;

/// Everything that a run found. Sections below the layer of the input are absent.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Report {
    /// Name of the mission.
    pub mission: String,
    /// The input.
    pub input: InputReport,
    /// Synchronization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<SyncReport>,
    /// Channel coding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coding: Option<CodingReport>,
    /// Slices, and the frames found in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slices: Option<SlicesReport>,
    /// Frames by what became of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<FramesReport>,
    /// Declared channels that were heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<ChannelReport>>,
    /// Channels that nobody declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undeclared: Option<Vec<UndeclaredReport>>,
    /// Frames of undeclared channels that found no place in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undeclared_not_listed: Option<u64>,
    /// The totals of a packet file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packets: Option<PacketsReport>,
    /// Space packets by channel and process.
    pub apids: Vec<ApidReport>,
    /// Encapsulation packets by channel and protocol.
    pub encapsulation: Vec<EncapsulationReport>,
    /// Rows of parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<ParametersReport>,
    /// Checks, secondary headers and groups of packets, where the mission file declares them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ChannelServicesReport>,
    /// Protected frames, channel by channel, where the mission file declares security associations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<SecurityReport>,
    /// Reports in operational control fields, channel by channel, and how often each came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ocf: Vec<OcfReport>,
    /// Frames whose report found no place in that list.
    #[serde(default)]
    pub ocf_not_listed: u64,
    /// Insert zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insert_zone: Option<InsertZoneReport>,
    /// Frames of only idle data by their fill, where the mission file asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_fill: Option<IdleFillReport>,
    /// AOS headers that their own error control corrected.
    #[serde(default)]
    pub corrected_headers: u64,
    /// Whether everything adds up.
    pub ledger: LedgerReport,
    /// How long the run took.
    pub seconds: f64,
    /// Input bits per nanosecond.
    pub gbit_per_s: f64,
}

impl Report {
    /// The report as JSON.
    ///
    /// # Errors
    /// Never, as far as we know: no field can fail to serialize.
    pub fn to_json(&self) -> Result<String, Failure> {
        let json = serde_json::to_string_pretty(self).map_err(Failure::incomplete)?;
        Ok(json + "\n")
    }

    /// The report for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::render(self)
    }

    pub(super) fn set_time(&mut self, elapsed: Duration) {
        self.seconds = elapsed.as_secs_f64();
        self.gbit_per_s = if self.seconds > 0.0 { self.input.bits as f64 / self.seconds / 1e9 } else { 0.0 };
    }
}

/// The input.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct InputReport {
    /// Octets.
    pub octets: u64,
    /// Bits.
    pub bits: u64,
}

impl InputReport {
    pub(super) const fn new(octets: u64) -> Self {
        Self { octets, bits: 8 * octets }
    }
}

/// Synchronization.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SyncReport {
    /// The first thousand locks.
    pub locks: Vec<LockReport>,
    /// All locks.
    pub locks_total: u64,
    /// CADUs.
    pub cadus: u64,
    /// Those of them whose marker was not recognised.
    pub flywheel: u64,
    /// Markers found a few bits off.
    pub slips: u64,
    /// Bit errors in the markers.
    pub marker_bit_errors: u64,
    /// CADUs by marker, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub markers: Vec<MarkerReport>,
}

impl SyncReport {
    pub(super) fn new(stats: &SyncStats, locks: &Locks) -> Self {
        let list = locks.list.iter().map(|lock| LockReport {
            first_bit: lock.first_bit,
            last_bit: lock.last_bit,
            inverted: lock.inverted,
            cadus: lock.cadus,
        });
        Self {
            locks: list.collect(),
            locks_total: locks.total,
            cadus: stats.cadus,
            flywheel: stats.flywheel,
            slips: stats.slips,
            marker_bit_errors: stats.marker_bit_errors,
            markers: Vec::new(),
        }
    }
}

/// One lock.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct LockReport {
    /// First bit of the first marker.
    pub first_bit: u64,
    /// Last bit of the last CADU.
    pub last_bit: u64,
    /// Whether the stream is inverted.
    pub inverted: bool,
    /// CADUs.
    pub cadus: u64,
}

/// Channel coding: code blocks by what became of them, codewords by the number of symbols corrected.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct CodingReport {
    /// Without an error.
    pub clean: u64,
    /// Corrected.
    pub corrected: u64,
    /// With a codeword beyond correction.
    pub uncorrectable: u64,
    /// Without a code.
    pub unchecked: u64,
    /// Symbols corrected.
    pub symbols_corrected: u64,
    /// Codewords in which so many symbols were corrected.
    pub codeword_errors: Vec<u64>,
    /// Codewords beyond correction.
    pub uncorrectable_codewords: u64,
}

impl CodingReport {
    pub(super) fn new(account: &CodingAccount) -> Self {
        Self {
            clean: account.clean,
            corrected: account.corrected,
            uncorrectable: account.uncorrectable,
            unchecked: account.unchecked,
            symbols_corrected: account.symbols_corrected(),
            codeword_errors: account.codeword_errors.clone(),
            uncorrectable_codewords: account.uncorrectable_codewords,
        }
    }
}

/// Frames by what became of them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct FramesReport {
    /// All frames.
    pub total: u64,
    /// Handed to a declared channel, corrected ones included.
    pub good: u64,
    /// Those of the good ones that were corrected.
    pub corrected: u64,
    /// Beyond correction.
    pub uncorrectable: u64,
    /// The frame error control field failed.
    pub fecf_failed: u64,
    /// Nothing vouches for them.
    pub unverified: u64,
    /// The headers contradict the managed parameters.
    pub malformed: u64,
    /// Their protection says that they are not what was sent, or were sent before.
    #[serde(default)]
    pub refused: u64,
    /// For channels that nobody declared.
    pub undeclared: u64,
    /// Only idle data.
    pub idle: u64,
    /// What is wrong with the malformed ones.
    pub malformed_by_reason: MalformedReport,
}

impl FramesReport {
    pub(super) const fn new(total: u64, ledger: &FrameLedger, malformed: &Malformed) -> Self {
        Self {
            total,
            good: ledger.good + ledger.corrected,
            corrected: ledger.corrected,
            uncorrectable: ledger.uncorrectable,
            fecf_failed: ledger.fecf_failed,
            unverified: ledger.unverified,
            malformed: ledger.malformed,
            refused: ledger.refused,
            undeclared: ledger.undeclared,
            idle: ledger.idle,
            malformed_by_reason: MalformedReport {
                length: malformed.length,
                pointer: malformed.pointer,
                truncated: malformed.truncated,
                version: malformed.version,
                other: malformed.other,
            },
        }
    }
}

/// Malformed frames by what is wrong with them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct MalformedReport {
    /// The length contradicts the header or the managed parameters.
    pub length: u64,
    /// A pointer lies outside its zone.
    pub pointer: u64,
    /// The data field cannot hold what its headers announce.
    pub truncated: u64,
    /// The version number belongs to another protocol.
    pub version: u64,
    /// Anything else.
    pub other: u64,
}

/// A declared channel that was heard.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChannelReport {
    /// Transfer frame version number: 0 TM, 1 AOS, 12 USLP.
    pub tfvn: u8,
    /// Spacecraft.
    pub scid: u16,
    /// Virtual channel.
    pub vcid: u8,
    /// What it carries, in the words of the mission file.
    pub content: String,
    /// Frames, repeated ones included.
    pub frames: u64,
    /// Frames missing in all gaps.
    pub missing: u64,
    /// Gaps of the frame count.
    pub gaps: u64,
    /// Frames sent again.
    pub repeats: u64,
    /// Times that the frame count was set anew.
    pub restarts: u64,
    /// Complete packets, idle ones left out.
    pub packets: u64,
    /// Complete idle packets.
    pub idle_packets: u64,
    /// Packets that broke off.
    pub truncated_packets: u64,
    /// Packets larger than the mission file allows.
    pub oversized_packets: u64,
    /// Packets of unknown version among the complete ones, delimited as space packets.
    pub unknown_version: u64,
    /// First header pointers that contradicted the packet under way.
    pub fhp_mismatches: u64,
    /// Octets of the packet zones.
    pub octets: ChannelOctets,
    /// Service data units that are no packets, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdus: Option<SdusReport>,
}

impl ChannelReport {
    pub(super) fn new(
        slot: &VcSlot,
        packets: PacketLedger,
        octets: OctetLedger,
        account: &ChannelAccount,
    ) -> Self {
        let (channel, counts) = (slot.channel(), slot.counts());
        Self {
            tfvn: channel.gvcid.tfvn.get(),
            scid: channel.gvcid.scid.get(),
            vcid: channel.gvcid.vcid.get(),
            content: match channel.content {
                ChannelContent::Bitstream => "bitstream",
                ChannelContent::Idle => "idle",
                ChannelContent::Packets => "packets",
                ChannelContent::Sdus => "sdu",
                ChannelContent::Vca => "vca",
            }
            .to_owned(),
            frames: account.frames,
            missing: counts.missing,
            gaps: counts.gaps,
            repeats: counts.repeats,
            restarts: counts.restarts,
            packets: packets.packets,
            idle_packets: packets.idle,
            truncated_packets: packets.truncated,
            oversized_packets: packets.oversized,
            unknown_version: packets.unknown_version,
            fhp_mismatches: packets.fhp_mismatches,
            octets: ChannelOctets {
                packets: octets.packets,
                idle: octets.idle,
                lost: octets.lost(),
                pending: octets.pending,
                lost_detail: LostOctets {
                    truncated: octets.truncated,
                    headless: octets.headless,
                    oversized: octets.oversized,
                    repeated: octets.repeated,
                },
            },
            sdus: None,
        }
    }
}

/// Octets of a channel's packet zones by where they went.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChannelOctets {
    /// Complete packets.
    pub packets: u64,
    /// Idle packets and zones of only idle data.
    pub idle: u64,
    /// All that reached nobody as a part of a whole packet.
    pub lost: u64,
    /// The packet under way when the input ended.
    pub pending: u64,
    /// What `lost` consists of.
    pub lost_detail: LostOctets,
}

/// Octets that reached nobody as a part of a whole packet.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct LostOctets {
    /// What is known of packets that broke off.
    pub truncated: u64,
    /// Before the first packet header of a zone that continues nothing known.
    pub headless: u64,
    /// Packets larger than the mission file allows.
    pub oversized: u64,
    /// Frames sent again.
    pub repeated: u64,
}

/// A channel that nobody declared.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct UndeclaredReport {
    /// Transfer frame version number.
    pub tfvn: u8,
    /// Spacecraft.
    pub scid: u16,
    /// Virtual channel.
    pub vcid: u8,
    /// Frames.
    pub frames: u64,
}

/// The totals of a packet file.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PacketsReport {
    /// Complete packets, idle ones left out.
    pub packets: u64,
    /// Complete idle packets.
    pub idle_packets: u64,
    /// Packets of unknown version among the complete ones, delimited as space packets.
    pub unknown_version: u64,
    /// The unfinished packet at the end, if there is one.
    #[serde(default)]
    pub truncated_packets: u64,
    /// Packets too large to be right: one at most, for nothing tells where the next one begins.
    pub bad_headers: u64,
    /// Octets of the file.
    pub octets: PacketOctets,
}

/// Octets of a packet file by where they went.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PacketOctets {
    /// Complete packets.
    pub packets: u64,
    /// Complete idle packets.
    pub idle: u64,
    /// Before each packet.
    pub skipped: u64,
    /// From a packet that is too large to the end.
    pub lost: u64,
    /// The unfinished packet at the end.
    pub pending: u64,
}

impl PacketOctets {
    /// All octets.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.packets + self.idle + self.skipped + self.lost + self.pending
    }
}

/// Space packets of one process on one channel.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ApidReport {
    /// Spacecraft; `None` in a packet file.
    pub scid: Option<u16>,
    /// Virtual channel; `None` in a packet file.
    pub vcid: Option<u8>,
    /// Application process identifier.
    pub apid: u16,
    /// Complete packets.
    pub packets: u64,
    /// Their octets.
    pub octets: u64,
    /// Gaps of the sequence count.
    pub sequence_gaps: u64,
    /// Packets missing in all gaps.
    pub missing: u64,
    /// Packets with the same count as the one before.
    pub sequence_repeats: u64,
}

/// Encapsulation packets of one protocol on one channel.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct EncapsulationReport {
    /// Spacecraft; `None` in a packet file.
    pub scid: Option<u16>,
    /// Virtual channel; `None` in a packet file.
    pub vcid: Option<u8>,
    /// Protocol identifier.
    pub protocol: u8,
    /// Complete packets.
    pub packets: u64,
    /// Their octets.
    pub octets: u64,
}

/// Whether everything adds up.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct LedgerReport {
    /// Bits of a bit stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<BitLedgerReport>,
    /// Octets of a file of frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_file: Option<FrameFileLedger>,
    /// Every total, and the sum of what it was split into.
    pub accounts: Vec<AccountReport>,
    /// Whether all accounts close.
    pub closed: bool,
}

impl LedgerReport {
    pub(super) fn new(checks: &[Check]) -> Self {
        let accounts = checks.iter().map(|check| AccountReport {
            account: check.account.clone(),
            total: check.total,
            accounted: check.accounted,
        });
        Self {
            // Accounts in which nothing happened say nothing.
            accounts: accounts.filter(|account| account.total > 0 || account.accounted > 0).collect(),
            closed: checks.iter().all(Check::closes),
            ..Self::default()
        }
    }

    /// One more entry.
    pub(super) fn enter(&mut self, check: &Check) {
        self.closed &= check.closes();
        if check.total > 0 || check.accounted > 0 {
            self.accounts.push(AccountReport {
                account: check.account.clone(),
                total: check.total,
                accounted: check.accounted,
            });
        }
    }

    pub(super) fn with_bits(self, bits: BitLedger) -> Self {
        let BitLedger { frames, markers, discarded, pending } = bits;
        Self { bits: Some(BitLedgerReport { frames, markers, discarded, pending }), ..self }
    }

    pub(super) fn with_frame_file(self, ledger: FrameFileLedger) -> Self {
        Self { frame_file: Some(ledger), ..self }
    }
}

/// Bits of a bit stream by where they went.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct BitLedgerReport {
    /// Code blocks.
    pub frames: u64,
    /// Markers.
    pub markers: u64,
    /// Passed over while searching, between CADUs, or after a slip.
    pub discarded: u64,
    /// Not decided when the input ended.
    pub pending: u64,
}

/// Octets of a file of frames by where they went.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct FrameFileLedger {
    /// Frames.
    pub frames: u64,
    /// Before each frame.
    pub skipped: u64,
    /// The unfinished frame at the end.
    pub pending: u64,
    /// Frames that do not say right where the next one begins.
    #[serde(default)]
    pub bad_headers: u64,
    /// From such a frame to the next one that was found.
    #[serde(default)]
    pub lost: u64,
}

impl FrameFileLedger {
    /// All octets.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.frames + self.skipped + self.pending + self.lost
    }
}

/// One total, and the sum of what it was split into.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccountReport {
    /// What is counted.
    pub account: String,
    /// Counted where it came in.
    pub total: u64,
    /// The sum of the places where it went.
    pub accounted: u64,
}

pub(super) fn undeclared(account: &Undeclared) -> Vec<UndeclaredReport> {
    let channels = account.channels.iter().map(|(gvcid, &frames)| UndeclaredReport {
        tfvn: gvcid.tfvn.get(),
        scid: gvcid.scid.get(),
        vcid: gvcid.vcid.get(),
        frames,
    });
    channels.collect()
}

pub(super) fn apids<'a>(
    channels: impl IntoIterator<Item = (Option<Gvcid>, &'a Processes)>,
) -> Vec<ApidReport> {
    let apids = channels.into_iter().flat_map(|(gvcid, processes)| {
        processes.apids.iter().map(move |(&apid, account)| ApidReport {
            scid: gvcid.map(|gvcid| gvcid.scid.get()),
            vcid: gvcid.map(|gvcid| gvcid.vcid.get()),
            apid,
            packets: account.packets,
            octets: account.octets,
            sequence_gaps: account.sequence_gaps,
            missing: account.missing,
            sequence_repeats: account.sequence_repeats,
        })
    });
    apids.collect()
}

pub(super) fn encapsulation<'a>(
    channels: impl IntoIterator<Item = (Option<Gvcid>, &'a Processes)>,
) -> Vec<EncapsulationReport> {
    let protocols = channels.into_iter().flat_map(|(gvcid, processes)| {
        processes.encapsulation.iter().map(move |(&protocol, account)| EncapsulationReport {
            scid: gvcid.map(|gvcid| gvcid.scid.get()),
            vcid: gvcid.map(|gvcid| gvcid.vcid.get()),
            protocol,
            packets: account.packets,
            octets: account.octets,
        })
    });
    protocols.collect()
}
