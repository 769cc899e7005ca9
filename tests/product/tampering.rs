//! A person with access to the database changes the audit, and the proof finds where.

use std::sync::Arc;

use fastrand::Rng;
use pmos::{core::Id, storage::SqliteStore};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::{
    matrix::inputs::draft,
    setup,
    town::{Tenant, Town},
};

const TAMPERINGS: usize = 200;
/// Every column that says something.
const TEXTS: [&str; 8] = ["id", "actor_kind", "actor_id", "action", "outcome", "subject_id", "request", "note"];

async fn sql(base: &mut SqliteConnection, statement: &str, tenant: &Tenant) {
    let statement = AssertSqlSafe(statement.replace('$', &format!("x'{}'", tenant.workspace.uuid().simple())));
    sqlx::raw_sql(statement).execute(base).await.unwrap();
}

/// Changes something, and says which record is the first that does not fit any more.
fn tampering(rng: &mut Rng, last: u64) -> (String, u64) {
    let seq = rng.u64(1..=last);
    let other = rng.u64(1..=last);
    let column = rng.choice(&TEXTS).unwrap();
    let rest = "id, at, actor_kind, actor_id, action, outcome, subject_kind, subject_id, address, request, note, hash";
    match rng.u8(..8) {
        0 | 1 => (
            format!("update audit set {column} = ifnull({column}, '') || 'x' where workspace_id = $ and seq = {seq}"),
            seq,
        ),
        2 => (format!("update audit set at = at + 1 where workspace_id = $ and seq = {seq}"), seq),
        3 => (format!("update audit set hash = zeroblob(32) where workspace_id = $ and seq = {seq}"), seq),
        4 => (format!("delete from audit where workspace_id = $ and seq = {seq}"), seq),
        5 => (format!("delete from audit where workspace_id = $ and seq >= {seq}"), seq),
        6 => {
            // One in between, and all that follow move on.
            let make_room = format!("update audit set seq = -seq where workspace_id = $ and seq >= {seq}");
            let move_on = "update audit set seq = 1 - seq where workspace_id = $ and seq < 0";
            let insert = format!(
                "insert into audit select workspace_id, {seq}, {rest} from audit where workspace_id = $ and seq = {}",
                seq + 1
            );
            (format!("{make_room}; {move_on}; {insert}"), if seq == last { last + 1 } else { seq + 1 })
        }
        _ if seq == other => (format!("update audit set address = 'x' where workspace_id = $ and seq = {seq}"), seq),
        _ => {
            let swap = format!(
                "update audit set seq = 0 where workspace_id = $ and seq = {seq}; \
                 update audit set seq = {seq} where workspace_id = $ and seq = {other}; \
                 update audit set seq = {other} where workspace_id = $ and seq = 0"
            );
            (swap, seq.min(other))
        }
    }
}

#[tokio::test]
async fn two_hundred_changes_of_the_audit_are_found_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pmos.db");
    let town = Town::over(setup::idle(Arc::new(SqliteStore::open(&file).await.unwrap()), "")).await;
    let tenant = town.tenant().await;
    for _ in 0..20 {
        let flow = draft(&tenant).await;
        tenant.act("flows.rename", json!({ "flow": flow, "name": "Renamed" })).await;
    }
    let whole = tenant.act("audit.verify", json!({})).await;
    assert_eq!(whole["ok"], true, "{whole}");
    let last = whole["records"].as_u64().unwrap();
    assert!(last > 40);

    let url = format!("sqlite://{}", file.display());
    let mut base = SqliteConnection::connect(&url).await.unwrap();
    sql(&mut base, "create table kept as select * from audit where workspace_id = $", &tenant).await;
    let mut rng = Rng::with_seed(0x5eed);
    for n in 0..TAMPERINGS {
        let (statement, broken_at) = tampering(&mut rng, last);
        sql(&mut base, &statement, &tenant).await;
        let verdict = tenant.act("audit.verify", json!({})).await;
        let found = (&verdict["ok"], &verdict["broken_at"]);
        assert_eq!(found, (&json!(false), &json!(broken_at)), "{n}: {statement}: {verdict}");
        sql(&mut base, "delete from audit where workspace_id = $; insert into audit select * from kept", &tenant).await;
    }
    assert_eq!(tenant.act("audit.verify", json!({})).await, whole, "put back as it was");

    // Put behind the end: it is not shown, it is found, and the workspace works on.
    let rest = "id, at, actor_kind, actor_id, action, outcome, subject_kind, subject_id, address, request, note, hash";
    for place in [last + 1, last + 5] {
        let plant = format!(
            "insert into audit select workspace_id, {place}, {rest} from audit where workspace_id = $ and seq = 1"
        );
        sql(&mut base, &plant, &tenant).await;
        let verdict = tenant.act("audit.verify", json!({})).await;
        assert_eq!((&verdict["ok"], &verdict["broken_at"]), (&json!(false), &json!(last + 1)), "{verdict}");
        let newest = tenant.act("audit.list", json!({ "limit": 1 })).await;
        assert_eq!(newest["items"][0]["seq"], json!(last), "what was put in is shown");
    }
    for _ in 0..8 {
        draft(&tenant).await;
    }
    let verdict = tenant.act("audit.verify", json!({})).await;
    assert_eq!((&verdict["ok"], &verdict["broken_at"]), (&json!(false), &json!(last + 1)), "{verdict}");
    let put_back = "delete from audit where workspace_id = $; insert into audit select * from kept; \
                    update heads set audit_seq = (select max(seq) from kept), \
                    audit_hash = (select hash from kept order by seq desc limit 1) where workspace_id = $";
    sql(&mut base, put_back, &tenant).await;
    assert_eq!(tenant.act("audit.verify", json!({})).await, whole, "put back as it was");

    // Cut and grown again: the chain fits by itself, but not the end that was noted elsewhere.
    let cut = format!("delete from audit where workspace_id = $ and seq > {}", last - 5);
    sql(&mut base, &cut, &tenant).await;
    let head = format!(
        "update heads set audit_seq = {0}, audit_hash = (select hash from audit where workspace_id = $ and seq = {0}) where workspace_id = $",
        last - 5
    );
    sql(&mut base, &head, &tenant).await;
    for _ in 0..5 {
        draft(&tenant).await;
    }
    let grown = tenant.act("audit.verify", json!({})).await;
    assert_eq!((&grown["ok"], &grown["records"]), (&json!(true), &json!(last)));
    assert_ne!(grown["head"], whole["head"]);
}
