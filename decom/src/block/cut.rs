//! Numbers out of words of eight octets.

use alloc::vec::Vec;

use super::layout::Spec;
use crate::column::{Column, Repetition, Values};
use crate::plan::{Encoding, FieldKind, FloatEncoding, IntegerEncoding, Order};

/// A number that lies in at most eight neighbouring octets of every packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cut {
    /// Which column it is for.
    pub(crate) column: usize,
    /// Its first octet.
    pub(crate) start: usize,
    /// How many octets it lies in.
    pub(crate) octets: usize,
    /// How many bits of the last of them lie behind it.
    pub(crate) behind: u32,
    /// How many bits it has.
    pub(crate) bits: u32,
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "a column knows its own type"))]
    pub(crate) form: Form,
    /// Whether its octets, all of them whole, come least significant first.
    pub(crate) is_little: bool,
    /// Octets of a value in the column.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "a column knows its own type"))]
    pub(crate) size: usize,
}

/// What the bits are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Float,
    Signed,
    Unsigned,
}

impl Cut {
    /// The number that a column is of; `None` where it takes more than a shift and a mask, or there are several in a packet.
    pub(super) fn of(column: usize, spec: &Spec<'_>) -> Option<Self> {
        let [place] = spec.places[..] else { return None };
        let field = place.field;
        let (bits, form, is_little) = match (spec.encoding, field.kind()) {
            _ if spec.occurrence != Repetition::Once => return None,
            (Encoding::Float { bits: 32, .. }, FieldKind::Float32) => (32, Form::Float, false),
            (Encoding::Float { bits: 64, .. }, FieldKind::Float64) => (64, Form::Float, false),
            (Encoding::Integer { bits, .. }, FieldKind::Signed) => (bits, Form::Signed, false),
            (Encoding::Integer { bits, .. }, FieldKind::Unsigned) => (bits, Form::Unsigned, false),
            (
                Encoding::Integer { bits, encoding, order: Order::Little, reversed: false },
                FieldKind::Other,
            ) => match encoding {
                IntegerEncoding::TwosComplement => (bits, Form::Signed, true),
                IntegerEncoding::Unsigned => (bits, Form::Unsigned, true),
                _ => return None,
            },
            (
                Encoding::Float {
                    bits: bits @ (32 | 64),
                    encoding: FloatEncoding::Ieee754,
                    order: Order::Little,
                    reversed: false,
                },
                FieldKind::Other,
            ) => (bits, Form::Float, true),
            _ => return None,
        };
        let is_whole = field.bit().is_multiple_of(8) && bits.is_multiple_of(8);
        // Fields and their encodings agree in plans that the compiler made.
        let agrees = field.kind() == FieldKind::Other || matches!(form, Form::Float) || field.bits() == bits;
        let bits = u32::from(bits);
        let (start, end) = (field.bit() / 8, field.bit().checked_add(bits)?.div_ceil(8));
        let octets = (end - start) as usize;
        let fits = (1..=64).contains(&bits) && octets <= 8 && (is_whole || !is_little) && agrees;
        if !fits {
            return None;
        }
        Some(Self {
            column,
            start: start as usize,
            octets,
            behind: end * 8 - field.bit() - bits,
            bits,
            form,
            is_little,
            size: spec.raw.size()?,
        })
    }

    /// The octet behind its last one.
    pub(crate) const fn end(&self) -> usize {
        self.start + self.octets
    }
}

/// Numbers in the same eight octets.
#[derive(Clone, Debug)]
pub(super) struct Word {
    start: usize,
    cuts: Vec<Cut>,
}

impl Word {
    /// Words that hold all of the numbers, in packets of `octets` octets.
    pub(super) fn cover(cuts: &[Cut], octets: usize) -> Vec<Self> {
        let mut sorted = cuts.to_vec();
        sorted.sort_by_key(|cut| (cut.start, cut.end()));
        let mut words: Vec<Self> = Vec::new();
        for cut in sorted {
            match words.last_mut() {
                Some(word) if cut.end() <= word.start + 8 => word.cuts.push(cut),
                _ => words.push(Self { start: cut.start, cuts: alloc::vec![cut] }),
            }
        }
        // Near the end of the container words reach back rather than on.
        for word in &mut words {
            word.start = word.start.min(octets.saturating_sub(8));
        }
        words
    }

    /// Put the numbers of the rows behind those of their columns. Every row has all octets of the container.
    #[inline(always)]
    pub(super) fn append(&self, rows: &[&[u8]], scratch: &mut [u64], columns: &mut [Column]) {
        for (word, row) in scratch.iter_mut().zip(rows) {
            *word = load(row, self.start);
        }
        let words = scratch.get(..rows.len()).unwrap_or(&[]);
        for cut in &self.cuts {
            if let Some(column) = columns.get_mut(cut.column) {
                cut.append(self.start, words, &mut column.raw);
            }
        }
    }
}

impl Cut {
    /// Put the numbers of words that begin at octet `start` behind those of a column.
    #[inline(always)]
    fn append(&self, start: usize, words: &[u64], values: &mut Values) {
        // The word holds the cut: its last octet is the eighth one at most.
        let shift = ((start + 8 - self.end()) as u32 * 8 + self.behind) & 63;
        let surplus = (64 - self.bits) & 63;
        let mask = u64::MAX >> surplus;
        let sign = 1u64 << (63 - surplus);
        if self.is_little {
            let number = |word: u64| (word >> shift & mask).swap_bytes() >> surplus;
            self.push(words, values, number, |word| (number(word) ^ sign).wrapping_sub(sign));
        } else {
            let number = |word: u64| word >> shift & mask;
            self.push(words, values, number, |word| (number(word) ^ sign).wrapping_sub(sign));
        }
    }

    #[inline(always)]
    fn push(
        &self,
        words: &[u64],
        values: &mut Values,
        unsigned: impl Fn(u64) -> u64,
        signed: impl Fn(u64) -> u64,
    ) {
        let words = words.iter();
        match values {
            Values::F32(values) => values.extend(words.map(|&word| f32::from_bits(unsigned(word) as u32))),
            Values::F64(values) => values.extend(words.map(|&word| f64::from_bits(unsigned(word)))),
            Values::I8(values) => values.extend(words.map(|&word| signed(word) as i8)),
            Values::I16(values) => values.extend(words.map(|&word| signed(word) as i16)),
            Values::I32(values) => values.extend(words.map(|&word| signed(word) as i32)),
            Values::I64(values) => values.extend(words.map(|&word| signed(word) as i64)),
            Values::U8(values) => values.extend(words.map(|&word| unsigned(word) as u8)),
            Values::U16(values) => values.extend(words.map(|&word| unsigned(word) as u16)),
            Values::U32(values) => values.extend(words.map(|&word| unsigned(word) as u32)),
            Values::U64(values) => values.extend(words.map(|&word| unsigned(word))),
            Values::Octets(_) | Values::Wide(_) => {}
        }
    }
}

/// The eight octets from `start` on; zeros stand for those behind the end.
#[inline(always)]
fn load(row: &[u8], start: usize) -> u64 {
    let rest = row.get(start..).unwrap_or(&[]);
    match rest.first_chunk() {
        Some(octets) => u64::from_be_bytes(*octets),
        None => {
            let word = rest.iter().fold(0, |word, &octet| word << 8 | u64::from(octet));
            // There are fewer than eight.
            word.checked_shl(64 - rest.len() as u32 * 8).unwrap_or(0)
        }
    }
}
