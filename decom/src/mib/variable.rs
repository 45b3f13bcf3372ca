//! Structures of packets that vary (VPD).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Loader;
use super::parameter::{Known, Parameters, raw};
use super::table::Row;
use crate::model::layout::Chosen;
use crate::model::{
    Container, ContainerId, Entry, EntryKind, IntExpr, Location, Origin, ParameterId, Reference, Repeat,
};

/// All structures, by TPSD.
pub(super) struct Structures {
    pub(super) all: BTreeMap<i64, Structure>,
    /// Whether a value in some packet names a structure.
    pub(super) has_choices: bool,
}

/// A structure.
pub(super) struct Structure {
    pub(super) container: ContainerId,
    /// What it holds, whatever its choices lead to.
    pub(super) parameters: BTreeSet<ParameterId>,
}

/// A row of VPD.
struct Position<'a, 't> {
    row: &'a Row<'t>,
    position: i64,
    name: &'t str,
    group: usize,
    repetitions: i64,
    is_choice: bool,
    is_identifier: bool,
    offset: i64,
}

/// A structure as it grows.
struct Growing<'c> {
    number: i64,
    /// The structures that a choice may lead to.
    choices: &'c [(i64, Chosen)],
    parameters: BTreeSet<ParameterId>,
    /// The parameter that holds the on-board identifier of a deduced one.
    identifier: Option<ParameterId>,
}

impl<'a, 't> Loader<'a, 't> {
    /// Read VPD. Structures without choices come first: they are what choices lead to.
    pub(super) fn load_structures(&mut self, parameters: &Parameters<'t>) -> Structures {
        let mut rows: BTreeMap<i64, Vec<Position<'a, 't>>> = BTreeMap::new();
        let mut broken = BTreeSet::new();
        for row in self.tables.rows("vpd") {
            let Some(number) = row.number("VPD_TPSD", 1..=u32::MAX.into(), &mut self.findings) else {
                continue;
            };
            match self.read_position(row) {
                Some(position) => rows.entry(number).or_default().push(position),
                None => _ = broken.insert(number),
            }
        }
        rows.retain(|number, _| !broken.contains(number));
        for positions in rows.values_mut() {
            positions.sort_by_key(|position| position.position);
            self.check_positions(positions);
        }
        let has_choices = rows.values().flatten().any(|position| position.is_choice);
        let mut all = BTreeMap::new();
        let (with, without): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|(_, positions)| positions.iter().any(|position| position.is_choice));
        for (number, positions) in without {
            self.add_structure(number, &positions, &[], parameters, &mut all);
        }
        let choices: Vec<(i64, Chosen)> =
            all.iter().map(|(number, structure)| (*number, Chosen::Container(structure.container))).collect();
        for (number, positions) in with {
            self.add_structure(number, &positions, &choices, parameters, &mut all);
        }
        Structures { all, has_choices }
    }

    fn read_position(&mut self, row: &'a Row<'t>) -> Option<Position<'a, 't>> {
        let findings = &mut self.findings;
        let position = Position {
            row,
            position: row.number("VPD_POS", 0..=9999, findings)?,
            name: row.required("VPD_NAME", findings)?,
            group: usize::try_from(row.number_or("VPD_GRPSIZE", 0, 0..=999, findings)?).ok()?,
            repetitions: row.number_or("VPD_FIXREP", 0, 0..=999, findings)?,
            is_choice: row.letter("VPD_CHOICE", "YN", 'N', findings)? == 'Y',
            is_identifier: row.letter("VPD_PIDREF", "YN", 'N', findings)? == 'Y',
            offset: row.number_or("VPD_OFFSET", 0, -32_768..=32_767, findings)?,
        };
        if position.repetitions > 0 && position.group == 0 {
            self.find(row, "VPD_FIXREP", "there is no group to repeat", "give VPD_GRPSIZE, or write 0");
            return None;
        }
        if position.group > 0 && (position.is_choice || position.is_identifier) {
            let what = "a counter is neither a choice nor an identifier";
            self.find(row, "VPD_GRPSIZE", what, "write 0, or N in VPD_CHOICE and VPD_PIDREF");
            return None;
        }
        Some(position)
    }

    fn check_positions(&mut self, positions: &[Position<'a, 't>]) {
        for pair in positions.windows(2) {
            let [first, second] = pair else { continue };
            if first.position == second.position {
                let what = format!("another row has position {}", second.position);
                self.find(second.row, "VPD_POS", what, "give each its own position");
            }
        }
    }

    fn add_structure(
        &mut self,
        number: i64,
        positions: &[Position<'a, 't>],
        choices: &[(i64, Chosen)],
        parameters: &Parameters<'t>,
        all: &mut BTreeMap<i64, Structure>,
    ) -> Option<()> {
        let mut growing = Growing { number, choices, parameters: BTreeSet::new(), identifier: None };
        let origin = positions.first()?.row.origin();
        let (entries, _) = self.sequence(positions, parameters, &mut growing);
        let container = self.add_sequence(format!("/MIB/VPD/{number}"), entries, origin)?;
        all.insert(number, Structure { container, parameters: growing.parameters });
        Some(())
    }

    fn add_sequence(&mut self, name: String, entries: Vec<Entry>, origin: Origin) -> Option<ContainerId> {
        self.add_container(Container {
            name,
            description: String::new(),
            base: None,
            next: None,
            is_abstract: false,
            entries,
            size_bits: None,
            origin,
        })
    }

    /// Entries of some rows, and whether there are all of them: what comes after one that is missing would be misplaced.
    fn sequence(
        &mut self,
        positions: &[Position<'a, 't>],
        parameters: &Parameters<'t>,
        growing: &mut Growing<'_>,
    ) -> (Vec<Entry>, bool) {
        let mut entries = Vec::new();
        let mut rest = positions;
        while let Some((position, after)) = rest.split_first() {
            let Some((group, after)) = after.split_at_checked(position.group) else {
                let what =
                    format!("the group has {} rows, but only {} are left", position.group, after.len());
                self.find(position.row, "VPD_GRPSIZE", what, "correct the size, or what is around the group");
                return (entries, false);
            };
            let before = entries.len();
            let complete = self.position(position, parameters, growing, &mut entries)
                && (group.is_empty() || self.group(position, group, parameters, growing, &mut entries));
            if !complete {
                entries.truncate(before);
                let what = "the structure is left out from here on: what follows has no known place";
                self.find(position.row, "VPD_NAME", what, "correct what is wrong with this row");
                return (entries, false);
            }
            rest = after;
        }
        (entries, true)
    }

    /// The parameter of a row, and what it leads to. Whether it is all there.
    fn position(
        &mut self,
        position: &Position<'a, 't>,
        parameters: &Parameters<'t>,
        growing: &mut Growing<'_>,
        entries: &mut Vec<Entry>,
    ) -> bool {
        if position.repetitions > 0 {
            // The row of a fixed repetition names a parameter that the packet does not carry.
            return true;
        }
        let offset =
            Location { reference: Reference::PreviousEntry, offset: IntExpr::Fixed(position.offset) };
        let origin = position.row.origin();
        if let Some(Known::Deduced { related }) = parameters.known.get(position.name) {
            let Some(kind) = self.deduced(position, related, parameters, growing) else { return false };
            entries.push(Entry { location: offset, ..Entry::new(kind, origin) });
            return true;
        }
        let Some(value) = self.resolve(position.row, "VPD_NAME", position.name, parameters) else {
            return false;
        };
        growing.parameters.insert(value.id);
        let kind = EntryKind::Parameter(value.id);
        entries.push(Entry { location: offset, ..Entry::new(kind, origin) });
        let padding = value.width.zip(value.bits).map_or(0, |(width, bits)| width.saturating_sub(bits));
        if padding > 0 {
            let bits = IntExpr::Fixed(padding.into());
            entries.push(Entry::new(EntryKind::Fill { bits }, origin));
        }
        if (position.is_choice || position.is_identifier || position.group > 0) && !value.is_integer {
            let what = format!("`{}` is no whole number", position.name);
            self.find(position.row, "VPD_NAME", what, "name a parameter of PTC 1, 2, 3, 4 or 6");
            return false;
        }
        if position.is_identifier {
            growing.identifier = Some(value.id);
        }
        if position.is_choice {
            let kind = EntryKind::Choice { selector: raw(value.id), cases: growing.choices.to_vec() };
            entries.push(Entry::new(kind, origin));
        }
        true
    }

    /// A choice among all parameters that have an on-board identifier.
    fn deduced(
        &mut self,
        position: &Position<'a, 't>,
        related: &str,
        parameters: &Parameters<'t>,
        growing: &Growing<'_>,
    ) -> Option<EntryKind> {
        let named = parameters.value(related).map(|value| value.id);
        let Some(identifier) = named.or(growing.identifier) else {
            let what = format!("nothing before it says what `{}` is", position.name);
            self.find(
                position.row,
                "VPD_NAME",
                what,
                "write Y in VPD_PIDREF of the row that holds the identifier",
            );
            return None;
        };
        let cases: Vec<(i64, Chosen)> =
            parameters.on_board.iter().map(|(number, id)| (*number, Chosen::Parameter(*id))).collect();
        if cases.is_empty() {
            self.find(position.row, "VPD_NAME", "no parameter has an on-board identifier", "fill PCF_PID");
            return None;
        }
        Some(EntryKind::Choice { selector: raw(identifier), cases })
    }

    /// The rows that a counter repeats, as a container of their own. Whether they are all there.
    fn group(
        &mut self,
        counter: &Position<'a, 't>,
        group: &[Position<'a, 't>],
        parameters: &Parameters<'t>,
        growing: &mut Growing<'_>,
        entries: &mut Vec<Entry>,
    ) -> bool {
        let count = if counter.repetitions > 0 {
            IntExpr::Fixed(counter.repetitions)
        } else {
            let Some(value) = parameters.value(counter.name) else { return false };
            IntExpr::Linear { parameter: raw(value.id), slope: 1.0, intercept: 0.0 }
        };
        let (inside, complete) = self.sequence(group, parameters, growing);
        let name = format!("/MIB/VPD/{}/{}", growing.number, counter.position);
        let origin = counter.row.origin();
        let Some(container) = self.add_sequence(name, inside, origin).filter(|_| complete) else {
            return false;
        };
        let repeat = Some(Repeat { count, gap: IntExpr::Fixed(0) });
        entries.push(Entry { repeat, ..Entry::new(EntryKind::Container(container), origin) });
        true
    }
}
