//! Carries out what was approved, and ends what no one decided in time.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::StreamExt as _;
use serde_json::{Value, value::RawValue};

use crate::{
    Actor, ApprovalId, Error, Kind, Result, Role, Timestamp, WorkspaceId, WorkspaceScope,
    action::{Called, Outward, Permission, Pipeline, RequestInfo, enter_again, opened},
    approval::{Approval, ApprovalStatus, Bound, Decision, Rule, Target},
    audit::Subject,
    cluster::Hint,
    event::{Audience, NewEvent},
    job::Job,
    services::Services,
    store::{Access, Closing},
};

/// How often it looks when no hint comes.
const EVERY: Duration = Duration::from_secs(1);
/// How many are looked up at once.
const PAGE: u32 = 64;
/// How many are carried out side by side, so that a slow service does not hold up the others.
const AT_ONCE: usize = 8;

/// Carries out what was approved.
pub(crate) struct Approver {
    services: Services,
    pipeline: Arc<Pipeline>,
}

impl Approver {
    pub(crate) fn new(services: Services, pipeline: Arc<Pipeline>) -> Self {
        Self { services, pipeline }
    }

    async fn settle(&self, workspace: WorkspaceId, id: ApprovalId) -> Result<()> {
        let scope = scope(workspace);
        let found = self.services.store.begin(&scope, Access::Read).await?.approvals().get(id).await?;
        let Some(approval) = found else { return Ok(()) };
        match approval.status {
            ApprovalStatus::Pending if approval.expires_at <= self.services.clock.now() => {
                self.end(workspace, Approval { status: ApprovalStatus::Expired, ..approval }).await
            }
            ApprovalStatus::Approved => self.carry_out(workspace, approval).await,
            // The process ended between the act and its answer.
            ApprovalStatus::Executed if !approval.told => self.end(workspace, approval).await,
            _ => Ok(()),
        }
    }

    async fn carry_out(&self, workspace: WorkspaceId, approval: Approval) -> Result<()> {
        let done = self.act(workspace, &approval).await;
        let scope = scope(workspace);
        let found = self.services.store.begin(&scope, Access::Read).await?.approvals().get(approval.id).await?;
        let Some(now) = found else { return Ok(()) };
        match done {
            Ok(answer) => self.end(workspace, Approval { result: Some(answer), ..now }).await,
            // Only where we cannot do it now: what is over a limit, or refused by a service, is not done hours later.
            Err(error) if error.kind() == Kind::Unavailable && now.status == ApprovalStatus::Approved => {
                tracing::warn!(approval = %now.id, ?error, "an approved act could not be carried out; it is tried again");
                if now.expires_at > self.services.clock.now() {
                    return Ok(());
                }
                self.end(workspace, failed(now, &error)).await
            }
            Err(error) => self.end(workspace, failed(now, &error)).await,
        }
    }

    /// Does what was approved: as its requester, by the way it came, with the rights of now.
    async fn act(&self, workspace: WorkspaceId, approval: &Approval) -> Result<Box<RawValue>> {
        let services = &self.services;
        let input = opened(&mut Outward::of(services), workspace, approval).await?;
        self.must_hold(workspace, approval, &input).await?;
        let key = approval.key.as_deref().map(str::parse).transpose()?;
        let request = RequestInfo { idempotency_key: key, ..RequestInfo::new(&*services.clock)? };
        let who = (approval.requester, approval.channel);
        let caller = enter_again(services, &self.pipeline, who, workspace, request).await?;
        match caller.approved(approval.id).call(&approval.action, input).await? {
            Called::Done(answer) => Ok(answer),
            Called::Parked(_) => Err(Error::internal("carry out an approved act")),
        }
    }

    /// Whether it is still what was approved, by those who may still approve it.
    async fn must_hold(&self, workspace: WorkspaceId, approval: &Approval, whole: &Value) -> Result<()> {
        let services = &self.services;
        let entry = self.pipeline.table.get(&approval.action).ok_or_else(Error::not_found)?;
        let subject = self.pipeline.table.subject(&approval.action, whole)?;
        let mut unit = services.store.begin(&scope(workspace), Access::Read).await?;
        let rules = unit.approvals().policy().await?;
        let target = Target::of(subject.as_ref(), &mut *unit, &services.engines).await?;
        drop(unit);
        let input: Value = serde_json::from_str(approval.input.get())
            .map_err(|cause| Error::internal("read an input").because(cause))?;
        let bound = Bound {
            workspace,
            requester: approval.requester,
            action: &approval.action,
            input: &input,
            target: target.revision,
            policy: rules.revision,
        };
        if bound.digest()? != approval.digest {
            let detail = "What this is about was changed after it was asked for, or the rules were. Nothing was done; ask for it again.";
            return Err(Error::conflict("changed_since", detail));
        }
        if rules.policy.rule(&approval.action, approval.effect) == Rule::Deny {
            return Err(Error::forbidden("The rules of this workspace do not allow this any more."));
        }
        for decided in approval.decisions.iter().filter(|decided| decided.decision == Decision::Approve) {
            let principal = services.principals.vouch(decided.by, crate::Channel::Browser).await?;
            let Permission::Role(least) = entry.spec.permission else { return Err(Error::not_found()) };
            if principal.role_in(workspace).is_none_or(|role| role < least) {
                return Err(Error::forbidden("The person who approved this may not do it any more. Nothing was done."));
            }
        }
        Ok(())
    }

    /// Writes down how a request ended, and wakes the conversation that waits for it.
    async fn end(&self, workspace: WorkspaceId, approval: Approval) -> Result<()> {
        let services = &self.services;
        let now = services.clock.now();
        let approval = Approval { told: true, finished_at: approval.finished_at.or(Some(now)), ..approval };
        let mut unit = services.store.begin(&scope(workspace), Access::Write).await?;
        if !unit.approvals().update(&approval).await? {
            // It was decided at this very moment; the next round sees how.
            return Ok(());
        }
        if let Some(turn) = approval.origin.turn {
            unit.chat().signal(turn).await?;
        }
        let events = vec![resolved(&approval, now)];
        let events = unit.commit(Closing { events, ..Closing::default() }).await?;
        services.publish(workspace, events);
        services.hint(Hint::TurnDue);
        Ok(())
    }
}

fn scope(workspace: WorkspaceId) -> WorkspaceScope {
    WorkspaceScope::system(workspace, "carry out what was approved")
}

fn failed(approval: Approval, error: &Error) -> Approval {
    let error = if error.kind() == Kind::Internal { "Something went wrong on our side." } else { error.detail() };
    Approval { status: ApprovalStatus::Failed, error: Some(error.to_owned()), ..approval }
}

/// Tells how a request ended.
pub(super) fn resolved(approval: &Approval, at: Timestamp) -> NewEvent {
    let by = Actor::System("carry out what was approved");
    let data = serde_json::json!({ "status": approval.status, "summary": approval.summary });
    NewEvent::with("approval.resolved", at, by, &Subject::new("approval", approval.id), Some(&data))
        .only(Audience::Role(Role::Member))
}

impl fmt::Debug for Approver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Approver")
    }
}

#[async_trait]
impl Job for Approver {
    fn key(&self) -> Cow<'static, str> {
        "approvals".into()
    }

    fn is_for_all(&self) -> bool {
        true
    }

    async fn hinted(&self) {
        self.services.decided.notified().await;
    }

    async fn tick(&self, now: Timestamp) -> Result<Timestamp> {
        let due = self.services.store.directory().due_approvals(now, PAGE).await?;
        let settle = |(workspace, id)| async move {
            if let Err(error) = self.settle(workspace, id).await {
                tracing::error!(approval = %id, ?error, "a request for approval could not be ended; it is tried again");
            }
        };
        futures::stream::iter(due).for_each_concurrent(AT_ONCE, settle).await;
        Ok(now.plus(EVERY))
    }
}
