//! The SQL stores. One text serves both databases.
//!
//! `repository/` mirrors `pmos_core::store` file for file: statements and the mapping of rows. It is compiled once per
//! database, inside [`sqlite`] and [`postgres`], which supply what really differs: how a unit of work gets hold of its
//! connection, how it locks and ends, and a handful of words of SQL (`dialect.rs`).
//!
//! To add a statement, add it to the `statements!` of its file: tests then prepare it on both databases and check that
//! it names its workspace.

#![allow(clippy::duplicate_mod, reason = "repositories are one text, compiled for each database")]
#![allow(clippy::struct_field_names, reason = "fields of a row are named after its columns")]
#![allow(clippy::unnecessary_box_returns, reason = "the port hands out boxed units")]
#![allow(clippy::large_enum_variant, reason = "the large variant of a job is the common one")]

/// Statements by name. Everything that is executed stands in such a list, so that tests see all of it.
macro_rules! statements {
    ($($NAME:ident = $sql:expr;)*) => {
        $(const $NAME: &str = $sql;)*
        #[cfg(test)]
        pub(in crate::sql) const ALL: &[(&str, &str)] = &[$((stringify!($NAME), $NAME)),*];
    };
}

mod error;
mod migrate;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
#[cfg(test)]
mod tests;
mod value;
mod wait;

pub use error::OpenError;
pub use migrate::SchemaReport;
