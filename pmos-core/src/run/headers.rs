//! Which headers are kept out of sight.

/// What stands in the place of a header's value that is not kept.
pub const MASKED: &str = "***";

/// How words begin or end that say of a header that its value proves something: a credential, a signature, a certificate.
const TELLING: [&str; 20] = [
    "apikey",
    "assertion",
    "auth",
    "authentication",
    "authorization",
    "cert",
    "certificate",
    "cookie",
    "credential",
    "credentials",
    "csrf",
    "hmac",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "signature",
    "token",
    "xsrf",
];

/// Whole words that do.
const WORDS: [&str; 5] = ["cookie2", "dpop", "oidc", "sig", "sign"];

/// Headers that carry a signature and are named after their sender alone.
const NAMES: [&str; 1] = ["x-trello-webhook"];

/// Keys that open nothing.
const PUBLIC_KEYS: [&str; 4] = ["cache-key", "idempotency-key", "sec-websocket-key", "surrogate-key"];

/// Whether the value of this header must not be recorded: credentials, cookies, signatures, tokens and certificates of callers.
/// It goes by the words of the name, because every sender names its own.
pub fn is_sensitive_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let telling = |word: &str| {
        WORDS.contains(&word) || TELLING.iter().any(|part| word.ends_with(part)) || word.starts_with("hmac")
    };
    let is_key = name.ends_with("key") && !PUBLIC_KEYS.iter().any(|public| name.ends_with(public));
    is_key || NAMES.contains(&name.as_str()) || name.split(['-', '_', '.']).any(telling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_signatures_and_certificates_are_out_of_sight() {
        for name in [
            "Authorization",
            "Proxy-Authorization",
            "COOKIE",
            "Set-Cookie",
            "Set-Cookie2",
            "X-Api-Key",
            "apikey",
            "X-Functions-Key",
            "Ocp-Apim-Subscription-Key",
            "X-Auth-Token",
            "X-CSRFToken",
            "X-Gitlab-Token",
            "X-Amz-Security-Token",
            "X-Hook-Secret",
            "X-Goog-Iap-Jwt-Assertion",
            "X-Amzn-Oidc-Data",
            "DPoP",
            "X-Hub-Signature-256",
            "Stripe-Signature",
            "Signature-Input",
            "X-HubSpot-Signature-v3",
            "X-Square-HmacSha256-Signature",
            "X-Shopify-Hmac-Sha256",
            "X-Todoist-Hmac-SHA256",
            "X-Trello-Webhook",
            "Paypal-Transmission-Sig",
            "X-Forwarded-Client-Cert",
            "X-ARR-ClientCert",
            "X-Amzn-Mtls-Clientcert",
            "ssl_client_cert",
        ] {
            assert!(is_sensitive_header(name), "{name}");
        }
    }

    #[test]
    fn what_a_flow_may_want_to_see_is_left() {
        for name in [
            "content-type",
            "x-request-id",
            "user-agent",
            "idempotency-key",
            "x-idempotency-key",
            "webhook-id",
            "webhook-timestamp",
            "x-shopify-topic",
            "paypal-transmission-id",
            "x-github-event",
            "www-authenticate",
            "accept",
            "design",
            "origin",
            "sec-websocket-key",
        ] {
            assert!(!is_sensitive_header(name), "{name}");
        }
    }
}
