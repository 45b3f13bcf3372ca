//! Databases written down in a few words.

use decom::model::{
    Base, BitOrder, ByteOrder, Comparand, Comparison, Condition, Container, ContainerId, Database, Encoding,
    EngineeringKind, Entry, EntryKind, FloatEncoding, IntExpr, IntegerEncoding, Operator, Origin, Parameter,
    ParameterId, ParameterRef, ParameterType, Scalar, Size, TypeId, TypeKind,
};

/// Add a type.
pub fn add_type(database: &mut Database, kind: TypeKind) -> TypeId {
    let name = format!("t{}", database.types.len());
    database.types.push(ParameterType { name, unit: String::new(), kind, origin: Origin::default() });
    TypeId(database.types.len() as u32 - 1)
}

/// Add a parameter of a type that is there.
pub fn add_parameter(database: &mut Database, name: &str, parameter_type: TypeId) -> ParameterId {
    database.parameters.push(Parameter {
        name: name.to_owned(),
        description: String::new(),
        parameter_type,
        constant: None,
        valid_if: None,
        origin: Origin::default(),
    });
    ParameterId(database.parameters.len() as u32 - 1)
}

/// Add a scalar parameter with a type of its own.
pub fn add_scalar(
    database: &mut Database,
    name: &str,
    encoding: Encoding,
    kind: EngineeringKind,
) -> ParameterId {
    let id = add_type(database, TypeKind::Scalar(Scalar::new(encoding, kind)));
    add_parameter(database, name, id)
}

/// Add a number without sign.
pub fn add_unsigned(database: &mut Database, name: &str, bits: u32) -> ParameterId {
    add_scalar(database, name, unsigned(bits), EngineeringKind::Integer)
}

/// A number without sign, most significant octet and bit first.
pub fn unsigned(bits: u32) -> Encoding {
    integer(bits, IntegerEncoding::Unsigned, ByteOrder::MostSignificantFirst, BitOrder::MostSignificantFirst)
}

pub fn integer(bits: u32, encoding: IntegerEncoding, byte_order: ByteOrder, bit_order: BitOrder) -> Encoding {
    Encoding::Integer { bits, encoding, byte_order, bit_order }
}

pub fn ieee(bits: u32) -> Encoding {
    Encoding::Float {
        bits,
        encoding: FloatEncoding::Ieee754,
        byte_order: ByteOrder::MostSignificantFirst,
        bit_order: BitOrder::MostSignificantFirst,
    }
}

pub fn octets(bits: IntExpr) -> Encoding {
    Encoding::Octets { size: Size::Bits(bits) }
}

/// Add a container.
pub fn add_container(
    database: &mut Database,
    name: &str,
    base: Option<Base>,
    entries: Vec<Entry>,
) -> ContainerId {
    database.containers.push(Container {
        name: name.to_owned(),
        description: String::new(),
        base,
        next: None,
        is_abstract: false,
        entries,
        size_bits: None,
        origin: Origin::default(),
    });
    ContainerId(database.containers.len() as u32 - 1)
}

/// An entry right after the one before.
pub fn entry(kind: EntryKind) -> Entry {
    Entry::new(kind, Origin::default())
}

/// A parameter right after the entry before.
pub fn parameter(id: ParameterId) -> Entry {
    entry(EntryKind::Parameter(id))
}

/// The raw value of a scalar parameter.
pub fn raw(parameter: ParameterId) -> ParameterRef {
    ParameterRef { parameter, path: Vec::new(), calibrated: false }
}

/// A comparison of a raw value with a literal.
pub fn compare(parameter: ParameterId, operator: Operator, literal: &str) -> Condition {
    Condition::Compare(Comparison {
        left: raw(parameter),
        operator,
        right: Comparand::Literal(literal.to_owned()),
    })
}

/// The raw value of a scalar parameter as a number, scaled.
pub fn linear(parameter: ParameterId, slope: f64, intercept: f64) -> IntExpr {
    IntExpr::Linear { parameter: raw(parameter), slope, intercept }
}
