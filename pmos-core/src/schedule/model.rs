//! The rules by which time starts an automation.

use std::{str::FromStr, time::Duration};

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The shortest time between two slots, in seconds.
pub const SHORTEST: u64 = 10;
/// The longest time between two slots, and the longest wait, in seconds: 366 days.
pub const LONGEST: u64 = 366 * 24 * 3_600;
/// Where the search for slots of a cron begins, so that the answer is the same at any time: 2024-01-01.
const SOME_TIME: Timestamp = Timestamp::from_micros(1_704_067_200_000_000);

/// When an automation starts by itself. Every point in time at which it does is a *slot*.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    pub(super) rule: Rule,
    pub(super) missed: Missed,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    Cron(Box<Cron>, Tz),
    /// Slots are the multiples of this since 1970-01-01 UTC, so that every five minutes means :00, :05 and so on.
    Every(Duration),
    Once(Timestamp),
}

/// What becomes of slots that passed while the server was off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// One run makes up for all of them.
    #[default]
    RunOnce,
    /// They are left out.
    Skip,
    /// Each is made up for, the newest [`MOST_MISSED`](super::MOST_MISSED).
    RunAll,
}

/// What is wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleFault {
    /// The part, as `expr`.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub message: String,
}

fn fault(field: &'static str, message: impl Into<String>) -> ScheduleFault {
    ScheduleFault { field, message: message.into() }
}

impl Schedule {
    /// By a cron expression of five fields (minute, hour, day of month, month, day of week) in a time zone. A slot that the
    /// zone skips in spring is the first moment after the gap; one that it repeats in autumn comes once.
    ///
    /// # Errors
    /// Naming `expr` or `zone`: what cannot be read, and an expression that no date fits.
    pub fn cron(expr: &str, zone: &str) -> Result<Self, ScheduleFault> {
        let zone = time_zone(zone)?;
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(expr).map_err(|cause| {
            let message = format!(
                "cannot be read ({cause}); give five fields, minute, hour, day of month, month and day of week, as 0 9 * * 1-5"
            );
            fault("expr", message)
        })?;
        let schedule = Self { rule: Rule::Cron(Box::new(cron), zone), missed: Missed::default() };
        if schedule.next_after(SOME_TIME).is_none() {
            return Err(fault("expr", "names a date that never comes; choose a day that the month has"));
        }
        Ok(schedule)
    }

    /// Again and again after so many seconds.
    ///
    /// # Errors
    /// Naming `seconds` when it is not from 10 to 31622400.
    pub fn every(seconds: u64) -> Result<Self, ScheduleFault> {
        if !(SHORTEST..=LONGEST).contains(&seconds) {
            let message = format!("must be from {SHORTEST} to {LONGEST} (366 days)");
            return Err(fault("seconds", message));
        }
        Ok(Self { rule: Rule::Every(Duration::from_secs(seconds)), missed: Missed::default() })
    }

    /// Once, at a time with its offset, as `2027-03-01T09:00:00+01:00`, or at a local time of the zone, as
    /// `2027-03-01T09:00`.
    ///
    /// # Errors
    /// Naming `at` or `zone`: what cannot be read, a local time that the zone skips, and one that it has twice.
    pub fn once(at: &str, zone: &str) -> Result<Self, ScheduleFault> {
        let zone = time_zone(zone)?;
        let at = match Timestamp::from_str(at) {
            Ok(at) => at,
            Err(_) => local_time(at, zone)?,
        };
        Ok(Self { rule: Rule::Once(at), missed: Missed::default() })
    }

    /// With this rule for slots that passed while the server was off.
    pub fn missed(self, missed: Missed) -> Self {
        Self { missed, ..self }
    }

    /// The first slot after `time`.
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Cron(cron, zone) => {
                cron.find_next_occurrence(&in_zone(time, *zone)?, false).ok().map(|slot| moment(&slot))
            }
            Rule::Every(every) => {
                let every = micros(*every);
                Some(Timestamp::from_micros((time.micros().div_euclid(every) + 1).checked_mul(every)?))
            }
            Rule::Once(at) => Some(*at).filter(|at| *at > time),
        }
    }

    /// The last slot that is not after `time`.
    pub(super) fn last_until(&self, time: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Cron(cron, zone) => {
                cron.find_previous_occurrence(&in_zone(time, *zone)?, true).ok().map(|slot| moment(&slot))
            }
            Rule::Every(every) => {
                let every = micros(*every);
                Some(Timestamp::from_micros(time.micros().div_euclid(every).checked_mul(every)?))
            }
            Rule::Once(at) => Some(*at).filter(|at| *at <= time),
        }
    }

    /// The next slots, the first one first.
    pub fn upcoming(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next_after(now), |slot| self.next_after(*slot))
    }
}

/// A time zone by its name.
///
/// # Errors
/// Naming `zone`.
pub fn time_zone(name: &str) -> Result<Tz, ScheduleFault> {
    let unknown = || fault("zone", format!("{name:?} is no time zone; choose one as Europe/Berlin or UTC"));
    Tz::from_str(name).map_err(|_| unknown())
}

fn local_time(text: &str, zone: Tz) -> Result<Timestamp, ScheduleFault> {
    let read = |form| NaiveDateTime::parse_from_str(text, form);
    let local = read("%Y-%m-%dT%H:%M").or_else(|_| read("%Y-%m-%dT%H:%M:%S")).map_err(|_| {
        fault("at", "must be a time as 2027-03-01T09:00 in the zone, or as 2027-03-01T09:00:00+01:00 with its offset")
    })?;
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Ok(moment(&at)),
        LocalResult::None => {
            let message = format!(
                "{text} does not exist in {zone}, where the clocks are put forward over it; choose a time an hour later"
            );
            Err(fault("at", message))
        }
        LocalResult::Ambiguous(first, second) => {
            let message = format!(
                "{text} comes twice in {zone}, where the clocks are put back; say which one: {} or {}",
                first.to_rfc3339(),
                second.to_rfc3339()
            );
            Err(fault("at", message))
        }
    }
}

fn in_zone(time: Timestamp, zone: Tz) -> Option<DateTime<Tz>> {
    DateTime::<Utc>::from_timestamp_micros(time.micros()).map(|time| time.with_timezone(&zone))
}

fn moment(time: &DateTime<Tz>) -> Timestamp {
    Timestamp::from_micros(time.timestamp_micros())
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
