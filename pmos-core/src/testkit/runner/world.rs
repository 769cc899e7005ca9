//! Everything around a process that runs a flow: the disk that outlives it, the service it calls, and how it ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    ConnectionId, Error, FlowId, Result, RunId, Timestamp,
    run::{Answer, Child, ChildState, RunContext, RunState, StepRecord, StepStatus},
    vault::{Credential, CredentialKind, Secret},
};

/// What a stored credential holds, to be found where it does not belong.
pub(super) const CANARY: &str = "canary-7d21f0c4";
/// When the clock begins: a day on which no test is run.
pub(super) const BEGIN: i64 = 946_684_800_000_000;

/// Where the calls of the flows arrive. Every outward call that the engine makes for a step has to come here, while it is
/// under way: the suite decides whether it is answered.
#[derive(Debug, Clone)]
pub struct Service(pub(super) Arc<World>);

impl Service {
    /// A call of this step arrives. Returns when it is to be answered.
    pub async fn call(&self, step: &str) {
        if self.0.called(step) {
            std::future::pending::<()>().await;
        }
    }
}

/// How a process ends, if not by the end of its run. Counted from 0.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fate {
    /// It dies when it is about to write for this time.
    pub(super) dies_at_write: Option<usize>,
    /// It dies while this call is under way.
    pub(super) dies_at_call: Option<usize>,
    /// The store refuses this write and all that follow.
    pub(super) refused_write: Option<usize>,
    /// Calls get no answer.
    pub(super) hangs: bool,
}

#[derive(Debug, Default)]
pub(super) struct World {
    inner: Mutex<Inner>,
    clock: AtomicI64,
    died: Notify,
    called: Notify,
    stop: CancellationToken,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Inner {
    /// What every process so far has written.
    pub(super) disk: Vec<StepRecord>,
    pub(super) state: Option<RunState>,
    pub(super) answers: Vec<Answer>,
    /// The steps that this process called, in order.
    pub(super) calls: Vec<String>,
    pub(super) writes: usize,
    pub(super) faults: Vec<String>,
    refused: bool,
    fate: Fate,
}

impl World {
    /// A process begins; the disk stays as it is.
    pub(super) fn begin(&self, fate: Fate) {
        let mut inner = self.inner.lock();
        (inner.fate, inner.writes, inner.refused) = (fate, 0, false);
        inner.calls.clear();
    }

    pub(super) fn look(&self) -> Inner {
        self.inner.lock().clone()
    }

    pub(super) async fn death(&self) {
        self.died.notified().await;
    }

    pub(super) async fn call(&self) {
        self.called.notified().await;
    }

    pub(super) fn cancel(&self) {
        self.stop.cancel();
    }

    /// Notes a call; whether it gets no answer.
    fn called(&self, step: &str) -> bool {
        let mut inner = self.inner.lock();
        let Inner { disk, faults, .. } = &mut *inner;
        if !places(disk).any(|last| last.step.as_str() == step && last.status == StepStatus::Running) {
            faults.push(format!("{step:?} was called before the record that it begins was on disk"));
        }
        if inner.refused {
            inner.faults.push(format!("{step:?} was called after a write was refused"));
        }
        let dies = inner.fate.dies_at_call == Some(inner.calls.len());
        inner.calls.push(step.to_owned());
        if dies {
            self.died.notify_one();
        }
        self.called.notify_one();
        dies || inner.fate.hangs
    }
}

/// The last record of every place in a run.
pub(super) fn places(disk: &[StepRecord]) -> impl Iterator<Item = &StepRecord> {
    let later = |at: usize, record: &StepRecord| {
        disk[at + 1..].iter().any(|other| other.step == record.step && other.within == record.within)
    };
    disk.iter().enumerate().filter(move |(at, record)| !later(*at, record)).map(|(_, record)| record)
}

#[async_trait]
impl RunContext for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(BEGIN + self.clock.fetch_add(1, Ordering::SeqCst))
    }

    async fn commit(&self, records: Vec<StepRecord>, state: RunState, _: Vec<Child>) -> Result<()> {
        let dies = {
            let mut inner = self.inner.lock();
            if inner.refused || inner.fate.refused_write == Some(inner.writes) {
                inner.refused = true;
                return Err(Error::unavailable("write the journal"));
            }
            let dies = inner.fate.dies_at_write == Some(inner.writes);
            if !dies {
                inner.writes += 1;
                inner.disk.extend(records);
                inner.state = Some(state);
            }
            dies
        };
        if dies {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    async fn child(&self, _: FlowId, _: Value) -> Result<Child> {
        Err(Error::not_found())
    }

    async fn child_end(&self, _: RunId, _: Duration) -> Result<Option<ChildState>> {
        Ok(None)
    }

    fn progress(&self, _: &StepRecord) {}

    async fn answer(&self, answer: Answer) {
        let mut inner = self.inner.lock();
        if inner.refused {
            inner.faults.push("the caller was answered after a write was refused".to_owned());
        }
        if inner.state.is_none() {
            inner.faults.push("the caller was answered before anything was on disk".to_owned());
        }
        inner.answers.push(answer);
    }

    async fn credential(&self, _: ConnectionId) -> Result<Credential> {
        let hosts = "api.example.com".parse().map_err(|_| Error::internal("name a host"))?;
        let secret = Secret::new(CANARY);
        Ok(Credential { kind: CredentialKind::Bearer, name: String::new(), secret, hosts: vec![hosts] })
    }

    fn is_cancelled(&self) -> bool {
        self.stop.is_cancelled()
    }

    async fn cancelled(&self) {
        self.stop.cancelled().await;
    }
}
