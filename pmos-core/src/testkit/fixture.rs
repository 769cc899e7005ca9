//! Things to fill a store with: valid, small, and different from one another where it matters.

use std::{sync::Arc, time::Duration};

use serde_json::value::RawValue;

use super::{TestClock, scope};
use crate::{
    Actor, Clock, ConnectionId, Cursor, Id, Page, PageRequest, Role, Timestamp, UserId, WorkspaceId, WorkspaceScope,
    api_key::ApiKey,
    audit::{AuditEntry, Outcome, Subject},
    connection::{Connection, SealedConnection},
    engine::{EngineState, ExternalId, Fact, FactName, Wall},
    event::{Event, NewEvent},
    flow::Document,
    identity::{Account, ActAs, PasswordHash, Person, Session, TokenHash},
    run::{RunState, RunStatus, RunSummary, StepRecord, StepStatus, TriggerKind},
    store::{
        Access, AnswerKey, Closing, EditRow, FlowRow, ObjectKind, OwnedObject, Remembered, RunBatch, RunRow, Store,
        StoredAnswer, SystemUnit, TenancyRow, UnitOfWork, VersionRow,
    },
    vault::{CredentialKind, Sealed},
    workspace::{Invitation, Label, Member, WorkspaceProfile},
};

/// A store, a clock, and rows to put into the one by the other.
///
/// Everything that is made gets a time of its own, a millisecond and a microsecond after the one before.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Arc<TestClock>,
}

/// A workspace with its first member.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who founded it.
    pub admin: UserId,
    /// Their right to act in it.
    pub scope: WorkspaceScope,
}

impl Fixture {
    /// Begins with this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, clock: Arc::default() }
    }

    /// A fresh identifier.
    pub fn id<T: Id>(&self) -> T {
        let clock: &dyn Clock = &*self.clock;
        clock.new_id().unwrap()
    }

    /// Lets a little time pass; what the clock says then.
    pub fn tick(&self) -> Timestamp {
        self.clock.advance(Duration::from_micros(1_001))
    }

    /// The hash of a token that is used nowhere else.
    pub fn token(&self) -> TokenHash {
        TokenHash::of(&self.id::<UserId>().to_string())
    }

    /// A page of this size after the cursor of a page before.
    pub fn page(limit: u32, cursor: Option<&str>, owner: impl Id) -> PageRequest {
        PageRequest::parse(Some(limit), cursor, owner).unwrap()
    }

    /// Reads a list to its end, `limit` items at a time; the items of each page.
    pub async fn pages<T>(
        limit: u32,
        owner: impl Id,
        mut list: impl AsyncFnMut(&PageRequest) -> Page<T>,
    ) -> Vec<Vec<T>> {
        let (mut pages, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = list(&Self::page(limit, cursor.as_deref(), owner)).await;
            pages.push(page.items);
            cursor = page.next;
            if cursor.is_none() || pages.len() > 100 {
                return pages;
            }
        }
    }
}

/// Units of work.
impl Fixture {
    /// Begins a unit that reads in a workspace.
    pub async fn read(&self, home: &Home) -> Box<dyn UnitOfWork> {
        self.store.begin(&home.scope, Access::Read).await.unwrap()
    }

    /// Begins a unit that writes in a workspace.
    pub async fn write(&self, home: &Home) -> Box<dyn UnitOfWork> {
        self.store.begin(&home.scope, Access::Write).await.unwrap()
    }

    /// Begins a unit that writes what belongs to no workspace.
    pub async fn system(&self) -> Box<dyn SystemUnit> {
        self.store.system("conformance", Access::Write).await.unwrap()
    }

    /// Reads in a workspace.
    pub async fn look<T>(&self, home: &Home, look: impl AsyncFnOnce(&mut dyn UnitOfWork) -> T) -> T {
        look(&mut *self.read(home).await).await
    }

    /// Writes in a workspace and commits.
    pub async fn change<T>(&self, home: &Home, change: impl AsyncFnOnce(&mut dyn UnitOfWork) -> T) -> T {
        let mut unit = self.write(home).await;
        let done = change(&mut *unit).await;
        unit.commit(Closing::default()).await.unwrap();
        done
    }

    /// Reads what belongs to no workspace.
    pub async fn look_system<T>(&self, look: impl AsyncFnOnce(&mut dyn SystemUnit) -> T) -> T {
        look(&mut *self.store.system("conformance", Access::Read).await.unwrap()).await
    }

    /// Writes what belongs to no workspace and commits.
    pub async fn change_system<T>(&self, change: impl AsyncFnOnce(&mut dyn SystemUnit) -> T) -> T {
        let mut unit = self.system().await;
        let done = change(&mut *unit).await;
        unit.commit(Vec::new(), None).await.unwrap();
        done
    }

    /// Commits nothing but events, and gives them back with their numbers.
    pub async fn emit(&self, home: &Home, events: Vec<NewEvent>) -> Vec<Event> {
        self.write(home).await.commit(Closing { events, ..Closing::default() }).await.unwrap()
    }

    /// Commits nothing but audit entries.
    pub async fn record(&self, home: &Home, audit: Vec<AuditEntry>) {
        self.write(home).await.commit(Closing { audit, ..Closing::default() }).await.unwrap();
    }
}

/// People and workspaces.
impl Fixture {
    /// A person with the address `name@example.com`.
    pub fn account(&self, name: &str) -> Account {
        let person = Person {
            id: self.id(),
            name: label(name),
            email: format!("{name}@example.com").parse().unwrap(),
            super_admin: false,
        };
        Account { person, password_hash: PasswordHash(format!("$argon2id${name}")), created_at: self.tick() }
    }

    /// Keeps a new account.
    pub async fn add_account(&self, name: &str) -> Account {
        let account = self.account(name);
        let mut unit = self.system().await;
        assert!(unit.accounts().insert(&account).await.unwrap());
        unit.commit(Vec::new(), None).await.unwrap();
        account
    }

    /// A signed-in browser of a person, good for an hour.
    pub fn session(&self, user: UserId) -> Session {
        let now = self.tick();
        Session {
            id: self.id(),
            user,
            created_at: now,
            last_used_at: now,
            expires_at: now.plus(Duration::from_hours(1)),
            stepped_up_until: None,
            address: "192.0.2.7".to_owned(),
            user_agent: "Browser/1.0".to_owned(),
        }
    }

    /// Keeps a new session; its token too.
    pub async fn add_session(&self, user: UserId) -> (Session, TokenHash) {
        let (session, token) = (self.session(user), self.token());
        self.change_system(async |unit| unit.sessions().insert(&session, token).await.unwrap()).await;
        (session, token)
    }

    /// A period in which a person acts in a foreign workspace.
    pub fn act_as(&self, user: UserId, workspace: WorkspaceId) -> ActAs {
        let expires_at = self.tick().plus(Duration::from_mins(30));
        ActAs { id: self.id(), user, workspace, reason: "asked for help".to_owned(), expires_at }
    }

    /// The settings of a new workspace.
    pub fn profile(&self, name: &str) -> WorkspaceProfile {
        WorkspaceProfile {
            id: self.id(),
            name: label(name),
            time_zone: "Europe/Berlin".to_owned(),
            default_engine: "embedded".to_owned(),
            retention_days: 30,
            created_at: self.tick(),
        }
    }

    /// A member who joins now.
    pub fn member(&self, user: UserId, role: Role) -> Member {
        Member { user, role, joined_at: self.tick() }
    }

    /// Founds a workspace for a new account of that name.
    pub async fn found(&self, name: &str) -> Home {
        let admin = self.add_account(name).await.person.id;
        self.found_for(admin, name).await
    }

    /// Founds a workspace for a person.
    pub async fn found_for(&self, admin: UserId, name: &str) -> Home {
        let (profile, founder) = (self.profile(name), self.member(admin, Role::WorkspaceAdmin));
        self.change_system(async |unit| unit.workspaces().found(&profile, founder).await.unwrap()).await;
        Home { workspace: profile.id, admin, scope: scope(profile.id, Actor::Person(admin), Role::WorkspaceAdmin) }
    }

    /// Lets a new person join a workspace.
    pub async fn join(&self, home: &Home, role: Role) -> Member {
        let member = self.member(self.id(), role);
        assert!(self.change(home, async |unit| unit.members().add(member).await.unwrap()).await);
        member
    }

    /// An offer to join, good for a week.
    pub fn invitation(&self, home: &Home, name: &str) -> Invitation {
        let now = self.tick();
        Invitation {
            id: self.id(),
            email: format!("{name}@example.com").parse().unwrap(),
            role: Role::Member,
            invited_by: home.admin,
            created_at: now,
            expires_at: now.plus(Duration::from_hours(168)),
        }
    }

    /// Keeps a new invitation; its token too.
    pub async fn add_invitation(&self, home: &Home, name: &str) -> (Invitation, TokenHash) {
        let (invitation, token) = (self.invitation(home, name), self.token());
        self.change(home, async |unit| unit.invitations().insert(&invitation, token).await.unwrap()).await;
        (invitation, token)
    }

    /// A key of a person, or of the workspace.
    pub fn api_key(&self, owner: Option<UserId>) -> ApiKey {
        ApiKey {
            id: self.id(),
            name: label("Deploy"),
            owner,
            scopes: vec!["flows.*".parse().unwrap(), "runs.get".parse().unwrap()],
            prefix: "pmos_a1b2".to_owned(),
            created_at: self.tick(),
            expires_at: None,
            last_used_at: None,
        }
    }

    /// Keeps a new key; its token too.
    pub async fn add_api_key(&self, home: &Home, owner: Option<UserId>) -> (ApiKey, TokenHash) {
        let (key, token) = (self.api_key(owner), self.token());
        self.change(home, async |unit| unit.api_keys().insert(&key, token).await.unwrap()).await;
        (key, token)
    }

    /// A stored credential.
    pub fn connection(&self, name: &str) -> SealedConnection {
        let now = self.tick();
        let connection = Connection {
            id: self.id(),
            name: label(name),
            kind: CredentialKind::Header,
            hosts: vec!["api.example.com".parse().unwrap(), "api.example.com:8443".parse().unwrap()],
            secret_name: "x-api-key".to_owned(),
            last_four: Some("cafe".to_owned()),
            created_at: now,
            updated_at: now,
        };
        SealedConnection { connection, secret: Sealed::from_bytes(name.as_bytes().to_vec()) }
    }

    /// Keeps a new credential.
    pub async fn add_connection(&self, home: &Home, name: &str) -> SealedConnection {
        let connection = self.connection(name);
        self.change(home, async |unit| unit.connections().insert(&connection).await.unwrap()).await;
        connection
    }
}

/// Flows and runs.
impl Fixture {
    /// A new draft at revision 1.
    pub fn flow(&self, name: &str) -> FlowRow {
        let now = self.tick();
        FlowRow {
            id: self.id(),
            engine: "embedded".to_owned(),
            name: label(name),
            enabled: false,
            revision: 1,
            document: document(r#"{"steps":[]}"#),
            issues: raw(r#"[{"code":"required"}]"#),
            issues_count: 1,
            trigger: Some("webhook".to_owned()),
            hook_token: format!("hook-{}", self.id::<UserId>()),
            hook_url: None,
            published: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Keeps a new flow.
    pub async fn add_flow(&self, home: &Home, name: &str) -> FlowRow {
        let flow = self.flow(name);
        self.change(home, async |unit| unit.flows().insert(&flow).await.unwrap()).await;
        flow
    }

    /// A published version.
    pub fn version(&self, version: u32, text: &str) -> VersionRow {
        let by = "usr_00000000000000000000000000000001".to_owned();
        VersionRow { version, document: document(text), revision: 7, at: self.tick(), by, note: None }
    }

    /// A list of edits that led from revision `base` to the next.
    pub fn edit(&self, base: u64) -> EditRow {
        EditRow {
            id: self.id(),
            base,
            revision: base + 1,
            author: "usr_00000000000000000000000000000001".to_owned(),
            note: Some("tidy".to_owned()),
            edits: raw(r#"[{"op":"rename","name":"B"}]"#),
            inverses: raw(r#"[{"op":"rename","name":"A"}]"#),
            remains: None,
            conflict: false,
            at: self.tick(),
        }
    }

    /// A queued run of a flow's first version, begun by its webhook.
    pub fn run(&self, flow: &FlowRow) -> RunRow {
        let summary = RunSummary::queued(self.id(), flow.id, &flow.engine, Some(1), TriggerKind::Webhook, self.tick());
        RunRow::new(summary, Some(raw(r#"{"qty":4}"#)))
    }

    /// Keeps a new queued run.
    pub async fn add_run(&self, home: &Home, flow: &FlowRow) -> RunRow {
        let run = self.run(flow);
        self.change(home, async |unit| unit.runs().insert(&run).await.unwrap()).await;
        run
    }

    /// Keeps a new run that ended like this after so many microseconds.
    pub async fn add_ended(&self, home: &Home, flow: &FlowRow, status: RunStatus, took_us: u64) -> RunRow {
        let run = self.run(flow);
        let state = ended(&run, status, took_us);
        let batch = RunBatch { state, ..self.batch(&run, 0, 0) };
        self.append(home, RunBatch { begin: Some(run.clone()), ..batch }).await;
        run
    }

    /// A record of a step that succeeded.
    pub fn step(&self, step: &str) -> StepRecord {
        StepRecord {
            within: Vec::new(),
            step: step.parse().unwrap(),
            name: step.to_owned(),
            status: StepStatus::Succeeded,
            attempt: 1,
            started_at: self.tick(),
            duration_us: 1_234,
            input: Some(raw(r#"{"url":"https://example.com"}"#)),
            output: Some(raw(r#"{"status":200}"#)),
            error: None,
        }
    }

    /// A batch of `count` records from the place `first` on, after which the run goes on.
    pub fn batch(&self, run: &RunRow, first: u32, count: u32) -> RunBatch {
        let records = (first..first + count).map(|n| self.step(&format!("step_{n}"))).collect();
        RunBatch {
            run: run.summary.id,
            epoch: run.owner.epoch,
            begin: None,
            state: running(),
            first,
            records,
            children: Vec::new(),
            has_children: false,
            parent: run.summary.parent,
            answers: Vec::new(),
            at: self.clock.now(),
            events: Vec::new(),
        }
    }

    /// Appends to a journal.
    pub async fn append(&self, home: &Home, batch: RunBatch) -> Vec<Event> {
        self.store.journal().append(&home.scope, batch).await.unwrap().events
    }
}

/// Remote engines.
impl Fixture {
    /// A place at an engine, on a server that others may use too.
    pub fn tenancy(&self, engine: &str) -> TenancyRow {
        let now = self.tick();
        let reachable =
            Fact { name: FactName::Reachable, ok: Some(true), message: "It answers".to_owned(), action: None, at: now };
        TenancyRow {
            engine: engine.to_owned(),
            instance: "https://engine.example.com".to_owned(),
            wall: Wall::Project,
            access: Sealed::from_bytes(engine.as_bytes().to_vec()),
            state: EngineState::Ready,
            facts: vec![reachable],
            version: Some("2.1.0".to_owned()),
            runs_after: None,
            connected_at: now,
        }
    }

    /// Keeps a new place at an engine.
    pub async fn add_tenancy(&self, home: &Home, engine: &str) -> TenancyRow {
        let tenancy = self.tenancy(engine);
        self.change(home, async |unit| unit.engines().put_tenancy(&tenancy).await.unwrap()).await;
        tenancy
    }

    /// An object that the engine knows by this id.
    pub fn object(&self, kind: ObjectKind, external: &str) -> OwnedObject {
        let id = self.id::<UserId>().uuid();
        OwnedObject { kind, id, external: ExternalId::new(external), seen: raw(r#"{"stamp":"1"}"#), at: self.tick() }
    }
}

/// What is written down with an act.
impl Fixture {
    /// An event that everybody in the workspace may see.
    pub fn event(&self, kind: &'static str) -> NewEvent {
        let subject = Subject::new("flow", self.id::<crate::FlowId>());
        NewEvent::new(kind, self.tick(), Actor::System("conformance"), &subject)
    }

    /// An audit entry of a workspace's admin about a flow.
    pub fn entry(&self, home: &Home, action: &'static str) -> AuditEntry {
        AuditEntry {
            id: self.id(),
            at: self.tick(),
            actor: Actor::Person(home.admin),
            action,
            outcome: Outcome::Done,
            subject: Some(Subject::new("flow", self.id::<crate::FlowId>())),
            address: Some("192.0.2.7".to_owned()),
            request: self.id(),
            note: None,
        }
    }

    /// An answer to remember.
    pub fn answer(&self, key: &str) -> StoredAnswer {
        let answer = Remembered::Done(Some(raw(r#"{"id":"flow_1"}"#)));
        StoredAnswer { key: answer_key(key), digest: [7; 32], answer, at: self.tick() }
    }
}

/// Which request an answer belongs to.
pub fn answer_key(key: &str) -> AnswerKey {
    AnswerKey { actor: "usr_1".to_owned(), action: "flows.create", key: key.to_owned() }
}

/// A run at work.
pub fn running() -> RunState {
    RunState::of(RunStatus::Running)
}

/// The end of a run after so many microseconds.
pub fn ended(run: &RunRow, status: RunStatus, took_us: u64) -> RunState {
    let finished_at = run.summary.started_at.plus(Duration::from_micros(took_us));
    let failed = status == RunStatus::Failed;
    RunState {
        status,
        finished_at: Some(finished_at),
        duration_us: Some(took_us),
        wake_at: None,
        error: failed.then(|| "The service answered 500".to_owned()),
        result: (!failed).then(|| raw(r#"{"total":12}"#)),
    }
}

/// A name that people gave.
pub fn label(text: &str) -> Label {
    text.parse().unwrap()
}

/// A JSON text as it is.
pub fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

/// A document with this text.
pub fn document(text: &str) -> Document {
    Document::parse(text.to_owned()).unwrap()
}

/// Whose the lists of the instance are.
pub fn instance() -> WorkspaceId {
    WorkspaceId::from_uuid(uuid::Uuid::nil())
}

/// A cursor of a list, wherever the list may be.
pub fn cursor(owner: impl Id, last: impl Id) -> String {
    Cursor::new(owner, last.uuid().as_u128()).to_string()
}

/// A document that uses a stored credential.
pub fn document_using(connection: ConnectionId) -> Document {
    document(&format!(r#"{{"steps":[{{"id":"call","connection":"{connection}"}}]}}"#))
}
