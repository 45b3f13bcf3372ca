//! What is reported of the fields that frames carry beside their data.

use serde::{Deserialize, Serialize};

/// One report in the operational control fields of one channel.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct OcfReport {
    /// Transfer frame version number.
    pub tfvn: u8,
    /// Spacecraft.
    pub scid: u16,
    /// Virtual channel.
    pub vcid: u8,
    /// The four octets in hexadecimal.
    pub word: String,
    /// Frames that carried it.
    pub frames: u64,
}

/// Insert zones of a physical channel.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct InsertZoneReport {
    /// Zones received.
    pub zones: u64,
    /// Their octets.
    pub octets: u64,
    /// Zones of frames that arrived and cannot be believed.
    pub unreadable: u64,
    /// Zones of frames that declared channels miss.
    pub missing: u64,
}

/// Frames of only idle data by their fill.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct IdleFillReport {
    /// The sequence that the books recommend.
    pub sequence: u64,
    /// One octet over and over.
    pub constant: u64,
    /// Anything else.
    pub other: u64,
    /// Too short to tell.
    pub short: u64,
}
