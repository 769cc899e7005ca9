//! Everything of PMOS that talks outward: engines, connectors and the one guarded HTTP client.

#[cfg(feature = "embedded")]
pub mod embedded;
pub mod outbound;
