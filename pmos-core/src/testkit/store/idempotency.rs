//! Remembered answers.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::Fixture;
use crate::{
    store::{AnswerKey, Closing, Remembered, RunBatch, Store, StoredAnswer},
    testkit::fixture::{answer_key, raw},
};

fn closing(answer: StoredAnswer) -> Closing {
    Closing { answer: Some(answer), ..Closing::default() }
}

fn done(answer: StoredAnswer) -> Option<Box<RawValue>> {
    match answer.answer {
        Remembered::Done(answer) => answer,
        Remembered::Parked(approval) => panic!("it waits for {approval}"),
    }
}

/// An answer is given again, text for text, to who asks with the same key.
pub async fn a_remembered_answer_is_given_again(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let key = AnswerKey { key: "Schlüssel 🦊".to_owned(), ..answer_key("") };
    let answer = Remembered::Done(Some(raw(r#"{ "b":1, "a":1.0 }"#)));
    let given = StoredAnswer { key: key.clone(), digest: [0xab; 32], answer, ..fx.answer("") };
    fx.write(&home).await.commit(closing(given.clone())).await.unwrap();
    let found = fx.look(&home, async |unit| unit.idempotency().get(&key).await.unwrap()).await.unwrap();
    assert_eq!(found.key, key);
    assert_eq!((found.digest, found.at), (given.digest, given.at));
    assert_eq!(done(found).unwrap().get(), done(given).unwrap().get());
}

/// That there was an answer is remembered even when the answer itself is not.
pub async fn an_answer_with_a_secret_is_remembered_without_it(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.write(&home)
        .await
        .commit(closing(StoredAnswer { answer: Remembered::Done(None), ..fx.answer("k") }))
        .await
        .unwrap();
    let found = fx.look(&home, async |unit| unit.idempotency().get(&answer_key("k")).await.unwrap()).await;
    assert!(done(found.unwrap()).is_none());
}

/// Another actor, action or key has nothing to do with it.
pub async fn answers_are_told_apart_by_actor_action_and_key(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let key = answer_key("k");
    fx.write(&home).await.commit(closing(fx.answer("k"))).await.unwrap();
    let others = [
        AnswerKey { actor: "usr_2".to_owned(), ..key.clone() },
        AnswerKey { action: "flows.delete", ..key.clone() },
        AnswerKey { key: "K".to_owned(), ..key.clone() },
        AnswerKey { key: String::new(), ..key },
    ];
    for other in others {
        assert!(fx.look(&home, async |unit| unit.idempotency().get(&other).await.unwrap()).await.is_none());
        fx.write(&home).await.commit(closing(StoredAnswer { key: other, ..fx.answer("k") })).await.unwrap();
    }
}

/// Two acts under the same key: the second is undone as a whole, even when they come at the same time.
pub async fn a_second_answer_under_the_same_key_undoes_its_act(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let act = |n: usize| {
        let fx = fx.clone();
        tokio::spawn(async move {
            let mut unit = fx.write(&home).await;
            unit.flows().insert(&fx.flow(&format!("Flow {n}"))).await?;
            unit.commit(closing(fx.answer("same"))).await
        })
    };
    let acts = futures::future::join_all((0..6).map(act)).await;
    assert_eq!(acts.into_iter().filter(|act| act.as_ref().unwrap().is_ok()).count(), 1);
    assert_eq!(fx.look(&home, async |unit| unit.flows().count().await.unwrap()).await, 1);
}

/// Old answers are forgotten, a few at a time; then their keys are free again.
pub async fn old_answers_are_forgotten(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    for key in ["a", "b", "c"] {
        fx.write(&home).await.commit(closing(fx.answer(key))).await.unwrap();
    }
    let cut = fx.tick();
    fx.write(&home).await.commit(closing(fx.answer("fresh"))).await.unwrap();
    let purge = async |limit| fx.change(&home, async |unit| unit.idempotency().purge(cut, limit).await.unwrap()).await;
    assert_eq!((purge(2).await, purge(2).await, purge(2).await), (2, 1, 0));
    let left = async |key| fx.look(&home, async |unit| unit.idempotency().get(&answer_key(key)).await.unwrap()).await;
    assert!(left("fresh").await.is_some());
    assert!(left("a").await.is_none());
    fx.write(&home).await.commit(closing(fx.answer("a"))).await.unwrap();
}

/// What belongs to no workspace remembers answers too, apart from those of any workspace.
pub async fn the_instance_remembers_answers_of_its_own(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    fx.system().await.commit(Vec::new(), Some(fx.answer("k"))).await.unwrap();
    assert!(fx.look_system(async |unit| unit.idempotency().get(&answer_key("k")).await.unwrap()).await.is_some());
    assert!(fx.look(&home, async |unit| unit.idempotency().get(&answer_key("k")).await.unwrap()).await.is_none());
    assert!(fx.system().await.commit(Vec::new(), Some(fx.answer("k"))).await.is_err());
    let cut = fx.tick();
    assert_eq!(fx.change_system(async |unit| unit.idempotency().purge(cut, 10).await.unwrap()).await, 1);
}

/// A run that begins for a named request: both are there, or neither.
pub async fn an_answer_is_remembered_with_the_begin_of_its_run(store: Arc<dyn Store>) {
    let fx = Fixture::new(store);
    let home = fx.found("ada").await;
    let flow = fx.add_flow(&home, "Orders").await;
    let begin = |key: &str| {
        let run = fx.run(&flow);
        (run.clone(), RunBatch { begin: Some(run.clone()), answers: vec![fx.answer(key)], ..fx.batch(&run, 0, 1) })
    };
    let (_, first) = begin("k");
    fx.append(&home, first).await;
    assert!(fx.look(&home, async |unit| unit.idempotency().get(&answer_key("k")).await.unwrap()).await.is_some());
    let (again, second) = begin("k");
    assert!(fx.store.journal().append(&home.scope, second).await.is_err());
    assert!(fx.look(&home, async |unit| unit.runs().get(again.summary.id).await.unwrap()).await.is_none());
}
