use std::{borrow::Cow, fmt};

use async_trait::async_trait;

use super::{SOON, flow::FollowFlow};
use crate::{FlowId, Result, Timestamp, background::runner::Jobs, job::Job, services::Services};

/// Has each flow followed that is open here.
pub(crate) struct OpenFlows {
    services: Services,
    followed: Jobs<FlowId>,
}

impl OpenFlows {
    pub(crate) fn new(services: Services) -> Self {
        Self { services, followed: Jobs::new() }
    }
}

impl fmt::Debug for OpenFlows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenFlows")
    }
}

#[async_trait]
impl Job for OpenFlows {
    fn key(&self) -> Cow<'static, str> {
        "open flows".into()
    }

    async fn tick(&self, now: Timestamp) -> Result<Timestamp> {
        let open = self.services.watch.open().into_iter();
        let wanted =
            open.map(|(flow, tenancy)| (flow, move || FollowFlow { services: self.services.clone(), flow, tenancy }));
        self.followed.keep(&self.services, wanted.collect());
        Ok(now.plus(SOON))
    }
}
