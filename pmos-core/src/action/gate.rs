//! Whether a call may be carried out at once, or waits for an approval.

use std::fmt;

use async_trait::async_trait;

use super::{ActionSpec, Effect};
use crate::{
    Error, FlowId, Kind, Result, WorkspaceScope,
    flow::{Capabilities, Engines},
    identity::Principal,
    store::{Access, Store},
};

/// What a policy says of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is carried out.
    Pass,
    /// It waits for an approval, and is carried out later with the rights its requester has then.
    Park,
}

/// Decides which calls need an approval.
#[async_trait]
pub trait GatePolicy: fmt::Debug + Send + Sync {
    /// Whether calls of these are looked at at all; what they do to the world is only found out for those.
    fn concerns(&self, principal: &Principal) -> bool {
        principal.channel.is_autonomous()
    }

    /// What becomes of a call that does this.
    ///
    /// # Errors
    /// When it is refused.
    async fn decide(&self, principal: &Principal, spec: &ActionSpec, effect: Effect) -> Result<Verdict>;
}

/// Machines do by themselves what is not live and can be undone; all else is refused, since there are no approvals yet.
#[derive(Debug, Default, Clone, Copy)]
pub struct RefuseRisky;

#[async_trait]
impl GatePolicy for RefuseRisky {
    async fn decide(&self, _: &Principal, _: &ActionSpec, effect: Effect) -> Result<Verdict> {
        if effect >= Effect::Write { Err(approval_required()) } else { Ok(Verdict::Pass) }
    }
}

pub(super) fn approval_required() -> Error {
    Error::new(
        Kind::Forbidden,
        "approval_required",
        "This needs a person's approval, which cannot be given here yet. Do it by hand.",
    )
}

/// What is known when it is decided what a call does to the world.
pub struct Facts<'f> {
    store: &'f dyn Store,
    engines: &'f Engines,
    scope: Option<WorkspaceScope>,
}

impl<'f> Facts<'f> {
    pub(super) fn new(store: &'f dyn Store, engines: &'f Engines, scope: Option<WorkspaceScope>) -> Self {
        Self { store, engines, scope }
    }

    /// What the engine of a flow can do.
    ///
    /// # Errors
    /// `not_found` when the flow is not there.
    pub async fn engine_of(&self, flow: FlowId) -> Result<Capabilities> {
        let scope = self.scope.ok_or_else(Error::not_found)?;
        let row = self.store.begin(&scope, Access::Read).await?.flows().get(flow).await?;
        let engine = row.ok_or_else(Error::not_found)?.engine;
        Ok(self.engines.get(&engine)?.descriptor().capabilities)
    }
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Facts")
    }
}
