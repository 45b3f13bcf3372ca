//! `fep process --sdus`: VCA units, bitstreams and the units that USLP delimits, held against what other implementations made.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arbitrary_int::{u3, u4, u6};
use examples::fep::input::Input;
use examples::fep::mission::Mission;
use examples::fep::output::OutputOptions;
use examples::fep::process::{self, ProcessOptions};
use examples::fep::report::{Report, SdusReport};
use serde_json::Value;
use spacepackets::uslp::{
    ConstructionRule, PrimaryHeader, SourceOrDestField, TransferFrameCreator, TransferFrameDataFieldHeader,
    UslpProtocolId,
};
use tempfile::TempDir;

/// The units of a stream, in files.
struct Units {
    report: Report,
    out: TempDir,
}

/// One line of a `.meta` file, read octet by octet as its documentation has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Record {
    offset: u64,
    bits: u64,
    first_frame: u64,
    missing: u64,
    kind: u8,
    quality: u8,
    continuity: u8,
    map: u8,
}

impl Units {
    fn of(octets: Vec<u8>, mission: &Mission) -> Self {
        let out = TempDir::new().unwrap();
        let folder = Some(out.path().to_owned());
        let outputs = OutputOptions { folder, sdus: true, packets: true, ..OutputOptions::default() };
        let inputs = vec![Input::Octets(Arc::from(octets))];
        let options = ProcessOptions { inputs, outputs, quiet: true, ..ProcessOptions::default() };
        let report = process::run(mission, &options).unwrap();
        assert!(report.ledger.closed, "{:?}", report.ledger);
        Self { report, out }
    }

    fn sdus(&self, vcid: u8) -> SdusReport {
        let channels = self.report.channels.as_ref().unwrap();
        channels.iter().find(|channel| channel.vcid == vcid).unwrap().sdus.unwrap()
    }

    /// The octets of a channel and its records; every unit begins where the one before ends.
    fn read(&self, stem: &str) -> (Vec<u8>, Vec<Record>) {
        let file = |ending: &str| fs::read(self.out.path().join(format!("sdus/{stem}.{ending}"))).unwrap();
        let (octets, meta) = (file("bin"), file("meta"));
        let number = |at: usize| u64::from_le_bytes(*meta[at..].first_chunk().unwrap());
        let records: Vec<Record> = (0..meta.len())
            .step_by(48)
            .map(|at| Record {
                offset: number(at),
                bits: number(at + 8),
                first_frame: number(at + 16),
                missing: number(at + 32),
                kind: meta[at + 43],
                quality: meta[at + 44],
                continuity: meta[at + 45],
                map: meta[at + 46],
            })
            .collect();
        let mut end = 0;
        for record in &records {
            assert_eq!(record.offset, end, "{record:?}");
            end += record.bits.div_ceil(8);
        }
        assert_eq!(end, octets.len() as u64);
        (octets, records)
    }
}

fn parse(text: &str) -> Mission {
    Mission::parse(text, Path::new("test.toml")).unwrap()
}

/// The folder with the recordings; says so where there is none.
fn data() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !data.is_dir() {
        eprintln!("skipped: no recordings at {}", data.display());
        return None;
    }
    Some(data)
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn dump(file: &str, mission: &str) -> Option<Units> {
    let text = fs::read_to_string(data()?.join("dumps_dariol83").join(file)).unwrap();
    let missions = Path::new(env!("CARGO_MANIFEST_DIR")).join("missions");
    Some(Units::of(hex(&text), &Mission::read(&missions.join(mission)).unwrap()))
}

/// What the unit test of the other library asserts: `8 * 300 + 3` on one channel, `8 * 621 - 1` on the other. That is the pointer as it
/// stands, the place of the last valid bit counted from 0 (732.0-B-5 §4.1.4.3): there is one bit more.
#[test]
fn bitstreams_have_the_bits_that_another_library_finds() {
    let Some(units) = dump("dumpFile_aos_bitstream.hex", "dariol83-aos-bitstream.toml") else { return };
    let mut found = Vec::new();
    for vcid in [0, 1] {
        let (_, records) = units.read(&format!("1-123-{vcid}"));
        assert_eq!(records.len(), 10);
        assert!(records.iter().all(|record| (record.kind, record.quality) == (1, 0)));
        let continuity: Vec<u8> = records.iter().map(|record| record.continuity).collect();
        assert_eq!(continuity, [0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        let bits = records[0].bits;
        assert!(records.iter().all(|record| record.bits == bits));
        let sdus = units.sdus(vcid);
        assert_eq!((sdus.units, sdus.bits, sdus.octets.units), (10, 10 * bits, 10 * bits.div_ceil(8)));
        // Frames of 892 octets: six of header, two of pointer, four of control field.
        assert_eq!(sdus.octets.units + sdus.octets.fill, 10 * 880);
        found.push(bits);
    }
    found.sort_unstable();
    assert_eq!(found, [8 * 300 + 3 + 1, 8 * 621]);
}

/// What the unit test of the other library asserts: 1105 octets of user data a frame.
#[test]
fn user_data_has_the_octets_that_another_library_finds() {
    let Some(units) = dump("dumpFile_tm_user_data.hex", "dariol83-tm-vca.toml") else { return };
    let mut frames = Vec::new();
    for vcid in [0, 1] {
        let (octets, records) = units.read(&format!("0-123-{vcid}"));
        assert_eq!((octets.len(), records.len()), (10 * 1105, 10));
        assert!(records.iter().all(|record| (record.kind, record.bits) == (0, 8 * 1105)));
        frames.extend(records.iter().map(|record| record.first_frame));
    }
    // Three channels take turns, the third is idle.
    frames.sort_unstable();
    assert_eq!(frames.len(), 20);
    assert!(frames.windows(2).all(|pair| pair[0] < pair[1]) && frames[19] < 30);
}

/// One field after the other, as the Python library has it: the whole data zone of an unsegmented frame is one unit.
#[test]
fn units_of_another_encoder_come_out_whole() {
    let Some(data) = data() else { return };
    let text = fs::read_to_string(data.join("proto_vectors/uslp.json")).unwrap();
    let vectors: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut units = 0;
    for vector in vectors.iter().filter(|vector| vector["construction_rule"] == 7) {
        let (scid, vcid, map) = (&vector["scid"], &vector["vcid"], &vector["map_id"]);
        let mission = parse(&format!(
            "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"uslp\"\nlength = {}\nocf = \"flagged\"\n\
             [[channel]]\nscid = {scid}\nvcid = {vcid}\ncontent = \"sdu\"\n",
            vector["length"]
        ));
        let found = Units::of(hex(vector["hex"].as_str().unwrap()), &mission);
        let (octets, records) = found.read(&format!("12-{scid}-{vcid}-{map}"));
        assert_eq!(octets, hex(vector["tfdz"].as_str().unwrap()));
        assert_eq!(Some(u64::from(records[0].map)), map.as_u64());
        units += records.len();
    }
    assert_eq!(units, 2);
}

/// A frame as the `spacepackets` crate makes it.
fn frame(map: u8, count: u64, rule: ConstructionRule, pointer: Option<u16>, data: &[u8]) -> Vec<u8> {
    let (vcid, map) = (u6::new(5), u4::new(map));
    let mut header = PrimaryHeader::new(0x1234, SourceOrDestField::Source, vcid, map, 0);
    header.set_vc_frame_count(u3::new(2), count).unwrap();
    let protocol = UslpProtocolId::MissionSpecificInfo1MapaSduOrVcaSdu;
    let field = TransferFrameDataFieldHeader::new(rule, protocol, pointer).unwrap();
    let creator = TransferFrameCreator::new(header, field, data, None, true);
    let mut frame = vec![0; creator.len_written()];
    creator.write_to_slice(&mut frame).unwrap();
    frame
}

const START: ConstructionRule = ConstructionRule::StartOfMapaSduOrVcaSdu;
const GO_ON: ConstructionRule = ConstructionRule::ContinuingPortionOfMapaSdu;

/// Units over one, two and three frames of fixed length, of two access points in turn; one loses a frame, one is too large, one is
/// under way at the end.
#[test]
fn units_over_many_frames_keep_apart_and_tell_what_befell_them() {
    let octets = |seed: u8, len: u8| (0..len).map(|i| i.wrapping_mul(7) ^ seed).collect::<Vec<u8>>();
    let mut count = 0;
    let mut frames = Vec::new();
    // Each piece fills a zone of twenty octets; the last one is filled up, and the pointer says where it ends.
    let mut send = |map: u8, rule: ConstructionRule, piece: &[u8], last: bool, lost: bool| {
        let pointer = if last { piece.len() as u16 - 1 } else { 0xFFFF };
        let mut zone = piece.to_vec();
        zone.resize(20, 0xEE);
        if !lost {
            frames.extend(frame(map, count, rule, Some(pointer), &zone));
        }
        count += 1;
    };
    let (a, b, c, d) = (octets(0x11, 50), octets(0x22, 33), octets(0x33, 20), octets(0x44, 90));
    send(2, START, &a[..20], false, false);
    send(9, START, &b[..20], false, false);
    send(2, GO_ON, &a[20..40], false, false);
    send(9, GO_ON, &b[20..], true, false);
    send(2, GO_ON, &a[40..], true, false);
    send(9, START, &c, true, false);
    // Its second frame is lost.
    send(2, START, &a[..20], false, false);
    send(2, GO_ON, &a[20..40], false, true);
    send(2, GO_ON, &a[40..], true, false);
    // Larger than the mission file allows.
    for (n, piece) in d.chunks(20).enumerate() {
        send(9, if n == 0 { START } else { GO_ON }, piece, n == 4, false);
    }
    send(9, START, &c, true, false);
    send(2, START, &b[..20], false, false);
    let len = frame(0, 0, START, Some(0), &[0; 20]).len();
    let mission = parse(&format!(
        "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"uslp\"\nlength = {len}\nfecf = \"crc16\"\n\
         [[channel]]\nscid = 0x1234\nvcid = 5\ncontent = \"sdu\"\nmax_packet = 60\n"
    ));
    let units = Units::of(frames, &mission);
    let sdus = units.sdus(5);
    assert_eq!((sdus.units, sdus.truncated, sdus.oversized), (4, 1, 1));
    let octets = sdus.octets;
    assert_eq!((octets.units, octets.truncated, octets.headless), (50 + 33 + 20 + 20, 20, 10));
    assert_eq!((octets.oversized, octets.pending), (90, 20));

    let (octets, records) = units.read("12-4660-5-2");
    assert_eq!(octets, [&a[..], &a[..20]].concat());
    let told: Vec<_> = records.iter().map(|r| (r.bits, r.first_frame, r.quality, r.continuity)).collect();
    // Broken off (1), over a gap (2).
    assert_eq!(told, [(400, 0, 0, 0), (160, 6, 3, 1)]);
    let (octets, records) = units.read("12-4660-5-9");
    assert_eq!(octets, [&b[..], &c, &c].concat());
    let told: Vec<_> = records.iter().map(|r| (r.bits, r.first_frame, r.continuity, r.missing)).collect();
    // The gap of the other access point may have been one of this one: it learns of it with the unit that was too large.
    assert_eq!(told, [(264, 1, 0, 0), (160, 5, 1, 0), (160, 13, 1, 0)]);
}

/// Segments of variable length, rules 100 to 111, and an octet stream beside packets on one channel.
#[test]
fn a_channel_of_packets_hands_on_the_units_of_its_other_access_points() {
    let packet = [0x00, 0x07, 0xC0, 0, 0, 3, 1, 2, 3, 4];
    let vcid = u6::new(5);
    let mut frames = Vec::new();
    let mut send = |map: u8, count: u64, rule, protocol, data: &[u8]| {
        let mut header = PrimaryHeader::new(0x1234, SourceOrDestField::Source, vcid, u4::new(map), 0);
        header.set_vc_frame_count(u3::new(2), count).unwrap();
        let field = TransferFrameDataFieldHeader::new(rule, protocol, None).unwrap();
        let creator = TransferFrameCreator::new(header, field, data, None, false);
        let mut frame = vec![0; creator.len_written()];
        creator.write_to_slice(&mut frame).unwrap();
        frames.extend(frame);
    };
    let unit = UslpProtocolId::MissionSpecificInfo1MapaSduOrVcaSdu;
    send(0, 0, ConstructionRule::NoSegmentation, UslpProtocolId::SpacePacketsOrEncapsulation, &packet);
    send(1, 1, ConstructionRule::StartingSegment, unit, &[1; 10]);
    send(3, 2, ConstructionRule::OctetStream, UslpProtocolId::UserDefinedOctetStream, &[9; 10]);
    send(1, 3, ConstructionRule::ContinuingSegment, unit, &[2; 10]);
    send(0, 4, ConstructionRule::NoSegmentation, UslpProtocolId::SpacePacketsOrEncapsulation, &packet);
    send(1, 5, ConstructionRule::LastSegment, unit, &[3; 10]);
    let mission = parse(
        "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"uslp\"\nlength = 20\n[[channel]]\nscid = 4660\nvcid = 5\n",
    );
    let units = Units::of(frames, &mission);
    let packets = fs::read(units.out.path().join("packets/12-4660-5.bin")).unwrap();
    assert_eq!(packets, [packet, packet].concat());
    let (octets, records) = units.read("12-4660-5-1");
    assert_eq!((octets, records.len()), ([[1; 10], [2; 10], [3; 10]].concat(), 1));
    let (octets, records) = units.read("12-4660-5-3");
    assert_eq!((octets, records[0].kind), (vec![9; 10], 3));
}

#[test]
fn only_uslp_delimits_units() {
    let text = "[input]\nkind = \"frames\"\n[frame]\nprotocol = \"aos\"\nlength = 100\n[[channel]]\nscid = 1\nvcid = 1\n\
                content = \"sdu\"\n";
    let error = Mission::parse(text, Path::new("test.toml")).unwrap_err();
    assert_eq!((error.line(), error.key()), (9, "channel.content"));
    assert!(
        parse(&text.replace("aos", "uslp")).to_string().contains("service data units of up to 65542 octets")
    );
}
