//! Taking flows live and off again, until it is true.
//!
//! n8n says yes at once, and registers or forgets webhooks a while later.

use pmos_core::{
    Error, Result,
    engine::{ExternalId, RemoteFlow, RemoteVersion},
};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{
    super::client::{ACTIVATE, ASK_WEBHOOK, Auth, Call, Fault, FaultKind},
    N8nHost, refusal,
    tenancy::OpenTenancy,
    workflow::{Body, Webhook},
};

impl N8nHost {
    pub(super) async fn take_live(
        &self,
        opened: &OpenTenancy<'_>,
        flow: &ExternalId,
        enable: bool,
        note: Option<&str>,
    ) -> Result<RemoteFlow> {
        let _turn = self.turn(opened, flow).await;
        let read = self.found(opened, flow).await?;
        let version = read.listed.version_id.clone();
        if !enable && !read.listed.active {
            // n8n knows no published version of a workflow that is off; it gets this one when it is switched on.
            let document = read.body.clone().write()?;
            let published = version.map(|id| RemoteVersion { id: ExternalId::new(id), document });
            return Ok(RemoteFlow { published, ..self.flow(opened, read)? });
        }
        self.activate(opened, flow, version.as_deref(), note, &read.body).await
    }

    pub(super) async fn switch(
        &self,
        opened: &OpenTenancy<'_>,
        flow: &ExternalId,
        version: Option<&ExternalId>,
        enabled: bool,
    ) -> Result<RemoteFlow> {
        let _turn = self.turn(opened, flow).await;
        let read = self.found(opened, flow).await?;
        if enabled {
            let version = version.map(ExternalId::as_str).or(read.listed.version_id.as_deref()).map(str::to_owned);
            return self.activate(opened, flow, version.as_deref(), None, &read.body).await;
        }
        let live: Vec<_> = read.active_version.iter().flat_map(|version| hooks(&version.nodes)).collect();
        self.deactivate(opened, flow).await?;
        let gone = self.settled(opened, &live, false).await?;
        let flow = self.flow(opened, self.found(opened, flow).await?)?;
        Ok(RemoteFlow { enabled: flow.enabled || !gone, ..flow })
    }

    async fn activate(
        &self,
        opened: &OpenTenancy<'_>,
        flow: &ExternalId,
        version: Option<&str>,
        note: Option<&str>,
        body: &Body,
    ) -> Result<RemoteFlow> {
        let mut order = json!({});
        if let Some(version) = version {
            order["versionId"] = json!(version);
        }
        if let Some(note) = note {
            order["description"] = json!(note);
        }
        match opened.by_key(Call::to(ACTIVATE, &[flow.as_str()]).json(order)).await {
            Ok(_) => {}
            Err(Fault { kind: FaultKind::NotFound, .. }) if self.read(opened, flow).await?.is_some() => {
                return Err(Error::conflict("conflict", "n8n does not have this version any more. Publish the draft."));
            }
            Err(fault) if opened.ownership.hides(&fault) => return Err(Error::not_found()),
            Err(fault) => return Err(refusal::of_publishing(fault, body)),
        }
        let read = self.found(opened, flow).await?;
        let live: Vec<_> = read.active_version.iter().flat_map(|version| hooks(&version.nodes)).collect();
        let settled = self.settled(opened, &live, true).await?;
        let flow = self.flow(opened, read)?;
        Ok(RemoteFlow { enabled: flow.enabled && settled, ..flow })
    }

    /// Waits until all webhooks are live, or none is; whether that came true in time.
    async fn settled(&self, opened: &OpenTenancy<'_>, hooks: &[Webhook], live: bool) -> Result<bool, Fault> {
        let limits = self.client.limits();
        let end = Instant::now() + limits.settle;
        for hook in hooks {
            while self.is_live(opened, hook).await? != live {
                if Instant::now() >= end {
                    return Ok(false);
                }
                sleep(limits.look).await;
            }
        }
        Ok(true)
    }

    /// Asks as a browser asks before it calls from another page: only the answer for a webhook that is registered names
    /// methods, and nothing is started.
    async fn is_live(&self, opened: &OpenTenancy<'_>, hook: &Webhook) -> Result<bool, Fault> {
        let paths = [&*hook.path];
        let call = Call::to(ASK_WEBHOOK, &paths)
            .header("origin", opened.site.as_str())
            .header("access-control-request-method", &*hook.method);
        match self.client.send(&opened.site, Auth::None, call).await {
            Ok(answer) => {
                let methods = answer.header("access-control-allow-methods");
                Ok(methods.split(',').any(|named| named.trim().eq_ignore_ascii_case(&hook.method)))
            }
            Err(Fault { kind: FaultKind::NotFound | FaultKind::Absent, .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }
}

fn hooks(nodes: &[serde_json::Map<String, serde_json::Value>]) -> Vec<Webhook> {
    nodes.iter().filter_map(Webhook::of).collect()
}
