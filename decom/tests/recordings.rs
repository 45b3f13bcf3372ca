//! Packets that nobody here made, by databases that nobody here wrote: raw and calibrated values are those that other decoders found.
#![cfg(feature = "xtce")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::path::{Path, PathBuf};

use decom::plan::{NodeId, Plan};
use decom::raw::Raw;
use decom::row::{Decoder, Register, RowSink, RowStatus, Sample};
use decom::value::Value;
use decom::xtce;
use serde_json::Value as Json;

/// A folder of recordings; `None`, and a line that says so, where it is not there.
fn data(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(folder);
    if !path.is_dir() {
        eprintln!("skipped: there is no {}", path.display());
        return None;
    }
    Some(path)
}

fn expected(folder: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap()
}

/// What a value is, to be compared with JSON.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Number(f64),
    Other,
    Word(String),
}

impl Shown {
    fn is(&self, json: &Json) -> bool {
        match (self, json) {
            (Self::Number(number), _) => json.as_f64() == Some(*number),
            (Self::Word(word), Json::String(text)) => word == text,
            _ => false,
        }
    }
}

/// Name behind the last slash, raw and engineering value of everything in a packet.
struct Values<'p> {
    plan: Plan<'p>,
    values: Vec<(String, Shown, Shown)>,
}

impl RowSink for Values<'_> {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let item = sample.plan_item().unwrap();
        let name = self.plan.str(self.plan.parameter(item.parameter).unwrap().name);
        let name = format!("{}{}", name.rsplit('/').next().unwrap(), self.plan.str(item.suffix));
        let raw = match sample.raw() {
            Raw::Octets(_) | Raw::Text { .. } | Raw::Undefined(_) => Shown::Other,
            raw => Shown::Number(raw.number().unwrap()),
        };
        let value = match sample.value() {
            Value::Boolean { label, .. } | Value::Label { label: Some(label), .. } => {
                Shown::Word(label.to_owned())
            }
            Value::Text(text) => Shown::Word(text.to_string()),
            value => value.number().map_or(Shown::Other, Shown::Number),
        };
        self.values.push((name, raw, value));
    }
}

/// The container, the status and the values of a packet.
fn decode<'p>(plan: Plan<'p>, root: NodeId, packet: &[u8]) -> (&'p str, RowStatus, Values<'p>) {
    let registers = vec![Register::Empty; plan.registers as usize];
    let mut values = Values { plan, values: Vec::new() };
    let report = Decoder::new(plan, root, registers).unwrap().decode(packet, &mut values);
    (plan.container_name(report.container), report.status, values)
}

/// The packets of a file, each behind `skip` octets that do not belong to it.
fn packets(octets: &[u8], skip: usize) -> Vec<&[u8]> {
    let mut packets = Vec::new();
    let mut rest = octets;
    while let Some(head) = rest.get(skip..).filter(|head| !head.is_empty()) {
        let len = ccsds_core::packet::packet_len(head).unwrap();
        packets.push(&head[..len]);
        rest = &head[len..];
    }
    packets
}

#[test]
fn packets_have_the_values_that_space_packet_parser_finds() {
    for (folder, file, database, skip) in [
        ("pkt_jpss_geoloc", "J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1", "jpss1_geolocation_xtce_v1.xml", 0),
        (
            "pkt_jpss_geoloc",
            "J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1",
            "contrived_inheritance_structure.xml",
            0,
        ),
        ("pkt_suda", "sciData_2022_130_17_41_53.spl", "suda_combined_science_definition.xml", 4),
    ] {
        let Some(folder) = data(folder) else { return };
        let text = std::fs::read_to_string(folder.join(database)).unwrap();
        let plan = xtce::load(&text).unwrap().compile().unwrap();
        let plan = plan.plan();
        let octets = std::fs::read(folder.join(file)).unwrap();
        let packets = packets(&octets, skip);
        let expected = &expected(&folder)["xtce"];
        assert_eq!(packets.len() as u64, expected["packets"].as_u64().unwrap());
        let root = plan.roots[0];
        for packet in &packets {
            let (name, status, _) = decode(plan, root, packet);
            assert_eq!(status, RowStatus::Complete, "{database}: {name}");
        }
        let mut compared = 0;
        for sample in expected["samples"].as_array().unwrap() {
            let index = sample["index"].as_u64().unwrap() as usize;
            let (.., found) = decode(plan, root, packets[index]);
            for (name, pair) in sample["values"].as_object().unwrap() {
                let (raw, value) = (&pair[0], &pair[1]);
                let own: Vec<_> = found.values.iter().filter(|(own, ..)| own == name).collect();
                // The other database names things differently; long runs of octets are told by a hash there.
                if own.is_empty() || !raw.is_number() {
                    assert!(!own.is_empty() || database.starts_with("contrived"), "{name} is missing");
                    continue;
                }
                assert_eq!(own.len(), 1, "{name}");
                assert!(own[0].1.is(raw), "{name}: {:?} is not {raw}", own[0].1);
                assert!(own[0].2.is(value), "{name}: {:?} is not {value}", own[0].2);
                compared += 1;
            }
        }
        eprintln!("{database}: {compared} pairs of values compared");
        assert!(compared > 20, "{database}: {compared}");
    }
}

#[test]
fn aggregates_of_yamcs_have_the_values_of_another_decoder() {
    let Some(folder) = data("pkt_yamcs_quickstart") else { return };
    let text = std::fs::read_to_string(folder.join("xtce.xml")).unwrap();
    let plan = xtce::load(&text).unwrap().compile().unwrap();
    let plan = plan.plan();
    let octets = std::fs::read(folder.join("testdata.ccsds")).unwrap();
    let packets = packets(&octets, 0);
    let expected = expected(&folder);
    assert_eq!(packets.len() as u64, expected["packets"].as_u64().unwrap());
    let mut compared = 0;
    for (index, sample) in expected["decoded"].as_object().unwrap() {
        let (_, status, found) = decode(plan, plan.roots[0], packets[index.parse::<usize>().unwrap()]);
        assert_eq!(status, RowStatus::Complete);
        for (name, expected) in sample.as_object().unwrap() {
            let own: Vec<&Shown> = found
                .values
                .iter()
                .filter(|(own, ..)| own == name || own.starts_with(&format!("{name}.")))
                .map(|(_, raw, _)| raw)
                .collect();
            let wanted: Vec<&Json> = expected.as_array().map_or(vec![expected], |list| list.iter().collect());
            let is_right =
                own.len() == wanted.len() && own.iter().zip(&wanted).all(|(own, wanted)| own.is(wanted));
            assert!(is_right, "{index} {name}: {own:?} is not {wanted:?}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}
