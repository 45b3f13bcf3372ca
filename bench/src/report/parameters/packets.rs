//! Two kinds of telemetry packets, as databases and as octets.
//!
//! One is laid out as the geolocation packets of JPSS are; the other has as many parameters as the housekeeping of a small satellite, and
//! nearly one octet for each. Values stay near the middle of what their bits allow, and leave it once in two thousand.

use decom::model::{
    Alarm, AlarmLevel, AlarmRange, Base, BitOrder, ByteOrder, Calibrator, Comparand, Comparison, Condition,
    Container, ContainerId, Database, Encoding, EngineeringKind, Entry, EntryKind, FloatEncoding,
    IntegerEncoding, Operator, Origin, Parameter, ParameterId, ParameterRef, ParameterType, Scalar, TypeId,
    TypeKind,
};

use super::hand;
use crate::sim::rng::Rng;

/// What lies where in a packet.
#[derive(Clone, Debug)]
pub struct Layout {
    fields: Vec<Field>,
    packet_len: usize,
    hand: hand::Loop,
}

/// A number, right behind the one before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Field {
    /// Its bits.
    pub bits: u32,
    /// What they are.
    pub form: Form,
}

/// What the bits of a number are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// IEEE 754 binary32.
    Float,
    /// Two's complement.
    Signed,
    /// No sign.
    Unsigned,
}

impl Layout {
    /// 27 parameters in 71 octets.
    #[must_use]
    pub fn jpss_like() -> Self {
        let mut fields = unsigned(&HEADER);
        fields.extend(unsigned(&[16, 32, 16, 8, 16, 32, 16]));
        fields.extend(floats(6));
        fields.extend(unsigned(&[16, 32, 16]));
        fields.extend(floats(4));
        Self { fields, packet_len: hand::JPSS_LEN, hand: hand::JPSS }
    }

    /// 865 parameters in 876 octets: a header, a time, and eight times the same 107 numbers.
    #[must_use]
    pub fn ctim_like() -> Self {
        let mut fields = unsigned(&HEADER);
        fields.extend(unsigned(&[32, 16]));
        for _ in 0..hand::BOARDS {
            fields.extend(unsigned(&[16; 8]));
            fields.extend([Field { bits: 16, form: Form::Signed }; 4]);
            fields.extend(unsigned(&[32; 4]));
            fields.extend(floats(6));
            fields.extend(unsigned(&[1; 32]));
            fields.extend(unsigned(&[8; 26]));
            fields.extend(unsigned(&[4; 12]));
            fields.extend(unsigned(&[12; 4]));
            fields.extend(unsigned(&[1; 10]));
            fields.extend(unsigned(&[6]));
        }
        Self { fields, packet_len: hand::CTIM_LEN, hand: hand::CTIM }
    }

    /// The numbers, in order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Octets of a packet.
    #[must_use]
    pub const fn packet_len(&self) -> usize {
        self.packet_len
    }

    /// The loop that somebody wrote for these packets alone.
    #[must_use]
    pub const fn hand(&self) -> hand::Loop {
        self.hand
    }

    /// A container for the header, and an heir of it that the APID tells; with a cubic calibrator and limits for every parameter,
    /// or without.
    #[must_use]
    pub fn database(&self, has_meanings: bool) -> Database {
        let mut database = Database::default();
        for (i, field) in (0u32..).zip(&self.fields) {
            let mut scalar = Scalar::new(field.encoding(), field.kind());
            if has_meanings {
                scalar.calibrator =
                    Some(Calibrator::Polynomial { coefficients: CUBIC.to_vec(), negative: Vec::new() });
                scalar.alarm = Some(field.alarm());
            }
            database.types.push(ParameterType {
                name: format!("/T{i}"),
                unit: String::new(),
                kind: TypeKind::Scalar(scalar),
                origin: Origin::default(),
            });
            database.parameters.push(Parameter {
                name: format!("/P{i}"),
                description: String::new(),
                parameter_type: TypeId(i),
                constant: None,
                valid_if: None,
                origin: Origin::default(),
            });
        }
        let entries = |range: core::ops::Range<usize>| {
            range
                .map(|i| Entry::new(EntryKind::Parameter(ParameterId(i as u32)), Origin::default()))
                .collect()
        };
        let container = |name: &str, base, entries| Container {
            name: name.to_owned(),
            description: String::new(),
            base,
            next: None,
            is_abstract: false,
            entries,
            size_bits: None,
            origin: Origin::default(),
        };
        let apid = ParameterRef { parameter: ParameterId(3), path: Vec::new(), calibrated: false };
        let restriction = Condition::Compare(Comparison {
            left: apid,
            operator: Operator::Equal,
            right: Comparand::Literal(APID.to_string()),
        });
        let base = Some(Base { container: ContainerId(0), restriction });
        database
            .containers
            .push(Container { is_abstract: true, ..container("/HEADER", None, entries(0..HEADER.len())) });
        database.containers.push(container("/DATA", base, entries(HEADER.len()..self.fields.len())));
        database
    }

    /// So many packets, back to back.
    #[must_use]
    pub fn packets(&self, count: usize) -> Vec<u8> {
        let mut rng = Rng::new(SEED);
        let mut octets = Vec::with_capacity(count * self.packet_len);
        for i in 0..count {
            let header = [0, 0, 1, APID.into(), 3, i as u64 & 0x3FFF, self.packet_len as u64 - 7];
            let mut writer = Writer { octets: &mut octets, word: 0, bits: 0 };
            for (k, field) in self.fields.iter().enumerate() {
                writer.put(header.get(k).copied().unwrap_or_else(|| field.draw(&mut rng)), field.bits);
            }
        }
        octets
    }
}

impl Field {
    fn encoding(self) -> Encoding {
        let (byte_order, bit_order) = (ByteOrder::default(), BitOrder::default());
        let integer = |encoding| Encoding::Integer {
            bits: self.bits,
            encoding,
            byte_order: byte_order.clone(),
            bit_order,
        };
        match self.form {
            Form::Float => {
                Encoding::Float { bits: self.bits, encoding: FloatEncoding::Ieee754, byte_order, bit_order }
            }
            Form::Signed => integer(IntegerEncoding::TwosComplement),
            Form::Unsigned => integer(IntegerEncoding::Unsigned),
        }
    }

    const fn kind(self) -> EngineeringKind {
        match self.form {
            Form::Float => EngineeringKind::Float,
            Form::Signed | Form::Unsigned => EngineeringKind::Integer,
        }
    }

    /// The middle of its numbers, and how far they reach from there.
    fn range(self) -> (f64, f64) {
        let half = f64::from(self.bits - 1).exp2();
        match self.form {
            Form::Float => (0.0, 1e6),
            Form::Signed => (0.0, half),
            Form::Unsigned => (half, half),
        }
    }

    fn draw(self, rng: &mut Rng) -> u64 {
        let (middle, reach) = self.range();
        // A sixteenth of the way to either side, or anywhere.
        let spread = if rng.chance(0.0005) { 0.99 } else { 0.0625 };
        let number = middle + (rng.unit() * 2.0 - 1.0) * spread * reach;
        match self.form {
            Form::Float => (number as f32).to_bits().into(),
            Form::Signed | Form::Unsigned if self.bits < 5 => rng.next_u64() >> (64 - self.bits),
            Form::Signed => number as i64 as u64,
            Form::Unsigned => number as u64,
        }
    }

    /// A warning half of the way to either side, and an alarm farther out. A few bits are no measurement, and never alarming.
    fn alarm(self) -> Alarm {
        let (middle, reach) = self.range();
        let far = if self.bits < 5 { 3.0 } else { 1.0 };
        let at = |part: f64| cubic(middle + part * far * reach);
        let outside = |level, part: f64| {
            let range = |min, max| AlarmRange { level, min, min_inclusive: false, max, max_inclusive: false };
            [range(f64::NEG_INFINITY, at(-part)), range(at(part), f64::INFINITY)]
        };
        let mut ranges = outside(AlarmLevel::Warning, 0.5).to_vec();
        ranges.extend(outside(AlarmLevel::Critical, 0.75));
        Alarm { ranges, min_violations: 1, ..Alarm::default() }
    }
}

/// Puts numbers one behind the other.
struct Writer<'o> {
    octets: &'o mut Vec<u8>,
    word: u64,
    bits: u32,
}

impl Writer<'_> {
    fn put(&mut self, number: u64, bits: u32) {
        self.word = self.word << bits | number & (u64::MAX >> (64 - bits));
        self.bits += bits;
        while self.bits >= 8 {
            self.bits -= 8;
            self.octets.push((self.word >> self.bits) as u8);
        }
    }
}

fn unsigned(bits: &[u32]) -> Vec<Field> {
    bits.iter().map(|&bits| Field { bits, form: Form::Unsigned }).collect()
}

fn floats(count: usize) -> Vec<Field> {
    vec![Field { bits: 32, form: Form::Float }; count]
}

fn cubic(x: f64) -> f64 {
    CUBIC.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The header of a space packet (133.0-B-2 §4.1.3).
const HEADER: [u32; 7] = [3, 1, 1, 11, 2, 14, 16];
const APID: u16 = 11;
/// It rises everywhere.
const CUBIC: [f64; 4] = [1.0, 0.5, 0.0, 1e-12];
const SEED: u64 = 0xDEC0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_have_as_many_bits_as_their_parameters() {
        for (layout, parameters) in [(Layout::jpss_like(), 27), (Layout::ctim_like(), 865)] {
            let bits: u32 = layout.fields().iter().map(|field| field.bits).sum();
            assert_eq!((bits as usize, layout.fields().len()), (layout.packet_len() * 8, parameters));
            assert_eq!(layout.packets(3).len(), layout.packet_len() * 3);
        }
    }
}
