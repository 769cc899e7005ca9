//! Who may do what to whose: every action, by everybody, by every way, on what is their own, foreign and missing.
//!
//! The actions come from the product's own table, what is expected of them from `expected.txt`. An action without a row
//! there fails, and so does a row without an action. After a wanted change write the file anew and read the difference:
//!
//! ```text
//! UPDATE=1 cargo test -p pmos --test product matrix
//! ```
//!
//! What must hold whatever the file says stands in `laws.rs`.

mod edges;
pub(crate) mod inputs;
mod laws;
mod principals;

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use pmos::core::{
    Id, WorkspaceId,
    action::{Effect, Entry, Reach},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    setup::On,
    town::{Tenant, Town},
    web::{Answer, with},
};
use inputs::{Sample, sample};
use principals::{Asker, Who};

/// What came of one action asked by one kind of caller.
pub(crate) struct Cell {
    /// On their own workspace and object.
    own: u16,
    /// On an object that is not of their workspace, foreign or missing; none where the action names no object.
    object: Option<u16>,
    /// In a workspace that is not theirs, foreign or missing; none where the action is not about a workspace.
    workspace: Option<u16>,
}

pub(crate) type Matrix = BTreeMap<&'static str, Vec<(Who, Cell)>>;

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let or_dash = |status: Option<u16>| status.map_or("-".to_owned(), |status| status.to_string());
        write!(f, "{}/{}/{}", self.own, or_dash(self.object), or_dash(self.workspace))
    }
}

#[rstest]
#[tokio::test]
async fn everybody_may_do_exactly_what_the_table_says(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::idle(on).await else { return };
    let mut matrix = Matrix::new();
    for entry in town.pmos.table().iter() {
        matrix.insert(entry.spec.name, row(&town, entry).await);
    }
    compare(&written(&matrix));
    laws::hold(&town.pmos, &matrix);
}

async fn row(town: &Town, entry: &Entry) -> Vec<(Who, Cell)> {
    let action = entry.spec.name;
    let elsewhere = town.elsewhere().await;
    let foreign = prepared(&elsewhere, action).await;
    let mut shared = None;
    let mut row = Vec::new();
    for who in Who::all() {
        // What changes something gets a workspace of its own, so that no cell sees what another did.
        let tenant = match shared.take() {
            Some(tenant) if entry.spec.effect == Effect::Read => tenant,
            _ => town.tenant().await,
        };
        let asker = Asker::new(town, who, &tenant, action).await;
        row.push((who, cell(&asker, entry, &tenant, &elsewhere, &foreign).await));
        shared = Some(tenant);
    }
    row
}

/// Makes the input of an action, or fails with what to do.
pub(crate) async fn prepared(tenant: &Tenant, action: &str) -> Sample {
    let sample = sample(tenant, action).await;
    sample.unwrap_or_else(|| panic!("{action} is new: write a sample input for it in matrix/inputs.rs"))
}

async fn cell(asker: &Asker<'_>, entry: &Entry, tenant: &Tenant, elsewhere: &Tenant, foreign: &Sample) -> Cell {
    let own = prepared(tenant, entry.spec.name).await;
    let asker = &asker.of(own.owner.as_ref());
    // First what must fail, then what may succeed.
    let object = match own.object {
        Some(field) => {
            let theirs = with(&own.input, field, foreign.input[field].clone());
            let missing = with(&own.input, field, missing(&own.input[field]));
            let theirs = asker.ask(entry, tenant.workspace, &theirs).await;
            let missing = asker.ask(entry, tenant.workspace, &missing).await;
            Some(same(entry, theirs, missing))
        }
        None => None,
    };
    let workspace = if entry.spec.reach == Reach::Workspace {
        let theirs = asker.ask(entry, elsewhere.workspace, &foreign.input).await;
        let nowhere = asker.ask(entry, WorkspaceId::from_uuid(uuid::Uuid::from_u128(1)), &foreign.input).await;
        Some(same(entry, theirs, nowhere))
    } else {
        None
    };
    Cell { own: asker.ask(entry, tenant.workspace, &own.input).await.status, object, workspace }
}

/// An id of the same kind that names nothing.
pub(crate) fn missing(id: &Value) -> Value {
    let (prefix, _) = id.as_str().unwrap().split_once('_').unwrap();
    json!(format!("{prefix}_{}", "0123456789abcdef".repeat(2)))
}

/// What is foreign and what is missing must look the same, to the byte.
fn same(entry: &Entry, foreign: Answer, missing: Answer) -> u16 {
    let (foreign, missing) = (foreign.without_id(), missing.without_id());
    assert_eq!(foreign, missing, "{} tells foreign from missing", entry.spec.name);
    foreign.status
}

fn written(matrix: &Matrix) -> String {
    let mut text = String::from(
        "# What everybody gets, as HTTP status: own / object not of the workspace / workspace not their own.\n\
         # acting: a super admin after they said why they come in. agent, mcp: a machine on behalf of a person.\n",
    );
    let names: Vec<_> = Who::all().into_iter().map(Who::name).collect();
    let _ = writeln!(text, "{:<28}{}", "# action", line(names.iter().map(String::as_str)));
    for (action, row) in matrix {
        let cells: Vec<_> = row.iter().map(|(_, cell)| cell.to_string()).collect();
        let _ = writeln!(text, "{action:<28}{}", line(cells.iter().map(String::as_str)));
    }
    text
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    cells.map(|cell| format!("{cell:<13}")).collect::<String>().trim_end().to_owned()
}

/// Compares with the committed expectation, row by row.
fn compare(found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/product/matrix/expected.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, found).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let rows = |text: &str| -> BTreeMap<String, String> {
        let rows = text.lines().filter(|line| !line.starts_with("# What") && !line.starts_with("# acting"));
        rows.map(|row| row.split_at(28)).map(|(action, row)| (action.trim().to_owned(), row.to_owned())).collect()
    };
    let (expected, found) = (rows(&expected), rows(found));
    let mut wrong = String::new();
    for action in expected.keys().chain(found.keys()).collect::<std::collections::BTreeSet<_>>() {
        let (expected, found) = (expected.get(action), found.get(action));
        if expected != found {
            let show = |row: Option<&String>| row.cloned().unwrap_or_else(|| "no row".to_owned());
            let _ = writeln!(wrong, "{action}\n  expected {}\n  found    {}", show(expected), show(found));
        }
    }
    assert!(wrong.is_empty(), "the matrix is not as expected.txt says:\n{wrong}");
}
