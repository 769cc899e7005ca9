//! Everything of PMOS that talks outward: engines, connectors and the one guarded HTTP client.

pub mod outbound;
