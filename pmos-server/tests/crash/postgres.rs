//! The whole story on PostgreSQL.

use pmos_storage::testkit::TestDatabase;
use serde_json::json;

use crate::{
    person::{Person, order_intake},
    program::Program,
};

#[tokio::test]
async fn on_postgresql_a_webhook_is_answered_and_survives_the_program() {
    let Some(database) = TestDatabase::create().await else { return };
    let data = tempfile::tempdir().unwrap();
    let settings = [("PMOS_DATABASE_URL", database.url())];
    let program = Program::start(data.path(), &settings);
    let ada = Person::sign_up(&program.url, "Ada").await;
    let bob = Person::sign_up(&program.url, "Bob").await;
    let (flow, hook) = ada.publish("Order intake", &order_intake()).await;
    let mut runs = Vec::new();
    for _ in 0..40 {
        let answer = ada.hook(&hook, &json!({ "qty": 4 })).await.unwrap();
        assert_eq!((answer.status, &answer.json()["total"]), (200, &json!(12)), "{}", answer.body);
        runs.push(answer.json()["run"].as_str().unwrap().to_owned());
    }
    program.kill();

    let program = Program::start(data.path(), &settings);
    let (ada, bob) = (ada.at(&program.url), bob.at(&program.url));
    for run in &runs {
        let found = ada.get(&format!("runs/{run}")).await;
        let steps: Vec<_> = found["steps"].as_array().unwrap().iter().map(|step| step["id"].clone()).collect();
        assert_eq!(
            (&found["status"], steps),
            (&json!("succeeded"), vec![json!("trigger"), json!("set"), json!("reply")])
        );
    }
    assert_eq!(ada.get("audit/verify").await["ok"], true);
    for path in [format!("flows/{flow}"), format!("runs/{}", runs[0])] {
        let answer = bob.ask("GET", &path, &serde_json::Value::Null).await.unwrap();
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(bob.all("runs").await.len(), 0);
    program.stop();
}
