//! Runs jobs for as long as they are wanted.

use std::{collections::HashMap, hash::Hash, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    Result,
    cluster::{Lease, LeaseKey},
    job::Job,
    services::Services,
};

/// How long after a failure it is tried again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How often a node asks whether it may do what another one does for all.
const STANDBY: Duration = Duration::from_secs(5);

/// Ticks until it is stopped.
pub(super) async fn run(services: Services, job: Arc<dyn Job>, stop: CancellationToken) {
    let mut lease = None;
    while !stop.is_cancelled() {
        let now = services.clock.now();
        let next = match enter(&services, &*job, &mut lease).await {
            Ok(false) => now.plus(STANDBY),
            Ok(true) => job.tick(now).await.unwrap_or_else(|error| {
                tracing::warn!(job = %job.key(), ?error, "background work failed; it is tried again");
                now.plus(AFTER_FAILURE)
            }),
            Err(error) => {
                tracing::warn!(job = %job.key(), ?error, "who does a job cannot be known; it is asked again");
                now.plus(AFTER_FAILURE)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(next.since(services.clock.now())) => {}
            () = job.hinted() => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Whether this node may do it.
async fn enter(services: &Services, job: &dyn Job, lease: &mut Option<Lease>) -> Result<bool> {
    if job.is_for_all() && lease.is_none() {
        *lease = services.leases.try_acquire(LeaseKey::Job(job.key().into_owned())).await?;
        if let Some(lease) = lease {
            tracing::debug!(job = %job.key(), epoch = lease.epoch(), "this node does it for all");
        }
    }
    Ok(lease.is_some() || !job.is_for_all())
}

/// Jobs that come and go, one by key. They end with this.
pub(super) struct Jobs<K>(Mutex<Running<K>>);

struct Running<K> {
    jobs: HashMap<K, (CancellationToken, AbortHandle)>,
    tasks: JoinSet<()>,
}

impl<K: Eq + Hash> Jobs<K> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Running { jobs: HashMap::new(), tasks: JoinSet::new() }))
    }

    /// Runs the wanted ones and no others; a job that is not wanted any more ends after its round. One that broke down is
    /// begun again.
    pub(super) fn keep<J: Job + 'static>(&self, services: &Services, wanted: HashMap<K, impl FnOnce() -> J>) {
        let mut running = self.0.lock();
        let Running { jobs, tasks } = &mut *running;
        while tasks.try_join_next().is_some() {}
        jobs.retain(|key, (stop, task)| {
            let stays = wanted.contains_key(key);
            if !stays {
                stop.cancel();
            }
            stays && !task.is_finished()
        });
        for (key, job) in wanted {
            jobs.entry(key).or_insert_with(|| {
                let stop = CancellationToken::new();
                let task = tasks.spawn(run(services.clone(), Arc::new(job()), stop.clone()));
                (stop, task)
            });
        }
    }
}
