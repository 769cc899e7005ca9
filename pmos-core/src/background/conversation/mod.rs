//! Answers people: turns of conversations that are due are taken up and worked on until they end or wait.

mod budget;
mod calls;
mod commands;
mod journal;
mod round;
mod tools;
mod turn;

use std::{
    borrow::Cow,
    fmt,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::FutureExt as _;
use parking_lot::Mutex;
use tokio::task::JoinSet;

use self::turn::TurnWork;
use crate::{
    Kind, Result, Timestamp, TurnId, WorkspaceId, WorkspaceScope, action::Pipeline, chat::TurnStatus, job::Job,
    services::Services, store::Access,
};

/// How often it looks when no hint comes.
const EVERY: Duration = Duration::from_secs(1);
/// How many are looked up at once.
const PAGE: u32 = 64;
/// How many turns a process answers at the same time; those that wait for a person do not count.
const AT_ONCE: usize = 512;

/// Answers people.
pub(crate) struct Conversations {
    services: Services,
    pipeline: Arc<Pipeline>,
    /// Turns that are being answered. They end with this.
    tasks: Mutex<JoinSet<()>>,
    /// Turns of this process whose end could not be written.
    broke_off: Arc<Mutex<Vec<(WorkspaceId, TurnId)>>>,
    /// Whether what an earlier process left was taken up.
    inherited: AtomicBool,
}

impl Conversations {
    pub(crate) fn new(services: Services, pipeline: Arc<Pipeline>) -> Self {
        Self {
            services,
            pipeline,
            tasks: Mutex::new(JoinSet::new()),
            broke_off: Arc::default(),
            inherited: AtomicBool::new(false),
        }
    }

    async fn take(&self, workspace: WorkspaceId, id: TurnId) -> Result<()> {
        let services = &self.services;
        let scope = WorkspaceScope::system(workspace, "answer in a conversation");
        let found = services.store.begin(&scope, Access::Read).await?.chat().turn(id).await?;
        let Some(seen) = found.filter(|turn| matches!(turn.status, TurnStatus::Queued | TurnStatus::Running)) else {
            return Ok(());
        };
        let Some(stop) = services.turns.begin(id) else { return Ok(()) };
        let claimed = async {
            let mut unit = services.store.begin(&scope, Access::Write).await?;
            if !unit.chat().claim(id, seen.epoch, services.node).await? {
                return Ok(None);
            }
            let turn = unit.chat().turn(id).await?;
            unit.commit(crate::store::Closing::default()).await?;
            Ok(turn)
        };
        let turn = match claimed.await {
            Ok(Some(turn)) => turn,
            Ok(None) => {
                services.turns.end(id);
                return Ok(());
            }
            Err(error) => {
                services.turns.end(id);
                return Err(error);
            }
        };
        let work = TurnWork::new(services.clone(), self.pipeline.clone(), workspace, turn, stop);
        let (services, broke_off) = (services.clone(), self.broke_off.clone());
        self.tasks.lock().spawn(async move {
            let ended = if let Ok(ended) = AssertUnwindSafe(work.run()).catch_unwind().await {
                ended
            } else {
                tracing::error!(turn = %id, "a turn of a conversation broke down");
                work.give_up().await
            };
            services.turns.end(id);
            // One that another process took over or that was deleted is not taken back.
            if let Err(error) = ended
                && error.kind() != Kind::Conflict
            {
                tracing::error!(turn = %id, ?error, "how a turn stands could not be written; it is gone on with");
                broke_off.lock().push((workspace, id));
            }
            // Another message of the conversation may wait for this one.
            services.turns.look();
        });
        Ok(())
    }
}

impl fmt::Debug for Conversations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Conversations")
    }
}

#[async_trait]
impl Job for Conversations {
    fn key(&self) -> Cow<'static, str> {
        "conversations".into()
    }

    async fn hinted(&self) {
        self.services.turns.hinted().await;
    }

    async fn tick(&self, now: Timestamp) -> Result<Timestamp> {
        let room = {
            let mut tasks = self.tasks.lock();
            while tasks.try_join_next().is_some() {}
            AT_ONCE.saturating_sub(tasks.len())
        };
        if room == 0 {
            return Ok(now.plus(EVERY));
        }
        let page = u32::try_from(room).unwrap_or(PAGE).min(PAGE);
        let queue = &self.services.queue;
        let mut due = std::mem::take(&mut *self.broke_off.lock());
        if !self.inherited.load(Ordering::Acquire) {
            let left = queue.orphaned_turns(self.services.node, page).await?;
            self.inherited.store(left.len() < page as usize, Ordering::Release);
            due.extend(left);
        }
        due.extend(queue.due_turns(page).await?);
        for (workspace, turn) in due.iter().copied() {
            if let Err(error) = self.take(workspace, turn).await {
                tracing::error!(%turn, ?error, "a turn of a conversation could not be taken up; it is tried again");
                self.broke_off.lock().push((workspace, turn));
            }
        }
        Ok(now.plus(EVERY))
    }
}
