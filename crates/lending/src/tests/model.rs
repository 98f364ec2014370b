//! Random commands against the core and against a naive model: the same answers, the same state.
//!
//! A failure names its seed and step. `JIEHUAN_MODEL_SEED` repeats it, `JIEHUAN_MODEL_COMMANDS`
//! sets how many commands are given.

mod core;
mod figures;
mod naive;

use std::hash::{BuildHasher as _, Hasher as _};

use kernel::Instant;

use super::kit::{Bench, On, Random, START};
use crate::{Fault, identity};
use core::{Refused, give, state};
use naive::Model;

/// Commands that share one transaction at most.
const AT_ONCE: i64 = 40;
/// Mobile numbers that there are.
const NUMBERS: i64 = 60;

/// Nobody in particular, or the holder of a token and the second at which it expires.
type Caller = Option<(i64, i64)>;
/// Amount in fen, rate in ppm, whether in months, how many, bidding days.
type Figures = (Option<i64>, Option<u32>, Option<bool>, Option<u32>, Option<u32>);

/// One command, in plain numbers.
#[derive(Clone, Debug)]
enum Command {
    Register {
        n: u32,
        administrator: bool,
        address: u32,
    },
    LogIn {
        n: u32,
        right: bool,
        address: u32,
    },
    Rename {
        caller: Caller,
        member: i64,
        name: String,
    },
    Recharge {
        caller: Caller,
        member: i64,
        fen: i64,
    },
    Withdraw {
        caller: Caller,
        member: i64,
        fen: i64,
    },
    List {
        caller: Caller,
        borrower: i64,
        fen: Option<i64>,
        ppm: Option<u32>,
        months: Option<bool>,
        tenor: Option<u32>,
        days: Option<u32>,
    },
    Audit {
        caller: Caller,
        project: i64,
        approve: bool,
    },
    Bid {
        caller: Caller,
        member: i64,
        project: i64,
        fen: Option<i64>,
    },
    Repay {
        caller: Caller,
        project: i64,
    },
    Fail {
        project: i64,
    },
    Abandon {
        project: i64,
    },
    Revoke {
        member: i64,
    },
    Block {
        member: i64,
        blocked: bool,
    },
    Jobs,
}

#[test]
fn sqlite_does_what_the_model_does() {
    check(On::Sqlite, 3_000);
}

#[test]
fn postgres_does_what_the_model_does() {
    check(On::Postgres, 1_500);
}

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

fn check(on: On, commands: u64) {
    let commands = from_environment("JIEHUAN_MODEL_COMMANDS").unwrap_or(commands);
    let seed = from_environment("JIEHUAN_MODEL_SEED").unwrap_or_else(|| {
        // The one source of randomness that the standard library has.
        std::hash::RandomState::new().build_hasher().finish()
    });
    let bench = on.open_with(|_, policy| policy.limits.registrations.attempts = 2);
    let limits = bench.policy.limits;
    let plain = |limit: identity::Limit| (limit.attempts, i64::from(limit.window_seconds));
    let limits = naive::Limits {
        account: plain(limits.account_failures),
        address: plain(limits.address_failures),
        registration: plain(limits.registrations),
    };
    let mut run = Run {
        bench,
        random: Random::new(seed),
        model: Model::new(START.millis(), limits),
        tokens: Vec::new(),
        seed,
        step: 0,
    };
    let mut compared = 0;
    while run.step < commands {
        run.some_commands();
        if run.step >= compared + 1_000 {
            compared = run.step;
            run.compare();
        }
    }
    run.compare();
    run.bench.verify();
}

struct Run {
    bench: Bench,
    random: Random,
    model: Model,
    /// Tokens that were given out: member, and when they expire.
    tokens: Vec<(i64, i64)>,
    seed: u64,
    step: u64,
}

impl Run {
    /// Gives some commands in one transaction, and compares the answers.
    fn some_commands(&mut self) {
        self.pass_time();
        let count = self.random.between(1, AT_ONCE);
        let commands: Vec<_> = (0..count).map(|_| self.command()).collect();
        let given = commands.clone();
        let answers = self.bench.write(move |tx| {
            given.iter().map(|command| tx.nested(|tx| give(tx, command))).collect()
        });
        let answers: Vec<Result<(String, Option<i64>), Refused>> =
            answers.unwrap_or_else(|fault: Fault| {
                panic!("{} after step {}: {fault}", self.seed, self.step)
            });
        for (command, answer) in commands.iter().zip(answers) {
            self.step += 1;
            let (answer, number) = match answer {
                Ok((answer, number)) => (Ok(answer), number),
                Err(Refused(why)) => (Err(why), None),
            };
            let wanted = self.model.run(command, number);
            let (seed, step) = (self.seed, self.step);
            assert_eq!(
                answer, wanted,
                "JIEHUAN_MODEL_SEED={seed}, step {step}: {command:?} (left: core, right: model)"
            );
            if let Ok(text) = &answer
                && let Some((member, expires)) =
                    text.strip_prefix("in ").and_then(|text| text.split_once(" until "))
            {
                self.tokens.push((member.parse().unwrap(), expires.parse().unwrap()));
            }
        }
    }

    /// Now and then the clocks go on.
    fn pass_time(&mut self) {
        if self.random.percent(60) {
            self.model.wall += self.random.between(0, 20_000);
            self.bench.core.clock().set(Instant::from_millis(self.model.wall));
        }
        let offset = if self.random.percent(10) {
            self.bench
                .core
                .advance_clock(self.random.between(0, 300_000_000).unsigned_abs())
                .unwrap()
        } else {
            self.bench.core.follow_clock().unwrap()
        };
        self.model.business = self.model.wall + offset;
    }

    fn member(&mut self) -> i64 {
        // Now and then one that does not exist (yet).
        self.random.between(1, i64::try_from(self.model.members.len()).unwrap() + 2)
    }

    fn caller_for(&mut self, member: i64) -> Caller {
        match self.random.between(1, 10) {
            1..=4 => None,
            5..=7 => {
                let own: Vec<_> =
                    self.tokens.iter().rev().filter(|token| token.0 == member).take(3).collect();
                if own.is_empty() { None } else { Some(*self.random.pick(&own)) }
            }
            8 => Some((member, self.random.between(0, 1 << 40))),
            9 if !self.tokens.is_empty() => Some(self.random.pick(&self.tokens)),
            _ => Some((self.member(), i64::MAX)),
        }
    }

    /// One of the latest projects, rather one in this state; or one that does not exist.
    fn project(&mut self, status: &str) -> i64 {
        let last = self.model.projects.last_key_value().map_or(0, |(id, _)| *id);
        if self.random.percent(5) {
            return last + self.random.between(1, 3);
        }
        let recent = self.model.projects.iter().rev().take(60);
        let fit: Vec<_> = recent.filter(|(_, p)| p.status == status).map(|(id, _)| *id).collect();
        if fit.is_empty() || self.random.percent(10) {
            return self.random.between((last - 20).max(0), last);
        }
        self.random.pick(&fit[..fit.len().min(8)])
    }

    fn fen(&mut self) -> i64 {
        match self.random.between(1, 4) {
            1 => self.random.between(1, 200),
            2 => self.random.between(1, 1_000_000),
            _ => self.random.between(1, 200) * 10_000,
        }
    }

    fn bid_fen(&mut self, project: i64) -> Option<i64> {
        let rest = self.model.projects.get(&project).map_or(0, |p| p.amount - p.raised);
        let rest = i64::try_from(rest).unwrap();
        match self.random.between(1, 12) {
            1 => None,
            2 => Some(self.random.between(0, 100_000)),
            3 => Some(rest + 10_000),
            4..=6 => Some(rest),
            _ => Some(self.random.between(1, (rest / 20_000).max(1)) * 10_000),
        }
    }

    fn listing(&mut self) -> Command {
        let borrower = self.member();
        let random = &mut self.random;
        let mut figures: Figures = (
            Some(random.between(10, 60) * 10_000),
            u32::try_from(random.between(1, 240_000)).ok(),
            Some(random.percent(70)),
            u32::try_from(random.between(10, 36)).ok(),
            u32::try_from(random.between(1, 10)).ok(),
        );
        if random.percent(50) {
            // Short ones come to their end.
            (figures.2, figures.3) = (Some(true), u32::try_from(random.between(1, 3)).ok());
        }
        match random.between(1, 24) {
            1 => figures.0 = None,
            2 => figures.0 = Some(random.between(0, 120_000)),
            3 => figures.1 = random.pick(&[None, Some(0), Some(240_001), Some(240_000)]),
            4 => figures.2 = None,
            5 => figures.3 = random.pick(&[None, Some(0), Some(1), Some(9), Some(37), Some(46)]),
            6 => figures.4 = random.pick(&[None, Some(0), Some(11)]),
            _ => {}
        }
        let (fen, ppm, months, tenor, days) = figures;
        let caller = self.caller_for(borrower);
        Command::List { caller, borrower, fen, ppm, months, tenor, days }
    }

    fn command(&mut self) -> Command {
        let n = u32::try_from(self.random.between(1, NUMBERS)).unwrap();
        let address = u32::try_from(self.random.between(1, 6)).unwrap();
        let member = self.member();
        match self.random.between(1, 100) {
            1..=4 => Command::Register { n, administrator: self.random.percent(30), address },
            5..=12 => {
                // Few, so that they fail often enough to be locked.
                let n = if self.random.percent(50) { n % 5 + 1 } else { n };
                Command::LogIn { n, right: self.random.percent(60), address }
            }
            13..=14 => {
                let name = format!("借{}", self.random.between(0, 99));
                Command::Rename { caller: self.caller_for(member), member, name }
            }
            15..=28 => {
                let fen = self.fen();
                Command::Recharge { caller: self.caller_for(member), member, fen }
            }
            29..=34 => {
                let fen = self.fen();
                Command::Withdraw { caller: self.caller_for(member), member, fen }
            }
            35..=42 => self.listing(),
            43..=50 => {
                let project = self.project("Auditing");
                let approve = self.random.percent(85);
                Command::Audit { caller: self.caller_for(member), project, approve }
            }
            51..=74 => {
                let project = self.project("Bidding");
                let fen = self.bid_fen(project);
                Command::Bid { caller: self.caller_for(member), member, project, fen }
            }
            75..=91 => {
                let project = self.project("Repaying");
                let borrower = self.model.projects.get(&project).map_or(1, |p| p.borrower);
                Command::Repay { caller: self.caller_for(borrower), project }
            }
            92..=95 => Command::Fail { project: self.project("Bidding") },
            96 => Command::Abandon { project: self.project("Bidding") },
            97 => Command::Revoke { member },
            98 => Command::Jobs,
            _ => Command::Block { member, blocked: self.random.percent(15) },
        }
    }

    /// Compares everything that there is.
    fn compare(&self) {
        let state = self.bench.read(state);
        let wanted = self.model.state();
        let (seed, step) = (self.seed, self.step);
        for (core, model) in state.iter().zip(&wanted) {
            assert_eq!(core, model, "JIEHUAN_MODEL_SEED={seed}, state after step {step}");
        }
        assert_eq!(state.len(), wanted.len(), "JIEHUAN_MODEL_SEED={seed}, after step {step}");
    }
}
