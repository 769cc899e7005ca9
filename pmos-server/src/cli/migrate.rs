use pmos_storage::OpenError;

use crate::{Fault, config::Settings, open_store};

pub(super) async fn run(settings: &Settings) -> Result<(), Fault> {
    let url = settings.store_url()?;
    match open_store(settings).await {
        Ok(store) => store.close().await,
        // A server brought the schema as far as its own version goes, which may be an older one.
        Err(Fault::Open(OpenError::Held(_))) => {
            let schema = pmos_storage::schema(&url).await?;
            if !schema.pending.is_empty() {
                let count = schema.pending.len();
                return Err(Fault::Refused(format!(
                    "{url} lacks {count} migrations, and a server of an older version works on it; stop that one first"
                )));
            }
        }
        Err(fault) => return Err(fault),
    }
    println!("{url} is up to date");
    Ok(())
}
