//! What is wrong with a document, and where.

use core::cell::{Cell, RefCell};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::XtceError;
use crate::model::{Database, Omission, Origin};

pub(super) type Node<'a> = roxmltree::Node<'a, 'a>;

/// Collects findings of one load; anything may be reported in any order.
#[derive(Debug)]
pub(super) struct Report<'a> {
    lines: Lines<'a>,
    lenient: bool,
    errors: RefCell<Vec<Finding<'a>>>,
    omissions: RefCell<Vec<Finding<'a>>>,
    warnings: RefCell<Vec<Finding<'a>>>,
}

#[derive(Debug)]
struct Finding<'a> {
    offset: usize,
    node: Node<'a>,
    attribute: Option<&'a str>,
    what: String,
    fix: String,
}

impl<'a> Report<'a> {
    pub(super) fn new(text: &'a str, lenient: bool) -> Self {
        let lines = Lines::new(text);
        let [errors, omissions, warnings] = [const { RefCell::new(Vec::new()) }; 3];
        Self { lines, lenient, errors, omissions, warnings }
    }

    /// Something that makes the database unusable.
    pub(super) fn error(&self, node: Node<'a>, what: impl Into<String>, fix: impl Into<String>) {
        push(&self.errors, Finding::of(node, None, what.into(), fix.into()));
    }

    /// An attribute that makes the database unusable.
    pub(super) fn attribute_error(
        &self,
        node: Node<'a>,
        attribute: &'a str,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) {
        push(&self.errors, Finding::of(node, Some(attribute), what.into(), fix.into()));
    }

    /// Something that cannot be represented, and whose absence leaves other values where they are.
    pub(super) fn omit(&self, node: Node<'a>, what: impl Into<String>, fix: impl Into<String>) {
        self.omit_at(Finding::of(node, None, what.into(), fix.into()));
    }

    /// An attribute that cannot be represented.
    pub(super) fn omit_attribute(
        &self,
        node: Node<'a>,
        attribute: &'a str,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.omit_at(Finding::of(node, Some(attribute), what.into(), fix.into()));
    }

    /// Something that has no effect on values: only a lenient load mentions it.
    pub(super) fn note(&self, node: Node<'a>, what: impl Into<String>) {
        if self.lenient {
            push(&self.omissions, Finding::of(node, None, what.into(), String::new()));
        }
    }

    /// Something that is well understood, but can have no effect.
    pub(super) fn warn(&self, node: Node<'a>, what: impl Into<String>) {
        push(&self.warnings, Finding::of(node, None, what.into(), String::new()));
    }

    /// Where an element begins.
    pub(super) fn origin(&self, node: Node<'a>) -> Origin {
        self.lines.origin(node.range().start)
    }

    /// The database, or the first errors in document order.
    pub(super) fn finish(self, database: Database) -> Result<Database, Vec<XtceError>> {
        let mut errors = self.errors.into_inner();
        if errors.is_empty() {
            let told = |mut findings: Vec<Finding<'a>>| {
                findings.sort_by_key(|finding| finding.offset);
                let told = findings.into_iter().map(|finding| Omission {
                    origin: self.lines.origin(finding.offset),
                    path: in_one_line(finding.path()),
                    what: in_one_line(finding.what),
                });
                told.collect()
            };
            let (omissions, warnings) = (told(self.omissions.into_inner()), told(self.warnings.into_inner()));
            return Ok(Database { omissions, warnings, ..database });
        }
        errors.sort_by_key(|finding| finding.offset);
        let errors = errors.into_iter().take(MAX_ERRORS).map(|finding| {
            let Origin { line, column } = self.lines.origin(finding.offset);
            let path = in_one_line(finding.path());
            XtceError { line, column, path, what: in_one_line(finding.what), fix: in_one_line(finding.fix) }
        });
        Err(errors.collect())
    }

    fn omit_at(&self, finding: Finding<'a>) {
        push(if self.lenient { &self.omissions } else { &self.errors }, finding);
    }
}

impl<'a> Finding<'a> {
    fn of(node: Node<'a>, attribute: Option<&'a str>, what: String, fix: String) -> Self {
        let found = attribute.and_then(|name| node.attributes().find(|attribute| attribute.name() == name));
        let offset = found.map_or(node.range().start, |attribute| attribute.range().start);
        Self { offset, node, attribute, what, fix }
    }

    fn path(&self) -> String {
        let mut elements: Vec<String> =
            self.node.ancestors().filter(Node::is_element).map(|element| named(&element)).collect();
        elements.reverse();
        elements.truncate(MAX_PATH);
        if let Some(attribute) = self.attribute {
            elements.push(format!("@{attribute}"));
        }
        elements.join("/")
    }
}

/// The name of an element, and its `name` in brackets.
fn named(element: &Node<'_>) -> String {
    let tag = element.tag_name().name();
    match element.attribute("name") {
        Some(name) => format!("{tag}[{name}]"),
        None => tag.to_string(),
    }
}

/// Text that quotes the document: attributes may hold line breaks and whatever else moves a cursor.
pub(super) fn in_one_line(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let mut line = String::new();
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

fn push<'a>(findings: &RefCell<Vec<Finding<'a>>>, finding: Finding<'a>) {
    let mut findings = findings.borrow_mut();
    if findings.len() < MAX_FINDINGS {
        findings.push(finding);
    }
}

/// Lines of a text. A document may be one long line, so characters are counted once for each block of it.
#[derive(Debug)]
struct Lines<'a> {
    text: &'a [u8],
    starts: Vec<usize>,
    /// Characters before each block.
    before: Vec<usize>,
    last_line: Cell<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.as_bytes();
        let breaks = memchr::memchr_iter(b'\n', text).map(|at| at + 1);
        let mut sum = 0;
        let blocks = text.chunks(BLOCK).map(|block| {
            sum += characters(block);
            sum
        });
        Self {
            text,
            starts: core::iter::once(0).chain(breaks).collect(),
            before: core::iter::once(0).chain(blocks).collect(),
            last_line: Cell::new(1),
        }
    }

    fn origin(&self, offset: usize) -> Origin {
        let line = self.line(offset);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = self.characters_before(offset).saturating_sub(self.characters_before(start)) + 1;
        let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Origin { line: number(line), column: number(column) }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let rest = self.text.get(block * BLOCK..offset).unwrap_or(&[]);
        self.before.get(block).copied().unwrap_or(0) + characters(rest)
    }
}

/// Characters that begin in a piece of text.
fn characters(octets: &[u8]) -> usize {
    octets.iter().filter(|&&octet| octet & 0xC0 != 0x80).count()
}

impl Lines<'_> {
    /// The line of an offset: most often one of the next after the last one asked for.
    fn line(&self, offset: usize) -> usize {
        let last = self.last_line.get();
        let after = self.starts.get(last - 1..).unwrap_or(&[]);
        let line = match after.iter().take(NEAR).position(|&start| start > offset) {
            Some(passed @ 1..) => last + passed - 1,
            _ => self.starts.partition_point(|&start| start <= offset).max(1),
        };
        self.last_line.set(line);
        line
    }
}

/// Octets of a block.
const BLOCK: usize = 4096;

/// How many lines after the last one are looked at one by one.
const NEAR: usize = 16;

/// How many errors a load returns.
const MAX_ERRORS: usize = 100;

/// How many findings are kept until they are in document order.
const MAX_FINDINGS: usize = 10_000;

/// How many elements of a path are told.
const MAX_PATH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_in_any_order_of_questions() {
        let lines = Lines::new("äb\n\ncdé f");
        let at = |offset| {
            let Origin { line, column } = lines.origin(offset);
            (line, column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 2));
        assert_eq!(at(5), (3, 1));
        assert_eq!(at(10), (3, 5));
        assert_eq!(at(7), (3, 3));
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(4), (2, 1));
    }

    #[test]
    fn columns_of_a_line_of_many_blocks_are_those_of_counting_from_its_start() {
        let text = "é<a/>\n".to_string() + &"aé漢<b/>".repeat(3000);
        let lines = Lines::new(&text);
        let second = 7;
        for offset in (second..=text.len()).rev().filter(|&offset| text.is_char_boundary(offset)).step_by(97)
        {
            let column = text[second..offset].chars().count() as u32 + 1;
            assert_eq!(lines.origin(offset), Origin { line: 2, column });
        }
    }

    #[test]
    fn an_error_is_one_line_whatever_an_attribute_holds() {
        let texts =
            ["<SpaceSystem name=\"a&#10;b\"><What is=\"&#10;\"/></SpaceSystem>", "<SpaceSystem\u{1b}[2J/>"];
        for error in texts.iter().flat_map(|text| crate::xtce::load(text).unwrap_err()) {
            let line = error.to_string();
            assert!(!line.contains(char::is_control), "{line:?}");
        }
    }
}
