//! A workspace itself, and the list of them.

use async_trait::async_trait;
use pmos_core::{
    Cursor, Id, Page, PageRequest, Result, Timestamp, WorkspaceId,
    store::{WorkspaceEntry, WorkspaceList, WorkspaceRepository},
    workspace::{Label, Member, WorkspaceProfile},
};
use sqlx::query::Query;
use uuid::Uuid;

use super::{super::Unit, Arguments, Db, before, most, query, rows};
use crate::sql::value::{json, kept, number};

statements! {
    GET = "select workspace_id, name, time_zone, default_engine, retention_days, created_at \
           from workspaces where workspace_id = $1";
    SEVERAL = concat!(
        "select workspace_id, name, time_zone, default_engine, retention_days, created_at \
         from workspaces where workspace_id in (select ", uuid!(0), " from ", elements!(), ") order by workspace_id");
    LIST = "select workspace_id, name, time_zone, default_engine, retention_days, created_at, \
            (select count(*) from members where members.workspace_id = workspaces.workspace_id) as members, \
            (select count(*) from flows where flows.workspace_id = workspaces.workspace_id \
             and deleted_at is null) as flows \
            from workspaces where workspace_id < $1 order by workspace_id desc limit $2";
    UPDATE = "update workspaces set name = $2, time_zone = $3, default_engine = $4, retention_days = $5 \
              where workspace_id = $1";
    DELETE = "delete from workspaces where workspace_id = $1";
    DELETE_FLOWS = "delete from flows where workspace_id = $1";
    DELETE_ANSWERS = "delete from answers where workspace_id = $1";
    DELETE_JOURNALS = "delete from run_steps where workspace_id = $1";
    DELETE_CHATS = "delete from chat_sessions where workspace_id = $1";
    DELETE_CHAT_EVENTS = "delete from chat_events where workspace_id = $1";
    FOUND = "insert into workspaces (workspace_id, name, time_zone, default_engine, retention_days, created_at) \
             values ($1, $2, $3, $4, $5, $6)";
    FOUND_HEAD = "insert into heads (workspace_id, event_seq, audit_seq, audit_hash) values ($1, 0, 0, $2)";
    PROVIDE = "insert into workspaces (workspace_id, name, time_zone, default_engine, retention_days, created_at) \
               values ($1, $2, $3, $4, $5, $6) on conflict (workspace_id) do nothing";
    // The head of a workspace that was there before has stayed with its audit chain.
    PROVIDE_HEAD = "insert into heads (workspace_id, event_seq, audit_seq, audit_hash) values ($1, 0, 0, $2) \
                    on conflict (workspace_id) do nothing";
    FOUND_MEMBER = "insert into members (workspace_id, user_id, role, joined_at) values ($1, $2, $3, $4)";
}

#[derive(sqlx::FromRow)]
struct Profile {
    workspace_id: Uuid,
    name: String,
    time_zone: String,
    default_engine: String,
    retention_days: i64,
    created_at: i64,
}

impl Profile {
    fn read(self) -> Result<WorkspaceProfile> {
        let id = WorkspaceId::from_uuid(self.workspace_id);
        let name = kept("workspaces.name", Label::kept(self.name))?;
        let created_at = Timestamp::from_micros(self.created_at);
        let mut profile = WorkspaceProfile::new(id, name, self.default_engine, created_at);
        profile.time_zone = self.time_zone;
        profile.retention_days = number("workspaces.retention_days", self.retention_days)?;
        Ok(profile)
    }
}

#[derive(sqlx::FromRow)]
struct Entry {
    #[sqlx(flatten)]
    profile: Profile,
    members: i64,
    flows: i64,
}

impl Entry {
    fn read(self) -> Result<WorkspaceEntry> {
        Ok(WorkspaceEntry {
            profile: self.profile.read()?,
            members: number("members", self.members)?,
            flows: number("flows", self.flows)?,
        })
    }
}

/// A statement that writes all settings.
fn bound(sql: &'static str, profile: &WorkspaceProfile) -> Query<'static, Db, Arguments> {
    query(sql)
        .bind(profile.id.uuid())
        .bind(profile.name.as_str().to_owned())
        .bind(profile.time_zone.clone())
        .bind(profile.default_engine.clone())
        .bind(i64::from(profile.retention_days))
        .bind(profile.created_at.micros())
}

#[async_trait]
impl WorkspaceRepository for Unit {
    async fn get(&mut self) -> Result<Option<WorkspaceProfile>> {
        let workspace = self.workspace;
        self.find("read the workspace", rows(GET).bind(workspace)).await?.map(Profile::read).transpose()
    }

    async fn update(&mut self, profile: &WorkspaceProfile) -> Result<bool> {
        let update = query(UPDATE)
            .bind(self.workspace)
            .bind(profile.name.as_str())
            .bind(&profile.time_zone)
            .bind(&profile.default_engine)
            .bind(i64::from(profile.retention_days));
        Ok(self.change("change the workspace", update).await? > 0)
    }

    async fn delete(&mut self) -> Result<bool> {
        let workspace = self.workspace;
        let operation = "delete the workspace";
        self.change(operation, query(DELETE_ANSWERS).bind(workspace)).await?;
        // Before the workspace: an append has its run or its conversation first, and what it adds then refers to the workspace.
        self.change(operation, query(DELETE_FLOWS).bind(workspace)).await?;
        self.change(operation, query(DELETE_CHATS).bind(workspace)).await?;
        // Before the workspace too: one that has numbered what happened refers to the workspace next.
        self.lock().await?;
        let deleted = self.change(operation, query(DELETE).bind(workspace)).await? > 0;
        // After its runs and conversations: an append holds them until it has committed, and what it wrote is seen from then on.
        self.change(operation, query(DELETE_JOURNALS).bind(workspace)).await?;
        self.change(operation, query(DELETE_CHAT_EVENTS).bind(workspace)).await?;
        Ok(deleted)
    }
}

#[async_trait]
impl WorkspaceList for Unit {
    async fn found(&mut self, profile: &WorkspaceProfile, founder: Member) -> Result<()> {
        let workspace = profile.id.uuid();
        self.change("found a workspace", bound(FOUND, profile)).await?;
        let head = query(FOUND_HEAD).bind(workspace).bind([0_u8; 32].as_slice());
        self.change("found a workspace", head).await?;
        let member = query(FOUND_MEMBER)
            .bind(workspace)
            .bind(founder.user.uuid())
            .bind(founder.role.as_str())
            .bind(founder.joined_at.micros());
        self.change("found a workspace", member).await?;
        Ok(())
    }

    async fn provide(&mut self, profile: &WorkspaceProfile) -> Result<bool> {
        let operation = "provide for a workspace";
        if self.change(operation, bound(PROVIDE, profile)).await? == 0 {
            return Ok(false);
        }
        let head = query(PROVIDE_HEAD).bind(profile.id.uuid()).bind([0_u8; 32].as_slice());
        self.change(operation, head).await?;
        Ok(true)
    }

    async fn get(&mut self, id: WorkspaceId) -> Result<Option<WorkspaceProfile>> {
        self.find("read a workspace", rows(GET).bind(id.uuid())).await?.map(Profile::read).transpose()
    }

    async fn several(&mut self, ids: &[WorkspaceId]) -> Result<Vec<WorkspaceProfile>> {
        let ids: Vec<[uuid::fmt::Simple; 1]> = ids.iter().map(|id| [id.uuid().simple()]).collect();
        let several = rows(SEVERAL).bind(json(&ids)?);
        self.all("read several workspaces", several).await?.into_iter().map(Profile::read).collect()
    }

    async fn list(&mut self, page: &PageRequest) -> Result<Page<WorkspaceEntry>> {
        let list = rows(LIST).bind(before(page)).bind(most(page));
        let found = self.all("list workspaces", list).await?;
        let entries = found.into_iter().map(Entry::read).collect::<Result<_>>()?;
        let instance = WorkspaceId::from_uuid(Uuid::nil());
        Ok(Page::cut(entries, page, |entry: &WorkspaceEntry| Cursor::new(instance, entry.profile.id.uuid().as_u128())))
    }
}
