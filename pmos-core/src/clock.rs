//! The one source of time and of randomness.

use std::fmt::Debug;

use uuid::Uuid;

use crate::{Error, Id, Result, Timestamp};

/// Where time and randomness come from. Everything else asks it, so that tests can hold both still.
#[cfg_attr(feature = "testkit", mockall::automock)]
pub trait Clock: Debug + Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Fills `bytes` with unpredictable data.
    ///
    /// # Errors
    /// When the operating system has none to give.
    fn random(&self, bytes: &mut [u8]) -> Result<()>;

    /// A fresh identifier, later ones sorting after earlier ones.
    ///
    /// # Errors
    /// As [`Clock::random`].
    fn uuid(&self) -> Result<Uuid> {
        let mut tail = [0; 10];
        self.random(&mut tail)?;
        let millis = u64::try_from(self.now().micros() / 1_000).unwrap_or(0);
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }
}

impl dyn Clock + '_ {
    /// A fresh identifier of the wanted kind.
    ///
    /// # Errors
    /// As [`Clock::random`].
    pub fn new_id<T: Id>(&self) -> Result<T> {
        self.uuid().map(T::from_uuid)
    }

    /// Unpredictable letters and digits, five bits each; none of them looks like another.
    ///
    /// # Errors
    /// As [`Clock::random`].
    pub fn random_text(&self, length: usize) -> Result<String> {
        // There are 32, so that every byte falls on each equally often.
        const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
        let mut bytes = vec![0; length];
        self.random(&mut bytes)?;
        Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
    }
}

/// The machine's own clock and random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(chrono::Utc::now().timestamp_micros())
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that draws randomness")]
    fn random(&self, bytes: &mut [u8]) -> Result<()> {
        getrandom::fill(bytes).map_err(|cause| Error::internal("draw randomness").because(cause.to_string()))
    }
}
