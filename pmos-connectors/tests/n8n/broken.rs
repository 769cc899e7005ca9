//! The adapter against servers that do everything wrong.

use std::sync::Arc;

use pmos_connectors::{
    n8n::{N8nConfig, N8nHost},
    upstream::Limits,
};
use pmos_core::{
    NoObserver, SystemClock, WorkspaceId,
    engine::{FlowHost, Login, Tenancy, Wall},
    flow::Document,
    vault::Secret,
};
use serde_json::json;

use crate::{
    server::Server,
    upstream::{Adapter, Broken, Wrong, broken_server_suite},
    world::{config, document, echo},
};

struct N8n;

broken_server_suite!(N8n);

impl Adapter for N8n {
    fn host(&self, operator: Option<&str>, limits: Limits) -> Box<dyn FlowHost> {
        let config = match operator {
            Some(base_url) => {
                let (email, password) = ("owner@example.test".to_owned(), "Owner-Passw0rd1".to_owned());
                config(&Server { base_url: base_url.to_owned(), email, password }, limits)
            }
            None => N8nConfig { limits, ..N8nConfig::default() },
        };
        Box::new(N8nHost::new(config, Arc::new(SystemClock), Arc::new(NoObserver)).unwrap())
    }

    fn tenancy(&self, workspace: WorkspaceId, base_url: &str) -> Tenancy {
        let access = json!({"api_key": "k", "email": "ws@pmos.invalid", "password": "p", "project": "P", "user": "U", "mcp_key": "m"});
        let (instance, access) = (base_url.to_owned(), Secret::new(access.to_string()));
        Tenancy { workspace, instance, wall: Wall::User, access }
    }

    fn login(&self) -> Login {
        [("api_key", Secret::new("k"))].into_iter().collect()
    }

    fn document(&self) -> Document {
        document(&echo("x"))
    }

    fn code(&self, wrong: Wrong) -> &'static str {
        match wrong {
            // While it starts, it answers everything with a page.
            Wrong::Page => "engine_starting",
            wrong => wrong.code(),
        }
    }

    /// What a server forbids is another workspace's, and is as if it were not there; of an answer that says nothing,
    /// nothing can be wrong but its form.
    fn is_harmless(&self, wrong: Wrong, call: &str) -> bool {
        match wrong {
            Wrong::Forbids => matches!(call, "delete" | "fetch" | "run" | "delete credential"),
            Wrong::OtherJson | Wrong::BrokenUtf8 => matches!(call, "cancel" | "delete credential"),
            _ => false,
        }
    }
}

#[tokio::test]
async fn repeating_calls_adds_a_tenth_at_most() {
    let broken = Broken::start(Wrong::Denies).await;
    let (host, tenancy) = (broken.host(&N8n), broken.tenancy(&N8n));
    for _ in 0..50 {
        host.flows(&tenancy).await.unwrap_err();
    }
    assert_eq!(broken.requests(), 50, "what a key may not do is not asked again");
    let failing = Broken::start(Wrong::Fails).await;
    let (host, tenancy) = (failing.host(&N8n), failing.tenancy(&N8n));
    for _ in 0..3 {
        host.create(&tenancy, "x", &document(&echo("x"))).await.unwrap_err();
    }
    assert_eq!(failing.requests(), 3, "a write is sent once");
}
