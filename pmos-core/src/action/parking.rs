//! Calls that wait for an approval: what is kept of them, and how they are carried out.

use serde_json::{Map, Value, value::RawValue};

use super::{Called, Caller, IdempotencyKey, Outward, RequestInfo, gate::approval_required, table::Entry};
use crate::{
    ApprovalId, Error, Pmos, Result, WorkspaceId, WorkspaceScope,
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
        let clock = self.pmos().clock();
        let id: ApprovalId = clock.new_id()?;
        let (input, secrets) = apart(input, &entry.secret_fields);
        let secrets = if secrets.is_empty() {
            None
        } else {
            let secret = Secret::new(Value::Object(secrets).to_string());
            let text = id.to_string();
            Some(Outward::of(self.pmos()).seal(&scope, associated_data(scope.workspace(), &text), &secret).await?)
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
        let mut unit = self.pmos().store().begin(&scope, Access::Write).await?;
        unit.parked().insert(&call).await?;
        let answer = request.map(|request| StoredAnswer { answer: Remembered::Parked(id), ..request });
        unit.commit(Closing { answer, ..Closing::default() }).await?;
        Ok(id)
    }
}

impl Pmos {
    /// Carries out a call that was parked, once it was approved: as its requester, by the way it came, with the rights of
    /// now. It is taken out with the first commit of the act, so it happens once; an act that fails before stays parked.
    ///
    /// # Errors
    /// `not_found` when it does not wait any more, or its requester is not in the workspace any more; whatever the pipeline
    /// or the action refuses.
    pub async fn carry_out(&self, workspace: WorkspaceId, approval: ApprovalId) -> Result<Called<Box<RawValue>>> {
        let scope = WorkspaceScope::system(workspace, "carry out an approved call");
        let mut outward = Outward::of(self);
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
        let principal = self.vouch(call.requester, call.channel).await?;
        let key = call.key.as_deref().map(str::parse::<IdempotencyKey>).transpose()?;
        let request = RequestInfo { idempotency_key: key, ..RequestInfo::internal(self)? };
        let caller = self.enter(&principal, workspace, request)?;
        caller.approved(approval).call(&call.action, Value::Object(input)).await
    }
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
