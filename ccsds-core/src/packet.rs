//! Packets: space packets (133.0-B-2) and encapsulation packets (133.1-B-3).

pub mod encap;
pub mod space;

use core::fmt;

pub use self::encap::EncapsulationHeader;
pub use self::space::{SequenceFlags, SpacePacketHeader};

use crate::id::Apid;
use crate::quality::PacketMeta;

/// A packet and what is known about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Packet<'a> {
    /// The packet, header included; its first part only when the quality says truncated.
    pub bytes: &'a [u8],
    /// Where it came from and how well it was received.
    pub meta: PacketMeta,
}

impl Packet<'_> {
    /// Whether it is fill: an idle space packet or an idle encapsulation packet.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        is_idle(self.bytes)
    }
}

/// Length of the packet that `head` begins, header included.
///
/// # Errors
/// [`PacketError::Short`] when more octets are needed to tell; any other when no packet begins so.
pub const fn packet_len(head: &[u8]) -> Result<usize, PacketError> {
    let Some(&first) = head.first() else { return Err(PacketError::Short { needed: 1, actual: 0 }) };
    match first >> 5 {
        space::PVN => match head.first_chunk() {
            Some(header) => Ok(SpacePacketHeader::from_bytes(header).packet_len()),
            None => Err(PacketError::Short { needed: SpacePacketHeader::LEN, actual: head.len() }),
        },
        encap::PVN => match EncapsulationHeader::parse(head) {
            Ok(header) => Ok(header.packet_len()),
            Err(error) => Err(error),
        },
        pvn => Err(PacketError::UnknownVersion { pvn }),
    }
}

/// Whether the packet that `head` begins is fill; `false` where the octets do not suffice to tell.
#[must_use]
pub const fn is_idle(head: &[u8]) -> bool {
    match head {
        [first, ..] if *first >> 5 == encap::PVN => encap::is_idle(*first),
        [a, b, ..] if *a >> 5 == space::PVN => {
            Apid::from_low_bits(u16::from_be_bytes([*a, *b])).get() == Apid::IDLE.get()
        }
        _ => false,
    }
}

/// Why no packet length can be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PacketError {
    /// The length field says less than the header itself takes.
    LengthField {
        /// What the field says.
        len: usize,
        /// What the header takes.
        min: usize,
    },
    /// More octets are needed.
    Short {
        /// Octets needed.
        needed: usize,
        /// Octets given.
        actual: usize,
    },
    /// No packet has this version number.
    UnknownVersion {
        /// The first three bits.
        pvn: u8,
    },
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::LengthField { len, min } => write!(f, "packet length field says {len}, the header alone takes {min}"),
            Self::Short { needed, actual } => write!(f, "packet header needs {needed} octets, {actual} available"),
            Self::UnknownVersion { pvn } => write!(f, "unknown packet version number {pvn}"),
        }
    }
}

impl core::error::Error for PacketError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_tell_their_length() {
        assert_eq!(packet_len(&[0x08, 0x01, 0xC0, 0x00, 0x00, 0x00]), Ok(7));
        assert_eq!(packet_len(&[0x07, 0xFF, 0xC0, 0x00, 0xFF, 0xFF]), Ok(65_542));
        assert_eq!(packet_len(&[0xE0]), Ok(1));
        assert_eq!(packet_len(&[0x20]), Err(PacketError::UnknownVersion { pvn: 1 }));
        assert_eq!(packet_len(&[]), Err(PacketError::Short { needed: 1, actual: 0 }));
        assert_eq!(packet_len(&[0x08, 0x01, 0xC0]), Err(PacketError::Short { needed: 6, actual: 3 }));
    }

    /// A peer panics on this one: a packet that is shorter than its length field says.
    #[test]
    fn a_packet_cut_off_after_its_header_is_no_trouble() {
        assert_eq!(packet_len(&[0x08, 0x00, 0xC0, 0x21, 0x00, 0x00, 0x01]), Ok(7));
        assert!(!is_idle(&[0x08]));
    }

    #[test]
    fn idle_is_told_by_apid_and_by_protocol() {
        assert!(is_idle(&[0x07, 0xFF]));
        assert!(is_idle(&[0xE0]));
        assert!(is_idle(&[0xE1, 0x05]));
        assert!(!is_idle(&[0xE4]));
        assert!(!is_idle(&[0x00, 0x00]));
    }
}
