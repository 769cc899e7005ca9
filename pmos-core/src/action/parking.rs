//! Calls that wait for an approval: what is kept of them, and how it is read again.

use serde_json::{Map, Value};

use super::{Caller, Outward, gate::approval_required, table::Entry};
use crate::{
    ApprovalId, Error, Result, WorkspaceId, WorkspaceScope,
    identity::Way,
    store::{Access, Closing, ParkedCall, Remembered, StoredAnswer},
    vault::{AssociatedData, Secret},
};

/// What secrets of a parked call are sealed as.
const KIND: &str = "parked_call";

impl Caller {
    /// Keeps a call until a person decides. What is secret of its input is sealed; the answer under its idempotency key
    /// is that it waits.
    pub(super) async fn park(&self, entry: &Entry, input: Value, request: Option<StoredAnswer>) -> Result<ApprovalId> {
        let principal = self.principal();
        let (Some(scope), Some(person), Way::Session(_) | Way::Vouched, false) =
            (self.scope(), &principal.person, &principal.way, self.is_visiting())
        else {
            // A key or a visit could not be entered again with what it may do then.
            return Err(approval_required());
        };
        let clock = &self.services().clock;
        let id: ApprovalId = clock.new_id()?;
        let (input, secrets) = apart(input, &entry.secret_fields);
        let secrets = if secrets.is_empty() {
            None
        } else {
            let secret = Secret::new(Value::Object(secrets).to_string());
            let text = id.to_string();
            Some(Outward::of(self.services()).seal(&scope, associated_data(scope.workspace(), &text), &secret).await?)
        };
        let call = ParkedCall {
            id,
            requester: person.id,
            channel: principal.channel,
            action: entry.spec.name.to_owned(),
            input: serde_json::value::to_raw_value(&input)
                .map_err(|cause| Error::internal("write an input").because(cause))?,
            secrets,
            key: self.request().idempotency_key.as_ref().map(|key| key.as_str().to_owned()),
            at: clock.now(),
        };
        let mut unit = self.services().store.begin(&scope, Access::Write).await?;
        unit.parked().insert(&call).await?;
        let answer = request.map(|request| StoredAnswer { answer: Remembered::Parked(id), ..request });
        unit.commit(Closing { answer, ..Closing::default() }).await?;
        Ok(id)
    }
}

/// A call that was parked, and its input as it was.
pub(crate) async fn parked(
    outward: &mut Outward<'_>,
    workspace: WorkspaceId,
    approval: ApprovalId,
) -> Result<(ParkedCall, Value)> {
    let scope = WorkspaceScope::system(workspace, "carry out an approved call");
    let call = outward.look(&scope).await?.parked().get(approval).await?.ok_or_else(Error::not_found)?;
    let mut input: Map<String, Value> =
        serde_json::from_str(call.input.get()).map_err(|cause| Error::internal("read an input").because(cause))?;
    if let Some(sealed) = &call.secrets {
        let text = approval.to_string();
        let secrets = outward.open(&scope, associated_data(workspace, &text), sealed).await?;
        let secrets: Map<String, Value> = serde_json::from_str(secrets.expose())
            .map_err(|cause| Error::internal("read a sealed input").because(cause))?;
        input.extend(secrets);
    }
    Ok((call, Value::Object(input)))
}

fn associated_data(workspace: WorkspaceId, id: &str) -> AssociatedData<'_> {
    AssociatedData { workspace, kind: KIND, id }
}

/// An input without its secret fields, and those.
fn apart(mut input: Value, secret: &[String]) -> (Value, Map<String, Value>) {
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
