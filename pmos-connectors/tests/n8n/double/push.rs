//! What is told to those who listen to a run, as n8n's own editor does.

use axum::{
    extract::ws::{Message, WebSocket},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    DoubleRequest, page, refuse,
    state::{Socket, State, User},
};

/// More than anybody takes.
const FLOOD: usize = 9 * 1024 * 1024;

/// Opens the socket before it looks who asks, as n8n does, and closes it at once to a stranger.
pub(super) fn serve(state: &mut State, request: &DoubleRequest, user: Option<&User>) -> Response {
    if state.traps.socket == Socket::Refuses {
        return page(StatusCode::NOT_FOUND, "Cannot GET /rest/push");
    }
    let Some(upgrade) = request.upgrade.lock().take() else {
        return refuse(StatusCode::BAD_REQUEST, "DoubleRequest is not a PushRequest");
    };
    let at_home = request.header("origin").is_some_and(|origin| origin == state.base_url);
    let reference = request.query("pushRef").map(str::to_owned);
    let (tell, told) = mpsc::unbounded_channel();
    match reference.filter(|_| at_home && user.is_some() && state.traps.socket != Socket::Breaks) {
        Some(reference) => drop(state.listeners.insert(reference, tell)),
        None => drop(tell),
    }
    upgrade.on_upgrade(|socket| pass_on(socket, told))
}

async fn pass_on(mut socket: WebSocket, mut told: mpsc::UnboundedReceiver<Message>) {
    loop {
        tokio::select! {
            message = told.recv() => match message {
                Some(message) => if socket.send(message).await.is_err() { return },
                None => return,
            },
            heard = socket.recv() => if !matches!(heard, Some(Ok(_))) { return },
        }
    }
}

/// Tells what happened in a run so far.
pub(super) fn tell(state: &mut State, reference: &str, run: u64) {
    state.told.insert(run, reference.to_owned());
    let execution = state.executions.iter().find(|known| known.id == run).unwrap().clone();
    let started = json!({"executionId": run.to_string(), "mode": execution.mode, "workflowId": execution.workflow,
        "workflowName": "x", "flattedRunData": "[{}]"});
    send(state, run, "executionStarted", &started);
    begins(state, run, "In", 0);
    ends(state, run, "In");
    begins(state, run, "Set", 1);
    if execution.status != "running" {
        end(state, run);
    }
}

/// Tells that the second step ended, and with it the run.
pub(super) fn end(state: &mut State, run: u64) {
    ends(state, run, "Set");
    let status = state.executions.iter().find(|known| known.id == run).unwrap().status.clone();
    send(state, run, "executionFinished", &json!({"executionId": run.to_string(), "status": status}));
}

fn begins(state: &mut State, run: u64, node: &str, index: u64) {
    let source = if index == 0 { json!([]) } else { json!([{"previousNode": "In"}]) };
    let data = json!({"startTime": 1_769_851_800_000_u64 + index, "executionIndex": index, "source": source});
    let order = json!({"executionId": run.to_string(), "nodeName": node, "sequenceNumber": index, "data": data});
    send(state, run, "nodeExecuteBefore", &order);
}

fn ends(state: &mut State, run: u64, node: &str) {
    let execution = state.executions.iter().find(|known| known.id == run).unwrap();
    let with_items = execution.data["resultData"]["runData"][node][0].clone();
    let mut without = with_items.clone();
    without.as_object_mut().unwrap().remove("data");
    for (kind, data) in [("nodeExecuteAfter", without), ("nodeExecuteAfterData", with_items)] {
        send(state, run, kind, &json!({"executionId": run.to_string(), "nodeName": node, "data": data}));
    }
}

fn send(state: &State, run: u64, kind: &str, data: &Value) {
    let Some(listener) = state.told.get(&run).and_then(|reference| state.listeners.get(reference)) else { return };
    let mut messages = Vec::new();
    match state.traps.socket {
        Socket::Garbles => {
            messages.push(Message::text("Invalid origin!"));
            messages.push(Message::text("[".repeat(200_000)));
            messages.push(Message::text(json!({"type": kind, "data": {"executionId": {}}}).to_string()));
            messages
                .push(Message::text(json!({"type": kind, "data": {"executionId": run, "nodeName": 7}}).to_string()));
            messages.push(Message::binary(b"\xff\xfe".as_slice()));
            messages.push(Message::Ping("here".into()));
        }
        Socket::Floods if kind == "nodeExecuteBefore" && data["nodeName"] == "Set" => {
            messages.push(Message::text("x".repeat(FLOOD)));
        }
        Socket::Foreign => {
            let mut foreign = data.clone();
            foreign["executionId"] = json!("424242");
            if let Some(items) = foreign.pointer_mut("/data/data") {
                *items = json!({"main": [[{"json": {"canary-foreign": true}}]]});
            }
            messages.push(Message::text(json!({"type": kind, "data": foreign}).to_string()));
        }
        _ => {}
    }
    let text = json!({"type": kind, "data": data}).to_string();
    messages.push(if kind.ends_with("Data") { Message::binary(text) } else { Message::text(text) });
    for message in messages {
        // The listener has gone.
        let _ = listener.send(message);
    }
}
