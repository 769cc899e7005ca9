//! What an approval is bound to.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::KeptRevision;
use crate::{Error, Result, UserId, WorkspaceId};

/// A digest of an action with its exact input. The order of fields does not count.
///
/// # Errors
/// When the input cannot be written.
pub(crate) fn input_digest(action: &str, input: &Value) -> Result<[u8; 32]> {
    let mut hash = Sha256::new();
    part(&mut hash, action.as_bytes());
    part(&mut hash, &canonical(input)?);
    Ok(hash.finalize().into())
}

/// All that a request for approval is bound to. Its approval is one of this and of nothing else.
pub(crate) struct Bound<'b> {
    pub(crate) workspace: WorkspaceId,
    pub(crate) requester: UserId,
    pub(crate) action: &'b str,
    pub(crate) input: &'b Value,
    /// The revision of what it is about.
    pub(crate) target: Option<KeptRevision>,
    /// The revision of the policy.
    pub(crate) policy: u64,
}

impl Bound<'_> {
    /// # Errors
    /// When the input cannot be written.
    pub(crate) fn digest(&self) -> Result<[u8; 32]> {
        let mut hash = Sha256::new();
        part(&mut hash, self.workspace.to_string().as_bytes());
        part(&mut hash, self.requester.to_string().as_bytes());
        part(&mut hash, &input_digest(self.action, self.input)?);
        part(&mut hash, self.target.map(|target| target.to_string()).unwrap_or_default().as_bytes());
        part(&mut hash, &self.policy.to_be_bytes());
        Ok(hash.finalize().into())
    }
}

/// Each part with its length, so that no two lists of parts are the same bytes.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn canonical(value: &Value) -> Result<Vec<u8>> {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(fields.into_iter().collect())
            }
            Value::Array(items) => items.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    serde_json::to_vec(&sorted(value)).map_err(|cause| Error::internal("digest an input").because(cause))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_fields_does_not_count_and_everything_else_does() {
        let digest = |input| input_digest("flows.publish", &input).unwrap();
        let first = digest(json!({"flow": "a", "more": {"x": 1, "y": [1, 2]}}));
        assert_eq!(first, digest(json!({"more": {"y": [1, 2], "x": 1}, "flow": "a"})));
        for other in [
            json!({"flow": "a", "more": {"x": 1, "y": [2, 1]}}),
            json!({"flow": "a", "more": {"x": 1.0, "y": [1, 2]}}),
            json!({"flow": "a"}),
        ] {
            assert_ne!(first, digest(other));
        }
        assert_ne!(first, input_digest("flows.delete", &json!({"flow": "a", "more": {"x": 1, "y": [1, 2]}})).unwrap());
    }
}
