//! Runs as they pile up at n8n, read bit by bit.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use pmos_core::{
    Error, Result, Timestamp,
    engine::{ExternalId, RemoteRun, RemoteRunDetails, RemoteRuns, RunControl, Tenancy},
    run::{RunStatus, TriggerKind},
    store::ObjectKind,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    super::client::{
        Call, Execution, Fault, FaultKind, GET_EXECUTION, LIST_EXECUTIONS, Page, RETRY_EXECUTION, STOP_EXECUTION,
    },
    N8nHost, steps,
    tenancy::OpenTenancy,
};

const PAGE: usize = 100;
/// How many runs that were at work are asked for one by one in one look.
const ASKED: usize = 50;
/// How many numbers each look goes back over what the last one saw.
const OVERLAP: u64 = 200;
/// States of runs at work. The list without a state leaves the first two out.
const AT_WORK: [&str; 3] = ["running", "new", "waiting"];

/// Where the next look goes on. Its form is ours and opaque to others.
///
/// n8n numbers runs when they begin, lists the newest first, and has those at work in lists of their own. A run that
/// began and ended while the lists were read may be in none of them, below one that is. Each look therefore goes back
/// over the numbers that could have been given out meanwhile, and leaves out what was told.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(default)]
struct Mark {
    /// Everything up to this number was told of.
    floor: u64,
    /// Told of above the floor, and ended.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    told: BTreeSet<u64>,
    /// At work when they were told of.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    open: BTreeSet<u64>,
    /// Of a look that is not done: where its next page begins, and the newest number it saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<(String, u64)>,
}

impl Mark {
    fn knows(&self, run: u64) -> bool {
        !self.open.contains(&run) && (run <= self.floor || self.told.contains(&run))
    }

    fn note(&mut self, run: &Execution) {
        if status_of(run).is_final() {
            self.open.remove(&run.id);
            self.told.insert(run.id);
        } else {
            self.open.insert(run.id);
        }
    }

    /// What cannot turn up again need not be remembered: what this look has gone past, and, when it is done, what lies
    /// below where the next one stops.
    fn settle(&mut self, newest: u64, done: bool) {
        let next = newest.saturating_sub(OVERLAP);
        let last = if done { 0 } else { self.floor.saturating_add(OVERLAP) };
        self.told.retain(|run| *run > next || *run <= last);
        if done {
            self.floor = self.floor.max(next);
        }
    }
}

impl N8nHost {
    pub(super) async fn runs_since(&self, opened: &OpenTenancy<'_>, after: Option<&str>) -> Result<RemoteRuns> {
        let mut mark: Mark = match after {
            Some(text) => serde_json::from_str(text).map_err(|_| Error::internal("read where to go on with runs"))?,
            None => Mark::default(),
        };
        // Those at work first: what ends from here on is in the list that is read next.
        let at_work = AT_WORK.map(async |status| {
            let page: Page<Execution> = opened.by_key(list(opened).query("status", status)).await?.json()?;
            Ok::<_, Fault>(page.data)
        });
        let at_work = futures::future::try_join_all(at_work).await?.into_iter().flatten();
        let mut found: BTreeMap<u64, Execution> = at_work.map(|run| (run.id, run)).collect();

        let going_on = mark.page.take();
        let call = list(opened);
        let call = going_on.iter().fold(call, |call, (cursor, _)| call.query("cursor", cursor.clone()));
        let page: Page<Execution> = match opened.by_key(call).await {
            // The place where we stopped is not known any more.
            Err(Fault { kind: FaultKind::Rejected(_), .. }) if going_on.is_some() => {
                Page { data: Vec::new(), next_cursor: None }
            }
            answer => answer?.json()?,
        };
        let newest = page.data.iter().map(|run| run.id).max();
        if going_on.is_none() && newest.is_some_and(|newest| newest < mark.floor) {
            // The server was set up anew and counts from the beginning.
            mark = Mark::default();
        }
        let reached = page.data.iter().any(|run| run.id <= mark.floor);
        let newest = going_on.map(|(_, newest)| newest).or(newest).unwrap_or_default();
        let fresh = page.data.into_iter().filter(|run| !mark.knows(run.id));
        found.extend(fresh.map(|run| (run.id, run)).collect::<Vec<_>>());
        self.ask_for_open(opened, &mut mark, &mut found).await?;

        for run in found.values() {
            mark.note(run);
        }
        let more = !reached && page.next_cursor.is_some();
        mark.page = page.next_cursor.filter(|_| more).map(|cursor| (cursor, newest));
        mark.settle(newest, !more);
        let next = serde_json::to_string(&mark).map_err(|_| Error::internal("write where to go on with runs"))?;
        Ok(RemoteRuns { runs: found.values().map(summary).collect(), next, more })
    }

    /// Runs that were at work and are in none of the lists that were read; those that were deleted are forgotten.
    async fn ask_for_open(
        &self,
        opened: &OpenTenancy<'_>,
        mark: &mut Mark,
        found: &mut BTreeMap<u64, Execution>,
    ) -> Result<(), Fault> {
        let missing: Vec<_> = mark.open.iter().copied().filter(|run| !found.contains_key(run)).take(ASKED).collect();
        for run in missing {
            match execution(opened, run, None).await? {
                Some(execution) => drop(found.insert(run, execution)),
                None => drop(mark.open.remove(&run)),
            }
        }
        Ok(())
    }

    pub(super) async fn details(&self, opened: &OpenTenancy<'_>, run: &ExternalId) -> Result<Option<RemoteRunDetails>> {
        let Ok(number) = run.as_str().parse() else { return Ok(None) };
        let whole = match execution(opened, number, Some(Data::Whole)).await {
            // Without its values it is small enough to show what happened.
            Err(Fault { kind: FaultKind::TooLarge, .. }) => execution(opened, number, Some(Data::Redacted)).await,
            answer => answer,
        };
        let Some(execution) = whole? else { return Ok(None) };
        let steps = steps::of(&execution);
        let result = steps::result(&execution);
        let run = RemoteRun { ours: steps::carried(&execution), ..summary(&execution) };
        Ok(Some(RemoteRunDetails { run, steps, result }))
    }
}

#[async_trait]
impl RunControl for N8nHost {
    async fn cancel(&self, tenancy: &Tenancy, run: &ExternalId) -> Result<()> {
        let opened = self.open(tenancy)?;
        match opened.by_key(Call::to(STOP_EXECUTION, &[run.as_str()])).await {
            Ok(answer) => Ok(answer.done()?),
            Err(Fault { kind: FaultKind::Conflict(_), .. }) => {
                Err(Error::conflict("run_ended", "The run has ended already."))
            }
            Err(fault) => Err(of_run(&opened, fault)),
        }
    }

    /// n8n answers when the new run has ended, so the answer is not waited for: the new run is found by what it repeats.
    async fn retry(&self, tenancy: &Tenancy, run: &ExternalId) -> Result<Option<ExternalId>> {
        let opened = self.open(tenancy)?;
        let number: u64 = run.as_str().parse().map_err(|_| Error::not_found())?;
        let call = Call::to(RETRY_EXECUTION, &[run.as_str()]).json(json!({"loadWorkflow": true}));
        match opened.by_key(call.within(self.client.limits().settle)).await {
            Ok(answer) => {
                let execution: Execution = answer.json()?;
                Ok((execution.retry_of == Some(number)).then(|| ExternalId::new(execution.id.to_string())))
            }
            Err(Fault { kind: FaultKind::TimedOut | FaultKind::TooLarge, .. }) => {
                let page: Page<Execution> = opened.by_key(list(&opened).query("status", "running")).await?.json()?;
                let mut again = page.data.into_iter().filter(|run| run.retry_of == Some(number));
                Ok(again.next().map(|run| ExternalId::new(run.id.to_string())))
            }
            Err(Fault { kind: FaultKind::Conflict(_), .. }) => {
                Err(Error::conflict("conflict", "Only a run that failed can go on from its failed step."))
            }
            Err(fault) => Err(of_run(&opened, fault)),
        }
    }
}

fn of_run(opened: &OpenTenancy<'_>, fault: Fault) -> Error {
    match fault {
        // A number that is none is the number of nothing.
        Fault { kind: FaultKind::Rejected(_), .. } => Error::not_found(),
        fault if opened.ownership.hides(&fault) => Error::not_found(),
        fault => fault.into(),
    }
}

fn list(opened: &OpenTenancy<'_>) -> Call {
    let call = Call::to(LIST_EXECUTIONS, &[]).query("limit", PAGE.to_string());
    match &opened.access.project {
        Some(project) => call.query("projectId", project.clone()),
        None => call,
    }
}

/// How much of a run is read.
#[derive(Clone, Copy)]
pub(super) enum Data {
    Whole,
    Redacted,
}

/// A run, if it is there.
pub(super) async fn execution(
    opened: &OpenTenancy<'_>,
    run: u64,
    data: Option<Data>,
) -> Result<Option<Execution>, Fault> {
    let number = run.to_string();
    let path = [&*number];
    let mut call = Call::to(GET_EXECUTION, &path);
    if let Some(data) = data {
        call = call.query("includeData", "true");
        if matches!(data, Data::Redacted) {
            call = call.query("redactExecutionData", "true");
        }
    }
    let Some(answer) = opened.ownership.if_there(opened.by_key(call).await)? else { return Ok(None) };
    let execution: Execution = answer.json()?;
    if execution.id != run {
        opened.ownership.found_foreign(ObjectKind::Run);
        return Ok(None);
    }
    Ok(Some(execution))
}

/// What a list of runs shows.
pub(super) fn summary(run: &Execution) -> RemoteRun {
    let status = status_of(run);
    let started_at = run.started_at.or(run.created_at).unwrap_or(Timestamp::from_micros(0));
    RemoteRun {
        id: ExternalId::new(run.id.to_string()),
        flow: ExternalId::new(run.workflow_id.clone()),
        ours: None,
        version: run.workflow_version_id.clone().map(ExternalId::new),
        status,
        trigger: trigger_of(&run.mode),
        started_at,
        finished_at: run.stopped_at.filter(|_| status.is_final()),
        error: (status == RunStatus::Failed).then(|| steps::failure(run)),
    }
}

fn status_of(run: &Execution) -> RunStatus {
    match &*run.status {
        "new" => RunStatus::Queued,
        "running" => RunStatus::Running,
        "waiting" => RunStatus::Waiting,
        "success" => RunStatus::Succeeded,
        "canceled" => RunStatus::Cancelled,
        _ => RunStatus::Failed,
    }
}

fn trigger_of(mode: &str) -> TriggerKind {
    match mode {
        "webhook" | "chat" => TriggerKind::Webhook,
        "trigger" => TriggerKind::Schedule,
        // Called by another workflow, or because another one failed.
        "integrated" | "error" => TriggerKind::Subflow,
        "retry" => TriggerKind::Retry,
        _ => TriggerKind::Manual,
    }
}
