//! Marker search and the synchronizer in lock.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up must not go unnoticed")]

mod common;

use bench::report::{Failure, Scope, search};
use criterion::{Criterion, criterion_group, criterion_main};

fn sync(criterion: &mut Criterion) {
    common::bench(criterion, search::contests(&Scope::small()).map_err(Failure::from));
}

criterion_group!(benches, sync);
criterion_main!(benches);
