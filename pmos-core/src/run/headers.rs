//! Which headers are kept out of sight.

/// What stands in the place of a header's value that is not kept.
pub const MASKED: &str = "***";

/// Headers that carry secrets or prove who a caller is.
const SENSITIVE: [&str; 12] = [
    "authorization",
    "cookie",
    "set-cookie",
    "set-cookie2",
    "proxy-authorization",
    "x-api-key",
    "api-key",
    "apikey",
    "x-auth-token",
    "x-access-token",
    "x-csrf-token",
    "x-amz-security-token",
];

/// Whether the value of this header must not be recorded: credentials, cookies, signatures and tokens.
pub fn is_sensitive_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SENSITIVE.contains(&name.as_str())
        || name.starts_with("x-hub-signature")
        || ["signature", "token", "secret", "api-key", "password"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_signatures_are_out_of_sight() {
        for name in [
            "Authorization",
            "COOKIE",
            "Set-Cookie",
            "X-Hub-Signature-256",
            "Stripe-Signature",
            "X-Api-Key",
            "X-Gitlab-Token",
        ] {
            assert!(is_sensitive_header(name), "{name}");
        }
        for name in ["content-type", "x-request-id", "user-agent", "idempotency-key", "accept"] {
            assert!(!is_sensitive_header(name), "{name}");
        }
    }
}
