//! The contests of the report as criterion benches.

use std::time::Duration;

use bench::report::Failure;
use bench::report::contest::Contest;
use criterion::{Criterion, Throughput};

/// Every entrant of every contest, under the name of its work. Each asserts the answer that is timed.
pub(crate) fn bench(criterion: &mut Criterion, contests: Result<Vec<Contest>, Failure>) {
    for mut contest in contests.expect("the set-up of a benchmark is fixed") {
        let mut group = criterion.benchmark_group(contest.work());
        group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(400));
        group.sample_size(10);
        for entrant in contest.entrants() {
            group.throughput(Throughput::Bytes(entrant.octets() as u64));
            group.bench_function(entrant.label(), |bencher| bencher.iter(|| entrant.call()));
        }
        group.finish();
    }
}
