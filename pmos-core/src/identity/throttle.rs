//! How often a guess may be made.

use std::{
    borrow::Cow,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

use crate::{Error, Kind, Result};

/// Guesses at secrets, by account and by address, and sign-ups by address.
#[derive(Debug)]
pub(crate) struct Throttle {
    guesses_by_account: Window,
    guesses_by_address: Window,
    sign_ups_by_address: Window,
}

/// A guess that may be looked at, by what it is counted with.
#[derive(Debug)]
pub(crate) struct Guess<'a>(Cow<'a, str>);

const QUARTER: Duration = Duration::from_mins(15);

impl Throttle {
    pub(crate) fn new() -> Self {
        Self {
            guesses_by_account: Window::new(20, QUARTER),
            guesses_by_address: Window::new(400, QUARTER),
            sign_ups_by_address: Window::new(1_000, QUARTER),
        }
    }

    /// Counts a guess before it is looked at, so that a burst of parallel guesses cannot outrun the count. `known` says
    /// whether the person is signed in from that network; it is asked when strangers have used up what the account
    /// allows, and then the network has as many guesses of its own: others cannot lock its owner out.
    pub(crate) async fn guess<'a>(
        &self,
        account: &'a str,
        address: Option<IpAddr>,
        known: impl AsyncFnOnce(&str) -> Result<bool>,
    ) -> Result<Guess<'a>> {
        let network = address.map(network);
        if let Some(network) = &network {
            self.guesses_by_address.take(network)?;
        }
        let refused = match self.guesses_by_account.take(account) {
            Ok(()) => return Ok(Guess(account.into())),
            Err(refused) => refused,
        };
        match network {
            Some(network) if known(&network).await? => {
                // No address of an account holds a space.
                let key = format!("{account} {network}");
                self.guesses_by_account.take(&key)?;
                Ok(Guess(key.into()))
            }
            _ => Err(refused),
        }
    }

    /// Forgets the guesses that a right one was counted with.
    pub(crate) fn right(&self, guess: &Guess<'_>) {
        self.guesses_by_account.forget(&guess.0);
    }

    pub(crate) fn sign_up(&self, address: Option<IpAddr>) -> Result<()> {
        address.map_or(Ok(()), |address| self.sign_ups_by_address.take(&network(address)))
    }
}

/// At most so many within a span of time, by key.
#[derive(Debug)]
struct Window {
    counts: Cache<String, Arc<AtomicU32>>,
    most: u32,
    span: Duration,
}

impl Window {
    fn new(most: u32, span: Duration) -> Self {
        Self { counts: Cache::builder().max_capacity(200_000).time_to_live(span).build(), most, span }
    }

    fn take(&self, key: &str) -> Result<()> {
        let count = self.counts.get_with_by_ref(key, Arc::default);
        if count.fetch_add(1, Ordering::Relaxed) < self.most {
            return Ok(());
        }
        let message = "Too many attempts. Wait a quarter of an hour, then try again.";
        Err(Error::new(Kind::Limited, "too_many_attempts", message).retry_after(self.span))
    }

    fn forget(&self, key: &str) {
        self.counts.invalidate(key);
    }
}

/// The network an address belongs to: IPv6 customers hold whole /64 networks.
pub(super) fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        IpAddr::V4(v4) => v4.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn stranger(throttle: &Throttle, address: &str) -> Result<()> {
        throttle.guess("ada@example.com", Some(address.parse().unwrap()), async |_| Ok(false)).await.map(drop)
    }

    async fn owner(throttle: &Throttle) -> Result<Guess<'static>> {
        throttle
            .guess("ada@example.com", Some([203, 0, 113, 7].into()), async |network| Ok(network == "203.0.113.7"))
            .await
    }

    #[tokio::test]
    async fn guesses_at_one_account_end_after_twenty_whatever_the_address() {
        let throttle = Throttle::new();
        let mut refused = 0;
        for n in 0..100 {
            refused += u32::from(stranger(&throttle, &format!("10.0.0.{n}")).await.is_err());
        }
        assert_eq!(refused, 80);
        throttle.guess("bob@example.com", Some([10, 0, 0, 1].into()), async |_| Ok(false)).await.unwrap();
    }

    #[tokio::test]
    async fn strangers_who_guess_at_an_account_do_not_lock_its_owner_out() {
        let throttle = Throttle::new();
        while stranger(&throttle, "10.0.0.1").await.is_ok() {}
        let in_time = owner(&throttle).await.unwrap();
        throttle.right(&in_time);
        assert!(
            stranger(&throttle, "10.0.0.2").await.is_err(),
            "the owner's right password gave strangers new guesses"
        );
        for _ in 0..20 {
            owner(&throttle).await.unwrap();
        }
        assert!(owner(&throttle).await.is_err(), "a network that is known may guess for ever");
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_together() {
        let network = |address: &str| network(address.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    #[tokio::test]
    async fn the_right_password_makes_earlier_slips_forgotten() {
        let throttle = Throttle::new();
        for _ in 0..100 {
            let guess = throttle.guess("ada@example.com", None, async |_| Ok(false)).await.unwrap();
            throttle.right(&guess);
        }
    }
}
