//! What is reported above the packets: checks, groups, services.

use serde::{Deserialize, Serialize};

/// What the packets of one channel hold, as far as the mission file says how to read them.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChannelServicesReport {
    /// Spacecraft; `None` in a packet file.
    pub scid: Option<u16>,
    /// Virtual channel; `None` in a packet file.
    pub vcid: Option<u8>,
    /// Packets by what their check said, idle ones left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pec: Option<PecReport>,
    /// Packets by process, service and subservice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pus: Vec<PusReport>,
    /// Packets whose secondary header was not read, by reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pus_unread: Option<PusUnreadReport>,
    /// Groups of packets, and where each packet went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<GroupsReport>,
}

/// Packets by what their check said.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PecReport {
    /// It passed.
    pub valid: u64,
    /// It failed.
    pub invalid: u64,
    /// There was none: the packet has no secondary header.
    pub unchecked: u64,
}

/// Packets of one service and subservice of one process.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PusReport {
    /// Application process identifier.
    pub apid: u16,
    /// Service type.
    pub service: u8,
    /// Message subtype.
    pub subservice: u8,
    /// Packets.
    pub packets: u64,
    /// Their octets.
    pub octets: u64,
    /// Time in the first one: ISO 8601, or seconds from the agency's epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_time: Option<String>,
    /// Time in the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_time: Option<String>,
}

/// Packets whose secondary header was not read, by reason.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PusUnreadReport {
    /// They have none: time packets, telecommands.
    pub without_header: u64,
    /// It follows another issue of the standard.
    pub version: u64,
    /// It ends too early, or its time has no known code.
    pub malformed: u64,
    /// The packet's check failed.
    pub damaged: u64,
    /// It was read, but its time holds what no time does.
    pub bad_time: u64,
}

/// Groups of packets, and where each packet went.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct GroupsReport {
    /// Whole groups.
    pub whole: u64,
    /// Groups that broke off.
    pub truncated: u64,
    /// Groups larger than the mission file allows.
    pub oversized: u64,
    /// Packets that are no part of a group.
    pub passed: u64,
    /// Parts of whole groups.
    pub parts_joined: u64,
    /// Parts of groups that broke off.
    pub parts_truncated: u64,
    /// Parts without the first part of their group.
    pub parts_headless: u64,
    /// Parts of groups larger than the mission file allows.
    pub parts_oversized: u64,
    /// First parts of groups beyond those that may be open at a time.
    pub parts_without_slot: u64,
    /// Parts of groups still open when the input ended.
    pub parts_pending: u64,
}
