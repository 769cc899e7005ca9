use super::{Desk, email, is_missing, no_account};
use crate::{Fault, config::Settings};

pub(super) async fn run(settings: &Settings, address: &str) -> Result<(), Fault> {
    let email = email(address)?;
    let desk = Desk::open(settings).await?;
    let granted = desk.accounts.grant_super(&email, &desk.visit).await;
    desk.store.close().await;
    granted.map_err(|error| if is_missing(&error) { no_account(&email) } else { error.into() })?;
    println!("{email} runs this instance now");
    Ok(())
}
