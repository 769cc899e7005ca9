//! SQLite and PostgreSQL side by side: webhook → set → respond on the real server, by every way to the database.

use std::{net::SocketAddr, time::Duration};

use pmos::storage::testkit::TestDatabase;
use sqlx::{Connection, Executor, PgConnection};
use url::Url;

use crate::{
    SPAN,
    client::{Load, load},
    distance::at_a_distance,
    server::{Account, Server},
};

const CLIENTS: [usize; 4] = [10, 20, 32, 64];

/// How far away a database in the next data centre is.
const DISTANCE: Duration = Duration::from_millis(5);

/// A server on a database that nothing else uses.
struct Side {
    name: &'static str,
    server: Server,
    account: Account,
    order: String,
    database: Option<TestDatabase>,
}

impl Side {
    async fn start(name: &'static str, database: Option<TestDatabase>, way: impl FnOnce(&mut Url)) -> Self {
        let url = database.as_ref().map(|database| {
            let mut url = database.url().parse().unwrap();
            way(&mut url);
            url.to_string()
        });
        let server = Server::start(url.as_deref());
        let account = Account::sign_up(server.address, "ada").await;
        let order = account.order().await;
        Self { name, server, account, order, database }
    }

    async fn postgres(name: &'static str, way: impl FnOnce(&mut Url)) -> Self {
        Self::start(name, Some(TestDatabase::create().await.unwrap()), way).await
    }

    async fn runs(&self, clients: usize) -> Load {
        load(self.server.address, clients, SPAN, std::slice::from_ref(&self.order)).await
    }

    /// Acts in one workspace, each client on an automation of its own.
    async fn acts(&self, clients: usize) -> Load {
        let mut requests = Vec::new();
        for _ in 0..clients {
            requests.push(self.account.rename().await);
        }
        load(self.server.address, clients, SPAN, &requests).await
    }
}

fn option(name: &'static str, value: &str) -> impl FnOnce(&mut Url) {
    move |url| {
        url.query_pairs_mut().append_pair(name, value);
    }
}

pub(crate) async fn measure() {
    let Some(database) = TestDatabase::create().await else { return };
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let tls: String = sqlx::query_scalar("show ssl").fetch_one(&mut connection).await.unwrap();
    let folders: String = sqlx::query_scalar("show unix_socket_directories").fetch_one(&mut connection).await.unwrap();
    let folder = folders.split(", ").next().unwrap().to_owned();

    let mut sides = vec![
        Side::start("SQLite", None, |_| {}).await,
        Side::postgres("PostgreSQL", |_| {}).await,
        Side::postgres("its Unix socket", option("host", &folder)).await,
    ];
    if tls == "on" {
        sides.push(Side::postgres("with TLS", option("sslmode", "require")).await);
    }
    side_by_side(&sides).await;
    acts(&sides[..2]).await;
    drop(sides);
    fresh().await;
    far(database.url().parse().unwrap(), tls == "on").await;
}

async fn side_by_side(sides: &[Side]) {
    println!("runs per second (p50, p99), and how many of SQLite's");
    print!("clients");
    for side in sides {
        print!("  {:>26}", side.name);
    }
    println!();
    for clients in CLIENTS {
        print!("{clients:7}");
        let mut first = None;
        for side in sides {
            let run = side.runs(clients).await;
            let ratio = run.per_second / *first.get_or_insert(run.per_second);
            print!("  {:6.0} ({}) {ratio:4.2}", run.per_second, delays(&run));
        }
        println!();
    }
}

fn delays(run: &Load) -> String {
    format!("{:4.1}, {:5.1}", run.p50.as_secs_f64() * 1e3, run.p99.as_secs_f64() * 1e3)
}

async fn acts(sides: &[Side]) {
    for side in sides {
        let run = side.acts(32).await;
        println!("acts in one workspace, {}: {:.0}/s ({})", side.name, run.per_second, delays(&run));
    }
}

/// A database as every installation has it at first, without statistics, against the same one with them.
async fn fresh() {
    let side = Side::postgres("PostgreSQL", |_| {}).await;
    for _ in 0..3 {
        println!("fresh database, 16 clients: {:.0}/s", side.runs(16).await.per_second);
    }
    let url = side.database.as_ref().unwrap().url();
    PgConnection::connect(url).await.unwrap().execute("analyze").await.unwrap();
    println!("once it is analysed: {:.0}/s", side.runs(16).await.per_second);
}

async fn far(server: Url, tls: bool) {
    let (host, port) = (server.host_str().unwrap().to_owned(), server.port().unwrap_or(5432));
    let server: SocketAddr = tokio::net::lookup_host((host, port)).await.unwrap().next().unwrap();
    let address = at_a_distance(server, DISTANCE).await;
    for mode in ["disable", "require"] {
        if mode == "require" && !tls {
            continue;
        }
        let side = Side::postgres("PostgreSQL", |url| {
            url.set_ip_host(address.ip()).unwrap();
            url.set_port(Some(address.port())).unwrap();
            option("sslmode", mode)(url);
        })
        .await;
        let run = side.runs(32).await;
        println!("{DISTANCE:?} away, sslmode={mode}, 32 clients: {:.0}/s ({})", run.per_second, delays(&run));
    }
}
