//! The frames of the unit tests of another implementation, NASA's `CryptoLib`: every telemetry frame that is whole and to whose key there
//! is a published value.
//!
//! Keys are those of its key ring: numbers 130 and 136, and the zeros that all unset keys are. Which frames they open, and under which
//! mask, was found with a third implementation (`.ci/peers/sdls.py`).
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::path::Path;

use ccsds_core::fecf::Fecf;
use ccsds_core::frame::{AosParameters, FrameFormat, OcfPresence, SecondaryHeader, TmParameters};
use ccsds_core::quality::{FecfQuality, FrameMeta, FrameQuality};
use ccsds_core::sdls::{
    self, KeyedAssociation, Sdls, SecuredChannels, SecurityAlgorithm, SecurityAssociation, SecurityKey,
    SecurityOutcome, SecurityParameters, SecurityService, Spi,
};
use serde_json::Value;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The frame `field` of a test, and what should come of it where the vectors say so.
fn vector(vectors: &[Value], file: &str, test: &str, field: &str) -> (Vec<u8>, Option<Vec<u8>>) {
    let vector = vectors
        .iter()
        .find(|vector| vector["file"].as_str().unwrap().ends_with(file) && vector["test"] == test)
        .unwrap_or_else(|| panic!("no vector {file} {test}"));
    let hex = |field: &str| vector["hex"][field].as_str().map(octets);
    let truth = if field.starts_with("framed") { hex(&field.replace("framed", "truth")) } else { None };
    (hex(field).unwrap(), truth)
}

/// The same layout under which a frame of the vectors was made.
#[derive(Clone, Copy)]
struct Layout {
    aos: bool,
    header_error_control: bool,
    insert_zone: usize,
    ocf: OcfPresence,
    fecf: Fecf,
}

const TM: Layout = Layout {
    aos: false,
    header_error_control: false,
    insert_zone: 0,
    ocf: OcfPresence::Absent,
    fecf: Fecf::Crc16,
};
const AOS: Layout = Layout { aos: true, ..TM };

impl Layout {
    fn format(self, frame_len: usize) -> FrameFormat {
        let Self { aos, header_error_control, insert_zone, ocf, fecf } = self;
        let secondary_header = SecondaryHeader::Flagged;
        if aos {
            FrameFormat::aos(AosParameters { frame_len, header_error_control, insert_zone, ocf, fecf })
                .unwrap()
        } else {
            FrameFormat::tm(TmParameters { frame_len, secondary_header, ocf, fecf }).unwrap()
        }
    }
}

#[derive(Clone, Copy)]
enum Mask {
    Zeros,
    Ones,
}

fn parameters(format: &FrameFormat, frame: &[u8], service: SecurityService) -> SecurityParameters {
    let frame = format.parse(frame).unwrap();
    SecurityParameters {
        spi: Spi::of(frame.data_field()).unwrap(),
        channels: SecuredChannels::one(frame.gvcid()),
        service,
        iv_len: 0,
        sequence_number_len: 0,
        pad_length_len: 0,
        mac_len: 0,
    }
}

const META: FrameMeta = FrameMeta {
    ordinal: 0,
    stream_bit: 0,
    received: ccsds_core::quality::ReceiveTime(0),
    quality: FrameQuality::EXTERNAL,
};

fn vectors() -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/sdls_cryptolib/vectors.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is missing", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

const KEY_136: &str = "ff9f9284cf599eac3b119905a7d18851e7e374cf63aea04358586b0f757670f9";
const KEY_130: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[test]
fn authenticated_frames_of_cryptolib_are_authentic() {
    use Mask::{Ones, Zeros};
    use SecurityAlgorithm::{AesCmac, HmacSha256, HmacSha512};
    let Some(vectors) = vectors() else { return };
    let no_fecf = Layout { fecf: Fecf::Absent, ..TM };
    let process = ("ut_tm_process.c", "framed_tm_h", TM, KEY_136);
    let apply = ("ut_tm_apply.c", "truth_tm_h", TM, KEY_136);
    let process_aos = ("ut_aos_process.c", "framed_aos_h", AOS, ZEROS);
    let apply_aos = ("ut_aos_apply.c", "truth_aos_h", AOS, ZEROS);
    let with_number = ("ut_aos_process.c", "framed_aos_h", AOS, KEY_130);
    let cases = [
        (process, "SECONDARY_HDR_PRESENT_MAC", AesCmac, Ones, 0),
        (process, "AES_CMAC_256_TEST_0", AesCmac, Zeros, 0),
        (process, "AES_CMAC_256_TEST_1", AesCmac, Ones, 0),
        (process, "AES_HMAC_SHA_256_TEST_0", HmacSha256, Zeros, 0),
        (process, "AES_HMAC_SHA_256_TEST_1", HmacSha256, Ones, 0),
        (process, "AES_HMAC_SHA_512_TEST_0", HmacSha512, Zeros, 0),
        (process, "AES_HMAC_SHA_512_TEST_1", HmacSha512, Ones, 0),
        (("ut_tm_apply.c", "truth_tm_h", no_fecf, KEY_136), "SECONDARY_HDR_PRESENT_MAC", AesCmac, Ones, 0),
        (apply, "AES_CMAC_256_TEST_0", AesCmac, Zeros, 0),
        (apply, "AES_CMAC_256_TEST_1", AesCmac, Ones, 0),
        (apply, "AES_HMAC_SHA_256_TEST_0", HmacSha256, Zeros, 0),
        (apply, "AES_HMAC_SHA_256_TEST_1", HmacSha256, Ones, 0),
        (apply, "AES_HMAC_SHA_512_TEST_0", HmacSha512, Zeros, 0),
        (apply, "AES_HMAC_SHA_512_TEST_1", HmacSha512, Ones, 0),
        (process_aos, "AES_CMAC_256_TEST_0", AesCmac, Zeros, 0),
        (process_aos, "AES_CMAC_256_TEST_1", AesCmac, Zeros, 0),
        (with_number, "AES_HMAC_256_TEST_0", HmacSha256, Zeros, 2),
        // Named after SHA-512, made with SHA-256.
        (with_number, "AES_HMAC_512_TEST_0", HmacSha256, Zeros, 2),
        (apply_aos, "AES_CMAC_256_TEST_BITMASK_0", AesCmac, Zeros, 0),
        (apply_aos, "AES_CMAC_256_TEST_BITMASK_1", AesCmac, Zeros, 0),
    ];
    for ((file, field, layout, key), test, algorithm, mask, sequence_number_len) in cases {
        let (frame, truth) = vector(&vectors, file, test, field);
        let format = layout.format(frame.len());
        // The checks of some frames were never made right.
        let checked = format.check_fecf(&frame);
        let made_right = file != "ut_tm_apply.c" && sequence_number_len == 0;
        assert!(checked != FecfQuality::Invalid || !made_right, "{file} {test}: {checked:?}");
        let association = SecurityAssociation::new(SecurityParameters {
            sequence_number_len,
            mac_len: 16,
            ..parameters(&format, &frame, SecurityService::Authentication)
        })
        .unwrap();
        let mask = match mask {
            Mask::Zeros => vec![0; frame.len()],
            Mask::Ones => Vec::new(),
        };
        let open = |mut frame: Vec<u8>| {
            let key = SecurityKey::new(&octets(key)).unwrap();
            let keyed = KeyedAssociation::new(association, algorithm, key, mask.clone(), 0).unwrap();
            let (frame, opened) = sdls::open(&format, &mut Sdls::new([keyed]), &mut frame, &META).unwrap();
            (opened.outcome, frame.data_field().to_vec())
        };
        let (outcome, data) = open(frame.clone());
        assert_eq!(outcome, SecurityOutcome::Authenticated, "{file} {test}");
        if let Some(truth) = truth {
            // There the data stay where they were, and what security added is cleared.
            let start = format.parse(&frame).unwrap().data_place().start + association.header_len();
            assert_eq!(data, truth[start..start + data.len()], "{file} {test}");
        }
        let mut forged = frame.clone();
        let last = forged.len() - layout.fecf.len() - 1;
        forged[last] ^= 0x10;
        assert_eq!(open(forged).0, SecurityOutcome::BadMac, "{file} {test}");
    }
}

#[test]
fn encrypted_frames_of_cryptolib_open() {
    let Some(vectors) = vectors() else { return };
    let checked = Layout { header_error_control: true, ..AOS };
    let cases = [
        ("ut_tm_process.c", "framed_tm_h", TM, ZEROS, "AEAD_AES_GCM_BITMASK_1", Mask::Ones, 16, 0),
        ("ut_aos_process.c", "framed_aos_h", AOS, ZEROS, "AES_GCM_DEC_ONLY", Mask::Zeros, 16, 0),
        ("ut_aos_process.c", "framed_aos_h", AOS, KEY_130, "AEAD_GCM_BITMASK_1", Mask::Zeros, 16, 0),
        ("ut_aos_process.c", "framed_aos_h", checked, ZEROS, "AOS_FHECF_TEST", Mask::Zeros, 12, 2),
        ("ut_aos_apply.c", "truth_aos_h", AOS, ZEROS, "AES_GCM", Mask::Zeros, 16, 0),
        ("ut_aos_apply.c", "truth_aos_h", AOS, KEY_130, "AOS_KEY_STATE_TEST", Mask::Ones, 16, 2),
    ];
    for (file, field, layout, key, test, mask, iv_len, sequence_number_len) in cases {
        let (frame, truth) = vector(&vectors, file, test, field);
        let format = layout.format(frame.len());
        let association = SecurityAssociation::new(SecurityParameters {
            iv_len,
            sequence_number_len,
            mac_len: 16,
            ..parameters(&format, &frame, SecurityService::AuthenticatedEncryption)
        })
        .unwrap();
        let place = format.parse(&frame).unwrap().data_place();
        let mask = match mask {
            Mask::Zeros => vec![0; place.start + association.header_len()],
            Mask::Ones => Vec::new(),
        };
        let open = |mut frame: Vec<u8>| {
            let key = SecurityKey::new(&octets(key)).unwrap();
            let keyed =
                KeyedAssociation::new(association, SecurityAlgorithm::AesGcm, key, mask.clone(), 0).unwrap();
            let (opened, security) = sdls::open(&format, &mut Sdls::new([keyed]), &mut frame, &META).unwrap();
            (security.outcome, opened.data_field().to_vec(), opened.bytes()[..place.start].to_vec())
        };
        let (outcome, data, header) = open(frame.clone());
        assert_eq!(outcome, SecurityOutcome::Opened, "{file} {test}");
        assert_eq!(header, frame[..place.start], "the mask leaves no trace");
        if let Some(truth) = truth {
            let start = place.start + association.header_len();
            assert_eq!(data, truth[start..start + data.len()], "{file} {test}");
        }
        let mut forged = frame.clone();
        forged[place.end - 1] ^= 1;
        assert_eq!(open(forged).0, SecurityOutcome::BadMac, "{file} {test}");
    }
}

#[test]
fn clear_frames_of_cryptolib_come_out_of_their_headers() {
    let Some(vectors) = vectors() else { return };
    let zone = Layout { insert_zone: 10, ..AOS };
    let header_error_control = Layout { header_error_control: true, ..AOS };
    let cases = [
        ("ut_tm_process.c", "framed_tm_h", TM, "HAPPY_PATH_CLEAR_FECF", 12),
        ("ut_tm_process.c", "framed_tm_h", TM, "SECONDARY_HDR_PRESENT_PLAINTEXT", 16),
        ("ut_aos_process.c", "framed_aos_h", AOS, "HAPPY_PATH_CLEAR_FECF", 12),
        ("ut_aos_process.c", "framed_aos_h", header_error_control, "SECONDARY_HDR_PRESENT_PLAINTEXT", 12),
        ("ut_aos_process.c", "framed_aos_h", zone, "INSERT_ZONE_PRESENT_PLAINTEXT", 12),
        ("ut_tm_process.c", "framed_tm_h", Layout { ocf: OcfPresence::Present, ..TM }, "TM_OCF_TEST", 0),
        ("ut_aos_process.c", "framed_aos_h", Layout { ocf: OcfPresence::Present, ..AOS }, "AOS_OCF_TEST", 0),
    ];
    for (file, field, layout, test, iv_len) in cases {
        let (mut frame, truth) = vector(&vectors, file, test, field);
        let format = layout.format(frame.len());
        if test == "SECONDARY_HDR_PRESENT_PLAINTEXT" && layout.aos && format.parse(&frame).is_err() {
            // The check of its header was never made right: without it the two octets belong to the insert zone.
            let plain = Layout { insert_zone: 2, ..AOS }.format(frame.len());
            clear(&plain, &mut frame, truth.as_deref(), iv_len, test);
            continue;
        }
        clear(&format, &mut frame, truth.as_deref(), iv_len, test);
        if layout.ocf == OcfPresence::Present {
            assert_eq!(format.parse(&frame).unwrap().ocf(), Some([0xDE, 0xAD, 0xBE, 0xEF]), "{file} {test}");
        }
    }
}

fn clear(format: &FrameFormat, frame: &mut [u8], truth: Option<&[u8]>, iv_len: usize, test: &str) {
    let parameters = SecurityParameters { iv_len, ..parameters(format, frame, SecurityService::Clear) };
    let association = SecurityAssociation::new(parameters).unwrap();
    let start = format.parse(frame).unwrap().data_place().start + association.header_len();
    let mut table = sdls::SecurityTable::new([association]);
    let (opened, security) = sdls::open(format, &mut table, frame, &META).unwrap();
    assert_eq!(security.outcome, SecurityOutcome::Clear, "{test}");
    if let Some(truth) = truth {
        assert_eq!(opened.data_field(), &truth[start..start + opened.data_field().len()], "{test}");
    }
}
