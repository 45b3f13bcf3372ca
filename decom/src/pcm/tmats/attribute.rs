//! Attributes, `CODE:value;`, and the groups that they make.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;

use super::Reader;
use crate::model::{Omission, Origin};

/// An attribute.
#[derive(Clone, Debug)]
pub(super) struct Attribute<'t> {
    pub(super) line: u32,
    /// The whole code, as `D-1\WP-1-2-1-1`.
    pub(super) code: String,
    /// The name in it, as `WP`.
    name: String,
    /// The numbers behind the name.
    pub(super) indices: Vec<u32>,
    pub(super) value: &'t str,
    is_read: Cell<bool>,
}

/// The attributes of a group with one number, as `D-1`.
pub(super) struct Group<'t> {
    /// Of its first attribute.
    pub(super) line: u32,
    prefix: String,
    attributes: BTreeMap<(String, Vec<u32>), Attribute<'t>>,
}

impl<'t> Group<'t> {
    /// An attribute, which counts as read from now on.
    pub(super) fn get(&self, name: &str, indices: &[u32]) -> Option<&Attribute<'t>> {
        let attribute = self.attributes.get(&(name.to_string(), indices.to_vec()))?;
        attribute.is_read.set(true);
        Some(attribute)
    }

    /// All attributes of a name, in order of their numbers. They count as read.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Attribute<'t>> {
        let from = (name.to_string(), Vec::new());
        let name = name.to_string();
        let all = self.attributes.range(from..).map(|(_, attribute)| attribute);
        all.take_while(move |attribute| attribute.name == name)
            .inspect(|attribute| attribute.is_read.set(true))
    }

    /// The value of an attribute without numbers; empty where it is not there.
    pub(super) fn text(&self, name: &str) -> &'t str {
        self.get(name, &[]).map_or("", |attribute| attribute.value)
    }

    /// Nothing in attributes of these names bears on values.
    pub(super) fn know(&self, names: &[&str]) {
        for attribute in self.attributes.values().filter(|attribute| names.contains(&&*attribute.name)) {
            attribute.is_read.set(true);
        }
    }

    /// Attributes that nobody asked for.
    pub(super) fn unread(&self) -> impl Iterator<Item = &Attribute<'t>> {
        self.attributes.values().filter(|attribute| !attribute.is_read.get())
    }

    /// The code of an attribute of this group.
    pub(super) fn code(&self, name: &str) -> String {
        format!("{}\\{name}", self.prefix)
    }
}

/// The P, D and C groups of a text, by letter and number. Other groups are omissions.
pub(super) fn groups<'t>(text: &'t str, reader: &mut Reader) -> BTreeMap<(char, u32), Group<'t>> {
    let mut groups: BTreeMap<(char, u32), Group<'t>> = BTreeMap::new();
    let mut others: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut line = 1;
    for piece in text.split_inclusive(';') {
        let lead = piece.len() - piece.trim_start().len();
        let first_line = line + newlines(piece.get(..lead).unwrap_or(""));
        line += newlines(piece);
        let content = piece.trim().trim_end_matches(';').trim_end();
        if content.is_empty() || content.trim_end_matches('\0').is_empty() {
            continue;
        }
        let Some((code, value)) = content.split_once(':').filter(|_| piece.ends_with(';')) else {
            reader.error(first_line, content.get(..20).unwrap_or(content), "an attribute is `CODE:value;`");
            continue;
        };
        let code = code.trim().to_ascii_uppercase();
        let Some((letter, number, name, indices)) = split(&code) else {
            if code != "COMMENT" {
                let group = code.split(['\\', '-']).next().unwrap_or(&code).to_string();
                others.entry(group).or_insert((first_line, 0)).1 += 1;
            }
            continue;
        };
        let group = groups.entry((letter, number)).or_insert_with(|| Group {
            line: first_line,
            prefix: format!("{letter}-{number}"),
            attributes: BTreeMap::new(),
        });
        let key = (name.clone(), indices.clone());
        let attribute = Attribute {
            line: first_line,
            code,
            name,
            indices,
            value: value.trim(),
            is_read: Cell::new(false),
        };
        if let Some(earlier) = group.attributes.get(&key) {
            let what = format!("line {} says it already", earlier.line);
            reader.error(attribute.line, &attribute.code, what);
            continue;
        }
        group.attributes.insert(key, attribute);
    }
    for (group, (line, count)) in others {
        reader.omissions.push(Omission {
            origin: Origin { line, column: 0 },
            path: group,
            what: format!("{count} attributes of the group do not bear on PCM formats"),
        });
    }
    groups
}

/// Letter and number of the group, name and numbers of the attribute. `None` for other groups.
fn split(code: &str) -> Option<(char, u32, String, Vec<u32>)> {
    let (group, attribute) = code.split_once('\\')?;
    let (letter, number) = group.split_once('-')?;
    let letter = match letter {
        "C" => 'C',
        "D" => 'D',
        "P" => 'P',
        _ => return None,
    };
    let mut parts = attribute.split('-');
    let name = parts.next()?.to_string();
    let indices: Option<Vec<u32>> = parts.map(|part| part.parse().ok()).collect();
    Some((letter, number.parse().ok()?, name, indices?))
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}
