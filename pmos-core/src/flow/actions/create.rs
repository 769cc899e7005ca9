use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FlowDetails;
use crate::{
    Error, Result, Role,
    action::{Action, ActionSpec, Context, Intent, Method},
    flow::{FlowEngine, Graph, hosting},
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
            None => cx.profile().await?.default_engine,
        };
        let engine = cx.engines().get(&engine)?.clone();
        let graph = match (self.graph, self.template) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("template", "choose a template or send a graph, not both"));
            }
            (Some(graph), None) => graph,
            (None, Some(name)) => template(cx, &*engine, &name).await?,
            (None, None) => hosting::blank(cx, &*engine).await?,
        };
        let document = engine.lens().create(&graph)?;
        hosting::create(cx, &*engine, self.name, document).await
    }
}

async fn template(cx: &mut Context<'_>, engine: &dyn FlowEngine, name: &str) -> Result<Graph> {
    let templates = cx.outward(Intent::none()).await?.catalog(engine).templates().await?;
    let names = || templates.iter().map(|template| template.name.as_str()).collect::<Vec<_>>().join(", ");
    let template = templates.iter().find(|template| template.name == name);
    template
        .map(|template| template.graph.clone())
        .ok_or_else(|| Error::invalid("template", format!("there is no template {name:?}; choose one of: {}", names())))
}
