//! Numbers and calibrations: the C group.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Reader;
use super::attribute::Group;
use crate::model::FloatEncoding;
use crate::pcm::format::{Calibration, NumberFormat};

/// What a C group says about a measurement.
pub(super) struct Conversion {
    pub(super) description: String,
    pub(super) unit: String,
    pub(super) number: NumberFormat,
    pub(super) calibration: Calibration,
}

/// The measurement and its conversion.
pub(super) fn read(group: &Group<'_>, reader: &mut Reader) -> Option<(String, Conversion)> {
    group.know(&["MNA", "MN2", "MN4", "PS1", "CO1", r"BWT\N", "SR", "COM"]);
    let name = group.text("DCN").to_string();
    if name.is_empty() {
        reader.error(group.line, &group.code("DCN"), "the attribute is missing");
        return None;
    }
    let number = match reader.word(group.get("BFM", &[]), NUMBERS)? {
        Some(number) => number,
        None => NumberFormat::Float(reader.word(group.get("FPF", &[]), FLOATS)?),
    };
    let calibration = match reader.word(group.get("DCT", &[]), CONVERSIONS)? {
        Conversions::None => Calibration::None,
        Conversions::Pairs => pairs(group, reader)?,
        Conversions::Coefficients => coefficients(group, reader)?,
        Conversions::Unsupported => {
            if let Some(attribute) = group.get("DCT", &[]) {
                reader
                    .omit(attribute, "this conversion is not supported: the measurement has no calibration");
            }
            Calibration::None
        }
    };
    let (description, unit) = (group.text("MN1").to_string(), group.text("MN3").to_string());
    Some((name, Conversion { description, unit, number, calibration }))
}

fn pairs(group: &Group<'_>, reader: &mut Reader) -> Option<Calibration> {
    let fit = reader.number(group, "PS2", &[], 1).unwrap_or(1);
    if let (true, Some(attribute)) = (fit > 1, group.get("PS2", &[])) {
        reader.omit(attribute, "between points the values follow straight lines");
    }
    let mut points = Vec::new();
    for attribute in group.all("PS3") {
        let number = reader.real(attribute)?;
        let Some(value) = group.get("PS4", &attribute.indices) else {
            reader.error(attribute.line, &attribute.code, "PS4 does not give its engineering value");
            return None;
        };
        points.push((number, reader.real(value)?));
    }
    check_count(group, r"PS\N", points.len(), reader);
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    Some(Calibration::Points(points))
}

fn coefficients(group: &Group<'_>, reader: &mut Reader) -> Option<Calibration> {
    let mut coefficients = Vec::new();
    for attribute in group.all("CO") {
        let power = attribute.indices.first().copied().unwrap_or(0) as usize;
        if power > MAX_POWER {
            reader.error(attribute.line, &attribute.code, "the power is too high");
            return None;
        }
        if coefficients.len() <= power {
            coefficients.resize(power + 1, 0.0);
        }
        if let Some(slot) = coefficients.get_mut(power) {
            *slot = reader.real(attribute)?;
        }
    }
    check_count(group, r"CO\N", coefficients.len().saturating_sub(1), reader);
    Some(Calibration::Polynomial(coefficients))
}

fn check_count(group: &Group<'_>, name: &str, count: usize, reader: &mut Reader) {
    let told = reader.number(group, name, &[], 0);
    let wrong = told.filter(|told| usize::try_from(*told) != Ok(count)).zip(group.get(name, &[]));
    if let Some((told, attribute)) = wrong {
        reader.error(attribute.line, &attribute.code, format!("it says {told}, but there are {count}"));
    }
}

#[derive(Clone, Copy)]
enum Conversions {
    Coefficients,
    None,
    Pairs,
    Unsupported,
}

const CONVERSIONS: &[(&str, Conversions)] = &[
    ("NON", Conversions::None),
    ("PRS", Conversions::Pairs),
    ("COE", Conversions::Coefficients),
    ("NPC", Conversions::Unsupported),
    ("DER", Conversions::Unsupported),
    ("DIS", Conversions::Unsupported),
    ("PTM", Conversions::Unsupported),
    ("BTM", Conversions::Unsupported),
    ("VOI", Conversions::Unsupported),
    ("VID", Conversions::Unsupported),
    ("SP", Conversions::Unsupported),
    ("OTH", Conversions::Unsupported),
];

/// Nothing stands for floating point, which another attribute describes.
const NUMBERS: &[(&str, Option<NumberFormat>)] = &[
    ("UNS", Some(NumberFormat::Unsigned)),
    ("INT", Some(NumberFormat::Unsigned)),
    ("ONE", Some(NumberFormat::OnesComplement)),
    ("TWO", Some(NumberFormat::TwosComplement)),
    ("SIG", Some(NumberFormat::SignMagnitude)),
    ("OFF", Some(NumberFormat::OffsetBinary)),
    ("BCD", Some(NumberFormat::Bcd)),
    ("FPT", None),
];

const FLOATS: &[(&str, FloatEncoding)] = &[
    ("IEEE_32", FloatEncoding::Ieee754),
    ("IEEE_64", FloatEncoding::Ieee754),
    ("1750A_32", FloatEncoding::MilStd1750A),
    ("1750A_48", FloatEncoding::MilStd1750A),
    ("DEC_32", FloatEncoding::Dec),
    ("DEC_64G", FloatEncoding::Dec),
    ("IBM_32", FloatEncoding::Ibm),
    ("IBM_64", FloatEncoding::Ibm),
    ("TI_32", FloatEncoding::Ti),
    ("TI_40", FloatEncoding::Ti),
];

const MAX_POWER: usize = 64;
