//! Which values there are, and to which row they belong: definition and repetition levels.

use decom::column::{Bitmap, Column, Repetition};

/// The levels of a column, encoded as a data page has them.
pub(super) struct Levels {
    /// Values, missing ones and empty lists.
    pub(super) entries: usize,
    /// Missing values and empty lists.
    pub(super) nulls: usize,
    /// Repetition levels, where there are any, and definition levels, each with its length ahead.
    pub(super) octets: Vec<u8>,
}

impl Levels {
    /// One value a row, and all there.
    pub(super) fn all(rows: usize) -> Self {
        let mut octets = Vec::new();
        with_length(&mut octets, |octets| run(octets, rows, 1));
        Self { entries: rows, nulls: 0, octets }
    }

    /// No value in any row.
    pub(super) fn none(rows: usize) -> Self {
        let mut octets = Vec::new();
        with_length(&mut octets, |octets| run(octets, rows, 0));
        Self { entries: rows, nulls: rows, octets }
    }

    /// One value a row, or none.
    pub(super) fn flat(rows: usize, is_there: impl Iterator<Item = bool>) -> Self {
        let levels: Vec<u8> = is_there.map(u8::from).collect();
        let nulls = levels.iter().filter(|&&level| level == 0).count();
        if nulls == 0 {
            return Self::all(rows);
        }
        let mut octets = Vec::new();
        with_length(&mut octets, |octets| hybrid(octets, &levels, 1));
        Self { entries: rows, nulls, octets }
    }

    /// The values of a column that `mask` says are there.
    pub(super) fn of(column: &Column, mask: Option<&Bitmap>, rows: usize) -> Self {
        match (column.occurrence(), mask) {
            (Repetition::Once, None) => Self::all(rows),
            (_, None) => Self::with(column, rows, std::iter::repeat_n(true, column.len())),
            (_, Some(mask)) => {
                let bits = (0..column.len()).map(|index| mask.get(index) == Some(true));
                Self::with(column, rows, bits)
            }
        }
    }

    /// The values of a column that are said to be there.
    pub(super) fn with(column: &Column, rows: usize, is_there: impl Iterator<Item = bool>) -> Self {
        let len = |row: usize| match column.occurrence() {
            Repetition::Once => 1,
            Repetition::Fixed(n) => n,
            Repetition::Varying => {
                let ends = column.offsets().unwrap_or(&[]);
                let end = |row: usize| ends.get(row).copied().unwrap_or(0);
                end(row + 1).saturating_sub(end(row))
            }
        };
        if column.occurrence() == Repetition::Once {
            return Self::flat(rows, is_there);
        }
        let mut is_there = is_there;
        let (mut repetition, mut definition) = (Vec::new(), Vec::new());
        for row in 0..rows {
            let elements = len(row);
            if elements == 0 {
                repetition.push(0);
                definition.push(EMPTY);
            }
            for element in 0..elements {
                repetition.push(u8::from(element > 0));
                definition.push(if is_there.next() == Some(true) { ELEMENT } else { MISSING });
            }
        }
        let mut octets = Vec::new();
        with_length(&mut octets, |octets| hybrid(octets, &repetition, 1));
        with_length(&mut octets, |octets| hybrid(octets, &definition, 2));
        let nulls = definition.iter().filter(|&&level| level != ELEMENT).count();
        Self { entries: definition.len(), nulls, octets }
    }
}

/// What `encode` appends, and ahead of it how many octets that are.
fn with_length(octets: &mut Vec<u8>, encode: impl FnOnce(&mut Vec<u8>)) {
    let start = octets.len();
    octets.extend([0; 4]);
    encode(octets);
    let len = (octets.len() - start - 4) as u32;
    if let Some(place) = octets.get_mut(start..start + 4) {
        place.copy_from_slice(&len.to_le_bytes());
    }
}

/// Numbers of `bits` bits in the hybrid of runs and packed bits: runs where that is shorter.
fn hybrid(octets: &mut Vec<u8>, numbers: &[u8], bits: u32) {
    let runs = || numbers.chunk_by(|a, b| a == b);
    // A run takes two octets at least.
    if runs().count() * 16 <= numbers.len() * bits as usize {
        runs().for_each(|same| run(octets, same.len(), same.first().copied().unwrap_or(0)));
        return;
    }
    packed_header(octets, numbers.len());
    for eight in numbers.chunks(8) {
        let word = eight.iter().rev().fold(0u64, |word, &number| word << bits | u64::from(number));
        octets.extend(word.to_le_bytes().iter().take(bits as usize));
    }
}

/// A number again and again, of up to eight bits.
pub(super) fn run(octets: &mut Vec<u8>, len: usize, number: u8) {
    varint(octets, len << 1);
    octets.push(number);
}

/// The header of packed numbers; they are to be filled up to a multiple of eight.
pub(super) fn packed_header(octets: &mut Vec<u8>, len: usize) {
    varint(octets, len.div_ceil(8) << 1 | 1);
}

fn varint(octets: &mut Vec<u8>, number: usize) {
    let mut rest = number;
    while rest >= 0x80 {
        octets.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    octets.push(rest as u8);
}

/// Definition levels of lists: the list itself is always there.
const EMPTY: u8 = 0;
const MISSING: u8 = 1;
const ELEMENT: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_are_short_and_short_ones_packed() {
        let mut octets = Vec::new();
        hybrid(&mut octets, &[1; 1000], 1);
        assert_eq!(octets, [0xD0, 0x0F, 1]);
        octets.clear();
        hybrid(&mut octets, &[1, 0, 1, 1, 0, 0, 0, 1, 1], 1);
        assert_eq!(octets, [0b101, 0b1000_1101, 1]);
        octets.clear();
        hybrid(&mut octets, &[2, 1, 0, 2], 2);
        assert_eq!(octets, [0b11, 0b1000_0110, 0]);
    }
}
