//! What can be done with workspaces, members and invitations.

mod accept_invitation;
mod act_as;
mod create_invitation;
mod create_workspace;
mod delete_workspace;
mod get_workspace;
mod invited;
mod leave;
mod list_all_workspaces;
mod list_invitations;
mod list_members;
mod list_workspaces;
mod remove_member;
mod revoke_invitation;
mod show_invitation;
mod update_member;
mod update_workspace;

pub use accept_invitation::AcceptInvitation;
pub use act_as::{ActAsWorkspace, ActingAs};
pub use create_invitation::{CreateInvitation, CreatedInvitation};
pub use create_workspace::CreateWorkspace;
pub use delete_workspace::DeleteWorkspace;
pub(crate) use delete_workspace::delete as delete_workspace;
pub use get_workspace::GetWorkspace;
pub(crate) use invited::fits as invitation_fits;
pub use leave::LeaveWorkspace;
pub use list_all_workspaces::{ListAllWorkspaces, WorkspaceSummary};
pub use list_invitations::{InvitationEntry, ListInvitations};
pub use list_members::{ListMembers, MemberView};
pub use list_workspaces::ListWorkspaces;
pub use remove_member::RemoveMember;
pub use revoke_invitation::RevokeInvitation;
pub use show_invitation::{InvitationView, InvitedTo, ShowInvitation};
pub use update_member::UpdateMember;
pub use update_workspace::UpdateWorkspace;

use crate::{
    Error, Result, Role, UserId,
    action::{Context, Table},
    audit::Subject,
    event::NewEvent,
    workspace::Member,
};

pub(crate) fn register(table: Table) -> Table {
    table
        .with::<ListWorkspaces>()
        .with::<CreateWorkspace>()
        .with::<GetWorkspace>()
        .with::<UpdateWorkspace>()
        .with::<DeleteWorkspace>()
        .with::<ListMembers>()
        .with::<UpdateMember>()
        .with::<RemoveMember>()
        .with::<LeaveWorkspace>()
        .with::<ListInvitations>()
        .with::<CreateInvitation>()
        .with::<RevokeInvitation>()
        .with::<ShowInvitation>()
        .with::<AcceptInvitation>()
        .with::<ListAllWorkspaces>()
        .with::<ActAsWorkspace>()
}

/// Refuses where the host keeps workspaces and members, who would not hear of a change here.
fn kept_here(cx: &Context<'_>) -> Result<()> {
    match &cx.services().host_workspaces {
        None => Ok(()),
        Some(_) => Err(Error::unsupported("workspaces and members of PMOS itself")),
    }
}

/// Makes a change of a membership known.
fn membership_changed(cx: &mut Context<'_>, user: UserId) {
    let subject = Subject::new("user", user);
    let event = NewEvent::new("member.changed", cx.now(), cx.actor(), &subject);
    cx.emit(event);
}

/// Refuses to take the last admin away from a workspace.
async fn keep_an_admin(cx: &mut Context<'_>, leaving: Member) -> Result<()> {
    if leaving.role != Role::WorkspaceAdmin {
        return Ok(());
    }
    if cx.write().await?.members().count(Some(Role::WorkspaceAdmin)).await? > 1 {
        return Ok(());
    }
    let message = "A workspace needs an admin. Make another member one first.";
    Err(Error::conflict("last_admin", message))
}

/// Takes a member out, with the keys and the invitations that carry their rights.
async fn take_out(cx: &mut Context<'_>, user: UserId) -> Result<()> {
    let member = Context::found(cx.write().await?.members().get(user).await?)?;
    keep_an_admin(cx, member).await?;
    let unit = cx.write().await?;
    unit.api_keys().remove_of(user).await?;
    unit.invitations().remove_by(user).await?;
    unit.members().remove(user).await?;
    membership_changed(cx, user);
    Ok(())
}
