use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EngineView, subject};
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Channels, Context, Intent, Method},
    audit::Subject,
    cluster::Hint,
    engine::{EngineState, Login, OwnCredentials, Provisioning, found, hosting, state_event},
    flow::Field,
    store::TenancyRow,
};

/// Gives the workspace a tenancy at a remote engine: one that is made for it, or one it has a key to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ConnectEngine {
    /// Which.
    pub engine: String,
    /// Have a place made on the operator's server.
    #[serde(default)]
    pub provision: bool,
    /// The address of the workspace's own server.
    #[serde(default)]
    pub base_url: Option<String>,
    /// What opens it: the fields that the engine lists as its `login`.
    #[serde(flatten)]
    pub login: Login,
}

impl ConnectEngine {
    fn provisioning(self, declared: &[Field]) -> Result<Provisioning> {
        match self.base_url {
            Some(_) if self.provision => {
                Err(Error::invalid("base_url", "have a place made or bring your own, not both"))
            }
            Some(base_url) => OwnCredentials::new(declared, base_url, self.login).map(Provisioning::OwnCredentials),
            None if self.provision => Ok(Provisioning::Managed),
            None => Err(Error::invalid("base_url", "is missing; give the address of your server")),
        }
    }
}

#[async_trait]
impl Action for ConnectEngine {
    const SPEC: ActionSpec =
        ActionSpec::write("engines.connect", Method::Put, "/engines/{engine}").channels(Channels::PROGRAMS);
    type Output = EngineView;

    fn subject(&self) -> Option<Subject> {
        Some(subject(&self.engine))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let engine = hosting::remote(cx, &self.engine)?;
        let name = self.engine.clone();
        let how = self.provisioning(&hosting::login(&*engine))?;
        let scope = cx.scope()?;
        let before = cx.read().await?.engines().tenancy(&name).await?;
        let mut outward = cx.outward(Intent::begun()).await?;
        let host = outward.host(&*engine)?;
        let tenancy = host.join(scope.workspace(), &how).await?;
        if before.as_ref().is_some_and(|before| before.instance != tenancy.instance) {
            let message = "The workspace is connected to another server. Disconnect it there first.";
            return Err(Error::conflict("connected_elsewhere", message));
        }
        let health = host.check(&tenancy).await;
        let access = outward.seal_access(&scope, &name, &tenancy.access).await?;
        cx.lock_tenancies().await?;
        let row = TenancyRow {
            engine: name.clone(),
            instance: tenancy.instance,
            wall: tenancy.wall,
            access,
            state: EngineState::ActionNeeded,
            facts: Vec::new(),
            version: None,
            runs_after: before.as_ref().and_then(|before| before.runs_after.clone()),
            connected_at: before.map_or(cx.now(), |before| before.connected_at),
        };
        let row = found(row, health);
        let now = cx.now();
        let shown = hosting::view(&*engine, &cx.outward(Intent::begun()).await?, Some(row.clone()), now);
        cx.write().await?.engines().put_tenancy(&row).await?;
        cx.emit(state_event(&row, cx.now()));
        cx.hint(Hint::Tenancy(scope.workspace(), name));
        Ok(shown)
    }
}
