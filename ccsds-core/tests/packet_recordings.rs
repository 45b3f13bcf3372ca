//! Groups, packet error control and secondary headers of real packets, held against what others found in them.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "a test may fail so")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::{
    GroupFormat, GroupJoiner, GroupSlot, Packet, Pec, PecStatus, PusFormat, PusIssue, PusTime,
    SpacePacketHeader, packet_len,
};
use ccsds_core::quality::{PacketMeta, PacketQuality, ReceiveTime};
use ccsds_core::time::{CdsEpoch, CdsFormat, CucEpoch, CucFormat, SubMillisecond, Time, TimeFormat};
use serde_json::Value;

fn data(folder: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")).join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no recordings at {}", folder.display());
    None
}

fn expected(folder: &str) -> Option<(PathBuf, Value)> {
    let folder = data(folder)?;
    let text = fs::read_to_string(folder.join("expected.json")).unwrap();
    Some((folder, serde_json::from_str(&text).unwrap()))
}

const META: PacketMeta = PacketMeta {
    gvcid: Gvcid::new(Tfvn::Tm, Scid::new(0), Vcid::from_low_bits(0)),
    first_frame: 0,
    received: ReceiveTime(0),
    quality: PacketQuality::GOOD,
};

fn packets(octets: &[u8]) -> Vec<&[u8]> {
    let (mut packets, mut rest) = (Vec::new(), octets);
    while let Ok(len) = packet_len(rest) {
        let (packet, after) = rest.split_at(len);
        packets.push(packet);
        rest = after;
    }
    packets
}

/// VIIRS of Suomi NPP: the groups that the `ccsds` crate and its author's decoder find (133.0-B-2 §4.1.3.4.2).
#[test]
fn viirs_groups_are_those_that_another_decoder_finds() {
    let Some((folder, expected)) = expected("pkt_viirs") else { return };
    for name in ["viirs_packets.dat", "viirs_merge1.dat", "viirs_merge2.dat"] {
        let octets = fs::read(folder.join(name)).unwrap();
        let packets = packets(&octets);
        let slots: Vec<_> = (0..16).map(|_| GroupSlot::new(vec![0; 1 << 20])).collect();
        let mut joiner = GroupJoiner::new(slots, GroupFormat::default());
        // Units by process: how many there are, and what they hold beside their headers.
        let (mut units, mut user_octets) = (BTreeMap::<u16, u64>::new(), 0);
        for bytes in &packets {
            let mut joined = joiner.push(Packet { bytes, meta: META });
            while let Some(unit) = joined.next() {
                let header = SpacePacketHeader::from_bytes(unit.bytes.first_chunk().unwrap());
                if !unit.meta.quality.contains(PacketQuality::TRUNCATED) {
                    *units.entry(header.apid().get()).or_default() += 1;
                    user_octets += unit.bytes.len() - SpacePacketHeader::LEN;
                }
            }
        }
        let ledger = joiner.ledger();
        assert_eq!(ledger.total(), packets.len() as u64, "{name}");
        let expected = &expected[name];
        // A group is whole when it holds as many packets as a scan has: 17, and 1 for the engineering packet.
        let mut theirs = BTreeMap::<u16, u64>::new();
        for group in expected["groups"].as_array().unwrap() {
            let apid = u16::try_from(group["apid"].as_u64().unwrap()).unwrap();
            let whole = if apid == 826 { 1 } else { 17 };
            if group["packets"] == whole {
                *theirs.entry(apid).or_default() += 1;
            }
        }
        assert_eq!(units, theirs, "{name}");
        assert_eq!(ledger.groups * 17, ledger.joined, "{name}");
        let lost = ledger.truncated + ledger.headless + ledger.pending;
        assert_eq!(ledger.passed + ledger.joined + lost, packets.len() as u64);
        assert!(user_octets > 0);
    }
}

/// The first segment of a group holds the time; 301.0-B-4 §3.3.
#[test]
fn the_first_part_of_a_viirs_group_gives_the_time_that_another_decoder_reads() {
    let Some((folder, expected)) = expected("pkt_viirs") else { return };
    let octets = fs::read(folder.join("viirs_packets.dat")).unwrap();
    let format = CdsFormat::new(CdsEpoch::Ccsds, 2, SubMillisecond::Microsecond).unwrap();
    let first = packets(&octets)[0];
    assert!(SpacePacketHeader::from_bytes(first.first_chunk().unwrap()).has_secondary_header());
    let time = format.decode(&first[SpacePacketHeader::LEN..]).unwrap();
    let theirs = expected["viirs_packets.dat"]["first_cds_time"].as_str().unwrap();
    assert_eq!(format!("{time:.6}"), format!("{theirs}Z"));
}

/// ECSS-E-70-41A §5.4 and annex A.1, on packets that `SpacePyLibrary` made.
#[test]
fn the_packets_of_another_simulator_have_valid_checks_and_headers_of_issue_a() {
    let Some((_, expected)) = expected("mib_spacepylibrary") else { return };
    let hex = expected["packets"].as_array().unwrap();
    let seconds = CucFormat::new(CucEpoch::Tai1958, 4, 0).unwrap();
    let format = PusFormat {
        issue: PusIssue::A { counter: false, destination_len: 0 },
        time: PusTime::Implicit(TimeFormat::Cuc(seconds)),
        spare_len: 0,
    };
    let mut valid = 0;
    for (packet, second) in hex.iter().zip(18i64..) {
        let hex = packet.as_str().unwrap();
        let octets: Vec<u8> =
            (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
        valid += u64::from(Pec::Crc16.check(&octets) == PecStatus::Valid);
        let header = format.parse(&octets).unwrap();
        assert_eq!((header.service(), header.subservice()), (3, 25));
        let Some(Ok(Time::Uniform(time))) = header.time() else { panic!("no time") };
        // Its clock counts seconds from 1970, and says so in days from 1958.
        assert_eq!(time.seconds(), 4383 * 86_400 + second);
    }
    assert_eq!(expected["pec_ok"], valid);
}
