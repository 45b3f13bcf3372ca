//! Parameters (PCF), and the curves that another parameter selects (CUR).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::calibration::Calibrations;
use super::encoding::{self, Coded};
use super::table::Row;
use super::{Loader, NewParameter};
use crate::model::{
    ByteOrder, Calibrator, Comparand, Comparison, Condition, Encoding, EngineeringKind, Operator,
    ParameterId, ParameterRef, Scalar, TypeKind,
};

/// Parameters by their names.
pub(super) struct Parameters<'t> {
    pub(super) known: BTreeMap<&'t str, Known<'t>>,
    /// Parameters by their on-board identifiers.
    pub(super) on_board: BTreeMap<i64, ParameterId>,
    /// What the meaning of a parameter depends on.
    pub(super) dependencies: Vec<Dependency<'t>>,
}

/// What became of a row of PCF.
#[derive(Clone, Debug)]
pub(super) enum Known<'t> {
    /// Stands for the parameter whose on-board identifier another one holds.
    Deduced {
        /// That other one; may be empty.
        related: &'t str,
    },
    /// Nothing: there is a finding about it.
    LeftOut,
    /// A parameter.
    Value(Value),
}

/// A parameter with a value of its own.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) id: ParameterId,
    /// Bits of the value, where they are always the same.
    pub(super) bits: Option<u32>,
    /// Bits from its start to the start of the next one in a variable structure.
    pub(super) width: Option<u32>,
    /// Whether its raw values are whole numbers.
    pub(super) is_integer: bool,
}

/// A parameter whose meaning another one decides.
pub(super) struct Dependency<'t> {
    pub(super) of: ParameterId,
    pub(super) on: ParameterId,
    pub(super) row: Row<'t>,
    pub(super) field: &'static str,
}

impl Parameters<'_> {
    /// A parameter of that name with a value of its own.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        match self.known.get(name) {
            Some(Known::Value(value)) => Some(value),
            _ => None,
        }
    }
}

impl<'t> Loader<'_, 't> {
    /// Read PCF.
    pub(super) fn load_parameters(&mut self, calibrations: &Calibrations<'t>) -> Parameters<'t> {
        let tables = self.tables;
        let rows = tables.rows("pcf");
        let selected: BTreeSet<&str> = tables.rows("cur").iter().map(|row| row.text("CUR_PNAME")).collect();
        let mut parameters =
            Parameters { known: BTreeMap::new(), on_board: BTreeMap::new(), dependencies: Vec::new() };
        // What decides about a value may have its row behind it.
        let mut loaded = Vec::new();
        for row in rows {
            let Some(name) = row.required("PCF_NAME", &mut self.findings) else { continue };
            if parameters.known.contains_key(name) {
                self.find(
                    row,
                    "PCF_NAME",
                    format!("there is another parameter `{name}`"),
                    "give each its own name",
                );
                continue;
            }
            let known = self.load_parameter(row, calibrations, selected.contains(name));
            let known = known.unwrap_or(Known::LeftOut);
            if let Known::Value(value) = &known {
                self.load_on_board(row, value.id, &mut parameters);
                loaded.push((row, value.id));
            }
            parameters.known.insert(name, known);
        }
        for (row, id) in loaded {
            self.load_validity(row, id, &mut parameters);
        }
        parameters
    }

    fn load_parameter(
        &mut self,
        row: &Row<'t>,
        calibrations: &Calibrations<'t>,
        is_selected: bool,
    ) -> Option<Known<'t>> {
        row.required("PCF_NATUR", &mut self.findings)?;
        let nature = row.letter("PCF_NATUR", "RDPHSC", 'R', &mut self.findings)?;
        if nature != 'R' {
            let what = format!(
                "parameters of nature {nature} are worked out on the ground: that cannot be expressed"
            );
            self.find(row, "PCF_NATUR", what, "take the parameter out");
            return None;
        }
        let ptc = row.number("PCF_PTC", 1..=99, &mut self.findings)?;
        let pfc = row.number("PCF_PFC", 0..=99_999, &mut self.findings)?;
        let byte_order = match row.letter("PCF_ENDIAN", "BL", 'B', &mut self.findings)? {
            'L' => ByteOrder::LeastSignificantFirst,
            _ => ByteOrder::MostSignificantFirst,
        };
        let (encoding, kind) = match encoding::decode(ptc, pfc, &byte_order, self.options) {
            Coded::Value(encoding, kind) => (encoding, kind),
            Coded::Deduced => return Some(Known::Deduced { related: row.text("PCF_RELATED") }),
            Coded::Unsupported(what) => {
                self.find(
                    row,
                    "PCF_PTC",
                    format!("({ptc}, {pfc}): {what} cannot be expressed"),
                    "use another type and format",
                );
                return None;
            }
        };
        let bits = encoding::fixed_bits(&encoding);
        let is_integer = matches!(encoding, Encoding::Integer { .. });
        let mut scalar = Scalar::new(encoding, kind);
        self.calibrate(row, calibrations, is_selected, &mut scalar)?;
        let width = self.load_width(row, bits);
        let source = NewParameter {
            name: row.text("PCF_NAME"),
            description: row.text("PCF_DESCR"),
            unit: row.text("PCF_UNIT"),
            origin: row.origin(),
        };
        let id = self.add_parameter(source, scalar)?;
        Some(Known::Value(Value { id, bits, width, is_integer }))
    }

    /// The bits that the parameter takes in a variable structure.
    fn load_width(&mut self, row: &Row<'t>, bits: Option<u32>) -> Option<u32> {
        let width = row.number_or("PCF_WIDTH", 0, 0..=999_999, &mut self.findings)?;
        let width = u32::try_from(width).ok()?;
        let bits = bits?;
        if width > 0 && width < bits {
            self.find(
                row,
                "PCF_WIDTH",
                format!("{width} bits do not hold a value of {bits}"),
                "correct the width or PCF_PFC",
            );
        }
        Some(width.max(bits))
    }

    fn load_on_board(&mut self, row: &Row<'t>, id: ParameterId, parameters: &mut Parameters<'t>) {
        if row.text("PCF_PID").is_empty() {
            return;
        }
        let Some(number) = row.number("PCF_PID", 0..=u32::MAX.into(), &mut self.findings) else { return };
        if parameters.on_board.insert(number, id).is_some() {
            self.find(
                row,
                "PCF_PID",
                format!("another parameter has the identifier {number}"),
                "give each its own",
            );
        }
    }

    /// Another parameter decides whether values are valid: by one raw value.
    fn load_validity(&mut self, row: &Row<'t>, of: ParameterId, parameters: &mut Parameters<'t>) {
        let decider = row.text("PCF_VALID");
        if decider.is_empty() {
            return;
        }
        let raw = row.number_or("PCF_VALPAR", 1, i64::MIN..=i64::MAX, &mut self.findings);
        let Some(raw) = raw else { return };
        let condition = self.condition(row, "PCF_VALID", decider, raw, parameters, of);
        if let Some(parameter) = self.database.parameters.get_mut(of.0 as usize) {
            parameter.valid_if = condition;
        }
    }

    /// Give a parameter the calibration that PCF names.
    fn calibrate(
        &mut self,
        row: &Row<'t>,
        calibrations: &Calibrations<'t>,
        is_selected: bool,
        scalar: &mut Scalar,
    ) -> Option<()> {
        row.required("PCF_CATEG", &mut self.findings)?;
        let name = row.text("PCF_CURTX");
        match row.letter("PCF_CATEG", "NST", 'N', &mut self.findings)? {
            'N' if name.is_empty() => {}
            'N' => {
                if let Some(curve) = self.curve(row, "PCF_CURTX", name, calibrations, scalar) {
                    scalar.kind = EngineeringKind::Float;
                    scalar.calibrator = Some(self.extrapolate(row, curve)?);
                }
            }
            'S' => self.name_values(row, calibrations, is_selected, scalar),
            _ if scalar.kind != EngineeringKind::Text => {
                self.find(
                    row,
                    "PCF_CATEG",
                    "the category is text, the type is not",
                    "use PTC 8, or category N or S",
                );
                return None;
            }
            _ if !name.is_empty() => {
                self.find(row, "PCF_CURTX", "text has no calibration", "leave the field empty");
            }
            _ => {}
        }
        Some(())
    }

    /// The curve of that name, if it suits the parameter.
    fn curve(
        &mut self,
        row: &Row<'t>,
        field: &str,
        name: &str,
        calibrations: &Calibrations<'t>,
        scalar: &Scalar,
    ) -> Option<Calibrator> {
        if !matches!(scalar.encoding, Encoding::Integer { .. } | Encoding::Float { .. })
            || matches!(scalar.kind, EngineeringKind::RelativeTime(_))
        {
            self.find(row, field, "only numbers have curves", "leave the field empty, or use PTC 1 to 6");
            return None;
        }
        match calibrations.curves.get(name) {
            Some(Some(curve)) => return Some(curve.clone()),
            Some(None) => {
                self.find(row, field, format!("`{name}` was left out: values stay raw"), "correct its table");
            }
            None if calibrations.words.contains_key(name) => {
                self.find(row, field, format!("`{name}` is a list of words"), "use category S, or a curve");
            }
            None => {
                let what = format!("neither caf nor mcf nor lgf has `{name}`");
                self.find(row, field, what, "add its row, or correct the name");
            }
        }
        None
    }

    /// What PCF says about values outside the points of a curve wins over what the curve says.
    fn extrapolate(&mut self, row: &Row<'t>, curve: Calibrator) -> Option<Calibrator> {
        let flag = row.text("PCF_INTER");
        let beyond = row.letter("PCF_INTER", "PF", 'F', &mut self.findings)? == 'P';
        Some(match curve {
            Calibrator::Spline { order, points, .. } if !flag.is_empty() => {
                Calibrator::Spline { order, extrapolate: beyond, points }
            }
            other => other,
        })
    }

    /// Give a status parameter its words.
    fn name_values(
        &mut self,
        row: &Row<'t>,
        calibrations: &Calibrations<'t>,
        is_selected: bool,
        scalar: &mut Scalar,
    ) {
        let name = row.text("PCF_CURTX");
        let (what, fix) = match calibrations.words.get(name) {
            _ if !matches!(scalar.encoding, Encoding::Integer { .. }) => {
                ("only whole numbers have words".to_string(), "use another type, or category N")
            }
            Some(Some(labels)) => {
                scalar.kind = EngineeringKind::Enumerated(labels.clone());
                return;
            }
            Some(None) => (format!("`{name}` was left out: values stay raw"), "correct its table"),
            None if name.is_empty() && is_selected => (
                "words that depend on another parameter cannot be expressed".to_string(),
                "name one list of words",
            ),
            None if name.is_empty() => {
                ("a status needs words".to_string(), "name a row of txf, or use category N")
            }
            None => (format!("txf has no `{name}`"), "add its row, or correct the name"),
        };
        self.find(row, "PCF_CURTX", what, fix);
    }

    /// Read CUR: curves that apply while another parameter has some raw value.
    pub(super) fn load_conditional_calibrations(
        &mut self,
        calibrations: &Calibrations<'t>,
        parameters: &mut Parameters<'t>,
    ) {
        let mut rows: Vec<(i64, &Row<'t>)> = Vec::new();
        let tables = self.tables;
        for row in tables.rows("cur") {
            let Some(position) = row.number("CUR_POS", 0..=99, &mut self.findings) else { continue };
            rows.push((position, row));
        }
        rows.sort_by_key(|(position, _)| *position);
        for (_, row) in rows {
            self.load_conditional_calibration(row, calibrations, parameters);
        }
    }

    fn load_conditional_calibration(
        &mut self,
        row: &Row<'t>,
        calibrations: &Calibrations<'t>,
        parameters: &mut Parameters<'t>,
    ) -> Option<()> {
        let name = row.required("CUR_PNAME", &mut self.findings)?;
        let value = self.resolve(row, "CUR_PNAME", name, parameters)?.clone();
        let decider = row.required("CUR_RLCHK", &mut self.findings)?;
        let selected = row.number("CUR_VALPAR", i64::MIN..=i64::MAX, &mut self.findings)?;
        let condition = self.condition(row, "CUR_RLCHK", decider, selected, parameters, value.id)?;
        let curve_name = row.required("CUR_SELECT", &mut self.findings)?;
        let scalar = self.scalar(value.id)?.clone();
        if matches!(scalar.kind, EngineeringKind::Enumerated(_))
            || calibrations.words.contains_key(curve_name)
        {
            let what = "words that depend on another parameter cannot be expressed";
            self.find(row, "CUR_SELECT", what, "name one list of words in pcf");
            return None;
        }
        let curve = self.curve(row, "CUR_SELECT", curve_name, calibrations, &scalar)?;
        let scalar = self.scalar(value.id)?;
        scalar.kind = EngineeringKind::Float;
        scalar.context_calibrators.push((condition, curve));
        Some(())
    }

    /// The condition that a parameter has some raw value, where it decides what another one means.
    pub(super) fn condition(
        &mut self,
        row: &Row<'t>,
        field: &'static str,
        decider: &str,
        raw: i64,
        parameters: &mut Parameters<'t>,
        of: ParameterId,
    ) -> Option<Condition> {
        let on = self.resolve(row, field, decider, parameters)?;
        let (id, is_integer) = (on.id, on.is_integer);
        if !is_integer {
            self.find(
                row,
                field,
                format!("`{decider}` is no whole number"),
                "name a parameter of PTC 1, 2, 3, 4 or 6",
            );
            return None;
        }
        parameters.dependencies.push(Dependency { of, on: id, row: row.clone(), field });
        Some(equals(id, raw))
    }

    /// The parameter that a row names.
    pub(super) fn resolve<'p>(
        &mut self,
        row: &Row<'t>,
        field: &str,
        name: &str,
        parameters: &'p Parameters<'t>,
    ) -> Option<&'p Value> {
        match parameters.known.get(name) {
            Some(Known::Value(value)) => return Some(value),
            Some(Known::Deduced { .. }) => {
                self.find(
                    row,
                    field,
                    format!("`{name}` is deduced: it has no value of its own"),
                    "name another parameter",
                );
            }
            Some(Known::LeftOut) => {
                self.find(row, field, format!("`{name}` was left out"), "correct its row in pcf");
            }
            None => self.find(row, field, format!("pcf has no `{name}`"), "add its row, or correct the name"),
        }
        None
    }

    /// The type of a parameter.
    pub(super) fn scalar(&mut self, id: ParameterId) -> Option<&mut Scalar> {
        let type_id = self.database.parameter(id)?.parameter_type;
        match &mut self.database.types.get_mut(type_id.0 as usize)?.kind {
            TypeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }
}

/// The raw value of a parameter.
pub(super) const fn raw(parameter: ParameterId) -> ParameterRef {
    ParameterRef { parameter, path: Vec::new(), calibrated: false }
}

/// The condition that a parameter has this raw value.
pub(super) fn equals(parameter: ParameterId, value: i64) -> Condition {
    let right = Comparand::Literal(value.to_string());
    Condition::Compare(Comparison { left: raw(parameter), operator: Operator::Equal, right })
}
