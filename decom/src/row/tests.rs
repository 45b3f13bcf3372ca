use super::*;
use crate::plan::{
    Compared, Condition, Field, FieldKind, ItemId, Link, NONE, Node, Operand, Operator, Place, Span, Text,
};
use std::vec;
use std::vec::Vec;

const fn span(start: u32, len: u32) -> Span {
    Span { start, len }
}

const fn node(parent: u32, links: Span, is_abstract: bool) -> Node {
    let nothing = span(0, 0);
    Node {
        name: Text(nothing),
        parent: NodeId(parent),
        fields: nothing,
        saves: nothing,
        steps: nothing,
        links,
        switch: None,
        end_bit: 0,
        is_abstract,
        is_dynamic: false,
    }
}

/// Whether the bit of this number is set.
const fn is_set(bit: u32) -> (Operand, Condition) {
    let field = Field { bit, item: ItemId(0), bits: 1, kind: FieldKind::Unsigned, encoding: 0 };
    (
        Operand { place: Place::Field(field), item: ItemId(0), calibrated: false },
        Condition::Compare { operand: bit, operator: Operator::Equal, with: Compared::Integer(1) },
    )
}

const NODES: [Node; 4] = [
    node(NONE, span(0, 2), false),
    node(0, span(0, 0), false),
    node(0, span(2, 1), true),
    node(2, span(0, 0), false),
];
const LINKS: [Link; 3] = [
    Link { node: NodeId(1), condition: 0 },
    Link { node: NodeId(2), condition: 1 },
    Link { node: NodeId(3), condition: 2 },
];
const OPERANDS: [Operand; 3] = [is_set(0).0, is_set(1).0, is_set(2).0];
const CONDITIONS: [Condition; 3] = [is_set(0).1, is_set(1).1, is_set(2).1];

/// Node 0 has the heirs 1, where the first bit is set, and 2, where the second one is: an abstract one with the heir 3, where the third
/// one is.
fn plan() -> Plan<'static> {
    Plan { nodes: &NODES, links: &LINKS, operands: &OPERANDS, conditions: &CONDITIONS, ..Plan::default() }
}

#[test]
fn a_packet_may_be_of_several_containers_none_of_them_an_heir_of_another() {
    let mut decoder = Decoder::<[Register; 0]>::with_array(plan(), NodeId(0)).unwrap();
    for (packet, leaves) in [
        (0b000, &[0][..]),
        (0b001, &[0]),
        (0b010, &[0]),
        (0b011, &[3]),
        (0b100, &[1]),
        (0b110, &[1]),
        (0b111, &[1, 3]),
    ] {
        let mut found = Vec::new();
        decoder.leaves(&[packet << 5], |NodeId(leaf)| found.push(leaf));
        assert_eq!(found, leaves, "{packet:03b}");
        assert_eq!(decoder.select(&[packet << 5]), leaves.first().copied().map(NodeId), "{packet:03b}");
    }
}

#[test]
fn a_decoder_takes_as_many_registers_as_its_plan_needs_and_more() {
    let plan = Plan { registers: 2, ..plan() };
    let error = TooFewRegisters { needed: 2, actual: 1 };
    assert_eq!(Decoder::<[Register; 1]>::with_array(plan, NodeId(0)).unwrap_err(), error);
    assert!(Decoder::<[Register; 2]>::with_array(plan, NodeId(0)).is_ok());
    assert!(Decoder::<[Register; 3]>::with_array(plan, NodeId(0)).is_ok());
    assert_eq!(Decoder::new(plan, NodeId(0), vec![Register::Empty; 1]).unwrap_err(), error);
    assert!(Decoder::new(plan, NodeId(0), vec![Register::Empty; 2]).is_ok());
    assert!(Decoder::new(plan, NodeId(0), vec![Register::Empty; 3]).is_ok());
}
