use std::path::Path;

use pmos_core::store::Store;
use pmos_storage::{OpenError, SqliteStore};

use super::sqlite_file;
use crate::{Fault, config::Settings, wiring};

pub(super) async fn run(settings: &Settings, from: &Path) -> Result<(), Fault> {
    let to = sqlite_file(settings, "pg_restore")?;
    if to.exists() {
        let message =
            format!("there is a store at {} already; move it away first, nothing is overwritten", to.display());
        return Err(Fault::Refused(message));
    }
    wiring::make_folder(&settings.data)?;
    let beside = to.with_extension("restoring");
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if SqliteStore::schema(from).await?.applied.is_empty() {
        let finding = "it has none of the tables of PMOS".to_owned();
        return Err(OpenError::Damaged { store: from.display().to_string(), finding }.into());
    }
    std::fs::copy(from, &beside)?;
    // Opened before it is put in place: it must be whole, and not from a newer version.
    let opened = SqliteStore::open(&beside).await;
    // There is none when it could not even be locked.
    std::fs::remove_file(beside.with_extension("restoring.lock")).ok();
    match opened {
        Ok(store) => Store::close(&store).await,
        Err(refused) => {
            std::fs::remove_file(&beside)?;
            return Err(refused.into());
        }
    }
    std::fs::File::open(&beside)?.sync_all()?;
    std::fs::rename(&beside, &to)?;
    println!("restored {}; put the master key that belongs to it at {}", to.display(), settings.key_file().display());
    Ok(())
}
