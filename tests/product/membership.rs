//! What is taken away is gone with the next request, and from streams that are open.

use pmos::core::{Role, action::RequestInfo};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    setup::{self, On},
    town::{Person, Tenant, Town},
    web::{Credential, Watch},
};

struct Scene {
    town: Town,
    tenant: Tenant,
}

impl Scene {
    async fn new(on: On) -> Option<Self> {
        let town = Town::idle(on).await?;
        Some(Self { tenant: town.tenant().await, town })
    }

    fn path(&self, path: &str) -> String {
        format!("/api/v1/workspaces/{}{path}", self.tenant.workspace)
    }

    async fn reads(&self, who: &Credential) -> u16 {
        self.town.web.call(who, "GET", &self.path("/flows"), &Value::Null).await.status
    }

    /// A caller reads and watches.
    async fn before(&self, who: &Credential) -> Watch {
        assert_eq!(self.reads(who).await, 200);
        self.town.web.watch(who, self.tenant.workspace, "").await
    }

    /// From one moment to the next they neither read nor watch.
    async fn after(&self, who: &Credential, watch: Watch, refused: u16) {
        assert_eq!(self.reads(who).await, refused);
        assert!(watch.ends().await, "the stream goes on");
    }

    async fn by(&self, who: &Credential, method: &str, path: &str, body: Value) {
        let answer = self.town.web.call(who, method, path, &body).await;
        assert!(answer.is_success(), "{method} {path}: {}", answer.text());
    }
}

#[rstest]
#[tokio::test]
async fn a_removed_member_is_out_at_once(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let guest = scene.town.guest.browser();
    let watch = scene.before(&guest).await;
    let member = scene.path(&format!("/members/{}", scene.town.guest.id));
    scene.by(&scene.town.admin.browser(), "DELETE", &member, Value::Null).await;
    scene.after(&guest, watch, 404).await;
}

#[rstest]
#[tokio::test]
async fn the_key_of_a_removed_member_is_dead_at_once(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let (_, key) = scene.tenant.key(scene.town.guest.id, &["flows.*".to_owned(), "events.watch".to_owned()]).await;
    let watch = scene.before(&key).await;
    let member = scene.path(&format!("/members/{}", scene.town.guest.id));
    scene.by(&scene.town.admin.browser(), "DELETE", &member, Value::Null).await;
    scene.after(&key, watch, 401).await;
}

#[rstest]
#[tokio::test]
async fn a_member_made_a_viewer_can_write_no_more_and_watches_on(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(scene) = Scene::new(on).await else { return };
    let guest = scene.town.guest.browser();
    let mut watch = scene.before(&guest).await;
    scene.by(&guest, "POST", &scene.path("/flows"), json!({ "name": "Before" })).await;
    let member = scene.path(&format!("/members/{}", scene.town.guest.id));
    scene.by(&scene.town.admin.browser(), "PATCH", &member, json!({ "role": "viewer" })).await;
    let refused = scene.town.web.call(&guest, "POST", &scene.path("/flows"), &json!({ "name": "After" })).await;
    assert_eq!(refused.status, 403);
    let made = scene.tenant.act("flows.create", json!({ "name": "By the admin" })).await;
    watch.until(made["id"].as_str().unwrap()).await;
}

#[rstest]
#[tokio::test]
async fn the_key_of_a_member_made_a_viewer_writes_no_more(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let (_, key) = scene.tenant.key(scene.town.guest.id, &["flows.*".to_owned(), "events.watch".to_owned()]).await;
    scene.by(&key, "POST", &scene.path("/flows"), json!({ "name": "Before" })).await;
    let member = scene.path(&format!("/members/{}", scene.town.guest.id));
    scene.by(&scene.town.admin.browser(), "PATCH", &member, json!({ "role": "viewer" })).await;
    let refused = scene.town.web.call(&key, "POST", &scene.path("/flows"), &json!({ "name": "After" })).await;
    assert_eq!(refused.status, 403);
}

#[rstest]
#[tokio::test]
async fn a_revoked_key_is_dead_at_once(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let (id, key) = scene.tenant.key(scene.town.member.id, &["flows.*".to_owned(), "events.watch".to_owned()]).await;
    let watch = scene.before(&key).await;
    scene.by(&scene.town.member.browser(), "DELETE", &scene.path(&format!("/api-keys/{id}")), Value::Null).await;
    scene.after(&key, watch, 401).await;
}

#[rstest]
#[tokio::test]
async fn a_signed_out_browser_is_out_at_once(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let guest = scene.town.guest.browser();
    let watch = scene.before(&guest).await;
    scene.by(&guest, "POST", "/api/v1/auth/sign-out", Value::Null).await;
    scene.after(&guest, watch, 401).await;
}

async fn second_browser(scene: &Scene, person: &Person) -> Credential {
    let body = json!({ "email": person.email, "password": setup::PASSWORD });
    let answer = scene.town.web.call(&Credential::Nothing, "POST", "/api/v1/auth/sign-in", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    Credential::Browser(cookie.split_once('=').unwrap().1.split_once(';').unwrap().0.to_owned())
}

#[rstest]
#[tokio::test]
async fn a_session_ended_from_another_browser_is_out_at_once(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let stolen = scene.town.guest.browser();
    let own = second_browser(&scene, &scene.town.guest).await;
    let watch = scene.before(&stolen).await;
    let sessions = scene.town.web.call(&own, "GET", "/api/v1/me/sessions", &Value::Null).await.json();
    let other = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/api/v1/me/sessions/{}", other["id"].as_str().unwrap());
    scene.by(&own, "DELETE", &path, Value::Null).await;
    scene.after(&stolen, watch, 401).await;
    assert_eq!(scene.reads(&own).await, 200);
}

#[rstest]
#[tokio::test]
async fn a_new_password_ends_every_session_there_was(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let stolen = scene.town.guest.browser();
    let own = second_browser(&scene, &scene.town.guest).await;
    let watch = scene.before(&stolen).await;
    let change = json!({ "current": setup::PASSWORD, "new": "a very different secret" });
    scene.by(&own, "POST", "/api/v1/me/password", change).await;
    scene.after(&stolen, watch, 401).await;
    assert_eq!(scene.reads(&own).await, 401, "the session that changed it got a new token");
}

#[rstest]
#[tokio::test]
async fn a_password_set_by_a_link_ends_every_session_there_was(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let guest = scene.town.guest.browser();
    let watch = scene.before(&guest).await;
    let pmos = &scene.town.pmos;
    let email = scene.town.guest.email.parse().unwrap();
    let link =
        pmos.accounts().unwrap().offer_reset(&email, &RequestInfo::internal(pmos).unwrap()).await.unwrap().unwrap();
    let path = format!("/api/v1/auth/reset/{}", link.expose());
    scene.by(&Credential::Nothing, "POST", &path, json!({ "password": "a very different secret" })).await;
    scene.after(&guest, watch, 401).await;
}

#[rstest]
#[tokio::test]
async fn a_token_that_stepped_up_replaces_the_one_before(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let guest = scene.town.guest.browser();
    let watch = scene.before(&guest).await;
    scene.by(&guest, "POST", "/api/v1/me/step-up", json!({ "password": setup::PASSWORD })).await;
    scene.after(&guest, watch, 401).await;
}

#[rstest]
#[tokio::test]
async fn a_deleted_account_and_its_keys_are_out_at_once(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let guest = Person::new(&scene.town.pmos, "Leaver").await;
    let home = scene.town.web.call(&guest.browser(), "GET", "/api/v1/workspaces", &Value::Null).await.json();
    let home = home["items"][0].clone();
    let confirm = json!({ "confirm": home["name"] });
    scene
        .by(&guest.browser(), "DELETE", &format!("/api/v1/workspaces/{}", home["id"].as_str().unwrap()), confirm)
        .await;
    scene.tenant.admit(&guest, Role::Member).await;
    let (_, key) = scene.tenant.key(guest.id, &["flows.*".to_owned(), "events.watch".to_owned()]).await;
    let (watch, by_key) = (scene.before(&guest.browser()).await, scene.before(&key).await);
    scene.by(&guest.browser(), "DELETE", "/api/v1/me", json!({ "password": setup::PASSWORD })).await;
    scene.after(&guest.browser(), watch, 401).await;
    scene.after(&key, by_key, 401).await;
}

#[rstest]
#[tokio::test]
async fn a_deleted_workspace_is_gone_for_everybody_at_once(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let viewer = scene.town.viewer.browser();
    let (_, key) = scene.tenant.key(scene.town.member.id, &["flows.*".to_owned(), "events.watch".to_owned()]).await;
    let (watch, by_key) = (scene.before(&viewer).await, scene.before(&key).await);
    let confirm = json!({ "confirm": scene.tenant.name });
    scene.by(&scene.town.admin.browser(), "DELETE", &scene.path(""), confirm).await;
    scene.after(&viewer, watch, 404).await;
    scene.after(&key, by_key, 401).await;
}

/// A second admin, who invites a person and whose rights then end.
async fn an_invitation_of_a_former_admin(scene: &Scene, method: &str, body: Value) {
    let admin = scene.tenant.newcomer().await;
    let member = scene.path(&format!("/members/{}", admin.id));
    let by_ada = scene.town.admin.browser();
    scene.by(&by_ada, "PATCH", &member, json!({ "role": "workspace_admin" })).await;
    let invitation = json!({ "email": "later@example.com", "role": "workspace_admin" });
    let invited = scene.town.web.call(&admin.browser(), "POST", &scene.path("/invitations"), &invitation).await.json();
    let link = format!("/api/v1/invitations/{}", invited["link"].as_str().unwrap().rsplit('/').next().unwrap());
    let before = scene.town.web.call(&Credential::Nothing, "GET", &link, &Value::Null).await;
    assert_eq!(before.status, 200);
    scene.by(&by_ada, method, &member, body).await;
    let after = scene.town.web.call(&Credential::Nothing, "GET", &link, &Value::Null).await;
    assert_eq!((after.status, after.json()["code"].as_str()), (404, Some("invitation_expired")));
    let open = scene.town.web.call(&by_ada, "GET", &scene.path("/invitations"), &Value::Null).await.json();
    assert_eq!(open["items"], json!([]), "an invitation that cannot be accepted is listed");
}

#[rstest]
#[tokio::test]
async fn what_a_removed_admin_offered_ends_with_them(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    an_invitation_of_a_former_admin(&scene, "DELETE", Value::Null).await;
}

#[rstest]
#[tokio::test]
async fn what_an_admin_offered_ends_when_they_are_a_member_again(
    #[values(On::Memory, On::Sqlite, On::Postgres)] on: On,
) {
    let Some(scene) = Scene::new(on).await else { return };
    an_invitation_of_a_former_admin(&scene, "PATCH", json!({ "role": "member" })).await;
}

#[rstest]
#[tokio::test]
async fn a_second_invitation_of_an_address_replaces_the_first(#[values(On::Memory, On::Sqlite, On::Postgres)] on: On) {
    let Some(scene) = Scene::new(on).await else { return };
    let first = scene.tenant.invite("eve@example.com", Role::WorkspaceAdmin).await;
    let second = scene.tenant.invite("Eve@Example.com", Role::Viewer).await;
    let show = async |token: &str| {
        scene.town.web.call(&Credential::Nothing, "GET", &format!("/api/v1/invitations/{token}"), &Value::Null).await
    };
    assert_eq!(show(&first).await.status, 404);
    assert_eq!(show(&second).await.json()["role"], "viewer");
}
