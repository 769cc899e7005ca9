//! A clock that stands still until it is told otherwise.

use std::time::Duration;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Clock, Result, Timestamp};

/// Time that moves only by hand, and randomness that is the same in every run with the same seed.
///
/// Identifiers sort in the order in which they were drawn, even within one millisecond.
///
/// ```
/// use std::time::Duration;
/// use pmos_core::{Clock, testkit::TestClock};
/// let clock = TestClock::seeded(7);
/// let before = clock.now();
/// clock.advance(Duration::from_micros(3));
/// assert_eq!(clock.now().since(before), Duration::from_micros(3));
/// ```
#[derive(Debug)]
pub struct TestClock(Mutex<State>);

#[derive(Debug)]
struct State {
    now: Timestamp,
    seed: u64,
    drawn: u64,
}

impl State {
    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }
}

impl TestClock {
    /// Where a new clock stands: 2026-01-01T00:00:00Z.
    pub const START: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

    /// A clock with its own stream of randomness.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(State { now: Self::START, seed, drawn: 0 }))
    }

    /// Puts the clock to a point in time, earlier or later.
    pub fn set(&self, now: Timestamp) {
        self.0.lock().now = now;
    }

    /// Lets time pass; where the clock stands then.
    pub fn advance(&self, span: Duration) -> Timestamp {
        let mut state = self.0.lock();
        state.now = state.now.plus(span);
        state.now
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::seeded(0)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.0.lock().now
    }

    fn random(&self, bytes: &mut [u8]) -> Result<()> {
        let mut state = self.0.lock();
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::new()
                .chain_update(state.seed.to_be_bytes())
                .chain_update(state.draw().to_be_bytes())
                .finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }

    fn uuid(&self) -> Result<Uuid> {
        let mut state = self.0.lock();
        let millis = u64::try_from(state.now.micros() / 1_000).unwrap_or(0);
        let mut tail = [0; 10];
        tail[..8].copy_from_slice(&state.draw().to_be_bytes());
        tail[8..].copy_from_slice(&state.seed.to_be_bytes()[6..]);
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FlowId;

    #[test]
    fn the_same_seed_draws_the_same_and_another_seed_something_else() {
        let draw = |seed| {
            let mut bytes = [0; 40];
            TestClock::seeded(seed).random(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn ids_sort_in_the_order_in_which_they_were_drawn() {
        let clock: &dyn Clock = &TestClock::default();
        let ids: Vec<FlowId> = (0..5_000).map(|_| clock.new_id().unwrap()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }
}
