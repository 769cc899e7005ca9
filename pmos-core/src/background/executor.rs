//! Works on runs.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use tracing::{Instrument as _, Span};

use crate::{
    run::{AT_ONCE, JournaledRun, Work, hosting},
    services::Services,
    store::Worker,
};

/// Works on runs for as long as it is wanted, with the store's word that no other one does.
pub(super) async fn work(services: Services, mut waiting: mpsc::Receiver<(Work, Span)>, worker: Option<Worker>) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    let next = async |waiting: &mut mpsc::Receiver<(Work, Span)>| {
        let slot = Arc::clone(&slots).acquire_owned().await.ok()?;
        Some((waiting.recv().await?, slot))
    };
    loop {
        tokio::select! {
            next = next(&mut waiting) => match next {
                Some(((work, span), slot)) => {
                    // Here and not one by one as they end, which would wake this task for each.
                    while running.try_join_next().is_some() {}
                    let services = services.clone();
                    let turn = async move {
                        run(services, work).await;
                        drop(slot);
                    };
                    running.spawn(turn.instrument(span));
                }
                None => break,
            },
            () = services.runs.stop.cancelled() => break,
        }
    }
    let rest = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(services.grace, rest).await.is_err() {
        tracing::info!("runs under way go on when the server starts again");
        running.shutdown().await;
    }
    drop(worker);
}

async fn run(services: Services, mut work: Work) {
    let id = work.order.run;
    let context = JournaledRun::new(services.clone(), &mut work);
    // An engine that panics takes down its run and nothing else.
    let at_work = hosting::work(&*work.engine, work.order, work.recorded, &context);
    let outcome = AssertUnwindSafe(at_work).catch_unwind().await;
    // First the end, then the answer's other half: the caller of a webhook finds the run at its end.
    match outcome {
        Ok(Ok(())) => services.runs.ended(id),
        Ok(Err(error)) => {
            tracing::error!(run = %id, ?error, "a run broke off because it could not be recorded; it is taken up again");
            services.runs.broke_off(id);
        }
        Err(_) => {
            tracing::error!(run = %id, "the engine broke off in a run; it is taken up again");
            services.runs.broke_off(id);
        }
    }
    drop(context);
}
