//! Which slots are to be run when one has come.

use std::time::Duration;

use super::{Missed, Schedule};
use crate::Timestamp;

/// A slot that is looked at within this time is on time, however it came about that it was not earlier.
pub const GRACE: Duration = Duration::from_mins(1);
/// The most slots that are made up for.
pub const MOST_MISSED: usize = 100;

/// What is to be done once a slot has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The slots to run now, oldest first.
    pub slots: Vec<Timestamp>,
    /// The next slot, which is later than now.
    pub next: Option<Timestamp>,
}

impl Schedule {
    /// What is to be done at `now`, when the slots from `slot` on were not run yet.
    pub fn due(&self, slot: Timestamp, now: Timestamp) -> Due {
        let come = |until| self.last_until(until).filter(|last| *last >= slot);
        let mut slots = Vec::new();
        let mut last = come(now);
        while let Some(found) = last {
            let (first, on_time) = (slots.is_empty(), now.since(found) <= GRACE);
            let wanted = match self.missed {
                Missed::RunOnce => first,
                Missed::Skip => first && on_time,
                Missed::RunAll => slots.len() < MOST_MISSED,
            };
            if !wanted {
                break;
            }
            slots.push(found);
            last = come(found.minus(Duration::from_micros(1)));
        }
        slots.reverse();
        Due { slots, next: self.next_after(now) }
    }
}
