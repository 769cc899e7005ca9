//! Who may watch a workspace, and what is looked at for them.

use async_trait::async_trait;

use crate::{
    Error, FlowId, Result, RunId, Way, WorkspaceScope,
    action::Caller,
    engine::Watched,
    event::{Feed, FeedEnd, WATCH, Watcher},
    flow::hosting::is_watched,
    store::Access,
};

#[async_trait]
impl Watcher for Caller {
    async fn scope(&self) -> Result<WorkspaceScope> {
        let caller = self.now().await?;
        Caller::scope(&caller).ok_or_else(Error::not_found)
    }
}

impl Feed {
    /// Watches from the event after `after`, or from now on. With a run, its progress too; with a flow, a remote engine
    /// that keeps it is looked at every second or so for as long as the feed is open.
    ///
    /// # Errors
    /// `not_found` outside a workspace, or for a flow that is not there; `forbidden` for a key without the scope
    /// `events.watch`; when the store cannot be read.
    pub async fn open(caller: &Caller, after: Option<u64>, run: Option<RunId>, flow: Option<FlowId>) -> Result<Self> {
        if let Way::Key { scopes, .. } = &caller.principal().way
            && !scopes.iter().any(|scope| scope.covers(WATCH))
        {
            return Err(Error::forbidden(format!("This API key does not have the scope {WATCH}.")));
        }
        let services = caller.services();
        let end = FeedEnd { rights: services.rights.watch(), stop: services.runs.stop.clone() };
        let mut feed =
            Self::begin(services.store.clone(), &*services.bus, Box::new(caller.clone()), end, after, run).await?;
        if let Some(flow) = flow
            && let Some(watched) = watch(caller, &feed.scope(), flow).await?
        {
            feed.hold(watched);
        }
        Ok(feed)
    }
}

/// Has a flow looked at often, when a remote engine keeps it.
async fn watch(caller: &Caller, scope: &WorkspaceScope, flow: FlowId) -> Result<Option<Watched>> {
    let services = caller.services();
    let row = services.store.begin(scope, Access::Read).await?.flows().get(flow).await?;
    let engine = row.ok_or_else(Error::not_found)?.engine;
    let watched = is_watched(&**services.engines.get(&engine)?);
    Ok(watched.then(|| services.watch.watch(flow, (scope.workspace(), engine))))
}
