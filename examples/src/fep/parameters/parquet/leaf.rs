//! Values as the pages of a column.

use bytemuck::NoUninit;
use bytes::Bytes;
use decom::column::{Bitmap, Octets};
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::levels::{Levels, packed_header, run};

/// The values of a column, without the missing ones.
pub(super) struct Leaf {
    /// How many values `dictionary` has, where there is one, and these values, plain.
    dictionary: Option<(usize, Vec<u8>)>,
    /// Values, or indices of the dictionary.
    values: Vec<u8>,
    range: Range,
}

/// The least and the greatest value.
enum Range {
    Int32(i32, i32),
    Int64(i64, i64),
    Unknown,
}

impl Leaf {
    /// Whole numbers of up to 32 bits.
    pub(super) fn whole<T: Whole>(values: &[T]) -> Self {
        let Some((min, max)) = bounds(values) else { return Self::plain(Vec::new(), Range::Unknown) };
        let range = Range::Int32(min.bits() as i32, max.bits() as i32);
        let span = max.bits().wrapping_sub(min.bits());
        let entries = span as usize + 1;
        let dictionary = || {
            let numbers = (0..=span).flat_map(|step| min.bits().wrapping_add(step).to_le_bytes());
            Some((entries, numbers.collect()))
        };
        let index = |value: &T| value.bits().wrapping_sub(min.bits());
        if entries == 1 {
            return Self { dictionary: dictionary(), values: constant(values.len()), range };
        }
        if entries <= 0x100 && entries <= values.len() {
            let indices =
                packed(8, values.len(), 1, |out| out.extend(values.iter().map(|value| index(value) as u8)));
            return Self { dictionary: dictionary(), values: indices, range };
        }
        // Each entry of the dictionary takes four octets, each value two instead of four.
        if entries <= 0x1_0000 && entries <= values.len() / 4 {
            let indices = values.iter().map(|value| (index(value) as u16).to_le());
            let indices = packed(16, values.len(), 2, |out| append(out, indices));
            return Self { dictionary: dictionary(), values: indices, range };
        }
        let mut plain = Vec::new();
        append(&mut plain, values.iter().map(|value| value.bits().to_le()));
        Self::plain(plain, range)
    }

    /// Whole numbers of 64 bits.
    pub(super) fn whole64<T: Whole64>(values: &[T]) -> Self {
        let Some((min, max)) = bounds(values) else { return Self::plain(Vec::new(), Range::Unknown) };
        let range = Range::Int64(min.bits() as i64, max.bits() as i64);
        if min == max {
            let one = min.bits().to_le_bytes().to_vec();
            return Self { dictionary: Some((1, one)), values: constant(values.len()), range };
        }
        let mut plain = Vec::new();
        append(&mut plain, values.iter().map(|value| value.bits().to_le()));
        Self::plain(plain, range)
    }

    pub(super) fn float32(values: &[f32]) -> Self {
        Self::bits(values, |value| value.to_bits().to_le())
    }

    pub(super) fn float64(values: &[f64]) -> Self {
        Self::bits(values, |value| value.to_bits().to_le())
    }

    /// Numbers by their bits, least significant octet first.
    fn bits<T: Copy, B: NoUninit + PartialEq>(values: &[T], bits: impl Fn(T) -> B) -> Self {
        let mut plain = Vec::new();
        if let [first, rest @ ..] = values
            && rest.iter().all(|&value| bits(value) == bits(*first))
        {
            append(&mut plain, std::iter::once(bits(*first)));
            return Self {
                dictionary: Some((1, plain)),
                values: constant(values.len()),
                range: Range::Unknown,
            };
        }
        append(&mut plain, values.iter().map(|&value| bits(value)));
        Self::plain(plain, Range::Unknown)
    }

    /// Numbers of more than 64 bits.
    pub(super) fn wide(values: &[u128]) -> Self {
        Self::plain(values.iter().flat_map(|value| value.to_be_bytes()).collect(), Range::Unknown)
    }

    pub(super) fn booleans(values: &Bitmap, mask: Option<&Bitmap>) -> Self {
        let Some(mask) = mask else { return Self::plain(values.as_octets().to_vec(), Range::Unknown) };
        let there = (0..values.len()).filter(|&index| mask.get(index) == Some(true));
        let bits: Vec<bool> = there.map(|index| values.get(index) == Some(true)).collect();
        let octet = |bits: &[bool]| bits.iter().rev().fold(0, |octet, &bit| octet << 1 | u8::from(bit));
        Self::plain(bits.chunks(8).map(octet).collect(), Range::Unknown)
    }

    /// Texts and runs of octets.
    pub(super) fn octets(values: &Octets, mask: Option<&Bitmap>) -> Self {
        let is_there = |index: &usize| mask.is_none_or(|mask| mask.get(*index) == Some(true));
        let there = || (0..values.len()).filter(is_there).filter_map(|index| values.get(index));
        let mut plain = Vec::with_capacity(values.data().len() + 4 * values.len());
        let first = there().next();
        let mut len = 0;
        let mut is_same = true;
        for octets in there() {
            is_same &= first == Some(octets);
            len += 1;
            plain.extend((octets.len() as u32).to_le_bytes());
            plain.extend_from_slice(octets);
        }
        match first {
            Some(first) if is_same => {
                plain.truncate(4 + first.len());
                Self { dictionary: Some((1, plain)), values: constant(len), range: Range::Unknown }
            }
            _ => Self::plain(plain, Range::Unknown),
        }
    }

    /// Some of a few words, by their indices.
    pub(super) fn words<T: Whole>(words: &[&str], indices: &[T]) -> Self {
        let mut dictionary = Vec::new();
        for word in words {
            dictionary.extend((word.len() as u32).to_le_bytes());
            dictionary.extend_from_slice(word.as_bytes());
        }
        let len = indices.len();
        let values = match indices {
            [] => constant(0),
            [first, rest @ ..] if words.len() <= 0x100 && rest.iter().all(|index| index == first) => {
                let mut values = vec![8];
                run(&mut values, len, first.bits() as u8);
                values
            }
            _ if words.len() <= 0x100 => {
                packed(8, len, 1, |out| out.extend(indices.iter().map(|index| index.bits() as u8)))
            }
            _ => packed(32, len, 4, |out| append(out, indices.iter().map(|index| index.bits().to_le()))),
        };
        Self { dictionary: Some((words.len(), dictionary)), values, range: Range::Unknown }
    }

    const fn plain(values: Vec<u8>, range: Range) -> Self {
        Self { dictionary: None, values, range }
    }

    /// The pages, and what the footer says of them.
    pub(super) fn close(
        self,
        descriptor: &ColumnDescPtr,
        levels: &Levels,
        rows: usize,
    ) -> Result<(Bytes, ColumnCloseResult)> {
        let mut sink = TrackedWrite::new(Vec::with_capacity(levels.octets.len() + self.values.len() + ROOM));
        let mut pages = SerializedPageWriter::new(&mut sink);
        let mut page = |page: Page, len: usize| pages.write_page(CompressedPage::new(page, len));
        let encoding = if self.dictionary.is_some() { Encoding::RLE_DICTIONARY } else { Encoding::PLAIN };
        let has_dictionary = self.dictionary.is_some();
        let (mut size, mut data_offset) = (0, 0);
        if let Some((entries, octets)) = self.dictionary {
            let len = octets.len();
            let dictionary = Page::DictionaryPage {
                buf: octets.into(),
                num_values: entries as u32,
                encoding: Encoding::PLAIN,
                is_sorted: false,
            };
            let spec = page(dictionary, len)?;
            data_offset = spec.bytes_written;
            size += spec.bytes_written;
        }
        let mut octets = levels.octets.clone();
        octets.extend_from_slice(&self.values);
        let len = octets.len();
        let data = Page::DataPage {
            buf: octets.into(),
            num_values: levels.entries as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        size += page(data, len)?.bytes_written;
        pages.close()?;
        let mut encodings = vec![Encoding::RLE, encoding];
        if has_dictionary {
            encodings.push(Encoding::PLAIN);
        }
        let mut metadata = ColumnChunkMetaData::builder(descriptor.clone())
            .set_compression(Compression::UNCOMPRESSED)
            .set_encodings(encodings)
            .set_num_values(levels.entries as i64)
            .set_total_compressed_size(size as i64)
            .set_total_uncompressed_size(size as i64)
            .set_data_page_offset(data_offset as i64)
            .set_dictionary_page_offset(has_dictionary.then_some(0));
        if descriptor.max_rep_level() == 0 {
            let nulls = Some(levels.nulls as u64);
            match self.range {
                Range::Int32(min, max) => {
                    metadata =
                        metadata.set_statistics(Statistics::int32(Some(min), Some(max), None, nulls, false));
                }
                Range::Int64(min, max) => {
                    metadata =
                        metadata.set_statistics(Statistics::int64(Some(min), Some(max), None, nulls, false));
                }
                Range::Unknown => {}
            }
        }
        let close = ColumnCloseResult {
            bytes_written: size,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((sink.into_inner()?.into(), close))
    }
}

/// Whole numbers that `INT32` holds, in their own order.
pub(super) trait Whole: Copy + Ord {
    fn bits(self) -> u32;
}

/// Whole numbers that `INT64` holds, in their own order.
pub(super) trait Whole64: Copy + Ord {
    fn bits(self) -> u64;
}

macro_rules! whole {
    ($($kind:ident: $whole:ident, $bits:ident;)*) => {
        $(impl $whole for $kind {
            #[allow(clippy::cast_lossless, reason = "one body for all widths and signs")]
            fn bits(self) -> $bits {
                self as $bits
            }
        })*
    };
}

whole! {
    i8: Whole, u32;
    i16: Whole, u32;
    i32: Whole, u32;
    u8: Whole, u32;
    u16: Whole, u32;
    u32: Whole, u32;
    i64: Whole64, u64;
    u64: Whole64, u64;
}

/// The least and the greatest number.
fn bounds<T: Copy + Ord>(values: &[T]) -> Option<(T, T)> {
    let &first = values.first()?;
    Some(values.iter().fold((first, first), |(min, max), &value| (min.min(value), max.max(value))))
}

/// Append the octets of numbers, as they lie in memory.
fn append<T: NoUninit>(out: &mut Vec<u8>, numbers: impl Iterator<Item = T>) {
    // First all in one place: the copy there is done many at a time.
    let numbers: Vec<T> = numbers.collect();
    out.extend_from_slice(bytemuck::cast_slice(&numbers));
}

/// The first entry of a dictionary, again and again.
fn constant(len: usize) -> Vec<u8> {
    let mut values = vec![1];
    run(&mut values, len, 0);
    values
}

/// Indices of so many bits, which are so many octets.
fn packed(bits: u8, len: usize, octets: usize, fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut values = Vec::with_capacity(len.next_multiple_of(8) * octets + 8);
    values.push(bits);
    packed_header(&mut values, len);
    let start = values.len();
    fill(&mut values);
    values.resize(start + len.next_multiple_of(8) * octets, 0);
    values
}

/// Octets of headers of pages, roughly.
const ROOM: usize = 128;
