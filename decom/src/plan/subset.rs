//! Plans of some of the parameters.

use super::{Item, NONE, Node, ParameterId, Plan, PlanBuf, Span, Step};

impl Plan<'_> {
    /// The part of this plan that gives the values of some parameters, and nothing else.
    ///
    /// Which container a packet is of stays the same, and so do indices, names and values. What places, conditions and calibrators
    /// depend on is looked at, but not handed on. What becomes of the other parameters is not told: a packet that ends before
    /// one of those is complete.
    #[must_use]
    pub fn subset(&self, parameters: &[ParameterId]) -> PlanBuf {
        let mut plan = self.to_buf();
        let is_wanted = |item: Option<&Item>| item.is_some_and(|item| parameters.contains(&item.parameter));
        plan.fields.clear();
        for node in &mut plan.nodes {
            let fields =
                node.fields.of(self.fields).iter().filter(|field| is_wanted(self.item(field.item())));
            let start = plan.fields.len() as u32;
            plan.fields.extend(fields);
            node.fields = Span { start, len: plan.fields.len() as u32 - start };
        }
        for step in &mut plan.steps {
            if let Step::Array { parameter, .. } = step
                && !parameters.contains(parameter)
            {
                *parameter = ParameterId(NONE);
            }
        }
        for item in &mut plan.items {
            if !parameters.contains(&item.parameter) {
                item.parameter = ParameterId(NONE);
            }
        }
        plan.drop_idle_programs();
        plan
    }

    /// The same plan in memory of its own.
    #[must_use]
    pub fn to_buf(&self) -> PlanBuf {
        PlanBuf {
            nodes: self.nodes.to_vec(),
            roots: self.roots.to_vec(),
            links: self.links.to_vec(),
            cases: self.cases.to_vec(),
            fields: self.fields.to_vec(),
            saves: self.saves.to_vec(),
            steps: self.steps.to_vec(),
            branches: self.branches.to_vec(),
            exprs: self.exprs.to_vec(),
            lookups: self.lookups.to_vec(),
            conditions: self.conditions.to_vec(),
            operands: self.operands.to_vec(),
            parts: self.parts.to_vec(),
            items: self.items.to_vec(),
            parameters: self.parameters.to_vec(),
            shapes: self.shapes.to_vec(),
            encodings: self.encodings.to_vec(),
            octets: self.octets.to_vec(),
            meanings: self.meanings.to_vec(),
            contexts: self.contexts.to_vec(),
            calibrators: self.calibrators.to_vec(),
            numbers: self.numbers.to_vec(),
            math: self.math.to_vec(),
            labels: self.labels.to_vec(),
            times: self.times.to_vec(),
            alarms: self.alarms.to_vec(),
            alarm_ranges: self.alarm_ranges.to_vec(),
            alarm_labels: self.alarm_labels.to_vec(),
            text: self.text.into(),
            registers: self.registers,
            sequels: self.sequels.to_vec(),
        }
    }
}

impl PlanBuf {
    /// Leave out programs that nobody waits for: of containers without heirs, where no value of theirs is wanted.
    fn drop_idle_programs(&mut self) {
        let Self { nodes, steps, branches, items, .. } = self;
        let is_wanted = |step: &Step| match *step {
            Step::Field { item } | Step::Fragments { item, .. } => {
                items.get(item.0 as usize).is_some_and(|item| item.parameter != ParameterId(NONE))
            }
            // What branches hold is not looked into.
            Step::Choose { .. } => !branches.is_empty(),
            Step::Array { parameter, .. } => parameter != ParameterId(NONE),
            _ => false,
        };
        for Node { steps: program, links, switch, .. } in nodes {
            let is_leaf = links.len == 0 && switch.is_none();
            if is_leaf && !program.of(steps).iter().any(is_wanted) {
                program.len = 0;
            }
        }
    }
}
