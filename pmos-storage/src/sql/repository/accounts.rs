//! Accounts of our own identity.

use async_trait::async_trait;
use pmos_core::{
    Email, Error, Id, Result, Role, Timestamp, UserId, WorkspaceId,
    identity::{Account, PasswordHash, Person, TokenHash},
    store::{AccountRepository, Removal},
    workspace::Label,
};
use uuid::Uuid;

use super::{super::Unit, query, rows};
use crate::sql::value::{json, kept, number};

statements! {
    // Changes the row once in the life of a store; those who come at the same time wait for the first and find it done.
    FOUND_INSTANCE = "update instance set founded = $1 where id = 1 and founded <> $1";
    INSERT = "insert into accounts (id, email, email_key, name, password_hash, super_admin, created_at) \
              values ($1, $2, $3, $4, $5, $6, $7) on conflict (email_key) do nothing";
    COUNT = "select count(*) from accounts";
    GET = "select id, email, name, password_hash, super_admin, created_at from accounts where id = $1";
    SEVERAL = concat!(
        "select id, email, name, password_hash, super_admin, created_at from accounts \
         where id in (select ", uuid!(0), " from ", elements!(), ") order by id");
    BY_EMAIL = "select id, email, name, password_hash, super_admin, created_at from accounts where email_key = $1";
    SET_NAME = "update accounts set name = $2 where id = $1";
    SET_PASSWORD = "update accounts set password_hash = $2 where id = $1";
    SET_SUPER_ADMIN = "update accounts set super_admin = $2 where id = $1";
    COUNT_SUPER_ADMINS = "select count(*) from accounts where super_admin = $1";
    REMOVE = "delete from accounts where id = $1";
    HOMES = "select workspace_id from members where user_id = $1 order by workspace_id";
    REMOVE_MEMBERSHIPS = "delete from members where user_id = $1 returning workspace_id, role";
    HAS_ADMIN = "select exists (select 1 from members where workspace_id = $1 and role = $2)";
    REMOVE_KEYS = "delete from api_keys where owner_id = $1";
    DROP_RESETS = "delete from resets where user_id = $1";
    INSERT_RESET = "insert into resets (token_hash, user_id, expires_at) values ($1, $2, $3)";
    TAKE_RESET = "delete from resets where token_hash = $1 returning user_id, expires_at";
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    email: String,
    name: String,
    password_hash: String,
    super_admin: bool,
    created_at: i64,
}

impl Row {
    pub(super) fn read(self) -> Result<Account> {
        let person = Person {
            id: UserId::from_uuid(self.id),
            name: kept("accounts.name", Label::kept(self.name))?,
            email: kept("accounts.email", Email::kept(self.email))?,
            super_admin: self.super_admin,
        };
        Ok(Account {
            person,
            password_hash: PasswordHash(self.password_hash),
            created_at: Timestamp::from_micros(self.created_at),
        })
    }
}

#[async_trait]
impl AccountRepository for Unit {
    async fn insert(&mut self, account: &Account) -> Result<bool> {
        let first = self.change("found the instance", query(FOUND_INSTANCE).bind(true)).await? > 0;
        let person = &account.person;
        let insert = query(INSERT)
            .bind(person.id.uuid())
            .bind(person.email.as_str())
            .bind(person.email.key())
            .bind(person.name.as_str())
            .bind(&account.password_hash.0)
            .bind(first || person.super_admin)
            .bind(account.created_at.micros());
        Ok(self.change("keep an account", insert).await? > 0)
    }

    async fn count(&mut self) -> Result<u64> {
        number("accounts", self.one("count accounts", rows::<(i64,)>(COUNT)).await?.0)
    }

    async fn get(&mut self, user: UserId) -> Result<Option<Account>> {
        self.find("read an account", rows(GET).bind(user.uuid())).await?.map(Row::read).transpose()
    }

    async fn several(&mut self, users: &[UserId]) -> Result<Vec<Account>> {
        let users: Vec<[uuid::fmt::Simple; 1]> = users.iter().map(|user| [user.uuid().simple()]).collect();
        let several = rows(SEVERAL).bind(json(&users)?);
        self.all("read several accounts", several).await?.into_iter().map(Row::read).collect()
    }

    async fn by_email(&mut self, email: &Email) -> Result<Option<Account>> {
        self.find("read an account", rows(BY_EMAIL).bind(email.key())).await?.map(Row::read).transpose()
    }

    async fn set_name(&mut self, user: UserId, name: &Label) -> Result<bool> {
        let set = query(SET_NAME).bind(user.uuid()).bind(name.as_str());
        Ok(self.change("rename an account", set).await? > 0)
    }

    async fn set_password(&mut self, user: UserId, hash: &PasswordHash) -> Result<bool> {
        let set = query(SET_PASSWORD).bind(user.uuid()).bind(&hash.0);
        Ok(self.change("change a password", set).await? > 0)
    }

    async fn set_super_admin(&mut self, user: UserId, super_admin: bool) -> Result<bool> {
        let set = query(SET_SUPER_ADMIN).bind(user.uuid()).bind(super_admin);
        Ok(self.change("change who is super admin", set).await? > 0)
    }

    async fn count_super_admins(&mut self) -> Result<u64> {
        self.lock().await?;
        let count = rows::<(i64,)>(COUNT_SUPER_ADMINS).bind(true);
        number("accounts", self.one("count super admins", count).await?.0)
    }

    async fn remove(&mut self, user: UserId) -> Result<Removal> {
        let operation = "remove an account";
        self.must_write(operation)?;
        // Locks before rows, as with everybody else who counts admins; and one removal at a time, so that two which share
        // several workspaces cannot wait for each other.
        self.lock().await?;
        for (home,) in self.all(operation, rows::<(Uuid,)>(HOMES).bind(user.uuid())).await? {
            self.lock_also(home).await?;
        }
        let left = self.all(operation, rows::<(Uuid, String)>(REMOVE_MEMBERSHIPS).bind(user.uuid())).await?;
        for (home, _) in left.into_iter().filter(|(_, role)| role == Role::WorkspaceAdmin.as_str()) {
            // It may have been let in since the first look; a lock that is held already costs nothing.
            self.lock_also(home).await?;
            let has_admin = rows::<(bool,)>(HAS_ADMIN).bind(home).bind(Role::WorkspaceAdmin.as_str());
            if !self.one(operation, has_admin).await?.0 {
                // What is deleted so far must not be committed.
                self.spoil(Error::internal(operation));
                return Ok(Removal::LastAdmin(WorkspaceId::from_uuid(home)));
            }
        }
        self.change(operation, query(REMOVE_KEYS).bind(user.uuid())).await?;
        let gone = self.change(operation, query(REMOVE).bind(user.uuid())).await? > 0;
        Ok(if gone { Removal::Done } else { Removal::Missing })
    }

    async fn insert_reset(&mut self, user: UserId, token: TokenHash, expires_at: Timestamp) -> Result<()> {
        self.change("keep a reset token", query(DROP_RESETS).bind(user.uuid())).await?;
        let insert = query(INSERT_RESET).bind(token.0.as_slice()).bind(user.uuid()).bind(expires_at.micros());
        self.change("keep a reset token", insert).await?;
        Ok(())
    }

    async fn take_reset(&mut self, token: TokenHash, now: Timestamp) -> Result<Option<UserId>> {
        let operation = "use a reset token";
        self.must_write(operation)?;
        let taken = self.find(operation, rows::<(Uuid, i64)>(TAKE_RESET).bind(token.0.as_slice())).await?;
        Ok(taken.filter(|(_, until)| now.micros() <= *until).map(|(user, _)| UserId::from_uuid(user)))
    }
}
