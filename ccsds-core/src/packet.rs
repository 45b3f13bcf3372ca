//! Packets: space packets (133.0-B-2) and encapsulation packets (133.1-B-3), and what missions agree on above them: groups of
//! packets, packet error control, secondary headers of the packet utilization standard.

pub mod encap;
pub mod group;
pub mod pec;
pub mod pus;
pub mod space;

use core::fmt;

pub use self::encap::{EncapsulationError, EncapsulationHeader};
pub use self::group::{GroupFormat, GroupJoiner, GroupLedger, GroupSlot, Joined};
pub use self::pec::{Pec, PecLedger, PecStatus};
pub use self::pus::{PusError, PusFormat, PusHeader, PusIssue, PusTime};
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
/// Version 7 is an encapsulation packet, if its header can be one. Any other is delimited as a space packet, also where the version
/// number is unknown: what follows it in the zone is then not lost, and the next first header pointer tells whether that was
/// right. See [`has_known_version`].
///
/// # Errors
/// When more octets are needed to tell.
pub const fn packet_len(head: &[u8]) -> Result<usize, ShortHeader> {
    // No shorter than the octets that were looked at, so that the packet alone tells the same length.
    let min = match EncapsulationHeader::parse(head) {
        Ok(header) => return Ok(header.packet_len()),
        Err(EncapsulationError::Short(short)) => return Err(short),
        Err(EncapsulationError::Length { min, .. }) => min,
        Err(EncapsulationError::Version { .. }) => 0,
    };
    match head.first_chunk() {
        Some(header) => {
            let len = SpacePacketHeader::from_bytes(header).packet_len();
            Ok(if len < min { min } else { len })
        }
        None => Err(ShortHeader { needed: SpacePacketHeader::LEN, actual: head.len() }),
    }
}

/// Whether `head` begins a packet of a kind that exists: a space packet, or an encapsulation packet whose header can be right.
#[must_use]
pub const fn has_known_version(head: &[u8]) -> bool {
    match head {
        [first, ..] if *first >> 5 == space::PVN => true,
        _ => EncapsulationHeader::parse(head).is_ok(),
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

/// A packet header is not complete yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ShortHeader {
    /// Octets needed to tell the packet's length.
    pub needed: usize,
    /// Octets given.
    pub actual: usize,
}

impl fmt::Display for ShortHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "packet header needs {} octets, {} available", self.needed, self.actual)
    }
}

impl core::error::Error for ShortHeader {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_tell_their_length() {
        assert_eq!(packet_len(&[0x08, 0x01, 0xC0, 0x00, 0x00, 0x00]), Ok(7));
        assert_eq!(packet_len(&[0x07, 0xFF, 0xC0, 0x00, 0xFF, 0xFF]), Ok(65_542));
        assert_eq!(packet_len(&[0xE0]), Ok(1));
        assert_eq!(packet_len(&[]), Err(ShortHeader { needed: 1, actual: 0 }));
        assert_eq!(packet_len(&[0x08, 0x01, 0xC0]), Err(ShortHeader { needed: 6, actual: 3 }));
        assert_eq!(packet_len(&[0xEA, 0, 0]), Err(ShortHeader { needed: 4, actual: 3 }));
    }

    /// Seen from ESCAPADE: two packets of versions 7 and 2, between others, whose lengths lead on from one to the next.
    #[test]
    fn an_unknown_version_is_delimited_as_a_space_packet_and_said_to_be_unknown() {
        let version_2 = [0x48, 0x00, 0x40, 0x00, 0x00, 0x94];
        let no_encapsulation = [0xF5, 0x02, 0x0D, 0x00, 0x00, 0x00];
        assert_eq!((packet_len(&version_2), has_known_version(&version_2)), (Ok(155), false));
        assert_eq!((packet_len(&no_encapsulation), has_known_version(&no_encapsulation)), (Ok(7), false));
        assert!(has_known_version(&[0xE9, 3]) && has_known_version(&[0x08]));
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
