//! Writing a whole workflow so that no change is covered unseen.
//!
//! n8n has no compare-and-set, and answers of simultaneous writes may be swapped. So a write is a conversation: look,
//! compare with what the change was made on, write, look again, and ask the history whether there was a write in between.
//!
//! A window of some milliseconds stays in which a change of the name alone, or of pinned data, can be covered: n8n keeps
//! no history of those.

use pmos_core::{
    Result,
    engine::{ExternalId, RemoteFlow, Stored},
    flow::Document,
};
use serde_json::{Map, Value, json};

use super::{
    super::client::{Call, Fault, FaultKind, HISTORY, HistoryEntry, Listed, PUT_WORKFLOW, Page, VERSION, Version},
    N8nHost, refusal,
    tenancy::OpenTenancy,
    workflow::{Body, Read},
};

impl N8nHost {
    pub(super) async fn put(
        &self,
        opened: &OpenTenancy<'_>,
        base: &RemoteFlow,
        name: &str,
        document: &Document,
    ) -> Result<Stored> {
        let before = Body::read(&base.document)?;
        let mut body = self.completed(document, &before)?;
        let _turn = self.turn(opened, &base.id).await;
        let now = self.found(opened, &base.id).await?;
        if now.listed.name != base.name || !now.body.is(&before) {
            return Ok(Stored::Overtaken(self.flow(opened, now)?));
        }
        if now.listed.name == name && body.is_held_by(&now.body) && now.body.pin_data.len() == body.pin_data.len() {
            return Ok(Stored::Done(self.flow(opened, now)?));
        }
        self.write(opened, &base.id, name, &mut body, &now).await?;
        let after = self.found(opened, &base.id).await?;
        let held = after.listed.name == name && body.is_held_by(&after.body);
        // Every write that changes nodes, connections or settings counts one up, so ours alone is one at most.
        if held && now.counter.zip(after.counter).is_some_and(|(before, after)| after - before <= 1) {
            return Ok(Stored::Done(self.flow(opened, after)?));
        }
        let Traces { ours, lost } = self.traces(opened, &base.id, &now, &body).await?;
        let there = match ours {
            _ if held => after,
            // It is as it was with our write; the next look sees what became of it.
            Some(ours) if lost.is_some() || after.body.keeps(&body, &now.body) => Read {
                listed: Listed { name: name.to_owned(), version_id: Some(ours.id.clone()), ..after.listed },
                body: of_version(ours, &after.body),
                ..after
            },
            _ => return Ok(Stored::Overtaken(self.flow(opened, after)?)),
        };
        let there = self.flow(opened, there)?;
        match lost {
            Some(lost) => Ok(Stored::Overwrote { now: there, lost: of_version(lost, &now.body).write()? }),
            None => Ok(Stored::Done(there)),
        }
    }

    /// Sends the whole workflow; settings that this n8n does not know are left out of `body`. A lost answer is no error:
    /// the look afterwards tells what happened.
    async fn write(
        &self,
        opened: &OpenTenancy<'_>,
        flow: &ExternalId,
        name: &str,
        body: &mut Body,
        now: &Read,
    ) -> Result<()> {
        let mut may_drop = true;
        loop {
            let order = changed(name, body, &now.body);
            let call = Call::to(PUT_WORKFLOW, &[flow.as_str()]).query("publishIfActive", "false").json(order);
            match opened.by_key(call).await {
                Ok(_) | Err(Fault { kind: FaultKind::TimedOut | FaultKind::Garbled, .. }) => return Ok(()),
                Err(Fault { kind: FaultKind::Rejected(said), .. })
                    if may_drop && refusal::drop_settings(&said, body) =>
                {
                    may_drop = false;
                }
                Err(Fault { kind: FaultKind::Rejected(said), .. }) => return Err(refusal::of_document(&said)),
                Err(fault) if opened.ownership.hides(&fault) => return Err(pmos_core::Error::not_found()),
                Err(fault) => return Err(fault.into()),
            }
        }
    }

    /// What n8n's history tells of a write of `body` that was made on `now`.
    async fn traces(
        &self,
        opened: &OpenTenancy<'_>,
        flow: &ExternalId,
        now: &Read,
        body: &Body,
    ) -> Result<Traces, Fault> {
        let call = Call::to(HISTORY, &[flow.as_str()]).query("limit", "50");
        let history: Page<HistoryEntry> = opened.by_key(call).await?.json()?;
        let since = history.data.iter().map(|entry| &entry.version_id);
        let mut ours = None;
        // The newest first: what the last one before us wrote builds on what those before it wrote.
        for id in since.take_while(|version| Some(*version) != now.listed.version_id.as_ref()) {
            let answer = opened.by_key(Call::to(VERSION, &[flow.as_str(), id])).await;
            let Some(answer) = opened.ownership.if_there(answer)? else { continue };
            let version: Version = answer.json()?;
            if version.id != *id {
                continue;
            }
            match ours {
                None if body.is_drawn_as(&version) => ours = Some(version),
                None => {}
                Some(_) => return Ok(Traces { ours, lost: Some(version) }),
            }
        }
        Ok(Traces { ours, lost: None })
    }
}

/// What a write left in n8n's history.
struct Traces {
    /// The version that it made.
    ours: Option<Version>,
    /// What was written right before it, which it covered.
    lost: Option<Version>,
}

/// A version, with what n8n keeps no versions of.
fn of_version(Version { nodes, connections, node_groups, id: _ }: Version, rest: &Body) -> Body {
    Body { nodes, connections, node_groups, settings: rest.settings.clone(), pin_data: rest.pin_data.clone() }
}

/// The whole graph, and of everything else what differs: n8n keeps what is not sent, so that what is changed there
/// at the same time is not covered.
fn changed(name: &str, body: &Body, now: &Body) -> Value {
    let settings: Map<_, _> = body
        .settings
        .iter()
        .filter(|(name, value)| now.settings.get(&**name) != Some(*value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut order = json!({"name": name, "nodes": body.nodes, "connections": body.connections, "settings": settings});
    if body.pin_data != now.pin_data {
        order["pinData"] = json!(body.pin_data);
    }
    if body.node_groups != now.node_groups && !(body.node_groups.is_null() && now.node_groups.is_null()) {
        order["nodeGroups"] = if body.node_groups.is_null() { json!([]) } else { body.node_groups.clone() };
    }
    order
}
