//! Every statement names its workspace, unless it stands in the short list of those that may not.

/// Statements of the entrances beside a tenant's unit, and what two of them do to tenant tables on purpose.
const BESIDE: &[(&str, &str)] = &[
    ("directory", "MEMBERSHIPS"),
    ("directory", "HOOK"),
    ("directory", "API_KEY"),
    ("directory", "INVITATION"),
    ("directory", "RUNS_OF_OTHERS"),
    ("directory", "DUE_RUNS"),
    ("directory", "DUE_FLOWS"),
    ("directory", "DUE_TURNS"),
    ("directory", "TURNS_OF_OTHERS"),
    ("directory", "DUE_APPROVALS"),
    ("directory", "SEALED"),
    ("directory", "WORKSPACES"),
    ("directory", "TENANCIES"),
    ("accounts", "HOMES"),
    ("directory", "TENANCIES"),
    ("accounts", "REMOVE_MEMBERSHIPS"),
    ("accounts", "REMOVE_KEYS"),
    ("workspaces", "LIST"),
    ("workspaces", "SEVERAL"),
];

/// Every table with a column `workspace_id` but `act_as`, which only the system unit reaches.
const TENANT: &[&str] = &[
    "answers",
    "api_keys",
    "approval_grants",
    "approval_policies",
    "approvals",
    "audit",
    "chat_events",
    "chat_sessions",
    "chat_turns",
    "chat_usage",
    "connections",
    "data_keys",
    "engine_objects",
    "events",
    "flow_edits",
    "flow_versions",
    "flows",
    "heads",
    "invitations",
    "members",
    "model_providers",
    "quotas",
    "run_steps",
    "runs",
    "tenancies",
    "workspaces",
];

/// How often tenant tables stand behind `from`, `join`, `into` or `update`, each of which needs its own workspace.
fn tenant_tables(sql: &str) -> usize {
    let words: Vec<&str> = sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
    words
        .windows(2)
        .filter(|pair| matches!(pair[0], "from" | "join" | "into" | "update") && TENANT.contains(&pair[1]))
        .count()
}

/// How often a statement says which workspace: bound, inserted, or joined to one that is.
fn named_workspaces(sql: &str) -> usize {
    ["workspace_id = ", "(workspace_id,"].iter().map(|form| sql.matches(form).count()).sum()
}

fn offenders<'a>(statements: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    statements
        .filter(|(file, name, _)| !BESIDE.contains(&(file, name)))
        .filter(|(_, _, sql)| tenant_tables(sql) > named_workspaces(sql))
        .map(|(file, name, _)| (file, name))
        .collect()
}

#[cfg(feature = "sqlite")]
#[test]
fn every_statement_on_a_tenant_table_names_its_workspace() {
    use crate::sql::sqlite::repository::statements;
    assert_eq!(offenders(statements()), []);
    let tenant = statements().filter(|(_, _, sql)| tenant_tables(sql) > 0).count();
    assert!(tenant > 70, "only {tenant} statements were recognised");
    for (file, name) in BESIDE {
        assert!(statements().any(|(f, n, _)| (f, n) == (*file, *name)), "{file}::{name} is gone; take it off the list");
    }
}

#[test]
fn a_statement_that_forgets_its_workspace_is_found() {
    let forgetful = [
        ("flows", "A", "select id from flows where id = $1"),
        ("flows", "B", "delete from runs where flow_id = $1"),
        ("flows", "C", "update members set role = $1"),
        ("flows", "D", "select 1 from flows f join runs r on r.flow_id = f.id where f.workspace_id = $1"),
        ("flows", "E", "insert into quotas (key, most) values ($1, $2)"),
    ];
    assert_eq!(offenders(forgetful.into_iter()).len(), forgetful.len());
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn the_list_of_tenant_tables_is_the_schema_itself() {
    let connection = &mut super::migrated().await;
    let sql = "select m.name from sqlite_schema m, pragma_table_info(m.name) c \
               where m.type = 'table' and c.name = 'workspace_id' and m.name <> 'act_as' order by m.name";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(connection).await.unwrap();
    assert_eq!(tables, TENANT);
}
