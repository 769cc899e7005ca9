//! From an address to an open store.

use std::{fmt, path::PathBuf, str::FromStr, sync::Arc};

use pmos_core::store::Store;
use serde::{Serialize, Serializer};

use crate::{OpenError, SchemaReport};

/// Where a store is. Neither `Display` nor `Debug` nor what is serialised shows a password.
///
/// | text | store |
/// |---|---|
/// | `memory:` | nothing that outlives the process, for tests |
/// | `sqlite:///var/lib/pmos/pmos.db` | a file by its absolute path |
/// | `sqlite://pmos-data/pmos.db` | a file by its path from the working folder |
/// | `postgres://user:password@host:5432/database` | a PostgreSQL database |
/// | `postgres://user:password@host/database?schema=pmos` | a schema of its own in a database that others use too |
///
/// ```
/// use pmos_storage::StoreUrl;
/// let url: StoreUrl = "postgres://pmos:s3cret@db.example.com/pmos".parse().unwrap();
/// assert_eq!(url.to_string(), "postgres://pmos@db.example.com/pmos");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl(Location);

#[derive(Clone, PartialEq, Eq)]
enum Location {
    Memory,
    Sqlite(PathBuf),
    Postgres(String),
}

#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
impl Location {
    fn not_built(&self) -> OpenError {
        OpenError::NotBuilt(match self {
            Self::Memory => "memory",
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        })
    }
}

impl FromStr for StoreUrl {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, OpenError> {
        if text == "memory:" {
            return Ok(Self(Location::Memory));
        }
        match text.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self(Location::Sqlite(path.into()))),
            Some(("postgres" | "postgresql", rest)) if !rest.is_empty() => {
                Ok(Self(Location::Postgres(text.to_owned())))
            }
            _ => Err(OpenError::Address),
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Location::Memory => f.write_str("memory:"),
            Location::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Location::Postgres(text) => write!(f, "postgres://{}", without_secrets(text)),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for StoreUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// User, host and database. What follows a `?` may hold a password too.
fn without_secrets(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    match rest.rsplit_once('@') {
        Some((login, location)) => format!("{}@{location}", login.split(':').next().unwrap_or_default()),
        None => rest.to_owned(),
    }
}

/// Opens the store at this address and brings its schema up to date.
///
/// # Errors
/// [`OpenError`] with what is in the way.
pub async fn open(url: &StoreUrl) -> Result<Arc<dyn Store>, OpenError> {
    match &url.0 {
        Location::Memory => Ok(Arc::new(crate::MemoryStore::new())),
        #[cfg(feature = "sqlite")]
        Location::Sqlite(path) => Ok(Arc::new(crate::SqliteStore::open(path).await?)),
        #[cfg(feature = "postgres")]
        Location::Postgres(url) => Ok(Arc::new(crate::PostgresStore::open(url).await?)),
        #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
        location => Err(location.not_built()),
    }
}

/// The same, but while another process works on the store it waits for that to end: a standby that takes over.
///
/// # Errors
/// As [`open`], without [`OpenError::Held`].
pub async fn take_over(url: &StoreUrl) -> Result<Arc<dyn Store>, OpenError> {
    match &url.0 {
        Location::Memory => Ok(Arc::new(crate::MemoryStore::new())),
        #[cfg(feature = "sqlite")]
        Location::Sqlite(path) => Ok(Arc::new(crate::SqliteStore::take_over(path).await?)),
        #[cfg(feature = "postgres")]
        Location::Postgres(url) => Ok(Arc::new(crate::PostgresStore::take_over(url).await?)),
        #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
        location => Err(location.not_built()),
    }
}

/// Says how far the schema at this address is, without changing it.
///
/// # Errors
/// [`OpenError`] with what is in the way.
pub async fn schema(url: &StoreUrl) -> Result<SchemaReport, OpenError> {
    match &url.0 {
        Location::Memory => Ok(SchemaReport::default()),
        #[cfg(feature = "sqlite")]
        Location::Sqlite(path) => crate::SqliteStore::schema(path).await,
        #[cfg(feature = "postgres")]
        Location::Postgres(url) => crate::PostgresStore::schema(url).await,
        #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
        location => Err(location.not_built()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_shows_a_password() {
        for text in [
            "postgres://ada:s3cret@db/pmos",
            "postgresql://ada:s3@cret@db/pmos",
            "postgres://ada@db/pmos?password=s3cret",
        ] {
            let url: StoreUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), "postgres://ada@db/pmos", "{text}");
            assert_eq!(format!("{url:?}"), "postgres://ada@db/pmos", "{text}");
        }
    }

    #[test]
    fn an_address_that_names_no_store_is_refused_with_the_forms_that_do() {
        for text in ["", "pmos.db", "sqlite://", "mysql://db/pmos", "postgres://"] {
            let refused = text.parse::<StoreUrl>().unwrap_err().to_string();
            assert!(refused.contains("sqlite:///path/to/pmos.db"), "{text}");
            assert!(!refused.contains("mysql"));
        }
    }
}
