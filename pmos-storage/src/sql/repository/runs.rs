//! The runs of the workspace and what is counted over them.

use async_trait::async_trait;
use pmos_core::{
    Cursor, FlowId, Id, NodeId, Page, PageRequest, Result, RunId, Timestamp,
    flow::{Document, StepId},
    run::{RunState, RunStatus, RunSummary, StepRecord, TriggerKind},
    store::{FailingFlow, Owner, RunCount, RunFilter, RunRepository, RunRow},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{super::Unit, before, journal::plain, most, query, rows};
use crate::sql::value::{big, document, in_any_case, json, list, micros, millis, number, parsed, raw, unreadable};

macro_rules! summary {
    () => {
        "select id, flow_id, engine, version, status, trigger_kind, started_by, parent_id, started_at, finished_at, \
         duration_us, wake_at, error, result from runs where workspace_id = $1 "
    };
}

macro_rules! filtered {
    () => {
        concat!(
            "and id < $2 \
         and (cast($4 as text) is null or status = cast($4 as text)) \
         and (cast($5 as text) is null or ",
            matches_pattern!("error", "$5"),
            " or ",
            matches_pattern!("result", "$5"),
            " or flow_id in (select f.id from flows f where f.workspace_id = $1 and f.deleted_at is null and ",
            matches_pattern!("f.name", "$5"),
            ")) \
         and started_at >= $6 and started_at < $7 \
         and (cast($8 as text) is null or engine = cast($8 as text)) "
        )
    };
}

statements! {
    LIST = concat!(summary!(), filtered!(), "order by id desc limit $3");
    LIST_OF = concat!(summary!(), filtered!(), "and flow_id = $9 order by id desc limit $3");
    GET = "select id, flow_id, engine, version, status, trigger_kind, started_by, parent_id, started_at, finished_at, \
           duration_us, wake_at, error, result, draft_revision, draft, input, depth, cancel, node, epoch \
           from runs where workspace_id = $1 and id = $2";
    RECORDS = "select within, step, name, status, attempt, started_at, duration_us, input, output, error \
               from run_steps where workspace_id = $1 and run_id = $2 order by n";
    INSERT = "insert into runs (workspace_id, id, flow_id, engine, version, draft_revision, draft, input, status, \
              trigger_kind, started_by, started_at, finished_at, duration_us, error, result, recorded, parent_id, depth, \
              wake_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, $18, $19)";
    CLAIM = "update runs set status = 'running', wake_at = null, node = $5, epoch = epoch + 1 \
             where workspace_id = $1 and id = $2 and node is not distinct from $3 and epoch = $4 \
             and status in ('queued', 'running', 'waiting') and not remote";
    CANCEL = "update runs set cancel = true, wake_at = $3 \
              where workspace_id = $1 and id = $2 and status in ('queued', 'running', 'waiting') and not remote";
    SETTLE = "update runs set status = $3, finished_at = $4, duration_us = $5, error = $6, result = $7, wake_at = null, \
              node = null, epoch = epoch + case when remote then 0 else 1 end \
              where workspace_id = $1 and id = $2 and status in ('queued', 'running', 'waiting') returning parent_id";
    SIGNAL = "update runs set wake_at = $3 \
              where workspace_id = $1 and id = $2 and status in ('running', 'waiting') and not remote";
    STOP_CHILDREN = "update runs set cancel = true, wake_at = $3 \
                     where workspace_id = $1 and parent_id = $2 and status in ('queued', 'running', 'waiting')";
    ABSORB = "insert into runs (workspace_id, id, flow_id, engine, version, status, trigger_kind, started_by, started_at, \
              finished_at, duration_us, error, result, recorded, remote) \
              select workspace_id, $2, id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, true from flows \
              where workspace_id = $1 and id = $3 \
              on conflict (workspace_id, id) do update set version = excluded.version, status = excluded.status, \
              trigger_kind = excluded.trigger_kind, started_at = excluded.started_at, \
              finished_at = excluded.finished_at, duration_us = excluded.duration_us, error = excluded.error, \
              result = excluded.result, remote = true \
              where runs.status in ('queued', 'running', 'waiting') \
              or excluded.status not in ('queued', 'running', 'waiting')";
    KNOWN = "select count(*) from flows where workspace_id = $1 and id = $2";
    UNFINISHED = concat!(
        summary!(),
        "and engine = $2 and status in ('queued', 'running', 'waiting') and remote order by started_at, id limit 200");
    COUNT_SINCE = "select count(*) from runs where workspace_id = $1 and started_at >= $2";
    // Counts whole spans from the epoch on; both databases cut the quotient of two integers.
    SERIES = "select started_at / $3 as span, status, count(*) as runs from runs \
              where workspace_id = $1 and started_at >= $2 group by 1, 2 order by 1, 2";
    DURATIONS = "select duration_us from (select duration_us from runs \
                 where workspace_id = $1 and started_at >= $2 and duration_us is not null \
                 and status not in ('queued', 'running', 'waiting') \
                 order by started_at desc limit $3) newest order by duration_us";
    FAILING = "select f.flow_id, f.failures, r.error, coalesce(r.finished_at, r.started_at) as last_at \
               from (select flow_id, count(*) as failures from runs \
                     where workspace_id = $1 and status = 'failed' and started_at >= $2 group by flow_id) f \
               join runs r on r.workspace_id = $1 and r.id = \
                    (select n.id from runs n where n.workspace_id = $1 and n.flow_id = f.flow_id \
                     and n.status = 'failed' order by n.id desc limit 1) \
               where not exists (select 1 from runs s where s.workspace_id = $1 and s.flow_id = f.flow_id \
                     and s.id > r.id and s.status = 'succeeded') \
               order by f.failures desc, last_at desc limit $3";
    // A run that ended before also began before, which is what the index knows.
    PURGE = "delete from runs where workspace_id = $1 and id in \
             (select id from runs where workspace_id = $1 and started_at < $2 and finished_at < $2 \
              and status not in ('queued', 'running', 'waiting') \
              order by started_at limit $3) returning id";
    DROP_JOURNALS = concat!(
        "delete from run_steps where workspace_id = $2 and run_id in (select ", uuid!(0), " from ", elements!(), ")");
    FORGET = concat!(
        "delete from engine_objects where workspace_id = $2 and kind = 'run' \
         and engine in (select engine from tenancies where workspace_id = $2) and id in (select ",
        uuid!(0), " from ", elements!(), ")");
}

#[derive(sqlx::FromRow)]
struct Summary {
    id: Uuid,
    flow_id: Uuid,
    engine: String,
    version: Option<i64>,
    status: String,
    trigger_kind: String,
    started_by: Option<String>,
    parent_id: Option<Uuid>,
    started_at: i64,
    finished_at: Option<i64>,
    duration_us: Option<i64>,
    wake_at: Option<i64>,
    error: Option<String>,
    result: Option<String>,
}

impl Summary {
    fn read(self) -> Result<RunSummary> {
        let status = parsed("runs.status", &self.status)?;
        // What is queued is due at once, and a signal to a run at work is nothing to be shown.
        let wake_at = self.wake_at.filter(|_| status == RunStatus::Waiting);
        Ok(RunSummary {
            id: RunId::from_uuid(self.id),
            flow: FlowId::from_uuid(self.flow_id),
            engine: self.engine,
            version: self.version.map(|version| number("runs.version", version)).transpose()?,
            status,
            trigger: trigger(&self.trigger_kind)?,
            started_by: self.started_by,
            parent: self.parent_id.map(RunId::from_uuid),
            started_at: Timestamp::from_micros(self.started_at),
            finished_at: self.finished_at.map(Timestamp::from_micros),
            duration_ms: self.duration_us.map(millis),
            wake_at: wake_at.map(Timestamp::from_micros),
            error: self.error,
            result: self.result.map(|result| raw("runs.result", result)).transpose()?,
        })
    }
}

fn trigger(text: &str) -> Result<TriggerKind> {
    let text = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text);
    TriggerKind::deserialize(text).map_err(|_| unreadable("runs.trigger_kind"))
}

/// When a run is due that is written down for the first time.
pub(super) fn due_at(run: &RunRow) -> Option<Timestamp> {
    match run.summary.status {
        RunStatus::Queued => Some(run.summary.started_at),
        _ => run.summary.wake_at,
    }
}

/// The name of what made a run start, as on the wire.
pub(super) fn trigger_name(trigger: TriggerKind) -> &'static str {
    match trigger {
        TriggerKind::Webhook => "webhook",
        TriggerKind::Manual => "manual",
        TriggerKind::Schedule => "schedule",
        TriggerKind::Subflow => "subflow",
        TriggerKind::Retry => "retry",
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    summary: Summary,
    draft_revision: Option<i64>,
    draft: Option<String>,
    input: Option<String>,
    depth: i64,
    cancel: bool,
    node: Option<Uuid>,
    epoch: i64,
}

impl Row {
    fn read(self) -> Result<RunRow> {
        Ok(RunRow {
            summary: self.summary.read()?,
            draft_revision: self.draft_revision.map(|at| number("runs.draft_revision", at)).transpose()?,
            draft: self.draft.map(|draft| document("runs.draft", draft)).transpose()?,
            input: self.input.map(|input| raw("runs.input", input)).transpose()?,
            depth: number("runs.depth", self.depth)?,
            cancel: self.cancel,
            owner: Owner { node: self.node.map(NodeId::from_uuid), epoch: number("runs.epoch", self.epoch)? },
        })
    }
}

#[derive(sqlx::FromRow)]
struct Record {
    within: String,
    step: String,
    name: String,
    status: String,
    attempt: i64,
    started_at: i64,
    duration_us: i64,
    input: Option<String>,
    output: Option<String>,
    error: Option<String>,
}

impl Record {
    fn read(self) -> Result<StepRecord> {
        Ok(StepRecord {
            within: list::<(StepId, u32)>("run_steps.within", &self.within)?,
            step: parsed("run_steps.step", &self.step)?,
            name: self.name,
            status: parsed("run_steps.status", &self.status)?,
            attempt: number("run_steps.attempt", self.attempt)?,
            started_at: Timestamp::from_micros(self.started_at),
            duration_us: number("run_steps.duration_us", self.duration_us)?,
            input: self.input.map(|input| raw("run_steps.input", input)).transpose()?,
            output: self.output.map(|output| raw("run_steps.output", output)).transpose()?,
            error: self.error,
        })
    }
}

#[async_trait]
impl RunRepository for Unit {
    async fn list(&mut self, filter: &RunFilter, page: &PageRequest) -> Result<Page<RunSummary>> {
        let list = rows::<Summary>(if filter.flow.is_some() { LIST_OF } else { LIST })
            .bind(self.workspace)
            .bind(before(page))
            .bind(most(page))
            .bind(filter.status.map(RunStatus::as_str))
            .bind(filter.text.as_deref().map(in_any_case))
            .bind(filter.since.map_or(i64::MIN, Timestamp::micros))
            .bind(filter.until.map_or(i64::MAX, Timestamp::micros))
            .bind(filter.engine.as_deref());
        let list = match filter.flow {
            Some(flow) => list.bind(flow.uuid()),
            None => list,
        };
        let runs = self.all("list runs", list).await?.into_iter().map(Summary::read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(runs, page, |run: &RunSummary| Cursor::new(owner, run.id.uuid().as_u128())))
    }

    async fn get(&mut self, id: RunId) -> Result<Option<RunRow>> {
        let get = rows::<Row>(GET).bind(self.workspace).bind(id.uuid());
        self.find("read a run", get).await?.map(Row::read).transpose()
    }

    async fn records(&mut self, id: RunId) -> Result<Vec<StepRecord>> {
        let records = rows::<Record>(RECORDS).bind(self.workspace).bind(id.uuid());
        self.all("read the journal of a run", records).await?.into_iter().map(Record::read).collect()
    }

    async fn insert(&mut self, run: &RunRow) -> Result<()> {
        let summary = &run.summary;
        let insert = query(INSERT)
            .bind(self.workspace)
            .bind(summary.id.uuid())
            .bind(summary.flow.uuid())
            .bind(&summary.engine)
            .bind(summary.version.map(i64::from))
            .bind(run.draft_revision.map(big))
            .bind(run.draft.as_ref().map(Document::text))
            .bind(run.input.as_ref().map(|input| input.get()))
            .bind(summary.status.as_str())
            .bind(trigger_name(summary.trigger))
            .bind(&summary.started_by)
            .bind(summary.started_at.micros())
            .bind(summary.finished_at.map(Timestamp::micros))
            .bind(summary.duration_ms.map(micros))
            .bind(&summary.error)
            .bind(summary.result.as_ref().map(|result| result.get()))
            .bind(summary.parent.map(Id::uuid))
            .bind(i64::from(run.depth))
            .bind(due_at(run).map(Timestamp::micros));
        self.change("keep a run", insert).await?;
        Ok(())
    }

    async fn claim(&mut self, id: RunId, seen: Owner, node: NodeId) -> Result<bool> {
        let claim = query(CLAIM)
            .bind(self.workspace)
            .bind(id.uuid())
            .bind(seen.node.map(Id::uuid))
            .bind(big(seen.epoch))
            .bind(node.uuid());
        Ok(self.change("take a run over", claim).await? > 0)
    }

    async fn cancel(&mut self, id: RunId, now: Timestamp) -> Result<bool> {
        let cancel = query(CANCEL).bind(self.workspace).bind(id.uuid()).bind(now.micros());
        Ok(self.change("ask a run to stop", cancel).await? > 0)
    }

    async fn settle(&mut self, id: RunId, state: &RunState, now: Timestamp) -> Result<bool> {
        let operation = "end a run";
        self.must_write(operation)?;
        let settle = rows::<(Option<Uuid>,)>(SETTLE)
            .bind(self.workspace)
            .bind(id.uuid())
            .bind(state.status.as_str())
            .bind(state.finished_at.map(Timestamp::micros))
            .bind(state.duration_us.map(big))
            .bind(&state.error)
            .bind(state.result.as_ref().map(|result| result.get()));
        let Some((parent,)) = self.find(operation, settle).await? else { return Ok(false) };
        let stop = query(STOP_CHILDREN).bind(self.workspace).bind(id.uuid()).bind(now.micros());
        self.change(operation, stop).await?;
        if let Some(parent) = parent {
            let signal = query(SIGNAL).bind(self.workspace).bind(parent).bind(now.micros());
            self.change(operation, signal).await?;
        }
        Ok(true)
    }

    async fn absorb(&mut self, run: &RunSummary) -> Result<bool> {
        let absorb = query(ABSORB)
            .bind(self.workspace)
            .bind(run.id.uuid())
            .bind(run.flow.uuid())
            .bind(&run.engine)
            .bind(run.version.map(i64::from))
            .bind(run.status.as_str())
            .bind(trigger_name(run.trigger))
            .bind(&run.started_by)
            .bind(run.started_at.micros())
            .bind(run.finished_at.map(Timestamp::micros))
            .bind(run.duration_ms.map(micros))
            .bind(run.error.as_deref().map(plain))
            .bind(run.result.as_ref().map(|result| result.get()));
        if self.change("absorb a run", absorb).await? > 0 {
            return Ok(true);
        }
        // It ended before, or there is no flow.
        let known = rows::<(i64,)>(KNOWN).bind(self.workspace).bind(run.flow.uuid());
        Ok(self.one("absorb a run", known).await?.0 > 0)
    }

    async fn unfinished(&mut self, engine: &str) -> Result<Vec<RunSummary>> {
        let unfinished = rows::<Summary>(UNFINISHED).bind(self.workspace).bind(engine);
        self.all("list unfinished runs", unfinished).await?.into_iter().map(Summary::read).collect()
    }

    async fn count_since(&mut self, since: Timestamp) -> Result<u64> {
        let count = rows::<(i64,)>(COUNT_SINCE).bind(self.workspace).bind(since.micros());
        number("runs", self.one("count runs", count).await?.0)
    }

    async fn series(&mut self, since: Timestamp, span_us: u64) -> Result<Vec<RunCount>> {
        let span = big(span_us.max(1));
        let series = rows::<(i64, String, i64)>(SERIES).bind(self.workspace).bind(since.micros()).bind(span);
        let found = self.all("count runs over time", series).await?;
        let count = |(at, status, count): (i64, String, i64)| {
            Ok(RunCount {
                at: Timestamp::from_micros(at.saturating_mul(span)),
                status: parsed("runs.status", &status)?,
                count: number("runs", count)?,
            })
        };
        found.into_iter().map(count).collect()
    }

    async fn durations(&mut self, since: Timestamp, limit: u32) -> Result<Vec<u64>> {
        let durations = rows::<(i64,)>(DURATIONS).bind(self.workspace).bind(since.micros()).bind(i64::from(limit));
        let found = self.all("read the durations of runs", durations).await?;
        found.into_iter().map(|(micros,)| number("runs.duration_us", micros)).collect()
    }

    async fn failing(&mut self, since: Timestamp, limit: u32) -> Result<Vec<FailingFlow>> {
        let failing = rows::<(Uuid, i64, Option<String>, i64)>(FAILING)
            .bind(self.workspace)
            .bind(since.micros())
            .bind(i64::from(limit));
        let found = self.all("find the flows that fail", failing).await?;
        let flow = |(flow, failures, last_error, last_at): (Uuid, i64, Option<String>, i64)| {
            Ok(FailingFlow {
                flow: FlowId::from_uuid(flow),
                failures: number("runs", failures)?,
                last_error,
                last_at: Timestamp::from_micros(last_at),
            })
        };
        found.into_iter().map(flow).collect()
    }

    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let operation = "purge old runs";
        self.must_write(operation)?;
        let purge = rows::<(Uuid,)>(PURGE).bind(self.workspace).bind(before.micros()).bind(i64::from(limit));
        let gone = self.all(operation, purge).await?;
        if !gone.is_empty() {
            // After the runs: an append holds its run until it has committed, and what it wrote is seen from then on.
            let ids = json(&gone.iter().map(|(id,)| [id.simple()]).collect::<Vec<_>>())?;
            self.change(operation, query(DROP_JOURNALS).bind(&ids).bind(self.workspace)).await?;
            self.change(operation, query(FORGET).bind(&ids).bind(self.workspace)).await?;
        }
        Ok(gone.len() as u64)
    }
}
