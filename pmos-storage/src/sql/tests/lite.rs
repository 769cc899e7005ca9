//! What SQLite promises on its own.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use pmos_core::{
    Kind,
    store::{Access, Closing, Store},
    testkit::Fixture,
};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use super::load;
use crate::{OpenError, SqliteStore, sql::wait::Meanwhile};

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pmos.db");
    (folder, path)
}

async fn open() -> (Arc<dyn Store>, TempDir) {
    let (folder, path) = place();
    (Arc::new(SqliteStore::open(path).await.unwrap()), folder)
}

pmos_core::store_suite!(open().await);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_units_leave_nothing_behind() {
    let (store, _folder) = open().await;
    load::cut_units_leave_nothing_behind(store, 2_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_reads_are_in_the_way_of_no_write() {
    let (store, _folder) = open().await;
    load::cut_reads_are_in_the_way_of_no_write(store, 2_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn journals_of_32_runs_stay_in_order_and_the_log_dense() {
    let (store, _folder) = open().await;
    load::journals_of_32_runs_stay_in_order_and_the_log_dense(store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_batch_fails_alone() {
    let (store, _folder) = open().await;
    load::a_bad_batch_fails_alone(store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_journal_outlives_its_run() {
    let (store, _folder) = open().await;
    load::no_journal_outlives_its_run(store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_workspace_never_waits_in_a_circle() {
    let (store, _folder) = open().await;
    load::a_busy_workspace_never_waits_in_a_circle(store).await;
}

#[tokio::test]
async fn a_unit_that_is_open_for_too_long_is_rolled_back_and_says_so() {
    let (_folder, path) = place();
    let store = SqliteStore::open_with(&path, Duration::from_millis(20), Meanwhile::Refuse).await.unwrap();
    let fx = Fixture::new(Arc::new(store));
    let home = fx.found("ada").await;
    let mut slow = fx.write(&home).await;
    slow.flows().insert(&fx.flow("Slow")).await.unwrap();
    // Comes in only after the slow one was put out.
    fx.add_flow(&home, "Quick").await;
    let refused = slow.flows().count().await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable);
    assert!(format!("{refused:?}").contains("open for too long"), "{refused:?}");
    assert_eq!(slow.commit(Closing::default()).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 1);
}

#[tokio::test]
async fn a_unit_that_is_at_work_is_given_more_time_but_not_for_ever() {
    const LENT: Duration = Duration::from_millis(100);
    let (_folder, path) = place();
    let store = SqliteStore::open_with(&path, LENT, Meanwhile::Refuse).await.unwrap();
    let fx = Fixture::new(Arc::new(store));
    let home = fx.found("ada").await;
    let start = Instant::now();
    let mut busy = fx.write(&home).await;
    let refused = loop {
        if let Err(refused) = busy.flows().count().await {
            break refused;
        }
    };
    assert!(format!("{refused:?}").contains("open for too long"), "{refused:?}");
    assert!(start.elapsed() > 2 * LENT);
}

#[tokio::test]
async fn a_unit_whose_statement_failed_does_nothing_more() {
    let (store, _folder) = open().await;
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let mut unit = fx.write(&home).await;
    unit.flows().insert(&fx.flow("Kept?")).await.unwrap();
    let missing = unit.flows().insert_version(fx.id(), &fx.version(1, "{}")).await.unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
    assert_eq!(unit.flows().count().await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(unit.commit(Closing::default()).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 0);
}

#[tokio::test]
async fn a_second_process_is_refused_until_the_first_lets_go() {
    let (_folder, path) = place();
    let first = SqliteStore::open(&path).await.unwrap();
    let refused = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::Held(_)), "{refused}");
    first.close().await;
    SqliteStore::open(&path).await.unwrap();
}

#[tokio::test]
async fn what_was_committed_is_there_after_the_store_is_opened_again() {
    let (_folder, path) = place();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).await.unwrap());
    let fx = Fixture::new(Arc::clone(&store));
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    store.close().await;
    assert_eq!(fx.store.ready().await.unwrap_err().kind(), Kind::Unavailable);
    let again = SqliteStore::open(&path).await.unwrap();
    let mut unit = again.begin(&home.scope, Access::Read).await.unwrap();
    assert_eq!(unit.flows().get(flow.id).await.unwrap().unwrap().name, flow.name);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_reported() {
    let (_folder, path) = place();
    assert_eq!(SqliteStore::schema(&path).await.unwrap().pending.first(), Some(&1));
    SqliteStore::open(&path).await.unwrap().close().await;
    let mut connection = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'from tomorrow', true, x'00', 0)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let report = SqliteStore::schema(&path).await.unwrap();
    assert_eq!((report.unknown, report.pending), (vec![9999], vec![]));
    let refused = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 9999, .. }), "{refused}");
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_alone() {
    let (_folder, path) = place();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).await.unwrap());
    let fx = Fixture::new(Arc::clone(&store));
    fx.found("ada").await;
    store.close().await;
    let whole = std::fs::read(&path).unwrap();
    let mut scratched = whole.clone();
    for byte in &mut scratched[8_192..12_288] {
        *byte ^= 0x5a;
    }
    let cases =
        [b"this is no database, but long enough to look at".repeat(100), whole[..whole.len() / 2].to_vec(), scratched];
    for bytes in cases {
        std::fs::write(&path, &bytes).unwrap();
        let refused = SqliteStore::open(&path).await.unwrap_err();
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused:?}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
    std::fs::write(&path, whole).unwrap();
    SqliteStore::open(&path).await.unwrap();
}

#[tokio::test]
async fn a_backup_made_at_work_opens_as_a_store_of_its_own() {
    let (folder, path) = place();
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    let fx = Fixture::new(store.clone());
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let copy = folder.path().join("copy.db");
    SqliteStore::backup(&path, &copy).await.unwrap();
    assert!(SqliteStore::backup(&path, &copy).await.is_err(), "a backup must not be overwritten");
    fx.add_flow(&home, "Later").await;
    let nothing = folder.path().join("nothing.db");
    let refused = SqliteStore::backup(&nothing, folder.path().join("copy of nothing.db")).await.unwrap_err();
    assert!(matches!(refused, OpenError::Unreachable { .. }), "{refused:?}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("nothing")), "{left:?}");
    let copy = SqliteStore::open(&copy).await.unwrap();
    let mut unit = copy.begin(&home.scope, Access::Read).await.unwrap();
    assert_eq!(unit.flows().count().await.unwrap(), 1);
    assert!(unit.flows().get(flow.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_standby_waits_until_the_first_lets_go_and_finds_what_it_wrote() {
    let (_folder, path) = place();
    let first = Arc::new(SqliteStore::open(&path).await.unwrap());
    let refused = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(refused, OpenError::Held(_)), "{refused:?}");
    let standby = tokio::spawn(async move { SqliteStore::take_over(&path).await });
    let home = Fixture::new(first.clone()).found("ada").await;
    assert!(!standby.is_finished(), "two processes work on one file");
    first.close().await;
    let second = standby.await.unwrap().unwrap();
    let mut unit = second.begin(&home.scope, Access::Read).await.unwrap();
    assert!(unit.workspace().get().await.unwrap().is_some());
}

#[tokio::test]
async fn readers_that_go_away_give_their_connections_back() {
    let (_folder, path) = place();
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    let fx = Fixture::new(store.clone());
    let home = fx.found("ada").await;
    for _ in 0..200 {
        let mut unit = fx.read(&home).await;
        unit.flows().count().await.unwrap();
    }
    let all: Vec<_> = futures::future::join_all((0..4).map(|_| store.readers().acquire())).await;
    assert!(all.iter().all(Result::is_ok), "a connection was lost");
}
