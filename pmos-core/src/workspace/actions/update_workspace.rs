use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kept_here;
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    workspace::{Label, WorkspaceProfile},
};

/// Changes the settings of the workspace; what is left out stays.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateWorkspace {
    /// What people read.
    pub name: Option<Label>,
    /// An IANA zone, as `Europe/Berlin`.
    pub time_zone: Option<String>,
    /// The engine of new automations.
    pub default_engine: Option<String>,
    /// How long runs are kept, 1 to 3650 days.
    #[schemars(range(min = 1, max = 3650))]
    pub retention_days: Option<u32>,
}

#[async_trait]
impl Action for UpdateWorkspace {
    const SPEC: ActionSpec = ActionSpec::write("workspace.update", Method::Patch, "/");
    type Output = WorkspaceProfile;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        kept_here(cx)?;
        let mut profile = Context::found(cx.write().await?.workspace().get().await?)?;
        if let Some(name) = self.name {
            profile.name = name;
        }
        if let Some(zone) = self.time_zone {
            let known: chrono_tz::Tz =
                zone.parse().map_err(|_| Error::invalid("time_zone", "must be an IANA zone like Europe/Berlin"))?;
            known.name().clone_into(&mut profile.time_zone);
        }
        if let Some(engine) = self.default_engine {
            let engine = cx.engines().get(&engine).map_err(|error| error.at("default_engine", "names no engine"))?;
            profile.default_engine.clone_from(&engine.descriptor().name);
        }
        if let Some(days) = self.retention_days {
            if !(1..=3650).contains(&days) {
                return Err(Error::invalid("retention_days", "must be between 1 and 3650"));
            }
            profile.retention_days = days;
        }
        cx.write().await?.workspace().update(&profile).await?;
        cx.about(Subject::new("workspace", profile.id));
        Ok(profile)
    }
}
