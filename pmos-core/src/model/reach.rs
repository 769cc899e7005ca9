//! From the name of a model to where it is reached.

use super::{ModelEndpoint, ModelRef, Provider};
use crate::{
    Error, Result, WorkspaceScope,
    outward::Outward,
    vault::{AssociatedData, Sealed, Secret},
};

/// What keys of providers are sealed as.
const KIND: &str = "model_provider";

impl Outward<'_> {
    /// Where a provider is reached, its key opened.
    ///
    /// # Errors
    /// When the key service or the store cannot be reached.
    pub(crate) async fn endpoint(&mut self, scope: &WorkspaceScope, provider: &Provider) -> Result<ModelEndpoint> {
        let key = match &provider.key {
            Some(sealed) => Some(self.open(scope, associated_data(scope, &provider.name), sealed).await?),
            None => None,
        };
        Ok(ModelEndpoint { kind: provider.kind, base_url: provider.base_url.clone(), key })
    }

    /// Seals the key of a provider.
    ///
    /// # Errors
    /// As [`endpoint`](Self::endpoint).
    pub(crate) async fn seal_model_key(&mut self, scope: &WorkspaceScope, name: &str, key: &Secret) -> Result<Sealed> {
        self.seal(scope, associated_data(scope, name), key).await
    }
}

fn associated_data<'n>(scope: &WorkspaceScope, name: &'n str) -> AssociatedData<'n> {
    AssociatedData { workspace: scope.workspace(), kind: KIND, id: name }
}

/// The provider and the name of the model that is used: the wanted one, else that of the workspace; none when it has none.
///
/// # Errors
/// `invalid_input` when no provider of the workspace has that name.
pub(crate) fn chosen(providers: Vec<Provider>, wanted: Option<&ModelRef>) -> Result<Option<(Provider, ModelRef)>> {
    let of = |provider: Provider, model: &str| {
        let name =
            ModelRef::new(&provider.name, model).map_err(|refused| Error::invalid("model", refused.to_string()))?;
        Ok((provider, name))
    };
    if let Some(wanted) = wanted {
        let provider = providers.into_iter().find(|provider| provider.name == wanted.provider());
        let unknown = || Error::invalid("model", format!("{wanted} is not connected; choose one of models.catalog"));
        return of(provider.ok_or_else(unknown)?, wanted.model()).map(Some);
    }
    let preferred = providers.into_iter().find(|provider| provider.preferred && provider.default_model.is_some());
    let Some(provider) = preferred else { return Ok(None) };
    let model = provider.default_model.clone().unwrap_or_default();
    of(provider, &model).map(Some)
}
