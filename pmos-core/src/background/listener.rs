//! Listens to runs at remote engines that tell their steps, and shows them.

use std::time::Duration;

use futures::StreamExt;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    Pmos,
    engine::{EXTERNAL_EDITOR, StepsToShow},
    run::show_progress,
};

/// Runs that are listened to at the same time; the steps of more are shown when they have ended.
const AT_ONCE: usize = 64;
/// How long a run is listened to.
const LONGEST: Duration = Duration::from_hours(1);
/// How long what was heard is shown when the run's own record does not come.
const KEPT: Duration = Duration::from_mins(1);

pub(super) async fn work(pmos: Pmos, mut begun: mpsc::Receiver<StepsToShow>) {
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            Some(steps_to_show) = begun.recv() => {
                if under_way.len() < AT_ONCE {
                    under_way.spawn(listen(pmos.clone(), steps_to_show));
                }
            }
            Some(_) = under_way.join_next(), if !under_way.is_empty() => {}
            () = pmos.runs().stop.cancelled() => return,
        }
    }
}

async fn listen(pmos: Pmos, StepsToShow { tenancy, run, mut steps }: StepsToShow) {
    let workspace = tenancy.0;
    let heard = pmos.live().hear(workspace, run);
    let end = Instant::now() + LONGEST;
    loop {
        tokio::select! {
            record = timeout_at(end, steps.next()) => {
                let Ok(Some(record)) = record else { break };
                show_progress(pmos.bus(), pmos.clock().now(), workspace, EXTERNAL_EDITOR, run, std::slice::from_ref(&record));
                heard.take(record);
            }
            () = heard.forgotten() => return,
        }
    }
    drop(steps);
    pmos.watch().hurry(tenancy);
    if timeout(KEPT, heard.forgotten()).await.is_err() {
        tracing::debug!(%run, "what was heard of a run is forgotten before its own record came");
    }
}
