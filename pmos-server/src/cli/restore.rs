use std::path::Path;

use super::sqlite_file;
use crate::{Fault, config::Settings, open_store};

pub(super) async fn run(settings: &Settings, from: &Path) -> Result<(), Fault> {
    let to = sqlite_file(settings, "pg_restore")?;
    if to.exists() {
        let message =
            format!("there is a store at {} already; move it away first, nothing is overwritten", to.display());
        return Err(Fault::Refused(message));
    }
    // Looked at before anything is put in place: it must be whole, and not from a newer version.
    pmos_storage::SqliteStore::schema(from).await?;
    let beside = to.with_extension("restoring");
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, &beside)?;
    std::fs::File::open(&beside)?.sync_all()?;
    std::fs::rename(&beside, &to)?;
    open_store(settings).await?.close().await;
    println!("restored {}; put the master key that belongs to it at {}", to.display(), settings.key_file().display());
    Ok(())
}
