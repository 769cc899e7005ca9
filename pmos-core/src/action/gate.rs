//! Whether a call may be carried out at once, or waits for an approval.

use std::fmt;

use async_trait::async_trait;
use serde_json::Value;

use super::{ActionSpec, Effect};
use crate::{
    Error, FlowId, Kind, Result, Timestamp, WorkspaceScope,
    approval::{self, Rule},
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

/// A call that a policy decides about.
#[derive(Debug)]
pub struct Gated<'g> {
    /// Who calls.
    pub principal: &'g Principal,
    /// What.
    pub spec: &'g ActionSpec,
    /// What this very call does to the world.
    pub effect: Effect,
    /// Its input, without what is secret of it.
    pub input: &'g Value,
    /// Whether something of it is secret.
    pub has_secrets: bool,
    /// When.
    pub now: Timestamp,
    /// Where.
    pub scope: WorkspaceScope,
    /// What is kept.
    pub store: &'g dyn Store,
}

/// Decides which calls need an approval.
#[async_trait]
pub trait GatePolicy: fmt::Debug + Send + Sync {
    /// Whether calls of these are looked at at all; what they do to the world is only found out for those.
    fn concerns(&self, principal: &Principal) -> bool {
        principal.channel.is_autonomous()
    }

    /// What becomes of a call.
    ///
    /// # Errors
    /// When it is refused.
    async fn decide(&self, call: Gated<'_>) -> Result<Verdict>;
}

/// What machines do passes by the rules of the workspace: see [`ApprovalPolicy`](crate::approval::ApprovalPolicy).
#[derive(Debug, Default, Clone, Copy)]
pub struct WorkspaceRules;

#[async_trait]
impl GatePolicy for WorkspaceRules {
    async fn decide(&self, call: Gated<'_>) -> Result<Verdict> {
        if call.effect <= Effect::Draft {
            return Ok(Verdict::Pass);
        }
        let mut unit = call.store.begin(&call.scope, Access::Read).await?;
        let rules = unit.approvals().policy().await?;
        match rules.policy.rule(call.spec.name, call.effect) {
            Rule::Auto => return Ok(Verdict::Pass),
            Rule::Deny => return Err(denied_by_policy()),
            Rule::Ask => {}
        }
        let Some(person) = call.principal.person.as_ref().filter(|_| !call.has_secrets) else {
            return Ok(Verdict::Park);
        };
        let digest = approval::input_digest(call.spec.name, call.input)?;
        let granted = unit.approvals().is_granted(person.id, call.spec.name, &digest, call.now).await?;
        Ok(if granted { Verdict::Pass } else { Verdict::Park })
    }
}

fn denied_by_policy() -> Error {
    Error::new(
        Kind::Forbidden,
        "denied_by_policy",
        "The rules of this workspace do not let assistants do this. A person can do it by hand.",
    )
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
