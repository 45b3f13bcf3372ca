use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;
use std::path::Path;
use std::string::String;
use std::{env, format, fs};

use super::*;

/// Where the tests are that the table names.
const SOURCES: [&str; 3] = ["tests/xtce_load.rs", "tests/xtce_probes.rs", "tests/xtce_documents.rs"];

fn names(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace().filter(|&name| name != "*")
}

#[test]
fn every_child_has_a_row_and_every_row_a_parent() {
    let rows: HashSet<(&str, &str)> = table::ELEMENTS.iter().map(|row| (row.name, row.parent)).collect();
    assert_eq!(rows.len(), table::ELEMENTS.len(), "a row is there twice");
    let mut used = HashSet::from([("SpaceSystem", "")]);
    for row in table::ELEMENTS {
        let children = names(row.children).flat_map(|name| match name {
            "described" => Vec::from(table::DESCRIBED),
            name => Vec::from([name]),
        });
        for child in children {
            let own = (child, row.name);
            let key = if rows.contains(&own) { own } else { (child, "") };
            assert!(rows.contains(&key), "`{child}` in `{}` has no row", row.name);
            used.insert(key);
        }
    }
    let unused: BTreeSet<_> = rows.difference(&used).collect();
    assert!(unused.is_empty(), "nothing holds {unused:?}");
}

#[test]
fn rows_are_in_alphabetical_order() {
    let keys = || table::ELEMENTS.iter().map(|row| (row.name.to_ascii_lowercase(), row.parent));
    assert!(keys().zip(keys().skip(1)).all(|(a, b)| a < b));
}

#[test]
fn names_that_differ_little_are_suggested() {
    assert_eq!(closest("UnitSetBlah", &["UnitSet", "ToString"]), None);
    assert_eq!(closest("ParamterSet", &["ParameterTypeSet", "ParameterSet"]), Some("ParameterSet"));
    assert_eq!(closest("Unitset", &["UnitSet"]), Some("UnitSet"));
    assert_eq!(closest("Foo", &[]), None);
}

/// `XTCE.md` is the table. With `UPDATE_CONFORMANCE=1` the test writes it anew.
#[test]
fn the_conformance_table_is_in_step() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources: Vec<(&str, String)> = SOURCES
        .iter()
        .map(|&source| (source, fs::read_to_string(root.join(source)).unwrap_or_default()))
        .collect();
    let mut page = String::from(HEAD);
    for row in table::ELEMENTS {
        let place = if row.parent.is_empty() { String::new() } else { format!(" in `{}`", row.parent) };
        let shown = sources.iter().find(|(_, text)| text.contains(&format!("fn {}(", row.test)));
        // A dash says that no test shows it yet.
        let test = shown.map_or_else(
            || String::from("–"),
            |(source, _)| format!("`{}`: `{}`", source.trim_start_matches("tests/"), row.test),
        );
        writeln!(page, "| `{}`{place} | {} | {} | {test} |", row.name, row.since, row.status).unwrap();
    }
    let path = root.join("XTCE.md");
    if env::var_os("UPDATE_CONFORMANCE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|found| found == page),
        "XTCE.md is out of step: run this test with UPDATE_CONFORMANCE=1"
    );
}

const HEAD: &str = "\
# XTCE: what becomes of each element

A test writes this table from the one that documents are checked against, and fails where they differ. \"Error\" is what a strict load
makes of an element; a lenient one leaves it out and lists it. Elements and attributes that are not in the schemas are errors too. Where
an element is supported in part, the error says which part is not.

| element | since | status | test that shows it |
| --- | --- | --- | --- |
";
