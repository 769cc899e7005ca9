//! The `http` step: calls a service.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use pmos_core::vault::Credential;
use serde_json::{Map, Value};

use super::{OperationDescriptor, OperationHandler, StepContext, StepFailure};
use crate::embedded::{
    call::{self, Expect, Refused, Taking},
    catalog,
    computing::SMALL_BYTES,
    sender::{HttpAnswer, HttpSender},
};

/// The methods that change nothing, so that a call whose answer was lost may be repeated.
const SAFE_METHODS: [&str; 3] = ["GET", "HEAD", "OPTIONS"];
/// How long a call may take that says nothing of it, in seconds.
const TIMEOUT: u64 = 30;

#[derive(Debug)]
pub(super) struct HttpOperation {
    sender: Arc<dyn HttpSender>,
    answer_bytes: usize,
}

impl HttpOperation {
    pub(super) fn new(sender: Arc<dyn HttpSender>, answer_bytes: usize) -> Self {
        Self { sender, answer_bytes }
    }
}

#[async_trait]
impl OperationHandler for HttpOperation {
    fn descriptor(&self) -> OperationDescriptor {
        catalog::http()
    }

    fn check(&self, settings: &Map<String, Value>) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        if let Some(timeout) = settings.get("timeout_s").filter(|value| !value.is_null())
            && !timeout.as_u64().is_some_and(|seconds| (1..=120).contains(&seconds))
        {
            faults.push(("timeout_s".to_owned(), "must be a whole number from 1 to 120".to_owned()));
        }
        for (n, status) in settings.get("accept_status").and_then(Value::as_array).into_iter().flatten().enumerate() {
            if !status.as_u64().is_some_and(|status| (100..=599).contains(&status)) {
                faults.push((format!("accept_status[{n}]"), "must be a status like 404".to_owned()));
            }
        }
        faults
    }

    fn is_repeatable(&self, settings: &Map<String, Value>) -> bool {
        SAFE_METHODS.contains(&method(settings)) || settings.get("repeatable") == Some(&Value::Bool(true))
    }

    fn shown(&self, settings: &Map<String, Value>) -> Map<String, Value> {
        call::shown(settings)
    }

    async fn run(&self, settings: Map<String, Value>, cx: &StepContext<'_>) -> Result<Value, StepFailure> {
        let (taking, none) = (taking(&settings), Value::Object(Map::new()));
        let part = |name: &str| settings.get(name);
        let (headers, query) = (part("headers").unwrap_or(&none), part("query").unwrap_or(&none));
        let url = part("url").unwrap_or(&Value::Null);
        let call = call::build(&taking.method, url, headers, query, part("body"));
        let mut call = call.map_err(StepFailure::permanent)?;
        call.identify(cx.idempotency_key());
        call.answer_bytes = self.answer_bytes;
        call.credential = cx.credential().await?;
        let timeout = part("timeout_s").and_then(Value::as_u64).unwrap_or(TIMEOUT);
        call.timeout = Duration::from_secs(timeout).min(cx.time_left());
        let credential = call.credential.clone();
        match self.sender.send(call).await {
            Ok(answer) => {
                let long = answer.body.len() > SMALL_BYTES;
                let read = read(&taking, answer, credential.as_ref());
                // All of the answer is here, so reading it waits for nothing.
                let read =
                    if long { cx.computed(true, || futures::executor::block_on(read)).await } else { read.await };
                read.map_err(|Refused { why, output }| StepFailure::temporary(why).with_output(output))
            }
            Err(none) => {
                let why = format!("The call failed: {}.", none.reason.trim_end_matches('.'));
                Err(if none.perhaps_received && !self.is_repeatable(&settings) {
                    StepFailure::lost(why)
                } else if none.temporary {
                    StepFailure::temporary(why)
                } else {
                    StepFailure::permanent(why)
                })
            }
        }
    }
}

fn method(settings: &Map<String, Value>) -> &str {
    settings.get("method").and_then(Value::as_str).unwrap_or("GET")
}

fn taking(settings: &Map<String, Value>) -> Taking {
    let expect = match settings.get("expect").and_then(Value::as_str) {
        Some("json") => Expect::Json,
        Some("text") => Expect::Text,
        Some("file") => Expect::File,
        _ => Expect::Anything,
    };
    let accept = settings.get("accept_status").and_then(Value::as_array).into_iter().flatten();
    let accept = accept.filter_map(|status| u16::try_from(status.as_u64()?).ok()).collect();
    Taking { method: method(settings).to_owned(), expect, accept }
}

/// What the step gives, without the credential in the text that it is read from.
async fn read(taking: &Taking, mut answer: HttpAnswer, credential: Option<&Credential>) -> Result<Value, Refused> {
    if let Some(credential) = credential {
        answer = call::without(answer, credential);
    }
    call::read(taking, &answer).await
}
