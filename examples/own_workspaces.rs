//! Workspaces of your own: the host says which there are, how they are set and who belongs to them. PMOS keeps only what people
//! make in them.
//!
//! `cargo run --example own_workspaces`

use std::{error::Error, sync::Arc};

use async_trait::async_trait;
use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        Email, SystemClock,
        action::RequestInfo,
        flow::actions::CreateFlow,
        identity::{Identified, Person},
        vault::Secret,
        workspace::{
            Membership, WorkspaceProfile,
            actions::{GetWorkspace, UpdateWorkspace},
        },
    },
    prelude::*,
    storage::MemoryStore,
};

/// A shop with its people, as the host keeps them. A real one asks its own database.
#[derive(Debug)]
struct Shop {
    owner: Person,
    profile: WorkspaceProfile,
}

#[async_trait]
impl Identity for Shop {
    async fn authenticate(&self, _: &Secret) -> pmos::core::Result<Option<Identified>> {
        // This program knows who is calling, and vouches for them.
        Ok(None)
    }

    async fn people(&self, ids: &[UserId]) -> pmos::core::Result<Vec<Person>> {
        Ok(ids.contains(&self.owner.id).then(|| self.owner.clone()).into_iter().collect())
    }

    async fn by_email(&self, email: &Email) -> pmos::core::Result<Option<Person>> {
        Ok((self.owner.email.key() == email.key()).then(|| self.owner.clone()))
    }
}

#[async_trait]
impl Workspace for Shop {
    async fn memberships(&self, user: UserId) -> pmos::core::Result<Vec<Membership>> {
        let own = Membership { workspace: self.profile.id, role: Role::WorkspaceAdmin };
        Ok((user == self.owner.id).then_some(own).into_iter().collect())
    }

    async fn profiles(&self, workspaces: &[WorkspaceId]) -> pmos::core::Result<Vec<WorkspaceProfile>> {
        Ok(workspaces.contains(&self.profile.id).then(|| self.profile.clone()).into_iter().collect())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Ids are UUIDs with a prefix; keep them with the row of your customer, or derive them from the id it has.
    let owner = Person {
        id: "usr_018f0000000070008000000000000001".parse()?,
        name: "Grace".parse()?,
        email: "grace@example.com".parse()?,
        super_admin: false,
    };
    let id = "ws_018f0000000070008000000000000002".parse()?;
    let profile =
        WorkspaceProfile::new(id, "Grace's flowers".parse()?, "embedded", pmos::core::Clock::now(&SystemClock));
    let (user, shop) = (owner.id, Arc::new(Shop { owner, profile }));

    let outbound = Outbound::builder().build()?;
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let pmos = Pmos::builder(Arc::new(MemoryStore::new()))
        .engine(Arc::new(engine))
        .identity(shop.clone())
        .workspaces(shop)
        .master_key([7; 32])
        .build()?;

    // The first who enters a workspace makes its place in the store; nothing has to be told before.
    let principal = pmos.vouch(user, Channel::Rust).await?;
    let caller = pmos.enter(&principal, id, RequestInfo::internal(&pmos)?).await?;
    println!("in {}", caller.run(GetWorkspace {}).await?.done()?.name);
    let create = CreateFlow { name: "Restock".parse()?, engine: None, graph: None, template: None };
    println!("made the automation {}", caller.run(create).await?.done()?.name);

    let rename = UpdateWorkspace { name: Some("Mine".parse()?), ..UpdateWorkspace::default() };
    let refused = caller.run(rename).await;
    println!("renaming it at PMOS: {}", refused.err().map_or("done", |error| error.code()));

    // When the host has removed it on its own side, what PMOS has of it goes too; only its audit stays.
    pmos.remove_workspace(id, &RequestInfo::internal(&pmos)?).await?;
    Ok(())
}
