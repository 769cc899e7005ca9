//! Twenty times the program is killed while people write: nothing that was answered is lost, nothing is there by half.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    person::{Person, order_intake},
    program::{Program, command},
};

const ROUNDS: usize = 20;
const CLIENTS: usize = 6;

/// What was answered.
#[derive(Default, Clone)]
pub(crate) struct Known {
    /// Flows, by their id, with the name they were last given.
    pub(crate) flows: BTreeMap<String, String>,
    /// Runs, by their id, with what they answered.
    pub(crate) runs: BTreeMap<String, Value>,
}

pub(crate) type Shared = Arc<Mutex<Known>>;

/// Makes flows, renames them and calls a webhook, until there is no answer any more.
pub(crate) async fn write(person: Person, hook: String, who: String, known: Shared, acked: mpsc::UnboundedSender<()>) {
    for n in 0_u64.. {
        let Ok(made) = person.ask("POST", "flows", &json!({ "name": format!("{who} {n}") })).await else { return };
        assert_eq!(made.status, 201, "{}", made.body);
        let flow = made.json()["id"].as_str().unwrap().to_owned();
        known.lock().unwrap().flows.insert(flow.clone(), format!("{who} {n}"));
        let _ = acked.send(());

        let name = format!("{who} {n} renamed");
        let Ok(edited) = person.ask("PATCH", &format!("flows/{flow}"), &json!({ "name": name })).await else { return };
        assert_eq!(edited.status, 200, "{}", edited.body);
        known.lock().unwrap().flows.insert(flow, name);
        let _ = acked.send(());

        let Ok(answered) = person.hook(&hook, &json!({ "qty": n })).await else { return };
        assert_eq!(answered.status, 200, "{}", answered.body);
        let answer = answered.json();
        assert_eq!(answer["total"], n * 3);
        known.lock().unwrap().runs.insert(answer["run"].as_str().unwrap().to_owned(), answer);
        let _ = acked.send(());
    }
}

/// Everything that was answered is there, whole.
pub(crate) async fn check(person: &Person, known: &Shared) {
    let flows = person.all("flows").await;
    let found: BTreeMap<_, _> = flows.iter().map(|flow| (flow["id"].as_str().unwrap(), flow)).collect();
    let runs: BTreeMap<_, _> =
        person.all("runs").await.into_iter().map(|run| (run["id"].as_str().unwrap().to_owned(), run)).collect();
    {
        let known = known.lock().unwrap();
        for (id, name) in &known.flows {
            let flow = found.get(id.as_str()).unwrap_or_else(|| panic!("{name} is lost"));
            // The next name may have been written and its answer lost.
            let last = flow["name"].as_str().unwrap();
            assert!(last == name || last == format!("{name} renamed"), "{name} is {last}");
        }
        for (id, answer) in &known.runs {
            let run = runs.get(id).unwrap_or_else(|| panic!("the run {answer} is lost"));
            assert_eq!((&run["status"], &run["result"]), (&json!("succeeded"), answer));
        }
    }
    // An act, its record and its event are one commit: never one without the others.
    let records = person.all("audit").await;
    let count = |action: &str| records.iter().filter(|record| record["action"] == action).count();
    assert_eq!(count("flows.create"), flows.len(), "flows without a record, or records without a flow");
    let revisions: u64 = flows.iter().map(|flow| flow["revision"].as_str().unwrap().parse::<u64>().unwrap() - 1).sum();
    assert_eq!(count("flows.rename") as u64, revisions);
    let verdict = person.get("audit/verify").await;
    assert_eq!(verdict["ok"], true, "{verdict}");
}

#[tokio::test]
async fn nothing_that_was_answered_is_lost_when_the_program_is_killed() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &[]);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let (_, hook) = ada.publish("Order intake", &order_intake()).await;
    program.stop();

    let known = Shared::default();
    let mut rng = fastrand::Rng::with_seed(0x5eed);
    let mut starts = Vec::new();
    for round in 0..ROUNDS {
        let program = Program::start(data.path(), &[]);
        starts.push(program.took);
        let ada = ada.at(&program.url);
        check(&ada, &known).await;
        let (acked, mut acks) = mpsc::unbounded_channel();
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let who = format!("{round}.{client}");
            clients.spawn(write(ada.clone(), hook.clone(), who, known.clone(), acked.clone()));
        }
        drop(acked);
        for _ in 0..rng.usize(20..100) {
            acks.recv().await.unwrap();
        }
        program.kill();
        while let Some(ended) = clients.join_next().await {
            ended.unwrap();
        }
    }
    let program = Program::start(data.path(), &[]);
    check(&ada.at(&program.url), &known).await;
    starts.sort();
    let known = known.lock().unwrap();
    println!("{} flows, {} runs; ready after {starts:?}", known.flows.len(), known.runs.len());
    assert!(starts[ROUNDS / 2].as_secs_f64() <= 2.0, "{starts:?}");
}

#[tokio::test]
async fn a_second_program_on_the_same_data_refuses_and_the_first_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &[]);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let second = command(data.path(), &[]).output().unwrap();
    assert!(!second.status.success());
    assert_eq!(second.stdout, b"", "it said that it listens");
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("pmos.db") || said.contains("in use"), "{said}");
    ada.act("POST", "flows", json!({ "name": "Still here" })).await;
}
