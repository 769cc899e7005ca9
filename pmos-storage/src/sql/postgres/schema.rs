//! Where in a database the tables are.

use std::{fmt, str::FromStr};

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, error::DatabaseError, postgres::PgConnectOptions};

use crate::sql::OpenError;

/// The name of a schema: small letters, digits and `_`, not a digit first, 63 of them at most, and not one of the
/// names that PostgreSQL keeps for itself (`pg_…`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaName(String);

impl FromStr for SchemaName {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, OpenError> {
        let known = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        let fits = (1..=63).contains(&text.len()) && text.chars().all(known);
        if !fits || text.starts_with(|letter: char| letter.is_ascii_digit()) || text.starts_with("pg_") {
            return Err(OpenError::SchemaName);
        }
        Ok(Self(text.to_owned()))
    }
}

/// As SQL names it.
impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// A schema of that name was made in the meantime.
const THERE: [&str; 2] = ["42P06", "23505"];

impl SchemaName {
    /// What connections need to be told to find nothing but this schema.
    pub(super) fn in_options(&self, options: PgConnectOptions) -> PgConnectOptions {
        options.options([("search_path", &self.0)])
    }

    /// Makes it when it is not there. An admin may have made it for a login that may not.
    pub(super) async fn create(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let there = "select exists (select from pg_namespace where nspname = $1)";
        if sqlx::query_scalar(there).bind(&self.0).fetch_one(&mut *connection).await? {
            return Ok(());
        }
        // Safe: a name is a word by its type.
        match connection.execute(AssertSqlSafe(format!("create schema {self}"))).await {
            Err(cause) if code(&cause).is_some_and(|code| THERE.contains(&code.as_str())) => Ok(()),
            created => created.map(drop),
        }
    }
}

fn code(cause: &sqlx::Error) -> Option<String> {
    cause.as_database_error().and_then(DatabaseError::code).map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_that_needs_no_care() {
        for name in ["pmos", "_1", "a_b2"] {
            assert_eq!(name.parse::<SchemaName>().unwrap().to_string(), format!("\"{name}\""));
        }
        let long = "a".repeat(64);
        for name in ["", "1a", "Pmos", "a b", "a\"; drop table runs; --", "pg_catalog", "é", &long] {
            assert!(name.parse::<SchemaName>().is_err(), "{name}");
        }
    }
}
