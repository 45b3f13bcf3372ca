//! From the mission database to the plan: everything that can be worked out before the first packet comes.
//!
//! | module | what |
//! | --- | --- |
//! | `tables` | the tables as they grow, equal rows shared |
//! | `types` | items, structures, encodings and meanings |
//! | `logic` | conditions, numbers and the parameters they refer to |
//! | `layout` | entries: fields at fixed bits, then steps |
//! | `constants` | what depends on parameters that no packet carries |
//! | `heirs` | which heirs there are, and how they are told apart |

mod constants;
mod heirs;
mod layout;
mod logic;
mod tables;
mod types;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use hashbrown::HashMap;

use self::layout::Inline;
use self::tables::Tables;
use self::types::Measure;
use crate::line::OneLine;
use crate::model::{Condition, ContainerId, Database, Origin, ParameterId};
use crate::plan::{Field, ItemId, MAX_DEPTH, NONE, Node, NodeId, PlanBuf, Sequel, work};

impl Database {
    /// The plan of this database.
    ///
    /// # Errors
    /// What cannot be decoded as the database says: every such thing, or the first hundred of them.
    pub fn compile(&self) -> Result<PlanBuf, Vec<CompileError>> {
        let mut compiler = Compiler::new(self);
        compiler.parameters();
        compiler.containers();
        compiler.finish()
    }
}

/// Something in a database that no packet can be decoded by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CompileError {
    /// Where it is declared.
    pub origin: Origin,
    /// The container, parameter or type.
    pub name: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(OneLine(f), "{}:{}: {}: {}", self.origin.line, self.origin.column, self.name, self.what)
    }
}

impl core::error::Error for CompileError {}

/// A database on its way to a plan.
struct Compiler<'d> {
    database: &'d Database,
    tables: Tables,
    errors: Vec<CompileError>,
    /// Encoding and meaning of each scalar type that was needed so far.
    scalars: Vec<Option<(u16, u32)>>,
    /// What containers hold, where that is the same for every packet; `None` inside for those that depend on the packet.
    inlines: BTreeMap<u32, Option<Rc<Inline>>>,
    /// Fields in them.
    inlined: usize,
    /// Containers that are being laid out: a container in itself would go on for ever.
    open: Vec<ContainerId>,
    /// What is known of each node.
    known: Vec<Known>,
    /// What is being compiled.
    subject: (&'d str, Origin),
    /// How large the values of each type are; `None` for a type that does not exist in part, or nests without end.
    measures: Vec<Option<Measure>>,
}

/// What is known where a node's own entries end.
#[derive(Clone, Debug, Default)]
struct Known {
    base: Option<usize>,
    /// Items at a fixed bit.
    fields: HashMap<ItemId, Field>,
    /// Items that lie where the packet says.
    moving: BTreeSet<ItemId>,
    depth: usize,
}

impl<'d> Compiler<'d> {
    fn new(database: &'d Database) -> Self {
        Self {
            measures: types::measures(database),
            database,
            tables: Tables::default(),
            errors: Vec::new(),
            scalars: vec![None; database.types.len()],
            inlines: BTreeMap::new(),
            inlined: 0,
            open: Vec::new(),
            known: Vec::new(),
            subject: ("", Origin::default()),
        }
    }

    /// Note what is wrong with the subject.
    fn fault(&mut self, what: impl fmt::Display) {
        let (name, origin) = self.subject;
        let error = CompileError { origin, name: name.to_string(), what: what.to_string() };
        if self.errors.len() < MAX_ERRORS && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Whether the plan, and `more` rows on their way to it, are as much as one may hold. A small database can ask for any number of
    /// them: each container may hold the one before ten times.
    fn is_full(&mut self, more: usize) -> bool {
        let plan = &self.tables.plan;
        let rows = [
            plan.fields.len(),
            plan.steps.len(),
            plan.conditions.len(),
            plan.exprs.len(),
            plan.lookups.len(),
            plan.parts.len(),
            plan.branches.len(),
            self.inlined,
        ];
        let is_full = rows.into_iter().sum::<usize>().saturating_add(more) > MAX_ROWS;
        if is_full {
            self.fault("containers in containers make more entries than a plan can hold");
        }
        is_full
    }

    /// Every container as a node, bases first.
    fn containers(&mut self) {
        let database = self.database;
        let mut heirs = vec![Vec::new(); database.containers.len()];
        let mut waiting = Vec::new();
        for (id, container) in (0u32..).map(ContainerId).zip(&database.containers) {
            match &container.base {
                Some(base) => match heirs.get_mut(base.container.0 as usize) {
                    Some(list) => list.push(id),
                    None => {
                        self.subject = (&container.name, container.origin);
                        self.fault("extends a container that does not exist");
                    }
                },
                None => waiting.push((id, None)),
            }
        }
        waiting.reverse();
        let mut nodes = BTreeMap::new();
        let roots = database.roots();
        let mut is_whole = false;
        // A base is taken before its heirs are put on the pile.
        while let Some((id, base)) = waiting.pop() {
            if base.is_none() {
                is_whole = roots.contains(&id);
            }
            let errors = self.errors.len();
            let node = self.node(id, base);
            if !is_whole && !self.is_full(0) {
                // It is a part of others, and may refer to what they hold: what is wrong with it is told where it is used.
                self.errors.truncate(errors);
            }
            nodes.insert(id, node);
            let own = heirs.get(id.0 as usize).map_or(&[][..], Vec::as_slice);
            waiting.extend(own.iter().rev().map(|&heir| (heir, Some(node))));
        }
        for (id, container) in (0u32..).map(ContainerId).zip(&database.containers) {
            if !nodes.contains_key(&id) && container.base.is_some() {
                self.subject = (&container.name, container.origin);
                self.fault("extends itself, over one or more containers");
            }
        }
        for (&id, &node) in &nodes {
            let own = heirs.get(id.0 as usize).map_or(&[][..], Vec::as_slice);
            let heirs: Vec<(ContainerId, NodeId)> =
                own.iter().filter_map(|heir| Some((*heir, *nodes.get(heir)?))).collect();
            self.heirs(id, node, &heirs);
        }
        self.sequels(&nodes);
        self.tables.plan.roots = roots.iter().filter_map(|root| nodes.get(root).copied()).collect();
    }

    /// Say which containers come behind others.
    fn sequels(&mut self, nodes: &BTreeMap<ContainerId, NodeId>) {
        let extended: BTreeSet<NodeId> = self.tables.plan.nodes.iter().map(|node| node.parent).collect();
        for (&id, &node) in nodes {
            let Some((container, next)) =
                self.database.container(id).and_then(|container| Some((container, container.next?)))
            else {
                continue;
            };
            let Some((&sequel, next)) = nodes.get(&next).zip(self.database.container(next)) else {
                self.subject = (&container.name, container.origin);
                self.fault("a container that does not exist comes next");
                continue;
            };
            let is_only = match &next.base {
                Some(base) => base.restriction == Condition::ALWAYS,
                // Any packet may begin with what others extend.
                None if extended.contains(&sequel) => continue,
                None => true,
            };
            self.tables.plan.sequels.push(Sequel { node: sequel, behind: node, is_only });
        }
        self.tables.plan.sequels.sort_unstable();
    }

    /// Lay out one container.
    fn node(&mut self, id: ContainerId, base: Option<NodeId>) -> NodeId {
        let node = NodeId(self.tables.plan.nodes.len() as u32);
        let Some(container) = self.database.container(id) else { return node };
        self.subject = (&container.name, container.origin);
        let parent = base.and_then(|base| self.tables.plan.nodes.get(base.0 as usize)).copied();
        let depth = base.and_then(|base| self.known.get(base.0 as usize)).map_or(0, |known| known.depth + 1);
        if depth + 1 >= MAX_DEPTH {
            self.fault(format!("containers extend each other more than {} deep", MAX_DEPTH - 1));
        }
        let known = Known { base: base.map(|base| base.0 as usize), depth, ..Known::default() };
        let begin = parent.map_or(Some(0), |parent| (!parent.is_dynamic).then_some(parent.end_bit));
        let mut laid = self.lay_out(id, begin, known);
        for field in &mut laid.fields {
            *field = field.within(laid.end_bit / 8);
        }
        let name = self.tables.new_text(&container.name);
        let fields = Tables::append(&mut self.tables.plan.fields, &laid.fields);
        let steps = Tables::append(&mut self.tables.plan.steps, &laid.steps);
        self.tables.plan.nodes.push(Node {
            name,
            parent: base.unwrap_or(NodeId(NONE)),
            fields,
            steps,
            end_bit: laid.end_bit,
            is_abstract: container.is_abstract,
            is_dynamic: steps.len > 0 || parent.is_some_and(|parent| parent.is_dynamic),
            ..Node::default()
        });
        self.known.push(laid.known);
        node
    }

    /// Say which fields registers keep, now that it is known which registers there are.
    fn saves(&mut self) {
        let plan = &mut self.tables.plan;
        for node in &mut plan.nodes {
            let start = plan.saves.len() as u32;
            for field in node.fields.of(&plan.fields) {
                let register = plan.items.get(field.item().0 as usize).map_or(NONE, |item| item.register);
                if register != NONE {
                    plan.saves.push((register, field.bit()));
                }
            }
            node.saves = crate::plan::Span { start, len: plan.saves.len() as u32 - start };
        }
    }

    /// A value that depends on others, each of which depends on others, may take longer than anybody waits.
    fn costs(&mut self) {
        let (plan, database) = (self.tables.plan.plan(), self.database);
        let Some(costly) = work::costly_operand(&plan) else { return };
        let item = plan.operands.get(costly).and_then(|operand| plan.item(operand.item));
        let parameter = item.and_then(|item| database.parameter(ParameterId(item.parameter.0)));
        if let Some(parameter) = parameter {
            self.subject = (&parameter.name, parameter.origin);
        }
        self.fault("depends on more values than can be worked out in time");
    }

    fn finish(mut self) -> Result<PlanBuf, Vec<CompileError>> {
        if self.errors.is_empty() {
            self.costs();
        }
        if self.errors.is_empty() {
            self.saves();
            Ok(self.tables.plan)
        } else {
            Err(self.errors)
        }
    }
}

/// The most fields, steps and conditions of a plan, and parts of them: some hundred megabytes.
const MAX_ROWS: usize = 1 << 22;

/// How many errors are told at once.
const MAX_ERRORS: usize = 100;
