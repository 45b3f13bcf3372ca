//! What the users of a packet channel agreed on above the packets: groups, packet error control, secondary headers.

use std::fmt::Write;

use ccsds_core::packet::{GroupFormat, Pec, PusFormat, PusIssue, PusTime};
use ccsds_core::time::{CdsEpoch, CdsFormat, CucEpoch, CucFormat, Date, SubMillisecond, TimeFormat};
use toml::Spanned;

use super::file::{ChannelTable, Key, MissionFile, NumberOrText, PusTable};
use super::place::{Document, MissionError, Table};

/// What the users of a packet channel agreed on above the packets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PacketServices {
    /// Whether packets end with a check.
    pub pec: Pec,
    /// Their secondary headers, where they follow the packet utilization standard.
    pub pus: Option<PusFormat>,
    /// How groups of packets are joined, where they are.
    pub groups: Option<Groups>,
    /// The time code that secondary headers begin with, where they follow no other standard.
    pub time: Option<HeaderTime>,
}

/// The time code field that a secondary header begins with (133.0-B-2 §4.1.4.2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HeaderTime {
    /// A P-field, and the T-field it describes.
    PField,
    /// A T-field alone, of this layout.
    TField(TimeFormat),
}

/// How groups of packets are joined.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Groups {
    /// What is left out of the parts.
    pub format: GroupFormat,
    /// Octets of the largest unit.
    pub max_group: usize,
}

impl PacketServices {
    /// What `fep mission check` says of it; empty where nothing was agreed on.
    pub(super) fn describe(&self) -> String {
        let mut text = String::new();
        if self.pec == Pec::Crc16 {
            text.push_str(", CRC-16 at the end of packets with a secondary header");
        }
        if let Some(pus) = &self.pus {
            text.push_str(match pus.issue {
                PusIssue::A { .. } => ", PUS-A headers",
                PusIssue::C => ", PUS-C headers",
            });
        }
        if self.time.is_some() {
            text.push_str(", secondary headers begin with a time");
        }
        if let Some(groups) = &self.groups {
            // Writing to a string cannot fail.
            let _ = write!(text, ", groups joined up to {} octets", groups.max_group);
        }
        text
    }
}

/// Read the keys of one channel.
pub(super) fn services(
    document: Document<'_>,
    table: &Table<'_>,
    channel: &ChannelTable,
) -> Result<PacketServices, MissionError> {
    let words = [("absent", Pec::Absent), ("crc16", Pec::Crc16)];
    let pec = table.word("pec", &channel.pec, &words, Some(Pec::Absent))?;
    let pus = match &channel.pus {
        Some(pus) => Some(pus_format(&document.table("channel.pus", pus.span()), pus)?),
        None => None,
    };
    let max_group = table.number("max_group", &channel.max_group, 7..=MAX_MAX_GROUP, DEFAULT_MAX_GROUP)?;
    let secondary_header_len = table.number("group_header", &channel.group_header, 0..=65_535, 0)?;
    let joined = channel.groups.as_ref().is_some_and(|groups| *groups.get_ref());
    for (key, value) in [("max_group", &channel.max_group), ("group_header", &channel.group_header)] {
        if !joined && let Some(value) = value {
            return Err(table.wrong(key, value, "groups are not joined: add groups = true"));
        }
    }
    let groups = joined.then_some(Groups { format: GroupFormat { secondary_header_len, pec }, max_group });
    let time = match &channel.time {
        Some(_) => Some(header_time(table, channel)?),
        None => None,
    };
    Ok(PacketServices { pec, pus, groups, time })
}

/// The services of a packet file, which does not say which channel a packet came on: one table may hold them.
pub(super) fn of_packet_file(
    document: Document<'_>,
    file: &MissionFile,
) -> Result<PacketServices, MissionError> {
    let mut found = PacketServices::default();
    for channel in &file.channel {
        let table = document.table("channel", channel.span());
        let services = services(document, &table, channel.get_ref())?;
        if found != PacketServices::default() && services != found {
            return Err(document.table("channel", channel.span()).differs(
                "a packet file does not tell channels apart: say pec, pus, time and groups in one [[channel]] only",
            ));
        }
        found = services;
    }
    Ok(found)
}

fn pus_format(table: &Table<'_>, pus: &Spanned<PusTable>) -> Result<PusFormat, MissionError> {
    let pus = pus.get_ref();
    let is_a = table.word("issue", &pus.issue, &[("a", true), ("c", false)], None)?;
    let counter = pus.counter.as_ref().is_none_or(|counter| *counter.get_ref());
    let destination_len = table.number("destination", &pus.destination, 0..=8, 0)?;
    let only_a = "issue C fixes this field: leave the key out, or set issue = \"a\"";
    if !is_a && pus.counter.is_some() {
        return Err(table.wrong_or_default("counter", &pus.counter, only_a));
    }
    if !is_a && pus.destination.is_some() {
        return Err(table.wrong_or_default("destination", &pus.destination, only_a));
    }
    let issue = if is_a { PusIssue::A { counter, destination_len } } else { PusIssue::C };
    let spare_len = table.number("spare", &pus.spare, 0..=255, 0)?;
    Ok(PusFormat { issue, time: time(table, &pus.time)?, spare_len })
}

/// `"cds 2+2"`, `"cuc-1958 4+3"` or `"p-field"`.
fn header_time(table: &Table<'_>, channel: &ChannelTable) -> Result<HeaderTime, MissionError> {
    let wrong = |what: &str| Err(table.wrong_or_default("time", &channel.time, what));
    if channel.pus.is_some() {
        return wrong("pus = { time = … } says what the time is: leave this key out");
    }
    match time(table, &channel.time)? {
        PusTime::Implicit(TimeFormat::Cuc(format)) if format.epoch() == CucEpoch::Agency => wrong(
            "seconds since an epoch that nobody here knows are no moment: use \"cuc-1958 4+2\" or \"cds 2+2\", or name a parameter \
             with [database] time",
        ),
        PusTime::Implicit(format) => Ok(HeaderTime::TField(format)),
        PusTime::PField { .. } => Ok(HeaderTime::PField),
        PusTime::Absent | PusTime::Opaque(_) => {
            wrong("use \"cds 2+2\" (octets of days and below milliseconds), \"cuc-1958 4+2\" or \"p-field\"")
        }
    }
}

/// `"cuc 4+2"`, `"cuc-1958 4+3"`, `"cds 2+2"`, `"p-field"`, `"absent"`, or a number of octets.
fn time(table: &Table<'_>, value: &Key<NumberOrText>) -> Result<PusTime, MissionError> {
    let value = value.as_ref().ok_or_else(|| table.missing("time", "\"cuc 4+2\""))?;
    let wrong = || {
        let what = "use \"cuc 4+2\" (octets of seconds and of their fraction, the agency's epoch), \"cuc-1958 4+2\", \
                    \"cds 2+2\" (octets of days and below milliseconds), \"p-field\", \"absent\", or a number of octets";
        Err(table.wrong("time", value, what))
    };
    let word = match value.get_ref() {
        NumberOrText::Number(octets) => {
            return match u8::try_from(*octets) {
                Ok(octets) => Ok(PusTime::Opaque(octets)),
                Err(_) => wrong(),
            };
        }
        NumberOrText::Text(word) => word.as_str(),
    };
    let lengths = |text: &str| {
        let (first, second) = text.trim().split_once('+')?;
        Some((first.trim().parse::<usize>().ok()?, second.trim().parse::<usize>().ok()?))
    };
    let (code, octets) = word.split_once(' ').unwrap_or((word, ""));
    let format = match (code, lengths(octets)) {
        ("absent", None) => return Ok(PusTime::Absent),
        ("p-field", None) => return Ok(PusTime::PField { agency: Date::CCSDS }),
        ("cuc", Some((coarse, fine))) => CucFormat::new(CucEpoch::Agency, coarse, fine).map(TimeFormat::Cuc),
        ("cuc-1958", Some((coarse, fine))) => {
            CucFormat::new(CucEpoch::Tai1958, coarse, fine).map(TimeFormat::Cuc)
        }
        ("cds", Some((days, below))) => {
            let below = match below {
                0 => Some(SubMillisecond::Absent),
                2 => Some(SubMillisecond::Microsecond),
                4 => Some(SubMillisecond::Picosecond),
                _ => None,
            };
            below.and_then(|below| CdsFormat::new(CdsEpoch::Ccsds, days, below)).map(TimeFormat::Cds)
        }
        _ => None,
    };
    match format {
        Some(format) => Ok(PusTime::Implicit(format)),
        None => wrong(),
    }
}

/// Octets of the largest unit, unless the mission file says otherwise.
const DEFAULT_MAX_GROUP: usize = 1 << 20;
/// Each group that is open at a time has a store of its own.
const MAX_MAX_GROUP: i64 = 1 << 26;
