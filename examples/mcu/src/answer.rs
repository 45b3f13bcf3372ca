//! What came out, folded into a few words.

use ccsds_core::ledger::CountLedger;

/// What one virtual channel gave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChannelAnswer {
    /// Good packets, fill left out.
    pub packets: u32,
    /// FNV-1a over all their octets.
    pub hash: u32,
    /// Gaps in the frame count.
    pub gaps: u32,
    /// Frames missing in them.
    pub missing: u32,
    /// Frames sent again.
    pub repeats: u32,
}

/// What the firmware made of the recording, and what it must make of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The channels, in the order of declaration.
    pub channels: [ChannelAnswer; 3],
    /// Parameters of all housekeeping packets.
    pub parameters: u32,
    /// FNV-1a over their engineering values.
    pub parameter_hash: u32,
    /// Those of them that are alarming.
    pub alarms: u32,
    /// Octets of the recording.
    pub octets: u32,
}

impl Answer {
    /// Nothing came out.
    pub const NONE: Self = {
        let channel = ChannelAnswer { packets: 0, hash: FNV_OFFSET, gaps: 0, missing: 0, repeats: 0 };
        Self { channels: [channel; 3], parameters: 0, parameter_hash: FNV_OFFSET, alarms: 0, octets: 0 }
    };
}

impl ChannelAnswer {
    /// Enter a good packet.
    pub fn packet(&mut self, octets: &[u8]) {
        self.packets = self.packets.wrapping_add(1);
        self.hash = fnv(self.hash, octets);
    }

    /// Enter what the frame counts said.
    pub fn counts(&mut self, counts: &CountLedger) {
        self.gaps = counts.gaps as u32;
        self.missing = counts.missing as u32;
        self.repeats = counts.repeats as u32;
    }
}

/// Go on with a hash.
pub fn fnv(hash: u32, octets: &[u8]) -> u32 {
    octets.iter().fold(hash, |hash, &octet| (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193))
}

/// The hash of nothing.
pub const FNV_OFFSET: u32 = 0x811C_9DC5;
