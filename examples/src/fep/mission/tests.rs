use super::*;
use ccsds_core::frame::SecondaryHeader;
use ccsds_core::id::Vcid;
use ccsds_core::packet::{GroupFormat, Pec, PusFormat, PusTime};
use ccsds_core::time::{CucEpoch, CucFormat, TimeFormat};

/// A good mission; tests spoil it.
const MISSION: &str = r#"name = "Test"

[input]
kind = "bits"

[sync]
marker = "1ACFFC1D"

[coding]
randomizer = "ccsds-255"
scheme = "reed-solomon"
e = 16
interleave = 4

[frame]
protocol = "aos"
length = 892

[[channel]]
scid = 157
vcid = "0-62"

[[channel]]
vcid = 63
content = "idle"
"#;

fn parse(text: &str) -> Result<Mission, MissionError> {
    Mission::parse(text, Path::new("test.toml"))
}

/// The error after `from` was replaced; its line is where the replacement stands.
#[track_caller]
fn error_after(from: &str, to: &str) -> (String, String) {
    assert!(MISSION.contains(from), "{from:?} is not in the mission");
    let error = parse(&MISSION.replacen(from, to, 1)).expect_err("the mission is impossible");
    let text = error.to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with(&format!("test.toml:{}: {}", error.line(), error.key())), "{text}");
    (format!("{}:{}", error.line(), error.key()), text)
}

#[track_caller]
fn assert_error(from: &str, to: &str, place: &str, words: &str) {
    let (found, text) = error_after(from, to);
    assert_eq!(found, place, "{text}");
    assert!(text.contains(words), "{text}");
}

#[test]
fn defaults_are_those_of_the_contract() {
    let mission = parse(MISSION).unwrap();
    let Link::Bits(link) = &mission.link else { panic!("not bits") };
    let p = link.sync.parameters();
    assert_eq!((p.search_errors, p.lock_errors, p.verify, p.flywheel, p.slip), (0, 3, 1, 2, 2));
    assert_eq!((p.cadu_bits, p.fill_bits), (8 * 1024, 0));
    assert_eq!(link.line_code, LineCode::NrzL);
    assert_eq!(link.frames.channels.len(), 64);
    assert!(link.frames.channels.iter().all(|declared| declared.max_packet == 65_542));
    assert!(link.frames.channels.iter().all(|declared| declared.channel.gvcid.scid.get() == 157));
}

#[test]
fn what_is_agreed_on_above_the_packets_is_read() {
    let with = |keys: &str| {
        MISSION.replacen("\n\n[[channel]]\nvcid = 63", &format!("\n{keys}\n\n[[channel]]\nvcid = 63"), 1)
    };
    let keys = "pec = \"crc16\"\npus = { issue = \"c\", time = \"cuc 4+3\" }\ngroups = true\nmax_group = 5000\ngroup_header = 14";
    let mission = parse(&with(keys)).unwrap();
    let services = mission.frames().unwrap().channels[5].services;
    let time = CucFormat::new(CucEpoch::Agency, 4, 3).map(TimeFormat::Cuc).unwrap();
    assert_eq!(services.pec, Pec::Crc16);
    assert_eq!(services.pus, Some(PusFormat::c(PusTime::Implicit(time))));
    let groups = services.groups.unwrap();
    assert_eq!(
        (groups.max_group, groups.format),
        (5000, GroupFormat { secondary_header_len: 14, pec: Pec::Crc16 })
    );
    let text = mission.to_string();
    for words in ["CRC-16 at the end", "PUS-C headers", "groups joined up to 5000 octets"] {
        assert!(text.contains(words), "{text}");
    }
    let idle = mission.frames().unwrap().channels[63];
    assert_eq!(idle.services, PacketServices::default());

    for (keys, place, words) in [
        ("pec = \"crc\"", "22:channel.pec", "\"crc16\""),
        ("pus = { issue = \"b\", time = 4 }", "22:channel.pus.issue", "\"a\" or \"c\""),
        ("pus = { issue = \"c\" }", "22:channel.pus.time", "missing key"),
        ("pus = { issue = \"c\", time = \"cuc 9+1\" }", "22:channel.pus.time", "cuc 4+2"),
        ("pus = { issue = \"c\", time = 4, counter = true }", "22:channel.pus.counter", "issue C fixes"),
        ("max_group = 5000", "22:channel.max_group", "groups = true"),
        ("time = \"cuc 4+2\"", "22:channel.time", "nobody here knows"),
        ("time = \"absent\"", "22:channel.time", "cds 2+2"),
        ("time = \"cds 9+2\"", "22:channel.time", "cds 2+2"),
        ("pus = { issue = \"c\", time = 4 }\ntime = \"cds 2+2\"", "23:channel.time", "leave this key out"),
        ("content = \"vca\"\ntime = \"cds 2+2\"", "23:channel.time", "only packets have it"),
        ("content = \"vca\"\ngroups = true", "23:channel.groups", "only packets have it"),
    ] {
        let error = parse(&with(keys)).expect_err(keys);
        assert_eq!(format!("{}:{}", error.line(), error.key()), place, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn managed_parameters_of_unusual_links_are_read() {
    let mission = parse(&MISSION.replacen("e = 16", "e = 16\nderandomize = \"after\"", 1)).unwrap();
    let Link::Bits(link) = &mission.link else { panic!("not bits") };
    assert_eq!(link.derandomize, Derandomize::After);
    let (randomizer, _) = link.randomizer_and_decoder();
    assert_eq!((randomizer, link.randomizer), (Randomizer::NONE, Randomizer::CCSDS_255));
    assert!(mission.to_string().contains("taken off after the correction"));

    let frames = |keys: &str| parse(&format!("[input]\nkind = \"frames\"\n[frame]\nlength = 100\n{keys}\n"));
    let layout = |keys: &str| frames(keys).unwrap().frames().unwrap().layout;
    let FrameLayout::Tm(tm) = layout("protocol = \"tm\"\nsecondary_header = \"extended-count\"") else {
        panic!("not TM")
    };
    assert_eq!(tm.secondary_header, SecondaryHeader::ExtendedCount);
    let FrameLayout::Uslp(uslp) = layout("protocol = \"uslp\"\ntruncated_length = 20") else {
        panic!("not USLP")
    };
    assert_eq!(uslp.truncated_len, 20);
    let error = frames("protocol = \"aos\"\ntruncated_length = 20").unwrap_err();
    assert_eq!((error.line(), error.key()), (6, "frame.truncated_length"));
    assert!(frames("protocol = \"aos\"\ncheck_idle = true").unwrap().frames().unwrap().check_idle);
}

/// Frames a second at known rates, CADUs of 1279 octets (RS, I = 5): a mission file tells them for 1 Mbit/s.
#[test]
fn rates_are_those_of_the_table() {
    let text = parse(&MISSION.replacen("interleave = 4", "interleave = 5", 1).replacen("892", "1115", 1))
        .unwrap()
        .to_string();
    assert!(text.contains("97.73 CADUs/s"), "{text}");
    for (rate, cadus) in [(155e6, 15_149.0), (465e6, 45_446.0), (620e6, 60_594.0), (1e9, 97_733.0)] {
        assert_eq!(f64::round(rate / (8.0 * 1279.0)), cadus);
    }
}

#[test]
fn a_packet_file_has_one_set_of_services() {
    let one = "[input]\nkind = \"packets\"\n[[channel]]\ngroups = true\n";
    let Link::Packets(file) = parse(one).unwrap().link else { panic!("not packets") };
    assert!(file.services.groups.is_some());
    let error = parse(&format!("{one}[[channel]]\npec = \"crc16\"\n")).unwrap_err();
    assert_eq!((error.line(), error.key()), (5, "channel"));
}

#[test]
fn unknown_keys_are_named_with_their_line() {
    assert_error("marker =", "markr =", "7:sync.markr", "unknown field");
    assert_error("[coding]", "[codign]", "9:codign", "unknown field");
    assert_error("name =", "nam =", "1:nam", "unknown field");
    assert_error("content =", "kontent =", "25:channel.kontent", "unknown field");
}

#[test]
fn values_of_the_wrong_type_are_named() {
    assert_error("length = 892", "length = \"892\"", "17:frame.length", "invalid type");
    assert_error("\"1ACFFC1D\"", "0x1ACFFC1D", "7:sync.marker", "invalid type");
    assert_error("\"0-62\"", "true", "21:channel.vcid", "a range such as \"0-62\"");
}

#[test]
fn broken_toml_is_one_line() {
    assert_error("kind = \"bits\"", "kind = \"bits", "4:input.kind", "");
    assert_error("e = 16", "e = 16\ne = 8", "13:coding.e", "duplicate key");
}

#[test]
fn unknown_words_list_the_known_ones() {
    assert_error("\"aos\"", "\"AOS\"", "16:frame.protocol", "use \"tm\" or \"aos\" or \"uslp\"");
    assert_error("\"bits\"", "\"symbols\"", "4:input.kind", "use \"bits\" or \"frames\" or \"packets\"");
    assert_error("\"ccsds-255\"", "\"yes\"", "10:coding.randomizer", "\"ccsds-131071\"");
    assert_error("\"idle\"", "\"fill\"", "25:channel.content", "\"idle\"");
}

#[test]
fn missing_keys_and_tables_are_named() {
    assert_error("kind = \"bits\"", "", "3:input.kind", "missing key");
    assert_error("marker = \"1ACFFC1D\"", "", "6:sync.marker", "add marker = \"1ACFFC1D\"");
    assert_error("randomizer = \"ccsds-255\"", "", "9:coding.randomizer", "missing key");
    assert_error("length = 892", "", "15:frame.length", "missing key");
    assert_error("scid = 157", "", "19:channel.scid", "missing key");
    assert_error("vcid = 63", "", "23:channel.vcid", "missing key");
    assert_error("[sync]\nmarker = \"1ACFFC1D\"", "", "24:[sync]", "kind = \"bits\" needs [sync]");
}

#[test]
fn an_interleave_that_does_not_make_the_frame_length_is_named_with_it() {
    assert_error("interleave = 4", "interleave = 5", "13:coding.interleave", "frame.length (line 17) is 892");
    assert_error("length = 892", "length = 893", "13:coding.interleave", "frames of 892 octets");
    assert_error("interleave = 4", "interleave = 6", "13:coding.interleave", "not one of 1, 2, 3, 4, 5, 8");
    assert_error("e = 16", "e = 12", "12:coding.e", "not one of 8, 16");
    assert_error("interleave = 4", "interleave = 4\nvirtual_fill = 250", "14:coding.virtual_fill", "at most");
}

#[test]
fn a_frame_that_cannot_hold_its_header_is_refused() {
    let uncoded = MISSION.replace("scheme = \"reed-solomon\"", "scheme = \"none\"");
    let error = parse(&uncoded.replace("length = 892", "length = 6")).unwrap_err();
    assert_eq!((error.line(), error.key()), (17, "frame.length"));
    assert!(error.to_string().contains("at least 7"), "{error}");
    assert_error("length = 892", "length = 70000", "17:frame.length", "1 to 65536");
}

#[test]
fn fields_that_the_protocol_does_not_have_are_refused() {
    assert_error("length = 892", "length = 892\nfecf = \"crc32\"", "18:frame.fecf", "USLP");
    assert_error("length = 892", "length = 892\nocf = \"flagged\"", "18:frame.ocf", "no OCF flag");
    assert_error(
        "length = 892",
        "length = 892\nsecondary_header = 8",
        "18:frame.secondary_header",
        "only TM",
    );
    let tm = MISSION.replace("\"aos\"", "\"tm\"").replace("\"0-62\"", "0").replace("63", "7");
    assert!(parse(&tm).is_ok());
    for key in ["insert_zone = 4", "header_error_control = true"] {
        let error = parse(&tm.replace("length = 892", &format!("length = 892\n{key}"))).unwrap_err();
        assert_eq!(error.line(), 18, "{error}");
    }
    // Keys that say nothing may stay: a mission file is often made from another one.
    assert!(parse(&tm.replace("length = 892", "length = 892\ninsert_zone = 0")).is_ok());
    assert!(parse(&MISSION.replace("length = 892", "length = 892\nsecondary_header = \"flagged\"")).is_ok());
}

#[test]
fn impossible_markers_are_refused() {
    assert_error("\"1ACFFC1D\"", "\"1ACFFC1\"", "7:sync.marker", "7 hexadecimal digits");
    assert_error("\"1ACFFC1D\"", "\"1ACFFC1G\"", "7:sync.marker", "not hexadecimal");
    assert_error("\"1ACFFC1D\"", "\"\"", "7:sync.marker", "8 to 192 bits");
    assert_error("\"1ACFFC1D\"", "\"1ACFFC1D\"\nmask = \"FF\"", "8:sync.mask", "does not fit");
    assert_error(
        "\"1ACFFC1D\"",
        "\"1ACFFC1D\"\nlock_errors = 16",
        "8:sync.lock_errors",
        "nothing to recognise",
    );
    assert_error(
        "\"1ACFFC1D\"",
        "\"1ACFFC1D\"\nsearch_errors = 20",
        "8:sync.search_errors",
        "nothing to recognise",
    );
    assert_error("\"1ACFFC1D\"", "\"1ACFFC1D\"\ncadu_bits = 8191", "8:sync.cadu_bits", "cannot hold");
}

#[test]
fn bits_behind_the_block_are_fill() {
    let mission = parse(&MISSION.replace("\"1ACFFC1D\"", "\"1ACFFC1D\"\ncadu_bits = 8195")).unwrap();
    let Link::Bits(link) = &mission.link else { panic!("not bits") };
    let p = link.sync.parameters();
    assert_eq!((p.cadu_bits, p.fill_bits, link.sync.block_bits()), (8195, 3, 8 * 1020));
}

#[test]
fn channels_are_numbers_lists_and_ranges_and_each_is_declared_once() {
    let vcids = |value: &str| {
        let mission = parse(&MISSION.replace("\"0-62\"", value)).unwrap();
        let channels = &mission.frames().unwrap().channels;
        let vcids: Vec<u8> = channels.iter().map(|declared| declared.channel.gvcid.vcid.get()).collect();
        vcids[..vcids.len() - 1].to_vec()
    };
    assert_eq!(vcids("5"), [5]);
    assert_eq!(vcids("[1, \"3-5\", 9]"), [1, 3, 4, 5, 9]);
    assert_eq!(vcids("\"7\""), [7]);
    assert_error("\"0-62\"", "\"62-0\"", "21:channel.vcid", "write it like");
    assert_error("\"0-62\"", "[]", "21:channel.vcid", "empty");
    assert_error("\"0-62\"", "64", "21:channel.vcid", "channels 0 to 63");
    assert_error("\"0-62\"", "[1, 1]", "21:channel.vcid", "declared twice");
    assert_error("\"0-62\"", "\"0-63\"", "24:channel.vcid", "channel 63 of spacecraft 157 is declared twice");
    assert_error("scid = 157", "scid = 1024", "20:channel.scid", "0 to 1023");
    assert_error("vcid = 63", "vcid = 63\nmax_packet = 3", "25:channel.max_packet", "out of range");
}

#[test]
fn channel_63_is_idle_whatever_a_range_says() {
    let text =
        MISSION.replace("\"0-62\"", "\"0-63\"").replace("[[channel]]\nvcid = 63\ncontent = \"idle\"\n", "");
    let mission = parse(&text).unwrap();
    let last = mission.frames().unwrap().channels.last().unwrap().channel;
    assert_eq!(last.gvcid.vcid, Vcid::ONLY_IDLE_DATA);
    assert_eq!(last.content, ccsds_core::frame::ChannelContent::Idle);
}

#[test]
fn keys_that_go_with_another_kind_of_input_are_refused() {
    assert_error(
        "kind = \"bits\"",
        "kind = \"bits\"\nskip = 4",
        "5:input.skip",
        "no meaning with kind = \"bits\"",
    );
    let error = parse("[input]\nkind = \"packets\"\nline_code = \"nrz-m\"\n").unwrap_err();
    assert_eq!((error.line(), error.key()), (3, "input.line_code"));
}

/// One file describes the link, whatever layer a recording of it was made at.
#[test]
fn tables_below_the_layer_of_the_input_are_not_used() {
    for kind in ["frames", "packets"] {
        let mission = parse(&MISSION.replace("\"bits\"", &format!("\"{kind}\""))).unwrap();
        match mission.link {
            Link::Frames(file) => assert_eq!(file.frames.format.frame_len(), 892),
            Link::Packets(file) => assert_eq!(file.max_packet, 65_542),
            Link::Bits(_) => panic!("bits"),
        }
    }
}

#[test]
fn frames_and_packets_need_nothing_below_them() {
    let frames = "[input]\nkind = \"frames\"\nskip = 4\n[frame]\nprotocol = \"tm\"\nlength = 1113\n";
    let Link::Frames(file) = parse(frames).unwrap().link else { panic!("not frames") };
    assert_eq!((file.skip, file.frames.format.frame_len()), (4, 1113));
    let packets = "[input]\nkind = \"packets\"\n[[channel]]\nmax_packet = 100\n";
    let mission = parse(packets).unwrap();
    assert_eq!(mission.name, "test");
    let Link::Packets(file) = mission.link else { panic!("not packets") };
    assert_eq!((file.skip, file.max_packet), (0, 100));
}

#[test]
fn a_database_that_is_not_there_is_named() {
    let (place, text) =
        error_after("content = \"idle\"", "content = \"idle\"\n[database]\nxtce = \"none.xml\"");
    assert_eq!(place, "27:database.xtce");
    assert!(text.contains("no such file: none.xml"), "{text}");
}

#[test]
fn a_description_tells_lengths_and_rates() {
    let text = parse(MISSION).unwrap().to_string();
    for words in [
        "8192 bits (1024 octets)",
        "Reed-Solomon (255,223), E = 16, I = 4",
        "block of 1020 octets: frame of 892, 128 of check symbols",
        "packet zone 884",
        "channel    AOS/157/0-62: packets of up to 65542 octets",
        "channel    AOS/157/63: idle",
        "86.5 % of the bits",
    ] {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
}

/// What a stranger wrote may hold line breaks, terminal sequences and ten megabytes.
#[test]
fn an_error_is_one_short_printable_line_whatever_the_file_holds() {
    let long = "x".repeat(100_000);
    for value in [r#""a\nb""#, r#""\u001b[2J""#, "\"\"\"\n\n\"\"\"", &format!("\"{long}\"")] {
        let error = parse(&MISSION.replacen("\"bits\"", value, 1)).unwrap_err().to_string();
        assert!(!error.contains(char::is_control) && error.len() < 1200, "{error:?}");
        assert!(error.starts_with("test.toml:"), "{error}");
    }
    let error = parse(&MISSION.replacen("kind", "\"k\\u0007\"", 1)).unwrap_err().to_string();
    assert!(!error.contains(char::is_control), "{error:?}");
}

#[test]
fn more_channels_than_can_be_looked_through_are_refused() {
    let mut text = MISSION.replacen("protocol = \"aos\"", "protocol = \"uslp\"", 1);
    for scid in 200..300 {
        text.push_str(&format!("[[channel]]\nscid = {scid}\nvcid = \"0-62\"\n"));
    }
    let error = parse(&text).unwrap_err();
    assert!(error.key() == "channel.vcid" && error.to_string().contains("at most 1024"), "{error}");
}

/// CADUs a second at the rates that a receiver is designed for: Reed-Solomon of depth 5, 1279 octets from marker to marker.
#[test]
fn rates_are_those_that_receivers_are_designed_for() {
    let text = MISSION.replace("interleave = 4", "interleave = 5").replace("length = 892", "length = 1115");
    let mission = parse(&text).unwrap();
    assert!(
        mission.to_string().contains("10232 bits (1279 octets)")
            && mission.to_string().contains("97.73 CADUs/s")
    );
    let Link::Bits(link) = &mission.link else { panic!("not bits") };
    let published = [
        (155e6, 15_149.0),
        (465e6, 45_446.0),
        (620e6, 60_594.0),
        (1e9, 97_733.0),
        (3e9, 293_198.0),
        (10e9, 977_326.0),
    ];
    for (rate, cadus) in published {
        let ours: f64 = rate / link.bits_per_frame() as f64;
        assert!((ours - cadus).abs() <= 1.0, "{rate}: {ours}");
    }
}

/// CADUs of every depth, as published: a marker and 255 octets for each codeword.
#[test]
fn cadus_of_every_depth_have_the_published_lengths() {
    for (depth, octets) in [(1, 259), (2, 514), (3, 769), (4, 1024), (5, 1279), (8, 2044)] {
        let text = MISSION
            .replace("interleave = 4", &format!("interleave = {depth}"))
            .replace("length = 892", &format!("length = {}", 223 * depth));
        let Link::Bits(link) = parse(&text).unwrap().link else { panic!("not bits") };
        assert_eq!(link.sync.parameters().cadu_bits, 8 * octets);
    }
}
