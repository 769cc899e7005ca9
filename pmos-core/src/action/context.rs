//! What an action works with while it runs.

use std::fmt;

use super::{
    ActionSpec, Caller, Effect, HostState, Intent, Lent, Outward, Reach, RequestInfo, SessionChange, Table, held,
};
use crate::{
    Actor, ApprovalId, ChatId, Clock, Error, FlowId, Id, PageRequest, Result, Timestamp, WorkspaceId, WorkspaceScope,
    audit::{AuditEntry, Outcome, Subject},
    chat::ChatEvent,
    cluster::{Hint, LeaseKey},
    event::NewEvent,
    flow::Engines,
    identity::Principal,
    services::Services,
    store::{Access, Closing, StoredAnswer, SystemUnit, UnitOfWork},
    vault::Secret,
    workspace::WorkspaceProfile,
};

/// What an action works with: its units of work, the way outward, the clock, and what is to be written down with it.
///
/// An action reads in [`Context::read`], computes, and writes in [`Context::write`], which it keeps only for its
/// statements: other units may wait for it. What it read may have changed by then, so what it writes is compared with what
/// it read; when it lost a race, it calls [`Context::abandon`] and begins again.
///
/// Units and the way outward both borrow the context, so no code can call out while it holds a unit:
///
/// ```compile_fail,E0499
/// # use pmos_core::{Result, action::{Context, Intent}};
/// async fn both(cx: &mut Context<'_>) -> Result<()> {
///     let unit = cx.write().await?;
///     let outward = cx.outward(Intent::none()).await?;
///     unit.flows().count().await?;
///     drop(outward);
///     Ok(())
/// }
/// ```
pub struct Context<'d> {
    pub(super) caller: &'d Caller,
    /// Of the act, or of the part of it that is being done.
    pub(super) spec: ActionSpec,
    now: Timestamp,
    pub(super) unit: Option<(Access, Box<dyn UnitOfWork>)>,
    pub(super) system: Option<Box<dyn SystemUnit>>,
    pub(super) closing: Closing,
    pub(super) subject: Option<Subject>,
    pub(super) note: Option<String>,
    hints: Vec<Hint>,
    shown: Vec<(ChatId, Vec<ChatEvent>)>,
    session: Option<SessionChange>,
    pub(super) begun: bool,
    /// What the whole act says it does to the world.
    whole: Effect,
    /// Whether what was written before the part that is being done stands in the open unit.
    pub(super) pinned: bool,
    /// Whether a part failed of which not all was taken back.
    pub(super) broken: bool,
    locked: Vec<LeaseKey>,
    /// The parked call that this act is, until it is taken out.
    approval: Option<ApprovalId>,
    // Last, so that they are released after the units are gone.
    held: Vec<Box<dyn Send>>,
}

impl<'d> Context<'d> {
    pub(super) fn new(caller: &'d Caller, spec: ActionSpec, subject: Option<Subject>) -> Self {
        Self {
            caller,
            spec,
            now: caller.services().clock.now(),
            unit: None,
            system: None,
            closing: Closing::default(),
            subject,
            note: None,
            hints: Vec::new(),
            shown: Vec::new(),
            session: None,
            begun: false,
            whole: spec.effect,
            pinned: false,
            broken: false,
            locked: Vec::new(),
            approval: caller.approval(),
            held: Vec::new(),
        }
    }

    /// When the act happens: the same moment throughout.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who called.
    pub fn principal(&self) -> &Principal {
        self.caller.principal()
    }

    /// What is known about the request.
    pub fn request(&self) -> &'d RequestInfo {
        self.caller.request()
    }

    /// Whether a super admin acts in a workspace that is not theirs.
    pub fn is_visiting(&self) -> bool {
        self.caller.is_visiting()
    }

    /// What it works with.
    pub(crate) fn services(&self) -> &'d Services {
        self.caller.services()
    }

    /// What the host's own acts work with.
    pub(super) fn host_state(&self) -> &'d HostState {
        &self.caller.pipeline().state
    }

    /// All acts there are.
    pub(crate) fn table(&self) -> &'d Table {
        &self.caller.pipeline().table
    }

    /// Counts a run that is about to begin.
    ///
    /// # Errors
    /// `quota_exceeded` when the workspace had all its runs of the day.
    pub(crate) async fn count_run(&mut self) -> Result<()> {
        let (services, scope) = (self.caller.services(), self.scope()?);
        services.limits.run(&scope, Some(self.read().await?)).await
    }

    /// The address of a webhook.
    pub(crate) fn hook_url(&self, token: &str) -> String {
        format!("{}/hooks/{token}", self.caller.services().public_url)
    }

    /// Where time and randomness come from.
    pub fn clock(&self) -> &'d dyn Clock {
        &*self.caller.services().clock
    }

    /// The engines of the instance.
    pub fn engines(&self) -> &'d Engines {
        &self.caller.services().engines
    }

    /// The right under which it acts.
    ///
    /// # Errors
    /// When the action does not act in a workspace; such an action must not ask.
    pub fn scope(&self) -> Result<WorkspaceScope> {
        self.caller.scope().ok_or_else(|| Error::internal("find the workspace of an action that has none"))
    }

    /// The settings of the workspace, wherever they are kept.
    ///
    /// # Errors
    /// `not_found` when the workspace is gone; where the host keeps it, as [`outward`](Self::outward).
    pub async fn profile(&mut self) -> Result<WorkspaceProfile> {
        if self.services().host_workspaces.is_none() {
            return Self::found(self.read().await?.workspace().get().await?);
        }
        let workspace = self.scope()?.workspace();
        Self::found(self.outward(Intent::none()).await?.workspaces().profile(workspace).await?)
    }

    /// Makes sure that a workspace about which an act of the instance is exists and has its place in our store.
    ///
    /// # Errors
    /// `not_found` when there is no such workspace.
    pub(crate) async fn must_exist(&mut self, workspace: WorkspaceId) -> Result<()> {
        Self::found(self.outward(Intent::none()).await?.workspaces().profile(workspace).await?)?;
        self.caller.services().provide(workspace, self.actor(), self.caller.request()).await
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.caller.principal().actor
    }

    /// A fresh identifier.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn new_id<T: Id>(&self) -> Result<T> {
        self.clock().new_id()
    }

    /// Reads which page of a list is wanted.
    ///
    /// # Errors
    /// `invalid_input` naming `limit` or `cursor`.
    pub fn page(&self, limit: Option<u32>, cursor: Option<&str>) -> Result<PageRequest> {
        match (self.caller.scope(), self.spec.reach) {
            (Some(scope), _) => PageRequest::parse(limit, cursor, scope.workspace()),
            (None, Reach::Person) => PageRequest::parse(limit, cursor, self.principal().owner()),
            // Lists of the instance have no owner.
            (None, _) => PageRequest::parse(limit, cursor, WorkspaceId::from_uuid(uuid::Uuid::nil())),
        }
    }

    /// A unit that reads the workspace; the one of [`Context::write`] while that is open, so that an act sees what it wrote.
    /// Each statement sees what is committed when it runs.
    ///
    /// # Errors
    /// When the store cannot take it now.
    pub async fn read(&mut self) -> Result<&mut dyn UnitOfWork> {
        let access = self.unit.as_ref().map_or(Access::Read, |(access, _)| *access);
        self.begin(access).await
    }

    /// The unit that changes the workspace, committed when the action returns `Ok`. While it is open other writers wait,
    /// so it is for statements alone: what can be read or computed before is done before.
    ///
    /// # Errors
    /// When the store cannot take it now; `internal` in an action that says it only reads.
    pub async fn write(&mut self) -> Result<&mut dyn UnitOfWork> {
        if !self.changes() {
            return Err(Error::internal("write in an action that only reads"));
        }
        self.begin(Access::Write).await
    }

    async fn begin(&mut self, access: Access) -> Result<&mut dyn UnitOfWork> {
        let scope = self.scope()?;
        self.must_be_whole()?;
        if self.unit.as_ref().is_none_or(|(open, _)| *open != access) {
            // The reading one is let go of first: who waits for a second unit with one in hand may wait for ever.
            self.unit = None;
            held::set(false);
            self.unit = Some((access, self.caller.services().store.begin(&scope, access).await?));
            held::set(access == Access::Write);
        }
        match &mut self.unit {
            Some((_, unit)) => Ok(&mut **unit),
            None => Err(Error::internal("begin a unit of work")),
        }
    }

    /// A unit in a workspace for an act of a person or of the instance about it. It is committed by itself.
    ///
    /// # Errors
    /// When the store cannot take it now; `internal` in an action that acts in a workspace itself.
    pub(crate) async fn elsewhere(&mut self, workspace: WorkspaceId, reason: &'static str) -> Result<Lent<'_>> {
        if self.caller.scope().is_some() {
            return Err(Error::internal("reach into another workspace"));
        }
        Lent::begin(self.caller.services(), &WorkspaceScope::system(workspace, reason), self.access()).await
    }

    /// Takes back what was written and told since the last commit: another act was faster, and this one begins again.
    pub fn abandon(&mut self) {
        if self.pinned {
            // What was written before the part that lost a race cannot be taken back alone.
            self.broken = true;
            return;
        }
        self.unit = None;
        held::set(false);
        self.system = None;
        self.closing = Closing::default();
    }

    /// Keeps this until the act is committed or has failed: a lock must outlast the function that took it.
    pub(crate) fn hold(&mut self, guard: impl Send + 'static) {
        self.held.push(Box::new(guard));
    }

    /// Waits until no other act changes this flow, and keeps them waiting until this one is committed.
    ///
    /// # Errors
    /// `unavailable` when it cannot be known who does.
    pub(crate) async fn lock_flow(&mut self, flow: FlowId) -> Result<()> {
        self.lock(LeaseKey::Flow(flow)).await
    }

    /// The same for what is kept of the workspace's tenancies at remote engines.
    ///
    /// # Errors
    /// As [`lock_flow`](Self::lock_flow), and when the action does not act in a workspace.
    pub(crate) async fn lock_tenancies(&mut self) -> Result<()> {
        let workspace = self.scope()?.workspace();
        self.lock(LeaseKey::Tenancies(workspace)).await
    }

    async fn lock(&mut self, key: LeaseKey) -> Result<()> {
        if self.locked.contains(&key) {
            return Ok(());
        }
        self.release();
        let leases = &self.caller.services().leases;
        let lease = if matches!(self.unit, Some((Access::Write, _))) {
            // One who has the lease may wait for the unit.
            let taken = leases.try_acquire(key.clone()).await?;
            taken.ok_or_else(|| Error::unavailable("wait for another act while a unit of work is open"))?
        } else {
            leases.acquire(key.clone()).await?
        };
        self.locked.push(key);
        self.hold(lease);
        Ok(())
    }

    /// Lets go of units that only read.
    fn release(&mut self) {
        self.unit.take_if(|(access, _)| *access == Access::Read);
        if self.whole == Effect::Read {
            self.system = None;
        }
    }

    /// # Errors
    /// `unavailable` after a part of the act failed or lost a race whose writes could not be taken back alone.
    fn must_be_whole(&self) -> Result<()> {
        if self.broken { Err(Error::unavailable("go on with an act of which a part failed")) } else { Ok(()) }
    }

    fn changes(&self) -> bool {
        self.spec.effect != Effect::Read
    }

    fn access(&self) -> Access {
        if self.changes() { Access::Write } else { Access::Read }
    }

    /// The unit of work on what belongs to no workspace, begun on first use and committed when the action returns `Ok`.
    /// Only for actions that act for a person or the instance.
    ///
    /// # Errors
    /// When the store cannot take it now.
    pub async fn system(&mut self) -> Result<&mut dyn SystemUnit> {
        if self.caller.scope().is_some() {
            return Err(Error::internal("reach beyond the workspace of an action"));
        }
        if self.system.is_none() {
            self.system = Some(self.caller.services().store.system(self.spec.name, self.access()).await?);
        }
        match &mut self.system {
            Some(unit) => Ok(&mut **unit),
            None => Err(Error::internal("begin a unit of work")),
        }
    }

    /// The way outward, and the only one. With [`Intent::begun`] what was changed so far is committed first,
    /// with the record that the act begins, so that a crash in between leaves a trace.
    ///
    /// # Errors
    /// When the intent cannot be written; `internal` when something was changed and there is no intent, or an action that
    /// says it only reads has one.
    pub async fn outward(&mut self, intent: Intent) -> Result<Outward<'_>> {
        self.release();
        match intent.outcome() {
            Some(outcome) if !self.begun => {
                if !self.changes() {
                    return Err(Error::internal("begin an act in an action that only reads"));
                }
                self.begun = true;
                self.commit(Some(outcome), None).await?;
            }
            _ if self.unit.is_none() && self.system.is_none() => {}
            Some(_) => self.commit(None, None).await?,
            None => return Err(Error::internal("call out without an intent after something was changed")),
        }
        Ok(Outward::within(self.caller.services(), self.changes() || self.spec.refreshes))
    }

    /// Writes an event into the workspace log.
    pub fn emit(&mut self, event: NewEvent) {
        self.closing.events.push(event);
    }

    /// Says what the act is about, when only the act itself knows.
    pub fn about(&mut self, subject: Subject) {
        self.subject = Some(subject);
    }

    /// Adds a remark to the audit record; never a secret.
    pub fn note(&mut self, note: impl Into<String>) {
        self.note = Some(note.into());
    }

    /// Gives the caller's session another token; the one so far dies with the commit.
    pub(crate) fn renew_session(&mut self, token: Secret) {
        self.session = Some(SessionChange::Renewed(token));
    }

    /// Ends the caller's session with the commit.
    pub(crate) fn end_session(&mut self) {
        self.session = Some(SessionChange::Ended);
    }

    /// Gives all nodes a hint once all of this is true.
    pub(crate) fn hint(&mut self, hint: Hint) {
        self.hints.push(hint);
    }

    /// Shows what happened in a conversation once all of this is true.
    pub(crate) fn show_chat(&mut self, session: ChatId, events: Vec<ChatEvent>) {
        self.shown.push((session, events));
    }

    /// Writes an event that everybody in the workspace may see, about the object of the act.
    pub fn tell(&mut self, kind: &'static str, object: &Subject) {
        self.emit(NewEvent::new(kind, self.now, self.actor(), object));
    }

    pub(super) async fn finish(mut self, answer: Option<StoredAnswer>) -> Result<()> {
        if self.changes() {
            self.commit(Some(Outcome::Done), answer).await?;
        }
        self.unit = None;
        held::set(false);
        self.held.clear();
        if let Some(change) = self.session.take() {
            self.caller.change_session(change);
        }
        for (session, events) in std::mem::take(&mut self.shown) {
            self.caller.services().show_chat(self.scope()?.workspace(), session, &events);
        }
        for hint in std::mem::take(&mut self.hints) {
            self.caller.services().hint(hint);
        }
        Ok(())
    }

    pub(super) async fn commit(&mut self, outcome: Option<Outcome>, answer: Option<StoredAnswer>) -> Result<()> {
        self.must_be_whole()?;
        let entry = outcome.map(|outcome| self.entry(outcome)).transpose()?;
        let now = self.now;
        if self.caller.scope().is_some() {
            self.write().await?;
        } else {
            self.system().await?;
        }
        if let Some(approval) = self.approval.take()
            && !self.write().await?.approvals().execute(approval, now).await?
        {
            return Err(Error::conflict("already_decided", "This was carried out or taken back already."));
        }
        if let Some((_, unit)) = self.unit.take() {
            let mut closing = std::mem::take(&mut self.closing);
            closing.audit.extend(entry);
            closing.answer = answer;
            let events = unit.commit(closing).await;
            held::set(false);
            self.caller.services().publish(self.scope()?.workspace(), events?);
        } else if let Some(system) = self.system.take() {
            system.commit(entry.into_iter().collect(), answer).await?;
        }
        if self.spec.changes_rights {
            self.caller.services().hint(Hint::Rights);
        }
        Ok(())
    }

    /// The audit record of this act, for an act that is written down in a second chain too.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub(crate) fn record(&self) -> Result<AuditEntry> {
        self.entry(Outcome::Done)
    }

    fn entry(&self, outcome: Outcome) -> Result<AuditEntry> {
        Ok(AuditEntry {
            id: self.new_id()?,
            at: self.now,
            actor: self.actor(),
            action: self.spec.name,
            outcome,
            subject: self.subject.clone(),
            address: self.caller.request().address.map(|address| address.to_string()),
            request: self.caller.request().id,
            note: self.note.clone().or_else(|| self.caller.act_as_note()),
        })
    }

    /// Turns what is missing into the one answer for missing and foreign.
    ///
    /// # Errors
    /// `not_found` for none.
    pub fn found<T>(found: Option<T>) -> Result<T> {
        found.ok_or_else(Error::not_found)
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({})", self.spec.name)
    }
}
