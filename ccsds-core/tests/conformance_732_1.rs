//! USLP frames that the `spacepackets` Python library encoded, field by field (732.1-B-3 §4.1).
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::path::Path;

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{ChannelContent, Content, Fhp, FrameFormat, OcfPresence, UslpParameters};
use ccsds_core::quality::FecfQuality;
use serde_json::Value;

fn vectors() -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/proto_vectors/uslp.json");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn octets(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap_or_default();
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn frames_of_another_encoder_read_field_by_field() {
    for vector in vectors().unwrap_or_default() {
        let name = vector["name"].as_str().unwrap();
        let mut bytes = octets(&vector["hex"]);
        let truncated = vector["vcf_count_len"].is_null();
        let fecf = if vector["fecf_appended"] == Value::Bool(true) { Fecf::Crc16 } else { Fecf::Absent };
        let format = FrameFormat::uslp(UslpParameters {
            frame_len: 100,
            insert_zone: octets(&vector["insert_zone"]).len(),
            ocf: OcfPresence::Flagged,
            fecf,
        })
        .unwrap();
        if fecf == Fecf::Crc16 {
            assert_eq!(format.check_fecf(&bytes), FecfQuality::Valid, "{name}");
        }
        // A code block may be longer than the frame in it.
        bytes.extend([0x55; 9]);

        let frame = format.parse(&bytes).unwrap();
        assert_eq!(Some(u64::from(frame.gvcid().scid.get())), vector["scid"].as_u64(), "{name}");
        assert_eq!(Some(u64::from(frame.gvcid().vcid.get())), vector["vcid"].as_u64(), "{name}");
        assert_eq!(frame.map_id().map(|map| u64::from(map.get())), vector["map_id"].as_u64(), "{name}");
        if truncated {
            assert_eq!(frame.vc_frame_count().bits(), 0, "{name}");
            continue;
        }
        assert_eq!(Some(frame.bytes().len() as u64), vector["length"].as_u64(), "{name}");
        assert_eq!(
            Some(u64::from(frame.vc_frame_count().bits()) / 8),
            vector["vcf_count_len"].as_u64(),
            "{name}"
        );
        assert_eq!(frame.vc_frame_count().value(), vector["vcf_count"].as_u64().unwrap_or(0), "{name}");
        assert_eq!(frame.insert_zone(), octets(&vector["insert_zone"]), "{name}");
        assert_eq!(frame.ocf().map(Vec::from).unwrap_or_default(), octets(&vector["ocf"]), "{name}");
        match frame.content(ChannelContent::Packets).unwrap() {
            Content::Packets(zone) => {
                assert_eq!(zone.octets, octets(&vector["tfdz"]), "{name}");
                assert_eq!(zone.fhp, Fhp::At(0), "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}
