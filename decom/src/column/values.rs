//! The buffers of a column.

use alloc::vec::Vec;

use super::Bitmap;
use crate::moment::Moment;
use crate::plan::meaning::TimeScale;
use crate::plan::{Encoding, FloatEncoding, IntegerEncoding, NONE};
use crate::raw::{Bits, Raw};

/// Raw values, each in the narrowest type that holds every number of its encoding.
///
/// Where a value is not there, its place holds zero, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// IEEE 754 binary32.
    F32(Vec<f32>),
    /// Any other floating-point numbers.
    F64(Vec<f64>),
    /// Numbers with sign of up to 8 bits.
    I8(Vec<i8>),
    /// Numbers with sign of up to 16 bits.
    I16(Vec<i16>),
    /// Numbers with sign of up to 32 bits.
    I32(Vec<i32>),
    /// Numbers with sign of more than 32 bits.
    I64(Vec<i64>),
    /// Texts and runs of octets.
    Octets(Octets),
    /// Numbers without sign of up to 8 bits.
    U8(Vec<u8>),
    /// Numbers without sign of up to 16 bits.
    U16(Vec<u16>),
    /// Numbers without sign of up to 32 bits.
    U32(Vec<u32>),
    /// Numbers without sign of up to 64 bits.
    U64(Vec<u64>),
    /// Numbers without sign of more than 64 bits.
    Wide(Vec<u128>),
}

impl Values {
    /// No values of this encoding.
    pub(crate) fn of_encoding(encoding: &Encoding) -> Self {
        match *encoding {
            Encoding::Float { bits: 32, encoding: FloatEncoding::Ieee754, .. } => Self::F32(Vec::new()),
            Encoding::Float { .. } => Self::F64(Vec::new()),
            Encoding::Integer { bits, encoding: IntegerEncoding::Unsigned, .. } => match bits {
                0..=8 => Self::U8(Vec::new()),
                9..=16 => Self::U16(Vec::new()),
                17..=32 => Self::U32(Vec::new()),
                33..=64 => Self::U64(Vec::new()),
                _ => Self::Wide(Vec::new()),
            },
            // Eight bits for each digit: fewer would do, but the type is that of any number of so many bits.
            Encoding::Integer { bits, encoding: IntegerEncoding::Bcd, .. } => match bits {
                0..=8 => Self::U8(Vec::new()),
                9..=16 => Self::U16(Vec::new()),
                17..=32 => Self::U32(Vec::new()),
                _ => Self::U64(Vec::new()),
            },
            Encoding::Integer { bits, .. } => match bits {
                0..=8 => Self::I8(Vec::new()),
                9..=16 => Self::I16(Vec::new()),
                17..=32 => Self::I32(Vec::new()),
                _ => Self::I64(Vec::new()),
            },
            Encoding::Octets { .. } | Encoding::Text { .. } => Self::Octets(Octets::new()),
        }
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::I8(values) => values.len(),
            Self::I16(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::Octets(values) => values.len(),
            Self::U8(values) => values.len(),
            Self::U16(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::U64(values) => values.len(),
            Self::Wide(values) => values.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Octets of each number; `None` for texts and runs of octets.
    pub(crate) const fn size(&self) -> Option<usize> {
        match self {
            Self::I8(_) | Self::U8(_) => Some(1),
            Self::I16(_) | Self::U16(_) => Some(2),
            Self::F32(_) | Self::I32(_) | Self::U32(_) => Some(4),
            Self::F64(_) | Self::I64(_) | Self::U64(_) => Some(8),
            Self::Wide(_) => Some(16),
            Self::Octets(_) => None,
        }
    }

    /// The number at `index`, in the terms of the row engine; `None` behind the last one, and for texts and octets.
    #[must_use]
    pub fn number(&self, index: usize) -> Option<Raw<'static>> {
        match self {
            Self::F32(values) => values.get(index).map(|&value| Raw::Float(value.into())),
            Self::F64(values) => values.get(index).map(|&value| Raw::Float(value)),
            Self::I8(values) => values.get(index).map(|&value| Raw::Signed(value.into())),
            Self::I16(values) => values.get(index).map(|&value| Raw::Signed(value.into())),
            Self::I32(values) => values.get(index).map(|&value| Raw::Signed(value.into())),
            Self::I64(values) => values.get(index).map(|&value| Raw::Signed(value)),
            Self::Octets(_) => None,
            Self::U8(values) => values.get(index).map(|&value| Raw::Unsigned(value.into())),
            Self::U16(values) => values.get(index).map(|&value| Raw::Unsigned(value.into())),
            Self::U32(values) => values.get(index).map(|&value| Raw::Unsigned(value.into())),
            Self::U64(values) => values.get(index).map(|&value| Raw::Unsigned(value)),
            Self::Wide(values) => values.get(index).map(|&value| Raw::Wide(value)),
        }
    }

    /// One more value; `None`, and a zero, when it is none of this type.
    pub(crate) fn push(&mut self, raw: Option<Raw<'_>>) -> Option<()> {
        fn of<T: Default, V: TryInto<T>>(values: &mut Vec<T>, value: Option<V>) -> Option<()> {
            let value = value.and_then(|value| value.try_into().ok());
            let found = value.is_some().then_some(());
            values.push(value.unwrap_or_default());
            found
        }
        match self {
            Self::F32(values) => of(values, float(raw).map(|value| value as f32)),
            Self::F64(values) => of(values, float(raw)),
            Self::I8(values) => of(values, signed(raw)),
            Self::I16(values) => of(values, signed(raw)),
            Self::I32(values) => of(values, signed(raw)),
            Self::I64(values) => of(values, signed(raw)),
            Self::Octets(values) => match raw {
                Some(Raw::Octets(bits) | Raw::Text { bits, .. }) => values.push_bits(bits),
                _ => {
                    values.push_nothing();
                    None
                }
            },
            Self::U8(values) => of(values, unsigned(raw)),
            Self::U16(values) => of(values, unsigned(raw)),
            Self::U32(values) => of(values, unsigned(raw)),
            Self::U64(values) => of(values, unsigned(raw)),
            Self::Wide(values) => of(values, unsigned(raw)),
        }
    }

    /// Another number at `index`; `None`, and a zero, when it is none of this type. Texts and octets stay as they are.
    pub(crate) fn replace(&mut self, index: usize, raw: Option<Raw<'_>>) -> Option<()> {
        fn of<T: Default, V: TryInto<T>>(values: &mut [T], index: usize, value: Option<V>) -> Option<()> {
            let value = value.and_then(|value| value.try_into().ok());
            let found = value.is_some().then_some(());
            *values.get_mut(index)? = value.unwrap_or_default();
            found
        }
        match self {
            Self::F32(values) => of(values, index, float(raw).map(|value| value as f32)),
            Self::F64(values) => of(values, index, float(raw)),
            Self::I8(values) => of(values, index, signed(raw)),
            Self::I16(values) => of(values, index, signed(raw)),
            Self::I32(values) => of(values, index, signed(raw)),
            Self::I64(values) => of(values, index, signed(raw)),
            Self::Octets(_) => None,
            Self::U8(values) => of(values, index, unsigned(raw)),
            Self::U16(values) => of(values, index, unsigned(raw)),
            Self::U32(values) => of(values, index, unsigned(raw)),
            Self::U64(values) => of(values, index, unsigned(raw)),
            Self::Wide(values) => of(values, index, unsigned(raw)),
        }
    }

    pub(crate) fn clear(&mut self) {
        match self {
            Self::F32(values) => values.clear(),
            Self::F64(values) => values.clear(),
            Self::I8(values) => values.clear(),
            Self::I16(values) => values.clear(),
            Self::I32(values) => values.clear(),
            Self::I64(values) => values.clear(),
            Self::Octets(values) => values.clear(),
            Self::U8(values) => values.clear(),
            Self::U16(values) => values.clear(),
            Self::U32(values) => values.clear(),
            Self::U64(values) => values.clear(),
            Self::Wide(values) => values.clear(),
        }
    }
}

/// Engineering values.
///
/// Where there is none, its place holds zero, [`NONE`], or nothing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Engineering {
    /// Words of a [`Kind::Boolean`](crate::plan::Kind::Boolean): set for the word for anything but zero.
    Booleans(Bitmap),
    /// Floating-point numbers; spans of time in seconds.
    F64(Vec<f64>),
    /// Words of a [`Kind::Enumerated`](crate::plan::Kind::Enumerated): indices into its range of labels; [`NONE`] for a
    /// number that it does not have.
    Labels(Vec<u32>),
    /// Texts in UTF-8.
    Text(Octets),
    /// Moments.
    Times {
        /// Nanoseconds since 1970 January 1 on the scale, towards the past.
        nanoseconds: Vec<i64>,
        /// The scale.
        scale: TimeScale,
    },
}

impl Engineering {
    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Booleans(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::Labels(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Times { nanoseconds, .. } => nanoseconds.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One more place without a value.
    pub(crate) fn push_nothing(&mut self) {
        match self {
            Self::Booleans(values) => values.push(false),
            Self::F64(values) => values.push(0.0),
            Self::Labels(values) => values.push(NONE),
            Self::Text(values) => values.push_nothing(),
            Self::Times { nanoseconds, .. } => nanoseconds.push(0),
        }
    }

    /// The place at `index` has no value.
    pub(crate) fn blank(&mut self, index: usize) {
        fn set<T>(values: &mut [T], index: usize, value: T) {
            if let Some(slot) = values.get_mut(index) {
                *slot = value;
            }
        }
        match self {
            Self::Booleans(values) => values.reset(index),
            Self::F64(values) => set(values, index, 0.0),
            Self::Labels(values) => set(values, index, NONE),
            // Texts come one by one, and know what is missing.
            Self::Text(_) => {}
            Self::Times { nanoseconds, .. } => set(nanoseconds, index, 0),
        }
    }

    pub(crate) fn clear(&mut self) {
        match self {
            Self::Booleans(values) => values.clear(),
            Self::F64(values) => values.clear(),
            Self::Labels(values) => values.clear(),
            Self::Text(values) => values.clear(),
            Self::Times { nanoseconds, .. } => nanoseconds.clear(),
        }
    }
}

impl Moment {
    /// Nanoseconds since 1970 January 1 on its own scale, towards the past; `None` for what 64 bits do not hold: years before 1678
    /// and after 2262.
    #[must_use]
    pub fn unix_nanoseconds(&self) -> Option<i64> {
        let midnight = (i128::from(self.day) - UNIX_DAY) * NANOSECONDS_PER_DAY;
        i64::try_from(midnight + i128::from(self.picosecond / 1000)).ok()
    }
}

/// Runs of octets, one behind the other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Octets {
    offsets: Vec<u32>,
    data: Vec<u8>,
}

impl Octets {
    pub(crate) fn new() -> Self {
        Self { offsets: alloc::vec![0], data: Vec::new() }
    }

    /// How many runs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where each run begins in the data, and after those where the last one ends.
    #[must_use]
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// All runs.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The run at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let (&start, &end) = (self.offsets.get(index)?, self.offsets.get(index + 1)?);
        self.data.get(start as usize..end as usize)
    }

    /// Offsets and data.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u32>, Vec<u8>) {
        (self.offsets, self.data)
    }

    /// One more run; `None`, and an empty one, when all together would be longer than offsets tell.
    pub(crate) fn push(&mut self, octets: impl Iterator<Item = u8>) -> Option<()> {
        let before = self.data.len();
        self.data.extend(octets);
        self.close(before)
    }

    pub(crate) fn push_slice(&mut self, octets: &[u8]) -> Option<()> {
        let before = self.data.len();
        self.data.extend_from_slice(octets);
        self.close(before)
    }

    pub(crate) fn push_bits(&mut self, bits: Bits<'_>) -> Option<()> {
        match bits.as_slice() {
            Some(octets) => self.push_slice(octets),
            None => self.push(bits.octets()),
        }
    }

    pub(crate) fn push_char(&mut self, character: char) {
        let mut buffer = [0; 4];
        self.data.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }

    /// One more, empty, run.
    pub(crate) fn push_nothing(&mut self) {
        self.offsets.push(self.data.len() as u32);
    }

    /// Make what lies behind the last run one more run.
    pub(crate) fn push_rest(&mut self) -> Option<()> {
        let before = self.offsets.last().map_or(0, |&end| end as usize);
        self.close(before)
    }

    fn close(&mut self, before: usize) -> Option<()> {
        let fits = self.data.len() <= MAX_DATA;
        if !fits {
            self.data.truncate(before);
        }
        self.push_nothing();
        fits.then_some(())
    }

    pub(crate) fn clear(&mut self) {
        self.offsets.truncate(1);
        self.data.clear();
    }
}

fn float(raw: Option<Raw<'_>>) -> Option<f64> {
    match raw? {
        Raw::Float(value) => Some(value),
        _ => None,
    }
}

fn signed(raw: Option<Raw<'_>>) -> Option<i64> {
    match raw? {
        Raw::Signed(value) => Some(value),
        _ => None,
    }
}

fn unsigned(raw: Option<Raw<'_>>) -> Option<u128> {
    match raw? {
        Raw::Unsigned(value) => Some(value.into()),
        Raw::Wide(value) => Some(value),
        _ => None,
    }
}

/// Arrow counts the octets of a column in 32 bits with sign.
const MAX_DATA: usize = i32::MAX as usize;

/// Days from 1958 January 1 to 1970 January 1.
const UNIX_DAY: i128 = 4383;
const NANOSECONDS_PER_DAY: i128 = 86_400_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_count_from_1970() {
        let moment = |day, picosecond| Moment { day, picosecond, scale: TimeScale::Utc };
        assert_eq!(moment(4383, 0).unix_nanoseconds(), Some(0));
        assert_eq!(moment(4383, 1999).unix_nanoseconds(), Some(1));
        assert_eq!(moment(4382, 86_399_999_999_999_999).unix_nanoseconds(), Some(-1));
        // 2024 January 1 is day 24106 since 1958.
        assert_eq!(moment(24_106, 1_500_000_000_000).unix_nanoseconds(), Some(1_704_067_201_500_000_000));
        assert_eq!(moment(i32::MAX, 0).unix_nanoseconds(), None);
        assert_eq!(moment(i32::MIN, 0).unix_nanoseconds(), None);
    }

    #[test]
    fn the_first_and_the_last_nanosecond_of_64_bits_are_held() {
        for nanoseconds in [i64::MIN, i64::MAX] {
            let day = i128::from(nanoseconds).div_euclid(NANOSECONDS_PER_DAY);
            let picosecond = i128::from(nanoseconds).rem_euclid(NANOSECONDS_PER_DAY) as u64 * 1000;
            let moment = Moment { day: (day + UNIX_DAY) as i32, picosecond, scale: TimeScale::Tai };
            assert_eq!(moment.unix_nanoseconds(), Some(nanoseconds));
        }
    }

    #[test]
    fn a_value_of_another_type_is_none() {
        let mut values = Values::I8(Vec::new());
        assert_eq!(values.push(Some(Raw::Signed(-128))), Some(()));
        assert_eq!(values.push(Some(Raw::Signed(128))), None);
        assert_eq!(values.push(Some(Raw::Float(1.0))), None);
        assert_eq!(values.push(None), None);
        assert_eq!(values.replace(1, Some(Raw::Signed(7))), Some(()));
        assert_eq!(values, Values::I8(alloc::vec![-128, 7, 0, 0]));
        assert_eq!((values.number(1), values.number(4)), (Some(Raw::Signed(7)), None));
    }

    #[test]
    fn runs_lie_one_behind_the_other() {
        let mut octets = Octets::new();
        assert_eq!(octets.push_slice(b"ab"), Some(()));
        octets.push_nothing();
        octets.push_char('é');
        assert_eq!(octets.push_rest(), Some(()));
        assert_eq!(octets.push_bits(Bits::new(&[0x12, 0x34], 4, 8).unwrap()), Some(()));
        assert_eq!((octets.offsets(), octets.data()), (&[0, 2, 2, 4, 5][..], &b"ab\xC3\xA9\x23"[..]));
        assert_eq!((octets.get(0), octets.get(1), octets.get(4)), (Some(&b"ab"[..]), Some(&b""[..]), None));
    }
}
