//! Who belongs to a workspace, and who is asked to.

use std::sync::Arc;

use super::Fixture;
use crate::{
    Role,
    store::{Closing, Store},
    workspace::Member,
};

/// A member is added once; a second time changes nothing.
pub async fn a_member_joins_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let member = fx.join(&home, Role::Member).await;
    let again = Member { role: Role::WorkspaceAdmin, ..member };
    assert!(!fx.change(&home, async |unit| unit.members().add(again).await.unwrap()).await);
    assert_eq!(fx.look(&home, async |unit| unit.members().get(member.user).await.unwrap()).await, Some(member));
}

/// A member gets another role, and the rest of them stays.
pub async fn a_member_gets_another_role(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let member = fx.join(&home, Role::Viewer).await;
    let set =
        async |user| fx.change(&home, async |unit| unit.members().set_role(user, Role::Member).await.unwrap()).await;
    assert!(set(member.user).await);
    assert!(!set(fx.id()).await);
    let kept = fx.look(&home, async |unit| unit.members().get(member.user).await.unwrap()).await;
    assert_eq!(kept, Some(Member { role: Role::Member, ..member }));
}

/// A member who is taken out is gone, and cannot be taken out again.
pub async fn a_member_leaves_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let member = fx.join(&home, Role::Viewer).await;
    let remove = async || fx.change(&home, async |unit| unit.members().remove(member.user).await.unwrap()).await;
    assert!(remove().await);
    assert!(!remove().await);
    assert_eq!(fx.look(&home, async |unit| unit.members().get(member.user).await.unwrap()).await, None);
}

/// Members are counted, all of them or those of one role.
pub async fn members_are_counted_by_role(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.join(&home, Role::Viewer).await;
    fx.join(&home, Role::Viewer).await;
    let count = async |role| fx.look(&home, async |unit| unit.members().count(role).await.unwrap()).await;
    assert_eq!(count(None).await, 3);
    assert_eq!(count(Some(Role::Viewer)).await, 2);
    assert_eq!(count(Some(Role::Member)).await, 0);
    assert_eq!(count(Some(Role::WorkspaceAdmin)).await, 1);
}

/// Two admins who each take the other one out at the same time do not leave the workspace without one.
pub async fn the_last_admin_is_counted_under_a_lock(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for _ in 0..5 {
        let second = fx.join(&home, Role::WorkspaceAdmin).await;
        let remove = |user| {
            let fx = fx.clone();
            tokio::spawn(async move {
                let mut unit = fx.write(&home).await;
                if unit.members().count(Some(Role::WorkspaceAdmin)).await? > 1 {
                    unit.members().remove(user).await?;
                }
                unit.commit(Closing::default()).await
            })
        };
        let (first, other) = tokio::join!(remove(home.admin), remove(second.user));
        assert!(first.unwrap().is_ok() || other.unwrap().is_ok());
        let admins = async |unit: &mut dyn crate::store::UnitOfWork| {
            unit.members().count(Some(Role::WorkspaceAdmin)).await.unwrap()
        };
        assert_eq!(fx.look(&home, admins).await, 1);
        let founder = Member { role: Role::WorkspaceAdmin, ..second };
        fx.change(&home, async |unit| {
            unit.members().add(Member { user: home.admin, ..founder }).await.unwrap();
            unit.members().remove(second.user).await.unwrap()
        })
        .await;
    }
}

/// Members are listed by their ids, page by page, each once.
pub async fn pages_of_members_follow_on_each_other(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for _ in 0..4 {
        fx.join(&home, Role::Member).await;
    }
    let pages = Fixture::pages(2, home.workspace, async |page| {
        fx.look(&home, async |unit| unit.members().list(page).await.unwrap()).await
    });
    let pages = pages.await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert!(pages.concat().is_sorted_by(|a, b| a.user < b.user));
}

/// An invitation is kept as it was made, and found by its id.
pub async fn an_invitation_is_kept_as_it_was_made(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (invitation, _) = fx.add_invitation(&home, "Eve.Müller+test").await;
    let kept = fx.look(&home, async |unit| unit.invitations().get(invitation.id).await.unwrap()).await;
    assert_eq!(kept, Some(invitation));
    assert_eq!(fx.look(&home, async |unit| unit.invitations().count().await.unwrap()).await, 1);
}

/// An invitation is used up once, however many try.
pub async fn an_invitation_is_taken_away_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (invitation, _) = fx.add_invitation(&home, "eve").await;
    let take = || {
        let fx = fx.clone();
        tokio::spawn(async move {
            let mut unit = fx.write(&home).await;
            let taken = unit.invitations().remove(invitation.id).await.unwrap_or(false);
            taken && unit.commit(Closing::default()).await.is_ok()
        })
    };
    let taken = futures::future::join_all((0..8).map(|_| take())).await;
    assert_eq!(taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
    assert_eq!(fx.look(&home, async |unit| unit.invitations().count().await.unwrap()).await, 0);
}

/// What a person offered is taken away together, and so is what an address was offered, in whichever letters it is written.
pub async fn invitations_are_taken_away_by_giver_and_by_address(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let (eve, _) = fx.add_invitation(&home, "Ève").await;
    let (bob, _) = fx.add_invitation(&home, "bob").await;
    let left = async || fx.look(&home, async |unit| unit.invitations().count().await.unwrap()).await;
    let again = eve.email.as_str().replace('È', "è").parse().unwrap();
    fx.change(&home, async |unit| unit.invitations().remove_for(&again).await.unwrap()).await;
    assert_eq!(left().await, 1);
    fx.change(&home, async |unit| unit.invitations().remove_by(fx.id()).await.unwrap()).await;
    assert_eq!(left().await, 1, "another person had offered nothing");
    fx.change(&home, async |unit| unit.invitations().remove_by(bob.invited_by).await.unwrap()).await;
    assert_eq!(left().await, 0);
}

/// Invitations are listed, the newest first, page by page.
pub async fn pages_of_invitations_follow_on_each_other(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let mut made = Vec::new();
    for name in ["eve", "bob", "cid"] {
        made.push(fx.add_invitation(&home, name).await.0);
    }
    let pages = Fixture::pages(2, home.workspace, async |page| {
        fx.look(&home, async |unit| unit.invitations().list(page).await.unwrap()).await
    });
    made.reverse();
    assert_eq!(pages.await.concat(), made);
}
