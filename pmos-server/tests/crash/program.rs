//! The program as a process that can be killed.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex, Once},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A server that runs. It is killed when dropped.
pub(crate) struct Program {
    process: Child,
    /// `http://127.0.0.1:…`.
    pub(crate) url: String,
    /// How long it took from its start to be ready.
    pub(crate) took: Duration,
    said: Arc<Mutex<Vec<u8>>>,
    listener: Option<JoinHandle<()>>,
}

/// The program with these settings and nothing else from outside.
pub(crate) fn command(data: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pmos-server"));
    command.env_clear().arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
    command.envs(settings.iter().copied());
    command
}

/// Runs one command to its end.
pub(crate) fn run(data: &Path, arguments: &[&str]) -> Output {
    command(data, &[]).args(arguments).output().unwrap()
}

impl Program {
    pub(crate) fn start(data: &Path, settings: &[(&str, &str)]) -> Self {
        static TLS: Once = Once::new();
        TLS.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
        let begin = Instant::now();
        let mut process = command(data, settings).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (mut log, into) = (process.stderr.take().unwrap(), said.clone());
        let listener = std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(read @ 1..) = log.read(&mut buffer) {
                into.lock().unwrap().extend_from_slice(&buffer[..read]);
            }
        });
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim().strip_prefix("listening on ") else {
            panic!("it did not start: {line} {}", String::from_utf8_lossy(&said.lock().unwrap()))
        };
        Self { url: url.to_owned(), took: begin.elapsed(), process, said, listener: Some(listener) }
    }

    /// `kill -9`; returns all that it had logged.
    pub(crate) fn kill(mut self) -> Vec<u8> {
        self.end()
    }

    /// Asks it to stop, and waits; returns all that it had logged.
    pub(crate) fn stop(mut self) -> Vec<u8> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
        self.end()
    }

    fn end(&mut self) -> Vec<u8> {
        // One that has ended already cannot be killed.
        let _ = self.process.kill();
        self.process.wait().unwrap();
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
        std::mem::take(&mut *self.said.lock().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}
