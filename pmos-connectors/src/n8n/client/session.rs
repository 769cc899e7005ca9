//! Signed-in sessions, kept because n8n lets one account sign in five times a minute, successes counted.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use pmos_core::vault::Secret;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::sync::Mutex;

use super::{Answer, Arriving, Call, Client, Fault, LOGIN, Opening, Site};

/// n8n's own sessions last seven days.
const KEPT: Duration = Duration::from_hours(6 * 24);
const ACCOUNTS: u64 = 10_000;

/// Who signs in. Two workspaces never share a session, even when they share an account.
#[derive(Debug, Clone)]
pub(in crate::n8n) struct Account {
    /// For whom; the operator's own account has none.
    pub(in crate::n8n) workspace: Option<pmos_core::WorkspaceId>,
    /// The address of the account.
    pub(in crate::n8n) email: String,
    /// Its password.
    pub(in crate::n8n) password: Secret,
}

type Key = (Option<pmos_core::WorkspaceId>, Site, String);

pub(super) struct Sessions(Cache<Key, Arc<Mutex<Option<SecretString>>>>);

impl Sessions {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(ACCOUNTS).time_to_live(KEPT).build())
    }
}

impl Client {
    /// Makes a call in a session of the account; signs in when there is none, or when it is dead.
    pub(in crate::n8n) async fn signed_in(&self, site: &Site, account: &Account, call: Call) -> Result<Answer, Fault> {
        let held = self.held(site, account);
        let (cookie, fresh) = self.session(site, account, &held, None).await?;
        match self.send(site, Opening::Session(cookie.expose_secret()), call.clone()).await {
            Err(Fault::Denied) if !fresh => {
                let (cookie, _) = self.session(site, account, &held, Some(&cookie)).await?;
                self.send(site, Opening::Session(cookie.expose_secret()), call).await
            }
            answer => answer,
        }
    }

    /// Opens an answer that is too large to hold, in a session of the account.
    pub(in crate::n8n) async fn open_signed_in(
        &self,
        site: &Site,
        account: &Account,
        call: Call,
    ) -> Result<Arriving, Fault> {
        let held = self.held(site, account);
        let (cookie, fresh) = self.session(site, account, &held, None).await?;
        match self.open(site, Opening::Session(cookie.expose_secret()), &call).await {
            Err(Fault::Denied) if !fresh => {
                let (cookie, _) = self.session(site, account, &held, Some(&cookie)).await?;
                self.open(site, Opening::Session(cookie.expose_secret()), &call).await
            }
            answer => answer,
        }
    }

    /// Remembers a session that was opened in another way than by signing in.
    pub(in crate::n8n) async fn remember(&self, site: &Site, account: &Account, cookie: &str) {
        *self.held(site, account).lock().await = Some(SecretString::from(cookie));
    }

    /// Signs in anew, to see whether the account still works.
    pub(in crate::n8n) async fn try_account(&self, site: &Site, account: &Account) -> Result<(), Fault> {
        let held = self.held(site, account);
        self.session(site, account, &held, None).await.map(drop)
    }

    pub(super) fn held(&self, site: &Site, account: &Account) -> Arc<Mutex<Option<SecretString>>> {
        let key = (account.workspace, site.clone(), account.email.clone());
        self.sessions.0.get_with(key, Arc::default)
    }

    /// The session and whether it was opened just now. Of several callers one signs in, the others wait for it.
    pub(super) async fn session(
        &self,
        site: &Site,
        account: &Account,
        held: &Mutex<Option<SecretString>>,
        dead: Option<&SecretString>,
    ) -> Result<(SecretString, bool), Fault> {
        let mut held = held.lock().await;
        if let Some(cookie) = &*held
            && dead.is_none_or(|dead| dead.expose_secret() != cookie.expose_secret())
        {
            return Ok((cookie.clone(), false));
        }
        *held = None;
        let body = json!({"emailOrLdapLoginId": account.email, "password": account.password.expose()});
        let answer = self.send(site, Opening::Nothing, Call::to(LOGIN, &[]).json(body)).await?;
        let cookie = SecretString::from(answer.session().ok_or(Fault::Garbled)?);
        *held = Some(cookie.clone());
        Ok((cookie, true))
    }
}
