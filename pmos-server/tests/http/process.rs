//! The program as an operator runs it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use rstest::rstest;
use tempfile::TempDir;

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pmos-server"));
    command.env_clear().arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    program(data).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

struct Server {
    process: Child,
    address: String,
    out: BufReader<std::process::ChildStdout>,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut process = program(data).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect(&line).to_owned();
        Self { process, address, out }
    }

    fn exchange(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        text(&answer)
    }

    fn sign_up(&self) -> String {
        let body = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse battery staple"}"#;
        self.post("/api/v1/auth/sign-up", body)
    }

    fn post(&self, path: &str, body: &str) -> String {
        let length = body.len();
        self.exchange(&format!(
            "POST {path} HTTP/1.1\r\nhost: here\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    }

    fn stop(mut self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "more than one line on stdout");
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn it_serves_until_it_is_asked_to_stop_and_goes_on_where_it_was() {
    let data = folder();
    let server = Server::start(data.path());
    assert!(server.sign_up().starts_with("HTTP/1.1 201"));
    server.stop();
    let server = Server::start(data.path());
    assert!(server.sign_up().starts_with("HTTP/1.1 409"), "the account is gone");
    server.stop();
}

#[test]
fn headers_above_sixteen_kibibytes_are_refused() {
    let data = folder();
    let server = Server::start(data.path());
    let answer = server.exchange(&format!(
        "GET /healthz HTTP/1.1\r\nhost: here\r\nconnection: close\r\nx: {}\r\n\r\n",
        "x".repeat(20 * 1024)
    ));
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    server.stop();
}

#[test]
fn a_bad_setting_ends_it_with_two_and_names_the_fault() {
    let data = folder();
    for arguments in [
        &["--sign-up", "never"][..],
        &["--database-url", "mysql://db/x"],
        &["--listen", "8420"],
        &["--public-url", "x"],
    ] {
        let output = program(data.path()).args(arguments).args(["config", "check"]).output().unwrap();
        // clap itself refuses a flag that is given twice, which is a bad setting, too.
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let name = arguments[0].trim_start_matches("--").replace('-', "_");
        let fault = text(&output.stderr).replace('-', "_");
        assert!(fault.contains(&name), "{arguments:?}: {fault}");
    }
    let output = run(data.path(), &["--config", "/nowhere/pmos.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/nowhere/pmos.toml"));
}

#[test]
fn a_taken_address_and_a_lost_key_end_it_with_two() {
    let data = folder();
    let server = Server::start(data.path());
    assert!(server.sign_up().starts_with("HTTP/1.1 201"));
    let mut second = Command::new(env!("CARGO_BIN_EXE_pmos-server"));
    let output =
        second.env_clear().arg("--data").arg(folder().path()).args(["--listen", &server.address]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains(&server.address));
    server.stop();
    std::fs::remove_file(data.path().join("master.key")).unwrap();
    let output = run(data.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("master.key"), "{}", text(&output.stderr));
}

#[test]
fn the_settings_in_effect_are_shown_with_their_sources() {
    let data = folder();
    let output = program(data.path())
        .env("PMOS_METRICS_TOKEN", "a-token-of-an-operator")
        .args(["config", "check"])
        .output()
        .unwrap();
    let report = text(&output.stdout);
    assert!(output.status.success());
    assert!(report.contains("listen = \"127.0.0.1:0\"  # flag --listen"), "{report}");
    assert!(report.contains("metrics_token = \"***\"  # environment variable PMOS_METRICS_TOKEN"), "{report}");
}

#[test]
fn an_operator_recovers_an_account_and_keeps_a_copy() {
    let data = folder();
    let server = Server::start(data.path());
    assert!(server.sign_up().starts_with("HTTP/1.1 201"));
    server.stop();
    let link = run(data.path(), &["admin", "recover", "ada@example.com"]);
    assert!(text(&link.stdout).contains("/reset/"), "{}", text(&link.stderr));
    assert_eq!(run(data.path(), &["admin", "recover", "eve@example.com"]).status.code(), Some(1));
    assert!(run(data.path(), &["admin", "grant-super", "ada@example.com"]).status.success());

    let copy = data.path().join("copy.db");
    let copied = run(data.path(), &["backup", copy.to_str().unwrap()]);
    assert!(copied.status.success(), "{}", text(&copied.stderr));
    assert!(!run(data.path(), &["backup", copy.to_str().unwrap()]).status.success(), "it wrote over a copy");
    assert!(!run(data.path(), &["restore", copy.to_str().unwrap()]).status.success(), "it wrote over a store");
    let elsewhere = folder();
    let restored = run(elsewhere.path(), &["restore", copy.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    std::fs::copy(data.path().join("master.key"), elsewhere.path().join("master.key")).unwrap();
    let server = Server::start(elsewhere.path());
    assert!(server.sign_up().starts_with("HTTP/1.1 409"), "the account is not in the copy");
    server.stop();
}

#[test]
fn the_api_description_needs_no_store() {
    let data = folder();
    let output = run(data.path(), &["openapi"]);
    assert!(output.status.success());
    assert!(text(&output.stdout).starts_with('{'));
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn beyond_this_machine_the_first_account_needs_the_printed_code() {
    let data = folder();
    let mut command = Command::new(env!("CARGO_BIN_EXE_pmos-server"));
    command.env_clear().arg("--data").arg(data.path()).args(["--listen", "0.0.0.0:0"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let port = line.trim().rsplit(':').next().unwrap();
    let code = BufReader::new(process.stderr.take().unwrap())
        .lines()
        .find_map(|line| Some(line.unwrap().strip_prefix("setup code for the first account: ")?.to_owned()))
        .unwrap();
    let server = Server { process, address: format!("127.0.0.1:{port}"), out };
    assert!(server.sign_up().starts_with("HTTP/1.1 403"), "a stranger took the instance");
    let body = format!(
        r#"{{"name":"Ada","email":"ada@example.com","password":"correct horse battery staple","setup_code":"{code}"}}"#
    );
    assert!(server.post("/api/v1/auth/sign-up", &body).starts_with("HTTP/1.1 201"));
    server.stop();
}

#[rstest]
#[case::headers("", &"x-a: b\r\n".repeat(65), 431, "headers_too_large")]
#[case::many_headers("", &"x-a: b\r\n".repeat(200), 431, "headers_too_large")]
#[case::large_header("", &format!("x-a: {}\r\n", "b".repeat(30_000)), 431, "headers_too_large")]
#[case::large_query(&format!("?q={}", "b".repeat(60_000)), "", 414, "uri_too_long")]
fn a_head_without_end_is_refused_as_everything_is(
    #[case] query: &str,
    #[case] headers: &str,
    #[case] status: u16,
    #[case] code: &str,
) {
    let data = folder();
    let server = Server::start(data.path());
    let path = "/hooks/00000000000000000000000000000000";
    let answer =
        server.exchange(&format!("GET {path}{query} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n{headers}\r\n"));
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains("application/problem+json") && answer.contains(code), "{answer}");
    server.stop();
}
