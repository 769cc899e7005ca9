use std::collections::HashMap;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Page, Result, Timestamp, UserId,
    action::{Action, ActionSpec, Context, Intent, Method},
    audit::{AuditRecord, Outcome},
    store::AuditFilter,
    workspace::Label,
};

/// Lists what was done in the workspace, newest first.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAudit {
    /// By this actor, as `usr_…`.
    pub actor: Option<String>,
    /// This action, as `flows.publish`.
    pub action: Option<String>,
    /// About this object, as `flow_…`.
    pub object: Option<String>,
    /// That ended so.
    pub outcome: Option<Outcome>,
    /// At or after.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A record of the audit chain.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct AuditView {
    /// Its id.
    pub id: String,
    /// Its place in the chain.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: AuditActor,
    /// The action.
    pub action: String,
    /// How it ended: `done`, `denied`, `asked` (the password was asked for first), `begun` or `failed`.
    pub outcome: String,
    /// What it was about.
    pub subject: Option<AuditSubject>,
    /// From where.
    pub ip: Option<String>,
    /// In which request.
    pub request_id: String,
    /// What else is worth knowing.
    pub note: Option<String>,
    /// The hash over this record and the one before.
    pub hash: String,
}

/// Who did it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct AuditActor {
    /// `person`, `api_key`, `agent` or `system`.
    pub kind: String,
    /// Their id.
    pub id: String,
    /// What people read, where they are still known.
    pub name: Option<Label>,
}

/// What it was about.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct AuditSubject {
    /// The kind of object, as `flow`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What people read, for a person who is still known.
    pub name: Option<Label>,
}

#[async_trait]
impl Action for ListAudit {
    const SPEC: ActionSpec = ActionSpec::read("audit.list", Method::Get, "/audit");
    type Output = Page<AuditView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let filter = AuditFilter {
            actor: self.actor,
            action: self.action,
            subject: self.object,
            outcome: self.outcome,
            since: self.since,
            until: self.until,
        };
        let records = cx.read().await?.audit().list(&filter, &page).await?;
        named(cx, records).await
    }
}

/// Lists what was done to the instance and by its people, newest first.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListInstanceAudit {
    /// By this actor, as `usr_…`.
    pub actor: Option<String>,
    /// This action, as `auth.sign_in`.
    pub action: Option<String>,
    /// About this object, as `ws_…`.
    pub object: Option<String>,
    /// That ended so.
    pub outcome: Option<Outcome>,
    /// At or after.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// How many at most, 1 to 200.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

#[async_trait]
impl Action for ListInstanceAudit {
    const SPEC: ActionSpec = ActionSpec::read("admin.audit.list", Method::Get, "/api/v1/admin/audit").instance();
    type Output = Page<AuditView>;

    async fn run(self, cx: &mut Context<'_>) -> Result<Self::Output> {
        let page = cx.page(self.limit, self.cursor.as_deref())?;
        let filter = AuditFilter {
            actor: self.actor,
            action: self.action,
            subject: self.object,
            outcome: self.outcome,
            since: self.since,
            until: self.until,
        };
        let records = cx.system().await?.audit().list(&filter, &page).await?;
        named(cx, records).await
    }
}

/// With the names of those who did it and of those it was done to.
async fn named(cx: &mut Context<'_>, records: Page<AuditRecord>) -> Result<Page<AuditView>> {
    let mut ids: Vec<UserId> = records
        .items
        .iter()
        .flat_map(|record| [Some(&record.actor_id), record.subject_id.as_ref()])
        .filter_map(|id| id?.parse().ok())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let people = cx.outward(Intent::none()).await?.identity().people(&ids).await?;
    let names: HashMap<String, Label> = people.into_iter().map(|person| (person.id.to_string(), person.name)).collect();
    Ok(records.map(|record| view(record, &names)))
}

fn view(record: AuditRecord, names: &HashMap<String, Label>) -> AuditView {
    let name = names.get(&record.actor_id).cloned();
    let subject = record.subject_kind.zip(record.subject_id);
    let subject = subject.map(|(kind, id)| AuditSubject { name: names.get(&id).cloned(), kind, id });
    AuditView {
        id: record.id,
        seq: record.seq,
        at: record.at,
        actor: AuditActor { kind: record.actor_kind, id: record.actor_id, name },
        action: record.action,
        outcome: record.outcome,
        subject,
        ip: record.address,
        request_id: record.request,
        note: record.note,
        hash: hex::encode(record.hash),
    }
}
