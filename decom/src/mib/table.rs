//! Tables of the ICD: rows of fields separated by tabs.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use std::path::Path;

use super::MibError;
use crate::model::Origin;

/// The tables that were given.
pub(super) struct Tables<'t> {
    rows: BTreeMap<&'static str, Vec<Row<'t>>>,
}

impl<'t> Tables<'t> {
    /// Split texts into rows. Names are those of tables or of files, in any case.
    pub(super) fn parse(sources: &[(&str, &'t str)], findings: &mut Vec<MibError>) -> Self {
        let mut rows: BTreeMap<&'static str, Vec<Row<'t>>> = BTreeMap::new();
        for (name, text) in sources {
            let name = name.to_ascii_lowercase();
            let name = name.strip_suffix(".dat").unwrap_or(&name);
            if NOT_TELEMETRY.contains(&name) {
                continue;
            }
            let Some(schema) = SCHEMAS.iter().find(|schema| schema.name == name) else {
                findings.push(MibError {
                    table: name.to_string(),
                    line: 0,
                    column: String::new(),
                    what: String::from("no table of the ICD has this name"),
                    fix: String::from("take the file out of the folder"),
                });
                continue;
            };
            let lines = (1..).zip(text.lines());
            let parsed = lines.filter(|(_, line)| !line.trim().is_empty()).map(|(line, text)| Row {
                schema,
                line,
                fields: text.split('\t').map(str::trim).collect(),
            });
            let table = rows.entry(schema.name).or_default();
            for row in parsed {
                row.check_width(findings);
                table.push(row);
            }
        }
        Self { rows }
    }

    /// The rows of a table; none when it was not given.
    pub(super) fn rows(&self, table: &str) -> &[Row<'t>] {
        self.rows.get(table).map_or(&[], |rows| rows)
    }
}

/// A row of a table.
#[derive(Clone, Debug)]
pub(super) struct Row<'t> {
    schema: &'static Schema,
    line: u32,
    fields: Vec<&'t str>,
}

impl<'t> Row<'t> {
    /// Where the row stands.
    pub(super) fn origin(&self) -> Origin {
        Origin { line: self.line, column: 0 }
    }

    /// Something about a field of this row.
    pub(super) fn finding(&self, field: &str, what: impl Into<String>, fix: impl Into<String>) -> MibError {
        MibError {
            table: self.schema.name.to_string(),
            line: self.line,
            column: field.to_string(),
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// A field; empty where the row has none.
    pub(super) fn text(&self, field: &str) -> &'t str {
        let position = self.schema.columns.iter().position(|name| *name == field);
        position.and_then(|position| self.fields.get(position)).copied().unwrap_or("")
    }

    /// A field that must be there.
    pub(super) fn required(&self, field: &str, findings: &mut Vec<MibError>) -> Option<&'t str> {
        let text = self.text(field);
        if text.is_empty() {
            findings.push(self.finding(field, "the field is empty", "the ICD makes it mandatory"));
            return None;
        }
        Some(text)
    }

    /// A whole number that must be there.
    pub(super) fn number(
        &self,
        field: &str,
        range: RangeInclusive<i64>,
        findings: &mut Vec<MibError>,
    ) -> Option<i64> {
        self.required(field, findings)?;
        self.number_or(field, 0, range, findings)
    }

    /// A whole number, or what stands for an empty field.
    pub(super) fn number_or(
        &self,
        field: &str,
        default: i64,
        range: RangeInclusive<i64>,
        findings: &mut Vec<MibError>,
    ) -> Option<i64> {
        let text = self.text(field);
        let number = if text.is_empty() { Some(default) } else { text.parse().ok() };
        if let Some(number) = number.filter(|number| range.contains(number) || text.is_empty()) {
            return Some(number);
        }
        findings.push(self.finding(
            field,
            format!("`{text}` is no whole number from {} to {}", range.start(), range.end()),
            "correct the number",
        ));
        None
    }

    /// A number that must be there.
    pub(super) fn real(&self, field: &str, findings: &mut Vec<MibError>) -> Option<f64> {
        self.required(field, findings)?;
        self.real_or(field, 0.0, findings)
    }

    /// A number, or what stands for an empty field.
    pub(super) fn real_or(&self, field: &str, default: f64, findings: &mut Vec<MibError>) -> Option<f64> {
        let text = self.text(field);
        if text.is_empty() {
            return Some(default);
        }
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            findings.push(self.finding(field, format!("`{text}` is no number"), "correct the number"));
        }
        number
    }

    /// One of several letters, or what stands for an empty field.
    pub(super) fn letter(
        &self,
        field: &str,
        letters: &str,
        default: char,
        findings: &mut Vec<MibError>,
    ) -> Option<char> {
        let text = self.text(field);
        let mut characters = text.chars();
        let letter = match (characters.next(), characters.next()) {
            (None, _) => Some(default),
            (Some(letter), None) => Some(letter).filter(|letter| letters.contains(*letter)),
            _ => None,
        };
        if letter.is_none() {
            findings.push(self.finding(
                field,
                format!("`{text}` is none of the letters {letters}"),
                "correct the letter",
            ));
        }
        letter
    }

    /// Later issues of the ICD add columns at the end; what they would say is not known.
    fn check_width(&self, findings: &mut Vec<MibError>) {
        let known = self.schema.columns.len();
        let beyond = (1..).zip(&self.fields).skip(known).find(|(_, field)| !field.is_empty());
        if let Some((column, text)) = beyond {
            findings.push(self.finding(
                &format!("column {column}"),
                format!("`{text}` stands where the ICD has no column: there are {known}"),
                "take the column out",
            ));
        }
    }
}

/// Name and text of every table in a folder.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, MibError> {
    let failed = |name: &str, error: std::io::Error| MibError {
        table: name.to_string(),
        line: 0,
        column: String::new(),
        what: format!("cannot be read: {error}"),
        fix: String::from("give the folder that holds pid.dat"),
    };
    let whole = |error| failed(&folder.to_string_lossy(), error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(whole)? {
        let path = entry.map_err(whole)?.path();
        let is_table = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("dat"));
        let Some(name) = path.file_stem().filter(|_| is_table) else { continue };
        let name = name.to_string_lossy().to_ascii_lowercase();
        let octets = std::fs::read(&path).map_err(|error| failed(&name, error))?;
        files.push((name, text_of(octets)));
    }
    files.sort();
    Ok(files)
}

/// Tables are ASCII; names in other characters are taken for ISO 8859-1 where they are not UTF-8.
fn text_of(octets: Vec<u8>) -> String {
    String::from_utf8(octets)
        .unwrap_or_else(|error| error.as_bytes().iter().map(|&octet| char::from(octet)).collect())
}

/// The columns of a table.
#[derive(Debug)]
struct Schema {
    name: &'static str,
    columns: &'static [&'static str],
}

const SCHEMAS: &[Schema] = &[
    Schema {
        name: "caf",
        columns: &[
            "CAF_NUMBR",
            "CAF_DESCR",
            "CAF_ENGFMT",
            "CAF_RAWFMT",
            "CAF_RADIX",
            "CAF_UNIT",
            "CAF_NCURVE",
            "CAF_INTER",
        ],
    },
    Schema { name: "cap", columns: &["CAP_NUMBR", "CAP_XVALS", "CAP_YVALS"] },
    Schema { name: "cur", columns: &["CUR_PNAME", "CUR_POS", "CUR_RLCHK", "CUR_VALPAR", "CUR_SELECT"] },
    Schema {
        name: "lgf",
        columns: &["LGF_IDENT", "LGF_DESCR", "LGF_POL1", "LGF_POL2", "LGF_POL3", "LGF_POL4", "LGF_POL5"],
    },
    Schema {
        name: "mcf",
        columns: &["MCF_IDENT", "MCF_DESCR", "MCF_POL1", "MCF_POL2", "MCF_POL3", "MCF_POL4", "MCF_POL5"],
    },
    Schema { name: "ocf", columns: &["OCF_NAME", "OCF_NBCHCK", "OCF_NBOOL", "OCF_INTER", "OCF_CODIN"] },
    Schema {
        name: "ocp",
        columns: &["OCP_NAME", "OCP_POS", "OCP_TYPE", "OCP_LVALU", "OCP_HVALU", "OCP_RLCHK", "OCP_VALPAR"],
    },
    Schema {
        name: "pcf",
        columns: &[
            "PCF_NAME",
            "PCF_DESCR",
            "PCF_PID",
            "PCF_UNIT",
            "PCF_PTC",
            "PCF_PFC",
            "PCF_WIDTH",
            "PCF_VALID",
            "PCF_RELATED",
            "PCF_CATEG",
            "PCF_NATUR",
            "PCF_CURTX",
            "PCF_INTER",
            "PCF_USCON",
            "PCF_DECIM",
            "PCF_PARVAL",
            "PCF_SUBSYS",
            "PCF_VALPAR",
            "PCF_SPTYPE",
            "PCF_CORR",
            "PCF_OBTID",
            "PCF_DARC",
            "PCF_ENDIAN",
            "PCF_DESCR2",
        ],
    },
    Schema {
        name: "pic",
        columns: &[
            "PIC_TYPE",
            "PIC_STYPE",
            "PIC_PI1_OFF",
            "PIC_PI1_WID",
            "PIC_PI2_OFF",
            "PIC_PI2_WID",
            "PIC_APID",
        ],
    },
    Schema {
        name: "pid",
        columns: &[
            "PID_TYPE",
            "PID_STYPE",
            "PID_APID",
            "PID_PI1_VAL",
            "PID_PI2_VAL",
            "PID_SPID",
            "PID_DESCR",
            "PID_UNIT",
            "PID_TPSD",
            "PID_DFHSIZE",
            "PID_TIME",
            "PID_INTER",
            "PID_VALID",
            "PID_CHECK",
            "PID_EVENT",
            "PID_EVID",
        ],
    },
    Schema {
        name: "plf",
        columns: &[
            "PLF_NAME",
            "PLF_SPID",
            "PLF_OFFBY",
            "PLF_OFFBI",
            "PLF_NBOCC",
            "PLF_LGOCC",
            "PLF_TIME",
            "PLF_TDOCC",
        ],
    },
    Schema { name: "tpcf", columns: &["TPCF_SPID", "TPCF_NAME", "TPCF_SIZE"] },
    Schema { name: "txf", columns: &["TXF_NUMBR", "TXF_DESCR", "TXF_RAWFMT", "TXF_NALIAS"] },
    Schema { name: "txp", columns: &["TXP_NUMBR", "TXP_FROM", "TXP_TO", "TXP_ALTXT"] },
    Schema {
        name: "vpd",
        columns: &[
            "VPD_TPSD",
            "VPD_POS",
            "VPD_NAME",
            "VPD_GRPSIZE",
            "VPD_FIXREP",
            "VPD_CHOICE",
            "VPD_PIDREF",
            "VPD_DISDESC",
            "VPD_WIDTH",
            "VPD_JUSTIFY",
            "VPD_NEWLINE",
            "VPD_DCHAR",
            "VPD_FORM",
            "VPD_OFFSET",
        ],
    },
];

/// Tables of the ICD that bear on commands, displays, groups and versions: nothing in them changes a value of telemetry.
const NOT_TELEMETRY: &[&str] = &[
    "cca", "ccf", "ccs", "cdf", "cpc", "cps", "csf", "csp", "css", "cve", "cvp", "cvs", "dpc", "dpf", "dst",
    "gpc", "gpf", "grp", "grpa", "grpk", "paf", "pas", "pcdf", "pcpc", "ppc", "ppf", "prf", "prv", "psm",
    "pst", "psv", "pvs", "ptv", "sdf", "spc", "spf", "tcp", "vdf",
];
