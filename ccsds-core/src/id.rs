//! Identifiers of the data link and packet layers.

use core::fmt;

/// Transfer frame version number: which data link protocol a frame follows.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Tfvn {
    /// Telemetry, 132.0-B: binary 00.
    Tm,
    /// Advanced orbiting systems, 732.0-B: binary 01.
    Aos,
    /// Unified space data link protocol, 732.1-B: binary 1100.
    Uslp,
}

impl Tfvn {
    /// The number as the frame header carries it: 0, 1 or 12.
    #[must_use]
    pub const fn get(self) -> u8 {
        match self {
            Self::Tm => 0,
            Self::Aos => 1,
            Self::Uslp => 12,
        }
    }
}

impl fmt::Display for Tfvn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tm => "TM",
            Self::Aos => "AOS",
            Self::Uslp => "USLP",
        })
    }
}

/// Spacecraft identifier: 10 bits in TM and AOS, 16 in USLP.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scid(u16);

impl Scid {
    /// Any 16-bit value; the frame format decides how many bits travel.
    #[must_use]
    pub const fn new(value: u16) -> Self {
        Self(value)
    }

    /// The identifier as a number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Scid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Virtual channel identifier: 3 bits in TM, 6 in AOS and USLP.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Vcid(u8);

impl Vcid {
    /// The AOS and USLP channel that carries only idle data (732.0-B-5 §4.1.2.3, 732.1-B-3 §4.1.2.2).
    pub const ONLY_IDLE_DATA: Self = Self(63);

    /// `None` above 63.
    #[must_use]
    pub const fn new(value: u8) -> Option<Self> {
        if value < 64 { Some(Self(value)) } else { None }
    }

    /// The low six bits of `octet`.
    #[must_use]
    pub const fn from_low_bits(octet: u8) -> Self {
        Self(octet & 0x3F)
    }

    /// The identifier as a number, 0 to 63.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Vcid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Global virtual channel identifier: one virtual channel of one spacecraft under one protocol.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gvcid {
    /// Which protocol.
    pub tfvn: Tfvn,
    /// Which spacecraft.
    pub scid: Scid,
    /// Which virtual channel.
    pub vcid: Vcid,
}

impl Gvcid {
    /// Put the three parts together.
    #[must_use]
    pub const fn new(tfvn: Tfvn, scid: Scid, vcid: Vcid) -> Self {
        Self { tfvn, scid, vcid }
    }
}

impl fmt::Display for Gvcid {
    /// `AOS/157/16`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.tfvn, self.scid, self.vcid)
    }
}

/// Multiplexer access point identifier of a USLP frame, 4 bits.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MapId(u8);

impl MapId {
    /// `None` above 15.
    #[must_use]
    pub const fn new(value: u8) -> Option<Self> {
        if value < 16 { Some(Self(value)) } else { None }
    }

    /// The low four bits of `octet`.
    #[must_use]
    pub const fn from_low_bits(octet: u8) -> Self {
        Self(octet & 0x0F)
    }

    /// The identifier as a number, 0 to 15.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// Application process identifier of a space packet, 11 bits.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Apid(u16);

impl Apid {
    /// Idle packets (133.0-B-2 §4.1.3.3.4).
    pub const IDLE: Self = Self(0x7FF);

    /// `None` above 2047.
    #[must_use]
    pub const fn new(value: u16) -> Option<Self> {
        if value < 0x800 { Some(Self(value)) } else { None }
    }

    /// The low eleven bits of the first header word.
    #[must_use]
    pub const fn from_low_bits(word: u16) -> Self {
        Self(word & 0x7FF)
    }

    /// The identifier as a number, 0 to 2047.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Apid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn identifiers_refuse_what_their_field_cannot_hold() {
        assert_eq!(Vcid::new(63), Some(Vcid::ONLY_IDLE_DATA));
        assert_eq!(Vcid::new(64), None);
        assert_eq!(MapId::new(16), None);
        assert_eq!(Apid::new(2047), Some(Apid::IDLE));
        assert_eq!(Apid::new(2048), None);
    }

    #[test]
    fn a_gvcid_reads_as_protocol_spacecraft_channel() {
        let gvcid = Gvcid::new(Tfvn::Aos, Scid::new(157), Vcid::from_low_bits(16));
        assert_eq!(gvcid.to_string(), "AOS/157/16");
    }
}
