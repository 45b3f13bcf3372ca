use super::*;
use crate::plan::{
    Charset, FloatEncoding, IntegerEncoding, Item, ItemId, NONE, Order, ParameterId, SizeRule, Span, Text,
};
use proptest::prelude::*;
use std::vec::Vec;

const PACKET: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// The bits of a field, one at a time.
fn bits_of(packet: &[u8], bit: usize, len: usize) -> Option<Vec<bool>> {
    (bit..bit + len).map(|i| Some(packet.get(i / 8)? >> (7 - i % 8) & 1 == 1)).collect()
}

fn number(bits: &[bool]) -> u128 {
    bits.iter().fold(0, |number, &bit| number << 1 | u128::from(bit))
}

/// The bits in the order that an encoding gives them.
fn naive_order(bits: &[bool], significance: Option<&[u8]>, reversed: bool) -> Vec<bool> {
    let octets: Vec<&[bool]> = bits.chunks(8).collect();
    let mut ordered: Vec<bool> = match significance {
        None => bits.to_vec(),
        Some(list) => {
            let mut pairs: Vec<_> = list.iter().zip(octets).collect();
            pairs.sort_by_key(|(significance, _)| core::cmp::Reverse(**significance));
            pairs.into_iter().flat_map(|(_, octet)| octet.to_vec()).collect()
        }
    };
    if reversed {
        ordered.reverse();
    }
    ordered
}

/// What a number means, by adding up weights.
fn naive_value(encoding: IntegerEncoding, bits: &[bool]) -> i128 {
    let weight = |i: usize| 1i128 << (bits.len() - 1 - i);
    let sum = |from: usize, invert: bool| -> i128 {
        (from..bits.len()).filter(|&i| bits[i] != invert).map(weight).sum()
    };
    match encoding {
        IntegerEncoding::Unsigned => sum(0, false),
        IntegerEncoding::TwosComplement => sum(1, false) - if bits[0] { weight(0) } else { 0 },
        IntegerEncoding::OnesComplement if bits[0] => -sum(1, true),
        IntegerEncoding::SignMagnitude if bits[0] => -sum(1, false),
        IntegerEncoding::OnesComplement | IntegerEncoding::SignMagnitude => sum(1, false),
        IntegerEncoding::Bcd | IntegerEncoding::PackedBcd => panic!("no weights"),
    }
}

fn integer(bits: u8, encoding: IntegerEncoding, order: Order, reversed: bool) -> Encoding {
    Encoding::Integer { bits, encoding, order, reversed }
}

fn raw<'a>(encoding: &Encoding, packet: &'a [u8], bit: usize) -> Option<Raw<'a>> {
    extract(&Plan::default(), encoding, packet, bit, |_| None).map(|extracted| extracted.raw)
}

fn any_binary() -> impl Strategy<Value = IntegerEncoding> {
    prop_oneof![
        Just(IntegerEncoding::OnesComplement),
        Just(IntegerEncoding::SignMagnitude),
        Just(IntegerEncoding::TwosComplement),
        Just(IntegerEncoding::Unsigned),
    ]
}

/// A number of bits, and an order of its octets.
fn any_size(max: usize) -> impl Strategy<Value = (usize, Vec<u8>)> {
    (1..=max).prop_flat_map(|bits| {
        let octets = bits.div_ceil(8) as u8;
        (Just(bits), Just((0..octets).collect::<Vec<_>>()).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn integers_equal_a_naive_reader(
        packet in prop::collection::vec(any::<u8>(), 20),
        bit in 0usize..160,
        (bits, list) in any_size(64),
        order in 0..3,
        reversed: bool,
        encoding in any_binary(),
    ) {
        let little: Vec<u8> = (0..list.len() as u8).collect();
        let (order, significance) = match order {
            0 => (Order::Big, None),
            1 => (Order::Little, Some(&little)),
            _ => (Order::List(Span { start: 2, len: list.len() as u32 }), Some(&list)),
        };
        let octets: Vec<u8> = [9, 9].iter().chain(&list).chain(&[9]).copied().collect();
        let plan = Plan { octets: &octets, ..Plan::default() };
        let found = extract(&plan, &integer(bits as u8, encoding, order, reversed), &packet, bit, |_| None);
        let expected = bits_of(&packet, bit, bits)
            .map(|bits| naive_value(encoding, &naive_order(&bits, significance.map(|list| &**list), reversed)));
        prop_assert_eq!(found.and_then(|found| found.raw.integer()), expected);
        prop_assert_eq!(found.map(|found| found.bits), expected.map(|_| bits));
        if let Some(Extracted { raw, .. }) = found {
            let is_unsigned = encoding == IntegerEncoding::Unsigned;
            prop_assert_eq!(matches!(raw, Raw::Unsigned(_)), is_unsigned);
            prop_assert_eq!(matches!(raw, Raw::Signed(_)), !is_unsigned);
        }
    }

    #[test]
    fn wide_integers_equal_a_naive_reader(
        packet in prop::collection::vec(any::<u8>(), 20),
        bit in 0usize..40,
        bits in 65usize..=128,
        little: bool,
        reversed: bool,
    ) {
        let order = if little { Order::Little } else { Order::Big };
        let list: Vec<u8> = (0..bits.div_ceil(8) as u8).collect();
        let found = raw(&integer(bits as u8, IntegerEncoding::Unsigned, order, reversed), &packet, bit);
        let expected = bits_of(&packet, bit, bits)
            .map(|bits| Raw::Wide(number(&naive_order(&bits, little.then_some(&*list), reversed))));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn fields_equal_their_encodings(packet in prop::collection::vec(any::<u8>(), 0..20), bit in 0u32..160, bits in 1u8..=64) {
        let plan = Plan::default();
        let of = |kind, bits| Field::new(ItemId(0), bit, bits, kind).extract(&plan, &packet);
        let float = |bits| Encoding::Float { bits, encoding: FloatEncoding::Ieee754, order: Order::Big, reversed: false };
        let general = |encoding| raw(&encoding, &packet, bit as usize);
        let unsigned = general(integer(bits, IntegerEncoding::Unsigned, Order::Big, false));
        let signed = general(integer(bits, IntegerEncoding::TwosComplement, Order::Big, false));
        prop_assert_eq!(of(FieldKind::Unsigned, bits), unsigned);
        prop_assert_eq!(of(FieldKind::Signed, bits), signed);
        let pattern = |raw: Option<Raw<'_>>| raw.map(|raw| raw.number().unwrap().to_bits());
        prop_assert_eq!(pattern(of(FieldKind::Float32, 32)), pattern(general(float(32))));
        prop_assert_eq!(pattern(of(FieldKind::Float64, 64)), pattern(general(float(64))));
    }

    #[test]
    fn decimal_digits_come_back(number in 0u64..10_000_000_000_000_000, bit in 0usize..8, plus in prop_oneof![Just(0xA), Just(0xC), Just(0xE), Just(0xF)]) {
        let digits: Vec<u8> = std::format!("{number:016}").bytes().map(|digit| digit - b'0').collect();
        let packed = digits.iter().fold(0u128, |word, &digit| word << 4 | u128::from(digit));
        let spread = digits.iter().fold(0u128, |word, &digit| word << 8 | u128::from(digit));
        let read = |word: u128, bits: u8, encoding| {
            let packet: Vec<u8> = (word << (128 - u32::from(bits)) >> bit).to_be_bytes().into();
            let tail = if bit == 0 { 0 } else { (word << (128 - u32::from(bits)) << (8 - bit)) as u8 };
            let packet = [packet, std::vec![tail]].concat();
            let raw = raw(&integer(bits, encoding, Order::Big, false), &packet, bit);
            raw.and_then(Raw::integer)
        };
        let number = i128::from(number);
        prop_assert_eq!(read(packed, 64, IntegerEncoding::PackedBcd), Some(number));
        prop_assert_eq!(read(spread, 128, IntegerEncoding::Bcd), Some(number));
        prop_assert_eq!(read(packed << 4 | plus, 68, IntegerEncoding::PackedBcd), Some(number));
        for minus in [0xB, 0xD] {
            prop_assert_eq!(read(packed << 4 | minus, 68, IntegerEncoding::PackedBcd), Some(-number));
        }
    }

    #[test]
    fn nothing_panics(
        packet in prop::collection::vec(any::<u8>(), 0..40),
        octets in prop::collection::vec(any::<u8>(), 0..20),
        bit in prop_oneof![0usize..400, any::<usize>()],
        bits: u8,
        span: (u8, u8),
        size: Option<i64>,
        max_bits: u32,
        which in 0..10,
        reversed: bool,
    ) {
        let span = Span { start: span.0.into(), len: span.1.into() };
        let order = [Order::Big, Order::Little, Order::List(span)][bits as usize % 3];
        let text = |size| Encoding::Text { size, charset: Charset::Utf16 };
        let encoding = match which {
            0 => Encoding::Float { bits, encoding: FloatEncoding::Ieee754, order, reversed },
            1 => Encoding::Float { bits, encoding: FloatEncoding::MilStd1750A, order, reversed },
            2 => integer(bits, IntegerEncoding::Bcd, order, reversed),
            3 => integer(bits, IntegerEncoding::PackedBcd, order, reversed),
            4 => integer(bits, IntegerEncoding::SignMagnitude, order, reversed),
            5 => integer(bits, IntegerEncoding::OnesComplement, order, reversed),
            6 => text(SizeRule::Bits(0)),
            7 => text(SizeRule::Leading { tag_bits: bits, max_bits }),
            8 => text(SizeRule::Terminated { terminator: span, max_bits }),
            _ => text(SizeRule::TerminatedWithin { terminator: span, bits: 0 }),
        };
        let plan = Plan { octets: &octets, encodings: &[encoding], ..Plan::default() };
        let _ = extract(&plan, &encoding, &packet, bit, |_| size);
        for kind in [FieldKind::Unsigned, FieldKind::Signed, FieldKind::Other] {
            let _ = Field::new(ItemId(0), bit as u32, bits, kind).extract(&plan, &packet);
        }
    }
}

#[test]
fn twelve_little_endian_bits_have_the_rest_on_top() {
    let encoding = integer(12, IntegerEncoding::Unsigned, Order::Little, false);
    assert_eq!(raw(&encoding, &[0xAB, 0xC0], 0), Some(Raw::Unsigned(0xCAB)));
    assert_eq!(raw(&encoding, &[0x0A, 0xBC], 4), Some(Raw::Unsigned(0xCAB)));
}

#[test]
fn integers_of_the_probes_come_out() {
    let probe = |encoding| raw(&encoding, &PACKET, 8);
    assert_eq!(probe(integer(8, IntegerEncoding::Unsigned, Order::Big, true)), Some(Raw::Unsigned(128)));
    assert_eq!(probe(integer(8, IntegerEncoding::PackedBcd, Order::Big, false)), Some(Raw::Signed(1)));
    assert_eq!(probe(integer(8, IntegerEncoding::Bcd, Order::Big, false)), Some(Raw::Unsigned(1)));
    let little = integer(32, IntegerEncoding::Unsigned, Order::Little, false);
    assert_eq!(raw(&little, &PACKET, 0), Some(Raw::Unsigned(50_462_976)));
}

#[test]
fn digits_above_nine_are_undefined_and_keep_their_bits() {
    for (octets, encoding) in [
        ([0x1A, 0x23], IntegerEncoding::PackedBcd),
        ([0xA1, 0x23], IntegerEncoding::PackedBcd),
        // Two digits in an octet that has room for one.
        ([0x12, 0x03], IntegerEncoding::Bcd),
        ([0x01, 0x0A], IntegerEncoding::Bcd),
    ] {
        let encoding = integer(16, encoding, Order::Big, false);
        let undefined = Raw::Undefined(Bits::new(&octets, 0, 16).unwrap());
        assert_eq!(raw(&encoding, &octets, 0), Some(undefined));
        assert_eq!(
            extract(&Plan::default(), &encoding, &octets, 0, |_| None).map(|found| found.bits),
            Some(16)
        );
    }
}

#[test]
fn what_does_not_fit_its_kind_is_undefined() {
    let is_undefined = |encoding, packet: &[u8]| matches!(raw(&encoding, packet, 0), Some(Raw::Undefined(_)));
    let wide = |encoding| integer(80, encoding, Order::Big, false);
    assert!(is_undefined(wide(IntegerEncoding::TwosComplement), &[0x7F; 10]));
    assert_eq!(raw(&wide(IntegerEncoding::TwosComplement), &[0xFF; 10], 0), Some(Raw::Signed(-1)));
    assert!(is_undefined(integer(0, IntegerEncoding::Unsigned, Order::Big, false), &[0; 4]));
    assert!(is_undefined(integer(129, IntegerEncoding::Unsigned, Order::Big, false), &[0; 20]));
    // A list that leaves an octet out, or has another number of them.
    for list in [&[0u8, 0][..], &[0, 2], &[0], &[0, 1, 2]] {
        let plan = Plan { octets: list, ..Plan::default() };
        let order = Order::List(Span { start: 0, len: list.len() as u32 });
        let encoding = integer(16, IntegerEncoding::Unsigned, order, false);
        let found = extract(&plan, &encoding, &[1, 2], 0, |_| None).unwrap();
        assert!(matches!(found.raw, Raw::Undefined(_)));
    }
}

#[test]
fn floats_obey_the_order_of_their_octets() {
    let float = |bits, encoding, order| Encoding::Float { bits, encoding, order, reversed: false };
    let little = float(32, FloatEncoding::Ieee754, Order::Little);
    assert_eq!(raw(&little, &1.25f32.to_le_bytes(), 0), Some(Raw::Float(1.25)));
    let half = float(16, FloatEncoding::Ieee754, Order::Big);
    assert_eq!(raw(&half, &[0x0E, 0x0F], 0), Some(Raw::Float(f64::from(half::f16::from_bits(0x0E0F)))));
    // The memory of a VAX holds each word least significant octet first.
    let plan = Plan { octets: &[2, 3, 0, 1], ..Plan::default() };
    let memory = float(32, FloatEncoding::Dec, Order::List(Span { start: 0, len: 4 }));
    let found = extract(&plan, &memory, &[0x48, 0x42, 0, 0], 0, |_| None).unwrap();
    assert_eq!(found.raw, Raw::Float(12.5));
}

fn content(
    size: SizeRule,
    charset: Charset,
    octets: &[u8],
    packet: &[u8],
    bit: usize,
) -> Option<(Vec<u8>, usize)> {
    let plan = Plan { octets, ..Plan::default() };
    let of = |encoding| extract(&plan, &encoding, packet, bit, |expr| Some(i64::from(expr)));
    let text = of(Encoding::Text { size, charset })?;
    let Raw::Text { bits, charset: found } = text.raw else { panic!("no text") };
    assert_eq!(found, charset);
    if charset == Charset::Utf8 {
        assert_eq!(
            of(Encoding::Octets { size }),
            Some(Extracted { raw: Raw::Octets(bits), bits: text.bits })
        );
    }
    Some((bits.octets().collect(), text.bits))
}

const ALL: Span = Span { start: 0, len: u32::MAX };

#[test]
fn a_size_before_the_text_counts_its_octets() {
    let of = |tag_bits, max_bits, packet: &[u8], bit| {
        content(SizeRule::Leading { tag_bits, max_bits }, Charset::Utf8, &[], packet, bit)
    };
    assert_eq!(of(8, 64, b"\x03abcd", 0), Some((b"abc".to_vec(), 32)));
    assert_eq!(of(8, 64, b"\x00abcd", 0), Some((b"".to_vec(), 8)));
    assert_eq!(of(4, 64, &[0xF2, 0x61, 0x62], 4), Some((b"ab".to_vec(), 20)));
    // More than there is; more than is allowed; a size that is not there itself.
    assert_eq!(of(8, 64, b"\x05abcd", 0), None);
    assert_eq!(of(8, 16, b"\x03abcd", 0), None);
    assert_eq!(of(16, 16, b"\x03", 0), None);
    assert_eq!(of(64, u32::MAX, &[0xFF; 8], 0), None);
}

#[test]
fn a_terminator_belongs_to_the_field_but_not_to_the_text() {
    let of = |max_bits, terminator: &[u8], packet: &[u8], bit| {
        let all = Span { start: 0, len: terminator.len() as u32 };
        content(SizeRule::Terminated { terminator: all, max_bits }, Charset::Utf8, terminator, packet, bit)
    };
    assert_eq!(of(64, &[5], &PACKET, 16), Some((std::vec![2, 3, 4], 32)));
    assert_eq!(of(64, &[0], b"\0abc", 0), Some((std::vec![], 8)));
    assert_eq!(of(64, b"\r\n", b"a\rb\r\nc", 0), Some((b"a\rb".to_vec(), 40)));
    assert_eq!(of(64, &[0x50], &PACKET, 20), Some((std::vec![0x20, 0x30, 0x40], 32)));
    // The longest text allowed ends without one; the packet may not.
    assert_eq!(of(24, &[0], b"abcdef", 0), Some((b"abc".to_vec(), 24)));
    assert_eq!(of(64, &[0], b"abcdef", 0), None);
    assert_eq!(of(16, b"\r\n", b"a\r\n", 0), Some((b"a\r".to_vec(), 16)));
}

#[test]
fn a_field_may_be_longer_than_its_text() {
    let of = |bits, terminator: &[u8], packet: &[u8]| {
        let all = Span { start: 0, len: terminator.len() as u32 };
        content(SizeRule::TerminatedWithin { terminator: all, bits }, Charset::Utf8, terminator, packet, 0)
    };
    assert_eq!(of(48, &[0], b"ab\0cdef"), Some((b"ab".to_vec(), 48)));
    assert_eq!(of(16, &[0], b"ab\0cdef"), Some((b"ab".to_vec(), 16)));
    assert_eq!(of(64, &[0], b"ab\0cdef"), None);
    assert_eq!(of(16, &[], b"ab"), Some((b"ab".to_vec(), 16)));
}

#[test]
fn terminators_are_whole_characters() {
    let rule = SizeRule::Terminated { terminator: ALL, max_bits: 160 };
    let rule = |len| match rule {
        SizeRule::Terminated { max_bits, .. } => {
            SizeRule::Terminated { terminator: Span { start: 0, len }, max_bits }
        }
        other => other,
    };
    // U+0100, U+0041: two zero octets, but of two characters.
    let text = [1, 0, 0, 0x41, 0, 0, 0, 0x42];
    assert_eq!(content(rule(2), Charset::Utf16Be, &[0, 0], &text, 0), Some((std::vec![1, 0, 0, 0x41], 48)));
    let text = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x41];
    assert_eq!(content(rule(4), Charset::Utf32Be, &[0; 4], &text, 0), Some((std::vec![0, 0, 1, 0], 64)));
}

#[test]
fn sizes_from_the_plan_are_bits() {
    let of = |bits, packet: &[u8], bit| content(SizeRule::Bits(bits), Charset::Utf8, &[], packet, bit);
    assert_eq!(of(16, &PACKET, 32), Some((std::vec![4, 5], 16)));
    assert_eq!(of(12, &PACKET, 32), Some((std::vec![4, 0], 12)));
    assert_eq!(of(0, &PACKET, 128), Some((std::vec![], 0)));
    assert_eq!(of(1, &PACKET, 128), None);
    let octets = Encoding::Octets { size: SizeRule::Bits(0) };
    assert_eq!(extract(&Plan::default(), &octets, &PACKET, 0, |_| Some(-1)), None);
    assert_eq!(extract(&Plan::default(), &octets, &PACKET, 0, |_| None), None);
}

#[test]
fn a_field_of_another_kind_has_a_fixed_size() {
    let row = |encoding| Item {
        parameter: ParameterId(0),
        suffix: Text(Span { start: 0, len: 0 }),
        encoding,
        meaning: 0,
        register: NONE,
    };
    let plan = Plan {
        encodings: &[
            Encoding::Octets { size: SizeRule::Bits(1) },
            Encoding::Octets { size: SizeRule::Bits(0) },
        ],
        exprs: &[Expr::Lookup(Span { start: 0, len: 0 }), Expr::Fixed(16)],
        items: &[row(0), row(1), row(2)],
        ..Plan::default()
    };
    let of = |item| Field::new(ItemId(item), 8, 0, FieldKind::Other).extract(&plan, &PACKET);
    assert_eq!(of(0), Some(Raw::Octets(Bits::new(&PACKET, 8, 16).unwrap())));
    assert_eq!((of(1), of(2), of(3)), (None, None, None));
}
