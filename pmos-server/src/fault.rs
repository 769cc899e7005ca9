//! Why the process cannot do what it was told.

use std::net::SocketAddr;

use pmos_connectors::outbound::OutboundBuildError;

use crate::{config::SettingsError, key::KeyError};

/// Why a command failed, for the one who typed it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A setting cannot be used.
    #[error("{0}")]
    Settings(#[from] SettingsError),
    /// The address is taken or not ours.
    #[error("listen: {address} cannot be used: {cause}")]
    Listen {
        /// Where it should listen.
        address: SocketAddr,
        /// Why it cannot.
        cause: std::io::Error,
    },
    /// There is no usable master key.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The store cannot be opened.
    #[error("{}", with_causes(.0))]
    Open(#[from] pmos_storage::OpenError),
    /// Another process works on the store now.
    #[error("another process has taken the store over; this one ends")]
    Lost,
    /// The core refused.
    #[error("{}", with_causes(.0))]
    Core(#[from] pmos_core::Error),
    /// The HTTP client for automations cannot be set up.
    #[error("outward calls cannot be set up: {0}")]
    Outbound(OutboundBuildError),
    /// Measuring cannot be set up.
    #[error("metrics cannot be set up: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// Reading or writing failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// This cannot be done here.
    #[error("{0}")]
    Refused(String),
}

impl Fault {
    /// 2 for what the operator has to set right, 1 for the rest.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_) | Self::Listen { .. } | Self::Key(_) | Self::Open(pmos_storage::OpenError::Address) => 2,
            _ => 1,
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
