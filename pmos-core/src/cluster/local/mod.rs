//! The cluster of a single process.

mod bus;
mod leases;
mod queue;

pub(super) use self::{bus::LocalBus, leases::LocalLeases, queue::LocalQueue};
