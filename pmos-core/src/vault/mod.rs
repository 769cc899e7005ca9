//! The vault: where secrets live, sealed, and the only place they are opened.

mod credential;
mod host;
mod key;
mod seal;
mod secret;
#[expect(clippy::module_inception, reason = "the noun and its main thing share the name")]
mod vault;

pub use credential::{Credential, CredentialKind};
pub use host::{HostBinding, HostError};
pub use key::*;
pub use seal::{AssociatedData, DataKey, Sealed};
pub use secret::Secret;
pub(crate) use vault::Vault;
