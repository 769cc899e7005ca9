//! Turns a type of credentials into a form.
//!
//! What n8n hides (`grantType`, `authUrl`, `scope` of most types with OAuth) is no part of a form, and of no credential: its
//! own screen sends only what differs from the defaults, its public API refuses hidden values, and whenever a credential is
//! used n8n fills in the defaults itself. Conditions on what is hidden are settled with its default.

use pmos_core::flow::{CredentialForm, Rule};
use serde_json::Value;

use super::{
    descriptor::{Property, items, plain, properties, text},
    form::Form,
    rule::Known,
};

/// Types extend others, and those others again; n8n has chains of three.
const MAX_CHAIN: usize = 8;

/// The form of a type, given how to look up the types that it extends.
pub(super) fn form(credential: &Value, look_up: impl Fn(&str) -> Option<Value>) -> CredentialForm {
    let name = text(credential, "name");
    let mut chain = vec![credential.clone()];
    let mut next = 0;
    while next < chain.len() && chain.len() < MAX_CHAIN {
        let named = items(&chain[next], "extends").filter_map(Value::as_str);
        let fresh = named.filter(|name| !chain.iter().any(|known| text(known, "name") == *name));
        let parents: Vec<Value> = fresh.filter_map(&look_up).collect();
        chain.extend(parents);
        next += 1;
    }
    let mut merged: Vec<Property<'_>> = Vec::new();
    for of in chain.iter().rev() {
        let mut own = properties(of, "properties");
        // A type says anew what it wants to have otherwise than the type that it extends.
        merged.retain(|inherited| !own.iter().any(|property| property.name() == inherited.name()));
        merged.append(&mut own);
    }
    let consent = consent(&chain, &merged);
    let mut fields = Form { known: Known::default(), root: None }.fields(merged);
    fields.retain(|field| field.visible_when != Some(Rule::never()));
    for field in &mut fields {
        field.expressions = false;
    }
    let title = plain(text(credential, "displayName"));
    CredentialForm {
        name: name.to_owned(),
        title: if title.is_empty() { name.to_owned() } else { title },
        fields,
        consent,
    }
}

/// Whether a person agrees in the browser: so it is with OAuth, but for programs that act for themselves.
fn consent(chain: &[Value], properties: &[Property<'_>]) -> bool {
    let oauth = chain.iter().any(|of| matches!(text(of, "name"), "oAuth2Api" | "oAuth1Api"));
    let own = properties.iter().any(|property| {
        property.name() == "grantType"
            && property.kind() == "hidden"
            && property.default().and_then(Value::as_str) == Some("clientCredentials")
    });
    oauth && !own
}
