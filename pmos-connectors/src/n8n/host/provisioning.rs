//! How a workspace gets its tenancy at n8n, gets new keys, and gives the tenancy up.

use async_trait::async_trait;
use pmos_core::{
    Error, Id, Result, WorkspaceId,
    engine::{ExternalId, HostedKeys, OwnCredentials, Tenancy, Wall},
    flow::{Field, FieldKind},
    vault::Secret,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    super::{
        access::Access,
        client::{
            ACCEPT_INVITATION, API_KEY_SCOPES, Account, ApiKey, ApiKeys, Auth, CHANGE_PASSWORD, CREATE_API_KEY, Call,
            DELETE_API_KEY, DISCOVER, Discovered, Fault, FaultKind, Identified, LIST_API_KEYS, MCP_KEY, McpKey, N8n,
            PERSONAL_PROJECT, RESET_PASSWORD, ROTATE_MCP_KEY, Site, garbled, session_of,
        },
        config::Instance,
    },
    N8nHost,
    owner::{Owner, data, within},
    tenancy::OpenTenancy,
};
use crate::upstream::new_password;

/// The keys of tenancies begin with this.
const LABEL: &str = "PMOS workspace";

/// Everything that the key of a tenancy is used for, and nothing else. Members cannot have the last two.
pub(super) const SCOPES: [&str; 16] = [
    "workflow:create",
    "workflow:read",
    "workflow:update",
    "workflow:delete",
    "workflow:list",
    "workflow:activate",
    "workflow:deactivate",
    "execution:read",
    "execution:list",
    "execution:stop",
    "execution:retry",
    "credential:create",
    "credential:update",
    "credential:delete",
    "credential:read",
    "credential:list",
];

/// Those without which flows and runs cannot be worked with.
pub(super) const NEEDED: usize = 10;

const API_KEY: &str = "api_key";
const EMAIL: &str = "email";
const PASSWORD: &str = "password";
const PROJECT: &str = "project_id";

/// What a workspace fills in to bring a server of its own.
pub(super) fn login() -> Vec<Field> {
    let help = |help: &str| Some(help.to_owned());
    vec![
        Field {
            required: true,
            help: help("Make one in n8n under Settings, n8n API. It is sealed in the vault and never shown again."),
            ..Field::new(API_KEY, "Key", FieldKind::Secret)
        },
        Field {
            help: help(
                "Without one, steps are shown without forms and drafts cannot be run: n8n opens that only to an account.",
            ),
            ..Field::new(EMAIL, "E-mail of an account", FieldKind::Text)
        },
        Field::new(PASSWORD, "Its password", FieldKind::Secret),
        Field {
            help: help("Only what is in it is shown; everything that the key reaches without it."),
            ..Field::new(PROJECT, "Project", FieldKind::Text)
        },
    ]
}

impl N8nHost {
    pub(super) async fn provision(&self, workspace: WorkspaceId) -> Result<Tenancy> {
        if let Some(instance) = self.config.dedicated.get(&workspace) {
            return self.move_in(workspace, instance).await;
        }
        let owner = self.owner()?;
        let email = format!("ws-{}@pmos.invalid", workspace.uuid().simple());
        let known = owner.user(&email).await?;
        let fresh = known.is_none();
        let password = new_password(&*self.clock)?;
        let account = Account { workspace: Some(workspace), email: email.clone(), password: password.clone() };
        let (user, cookie) = match known {
            Some(user) if !user.is_pending => {
                // It was made before, and what opened it is lost.
                let token = owner.reset(&user.id).await?;
                let order = json!({"token": token, "password": password.expose()});
                (user.id, self.opened(&owner.site, Call::to(RESET_PASSWORD, &[]).secret_json(order)).await?)
            }
            _ => {
                let (user, token) = owner.invite(&email).await?;
                // Others on the server may come to see this name, so it says nothing.
                let order = json!({
                    "token": token, "firstName": "Workspace", "lastName": "Member", "password": password.expose(),
                });
                let accepted = self.opened(&owner.site, Call::to(ACCEPT_INVITATION, &[]).secret_json(order)).await;
                (user.clone(), self.or_undo(&owner, fresh, &user, accepted).await?)
            }
        };
        self.client.remember(&owner.site, &account, cookie).await;
        owner.allow_mcp().await;
        let access =
            Access { email: Some(email), password: Some(password), user: Some(user.clone()), ..Access::default() };
        let furnished = self.furnish(&owner.site, &account, access, true).await;
        let access = self.or_undo(&owner, fresh, &user, furnished).await?;
        let instance = owner.site.as_str().to_owned();
        Ok(Tenancy { workspace, instance, wall: Wall::User, access: access.seal()? })
    }

    /// What was made just now is taken away again when the rest of it fails.
    async fn or_undo<T>(&self, owner: &Owner<'_>, fresh: bool, user: &str, done: Result<T>) -> Result<T> {
        if done.is_err()
            && fresh
            && let Err(fault) = owner.remove(user).await
        {
            tracing::warn!(
                fault = fault.kind.name(),
                "a half made tenancy at n8n could not be taken away; the next try finds it"
            );
        }
        done
    }

    /// A session that was opened by a call.
    async fn opened(&self, site: &Site, call: Call) -> Result<SecretString> {
        Ok(session_of(&self.client.send(site, Auth::None, call).await?)?)
    }

    /// A server of the workspace's own.
    async fn move_in(&self, workspace: WorkspaceId, instance: &Instance) -> Result<Tenancy> {
        let site = Site::parse::<N8n>(&instance.base_url).map_err(|why| Error::invalid("base_url", why))?;
        let access = Access {
            api_key: instance.api_key.clone(),
            email: instance.owner_email.clone(),
            password: instance.owner_password.clone(),
            ..Access::default()
        };
        let access = match access.account(workspace) {
            Some(account) => self.furnish(&site, &account, access, false).await?,
            None => access,
        };
        Ok(Tenancy { workspace, instance: site.as_str().to_owned(), wall: Wall::Instance, access: access.seal()? })
    }

    /// Keys of its own, and its project.
    async fn furnish(&self, site: &Site, account: &Account, mut access: Access, walled: bool) -> Result<Access> {
        let by = async |call| self.client.signed_in(site, account, call).await;
        if walled {
            access.project = Some(data::<Identified>(&by(Call::to(PERSONAL_PROJECT, &[])).await?)?.id);
        }
        let (key, id) = self.new_key(site, account).await?;
        self.drop_other_keys(site, account, &id).await?;
        access.api_key = Some(key);
        // Its whole text is told once. One that was told before is replaced, unless a person may be using it.
        let told = match by(Call::to(MCP_KEY, &[])).await {
            Ok(answer) => Some(data::<McpKey>(&answer)?.api_key).filter(|key| !key.starts_with('*')),
            Err(_) => None,
        };
        access.mcp_key = match told {
            Some(key) => Some(Secret::new(key)),
            None if walled => self.new_mcp_key(site, account).await,
            None => None,
        };
        Ok(access)
    }

    async fn new_mcp_key(&self, site: &Site, account: &Account) -> Option<Secret> {
        let answer = self.client.signed_in(site, account, Call::to(ROTATE_MCP_KEY, &[]).json(json!({}))).await.ok()?;
        Some(Secret::new(data::<McpKey>(&answer).ok()?.api_key))
    }

    async fn new_key(&self, site: &Site, account: &Account) -> Result<(Secret, String)> {
        let by = async |call| self.client.signed_in(site, account, call).await;
        let offered: Vec<Value> = data(&by(Call::to(API_KEY_SCOPES, &[])).await?)?;
        let label = format!("{LABEL} {}", self.clock.random_text(8)?);
        let order = json!({"label": label, "expiresAt": null, "scopes": within(&SCOPES, &offered)});
        let made: ApiKey = data(&by(Call::to(CREATE_API_KEY, &[]).json(order)).await?)?;
        let key = made.raw.ok_or_else(garbled)?;
        Ok((Secret::new(key), made.id))
    }

    /// Keys of ours that are not known any more.
    async fn drop_other_keys(&self, site: &Site, account: &Account, but: &str) -> Result<(), Fault> {
        let by = async |call| self.client.signed_in(site, account, call).await;
        let keys: ApiKeys = data(&by(Call::to(LIST_API_KEYS, &[])).await?)?;
        for key in keys.items.iter().filter(|key| key.label.starts_with(LABEL) && key.id != but) {
            match by(Call::to(DELETE_API_KEY, &[&key.id])).await {
                Ok(_) | Err(Fault { kind: FaultKind::NotFound, .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    pub(super) async fn take_own(&self, workspace: WorkspaceId, own: &OwnCredentials) -> Result<Tenancy> {
        let site = Site::parse::<N8n>(own.base_url()).map_err(|why| Error::invalid("base_url", why))?;
        let access = Access {
            api_key: own.text(API_KEY).map(|key| Secret::new(key.trim())),
            email: own.text(EMAIL).map(str::to_owned),
            password: own.secret(PASSWORD).cloned(),
            project: own.text(PROJECT).map(str::to_owned),
            ..Access::default()
        };
        let tenancy =
            Tenancy { workspace, instance: site.as_str().to_owned(), wall: Wall::OwnKey, access: access.seal()? };
        let opened = self.open(&tenancy)?;
        let discovered = opened.by_key(Call::to(DISCOVER, &[])).await.and_then(|answer| data::<Discovered>(&answer));
        discovered.map_err(|fault| match fault {
            Fault { kind: FaultKind::Denied, .. } => {
                Error::invalid(API_KEY, "is not taken by this n8n; make a new one there")
            }
            // Nothing was asked for that could be missing: it is no n8n.
            Fault { kind: FaultKind::NotFound | FaultKind::Absent, .. } => garbled().into(),
            fault => fault.into(),
        })?;
        if let Some(account) = access.account(workspace) {
            self.client.session(&site, &account).await.map_err(|fault| match fault {
                Fault { kind: FaultKind::Denied, .. } => {
                    Error::invalid(PASSWORD, "is not taken by this n8n for that address")
                }
                fault => fault.into(),
            })?;
        }
        Ok(tenancy)
    }

    pub(super) async fn give_up(&self, tenancy: &Tenancy, flows: &[ExternalId]) -> Result<()> {
        match tenancy.wall {
            Wall::OwnKey | Wall::SharedKey => Ok(()),
            Wall::Instance => {
                let opened = self.open(tenancy)?;
                for flow in flows {
                    self.remove(&opened, flow).await?;
                }
                Ok(())
            }
            Wall::User | Wall::Project => self.move_out(tenancy, flows).await,
        }
    }

    async fn move_out(&self, tenancy: &Tenancy, flows: &[ExternalId]) -> Result<()> {
        let owner = self.owner()?;
        let opened = self.open(tenancy)?;
        let Some(user) = opened.access.user.clone() else {
            return Err(Error::internal("find the user of a tenancy at n8n"));
        };
        match self.stop_all(&opened, flows).await {
            Ok(()) => {}
            // Its keys are dead: the user is gone already, or it gets new keys for this last act.
            Err(Fault { kind: FaultKind::Denied, .. }) => {
                let email = opened.access.email.as_deref().unwrap_or_default();
                if owner.user(email).await?.is_none() {
                    return Ok(());
                }
                let renewed = self.provision(tenancy.workspace).await?;
                self.stop_all(&self.open(&renewed)?, flows).await?;
            }
            Err(fault) => return Err(fault.into()),
        }
        let limits = self.client.limits();
        let end = Instant::now() + limits.settle * 2;
        loop {
            match owner.remove(&user).await {
                // Something of it is still being unpublished.
                Err(Fault { kind: FaultKind::Conflict(_), .. }) if Instant::now() < end => sleep(limits.look * 2).await,
                done => return Ok(done?),
            }
        }
    }

    async fn stop_all(&self, opened: &OpenTenancy<'_>, flows: &[ExternalId]) -> Result<(), Fault> {
        let listed = self.list(opened).await?.into_iter().map(|entry| entry.id);
        let all: std::collections::BTreeSet<_> = listed.chain(flows.iter().cloned()).collect();
        for flow in &all {
            self.deactivate(opened, flow).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl HostedKeys for N8nHost {
    async fn rotate(&self, tenancy: &Tenancy) -> Result<Tenancy> {
        if !matches!(tenancy.wall, Wall::User | Wall::Project) {
            return Err(Error::unsupported(
                "new keys for a place that brought its own; connect n8n again with another key",
            ));
        }
        let opened = self.open(tenancy)?;
        let account = opened.access.account(tenancy.workspace).ok_or_else(|| Error::internal("renew keys at n8n"))?;
        let (key, id) = self.new_key(&opened.site, &account).await?;
        let password = new_password(&*self.clock)?;
        let order = json!({"currentPassword": account.password.expose(), "newPassword": password.expose()});
        let cookie = opened.signed_in(Call::to(CHANGE_PASSWORD, &[]).secret_json(order)).await?;
        let cookie = session_of(&cookie)?;
        // From here on what is sealed opens nothing any more; `join` finds its way back should we be interrupted.
        let account = Account { password: password.clone(), ..account };
        self.client.remember(&opened.site, &account, cookie).await;
        self.drop_other_keys(&opened.site, &account, &id).await?;
        let mcp_key = self.new_mcp_key(&opened.site, &account).await;
        let access = Access { api_key: Some(key), password: Some(password), mcp_key, ..opened.access };
        Ok(Tenancy { access: access.seal()?, ..tenancy.clone() })
    }
}
