//! Who may use processor and memory now: so many at a time, in the order of asking.

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// No more runs than this are under way, those that wait for receivers among them: each holds its
/// municipality's data and a thread.
const MOST_UNDER_WAY: usize = 64;

/// The turns there are.
pub(super) struct Turns {
    at_a_time: usize,
    taken: Mutex<Taken>,
    freed: Condvar,
}

#[derive(Default)]
struct Taken {
    at_work: usize,
    under_way: usize,
}

impl Turns {
    pub(super) fn new(at_a_time: NonZeroUsize) -> Turns {
        let at_a_time = at_a_time.get().min(MOST_UNDER_WAY);
        Turns { at_a_time, taken: Mutex::default(), freed: Condvar::new() }
    }

    /// Waits for a turn.
    pub(super) fn begin(&self) -> Turn<'_> {
        self.take(|taken| taken.under_way < MOST_UNDER_WAY).under_way += 1;
        Turn { turns: self, at_work: Cell::new(true) }
    }

    fn take(&self, may: impl Fn(&Taken) -> bool) -> MutexGuard<'_, Taken> {
        let waits = |taken: &mut Taken| taken.at_work >= self.at_a_time || !may(taken);
        let freed = self.freed.wait_while(self.taken(), waits);
        let mut taken = freed.unwrap_or_else(PoisonError::into_inner);
        taken.at_work += 1;
        taken
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One run's turn, from its beginning to its end.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    at_work: Cell<bool>,
}

impl Turn<'_> {
    /// Lets another one work while this one waits for something outside.
    pub(super) fn hand_on(&self) {
        if self.at_work.replace(false) {
            self.turns.taken().at_work -= 1;
            self.turns.freed.notify_all();
        }
    }

    /// Waits until this one may work again.
    pub(super) fn take_back(&self) {
        if !self.at_work.replace(true) {
            drop(self.turns.take(|_| true));
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.hand_on();
        self.turns.taken().under_way -= 1;
        self.turns.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn turns(at_a_time: usize) -> Turns {
        Turns::new(NonZeroUsize::new(at_a_time).unwrap())
    }

    #[test]
    fn no_more_work_at_once_than_agreed() {
        let turns = turns(2);
        let (working, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..40 {
                let turn = turns.begin();
                let (working, most) = (&working, &most);
                scope.spawn(move || {
                    for _ in 0..3 {
                        most.fetch_max(
                            working.fetch_add(1, Ordering::SeqCst) + 1,
                            Ordering::SeqCst,
                        );
                        thread::sleep(Duration::from_millis(1));
                        working.fetch_sub(1, Ordering::SeqCst);
                        turn.hand_on();
                        thread::sleep(Duration::from_millis(1));
                        turn.take_back();
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 2);
        let left = turns.taken();
        assert_eq!((left.at_work, left.under_way), (0, 0));
    }

    #[test]
    fn one_that_waits_lets_all_others_through_and_too_many_wait_for_an_end() {
        let turns = turns(1);
        let (sent, came) = mpsc::channel();
        let waiting: Vec<Turn<'_>> = (0..MOST_UNDER_WAY)
            .map(|_| {
                let turn = turns.begin();
                turn.hand_on();
                turn
            })
            .collect();
        thread::scope(|scope| {
            let turns = &turns;
            scope.spawn(move || {
                let _turn = turns.begin();
                sent.send(()).unwrap();
            });
            assert!(came.recv_timeout(Duration::from_millis(200)).is_err(), "one too many");
            drop(waiting);
            came.recv_timeout(Duration::from_secs(20)).unwrap();
        });
    }
}
