//! Secrets that are told apart from everything else are used for real, failures included, with the log at its loudest.
//! Then everything that came out of the program, or lies in its files, is searched for them in every form.

use std::path::Path;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::{
    person::{Answer, PASSWORD, Person, client, step, webhook},
    program::{Program, run},
    service::Service,
};

const BEARER: &str = "kanarie-bearer+/7f3a91";
const BASIC: &str = "kanarie basic & more 5c1d";
const HEADER: &str = "kanarie-header-\"20e8\\!";
const QUERY: &str = "kanarie query/=? 91bb";
const REPLACED: &str = "kanarie-replaced-44d0";
const NEW_PASSWORD: &str = "kanarie password of reset";
/// What a caller of a webhook shows to the flow, and what belongs to that caller alone.
const CALLER: &str = "kanarie-caller-c0ffee";

/// Where something was found, and all of it.
struct Evidence(Vec<(String, Vec<u8>)>);

impl Evidence {
    fn add(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.into(), bytes.into()));
    }

    fn answer(&mut self, place: &str, answer: &Answer) {
        self.add(place, format!("{} {} {}", answer.status, answer.headers, answer.body));
    }

    fn files(&mut self, folder: &Path) {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.file_name().is_some_and(|name| name != "master.key") && path.is_file() {
                self.add(path.display().to_string(), std::fs::read(&path).unwrap());
            }
        }
    }

    /// Every place where one of the secrets stands, in whatever form.
    fn leaks(&self, secrets: &[(&str, Vec<u8>)]) -> Vec<String> {
        let mut leaks = Vec::new();
        for (name, secret) in secrets {
            for (form, needle) in forms(secret) {
                for (place, bytes) in &self.0 {
                    if let Some(at) = bytes.windows(needle.len()).position(|window| window == needle) {
                        let around = &bytes[at.saturating_sub(120)..(at + needle.len() + 60).min(bytes.len())];
                        leaks.push(format!("{name} as {form} in {place}: …{}…", String::from_utf8_lossy(around)));
                    }
                }
            }
        }
        leaks
    }
}

/// How a secret may be written.
fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8_lossy(secret).into_owned();
    let json = json!(text).to_string();
    let mut forms = vec![
        ("itself", secret.to_vec()),
        ("hex", hex::encode(secret).into_bytes()),
        ("HEX", hex::encode_upper(secret).into_bytes()),
        ("a JSON text", json.trim_matches('"').as_bytes().to_vec()),
        ("a part of an address", utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string().into_bytes()),
        ("a form", form_urlencoded::byte_serialize(secret).collect::<String>().into_bytes()),
        ("itself backwards", text.chars().rev().collect::<String>().into_bytes()),
    ];
    // Within something longer it may begin at any of three places; its outermost letters depend on its neighbours.
    for (name, engine) in [("base64", &BASE64_STANDARD_NO_PAD), ("base64 of addresses", &BASE64_URL_SAFE_NO_PAD)] {
        for shift in 0..3 {
            let shifted = engine.encode([&b"\0\0\0"[..shift], secret].concat());
            let kept = shifted.as_bytes()[if shift == 0 { 0 } else { 4 }..shifted.len() - 2].to_vec();
            forms.push((name, kept));
        }
    }
    forms
}

/// A flow that calls the service once with each connection, and answers with what it said.
fn graph(service: &Service, connections: &[Value]) -> Value {
    let mut steps = vec![webhook()];
    let mut edges = Vec::new();
    let mut before = "trigger".to_owned();
    for (n, connection) in connections.iter().enumerate() {
        let id = format!("call{n}");
        let url = format!("http://{}/{id}", service.address);
        let mut call = step(&id, "http", json!({ "method": "POST", "url": url, "body": "{{ trigger.body }}" }));
        call["connection"] = connection.clone();
        call["on_error"] = json!("continue");
        steps.push(call);
        edges.push(json!({ "from": before, "port": "next", "to": id }));
        before = id;
    }
    let said: Vec<_> = (0..connections.len()).map(|n| format!("{{{{ steps.call{n} }}}}")).collect();
    steps.push(step("reply", "respond", json!({ "body": { "said": said, "trigger": "{{ trigger }}" } })));
    edges.push(json!({ "from": before, "port": "next", "to": "reply" }));
    json!({ "steps": steps, "edges": edges })
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "it is one story from the first account to the backup")]
async fn no_secret_is_found_anywhere_it_does_not_belong() {
    let data = tempfile::tempdir().unwrap();
    // One of the four calls is answered 500, with everything it was sent in the text.
    let service = Service::start(2, usize::MAX).await;
    let host = service.address.to_string();
    let settings = [("PMOS_ALLOW_HOSTS", host.as_str()), ("PMOS_LOG", "trace")];
    let mut found = Evidence(Vec::new());
    let program = Program::start(data.path(), &settings);
    let ada = Person::sign_up(&program.url, "Ada").await;

    let connect = async |kind: &str, secret: Value| {
        let body = json!({ "name": kind, "kind": kind, "secret": secret, "hosts": [host] });
        ada.ask("POST", "connections", &body).await.unwrap()
    };
    let made = [
        connect("bearer", json!({ "token": BEARER })).await,
        connect("basic", json!({ "username": "shop", "password": BASIC })).await,
        connect("header", json!({ "name": "x-shop-key", "value": HEADER })).await,
        connect("query", json!({ "name": "key", "value": QUERY })).await,
        connect("bearer", json!({ "token": "before it is replaced" })).await,
    ];
    let mut connections = Vec::new();
    for answer in &made {
        assert_eq!(answer.status, 201, "{}", answer.body);
        found.answer("a created connection", answer);
        connections.push(answer.json()["id"].clone());
    }
    let last = connections[4].as_str().unwrap();
    let replaced = ada
        .ask("PUT", &format!("connections/{last}/secret"), &json!({ "secret": { "token": REPLACED } }))
        .await
        .unwrap();
    found.answer("a replaced secret", &replaced);
    // Wrong in many ways, with the secret in it.
    for (path, body) in [
        (
            "connections",
            json!({ "name": "x", "kind": "bearer", "secret": { "token": BEARER, "value": HEADER }, "hosts": [host] }),
        ),
        ("connections", json!({ "name": "x", "kind": "bearer", "secret": BEARER, "hosts": [host] })),
        ("connections", json!({ "name": "x", "kind": BEARER, "secret": { "tokn": BEARER }, "hosts": [] })),
        (
            "connections",
            json!({ "name": "x", "kind": "bearer", "secret": { "token": format!("{BEARER}\n") }, "hosts": [host] }),
        ),
        ("/api/v1/me/password", json!({ "current": BASIC, "new": PASSWORD })),
        ("/api/v1/me/step-up", json!({ "password": BASIC })),
        ("/api/v1/auth/sign-in", json!({ "email": "ada@example.com", "password": BASIC })),
    ] {
        let answer = ada.ask("POST", path, &body).await.unwrap();
        assert!(answer.status >= 400, "{path} {}", answer.body);
        // A value that is no secret by its place, as a kind, is said again so that it can be mended.
        if body["kind"] != BEARER {
            found.answer(path, &answer);
        }
    }

    let key = ada.act("POST", "api-keys", json!({ "name": "Program", "scopes": ["flows.*"] })).await;
    let key = key["secret"].as_str().unwrap().to_owned();
    let by_key = client().get(format!("{}/api/v1/workspaces/{}/flows", program.url, ada.workspace));
    let by_key =
        Answer::of(by_key.header("authorization", format!("Bearer {key}")).send().await.unwrap()).await.unwrap();
    assert_eq!(by_key.status, 200);
    found.answer("a list by key", &by_key);
    let invitation = ada.act("POST", "invitations", json!({ "email": "new@example.com", "role": "viewer" })).await;
    let invitation = invitation["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let shown = ada.ask("GET", &format!("/api/v1/invitations/{invitation}"), &Value::Null).await.unwrap();
    assert_eq!(shown.status, 200);
    found.answer("an invitation", &shown);

    // Watched while it happens.
    let mut stream = client()
        .get(format!("{}/api/v1/workspaces/{}/events", program.url, ada.workspace))
        .header("cookie", format!("pmos={}", ada.token))
        .header("last-event-id", "0")
        .send()
        .await
        .unwrap();
    let (_, hook) = ada.publish("Careless", &graph(&service, &connections)).await;
    let call = client().post(format!("{}{hook}", program.url)).header("authorization", format!("Bearer {CALLER}"));
    let answered = call.header("cookie", format!("s={CALLER}")).json(&json!({ "order": 7 })).send().await.unwrap();
    let answered = Answer::of(answered).await.unwrap();
    assert_eq!(answered.status, 200, "{}", answered.body);
    found.answer("a webhook's answer", &answered);
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("run.finished") {
        seen.extend_from_slice(&stream.chunk().await.unwrap().expect("the stream ended"));
    }
    drop(stream);
    found.add("the event stream", seen);
    // The service got them all, so they were there to be leaked.
    assert_eq!(service.calls().len(), connections.len());
    assert_eq!(service.calls()[0].authorization, format!("Bearer {BEARER}"));

    let runs = ada.all("runs").await;
    for path in ["flows", "runs", "connections", "audit", "dashboard", "api-keys", "invitations", "members", "quota"]
        .map(str::to_owned)
        .into_iter()
        .chain(runs.iter().map(|run| format!("runs/{}", run["id"].as_str().unwrap())))
        .chain(["/metrics", "/api/v1/me", "/api/v1/me/sessions", "/api/openapi.json"].map(str::to_owned))
    {
        let answer = ada.ask("GET", &path, &Value::Null).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        found.answer(&path, &answer);
    }
    found.files(data.path());
    found.add("the log", program.kill());
    // Killed, so that the journal of the database is there as well as the database.
    found.files(data.path());

    let link = run(data.path(), &["admin", "recover", "ada@example.com"]);
    let reset = String::from_utf8(link.stdout).unwrap().trim().rsplit('/').next().unwrap().to_owned();
    let program = Program::start(data.path(), &settings);
    let ada = ada.at(&program.url);
    let path = format!("/api/v1/auth/reset/{reset}");
    let answer = ada.ask("POST", &path, &json!({ "password": NEW_PASSWORD })).await.unwrap();
    assert_eq!(answer.status, 204, "{}", answer.body);
    found.answer("a reset", &answer);
    found.answer("a used link", &ada.ask("POST", &path, &json!({ "password": NEW_PASSWORD })).await.unwrap());
    found.add("the log of the second start", program.stop());
    let copy = tempfile::tempdir().unwrap();
    let file = copy.path().join("copy.db");
    assert!(run(data.path(), &["backup", file.to_str().unwrap()]).status.success());
    found.files(copy.path());
    found.files(data.path());
    let effective = run(data.path(), &["config", "check"]);
    found.add("the settings", [effective.stdout, effective.stderr].concat());

    let master = std::fs::read(data.path().join("master.key")).unwrap();
    let master = String::from_utf8(master.clone()).map_or(master, |text| text.trim().as_bytes().to_vec());
    let secrets = [
        ("the password", PASSWORD.into()),
        ("the new password", NEW_PASSWORD.into()),
        ("the session", ada.token.clone().into()),
        ("the API key", key.into()),
        ("the invitation", invitation.into()),
        ("the link of a reset", reset.into()),
        ("the master key", master),
        ("the bearer token", BEARER.into()),
        ("the basic password", BASIC.into()),
        ("the header", HEADER.into()),
        ("the query parameter", QUERY.into()),
        ("the replaced secret", REPLACED.into()),
        ("what a caller showed", CALLER.into()),
    ];
    let leaks = found.leaks(&secrets);
    assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks.join("\n"));
}
