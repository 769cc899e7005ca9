//! Opening and closing a file, and the entrances of the store.

use std::{
    fmt,
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use pmos_core::{
    Id, Result, WorkspaceScope,
    store::{Access, Appended, Directory, RunBatch, RunJournal, Store, SystemUnit, UnitOfWork, WorkerSlot},
};
use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use uuid::Uuid;

use super::{
    Unit, owner,
    writer::{LENT, Writer},
};
use crate::sql::{OpenError, SchemaReport, error::failed, migrate, wait::Meanwhile};

/// Has to be written: what does not change is not.
const WRITABLE: &str = "update instance set checked = checked + 1 where id = 1";

const IN_PLACE: &str = "select version from _sqlx_migrations order by version";

/// The schema, step by step.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Reading connections. Each is a thread of its own; more than a few only wait for the same processors.
const READERS: u32 = 4;

/// How long a read waits for a reading connection before it is refused.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything in one file. The default of a single machine.
pub struct SqliteStore {
    path: PathBuf,
    writer: Writer,
    look_ups: LookUps,
    worker: WorkerSlot,
}

/// Look-ups before a tenant is known.
#[derive(Debug)]
pub(crate) struct LookUps(SqlitePool);

impl LookUps {
    pub(super) fn look_up(&self) -> Unit {
        Unit::reading(Uuid::nil(), self.0.clone())
    }
}

impl SqliteStore {
    /// Opens the file, made when it is not there, and brings its schema up to date. It belongs to this process alone
    /// until [`Store::close`]; call it inside a tokio runtime, which then runs the writer.
    ///
    /// The whole file is checked first: a damaged one is refused rather than served.
    ///
    /// # Errors
    /// [`OpenError::Held`] while another process uses the file, [`OpenError::Damaged`] when it is not whole,
    /// [`OpenError::Newer`] when a newer version of PMOS wrote it, others when it cannot be opened at all.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path.as_ref(), LENT, Meanwhile::Refuse).await
    }

    /// The same, but while another process uses the file it waits for that to end: a standby that takes over.
    ///
    /// # Errors
    /// As [`SqliteStore::open`], without [`OpenError::Held`].
    pub async fn take_over(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path.as_ref(), LENT, Meanwhile::Wait).await
    }

    pub(crate) async fn open_with(path: &Path, lent: Duration, meanwhile: Meanwhile) -> Result<Self, OpenError> {
        let owner = owner::take(path, meanwhile).await?;
        Self::open_owned(path, lent, owner).await.map_err(|cause| cause.into_open_error(path))
    }

    async fn open_owned(path: &Path, lent: Duration, owner: File) -> Result<Self, Failure> {
        let options = options(path).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        // What a statement needs to be undone is small and gone with it; on disk it would be a file per commit.
        let options = options.synchronous(SqliteSynchronous::Full).pragma("temp_store", "memory");
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let (finding,): (String,) = sqlx::query_as("pragma quick_check(1)").fetch_one(&mut connection).await?;
        if finding != "ok" {
            return Err(Failure::Damaged(finding));
        }
        migrate::run(&MIGRATIONS, &mut connection).await?;
        let readers = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            // Nothing of these connections can break by itself; a test before each use would double the cost of a read.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(self::options(path).read_only(true))
            .await?;
        let writer = Writer::start(connection, options, lent, owner);
        Ok(Self { path: path.to_owned(), writer, look_ups: LookUps(readers), worker: WorkerSlot::default() })
    }

    /// Says how far the schema of a file is, without changing it.
    ///
    /// # Errors
    /// When the file is there but cannot be read.
    pub async fn schema(path: impl AsRef<Path>) -> Result<SchemaReport, OpenError> {
        let path = path.as_ref();
        if !path.exists() {
            return Ok(SchemaReport::of(&MIGRATIONS, &[]));
        }
        let read = async {
            let mut connection = SqliteConnection::connect_with(&options(path).read_only(true)).await?;
            let (known,): (bool,) =
                sqlx::query_as("select exists (select 1 from sqlite_schema where name = '_sqlx_migrations')")
                    .fetch_one(&mut connection)
                    .await?;
            let in_place: Vec<i64> =
                if known { sqlx::query_scalar(IN_PLACE).fetch_all(&mut connection).await? } else { Vec::new() };
            connection.close().await?;
            Ok::<_, sqlx::Error>(in_place)
        };
        let in_place = read.await.map_err(|cause| Failure::from(cause).into_open_error(path))?;
        Ok(SchemaReport::of(&MIGRATIONS, &in_place))
    }

    /// Writes a whole and compact copy of a file to a new one, whether or not a process works on it meanwhile. What was
    /// committed before the call is in it. Others do not wait for it: it only reads.
    ///
    /// # Errors
    /// [`OpenError::Unreachable`] when there is nothing to copy, [`OpenError::Damaged`] when it is not whole,
    /// [`OpenError::Files`] when the copy cannot be written; a file that is there already is never overwritten.
    pub async fn backup(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<(), OpenError> {
        let (from, to) = (from.as_ref(), to.as_ref());
        // An unfinished copy must not pass for one, so it gets its name when it is on disk.
        let mut unfinished = to.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        let files = |cause| OpenError::Files { path: to.to_owned(), cause };
        if to.try_exists().map_err(files)? {
            return Err(files(std::io::ErrorKind::AlreadyExists.into()));
        }
        make_private(&unfinished).map_err(files)?;
        let copied = copy(from, &unfinished).await;
        let written = copied.map_err(|cause| Failure::from(cause).into_open_error(from)).and_then(|()| {
            File::open(&unfinished).and_then(|file| file.sync_all()).map_err(files)?;
            std::fs::rename(&unfinished, to).map_err(files)
        });
        if written.is_err() {
            // What went wrong is told already.
            std::fs::remove_file(&unfinished).ok();
        }
        written
    }

    /// The reading connections, for measurements against bare queries.
    #[doc(hidden)]
    pub fn readers(&self) -> &SqlitePool {
        &self.look_ups.0
    }

    fn unit(&self, workspace: Uuid, access: Access) -> Box<Unit> {
        Box::new(match access {
            Access::Read => Unit::reading(workspace, self.look_ups.0.clone()),
            Access::Write => Unit::writing(workspace, self.writer.clone()),
        })
    }
}

async fn copy(from: &Path, to: &Path) -> Result<(), sqlx::Error> {
    let mut connection = SqliteConnection::connect_with(&options(from).read_only(true)).await?;
    let to = to.to_str().ok_or_else(|| sqlx::Error::Configuration("the path of the copy must be UTF-8".into()))?;
    sqlx::query("vacuum into $1").bind(to).execute(&mut connection).await?;
    connection.close().await
}

/// Makes an empty file that other users of this machine may not read; one that an earlier try left behind is taken.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // Room for every statement there is.
        .statement_cache_capacity(256)
        .with_regexp()
        .disable_statement_logging()
}

/// Why opening stopped, before the store's name is put to it.
enum Failure {
    Driver(sqlx::Error),
    Migrate(sqlx::migrate::MigrateError),
    Damaged(String),
}

impl From<sqlx::Error> for Failure {
    fn from(cause: sqlx::Error) -> Self {
        Self::Driver(cause)
    }
}

impl From<sqlx::migrate::MigrateError> for Failure {
    fn from(cause: sqlx::migrate::MigrateError) -> Self {
        Self::Migrate(cause)
    }
}

/// `SQLITE_CORRUPT` and `SQLITE_NOTADB`; the upper bits of a code say more about the same thing.
const DAMAGED: [i32; 2] = [11, 26];

fn finding(cause: &sqlx::Error) -> Option<String> {
    let database = cause.as_database_error()?;
    let code: i32 = database.code()?.parse().ok()?;
    DAMAGED.contains(&(code & 0xff)).then(|| database.message().to_owned())
}

impl Failure {
    fn into_open_error(self, path: &Path) -> OpenError {
        let store = path.display().to_string();
        let damaged = match &self {
            Self::Driver(cause)
            | Self::Migrate(
                sqlx::migrate::MigrateError::Execute(cause) | sqlx::migrate::MigrateError::ExecuteMigration(cause, _),
            ) => finding(cause),
            Self::Migrate(_) => None,
            Self::Damaged(finding) => Some(finding.clone()),
        };
        match (damaged, self) {
            (Some(finding), _) | (None, Self::Damaged(finding)) => OpenError::Damaged { store, finding },
            (None, Self::Driver(cause)) => OpenError::Unreachable { store, cause },
            (None, Self::Migrate(cause)) => migrate::refused(store, cause),
        }
    }
}

impl fmt::Display for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite {}", self.path.display())
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self, scope: &WorkspaceScope, access: Access) -> Result<Box<dyn UnitOfWork>> {
        Ok(self.unit(scope.workspace().uuid(), access))
    }

    async fn system(&self, reason: &'static str, access: Access) -> Result<Box<dyn SystemUnit>> {
        tracing::debug!(reason, "system unit");
        Ok(self.unit(Uuid::nil(), access))
    }

    fn directory(&self) -> &dyn Directory {
        &self.look_ups
    }

    fn journal(&self) -> &dyn RunJournal {
        self
    }

    fn worker(&self) -> &WorkerSlot {
        &self.worker
    }

    async fn ready(&self) -> Result<()> {
        let operation = "check the store";
        drop(self.look_ups.0.acquire().await.map_err(|cause| failed(operation, cause))?);
        let lease = self.writer.lend(operation).await?;
        let written = sqlx::query(WRITABLE).execute(&mut *lease.connection(operation).await?).await;
        written.map_err(|cause| failed(operation, cause))?;
        lease.commit().await
    }

    async fn close(&self) {
        self.look_ups.0.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl RunJournal for SqliteStore {
    async fn append(&self, scope: &WorkspaceScope, batch: RunBatch) -> Result<Appended> {
        self.writer.append(scope.workspace().uuid(), batch).await
    }
}
