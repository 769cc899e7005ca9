//! An order of 500 lines is sent to a service line by line with a stored key, and the program dies in the middle of it.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    person::{Person, step, webhook},
    program::Program,
    service::Service,
};

const LINES: usize = 500;
/// The first call of these fails; the second is never answered, and the program dies over it.
const FAILS_AT: usize = 7;
const DIES_AT: usize = 200;
const KEY: &str = "kanarie-key-of-the-service";

fn order(service: &Service, connection: &Value, repeatable: bool) -> Value {
    let mut send = step(
        "send",
        "http",
        json!({
            "method": "POST", "url": format!("http://{}/lines", service.address), "body": "{{ item }}",
            "repeatable": repeatable,
        }),
    );
    send["connection"] = connection.clone();
    send["retry"] = json!({ "times": 2 });
    json!({
        "steps": [
            webhook(),
            step("lines", "loop", json!({ "items": "{{ trigger.body.lines }}" })),
            step("any", "branch", json!({ "branches": [{ "name": "yes", "when": "{{ item.qty > 0 }}" }] })),
            send,
            step("reply", "respond", json!({ "body": { "lines": "{{ steps.lines.count }}" } })),
        ],
        "edges": [
            { "from": "trigger", "port": "next", "to": "lines" }, { "from": "lines", "port": "loop", "to": "any" },
            { "from": "any", "port": "branch:0", "to": "send" }, { "from": "lines", "port": "next", "to": "reply" },
        ],
    })
}

/// Lets the order begin, kills the program in the middle of it, and returns the run as the next program ends it.
async fn killed_in_the_loop(data: &Path, service: &mut Service, repeatable: bool) -> (Value, Vec<u8>) {
    let allowed = service.address.to_string();
    let settings = [("PMOS_ALLOW_HOSTS", allowed.as_str()), ("PMOS_LOG", "debug")];
    let program = Program::start(data, &settings);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let connection = json!({ "name": "Service", "kind": "bearer", "secret": { "token": KEY }, "hosts": [allowed] });
    let connection = ada.act("POST", "connections", connection).await["id"].clone();
    let (_, hook) = ada.publish("Order", &order(service, &connection, repeatable)).await;
    // Every tenth line has nothing to send.
    let lines: Vec<_> = (0..LINES).map(|line| json!({ "line": line, "qty": line % 10 })).collect();
    let caller = ada.clone();
    let waiting = tokio::spawn(async move { caller.hook(&hook, &json!({ "lines": lines })).await });
    service.until(DIES_AT).await;
    let mut said = program.kill();
    assert!(waiting.await.unwrap().is_err(), "there was an answer after the program was dead");

    let program = Program::start(data, &settings);
    let ada = ada.at(&program.url);
    let runs = ada.all("runs").await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    let run = ada.ended(runs[0]["id"].as_str().unwrap()).await;
    let verdict = ada.get("audit/verify").await;
    assert_eq!(verdict["ok"], true, "{verdict}");
    said.extend(program.stop());
    (run, said)
}

fn iterations(run: &Value) -> &[Value] {
    let steps = run["steps"].as_array().unwrap();
    let lines = steps.iter().find(|step| step["id"] == "lines").unwrap();
    lines["iterations"].as_array().unwrap()
}

/// What the pass of a line says of its sending.
fn sent(pass: &Value) -> Option<&Value> {
    pass["steps"].as_array().unwrap().iter().find(|step| step["id"] == "send")
}

fn nowhere(places: &[(&str, &[u8])]) {
    for (place, bytes) in places {
        let found = bytes.windows(KEY.len()).position(|window| window == KEY.as_bytes());
        assert_eq!(found, None, "the key stands in {place}");
    }
}

fn files(data: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(data).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.is_file()).flat_map(|file| std::fs::read(file).unwrap()).collect()
}

#[tokio::test]
async fn an_order_goes_on_after_a_kill_and_no_recorded_line_is_sent_again() {
    let data = tempfile::tempdir().unwrap();
    let mut service = Service::start(FAILS_AT, DIES_AT).await;
    let (run, said) = killed_in_the_loop(data.path(), &mut service, true).await;
    assert_eq!((&run["status"], &run["result"]), (&json!("succeeded"), &json!({ "lines": LINES })));

    let counts = service.counts();
    assert_eq!(counts.len(), LINES - LINES / 10, "each line with something to send was sent");
    let again: Vec<_> = counts.values().filter(|calls| calls.len() > 1).collect();
    // One failed and was tried again, one was under way when the program died: nothing of either was on record.
    assert_eq!(again.len(), 2, "{again:?}");
    for calls in again {
        assert_eq!(calls.len(), 2, "{calls:?}");
        assert_eq!(calls[0].once, calls[1].once, "a repeated call is told by the same key");
    }
    assert!(service.calls().iter().all(|call| call.authorization == format!("Bearer {KEY}")));

    let passes = iterations(&run);
    assert_eq!(passes.len(), LINES);
    for (line, pass) in passes.iter().enumerate() {
        match sent(pass) {
            Some(step) if line % 10 > 0 => assert_eq!(step["status"], "succeeded", "{line}: {step}"),
            step => assert!(line % 10 == 0 && step.is_none_or(|step| step["status"] == "skipped"), "{line}: {step:?}"),
        }
    }
    nowhere(&[("the run", run.to_string().as_bytes()), ("the log", &said), ("the data", &files(data.path()))]);
}

#[tokio::test]
async fn an_order_whose_sending_is_not_repeatable_stops_at_the_line_whose_outcome_is_unknown() {
    let data = tempfile::tempdir().unwrap();
    let mut service = Service::start(0, DIES_AT).await;
    let (run, said) = killed_in_the_loop(data.path(), &mut service, false).await;
    assert_eq!(run["status"], "needs_attention", "{}", run["error"]);
    assert_eq!(service.calls().len(), DIES_AT, "something was sent after the program came back");
    assert!(service.counts().values().all(|calls| calls.len() == 1));
    let known: Vec<_> = iterations(&run).iter().filter_map(sent).map(|step| step["status"].clone()).collect();
    let count = |status: &str| known.iter().filter(|known| **known == status).count();
    assert_eq!((count("succeeded"), count("unknown")), (DIES_AT - 1, 1), "{known:?}");
    nowhere(&[("the run", run.to_string().as_bytes()), ("the log", &said), ("the data", &files(data.path()))]);
}
