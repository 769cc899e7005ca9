//! Stored credentials of the workspace.

use async_trait::async_trait;
use pmos_core::{
    ConnectionId, Cursor, Id, Page, PageRequest, Result, Timestamp,
    connection::{Connection, SealedConnection},
    store::ConnectionRepository,
    vault::Sealed,
    workspace::Label,
};
use uuid::Uuid;

use super::{super::Unit, before, most, query, rows};
use crate::sql::value::{json, kept, list, parsed};

statements! {
    LIST = "select id, name, kind, hosts, secret_name, last_four, created_at, updated_at from connections \
            where workspace_id = $1 and id < $2 order by id desc limit $3";
    GET = "select id, name, kind, hosts, secret_name, last_four, created_at, updated_at from connections \
           where workspace_id = $1 and id = $2";
    SEALED = "select id, name, kind, hosts, secret_name, last_four, created_at, updated_at, sealed from connections \
              where workspace_id = $1 and id = $2";
    INSERT = "insert into connections \
              (workspace_id, id, name, kind, hosts, secret_name, last_four, sealed, created_at, updated_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    UPDATE = "update connections set name = $3, hosts = $4, secret_name = $5, last_four = $6, sealed = $7, \
              updated_at = $8 where workspace_id = $1 and id = $2";
    REMOVE = "delete from connections where workspace_id = $1 and id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    kind: String,
    hosts: String,
    secret_name: String,
    last_four: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl Row {
    fn read(self) -> Result<Connection> {
        Ok(Connection {
            id: ConnectionId::from_uuid(self.id),
            name: kept("connections.name", Label::kept(self.name))?,
            kind: parsed("connections.kind", &self.kind)?,
            hosts: list("connections.hosts", &self.hosts)?,
            secret_name: self.secret_name,
            last_four: self.last_four,
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        })
    }
}

#[derive(sqlx::FromRow)]
struct SealedRow {
    #[sqlx(flatten)]
    row: Row,
    sealed: Vec<u8>,
}

#[async_trait]
impl ConnectionRepository for Unit {
    async fn list(&mut self, page: &PageRequest) -> Result<Page<Connection>> {
        let list = rows::<Row>(LIST).bind(self.workspace).bind(before(page)).bind(most(page));
        let found = self.all("list connections", list).await?.into_iter().map(Row::read).collect::<Result<_>>()?;
        let owner = self.owner();
        Ok(Page::cut(found, page, |item: &Connection| Cursor::new(owner, item.id.uuid().as_u128())))
    }

    async fn get(&mut self, id: ConnectionId) -> Result<Option<Connection>> {
        let get = rows::<Row>(GET).bind(self.workspace).bind(id.uuid());
        self.find("read a connection", get).await?.map(Row::read).transpose()
    }

    async fn sealed(&mut self, id: ConnectionId) -> Result<Option<SealedConnection>> {
        let get = rows::<SealedRow>(SEALED).bind(self.workspace).bind(id.uuid());
        let Some(found) = self.find("read a connection", get).await? else { return Ok(None) };
        Ok(Some(SealedConnection { connection: found.row.read()?, secret: Sealed::from_bytes(found.sealed) }))
    }

    async fn insert(&mut self, connection: &SealedConnection) -> Result<()> {
        let seen = &connection.connection;
        let insert = query(INSERT)
            .bind(self.workspace)
            .bind(seen.id.uuid())
            .bind(seen.name.as_str())
            .bind(seen.kind.as_str())
            .bind(json(&seen.hosts)?)
            .bind(&seen.secret_name)
            .bind(&seen.last_four)
            .bind(connection.secret.bytes())
            .bind(seen.created_at.micros())
            .bind(seen.updated_at.micros());
        self.change("keep a connection", insert).await?;
        Ok(())
    }

    async fn update(&mut self, connection: &SealedConnection) -> Result<bool> {
        let seen = &connection.connection;
        let update = query(UPDATE)
            .bind(self.workspace)
            .bind(seen.id.uuid())
            .bind(seen.name.as_str())
            .bind(json(&seen.hosts)?)
            .bind(&seen.secret_name)
            .bind(&seen.last_four)
            .bind(connection.secret.bytes())
            .bind(seen.updated_at.micros());
        Ok(self.change("change a connection", update).await? > 0)
    }

    async fn remove(&mut self, id: ConnectionId) -> Result<bool> {
        let remove = query(REMOVE).bind(self.workspace).bind(id.uuid());
        Ok(self.change("remove a connection", remove).await? > 0)
    }
}
