//! From frames to packets.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up must not go unnoticed")]

mod common;

use bench::report::{Failure, Scope, frames};
use criterion::{Criterion, criterion_group, criterion_main};

fn assemble(criterion: &mut Criterion) {
    common::bench(criterion, frames::assemble_contests(&Scope::small()).map_err(Failure::from));
}

criterion_group!(benches, assemble);
criterion_main!(benches);
