// A mission database, baked by decom: do not edit.
#[allow(unused_imports, reason = "a plan does not need every kind of table")]
use decom::plan::{data::*, logic::*, meaning::*, *};

static NODES: &[Node] = &[
    Node { name: Text(Span { start: 98, len: 7 }), parent: NodeId(4294967295), fields: Span { start: 0, len: 7 }, saves: Span { start: 0, len: 0 }, steps: Span { start: 0, len: 0 }, links: Span { start: 0, len: 0 }, switch: Some(Switch { field: Field::from_octet(0, ItemId(3), 5, 11, FieldKind::Unsigned), cases: Span { start: 0, len: 1 } }), end_bit: 48, is_abstract: true, is_dynamic: false },
    Node { name: Text(Span { start: 105, len: 5 }), parent: NodeId(0), fields: Span { start: 7, len: 20 }, saves: Span { start: 0, len: 0 }, steps: Span { start: 0, len: 0 }, links: Span { start: 0, len: 0 }, switch: None, end_bit: 568, is_abstract: false, is_dynamic: false },
];
static ROOTS: &[NodeId] = &[
    NodeId(0),
];
static LINKS: &[Link] = &[];
static CASES: &[Case] = &[
    Case { value: 11, link: Link { node: NodeId(1), condition: 4294967295 } },
];
static FIELDS: &[Field] = &[
    Field::from_octet(0, ItemId(0), 0, 3, FieldKind::Unsigned),
    Field::from_octet(0, ItemId(1), 3, 1, FieldKind::Unsigned),
    Field::from_octet(0, ItemId(2), 4, 1, FieldKind::Unsigned),
    Field::from_octet(0, ItemId(3), 5, 11, FieldKind::Unsigned),
    Field::from_octet(2, ItemId(4), 16, 2, FieldKind::Unsigned),
    Field::from_octet(2, ItemId(5), 18, 14, FieldKind::Unsigned),
    Field::from_octet(4, ItemId(6), 32, 16, FieldKind::Unsigned),
    Field::from_octet(6, ItemId(7), 48, 16, FieldKind::Unsigned),
    Field::from_octet(8, ItemId(8), 64, 32, FieldKind::Unsigned),
    Field::from_octet(12, ItemId(9), 96, 16, FieldKind::Unsigned),
    Field::from_octet(14, ItemId(10), 112, 8, FieldKind::Unsigned),
    Field::from_octet(15, ItemId(11), 120, 16, FieldKind::Unsigned),
    Field::from_octet(17, ItemId(12), 136, 32, FieldKind::Unsigned),
    Field::from_octet(21, ItemId(13), 168, 16, FieldKind::Unsigned),
    Field::from_octet(23, ItemId(14), 184, 32, FieldKind::Float32),
    Field::from_octet(27, ItemId(15), 216, 32, FieldKind::Float32),
    Field::from_octet(31, ItemId(16), 248, 32, FieldKind::Float32),
    Field::from_octet(35, ItemId(17), 280, 32, FieldKind::Float32),
    Field::from_octet(39, ItemId(18), 312, 32, FieldKind::Float32),
    Field::from_octet(43, ItemId(19), 344, 32, FieldKind::Float32),
    Field::from_octet(47, ItemId(20), 376, 16, FieldKind::Unsigned),
    Field::from_octet(49, ItemId(21), 392, 32, FieldKind::Unsigned),
    Field::from_octet(53, ItemId(22), 424, 16, FieldKind::Unsigned),
    Field::from_octet(55, ItemId(23), 440, 32, FieldKind::Float32),
    Field::from_octet(59, ItemId(24), 472, 32, FieldKind::Float32),
    Field::from_octet(63, ItemId(25), 504, 32, FieldKind::Float32),
    Field::from_octet(63, ItemId(26), 536, 32, FieldKind::Float32),
];
static SAVES: &[(u32, u32)] = &[];
static STEPS: &[Step] = &[];
static BRANCHES: &[Branch] = &[];
static EXPRS: &[Expr] = &[];
static LOOKUPS: &[(u32, i64)] = &[];
static CONDITIONS: &[Condition] = &[];
static OPERANDS: &[Operand] = &[
    Operand { place: Place::Field(Field::from_octet(0, ItemId(3), 5, 11, FieldKind::Unsigned)), item: ItemId(3), calibrated: false },
];
static PARTS: &[(u32, u32)] = &[];
static ITEMS: &[Item] = &[
    Item { parameter: ParameterId(0), suffix: Text(Span { start: 0, len: 0 }), encoding: 0, meaning: 0, register: 4294967295 },
    Item { parameter: ParameterId(1), suffix: Text(Span { start: 0, len: 0 }), encoding: 1, meaning: 1, register: 4294967295 },
    Item { parameter: ParameterId(2), suffix: Text(Span { start: 0, len: 0 }), encoding: 1, meaning: 2, register: 4294967295 },
    Item { parameter: ParameterId(3), suffix: Text(Span { start: 0, len: 0 }), encoding: 2, meaning: 3, register: 4294967295 },
    Item { parameter: ParameterId(4), suffix: Text(Span { start: 0, len: 0 }), encoding: 3, meaning: 4, register: 4294967295 },
    Item { parameter: ParameterId(5), suffix: Text(Span { start: 0, len: 0 }), encoding: 4, meaning: 5, register: 4294967295 },
    Item { parameter: ParameterId(6), suffix: Text(Span { start: 0, len: 0 }), encoding: 5, meaning: 6, register: 4294967295 },
    Item { parameter: ParameterId(7), suffix: Text(Span { start: 0, len: 0 }), encoding: 5, meaning: 7, register: 4294967295 },
    Item { parameter: ParameterId(8), suffix: Text(Span { start: 0, len: 0 }), encoding: 6, meaning: 8, register: 4294967295 },
    Item { parameter: ParameterId(9), suffix: Text(Span { start: 0, len: 0 }), encoding: 5, meaning: 9, register: 4294967295 },
    Item { parameter: ParameterId(10), suffix: Text(Span { start: 0, len: 0 }), encoding: 7, meaning: 10, register: 4294967295 },
    Item { parameter: ParameterId(11), suffix: Text(Span { start: 0, len: 0 }), encoding: 5, meaning: 11, register: 4294967295 },
    Item { parameter: ParameterId(12), suffix: Text(Span { start: 0, len: 0 }), encoding: 6, meaning: 12, register: 4294967295 },
    Item { parameter: ParameterId(13), suffix: Text(Span { start: 0, len: 0 }), encoding: 5, meaning: 13, register: 4294967295 },
    Item { parameter: ParameterId(14), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 14, register: 4294967295 },
    Item { parameter: ParameterId(15), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 15, register: 4294967295 },
    Item { parameter: ParameterId(16), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 16, register: 4294967295 },
    Item { parameter: ParameterId(17), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 17, register: 4294967295 },
    Item { parameter: ParameterId(18), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 18, register: 4294967295 },
    Item { parameter: ParameterId(19), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 19, register: 4294967295 },
    Item { parameter: ParameterId(20), suffix: Text(Span { start: 0, len: 0 }), encoding: 5, meaning: 20, register: 4294967295 },
    Item { parameter: ParameterId(21), suffix: Text(Span { start: 0, len: 0 }), encoding: 6, meaning: 21, register: 4294967295 },
    Item { parameter: ParameterId(22), suffix: Text(Span { start: 0, len: 0 }), encoding: 5, meaning: 22, register: 4294967295 },
    Item { parameter: ParameterId(23), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 23, register: 4294967295 },
    Item { parameter: ParameterId(24), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 24, register: 4294967295 },
    Item { parameter: ParameterId(25), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 25, register: 4294967295 },
    Item { parameter: ParameterId(26), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 26, register: 4294967295 },
];
static PARAMETERS: &[Parameter] = &[
    Parameter { name: Text(Span { start: 0, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 0, len: 1 }, shape: 0, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 3, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 1, len: 1 }, shape: 1, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 6, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 2, len: 1 }, shape: 2, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 9, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 3, len: 1 }, shape: 3, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 12, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 4, len: 1 }, shape: 4, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 15, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 5, len: 1 }, shape: 5, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 18, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 6, len: 1 }, shape: 6, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 21, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 7, len: 1 }, shape: 7, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 24, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 8, len: 1 }, shape: 8, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 27, len: 3 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 9, len: 1 }, shape: 9, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 30, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 10, len: 1 }, shape: 10, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 34, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 11, len: 1 }, shape: 11, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 38, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 12, len: 1 }, shape: 12, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 42, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 13, len: 1 }, shape: 13, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 46, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 14, len: 1 }, shape: 14, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 50, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 15, len: 1 }, shape: 15, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 54, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 16, len: 1 }, shape: 16, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 58, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 17, len: 1 }, shape: 17, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 62, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 18, len: 1 }, shape: 18, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 66, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 19, len: 1 }, shape: 19, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 70, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 20, len: 1 }, shape: 20, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 74, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 21, len: 1 }, shape: 21, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 78, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 22, len: 1 }, shape: 22, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 82, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 23, len: 1 }, shape: 23, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 86, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 24, len: 1 }, shape: 24, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 90, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 25, len: 1 }, shape: 25, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 94, len: 4 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 26, len: 1 }, shape: 26, valid_if: 4294967295 },
];
static SHAPES: &[Shape] = &[
    Shape::Value(ItemId(0)),
    Shape::Value(ItemId(1)),
    Shape::Value(ItemId(2)),
    Shape::Value(ItemId(3)),
    Shape::Value(ItemId(4)),
    Shape::Value(ItemId(5)),
    Shape::Value(ItemId(6)),
    Shape::Value(ItemId(7)),
    Shape::Value(ItemId(8)),
    Shape::Value(ItemId(9)),
    Shape::Value(ItemId(10)),
    Shape::Value(ItemId(11)),
    Shape::Value(ItemId(12)),
    Shape::Value(ItemId(13)),
    Shape::Value(ItemId(14)),
    Shape::Value(ItemId(15)),
    Shape::Value(ItemId(16)),
    Shape::Value(ItemId(17)),
    Shape::Value(ItemId(18)),
    Shape::Value(ItemId(19)),
    Shape::Value(ItemId(20)),
    Shape::Value(ItemId(21)),
    Shape::Value(ItemId(22)),
    Shape::Value(ItemId(23)),
    Shape::Value(ItemId(24)),
    Shape::Value(ItemId(25)),
    Shape::Value(ItemId(26)),
];
static ENCODINGS: &[Encoding] = &[
    Encoding::Integer { bits: 3, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 1, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 11, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 2, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 14, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 16, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 32, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 8, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Float { bits: 32, encoding: FloatEncoding::Ieee754, order: Order::Big, reversed: false },
];
static OCTETS: &[u8] = &[];
static MEANINGS: &[Meaning] = &[
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
];
static CONTEXTS: &[Context] = &[];
static CALIBRATORS: &[Calibrator] = &[];
static NUMBERS: &[f64] = &[];
static MATH: &[MathOp] = &[];
static LABELS: &[Label] = &[];
static TIMES: &[Time] = &[];
static ALARMS: &[Alarm] = &[];
static ALARM_RANGES: &[AlarmRange] = &[];
static ALARM_LABELS: &[(Text, AlarmLevel)] = &[];
static SEQUELS: &[Sequel] = &[];

/// The compiled mission database.
pub const PLAN: Plan<'static> = Plan {
    nodes: NODES,
    roots: ROOTS,
    links: LINKS,
    cases: CASES,
    fields: FIELDS,
    saves: SAVES,
    steps: STEPS,
    branches: BRANCHES,
    exprs: EXPRS,
    lookups: LOOKUPS,
    conditions: CONDITIONS,
    operands: OPERANDS,
    parts: PARTS,
    items: ITEMS,
    parameters: PARAMETERS,
    shapes: SHAPES,
    encodings: ENCODINGS,
    octets: OCTETS,
    meanings: MEANINGS,
    contexts: CONTEXTS,
    calibrators: CALIBRATORS,
    numbers: NUMBERS,
    math: MATH,
    labels: LABELS,
    times: TIMES,
    alarms: ALARMS,
    alarm_ranges: ALARM_RANGES,
    alarm_labels: ALARM_LABELS,
    sequels: SEQUELS,
    text: "/P0/P1/P2/P3/P4/P5/P6/P7/P8/P9/P10/P11/P12/P13/P14/P15/P16/P17/P18/P19/P20/P21/P22/P23/P24/P25/P26/HEADER/DATA",
    registers: 0,
};
