//! Numbers of many packets into columns: shuffles and transpositions.
//!
//! Numbers that lie within sixteen octets of a packet are a group. A shuffle puts each of them, most significant octet last as the
//! machine has it, into a lane of one, two, four or eight octets; as many packets as a group has lanes then are a square, and its
//! transposition has the numbers of one column side by side. What is left is to shift, to mask, and to store.

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

    /// Put the numbers of the first `len` rows behind those of their columns. The number of rows is a multiple of [`STEP`].
    pub(crate) fn append(&self, rows: Rows<'_, '_>, len: usize, columns: &mut [Column]) {
        #[cfg(target_arch = "x86_64")]
        for group in &self.groups {
            group.append(rows, len, columns);
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (rows, len, columns);
    }
}

/// Kernels take so many rows at a time, or a part of them.
pub(crate) const STEP: usize = 16;
