//! The routes of PMOS inside an axum application of your own, beside its own routes.
//!
//! `cargo run --example mount_router`

use std::{error::Error, net::SocketAddr, sync::Arc};

use axum::{Router, routing::get};
use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    prelude::*,
    storage::MemoryStore,
};
use pmos_server::RouterConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let outbound = Outbound::builder().build()?;
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(outbound));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let pmos = Pmos::builder(Arc::new(MemoryStore::new()))
        .engine(Arc::new(engine))
        .master_key([7; 32])
        // Webhook addresses and invitation links begin with it.
        .public_url(format!("http://{address}"))
        .build()?;
    for job in pmos.background()? {
        tokio::spawn(job);
    }

    // PMOS keeps /api/v1, /hooks and its pages; whatever else the application has goes first.
    let app = Router::new()
        .route("/shop", get(async || "the application's own page"))
        .fallback_service(pmos_server::router(pmos.clone(), RouterConfig::default()));
    // PMOS throttles by address, so it has to see where a connection comes from.
    let serving = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>());
    let server = tokio::spawn(async move { serving.await });

    for path in ["/shop", "/healthz", "/api/v1/bootstrap", "/api/v1/me"] {
        println!("{path}: {}", ask(address, path).await?);
    }

    server.abort();
    pmos.shut_down();
    Ok(())
}

/// The last line of an answer: a client for four requests to oneself.
async fn ask(address: SocketAddr, path: &str) -> Result<String, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.lines().last().unwrap_or_default().to_owned())
}
