//! What is reported of the fields that frames carry beside their data.

use frame_sync::slices::SliceStats;
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

/// Service data units of a channel that are no packets: VCA, bitstreams, units that USLP delimits.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SdusReport {
    /// Units that are whole; of VCA and bitstreams one a frame.
    pub units: u64,
    /// Their bits.
    pub bits: u64,
    /// Units that broke off.
    pub truncated: u64,
    /// Units larger than the mission file allows.
    pub oversized: u64,
    /// Octets by where they went.
    pub octets: SduOctets,
}

/// Octets of the zones of service data units by where they went.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SduOctets {
    /// Whole units; the last octet of a piece of bitstream counts whole.
    pub units: u64,
    /// Frames that hold only idle data.
    pub idle: u64,
    /// Behind the last valid bit of a bitstream.
    pub fill: u64,
    /// What is known of units that broke off.
    pub truncated: u64,
    /// Of units whose beginning is not known.
    pub headless: u64,
    /// Units larger than the mission file allows.
    pub oversized: u64,
    /// Frames sent again.
    pub repeated: u64,
    /// The units under way when the input ended.
    pub pending: u64,
}

impl SduOctets {
    /// All octets.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.units
            + self.idle
            + self.fill
            + self.truncated
            + self.headless
            + self.oversized
            + self.repeated
            + self.pending
    }
}

/// Slices, and the frames found in the stream that they make.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SlicesReport {
    /// Slices joined.
    pub slices: u64,
    /// Slices missing in between, where that can be known.
    pub lost: u64,
    /// Places where nothing could be joined.
    pub breaks: u64,
    /// Frames found.
    pub frames: u64,
    /// Those of them that lost some of their bits with a slice: they go nowhere.
    pub cut: u64,
    /// Locks on the markers of the frames.
    pub locks: u64,
    /// Frames whose marker was not recognised.
    pub flywheel: u64,
    /// Bit errors in the markers of the frames.
    pub marker_bit_errors: u64,
    /// Bits made up for slices that are missing.
    pub filled_bits: u64,
    /// Bits of the slices that are in no frame and no marker.
    pub discarded_bits: u64,
    /// Bits that were not decided when the input ended.
    pub pending_bits: u64,
}

impl SlicesReport {
    pub(in crate::fep) const fn new(stats: &SliceStats) -> Self {
        let sync = stats.sync;
        Self {
            slices: stats.slices,
            lost: stats.lost,
            breaks: stats.breaks,
            frames: sync.cadus,
            cut: stats.cut,
            locks: sync.locks,
            flywheel: sync.flywheel,
            marker_bit_errors: sync.marker_bit_errors,
            filled_bits: stats.filled_bits,
            discarded_bits: sync.bits.discarded,
            pending_bits: sync.bits.pending,
        }
    }
}

/// CADUs of one coding, where a stream has several.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct MarkerReport {
    /// Its marker in hexadecimal.
    pub marker: String,
    /// CADUs behind it.
    pub cadus: u64,
}
