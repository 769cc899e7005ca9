//! Who asks, and by which way.

use pmos::core::{
    Channel, Error, Kind, WorkspaceId,
    action::{Called, Entry, Success},
};
use serde_json::Value;

use crate::{
    town::{self, Person, Tenant, Town},
    web::{Answer, Credential},
};

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Without a sign-in.
    None,
    /// A session that ended.
    Dead,
    /// In a browser.
    Viewer,
    Member,
    Admin,
    /// Who runs the instance, from outside of the workspace.
    Super,
    /// The same, after they said why they come in.
    SuperActing,
    /// A program with a key that has every scope.
    MemberKey,
    AdminKey,
    /// A program whose key has another scope than the one needed.
    NarrowKey,
    /// An assistant on behalf of a person.
    Agent(Behalf),
    /// A client of the MCP endpoint on behalf of a person.
    Mcp(Behalf),
}

/// On whose behalf a machine acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behalf {
    Viewer,
    Member,
    Admin,
    Super,
}

const BEHALVES: [Behalf; 4] = [Behalf::Viewer, Behalf::Member, Behalf::Admin, Behalf::Super];

impl Who {
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![
            Self::None,
            Self::Dead,
            Self::Viewer,
            Self::Member,
            Self::Admin,
            Self::Super,
            Self::SuperActing,
            Self::MemberKey,
            Self::AdminKey,
            Self::NarrowKey,
        ];
        all.extend(BEHALVES.map(Self::Agent));
        all.extend(BEHALVES.map(Self::Mcp));
        all
    }

    /// The head of the column.
    pub(crate) fn name(self) -> String {
        match self {
            Self::SuperActing => "acting".to_owned(),
            Self::MemberKey => "key:member".to_owned(),
            Self::AdminKey => "key:admin".to_owned(),
            Self::NarrowKey => "key:narrow".to_owned(),
            Self::Agent(behalf) => format!("agent:{behalf:?}").to_lowercase(),
            Self::Mcp(behalf) => format!("mcp:{behalf:?}").to_lowercase(),
            who => format!("{who:?}").to_lowercase(),
        }
    }

    pub(crate) fn is_machine(self) -> bool {
        matches!(self, Self::Agent(_) | Self::Mcp(_))
    }
}

/// How a caller asks in one place.
pub(crate) enum Asker<'t> {
    Http(&'t Town, Credential),
    Inside(&'t Town, &'t Person, Channel),
}

impl<'t> Asker<'t> {
    /// Gets `who` ready to ask in `place`.
    pub(crate) async fn new(town: &'t Town, who: Who, tenant: &Tenant, action: &str) -> Self {
        let person = |behalf| match behalf {
            Behalf::Viewer => &town.viewer,
            Behalf::Member => &town.member,
            Behalf::Admin => &town.admin,
            Behalf::Super => &town.root,
        };
        let credential = match who {
            Who::Agent(behalf) => return Self::Inside(town, person(behalf), Channel::Agent),
            Who::Mcp(behalf) => return Self::Inside(town, person(behalf), Channel::Mcp),
            Who::None => Credential::Nothing,
            Who::Dead => Credential::Browser(town.dead.clone()),
            Who::Viewer => town.viewer.browser(),
            Who::Member => town.member.browser(),
            Who::Admin => town.admin.browser(),
            Who::Super => town.root.browser(),
            Who::SuperActing => town.act_as(tenant.workspace).await,
            Who::MemberKey => tenant.key(town.member.id, &town::all_scopes(&town.pmos)).await.1,
            Who::AdminKey => tenant.key(town.admin.id, &town::all_scopes(&town.pmos)).await.1,
            Who::NarrowKey => {
                let other = if action == "templates.list" { "flows.list" } else { "templates.list" };
                tenant.key(town.admin.id, &[other.to_owned()]).await.1
            }
        };
        Self::Http(town, credential)
    }

    /// The same, but where a person asks in a browser it is the one whose account the act is about.
    pub(crate) fn of(&self, owner: Option<&Person>) -> Asker<'t> {
        match self {
            Self::Inside(town, person, by) => Self::Inside(town, person, *by),
            Self::Http(town, credential) => Self::Http(
                town,
                match (owner, credential) {
                    (Some(owner), Credential::Browser(token)) if *token != town.dead => owner.browser(),
                    (Some(owner), Credential::ActingAs(_, id)) => Credential::ActingAs(owner.token.clone(), id.clone()),
                    (_, credential) => credential.clone(),
                },
            ),
        }
    }

    pub(crate) async fn ask(&self, entry: &Entry, workspace: WorkspaceId, input: &Value) -> Answer {
        match self {
            Self::Http(town, credential) => town.web.act(credential, entry, workspace, input).await,
            Self::Inside(town, person, by) => inside(town, person, *by, entry, workspace, input).await,
        }
    }
}

/// Asks without HTTP, and writes the outcome as HTTP would.
async fn inside(
    town: &Town,
    person: &Person,
    by: Channel,
    entry: &Entry,
    workspace: WorkspaceId,
    input: &Value,
) -> Answer {
    use pmos::core::action::{Reach, RequestInfo};
    let caller = match entry.spec.reach {
        Reach::Workspace => town::enter(&town.pmos, person.id, by, workspace).await,
        Reach::Person | Reach::Instance => {
            let principal = town.pmos.vouch(person.id, by).await.unwrap();
            Ok(town.pmos.welcome(&principal, RequestInfo::internal(&town.pmos).unwrap()))
        }
    };
    let outcome = match caller {
        Ok(caller) => caller.call(entry.spec.name, input.clone()).await,
        Err(error) => Err(error),
    };
    let (status, body) = match outcome {
        Ok(Called::Done(output)) => (success(entry), output.get().to_owned()),
        Ok(Called::Parked(approval)) => (202, approval.to_string()),
        Err(error) => (status(&error), format!("{} {} {:?}", error.code(), error.detail(), error.fields())),
    };
    Answer { status, headers: axum::http::HeaderMap::new(), body: body.into() }
}

fn success(entry: &Entry) -> u16 {
    match entry.spec.success {
        Success::Ok => 200,
        Success::Created => 201,
        Success::Empty => 204,
    }
}

fn status(error: &Error) -> u16 {
    match error.kind() {
        Kind::Malformed => 400,
        Kind::Unauthenticated => 401,
        Kind::Forbidden => 403,
        Kind::NotFound => 404,
        Kind::WrongMethod => 405,
        Kind::Conflict => 409,
        Kind::UnknownForm => 415,
        Kind::TooLarge => 413,
        Kind::Invalid | Kind::Unsupported => 422,
        Kind::Limited => 429,
        Kind::Upstream => 502,
        Kind::Unavailable => 503,
        _ => 500,
    }
}
