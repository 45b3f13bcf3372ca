//! Telemetry secondary headers of the packet utilization standard.
//!
//! | issue | layout after the primary header |
//! | --- | --- |
//! | A, ECSS-E-70-41A §5.4 | spare 1 bit, version 3 bits (1), spare 4; service 8; subservice 8; \[counter 8\]; \[destination\]; \[time\]; \[spare\] |
//! | C, ECSS-E-ST-70-41C §7.4.3.1 | version 4 bits (2), time reference status 4; service 8; subservice 8; counter 16; destination 16; time; \[spare\] |
//!
//! What stands in brackets, and the code of the time, is agreed by the mission: [`PusFormat`] holds it.

use core::fmt;

use super::{ShortHeader, SpacePacketHeader, space};
use crate::time::{Date, Time, TimeError, TimeFormat};

/// What management knows of the secondary headers of a channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PusFormat {
    /// Which issue of the standard, and what issue A leaves to the mission.
    pub issue: PusIssue,
    /// The time field.
    pub time: PusTime,
    /// Spare octets that end the header.
    pub spare_len: u8,
}

/// Issue of the standard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PusIssue {
    /// ECSS-E-70-41A.
    A {
        /// Whether there is a packet subcounter.
        counter: bool,
        /// Octets of the destination, 0 to 8; where it takes no whole octets, those it shares with its padding.
        destination_len: u8,
    },
    /// ECSS-E-ST-70-41C.
    C,
}

/// How the time field of a secondary header is coded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PusTime {
    /// There is none.
    #[default]
    Absent,
    /// A T-field alone, of this layout.
    Implicit(TimeFormat),
    /// So many octets that only the mission can read.
    Opaque(u8),
    /// A P-field, and the T-field it describes.
    PField {
        /// Where day segmented codes with the agency's own epoch count from.
        agency: Date,
    },
}

/// The secondary header of one telemetry packet; borrows its time field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PusHeader<'a> {
    first: u8,
    service: u8,
    subservice: u8,
    counter: Option<u16>,
    destination: Option<u64>,
    time: &'a [u8],
    format: Option<TimeFormat>,
    len: usize,
}

impl PusFormat {
    /// Issue C with its time field, and nothing spare.
    #[must_use]
    pub const fn c(time: PusTime) -> Self {
        Self { issue: PusIssue::C, time, spare_len: 0 }
    }

    /// Issue A with its time field, a packet subcounter, no destination, and nothing spare.
    #[must_use]
    pub const fn a(time: PusTime) -> Self {
        Self { issue: PusIssue::A { counter: true, destination_len: 0 }, time, spare_len: 0 }
    }

    /// Read the secondary header of a whole space packet.
    ///
    /// # Errors
    /// When the packet has none, is too short for it, or follows another issue.
    pub const fn parse<'a>(&self, packet: &'a [u8]) -> Result<PusHeader<'a>, PusError> {
        let Some((primary, rest)) = packet.split_first_chunk::<{ SpacePacketHeader::LEN }>() else {
            return Err(PusError::Short(ShortHeader {
                needed: SpacePacketHeader::LEN,
                actual: packet.len(),
            }));
        };
        let [first, ..] = *primary;
        let primary = SpacePacketHeader::from_bytes(primary);
        if first >> 5 != space::PVN || !primary.has_secondary_header() || primary.is_telecommand() {
            return Err(PusError::NoTelemetryHeader);
        }
        self.parse_secondary(rest)
    }

    const fn parse_secondary<'a>(&self, octets: &'a [u8]) -> Result<PusHeader<'a>, PusError> {
        let Some((&[first, service, subservice], rest)) = octets.split_first_chunk() else {
            return Err(short(COMMON_LEN, octets.len()));
        };
        let (version, expected) = match self.issue {
            PusIssue::A { .. } => (first >> 4 & 7, VERSION_A),
            PusIssue::C => (first >> 4, VERSION_C),
        };
        if version != expected {
            return Err(PusError::Version { version, expected });
        }
        let (counter_len, destination_len) = match self.issue {
            PusIssue::A { counter, destination_len } => {
                (counter as usize, if destination_len > 8 { 8 } else { destination_len as usize })
            }
            PusIssue::C => (2, 2),
        };
        let Some((counter, rest)) = rest.split_at_checked(counter_len) else {
            return Err(short(COMMON_LEN + counter_len, octets.len()));
        };
        let Some((destination, rest)) = rest.split_at_checked(destination_len) else {
            return Err(short(COMMON_LEN + counter_len + destination_len, octets.len()));
        };
        let before_time = COMMON_LEN + counter_len + destination_len;
        let (p_field_len, time_len, format) = match self.time {
            PusTime::Absent => (0, 0, None),
            PusTime::Implicit(format) => (0, format.len(), Some(format)),
            PusTime::Opaque(len) => (0, len as usize, None),
            PusTime::PField { agency } => match TimeFormat::from_p_field(rest, agency) {
                Some((format, len)) => (len, format.len(), Some(format)),
                None if rest.is_empty() => return Err(short(before_time + 1, octets.len())),
                None => return Err(PusError::PField),
            },
        };
        let len = before_time + p_field_len + time_len + self.spare_len as usize;
        if octets.len() < len {
            return Err(short(len, octets.len()));
        }
        let Some((_, rest)) = rest.split_at_checked(p_field_len) else {
            return Err(short(len, octets.len()));
        };
        let Some((time, _)) = rest.split_at_checked(time_len) else { return Err(short(len, octets.len())) };
        Ok(PusHeader {
            first,
            service,
            subservice,
            counter: match counter {
                [] => None,
                octets => Some(number(octets) as u16),
            },
            destination: match destination {
                [] => None,
                octets => Some(number(octets)),
            },
            time,
            format,
            len,
        })
    }
}

impl<'a> PusHeader<'a> {
    /// Service type: what the packet is about.
    #[must_use]
    pub const fn service(&self) -> u8 {
        self.service
    }

    /// Message subtype within the service.
    #[must_use]
    pub const fn subservice(&self) -> u8 {
        self.subservice
    }

    /// Packet subcounter (issue A, modulo 256) or message type counter (issue C, modulo 65536).
    #[must_use]
    pub const fn counter(&self) -> Option<u16> {
        self.counter
    }

    /// Whom the packet is for.
    #[must_use]
    pub const fn destination(&self) -> Option<u64> {
        self.destination
    }

    /// Spacecraft time reference status of issue C; the spare bits in its place of issue A.
    #[must_use]
    pub const fn time_reference_status(&self) -> u8 {
        self.first & 0x0F
    }

    /// The octets of the T-field; empty where there is none.
    #[must_use]
    pub const fn time_octets(&self) -> &'a [u8] {
        self.time
    }

    /// The time at which the packet was made, as the spacecraft knows it; `None` where nothing here can read it.
    ///
    /// # Errors
    /// When a field of the code holds what it cannot.
    pub fn time(&self) -> Option<Result<Time, TimeError>> {
        self.format.map(|format| format.decode(self.time))
    }

    /// Octets of the secondary header; the source data begin behind it.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a header is never empty")]
    pub const fn len(&self) -> usize {
        self.len
    }
}

/// Why a packet has no secondary header of the declared kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PusError {
    /// It is no telemetry space packet with a secondary header: a time packet, an idle packet, a telecommand.
    NoTelemetryHeader,
    /// The time field does not begin with the P-field of a known code.
    PField,
    /// The packet ends before its header does.
    Short(ShortHeader),
    /// The header follows another issue of the standard.
    Version {
        /// The version number found.
        version: u8,
        /// That of the declared issue.
        expected: u8,
    },
}

impl fmt::Display for PusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoTelemetryHeader => f.write_str("no telemetry packet with a secondary header"),
            Self::PField => f.write_str("the time field begins with no P-field of a known code"),
            Self::Short(ShortHeader { needed, actual }) => {
                write!(f, "secondary header needs {needed} octets, {actual} available")
            }
            Self::Version { version, expected } => {
                write!(f, "packet utilization standard version {version}, expected {expected}")
            }
        }
    }
}

impl core::error::Error for PusError {}

const fn short(needed: usize, actual: usize) -> PusError {
    PusError::Short(ShortHeader { needed, actual })
}

/// At most eight octets as a number.
const fn number(octets: &[u8]) -> u64 {
    let (mut value, mut rest) = (0, octets);
    while let Some((&octet, tail)) = rest.split_first() {
        value = value << 8 | octet as u64;
        rest = tail;
    }
    value
}

/// Version, service and subservice.
const COMMON_LEN: usize = 3;
const VERSION_A: u8 = 1;
const VERSION_C: u8 = 2;

#[cfg(test)]
#[path = "pus/tests.rs"]
mod tests;
