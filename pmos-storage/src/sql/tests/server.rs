//! What PostgreSQL promises on its own.

use std::{sync::Arc, time::Duration};

use pmos_core::{
    Id, Kind,
    store::{Access, Closing, Store},
    testkit::Fixture,
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::load;
use crate::{OpenError, PostgresStore, testkit::TestDatabase};

async fn open() -> Option<(Arc<dyn Store>, TestDatabase)> {
    let database = TestDatabase::create().await?;
    let store = PostgresStore::open(database.url()).await.unwrap();
    Some((Arc::new(store), database))
}

pmos_core::store_suite!(match open().await {
    Some(open) => open,
    None => return,
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_units_leave_nothing_behind() {
    let Some((store, _database)) = open().await else { return };
    load::cut_units_leave_nothing_behind(store, 400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_reads_are_in_the_way_of_no_write() {
    let Some((store, _database)) = open().await else { return };
    load::cut_reads_are_in_the_way_of_no_write(store, 400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn journals_of_32_runs_stay_in_order_and_the_log_dense() {
    let Some((store, _database)) = open().await else { return };
    load::journals_of_32_runs_stay_in_order_and_the_log_dense(store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_batch_fails_alone() {
    let Some((store, _database)) = open().await else { return };
    load::a_bad_batch_fails_alone(store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_journal_outlives_its_run() {
    let Some((store, _database)) = open().await else { return };
    load::no_journal_outlives_its_run(store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_workspace_never_waits_in_a_circle() {
    let Some((store, _database)) = open().await else { return };
    load::a_busy_workspace_never_waits_in_a_circle(store).await;
}

#[tokio::test]
async fn a_workspace_is_deleted_beside_an_append_that_is_half_done() {
    let Some((store, database)) = open().await else { return };
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    fx.add_run(&home, &flow).await;
    let mut append = PgConnection::connect(database.url()).await.unwrap();
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut append).await.unwrap();
    append.execute("begin; update runs set recorded = recorded").await.unwrap();
    let deletion = fx.change(&home, async |unit| unit.workspace().delete().await);
    let mut watch = PgConnection::connect(database.url()).await.unwrap();
    let waits = "select exists (select from pg_stat_activity where $1 = any (pg_blocking_pids(pid)))";
    let event = "with head as (update heads set event_seq = event_seq + 1 where workspace_id = $1 returning event_seq) \
                 insert into events (workspace_id, seq, kind, audience, body) \
                 select $1, event_seq, 'run.step', 'workspace', '{}' from head";
    let rest = async {
        while !sqlx::query_scalar::<_, bool>(waits).bind(pid).fetch_one(&mut watch).await.unwrap() {}
        sqlx::query(event).bind(home.workspace.uuid()).execute(&mut append).await.unwrap();
        append.execute("commit").await.unwrap();
    };
    let both = async { tokio::join!(deletion, rest).0 };
    assert!(tokio::time::timeout(Duration::from_secs(30), both).await.unwrap().unwrap());
}

/// What the database says to a statement under a role, in a transaction that is thrown away.
async fn under(
    connection: &mut PgConnection,
    role: &'static str,
    workspace: &str,
    sql: &'static str,
) -> Result<i64, String> {
    let mut transaction = connection.begin().await.unwrap();
    transaction.execute(role).await.unwrap();
    sqlx::query("select set_config('pmos.workspace', $1, true)")
        .bind(workspace)
        .execute(&mut *transaction)
        .await
        .unwrap();
    let outcome = sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *transaction).await;
    outcome.map_err(|cause| cause.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap().into_owned())
}

const APP: &str = "set local role pmos_app";
const DIRECTORY: &str = "set local role pmos_directory";
const FORBIDDEN: &str = "42501";

#[tokio::test]
async fn the_database_itself_keeps_tenants_apart() {
    let Some((store, database)) = open().await else { return };
    let fx = Fixture::new(store);
    let (ours, theirs) = (fx.found("ada").await, fx.found("bob").await);
    fx.add_flow(&ours, "Ours").await;
    for n in 0..3 {
        fx.add_flow(&theirs, &format!("Theirs {n}")).await;
    }
    let connection = &mut PgConnection::connect(database.url()).await.unwrap();
    let (ours, theirs) = (ours.workspace.uuid().to_string(), theirs.workspace.uuid().to_string());
    let count = "select count(*) from flows";
    assert_eq!(under(connection, APP, &ours, count).await, Ok(1));
    assert_eq!(under(connection, APP, &theirs, count).await, Ok(3));
    assert_eq!(under(connection, APP, "", count).await, Ok(0), "no workspace was named");
    let intrude = "insert into quotas (workspace_id, key, most) select workspace_id, 'flows', 1 from \
                   (select '00000000-0000-0000-0000-000000000001'::uuid as workspace_id) other returning most";
    assert_eq!(under(connection, APP, &ours, intrude).await, Err(FORBIDDEN.to_owned()));
    let tables = [
        "select count(*) from accounts",
        "select count(*) from sessions",
        "select count(*) from act_as",
        "with gone as (delete from audit returning 1) select count(*) from gone",
        "with gone as (delete from events returning 1) select count(*) from gone",
        "with gone as (update audit set note = 'x' returning 1) select count(*) from gone",
    ];
    for sql in tables {
        assert_eq!(under(connection, APP, &ours, sql).await, Err(FORBIDDEN.to_owned()), "{sql}");
    }
}

#[tokio::test]
async fn the_directory_reads_ids_and_nothing_else() {
    let Some((store, database)) = open().await else { return };
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.add_flow(&home, "Orders").await;
    let connection = &mut PgConnection::connect(database.url()).await.unwrap();
    assert_eq!(under(connection, DIRECTORY, "", "select count(id) from flows").await, Ok(1));
    for sql in [
        "select count(document) from flows",
        "select count(name) from workspaces",
        "select count(email) from invitations",
        "select count(name) from api_keys",
        "select count(result) from runs",
        "select count(*) from connections",
        "select count(sealed) from data_keys",
        "select count(sealed) from tenancies",
        "select count(instance) from tenancies",
        "select count(*) from engine_objects",
        "select count(*) from accounts",
        "with gone as (delete from flows returning 1) select count(*) from gone",
    ] {
        assert_eq!(under(connection, DIRECTORY, "", sql).await, Err(FORBIDDEN.to_owned()), "{sql}");
    }
}

#[tokio::test]
async fn every_table_of_a_workspace_stands_behind_the_wall() {
    let Some((_store, database)) = open().await else { return };
    let connection = &mut PgConnection::connect(database.url()).await.unwrap();
    let open: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid \
         where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attname = 'workspace_id' \
         and not (c.relrowsecurity and c.relforcerowsecurity) order by 1",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    assert_eq!(open, ["act_as"], "only the system's own table has no wall");
}

#[tokio::test]
async fn a_connection_keeps_neither_role_nor_workspace_after_a_unit() {
    let Some(database) = TestDatabase::create().await else { return };
    let store = Arc::new(PostgresStore::open(database.url()).await.unwrap());
    let fx = Fixture::new(store.clone());
    let home = fx.found("ada").await;
    for n in 0..20 {
        let mut unit = fx.write(&home).await;
        unit.flows().insert(&fx.flow("Orders")).await.unwrap();
        if n % 2 == 0 {
            unit.commit(Closing::default()).await.unwrap();
        }
    }
    let mut held = Vec::new();
    // The last unit may still be giving its connection back.
    let mut idle = Some(store.pool().acquire().await.unwrap());
    while let Some(mut connection) = idle {
        let left: (bool, bool) = sqlx::query_as(
            "select current_user = session_user, nullif(current_setting('pmos.workspace', true), '') is null",
        )
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        assert_eq!(left, (true, true));
        held.push(connection);
        idle = store.pool().try_acquire();
    }
    drop(held);
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_is_refused_or_waits_until_the_first_lets_go() {
    let Some(database) = TestDatabase::create().await else { return };
    let first = PostgresStore::open(database.url()).await.unwrap();
    let refused = PostgresStore::open(database.url()).await.unwrap_err();
    assert!(matches!(refused, OpenError::Held(_)), "{refused}");
    let url = database.url().to_owned();
    let standby = tokio::spawn(async move { PostgresStore::take_over(&url).await });
    first.ready().await.unwrap();
    assert!(!standby.is_finished(), "two processes work on one database");
    first.close().await;
    standby.await.unwrap().unwrap().ready().await.unwrap();
}

/// The lock of the store, as `pg_locks` shows it.
const LOCK: &str = "locktype = 'advisory' and \
    ((classid::bigint << 32) | objid::bigint) = hashtextextended('pmos ' || current_schema(), 0)";

/// Ends the connection that holds the lock, and returns when it is gone: it is only told to go.
async fn break_the_lock(admin: &mut PgConnection) {
    let held = format!("with held as materialized (select pid from pg_locks where granted and {LOCK})");
    let end = format!("{held} select pid from held where pg_terminate_backend(pid)");
    let told: i32 = sqlx::query_scalar(AssertSqlSafe(end)).fetch_one(&mut *admin).await.unwrap();
    let there = "select exists (select from pg_stat_activity where pid = $1)";
    let gone = async { while sqlx::query_scalar(there).bind(told).fetch_one(&mut *admin).await.unwrap() {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), gone).await.unwrap();
}

/// Waits until this many connections hold the lock, or wait for it.
async fn until(admin: &mut PgConnection, granted: bool, many: i64) {
    let count = format!("select count(*) from pg_locks where granted = $1 and {LOCK}");
    let seen = async {
        while sqlx::query_scalar::<_, i64>(AssertSqlSafe(count.clone()))
            .bind(granted)
            .fetch_one(&mut *admin)
            .await
            .unwrap()
            != many
        {}
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), seen).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_whose_connection_broke_is_taken_again() {
    let Some((store, database)) = open().await else { return };
    let fx = Fixture::new(Arc::clone(&store));
    let home = fx.found("ada").await;
    let mut open = fx.write(&home).await;
    open.flows().insert(&fx.flow("Kept")).await.unwrap();
    let mut admin = PgConnection::connect(database.url()).await.unwrap();
    for _ in 0..3 {
        break_the_lock(&mut admin).await;
        until(&mut admin, true, 1).await;
        let ready = async { while store.ready().await.is_err() {} };
        tokio::time::timeout(std::time::Duration::from_secs(30), ready).await.unwrap();
    }
    open.commit(Closing::default()).await.unwrap();
    assert!(futures::poll!(store.lost()).is_pending());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_whose_lock_another_had_in_between_commits_nothing_more() {
    let Some((store, database)) = open().await else { return };
    let fx = Fixture::new(Arc::clone(&store));
    let home = fx.found("ada").await;
    let mut open = fx.write(&home).await;
    open.flows().insert(&fx.flow("Lost")).await.unwrap();
    let mut admin = PgConnection::connect(database.url()).await.unwrap();
    let mut other = PgConnection::connect(database.url()).await.unwrap();
    let taken = tokio::spawn(async move {
        let take = "select pg_advisory_lock(hashtextextended('pmos ' || current_schema(), 0))";
        other.execute(take).await.unwrap();
        other.execute("select nextval('owners')").await.unwrap();
        other
    });
    until(&mut admin, false, 1).await;
    break_the_lock(&mut admin).await;
    tokio::time::timeout(std::time::Duration::from_secs(30), store.lost()).await.unwrap();
    drop(taken.await);
    assert_eq!(store.ready().await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(open.commit(Closing::default()).await.unwrap_err().kind(), Kind::Unavailable);
    let flow = fx.flow("Orders");
    let append = store.journal().append(&home.scope, fx.batch(&fx.run(&flow), 0, 1)).await;
    assert!(append.is_err());
    let mut unit = store.begin(&home.scope, Access::Read).await.unwrap();
    assert_eq!(unit.flows().count().await.unwrap(), 0, "reading still works");
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_reported() {
    let Some(database) = TestDatabase::create().await else { return };
    assert_eq!(PostgresStore::schema(database.url()).await.unwrap().pending.first(), Some(&1));
    PostgresStore::open(database.url()).await.unwrap().close().await;
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    connection
        .execute(
            "insert into _pmos_migrations (version, description, success, checksum, execution_time) \
             values (9999, 'from tomorrow', true, '\\x00', 0)",
        )
        .await
        .unwrap();
    let report = PostgresStore::schema(database.url()).await.unwrap();
    assert_eq!((report.unknown, report.pending), (vec![9999], vec![]));
    let refused = PostgresStore::open(database.url()).await.unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 9999, .. }), "{refused}");
}

/// Whether the connection is encrypted.
const TLS: &str = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

#[tokio::test]
async fn what_needs_tls_comes_through_the_relay_unchanged() {
    let Some(database) = TestDatabase::create().await else { return };
    let url = database.url();
    let mut connection = PgConnection::connect(url).await.unwrap();
    let has_tls: String = sqlx::query_scalar("show ssl").fetch_one(&mut connection).await.unwrap();
    let mode = if has_tls == "on" { "require" } else { "prefer" };
    let store = PostgresStore::open(&format!("{url}&sslmode={mode}")).await.unwrap();
    let tls: bool = sqlx::query_scalar(TLS).fetch_one(store.pool()).await.unwrap();
    assert_eq!(tls, has_tls == "on");
    let long = "x".repeat(200_000);
    let back: String = sqlx::query_scalar("select $1::text").bind(&long).fetch_one(store.pool()).await.unwrap();
    assert_eq!(back, long);
    store.close().await;
}

#[tokio::test]
async fn on_this_machine_nothing_is_encrypted_unless_it_is_asked_for() {
    let Some(database) = TestDatabase::create().await else { return };
    let store = PostgresStore::open(database.url()).await.unwrap();
    assert!(!sqlx::query_scalar::<_, bool>(TLS).fetch_one(store.pool()).await.unwrap());
    store.close().await;
}
