//! Tools that n8n offers by MCP.

use pmos_core::vault::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Auth, Call, Client, Fault, MCP, Site};

#[derive(Deserialize)]
struct Reply {
    result: Option<ToolResult>,
    error: Option<Refused>,
}

#[derive(Deserialize)]
struct Refused {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct ToolResult {
    #[serde(rename = "structuredContent")]
    content: Option<Value>,
}

impl Client {
    /// Calls a tool. A refusal of the tool itself stands in its answer; a call that it does not understand is rejected.
    pub(in crate::n8n) async fn tool(
        &self,
        site: &Site,
        key: &Secret,
        name: &str,
        arguments: Value,
    ) -> Result<Value, Fault> {
        let request = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments},
        });
        let (auth, call) = (Auth::Bearer(key.expose()), Call::to(MCP, &[]).json(request));
        let answer = self.send(site, auth, call.clone()).await?;
        let Reply { result, error } = reply(&answer)?;
        result.and_then(|result| result.content).ok_or_else(|| {
            let said = error.map(|error| error.message).unwrap_or_default();
            self.upstream.rejected(auth, &call, &said)
        })
    }
}

/// The one message, which comes as an event or as plain JSON.
fn reply(answer: &Answer) -> Result<Reply, Fault> {
    let text = answer.text()?;
    if text.trim_start().starts_with('{') {
        return answer.json();
    }
    let mut events = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let event = events.next_back().ok_or_else(|| answer.garbled())?;
    serde_json::from_str(event.trim()).map_err(|_| answer.garbled())
}
