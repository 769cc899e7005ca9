//! Types of credentials as forms.

use pmos_core::flow::{Catalog as _, FieldKind, Filled};
use serde_json::json;

use super::{
    field, names, property,
    server::{Server, tenancy},
};

#[tokio::test]
async fn a_type_has_the_fields_of_what_it_extends_and_says_anew_what_differs() {
    let credentials = vec![
        json!({"name": "oAuth2Api", "displayName": "OAuth2", "properties": [
            property("grantType", json!({"type": "options", "options": [{"name": "Code", "value": "authorizationCode"}]})),
            property("clientId", json!({"required": true})),
            property("clientSecret", json!({"typeOptions": {"password": true}})),
            property("pkce", json!({"displayOptions": {"show": {"grantType": ["pkce"]}}})),
        ]}),
        json!({"name": "mailBase", "extends": ["oAuth2Api", "mailBase", "gone"], "properties": [property("scope", json!({}))]}),
        json!({"name": "mailOAuth2", "displayName": "Mail <b>OAuth2</b>", "extends": ["mailBase"], "properties": [
            property("grantType", json!({"type": "hidden", "default": "authorizationCode"})),
            property("scope", json!({"type": "hidden", "default": "mail.send"})),
            property("region", json!({})),
        ]}),
        json!({"name": "robotOAuth2", "extends": ["oAuth2Api"], "properties": [
            property("grantType", json!({"type": "hidden", "default": "clientCredentials"})),
        ]}),
        json!({"name": "key", "properties": [property("key", json!({"typeOptions": {"password": true}}))]}),
    ];
    let (_, catalogue) = Server { credentials, ..Server::default() }.catalogue();
    let at = tenancy(1);
    let form = catalogue.credential_kind(Some(&at), "mailOAuth2").await.unwrap().unwrap();
    assert_eq!((form.name.as_str(), form.title.as_str(), form.consent), ("mailOAuth2", "Mail OAuth2", true));
    let seen = names(&form.fields);
    assert!(["clientId", "clientSecret", "region"].iter().all(|name| seen.contains(name)), "{seen:?}");
    assert!(!seen.contains(&"scope") && !seen.contains(&"grantType"), "what is fixed is not asked for: {seen:?}");
    assert_eq!(field(&form.fields, "clientSecret").kind, FieldKind::Secret);
    assert!(form.fields.iter().all(|field| !field.expressions));
    for (name, consent) in [("robotOAuth2", false), ("key", false), ("mailBase", true)] {
        assert_eq!(catalogue.credential_kind(Some(&at), name).await.unwrap().unwrap().consent, consent, "{name}");
    }
    assert!(catalogue.credential_kind(Some(&at), "gone").await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_hidden_decides_with_its_default_what_is_asked_for() {
    let when = |name: &str, value: serde_json::Value| json!({"displayOptions": {"show": {name: [value]}}});
    let credentials = vec![
        json!({"name": "oAuth2Api", "displayName": "OAuth2", "properties": [
            property("useDynamicClientRegistration", json!({"type": "boolean", "default": false})),
            property("grantType", json!({"type": "options", "options": [{"name": "Code", "value": "authorizationCode"}]})),
            property("authUrl", json!({"required": true})),
            property("serverUrl", when("useDynamicClientRegistration", json!(true))),
            property("clientId", when("useDynamicClientRegistration", json!(false))),
            property("additionalBody", when("grantType", json!("clientCredentials"))),
        ]}),
        json!({"name": "mailOAuth2", "displayName": "Mail", "extends": ["oAuth2Api"], "properties": [
            property("useDynamicClientRegistration", json!({"type": "hidden", "default": false})),
            property("grantType", json!({"type": "hidden", "default": "authorizationCode"})),
            property("authUrl", json!({"type": "hidden", "default": "https://mail.example/oauth", "required": true})),
        ]}),
    ];
    let (_, catalogue) = Server { credentials, ..Server::default() }.catalogue();
    let form = catalogue.credential_kind(Some(&tenancy(1)), "mailOAuth2").await.unwrap().unwrap();
    let given = serde_json::Map::new();
    let filled = Filled::new(&form.fields, &given, None);
    let shown: Vec<_> = form.fields.iter().filter(|field| filled.shows(field)).map(|field| &*field.name).collect();
    assert_eq!(shown, ["clientId"]);
    assert!(form.fields.iter().all(|field| field.name != "authUrl"), "n8n refuses it, and has it itself");
}
