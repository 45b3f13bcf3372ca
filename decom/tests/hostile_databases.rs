//! Databases that are small and ask for much: compiled or refused in bounded work and memory.

#![allow(clippy::indexing_slicing, clippy::panic, reason = "a test may fail so")]

mod common;

use common::build::{add_container, add_parameter, add_type, add_unsigned, entry, parameter, unsigned};
use decom::model::{
    Database, Dimension, EngineeringKind, EntryKind, IntExpr, Location, Member, Reference, Repeat, Scalar,
    TypeKind,
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
    assert_eq!((compiled.fields.len(), field.bit), (1, 4_294_967_280));
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
    let bits: Vec<u32> = compiled.fields.iter().map(|field| field.bit).collect();
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
