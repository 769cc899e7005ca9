//! Signed-in sessions. n8n lets one account sign in five times a minute.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{Account, Answer, Arriving, Auth, Call, Client, Fault, LOGIN, Site, session_of};

/// n8n's own sessions last seven days.
pub(super) const KEPT: Duration = Duration::from_hours(6 * 24);
/// The most that is taken of a list that is not held, in bytes: three times the list of node types of today.
const MOST: usize = 64 * 1024 * 1024;

impl Client {
    /// Makes a call in a session of the account; signs in when there is none, or when it is dead.
    pub(in crate::n8n) async fn signed_in(&self, site: &Site, account: &Account, call: Call) -> Result<Answer, Fault> {
        let ask = |cookie: SecretString| {
            let call = call.clone();
            async move { self.send(site, Auth::Cookie(cookie.expose_secret()), call).await }
        };
        self.sessions.call(site, account, || self.sign_in(site, account), ask).await
    }

    /// Opens an answer that is too large to hold, in a session of the account.
    pub(in crate::n8n) async fn open_signed_in(
        &self,
        site: &Site,
        account: &Account,
        call: Call,
    ) -> Result<Arriving, Fault> {
        let call = &call;
        let ask = |cookie: SecretString| async move {
            self.upstream.open(site, Auth::Cookie(cookie.expose_secret()), call, MOST).await
        };
        self.sessions.call(site, account, || self.sign_in(site, account), ask).await
    }

    /// Remembers a session that was opened in another way than by signing in.
    pub(in crate::n8n) async fn remember(&self, site: &Site, account: &Account, cookie: SecretString) {
        self.sessions.remember(site, account, cookie).await;
    }

    /// The session of the account; shows whether the account still works where there was none.
    pub(in crate::n8n) async fn session(&self, site: &Site, account: &Account) -> Result<SecretString, Fault> {
        self.sessions.get(site, account, || self.sign_in(site, account)).await
    }

    async fn sign_in(&self, site: &Site, account: &Account) -> Result<SecretString, Fault> {
        let body = json!({"emailOrLdapLoginId": account.email, "password": account.password.expose()});
        session_of(&self.send(site, Auth::None, Call::to(LOGIN, &[]).secret_json(body)).await?)
    }
}
