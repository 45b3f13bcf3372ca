//! Reed-Solomon: clean, 1, 8 and 16 errors, uncorrectable.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up must not go unnoticed")]

mod common;

use bench::report::{Failure, Scope, rs};
use criterion::{Criterion, criterion_group, criterion_main};

fn rs(criterion: &mut Criterion) {
    common::bench(criterion, rs::contests(&Scope::small()).map_err(Failure::from));
}

criterion_group!(benches, rs);
criterion_main!(benches);
