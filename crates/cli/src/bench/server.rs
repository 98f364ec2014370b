//! Servers under measurement: processes of this same binary.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use kernel::Secret;

use crate::config::{Config, Database};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder that is removed at the end, unless it was given.
pub(super) struct Scratch {
    path: PathBuf,
    ours: bool,
}

impl Scratch {
    pub(super) fn new(given: Option<PathBuf>) -> anyhow::Result<Self> {
        let ours = given.is_none();
        let name = format!("jiehuan-bench-{}", std::process::id());
        let path = given.unwrap_or_else(|| std::env::temp_dir().join(name));
        std::fs::create_dir_all(&path)?;
        Ok(Self { path, ours })
    }

    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.ours {
            let _ = std::fs::remove_dir_all(&self.path); // a folder left behind hurts nobody
        }
    }
}

/// How a server is started.
#[derive(Clone)]
pub(super) struct Launch {
    /// Its data folder.
    pub(super) folder: PathBuf,
    /// Its database, if not SQLite in the folder.
    pub(super) postgres: Option<Secret>,
    /// `store.group`, if not the default.
    pub(super) group: Option<u32>,
}

impl Launch {
    pub(super) fn is_sqlite(&self) -> bool {
        self.postgres.is_none()
    }

    /// The configuration with which this process opens the same database.
    pub(super) fn config(&self, config: &Config) -> anyhow::Result<Config> {
        std::fs::create_dir_all(&self.folder)?;
        let mut config = config.clone();
        config.keys = self.folder.join("keys");
        if self.postgres.is_none() {
            config.database = Database::Sqlite(self.folder.join("jiehuan.db"));
        }
        config.data.clone_from(&self.folder);
        Ok(config)
    }
}

/// A running server; killed when dropped.
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn this_binary() -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.stdout(Stdio::null()).stderr(Stdio::inherit()).stdin(Stdio::null());
    for (name, _) in crate::config::environment() {
        command.env_remove(name);
    }
    Ok(command)
}

impl Server {
    pub(super) fn start(launch: &Launch) -> anyhow::Result<Self> {
        let address = free_port()?;
        let mut command = this_binary()?;
        command
            .arg("serve")
            .current_dir(&launch.folder)
            .env("JIEHUAN_PROFILE", "bench")
            .env("JIEHUAN_LISTEN", address.to_string())
            .env("JIEHUAN_DATA", absolute(&launch.folder)?)
            .env("JIEHUAN_LOG_LEVEL", "warn");
        if let Some(url) = &launch.postgres {
            command.env("JIEHUAN_DATABASE", url.expose());
        }
        if let Some(group) = launch.group {
            command.env("JIEHUAN_STORE_GROUP", group.to_string());
        }
        Self::wait_for(command, address)
    }

    /// A server that answers a constant: what HTTP alone costs here.
    pub(super) fn start_constant() -> anyhow::Result<Self> {
        let address = free_port()?;
        let mut command = this_binary()?;
        command.args(["bench-constant", &address.to_string()]);
        Self::wait_for(command, address)
    }

    fn wait_for(mut command: Command, address: SocketAddr) -> anyhow::Result<Self> {
        let mut server = Self { child: command.spawn()?, address };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server under measurement ended: {status}");
            }
            if started.elapsed() > PATIENCE {
                bail!("the server under measurement does not start");
            }
            #[expect(clippy::disallowed_methods, reason = "waiting for another process")]
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Processor time used so far, in hundredths of a second, where /proc tells it.
    pub(super) fn cpu_ticks(&self) -> Option<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // Behind the name in brackets: field 3 is the state, 14 and 15 are user and system time.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let (user, system) = (fields.next()?, fields.next()?);
        user.parse::<u64>().ok()?.checked_add(system.parse().ok()?)
    }

    /// Resident memory in KiB, where /proc tells it.
    pub(super) fn resident_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches(" kB").trim().parse().ok()
    }
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("{} has no place", path.display()))
}
