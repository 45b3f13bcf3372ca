//! SCOS-2000 monitoring databases: the telemetry tables of the Database Import ICD (EGOS-MCS-S2K-ICD-0001), issues 6 and 7.
//!
//! ```text
//! PID ─▶ packets, told apart by APID, service type and subtype, and the numbers that PIC says where to find
//!  │ ◀─ TPCF names          PLF parameters at fixed places
//!  └──▶ VPD parameters one after the other: groups, choices, deduced parameters
//! PCF ─▶ parameters ──▶ CAF/CAP, MCF, LGF curves, TXF/TXP words, CUR which of them when; OCF/OCP limits
//! ```
//!
//! | module | what |
//! | --- | --- |
//! | `table` | rows of a table, and what is wrong with them |
//! | `calibration` | curves and words |
//! | `encoding` | type and format codes of the packet utilization standard |
//! | `parameter` | parameters, their types, and the curves that depend on another parameter |
//! | `limit` | limits as alarms |
//! | `packet` | packets and parameters at fixed places |
//! | `variable` | structures of packets that vary |
//!
//! # Where the ICD leaves room
//!
//! - Octets count from the start of the packet; the data field header that PID gives the size of follows the six octets of the
//!   primary header.
//! - `PCF_WIDTH` tells where the next parameter of a variable structure begins: bits beyond the value follow it.
//! - `PLF_LGOCC` is the distance from the start of one occurrence to the start of the next.
//! - A group with `VPD_FIXREP` has no counter in the packet.
//! - A status that OCP lists is one that is alarming.
//! - `PCF_INTER`, where it is given, wins over `CAF_INTER`.
//! - Packets that PID marks as not valid are not there. Columns that say how to display, archive or command are not read.
//!
//! What the model cannot express (synthetic parameters, validity that depends on a parameter, delta, consistency and event checks,
//! …) is an error, or an omission after [`load_lenient`].

mod calibration;
mod encoding;
mod limit;
mod packet;
mod parameter;
mod table;
mod variable;

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use std::path::Path;

use self::table::{Row, Tables};
use crate::line::OneLine;
use crate::model::{
    Container, ContainerId, Database, Epoch, Omission, Origin, Parameter, ParameterId, ParameterType, Scalar,
    TypeId, TypeKind,
};

/// Load the tables of a folder: one file each, as `pid.dat`.
///
/// # Errors
///
/// All that is wrong or cannot be expressed, up to a hundred findings.
pub fn load(folder: &Path) -> Result<Database, Vec<MibError>> {
    load_with(folder, &MibOptions::default())
}

/// Load the tables of a folder, and leave out what is wrong or cannot be expressed: each thing left out is an omission.
///
/// # Errors
///
/// The folder or a table cannot be read, or no packet is left.
pub fn load_lenient(folder: &Path) -> Result<Database, Vec<MibError>> {
    load_with(folder, &MibOptions { lenient: true, ..MibOptions::default() })
}

/// Load the tables of a folder, with what the tables do not say.
///
/// # Errors
///
/// As [`load`] or [`load_lenient`].
pub fn load_with(folder: &Path, options: &MibOptions) -> Result<Database, Vec<MibError>> {
    let files = table::read_folder(folder).map_err(|error| alloc::vec![error])?;
    let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let tables: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    load_named(name, &tables, options)
}

/// Load tables that are in memory: name and text of each.
///
/// # Errors
///
/// As [`load`].
pub fn load_tables(tables: &[(&str, &str)]) -> Result<Database, Vec<MibError>> {
    load_tables_with(tables, &MibOptions::default())
}

/// Load tables that are in memory, with what the tables do not say.
///
/// # Errors
///
/// As [`load`] or [`load_lenient`].
pub fn load_tables_with(tables: &[(&str, &str)], options: &MibOptions) -> Result<Database, Vec<MibError>> {
    load_named(String::from("MIB"), tables, options)
}

/// What the tables of a mission do not say.
#[derive(Clone, Debug, PartialEq)]
pub struct MibOptions {
    /// Whether to leave out what is wrong or cannot be expressed, instead of failing.
    pub lenient: bool,
    /// Octet of the packet that holds the service type.
    pub service_type_octet: u32,
    /// Octet of the packet that holds the service subtype.
    pub service_subtype_octet: u32,
    /// Octets of the length before texts and octet strings of variable length, 1 to 4.
    pub length_octets: u8,
    /// What absolute times count from.
    pub epoch: Epoch,
}

impl Default for MibOptions {
    /// The data field header of ECSS-E-70-41A, and the epoch of CCSDS times.
    fn default() -> Self {
        Self {
            lenient: false,
            service_type_octet: 7,
            service_subtype_octet: 8,
            length_octets: 1,
            epoch: Epoch::default(),
        }
    }
}

/// Something wrong in a table, or something that cannot be expressed.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MibError {
    /// The table, in lower case.
    pub table: String,
    /// The line, from 1; 0 when it is about the table as a whole.
    pub line: u32,
    /// The name of the field; may be empty.
    pub column: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for MibError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, line, column, what, fix } = self;
        write!(OneLine(f), "{table}:{line}: {column}: {what}; {fix}")
    }
}

impl core::error::Error for MibError {}

fn load_named(
    name: String,
    tables: &[(&str, &str)],
    options: &MibOptions,
) -> Result<Database, Vec<MibError>> {
    let mut findings = Vec::new();
    let tables = Tables::parse(tables, &mut findings);
    let mut loader = Loader { tables: &tables, options, findings, database: Database::default() };
    loader.database.name = name;
    loader.run();
    let Loader { mut findings, mut database, .. } = loader;
    let fatal = database.containers.len() < 2;
    if fatal {
        findings.push(MibError {
            table: String::from("pid"),
            line: 0,
            column: String::from("PID_SPID"),
            what: String::from("no packet is left"),
            fix: String::from("give the folder that holds pid.dat"),
        });
    }
    if findings.is_empty() {
        return Ok(database);
    }
    if options.lenient && !fatal {
        database.omissions = findings.into_iter().map(omission).collect();
        return Ok(database);
    }
    let over = findings.len().saturating_sub(MAX_ERRORS);
    findings.truncate(MAX_ERRORS);
    if let (Some(last), true) = (findings.last_mut(), over > 0) {
        last.fix = format!("{}; {over} more findings follow", last.fix);
    }
    Err(findings)
}

fn omission(finding: MibError) -> Omission {
    let MibError { table, line, column, what, .. } = finding;
    Omission { origin: Origin { line, column: 0 }, path: format!("{table}:{line}: {column}"), what }
}

/// The database as it grows, and what was found on the way.
struct Loader<'a, 't> {
    tables: &'a Tables<'t>,
    options: &'a MibOptions,
    findings: Vec<MibError>,
    database: Database,
}

impl<'t> Loader<'_, 't> {
    fn run(&mut self) {
        let calibrations = calibration::load(self.tables, &mut self.findings);
        let mut parameters = self.load_parameters(&calibrations);
        self.load_conditional_calibrations(&calibrations, &mut parameters);
        self.load_limits(&mut parameters);
        let structures = self.load_structures(&parameters);
        let contents = self.load_packets(&parameters, &structures);
        self.check_dependencies(&parameters, &contents);
    }

    /// A condition on a parameter that is not in the same packet never holds: that is worth a finding.
    fn check_dependencies(&mut self, parameters: &parameter::Parameters<'t>, contents: &[packet::Contents]) {
        for dependency in &parameters.dependencies {
            let apart: BTreeSet<i64> = contents
                .iter()
                .filter(|packet| packet.parameters.contains(&dependency.of))
                .filter(|packet| !packet.parameters.contains(&dependency.on))
                .map(|packet| packet.spid)
                .collect();
            let Some(first) = apart.first() else { continue };
            self.findings.push(dependency.row.finding(
                dependency.field,
                format!(
                    "{} packets, as SPID {first}, do not carry the parameter that decides: there {}",
                    apart.len(),
                    if dependency.field == "PCF_VALID" {
                        "values count as valid"
                    } else {
                        "the condition never holds"
                    }
                ),
                "conditions across packets cannot be expressed",
            ));
        }
    }

    fn add_parameter(&mut self, source: NewParameter<'_>, scalar: Scalar) -> Option<ParameterId> {
        let NewParameter { name, description, unit, origin } = source;
        let name = format!("/MIB/{name}");
        let type_id = TypeId(u32::try_from(self.database.types.len()).ok()?);
        let id = ParameterId(u32::try_from(self.database.parameters.len()).ok()?);
        let kind = TypeKind::Scalar(scalar);
        self.database.types.push(ParameterType { name: name.clone(), unit: unit.to_string(), kind, origin });
        let description = description.to_string();
        self.database.parameters.push(Parameter {
            name,
            description,
            parameter_type: type_id,
            constant: None,
            valid_if: None,
            origin,
        });
        Some(id)
    }

    fn add_container(&mut self, container: Container) -> Option<ContainerId> {
        let id = ContainerId(u32::try_from(self.database.containers.len()).ok()?);
        self.database.containers.push(container);
        Some(id)
    }

    fn find(&mut self, row: &Row<'t>, field: &str, what: impl Into<String>, fix: impl Into<String>) {
        self.findings.push(row.finding(field, what, fix));
    }
}

/// What a parameter is called.
#[derive(Clone, Copy)]
struct NewParameter<'s> {
    name: &'s str,
    description: &'s str,
    unit: &'s str,
    origin: Origin,
}

const MAX_ERRORS: usize = 100;
