use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::SOON;
use crate::{
    Result, Timestamp, WorkspaceScope,
    action::Outward,
    engine::{EngineState, FollowedTenancy, TenancyKey, ingest, look_at, sync_flows},
    job::Job,
    services::Services,
};

/// How long a tenancy waits for its next round when nothing is going on there.
const CALM: Duration = Duration::from_secs(10);
/// The longest that one waits whose engine does not answer.
const PATIENCE: Duration = Duration::from_mins(2);
/// The oldest that what is written down about a tenancy gets while it is visited.
const OLDEST: Duration = Duration::from_mins(5);

/// Follows everything a workspace has at an engine.
pub(super) struct FollowTenancy {
    services: Services,
    tenancy: FollowedTenancy,
    turns: Arc<Semaphore>,
    waited: Mutex<Duration>,
}

impl FollowTenancy {
    pub(super) fn new(services: Services, tenancy: TenancyKey, turns: Arc<Semaphore>) -> Self {
        let tenancy = services.watch.follow(tenancy);
        Self { services, tenancy, turns, waited: Mutex::new(CALM) }
    }

    /// One round; whether something is going on there.
    #[tracing::instrument(name = "follow", skip_all, fields(workspace = %self.tenancy.key().0, engine = self.tenancy.key().1))]
    async fn visit(&self) -> Result<bool> {
        let (workspace, name) = self.tenancy.key();
        let engine = self.services.engines.get(name)?.clone();
        let scope = WorkspaceScope::system(*workspace, "follow an engine");
        let mut outward = Outward::of(&self.services);
        let tenancy = outward.require_tenancy(&scope, &*engine).await?;
        let visited = async {
            sync_flows(&mut outward, &engine, &tenancy).await?;
            loop {
                let ingested = ingest(&mut outward, &*engine, &tenancy).await?;
                if !ingested.more {
                    return Ok(ingested.at_work);
                }
            }
        }
        .await;
        let known = outward.look(&scope).await?.engines().tenancy(name).await?;
        let is_true = known.is_some_and(|known| {
            let is_ready = known.state == EngineState::Ready;
            is_ready == visited.is_ok() && self.services.clock.now().since(known.as_of()) < OLDEST
        });
        // What was written down about it is no longer so, or it cannot be told any more.
        if !is_true {
            look_at(&mut outward, &*engine, &tenancy).await?;
        }
        visited
    }
}

impl fmt::Debug for FollowTenancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FollowTenancy({:?})", self.tenancy.key())
    }
}

#[async_trait]
impl Job for FollowTenancy {
    fn key(&self) -> Cow<'static, str> {
        let (workspace, engine) = self.tenancy.key();
        format!("tenancy {workspace} {engine}").into()
    }

    fn is_for_all(&self) -> bool {
        true
    }

    async fn hinted(&self) {
        self.tenancy.hurried().await;
    }

    async fn tick(&self, _now: Timestamp) -> Result<Timestamp> {
        let _turn = self.turns.acquire().await;
        let wait = match self.visit().await {
            Ok(true) => SOON,
            Ok(false) => CALM,
            Err(error) => {
                tracing::debug!(engine = self.tenancy.key().1, ?error, "an engine could not be followed");
                (*self.waited.lock() * 2).clamp(CALM, PATIENCE)
            }
        };
        *self.waited.lock() = wait;
        // A round may take long, and the next one comes so long after its end.
        Ok(self.services.clock.now().plus(wait))
    }
}
