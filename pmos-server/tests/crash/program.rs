//! The program as a process that can be killed.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
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
    run_with(data, &[], arguments)
}

/// The same with settings.
pub(crate) fn run_with(data: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    command(data, settings).args(arguments).output().unwrap()
}

/// A program that was started and is not ready yet.
pub(crate) struct Begun {
    begin: Instant,
    process: Child,
    out: BufReader<ChildStdout>,
    said: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
}

impl Begun {
    /// Waits until it has logged this.
    pub(crate) fn until(self, text: &str) -> Self {
        let begin = Instant::now();
        while !String::from_utf8_lossy(&self.said.lock().unwrap()).contains(text) {
            assert!(begin.elapsed() < Duration::from_secs(30), "it does not say: {text}");
            std::thread::yield_now();
        }
        self
    }

    /// Asks it to stop before it is ready; returns how it ended.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.process.wait().unwrap().code()
    }

    pub(crate) fn ready(mut self) -> Program {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        let Some(url) = line.trim().strip_prefix("listening on ") else {
            panic!("it did not start: {line} {}", String::from_utf8_lossy(&self.said.lock().unwrap()))
        };
        let Self { begin, process, said, listener, .. } = self;
        Program { url: url.to_owned(), took: begin.elapsed(), process, said, listener: Some(listener) }
    }
}

impl Program {
    pub(crate) fn start(data: &Path, settings: &[(&str, &str)]) -> Self {
        Self::begin(data, settings).ready()
    }

    pub(crate) fn begin(data: &Path, settings: &[(&str, &str)]) -> Begun {
        static TLS: Once = Once::new();
        TLS.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
        Self::spawn(command(data, settings))
    }

    /// One that can make no file larger than so many blocks of 1,024 bytes.
    pub(crate) fn start_limited(data: &Path, blocks: u32) -> Self {
        let mut command = Command::new("bash");
        // The signal would end it; without it, writing fails.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        command.env_clear().args(["-c", &script, "bash", env!("CARGO_BIN_EXE_pmos-server"), "--data"]);
        command.arg(data).args(["--listen", "127.0.0.1:0"]);
        Self::spawn(command).ready()
    }

    fn spawn(mut command: Command) -> Begun {
        let begin = Instant::now();
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (mut log, into) = (process.stderr.take().unwrap(), said.clone());
        let listener = std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(read @ 1..) = log.read(&mut buffer) {
                into.lock().unwrap().extend_from_slice(&buffer[..read]);
            }
        });
        let out = BufReader::new(process.stdout.take().unwrap());
        Begun { begin, process, out, said, listener }
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

    /// Waits until it ends by itself; its code, and all that it had logged.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let code = self.process.wait().unwrap().code();
        (code, String::from_utf8_lossy(&self.end()).into_owned())
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
