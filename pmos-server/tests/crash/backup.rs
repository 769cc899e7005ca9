//! A copy of the store is made while people write: what was answered before it is in the copy, and no write waits.

use std::sync::{Arc, Mutex};

use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    person::{Person, order_intake},
    program::{Program, run},
    writes::{Shared, check, write},
};

const CLIENTS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_while_people_write_is_whole_and_holds_what_was_answered_before() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &[]);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let (_, hook) = ada.publish("Order intake", &order_intake()).await;
    let known = Shared::default();
    let (acked, mut acks) = mpsc::unbounded_channel();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(write(ada.clone(), hook.clone(), client.to_string(), known.clone(), acked.clone()));
    }
    drop(acked);
    for round in 0..3 {
        for _ in 0..50 {
            acks.recv().await.unwrap();
        }
        while acks.try_recv().is_ok() {}
        let before = known.lock().unwrap().clone();
        let copy = data.path().join(format!("copy {round}.db"));
        let (at, to) = (data.path().to_owned(), copy.to_str().unwrap().to_owned());
        let written = tokio::task::spawn_blocking(move || run(&at, &["backup", &to])).await.unwrap();
        assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
        assert!(acks.try_recv().is_ok(), "there was no write meanwhile");

        let elsewhere = tempfile::tempdir().unwrap();
        let restored = run(elsewhere.path(), &["restore", copy.to_str().unwrap()]);
        assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
        std::fs::copy(data.path().join("master.key"), elsewhere.path().join("master.key")).unwrap();
        let second = Program::start(elsewhere.path(), &[]);
        // Among what it checks is the chain of the audit trail.
        check(&ada.at(&second.url), &Arc::new(Mutex::new(before))).await;
        second.stop();
    }
    program.kill();
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let program = Program::start(data.path(), &[]);
    check(&ada.at(&program.url), &known).await;
}
