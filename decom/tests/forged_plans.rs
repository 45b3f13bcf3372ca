//! Plans that no compiler makes: refused when they are read, where a packet would take longer than the tables are long.

#![cfg(feature = "blob")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail so")]

mod common;

use ccsds_core::id::{Gvcid, Scid, Tfvn, Vcid};
use ccsds_core::packet::Packet;
use ccsds_core::quality::{PacketMeta, PacketQuality, ReceiveTime};
use common::build::{
    add_container, add_parameter, add_type, add_unsigned, compare, entry, parameter, raw, unsigned,
};
use decom::bake::BlobError;
use decom::block::ColumnDecoder;
use decom::column::Repetition;
use decom::model::layout::Chosen;
use decom::model::{
    Base, Calibrator, Condition, Database, EngineeringKind, EntryKind, MathOp, MathOperator, Operator,
    ParameterRef, Scalar, TypeKind,
};
use decom::plan::{Branch, Link, NONE, NodeId, PlanBuf, Span, Step};

/// What comes back from octets.
fn read(plan: &PlanBuf) -> Result<(), BlobError> {
    PlanBuf::from_blob(&plan.to_blob()).map(|again| assert!(again == *plan))
}

/// Twelve containers, each the only heir of the one before; entries of all kinds that make tables.
fn whole() -> PlanBuf {
    let mut database = Database::default();
    let selector = add_unsigned(&mut database, "/selector", 8);
    let mut scalar = Scalar::new(unsigned(8), EngineeringKind::Float);
    let other = ParameterRef { parameter: selector, path: Vec::new(), calibrated: true };
    scalar.calibrator = Some(Calibrator::Math(vec![
        MathOp::This,
        MathOp::Parameter(other),
        MathOp::Apply(MathOperator::Add),
    ]));
    scalar.context_calibrators =
        vec![(compare(selector, Operator::Equal, "3"), Calibrator::Math(vec![MathOp::This]))];
    let summed = add_type(&mut database, TypeKind::Scalar(scalar));
    let summed = add_parameter(&mut database, "/summed", summed);
    let part = add_container(&mut database, "/part", None, vec![parameter(summed), parameter(summed)]);
    let mut base = None;
    for i in 0..12 {
        let cases = vec![(1, Chosen::Container(part)), (2, Chosen::Parameter(summed))];
        let choice = entry(EntryKind::Choice { selector: raw(selector), cases });
        let entries = vec![parameter(selector), parameter(summed), choice];
        let container = add_container(&mut database, &format!("/c{i}"), base, entries);
        let restriction = Condition::All(vec![
            compare(selector, Operator::GreaterOrEqual, "1"),
            compare(selector, Operator::LessOrEqual, "9"),
        ]);
        base = Some(Base { container, restriction });
    }
    database.compile().unwrap()
}

#[test]
fn what_a_compiler_makes_is_read() {
    let plan = whole();
    assert!(plan.branches.len() >= 24 && plan.links.len() == 11 && plan.operands.len() > 1);
    assert_eq!(read(&plan), Ok(()));
}

/// A plan that says of containers with programs that all of their places are fixed: columns stay what they say they are.
#[test]
fn columns_of_a_container_whose_program_is_denied_are_as_long_as_they_say() {
    let mut plan = whole();
    assert!(plan.nodes.iter().any(|node| node.is_dynamic));
    plan.nodes.iter_mut().for_each(|node| node.is_dynamic = false);
    assert_eq!(read(&plan), Ok(()));
    let gvcid = Gvcid::new(Tfvn::Aos, Scid::new(1), Vcid::from_low_bits(1));
    let (first_frame, received, quality) = (0, ReceiveTime(0), PacketQuality::GOOD);
    let meta = PacketMeta { gvcid, first_frame, received, quality };
    let packets = [[1; 40], [2; 40], [3; 40]];
    let packets = packets.each_ref().map(|bytes| Packet { bytes, meta });
    for node in (0..plan.nodes.len() as u32).map(NodeId) {
        let mut decoder = ColumnDecoder::new(plan.plan(), node).unwrap();
        let mut batch = decoder.batch();
        decoder.append(&packets, &mut batch);
        for column in batch.columns() {
            let len = match column.occurrence() {
                Repetition::Once => packets.len(),
                Repetition::Fixed(times) => packets.len() * times as usize,
                Repetition::Varying => {
                    let offsets = column.offsets().unwrap();
                    assert_eq!(offsets.len(), packets.len() + 1);
                    offsets[packets.len()] as usize
                }
            };
            assert_eq!(column.len(), len);
        }
    }
}

/// Both heirs of each container are the next one: 2^11 ways to the last, and 2^23 in as deep a plan as there may be.
#[test]
fn an_heir_of_two_containers_is_refused() {
    let mut plan = whole();
    let nodes = plan.nodes.len() as u32;
    plan.links.clear();
    for (index, node) in (0u32..).zip(&mut plan.nodes) {
        node.links = Span { start: plan.links.len() as u32, len: 2 };
        let heir = Link { node: NodeId((index + 1).min(nodes - 1)), condition: NONE };
        plan.links.extend([heir, heir]);
    }
    assert_eq!(read(&plan), Err(BlobError::Unbounded));
}

#[test]
fn a_container_that_is_its_own_heir_is_refused() {
    let mut plan = whole();
    let last = plan.links.len() - 1;
    plan.links[last].node = NodeId(0);
    assert_eq!(read(&plan), Err(BlobError::Unbounded));
}

/// Every container has all heirs, and all fields.
#[test]
fn containers_that_share_their_tables_are_refused() {
    for share in [
        |plan: &mut PlanBuf| plan.nodes.iter_mut().for_each(|node| node.links = all(plan.links.len())),
        |plan: &mut PlanBuf| plan.nodes.iter_mut().for_each(|node| node.fields = all(plan.fields.len())),
        |plan: &mut PlanBuf| plan.nodes.iter_mut().for_each(|node| node.saves = all(plan.saves.len())),
        |plan: &mut PlanBuf| plan.nodes.iter_mut().for_each(|node| node.steps = all(plan.steps.len())),
    ] {
        let mut plan = whole();
        // A row more than nothing in each of the tables.
        plan.fields.extend_from_within(..1);
        plan.saves.push((0, 0));
        share(&mut plan);
        assert_eq!(read(&plan), Err(BlobError::Unbounded));
    }
}

/// Each choice is followed by a branch of all the choices before it, and of itself.
#[test]
fn branches_that_lead_to_their_choice_are_refused() {
    let mut plan = whole();
    let steps = plan.steps.len() as u32;
    for branch in &mut plan.branches {
        branch.steps = all(steps as usize);
    }
    assert_eq!(read(&plan), Err(BlobError::Unbounded));
}

/// Each program is twice a choice of all that lies before: 2^k ways through k of them.
#[test]
fn branches_that_double_are_refused() {
    let mut plan = PlanBuf { operands: whole().operands, ..PlanBuf::default() };
    plan.steps.push(Step::Skip { bits: NONE });
    for _ in 0..20 {
        let steps = all(plan.steps.len());
        for _ in 0..2 {
            let branches = Span { start: plan.branches.len() as u32, len: 1 };
            plan.branches.push(Branch { value: 0, steps });
            plan.steps.push(Step::Choose { operand: 0, branches });
        }
    }
    assert_eq!(read(&plan), Err(BlobError::Unbounded));
}

#[test]
fn more_registers_than_items_are_refused() {
    let mut plan = whole();
    plan.registers = u32::MAX;
    assert_eq!(read(&plan), Err(BlobError::Unbounded));
}

/// Every operand is what all operands add up to.
#[test]
fn operands_that_depend_on_each_other_are_refused() {
    let mut plan = whole();
    let operands = plan.operands.len() as u32;
    plan.math.clear();
    for operand in (0..operands).cycle().take(3) {
        plan.math.push(decom::plan::MathOp::Operand(operand));
    }
    for calibrator in &mut plan.calibrators {
        *calibrator = decom::plan::Calibrator::Math(Span::default());
    }
    plan.calibrators[0] = decom::plan::Calibrator::Math(all(3));
    for meaning in &mut plan.meanings {
        meaning.calibrator = 0;
    }
    for operand in &mut plan.operands {
        operand.calibrated = true;
    }
    assert_eq!(read(&plan), Err(BlobError::Unbounded));
}

fn all(rows: usize) -> Span {
    Span { start: 0, len: rows as u32 }
}
