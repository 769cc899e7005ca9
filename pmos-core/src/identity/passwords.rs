//! Passwords: what is accepted, and hashing off the async threads.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash as Phc,
};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use super::{Email, PasswordHash};
use crate::{Error, Result, vault::Secret, workspace::Label};

/// The fewest characters of a new password.
const FEWEST: usize = 12;
/// The most bytes of a password; what is longer is refused, never cut.
const MOST: usize = 1024;
/// Guesses, as a power of ten, that the commonest ten thousand passwords and their like fall below.
const EASILY_GUESSED: f64 = 6.0;

/// Hashes and checks passwords with Argon2id, a few at a time.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    /// Checked in place of an unknown account's hash, so that both answers take the same time.
    unmatched: Arc<str>,
}

fn hasher() -> Result<Argon2<'static>> {
    // OWASP's second recommendation: 19 MiB, two passes, one lane.
    let params = Params::new(19_456, 2, 1, None)
        .map_err(|cause| Error::internal("set up password hashing").because(cause.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The same password whichever keyboard it was typed on (NIST SP 800-63B, 5.1.1.2).
fn normalised(password: &Secret) -> Secret {
    Secret::new(password.expose().nfkc().collect::<String>())
}

fn hash(password: &Secret) -> Result<String> {
    hasher()?
        .hash_password(normalised(password).expose().as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|cause| Error::internal("hash a password").because(cause.to_string()))
}

impl Passwords {
    pub(crate) fn new() -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            permits: Arc::new(Semaphore::new(cores)),
            unmatched: hash(&Secret::new("not a password of any account"))?.into(),
        })
    }

    /// Hashes a new password that was accepted before.
    pub(crate) async fn hash(&self, password: Secret) -> Result<PasswordHash> {
        self.work(move || hash(&password).map(PasswordHash)).await
    }

    /// Whether the password is the one that was hashed; for no hash at all it takes as long and says no.
    pub(crate) async fn verify(&self, password: Secret, against: Option<PasswordHash>) -> Result<bool> {
        let known = against.is_some();
        let against = against.map_or_else(|| self.unmatched.to_string(), |hash| hash.0);
        let fits = self
            .work(move || {
                let hash = Phc::new(&against)
                    .map_err(|cause| Error::internal("read a password hash").because(cause.to_string()))?;
                let hasher = hasher()?;
                let fits = |password: &Secret| hasher.verify_password(password.expose().as_bytes(), &hash).is_ok();
                let normal = normalised(&password);
                // Hashes from before are over what was typed.
                Ok(fits(&normal) || (normal.expose() != password.expose() && fits(&password)))
            })
            .await?;
        Ok(fits && known)
    }

    /// Makes a digest as costly to guess from as a password hash; the same for the same salt.
    pub(crate) async fn stretch(&self, digest: [u8; 32], salt: [u8; 32]) -> Result<[u8; 32]> {
        self.work(move || {
            let mut stretched = [0; 32];
            hasher()?
                .hash_password_into(&digest, &salt, &mut stretched)
                .map_err(|cause| Error::internal("stretch a digest").because(cause.to_string()))?;
            Ok(stretched)
        })
        .await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let refused = |cause: &dyn std::fmt::Display| Error::unavailable("hash a password").because(cause.to_string());
        let _permit = self.permits.acquire().await.map_err(|cause| refused(&cause))?;
        tokio::task::spawn_blocking(work).await.map_err(|cause| refused(&cause))?
    }
}

/// Whether a new password is good enough for this person.
///
/// # Errors
/// `invalid_input` naming `field` and what would be right.
pub(crate) fn accept(field: &str, password: &Secret, name: &Label, email: &Email) -> Result<()> {
    let password = normalised(password);
    let text = password.expose();
    if text.chars().count() < FEWEST {
        return Err(Error::invalid(field, format!("must have at least {FEWEST} characters")));
    }
    if text.len() > MOST {
        return Err(Error::invalid(field, format!("must have at most {MOST} bytes")));
    }
    let context = [name.as_str(), email.as_str(), email.as_str().split('@').next().unwrap_or_default(), "pmos"];
    // The estimate grows with the square of the length, and a long password's beginning says enough.
    let head: String = text.chars().take(64).collect();
    if zxcvbn::zxcvbn(&head, &context).guesses_log10() < EASILY_GUESSED {
        return Err(Error::invalid(field, "is too easy to guess; use several words that do not belong together"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str) -> Result<()> {
        accept(
            "password",
            &Secret::new(password),
            &"Ada Lovelace".parse().unwrap(),
            &"ada@example.com".parse().unwrap(),
        )
    }

    #[test]
    fn short_common_and_personal_passwords_are_refused() {
        for password in ["short", "password1234", "123456789012", "qwertyuiop12", "ada@example.com"] {
            assert_eq!(verdict(password).unwrap_err().fields()[0].field, "password", "{password}");
        }
    }

    #[test]
    fn a_few_words_are_enough_and_nothing_else_is_demanded() {
        for password in
            ["walrus cello tuesday", "Owner-Passw0rd1", "パスワードは長いほうがいい", &"x1 y2 z3 ".repeat(40)]
        {
            verdict(password).unwrap();
        }
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_alone_and_differs_each_time() {
        let passwords = Passwords::new().unwrap();
        let (one, two) =
            (passwords.hash(Secret::new("a")).await.unwrap(), passwords.hash(Secret::new("a")).await.unwrap());
        assert!(one != two);
        assert!(passwords.verify(Secret::new("a"), Some(one.clone())).await.unwrap());
        assert!(!passwords.verify(Secret::new("b"), Some(one)).await.unwrap());
        assert!(!passwords.verify(Secret::new("not a password of any account"), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_fits_from_every_keyboard_and_hashes_from_before_fit_as_they_were_typed() {
        let passwords = Passwords::new().unwrap();
        let composed = passwords.hash(Secret::new("Caf\u{e9} ｐａｓｓ")).await.unwrap();
        for typed in ["Cafe\u{301} pass", "Caf\u{e9} ｐａｓｓ"] {
            assert!(passwords.verify(Secret::new(typed), Some(composed.clone())).await.unwrap(), "{typed}");
        }
        let before = hasher().unwrap().hash_password("Cafe\u{301}".as_bytes()).unwrap().to_string();
        assert!(passwords.verify(Secret::new("Cafe\u{301}"), Some(PasswordHash(before.clone()))).await.unwrap());
        assert!(!passwords.verify(Secret::new("Cafe"), Some(PasswordHash(before))).await.unwrap());
    }
}
