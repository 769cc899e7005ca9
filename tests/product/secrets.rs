//! What prints itself never prints a secret.

use std::sync::Arc;

use pmos::core::{
    connection::actions::{CreateConnection, ReplaceSecret},
    identity::{SignIn, SignUp, actions::ChangePassword},
    vault::{MasterKey, Secret},
};
use rstest::rstest;
use serde_json::json;

use crate::{
    matrix::prepared,
    setup::{self, On},
    town::{Person, Town},
    web::Credential,
};

const CANARY: &str = "canary-b7f3-do-not-print";

#[rstest]
#[tokio::test]
async fn nothing_that_holds_a_secret_prints_it(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    let ada: Person = Person::new(&town.pmos, "Ada").await;
    let connection = prepared(&tenant, "connections.test").await.input["connection"].clone();
    let key_file = MasterKey::new(setup::MASTER_KEY, Arc::new(pmos::core::SystemClock));
    let printed = [
        format!("{:?}", Secret::new(CANARY)),
        format!(
            "{:?}",
            serde_json::from_value::<SignUp>(json!({
                "name": "Eve", "email": "eve@example.com", "password": CANARY, "invitation": CANARY, "setup_code": CANARY,
            }))
        ),
        format!("{:?}", serde_json::from_value::<SignIn>(json!({ "email": "eve@example.com", "password": CANARY }))),
        format!("{:?}", serde_json::from_value::<ChangePassword>(json!({ "current": CANARY, "new": CANARY }))),
        format!(
            "{:?}",
            serde_json::from_value::<CreateConnection>(json!({
                "name": "Shop", "kind": "basic", "secret": { "username": "shop", "password": CANARY }, "hosts": ["a.example"],
            }))
        ),
        format!(
            "{:?}",
            serde_json::from_value::<ReplaceSecret>(json!({
                "connection": connection, "secret": { "token": CANARY },
            }))
        ),
        format!("{:?} {:?} {:?}", town.pmos, tenant.caller, town.store()),
        format!("{:?} {key_file:?}", ada.signed_in()),
    ];
    let session = &ada.token;
    let master = String::from_utf8_lossy(&setup::MASTER_KEY).into_owned();
    for text in &printed {
        assert!(!text.starts_with("Err"), "{text}");
        for secret in [CANARY, session, &master, &hex::encode(setup::MASTER_KEY)] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_repeated_request_does_not_get_a_shown_once_secret_again(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    for entry in town.pmos.table().iter().filter(|entry| entry.spec.shown_once) {
        let input = prepared(&tenant, entry.spec.name).await.input;
        let who = Credential::Browser(town.admin.token.clone());
        let first = town.web.act_once(&who, entry, tenant.workspace, &input, "the-same-key").await;
        let again = town.web.act_once(&who, entry, tenant.workspace, &input, "the-same-key").await;
        assert!(first.is_success(), "{}", first.text());
        assert_eq!(again.json(), json!({ "replayed": true }), "{}", entry.spec.name);
    }
}

#[rstest]
#[tokio::test]
async fn a_secret_in_the_wrong_form_is_refused_without_saying_it_again(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    let number = 4_711_003_355_779_911_u64;
    for secret in [
        json!(CANARY),
        json!(number),
        json!({ "token": number }),
        json!({ "token": [CANARY] }),
        json!({ "token": { "token": CANARY } }),
        json!({ "token": format!("{CANARY}\n") }),
        json!({ "token": CANARY, "password": CANARY }),
    ] {
        let body = json!({ "name": "Shop", "kind": "bearer", "secret": secret, "hosts": ["shop.example"] });
        let path = format!("/api/v1/workspaces/{}/connections", tenant.workspace);
        let answer = town.web.call(&town.admin.browser(), "POST", &path, &body).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.json()["errors"][0]["field"].as_str().unwrap().starts_with("secret"), "{}", answer.text());
        let said = answer.everything();
        assert!(!said.contains(CANARY) && !said.contains(&number.to_string()), "{said}");
    }
    let body = json!({ "email": "adam@example.com", "password": number });
    let answer = town.web.call(&Credential::Nothing, "POST", "/api/v1/auth/sign-in", &body).await;
    assert_eq!((answer.status, answer.text().contains(&number.to_string())), (422, false), "{}", answer.text());
}

#[rstest]
#[tokio::test]
async fn the_same_key_with_another_secret_is_another_request(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(town) = Town::idle(on).await else { return };
    let tenant = town.tenant().await;
    let connection = prepared(&tenant, "connections.test").await.input["connection"].clone();
    let entry = town.pmos.table().get("connections.replace_secret").unwrap();
    let admin = town.admin.browser();
    let replace = async |token: &str| {
        let input = json!({ "connection": connection, "secret": { "token": token } });
        town.web.act_once(&admin, entry, tenant.workspace, &input, "the-same-key").await
    };
    let (first, again, other) = (replace("first").await, replace("first").await, replace("second").await);
    assert_eq!((first.status, again.status, other.status), (200, 200, 422), "{}", other.text());
    assert_eq!(other.json()["code"], "idempotency_mismatch");
}
