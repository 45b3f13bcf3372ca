//! Plain data as the Rust expression that makes it.
//!
//! A serializer: names of types, fields and variants come from the tables themselves, so that no table is forgotten here.

use alloc::string::String;
use core::fmt::{self, Display, Write};

use serde::ser::{self, Serialize, Serializer};

use crate::plan::PlanBuf;

/// The source of a plan.
pub(super) fn of(plan: &PlanBuf) -> String {
    let mut source = Source { tables: String::from(HEAD), fields: String::new() };
    // Nothing that plans are made of is refused below, and writing to a string cannot fail.
    let _ = source.plan(plan);
    source.tables + PLAN + &source.fields + "};\n"
}

struct Source {
    tables: String,
    fields: String,
}

impl Source {
    /// One `static`, and the field that borrows it.
    fn table<T: Serialize>(&mut self, name: &str, rows: &str, table: &[T]) -> Result<(), Unsupported> {
        let capitals = name.to_uppercase();
        write!(self.tables, "static {capitals}: &[{rows}] = ")?;
        table.serialize(&mut Expression { text: &mut self.tables, line_each: true })?;
        self.tables.push_str(";\n");
        Ok(writeln!(self.fields, "    {name}: {capitals},")?)
    }
}

/// A table for each field; one that is forgotten does not compile.
macro_rules! tables {
    ($($name:ident: $rows:literal,)*) => {
        impl Source {
            fn plan(&mut self, plan: &PlanBuf) -> Result<(), Unsupported> {
                let PlanBuf { $($name,)* text, registers } = plan;
                $(self.table(stringify!($name), $rows, $name)?;)*
                writeln!(self.fields, "    text: {text:?},")?;
                Ok(writeln!(self.fields, "    registers: {registers},")?)
            }
        }
    };
}

tables! {
    nodes: "Node",
    roots: "NodeId",
    links: "Link",
    cases: "Case",
    fields: "Field",
    saves: "(u32, u32)",
    steps: "Step",
    branches: "Branch",
    exprs: "Expr",
    lookups: "(u32, i64)",
    conditions: "Condition",
    operands: "Operand",
    parts: "(u32, u32)",
    items: "Item",
    parameters: "Parameter",
    shapes: "Shape",
    encodings: "Encoding",
    octets: "u8",
    meanings: "Meaning",
    contexts: "Context",
    calibrators: "Calibrator",
    numbers: "f64",
    math: "MathOp",
    labels: "Label",
    times: "Time",
    alarms: "Alarm",
    alarm_ranges: "AlarmRange",
    alarm_labels: "(Text, AlarmLevel)",
    sequels: "Sequel",
}

const HEAD: &str = "\
// A mission database, baked by decom: do not edit.
#[allow(unused_imports, reason = \"a plan does not need every kind of table\")]
use decom::plan::{data::*, logic::*, meaning::*, *};

";
const PLAN: &str = "
/// The compiled mission database.
pub const PLAN: Plan<'static> = Plan {
";

/// Writes one expression.
struct Expression<'t> {
    text: &'t mut String,
    /// Whether each element has a line of its own.
    line_each: bool,
}

/// Separates what follows one another.
struct Compound<'e, 't> {
    expression: &'e mut Expression<'t>,
    is_first: bool,
    line_each: bool,
    close: &'static str,
}

impl<'e, 't> Compound<'e, 't> {
    fn new(expression: &'e mut Expression<'t>, line_each: bool, close: &'static str) -> Self {
        expression.line_each = false;
        Self { expression, is_first: true, line_each, close }
    }

    fn next<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Unsupported> {
        let between = match (self.line_each, self.is_first) {
            (true, _) => "\n    ",
            (false, true) => "",
            (false, false) => ", ",
        };
        self.is_first = false;
        self.expression.text.push_str(between);
        if !key.is_empty() {
            write!(self.expression.text, "{key}: ")?;
        }
        value.serialize(&mut *self.expression)?;
        if self.line_each {
            self.expression.text.push(',');
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Unsupported> {
        if self.line_each && !self.is_first {
            self.expression.text.push('\n');
        }
        self.expression.text.push_str(self.close);
        Ok(())
    }
}

impl<'e, 't> Serializer for &'e mut Expression<'t> {
    type Ok = ();
    type Error = Unsupported;
    type SerializeSeq = Compound<'e, 't>;
    type SerializeTuple = Compound<'e, 't>;
    type SerializeTupleStruct = Compound<'e, 't>;
    type SerializeTupleVariant = Compound<'e, 't>;
    type SerializeMap = ser::Impossible<(), Unsupported>;
    type SerializeStruct = Compound<'e, 't>;
    type SerializeStructVariant = Compound<'e, 't>;

    fn serialize_bool(self, value: bool) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_i8(self, value: i8) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_i128(self, value: i128) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_u128(self, value: u128) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value}")?)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unsupported> {
        self.serialize_f64(value.into())
    }

    /// Exact: the digits lead back to the number, and what has none is told by its bits.
    fn serialize_f64(self, value: f64) -> Result<(), Unsupported> {
        if value.is_finite() {
            return Ok(write!(self.text, "{value:?}")?);
        }
        Ok(write!(self.text, "f64::from_bits({:#x})", value.to_bits())?)
    }

    fn serialize_char(self, value: char) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value:?}")?)
    }

    fn serialize_str(self, value: &str) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{value:?}")?)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unsupported> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<(), Unsupported> {
        self.text.push_str("None");
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unsupported> {
        self.text.push_str("Some(");
        value.serialize(&mut *self)?;
        self.text.push(')');
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Unsupported> {
        self.text.push_str("()");
        Ok(())
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Unsupported> {
        self.text.push_str(name);
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Unsupported> {
        Ok(write!(self.text, "{name}::{variant}")?)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        write!(self.text, "{name}(")?;
        value.serialize(&mut *self)?;
        self.text.push(')');
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        write!(self.text, "{name}::{variant}(")?;
        value.serialize(&mut *self)?;
        self.text.push(')');
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Compound<'e, 't>, Unsupported> {
        self.text.push_str("&[");
        let line_each = self.line_each;
        Ok(Compound::new(self, line_each, "]"))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Compound<'e, 't>, Unsupported> {
        self.text.push('(');
        Ok(Compound::new(self, false, ")"))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _len: usize,
    ) -> Result<Compound<'e, 't>, Unsupported> {
        write!(self.text, "{name}(")?;
        Ok(Compound::new(self, false, ")"))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'e, 't>, Unsupported> {
        write!(self.text, "{name}::{variant}(")?;
        Ok(Compound::new(self, false, ")"))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Compound<'e, 't>, Unsupported> {
        write!(self.text, "{name} {{ ")?;
        Ok(Compound::new(self, false, " }"))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'e, 't>, Unsupported> {
        write!(self.text, "{name}::{variant} {{ ")?;
        Ok(Compound::new(self, false, " }"))
    }
}

impl ser::SerializeSeq for Compound<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.next("", value)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

impl ser::SerializeTuple for Compound<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.next("", value)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.next("", value)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

impl ser::SerializeTupleVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.next("", value)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

impl ser::SerializeStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        self.next(key, value)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

impl ser::SerializeStructVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        self.next(key, value)
    }

    fn end(self) -> Result<(), Unsupported> {
        self.finish()
    }
}

/// What no table has in it.
#[derive(Clone, Copy, Debug)]
struct Unsupported;

impl Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no table has such a thing in it")
    }
}

impl core::error::Error for Unsupported {}

impl ser::Error for Unsupported {
    fn custom<T: Display>(_message: T) -> Self {
        Self
    }
}

impl From<fmt::Error> for Unsupported {
    fn from(_: fmt::Error) -> Self {
        Self
    }
}
