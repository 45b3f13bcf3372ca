//! One bit a value, as Arrow lays them out.

use alloc::vec::Vec;

/// Bits, the first one in the least significant bit of the first octet.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Bitmap {
    /// Bits behind the last one are zero.
    octets: Vec<u8>,
    len: usize,
}

impl Bitmap {
    /// No bits.
    #[must_use]
    pub const fn new() -> Self {
        Self { octets: Vec::new(), len: 0 }
    }

    /// How many bits there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bit at `index`; `None` behind the last one.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<bool> {
        let octet = self.octets.get(index / 8).filter(|_| index < self.len)?;
        Some(octet >> (index % 8) & 1 == 1)
    }

    /// The bits as octets; those behind the last bit are zero.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.octets
    }

    /// The octets of the bits.
    #[must_use]
    pub fn into_octets(self) -> Vec<u8> {
        self.octets
    }

    /// One more bit.
    pub(crate) fn push(&mut self, bit: bool) {
        let shift = self.len % 8;
        match self.octets.last_mut().filter(|_| shift > 0) {
            Some(octet) => *octet |= u8::from(bit) << shift,
            None => self.octets.push(bit.into()),
        }
        self.len += 1;
    }

    /// Bits that are set, until there are `len`.
    pub(crate) fn grow(&mut self, len: usize) {
        if len <= self.len {
            return;
        }
        if let Some(last) = self.octets.last_mut().filter(|_| !self.len.is_multiple_of(8)) {
            *last |= 0xFF << (self.len % 8);
        }
        self.octets.resize(len.div_ceil(8), 0xFF);
        if let Some(last) = self.octets.last_mut().filter(|_| !len.is_multiple_of(8)) {
            *last &= !(0xFF << (len % 8));
        }
        self.len = len;
    }

    /// Make the bit at `index` zero.
    pub(crate) fn reset(&mut self, index: usize) {
        if let Some(octet) = self.octets.get_mut(index / 8) {
            *octet &= !(1 << (index % 8));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.octets.clear();
        self.len = 0;
    }
}

/// Which values there are. Nothing is kept as long as all are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Validity {
    bitmap: Bitmap,
    nulls: usize,
}

impl Validity {
    /// `None` when every value is there.
    pub(crate) fn bitmap(&self) -> Option<&Bitmap> {
        (self.nulls > 0).then_some(&self.bitmap)
    }

    pub(crate) fn into_bitmap(self) -> Option<Bitmap> {
        (self.nulls > 0).then_some(self.bitmap)
    }

    /// The value at `index` is not there; those before it are, unless said otherwise.
    pub(crate) fn lose(&mut self, index: usize) {
        self.bitmap.grow(index + 1);
        if self.bitmap.get(index) == Some(true) {
            self.bitmap.reset(index);
            self.nulls += 1;
        }
    }

    /// The value at `index` is there.
    pub(crate) fn holds(&self, index: usize) -> bool {
        self.nulls == 0 || self.bitmap.get(index).unwrap_or(true)
    }

    /// There are `len` values.
    pub(crate) fn settle(&mut self, len: usize) {
        if self.nulls > 0 {
            self.bitmap.grow(len);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.bitmap.clear();
        self.nulls = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bitmap: &Bitmap) -> Vec<bool> {
        (0..bitmap.len()).map_while(|index| bitmap.get(index)).collect()
    }

    proptest! {
        #[test]
        fn bits_come_back_in_order(first: Vec<bool>, second: Vec<bool>, grown in 0usize..40, lost in 0usize..100) {
            let mut bitmap = Bitmap::new();
            first.iter().for_each(|&bit| bitmap.push(bit));
            let mut expected = first;
            bitmap.grow(expected.len() + grown);
            expected.resize(expected.len() + grown, true);
            second.iter().for_each(|&bit| bitmap.push(bit));
            expected.extend(second);
            if let Some(bit) = expected.get_mut(lost) {
                *bit = false;
                bitmap.reset(lost);
            }
            prop_assert_eq!(all(&bitmap), &expected[..]);
            prop_assert_eq!(bitmap.get(bitmap.len()), None);
            let count: u32 = bitmap.as_octets().iter().map(|octet| octet.count_ones()).sum();
            prop_assert_eq!(count as usize, expected.iter().filter(|&&bit| bit).count());
            prop_assert_eq!(bitmap.as_octets().len(), expected.len().div_ceil(8));
        }

        #[test]
        fn a_validity_knows_what_was_lost(len in 0usize..70, lost in prop::collection::vec(0usize..70, 0..5)) {
            let mut validity = Validity::default();
            let lost: Vec<usize> = lost.into_iter().filter(|&index| index < len).collect();
            lost.iter().for_each(|&index| validity.lose(index));
            validity.settle(len);
            prop_assert_eq!(validity.bitmap().is_none(), lost.is_empty());
            if let Some(bitmap) = validity.bitmap() {
                prop_assert_eq!(all(bitmap), (0..len).map(|index| !lost.contains(&index)).collect::<Vec<_>>());
            }
        }
    }
}
