//! Looks whether a provider can be used: one fact after the other, each found out by itself.

use std::time::Duration;

use futures::StreamExt as _;
use serde_json::json;

use super::{
    ChatModel, FaultKind, ModelAnswer, ModelEndpoint, ModelEvent, ModelFault, Prompt, PromptMessage, Provider, ToolSpec,
};
use crate::{
    Timestamp,
    engine::{EngineState, Fact, FactName},
};

/// How long a model may take for one word.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many names of models are kept.
const MODELS: usize = 500;

/// What a look at a provider found.
#[derive(Debug)]
pub(crate) struct Found {
    /// The models it has, where it tells.
    pub(crate) models: Option<Vec<String>>,
    pub(crate) facts: Vec<Fact>,
}

impl Found {
    /// The provider with what was found.
    pub(crate) fn into(self, provider: Provider) -> Provider {
        let state = EngineState::of(&self.facts);
        Provider { state, models: self.models.unwrap_or(provider.models), facts: self.facts, ..provider }
    }
}

/// Asks which models there are, then one of them to call a tool.
pub(crate) async fn check(wire: &dyn ChatModel, endpoint: &ModelEndpoint, model: Option<&str>, at: Timestamp) -> Found {
    let mut report = Report { facts: Vec::new(), at };
    report.say(FactName::Configured, Some(true), "An address and, where one is needed, a key are known.", None);
    let models = match wire.models(endpoint).await {
        Ok(mut models) => {
            models.truncate(MODELS);
            report.say(FactName::Reachable, Some(true), "The provider answers.", None);
            report.say(FactName::KeyValid, Some(true), "The provider takes the key.", None);
            Some(models)
        }
        // Some servers have models and no list of them.
        Err(fault) if matches!(fault.kind, FaultKind::UnknownModel | FaultKind::Invalid) && model.is_some() => {
            report.say(FactName::Reachable, Some(true), "The provider answers.", None);
            None
        }
        Err(fault) => {
            report.refused(&fault);
            return report.end(None);
        }
    };
    let Some(model) = model else {
        let action = "Choose the model that is used unless another one is named.";
        report.say(FactName::Answers, Some(false), "No model is chosen.", Some(action));
        return report.end(models);
    };
    match tokio::time::timeout(PATIENCE, ask(wire, endpoint, model)).await {
        Ok(Ok(answer)) => {
            if models.is_none() {
                report.say(FactName::KeyValid, Some(true), "The provider takes the key.", None);
            }
            report.say(FactName::Answers, Some(true), format!("{model} answers."), None);
            if answer.calls.is_empty() {
                let action = "Chat can talk with it, but it will not do anything. Choose a model that can call tools.";
                report.say(FactName::ToolsWork, Some(false), format!("{model} did not call the tool."), Some(action));
            } else {
                report.say(FactName::ToolsWork, Some(true), format!("{model} calls tools."), None);
            }
        }
        Ok(Err(fault)) if models.is_none() && fault.kind == FaultKind::Auth => report.refused(&fault),
        Ok(Err(fault)) => report.say(FactName::Answers, Some(false), fault.message, Some(advice(fault.kind))),
        Err(_) => {
            let message = format!("{model} did not answer within a minute.");
            report.say(FactName::Answers, Some(false), message, Some(advice(FaultKind::Timeout)));
        }
    }
    report.end(models)
}

async fn ask(wire: &dyn ChatModel, endpoint: &ModelEndpoint, model: &str) -> Result<ModelAnswer, ModelFault> {
    let prompt = Prompt {
        instructions: "You are tested. Call the tool `report_ready` and write nothing.".to_owned(),
        messages: vec![PromptMessage::User("Report that you are ready: call report_ready.".to_owned())],
        tools: vec![ToolSpec {
            name: "report_ready".to_owned(),
            description: "Reports that you are ready.".to_owned(),
            schema: json!({ "type": "object", "properties": { "ready": { "type": "boolean" } }, "required": ["ready"] }),
        }],
        max_output_tokens: 2_048,
    };
    let mut stream = wire.stream(endpoint, model, prompt).await?;
    while let Some(event) = stream.next().await {
        if let ModelEvent::Finished(answer) = event? {
            return Ok(answer);
        }
    }
    Err(ModelFault::new(FaultKind::Provider, "The answer of the model broke off.", "the stream ended without its end"))
}

/// What to do about a fault.
pub(crate) fn advice(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Refusal => "Ask for it in other words.",
        FaultKind::Timeout | FaultKind::Overloaded => "Try again in a moment, or choose another model.",
        FaultKind::RateLimited => "Wait a moment and try again.",
        FaultKind::ContextLength => "Begin a new conversation, or choose a model that can read more.",
        FaultKind::Auth => "Give another key under Integrations, Models.",
        FaultKind::Billing => "Look at your account at the provider.",
        FaultKind::Provider => "Look at the address under Integrations, Models, and whether the service runs.",
        FaultKind::UnknownModel => "Choose another model.",
        FaultKind::Invalid => "Choose another model or another kind of provider.",
    }
}

struct Report {
    facts: Vec<Fact>,
    at: Timestamp,
}

impl Report {
    fn say(&mut self, name: FactName, ok: Option<bool>, message: impl Into<String>, action: Option<&str>) {
        self.facts.push(Fact { name, ok, message: message.into(), action: action.map(str::to_owned), at: self.at });
    }

    fn refused(&mut self, fault: &ModelFault) {
        let answers = matches!(
            fault.kind,
            FaultKind::Auth | FaultKind::Billing | FaultKind::RateLimited | FaultKind::Refusal | FaultKind::Invalid
        );
        let known = self.facts.iter().any(|fact| fact.name == FactName::Reachable);
        if answers {
            if !known {
                self.say(FactName::Reachable, Some(true), "The provider answers.", None);
            }
            self.say(FactName::KeyValid, Some(false), fault.message.clone(), Some(advice(fault.kind)));
        } else {
            self.say(FactName::Reachable, Some(false), fault.message.clone(), Some(advice(fault.kind)));
        }
    }

    /// What comes after the last fact that was said could not be looked at.
    fn end(mut self, models: Option<Vec<String>>) -> Found {
        for name in FactName::OF_MODELS.into_iter().skip(self.facts.len()) {
            self.say(name, None, "Not looked at yet.", None);
        }
        Found { models, facts: self.facts }
    }
}
