//! Goes on with runs that an earlier process left unfinished.

use tokio_util::sync::CancellationToken;

use crate::{
    Error, Pmos, Result, RunId, WorkspaceId, WorkspaceScope,
    run::{Edition, RunOrder, RunState, RunStatus, Work},
    store::{Access, Closing, RunRow},
};

/// How many are looked up at once.
const PAGE: u32 = 200;

pub(super) async fn work(pmos: Pmos) {
    if let Err(error) = resume_all(&pmos).await {
        tracing::error!(%error, "unfinished runs could not be looked up");
    }
}

async fn resume_all(pmos: &Pmos) -> Result<()> {
    let mut after = None;
    loop {
        let page = pmos.store().directory().unfinished_runs(after, PAGE).await?;
        for (workspace, run) in &page {
            if let Err(error) = resume(pmos, *workspace, *run).await {
                tracing::error!(%run, %error, "an unfinished run could not be gone on with");
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(*last),
            _ => return Ok(()),
        }
    }
}

async fn resume(pmos: &Pmos, workspace: WorkspaceId, run: RunId) -> Result<()> {
    let scope = WorkspaceScope::system(workspace, "go on with a run");
    let mut unit = pmos.store().begin(&scope, Access::Read).await?;
    let Some(row) = unit.runs().get(run).await? else { return Ok(()) };
    if row.summary.status.is_final() || pmos.runs().is_active(run) {
        return Ok(());
    }
    let recorded = unit.runs().records(run).await?;
    let edition = edition(&row)?;
    let document = match (edition, row.draft.clone()) {
        (Edition::Version(version), _) => {
            unit.flows().version(row.summary.flow, version).await?.map(|kept| kept.document)
        }
        (Edition::Draft(_), draft) => draft,
    };
    drop(unit);
    let engine = pmos.engines().get(&row.summary.engine).ok().cloned();
    let (Some(document), Some(engine)) = (document, engine) else {
        return give_up(pmos, &scope, run).await;
    };
    let received = recorded.first().and_then(|record| record.output.clone()).or(row.input);
    let input = match received {
        Some(text) => {
            serde_json::from_str(text.get()).map_err(|cause| Error::internal("read a run's input").because(cause))?
        }
        None => serde_json::Value::Null,
    };
    pmos.runs().launch(Work {
        scope,
        engine,
        order: RunOrder {
            workspace,
            run,
            flow: row.summary.flow,
            edition,
            document,
            trigger: row.summary.trigger,
            input,
        },
        begin: None,
        announced: row.summary.status != RunStatus::Queued,
        started_at: row.summary.started_at,
        recorded,
        answer: None,
        cancel: CancellationToken::new(),
    })
}

fn edition(row: &RunRow) -> Result<Edition> {
    match (row.summary.version, row.draft_revision) {
        (Some(version), _) => Ok(Edition::Version(version)),
        (None, Some(revision)) => Ok(Edition::Draft(revision)),
        (None, None) => Err(Error::internal("find out what a run runs")),
    }
}

async fn give_up(pmos: &Pmos, scope: &WorkspaceScope, run: RunId) -> Result<()> {
    let state = RunState {
        status: RunStatus::Failed,
        finished_at: Some(pmos.clock().now()),
        duration_us: None,
        error: Some("The automation or its engine is not there any more, so the run could not go on.".to_owned()),
        result: None,
    };
    let mut unit = pmos.store().begin(scope, Access::Write).await?;
    unit.runs().settle(run, &state).await?;
    unit.commit(Closing::default()).await?;
    Ok(())
}
