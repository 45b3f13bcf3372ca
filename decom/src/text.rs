//! Texts: characters that octets stand for.

use core::fmt::{self, Write};

use crate::plan::Charset;
use crate::raw::Bits;

/// The characters of a value, still in the octets of the packet.
///
/// Nothing is taken off: zero octets that fill a field up are characters of the text, as they are for the other readers of
/// XTCE; a text that ends earlier has a terminator or a size. What is no character of the set reads as U+FFFD.
#[derive(Clone, Copy, Debug)]
pub struct TextValue<'a> {
    bits: Bits<'a>,
    charset: Charset,
}

impl<'a> TextValue<'a> {
    /// The characters that these bits stand for.
    #[must_use]
    pub const fn new(bits: Bits<'a>, charset: Charset) -> Self {
        Self { bits, charset }
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> Bits<'a> {
        self.bits
    }

    /// What the octets stand for.
    #[must_use]
    pub const fn charset(self) -> Charset {
        self.charset
    }

    /// The characters.
    pub fn chars(self) -> impl Iterator<Item = char> + Clone + use<'a> {
        Chars { octets: self.bits.octets(), decoder: Decoder::new(self.charset), pending: None }
    }

    /// The text without a copy, where it is one in memory: whole octets of UTF-8 or US-ASCII, all of them valid.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        let octets = self.bits.as_slice()?;
        match self.charset {
            Charset::Utf8 => core::str::from_utf8(octets).ok(),
            Charset::UsAscii if octets.is_ascii() => core::str::from_utf8(octets).ok(),
            _ => None,
        }
    }
}

impl PartialEq for TextValue<'_> {
    /// Whether the characters are the same, in whatever set.
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<str> for TextValue<'_> {
    fn eq(&self, other: &str) -> bool {
        match self.as_str() {
            Some(text) => text == other,
            None => self.chars().eq(other.chars()),
        }
    }
}

impl fmt::Display for TextValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(text) => f.write_str(text),
            None => self.chars().try_for_each(|character| f.write_char(character)),
        }
    }
}

/// Octets as characters.
#[derive(Clone)]
struct Chars<I> {
    octets: I,
    decoder: Decoder,
    /// What was read, but belongs to the next character.
    pending: Option<u32>,
}

/// How octets become code units, and units characters.
#[derive(Clone, Copy)]
enum Decoder {
    Octet(fn(u8) -> char),
    Utf8,
    /// Whether the least significant octet comes first; `None` until the byte order mark was looked for.
    Utf16(Option<bool>),
    /// Whether the least significant octet comes first.
    Utf32(bool),
}

impl Decoder {
    fn new(charset: Charset) -> Self {
        match charset {
            Charset::Latin1 => Self::Octet(char::from),
            Charset::UsAscii => Self::Octet(ascii),
            Charset::Utf8 => Self::Utf8,
            Charset::Utf16 => Self::Utf16(None),
            Charset::Utf16Be => Self::Utf16(Some(false)),
            Charset::Utf16Le => Self::Utf16(Some(true)),
            Charset::Utf32Be => Self::Utf32(false),
            Charset::Utf32Le => Self::Utf32(true),
            Charset::Windows1252 => Self::Octet(windows_1252),
        }
    }
}

impl<I: Iterator<Item = u8>> Iterator for Chars<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self.decoder {
            Decoder::Octet(character) => self.octets.next().map(character),
            Decoder::Utf8 => self.utf8(),
            Decoder::Utf16(little) => self.utf16(little),
            Decoder::Utf32(little) => {
                Some(self.unit::<4>(little)?.and_then(char::from_u32).unwrap_or(REPLACEMENT))
            }
        }
    }
}

impl<I: Iterator<Item = u8>> Chars<I> {
    /// One character; the longest beginning of one that cannot go on is replaced as a whole, as Unicode recommends.
    fn utf8(&mut self) -> Option<char> {
        let first = match self.pending.take() {
            Some(octet) => octet,
            None => self.octets.next()?.into(),
        };
        // What the second octet may be depends on the first: no overlong forms, surrogates, nor anything above U+10FFFF.
        let (tail, mut low, mut high) = match first {
            0..=0x7F => return char::from_u32(first),
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return Some(REPLACEMENT),
        };
        let mut scalar = first & (0x3F >> tail);
        for _ in 0..tail {
            match self.octets.next().map(u32::from) {
                Some(octet) if (low..=high).contains(&octet) => scalar = scalar << 6 | octet & 0x3F,
                other => {
                    self.pending = other;
                    return Some(REPLACEMENT);
                }
            }
            (low, high) = (0x80, 0xBF);
        }
        Some(char::from_u32(scalar).unwrap_or(REPLACEMENT))
    }

    fn utf16(&mut self, little: Option<bool>) -> Option<char> {
        let little = match little {
            Some(little) => little,
            None => self.byte_order_mark()?,
        };
        let first = match self.pending.take() {
            Some(unit) => unit,
            None => match self.unit::<2>(little)? {
                Some(unit) => unit,
                None => return Some(REPLACEMENT),
            },
        };
        if !matches!(first, 0xD800..=0xDBFF) {
            return Some(char::from_u32(first).unwrap_or(REPLACEMENT));
        }
        match self.unit::<2>(little) {
            Some(Some(second @ 0xDC00..=0xDFFF)) => {
                char::from_u32(0x1_0000 + ((first & 0x3FF) << 10 | second & 0x3FF))
            }
            Some(Some(other)) => {
                self.pending = Some(other);
                Some(REPLACEMENT)
            }
            // One replacement for a character that is cut off, wherever.
            Some(None) | None => Some(REPLACEMENT),
        }
    }

    /// Read the mark that may begin a text; `None` for an empty text. Whether the least significant octet comes first.
    fn byte_order_mark(&mut self) -> Option<bool> {
        let unit = self.unit::<2>(false)?;
        let little = unit == Some(0xFFFE);
        self.decoder = Decoder::Utf16(Some(little));
        if !matches!(unit, Some(0xFFFE | 0xFEFF)) {
            self.pending = Some(unit.unwrap_or(u32::from(REPLACEMENT)));
        }
        Some(little)
    }

    /// A code unit of `N` octets: `None` at the end, `Some(None)` when the last one is not complete.
    fn unit<const N: usize>(&mut self, little: bool) -> Option<Option<u32>> {
        let mut unit = 0;
        for i in 0..N {
            let Some(octet) = self.octets.next() else { return if i == 0 { None } else { Some(None) } };
            let shift = if little { i } else { N - 1 - i } * 8;
            unit |= u32::from(octet) << shift;
        }
        Some(Some(unit))
    }
}

fn ascii(octet: u8) -> char {
    if octet.is_ascii() { char::from(octet) } else { REPLACEMENT }
}

/// Latin 1 but for 32 octets, of which five stand for nothing.
fn windows_1252(octet: u8) -> char {
    let index = usize::from(octet).wrapping_sub(0x80);
    WINDOWS_1252.get(index).copied().unwrap_or(char::from(octet))
}

const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// What the octets from 80 to 9F stand for.
#[rustfmt::skip]
const WINDOWS_1252: [char; 32] = [
    '€', REPLACEMENT, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', REPLACEMENT, 'Ž', REPLACEMENT,
    REPLACEMENT, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', REPLACEMENT, 'ž', 'Ÿ',
];

#[cfg(test)]
mod tests;
