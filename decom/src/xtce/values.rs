//! Attributes and texts: numbers, words, truth.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::report::{Node, Report};

/// The child element of this name.
pub(super) fn child<'a>(node: Node<'a>, name: &str) -> Option<Node<'a>> {
    children(node, name).next()
}

/// The child elements of this name.
pub(super) fn children<'a>(node: Node<'a>, name: &str) -> impl Iterator<Item = Node<'a>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The child elements.
pub(super) fn elements<'a>(node: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    node.children().filter(Node::is_element)
}

/// The text of an element without the space around it.
pub(super) fn text<'a>(node: Node<'a>) -> &'a str {
    node.text().unwrap_or("").trim()
}

impl<'a> Report<'a> {
    /// The attribute as a whole number.
    pub(super) fn integer(&self, node: Node<'a>, name: &'a str) -> Option<i64> {
        self.attribute(node, name, || "a whole number".to_string(), integer)
    }

    /// The attribute as a whole number in a range; `default` where it is missing or wrong.
    pub(super) fn count(&self, node: Node<'a>, name: &'a str, min: u32, max: u32, default: u32) -> u32 {
        let wanted = || format!("a whole number from {min} to {max}");
        let parse = |value: &str| u32::try_from(integer(value)?).ok().filter(|n| (min..=max).contains(n));
        self.attribute(node, name, wanted, parse).unwrap_or(default)
    }

    /// The attribute as a number.
    pub(super) fn number(&self, node: Node<'a>, name: &'a str) -> Option<f64> {
        let parse = |value: &str| number(value).or_else(|| Some(integer(value)? as f64));
        self.attribute(node, name, || "a number".to_string(), parse)
    }

    /// The attribute as a truth value; `default` where it is missing or wrong.
    pub(super) fn flag(&self, node: Node<'a>, name: &'a str, default: bool) -> bool {
        let parse = |value: &str| match value {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        self.attribute(node, name, || "true or false".to_string(), parse).unwrap_or(default)
    }

    /// The attribute as one of several words; `default` where it is missing or wrong.
    pub(super) fn word<T: Copy>(&self, node: Node<'a>, name: &'a str, words: &[(&str, T)], default: T) -> T {
        let wanted = || {
            let list: Vec<&str> = words.iter().map(|&(word, _)| word).collect();
            format!("one of {}", list.join(", "))
        };
        let parse = |value: &str| words.iter().find(|&&(word, _)| word == value).map(|&(_, meaning)| meaning);
        self.attribute(node, name, wanted, parse).unwrap_or(default)
    }

    /// The text of an element as a whole number.
    pub(super) fn integer_text(&self, node: Node<'a>) -> Option<i64> {
        let value = integer(text(node));
        if value.is_none() {
            self.error(node, format!("`{}` is not a whole number", text(node)), "write a whole number");
        }
        value
    }

    fn attribute<T>(
        &self,
        node: Node<'a>,
        name: &'a str,
        wanted: impl Fn() -> String,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = node.attribute(name)?;
        let parsed = parse(value.trim());
        if parsed.is_none() {
            let wanted = wanted();
            let what = format!("`{value}` is not {wanted}");
            self.attribute_error(node, name, what, format!("write {wanted}"));
        }
        parsed
    }
}

/// A whole number: decimal, `0x`, `0o` or `0b`.
pub(super) fn integer(value: &str) -> Option<i64> {
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value.strip_prefix('+').unwrap_or(value)),
    };
    let radix = match digits.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 10,
    };
    let digits = if radix == 10 { digits } else { digits.get(2..)? };
    if !digits.bytes().next()?.is_ascii_alphanumeric() {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// A number as `xs:double` writes it.
pub(super) fn number(value: &str) -> Option<f64> {
    match value {
        "INF" | "+INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ if value.bytes().any(|octet| octet.is_ascii_alphabetic() && !matches!(octet, b'e' | b'E')) => None,
        _ => value.parse().ok(),
    }
}

/// Octets as `xs:hexBinary` writes them.
pub(super) fn octets(value: &str) -> Option<Vec<u8>> {
    let digits = value.strip_prefix("0x").unwrap_or(value).as_bytes();
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

/// Names as an error lists them.
pub(super) fn listed(names: &[&str]) -> std::string::String {
    if names.is_empty() { "nothing".to_string() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_may_have_any_radix_of_the_schema() {
        for (text, value) in [("12", 12), ("+7", 7), ("-0x10", -16), ("0b101", 5), ("0O17", 15), ("007", 7)] {
            assert_eq!(integer(text), Some(value), "{text}");
        }
        for text in ["", "-", "0x", "1.0", "--1", "0x-1", "1e3", "9223372036854775808", "é1", "0é"] {
            assert_eq!(integer(text), None, "{text}");
        }
        assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
    }

    #[test]
    fn numbers_are_written_as_the_schema_says() {
        assert_eq!(number("-1.5e3"), Some(-1500.0));
        assert_eq!(number("INF"), Some(f64::INFINITY));
        assert_eq!(number("infinity"), None);
        assert_eq!(number("nan"), None);
        assert_eq!(number("0x10"), None);
        assert_eq!(octets("0aFF"), Some(Vec::from([0x0A, 0xFF])));
        assert_eq!(octets("0a f"), None);
        assert_eq!(octets("0"), None);
    }
}
