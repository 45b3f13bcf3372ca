//! Columns and rows of parameters; loading a database.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up must not go unnoticed")]

mod common;

use bench::report::{Scope, database, parameters};
use criterion::{Criterion, criterion_group, criterion_main};

fn decom(criterion: &mut Criterion) {
    common::bench(criterion, parameters::contests(&Scope::small()));
    common::bench(criterion, database::contests());
}

criterion_group!(benches, decom);
criterion_main!(benches);
