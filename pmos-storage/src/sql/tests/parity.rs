//! Both databases have the same schema, and every statement is one that they understand.

use sqlx::{Connection, Executor, PgConnection, SqlSafeStr};

use super::migrated;
use crate::sql::{postgres, sqlite};
use crate::testkit::TestDatabase;

async fn postgres(database: &TestDatabase) -> PgConnection {
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    postgres::MIGRATIONS.run(&mut connection).await.unwrap();
    connection
}

#[tokio::test]
async fn every_statement_prepares_on_sqlite() {
    let mut connection = migrated().await;
    for (file, name, sql) in sqlite::repository::statements() {
        let prepared = (&mut connection).prepare(sql.into_sql_str()).await;
        assert!(prepared.is_ok(), "{file}::{name}: {:?}", prepared.err());
    }
}

#[tokio::test]
async fn every_statement_prepares_on_postgres() {
    let Some(database) = TestDatabase::create().await else { return };
    let mut connection = postgres(&database).await;
    for (file, name, sql) in postgres::repository::statements() {
        let prepared = (&mut connection).prepare(sql.into_sql_str()).await;
        assert!(prepared.is_ok(), "{file}::{name}: {:?}", prepared.err());
    }
}

#[tokio::test]
async fn both_schemas_have_the_same_tables_columns_and_nullability() {
    let Some(database) = TestDatabase::create().await else { return };
    let lite: Vec<(String, String, bool)> = sqlx::query_as(
        "select m.name, c.name, c.\"notnull\" = 0 from sqlite_schema m, pragma_table_info(m.name) c \
         where m.type = 'table' and m.name <> '_sqlx_migrations' order by 1, 2",
    )
    .fetch_all(&mut migrated().await)
    .await
    .unwrap();
    let server: Vec<(String, String, bool)> = sqlx::query_as(
        "select table_name::text, column_name::text, is_nullable = 'YES' from information_schema.columns \
         where table_schema = current_schema() and table_name <> '_pmos_migrations' \
         order by table_name::text collate \"C\", column_name::text collate \"C\"",
    )
    .fetch_all(&mut postgres(&database).await)
    .await
    .unwrap();
    assert_eq!(lite, server);
    assert!(lite.len() > 100);
}

#[test]
fn both_databases_know_the_same_migrations() {
    let of = |migrations: &sqlx::migrate::Migrator| {
        migrations.iter().map(|step| (step.version, step.description.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(of(&sqlite::MIGRATIONS), of(&postgres::MIGRATIONS));
}
