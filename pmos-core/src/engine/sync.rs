//! Looks at all flows of a workspace outside: takes up new ones, follows changed ones, lets go of those that are gone.

use std::{collections::HashMap, sync::Arc};

use super::{Absorbing, EXTERNAL_EDITOR, ExternalId, SeenFlow, Tenancy, follow};
use crate::{
    FlowId, Id, Result, WorkspaceScope,
    action::Outward,
    flow::FlowEngine,
    store::{Access, Closing, ObjectKind},
};

/// Compares the engine's list with our mirrors; whether anything had changed.
pub(crate) async fn sync_flows(outward: &Outward<'_>, engine: &Arc<dyn FlowEngine>, tenancy: &Tenancy) -> Result<bool> {
    let pmos = outward.pmos();
    let name = &engine.descriptor().name;
    let scope = WorkspaceScope::system(tenancy.workspace, "follow an engine");
    // First what we know, then what is there: what somebody makes through us in between is known before it is seen.
    let listed = outward.host(&**engine)?.flows(tenancy).await?;
    let mut known: HashMap<ExternalId, (FlowId, SeenFlow)> = HashMap::new();
    let mut unit = pmos.store().begin(&scope, Access::Read).await?;
    for owned in unit.engines().all_owned(name, ObjectKind::Flow).await? {
        let seen = SeenFlow::read(&owned)?;
        known.insert(owned.external, (FlowId::from_uuid(owned.id), seen));
    }
    drop(unit);
    let mut changed = false;
    for entry in listed {
        match known.remove(&entry.id) {
            Some((_, seen)) if seen.stamp == entry.stamp => {}
            Some((flow, _)) => {
                let _turn = pmos.flow_locks().lock(flow).await;
                follow(outward, &**engine, tenancy, flow).await?;
                changed = true;
            }
            None => changed |= take_up(outward, engine, tenancy, &entry.id).await?,
        }
    }
    for (flow, _) in known.into_values() {
        let _turn = pmos.flow_locks().lock(flow).await;
        follow(outward, &**engine, tenancy, flow).await?;
        changed = true;
    }
    Ok(changed)
}

/// Begins a mirror of a flow that somebody made outside.
async fn take_up(
    outward: &Outward<'_>,
    engine: &Arc<dyn FlowEngine>,
    tenancy: &Tenancy,
    flow: &ExternalId,
) -> Result<bool> {
    let pmos = outward.pmos();
    let Some(remote) = outward.host(&**engine)?.fetch(tenancy, flow).await? else { return Ok(false) };
    let scope = WorkspaceScope::system(tenancy.workspace, "follow an engine");
    let mut unit = pmos.store().begin(&scope, Access::Write).await?;
    let absorbing =
        Absorbing { engine: &**engine, pmos, author: EXTERNAL_EDITOR, at: pmos.clock().now(), sent: None, note: None };
    let Some(begun) = absorbing.begin(&mut *unit, tenancy.workspace, &remote).await? else { return Ok(false) };
    let events = unit.commit(Closing { events: begun.events, ..Closing::default() }).await?;
    pmos.publish(tenancy.workspace, events);
    Ok(true)
}
