//! Transfer frame slicing (131.0-B-6 §8): sync-marked transfer frames in slices, each behind a codeword sync marker.
//!
//! The sending side strings frames together, each behind its attached sync marker, cuts the stream into slices of fixed length
//! without regard to where frames begin, and puts a codeword sync marker in front of every slice. Receiving takes two steps:
//!
//! ```text
//! bits ──▶ Receiver or FramePipeline ──▶ SliceJoiner ──▶ transfer frames
//!          where are the slices?         where are the frames in them?
//! ```
//!
//! The first step is that of any link, with slices for code blocks. The [`SliceJoiner`] joins the slices and looks for the markers of
//! the frames in what they make. Where slices are missing it knows how many: their place is kept, so that the frames behind are
//! where they are expected, and a frame that lost any of its bits is not delivered. Where it cannot know, nothing is joined: what comes
//! behind is a stream of its own.

use core::fmt;

use ccsds_core::quality::{CodingQuality, FrameMeta, FrameQuality, ReceiveTime, SyncQuality};

use crate::align;
use crate::codec::BlockReport;
use crate::randomizer::Randomizer;
use crate::receiver::{ReceivedFrame, StorageTooSmall};
use crate::sync::{CaduLoc, Step, SyncConfig, SyncEvent, SyncStats, Synchronizer};

/// Turns slices into transfer frames without an allocator.
///
/// `W` holds joined slices while the synchronizer looks at them, [`Self::window_len`] octets or more; `B` holds one frame.
#[derive(Clone, Debug)]
pub struct SliceJoiner<W, B> {
    slices: Spacing,
    sync: Synchronizer,
    window: W,
    /// The part of the window that holds octets.
    start: usize,
    end: usize,
    block: B,
    /// Octets joined since the synchronizer began.
    joined: u64,
    /// Octets of lost slices that are yet to be made up for.
    missing: u64,
    /// Where the marker of the next slice is expected.
    next: Option<u64>,
    /// The first bit of the latest slice: among the joined bits, and in the stream.
    latest: (u64, u64),
    marks: Marks,
    /// Nothing can be joined to what there is.
    broken: bool,
    ended: bool,
    /// Whether the slices are coded.
    coded: bool,
    inverted: bool,
    received: ReceiveTime,
    ordinal: u64,
    stats: SliceStats,
}

impl<const W: usize, const B: usize> SliceJoiner<[u8; W], [u8; B]> {
    /// A joiner with arrays of its own: fit for a `static`, and refused at compile time when an array is too small.
    ///
    /// `slices` are the managed parameters of the slices and their markers, `frames` those of the frames among the joined bits; there
    /// the polarity is always the normal one.
    ///
    /// # Errors
    /// When slices are no whole octets, or `W` or `B` is too small.
    pub const fn new(slices: &SyncConfig, frames: SyncConfig) -> Result<Self, SliceError> {
        match Spacing::new(slices, &frames, W, B) {
            Ok(spacing) => Ok(Self::assemble(spacing, frames, [0; W], [0; B])),
            Err(error) => Err(error),
        }
    }
}

impl<W: AsRef<[u8]> + AsMut<[u8]>, B: AsRef<[u8]> + AsMut<[u8]>> SliceJoiner<W, B> {
    /// A joiner over the caller's memory; as [`SliceJoiner::new`].
    ///
    /// # Errors
    /// When slices are no whole octets, or `window` or `block` is too small.
    pub fn with_storage(
        slices: &SyncConfig,
        frames: SyncConfig,
        window: W,
        block: B,
    ) -> Result<Self, SliceError> {
        let spacing = Spacing::new(slices, &frames, window.as_ref().len(), block.as_ref().len())?;
        Ok(Self::assemble(spacing, frames, window, block))
    }
}

impl<W, B> SliceJoiner<W, B> {
    /// Octets of window that suffice.
    #[must_use]
    pub const fn window_len(slices: &SyncConfig, frames: &SyncConfig) -> usize {
        frames.window_len() + slices.block_bits() / 8
    }

    const fn assemble(slices: Spacing, frames: SyncConfig, window: W, block: B) -> Self {
        Self {
            slices,
            sync: Synchronizer::new(frames),
            window,
            start: 0,
            end: 0,
            block,
            joined: 0,
            missing: 0,
            next: None,
            latest: (0, 0),
            marks: Marks::NONE,
            broken: false,
            ended: false,
            coded: false,
            inverted: false,
            received: ReceiveTime(0),
            ordinal: 0,
            stats: SliceStats::EMPTY,
        }
    }

    /// Where everything went so far.
    pub fn stats(&self) -> SliceStats {
        SliceStats { sync: plus(self.stats.sync, self.sync.stats()), ..self.stats }
    }

    /// Nothing will follow: let [`Self::pull`] deliver what it still can.
    pub const fn finish(&mut self) {
        self.ended = true;
    }

    /// Where in the stream a joined bit came from; a slip within the frame is not seen.
    fn stream_bit(&self, bit: u64) -> u64 {
        let Spacing { marker_bits, slice_bits, from_slice_to_slice, .. } = self.slices;
        let (joined, stream) = self.latest;
        let first = stream.saturating_add(marker_bits);
        let whole = |bits: u64| bits.checked_div(slice_bits).unwrap_or(0);
        match bit.checked_sub(joined) {
            Some(ahead) => {
                let slices = whole(ahead);
                let within = ahead.saturating_sub(slices.saturating_mul(slice_bits));
                first.saturating_add(slices.saturating_mul(from_slice_to_slice)).saturating_add(within)
            }
            None => {
                let back = joined.saturating_sub(bit);
                let slices = whole(back.saturating_add(slice_bits).saturating_sub(1));
                let within = slices.saturating_mul(slice_bits).saturating_sub(back);
                first.saturating_sub(slices.saturating_mul(from_slice_to_slice)).saturating_add(within)
            }
        }
    }

    /// What is known of a frame, going by its slices; `None` where a part of it is missing.
    fn quality(&self, cadu: &CaduLoc) -> Option<FrameQuality> {
        let config = self.sync.config();
        let from = cadu.stream_bit.saturating_add(config.asm().len_bits() as u64);
        let befallen = self.marks.within(from, from.saturating_add(config.block_bits() as u64));
        let (mut sync, mut symbols) = (cadu.sync, 0u16);
        for mark in befallen {
            match mark.kind {
                Befallen::Corrected { symbols: more } => symbols = symbols.saturating_add(more),
                Befallen::Doubtful if sync == SyncQuality::Locked => sync = SyncQuality::Flywheel,
                Befallen::Doubtful => {}
                Befallen::Lost => return None,
            }
        }
        let coding = match (self.coded, symbols) {
            (false, _) => CodingQuality::Unchecked,
            (true, 0) => CodingQuality::Clean,
            (true, symbols) => CodingQuality::Corrected { symbols },
        };
        let (asm_errors, inverted) = (cadu.asm_errors, self.inverted);
        Some(FrameQuality { sync, coding, asm_errors, inverted, ..FrameQuality::default() })
    }
}

impl<W: AsRef<[u8]> + AsMut<[u8]>, B: AsRef<[u8]> + AsMut<[u8]>> SliceJoiner<W, B> {
    /// Take the next slice; `false` asks to call [`Self::pull`] until it is empty, and then to push the same slice again.
    pub fn push(&mut self, slice: &ReceivedFrame<'_>) -> bool {
        if self.ended || self.broken || self.missing > 0 || !self.follows(slice.meta.stream_bit) {
            // What comes after the end is not looked at.
            return self.ended;
        }
        let octets = slice.bytes.get(..self.slices.slice_len).unwrap_or(slice.bytes);
        let Some(free) = self.free().get_mut(..octets.len()) else { return false };
        free.copy_from_slice(octets);
        let quality = slice.meta.quality;
        let kind = match quality.coding {
            CodingQuality::Uncorrectable { .. } => Some(Befallen::Lost),
            _ if quality.sync != SyncQuality::Locked => Some(Befallen::Doubtful),
            CodingQuality::Corrected { symbols } => Some(Befallen::Corrected { symbols }),
            CodingQuality::Clean | CodingQuality::Unchecked => None,
        };
        self.stats.slices += 1;
        self.stats.uncorrectable += u64::from(kind == Some(Befallen::Lost));
        self.coded |= quality.coding != CodingQuality::Unchecked;
        (self.inverted, self.received) = (quality.inverted, slice.meta.received);
        self.latest = (self.joined.saturating_mul(8), slice.meta.stream_bit);
        self.next = Some(slice.meta.stream_bit.saturating_add(self.slices.from_slice_to_slice));
        self.join(octets.len(), kind);
        true
    }

    /// The next frame; `None` asks for more slices.
    pub fn pull(&mut self) -> Option<ReceivedFrame<'_>> {
        loop {
            let entered = self.make_up();
            let ends = (self.broken || self.ended) && self.missing == 0;
            let window = self.window.as_ref().get(self.start..self.end).unwrap_or_default();
            let Step { advance, event } =
                if ends { self.sync.finish(window) } else { self.sync.poll(window) };
            match event {
                Some(SyncEvent::Cadu(cadu)) => {
                    let quality = self.quality(&cadu);
                    if let Some(block) = self.block.as_mut().get_mut(..self.slices.frame_len) {
                        align::extract(window, &cadu, self.sync.config(), Randomizer::NONE, block);
                    }
                    self.start += advance;
                    let Some(quality) = quality else {
                        self.stats.cut += 1;
                        continue;
                    };
                    let stream_bit = self.stream_bit(cadu.stream_bit);
                    let meta =
                        FrameMeta { ordinal: self.ordinal, stream_bit, received: self.received, quality };
                    self.ordinal += 1;
                    let bytes = self.block.as_ref().get(..self.slices.frame_len).unwrap_or_default();
                    return Some(ReceivedFrame { bytes, report: BlockReport::UNCHECKED, meta });
                }
                Some(_) => self.start += advance,
                None => {
                    self.start += advance;
                    if ends {
                        self.begin_again();
                        return None;
                    }
                    // With a window as long as it must be there is always room for more.
                    if self.missing == 0 || (entered == 0 && advance == 0) {
                        return None;
                    }
                }
            }
        }
    }

    /// Whether a slice whose marker begins at `at` may be joined now. If not, something must be pulled first.
    fn follows(&mut self, at: u64) -> bool {
        let Spacing { slice_len, from_slice_to_slice: spacing, slip, most_missing, .. } = self.slices;
        let Some(expected) = self.next.filter(|expected| at.abs_diff(*expected) > slip) else { return true };
        self.next = Some(at);
        let ahead = at.checked_sub(expected).map(|ahead| ahead.saturating_add(slip));
        // Slices in between, if it is a whole number of them, give or take a slip.
        let lost = ahead.map(|ahead| ahead.checked_div(spacing).unwrap_or(0)).filter(|&lost| {
            lost > 0 && expected.saturating_add(lost.saturating_mul(spacing)).abs_diff(at) <= slip
        });
        self.stats.lost = self.stats.lost.saturating_add(lost.unwrap_or(0));
        match lost
            .and_then(|lost| lost.checked_mul(slice_len as u64))
            .filter(|&octets| octets <= most_missing)
        {
            Some(octets) => self.missing = octets,
            None => {
                self.stats.breaks += 1;
                self.broken = true;
            }
        }
        false
    }

    /// Enter zeros for slices that are missing; returns how many octets.
    fn make_up(&mut self) -> usize {
        if self.missing == 0 {
            return 0;
        }
        let missing = usize::try_from(self.missing).unwrap_or(usize::MAX);
        let free = self.free();
        let len = free.len().min(missing);
        free.get_mut(..len).unwrap_or_default().fill(0);
        self.missing -= len as u64;
        self.stats.filled_bits += 8 * len as u64;
        self.join(len, Some(Befallen::Lost));
        len
    }

    /// Room in the window; what is held moves to the front.
    fn free(&mut self) -> &mut [u8] {
        let window = self.window.as_mut();
        if self.start > 0 && self.start <= self.end && self.end <= window.len() {
            window.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        window.get_mut(self.end..).unwrap_or_default()
    }

    /// So many octets more are in the window.
    fn join(&mut self, octets: usize, kind: Option<Befallen>) {
        let held = (self.end.saturating_sub(self.start)) as u64;
        let oldest = self.joined.saturating_sub(held).saturating_mul(8);
        let from = self.joined.saturating_mul(8);
        self.end += octets;
        self.joined = self.joined.saturating_add(octets as u64);
        if let Some(kind) = kind {
            self.marks.push(Mark { from, to: self.joined.saturating_mul(8), kind }, oldest);
        }
    }

    /// Everything so far is done with; what comes is a stream of its own.
    fn begin_again(&mut self) {
        let mut done = self.sync.stats();
        done.bits.discarded += done.bits.pending;
        done.bits.pending = 0;
        if self.ended {
            return;
        }
        self.stats.sync = plus(self.stats.sync, done);
        self.sync = Synchronizer::new(*self.sync.config());
        (self.start, self.end, self.joined) = (0, 0, 0);
        self.marks = Marks::NONE;
        self.broken = false;
    }
}

/// How slices and frames lie.
#[derive(Clone, Copy, Debug)]
struct Spacing {
    slice_len: usize,
    slice_bits: u64,
    marker_bits: u64,
    from_slice_to_slice: u64,
    slip: u64,
    frame_len: usize,
    /// Octets of missing slices that are made up for: over more than that the markers of the frames are not followed anyway.
    most_missing: u64,
}

impl Spacing {
    const fn new(
        slices: &SyncConfig,
        frames: &SyncConfig,
        window: usize,
        block: usize,
    ) -> Result<Self, SliceError> {
        let (slice_bits, p) = (slices.block_bits(), slices.parameters());
        if !slice_bits.is_multiple_of(8) {
            return Err(SliceError::SliceBits { bits: slice_bits });
        }
        let frame_len = frames.block_bits().div_ceil(8);
        let needed = frames.window_len() + slice_bits / 8;
        if block < frame_len {
            return Err(SliceError::Storage(StorageTooSmall::Block { needed: frame_len, actual: block }));
        }
        if window < needed {
            return Err(SliceError::Storage(StorageTooSmall::Window { needed, actual: window }));
        }
        let followed = frames.parameters().flywheel as u64 + 2;
        Ok(Self {
            slice_len: slice_bits / 8,
            slice_bits: slice_bits as u64,
            marker_bits: p.asm.len_bits() as u64,
            from_slice_to_slice: p.cadu_bits as u64,
            slip: p.slip as u64,
            frame_len,
            most_missing: followed * frames.parameters().cadu_bits.div_ceil(8) as u64,
        })
    }
}

/// A stretch of joined bits that something befell.
#[derive(Clone, Copy, Debug)]
struct Mark {
    from: u64,
    to: u64,
    kind: Befallen,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Befallen {
    Corrected {
        symbols: u16,
    },
    /// Nobody saw the marker of the slice.
    Doubtful,
    Lost,
}

/// The stretches in the window, in order.
#[derive(Clone, Copy, Debug)]
struct Marks {
    list: [Mark; MARKS],
    len: usize,
}

impl Marks {
    const NONE: Self = Self { list: [Mark { from: 0, to: 0, kind: Befallen::Lost }; MARKS], len: 0 };

    /// Enter a stretch; those that end before `oldest` are forgotten. Where there are too many, two become one of the graver kind.
    fn push(&mut self, mark: Mark, oldest: u64) {
        let mut kept = Self::NONE;
        for &old in self.list.iter().take(self.len).filter(|old| old.to > oldest) {
            kept.append(old);
        }
        *self = kept;
        self.append(mark);
    }

    fn append(&mut self, mark: Mark) {
        let full = self.len >= MARKS;
        if let Some(last) = self.len.checked_sub(1).and_then(|last| self.list.get_mut(last))
            && (full || (last.to == mark.from && last.kind == mark.kind && mark.kind == Befallen::Lost))
        {
            last.to = mark.to;
            last.kind = last.kind.with(mark.kind);
        } else if let Some(free) = self.list.get_mut(self.len) {
            *free = mark;
            self.len += 1;
        }
    }

    fn within(&self, from: u64, to: u64) -> impl Iterator<Item = &Mark> {
        self.list.iter().take(self.len).filter(move |mark| mark.from < to && from < mark.to)
    }
}

impl Befallen {
    const fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Corrected { symbols: a }, Self::Corrected { symbols: b }) => {
                Self::Corrected { symbols: a.saturating_add(b) }
            }
            (Self::Lost, _) | (_, Self::Lost) => Self::Lost,
            _ => Self::Doubtful,
        }
    }
}

/// Where slices and the frames in them went.
///
/// The bits of [`Self::slices`] slices and [`Self::filled_bits`] are those that [`SyncStats::bits`] of [`Self::sync`] accounts for;
/// its CADUs are the frames that were delivered and those that were [`Self::cut`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct SliceStats {
    /// Slices joined.
    pub slices: u64,
    /// Those of them beyond correction.
    pub uncorrectable: u64,
    /// Slices missing in between, where that can be known.
    pub lost: u64,
    /// Places where nothing could be joined.
    pub breaks: u64,
    /// Bits made up for missing slices.
    pub filled_bits: u64,
    /// Frames that lost some of their bits with a slice; they are not delivered.
    pub cut: u64,
    /// What was found among the joined bits.
    pub sync: SyncStats,
}

impl SliceStats {
    const EMPTY: Self = Self {
        slices: 0,
        uncorrectable: 0,
        lost: 0,
        breaks: 0,
        filled_bits: 0,
        cut: 0,
        sync: SyncStats::EMPTY,
    };
}

const fn plus(a: SyncStats, b: SyncStats) -> SyncStats {
    let mut bits = a.bits;
    bits.frames += b.bits.frames;
    bits.markers += b.bits.markers;
    bits.discarded += b.bits.discarded;
    bits.pending += b.bits.pending;
    SyncStats {
        cadus: a.cadus + b.cadus,
        flywheel: a.flywheel + b.flywheel,
        locks: a.locks + b.locks,
        slips: a.slips + b.slips,
        marker_bit_errors: a.marker_bit_errors + b.marker_bit_errors,
        bits,
    }
}

/// Slices that cannot be joined, or not in this storage.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SliceError {
    /// A slice is a number of whole octets.
    SliceBits {
        /// Bits given.
        bits: usize,
    },
    /// The storage is too small.
    Storage(StorageTooSmall),
}

impl fmt::Display for SliceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SliceBits { bits } => write!(f, "a slice of {bits} bits is no whole number of octets"),
            Self::Storage(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SliceError {}

/// Stretches that are told apart. A window holds few slices more than four frames take.
const MARKS: usize = 32;

#[cfg(test)]
mod tests;
