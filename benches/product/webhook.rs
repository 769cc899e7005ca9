//! webhook → set → respond, durable, against the real server.

use std::time::Instant;

use crate::{
    SPAN,
    client::{Load, load},
    server::{Account, Server, program},
};

pub(crate) async fn measure() {
    let begun = Instant::now();
    let server = Server::start(None);
    println!("start to ready: {} ms", begun.elapsed().as_millis());
    println!("idle: {:.1} MB resident", server.rss_mb());
    println!("binary: {:.1} MB", std::fs::metadata(program()).unwrap().len() as f64 / 1e6);
    let request = [Account::sign_up(server.address, "ada").await.order().await];
    for clients in [1, 8, 32, 32, 32, 50] {
        let before = server.cpu_ms();
        let Load { per_second, p50, p99, count } = load(server.address, clients, SPAN, &request).await;
        let cpu = (server.cpu_ms() - before) / count as f64;
        println!("webhook, {clients:2} clients: {per_second:6.0}/s  p50 {p50:?}  p99 {p99:?}  {cpu:.3} ms CPU per run");
    }
    println!("after the load: {:.1} MB resident", server.rss_mb());
}
