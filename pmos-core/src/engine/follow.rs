//! Looks at one remote flow and brings our mirror of it up to date.

use super::{Absorbing, EXTERNAL_EDITOR, Mirror, RemoteFlow, SeenFlow, Tenancy};
use crate::{
    Error, FlowId, Id, Result, WorkspaceScope, audit::Subject, event::NewEvent, flow::FlowEngine, outward::Outward,
    store::ObjectKind,
};

/// How often what was read is read again because another wrote it.
const TRIES: usize = 4;

/// What the engine has of a flow, once our mirror shows the same; none when it is gone, and then from our lists too.
/// The caller has the flow's turn.
pub(crate) async fn follow(
    outward: &mut Outward<'_>,
    engine: &dyn FlowEngine,
    tenancy: &Tenancy,
    flow: FlowId,
) -> Result<Option<RemoteFlow>> {
    let services = outward.services();
    let name = &engine.descriptor().name;
    let scope = WorkspaceScope::system(tenancy.workspace, "follow an engine");
    let owned = outward.look(&scope).await?.engines().owned(name, ObjectKind::Flow, flow.uuid()).await?;
    let owned = owned.ok_or_else(Error::not_found)?;
    let remote = outward.host(engine)?.fetch(tenancy, &owned.external).await?;
    let now = services.clock.now();
    let Some(remote) = remote else {
        let mut unit = outward.refresh(&scope).await?;
        if unit.flows().delete(flow, now).await? {
            unit.engines().release(name, ObjectKind::Flow, flow.uuid()).await?;
            let event = NewEvent::new("flow.deleted", now, EXTERNAL_EDITOR, &Subject::new("flow", flow));
            unit.commit(vec![event]).await?;
        }
        return Ok(None);
    };
    if remote.stamp == SeenFlow::read(&owned)?.stamp {
        return Ok(Some(remote));
    }
    for _ in 0..TRIES {
        let Some(mirror) = Mirror::of(&mut *outward.look(&scope).await?, engine, flow).await? else { return Ok(None) };
        let (clock, author) = (&*services.clock, EXTERNAL_EDITOR);
        let absorbing = Absorbing { engine, clock, author, at: now, sent: None, note: None };
        let absorbed = absorbing.compare(&mirror, &remote)?;
        let mut unit = outward.refresh(&scope).await?;
        if absorbed.keep(&mut *unit).await? {
            unit.commit(absorbed.events).await?;
            return Ok(Some(remote));
        }
    }
    Err(Error::conflict("conflict", "The automation was changed at the same time. Load it again."))
}
