//! Two hundred people want to be the first.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};
use tokio::task::JoinSet;

use crate::{
    person::{Person, client},
    program::Program,
};

const PEOPLE: usize = 200;

/// How many run the instance, by the books.
async fn super_admins(data: &Path) -> i64 {
    let mut base = SqliteConnection::connect(&format!("sqlite://{}", data.join("pmos.db").display())).await.unwrap();
    sqlx::query_scalar("select count(*) from accounts where super_admin").fetch_one(&mut base).await.unwrap()
}

fn crowd(url: &str, name: &str) -> JoinSet<reqwest::Result<Person>> {
    let mut crowd = JoinSet::new();
    let client = client();
    for n in 0..PEOPLE {
        let (client, url, name) = (client.clone(), url.to_owned(), format!("{name}{n}"));
        crowd.spawn(async move { Person::try_sign_up(&client, &url, &name).await });
    }
    crowd
}

#[tokio::test]
async fn of_two_hundred_first_sign_ups_exactly_one_runs_the_instance() {
    for round in 0..5 {
        let data = tempfile::tempdir().unwrap();
        let program = Program::start(data.path(), &[]);
        let people = crowd(&program.url, "Racer").join_all().await;
        let first = people.into_iter().filter(|person| person.as_ref().unwrap().super_admin).count();
        assert_eq!(first, 1, "round {round}");
        program.stop();
        assert_eq!(super_admins(data.path()).await, 1, "round {round}");
    }
}

#[tokio::test]
async fn a_kill_in_the_middle_of_it_makes_neither_none_nor_two() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &[]);
    let mut people = crowd(&program.url, "Racer");
    let mut first = 0;
    for _ in 0..5 {
        let person = people.join_next().await.unwrap().unwrap().unwrap();
        first += usize::from(person.super_admin);
    }
    program.kill();
    while let Some(person) = people.join_next().await {
        first += usize::from(person.unwrap().is_ok_and(|person| person.super_admin));
    }
    let program = Program::start(data.path(), &[]);
    for n in 0..5 {
        first += usize::from(Person::sign_up(&program.url, &format!("Late{n}")).await.super_admin);
    }
    program.stop();
    assert!(first <= 1, "{first} were told that they run the instance");
    assert_eq!(super_admins(data.path()).await, 1);
}
