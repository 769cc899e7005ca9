//! People with every role, and workspaces of their own for each question that is asked.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use pmos::core::{
    ApiKeyId, Channel, Pmos, Presented, RequestId, Result, Role, SessionId, UserId, WorkspaceId,
    action::{Called, Caller, RequestInfo},
    identity::SignedIn,
    store::Store,
    vault::Secret,
};
use serde_json::{Value, json};

use crate::{
    setup::{self, On, TestStore},
    web::{Credential, Web},
};

/// A person with an account and a browser that is signed in.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) token: String,
    signed_in: SignedIn,
}

impl Person {
    pub(crate) async fn new(pmos: &Pmos, name: &str) -> Self {
        Self::from(setup::sign_up(pmos, name).await)
    }

    fn from(signed_in: SignedIn) -> Self {
        Self {
            id: signed_in.person.id,
            email: signed_in.person.email.to_string(),
            token: signed_in.token.expose().to_owned(),
            signed_in,
        }
    }

    pub(crate) fn signed_in(&self) -> &SignedIn {
        &self.signed_in
    }

    /// The session of the browser.
    pub(crate) async fn session(&self, tenant: &Tenant) -> SessionId {
        let principal = tenant.pmos.authenticate(Presented::Session(&Secret::new(&self.token))).await.unwrap();
        principal.session().unwrap()
    }

    pub(crate) fn browser(&self) -> Credential {
        Credential::Browser(self.token.clone())
    }
}

/// An instance with a person of every kind. Passwords are slow to hash on purpose, so people are made once and workspaces,
/// which are cheap, again and again.
pub(crate) struct Town {
    pub(crate) pmos: Pmos,
    pub(crate) web: Web,
    /// Runs the instance and belongs to none of the places.
    pub(crate) root: Person,
    pub(crate) admin: Person,
    /// A second admin, so that the first may go.
    pub(crate) deputy: Person,
    pub(crate) member: Person,
    pub(crate) viewer: Person,
    pub(crate) guest: Person,
    /// The admin of the foreign places.
    pub(crate) stranger: Person,
    pub(crate) neighbour: Person,
    /// A session that has ended.
    pub(crate) dead: String,
    count: AtomicU32,
    store: Option<TestStore>,
}

impl Town {
    /// On a store of this kind, before background work begins; none when there is no such store here.
    pub(crate) async fn idle(on: On) -> Option<Self> {
        let kept = on.store().await?;
        let town = Self::over(setup::idle(kept.store.clone(), "")).await;
        Some(Self { store: Some(kept), ..town })
    }

    /// The same with background work going on.
    pub(crate) async fn open(on: On) -> Option<Self> {
        let kept = on.store().await?;
        let town = Self::over(setup::open(kept.store.clone(), "")).await;
        Some(Self { store: Some(kept), ..town })
    }

    /// What everything is kept in.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.kept().store
    }

    /// The address of the file that everything is kept in.
    pub(crate) fn file(&self) -> String {
        self.kept().file()
    }

    fn kept(&self) -> &TestStore {
        self.store.as_ref().expect("the town was made on a store of its own")
    }

    pub(crate) async fn over(pmos: Pmos) -> Self {
        let web = Web::new(pmos.clone());
        let root = Person::new(&pmos, "Root").await;
        let dead = Person::new(&pmos, "Gone").await;
        let request = RequestInfo::internal(&pmos).unwrap();
        pmos.accounts().unwrap().sign_out(&Secret::new(&dead.token), &request).await.unwrap();
        Self {
            root,
            admin: Person::new(&pmos, "Adam").await,
            deputy: Person::new(&pmos, "Dora").await,
            member: Person::new(&pmos, "Mia").await,
            viewer: Person::new(&pmos, "Vera").await,
            guest: Person::new(&pmos, "Gus").await,
            stranger: Person::new(&pmos, "Stan").await,
            neighbour: Person::new(&pmos, "Nina").await,
            dead: dead.token,
            count: AtomicU32::new(0),
            store: None,
            web,
            pmos,
        }
    }

    /// A workspace of Adam's with everybody in it but the stranger and the one who runs the instance.
    pub(crate) async fn tenant(&self) -> Tenant {
        let tenant = self.found(&self.admin, &self.member, &self.guest).await;
        for (person, role) in [
            (&self.deputy, Role::WorkspaceAdmin),
            (&self.member, Role::Member),
            (&self.viewer, Role::Viewer),
            (&self.guest, Role::Member),
        ] {
            tenant.admit(person, role).await;
        }
        tenant
    }

    /// A workspace of the stranger, with another person in it.
    pub(crate) async fn elsewhere(&self) -> Tenant {
        let tenant = self.found(&self.stranger, &self.stranger, &self.neighbour).await;
        tenant.admit(&self.neighbour, Role::Member).await;
        tenant
    }

    async fn found(&self, founder: &Person, worker: &Person, guest: &Person) -> Tenant {
        let principal = self.pmos.vouch(founder.id, Channel::Rust).await.unwrap();
        let welcome = self.pmos.welcome(&principal, RequestInfo::internal(&self.pmos).unwrap());
        let name = format!("Tenant {}", self.count.fetch_add(1, Ordering::Relaxed));
        let made = call(&welcome, "workspaces.create", json!({ "name": name })).await;
        let workspace = made["id"].as_str().unwrap().parse().unwrap();
        let caller = enter(&self.pmos, founder.id, Channel::Rust, workspace).await.unwrap();
        Tenant { pmos: self.pmos.clone(), workspace, name, caller, worker: worker.id, guest: guest.id }
    }

    /// What lets the one who runs the instance into a foreign workspace.
    pub(crate) async fn act_as(&self, workspace: WorkspaceId) -> Credential {
        let body = json!({ "workspace": workspace, "reason": "a member asked for help" });
        let answer = self.web.call(&self.root.browser(), "POST", "/api/v1/admin/act-as", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        Credential::ActingAs(self.root.token.clone(), answer.json()["id"].as_str().unwrap().to_owned())
    }
}

/// A workspace, and its admin's way in.
pub(crate) struct Tenant {
    pmos: Pmos,
    pub(crate) workspace: WorkspaceId,
    pub(crate) name: String,
    pub(crate) caller: Caller,
    /// A person who makes things of their own.
    pub(crate) worker: UserId,
    /// A person to whom things are done.
    pub(crate) guest: UserId,
}

impl Tenant {
    /// Does something as the admin.
    pub(crate) async fn act(&self, action: &str, input: Value) -> Value {
        call(&self.caller, action, input).await
    }

    /// A run once it has ended.
    pub(crate) async fn finished(&self, run: &Value) -> Value {
        let ended = async {
            loop {
                let run = self.act("runs.get", json!({ "run": run })).await;
                if !matches!(run["status"].as_str(), Some("queued" | "running")) {
                    return run;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the run does not end")
    }

    /// The worker, by one of the ways that need no HTTP.
    pub(crate) async fn worker_by(&self, by: Channel) -> Caller {
        enter(&self.pmos, self.worker, by, self.workspace).await.unwrap()
    }

    pub(crate) async fn admit(&self, person: &Person, role: Role) {
        let token = self.invite(&person.email, role).await;
        let principal = self.pmos.vouch(person.id, Channel::Rust).await.unwrap();
        let caller = self.pmos.welcome(&principal, RequestInfo::internal(&self.pmos).unwrap());
        call(&caller, "invitations.accept", json!({ "token": token })).await;
    }

    /// The secret of a new invitation.
    pub(crate) async fn invite(&self, email: &str, role: Role) -> String {
        let invited = self.act("invitations.create", json!({ "email": email, "role": role })).await;
        invited["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// A person with an account of their own and a browser, who belongs to this workspace alone.
    pub(crate) async fn newcomer(&self) -> Person {
        let name = self.new_name();
        let token = self.invite(&setup::email(&name), Role::Viewer).await;
        Person::from(setup::sign_up_with(&self.pmos, &name, Some(&token)).await)
    }

    /// A person who is not invited yet.
    pub(crate) async fn outsider(&self) -> Person {
        Person::new(&self.pmos, &self.new_name()).await
    }

    /// A name that no other person has.
    fn new_name(&self) -> String {
        let id: RequestId = self.pmos.clock().new_id().unwrap();
        format!("New {}", id.to_string().replace('_', ""))
    }

    /// A key of `owner` with these scopes.
    pub(crate) async fn key(&self, owner: UserId, scopes: &[String]) -> (ApiKeyId, Credential) {
        let caller = enter(&self.pmos, owner, Channel::Rust, self.workspace).await.unwrap();
        let made = call(&caller, "api_keys.create", json!({ "name": "Key", "scopes": scopes })).await;
        let text = |field: &str| made[field].as_str().unwrap().to_owned();
        (text("id").parse().unwrap(), Credential::Key(text("secret")))
    }
}

/// Every scope there is.
pub(crate) fn all_scopes(pmos: &Pmos) -> Vec<String> {
    let open = pmos.table().iter().filter(|entry| entry.spec.takes_keys());
    let mut scopes: Vec<_> = open.map(|entry| format!("{}.*", entry.spec.name.split_once('.').unwrap().0)).collect();
    scopes.dedup();
    scopes
}

/// Lets a person into a workspace by one of the ways that need no HTTP.
pub(crate) async fn enter(pmos: &Pmos, who: UserId, by: Channel, workspace: WorkspaceId) -> pmos::core::Result<Caller> {
    let principal = pmos.vouch(who, by).await?;
    pmos.enter(&principal, workspace, RequestInfo::internal(pmos)?).await
}

/// Calls an action that must succeed.
pub(crate) async fn call(caller: &Caller, action: &str, input: Value) -> Value {
    let called = caller.call(action, input.clone()).await.unwrap_or_else(|error| panic!("{action} {input}: {error:?}"));
    let Called::Done(output) = called else { panic!("{action} waits for an approval") };
    serde_json::from_str(output.get()).unwrap()
}

/// The same for acts that may be refused.
pub(crate) async fn try_call(caller: &Caller, action: &str, input: Value) -> Result<Value> {
    let output = caller.call(action, input).await?.done()?;
    Ok(serde_json::from_str(output.get()).unwrap())
}
