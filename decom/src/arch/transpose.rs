//! Numbers of many packets into columns: shuffles and transpositions.
//!
//! Numbers that lie within sixteen octets of a packet are a group. A shuffle puts each of them, most significant octet last as the
//! machine has it, into a lane of one, two, four or eight octets; as many packets as a group has lanes then are a square, and its
//! transposition has the numbers of one column side by side. What is left is to shift, to mask, and to store.

#[cfg(target_arch = "x86_64")]
mod avx2;

use alloc::vec::Vec;

use super::Machine;
use crate::block::Cut;
use crate::block::Form;
use crate::column::{Column, Values};

/// Packets of which each has at least so many octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'r, 'a> {
    rows: &'r [&'a [u8]],
    /// No row is shorter: the constructor sees to that, and loads rely on it.
    octets: usize,
}

impl<'r, 'a> Rows<'r, 'a> {
    /// `None` when one of them is shorter.
    pub(crate) fn new(rows: &'r [&'a [u8]], octets: usize) -> Option<Self> {
        rows.iter().all(|row| row.len() >= octets).then_some(Self { rows, octets })
    }

    /// The first `len` of them.
    pub(crate) fn first(self, len: usize) -> &'r [&'a [u8]] {
        self.rows.get(..len).unwrap_or(self.rows)
    }
}

/// What puts numbers into columns.
#[derive(Clone, Debug)]
pub(crate) struct Transposer {
    /// Only machines with AVX2 have any.
    groups: Vec<Group>,
}

/// Numbers within sixteen octets of a packet.
#[derive(Clone, Debug)]
struct Group {
    /// The first of these octets.
    start: usize,
    width: Width,
    /// Which octet goes where; 0x80 for a zero.
    shuffle: [u8; WINDOW],
    lanes: Vec<Lane>,
}

/// How a lane becomes values of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Lane {
    column: usize,
    /// Octets of a value in the column.
    size: usize,
    shift: u32,
    /// Of the number.
    mask: u64,
    /// Its sign bit; zero where it has none.
    sign: u64,
}

impl Lane {
    /// Stands where a group has fewer lanes than its width allows.
    #[cfg(target_arch = "x86_64")]
    const NOTHING: Self = Self { column: 0, size: 0, shift: 0, mask: 0, sign: 0 };
}

/// Octets of a lane.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Width {
    Octet = 1,
    Half = 2,
    Word = 4,
    Double = 8,
}

impl Width {
    const ALL: [Self; 4] = [Self::Octet, Self::Half, Self::Word, Self::Double];

    const fn octets(self) -> usize {
        self as usize
    }

    /// Lanes of a group.
    const fn lanes(self) -> usize {
        WINDOW / self.octets()
    }

    /// With fewer lanes a group is not worth its transposition.
    const fn least(self) -> usize {
        match self {
            Self::Octet => 9,
            Self::Half => 4,
            Self::Word | Self::Double => 1,
        }
    }
}

impl Transposer {
    /// Takes the numbers it has a kernel for; those that it leaves come back. Every row will have `octets` octets.
    pub(crate) fn new(machine: Machine, cuts: &[Cut], octets: usize) -> (Self, Vec<Cut>) {
        if !machine.has_avx2() || octets < WINDOW {
            return (Self { groups: Vec::new() }, cuts.to_vec());
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
                let fits = |cut: &&Cut| cut.end() <= start + WINDOW;
                let len = next.iter().take(width.lanes()).take_while(fits).count();
                let (members, behind) = next.split_at(len.max(1));
                next = behind;
                if members.len() >= width.least() {
                    groups.push(Group::new(start, width, members));
                } else {
                    rest.extend_from_slice(members);
                }
            }
            waiting = rest;
        }
        // In the order in which packets are laid out.
        groups.sort_by_key(|group| group.start);
        (Self { groups }, waiting)
    }

    /// Put the numbers of the first `len` rows behind those of their columns. The number of rows is a multiple of [`STEP`].
    pub(crate) fn append(&self, rows: Rows<'_, '_>, len: usize, columns: &mut [Column]) {
        for group in &self.groups {
            group.append(rows, len, columns);
        }
    }
}

impl Group {
    fn new(start: usize, width: Width, cuts: &[Cut]) -> Self {
        let mut shuffle = [0x80; WINDOW];
        for (lane, cut) in shuffle.chunks_exact_mut(width.octets()).zip(cuts) {
            for (i, slot) in lane.iter_mut().take(cut.octets).enumerate() {
                let octet = if cut.is_little { cut.start + i } else { cut.end() - 1 - i };
                *slot = (octet - start) as u8;
            }
        }
        let lanes = cuts.iter().map(|cut| Lane {
            column: cut.column,
            size: cut.size,
            shift: cut.behind,
            mask: u64::MAX >> (64 - cut.bits),
            sign: if cut.form == Form::Signed { 1 << (cut.bits - 1) } else { 0 },
        });
        Self { start, width, shuffle, lanes: lanes.collect() }
    }

    fn append(&self, rows: Rows<'_, '_>, len: usize, columns: &mut [Column]) {
        if self.start + WINDOW > rows.octets || !rows.rows.len().is_multiple_of(STEP) || len > rows.rows.len()
        {
            debug_assert!(false, "rows are checked before");
            return;
        }
        // Room for every row, those behind the last one too.
        let mut outs = [core::ptr::null_mut::<u8>(); WINDOW];
        for (out, lane) in outs.iter_mut().zip(&self.lanes) {
            let Some(column) = columns.get_mut(lane.column) else { return };
            match column.raw.spare(rows.rows.len(), lane.size) {
                Some(spare) => *out = spare,
                None => return,
            }
        }
        #[cfg(target_arch = "x86_64")]
        // SAFETY: groups are made for machines with AVX2 only. Every row has the sixteen octets of the group, and there is room
        // for a value of each row at each of the pointers that lanes have.
        unsafe {
            avx2::run(self, rows.rows, &outs);
        }
        for lane in &self.lanes {
            if let Some(column) = columns.get_mut(lane.column) {
                // SAFETY: there was room, and the kernel wrote a value for each row.
                unsafe { column.raw.assume(len) };
            }
        }
    }
}

/// The narrowest lane that holds the number. Numbers go from lanes into columns at once, so that no lane is narrower than a value.
fn width_of(cut: &Cut) -> Width {
    match cut.octets.max(cut.size) {
        0 | 1 => Width::Octet,
        2 => Width::Half,
        3 | 4 => Width::Word,
        _ => Width::Double,
    }
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
const WINDOW: usize = 16;

/// Kernels take so many rows at a time, or a part of them.
pub(crate) const STEP: usize = 16;
