use super::*;
use half::f16;
use proptest::prelude::*;
use rustc_apfloat::ieee::{Double, Quad, X87DoubleExtended};
use rustc_apfloat::{Float, FloatConvert};
use vax_floating::{FFloating, GFloating};

/// What LLVM's software floating point makes of a number.
fn theirs<F: FloatConvert<Double>>(word: u128) -> f64 {
    let double: Double = F::from_bits(word).convert(&mut false).value;
    f64::from_bits(double.to_bits() as u64)
}

/// Equal, and of the same sign; one NaN is as good as another.
fn same(left: f64, right: f64) -> bool {
    left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan())
}

/// Exponents near which something happens come often.
fn exponent(bits: u32) -> impl Strategy<Value = u128> {
    let last = (1u128 << bits) - 1;
    let bias = last / 2;
    prop_oneof![
        2 => 0..=last,
        1 => bias.saturating_sub(1080)..=bias.saturating_sub(1015),
        1 => bias + 1020..=bias + 1026,
        1 => prop_oneof![Just(0), Just(1), Just(last - 1), Just(last)],
    ]
    .prop_map(move |exponent| exponent.min(last))
}

/// Fractions with few bits set, as between two numbers, come often.
fn fraction(bits: u32) -> impl Strategy<Value = u128> {
    let mask = (1u128 << bits) - 1;
    prop_oneof![
        any::<u128>(),
        any::<u128>().prop_map(|x| x << 64),
        any::<(u64, u8)>().prop_map(|(x, shift)| {
            // A tie in any place, perhaps with a little more.
            (u128::from(x) << 64 | u128::from(x & 1)) >> (shift % 128)
        })
    ]
    .prop_map(move |fraction| fraction & mask)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn binary128_equals_another_implementation(sign in 0u128..2, exponent in exponent(15), fraction in fraction(112)) {
        let word = sign << 127 | exponent << 112 | fraction;
        let ours = decode(FloatEncoding::Ieee754, word, 128).unwrap();
        prop_assert!(same(ours, theirs::<Quad>(word)), "{word:032x} {ours:e} {:e}", theirs::<Quad>(word));
    }

    #[test]
    fn the_extended_format_equals_another_implementation(sign in 0u128..2, exponent in exponent(15), mantissa in fraction(64), normal: bool) {
        let leading = if normal && exponent > 0 { 1 << 63 } else { 0 };
        let word = sign << 79 | exponent << 64 | mantissa | leading;
        let ours = decode(FloatEncoding::Ieee754, word, 80).unwrap();
        let theirs = theirs::<X87DoubleExtended>(word);
        prop_assert!(same(ours, theirs), "{word:020x} {ours:e} {theirs:e}");
    }

    #[test]
    fn ibm_numbers_equal_another_implementation(short: u32, long: u64) {
        let ours = |word: u128, bits| decode(FloatEncoding::Ibm, word, bits).unwrap();
        prop_assert!(same(ours(short.into(), 32), f64::from(ibmfloat::F32::from_bits(short))));
        prop_assert!(same(ours(long.into(), 64), f64::from(ibmfloat::F64::from_bits(long))));
    }

    #[test]
    fn dec_numbers_equal_another_implementation(short: [u16; 2], long: [u16; 4]) {
        let word = |words: &[u16]| words.iter().fold(0u128, |word, &next| word << 16 | u128::from(next));
        // Near the lowest exponents the other implementation rounds a tie up, not to even.
        if (short[0] >> 7 & 0xFF) > 2 {
            let bits = u32::from(short[1]) << 16 | u32::from(short[0]);
            let theirs = f64::from(FFloating::from_bits(bits).to_f32());
            prop_assert!(same(decode(FloatEncoding::Dec, word(&short), 32).unwrap(), theirs));
        }
        if (long[0] >> 4 & 0x7FF) > 2 {
            let bits = long.iter().rev().fold(0u64, |bits, &next| bits << 16 | u64::from(next));
            let theirs = GFloating::from_bits(bits).to_f64();
            let ours = decode(FloatEncoding::Dec, word(&long), 64).unwrap();
            prop_assert!(same(ours, theirs), "{long:04x?} {ours:e} {theirs:e}");
        }
    }

    #[test]
    fn numbers_of_53_bits_are_scaled_without_loss(mantissa in 0u64..1 << 53, exponent in -1022i32..900) {
        let (mut value, step) = (mantissa as f64, if exponent < 0 { 0.5 } else { 2.0 });
        // Each step is exact as long as the number stays normal.
        for _ in 0..exponent.unsigned_abs() {
            value *= step;
        }
        prop_assume!(value == 0.0 || value >= f64::MIN_POSITIVE);
        prop_assert_eq!(scaled(mantissa.into(), exponent), value);
    }

    #[test]
    fn whole_numbers_round_as_the_machine_does(mantissa in fraction(127)) {
        prop_assert_eq!(scaled(mantissa, 0), mantissa as f64);
    }
}

#[test]
fn every_binary16_equals_another_implementation() {
    for word in 0..=u16::MAX {
        let ours = decode(FloatEncoding::Ieee754, word.into(), 16).unwrap();
        assert!(same(ours, f16::from_bits(word).to_f64()), "{word:04x}");
    }
}

#[test]
fn extended_patterns_that_are_no_operands_are_not_a_number() {
    for word in [0x7FFF_0000_0000_0000_0000, 0x3FFF_0000_0000_0000_0001, 0x7FFF_4000_0000_0000_0000] {
        assert!(decode(FloatEncoding::Ieee754, word, 80).unwrap().is_nan());
    }
    assert_eq!(decode(FloatEncoding::Ieee754, 0xFFFF_8000_0000_0000_0000, 80), Some(f64::NEG_INFINITY));
    // 1.0 and pi as x87 manuals write them.
    assert_eq!(decode(FloatEncoding::Ieee754, 0x3FFF_8000_0000_0000_0000, 80), Some(1.0));
    assert_eq!(decode(FloatEncoding::Ieee754, 0x4000_C90F_DAA2_2168_C235, 80), Some(core::f64::consts::PI));
}

/// The table of examples in MIL-STD-1750A §4.1.4 and §4.1.5.
#[test]
fn mil_std_1750a_numbers_are_those_of_the_standard() {
    let short = |word| decode(FloatEncoding::MilStd1750A, word, 32).unwrap();
    let exact = |mantissa: f64, exponent: i32| mantissa * libm::pow(2.0, exponent.into());
    for (word, mantissa, exponent) in [
        (0x4000_007F, 0.5, 127),
        (0x6000_0004, 0.75, 4),
        (0x4000_0001, 0.5, 1),
        (0x4000_0000, 0.5, 0),
        (0x4000_00FF, 0.5, -1),
        (0x4000_0080, 0.5, -128),
        (0x0000_0000, 0.0, 0),
        (0x8000_0000, -1.0, 0),
        (0xBFFF_FF80, -0.500_000_1, -128),
        (0x9FFF_FF04, -0.750_000_1, 4),
        (0x7FFF_FF7F, 0.999_999_9, 127),
        (0x8000_007F, -1.0, 127),
    ] {
        let (ours, theirs) = (short(word), exact(mantissa, exponent));
        assert!((ours - theirs).abs() <= theirs.abs() * 2e-7, "{word:08x} {ours:e} {theirs:e}");
    }
    let long = |word| decode(FloatEncoding::MilStd1750A, word, 48).unwrap();
    for (word, theirs) in [
        (0x4000_007F_0000, exact(0.5, 127)),
        (0x4000_0000_0000, 0.5),
        (0x4000_00FF_0000, 0.25),
        (0x4000_0080_0000, exact(0.5, -128)),
        (0x8000_007F_0000, -exact(1.0, 127)),
        (0x8000_0000_0000, -1.0),
        (0x8000_00FF_0000, -0.5),
        (0x8000_0080_0000, -exact(1.0, -128)),
        (0x0000_0000_0000, 0.0),
        (0xA000_00FF_0000, -0.375),
        (0x4000_0001_0001, 1.0 + exact(1.0, -38)),
    ] {
        assert_eq!(long(word), theirs, "{word:012x}");
    }
    // The probe's own figure.
    assert_eq!(short(0x0001_0203), 2.460_479_736_328_125e-4);
}

#[test]
fn ti_numbers_are_those_of_the_processor_manual() {
    let short = |word| decode(FloatEncoding::Ti, word, 32).unwrap();
    // Exponent, sign, fraction: 1.0, 1.5, -1.0, -2.0, the largest, the lowest, the smallest above and below zero, and zero.
    assert_eq!(short(0x0000_0000), 1.0);
    assert_eq!(short(0x0040_0000), 1.5);
    assert_eq!(short(0xFF80_0000), -1.0);
    assert_eq!(short(0x0080_0000), -2.0);
    assert_eq!(short(0x7F7F_FFFF), f64::from(f32::MAX));
    assert_eq!(short(0x7F80_0000), -libm::pow(2.0, 128.0));
    assert_eq!(short(0x8100_0000), libm::pow(2.0, -127.0));
    assert_eq!(short(0x81FF_FFFF), (-1.0 - libm::pow(2.0, -23.0)) * libm::pow(2.0, -127.0));
    for zero in [0x8000_0000, 0x80FF_FFFF] {
        assert_eq!(short(zero), 0.0);
    }
    let long = |word| decode(FloatEncoding::Ti, word, 40).unwrap();
    assert_eq!(long(0x00_0000_0000), 1.0);
    assert_eq!(long(0x02_2000_0000), 5.0);
    assert_eq!(long(0x02_D000_0000), -5.5);
    assert_eq!(long(0x7F_7FFF_FFFF), (2.0 - libm::pow(2.0, -31.0)) * libm::pow(2.0, 127.0));
    assert_eq!(long(0x80_7FFF_FFFF), 0.0);
}

#[test]
fn ibm_and_dec_examples_come_out() {
    assert_eq!(decode(FloatEncoding::Ibm, 0xC276_A000, 32), Some(-118.625));
    assert_eq!(decode(FloatEncoding::Ibm, 0x4110_0000, 32), Some(1.0));
    assert_eq!(decode(FloatEncoding::Ibm, 0xC276_A000_0000_0000, 64), Some(-118.625));
    // The lowest exponents of G are below those of normal numbers: a tie between two subnormal ones.
    assert_eq!(decode(FloatEncoding::Dec, 0x0010_0000_0000_E65A, 64), Some(5.562_684_646_340_84e-309));
    // 12.5 in memory is 48 42 00 00: a word 4248, then a word of zeros.
    assert_eq!(decode(FloatEncoding::Dec, 0x4248_0000, 32), Some(12.5));
    assert_eq!(decode(FloatEncoding::Dec, 0xC220_0000, 32), Some(-10.0));
    assert_eq!(decode(FloatEncoding::Dec, 0x4049_0000_0000_0000, 64), Some(12.5));
    assert_eq!(decode(FloatEncoding::Dec, 0, 32), Some(0.0));
    assert!(decode(FloatEncoding::Dec, 0x8000_0000, 32).unwrap().is_nan());
    // A fraction without exponent is zero all the same.
    assert_eq!(decode(FloatEncoding::Dec, 0x0000_FFFF, 32), Some(0.0));
}

#[test]
fn sizes_that_an_encoding_lacks_have_no_value() {
    use FloatEncoding::{Dec, Ibm, Ieee754, MilStd1750A, Ti};
    for (encoding, bits) in [(Dec, 48), (Ibm, 16), (Ieee754, 24), (MilStd1750A, 64), (Ti, 64), (Ieee754, 0)] {
        assert_eq!(decode(encoding, 0, bits), None);
    }
}
