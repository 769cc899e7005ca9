//! What only the operator of this machine may do, also while the server is at work.
//!
//! One process at a time works on a store, so a command cannot open it beside the server. It asks the server instead,
//! through a socket in the data folder that only the server's own user may use. When no server listens there, the command
//! opens the store itself and does the same.

mod ask;
mod listen;

use std::{path::PathBuf, sync::Arc};

use pmos_core::{Clock, Email, Kind, Result, SystemClock, action::RequestInfo, identity::Accounts};
use serde::{Deserialize, Serialize};

pub(crate) use ask::ask;
pub(crate) use listen::Control;

use crate::{Fault, config::Settings, wiring};

/// The most bytes of a command or a reply.
const MOST: u64 = 4_096;

/// What can be asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Command {
    /// Make a person run the whole instance.
    GrantSuper { email: Email },
    /// Make a link with which a person sets a new password.
    Recover { email: Email },
}

/// How it ended.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Reply {
    /// The person runs the instance.
    Granted,
    /// The link. It is a secret.
    Link(String),
    /// There is no such account.
    NoAccount,
    /// It could not be done.
    Failed(String),
}

/// Where the socket is.
pub(crate) fn socket(settings: &Settings) -> PathBuf {
    settings.data.join("control.sock")
}

/// Has a command done by the server, or does it here when none is at work.
pub(crate) async fn run(settings: &Settings, command: &Command) -> Result<Reply, Fault> {
    if let Some(reply) = ask(&socket(settings), command).await? {
        return Ok(reply);
    }
    let store = wiring::open_store(settings).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let accounts = Accounts::new(store.clone(), clock.clone(), settings.sign_up, None)?;
    let done = carry_out(&accounts, &*clock, &settings.public_url(settings.listen), command).await;
    store.close().await;
    Ok(done?)
}

async fn carry_out(accounts: &Accounts, clock: &dyn Clock, url: &str, command: &Command) -> Result<Reply> {
    let request = RequestInfo::new(clock)?;
    match command {
        Command::GrantSuper { email } => match accounts.grant_super(email, &request).await {
            Ok(()) => Ok(Reply::Granted),
            Err(error) if error.kind() == Kind::NotFound => Ok(Reply::NoAccount),
            Err(error) => Err(error),
        },
        Command::Recover { email } => {
            let token = accounts.offer_reset(email, &request).await?;
            Ok(token.map_or(Reply::NoAccount, |token| Reply::Link(format!("{url}/reset/{}", token.expose()))))
        }
    }
}
