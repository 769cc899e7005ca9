//! From settings to an open store and a whole [`Pmos`].

use std::{net::SocketAddr, path::Path, sync::Arc};

use pmos_connectors::{
    embedded::{EmbeddedConfig, EmbeddedEngine},
    outbound::Outbound,
};
use pmos_core::{
    Clock, Pmos, SystemClock,
    store::{Access, Store},
    vault::Secret,
};

#[cfg(feature = "models")]
use pmos_connectors::models::{Models, ModelsConfig};
#[cfg(feature = "n8n")]
use {
    crate::config::N8nSettings,
    pmos_connectors::n8n::{Instance, N8nConfig, N8nEngine},
};

use crate::{
    Fault,
    config::{Settings, SettingsError},
    key::{self, KeyError},
    telemetry::{self, Metrics},
};

/// Opens the store, and makes the data folder when it is not there.
///
/// # Errors
/// With what is in the way, see [`OpenError`](pmos_storage::OpenError).
pub async fn open_store(settings: &Settings) -> Result<Arc<dyn Store>, Fault> {
    make_folder(&settings.data)?;
    Ok(pmos_storage::open(&settings.store_url()?).await?)
}

/// The same, but waits while another process works on the store.
///
/// # Errors
/// As [`open_store`].
pub async fn take_over_store(settings: &Settings) -> Result<Arc<dyn Store>, Fault> {
    make_folder(&settings.data)?;
    Ok(pmos_storage::take_over(&settings.store_url()?).await?)
}

/// The data folder is not for other users of this machine.
pub(crate) fn make_folder(folder: &Path) -> Result<(), SettingsError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|cause| SettingsError::new("data", format!("the folder {} cannot be made: {cause}", folder.display())))
}

/// An instance that is ready to be served, and what an operator has to be told about it.
#[derive(Debug)]
pub struct ReadyInstance {
    /// Everything.
    pub pmos: Pmos,
    /// What the first sign-up has to give, when strangers could come first.
    pub setup_code: Option<Secret>,
}

/// Puts PMOS together as the settings say. It is reached at `address`.
///
/// # Errors
/// When the master key is missing or wrong, or the store cannot be read.
pub async fn build(settings: &Settings, store: Arc<dyn Store>, address: SocketAddr) -> Result<ReadyInstance, Fault> {
    let clock = SystemClock;
    let empty = store.system("see whether there are accounts", Access::Read).await?.accounts().count().await? == 0;
    let key_file = settings.key_file();
    let key = key::open(&key_file, !empty, &clock)?;
    if key.is_new {
        telemetry::tell(format_args!(
            "made the master key {}: keep a copy in a safe place, without it stored secrets are lost",
            key_file.display()
        ));
    }
    let outbound = Outbound::builder().allow(settings.allow_hosts.clone()).build().map_err(Fault::Outbound)?;
    let outbound = Arc::new(outbound);
    let engine = EmbeddedEngine::new(EmbeddedConfig::default(), outbound.clone());
    let setup_code = if empty && !settings.is_local() { Some(new_setup_code(&clock)?) } else { None };
    let mut builder = Pmos::builder(store).engine(Arc::new(engine));
    #[cfg(feature = "n8n")]
    {
        builder = builder.engine(Arc::new(n8n(settings)?));
    }
    #[cfg(feature = "models")]
    {
        builder = builder.chat_model(Arc::new(Models::new(ModelsConfig::default(), outbound.clone())));
    }
    builder = builder
        .prober(outbound)
        .master_key(*key.bytes)
        .public_url(settings.public_url(address))
        .sign_up(settings.sign_up)
        .observer(Arc::new(Metrics));
    if let Some(code) = &setup_code {
        builder = builder.setup_code(code.clone());
    }
    let pmos = builder.build()?;
    if !pmos.key_fits().await? {
        return Err(KeyError::Wrong(key_file).into());
    }
    Ok(ReadyInstance { pmos, setup_code })
}

/// n8n, with the operator's server if there is one.
#[cfg(feature = "n8n")]
fn n8n(settings: &Settings) -> Result<N8nEngine, Fault> {
    let instance = |n8n: &N8nSettings| Instance {
        base_url: n8n.base_url.as_str().to_owned(),
        webhook_url: n8n.webhook_url.as_ref().map(|url| url.as_str().to_owned()),
        owner_email: n8n.owner_email.clone(),
        owner_password: n8n.owner_password.clone(),
        api_key: None,
    };
    let engines = &settings.engines;
    let config = N8nConfig {
        operator: engines.n8n.as_ref().map(instance),
        dedicated: engines.n8n_dedicated.iter().map(|(workspace, n8n)| (*workspace, instance(n8n))).collect(),
        allow: settings.allow_hosts.clone(),
        ..N8nConfig::default()
    };
    N8nEngine::new(config, Arc::new(SystemClock), Arc::new(Metrics)).map_err(Fault::Outbound)
}

/// Short enough to type, long enough for a throttled guesser: 60 random bits.
fn new_setup_code(clock: &dyn Clock) -> Result<Secret, Fault> {
    let letters: Vec<char> = clock.random_text(12)?.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(String::from_iter).collect();
    Ok(Secret::new(groups.join("-")))
}
