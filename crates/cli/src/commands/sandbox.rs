//! `jiehuan sandbox`: the sandbox over HTTP, in a process of its own.

use std::process::ExitCode;

use anyhow::ensure;
use tokio::signal::unix::{SignalKind, signal};

use super::print;
use crate::config::Config;
use crate::{logs, partners};

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    logs::init(config.log.format, config.log.level)?;
    ensure!(config.providers.sandbox, "providers.sandbox is off: there is no sandbox to serve");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stopped = runtime.block_on(async {
        anyhow::Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?))
    });
    let (mut terminate, mut interrupt) = stopped?;
    let sandbox = partners::start_sandbox(config, config.providers.sandbox_listen)?;
    print(&format!(
        "The sandbox is serving\n  http://{}/sandbox  what it received and sent; docs/sandbox.md\n",
        sandbox.address
    ))?;
    runtime.block_on(async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    });
    sandbox.stop();
    Ok(ExitCode::SUCCESS)
}
