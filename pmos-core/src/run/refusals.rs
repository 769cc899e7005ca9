//! Deliveries that were refused, as the owner of an automation sees them: failed runs that say why.

use std::time::Duration;

use moka::sync::Cache;
use parking_lot::Mutex;

use std::sync::Arc;

use super::{RunState, RunStatus, RunSummary};
use crate::{
    Error, FlowId, Kind, Timestamp,
    event::NewEvent,
    store::{RunBatch, RunRow},
};

/// At most one refusal of a flow is written down in this time; the others are counted.
const EVERY: Duration = Duration::from_mins(1);

/// How many deliveries of each flow were refused since one was written down.
pub(super) struct Refusals(Cache<FlowId, Arc<Mutex<Seen>>>);

#[derive(Default)]
struct Seen {
    written: Option<Timestamp>,
    others: u64,
}

impl Refusals {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_hours(1)).build())
    }

    /// Counts a refusal; when it is to be written down, how many others were not since the last one.
    fn count(&self, flow: FlowId, now: Timestamp) -> Option<u64> {
        let seen = self.0.get_with(flow, Arc::default);
        let mut seen = seen.lock();
        if seen.written.is_some_and(|written| now.since(written) < EVERY) {
            seen.others += 1;
            return None;
        }
        seen.written = Some(now);
        Some(std::mem::take(&mut seen.others))
    }

    /// What is to be said of a refused delivery; none when it is not for the owner, or too many came at once.
    pub(super) fn said(&self, flow: FlowId, error: &Error, now: Timestamp) -> Option<String> {
        // What the sender has to mend, and not what it may not or what is too much at the moment.
        if !matches!(error.kind(), Kind::Malformed | Kind::TooLarge | Kind::UnknownForm) {
            return None;
        }
        let others = match self.count(flow, now)? {
            0 => String::new(),
            1 => " So was another one since the last that is listed.".to_owned(),
            others => format!(" So were {others} others since the last that is listed."),
        };
        Some(format!("A delivery was refused. {}{others}", error.detail()))
    }
}

/// A run that did not begin, because its delivery was refused.
pub(super) fn refused(run: RunSummary, why: String, events: Vec<NewEvent>) -> RunBatch {
    let at = run.started_at;
    let state =
        RunState { finished_at: Some(at), duration_us: Some(0), error: Some(why), ..RunState::of(RunStatus::Failed) };
    RunBatch {
        run: run.id,
        epoch: 0,
        begin: Some(RunRow::new(RunSummary { status: RunStatus::Failed, ..run }, None)),
        state,
        first: 0,
        records: Vec::new(),
        children: Vec::new(),
        has_children: false,
        parent: None,
        answers: Vec::new(),
        at,
        events,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::Id;

    #[test]
    fn a_flood_of_refusals_is_told_once_a_minute_with_its_number() {
        let refusals = Refusals::new();
        let flow = FlowId::from_uuid(Uuid::from_u128(1));
        let error = Error::new(Kind::Malformed, "malformed_body", "It is not JSON.");
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        assert_eq!(refusals.said(flow, &error, at(0)).unwrap(), "A delivery was refused. It is not JSON.");
        for second in 1..60 {
            assert!(refusals.said(flow, &error, at(second)).is_none());
        }
        let again = refusals.said(flow, &error, at(60)).unwrap();
        assert!(again.ends_with("So were 59 others since the last that is listed."), "{again}");
        assert!(refusals.said(FlowId::from_uuid(Uuid::from_u128(2)), &error, at(60)).is_some(), "each flow by itself");
        assert!(refusals.said(flow, &Error::unavailable("begin"), at(999)).is_none(), "that is not the sender's fault");
    }
}
