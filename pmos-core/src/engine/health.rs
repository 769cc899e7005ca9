//! Looks how a remote engine stands, and writes down what is different from before.

use super::{EngineState, Health, Tenancy};
use crate::{
    Error, Result, WorkspaceScope, audit::Subject, cluster::LeaseKey, engine::EXTERNAL_EDITOR, event::NewEvent,
    flow::FlowEngine, outward::Outward, store::TenancyRow,
};

/// Checks a tenancy, keeps what was found, and tells when its state is another one.
pub(crate) async fn look_at(
    outward: &mut Outward<'_>,
    engine: &dyn FlowEngine,
    tenancy: &Tenancy,
) -> Result<TenancyRow> {
    let services = outward.services();
    let health = outward.host(engine)?.check(tenancy).await;
    let scope = WorkspaceScope::system(tenancy.workspace, "follow an engine");
    let _turn = services.leases.acquire(LeaseKey::Tenancies(tenancy.workspace)).await?;
    let mut unit = outward.refresh(&scope).await?;
    let row = unit.engines().tenancy(&engine.descriptor().name).await?.ok_or_else(Error::not_found)?;
    let before = row.state;
    let row = found(row, health);
    unit.engines().put_tenancy(&row).await?;
    let events = if before == row.state { Vec::new() } else { vec![state_event(&row, services.clock.now())] };
    unit.commit(events).await?;
    Ok(row)
}

/// The tenancy with what a look at it found.
pub(crate) fn found(row: TenancyRow, health: Health) -> TenancyRow {
    TenancyRow {
        state: EngineState::of(&health.facts),
        version: health.version.or(row.version),
        facts: health.facts,
        ..row
    }
}

/// Tells how an engine stands for the workspace.
pub(crate) fn state_event(row: &TenancyRow, at: crate::Timestamp) -> NewEvent {
    let data = serde_json::json!({"state": row.state, "facts": row.facts});
    NewEvent::with("engine.state", at, EXTERNAL_EDITOR, &Subject::new("engine", &row.engine), Some(&data))
}
