use super::*;
use crate::plan::tests::{node, span};
use crate::plan::{
    Branch, Case, Compared, Condition, Encoding, Expr, Field, FieldKind, IntegerEncoding, Item, ItemId, Link,
    MAX_DEPTH, NONE, Node, Operand, Operator, Order, Place, Step, Switch, Text,
};
use std::vec;
use std::vec::Vec;

/// Whether the bit of this number is set.
const fn is_set(bit: u32) -> (Operand, Condition) {
    let field = Field::new(ItemId(0), bit, 1, FieldKind::Unsigned);
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

/// What a program makes of a packet: an octet is item 0, and its number expression 0 and operand 0 are 1.
fn run(steps: &[Step], parts: &[(u32, u32)], packet: &[u8]) -> (RowReport, Vec<Raw<'static>>) {
    struct Numbers(Vec<Raw<'static>>);

    impl RowSink for Numbers {
        fn value(&mut self, sample: &Sample<'_, '_, '_>) {
            self.0.extend(sample.raw().integer().map(|number| Raw::Unsigned(number as u64)));
        }
    }

    let (bits, encoding, order) = (8, IntegerEncoding::Unsigned, Order::Big);
    let suffix = Text(span(0, 0));
    let plan = Plan {
        nodes: &[Node {
            steps: span(0, steps.len() as u32),
            is_dynamic: true,
            ..node(NONE, span(0, 0), false)
        }],
        steps,
        parts,
        exprs: &[Expr::Fixed(1), Expr::Fixed(1)],
        items: &[Item { parameter: ParameterId(0), suffix, encoding: 0, meaning: 0, register: NONE }],
        encodings: &[Encoding::Integer { bits, encoding, order, reversed: false }],
        operands: &[Operand {
            place: Place::Field(Field::new(ItemId(0), 0, 8, FieldKind::Unsigned)),
            item: ItemId(0),
            calibrated: false,
        }],
        branches: &[Branch { value: 1, steps: span(0, steps.len() as u32) }],
        ..Plan::default()
    };
    let mut numbers = Numbers(Vec::new());
    let mut decoder = Decoder { plan, root: NodeId(0), registers: [Register::Empty; 0], before: None };
    let report = decoder.decode(packet, &mut numbers);
    (report, numbers.0)
}

#[test]
fn steps_nest_as_deep_as_is_said_and_no_deeper() {
    let nest: [fn(u32) -> Step; 4] = [
        |body| Step::When { condition: NONE, body },
        |body| Step::Group { size: NONE, body },
        |body| Step::Repeat { count: 0, gap: NONE, body },
        |body| Step::Array { parameter: ParameterId(NONE), dimensions: span(0, 2), body },
    ];
    for step in nest {
        for depth in [0, 1, MAX_DEPTH - 1, MAX_DEPTH, 60] {
            let mut steps: Vec<Step> = (0..depth as u32).rev().map(|inside| step(inside + 1)).collect();
            steps.push(Step::Field { item: ItemId(0) });
            let (report, numbers) = run(&steps, &[], &[7]);
            if depth < MAX_DEPTH {
                assert_eq!(
                    (report.status, report.bits),
                    (RowStatus::Complete, 8),
                    "{:?}",
                    step(depth as u32)
                );
                assert_eq!(numbers, [Raw::Unsigned(7)]);
            } else {
                assert_eq!((report.status, numbers.len()), (RowStatus::Short, 0), "{:?}", step(depth as u32));
            }
        }
    }
}

/// No compiler makes such plans, and readers of blobs refuse them.
#[test]
fn a_program_that_is_a_branch_of_its_own_comes_to_an_end() {
    let steps = [Step::Field { item: ItemId(0) }, Step::Choose { operand: 0, branches: span(0, 1) }];
    let (report, numbers) = run(&steps, &[], &[1; 100]);
    assert_eq!((report.status, numbers.len()), (RowStatus::Short, MAX_DEPTH));
    let (report, numbers) = run(&steps, &[], &[2; 100]);
    assert_eq!((report.status, numbers.len()), (RowStatus::Complete, 1));
}

#[test]
fn a_value_in_parts_reaches_as_far_as_the_last_of_them() {
    let steps = [Step::Fragments { item: ItemId(0), parts: span(0, 2) }];
    let parts = [(12, 4), (2, 4)];
    let (report, numbers) = run(&steps, &parts, &[0b0010_0111, 0xF9, 0xFF]);
    assert_eq!((report.status, report.bits), (RowStatus::Complete, 16));
    assert_eq!(numbers, [Raw::Unsigned(0x99)]);
    // The first part is not there any more.
    let (report, numbers) = run(&steps, &parts, &[0b0010_0111]);
    assert_eq!((report.status, report.bits, numbers.len()), (RowStatus::Short, 8, 0));
}

/// Node 0 is of two heirs that a number tells: 1, which has the heir 2 where its last bit is set, and 3, which has nothing.
#[test]
fn the_walk_goes_on_where_more_than_a_number_tells() {
    struct Told(Vec<u32>, Vec<i128>, usize);

    impl RowSink for Told {
        fn enter(&mut self, NodeId(id): NodeId) {
            self.0.push(id);
        }

        fn missing(&mut self, _item: ItemId) {
            self.2 += 1;
        }

        fn value(&mut self, sample: &Sample<'_, '_, '_>) {
            self.1.extend(sample.raw().integer());
        }
    }

    let fields: Vec<Field> =
        (0..4).map(|i| Field::new(ItemId(0), [0, 8, 16, 8][i], 8, FieldKind::Unsigned)).collect();
    let of =
        |parent, field, end_bit| Node { fields: span(field, 1), end_bit, ..node(parent, span(0, 0), false) };
    let switch = Switch { field: Field::new(ItemId(0), 0, 2, FieldKind::Unsigned), cases: span(0, 2) };
    let nodes = [
        Node { switch: Some(switch), is_abstract: true, ..of(NONE, 0, 8) },
        Node { links: span(0, 1), ..of(0, 1, 16) },
        of(1, 2, 24),
        of(0, 3, 16),
    ];
    let case = |value, node| Case { value, link: Link { node: NodeId(node), condition: NONE } };
    let (operand, _) = is_set(15);
    let plan = Plan {
        nodes: &nodes,
        fields: &fields,
        cases: &[case(1, 1), case(2, 3)],
        links: &[Link { node: NodeId(2), condition: 0 }],
        operands: &[operand],
        conditions: &[Condition::Compare {
            operand: 0,
            operator: Operator::Equal,
            with: Compared::Integer(1),
        }],
        ..Plan::default()
    };
    let mut decoder = Decoder::<[Register; 0]>::with_array(plan, NodeId(0)).unwrap();
    let mut decode = |packet: &[u8]| {
        let mut told = Told(Vec::new(), Vec::new(), 0);
        let RowReport { container: NodeId(container), status, bits } = decoder.decode(packet, &mut told);
        ((container, status, bits, decoder.before()), (told.0, told.1, told.2))
    };
    let complete = |id, bits| (id, RowStatus::Complete, bits, Some(NodeId(id)));
    let told = |nodes: &[u32], values: &[i128]| (nodes.to_vec(), values.to_vec(), 0);
    assert_eq!(decode(&[0x80, 7, 9]), (complete(3, 16), told(&[0, 3], &[0x80, 7])));
    assert_eq!(decode(&[0x40, 6, 9]), (complete(1, 16), told(&[0, 1], &[0x40, 6])));
    assert_eq!(decode(&[0x40, 7, 9]), (complete(2, 24), told(&[0, 1, 2], &[0x40, 7, 9])));
    let nothing = (0, RowStatus::Unmatched, 8, None);
    assert_eq!(decode(&[0xC0, 7, 9]), (nothing, told(&[0], &[0xC0])));
    // Too short for the last value of each way.
    let short = |id, bits| (id, RowStatus::Short, bits, Some(NodeId(id)));
    assert_eq!(decode(&[0x80]), (short(3, 8), (vec![0, 3], vec![0x80], 1)));
    assert_eq!(decode(&[0x40, 7]), (short(2, 16), (vec![0, 1, 2], vec![0x40, 7], 1)));
}
