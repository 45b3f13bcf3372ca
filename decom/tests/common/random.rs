//! Random databases and packets.

use decom::model::layout::Chosen;
use decom::model::{
    Base, BitOrder, ByteOrder, Condition, ContainerId, Database, Dimension, EngineeringKind, Entry,
    EntryKind, IntExpr, IntegerEncoding, Location, Member, Operator, ParameterId, Reference, Repeat, TypeId,
    TypeKind,
};
use proptest::prelude::*;

use super::build::{
    add_container, add_parameter, add_scalar, add_type, add_unsigned, compare, entry, ieee, integer, linear,
    octets, parameter,
};

/// A stream of choices: what a random database is made of.
pub struct Choices<'c> {
    octets: &'c [u8],
}

impl<'c> Choices<'c> {
    pub const fn new(octets: &'c [u8]) -> Self {
        Self { octets }
    }

    /// A number below `limit`; 0 once the choices are used up.
    fn below(&mut self, limit: u32) -> u32 {
        let mut value = 0u32;
        for _ in 0..2 {
            let Some((&first, rest)) = self.octets.split_first() else { break };
            self.octets = rest;
            value = value << 8 | u32::from(first);
        }
        value % limit
    }

    fn one_in(&mut self, limit: u32) -> bool {
        self.below(limit) == limit - 1
    }
}

/// A database whose first container begins packets. `dynamic` says whether places may depend on the packet.
pub fn database(choices: &mut Choices<'_>, dynamic: bool) -> Database {
    let mut database = Database::default();
    // Small numbers that everything else may depend on.
    let counts: Vec<ParameterId> =
        (0..3).map(|i| add_unsigned(&mut database, &format!("/count{i}"), 4)).collect();
    let mut pool = Vec::new();
    for i in 0..4 + choices.below(8) {
        pool.push(random_parameter(choices, &mut database, &format!("/p{i}"), &counts, dynamic));
    }
    let part_entries = entries(choices, &pool, &counts, &[], dynamic);
    let mut root_entries: Vec<Entry> = counts.iter().map(|&id| parameter(id)).collect();
    root_entries.push(parameter(pool[0]));
    // Included containers come behind the ones that begin packets; their index is known beforehand.
    let heirs = choices.below(4);
    let part = ContainerId(1 + heirs);
    root_entries.extend(entries(choices, &pool, &counts, &[part], dynamic));
    // A part that nobody includes would begin packets itself, and must not refer to what it does not hold.
    root_entries.push(entry(EntryKind::Container(part)));
    let root = add_container(&mut database, "/root", None, root_entries);
    for heir in 0..heirs {
        let base = if heir > 0 && choices.one_in(3) { ContainerId(heir) } else { root };
        let restriction = match choices.below(4) {
            0 => Condition::ALWAYS,
            1 => compare(counts[0], Operator::Equal, &choices.below(4).to_string()),
            2 => Condition::All(vec![
                compare(counts[0], Operator::Equal, &choices.below(4).to_string()),
                compare(counts[1], Operator::LessOrEqual, "9"),
            ]),
            _ => Condition::Any(vec![
                compare(counts[2], Operator::GreaterOrEqual, "12"),
                compare(counts[1], Operator::NotEqual, "3"),
            ]),
        };
        let base = Some(Base { container: base, restriction });
        let own = entries(choices, &pool, &counts, &[part], dynamic);
        let id = add_container(&mut database, &format!("/heir{heir}"), base, own);
        database.containers[id.0 as usize].is_abstract = choices.one_in(4);
    }
    database.containers[0].is_abstract = choices.one_in(2);
    for heir in 0..heirs {
        if choices.one_in(3) {
            database.containers[1 + heir as usize].next = Some(ContainerId(choices.below(1 + heirs)));
        }
    }
    add_container(&mut database, "/part", None, part_entries);
    database
}

fn random_parameter(
    choices: &mut Choices<'_>,
    database: &mut Database,
    name: &str,
    counts: &[ParameterId],
    dynamic: bool,
) -> ParameterId {
    let kinds = if dynamic { 5 } else { 3 };
    match choices.below(kinds) {
        0 | 1 => {
            let id = random_scalar(choices, database);
            add_parameter(database, name, id)
        }
        2 => {
            let members = (0..1 + choices.below(3))
                .map(|i| Member { name: format!("m{i}"), member_type: random_scalar(choices, database) })
                .collect();
            let id = add_type(database, TypeKind::Aggregate(members));
            add_parameter(database, name, id)
        }
        3 => {
            let element = random_scalar(choices, database);
            let count = counts[choices.below(3) as usize];
            let dimension = Dimension {
                first: IntExpr::Fixed(0),
                last: linear(count, 1.0, f64::from(choices.below(3)) - 1.0),
            };
            let id = add_type(database, TypeKind::Array { element, dimensions: vec![dimension] });
            add_parameter(database, name, id)
        }
        _ => {
            let size = linear(counts[choices.below(3) as usize], f64::from(1 + choices.below(9)), 0.0);
            add_scalar(database, name, octets(size), EngineeringKind::Octets)
        }
    }
}

fn random_scalar(choices: &mut Choices<'_>, database: &mut Database) -> TypeId {
    let bit_order =
        if choices.one_in(6) { BitOrder::LeastSignificantFirst } else { BitOrder::MostSignificantFirst };
    let encoding = match choices.below(8) {
        0 => ieee(32),
        1 => ieee(64),
        kind => {
            let encoding = match kind {
                2 | 3 => IntegerEncoding::Unsigned,
                4 | 5 => IntegerEncoding::TwosComplement,
                6 => IntegerEncoding::OnesComplement,
                _ => IntegerEncoding::SignMagnitude,
            };
            let little = choices.one_in(4);
            let bits = if little { 8 * (1 + choices.below(8)) } else { 1 + choices.below(64) };
            let order =
                if little { ByteOrder::LeastSignificantFirst } else { ByteOrder::MostSignificantFirst };
            integer(bits, encoding, order, if little { BitOrder::MostSignificantFirst } else { bit_order })
        }
    };
    let kind = if matches!(encoding, decom::model::Encoding::Float { .. }) {
        EngineeringKind::Float
    } else {
        EngineeringKind::Integer
    };
    add_type(database, TypeKind::Scalar(decom::model::Scalar::new(encoding, kind)))
}

fn entries(
    choices: &mut Choices<'_>,
    pool: &[ParameterId],
    counts: &[ParameterId],
    containers: &[ContainerId],
    dynamic: bool,
) -> Vec<Entry> {
    let count = |choices: &mut Choices<'_>| counts[choices.below(counts.len() as u32) as usize];
    (0..choices.below(6))
        .map(|_| {
            let any = pool[choices.below(pool.len() as u32) as usize];
            let kind = match choices.below(10) {
                0 => EntryKind::Fill { bits: IntExpr::Fixed(choices.below(20).into()) },
                1 if !containers.is_empty() => EntryKind::Container(containers[0]),
                2 if dynamic => EntryKind::Choice {
                    selector: super::build::raw(count(choices)),
                    cases: vec![(1, Chosen::Parameter(any)), (4, Chosen::Parameter(pool[0]))],
                },
                _ => EntryKind::Parameter(any),
            };
            let mut entry = entry(kind);
            if choices.one_in(5) {
                let offset = i64::from(choices.below(12));
                entry.location =
                    Location { reference: Reference::PreviousEntry, offset: IntExpr::Fixed(offset) };
            } else if choices.one_in(8) {
                let offset = i64::from(choices.below(200));
                entry.location =
                    Location { reference: Reference::ContainerStart, offset: IntExpr::Fixed(offset) };
            }
            if choices.one_in(5) {
                let fixed = IntExpr::Fixed(choices.below(4).into());
                let count =
                    if dynamic && choices.one_in(2) { linear(count(choices), 1.0, 0.0) } else { fixed };
                entry.repeat = Some(Repeat { count, gap: IntExpr::Fixed(choices.below(3).into()) });
            }
            if dynamic && choices.one_in(4) {
                entry.include = Some(compare(count(choices), Operator::Less, &choices.below(16).to_string()));
            }
            entry
        })
        .collect()
}

/// Choices for a database, and a packet.
pub fn database_and_packet() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    (proptest::collection::vec(any::<u8>(), 0..400), proptest::collection::vec(any::<u8>(), 0..120))
}
