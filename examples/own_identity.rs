//! Users of your own: PMOS asks the host who a caller is, and keeps no account, password or session itself.
//!
//! `cargo run --example own_identity`

use std::{error::Error, sync::Arc};

use async_trait::async_trait;
use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        Email,
        action::RequestInfo,
        flow::actions::CreateFlow,
        identity::{Identified, Person},
        vault::Secret,
        workspace::actions::CreateWorkspace,
    },
    prelude::*,
    storage::MemoryStore,
};

/// The people of the host. A real one asks its own database or checks a token it issued.
#[derive(Debug)]
struct Staff(Vec<(&'static str, Person)>);

#[async_trait]
impl Identity for Staff {
    async fn authenticate(&self, token: &Secret) -> pmos::core::Result<Option<Identified>> {
        let known = self.0.iter().find(|(badge, _)| *badge == token.expose());
        Ok(known.map(|(_, person)| Identified { person: person.clone(), session: None, stepped_up_until: None }))
    }

    async fn people(&self, ids: &[UserId]) -> pmos::core::Result<Vec<Person>> {
        Ok(self.0.iter().map(|(_, person)| person).filter(|person| ids.contains(&person.id)).cloned().collect())
    }

    async fn by_email(&self, email: &Email) -> pmos::core::Result<Option<Person>> {
        Ok(self.0.iter().map(|(_, person)| person).find(|person| person.email.key() == email.key()).cloned())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // An id is a UUID with a prefix; keep it with the person, or derive it from the id you have.
    let grace = Person {
        id: "usr_018f0000000070008000000000000001".parse()?,
        name: "Grace".parse()?,
        email: "grace@example.com".parse()?,
        super_admin: false,
    };
    let id = grace.id;
    let staff = Staff(vec![("badge-17", grace)]);
    let outbound = Outbound::builder().build()?;
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let pmos = Pmos::builder(Arc::new(MemoryStore::new()))
        .engine(Arc::new(engine))
        .identity(Arc::new(staff))
        .master_key([7; 32])
        .build()?;

    // A person who shows a badge, as a request would.
    let badge = Secret::new("badge-17");
    let principal = pmos.authenticate(Presented::Session(&badge)).await?;
    let admin = pmos.welcome(&principal, RequestInfo::internal(&pmos)?);
    let workspace = admin.run(CreateWorkspace { name: "Workshop".parse()? }).await?.done()?;
    println!("{} founded {}", principal.person.as_ref().map_or("a key", |person| person.name.as_str()), workspace.name);

    // Or a person the host knows already. Their memberships are read anew, so the new workspace is among them.
    let principal = pmos.vouch(id, Channel::Rust).await?;
    let caller = pmos.enter(&principal, workspace.id, RequestInfo::internal(&pmos)?).await?;
    let create = CreateFlow { name: "Blank".parse()?, engine: None, graph: None, template: None };
    println!("made the automation {}", caller.run(create).await?.done()?.name);

    let stranger = Secret::new("badge-99");
    let refused = pmos.authenticate(Presented::Session(&stranger)).await;
    println!("an unknown badge: {}", refused.err().map_or("let in", |error| error.code()));
    Ok(())
}
