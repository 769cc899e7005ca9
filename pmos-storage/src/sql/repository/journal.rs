//! The journals of runs: one statement per table for the batches of many runs. Rows travel as one JSON text, an array of
//! arrays, because a statement costs far more than a row.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use pmos_core::{
    Error, Id, Result, RunId, Timestamp,
    event::Event,
    flow::Document,
    run::{RunState, RunStatus},
    store::{Appended, RunBatch, RunRow},
};
use serde::Serialize;
use tokio::sync::oneshot;
use uuid::{Uuid, fmt::Simple};

use super::{
    super::Db,
    events::audience_name,
    idempotency::keep,
    query, rows,
    runs::{due_at, trigger_name},
};
use crate::sql::{
    error::failed,
    value::{big, json, number},
};

statements! {
    RUNS = concat!(
        "insert into runs (workspace_id, id, flow_id, engine, version, draft_revision, draft, input, status, \
         trigger_kind, started_by, started_at, finished_at, duration_us, error, result, recorded, node, epoch, parent_id, \
         depth, wake_at) select ",
        uuid!(0), ", ", uuid!(1), ", ", uuid!(2), ", ", text!(3), ", ", int!(4), ", ", int!(5), ", ", text!(6), ", ",
        text!(7), ", ", text!(8), ", ", text!(9), ", ", text!(10), ", ", int!(11), ", ", int!(12), ", ", int!(13), ", ",
        text!(14), ", ", text!(15), ", ", int!(16), ", ", uuid!(17), ", ", int!(18), ", ", uuid!(19), ", ", int!(20), ", ",
        int!(21), " from ", elements!());
    // A batch that does not follow on the last record, or comes from a process that lost the run, changes nothing, and is
    // found by counting. What came as a signal while the run was at work makes it due as soon as it waits.
    STATES = concat!(
        "update runs set status = now.status, finished_at = now.finished_at, duration_us = now.duration_us, \
         error = now.error, result = now.result, recorded = now.first + now.records, \
         input = case when now.records = 0 then runs.input end, \
         node = case when now.status = 'running' then runs.node end, \
         wake_at = case now.status when 'running' then runs.wake_at when 'waiting' then \
         case when runs.wake_at < now.wake_at or now.wake_at is null then runs.wake_at else now.wake_at end end \
         from (select ",
        uuid!(0), " as of_workspace, ", uuid!(1), " as of_run, ", text!(2), " as status, ", int!(3), " as finished_at, ",
        int!(4), " as duration_us, ", text!(5), " as error, ", text!(6), " as result, ", int!(7), " as first, ",
        int!(8), " as records, ", int!(9), " as epoch, ", int!(10), " as wake_at from ", elements!(), ") as now \
         where runs.workspace_id = now.of_workspace and runs.id = now.of_run and runs.recorded = now.first \
         and runs.epoch = now.epoch returning id, cancel");
    SIGNALS = concat!(
        "update runs set wake_at = now.at from (select ",
        uuid!(0), " as of_workspace, ", uuid!(1), " as of_run, ", int!(2), " as at from ", elements!(), ") as now \
         where runs.workspace_id = now.of_workspace and runs.id = now.of_run and runs.status in ('running', 'waiting')");
    STOP_CHILDREN = concat!(
        "update runs set cancel = true, wake_at = now.at from (select ",
        uuid!(0), " as of_workspace, ", uuid!(1), " as of_run, ", int!(2), " as at from ", elements!(), ") as now \
         where runs.workspace_id = now.of_workspace and runs.parent_id = now.of_run \
         and runs.status in ('queued', 'running', 'waiting')");
    KNOWN = "select recorded from runs where workspace_id = $1 and id = $2";
    STEPS = concat!(
        "insert into run_steps (workspace_id, run_id, n, within, step, name, status, attempt, started_at, duration_us, \
         input, output, error) select ",
        uuid!(0), ", ", uuid!(1), ", ", int!(2), ", ", text!(3), ", ", text!(4), ", ", text!(5), ", ", text!(6), ", ",
        int!(7), ", ", int!(8), ", ", int!(9), ", ", text!(10), ", ", text!(11), ", ", text!(12), " from ", elements!());
    NUMBER = concat!(
        "update heads set event_seq = event_seq + more.events from (select ",
        uuid!(0), " as workspace_id, ", int!(1), " as events from ", elements!(), ") as more \
         where heads.workspace_id = more.workspace_id returning heads.workspace_id, heads.event_seq");
    EVENTS = concat!(
        "insert into events (workspace_id, seq, kind, audience, body) select ",
        uuid!(0), ", ", int!(1), ", ", text!(2), ", ", text!(3), ", ", text!(4), " from ", elements!());
}

/// How a run stands that another one starts.
static QUEUED: RunState = RunState::of(RunStatus::Queued);

const OPERATION: &str = "append to the journals of runs";

type Connection = <Db as sqlx::Database>::Connection;

/// A batch on its way to the disk, and who waits for it.
#[derive(Debug)]
pub(in super::super) struct Append {
    pub(in super::super) workspace: Uuid,
    pub(in super::super) batch: RunBatch,
    pub(in super::super) reply: oneshot::Sender<Result<Appended>>,
}

/// Writes the batches of many runs inside the transaction that is open, and gives what each led to. When one of them cannot
/// be written the transaction is of no more use.
pub(in super::super) async fn write(connection: &mut Connection, appends: &[&Append]) -> Result<Vec<Appended>> {
    write_runs(connection, appends).await?;
    let cancelled = write_states(connection, appends).await?;
    write_steps(connection, appends).await?;
    write_answers(connection, appends).await?;
    write_signals(connection, appends).await?;
    let events = write_events(connection, appends).await?;
    let cancel = |append: &&Append| cancelled.contains(&append.batch.run.uuid());
    Ok(events.into_iter().zip(appends).map(|(events, append)| Appended { events, cancel: cancel(append) }).collect())
}

/// PostgreSQL keeps every character but this one; names and messages may come from outside.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

async fn execute(connection: &mut Connection, sql: &'static str, rows: &[impl Serialize]) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let done = query(sql).bind(json(&rows)?).execute(connection).await;
    done.map(|done| done.rows_affected()).map_err(|cause| failed(OPERATION, cause))
}

/// A row of `RUNS`, column by column.
#[derive(Serialize)]
struct RunLine<'a>(
    Simple,
    Simple,
    Simple,
    &'a str,
    Option<u32>,
    Option<i64>,
    Option<&'a str>,
    Option<&'a str>,
    &'static str,
    &'static str,
    Option<&'a str>,
    i64,
    Option<i64>,
    Option<i64>,
    Option<Cow<'a, str>>,
    Option<&'a str>,
    usize,
    Option<Simple>,
    i64,
    Option<Simple>,
    u32,
    Option<i64>,
);

impl<'a> RunLine<'a> {
    fn new(workspace: Uuid, begin: &'a RunRow, state: &'a RunState, records: usize) -> Self {
        let summary = &begin.summary;
        // The first record repeats what the trigger received.
        let input = begin.input.as_ref().filter(|_| records == 0);
        let node = begin.owner.node.filter(|_| state.status == RunStatus::Running);
        let due = if state.status == RunStatus::Waiting { state.wake_at } else { due_at(begin) };
        Self(
            workspace.simple(),
            summary.id.uuid().simple(),
            summary.flow.uuid().simple(),
            &summary.engine,
            summary.version,
            begin.draft_revision.map(big),
            begin.draft.as_ref().map(Document::text),
            input.map(|input| input.get()),
            state.status.as_str(),
            trigger_name(summary.trigger),
            summary.started_by.as_deref(),
            summary.started_at.micros(),
            state.finished_at.map(Timestamp::micros),
            state.duration_us.map(big),
            state.error.as_deref().map(plain),
            state.result.as_ref().map(|result| result.get()),
            records,
            node.map(|node| node.uuid().simple()),
            big(begin.owner.epoch),
            summary.parent.map(|parent| parent.uuid().simple()),
            begin.depth,
            due.map(Timestamp::micros),
        )
    }
}

async fn write_runs(connection: &mut Connection, appends: &[&Append]) -> Result<()> {
    let mut lines = Vec::new();
    for Append { workspace, batch, .. } in appends {
        if let Some(begin) = &batch.begin {
            if batch.first != 0 || begin.summary.id != batch.run || begin.owner.epoch != batch.epoch {
                return Err(misplaced());
            }
            lines.push(RunLine::new(*workspace, begin, &batch.state, batch.records.len()));
        }
        lines.extend(batch.children.iter().map(|child| RunLine::new(*workspace, child, &QUEUED, 0)));
    }
    execute(connection, RUNS, &lines).await?;
    Ok(())
}

fn misplaced() -> Error {
    Error::internal(OPERATION).because("the batch does not follow on what is there")
}

/// The runs that were asked to stop.
async fn write_states(connection: &mut Connection, appends: &[&Append]) -> Result<HashSet<Uuid>> {
    let lines: Vec<_> = appends
        .iter()
        .filter(|append| append.batch.begin.is_none())
        .map(|append| {
            let (batch, state) = (&append.batch, &append.batch.state);
            (
                append.workspace.simple(),
                batch.run.uuid().simple(),
                state.status.as_str(),
                state.finished_at.map(Timestamp::micros),
                state.duration_us.map(big),
                state.error.as_deref().map(plain),
                state.result.as_ref().map(|result| result.get()),
                batch.first,
                batch.records.len(),
                big(batch.epoch),
                state.wake_at.map(Timestamp::micros),
            )
        })
        .collect();
    if lines.is_empty() {
        return Ok(HashSet::new());
    }
    let changed = rows::<(Uuid, bool)>(STATES).bind(json(&lines)?).fetch_all(&mut *connection).await;
    let changed = changed.map_err(|cause| failed(OPERATION, cause))?;
    if changed.len() < lines.len() {
        return Err(explain(connection, appends).await?);
    }
    Ok(changed.into_iter().filter(|(_, cancel)| *cancel).map(|(run, _)| run).collect())
}

/// Why a batch had no effect: its run is not there, or it comes at another place. Two batches of one run in one statement
/// end here too; each by itself then finds its place.
async fn explain(connection: &mut Connection, appends: &[&Append]) -> Result<Error> {
    for append in appends {
        let known = rows::<(i64,)>(KNOWN).bind(append.workspace).bind(append.batch.run.uuid());
        let known = known.fetch_optional(&mut *connection).await.map_err(|cause| failed(OPERATION, cause))?;
        if known.is_none() {
            return Ok(Error::not_found());
        }
    }
    Ok(misplaced())
}

/// Makes those due that wait for a run that ended, and asks those to stop that it leaves behind.
async fn write_signals(connection: &mut Connection, appends: &[&Append]) -> Result<()> {
    let ended = || appends.iter().filter(|append| append.batch.state.status.is_final());
    let line = |append: &Append, run: RunId| (append.workspace.simple(), run.uuid().simple(), append.batch.at.micros());
    let parents: Vec<_> = ended().filter_map(|append| append.batch.parent.map(|parent| line(append, parent))).collect();
    execute(connection, SIGNALS, &parents).await?;
    let left: Vec<_> =
        ended().filter(|append| append.batch.has_children).map(|append| line(append, append.batch.run)).collect();
    execute(connection, STOP_CHILDREN, &left).await?;
    Ok(())
}

async fn write_steps(connection: &mut Connection, appends: &[&Append]) -> Result<()> {
    let mut steps = Vec::new();
    for append in appends {
        for (n, record) in (i64::from(append.batch.first)..).zip(&append.batch.records) {
            steps.push((
                append.workspace.simple(),
                append.batch.run.uuid().simple(),
                n,
                json(&record.within)?,
                record.step.as_str(),
                plain(&record.name),
                record.status.as_str(),
                record.attempt,
                record.started_at.micros(),
                big(record.duration_us),
                record.input.as_ref().map(|input| input.get()),
                record.output.as_ref().map(|output| output.get()),
                record.error.as_deref().map(plain),
            ));
        }
    }
    execute(connection, STEPS, &steps).await?;
    Ok(())
}

/// Few runs begin with a name, so these go one by one.
async fn write_answers(connection: &mut Connection, appends: &[&Append]) -> Result<()> {
    for Append { workspace, batch, .. } in appends {
        for answer in &batch.answers {
            keep(*workspace, answer).execute(&mut *connection).await.map_err(|cause| failed(OPERATION, cause))?;
        }
    }
    Ok(())
}

async fn write_events(connection: &mut Connection, appends: &[&Append]) -> Result<Vec<Vec<Event>>> {
    // In the order of the ids, so that two who number several workspaces never wait for each other.
    let mut counts = BTreeMap::<Uuid, u64>::new();
    for append in appends.iter().filter(|append| !append.batch.events.is_empty()) {
        *counts.entry(append.workspace).or_default() += append.batch.events.len() as u64;
    }
    if counts.is_empty() {
        return Ok(appends.iter().map(|_| Vec::new()).collect());
    }
    let more: Vec<_> = counts.iter().map(|(workspace, events)| (workspace.simple(), events)).collect();
    let heads = rows::<(Uuid, i64)>(NUMBER).bind(json(&more)?).fetch_all(&mut *connection).await;
    let mut next = BTreeMap::new();
    for (workspace, last) in heads.map_err(|cause| failed(OPERATION, cause))? {
        let count = counts.get(&workspace).copied().unwrap_or(0);
        next.insert(workspace, number::<u64>("heads.event_seq", last)?.saturating_sub(count) + 1);
    }
    let mut numbered = Vec::with_capacity(appends.len());
    for append in appends {
        let mut events = Vec::with_capacity(append.batch.events.len());
        for new in &append.batch.events {
            let next = next.get_mut(&append.workspace).ok_or_else(Error::not_found)?;
            events.push(Event {
                seq: *next,
                kind: new.kind.to_owned(),
                audience: new.audience,
                body: new.body.clone().into(),
            });
            *next += 1;
        }
        numbered.push(events);
    }
    let lines: Vec<_> = appends
        .iter()
        .zip(&numbered)
        .flat_map(|(append, events)| events.iter().map(|event| (append.workspace.simple(), event)))
        .map(|(workspace, event)| {
            (workspace, big(event.seq), &event.kind, audience_name(event.audience), event.body.get())
        })
        .collect();
    execute(connection, EVENTS, &lines).await?;
    Ok(numbered)
}
