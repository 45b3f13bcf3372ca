//! A baked plan is the plan that was baked, as Rust source and as octets.

#![cfg(all(feature = "blob", feature = "xtce"))]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail so")]

mod probe;

use std::fs;
use std::path::{Path, PathBuf};

use decom::bake::BlobError;
use decom::plan::{ItemId, NodeId, ParameterId, Plan, PlanBuf};
use decom::row::{Decoder, Register, RowSink, Sample};

/// Everything that a decoder says, as text.
#[derive(Default)]
struct Heard(Vec<String>);

impl RowSink for Heard {
    fn array(&mut self, parameter: ParameterId, dimensions: &[u32]) {
        self.0.push(format!("array {parameter:?} {dimensions:?}"));
    }

    fn enter(&mut self, container: NodeId) {
        self.0.push(format!("enter {container:?}"));
    }

    fn missing(&mut self, item: ItemId) {
        self.0.push(format!("missing {item:?}"));
    }

    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let value = sample.value();
        let alarm = sample.alarm(&value);
        self.0.push(format!("{:?} {:?} {value:?} {alarm:?}", sample.item(), sample.raw()));
    }
}

fn decoded(plan: Plan<'_>, packets: &[Vec<u8>]) -> Vec<String> {
    let mut heard = Heard::default();
    for &root in plan.roots {
        let registers = vec![Register::default(); plan.registers as usize];
        let mut decoder = Decoder::new(plan, root, registers).unwrap();
        for packet in packets {
            let report = decoder.decode(packet, &mut heard);
            heard.0.push(format!("{report:?}"));
        }
    }
    heard.0
}

fn load(path: &Path) -> PlanBuf {
    decom::xtce::load(&fs::read_to_string(path).unwrap()).unwrap().compile().unwrap()
}

fn loaded() -> PlanBuf {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe/probe.xml"))
}

/// With `BAKE` set, writes the source anew instead.
#[test]
fn the_source_is_what_the_database_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe/probe.rs");
    let source = loaded().to_rust();
    if std::env::var_os("BAKE").is_some() {
        fs::write(path, source).unwrap();
        return;
    }
    assert!(fs::read_to_string(path).unwrap() == source, "run this test with BAKE=1 in the environment");
}

#[test]
fn a_plan_of_constants_decodes_the_same_values() {
    let (loaded, packets) = (loaded(), probe::packets());
    let heard = decoded(loaded.plan(), &packets);
    assert_eq!(heard, decoded(probe::PLAN, &packets));
    assert!(heard.len() > 1000, "{}", heard.len());
}

/// Every database there is; our own at least.
fn databases() -> Vec<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let mut found = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe/probe.xml")];
    match fs::read_dir(&data) {
        Ok(folders) => {
            for folder in folders.flatten().filter_map(|folder| fs::read_dir(folder.path()).ok()) {
                let files = folder.flatten().map(|file| file.path());
                found.extend(
                    files.filter(|path| path.extension().is_some_and(|extension| extension == "xml")),
                );
            }
        }
        Err(_) => eprintln!("skipped: there are no recordings at {}", data.display()),
    }
    found
}

#[test]
fn octets_lead_back_to_the_plan() {
    let mut baked = 0;
    for path in databases() {
        let Ok(database) = decom::xtce::load(&fs::read_to_string(&path).unwrap()) else { continue };
        let Ok(plan) = database.compile() else { continue };
        let blob = plan.to_blob();
        assert_eq!(PlanBuf::from_blob(&blob), Ok(plan.clone()), "{}", path.display());
        let packets = probe::packets();
        assert_eq!(
            decoded(PlanBuf::from_blob(&blob).unwrap().plan(), &packets),
            decoded(plan.plan(), &packets)
        );
        baked += 1;
    }
    assert!(baked > 0);
}

#[test]
fn what_is_no_plan_is_refused() {
    let blob = loaded().to_blob();
    for index in 0..blob.len() {
        let mut damaged = blob.clone();
        damaged[index] ^= 0x10;
        assert!(PlanBuf::from_blob(&damaged).is_err(), "octet {index}");
    }
    for len in 0..blob.len() {
        assert!(PlanBuf::from_blob(&blob[..len]).is_err(), "{len} octets");
    }
    let mut next = blob.clone();
    next[5] += 1;
    assert!(matches!(PlanBuf::from_blob(&next), Err(BlobError::Version { .. })));
    assert_eq!(PlanBuf::from_blob(b"<?xml version=\"1.0\"?>"), Err(BlobError::NoPlan));
}
