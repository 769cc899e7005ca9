//! Who may watch a workspace, and what is looked at for them.

use async_trait::async_trait;

use crate::{
    ChatId, Error, Result, Way, WorkspaceScope,
    action::Caller,
    audit::Subject,
    engine::Watched,
    event::{Feed, FeedEnd, FeedRequest, WATCH, Watcher},
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
    /// Watches from the event after `after`, or from now on, and what else is asked for.
    ///
    /// # Errors
    /// `not_found` outside a workspace, for a flow that is not there, or for a conversation of another person; `forbidden` for a key without the scope
    /// `events.watch`; when the store cannot be read.
    pub async fn open(caller: &Caller, after: Option<u64>, watch: FeedRequest) -> Result<Self> {
        if let Way::Key { scopes, .. } = &caller.principal().way
            && !scopes.iter().any(|scope| scope.covers(WATCH))
        {
            return Err(Error::forbidden(format!("This API key does not have the scope {WATCH}.")));
        }
        let services = caller.services();
        let end = FeedEnd { rights: services.rights.watch(), stop: services.runs.stop.clone() };
        let FeedRequest { flow, run, session } = watch;
        if let Some(session) = session {
            must_own(caller, session).await?;
        }
        let run = run.map(|run| Subject::new("run", run));
        let progress_of = run.into_iter().chain(session.map(|session| Subject::new("chat", session))).collect();
        let watcher = Box::new(caller.clone());
        let mut feed = Self::begin(services.store.clone(), &*services.bus, watcher, end, after, progress_of).await?;
        if let Some(flow) = flow
            && let Some(watched) = look_often(caller, &feed.scope(), flow).await?
        {
            feed.hold(watched);
        }
        Ok(feed)
    }
}

async fn must_own(caller: &Caller, session: ChatId) -> Result<()> {
    let scope = Watcher::scope(caller).await?;
    let mut unit = caller.services().store.begin(&scope, Access::Read).await?;
    let found = unit.chat().session(session).await?;
    let own = found.is_some_and(|found| scope.actor().person() == Some(found.owner));
    if own { Ok(()) } else { Err(Error::not_found()) }
}

/// Has a flow looked at often, when a remote engine keeps it.
async fn look_often(caller: &Caller, scope: &WorkspaceScope, flow: crate::FlowId) -> Result<Option<Watched>> {
    let services = caller.services();
    let row = services.store.begin(scope, Access::Read).await?.flows().get(flow).await?;
    let engine = row.ok_or_else(Error::not_found)?.engine;
    let watched = is_watched(&**services.engines.get(&engine)?);
    Ok(watched.then(|| services.watch.watch(flow, (scope.workspace(), engine))))
}
