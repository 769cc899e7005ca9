use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Page, Result, Role,
    action::{Action, ActionSpec, Context, Intent, Method},
    flow::{Graph, Template},
};

/// Lists ready-made automations to begin with.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListTemplates {}

/// A ready-made automation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TemplateSummary {
    /// A slug, to create an automation from it.
    pub name: String,
    /// What people read.
    pub title: String,
    /// What it does and what it needs.
    pub summary: String,
    /// The engine it is for.
    pub engine: String,
    /// Its steps, in the order of the flow.
    pub steps: Vec<TemplateStep>,
}

/// A step of a ready-made automation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TemplateStep {
    /// What people read.
    pub name: String,
    /// The piece.
    pub piece: String,
    /// The operation.
    pub operation: String,
}

#[async_trait]
impl Action for ListTemplates {
    const SPEC: ActionSpec = ActionSpec::read("templates.list", Method::Get, "/templates").role(Role::Viewer).agents();
    type Output = Page<TemplateSummary>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let mut items = Vec::new();
        let engines = cx.engines();
        let outward = cx.outward(Intent::none()).await?;
        for engine in engines.iter() {
            let templates = outward.catalog(&**engine).templates().await?;
            items.extend(templates.iter().map(|template| summary(template, &engine.descriptor().name)));
        }
        Ok(Page::whole(items))
    }
}

fn summary(template: &Template, engine: &str) -> TemplateSummary {
    let Graph { steps, .. } = &template.graph;
    TemplateSummary {
        name: template.name.clone(),
        title: template.title.clone(),
        summary: template.summary.clone(),
        engine: engine.to_owned(),
        steps: steps
            .iter()
            .map(|step| TemplateStep {
                name: step.name.clone(),
                piece: step.piece.clone(),
                operation: step.operation.clone(),
            })
            .collect(),
    }
}
