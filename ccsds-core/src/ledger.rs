//! Closed accounts: every bit, frame, count and octet lands in exactly one place.
//!
//! Each ledger is a plain `Copy` struct of counters with a `total`. Whoever feeds the chain knows the total independently
//! (bits pushed, frames extracted, octets in packet zones) and compares: a ledger that does not close is a bug, never a
//! property of the link.

use crate::sdls::{DataPlace, Opened, SecurityOutcome};
use crate::vc::Continuity;

/// Where every bit of the input went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct BitLedger {
    /// Code blocks handed on.
    pub frames: u64,
    /// Their markers.
    pub markers: u64,
    /// Passed over while searching, between CADUs, or after a slip.
    pub discarded: u64,
    /// Not decided yet: an unfinished CADU, or too little to search in.
    pub pending: u64,
}

impl BitLedger {
    /// Nothing counted.
    pub const EMPTY: Self = Self { frames: 0, markers: 0, discarded: 0, pending: 0 };

    /// All bits.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.frames + self.markers + self.discarded + self.pending
    }
}

/// Where every frame went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct FrameLedger {
    /// Received without an error, for a declared channel.
    pub good: u64,
    /// The same, after correction.
    pub corrected: u64,
    /// Beyond correction.
    pub uncorrectable: u64,
    /// The frame error control field failed.
    pub fecf_failed: u64,
    /// No code, no FECF and no marker vouches for it.
    pub unverified: u64,
    /// The headers contradict the managed parameters.
    pub malformed: u64,
    /// Its protection says that it is not what was sent, or was sent before.
    pub refused: u64,
    /// For a channel that nobody declared.
    pub undeclared: u64,
    /// Only idle data.
    pub idle: u64,
}

impl FrameLedger {
    /// All frames.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.good
            + self.corrected
            + self.uncorrectable
            + self.fecf_failed
            + self.unverified
            + self.malformed
            + self.refused
            + self.undeclared
            + self.idle
    }
}

/// What every step of a frame count said.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct CountLedger {
    /// First frames: one, or none.
    pub first: u64,
    /// Frames that follow the one before.
    pub next: u64,
    /// Frames sent again.
    pub repeats: u64,
    /// Frames that come after others were lost.
    pub gaps: u64,
    /// Frames after which the count was set anew.
    pub restarts: u64,
    /// Frames lost in all gaps; not a part of the total.
    pub missing: u64,
}

impl CountLedger {
    /// Nothing counted.
    pub const EMPTY: Self = Self { first: 0, next: 0, repeats: 0, gaps: 0, restarts: 0, missing: 0 };

    /// All frames of the channel.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.first + self.next + self.repeats + self.gaps + self.restarts
    }

    /// Enter one step.
    pub const fn record(&mut self, continuity: Continuity) {
        match continuity {
            Continuity::First => self.first += 1,
            Continuity::Gap { missing } => {
                self.gaps += 1;
                self.missing = self.missing.saturating_add(missing);
            }
            Continuity::Next => self.next += 1,
            Continuity::Repeat => self.repeats += 1,
            Continuity::Restart => self.restarts += 1,
        }
    }
}

/// Where every octet of a channel's packet zones went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct OctetLedger {
    /// Complete packets.
    pub packets: u64,
    /// Idle packets and zones of only idle data.
    pub idle: u64,
    /// What is known of packets that broke off.
    pub truncated: u64,
    /// Before the first packet header of a zone that continues nothing known.
    pub headless: u64,
    /// Packets larger than the store.
    pub oversized: u64,
    /// Zones of repeated frames.
    pub repeated: u64,
    /// The packet still being put together.
    pub pending: u64,
}

impl OctetLedger {
    /// Nothing counted.
    pub const EMPTY: Self =
        Self { packets: 0, idle: 0, truncated: 0, headless: 0, oversized: 0, repeated: 0, pending: 0 };

    /// Both together, as of several assemblers on one channel.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            packets: self.packets + other.packets,
            idle: self.idle + other.idle,
            truncated: self.truncated + other.truncated,
            headless: self.headless + other.headless,
            oversized: self.oversized + other.oversized,
            repeated: self.repeated + other.repeated,
            pending: self.pending + other.pending,
        }
    }

    /// All octets.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.packets + self.idle + self.lost() + self.pending
    }

    /// Octets that reached nobody as a part of a whole packet.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.truncated + self.headless + self.oversized + self.repeated
    }
}

/// How many packets of each kind a channel delivered.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct PacketLedger {
    /// Complete packets, idle ones left out.
    pub packets: u64,
    /// Complete idle packets.
    pub idle: u64,
    /// Packets that broke off.
    pub truncated: u64,
    /// Packets larger than the store.
    pub oversized: u64,
    /// Complete packets, already counted, whose version number is unknown.
    pub unknown_version: u64,
    /// First header pointers that contradicted the packet being put together.
    pub fhp_mismatches: u64,
}

impl PacketLedger {
    /// Nothing counted.
    pub const EMPTY: Self =
        Self { packets: 0, idle: 0, truncated: 0, oversized: 0, unknown_version: 0, fhp_mismatches: 0 };

    /// Both together, as of several assemblers on one channel.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            packets: self.packets + other.packets,
            idle: self.idle + other.idle,
            truncated: self.truncated + other.truncated,
            oversized: self.oversized + other.oversized,
            unknown_version: self.unknown_version + other.unknown_version,
            fhp_mismatches: self.fhp_mismatches + other.fhp_mismatches,
        }
    }
}

/// What became of the protected frames of a channel, and where every octet of their data fields went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct SecurityLedger {
    /// Frames that are authentic and were never encrypted.
    pub authenticated: u64,
    /// Frames refused for their message authentication code.
    pub bad_mac: u64,
    /// Frames of an association that protects nothing.
    pub clear: u64,
    /// Frames refused because they cannot hold their headers.
    pub malformed: u64,
    /// Encrypted frames handed on as they are.
    pub no_key: u64,
    /// Frames that are authentic and were decrypted.
    pub opened: u64,
    /// Authentic frames refused for their sequence number.
    pub replayed: u64,
    /// Frames refused because nobody declared their association.
    pub unknown_spi: u64,
    /// Frames handed on without a check, for want of a key.
    pub unverified: u64,
    /// Octets of security headers.
    pub header_octets: u64,
    /// Octets of message authentication codes, and of fill.
    pub trailer_octets: u64,
    /// Octets handed on that can be read.
    pub data_octets: u64,
    /// Octets handed on that are still encrypted.
    pub sealed_octets: u64,
    /// Octets of the data fields of refused frames.
    pub refused_octets: u64,
}

impl SecurityLedger {
    /// Nothing counted.
    pub const EMPTY: Self = Self {
        authenticated: 0,
        bad_mac: 0,
        clear: 0,
        malformed: 0,
        no_key: 0,
        opened: 0,
        replayed: 0,
        unknown_spi: 0,
        unverified: 0,
        header_octets: 0,
        trailer_octets: 0,
        data_octets: 0,
        sealed_octets: 0,
        refused_octets: 0,
    };

    /// All protected frames.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        self.handed_on() + self.refused()
    }

    /// Frames handed on.
    #[must_use]
    pub const fn handed_on(&self) -> u64 {
        self.authenticated + self.clear + self.no_key + self.opened + self.unverified
    }

    /// Frames refused.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.bad_mac + self.malformed + self.replayed + self.unknown_spi
    }

    /// All octets of their data fields.
    #[must_use]
    pub const fn octets(&self) -> u64 {
        self.header_octets + self.trailer_octets + self.data_octets + self.sealed_octets + self.refused_octets
    }

    /// Enter one frame: `place` as it was received, `opened` as it was left. One without protection is no part of this account.
    pub const fn record(&mut self, place: &DataPlace, opened: &Opened) {
        let frames = match opened.outcome {
            SecurityOutcome::Authenticated => &mut self.authenticated,
            SecurityOutcome::BadMac => &mut self.bad_mac,
            SecurityOutcome::Clear => &mut self.clear,
            SecurityOutcome::Malformed => &mut self.malformed,
            SecurityOutcome::NoKey => &mut self.no_key,
            SecurityOutcome::Opened => &mut self.opened,
            SecurityOutcome::Replayed => &mut self.replayed,
            SecurityOutcome::UnknownSpi => &mut self.unknown_spi,
            SecurityOutcome::Unprotected => return,
            SecurityOutcome::Unverified => &mut self.unverified,
        };
        *frames += 1;
        let all = place.end.saturating_sub(place.start) as u64;
        if opened.outcome.is_refused() {
            self.refused_octets += all;
            return;
        }
        let header = opened.start.saturating_sub(place.start) as u64;
        let data = opened.end.saturating_sub(opened.start) as u64;
        self.header_octets += header;
        if opened.outcome.is_sealed() {
            self.sealed_octets += data;
        } else {
            self.data_octets += data;
        }
        self.trailer_octets += all.saturating_sub(header + data);
    }
}

#[cfg(test)]
mod tests;
