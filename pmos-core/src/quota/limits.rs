//! Limits that are kept in memory, because asking the store each time would cost more than the act.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter, clock::Clock as _};
use moka::sync::Cache;
use parking_lot::Mutex;

use super::QuotaKey;
use crate::{Error, Kind, Pmos, Result, Timestamp, WorkspaceId, WorkspaceScope, store::Access};

/// How long a limit is believed; a change in this process is seen at once.
const BELIEVED: Duration = Duration::from_mins(1);

/// The limits of each workspace that are counted in this process.
#[derive(Debug)]
pub(crate) struct Limits {
    known: Cache<WorkspaceId, Arc<Known>>,
    runs: Cache<WorkspaceId, Arc<Mutex<RunsOfDay>>>,
}

#[derive(Debug)]
struct Known {
    requests: Option<DefaultDirectRateLimiter>,
    runs_per_day: Option<u64>,
}

#[derive(Debug)]
struct RunsOfDay {
    midnight: Timestamp,
    count: u64,
}

impl Limits {
    pub(crate) fn new() -> Self {
        Self {
            known: Cache::builder().max_capacity(100_000).time_to_live(BELIEVED).build(),
            runs: Cache::builder().max_capacity(100_000).build(),
        }
    }

    pub(crate) fn forget(&self, workspace: WorkspaceId) {
        self.known.invalidate(&workspace);
        self.runs.invalidate(&workspace);
    }

    /// Counts a run that is about to begin.
    pub(crate) async fn run(&self, pmos: &Pmos, scope: &WorkspaceScope) -> Result<()> {
        let Some(limit) = self.known(pmos, scope).await?.runs_per_day else { return Ok(()) };
        let midnight = midnight_before(pmos.clock().now());
        let counted = if let Some(counted) = self.runs.get(&scope.workspace()) {
            counted
        } else {
            let mut unit = pmos.store().begin(scope, Access::Read).await?;
            let count = unit.runs().count_since(midnight).await?;
            self.runs.get_with(scope.workspace(), || Arc::new(Mutex::new(RunsOfDay { midnight, count })))
        };
        let mut counted = counted.lock();
        if counted.midnight < midnight {
            *counted = RunsOfDay { midnight, count: 0 };
        }
        if counted.count >= limit {
            let wait = midnight.plus(DAY).since(pmos.clock().now());
            return Err(exceeded(QuotaKey::RunsPerDay).retry_after(wait));
        }
        counted.count += 1;
        Ok(())
    }

    /// Counts a request.
    pub(crate) async fn request(&self, pmos: &Pmos, scope: &WorkspaceScope) -> Result<()> {
        let known = self.known(pmos, scope).await?;
        let Some(limiter) = &known.requests else { return Ok(()) };
        limiter.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(governor::clock::DefaultClock::default().now());
            exceeded(QuotaKey::RequestsPerMinute).retry_after(wait)
        })
    }

    async fn known(&self, pmos: &Pmos, scope: &WorkspaceScope) -> Result<Arc<Known>> {
        if let Some(known) = self.known.get(&scope.workspace()) {
            return Ok(known);
        }
        let set = pmos.store().begin(scope, Access::Read).await?.quotas().all().await?;
        let limit = |wanted| set.iter().find(|(key, _)| *key == wanted).map(|(_, limit)| *limit);
        let requests = limit(QuotaKey::RequestsPerMinute).map(|limit| {
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            // A limit of zero closes the workspace but for one request a minute, so that an admin sees why.
            RateLimiter::direct(Quota::per_minute(NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN)))
        });
        let known = Arc::new(Known { requests, runs_per_day: limit(QuotaKey::RunsPerDay) });
        self.known.insert(scope.workspace(), known.clone());
        Ok(known)
    }
}

const DAY: Duration = Duration::from_hours(24);

/// The last midnight UTC.
pub(crate) fn midnight_before(now: Timestamp) -> Timestamp {
    let day = i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.micros() - now.micros().rem_euclid(day))
}

/// The answer when a limit of the workspace is used up.
pub(crate) fn exceeded(key: QuotaKey) -> Error {
    let what = match key {
        QuotaKey::Flows => "automations",
        QuotaKey::RunsPerDay => "runs per day",
        QuotaKey::Members => "members and invitations",
        QuotaKey::RequestsPerMinute => "requests per minute",
    };
    Error::new(Kind::Limited, "quota_exceeded", format!("The limit of this workspace on {what} is reached."))
        .with("quota", key)
        .retry_after(Duration::from_mins(1))
}
