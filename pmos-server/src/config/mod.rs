//! Settings: defaults, then a file, then the environment, then flags; the later one wins.
//!
//! Every value is read into the type that carries its rules, so a bad one is refused at the start with its name, the
//! fix and the place it came from. The types also say what settings there are and how each is shown: a [`Secret`] is not.

mod engines;
mod names;
mod sources;
mod values;

use std::{
    fmt::{self, Write as _},
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Format, Serialized, Toml},
};
use pmos_connectors::outbound::AllowedHosts;
use pmos_core::{identity::SignUpPolicy, vault::Secret};
use pmos_storage::StoreUrl;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use engines::{EngineSettings, N8nSettings};
pub use names::names;
pub use sources::Flags;
pub use values::{CollectorUrl, LogFilter, Networks, PublicUrl, Sample, SecretHeaders};

/// Everything an operator can set. Written out, it shows no secret.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the server listens. Port 0 picks a free one.
    #[serde(deserialize_with = "values::address")]
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// The folder for everything that is kept on this machine.
    pub data: PathBuf,
    /// The store; SQLite in the data folder when left out.
    #[serde(default, deserialize_with = "values::store")]
    #[schemars(with = "Option<String>")]
    pub database_url: Option<StoreUrl>,
    /// A file that holds the store's address, in place of the address itself.
    pub database_url_file: Option<PathBuf>,
    /// The address people and webhooks reach us at.
    pub public_url: Option<PublicUrl>,
    /// The file with the master key; `master.key` in the data folder when left out.
    pub master_key_file: Option<PathBuf>,
    /// Whether strangers may make accounts.
    pub sign_up: SignUpPolicy,
    /// Inside addresses that automations may call all the same.
    #[serde(default, deserialize_with = "values::hosts")]
    #[schemars(with = "String")]
    pub allow_hosts: AllowedHosts,
    /// Proxies whose word about a client's address is believed.
    #[serde(default)]
    pub trusted_proxies: Networks,
    /// What opens `/metrics` and the API description from beyond this machine.
    pub metrics_token: Option<Secret>,
    /// A file that holds it, in place of the token itself.
    pub metrics_token_file: Option<PathBuf>,
    /// Whether to wait while another process works on the store, and to take over when it ends.
    #[serde(default, deserialize_with = "values::switch")]
    pub standby: bool,
    /// What is logged.
    pub log: LogFilter,
    /// The collector that gets traces, by OTLP over HTTP; none when left out.
    pub otlp_endpoint: Option<CollectorUrl>,
    /// What the collector wants in headers, as its key.
    pub otlp_headers: Option<SecretHeaders>,
    /// A file that holds them, in place of the headers themselves.
    pub otlp_headers_file: Option<PathBuf>,
    /// How many of all traces are exported, from 0 to 1.
    pub otlp_sample: Sample,
    /// Servers of remote engines.
    #[serde(default)]
    pub engines: EngineSettings,
}

/// A setting that cannot be used, with where it came from.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

impl SettingsError {
    /// The setting `name` is at fault.
    pub fn new(name: &str, fault: impl fmt::Display) -> Self {
        Self(format!("{name}: {fault}"))
    }
}

/// The settings and where each came from.
#[derive(Debug)]
pub struct Loaded {
    /// What was read.
    pub settings: Settings,
    /// Things that look like mistakes but do no harm.
    pub warnings: Vec<String>,
    /// The settings in effect, one a line with its source, without secrets.
    pub report: String,
}

impl Settings {
    /// Reads all sources.
    ///
    /// # Errors
    /// Names each setting that cannot be used, what would be right, and its source.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &Flags,
    ) -> Result<Loaded, SettingsError> {
        let mut sources = Figment::new();
        for (name, value) in [
            ("listen", "127.0.0.1:8420"),
            ("data", "./pmos-data"),
            ("sign_up", "open"),
            ("log", "info"),
            ("otlp_sample", "1"),
        ] {
            sources = sources.merge(Serialized::default(name, value));
        }
        if let Some(file) = file {
            if !file.is_file() {
                return Err(SettingsError::new("config", format!("there is no file {}", file.display())));
            }
            sources = sources.merge(Toml::file_exact(file));
        }
        let (environment, warnings) = sources::environment(environment);
        let sources = sources.merge(environment).merge(sources::Given(flags));
        let mut settings: Self = sources.extract().map_err(|fault| describe(&fault))?;
        settings.read_files()?;
        Ok(Loaded { report: report(&settings, &sources), settings, warnings })
    }

    /// A secret may stand in a file of its own, so that it is in no process list and no unit file.
    fn read_files(&mut self) -> Result<(), SettingsError> {
        self.engines.read_files()?;
        if let Some(text) =
            from_file("metrics_token", self.metrics_token.is_some(), self.metrics_token_file.as_deref())?
        {
            self.metrics_token = Some(Secret::new(text));
        }
        if let Some(text) = from_file("database_url", self.database_url.is_some(), self.database_url_file.as_deref())? {
            let url = text.parse().map_err(|fault| SettingsError::new("database_url_file", fault))?;
            self.database_url = Some(url);
        }
        if let Some(text) = from_file("otlp_headers", self.otlp_headers.is_some(), self.otlp_headers_file.as_deref())? {
            let headers = text.parse().map_err(|fault| SettingsError::new("otlp_headers_file", fault))?;
            self.otlp_headers = Some(headers);
        }
        if self.otlp_endpoint.is_some() && !cfg!(feature = "otlp") {
            return Err(SettingsError::new("otlp_endpoint", "this program was built without traces (feature otlp)"));
        }
        if self.metrics_token.as_ref().is_some_and(|token| token.expose().len() < 16) {
            return Err(SettingsError::new(
                "metrics_token",
                "is too short to be safe; use at least 16 random characters",
            ));
        }
        Ok(())
    }

    /// Whether only this machine can reach us.
    pub fn is_local(&self) -> bool {
        self.listen.ip().is_loopback()
    }

    /// Where the store is.
    ///
    /// # Errors
    /// When the data folder cannot be named in an address.
    pub fn store_url(&self) -> Result<StoreUrl, SettingsError> {
        match &self.database_url {
            Some(url) => Ok(url.clone()),
            None => format!("sqlite://{}", self.data.join("pmos.db").display())
                .parse()
                .map_err(|fault| SettingsError::new("data", fault)),
        }
    }

    /// Where the master key is.
    pub fn key_file(&self) -> PathBuf {
        self.master_key_file.clone().unwrap_or_else(|| self.data.join("master.key"))
    }

    /// The address we are reached at when we listen on `address`.
    pub fn public_url(&self, address: SocketAddr) -> String {
        if let Some(url) = &self.public_url {
            return url.as_str().to_owned();
        }
        // The address of "any network" leads nowhere; on this machine the name always does.
        match address.ip() {
            ip if ip.is_unspecified() => format!("http://localhost:{}", address.port()),
            IpAddr::V4(ip) => format!("http://{ip}:{}", address.port()),
            IpAddr::V6(ip) => format!("http://[{ip}]:{}", address.port()),
        }
    }
}

fn from_file(name: &str, set: bool, file: Option<&Path>) -> Result<Option<String>, SettingsError> {
    let Some(file) = file else { return Ok(None) };
    let file_setting = format!("{name}_file");
    if set {
        return Err(SettingsError::new(&file_setting, format!("{name} is set, too; use one of them")));
    }
    let text = std::fs::read_to_string(file)
        .map_err(|cause| SettingsError::new(&file_setting, format!("{} cannot be read: {cause}", file.display())))?;
    Ok(Some(text.trim().to_owned()))
}

fn report(settings: &Settings, sources: &Figment) -> String {
    // Each type says how it is shown.
    let settings = serde_json::to_value(settings).unwrap_or_default();
    let mut report = String::new();
    for name in names() {
        if sources.find_value(name).is_err() {
            continue;
        }
        let shown = name.split('.').try_fold(&settings, |table, part| table.get(part)).unwrap_or(&Value::Null);
        let source = sources.find_metadata(name).map_or_else(|| "default".to_owned(), |source| source_of(source, name));
        // Writing into a text cannot fail.
        let _ = writeln!(report, "{name} = {shown}  # {source}");
    }
    report
}

fn describe(fault: &figment::Error) -> SettingsError {
    let faults = fault.clone().into_iter().map(|fault| {
        let name = fault.path.join(".");
        let message = match &fault.kind {
            figment::error::Kind::UnknownField(name, _) => {
                format!("there is no setting {name}; known are {}", names().join(", "))
            }
            kind if name.is_empty() => kind.to_string(),
            kind => format!("{name}: {kind}"),
        };
        match &fault.metadata {
            Some(source) => format!("{message} ({})", source_of(source, &name)),
            None => message,
        }
    });
    SettingsError(faults.collect::<Vec<_>>().join("\n"))
}

fn source_of(source: &figment::Metadata, name: &str) -> String {
    match &*source.name {
        sources::ENVIRONMENT => format!("environment variable {}", sources::variable(name)),
        sources::FLAGS => format!("flag --{}", name.replace('_', "-")),
        _ => match source.source.as_ref().and_then(figment::Source::file_path) {
            Some(path) => format!("file {}", path.display()),
            None => "default".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)], flags: &Flags) -> Result<Loaded, SettingsError> {
        Settings::load(None, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())), flags)
    }

    #[test]
    fn without_any_setting_it_listens_on_this_machine_only() {
        let loaded = load(&[], &Flags::default()).unwrap();
        assert_eq!(loaded.settings.listen, "127.0.0.1:8420".parse().unwrap());
        assert!(loaded.settings.is_local());
        assert_eq!(loaded.settings.key_file(), Path::new("./pmos-data/master.key"));
    }

    #[test]
    fn a_flag_beats_the_environment_which_beats_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pmos.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\ndata = \"/file\"\nsign_up = \"invitation\"\n").unwrap();
        let environment =
            [("PMOS_LISTEN".to_owned(), "127.0.0.1:2".to_owned()), ("PMOS_DATA".to_owned(), "/env".to_owned())];
        let flags = Flags { listen: Some("127.0.0.1:3".to_owned()), ..Flags::default() };
        let settings = Settings::load(Some(&file), environment, &flags).unwrap().settings;
        assert_eq!(settings.listen.port(), 3);
        assert_eq!(settings.data, Path::new("/env"));
        assert_eq!(settings.sign_up, SignUpPolicy::Invitation);
    }

    #[test]
    fn a_bad_setting_is_refused_with_its_name_and_source() {
        let flags = Flags::default();
        for (name, value, named) in [
            ("PMOS_LISTEN", "8420", "environment variable PMOS_LISTEN"),
            ("PMOS_PUBLIC_URL", "pmos.example.com", "public_url"),
            ("PMOS_SIGN_UP", "sometimes", "sign_up"),
            ("PMOS_TRUSTED_PROXIES", "proxy", "trusted_proxies"),
            ("PMOS_ALLOW_HOSTS", "inside", "allow_hosts"),
            ("PMOS_DATABASE_URL", "mysql://x", "database_url"),
            ("PMOS_METRICS_TOKEN", "short", "metrics_token"),
            ("PMOS_STANDBY", "maybe", "standby"),
            ("PMOS_LOG", "==,", "log"),
            ("PMOS_OTLP_ENDPOINT", "collector:4318", "otlp_endpoint"),
            ("PMOS_OTLP_HEADERS", "a key", "otlp_headers"),
            ("PMOS_OTLP_SAMPLE", "2", "otlp_sample"),
        ] {
            let fault = load(&[(name, value)], &flags).unwrap_err().to_string();
            assert!(fault.contains(named), "{name}: {fault}");
        }
        let flags = Flags { listen: Some("nowhere".to_owned()), ..Flags::default() };
        let fault = load(&[], &flags).unwrap_err().to_string();
        assert!(fault.contains("flag --listen"), "{fault}");
    }

    #[test]
    fn a_switch_is_thrown_by_a_word_or_by_its_flag_alone() {
        let standby = |environment: &[(&str, &str)], flags| load(environment, &flags).unwrap().settings.standby;
        assert!(!standby(&[], Flags::default()));
        assert!(standby(&[("PMOS_STANDBY", "true")], Flags::default()));
        assert!(!standby(&[("PMOS_STANDBY", "true")], Flags { standby: Some("false".to_owned()), ..Flags::default() }));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pmos.toml");
        std::fs::write(&file, "standby = true\n").unwrap();
        assert!(Settings::load(Some(&file), [], &Flags::default()).unwrap().settings.standby);
    }

    #[test]
    fn a_misspelt_setting_is_refused_in_a_file_and_pointed_out_in_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pmos.toml");
        std::fs::write(&file, "listn = \"127.0.0.1:1\"\n").unwrap();
        let fault = Settings::load(Some(&file), [], &Flags::default()).unwrap_err().to_string();
        assert!(fault.contains("listn") && fault.contains("pmos.toml"), "{fault}");
        let loaded = load(&[("PMOS_LISTN", "x")], &Flags::default()).unwrap();
        assert!(loaded.warnings[0].contains("PMOS_LISTN"));
    }

    #[test]
    fn a_secret_of_digits_keeps_its_zeros_and_is_never_printed() {
        let token = "00123456789012345678";
        let loaded = load(&[("PMOS_METRICS_TOKEN", token)], &Flags::default()).unwrap();
        assert_eq!(loaded.settings.metrics_token.as_ref().unwrap().expose(), token);
        assert!(!loaded.report.contains(token));
        assert!(!format!("{loaded:?}").contains(token), "the debug text shows it");
    }

    #[test]
    fn a_secret_in_the_wrong_form_is_not_said_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pmos.toml");
        for (text, name) in [
            ("metrics_token = 4711471147114711471\n", "metrics_token"),
            ("otlp_headers = \"x-key 4711\"\n", "otlp_headers"),
            ("otlp_headers = { x-key = \"4711\" }\n", "otlp_headers"),
            ("[engines.n8n]\nbase_url = \"http://a.example\"\nowner_password = 4711\n", "engines.n8n.owner_password"),
        ] {
            std::fs::write(&file, text).unwrap();
            let fault = Settings::load(Some(&file), [], &Flags::default()).unwrap_err().to_string();
            assert!(fault.contains(name) && !fault.contains("4711"), "{fault}");
        }
    }

    #[test]
    fn what_a_collector_wants_to_see_is_never_printed() {
        let loaded = load(&[("PMOS_OTLP_HEADERS", "x-key=hunter2hunter2")], &Flags::default()).unwrap();
        assert!(loaded.report.contains("otlp_headers = \"***\""), "{}", loaded.report);
        assert!(!format!("{loaded:?}").contains("hunter2"));
    }

    #[test]
    fn a_server_of_an_engine_is_named_in_a_table_or_by_variables() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pmos.toml");
        std::fs::write(&file, "[engines.n8n]\nbase_url = \"http://a.example:5678\"\nowner_email = \"o@a.example\"\n")
            .unwrap();
        let password = ("PMOS_ENGINES__N8N__OWNER_PASSWORD".to_owned(), "00123-secret".to_owned());
        let loaded = Settings::load(Some(&file), [password], &Flags::default()).unwrap();
        let n8n = loaded.settings.engines.n8n.as_ref().unwrap();
        assert_eq!(n8n.base_url.as_str(), "http://a.example:5678");
        assert_eq!(n8n.owner_password.as_ref().unwrap().expose(), "00123-secret");
        assert!(!loaded.report.contains("00123"), "{}", loaded.report);
        assert!(loaded.report.contains("environment variable PMOS_ENGINES__N8N__OWNER_PASSWORD"), "{}", loaded.report);
        std::fs::write(
            &file,
            "[engines.n8n_dedicated.ws_0192aaaabbbb7cccdddd000000000001]\nbase_url = \"http://b.example\"\n",
        )
        .unwrap();
        let dedicated = Settings::load(Some(&file), [], &Flags::default()).unwrap().settings.engines.n8n_dedicated;
        assert_eq!(dedicated.into_values().next().unwrap().base_url.as_str(), "http://b.example");
        std::fs::write(&file, "[engines.n8n]\nbase_url = \"http://a.example\"\nowner_email = \"o@a.example\"\n")
            .unwrap();
        let half = Settings::load(Some(&file), [], &Flags::default()).unwrap_err().to_string();
        assert!(half.contains("owner_password"), "{half}");
        let bad = [("PMOS_ENGINES__N8N__BASE_URL", "n8n")];
        assert!(load(&bad, &Flags::default()).unwrap_err().to_string().contains("engines.n8n.base_url"));
    }

    #[test]
    fn a_password_in_the_address_of_the_store_is_never_printed() {
        let loaded =
            load(&[("PMOS_DATABASE_URL", "postgres://pmos:hunter2hunter2@db/pmos")], &Flags::default()).unwrap();
        assert!(loaded.report.contains("postgres://pmos@db/pmos"), "{}", loaded.report);
        assert!(!format!("{loaded:?}").contains("hunter2"));
    }

    #[test]
    fn a_secret_may_stand_in_a_file_but_not_in_two_places() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "a-token-of-sixteen-chars\n").unwrap();
        let path = file.to_str().unwrap();
        let loaded = load(&[("PMOS_METRICS_TOKEN_FILE", path)], &Flags::default()).unwrap();
        assert_eq!(loaded.settings.metrics_token.unwrap().expose(), "a-token-of-sixteen-chars");
        let both = [("PMOS_METRICS_TOKEN_FILE", path), ("PMOS_METRICS_TOKEN", "another-token-of-sixteen")];
        assert!(load(&both, &Flags::default()).unwrap_err().to_string().contains("metrics_token_file"));
    }
}
