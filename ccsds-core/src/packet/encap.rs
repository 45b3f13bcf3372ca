//! Encapsulation packet header, CCSDS 133.1-B-3 §4.1.2.

use core::fmt;

use super::ShortHeader;

/// Packet version number of an encapsulation packet.
pub const PVN: u8 = 7;

/// The header of an encapsulation packet: 1, 2, 4 or 8 octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EncapsulationHeader {
    first: u8,
    packet_len: usize,
}

impl EncapsulationHeader {
    /// Read the header that begins `head`.
    ///
    /// # Errors
    /// When more octets are needed, or these cannot be such a header: only idle packets go without data.
    pub const fn parse(head: &[u8]) -> Result<Self, EncapsulationError> {
        let Some(&first) = head.first() else {
            return Err(EncapsulationError::Short(ShortHeader { needed: 1, actual: 0 }));
        };
        if first >> 5 != PVN {
            return Err(EncapsulationError::Version { pvn: first >> 5 });
        }
        let header_len = header_len(first);
        // The field counts the whole packet, header included.
        let packet_len = match (header_len, head) {
            (1, _) => 1,
            (2, [_, len, ..]) => *len as usize,
            (4, [_, _, a, b, ..]) => u16::from_be_bytes([*a, *b]) as usize,
            (8, [_, _, _, _, a, b, c, d, ..]) => u32::from_be_bytes([*a, *b, *c, *d]) as usize,
            _ => {
                return Err(EncapsulationError::Short(ShortHeader {
                    needed: header_len,
                    actual: head.len(),
                }));
            }
        };
        let min = if is_idle(first) { header_len } else { header_len + 1 };
        if packet_len < min {
            return Err(EncapsulationError::Length { len: packet_len, min });
        }
        Ok(Self { first, packet_len })
    }

    /// Octets of the header.
    #[must_use]
    pub const fn header_len(self) -> usize {
        header_len(self.first)
    }

    /// Octets of the whole packet.
    #[must_use]
    pub const fn packet_len(self) -> usize {
        self.packet_len
    }

    /// Protocol identifier, three bits; 6 means that the second octet extends it.
    #[must_use]
    pub const fn protocol_id(self) -> u8 {
        self.first >> 2 & 7
    }

    /// Whether the packet is fill.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        is_idle(self.first)
    }
}

/// Why some octets are no encapsulation packet header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncapsulationError {
    /// The length field says less than the header and its data take.
    Length {
        /// What the field says.
        len: usize,
        /// The least it can say.
        min: usize,
    },
    /// More octets are needed.
    Short(ShortHeader),
    /// The version number is not 7.
    Version {
        /// The first three bits.
        pvn: u8,
    },
}

impl fmt::Display for EncapsulationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Length { len, min } => write!(f, "packet length field says {len}, at least {min} needed"),
            Self::Short(short) => short.fmt(f),
            Self::Version { pvn } => {
                write!(f, "packet version number {pvn} is not that of an encapsulation packet")
            }
        }
    }
}

impl core::error::Error for EncapsulationError {}

/// Protocol identifier zero is idle.
pub(super) const fn is_idle(first: u8) -> bool {
    first >> 2 & 7 == 0
}

/// The last two bits of the first octet say how long the length field is.
const fn header_len(first: u8) -> usize {
    1 << (first & 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_field_counts_the_header() {
        for (head, header_len, packet_len) in [
            (&[0xE0][..], 1, 1),
            (&[0xE1, 2], 2, 2),
            (&[0xE9, 10], 2, 10),
            (&[0xEA, 0, 1, 0], 4, 256),
            (&[0xEB, 0, 0, 0, 0, 1, 0, 0], 8, 65_536),
        ] {
            let header = EncapsulationHeader::parse(head).unwrap();
            assert_eq!((header.header_len(), header.packet_len()), (header_len, packet_len));
        }
    }

    #[test]
    fn only_idle_packets_go_without_data() {
        let error = |head| EncapsulationHeader::parse(head).unwrap_err();
        assert_eq!(error(&[0xE9, 2]), EncapsulationError::Length { len: 2, min: 3 });
        assert_eq!(error(&[0xE1, 1]), EncapsulationError::Length { len: 1, min: 2 });
        assert_eq!(error(&[0xE4]), EncapsulationError::Length { len: 1, min: 2 });
        assert_eq!(error(&[0xC0]), EncapsulationError::Version { pvn: 6 });
        let short = ShortHeader { needed: 4, actual: 3 };
        assert_eq!(error(&[0xEA, 0, 0]), EncapsulationError::Short(short));
    }

    #[test]
    fn protocol_zero_is_idle() {
        assert!(EncapsulationHeader::parse(&[0xE1, 9]).unwrap().is_idle());
        assert_eq!(EncapsulationHeader::parse(&[0xE9, 9]).unwrap().protocol_id(), 2);
    }
}
