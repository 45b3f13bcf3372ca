//! Space packet primary header, CCSDS 133.0-B-2 §4.1.3.

use crate::id::Apid;

/// Packet version number of a space packet.
pub const PVN: u8 = 0;

/// Where a packet stands in a group of packets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SequenceFlags {
    /// Neither first nor last of a group.
    Continuation,
    /// First of a group.
    First,
    /// Last of a group.
    Last,
    /// Belongs to no group.
    Unsegmented,
}

/// The six octets that every space packet begins with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SpacePacketHeader {
    identification: u16,
    sequence: u16,
    data_len: u16,
}

impl SpacePacketHeader {
    /// Octets of the header.
    pub const LEN: usize = 6;

    /// A telemetry header for `data_len` octets of data field; `None` when that is 0 or more than 65536.
    #[must_use]
    pub const fn telemetry(
        apid: Apid,
        flags: SequenceFlags,
        sequence_count: u16,
        data_len: usize,
    ) -> Option<Self> {
        if data_len == 0 || data_len > 1 << 16 {
            return None;
        }
        Some(Self {
            identification: apid.get(),
            sequence: (flags.bits() as u16) << 14 | sequence_count & 0x3FFF,
            data_len: (data_len - 1) as u16,
        })
    }

    /// Split the octets into their words.
    #[must_use]
    pub const fn from_bytes(octets: &[u8; Self::LEN]) -> Self {
        let [a, b, c, d, e, f] = *octets;
        Self {
            identification: u16::from_be_bytes([a, b]),
            sequence: u16::from_be_bytes([c, d]),
            data_len: u16::from_be_bytes([e, f]),
        }
    }

    /// The octets as transmitted.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let [a, b] = self.identification.to_be_bytes();
        let [c, d] = self.sequence.to_be_bytes();
        let [e, f] = self.data_len.to_be_bytes();
        [a, b, c, d, e, f]
    }

    /// Set in telecommand packets.
    #[must_use]
    pub const fn is_telecommand(self) -> bool {
        self.identification & 1 << 12 != 0
    }

    /// Whether a secondary header begins the data field.
    #[must_use]
    pub const fn has_secondary_header(self) -> bool {
        self.identification & 1 << 11 != 0
    }

    /// The process that made the packet.
    #[must_use]
    pub const fn apid(self) -> Apid {
        Apid::from_low_bits(self.identification)
    }

    /// Where the packet stands in its group.
    #[must_use]
    pub const fn sequence_flags(self) -> SequenceFlags {
        match self.sequence >> 14 {
            0 => SequenceFlags::Continuation,
            1 => SequenceFlags::First,
            2 => SequenceFlags::Last,
            _ => SequenceFlags::Unsegmented,
        }
    }

    /// Packets of this process, modulo 16384.
    #[must_use]
    pub const fn sequence_count(self) -> u16 {
        self.sequence & 0x3FFF
    }

    /// The sequence count of the next packet of this process, where none is missing (133.0-B-2 §4.1.3.4.3).
    #[must_use]
    pub const fn next_sequence_count(self) -> u16 {
        self.sequence.wrapping_add(1) & 0x3FFF
    }

    /// Octets of the data field: the header holds that number minus one.
    #[must_use]
    pub const fn data_len(self) -> usize {
        self.data_len as usize + 1
    }

    /// Octets of the whole packet.
    #[must_use]
    pub const fn packet_len(self) -> usize {
        Self::LEN + self.data_len()
    }
}

impl SequenceFlags {
    /// The two bits as transmitted.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::First => 1,
            Self::Last => 2,
            Self::Unsegmented => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use spacepackets::{CcsdsPacket, SpHeader};

    proptest! {
        #[test]
        fn every_field_is_what_another_implementation_reads(octets: [u8; 6]) {
            let mut octets = octets;
            octets[0] &= 0x1F; // Version 0, as the other one demands.
            let ours = SpacePacketHeader::from_bytes(&octets);
            let (theirs, _) = SpHeader::from_be_bytes(&octets).unwrap();
            prop_assert_eq!(ours.apid().get(), theirs.apid().value());
            prop_assert_eq!(ours.sequence_count(), theirs.seq_count().value());
            prop_assert_eq!(ours.sequence_flags().bits(), theirs.sequence_flags() as u8);
            prop_assert_eq!(ours.packet_len(), theirs.packet_len());
            prop_assert_eq!(ours.has_secondary_header(), theirs.sec_header_flag());
            prop_assert_eq!(ours.is_telecommand(), theirs.packet_type() as u8 == 1);
            prop_assert_eq!(ours.to_bytes(), octets);
        }
    }

    #[test]
    fn a_header_refuses_what_its_length_field_cannot_hold() {
        let header = |len| SpacePacketHeader::telemetry(Apid::IDLE, SequenceFlags::Unsegmented, 0, len);
        assert_eq!(header(0), None);
        assert_eq!(header(65_537), None);
        assert_eq!(header(65_536).map(SpacePacketHeader::packet_len), Some(65_542));
    }
}
