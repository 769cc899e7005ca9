use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, add, view::details};
use crate::{
    Error, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    flow::{FlowEngine, Graph, Step, StepKind},
    workspace::Label,
};

/// Makes an automation: blank, from a graph, or from a template.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFlow {
    /// What people read.
    pub name: Label,
    /// The engine that shall run it; the workspace's own choice when left out.
    #[serde(default)]
    pub engine: Option<String>,
    /// What it consists of.
    #[serde(default)]
    pub graph: Option<Graph>,
    /// The template it begins with.
    #[serde(default)]
    pub template: Option<String>,
}

#[async_trait]
impl Action for CreateFlow {
    const SPEC: ActionSpec =
        ActionSpec::draft("flows.create", Method::Post, "/flows").role(Role::Member).agents().created();
    type Output = FlowDetails;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let engine = match self.engine {
            Some(engine) => engine,
            None => Context::found(cx.unit().await?.workspace().get().await?)?.default_engine,
        };
        let engine = cx.engines().get(&engine)?.clone();
        let graph = match (self.graph, self.template) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("template", "choose a template or send a graph, not both"));
            }
            (Some(graph), None) => graph,
            (None, Some(name)) => template(&*engine, &name).await?,
            (None, None) => blank(&*engine).await?,
        };
        let document = engine.lens().create(&graph)?;
        let row = add(cx, &*engine, self.name, document).await?;
        details(cx, row, &*engine, false)
    }
}

async fn template(engine: &dyn FlowEngine, name: &str) -> Result<Graph> {
    let templates = engine.catalog().templates().await?;
    let names = || templates.iter().map(|template| template.name.as_str()).collect::<Vec<_>>().join(", ");
    let template = templates.iter().find(|template| template.name == name);
    template
        .map(|template| template.graph.clone())
        .ok_or_else(|| Error::invalid("template", format!("there is no template {name:?}; choose one of: {}", names())))
}

/// A flow with the first trigger the engine offers, since a flow without any cannot be edited into one everywhere.
async fn blank(engine: &dyn FlowEngine) -> Result<Graph> {
    if engine.descriptor().capabilities.multiple_triggers {
        return Ok(Graph::default());
    }
    let pieces = engine.catalog().pieces(None).await?;
    let first = pieces.iter().find(|piece| piece.operations.iter().any(|known| known.kind == StepKind::Trigger));
    let piece = match first {
        Some(first) => engine.catalog().piece(None, &first.name).await?,
        None => None,
    };
    let trigger = piece.and_then(|piece| {
        let operation = piece.operations.iter().find(|operation| operation.kind == StepKind::Trigger)?;
        Some(Step {
            id: "trigger".parse().ok()?,
            kind: StepKind::Trigger,
            name: operation.title.clone(),
            piece: piece.name.clone(),
            operation: operation.name.clone(),
            settings: operation
                .fields
                .iter()
                .filter_map(|field| Some((field.name.clone(), field.default.clone()?)))
                .collect(),
            connection: None,
            skip: false,
            on_error: crate::flow::OnError::Stop,
            retry: None,
            timeout_s: None,
            position: None,
        })
    });
    Ok(Graph { steps: trigger.into_iter().collect(), ..Graph::default() })
}
