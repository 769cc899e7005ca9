use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::own_account;
use crate::{
    Error, Result,
    action::{Action, ActionSpec, Channels, Context, Method},
    audit::Subject,
    vault::Secret,
};

/// Opens what needs a fresh password for ten minutes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUp {
    /// The password of the account.
    pub password: Secret,
}

#[async_trait]
impl Action for StepUp {
    const SPEC: ActionSpec = ActionSpec::write("me.step_up", Method::Post, "/api/v1/me/step-up")
        .person()
        .channels(Channels::HANDS)
        .changes_rights()
        .empty();
    type Output = ();

    async fn run(self, cx: &mut Context<'_>) -> Result<()> {
        let (accounts, person) = own_account(cx)?;
        let Some(session) = cx.principal().session() else {
            return Err(Error::unsupported("giving the password again without a session of PMOS"));
        };
        cx.about(Subject::new("user", person.id));
        accounts.prove(&person.email, self.password, Self::SPEC.name, cx.request()).await?;
        let renewed = accounts.renewed(cx.now())?;
        renewed.keep(cx.system().await?.sessions(), session).await?;
        cx.renew_session(renewed.token);
        Ok(())
    }
}
