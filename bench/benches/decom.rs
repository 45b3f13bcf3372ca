//! Columns and rows of parameters.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up must not go unnoticed")]

mod common;

use bench::report::{Scope, parameters};
use criterion::{Criterion, criterion_group, criterion_main};

fn decom(criterion: &mut Criterion) {
    common::bench(criterion, parameters::contests(&Scope::small()));
}

criterion_group!(benches, decom);
criterion_main!(benches);
