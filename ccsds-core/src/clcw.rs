//! Communications link control word, CCSDS 232.0-B §4.2, and the operational control field that carries it.

mod changes;

pub use self::changes::OcfChanges;
use crate::id::Vcid;

/// Operational control field of a transfer frame: four octets of one of two kinds (132.0-B-3 §4.1.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Ocf {
    /// Type 1: a communications link control word.
    Clcw(Clcw),
    /// Type 2: a report of another kind, such as a frame security report or a project's own.
    Other([u8; Clcw::LEN]),
}

impl Ocf {
    /// Tell the kinds apart by the first bit.
    #[must_use]
    pub const fn from_bytes(octets: [u8; Clcw::LEN]) -> Self {
        match Clcw::from_bytes(octets) {
            Some(clcw) => Self::Clcw(clcw),
            None => Self::Other(octets),
        }
    }
}

/// What FARM-1 aboard reports of one telecommand channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Clcw {
    word: u32,
}

impl Clcw {
    /// Octets of a control word.
    pub const LEN: usize = 4;

    /// `None` when the control word type bit says this is some other report.
    #[must_use]
    pub const fn from_bytes(octets: [u8; Self::LEN]) -> Option<Self> {
        let word = u32::from_be_bytes(octets);
        if word & CONTROL_WORD_TYPE == 0 { Some(Self { word }) } else { None }
    }

    /// The four octets as transmitted.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        self.word.to_be_bytes()
    }

    /// Version number; `0` in the present issue.
    #[must_use]
    pub const fn version(self) -> u8 {
        self.field(1, 2)
    }

    /// The agency's own status field.
    #[must_use]
    pub const fn status(self) -> u8 {
        self.field(3, 3)
    }

    /// COP in effect: 1 for COP-1.
    #[must_use]
    pub const fn cop_in_effect(self) -> u8 {
        self.field(6, 2)
    }

    /// The telecommand virtual channel that this word reports on.
    #[must_use]
    pub const fn vcid(self) -> Vcid {
        Vcid::from_low_bits(self.field(8, 6))
    }

    /// Whether the physical layer says that there is no radio frequency.
    #[must_use]
    pub const fn no_rf_available(self) -> bool {
        self.flag(16)
    }

    /// Whether there is no bit lock.
    #[must_use]
    pub const fn no_bit_lock(self) -> bool {
        self.flag(17)
    }

    /// Whether FARM-1 refuses frames until it is unlocked.
    #[must_use]
    pub const fn lockout(self) -> bool {
        self.flag(18)
    }

    /// Whether the higher procedures cannot take frames at present.
    #[must_use]
    pub const fn wait(self) -> bool {
        self.flag(19)
    }

    /// Whether a frame was lost or refused and must be sent again.
    #[must_use]
    pub const fn retransmit(self) -> bool {
        self.flag(20)
    }

    /// FARM-B counter: type-B frames accepted, modulo 4.
    #[must_use]
    pub const fn farm_b_counter(self) -> u8 {
        self.field(21, 2)
    }

    /// The next frame sequence number that FARM-1 expects, N(R).
    #[must_use]
    pub const fn report_value(self) -> u8 {
        self.field(24, 8)
    }

    /// The field of at most eight bits that starts at `first_bit`.
    const fn field(self, first_bit: u32, bits: u32) -> u8 {
        (self.word >> (32 - first_bit - bits)) as u8 & (0xFF >> (8 - bits))
    }

    const fn flag(self, n: u32) -> bool {
        self.word & bit(n) != 0
    }
}

const CONTROL_WORD_TYPE: u32 = bit(0);

/// CCSDS numbers bits from the first transmitted, the most significant.
const fn bit(n: u32) -> u32 {
    1 << (31 - n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_real_word_is_read() {
        // Seen from Euclid: no bit lock, FARM-B 3, N(R) 253, channel 1.
        let clcw = Clcw::from_bytes([0x01, 0x04, 0x46, 0xFD]).unwrap();
        assert_eq!((clcw.version(), clcw.status(), clcw.cop_in_effect()), (0, 0, 1));
        assert_eq!(clcw.vcid().get(), 1);
        assert!(!clcw.no_rf_available() && clcw.no_bit_lock());
        assert!(!clcw.lockout() && !clcw.wait() && !clcw.retransmit());
        assert_eq!((clcw.farm_b_counter(), clcw.report_value()), (3, 253));
    }

    #[test]
    fn the_published_vector_reads_and_writes_back() {
        let octets = [0x15, 0x44, 0xAC, 0x63];
        let clcw = Clcw::from_bytes(octets).unwrap();
        assert_eq!((clcw.status(), clcw.cop_in_effect(), clcw.vcid().get()), (5, 1, 17));
        assert!(clcw.no_rf_available() && clcw.lockout() && clcw.retransmit());
        assert!(!clcw.no_bit_lock() && !clcw.wait());
        assert_eq!((clcw.farm_b_counter(), clcw.report_value()), (2, 0x63));
        assert_eq!(clcw.to_bytes(), octets);
    }

    #[test]
    fn other_reports_are_not_clcws() {
        assert_eq!(Clcw::from_bytes([0x80, 0, 0, 0]), None);
        assert_eq!(Ocf::from_bytes([0x80, 1, 2, 3]), Ocf::Other([0x80, 1, 2, 3]));
    }
}
