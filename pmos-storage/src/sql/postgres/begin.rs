//! The first words of a transaction: which role it takes and which workspace it sees, in one round trip.

use pmos_core::store::Access;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};
use uuid::Uuid;

/// What a transaction may reach.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach {
    /// One workspace.
    Workspace(Uuid),
    /// What belongs to the instance.
    System,
    /// A few columns of ids.
    Directory,
}

pub(super) async fn begin(
    pool: &PgPool,
    reach: Reach,
    access: Access,
) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let begin = match access {
        Access::Read => "begin read only",
        Access::Write => "begin",
    };
    let text = match reach {
        Reach::Workspace(id) => {
            format!("{begin}; set local role pmos_app; select set_config('pmos.workspace', '{id}', true)")
        }
        Reach::System => format!("{begin}; set local role pmos_system"),
        Reach::Directory => format!("{begin}; set local role pmos_directory"),
    };
    // Safe: these are words of ours and an id that is a number by its type. A parameter cannot stand here.
    pool.begin_with(AssertSqlSafe(text)).await
}
