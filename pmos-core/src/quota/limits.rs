//! Limits that are kept in memory, because asking the store each time would cost more than the act.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter, clock::Clock as _};
use moka::sync::Cache;

use super::QuotaKey;
use crate::{Error, Kind, Pmos, Result, WorkspaceId, WorkspaceScope, store::Access};

/// How long a limit is believed; a change in this process is seen at once.
const BELIEVED: Duration = Duration::from_secs(60);

/// Requests per minute, by workspace.
#[derive(Debug)]
pub(crate) struct Limits(Cache<WorkspaceId, Option<Arc<DefaultDirectRateLimiter>>>);

impl Limits {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_live(BELIEVED).build())
    }

    pub(crate) fn forget(&self, workspace: WorkspaceId) {
        self.0.invalidate(&workspace);
    }

    pub(crate) async fn request(&self, pmos: &Pmos, scope: &WorkspaceScope) -> Result<()> {
        let limiter = match self.0.get(&scope.workspace()) {
            Some(limiter) => limiter,
            None => self.load(pmos, scope).await?,
        };
        let Some(limiter) = limiter else { return Ok(()) };
        limiter.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(governor::clock::DefaultClock::default().now());
            exceeded(QuotaKey::RequestsPerMinute).retry_after(wait)
        })
    }

    async fn load(&self, pmos: &Pmos, scope: &WorkspaceScope) -> Result<Option<Arc<DefaultDirectRateLimiter>>> {
        let mut unit = pmos.store().begin(scope, Access::Read).await?;
        let limit = unit.quotas().all().await?.into_iter().find(|(key, _)| *key == QuotaKey::RequestsPerMinute);
        let limiter = limit.map(|(_, limit)| {
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            // A limit of zero closes the workspace but for one request a minute, so that an admin sees why.
            let limit = NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN);
            Arc::new(RateLimiter::direct(Quota::per_minute(limit)))
        });
        self.0.insert(scope.workspace(), limiter.clone());
        Ok(limiter)
    }
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
        .retry_after(Duration::from_secs(60))
}
