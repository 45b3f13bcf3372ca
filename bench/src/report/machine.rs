//! Where the report was made.

use std::fs;
use std::process::Command;

use ccsds_core::arch::Level;

use super::material;

/// What a reader must know of a machine to judge the figures.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Machine {
    /// The processor as it calls itself.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Kernel levels available, weakest first.
    pub levels: Vec<Level>,
    /// The day, UTC.
    pub date: String,
}

impl Machine {
    /// This machine, today.
    #[must_use]
    pub fn here() -> Self {
        Self { cpu: cpu(), cores: cores(), levels: material::levels(), date: today() }
    }

    /// One line about it.
    #[must_use]
    pub fn line(&self) -> String {
        let levels: Vec<_> = self.levels.iter().map(|level| level.name()).collect();
        let cores = if self.cores == 1 { "core" } else { "cores" };
        format!("{}, {} {cores}, levels {}, {}", self.cpu, self.cores, levels.join(" "), self.date)
    }
}

/// Cores that this process may use.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

fn cpu() -> String {
    linux_cpu().or_else(mac_cpu).unwrap_or_else(|| format!("unknown {} processor", std::env::consts::ARCH))
}

fn linux_cpu() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |name: &str| {
        let line = info.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let name = field("model name").or_else(|| field("Model"))?;
    // A virtual machine may hide the name; the family still tells the microarchitecture.
    Some(match (field("cpu family"), field("model"), field("cpu MHz")) {
        (Some(family), Some(model), Some(mhz)) => {
            format!("{name} (family {family}, model {model}, {} MHz)", mhz.split('.').next().unwrap_or(&mhz))
        }
        _ => name,
    })
}

fn mac_cpu() -> Option<String> {
    let output = Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"]).output().ok()?;
    let name = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !name.trim().is_empty()).then(|| name.trim().to_owned())
}

fn today() -> String {
    let seconds =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

/// The Gregorian date so many days after 1970-01-01, by years that begin in March.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_gregorian() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_778), "2026-11-21");
    }
}
