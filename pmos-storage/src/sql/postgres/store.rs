//! Opening and closing a database, and the entrances of the store.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use pmos_core::{
    Id, Result, WorkspaceScope,
    store::{Access, Appended, Directory, RunBatch, RunJournal, Store, SystemUnit, UnitOfWork, WorkerSlot},
};
use sqlx::{Connection, Executor as _, PgConnection};

use super::{
    Unit,
    journal::Journal,
    migrations::{self, MIGRATIONS},
    options::PostgresOptions,
    owner::Lock,
    pool::Reach,
    unit::Server,
};
use crate::sql::{OpenError, SchemaReport, error::failed, migrate, wait::Meanwhile};

/// Has to be written: what does not change is not.
const WRITABLE: &str = "update instance set checked = checked + 1 where id = 1";

/// Everything in a PostgreSQL database.
pub struct PostgresStore {
    name: String,
    server: Arc<Server>,
    journal: Journal,
    look_ups: LookUps,
    worker: WorkerSlot,
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
        PostgresOptions::at(url)?.open().await
    }

    /// The same, but while another process uses the database it waits for that to end: a standby that takes over.
    ///
    /// # Errors
    /// As [`PostgresStore::open`], without [`OpenError::Held`].
    pub async fn take_over(url: &str) -> Result<Self, OpenError> {
        PostgresOptions::at(url)?.take_over().await
    }

    pub(super) async fn open_when(options: PostgresOptions, meanwhile: Meanwhile) -> Result<Self, OpenError> {
        let name = options.name();
        let unreachable = |cause| OpenError::Unreachable { store: name.clone(), cause };
        let route = options.route().await.map_err(unreachable)?;
        let mut connection = PgConnection::connect_with(&route.options()).await.map_err(unreachable)?;
        options.prepare(&mut connection).await.map_err(unreachable)?;
        let lock = Lock::take(route.options(), &name, meanwhile).await.map_err(unreachable)?;
        let lock = lock.ok_or_else(|| OpenError::Held(name.clone()))?;
        migrations::run(&mut connection).await.map_err(|cause| migrate::refused(name.clone(), cause))?;
        let owner = lock.sign(&mut connection).await.map_err(unreachable)?;
        connection.close().await.map_err(unreachable)?;
        let pool = options.pool(&route).await.map_err(unreachable)?;
        let server = Arc::new(Server::new(pool, owner, route));
        let journal = Journal::start(Arc::clone(&server));
        let look_ups = LookUps(Arc::clone(&server));
        Ok(Self { name, journal, look_ups, server, worker: WorkerSlot::default() })
    }

    /// Says how far the schema of a database is, without changing it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn schema(url: &str) -> Result<SchemaReport, OpenError> {
        PostgresOptions::at(url)?.report().await
    }

    pub(super) async fn report(options: PostgresOptions) -> Result<SchemaReport, OpenError> {
        let read = async {
            let mut connection = PgConnection::connect_with(&options.route().await?.options()).await?;
            let in_place = migrations::in_place(&mut connection).await?;
            connection.close().await?;
            Ok::<_, sqlx::Error>(in_place)
        };
        let in_place = read.await.map_err(|cause| OpenError::Unreachable { store: options.name(), cause })?;
        Ok(SchemaReport::of(&MIGRATIONS, &in_place))
    }

    #[cfg(test)]
    pub(crate) fn pool(&self) -> &sqlx::PgPool {
        self.server.pool.connections()
    }

    fn unit(&self, reach: Reach, access: Access) -> Box<Unit> {
        Box::new(Unit::new(Arc::clone(&self.server), reach, access))
    }
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

    fn worker(&self) -> &WorkerSlot {
        &self.worker
    }

    async fn ready(&self) -> Result<()> {
        let operation = "check the store";
        self.server.owner.check(operation)?;
        let written = async {
            let mut transaction = self.server.pool.begin(Reach::System, Access::Write).await?;
            transaction.execute(WRITABLE).await?;
            transaction.commit().await
        };
        written.await.map_err(|cause| failed(operation, cause))
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
