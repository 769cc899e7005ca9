//! Looks at all flows of a workspace at a remote engine: takes up new ones, follows changed ones, lets go of those that
//! are gone.

use std::{collections::HashMap, sync::Arc};

use super::{Absorbing, EXTERNAL_EDITOR, ExternalId, Mirror, SeenFlow, Tenancy, follow, foreign};
use crate::{
    FlowId, Id, Result, WorkspaceScope, cluster::LeaseKey, flow::FlowEngine, outward::Outward, store::ObjectKind,
};

/// Compares the engine's list with our mirrors; whether anything had changed.
pub(crate) async fn sync_flows(
    outward: &mut Outward<'_>,
    engine: &Arc<dyn FlowEngine>,
    tenancy: &Tenancy,
) -> Result<bool> {
    let services = outward.services();
    let name = &engine.descriptor().name;
    let scope = WorkspaceScope::system(tenancy.workspace, "follow an engine");
    // First what we know, then what is there: what is made through us in between is known before it is seen.
    let listed = outward.host(&**engine)?.flows(tenancy).await?;
    let mut known: HashMap<ExternalId, (FlowId, SeenFlow)> = HashMap::new();
    let all_owned = outward.look(&scope).await?.engines().all_owned(name, ObjectKind::Flow).await?;
    for owned in all_owned {
        let seen = SeenFlow::read(&owned)?;
        known.insert(owned.external, (FlowId::from_uuid(owned.id), seen));
    }
    let mut changed = false;
    for entry in listed {
        match known.remove(&entry.id) {
            Some((_, seen)) if seen.stamp == entry.stamp => {}
            Some((flow, _)) => {
                let _turn = services.leases.acquire(LeaseKey::Flow(flow)).await?;
                follow(outward, &**engine, tenancy, flow).await?;
                changed = true;
            }
            None => changed |= take_up(outward, engine, tenancy, &entry.id).await?,
        }
    }
    for (flow, _) in known.into_values() {
        let _turn = services.leases.acquire(LeaseKey::Flow(flow)).await?;
        follow(outward, &**engine, tenancy, flow).await?;
        changed = true;
    }
    Ok(changed)
}

/// Begins a mirror of a flow that was made at the engine.
async fn take_up(
    outward: &mut Outward<'_>,
    engine: &Arc<dyn FlowEngine>,
    tenancy: &Tenancy,
    flow: &ExternalId,
) -> Result<bool> {
    let services = outward.services();
    let Some(remote) = outward.host(&**engine)?.fetch(tenancy, flow).await? else { return Ok(false) };
    let scope = WorkspaceScope::system(tenancy.workspace, "follow an engine");
    let mirror = Mirror::find(&mut *outward.look(&scope).await?, &**engine, flow).await?;
    // A look in between was faster.
    let Some(mirror) = mirror.filter(Mirror::is_new) else { return Ok(true) };
    let (clock, author) = (&*services.clock, EXTERNAL_EDITOR);
    let absorbing = Absorbing { engine: &**engine, clock, author, at: clock.now(), sent: None, note: None };
    let absorbed = absorbing.compare(&mirror, &remote)?;
    let mut unit = outward.refresh(&scope).await?;
    if absorbed.keep(&mut *unit).await? {
        unit.commit(absorbed.events).await?;
        return Ok(true);
    }
    drop(unit);
    let mut unit = outward.look(&scope).await?;
    let name = &engine.descriptor().name;
    if unit.engines().owned_as(name, ObjectKind::Flow, flow).await?.is_none() {
        foreign::refused(&*services.observer, &mut *unit, tenancy.workspace, name, ObjectKind::Flow).await?;
    }
    Ok(false)
}
