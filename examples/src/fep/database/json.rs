//! Values as JSON, exact: whole numbers of any size, floating-point numbers with the digits that lead back to them.
//!
//! | value | JSON |
//! | --- | --- |
//! | number, span of time in seconds | number; infinities and what is no number: null |
//! | word of an enumeration | string; a number that it does not have: null |
//! | one of two words | `true` or `false`, the word beside it |
//! | text | string |
//! | octets | string of two hexadecimal digits an octet |
//! | moment | string: ISO 8601, in UTC |
//! | no value | null |

use std::fmt::Write;

use decom::raw::Raw;
use decom::text::TextValue;
use decom::value::Value;

use super::utc::{iso, utc};

/// Append a raw value; one that is no number of its encoding is shown as its octets.
pub fn raw(out: &mut String, raw: Raw<'_>) {
    // Writing to a string cannot fail.
    let _ = match raw {
        Raw::Float(value) => {
            float(out, value);
            Ok(())
        }
        Raw::Octets(bits) | Raw::Undefined(bits) => write!(out, "\"{bits:x}\""),
        Raw::Signed(value) => write!(out, "{value}"),
        Raw::Text { bits, charset } => {
            characters(out, TextValue::new(bits, charset).chars());
            Ok(())
        }
        Raw::Unsigned(value) => write!(out, "{value}"),
        Raw::Wide(value) => write!(out, "{value}"),
    };
}

/// Append an engineering value.
pub fn value(out: &mut String, value: &Value<'_, '_>) {
    // Writing to a string cannot fail.
    let _ = match *value {
        Value::Boolean { value, .. } => write!(out, "{value}"),
        Value::Duration(value) | Value::Float(value) => {
            float(out, value);
            Ok(())
        }
        Value::Label { label: Some(label), .. } => {
            string(out, label);
            Ok(())
        }
        Value::Label { label: None, .. } | Value::Undefined => write!(out, "null"),
        Value::Octets(bits) => write!(out, "\"{bits:x}\""),
        Value::Signed(value) => write!(out, "{value}"),
        Value::Text(text) => {
            characters(out, text.chars());
            Ok(())
        }
        Value::Time(moment) => {
            match utc(&moment) {
                Some(time) => string(out, &iso(time)),
                None => out.push_str("null"),
            }
            Ok(())
        }
        Value::Unsigned(value) => write!(out, "{value}"),
        Value::Wide(value) => write!(out, "{value}"),
    };
}

/// Append a floating-point number.
pub fn float(out: &mut String, value: f64) {
    let _ = if value.is_finite() { write!(out, "{value:?}") } else { write!(out, "null") };
}

/// Append a string.
pub fn string(out: &mut String, text: &str) {
    characters(out, text.chars());
}

fn characters(out: &mut String, text: impl Iterator<Item = char>) {
    out.push('"');
    for character in text {
        let _ = match character {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\0'..='\x1F' => write!(out, "\\u{:04x}", u32::from(character)),
            _ => {
                out.push(character);
                Ok(())
            }
        };
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    fn parsed(value: &Value<'_, '_>) -> Json {
        let mut text = String::new();
        super::value(&mut text, value);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn numbers_are_exact() {
        for number in [0.1, -0.0, 1e300, 5e-324, 16_777_217.0, f64::from(0.1f32), 1e16] {
            assert_eq!(parsed(&Value::Float(number)).as_f64().map(f64::to_bits), Some(number.to_bits()));
        }
        assert_eq!(parsed(&Value::Unsigned(u64::MAX)).as_u64(), Some(u64::MAX));
        assert_eq!(parsed(&Value::Signed(i64::MIN)).as_i64(), Some(i64::MIN));
        let mut text = String::new();
        raw(&mut text, Raw::Wide(u128::MAX));
        assert_eq!(text, u128::MAX.to_string());
        assert_eq!(parsed(&Value::Float(f64::NAN)), Json::Null);
        assert_eq!(parsed(&Value::Duration(f64::INFINITY)), Json::Null);
    }

    #[test]
    fn every_character_comes_back() {
        let all: String = ('\0'..='\u{2FF}').chain(['\u{FFFD}', '\u{1F680}']).collect();
        let mut text = String::new();
        string(&mut text, &all);
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), all);
    }
}
