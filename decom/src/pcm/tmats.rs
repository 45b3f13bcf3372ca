//! Formats from TMATS, IRIG 106 chapter 9: the attributes of the P, D and C groups.
//!
//! P groups give formats, D groups the places of measurements, C groups their numbers and calibrations. Attributes of these groups
//! that are not read are omissions, as is every other group as a whole. Attributes that say how to receive the stream (bit rate,
//! line code, synchronization strategy) are known, and do not bear on values.

mod attribute;
mod conversion;
mod places;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use self::attribute::{Attribute, Group};
use super::format::{Measurement, PcmFormat, SubframeCounter, WordBits, WordOrder};
use crate::line::OneLine;
use crate::model::{Omission, Origin};

/// What a TMATS text says about PCM.
#[derive(Clone, Debug, Default)]
pub struct Tmats {
    /// The formats, in the order of their P groups.
    pub formats: Vec<PcmFormat>,
    /// What was not read.
    pub omissions: Vec<Omission>,
}

impl Tmats {
    /// Read the formats of a text.
    ///
    /// # Errors
    ///
    /// All attributes that are wrong.
    pub fn parse(text: &str) -> Result<Self, Vec<TmatsError>> {
        let mut reader = Reader { errors: Vec::new(), omissions: Vec::new() };
        let groups = attribute::groups(text, &mut reader);
        let mut conversions = BTreeMap::new();
        for group in groups.iter().filter(|((letter, _), _)| *letter == 'C').map(|(_, group)| group) {
            let conversion = conversion::read(group, &mut reader);
            conversions.extend(conversion);
        }
        let mut formats = Vec::new();
        let mut links = BTreeSet::new();
        for group in groups.iter().filter(|((letter, _), _)| *letter == 'P').map(|(_, group)| group) {
            let Some(mut format) = read_format(group, &mut reader) else { continue };
            links.insert(format.name.clone());
            let places = groups.iter().filter(|((letter, _), _)| *letter == 'D').map(|(_, group)| group);
            for places in places.filter(|places| places.text("DLN") == format.name) {
                format.measurements.extend(places::read(places, &mut reader));
            }
            for measurement in &mut format.measurements {
                convert(measurement, &conversions);
            }
            formats.push(format);
        }
        for group in groups.iter().filter(|((letter, _), _)| *letter == 'D').map(|(_, group)| group) {
            if !links.contains(group.text("DLN")) {
                reader.error(
                    group.line,
                    r"D\DLN",
                    format!("no format has the data link name `{}`", group.text("DLN")),
                );
            }
        }
        for group in groups.values() {
            reader.omissions.extend(group.unread().map(|attribute| attribute.omission("it is not read")));
        }
        reader.omissions.sort_by_key(|omission| omission.origin.line);
        if reader.errors.is_empty() {
            return Ok(Self { formats, omissions: reader.omissions });
        }
        reader.errors.sort_by_key(|error| error.line);
        Err(reader.errors)
    }
}

/// An attribute that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TmatsError {
    /// The line, from 1.
    pub line: u32,
    /// The attribute.
    pub code: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for TmatsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(OneLine(f), "{}: {}: {}", self.line, self.code, self.what)
    }
}

impl core::error::Error for TmatsError {}

/// What was found on the way.
struct Reader {
    errors: Vec<TmatsError>,
    omissions: Vec<Omission>,
}

impl Reader {
    fn error(&mut self, line: u32, code: &str, what: impl Into<String>) {
        self.errors.push(TmatsError { line, code: code.to_string(), what: what.into() });
    }

    fn omit(&mut self, attribute: &Attribute<'_>, what: &str) {
        self.omissions.push(attribute.omission(what));
    }

    /// A number of at least `min`; nothing, with an error, for what is none, and without for what is not there.
    fn number(&mut self, group: &Group<'_>, name: &str, indices: &[u32], min: u32) -> Option<u32> {
        let attribute = group.get(name, indices)?;
        let number = attribute.value.parse().ok().filter(|number| *number >= min);
        if number.is_none() {
            let what = format!("`{}` is no whole number from {min} on", attribute.value);
            self.error(attribute.line, &attribute.code, what);
        }
        number
    }

    /// A number that must be there.
    fn required(&mut self, group: &Group<'_>, name: &str, min: u32) -> Option<u32> {
        if group.get(name, &[]).is_none() {
            self.error(group.line, &group.code(name), "the attribute is missing");
        }
        self.number(group, name, &[], min)
    }

    fn real(&mut self, attribute: &Attribute<'_>) -> Option<f64> {
        let number = attribute.value.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.error(attribute.line, &attribute.code, format!("`{}` is no number", attribute.value));
        }
        number
    }

    /// One of several words; the first where the attribute is not there.
    fn word<T: Copy>(&mut self, attribute: Option<&Attribute<'_>>, words: &[(&str, T)]) -> Option<T> {
        let default = words.first()?.1;
        let Some(attribute) = attribute.filter(|attribute| !attribute.value.is_empty()) else {
            return Some(default);
        };
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(attribute.value));
        if found.is_none() {
            let what = format!("`{}` is not supported", attribute.value);
            self.error(attribute.line, &attribute.code, what);
        }
        found.map(|(_, value)| *value)
    }
}

/// A format, without measurements: table 9-5 of the P group.
fn read_format(group: &Group<'_>, reader: &mut Reader) -> Option<PcmFormat> {
    group.know(RECEPTION);
    reader.word(group.get("TF", &[]), &[("ONE", ()), ("TWO", ())])?;
    reader.word(group.get("F3", &[]), &[("NO", ()), ("NONE", ())])?;
    let order = reader.word(group.get("F2", &[]), ORDERS)?;
    let word_bits = reader.required(group, "F1", 1)?;
    // The pattern counts as one word.
    let words = reader.required(group, r"MF1", 2)? - 1;
    let minor_frames = reader.number(group, r"MF\N", &[], 1).unwrap_or(1);
    let sync_bits = reader.required(group, "MF4", 0)?;
    let pattern = group.get("MF5", &[]);
    if let Some(pattern) = pattern.filter(|pattern| u32::try_from(pattern.value.len()) != Ok(sync_bits)) {
        reader.error(pattern.line, &pattern.code, format!("the pattern does not have {sync_bits} bits"));
    }
    let mut word_sizes = Vec::new();
    for attribute in group.all("MFW1") {
        let word = reader.number(group, "MFW1", &attribute.indices, 1)?;
        let bits = reader.number(group, "MFW2", &attribute.indices, 1);
        if bits.is_none() {
            reader.error(attribute.line, &attribute.code, "MFW2 does not say how many bits the word has");
        }
        word_sizes.push((word, bits?));
    }
    let counters = reader.number(group, r"ISF\N", &[], 0).unwrap_or(0);
    let counter = if counters == 0 {
        group.know(COUNTER);
        None
    } else {
        Some(read_counter(group, minor_frames, reader)?)
    };
    for attribute in
        group.all("ISF1").filter(|attribute| attribute.indices.first().is_some_and(|index| *index > 1))
    {
        reader.error(attribute.line, &attribute.code, "several subframe counters are not supported");
    }
    let format = PcmFormat {
        name: group.text("DLN").to_string(),
        words,
        word_bits,
        word_sizes,
        order,
        sync_bits,
        sync_last: false,
        minor_frames,
        counter,
        measurements: Vec::new(),
    };
    let told = reader.number(group, "MF2", &[], 1);
    if let (Some(told), Some(attribute)) = (told, group.get("MF2", &[])) {
        let bits = format.frame_bits();
        if told != bits {
            reader.error(
                attribute.line,
                &attribute.code,
                format!("it says {told} bits, but the words have {bits}"),
            );
        }
    }
    Some(format)
}

/// The first subframe counter.
fn read_counter(group: &Group<'_>, minor_frames: u32, reader: &mut Reader) -> Option<SubframeCounter> {
    group.know(&["ISF1", "IDC2"]);
    reader.word(group.get("ISF2", &[1]), &[("ID", ())])?;
    let word = reader.number(group, "IDC1", &[1], 1);
    let bits = reader.number(group, "IDC4", &[1], 1);
    let (Some(word), Some(bits)) = (word, bits) else {
        reader.error(group.line, &group.code("IDC1-1"), "a counter needs a word (IDC1) and a length (IDC4)");
        return None;
    };
    let first_bit = reader.number(group, "IDC3", &[1], 1).unwrap_or(1);
    let order = reader.word(group.get("IDC5", &[1]), ORDERS)?;
    let first = reader.number(group, "IDC6", &[1], 0).unwrap_or(0);
    let step = reader.word(group.get("IDC10", &[1]), &[("INC", 1), ("DEC", -1)])?;
    let way = i64::from(minor_frames) - 1;
    let last = i64::from(first) + step * way;
    let ends = [("IDC7", 1), ("IDC8", u32::try_from(last).ok()?), ("IDC9", minor_frames)];
    for (name, expected) in ends {
        let told = reader.number(group, name, &[1], 0);
        let attribute = group.get(name, &[1]);
        if let (Some(told), Some(attribute)) = (told.filter(|told| *told != expected), attribute) {
            let what = format!(
                "it says {told}, but {minor_frames} minor frames counted from {first} make {expected}"
            );
            reader.error(attribute.line, &attribute.code, what);
        }
    }
    let bits = WordBits { word, first_bit, bits };
    Some(SubframeCounter { bits, order, first: first.into(), last: u64::try_from(last).ok()?, step })
}

fn convert(measurement: &mut Measurement, conversions: &BTreeMap<String, conversion::Conversion>) {
    let Some(conversion) = conversions.get(&measurement.name) else { return };
    measurement.description.clone_from(&conversion.description);
    measurement.unit.clone_from(&conversion.unit);
    measurement.number = conversion.number;
    measurement.calibration = conversion.calibration.clone();
}

impl Attribute<'_> {
    fn omission(&self, what: &str) -> Omission {
        let origin = Origin { line: self.line, column: 0 };
        Omission { origin, path: self.code.clone(), what: what.to_string() }
    }
}

const ORDERS: &[(&str, WordOrder)] = &[
    ("M", WordOrder::MostSignificantFirst),
    ("D", WordOrder::MostSignificantFirst),
    ("L", WordOrder::LeastSignificantFirst),
    ("MSB", WordOrder::MostSignificantFirst),
    ("LSB", WordOrder::LeastSignificantFirst),
];

/// How the stream is received.
const RECEPTION: &[&str] = &[
    "DLN", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "F4", "MF3", "SYNC1", "SYNC2", "SYNC3", "SYNC4",
    "SYNC5", r"MFW\N", "COM",
];

/// What describes a counter, where there is none.
const COUNTER: &[&str] =
    &["ISF1", "ISF2", "IDC1", "IDC2", "IDC3", "IDC4", "IDC5", "IDC6", "IDC7", "IDC8", "IDC9", "IDC10"];
