use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::tenancy::FollowTenancy;
use crate::{Result, Timestamp, background::runner::Jobs, engine::TenancyKey, job::Job, services::Services};

/// How often the list is read anew.
const LIST: Duration = Duration::from_secs(30);
/// How many are listed at once.
const PAGE: u32 = 500;
/// Rounds at the same time. A tenancy whose engine hangs keeps its own permit, not the others'.
const AT_ONCE: usize = 32;

/// Has each tenancy followed that a workspace has at an engine.
pub(crate) struct Tenancies {
    services: Services,
    turns: Arc<Semaphore>,
    followed: Jobs<TenancyKey>,
}

impl Tenancies {
    pub(crate) fn new(services: Services) -> Self {
        Self { services, turns: Arc::new(Semaphore::new(AT_ONCE)), followed: Jobs::new() }
    }

    async fn list(&self) -> Result<Vec<TenancyKey>> {
        let mut listed: Vec<TenancyKey> = Vec::new();
        loop {
            let page = self.services.store.directory().tenancies(listed.last().cloned(), PAGE).await?;
            let more = page.len() == PAGE as usize;
            listed.extend(page);
            if !more {
                return Ok(listed);
            }
        }
    }
}

impl fmt::Debug for Tenancies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tenancies")
    }
}

#[async_trait]
impl Job for Tenancies {
    fn key(&self) -> Cow<'static, str> {
        "tenancies".into()
    }

    async fn hinted(&self) {
        self.services.watch.tenancy_made().await;
    }

    async fn tick(&self, now: Timestamp) -> Result<Timestamp> {
        let wanted = self.list().await?.into_iter().map(|tenancy| {
            let (services, turns) = (self.services.clone(), self.turns.clone());
            (tenancy.clone(), move || FollowTenancy::new(services, tenancy, turns))
        });
        self.followed.keep(&self.services, wanted.collect());
        Ok(now.plus(LIST))
    }
}
