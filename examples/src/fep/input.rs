//! One stream out of files, memory maps or a pipe, shown to a consumer window by window.
//!
//! Reading takes three buffers, whatever the length of the stream: [`WINDOW_LEN`] octets each, and as many as the consumer must
//! see at once. A map takes no buffer at all, but for the few octets on either side of the border between two files.
//! Both show the consumer the same stream, so it gives the same answers.

mod ahead;

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use frame_sync::line::{LineCode, LineDecoder};
use memmap2::Mmap;

use self::ahead::ReadAhead;
use crate::fep::failure::Failure;
use crate::fep::progress::{Progress, State};

/// Takes a stream, window by window.
pub trait Consumer {
    /// Octets of window that suffice to take at least one of them.
    fn window_len(&self) -> usize;

    /// Take what can be taken from the front of `window` and say how many octets that was; the rest begins the next window.
    /// Nothing follows when the stream has `ended`.
    ///
    /// # Errors
    /// When going on makes no sense.
    fn feed(&mut self, window: &[u8], ended: bool) -> Result<usize, Failure>;

    /// What there is to say while it runs.
    fn state(&self) -> State;
}

/// One part of a stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Input {
    /// A file, or whatever else has a path.
    File(PathBuf),
    /// Octets in memory.
    Octets(Arc<[u8]>),
    /// Standard input.
    Stdin,
}

impl Input {
    /// A file; `-` is standard input.
    #[must_use]
    pub fn named(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::File(path) }
    }

    /// Octets, where that can be known beforehand.
    fn known_len(&self) -> Option<u64> {
        match self {
            Self::File(path) => {
                fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
            }
            Self::Octets(octets) => Some(octets.len() as u64),
            Self::Stdin => None,
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::File(path) => Box::new(File::open(path).map_err(|error| named(path, &error))?),
            Self::Octets(octets) => Box::new(io::Cursor::new(Arc::clone(octets))),
            Self::Stdin => Box::new(io::stdin()),
        })
    }
}

/// Where a stream comes from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Its parts in order.
    pub inputs: Vec<Input>,
    /// Map regular files instead of reading them.
    pub map: bool,
    /// Octets after which the stream is cut off.
    pub limit: Option<u64>,
    /// How bits are represented on the line.
    pub line_code: LineCode,
}

impl Source {
    /// Show the whole stream to `consumer`; returns its length in octets.
    ///
    /// # Errors
    /// When an input cannot be read, or the consumer fails.
    pub fn drive(&self, consumer: &mut dyn Consumer, progress: &mut Progress) -> Result<u64, Failure> {
        let limit = self.limit.unwrap_or(u64::MAX);
        if self.map && self.line_code == LineCode::NrzL && self.known_len().is_some() {
            self.map_all(limit, consumer, progress)
        } else {
            self.read_all(limit, consumer, progress)
        }
    }

    /// Find out whether the inputs are there before any output is touched.
    ///
    /// # Errors
    /// When one of them is missing, a folder or not readable.
    pub fn check(&self) -> Result<(), Failure> {
        for input in &self.inputs {
            let Input::File(path) = input else { continue };
            let failed = |error: io::Error| Failure::cannot_run(named(path, &error));
            let metadata = fs::metadata(path).map_err(failed)?;
            if metadata.is_dir() {
                return Err(Failure::cannot_run(format!(
                    "input {}: is a folder, name its files",
                    path.display()
                )));
            }
            // A pipe must not be opened and closed again: its writer would notice.
            if metadata.is_file() {
                File::open(path).map_err(failed)?;
            }
        }
        if self.inputs.iter().filter(|input| **input == Input::Stdin).count() > 1 {
            return Err(Failure::cannot_run("input -: standard input can be read only once"));
        }
        Ok(())
    }

    /// Octets of the stream, where that can be known beforehand.
    #[must_use]
    pub fn known_len(&self) -> Option<u64> {
        let len: Option<u64> = self.inputs.iter().map(Input::known_len).sum();
        Some(len?.min(self.limit.unwrap_or(u64::MAX)))
    }

    fn read_all(
        &self,
        limit: u64,
        consumer: &mut dyn Consumer,
        progress: &mut Progress,
    ) -> Result<u64, Failure> {
        let inputs = Inputs { inputs: self.inputs.clone().into(), current: None };
        let decoder = LineDecoder::new(self.line_code);
        let room = consumer.window_len();
        let ahead = ReadAhead::new(inputs.take(limit), decoder, room, WINDOW_LEN.max(room));
        let mut ahead = ahead.map_err(Failure::cannot_run)?;
        let (mut before, mut unspent, mut total) = (None, 0..0, 0);
        loop {
            let held = unspent.len();
            let piece = ahead.next(before, unspent).map_err(Failure::cannot_run)?;
            let window = piece.octets();
            total += (window.len() - held) as u64;
            let spent = consumer.feed(window, piece.ended)?.min(window.len());
            if spent == 0 && !piece.ended {
                return Err(stuck());
            }
            progress.show(total, consumer.state());
            if piece.ended {
                return Ok(total);
            }
            unspent = piece.after(spent);
            before = Some(piece);
        }
    }

    fn map_all(
        &self,
        limit: u64,
        consumer: &mut dyn Consumer,
        progress: &mut Progress,
    ) -> Result<u64, Failure> {
        let mut walk = MapWalk { consumer, progress, carry: Vec::new(), total: 0 };
        for input in &self.inputs {
            let left = usize::try_from(limit - walk.total).unwrap_or(usize::MAX);
            match input {
                Input::File(path) => {
                    let map = File::open(path).and_then(|file| map(&file));
                    let map = map.map_err(|error| Failure::cannot_run(named(path, &error)))?;
                    walk.file(map.get(..left).unwrap_or(&map))?;
                }
                Input::Octets(octets) => walk.file(octets.get(..left).unwrap_or(octets))?,
                Input::Stdin => return Err(Failure::cannot_run("standard input cannot be mapped")),
            }
        }
        let MapWalk { consumer, carry, total, .. } = walk;
        consumer.feed(&carry, true)?;
        Ok(total)
    }
}

/// The way through mapped files.
struct MapWalk<'a> {
    consumer: &'a mut dyn Consumer,
    progress: &'a mut Progress,
    /// The end of the file before, not taken yet.
    carry: Vec<u8>,
    total: u64,
}

impl MapWalk<'_> {
    fn file(&mut self, octets: &[u8]) -> Result<(), Failure> {
        let mut at = self.join(octets)?;
        while let Some(rest) = octets.get(at..).filter(|rest| !rest.is_empty()) {
            let window_len = WINDOW_LEN.max(2 * self.consumer.window_len());
            let window = rest.get(..window_len).unwrap_or(rest);
            let spent = self.consumer.feed(window, false)?.min(window.len());
            self.progress.show(self.total + (at + spent) as u64, self.consumer.state());
            if window.len() == rest.len() {
                self.carry.extend_from_slice(rest.get(spent..).unwrap_or_default());
                break;
            }
            if spent == 0 {
                return Err(stuck());
            }
            at += spent;
        }
        self.total += octets.len() as u64;
        Ok(())
    }

    /// Take the carried end of the file before, with as much of this one as that needs; returns how much of this one is taken.
    fn join(&mut self, octets: &[u8]) -> Result<usize, Failure> {
        let mut at = 0;
        while !self.carry.is_empty() {
            let rest = octets.get(at..).unwrap_or_default();
            let more = rest.get(..self.consumer.window_len().max(1)).unwrap_or(rest);
            if more.is_empty() {
                break;
            }
            let carried = self.carry.len();
            self.carry.extend_from_slice(more);
            at += more.len();
            let spent = self.consumer.feed(&self.carry, false)?.min(self.carry.len());
            if spent >= carried {
                at -= self.carry.len() - spent;
                self.carry.clear();
            } else {
                self.carry.drain(..spent);
            }
        }
        Ok(at)
    }
}

/// Inputs read one after the other.
struct Inputs {
    inputs: VecDeque<Input>,
    current: Option<Box<dyn Read + Send>>,
}

impl Read for Inputs {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(input) = self.inputs.front() else { return Ok(0) };
            let reader = match &mut self.current {
                Some(reader) => reader,
                None => self.current.insert(input.open()?),
            };
            let read = reader.read(buffer).map_err(|error| match input {
                Input::File(path) => named(path, &error),
                Input::Octets(_) | Input::Stdin => error,
            });
            match read? {
                0 => {
                    self.inputs.pop_front();
                    self.current = None;
                }
                len => return Ok(len),
            }
        }
    }
}

/// The same error, with the file's name.
fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("input {}: {error}", path.display()))
}

/// Map a file for reading.
#[allow(unsafe_code)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the map is only read, as octets, for which any value is valid. Should another process shorten the file
    // meanwhile, the system ends this process instead of giving it something else; `--mmap` says so.
    unsafe { Mmap::map(file) }
}

/// A consumer that takes nothing from a window it called long enough: a fault of ours.
fn stuck() -> Failure {
    Failure::incomplete(
        "internal error: a window of input was not taken; please report this with the mission file",
    )
}

/// Octets shown at once: so many that the wait of all threads for the last one, at the end of each window, does not count.
pub const WINDOW_LEN: usize = 1 << 22;
