//! Parameters in the packet, conditions, and numbers that depend on it.

use std::format;
use std::string::ToString;
use std::vec::Vec;

use super::Loader;
use super::names::unknown;
use super::report::Node;
use super::values::{child, children, elements, integer, text};
use crate::model::{
    Comparand, Comparison, Condition, EngineeringKind, IntExpr, Operator, ParameterId, ParameterRef,
    PathStep, Scalar, TypeId, TypeKind,
};

/// A place that refers to a parameter, to be checked once all types are read.
#[derive(Debug)]
pub(super) struct Use<'a> {
    node: Node<'a>,
    reference: ParameterRef,
    purpose: Purpose<'a>,
}

/// What a parameter is referred to for.
#[derive(Debug)]
enum Purpose<'a> {
    /// To be compared with something that is not a literal.
    Compare,
    /// To be compared with this.
    Literal(&'a str),
    /// To reckon with.
    Number,
}

impl<'a> Loader<'_, 'a> {
    /// The parameter that the attributes of an element refer to.
    pub(super) fn parameter_ref(&self, node: Node<'a>) -> Option<ParameterRef> {
        if self.report.integer(node, "instance").is_some_and(|instance| instance != 0) {
            let fix = "write instance=\"0\", the most recent value";
            self.report.attribute_error(node, "instance", "values of the past are not kept", fix);
        }
        let (parameter, path) = self.find_parameter(node, "parameterRef")?;
        let path = self.path(node, path)?;
        Some(ParameterRef { parameter, path, calibrated: self.report.flag(node, "useCalibratedValue", true) })
    }

    /// A parameter to reckon with.
    pub(super) fn number_ref(&self, node: Node<'a>) -> Option<ParameterRef> {
        let reference = self.parameter_ref(node)?;
        self.use_later(node, &reference, Purpose::Number);
        Some(reference)
    }

    /// The parameter that an attribute names, and what of the reference leads into it.
    pub(super) fn find_parameter(
        &self,
        node: Node<'a>,
        attribute: &'a str,
    ) -> Option<(ParameterId, &'a str)> {
        let reference = node.attribute(attribute)?;
        let Some((index, path)) = self.names.find_parameter(node, reference) else {
            let fix = "declare it, or correct the reference";
            self.report.attribute_error(node, attribute, unknown("parameter", reference), fix);
            return None;
        };
        Some((ParameterId(u32::try_from(index).ok()?), path))
    }

    /// What an element compares: a `Comparison`, a `ComparisonList` or a `BooleanExpression`. Nothing where it is wrong, or an algorithm.
    pub(super) fn criteria(&self, node: Node<'a>) -> Option<Condition> {
        let mut found = elements(node).filter_map(|element| match element.tag_name().name() {
            "Comparison" => Some(self.comparison(element)),
            "ComparisonList" => Some(self.all(children(element, "Comparison"), |node| self.comparison(node))),
            "BooleanExpression" => Some(self.single(element)),
            "CustomAlgorithm" => Some(None),
            _ => None,
        });
        match (found.next(), found.next()) {
            (Some(condition), None) => condition,
            (first, _) => {
                let what = if first.is_none() { "there is no condition" } else { "there is more than one" };
                let fix = "write one Comparison, ComparisonList or BooleanExpression";
                self.report.error(node, format!("{what} in `{}`", node.tag_name().name()), fix);
                None
            }
        }
    }

    /// A number of an element: fixed, from a parameter, or looked up.
    pub(super) fn int_expr(&self, node: Node<'a>) -> Option<IntExpr> {
        let mut found = elements(node).filter_map(|element| match element.tag_name().name() {
            "FixedValue" => Some(self.report.integer_text(element).map(IntExpr::Fixed)),
            "DynamicValue" => Some(self.dynamic_value(element)),
            "DiscreteLookupList" => Some(self.lookup(element)),
            _ => None,
        });
        match (found.next(), found.next()) {
            (Some(expr), None) => expr,
            _ => {
                let what = format!("`{}` needs one number", node.tag_name().name());
                let fix = "write one FixedValue, DynamicValue or DiscreteLookupList";
                self.report.error(node, what, fix);
                None
            }
        }
    }

    /// A number of bits or elements that must not be negative where it is fixed.
    pub(super) fn size_expr(&self, node: Node<'a>) -> Option<IntExpr> {
        let expr = self.int_expr(node)?;
        if matches!(expr, IntExpr::Fixed(n) if !(0..=MAX_SIZE).contains(&n)) {
            let what = format!("`{}` is outside 0 to {MAX_SIZE}", node.tag_name().name());
            self.report.error(node, what, "write a number within");
            return None;
        }
        Some(expr)
    }

    fn dynamic_value(&self, node: Node<'a>) -> Option<IntExpr> {
        let Some(parameter) = child(node, "ParameterInstanceRef") else {
            self.report.error(node, "`DynamicValue` names no parameter", "write a ParameterInstanceRef");
            return None;
        };
        let parameter = self.number_ref(parameter)?;
        let adjustment = child(node, "LinearAdjustment");
        let number = |name, default| {
            adjustment.map_or(Some(default), |node| match node.attribute(name) {
                Some(_) => self.report.number(node, name),
                None => Some(default),
            })
        };
        Some(IntExpr::Linear {
            parameter,
            slope: number("slope", 1.0)?,
            intercept: number("intercept", 0.0)?,
        })
    }

    fn lookup(&self, node: Node<'a>) -> Option<IntExpr> {
        let mut cases = Vec::new();
        for case in children(node, "DiscreteLookup") {
            self.refuse_algorithm(case);
            if let (Some(condition), Some(value)) = (self.criteria(case), self.report.integer(case, "value"))
            {
                cases.push((condition, value));
            }
        }
        if let Some(value) = self.report.integer(node, "defaultValue") {
            cases.push((Condition::ALWAYS, value));
        }
        if cases.is_empty() {
            self.report.error(node, "nothing is looked up", "write at least one DiscreteLookup");
        }
        Some(IntExpr::Lookup(cases))
    }

    /// Where an algorithm decides what lies in the packet, what follows cannot be found.
    pub(super) fn refuse_algorithm(&self, node: Node<'a>) {
        if let Some(algorithm) = child(node, "CustomAlgorithm") {
            let what = "what an algorithm decides here moves other values, and it cannot be run";
            self.report.error(algorithm, what, "write the condition as comparisons");
        }
    }

    fn comparison(&self, node: Node<'a>) -> Option<Condition> {
        let left = self.parameter_ref(node)?;
        let operator = match node.attribute("comparisonOperator") {
            Some(operator) => self.operator(node, operator)?,
            None => Operator::Equal,
        };
        self.compare_literal(node, left, operator, node.attribute("value")?)
    }

    fn compare_literal(
        &self,
        node: Node<'a>,
        left: ParameterRef,
        operator: Operator,
        literal: &'a str,
    ) -> Option<Condition> {
        self.use_later(node, &left, Purpose::Literal(literal));
        let right = Comparand::Literal(literal.to_string());
        Some(Condition::Compare(Comparison { left, operator, right }))
    }

    fn operator(&self, node: Node<'a>, operator: &str) -> Option<Operator> {
        let found = match operator.trim() {
            "==" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            other => {
                let what = format!("`{other}` compares nothing");
                self.report.error(node, what, "write ==, !=, <, <=, > or >=");
                return None;
            }
        };
        Some(found)
    }

    /// Every condition, or nothing where one of them is wrong.
    fn all(
        &self,
        nodes: impl Iterator<Item = Node<'a>>,
        read: impl Fn(Node<'a>) -> Option<Condition>,
    ) -> Option<Condition> {
        let read: Vec<Option<Condition>> = nodes.map(read).collect();
        read.into_iter().collect::<Option<Vec<_>>>().map(Condition::All)
    }

    /// The one condition of a `BooleanExpression`.
    fn single(&self, node: Node<'a>) -> Option<Condition> {
        let mut parts = elements(node);
        match (parts.next(), parts.next()) {
            (Some(part), None) => self.expression(part),
            _ => {
                let fix = "write one Condition, ANDedConditions or ORedConditions";
                self.report.error(node, "`BooleanExpression` needs one condition", fix);
                None
            }
        }
    }

    fn expression(&self, node: Node<'a>) -> Option<Condition> {
        match node.tag_name().name() {
            "Condition" => self.condition(node),
            "ANDedConditions" => self.all(elements(node), |part| self.expression(part)),
            "ORedConditions" => match self.all(elements(node), |part| self.expression(part))? {
                Condition::All(parts) => Some(Condition::Any(parts)),
                other => Some(other),
            },
            _ => None,
        }
    }

    fn condition(&self, node: Node<'a>) -> Option<Condition> {
        let mut references =
            elements(node).filter(|part| part.tag_name().name().starts_with("ParameterInstanceRef"));
        let (Some(left), Some(operator)) = (references.next(), child(node, "ComparisonOperator")) else {
            let fix = "write a ParameterInstanceRef, a ComparisonOperator, and a Value or another ParameterInstanceRef";
            self.report.error(node, "the condition is not complete", fix);
            return None;
        };
        let right = (references.next(), child(node, "Value"));
        let left_ref = self.parameter_ref(left);
        let operator = self.operator(operator, text(operator));
        match right {
            (None, Some(value)) => self.compare_literal(left, left_ref?, operator?, text(value)),
            (Some(right), None) => {
                let right_ref = self.parameter_ref(right);
                let (left_ref, right_ref) = (left_ref?, right_ref?);
                self.use_later(left, &left_ref, Purpose::Compare);
                self.use_later(right, &right_ref, Purpose::Compare);
                let right = Comparand::Parameter(right_ref);
                Some(Condition::Compare(Comparison { left: left_ref, operator: operator?, right }))
            }
            _ => {
                let fix = "write a Value or another ParameterInstanceRef";
                self.report.error(node, "the condition does not say what to compare with", fix);
                None
            }
        }
    }

    /// The steps of `.member`, `[element]` and, in drafts, `/member`.
    fn path(&self, node: Node<'a>, path: &str) -> Option<Vec<PathStep>> {
        let mut steps = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            let step =
                rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).and_then(|(index, after)| {
                    let index = index.trim().parse().ok()?;
                    Some((PathStep::Element(index), after))
                });
            let step = step.or_else(|| {
                let name = rest.strip_prefix(['.', '/'])?;
                let (name, after) =
                    name.split_at_checked(name.find(['.', '/', '[']).unwrap_or(name.len()))?;
                (!name.is_empty()).then(|| (PathStep::Member(name.to_string()), after))
            });
            let Some((step, after)) = step else {
                let what = format!("`{path}` leads nowhere");
                self.report.error(node, what, "write .member or [element]");
                return None;
            };
            steps.push(step);
            rest = after;
        }
        Some(steps)
    }

    fn use_later(&self, node: Node<'a>, reference: &ParameterRef, purpose: Purpose<'a>) {
        self.uses.borrow_mut().push(Use { node, reference: reference.clone(), purpose });
    }

    /// Reports references that lead to no single value, and comparisons and reckonings that make no sense. Those that are left, with
    /// the place of each.
    pub(super) fn check_references(&self) -> Vec<(Node<'a>, ParameterId)> {
        let mut sound = Vec::new();
        for Use { node, reference, purpose } in self.uses.take() {
            let scalar = match self.scalar_at(&reference) {
                Ok(scalar) => scalar,
                Err(Some(what)) => {
                    let fix =
                        "refer to one number or word: name members with .name and elements with [index]";
                    self.report.error(node, what, fix);
                    continue;
                }
                // Its type is not known, which is reported where it is declared.
                Err(None) => continue,
            };
            match purpose {
                Purpose::Literal(literal) => self.check_literal(node, scalar, reference.calibrated, literal),
                Purpose::Number => self.check_number(node, scalar, reference.calibrated),
                Purpose::Compare => {}
            }
            sound.push((node, reference.parameter));
        }
        sound
    }

    /// The scalar that a reference leads to; otherwise what is wrong with it.
    pub(super) fn scalar_at(&self, reference: &ParameterRef) -> Result<&Scalar, Option<&'static str>> {
        let parameter = self.database.parameter(reference.parameter).ok_or(None)?;
        let mut id = parameter.parameter_type;
        let mut steps = reference.path.iter().peekable();
        loop {
            let kind = &self.database.parameter_type(id).ok_or(None)?.kind;
            id = match (kind, steps.next()) {
                (TypeKind::Scalar(scalar), None) => return Ok(scalar),
                (TypeKind::Scalar(_), Some(_)) => return Err(Some("the parameter has no such part")),
                (_, None) => return Err(Some("the parameter has more than one value")),
                (TypeKind::Aggregate(members), Some(PathStep::Member(name))) => {
                    let member = members.iter().find(|member| member.name == *name);
                    member.ok_or(Some("the parameter has no such member"))?.member_type
                }
                (TypeKind::Array { element, dimensions }, Some(PathStep::Element(_))) => {
                    for _ in 1..dimensions.len() {
                        if !matches!(steps.next(), Some(PathStep::Element(_))) {
                            return Err(Some("the array has more dimensions"));
                        }
                    }
                    *element
                }
                _ => return Err(Some("the parameter has no such part")),
            };
        }
    }

    fn check_literal(&self, node: Node<'a>, scalar: &Scalar, calibrated: bool, literal: &str) {
        let is_number =
            || integer(literal.trim()).is_some() || super::values::number(literal.trim()).is_some();
        let wrong = match &scalar.kind {
            EngineeringKind::Enumerated(labels) if calibrated => {
                let known = labels.iter().any(|label| label.label == literal);
                (!known).then(|| format!("`{literal}` is no label of the parameter"))
            }
            EngineeringKind::Boolean { zero, one } if calibrated => {
                let known = literal == zero || literal == one;
                (!known).then(|| format!("`{literal}` is neither `{zero}` nor `{one}`"))
            }
            EngineeringKind::Integer
            | EngineeringKind::Float
            | EngineeringKind::Boolean { .. }
            | EngineeringKind::Enumerated(_) => {
                (!is_number()).then(|| format!("`{literal}` is not a number"))
            }
            _ => None,
        };
        if let Some(what) = wrong {
            let fix = if calibrated {
                "write an engineering value, or useCalibratedValue=\"false\" and a raw one"
            } else {
                "write a raw value"
            };
            self.report.error(node, what, fix);
        }
    }

    fn check_number(&self, node: Node<'a>, scalar: &Scalar, calibrated: bool) {
        let is_word = matches!(scalar.kind, EngineeringKind::Enumerated(_) | EngineeringKind::Boolean { .. });
        if calibrated && is_word {
            let fix = "write useCalibratedValue=\"false\"";
            self.report.error(node, "the engineering value is a word, not a number", fix);
        } else if matches!(scalar.kind, EngineeringKind::Text | EngineeringKind::Octets) {
            self.report.error(node, "the parameter is not a number", "refer to a number");
        }
    }

    /// The type that an attribute names.
    pub(super) fn type_ref(&self, node: Node<'a>, attribute: &'a str) -> Option<TypeId> {
        let reference = node.attribute(attribute)?;
        let Some(index) = self.names.find_type(node, reference) else {
            let fix = "declare it, or correct the reference";
            self.report.attribute_error(node, attribute, unknown("type", reference), fix);
            return None;
        };
        u32::try_from(index).ok().map(TypeId)
    }
}

/// The largest fixed number of bits or elements: 512 MiB.
const MAX_SIZE: i64 = u32::MAX as i64;
