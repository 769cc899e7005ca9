//! The task that writes the journals of runs, many batches in one transaction.

use std::sync::Arc;

use pmos_core::{
    Error, Result,
    store::{Access, Appended, RunBatch},
};
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument as _;

use super::{
    pool::Reach,
    repository::{
        journal::{self, Append},
        statement,
    },
    unit::Server,
};
use crate::sql::error::failed;

const OPERATION: &str = "append to the journal of a run";

/// Jobs in the queue before new ones wait.
const QUEUE: usize = 1024;

/// Batches in one commit at most.
const GROUP: usize = 256;

#[derive(Debug)]
enum Job {
    Append(Append),
    Close(oneshot::Sender<()>),
}

/// The way to the task. It ends when all of these are gone, or by [`Journal::close`].
#[derive(Debug, Clone)]
pub(super) struct Journal(mpsc::Sender<Job>);

impl Journal {
    pub(super) fn start(server: Arc<Server>) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(server, queue));
        Self(jobs)
    }

    pub(super) async fn append(&self, workspace: uuid::Uuid, batch: RunBatch) -> Result<Appended> {
        let closed = || Error::unavailable(OPERATION).because("the store is closed");
        let (reply, appended) = oneshot::channel();
        let written = async {
            self.0.send(Job::Append(Append { workspace, batch, reply })).await.map_err(|_| closed())?;
            appended.await.map_err(|_| closed())?
        };
        written.instrument(statement(OPERATION)).await
    }

    /// Writes what is in the queue and ends.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.0.send(Job::Close(done)).await.is_ok() {
            // An error says that the task ended before, which is what was asked for.
            closed.await.ok();
        }
    }
}

async fn run(server: Arc<Server>, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut jobs, GROUP).await > 0 {
        let mut appends = Vec::with_capacity(jobs.len());
        let mut close = None;
        for job in jobs.drain(..) {
            match job {
                Job::Append(append) => appends.push(append),
                Job::Close(done) => close = Some(done),
            }
        }
        write(&server, appends).await;
        if let Some(done) = close {
            done.send(()).ok();
            return;
        }
    }
}

/// Writes all batches at once or, when one of them cannot be written, each by itself. Who does not wait any more learns
/// the outcome when it reads.
async fn write(server: &Server, appends: Vec<Append>) {
    let all: Vec<&Append> = appends.iter().collect();
    if appends.len() > 1
        && let Ok(appended) = transact(server, &all).await
    {
        for (append, appended) in appends.into_iter().zip(appended) {
            append.reply.send(Ok(appended)).ok();
        }
        return;
    }
    for append in appends {
        let outcome = transact(server, &[&append]).await;
        let one = |mut appended: Vec<Appended>| appended.pop().ok_or_else(|| Error::internal(OPERATION));
        append.reply.send(outcome.and_then(one)).ok();
    }
}

async fn transact(server: &Server, appends: &[&Append]) -> Result<Vec<Appended>> {
    let fail = |cause| failed(OPERATION, cause);
    let mut transaction = server.pool.begin(Reach::System, Access::Write).await.map_err(fail)?;
    let appended = journal::write(&mut transaction, appends).await?;
    server.owner.check(OPERATION)?;
    transaction.commit().await.map_err(fail)?;
    Ok(appended)
}
