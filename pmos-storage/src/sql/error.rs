//! What the driver says, in the words of PMOS.

use std::path::PathBuf;

use pmos_core::Error;
use sqlx::error::ErrorKind;

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The address of the store cannot be read.
    #[error(
        "the address of the store must look like sqlite:///path/to/pmos.db, postgres://user@host/database or memory:"
    )]
    Address,
    /// The name of a schema cannot be used.
    #[error(
        "the name of a schema must be 1 to 63 small letters, digits and _, must not begin with a digit nor with pg_"
    )]
    SchemaName,
    /// Names that PMOS needs are taken by what others put there.
    #[error(
        "{store} holds tables that are not of PMOS; give it a schema of its own, as in postgres://host/database?schema=pmos"
    )]
    Occupied {
        /// Which store.
        store: String,
        /// Which name.
        #[source]
        cause: sqlx::Error,
    },
    /// This program was built without this kind of store.
    #[error("this program was built without support for {0} stores")]
    NotBuilt(&'static str),
    /// Another process works on the same data.
    #[error("another process is using {0}; stop it first")]
    Held(String),
    /// What is there is damaged, or no store at all.
    #[error("{store} is damaged or is not a store of PMOS; restore it from a backup ({finding})")]
    Damaged {
        /// Which store.
        store: String,
        /// What was found.
        finding: String,
    },
    /// A newer version of PMOS wrote it.
    #[error("{store} has schema version {found}, which this program does not know; use a newer version of PMOS")]
    Newer {
        /// Which store.
        store: String,
        /// Its schema version.
        found: i64,
    },
    /// The schema could not be brought up to date.
    #[error("the schema of {store} could not be brought up to date")]
    Migrate {
        /// Which store.
        store: String,
        /// Why.
        #[source]
        cause: sqlx::migrate::MigrateError,
    },
    /// It cannot be reached or opened.
    #[error("{store} cannot be opened")]
    Unreachable {
        /// Which store.
        store: String,
        /// Why.
        #[source]
        cause: sqlx::Error,
    },
    /// Files beside the data cannot be made.
    #[error("{path} cannot be used")]
    Files {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}

/// PostgreSQL keeps every character but U+0000.
const UNTRANSLATABLE: &str = "22021";

/// Turns an answer of the driver into the error of a port. Its text never reaches a user: it stays in the cause.
pub(crate) fn failed(operation: &'static str, cause: sqlx::Error) -> Error {
    let sqlx::Error::Database(database) = &cause else {
        let ours = matches!(cause, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::Encode(_));
        let error = if ours { Error::internal(operation) } else { Error::unavailable(operation) };
        return error.because(cause);
    };
    match database.kind() {
        // The row it belongs to is not there, or not in this workspace.
        ErrorKind::ForeignKeyViolation => Error::not_found().because(cause),
        ErrorKind::UniqueViolation | ErrorKind::NotNullViolation | ErrorKind::CheckViolation => {
            Error::internal(operation).because(cause)
        }
        _ if database.code().as_deref() == Some(UNTRANSLATABLE) => {
            Error::invalid("text", "must not contain the character U+0000").because(cause)
        }
        _ => Error::unavailable(operation).because(cause),
    }
}
