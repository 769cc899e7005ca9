//! The same promises, of the real server.

use std::time::Duration;

use pmos_connectors::n8n::Limits;
use serde_json::Value;

use crate::{
    behaviours,
    world::{Server, World},
};

fn server() -> Option<Server> {
    let up: Value = serde_json::from_str(&std::env::var("PMOS_TEST_N8N").ok()?).unwrap();
    let text = |name: &str| up[name].as_str().unwrap().to_owned();
    Some(Server { base_url: text("baseUrl"), email: text("email"), password: text("password") })
}

#[test]
fn the_real_n8n_keeps_every_promise() {
    let Some(server) = server() else {
        eprintln!("SKIPPED: the real n8n");
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::of(server, Limits { settle: Duration::from_secs(5), ..Limits::default() });
        macro_rules! run {
            ($($name:ident)*) => {$({
                let begun = std::time::Instant::now();
                behaviours::$name(&world).await;
                eprintln!("{} ({} ms)", stringify!($name), begun.elapsed().as_millis());
            })*};
        }
        for_each_behaviour!(run);
    });
}
