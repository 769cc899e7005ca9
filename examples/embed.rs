//! PMOS inside a program: an account, an automation, a call of its webhook, and what happened.
//!
//! `cargo run --example embed`

use std::{error::Error, sync::Arc};

use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        action::RequestInfo,
        flow::{
            Graph,
            actions::{CreateFlow, PublishFlow},
        },
        identity::SignUp,
        run::{
            InboundRequest,
            actions::{GetRun, ListRuns},
        },
        vault::Secret,
    },
    prelude::*,
    storage::MemoryStore,
};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The ports: an engine with its way out, a store, a key for secrets. Nothing is read from the environment.
    let outbound = Outbound::builder().build()?;
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let pmos = Pmos::builder(Arc::new(MemoryStore::new())).engine(Arc::new(engine)).master_key([7; 32]).build()?;
    // Runs are executed by these; without them nothing moves.
    for job in pmos.background()? {
        tokio::spawn(job);
    }

    let sign_up = SignUp {
        name: "Ada".parse()?,
        email: "ada@example.com".parse()?,
        password: Secret::new("walrus cello tuesday"),
        workspace_name: None,
        invitation: None,
        setup_code: None,
    };
    let ada = pmos.sign_up(sign_up, &RequestInfo::internal(&pmos)?).await?;

    // The host knows who she is, so it vouches for her; she may enter because she belongs to the workspace.
    let principal = pmos.vouch(ada.person.id, Channel::Rust).await?;
    let workspace = principal.memberships()[0].workspace;
    let caller = pmos.enter(&principal, workspace, RequestInfo::internal(&pmos)?).await?;

    let graph: Option<Graph> = Some(serde_json::from_value(json!({
        "steps": [
            {"id": "trigger", "kind": "trigger", "name": "Order received", "piece": "core", "operation": "webhook",
             "settings": {"respond": "at_end"}},
            {"id": "set", "kind": "action", "name": "Compute total", "piece": "core", "operation": "set",
             "settings": {"values": {"total": "{{ trigger.body.qty * 3 }}"}}},
            {"id": "reply", "kind": "action", "name": "Answer", "piece": "core", "operation": "respond",
             "settings": {"status": 200, "body": {"total": "{{ steps.set.total }}"}}}
        ],
        "edges": [
            {"from": "trigger", "port": "next", "to": "set"},
            {"from": "set", "port": "next", "to": "reply"}
        ]
    }))?);
    let create = CreateFlow { name: "Order intake".parse()?, engine: None, graph, template: None };
    let flow = caller.run(create).await?.done()?;
    let flow = caller.run(PublishFlow { flow: flow.id, enable: true, note: None }).await?.done()?;

    // A program that serves HTTP hands a call of the webhook over like this.
    let token = flow.hook_url.as_deref().and_then(|url| url.rsplit('/').next()).ok_or("the flow has no webhook")?;
    let call = InboundRequest {
        method: "POST".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".into())],
        query: None,
        body: r#"{"qty":4}"#.into(),
        body_limit: 1024 * 1024,
        raw: false,
    };
    let answer = pmos.deliver(token, call).await?;
    println!("answered {} {}", answer.status, answer.body);

    let runs = caller.run(ListRuns::default()).await?.done()?;
    let run = caller.run(GetRun { run: runs.items[0].id }).await?.done()?;
    for step in &run.steps {
        let output = step.output.as_ref().map_or("nothing", |output| output.get());
        println!("{}: {output}", step.id);
    }

    pmos.shut_down();
    Ok(())
}
