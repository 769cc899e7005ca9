//! Signed-in browsers, and acting in a foreign workspace.

use std::{sync::Arc, time::Duration};

use super::Fixture;
use crate::{
    SessionId, UserId,
    identity::{Session, TokenHash},
    store::Store,
};

async fn by_token(fx: &Fixture, token: TokenHash) -> Option<Session> {
    fx.look_system(async |unit| unit.sessions().by_token(token).await.unwrap()).await.map(|(session, _)| session)
}

/// A token leads to its session and the account, whether it has expired or not.
pub async fn a_token_leads_to_its_session_and_account(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let account = fx.add_account("ada").await;
    let until = Some(fx.tick());
    for session in [
        fx.session(account.person.id),
        Session {
            stepped_up_until: until,
            expires_at: fx.clock.advance(Duration::ZERO),
            ..fx.session(account.person.id)
        },
        Session { address: String::new(), user_agent: "Bröwser 🦊".repeat(40), ..fx.session(account.person.id) },
    ] {
        let token = fx.token();
        fx.change_system(async |unit| unit.sessions().insert(&session, token).await.unwrap()).await;
        let (kept, whose) = fx.look_system(async |unit| unit.sessions().by_token(token).await.unwrap()).await.unwrap();
        assert_eq!(
            (kept, whose.person.id, whose.password_hash),
            (session, account.person.id, account.password_hash.clone())
        );
    }
    assert_eq!(by_token(&fx, fx.token()).await, None);
}

/// The last use is noted, and with it the expiry moves.
pub async fn the_last_use_of_a_session_is_noted(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let user = fx.add_account("ada").await.person.id;
    let (session, token) = fx.add_session(user).await;
    let (at, until) = (fx.tick(), fx.tick());
    let touch =
        async |id: SessionId| fx.change_system(async |unit| unit.sessions().touch(id, at, until).await.unwrap()).await;
    assert!(touch(session.id).await);
    assert!(!touch(fx.id()).await);
    assert_eq!(by_token(&fx, token).await, Some(Session { last_used_at: at, expires_at: until, ..session }));
}

/// After a step-up the old token is dead and the new one leads to the same session.
pub async fn a_step_up_changes_the_token(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let user = fx.add_account("ada").await.person.id;
    let (session, old) = fx.add_session(user).await;
    let (new, until) = (fx.token(), fx.tick());
    let step_up = async |id: SessionId| {
        fx.change_system(async |unit| unit.sessions().step_up(id, until, new).await.unwrap()).await
    };
    assert!(!step_up(fx.id()).await);
    assert!(step_up(session.id).await);
    assert_eq!(by_token(&fx, old).await, None);
    assert_eq!(by_token(&fx, new).await, Some(Session { stepped_up_until: Some(until), ..session }));
}

/// A person ends their own sessions, never those of another.
pub async fn a_person_ends_only_their_own_sessions(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (ada, bob) = (fx.add_account("ada").await.person.id, fx.add_account("bob").await.person.id);
    let (session, token) = fx.add_session(ada).await;
    let remove = async |user: UserId| {
        fx.change_system(async |unit| unit.sessions().remove(user, session.id).await.unwrap()).await
    };
    assert!(!remove(bob).await);
    assert!(by_token(&fx, token).await.is_some());
    assert!(remove(ada).await);
    assert!(!remove(ada).await);
    assert_eq!(by_token(&fx, token).await, None);
}

/// All sessions of a person end at once, or all but the one at hand.
pub async fn all_sessions_of_a_person_end_but_one(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (ada, bob) = (fx.add_account("ada").await.person.id, fx.add_account("bob").await.person.id);
    let (_, other) = fx.add_session(bob).await;
    let (kept, token) = fx.add_session(ada).await;
    for _ in 0..3 {
        fx.add_session(ada).await;
    }
    let remove_all =
        async |but| fx.change_system(async |unit| unit.sessions().remove_all(ada, but).await.unwrap()).await;
    assert_eq!(remove_all(Some(kept.id)).await, 3);
    assert!(by_token(&fx, token).await.is_some());
    assert_eq!((remove_all(None).await, remove_all(None).await), (1, 0));
    assert_eq!(by_token(&fx, token).await, None);
    assert!(by_token(&fx, other).await.is_some());
}

/// A person's sessions are listed, the newest first, page by page.
pub async fn pages_of_sessions_follow_on_each_other(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (ada, bob) = (fx.add_account("ada").await.person.id, fx.add_account("bob").await.person.id);
    let mut made = Vec::new();
    for user in [ada, bob, ada, ada] {
        made.push(fx.add_session(user).await.0);
    }
    made.retain(|session| session.user == ada);
    made.reverse();
    let pages = Fixture::pages(2, ada, async |page| {
        fx.look_system(async |unit| unit.sessions().list(ada, page).await.unwrap()).await
    });
    let pages = pages.await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(pages.concat(), made);
}

/// Expired sessions are ended, a few at a time.
pub async fn expired_sessions_are_purged(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let user = fx.add_account("ada").await.person.id;
    for _ in 0..3 {
        fx.add_session(user).await;
    }
    let (session, alive) = fx.add_session(user).await;
    let (used, cut) = (session.last_used_at, fx.clock.advance(Duration::from_hours(2)));
    fx.change_system(async |unit| unit.sessions().touch(session.id, used, cut).await.unwrap()).await;
    let purge = async |limit| fx.change_system(async |unit| unit.sessions().purge(cut, limit).await.unwrap()).await;
    assert_eq!((purge(2).await, purge(2).await, purge(2).await), (2, 1, 0));
    assert!(by_token(&fx, alive).await.is_some());
}

/// A period of acting in a foreign workspace is kept as it was made, over or not.
pub async fn a_period_of_acting_as_another_is_kept(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (ada, home) = (fx.add_account("ada").await.person.id, fx.found("bob").await);
    let period = fx.act_as(ada, home.workspace);
    fx.change_system(async |unit| unit.sessions().insert_act_as(&period).await.unwrap()).await;
    fx.clock.advance(Duration::from_hours(24));
    let get = async |id| fx.look_system(async |unit| unit.sessions().act_as(id).await.unwrap()).await;
    assert_eq!(get(period.id).await, Some(period));
    assert_eq!(get(fx.id()).await, None);
}
