//! One-feature XTCE documents: every one loads, compiles and decodes.

mod common;

use std::path::Path;

use decom::xtce;
use serde_json::Value;

/// Values that somebody else worked out: of a parameter the last digit may be open, and not every document has an expectation.
#[test]
fn numbers_of_one_feature_documents_are_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/xtce_probes");
    let Ok(text) = std::fs::read_to_string(folder.join("expected.json")) else {
        eprintln!("skipped: {} is missing", folder.display());
        return;
    };
    let expected: Value = serde_json::from_str(&text).unwrap();
    let packet: Vec<u8> = (0..16).collect();
    let mut wrong = Vec::new();
    for (probe, values) in expected["expect"].as_object().unwrap() {
        let document = std::fs::read_to_string(folder.join(format!("{probe}.xml"))).unwrap();
        let database = match xtce::load(&document) {
            Ok(database) => database,
            Err(errors) => {
                wrong.push(format!("{probe}: {}", errors[0]));
                continue;
            }
        };
        let plan = match database.compile() {
            Ok(plan) => plan,
            Err(errors) => {
                wrong.push(format!("{probe}: {}", errors[0]));
                continue;
            }
        };
        let (_, recorder) = common::decode(plan.plan(), "R", &packet);
        for (parameter, expectation) in values.as_object().into_iter().flatten() {
            let name = format!("/T/{parameter}");
            let of = |full: &str| {
                full == name || full.starts_with(&format!("{name}[")) || full.starts_with(&format!("{name}."))
            };
            let found: Vec<&str> =
                recorder.engineering.iter().filter(|(full, _)| of(full)).map(|(_, v)| v.as_str()).collect();
            let expectation = expectation.as_str().unwrap();
            // Values print as `Kind(number)`.
            let digits = |shown: &str| {
                shown.split_once('(').map_or(String::new(), |(_, rest)| rest.trim_end_matches(')').to_owned())
            };
            let is_right = match expectation.parse::<f64>() {
                Ok(number) => found.last().and_then(|last| digits(last).parse::<f64>().ok()) == Some(number),
                Err(_) => !found.is_empty(),
            };
            if !is_right {
                wrong.push(format!("{probe}: {parameter} is {found:?}, not {expectation}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
