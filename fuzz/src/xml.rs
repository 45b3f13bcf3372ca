//! XTCE documents made of choices: a skeleton that holds together, and what the schemas allow inside it.
//!
//! Elements, their children and their attributes come from the table that the loader checks documents against.

#[path = "../../decom/src/xtce/schema/table.rs"]
mod table;

use std::fmt::Write;

use self::table::{DESCRIBED, ELEMENTS};
use crate::choices::Choices;

/// What the table says of an element; see the loader.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Status {
    Accepted,
    Noted,
    NotTelemetry,
    Read,
    Unsupported,
}

#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "the table says more than is needed here")]
struct Row {
    name: &'static str,
    parent: &'static str,
    since: &'static str,
    status: Status,
    children: &'static str,
    attributes: &'static str,
    test: &'static str,
}

/// A document: well-formed, mostly legal, its references mostly resolved.
pub(crate) fn document(choices: &mut Choices<'_>) -> String {
    let mut writer = Writer { choices, text: String::new(), elements: 0 };
    let types = 1 + writer.choices.below(6);
    let containers = 1 + writer.choices.below(4);
    writer.text.push_str("<SpaceSystem name=\"T\"><TelemetryMetaData><ParameterTypeSet>");
    for i in 0..types {
        let kind = writer.choices.pick(&TYPES);
        writer.element(kind, "ParameterTypeSet", Some(&format!("t{i}")), 0);
    }
    writer.text.push_str("</ParameterTypeSet><ParameterSet>");
    for i in 0..types {
        let _ = write!(writer.text, "<Parameter name=\"p{i}\" parameterTypeRef=\"t{i}\"/>");
    }
    writer.text.push_str("</ParameterSet><ContainerSet>");
    for i in 0..containers {
        let _ = write!(writer.text, "<SequenceContainer name=\"c{i}\"><EntryList>");
        for _ in 0..writer.choices.below(7) {
            let entry = writer.choices.pick(&ENTRIES);
            writer.element(entry, "EntryList", None, 0);
        }
        writer.text.push_str("</EntryList>");
        if i > 0 && writer.choices.flag() {
            let base = if writer.choices.below(8) == 0 { i } else { writer.choices.below(i) };
            let _ = write!(writer.text, "<BaseContainer containerRef=\"c{base}\">");
            if writer.choices.flag() {
                writer.element("RestrictionCriteria", "BaseContainer", None, 0);
            }
            writer.text.push_str("</BaseContainer>");
        }
        writer.text.push_str("</SequenceContainer>");
    }
    writer.text.push_str("</ContainerSet></TelemetryMetaData></SpaceSystem>");
    writer.text
}

struct Writer<'c, 'a> {
    choices: &'c mut Choices<'a>,
    text: String,
    elements: usize,
}

impl Writer<'_, '_> {
    fn element(&mut self, name: &str, parent: &str, called: Option<&str>, depth: usize) {
        let of_parent = ELEMENTS.iter().find(|row| row.name == name && row.parent == parent);
        let Some(row) = of_parent.or_else(|| ELEMENTS.iter().find(|row| row.name == name)) else { return };
        self.elements += 1;
        let _ = write!(self.text, "<{name}");
        for attribute in row.attributes.split_whitespace() {
            let required = attribute.ends_with('!');
            let attribute = attribute.trim_end_matches('!');
            if attribute == "name"
                && let Some(called) = called
            {
                let _ = write!(self.text, " name=\"{called}\"");
            } else if (required && self.choices.below(32) > 0) || self.choices.below(6) == 1 {
                let value = self.value(attribute);
                let _ = write!(self.text, " {attribute}=\"{value}\"");
            }
        }
        self.text.push('>');
        let children: Vec<&str> = match row.status {
            Status::Accepted | Status::NotTelemetry | Status::Noted => Vec::new(),
            Status::Read | Status::Unsupported => row
                .children
                .split_whitespace()
                .filter(|child| !matches!(*child, "*" | "described") && !DESCRIBED.contains(child))
                .collect(),
        };
        if children.is_empty() {
            let text = self.content(name);
            self.text.push_str(text);
        } else if depth < 12 && self.elements < 300 {
            for _ in 0..1 + self.choices.below(3) {
                let child = self.choices.pick(&children);
                self.element(child, name, None, depth + 1);
            }
        }
        let _ = write!(self.text, "</{name}>");
    }

    fn value(&mut self, attribute: &str) -> String {
        let numbered = |writer: &mut Self, letter: char| format!("{letter}{}", writer.choices.below(6));
        match attribute {
            "parameterRef" => numbered(self, 'p'),
            "arrayTypeRef" | "baseType" | "parameterTypeRef" | "typeRef" => numbered(self, 't'),
            "containerRef" => numbered(self, 'c'),
            "name" => numbered(self, 'n'),
            "bitOrder" => self.one_of(&["mostSignificantBitFirst", "leastSignificantBitFirst"]),
            "byteOrder" => self.one_of(&["mostSignificantByteFirst", "leastSignificantByteFirst", "0,1"]),
            "comparisonOperator" => self.one_of(&["==", "!=", "&lt;", "&gt;=", "~"]),
            "encoding" => self.one_of(&ENCODINGS),
            "referenceLocation" => {
                self.one_of(&["containerStart", "containerEnd", "previousEntry", "nextEntry", "here"])
            }
            "sizeInBits" | "maxSizeInBits" | "sizeInBitsOfSizeTag" => self.one_of(&SIZES),
            "useCalibratedValue" | "signed" | "extrapolate" | "abstract" => self.one_of(&["true", "false"]),
            _ => self.one_of(&NUMBERS),
        }
    }

    fn one_of(&mut self, values: &[&str]) -> String {
        self.choices.pick(values).to_owned()
    }

    fn content(&mut self, name: &str) -> &'static str {
        match name {
            "ComparisonOperator" => self.choices.pick(&["==", "!=", "&lt;", "&lt;=", "&gt;", "&gt;="]),
            "Epoch" => self.choices.pick(&["TAI", "GPS", "J2000", "2000-01-01", "1999-02-29", "UNIX"]),
            "Operator" | "MathOperator" => self.choices.pick(&["+", "-", "*", "/", "^", "sin", "%", "atan"]),
            "TerminationChar" => self.choices.pick(&["00", "0000", "0D0A", "", "F"]),
            _ => self.choices.pick(&NUMBERS),
        }
    }
}

const TYPES: [&str; 10] = [
    "IntegerParameterType",
    "FloatParameterType",
    "EnumeratedParameterType",
    "BooleanParameterType",
    "StringParameterType",
    "BinaryParameterType",
    "AbsoluteTimeParameterType",
    "RelativeTimeParameterType",
    "ArrayParameterType",
    "AggregateParameterType",
];
const ENTRIES: [&str; 8] = [
    "ParameterRefEntry",
    "ParameterRefEntry",
    "ParameterRefEntry",
    "ArrayParameterRefEntry",
    "ContainerRefEntry",
    "FixedValueEntry",
    "IndirectParameterRefEntry",
    "ParameterSegmentRefEntry",
];
const ENCODINGS: [&str; 16] = [
    "unsigned",
    "twosComplement",
    "signMagnitude",
    "onesComplement",
    "BCD",
    "packedBCD",
    "IEEE754_1985",
    "IEEE754",
    "MILSTD_1750A",
    "DEC",
    "IBM",
    "TI",
    "UTF-8",
    "UTF-16LE",
    "US-ASCII",
    "Windows-1252",
];
const SIZES: [&str; 14] = [
    "8",
    "16",
    "32",
    "64",
    "1",
    "3",
    "12",
    "48",
    "128",
    "0",
    "-8",
    "4294967296",
    "99999999999999999999",
    "x",
];
const NUMBERS: [&str; 20] = [
    "0",
    "1",
    "2",
    "3",
    "7",
    "8",
    "16",
    "255",
    "-1",
    "1.5",
    "1e3",
    "-0",
    "NaN",
    "INF",
    "0x10",
    "1e400",
    "true",
    "p0",
    "",
    "18446744073709551616",
];
