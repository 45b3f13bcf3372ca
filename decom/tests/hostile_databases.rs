//! Databases that are small and ask for much: compiled or refused in bounded work and memory.

#![allow(clippy::indexing_slicing, clippy::panic, reason = "a test may fail so")]

mod common;

use common::build::{
    add_container, add_parameter, add_scalar, add_type, add_unsigned, entry, linear, octets, parameter, raw,
    unsigned,
};
use decom::model::layout::Chosen;
use decom::model::{
    Calibrator, Database, Dimension, EngineeringKind, EntryKind, IntExpr, Location, MathOp, MathOperator,
    Member, ParameterId, ParameterRef, Reference, Repeat, Scalar, TypeKind,
};

fn errors(database: &Database) -> String {
    match database.compile() {
        Ok(_) => panic!("it compiles"),
        Err(errors) => errors[0].to_string(),
    }
}

/// Ten members of ten members of ten members: ten types, 10^22 values.
#[test]
fn aggregates_of_aggregates_are_refused_before_they_fill_the_memory() {
    let mut database = Database::default();
    let leaf = TypeKind::Scalar(Scalar::new(unsigned(1), EngineeringKind::Integer));
    let mut inner = add_type(&mut database, leaf);
    for _ in 0..22 {
        let members = (0..10).map(|i| Member { name: format!("m{i}"), member_type: inner }).collect();
        inner = add_type(&mut database, TypeKind::Aggregate(members));
    }
    let id = add_parameter(&mut database, "/p", inner);
    add_container(&mut database, "/c", None, vec![parameter(id)]);
    assert!(!errors(&database).is_empty());
}

#[test]
fn aggregates_without_a_value_grow_no_faster() {
    let mut database = Database::default();
    let mut inner = add_type(&mut database, TypeKind::Aggregate(Vec::new()));
    for _ in 0..22 {
        let members = (0..10).map(|i| Member { name: format!("m{i}"), member_type: inner }).collect();
        inner = add_type(&mut database, TypeKind::Aggregate(members));
    }
    let id = add_parameter(&mut database, "/p", inner);
    add_container(&mut database, "/c", None, vec![parameter(id)]);
    assert!(!errors(&database).is_empty());
}

#[test]
fn four_thousand_million_times_nothing_is_laid_out_at_once() {
    let mut database = Database::default();
    let empty = add_type(&mut database, TypeKind::Aggregate(Vec::new()));
    let dimension = Dimension { first: IntExpr::Fixed(0), last: IntExpr::Fixed(4_294_967_293) };
    let array = add_type(&mut database, TypeKind::Array { element: empty, dimensions: vec![dimension] });
    let nothing = add_parameter(&mut database, "/nothing", array);
    let last = add_unsigned(&mut database, "/last", 8);
    let mut fill = entry(EntryKind::Fill { bits: IntExpr::Fixed(1) });
    fill.repeat = Some(Repeat { count: IntExpr::Fixed(4_294_967_280), gap: IntExpr::Fixed(0) });
    add_container(&mut database, "/c", None, vec![parameter(nothing), fill, parameter(last)]);
    let compiled = database.compile().unwrap();
    let field = compiled.fields.last().unwrap();
    assert_eq!((compiled.fields.len(), field.bit()), (1, 4_294_967_280));
}

/// The place behind the last repetition is beyond 32 bits, and nothing lies there.
#[test]
fn a_gap_behind_the_last_repetition_is_no_overflow() {
    let mut database = Database::default();
    let id = add_unsigned(&mut database, "/p", 8);
    let mut twice = parameter(id);
    twice.repeat = Some(Repeat { count: IntExpr::Fixed(2), gap: IntExpr::Fixed(4_294_967_200) });
    add_container(&mut database, "/c", None, vec![twice]);
    let compiled = database.compile().unwrap();
    let bits: Vec<u32> = compiled.fields.iter().map(decom::plan::Field::bit).collect();
    assert_eq!(bits, [0, 4_294_967_208]);
}

#[test]
fn offsets_beyond_every_packet_are_no_overflow() {
    for reference in
        [Reference::ContainerEnd, Reference::ContainerStart, Reference::NextEntry, Reference::PreviousEntry]
    {
        for offset in [i64::MIN, i64::MIN + 1, -1, i64::MAX - 1, i64::MAX] {
            let mut database = Database::default();
            let id = add_unsigned(&mut database, "/p", 8);
            let mut far = parameter(id);
            far.location = Location { reference, offset: IntExpr::Fixed(offset) };
            let next = parameter(id);
            add_container(&mut database, "/c", None, vec![parameter(id), far, next]);
            if let Ok(compiled) = database.compile() {
                let _ = common::decode(compiled.plan(), "/c", &[1, 2, 3]);
            }
        }
    }
}

/// Each container holds the one before it twice, and the first one a number: 2^199 numbers.
#[test]
fn two_hundred_containers_that_each_hold_the_one_before_twice_are_refused() {
    let mut database = Database::default();
    let id = add_unsigned(&mut database, "/p", 8);
    let mut inner = add_container(&mut database, "/c0", None, vec![parameter(id)]);
    for i in 1..200 {
        let twice = vec![entry(EntryKind::Container(inner)); 2];
        inner = add_container(&mut database, &format!("/c{i}"), None, twice);
    }
    assert!(errors(&database).contains("more entries than a plan can hold"), "{}", errors(&database));
}

/// The same, ten times, where the first one's size is in the packet, so that no entry has a fixed place.
#[test]
fn two_hundred_containers_of_ten_times_the_moving_entries_are_refused() {
    let mut database = Database::default();
    let size = add_unsigned(&mut database, "/size", 8);
    let text = add_scalar(&mut database, "/text", octets(linear(size, 8.0, 0.0)), EngineeringKind::Octets);
    let mut inner = add_container(&mut database, "/c0", None, vec![parameter(size), parameter(text)]);
    for i in 1..200 {
        let ten_times = vec![entry(EntryKind::Container(inner)); 10];
        inner = add_container(&mut database, &format!("/c{i}"), None, ten_times);
    }
    assert!(!errors(&database).is_empty());
}

/// Each container is one of ten others, all of which are the one before.
#[test]
fn two_hundred_choices_of_ten_times_the_one_before_are_refused() {
    let mut database = Database::default();
    let selector = add_unsigned(&mut database, "/selector", 8);
    let mut inner = add_container(&mut database, "/c0", None, vec![parameter(selector)]);
    for i in 1..200 {
        let cases = (0..10).map(|number| (number, Chosen::Container(inner))).collect();
        let choice = entry(EntryKind::Choice { selector: raw(selector), cases });
        inner = add_container(&mut database, &format!("/c{i}"), None, vec![parameter(selector), choice]);
    }
    assert!(!errors(&database).is_empty());
}

/// Parameters, each calibrated by the sum of `times` times the engineering value of the one behind it.
fn sums(count: u32, times: usize) -> Database {
    let mut database = Database::default();
    let mut entries = Vec::new();
    for index in 0..count {
        let mut scalar = Scalar::new(unsigned(8), EngineeringKind::Float);
        if index + 1 < count {
            let parameter = ParameterId(index + 1);
            let behind = || MathOp::Parameter(ParameterRef { parameter, path: Vec::new(), calibrated: true });
            let mut ops = vec![MathOp::This];
            for _ in 0..times {
                ops.extend([behind(), MathOp::Apply(MathOperator::Add)]);
            }
            scalar.calibrator = Some(Calibrator::Math(ops));
        }
        let id = add_type(&mut database, TypeKind::Scalar(scalar));
        entries.push(parameter(add_parameter(&mut database, &format!("/p{index}"), id)));
    }
    add_container(&mut database, "/c", None, entries);
    database
}

#[test]
fn calibrators_of_twice_the_next_value_are_refused() {
    let message = errors(&sums(40, 2));
    assert!(message.contains("depends on more values"), "{message}");
    assert!(errors(&sums(8, 10)).contains("depends on more values"));
}

#[test]
fn calibrators_that_depend_on_each_other_in_a_line_compile() {
    for database in [sums(20, 1), sums(200, 1), sums(10, 2)] {
        let compiled = database.compile().unwrap();
        let _ = common::decode(compiled.plan(), "/c", &[1; 200]);
    }
}

/// It is its own summand, twice: the decoder stops at a depth, but two ways lead to each.
#[test]
fn a_calibrator_of_twice_itself_is_refused() {
    let mut database = sums(1, 0);
    let own =
        MathOp::Parameter(ParameterRef { parameter: ParameterId(0), path: Vec::new(), calibrated: true });
    let TypeKind::Scalar(scalar) = &mut database.types[0].kind else { panic!("it is a scalar") };
    scalar.calibrator = Some(Calibrator::Math(vec![own.clone(), own, MathOp::Apply(MathOperator::Add)]));
    assert!(errors(&database).contains("depends on more values"));
}
