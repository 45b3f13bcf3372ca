//! Calibrators, words, alarms and their conditions, by columns and one by one.

use super::*;
use crate::model::{Comparand, Comparison, Operator};

fn reference(parameter: u32, calibrated: bool) -> ParameterRef {
    ParameterRef { parameter: ModelId(parameter), path: Vec::new(), calibrated }
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
