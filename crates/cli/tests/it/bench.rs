//! A server of its own for a test: the real binary, a fresh database, a port, a temporary folder.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use jiehuan::config::{Config, Flags};
use jiehuan::wiring;
use lending::{Clock, Lending};
use serde_json::Value;

use crate::{portal, postgres, texts};

/// The engine under a bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

/// The password of every invented person.
pub(crate) const PASSWORD: &str = "password1";

/// What makes a bench refuse as production does; it knows no provider.
pub(crate) const PRODUCTION: [(&str, &str); 3] = [
    ("JIEHUAN_PROFILE", "production"),
    ("JIEHUAN_PASSWORD_MEMORY_KIB", "19456"),
    ("JIEHUAN_PASSWORD_PASSES", "2"),
];

/// How long a server may take to start or to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

static BENCHES: AtomicU32 = AtomicU32::new(0);

/// A running server and everything that belongs to it. Dropping it ends and removes all.
pub(crate) struct Bench {
    folder: PathBuf,
    database: Option<postgres::Database>,
    environment: Vec<(String, String)>,
    port: u16,
    server: Option<Child>,
    agent: ureq::Agent,
}

/// What came back from the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    /// The body as it came, compressed or not.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The `code` of the envelope.
    #[track_caller]
    pub(crate) fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap_or_else(|| panic!("no code: {}", self.text))
    }

    /// The `data` of a successful answer.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.code(), 0, "{}", self.text);
        self.json()["data"].clone()
    }
}

impl Bench {
    /// A server with an empty database and every bench switch on.
    pub(crate) fn start(store: Store) -> Self {
        Self::start_with(store, &[])
    }

    /// The same with more settings.
    pub(crate) fn start_with(store: Store, settings: &[(&str, &str)]) -> Self {
        let mut bench = Self::prepare(store, settings);
        bench.serve();
        bench
    }

    /// Everything but a running server, for commands that need none.
    pub(crate) fn prepare(store: Store, settings: &[(&str, &str)]) -> Self {
        let number = BENCHES.fetch_add(1, Ordering::Relaxed);
        let name = format!("jiehuan_it_{}_{number}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        private_folder(&folder);
        let keys = Path::new(env!("CARGO_TARGET_TMPDIR")).join("jiehuan-it-keys");
        private_folder(&keys);
        let database = (store == Store::Postgres).then(|| postgres::Database::create(&name));
        let mut environment = vec![
            ("JIEHUAN_DATA".to_owned(), folder.join("data").display().to_string()),
            ("JIEHUAN_KEYS".to_owned(), keys.display().to_string()),
            ("JIEHUAN_PROFILE".to_owned(), "bench".to_owned()),
            ("JIEHUAN_PASSWORD_MEMORY_KIB".to_owned(), "8192".to_owned()),
            ("JIEHUAN_PASSWORD_PASSES".to_owned(), "1".to_owned()),
            ("JIEHUAN_LOG_LEVEL".to_owned(), "warn".to_owned()),
            // Fewer ports and signatures; tests of what goes over HTTP say so.
            ("JIEHUAN_PROVIDERS_MODE".to_owned(), "in_process".to_owned()),
            ("JIEHUAN_PROVIDERS_SANDBOX_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ];
        if let Some(database) = &database {
            environment.push(("JIEHUAN_DATABASE".to_owned(), database.url()));
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            // Shorter than the server keeps an idle connection.
            .max_idle_age(Duration::from_secs(3))
            .proxy(None)
            .build()
            .new_agent();
        let mut bench = Self { folder, database, environment, port: 0, server: None, agent };
        bench.set(settings);
        bench
    }

    /// Starts the server and waits until it is ready.
    pub(crate) fn serve(&mut self) {
        // The port is free when asked for, but another test may be quicker: try again then.
        for _ in 0..5 {
            self.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let log = fs::File::options().create(true).append(true).open(self.log_path()).unwrap();
            let mut server = self
                .command(&["serve"])
                .env("JIEHUAN_LISTEN", format!("127.0.0.1:{}", self.port))
                .stdout(log.try_clone().unwrap())
                .stderr(log)
                .spawn()
                .expect("the binary starts");
            let since = Instant::now();
            while since.elapsed() < PATIENCE {
                // Ready, and not another test's server that was quicker to take the port.
                let ours = format!("127.0.0.1:{}/", self.port);
                if self.is_ready() && self.log().contains(&ours) {
                    self.server = Some(server);
                    return;
                }
                if server.try_wait().unwrap().is_some() {
                    break;
                }
                pause(20);
            }
            let ended = server.try_wait().unwrap();
            let _ = server.kill();
            let _ = server.wait();
            let log = self.log();
            assert!(
                ended.is_some() && (log.contains("in use") || log.contains("EADDRINUSE")),
                "the server did not get ready; exit {ended:?}, log:\n{log}"
            );
        }
        panic!("no free port in five tries");
    }

    /// Where the server is, without a path.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Whether `/readyz` says 200.
    pub(crate) fn is_ready(&self) -> bool {
        let url = format!("http://127.0.0.1:{}/readyz", self.port);
        self.agent.get(url).call().is_ok_and(|answer| answer.status() == 200)
    }

    /// Ends the server as an operator would, and starts it again.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.serve();
    }

    /// The same with other settings.
    pub(crate) fn restart_with(&mut self, settings: &[(&str, &str)]) {
        self.stop();
        self.set(settings);
        self.serve();
    }

    /// Settings that take the place of those of the same name.
    fn set(&mut self, settings: &[(&str, &str)]) {
        for (name, value) in settings {
            self.environment.retain(|(known, _)| known != name);
            self.environment.push(((*name).to_owned(), (*value).to_owned()));
        }
    }

    /// Ends the server as an operator would: SIGTERM, and a clean exit.
    pub(crate) fn stop(&mut self) {
        let mut server = self.server.take().expect("the server runs");
        let pid = server.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let since = Instant::now();
        let status = loop {
            if let Some(status) = server.try_wait().unwrap() {
                break status;
            }
            if since.elapsed() > PATIENCE {
                let _ = server.kill();
                let _ = server.wait();
                panic!("the server did not end after SIGTERM; log:\n{}", self.log());
            }
            pause(20);
        };
        assert!(status.success(), "SIGTERM ended the server with {status}:\n{}", self.log());
    }

    /// Takes the power away: SIGKILL.
    pub(crate) fn kill9(&mut self) {
        let mut server = self.server.take().expect("the server runs");
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// The process id of the server.
    pub(crate) fn pid(&self) -> u32 {
        self.server.as_ref().expect("the server runs").id()
    }

    /// Sends one request; the connection may be reused.
    #[track_caller]
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.try_request(method, path, headers, body)
            .unwrap_or_else(|e| panic!("{method} {path}: {e}\n{}", self.log()))
    }

    /// Sends one request to a server that may be gone.
    pub(crate) fn try_request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = if body.is_empty() && matches!(method, "GET" | "DELETE" | "HEAD") {
            self.agent.run(request.body(())?)?
        } else {
            self.agent.run(request.body(body)?)?
        };
        let headers = response.headers().iter();
        let headers = headers
            .map(|(k, v)| (k.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect();
        let bytes = response.body_mut().read_to_vec()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let answer = Answer { status: response.status().as_u16(), headers, text, bytes };
        texts::hear(method, path, &answer);
        portal::record(method, path, body, &answer);
        Ok(answer)
    }

    /// A call with the media type `lemonban.v2` and, where given, a token.
    #[track_caller]
    pub(crate) fn call(&self, method: &str, path: &str, token: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("x-lemonban-media-type", "lemonban.v2")];
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        if !token.is_empty() {
            headers.push(("authorization", &bearer));
        }
        self.request(method, path, &headers, body.as_bytes())
    }

    /// Writes bytes to the socket, whatever they are, and reads until the server closes.
    ///
    /// A server that waits for more than was written is told after two seconds that this was all.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Answer {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let mut writer = socket.try_clone().unwrap();
        let mut received = Vec::new();
        std::thread::scope(|scope| {
            // The server may answer and close before it has read everything.
            let writing = scope.spawn(move || drop(writer.write_all(bytes)));
            let (since, mut told, mut part) = (Instant::now(), false, [0; 8192]);
            while since.elapsed() < PATIENCE {
                match socket.read(&mut part) {
                    Ok(0) => break,
                    Ok(length) => received.extend_from_slice(&part[..length]),
                    Err(e) if !matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                        break;
                    }
                    Err(_) if writing.is_finished() && !told => {
                        let _ = socket.shutdown(Shutdown::Write);
                        told = true;
                    }
                    Err(_) => {}
                }
            }
            let _ = socket.shutdown(Shutdown::Both); // frees a writer that nobody listens to
        });
        let text = String::from_utf8_lossy(&received).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        Answer {
            status: status.and_then(|word| word.parse().ok()).unwrap_or(0),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            text: body.to_owned(),
            bytes: body.as_bytes().to_vec(),
        }
    }

    /// Logs a member in and gives the token.
    #[track_caller]
    pub(crate) fn login(&self, mobile: &str, password: &str) -> String {
        let body = format!(r#"{{"mobile_phone":"{mobile}","pwd":"{password}"}}"#);
        let data = self.call("POST", "/futureloan/member/login", "", &body).data();
        data["token_info"]["token"].as_str().unwrap().to_owned()
    }

    /// The wallet of a member in fen.
    #[track_caller]
    pub(crate) fn balance(&self, token: &str, member: u32) -> i64 {
        let path = format!("/futureloan/member/{member}/info");
        fen(&self.call("GET", &path, token, "").data()["leave_amount"])
    }

    /// The core over the bench's own database, beside the running server: for what no door shows.
    #[track_caller]
    pub(crate) fn core(&self) -> Lending {
        self.core_with(Clock::real())
    }

    /// The same on a day that the server does not live in.
    #[track_caller]
    pub(crate) fn core_with(&self, clock: Clock) -> Lending {
        let environment = self.environment.iter().cloned();
        let loaded = Config::load(&Flags::default(), environment).expect("the settings are right");
        let opened = wiring::open_at(&loaded.config, wiring::Use::Command, clock);
        opened.expect("the core opens").lending
    }

    /// Where one of the addresses is that the server has printed, by what stands behind it.
    #[track_caller]
    pub(crate) fn printed_address(&self, what: &str) -> String {
        // They are printed when the doors are open, and then calls may come at once.
        let found = (0..100).find_map(|_| {
            let log = self.log();
            let mut addresses = log.lines().map(str::trim);
            let own = addresses.find_map(|line| line.strip_suffix(&format!("  {what}")));
            own.map(ToOwned::to_owned).or_else(|| {
                pause(50);
                None
            })
        });
        found.unwrap_or_else(|| panic!("no address of {what}:\n{}", self.log()))
    }

    /// Runs a command of the binary in the bench's environment.
    pub(crate) fn cli(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// The same with a text on standard input.
    pub(crate) fn cli_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().expect("the binary runs");
        // A command that does not read its input may end before it has all of it.
        let _ = running.stdin.take().unwrap().write_all(input.as_bytes());
        running.wait_with_output().unwrap()
    }

    /// Runs a command that must succeed and gives what it printed.
    #[track_caller]
    pub(crate) fn cli_ok(&self, arguments: &[&str]) -> String {
        let output = self.cli(arguments);
        assert!(output.status.success(), "jiehuan {}: {}", arguments.join(" "), both(&output));
        String::from_utf8(output.stdout).expect("commands print UTF-8")
    }

    /// Loads a fixture.
    #[track_caller]
    pub(crate) fn load(&self, fixture: &str) {
        let path = self.folder.join("fixture.json");
        fs::write(&path, fixture).unwrap();
        self.cli_ok(&["fixture", "load", path.to_str().unwrap()]);
    }

    /// Asserts that the books are right.
    #[track_caller]
    pub(crate) fn verify(&self) {
        let printed = self.cli_ok(&["verify"]);
        assert!(!printed.trim().is_empty(), "verify says what it checked");
    }

    /// Runs SQL with the engine's own client, as a reader beside the running server.
    #[track_caller]
    pub(crate) fn sql(&self, statement: &str) -> String {
        if let Some(database) = &self.database {
            return database.psql(statement);
        }
        let path = self.folder.join("data/jiehuan.db");
        let client = Command::new("sqlite3").arg("-readonly").arg(path).arg(statement).output();
        let output = client.expect("the sqlite3 client is installed: run ./test");
        assert!(output.status.success(), "{statement}: {}", both(&output));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// The bench's own folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Everything the server has printed.
    pub(crate) fn log(&self) -> String {
        fs::read(self.log_path())
            .map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jiehuan"));
        command.args(arguments).env_clear().stdin(Stdio::null()).current_dir(&self.folder);
        for name in ["PATH", "HOME", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
        let log = self.log();
        let _ = fs::remove_dir_all(&self.folder);
        if std::thread::panicking() {
            let last: Vec<_> = log.lines().rev().take(20).collect();
            let last: Vec<_> = last.into_iter().rev().collect();
            eprintln!("the end of the server's log:\n{}", last.join("\n"));
        } else {
            assert!(!log.contains("panicked"), "the server panicked:\n{log}");
        }
    }
}

/// An amount of the wire in fen, without a float of our own.
#[track_caller]
pub(crate) fn fen(amount: &Value) -> i64 {
    let text = amount.to_string();
    let (yuan, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    assert!(fraction.len() <= 2, "finer than a fen: {text}");
    format!("{yuan}{fraction:0<2}").parse().unwrap_or_else(|_| panic!("not an amount: {text}"))
}

/// Standard output and standard error of a command, for a message.
pub(crate) fn both(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}{}", output.status, String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// A short rest between two looks at a condition.
#[expect(clippy::disallowed_methods, reason = "only ever between two looks at a condition")]
pub(crate) fn pause(millis: u64) {
    std::thread::sleep(Duration::from_millis(millis));
}

fn private_folder(path: &Path) {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).unwrap();
}
