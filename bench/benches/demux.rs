//! Headers and routing.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up must not go unnoticed")]

mod common;

use bench::report::{Failure, Scope, frames};
use criterion::{Criterion, criterion_group, criterion_main};

fn demux(criterion: &mut Criterion) {
    common::bench(criterion, frames::demux_contests(&Scope::small()).map_err(Failure::from));
}

criterion_group!(benches, demux);
criterion_main!(benches);
