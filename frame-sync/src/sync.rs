//! Frame synchronization (131.0-B-6 §9): where in a bit stream the CADUs are.
//!
//! The [`Synchronizer`] owns no octet and performs no I/O. It looks at a window that the caller owns and answers with
//! positions; every decision depends on the stream alone, never on how it was cut into windows.
//!
//! - **Search.** The first position whose marker matches well enough is a candidate. It is believed once the markers that
//!   must follow it, one CADU apart, are found too; one of them may be damaged.
//! - **Lock.** Each marker is expected where the one before predicts it. Failing that it may be inverted (the demodulator
//!   slipped half a turn) or a few bits off (it lost or gained bits).
//! - **Flywheel.** A marker that is not recognised does not end the lock: if the next one is in place, or nothing better is
//!   found nearby, the CADU is delivered where it should be, marked as such. If the markers of another alignment *are* found
//!   nearby, the lock moves there at once: damage to one CADU does not cost its neighbours.

mod config;
mod several;
mod view;

use ccsds_core::arch::Level;
use ccsds_core::ledger::BitLedger;
use ccsds_core::quality::SyncQuality;

pub use self::config::{Alignment, Polarity, SyncConfig, SyncConfigError, SyncParameters};
pub use self::several::{CodedStep, SeveralSynchronizer};
use self::view::{Hit, View};
use crate::arch::search::SearchKernel;

/// Finds CADUs in a bit stream.
#[derive(Clone, Debug)]
pub struct Synchronizer {
    config: SyncConfig,
    /// How to search; the best of this machine unless chosen by hand.
    kernel: Option<SearchKernel>,
    state: State,
    /// Octets dropped so far: the stream position of the window's first one.
    dropped: u64,
    /// Bits shown so far.
    seen: u64,
    /// End of the last CADU: every bit before it is in the account.
    accounted: u64,
    stats: SyncStats,
}

#[derive(Clone, Copy, Debug)]
enum State<K = ()> {
    /// Looking for a candidate from this bit of the stream on.
    Search { from: u64 },
    /// A lock that has not been announced yet.
    Found(Lock<K>),
    /// Following the markers.
    Locked(Lock<K>),
}

#[derive(Clone, Copy, Debug)]
struct Lock<K = ()> {
    /// Where the next marker should begin.
    next: u64,
    /// No marker begins before this bit: it lies behind the marker of the last CADU.
    floor: u64,
    /// No other alignment begins before this bit: it was searched in vain.
    searched: u64,
    /// Markers missed in a row.
    misses: u8,
    inverted: bool,
    /// Whether other markers confirmed the first one.
    verified: bool,
    /// Which coding the last CADU had, where there are several.
    coding: K,
}

impl Synchronizer {
    /// A synchronizer that has seen nothing.
    #[must_use]
    pub const fn new(config: SyncConfig) -> Self {
        Self {
            config,
            kernel: None,
            state: State::Search { from: 0 },
            dropped: 0,
            seen: 0,
            accounted: 0,
            stats: SyncStats::EMPTY,
        }
    }

    /// One that searches with this kernel level; `None` where the machine does not have it.
    #[must_use]
    pub fn with_level(config: SyncConfig, level: Level) -> Option<Self> {
        Some(Self { kernel: Some(SearchKernel::with_level(level)?), ..Self::new(config) })
    }

    /// Examine `window`: the octets not dropped yet, oldest first. `event: None` asks for more input.
    pub fn poll(&mut self, window: &[u8]) -> Step {
        self.step(window, false)
    }

    /// The same, when nothing will follow `window`. Call it until there is no event.
    pub fn finish(&mut self, window: &[u8]) -> Step {
        self.step(window, true)
    }

    /// The managed parameters.
    #[must_use]
    pub const fn config(&self) -> &SyncConfig {
        &self.config
    }

    /// What was found so far, and where every bit shown so far went.
    pub fn stats(&self) -> SyncStats {
        self.state.settle(self.stats, self.accounted, self.seen)
    }

    fn step(&mut self, window: &[u8], ended: bool) -> Step {
        let first_bit = self.dropped * 8;
        let config = self.config;
        let view = View::new(&config, window, first_bit, ended, self.kernel);
        self.seen = self.seen.max(view.end());
        let event = match self.state {
            State::Search { from } => self.search(&view, from),
            State::Found(lock) => {
                self.state = State::Locked(lock);
                self.stats.locks += 1;
                Some(SyncEvent::LockAcquired { stream_bit: lock.next, inverted: lock.inverted })
            }
            State::Locked(lock) => self.track(&view, lock),
        };
        let advance = self.state.spent(first_bit, window.len());
        self.dropped += advance as u64;
        Step { advance, event }
    }

    fn search(&mut self, view: &View<'_>, mut from: u64) -> Option<SyncEvent> {
        let event = loop {
            let Some(hit) = view.first_hit(from, u64::MAX) else {
                from = from.max(view.undecided_from());
                break None;
            };
            match view.verify(hit, self.config.verify()) {
                Verdict::Wait => {
                    from = hit.at;
                    break None;
                }
                Verdict::Reject => from = hit.at + 1,
                Verdict::Accept { verified } => {
                    return self.acquire(hit, verified);
                }
            }
        };
        self.state = State::Search { from };
        event
    }

    /// Take up a new lock at `hit` and announce it.
    fn acquire(&mut self, hit: Hit, verified: bool) -> Option<SyncEvent> {
        self.stats.locks += 1;
        self.state = State::Locked(Lock::at(hit, verified, ()));
        Some(SyncEvent::LockAcquired { stream_bit: hit.at, inverted: hit.inverted })
    }

    fn track(&mut self, view: &View<'_>, lock: Lock) -> Option<SyncEvent> {
        if lock.next + self.config.filled_len() > view.end() {
            return if view.ended() { self.last(view, lock) } else { None };
        }
        let errors = view.errors(lock.next, lock.inverted)?;
        if errors <= self.config.lock_errors() {
            let sync = if lock.verified { SyncQuality::Locked } else { SyncQuality::Unverified };
            return Some(self.cadu(Lock { misses: 0, ..lock }, errors, sync));
        }
        if let Some(hit) = view.inverted_marker(lock.next, lock.inverted) {
            return Some(self.move_lock(lock, hit));
        }
        match self.slipped(view, lock) {
            Ok(Some(event)) => Some(event),
            Ok(None) => self.miss(view, lock, errors),
            Err(Wait) => None,
        }
    }

    /// The stream ends before the CADU that is expected next does. If bits were lost, it began, and ended, earlier than expected.
    fn last(&mut self, view: &View<'_>, mut lock: Lock) -> Option<SyncEvent> {
        match view.errors(lock.next, lock.inverted) {
            Some(errors) if errors <= self.config.lock_errors() => None,
            _ => match self.slipped(view, lock) {
                Ok(None) => {
                    let to = lock.next;
                    self.another_alignment(view, &mut lock, to).unwrap_or(None)
                }
                Ok(event) => event,
                Err(Wait) => None,
            },
        }
    }

    /// Deliver the CADU whose marker is a few bits off, if there is one.
    fn slipped(&mut self, view: &View<'_>, lock: Lock) -> Result<Option<SyncEvent>, Wait> {
        let Some((at, errors)) = view.slipped_marker(lock.next, lock.floor, lock.inverted)? else {
            return Ok(None);
        };
        self.stats.slips += 1;
        Ok(Some(self.cadu(Lock { next: at, misses: 0, ..lock }, errors, SyncQuality::Locked)))
    }

    /// Move the lock to another verified alignment that begins before `to`, if there is one.
    fn another_alignment(
        &mut self,
        view: &View<'_>,
        lock: &mut Lock,
        to: u64,
    ) -> Result<Option<SyncEvent>, Wait> {
        let mut from = lock.floor.max(lock.searched);
        while let Some(hit) = view.first_hit(from, to) {
            match view.verify(hit, self.config.verify().max(1)) {
                Verdict::Wait => {
                    lock.searched = hit.at;
                    self.state = State::Locked(*lock);
                    return Err(Wait);
                }
                Verdict::Accept { verified: true } => return Ok(Some(self.move_lock(*lock, hit))),
                Verdict::Accept { verified: false } | Verdict::Reject => from = hit.at + 1,
            }
        }
        lock.searched = to;
        Ok(None)
    }

    /// The marker is not where it should be, nor near. Decide between damage to the marker and loss of the alignment.
    fn miss(&mut self, view: &View<'_>, mut lock: Lock, errors: u32) -> Option<SyncEvent> {
        let following = lock.next + self.config.cadu_len();
        match view.errors(following, lock.inverted) {
            None if !view.ended() => return None,
            Some(errors) if errors <= self.config.lock_errors() => {}
            _ => match self.another_alignment(view, &mut lock, following) {
                Ok(None) if lock.misses >= self.config.flywheel() => {
                    self.state = State::Search { from: lock.next };
                    return Some(SyncEvent::LockLost { stream_bit: lock.next });
                }
                Ok(None) => {}
                Ok(event) => return event,
                Err(Wait) => return None,
            },
        }
        self.stats.flywheel += 1;
        Some(self.cadu(Lock { misses: lock.misses.saturating_add(1), ..lock }, errors, SyncQuality::Flywheel))
    }

    /// Give up the lock for another one, which is announced next.
    fn move_lock(&mut self, lock: Lock, hit: Hit) -> SyncEvent {
        self.state = State::Found(Lock::at(hit, true, ()));
        SyncEvent::LockLost { stream_bit: lock.next }
    }

    /// Deliver the CADU at `lock.next` and enter it in the account.
    fn cadu(&mut self, lock: Lock, errors: u32, sync: SyncQuality) -> SyncEvent {
        let (at, filled_len, asm_len) =
            (lock.next, self.config.filled_len(), self.config.asm().len_bits() as u64);
        self.stats.cadus += 1;
        self.stats.marker_bit_errors += u64::from(errors);
        // After lost bits a CADU begins before the one ahead of it seemed to end.
        let overlap = self.accounted.saturating_sub(at).min(filled_len - asm_len);
        self.stats.bits.discarded += at.saturating_sub(self.accounted);
        self.stats.bits.markers += asm_len;
        self.stats.bits.frames += filled_len - asm_len - overlap;
        self.accounted = at + filled_len;
        self.state = State::Locked(Lock { next: at + self.config.cadu_len(), floor: at + asm_len, ..lock });

        SyncEvent::Cadu(CaduLoc::of(at, self.dropped, lock.inverted, errors, sync))
    }
}

impl<K: Copy> State<K> {
    /// Octets at the front of the window that will not be looked at again; `first_bit` is where in the stream it begins.
    fn spent(&self, first_bit: u64, window_len: usize) -> usize {
        let needed = match self {
            Self::Search { from } => *from,
            Self::Found(lock) | Self::Locked(lock) => lock.floor,
        };
        usize::try_from(needed.saturating_sub(first_bit) / 8).unwrap_or(usize::MAX).min(window_len)
    }

    /// `stats` with what was searched in vain since the last CADU, and what is yet to be decided.
    fn settle(&self, mut stats: SyncStats, accounted: u64, seen: u64) -> SyncStats {
        let decided = match self {
            Self::Search { from } => accounted.max(*from),
            Self::Found(_) | Self::Locked(_) => accounted,
        };
        stats.bits.discarded += decided.saturating_sub(accounted);
        stats.bits.pending = seen.saturating_sub(decided);
        stats
    }
}

impl<K> Lock<K> {
    const fn at(hit: Hit, verified: bool, coding: K) -> Self {
        Self {
            next: hit.at,
            floor: hit.at,
            searched: hit.at,
            misses: 0,
            inverted: hit.inverted,
            verified,
            coding,
        }
    }
}

/// What is to be made of a candidate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Accept { verified: bool },
    Reject,
    Wait,
}

/// More of the stream must be seen before anything can be decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Wait;

/// What one poll found, and how many leading octets may be dropped *after* using it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct Step {
    /// Octets at the front of the window that are not needed any more.
    pub advance: usize,
    /// What was found; `None` asks for more input.
    pub event: Option<SyncEvent>,
}

/// What the synchronizer found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SyncEvent {
    /// A whole CADU.
    Cadu(CaduLoc),
    /// CADUs follow from here on.
    LockAcquired {
        /// First bit of the first marker.
        stream_bit: u64,
        /// Whether the stream is inverted.
        inverted: bool,
    },
    /// The marker expected here is missing.
    LockLost {
        /// Where it was expected.
        stream_bit: u64,
    },
}

/// Where one CADU lies in the window that was polled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CaduLoc {
    /// Octet of the window in which the marker begins.
    pub offset: usize,
    /// First bit of the marker in that octet, 0 to 7.
    pub bit: u8,
    /// Whether the CADU is inverted.
    pub inverted: bool,
    /// Bit errors in the marker.
    pub asm_errors: u8,
    /// How the place was established.
    pub sync: SyncQuality,
    /// First bit of the marker in the stream.
    pub stream_bit: u64,
}

impl CaduLoc {
    /// At this bit of the stream, in a window that begins behind so many octets.
    fn of(stream_bit: u64, dropped: u64, inverted: bool, errors: u32, sync: SyncQuality) -> Self {
        let offset = stream_bit.saturating_sub(dropped.saturating_mul(8));
        Self {
            offset: usize::try_from(offset / 8).unwrap_or(usize::MAX),
            bit: (offset % 8) as u8,
            inverted,
            asm_errors: u8::try_from(errors).unwrap_or(u8::MAX),
            sync,
            stream_bit,
        }
    }
}

/// What a synchronizer found so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct SyncStats {
    /// CADUs delivered.
    pub cadus: u64,
    /// Those of them whose marker was not recognised.
    pub flywheel: u64,
    /// Locks acquired.
    pub locks: u64,
    /// Markers found a few bits off.
    pub slips: u64,
    /// Bit errors in the markers of all CADUs delivered.
    pub marker_bit_errors: u64,
    /// Where every bit went.
    pub bits: BitLedger,
}

impl SyncStats {
    /// Nothing found.
    pub const EMPTY: Self =
        Self { cadus: 0, flywheel: 0, locks: 0, slips: 0, marker_bit_errors: 0, bits: BitLedger::EMPTY };
}

#[cfg(test)]
mod tests;
