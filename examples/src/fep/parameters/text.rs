//! Rows as CSV and JSON lines.
//!
//! Numbers are exact: a floating-point number has the digits that lead back to it in the width that the packet has it in. Moments
//! are in UTC, octets hexadecimal, lists JSON, also in CSV. What is not there is null in JSON and empty in CSV; so are, in JSON,
//! infinities and what is no number.

use std::fmt::Write;
use std::ops::Range;

use ccsds_core::packet::SpacePacketHeader;
use decom::column::{Bitmap, Column, Engineering, Octets, Repetition, Values};
use decom::plan::meaning::TimeScale;

use super::table::{ALARMS, QUALITY, Rows, Source, TableColumn, words};
use crate::fep::database::{json, utc};

/// The line with the names.
pub(super) fn csv_head(columns: &[TableColumn]) -> String {
    let mut text = String::new();
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        field(&mut text, &column.name);
    }
    text.push('\n');
    text
}

/// A line for each row.
pub(super) fn csv(columns: &[TableColumn], rows: &Rows<'_>) -> String {
    let cells: Vec<Cells<'_>> = columns.iter().map(|column| Cells::new(column.source, rows)).collect();
    let (mut text, mut cell) = (String::new(), String::new());
    for row in 0..rows.block.rows() {
        for (index, cells) in cells.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            cell.clear();
            match cells.write(&mut cell, row, Style::Csv) {
                Shape::List => field(&mut text, &cell),
                Shape::Nothing => {}
                Shape::Plain => text.push_str(&cell),
                Shape::Text => field(&mut text, &cell),
            }
        }
        text.push('\n');
    }
    text
}

/// An object for each row, with every column.
pub(super) fn jsonl(columns: &[TableColumn], rows: &Rows<'_>) -> String {
    let mut keys = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let mut key = String::from(if index == 0 { "{" } else { "," });
        json::string(&mut key, &column.name);
        key.push(':');
        keys.push((key, Cells::new(column.source, rows)));
    }
    let (mut text, mut cell) = (String::new(), String::new());
    for row in 0..rows.block.rows() {
        for (key, cells) in &keys {
            text.push_str(key);
            cell.clear();
            match cells.write(&mut cell, row, Style::Json) {
                Shape::Nothing => text.push_str("null"),
                Shape::List | Shape::Plain => text.push_str(&cell),
                Shape::Text => json::string(&mut text, &cell),
            }
        }
        text.push_str("}\n");
    }
    text
}

/// A field of CSV (RFC 4180).
fn field(text: &mut String, cell: &str) {
    // An empty text is told from nothing by its quotes.
    if !cell.is_empty() && !cell.contains(['"', ',', '\n', '\r']) {
        text.push_str(cell);
        return;
    }
    text.push('"');
    for part in cell.split_inclusive('"') {
        text.push_str(part);
        if part.ends_with('"') {
            text.push('"');
        }
    }
    text.push('"');
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    Csv,
    Json,
}

/// What was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shape {
    /// An array of JSON.
    List,
    Nothing,
    /// A number, `true` or `false`.
    Plain,
    /// Characters.
    Text,
}

/// The values of one column.
struct Cells<'r> {
    rows: &'r Rows<'r>,
    source: Source,
    column: Option<&'r Column>,
    words: (Vec<&'r str>, Vec<u32>),
    packets: Vec<&'r [u8]>,
}

impl<'r> Cells<'r> {
    fn new(source: Source, rows: &'r Rows<'r>) -> Self {
        let index = match source {
            Source::Alarm(index) | Source::Raw(index) | Source::Value(index) => Some(index),
            Source::Generation(index) => index,
            Source::Apid | Source::Quality | Source::Reception | Source::SequenceCount => None,
        };
        let column = index.and_then(|index| rows.batch.columns().get(index));
        Self {
            rows,
            source,
            column,
            words: column.map(|column| words(&rows.plan, column)).unwrap_or_default(),
            packets: match source {
                Source::Apid | Source::SequenceCount => rows.block.packets().collect(),
                _ => Vec::new(),
            },
        }
    }

    /// Append what a row has in this column.
    fn write(&self, out: &mut String, row: usize, style: Style) -> Shape {
        let header = || Some(SpacePacketHeader::from_bytes(self.packets.get(row)?.first_chunk()?));
        match self.source {
            Source::Apid => plain(out, header().map(|header| header.apid().get())),
            Source::SequenceCount => plain(out, header().map(SpacePacketHeader::sequence_count)),
            Source::Quality => {
                let quality = self.rows.quality.get(row).and_then(|&word| QUALITY.get(usize::from(word)));
                text(out, quality.copied())
            }
            Source::Reception => {
                let received = self.rows.block.received(row).0;
                let known = i64::try_from(received).ok().filter(|&received| received != 0);
                moment(out, known, TimeScale::Utc)
            }
            Source::Generation(None) => moment(out, self.rows.block.generated(row), TimeScale::Utc),
            Source::Alarm(_) | Source::Generation(_) | Source::Raw(_) | Source::Value(_) => {
                match self.column {
                    Some(column) => self.column(out, column, row, style),
                    None => Shape::Nothing,
                }
            }
        }
    }

    fn column(&self, out: &mut String, column: &Column, row: usize, style: Style) -> Shape {
        let places: Range<usize> = match column.occurrence() {
            Repetition::Once => return self.value(out, column, row, style),
            Repetition::Fixed(n) => row * n as usize..(row + 1) * n as usize,
            Repetition::Varying => {
                let ends = column.offsets().unwrap_or(&[]);
                let end = |row: usize| ends.get(row).map_or(0, |&end| end as usize);
                end(row)..end(row + 1)
            }
        };
        out.push('[');
        let (first, mut element) = (places.start, String::new());
        for place in places {
            if place > first {
                out.push(',');
            }
            element.clear();
            match self.value(&mut element, column, place, Style::Json) {
                Shape::Nothing => out.push_str("null"),
                Shape::List | Shape::Plain => out.push_str(&element),
                Shape::Text => json::string(out, &element),
            }
        }
        out.push(']');
        Shape::List
    }

    fn value(&self, out: &mut String, column: &Column, place: usize, style: Style) -> Shape {
        let holds = |bitmap: Option<&Bitmap>| bitmap.is_none_or(|bitmap| bitmap.get(place) == Some(true));
        match self.source {
            Source::Alarm(_) => {
                let level = column.alarms().and_then(|alarms| alarms.get(place));
                let word = level.filter(|_| holds(column.validity())).and_then(|&l| ALARMS.get(l as usize));
                text(out, word.copied())
            }
            Source::Raw(_) if holds(column.validity()) => raw(out, column.raw(), place, style),
            Source::Raw(_) => Shape::Nothing,
            _ if !holds(column.engineering_validity()) => Shape::Nothing,
            _ => match column.engineering() {
                None => raw(out, column.raw(), place, style),
                Some(Engineering::Booleans(values)) => plain(out, values.get(place)),
                Some(Engineering::F64(values)) => float(out, values.get(place).copied(), style),
                Some(Engineering::Labels(values)) => {
                    let (words, places) = &self.words;
                    let word = values.get(place).and_then(|&label| places.get(label as usize));
                    text(out, word.and_then(|&word| words.get(word as usize)).copied())
                }
                Some(Engineering::Text(values)) => {
                    text(out, values.get(place).and_then(|octets| std::str::from_utf8(octets).ok()))
                }
                Some(Engineering::Times { nanoseconds, scale }) => {
                    moment(out, nanoseconds.get(place).copied(), *scale)
                }
                Some(_) => Shape::Nothing,
            },
        }
    }
}

fn raw(out: &mut String, values: &Values, place: usize, style: Style) -> Shape {
    match values {
        Values::F32(values) => match values.get(place) {
            Some(value) if value.is_finite() => plain(out, Some(format_args!("{value:?}"))),
            value => float(out, value.copied().map(f64::from), style),
        },
        Values::F64(values) => float(out, values.get(place).copied(), style),
        Values::I8(values) => plain(out, values.get(place)),
        Values::I16(values) => plain(out, values.get(place)),
        Values::I32(values) => plain(out, values.get(place)),
        Values::I64(values) => plain(out, values.get(place)),
        Values::Octets(values) => octets(out, values, place),
        Values::U8(values) => plain(out, values.get(place)),
        Values::U16(values) => plain(out, values.get(place)),
        Values::U32(values) => plain(out, values.get(place)),
        Values::U64(values) => plain(out, values.get(place)),
        Values::Wide(values) => plain(out, values.get(place)),
    }
}

fn octets(out: &mut String, values: &Octets, place: usize) -> Shape {
    let Some(octets) = values.get(place) else { return Shape::Nothing };
    for octet in octets {
        // Writing to a string cannot fail.
        let _ = write!(out, "{octet:02x}");
    }
    Shape::Text
}

fn plain(out: &mut String, value: Option<impl std::fmt::Display>) -> Shape {
    let Some(value) = value else { return Shape::Nothing };
    let _ = write!(out, "{value}");
    Shape::Plain
}

fn text(out: &mut String, value: Option<&str>) -> Shape {
    let Some(value) = value else { return Shape::Nothing };
    out.push_str(value);
    Shape::Text
}

fn float(out: &mut String, value: Option<f64>, style: Style) -> Shape {
    match value {
        Some(value) if value.is_finite() => plain(out, Some(format_args!("{value:?}"))),
        Some(value) if style == Style::Csv => plain(out, Some(value)),
        _ => Shape::Nothing,
    }
}

fn moment(out: &mut String, nanoseconds: Option<i64>, scale: TimeScale) -> Shape {
    let time = nanoseconds.and_then(|nanoseconds| utc::utc(&utc::moment(nanoseconds, scale)));
    let Some(time) = time else { return Shape::Nothing };
    out.push_str(&utc::iso(time));
    Shape::Text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let quoted = |cell: &str| {
            let mut text = String::new();
            field(&mut text, cell);
            text
        };
        assert_eq!(quoted("a b"), "a b");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"hi\"\n"), "\"say \"\"hi\"\"\n\"");
        assert_eq!(quoted(""), "\"\"");
    }

    #[test]
    fn numbers_keep_their_digits() {
        let shown = |values: Values, style| {
            let mut text = String::new();
            (raw(&mut text, &values, 0, style), text)
        };
        assert_eq!(shown(Values::F32(vec![0.1]), Style::Json), (Shape::Plain, "0.1".to_owned()));
        assert_eq!(shown(Values::F64(vec![f64::NAN]), Style::Json), (Shape::Nothing, String::new()));
        assert_eq!(shown(Values::F32(vec![f32::INFINITY]), Style::Csv), (Shape::Plain, "inf".to_owned()));
        assert_eq!(shown(Values::Wide(vec![u128::MAX]), Style::Json).1, u128::MAX.to_string());
    }
}
