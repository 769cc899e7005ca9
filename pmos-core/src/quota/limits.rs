//! Limits that are kept in memory, because asking the store each time would cost more than the act.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};
use moka::sync::Cache;
use parking_lot::Mutex;

use super::QuotaKey;
use crate::{
    Clock, Error, Kind, Result, Timestamp, WorkspaceId, WorkspaceScope,
    store::{Access, Store, UnitOfWork},
};

/// How long a limit is believed; a change in this process is seen at once.
const BELIEVED: Duration = Duration::from_mins(1);

/// The limits of each workspace that are counted in this process.
#[derive(Debug)]
pub(crate) struct Limits {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    known: Cache<WorkspaceId, Arc<Known>>,
    runs: Cache<WorkspaceId, Arc<Mutex<RunsOfDay>>>,
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// What a workspace has left of its requests per minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests per minute.
    pub limit: u32,
    /// Requests that may follow at once.
    pub remaining: u32,
    /// Until all of them are there again or, with none left, until the next one is.
    pub reset: Duration,
}

#[derive(Debug)]
struct Known {
    requests: Option<Limiter>,
    runs_per_day: Option<u64>,
}

#[derive(Debug)]
struct RunsOfDay {
    midnight: Timestamp,
    count: u64,
}

impl Limits {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            known: Cache::builder().max_capacity(100_000).time_to_live(BELIEVED).build(),
            runs: Cache::builder().max_capacity(100_000).build(),
        }
    }

    pub(crate) fn forget(&self, workspace: WorkspaceId) {
        self.known.invalidate(&workspace);
        self.runs.invalidate(&workspace);
    }

    pub(crate) fn forget_all(&self) {
        self.known.invalidate_all();
        self.runs.invalidate_all();
    }

    /// Counts a run that is about to begin. Who holds a unit lends it: one who waits for a second unit while it keeps
    /// the first from others could wait for ever.
    pub(crate) async fn run<'u>(
        &self,
        scope: &WorkspaceScope,
        mut lent: Option<&mut (dyn UnitOfWork + 'u)>,
    ) -> Result<()> {
        let Some(limit) = self.known(scope, lent.as_deref_mut()).await?.runs_per_day else { return Ok(()) };
        let midnight = midnight_before(self.clock.now());
        let counted = if let Some(counted) = self.runs.get(&scope.workspace()) {
            counted
        } else {
            let count = match lent {
                Some(unit) => unit.runs().count_since(midnight).await?,
                None => self.store.begin(scope, Access::Read).await?.runs().count_since(midnight).await?,
            };
            self.runs.get_with(scope.workspace(), || Arc::new(Mutex::new(RunsOfDay { midnight, count })))
        };
        let mut counted = counted.lock();
        if counted.midnight < midnight {
            *counted = RunsOfDay { midnight, count: 0 };
        }
        if counted.count >= limit {
            let wait = midnight.plus(DAY).since(self.clock.now());
            return Err(exceeded(QuotaKey::RunsPerDay).retry_after(wait));
        }
        counted.count += 1;
        Ok(())
    }

    /// Counts a request and says what is left; none when there is no limit. The second part refuses it.
    pub(crate) async fn request(&self, scope: &WorkspaceScope) -> Result<(Option<Rate>, Result<()>)> {
        let known = self.known(scope, None).await?;
        let Some(limiter) = &known.requests else { return Ok((None, Ok(()))) };
        Ok(match limiter.check() {
            Ok(state) => {
                let (limit, remaining) = (state.quota().burst_size().get(), state.remaining_burst_capacity());
                let reset = state.quota().replenish_interval() * limit.saturating_sub(remaining);
                (Some(Rate { limit, remaining, reset }), Ok(()))
            }
            Err(not_until) => {
                let reset = not_until.wait_time_from(DefaultClock::default().now());
                let rate = Rate { limit: not_until.quota().burst_size().get(), remaining: 0, reset };
                (Some(rate), Err(exceeded(QuotaKey::RequestsPerMinute).retry_after(reset)))
            }
        })
    }

    async fn known<'u>(&self, scope: &WorkspaceScope, lent: Option<&mut (dyn UnitOfWork + 'u)>) -> Result<Arc<Known>> {
        if let Some(known) = self.known.get(&scope.workspace()) {
            return Ok(known);
        }
        let set = match lent {
            Some(unit) => unit.quotas().all().await?,
            None => self.store.begin(scope, Access::Read).await?.quotas().all().await?,
        };
        let limit = |wanted| set.iter().find(|(key, _)| *key == wanted).map(|(_, limit)| *limit);
        let requests = limit(QuotaKey::RequestsPerMinute).map(|limit| {
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            // A limit of zero closes the workspace but for one request a minute, so that an admin sees why.
            let quota = Quota::per_minute(NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN));
            RateLimiter::direct(quota).with_middleware()
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
        QuotaKey::ChatTokensPerDay => "tokens of conversations per day",
        QuotaKey::RequestsPerMinute => "requests per minute",
    };
    Error::new(Kind::Limited, "quota_exceeded", format!("The limit of this workspace on {what} is reached."))
        .with("quota", key)
        .retry_after(Duration::from_mins(1))
}

#[cfg(all(test, feature = "testkit"))]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        Actor, Id, Role, SystemClock,
        store::{MockQuotaRepository, MockRunRepository, MockUnitOfWork},
        testkit::{mock::MockStore, scope},
    };

    /// The store of this test refuses to begin any unit, as a pool does in which others wait for each other.
    #[tokio::test]
    async fn who_holds_a_unit_counts_a_run_without_a_second_one() {
        let mut quotas = MockQuotaRepository::new();
        quotas.expect_all().returning(|| Ok(vec![(QuotaKey::RunsPerDay, 3)]));
        let mut runs = MockRunRepository::new();
        runs.expect_count_since().once().returning(|_| Ok(2));
        let mut unit = MockUnitOfWork::new();
        unit.expect_quotas().return_var(Box::new(quotas));
        unit.expect_runs().return_var(Box::new(runs));
        let scope = scope(
            WorkspaceId::from_uuid(Uuid::from_u128(1)),
            Actor::Person(crate::UserId::from_uuid(Uuid::from_u128(2))),
            Role::Member,
        );
        let limits = Limits::new(Arc::new(MockStore::new()), Arc::new(SystemClock));
        limits.run(&scope, Some(&mut unit)).await.unwrap();
        let over = limits.run(&scope, Some(&mut unit)).await.unwrap_err();
        assert_eq!(over.code(), "quota_exceeded");
    }
}
