use super::{Console, email, is_missing, no_account};
use crate::{Fault, config::Settings};

pub(super) async fn run(settings: &Settings, address: &str) -> Result<(), Fault> {
    let email = email(address)?;
    let console = Console::open(settings).await?;
    let granted = console.accounts.grant_super(&email, &console.request).await;
    console.store.close().await;
    granted.map_err(|error| if is_missing(&error) { no_account(&email) } else { error.into() })?;
    println!("{email} runs this instance now");
    Ok(())
}
