//! Calls that wait for an approval: what is kept of them, and how it is read again.

use serde_json::{Map, Value};

use super::{Caller, Effect, Outward, gate::approval_required, table::Entry};
use crate::{
    ApprovalId, Error, Result, WorkspaceId, WorkspaceScope,
    approval::{Approval, ApprovalStatus, Bound, Target},
    audit::Subject,
    event::NewEvent,
    identity::Way,
    store::{Access, Closing, Remembered, StoredAnswer},
    vault::{AssociatedData, Secret},
};

/// What secrets of a parked call are sealed as.
const KIND: &str = "parked_call";

/// A call that waits.
pub(super) struct Waiting {
    pub(super) effect: Effect,
    pub(super) subject: Option<Subject>,
    /// Its input, without what is secret of it.
    pub(super) input: Value,
    pub(super) secrets: Map<String, Value>,
}

impl Caller {
    /// Keeps a call until a person decides. What is secret of its input is sealed; the answer under its idempotency key
    /// is that it waits.
    pub(super) async fn park(
        &self,
        entry: &Entry,
        waiting: Waiting,
        request: Option<StoredAnswer>,
    ) -> Result<ApprovalId> {
        let principal = self.principal();
        let (Some(scope), Some(person), Way::Session(_) | Way::Vouched, false) =
            (self.scope(), &principal.person, &principal.way, self.is_visiting())
        else {
            // A key or a visit could not be entered again with what it may do then.
            return Err(approval_required());
        };
        let services = self.services();
        let now = services.clock.now();
        let id: ApprovalId = services.clock.new_id()?;
        let secrets = if waiting.secrets.is_empty() {
            None
        } else {
            let secret = Secret::new(Value::Object(waiting.secrets).to_string());
            let text = id.to_string();
            Some(Outward::of(services).seal(&scope, associated_data(scope.workspace(), &text), &secret).await?)
        };
        let mut unit = services.store.begin(&scope, Access::Read).await?;
        let rules = unit.approvals().policy().await?;
        let target = Target::of(waiting.subject.as_ref(), &mut *unit, &services.engines).await?;
        drop(unit);
        let bound = Bound {
            workspace: scope.workspace(),
            requester: person.id,
            action: entry.spec.name,
            input: &waiting.input,
            target: target.revision,
            policy: rules.revision,
        };
        let approval = Approval {
            id,
            status: ApprovalStatus::Pending,
            requester: person.id,
            channel: principal.channel,
            origin: self.origin(),
            action: entry.spec.name.to_owned(),
            effect: waiting.effect,
            summary: summary(entry, target.name.as_deref()),
            digest: bound.digest()?,
            input: serde_json::value::to_raw_value(&waiting.input)
                .map_err(|cause| Error::internal("write an input").because(cause))?,
            secrets,
            preview: target.preview,
            key: self.request().idempotency_key.as_ref().map(|key| key.as_str().to_owned()),
            needs: 1,
            decisions: Vec::new(),
            edited: false,
            at: now,
            expires_at: now.plus(rules.policy.waits()),
            finished_at: None,
            result: None,
            error: None,
            told: false,
            revision: 0,
        };
        let events = vec![requested(&approval, self)];
        let mut unit = services.store.begin(&scope, Access::Write).await?;
        unit.approvals().insert(&approval).await?;
        let answer = request.map(|request| StoredAnswer { answer: Remembered::Parked(id), ..request });
        let events = unit.commit(Closing { events, answer, ..Closing::default() }).await?;
        services.publish(scope.workspace(), events);
        Ok(id)
    }
}

/// What it will do, in a sentence.
fn summary(entry: &Entry, name: Option<&str>) -> String {
    let does = entry.summary().trim_end_matches('.');
    name.map_or_else(|| does.to_owned(), |name| format!("{does}: {name}"))
}

fn requested(approval: &Approval, caller: &Caller) -> NewEvent {
    let object = Subject::new("approval", approval.id);
    let data = serde_json::json!({ "action": approval.action, "summary": approval.summary });
    NewEvent::with("approval.requested", approval.at, caller.principal().actor, &object, Some(&data))
        .only(crate::event::Audience::Role(crate::Role::Member))
}

/// The input of a call that was parked, as it was.
pub(crate) async fn opened(outward: &mut Outward<'_>, workspace: WorkspaceId, call: &Approval) -> Result<Value> {
    let scope = WorkspaceScope::system(workspace, "carry out an approved call");
    let mut input: Map<String, Value> =
        serde_json::from_str(call.input.get()).map_err(|cause| Error::internal("read an input").because(cause))?;
    if let Some(sealed) = &call.secrets {
        let text = call.id.to_string();
        let secrets = outward.open(&scope, associated_data(workspace, &text), sealed).await?;
        let secrets: Map<String, Value> = serde_json::from_str(secrets.expose())
            .map_err(|cause| Error::internal("read a sealed input").because(cause))?;
        input.extend(secrets);
    }
    Ok(Value::Object(input))
}

fn associated_data(workspace: WorkspaceId, id: &str) -> AssociatedData<'_> {
    AssociatedData { workspace, kind: KIND, id }
}

/// An input without its secret fields, and those.
pub(super) fn apart(mut input: Value, secret: &[String]) -> (Value, Map<String, Value>) {
    let mut secrets = Map::new();
    if let Value::Object(fields) = &mut input {
        for field in secret {
            if let Some(value) = fields.shift_remove(field) {
                secrets.insert(field.clone(), value);
            }
        }
    }
    (input, secrets)
}
