//! Starts automations whose time has come.

use std::{borrow::Cow, fmt, time::Duration};

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::{
    Error, FlowId, Kind, Result, Timestamp, WorkspaceId, WorkspaceScope,
    audit::Subject,
    cluster::Hint,
    event::NewEvent,
    flow::hosting,
    job::Job,
    run::{RunSummary, TriggerKind},
    schedule::{Due, Schedule},
    services::Services,
    store::{Access, Closing, FlowRow, RunRow, UnitOfWork, VersionRow},
};

/// How often it looks. A slot is taken at most this much late.
const EVERY: Duration = Duration::from_millis(500);
/// How many flows are looked up at once.
const PAGE: u32 = 64;

/// Starts automations whose time has come. A slot is taken in the same commit in which its run is queued, so that it is
/// run at most once, however many look and whenever they are interrupted.
pub(crate) struct Scheduler {
    services: Services,
}

impl Scheduler {
    pub(crate) fn new(services: Services) -> Self {
        Self { services }
    }

    async fn start(&self, workspace: WorkspaceId, flow: FlowId, now: Timestamp) -> Result<()> {
        let scope = WorkspaceScope::system(workspace, "schedule");
        let store = &self.services.store;
        let mut unit = store.begin(&scope, Access::Read).await?;
        let Some((row, slot)) = live(&mut *unit, flow).await? else { return Ok(()) };
        let version = match row.published {
            Some(published) => unit.flows().version(flow, published.version).await?,
            None => None,
        };
        drop(unit);
        let schedule = version.as_ref().and_then(|version| self.schedule(&row, version));
        let Due { slots, next } =
            schedule.map_or(Due { slots: Vec::new(), next: None }, |schedule| schedule.due(slot, now));
        let mut unit = store.begin(&scope, Access::Write).await?;
        if !unit.flows().take_slot(flow, slot, next).await? {
            return Ok(());
        }
        let mut closing = Closing::default();
        // Counted only now: a slot that another scheduler took is none of this one's runs.
        for slot in &slots {
            match self.services.limits.run(&scope, Some(&mut *unit)).await {
                Ok(()) => {
                    let run = self.queued(&row, *slot, now)?;
                    unit.runs().insert(&run).await?;
                    let object = Subject::new("run", run.summary.id);
                    closing.events.push(NewEvent::new("run.queued", now, scope.actor(), &object));
                }
                Err(error) if error.kind() == Kind::Limited => {
                    tracing::info!(%flow, %slot, ?error, "a slot of a schedule is left out");
                    let object = Subject::new("flow", flow);
                    closing.events.push(NewEvent::new("quota.exceeded", now, scope.actor(), &object));
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        let events = unit.commit(closing).await?;
        self.services.publish(workspace, events);
        self.services.hint(Hint::RunDue);
        Ok(())
    }

    fn schedule(&self, row: &FlowRow, version: &VersionRow) -> Option<Schedule> {
        let engine = self.services.engines.get(&row.engine).ok()?;
        hosting::schedule(&**engine, &version.document)
    }

    fn queued(&self, row: &FlowRow, slot: Timestamp, now: Timestamp) -> Result<RunRow> {
        let input: Value = json!({"at": now, "slot": slot});
        let input = serde_json::value::to_raw_value(&input)
            .map_err(|cause| Error::internal("write an input").because(cause))?;
        let (id, version) = (self.services.clock.new_id()?, row.published.map(|published| published.version));
        let summary = RunSummary::queued(id, row.id, row.engine.clone(), version, TriggerKind::Schedule, now);
        Ok(RunRow::new(summary, Some(input)))
    }
}

/// A flow that starts by itself, and its next slot.
async fn live(unit: &mut dyn UnitOfWork, flow: FlowId) -> Result<Option<(FlowRow, Timestamp)>> {
    let row = unit.flows().get(flow).await?.filter(|row| row.enabled);
    Ok(row.zip(unit.flows().next_slot(flow).await?))
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scheduler")
    }
}

#[async_trait]
impl Job for Scheduler {
    fn key(&self) -> Cow<'static, str> {
        "schedules".into()
    }

    async fn tick(&self, now: Timestamp) -> Result<Timestamp> {
        let due = self.services.store.directory().due_flows(now, PAGE).await?;
        let mut failed = None;
        for (workspace, flow) in &due {
            // One that cannot be started must not keep the others waiting.
            if let Err(error) = self.start(*workspace, *flow, now).await {
                tracing::error!(%flow, ?error, "an automation could not be started at its time");
                failed = Some(error);
            }
        }
        match failed {
            Some(error) => Err(error),
            None if due.len() == PAGE as usize => Ok(now),
            None => Ok(now.plus(EVERY)),
        }
    }
}
