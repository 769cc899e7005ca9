use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    ApprovalView,
    view::{may_decide, resolved, subject},
};
use crate::{
    ApprovalId, Error, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    approval::{Approval, ApprovalStatus, Bound, Decided, Decision, Grant, Target, input_digest},
    audit::Subject,
    cluster::Hint,
    store::KeptPolicy,
};

/// The shortest and the longest time that a grant holds, in seconds.
const GRANTED: std::ops::RangeInclusive<u32> = 60..=2_592_000;

/// Approves or denies an act that waits.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Which.
    pub approval: ApprovalId,
    /// What you say.
    pub decision: Decision,
    /// Other arguments than were asked for, all of them but what is secret. The act is approved with these, and the request says so.
    #[serde(default)]
    pub arguments: Option<Map<String, Value>>,
    /// For how many seconds exactly the same act need not be asked for again.
    #[serde(default)]
    #[schemars(range(min = 60, max = 2_592_000))]
    pub grant_for: Option<u32>,
}

#[async_trait]
impl Action for Decide {
    const SPEC: ActionSpec =
        ActionSpec::write("approvals.decide", Method::Post, "/approvals/{approval}/decision").role(Role::Member);
    type Output = ApprovalView;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.approval))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        if self.grant_for.is_some_and(|seconds| !GRANTED.contains(&seconds)) {
            return Err(Error::invalid("grant_for", "must be 60 to 2592000 seconds"));
        }
        if self.decision == Decision::Deny && (self.grant_for.is_some() || self.arguments.is_some()) {
            return Err(Error::invalid("decision", "a denial takes neither arguments nor grant_for"));
        }
        let unit = cx.read().await?;
        let rules = unit.approvals().policy().await?;
        let approval = Context::found(unit.approvals().get(self.approval).await?)?;
        may_decide(cx, &approval, &rules.policy)?;
        must_wait(cx, &approval)?;
        let by = cx.actor().person().ok_or_else(|| Error::forbidden("Only a person can decide."))?;
        let decided = Decided { by, decision: self.decision, at: cx.now() };
        let mut approval = match self.arguments {
            Some(arguments) => edited(cx, approval, Value::Object(arguments), &rules).await?,
            None => approval,
        };
        approval.decisions.push(decided);
        approval.status = match self.decision {
            Decision::Approve => ApprovalStatus::Approved,
            Decision::Deny => ApprovalStatus::Denied,
        };
        if self.decision == Decision::Deny {
            (approval.told, approval.finished_at) = (true, Some(cx.now()));
        }
        cx.note(format!("{}: {}", approval.action, approval.status.as_str()));
        let grant = self.grant_for.map(|seconds| grant(cx, &approval, by, seconds)).transpose()?;
        let unit = cx.write().await?;
        if !unit.approvals().update(&approval).await? {
            return Err(already_decided());
        }
        approval.revision += 1;
        if let Some(grant) = grant {
            unit.approvals().insert_grant(&grant).await?;
        }
        if let (Decision::Deny, Some(turn)) = (self.decision, approval.origin.turn) {
            unit.chat().signal(turn).await?;
        }
        if self.decision == Decision::Deny {
            let event = resolved(cx, &approval);
            cx.emit(event);
            cx.hint(Hint::TurnDue);
        }
        cx.hint(Hint::ApprovalDecided);
        ApprovalView::of(cx, approval, &rules.policy)
    }
}

fn must_wait(cx: &Context<'_>, approval: &Approval) -> Result<()> {
    if approval.status != ApprovalStatus::Pending {
        return Err(already_decided().with("status", approval.status));
    }
    if approval.expires_at <= cx.now() {
        let detail = "No one decided in time, so this can not be approved any more. Nothing was done.";
        return Err(Error::conflict("approval_expired", detail));
    }
    Ok(())
}

fn already_decided() -> Error {
    Error::conflict("already_decided", "Someone has decided this already. Load it again to see how.")
}

/// The request with other arguments: another digest, over the state of what it is about then.
async fn edited(cx: &mut Context<'_>, approval: Approval, input: Value, rules: &KeptPolicy) -> Result<Approval> {
    let entry = Context::found(cx.table().get(&approval.action))?;
    if let Some(field) = entry.secret_field_of(&input) {
        return Err(Error::invalid(format!("arguments.{field}"), "is secret and stays as it was; leave it out"));
    }
    if approval.secrets.is_some() {
        return Err(Error::unsupported("other arguments for an act with a secret; deny it and ask for it again"));
    }
    let subject = cx.table().subject(&approval.action, &input).map_err(|error| error.within("arguments"))?;
    let engines = cx.engines().clone();
    let target = Target::of(subject.as_ref(), cx.read().await?, &engines).await?;
    let bound = Bound {
        workspace: cx.scope()?.workspace(),
        requester: approval.requester,
        action: &approval.action,
        input: &input,
        target: target.revision,
        policy: rules.revision,
    };
    Ok(Approval {
        digest: bound.digest()?,
        input: serde_json::value::to_raw_value(&input)
            .map_err(|cause| Error::internal("write an input").because(cause))?,
        edited: true,
        ..approval
    })
}

fn grant(cx: &Context<'_>, approval: &Approval, by: crate::UserId, seconds: u32) -> Result<Grant> {
    if approval.secrets.is_some() {
        return Err(Error::invalid("grant_for", "an act with a secret is asked for each time"));
    }
    let input: Value =
        serde_json::from_str(approval.input.get()).map_err(|cause| Error::internal("read an input").because(cause))?;
    Ok(Grant {
        id: cx.new_id()?,
        requester: approval.requester,
        action: approval.action.clone(),
        summary: approval.summary.clone(),
        digest: input_digest(&approval.action, &input)?,
        by,
        at: cx.now(),
        expires_at: cx.now().plus(std::time::Duration::from_secs(u64::from(seconds))),
    })
}
