//! Thousands of odd requests over every route and by everybody: none breaks anything, and each refusal has the one form.

mod nonsense;
mod requests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{body::Body, http::Request};
use pmos::storage::MemoryStore;
use serde_json::{Value, json};

use crate::{
    matrix::inputs::{connection, draft},
    setup,
    town::{self, Tenant, Town},
    web::{Answer, Credential},
};
use requests::Requests;

const REQUESTS: u64 = 5_000;
/// A town is used up by what is done in it, so it is left for a new place now and then.
const PER_TENANT: u64 = 250;

/// `PMOS_FUZZ_SEED=…` goes another way than usual, or the same way again.
fn seed() -> u64 {
    std::env::var("PMOS_FUZZ_SEED").ok().map_or(0x5eed, |seed| seed.parse().unwrap())
}

/// Something to name in requests: things there are, of all kinds.
async fn known(tenant: &Tenant) -> Vec<Value> {
    let flow = draft(tenant).await;
    let live = draft(tenant).await;
    let live = tenant.act("flows.publish", json!({ "flow": live })).await;
    let run = tenant.act("runs.start", json!({ "flow": live["id"], "input": { "body": { "qty": 1 } } })).await;
    let token = live["hook_url"].as_str().unwrap().rsplit('/').next().unwrap();
    let ids = [json!(tenant.workspace), json!(tenant.guest), flow, live["id"].clone(), run["id"].clone()];
    ids.into_iter().chain([connection(tenant).await, json!(token)]).collect()
}

#[tokio::test]
async fn odd_requests_break_nothing_and_are_refused_in_one_form() {
    let seed = seed();
    println!("seed {seed}; again with PMOS_FUZZ_SEED={seed}");
    let town = Town::over(setup::open(Arc::new(MemoryStore::new()), "")).await;
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    for round in 0..REQUESTS / PER_TENANT {
        let tenant = town.tenant().await;
        let (_, key) = tenant.key(town.admin.id, &town::all_scopes(&town.pmos)).await;
        let people = [
            Credential::Nothing,
            Credential::Browser(town.dead.clone()),
            town.viewer.browser(),
            town.member.browser(),
            town.admin.browser(),
            town.admin.browser(),
            town.root.browser(),
            town.act_as(tenant.workspace).await,
            key,
        ];
        let mut requests = Requests::new(seed.wrapping_mul(REQUESTS) + round, &town.pmos, known(&tenant).await);
        for _ in 0..PER_TENANT {
            let (told, request) = requests.next(&people);
            let without_body = request.method() == "HEAD";
            let answer = tokio::time::timeout(Duration::from_secs(5), asked(&town, request)).await;
            let answer = answer.unwrap_or_else(|_| panic!("seed {seed}: no answer to {told}"));
            *statuses.entry(answer.status).or_default() += 1;
            check(&answer, without_body)
                .unwrap_or_else(|fault| panic!("seed {seed}: {fault}: {told}\n{}", answer.everything()));
        }
    }
    println!("{statuses:?}");
    let done: u64 = statuses.iter().filter(|(status, _)| **status < 300).map(|(_, count)| count).sum();
    assert!(done > REQUESTS / 20, "hardly anything was well-formed: {statuses:?}");
    for refused in [400, 401, 403, 404, 405, 413, 422] {
        assert!(statuses.contains_key(&refused), "nothing was answered {refused}: {statuses:?}");
    }
}

/// Streams are not read to their end, which they do not have.
async fn asked(town: &Town, request: Request<Body>) -> Answer {
    let (parts, body) = town.web.begin(request).await.into_parts();
    let streams = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
    let body = if streams { axum::body::Bytes::new() } else { axum::body::to_bytes(body, usize::MAX).await.unwrap() };
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

fn check(answer: &Answer, without_body: bool) -> Result<(), String> {
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if answer.status >= 500 {
        return Err("it broke".to_owned());
    }
    if header("x-request-id").is_empty() || header("x-content-type-options") != "nosniff" {
        return Err("the answer misses what every answer has".to_owned());
    }
    // What an automation answers to its own webhook has the form that it wants.
    let by_automation = header("content-security-policy").starts_with("sandbox");
    if answer.status < 400 || by_automation {
        return Ok(());
    }
    if header("content-type") != "application/problem+json" {
        return Err("the refusal is no problem document".to_owned());
    }
    if without_body {
        return Ok(());
    }
    let problem: Value = serde_json::from_slice(&answer.body).map_err(|fault| fault.to_string())?;
    let texts = ["type", "title", "code", "detail"];
    if texts.iter().any(|field| problem[field].as_str().is_none_or(str::is_empty)) {
        return Err("the problem document is not whole".to_owned());
    }
    if problem["status"] != answer.status || problem["request_id"] != header("x-request-id") {
        return Err("the problem document contradicts its answer".to_owned());
    }
    Ok(())
}
