//! `fep process` as a process: wall time against `cat FILE > /dev/null`, and peak memory.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Failure;
use super::material::Recording;

/// What was measured of the process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Octets of the file.
    pub octets: u64,
    /// Threads that `fep` was told to use.
    pub threads: usize,
    /// Wall time of `fep process`, the best of a few, in seconds.
    pub fep_seconds: f64,
    /// Wall time of `cat` between them.
    pub cat_seconds: f64,
    /// Peak resident memory of `fep`.
    pub peak_mebibytes: f64,
}

impl Outcome {
    /// How many times as long as `cat` takes.
    #[must_use]
    pub fn slowdown(&self) -> f64 {
        self.fep_seconds / self.cat_seconds
    }

    /// Gbit/s of the file.
    #[must_use]
    pub fn gbit(&self) -> f64 {
        self.octets as f64 * 8e-9 / self.fep_seconds
    }

    /// One line about it.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "`fep process`, {} MiB file in page cache, {} threads: {:.3} s, {:.1} Gbit/s, {:.1} times `cat` ({:.3} s), peak memory {:.0} MiB.",
            self.octets >> 20,
            self.threads,
            self.fep_seconds,
            self.gbit(),
            self.slowdown(),
            self.cat_seconds,
            self.peak_mebibytes
        )
    }
}

/// Let `fep` decode a simulated file of `octets` octets, made in `folder` and removed again.
///
/// # Errors
/// When a file cannot be written, or a process fails or finds another number of packets than there are.
pub fn measure(fep: &Path, folder: &Path, octets: u64, threads: usize) -> Result<Outcome, Failure> {
    let scratch = Scratch::new(folder)?;
    let unit = Recording::clean(UNIT_CADUS)?;
    let times = octets.div_ceil(unit.octets.len() as u64);
    let recording = scratch.path("recording.cadu");
    let mut file = File::create(&recording)?;
    for _ in 0..times {
        file.write_all(&unit.octets)?;
    }
    drop(file);
    let mission = scratch.path("mission.toml");
    fs::write(&mission, mission_of(&unit))?;
    let report = scratch.path("report.json");

    let mut outcome = Outcome {
        octets: times * unit.octets.len() as u64,
        threads,
        fep_seconds: f64::INFINITY,
        cat_seconds: f64::INFINITY,
        peak_mebibytes: 0.0,
    };
    for _ in 0..ROUNDS {
        let (seconds, _) = watch(Command::new("cat").arg(&recording), Duration::from_micros(200))?;
        outcome.cat_seconds = outcome.cat_seconds.min(seconds);
        let mut command = Command::new(fep);
        command.arg("process").arg("--mission").arg(&mission).arg("--report").arg(&report);
        command.arg("--threads").arg(threads.to_string()).arg("--quiet").arg(&recording);
        let (seconds, peak) = watch(&mut command, Duration::from_millis(1))?;
        outcome.fep_seconds = outcome.fep_seconds.min(seconds);
        outcome.peak_mebibytes = outcome.peak_mebibytes.max(peak);
        check(&report, unit.packets * times)?;
    }
    Ok(outcome)
}

/// Where cargo puts `fep`: beside this program.
#[must_use]
pub fn beside_this_program() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?.with_file_name("fep");
    path.exists().then_some(path)
}

/// Seconds until a process ends, and the peak of its resident memory in MiB as far as it was seen.
fn watch(command: &mut Command, glance: Duration) -> Result<(f64, f64), Failure> {
    // A sink that takes everything, as a shell's redirection is: no pipe, which would cost.
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let mut peak: f64 = 0.0;
    loop {
        peak = peak.max(peak_mebibytes(&child).unwrap_or_default());
        if let Some(status) = child.try_wait()? {
            let seconds = start.elapsed().as_secs_f64();
            return if status.success() {
                Ok((seconds, peak))
            } else {
                Err(format!("{} ended with {status}", command.get_program().display()).into())
            };
        }
        thread::sleep(glance);
    }
}

/// The high-water mark, which Linux keeps.
fn peak_mebibytes(child: &Child) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// The account of `fep` must hold every packet that was sent whole.
fn check(report: &Path, expected: u64) -> Result<(), Failure> {
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(report)?)?;
    let channels = report.get("channels").and_then(|channels| channels.as_array());
    let packets = |channel: &serde_json::Value| channel.get("packets").and_then(serde_json::Value::as_u64);
    let found: u64 = channels.into_iter().flatten().filter_map(packets).sum();
    if found == expected { Ok(()) } else { Err(format!("fep found {found} packets of {expected}").into()) }
}

fn mission_of(recording: &Recording) -> String {
    let mut text = format!(
        "name = \"benchmark\"\n[input]\nkind = \"bits\"\n[sync]\nmarker = \"1ACFFC1D\"\n[coding]\nrandomizer = \"ccsds-255\"\n\
         scheme = \"reed-solomon\"\ne = 16\ninterleave = {}\nbasis = \"dual\"\n[frame]\nprotocol = \"aos\"\nlength = {}\n\
         ocf = \"absent\"\nfecf = \"absent\"\n",
        recording.code.interleave().depth(),
        recording.code.frame_len(),
    );
    for channel in recording.spec.declared_channels() {
        let vcid = channel.gvcid.vcid.get();
        let content = if vcid == 63 { "idle" } else { "packets" };
        text.push_str(&format!(
            "[[channel]]\nscid = {}\nvcid = {vcid}\ncontent = \"{content}\"\n",
            recording.spec.scid
        ));
    }
    text
}

/// A folder that goes away with its files.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn new(parent: &Path) -> io::Result<Self> {
        let folder = parent.join(format!("fep-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing can be done about a file that stays.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The work by its name in the report.
pub(super) const WORK: &str = "fep process, whole process";
const UNIT_CADUS: usize = 3200;
const ROUNDS: usize = 3;
