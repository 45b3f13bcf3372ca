//! Where in a mission file something stands, and errors that say so.

use std::fmt;
use std::ops::{Range, RangeInclusive};

use toml::Spanned;

use super::file::Key;

/// What is wrong with a mission file: one line with file, line, key and what to mend.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MissionError {
    file: String,
    line: usize,
    key: String,
    what: String,
}

impl MissionError {
    /// The line of the file, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The key, with its table in front.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for MissionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for MissionError {}

/// A name in a mission file that only something else can find wrong, and where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Named {
    /// The name.
    pub name: String,
    file: String,
    line: usize,
    key: String,
}

impl Named {
    /// The name is wrong.
    pub fn wrong(&self, what: impl fmt::Display) -> MissionError {
        MissionError {
            file: self.file.clone(),
            line: self.line,
            key: self.key.clone(),
            what: what.to_string(),
        }
    }
}

/// The text of a mission file and its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl<'a> Document<'a> {
    /// The table `name` that begins at `span`.
    pub(super) const fn table(self, name: &'static str, span: Range<usize>) -> Table<'a> {
        Table { document: self, name, start: span.start }
    }

    /// A table that should be there and is not.
    pub(super) fn missing_table(self, name: &str, why: impl fmt::Display) -> MissionError {
        self.error(self.text.len().saturating_sub(1), &format!("[{name}]"), why)
    }

    /// The line that holds `offset`, from 1.
    pub(super) fn line(self, offset: usize) -> usize {
        self.text.get(..offset).unwrap_or(self.text).matches('\n').count() + 1
    }

    /// A fault that the parser found.
    pub(super) fn parse_error(self, error: &toml::de::Error) -> MissionError {
        let offset = error.span().map_or(0, |span| span.start);
        let what: Vec<&str> =
            error.message().lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        self.error(offset, &self.key_at(offset), what.join(", "))
    }

    fn error(self, offset: usize, key: &str, what: impl fmt::Display) -> MissionError {
        MissionError {
            file: self.file.to_owned(),
            line: self.line(offset),
            key: in_one_line(key),
            what: in_one_line(&what.to_string()),
        }
    }

    /// The key that stands at or before `offset`, behind the table it belongs to.
    fn key_at(self, offset: usize) -> String {
        let end = self
            .text
            .get(offset..)
            .and_then(|rest| rest.find('\n'))
            .map_or(self.text.len(), |len| offset + len);
        let (mut table, mut key) = ("", "");
        for line in self.text.get(..end).unwrap_or_default().lines().map(str::trim) {
            if line.starts_with('[') && key_of(line).is_empty() {
                table = line.trim_start_matches('[').split(']').next().unwrap_or_default().trim();
                key = "";
            } else if !key_of(line).is_empty() {
                key = key_of(line);
            }
        }
        match (table, key) {
            ("", key) => key.to_owned(),
            (table, "") => table.to_owned(),
            (table, key) => format!("{table}.{key}"),
        }
    }
}

/// Text that quotes the file: what would move a cursor is escaped, and what nobody would read to its end is cut.
fn in_one_line(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        if line.len() >= MAX_SHOWN {
            line.push('…');
            break;
        }
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

/// Octets of a message.
const MAX_SHOWN: usize = 500;

/// What stands before the equals sign, if that is a bare key.
fn key_of(line: &str) -> &str {
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    let bare = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if bare { key } else { "" }
}

/// One table of a mission file; reads its values and says where a bad one stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    document: Document<'a>,
    name: &'static str,
    start: usize,
}

impl Table<'_> {
    /// The value of `key` is wrong.
    pub(super) fn wrong<T>(&self, key: &str, value: &Spanned<T>, why: impl fmt::Display) -> MissionError {
        self.document.error(value.span().start, &self.key(key), why)
    }

    /// The value of `key` is wrong where it is given, and its default is where it is not.
    pub(super) fn wrong_or_default<T>(
        &self,
        key: &str,
        value: &Key<T>,
        why: impl fmt::Display,
    ) -> MissionError {
        let offset = value.as_ref().map_or(self.start, |value| value.span().start);
        self.document.error(offset, &self.key(key), why)
    }

    /// A name whose worth others tell.
    pub(super) fn named(&self, key: &str, value: &Spanned<String>) -> Named {
        Named {
            name: value.get_ref().clone(),
            file: self.document.file.to_owned(),
            line: self.document.line(value.span().start),
            key: self.key(key),
        }
    }

    /// The table contradicts another one.
    pub(super) fn differs(&self, why: impl fmt::Display) -> MissionError {
        self.document.error(self.start, self.name, why)
    }

    /// `key` is missing; `expected` says what it should hold.
    pub(super) fn missing(&self, key: &str, expected: impl fmt::Display) -> MissionError {
        self.document.error(self.start, &self.key(key), format!("missing key: add {key} = {expected}"))
    }

    /// The value of a key that must be there.
    pub(super) fn required<'v, T>(
        &self,
        key: &str,
        value: &'v Key<T>,
        expected: &str,
    ) -> Result<&'v Spanned<T>, MissionError> {
        value.as_ref().ok_or_else(|| self.missing(key, expected))
    }

    /// A number within `range`, or its default.
    pub(super) fn number<T>(
        &self,
        key: &str,
        value: &Key<i64>,
        range: RangeInclusive<i64>,
        default: T,
    ) -> Result<T, MissionError>
    where
        T: TryFrom<i64>,
    {
        let Some(value) = value else { return Ok(default) };
        let number = *value.get_ref();
        match T::try_from(number) {
            Ok(number_of_type) if range.contains(&number) => Ok(number_of_type),
            _ => {
                let (low, high) = range.into_inner();
                Err(self.wrong(key, value, format!("{number} is out of range: {low} to {high} are possible")))
            }
        }
    }

    /// One of several words; the default where the key is missing, an error where there is none.
    pub(super) fn word<T: Copy>(
        &self,
        key: &str,
        value: &Key<String>,
        words: &[(&str, T)],
        default: Option<T>,
    ) -> Result<T, MissionError> {
        let list = || words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ");
        let Some(value) = value else { return default.ok_or_else(|| self.missing(key, list())) };
        match words.iter().find(|(word, _)| word == value.get_ref()) {
            Some(&(_, meaning)) => Ok(meaning),
            None => {
                Err(self.wrong(key, value, format!("unknown value \"{}\": use {}", value.get_ref(), list())))
            }
        }
    }

    /// Whole octets in hexadecimal, spaces and underscores left out.
    pub(super) fn hex(&self, key: &str, value: &Spanned<String>) -> Result<Vec<u8>, MissionError> {
        let digits: Option<Vec<u8>> = value
            .get_ref()
            .chars()
            .filter(|c| !matches!(c, ' ' | '_'))
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        match digits {
            Some(digits) if digits.len().is_multiple_of(2) => Ok(digits
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit))
                .collect()),
            Some(digits) => Err(self.wrong(
                key,
                value,
                format!("{} hexadecimal digits are no whole octets", digits.len()),
            )),
            None => Err(self.wrong(key, value, format!("\"{}\" is not hexadecimal", value.get_ref()))),
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }
}
