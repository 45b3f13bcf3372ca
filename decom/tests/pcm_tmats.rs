//! TMATS attributes give the formats that they describe, and what is wrong with them is told.
#![cfg(feature = "pcm")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use std::path::PathBuf;

use decom::model::FloatEncoding;
use decom::pcm::chapter10::Packets;
use decom::pcm::tmats::Tmats;
use decom::pcm::{Calibration, NumberFormat, Part, WordBits, WordOrder};
use decom::row::{Decoder, Register, RowSink, Sample};
use proptest::prelude::*;

/// A link of 24 pattern bits and seven words of 8, four minor frames.
const LINK: &str = r"COMMENT: a link; with words after the colon: and more;
G\PN:TEST; G\106:17;
P-1\DLN:LINK;
P-1\D1:NRZ-L;
P-1\TF:ONE;
P-1\F1:8; P-1\F2:M; P-1\F3:NO;
P-1\MF\N:4;
P-1\MF1:8;
P-1\MF2:88;
P-1\MF4:24;
P-1\MF5:111110101111001100100000;
P-1\ISF\N:1; P-1\ISF2-1:ID; P-1\IDC1-1:1; P-1\IDC3-1:7; P-1\IDC4-1:2; P-1\IDC5-1:M;
P-1\IDC6-1:0; P-1\IDC7-1:1; P-1\IDC8-1:3; P-1\IDC9-1:4; P-1\IDC10-1:INC;
P-1\MFW\N:1; P-1\MFW1-1:7; P-1\MFW2-1:16;
D-1\DLN:LINK; D-1\ML\N:1; D-1\MLN-1:ALL; D-1\MN\N-1:4;
D-1\MN-1-1:TEMP; D-1\LT-1-1:WDFR; D-1\MML\N-1-1:1; D-1\MNF\N-1-1-1:1;
D-1\WP-1-1-1-1:2; D-1\WI-1-1-1-1:3; D-1\FP-1-1-1-1:1; D-1\FI-1-1-1-1:1; D-1\WFM-1-1-1-1:FW;
D-1\MN-1-2:BITS; D-1\LT-1-2:WDFR; D-1\MML\N-1-2:1; D-1\MNF\N-1-2-1:1;
D-1\WP-1-2-1-1:3; D-1\WI-1-2-1-1:0; D-1\FP-1-2-1-1:2; D-1\FI-1-2-1-1:2; D-1\WFM-1-2-1-1:00111000;
D-1\MN-1-3:WIDE; D-1\LT-1-3:WDFR; D-1\MML\N-1-3:1; D-1\MNF\N-1-3-1:2;
D-1\WP-1-3-1-1:4; D-1\FP-1-3-1-1:1; D-1\FI-1-3-1-1:1; D-1\WFP-1-3-1-1:2;
D-1\WP-1-3-1-2:7; D-1\FP-1-3-1-2:1; D-1\FI-1-3-1-2:1; D-1\WFP-1-3-1-2:1;
D-1\MN-1-4:TAGGED; D-1\LT-1-4:TD;
C-1\DCN:TEMP; C-1\MN1:Temperature; C-1\MN3:degC; C-1\BFM:OFF; C-1\DCT:COE; C-1\CO\N:1; C-1\CO:20; C-1\CO-1:0.5;
C-2\DCN:BITS; C-2\BFM:UNS; C-2\DCT:PRS; C-2\PS\N:2; C-2\PS3-1:0; C-2\PS4-1:-1; C-2\PS3-2:7; C-2\PS4-2:6;
C-3\DCN:WIDE; C-3\BFM:TWO; C-3\DCT:NON; C-3\MOT1:100;
";

struct Values<'p>(decom::plan::Plan<'p>, Vec<(String, f64)>);

impl RowSink for Values<'_> {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let parameter = self.0.parameter(sample.plan_item().unwrap().parameter).unwrap();
        self.1.push((self.0.str(parameter.name).to_string(), sample.value().number().unwrap()));
    }
}

#[test]
fn a_link_decodes_as_its_attributes_say() {
    let tmats = Tmats::parse(LINK).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let [format] = &tmats.formats[..] else { panic!("one format") };
    let names: Vec<&str> = format.measurements.iter().map(|measurement| &*measurement.name).collect();
    assert_eq!(names, ["TEMP", "BITS", "WIDE"]);
    assert_eq!(format.measurements[0].unit, "degC");
    let omissions: Vec<(u32, &str)> =
        tmats.omissions.iter().map(|omission| (omission.origin.line, &*omission.path)).collect();
    // Words behind the first semicolon of the comment are no attribute of a group that there is.
    assert_eq!(
        omissions,
        [(1, "WITH WORDS AFTER THE COLON"), (2, "G"), (23, r"D-1\LT-1-4"), (26, r"C-3\MOT1")]
    );
    let plan = format.database().unwrap().compile().unwrap();
    let plan = plan.plan();
    let registers = vec![Register::Empty; plan.registers as usize];
    let mut decoder = Decoder::new(plan, plan.roots[0], registers).unwrap();
    let mut sink = Values(plan, Vec::new());
    // Pattern; counter 1, the second minor frame; words 2 to 7, the last of them of 16 bits.
    let report =
        decoder.decode(&[0xFA, 0xF3, 0x20, 1, 138, 0b1101_0111, 0x34, 118, 0, 0xFF, 0x12], &mut sink);
    assert_eq!(plan.container_name(report.container), "/LINK/FRAME_2");
    let expected = [
        ("/LINK/SFID", 1.0),
        ("/LINK/TEMP", 25.0),
        ("/LINK/TEMP", 15.0),
        ("/LINK/BITS", 1.0),
        ("/LINK/WIDE", -60876.0),
    ];
    let expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).to_string(), *value)).collect();
    assert_eq!(sink.1, expected);
}

/// The measurement 82AJ01 of the example in appendix 9-C: 64 minor frames of 277 words, words 121 and 122 shorter, two fragments
/// in every 32nd minor frame.
#[test]
fn the_example_of_the_standard_has_the_places_that_it_explains() {
    let text = r"P-2\DLN:PCM1;P-2\TF:ONE;P-2\F1:10;P-2\F2:M;P-2\F3:NO;P-2\MFW1-1:121;P-2\MFW2-1:6;P-2\MFW1-2:122;P-2\MFW2-2:4;
        P-2\MF\N:64;P-2\MF1:277;P-2\MF4:30;P-2\MF5:101110000001100111110101101011;P-2\ISF\N:1;P-2\ISF1-1:1;P-2\ISF2-1:ID;
        P-2\IDC1-1:13;P-2\IDC3-1:5;P-2\IDC4-1:6;P-2\IDC5-1:M;P-2\IDC6-1:0;P-2\IDC7-1:1;P-2\IDC8-1:63;P-2\IDC9-1:64;P-2\IDC10-1:INC;
        D-3\DLN:PCM1;D-3\MLN-1:ONLY ONE;D-3\MN\N-1:1;D-3\MN-1-1:82AJ01;D-3\LT-1-1: WDFR;D-3\MML\N-1-1:1;D-3\MNF\N-1-1-1:2;
        D-3\WP-1-1-1-1:113;D-3\WI-1-1-1-1:0;D-3\FP-1-1-1-1:5;D-3\FI-1-1-1-1:32;D-3\WFM-1-1-1-1:FW;
        D-3\WP-1-1-1-2:121;D-3\WI-1-1-1-2:0;D-3\FP-1-1-1-2:5;D-3\FI-1-1-1-2:32;D-3\WFM-1-1-1-2:FW;";
    let tmats = Tmats::parse(text).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert!(tmats.omissions.is_empty(), "{:?}", tmats.omissions);
    let format = &tmats.formats[0];
    let part = |word| Part { frame: 5, frame_interval: 32, ..Part::every_frame(WordBits::whole(word)) };
    assert_eq!(format.measurements[0].places[0].parts, [part(113), part(121)]);
    // The pattern, and 276 words: 274 of 10 bits, one of 6, one of 4.
    assert_eq!(format.frame_bits(), 30 + 274 * 10 + 6 + 4);
    let counter = format.frame_counter().unwrap();
    assert_eq!((counter.bit_offset, counter.bits, counter.frames), (30 + 12 * 10 + 4, 6, 64));
    let database = format.database().unwrap();
    let with = |number: usize| {
        !database
            .container(database.container_named(&format!("FRAME_{number}")).unwrap())
            .unwrap()
            .entries
            .is_empty()
    };
    assert_eq!((1..=64).filter(|number| with(*number)).collect::<Vec<_>>(), [5, 37]);
    database.compile().unwrap();
}

#[test]
fn transfer_orders_and_number_formats_are_read() {
    let text = LINK
        .replace(r"D-1\MN-1-1:TEMP;", r"D-1\MN-1-1:TEMP; D-1\MN3-1-1:L;")
        .replace("BFM:OFF", r"BFM:FPT; C-1\FPF:1750A_32");
    let format = &Tmats::parse(&text).unwrap().formats[0];
    assert_eq!(format.measurements[0].order, Some(WordOrder::LeastSignificantFirst));
    assert_eq!(format.measurements[0].number, NumberFormat::Float(FloatEncoding::MilStd1750A));
    assert_eq!(format.measurements[1].calibration, Calibration::Points(vec![(0.0, -1.0), (7.0, 6.0)]));
}

#[test]
fn what_is_wrong_is_told_with_line_and_code() {
    let cases = [
        (r"P-1\F1:8;", r"P-1\F1:eight;", r"6: P-1\F1: `eight` is no whole number from 1 on"),
        (r"P-1\MF2:88;", r"P-1\MF2:80;", r"9: P-1\MF2: it says 80 bits, but the words have 88"),
        (r"P-1\F3:NO;", r"P-1\F3:EV;", r"6: P-1\F3: `EV` is not supported"),
        (r"P-1\MF4:24;", r"P-1\MF4:25;", r"11: P-1\MF5: the pattern does not have 25 bits"),
        (
            r"P-1\IDC8-1:3;",
            r"P-1\IDC8-1:4;",
            r"13: P-1\IDC8-1: it says 4, but 4 minor frames counted from 0 make 3",
        ),
        (r"D-1\DLN:LINK;", r"D-1\DLN:OTHER;", r"15: D\DLN: no format has the data link name `OTHER`"),
        (r"WFM-1-2-1-1:00111000;", r"WFM-1-2-1-1:00101000;", r"19: D-1\WFM-1-2-1-1: `00101000` is no mask"),
        (r"C-1\CO\N:1;", r"C-1\CO\N:2;", r"24: C-1\CO\N: it says 2, but there are 1"),
        (r"C-2\PS4-2:6;", "", r"25: C-2\PS3-2: PS4 does not give its engineering value"),
        (r"C-2\BFM:UNS;", r"C-2\BFM:BWT;", r"25: C-2\BFM: `BWT` is not supported"),
        (r"C-3\MOT1:100;", r"C-3\DCN:AGAIN;", r"26: C-3\DCN: line 26 says it already"),
        (r"C-3\MOT1:100;", r"C-3\MOT1", r"26: C-3\MOT1: an attribute is `CODE:value;`"),
    ];
    for (from, to, expected) in cases {
        let errors = Tmats::parse(&LINK.replace(from, to)).unwrap_err();
        assert!(
            errors.iter().any(|error| error.to_string().starts_with(expected)),
            "{expected}: {errors:#?}"
        );
    }
}

#[test]
fn formats_of_a_recording_are_those_of_its_setup_record() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/irig106_ch10"));
    if !folder.is_dir() {
        eprintln!("skipped: no folder {}", folder.display());
        return;
    }
    let mut found = Vec::new();
    for name in ["discrete.c10", "event.c10"] {
        let octets = std::fs::read(folder.join(name)).unwrap();
        let setup = Packets::new(&octets).find(|packet| packet.data_type == 1).unwrap();
        // The text follows the channel specific data word.
        let text: String = setup.data[4..].iter().map(|&octet| char::from(octet)).collect();
        let tmats = Tmats::parse(&text).unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
        for format in &tmats.formats {
            found.push((
                format.name.clone(),
                format.words,
                format.word_bits,
                format.sync_bits,
                format.frame_bits(),
            ));
            assert!(format.counter.is_none(), "the setup record says there are no counters");
            format.database().unwrap().compile().unwrap();
        }
    }
    // Bits of a minor frame as the record's MF2 says them: words of one size, the pattern one of them.
    let of = |name: &str| found.iter().find(|format| format.0 == name).cloned().unwrap();
    assert_eq!(of("PCMInChan4"), ("PCMInChan4".to_string(), 254, 16, 32, 4096));
    assert_eq!(of("PCMInChan3"), ("PCMInChan3".to_string(), 9, 24, 24, 240));
    assert_eq!(of("PCMInChan2"), ("PCMInChan2".to_string(), 510, 16, 32, 8192));
    assert_eq!(found.len(), 4);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(from in 0usize..2400, len in 0usize..40, with in "[A-Z0-9:;\\\\-]{0,12}") {
        let from = from.min(LINK.len());
        let to = (from + len).min(LINK.len());
        let text = format!("{}{with}{}", &LINK[..from], &LINK[to..]);
        if let Ok(tmats) = Tmats::parse(&text) {
            for format in &tmats.formats {
                if let Ok(database) = format.database() {
                    let _ = database.compile();
                }
            }
        }
    }
}

/// Four thousand million minor frames would take 16 GiB to list.
#[test]
fn last_words_and_frames_beyond_the_format_are_refused_before_they_are_listed() {
    for (attribute, from) in [("EFP", "D-1\\FI-1-1-1-1:1;"), ("EWP", "D-1\\WI-1-1-1-1:3;")] {
        assert!(LINK.contains(from));
        let text = LINK.replacen(from, &format!("{from} D-1\\{attribute}-1-1-1-1:4294967295;"), 1);
        let tmats = Tmats::parse(&text).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let errors = tmats.formats[0].database().unwrap_err();
        assert_eq!(errors[0].to_string(), "TEMP: a word or minor frame of it is not there");
    }
}
