//! Packet error control: the check that ends the data field of a PUS packet.
//!
//! ECSS-E-70-41A annex A.1 and ECSS-E-ST-70-41C annex B.1: the CRC of the frame error control field (see [`crate::fecf`]),
//! over the whole packet. The space packet protocol itself knows no such field (133.0-B-2 §4.1.4): whether there is one is agreed
//! between the users of an application process.

use crate::fecf::crc16;
use crate::packet::space::{PVN, SpacePacketHeader};
use crate::quality::PacketQuality;

/// Whether the packets of a channel end with a check.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Pec {
    /// They do not.
    #[default]
    Absent,
    /// Those with a secondary header end with a CRC of 16 bits.
    ///
    /// Time packets and idle packets have neither secondary header nor check (ECSS-E-ST-70-41C §7.4.2).
    Crc16,
}

/// What a check said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PecStatus {
    /// The packet was changed, or carries no check after all.
    Invalid,
    /// This packet carries none.
    Unchecked,
    /// The packet is as it was made.
    Valid,
}

impl Pec {
    /// Octets of the check at the end of a packet that carries one.
    pub const LEN: usize = 2;

    /// Check one whole packet, header included.
    #[must_use]
    pub fn check(self, packet: &[u8]) -> PecStatus {
        match self {
            Self::Crc16 if carries_check(packet) => match packet.split_last_chunk() {
                Some((body, check)) if crc16(body) == u16::from_be_bytes(*check) => PecStatus::Valid,
                _ => PecStatus::Invalid,
            },
            Self::Absent | Self::Crc16 => PecStatus::Unchecked,
        }
    }

    /// Octets that end this packet and are no data.
    pub(super) fn trailer_len(self, packet: &[u8]) -> usize {
        match self {
            Self::Crc16 if carries_check(packet) => Self::LEN,
            Self::Absent | Self::Crc16 => 0,
        }
    }
}

impl PecStatus {
    /// What the check adds to the quality of its packet.
    #[must_use]
    pub const fn quality(self) -> PacketQuality {
        match self {
            Self::Invalid => PacketQuality::PEC_FAILED,
            Self::Unchecked | Self::Valid => PacketQuality::GOOD,
        }
    }
}

/// How many packets each answer was given for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct PecLedger {
    /// The check failed.
    pub invalid: u64,
    /// There was none.
    pub unchecked: u64,
    /// The check passed.
    pub valid: u64,
}

impl PecLedger {
    /// Nothing counted.
    pub const EMPTY: Self = Self { invalid: 0, unchecked: 0, valid: 0 };

    /// Enter one answer.
    pub const fn record(&mut self, status: PecStatus) {
        match status {
            PecStatus::Invalid => self.invalid += 1,
            PecStatus::Unchecked => self.unchecked += 1,
            PecStatus::Valid => self.valid += 1,
        }
    }

    /// All packets.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.invalid + self.unchecked + self.valid
    }
}

/// A space packet with a secondary header.
fn carries_check(packet: &[u8]) -> bool {
    match packet.split_first_chunk::<{ SpacePacketHeader::LEN }>() {
        Some((header, _)) => {
            header.first().is_some_and(|first| first >> 5 == PVN)
                && SpacePacketHeader::from_bytes(header).has_secondary_header()
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet of Euclid, PUS-A, telecommand acceptance report; public recording by Daniel Estévez.
    const EUCLID: [u8; 22] = [
        0x0A, 0x00, 0xC4, 0x25, 0x00, 0x0F, 0x10, 0x01, 0x01, 0x01, 0x00, 0x01, 0x70, 0xB5, 0x1C, 0x2B, 0x1A,
        0x00, 0xD7, 0x3E, 0xA9, 0xA3,
    ];

    #[test]
    fn a_check_made_by_a_spacecraft_is_valid_until_a_bit_changes() {
        assert_eq!(Pec::Crc16.check(&EUCLID), PecStatus::Valid);
        for bit in 0..8 * EUCLID.len() {
            let mut damaged = EUCLID;
            damaged[bit / 8] ^= 0x80 >> (bit % 8);
            // Without version or secondary header flag the packet claims to carry no check.
            let expected = if matches!(bit, 0..=2 | 4) { PecStatus::Unchecked } else { PecStatus::Invalid };
            assert_eq!(Pec::Crc16.check(&damaged), expected, "bit {bit}");
        }
    }

    /// Euclid and Hera: time packets end without a check.
    #[test]
    fn a_packet_without_secondary_header_carries_no_check() {
        let time = [0x00, 0x00, 0xCA, 0x5D, 0x00, 0x08, 0x06, 0x2F, 0x00, 0x01, 0x6C, 0xCE, 0x86, 0x02, 0xD9];
        assert_eq!(Pec::Crc16.check(&time), PecStatus::Unchecked);
        assert_eq!(Pec::Crc16.check(&[0xE9, 3, 0]), PecStatus::Unchecked);
        assert_eq!(Pec::Crc16.check(&[0x08]), PecStatus::Unchecked);
        assert_eq!(Pec::Absent.check(&EUCLID), PecStatus::Unchecked);
    }

    #[test]
    fn the_check_is_the_one_that_another_implementation_writes() {
        use spacepackets::SpHeader;
        use spacepackets::ecss::tm::{CreatorConfig, MessageTypeId, PusTmCreator, PusTmSecondaryHeader};
        let mut octets = [0; 22];
        let written = PusTmCreator::new(
            SpHeader::new_from_apid(5u8.into()),
            PusTmSecondaryHeader::new(MessageTypeId::new(17, 2), 7, 0, &[1, 2, 3, 4]),
            &[9, 8, 7],
            CreatorConfig::default(),
        )
        .write_to_slice(&mut octets);
        assert_eq!((written, Pec::Crc16.check(&octets)), (Ok(22), PecStatus::Valid));
    }

    #[test]
    fn every_answer_is_counted_once_and_only_failure_is_damage() {
        let mut ledger = PecLedger::EMPTY;
        for status in [PecStatus::Invalid, PecStatus::Valid, PecStatus::Unchecked, PecStatus::Valid] {
            ledger.record(status);
            assert_eq!(status.quality().is_good(), status != PecStatus::Invalid);
        }
        assert_eq!((ledger.invalid, ledger.unchecked, ledger.valid, ledger.total()), (1, 1, 2, 4));
    }
}
