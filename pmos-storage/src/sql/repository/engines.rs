//! The workspace's tenancies at remote engines, and which of their objects are its own.

use async_trait::async_trait;
use pmos_core::{
    Result, Timestamp,
    engine::ExternalId,
    store::{EngineRepository, ObjectKind, OwnedObject, TenancyRow},
    vault::Sealed,
};
use uuid::Uuid;

use super::{super::Unit, query, rows};
use crate::sql::value::{json, list, parsed, raw};

macro_rules! tenancy {
    () => {
        "select engine, instance, wall, sealed, state, facts, version, runs_after, connected_at from tenancies \
         where workspace_id = $1 "
    };
}

macro_rules! object {
    () => {
        "select id, external, seen, at from engine_objects where workspace_id = $1 and engine = $2 and kind = $3 "
    };
}

statements! {
    TENANCIES = concat!(tenancy!(), "order by engine");
    TENANCY = concat!(tenancy!(), "and engine = $2");
    PUT = "insert into tenancies \
           (workspace_id, engine, instance, wall, sealed, state, facts, version, runs_after, connected_at) \
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
           on conflict (workspace_id, engine) do update set instance = excluded.instance, wall = excluded.wall, \
           sealed = excluded.sealed, state = excluded.state, facts = excluded.facts, version = excluded.version, \
           runs_after = excluded.runs_after, connected_at = excluded.connected_at";
    LEAVE = "delete from engine_objects where workspace_id = $1 and engine = $2 and instance <> $3";
    REMOVE = "delete from tenancies where workspace_id = $1 and engine = $2";
    SEE = "update engine_objects set seen = $6, at = $7 \
           where workspace_id = $1 and engine = $2 and kind = $3 and id = $4 and external = $5";
    // What another workspace has cannot be seen from here, but it is a conflict all the same. An update on conflict
    // would fail on such a row and take the transaction along.
    CLAIM = "insert into engine_objects (workspace_id, engine, instance, kind, id, external, seen, at) \
             select workspace_id, engine, instance, $3, $4, $5, $6, $7 from tenancies \
             where workspace_id = $1 and engine = $2 on conflict do nothing";
    RENUMBER = "update engine_objects set id = $4 \
                where workspace_id = $1 and engine = $2 and kind = $3 and id = $5";
    OWNED = concat!(object!(), "and id = $4");
    // Named with its server, it is found by the index that keeps it apart.
    OWNED_AS = concat!(
        object!(),
        "and external = $4 and instance = (select instance from tenancies where workspace_id = $1 and engine = $2)");
    ALL_OWNED = concat!(object!(), "order by id");
    RELEASE = "delete from engine_objects where workspace_id = $1 and engine = $2 and kind = $3 and id = $4";
}

#[derive(sqlx::FromRow)]
struct Tenancy {
    engine: String,
    instance: String,
    wall: String,
    sealed: Vec<u8>,
    state: String,
    facts: String,
    version: Option<String>,
    runs_after: Option<String>,
    connected_at: i64,
}

impl Tenancy {
    fn read(self) -> Result<TenancyRow> {
        Ok(TenancyRow {
            engine: self.engine,
            instance: self.instance,
            wall: parsed("tenancies.wall", &self.wall)?,
            access: Sealed::from_bytes(self.sealed),
            state: parsed("tenancies.state", &self.state)?,
            facts: list("tenancies.facts", &self.facts)?,
            version: self.version,
            runs_after: self.runs_after,
            connected_at: Timestamp::from_micros(self.connected_at),
        })
    }
}

#[derive(sqlx::FromRow)]
struct Object {
    id: Uuid,
    external: String,
    seen: String,
    at: i64,
}

impl Object {
    fn read(self, kind: ObjectKind) -> Result<OwnedObject> {
        Ok(OwnedObject {
            kind,
            id: self.id,
            external: ExternalId::new(self.external),
            seen: raw("engine_objects.seen", self.seen)?,
            at: Timestamp::from_micros(self.at),
        })
    }
}

impl Unit {
    /// Runs `SEE` or `CLAIM` for an object under this id.
    async fn note(&mut self, sql: &'static str, engine: &str, id: Uuid, object: &OwnedObject) -> Result<bool> {
        let note = query(sql)
            .bind(self.workspace)
            .bind(engine)
            .bind(object.kind.as_str())
            .bind(id)
            .bind(object.external.as_str())
            .bind(object.seen.get())
            .bind(object.at.micros());
        Ok(self.change("claim an object of an engine", note).await? > 0)
    }
}

#[async_trait]
impl EngineRepository for Unit {
    async fn tenancies(&mut self) -> Result<Vec<TenancyRow>> {
        let tenancies = rows::<Tenancy>(TENANCIES).bind(self.workspace);
        self.all("list places at engines", tenancies).await?.into_iter().map(Tenancy::read).collect()
    }

    async fn tenancy(&mut self, engine: &str) -> Result<Option<TenancyRow>> {
        let tenancy = rows::<Tenancy>(TENANCY).bind(self.workspace).bind(engine);
        self.find("read a place at an engine", tenancy).await?.map(Tenancy::read).transpose()
    }

    async fn put_tenancy(&mut self, tenancy: &TenancyRow) -> Result<()> {
        let put = query(PUT)
            .bind(self.workspace)
            .bind(&tenancy.engine)
            .bind(&tenancy.instance)
            .bind(tenancy.wall.as_str())
            .bind(tenancy.access.bytes())
            .bind(tenancy.state.as_str())
            .bind(json(&tenancy.facts)?)
            .bind(&tenancy.version)
            .bind(&tenancy.runs_after)
            .bind(tenancy.connected_at.micros());
        self.change("keep a place at an engine", put).await?;
        let leave = query(LEAVE).bind(self.workspace).bind(&tenancy.engine).bind(&tenancy.instance);
        self.change("keep a place at an engine", leave).await?;
        Ok(())
    }

    async fn remove_tenancy(&mut self, engine: &str) -> Result<bool> {
        let remove = query(REMOVE).bind(self.workspace).bind(engine);
        Ok(self.change("give up a place at an engine", remove).await? > 0)
    }

    async fn claim(&mut self, engine: &str, object: &OwnedObject) -> Result<bool> {
        if self.note(SEE, engine, object.id, object).await? || self.note(CLAIM, engine, object.id, object).await? {
            return Ok(true);
        }
        // Either it is taken, or our id stood for another object until now. Only an insert can tell without failing,
        // so it is made under an id that stands for nothing.
        let free = Uuid::nil();
        if !self.note(CLAIM, engine, free, object).await? {
            return Ok(false);
        }
        self.release(engine, object.kind, object.id).await?;
        let renumber =
            query(RENUMBER).bind(self.workspace).bind(engine).bind(object.kind.as_str()).bind(object.id).bind(free);
        Ok(self.change("claim an object of an engine", renumber).await? > 0)
    }

    async fn owned(&mut self, engine: &str, kind: ObjectKind, id: Uuid) -> Result<Option<OwnedObject>> {
        let owned = rows::<Object>(OWNED).bind(self.workspace).bind(engine).bind(kind.as_str()).bind(id);
        self.find("find an object of an engine", owned).await?.map(|object| object.read(kind)).transpose()
    }

    async fn owned_as(&mut self, engine: &str, kind: ObjectKind, external: &ExternalId) -> Result<Option<OwnedObject>> {
        let owned =
            rows::<Object>(OWNED_AS).bind(self.workspace).bind(engine).bind(kind.as_str()).bind(external.as_str());
        self.find("find an object of an engine", owned).await?.map(|object| object.read(kind)).transpose()
    }

    async fn all_owned(&mut self, engine: &str, kind: ObjectKind) -> Result<Vec<OwnedObject>> {
        let owned = rows::<Object>(ALL_OWNED).bind(self.workspace).bind(engine).bind(kind.as_str());
        let found = self.all("list the objects of an engine", owned).await?;
        found.into_iter().map(|object| object.read(kind)).collect()
    }

    async fn release(&mut self, engine: &str, kind: ObjectKind, id: Uuid) -> Result<bool> {
        let release = query(RELEASE).bind(self.workspace).bind(engine).bind(kind.as_str()).bind(id);
        Ok(self.change("forget an object of an engine", release).await? > 0)
    }
}
