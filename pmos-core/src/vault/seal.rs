//! Sealing: XChaCha20-Poly1305 under a data key per workspace, which itself is sealed under the master key.
//!
//! The place of a secret (workspace, kind, id) is authenticated with it, so that a sealed text copied to another row or
//! another workspace does not open.

use std::fmt;

use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use super::Secret;
use crate::{Clock, Error, Result, WorkspaceId};

const NONCE: usize = 24;

/// A text that only the vault can read: the nonce, then the ciphertext.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes what a store kept.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What a store keeps.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Where a secret belongs.
#[derive(Debug, Clone, Copy)]
pub struct AssociatedData<'a> {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// What kind of object holds it, as `connection`.
    pub kind: &'a str,
    /// Which one.
    pub id: &'a str,
}

impl AssociatedData<'_> {
    fn associated_data(&self) -> Vec<u8> {
        format!("{}|{}|{}", self.workspace, self.kind, self.id).into_bytes()
    }
}

/// A 256-bit key in memory, wiped when dropped.
pub struct DataKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

impl DataKey {
    /// Draws a new key.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn generate(clock: &dyn Clock) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        clock.random(bytes.as_mut())?;
        Ok(Self(bytes))
    }

    /// Takes 32 bytes that were kept elsewhere.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key itself, to seal it under another.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals a secret for one place.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn seal(&self, clock: &dyn Clock, data: AssociatedData<'_>, secret: &Secret) -> Result<Sealed> {
        self.seal_bytes(clock, data, secret.expose().as_bytes())
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// When it was sealed for another place, under another key, or was changed.
    pub fn open(&self, data: AssociatedData<'_>, sealed: &Sealed) -> Result<Secret> {
        let plain = self.open_bytes(data, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|cause| refused().because(cause))?;
        Ok(Secret::new(text))
    }

    pub(crate) fn seal_bytes(&self, clock: &dyn Clock, data: AssociatedData<'_>, plain: &[u8]) -> Result<Sealed> {
        let mut nonce = [0; NONCE];
        clock.random(&mut nonce)?;
        let payload = Payload { msg: plain, aad: &data.associated_data() };
        let sealed =
            self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::internal("seal a secret"))?;
        Ok(Sealed([nonce.as_slice(), &sealed].concat()))
    }

    pub(crate) fn open_bytes(&self, data: AssociatedData<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.0.split_first_chunk::<NONCE>().ok_or_else(refused)?;
        let payload = Payload { msg: sealed, aad: &data.associated_data() };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| refused())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.0))
    }
}

fn refused() -> Error {
    Error::internal("open a sealed secret")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{Id, SystemClock};

    fn data(workspace: u128, id: &str) -> AssociatedData<'_> {
        AssociatedData { workspace: WorkspaceId::from_uuid(Uuid::from_u128(workspace)), kind: "connection", id }
    }

    #[test]
    fn a_secret_opens_only_in_its_own_place_and_under_its_own_key() {
        let (key, other) = (DataKey::generate(&SystemClock).unwrap(), DataKey::generate(&SystemClock).unwrap());
        let sealed = key.seal(&SystemClock, data(1, "a"), &Secret::new("s3cret")).unwrap();
        assert_eq!(key.open(data(1, "a"), &sealed).unwrap().expose(), "s3cret");
        for (key, data) in [(&key, data(2, "a")), (&key, data(1, "b")), (&other, data(1, "a"))] {
            assert!(key.open(data, &sealed).is_err());
        }
    }

    #[test]
    fn a_changed_or_cut_text_does_not_open() {
        let key = DataKey::generate(&SystemClock).unwrap();
        let sealed = key.seal(&SystemClock, data(1, "a"), &Secret::new("s3cret")).unwrap();
        for at in [0, 30, sealed.bytes().len() - 1] {
            let mut bytes = sealed.bytes().to_vec();
            bytes[at] ^= 1;
            assert!(key.open(data(1, "a"), &Sealed::from_bytes(bytes)).is_err());
        }
        assert!(key.open(data(1, "a"), &Sealed::from_bytes(vec![0; 9])).is_err());
    }
}
