//! Looks at one flow outside and brings our mirror of it up to date.

use super::{Absorbing, EXTERNAL_EDITOR, RemoteFlow, SeenFlow, Tenancy};
use crate::{
    Error, FlowId, Id, Result, WorkspaceScope,
    action::Outward,
    audit::Subject,
    event::NewEvent,
    flow::FlowEngine,
    store::{Access, Closing, ObjectKind},
};

/// What the engine has of a flow, once our mirror shows the same; none when it is gone, and then from our lists too.
/// The caller has the flow's turn.
pub(crate) async fn follow(
    outward: &Outward<'_>,
    engine: &dyn FlowEngine,
    tenancy: &Tenancy,
    flow: FlowId,
) -> Result<Option<RemoteFlow>> {
    let pmos = outward.pmos();
    let name = &engine.descriptor().name;
    let scope = WorkspaceScope::system(tenancy.workspace, "follow an engine");
    let mut unit = pmos.store().begin(&scope, Access::Read).await?;
    let owned = unit.engines().owned(name, ObjectKind::Flow, flow.uuid()).await?.ok_or_else(Error::not_found)?;
    drop(unit);
    let remote = outward.host(engine)?.fetch(tenancy, &owned.external).await?;
    let seen = SeenFlow::read(&owned)?;
    if remote.as_ref().is_some_and(|remote| remote.stamp == seen.stamp) {
        return Ok(remote);
    }
    let mut unit = pmos.store().begin(&scope, Access::Write).await?;
    let now = pmos.clock().now();
    let mut events = Vec::new();
    match (&remote, unit.flows().get(flow).await?) {
        (Some(remote), Some(row)) => {
            let absorbing = Absorbing { engine, pmos, author: EXTERNAL_EDITOR, at: now, sent: None, note: None };
            events = absorbing.absorb(&mut *unit, row, remote).await?.events;
        }
        (None, Some(_)) => {
            unit.flows().delete(flow, now).await?;
            unit.engines().release(name, ObjectKind::Flow, flow.uuid()).await?;
            events.push(NewEvent::new("flow.deleted", now, EXTERNAL_EDITOR, &Subject::new("flow", flow)));
        }
        (_, None) => return Ok(None),
    }
    let events = unit.commit(Closing { events, ..Closing::default() }).await?;
    pmos.publish(tenancy.workspace, events);
    Ok(remote)
}
