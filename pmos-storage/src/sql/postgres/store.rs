//! Opening and closing a database, and the entrances of the store.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use async_trait::async_trait;
use pmos_core::{
    Id, Result, WorkspaceScope,
    store::{Access, Appended, Directory, RunBatch, RunJournal, Store, SystemUnit, UnitOfWork},
};
use sqlx::{
    ConnectOptions, Connection, PgConnection,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{Unit, begin::Reach, journal::Journal, owner::Lock, route::Route, unit::Server};
use crate::sql::{OpenError, SchemaReport, error::failed, migrate, wait::Meanwhile};

/// The schema, step by step.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Has to be written: what does not change is not.
const WRITABLE: &str = "update instance set checked = checked + 1 where id = 1";

/// Connections to the server at most, besides the one that holds the lock.
const CONNECTIONS: u32 = 16;

/// How long a call waits for a connection before it is refused.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything in a PostgreSQL database.
pub struct PostgresStore {
    name: String,
    server: Arc<Server>,
    journal: Journal,
    look_ups: LookUps,
}

/// Look-ups before a tenant is known.
#[derive(Debug)]
pub(crate) struct LookUps(Arc<Server>);

impl LookUps {
    pub(super) fn look_up(&self) -> Unit {
        Unit::new(Arc::clone(&self.0), Reach::Directory, Access::Read)
    }
}

impl PostgresStore {
    /// Opens the database and brings its schema up to date. It belongs to this process alone until [`Store::close`];
    /// call it inside a tokio runtime, which then runs the journal and the watch over the lock.
    ///
    /// The login needs to own the schema and to be allowed to create roles, or the roles `pmos_app`, `pmos_system` and
    /// `pmos_directory` must be there and granted to it.
    ///
    /// # Errors
    /// [`OpenError::Held`] while another process uses the database, [`OpenError::Newer`] when a newer version of PMOS
    /// wrote it, others when it cannot be opened at all.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_when(url, Meanwhile::Refuse).await
    }

    /// The same, but while another process uses the database it waits for that to end: a standby that takes over.
    ///
    /// # Errors
    /// As [`PostgresStore::open`], without [`OpenError::Held`].
    pub async fn take_over(url: &str) -> Result<Self, OpenError> {
        Self::open_when(url, Meanwhile::Wait).await
    }

    async fn open_when(url: &str, meanwhile: Meanwhile) -> Result<Self, OpenError> {
        let options = options(url)?;
        let name = name(&options);
        let unreachable = |cause| OpenError::Unreachable { store: name.clone(), cause };
        let route = Route::find(options).await.map_err(unreachable)?;
        let options = route.options();
        let lock = Lock::take(options.clone(), &name, meanwhile).await.map_err(unreachable)?;
        let lock = lock.ok_or_else(|| OpenError::Held(name.clone()))?;
        let mut connection = PgConnection::connect_with(&options).await.map_err(unreachable)?;
        migrate::run(&MIGRATIONS, &mut connection).await.map_err(|cause| migrate::refused(name.clone(), cause))?;
        let owner = lock.sign(&mut connection).await.map_err(unreachable)?;
        connection.close().await.map_err(unreachable)?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            // A test before each use would add a round trip to every unit.
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(unreachable)?;
        let server = Arc::new(Server::new(pool, owner, route));
        let journal = Journal::start(Arc::clone(&server));
        Ok(Self { name, journal, look_ups: LookUps(Arc::clone(&server)), server })
    }

    /// Says how far the schema of a database is, without changing it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn schema(url: &str) -> Result<SchemaReport, OpenError> {
        let options = options(url)?;
        let read = async {
            let mut connection = PgConnection::connect_with(&options).await?;
            let (known,): (bool,) =
                sqlx::query_as("select to_regclass('_sqlx_migrations') is not null").fetch_one(&mut connection).await?;
            let in_place: Vec<i64> = if known {
                sqlx::query_scalar(migrate::IN_PLACE).fetch_all(&mut connection).await?
            } else {
                Vec::new()
            };
            connection.close().await?;
            Ok::<_, sqlx::Error>(in_place)
        };
        let in_place = read.await.map_err(|cause| OpenError::Unreachable { store: name(&options), cause })?;
        Ok(SchemaReport::of(&MIGRATIONS, &in_place))
    }

    #[cfg(test)]
    pub(crate) fn pool(&self) -> &sqlx::PgPool {
        &self.server.pool
    }

    fn unit(&self, reach: Reach, access: Access) -> Box<Unit> {
        Box::new(Unit::new(Arc::clone(&self.server), reach, access))
    }
}

fn options(url: &str) -> Result<PgConnectOptions, OpenError> {
    // The driver's own error would repeat the address with its password.
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Address)?;
    // Room for every statement there is.
    Ok(options.statement_cache_capacity(256).application_name("pmos").disable_statement_logging())
}

/// What the database is called in logs.
fn name(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    format!("postgres {}@{}:{}/{database}", options.get_username(), options.get_host(), options.get_port())
}

impl fmt::Display for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn begin(&self, scope: &WorkspaceScope, access: Access) -> Result<Box<dyn UnitOfWork>> {
        Ok(self.unit(Reach::Workspace(scope.workspace().uuid()), access))
    }

    async fn system(&self, reason: &'static str, access: Access) -> Result<Box<dyn SystemUnit>> {
        tracing::debug!(reason, "system unit");
        Ok(self.unit(Reach::System, access))
    }

    fn directory(&self) -> &dyn Directory {
        &self.look_ups
    }

    fn journal(&self) -> &dyn RunJournal {
        self
    }

    async fn ready(&self) -> Result<()> {
        let operation = "check the store";
        self.server.owner.check(operation)?;
        let written = sqlx::query(WRITABLE).execute(&self.server.pool).await;
        written.map(drop).map_err(|cause| failed(operation, cause))
    }

    async fn lost(&self) {
        self.server.owner.lost().await;
    }

    async fn close(&self) {
        self.journal.close().await;
        self.server.pool.close().await;
        self.server.owner.release().await;
    }
}

#[async_trait]
impl RunJournal for PostgresStore {
    async fn append(&self, scope: &WorkspaceScope, batch: RunBatch) -> Result<Appended> {
        self.journal.append(scope.workspace().uuid(), batch).await
    }
}
