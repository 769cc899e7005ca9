//! Reads n8n's descriptions of nodes, credentials and their properties.
//!
//! Node types come from hundreds of packages and from versions not written yet. So nothing here fails: what is missing or
//! of another type than expected counts as not said.

use serde_json::Value;

/// A description of some versions of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a>(pub(super) &'a Value);

impl<'a> Node<'a> {
    pub(super) fn name(self) -> &'a str {
        text(self.0, "name")
    }

    pub(super) fn title(self) -> String {
        title(self.0, self.name())
    }

    pub(super) fn help(self) -> String {
        let help = plain(text(self.0, "description"));
        if help.is_empty() { self.title() } else { help }
    }

    /// The versions it describes; 1 when it does not say.
    pub(super) fn versions(self) -> Vec<f64> {
        let versions: Vec<f64> = match &self.0["version"] {
            Value::Array(versions) => versions.iter().filter_map(Value::as_f64).collect(),
            version => version.as_f64().into_iter().collect(),
        };
        if versions.is_empty() { vec![1.0] } else { versions }
    }

    /// The version that a new node gets.
    pub(super) fn default_version(self) -> Option<f64> {
        self.0["defaultVersion"].as_f64()
    }

    pub(super) fn is_trigger(self) -> bool {
        items(self.0, "group").any(|group| group.as_str() == Some("trigger"))
    }

    /// Kept for old workflows, not for new ones.
    pub(super) fn is_hidden(self) -> bool {
        self.0["hidden"].as_bool() == Some(true)
    }

    /// Whether it is the form of a node that an agent uses as a tool.
    pub(super) fn is_tool(self) -> bool {
        self.name().ends_with("Tool")
    }

    pub(super) fn logo(self) -> Option<String> {
        let logo = [&self.0["iconUrl"], &self.0["icon"]].into_iter().find_map(|icon| {
            icon.as_str().or_else(|| icon["light"].as_str()) // One for bright and one for dark backgrounds.
        });
        logo.filter(|logo| !logo.is_empty()).map(str::to_owned)
    }

    pub(super) fn categories(self) -> Vec<String> {
        let categories =
            items(&self.0["codex"], "categories").filter_map(Value::as_str).map(|text| text.trim().to_owned());
        let mut categories: Vec<String> = categories.filter(|category| !category.is_empty()).collect();
        categories.dedup();
        categories
    }

    /// Whether it only rearranges what flows through it.
    pub(super) fn only_computes(self) -> bool {
        let kinds = &self.0["codex"]["subcategories"];
        self.credentials().is_empty()
            && items(kinds, "Core Nodes").any(|kind| kind.as_str() == Some("Data Transformation"))
    }

    /// The types of credentials that it takes.
    pub(super) fn credentials(self) -> Vec<String> {
        let mut names: Vec<String> = items(self.0, "credentials")
            .map(|each| text(each, "name").to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn inputs(self) -> &'a Value {
        &self.0["inputs"]
    }

    pub(super) fn outputs(self) -> &'a Value {
        &self.0["outputs"]
    }

    pub(super) fn properties(self) -> Vec<Property<'a>> {
        properties(self.0, "properties")
    }
}

/// One thing that can be configured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Property<'a>(pub(super) &'a Value);

impl<'a> Property<'a> {
    pub(super) fn name(self) -> &'a str {
        text(self.0, "name")
    }

    pub(super) fn title(self) -> String {
        title(self.0, self.name())
    }

    /// How to fill it in: what is said below it, else an example.
    pub(super) fn help(self) -> Option<String> {
        let parts = [plain(text(self.0, "description")), plain(text(self.0, "hint"))];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    pub(super) fn kind(self) -> &'a str {
        text(self.0, "type")
    }

    pub(super) fn is_required(self) -> bool {
        self.0["required"].as_bool() == Some(true)
    }

    /// Whether a value that begins with `=` is computed.
    pub(super) fn takes_expressions(self) -> bool {
        let never = |flag: &Value| flag.as_bool() == Some(true);
        !never(&self.0["noDataExpression"])
            && !never(self.option("noDataExpression"))
            && !never(self.option("noExpression"))
    }

    pub(super) fn default(self) -> Option<&'a Value> {
        self.0.get("default").filter(|value| !value.is_null())
    }

    /// One of its `typeOptions`; null when it is not given.
    pub(super) fn option(self, name: &str) -> &'a Value {
        &self.0["typeOptions"][name]
    }

    pub(super) fn is_multiple(self) -> bool {
        self.option("multipleValues").as_bool() == Some(true)
    }

    pub(super) fn display_options(self) -> &'a Value {
        &self.0["displayOptions"]
    }

    /// The choices of an `options` or `multiOptions`, the groups of a `fixedCollection`.
    pub(super) fn options(self) -> impl Iterator<Item = &'a Value> {
        items(self.0, "options")
    }

    /// The properties of a `collection`.
    pub(super) fn children(self) -> Vec<Property<'a>> {
        properties(self.0, "options")
    }

    /// The ways of a `resourceLocator`.
    pub(super) fn modes(self) -> impl Iterator<Item = Property<'a>> {
        items(self.0, "modes").map(Property)
    }

    /// Whether a server looks up what there is to choose.
    pub(super) fn is_looked_up(self) -> bool {
        self.option("loadOptionsMethod").is_string() || self.option("loadOptions").is_object()
    }
}

/// The properties of this name in a description; what has no name of its own is none.
pub(super) fn properties<'a>(of: &'a Value, name: &str) -> Vec<Property<'a>> {
    let usable = |property: &Property<'_>| !property.name().is_empty() && !property.name().contains('.');
    items(of, name).map(Property).filter(usable).collect()
}

pub(super) fn items<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    of[name].as_array().into_iter().flatten()
}

pub(super) fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

fn title(of: &Value, otherwise: &str) -> String {
    let title = plain(text(of, "displayName"));
    if title.is_empty() { otherwise.to_owned() } else { title }
}

/// The text of a piece of HTML: descriptions hold links and emphasis, and forms show text only.
pub(super) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let is_tag = rest[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '/');
        if let Some(end) = rest[at..].find('>').filter(|_| is_tag) {
            rest = &rest[at + end + 1..];
        } else {
            text.push('<');
            rest = &rest[at + 1..];
        }
    }
    text.push_str(rest);
    for (code, character) in
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        if text.contains(code) {
            text = text.replace(code, character);
        }
    }
    text.trim().to_owned()
}
