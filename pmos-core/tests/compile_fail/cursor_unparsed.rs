// A cursor is read as part of a request for a page, which names whose list it is.
use pmos_core::{Cursor, Id, WorkspaceId};

fn mix_up(text: &str, workspace: WorkspaceId) -> Cursor {
    Cursor::parse(text, workspace.uuid()).unwrap()
}

fn main() {}
