//! Signed-in browsers, and periods of acting in foreign workspaces.

use async_trait::async_trait;
use pmos_core::{
    ActAsId, Cursor, Id, Page, PageRequest, Result, SessionId, Timestamp, UserId, WorkspaceId,
    identity::{Account, ActAs, Session, TokenHash},
    store::SessionRepository,
};
use uuid::Uuid;

use super::{super::Unit, accounts, before, most, query, rows};

statements! {
    INSERT = "insert into sessions (id, user_id, token_hash, created_at, last_used_at, expires_at, stepped_up_until, \
              address, user_agent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    BY_TOKEN = "select s.id as session_id, s.user_id, s.created_at as session_created_at, s.last_used_at, \
                s.expires_at, s.stepped_up_until, s.address, s.user_agent, \
                a.id, a.email, a.name, a.password_hash, a.super_admin, a.created_at \
                from sessions s join accounts a on a.id = s.user_id where s.token_hash = $1";
    LIST = "select id as session_id, user_id, created_at as session_created_at, last_used_at, expires_at, \
            stepped_up_until, address, user_agent from sessions where user_id = $1 and id < $2 \
            order by id desc limit $3";
    TOUCH = "update sessions set last_used_at = $2, expires_at = $3 where id = $1";
    STEP_UP = "update sessions set stepped_up_until = $2, token_hash = $3 where id = $1";
    REMOVE = "delete from sessions where user_id = $1 and id = $2";
    REMOVE_ALL = "delete from sessions where user_id = $1 and id <> $2";
    PURGE = "delete from sessions where id in \
             (select id from sessions where expires_at < $1 order by expires_at limit $2)";
    INSERT_ACT_AS = "insert into act_as (id, user_id, workspace_id, reason, expires_at) values ($1, $2, $3, $4, $5)";
    ACT_AS = "select id, user_id, workspace_id, reason, expires_at from act_as where id = $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    session_id: Uuid,
    user_id: Uuid,
    session_created_at: i64,
    last_used_at: i64,
    expires_at: i64,
    stepped_up_until: Option<i64>,
    address: String,
    user_agent: String,
}

impl Row {
    fn read(self) -> Session {
        Session {
            id: SessionId::from_uuid(self.session_id),
            user: UserId::from_uuid(self.user_id),
            created_at: Timestamp::from_micros(self.session_created_at),
            last_used_at: Timestamp::from_micros(self.last_used_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            stepped_up_until: self.stepped_up_until.map(Timestamp::from_micros),
            address: self.address,
            user_agent: self.user_agent,
        }
    }
}

#[derive(sqlx::FromRow)]
struct WithAccount {
    #[sqlx(flatten)]
    session: Row,
    #[sqlx(flatten)]
    account: accounts::Row,
}

#[async_trait]
impl SessionRepository for Unit {
    async fn insert(&mut self, session: &Session, token: TokenHash) -> Result<()> {
        let insert = query(INSERT)
            .bind(session.id.uuid())
            .bind(session.user.uuid())
            .bind(token.0.as_slice())
            .bind(session.created_at.micros())
            .bind(session.last_used_at.micros())
            .bind(session.expires_at.micros())
            .bind(session.stepped_up_until.map(Timestamp::micros))
            .bind(&session.address)
            .bind(&session.user_agent);
        self.change("keep a session", insert).await?;
        Ok(())
    }

    async fn by_token(&mut self, token: TokenHash) -> Result<Option<(Session, Account)>> {
        let found = rows::<WithAccount>(BY_TOKEN).bind(token.0.as_slice());
        let Some(found) = self.find("read a session", found).await? else { return Ok(None) };
        Ok(Some((found.session.read(), found.account.read()?)))
    }

    async fn list(&mut self, user: UserId, page: &PageRequest) -> Result<Page<Session>> {
        let list = rows::<Row>(LIST).bind(user.uuid()).bind(before(page)).bind(most(page));
        let sessions = self.all("list sessions", list).await?.into_iter().map(Row::read).collect();
        Ok(Page::cut(sessions, page, |session: &Session| Cursor::new(user, session.id.uuid().as_u128())))
    }

    async fn touch(&mut self, id: SessionId, at: Timestamp, expires_at: Timestamp) -> Result<bool> {
        let touch = query(TOUCH).bind(id.uuid()).bind(at.micros()).bind(expires_at.micros());
        Ok(self.change("note the use of a session", touch).await? > 0)
    }

    async fn step_up(&mut self, id: SessionId, until: Timestamp, token: TokenHash) -> Result<bool> {
        let step_up = query(STEP_UP).bind(id.uuid()).bind(until.micros()).bind(token.0.as_slice());
        Ok(self.change("step a session up", step_up).await? > 0)
    }

    async fn remove(&mut self, user: UserId, id: SessionId) -> Result<bool> {
        let remove = query(REMOVE).bind(user.uuid()).bind(id.uuid());
        Ok(self.change("end a session", remove).await? > 0)
    }

    async fn remove_all(&mut self, user: UserId, but: Option<SessionId>) -> Result<u64> {
        let remove = query(REMOVE_ALL).bind(user.uuid()).bind(but.map_or(Uuid::nil(), Id::uuid));
        self.change("end the sessions of a person", remove).await
    }

    async fn purge(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let purge = query(PURGE).bind(before.micros()).bind(i64::from(limit));
        self.change("purge expired sessions", purge).await
    }

    async fn insert_act_as(&mut self, act_as: &ActAs) -> Result<()> {
        let insert = query(INSERT_ACT_AS)
            .bind(act_as.id.uuid())
            .bind(act_as.user.uuid())
            .bind(act_as.workspace.uuid())
            .bind(&act_as.reason)
            .bind(act_as.expires_at.micros());
        self.change("keep an act-as", insert).await?;
        Ok(())
    }

    async fn act_as(&mut self, id: ActAsId) -> Result<Option<ActAs>> {
        let found = rows::<(Uuid, Uuid, Uuid, String, i64)>(ACT_AS).bind(id.uuid());
        let found = self.find("read an act-as", found).await?;
        Ok(found.map(|(id, user, workspace, reason, expires_at)| ActAs {
            id: ActAsId::from_uuid(id),
            user: UserId::from_uuid(user),
            workspace: WorkspaceId::from_uuid(workspace),
            reason,
            expires_at: Timestamp::from_micros(expires_at),
        }))
    }
}
