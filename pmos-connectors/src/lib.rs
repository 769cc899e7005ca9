//! Everything of PMOS that talks outward: engines, connectors and the one guarded HTTP client.

#[cfg(feature = "embedded")]
pub mod embedded;
#[cfg(feature = "models")]
pub mod models;
#[cfg(feature = "n8n")]
pub mod n8n;
pub mod outbound;
#[cfg(feature = "upstream")]
pub mod upstream;
