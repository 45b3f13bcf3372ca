//! What the memory allows: copying in a cache and from end to end of it.

use std::hint::black_box;

use super::Scope;
use super::contest::Contest;
use super::material::random_octets;
use super::row::{Row, Unit};

/// Every work of this module.
#[must_use]
pub fn contests(scope: &Scope) -> Vec<Contest> {
    vec![copy(IN_CACHE, RESIDENT_LEN), copy(STREAMING, scope.streaming_len)]
}

/// The best rate at which memory is copied, from the rows of a report.
#[must_use]
pub fn streaming_rate(rows: &[Row]) -> Option<f64> {
    rows.iter().find(|row| row.work == STREAMING).map(|row| row.figure.best)
}

/// How much slower the median of that was than its best: neighbours on the same memory show here and in no loop of arithmetic.
#[must_use]
pub fn noise(rows: &[Row]) -> Option<f64> {
    let row = rows.iter().find(|row| row.work == STREAMING)?;
    Some(row.figure.best / row.figure.median - 1.0)
}

fn copy(work: &str, len: usize) -> Contest {
    let mut contest = Contest::new(work, Unit::MEBIBYTE);
    let from = random_octets(RESIDENT_LEN).repeat(len.div_ceil(RESIDENT_LEN));
    let mut to = vec![0; from.len()];
    contest.ours_portable(from.len(), move || {
        to.copy_from_slice(black_box(&from));
        assert_eq!(black_box(&to).last(), from.last());
    });
    contest
}

const IN_CACHE: &str = "memcpy, in cache";
const STREAMING: &str = "memcpy, streaming";
const RESIDENT_LEN: usize = 128 << 10;
