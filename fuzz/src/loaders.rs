//! Loaders of configuration: legal, or errors that say where and what; never both, never a panic; and what loads, decodes.

use std::path::Path;

use ccsds_core::bits::read_unsigned;
use decom::mib;
use decom::model::Database;
use decom::pcm::chapter10::Packets;
use decom::pcm::major::MajorFrames;
use decom::pcm::tmats::Tmats;
use decom::xtce;
use examples::fep::mission::{Link, Mission};

use crate::choices::{Choices, is_one_line};
use crate::parameters::{packets, rows_equal_columns};
use crate::xml;

/// An XTCE document, as it is or made of choices: a strict load that succeeds equals the lenient one; errors are in document order
/// and say where; what compiles decodes any packet, in rows as in columns.
pub fn xtce_load(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let packet_octets = choices.below(200);
    let packets = packets(Choices::new(choices.take(packet_octets)));
    let text = if choices.flag() {
        xml::document(&mut choices)
    } else {
        String::from_utf8_lossy(choices.rest()).into_owned()
    };
    let (strict, lenient) = (xtce::load(&text), xtce::load_lenient(&text));
    for errors in [&strict, &lenient].into_iter().filter_map(|loaded| loaded.as_ref().err()) {
        assert!(!errors.is_empty() && errors.len() <= 100);
        let lines = text.lines().count() as u32 + 1;
        for error in errors {
            assert!((1..=lines).contains(&error.line) && error.column > 0, "{error}");
            assert!(!error.what.is_empty() && !error.path.is_empty());
            assert!(is_one_line(error), "{error:?}");
        }
        assert!(errors.is_sorted_by_key(|error| (error.line, error.column)));
    }
    if let Ok(strict) = &strict {
        let Ok(lenient) = &lenient else { panic!("what loads strictly loads leniently") };
        assert_eq!(strict.parameters.len(), lenient.parameters.len());
        assert_eq!(strict.containers.len(), lenient.containers.len());
        assert!(strict.omissions.is_empty());
    }
    for database in [strict, lenient].into_iter().flatten() {
        decode(&database, &packets);
    }
}

/// Tables of a SCOS-2000 database: a line `#name` begins each of them.
pub fn mib_load(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let packet_octets = choices.below(200);
    let packets = packets(Choices::new(choices.take(packet_octets)));
    let text = String::from_utf8_lossy(choices.rest()).into_owned();
    let tables: Vec<(&str, &str)> =
        text.split('#').skip(1).map(|table| table.split_once('\n').unwrap_or((table, ""))).collect();
    for lenient in [false, true] {
        let options = mib::MibOptions { lenient, ..mib::MibOptions::default() };
        match mib::load_tables_with(&tables, &options) {
            Ok(database) => decode(&database, &packets),
            Err(errors) => {
                assert!(!errors.is_empty());
                assert!(errors.iter().all(|error| !error.what.is_empty() && is_one_line(error)));
            }
        }
    }
}

/// A TMATS text: formats or errors in order; what compiles decodes any minor frame and puts any of them together.
pub fn tmats_load(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let packet_octets = choices.below(200);
    let packets = packets(Choices::new(choices.take(packet_octets)));
    let text = String::from_utf8_lossy(choices.rest()).into_owned();
    let tmats = match Tmats::parse(&text) {
        Ok(tmats) => tmats,
        Err(errors) => {
            assert!(!errors.is_empty() && errors.is_sorted_by_key(|error| error.line));
            assert!(errors.iter().all(is_one_line));
            return;
        }
    };
    for format in &tmats.formats {
        match format.database() {
            Ok(database) => decode(&database, &packets),
            Err(errors) => assert!(!errors.is_empty() && errors.iter().all(is_one_line)),
        }
        let (bits, counter) = (format.frame_bits(), format.frame_counter());
        let Some(counter) = counter.filter(|counter| counter.frames <= 256 && (8..1 << 12).contains(&bits))
        else {
            continue;
        };
        let len = bits.div_ceil(8) as usize;
        let storage = vec![0; len * usize::from(counter.frames)];
        let Some(mut major) = MajorFrames::new(counter, len, storage) else { continue };
        let (mut shown, mut there) = (0u64, 0u64);
        let mut deliver = |frame: decom::pcm::major::MajorFrame<'_>| {
            there += frame.frames().flatten().count() as u64;
        };
        for packet in &packets {
            let mut frame = packet.clone();
            frame.resize(len, 0);
            major.push(&frame, &mut deliver);
            shown += 1;
        }
        major.finish(&mut deliver);
        let account = major.account();
        assert_eq!(account.accepted + account.unusable, shown, "every minor frame is in the account");
        assert!(there <= account.accepted);
    }
}

/// A chapter 10 recording: every octet belongs to a packet, is skipped or pending, and parts lie in their packet.
pub fn chapter10(octets: &[u8]) {
    let mut recording = Packets::new(octets);
    let (mut taken, mut end) = (0, 0);
    for packet in recording.by_ref() {
        assert!(packet.offset >= end && octets[packet.offset..].starts_with(packet.octets));
        assert!(packet.data.len() < packet.octets.len());
        assert_eq!(read_unsigned(packet.octets, 0, 16), Some(0x25EB));
        end = packet.offset + packet.octets.len();
        taken += packet.octets.len();
    }
    assert_eq!(taken + recording.skipped() + recording.pending().len(), octets.len());
}

/// A mission file, as it is or made of choices: a mission that can be described, the same each time and with bounded memory, or one
/// error in one line that names a line of the file.
pub fn mission_toml(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let text = if choices.flag() {
        mission(&mut choices)
    } else {
        String::from_utf8_lossy(choices.rest()).into_owned()
    };
    let parsed = Mission::parse(&text, Path::new("m.toml"));
    match (&parsed, Mission::parse(&text, Path::new("m.toml"))) {
        (Ok(mission), Ok(again)) => {
            assert!(mission.to_string() == again.to_string());
            if let Link::Bits(link) = &mission.link {
                assert!(link.sync.window_len() < 256 << 20);
            }
        }
        (Err(error), Err(again)) => {
            assert_eq!(*error, again);
            assert!((1..=text.split('\n').count()).contains(&error.line()), "{error}");
            let line = error.to_string();
            assert!(!line.contains(char::is_control) && line.starts_with("m.toml:"), "{line:?}");
        }
        _ => panic!("the same text says two things"),
    }
}

/// Tables and keys that there are, with values that there may be.
fn mission(choices: &mut Choices<'_>) -> String {
    let mut text = String::new();
    while let Some(octet) = choices.any::<u8>() {
        if text.len() > 4000 {
            break;
        }
        match octet % 5 {
            0 => text.push_str(choices.pick(&TABLES)),
            _ => {
                text.push_str(choices.pick(&KEYS));
                text.push_str(" = ");
                text.push_str(choices.pick(&VALUES));
            }
        }
        text.push('\n');
    }
    text
}

fn decode(database: &Database, packets: &[Vec<u8>]) {
    match database.compile() {
        Ok(compiled) => rows_equal_columns(compiled.plan(), packets),
        Err(errors) => assert!(!errors.is_empty() && errors.iter().all(is_one_line)),
    }
}

const TABLES: [&str; 7] =
    ["[input]", "[sync]", "[coding]", "[frame]", "[[channel]]", "[database]", "[unknown]"];
const KEYS: [&str; 31] = [
    "kind",
    "kind",
    "skip",
    "line_code",
    "marker",
    "marker",
    "mask",
    "cadu_bits",
    "search_errors",
    "lock_errors",
    "verify",
    "flywheel",
    "slip",
    "polarity",
    "alignment",
    "randomizer",
    "scheme",
    "e",
    "interleave",
    "virtual_fill",
    "basis",
    "protocol",
    "length",
    "insert_zone",
    "header_error_control",
    "ocf",
    "fecf",
    "secondary_header",
    "scid",
    "vcid",
    "max_packet",
];
const VALUES: [&str; 46] = [
    "\"bits\"",
    "\"frames\"",
    "\"packets\"",
    "\"nrz-m\"",
    "\"1ACFFC1D\"",
    "\"1ACF\"",
    "\"F\"",
    "\"FFFF0000\"",
    "\"auto\"",
    "\"octet\"",
    "\"ccsds-255\"",
    "\"ccsds-131071\"",
    "\"none\"",
    "\"reed-solomon\"",
    "\"dual\"",
    "\"conventional\"",
    "\"tm\"",
    "\"aos\"",
    "\"uslp\"",
    "\"absent\"",
    "\"present\"",
    "\"flagged\"",
    "\"crc16\"",
    "\"crc32\"",
    "\"0-62\"",
    "\"7-0\"",
    "[0, \"2-5\"]",
    "[]",
    "true",
    "false",
    "0",
    "1",
    "4",
    "5",
    "7",
    "8",
    "16",
    "63",
    "64",
    "223",
    "892",
    "1115",
    "65536",
    "-1",
    "9223372036854775807",
    "1.5",
];
