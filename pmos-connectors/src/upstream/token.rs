//! Sessions that are kept, because servers let an account sign in a few times a minute only, successes counted.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use pmos_core::WorkspaceId;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::{Account, Fault, FaultKind, Site};

/// How many accounts are remembered.
const ACCOUNTS: u64 = 10_000;

type Key = (Option<WorkspaceId>, Site, String);
type Held = Arc<Mutex<Option<SecretString>>>;

/// The token of each account at each server: a cookie, or what a bearer sends. Of several callers that need a new one, one
/// signs in and the others wait for it.
pub struct TokenCache(Cache<Key, Held>);

impl TokenCache {
    /// Keeps tokens this long: less than the server does.
    pub fn new(kept: Duration) -> Self {
        Self(Cache::builder().max_capacity(ACCOUNTS).time_to_live(kept).build())
    }

    /// Remembers a token that came in another way than by signing in.
    pub async fn remember(&self, site: &Site, account: &Account, token: SecretString) {
        *self.held(site, account).lock().await = Some(token);
    }

    /// The account's token; `sign_in` gets one when there is none.
    ///
    /// # Errors
    /// What `sign_in` fails with.
    pub async fn get<P, F>(
        &self,
        site: &Site,
        account: &Account,
        sign_in: impl FnOnce() -> F,
    ) -> Result<SecretString, Fault<P>>
    where
        F: Future<Output = Result<SecretString, Fault<P>>>,
    {
        Ok(renewed(&self.held(site, account), None, sign_in).await?.0)
    }

    /// Asks with the account's token, and once more with a new one when the server does not take it.
    ///
    /// # Errors
    /// What `sign_in` and `ask` fail with.
    pub async fn call<P, T, F, G>(
        &self,
        site: &Site,
        account: &Account,
        sign_in: impl Fn() -> F,
        ask: impl Fn(SecretString) -> G,
    ) -> Result<T, Fault<P>>
    where
        F: Future<Output = Result<SecretString, Fault<P>>>,
        G: Future<Output = Result<T, Fault<P>>>,
    {
        let held = self.held(site, account);
        let (token, is_new) = renewed(&held, None, &sign_in).await?;
        match ask(token.clone()).await {
            Err(Fault { kind: FaultKind::Denied, .. }) if !is_new => {
                let (token, _) = renewed(&held, Some(&token), &sign_in).await?;
                ask(token).await
            }
            answer => answer,
        }
    }

    fn held(&self, site: &Site, account: &Account) -> Held {
        self.0.get_with((account.workspace, site.clone(), account.email.clone()), Arc::default)
    }
}

/// The token that is held, unless it is the dead one, else a new one; and whether it is new.
async fn renewed<P, F>(
    held: &Mutex<Option<SecretString>>,
    dead: Option<&SecretString>,
    sign_in: impl FnOnce() -> F,
) -> Result<(SecretString, bool), Fault<P>>
where
    F: Future<Output = Result<SecretString, Fault<P>>>,
{
    let mut held = held.lock().await;
    if let Some(token) = &*held
        && dead.is_none_or(|dead| dead.expose_secret() != token.expose_secret())
    {
        return Ok((token.clone(), false));
    }
    *held = None;
    let token = sign_in().await?;
    *held = Some(token.clone());
    Ok((token, true))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;
    use pmos_core::vault::Secret;

    use super::{super::protocol::tests::Example, *};

    fn account() -> Account {
        Account { workspace: None, email: "a@example.test".to_owned(), password: Secret::new("p") }
    }

    #[tokio::test]
    async fn of_many_that_need_a_session_one_signs_in_and_again_only_when_it_is_dead() {
        let (cache, count) = (TokenCache::new(Duration::from_mins(1)), AtomicUsize::new(0));
        let (site, account) = (Site::parse::<Example>("http://example.test").unwrap(), account());
        let sign_in = || async {
            tokio::task::yield_now().await;
            Ok(SecretString::from(format!("t{}", count.fetch_add(1, Ordering::SeqCst))))
        };
        for (alive, signed_in) in [("t0", 1), ("t0", 1), ("t1", 2)] {
            let ask = |token: SecretString| async move {
                if token.expose_secret() == alive { Ok(()) } else { Err(Fault::<Example>::from(FaultKind::Denied)) }
            };
            let answers = join_all((0..20).map(|_| cache.call(&site, &account, sign_in, ask))).await;
            assert!(answers.iter().all(Result::is_ok));
            assert_eq!(count.load(Ordering::SeqCst), signed_in);
        }
    }
}
