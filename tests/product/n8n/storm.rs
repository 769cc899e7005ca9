//! Edits from both sides at once: whatever happens between a look and a write, no change is covered unseen.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{
    Us, calm,
    double::{Double, Traps},
    instance, view,
};

/// How many there are in all, from both sides.
const EDITS: usize = 2_000;
const CLIENTS: usize = 4;
pub(super) const STEPS: usize = 6;

/// What an edit is about: the address that a step calls, or its name.
pub(super) type Field = (String, &'static str);

/// A webhook and a chain of calls.
pub(super) fn chain(path: &str) -> Value {
    let mut steps = vec![json!({
        "id": "in", "kind": "trigger", "name": "In", "piece": "n8n-nodes-base.webhook", "operation": "execute",
        "settings": {"httpMethod": "POST", "path": path}, "position": {"x": 0, "y": 0}
    })];
    let mut edges = Vec::new();
    for at in 0..STEPS {
        steps.push(json!({
            "id": format!("s{at}"), "kind": "action", "name": format!("Call {at}"),
            "piece": "n8n-nodes-base.httpRequest", "operation": "execute",
            "settings": {"url": format!("https://x.example/{at}")}, "position": {"x": 220 * (at + 1), "y": 0}
        }));
        let from = at.checked_sub(1).map_or_else(|| "in".to_owned(), |before| format!("s{before}"));
        edges.push(json!({"from": from, "port": "main:0", "to": format!("s{at}")}));
    }
    json!({ "steps": steps, "edges": edges })
}

/// One edit of ours with a word of its own.
pub(super) fn ours(random: &mut Rng, number: usize) -> (Field, String, Value) {
    let step = format!("s{}", random.usize(..STEPS));
    let word = format!("our-{number}.");
    if random.u8(..100) < 80 {
        let edit = json!([{ "op": "update_step", "id": step, "set": { "settings": { "url": word } } }]);
        ((step, "url"), word, edit)
    } else {
        let edit = json!([{ "op": "update_step", "id": step, "set": { "name": word } }]);
        ((step, "name"), word, edit)
    }
}

/// The same at n8n itself: a whole workflow, changed.
pub(super) fn theirs(random: &mut Rng, number: usize) -> impl FnOnce(&mut Value) + Send + use<> {
    let (at, renames) = (random.usize(..STEPS), random.u8(..100) >= 80);
    move |workflow| {
        let id = format!("s{at}");
        let word = format!("out-{number}.");
        let nodes = workflow["nodes"].as_array_mut().unwrap();
        let node = nodes.iter_mut().find(|node| node["id"] == id.as_str()).unwrap();
        if !renames {
            node["parameters"]["url"] = json!(word);
            return;
        }
        let old = std::mem::replace(&mut node["name"], json!(word));
        let connections = workflow["connections"].take();
        // Words are written nowhere else, so that the text may be changed as a whole.
        let text = connections.to_string().replace(&old.to_string(), &json!(word).to_string());
        workflow["connections"] = serde_json::from_str(&text).unwrap();
    }
}

fn fields(nodes: &Value) -> HashMap<Field, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes = nodes.as_array().unwrap().iter();
    nodes
        .flat_map(|node| {
            let id = text(&node["id"]);
            [((id.clone(), "name"), text(&node["name"])), ((id, "url"), text(&node["parameters"]["url"]))]
        })
        .collect()
}

/// Reads from the engine's own versions, in order, who wrote what over whom, and looks for it in our history.
pub(super) fn nothing_was_lost(versions: &[Value], history: &[Value], acknowledged: &[(Field, String, u64)]) {
    let told: Vec<(u64, bool, String)> = history
        .iter()
        .map(|entry| {
            let revision = entry["revision"].as_str().unwrap().parse().unwrap();
            (revision, entry["conflict"] == true, entry["edits"].to_string())
        })
        .collect();
    let mut values: HashMap<Field, Vec<String>> = HashMap::new();
    for (field, value) in versions.iter().flat_map(fields) {
        let known = values.entry(field).or_default();
        if known.last() != Some(&value) {
            known.push(value);
        }
    }
    let mut covered = 0;
    for (field, known) in &values {
        let mut seen = HashSet::new();
        for pair in known.windows(2) {
            let fresh = seen.insert(&pair[0]) && !seen.contains(&pair[1]);
            // A change made there of what is seen there loses nothing that is ours to keep.
            if !pair[0].starts_with("out-") || fresh && pair[1].starts_with("out-") {
                continue;
            }
            covered += 1;
            let quoted = json!(pair[0]).to_string();
            assert!(
                told.iter().any(|(_, _, edits)| edits.contains(&quoted)),
                "{field:?}: {} was covered unseen by {}",
                pair[0],
                pair[1]
            );
        }
    }
    for (field, word, revision) in acknowledged {
        let known = values.get(field).map(Vec::as_slice).unwrap_or_default();
        assert!(known.contains(word), "{field:?}: {word} never came to the engine");
        let step = format!("\"{}\"", field.0);
        let later = |(at, conflict, edits): &(u64, bool, String)| at > revision && !conflict && edits.contains(&step);
        assert!(known.last() == Some(word) || told.iter().any(later), "{field:?}: {word} went away unseen");
    }
    eprintln!(
        "{} versions, {covered} covered by the other side, {} conflicts listed, {} acknowledged",
        versions.len(),
        told.iter().filter(|(_, conflict, _)| *conflict).count(),
        acknowledged.len()
    );
}

/// A person with the flow open, who sends edits on what they last saw.
pub(super) struct Client {
    us: Us,
    base: Value,
}

impl Client {
    pub(super) fn new(us: &Us, flow: &Value) -> Self {
        Self { us: us.clone(), base: flow["revision"].clone() }
    }

    /// The revision that their edit made; none when it was refused, and then they load the flow again.
    pub(super) async fn send(&mut self, flow: &Value, edits: Value) -> Option<u64> {
        let input = json!({ "flow": flow, "base": self.base, "edits": edits });
        let answer = self.us.ask("flows.edit", input).await;
        if answer.is_success() {
            self.base = answer.json()["revision"].clone();
            return Some(self.base.as_str().unwrap().parse().unwrap());
        }
        assert_eq!((answer.status, answer.code().as_deref()), (409, Some("conflict")), "{}", answer.text());
        self.base = self.us.act("flows.get", json!({ "flow": flow })).await["revision"].clone();
        None
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_thousand_edits_from_both_sides_none_is_covered_unseen() {
    let double = Double::start();
    double.set(Traps { mixed: true, ..Traps::default() });
    let pmos = instance(&double.server, calm());
    let us = Us::connected(&pmos, "Ada").await;
    let flow = us.act("flows.create", json!({ "name": "Storm", "engine": "n8n", "graph": chain("storm") })).await;
    let id = double.state().workflow("Storm")["id"].as_str().unwrap().to_owned();
    // It is followed as well while it is open.
    let _open = us.watch(&format!("?flow={}", flow["id"].as_str().unwrap())).await;
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| Client::new(&us, &flow)).collect();
    let mut random = Rng::with_seed(7);
    let (mut made, mut external, mut refused) = (0, 0, 0);
    let mut acknowledged = Vec::new();
    while acknowledged.len() + external < EDITS {
        for _ in 0..random.usize(..4) {
            external += 1;
            let (change, id, after) = (theirs(&mut random, external), id.clone(), random.usize(..7));
            double.state().visits.push((after, Box::new(move |state| state.change(&id, change))));
        }
        let busy = random.usize(1..=2);
        random.shuffle(&mut clients);
        let sent = clients.iter_mut().take(busy).map(|client| {
            made += 1;
            let (field, word, edits) = ours(&mut random, made);
            let flow = &flow["id"];
            async move { client.send(flow, edits).await.map(|revision| (field, word, revision)) }
        });
        let answers = join_all(sent).await;
        refused += answers.iter().filter(|answer| answer.is_none()).count();
        acknowledged.extend(answers.into_iter().flatten());
    }
    // Those who have not come yet come now; one more act of ours sees all of it.
    let late = std::mem::take(&mut double.state().visits);
    for (_, visit) in late {
        visit(&mut double.state());
    }
    assert!(
        us.edit(&flow["id"], json!([{ "op": "update_step", "id": "in", "set": { "name": "Last" } }]))
            .await
            .is_success()
    );
    let here = us.act("flows.get", json!({ "flow": flow["id"] })).await;
    // One after the other: the state is locked until the end of the statement.
    let there = double.state().workflow("Storm");
    let versions = double.state().versions(&id);
    assert_eq!(here["draft"], view(&there), "both ends differ");
    nothing_was_lost(&versions, &us.history(&flow["id"]).await, &acknowledged);
    eprintln!("{external} external, {} ours of {made}, {refused} refused as conflicts", acknowledged.len());
    let state = double.state();
    assert!(state.unlisted.is_empty(), "{:?}", state.unlisted);
}
