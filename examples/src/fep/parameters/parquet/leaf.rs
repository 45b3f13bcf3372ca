//! Values as the pages of a column.

use std::borrow::Cow;
use std::io::{self, Write};

use bytemuck::NoUninit;
use bytes::Bytes;
use decom::column::{Bitmap, Octets};
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::levels::{Levels, packed_header, run};

/// The values of a column, without the missing ones.
pub(super) struct Leaf<'v> {
    /// How many values `dictionary` has, where there is one, and these values, plain.
    dictionary: Option<(usize, Vec<u8>)>,
    body: Body<'v>,
    range: Range,
}

/// Values, or indices of the dictionary, as a page has them.
struct Body<'v> {
    /// What comes first.
    head: Vec<u8>,
    /// How many octets follow.
    rest: usize,
    /// Appends these octets.
    fill: Fill<'v>,
}

type Fill<'v> = Box<dyn FnOnce(&mut Vec<u8>) + 'v>;

/// The least and the greatest value.
enum Range {
    Int32(i32, i32),
    Int64(i64, i64),
    Unknown,
}

impl<'v> Leaf<'v> {
    /// Whole numbers of up to 32 bits.
    pub(super) fn whole<T: Whole>(values: Cow<'v, [T]>) -> Self {
        let len = values.len();
        let Some((min, max)) = bounds(&values) else { return Self::nothing() };
        let range = Range::Int32(min.bits() as i32, max.bits() as i32);
        let span = max.bits().wrapping_sub(min.bits());
        let entries = span as usize + 1;
        let dictionary = || {
            let numbers = (0..=span).flat_map(|step| min.bits().wrapping_add(step).to_le_bytes());
            Some((entries, numbers.collect()))
        };
        let index = move |value: &T| value.bits().wrapping_sub(min.bits());
        if entries == 1 {
            return Self { dictionary: dictionary(), body: Body::constant(len), range };
        }
        if entries <= 0x100 && entries <= len {
            let fill = move |out: &mut Vec<u8>| append(out, &values, |value| index(value) as u8);
            return Self { dictionary: dictionary(), body: Body::packed(8, len, 1, fill), range };
        }
        // Each entry of the dictionary takes four octets, each value two instead of four.
        if entries <= 0x1_0000 && entries <= len / 4 {
            let fill = move |out: &mut Vec<u8>| append(out, &values, |value| (index(value) as u16).to_le());
            return Self { dictionary: dictionary(), body: Body::packed(16, len, 2, fill), range };
        }
        let fill = move |out: &mut Vec<u8>| append(out, &values, |value| value.bits().to_le());
        Self::plain(Body::new(len * size_of::<u32>(), fill), range)
    }

    /// Whole numbers of 64 bits.
    pub(super) fn whole64<T: Whole64>(values: Cow<'v, [T]>) -> Self {
        let len = values.len();
        let Some((min, max)) = bounds(&values) else { return Self::nothing() };
        let range = Range::Int64(min.bits() as i64, max.bits() as i64);
        if min == max {
            let one = min.bits().to_le_bytes().to_vec();
            return Self { dictionary: Some((1, one)), body: Body::constant(len), range };
        }
        let fill = move |out: &mut Vec<u8>| append(out, &values, |value| value.bits().to_le());
        Self::plain(Body::new(len * size_of::<u64>(), fill), range)
    }

    pub(super) fn float32(values: Cow<'v, [f32]>) -> Self {
        Self::bits(values, |value| value.to_bits().to_le())
    }

    pub(super) fn float64(values: Cow<'v, [f64]>) -> Self {
        Self::bits(values, |value| value.to_bits().to_le())
    }

    /// Numbers by their bits, least significant octet first.
    fn bits<T: Copy, B: Default + NoUninit + PartialEq>(
        values: Cow<'v, [T]>,
        bits: impl Fn(T) -> B + 'v,
    ) -> Self {
        let len = values.len();
        if let [first, rest @ ..] = &*values
            && rest.iter().all(|&value| bits(value) == bits(*first))
        {
            let mut one = Vec::new();
            append(&mut one, &[*first], |&value| bits(value));
            return Self { dictionary: Some((1, one)), body: Body::constant(len), range: Range::Unknown };
        }
        let fill = move |out: &mut Vec<u8>| append(out, &values, |&value| bits(value));
        Self::plain(Body::new(len * size_of::<B>(), fill), Range::Unknown)
    }

    /// Numbers of more than 64 bits.
    pub(super) fn wide(values: Cow<'v, [u128]>) -> Self {
        let len = values.len() * size_of::<u128>();
        let fill = move |out: &mut Vec<u8>| append(out, &values, |value| value.to_be());
        Self::plain(Body::new(len, fill), Range::Unknown)
    }

    pub(super) fn booleans(values: &'v Bitmap, mask: Option<&Bitmap>) -> Self {
        let Some(mask) = mask else {
            let octets = values.as_octets();
            return Self::plain(Body::new(octets.len(), |out| out.extend_from_slice(octets)), Range::Unknown);
        };
        let there = (0..values.len()).filter(|&index| mask.get(index) == Some(true));
        let bits: Vec<bool> = there.map(|index| values.get(index) == Some(true)).collect();
        let octet = |bits: &[bool]| bits.iter().rev().fold(0, |octet, &bit| octet << 1 | u8::from(bit));
        Self::plain(Body::of(bits.chunks(8).map(octet).collect()), Range::Unknown)
    }

    /// Texts and runs of octets.
    pub(super) fn octets(values: &'v Octets, mask: Option<&'v Bitmap>) -> Self {
        let there = move || {
            let is_there = move |index: &usize| mask.is_none_or(|mask| mask.get(*index) == Some(true));
            (0..values.len()).filter(is_there).filter_map(|index| values.get(index))
        };
        let first = there().next();
        let (mut len, mut rest, mut is_same) = (0, 0, true);
        for octets in there() {
            is_same &= first == Some(octets);
            len += 1;
            rest += size_of::<u32>() + octets.len();
        }
        match first {
            Some(first) if is_same => {
                let one = with_length(first);
                Self { dictionary: Some((1, one)), body: Body::constant(len), range: Range::Unknown }
            }
            _ => {
                let fill = move |out: &mut Vec<u8>| {
                    for octets in there() {
                        out.extend((octets.len() as u32).to_le_bytes());
                        out.extend_from_slice(octets);
                    }
                };
                Self::plain(Body::new(rest, fill), Range::Unknown)
            }
        }
    }

    /// Some of a few words, by their indices.
    pub(super) fn words<T: Whole + 'v>(words: &[&str], indices: Cow<'v, [T]>) -> Self {
        let dictionary = words.iter().flat_map(|word| with_length(word.as_bytes())).collect();
        let len = indices.len();
        let body = match &*indices {
            [] => Body::constant(0),
            [first, rest @ ..] if words.len() <= 0x100 && rest.iter().all(|index| index == first) => {
                let mut body = vec![8];
                run(&mut body, len, first.bits() as u8);
                Body::of(body)
            }
            _ if words.len() <= 0x100 => {
                Body::packed(8, len, 1, move |out| append(out, &indices, |index| index.bits() as u8))
            }
            _ => Body::packed(32, len, 4, move |out| append(out, &indices, |index| index.bits().to_le())),
        };
        Self { dictionary: Some((words.len(), dictionary)), body, range: Range::Unknown }
    }

    fn nothing() -> Self {
        Self::plain(Body::of(Vec::new()), Range::Unknown)
    }

    const fn plain(body: Body<'v>, range: Range) -> Self {
        Self { dictionary: None, body, range }
    }

    /// Append the pages to a row group; returns what the footer says of them, with places counted from the beginning of the group.
    pub(super) fn close(
        self,
        descriptor: &ColumnDescPtr,
        levels: &Levels,
        heads: &mut PageHeads,
        group: &mut Vec<u8>,
    ) -> Result<ColumnChunkMetaData> {
        let start = group.len();
        let has_dictionary = self.dictionary.is_some();
        if let Some((entries, octets)) = self.dictionary {
            heads.append(group, octets.len(), |buf| Page::DictionaryPage {
                buf,
                num_values: entries as u32,
                encoding: Encoding::PLAIN,
                is_sorted: false,
            })?;
            group.extend_from_slice(&octets);
        }
        let data = group.len();
        let encoding = if has_dictionary { Encoding::RLE_DICTIONARY } else { Encoding::PLAIN };
        let Body { head, rest, fill } = self.body;
        let len = levels.octets.len() + head.len() + rest;
        heads.append(group, len, |buf| Page::DataPage {
            buf,
            num_values: levels.entries as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        })?;
        let end = group.len() + len;
        group.reserve(len);
        group.extend_from_slice(&levels.octets);
        group.extend_from_slice(&head);
        fill(group);
        if group.len() != end {
            return Err(ParquetError::General(format!("{} has a page of another length", descriptor.name())));
        }
        let size = (end - start) as i64;
        let mut encodings = vec![Encoding::RLE, encoding];
        if has_dictionary {
            encodings.push(Encoding::PLAIN);
        }
        let mut metadata = ColumnChunkMetaData::builder(descriptor.clone())
            .set_compression(Compression::UNCOMPRESSED)
            .set_encodings(encodings)
            .set_num_values(levels.entries as i64)
            .set_total_compressed_size(size)
            .set_total_uncompressed_size(size)
            .set_data_page_offset(data as i64)
            .set_dictionary_page_offset(has_dictionary.then_some(start as i64));
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
        metadata.build()
    }
}

impl<'v> Body<'v> {
    fn new(rest: usize, fill: impl FnOnce(&mut Vec<u8>) + 'v) -> Self {
        Self { head: Vec::new(), rest, fill: Box::new(fill) }
    }

    fn of(octets: Vec<u8>) -> Self {
        Self { head: octets, rest: 0, fill: Box::new(|_| {}) }
    }

    /// The first entry of a dictionary, again and again.
    fn constant(len: usize) -> Self {
        let mut octets = vec![1];
        run(&mut octets, len, 0);
        Self::of(octets)
    }

    /// Indices of so many bits, which are so many octets.
    fn packed(bits: u8, len: usize, octets: usize, fill: impl FnOnce(&mut Vec<u8>) + 'v) -> Self {
        let mut head = vec![bits];
        packed_header(&mut head, len);
        let rest = len.next_multiple_of(8) * octets;
        let filled = move |out: &mut Vec<u8>| {
            let end = out.len() + rest;
            fill(out);
            out.resize(end, 0);
        };
        Self { head, rest, fill: Box::new(filled) }
    }
}

/// Headers of pages. The crate that writes them writes the page behind each: it is shown octets that nobody looks at, as many as the
/// page will have, and only the header is kept. So a page can be made where it belongs.
#[derive(Debug, Default)]
pub(in crate::fep::parameters) struct PageHeads {
    stand_in: Bytes,
}

impl PageHeads {
    /// Append the header of a page of `len` octets; `page` makes it of the octets that it is given.
    fn append(&mut self, out: &mut Vec<u8>, len: usize, page: impl FnOnce(Bytes) -> Page) -> Result<()> {
        if self.stand_in.len() < len {
            self.stand_in = Bytes::from(vec![0; len.next_power_of_two()]);
        }
        let page = CompressedPage::new(page(self.stand_in.slice(..len)), len);
        let mut sink = TrackedWrite::new(Front::default());
        let mut pages = SerializedPageWriter::new(&mut sink);
        pages.write_page(page)?;
        pages.close()?;
        let Front { octets, len: written } = sink.into_inner()?;
        out.extend_from_slice(octets.get(..written - len).unwrap_or(&[]));
        Ok(())
    }
}

/// Keeps the first octets of what it is given.
#[derive(Default)]
struct Front {
    octets: Vec<u8>,
    len: usize,
}

impl Write for Front {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let room = MAX_HEADER - self.octets.len();
        self.octets.extend(octets.iter().take(room));
        self.len += octets.len();
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
fn append<V, T: Default + NoUninit>(out: &mut Vec<u8>, values: &[V], number: impl Fn(&V) -> T) {
    out.reserve(values.len() * size_of::<T>());
    // By pieces that stay in the first cache: what is made there is made and copied many at a time.
    let mut numbers: [T; AT_ONCE] = std::array::from_fn(|_| T::default());
    for piece in values.chunks(AT_ONCE) {
        for (number_of, value) in numbers.iter_mut().zip(piece) {
            *number_of = number(value);
        }
        out.extend_from_slice(bytemuck::cast_slice(numbers.get(..piece.len()).unwrap_or(&[])));
    }
}

/// Octets as a plain page has them.
fn with_length(octets: &[u8]) -> Vec<u8> {
    let mut one = (octets.len() as u32).to_le_bytes().to_vec();
    one.extend_from_slice(octets);
    one
}

/// Numbers that are made at once.
const AT_ONCE: usize = 512;
/// No header of a page is longer.
const MAX_HEADER: usize = 256;
