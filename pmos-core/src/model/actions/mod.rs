//! What can be done with models.

mod catalog;
mod check;
mod connect;
mod disconnect;
mod list;
mod view;

pub use catalog::{CatalogModel, ListCatalog};
pub use check::CheckProvider;
pub use connect::ConnectProvider;
pub use disconnect::DisconnectProvider;
pub use list::ListProviders;
pub use view::ProviderView;

use crate::{action::Table, audit::Subject};

pub(crate) fn register(table: Table) -> Table {
    table
        .with::<ListProviders>()
        .with::<ListCatalog>()
        .with::<ConnectProvider>()
        .with::<CheckProvider>()
        .with::<DisconnectProvider>()
}

fn subject(provider: &str) -> Subject {
    Subject::new("model_provider", provider)
}
