//! How connections get to the server.

use std::net::IpAddr;

use sqlx::{
    Connection, PgConnection,
    error::DatabaseError,
    postgres::{PgConnectOptions, PgSslMode},
};

#[cfg(unix)]
use super::relay::Relay;

/// Options that connect well, as long as it is kept.
#[derive(Debug)]
pub(super) struct Route {
    options: PgConnectOptions,
    #[cfg(unix)]
    _relay: Option<Relay>,
}

impl Route {
    /// Without TLS where it protects nothing and nothing is said of it: on this machine. Otherwise with TLS, through a
    /// relay.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn find(options: PgConnectOptions) -> Result<Self, sqlx::Error> {
        if options.get_socket().is_some() || options.get_host().starts_with('/') {
            return Ok(Self::direct(options));
        }
        match options.get_ssl_mode() {
            PgSslMode::Disable | PgSslMode::Allow => return Ok(Self::direct(options)),
            PgSslMode::Prefer if is_here(options.get_host()) => {
                let plain = options.clone().ssl_mode(PgSslMode::Disable);
                match PgConnection::connect_with(&plain).await {
                    Ok(connection) => {
                        connection.close().await?;
                        return Ok(Self::direct(plain));
                    }
                    Err(refused) if wants_tls(&refused) => {}
                    Err(refused) => return Err(refused),
                }
            }
            _ => {}
        }
        Ok(Self::relayed(options).await)
    }

    pub(super) fn direct(options: PgConnectOptions) -> Self {
        Self {
            options,
            #[cfg(unix)]
            _relay: None,
        }
    }

    #[cfg(unix)]
    async fn relayed(options: PgConnectOptions) -> Self {
        match Relay::start(&options).await {
            Ok(relay) => Self { options: relay.through(options), _relay: Some(relay) },
            Err(cause) => {
                tracing::warn!(%cause, "no relay to the database; large messages to it may wait for 40 ms");
                Self::direct(options)
            }
        }
    }

    #[cfg(not(unix))]
    async fn relayed(options: PgConnectOptions) -> Self {
        Self::direct(options)
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Whether no rule of the server lets anybody in without TLS: there may be a tunnel between it and this machine.
fn wants_tls(refused: &sqlx::Error) -> bool {
    refused.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == "28000")
}
