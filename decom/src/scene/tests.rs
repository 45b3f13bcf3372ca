use super::*;
use crate::plan::{Charset, Field, FieldKind, Item, Kind, Operand, ParameterId, SizeRule, Span, Text};
use crate::value::tests::meaning;
use std::vec;
use std::vec::Vec;

const NOTHING: Span = Span { start: 0, len: 0 };
const ITEM: Item =
    Item { parameter: ParameterId(NONE), suffix: Text(NOTHING), encoding: 0, meaning: 0, register: NONE };

const fn is_one(operand: u32) -> Condition {
    Condition::Compare { operand, operator: Operator::Equal, with: Compared::Integer(1) }
}

const fn operand(bit: u32, bits: u8, kind: FieldKind) -> Operand {
    let field = Field::new(ItemId(0), bit, bits, kind);
    Operand { place: Place::Field(field), item: ItemId(0), calibrated: false }
}

fn holds(plan: &Plan<'_>, packet: &[u8], condition: u32) -> bool {
    Scene::new(plan, packet, &[]).holds(condition)
}

#[test]
fn conditions_nest_as_deep_as_is_said_and_no_deeper() {
    let operands = [operand(0, 8, FieldKind::Unsigned)];
    for (depth, expected) in [(0, true), (1, true), (MAX_DEPTH - 1, true), (MAX_DEPTH, false), (40, false)] {
        let mut conditions = vec![Condition::All { parts: 1 }; depth];
        conditions.push(is_one(0));
        let plan = Plan { conditions: &conditions, operands: &operands, ..Plan::default() };
        assert_eq!(holds(&plan, &[1], 0), expected, "{depth}");
        assert!(!holds(&plan, &[2], 0));
    }
}

#[test]
fn a_condition_ends_where_its_parts_do() {
    let operands: Vec<Operand> = (0..3).map(|i| operand(8 * i, 8, FieldKind::Unsigned)).collect();
    let conditions = [
        Condition::Any { parts: 2 },
        Condition::All { parts: 2 },
        is_one(0),
        is_one(1),
        is_one(2),
        Condition::Any { parts: 0 },
        Condition::All { parts: 0 },
        Condition::Any { parts: 2 },
        is_one(0),
    ];
    let plan = Plan { conditions: &conditions, operands: &operands, ..Plan::default() };
    for packet in 0..8u8 {
        let octets = [packet >> 2 & 1, packet >> 1 & 1, packet & 1];
        let [a, b, c] = octets.map(|octet| octet == 1);
        assert_eq!(holds(&plan, &octets, 0), a && b || c, "{octets:?}");
        assert_eq!(holds(&plan, &octets, 1), a && b, "{octets:?}");
        assert!(!holds(&plan, &octets, 5) && holds(&plan, &octets, 6));
        assert!(!holds(&plan, &octets, 7), "the second part is not there");
        assert!(!holds(&plan, &octets, 9) && holds(&plan, &octets, NONE));
    }
}

#[test]
fn texts_are_compared_character_by_character() {
    let encodings = [Encoding::Text { size: SizeRule::Bits(0), charset: Charset::Utf8 }];
    let exprs = [Expr::Fixed(16)];
    let operands = [operand(0, 16, FieldKind::Other), operand(16, 16, FieldKind::Other)];
    let with = |operator, with| Condition::Compare { operand: 0, operator, with };
    let word = Compared::Text(Text(Span { start: 1, len: 2 }));
    let conditions = [
        with(Operator::Less, Compared::Operand(1)),
        with(Operator::Equal, Compared::Operand(1)),
        with(Operator::Greater, word),
        with(Operator::Equal, word),
    ];
    let meanings = [meaning(Kind::Text)];
    let plan = Plan {
        encodings: &encodings,
        exprs: &exprs,
        operands: &operands,
        conditions: &conditions,
        items: &[ITEM],
        meanings: &meanings,
        text: "-AB-",
        ..Plan::default()
    };
    for (packet, expected) in [
        (b"AAAB", [true, false, false, false]),
        (b"ABAB", [false, true, false, true]),
        (b"BAAB", [false, false, true, false]),
        (b"B2B1", [false, false, true, false]),
    ] {
        assert_eq!([0, 1, 2, 3].map(|condition| holds(&plan, packet, condition)), expected, "{packet:?}");
        assert_eq!([0, 1].map(|condition| holds(&plan, &packet[..3], condition)), [false; 2]);
    }
}

/// A size that is the number of the very octets that it is the size of; a word that holds if it holds. No compiler makes such plans.
#[test]
fn what_depends_on_itself_is_not_known() {
    let plan = Plan {
        encodings: &[Encoding::Octets { size: SizeRule::Bits(0) }],
        exprs: &[
            Expr::Linear { operand: 0, slope: 1.0, intercept: 0.0 },
            Expr::Lookup(Span { start: 0, len: 1 }),
        ],
        lookups: &[(0, 8)],
        operands: &[Operand { place: Place::Register(0), item: ItemId(0), calibrated: false }],
        conditions: &[is_one(0)],
        items: &[ITEM],
        ..Plan::default()
    };
    let scene = Scene::new(&plan, &[1; 9], &[Register::At(0)]);
    assert_eq!((scene.expr(0), scene.expr(1), scene.raw(0), scene.holds(0)), (None, None, None, false));
    assert_eq!(scene.item(ItemId(0), 0), None);
}
