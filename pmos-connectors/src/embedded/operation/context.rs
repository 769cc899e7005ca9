//! What a step is lent for one try.

use std::time::Duration;

use parking_lot::Mutex;
use pmos_core::{
    ConnectionId, FlowId, RunId, Timestamp, WorkspaceId,
    flow::StepId,
    run::{RunContext, RunOrder},
    vault::Credential,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::StepFailure;
use crate::embedded::computing::Computing;

/// What a step is lent for one try: where it stands, its time, and the credential that was chosen for it.
#[derive(Debug)]
pub struct StepContext<'a> {
    context: &'a dyn RunContext,
    order: &'a RunOrder,
    computing: &'a Computing,
    step: &'a StepId,
    connection: Option<ConnectionId>,
    key: String,
    attempt: u32,
    deadline: Timestamp,
    opened: Mutex<Option<Credential>>,
    stopped: CancellationToken,
    _stop: DropGuard,
}

impl<'a> StepContext<'a> {
    pub(crate) fn new(
        context: &'a dyn RunContext,
        order: &'a RunOrder,
        computing: &'a Computing,
        step: &'a StepId,
        key: String,
    ) -> Self {
        let stopped = CancellationToken::new();
        let stop = stopped.clone().drop_guard();
        let (opened, deadline) = (Mutex::default(), context.now());
        Self {
            context,
            order,
            computing,
            step,
            connection: None,
            key,
            attempt: 1,
            deadline,
            opened,
            stopped,
            _stop: stop,
        }
    }

    pub(crate) fn with(self, connection: Option<ConnectionId>, attempt: u32, limit: Duration) -> Self {
        Self { connection, attempt, deadline: self.deadline.plus(limit), ..self }
    }

    /// Whose run it is.
    pub fn workspace(&self) -> WorkspaceId {
        self.order.workspace
    }

    /// The automation.
    pub fn flow(&self) -> FlowId {
        self.order.flow
    }

    /// The run.
    pub fn run(&self) -> RunId {
        self.order.run
    }

    /// The step of the automation.
    pub fn step(&self) -> &StepId {
        self.step
    }

    /// Names the effect: the same for every try of this step in this pass of this run, also after a crash, and for no other.
    /// A service that knows such names does the same thing once, however often it is asked.
    pub fn idempotency_key(&self) -> &str {
        &self.key
    }

    /// Which try this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The time of day.
    pub fn now(&self) -> Timestamp {
        self.context.now()
    }

    /// How long this try may still take; then it is dropped.
    pub fn time_left(&self) -> Duration {
        self.deadline.since(self.context.now())
    }

    /// Cancelled as soon as this try is over, whatever ended it: for work that goes on by itself.
    pub fn stopped(&self) -> CancellationToken {
        self.stopped.clone()
    }

    /// The credential that was chosen for the step, opened for this try; none when none was chosen. It may be sent to its
    /// hosts alone, and what the step gives is recorded without it.
    ///
    /// # Errors
    /// When the connection is gone or cannot be opened.
    pub async fn credential(&self) -> Result<Option<Credential>, StepFailure> {
        let Some(connection) = self.connection else { return Ok(None) };
        let credential = self.context.credential(connection).await.map_err(|error| {
            let failure = StepFailure::from(error);
            StepFailure { message: format!("The connection cannot be used: {}", failure.message), ..failure }
        })?;
        *self.opened.lock() = Some(credential.clone());
        Ok(Some(credential))
    }

    /// The credential, if it was opened.
    pub(crate) fn opened(&self) -> Option<Credential> {
        self.opened.lock().clone()
    }

    /// Computes something here and now or, when it may take long, when it is the turn of the workspace.
    pub(crate) async fn computed<T>(&self, may_be_long: bool, work: impl FnOnce() -> T) -> T {
        if may_be_long { self.computing.long(self.order.workspace, work).await } else { work() }
    }
}
