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
        action::{Action, ActionSpec, Context, Method, RequestInfo, Table},
        identity::SignUp,
    },
    prelude::*,
    storage::MemoryStore,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

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
        Ok(Greeting { text: format!("Hello {}, this is {}.", self.name, workspace.name) })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let outbound = Outbound::builder().build()?;
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let pmos = Pmos::builder(Arc::new(MemoryStore::new()))
        .engine(Arc::new(engine))
        .master_key([7; 32])
        .actions(Table::with::<Greet>)
        .build()?;

    let sign_up: SignUp = serde_json::from_value(json!({
        "name": "Ada", "email": "ada@example.com", "password": "walrus cello tuesday", "workspace_name": "Workshop",
    }))?;
    let ada = pmos.sign_up(sign_up, &RequestInfo::internal(&pmos)?).await?;
    let principal = pmos.vouch(ada.person.id, Channel::Rust).await?;
    let caller = pmos.enter(&principal, principal.memberships()[0].workspace, RequestInfo::internal(&pmos)?)?;

    // Typed, as Rust does it, and by name with JSON, as the HTTP routes do it. Both pass the same pipeline.
    println!("{}", caller.run(Greet { name: "Ada".to_owned() }).await?.done()?.text);
    println!("{}", caller.call("greetings.say", json!({"name": "Bob"})).await?.done()?);
    let refused = caller.call("greetings.say", json!({"name": "Bob", "loud": true})).await;
    println!("{}", refused.err().map_or_else(String::new, |error| error.to_string()));

    if let Some(entry) = pmos.table().get("greetings.say") {
        println!("{} {}: {}", entry.spec.method.as_str(), entry.spec.full_path(), entry.summary());
    }
    Ok(())
}
