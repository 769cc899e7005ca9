//! How a database is opened.

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{pool::Pool, route::Route, schema::SchemaName, store::PostgresStore};
use crate::sql::{OpenError, SchemaReport, wait::Meanwhile};

/// Connections at most, besides the one that holds the lock.
const CONNECTIONS: u32 = 16;

/// How long a call waits for a connection before it is refused.
const PATIENCE: Duration = Duration::from_secs(5);

/// How [`PostgresStore`] uses a database, also one that is used by others.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use pmos_storage::PostgresOptions;
/// let options = PostgresOptions::at("postgres://app@db.example.com/app")?;
/// let store = options.schema("pmos".parse()?).connections(8).open().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PostgresOptions(Connections);

#[derive(Debug, Clone)]
enum Connections {
    Own { options: Box<PgConnectOptions>, schema: Option<SchemaName>, most: u32, patience: Duration },
    Host(PgPool, SchemaName),
}

impl PostgresOptions {
    /// The database at this address. Without a `schema`, also as `?schema=…` in the address, its tables are where the
    /// login puts them, as a rule in `public`.
    ///
    /// # Errors
    /// [`OpenError::Address`] when it cannot be read.
    pub fn at(url: &str) -> Result<Self, OpenError> {
        let (url, schema) = without_schema(url)?;
        // The driver's own error would repeat the address with its password.
        let options = PgConnectOptions::from_str(&url).map_err(|_| OpenError::Address)?;
        let options = Box::new(of_the_store(options));
        Ok(Self(Connections::Own { options, schema, most: CONNECTIONS, patience: PATIENCE }))
    }

    /// The database that these connections lead to, with its tables in this schema. Units of work are transactions on
    /// them; one more connection, made with the same options, holds the lock. They stay open when the store is closed.
    pub fn of_host(pool: PgPool, schema: SchemaName) -> Self {
        Self(Connections::Host(pool, schema))
    }

    /// Puts the tables in this schema, which is made when it is not there.
    pub fn schema(mut self, name: SchemaName) -> Self {
        match &mut self.0 {
            Connections::Own { schema, .. } => *schema = Some(name),
            Connections::Host(_, schema) => *schema = name,
        }
        self
    }

    /// How many connections it opens at most, besides the one that holds the lock; 16 unless said. Of connections that
    /// the host brought the host decides.
    pub fn connections(mut self, connections: u32) -> Self {
        if let Connections::Own { most, .. } = &mut self.0 {
            *most = connections.max(1);
        }
        self
    }

    /// How long a call waits for a connection before it is refused; 5 seconds unless said. Of connections that the host
    /// brought the host decides.
    pub fn patience(mut self, longest: Duration) -> Self {
        if let Connections::Own { patience, .. } = &mut self.0 {
            *patience = longest;
        }
        self
    }

    /// Opens the database, as [`PostgresStore::open`].
    ///
    /// # Errors
    /// As there.
    pub async fn open(self) -> Result<PostgresStore, OpenError> {
        PostgresStore::open_when(self, Meanwhile::Refuse).await
    }

    /// Opens it when no other process works on it any more, as [`PostgresStore::take_over`].
    ///
    /// # Errors
    /// As there.
    pub async fn take_over(self) -> Result<PostgresStore, OpenError> {
        PostgresStore::open_when(self, Meanwhile::Wait).await
    }

    /// Says how far the schema is, without changing it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn report(self) -> Result<SchemaReport, OpenError> {
        PostgresStore::report(self).await
    }

    /// What the database is called in logs.
    pub(super) fn name(&self) -> String {
        let options = self.connect();
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        format!("postgres {}@{}:{}/{database}", options.get_username(), options.get_host(), options.get_port())
    }

    /// How connections of the store's own are made.
    fn connect(&self) -> PgConnectOptions {
        let options = match &self.0 {
            Connections::Own { options, .. } => (**options).clone(),
            Connections::Host(pool, _) => of_the_store((*pool.connect_options()).clone()),
        };
        match self.schema_name() {
            Some(schema) => schema.in_options(options),
            None => options,
        }
    }

    fn schema_name(&self) -> Option<&SchemaName> {
        match &self.0 {
            Connections::Own { schema, .. } => schema.as_ref(),
            Connections::Host(_, schema) => Some(schema),
        }
    }

    pub(super) async fn route(&self) -> Result<Route, sqlx::Error> {
        match &self.0 {
            Connections::Own { .. } => Route::find(self.connect()).await,
            Connections::Host(..) => Ok(Route::direct(self.connect())),
        }
    }

    /// Makes the schema that was asked for.
    pub(super) async fn prepare(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        match self.schema_name() {
            Some(schema) => schema.create(connection).await,
            None => Ok(()),
        }
    }

    /// The connections that units use.
    pub(super) async fn pool(self, route: &Route) -> Result<Pool, sqlx::Error> {
        match self.0 {
            Connections::Host(pool, schema) => Ok(Pool::Shared(pool, schema)),
            Connections::Own { most, patience, .. } => {
                let pool = PgPoolOptions::new()
                    .max_connections(most)
                    .acquire_timeout(patience)
                    // A test before each use would add a round trip to every unit.
                    .test_before_acquire(false);
                pool.connect_with(route.options()).await.map(Pool::Own)
            }
        }
    }
}

/// With room for every statement there is.
fn of_the_store(options: PgConnectOptions) -> PgConnectOptions {
    options.statement_cache_capacity(256).application_name("pmos").disable_statement_logging()
}

/// Takes `schema=…` out of the parameters of an address: the driver does not know it.
fn without_schema(url: &str) -> Result<(String, Option<SchemaName>), OpenError> {
    let Some((address, parameters)) = url.split_once('?') else { return Ok((url.to_owned(), None)) };
    let (ours, others): (Vec<_>, Vec<_>) = parameters.split('&').partition(|each| each.starts_with("schema="));
    let schema = ours.last().and_then(|each| each.strip_prefix("schema=")).map(str::parse).transpose()?;
    let url = if others.is_empty() { address.to_owned() } else { format!("{address}?{}", others.join("&")) };
    Ok((url, schema))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_named_by_the_address_too() {
        let named = PostgresOptions::at("postgres://ada@db/host?sslmode=disable&schema=pmos").unwrap();
        assert_eq!(named.schema_name(), Some(&"pmos".parse().unwrap()));
        assert_eq!(named.connect().get_options(), Some("-c search_path=pmos"));
        assert!(PostgresOptions::at("postgres://ada@db/host").unwrap().schema_name().is_none());
        let refused = PostgresOptions::at("postgres://ada@db/host?schema=a b").unwrap_err();
        assert!(matches!(refused, OpenError::SchemaName), "{refused}");
    }
}
