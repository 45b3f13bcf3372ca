//! What was measured.

use serde::Serialize;

/// One line of the report: one work by our code at one level on some threads, and what the peers did in the same minute.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was done.
    pub work: String,
    /// What the work consists of.
    pub unit: Unit,
    /// Which kernels.
    pub level: &'static str,
    /// On how many threads.
    pub threads: usize,
    /// How fast.
    pub figure: Figure,
    /// Peers that did the same.
    pub rivals: Vec<Rival>,
}

impl Row {
    /// The fastest peer.
    #[must_use]
    pub fn best_peer(&self) -> Option<&Rival> {
        self.rivals.iter().max_by(|a, b| a.figure.best.total_cmp(&b.figure.best))
    }

    /// How often our best is the best of `rival`.
    #[must_use]
    pub fn ratio_to(&self, rival: &Rival) -> f64 {
        self.figure.best / rival.figure.best
    }

    /// Microseconds for one unit.
    #[must_use]
    pub fn unit_micros(&self) -> f64 {
        self.unit.octets as f64 * 8e-3 / self.figure.best
    }
}

/// Gbit/s of what goes in: best and median of the repetitions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figure {
    /// What the machine can do undisturbed.
    pub best: f64,
    /// What it did mostly.
    pub median: f64,
}

impl Figure {
    /// Best and median of rates.
    #[must_use]
    pub fn of(rates: &[f64]) -> Self {
        let mut sorted = rates.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            best: sorted.last().copied().unwrap_or_default(),
            median: sorted.get(sorted.len() / 2).copied().unwrap_or_default(),
        }
    }
}

/// A peer's part in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rival {
    /// The crate or library.
    pub name: &'static str,
    /// How fast.
    pub figure: Figure,
}

/// What a work consists of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unit {
    /// The singular.
    pub name: &'static str,
    /// Its octets.
    pub octets: usize,
}

impl Unit {
    /// A Reed-Solomon codeword.
    pub const CODEWORD: Self = Self { name: "codeword", octets: 255 };
    /// A mebibyte of anything.
    pub const MEBIBYTE: Self = Self { name: "MiB", octets: 1 << 20 };
}

/// A row as `--json` writes it.
#[derive(Clone, Debug, Serialize)]
pub struct JsonRow<'a> {
    work: &'a str,
    level: &'a str,
    threads: usize,
    gbit_per_s: f64,
    median_gbit_per_s: f64,
    peer: Option<&'a str>,
    peer_gbit_per_s: Option<f64>,
    ratio: Option<f64>,
}

impl<'a> JsonRow<'a> {
    /// The row with its best peer.
    #[must_use]
    pub fn new(row: &'a Row) -> Self {
        let peer = row.best_peer();
        Self {
            work: &row.work,
            level: row.level,
            threads: row.threads,
            gbit_per_s: row.figure.best,
            median_gbit_per_s: row.figure.median,
            peer: peer.map(|peer| peer.name),
            peer_gbit_per_s: peer.map(|peer| peer.figure.best),
            ratio: peer.map(|peer| row.ratio_to(peer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_the_best_and_the_median() {
        assert_eq!(Figure::of(&[3.0, 1.0, 9.0]), Figure { best: 9.0, median: 3.0 });
        assert_eq!(Figure::of(&[]), Figure::default());
    }

    #[test]
    fn the_best_peer_decides_the_ratio() {
        let rival = |name, best| Rival { name, figure: Figure { best, median: best } };
        let row = Row {
            work: "x".to_owned(),
            unit: Unit::CODEWORD,
            level: "scalar",
            threads: 1,
            figure: Figure { best: 10.2, median: 10.0 },
            rivals: vec![rival("slow", 0.1), rival("fast", 5.1)],
        };
        assert_eq!(row.best_peer().map(|peer| (peer.name, row.ratio_to(peer))), Some(("fast", 2.0)));
        assert!((row.unit_micros() - 0.2).abs() < 1e-12);
    }
}
