use super::{Console, email, no_account};
use crate::{Fault, config::Settings};

pub(super) async fn run(settings: &Settings, address: &str) -> Result<(), Fault> {
    let email = email(address)?;
    let console = Console::open(settings).await?;
    let token = console.accounts.offer_reset(&email, &console.request).await;
    console.store.close().await;
    let token = token?.ok_or_else(|| no_account(&email))?;
    println!("{}/reset/{}", settings.public_url(settings.listen), token.expose());
    eprintln!("the link works once and for one hour");
    Ok(())
}
