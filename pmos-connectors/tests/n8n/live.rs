//! The same promises, of the real server.
//!
//! It is started when it is installed (`scripts/n8n.sh install`), and installed when `PMOS_LIVE=1`. `PMOS_TEST_N8N` names
//! one that runs, in the form that `scripts/n8n.sh start` prints, or is `skip`.

use std::time::{Duration, Instant};

use pmos_connectors::n8n::Limits;

use crate::{behaviours, server::Running, world::World};

#[test]
fn the_real_n8n_keeps_every_promise() {
    let Some(running) = Running::find() else {
        eprintln!("SKIPPED: the real n8n; scripts/n8n.sh install installs it, and so does PMOS_LIVE=1");
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let limits = Limits { settle: Duration::from_secs(10), ..Limits::default() };
        let world = World::of(running.server.clone(), limits);
        macro_rules! run {
            ($($name:ident)*) => {$({
                let begun = Instant::now();
                behaviours::$name(&world).await;
                assert!(world.alarm.is_silent(), "{:?}", world.alarm);
                eprintln!("{} ({} ms)", stringify!($name), begun.elapsed().as_millis());
            })*};
        }
        for_each_behaviour!(run);
    });
}
