//! How things stand at a server, found out step by step.

use pmos_core::engine::{FactName, Health, HealthReport, Tenancy, Wall};

use super::{
    super::client::{
        Auth, Call, DISCOVER, Discovered, Fault, FaultKind, Identified, LIST_WORKFLOWS, Listed, PERSONAL_PROJECT, Page,
        READINESS, SETTINGS, ServerSettings, Wrapped,
    },
    N8nHost,
    owner::data,
    provisioning::{NEEDED, SCOPES},
    tenancy::OpenTenancy,
};

/// The oldest version of the second generation that was tried.
const OLDEST: (u32, u32) = (2, 40);

impl N8nHost {
    pub(super) async fn look(&self, tenancy: &Tenancy) -> Health {
        let mut report = HealthReport::new(self.clock.now());
        let Ok(opened) = self.open(tenancy) else {
            report.fails(FactName::Configured, "What opens n8n cannot be read.", "Connect n8n again.");
            return report.finish(None);
        };
        if opened.access.api_key.is_none() {
            report.fails(FactName::Configured, "No key is known.", "Connect n8n again with a key.");
            return report.finish(None);
        }
        report.holds(FactName::Configured, "An address and a key are known.");

        if let Err(fault) = self.client.send(&opened.site, Auth::None, Call::to(READINESS, &[])).await {
            let (message, action) = unreachable(&fault.kind);
            report.fails(FactName::Reachable, message, action);
            return report.finish(None);
        }
        report.holds(FactName::Reachable, "n8n answers.");

        let scopes = match key(&opened).await {
            Ok(scopes) => scopes,
            Err(Fault { kind: FaultKind::Denied, .. }) => {
                let (message, action) = match tenancy.wall {
                    Wall::OwnKey => ("n8n does not take the key.", "Make a new key in n8n and connect it again."),
                    _ => ("n8n does not take the key of this workspace.", "Connect n8n again; a new key is made then."),
                };
                report.fails(FactName::KeyValid, message, action);
                return report.finish(None);
            }
            Err(_) => {
                report.unknown(FactName::KeyValid, "n8n did not say whether it takes the key.", Some("Check again."));
                return report.finish(None);
            }
        };
        report.holds(FactName::KeyValid, "n8n takes the key.");
        self.workspace_fact(&mut report, &opened, scopes.as_deref()).await;
        let version = version(&opened).await;
        version_fact(&mut report, version.as_deref(), scopes.is_some());
        report.finish(version)
    }

    async fn workspace_fact(&self, report: &mut HealthReport, opened: &OpenTenancy<'_>, scopes: Option<&[String]>) {
        let lacks = |scope: &&&str| scopes.is_some_and(|scopes| !scopes.iter().any(|known| known == **scope));
        let missing: Vec<_> = SCOPES[..NEEDED].iter().filter(lacks).copied().collect();
        if !missing.is_empty() {
            let message = format!("The key lacks the scopes {}.", missing.join(", "));
            report.fails(FactName::WorkspaceReady, message, "Give the key these scopes in n8n, or make another.");
            return;
        }
        let project = match &opened.access.project {
            Some(project) if opened.ownership.wall() == Wall::User => {
                match opened
                    .signed_in(Call::to(PERSONAL_PROJECT, &[]))
                    .await
                    .and_then(|answer| data::<Identified>(&answer))
                {
                    Ok(personal) => Some(personal.id == *project),
                    Err(Fault { kind: FaultKind::Denied, .. }) => Some(false),
                    Err(_) => None,
                }
            }
            _ => {
                let answer = opened.by_key(Call::to(LIST_WORKFLOWS, &[]).query("limit", "1")).await;
                answer.and_then(|answer| answer.json::<Page<Listed>>()).is_ok().then_some(true)
            }
        };
        match project {
            Some(true) => report.holds(FactName::WorkspaceReady, "The workspace has its place."),
            Some(false) => report.fails(
                FactName::WorkspaceReady,
                "The place of the workspace is not what it was.",
                "Connect n8n again; the place is found or made then.",
            ),
            None => report.unknown(FactName::WorkspaceReady, "n8n did not say.", Some("Check again.")),
        }
    }
}

/// What the key may do, when this n8n tells.
async fn key(opened: &OpenTenancy<'_>) -> Result<Option<Vec<String>>, Fault> {
    match opened.by_key(Call::to(DISCOVER, &[])).await {
        Ok(answer) => Ok(Some(answer.json::<Wrapped<Discovered>>()?.data.scopes)),
        Err(Fault { kind: FaultKind::Absent | FaultKind::NotFound, .. }) => {
            opened.by_key(Call::to(LIST_WORKFLOWS, &[]).query("limit", "1")).await.map(|_| None)
        }
        Err(fault) => Err(fault),
    }
}

pub(super) async fn version(opened: &OpenTenancy<'_>) -> Option<String> {
    let answer = opened.signed_in(Call::to(SETTINGS, &[])).await.ok()?;
    data::<ServerSettings>(&answer).ok()?.version_cli
}

fn version_fact(report: &mut HealthReport, version: Option<&str>, discovers: bool) {
    let name = FactName::VersionSupported;
    let parsed = version.and_then(|version| {
        let mut parts = version.trim_start_matches('v').split('.').map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    });
    match (version, parsed) {
        (Some(version), Some(parsed)) if parsed >= OLDEST && parsed.0 == OLDEST.0 => {
            report.holds(name, format!("This is n8n {version}."));
        }
        (Some(version), Some(parsed)) if parsed < OLDEST => report.fails(
            name,
            format!("This is n8n {version}; {}.{} or newer is needed.", OLDEST.0, OLDEST.1),
            "Upgrade n8n.",
        ),
        (Some(version), Some(_)) => report.fails(
            name,
            format!("This is n8n {version}, a generation that is not known yet."),
            "Upgrade PMOS, or use n8n 2.",
        ),
        // Only an account is told the version; that a key is told its scopes came with the versions that are supported.
        _ if discovers => report.limited(
            name,
            "Steps are shown without forms, and drafts cannot be run: n8n opens that, and its version, only to an account.",
            "Change key or account, and give the e-mail and password of one.",
        ),
        _ => report.fails(name, "This n8n is too old.", "Upgrade n8n."),
    }
}

fn unreachable(fault: &FaultKind) -> (&'static str, &'static str) {
    match fault {
        FaultKind::Starting | FaultKind::Failed(_) => ("n8n is starting.", "Wait a moment, then check again."),
        FaultKind::Refused(_) => {
            ("This address may not be called from here.", "Ask the operator to allow it, or use another address.")
        }
        FaultKind::Garbled | FaultKind::Absent | FaultKind::NotFound | FaultKind::Rejected(_) => {
            ("What answers at this address is not n8n.", "Check the address.")
        }
        FaultKind::TimedOut => ("n8n did not answer in time.", "Check that it works, then check again."),
        _ => (
            "There is no answer at this address.",
            "Check that n8n runs and can be reached from here, then check again.",
        ),
    }
}
