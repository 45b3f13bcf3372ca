//! The copy that aligns, strips the marker and derandomizes.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up must not go unnoticed")]

mod common;

use bench::report::{Failure, Scope, frames};
use criterion::{Criterion, criterion_group, criterion_main};

fn align(criterion: &mut Criterion) {
    common::bench(criterion, frames::extract_contests(&Scope::small()).map_err(Failure::from));
}

criterion_group!(benches, align);
criterion_main!(benches);
