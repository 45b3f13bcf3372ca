//! A small SCOS-2000 database that nobody here wrote loads without a finding, and its packets are what their dump says.
#![cfg(feature = "mib")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::path::PathBuf;

use ccsds_core::fecf::crc16;
use decom::mib::load;
use decom::model::{Comparand, Condition, Database, EngineeringKind, EntryKind, IntExpr, Size, TypeKind};

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/mib_spacepylibrary"));
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no folder {}", folder.display());
    None
}

/// The packets of the dump, as octets.
fn packets(folder: &std::path::Path) -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let (_, list) = text.split_once("\"packets\": [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let hex = list.split('"').filter(|part| part.len() > 8 && part.bytes().all(|c| c.is_ascii_hexdigit()));
    hex.map(|hex| {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    })
    .collect()
}

#[test]
fn the_database_loads_strictly_and_compiles() {
    let Some(folder) = folder() else { return };
    let database = load(&folder.join("mib")).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert!(database.omissions.is_empty());
    // Seventeen rows of PCF, seven fields of the primary header, service type and subtype.
    assert_eq!(database.parameters.len(), 17 + 7 + 2);
    // Eleven packets, the root, the one of the APID, one structure and its group.
    assert_eq!(database.containers.len(), 11 + 2 + 2);
    let names =
        ["ACK1", "NAK1", "ACK2", "NAK2", "ACK3", "NAK3", "ACK4", "NAK4", "TM_PKT0", "TM_PKT1", "TESTREP"];
    for name in names {
        assert!(database.container_named(name).is_some(), "{name}");
    }
    let structure = database.container(database.container_named("/MIB/VPD/12343").unwrap()).unwrap();
    assert_eq!(structure.entries.len(), 3);
    let group = structure.entries.last().unwrap();
    assert!(matches!(group.kind, EntryKind::Container(_)));
    assert!(matches!(group.repeat.as_ref().unwrap().count, IntExpr::Linear { .. }));
    let text = database.parameters.iter().find(|parameter| parameter.name == "/MIB/PAR10").unwrap();
    let TypeKind::Scalar(scalar) = &database.parameter_type(text.parameter_type).unwrap().kind else {
        panic!("{text:?}")
    };
    assert_eq!(scalar.kind, EngineeringKind::Text);
    assert!(
        matches!(&scalar.encoding, decom::model::Encoding::Text { size, .. } if *size == Size::Bits(IntExpr::Fixed(64)))
    );
    let plan = database.compile().unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(plan.plan().nodes.len(), database.containers.len());
}

/// Whether a packet fulfils a condition on numbers at the bits `place` tells.
fn holds(condition: &Condition, value_of: &dyn Fn(&str) -> u64, database: &Database) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds(part, value_of, database)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, value_of, database)),
        Condition::Compare(comparison) => {
            let name = &database.parameter(comparison.left.parameter).unwrap().name;
            let Comparand::Literal(literal) = &comparison.right else { panic!("{comparison:?}") };
            literal.parse() == Ok(value_of(name))
        }
    }
}

#[test]
fn the_dumped_packets_are_housekeeping_and_their_error_control_is_right() {
    let Some(folder) = folder() else { return };
    let database = load(&folder.join("mib")).unwrap();
    let packets = packets(&folder);
    assert_eq!(packets.len(), 4);
    for packet in packets {
        assert_eq!(crc16(&packet), 0, "the packet error control closes the check");
        let word = |at: usize| u64::from(u16::from_be_bytes([packet[at], packet[at + 1]]));
        let value_of = |name: &str| match name.trim_start_matches("/MIB/PACKET/") {
            "APID" => word(0) & 0x7FF,
            "SERVICE_TYPE" => packet[7].into(),
            "SERVICE_SUBTYPE" => packet[8].into(),
            other => panic!("no packet is told apart by {other}"),
        };
        let matching: Vec<_> = database
            .containers
            .iter()
            .filter(|container| !container.is_abstract)
            .filter(|container| {
                container.base.as_ref().is_some_and(|base| holds(&base.restriction, &value_of, &database))
            })
            .map(|container| &*container.name)
            .collect();
        assert_eq!(matching, ["/MIB/TM_PKT1"]);
    }
}
