//! Credentials that n8n keeps. It never gives their values back.

use async_trait::async_trait;
use pmos_core::{
    Error, Result,
    engine::{ExternalId, HostedCredentials, NewCredential, RemoteCredential, Tenancy, credential_values},
    store::ObjectKind,
    vault::Secret,
};
use serde_json::json;

use super::{
    super::client::{
        CHANGE_CREDENTIAL, CREATE_CREDENTIAL, Call, CredentialEntry, DELETE_CREDENTIAL, Fault, FaultKind,
        LIST_CREDENTIALS, OWN_CREDENTIALS, READ_CREDENTIAL, TEST_CREDENTIAL, TRY_CREDENTIAL, Tried,
    },
    N8nHost,
    owner::data,
    tenancy::OpenTenancy,
};
use crate::upstream::pages;

/// What n8n says of a kind that cannot be tried.
const NO_TEST: &str = "No testing function";

#[async_trait]
impl HostedCredentials for N8nHost {
    async fn list(&self, tenancy: &Tenancy) -> Result<Vec<RemoteCredential>> {
        let opened = self.open(tenancy)?;
        let entries = if opened.has_account() {
            data::<Vec<CredentialEntry>>(&opened.signed_in(Call::to(OWN_CREDENTIALS, &[])).await?)?
        } else {
            listed(&opened).await?
        };
        let ours = entries.into_iter().filter(|entry| match (&entry.home_project, &*entry.shared) {
            (Some(home), _) => opened.owns(ObjectKind::Connection, std::slice::from_ref(home)),
            (None, shared) => opened.owns(ObjectKind::Connection, shared),
        });
        Ok(ours.map(RemoteCredential::from).collect())
    }

    async fn create(&self, tenancy: &Tenancy, new: &NewCredential) -> Result<RemoteCredential> {
        named(&new.name)?;
        let opened = self.open(tenancy)?;
        let mut order = json!({"name": new.name, "type": new.kind, "data": credential_values(&new.values)?});
        if opened.ownership.wall() != pmos_core::engine::Wall::User
            && let Some(project) = &opened.access.project
        {
            order["projectId"] = json!(project);
        }
        let answer = opened.by_key(Call::to(CREATE_CREDENTIAL, &[]).secret_json(order)).await.map_err(at_fault)?;
        let made: CredentialEntry = answer.json()?;
        if made.name != new.name || made.kind != new.kind {
            return Err(answer.garbled().into());
        }
        Ok(made.into())
    }

    async fn change<'a>(
        &self,
        tenancy: &Tenancy,
        known: &RemoteCredential,
        name: Option<&'a str>,
        values: Option<&'a Secret>,
    ) -> Result<RemoteCredential> {
        let name = name.unwrap_or(&known.name);
        named(name)?;
        let opened = self.open(tenancy)?;
        let mut order = json!({"name": name});
        if let Some(values) = values {
            order["type"] = json!(known.kind);
            order["data"] = json!(credential_values(values)?);
        }
        let answer = opened.by_key(Call::to(CHANGE_CREDENTIAL, &[known.id.as_str()]).secret_json(order)).await;
        let answer = answer
            .map_err(|fault| if opened.ownership.hides(&fault) { Error::not_found() } else { at_fault(fault) })?;
        let changed: CredentialEntry = answer.json()?;
        if changed.id != known.id.as_str() || changed.name != name {
            return Err(answer.garbled().into());
        }
        Ok(changed.into())
    }

    async fn test(&self, tenancy: &Tenancy, credential: &ExternalId) -> Result<Option<bool>> {
        let opened = self.open(tenancy)?;
        let tried = if opened.has_account() {
            let answer =
                opened.signed_in(Call::to(READ_CREDENTIAL, &[credential.as_str()]).query("includeData", "true"));
            // The values come back as marks that stand for what is stored.
            let answer = opened.ownership.if_there(answer.await)?.ok_or_else(Error::not_found)?;
            let entry: CredentialEntry = data(&answer)?;
            if entry.id != credential.as_str() {
                opened.ownership.found_foreign(ObjectKind::Connection);
                return Err(Error::not_found());
            }
            let order = json!({"credentials": {
                "id": entry.id, "name": entry.name, "type": entry.kind, "data": entry.data.unwrap_or_else(|| json!({})),
            }});
            opened
                .signed_in(Call::to(TRY_CREDENTIAL, &[]).secret_json(order))
                .await
                .and_then(|answer| data::<Tried>(&answer))
        } else {
            let call = Call::to(TEST_CREDENTIAL, &[credential.as_str()]).json(json!({}));
            opened.by_key(call).await.and_then(|answer| answer.json::<Tried>())
        };
        match tried {
            Ok(tried) if tried.status == "OK" => Ok(Some(true)),
            Ok(tried) if tried.message.contains(NO_TEST) => Ok(None),
            Ok(_) => Ok(Some(false)),
            Err(Fault { kind: FaultKind::NotFound, .. }) => Err(Error::not_found()),
            // A key that may not ask, or a kind that n8n cannot try.
            Err(Fault { kind: FaultKind::Forbidden | FaultKind::Absent | FaultKind::Rejected(_), .. }) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    async fn delete(&self, tenancy: &Tenancy, credential: &ExternalId) -> Result<()> {
        let opened = self.open(tenancy)?;
        let answer = opened.by_key(Call::to(DELETE_CREDENTIAL, &[credential.as_str()])).await;
        Ok(opened.ownership.if_there(answer)?.map_or(Ok(()), |answer| answer.done())?)
    }
}

impl From<CredentialEntry> for RemoteCredential {
    fn from(entry: CredentialEntry) -> Self {
        Self { id: ExternalId::new(entry.id), kind: entry.kind, name: entry.name }
    }
}

async fn listed(opened: &OpenTenancy<'_>) -> Result<Vec<CredentialEntry>, Fault> {
    pages(|cursor| async move {
        let page = opened.page(Call::to(LIST_CREDENTIALS, &[]).query("limit", "250"), cursor).await?;
        Ok((page.data, page.next_cursor))
    })
    .await
}

/// n8n takes shorter names at first, and then refuses to change such a credential.
fn named(name: &str) -> Result<()> {
    if (3..=128).contains(&name.chars().count()) {
        return Ok(());
    }
    Err(Error::invalid("name", "must have 3 to 128 characters"))
}

fn at_fault(fault: Fault) -> Error {
    let Fault { kind: FaultKind::Rejected(said), .. } = fault else { return fault.into() };
    if said.contains("body.type") {
        return Error::invalid("kind", "is not a kind of credential that this n8n has");
    }
    let quoted = said.split('"').nth(1).filter(|name| name.len() <= 100 && !name.contains(char::is_whitespace));
    match quoted {
        Some(name) if said.contains("additional property") => {
            Error::invalid(format!("secret.{name}"), "is not a field of this kind; leave it out")
        }
        Some(name) if said.contains("requires property") => Error::invalid(format!("secret.{name}"), "is missing"),
        _ => Error::invalid("secret", "does not fit this kind; check that every value is of the right type"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"request.body.data is not allowed to have the additional property "foo""#, "secret.foo")]
    #[case(r#"request.body.data requires property "value""#, "secret.value")]
    #[case("request.body.data is not of a type(s) string", "secret")]
    #[case("req.body.type is not a known type", "kind")]
    fn the_value_at_fault_is_named(#[case] said: &str, #[case] field: &str) {
        assert_eq!(at_fault(FaultKind::Rejected(said.to_owned()).into()).fields()[0].field, field);
    }
}
