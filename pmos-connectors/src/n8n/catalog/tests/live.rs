//! The catalogue of a real server: how much of it is understood, and at what cost.
//!
//! Runs with the address and account of an n8n in `PMOS_N8N_URL`, `PMOS_N8N_EMAIL` and `PMOS_N8N_PASSWORD`; prints the
//! table of the README.

use std::{collections::BTreeMap, env, sync::Arc, time::Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use pmos_core::{
    Error, Result,
    engine::Tenancy,
    flow::{Capabilities, Catalog as _, Field, FieldKind, OptionsQuestion, Piece, Rule},
};
use serde_json::{Map, Value, json};

use super::{
    super::{
        Lookup, N8nCatalog, NodeTypes, Reply, TypeList,
        descriptor::{Node, Property, properties},
        form::Form,
        kind,
        piece::Versioned,
        rule::{Level, Names, Reader},
        split::Splitter,
    },
    server::tenancy,
};

/// A server with a session.
#[derive(Debug)]
struct Live {
    client: reqwest::Client,
    url: String,
    cookie: String,
}

impl Live {
    /// None, aloud, when there is no server to ask.
    async fn connect() -> Option<Self> {
        let setting = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let settings = ["PMOS_N8N_URL", "PMOS_N8N_EMAIL", "PMOS_N8N_PASSWORD"].map(setting);
        let [Some(url), Some(email), Some(password)] = settings else {
            eprintln!("SKIPPED: no n8n to ask; PMOS_N8N_URL, PMOS_N8N_EMAIL and PMOS_N8N_PASSWORD name one");
            return None;
        };
        rustls::crypto::ring::default_provider().install_default().ok();
        #[expect(clippy::disallowed_methods, reason = "the server under test is on this machine")]
        let client = reqwest::Client::new();
        let login = json!({ "emailOrLdapLoginId": email, "password": password });
        let answer = client.post(format!("{url}/rest/login")).json(&login).send().await.unwrap();
        assert!(answer.status().is_success(), "sign in: {}", answer.status());
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Some(Self { client, url, cookie })
    }

    async fn get(&self, path: &str) -> Result<reqwest::Response> {
        let request = self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        request.send().await.map_err(|cause| Error::unavailable("ask n8n").because(cause))
    }
}

#[async_trait]
impl NodeTypes for Live {
    async fn version(&self, _: &Tenancy) -> Result<String> {
        let settings: Value = self.get("/rest/settings").await?.json().await.unwrap();
        Ok(settings["data"]["versionCli"].as_str().unwrap().to_owned())
    }

    async fn list(&self, _: &Tenancy, list: TypeList) -> Result<BoxStream<'static, Result<Bytes>>> {
        let answer = self.get(list.path()).await?;
        Ok(answer.bytes_stream().map_err(|cause| Error::unavailable("read from n8n").because(cause)).boxed())
    }

    async fn look_up(&self, _: &Tenancy, lookup: Lookup, body: &Value) -> Result<Reply> {
        let request = self.client.post(format!("{}{}", self.url, lookup.path())).header("cookie", &self.cookie);
        let answer = request.json(body).send().await.map_err(|cause| Error::unavailable("ask n8n").because(cause))?;
        Ok(Reply { status: answer.status().as_u16(), body: answer.bytes().await.unwrap() })
    }

    async fn project(&self, _: &Tenancy) -> Result<Option<String>> {
        let project: Value = self.get("/rest/projects/personal").await?.json().await.unwrap();
        Ok(project["data"]["id"].as_str().map(str::to_owned))
    }
}

/// How many properties of which type became which kind.
#[derive(Default)]
struct Census {
    kinds: BTreeMap<(String, String), usize>,
    rules: usize,
    unsaid_rules: usize,
}

impl Census {
    fn node(&mut self, of: Versioned<'_>) {
        let properties = of.node.properties();
        let names = Names::of(&properties);
        self.level(of, &properties, Level { siblings: &names, root: None });
    }

    fn level(&mut self, of: Versioned<'_>, properties_: &[Property<'_>], level: Level<'_>) {
        let form = Form { known: of.known(None), root: Some(level.root.unwrap_or(level.siblings)) };
        for property in properties_ {
            let kind = label(*property, &kind::of(&form, *property, level));
            *self.kinds.entry((kind, property.kind().to_owned())).or_default() += 1;
            let reader = Reader { known: form.known, level, expressions: true };
            for when in ["show", "hide"] {
                for (name, wanted) in property.display_options()[when].as_object().into_iter().flatten() {
                    self.rules += 1;
                    self.unsaid_rules += usize::from(reader.meets(name, wanted).is_none());
                }
            }
            let children: Vec<Vec<Property<'_>>> = match property.kind() {
                "collection" => vec![property.children()],
                "fixedCollection" => property.options().map(|group| properties(group, "values")).collect(),
                _ => Vec::new(),
            };
            for children in children {
                let names = Names::of(&children);
                self.level(of, &children, Level { siblings: &names, root: form.root });
            }
        }
    }

    fn total(&self) -> usize {
        self.kinds.values().sum()
    }
}

fn label(property: Property<'_>, kind: &FieldKind) -> String {
    if kind::is_never_shown(property) {
        return "never shown".to_owned();
    }
    let tag = |kind: &FieldKind| serde_json::to_value(kind).unwrap()["type"].as_str().unwrap().to_owned();
    match (property.kind(), kind) {
        ("resourceMapper", _) => "group with dynamic_group".to_owned(),
        ("filter", _) => "group of conditions".to_owned(),
        ("assignmentCollection", _) => "group of typed names and values".to_owned(),
        (_, FieldKind::List { of }) => format!("list of {}", tag(of)),
        (_, FieldKind::Group { .. }) => "group of lists".to_owned(),
        (_, FieldKind::Code { language }) => format!("code ({language})"),
        (_, FieldKind::Dynamic { multiple: true, .. }) => "dynamic (several)".to_owned(),
        (_, FieldKind::Json) => "json (fallback)".to_owned(),
        _ => tag(kind),
    }
}

/// The memory of this process, in MB.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4096 / (1 << 20)
}

pub(super) fn engine() -> Capabilities {
    Capabilities { free_layout: true, multiple_triggers: true, dynamic_options: true, ..Capabilities::default() }
}

#[tokio::test]
async fn almost_everything_of_a_real_catalogue_gets_a_kind_of_its_own() {
    let Some(live) = Live::connect().await else { return };
    let mut census = Census::default();
    let (mut entries, mut splitter) = (0, Splitter::default());
    let mut chunks = live.list(&tenancy(1), TypeList::Nodes).await.unwrap();
    while let Some(chunk) = chunks.next().await {
        for element in splitter.feed(&chunk.unwrap()).unwrap() {
            let value: Value = serde_json::from_slice(&element).unwrap();
            let node = Node(&value);
            let version = node.versions().into_iter().fold(0.0, f64::max);
            census.node(Versioned { node, version });
            entries += 1;
        }
    }
    splitter.finish().unwrap();
    let total = census.total();
    println!("{} entries, {total} properties, n8n {}", entries, live.version(&tenancy(1)).await.unwrap());
    let mut kinds: BTreeMap<&str, (usize, Vec<String>)> = BTreeMap::new();
    for ((kind, of), count) in &census.kinds {
        let known = kinds.entry(kind).or_default();
        known.0 += count;
        known.1.push(format!("{of} {count}"));
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (kind, (count, of)) in &kinds {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let share = *count as f64 * 100.0 / total as f64;
        println!("| `{kind}` | {count} | {share:.2} % | {} |", of.join(", "));
    }
    println!("rules: {}, of which forms cannot say: {}", census.rules, census.unsaid_rules);
    let fallback = kinds.iter().find(|(kind, _)| *kind == "json (fallback)").map_or(0, |(_, (count, _))| *count);
    assert!(total > 50_000 && fallback * 100 <= total, "{fallback} of {total} fall back");
    assert!(census.unsaid_rules * 1_000 <= census.rules);
}

#[tokio::test]
async fn every_piece_of_a_real_catalogue_is_a_sound_form() {
    let Some(live) = Live::connect().await else { return };
    let catalogue = N8nCatalog::new(Arc::new(live));
    let at = tenancy(1);
    let before = resident();
    let started = Instant::now();
    let pieces = catalogue.pieces(Some(&at)).await.unwrap();
    let index = catalogue.index(&at).await.unwrap().1;
    println!(
        "index: {} pieces in {:?}, {} kB packed, {} MB before, {} MB after",
        pieces.len(),
        started.elapsed(),
        index.packed_bytes() >> 10,
        before,
        resident()
    );
    let palette = serde_json::to_vec(&*pieces).unwrap().len();
    println!(
        "palette: {} operations, {} kB",
        pieces.iter().map(|piece| piece.operations.len()).sum::<usize>(),
        palette >> 10
    );
    let mut sizes: Vec<(usize, String, usize, u128)> = Vec::new();
    let mut faults: Vec<String> = Vec::new();
    for summary in pieces.iter() {
        let started = Instant::now();
        let piece = catalogue.piece(Some(&at), &summary.name).await.unwrap().expect("a piece in the list is there");
        let took = started.elapsed().as_millis();
        let names: Vec<_> = piece.operations.iter().map(|operation| &operation.name).collect();
        assert_eq!(names, summary.operations.iter().map(|operation| &operation.name).collect::<Vec<_>>());
        sizes.push((serde_json::to_vec(&*piece).unwrap().len(), summary.name.clone(), piece.operations.len(), took));
        faults.extend(faults_of(&piece));
    }
    sizes.sort_unstable_by_key(|(size, ..)| std::cmp::Reverse(*size));
    println!(
        "pieces: {} kB in all, median {} kB",
        sizes.iter().map(|(size, ..)| size).sum::<usize>() >> 10,
        sizes[sizes.len() / 2].0 >> 10
    );
    for (size, name, operations, took) in sizes.iter().take(8) {
        println!("  {name}: {} kB, {operations} operations, {took} ms", size >> 10);
    }
    println!("{} faults, {} MB at the end", faults.len(), resident());
    for fault in faults.iter().take(40) {
        println!("  {fault}");
    }
    assert!(faults.is_empty());
}

/// What the conformance suite would say of a piece, but for what it asks of a catalogue as a whole.
fn faults_of(piece: &Piece) -> Vec<String> {
    let faults = pmos_core::testkit::engine::faults(std::slice::from_ref(piece), &engine());
    let whole = ["to build flows of"];
    faults.into_iter().filter(|fault| !whole.iter().any(|part| fault.contains(part))).collect()
}

#[tokio::test]
async fn a_real_server_is_asked_for_options() {
    let Some(live) = Live::connect().await else { return };
    let catalogue = N8nCatalog::new(Arc::new(live));
    let at = tenancy(1);
    let question = |piece: &str, operation: &str, field: &str| OptionsQuestion {
        piece: piece.to_owned(),
        operation: operation.to_owned(),
        field: field.to_owned(),
        settings: Map::new(),
        connection: None,
        search: None,
    };
    let tables = question("n8n-nodes-base.dataTable", "row:get", "dataTableId.value");
    println!("data tables: {:?}", catalogue.options(Some(&at), &tables, None).await.unwrap());
    let channels = question("n8n-nodes-base.slack", "message:post", "channelId.value");
    let error = catalogue.options(Some(&at), &channels, None).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "connection", "{error}");
    println!("channels: {}", error.detail());
    let form = catalogue.credential_kind(Some(&at), "slackOAuth2Api").await.unwrap().unwrap();
    assert!(form.consent);
    println!("slackOAuth2Api: {:?}", names(&form.fields));
    let never = form.fields.iter().any(|field| field.visible_when == Some(Rule::never()));
    assert!(!never);
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}
