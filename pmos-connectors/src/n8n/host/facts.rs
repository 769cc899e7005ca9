//! How things stand at a server, found out step by step.

use pmos_core::engine::{Fact, FactName, Health, Tenancy, Wall};

use super::{
    super::client::{
        Call, DISCOVER, Discovered, Fault, Identified, LIST_WORKFLOWS, Listed, Opening, PERSONAL_PROJECT, Page,
        READINESS, SETTINGS, ServerSettings, Wrapped,
    },
    N8nHost,
    owner::data,
    provisioning::{NEEDED, SCOPES},
    tenancy::OpenTenancy,
};

/// The oldest version of the second generation that was tried.
const OLDEST: (u32, u32) = (2, 40);

struct Found {
    facts: Vec<Fact>,
    at: pmos_core::Timestamp,
}

impl Found {
    fn say(&mut self, name: FactName, ok: Option<bool>, message: impl Into<String>, action: Option<&str>) {
        let action = action.map(str::to_owned);
        self.facts.push(Fact { name, ok, message: message.into(), action, at: self.at });
    }

    fn done(mut self, version: Option<String>) -> Health {
        const ALL: [FactName; 5] = [
            FactName::Configured,
            FactName::Reachable,
            FactName::KeyValid,
            FactName::WorkspaceReady,
            FactName::VersionSupported,
        ];
        for name in ALL.into_iter().skip(self.facts.len()) {
            self.say(name, None, "Not looked at yet.", None);
        }
        Health { facts: self.facts, version }
    }
}

impl N8nHost {
    pub(super) async fn look(&self, tenancy: &Tenancy) -> Health {
        let mut found = Found { facts: Vec::new(), at: self.clock.now() };
        let Ok(place) = self.place(tenancy) else {
            found.say(FactName::Configured, Some(false), "What opens n8n cannot be read.", Some("Connect n8n again."));
            return found.done(None);
        };
        if place.access.api_key.is_none() {
            found.say(FactName::Configured, Some(false), "No key is known.", Some("Connect n8n again with a key."));
            return found.done(None);
        }
        found.say(FactName::Configured, Some(true), "An address and a key are known.", None);

        if let Err(fault) = self.client.send(&place.site, Opening::Nothing, Call::to(READINESS, &[])).await {
            let (message, action) = unreachable(&fault);
            found.say(FactName::Reachable, Some(false), message, Some(action));
            return found.done(None);
        }
        found.say(FactName::Reachable, Some(true), "n8n answers.", None);

        let scopes = match key(&place).await {
            Ok(scopes) => scopes,
            Err(Fault::Denied) => {
                let (message, action) = match tenancy.wall {
                    Wall::OwnKey => ("n8n does not take the key.", "Make a new key in n8n and connect it again."),
                    _ => ("n8n does not take the key of this workspace.", "Connect n8n again; a new key is made then."),
                };
                found.say(FactName::KeyValid, Some(false), message, Some(action));
                return found.done(None);
            }
            Err(_) => {
                found.say(FactName::KeyValid, None, "n8n did not say whether it takes the key.", Some("Check again."));
                return found.done(None);
            }
        };
        found.say(FactName::KeyValid, Some(true), "n8n takes the key.", None);
        self.workspace_fact(&mut found, &place, scopes.as_deref()).await;
        let version = version(&place).await;
        version_fact(&mut found, version.as_deref(), scopes.is_some());
        found.done(version)
    }

    async fn workspace_fact(&self, found: &mut Found, place: &OpenTenancy<'_>, scopes: Option<&[String]>) {
        let lacks = |scope: &&&str| scopes.is_some_and(|scopes| !scopes.iter().any(|known| known == **scope));
        let missing: Vec<_> = SCOPES[..NEEDED].iter().filter(lacks).copied().collect();
        if !missing.is_empty() {
            let message = format!("The key lacks the scopes {}.", missing.join(", "));
            found.say(
                FactName::WorkspaceReady,
                Some(false),
                message,
                Some("Give the key these scopes in n8n, or make another."),
            );
            return;
        }
        let project = match &place.access.project {
            Some(project) if place.wall == Wall::User => {
                match place
                    .signed_in(Call::to(PERSONAL_PROJECT, &[]))
                    .await
                    .and_then(|answer| data::<Identified>(&answer))
                {
                    Ok(personal) => Some(personal.id == *project),
                    Err(Fault::Denied) => Some(false),
                    Err(_) => None,
                }
            }
            _ => {
                let answer = place.by_key(Call::to(LIST_WORKFLOWS, &[]).query("limit", "1")).await;
                answer.and_then(|answer| answer.json::<Page<Listed>>()).is_ok().then_some(true)
            }
        };
        match project {
            Some(true) => found.say(FactName::WorkspaceReady, Some(true), "The workspace has its place.", None),
            Some(false) => found.say(
                FactName::WorkspaceReady,
                Some(false),
                "The place of the workspace is not what it was.",
                Some("Connect n8n again; the place is found or made then."),
            ),
            None => found.say(FactName::WorkspaceReady, None, "n8n did not say.", Some("Check again.")),
        }
    }
}

/// What the key may do, when this n8n tells.
async fn key(place: &OpenTenancy<'_>) -> Result<Option<Vec<String>>, Fault> {
    match place.by_key(Call::to(DISCOVER, &[])).await {
        Ok(answer) => Ok(Some(answer.json::<Wrapped<Discovered>>()?.data.scopes)),
        Err(Fault::Absent | Fault::NotFound) => {
            place.by_key(Call::to(LIST_WORKFLOWS, &[]).query("limit", "1")).await.map(|_| None)
        }
        Err(fault) => Err(fault),
    }
}

pub(super) async fn version(place: &OpenTenancy<'_>) -> Option<String> {
    let answer = place.signed_in(Call::to(SETTINGS, &[])).await.ok()?;
    data::<ServerSettings>(&answer).ok()?.version_cli
}

fn version_fact(found: &mut Found, version: Option<&str>, discovers: bool) {
    let name = FactName::VersionSupported;
    let parsed = version.and_then(|version| {
        let mut parts = version.trim_start_matches('v').split('.').map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    });
    match (version, parsed) {
        (Some(version), Some(parsed)) if parsed >= OLDEST && parsed.0 == OLDEST.0 => {
            found.say(name, Some(true), format!("This is n8n {version}."), None);
        }
        (Some(version), Some(parsed)) if parsed < OLDEST => found.say(
            name,
            Some(false),
            format!("This is n8n {version}; {}.{} or newer is needed.", OLDEST.0, OLDEST.1),
            Some("Upgrade n8n."),
        ),
        (Some(version), Some(_)) => found.say(
            name,
            Some(false),
            format!("This is n8n {version}, a generation that is not known yet."),
            Some("Upgrade PMOS, or use n8n 2."),
        ),
        // Only an account is told the version; that a key is told its scopes came with the versions that are supported.
        _ if discovers => {
            found.say(name, Some(true), "It offers what is needed; which version it is, it does not tell.", None);
        }
        _ => found.say(name, Some(false), "This n8n is too old.", Some("Upgrade n8n.")),
    }
}

fn unreachable(fault: &Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::Starting | Fault::Failed(_) => ("n8n is starting.", "Wait a moment, then check again."),
        Fault::Refused(_) => {
            ("This address may not be called from here.", "Ask the operator to allow it, or use another address.")
        }
        Fault::Garbled | Fault::Absent | Fault::NotFound | Fault::Rejected(_) => {
            ("What answers at this address is not n8n.", "Check the address.")
        }
        Fault::TimedOut => ("n8n did not answer in time.", "Check that it works, then check again."),
        _ => ("Nobody answers at this address.", "Check that n8n runs and can be reached from here, then check again."),
    }
}
