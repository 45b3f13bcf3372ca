//! Numbers within sixteen octets of packets.

use alloc::vec::Vec;

use super::{Lines, Rows, STEP, Strided, avx2};
use crate::block::{Cut, Form};
use crate::column::{Column, Values};

/// Numbers within sixteen octets of a packet.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The first of these octets.
    pub(super) start: usize,
    pub(super) width: Width,
    /// Which octet goes where; 0x80 for a zero.
    pub(super) shuffle: [u8; WINDOW],
    pub(super) lanes: Vec<Lane>,
    /// Whether every lane is one value of its column, in order.
    pub(super) is_straight: bool,
}

/// How a lane becomes values of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Lane {
    pub(super) column: usize,
    /// Which lane, of as many as the width has: each number has one, or a value would be missing. Two numbers may share one.
    pub(super) index: usize,
    /// Octets of a value in the column.
    pub(super) size: usize,
    /// Whether the number fills the lane, and a value of the column, so that there is nothing to cut out.
    pub(super) is_plain: bool,
    /// Bits behind the number in its lane.
    pub(super) shift: u32,
    /// Of the number, in every lane.
    pub(super) mask: [u8; WINDOW],
    /// Its first bit, in every lane.
    pub(super) sign: [u8; WINDOW],
    pub(super) is_signed: bool,
    /// The lowest octets of lanes, side by side.
    pub(super) narrow: [u8; WINDOW],
}

/// Octets of a lane.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Width {
    Octet = 1,
    Half = 2,
    Word = 4,
    Double = 8,
}

impl Width {
    const ALL: [Self; 4] = [Self::Octet, Self::Half, Self::Word, Self::Double];

    pub(super) const fn octets(self) -> usize {
        self as usize
    }

    /// Lanes of a group.
    const fn lanes(self) -> usize {
        WINDOW / self.octets()
    }

    /// How many numbers may share a lane: two that take no more than half of it each.
    const fn sharing(self) -> usize {
        match self {
            Self::Half | Self::Word => 2,
            Self::Octet | Self::Double => 1,
        }
    }

    /// With fewer numbers a group is not worth its transposition.
    const fn least(self) -> usize {
        match self {
            Self::Octet => 9,
            Self::Half => 4,
            Self::Word | Self::Double => 1,
        }
    }
}

/// The groups that numbers make, and those that none takes. Every row will have `octets` octets.
pub(super) fn groups(cuts: Vec<Cut>, octets: usize) -> (Vec<Group>, Vec<Cut>) {
    if octets < WINDOW {
        return (Vec::new(), cuts);
    }
    let mut groups = Vec::new();
    let mut waiting: Vec<Cut> = Vec::new();
    for width in Width::ALL {
        waiting.extend(cuts.iter().filter(|cut| width_of(cut) == width));
        waiting.sort_by_key(|cut| (cut.start, cut.end()));
        let mut rest = Vec::new();
        let mut next = waiting.as_slice();
        while let Some(first) = next.first() {
            let start = first.start.min(octets - WINDOW);
            let places = places(width, start, next);
            let (members, behind) = next.split_at(places.len().max(1));
            next = behind;
            if members.len() >= width.least() && members.len() == places.len() {
                groups.push(Group::new(start, width, members, &places));
            } else {
                rest.extend_from_slice(members);
            }
        }
        waiting = rest;
    }
    // In the order in which packets are laid out.
    groups.sort_by_key(|group| group.start);
    (groups, waiting)
}

/// The places of as many numbers, from the first one on, as lie in a window and find one.
fn places(width: Width, start: usize, cuts: &[Cut]) -> Vec<usize> {
    let mut places = Vec::new();
    let (mut lanes, mut half_full) = (0, None);
    for cut in cuts.iter().take_while(|cut| cut.end() <= start + WINDOW) {
        let is_half = width.sharing() == 2 && cut.octets.max(cut.size) * 2 <= width.octets();
        let place = match half_full.filter(|_| is_half) {
            Some(place) => {
                half_full = None;
                place
            }
            None if lanes < width.lanes() => {
                let place = lanes * width.sharing();
                lanes += 1;
                half_full = if is_half { Some(place + 1) } else { half_full };
                place
            }
            None => break,
        };
        places.push(place);
    }
    places
}

impl Group {
    fn new(start: usize, width: Width, cuts: &[Cut], places: &[usize]) -> Self {
        let mut shuffle = [0x80; WINDOW];
        let part = width.octets() / width.sharing();
        for (&place, cut) in places.iter().zip(cuts) {
            for (i, slot) in shuffle.iter_mut().skip(place * part).take(cut.octets).enumerate() {
                let octet = if cut.is_little { cut.start + i } else { cut.end() - 1 - i };
                *slot = (octet - start) as u8;
            }
        }
        let lanes = cuts.iter().zip(places).map(|(cut, &place)| Lane {
            column: cut.column,
            index: place / width.sharing(),
            size: cut.size,
            is_plain: cut.bits as usize == width.octets() * 8 && cut.size == width.octets(),
            shift: cut.behind + (place % width.sharing() * part * 8) as u32,
            mask: everywhere(u64::MAX >> (64 - cut.bits), width),
            sign: everywhere(1 << (cut.bits - 1), width),
            is_signed: cut.form == Form::Signed,
            narrow: lowest(width.octets(), cut.size),
        });
        let lanes: Vec<Lane> = lanes.collect();
        let is_straight = lanes.len() == width.lanes() && lanes.iter().all(|lane| lane.is_plain);
        Self { start, width, shuffle, lanes, is_straight }
    }

    /// Put the numbers of the first `len` rows, those of `rows` and then those of `last`, behind those of their columns.
    pub(super) fn append(&self, rows: Strided<'_>, last: Rows<'_, '_>, len: usize, columns: &mut [Column]) {
        if !self.fits(rows, last, len) {
            return;
        }
        let Some(mut outs) = self.room(rows.count() + last.count(), columns) else { return };
        // SAFETY: rows fit, and there is room for a value of each of them, which then is there.
        unsafe {
            self.put(rows, &mut outs);
            if last.count() > 0 {
                self.put(last, &mut outs);
            }
            self.assume(len, columns);
        }
    }

    /// Whether every row has the octets of the group, kernels take so many of them, and there are `len`.
    pub(super) fn fits(&self, rows: Strided<'_>, last: Rows<'_, '_>, len: usize) -> bool {
        let octets = rows.octets().min(last.octets());
        let is_whole = rows.count().is_multiple_of(STEP) && last.count().is_multiple_of(STEP);
        let fits = self.start + WINDOW <= octets && is_whole && len <= rows.count() + last.count();
        debug_assert!(fits, "rows are checked before");
        fits
    }

    /// Where `count` more values of each lane go: room for every row, those behind the last one too.
    pub(super) fn room(&self, count: usize, columns: &mut [Column]) -> Option<Outs> {
        let mut outs = [core::ptr::null_mut::<u8>(); WINDOW];
        for (out, lane) in outs.iter_mut().zip(&self.lanes) {
            *out = columns.get_mut(lane.column)?.raw.spare(count, lane.size)?;
        }
        Some(outs)
    }

    /// Write the values of some rows, and move on behind them.
    ///
    /// # Safety
    /// The rows [fit](Self::fits), and there is [room](Self::room) for them.
    pub(super) unsafe fn put(&self, rows: impl Lines, outs: &mut Outs) {
        // SAFETY: groups are made for machines with AVX2 only. Every row has the sixteen octets of the group, and there is room
        // for a value of each row at each of the pointers that lanes have: so that what is behind them is within it, or its end.
        unsafe {
            avx2::run(self, rows, outs);
            for (out, lane) in outs.iter_mut().zip(&self.lanes) {
                *out = out.add(rows.count() * lane.size);
            }
        }
    }

    /// There are `len` more values of each lane.
    ///
    /// # Safety
    /// As many rows were [put](Self::put) where the columns had room for them.
    pub(super) unsafe fn assume(&self, len: usize, columns: &mut [Column]) {
        for lane in &self.lanes {
            if let Some(column) = columns.get_mut(lane.column) {
                // SAFETY: there was room, and the kernel wrote a value for each row.
                unsafe { column.raw.assume(len) };
            }
        }
    }
}

/// Where the next value of each lane goes.
pub(super) type Outs = [*mut u8; WINDOW];

/// The narrowest lane that holds the number. Numbers go from lanes into columns at once, so that no lane is narrower than a value.
fn width_of(cut: &Cut) -> Width {
    match cut.octets.max(cut.size) {
        0 | 1 => Width::Octet,
        2 => Width::Half,
        3 | 4 => Width::Word,
        _ => Width::Double,
    }
}

/// A number in every lane.
fn everywhere(number: u64, width: Width) -> [u8; WINDOW] {
    let octets = number.to_le_bytes();
    core::array::from_fn(|i| octets.get(i % width.octets()).copied().unwrap_or(0))
}

/// A shuffle that takes the lowest octets of each lane.
fn lowest(lane: usize, octets: usize) -> [u8; WINDOW] {
    let from = |i: usize| (i / octets * lane + i % octets) as u8;
    core::array::from_fn(|i| if i < WINDOW / lane * octets { from(i) } else { 0x80 })
}

/// What is done with the vectors of values.
macro_rules! each {
    ($values:expr, $vector:ident => $work:expr) => {
        match $values {
            Values::F32($vector) => $work,
            Values::F64($vector) => $work,
            Values::I8($vector) => $work,
            Values::I16($vector) => $work,
            Values::I32($vector) => $work,
            Values::I64($vector) => $work,
            Values::U8($vector) => $work,
            Values::U16($vector) => $work,
            Values::U32($vector) => $work,
            Values::U64($vector) => $work,
            Values::Octets(_) | Values::Wide(_) => None,
        }
    };
}

impl Values {
    /// Where `len` more values go; `None` when they are not numbers of `size` octets.
    fn spare(&mut self, len: usize, size: usize) -> Option<*mut u8> {
        fn of<T>(values: &mut Vec<T>, len: usize, size: usize) -> Option<*mut u8> {
            values.reserve(len);
            (size_of::<T>() == size).then(|| values.spare_capacity_mut().as_mut_ptr().cast())
        }
        each!(self, values => of(values, len, size))
    }

    /// There are `len` more values.
    ///
    /// # Safety
    /// They were written where [`Self::spare`] said.
    unsafe fn assume(&mut self, len: usize) {
        /// # Safety
        /// As above.
        unsafe fn of<T>(values: &mut Vec<T>, len: usize) -> Option<()> {
            // SAFETY: the caller wrote them. Every pattern of bits is a number.
            unsafe { values.set_len(values.len() + len) };
            Some(())
        }
        // SAFETY: the caller wrote them.
        let _ = unsafe { each!(self, values => of(values, len)) };
    }
}

/// Octets of a group.
pub(super) const WINDOW: usize = 16;
