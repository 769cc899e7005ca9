use std::fmt;

use async_trait::async_trait;

use super::{
    ApiKeyRepository, ApprovalRepository, AuditRepository, ChatRepository, ConnectionRepository, DataKeyRepository,
    EngineRepository, EventRepository, FlowRepository, IdempotencyRepository, InvitationRepository, MemberRepository,
    ModelRepository, QuotaRepository, RunRepository, StoredAnswer, WorkspaceRepository,
};
use crate::{
    Result,
    audit::AuditEntry,
    event::{Event, NewEvent},
};

/// What is written down with an act, in the commit that makes it true.
#[derive(Debug, Default)]
pub struct Closing {
    /// What happened, for the workspace log; numbered by the commit.
    pub events: Vec<NewEvent>,
    /// Who did it, for the audit chain; linked by the commit.
    pub audit: Vec<AuditEntry>,
    /// The answer to remember under the caller's idempotency key.
    pub answer: Option<StoredAnswer>,
}

/// All that one act reads and writes in one workspace. Dropped without a commit it leaves nothing behind.
///
/// Rows of other workspaces do not exist for it: they are not found, not listed and not changed. A repository's call
/// with an id that is not there returns `None` or `false`; it is no error.
#[cfg_attr(feature = "testkit", mockall::automock)]
#[async_trait]
pub trait UnitOfWork: fmt::Debug + Send {
    /// The workspace itself.
    fn workspace(&mut self) -> &mut dyn WorkspaceRepository;
    /// Its members.
    fn members(&mut self) -> &mut dyn MemberRepository;
    /// Its open invitations.
    fn invitations(&mut self) -> &mut dyn InvitationRepository;
    /// Its API keys.
    fn api_keys(&mut self) -> &mut dyn ApiKeyRepository;
    /// Its automations.
    fn flows(&mut self) -> &mut dyn FlowRepository;
    /// Its runs.
    fn runs(&mut self) -> &mut dyn RunRepository;
    /// Its stored credentials.
    fn connections(&mut self) -> &mut dyn ConnectionRepository;
    /// Its tenancies at remote engines.
    fn engines(&mut self) -> &mut dyn EngineRepository;
    /// Its sealed data key.
    fn data_keys(&mut self) -> &mut dyn DataKeyRepository;
    /// Its limits.
    fn quotas(&mut self) -> &mut dyn QuotaRepository;
    /// Its log.
    fn events(&mut self) -> &mut dyn EventRepository;
    /// Its audit chain.
    fn audit(&mut self) -> &mut dyn AuditRepository;
    /// Answers remembered for repeated requests.
    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository;
    /// Its calls that wait for an approval, and what has to be approved.
    fn approvals(&mut self) -> &mut dyn ApprovalRepository;
    /// Its providers of models.
    fn models(&mut self) -> &mut dyn ModelRepository;
    /// Its conversations.
    fn chat(&mut self) -> &mut dyn ChatRepository;

    /// Makes everything true at once and durable, and returns the events with their numbers.
    ///
    /// # Errors
    /// When the store could not write; then nothing of the unit is true.
    async fn commit(self: Box<Self>, closing: Closing) -> Result<Vec<Event>>;
}
