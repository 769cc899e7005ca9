//! The pipeline: the steps that every call passes, in their order.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use serde_json::{Value, value::RawValue};
use sha2::{Digest, Sha256};
use tracing::{Instrument as _, field};

use super::{
    Action, ActionSpec, Context, Effect, Facts, Gated, Permission, Pipeline, Reach, Verdict,
    gate::approval_required,
    held,
    parking::{Waiting, apart},
};
use crate::{
    ApprovalId, Error, Kind, Result, WorkspaceScope,
    approval::Origin,
    audit::{AuditEntry, Outcome},
    cluster::{Lease, LeaseKey},
    identity::{ActAs, Principal, Way},
    quota::Rate,
    request::RequestInfo,
    services::Services,
    store::{Access, AnswerKey, Closing, Remembered, StoredAnswer},
    vault::Secret,
};

/// How an act ended for its caller.
#[must_use = "an act that waits for an approval is not done"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called<T> {
    /// It is done.
    Done(T),
    /// It waits for a person to approve it.
    Parked(ApprovalId),
}

impl<T> Called<T> {
    /// The output, for callers whose acts never wait for an approval: people and programs.
    ///
    /// # Errors
    /// `approval_required` when it waits all the same.
    pub fn done(self) -> Result<T> {
        match self {
            Self::Done(output) => Ok(output),
            Self::Parked(_) => Err(approval_required()),
        }
    }
}

/// What tells the input of a named request from that of another.
pub(super) struct Named {
    digest: [u8; 32],
    /// Whether secrets went into it.
    holds_secrets: bool,
}

/// In which form an input came and an output goes: the pipeline is the same.
pub(super) trait Form<A: Action>: Send {
    type Answer: Send;
    /// What the input of a request with a name was; none for one that has none.
    fn request(&mut self) -> Option<Named>;
    /// The output as the caller gets it.
    fn write(&self, output: A::Output) -> Result<Self::Answer>;
    /// What is remembered of an answer.
    fn remember(&self, answer: &Self::Answer) -> Result<Option<Box<RawValue>>>;
    /// What a request is told that was done before under its name.
    fn replay(&self, answer: Option<Box<RawValue>>) -> Result<Self::Answer>;
    /// The input, for a call that waits.
    fn kept(&mut self, action: &A) -> Result<Value>;
}

/// A call in Rust: input and output are types.
struct Plain {
    request: Option<Named>,
}

impl<A: Action> Form<A> for Plain {
    type Answer = A::Output;

    fn request(&mut self) -> Option<Named> {
        self.request.take()
    }

    fn write(&self, output: A::Output) -> Result<Self::Answer> {
        Ok(output)
    }

    fn remember(&self, answer: &Self::Answer) -> Result<Option<Box<RawValue>>> {
        if A::SPEC.shown_once {
            return Ok(None);
        }
        let written = serde_json::value::to_raw_value(answer);
        written.map(Some).map_err(|cause| Error::internal("write an answer").because(cause))
    }

    fn replay(&self, answer: Option<Box<RawValue>>) -> Result<Self::Answer> {
        let message = "This was done before under the same idempotency key, and is not done again.";
        Err(Error::conflict("done_before", message).with("answer", answer))
    }

    fn kept(&mut self, action: &A) -> Result<Value> {
        written(action)
    }
}

/// A caller who came in, in a workspace or for themselves, and may now call actions.
///
/// It is made for one request: all its acts have the id, the address and the idempotency key of that. A program may keep it all the
/// same. Its rights are those of now: before each act they are read again when they may have changed, at the latest after a
/// second, so one who was removed or whose session ended is refused.
#[derive(Clone)]
pub struct Caller {
    services: Services,
    pipeline: Arc<Pipeline>,
    principal: Arc<Principal>,
    scope: Option<WorkspaceScope>,
    visit: Option<Arc<ActAs>>,
    request: RequestInfo,
    approved: Option<ApprovalId>,
    origin: Origin,
    rate: Arc<OnceLock<Rate>>,
    session: Arc<OnceLock<SessionChange>>,
}

/// What an act made of the session that its caller came in with.
#[derive(Debug, Clone)]
pub enum SessionChange {
    /// It goes on under this token; the one so far is dead.
    Renewed(Secret),
    /// It is over.
    Ended,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("principal", &self.principal).field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Caller {
    pub(crate) fn new(
        services: Services,
        pipeline: Arc<Pipeline>,
        principal: Arc<Principal>,
        scope: Option<WorkspaceScope>,
        visit: Option<Arc<ActAs>>,
        request: RequestInfo,
    ) -> Self {
        Self {
            services,
            pipeline,
            principal,
            scope,
            visit,
            request,
            approved: None,
            origin: Origin::default(),
            rate: Arc::default(),
            session: Arc::default(),
        }
    }

    /// A caller whose next call was approved.
    pub(crate) fn approved(self, approval: ApprovalId) -> Self {
        Self { approved: Some(approval), ..self }
    }

    /// A caller whose calls come out of a conversation.
    pub(crate) fn within(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    /// Does an act and returns its typed output. Under an idempotency key it is done once: the next time is `done_before`, with
    /// the answer of then as JSON among [`Error::more`]; [`Caller::call`] gives it as its own. What is secret of an input is
    /// not compared.
    ///
    /// # Errors
    /// Whatever the pipeline or the action refuses, see [`Error::code`].
    pub async fn run<A: Action>(&self, action: A) -> Result<Called<A::Output>> {
        let act = async {
            let caller = self.now().await?;
            caller.permit_now(&A::SPEC).await?;
            let request = caller.named(&A::SPEC, false, || written(&action))?;
            caller.pass(action, Plain { request }).await
        };
        self.traced(A::SPEC.name, act).await
    }

    /// Does the act of this name with a JSON input.
    ///
    /// # Errors
    /// As [`Caller::run`]; `invalid_input` when there is no such action.
    pub async fn call(&self, name: &str, input: Value) -> Result<Called<Box<RawValue>>> {
        let unknown = || Error::invalid("action", format!("there is no action called {name:?}"));
        let entry = self.pipeline.table.get(name).ok_or_else(unknown)?;
        let act = async {
            let caller = self.now().await?;
            caller.permit_now(&entry.spec).await?;
            entry.call(&caller, input).await
        };
        self.traced(entry.spec.name, act).await
    }

    /// An act as logs and traces see it: which, of which request, in which workspace.
    async fn traced<T>(&self, name: &'static str, act: impl Future<Output = Result<T>>) -> Result<T> {
        let span = tracing::info_span!(
            "action",
            otel.name = name,
            action = name,
            request = %self.request.id,
            workspace = self.scope.map(|scope| field::display(scope.workspace())),
            "error.type" = field::Empty,
        );
        let free = async {
            held::must_be_free()?;
            act.await
        };
        let done = free.instrument(span.clone()).await;
        if let Err(error) = &done {
            span.record("error.type", error.code());
        }
        done
    }

    /// Whether the caller may do this kind of act at all; asked before its input is looked at.
    ///
    /// # Errors
    /// `forbidden`, `step_up_required`, or `not_found` where the act does not exist for this caller.
    pub async fn permit(&self, spec: &ActionSpec) -> Result<()> {
        self.now().await?.permit_now(spec).await
    }

    /// The caller with the rights of now.
    ///
    /// # Errors
    /// `unauthenticated` when its session or key is dead, `not_found` when the workspace is not open to it any more.
    pub(crate) async fn now(&self) -> Result<Cow<'_, Self>> {
        let principal = self.services.principals.again(&self.principal).await?;
        let scope = match (&self.visit, self.scope) {
            (Some(visit), _) => Some(principal.scope_as(visit, self.services.clock.now())?),
            (None, _) if Arc::ptr_eq(&principal, &self.principal) => return Ok(Cow::Borrowed(self)),
            (None, Some(scope)) => Some(principal.scope_in(scope.workspace())?),
            (None, None) => None,
        };
        Ok(Cow::Owned(Self { principal, scope, ..self.clone() }))
    }

    async fn permit_now(&self, spec: &ActionSpec) -> Result<()> {
        let refused = self.refusal(spec);
        if let Err(error) = &refused
            && error.kind() == Kind::Forbidden
            && spec.effect != Effect::Read
            && spec.permission >= Permission::Role(crate::Role::WorkspaceAdmin)
        {
            let asked = error.code() == "step_up_required";
            self.record_denial(spec, if asked { Outcome::Asked } else { Outcome::Denied }).await?;
        }
        refused
    }

    pub(super) fn refusal(&self, spec: &ActionSpec) -> Result<()> {
        if self.scope.is_some() != (spec.reach == Reach::Workspace) {
            return Err(Error::not_found());
        }
        let principal = &self.principal;
        let allowed = match spec.permission {
            Permission::Anyone | Permission::SignedIn => true,
            Permission::Role(least) => self.scope.is_some_and(|scope| scope.role() >= least),
            Permission::SuperAdmin if principal.super_admin => true,
            Permission::SuperAdmin => return Err(Error::not_found()),
        };
        if principal.way == Way::Unknown && spec.permission != Permission::Anyone {
            return Err(Error::unauthenticated());
        }
        if !allowed {
            return Err(Error::forbidden("Your role in this workspace does not allow this. Ask one of its admins."));
        }
        if !spec.channels.admit(principal.channel) {
            return Err(Error::forbidden("This cannot be done in this way; a person has to do it by hand."));
        }
        if let Way::Key { scopes, .. } = &principal.way
            && !spec.any_key
            && !scopes.iter().any(|scope| scope.covers(spec.name))
        {
            return Err(Error::forbidden(format!("This API key does not have the scope {}.", spec.name)));
        }
        if spec.step_up && !principal.stepped_up(self.services.clock.now()) {
            return Err(Error::new(Kind::Forbidden, "step_up_required", "Give your password again to do this."));
        }
        Ok(())
    }

    async fn record_denial(&self, spec: &ActionSpec, outcome: Outcome) -> Result<()> {
        let Some(scope) = self.scope else { return Ok(()) };
        let entry = AuditEntry {
            id: self.services.clock.new_id()?,
            at: self.services.clock.now(),
            actor: self.principal.actor,
            action: spec.name,
            outcome,
            subject: None,
            address: self.request.address.map(|address| address.to_string()),
            request: self.request.id,
            note: self.act_as_note(),
        };
        let unit = self.services.store.begin(&scope, Access::Write).await?;
        unit.commit(Closing { audit: vec![entry], ..Closing::default() }).await?;
        Ok(())
    }

    async fn within_rate(&self) -> Result<()> {
        let Some(scope) = self.scope else { return Ok(()) };
        let (rate, allowed) = self.services.limits.request(&scope).await?;
        if let Some(rate) = rate {
            // A caller is made for one request; the first count of a longer use is as good as any.
            self.rate.set(rate).ok();
        }
        allowed
    }

    /// What the workspace has left of its requests per minute, once one was counted; none without a limit.
    pub fn rate(&self) -> Option<Rate> {
        self.rate.get().copied()
    }

    /// What became of the caller's session by what it called; none when it goes on as it was.
    pub fn session_change(&self) -> Option<&SessionChange> {
        self.session.get()
    }

    pub(super) fn change_session(&self, change: SessionChange) {
        // A caller is made for one request, and a request changes its session once.
        self.session.set(change).ok();
    }

    /// Whether a call of this one may have to wait for an approval.
    pub(super) fn may_wait(&self) -> bool {
        self.approved.is_none() && self.pipeline.gate.concerns(&self.principal)
    }

    /// What becomes of a call of one whose calls are looked at: none when it is carried out, else what is kept of it.
    pub(super) async fn gate<A: Action>(&self, action: &A, input: Value) -> Result<Option<Waiting>> {
        let scope = self.scope.ok_or_else(approval_required)?;
        let entry = self.pipeline.table.get(A::SPEC.name).ok_or_else(Error::not_found)?;
        let facts = Facts::new(&*self.services.store, &self.services.engines, self.scope);
        let effect = action.effect(&facts).await?;
        let (input, secrets) = apart(input, &entry.secret_fields);
        let gated = Gated {
            principal: &self.principal,
            spec: &A::SPEC,
            effect,
            input: &input,
            has_secrets: !secrets.is_empty(),
            now: self.services.clock.now(),
            scope,
            store: &*self.services.store,
        };
        match self.pipeline.gate.decide(gated).await? {
            Verdict::Pass => Ok(None),
            Verdict::Park => Ok(Some(Waiting { effect, subject: action.subject(), input, secrets })),
        }
    }

    /// What follows once the input is known, for every call there is.
    pub(super) async fn pass<A: Action, F: Form<A>>(&self, action: A, mut form: F) -> Result<Called<F::Answer>> {
        self.within_rate().await?;
        let request = self.repeatable(&A::SPEC, form.request()).await?;
        let _in_flight = match &request {
            Some(request) => Some(self.begin(&request.key).await?),
            None => None,
        };
        if let Some(request) = &request
            && let Some(before) = self.answered(&request.key).await?
        {
            if before.digest != request.digest {
                return Err(idempotency_mismatch());
            }
            match before.answer {
                Remembered::Done(answer) => return form.replay(answer).map(Called::Done),
                Remembered::Parked(approval) if self.approved == Some(approval) => {}
                Remembered::Parked(approval) => return Ok(Called::Parked(approval)),
            }
        }
        // What a machine can never call is a person's own act, as deciding is.
        if self.may_wait()
            && A::SPEC.channels.admit(crate::Channel::Agent)
            && let Some(waiting) = self.gate(&action, form.kept(&action)?).await?
        {
            if A::SPEC.effect == Effect::Read {
                return Err(Error::internal("park an action that only reads"));
            }
            let entry = self.pipeline.table.get(A::SPEC.name).ok_or_else(Error::not_found)?;
            return self.park(entry, waiting, request).await.map(Called::Parked);
        }
        let mut cx = Context::new(self, A::SPEC, action.subject());
        let output = held::watched(action.run(&mut cx)).await?;
        let Some(request) = request else {
            // The unit is not kept open for writing an answer that is not remembered.
            cx.finish(None).await?;
            return form.write(output).map(Called::Done);
        };
        let answer = form.write(output)?;
        let remembered = Remembered::Done(form.remember(&answer)?);
        cx.finish(Some(StoredAnswer { answer: remembered, ..request })).await?;
        Ok(Called::Done(answer))
    }

    /// What tells the input of a request from another under the same idempotency key; none without a key.
    pub(super) fn named(
        &self,
        spec: &ActionSpec,
        holds_secrets: bool,
        input: impl FnOnce() -> Result<Value>,
    ) -> Result<Option<Named>> {
        if self.request.idempotency_key.is_none() || spec.effect == Effect::Read {
            return Ok(None);
        }
        let input = serde_json::to_vec(&input()?).map_err(|cause| Error::internal("digest an input").because(cause))?;
        Ok(Some(Named { digest: Sha256::digest(&input).into(), holds_secrets }))
    }

    /// What is remembered of a request under its idempotency key. The digest is stored, so one over secrets is made as
    /// costly to guess from as a stored password.
    async fn repeatable(&self, spec: &ActionSpec, input: Option<Named>) -> Result<Option<StoredAnswer>> {
        let (Some(key), Some(Named { digest, holds_secrets })) = (&self.request.idempotency_key, input) else {
            return Ok(None);
        };
        let actor = self.principal.actor.to_string();
        let digest = if holds_secrets {
            let salt = Sha256::digest(format!("{actor}|{}|{}", spec.name, key.as_str())).into();
            self.services.passwords.stretch(digest, salt).await?
        } else {
            digest
        };
        let key = AnswerKey { actor, action: spec.name, key: key.as_str().to_owned() };
        Ok(Some(StoredAnswer { key, digest, answer: Remembered::Done(None), at: self.services.clock.now() }))
    }

    /// Keeps a repeated request from being begun beside the first.
    async fn begin(&self, key: &AnswerKey) -> Result<Lease> {
        let key = LeaseKey::Request(self.scope.map(|scope| scope.workspace()), key.clone());
        self.services.leases.try_acquire(key).await?.ok_or_else(|| {
            let message = "The first request with this Idempotency-Key is still at work. Ask again in a moment.";
            Error::new(Kind::Conflict, "in_progress", message).retry_after(Duration::from_secs(1))
        })
    }

    async fn answered(&self, key: &AnswerKey) -> Result<Option<StoredAnswer>> {
        let store = &self.services.store;
        match &self.scope {
            Some(scope) => store.begin(scope, Access::Read).await?.idempotency().get(key).await,
            None => store.system("find a remembered answer", Access::Read).await?.idempotency().get(key).await,
        }
    }

    /// What is remembered of an act under the idempotency key of this request.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn remembered(&self, action: &'static str) -> Result<Option<Remembered>> {
        let Some(key) = &self.request.idempotency_key else { return Ok(None) };
        let key = AnswerKey { actor: self.principal.actor.to_string(), action, key: key.as_str().to_owned() };
        Ok(self.answered(&key).await?.map(|answer| answer.answer))
    }

    pub(super) fn approval(&self) -> Option<ApprovalId> {
        self.approved
    }

    /// What it works with.
    pub(crate) fn services(&self) -> &Services {
        &self.services
    }

    /// What its calls pass.
    pub(crate) fn pipeline(&self) -> &Arc<Pipeline> {
        &self.pipeline
    }

    /// Who came in.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The right to act in a workspace; none for one who came in for themselves.
    pub fn scope(&self) -> Option<WorkspaceScope> {
        self.scope
    }

    /// What is known about the request.
    pub fn request(&self) -> &RequestInfo {
        &self.request
    }

    pub(super) fn is_visiting(&self) -> bool {
        self.visit.is_some()
    }

    pub(super) fn act_as_note(&self) -> Option<String> {
        self.visit.as_ref().map(|visit| format!("as super admin: {}", visit.reason))
    }
}

/// An input as JSON; what is secret of it is not shown.
pub(super) fn written(action: &impl Action) -> Result<Value> {
    serde_json::to_value(action).map_err(|cause| Error::internal("write an input").because(cause))
}

/// The answer to another request under a key that is used already.
fn idempotency_mismatch() -> Error {
    let message = "This Idempotency-Key was used for a request with another content. Use a new one.";
    Error::new(Kind::Invalid, "idempotency_mismatch", message).at("Idempotency-Key", "belongs to another request")
}
