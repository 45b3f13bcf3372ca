//! CRC-16 from 20 octets to 64 KiB.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up must not go unnoticed")]

mod common;

use bench::report::{Failure, Scope, crc};
use criterion::{Criterion, criterion_group, criterion_main};

fn crc(criterion: &mut Criterion) {
    common::bench(criterion, Ok::<_, Failure>(crc::contests(&Scope::small())));
}

criterion_group!(benches, crc);
criterion_main!(benches);
