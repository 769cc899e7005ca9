//! Signing up, in and out, and one's own account.

use axum::{
    body::Body,
    http::{Method, Request},
};
use pmos_server::{RouterConfig, config::PublicUrl};
use serde_json::json;

use crate::support::{Browser, PASSWORD, TestServer};

#[tokio::test]
async fn the_first_account_runs_the_instance_and_the_second_does_not() {
    let server = TestServer::open();
    assert_eq!(
        server.get("/api/v1/bootstrap").await.json(),
        json!({"sign_up": "open", "first": true, "setup_code_required": false})
    );
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    assert_eq!(ada.get("/api/v1/me").await.json()["user"]["super_admin"], true);
    assert_eq!(bob.get("/api/v1/me").await.json()["user"]["super_admin"], false);
    assert_eq!(server.get("/api/v1/bootstrap").await.json()["first"], false);
}

#[tokio::test]
async fn the_cookie_of_an_encrypted_site_is_bound_to_its_host() {
    let public_url: PublicUrl = "https://pmos.example.com".parse().unwrap();
    let server = TestServer::with(RouterConfig { public_url: Some(public_url), ..RouterConfig::default() });
    let input = json!({"name": "Ada", "email": "ada@example.com", "password": PASSWORD});
    let answer = server.post("/api/v1/auth/sign-up", &input).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-pmos="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
        assert!(cookie.split("; ").any(|given| given == part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(answer.headers["strict-transport-security"].to_str().unwrap().starts_with("max-age="));
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere_at_once() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let out = ada.post("/api/v1/auth/sign-out", &json!({})).await;
    assert_eq!(out.status, 204);
    assert_eq!(out.cookie().unwrap(), "pmos=");
    assert_eq!(ada.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn signing_in_over_a_live_session_ends_it() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let again = ada.post("/api/v1/auth/sign-in", &json!({"email": "ada@example.com", "password": PASSWORD})).await;
    assert_eq!(again.status, 200);
    assert_eq!(ada.get("/api/v1/me").await.status, 401, "the token that was replaced lives on");
    let fresh = Request::get("/api/v1/me").header("cookie", again.cookie().unwrap()).body(Body::empty()).unwrap();
    assert_eq!(server.send(fresh).await.status, 200);
}

#[tokio::test]
async fn addresses_and_names_that_deceive_are_refused() {
    let server = TestServer::open();
    let sign_up = async |name: &str, email: &str| {
        let input = json!({"name": name, "email": email, "password": PASSWORD});
        server.post("/api/v1/auth/sign-up", &input).await
    };
    // A Cyrillic letter among Latin ones, a zero-width space, a second spelling of the same letters.
    for email in ["\u{430}da@example.com", "a\u{200b}da@example.com", "ａda@example.com", "ada@exampl\u{435}.com"] {
        let refused = sign_up("Ada", email).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["errors"][0]["field"].as_str()),
            (422, Some("email")),
            "{email:?}"
        );
    }
    for name in ["Ada \u{202e}nimda", "\u{200b}Ada", "\u{3164}", "Ada\u{2066}"] {
        let refused = sign_up(name, "ada@example.com").await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["errors"][0]["field"].as_str()),
            (422, Some("name")),
            "{name:?}"
        );
    }
    for (name, email) in
        [("Zoë 👩\u{200d}💻", "zoë@example.com"), ("Анна", "анна@почта.рф"), ("می\u{200c}نا", "m@example.com")]
    {
        assert_eq!(sign_up(name, email).await.status, 201, "{name} {email}");
    }
}

#[tokio::test]
async fn a_key_says_whose_it_is_only_where_its_scopes_allow_it() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let seen_by = async |scopes: serde_json::Value| {
        let made = ada.post(&ada.at("/api-keys"), &json!({"name": "Robot", "scopes": scopes})).await.json();
        let request = Request::get("/api/v1/me")
            .header("authorization", format!("Bearer {}", made["secret"].as_str().unwrap()))
            .body(Body::empty())
            .unwrap();
        server.send(request).await.json()
    };
    let narrow = seen_by(json!(["flows.get"])).await;
    assert_eq!(narrow["user"], json!(null));
    assert_eq!(narrow["workspaces"][0]["id"], json!(ada.workspace));
    assert_eq!(seen_by(json!(["flows.get", "me.get"])).await["user"]["email"], "ada@example.com");
    for scope in ["admin.act_as", "quota.set", "workspace.delete", "members.leave"] {
        let refused = ada.post(&ada.at("/api-keys"), &json!({"name": "Robot", "scopes": [scope]})).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["errors"][0]["field"].as_str()),
            (422, Some("scopes[0]")),
            "{scope}"
        );
    }
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions_and_keeps_this_one() {
    let server = TestServer::open();
    let mut ada = server.sign_up("ada").await;
    let sign_in = json!({"email": "ada@example.com", "password": PASSWORD});
    let elsewhere = server.post("/api/v1/auth/sign-in", &sign_in).await;
    assert_eq!(elsewhere.status, 200);
    let changed = ada.post("/api/v1/me/password", &json!({"current": PASSWORD, "new": "an entirely new phrase"})).await;
    assert_eq!(changed.status, 200, "{:?}", changed.body);
    assert_eq!(ada.get("/api/v1/me").await.status, 401, "the old token lives on");
    ada.cookie = changed.cookie().unwrap();
    assert_eq!(ada.get("/api/v1/me").await.status, 200);
    let request = Request::get("/api/v1/me").header("cookie", elsewhere.cookie().unwrap()).body(Body::empty()).unwrap();
    assert_eq!(server.send(request).await.status, 401);
}

#[tokio::test]
async fn a_session_is_listed_and_can_be_ended() {
    let server = TestServer::open();
    let ada = server.sign_up("ada").await;
    let elsewhere =
        server.post("/api/v1/auth/sign-in", &json!({"email": "ada@example.com", "password": PASSWORD})).await;
    let sessions = ada.get("/api/v1/me/sessions").await.json();
    let items = sessions["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items.iter().filter(|item| item["current"] == true).count(), 1);
    let other = items.iter().find(|item| item["current"] == false).unwrap()["id"].as_str().unwrap();
    let path = format!("/api/v1/me/sessions/{other}");
    assert_eq!(ada.send(Method::DELETE, &path, &json!({})).await.status, 204);
    assert_eq!(ada.send(Method::DELETE, &path, &json!({})).await.status, 404);
    let request = Request::get("/api/v1/me").header("cookie", elsewhere.cookie().unwrap()).body(Body::empty()).unwrap();
    assert_eq!(server.send(request).await.status, 401);
    assert_eq!(ada.get("/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_look_alike() {
    let server = TestServer::open();
    server.sign_up("ada").await;
    let wrong = server
        .post("/api/v1/auth/sign-in", &json!({"email": "ada@example.com", "password": "something else entirely"}))
        .await;
    let unknown = server
        .post("/api/v1/auth/sign-in", &json!({"email": "eve@example.com", "password": "something else entirely"}))
        .await;
    assert_eq!(wrong.status, 401);
    assert_eq!(unknown.status, 401);
    assert_eq!(wrong.without_request_id(), unknown.without_request_id());
}

#[tokio::test]
async fn a_fresh_password_comes_with_a_fresh_token() {
    let server = TestServer::open();
    let mut ada = server.sign_up("ada").await;
    let step = ada.post("/api/v1/me/step-up", &json!({"password": PASSWORD})).await;
    assert_eq!(step.status, 204);
    assert_eq!(ada.get("/api/v1/me").await.status, 401, "the old token lives on");
    ada.cookie = step.cookie().unwrap();
    assert_eq!(ada.get("/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn asking_for_a_new_password_does_not_tell_who_has_an_account() {
    let server = TestServer::open();
    server.sign_up("ada").await;
    let known = server.post("/api/v1/auth/reset", &json!({"email": "ada@example.com"})).await;
    let unknown = server.post("/api/v1/auth/reset", &json!({"email": "eve@example.com"})).await;
    assert_eq!((known.status.as_u16(), unknown.status.as_u16()), (202, 202));
    assert_eq!(known.body, unknown.body);
    let guess = server.post("/api/v1/auth/reset/00", &json!({"password": "an entirely new phrase"})).await;
    assert_eq!(guess.status, 404);
}

#[tokio::test]
async fn an_invitation_is_shown_and_lets_its_person_in() {
    let server = TestServer::open();
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let made = ada.post(&ada.at("/invitations"), &json!({"email": "bob@example.com", "role": "viewer"})).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let link = made.json()["link"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/invitations/{}", link.rsplit('/').next().unwrap());
    let shown = server.get(&path).await.json();
    assert_eq!(shown["workspace"]["id"], ada.workspace.as_str());
    assert_eq!(shown["role"], "viewer");
    let accepted = bob.post(&path, &json!({})).await;
    assert_eq!(accepted.status, 200, "{:?}", accepted.body);
    assert_eq!(accepted.json()["workspaces"].as_array().unwrap().len(), 2);
    assert_eq!(bob.get(&ada.at("/flows")).await.status, 200);
    let write = bob.post(&ada.at("/flows"), &json!({"name": "Mine"})).await;
    assert_eq!((write.status.as_u16(), write.code().as_str()), (403, "forbidden"));
    assert_eq!(server.get(&path).await.status, 404, "it is used up");
}

#[tokio::test]
async fn the_last_admin_of_a_workspace_cannot_delete_their_account() {
    let server = TestServer::open();
    let (_, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let refused = bob.send(Method::DELETE, "/api/v1/me", &json!({"password": PASSWORD})).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "last_admin"));
    assert_eq!(refused.json()["workspace"], bob.workspace.as_str());
    assert!(refused.json()["detail"].as_str().unwrap().contains("bob"), "it names the workspace: {:?}", refused.body);
    assert_eq!(bob.get("/api/v1/me").await.status, 200, "something of the account is gone");

    let closed = bob.send(Method::DELETE, &bob.at(""), &json!({"confirm": "bob's workspace"})).await;
    assert_eq!(closed.status, 204, "{:?}", closed.body);
    assert_eq!(bob.send(Method::DELETE, "/api/v1/me", &json!({"password": PASSWORD})).await.status, 204);
    assert_eq!(bob.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn an_invitation_accepted_twice_under_one_key_is_accepted_once() {
    let server = TestServer::open();
    let (ada, bob, cid) = (server.sign_up("ada").await, server.sign_up("bob").await, server.sign_up("cid").await);
    let invite = async |host: &Browser<'_>| {
        let made = host.post(&host.at("/invitations"), &json!({"email": "bob@example.com", "role": "viewer"})).await;
        let link = made.json()["link"].as_str().unwrap().to_owned();
        format!("/api/v1/invitations/{}", link.rsplit('/').next().unwrap())
    };
    let accept = async |path: &str, key: &str| {
        let mut request = bob.request(Method::POST, path, Body::empty());
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        server.send(request).await
    };
    let path = invite(&ada).await;
    let (first, again) = (accept(&path, "one").await, accept(&path, "one").await);
    assert_eq!(first.status, 200, "{:?}", first.body);
    assert_eq!((again.status.as_u16(), &again.body), (200, &first.body));
    assert_eq!(accept(&path, "two").await.code(), "invitation_expired", "another request found it used up");
    let other = accept(&invite(&cid).await, "one").await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "idempotency_mismatch"));
    assert_eq!(accept(&path, "not a key").await.status, 422);
    let records = ada.get(&ada.at("/audit?action=invitations.accept")).await.json();
    assert_eq!(records["items"].as_array().unwrap().len(), 1, "{records}");
}

#[tokio::test]
async fn who_guesses_at_a_password_does_not_lock_its_owner_out() {
    let server = TestServer::open();
    server.sign_up("ada").await;
    let sign_in = async |peer: &str, password: &str| {
        let body = json!({"email": "ada@example.com", "password": password}).to_string();
        server.send_from(peer, Request::post("/api/v1/auth/sign-in").body(Body::from(body)).unwrap()).await
    };
    for _ in 0..20 {
        assert_eq!(sign_in("198.51.100.9:1", "a guess of a stranger").await.status, 401);
    }
    assert_eq!(sign_in("198.51.100.9:1", PASSWORD).await.code(), "too_many_attempts");
    assert_eq!(sign_in("198.51.100.10:1", PASSWORD).await.code(), "too_many_attempts", "another address of a stranger");
    assert_eq!(sign_in("203.0.113.7:5000", PASSWORD).await.status, 200, "where she signed up");
    assert_eq!(sign_in("198.51.100.9:1", PASSWORD).await.code(), "too_many_attempts", "her sign-in gave new guesses");
}
