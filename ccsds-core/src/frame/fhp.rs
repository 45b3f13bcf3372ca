//! First header pointer: where in a frame's packet zone the first packet begins.

use super::FrameError;

/// First header pointer, decoded; the three protocols encode it differently.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Fhp {
    /// The first packet header begins at this octet of the zone.
    At(u16),
    /// The zone holds only idle data.
    IdleOnly,
    /// No packet begins here: the zone continues a packet from an earlier frame.
    NoPacketStart,
}

impl Fhp {
    /// The eleven-bit pointer of TM (132.0-B-3 §4.1.2.7.6) and of the AOS M_PDU (732.0-B-5 §4.1.4.2.3).
    pub(super) const fn from_11_bits(word: u16, zone_len: usize) -> Result<Self, FrameError> {
        match word & 0x7FF {
            NO_START_11 => Ok(Self::NoPacketStart),
            ONLY_IDLE_11 => Ok(Self::IdleOnly),
            pointer => Self::at(pointer, zone_len),
        }
    }

    /// The sixteen-bit pointer of a USLP data field header (732.1-B-3 §4.1.4.2.4).
    pub(super) const fn from_16_bits(word: u16, zone_len: usize) -> Result<Self, FrameError> {
        match word {
            u16::MAX => Ok(Self::NoPacketStart),
            pointer => Self::at(pointer, zone_len),
        }
    }

    const fn at(pointer: u16, zone_len: usize) -> Result<Self, FrameError> {
        if (pointer as usize) < zone_len {
            Ok(Self::At(pointer))
        } else {
            Err(FrameError::Pointer { pointer, zone_len })
        }
    }
}

/// TM and AOS: only idle data.
pub(super) const ONLY_IDLE_11: u16 = 0x7FE;
/// TM and AOS: no packet starts in the zone.
const NO_START_11: u16 = 0x7FF;
