//! Numbers of many packets into columns: shuffles and transpositions.
//!
//! Numbers that lie within sixteen octets of a packet are a group. A shuffle puts each of them, most significant octet last as the
//! machine has it, into a lane of one, two, four or eight octets, two small ones into one lane; as many packets as a group has lanes then
//! are a square, and its transposition has the numbers of one lane side by side. What is left is to shift, to mask, and to store.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod group;

use alloc::vec::Vec;

use super::Machine;
use crate::block::Cut;
use crate::column::Column;

/// Packets of which each has at least so many octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'r, 'a> {
    rows: &'r [&'a [u8]],
    /// No row is shorter: the constructor sees to that, and loads rely on it.
    #[cfg(target_arch = "x86_64")]
    octets: usize,
}

impl<'r, 'a> Rows<'r, 'a> {
    /// `None` when one of them is shorter.
    pub(crate) fn new(rows: &'r [&'a [u8]], octets: usize) -> Option<Self> {
        rows.iter().all(|row| row.len() >= octets).then_some(Self {
            rows,
            #[cfg(target_arch = "x86_64")]
            octets,
        })
    }

    /// The first `len` of them.
    pub(crate) fn first(self, len: usize) -> &'r [&'a [u8]] {
        self.rows.get(..len).unwrap_or(self.rows)
    }
}

/// Packets back to back, each of the same number of octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strided<'a> {
    /// Has whole packets only: the constructor sees to that, and loads rely on it.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "for kernels"))]
    data: &'a [u8],
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "for kernels"))]
    stride: usize,
    #[cfg(target_arch = "x86_64")]
    octets: usize,
    /// How many packets there are.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "for kernels"))]
    len: usize,
}

impl<'a> Strided<'a> {
    /// No packets.
    pub(crate) const fn none(octets: usize) -> Self {
        let _ = octets;
        Self {
            data: &[],
            stride: 1,
            #[cfg(target_arch = "x86_64")]
            octets,
            len: 0,
        }
    }

    /// `None` when packets are shorter than `octets`; what does not fill a packet is left out.
    pub(crate) fn new(data: &'a [u8], stride: usize, octets: usize) -> Option<Self> {
        (stride >= octets.max(1)).then_some(Self {
            data,
            stride,
            #[cfg(target_arch = "x86_64")]
            octets,
            len: data.len() / stride.max(1),
        })
    }
}

/// Packets of which each has at least so many octets.
#[cfg(target_arch = "x86_64")]
pub(crate) trait Lines: Copy {
    /// How many octets each has at least.
    fn octets(self) -> usize;

    /// How many packets there are.
    fn count(self) -> usize;

    /// Where a packet is, with [`Self::octets`] octets that may be read.
    ///
    /// # Safety
    /// There are more than `index` packets.
    unsafe fn at(self, index: usize) -> *const u8;
}

#[cfg(target_arch = "x86_64")]
impl<'a> Strided<'a> {
    /// So many packets at a time.
    fn parts(self, count: usize) -> impl Iterator<Item = Self> + use<'a> {
        let Self { data, stride, octets, len } = self;
        let whole = data.get(..len * stride).unwrap_or(&[]);
        let parts = whole.chunks((count * stride).max(1));
        parts.map(move |data| Self { data, stride, octets, len: data.len() / stride })
    }
}

#[cfg(target_arch = "x86_64")]
impl Lines for Rows<'_, '_> {
    fn octets(self) -> usize {
        self.octets
    }

    fn count(self) -> usize {
        self.rows.len()
    }

    #[inline(always)]
    unsafe fn at(self, index: usize) -> *const u8 {
        // SAFETY: the caller says that there are as many.
        unsafe { self.rows.get_unchecked(index) }.as_ptr()
    }
}

#[cfg(target_arch = "x86_64")]
impl Lines for Strided<'_> {
    fn octets(self) -> usize {
        self.octets
    }

    fn count(self) -> usize {
        self.len
    }

    #[inline(always)]
    unsafe fn at(self, index: usize) -> *const u8 {
        // SAFETY: the caller says that there are as many, and each takes `stride` octets of the data.
        unsafe { self.data.as_ptr().add(index * self.stride) }
    }
}

/// What puts numbers into columns.
#[derive(Clone, Debug)]
pub(crate) struct Transposer {
    /// Only machines with AVX2 have any.
    #[cfg(target_arch = "x86_64")]
    groups: Vec<group::Group>,
}

impl Transposer {
    /// Takes the numbers it has a kernel for; those that it leaves come back. Every row will have `octets` octets.
    pub(crate) fn new(machine: Machine, cuts: Vec<Cut>, octets: usize) -> (Self, Vec<Cut>) {
        #[cfg(target_arch = "x86_64")]
        {
            let (groups, rest) =
                if machine.has_avx2() { group::groups(cuts, octets) } else { (Vec::new(), cuts) };
            (Self { groups }, rest)
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            let _ = (machine, octets);
            (Self {}, cuts)
        }
    }

    /// Put the numbers of the first `len` rows, those of `rows` and then those of `last`, behind those of their columns. There are
    /// multiples of [`STEP`] of both.
    pub(crate) fn append(&self, rows: Strided<'_>, last: Rows<'_, '_>, len: usize, columns: &mut [Column]) {
        #[cfg(target_arch = "x86_64")]
        for group in &self.groups {
            group.append(rows, last, len, columns);
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (rows, last, len, columns);
    }

    /// The same for more rows than stay in the first-level cache: `block` of them at a time, a multiple of [`STEP`]. Columns are looked
    /// at once for all.
    pub(crate) fn append_blocks(
        &self,
        rows: Strided<'_>,
        last: Rows<'_, '_>,
        len: usize,
        block: usize,
        columns: &mut [Column],
    ) {
        #[cfg(target_arch = "x86_64")]
        {
            let count = rows.count() + last.count();
            let mut all = Vec::with_capacity(self.groups.len());
            for group in &self.groups {
                match group.room(count, columns) {
                    Some(outs) if group.fits(rows, last, len) => all.push((group, outs)),
                    _ => return,
                }
            }
            // SAFETY: rows fit, and there is room for a value of each of them, which then is there. Parts are whole steps as well.
            unsafe {
                for part in rows.parts(block.next_multiple_of(STEP)) {
                    for (group, outs) in &mut all {
                        group.put(part, outs);
                    }
                }
                for (group, outs) in &mut all {
                    if last.count() > 0 {
                        group.put(last, outs);
                    }
                    group.assume(len, columns);
                }
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (rows, last, len, block, columns);
    }
}

/// Kernels take so many rows at a time, or a part of them.
pub(crate) const STEP: usize = 16;
