//! What must hold of the matrix whatever anybody wrote into the file of expectations.

use pmos::core::{
    Pmos,
    action::{Effect, Permission, Reach},
};

use super::{
    Cell, Matrix,
    principals::{Behalf, Who},
};

/// What is answered when an act waits for an approval.
const WAITS: u16 = 202;

/// The only actions that machines may call at all.
const FOR_MACHINES: [&str; 29] = [
    "connections.list",
    "dashboard.get",
    "engines.list",
    "flows.compare",
    "flows.create",
    "flows.delete",
    "flows.disable",
    "flows.duplicate",
    "flows.edit",
    "flows.enable",
    "flows.get",
    "flows.history",
    "flows.list",
    "flows.publish",
    "flows.rename",
    "flows.restore",
    "flows.scope",
    "flows.undo",
    "flows.validate",
    "flows.versions",
    "pieces.get",
    "pieces.list",
    "pieces.options",
    "runs.cancel",
    "runs.get",
    "runs.list",
    "runs.retry",
    "runs.start",
    "templates.list",
];

/// The only actions for those who are not signed in.
const FOR_ANYONE: [&str; 1] = ["invitations.show"];
/// The only actions that a key may call whatever its scopes.
const FOR_ANY_KEY: [&str; 1] = ["me.get"];

/// A member may leave a workspace; one who only acts in it cannot.
const LEAVING: &str = "members.leave";
/// The only act that a visitor may not do: a key would outlive the visit.
const OUTLIVING: &str = "api_keys.create";

pub(super) fn hold(pmos: &Pmos, matrix: &Matrix) {
    for (action, row) in matrix {
        let spec = pmos.table().get(action).unwrap().spec;
        let cell = |who: Who| &row.iter().find(|(column, _)| *column == who).unwrap().1;
        // Let in, even if what they asked cannot be done: some questions have no answer in the embedded engine.
        let done = |who: Who| !matches!(cell(who).own, 401 | 403 | 404);
        for (who, cell) in row {
            assert!(!cell.own.to_string().starts_with('5'), "{action} fails for {who:?}");
            each_stays_within_their_own(action, *who, cell);
            if who.is_machine() && done(*who) {
                let waits = cell.own == WAITS;
                assert_eq!(
                    waits,
                    spec.effect >= Effect::Write,
                    "{action}: a machine does what is risky when a person approves"
                );
                assert!(FOR_MACHINES.contains(action), "{action} is not for machines");
            }
        }
        let for_anyone = spec.permission == Permission::Anyone;
        assert_eq!(for_anyone, FOR_ANYONE.contains(action), "{action}");
        for who in [Who::None, Who::Dead] {
            assert_eq!(cell(who).own, if for_anyone { 200 } else { 401 }, "{action} for {who:?}");
        }
        let any_key = for_anyone || FOR_ANY_KEY.contains(action);
        assert_eq!(done(Who::NarrowKey), any_key, "{action}: a key did what its scopes do not cover");
        match spec.reach {
            Reach::Person => {
                for who in [Who::Viewer, Who::Member, Who::Admin, Who::Super] {
                    assert!(done(who), "{action}: {who:?} cannot do it for themselves");
                }
            }
            Reach::Workspace => {
                assert_eq!(cell(Who::Super).own, 404, "{action}: a super admin came in without a reason");
                assert!(
                    spec.effect == Effect::Read || !done(Who::Viewer) || *action == LEAVING,
                    "{action} by a viewer"
                );
                // A conversation is its owner's alone, whatever others may do.
                let personal = action.starts_with("chat.") && cell(Who::Admin).object.is_some();
                if personal {
                    assert!(done(Who::Member) && !done(Who::Admin) && !done(Who::SuperActing), "{action}");
                    continue;
                }
                let ladder = [Who::Viewer, Who::Member, Who::Admin, Who::SuperActing];
                for pair in ladder.windows(2) {
                    let falls = done(pair[0]) && !done(pair[1]);
                    assert!(
                        !falls || [LEAVING, OUTLIVING].contains(action),
                        "{action}: {:?} may and {:?} may not",
                        pair[0],
                        pair[1]
                    );
                }
                assert!(done(Who::Admin), "{action}: not even an admin can do it");
                let machines = [Behalf::Viewer, Behalf::Member, Behalf::Admin];
                for (behalf, person) in machines.into_iter().zip(ladder) {
                    assert!(!done(Who::Agent(behalf)) || done(person), "{action}: an agent may more than its person");
                    assert_eq!(done(Who::Agent(behalf)), done(Who::Mcp(behalf)), "{action}: agents and MCP differ");
                }
                assert!(!done(Who::MemberKey) || done(Who::Member), "{action}: a key may more than its owner");
                assert!(!done(Who::AdminKey) || done(Who::Admin), "{action}: a key may more than its owner");
            }
            Reach::Instance => {
                for (who, cell) in row {
                    let expected = match who {
                        Who::None | Who::Dead => 401,
                        Who::Super | Who::SuperActing => continue,
                        _ => 404,
                    };
                    assert_eq!(cell.own, expected, "{action} exists for {who:?}");
                }
                assert!(done(Who::Super), "{action}: not even a super admin can do it");
            }
        }
    }
}

/// What is not one's own is missing, unless one is refused before anybody looks.
fn each_stays_within_their_own(action: &str, who: Who, cell: &Cell) {
    for status in [cell.object, cell.workspace].into_iter().flatten() {
        let closed = match who {
            Who::None | Who::Dead => status == 401,
            _ => matches!(status, 403 | 404),
        };
        assert!(closed, "{action} by {who:?} beyond their own: {status}");
    }
    if !matches!(who, Who::None | Who::Dead) {
        assert!(cell.workspace.is_none_or(|status| status == 404), "{action}: {who:?} learns of foreign workspaces");
    }
}
