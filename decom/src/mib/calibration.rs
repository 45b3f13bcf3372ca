//! Curves (CAF with CAP, MCF, LGF) and words (TXF with TXP).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::MibError;
use super::table::{Row, Tables};
use crate::model::{Calibrator, Label};

/// Calibrations by their names.
pub(super) struct Calibrations<'t> {
    /// Curves; one that is wrong has nothing beside its name.
    pub(super) curves: BTreeMap<&'t str, Option<Calibrator>>,
    /// Words, in order of their values; a list that is wrong has nothing beside its name.
    pub(super) words: BTreeMap<&'t str, Option<Vec<Label>>>,
}

/// Read all calibrations.
pub(super) fn load<'t>(tables: &Tables<'t>, findings: &mut Vec<MibError>) -> Calibrations<'t> {
    let mut curves = BTreeMap::new();
    load_points(tables, &mut curves, findings);
    for row in tables.rows("mcf") {
        let curve = coefficients(row, "MCF_POL", findings).map(|coefficients| Calibrator::Polynomial {
            coefficients: coefficients.to_vec(),
            negative: Vec::new(),
        });
        insert(row, "MCF_IDENT", curve, &mut curves, findings);
    }
    for row in tables.rows("lgf") {
        let curve = coefficients(row, "LGF_POL", findings).map(Calibrator::ReciprocalLogarithmic);
        insert(row, "LGF_IDENT", curve, &mut curves, findings);
    }
    Calibrations { curves, words: load_words(tables, findings) }
}

fn coefficients(row: &Row<'_>, prefix: &str, findings: &mut Vec<MibError>) -> Option<[f64; 5]> {
    let mut coefficients = [0.0; 5];
    for (power, coefficient) in (1..).zip(&mut coefficients) {
        let field = format!("{prefix}{power}");
        *coefficient =
            if power == 1 { row.real(&field, findings)? } else { row.real_or(&field, 0.0, findings)? };
    }
    Some(coefficients)
}

fn load_points<'t>(
    tables: &Tables<'t>,
    curves: &mut BTreeMap<&'t str, Option<Calibrator>>,
    findings: &mut Vec<MibError>,
) {
    let mut points: BTreeMap<&str, Vec<&Row<'t>>> = BTreeMap::new();
    for row in tables.rows("cap") {
        let Some(name) = row.required("CAP_NUMBR", findings) else { continue };
        points.entry(name).or_default().push(row);
    }
    for row in tables.rows("caf") {
        let Some(name) = row.required("CAF_NUMBR", findings) else { continue };
        let rows = points.remove(name).unwrap_or_default();
        let curve = curve(row, &rows, findings);
        insert(row, "CAF_NUMBR", curve, curves, findings);
    }
    for row in points.values().filter_map(|rows| rows.first()) {
        let name = row.text("CAP_NUMBR");
        findings.push(row.finding(
            "CAP_NUMBR",
            format!("caf has no `{name}`"),
            "add its row, or take the points out",
        ));
    }
}

fn curve(caf: &Row<'_>, rows: &[&Row<'_>], findings: &mut Vec<MibError>) -> Option<Calibrator> {
    let raw = NumberFormat::of(caf, "CAF_RAWFMT", findings)?;
    let engineering = NumberFormat::of(caf, "CAF_ENGFMT", findings)?;
    let extrapolate = caf.letter("CAF_INTER", "PF", 'F', findings)? == 'P';
    check_count(caf, "CAF_NCURVE", rows.len(), findings)?;
    let mut points = Vec::new();
    for row in rows {
        points.push((raw.parse(row, "CAP_XVALS", findings)?, engineering.parse(row, "CAP_YVALS", findings)?));
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let twice = points.windows(2).any(|pair| matches!(pair, [a, b] if a.0 == b.0));
    if points.is_empty() || twice {
        let what = if twice { "two points have the same raw value" } else { "the curve has no points" };
        findings.push(caf.finding("CAF_NUMBR", what, "correct the rows of cap"));
        return None;
    }
    Some(Calibrator::Spline { order: 1, extrapolate, points })
}

/// How the numbers of a curve are written.
#[derive(Clone, Copy)]
enum NumberFormat {
    Decimal,
    Radix(u32),
}

impl NumberFormat {
    fn of(caf: &Row<'_>, field: &str, findings: &mut Vec<MibError>) -> Option<Self> {
        caf.required(field, findings)?;
        let format = caf.letter(field, "IUR", 'R', findings)?;
        let radix = caf.letter("CAF_RADIX", "DHO", 'D', findings)?;
        Some(match (format, radix) {
            ('U', 'H') => Self::Radix(16),
            ('U', 'O') => Self::Radix(8),
            _ => Self::Decimal,
        })
    }

    fn parse(self, row: &Row<'_>, field: &str, findings: &mut Vec<MibError>) -> Option<f64> {
        let Self::Radix(radix) = self else { return row.real(field, findings) };
        let text = row.required(field, findings)?;
        let number = u64::from_str_radix(text, radix).ok();
        if number.is_none() {
            findings.push(row.finding(
                field,
                format!("`{text}` is no number of base {radix}"),
                "correct the number",
            ));
        }
        number.map(|number| number as f64)
    }
}

fn load_words<'t>(
    tables: &Tables<'t>,
    findings: &mut Vec<MibError>,
) -> BTreeMap<&'t str, Option<Vec<Label>>> {
    let mut rows: BTreeMap<&str, Vec<&Row<'t>>> = BTreeMap::new();
    for row in tables.rows("txp") {
        let Some(name) = row.required("TXP_NUMBR", findings) else { continue };
        rows.entry(name).or_default().push(row);
    }
    let mut words = BTreeMap::new();
    for row in tables.rows("txf") {
        let Some(name) = row.required("TXF_NUMBR", findings) else { continue };
        let rows = rows.remove(name).unwrap_or_default();
        let labels = labels(row, &rows, findings);
        insert(row, "TXF_NUMBR", labels, &mut words, findings);
    }
    for row in rows.values().filter_map(|rows| rows.first()) {
        let name = row.text("TXP_NUMBR");
        findings.push(row.finding(
            "TXP_NUMBR",
            format!("txf has no `{name}`"),
            "add its row, or take the words out",
        ));
    }
    words
}

fn labels(txf: &Row<'_>, rows: &[&Row<'_>], findings: &mut Vec<MibError>) -> Option<Vec<Label>> {
    txf.required("TXF_RAWFMT", findings)?;
    let format = txf.letter("TXF_RAWFMT", "IUR", 'U', findings)?;
    check_count(txf, "TXF_NALIAS", rows.len(), findings)?;
    let mut labels = Vec::new();
    for row in rows {
        let first = bound(row, "TXP_FROM", format, findings)?;
        let last = bound(row, "TXP_TO", format, findings)?;
        let label = row.required("TXP_ALTXT", findings)?.to_string();
        if last < first {
            findings.push(row.finding("TXP_TO", "the range ends before it begins", "exchange the bounds"));
            return None;
        }
        labels.push(Label { first, last, label });
    }
    labels.sort_by_key(|label| label.first);
    if labels.windows(2).any(|pair| matches!(pair, [a, b] if b.first <= a.last)) {
        findings.push(txf.finding("TXF_NUMBR", "two words share a raw value", "correct the rows of txp"));
        return None;
    }
    if labels.is_empty() {
        findings.push(txf.finding("TXF_NUMBR", "there are no words", "add rows to txp"));
        return None;
    }
    Some(labels)
}

/// Words stand for whole numbers, however they are written.
fn bound(row: &Row<'_>, field: &str, format: char, findings: &mut Vec<MibError>) -> Option<i64> {
    if format != 'R' {
        return row.number(field, i64::MIN..=i64::MAX, findings);
    }
    let number = row.real(field, findings)?;
    let whole = number as i64;
    if whole as f64 != number {
        findings.push(row.finding(field, "words for fractions cannot be expressed", "use whole numbers"));
        return None;
    }
    Some(whole)
}

fn check_count(row: &Row<'_>, field: &str, count: usize, findings: &mut Vec<MibError>) -> Option<()> {
    let default = i64::try_from(count).ok()?;
    let told = row.number_or(field, default, 0..=i64::MAX, findings)?;
    if told != default {
        findings.push(row.finding(
            field,
            format!("it says {told}, but there are {count}"),
            "correct the count or the rows",
        ));
    }
    Some(())
}

fn insert<'t, T>(
    row: &Row<'t>,
    field: &str,
    value: Option<T>,
    into: &mut BTreeMap<&'t str, Option<T>>,
    findings: &mut Vec<MibError>,
) {
    let Some(name) = row.required(field, findings) else { return };
    if into.insert(name, value).is_some() {
        findings.push(row.finding(
            field,
            format!("there is another calibration `{name}`"),
            "give each its own name",
        ));
    }
}
