//! Starting a run. n8n's public API cannot; there are three other ways.
//!
//! | way | runs | tells the run's id | tells its steps |
//! |---|---|---|---|
//! | MCP, with a key of its own | the live version, or the draft | yes | when it has ended |
//! | as n8n's own editor does, in a session | the draft | yes | while it is at work |
//! | a call of the production webhook | the live version | no; it is looked for | when it has ended |

use pmos_core::{
    Error, Result,
    engine::{Begun, ExternalId, RemoteStart},
};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use super::{
    super::client::{
        Auth, Call, DELETE_WEBHOOK, Execution, Fault, FaultKind, GET_WEBHOOK, LIST_EXECUTIONS, MCP_ACCESS,
        PATCH_WEBHOOK, POST_WEBHOOK, PUT_WEBHOOK, Page, RUN_WORKFLOW, Started, Wrapped,
    },
    N8nHost, live,
    runs::{Data, execution},
    steps,
    tenancy::OpenTenancy,
    workflow::{Read, Webhook},
};
use crate::upstream::Endpoint;

/// How many of the newest runs are looked at for the one that was started.
const LOOKED_AT: usize = 10;

/// The node that a run begins at.
struct Trigger<'a> {
    name: &'a str,
    kind: &'a str,
}

impl N8nHost {
    pub(super) async fn begin(
        &self,
        opened: &OpenTenancy<'_>,
        flow: &ExternalId,
        order: &RemoteStart,
    ) -> Result<Begun> {
        let read = self.found(opened, flow).await?;
        let live = read.active_version.as_ref().filter(|_| read.listed.active);
        let nodes = match (order.draft, live) {
            (true, _) => &read.body.nodes,
            (false, Some(version)) => &version.nodes,
            (false, None) => {
                return Err(Error::conflict("not_published", "Publish the automation first, or run its draft."));
            }
        };
        let trigger = trigger(nodes).ok_or_else(|| Error::unsupported("starting an automation without a trigger"))?;
        let same = read.listed.version_id == read.listed.active_version_id;
        let input = given(&trigger, order);

        if (order.draft || same && !opened.can_use_mcp()) && opened.has_account() {
            return self.as_the_editor(opened, flow, nodes, &trigger, &input).await;
        }
        let mode = if order.draft { "manual" } else { "production" };
        match self.by_mcp(opened, &read, mode, &trigger, &input).await {
            Ok(run) => return Ok(Some(run).into()),
            Err(fault) if fault.kind == FaultKind::TimedOut => return Err(fault.into()),
            Err(fault) => tracing::debug!(fault = fault.kind.name(), "n8n starts no run by MCP; another way is taken"),
        }
        if (order.draft || same) && opened.has_account() {
            return self.as_the_editor(opened, flow, nodes, &trigger, &input).await;
        }
        match Webhook::of_nodes(nodes) {
            Some(hook) if !order.draft => self.by_webhook(opened, flow, &hook, order, &input).await.map(Begun::from),
            _ => Err(Error::unsupported(
                "starting this automation from here; connect n8n with an account, or give the automation a webhook",
            )),
        }
    }

    /// n8n tells its editor of each step, over a socket that is opened before the run begins.
    async fn as_the_editor(
        &self,
        opened: &OpenTenancy<'_>,
        flow: &ExternalId,
        nodes: &[Map<String, Value>],
        trigger: &Trigger<'_>,
        input: &Value,
    ) -> Result<Begun> {
        let mut start = json!({"name": trigger.name});
        if !input.is_null() {
            // What the trigger would have given; without it n8n would wait for a call.
            start["data"] = json!({
                "startTime": self.clock.now().micros() / 1_000, "executionTime": 0, "executionIndex": 0, "source": [],
                "executionStatus": "success", "data": {"main": [[{"json": input}]]},
            });
        }
        // Knowing it is enough to listen, too.
        let reference = self.random_uuid()?.to_string();
        let pushes = opened.listen(&reference).await?;
        let call = Call::to(RUN_WORKFLOW, &[flow.as_str()]).json(json!({"triggerToStartFrom": start}));
        let call = if pushes.is_some() { call.header("push-ref", reference) } else { call };
        let started: Wrapped<Started> = opened.signed_in(call).await?.json()?;
        let run = started.data.execution_id;
        let number = run.as_ref().and_then(|run| run.parse().ok());
        let steps = number.zip(pushes).map(|(number, pushes)| live::steps_of(number, steps::ids(nodes), pushes));
        Ok(Begun { run: run.map(ExternalId::new), steps })
    }

    async fn by_mcp(
        &self,
        opened: &OpenTenancy<'_>,
        read: &Read,
        mode: &str,
        trigger: &Trigger<'_>,
        input: &Value,
    ) -> Result<ExternalId, Fault> {
        let key = opened.access.mcp_key.as_ref().ok_or(FaultKind::Absent)?;
        if read.body.settings.get("availableInMCP") != Some(&Value::Bool(true)) {
            let access = json!({"availableInMCP": true, "workflowIds": [read.listed.id]});
            opened.signed_in(Call::to(MCP_ACCESS, &[]).json(access)).await?;
        }
        let mut arguments =
            json!({"workflowId": read.listed.id, "executionMode": mode, "triggerNodeName": trigger.name});
        match trigger.kind {
            WEBHOOK => {
                let mut call = json!({"method": "POST", "body": input["body"]});
                for part in ["query", "headers"] {
                    if input[part].is_object() {
                        call[part] = input[part].clone();
                    }
                }
                arguments["inputs"] = json!({"webhookData": call});
            }
            FORM => arguments["inputs"] = json!({"formData": input}),
            CHAT => arguments["inputs"] = json!({"chatInput": input["chatInput"]}),
            _ => {}
        }
        let answer = self.client.tool(&opened.site, key, "execute_workflow", arguments).await?;
        let run = answer.get("executionId").and_then(Value::as_str);
        run.map(ExternalId::new).ok_or_else(|| FaultKind::Rejected(String::new()).into())
    }

    /// The answer of a webhook does not tell the run, and may come only when the run has ended. So it is not waited for
    /// long, and the run is found by our id, which it carries.
    async fn by_webhook(
        &self,
        opened: &OpenTenancy<'_>,
        flow: &ExternalId,
        hook: &Webhook,
        order: &RemoteStart,
        input: &Value,
    ) -> Result<Option<ExternalId>> {
        let limits = self.client.limits();
        let paths = [&*hook.path];
        let mut call = Call::to(endpoint(hook)?, &paths).header(steps::RUN_HEADER, order.run.to_string());
        if let Some(query) = input["query"].as_object() {
            for (name, value) in query {
                call = call.query(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
        }
        if !matches!(&*hook.method, "GET") {
            call = call.json(input["body"].clone());
        }
        match self.client.send(&opened.site, Auth::None, call.within(limits.settle)).await {
            // Whatever the automation answers is its own affair.
            Ok(_) => {}
            Err(fault) => match fault.kind {
                FaultKind::TimedOut
                | FaultKind::Failed(_)
                | FaultKind::Garbled
                | FaultKind::TooLarge
                | FaultKind::Starting => {}
                FaultKind::NotFound => {
                    return Err(Error::conflict("not_published", "The webhook of the automation is not live yet."));
                }
                _ => return Err(fault.into()),
            },
        }
        let end = Instant::now() + limits.settle;
        loop {
            if let Some(run) = self.that_carries(opened, flow, order).await? {
                return Ok(Some(run));
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            sleep(limits.look).await;
        }
    }

    async fn that_carries(
        &self,
        opened: &OpenTenancy<'_>,
        flow: &ExternalId,
        order: &RemoteStart,
    ) -> Result<Option<ExternalId>, Fault> {
        for status in [None, Some("running")] {
            let call = Call::to(LIST_EXECUTIONS, &[]).query("workflowId", flow.as_str());
            let call = status.into_iter().fold(call, |call, status| call.query("status", status));
            let page: Page<Execution> = opened.by_key(call.query("limit", LOOKED_AT.to_string())).await?.json()?;
            for run in page.data.into_iter().filter(|run| run.workflow_id == flow.as_str()) {
                let run = execution(opened, run.id, Some(Data::Whole)).await?;
                if let Some(run) = run.filter(|run| steps::carried(run) == Some(order.run)) {
                    return Ok(Some(ExternalId::new(run.id.to_string())));
                }
            }
        }
        Ok(None)
    }
}

const WEBHOOK: &str = "n8n-nodes-base.webhook";
/// What came before the manual trigger.
const START: &str = "n8n-nodes-base.start";
const FORM: &str = "n8n-nodes-base.formTrigger";
const CHAT: &str = "@n8n/n8n-nodes-langchain.chatTrigger";

fn trigger(nodes: &[Map<String, Value>]) -> Option<Trigger<'_>> {
    let mut found: Vec<Trigger<'_>> = nodes
        .iter()
        .filter(|node| !node.get("disabled").and_then(Value::as_bool).unwrap_or_default())
        .filter_map(|node| Some(Trigger { name: node.get("name")?.as_str()?, kind: node.get("type")?.as_str()? }))
        .filter(|trigger| trigger.kind == WEBHOOK || trigger.kind == START || trigger.kind.ends_with("Trigger"))
        .collect();
    found.sort_by_key(|trigger| match trigger.kind {
        WEBHOOK => 0,
        "n8n-nodes-base.manualTrigger" => 1,
        FORM | CHAT => 2,
        _ => 3,
    });
    found.into_iter().next()
}

/// What the trigger gives: a webhook gives a call, everything else what it was given.
fn given(trigger: &Trigger<'_>, order: &RemoteStart) -> Value {
    let nothing = match &order.input {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if trigger.kind != WEBHOOK {
        return if nothing { Value::Null } else { order.input.clone() };
    }
    let mut call = match &order.input {
        Value::Object(call) if call.contains_key("body") => call.clone(),
        Value::Null => Map::from_iter([("body".to_owned(), json!({}))]),
        body => Map::from_iter([("body".to_owned(), body.clone())]),
    };
    let headers = call.entry("headers").or_insert_with(|| json!({}));
    if let Value::Object(headers) = headers {
        headers.insert(steps::RUN_HEADER.to_owned(), json!(order.run));
    }
    call.entry("query").or_insert_with(|| json!({}));
    call.entry("params").or_insert_with(|| json!({}));
    Value::Object(call)
}

fn endpoint(hook: &Webhook) -> Result<Endpoint> {
    Ok(match &*hook.method {
        "GET" => GET_WEBHOOK,
        "POST" => POST_WEBHOOK,
        "PUT" => PUT_WEBHOOK,
        "PATCH" => PATCH_WEBHOOK,
        "DELETE" => DELETE_WEBHOOK,
        _ => return Err(Error::unsupported("starting an automation by a webhook with this method")),
    })
}
