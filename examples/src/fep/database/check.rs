//! `fep db check`: what is in a database, and what of packets it does not look at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use decom::plan::{Encoding, Expr, Field, FieldKind, NONE, Node, NodeId, Plan, SizeRule};

use super::MissionDatabase;

/// What is in a database, for people.
#[must_use]
pub fn describe(database: &MissionDatabase) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, database);
    text
}

fn write(text: &mut String, mission: &MissionDatabase) -> fmt::Result {
    let (database, plan) = (&mission.database, mission.plan.plan());
    let names = database.parameters.iter().map(|parameter| &parameter.name);
    let names = names.chain(database.containers.iter().map(|container| &container.name));
    let names = names.chain(database.types.iter().map(|parameter_type| &parameter_type.name));
    let systems: BTreeSet<&str> =
        names.filter_map(|name| Some(name.rsplit_once('/')?.0)).filter(|name| !name.is_empty()).collect();
    writeln!(text, "database   {} from {}", database.name, mission.source)?;
    writeln!(
        text,
        "           {} systems, {} containers, {} parameters, {} types",
        systems.len(),
        database.containers.len(),
        database.parameters.len(),
        database.types.len(),
    )?;
    for &root in plan.roots {
        writeln!(text, "root       {}", plan.container_name(root))?;
    }
    let outermost = (0u32..).map(NodeId).zip(plan.nodes).filter(|(_, node)| node.parent == NodeId(NONE));
    // Heirs come after their bases: a pile, so that each tree is written depth first.
    let mut pile: Vec<(NodeId, usize)> = outermost.map(|(id, _)| (id, 0)).collect();
    pile.reverse();
    let mut heirs: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
    for (id, node) in (0u32..).map(NodeId).zip(plan.nodes) {
        heirs.entry(node.parent).or_default().push(id);
    }
    while let Some((id, depth)) = pile.pop() {
        let Some(node) = plan.node(id) else { continue };
        container(text, &plan, node, depth)?;
        let own = heirs.get(&id).map_or(&[][..], Vec::as_slice);
        pile.extend(own.iter().rev().map(|&heir| (heir, depth + 1)));
    }
    coverage(text, mission, &plan)
}

fn container(text: &mut String, plan: &Plan<'_>, node: &Node, depth: usize) -> fmt::Result {
    let size = match (node.is_dynamic, node.end_bit % 8) {
        (true, _) => format!("dynamic, from {} bits on", node.end_bit),
        (false, 0) => format!("{} bits ({} octets)", node.end_bit, node.end_bit / 8),
        (false, _) => format!("{} bits", node.end_bit),
    };
    let is_abstract = if node.is_abstract { ", abstract" } else { "" };
    let unread = match unread_bits(plan, node) {
        0 => String::new(),
        bits => format!(", {bits} bits read over"),
    };
    writeln!(text, "container  {}{}: {size}{is_abstract}{unread}", "  ".repeat(depth), plan.str(node.name))
}

/// Parameters that no container holds, bits that no parameter has, and what a lenient load left out.
fn coverage(text: &mut String, mission: &MissionDatabase, plan: &Plan<'_>) -> fmt::Result {
    let mut held = BTreeSet::new();
    let items = plan.fields.iter().map(Field::item);
    let items = items.chain(plan.steps.iter().filter_map(|step| match *step {
        decom::plan::Step::Field { item } | decom::plan::Step::Fragments { item, .. } => Some(item),
        _ => None,
    }));
    held.extend(items.filter_map(|item| Some(plan.item(item)?.parameter)));
    let apart = plan.parameters.len() - held.len().min(plan.parameters.len());
    let bits: u64 = plan.nodes.iter().map(|node| u64::from(unread_bits(plan, node))).sum();
    writeln!(
        text,
        "coverage   {} parameters in containers, {apart} in none; {bits} bits of containers read over; {} elements left out",
        held.len(),
        mission.database.omissions.len(),
    )
}

/// Bits of a container's own, static, part that belong to no parameter.
fn unread_bits(plan: &Plan<'_>, node: &Node) -> u32 {
    let parent = plan.node(node.parent);
    if parent.is_some_and(|parent| parent.is_dynamic) {
        return 0;
    }
    let mut at = parent.map_or(0, |parent| parent.end_bit);
    let mut spans: Vec<(u32, u32)> = node
        .fields
        .of(plan.fields)
        .iter()
        .map(|field| (field.bit(), field.bit().saturating_add(field_bits(plan, field))))
        .collect();
    spans.sort_unstable();
    let mut unread = 0;
    for (start, end) in spans.into_iter().chain([(node.end_bit, node.end_bit)]) {
        unread += start.saturating_sub(at);
        at = at.max(end);
    }
    unread
}

fn field_bits(plan: &Plan<'_>, field: &Field) -> u32 {
    if field.kind() != FieldKind::Other {
        return field.bits().into();
    }
    let expr = |index: u32| match plan.exprs.get(index as usize) {
        Some(&Expr::Fixed(bits)) => u32::try_from(bits).unwrap_or(0),
        _ => 0,
    };
    match plan.item(field.item()).and_then(|item| plan.encoding(item)) {
        Some(Encoding::Float { bits, .. } | Encoding::Integer { bits, .. }) => u32::from(*bits),
        Some(Encoding::Octets { size } | Encoding::Text { size, .. }) => match *size {
            SizeRule::Bits(bits) | SizeRule::TerminatedWithin { bits, .. } => expr(bits),
            SizeRule::Leading { .. } | SizeRule::Terminated { .. } => 0,
        },
        None => 0,
    }
}
