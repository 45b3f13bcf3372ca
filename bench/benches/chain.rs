//! The whole chain: clean, with errors, and at symbol error rates.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up must not go unnoticed")]

mod common;

use bench::report::{Scope, chain};
use criterion::{Criterion, criterion_group, criterion_main};

fn chain(criterion: &mut Criterion) {
    common::bench(criterion, chain::contests(&Scope::small()));
}

criterion_group!(benches, chain);
criterion_main!(benches);
