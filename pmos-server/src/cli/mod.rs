//! The command line: one file per command.

mod backup;
mod check;
mod grant_super;
mod migrate;
mod openapi;
mod recover;
mod restore;
mod serve;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use pmos_core::Email;

use crate::{
    Fault,
    config::{Flags, Loaded, Settings, SettingsError},
    control::Reply,
};

/// Automations over flow engines, for many isolated workspaces.
#[derive(Debug, Parser)]
#[command(name = "pmos-server", version, after_help = EXAMPLES)]
struct Cli {
    /// Settings from a file; the environment (PMOS_…) and flags go before it
    #[arg(long, global = true, value_name = "FILE", env = "PMOS_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  pmos-server                                    serve on this machine, with data in ./pmos-data
  pmos-server --listen 0.0.0.0:8420 --public-url https://pmos.example.com
  pmos-server serve --config /etc/pmos.toml
  pmos-server config check                       show the settings in effect";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the product (the default)
    #[command(after_help = "Example:\n  PMOS_DATABASE_URL=postgres://pmos@db/pmos pmos-server serve")]
    Serve,
    /// Bring the schema of the store up to date and end
    #[command(after_help = "Example:\n  pmos-server migrate --data /var/lib/pmos")]
    Migrate,
    /// Look at the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the OpenAPI document; needs no store
    #[command(after_help = "Example:\n  pmos-server openapi > openapi.json")]
    Openapi,
    /// Write a whole copy of the store to a new file
    #[command(
        after_help = "Example:\n  pmos-server backup /backups/pmos-monday.db\n\nThe master key is not in it; keep a copy of that, too."
    )]
    Backup {
        /// The file to write; it must not exist
        file: PathBuf,
    },
    /// Put a copy back in place of a store that is not there
    #[command(after_help = "Example:\n  pmos-server restore /backups/pmos-monday.db --data /var/lib/pmos")]
    Restore {
        /// A file that `backup` wrote
        file: PathBuf,
    },
    /// What only the operator of this machine may do
    #[command(subcommand)]
    Admin(AdminCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print the settings in effect and where each comes from, without secrets
    #[command(after_help = "Example:\n  PMOS_LISTEN=127.0.0.1:9000 pmos-server config check")]
    Check,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Print a one-time link with which a person sets a new password
    #[command(after_help = "Example:\n  pmos-server admin recover ada@example.com")]
    Recover {
        /// The address of the account
        email: String,
    },
    /// Let a person run the whole instance
    #[command(after_help = "Example:\n  pmos-server admin grant-super ada@example.com")]
    GrantSuper {
        /// The address of the account
        email: String,
    },
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return failed(&cause.into()),
    };
    let result = runtime.block_on(run(cli));
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => failed(&fault),
    }
}

fn failed(fault: &Fault) -> ExitCode {
    eprintln!("error: {fault}");
    ExitCode::from(fault.exit_code())
}

async fn run(cli: Cli) -> Result<(), Fault> {
    if matches!(cli.command, Some(Command::Openapi)) {
        return openapi::run();
    }
    let Loaded { settings, warnings, report } = load(cli.config.as_deref(), &cli.flags)?;
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(settings).await,
        Command::Migrate => migrate::run(&settings).await,
        Command::Config(ConfigCommand::Check) => check::run(&report),
        Command::Openapi => openapi::run(),
        Command::Backup { file } => backup::run(&settings, &file).await,
        Command::Restore { file } => restore::run(&settings, &file).await,
        Command::Admin(AdminCommand::Recover { email }) => recover::run(&settings, &email).await,
        Command::Admin(AdminCommand::GrantSuper { email }) => grant_super::run(&settings, &email).await,
    }
}

fn load(file: Option<&Path>, flags: &Flags) -> Result<Loaded, SettingsError> {
    // A variable that is not text cannot be one of ours.
    let environment =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Settings::load(file, environment, flags)
}

fn email(text: &str) -> Result<Email, Fault> {
    text.parse().map_err(|fault| Fault::Refused(format!("{text}: {fault}")))
}

/// Why a command was not done.
fn refused(reply: Reply, email: &Email) -> Fault {
    Fault::Refused(match reply {
        Reply::NoAccount => format!("there is no account with the address {email}"),
        Reply::Failed(why) => why,
        Reply::Granted | Reply::Link(_) => "the server answered another command; is it of the same version?".to_owned(),
    })
}

/// The file of a SQLite store; other stores have tools of their own.
fn sqlite_file(settings: &Settings, tool: &str) -> Result<PathBuf, Fault> {
    let url = settings.store_url()?.to_string();
    match url.strip_prefix("sqlite://") {
        Some(path) => Ok(path.into()),
        None => Err(Fault::Refused(format!("{url} is not kept in a file of ours; use {tool}"))),
    }
}
