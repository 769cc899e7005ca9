use std::path::Path;

use pmos_storage::SqliteStore;

use super::sqlite_file;
use crate::{Fault, config::Settings};

/// The server may be at work meanwhile: a copy only reads.
pub(super) async fn run(settings: &Settings, to: &Path) -> Result<(), Fault> {
    let from = sqlite_file(settings, "pg_dump")?;
    if !from.is_file() {
        return Err(Fault::Refused(format!("there is no store at {}", from.display())));
    }
    if to.exists() {
        return Err(Fault::Refused(format!("{} exists already; name a new file", to.display())));
    }
    SqliteStore::backup(&from, to).await?;
    println!("wrote {}; the master key {} is not in it", to.display(), settings.key_file().display());
    Ok(())
}
