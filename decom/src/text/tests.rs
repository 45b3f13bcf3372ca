use super::*;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252 as THEIR_1252};
use proptest::prelude::*;
use std::string::{String, ToString};
use std::vec::Vec;

fn text(octets: &[u8], charset: Charset) -> String {
    let text = TextValue::new(Bits::new(octets, 0, octets.len() * 8).unwrap(), charset);
    let shown = text.to_string();
    assert_eq!(text.chars().collect::<String>(), shown);
    assert!(text == *shown);
    shown
}

fn theirs(encoding: &'static Encoding, octets: &[u8]) -> String {
    encoding.decode_without_bom_handling(octets).0.into_owned()
}

/// Octets among which the beginnings of longer characters are common.
fn any_utf8() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        any::<u8>(),
        0x80u8..=0xBF,
        prop::sample::select(&[0xC1u8, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0x8F, 0x90, 0x9F, 0xA0][..])
    ];
    prop::collection::vec(octet, 0..24)
}

/// Octets among which surrogates are common.
fn any_utf16() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![any::<u8>(), 0xD7u8..=0xE0, Just(0u8), 0xFEu8..=0xFF];
    prop::collection::vec(octet, 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn utf8_equals_the_standard_library(octets in any_utf8()) {
        prop_assert_eq!(text(&octets, Charset::Utf8), String::from_utf8_lossy(&octets));
    }

    #[test]
    fn utf16_equals_another_implementation(octets in any_utf16()) {
        prop_assert_eq!(text(&octets, Charset::Utf16Be), theirs(UTF_16BE, &octets));
        prop_assert_eq!(text(&octets, Charset::Utf16Le), theirs(UTF_16LE, &octets));
        let (marked, is_little) = match octets.get(..2) {
            Some([0xFE, 0xFF]) => (&octets[2..], false),
            Some([0xFF, 0xFE]) => (&octets[2..], true),
            _ => (&octets[..], false),
        };
        prop_assert_eq!(text(&octets, Charset::Utf16), theirs(if is_little { UTF_16LE } else { UTF_16BE }, marked));
    }

    #[test]
    fn texts_come_back_from_every_set(expected: String, shift in 0usize..8) {
        let at_a_bit = |octets: &[u8], charset| {
            let mut packet = std::vec![0u8; octets.len() + 1];
            for (i, octet) in octets.iter().enumerate() {
                packet[i] |= octet >> shift;
                packet[i + 1] = ((u16::from(*octet) << 8 >> shift) & 0xFF) as u8;
            }
            TextValue::new(Bits::new(&packet, shift, octets.len() * 8).unwrap(), charset).to_string()
        };
        prop_assert_eq!(&at_a_bit(expected.as_bytes(), Charset::Utf8), &expected);
        let units: Vec<u8> = expected.encode_utf16().flat_map(u16::to_be_bytes).collect();
        prop_assert_eq!(&at_a_bit(&units, Charset::Utf16Be), &expected);
        let big: Vec<u8> = expected.chars().flat_map(|scalar| u32::from(scalar).to_be_bytes()).collect();
        prop_assert_eq!(&at_a_bit(&big, Charset::Utf32Be), &expected);
        let little: Vec<u8> = expected.chars().flat_map(|scalar| u32::from(scalar).to_le_bytes()).collect();
        prop_assert_eq!(&at_a_bit(&little, Charset::Utf32Le), &expected);
        let latin: Vec<u8> = expected.chars().filter_map(|scalar| u8::try_from(scalar).ok()).collect();
        prop_assert_eq!(at_a_bit(&latin, Charset::Latin1), latin.iter().map(|&octet| char::from(octet)).collect::<String>());
    }
}

#[test]
fn every_octet_of_windows_1252_equals_another_implementation() {
    for octet in 0..=u8::MAX {
        let (ours, theirs) = (text(&[octet], Charset::Windows1252), theirs(THEIR_1252, &[octet]));
        // The web reads octets that stand for nothing as control characters.
        let is_assigned = ![0x81, 0x8D, 0x8F, 0x90, 0x9D].contains(&octet);
        assert_eq!(ours, if is_assigned { theirs } else { "\u{FFFD}".into() }, "{octet:02x}");
    }
}

#[test]
fn what_is_no_character_is_replaced() {
    assert_eq!(text(b"a\x80b", Charset::UsAscii), "a\u{FFFD}b");
    assert_eq!(text(&[0, 0x11, 0, 0], Charset::Utf32Be), "\u{FFFD}");
    assert_eq!(text(&[0, 0, 0xD8, 0, 0, 0], Charset::Utf32Be), "\u{FFFD}\u{FFFD}");
    assert_eq!(text(&[0xFE], Charset::Utf16), "\u{FFFD}");
    assert_eq!(text(&[], Charset::Utf16), "");
}

#[test]
fn zero_octets_stay() {
    assert_eq!(text(b"ab\0\0", Charset::Utf8), "ab\0\0");
}

#[test]
fn texts_are_equal_by_their_characters() {
    let of = |octets: &'static [u8], charset| {
        TextValue::new(Bits::new(octets, 0, octets.len() * 8).unwrap(), charset)
    };
    assert!(of(b"\xFC", Charset::Latin1) == of("ü".as_bytes(), Charset::Utf8));
    assert!(of(b"\xFC", Charset::Latin1) != of(b"u", Charset::Utf8));
    assert!(of(b"\xFC", Charset::Latin1) == *"ü" && of(b"u", Charset::Utf8) != *"ü");
    assert_eq!(of("ü".as_bytes(), Charset::Utf8).as_str(), Some("ü"));
    assert_eq!(of(b"\xFC", Charset::Utf8).as_str(), None);
    assert_eq!(of(b"\xFC", Charset::Latin1).as_str(), None);
    assert_eq!(
        (of(b"u", Charset::UsAscii).as_str(), of(b"\xFC", Charset::UsAscii).as_str()),
        (Some("u"), None)
    );
}
