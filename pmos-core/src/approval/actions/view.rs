//! A request for approval as people see it, and who may see and decide it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use crate::{
    Actor, ApprovalId, Channel, Error, Result, Role, Timestamp, UserId,
    action::{Context, Permission},
    approval::{Approval, ApprovalPolicy, ApprovalStatus, Decided, Origin},
    audit::Subject,
    effect::Effect,
    event::{Audience, NewEvent},
};

/// A request for approval.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ApprovalView {
    /// Its id.
    pub id: ApprovalId,
    /// How far it is.
    pub status: ApprovalStatus,
    /// The action.
    pub action: String,
    /// What it does to the world.
    pub effect: Effect,
    /// What it will do, in a sentence.
    pub summary: String,
    /// With which arguments; what is secret of them is not shown.
    pub arguments: Value,
    /// What is approved, as 64 hexadecimal digits: another act, other arguments or another state of what it is about have another one.
    pub digest: String,
    /// What it will touch: `flow_diff`, `hosts`, `connections`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<Value>,
    /// Who asks.
    pub requested_by: Requester,
    /// How many people must approve.
    pub needs: u32,
    /// What was decided.
    pub decisions: Vec<Decided>,
    /// Whether it was approved with other arguments than were asked for.
    pub edited: bool,
    /// Whether the caller may decide it now.
    pub decidable: bool,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Until when it can be decided.
    pub expires_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// What the act answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Why it could not be carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Who asks for an approval.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Requester {
    /// Who acts.
    pub actor: RequestingActor,
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
}

/// Who acts, on behalf of whom.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RequestingActor {
    /// `person` or `agent`.
    pub kind: &'static str,
    /// The person on whose behalf it is done.
    pub id: UserId,
}

impl ApprovalView {
    pub(super) fn of(cx: &Context<'_>, approval: Approval, policy: &ApprovalPolicy) -> Result<Self> {
        let actor = match approval.channel {
            Channel::Browser | Channel::ApiKey | Channel::Cli | Channel::Rust => Actor::Person(approval.requester),
            Channel::Agent | Channel::Mcp | Channel::Schedule => Actor::Agent(approval.requester),
        };
        let waits = approval.status == ApprovalStatus::Pending && approval.expires_at > cx.now();
        Ok(Self {
            decidable: waits && may_decide(cx, &approval, policy).is_ok(),
            id: approval.id,
            status: approval.status,
            action: approval.action,
            effect: approval.effect,
            summary: approval.summary,
            arguments: value(&approval.input)?,
            digest: hex::encode(approval.digest),
            preview: approval.preview.as_deref().map(value).transpose()?,
            requested_by: Requester {
                actor: RequestingActor { kind: actor.kind(), id: approval.requester },
                origin: approval.origin,
            },
            needs: approval.needs,
            decisions: approval.decisions,
            edited: approval.edited,
            created_at: approval.at,
            expires_at: approval.expires_at,
            finished_at: approval.finished_at,
            result: approval.result.as_deref().map(value).transpose()?,
            error: approval.error,
        })
    }
}

fn value(text: &RawValue) -> Result<Value> {
    serde_json::from_str(text.get()).map_err(|cause| Error::internal("read what is kept of an approval").because(cause))
}

pub(super) fn subject(id: ApprovalId) -> Subject {
    Subject::new("approval", id)
}

/// Whether the caller may see it: what is done on their behalf, and what they may decide.
pub(super) fn may_see(cx: &Context<'_>, approval: &Approval, policy: &ApprovalPolicy) -> Result<bool> {
    Ok(is_own(cx, approval) || policy.four_eyes || cx.scope()?.role() >= Role::WorkspaceAdmin)
}

fn is_own(cx: &Context<'_>, approval: &Approval) -> bool {
    cx.actor().person() == Some(approval.requester)
}

/// Whether the caller may decide it, if it waits: those who may do it themselves, for their own assistant and, as admins, for those of
/// others; with four eyes everybody else.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) fn may_decide(cx: &Context<'_>, approval: &Approval, policy: &ApprovalPolicy) -> Result<()> {
    if !may_see(cx, approval, policy)? {
        return Err(Error::not_found());
    }
    let entry = cx.table().get(&approval.action).ok_or_else(Error::not_found)?;
    match entry.spec.permission {
        Permission::Role(least) if cx.scope()?.role() >= least => {}
        _ => return Err(Error::forbidden("You could not do this yourself, so you cannot approve it. Ask an admin.")),
    }
    if policy.four_eyes && is_own(cx, approval) {
        return Err(Error::forbidden("This workspace wants another person than the one who asks to decide."));
    }
    Ok(())
}

/// Tells how a request ended.
pub(super) fn resolved(cx: &Context<'_>, approval: &Approval) -> NewEvent {
    let data = serde_json::json!({ "status": approval.status, "summary": approval.summary });
    NewEvent::with("approval.resolved", cx.now(), cx.actor(), &subject(approval.id), Some(&data))
        .only(Audience::Role(Role::Member))
}
