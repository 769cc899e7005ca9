//! The journals of runs: one statement per table for the batches of many runs. Rows travel as one JSON text, an array of
//! arrays, because a statement costs far more than a row.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use pmos_core::{Error, Id, Result, Timestamp, event::Event, run::RunState, store::RunBatch};
use serde::Serialize;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{super::Db, events::audience_name, query, rows, runs::trigger_name};
use crate::sql::{
    error::failed,
    value::{big, json, number},
};

statements! {
    RUNS = concat!(
        "insert into runs (workspace_id, id, flow_id, engine, version, draft_revision, draft, input, status, \
         trigger_kind, started_by, started_at, finished_at, duration_us, error, result) select ",
        uuid!(0), ", ", uuid!(1), ", ", uuid!(2), ", ", text!(3), ", ", int!(4), ", ", int!(5), ", ", text!(6), ", ",
        text!(7), ", ", text!(8), ", ", text!(9), ", ", text!(10), ", ", int!(11), ", ", int!(12), ", ", int!(13), ", ",
        text!(14), ", ", text!(15), " from ", elements!(), " where true \
         on conflict (workspace_id, id) do update set status = excluded.status, finished_at = excluded.finished_at, \
         duration_us = excluded.duration_us, error = excluded.error, result = excluded.result");
    STATES = concat!(
        "update runs set status = now.status, finished_at = now.finished_at, duration_us = now.duration_us, \
         error = now.error, result = now.result from (select ",
        uuid!(0), " as workspace_id, ", uuid!(1), " as id, ", text!(2), " as status, ", int!(3), " as finished_at, ",
        int!(4), " as duration_us, ", text!(5), " as error, ", text!(6), " as result from ", elements!(), ") as now \
         where runs.workspace_id = now.workspace_id and runs.id = now.id");
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

const OPERATION: &str = "append to the journals of runs";

type Connection = <Db as sqlx::Database>::Connection;

/// A batch on its way to the disk, and who waits for it.
#[derive(Debug)]
pub(in super::super) struct Append {
    pub(in super::super) workspace: Uuid,
    pub(in super::super) batch: RunBatch,
    pub(in super::super) reply: oneshot::Sender<Result<Vec<Event>>>,
}

/// Writes the batches of many runs inside the transaction that is open, and gives each its numbered events. When one of
/// them cannot be written the transaction is of no more use.
pub(in super::super) async fn write(connection: &mut Connection, appends: &[&Append]) -> Result<Vec<Vec<Event>>> {
    write_runs(connection, appends).await?;
    write_states(connection, appends).await?;
    write_steps(connection, appends).await?;
    write_events(connection, appends).await
}

/// PostgreSQL keeps every character but this one; names and messages may come from outside.
fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

async fn execute(connection: &mut Connection, sql: &'static str, rows: &[impl Serialize]) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let done = query(sql).bind(json(&rows)?).execute(connection).await;
    done.map(|done| done.rows_affected()).map_err(|cause| failed(OPERATION, cause))
}

async fn write_runs(connection: &mut Connection, appends: &[&Append]) -> Result<()> {
    let begun = appends.iter().filter_map(|append| append.batch.begin.as_ref().map(|begin| (append, begin)));
    let runs: Vec<_> = begun
        .map(|(append, begin)| {
            let (summary, state) = (&begin.summary, State::of(&append.batch.state));
            (
                append.workspace.simple(),
                append.batch.run.uuid().simple(),
                summary.flow.uuid().simple(),
                &summary.engine,
                summary.version,
                begin.draft_revision.map(big),
                begin.draft.as_ref().map(|draft| draft.text()),
                begin.input.as_ref().map(|input| input.get()),
                state.0,
                trigger_name(summary.trigger),
                summary.started_by.as_deref(),
                summary.started_at.micros(),
                state.1,
                state.2,
                state.3,
                state.4,
            )
        })
        .collect();
    execute(connection, RUNS, &runs).await?;
    Ok(())
}

/// Status, end, duration, error and result.
#[derive(Serialize)]
struct State<'a>(&'static str, Option<i64>, Option<i64>, Option<Cow<'a, str>>, Option<&'a str>);

impl<'a> State<'a> {
    fn of(state: &'a RunState) -> Self {
        Self(
            state.status.as_str(),
            state.finished_at.map(Timestamp::micros),
            state.duration_us.map(big),
            state.error.as_deref().map(plain),
            state.result.as_ref().map(|result| result.get()),
        )
    }
}

async fn write_states(connection: &mut Connection, appends: &[&Append]) -> Result<()> {
    let mut seen = HashSet::new();
    // From the end, so that of several batches of one run the last says how it stands.
    let states: Vec<_> = appends
        .iter()
        .rev()
        .filter(|append| append.batch.begin.is_none() && seen.insert((append.workspace, append.batch.run)))
        .map(|append| {
            let State(status, finished_at, duration_us, error, result) = State::of(&append.batch.state);
            let ids = (append.workspace.simple(), append.batch.run.uuid().simple());
            (ids.0, ids.1, status, finished_at, duration_us, error, result)
        })
        .collect();
    let known = execute(connection, STATES, &states).await?;
    if known == states.len() as u64 { Ok(()) } else { Err(Error::not_found()) }
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
