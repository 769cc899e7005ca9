//! A user of the program over HTTP.

use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A signed-in browser with its workspace. It finds the program again wherever it listens.
#[derive(Clone)]
pub(crate) struct Person {
    client: Client,
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) workspace: String,
    pub(crate) super_admin: bool,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), format!("{:?}", response.headers()));
        Ok(Self { status, headers, body: response.text().await? })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }
}

/// One that keeps no connection to a program that is gone.
#[expect(clippy::disallowed_methods, reason = "a browser or foreign program, not a call of ours")]
pub(crate) fn client() -> Client {
    Client::builder().timeout(Duration::from_mins(1)).build().unwrap()
}

impl Person {
    pub(crate) async fn sign_up(url: &str, name: &str) -> Self {
        Self::try_sign_up(&client(), url, name).await.unwrap()
    }

    pub(crate) async fn try_sign_up(client: &Client, url: &str, name: &str) -> reqwest::Result<Self> {
        let email = format!("{}@example.com", name.to_lowercase());
        let body = json!({ "name": name, "email": email, "password": PASSWORD });
        let request = client.post(format!("{url}/api/v1/auth/sign-up")).body(body.to_string());
        let response = request.send().await?;
        let cookie = response.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
        let answer = Answer::of(response).await?;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let cookie = cookie.unwrap();
        let me = answer.json();
        Ok(Self {
            client: client.clone(),
            url: url.to_owned(),
            token: cookie.split_once('=').unwrap().1.split_once(';').unwrap().0.to_owned(),
            workspace: me["workspaces"][0]["id"].as_str().unwrap().to_owned(),
            super_admin: me["user"]["super_admin"].as_bool().unwrap(),
        })
    }

    /// The same person after the program came back.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), client: client(), ..self.clone() }
    }

    /// Asks for something; a path without `/` at its start lies in the workspace.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> reqwest::Result<Answer> {
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/api/v1/workspaces/{}/{path}", self.workspace)
        };
        let mut request = self
            .client
            .request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", self.url))
            .header("cookie", format!("pmos={}", self.token))
            .header("origin", &self.url)
            .header("x-pmos", "1");
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        Answer::of(request.send().await?).await
    }

    /// Asks for something that must be done.
    pub(crate) async fn act(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.ask(method, path, &body).await.unwrap();
        assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.body);
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.act("GET", path, Value::Null).await
    }

    /// All items of a list.
    pub(crate) async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{sign}limit=200{cursor}")).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { return items };
            cursor = format!("&cursor={next}");
        }
    }

    /// Makes a flow and makes it live; returns its id and the path of its webhook.
    pub(crate) async fn publish(&self, name: &str, graph: &Value) -> (String, String) {
        let flow = self.act("POST", "flows", json!({ "name": name, "graph": graph })).await;
        let id = flow["id"].as_str().unwrap().to_owned();
        let live = self.act("POST", &format!("flows/{id}/publish"), json!({})).await;
        let hook = live["hook_url"].as_str().unwrap();
        (id, hook[hook.find("/hooks/").unwrap()..].to_owned())
    }

    /// Calls a webhook, as a stranger.
    pub(crate) async fn hook(&self, path: &str, body: &Value) -> reqwest::Result<Answer> {
        let request = self.client.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        Answer::of(request.body(body.to_string()).send().await?).await
    }

    /// A run once it has come to its end.
    pub(crate) async fn ended(&self, run: &str) -> Value {
        let ended = async {
            loop {
                let run = self.get(&format!("runs/{run}")).await;
                if !matches!(run["status"].as_str(), Some("queued" | "running")) {
                    return run;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), ended).await.expect("the run does not end")
    }
}

#[expect(clippy::needless_pass_by_value, reason = "settings are written where the step is")]
pub(crate) fn step(id: &str, operation: &str, settings: Value) -> Value {
    json!({ "id": id, "kind": "action", "name": id, "piece": "core", "operation": operation, "settings": settings })
}

pub(crate) fn webhook() -> Value {
    json!({
        "id": "trigger", "kind": "trigger", "name": "Called", "piece": "core", "operation": "webhook",
        "settings": { "respond": "at_end" },
    })
}

/// Multiplies a quantity by three, and says in which run.
pub(crate) fn order_intake() -> Value {
    json!({
        "steps": [
            webhook(),
            step("set", "set", json!({ "values": { "total": "{{ trigger.body.qty * 3 }}" } })),
            step("reply", "respond", json!({ "body": { "total": "{{ steps.set.total }}", "run": "{{ run.id }}" } })),
        ],
        "edges": [
            { "from": "trigger", "port": "next", "to": "set" }, { "from": "set", "port": "next", "to": "reply" },
        ],
    })
}
