//! Turns properties into the fields of one form.
//!
//! A name may be given to several properties of which one is shown at a time. Those that are equal but for when they are
//! shown become one field. Of the others the first that is shown is the one: each later field is shown only when the
//! earlier ones of its name are not.

use pmos_core::flow::{Field, FieldKind, Rule};

use super::{
    descriptor::Property,
    kind,
    rule::{Known, Level, Names, Reader, Truth, exclude_each_other},
};

/// A form, or a part of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    pub(super) known: Known<'a>,
    /// The parameters of the node, when this is a part of its form.
    pub(super) root: Option<&'a Names<'a>>,
}

/// A field on its way, with when it is shown.
struct Draft {
    field: Field,
    shown: Truth,
    /// The same, as if nothing were computed.
    strict: Truth,
}

impl Form<'_> {
    /// The fields for these properties, in their order.
    pub(super) fn fields(&self, properties: Vec<Property<'_>>) -> Vec<Field> {
        let mut kept = properties;
        if self.root.is_none() {
            kept.retain(|property| self.known.choice(property.name()).is_none());
        }
        // What is never shown has no value, and may decide about others.
        let (names, shown) = loop {
            let names = Names::of(&kept);
            let shown: Vec<(Truth, Truth)> = kept.iter().map(|property| self.shown(*property, &names)).collect();
            let before = kept.len();
            let mut truths = shown.iter();
            kept.retain(|_| truths.next().is_some_and(|(shown, _)| *shown != Truth::No));
            if kept.len() == before {
                break (names, shown);
            }
        };
        let inner = Form { known: self.known, root: Some(self.root.unwrap_or(&names)) };
        let level = Level { siblings: &names, root: self.root };
        let drafts = kept.into_iter().zip(shown).map(|(property, (shown, strict))| {
            let never = kind::is_never_shown(property);
            let shown = if never { Truth::No } else { shown };
            Draft { field: inner.field(property, level), strict: if never { Truth::No } else { strict }, shown }
        });
        one_of_each_name(drafts)
    }

    fn shown(&self, property: Property<'_>, names: &Names<'_>) -> (Truth, Truth) {
        let level = Level { siblings: names, root: self.root };
        let read = |expressions| Reader { known: self.known, level, expressions }.shown(property.display_options());
        (read(true), read(false))
    }

    /// Called on the form inside the field.
    fn field(&self, property: Property<'_>, level: Level<'_>) -> Field {
        let kind = kind::of(self, property, level);
        let required = property.is_required() && !kind::is_never_shown(property);
        Field {
            name: property.name().to_owned(),
            title: property.title(),
            help: property.help(),
            required,
            default: kind::default(property, &kind),
            visible_when: None,
            expressions: property.takes_expressions() && kind != FieldKind::Hint,
            kind,
        }
    }
}

fn one_of_each_name(drafts: impl Iterator<Item = Draft>) -> Vec<Field> {
    let mut merged: Vec<Draft> = Vec::new();
    for draft in drafts {
        match merged.iter_mut().find(|earlier| earlier.field == draft.field) {
            Some(earlier) => {
                earlier.shown = std::mem::replace(&mut earlier.shown, Truth::No).or(draft.shown);
                earlier.strict = std::mem::replace(&mut earlier.strict, Truth::No).or(draft.strict);
            }
            None => merged.push(draft),
        }
    }
    let mut fields: Vec<Field> = Vec::with_capacity(merged.len());
    for at in 0..merged.len() {
        let draft = &merged[at];
        let mut shown = draft.shown.clone();
        let mut is_later = false;
        for earlier in merged[..at].iter().filter(|earlier| earlier.field.name == draft.field.name) {
            if !is_later {
                // While something is computed, the first of a name stands for all.
                shown = draft.strict.clone();
                is_later = true;
            }
            match (&earlier.strict, &draft.strict) {
                (Truth::When(one), Truth::When(other)) if exclude_each_other(one, other) => {}
                _ => shown = shown.and(earlier.shown.clone().not()),
            }
        }
        if shown == Truth::No && is_later {
            continue;
        }
        let visible_when: Option<Rule> = shown.into_rule();
        fields.push(Field { visible_when, ..draft.field.clone() });
    }
    fields
}
