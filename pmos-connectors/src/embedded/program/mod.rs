//! A flow, compiled: the steps as a tree with their templates, ready to run.

mod scope;
mod settings;
#[cfg(test)]
mod tests;
mod tree;

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use pmos_core::{
    ConnectionId, FlowId, WorkspaceId,
    flow::{Document, Field, Graph, Issue, OnError, Retry, StepId},
    run::Edition,
    schedule::Schedule,
};

pub(super) use scope::scope;

use super::{
    expression::Template,
    operation::{Operations, Registered},
};

/// A compiled flow.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) trigger: Trigger,
    pub(crate) body: Block,
}

/// Steps that run one after the other.
pub(crate) type Block = Vec<Node>;

/// What starts the flow.
#[derive(Debug)]
pub(crate) struct Trigger {
    pub(crate) id: StepId,
    pub(crate) name: String,
    /// None for a flow that something else starts.
    pub(crate) webhook: Option<Webhook>,
    /// When it starts by itself.
    pub(crate) schedule: Option<Schedule>,
    /// What is asked of those who start it by hand.
    pub(crate) questions: Vec<Field>,
}

#[derive(Debug)]
pub(crate) struct Webhook {
    /// Answer as soon as the request is on disk.
    pub(crate) at_once: bool,
    /// The methods it takes; when empty all but `HEAD` and `OPTIONS`.
    pub(crate) methods: Vec<String>,
    /// The origins of pages that may call it.
    pub(crate) origins: Vec<String>,
    /// Keep the body as it came, too.
    pub(crate) raw: bool,
}

/// A step with what stands inside it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: StepId,
    pub(crate) name: String,
    pub(crate) skip: bool,
    pub(crate) on_error: OnError,
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) work: Work,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Work {
    Set { values: Template },
    Call(Box<Call>),
    Branch(Branch),
    Loop(Loop),
    Respond(Box<Respond>),
    Delay(Delay),
    Subflow(Box<Subflow>),
    Stop { fail: Option<Template> },
}

/// A step that an operation of the registry carries out.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: Arc<Registered>,
    pub(crate) settings: Vec<(String, Template)>,
    pub(crate) connection: Option<ConnectionId>,
    /// Whether doing it twice is the same as doing it once.
    pub(crate) repeatable: bool,
}

#[derive(Debug)]
pub(crate) struct Branch {
    /// Take every branch that applies instead of the first.
    pub(crate) all: bool,
    pub(crate) arms: Vec<Arm>,
    pub(crate) otherwise: Block,
}

#[derive(Debug)]
pub(crate) struct Arm {
    pub(crate) name: String,
    pub(crate) when: Template,
    pub(crate) body: Block,
}

#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) items: Template,
    pub(crate) concurrency: usize,
    pub(crate) body: Block,
}

#[derive(Debug)]
pub(crate) struct Respond {
    pub(crate) status: Template,
    pub(crate) headers: Template,
    pub(crate) body: Template,
}

/// How long a step waits.
#[derive(Debug)]
pub(crate) enum Delay {
    Seconds(Template),
    Until(Template),
}

/// A call of another automation.
#[derive(Debug)]
pub(crate) struct Subflow {
    pub(crate) flow: FlowId,
    pub(crate) input: Template,
}

impl Program {
    /// Compiles a flow.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn compile(graph: &Graph, operations: &Operations) -> Result<Self, Vec<Issue>> {
        let mut issues = Vec::new();
        match tree::grow(graph, operations, &mut issues) {
            Some(program) if issues.is_empty() => Ok(program),
            _ => Err(issues),
        }
    }
}

/// A program, or why there is none.
pub(crate) type Compiled = Result<Arc<Program>, Arc<[Issue]>>;

/// Compiled flows by the exact text they were compiled from.
#[derive(Debug)]
pub(crate) struct Programs(Cache<(WorkspaceId, FlowId, Edition), Weighed>);

#[derive(Debug, Clone)]
struct Weighed {
    compiled: Compiled,
    bytes: u32,
}

impl Programs {
    /// Keeps what was compiled from at most `bytes` of flow text.
    pub(crate) fn new(bytes: u64) -> Self {
        Self(Cache::builder().max_capacity(bytes).weigher(|_, weighed: &Weighed| weighed.bytes).build())
    }

    /// The program of this text, compiled when it is not known yet.
    pub(crate) fn get(
        &self,
        key: (WorkspaceId, FlowId, Edition),
        document: &Document,
        operations: &Operations,
    ) -> Compiled {
        let compiled = || read(document).and_then(|graph| Program::compile(&graph, operations));
        let compile = || Weighed {
            compiled: compiled().map(Arc::new).map_err(Into::into),
            bytes: u32::try_from(document.text().len()).unwrap_or(u32::MAX),
        };
        self.0.get_with(key, compile).compiled
    }
}

fn read(document: &Document) -> Result<Graph, Vec<Issue>> {
    document.read().map_err(|cause| {
        let message = format!("the flow cannot be read: {cause}");
        vec![Issue { step: None, field: None, code: "structure".to_owned(), message }]
    })
}
