//! Conditions, numbers, and the parameters that they refer to.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::tables::push;
use super::{Compiler, Known};
use crate::model::{
    Comparand, Comparison, Condition, Encoding, EngineeringKind, IntExpr, ParameterRef, PathStep, Scalar,
    TypeId, TypeKind,
};
use crate::plan::{self, Compared, Expr, Field, ItemId, Operand, Operator, Place};

/// Where the values that a condition refers to are to be found.
#[derive(Clone, Copy)]
pub(super) enum Reach<'k> {
    /// In registers: the condition belongs to a type, and serves wherever values of it are.
    Anywhere,
    /// In the entries of a container and its bases, up to here.
    Chain(&'k Known),
}

impl<'d> Compiler<'d> {
    /// The index of a condition; `NONE` where it always holds.
    pub(super) fn condition(&mut self, condition: &Condition, reach: Reach<'_>) -> u32 {
        let mut parts = Vec::new();
        self.flatten(condition, reach, 0, &mut parts);
        self.conditions(&parts)
    }

    /// The index of a condition that is worked out already.
    pub(super) fn conditions(&mut self, parts: &[plan::Condition]) -> u32 {
        if parts.is_empty() || matches!(parts, [plan::Condition::All { parts: 0 }]) {
            return plan::NONE;
        }
        let start = self.tables.plan.conditions.len() as u32;
        self.tables.plan.conditions.extend_from_slice(parts);
        start
    }

    /// A condition and its parts in the order of the table.
    pub(super) fn flatten(
        &mut self,
        condition: &Condition,
        reach: Reach<'_>,
        depth: usize,
        out: &mut Vec<plan::Condition>,
    ) {
        if depth >= plan::MAX_DEPTH {
            self.fault(format!("conditions nest more than {} deep", plan::MAX_DEPTH));
            return;
        }
        match condition {
            Condition::All(list) | Condition::Any(list) => {
                if let [only] = list.as_slice() {
                    return self.flatten(only, reach, depth + 1, out);
                }
                let parts = list.len() as u32;
                out.push(match condition {
                    Condition::All(_) => plan::Condition::All { parts },
                    _ => plan::Condition::Any { parts },
                });
                for part in list {
                    self.flatten(part, reach, depth + 1, out);
                }
            }
            Condition::Compare(comparison) => self.comparison(comparison, reach, out),
        }
    }

    fn comparison(&mut self, comparison: &Comparison, reach: Reach<'_>, out: &mut Vec<plan::Condition>) {
        let Some((item, scalar)) = self.item(&comparison.left) else { return };
        let calibrated = comparison.left.calibrated;
        let compare = |operand, operator, with| plan::Condition::Compare { operand, operator, with };
        let literal = match &comparison.right {
            Comparand::Literal(literal) => literal.as_str(),
            Comparand::Parameter(other) => {
                let Some(left) = self.operand(item, calibrated, reach) else { return };
                let Some((other_item, _)) = self.item(other) else { return };
                let Some(right) = self.operand(other_item, other.calibrated, reach) else { return };
                out.push(compare(left, comparison.operator, Compared::Operand(right)));
                return;
            }
        };
        let operator = comparison.operator;
        match Literal::of(scalar, calibrated, operator, literal) {
            Literal::Number { calibrated, with } => {
                let Some(operand) = self.operand(item, calibrated, reach) else { return };
                out.push(compare(operand, operator, with));
            }
            Literal::Ranges(ranges) => {
                let Some(operand) = self.operand(item, false, reach) else { return };
                // Equal: inside one of them. Not equal: outside each of them.
                let parts = ranges.len() as u32;
                let (head, first, last, joint) = match operator {
                    Operator::NotEqual => (
                        plan::Condition::All { parts },
                        Operator::Less,
                        Operator::Greater,
                        plan::Condition::Any { parts: 2 },
                    ),
                    _ => (
                        plan::Condition::Any { parts },
                        Operator::GreaterOrEqual,
                        Operator::LessOrEqual,
                        plan::Condition::All { parts: 2 },
                    ),
                };
                if parts != 1 {
                    out.push(head);
                }
                for (low, high) in ranges {
                    if low == high {
                        out.push(compare(operand, operator, Compared::Integer(low)));
                    } else {
                        out.push(joint);
                        out.push(compare(operand, first, Compared::Integer(low)));
                        out.push(compare(operand, last, Compared::Integer(high)));
                    }
                }
            }
            Literal::Text => {
                let Some(operand) = self.operand(item, calibrated, reach) else { return };
                let with = Compared::Text(self.tables.text(literal));
                out.push(compare(operand, operator, with));
            }
            Literal::Impossible(why) => {
                let name = self.parameter_name(&comparison.left);
                self.fault(format!("{name} cannot be compared with {literal:?}: {why}"));
            }
        }
    }

    /// The index of a number.
    pub(super) fn expr(&mut self, expr: &IntExpr, reach: Reach<'_>) -> u32 {
        match expr {
            IntExpr::Fixed(value) => self.tables.fixed(*value),
            IntExpr::Linear { parameter, slope, intercept } => {
                let operand = self.reference(parameter, reach).unwrap_or(plan::NONE);
                let row = Expr::Linear { operand, slope: *slope, intercept: *intercept };
                push(&mut self.tables.plan.exprs, row)
            }
            IntExpr::Lookup(list) => {
                let rows: Vec<(u32, i64)> = list
                    .iter()
                    .map(|(condition, value)| (self.condition(condition, reach), *value))
                    .collect();
                let span = super::Tables::append(&mut self.tables.plan.lookups, &rows);
                push(&mut self.tables.plan.exprs, Expr::Lookup(span))
            }
        }
    }

    /// The index of the operand that a reference stands for.
    pub(super) fn reference(&mut self, reference: &ParameterRef, reach: Reach<'_>) -> Option<u32> {
        let (item, scalar) = self.item(reference)?;
        if matches!(scalar.encoding, Encoding::Octets { .. } | Encoding::Text { .. }) {
            let name = self.parameter_name(reference);
            self.fault(format!("{name} is no number"));
            return None;
        }
        self.operand(item, reference.calibrated, reach)
    }

    fn operand(&mut self, item: ItemId, calibrated: bool, reach: Reach<'_>) -> Option<u32> {
        let place = match reach {
            Reach::Anywhere => Place::Register(self.tables.register(item.0)),
            Reach::Chain(known) => match self.find(known, item) {
                Some(Found::Fixed(field)) => Place::Field(field),
                Some(Found::Moving) => Place::Register(self.tables.register(item.0)),
                None => {
                    let name = self.item_name(item);
                    self.fault(format!("refers to {name}, which the packet does not carry before"));
                    return None;
                }
            },
        };
        Some(self.tables.operand(Operand { place, item, calibrated }))
    }

    /// Where an item lies in a chain of nodes: the last place, as seen from the end.
    fn find(&self, known: &Known, item: ItemId) -> Option<Found> {
        let mut next = Some(known);
        while let Some(known) = next {
            if known.moving.contains(&item) {
                return Some(Found::Moving);
            }
            if let Some(field) = known.fields.get(&item) {
                return Some(Found::Fixed(*field));
            }
            next = known.base.and_then(|base| self.known.get(base));
        }
        None
    }

    /// The item that a reference stands for, and its type.
    pub(super) fn item(&mut self, reference: &ParameterRef) -> Option<(ItemId, &'d Scalar)> {
        let database = self.database;
        let found = database.parameter(reference.parameter).and_then(|parameter| {
            let first = self.tables.plan.parameters.get(reference.parameter.0 as usize)?.items.start;
            let (leaf, scalar) = self.leaf(parameter.parameter_type, &reference.path)?;
            Some((ItemId(first + leaf), scalar))
        });
        if found.is_none() {
            let name = self.parameter_name(reference);
            let path = reference.path.iter().map(|step| match step {
                PathStep::Element(index) => format!("[{index}]"),
                PathStep::Member(name) => format!(".{name}"),
            });
            let path: String = path.collect();
            self.fault(format!("refers to {name}{path}, which is not one value"));
        }
        found
    }

    /// Which value of a type a path leads to, and its type.
    fn leaf(&self, id: TypeId, path: &[PathStep]) -> Option<(u32, &'d Scalar)> {
        let database = self.database;
        match (&database.parameter_type(id)?.kind, path) {
            (TypeKind::Scalar(scalar), []) => Some((0, scalar)),
            (TypeKind::Aggregate(members), [PathStep::Member(name), rest @ ..]) => {
                let mut before = 0;
                for member in members {
                    if member.name == *name {
                        let (leaf, scalar) = self.leaf(member.member_type, rest)?;
                        return Some((before + leaf, scalar));
                    }
                    before += self.leaves(member.member_type)?;
                }
                None
            }
            // All elements of an array are of one item: which of them is meant cannot be said.
            _ => None,
        }
    }

    fn parameter_name(&self, reference: &ParameterRef) -> String {
        let parameter = self.database.parameter(reference.parameter);
        parameter.map_or_else(String::new, |parameter| parameter.name.clone())
    }

    fn item_name(&self, item: ItemId) -> String {
        let plan = self.tables.plan.plan();
        let Some(item) = plan.item(item) else { return String::new() };
        let parameter = plan.parameter(item.parameter).map_or("", |parameter| plan.str(parameter.name));
        format!("{parameter}{}", plan.str(item.suffix))
    }
}

/// Where the value of an item is to be found.
enum Found {
    Fixed(Field),
    Moving,
}

/// What a literal is compared as.
enum Literal {
    Impossible(&'static str),
    Number {
        calibrated: bool,
        with: Compared,
    },
    /// First and last raw values that the literal stands for.
    Ranges(Vec<(i128, i128)>),
    Text,
}

impl Literal {
    /// What `literal` is compared as with values of the type `scalar`.
    fn of(scalar: &Scalar, calibrated: bool, operator: Operator, literal: &str) -> Self {
        let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        let is_number = !matches!(scalar.encoding, Encoding::Text { .. } | Encoding::Octets { .. });
        let calibrates = scalar.calibrator.is_some() || !scalar.context_calibrators.is_empty();
        match (&scalar.kind, calibrated && is_number) {
            (EngineeringKind::Enumerated(labels), true) => {
                let ranges: Vec<_> = labels
                    .iter()
                    .filter(|label| label.label == literal)
                    .map(|label| (i128::from(label.first), i128::from(label.last)))
                    .collect();
                match (ranges.is_empty(), equality, calibrates) {
                    (false, true, false) => Self::Ranges(ranges),
                    (false, true, true) => Self::Text,
                    (false, false, _) => Self::Impossible("words have no order"),
                    (true, ..) => Self::number(literal, false)
                        .unwrap_or(Self::Impossible("the enumeration has no such word, and it is no number")),
                }
            }
            (EngineeringKind::Boolean { zero, one }, true) if equality => {
                let is_one = if literal == one {
                    Some(true)
                } else if literal == zero {
                    Some(false)
                } else {
                    match literal {
                        "true" | "True" | "TRUE" | "1" => Some(true),
                        "false" | "False" | "FALSE" | "0" => Some(false),
                        _ => None,
                    }
                };
                match is_one {
                    Some(false) => Self::Ranges(vec![(0, 0)]),
                    Some(true) => Self::Ranges(vec![(i128::MIN, -1), (1, i128::MAX)]),
                    None => Self::Impossible("it is neither of the two words"),
                }
            }
            (EngineeringKind::AbsoluteTime(_), true) => {
                Self::Impossible("moments are compared by their raw values only")
            }
            (_, true) => {
                Self::number(literal, calibrates || matches!(scalar.kind, EngineeringKind::RelativeTime(_)))
                    .unwrap_or(Self::Impossible("it is no number"))
            }
            (_, false) if is_number => {
                Self::number(literal, false).unwrap_or(Self::Impossible("it is no number"))
            }
            (_, false) => match scalar.encoding {
                Encoding::Text { .. } => Self::Text,
                _ => Self::Impossible("octets are not compared"),
            },
        }
    }

    fn number(literal: &str, calibrated: bool) -> Option<Self> {
        let with = match integer(literal) {
            Some(integer) if !calibrated => Compared::Integer(integer),
            Some(integer) => Compared::Number(integer as f64),
            None => Compared::Number(literal.trim().parse().ok()?),
        };
        Some(Self::Number { calibrated, with })
    }
}

/// A whole number as databases write them: decimal, `0x`, `0o` or `0b`, with a sign or without.
pub(super) fn integer(literal: &str) -> Option<i128> {
    let literal = literal.trim();
    let (negative, digits) = match literal.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, literal.strip_prefix('+').unwrap_or(literal)),
    };
    let (radix, digits) = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (16, digits.get(2..)?),
        Some("0o") => (8, digits.get(2..)?),
        Some("0b") => (2, digits.get(2..)?),
        _ => (10, digits),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -value } else { value })
}
