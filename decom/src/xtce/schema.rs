//! Which elements and attributes there are, and what becomes of each.
//!
//! A document is first checked against [`table::ELEMENTS`]: whatever is not in it is reported. What comes after only reads elements
//! that it looks for, so nothing is skipped without a word.

mod table;

use std::collections::HashMap;
use std::format;
use std::sync::LazyLock;
use std::vec;
use std::vec::Vec;

use super::report::{Node, Report};
use super::values::{elements, listed};

/// Reports what the schemas do not know, and what is not supported. Whether the document can be read on.
pub(super) fn check<'a>(report: &Report<'a>, root: Node<'a>) -> bool {
    let schema = &*SCHEMA;
    let Some(definition) = schema.root else { return false };
    if root.tag_name().name() != "SpaceSystem" {
        report.error(root, "the document is not XTCE", "the outermost element must be `SpaceSystem`");
        return false;
    }
    let mut is_bounded = true;
    let mut pending = vec![(root, definition, 1)];
    while let Some((node, definition, depth)) = pending.pop() {
        let Some(element) = schema.elements.get(definition) else { continue };
        check_attributes(report, node, element);
        if depth == MAX_DEPTH && elements(node).next().is_some() {
            let what = format!("elements nest deeper than {MAX_DEPTH}");
            report.error(node, what, "flatten the structure");
            is_bounded = false;
            continue;
        }
        for child in elements(node).filter(|_| !element.is_opaque) {
            if let Some(definition) = schema.check_child(report, element, child) {
                pending.push((child, definition, depth + 1));
            }
        }
    }
    is_bounded
}

/// What becomes of an element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Status {
    /// It describes, and changes no value.
    Accepted,
    /// It changes no value, but something is not done that it asks for: a lenient load mentions it.
    Noted,
    /// It is about something else than telemetry; what is in it is not looked at.
    NotTelemetry,
    /// It is read.
    Read,
    /// It is an error, or left out by a lenient load.
    Unsupported,
}

/// A row of the table. Names are separated by spaces.
#[derive(Clone, Copy, Debug)]
struct Row {
    name: &'static str,
    /// The only parent under which the row holds; empty for every other one.
    parent: &'static str,
    /// The first schema that has it.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the conformance table, which a test writes"))]
    since: &'static str,
    status: Status,
    /// `*` for whatever there is; `described` stands for [`table::DESCRIBED`].
    children: &'static str,
    /// Required ones end in `!`.
    attributes: &'static str,
    /// A test that shows the status.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the conformance table, which a test writes"))]
    test: &'static str,
}

/// The table with its names looked up.
struct Schema {
    elements: Vec<Element>,
    /// The definition of the outermost element.
    root: Option<usize>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::new);

struct Element {
    row: Row,
    is_opaque: bool,
    children: Vec<(&'static str, usize)>,
    attributes: Vec<(&'static str, bool)>,
}

impl Schema {
    fn new() -> Self {
        let by_name: HashMap<_, _> =
            table::ELEMENTS.iter().zip(0..).map(|(row, index)| ((row.name, row.parent), index)).collect();
        let elements = table::ELEMENTS.iter().map(|&row| {
            let mut names: Vec<&'static str> = Vec::new();
            for name in row.children.split_ascii_whitespace() {
                if name == "described" { names.extend(table::DESCRIBED) } else { names.push(name) }
            }
            let definition =
                |name: &'static str| by_name.get(&(name, row.name)).or_else(|| by_name.get(&(name, "")));
            let children = names.iter().filter_map(|&name| Some((name, *definition(name)?))).collect();
            let attributes = row.attributes.split_ascii_whitespace();
            let attributes = attributes.map(|name| match name.strip_suffix('!') {
                Some(name) => (name, true),
                None => (name, false),
            });
            Element { row, is_opaque: row.children == "*", children, attributes: attributes.collect() }
        });
        let elements = elements.collect();
        Self { elements, root: by_name.get(&("SpaceSystem", "")).copied() }
    }

    /// The definition of a child whose own children are to be checked.
    fn check_child<'a>(&self, report: &Report<'a>, parent: &Element, child: Node<'a>) -> Option<usize> {
        let tag = child.tag_name();
        let known = parent.children.iter().find(|&&(name, _)| name == tag.name());
        let known = known.filter(|_| tag.namespace().is_none_or(is_xtce));
        let Some(&(_, definition)) = known else {
            report_unknown(report, parent, child);
            return None;
        };
        let row = self.elements.get(definition)?.row;
        match row.status {
            Status::NotTelemetry => None,
            Status::Noted => {
                report.note(child, format!("`{}` is read over; it has no effect on values", row.name));
                Some(definition)
            }
            Status::Unsupported => {
                let what = format!("`{}` is not supported", row.name);
                report.omit(child, what, "remove it, or load leniently to leave it out");
                None
            }
            Status::Accepted | Status::Read => Some(definition),
        }
    }
}

fn report_unknown<'a>(report: &Report<'a>, parent: &Element, child: Node<'a>) {
    let tag = child.tag_name();
    if tag.namespace() == Some(XINCLUDE) {
        report.error(child, "inclusions are not followed", "write the included text in its place");
        return;
    }
    let mut allowed: Vec<&str> = parent.children.iter().map(|&(name, _)| name).collect();
    allowed.sort_unstable();
    let what = match tag.namespace() {
        Some(namespace) if !is_xtce(namespace) => {
            format!("`{}` is of another namespace, `{namespace}`", tag.name())
        }
        _ => format!("no schema has an element `{}` here", tag.name()),
    };
    let fix = match closest(tag.name(), &allowed) {
        Some(name) => format!("write `{name}`, or remove it"),
        None => format!("remove it; `{}` may hold {}", parent.row.name, listed(&allowed)),
    };
    // What is unknown in an entry list may be of any size.
    if parent.row.name == "EntryList" {
        report.error(child, what, fix);
    } else {
        report.omit(child, what, fix);
    }
}

fn check_attributes<'a>(report: &Report<'a>, node: Node<'a>, element: &Element) {
    for attribute in node.attributes() {
        if attribute.namespace().is_some_and(|namespace| FOREIGN.contains(&namespace)) {
            continue;
        }
        if !element.attributes.iter().any(|&(name, _)| name == attribute.name()) {
            let allowed: Vec<&str> = element.attributes.iter().map(|&(name, _)| name).collect();
            let what = format!("no schema has an attribute `{}` of `{}`", attribute.name(), element.row.name);
            let fix = match closest(attribute.name(), &allowed) {
                Some(name) => format!("write `{name}`, or remove it"),
                None => format!("remove it; there may be {}", listed(&allowed)),
            };
            report.omit_attribute(node, attribute.name(), what, fix);
        }
    }
    for &(name, is_required) in &element.attributes {
        if is_required && node.attribute(name).is_none() {
            let what = format!("`{}` has no `{name}`", element.row.name);
            report.error(node, what, format!("write {name}=\"…\""));
        }
    }
}

/// The name that differs least, if that is little.
fn closest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let distance = |other: &str| {
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (at, letter) in name.bytes().enumerate() {
            let mut diagonal = at;
            let mut left = at + 1;
            for (cell, other) in row.iter_mut().skip(1).zip(other.bytes()) {
                let best = (diagonal + usize::from(letter != other)).min(left + 1).min(*cell + 1);
                diagonal = core::mem::replace(cell, best);
                left = best;
            }
            if let Some(first) = row.first_mut() {
                *first = at + 1;
            }
        }
        row.last().copied().unwrap_or(usize::MAX)
    };
    if name.len() > MAX_NAME {
        return None;
    }
    let near = names.iter().map(|&other| (distance(other), other)).min()?;
    (near.0 <= name.len() / 3).then_some(near.1)
}

/// Whether a namespace is one of XTCE's.
fn is_xtce(namespace: &str) -> bool {
    ["http://www.omg.org/space/xtce", "http://www.omg.org/spec/XTCE/", "http://www.omg.org/space/xtce/"]
        .iter()
        .any(|known| namespace == *known || known.ends_with('/') && namespace.starts_with(known))
}

/// How deep elements may nest: what bounds the stack of everything that reads them.
const MAX_DEPTH: usize = 64;

/// How long a name may be that another is suggested for.
const MAX_NAME: usize = 64;

const XINCLUDE: &str = "http://www.w3.org/2001/XInclude";

/// Namespaces of attributes that any element may have.
const FOREIGN: [&str; 2] =
    ["http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace"];

impl core::fmt::Display for Status {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted, no effect on values",
            Self::Noted => "accepted, no effect on values; listed by a lenient load",
            Self::NotTelemetry => "accepted, no effect on values: not telemetry, content not looked at",
            Self::Read => "yes",
            Self::Unsupported => "error",
        })
    }
}

#[cfg(test)]
mod tests;
