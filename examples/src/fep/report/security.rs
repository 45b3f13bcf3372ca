//! What is reported of protected frames.

use ccsds_core::id::Gvcid;
use ccsds_core::ledger::SecurityLedger;
use serde::{Deserialize, Serialize};

/// Protected frames of one channel by what came of them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SecurityReport {
    /// Transfer frame version number.
    pub tfvn: u8,
    /// Spacecraft.
    pub scid: u16,
    /// Virtual channel.
    pub vcid: u8,
    /// Authentic, and decrypted.
    pub opened: u64,
    /// Authentic, and never encrypted.
    pub authenticated: u64,
    /// Of an association that protects nothing.
    pub clear: u64,
    /// Passed on unchecked, for want of a key.
    pub unverified: u64,
    /// Encrypted, and passed on as they are, for want of a key.
    pub no_key: u64,
    /// Refused: the message authentication code is wrong.
    pub bad_mac: u64,
    /// Refused: authentic, but the sequence number is not one of those that may come next.
    pub replayed: u64,
    /// Refused: nobody declared the association for this channel.
    pub unknown_spi: u64,
    /// Refused: they cannot hold what the association says they hold.
    pub malformed: u64,
    /// Where the octets of their data fields went.
    pub octets: SecurityOctets,
}

/// Octets of the data fields of protected frames by where they went.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SecurityOctets {
    /// Security headers.
    pub headers: u64,
    /// Message authentication codes, and fill.
    pub trailers: u64,
    /// Handed on to the channel.
    pub data: u64,
    /// Handed on, still encrypted.
    pub sealed: u64,
    /// Of refused frames.
    pub refused: u64,
}

impl SecurityReport {
    pub(in crate::fep) const fn new(gvcid: Gvcid, ledger: &SecurityLedger) -> Self {
        Self {
            tfvn: gvcid.tfvn.get(),
            scid: gvcid.scid.get(),
            vcid: gvcid.vcid.get(),
            opened: ledger.opened,
            authenticated: ledger.authenticated,
            clear: ledger.clear,
            unverified: ledger.unverified,
            no_key: ledger.no_key,
            bad_mac: ledger.bad_mac,
            replayed: ledger.replayed,
            unknown_spi: ledger.unknown_spi,
            malformed: ledger.malformed,
            octets: SecurityOctets {
                headers: ledger.header_octets,
                trailers: ledger.trailer_octets,
                data: ledger.data_octets,
                sealed: ledger.sealed_octets,
                refused: ledger.refused_octets,
            },
        }
    }
}
