//! What the owner of a server does for workspaces: users come and go.

use std::time::Duration;

use parking_lot::Mutex;
use pmos_core::{Clock, Result, Timestamp, vault::Secret};
use serde_json::{Value, json};
use url::Url;

use super::super::{
    client::{
        Account, Answer, ApiKey, ApiKeys, CREATE_API_KEY, CREATE_USERS, Call, Client, DELETE_API_KEY, DELETE_USER,
        Fault, FaultKind, GET_USER, INVITE_LINK, Invited, LIST_API_KEYS, Link, MCP_SETTINGS, RESET_LINK, Site, User,
        Wrapped, api_key, garbled,
    },
    config::Instance,
};

/// The keys that we make for ourselves begin with this.
const LABEL: &str = "PMOS places";
const SCOPES: [&str; 3] = ["user:create", "user:read", "user:delete"];
/// How long such a key works. It is never stored: another process makes its own.
const KEY_LIFE: Duration = Duration::from_hours(24);

/// A key that was made for ourselves.
#[derive(Debug, Default)]
pub(super) struct OwnerKey(Mutex<Option<(Secret, Timestamp)>>);

/// The owner of a server, for the calls of one act.
pub(super) struct Owner<'a> {
    pub(super) client: &'a Client,
    pub(super) site: Site,
    pub(super) instance: &'a Instance,
    pub(super) clock: &'a dyn Clock,
    pub(super) key: &'a OwnerKey,
}

impl Owner<'_> {
    /// The user with this address.
    pub(super) async fn user(&self, email: &str) -> Result<Option<User>> {
        match self.by_key(Call::to(GET_USER, &[email])).await {
            Ok(answer) => {
                let user: User = answer.json()?;
                Ok((user.email.eq_ignore_ascii_case(email)).then_some(user))
            }
            Err(Fault { kind: FaultKind::NotFound, .. }) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Invites a user, or the same one again; the user and the token that makes the account.
    pub(super) async fn invite(&self, email: &str) -> Result<(String, String)> {
        let order = json!([{"email": email, "role": "global:member"}]);
        let invited: Vec<Invited> = self.by_key(Call::to(CREATE_USERS, &[]).json(order)).await?.json()?;
        let user = invited.into_iter().next().ok_or_else(garbled)?.user;
        let link = if let Some(link) = user.invite_accept_url.filter(|link| !link.is_empty()) {
            link
        } else {
            // Some servers send links by mail only, and give them to the owner all the same.
            let answer = self.signed_in(Call::to(INVITE_LINK, &[&user.id]).json(json!({}))).await?;
            answer.json::<Wrapped<Link>>()?.data.link
        };
        Ok((user.id, token_in(&link)?))
    }

    /// The token with which the user gets a new password.
    pub(super) async fn reset(&self, user: &str) -> Result<String> {
        let answer = self.signed_in(Call::to(RESET_LINK, &[user])).await?;
        token_in(&answer.json::<Wrapped<Link>>()?.data.link)
    }

    /// Takes a user away with everything that is its own. One that is not there any more is gone already; a conflict
    /// says that something of it is still live.
    pub(super) async fn remove(&self, user: &str) -> Result<(), Fault> {
        match self.by_key(Call::to(DELETE_USER, &[user])).await {
            Ok(_) | Err(Fault { kind: FaultKind::NotFound, .. }) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Lets users start runs by MCP. Whether that works is no condition for anything.
    pub(super) async fn allow_mcp(&self) {
        if let Err(fault) = self.signed_in(Call::to(MCP_SETTINGS, &[]).json(json!({"mcpAccessEnabled": true}))).await {
            tracing::debug!(fault = fault.kind.name(), "n8n does not open MCP");
        }
    }

    fn account(&self) -> Option<Account> {
        let (email, password) = self.instance.owner_email.clone().zip(self.instance.owner_password.clone())?;
        Some(Account { workspace: None, email, password })
    }

    async fn signed_in(&self, call: Call) -> Result<Answer, Fault> {
        let account = self.account().ok_or(FaultKind::Absent)?;
        self.client.signed_in(&self.site, &account, call).await
    }

    async fn by_key(&self, call: Call) -> Result<Answer, Fault> {
        if let Some(key) = &self.instance.api_key {
            return self.client.send(&self.site, api_key(key), call).await;
        }
        let now = self.clock.now();
        let known = self.key.0.lock().clone().filter(|(_, until)| now < *until);
        if let Some((key, _)) = known {
            match self.client.send(&self.site, api_key(&key), call.clone()).await {
                Err(Fault { kind: FaultKind::Denied, .. }) => *self.key.0.lock() = None,
                answer => return answer,
            }
        }
        let key = self.make_key(now).await?;
        self.client.send(&self.site, api_key(&key), call).await
    }

    async fn make_key(&self, now: Timestamp) -> Result<Secret, Fault> {
        let seconds = |time: Timestamp| time.micros() / 1_000_000;
        let keys: Wrapped<ApiKeys> = self.signed_in(Call::to(LIST_API_KEYS, &[])).await?.json()?;
        let dead =
            |key: &&ApiKey| key.label.starts_with(LABEL) && key.expires_at.is_some_and(|end| end <= seconds(now));
        for key in keys.data.items.iter().filter(dead) {
            self.signed_in(Call::to(DELETE_API_KEY, &[&key.id])).await?;
        }
        let until = now.plus(KEY_LIFE);
        let label = format!("{LABEL} {}", self.clock.random_text(8).map_err(|_| FaultKind::Absent)?);
        let order = json!({"label": label, "expiresAt": seconds(until), "scopes": SCOPES});
        let made: Wrapped<ApiKey> = self.signed_in(Call::to(CREATE_API_KEY, &[]).json(order)).await?.json()?;
        let key = Secret::new(made.data.raw.ok_or_else(garbled)?);
        *self.key.0.lock() = Some((key.clone(), until.minus(KEY_LIFE / 24)));
        Ok(key)
    }
}

/// The token in a link that n8n made.
fn token_in(link: &str) -> Result<String> {
    let url = Url::parse(link).map_err(|_| garbled())?;
    let token = url.query_pairs().find(|(name, _)| name == "token").map(|(_, token)| token.into_owned());
    Ok(token.ok_or_else(garbled)?)
}

/// What a call in a user's own session gave, as JSON without its envelope.
pub(super) fn data<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Fault> {
    Ok(answer.json::<Wrapped<T>>()?.data)
}

/// The scopes that a key may have out of those that are wanted.
pub(super) fn within(wanted: &[&str], offered: &[Value]) -> Vec<String> {
    let offered = |scope: &str| offered.iter().any(|known| known.as_str() == Some(scope));
    wanted.iter().filter(|scope| offered(scope)).map(|scope| (*scope).to_owned()).collect()
}
