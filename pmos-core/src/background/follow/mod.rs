//! Follows engines that keep flows and runs themselves: what is open every second, everything else in rounds.

mod flow;
mod flows;
mod tenancies;
mod tenancy;

use std::time::Duration;

pub(super) use self::{flows::OpenFlows, tenancies::Tenancies};

/// How often open flows are looked at, and tenancies where runs are at work.
const SOON: Duration = Duration::from_secs(1);
