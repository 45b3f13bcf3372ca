//! Timing: ours and the peers take turns in short repetitions, so that all of them see the same noise.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use ccsds_core::arch::Level;

use super::row::{Figure, Rival, Row, Unit};

/// One piece of work, done by our code at several levels or thread counts and by peers.
///
/// Every entrant asserts the answer it times.
pub struct Contest {
    work: String,
    unit: Unit,
    ours: Vec<Entrant>,
    peers: Vec<Entrant>,
}

/// Someone who does the work.
pub struct Entrant {
    name: &'static str,
    threads: usize,
    /// Octets that one call takes.
    octets: usize,
    call: Box<dyn FnMut()>,
}

impl Contest {
    /// A contest without entrants.
    #[must_use]
    pub fn new(work: impl Into<String>, unit: Unit) -> Self {
        Self { work: work.into(), unit, ours: Vec::new(), peers: Vec::new() }
    }

    /// Enter our code at `level` on `threads` threads; a call takes `octets` octets.
    pub fn ours(&mut self, level: Level, threads: usize, octets: usize, call: impl FnMut() + 'static) {
        self.ours.push(Entrant { name: level.name(), threads, octets, call: Box::new(call) });
    }

    /// Enter our code that has no levels.
    pub fn ours_portable(&mut self, octets: usize, call: impl FnMut() + 'static) {
        self.ours.push(Entrant { name: PORTABLE, threads: 1, octets, call: Box::new(call) });
    }

    /// Enter a peer. It may be given fewer octets of the same kind: what counts is octets per second.
    pub fn peer(&mut self, name: &'static str, octets: usize, call: impl FnMut() + 'static) {
        self.peers.push(Entrant { name, threads: 1, octets, call: Box::new(call) });
    }

    /// The same contest without peers.
    #[must_use]
    pub fn without_peers(mut self) -> Self {
        self.peers.clear();
        self
    }

    /// What is done.
    #[must_use]
    pub fn work(&self) -> &str {
        &self.work
    }

    /// Ours first, then the peers.
    pub fn entrants(&mut self) -> impl Iterator<Item = &mut Entrant> {
        self.ours.iter_mut().chain(&mut self.peers)
    }

    /// Let everyone repeat the work in turn; one row for each entrant of ours.
    #[must_use]
    pub fn run(mut self, stopwatch: &mut Stopwatch) -> Vec<Row> {
        let pace = stopwatch.pace;
        let mut runs: Vec<Run> = self.entrants().map(|entrant| Run::prepare(entrant, pace)).collect();
        while runs.iter().any(|run| run.wants_more(pace)) {
            stopwatch.listen();
            for (entrant, run) in self.entrants().zip(&mut runs) {
                if run.wants_more(pace) {
                    run.repeat(entrant);
                }
            }
        }
        let peer_runs = runs.split_off(self.ours.len());
        let rivals: Vec<Rival> = self
            .peers
            .iter()
            .zip(&peer_runs)
            .map(|(peer, run)| Rival { name: peer.name, figure: run.figure(peer) })
            .collect();
        let rows = self.ours.iter().zip(&runs).map(|(entrant, run)| Row {
            work: self.work.clone(),
            unit: self.unit,
            level: entrant.name,
            threads: entrant.threads,
            figure: run.figure(entrant),
            rivals: rivals.clone(),
        });
        rows.collect()
    }
}

impl fmt::Debug for Contest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contest")
            .field("work", &self.work)
            .field("ours", &self.ours)
            .field("peers", &self.peers)
            .finish_non_exhaustive()
    }
}

impl Entrant {
    /// Level or name, and the threads where there are several.
    #[must_use]
    pub fn label(&self) -> String {
        match self.threads {
            1 => self.name.to_owned(),
            threads => format!("{} x{threads}", self.name),
        }
    }

    /// Octets that one call takes.
    #[must_use]
    pub const fn octets(&self) -> usize {
        self.octets
    }

    /// Do the work once.
    pub fn call(&mut self) {
        (self.call)();
    }

    fn time(&mut self, calls: u32) -> Duration {
        let start = Instant::now();
        for _ in 0..calls {
            self.call();
        }
        start.elapsed()
    }
}

impl fmt::Debug for Entrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entrant")
            .field("label", &self.label())
            .field("octets", &self.octets)
            .finish_non_exhaustive()
    }
}

/// How long to measure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pace {
    /// A repetition lasts at least so long.
    pub repetition: Duration,
    /// All repetitions of an entrant together last about so long.
    pub total: Duration,
    /// But there are at least so many of them.
    pub least: usize,
}

impl Pace {
    /// Enough to find the best figure on a quiet machine.
    pub const QUICK: Self =
        Self { repetition: Duration::from_micros(300), total: Duration::from_millis(70), least: 5 };
    /// Enough on a busy one.
    pub const FULL: Self =
        Self { repetition: Duration::from_micros(500), total: Duration::from_millis(700), least: 11 };
}

/// The pace, and the noise heard while measuring.
#[derive(Clone, Debug)]
pub struct Stopwatch {
    pace: Pace,
    ticks: Vec<f64>,
}

impl Stopwatch {
    /// A stopwatch that has heard nothing.
    #[must_use]
    pub const fn new(pace: Pace) -> Self {
        Self { pace, ticks: Vec::new() }
    }

    /// How much slower the slowest tenth of a fixed loop was than its best, at least: 0 on a quiet machine.
    #[must_use]
    pub fn noise(&self) -> f64 {
        let mut rates = self.ticks.clone();
        rates.sort_by(f64::total_cmp);
        match (rates.get(rates.len() / 10), rates.last()) {
            (Some(slow), Some(best)) => best / slow - 1.0,
            _ => 0.0,
        }
    }

    /// Time a loop that depends on nothing but the clock and the load of the machine.
    fn listen(&mut self) {
        let start = Instant::now();
        let mut state = black_box(1u64);
        for _ in 0..TICK_STEPS {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        }
        black_box(state);
        self.ticks.push(f64::from(TICK_STEPS) / start.elapsed().as_secs_f64());
    }
}

/// The repetitions of one entrant.
#[derive(Clone, Debug)]
struct Run {
    /// Calls in a repetition.
    calls: u32,
    spent: Duration,
    /// Seconds of one call, repetition by repetition.
    seconds: Vec<f64>,
}

impl Run {
    /// Warm up, and find how many calls make a repetition.
    fn prepare(entrant: &mut Entrant, pace: Pace) -> Self {
        let mut calls = 1;
        entrant.time(1);
        loop {
            let elapsed = entrant.time(calls);
            if elapsed >= pace.repetition || calls >= 1 << 20 {
                return Self { calls, spent: Duration::ZERO, seconds: Vec::new() };
            }
            calls *= 2;
        }
    }

    fn wants_more(&self, pace: Pace) -> bool {
        self.spent < pace.total || self.seconds.len() < pace.least
    }

    fn repeat(&mut self, entrant: &mut Entrant) {
        let elapsed = entrant.time(self.calls);
        self.spent += elapsed;
        self.seconds.push(elapsed.as_secs_f64() / f64::from(self.calls));
    }

    fn figure(&self, entrant: &Entrant) -> Figure {
        let gigabits = entrant.octets as f64 * 8e-9;
        let rates: Vec<f64> = self.seconds.iter().map(|seconds| gigabits / seconds.max(1e-12)).collect();
        Figure::of(&rates)
    }
}

/// The level of code that has only one.
pub const PORTABLE: &str = "portable";

/// About a third of a millisecond.
const TICK_STEPS: u32 = 200_000;
