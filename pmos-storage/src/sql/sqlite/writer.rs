//! The task that owns the writing connection.

use std::{
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pmos_core::{
    Error, Result,
    store::{Appended, RunBatch},
};
use sqlx::{Connection as _, Executor, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{
    Mutex, MutexGuard, mpsc,
    oneshot::{self, error::RecvError},
};
use tracing::Instrument as _;

use super::repository::{
    journal::{self, Append},
    statement,
};

/// How long a unit may keep the connection without a statement. Its statements take well below a millisecond; one that
/// makes none for so long waits for something else, and everybody waits for it.
pub(super) const LENT: Duration = Duration::from_millis(250);

/// How often that time is given anew to a unit that makes statements.
const EXTENSIONS: u32 = 8;

/// Jobs in the queue before new ones wait.
const QUEUE: usize = 1024;

/// Units and batches in one commit at most, so that the first does not wait for too many others.
const GROUP: usize = 256;

#[derive(Debug)]
enum Job {
    Lend(oneshot::Sender<Lease>),
    Append(Append),
    Close(oneshot::Sender<()>),
}

#[derive(Debug, Clone, thiserror::Error)]
enum Refusal {
    #[error("the store is closed or cannot write")]
    Closed,
    #[error("an earlier statement of the same unit failed")]
    Spoiled,
    #[error("the unit was open for too long and was rolled back")]
    Overdue,
    #[error("the shared commit failed: {0}")]
    Commit(Arc<sqlx::Error>),
    #[error("the shared transaction was rolled back by the database")]
    Broken,
}

impl From<sqlx::Error> for Refusal {
    fn from(cause: sqlx::Error) -> Self {
        Self::Commit(Arc::new(cause))
    }
}

fn refused(operation: &'static str, refusal: Refusal) -> Error {
    Error::unavailable(operation).because(refusal)
}

/// The way to the task. The task ends when all of these are gone, or by [`Writer::close`].
#[derive(Debug, Clone)]
pub(super) struct Writer(mpsc::Sender<Job>);

impl Writer {
    /// Starts the task. It keeps `owner` until it ends.
    pub(super) fn start(
        connection: SqliteConnection,
        options: SqliteConnectOptions,
        lent: Duration,
        owner: File,
    ) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let task = Task { connection: Arc::new(Mutex::new(connection)), options, lent, queue, _owner: owner };
        tokio::spawn(task.run());
        Self(jobs)
    }

    pub(super) async fn lend(&self, operation: &'static str) -> Result<Lease> {
        let (want, lease) = oneshot::channel();
        self.0.send(Job::Lend(want)).await.map_err(|_| refused(operation, Refusal::Closed))?;
        lease.await.map_err(|_| refused(operation, Refusal::Closed))
    }

    pub(super) async fn append(&self, workspace: uuid::Uuid, batch: RunBatch) -> Result<Appended> {
        let (reply, appended) = oneshot::channel();
        let operation = "append to the journal of a run";
        let append = Append { workspace, batch, reply };
        let written = async {
            self.0.send(Job::Append(append)).await.map_err(|_| refused(operation, Refusal::Closed))?;
            appended.await.map_err(|_| refused(operation, Refusal::Closed))?
        };
        written.instrument(statement(operation)).await
    }

    /// Finishes what is in the queue and lets go of the file.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.0.send(Job::Close(done)).await.is_ok() {
            // An error says that the task ended before, which is what was asked for.
            closed.await.ok();
        }
    }
}

/// The connection, lent to one unit. Dropped without a commit, the unit is rolled back.
#[derive(Debug)]
pub(super) struct Lease {
    connection: Arc<Mutex<SqliteConnection>>,
    valid: Arc<AtomicBool>,
    used: Arc<AtomicBool>,
    spoiled: bool,
    end: oneshot::Sender<oneshot::Sender<Result<()>>>,
}

impl Lease {
    /// The connection for one statement. It never leaves the mutex, so a unit that is dropped in the middle of a
    /// statement leaves it behind in order: the connection finishes that statement, then the rollback follows.
    pub(super) async fn connection(&self, operation: &'static str) -> Result<MutexGuard<'_, SqliteConnection>> {
        if self.spoiled {
            return Err(refused(operation, Refusal::Spoiled));
        }
        let connection = self.connection.lock().await;
        self.used.store(true, Ordering::Release);
        if self.valid.load(Ordering::Acquire) { Ok(connection) } else { Err(refused(operation, Refusal::Overdue)) }
    }

    pub(super) fn spoil(&mut self) {
        self.spoiled = true;
    }

    pub(super) async fn commit(self) -> Result<()> {
        let operation = "commit a unit of work";
        if self.spoiled {
            return Err(refused(operation, Refusal::Spoiled));
        }
        let (reply, outcome) = oneshot::channel();
        self.end.send(reply).map_err(|_| refused(operation, Refusal::Overdue))?;
        outcome.await.map_err(|_| refused(operation, Refusal::Closed))?
    }
}

struct Task {
    connection: Arc<Mutex<SqliteConnection>>,
    options: SqliteConnectOptions,
    lent: Duration,
    queue: mpsc::Receiver<Job>,
    _owner: File,
}

/// What shares one transaction.
#[derive(Default)]
struct Group {
    /// Units that ended well and wait for the commit.
    units: Vec<oneshot::Sender<Result<()>>>,
    /// Batches to be written before the commit.
    appends: Vec<Append>,
    /// Who waits for the end of the task.
    close: Option<oneshot::Sender<()>>,
    /// The transaction is gone: the database rolled it back itself, as it does when the disk is full.
    broken: bool,
}

impl Group {
    fn is_open(&self) -> bool {
        !self.broken && self.close.is_none() && self.units.len() + self.appends.len() < GROUP
    }
}

impl Task {
    async fn run(mut self) {
        while let Some(job) = self.queue.recv().await {
            let mut group = Group::default();
            match self.begin().await {
                Ok(()) => self.serve(job, &mut group).await,
                // A waiting caller learns it from the dropped end of its channel.
                Err(cause) => {
                    tracing::error!(%cause, "the store cannot begin a transaction");
                    if let Job::Close(done) = job {
                        group.close = Some(done);
                    } else {
                        continue;
                    }
                }
            }
            if let Some(done) = group.close {
                self.end().await;
                done.send(()).ok();
                return;
            }
        }
        self.end().await;
    }

    /// Lets go of the connection, so that the file is whole without its log beside it.
    async fn end(self) {
        if let Ok(connection) = Arc::try_unwrap(self.connection)
            && let Err(cause) = connection.into_inner().close().await
        {
            tracing::warn!(%cause, "the store was not closed cleanly; nothing committed is lost");
        }
    }

    async fn control(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        self.connection.lock().await.execute(sql).await.map(|_| ())
    }

    async fn begin(&self) -> Result<(), sqlx::Error> {
        if self.control("begin immediate").await.is_ok() {
            return Ok(());
        }
        *self.connection.lock().await = SqliteConnection::connect_with(&self.options).await?;
        self.control("begin immediate").await
    }

    async fn serve(&mut self, first: Job, group: &mut Group) {
        self.take(first, group).await;
        while group.is_open()
            && let Ok(job) = self.queue.try_recv()
        {
            self.take(job, group).await;
        }
        let appended = self.append(group).await;
        let outcome = self.commit(group.broken).await;
        for unit in group.units.drain(..) {
            // Who does not wait any more learns it when it reads.
            unit.send(outcome.clone().map_err(|refusal| refused("commit a unit of work", refusal))).ok();
        }
        for (reply, appended) in appended {
            let outcome = outcome.clone().map_err(|refusal| refused("append to the journal of a run", refusal));
            reply.send(outcome.map(|()| appended)).ok();
        }
    }

    async fn take(&self, job: Job, group: &mut Group) {
        match job {
            Job::Lend(want) => self.lend(want, group).await,
            Job::Append(append) => group.appends.push(append),
            Job::Close(done) => group.close = Some(done),
        }
    }

    async fn lend(&self, want: oneshot::Sender<Lease>, group: &mut Group) {
        if want.is_closed() {
            return;
        }
        if self.control("savepoint unit").await.is_err() {
            group.broken = true;
            return;
        }
        let (end, ended) = oneshot::channel();
        let (valid, used) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
        let connection = Arc::clone(&self.connection);
        // Who went away in the meantime drops the lease, which is an end like any other.
        want.send(Lease { connection, valid: Arc::clone(&valid), used: Arc::clone(&used), spoiled: false, end }).ok();
        let kept = match self.end_of(ended, &used).await {
            Some(Ok(reply)) => self.control("release unit").await.map(|()| group.units.push(reply)),
            Some(Err(_)) => self.control("rollback to unit; release unit").await,
            None => {
                valid.store(false, Ordering::Release);
                tracing::warn!(limit = ?self.lent, "a unit of work was open for too long and was rolled back");
                self.control("rollback to unit; release unit").await
            }
        };
        group.broken |= kept.is_err();
    }

    /// The end of a unit; none when it stood still for as long as it may. One that makes statements gets more time, for
    /// on a busy machine it is slow by no fault of its own.
    async fn end_of<T>(&self, mut ended: oneshot::Receiver<T>, used: &AtomicBool) -> Option<Result<T, RecvError>> {
        for _ in 0..EXTENSIONS {
            match tokio::time::timeout(self.lent, &mut ended).await {
                Ok(end) => return Some(end),
                Err(_) if used.swap(false, Ordering::AcqRel) => {}
                Err(_) => return None,
            }
        }
        None
    }

    /// Writes all batches at once or, when one of them cannot be written, each by itself.
    async fn append(&self, group: &mut Group) -> Vec<(oneshot::Sender<Result<Appended>>, Appended)> {
        let appends = std::mem::take(&mut group.appends);
        if appends.is_empty() || group.broken {
            return Vec::new();
        }
        let all: Vec<&Append> = appends.iter().collect();
        let at_once =
            if group.units.is_empty() { self.write_alone(&all, group).await } else { self.write(&all, group).await };
        if let Ok(appended) = at_once {
            return appends.into_iter().map(|append| append.reply).zip(appended).collect();
        }
        if group.broken {
            return Vec::new();
        }
        let mut written = Vec::new();
        for append in appends {
            match self.write(&[&append], group).await {
                Ok(appended) => written.extend(std::iter::once(append.reply).zip(appended)),
                Err(error) => {
                    append.reply.send(Err(error)).ok();
                }
            }
        }
        written
    }

    /// Writes batches that are alone in their transaction, which is then all there is to undo; a savepoint would cost
    /// two more statements and a copy of every page.
    async fn write_alone(&self, appends: &[&Append], group: &mut Group) -> Result<Vec<Appended>> {
        let outcome = journal::write(&mut *self.connection.lock().await, appends).await;
        if outcome.is_err() {
            // Fails when the database did it already.
            self.control("rollback").await.ok();
            group.broken = self.begin().await.is_err();
        }
        outcome
    }

    async fn write(&self, appends: &[&Append], group: &mut Group) -> Result<Vec<Appended>> {
        let broken = |_| refused("append to the journals of runs", Refusal::Broken);
        self.control("savepoint batch").await.map_err(broken)?;
        let outcome = journal::write(&mut *self.connection.lock().await, appends).await;
        let ended = match outcome {
            Ok(_) => self.control("release batch").await,
            Err(_) => self.control("rollback to batch; release batch").await,
        };
        group.broken |= ended.is_err();
        ended.map_err(broken)?;
        outcome
    }

    async fn commit(&self, broken: bool) -> Result<(), Refusal> {
        let outcome = if broken { Err(Refusal::Broken) } else { self.control("commit").await.map_err(Refusal::from) };
        if let Err(refusal) = &outcome {
            tracing::error!(%refusal, "the store could not commit");
            // Fails when the database did it already; a connection that is worse off is replaced by the next begin.
            self.control("rollback").await.ok();
        }
        outcome
    }
}
