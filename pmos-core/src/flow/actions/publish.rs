use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowDetails, find, keep, remote, subject, view::details};
use crate::{
    ConnectionId, Error, FlowId, Id, Kind, Result, Role,
    action::{Action, ActionSpec, Context, Method},
    audit::Subject,
    event::NewEvent,
    flow::{FlowEngine, Host},
    store::{FlowRow, ObjectKind, PublishedRow, VersionRow},
};

/// Makes the draft of an automation its live version.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishFlow {
    /// Which.
    pub flow: FlowId,
    /// Whether its triggers become live too.
    #[serde(default = "yes")]
    pub enable: bool,
    /// What to remember about this version.
    #[serde(default)]
    pub note: Option<String>,
}

fn yes() -> bool {
    true
}

#[async_trait]
impl Action for PublishFlow {
    const SPEC: ActionSpec =
        ActionSpec::write("flows.publish", Method::Post, "/flows/{flow}/publish").role(Role::Member).agents();
    type Output = FlowDetails;

    fn subject(&self) -> Option<Subject> {
        Some(subject(self.flow))
    }

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        if self.note.as_ref().is_some_and(|note| note.chars().count() > 500) {
            return Err(Error::invalid("note", "must have at most 500 characters"));
        }
        let (mut row, engine) = find(cx, self.flow).await?;
        if let Host::Remote(_) = engine.host() {
            return remote::publish(cx, row.id, &*engine, self.enable, self.note).await;
        }
        ready(cx, &row, &*engine).await?;
        let live = row.published.filter(|published| published.revision == row.revision);
        let published = match live {
            Some(published) => published,
            None => PublishedRow {
                version: row.published.map_or(1, |published| published.version + 1),
                revision: row.revision,
                at: cx.now(),
            },
        };
        if live.is_none() {
            let version = VersionRow {
                version: published.version,
                document: row.document.clone(),
                revision: row.revision,
                at: cx.now(),
                by: cx.actor().to_string(),
                note: self.note,
            };
            cx.unit().await?.flows().insert_version(row.id, &version).await?;
        }
        row.published = Some(published);
        row.enabled |= self.enable;
        row.updated_at = cx.now();
        let base = row.revision;
        keep(cx, &row, base).await?;
        let data = serde_json::json!({"version": published.version, "enabled": row.enabled});
        let event = NewEvent::with("flow.published", cx.now(), cx.actor(), &subject(row.id), Some(&data));
        cx.emit(event);
        details(cx, row, &*engine, false)
    }
}

/// Refuses a draft with open issues.
pub(super) async fn ready(cx: &mut Context<'_>, row: &FlowRow, engine: &dyn FlowEngine) -> Result<()> {
    let issues = engine.lens().check(&row.document);
    if !issues.is_empty() {
        let refused =
            Error::new(Kind::Invalid, "not_ready", "The automation has open issues. Mend them, then publish.");
        let refused = issues.iter().fold(refused.with("issues", &issues), |error, issue| {
            let place = issue.step.as_ref().map_or("draft", |step| step.as_str());
            error.at(place, issue.message.clone())
        });
        return Err(refused);
    }
    let graph = engine.lens().view(&row.document)?;
    for step in &graph.steps {
        if let Some(connection) = step.connection {
            must_exist(cx, engine, connection, step.id.as_str()).await?;
        }
    }
    Ok(())
}

async fn must_exist(cx: &mut Context<'_>, engine: &dyn FlowEngine, connection: ConnectionId, step: &str) -> Result<()> {
    let unit = cx.unit().await?;
    let name = &engine.descriptor().name;
    let there = match engine.host() {
        Host::Embedded(_) => unit.connections().get(connection).await?.is_some(),
        Host::Remote(_) => unit.engines().owned(name, ObjectKind::Connection, connection.uuid()).await?.is_some(),
    };
    if there {
        return Ok(());
    }
    let message = "A step uses a connection that is not there. Choose another one, then publish.";
    Err(Error::new(Kind::Invalid, "not_ready", message)
        .at(format!("{step}.connection"), "is not there; choose another one"))
}
