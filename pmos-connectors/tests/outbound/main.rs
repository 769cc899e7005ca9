//! The guarded HTTP client, seen from outside: what it refuses, where it connects, what it gives away.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by failing")]

mod broken_servers;
mod credentials;
mod limits;
mod names;
mod redirects;
mod sockets;
mod support;
mod urls;
