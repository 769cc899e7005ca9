//! The permission page of the documentation, written from the action table.

use std::fmt::Write as _;

use pmos_core::{
    Channel, Role,
    action::{ActionSpec, Effect, Permission, Table},
};

/// One row per action: who may, by which ways, what it does.
pub fn permissions(table: &Table) -> String {
    let mut page = String::from(
        "# Permissions\n\n\
         Written from the action table by `UPDATE=1 cargo test -p pmos-server`; a test keeps the two together.\n\n\
         The least role that may do it. Each role may do everything that the roles before it may: viewer, member, \
         workspace admin. Super admins run the instance; to everybody else those routes do not exist. Only what is for anyone is open \
         without signing in. *By hand* means a browser, the command line or the embedding program. Whatever agents may \
         call needs a person's approval when its effect is write or destructive. What *refreshes* only reads, and on \
         the way brings what is kept of a remote engine up to date.\n\n\
         | action | route | least role | effect | fresh password | by hand | API key | agents |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for entry in table.iter() {
        let spec = &entry.spec;
        // Writing into a text cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | `{} {}` | {} | {} | {} | {} | {} | {} |",
            spec.name,
            spec.method.as_str(),
            spec.full_path(),
            role(spec.permission),
            if spec.refreshes { "read, refreshes" } else { effect(spec.effect) },
            mark(spec.step_up),
            mark(admits(spec, Channel::Browser)),
            mark(admits(spec, Channel::ApiKey)),
            mark(admits(spec, Channel::Agent)),
        );
    }
    page
}

fn admits(spec: &ActionSpec, channel: Channel) -> bool {
    spec.channels.admit(channel)
}

fn role(permission: Permission) -> &'static str {
    match permission {
        Permission::Anyone => "anyone",
        Permission::SignedIn => "anyone signed in",
        Permission::Role(Role::Viewer) => "viewer",
        Permission::Role(Role::Member) => "member",
        Permission::Role(Role::WorkspaceAdmin) => "workspace admin",
        Permission::SuperAdmin => "super admin",
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Draft => "draft",
        Effect::Write => "write",
        Effect::Destructive => "destructive",
    }
}

fn mark(yes: bool) -> &'static str {
    if yes { "yes" } else { "–" }
}
