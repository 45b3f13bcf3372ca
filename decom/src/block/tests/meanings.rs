//! Calibrators, words, alarms and their conditions, by columns and one by one.

use super::*;
use crate::model::meaning::{Epoch, MathOperator, TimeCode, TimeScale, TimeSpec};
use crate::model::{Comparand, Comparison, MathOp, Operator};

fn reference(parameter: u32, calibrated: bool) -> ParameterRef {
    ParameterRef { parameter: ModelId(parameter), path: Vec::new(), calibrated }
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => (-200i32..200).prop_map(|x| f64::from(x) / 8.0), 1 => -1e9f64..1e9]
}

fn any_calibrator() -> impl Strategy<Value = Calibrator> {
    let numbers = |most| prop::collection::vec(any_number(), 1..most);
    prop_oneof![
        3 => numbers(7).prop_map(|coefficients| Calibrator::Polynomial { coefficients, negative: Vec::new() }),
        1 => (numbers(3), numbers(3)).prop_map(|(coefficients, negative)| Calibrator::Polynomial { coefficients, negative }),
        3 => (0u8..3, any::<bool>(), prop::collection::btree_set(-300i32..300, 1..20), any::<i16>()).prop_map(
            |(order, extrapolate, raws, seed)| Calibrator::Spline {
                order,
                extrapolate,
                points: raws.into_iter().map(|raw| (raw.into(), f64::from(raw.wrapping_mul(seed.into()) % 512) / 4.0)).collect(),
            }
        ),
        1 => Just(Calibrator::ReciprocalLogarithmic([1.0, 0.5, 0.25, 0.0, 0.0])),
        1 => any_number().prop_map(|x| Calibrator::Math(vec![
            MathOp::This, MathOp::Number(x), MathOp::Apply(MathOperator::Divide), MathOp::Apply(MathOperator::Ln),
        ])),
        1 => Just(Calibrator::Math(vec![
            MathOp::This, MathOp::Parameter(reference(0, false)), MathOp::Apply(MathOperator::Add),
        ])),
    ]
}

fn any_alarm() -> impl Strategy<Value = Alarm> {
    let levels = [AlarmLevel::Watch, AlarmLevel::Warning, AlarmLevel::Distress, AlarmLevel::Severe];
    let bound = prop_oneof![3 => any_number(), 1 => Just(f64::INFINITY), 1 => Just(f64::NEG_INFINITY)];
    let range = (prop::sample::select(levels.to_vec()), bound.clone(), any::<bool>(), bound, any::<bool>())
        .prop_map(|(level, min, min_inclusive, max, max_inclusive)| AlarmRange {
            level,
            min: min.min(max),
            min_inclusive,
            max: max.max(min),
            max_inclusive,
        });
    (prop::collection::vec(range, 0..5), any::<bool>()).prop_map(|(ranges, words)| Alarm {
        ranges,
        labels: if words { vec![("ON".into(), AlarmLevel::Critical)] } else { Vec::new() },
        other_labels: if words { AlarmLevel::Watch } else { AlarmLevel::Normal },
        min_violations: 1,
        ..Alarm::default()
    })
}

fn any_condition() -> impl Strategy<Value = Condition> {
    (
        any::<bool>(),
        0u8..16,
        prop::sample::select(&[Operator::Equal, Operator::Less, Operator::GreaterOrEqual][..]),
    )
        .prop_map(|(calibrated, number, operator)| {
            Condition::Compare(Comparison {
                left: reference(0, calibrated),
                operator,
                right: Comparand::Literal(number.to_string()),
            })
        })
}

fn any_kind() -> impl Strategy<Value = EngineeringKind> {
    let label = |first, last, label: &str| Label { first, last, label: label.into() };
    let time = TimeSpec {
        scale: 0.5,
        offset: 3.0,
        epoch: Epoch { day: 4383, second: 0.0, scale: TimeScale::Tai },
        code: TimeCode::Number,
    };
    prop_oneof![
        3 => Just(EngineeringKind::Float),
        3 => Just(EngineeringKind::Integer),
        1 => Just(EngineeringKind::Boolean { zero: "OFF".into(), one: "ON".into() }),
        2 => Just(EngineeringKind::Enumerated(vec![label(-3, 0, "OFF"), label(2, 5, "ON"), label(900, 1 << 40, "FAR")])),
        1 => Just(EngineeringKind::AbsoluteTime(time.clone())),
        1 => Just(EngineeringKind::RelativeTime(time)),
    ]
}

fn any_meant() -> impl Strategy<Value = Scalar> {
    let small = prop_oneof![
        2 => any_encoding(),
        3 => (1u32..=13, any::<bool>()).prop_map(|(bits, signed)| {
            let encoding = if signed { IntegerEncoding::TwosComplement } else { IntegerEncoding::Unsigned };
            integer(bits, encoding, ByteOrder::default())
        }),
    ];
    let contexts = (
        prop::collection::vec((any_condition(), any_calibrator()), 0..3),
        prop::collection::vec((any_condition(), any_alarm()), 0..3),
    );
    let contexts = prop_oneof![2 => Just((Vec::new(), Vec::new())), 1 => contexts];
    (small, any_kind(), prop::option::of(any_calibrator()), prop::option::of(any_alarm()), contexts).prop_map(
        |(encoding, kind, calibrator, alarm, (context_calibrators, context_alarms))| match encoding {
            Encoding::Octets { .. } | Encoding::Text { .. } => Scalar { alarm, ..plain(encoding) },
            Encoding::Float { .. } if matches!(kind, EngineeringKind::Integer) => plain(encoding),
            _ => Scalar {
                calibrator,
                alarm,
                context_calibrators,
                context_alarms,
                ..Scalar::new(encoding, kind)
            },
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn meanings_by_columns_equal_those_one_by_one(
        scalars in prop::collection::vec((prop_oneof![3 => Just(None), 1 => (0u32..300).prop_map(Some)], any_meant()), 1..12),
        calibrator in prop::option::of(any_calibrator()),
        seed: u64,
        rows in 0usize..60,
        piece in 1usize..40,
        cut in prop::collection::vec((0usize..60, 0usize..60), 0..4),
        moves: bool,
        times in prop::option::of(1i64..4),
    ) {
        let mode = Scalar {
            // A calibrator of the mode must not depend on the mode.
            calibrator: calibrator.filter(|calibrator| !matches!(calibrator, Calibrator::Math(_))),
            ..plain(integer(4, IntegerEncoding::Unsigned, ByteOrder::default()))
        };
        let mut all_scalars = vec![(None, mode)];
        all_scalars.extend(scalars);
        let mut database = database(&all_scalars);
        if let (Some(times), Some(last)) = (times, database.containers[0].entries.last_mut()) {
            last.repeat = Some(Repeat { count: IntExpr::Fixed(times), gap: IntExpr::Fixed(3) });
        }
        if moves {
            let bits = IntExpr::Linear { parameter: reference(0, false), slope: 1.0, intercept: 0.0 };
            let fill = Entry::new(EntryKind::Fill { bits }, Origin::default());
            database.containers[0].entries.insert(1, fill);
        }
        let Ok(buffer) = database.compile() else { return Ok(()) };
        let plan = buffer.plan();
        let mut all: Vec<Vec<u8>> = (0..rows).map(|i| octets(seed ^ i as u64, 60 + container_len(&plan))).collect();
        for (row, len) in cut {
            if let Some(packet) = all.get_mut(row) {
                packet.truncate(len);
            }
        }
        check(&plan, &all, piece);
    }
}

/// A condition selects the calibrator and the limits, packet by packet.
#[test]
fn contexts_select_packet_by_packet() {
    let line = |a, b| Calibrator::Polynomial { coefficients: vec![a, b], negative: Vec::new() };
    let limit = |level, min| Alarm {
        ranges: vec![AlarmRange { level, min, min_inclusive: true, max: f64::INFINITY, max_inclusive: true }],
        min_violations: 1,
        ..Alarm::default()
    };
    let when = |number: u32| {
        Condition::Compare(Comparison {
            left: reference(0, false),
            operator: Operator::Equal,
            right: Comparand::Literal(number.to_string()),
        })
    };
    let byte = || integer(8, IntegerEncoding::Unsigned, ByteOrder::default());
    let mut scalar = Scalar::new(byte(), EngineeringKind::Float);
    scalar.calibrator = Some(line(0.0, 1.0));
    scalar.context_calibrators = vec![(when(1), line(100.0, 2.0)), (when(2), line(0.0, -1.0))];
    scalar.alarm = Some(limit(AlarmLevel::Warning, 50.0));
    scalar.context_alarms = vec![(when(2), limit(AlarmLevel::Critical, -9.0))];
    let buffer = compile(&database(&[(None, plain(byte())), (None, scalar)]));
    let plan = buffer.plan();
    let all = [vec![0, 60], vec![1, 60], vec![2, 60], vec![2, 9], vec![1, 0], vec![9, 7]];
    check(&plan, &all, 2);
    let mut decoder = ColumnDecoder::new(plan, plan.roots[0]).unwrap();
    let mut batch = decoder.batch();
    decoder.append(&packets(&all), &mut batch);
    let expected = vec![60.0, 220.0, -60.0, -9.0, 100.0, 7.0];
    assert_eq!(batch.columns()[1].engineering(), Some(&Engineering::F64(expected)));
    let [normal, warning, critical] = [AlarmLevel::Normal, AlarmLevel::Warning, AlarmLevel::Critical];
    assert_eq!(batch.columns()[1].alarms(), Some(&[warning, warning, normal, critical, warning, normal][..]));
}

#[test]
fn what_a_calibrator_does_not_take_is_not_alarming() {
    let mut scalar =
        Scalar::new(integer(16, IntegerEncoding::Unsigned, ByteOrder::default()), EngineeringKind::Float);
    scalar.calibrator =
        Some(Calibrator::Spline { order: 1, extrapolate: false, points: vec![(10.0, 1.0), (20.0, 2.0)] });
    let range = AlarmRange {
        level: AlarmLevel::Severe,
        min: -1.0,
        min_inclusive: true,
        max: 1.0,
        max_inclusive: true,
    };
    scalar.alarm = Some(Alarm { ranges: vec![range], min_violations: 1, ..Alarm::default() });
    let buffer = compile(&database(&[(None, scalar)]));
    let plan = buffer.plan();
    let all = [vec![0, 9], vec![0, 10], vec![0, 20], vec![0, 21]];
    check(&plan, &all, 3);
    let mut decoder = ColumnDecoder::new(plan, plan.roots[0]).unwrap();
    let mut batch = decoder.batch();
    decoder.append(&packets(&all), &mut batch);
    let [normal, severe] = [AlarmLevel::Normal, AlarmLevel::Severe];
    assert_eq!(batch.columns()[0].alarms(), Some(&[normal, severe, normal, normal][..]));
    assert_eq!(
        batch.columns()[0].engineering_validity().map(crate::column::Bitmap::as_octets),
        Some(&[0b0110][..])
    );
}

#[test]
fn a_packed_digit_may_be_nine() {
    let on = EngineeringKind::Boolean { zero: "OFF".into(), one: "ON".into() };
    let digit = Scalar::new(integer(4, IntegerEncoding::PackedBcd, ByteOrder::default()), on);
    let buffer = compile(&database(&[(None, digit)]));
    let octets: Vec<Vec<u8>> = (0u8..10).map(|digit| vec![digit << 4]).collect();
    check(&buffer.plan(), &octets, 3);
}

#[test]
fn a_condition_on_what_a_short_packet_lacks_does_not_hold() {
    let byte = || integer(8, IntegerEncoding::Unsigned, ByteOrder::default());
    let constant = |x: f64| Calibrator::Polynomial { coefficients: vec![x], negative: Vec::new() };
    let is_one = Condition::Compare(Comparison {
        left: reference(0, false),
        operator: Operator::Equal,
        right: Comparand::Literal("1".into()),
    });
    let meant = Scalar {
        calibrator: Some(constant(5.0)),
        context_calibrators: vec![(is_one, constant(7.0))],
        ..Scalar::new(byte(), EngineeringKind::Float)
    };
    for moves in [false, true] {
        let mut database = database(&[(None, plain(byte())), (Some(0), meant.clone())]);
        let again = Entry::new(EntryKind::Parameter(ModelId(0)), Origin::default());
        database.containers[0].entries.insert(1, again);
        if moves {
            let bits = IntExpr::Linear { parameter: reference(0, false), slope: 1.0, intercept: 0.0 };
            let fill = Entry::new(EntryKind::Fill { bits }, Origin::default());
            database.containers[0].entries.insert(1, fill);
        }
        let buffer = compile(&database);
        let plan = buffer.plan();
        let whole = if moves { vec![1, 0, 0x80] } else { vec![1, 1] };
        let octets = [whole, vec![1]];
        check(&plan, &octets, 1);
        let mut decoder = ColumnDecoder::new(plan, plan.roots[0]).unwrap();
        let mut batch = decoder.batch();
        decoder.append(&packets(&octets), &mut batch);
        let Some(Engineering::F64(values)) = batch.columns().last().unwrap().engineering() else { panic!() };
        assert_eq!(values, &[7.0, 5.0], "moves: {moves}");
    }
}
