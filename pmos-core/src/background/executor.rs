//! Works on runs.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use tracing::{Instrument as _, Span};

use crate::{
    Pmos,
    flow::Host,
    run::{JournaledRun, Work},
};

/// Runs that are worked on at the same time; more wait for their turn.
const AT_ONCE: usize = 1_024;
/// How long runs may go on once the process stops.
const GRACE: Duration = Duration::from_secs(8);

pub(super) async fn work(pmos: Pmos, mut waiting: mpsc::UnboundedReceiver<(Work, Span)>) {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            next = waiting.recv() => match next {
                Some((work, span)) => {
                    // Here and not one by one as they end, which would wake this task for each.
                    while running.try_join_next().is_some() {}
                    let (pmos, turns) = (pmos.clone(), turns.clone());
                    let turn = async move {
                        let _turn = turns.acquire().await;
                        run(pmos, work).await;
                    };
                    running.spawn(turn.instrument(span));
                }
                None => break,
            },
            () = pmos.runs().stop.cancelled() => break,
        }
    }
    let rest = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        tracing::info!("runs under way go on when the server starts again");
    }
}

async fn run(pmos: Pmos, mut work: Work) {
    let id = work.order.run;
    let context = JournaledRun::new(pmos.clone(), &mut work);
    let Host::Embedded(runner) = work.engine.host() else { return pmos.runs().ended(id) };
    if let Err(error) = runner.run(work.order, work.recorded, &context).await {
        tracing::error!(run = %id, %error, "a run stopped because it could not be recorded; it goes on when the server starts again");
    }
    // First the end, then the answer's other half: what waits for it finds the run at its end.
    pmos.runs().ended(id);
    drop(context);
}
