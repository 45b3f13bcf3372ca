//! The XTCE loader: 660.0-B-2, and the OMG schemas 1.0 to 1.3 around it.
//!
//! [`load`] is strict: whatever it cannot turn into the [model](crate::model) is an error that names line, column, element, what is
//! wrong and what would help, and one load reports all of them. [`load_lenient`] leaves such things out and lists them in
//! [`Database::omissions`]; what would move or change other values remains an error.
//!
//! `XTCE.md` beside the manifest lists every element of the standard and what becomes of it. Where the standard leaves room:
//!
//! - Elements are known by their local names, in any XTCE namespace or in none. Document type declarations and inclusions are
//!   refused, so nothing outside the text is ever read and no entity expands. Elements nest at most 64 deep.
//! - A reference is looked for in the space system that holds it, then outwards to the root; `.` and `..` begin a path from that
//!   system alone, `/` one from the root, whose name comes first. `.member` and `[element]` lead into a parameter.
//! - A parameter in a container needs a type with a data encoding. Without one, an integer or floating-point type that states
//!   `sizeInBits` is as long as that: two's complement or unsigned as `signed` says, or IEEE 754.
//! - `slope` of a `LinearAdjustment` is 1 where it is missing. Schema 1.3 says so, 1.2 says nothing, and the 0 of 1.0 and 1.1 would
//!   throw the parameter away.
//! - A `LeadingSize` counts octets, not itself. A terminator is a NUL of the text's character width unless it is given.
//! - A time is `(value · scale + offset)` units after its epoch. `Epoch` is `TAI` (1958), `UTC` (1958), `GPS`, `UNIX`, `POSIX`, `J2000`,
//!   `MJD` or a date with or without a time of day; after a date, `UTC`, `UNIX`, `POSIX` and `MJD` days have 86,400 s. A CCSDS
//!   unsegmented code is an integer with a `scale`, as 2⁻²⁴ for three octets of fractions. Octets are in a code where the
//!   `FromBinaryTransformAlgorithm` of their encoding is called `CUC` (four octets of seconds, the rest are fractions) or `CDS`.
//! - A `ParameterRefEntry` of an array whose type gives no dimensions is an error: its size is unknown.
//! - A parameter that no packet carries is a constant when its `dataSource` is `constant`, or when its type has no encoding and nothing
//!   is said of its source: it always has its `initialValue`, or else that of its type. What depends on constants alone is worked out
//!   once, when the database is compiled.
//! - `NextContainer` tells what the packet right behind one of its container is of: where the criteria of several containers that extend
//!   the same one hold, the packet is of those among them that are named so. A container that is named and has no criteria of its own is
//!   found in no other way. The packet before is that of the same stream; where packets are missing, none is.
//! - `FixedValueEntry` is room that is skipped; its value is not checked.
//! - The label that an `IndirectParameterRefEntry` finds names a parameter, or is its alias in `aliasNameSpace`.
//! - A context, a size or a calibrator looks at the packet that the value is in. One that refers to a parameter which no packet carries
//!   with the value never holds: [`Database::warnings`] lists these. So does it where a `ValidityCondition` refers to such a parameter, which
//!   judges nothing: the value counts as valid. Rows are judged, by `Sample::is_valid`; columns are not.
//! - The segments of a parameter lie in one container, at places that are the same in every packet.
//!
//! Of `CommandMetaData` only types, parameters and those containers are read that telemetry refers to: the rest is not telemetry.

mod alarms;
mod calibrators;
mod containers;
mod encodings;
mod entries;
mod graph;
mod logic;
mod names;
mod report;
mod schema;
mod segments;
mod times;
mod together;
mod types;
mod values;

use core::cell::{Cell, RefCell};
use core::error::Error;
use core::fmt;
use std::collections::HashMap;
use std::rc::Rc;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use roxmltree::{Document, ParsingOptions};

use self::logic::Use;
use self::names::Names;
use self::report::Report;
use self::segments::Segment;
use crate::model::Database;

/// The database that an XTCE document describes.
///
/// # Errors
///
/// Everything that is wrong with the document or is not supported, in document order; the first 100 of them.
pub fn load(text: &str) -> Result<Database, Vec<XtceError>> {
    load_with(text, false)
}

/// The database that an XTCE document describes, without what is not supported: see [`Database::omissions`].
///
/// # Errors
///
/// What is malformed, and what would move or change the values around it, in document order; the first 100 of them.
pub fn load_lenient(text: &str) -> Result<Database, Vec<XtceError>> {
    load_with(text, true)
}

/// Something wrong with an XTCE document, or not supported.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct XtceError {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The element or attribute: names of elements from the root on, each with its `name` in brackets.
    pub path: String,
    /// What is wrong.
    pub what: String,
    /// What would help.
    pub fix: String,
}

impl fmt::Display for XtceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}; {}", self.line, self.column, self.path, self.what, self.fix)
    }
}

impl Error for XtceError {}

fn load_with(text: &str, lenient: bool) -> Result<Database, Vec<XtceError>> {
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| vec![not_xml(&error)])?;
    let report = Report::new(text, lenient);
    let root = document.root_element();
    if schema::check(&report, root) {
        let names = Names::collect(&report, root);
        let database = Loader::new(&report, &names).database();
        report.finish(database)
    } else {
        report.finish(Database::default())
    }
}

fn not_xml(error: &roxmltree::Error) -> XtceError {
    let position = error.pos();
    let (what, fix) = match error {
        roxmltree::Error::DtdDetected => (
            "the document has a document type declaration".to_string(),
            "remove it: XTCE needs none, and entities are not expanded".to_string(),
        ),
        error => {
            (report::in_one_line(std::format!("not well-formed: {error}")), "correct the XML".to_string())
        }
    };
    XtceError { line: position.row, column: position.col, path: "document".to_string(), what, fix }
}

/// Reads the declarations that [`Names`] found, one kind after the other.
struct Loader<'r, 'a> {
    report: &'r Report<'a>,
    names: &'r Names<'a>,
    database: Database,
    /// Per type, whether its values have encodings and dimensions, so that a container may hold them.
    encoded: Vec<bool>,
    /// Per type, its bits where they are the same in every packet.
    type_bits: Vec<Option<u64>>,
    /// Places that refer to parameters.
    uses: RefCell<Vec<Use<'a>>>,
    /// Per container of [`Names`], its index in the database once it has one.
    container_ids: Vec<Option<u32>>,
    /// Containers with an index, in its order: positions in [`Names`].
    wanted: Vec<usize>,
    /// Parts of parameters that are to be put together.
    segments: Vec<Segment<'a>>,
    /// Parameters by alias, for each name space that was asked for.
    aliases: RefCell<HashMap<&'a str, Rc<HashMap<&'a str, usize>>>>,
    /// How many more cases indirect entries may have: a few labels can stand for any number.
    cases_left: Cell<u32>,
    /// How many more octets of base types may be read again for the types derived from them.
    inherited_left: Cell<usize>,
}

impl<'r, 'a> Loader<'r, 'a> {
    fn new(report: &'r Report<'a>, names: &'r Names<'a>) -> Self {
        Self {
            report,
            names,
            database: Database { name: names.root_name().to_string(), ..Database::default() },
            encoded: Vec::new(),
            type_bits: Vec::new(),
            uses: RefCell::default(),
            container_ids: vec![None; names.containers.len()],
            wanted: Vec::new(),
            segments: Vec::new(),
            aliases: RefCell::default(),
            cases_left: Cell::new(MAX_CASES),
            inherited_left: Cell::new(MAX_INHERITED),
        }
    }

    fn database(mut self) -> Database {
        self.read_types();
        self.read_parameters();
        self.read_containers();
        self.forget_carried();
        let together = self.check_references();
        self.check_together(&together);
        self.database
    }
}

/// Cases that all indirect entries together may have.
const MAX_CASES: u32 = 1 << 20;

/// Octets of base types that derived types may repeat, all together.
const MAX_INHERITED: usize = 1 << 27;
