//! Limits (OCF with OCP) as alarms: soft ones warn, hard ones are critical.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Loader;
use super::parameter::{Parameters, Value};
use super::table::Row;
use crate::model::{Alarm, AlarmLevel, AlarmRange, Condition, EngineeringKind, Label};

impl<'t> Loader<'_, 't> {
    /// Read OCF and OCP.
    pub(super) fn load_limits(&mut self, parameters: &mut Parameters<'t>) {
        let tables = self.tables;
        let mut checks: BTreeMap<&str, Vec<(i64, &Row<'t>)>> = BTreeMap::new();
        for row in tables.rows("ocp") {
            let Some(name) = row.required("OCP_NAME", &mut self.findings) else { continue };
            let Some(position) = row.number("OCP_POS", 0..=99, &mut self.findings) else { continue };
            checks.entry(name).or_default().push((position, row));
        }
        for row in tables.rows("ocf") {
            let Some(name) = row.required("OCF_NAME", &mut self.findings) else { continue };
            let Some(mut rows) = checks.remove(name) else {
                self.find(
                    row,
                    "OCF_NAME",
                    format!("ocp has no checks of `{name}`"),
                    "add its rows, or take this one out",
                );
                continue;
            };
            rows.sort_by_key(|(position, _)| *position);
            let rows: Vec<&Row<'t>> = rows.into_iter().map(|(_, row)| row).collect();
            self.load_limits_of(row, name, &rows, parameters);
        }
        for (name, rows) in checks {
            let Some((_, row)) = rows.first() else { continue };
            self.find(row, "OCP_NAME", format!("ocf has no `{name}`"), "add its row, or take the checks out");
        }
    }

    fn load_limits_of(
        &mut self,
        ocf: &Row<'t>,
        name: &str,
        rows: &[&Row<'t>],
        parameters: &mut Parameters<'t>,
    ) -> Option<()> {
        let value = self.resolve(ocf, "OCF_NAME", name, parameters)?.clone();
        let violations = ocf.number("OCF_NBCHCK", 1..=99, &mut self.findings)?;
        let told = ocf.number("OCF_NBOOL", 1..=99, &mut self.findings)?;
        if i64::try_from(rows.len()).ok() != Some(told) {
            let what = format!("it says {told} checks, but there are {}", rows.len());
            self.find(ocf, "OCF_NBOOL", what, "correct the number or the rows of ocp");
        }
        let target = self.target(ocf, &value)?;
        let mut sets = Sets { always: Alarm::default(), when: Vec::new(), decider: String::new() };
        for row in rows {
            self.load_check(row, &target, &value, &mut sets, parameters);
        }
        let min_violations = u32::try_from(violations).ok()?;
        let Sets { mut always, when, .. } = sets;
        always.min_violations = min_violations;
        let scalar = self.scalar(value.id)?;
        for (_, condition, mut alarm) in when {
            // Checks that always apply do so beside those with a condition.
            alarm.ranges.extend_from_slice(&always.ranges);
            alarm.labels.extend_from_slice(&always.labels);
            alarm.min_violations = min_violations;
            scalar.context_alarms.push((condition, alarm));
        }
        if !always.ranges.is_empty() || !always.labels.is_empty() {
            scalar.alarm = Some(always);
        }
        Some(())
    }

    /// What the limits of a parameter are compared with.
    fn target(&mut self, ocf: &Row<'t>, value: &Value) -> Option<Target> {
        let raw = ocf.letter("OCF_INTER", "UC", 'C', &mut self.findings)? == 'U';
        let form = ocf.letter("OCF_CODIN", "RAI", 'R', &mut self.findings)?;
        let scalar = self.scalar(value.id)?;
        let calibrated = scalar.calibrator.is_some() || !scalar.context_calibrators.is_empty();
        let kind = scalar.kind.clone();
        let (field, what) = match (kind, form) {
            (EngineeringKind::Enumerated(labels), 'A') if !raw => return Some(Target::Words(labels)),
            (EngineeringKind::Enumerated(labels), 'I' | 'R') if raw => return Some(Target::Values(labels)),
            (EngineeringKind::Enumerated(_), _) => {
                ("OCF_CODIN", "a status is checked as text when calibrated, as a number when not")
            }
            (EngineeringKind::Integer | EngineeringKind::Float, 'I' | 'R') if raw && calibrated => {
                ("OCF_INTER", "limits on the raw value of a calibrated parameter cannot be expressed")
            }
            (EngineeringKind::Integer | EngineeringKind::Float, 'I' | 'R') => return Some(Target::Number),
            _ => ("OCF_NAME", "only numbers and states have limits"),
        };
        self.find(ocf, field, what, "correct the row, or take its checks out");
        None
    }

    fn load_check(
        &mut self,
        row: &Row<'t>,
        target: &Target,
        value: &Value,
        sets: &mut Sets,
        parameters: &mut Parameters<'t>,
    ) -> Option<()> {
        row.required("OCP_TYPE", &mut self.findings)?;
        let level = match row.letter("OCP_TYPE", "SHDCE", 'S', &mut self.findings)? {
            'S' => AlarmLevel::Warning,
            'H' => AlarmLevel::Critical,
            other => {
                let what = match other {
                    'D' => "delta checks cannot be expressed",
                    'C' => "consistency with commands cannot be expressed",
                    _ => "events cannot be expressed",
                };
                self.find(row, "OCP_TYPE", what, "take the check out");
                return None;
            }
        };
        let decider = row.text("OCP_RLCHK");
        let selected = row.number_or("OCP_VALPAR", 1, i64::MIN..=i64::MAX, &mut self.findings)?;
        let alarm = if decider.is_empty() {
            &mut sets.always
        } else {
            if sets.when.is_empty() {
                sets.decider = decider.to_string();
            } else if sets.decider != decider {
                let what = format!("`{}` decides about other checks of the parameter", sets.decider);
                self.find(row, "OCP_RLCHK", what, "let one parameter decide about all of them");
                return None;
            }
            let at = match sets.when.iter().position(|(raw, ..)| *raw == selected) {
                Some(at) => at,
                None => {
                    let of = value.id;
                    let condition = self.condition(row, "OCP_RLCHK", decider, selected, parameters, of)?;
                    sets.when.push((selected, condition, Alarm::default()));
                    sets.when.len() - 1
                }
            };
            sets.when.get_mut(at).map(|(.., alarm)| alarm)?
        };
        match target {
            Target::Number => {
                let (low, high) =
                    (row.real("OCP_LVALU", &mut self.findings)?, bound(row, &mut self.findings)?);
                alarm.ranges.push(outside(level, f64::NEG_INFINITY, low));
                alarm.ranges.extend(high.map(|high| outside(level, high, f64::INFINITY)));
            }
            Target::Values(labels) => {
                let state = row.number("OCP_LVALU", i64::MIN..=i64::MAX, &mut self.findings)?;
                let label = labels.iter().find(|label| (label.first..=label.last).contains(&state));
                let Some(label) = label else {
                    self.find(
                        row,
                        "OCP_LVALU",
                        format!("no word stands for {state}"),
                        "correct the value, or add the word to txp",
                    );
                    return None;
                };
                alarm.labels.push((label.label.clone(), level));
            }
            Target::Words(labels) => {
                let state = row.required("OCP_LVALU", &mut self.findings)?;
                if labels.iter().all(|label| label.label != state) {
                    self.find(
                        row,
                        "OCP_LVALU",
                        format!("the parameter has no state `{state}`"),
                        "use a word of txp",
                    );
                    return None;
                }
                alarm.labels.push((state.to_string(), level));
            }
        }
        Some(())
    }
}

/// What limits are compared with.
enum Target {
    /// The engineering number.
    Number,
    /// The raw value of a state.
    Values(Vec<Label>),
    /// The word of a state.
    Words(Vec<Label>),
}

/// Checks by the condition under which they apply.
struct Sets {
    always: Alarm,
    /// The raw value of the parameter that decides, the condition that it has it, and the checks.
    when: Vec<(i64, Condition, Alarm)>,
    decider: String,
}

fn bound(row: &Row<'_>, findings: &mut Vec<super::MibError>) -> Option<Option<f64>> {
    if row.text("OCP_HVALU").is_empty() { Some(None) } else { row.real("OCP_HVALU", findings).map(Some) }
}

/// Limits themselves are still good.
const fn outside(level: AlarmLevel, min: f64, max: f64) -> AlarmRange {
    AlarmRange { level, min, min_inclusive: false, max, max_inclusive: false }
}
