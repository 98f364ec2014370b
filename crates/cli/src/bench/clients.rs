//! Closed-loop clients over plain HTTP/1.1: each sends its next request when it has the answer to
//! the last one. Lean on purpose: they share the machine with the server.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::figures::Figures;
use super::world::{PASSWORD, World, mobile};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// A member, any, pays in.
    Recharge,
    /// A bid of 100 yuan on one of the projects.
    Invest,
    /// A member looks at itself.
    Info,
    /// The first page of projects.
    Loans,
    /// A log-in with a right password.
    Login,
    /// 5 info, 2 loans, 2 recharge, 1 invest.
    Mix,
    /// Everybody pays into the wallet of member 1.
    Hot,
}

impl Operation {
    pub(super) const ALL: &[Self] =
        &[Self::Recharge, Self::Invest, Self::Info, Self::Loans, Self::Login, Self::Mix, Self::Hot];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Invest => "invest",
            Self::Info => "info",
            Self::Loans => "loans",
            Self::Login => "login",
            Self::Mix => "mix",
            Self::Hot => "hot",
        }
    }
}

/// Where clients go and what they do there.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) address: SocketAddr,
    pub(super) operation: Operation,
    pub(super) world: World,
}

/// A small generator of random numbers; good enough to pick members.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u32) -> Self {
        Self(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from 0 up to, not including, `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.checked_rem(bound).unwrap_or(0)
    }
}

/// Runs the clients: a warm-up, then the measured time.
pub(super) async fn run(
    target: Target,
    clients: u32,
    (warm_up, measured): (Duration, Duration),
) -> anyhow::Result<Figures> {
    let begin = Instant::now() + warm_up;
    let end = begin + measured;
    let mut tasks = Vec::new();
    for number in 0..clients {
        let client = Client::connect(target.clone(), number).await?;
        tasks.push(tokio::spawn(client.run(begin, end)));
    }
    let (mut latencies, mut failed) = (Vec::new(), 0_u64);
    for task in tasks {
        let (of_client, failures) = task.await??;
        latencies.extend(of_client);
        failed = failed.saturating_add(failures);
    }
    Ok(Figures::new(latencies, measured, failed))
}

struct Client {
    target: Target,
    stream: TcpStream,
    dice: Dice,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    async fn connect(target: Target, number: u32) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        let dice = Dice::new(number.saturating_add(1));
        let (request, answer) = (Vec::new(), vec![0; 64 * 1024]);
        Ok(Self { target, stream, dice, request, answer })
    }

    async fn run(mut self, begin: Instant, end: Instant) -> anyhow::Result<(Vec<u32>, u64)> {
        let (mut latencies, mut failed) = (Vec::new(), 0_u64);
        loop {
            self.write_request();
            let sent = Instant::now();
            if sent >= end {
                return Ok((latencies, failed));
            }
            self.stream.write_all(&self.request).await?;
            let good = self.read_answer().await?;
            if sent < begin {
                continue;
            }
            latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
            if !good {
                failed = failed.saturating_add(1);
            }
        }
    }

    /// Reads one answer; whether it says success.
    async fn read_answer(&mut self) -> anyhow::Result<bool> {
        let mut filled = 0;
        loop {
            let room = self.answer.get_mut(filled..).context("an answer beyond 64 KiB")?;
            let read = self.stream.read(room).await?;
            if read == 0 {
                bail!("the server closed the connection");
            }
            filled += read;
            let text = self.answer.get(..filled).unwrap_or_default();
            if let Some(body) = complete(text) {
                return Ok(body.starts_with(b"{\"code\":0,"));
            }
        }
    }

    fn write_request(&mut self) {
        let mut operation = self.target.operation;
        if operation == Operation::Mix {
            operation = match self.dice.below(10) {
                0..5 => Operation::Info,
                5..7 => Operation::Loans,
                7..9 => Operation::Recharge,
                _ => Operation::Invest,
            };
        }
        let members = u64::from(self.target.world.members);
        let member = if operation == Operation::Hot { 1 } else { self.dice.below(members) + 1 };
        let (method, path, body) = match operation {
            Operation::Recharge | Operation::Hot => {
                let body = format!(r#"{{"member_id":{member},"amount":1.5}}"#);
                ("POST", "member/recharge".to_owned(), body)
            }
            Operation::Invest => {
                let projects = u64::try_from(self.target.world.projects).unwrap_or(1);
                let loan = self.dice.below(projects) + 1;
                let body = format!(r#"{{"member_id":{member},"loan_id":{loan},"amount":100}}"#);
                ("POST", "member/invest".to_owned(), body)
            }
            Operation::Info | Operation::Mix => {
                ("GET", format!("member/{member}/info"), String::new())
            }
            Operation::Loans => ("GET", "loans".to_owned(), String::new()),
            Operation::Login => {
                let body = format!(r#"{{"mobile_phone":"{}","pwd":"{PASSWORD}"}}"#, mobile(member));
                ("POST", "member/login".to_owned(), body)
            }
        };
        let token = self.target.world.token(member);
        self.request.clear();
        self.request.extend_from_slice(
            format!(
                "{method} /futureloan/{path} HTTP/1.1\r\nHost: bench\r\n\
                 X-Lemonban-Media-Type: lemonban.v2\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        );
    }
}

/// The body of an answer that has arrived whole.
fn complete(text: &[u8]) -> Option<&[u8]> {
    let head = text.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (text.get(..head)?, text.get(head + 4..)?);
    let name = b"content-length: ";
    let at = head.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name))?;
    let digits = head.get(at + name.len()..)?;
    let digits = digits.split(|byte| *byte == b'\r').next()?;
    let length: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (body.len() >= length).then_some(body)
}
