//! PMOS in a PostgreSQL database that the application uses too: on its connections, in a schema of its own.
//!
//! `cargo run --example shared_database postgres://user@host/database`

use std::{error::Error, sync::Arc};

use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{action::RequestInfo, flow::actions::ListFlows, identity::SignUp, vault::Secret},
    prelude::*,
    storage::PostgresOptions,
};
use sqlx::{Executor as _, postgres::PgPoolOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("say which database: postgres://user@host/database")?;

    // What the application has: connections, and tables whose names PMOS uses as well.
    let pool = PgPoolOptions::new().max_connections(5).connect(&url).await?;
    pool.execute("create temporary table flows (river text, litres bigint)").await?;

    // What an example that was stopped left behind.
    pool.execute("drop schema if exists pmos_example cascade").await?;

    // The schema is made if it is not there, and so are the tables in it; nothing else is touched.
    let store = PostgresOptions::of_host(pool.clone(), "pmos_example".parse()?).open().await?;
    let outbound = Outbound::builder().build()?;
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let pmos = Pmos::builder(Arc::new(store)).engine(Arc::new(engine)).master_key([7; 32]).build()?;

    let sign_up = SignUp {
        name: "Ada".parse()?,
        email: "ada@example.com".parse()?,
        password: Secret::new("walrus cello tuesday"),
        workspace_name: None,
        invitation: None,
        setup_code: None,
    };
    let ada = pmos.sign_up(sign_up, &RequestInfo::internal(&pmos)?).await?;
    let principal = pmos.vouch(ada.person.id, Channel::Rust).await?;
    let caller = pmos.enter(&principal, principal.memberships()[0].workspace, RequestInfo::internal(&pmos)?).await?;
    let flows = caller.run(ListFlows::default()).await?.done()?;
    let tables: i64 =
        sqlx::query_scalar("select count(*) from pg_tables where schemaname = 'pmos_example'").fetch_one(&pool).await?;
    println!("{} automations in a schema of {tables} tables", flows.items.len());

    // The connections stay the application's. An example leaves nothing behind.
    pmos.shut_down();
    pmos.close().await;
    pool.execute("drop schema pmos_example cascade").await?;
    Ok(())
}
