//! The commands, one file each.

mod calc;
mod clock;
mod day_end;
mod fixture;
mod info;
mod member;
mod operator;
mod sandbox;
mod serve;
mod verify;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Parser, Subcommand};

use crate::bench;
use crate::config::{self, Config, Flags, Loaded};

/// Jiehuan (借还): a self-hosted lending platform. Without a command it serves.
#[derive(Parser)]
#[command(name = "jiehuan", version, about, long_about = None)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the channels (the default)
    Serve,
    /// Print the effective configuration, each value with its origin
    Config,
    /// Bring the database's schema up to date and stop
    Migrate,
    /// Bring a bench to a known state, or empty it
    #[command(subcommand)]
    Fixture(fixture::Fixture),
    /// Prove the books from the raw rows; exits with 1 at the first difference
    Verify,
    /// Show or move the business clock of a bench
    #[command(subcommand)]
    Clock(clock::Clock),
    /// Work on the day-ends that are due: interest, penalties, debits, reminders
    DayEnd(day_end::DayEnd),
    /// Price loans: schedule, totals and every annual rate, from a JSON request
    Calc(calc::Calc),
    /// Manage members of a channel
    #[command(subcommand)]
    Member(member::Member),
    /// Manage the operators of the back office
    #[command(subcommand)]
    Operator(operator::Operator),
    /// Stand in for the providers, over HTTP and in a process of its own
    Sandbox,
    /// Measure a server and what to compare it with; fills a database of its own
    Bench(bench::Plan),
    /// Serve a constant answer: what `bench` compares with
    #[command(hide = true)]
    BenchConstant {
        /// Where
        address: SocketAddr,
    },
    /// Print the OpenAPI 3.1 description of a channel
    Openapi {
        /// The channel
        channel: info::Described,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the version
    Version,
}

/// Runs a command.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let flags = &cli.flags;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&load(flags)?),
        Command::Config => info::config(flags),
        Command::Migrate => info::migrate(&load(flags)?),
        Command::Fixture(command) => fixture::run(&load(flags)?, command),
        Command::Verify => verify::run(&load(flags)?),
        Command::Clock(command) => clock::run(&load(flags)?, command),
        Command::DayEnd(command) => day_end::run(&load(flags)?, &command),
        Command::Calc(command) => calc::run(&command),
        Command::Member(command) => member::run(&load(flags)?, &command),
        Command::Operator(command) => operator::run(&load(flags)?, &command),
        Command::Sandbox => sandbox::run(&load(flags)?),
        Command::Bench(plan) => {
            print(&bench::run(&load(flags)?, &plan)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::BenchConstant { address } => {
            bench::serve_constant(address)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Openapi { channel } => info::openapi(channel),
        Command::Completions { shell } => info::completions(shell),
        Command::Version => info::version(),
    }
}

fn load_all(flags: &Flags) -> anyhow::Result<Loaded> {
    match Config::load(flags, config::environment()) {
        Ok(loaded) => Ok(loaded),
        Err(errors) => {
            let lines: Vec<_> = errors.iter().map(|error| format!("  {error}")).collect();
            bail!("the configuration is wrong:\n{}", lines.join("\n"))
        }
    }
}

fn load(flags: &Flags) -> anyhow::Result<Config> {
    load_all(flags).map(|loaded| loaded.config)
}

/// Writes to standard output; a reader that has gone away (`| head`) is no error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a line to standard error, as well as can be.
pub fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
