use crate::{Fault, config::Settings, open_store};

pub(super) async fn run(settings: &Settings) -> Result<(), Fault> {
    let store = open_store(settings).await?;
    store.close().await;
    println!("{} is up to date", settings.store_url()?);
    Ok(())
}
