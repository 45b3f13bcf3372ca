use super::*;
use crate::plan::tests::{node, span};
use crate::plan::{Case, ItemId, Link, Operand, Operator, Sequel, Switch};

/// The kind, in the second half of the first octet.
const KIND: Field = field(4, 4);
/// What else tells packets apart, in the last of the octets that are looked at.
const PART: Field = field(120, 8);

const fn field(bit: u32, bits: u8) -> Field {
    Field::new(ItemId(0), bit, bits, FieldKind::Unsigned)
}

const fn link(node: u32, condition: u32) -> Link {
    Link { node: NodeId(node), condition }
}

const fn is(operand: u32, value: i128) -> Condition {
    Condition::Compare { operand, operator: Operator::Equal, with: Compared::Integer(value) }
}

const fn operand(field: Field) -> Operand {
    Operand { place: Place::Field(field), item: ItemId(0), calibrated: false }
}

const ROOT: Node = Node {
    is_abstract: true,
    switch: Some(Switch { field: KIND, cases: span(0, 2) }),
    ..node(NONE, span(1, 1), false)
};
const NODES: [Node; 5] = [
    ROOT,
    node(0, span(0, 0), false),
    node(0, span(0, 1), false),
    node(2, span(0, 0), false),
    node(0, span(0, 0), false),
];
const CASES: [Case; 2] = [Case { value: 1, link: link(1, NONE) }, Case { value: 2, link: link(2, NONE) }];
const LINKS: [Link; 2] = [link(3, 0), link(4, 1)];
const OPERANDS: [Operand; 2] = [operand(PART), operand(KIND)];
const CONDITIONS: [Condition; 6] =
    [is(0, 7), Condition::All { parts: 2 }, Condition::Any { parts: 2 }, is(1, 4), is(1, 5), is(0, 9)];

/// Kind 1 is node 1. Kind 2 is node 2, or node 3 where its part is 7. Kinds 4 and 5 with a part of 9 are node 4.
fn plan() -> Plan<'static> {
    Plan {
        nodes: &NODES,
        cases: &CASES,
        links: &LINKS,
        operands: &OPERANDS,
        conditions: &CONDITIONS,
        ..Plan::default()
    }
}

fn packet(kind: u8, part: u8) -> [u8; 20] {
    let mut packet = [0xA5; 20];
    (packet[0], packet[15]) = (0xF0 | kind, part);
    packet
}

const KINDS: [((u8, u8), Option<NodeId>); 10] = [
    ((1, 0), Some(NodeId(1))),
    ((1, 7), Some(NodeId(1))),
    ((2, 0), Some(NodeId(2))),
    ((2, 7), Some(NodeId(3))),
    ((3, 0), None),
    ((4, 0), None),
    ((4, 9), Some(NodeId(4))),
    ((5, 9), Some(NodeId(4))),
    ((2, 9), Some(NodeId(2))),
    ((6, 9), None),
];

#[test]
fn a_packet_is_of_its_own_container_whatever_came_before() {
    let mut dispatch = Dispatch::new(plan(), &[NodeId(0)]);
    for ((kind, part), expected) in KINDS {
        for ((before, part_before), expected_before) in KINDS {
            assert_eq!(dispatch.select(&packet(before, part_before)), expected_before);
            assert_eq!(dispatch.select(&packet(kind, part)), expected, "{kind}, {part}");
            assert_eq!(dispatch.select(&packet(kind, part)), expected, "{kind}, {part} again");
        }
    }
    // Too short for the bits that tell, but not for those that tell this kind.
    assert_eq!(dispatch.select(&packet(1, 0)[..15]), Some(NodeId(1)));
    assert_eq!(dispatch.select(&[]), None);
}

#[test]
fn the_bits_that_tell_packets_apart_are_those_that_conditions_look_at() {
    let memo = Memo::new(&plan(), &[NodeId(0)]).unwrap();
    let mut mask = [0; 16];
    (mask[0], mask[15]) = (0x0F, 0xFF);
    assert_eq!(memo.mask, u128::from_ne_bytes(mask));
    let (first, second) = (packet(2, 7), packet(2, 8));
    assert!(memo.key(&first).is_some() && memo.key(&first) != memo.key(&second));
    assert_eq!(memo.key(&first[..15]), None);
}

#[test]
fn what_is_remembered_is_recalled_until_its_place_is_taken() {
    let mut memo = Memo::new(&plan(), &[NodeId(0)]).unwrap();
    let keys: Vec<u128> = (0..=255).map(|part| memo.key(&packet(2, part)).unwrap()).collect();
    assert_eq!(memo.recall(keys[0]), None);
    for (key, selection) in keys.iter().zip(0..) {
        memo.remember(*key, selection);
        assert_eq!(memo.recall(*key), Some(selection));
    }
    let recalled: Vec<Option<u32>> = keys.iter().map(|key| memo.recall(*key)).collect();
    assert!(recalled.iter().zip(0..).all(|(recalled, selection)| recalled.is_none_or(|it| it == selection)));
    assert!(recalled.iter().flatten().count() > 100, "keys take few places");
}

#[test]
fn a_run_ends_where_the_bits_that_tell_differ() {
    let dispatch = Dispatch::new(plan(), &[NodeId(0)]);
    let mut octets = [packet(2, 7), packet(2, 7), packet(2, 7), packet(2, 8), packet(2, 7)].concat();
    assert_eq!(dispatch.run(&octets, 20), 3);
    octets[20 + 1] ^= 0xFF;
    assert_eq!(dispatch.run(&octets, 20), 3, "nothing is told by the second octet");
    assert_eq!(dispatch.run(&octets[..59], 20), 2);
    assert_eq!(
        (dispatch.run(&octets, 15), dispatch.run(&octets[..14], 15), dispatch.run(&octets, 0)),
        (1, 0, 0)
    );
}

#[test]
fn what_came_before_is_kept_where_it_matters() {
    let sequels = [Sequel { node: NodeId(1), behind: NodeId(2), is_only: true }];
    let mut dispatch = Dispatch::new(Plan { sequels: &sequels, ..plan() }, &[NodeId(0)]);
    for (kind, expected) in [(1, None), (2, Some(2)), (1, Some(1)), (1, None), (2, Some(2))] {
        let expected = expected.map(NodeId);
        assert_eq!((dispatch.select(&packet(kind, 0)), dispatch.before()), (expected, expected));
    }
    dispatch.set_before(None);
    assert_eq!((dispatch.before(), dispatch.select(&packet(1, 0))), (None, None));
    dispatch.set_before(Some(NodeId(2)));
    assert_eq!(dispatch.select(&packet(1, 0)), Some(NodeId(1)));
}

/// No compiler makes such plans, and readers of blobs refuse them.
#[test]
fn containers_that_are_their_own_heirs_come_to_an_end() {
    let nodes = [node(NONE, span(0, 1), false)];
    let links = [link(0, NONE)];
    let mut dispatch = Dispatch::new(Plan { nodes: &nodes, links: &links, ..Plan::default() }, &[NodeId(0)]);
    assert_eq!(dispatch.select(&packet(1, 0)), Some(NodeId(0)));
}
