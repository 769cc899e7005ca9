//! Listens to runs whose engines tell their steps while they are at work, and shows them.

use std::{borrow::Cow, fmt, time::Duration};

use async_trait::async_trait;
use futures::StreamExt;
use parking_lot::Mutex;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    Result, Timestamp,
    cluster::Hint,
    engine::{EXTERNAL_EDITOR, StepsToShow},
    job::Job,
    run::show_progress,
    services::Services,
};

/// Runs that are listened to at the same time; the steps of more are shown when they have ended.
const AT_ONCE: usize = 64;
/// How long a run is listened to.
const LONGEST: Duration = Duration::from_hours(1);
/// How long what was heard is shown when the run's own record does not come.
const KEPT: Duration = Duration::from_mins(1);

/// Listens to runs that were begun here.
pub(crate) struct Listener {
    services: Services,
    heard: Mutex<JoinSet<()>>,
}

impl Listener {
    pub(crate) fn new(services: Services) -> Self {
        Self { services, heard: Mutex::default() }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

#[async_trait]
impl Job for Listener {
    fn key(&self) -> Cow<'static, str> {
        "steps of runs".into()
    }

    async fn hinted(&self) {
        self.services.live.begun().await;
    }

    async fn tick(&self, now: Timestamp) -> Result<Timestamp> {
        let mut heard = self.heard.lock();
        while heard.try_join_next().is_some() {}
        for steps_to_show in self.services.live.take_begun() {
            if heard.len() < AT_ONCE {
                heard.spawn(listen(self.services.clone(), steps_to_show));
            }
        }
        Ok(now.plus(LONGEST))
    }
}

async fn listen(services: Services, StepsToShow { tenancy, run, mut steps }: StepsToShow) {
    let workspace = tenancy.0;
    let heard = services.live.hear(workspace, run);
    let end = Instant::now() + LONGEST;
    loop {
        tokio::select! {
            record = timeout_at(end, steps.next()) => {
                let Ok(Some(record)) = record else { break };
                show_progress(&*services.bus, services.clock.now(), workspace, EXTERNAL_EDITOR, run, std::slice::from_ref(&record));
                heard.take(record);
            }
            () = heard.forgotten() => return,
        }
    }
    drop(steps);
    services.hint(Hint::Tenancy(tenancy.0, tenancy.1));
    if timeout(KEPT, heard.forgotten()).await.is_err() {
        tracing::debug!(%run, "what was heard of a run is forgotten before its own record came");
    }
}
