//! PCM formats decode minor frames: commutation of every kind, word orders, number formats.
#![cfg(feature = "pcm")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may fail so")]

use decom::model::FloatEncoding;
use decom::pcm::{
    Calibration, Measurement, NumberFormat, Part, PcmFormat, Place, SubframeCounter, WordBits, WordOrder,
};
use decom::row::{Decoder, Register, RowSink, RowStatus, Sample};

/// Names and engineering numbers of a minor frame, in order.
struct Values<'p> {
    plan: decom::plan::Plan<'p>,
    values: Vec<(String, f64)>,
}

impl RowSink for Values<'_> {
    fn value(&mut self, sample: &Sample<'_, '_, '_>) {
        let item = sample.plan_item().unwrap();
        let name = self.plan.str(self.plan.parameter(item.parameter).unwrap().name);
        let name = name.rsplit('/').next().unwrap().to_string();
        self.values.push((name, sample.value().number().unwrap_or(f64::NAN)));
    }
}

/// The container of a minor frame, and the values in it.
fn decode(format: &PcmFormat, frame: &[u8]) -> (String, Vec<(String, f64)>) {
    let plan = format.database().unwrap().compile().unwrap();
    let plan = plan.plan();
    let root = plan.roots[0];
    let registers = vec![Register::Empty; plan.registers as usize];
    let mut decoder = Decoder::new(plan, root, registers).unwrap();
    let mut sink = Values { plan, values: Vec::new() };
    let report = decoder.decode(frame, &mut sink);
    assert_eq!(report.status, RowStatus::Complete);
    let mut values = sink.values;
    values.sort_by(|a, b| a.0.cmp(&b.0));
    (plan.container_name(report.container).to_string(), values)
}

fn values(expected: &[(&str, f64)]) -> Vec<(String, f64)> {
    expected.iter().map(|(name, value)| ((*name).to_string(), *value)).collect()
}

fn measurement(name: &str, places: Vec<Place>) -> Measurement {
    Measurement { name: name.to_string(), places, ..Measurement::default() }
}

fn place(parts: &[Part]) -> Place {
    Place { parts: parts.to_vec() }
}

fn whole(word: u32) -> Part {
    Part::every_frame(WordBits::whole(word))
}

/// A pattern of 16 bits and six words of 8: the counter in word 1, four minor frames.
fn six_words(measurements: Vec<Measurement>) -> PcmFormat {
    PcmFormat {
        name: "PCM".to_string(),
        words: 6,
        word_bits: 8,
        sync_bits: 16,
        minor_frames: 4,
        counter: Some(SubframeCounter {
            bits: WordBits { word: 1, first_bit: 7, bits: 2 },
            order: WordOrder::MostSignificantFirst,
            first: 0,
            last: 3,
            step: 1,
        }),
        measurements,
        ..PcmFormat::default()
    }
}

#[test]
fn words_are_commutated_super_and_subcommutated() {
    let twice = Part { word_interval: 3, ..whole(2) };
    let even = Part { frame: 2, frame_interval: 2, ..whole(3) };
    let once = Part { frame: 3, frame_interval: 0, ..whole(3) };
    let both = vec![place(&[whole(6)]), place(&[whole(4)])];
    let format = six_words(vec![
        measurement("a_normal", vec![place(&[whole(4)])]),
        measurement("b_super", vec![place(&[twice])]),
        measurement("c_even", vec![place(&[even])]),
        measurement("d_once", vec![place(&[once])]),
        measurement("e_both", both),
    ]);
    assert_eq!(format.frame_bits(), 64);
    let common = [("a_normal", 4.0), ("b_super", 2.0), ("b_super", 5.0)];
    let behind = [("e_both", 4.0), ("e_both", 6.0)];
    let special = [&[][..], &[("c_even", 3.0)], &[("d_once", 3.0)], &[("c_even", 3.0)]];
    for (count, special) in (0u8..).zip(special) {
        let frame = [0xFA, 0xF3, 0xFC | count, 2, 3, 4, 5, 6];
        let (container, got) = decode(&format, &frame);
        assert_eq!(container, format!("/PCM/FRAME_{}", count + 1));
        let mut expected = values(&[("SFID", f64::from(count))]);
        expected.extend(values(&common));
        expected.extend(values(special));
        expected.extend(values(&behind));
        assert_eq!(got, expected);
    }
}

#[test]
fn fragments_of_words_come_together_the_most_significant_first() {
    let bits = |word, first_bit, bits| Part::every_frame(WordBits { word, first_bit, bits });
    // Low half of word 5, then word 2, then the first two bits of word 3.
    let format =
        six_words(vec![measurement("m", vec![place(&[bits(5, 5, 4), bits(2, 1, 0), bits(3, 1, 2)])])]);
    let (_, got) = decode(&format, &[0, 0, 0, 0xAB, 0xC0, 0, 0x7D, 0]);
    assert_eq!(got, values(&[("SFID", 0.0), ("m", f64::from(0xD_AB_u32 << 2 | 3))]));
    // Each sample of a supercommutated, fragmented measurement takes the parts of one turn.
    let high = Part { word_interval: 2, last_word: 4, ..whole(2) };
    let low = Part { word_interval: 2, ..whole(3) };
    let format = six_words(vec![measurement("m", vec![place(&[high, low])])]);
    let (_, got) = decode(&format, &[0, 0, 0, 1, 2, 3, 4, 0]);
    assert_eq!(got, values(&[("SFID", 0.0), ("m", 258.0), ("m", 772.0)]));
}

#[test]
fn words_may_have_sizes_of_their_own_and_the_pattern_may_be_last() {
    let format = PcmFormat {
        name: "odd".to_string(),
        words: 4,
        word_bits: 10,
        word_sizes: vec![(2, 3), (4, 64)],
        sync_bits: 5,
        sync_last: true,
        minor_frames: 1,
        measurements: (1..=4)
            .map(|word| measurement(&format!("w{word}"), vec![place(&[whole(word)])]))
            .collect(),
        ..PcmFormat::default()
    };
    assert_eq!(format.frame_bits(), 10 + 3 + 10 + 64 + 5);
    let frame = (0x2A5u128 << 82 | 0b101 << 79 | 0x155 << 69 | 0x0123_4567_89AB_CDEF << 5 | 0b11111) << 36;
    let (container, got) = decode(&format, &frame.to_be_bytes());
    assert_eq!(container, "/odd/MINOR_FRAME");
    let expected = [("w1", 677.0), ("w2", 5.0), ("w3", 341.0), ("w4", 0x0123_4567_89AB_CDEF_u64 as f64)];
    assert_eq!(got, values(&expected));
}

#[test]
fn numbers_are_what_their_format_says() {
    let with = |name: &str, number| Measurement { number, ..measurement(name, vec![place(&[whole(2)])]) };
    let format = six_words(vec![
        with("bcd", NumberFormat::Bcd),
        with("offset", NumberFormat::OffsetBinary),
        with("ones", NumberFormat::OnesComplement),
        with("sign", NumberFormat::SignMagnitude),
        with("twos", NumberFormat::TwosComplement),
        with("unsigned", NumberFormat::Unsigned),
    ]);
    let expected = [
        ("SFID", 0.0),
        ("bcd", 85.0),
        ("offset", 5.0),
        ("ones", -122.0),
        ("sign", -5.0),
        ("twos", -123.0),
        ("unsigned", 133.0),
    ];
    let (_, got) = decode(&format, &[0, 0, 0, 0x85, 0, 0, 0, 0]);
    assert_eq!(got, values(&expected));
    let number = NumberFormat::Float(FloatEncoding::Ieee754);
    let parts = [2, 3, 4, 5].map(whole);
    let float = Measurement { number, ..measurement("float", vec![place(&parts)]) };
    let (_, got) = decode(&six_words(vec![float]), &[0, 0, 0, 0xC0, 0x20, 0, 0, 0]);
    assert_eq!(got, values(&[("SFID", 0.0), ("float", -2.5)]));
}

#[test]
fn calibrations_apply_to_the_number_whatever_its_format() {
    let with = |name: &str, number, calibration| Measurement {
        number,
        calibration,
        ..measurement(name, vec![place(&[whole(2)])])
    };
    let polynomial = || Calibration::Polynomial(vec![1.0, 2.0, 0.5]);
    let points = || Calibration::Points(vec![(-10.0, 0.0), (10.0, 40.0)]);
    let format = six_words(vec![
        with("a", NumberFormat::Unsigned, polynomial()),
        with("b", NumberFormat::OffsetBinary, polynomial()),
        with("c", NumberFormat::OffsetBinary, points()),
    ]);
    let (_, got) = decode(&format, &[0, 0, 0, 130, 0, 0, 0, 0]);
    // 1 + 2·130 + 130²/2; 1 + 2·2 + 2²/2; 2 lies at 12/20 of the way.
    assert_eq!(got, values(&[("SFID", 0.0), ("a", 8711.0), ("b", 7.0), ("c", 24.0)]));
}

#[test]
fn the_least_significant_bit_may_come_first() {
    let reversed = WordOrder::LeastSignificantFirst;
    let bits = |word, first_bit, bits| Part::every_frame(WordBits { word, first_bit, bits });
    let with = |name: &str, parts: &[Part]| Measurement {
        order: Some(reversed),
        ..measurement(name, vec![place(parts)])
    };
    let format = six_words(vec![
        with("high", &[bits(2, 1, 3)]),
        with("two", &[whole(3), whole(4)]),
        with("whole", &[whole(2)]),
    ]);
    let (word, first, second) = (0b1100_1010u8, 0x12u8, 0x37u8);
    let frame = [0, 0, 0, word.reverse_bits(), first.reverse_bits(), second.reverse_bits(), 0, 0];
    let (_, got) = decode(&format, &frame);
    assert_eq!(got, values(&[("SFID", 0.0), ("high", 6.0), ("two", 4663.0), ("whole", 202.0)]));
}

#[test]
fn impossible_formats_are_refused_with_all_that_is_wrong() {
    let wrong = |change: fn(&mut PcmFormat)| {
        let mut format = six_words(vec![measurement("m", vec![place(&[whole(2)])])]);
        change(&mut format);
        let errors = format.database().unwrap_err();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    assert!(wrong(|format| format.words = 0).contains("1 to 65,536 words"));
    assert!(wrong(|format| format.word_bits = 65).contains("1 to 64 bits"));
    assert!(wrong(|format| format.counter = None).contains("need a counter"));
    assert!(wrong(|format| format.minor_frames = 5).contains("do not fit"));
    assert!(wrong(|format| format.word_sizes = vec![(7, 1)]).contains("a word that is not there"));
    assert!(wrong(|format| format.measurements[0].places.clear()).contains("m: it has no place"));
    assert!(wrong(|format| format.measurements[0].places[0].parts[0].frame = 5).contains("is not there"));
    assert!(
        wrong(|format| format.measurements[0].places[0].parts[0].bits.bits = 9)
            .contains("does not have the bits")
    );
    assert!(wrong(|format| format.measurements.push(format.measurements[0].clone())).contains("same name"));
    let many = wrong(|format| {
        format.words = 65_536;
        format.minor_frames = 4;
        format.measurements[0].places[0].parts[0].word_interval = 1;
        let places = format.measurements[0].places[0].clone();
        format.measurements[0].places = vec![places; 5];
    });
    assert!(many.contains("more than 1,048,576 samples"), "{many}");
    let apart = wrong(|format| {
        let other = Part { frame: 2, ..whole(3) };
        format.measurements[0].places[0].parts.push(other);
    });
    assert!(apart.contains("not in the same minor frames"), "{apart}");
}

#[test]
fn the_counter_of_a_format_counts_its_minor_frames() {
    let counter = six_words(Vec::new()).frame_counter().unwrap();
    assert_eq!((counter.bit_offset, counter.bits, counter.frames), (22, 2, 4));
    assert_eq!(
        [0xFC, 0xFD, 0xFE, 0xFF].map(|word| counter.index(&[0, 0, word])),
        [Some(0), Some(1), Some(2), Some(3)]
    );
}
