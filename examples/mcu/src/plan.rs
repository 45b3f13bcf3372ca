//! The plan of the housekeeping packet: constant tables, which the linker puts into flash.

use decom::plan::meaning::ValidRange;
use decom::plan::{
    Alarm, AlarmLevel, AlarmRange, Calibrator, Case, Encoding, Field, FieldKind, FloatEncoding,
    IntegerEncoding, Item, ItemId, Kind, Label, Link, Meaning, NONE, Node, NodeId, Order, ParameterId, Plan,
    Shape, Span, Switch, Text,
};

use crate::parameters::{APID, Form, MODES, PARAMETERS, SWITCH};

/// Where packets begin.
pub const ROOT: NodeId = NodeId(0);

/// The plan.
pub const PLAN: Plan<'static> = Plan {
    nodes: &NODES,
    roots: &[ROOT],
    cases: &CASES,
    fields: &FIELDS,
    items: &ITEMS,
    parameters: &ROWS,
    shapes: &SHAPES,
    encodings: &ENCODINGS,
    meanings: &MEANINGS,
    calibrators: &CALIBRATORS,
    numbers: NUMBERS.as_flattened(),
    labels: &LABELS,
    alarms: &ALARMS,
    alarm_ranges: ALARM_RANGES.as_flattened(),
    text: TEXT,
    ..EMPTY
};

const EMPTY: Plan<'static> = Plan {
    nodes: &[],
    roots: &[],
    links: &[],
    cases: &[],
    fields: &[],
    saves: &[],
    steps: &[],
    branches: &[],
    exprs: &[],
    lookups: &[],
    conditions: &[],
    operands: &[],
    parts: &[],
    items: &[],
    parameters: &[],
    shapes: &[],
    encodings: &[],
    octets: &[],
    meanings: &[],
    contexts: &[],
    calibrators: &[],
    numbers: &[],
    math: &[],
    labels: &[],
    times: &[],
    alarms: &[],
    alarm_ranges: &[],
    alarm_labels: &[],
    text: "",
    registers: 0,
    sequels: &[],
};

const COUNT: usize = PARAMETERS.len();
const NOTHING: Span = Span { start: 0, len: 0 };
const HEADER_BITS: u32 = 48;

const fn span(start: usize, len: usize) -> Span {
    Span { start: start as u32, len: len as u32 }
}

/// Any packet, and the housekeeping packet, which the process identifier tells.
static NODES: [Node; 2] = {
    let node = Node {
        name: Text(NOTHING),
        parent: NodeId(NONE),
        fields: NOTHING,
        saves: NOTHING,
        steps: NOTHING,
        links: NOTHING,
        switch: None,
        end_bit: HEADER_BITS,
        is_abstract: true,
        is_dynamic: false,
    };
    let apid = Field::new(ItemId(NONE), 5, 11, FieldKind::Unsigned);
    [
        Node { switch: Some(Switch { field: apid, cases: span(0, 1) }), ..node },
        Node { parent: ROOT, fields: span(0, COUNT), end_bit: first_bit(COUNT), is_abstract: false, ..node },
    ]
};

static CASES: [Case; 1] = [Case { value: APID as u64, link: Link { node: NodeId(1), condition: NONE } }];

static FIELDS: [Field; COUNT] = {
    let mut rows = [Field::new(ItemId(0), 0, 0, FieldKind::Unsigned); COUNT];
    let mut n = 0;
    while n < COUNT {
        let kind = match PARAMETERS[n].form {
            Form::Float => FieldKind::Float32,
            Form::Signed | Form::SignedPolynomial(..) => FieldKind::Signed,
            _ => FieldKind::Unsigned,
        };
        let field = Field::new(ItemId(n as u32), first_bit(n), PARAMETERS[n].bits, kind);
        rows[n] = field.within(first_bit(COUNT) / 8);
        n += 1;
    }
    rows
};

static ENCODINGS: [Encoding; COUNT] = {
    let encoding = IntegerEncoding::Unsigned;
    let mut rows = [Encoding::Integer { bits: 1, encoding, order: Order::Big, reversed: false }; COUNT];
    let mut n = 0;
    while n < COUNT {
        let bits = PARAMETERS[n].bits;
        rows[n] = match PARAMETERS[n].form {
            Form::Float => {
                Encoding::Float { bits, encoding: FloatEncoding::Ieee754, order: Order::Big, reversed: false }
            }
            Form::Signed | Form::SignedPolynomial(..) => {
                let encoding = IntegerEncoding::TwosComplement;
                Encoding::Integer { bits, encoding, order: Order::Big, reversed: false }
            }
            _ => Encoding::Integer { bits, encoding, order: Order::Big, reversed: false },
        };
        n += 1;
    }
    rows
};

static ITEMS: [Item; COUNT] = {
    let row =
        Item { parameter: ParameterId(0), suffix: Text(NOTHING), encoding: 0, meaning: 0, register: NONE };
    let mut rows = [row; COUNT];
    let mut n = 0;
    while n < COUNT {
        rows[n] = Item { parameter: ParameterId(n as u32), encoding: n as u16, meaning: n as u32, ..row };
        n += 1;
    }
    rows
};

static ROWS: [decom::plan::Parameter; COUNT] = {
    let row =
        decom::plan::Parameter { name: Text(NOTHING), description: Text(NOTHING), items: NOTHING, shape: 0, valid_if: NONE };
    let (mut rows, mut n, mut at) = ([row; COUNT], 0, 0);
    while n < COUNT {
        let len = PARAMETERS[n].name.len();
        rows[n] =
            decom::plan::Parameter { name: Text(span(at, len)), items: span(n, 1), shape: n as u32, ..row };
        at += len;
        n += 1;
    }
    rows
};

static SHAPES: [Shape; COUNT] = {
    let (mut rows, mut n) = ([Shape::Value(ItemId(0)); COUNT], 0);
    while n < COUNT {
        rows[n] = Shape::Value(ItemId(n as u32));
        n += 1;
    }
    rows
};

static MEANINGS: [Meaning; COUNT] = {
    let row = Meaning {
        kind: Kind::Integer,
        unit: Text(NOTHING),
        context_calibrators: NOTHING,
        calibrator: NONE,
        context_alarms: NOTHING,
        alarm: NONE,
        valid_range: None::<ValidRange>,
    };
    let (mut rows, mut n) = ([row; COUNT], 0);
    let [zero, one] = SWITCH;
    let (zero_at, one_at) = (NAMES_LEN, NAMES_LEN + zero.len());
    while n < COUNT {
        rows[n] = match PARAMETERS[n].form {
            Form::Boolean => Meaning {
                kind: Kind::Boolean {
                    zero: Text(span(zero_at, zero.len())),
                    one: Text(span(one_at, one.len())),
                },
                ..row
            },
            Form::Float => Meaning { kind: Kind::Float, ..row },
            Form::Mode => Meaning { kind: Kind::Enumerated(span(0, MODES.len())), ..row },
            Form::Polynomial(..) | Form::SignedPolynomial(..) => {
                Meaning { kind: Kind::Float, calibrator: n as u32, alarm: n as u32, ..row }
            }
            Form::Signed | Form::Unsigned => row,
        };
        n += 1;
    }
    rows
};

static CALIBRATORS: [Calibrator; COUNT] = {
    let (mut rows, mut n) = ([Calibrator::Polynomial { coefficients: NOTHING, negative: NOTHING }; COUNT], 0);
    while n < COUNT {
        rows[n] = Calibrator::Polynomial { coefficients: span(3 * n, 3), negative: NOTHING };
        n += 1;
    }
    rows
};

const NUMBERS: &[[f64; 3]; COUNT] = &{
    let (mut rows, mut n) = ([[0.0; 3]; COUNT], 0);
    while n < COUNT {
        if let Form::Polynomial(coefficients, _) | Form::SignedPolynomial(coefficients, _) =
            PARAMETERS[n].form
        {
            rows[n] = coefficients;
        }
        n += 1;
    }
    rows
};

static ALARMS: [Alarm; COUNT] = {
    let alarm = Alarm {
        ranges: NOTHING,
        labels: NOTHING,
        other_labels: AlarmLevel::Normal,
        change: NOTHING,
        min_violations: 1,
    };
    let (mut rows, mut n) = ([alarm; COUNT], 0);
    while n < COUNT {
        rows[n] = Alarm { ranges: span(2 * n, 2), ..alarm };
        n += 1;
    }
    rows
};

/// Below the first limit, and above the second.
const ALARM_RANGES: &[[AlarmRange; 2]; COUNT] = &{
    let row = AlarmRange {
        level: AlarmLevel::Warning,
        min: f64::NEG_INFINITY,
        min_inclusive: true,
        max: f64::INFINITY,
        max_inclusive: true,
    };
    let (mut rows, mut n) = ([[row; 2]; COUNT], 0);
    while n < COUNT {
        if let Form::Polynomial(_, [low, high]) | Form::SignedPolynomial(_, [low, high]) = PARAMETERS[n].form
        {
            rows[n] = [
                AlarmRange { max: low, max_inclusive: false, ..row },
                AlarmRange { min: high, min_inclusive: false, ..row },
            ];
        }
        n += 1;
    }
    rows
};

static LABELS: [Label; MODES.len()] = {
    let (mut rows, mut n) = ([Label { first: 0, last: 0, text: Text(NOTHING) }; MODES.len()], 0);
    let mut at = NAMES_LEN + SWITCH[0].len() + SWITCH[1].len();
    while n < MODES.len() {
        let (word, first, last) = MODES[n];
        rows[n] = Label { first, last, text: Text(span(at, word.len())) };
        at += word.len();
        n += 1;
    }
    rows
};

/// The first bit of a parameter.
const fn first_bit(parameter: usize) -> u32 {
    let (mut bit, mut n) = (HEADER_BITS, 0);
    while n < parameter {
        bit += PARAMETERS[n].bits as u32;
        n += 1;
    }
    bit
}

const NAMES_LEN: usize = {
    let (mut len, mut n) = (0, 0);
    while n < COUNT {
        len += PARAMETERS[n].name.len();
        n += 1;
    }
    len
};

const TEXT_LEN: usize = {
    let (mut len, mut n) = (NAMES_LEN + SWITCH[0].len() + SWITCH[1].len(), 0);
    while n < MODES.len() {
        len += MODES[n].0.len();
        n += 1;
    }
    len
};

/// Names, then words.
static TEXT: &str = {
    const OCTETS: [u8; TEXT_LEN] = {
        let (mut octets, mut at, mut n) = ([0; TEXT_LEN], 0, 0);
        while n < COUNT {
            (octets, at) = with(octets, at, PARAMETERS[n].name);
            n += 1;
        }
        (octets, at) = with(octets, at, SWITCH[0]);
        (octets, at) = with(octets, at, SWITCH[1]);
        n = 0;
        while n < MODES.len() {
            (octets, at) = with(octets, at, MODES[n].0);
            n += 1;
        }
        octets
    };
    match core::str::from_utf8(&OCTETS) {
        Ok(text) => text,
        Err(_) => panic!("not UTF-8"),
    }
};

const fn with(mut octets: [u8; TEXT_LEN], at: usize, word: &str) -> ([u8; TEXT_LEN], usize) {
    let (word, mut n) = (word.as_bytes(), 0);
    while n < word.len() {
        octets[at + n] = word[n];
        n += 1;
    }
    (octets, at + n)
}
