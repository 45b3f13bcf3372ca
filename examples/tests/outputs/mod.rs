//! What `fep process --params` wrote, in each of its formats, as rows of JSON.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, unreachable_pub, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Map, Value};

/// The files of parameters by name.
pub fn files(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(out.join("params")).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect()
}

pub type Row = Map<String, Value>;

/// The rows of each container.
pub fn rows(out: &Path) -> BTreeMap<String, Vec<Row>> {
    let parse = |octets: &[u8]| -> Vec<Row> {
        let text = std::str::from_utf8(octets).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    files(out)
        .into_iter()
        .map(|(name, octets)| (name.strip_suffix(".jsonl").unwrap().to_owned(), parse(&octets)))
        .collect()
}

/// Rows of a Parquet file, as JSON would have them.
pub fn parquet_rows(octets: &[u8]) -> Vec<Row> {
    let reader = SerializedFileReader::new(bytes::Bytes::copy_from_slice(octets)).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    let row = |row: parquet::record::Row| {
        row.get_column_iter().map(|(name, field)| (name.clone(), json_of(field))).collect()
    };
    rows.map(|found| row(found.unwrap())).collect()
}

pub fn json_of(field: &Field) -> Value {
    match field {
        Field::Bool(value) => (*value).into(),
        Field::Byte(value) => (*value).into(),
        Field::Bytes(value) => {
            value.data().iter().map(|octet| format!("{octet:02x}")).collect::<String>().into()
        }
        Field::Double(value) => (*value).into(),
        Field::Float(value) => value.to_string().parse::<f64>().unwrap().into(),
        Field::Int(value) => (*value).into(),
        Field::ListInternal(list) => list.elements().iter().map(json_of).collect::<Vec<Value>>().into(),
        Field::Long(value) => (*value).into(),
        Field::Null => Value::Null,
        Field::Short(value) => (*value).into(),
        Field::Str(value) => value.clone().into(),
        Field::UByte(value) => (*value).into(),
        Field::UInt(value) => (*value).into(),
        Field::ULong(value) => (*value).into(),
        Field::UShort(value) => (*value).into(),
        other => format!("{other:?}").into(),
    }
}

/// Numbers are the same as numbers; times are numbers of nanoseconds in Parquet.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Number(number), Value::String(text)) if text.ends_with('Z') => {
            let time: hifitime::Epoch = text.parse().unwrap();
            let unix = time.to_unix_milliseconds();
            (number.as_f64().unwrap() / 1e6 - unix).abs() < 1e-3
        }
        // Numbers of more than 64 bits are octets in Parquet.
        (Value::String(octets), Value::Number(number)) => {
            u128::from_str_radix(octets, 16).ok() == number.as_u64().map(u128::from)
        }
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

/// A field of CSV as JSON would have it.
pub fn json_of_csv(field: &str, is_quoted: bool, like: &Value) -> Value {
    match like {
        Value::Null if field.is_empty() && !is_quoted => Value::Null,
        // What JSON has no number for.
        Value::Null if matches!(field, "NaN" | "inf" | "-inf") => Value::Null,
        Value::String(_) => field.into(),
        _ => serde_json::from_str(field).unwrap_or_else(|_| field.into()),
    }
}

/// Lines of CSV as fields, and whether each was quoted.
pub fn csv_lines(text: &str) -> Vec<Vec<(String, bool)>> {
    let (mut lines, mut line, mut field) = (Vec::new(), Vec::new(), (String::new(), false));
    let mut characters = text.chars().peekable();
    let mut is_inside = false;
    while let Some(character) = characters.next() {
        match character {
            '"' if is_inside && characters.peek() == Some(&'"') => {
                characters.next();
                field.0.push('"');
            }
            '"' => {
                is_inside = !is_inside;
                field.1 = true;
            }
            ',' if !is_inside => line.push(std::mem::take(&mut field)),
            '\n' if !is_inside => {
                line.push(std::mem::take(&mut field));
                lines.push(std::mem::take(&mut line));
            }
            _ => field.0.push(character),
        }
    }
    assert!(line.is_empty() && field.0.is_empty(), "the last line ends");
    lines
}

/// Rows of all containers in the order of their sequence counts.
pub fn in_sequence(rows: BTreeMap<String, Vec<Row>>) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.into_values().flatten().collect();
    rows.sort_by_key(|row| row["sequence_count"].as_u64());
    rows
}

/// What a column with digits of 32 bits and one of 64 have in common.
pub fn close(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => {
            found == expected || f64::from(expected as f32) == expected && found as f32 == expected as f32
        }
        _ => found == expected,
    }
}
