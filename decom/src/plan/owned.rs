//! A plan that owns its tables.

use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Alarm, AlarmLevel, AlarmRange, Branch, Calibrator, Case, Condition, Context, Encoding, Expr, Field, Item,
    Label, Link, MathOp, Meaning, Node, NodeId, Operand, Parameter, Plan, Sequel, Shape, Step, Text, Time,
};

/// The tables of a [`Plan`], in memory of their own.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "blob", derive(serde::Serialize, serde::Deserialize))]
pub struct PlanBuf {
    /// Containers. An heir comes after its base.
    pub nodes: Vec<Node>,
    /// Nodes that packets begin with.
    pub roots: Vec<NodeId>,
    /// Heirs that are tested one after the other.
    pub links: Vec<Link>,
    /// Heirs that are found by a number; sorted by it within each switch.
    pub cases: Vec<Case>,
    /// Values at fixed places.
    #[cfg_attr(feature = "blob", serde(with = "crate::bake::rows"))]
    pub fields: Vec<Field>,
    /// Fields that something refers to: the register that keeps each, and its first bit.
    #[cfg_attr(feature = "blob", serde(with = "crate::bake::rows"))]
    pub saves: Vec<(u32, u32)>,
    /// Programs of the parts that depend on the packet.
    pub steps: Vec<Step>,
    /// Branches of [`Step::Choose`].
    pub branches: Vec<Branch>,
    /// Numbers that depend on the packet.
    pub exprs: Vec<Expr>,
    /// Conditions and numbers of [`Expr::Lookup`].
    pub lookups: Vec<(u32, i64)>,
    /// Conditions, each followed by its parts.
    pub conditions: Vec<Condition>,
    /// Parameters that conditions and numbers refer to.
    pub operands: Vec<Operand>,
    /// Parts of [`Step::Fragments`]: first bit, and number of bits.
    #[cfg_attr(feature = "blob", serde(with = "crate::bake::rows"))]
    pub parts: Vec<(u32, u32)>,
    /// What values are of.
    #[cfg_attr(feature = "blob", serde(with = "crate::bake::rows"))]
    pub items: Vec<Item>,
    /// Parameters.
    #[cfg_attr(feature = "blob", serde(with = "crate::bake::rows"))]
    pub parameters: Vec<Parameter>,
    /// Structures of parameters, each followed by its parts.
    #[cfg_attr(feature = "blob", serde(with = "crate::bake::rows"))]
    pub shapes: Vec<Shape>,
    /// How bits give raw values.
    pub encodings: Vec<Encoding>,
    /// Orders of octets, and terminators.
    pub octets: Vec<u8>,
    /// How raw values give engineering values.
    pub meanings: Vec<Meaning>,
    /// Calibrators and alarms with their conditions.
    pub contexts: Vec<Context>,
    /// Calibrators.
    pub calibrators: Vec<Calibrator>,
    /// Coefficients, and raw and calibrated values of points in turn.
    pub numbers: Vec<f64>,
    /// Expressions in reverse Polish order.
    pub math: Vec<MathOp>,
    /// Words of enumerations.
    pub labels: Vec<Label>,
    /// Times.
    pub times: Vec<Time>,
    /// Alarms.
    pub alarms: Vec<Alarm>,
    /// Ranges of alarms.
    pub alarm_ranges: Vec<AlarmRange>,
    /// Words that are alarming.
    pub alarm_labels: Vec<(Text, AlarmLevel)>,
    /// All names and words, one after the other.
    pub text: String,
    /// How many registers a decoder needs.
    pub registers: u32,
    /// Containers that come behind others, in rising order.
    pub sequels: Vec<Sequel>,
}

impl PlanBuf {
    /// The plan that borrows these tables.
    #[must_use]
    pub fn plan(&self) -> Plan<'_> {
        Plan {
            nodes: &self.nodes,
            roots: &self.roots,
            links: &self.links,
            cases: &self.cases,
            fields: &self.fields,
            saves: &self.saves,
            steps: &self.steps,
            branches: &self.branches,
            exprs: &self.exprs,
            lookups: &self.lookups,
            conditions: &self.conditions,
            operands: &self.operands,
            parts: &self.parts,
            items: &self.items,
            parameters: &self.parameters,
            shapes: &self.shapes,
            encodings: &self.encodings,
            octets: &self.octets,
            meanings: &self.meanings,
            contexts: &self.contexts,
            calibrators: &self.calibrators,
            numbers: &self.numbers,
            math: &self.math,
            labels: &self.labels,
            times: &self.times,
            alarms: &self.alarms,
            alarm_ranges: &self.alarm_ranges,
            alarm_labels: &self.alarm_labels,
            text: &self.text,
            registers: self.registers,
            sequels: &self.sequels,
        }
    }
}
