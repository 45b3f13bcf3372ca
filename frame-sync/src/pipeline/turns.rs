//! Threads take turns: what they finished in any order is handed on in the order of their pieces.

use core::hint;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;

use crate::codec::BlockLength;
use crate::slab::FrameSlab;

/// Whose turn it is, and what is done with slabs.
pub(super) struct Turns<T> {
    /// Its last bits, as many as every processor has atomic: no two threads are that far apart.
    turn: AtomicUsize,
    /// How many threads sleep until it is their turn.
    sleeping: Mutex<usize>,
    next: Condvar,
    consumer: Mutex<Consumer<T>>,
}

struct Consumer<T> {
    take: T,
    outcome: Result<(), BlockLength>,
}

impl<T: FnMut(&FrameSlab)> Turns<T> {
    pub(super) const fn new(take: T) -> Self {
        Self {
            turn: AtomicUsize::new(0),
            sleeping: Mutex::new(0),
            next: Condvar::new(),
            consumer: Mutex::new(Consumer { take, outcome: Ok(()) }),
        }
    }

    /// The first failure, in the order of turns.
    pub(super) fn outcome(self) -> Result<(), BlockLength> {
        // A consumer that panicked: so does the scope of the threads.
        self.consumer.into_inner().map_or(Ok(()), |consumer| consumer.outcome)
    }

    fn is_on(&self, turn: u64) -> bool {
        self.turn.load(Ordering::Acquire) == turn as usize
    }

    /// Most turns come before a thread could fall asleep and wake up again.
    fn wait_for(&self, turn: u64) {
        for i in 0..SPINS + YIELDS {
            if self.is_on(turn) {
                return;
            }
            if i < SPINS { hint::spin_loop() } else { thread::yield_now() }
        }
        let Ok(mut sleeping) = self.sleeping.lock() else { return };
        *sleeping += 1;
        while !self.is_on(turn) {
            match self.next.wait(sleeping) {
                Ok(guard) => sleeping = guard,
                Err(_) => return,
            }
        }
        *sleeping -= 1;
    }

    fn pass_on(&self) {
        self.turn.fetch_add(1, Ordering::Release);
        // Whoever did not see that yet holds the lock, or sleeps.
        if self.sleeping.lock().is_ok_and(|sleeping| *sleeping > 0) {
            self.next.notify_all();
        }
    }
}

/// A thread's turn, which is passed on when this is dropped, even by a panic.
pub(super) struct Pass<'a, T: FnMut(&FrameSlab)> {
    turns: &'a Turns<T>,
    turn: u64,
}

impl<'a, T: FnMut(&FrameSlab)> Pass<'a, T> {
    pub(super) const fn new(turns: &'a Turns<T>, turn: u64) -> Self {
        Self { turns, turn }
    }

    /// Wait for the turn, and hand on the slab unless something failed before.
    ///
    /// # Errors
    /// When it did.
    pub(super) fn take(self, slab: Result<&FrameSlab, BlockLength>) -> Result<(), Stopped> {
        self.turns.wait_for(self.turn);
        let mut consumer = self.turns.consumer.lock().map_err(|_| Stopped)?;
        consumer.outcome.map_err(|_| Stopped)?;
        match slab {
            Ok(slab) => {
                (consumer.take)(slab);
                Ok(())
            }
            Err(error) => {
                consumer.outcome = Err(error);
                Err(Stopped)
            }
        }
    }
}

impl<T: FnMut(&FrameSlab)> Drop for Pass<'_, T> {
    fn drop(&mut self) {
        self.turns.wait_for(self.turn);
        self.turns.pass_on();
    }
}

/// A piece failed: what follows it is not wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopped;

/// A few microseconds.
const SPINS: usize = 200;
const YIELDS: usize = 50;
