//! Providers, a server that answers as it is told to, and what is asked of it.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use pmos_connectors::{
    models::{Models, ModelsConfig},
    outbound::Outbound,
};
use pmos_core::{
    model::{
        ChatModel, FaultKind, ModelAnswer, ModelEndpoint, ModelEvent, ModelFault, Prompt, PromptMessage, ProviderKind,
        ToolSpec,
    },
    vault::Secret,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The key of the workspace in all of these tests.
pub(crate) const KEY: &str = "sk-test-0123456789";

/// What the provider of a kind sends in a case.
pub(crate) fn fixture(kind: ProviderKind, name: &str) -> String {
    let folder = match kind {
        ProviderKind::Openai | ProviderKind::OpenaiCompatible => "chat",
        ProviderKind::OpenaiResponses => "responses",
        ProviderKind::Anthropic => "anthropic",
        ProviderKind::Gemini => "gemini",
        ProviderKind::Ollama => "ollama",
    };
    let path = format!("{}/tests/models/fixtures/{folder}/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// How a server answers.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
    pieces: usize,
    stays: bool,
}

impl Script {
    /// With a body that is an answer.
    pub(crate) fn answer(body: impl Into<Vec<u8>>) -> Self {
        Self { status: "200 OK", headers: String::new(), body: body.into(), pieces: usize::MAX, stays: false }
    }

    /// With a refusal.
    pub(crate) fn refusal(status: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, ..Self::answer(body) }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers = format!("{}{name}: {value}\r\n", self.headers);
        self
    }

    /// Sends this many bytes at a time.
    pub(crate) fn in_pieces(mut self, pieces: usize) -> Self {
        self.pieces = pieces;
        self
    }

    /// Keeps the connection open after the body.
    pub(crate) fn and_stays(mut self) -> Self {
        self.stays = true;
        self
    }
}

/// What a server was asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: Value,
}

/// A server that answers one request.
pub(crate) struct Server {
    pub(crate) port: u16,
    asked: JoinHandle<Asked>,
}

impl Server {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let asked = read_request(&mut stream).await;
            let head = format!("HTTP/1.1 {}\r\n{}connection: close\r\n\r\n", script.status, script.headers);
            stream.write_all(head.as_bytes()).await.unwrap();
            for piece in script.body.chunks(script.pieces) {
                // The caller may have heard enough.
                if stream.write_all(piece).await.is_err() {
                    break;
                }
            }
            if script.stays {
                // Ends when the caller has gone.
                let _ = stream.read_to_end(&mut Vec::new()).await;
            }
            asked
        });
        Self { port, asked }
    }

    /// What was asked, once the connection has ended.
    pub(crate) async fn asked(self) -> Asked {
        tokio::time::timeout(Duration::from_secs(5), self.asked).await.expect("the connection stays open").unwrap()
    }

    /// A provider of this kind at this server.
    pub(crate) fn endpoint(&self, kind: ProviderKind) -> ModelEndpoint {
        let key = (kind != ProviderKind::Ollama).then(|| Secret::new(KEY));
        ModelEndpoint { kind, base_url: Some(format!("http://127.0.0.1:{}/v1/", self.port)), key }
    }

    /// Models that may be reached at this server.
    pub(crate) fn models(&self, config: ModelsConfig) -> Models {
        let allowed = format!("127.0.0.1:{}", self.port).parse().unwrap();
        Models::new(config, Arc::new(Outbound::builder().allow(allowed).build().unwrap()))
    }
}

async fn read_request(stream: &mut TcpStream) -> Asked {
    let mut read = Vec::new();
    let head_end = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "the caller went away within the head");
    };
    let head = String::from_utf8(read[..head_end].to_vec()).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    while read.len() < head_end + length {
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "the caller went away within the body");
    }
    Asked { head, body: serde_json::from_slice(&read[head_end..]).unwrap_or_default() }
}

/// What a conversation asks.
pub(crate) fn question() -> Prompt {
    Prompt {
        instructions: "Be brief.".to_owned(),
        messages: vec![PromptMessage::User("Hello".to_owned())],
        tools: vec![ToolSpec {
            name: "weather".to_owned(),
            description: "Tells the weather.".to_owned(),
            schema: json!({"type": "object", "properties": {"city": {"type": "string"}}}),
        }],
        max_output_tokens: 500,
    }
}

/// A whole answer.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) text: String,
    pub(crate) thought: String,
    pub(crate) end: Option<ModelAnswer>,
}

impl Heard {
    pub(crate) fn end(self) -> ModelAnswer {
        self.end.unwrap()
    }
}

/// Asks and listens to the end. After the end or a fault there is nothing more.
pub(crate) async fn ask(script: Script, kind: ProviderKind, config: ModelsConfig) -> Result<Heard, ModelFault> {
    let server = Server::start(script).await;
    let models = server.models(config);
    let mut stream = models.stream(&server.endpoint(kind), "m-1", question()).await?;
    let mut heard = Heard::default();
    while let Some(event) = stream.next().await {
        assert!(heard.end.is_none(), "something came after the end");
        match event {
            Ok(ModelEvent::Text(piece)) => heard.text.push_str(&piece),
            Ok(ModelEvent::Reasoning(piece)) => heard.thought.push_str(&piece),
            Ok(ModelEvent::Finished(answer)) => heard.end = Some(answer),
            Ok(other) => panic!("{other:?}"),
            Err(fault) => {
                assert!(stream.next().await.is_none(), "something came after a fault");
                return Err(fault);
            }
        }
    }
    assert!(heard.end.is_some(), "an answer without an end");
    Ok(heard)
}

pub(crate) async fn answer(script: Script, kind: ProviderKind) -> Heard {
    ask(script, kind, ModelsConfig::default()).await.unwrap_or_else(|fault| panic!("{fault:?}"))
}

/// Asks and gets a fault of this kind, which tells nothing that is not for everybody's eyes.
pub(crate) async fn fault(script: Script, kind: ProviderKind, expected: FaultKind) -> ModelFault {
    let fault = ask(script, kind, ModelsConfig::default()).await.expect_err("there was an answer");
    assert_eq!(fault.kind, expected, "{fault:?}");
    assert!(!fault.message.contains("127.0.0.1") && !fault.message.contains(KEY), "{fault}");
    assert!(!fault.detail.contains(KEY), "{}", fault.detail);
    fault
}
