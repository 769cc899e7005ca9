//! Coming in on behalf of a person, later and without them.

use std::sync::Arc;

use super::{Caller, Pipeline, RequestInfo};
use crate::{Channel, Result, UserId, WorkspaceId, services::Services};

/// Lets a person's assistant, schedule or parked call in, with the rights that the person has now.
///
/// # Errors
/// `not_found` when there is no such person, or the workspace is not open to them.
pub(crate) async fn enter_again(
    services: &Services,
    pipeline: &Arc<Pipeline>,
    (user, channel): (UserId, Channel),
    workspace: WorkspaceId,
    request: RequestInfo,
) -> Result<Caller> {
    let principal = services.principals.vouch(user, channel).await?;
    let scope = principal.scope_in(workspace)?;
    services.provide(workspace, principal.actor, &request).await?;
    Ok(Caller::new(services.clone(), pipeline.clone(), principal, Some(scope), None, request))
}
