//! The automations of the workspace, their published versions and the edits that made them.

use async_trait::async_trait;
use pmos_core::{
    ConnectionId, Cursor, EditId, FlowId, Id, Page, PageRequest, Result, RunId, Timestamp,
    flow::Remains,
    run::RunStatus,
    store::{
        EditRow, FlowEntry, FlowFilter, FlowRepository, FlowRow, FlowState, PublishedRow, VersionEntry, VersionRow,
    },
    workspace::Label,
};
use uuid::Uuid;

use super::{super::Unit, before, most, query, rows};
use crate::sql::value::{big, containing, document, in_any_case, kept, number, parsed, raw, unreadable};

macro_rules! edit {
    () => {
        "select id, base, revision, author, note, edits, inverses, remains, conflict, at from flow_edits \
         where workspace_id = $1 and flow_id = $2 "
    };
}

statements! {
    // The newest run is found by the index on (workspace_id, flow_id, id), one step per flow.
    LIST = concat!(
        "select f.id, f.engine, f.name, f.enabled, f.revision, f.issues_count, f.trigger_operation, \
            f.published_version, f.published_revision, f.published_at, f.updated_at, \
            r.id as run_id, r.status as run_status, r.started_at as run_started_at \
            from flows f left join runs r on r.workspace_id = f.workspace_id and r.id = \
            (select n.id from runs n where n.workspace_id = f.workspace_id and n.flow_id = f.id \
             order by n.id desc limit 1) \
            where f.workspace_id = $1 and f.deleted_at is null and f.id < $2 \
            and (cast($4 as text) is null or f.engine = cast($4 as text)) \
            and (cast($5 as text) is null or ", matches_pattern!("f.name", "$5"), ") \
            and (cast($6 as bigint) is null or (cast($6 as bigint) = 1) = f.enabled) \
            and (cast($7 as text) is null or r.status = cast($7 as text)) \
            order by f.id desc limit $3"
    );
    GET = "select id, engine, name, enabled, revision, document, issues, issues_count, trigger_operation, hook_token, \
           hook_url, published_version, published_revision, published_at, created_at, updated_at \
           from flows where workspace_id = $1 and id = $2 and deleted_at is null";
    INSERT = "insert into flows (workspace_id, id, engine, name, enabled, revision, document, issues, issues_count, \
              trigger_operation, hook_token, published_version, published_revision, published_at, created_at, updated_at, \
              hook_url) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    UPDATE = "update flows set name = $4, enabled = $5, revision = $6, document = $7, issues = $8, issues_count = $9, \
              trigger_operation = $10, published_version = $11, published_revision = $12, published_at = $13, \
              updated_at = $14, hook_url = $15 \
              where workspace_id = $1 and id = $2 and revision = $3 and enabled = $16 \
              and coalesce(published_version, 0) = $17 and deleted_at is null";
    NEXT_SLOT = "select next_run_at from flows where workspace_id = $1 and id = $2 and deleted_at is null";
    PLAN = "update flows set next_run_at = $3 where workspace_id = $1 and id = $2 and deleted_at is null";
    TAKE_SLOT = "update flows set next_run_at = $4 where workspace_id = $1 and id = $2 and next_run_at = $3 \
                 and enabled and deleted_at is null";
    DELETE = "update flows set deleted_at = $3, next_run_at = null where workspace_id = $1 and id = $2 and deleted_at is null";
    COUNT = "select count(*) from flows where workspace_id = $1 and deleted_at is null";
    INSERT_VERSION = "insert into flow_versions \
                      (workspace_id, flow_id, version, document, revision, at, author, note) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8)";
    VERSION = "select version, document, revision, at, author, note from flow_versions \
               where workspace_id = $1 and flow_id = $2 and version = $3";
    VERSIONS = "select version, at, author, note from flow_versions \
                where workspace_id = $1 and flow_id = $2 and version < $3 order by version desc limit $4";
    INSERT_EDIT = "insert into flow_edits \
                   (workspace_id, flow_id, id, base, revision, author, note, edits, inverses, at, remains, conflict) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    EDITS_AFTER = concat!(edit!(), "and revision > $3 and not conflict order by revision limit $4");
    EDIT = concat!(edit!(), "and id = $3");
    EDITS = concat!(edit!(), "and id < $3 order by id desc limit $4");
    USING = "select f.id, f.name from flows f \
             left join flow_versions v on v.workspace_id = f.workspace_id and v.flow_id = f.id \
             and v.version = f.published_version \
             where f.workspace_id = $1 and f.deleted_at is null \
             and (f.document like $2 escape '\\' or v.document like $2 escape '\\') order by f.id";
}

#[derive(sqlx::FromRow)]
struct Published {
    published_version: Option<i64>,
    published_revision: Option<i64>,
    published_at: Option<i64>,
}

impl Published {
    fn read(&self) -> Result<Option<PublishedRow>> {
        match (self.published_version, self.published_revision, self.published_at) {
            (None, None, None) => Ok(None),
            (Some(version), Some(revision), Some(at)) => Ok(Some(PublishedRow {
                version: number("flows.published_version", version)?,
                revision: number("flows.published_revision", revision)?,
                at: Timestamp::from_micros(at),
            })),
            _ => Err(unreadable("flows.published_version")),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    engine: String,
    name: String,
    enabled: bool,
    revision: i64,
    document: String,
    issues: String,
    issues_count: i64,
    trigger_operation: Option<String>,
    hook_token: String,
    hook_url: Option<String>,
    #[sqlx(flatten)]
    published: Published,
    created_at: i64,
    updated_at: i64,
}

impl Row {
    fn read(self) -> Result<FlowRow> {
        Ok(FlowRow {
            id: FlowId::from_uuid(self.id),
            engine: self.engine,
            name: kept("flows.name", Label::kept(self.name))?,
            enabled: self.enabled,
            revision: number("flows.revision", self.revision)?,
            document: document("flows.document", self.document)?,
            issues: raw("flows.issues", self.issues)?,
            issues_count: number("flows.issues_count", self.issues_count)?,
            trigger: self.trigger_operation,
            hook_token: self.hook_token,
            hook_url: self.hook_url,
            published: self.published.read()?,
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        })
    }
}

#[derive(sqlx::FromRow)]
struct Entry {
    id: Uuid,
    engine: String,
    name: String,
    enabled: bool,
    revision: i64,
    issues_count: i64,
    trigger_operation: Option<String>,
    #[sqlx(flatten)]
    published: Published,
    updated_at: i64,
    run_id: Option<Uuid>,
    run_status: Option<String>,
    run_started_at: Option<i64>,
}

impl Entry {
    fn read(self) -> Result<FlowEntry> {
        let last_run = match (self.run_id, self.run_status, self.run_started_at) {
            (Some(id), Some(status), Some(at)) => {
                Some((RunId::from_uuid(id), parsed("runs.status", &status)?, Timestamp::from_micros(at)))
            }
            _ => None,
        };
        Ok(FlowEntry {
            id: FlowId::from_uuid(self.id),
            engine: self.engine,
            name: kept("flows.name", Label::kept(self.name))?,
            enabled: self.enabled,
            revision: number("flows.revision", self.revision)?,
            issues_count: number("flows.issues_count", self.issues_count)?,
            trigger: self.trigger_operation,
            published: self.published.read()?,
            updated_at: Timestamp::from_micros(self.updated_at),
            last_run,
        })
    }
}

#[derive(sqlx::FromRow)]
struct Version {
    version: i64,
    document: String,
    revision: i64,
    at: i64,
    author: String,
    note: Option<String>,
}

impl Version {
    fn read(self) -> Result<VersionRow> {
        Ok(VersionRow {
            version: number("flow_versions.version", self.version)?,
            document: document("flow_versions.document", self.document)?,
            revision: number("flow_versions.revision", self.revision)?,
            at: Timestamp::from_micros(self.at),
            by: self.author,
            note: self.note,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ListedVersion {
    version: i64,
    at: i64,
    author: String,
    note: Option<String>,
}

impl ListedVersion {
    fn read(self) -> Result<VersionEntry> {
        Ok(VersionEntry {
            version: number("flow_versions.version", self.version)?,
            at: Timestamp::from_micros(self.at),
            by: self.author,
            note: self.note,
        })
    }
}

#[derive(sqlx::FromRow)]
struct Edit {
    id: Uuid,
    base: i64,
    revision: i64,
    author: String,
    note: Option<String>,
    edits: String,
    inverses: String,
    remains: Option<String>,
    conflict: bool,
    at: i64,
}

impl Edit {
    fn read(self) -> Result<EditRow> {
        Ok(EditRow {
            id: EditId::from_uuid(self.id),
            base: number("flow_edits.base", self.base)?,
            revision: number("flow_edits.revision", self.revision)?,
            author: self.author,
            note: self.note,
            edits: raw("flow_edits.edits", self.edits)?,
            inverses: raw("flow_edits.inverses", self.inverses)?,
            remains: self.remains.map(remains).transpose()?,
            conflict: self.conflict,
            at: Timestamp::from_micros(self.at),
        })
    }
}

fn remains(text: String) -> Result<Remains> {
    Remains::parse(text).map_err(|_| unreadable("flow_edits.remains"))
}

#[async_trait]
impl FlowRepository for Unit {
    async fn list(&mut self, filter: &FlowFilter, page: &PageRequest) -> Result<Page<FlowEntry>> {
        let list = rows::<Entry>(LIST)
            .bind(self.workspace)
            .bind(before(page))
            .bind(most(page))
            .bind(&filter.engine)
            .bind(filter.text.as_deref().map(in_any_case))
            .bind(filter.enabled.map(i64::from))
            .bind(filter.last_status.map(RunStatus::as_str));
        let flows = self.all("list flows", list).await?.into_iter().map(Entry::read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(flows, page, |flow: &FlowEntry| Cursor::new(owner, flow.id.uuid().as_u128())))
    }

    async fn get(&mut self, id: FlowId) -> Result<Option<FlowRow>> {
        let get = rows::<Row>(GET).bind(self.workspace).bind(id.uuid());
        self.find("read a flow", get).await?.map(Row::read).transpose()
    }

    async fn insert(&mut self, flow: &FlowRow) -> Result<()> {
        let insert = query(INSERT)
            .bind(self.workspace)
            .bind(flow.id.uuid())
            .bind(&flow.engine)
            .bind(flow.name.as_str())
            .bind(flow.enabled)
            .bind(big(flow.revision))
            .bind(flow.document.text())
            .bind(flow.issues.get())
            .bind(i64::from(flow.issues_count))
            .bind(&flow.trigger)
            .bind(&flow.hook_token)
            .bind(flow.published.map(|published| i64::from(published.version)))
            .bind(flow.published.map(|published| big(published.revision)))
            .bind(flow.published.map(|published| published.at.micros()))
            .bind(flow.created_at.micros())
            .bind(flow.updated_at.micros())
            .bind(&flow.hook_url);
        self.change("keep a flow", insert).await?;
        Ok(())
    }

    async fn update(&mut self, flow: &FlowRow, base: FlowState) -> Result<bool> {
        let update = query(UPDATE)
            .bind(self.workspace)
            .bind(flow.id.uuid())
            .bind(big(base.revision))
            .bind(flow.name.as_str())
            .bind(flow.enabled)
            .bind(big(flow.revision))
            .bind(flow.document.text())
            .bind(flow.issues.get())
            .bind(i64::from(flow.issues_count))
            .bind(&flow.trigger)
            .bind(flow.published.map(|published| i64::from(published.version)))
            .bind(flow.published.map(|published| big(published.revision)))
            .bind(flow.published.map(|published| published.at.micros()))
            .bind(flow.updated_at.micros())
            .bind(&flow.hook_url)
            .bind(base.enabled)
            .bind(i64::from(base.published.unwrap_or(0)));
        Ok(self.change("change a flow", update).await? > 0)
    }

    async fn next_slot(&mut self, id: FlowId) -> Result<Option<Timestamp>> {
        let next = rows::<(Option<i64>,)>(NEXT_SLOT).bind(self.workspace).bind(id.uuid());
        let next = self.find("read when a flow starts", next).await?;
        Ok(next.and_then(|(next,)| next).map(Timestamp::from_micros))
    }

    async fn plan(&mut self, id: FlowId, next: Option<Timestamp>) -> Result<()> {
        let plan = query(PLAN).bind(self.workspace).bind(id.uuid()).bind(next.map(Timestamp::micros));
        self.change("plan when a flow starts", plan).await?;
        Ok(())
    }

    async fn take_slot(&mut self, id: FlowId, slot: Timestamp, next: Option<Timestamp>) -> Result<bool> {
        let take =
            query(TAKE_SLOT).bind(self.workspace).bind(id.uuid()).bind(slot.micros()).bind(next.map(Timestamp::micros));
        Ok(self.change("take a slot of a flow", take).await? > 0)
    }

    async fn delete(&mut self, id: FlowId, at: Timestamp) -> Result<bool> {
        let delete = query(DELETE).bind(self.workspace).bind(id.uuid()).bind(at.micros());
        Ok(self.change("delete a flow", delete).await? > 0)
    }

    async fn count(&mut self) -> Result<u64> {
        let count = rows::<(i64,)>(COUNT).bind(self.workspace);
        number("flows", self.one("count flows", count).await?.0)
    }

    async fn insert_version(&mut self, flow: FlowId, version: &VersionRow) -> Result<()> {
        let insert = query(INSERT_VERSION)
            .bind(self.workspace)
            .bind(flow.uuid())
            .bind(i64::from(version.version))
            .bind(version.document.text())
            .bind(big(version.revision))
            .bind(version.at.micros())
            .bind(&version.by)
            .bind(&version.note);
        self.change("keep a version of a flow", insert).await?;
        Ok(())
    }

    async fn version(&mut self, flow: FlowId, version: u32) -> Result<Option<VersionRow>> {
        let get = rows::<Version>(VERSION).bind(self.workspace).bind(flow.uuid()).bind(i64::from(version));
        self.find("read a version of a flow", get).await?.map(Version::read).transpose()
    }

    async fn versions(&mut self, flow: FlowId, page: &PageRequest) -> Result<Page<VersionEntry>> {
        let before = page.after.map_or(i64::MAX, |cursor| i64::try_from(cursor.key()).unwrap_or(i64::MAX));
        let versions =
            rows::<ListedVersion>(VERSIONS).bind(self.workspace).bind(flow.uuid()).bind(before).bind(most(page));
        let found = self.all("list the versions of a flow", versions).await?.into_iter().map(ListedVersion::read);
        let (found, owner) = (found.collect::<Result<_>>()?, self.owner());
        Ok(Page::cut(found, page, |last: &VersionEntry| Cursor::new(owner, last.version.into())))
    }

    async fn insert_edit(&mut self, flow: FlowId, edit: &EditRow) -> Result<()> {
        let insert = query(INSERT_EDIT)
            .bind(self.workspace)
            .bind(flow.uuid())
            .bind(edit.id.uuid())
            .bind(big(edit.base))
            .bind(big(edit.revision))
            .bind(&edit.author)
            .bind(&edit.note)
            .bind(edit.edits.get())
            .bind(edit.inverses.get())
            .bind(edit.at.micros())
            .bind(edit.remains.as_ref().map(Remains::text))
            .bind(edit.conflict);
        self.change("keep an edit of a flow", insert).await?;
        Ok(())
    }

    async fn edits_after(&mut self, flow: FlowId, revision: u64, limit: u32) -> Result<Vec<EditRow>> {
        let edits =
            rows::<Edit>(EDITS_AFTER).bind(self.workspace).bind(flow.uuid()).bind(big(revision)).bind(i64::from(limit));
        self.all("read the edits of a flow", edits).await?.into_iter().map(Edit::read).collect()
    }

    async fn edits(&mut self, flow: FlowId, page: &PageRequest) -> Result<Page<EditRow>> {
        let edits = rows::<Edit>(EDITS).bind(self.workspace).bind(flow.uuid()).bind(before(page)).bind(most(page));
        let found = self.all("list the edits of a flow", edits).await?.into_iter().map(Edit::read);
        let (found, owner) = (found.collect::<Result<_>>()?, self.owner());
        Ok(Page::cut(found, page, |edit: &EditRow| Cursor::new(owner, edit.id.uuid().as_u128())))
    }

    async fn edit(&mut self, flow: FlowId, edit: EditId) -> Result<Option<EditRow>> {
        let get = rows::<Edit>(EDIT).bind(self.workspace).bind(flow.uuid()).bind(edit.uuid());
        self.find("read an edit of a flow", get).await?.map(Edit::read).transpose()
    }

    async fn using(&mut self, connection: ConnectionId) -> Result<Vec<(FlowId, Label)>> {
        // Ids are long enough that a document that contains the text uses the connection.
        let using = rows::<(Uuid, String)>(USING).bind(self.workspace).bind(containing(&connection.to_string()));
        let found = self.all("find the flows that use a connection", using).await?;
        found
            .into_iter()
            .map(|(id, name)| Ok((FlowId::from_uuid(id), kept("flows.name", Label::kept(name))?)))
            .collect()
    }
}
