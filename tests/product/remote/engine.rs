//! A remote engine that lives in memory: it keeps flows, runs and credentials of its own, people change them there
//! behind our back, and it can be unreachable.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use parking_lot::Mutex;
use pmos::{
    connectors::{
        embedded::{EmbeddedConfig, EmbeddedEngine},
        outbound::Outbound,
    },
    core::{
        Clock, Error, Kind, Result, SystemClock, Timestamp, WorkspaceId,
        engine::{
            Begun, ExternalId, FactName, FlowHost, Health, HealthReport, HostedCredentials, HostedKeys, NewCredential,
            Provisioning, RemoteCredential, RemoteEntry, RemoteFlow, RemoteRun, RemoteRunDetails, RemoteRuns,
            RemoteStart, RemoteVersion, RunControl, Stored, Tenancy, Wall,
        },
        flow::{
            Catalog, CredentialForm, Document, EngineDescriptor, Field, FieldKind, FlowEdit, FlowEngine, FlowLens,
            Guarded, Host, Piece, PieceSummary, Remote, Template, edit_document,
        },
        run::{RunStatus, StepRun, TriggerKind},
        vault::Secret,
    },
};
use serde_json::json;

/// A flow as this engine keeps it.
#[derive(Debug, Clone)]
pub(super) struct StoredFlow {
    pub(super) owner: WorkspaceId,
    pub(super) name: String,
    pub(super) document: Document,
    pub(super) changes: u32,
    pub(super) enabled: bool,
    pub(super) published: Option<(u32, Document)>,
}

#[derive(Debug, Clone)]
pub(super) struct KeptRun {
    pub(super) owner: WorkspaceId,
    pub(super) run: RemoteRun,
}

#[derive(Default)]
struct State {
    down: bool,
    /// Whether begun runs are lost and nothing is said of them.
    loses_begins: bool,
    next: u32,
    flows: BTreeMap<ExternalId, StoredFlow>,
    runs: BTreeMap<ExternalId, KeptRun>,
    credentials: BTreeMap<ExternalId, (WorkspaceId, RemoteCredential)>,
    /// What is written there in the moment between a look of ours and our write.
    in_between: Option<Vec<FlowEdit>>,
}

/// The engine; cheap to clone, so that a test keeps a hand on it.
#[derive(Clone)]
pub(crate) struct RemoteEngine {
    descriptor: EngineDescriptor,
    inner: Arc<EmbeddedEngine>,
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
}

impl RemoteEngine {
    pub(crate) fn new() -> Self {
        Self::by(Arc::new(SystemClock))
    }

    /// One that looks at this clock when it is asked how it stands.
    pub(super) fn by(clock: Arc<dyn Clock>) -> Self {
        let inner = EmbeddedEngine::new(EmbeddedConfig::default(), Arc::new(Outbound::builder().build().unwrap()));
        let mut descriptor = inner.descriptor().clone();
        "remote".clone_into(&mut descriptor.name);
        "Remote".clone_into(&mut descriptor.title);
        descriptor.capabilities.retry_from_failed = true;
        Self { descriptor, inner: Arc::new(inner), state: Arc::default(), clock }
    }

    /// Whether it answers.
    pub(super) fn set_down(&self, down: bool) {
        self.state.lock().down = down;
    }

    /// From now on it takes orders to begin a run, and begins none.
    pub(super) fn lose_begins(&self) {
        self.state.lock().loses_begins = true;
    }

    /// The only flow of that name.
    pub(super) fn flow(&self, name: &str) -> (ExternalId, StoredFlow) {
        let state = self.state.lock();
        let mut found = state.flows.iter().filter(|(_, kept)| kept.name == name);
        let (id, kept) = found.next().unwrap_or_else(|| panic!("{name} is not there"));
        assert!(found.next().is_none(), "{name} is there twice");
        (id.clone(), kept.clone())
    }

    pub(super) fn flows(&self) -> usize {
        self.state.lock().flows.len()
    }

    /// Edits a flow there.
    pub(super) fn edit(&self, flow: &ExternalId, edits: &[FlowEdit]) {
        let mut state = self.state.lock();
        let kept = state.flows.get_mut(flow).unwrap();
        kept.document = edit_document(self.inner.lens(), &kept.document, edits).unwrap().0;
        kept.changes += 1;
    }

    /// Edits a flow there right before our next write.
    pub(super) fn edit_in_between(&self, edits: Vec<FlowEdit>) {
        self.state.lock().in_between = Some(edits);
    }

    /// Makes a flow there.
    pub(super) fn make(&self, owner: WorkspaceId, name: &str, document: &Document) -> ExternalId {
        let mut state = self.state.lock();
        let id = state.id("wf");
        let kept = StoredFlow {
            owner,
            name: name.to_owned(),
            document: document.clone(),
            changes: 1,
            enabled: false,
            published: None,
        };
        state.flows.insert(id.clone(), kept);
        id
    }

    /// Deletes a flow there.
    pub(super) fn remove(&self, flow: &ExternalId) {
        self.state.lock().flows.remove(flow);
    }

    /// A run begins there.
    pub(super) fn run(&self, flow: &ExternalId, status: RunStatus) -> ExternalId {
        let mut state = self.state.lock();
        state.begin(flow, None, status, TriggerKind::Webhook)
    }

    /// Every run there ends.
    pub(super) fn end_runs(&self, status: RunStatus) {
        for kept in self.state.lock().runs.values_mut().filter(|kept| !kept.run.status.is_final()) {
            kept.run.status = status;
            kept.run.finished_at = Some(at(2));
        }
    }

    fn answering(&self) -> Result<parking_lot::MutexGuard<'_, State>> {
        let state = self.state.lock();
        if state.down {
            return Err(Error::new(Kind::Upstream, "engine_unreachable", "Remote does not answer."));
        }
        Ok(state)
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_800_000_000_000_000 + second * 1_000_000)
}

impl State {
    fn id(&mut self, kind: &str) -> ExternalId {
        self.next += 1;
        ExternalId::new(format!("{kind}-{}", self.next))
    }

    fn flow(&mut self, at: &Tenancy, flow: &ExternalId) -> Result<&mut StoredFlow> {
        self.flows.get_mut(flow).filter(|kept| kept.owner == at.workspace).ok_or_else(Error::not_found)
    }

    fn begin(
        &mut self,
        flow: &ExternalId,
        ours: Option<pmos::core::RunId>,
        status: RunStatus,
        trigger: TriggerKind,
    ) -> ExternalId {
        let owner = self.flows[flow].owner;
        let id = self.id("ex");
        let run = RemoteRun {
            id: id.clone(),
            flow: flow.clone(),
            ours,
            version: None,
            status,
            trigger,
            started_at: at(1),
            finished_at: status.is_final().then(|| at(2)),
            error: (status == RunStatus::Failed).then(|| "It broke.".to_owned()),
        };
        self.runs.insert(id.clone(), KeptRun { owner, run });
        id
    }
}

fn seen(id: &ExternalId, kept: &StoredFlow) -> RemoteFlow {
    RemoteFlow {
        id: id.clone(),
        name: kept.name.clone(),
        document: kept.document.clone(),
        stamp: format!("{}/{}/{:?}", kept.changes, kept.enabled, kept.published.as_ref().map(|(number, _)| number)),
        enabled: kept.enabled,
        published: kept.published.as_ref().map(|(number, document)| RemoteVersion {
            id: ExternalId::new(format!("v{number}")),
            document: document.clone(),
        }),
        hook_url: Some(format!("http://remote.example/webhook/{id}")),
    }
}

impl fmt::Display for RemoteEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.descriptor.name)
    }
}

impl fmt::Debug for RemoteEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remote")
    }
}

impl FlowEngine for RemoteEngine {
    fn descriptor(&self) -> &EngineDescriptor {
        &self.descriptor
    }
    fn lens(&self) -> &dyn FlowLens {
        self.inner.lens()
    }
    fn host(&self) -> Host<'_> {
        Host::Remote(Remote::new(self))
    }
    fn catalog(&self) -> Guarded<'_, dyn Catalog> {
        Guarded::new(self)
    }
}

#[async_trait]
impl Catalog for RemoteEngine {
    async fn pieces<'a>(&self, at: Option<&'a Tenancy>) -> Result<Arc<[PieceSummary]>> {
        self.inner.catalog().for_tests().pieces(at).await
    }
    async fn piece<'a>(&self, at: Option<&'a Tenancy>, name: &str) -> Result<Option<Arc<Piece>>> {
        self.inner.catalog().for_tests().piece(at, name).await
    }
    async fn templates(&self) -> Result<Arc<[Template]>> {
        Ok(Arc::new([]))
    }
    async fn credential_kind<'a>(&self, _: Option<&'a Tenancy>, name: &str) -> Result<Option<CredentialForm>> {
        let title = "Header".to_owned();
        let form = CredentialForm { name: name.to_owned(), title, fields: Vec::new(), consent: false };
        Ok((name == "httpHeaderAuth").then_some(form))
    }
}

#[async_trait]
impl FlowHost for RemoteEngine {
    async fn join(&self, workspace: WorkspaceId, how: &Provisioning) -> Result<Tenancy> {
        drop(self.answering()?);
        let (instance, wall) = match how {
            Provisioning::Managed => ("http://remote.example".to_owned(), Wall::User),
            Provisioning::OwnCredentials(own) => (own.base_url().to_owned(), Wall::OwnKey),
        };
        Ok(Tenancy { workspace, instance, wall, access: Secret::new("canary-remote-access") })
    }

    async fn check(&self, _: &Tenancy) -> Health {
        let mut report = HealthReport::new(self.clock.now());
        report.holds(FactName::Configured, "So it is.");
        if self.state.lock().down {
            report.fails(FactName::Reachable, "It does not answer.", "Wait.");
        } else {
            FactName::OF_ENGINES[1..].iter().for_each(|name| report.holds(*name, "So it is."));
        }
        report.finish(Some("1.0".to_owned()))
    }

    async fn release(&self, at: &Tenancy, _: &[ExternalId]) -> Result<()> {
        self.answering()?.flows.retain(|_, kept| kept.owner != at.workspace);
        Ok(())
    }

    async fn flows(&self, at: &Tenancy) -> Result<Vec<RemoteEntry>> {
        let state = self.answering()?;
        let own = state.flows.iter().filter(|(_, kept)| kept.owner == at.workspace);
        Ok(own.map(|(id, kept)| RemoteEntry { id: id.clone(), stamp: seen(id, kept).stamp }).collect())
    }

    async fn fetch(&self, at: &Tenancy, flow: &ExternalId) -> Result<Option<RemoteFlow>> {
        Ok(self.answering()?.flow(at, flow).ok().map(|kept| seen(flow, kept)))
    }

    async fn create(&self, at: &Tenancy, name: &str, document: &Document) -> Result<RemoteFlow> {
        drop(self.answering()?);
        let id = self.make(at.workspace, name, document);
        Ok(seen(&id, &self.answering()?.flows[&id]))
    }

    async fn store(&self, at: &Tenancy, base: &RemoteFlow, name: &str, document: &Document) -> Result<Stored> {
        let interloper: Option<Vec<FlowEdit>> = self.answering()?.in_between.take();
        let mut state = self.answering()?;
        let kept = state.flow(at, &base.id)?;
        if seen(&base.id, kept).stamp != base.stamp {
            return Ok(Stored::Overtaken(seen(&base.id, kept)));
        }
        let lost = interloper.map(|edits| edit_document(self.inner.lens(), &kept.document, &edits).unwrap().0);
        name.clone_into(&mut kept.name);
        kept.document = document.clone();
        kept.changes += 1;
        let now = seen(&base.id, kept);
        Ok(match lost {
            Some(lost) => Stored::Overwrote { now, lost },
            None => Stored::Done(now),
        })
    }

    async fn publish<'a>(
        &self,
        at: &Tenancy,
        flow: &ExternalId,
        enable: bool,
        _: Option<&'a str>,
    ) -> Result<RemoteFlow> {
        let mut state = self.answering()?;
        let kept = state.flow(at, flow)?;
        let number = kept.published.as_ref().map_or(1, |(number, _)| number + 1);
        kept.published = Some((number, kept.document.clone()));
        kept.enabled |= enable;
        Ok(seen(flow, kept))
    }

    async fn set_enabled<'a>(
        &self,
        at: &Tenancy,
        flow: &ExternalId,
        _: Option<&'a ExternalId>,
        enabled: bool,
    ) -> Result<RemoteFlow> {
        let mut state = self.answering()?;
        let kept = state.flow(at, flow)?;
        kept.enabled = enabled;
        Ok(seen(flow, kept))
    }

    async fn delete(&self, at: &Tenancy, flow: &ExternalId) -> Result<()> {
        let mut state = self.answering()?;
        state.flow(at, flow)?;
        state.flows.remove(flow);
        Ok(())
    }

    async fn start(&self, at: &Tenancy, flow: &ExternalId, order: &RemoteStart) -> Result<Begun> {
        let mut state = self.answering()?;
        state.flow(at, flow)?;
        if state.loses_begins {
            return Ok(None.into());
        }
        Ok(Some(state.begin(flow, Some(order.run), RunStatus::Running, TriggerKind::Manual)).into())
    }

    async fn runs<'a>(&self, at: &Tenancy, _: Option<&'a str>) -> Result<RemoteRuns> {
        let state = self.answering()?;
        // It hands out everything, ours or not: PMOS must look for itself.
        let _ = at;
        let runs = state.runs.values().map(|kept| kept.run.clone()).collect();
        Ok(RemoteRuns { runs, next: "later".to_owned(), more: false })
    }

    async fn run(&self, _: &Tenancy, run: &ExternalId) -> Result<Option<RemoteRunDetails>> {
        let state = self.answering()?;
        let step = json!({"id": "trigger", "name": "Order received", "status": "succeeded", "started_at": at(1),
                          "duration_ms": 1.0, "input": null, "output": {"qty": 4}, "attempt": 1, "error": null,
                          "iterations": null});
        let steps: Vec<StepRun> = vec![serde_json::from_value(step).unwrap()];
        Ok(state.runs.get(run).map(|kept| RemoteRunDetails { run: kept.run.clone(), steps, result: None }))
    }

    fn login(&self) -> Vec<Field> {
        vec![Field { required: true, ..Field::new("pass", "Pass", FieldKind::Secret) }]
    }

    fn provisions(&self) -> bool {
        true
    }

    fn keys(&self) -> Option<&dyn HostedKeys> {
        Some(self)
    }

    fn run_control(&self) -> Option<&dyn RunControl> {
        Some(self)
    }

    fn credentials(&self) -> Option<&dyn HostedCredentials> {
        Some(self)
    }
}

#[async_trait]
impl HostedKeys for RemoteEngine {
    async fn rotate(&self, at: &Tenancy) -> Result<Tenancy> {
        drop(self.answering()?);
        Ok(Tenancy { access: Secret::new("canary-remote-access-2"), ..at.clone() })
    }
}

#[async_trait]
impl RunControl for RemoteEngine {
    async fn cancel(&self, at: &Tenancy, run: &ExternalId) -> Result<()> {
        let mut state = self.answering()?;
        let kept = state.runs.get_mut(run).filter(|kept| kept.owner == at.workspace).ok_or_else(Error::not_found)?;
        kept.run.status = RunStatus::Cancelled;
        Ok(())
    }

    async fn retry(&self, at: &Tenancy, run: &ExternalId) -> Result<Option<ExternalId>> {
        let mut state = self.answering()?;
        let flow = state.runs.get(run).filter(|kept| kept.owner == at.workspace).map(|kept| kept.run.flow.clone());
        let flow = flow.ok_or_else(Error::not_found)?;
        Ok(Some(state.begin(&flow, None, RunStatus::Running, TriggerKind::Retry)))
    }
}

#[async_trait]
impl HostedCredentials for RemoteEngine {
    async fn list(&self, at: &Tenancy) -> Result<Vec<RemoteCredential>> {
        let state = self.answering()?;
        Ok(state
            .credentials
            .values()
            .filter(|(owner, _)| *owner == at.workspace)
            .map(|(_, kept)| kept.clone())
            .collect())
    }

    async fn create(&self, at: &Tenancy, new: &NewCredential) -> Result<RemoteCredential> {
        let mut state = self.answering()?;
        let made = RemoteCredential { id: state.id("cred"), kind: new.kind.clone(), name: new.name.clone() };
        state.credentials.insert(made.id.clone(), (at.workspace, made.clone()));
        Ok(made)
    }

    async fn change<'a>(
        &self,
        _: &Tenancy,
        known: &RemoteCredential,
        name: Option<&'a str>,
        _: Option<&'a Secret>,
    ) -> Result<RemoteCredential> {
        let mut state = self.answering()?;
        let (_, kept) = state.credentials.get_mut(&known.id).ok_or_else(Error::not_found)?;
        if let Some(name) = name {
            name.clone_into(&mut kept.name);
        }
        Ok(kept.clone())
    }

    async fn test(&self, _: &Tenancy, _: &ExternalId) -> Result<Option<bool>> {
        drop(self.answering()?);
        Ok(Some(true))
    }

    async fn delete(&self, _: &Tenancy, credential: &ExternalId) -> Result<()> {
        self.answering()?.credentials.remove(credential);
        Ok(())
    }
}
