//! An action of your own: one type in the table, and it has permissions, audit, a route and a JSON schema.
//!
//! `cargo run --example own_action`

use std::{error::Error, sync::Arc};

use async_trait::async_trait;
use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        action::{Action, ActionSpec, Context, Method, RequestInfo},
        flow::{Graph, actions::CreateFlow},
        identity::SignUp,
    },
    prelude::*,
    storage::MemoryStore,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What the host gives its actions: here a word, elsewhere a pool or a client.
struct Salutation(&'static str);

/// Says hello to the workspace.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Greet {
    /// Whom to greet.
    name: String,
}

/// What it answers.
#[derive(Debug, Serialize, JsonSchema)]
struct Greeting {
    /// The words.
    text: String,
}

#[async_trait]
impl Action for Greet {
    const SPEC: ActionSpec = ActionSpec::read("greetings.say", Method::Get, "/greetings/{name}").role(Role::Viewer);
    type Output = Greeting;

    async fn run(self, cx: &mut Context<'_>) -> pmos::core::Result<Greeting> {
        // The unit of work is the workspace's own; there is no way to reach another one from here.
        let workspace = Context::found(cx.read().await?.workspace().get().await?)?;
        let Salutation(hello) = cx.state()?;
        Ok(Greeting { text: format!("{hello} {}, this is {}.", self.name, workspace.name) })
    }
}

/// Makes two blank automations, or none.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MakePair {
    /// What both are called.
    name: String,
}

#[async_trait]
impl Action for MakePair {
    const SPEC: ActionSpec = ActionSpec::draft("pairs.make", Method::Post, "/pairs").role(Role::Member);
    type Output = usize;

    async fn run(self, cx: &mut Context<'_>) -> pmos::core::Result<usize> {
        for n in 1..=2 {
            let name = format!("{} {n}", self.name).parse();
            let name = name.map_err(|_| pmos::core::Error::invalid("name", "is no name"))?;
            // Parts of this act: with the rights of its caller, in the same unit of work, each on record.
            cx.run(CreateFlow { name, engine: None, graph: Some(Graph::default()), template: None }).await?;
        }
        Ok(2)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let outbound = Outbound::builder().build()?;
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let pmos = Pmos::builder(Arc::new(MemoryStore::new()))
        .engine(Arc::new(engine))
        .master_key([7; 32])
        .actions(|table| table.with::<Greet>().with::<MakePair>())
        .state(Salutation("Hello"))
        .build()?;

    let sign_up: SignUp = serde_json::from_value(json!({
        "name": "Ada", "email": "ada@example.com", "password": "walrus cello tuesday", "workspace_name": "Workshop",
    }))?;
    let ada = pmos.sign_up(sign_up, &RequestInfo::internal(&pmos)?).await?;
    let principal = pmos.vouch(ada.person.id, Channel::Rust).await?;
    let caller = pmos.enter(&principal, principal.memberships()[0].workspace, RequestInfo::internal(&pmos)?).await?;

    // Typed, as Rust does it, and by name with JSON, as the HTTP routes do it. Both pass the same pipeline.
    println!("{}", caller.run(Greet { name: "Ada".to_owned() }).await?.done()?.text);
    println!("{}", caller.call("greetings.say", json!({"name": "Bob"})).await?.done()?);
    let refused = caller.call("greetings.say", json!({"name": "Bob", "loud": true})).await;
    println!("{}", refused.err().map_or_else(String::new, |error| error.to_string()));

    println!("made {}", caller.run(MakePair { name: "Order".to_owned() }).await?.done()?);

    if let Some(entry) = pmos.table().get("greetings.say") {
        println!("{} {}: {}", entry.spec.method.as_str(), entry.spec.full_path(), entry.summary());
    }
    Ok(())
}
