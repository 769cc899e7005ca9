//! The tables.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::Arc,
};

use pmos_core::{
    ActAsId, ApiKeyId, ApprovalId, ChatId, ConnectionId, EditId, Error, FlowId, GrantId, Id, InvitationId, PageRequest,
    Result, RunId, SessionId, Timestamp, TurnId, UsageId, UserId, WorkspaceId,
    api_key::ApiKey,
    approval::{Approval, Grant},
    audit::{AuditEntry, AuditHead, AuditRecord, link},
    chat::{self, ChatEvent, Turn, UsageEntry},
    connection::SealedConnection,
    event::{Event, NewEvent},
    identity::{Account, ActAs, Session, TokenHash},
    model::Provider,
    quota::QuotaKey,
    run::StepRecord,
    store::{
        AnswerKey, EditRow, FlowRow, KeptPolicy, ObjectKind, OwnedObject, Remembered, RunRow, StoredAnswer, TenancyRow,
        VersionRow,
    },
    vault::Sealed,
    workspace::{Invitation, Member, WorkspaceProfile},
};
use uuid::Uuid;

/// A table whose copy costs nothing until one of the two is changed.
pub(super) type Table<K, V> = Arc<BTreeMap<K, V>>;

/// All there is.
#[derive(Clone, Default)]
pub(super) struct Instance {
    pub(super) accounts: Table<UserId, Arc<Account>>,
    /// Whether there ever was an account: only the very first is made a super admin.
    pub(super) founded: bool,
    pub(super) resets: Table<UserId, (TokenHash, Timestamp)>,
    pub(super) sessions: Table<SessionId, (Session, TokenHash)>,
    pub(super) act_as: Table<ActAsId, ActAs>,
    pub(super) answers: Answers,
    pub(super) tenants: Table<WorkspaceId, Arc<Tenant>>,
    /// By workspace, and the one of the instance under none. They outlive their workspaces.
    pub(super) logs: Table<Option<WorkspaceId>, Arc<Log>>,
}

/// What is left of a workspace when it is deleted.
#[derive(Clone, Default)]
pub(super) struct Log {
    pub(super) audit: Vec<AuditRecord>,
    pub(super) last_event: u64,
}

/// All of one workspace.
#[derive(Clone)]
pub(super) struct Tenant {
    pub(super) profile: WorkspaceProfile,
    pub(super) members: Table<UserId, Member>,
    pub(super) invitations: Table<InvitationId, (Invitation, TokenHash)>,
    pub(super) api_keys: Table<ApiKeyId, (ApiKey, TokenHash)>,
    pub(super) flows: Table<FlowId, Arc<Flow>>,
    pub(super) runs: Table<RunId, Arc<Run>>,
    pub(super) connections: Table<ConnectionId, SealedConnection>,
    pub(super) tenancies: Table<String, TenancyRow>,
    /// By engine, kind and our id.
    pub(super) owned: Table<(String, ObjectKind, Uuid), OwnedObject>,
    pub(super) data_key: Option<Sealed>,
    pub(super) quotas: Table<QuotaKey, u64>,
    pub(super) events: Arc<Vec<Event>>,
    pub(super) answers: Answers,
    pub(super) approvals: Table<ApprovalId, Arc<Approval>>,
    pub(super) policy: KeptPolicy,
    pub(super) grants: Table<GrantId, Grant>,
    /// By name.
    pub(super) models: Table<String, Provider>,
    pub(super) chats: Table<ChatId, Arc<Chat>>,
    pub(super) turns: Table<TurnId, Turn>,
    /// What conversations cost; it outlives them.
    pub(super) usage: Table<UsageId, UsageEntry>,
}

/// A conversation and its journal.
#[derive(Clone)]
pub(super) struct Chat {
    pub(super) session: chat::Session,
    pub(super) events: Vec<Arc<ChatEvent>>,
}

#[derive(Clone)]
pub(super) struct Flow {
    pub(super) row: FlowRow,
    /// When it starts by itself next.
    pub(super) next_slot: Option<Timestamp>,
    pub(super) deleted_at: Option<Timestamp>,
    pub(super) versions: Table<u32, VersionRow>,
    pub(super) edits: Table<EditId, EditRow>,
}

#[derive(Clone)]
pub(super) struct Run {
    pub(super) row: RunRow,
    /// Whether a remote engine runs it.
    pub(super) remote: bool,
    pub(super) duration_us: Option<u64>,
    /// When it is due, of one that is queued or waits; a signal that came early, of one at work.
    pub(super) due_at: Option<Timestamp>,
    pub(super) records: Vec<StepRecord>,
}

impl Tenant {
    pub(super) fn new(profile: WorkspaceProfile) -> Self {
        Self {
            profile,
            members: Table::default(),
            invitations: Table::default(),
            api_keys: Table::default(),
            flows: Table::default(),
            runs: Table::default(),
            connections: Table::default(),
            tenancies: Table::default(),
            owned: Table::default(),
            data_key: None,
            quotas: Table::default(),
            events: Arc::default(),
            answers: Answers::default(),
            approvals: Table::default(),
            policy: KeptPolicy::default(),
            grants: Table::default(),
            models: Table::default(),
            chats: Table::default(),
            turns: Table::default(),
            usage: Table::default(),
        }
    }
}

impl Instance {
    /// The workspace as it stands in this copy, to be changed.
    pub(super) fn tenant_mut(&mut self, id: WorkspaceId) -> Option<&mut Tenant> {
        // Looked up before, so that a call into nowhere copies nothing.
        self.tenants.contains_key(&id).then(|| Arc::make_mut(&mut self.tenants).get_mut(&id).map(Arc::make_mut))?
    }

    pub(super) fn chain(&self, of: Option<WorkspaceId>) -> &[AuditRecord] {
        self.logs.get(&of).map_or(&[], |log| &log.audit)
    }

    fn log_mut(&mut self, of: Option<WorkspaceId>) -> &mut Log {
        Arc::make_mut(Arc::make_mut(&mut self.logs).entry(of).or_default())
    }

    pub(super) fn append_audit(&mut self, of: Option<WorkspaceId>, entries: &[AuditEntry]) {
        let chain = &mut self.log_mut(of).audit;
        for entry in entries {
            chain.push(link(of, head(chain), entry));
        }
    }

    /// Numbers events and keeps them as long as their workspace is there.
    pub(super) fn append_events(&mut self, of: WorkspaceId, events: Vec<NewEvent>) -> Vec<Event> {
        let last = &mut self.log_mut(Some(of)).last_event;
        let number = |NewEvent { kind, audience, body }| {
            *last += 1;
            Event { seq: *last, kind: kind.to_owned(), audience, body: Arc::from(body) }
        };
        let numbered: Vec<_> = events.into_iter().map(number).collect();
        if let Some(tenant) = self.tenant_mut(of) {
            Arc::make_mut(&mut tenant.events).extend(numbered.iter().cloned());
        }
        numbered
    }
}

/// Where a chain ends.
pub(super) fn head(chain: &[AuditRecord]) -> AuditHead {
    chain.last().map_or(AuditHead { seq: 0, hash: [0; 32] }, |last| AuditHead { seq: last.seq, hash: last.hash })
}

/// Remembered answers.
#[derive(Clone, Default)]
pub(super) struct Answers(Arc<HashMap<AnswerKey, StoredAnswer>>);

impl Answers {
    pub(super) fn get(&self, key: &AnswerKey) -> Option<StoredAnswer> {
        self.0.get(key).cloned()
    }

    /// Keeps an answer; a second one under the same key must not take effect, nor the act that it stands for.
    pub(super) fn keep(&mut self, answer: StoredAnswer) -> Result<()> {
        match Arc::make_mut(&mut self.0).insert(answer.key.clone(), answer) {
            None => Ok(()),
            Some(_) => Err(taken("remember an answer")),
        }
    }

    /// Forgets that a call waits for this approval.
    pub(super) fn free(&mut self, approval: ApprovalId) {
        let waits = |answer: &StoredAnswer| matches!(answer.answer, Remembered::Parked(id) if id == approval);
        Arc::make_mut(&mut self.0).retain(|_, answer| !waits(answer));
    }

    pub(super) fn purge(&mut self, before: Timestamp, limit: u32) -> u64 {
        let old = self.0.values().filter(|answer| answer.at < before).map(|answer| answer.key.clone());
        let old: Vec<_> = old.take(limit as usize).collect();
        let answers = Arc::make_mut(&mut self.0);
        old.iter().filter(|key| answers.remove(key).is_some()).count() as u64
    }
}

/// The rows that come after the place where the page begins, the newest first.
pub(super) fn newest_first<'a, K: Id + Ord, V>(
    table: &'a BTreeMap<K, V>,
    page: &PageRequest,
) -> impl Iterator<Item = &'a V> + use<'a, K, V> {
    table.range((Bound::Unbounded, bound::<K>(page))).rev().map(|(_, row)| row)
}

/// The same in the order of the ids.
pub(super) fn by_id<'a, K: Id + Ord, V>(
    table: &'a BTreeMap<K, V>,
    page: &PageRequest,
) -> impl Iterator<Item = &'a V> + use<'a, K, V> {
    table.range((bound::<K>(page), Bound::Unbounded)).map(|(_, row)| row)
}

fn bound<K: Id>(page: &PageRequest) -> Bound<K> {
    page.after.map_or(Bound::Unbounded, |cursor| Bound::Excluded(K::from_uuid(Uuid::from_u128(cursor.key()))))
}

/// One more than the page holds, which shows whether there is a next one.
pub(super) fn enough(page: &PageRequest) -> usize {
    page.limit as usize + 1
}

/// What an item is found again by.
pub(super) fn key(id: impl Id) -> u128 {
    id.uuid().as_u128()
}

/// Adds a row that must not be there yet.
pub(super) fn insert<K: Ord + Clone, V: Clone>(table: &mut Table<K, V>, key: K, row: V) -> Result<()> {
    if table.contains_key(&key) {
        return Err(taken("insert a row"));
    }
    Arc::make_mut(table).insert(key, row);
    Ok(())
}

/// Changes a row if it is there.
pub(super) fn change<K: Ord + Clone, V: Clone>(table: &mut Table<K, V>, key: &K, change: impl FnOnce(&mut V)) -> bool {
    if !table.contains_key(key) {
        return false;
    }
    Arc::make_mut(table).get_mut(key).map(change).is_some()
}

/// Takes a row away if it is there.
pub(super) fn remove<K: Ord + Clone, V: Clone>(table: &mut Table<K, V>, key: &K) -> bool {
    table.contains_key(key) && Arc::make_mut(table).remove(key).is_some()
}

/// Keeps the rows that are wanted; how many went.
pub(super) fn retain<K: Ord + Clone, V: Clone>(table: &mut Table<K, V>, wanted: impl Fn(&V) -> bool) -> u64 {
    let before = table.len();
    if table.values().any(|row| !wanted(row)) {
        Arc::make_mut(table).retain(|_, row| wanted(row));
    }
    (before - table.len()) as u64
}

pub(super) fn read_only() -> Error {
    Error::internal("write in a unit that only reads")
}

pub(super) fn taken(operation: &'static str) -> Error {
    Error::internal(operation).because("the key is taken")
}
