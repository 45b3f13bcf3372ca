//! Time codes, CCSDS 301.0-B-4.
//!
//! | code | layout | value | scale |
//! | --- | --- | --- | --- |
//! | unsegmented, §3.2 | [`CucFormat`] | [`UniformTime`] | TAI from 1958, or an agency's own |
//! | day segmented, §3.3 | [`CdsFormat`] | [`UtcTime`] | UTC |
//! | calendar segmented, §3.4 | [`CcsFormat`] | [`UtcTime`] | UTC |
//! | ASCII A and B, §3.5 | [`AsciiFormat`] | [`UtcTime`] | UTC |
//!
//! A format is what management knows of a code, or what its P-field says. It reads a T-field into a value and writes one; the
//! T-field stands alone, as usual in packets. Nothing here converts between TAI and UTC: that takes a table of leap seconds.
//!
//! ```
//! use ccsds_core::time::{CdsEpoch, CdsFormat, SubMillisecond};
//!
//! const FORMAT: CdsFormat = CdsFormat::new(CdsEpoch::Ccsds, 2, SubMillisecond::Microsecond).unwrap();
//! let time = FORMAT.decode(&[0x55, 0x3B, 0x02, 0xFB, 0x8E, 0xEF, 0x03, 0x7B])?;
//! assert_eq!(format!("{time:.6}"), "2017-09-27T13:54:00.559891Z");
//! # Ok::<(), ccsds_core::time::TimeError>(())
//! ```

pub mod cuc;

mod ascii;
mod ccs;
mod cds;
mod date;
mod uniform;
mod utc;

use core::fmt;

pub use self::ascii::{AsciiFormat, Terminator};
pub use self::ccs::CcsFormat;
pub use self::cds::{CdsEpoch, CdsFormat, SubMillisecond};
pub use self::cuc::{CucEpoch, CucFormat};
pub use self::date::{Calendar, Date};
pub use self::uniform::UniformTime;
pub use self::utc::UtcTime;

/// The layout of a time code of any kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TimeFormat {
    /// ASCII code A or B; it has no P-field.
    Ascii(AsciiFormat),
    /// Calendar segmented.
    Ccs(CcsFormat),
    /// Day segmented.
    Cds(CdsFormat),
    /// Unsegmented.
    Cuc(CucFormat),
}

impl TimeFormat {
    /// Read the P-field that begins `octets`; returns the layout and how many octets the P-field took.
    ///
    /// `agency` is where day segmented codes with the agency's own epoch count from. `None` for a code that the book leaves to
    /// the agency (identification 110), for a reserved one, and when an octet is missing.
    #[must_use]
    pub const fn from_p_field(octets: &[u8], agency: Date) -> Option<(Self, usize)> {
        if let Some((format, len)) = CucFormat::from_p_field(octets) {
            return Some((Self::Cuc(format), len));
        }
        if let Some((format, len)) = CdsFormat::from_p_field(octets, agency) {
            return Some((Self::Cds(format), len));
        }
        match CcsFormat::from_p_field(octets) {
            Some((format, len)) => Some((Self::Ccs(format), len)),
            None => None,
        }
    }

    /// Octets of the T-field.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a code is never empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::Ascii(format) => format.len(),
            Self::Ccs(format) => format.len(),
            Self::Cds(format) => format.len(),
            Self::Cuc(format) => format.len(),
        }
    }

    /// Read the T-field that begins `octets`.
    ///
    /// # Errors
    /// When `octets` is too short, or a field of the code holds what it cannot.
    pub fn decode(self, octets: &[u8]) -> Result<Time, TimeError> {
        match self {
            Self::Ascii(format) => format.decode(octets).map(Time::Utc),
            Self::Ccs(format) => format.decode(octets).map(Time::Utc),
            Self::Cds(format) => format.decode(octets).map(Time::Utc),
            Self::Cuc(format) => format.decode(octets).map(Time::Uniform),
        }
    }
}

/// What a time code of any kind holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Time {
    /// Seconds from the epoch of an unsegmented code.
    Uniform(UniformTime),
    /// A moment of UTC.
    Utc(UtcTime),
}

/// The octets that describe the layout of a T-field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PField {
    octets: [u8; 2],
    extended: bool,
}

impl PField {
    const fn one(octet: u8) -> Self {
        Self { octets: [octet, 0], extended: false }
    }

    /// Two octets, the first of them marked so.
    const fn two(first: u8, second: u8) -> Self {
        Self { octets: [first | EXTENDED, second], extended: true }
    }

    /// One or two octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        let [first, _] = &self.octets;
        if self.extended { &self.octets } else { core::slice::from_ref(first) }
    }
}

/// A time code that cannot be read or written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TimeError {
    /// An octet is not what stands at this place: no decimal digits, or another separator.
    Octet {
        /// Its place in the T-field, from 0.
        at: usize,
        /// What it is.
        octet: u8,
    },
    /// A field holds a number that it cannot.
    Range {
        /// Which field.
        field: TimeField,
        /// The number.
        value: u32,
    },
    /// There are fewer octets than the T-field takes.
    Short {
        /// Octets of the T-field.
        needed: usize,
        /// Octets given.
        actual: usize,
    },
    /// The time is earlier or later than the format can write.
    Unrepresentable,
}

/// A field of a time code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TimeField {
    /// Day of the month.
    DayOfMonth,
    /// Day of the year.
    DayOfYear,
    /// Fraction of a second or of a millisecond.
    Fraction,
    /// Hour of the day.
    Hour,
    /// Millisecond of the day.
    MillisecondOfDay,
    /// Minute of the hour.
    Minute,
    /// Month of the year.
    Month,
    /// Second of the minute.
    Second,
    /// Year.
    Year,
}

impl TimeError {
    const fn range(field: TimeField, value: u32) -> Self {
        Self::Range { field, value }
    }
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octet { at, octet } => write!(f, "octet {at} of the time code is {octet:#04x}"),
            Self::Range { field, value } => write!(f, "{field} {value} of the time code does not exist"),
            Self::Short { needed, actual } => {
                write!(f, "time code needs {needed} octets, {actual} available")
            }
            Self::Unrepresentable => f.write_str("time is outside what the code can hold"),
        }
    }
}

impl core::error::Error for TimeError {}

impl fmt::Display for TimeField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DayOfMonth => "day of month",
            Self::DayOfYear => "day of year",
            Self::Fraction => "fraction",
            Self::Hour => "hour",
            Self::MillisecondOfDay => "millisecond of day",
            Self::Minute => "minute",
            Self::Month => "month",
            Self::Second => "second",
            Self::Year => "year",
        })
    }
}

/// The first `len` octets.
const fn t_field(octets: &[u8], len: usize) -> Result<&[u8], TimeError> {
    match octets.split_at_checked(len) {
        Some((field, _)) => Ok(field),
        None => Err(TimeError::Short { needed: len, actual: octets.len() }),
    }
}

/// The first `len` octets, to be written.
const fn t_field_mut(octets: &mut [u8], len: usize) -> Result<&mut [u8], TimeError> {
    let actual = octets.len();
    match octets.split_at_mut_checked(len) {
        Some((field, _)) => Ok(field),
        None => Err(TimeError::Short { needed: len, actual }),
    }
}

/// Fill `octets` with the low octets of `value`.
const fn put_unsigned(mut octets: &mut [u8], mut value: u64) {
    while let Some((last, before)) = octets.split_last_mut() {
        *last = value as u8;
        value >>= 8;
        octets = before;
    }
}

/// Another octet of the P-field follows.
const EXTENDED: u8 = 0x80;
