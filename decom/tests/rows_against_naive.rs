//! Compiler and row engine against a naive interpreter of the database, on random databases and packets.

mod common;

use common::build::{add_container, add_unsigned, compare, linear, parameter};
use common::random::{Choices, database, database_and_packet};
use common::{Owned, Recorder, Said, naive};
use decom::dispatch::Dispatch;
use decom::model::{Base, ContainerId, Database, IntExpr, Operator, ParameterId, Repeat};
use decom::plan::NodeId;
use decom::row::{Decoder, Register, RowStatus};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn rows_equal_a_naive_interpreter(
        (choices, packet) in database_and_packet(),
        others in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 0..4),
        dynamic: bool,
    ) {
        let database = database(&mut Choices::new(&choices), dynamic);
        let buffer = database.compile().unwrap();
        let plan = buffer.plan();
        let root = plan.node_named("/root").unwrap();
        let mut decoder = Decoder::new(plan, root, vec![Register::Empty; plan.registers as usize]).unwrap();
        let mut before = None;
        for packet in std::iter::once(packet).chain(others) {
        let mut recorder = Recorder::new(plan);
        let report = decoder.decode(&packet, &mut recorder);
        let (said, leaf, is_short) = naive::decode(&database, ContainerId(0), &packet, before.as_deref());
        // Arrays of fixed size at fixed places are not announced, and all that is missing of a loop at fixed places is.
        let values = |said: &[Said]| {
            let kept = said.iter().filter(|said| matches!(said, Said::Enter(_) | Said::Value(..)));
            kept.cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(values(&recorder.said), values(&said));
        let status = match (is_short, &leaf) {
            (true, _) => RowStatus::Short,
            (false, Some(_)) => RowStatus::Complete,
            (false, None) => RowStatus::Unmatched,
        };
        prop_assert_eq!(report.status, status);
        if let Some(leaf) = &leaf {
            prop_assert_eq!(plan.container_name(report.container), leaf);
        }
        before = leaf;
        }
    }

    /// Packets with the same octets, and with some others in between: what is remembered of one must not be said of another.
    #[test]
    fn what_is_remembered_of_packets_is_what_they_are_of(
        (choices, packet) in database_and_packet(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0usize..120), 1..40),
        dynamic: bool,
        has_two_roots: bool,
    ) {
        let database = database(&mut Choices::new(&choices), dynamic);
        let buffer = database.compile().unwrap();
        let plan = buffer.plan();
        let roots: Vec<NodeId> = ["/root", "/heir0"].iter().filter_map(|name| plan.node_named(name)).collect();
        let roots = &roots[..if has_two_roots { roots.len() } else { 1 }];
        let mut dispatch = Dispatch::new(plan, roots);
        let mut before = None;
        for (index, octet, len) in changes {
            let mut changed = packet.clone();
            if !changed.is_empty() {
                *index.get_mut(&mut changed) ^= octet;
            }
            changed.truncate(len);
            for packet in [&packet, &changed, &packet, &packet] {
                let (found, behind) = common::select(plan, roots, packet, before);
                prop_assert_eq!(dispatch.select(packet), found);
                before = behind;
            }
        }
    }
}

/// A root whose kind lies behind a list, so that registers keep it.
fn kind_behind_a_list() -> (Database, ContainerId, ParameterId) {
    let mut database = Database::default();
    let count = add_unsigned(&mut database, "/count", 8);
    let list = add_unsigned(&mut database, "/list", 8);
    let kind = add_unsigned(&mut database, "/kind", 8);
    let mut repeated = parameter(list);
    repeated.repeat = Some(Repeat { count: linear(count, 1.0, 0.0), gap: IntExpr::Fixed(0) });
    let entries = vec![parameter(count), repeated, parameter(kind)];
    let root = add_container(&mut database, "/root", None, entries);
    (database, root, kind)
}

/// Each heir holds a kind of its own, and an heir that is told by the kind.
#[test]
fn heirs_are_tested_before_any_is_decoded() {
    let (mut database, root, kind) = kind_behind_a_list();
    let mut heir = |name: &str, base, literal: &str| {
        let base = Some(Base { container: base, restriction: compare(kind, Operator::Equal, literal) });
        add_container(&mut database, name, base, vec![parameter(kind)])
    };
    heir("/one", root, "1");
    heir("/two", root, "2");
    let other = heir("/other_one", root, "1");
    heir("/heir_of_other", other, "2");
    let plan = database.compile().unwrap();
    let (report, recorder) = common::decode(plan.plan(), "/root", &[1, 9, 1, 2]);
    let value = |name: &str, value| Said::Value(name.to_owned(), Owned::Integer(value));
    let enter = |name: &str| Said::Enter(name.to_owned());
    let expected = [
        enter("/root"),
        value("/count", 1),
        value("/list", 9),
        value("/kind", 1),
        enter("/one"),
        value("/kind", 2),
        enter("/other_one"),
        value("/kind", 2),
        enter("/heir_of_other"),
    ];
    assert_eq!(recorder.said[..expected.len()], expected);
    assert_eq!(plan.plan().container_name(report.container), "/one");
}

/// The first heir holds a kind of its own. The second one does not, so that its heir is told by the kind of the root.
#[test]
fn what_an_heir_holds_does_not_tell_the_heirs_of_its_siblings() {
    let (mut database, root, kind) = kind_behind_a_list();
    let mut heir = |name: &str, base, literal: &str, entries| {
        let base = Some(Base { container: base, restriction: compare(kind, Operator::Equal, literal) });
        add_container(&mut database, name, base, entries)
    };
    heir("/one", root, "1", vec![parameter(kind)]);
    let other = heir("/other", root, "1", vec![]);
    heir("/heir_of_other", other, "1", vec![]);
    heir("/stranger", other, "2", vec![]);
    let plan = database.compile().unwrap();
    let (_, recorder) = common::decode(plan.plan(), "/root", &[1, 9, 1, 2]);
    let entered: Vec<&str> = recorder
        .said
        .iter()
        .filter_map(|said| match said {
            Said::Enter(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(entered, ["/root", "/one", "/other", "/heir_of_other"]);
}
