//! Rows of the long tables, each as so many octets, least significant first: read in one pass, without a branch on what is in them.
//!
//! The checksum of a blob tells a damaged one, and reading a plan is total: so octets are taken as they are, and those that make no
//! whole row are passed over.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::{Deserializer, Serializer, de};

use crate::plan::{Field, FieldKind, Item, ItemId, Parameter, ParameterId, Shape, Span, Text};

/// A row of `N` octets.
pub(crate) trait Row<const N: usize>: Copy {
    fn octets(&self) -> [u8; N];
    fn of(octets: &[u8; N]) -> Self;
}

pub(crate) fn serialize<T: Row<N>, const N: usize, S: Serializer>(
    rows: &[T],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let octets: Vec<u8> = rows.iter().flat_map(Row::octets).collect();
    serializer.serialize_bytes(&octets)
}

pub(crate) fn deserialize<'de, T: Row<N>, const N: usize, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_bytes(Rows(PhantomData))
}

/// Reads rows.
struct Rows<T, const N: usize>(PhantomData<T>);

impl<T: Row<N>, const N: usize> de::Visitor<'_> for Rows<T, N> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rows of {N} octets")
    }

    fn visit_bytes<E: de::Error>(self, octets: &[u8]) -> Result<Vec<T>, E> {
        let (rows, _) = octets.as_chunks::<N>();
        Ok(rows.iter().map(T::of).collect())
    }
}

impl Row<11> for Field {
    fn octets(&self) -> [u8; 11] {
        let mut row = [0; 11];
        put(&mut row, 0, self.bit().to_le_bytes());
        put(&mut row, 4, self.item().0.to_le_bytes());
        let back = self.bit() / 8 - self.first_octet();
        put(&mut row, 8, [back as u8, self.bits(), self.kind() as u8]);
        row
    }

    #[inline]
    fn of(row: &[u8; 11]) -> Self {
        let [back, bits, kind] = take(row, 8);
        let kind = match kind {
            0 => FieldKind::Float32,
            1 => FieldKind::Float64,
            2 => FieldKind::Signed,
            3 => FieldKind::Unsigned,
            _ => FieldKind::Other,
        };
        let bit = word(row, 0);
        Self::from_octet((bit / 8).saturating_sub(back.into()), ItemId(word(row, 4)), bit, bits, kind)
    }
}

impl Row<22> for Item {
    fn octets(&self) -> [u8; 22] {
        let mut row = [0; 22];
        put(&mut row, 0, self.parameter.0.to_le_bytes());
        put_span(&mut row, 4, self.suffix.0);
        put(&mut row, 12, self.meaning.to_le_bytes());
        put(&mut row, 16, self.register.to_le_bytes());
        put(&mut row, 20, self.encoding.to_le_bytes());
        row
    }

    #[inline]
    fn of(row: &[u8; 22]) -> Self {
        Self {
            parameter: ParameterId(word(row, 0)),
            suffix: Text(span(row, 4)),
            encoding: u16::from_le_bytes(take(row, 20)),
            meaning: word(row, 12),
            register: word(row, 16),
        }
    }
}

impl Row<32> for Parameter {
    fn octets(&self) -> [u8; 32] {
        let mut row = [0; 32];
        put_span(&mut row, 0, self.name.0);
        put_span(&mut row, 8, self.description.0);
        put_span(&mut row, 16, self.items);
        put(&mut row, 24, self.shape.to_le_bytes());
        put(&mut row, 28, self.valid_if.to_le_bytes());
        row
    }

    #[inline]
    fn of(row: &[u8; 32]) -> Self {
        Self {
            name: Text(span(row, 0)),
            description: Text(span(row, 8)),
            items: span(row, 16),
            shape: word(row, 24),
            valid_if: word(row, 28),
        }
    }
}

impl Row<9> for Shape {
    fn octets(&self) -> [u8; 9] {
        let mut row = [0; 9];
        match *self {
            Self::Aggregate { members } => put(&mut row, 0, members.to_le_bytes()),
            Self::Array { dimensions } => put_span(&mut row, 0, dimensions),
            Self::Member(text) => put_span(&mut row, 0, text.0),
            Self::Value(item) => put(&mut row, 0, item.0.to_le_bytes()),
        }
        let tag = match self {
            Self::Aggregate { .. } => 0,
            Self::Array { .. } => 1,
            Self::Member(_) => 2,
            Self::Value(_) => 3,
        };
        put(&mut row, 8, [tag]);
        row
    }

    #[inline]
    fn of(row: &[u8; 9]) -> Self {
        let [tag] = take(row, 8);
        match tag {
            0 => Self::Aggregate { members: word(row, 0) },
            1 => Self::Array { dimensions: span(row, 0) },
            2 => Self::Member(Text(span(row, 0))),
            _ => Self::Value(ItemId(word(row, 0))),
        }
    }
}

impl Row<8> for (u32, u32) {
    fn octets(&self) -> [u8; 8] {
        let mut row = [0; 8];
        put_span(&mut row, 0, Span { start: self.0, len: self.1 });
        row
    }

    #[inline]
    fn of(row: &[u8; 8]) -> Self {
        (word(row, 0), word(row, 4))
    }
}

fn put<const N: usize>(row: &mut [u8], at: usize, octets: [u8; N]) {
    if let Some(place) = row.get_mut(at..at + N) {
        place.copy_from_slice(&octets);
    }
}

fn put_span(row: &mut [u8], at: usize, span: Span) {
    put(row, at, span.start.to_le_bytes());
    put(row, at + 4, span.len.to_le_bytes());
}

/// Octets of a row. All places are constants, so that nothing is left of the checks.
#[inline(always)]
fn take<const N: usize>(row: &[u8], at: usize) -> [u8; N] {
    row.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

#[inline(always)]
fn word(row: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(take(row, at))
}

#[inline(always)]
fn span(row: &[u8], at: usize) -> Span {
    Span { start: word(row, at), len: word(row, at + 4) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::NONE;

    #[test]
    fn every_row_comes_back() {
        let text = |start, len| Text(Span { start, len });
        let kinds = [
            FieldKind::Float32,
            FieldKind::Float64,
            FieldKind::Signed,
            FieldKind::Unsigned,
            FieldKind::Other,
        ];
        for (index, kind) in (1u8..).zip(kinds) {
            let field = Field::new(ItemId(NONE - 1), 0x0102_0304, index * 9, kind);
            for field in [field, field.within(0x0102_0304 / 8 + 6)] {
                assert_eq!(Field::of(&field.octets()), field);
            }
        }
        let item = Item {
            parameter: ParameterId(7),
            suffix: text(0x1122_3344, 5),
            encoding: 0x0102,
            meaning: 0x0304_0506,
            register: NONE,
        };
        assert_eq!(Item::of(&item.octets()), item);
        let parameter = Parameter {
            name: text(1, 2),
            description: text(3, 4),
            items: Span { start: 5, len: 6 },
            shape: 0x0708_090A,
            valid_if: 0x0B0C_0D0E,
        };
        assert_eq!(Parameter::of(&parameter.octets()), parameter);
        for shape in [
            Shape::Aggregate { members: 0x0102_0304 },
            Shape::Array { dimensions: Span { start: 0x0506, len: 0x0708 } },
            Shape::Member(text(9, 0x0A0B_0C0D)),
            Shape::Value(ItemId(0xFFFF)),
        ] {
            assert_eq!(Shape::of(&shape.octets()), shape);
        }
        assert_eq!(<(u32, u32)>::of(&(1u32, NONE).octets()), (1, NONE));
    }
}
