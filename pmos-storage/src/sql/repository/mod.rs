//! The repositories, mirroring `pmos_core::store` file for file. This folder is compiled once per database: `Db`, `Unit`
//! and the words that differ (`dialect.rs`) come from the module around it.

pub(super) mod accounts;
pub(super) mod approvals;
pub(super) mod audit;
pub(super) mod chat;
pub(super) mod connections;
pub(super) mod directory;
pub(super) mod engines;
pub(super) mod events;
pub(super) mod flows;
pub(super) mod idempotency;
pub(super) mod invitations;
pub(super) mod journal;
pub(super) mod keys;
pub(super) mod members;
pub(super) mod models;
pub(super) mod quotas;
pub(super) mod runs;
pub(super) mod sessions;
pub(super) mod unit;
pub(super) mod vault;
pub(super) mod workspaces;

use pmos_core::{Error, PageRequest, Result};
use sqlx::{FromRow, query::Query, query::QueryAs};
use tracing::{Instrument as _, Span, trace_span};
use uuid::Uuid;

use super::{Db, SYSTEM, Unit};
use crate::sql::error::failed;

pub(super) type Arguments = <Db as sqlx::Database>::Arguments;
type Row = <Db as sqlx::Database>::Row;

fn query(sql: &'static str) -> Query<'static, Db, Arguments> {
    sqlx::query(sql)
}

fn rows<T: for<'r> FromRow<'r, Row>>(sql: &'static str) -> QueryAs<'static, Db, T, Arguments> {
    sqlx::query_as(sql)
}

/// A statement as traces see it, with the wait for its connection. The ids of what it is about are in the spans around it.
pub(in super::super) fn statement(operation: &'static str) -> Span {
    trace_span!(
        "statement",
        otel.name = operation,
        otel.kind = "client",
        db.system.name = SYSTEM,
        db.query.summary = operation
    )
}

/// Where a list from large ids to small ones goes on.
fn before(page: &PageRequest) -> Uuid {
    page.after.map_or(Uuid::max(), |cursor| Uuid::from_u128(cursor.key()))
}

/// Where a list from small ids to large ones goes on.
fn after(page: &PageRequest) -> Uuid {
    page.after.map_or(Uuid::nil(), |cursor| Uuid::from_u128(cursor.key()))
}

/// One more than asked for, which shows whether there is another page.
fn most(page: &PageRequest) -> i64 {
    i64::from(page.limit) + 1
}

impl Unit {
    /// Reads a row that may be missing.
    async fn find<T>(&mut self, operation: &'static str, query: QueryAs<'_, Db, T, Arguments>) -> Result<Option<T>>
    where
        T: for<'r> FromRow<'r, Row> + Send + Unpin,
    {
        let run = async {
            let outcome = query.fetch_optional(&mut *self.connection(operation).await?).await;
            outcome.map_err(|cause| self.spoil(failed(operation, cause)))
        };
        run.instrument(statement(operation)).await
    }

    /// Reads a row that every such statement has.
    async fn one<T>(&mut self, operation: &'static str, query: QueryAs<'_, Db, T, Arguments>) -> Result<T>
    where
        T: for<'r> FromRow<'r, Row> + Send + Unpin,
    {
        let run = async {
            let outcome = query.fetch_one(&mut *self.connection(operation).await?).await;
            outcome.map_err(|cause| self.spoil(failed(operation, cause)))
        };
        run.instrument(statement(operation)).await
    }

    /// Reads all rows.
    async fn all<T>(&mut self, operation: &'static str, query: QueryAs<'_, Db, T, Arguments>) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, Row> + Send + Unpin,
    {
        let run = async {
            let outcome = query.fetch_all(&mut *self.connection(operation).await?).await;
            outcome.map_err(|cause| self.spoil(failed(operation, cause)))
        };
        run.instrument(statement(operation)).await
    }

    /// Refuses to change anything in a unit that was begun to read.
    fn must_write(&self, operation: &'static str) -> Result<()> {
        if self.writes() { Ok(()) } else { Err(Error::internal(operation).because("the unit was begun to read only")) }
    }

    /// Changes rows; how many it were.
    pub(super) async fn change(&mut self, operation: &'static str, query: Query<'_, Db, Arguments>) -> Result<u64> {
        self.must_write(operation)?;
        let run = async {
            let outcome = query.execute(&mut *self.connection(operation).await?).await;
            outcome.map(|done| done.rows_affected()).map_err(|cause| self.spoil(failed(operation, cause)))
        };
        run.instrument(statement(operation)).await
    }
}

/// All statements by file and name, and whether each belongs to a tenant or to the entrances beside.
#[cfg(test)]
pub(crate) fn statements() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    [
        ("accounts", accounts::ALL),
        ("approvals", approvals::ALL),
        ("audit", audit::ALL),
        ("chat", chat::ALL),
        ("connections", connections::ALL),
        ("directory", directory::ALL),
        ("engines", engines::ALL),
        ("events", events::ALL),
        ("flows", flows::ALL),
        ("idempotency", idempotency::ALL),
        ("invitations", invitations::ALL),
        ("journal", journal::ALL),
        ("keys", keys::ALL),
        ("members", members::ALL),
        ("models", models::ALL),
        ("quotas", quotas::ALL),
        ("record", super::record::ALL),
        ("runs", runs::ALL),
        ("sessions", sessions::ALL),
        ("unit", unit::ALL),
        ("vault", vault::ALL),
        ("workspaces", workspaces::ALL),
    ]
    .into_iter()
    .flat_map(|(file, all)| all.iter().map(move |(name, sql)| (file, *name, *sql)))
}
