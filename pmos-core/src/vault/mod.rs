//! The vault: where secrets live, sealed, and the only place they are opened.

mod credential;
mod secret;

pub use credential::{Credential, CredentialKind, HostPattern};
pub use secret::Secret;
