//! Providers of models.

use std::sync::Arc;

use super::{Fixture, Home};
use crate::{
    engine::EngineState,
    model::{Provider, ProviderKind},
    store::{Closing, Store},
    vault::Sealed,
};

fn provider(fx: &Fixture, name: &str) -> Provider {
    Provider {
        name: name.to_owned(),
        kind: ProviderKind::OpenaiCompatible,
        base_url: Some("https://models.example.com/v1/".to_owned()),
        key: Some(Sealed::from_bytes(vec![1, 2, 3])),
        default_model: Some("small".to_owned()),
        preferred: false,
        models: vec!["large".to_owned(), "org/small".to_owned()],
        state: EngineState::Ready,
        facts: fx.tenancy("models").facts,
        updated_at: fx.tick(),
    }
}

async fn put(fx: &Fixture, home: &Home, provider: &Provider) {
    let mut unit = fx.write(home).await;
    unit.models().put(provider).await.unwrap();
    unit.commit(Closing::default()).await.unwrap();
}

async fn list(fx: &Fixture, home: &Home) -> Vec<Provider> {
    fx.look(home, async |unit| unit.models().list().await.unwrap()).await
}

async fn preferred(fx: &Fixture, home: &Home) -> Vec<String> {
    list(fx, home).await.into_iter().filter(|provider| provider.preferred).map(|provider| provider.name).collect()
}

fn same(left: &Provider, right: &Provider) {
    assert_eq!(format!("{left:?}"), format!("{right:?}"));
    assert_eq!(left.key, right.key);
}

/// A provider comes back as it was put, and is written anew when it is put again.
pub async fn a_provider_of_models_is_kept_as_it_was_put(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let full = provider(&fx, "shop");
    let bare = Provider {
        kind: ProviderKind::Ollama,
        base_url: None,
        key: None,
        default_model: None,
        preferred: true,
        models: Vec::new(),
        state: EngineState::Unreachable,
        facts: Vec::new(),
        updated_at: fx.tick(),
        ..full.clone()
    };
    for provider in [&full, &bare, &full] {
        put(&fx, &home, provider).await;
        let kept = fx.look(&home, async |unit| unit.models().get("shop").await.unwrap()).await.unwrap();
        same(&kept, provider);
        assert_eq!(list(&fx, &home).await.len(), 1);
    }
    assert!(fx.look(&home, async |unit| unit.models().get("Shop").await.unwrap()).await.is_none());
}

/// Providers are listed by name and taken away once.
pub async fn providers_of_models_are_listed_by_name(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for name in ["shop", "a-2", "zed", "a_1"] {
        put(&fx, &home, &provider(&fx, name)).await;
    }
    let names = async || list(&fx, &home).await.into_iter().map(|provider| provider.name).collect::<Vec<_>>();
    assert_eq!(names().await, ["a-2", "a_1", "shop", "zed"]);
    let remove = async || fx.change(&home, async |unit| unit.models().remove("shop").await.unwrap()).await;
    assert!(remove().await);
    assert!(!remove().await);
    assert_eq!(names().await, ["a-2", "a_1", "zed"]);
}

/// One provider at most is preferred: the one that was put so last.
pub async fn one_provider_of_models_is_preferred(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    let wanted = |name| Provider { preferred: true, ..provider(&fx, name) };
    put(&fx, &other, &wanted("theirs")).await;
    put(&fx, &home, &wanted("one")).await;
    put(&fx, &home, &provider(&fx, "two")).await;
    assert_eq!(preferred(&fx, &home).await, ["one"]);
    put(&fx, &home, &wanted("two")).await;
    assert_eq!(preferred(&fx, &home).await, ["two"]);
    put(&fx, &home, &provider(&fx, "two")).await;
    assert_eq!(preferred(&fx, &home).await, [""; 0]);
    let race = ["a", "b", "c", "d", "e", "f"].map(|name| {
        let (fx, provider) = (fx.clone(), wanted(name));
        tokio::spawn(async move { put(&fx, &home, &provider).await })
    });
    for outcome in futures::future::join_all(race).await {
        outcome.unwrap();
    }
    assert_eq!(preferred(&fx, &home).await.len(), 1);
    assert_eq!(preferred(&fx, &other).await, ["theirs"]);
}

/// To another workspace a provider is not there, and may have the same name there.
pub async fn a_provider_of_models_belongs_to_one_workspace(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, elsewhere) = (fx.found("ada").await, fx.found("bob").await);
    let ours = provider(&fx, "shop");
    put(&fx, &home, &ours).await;
    assert!(list(&fx, &elsewhere).await.is_empty());
    assert!(fx.look(&elsewhere, async |unit| unit.models().get("shop").await.unwrap()).await.is_none());
    assert!(!fx.change(&elsewhere, async |unit| unit.models().remove("shop").await.unwrap()).await);
    put(&fx, &elsewhere, &Provider { key: None, ..provider(&fx, "shop") }).await;
    same(&list(&fx, &home).await[0], &ours);
}

/// A deleted workspace takes its providers along.
pub async fn a_deleted_workspace_takes_its_providers_of_models_along(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let (home, other) = (fx.found("ada").await, fx.found("bob").await);
    for at in [&home, &other] {
        put(&fx, at, &provider(&fx, "shop")).await;
    }
    assert!(fx.change(&home, async |unit| unit.workspace().delete().await.unwrap()).await);
    assert_eq!((list(&fx, &home).await.len(), list(&fx, &other).await.len()), (0, 1));
}
