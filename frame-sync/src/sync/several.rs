//! Several markers in one stream: codings that take turns, CADU by CADU or pass by pass (131.0-B-6 §9).

use ccsds_core::quality::SyncQuality;

use super::view::{Hit, View};
use super::{CaduLoc, Lock, State, Step, SyncConfig, SyncEvent, SyncStats, Verdict, Wait};

/// Finds CADUs of several codings in one bit stream, each behind the marker of its coding.
///
/// Wherever a marker is expected, that of any coding will do, and it tells how long the CADU is. So codings may alternate, or give
/// way to one another, and every bit is still in one account. With a single coding this does what a [`super::Synchronizer`] does.
///
/// `C` holds the codings: an array in firmware, a `Vec` on a host. Verification, flywheel and polarity are those of the first one.
/// Of two markers of which one begins with the other the longer one counts.
#[derive(Clone, Debug)]
pub struct SeveralSynchronizer<C> {
    codings: C,
    state: State<Coded>,
    /// Octets dropped so far: the stream position of the window's first one.
    dropped: u64,
    /// Bits shown so far.
    seen: u64,
    /// End of the last CADU: every bit before it is in the account.
    accounted: u64,
    stats: SyncStats,
}

/// Which coding, by its place among those given.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Coded(usize);

impl<C: AsRef<[SyncConfig]>> SeveralSynchronizer<C> {
    /// A synchronizer that has seen nothing; without any coding it finds nothing.
    #[must_use]
    pub const fn new(codings: C) -> Self {
        Self {
            codings,
            state: State::Search { from: 0 },
            dropped: 0,
            seen: 0,
            accounted: 0,
            stats: SyncStats::EMPTY,
        }
    }

    /// Examine `window`: the octets not dropped yet, oldest first. No event asks for more input.
    pub fn poll(&mut self, window: &[u8]) -> CodedStep {
        self.step(window, false)
    }

    /// The same, when nothing will follow `window`. Call it until there is no event.
    pub fn finish(&mut self, window: &[u8]) -> CodedStep {
        self.step(window, true)
    }

    /// The codings.
    #[must_use]
    pub fn codings(&self) -> &[SyncConfig] {
        self.codings.as_ref()
    }

    /// Octets of window that suffice for every decision.
    #[must_use]
    pub fn window_len(&self) -> usize {
        let longest = self.longest();
        let cadus = 2 + usize::from(self.first().0.max(1)) + 1;
        let bits =
            (cadus as u64).saturating_mul(longest.cadu).saturating_add(longest.asm).saturating_add(255);
        usize::try_from(bits / 8).unwrap_or(usize::MAX).saturating_add(2)
    }

    /// What was found so far, and where every bit shown so far went.
    pub fn stats(&self) -> SyncStats {
        self.state.settle(self.stats, self.accounted, self.seen)
    }

    fn step(&mut self, window: &[u8], ended: bool) -> CodedStep {
        let first_bit = self.dropped.saturating_mul(8);
        let at = Place { window, first_bit, ended };
        self.seen = self.seen.max(at.end());
        let found = match self.state {
            State::Search { from } => self.search(at, from),
            State::Found(lock) => {
                self.state = State::Locked(lock);
                self.stats.locks += 1;
                let event = SyncEvent::LockAcquired { stream_bit: lock.next, inverted: lock.inverted };
                Some((lock.coding, event))
            }
            State::Locked(lock) => self.track(at, lock),
        };
        let advance = self.state.spent(first_bit, window.len());
        self.dropped = self.dropped.saturating_add(advance as u64);
        let (coding, event) = found.map_or((0, None), |(Coded(coding), event)| (coding, Some(event)));
        CodedStep { coding, step: Step { advance, event } }
    }

    fn search(&mut self, at: Place<'_>, mut from: u64) -> Option<Found> {
        loop {
            // A place is decided when the longest marker could begin there.
            let limit = self.views(at).map(|(_, view)| view.undecided_from()).min().unwrap_or(at.end());
            let Some((coding, hit)) = self.first_hit(at, from, limit) else {
                self.state = State::Search { from: from.max(limit) };
                return None;
            };
            match self.verify(at, coding, hit, self.first().0) {
                Verdict::Wait => {
                    self.state = State::Search { from: hit.at };
                    return None;
                }
                Verdict::Reject => from = hit.at.saturating_add(1),
                Verdict::Accept { verified } => {
                    self.stats.locks += 1;
                    self.state = State::Locked(Lock::at(hit, verified, coding));
                    let event = SyncEvent::LockAcquired { stream_bit: hit.at, inverted: hit.inverted };
                    return Some((coding, event));
                }
            }
        }
    }

    fn track(&mut self, at: Place<'_>, lock: Lock<Coded>) -> Option<Found> {
        match self.marker(at, lock.next, lock.inverted) {
            Err(Wait) => return None,
            Ok(Some((coding, errors))) => {
                let whole = lock.next.saturating_add(self.filled_len(coding)) <= at.end();
                let sync = if lock.verified { SyncQuality::Locked } else { SyncQuality::Unverified };
                let lock = Lock { misses: 0, coding, ..lock };
                return whole.then(|| self.cadu(lock, errors, sync));
            }
            Ok(None) => {}
        }
        // Nothing is decided before the longest of the CADUs expected here could be there.
        if lock.next.saturating_add(self.longest().filled) > at.end() && !at.ended {
            return None;
        }
        if lock.next.saturating_add(self.filled_len(lock.coding)) > at.end() {
            return self.last(at, lock);
        }
        let turned = self.views(at).filter_map(|(coding, view)| {
            let hit = view.inverted_marker(lock.next, lock.inverted)?;
            Some((self.rank(coding, hit.errors), coding, hit))
        });
        if let Some((_, coding, hit)) = turned.min_by_key(|&(rank, ..)| rank) {
            return Some(self.move_lock(lock, coding, hit));
        }
        match self.slipped(at, lock) {
            Ok(Some(found)) => Some(found),
            Ok(None) => self.miss(at, lock),
            Err(Wait) => None,
        }
    }

    /// The stream ends before the CADU that is expected next does. If bits were lost, it began, and ended, earlier than expected.
    fn last(&mut self, at: Place<'_>, mut lock: Lock<Coded>) -> Option<Found> {
        match self.slipped(at, lock) {
            Ok(None) => {
                let to = lock.next;
                self.another_alignment(at, &mut lock, to).unwrap_or(None)
            }
            Ok(found) => found,
            Err(Wait) => None,
        }
    }

    /// Deliver the CADU whose marker is a few bits off, if there is one.
    fn slipped(&mut self, at: Place<'_>, lock: Lock<Coded>) -> Result<Option<Found>, Wait> {
        let mut best: Option<(u64, Rank, Coded, u64, u32)> = None;
        for (coding, view) in self.views(at) {
            if let Some((place, errors)) = view.slipped_marker(lock.next, lock.floor, lock.inverted)? {
                let (distance, rank) = (place.abs_diff(lock.next), self.rank(coding, errors));
                if best.is_none_or(|(far, other, ..)| (distance, rank) < (far, other)) {
                    best = Some((distance, rank, coding, place, errors));
                }
            }
        }
        let Some((_, _, coding, next, errors)) = best else { return Ok(None) };
        self.stats.slips += 1;
        Ok(Some(self.cadu(Lock { next, misses: 0, coding, ..lock }, errors, SyncQuality::Locked)))
    }

    /// No marker is where one should be, nor near. Decide between damage to it and loss of the alignment.
    fn miss(&mut self, at: Place<'_>, mut lock: Lock<Coded>) -> Option<Found> {
        // The nearest marker behind tells which coding this is: one further on has whole CADUs before it.
        let mut confirmed: Option<Coded> = None;
        let others = (0..self.codings().len()).map(Coded).filter(|coding| *coding != lock.coding);
        for coding in core::iter::once(lock.coding).chain(others) {
            match self.marker(at, lock.next.saturating_add(self.cadu_len(coding)), lock.inverted) {
                Ok(Some(_)) if confirmed.is_none_or(|other| self.cadu_len(coding) < self.cadu_len(other)) => {
                    confirmed = Some(coding);
                }
                Ok(_) => {}
                Err(Wait) => return None,
            }
        }
        let coding = confirmed.unwrap_or(lock.coding);
        let following = lock.next.saturating_add(self.cadu_len(coding));
        if confirmed.is_none() {
            match self.another_alignment(at, &mut lock, following) {
                Ok(Some(found)) => return Some(found),
                Ok(None) if lock.misses >= self.first().1 => {
                    self.state = State::Search { from: lock.next };
                    return Some((lock.coding, SyncEvent::LockLost { stream_bit: lock.next }));
                }
                Ok(None) => {}
                Err(Wait) => return None,
            }
        }
        if lock.next.saturating_add(self.filled_len(coding)) > at.end() {
            return None;
        }
        let (_, view) = self.views(at).find(|(other, _)| *other == coding)?;
        let errors = view.errors(lock.next, lock.inverted)?;
        self.stats.flywheel += 1;
        let lock = Lock { misses: lock.misses.saturating_add(1), coding, ..lock };
        Some(self.cadu(lock, errors, SyncQuality::Flywheel))
    }

    /// Move the lock to another verified alignment that begins before `to`, if there is one.
    fn another_alignment(
        &mut self,
        at: Place<'_>,
        lock: &mut Lock<Coded>,
        to: u64,
    ) -> Result<Option<Found>, Wait> {
        let mut from = lock.floor.max(lock.searched);
        while let Some((coding, hit)) = self.first_hit(at, from, to) {
            match self.verify(at, coding, hit, self.first().0.max(1)) {
                Verdict::Wait => {
                    lock.searched = hit.at;
                    self.state = State::Locked(*lock);
                    return Err(Wait);
                }
                Verdict::Accept { verified: true } => return Ok(Some(self.move_lock(*lock, coding, hit))),
                Verdict::Accept { verified: false } | Verdict::Reject => from = hit.at.saturating_add(1),
            }
        }
        lock.searched = to;
        Ok(None)
    }

    /// The first candidate at or after `from` and before `to`, of whichever coding.
    fn first_hit(&self, at: Place<'_>, from: u64, to: u64) -> Option<(Coded, Hit)> {
        let hits = self.views(at).filter_map(|(coding, view)| {
            let hit = view.first_hit(from, to)?;
            Some(((hit.at, self.rank(coding, hit.errors)), coding, hit))
        });
        hits.min_by_key(|&(key, ..)| key).map(|(_, coding, hit)| (coding, hit))
    }

    /// The marker at `bit`, of whichever coding, and its errors; waits until the longest one would be there.
    fn marker(&self, at: Place<'_>, bit: u64, inverted: bool) -> Result<Option<(Coded, u32)>, Wait> {
        if bit.saturating_add(self.longest().asm) > at.end() && !at.ended {
            return Err(Wait);
        }
        let fitting = self.views(at).filter_map(|(coding, view)| {
            let errors = view.errors(bit, inverted)?;
            (errors <= view.config().lock_errors()).then_some((self.rank(coding, errors), coding, errors))
        });
        Ok(fitting.min_by_key(|&(rank, ..)| rank).map(|(_, coding, errors)| (coding, errors)))
    }

    /// Whether the markers that must follow `hit` are there.
    fn verify(&self, at: Place<'_>, coding: Coded, hit: Hit, wanted: u8) -> Verdict {
        let most_missed = u8::from(self.first().1 > 0);
        let (mut seen, mut missed, mut latest, mut bit) = (0, 0, coding, hit.at);
        while seen < wanted {
            bit = bit.saturating_add(self.cadu_len(latest));
            let there = bit.saturating_add(self.shortest_asm()) <= at.end();
            match self.marker(at, bit, hit.inverted) {
                Err(Wait) => return Verdict::Wait,
                Ok(Some((following, _))) => (seen, latest) = (seen + 1, following),
                // The stream ends: a candidate counts if nothing at all speaks against it.
                Ok(None) if !there => {
                    let whole = hit.at.saturating_add(self.filled_len(coding)) <= at.end();
                    return match (hit.errors, missed) {
                        (0, 0) if whole => Verdict::Accept { verified: false },
                        // An unfinished CADU.
                        (0, 0) => Verdict::Wait,
                        _ => Verdict::Reject,
                    };
                }
                Ok(None) if missed < most_missed => missed += 1,
                Ok(None) => return Verdict::Reject,
            }
        }
        Verdict::Accept { verified: true }
    }

    /// Give up the lock for another one, which is announced next.
    fn move_lock(&mut self, lock: Lock<Coded>, coding: Coded, hit: Hit) -> Found {
        self.state = State::Found(Lock::at(hit, true, coding));
        (lock.coding, SyncEvent::LockLost { stream_bit: lock.next })
    }

    /// Deliver the CADU at `lock.next` and enter it in the account.
    fn cadu(&mut self, lock: Lock<Coded>, errors: u32, sync: SyncQuality) -> Found {
        let (at, filled_len, asm_len) = (lock.next, self.filled_len(lock.coding), self.asm_len(lock.coding));
        self.stats.cadus += 1;
        self.stats.marker_bit_errors += u64::from(errors);
        // A CADU may begin in a longer one that was not there, and even end in it: no bit is counted twice.
        let end = at.saturating_add(filled_len);
        let new = end.saturating_sub(self.accounted.max(at));
        self.stats.bits.discarded += at.saturating_sub(self.accounted);
        self.stats.bits.markers += asm_len.min(new);
        self.stats.bits.frames += new.saturating_sub(asm_len);
        self.accounted = self.accounted.max(end);
        let next = at.saturating_add(self.cadu_len(lock.coding));
        self.state = State::Locked(Lock { next, floor: at.saturating_add(asm_len), ..lock });
        (lock.coding, SyncEvent::Cadu(CaduLoc::of(at, self.dropped, lock.inverted, errors, sync)))
    }

    fn views<'a>(&'a self, at: Place<'a>) -> impl Iterator<Item = (Coded, View<'a>)> {
        self.codings.as_ref().iter().enumerate().map(move |(coding, config)| {
            (Coded(coding), View::new(config, at.window, at.first_bit, at.ended, None))
        })
    }

    /// Of two markers that match, which one is meant: the one less likely to match by chance.
    fn rank(&self, coding: Coded, errors: u32) -> Rank {
        let weight = self.config(coding).map_or(0, |config| config.asm().weight());
        (u32::MAX.saturating_sub(weight), errors)
    }

    fn config(&self, coding: Coded) -> Option<&SyncConfig> {
        self.codings.as_ref().get(coding.0)
    }

    fn cadu_len(&self, coding: Coded) -> u64 {
        self.config(coding).map_or(1, SyncConfig::cadu_len)
    }

    fn filled_len(&self, coding: Coded) -> u64 {
        self.config(coding).map_or(1, SyncConfig::filled_len)
    }

    fn asm_len(&self, coding: Coded) -> u64 {
        self.config(coding).map_or(0, |config| config.asm().len_bits() as u64)
    }

    /// Markers that verify a candidate, and those that may be missed.
    fn first(&self) -> (u8, u8) {
        self.codings.as_ref().first().map_or((0, 0), |config| (config.verify(), config.flywheel()))
    }

    fn shortest_asm(&self) -> u64 {
        self.codings.as_ref().iter().map(|config| config.asm().len_bits() as u64).min().unwrap_or(0)
    }

    fn longest(&self) -> Longest {
        self.codings.as_ref().iter().fold(Longest::default(), |longest, config| Longest {
            asm: longest.asm.max(config.asm().len_bits() as u64),
            cadu: longest.cadu.max(config.cadu_len()),
            filled: longest.filled.max(config.filled_len()),
        })
    }
}

/// A window and its place in the stream.
#[derive(Clone, Copy)]
struct Place<'a> {
    window: &'a [u8],
    first_bit: u64,
    ended: bool,
}

impl Place<'_> {
    const fn end(&self) -> u64 {
        self.first_bit.saturating_add((self.window.len() as u64).saturating_mul(8))
    }
}

type Found = (Coded, SyncEvent);

/// The least is the best match.
type Rank = (u32, u32);

/// The longest of all codings.
#[derive(Clone, Copy, Default)]
struct Longest {
    asm: u64,
    cadu: u64,
    filled: u64,
}

/// What one poll found, and of which coding it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct CodedStep {
    /// Which coding the event is about, by its place among those given; 0 without an event.
    pub coding: usize,
    /// The event, and how many leading octets may be dropped *after* using it.
    pub step: Step,
}

#[cfg(test)]
mod tests;
