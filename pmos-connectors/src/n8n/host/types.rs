//! What the catalogue asks of a server.

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use pmos_core::{Error, Kind, Result, engine::Tenancy};
use serde_json::Value;

use super::{N8nHost, facts};
use crate::n8n::{
    catalog::{Lookup, NodeTypes, Reply, TypeList},
    client::{
        CREDENTIAL_TYPES, Call, Fault, FaultKind, LOOK_UP_COLUMNS, LOOK_UP_LOCATOR, LOOK_UP_OPTIONS,
        LOOK_UP_OWN_COLUMNS, NODE_TYPES,
    },
};

#[async_trait]
impl NodeTypes for N8nHost {
    async fn version(&self, at: &Tenancy) -> Result<String> {
        let opened = self.open(at)?;
        if !opened.has_account() {
            return Err(without_account());
        }
        facts::version(&opened).await.ok_or_else(|| Fault::from(FaultKind::Unreachable).into())
    }

    async fn list(&self, at: &Tenancy, list: TypeList) -> Result<BoxStream<'static, Result<bytes::Bytes>>> {
        let endpoint = match list {
            TypeList::Nodes => NODE_TYPES,
            TypeList::Credentials => CREDENTIAL_TYPES,
        };
        let arriving = self.open(at)?.open_signed_in(Call::to(endpoint, &[])).await?;
        Ok(arriving.map_err(Error::from).boxed())
    }

    async fn look_up(&self, at: &Tenancy, lookup: Lookup, body: &Value) -> Result<Reply> {
        let endpoint = match lookup {
            Lookup::Options => LOOK_UP_OPTIONS,
            Lookup::Locator => LOOK_UP_LOCATOR,
            Lookup::Mapper => LOOK_UP_COLUMNS,
            Lookup::LocalMapper => LOOK_UP_OWN_COLUMNS,
        };
        match self.open(at)?.signed_in(Call::to(endpoint, &[]).json(body.clone())).await {
            Ok(answer) => Ok(Reply { status: 200, body: answer.into_body() }),
            // It understood the question and says why it has no answer; the catalogue knows what that means.
            Err(Fault { kind: FaultKind::Rejected(_), .. }) => Ok(Reply { status: 400, body: bytes::Bytes::new() }),
            Err(Fault { kind: FaultKind::Failed(_), .. }) => Ok(Reply { status: 500, body: bytes::Bytes::new() }),
            Err(fault) => Err(fault.into()),
        }
    }

    async fn project(&self, at: &Tenancy) -> Result<Option<String>> {
        Ok(self.open(at)?.access.project.clone())
    }
}

fn without_account() -> Error {
    Error::new(
        Kind::Conflict,
        "engine_account_needed",
        "n8n shows what automations can be built of only to an account. An admin has to connect n8n again, with the \
         e-mail and password of one.",
    )
}
