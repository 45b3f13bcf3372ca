//! The conformance table of the README: every row that claims something names tests that exist.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The workspace; `None` where the crate stands alone.
fn workspace() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let here = root.join("README.md").is_file() && root.join("frame-sync").is_dir();
    if !here {
        eprintln!("skipped: no workspace around {}", env!("CARGO_MANIFEST_DIR"));
    }
    here.then_some(root)
}

/// Rust sources below `folder`, build folders left out.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Names of the functions that stand behind a `#[test]`, in property tests too.
fn tests_of(text: &str) -> Vec<&str> {
    let (mut names, mut marked) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if line == "#[test]" {
            marked = true;
        } else if let Some(rest) = line.strip_prefix("fn ").or_else(|| line.strip_prefix("pub fn ")) {
            if marked {
                names.extend(rest.split(['(', '<']).next());
            }
            marked = false;
        }
    }
    names
}

/// A row of the table: status, and what stands in backticks in its last column.
fn rows(readme: &str) -> Vec<(String, String, Vec<String>)> {
    let section = readme.split("## Conformance").nth(1).unwrap().split("\n## ").next().unwrap();
    let cells = |line: &str| {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    };
    let table = section.lines().filter(|line| line.starts_with('|')).skip(2);
    table
        .map(|line| {
            let cells = cells(line);
            let [_, _, feature, status, tests] = cells.as_slice() else { panic!("five columns: {line}") };
            let named = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            (feature.clone(), status.clone(), named)
        })
        .collect()
}

#[test]
fn every_row_of_the_conformance_table_names_a_test_that_exists() {
    let Some(root) = workspace() else { return };
    let mut files = Vec::new();
    sources(&root, &mut files);
    let texts: Vec<(PathBuf, String)> =
        files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    let known: BTreeSet<&str> = texts.iter().flat_map(|(_, text)| tests_of(text)).collect();
    let rows = rows(&fs::read_to_string(root.join("README.md")).unwrap());
    assert!(rows.len() > 30, "{} rows", rows.len());
    for (feature, status, named) in rows {
        if status == "–" {
            assert!(named.is_empty(), "{feature}: not there, but tested?");
            continue;
        }
        assert!(!named.is_empty(), "{feature}: {status}, but no test is named");
        for name in named {
            let exists = match name.strip_suffix(".rs") {
                Some(_) => {
                    texts.iter().any(|(path, text)| path.ends_with(&name) && !tests_of(text).is_empty())
                }
                None => known.contains(name.as_str()),
            };
            assert!(exists || name.ends_with(".md"), "{feature}: there is no test {name}");
        }
    }
}
