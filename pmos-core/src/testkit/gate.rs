//! A policy for approvals.

use async_trait::async_trait;

use crate::{
    Result,
    action::{Effect, GatePolicy, Gated, Verdict},
    identity::Principal,
};

/// Lets everything wait that has a live effect.
#[derive(Debug, Default, Clone, Copy)]
pub struct ParkRisky {
    /// What people do by hand too, not only what machines do.
    pub everybody: bool,
}

#[async_trait]
impl GatePolicy for ParkRisky {
    fn concerns(&self, principal: &Principal) -> bool {
        self.everybody || principal.channel.is_autonomous()
    }

    async fn decide(&self, call: Gated<'_>) -> Result<Verdict> {
        Ok(if call.effect >= Effect::Write { Verdict::Park } else { Verdict::Pass })
    }
}
