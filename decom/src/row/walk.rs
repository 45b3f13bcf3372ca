//! The walk over one packet: fields, steps, heirs.

use super::straight::{Way, cases, values};
use super::{RowReport, RowSink, RowStatus, Sample, Selection};
use crate::plan::{
    Anchor, Branch, ItemId, Link, MAX_DEPTH, MAX_HEIRS, MAX_RANK, NONE, Node, NodeId, ParameterId, Plan,
    Span, Step, Turn,
};
use crate::raw::Raw;
use crate::scene::{Register, Scene};
use crate::value::Scope;

/// A packet on its way through a plan.
pub(super) struct Walk<'s, 'p, 'a, S> {
    plan: &'s Plan<'p>,
    packet: &'a [u8],
    registers: &'s mut [Register],
    sink: &'s mut S,
    /// Whether a value was missing.
    is_short: bool,
    /// The end of the last value.
    reached: usize,
    /// How often a loop may go round without getting on.
    idle: u32,
    root: NodeId,
    deepest: NodeId,
    /// What the packet before was of.
    before: Option<NodeId>,
}

/// Where a program is.
#[derive(Clone, Copy)]
struct Position {
    /// The next bit; `None` after something whose size could not be told.
    cursor: Option<usize>,
    /// The first bit of the container.
    start: Option<usize>,
    /// The bit after the last one of the container.
    end: Option<usize>,
}

impl<'s, 'p, 'a, S: RowSink> Walk<'s, 'p, 'a, S> {
    pub(super) const fn new(
        plan: &'s Plan<'p>,
        packet: &'a [u8],
        registers: &'s mut [Register],
        sink: &'s mut S,
    ) -> Self {
        Self {
            plan,
            packet,
            registers,
            sink,
            is_short: false,
            reached: 0,
            idle: MAX_IDLE,
            root: NodeId(NONE),
            deepest: NodeId(NONE),
            before: None,
        }
    }

    /// Go on where the straight way ended. `before` is what the packet before was of; returns what this one is of.
    pub(super) fn run(
        mut self,
        root: NodeId,
        way: Way,
        before: Option<NodeId>,
    ) -> (Option<NodeId>, RowReport) {
        self.root = root;
        self.before = before;
        self.is_short = way.is_short;
        self.reach(way.end as usize);
        let found = match self.turn(way.id) {
            Turn::NotIts => None,
            Turn::Any | Turn::Its => self.node(way.id, None, way.depth),
        };
        let found = found.or(way.found());
        let status = RowStatus::of(found, self.is_short);
        (found, RowReport { container: found.unwrap_or(self.deepest), status, bits: self.reached })
    }

    /// Decode what a container and those of its heirs that match hold; returns the one that the packet is of.
    fn node(&mut self, mut id: NodeId, mut cursor: Option<usize>, depth: usize) -> Option<NodeId> {
        let mut found = None;
        for depth in depth..MAX_DEPTH {
            let Some(node) = self.plan.node(id) else { break };
            self.deepest = id;
            self.sink.enter(id);
            self.saves(node);
            self.fields(node);
            self.reach(node.end_bit as usize);
            cursor = self.program(node, cursor);
            if !node.is_abstract {
                found = Some(id);
            }
            match self.heir(node) {
                Heir::None => break,
                Heir::One(heir) => id = heir,
                Heir::Several => return self.several(id, node, cursor, depth).or(found),
            }
        }
        found
    }

    /// The heir of a node that the packet is of.
    fn heir(&self, node: &Node) -> Heir {
        if !self.plan.sequels.is_empty() {
            // Which heirs there are depends on the packet before.
            return Heir::Several;
        }
        let mut matches =
            heirs(self.plan, node, self.packet).filter(|link| self.scene().holds(link.condition));
        match (matches.next(), matches.next()) {
            (None, _) => Heir::None,
            (Some(link), None) => Heir::One(link.node),
            (Some(_), Some(_)) => Heir::Several,
        }
    }

    /// Decode the heirs of a node that match, one after the other; returns the first that the packet is of.
    fn several(&mut self, id: NodeId, node: &Node, cursor: Option<usize>, depth: usize) -> Option<NodeId> {
        // Every heir is tested before any is decoded: what one of them holds does not tell its siblings.
        let matches = self.matches(node);
        let mut found = None;
        let mut is_first = true;
        for (index, link) in heirs(self.plan, node, self.packet).enumerate() {
            if !matches.contains(index) {
                continue;
            }
            if !is_first {
                self.restore(id);
            }
            is_first = false;
            let leaf = self.node(link.node, cursor, depth + 1);
            found = found.or(leaf);
        }
        found
    }

    /// The heirs of a node that match; only those whose turn it is, where it is that of any.
    fn matches(&self, node: &Node) -> Matches {
        let mut matches = Matches::default();
        let mut is_turn = false;
        for (index, link) in heirs(self.plan, node, self.packet).enumerate() {
            if self.scene().holds(link.condition) {
                match self.turn(link.node) {
                    Turn::Any if !is_turn => {}
                    Turn::Its if is_turn => {}
                    Turn::Its => {
                        is_turn = true;
                        matches = Matches::default();
                    }
                    Turn::Any | Turn::NotIts => continue,
                }
                matches.insert(index);
            }
        }
        matches
    }

    /// Registers keep what is at fixed places.
    fn saves(&mut self, node: &Node) {
        for &(register, bit) in node.saves.of(self.plan.saves) {
            self.save(register, Register::At(bit));
        }
    }

    /// Run the program of a node; returns where it ends.
    fn program(&mut self, node: &Node, cursor: Option<usize>) -> Option<usize> {
        // An heir of a container with a program goes on where that ended.
        let is_behind = self.plan.node(node.parent).is_some_and(|parent| parent.is_dynamic);
        let cursor = if is_behind { cursor } else { Some(node.end_bit as usize) };
        if node.steps.len == 0 {
            return cursor;
        }
        let mut position = Position { cursor, start: Some(0), end: Some(self.packet.len() * 8) };
        self.steps(node.steps.of(self.plan.steps), &mut position, 0);
        position.cursor
    }

    /// Let registers keep again what they kept when the heirs of a node were tested.
    fn restore(&mut self, id: NodeId) {
        if self.plan.registers == 0 {
            return;
        }
        self.registers.fill(Register::Empty);
        let mut nobody = ();
        let mut again = Walk::new(self.plan, self.packet, self.registers, &mut nobody);
        let root = self.root;
        let mut cursor = None;
        for node in self.plan.chain(id).skip_while(|id| *id != root).filter_map(|id| self.plan.node(id)) {
            again.saves(node);
            cursor = again.program(node, cursor);
        }
    }

    #[inline]
    fn turn(&self, id: NodeId) -> Turn {
        if self.plan.sequels.is_empty() { Turn::Any } else { self.plan.turn(id, self.before) }
    }

    /// Values at fixed bits.
    fn fields(&mut self, node: &Node) {
        let scene = Scene::new(self.plan, self.packet, self.registers);
        self.is_short |= !values(node.fields.of(self.plan.fields), scene, self.sink);
    }

    /// A value may end here, if the packet has not ended before.
    fn reach(&mut self, bit: usize) {
        self.reached = self.reached.max(bit.min(self.packet.len() * 8));
    }

    fn steps(&mut self, steps: &'p [Step], position: &mut Position, depth: usize) {
        if depth >= MAX_DEPTH {
            self.lose(position);
            return;
        }
        let mut rest = steps;
        while let Some((step, after)) = rest.split_first() {
            rest = after;
            let mut body = |len: u32| {
                let (body, behind) = after.split_at_checked(len as usize).unwrap_or((after, &[]));
                rest = behind;
                body
            };
            match *step {
                Step::Field { item } => self.field(item, position),
                Step::At { base, offset, back } => self.go(base, offset, back, position),
                Step::Skip { bits } => {
                    let bits = self.scene().expr(bits).and_then(|bits| usize::try_from(bits).ok());
                    match position.cursor.zip(bits).and_then(|(cursor, bits)| cursor.checked_add(bits)) {
                        Some(cursor) => position.cursor = Some(cursor),
                        None => self.lose(position),
                    }
                }
                Step::When { condition, body: len } => {
                    let body = body(len);
                    if self.scene().holds(condition) {
                        self.steps(body, position, depth + 1);
                    }
                }
                Step::Repeat { count, gap, body: len } => {
                    let body = body(len);
                    let scene = self.scene();
                    let gap = if gap == NONE { Some(0) } else { scene.expr(gap) };
                    match scene.expr(count).zip(gap) {
                        Some((count, gap)) => self.repeat(body, count, gap, position, depth),
                        None => self.lose(position),
                    }
                }
                Step::Array { parameter, dimensions, body: len } => {
                    let body = body(len);
                    self.array(parameter, dimensions, body, position, depth);
                }
                Step::Group { size, body: len } => {
                    let body = body(len);
                    self.group(size, body, position, depth);
                }
                Step::Choose { operand, branches } => {
                    let number = self.scene().raw(operand).and_then(Raw::integer);
                    let chosen: Option<&Branch> = number.and_then(|number| {
                        let mut branches = branches.of(self.plan.branches).iter();
                        branches.find(|branch| i128::from(branch.value) == number)
                    });
                    if let Some(branch) = chosen {
                        self.steps(branch.steps.of(self.plan.steps), position, depth + 1);
                    }
                }
                Step::Fragments { item, parts } => self.fragments(item, parts, position),
            }
        }
    }

    /// A value where the program is.
    fn field(&mut self, item: ItemId, position: &mut Position) {
        let scene = Scene::new(self.plan, self.packet, self.registers);
        let found = position.cursor.and_then(|cursor| Some((cursor, scene.item(item, cursor)?)));
        let Some((cursor, extracted)) = found else {
            if self.is_wanted(item) {
                self.sink.missing(item);
            }
            // What refers to it finds nothing, not the value of another place.
            self.keep(item, Register::Empty);
            self.lose(position);
            return;
        };
        if self.is_wanted(item) {
            self.sink.value(&Sample { item, raw: extracted.raw, scene });
        }
        position.cursor = cursor.checked_add(extracted.bits);
        self.reached = self.reached.max(cursor.saturating_add(extracted.bits));
        self.keep(item, Register::At(cursor as u32));
    }

    /// Whether somebody waits for the values of an item of a program: plans of some parameters keep others that these depend on.
    fn is_wanted(&self, item: ItemId) -> bool {
        self.plan.item(item).is_some_and(|item| item.parameter != ParameterId(NONE))
    }

    /// A value of several parts.
    fn fragments(&mut self, item: ItemId, parts: Span, position: &mut Position) {
        let mut word = 0u64;
        let mut is_whole = position.start.is_some();
        for &(bit, len) in parts.of(self.plan.parts) {
            let start = position.start.unwrap_or(0).saturating_add(bit as usize);
            match ccsds_core::bits::read_unsigned(self.packet, start, len) {
                // A part of 64 bits is the only one.
                Some(part) => word = word.checked_shl(len).unwrap_or(0) | part,
                None => is_whole = false,
            }
            self.reached = self.reached.max(start.saturating_add(len as usize).min(self.packet.len() * 8));
        }
        let scene = Scene::new(self.plan, self.packet, self.registers);
        match scene.parts(item, word).filter(|_| is_whole) {
            Some(raw) => {
                if self.is_wanted(item) {
                    self.sink.value(&Sample { item, raw, scene });
                }
                self.keep(item, Register::Parts(word));
            }
            None => {
                self.is_short = true;
                if self.is_wanted(item) {
                    self.sink.missing(item);
                }
                self.keep(item, Register::Empty);
            }
        }
    }

    fn go(&mut self, base: Anchor, offset: u32, back: u32, position: &mut Position) {
        let from = match base {
            Anchor::Here => position.cursor,
            Anchor::Start => position.start,
            Anchor::End => position.end,
        };
        let bit = from.zip(self.scene().expr(offset)).and_then(|(from, offset)| {
            let bit = i64::try_from(from).ok()?.checked_add(offset)?.checked_sub(back.into())?;
            usize::try_from(bit).ok()
        });
        match bit {
            Some(bit) => position.cursor = Some(bit),
            None => self.lose(position),
        }
    }

    fn repeat(&mut self, body: &'p [Step], count: i64, gap: i64, position: &mut Position, depth: usize) {
        for index in 0..count {
            if index > 0 && gap != 0 {
                let next = position.cursor.and_then(|cursor| cursor.checked_add_signed(gap as isize));
                position.cursor = next;
            }
            let before = self.reached;
            if position.cursor.is_none() {
                self.lose(position);
                return;
            }
            self.steps(body, position, depth + 1);
            if self.reached == before {
                // Nothing new was read. A loop that only skips, or reads the same again, does not go on for ever.
                match self.idle.checked_sub(1) {
                    Some(idle) => self.idle = idle,
                    None => {
                        self.lose(position);
                        return;
                    }
                }
            }
        }
    }

    fn array(
        &mut self,
        parameter: ParameterId,
        dimensions: Span,
        body: &'p [Step],
        position: &mut Position,
        depth: usize,
    ) {
        let scene = self.scene();
        let mut extents = [0u32; MAX_RANK];
        let bounds = (dimensions.start..dimensions.start.saturating_add(dimensions.len)).step_by(2);
        let rank = bounds.len().min(MAX_RANK);
        let mut elements = Some(1i64);
        for (extent, bound) in extents.iter_mut().zip(bounds) {
            let len = scene.expr(bound).zip(scene.expr(bound + 1)).and_then(|(first, last)| {
                u32::try_from(last.checked_sub(first)?.checked_add(1)?.max(0)).ok()
            });
            *extent = len.unwrap_or(0);
            elements = elements.zip(len).and_then(|(elements, len)| elements.checked_mul(len.into()));
        }
        match elements {
            Some(elements) => {
                if parameter != ParameterId(NONE) {
                    self.sink.array(parameter, extents.get(..rank).unwrap_or(&[]));
                }
                self.repeat(body, elements, 0, position, depth);
            }
            None => self.lose(position),
        }
    }

    fn group(&mut self, size: u32, body: &'p [Step], position: &mut Position, depth: usize) {
        let size = if size == NONE {
            None
        } else {
            let bits = self.scene().expr(size).and_then(|bits| usize::try_from(bits).ok());
            Some(position.cursor.zip(bits).and_then(|(cursor, bits)| cursor.checked_add(bits)))
        };
        let end = size.unwrap_or(position.end);
        let mut inner = Position { cursor: position.cursor, start: position.cursor, end };
        self.steps(body, &mut inner, depth + 1);
        position.cursor = size.unwrap_or(inner.cursor);
    }

    /// Nobody knows any more where the program is.
    const fn lose(&mut self, position: &mut Position) {
        self.is_short = true;
        position.cursor = None;
    }

    fn keep(&mut self, item: ItemId, value: Register) {
        if let Some(item) = self.plan.item(item) {
            self.save(item.register, value);
        }
    }

    fn save(&mut self, register: u32, value: Register) {
        if let Some(slot) = self.registers.get_mut(register as usize) {
            *slot = value;
        }
    }

    fn scene(&self) -> Scene<'_, 'p, 'a> {
        Scene::new(self.plan, self.packet, self.registers)
    }
}

/// What fixed places tell about the container of a packet.
pub(super) fn select(scene: &Scene<'_, '_, '_>, id: NodeId, depth: usize) -> Selection {
    let Some(node) = scene.plan.node(id).filter(|_| depth < MAX_DEPTH) else { return Selection::Unmatched };
    let mut has_heirs = false;
    if !scene.plan.sequels.is_empty() {
        return Selection::Unknown;
    }
    for link in heirs(scene.plan, node, scene.packet) {
        has_heirs = true;
        if node.is_dynamic {
            break;
        }
        if scene.holds(link.condition) {
            let selection = select(scene, link.node, depth + 1);
            if selection != Selection::Unmatched {
                return selection;
            }
        }
    }
    match (node.is_dynamic && has_heirs, node.is_abstract) {
        (true, _) => Selection::Unknown,
        (false, true) => Selection::Unmatched,
        (false, false) => Selection::Container(id),
    }
}

/// The heirs of a node that a packet may be of; whether their condition holds remains to be seen.
fn heirs<'p>(plan: &Plan<'p>, node: &Node, packet: &[u8]) -> impl Iterator<Item = &'p Link> + use<'p> {
    let mut found = cases(plan, node, packet).peekable();
    let mut others = node.links.of(plan.links).iter().peekable();
    // In the order of the database, which is that of the nodes.
    core::iter::from_fn(move || match (found.peek(), others.peek()) {
        (Some(case), Some(link)) if link.node < case.node => others.next(),
        (Some(_), _) => found.next(),
        (None, _) => others.next(),
    })
}

/// The heir that a packet is of.
enum Heir {
    /// None of them.
    None,
    One(NodeId),
    /// More than one, or one whose turn it is.
    Several,
}

/// Which of the heirs that a packet may be of it is of.
#[derive(Default)]
struct Matches([u64; MAX_HEIRS / 64]);

impl Matches {
    /// Heirs behind the last one that there is room for are none; the compiler sees to it that there are no such.
    fn insert(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    fn contains(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}

/// How often the loops of one packet may go round without reading anything new.
const MAX_IDLE: u32 = 4096;
