//! From what a caller shows to who it is.

use std::{fmt, sync::Arc, time::Duration};

use super::{Credential, Identity, Presented, Principal, Rights, Shown, TokenHash, Way};
use crate::{
    Actor, Channel, Clock, Error, Result, Role, UserId, WorkspaceId, WorkspaceScope,
    store::{Access, Closing, FoundKey, Store},
    vault::Secret,
    workspace::{Membership, Workspace},
};

/// Uses of an API key are noted at most this often.
const NOTED: Duration = Duration::from_mins(1);

/// Recognises callers.
pub(crate) struct Principals {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) identity: Arc<dyn Identity>,
    pub(crate) workspaces: Arc<dyn Workspace>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rights: Arc<Rights>,
}

impl Principals {
    /// The caller who shows this.
    ///
    /// # Errors
    /// `unauthenticated` for an unknown or dead credential.
    pub(crate) async fn authenticate(&self, presented: Presented<'_>) -> Result<Arc<Principal>> {
        self.recognise(&match presented {
            Presented::Session(token) => Shown::Session(token.clone()),
            Presented::Key(secret) => Shown::Key(TokenHash::of(secret.expose())),
        })
        .await
    }

    async fn recognise(&self, shown: &Shown) -> Result<Arc<Principal>> {
        let found = match shown {
            Shown::Session(token) => {
                let credential = Credential::Token(TokenHash::of(token.expose()));
                self.rights.of(credential, self.by_session(token)).await?
            }
            Shown::Key(hash) => self.rights.of(Credential::Token(*hash), self.by_key(*hash)).await?,
            Shown::Vouched(..) | Shown::Nothing => None,
        };
        found.ok_or_else(Error::unauthenticated)
    }

    /// The same caller with the rights of now. They are read again when they may have changed, and once in a while in case
    /// that a change was not told.
    ///
    /// # Errors
    /// `unauthenticated` when its credential is dead, `not_found` when there is no such person any more.
    pub(crate) async fn again(&self, principal: &Arc<Principal>) -> Result<Arc<Principal>> {
        if self.rights.is_current(principal.read) {
            return Ok(principal.clone());
        }
        match &principal.shown {
            Shown::Vouched(user) => {
                let (user, channel) = (*user, principal.channel);
                let read = self.by_word(user, channel);
                self.rights.of(Credential::Vouched(user, channel), read).await?.ok_or_else(Error::not_found)
            }
            Shown::Nothing => Ok(principal.clone()),
            shown => self.recognise(shown).await,
        }
    }

    async fn by_session(&self, token: &Secret) -> Result<Option<Principal>> {
        let read = self.rights.read();
        let Some(known) = self.identity.authenticate(token).await? else { return Ok(None) };
        Ok(Some(Principal {
            actor: Actor::Person(known.person.id),
            channel: Channel::Browser,
            super_admin: known.person.super_admin,
            way: Way::Session(known.session),
            memberships: self.workspaces.memberships(known.person.id).await?.into(),
            stepped_up_until: known.stepped_up_until,
            shown: Shown::Session(token.clone()),
            read,
            person: Some(known.person),
        }))
    }

    async fn by_key(&self, hash: TokenHash) -> Result<Option<Principal>> {
        let read = self.rights.read();
        let Some(found) = self.store.directory().api_key(hash).await? else { return Ok(None) };
        let now = self.clock.now();
        let alive = found.expires_at.is_none_or(|end| now < end);
        let (person, role) = match found.owner {
            None => (None, Some(Role::Member)),
            Some(owner) => (self.identity.people(&[owner]).await?.pop(), self.role(owner, found.workspace).await?),
        };
        let Some(role) = role.filter(|_| alive && person.is_some() == found.owner.is_some()) else { return Ok(None) };
        self.note_use(&found).await?;
        Ok(Some(Principal {
            actor: Actor::Key(found.key, found.owner),
            channel: Channel::ApiKey,
            person,
            super_admin: false,
            memberships: [Membership { workspace: found.workspace, role }].into(),
            way: Way::Key { id: found.key, workspace: found.workspace, role, scopes: found.scopes },
            stepped_up_until: None,
            shown: Shown::Key(hash),
            read,
        }))
    }

    async fn role(&self, user: UserId, workspace: WorkspaceId) -> Result<Option<Role>> {
        let memberships = self.workspaces.memberships(user).await?;
        Ok(memberships.iter().find(|membership| membership.workspace == workspace).map(|membership| membership.role))
    }

    async fn note_use(&self, key: &FoundKey) -> Result<()> {
        let now = self.clock.now();
        if key.last_used_at.is_some_and(|last| now.since(last) < NOTED) {
            return Ok(());
        }
        let scope = WorkspaceScope::system(key.workspace, "note that a key is used");
        let mut unit = self.store.begin(&scope, Access::Write).await?;
        unit.api_keys().touch(key.key, now).await?;
        unit.commit(Closing::default()).await?;
        Ok(())
    }

    /// A person whom the embedding program vouches for.
    ///
    /// # Errors
    /// `not_found` when there is no such person.
    pub(crate) async fn vouch(&self, user: UserId, channel: Channel) -> Result<Arc<Principal>> {
        self.by_word(user, channel).await?.map(Arc::new).ok_or_else(Error::not_found)
    }

    async fn by_word(&self, user: UserId, channel: Channel) -> Result<Option<Principal>> {
        let read = self.rights.read();
        let Some(person) = self.identity.people(&[user]).await?.pop() else { return Ok(None) };
        let actor = if channel.is_autonomous() { Actor::Agent(user) } else { Actor::Person(user) };
        Ok(Some(Principal {
            actor,
            channel,
            super_admin: person.super_admin && !channel.is_autonomous(),
            way: Way::Vouched,
            memberships: self.workspaces.memberships(user).await?.into(),
            stepped_up_until: None,
            person: Some(person),
            shown: Shown::Vouched(user),
            read,
        }))
    }
}

impl fmt::Debug for Principals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Principals")
    }
}
