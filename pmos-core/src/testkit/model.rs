//! A model that says what a test wrote down for it.

use std::{collections::VecDeque, fmt, sync::Arc};

use async_trait::async_trait;
use futures::{StreamExt as _, stream};
use parking_lot::Mutex;
use serde_json::Value;

use crate::model::{
    CallArguments, ChatModel, FaultKind, ModelAnswer, ModelEndpoint, ModelEvent, ModelFault, ModelStream, Prompt,
    ProposedCall, TokenUsage,
};

/// An answer that a test wrote down.
#[derive(Debug, Clone, Default)]
pub struct ScriptedAnswer {
    /// The pieces of its text.
    pub pieces: Vec<String>,
    /// What it calls.
    pub calls: Vec<ProposedCall>,
    /// A fault after that.
    pub fault: Option<FaultKind>,
    /// Whether it never comes to an end.
    pub hangs: bool,
}

impl ScriptedAnswer {
    /// Says something.
    pub fn say(text: &str) -> Self {
        Self { pieces: text.split_inclusive(' ').map(str::to_owned).collect(), ..Self::default() }
    }

    /// Calls a tool.
    pub fn call(tool: &str, arguments: Value) -> Self {
        Self::default().and(tool, arguments)
    }

    /// Fails.
    pub fn fail(kind: FaultKind) -> Self {
        Self { fault: Some(kind), ..Self::default() }
    }

    /// Calls a further tool.
    pub fn and(mut self, tool: &str, arguments: Value) -> Self {
        let arguments = match arguments {
            Value::Object(arguments) => CallArguments::Read(arguments),
            other => CallArguments::Unreadable(other.to_string()),
        };
        // As some providers do, it repeats its ids.
        self.calls.push(ProposedCall { id: "call_1".to_owned(), tool: tool.to_owned(), arguments, opaque: None });
        self
    }

    /// Never comes to an end after what it said.
    pub fn and_hang(self) -> Self {
        Self { hangs: true, ..self }
    }
}

type Step = Box<dyn FnOnce(&Prompt) -> ScriptedAnswer + Send>;
type Otherwise = Arc<dyn Fn(&Prompt) -> ScriptedAnswer + Send + Sync>;

/// A model that gives the answers of a script, one for each question, and remembers what it was asked.
pub struct ScriptedModel {
    script: Mutex<VecDeque<Step>>,
    otherwise: Otherwise,
    asked: Mutex<Vec<Prompt>>,
}

impl Default for ScriptedModel {
    fn default() -> Self {
        Self::answering(|_| ScriptedAnswer::say("There is nothing more in my script."))
    }
}

impl ScriptedModel {
    /// A model that answers each question by what it is asked.
    pub fn answering(answer: impl Fn(&Prompt) -> ScriptedAnswer + Send + Sync + 'static) -> Self {
        Self { script: Mutex::default(), otherwise: Arc::new(answer), asked: Mutex::default() }
    }

    /// Puts an answer at the end of the script.
    pub fn then(&self, answer: ScriptedAnswer) -> &Self {
        self.then_by(move |_| answer)
    }

    /// Puts an answer at the end of the script that depends on what is asked.
    pub fn then_by(&self, answer: impl FnOnce(&Prompt) -> ScriptedAnswer + Send + 'static) -> &Self {
        self.script.lock().push_back(Box::new(answer));
        self
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Prompt> {
        self.asked.lock().clone()
    }
}

impl fmt::Debug for ScriptedModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScriptedModel")
    }
}

#[async_trait]
impl ChatModel for ScriptedModel {
    async fn stream(&self, _: &ModelEndpoint, _: &str, prompt: Prompt) -> Result<ModelStream, ModelFault> {
        let step = self.script.lock().pop_front();
        let answer = step.map_or_else(|| (self.otherwise)(&prompt), |step| step(&prompt));
        self.asked.lock().push(prompt);
        let ScriptedAnswer { pieces, calls, fault, hangs } = answer;
        let output = pieces.len() as u64 + 10;
        let usage = TokenUsage { input: 100, output, ..TokenUsage::default() };
        let said = pieces.into_iter().map(|piece| Ok(ModelEvent::Text(piece)));
        let end = match fault {
            Some(kind) => Err(ModelFault::new(kind, "The script fails here.", "scripted")),
            None => Ok(ModelEvent::Finished(ModelAnswer { calls, usage, ..ModelAnswer::default() })),
        };
        let said = stream::iter(said);
        Ok(if hangs { said.chain(stream::pending()).boxed() } else { said.chain(stream::iter([end])).boxed() })
    }

    async fn models(&self, _: &ModelEndpoint) -> Result<Vec<String>, ModelFault> {
        Ok(vec!["scripted".to_owned()])
    }
}
