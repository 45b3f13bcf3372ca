// A mission database, baked by decom: do not edit.
#[allow(unused_imports, reason = "a plan does not need every kind of table")]
use decom::plan::{data::*, logic::*, meaning::*, *};

static NODES: &[Node] = &[
    Node { name: Text(Span { start: 315, len: 13 }), parent: NodeId(4294967295), fields: Span { start: 0, len: 7 }, saves: Span { start: 0, len: 0 }, steps: Span { start: 0, len: 0 }, links: Span { start: 0, len: 1 }, switch: Some(Switch { field: Field::from_octet(0, ItemId(3), 5, 11, FieldKind::Unsigned), cases: Span { start: 0, len: 1 } }), end_bit: 48, is_abstract: true, is_dynamic: false },
    Node { name: Text(Span { start: 328, len: 12 }), parent: NodeId(0), fields: Span { start: 7, len: 16 }, saves: Span { start: 0, len: 2 }, steps: Span { start: 0, len: 0 }, links: Span { start: 0, len: 0 }, switch: None, end_bit: 216, is_abstract: false, is_dynamic: false },
    Node { name: Text(Span { start: 340, len: 14 }), parent: NodeId(0), fields: Span { start: 23, len: 2 }, saves: Span { start: 2, len: 1 }, steps: Span { start: 0, len: 6 }, links: Span { start: 0, len: 0 }, switch: None, end_bit: 96, is_abstract: false, is_dynamic: true },
];
static ROOTS: &[NodeId] = &[
    NodeId(0),
];
static LINKS: &[Link] = &[
    Link { node: NodeId(2), condition: 4 },
];
static CASES: &[Case] = &[
    Case { value: 100, link: Link { node: NodeId(1), condition: 4294967295 } },
];
static FIELDS: &[Field] = &[
    Field::from_octet(0, ItemId(0), 0, 3, FieldKind::Unsigned),
    Field::from_octet(0, ItemId(1), 3, 1, FieldKind::Unsigned),
    Field::from_octet(0, ItemId(2), 4, 1, FieldKind::Unsigned),
    Field::from_octet(0, ItemId(3), 5, 11, FieldKind::Unsigned),
    Field::from_octet(2, ItemId(4), 16, 2, FieldKind::Unsigned),
    Field::from_octet(2, ItemId(5), 18, 14, FieldKind::Unsigned),
    Field::from_octet(4, ItemId(6), 32, 16, FieldKind::Unsigned),
    Field::from_octet(6, ItemId(7), 48, 40, FieldKind::Unsigned),
    Field::from_octet(11, ItemId(8), 88, 8, FieldKind::Unsigned),
    Field::from_octet(12, ItemId(9), 96, 16, FieldKind::Unsigned),
    Field::from_octet(14, ItemId(10), 112, 8, FieldKind::Unsigned),
    Field::from_octet(15, ItemId(11), 120, 8, FieldKind::Unsigned),
    Field::from_octet(16, ItemId(12), 128, 16, FieldKind::Other),
    Field::from_octet(18, ItemId(13), 144, 1, FieldKind::Unsigned),
    Field::from_octet(18, ItemId(13), 145, 1, FieldKind::Unsigned),
    Field::from_octet(18, ItemId(13), 146, 1, FieldKind::Unsigned),
    Field::from_octet(18, ItemId(13), 147, 1, FieldKind::Unsigned),
    Field::from_octet(18, ItemId(13), 148, 1, FieldKind::Unsigned),
    Field::from_octet(18, ItemId(13), 149, 1, FieldKind::Unsigned),
    Field::from_octet(18, ItemId(13), 150, 1, FieldKind::Unsigned),
    Field::from_octet(18, ItemId(13), 151, 1, FieldKind::Unsigned),
    Field::from_octet(19, ItemId(14), 152, 32, FieldKind::Float32),
    Field::from_octet(23, ItemId(15), 184, 0, FieldKind::Other),
    Field::from_octet(4, ItemId(7), 48, 40, FieldKind::Unsigned),
    Field::from_octet(4, ItemId(16), 88, 8, FieldKind::Unsigned),
];
static SAVES: &[(u32, u32)] = &[
    (0, 88),
    (1, 96),
    (2, 88),
];
static STEPS: &[Step] = &[
    Step::Array { parameter: ParameterId(17), dimensions: Span { start: 7, len: 2 }, body: 2 },
    Step::Field { item: ItemId(17) },
    Step::Field { item: ItemId(18) },
    Step::When { condition: 3, body: 1 },
    Step::Field { item: ItemId(19) },
    Step::Field { item: ItemId(20) },
];
static BRANCHES: &[Branch] = &[];
static EXPRS: &[Expr] = &[
    Expr::Fixed(32),
    Expr::Fixed(0),
    Expr::Linear { operand: 2, slope: 1.0, intercept: -1.0 },
    Expr::Fixed(0),
    Expr::Linear { operand: 2, slope: 1.0, intercept: -1.0 },
    Expr::Linear { operand: 2, slope: 8.0, intercept: 0.0 },
    Expr::Linear { operand: 3, slope: 1.0, intercept: -1.0 },
    Expr::Fixed(0),
    Expr::Linear { operand: 3, slope: 1.0, intercept: -1.0 },
];
static LOOKUPS: &[(u32, i64)] = &[];
static CONDITIONS: &[Condition] = &[
    Condition::All { parts: 2 },
    Condition::Compare { operand: 0, operator: Operator::GreaterOrEqual, with: Compared::Integer(10) },
    Condition::Compare { operand: 0, operator: Operator::LessOrEqual, with: Compared::Integer(200) },
    Condition::Compare { operand: 4, operator: Operator::Greater, with: Compared::Integer(2) },
    Condition::All { parts: 2 },
    Condition::Compare { operand: 5, operator: Operator::GreaterOrEqual, with: Compared::Integer(101) },
    Condition::Compare { operand: 5, operator: Operator::Less, with: Compared::Integer(110) },
];
static OPERANDS: &[Operand] = &[
    Operand { place: Place::Register(0), item: ItemId(8), calibrated: false },
    Operand { place: Place::Register(1), item: ItemId(9), calibrated: true },
    Operand { place: Place::Register(2), item: ItemId(16), calibrated: true },
    Operand { place: Place::Field(Field::from_octet(11, ItemId(16), 88, 8, FieldKind::Unsigned)), item: ItemId(16), calibrated: true },
    Operand { place: Place::Field(Field::from_octet(11, ItemId(16), 88, 8, FieldKind::Unsigned)), item: ItemId(16), calibrated: false },
    Operand { place: Place::Field(Field::from_octet(0, ItemId(3), 5, 11, FieldKind::Unsigned)), item: ItemId(3), calibrated: false },
];
static PARTS: &[(u32, u32)] = &[];
static ITEMS: &[Item] = &[
    Item { parameter: ParameterId(0), suffix: Text(Span { start: 0, len: 0 }), encoding: 0, meaning: 0, register: 4294967295 },
    Item { parameter: ParameterId(1), suffix: Text(Span { start: 0, len: 0 }), encoding: 1, meaning: 1, register: 4294967295 },
    Item { parameter: ParameterId(2), suffix: Text(Span { start: 0, len: 0 }), encoding: 1, meaning: 1, register: 4294967295 },
    Item { parameter: ParameterId(3), suffix: Text(Span { start: 0, len: 0 }), encoding: 2, meaning: 2, register: 4294967295 },
    Item { parameter: ParameterId(4), suffix: Text(Span { start: 0, len: 0 }), encoding: 3, meaning: 3, register: 4294967295 },
    Item { parameter: ParameterId(5), suffix: Text(Span { start: 0, len: 0 }), encoding: 4, meaning: 4, register: 4294967295 },
    Item { parameter: ParameterId(6), suffix: Text(Span { start: 0, len: 0 }), encoding: 5, meaning: 5, register: 4294967295 },
    Item { parameter: ParameterId(7), suffix: Text(Span { start: 0, len: 0 }), encoding: 6, meaning: 6, register: 4294967295 },
    Item { parameter: ParameterId(8), suffix: Text(Span { start: 0, len: 0 }), encoding: 7, meaning: 7, register: 0 },
    Item { parameter: ParameterId(9), suffix: Text(Span { start: 0, len: 0 }), encoding: 5, meaning: 8, register: 1 },
    Item { parameter: ParameterId(10), suffix: Text(Span { start: 0, len: 0 }), encoding: 7, meaning: 9, register: 4294967295 },
    Item { parameter: ParameterId(11), suffix: Text(Span { start: 0, len: 0 }), encoding: 7, meaning: 10, register: 4294967295 },
    Item { parameter: ParameterId(12), suffix: Text(Span { start: 0, len: 0 }), encoding: 8, meaning: 11, register: 4294967295 },
    Item { parameter: ParameterId(13), suffix: Text(Span { start: 0, len: 0 }), encoding: 1, meaning: 12, register: 4294967295 },
    Item { parameter: ParameterId(14), suffix: Text(Span { start: 0, len: 0 }), encoding: 9, meaning: 13, register: 4294967295 },
    Item { parameter: ParameterId(15), suffix: Text(Span { start: 0, len: 0 }), encoding: 10, meaning: 14, register: 4294967295 },
    Item { parameter: ParameterId(16), suffix: Text(Span { start: 0, len: 0 }), encoding: 7, meaning: 15, register: 2 },
    Item { parameter: ParameterId(17), suffix: Text(Span { start: 224, len: 7 }), encoding: 7, meaning: 15, register: 4294967295 },
    Item { parameter: ParameterId(17), suffix: Text(Span { start: 231, len: 8 }), encoding: 8, meaning: 11, register: 4294967295 },
    Item { parameter: ParameterId(18), suffix: Text(Span { start: 0, len: 0 }), encoding: 11, meaning: 16, register: 4294967295 },
    Item { parameter: ParameterId(19), suffix: Text(Span { start: 0, len: 0 }), encoding: 7, meaning: 15, register: 4294967295 },
];
static PARAMETERS: &[Parameter] = &[
    Parameter { name: Text(Span { start: 0, len: 14 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 0, len: 1 }, shape: 0, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 14, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 1, len: 1 }, shape: 1, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 25, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 2, len: 1 }, shape: 2, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 36, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 3, len: 1 }, shape: 3, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 47, len: 12 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 4, len: 1 }, shape: 4, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 59, len: 15 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 5, len: 1 }, shape: 5, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 74, len: 13 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 6, len: 1 }, shape: 6, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 87, len: 11 }), description: Text(Span { start: 98, len: 24 }), items: Span { start: 7, len: 1 }, shape: 7, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 122, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 8, len: 1 }, shape: 8, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 133, len: 10 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 9, len: 1 }, shape: 9, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 143, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 10, len: 1 }, shape: 10, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 154, len: 12 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 11, len: 1 }, shape: 11, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 166, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 12, len: 1 }, shape: 12, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 177, len: 13 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 13, len: 1 }, shape: 13, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 190, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 14, len: 1 }, shape: 14, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 201, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 15, len: 1 }, shape: 15, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 212, len: 12 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 16, len: 1 }, shape: 16, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 239, len: 12 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 17, len: 2 }, shape: 17, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 251, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 19, len: 1 }, shape: 23, valid_if: 4294967295 },
    Parameter { name: Text(Span { start: 262, len: 11 }), description: Text(Span { start: 0, len: 0 }), items: Span { start: 20, len: 1 }, shape: 24, valid_if: 4294967295 },
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
    Shape::Array { dimensions: Span { start: 3, len: 2 } },
    Shape::Aggregate { members: 2 },
    Shape::Member(Text(Span { start: 306, len: 4 })),
    Shape::Value(ItemId(17)),
    Shape::Member(Text(Span { start: 310, len: 5 })),
    Shape::Value(ItemId(18)),
    Shape::Value(ItemId(19)),
    Shape::Value(ItemId(20)),
];
static ENCODINGS: &[Encoding] = &[
    Encoding::Integer { bits: 3, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 1, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 11, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 2, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 14, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 16, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 40, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 8, encoding: IntegerEncoding::Unsigned, order: Order::Big, reversed: false },
    Encoding::Integer { bits: 16, encoding: IntegerEncoding::TwosComplement, order: Order::Little, reversed: false },
    Encoding::Float { bits: 32, encoding: FloatEncoding::Ieee754, order: Order::Big, reversed: false },
    Encoding::Text { size: SizeRule::TerminatedWithin { terminator: Span { start: 0, len: 1 }, bits: 0 }, charset: Charset::Utf8 },
    Encoding::Octets { size: SizeRule::Bits(5) },
];
static OCTETS: &[u8] = &[
    0,
];
static MEANINGS: &[Meaning] = &[
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::AbsoluteTime(0), unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Enumerated(Span { start: 0, len: 3 }), unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 0, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 0, len: 0 }, alarm: 0, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 287, len: 1 }), context_calibrators: Span { start: 0, len: 1 }, calibrator: 1, context_alarms: Span { start: 1, len: 0 }, alarm: 1, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 288, len: 3 }), context_calibrators: Span { start: 1, len: 0 }, calibrator: 2, context_alarms: Span { start: 1, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 291, len: 1 }), context_calibrators: Span { start: 1, len: 0 }, calibrator: 3, context_alarms: Span { start: 1, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 292, len: 6 }), context_calibrators: Span { start: 1, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 1, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Boolean { zero: Text(Span { start: 298, len: 4 }), one: Text(Span { start: 302, len: 4 }) }, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 1, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 1, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Float, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 1, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 1, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Text, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 1, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 1, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Integer, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 1, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 1, len: 0 }, alarm: 4294967295, valid_range: None },
    Meaning { kind: Kind::Octets, unit: Text(Span { start: 0, len: 0 }), context_calibrators: Span { start: 1, len: 0 }, calibrator: 4294967295, context_alarms: Span { start: 1, len: 0 }, alarm: 4294967295, valid_range: None },
];
static CONTEXTS: &[Context] = &[
    Context { condition: 0, target: 0 },
];
static CALIBRATORS: &[Calibrator] = &[
    Calibrator::Polynomial { coefficients: Span { start: 0, len: 2 }, negative: Span { start: 2, len: 0 } },
    Calibrator::Polynomial { coefficients: Span { start: 2, len: 2 }, negative: Span { start: 4, len: 0 } },
    Calibrator::Spline { order: 1, extrapolate: true, points: Span { start: 4, len: 6 } },
    Calibrator::Math(Span { start: 0, len: 3 }),
];
static NUMBERS: &[f64] = &[
    0.0,
    0.002,
    -5.0,
    0.001,
    0.0,
    -40.0,
    100.0,
    20.0,
    200.0,
    125.0,
];
static MATH: &[MathOp] = &[
    MathOp::This,
    MathOp::Operand(1),
    MathOp::Apply(MathOperator::Multiply),
];
static LABELS: &[Label] = &[
    Label { first: 0, last: 0, text: Text(Span { start: 273, len: 3 }) },
    Label { first: 1, last: 9, text: Text(Span { start: 276, len: 7 }) },
    Label { first: 10, last: 200, text: Text(Span { start: 283, len: 4 }) },
];
static TIMES: &[Time] = &[
    Time { scale: 0.001, offset: 0.0, epoch: Epoch { day: 8040, second: 0.0, scale: TimeScale::Gps }, code: TimeCode::Number },
];
static ALARMS: &[Alarm] = &[
    Alarm { ranges: Span { start: 0, len: 0 }, labels: Span { start: 0, len: 1 }, other_labels: AlarmLevel::Normal, change: Span { start: 0, len: 0 }, min_violations: 1 },
    Alarm { ranges: Span { start: 0, len: 4 }, labels: Span { start: 1, len: 0 }, other_labels: AlarmLevel::Normal, change: Span { start: 4, len: 0 }, min_violations: 1 },
];
static ALARM_RANGES: &[AlarmRange] = &[
    AlarmRange { level: AlarmLevel::Warning, min: f64::from_bits(0xfff0000000000000), min_inclusive: true, max: -1.0, max_inclusive: false },
    AlarmRange { level: AlarmLevel::Warning, min: 20.0, min_inclusive: false, max: f64::from_bits(0x7ff0000000000000), max_inclusive: true },
    AlarmRange { level: AlarmLevel::Critical, min: f64::from_bits(0xfff0000000000000), min_inclusive: true, max: -3.0, max_inclusive: false },
    AlarmRange { level: AlarmLevel::Critical, min: 40.0, min_inclusive: false, max: f64::from_bits(0x7ff0000000000000), max_inclusive: true },
];
static ALARM_LABELS: &[(Text, AlarmLevel)] = &[
    (Text(Span { start: 283, len: 4 }), AlarmLevel::Warning),
];
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
    text: "/Probe/version/Probe/type/Probe/flag/Probe/apid/Probe/group/Probe/sequence/Probe/length/Probe/timewhen the packet was made/Probe/mode/Probe/bus/Probe/heat/Probe/power/Probe/rate/Probe/valves/Probe/gain/Probe/word/Probe/count[].flux[].place/Probe/stars/Probe/blob/Probe/tailoffnominalsafeVCelWmrad/sSHUTOPENfluxplace/Probe/Header/Probe/House/Probe/Tracker",
    registers: 3,
};
