//! Leaves a server alone that does not work, so that one that hangs costs other workspaces nothing.

use std::{collections::BTreeMap, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

/// After how many failed calls in a row, or calls that wait too long at once, a server is left alone.
const STRIKES: usize = 4;
/// The longest that a server is left alone before it is tried again.
const LONGEST_REST: Duration = Duration::from_secs(15);
/// How much repeating a call earns: ten calls pay for one repetition.
const EARNED: f32 = 0.1;
const MOST_EARNED: f32 = 10.0;

/// What is known of one server.
#[derive(Debug)]
pub(super) struct Breaker {
    patience: Duration,
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    strikes: usize,
    /// Closed for others until then; who comes first afterwards tries.
    closed: Option<Closed>,
    /// When each call that is under way began.
    waiting: BTreeMap<u64, Instant>,
    next: u64,
    repetitions: f32,
}

#[derive(Debug, Clone, Copy)]
struct Closed {
    until: Instant,
    rest: Duration,
    probing: bool,
}

/// A call under way. Dropped without a word about its end, as when its caller went away, it says nothing of the server.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    number: u64,
    probe: bool,
}

impl Breaker {
    pub(super) fn new(patience: Duration, rest: Duration) -> Self {
        let state = State { strikes: 0, closed: None, waiting: BTreeMap::new(), next: 0, repetitions: 3.0 };
        Self { patience, rest, state: Mutex::new(state) }
    }

    /// Lets a call through, or says how long the server is left alone. A call that is slow by its nature is `patient`.
    pub(super) fn enter(&self, now: Instant, patient: bool) -> Result<Pass<'_>, Duration> {
        let mut state = self.state.lock();
        let mut probe = false;
        if let Some(closed) = &mut state.closed {
            if closed.probing || now < closed.until {
                return Err(closed.until.saturating_duration_since(now).max(Duration::from_millis(100)));
            }
            closed.probing = true;
            probe = true;
        } else if state.waiting.values().filter(|began| now.duration_since(**began) > self.patience).count() >= STRIKES
        {
            state.close(now, self.rest);
            return Err(self.rest);
        }
        let number = state.next;
        state.next += 1;
        if !patient {
            state.waiting.insert(number, now);
        }
        state.repetitions = (state.repetitions + EARNED).min(MOST_EARNED);
        Ok(Pass { breaker: self, number, probe })
    }

    /// Whether a call may be repeated: repetitions make up a tenth of all calls at most.
    pub(super) fn may_repeat(&self) -> bool {
        let mut state = self.state.lock();
        let may = state.repetitions >= 1.0;
        if may {
            state.repetitions -= 1.0;
        }
        may
    }
}

impl State {
    fn close(&mut self, now: Instant, rest: Duration) {
        self.closed = Some(Closed { until: now + rest, rest, probing: false });
    }
}

impl Pass<'_> {
    /// The server answered, whatever it said.
    pub(super) fn worked(self) {
        let mut state = self.breaker.state.lock();
        state.strikes = 0;
        state.closed = None;
    }

    /// The server as a whole does not work.
    pub(super) fn failed(self, now: Instant) {
        let mut state = self.breaker.state.lock();
        state.strikes += 1;
        if self.probe {
            let rest = state.closed.map_or(self.breaker.rest, |closed| (closed.rest * 2).min(LONGEST_REST));
            state.close(now, rest);
        } else if state.strikes >= STRIKES && state.closed.is_none() {
            state.close(now, self.breaker.rest);
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.breaker.state.lock();
        state.waiting.remove(&self.number);
        if self.probe
            && let Some(closed) = &mut state.closed
        {
            closed.probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(4);
    const REST: Duration = Duration::from_secs(2);

    fn fail(breaker: &Breaker, now: Instant) {
        breaker.enter(now, false).unwrap().failed(now);
    }

    #[tokio::test]
    async fn a_server_that_fails_again_and_again_is_left_alone_and_tried_by_one() {
        let (breaker, start) = (Breaker::new(PATIENCE, REST), Instant::now());
        (0..STRIKES).for_each(|_| fail(&breaker, start));
        assert!(breaker.enter(start, false).is_err());
        let later = start + REST;
        let probe = breaker.enter(later, false).unwrap();
        assert!(breaker.enter(later, false).is_err(), "one tries, the others wait for what it finds");
        probe.failed(later);
        assert!(breaker.enter(later + REST, false).is_err(), "it is left alone for longer");
        breaker.enter(later + REST * 2, false).unwrap().worked();
        breaker.enter(later + REST * 2, false).unwrap().worked();
    }

    #[tokio::test]
    async fn a_server_that_hangs_is_left_alone_before_the_calls_have_run_out_of_time() {
        let (breaker, start) = (Breaker::new(PATIENCE, REST), Instant::now());
        let waiting: Vec<_> = (0..STRIKES).map(|_| breaker.enter(start, false).unwrap()).collect();
        assert!(breaker.enter(start + PATIENCE, false).is_ok());
        assert!(breaker.enter(start + PATIENCE + Duration::from_millis(1), false).is_err());
        drop(waiting);
        breaker.enter(start + PATIENCE + REST * 2, false).unwrap().worked();
    }

    #[tokio::test]
    async fn calls_that_are_slow_by_nature_close_nothing() {
        let (breaker, start) = (Breaker::new(PATIENCE, REST), Instant::now());
        let _waiting: Vec<_> = (0..STRIKES * 2).map(|_| breaker.enter(start, true).unwrap()).collect();
        assert!(breaker.enter(start + PATIENCE * 2, false).is_ok());
    }

    #[tokio::test]
    async fn one_call_in_ten_may_be_repeated() {
        let (breaker, now) = (Breaker::new(PATIENCE, REST), Instant::now());
        while breaker.may_repeat() {}
        let repeated = (0..1_000).filter(|_| {
            breaker.enter(now, false).unwrap().worked();
            breaker.may_repeat()
        });
        assert!((95..=100).contains(&repeated.count()));
    }
}
