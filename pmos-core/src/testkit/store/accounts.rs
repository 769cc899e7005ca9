//! Accounts.

use std::{sync::Arc, time::Duration};

use super::Fixture;
use crate::{
    Email, Role,
    identity::{Account, PasswordHash, Person},
    store::{Closing, Removal, Store},
    testkit::fixture::label,
};

/// The first account runs the instance, whatever it says of itself; later ones are what they say.
pub async fn the_first_account_is_super_admin(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let first = fx.add_account("ada").await;
    let second = fx.add_account("bob").await;
    let get = async |user| fx.look_system(async |unit| unit.accounts().get(user).await.unwrap()).await;
    let person = Person { super_admin: true, ..first.person.clone() };
    assert_eq!(get(first.person.id).await, Some(Account { person, ..first }));
    assert_eq!(get(second.person.id).await, Some(second));
    assert_eq!(fx.look_system(async |unit| unit.accounts().count_super_admins().await.unwrap()).await, 1);
}

/// Of two hundred who sign up at the same time exactly one runs the instance.
pub async fn only_the_first_account_ever_is_super_admin_among_200_at_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let sign_up = |n: usize| {
        let fx = fx.clone();
        tokio::spawn(async move { fx.add_account(&format!("user{n}")).await })
    };
    futures::future::try_join_all((0..200).map(sign_up)).await.unwrap();
    assert_eq!(fx.look_system(async |unit| unit.accounts().count().await.unwrap()).await, 200);
    assert_eq!(fx.look_system(async |unit| unit.accounts().count_super_admins().await.unwrap()).await, 1);
}

/// When the first account is gone, the next one does not take its place by itself.
pub async fn an_emptied_store_does_not_make_another_super_admin(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let first = fx.add_account("ada").await.person.id;
    fx.change_system(async |unit| assert_eq!(unit.accounts().remove(first).await.unwrap(), Removal::Done)).await;
    fx.add_account("bob").await;
    assert_eq!(fx.look_system(async |unit| unit.accounts().count_super_admins().await.unwrap()).await, 0);
}

/// An address is taken once, upper and lower case alike, and found either way.
pub async fn an_address_is_taken_once_whatever_its_case(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let first = fx.add_account("Jürgen.ÄRGER").await;
    let again = fx.account("jÜRGEN.ärger");
    assert!(!fx.change_system(async |unit| unit.accounts().insert(&again).await.unwrap()).await);
    assert_eq!(fx.look_system(async |unit| unit.accounts().count().await.unwrap()).await, 1);
    let by_email = async |email: &str| {
        let email: Email = email.parse().unwrap();
        fx.look_system(async |unit| unit.accounts().by_email(&email).await.unwrap()).await
    };
    let found = by_email("JÜRGEN.ärger@EXAMPLE.com").await.unwrap().person;
    assert_eq!((found.id, found.email), (first.person.id, first.person.email), "kept as its owner writes it");
    assert_eq!(by_email("missing@example.com").await, None);
}

/// Of many who want the same address at the same time one gets it.
pub async fn one_of_many_gets_an_address(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let sign_up = |_| {
        let fx = fx.clone();
        tokio::spawn(async move {
            let account = fx.account("ada");
            let mut unit = fx.system().await;
            unit.accounts().insert(&account).await.unwrap_or(false) && unit.commit(Vec::new(), None).await.is_ok()
        })
    };
    let signed_up = futures::future::join_all((0..8).map(sign_up)).await;
    assert_eq!(signed_up.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
    assert_eq!(fx.look_system(async |unit| unit.accounts().count().await.unwrap()).await, 1);
}

/// Name, password and standing change one by one; the rest stays.
pub async fn an_account_changes_part_by_part(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    fx.add_account("ada").await;
    let mut account = fx.add_account("bob").await;
    let (id, unknown) = (account.person.id, fx.id());
    account.person.name = label("Bób 🦊");
    account.password_hash = PasswordHash("$argon2id$other".to_owned());
    account.person.super_admin = true;
    fx.change_system(async |unit| {
        let accounts = unit.accounts();
        for (user, known) in [(id, true), (unknown, false)] {
            assert_eq!(accounts.set_name(user, &account.person.name).await.unwrap(), known);
            assert_eq!(accounts.set_password(user, &account.password_hash).await.unwrap(), known);
            assert_eq!(accounts.set_super_admin(user, true).await.unwrap(), known);
        }
    })
    .await;
    assert_eq!(fx.look_system(async |unit| unit.accounts().get(id).await.unwrap()).await, Some(account));
    assert_eq!(fx.look_system(async |unit| unit.accounts().count_super_admins().await.unwrap()).await, 2);
    fx.change_system(async |unit| unit.accounts().set_super_admin(id, false).await.unwrap()).await;
    assert_eq!(fx.look_system(async |unit| unit.accounts().count_super_admins().await.unwrap()).await, 1);
}

/// Several accounts are read at once; unknown ids are left out, repeated ones are given once.
pub async fn several_accounts_are_read_at_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (ada, bob, _) = (fx.add_account("ada").await, fx.add_account("bob").await, fx.add_account("eve").await);
    let asked = [bob.person.id, fx.id(), ada.person.id, bob.person.id];
    let found = fx.look_system(async |unit| unit.accounts().several(&asked).await.unwrap()).await;
    let mut names: Vec<_> = found.iter().map(|account| account.person.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["ada", "bob"]);
    assert!(fx.look_system(async |unit| unit.accounts().several(&[]).await.unwrap()).await.is_empty());
}

/// One who is removed leaves no session, membership, key or token behind; others keep theirs.
pub async fn a_removed_account_takes_its_sessions_memberships_and_keys_along(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let leaver = fx.add_account("eve").await.person.id;
    for home in [&home, &other] {
        let member = fx.member(leaver, Role::Member);
        fx.change(home, async |unit| unit.members().add(member).await.unwrap()).await;
    }
    let (_, session) = fx.add_session(leaver).await;
    let (_, kept_session) = fx.add_session(home.admin).await;
    let (_, key) = fx.add_api_key(&home, Some(leaver)).await;
    let (_, kept_key) = fx.add_api_key(&home, Some(home.admin)).await;
    let (reset, until) = (fx.token(), fx.tick().plus(Duration::from_mins(1)));
    fx.change_system(async |unit| unit.accounts().insert_reset(leaver, reset, until).await.unwrap()).await;

    let remove = async || fx.change_system(async |unit| unit.accounts().remove(leaver).await.unwrap()).await;
    assert_eq!(remove().await, Removal::Done);
    assert_eq!(remove().await, Removal::Missing);

    let directory = fx.store.directory();
    assert!(directory.memberships(leaver).await.unwrap().is_empty());
    assert_eq!(directory.memberships(home.admin).await.unwrap().len(), 1);
    assert_eq!(directory.api_key(key).await.unwrap(), None);
    assert!(directory.api_key(kept_key).await.unwrap().is_some());
    let now = fx.tick();
    fx.change_system(async |unit| {
        assert_eq!(unit.accounts().get(leaver).await.unwrap(), None);
        assert_eq!(unit.accounts().take_reset(reset, now).await.unwrap(), None);
        assert_eq!(unit.sessions().by_token(session).await.unwrap(), None);
        assert!(unit.sessions().by_token(kept_session).await.unwrap().is_some());
    })
    .await;
    assert_eq!(fx.look(&other, async |unit| unit.members().count(None).await.unwrap()).await, 1);
}

/// One who alone runs a workspace is not removed, and nothing of them is; with a second admin they are.
pub async fn the_last_admin_of_a_workspace_is_not_removed(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.join(&home, Role::Member).await;
    let (_, session) = fx.add_session(home.admin).await;
    let mut unit = fx.system().await;
    assert_eq!(unit.accounts().remove(home.admin).await.unwrap(), Removal::LastAdmin(home.workspace));
    drop(unit);
    assert!(fx.look_system(async |unit| unit.sessions().by_token(session).await.unwrap()).await.is_some());
    assert_eq!(fx.look(&home, async |unit| unit.members().count(None).await.unwrap()).await, 2);
    fx.join(&home, Role::WorkspaceAdmin).await;
    let removed = fx.change_system(async |unit| unit.accounts().remove(home.admin).await.unwrap()).await;
    assert_eq!(removed, Removal::Done);
}

/// Two admins who remove their accounts at the same time, or one of whom is taken out meanwhile, leave one of them.
pub async fn admins_who_go_at_the_same_time_leave_one(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    for round in 0..6 {
        let (home, other) = (fx.found(&format!("ada{round}")).await, fx.add_account(&format!("bob{round}")).await);
        let second = fx.member(other.person.id, Role::WorkspaceAdmin);
        fx.change(&home, async |unit| unit.members().add(second).await.unwrap()).await;
        let remove = |user| {
            let fx = fx.clone();
            tokio::spawn(async move {
                let mut unit = fx.system().await;
                match unit.accounts().remove(user).await? {
                    Removal::Done => unit.commit(Vec::new(), None).await,
                    _ => Ok(()),
                }
            })
        };
        let take_out = |user| {
            let fx = fx.clone();
            tokio::spawn(async move {
                let mut unit = fx.write(&home).await;
                if unit.members().count(Some(Role::WorkspaceAdmin)).await? > 1 {
                    unit.members().remove(user).await?;
                }
                unit.commit(Closing::default()).await.map(drop)
            })
        };
        let meanwhile = if round % 2 == 0 { remove(home.admin) } else { take_out(home.admin) };
        let (first, second) = tokio::join!(remove(second.user), meanwhile);
        first.unwrap().unwrap();
        second.unwrap().unwrap();
        let admins = fx.look(&home, async |unit| unit.members().count(Some(Role::WorkspaceAdmin)).await.unwrap());
        assert_eq!(admins.await, 1);
    }
}

/// A token that sets a new password works once.
pub async fn a_reset_token_works_once(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let user = fx.add_account("ada").await.person.id;
    let token = fx.token();
    let now = fx.tick();
    let until = now.plus(Duration::from_mins(1));
    fx.change_system(async |unit| unit.accounts().insert_reset(user, token, until).await.unwrap()).await;
    let take = async |token| fx.change_system(async |unit| unit.accounts().take_reset(token, now).await.unwrap()).await;
    assert_eq!(take(fx.token()).await, None);
    assert_eq!(take(token).await, Some(user));
    assert_eq!(take(token).await, None);
}

/// A token that is too old, or that a newer one took the place of, does not work.
pub async fn an_old_reset_token_does_not_work(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let user = fx.add_account("ada").await.person.id;
    let (first, second) = (fx.token(), fx.token());
    let until = fx.tick().plus(Duration::from_mins(1));
    for token in [first, second] {
        fx.change_system(async |unit| unit.accounts().insert_reset(user, token, until).await.unwrap()).await;
    }
    let take =
        async |token, now| fx.change_system(async |unit| unit.accounts().take_reset(token, now).await.unwrap()).await;
    assert_eq!(take(first, fx.tick()).await, None);
    assert_eq!(take(second, until.plus(Duration::from_micros(1))).await, None);
}
