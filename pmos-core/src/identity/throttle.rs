//! How often somebody may try.

use std::{
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

const QUARTER: Duration = Duration::from_mins(15);

impl Throttle {
    pub(crate) fn new() -> Self {
        Self {
            guesses_by_account: Window::new(20, QUARTER),
            guesses_by_address: Window::new(400, QUARTER),
            sign_ups_by_address: Window::new(1_000, QUARTER),
        }
    }

    /// Counts a guess before it is looked at, so that a burst of parallel guesses cannot outrun the count.
    pub(crate) fn guess(&self, account: &str, address: Option<&str>) -> Result<()> {
        self.guesses_by_account.take(account)?;
        address.map_or(Ok(()), |address| self.guesses_by_address.take(&network(address)))
    }

    /// Forgets the guesses at an account once its owner got in.
    pub(crate) fn right(&self, account: &str) {
        self.guesses_by_account.forget(account);
    }

    pub(crate) fn sign_up(&self, address: Option<&str>) -> Result<()> {
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
fn network(address: &str) -> String {
    match address.parse() {
        Ok(std::net::IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_at_one_account_end_after_twenty_whatever_the_address() {
        let throttle = Throttle::new();
        let refused =
            (0..100).filter(|n| throttle.guess("ada@example.com", Some(&format!("10.0.0.{n}"))).is_err()).count();
        assert_eq!(refused, 80);
        throttle.guess("bob@example.com", Some("10.0.0.1")).unwrap();
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_together() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    #[test]
    fn the_right_password_makes_earlier_slips_forgotten() {
        let throttle = Throttle::new();
        for _ in 0..100 {
            throttle.guess("ada@example.com", None).unwrap();
            throttle.right("ada@example.com");
        }
    }
}
