use super::*;
use crate::plan::{Item, ItemId, NONE, Node, Parameter, ParameterId};
use std::string::String;
use std::vec;
use std::vec::Vec;

/// Texts one after the other, and where each of them is.
fn texts<const N: usize>(texts: [&str; N]) -> (String, [Text; N]) {
    let mut all = String::new();
    let places = texts.map(|text| {
        let start = all.len() as u32;
        all.push_str(text);
        Text(Span { start, len: text.len() as u32 })
    });
    (all, places)
}

fn field(item: u32, bit: u32, bits: u8, kind: FieldKind) -> Field {
    Field::new(ItemId(item), bit, bits, kind)
}

#[test]
fn names_are_qualified_ones_or_their_last_part() {
    let (text, [outer, inner, plain]) = texts(["/A/Outer", "/A/B/Outer", "Plain"]);
    let nodes = [outer, inner, plain].map(|name| Node { name, parent: NodeId(NONE), ..Node::default() });
    let plan = Plan { text: &text, nodes: &nodes, ..Plan::default() };
    for (name, expected) in [
        ("/A/Outer", Some(0)),
        ("/A/B/Outer", Some(1)),
        ("Outer", Some(0)),
        ("Plain", Some(2)),
        ("B/Outer", None),
        ("/Outer", None),
        ("uter", None),
        ("lain", None),
        ("/A/Oute", None),
        ("/A/Outers", None),
        ("X/A/Outer", None),
        ("Outer/", None),
    ] {
        assert_eq!(plan.node_named(name), expected.map(NodeId), "{name}");
    }
    // The qualified name counts, even where the last part of one before is the same.
    let (text, [first, second]) = texts(["/A/X", "X"]);
    let nodes = [first, second].map(|name| Node { name, parent: NodeId(NONE), ..Node::default() });
    let plan = Plan { text: &text, nodes: &nodes, ..Plan::default() };
    assert_eq!(plan.node_named("X"), Some(NodeId(1)));
}

#[test]
fn a_field_is_of_the_container_or_of_a_base_of_it_the_nearest_first() {
    let (text, [base, heir, a, b, flux]) = texts(["Base", "Heir", "/S/a", "/S/b", ".flux"]);
    let nothing = Text(Span { start: 0, len: 0 });
    let node = |name, parent, start, len| Node {
        name,
        parent: NodeId(parent),
        fields: Span { start, len },
        ..Node::default()
    };
    let nodes = [node(base, NONE, 0, 2), node(heir, 0, 2, 1)];
    let item = |parameter, suffix| Item {
        parameter: ParameterId(parameter),
        suffix,
        encoding: 0,
        meaning: 0,
        register: NONE,
    };
    let parameter = |name| Parameter {
        name,
        description: nothing,
        items: Span { start: 0, len: 0 },
        shape: 0,
        valid_if: NONE,
    };
    let fields = [
        field(0, 0, 8, FieldKind::Unsigned),
        field(1, 8, 8, FieldKind::Unsigned),
        field(0, 16, 8, FieldKind::Unsigned),
    ];
    let plan = Plan {
        text: &text,
        nodes: &nodes,
        fields: &fields,
        items: &[item(0, nothing), item(1, flux)],
        parameters: &[parameter(a), parameter(b)],
        ..Plan::default()
    };
    let bit = |container, parameter| plan.field(container, parameter).map(|field| field.bit());
    assert_eq!((bit("Base", "a"), bit("Heir", "a"), bit("Heir", "/S/a")), (Some(0), Some(16), Some(16)));
    assert_eq!((bit("Base", "b.flux"), bit("Heir", "/S/b.flux")), (Some(8), Some(8)));
    assert_eq!(
        (bit("Base", "b"), bit("Base", "flux"), bit("Base", "S/a"), bit("None", "a")),
        (None, None, None, None)
    );
}

#[test]
fn fields_of_bases_are_found_as_deep_as_containers_nest() {
    let (text, [name, a]) = texts(["C", "a"]);
    let nothing = Text(Span { start: 0, len: 0 });
    let items =
        [Item { parameter: ParameterId(0), suffix: nothing, encoding: 0, meaning: 0, register: NONE }];
    let parameters = [Parameter {
        name: a,
        description: nothing,
        items: Span { start: 0, len: 1 },
        shape: 0,
        valid_if: NONE,
    }];
    for (bases, is_found) in [(0, true), (MAX_DEPTH - 1, true), (MAX_DEPTH, false)] {
        // The first of them is the one that is asked for; the last of its bases has the field.
        let mut nodes: Vec<Node> =
            (1..=bases as u32 + 1).map(|parent| Node { parent: NodeId(parent), ..Node::default() }).collect();
        nodes[0].name = name;
        nodes[bases].parent = NodeId(NONE);
        nodes[bases].fields = Span { start: 0, len: 1 };
        let fields = vec![field(0, 3, 5, FieldKind::Unsigned)];
        let plan = Plan {
            text: &text,
            nodes: &nodes,
            fields: &fields,
            items: &items,
            parameters: &parameters,
            ..Plan::default()
        };
        assert_eq!(plan.field("C", "a").is_some(), is_found, "{bases} bases");
    }
    // Bases in a circle: no compiler makes such plans.
    let nodes = [Node { name, parent: NodeId(0), ..Node::default() }];
    assert_eq!(Plan { text: &text, nodes: &nodes, ..Plan::default() }.field("C", "a"), None);
}

#[test]
fn fields_give_numbers_of_their_own_kind_alone() {
    let mut packet = [0; 16];
    packet[..8].copy_from_slice(&(-1.5f64).to_be_bytes());
    packet[8..12].copy_from_slice(&0.25f32.to_be_bytes());
    packet[12..].copy_from_slice(&[0xFE, 0x7F, 0x81, 0x00]);
    let of = |field: Field, packet: &[u8]| {
        (field.unsigned(packet), field.signed(packet), field.float32(packet), field.float64(packet))
    };
    let unsigned = |bit, bits| of(field(0, bit, bits, FieldKind::Unsigned), &packet);
    assert_eq!(unsigned(96, 8), (Some(0xFE), None, None, None));
    assert_eq!(unsigned(96, 16), (Some(0xFE7F), None, None, None));
    assert_eq!(unsigned(96, 32), (Some(0xFE7F_8100), None, None, None));
    assert_eq!(unsigned(64, 64), (Some(0x3E80_0000_FE7F_8100), None, None, None));
    assert_eq!(unsigned(96, 24), (Some(0xFE_7F81), None, None, None));
    assert_eq!(unsigned(97, 8), (Some(0xFC), None, None, None));
    assert_eq!(unsigned(100, 20), (Some(0xE_7F81), None, None, None));
    let signed = |bit, bits| of(field(0, bit, bits, FieldKind::Signed), &packet);
    assert_eq!(signed(96, 8), (None, Some(-2), None, None));
    assert_eq!(signed(104, 8), (None, Some(0x7F), None, None));
    assert_eq!(signed(112, 9), (None, Some(-254), None, None));
    assert_eq!(of(field(0, 64, 32, FieldKind::Float32), &packet), (None, None, Some(0.25), None));
    assert_eq!(of(field(0, 0, 64, FieldKind::Float64), &packet), (None, None, None, Some(-1.5)));
    assert_eq!(of(field(0, 0, 64, FieldKind::Other), &packet), (None, None, None, None));
    // A bit less than there must be.
    for (kind, bits) in [
        (FieldKind::Unsigned, 8),
        (FieldKind::Unsigned, 16),
        (FieldKind::Unsigned, 32),
        (FieldKind::Unsigned, 64),
        (FieldKind::Signed, 12),
        (FieldKind::Float32, 32),
        (FieldKind::Float64, 64),
    ] {
        for bit in [129 - u32::from(bits), 128, 8 * 17] {
            assert_eq!(of(field(0, bit, bits, kind), &packet), (None, None, None, None), "{kind:?} at {bit}");
        }
    }
}
