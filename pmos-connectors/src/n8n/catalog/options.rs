//! Looks up what there is to choose: options, lists of locators, columns of mappers.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use pmos_core::{
    Error, Result,
    engine::{KnownCredential, Tenancy},
    flow::{FieldOption, Filled, OptionsQuestion},
};
use serde_json::{Map, Value, json};

use super::{
    descriptor::{Property, items, properties, text},
    form::Form,
    kind,
    piece::Versioned,
    rule::{Known, Level, Names, Reader, Truth},
    source::{Lookup, NodeTypes, Reply},
};

/// Long lists come in pages; who looks for more types a part of the name.
const MAX_PAGES: usize = 5;
/// More than anybody reads, and than a browser likes to show.
const MAX_OPTIONS: usize = 2_000;

/// A question as n8n asks it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OptionsRequest {
    pub(super) lookup: Lookup,
    /// How the server finds the answer: the name of a method of the node, or a request that it makes.
    by: (&'static str, Value),
    path: String,
    node: Value,
    parameters: Map<String, Value>,
    /// Whether the node asks for a credential at all.
    takes_credentials: bool,
}

/// What a question is about.
pub(super) fn find(of: Versioned<'_>, question: &OptionsQuestion) -> Result<OptionsRequest> {
    let choices = of.choices();
    let named = |name: &str| name == question.operation;
    let choice = choices.iter().find(|choice| named(&choice.name) || choice.aliases.iter().any(|alias| named(alias)));
    let known = of.known(choice);
    let properties = of.node.properties();
    let fields = Form { known, root: None }.fields(properties.clone());
    let mut parameters = question.settings.clone();
    for (name, default) in Filled::new(&fields, &question.settings, None).defaults() {
        parameters.insert(name.to_owned(), default.clone());
    }
    for (name, value) in choice.iter().flat_map(|choice| choice.parameters()) {
        parameters.insert(name.to_owned(), value.into());
    }
    let names = Names::of(&properties);
    let settings = Settings { known, root: None, here: &parameters, around: None };
    let segments: Vec<&str> = question.field.split('.').collect();
    let (lookup, by, depth) = settings
        .find(&properties, &names, &segments)
        .ok_or_else(|| Error::invalid("field", "has no options to look up; choose one that has"))?;
    Ok(OptionsRequest {
        lookup,
        by,
        path: path(&segments[..depth.min(segments.len())]),
        node: json!({ "name": of.node.name(), "version": of.version }),
        takes_credentials: !of.node.credentials().is_empty(),
        parameters,
    })
}

/// A path as n8n writes it: `rows.0.name` is `parameters.rows[0].name`.
fn path(segments: &[&str]) -> String {
    let mut path = "parameters".to_owned();
    for segment in segments {
        if is_index(segment) {
            path.extend(["[", segment, "]"]);
        } else {
            path.extend([".", segment]);
        }
    }
    path
}

fn is_index(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where in the settings of a node one looks.
struct Settings<'a> {
    known: Known<'a>,
    root: Option<&'a Names<'a>>,
    here: &'a Map<String, Value>,
    around: Option<&'a Map<String, Value>>,
}

type Found = (Lookup, (&'static str, Value), usize);

impl Settings<'_> {
    /// What to ask for the property at the end of the path, and how much of the path leads to it.
    fn find(&self, all: &[Property<'_>], names: &Names<'_>, path: &[&str]) -> Option<Found> {
        let (name, rest) = path.split_first()?;
        let property = self.shown(all, names, name)?;
        let nothing = Map::new();
        let within = |value: Option<&Value>| value.and_then(Value::as_object).unwrap_or(&nothing).clone();
        let here = self.here.get(*name);
        match property.kind() {
            "collection" => {
                let (here, rest, skipped) = enter(here, rest);
                self.inside(&within(here), &property.children(), names, rest).map(|found| deeper(found, 1 + skipped))
            }
            "fixedCollection" => {
                let (group, rest) = rest.split_first()?;
                let described = property.options().find(|option| text(option, "name") == *group)?;
                let (here, rest, skipped) = enter(here.and_then(|value| value.get(group)), rest);
                let children = properties(described, "values");
                self.inside(&within(here), &children, names, rest).map(|found| deeper(found, 2 + skipped))
            }
            "resourceLocator" => {
                let mode = here.map(|value| text(value, "mode")).unwrap_or_default();
                let method = |mode: Property<'_>| mode.option("searchListMethod").as_str().map(str::to_owned);
                let searching = |of: &Property<'_>| method(*of).is_some();
                let of_mode = property.modes().filter(searching).find(|of| of.name() == mode);
                let method = of_mode.or_else(|| property.modes().find(searching)).and_then(method)?;
                Some((Lookup::Locator, ("methodName", method.into()), 1))
            }
            "resourceMapper" => {
                let options = property.option("resourceMapper");
                let local = options["localResourceMapperMethod"].as_str().map(|method| (Lookup::LocalMapper, method));
                let remote = options["resourceMapperMethod"].as_str().map(|method| (Lookup::Mapper, method));
                let (lookup, method) = remote.or(local)?;
                Some((lookup, ("methodName", method.into()), 1))
            }
            _ => {
                let by = match property.option("loadOptionsMethod").as_str() {
                    Some(method) => ("methodName", method.into()),
                    None => ("loadOptions", property.option("loadOptions").as_object()?.clone().into()),
                };
                Some((Lookup::Options, by, 1 + rest.len()))
            }
        }
    }

    fn inside(
        &self,
        settings: &Map<String, Value>,
        children: &[Property<'_>],
        siblings: &Names<'_>,
        path: &[&str],
    ) -> Option<Found> {
        let names = Names::of(children);
        let settings = Settings {
            known: self.known,
            root: Some(self.root.unwrap_or(siblings)),
            here: settings,
            around: Some(self.around.unwrap_or(self.here)),
        };
        settings.find(children, &names, path)
    }

    /// Of several properties of one name the one that is shown.
    fn shown<'p>(&self, all: &[Property<'p>], names: &Names<'_>, name: &str) -> Option<Property<'p>> {
        let reader =
            Reader { known: self.known, level: Level { siblings: names, root: self.root }, expressions: false };
        let around = self.around.map(|settings| Filled::new(&[], settings, None));
        let settings = Filled::new(&[], self.here, around.as_ref());
        let possible = all.iter().copied().filter(|property| property.name() == name);
        let mut possible = possible
            .map(|property| (property, reader.shown(property.display_options())))
            .filter(|(_, shown)| *shown != Truth::No);
        let mut first = None;
        possible
            .find(|(property, shown)| {
                first.get_or_insert(*property);
                match shown {
                    Truth::When(rule) => rule.holds(&settings),
                    _ => true,
                }
            })
            .map(|(property, _)| property)
            .or(first)
    }
}

/// Into the entry of a list, where the path names one.
fn enter<'v, 'p>(value: Option<&'v Value>, path: &'p [&'p str]) -> (Option<&'v Value>, &'p [&'p str], usize) {
    match path.split_first() {
        Some((index, rest)) if is_index(index) => {
            let entry = index.parse::<usize>().ok().and_then(|index| value?.get(index));
            (entry, rest, 1)
        }
        _ => (value, path, 0),
    }
}

fn deeper((lookup, by, depth): Found, by_segments: usize) -> Found {
    (lookup, by, depth + by_segments)
}

impl OptionsRequest {
    /// Asks the server.
    pub(super) async fn ask(
        self,
        source: &dyn NodeTypes,
        at: &Tenancy,
        question: &OptionsQuestion,
        credential: Option<&KnownCredential>,
    ) -> Result<Vec<FieldOption>> {
        let mut body = Map::from_iter([
            ("nodeTypeAndVersion".to_owned(), self.node.clone()),
            ("path".to_owned(), self.path.clone().into()),
            (self.by.0.to_owned(), self.by.1.clone()),
            ("currentNodeParameters".to_owned(), self.parameters.clone().into()),
        ]);
        if let Some(KnownCredential { kind, external, name, .. }) = credential {
            body.insert("credentials".to_owned(), json!({ kind: { "id": external.as_str(), "name": name } }));
        }
        if let Some(project) = source.project(at).await? {
            body.insert("projectId".to_owned(), project.into());
        }
        if let Some(search) = question.search.as_ref().filter(|_| self.lookup == Lookup::Locator) {
            body.insert("filter".to_owned(), search.as_str().into());
        }
        let mut options: Vec<FieldOption> = Vec::new();
        for _ in 0..MAX_PAGES {
            let reply = source.look_up(at, self.lookup, &Value::Object(body.clone())).await?;
            let (found, next) = self.read(&reply, credential.is_some())?;
            for option in found {
                if !options.iter().any(|known| known.value == option.value) {
                    options.push(option);
                }
            }
            match next {
                Some(next) if options.len() < MAX_OPTIONS => body.insert("paginationToken".to_owned(), next),
                _ => break,
            };
        }
        options.truncate(MAX_OPTIONS);
        Ok(options)
    }

    /// The options of an answer and where the next begins. What the server says about a failure is for developers of
    /// nodes; people get what they can do.
    fn read(&self, reply: &Reply, has_credential: bool) -> Result<(Vec<FieldOption>, Option<Value>)> {
        match reply.status {
            200 => {}
            400 => return Err(Error::unsupported("looking up the options of this field")),
            _ if self.takes_credentials && !has_credential => {
                return Err(Error::invalid("connection", "choose a credential first; the service names the options"));
            }
            _ => {
                let message = "does not give access to the options; check the credential and the fields above, or enter \
                               the id by hand";
                return Err(Error::invalid(if has_credential { "connection" } else { "settings" }, message));
            }
        }
        let unreadable = |cause| Error::unavailable("look up options").because(cause);
        let answer: Value = serde_json::from_slice(&reply.body).map_err(unreadable)?;
        let data = &answer["data"];
        let (entries, value): (Vec<&Value>, &str) = match self.lookup {
            Lookup::Options => (data.as_array().into_iter().flatten().collect(), "value"),
            Lookup::Locator => (items(data, "results").collect(), "value"),
            Lookup::Mapper | Lookup::LocalMapper => (items(data, "fields").collect(), "id"),
        };
        let options = entries.into_iter().filter_map(|entry| {
            let value = entry.get(value).filter(|value| !value.is_null())?;
            Some(FieldOption { value: value.clone(), label: kind::label(entry, value) })
        });
        let next = data.get("paginationToken").filter(|token| !token.is_null() && token.as_str() != Some(""));
        Ok((options.collect(), next.cloned()))
    }
}

/// Answers of the last moments, so that a form that is drawn anew does not ask anew. Of one workspace each.
#[derive(Debug)]
pub(super) struct OptionsCache(Cache<String, Arc<[FieldOption]>>);

impl OptionsCache {
    const KEPT: Duration = Duration::from_secs(30);
    const MAX_BYTES: u64 = 16 << 20;

    pub(super) fn new() -> Self {
        let weigh = |key: &String, options: &Arc<[FieldOption]>| {
            let texts = options.iter().map(|option| option.label.len() + 64).sum::<usize>();
            u32::try_from(key.len() + texts).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().weigher(weigh).max_capacity(Self::MAX_BYTES).time_to_live(Self::KEPT).build())
    }

    /// Everything that an answer depends on.
    pub(super) fn key(
        (instance, version): &(Arc<str>, Arc<str>),
        at: &Tenancy,
        question: &OptionsQuestion,
        credential: Option<&KnownCredential>,
    ) -> String {
        let credential = credential.map(|credential| credential.external.as_str());
        json!([at.workspace, **instance, **version, credential, question]).to_string()
    }

    pub(super) fn get(&self, key: &str) -> Option<Vec<FieldOption>> {
        self.0.get(key).map(|options| options.to_vec())
    }

    pub(super) fn insert(&self, key: String, options: &[FieldOption]) {
        self.0.insert(key, options.into());
    }
}
