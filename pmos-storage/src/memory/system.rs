use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use pmos_core::{
    ActAsId, Cursor, Id, Page, PageRequest, Result, Role, SessionId, Timestamp, UserId, WorkspaceId,
    audit::AuditEntry,
    identity::{Account, ActAs, Email, PasswordHash, Session, TokenHash},
    store::{
        AccountRepository, AuditRepository, IdempotencyRepository, Removal, SessionRepository, StoredAnswer,
        SystemUnit, WorkspaceEntry, WorkspaceList,
    },
    workspace::{Label, Member, WorkspaceProfile},
};

use super::{
    Work,
    state::{Instance, Tenant, change, enough, insert, key, newest_first, remove, retain},
};

/// Whose the lists of the instance are.
pub(super) fn instance() -> WorkspaceId {
    WorkspaceId::from_uuid(uuid::Uuid::nil())
}

/// A unit of work on what belongs to no workspace. It implements every repository itself.
pub(super) struct System {
    pub(super) work: Work,
}

impl System {
    pub(super) fn new(work: Work) -> Self {
        Self { work }
    }

    fn change_account(&mut self, user: UserId, change_it: impl FnOnce(&mut Account)) -> Result<bool> {
        let accounts = &mut self.work.write()?.accounts;
        Ok(change(accounts, &user, |account| change_it(Arc::make_mut(account))))
    }
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("System").finish_non_exhaustive()
    }
}

#[async_trait]
impl SystemUnit for System {
    fn accounts(&mut self) -> &mut dyn AccountRepository {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }

    fn workspaces(&mut self) -> &mut dyn WorkspaceList {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditRepository {
        self
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        self
    }

    async fn commit(mut self: Box<Self>, audit: Vec<AuditEntry>, answer: Option<StoredAnswer>) -> Result<()> {
        if self.work.draft.is_none() && audit.is_empty() && answer.is_none() {
            return Ok(());
        }
        if let Some(answer) = answer {
            self.work.write()?.answers.keep(answer)?;
        }
        self.work.commit(|instance| instance.append_audit(None, &audit))
    }
}

#[async_trait]
impl AccountRepository for System {
    async fn insert(&mut self, account: &Account) -> Result<bool> {
        let instance = self.work.write()?;
        let email = account.person.email.key();
        if instance.accounts.values().any(|kept| kept.person.email.key() == email) {
            return Ok(false);
        }
        let mut account = account.clone();
        account.person.super_admin |= !instance.founded;
        insert(&mut instance.accounts, account.person.id, Arc::new(account))?;
        instance.founded = true;
        Ok(true)
    }

    async fn count(&mut self) -> Result<u64> {
        Ok(self.work.read(|instance| instance.accounts.len() as u64))
    }

    async fn get(&mut self, user: UserId) -> Result<Option<Account>> {
        Ok(self.work.read(|instance| instance.accounts.get(&user).map(|account| Account::clone(account))))
    }

    async fn several(&mut self, users: &[UserId]) -> Result<Vec<Account>> {
        Ok(self.work.read(|instance| {
            let found: BTreeMap<_, _> = users.iter().filter_map(|user| instance.accounts.get_key_value(user)).collect();
            found.into_values().map(|account| Account::clone(account)).collect()
        }))
    }

    async fn by_email(&mut self, email: &Email) -> Result<Option<Account>> {
        let email = email.key();
        Ok(self.work.read(|instance| {
            let mut accounts = instance.accounts.values();
            accounts.find(|account| account.person.email.key() == email).map(|account| Account::clone(account))
        }))
    }

    async fn set_name(&mut self, user: UserId, name: &Label) -> Result<bool> {
        self.change_account(user, |account| account.person.name = name.clone())
    }

    async fn set_password(&mut self, user: UserId, hash: &PasswordHash) -> Result<bool> {
        self.change_account(user, |account| account.password_hash = hash.clone())
    }

    async fn set_super_admin(&mut self, user: UserId, super_admin: bool) -> Result<bool> {
        self.change_account(user, |account| account.person.super_admin = super_admin)
    }

    async fn count_super_admins(&mut self) -> Result<u64> {
        Ok(self
            .work
            .read(|instance| instance.accounts.values().filter(|account| account.person.super_admin).count() as u64))
    }

    async fn remove(&mut self, user: UserId) -> Result<Removal> {
        let instance = self.work.write()?;
        let lonely = instance.tenants.iter().find(|(_, tenant)| is_last_admin(tenant, user));
        if let Some((workspace, _)) = lonely {
            return Ok(Removal::LastAdmin(*workspace));
        }
        if !remove(&mut instance.accounts, &user) {
            return Ok(Removal::Missing);
        }
        remove(&mut instance.resets, &user);
        retain(&mut instance.sessions, |(session, _)| session.user != user);
        leave_everywhere(instance, user);
        Ok(Removal::Done)
    }

    async fn insert_reset(&mut self, user: UserId, token: TokenHash, expires_at: Timestamp) -> Result<()> {
        let instance = self.work.write()?;
        if !instance.accounts.contains_key(&user) {
            return Err(pmos_core::Error::not_found());
        }
        Arc::make_mut(&mut instance.resets).insert(user, (token, expires_at));
        Ok(())
    }

    async fn take_reset(&mut self, token: TokenHash, now: Timestamp) -> Result<Option<UserId>> {
        let resets = &mut self.work.write()?.resets;
        let found = resets.iter().find(|(_, (kept, _))| *kept == token).map(|(user, (_, until))| (*user, *until));
        let Some((user, until)) = found else { return Ok(None) };
        remove(resets, &user);
        Ok((now <= until).then_some(user))
    }
}

fn is_last_admin(tenant: &Tenant, user: UserId) -> bool {
    let mut admins = tenant.members.values().filter(|member| member.role == Role::WorkspaceAdmin);
    admins.next().is_some_and(|admin| admin.user == user) && admins.next().is_none()
}

fn leave_everywhere(instance: &mut Instance, user: UserId) {
    let touched = |tenant: &Tenant| {
        tenant.members.contains_key(&user) || tenant.api_keys.values().any(|(key, _)| key.owner == Some(user))
    };
    let workspaces: Vec<_> = instance.tenants.iter().filter(|(_, tenant)| touched(tenant)).map(|(id, _)| *id).collect();
    for workspace in workspaces {
        if let Some(tenant) = instance.tenant_mut(workspace) {
            remove(&mut tenant.members, &user);
            retain(&mut tenant.api_keys, |(key, _)| key.owner != Some(user));
        }
    }
}

#[async_trait]
impl SessionRepository for System {
    async fn insert(&mut self, session: &Session, token: TokenHash) -> Result<()> {
        let instance = self.work.write()?;
        if !instance.accounts.contains_key(&session.user) {
            return Err(pmos_core::Error::not_found());
        }
        insert(&mut instance.sessions, session.id, (session.clone(), token))
    }

    async fn by_token(&mut self, token: TokenHash) -> Result<Option<(Session, Account)>> {
        Ok(self.work.read(|instance| {
            let (session, _) = instance.sessions.values().find(|(_, kept)| *kept == token)?;
            let account = instance.accounts.get(&session.user)?;
            Some((session.clone(), Account::clone(account)))
        }))
    }

    async fn list(&mut self, user: UserId, page: &PageRequest) -> Result<Page<Session>> {
        let items = self.work.read(|instance| {
            let sessions = newest_first(&instance.sessions, page).map(|(session, _)| session);
            sessions.filter(|session| session.user == user).take(enough(page)).cloned().collect()
        });
        Ok(Page::cut(items, page, |last: &Session| Cursor::new(user, key(last.id))))
    }

    async fn touch(&mut self, id: SessionId, at: Timestamp, expires_at: Timestamp) -> Result<bool> {
        Ok(change(&mut self.work.write()?.sessions, &id, |(session, _)| {
            (session.last_used_at, session.expires_at) = (at, expires_at);
        }))
    }

    async fn step_up(&mut self, id: SessionId, until: Timestamp, token: TokenHash) -> Result<bool> {
        Ok(change(&mut self.work.write()?.sessions, &id, |(session, kept)| {
            session.stepped_up_until = Some(until);
            *kept = token;
        }))
    }

    async fn remove(&mut self, user: UserId, id: SessionId) -> Result<bool> {
        let sessions = &mut self.work.write()?.sessions;
        let own = sessions.get(&id).is_some_and(|(session, _)| session.user == user);
        Ok(own && remove(sessions, &id))
    }

    async fn remove_all(&mut self, user: UserId, but: Option<SessionId>) -> Result<u64> {
        let sessions = &mut self.work.write()?.sessions;
        Ok(retain(sessions, |(session, _)| session.user != user || Some(session.id) == but))
    }

    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let sessions = &mut self.work.write()?.sessions;
        let old = sessions.values().filter(|(session, _)| session.expires_at < before).map(|(session, _)| session.id);
        let old: Vec<_> = old.take(limit as usize).collect();
        Ok(old.iter().filter(|id| remove(sessions, id)).count() as u64)
    }

    async fn insert_act_as(&mut self, act_as: &ActAs) -> Result<()> {
        insert(&mut self.work.write()?.act_as, act_as.id, act_as.clone())
    }

    async fn act_as(&mut self, id: ActAsId) -> Result<Option<ActAs>> {
        Ok(self.work.read(|instance| instance.act_as.get(&id).cloned()))
    }
}

#[async_trait]
impl WorkspaceList for System {
    async fn found(&mut self, profile: &WorkspaceProfile, founder: Member) -> Result<()> {
        let instance = self.work.write()?;
        insert(&mut instance.logs, Some(profile.id), Arc::default())?;
        let mut tenant = Tenant::new(profile.clone());
        insert(&mut tenant.members, founder.user, founder)?;
        insert(&mut instance.tenants, profile.id, Arc::new(tenant))
    }

    async fn provide(&mut self, profile: &WorkspaceProfile) -> Result<bool> {
        let instance = self.work.write()?;
        if instance.tenants.contains_key(&profile.id) {
            return Ok(false);
        }
        // The log of a workspace that was there before has stayed.
        if !instance.logs.contains_key(&Some(profile.id)) {
            insert(&mut instance.logs, Some(profile.id), Arc::default())?;
        }
        insert(&mut instance.tenants, profile.id, Arc::new(Tenant::new(profile.clone())))?;
        Ok(true)
    }

    async fn get(&mut self, id: WorkspaceId) -> Result<Option<WorkspaceProfile>> {
        Ok(self.work.read(|instance| instance.tenants.get(&id).map(|tenant| tenant.profile.clone())))
    }

    async fn several(&mut self, ids: &[WorkspaceId]) -> Result<Vec<WorkspaceProfile>> {
        Ok(self.work.read(|instance| {
            let found: BTreeMap<_, _> = ids.iter().filter_map(|id| instance.tenants.get_key_value(id)).collect();
            found.into_values().map(|tenant| tenant.profile.clone()).collect()
        }))
    }

    async fn list(&mut self, page: &PageRequest) -> Result<Page<WorkspaceEntry>> {
        let entry = |tenant: &Arc<Tenant>| WorkspaceEntry {
            profile: tenant.profile.clone(),
            members: tenant.members.len() as u64,
            flows: tenant.flows.values().filter(|flow| flow.deleted_at.is_none()).count() as u64,
        };
        let items =
            self.work.read(|instance| newest_first(&instance.tenants, page).take(enough(page)).map(entry).collect());
        Ok(Page::cut(items, page, |last: &WorkspaceEntry| Cursor::new(instance(), key(last.profile.id))))
    }
}
