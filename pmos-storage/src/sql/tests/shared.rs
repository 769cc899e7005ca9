//! A PostgreSQL database that its host uses too.

use std::{sync::Arc, time::Duration};

use pmos_core::{
    store::{Access, Store},
    testkit::Fixture,
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};

use crate::{OpenError, PostgresOptions, PostgresStore, SchemaName, testkit::TestDatabase};

/// Host connections, and a schema beside those of the host that is gone at the end.
async fn host(database: &TestDatabase) -> (PgPool, SchemaName) {
    let pool = PgPoolOptions::new().max_connections(4).connect(database.url()).await.unwrap();
    let own: String = sqlx::query_scalar("select current_schema()").fetch_one(&pool).await.unwrap();
    (pool, format!("{own}_pmos").parse().unwrap())
}

async fn drop_schema(pool: &PgPool, schema: &SchemaName) {
    pool.execute(AssertSqlSafe(format!("drop schema {schema} cascade"))).await.unwrap();
}

pmos_core::store_suite!(match on_the_connections_of_a_host().await {
    Some(open) => open,
    None => return,
});

/// The whole suite on connections that the host brought.
async fn on_the_connections_of_a_host() -> Option<(Arc<dyn Store>, (TestDatabase, PgPool))> {
    let database = TestDatabase::create().await?;
    let (pool, _) = host(&database).await;
    let own: String = sqlx::query_scalar("select current_schema()").fetch_one(&pool).await.unwrap();
    let store = PostgresOptions::of_host(pool.clone(), own.parse().unwrap()).open().await.unwrap();
    Some((Arc::new(store), (database, pool)))
}

#[tokio::test]
async fn a_host_with_tables_and_migrations_of_its_own_shares_its_database() {
    let Some(database) = TestDatabase::create().await else { return };
    let (pool, schema) = host(&database).await;
    // Names and a table of migrations that PMOS has too.
    pool.execute("create table flows (water text); create table _sqlx_migrations (version bigint, checksum bytea)")
        .await
        .unwrap();
    pool.execute("insert into _sqlx_migrations values (1, '\\x01'), (20260101000000, '\\x02')").await.unwrap();
    let store = PostgresOptions::of_host(pool.clone(), schema.clone()).open().await.unwrap();
    let fx = Fixture::new(Arc::new(store));
    let home = fx.found("ada").await;
    fx.add_flow(&home, "Orders").await;
    // The same connections still see what is the host's.
    pool.execute("insert into flows values ('Rhine')").await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>("select count(*) from flows").fetch_one(&pool).await.unwrap(), 1);
    let mut unit = fx.store.begin(&home.scope, Access::Read).await.unwrap();
    assert_eq!(unit.flows().count().await.unwrap(), 1);
    drop(unit);
    fx.store.ready().await.unwrap();
    fx.store.close().await;
    assert!(!pool.is_closed(), "the connections are the host's");
    let again = PostgresOptions::at(database.url()).unwrap().schema(schema.clone()).open().await.unwrap();
    again.close().await;
    drop_schema(&pool, &schema).await;
}

#[tokio::test]
async fn a_temporary_table_of_the_host_is_not_taken_for_one_of_the_store() {
    let Some(database) = TestDatabase::create().await else { return };
    let pool = PgPoolOptions::new().max_connections(1).connect(database.url()).await.unwrap();
    let own: String = sqlx::query_scalar("select current_schema()").fetch_one(&pool).await.unwrap();
    pool.execute("create temporary table flows (water text)").await.unwrap();
    let store = PostgresOptions::of_host(pool.clone(), own.parse().unwrap()).open().await.unwrap();
    let fx = Fixture::new(Arc::new(store));
    let home = fx.found("ada").await;
    fx.add_flow(&home, "Orders").await;
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 1);
    fx.store.close().await;
}

#[tokio::test]
async fn a_schema_that_an_address_names_is_made_and_found_again() {
    let Some(database) = TestDatabase::create().await else { return };
    let (pool, schema) = host(&database).await;
    let url = format!("{}&schema={}", database.url(), schema.to_string().trim_matches('"'));
    PostgresStore::open(&url).await.unwrap().close().await;
    assert!(PostgresStore::schema(&url).await.unwrap().pending.is_empty());
    assert!(!PostgresStore::schema(database.url()).await.unwrap().pending.is_empty(), "nothing is beside it");
    drop_schema(&pool, &schema).await;
}

#[tokio::test]
async fn names_that_are_taken_are_refused_with_the_way_out() {
    let Some(database) = TestDatabase::create().await else { return };
    let (pool, _) = host(&database).await;
    pool.execute("create table accounts (iban text)").await.unwrap();
    let refused = PostgresStore::open(database.url()).await.unwrap_err();
    assert!(matches!(refused, OpenError::Occupied { .. }), "{refused}");
    assert!(refused.to_string().contains("?schema=pmos"), "{refused}");
    let kept: i64 = sqlx::query_scalar("select count(*) from accounts").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn what_an_earlier_version_noted_is_taken_over() {
    let Some(database) = TestDatabase::create().await else { return };
    PostgresStore::open(database.url()).await.unwrap().close().await;
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    connection.execute("alter table _pmos_migrations rename to _sqlx_migrations").await.unwrap();
    assert!(PostgresStore::schema(database.url()).await.unwrap().pending.is_empty());
    PostgresStore::open(database.url()).await.unwrap().close().await;
    assert!(PostgresStore::schema(database.url()).await.unwrap().pending.is_empty());
}

#[tokio::test]
async fn a_migration_of_the_host_that_hangs_does_not_hold_up_the_store() {
    let Some(database) = TestDatabase::create().await else { return };
    let (pool, schema) = host(&database).await;
    let mut hanging = pool.acquire().await.unwrap();
    sqlx::migrate::Migrate::lock(&mut *hanging).await.unwrap();
    let opening = PostgresOptions::at(database.url()).unwrap().schema(schema.clone()).open();
    let store = tokio::time::timeout(Duration::from_mins(1), opening).await.unwrap().unwrap();
    store.close().await;
    drop(hanging);
    drop_schema(&pool, &schema).await;
}
