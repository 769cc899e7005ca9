//! The reference server of PMOS: the action table as axum routes, the web UI, the process.
