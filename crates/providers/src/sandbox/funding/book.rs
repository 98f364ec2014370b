//! What the twin was told, and what it says upon it.

use std::path::Path;

use kernel::{Instant, Money};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::Amounts;
use super::super::journal::{Journal, JournalError};
use super::wire::{self, Body, Refusal};

/// Something that the twin was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// By which call, or rather what kind of thing it is: `apply`, `withdraw`, `plan`, `repay`,
    /// `reversal`.
    pub call: String,
    /// Its number.
    pub number: String,
    /// The order that it is about.
    pub order: String,
    /// How much, in fen: of a plan and of repayments, the principal.
    pub amount: i64,
    /// The tenors that are asked for.
    pub tenors: Vec<u32>,
    /// Where its news go.
    pub notify: Option<String>,
}

/// A withdrawal that was paid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The order.
    pub order: String,
    /// The withdrawal.
    pub number: String,
    /// How much.
    pub amount: Money,
}

/// One thing that the twin says of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) status: u32,
    pub(super) amount: Option<i64>,
    pub(super) tenors: Option<Vec<u32>>,
    pub(super) reason: Option<&'static str>,
}

impl Word {
    const fn of(status: u32) -> Self {
        Self { status, amount: None, tenors: None, reason: None }
    }

    fn because(status: u32, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..Self::of(status) }
    }
}

#[derive(Debug)]
pub(super) struct Book {
    amounts: Amounts,
    after_ms: i64,
    told: Vec<Told>,
    journal: Option<Journal>,
}

type Taken = (Value, Option<(String, String)>);

const MISTAKE: Refusal = Refusal::new("2003", "not possible");
const OTHER: Refusal = Refusal::new("2002", "the number stands for something else");
const NO_RECORD: Refusal = Refusal::new("2001", "no record");
const BUSY: Refusal = Refusal::new("9999", "busy");

impl Book {
    pub(super) fn open(
        path: Option<&Path>,
        amounts: Amounts,
        after_ms: i64,
    ) -> Result<Self, JournalError> {
        let mut told = Vec::new();
        let journal = match path {
            None => None,
            Some(path) => {
                let mut journal = Journal::open(path)?;
                drop(journal.lock(|line| apply(&mut told, line))?);
                Some(journal)
            }
        };
        Ok(Self { amounts, after_ms, told, journal })
    }

    pub(super) fn told(&self) -> &[Told] {
        &self.told
    }

    /// Takes a call that was admitted.
    pub(super) fn take(&mut self, call: &str, text: &str, now: Instant) -> Result<Taken, Refusal> {
        let body = Body::read(text)?;
        if call == "query" {
            let (kind, number) = (body.text("kind")?, body.number("number")?);
            let told = self.find(kind, &number).ok_or(NO_RECORD)?;
            return Ok((self.standing(told, now), None));
        }
        let told = read(call, &body, now)?;
        if let Some(known) = self.find(&told.call, &told.number) {
            let same = (&known.order, known.amount, &known.tenors)
                == (&told.order, told.amount, &told.tenors);
            return if same { Ok((self.standing(known, now), None)) } else { Err(OTHER) };
        }
        self.check(&told, now)?;
        self.note(&told).map_err(|_| BUSY)?;
        let about = (told.call.clone(), told.number.clone());
        Ok((self.standing(&told, now), Some(about)))
    }

    fn find(&self, call: &str, number: &str) -> Option<&Told> {
        self.told.iter().find(|told| told.call == call && told.number == number)
    }

    fn standing(&self, told: &Told, now: Instant) -> Value {
        let words = self.words(told, now);
        let last = words.len().saturating_sub(1);
        words.get(last).map_or(Value::Null, |word| wire::standing(told, last, word))
    }

    /// Whether something new can be done.
    fn check(&self, told: &Told, now: Instant) -> Result<(), Refusal> {
        if told.call == "apply" {
            return Ok(());
        }
        let order = self.find("apply", &told.order).ok_or(MISTAKE)?;
        if told.call != "withdraw" {
            let is_paid = self.paid(now).iter().any(|paid| paid.order == told.order);
            return if is_paid { Ok(()) } else { Err(MISTAKE) };
        }
        let words = self.words(order, now);
        let approved = words.iter().rev().find(|word| word.status == 300);
        let limit = approved.and_then(|word| word.amount).unwrap_or_default();
        let is_open = words.last().is_some_and(|word| word.status == 300);
        let others =
            self.told.iter().filter(|one| one.call == "withdraw" && one.order == told.order);
        let all_over = others
            .map(|one| self.words(one, now))
            .all(|words| words.last().is_some_and(|word| matches!(word.status, 4003 | 4102)));
        if is_open && told.amount <= limit && all_over { Ok(()) } else { Err(MISTAKE) }
    }

    fn note(&mut self, new: &Told) -> Result<(), JournalError> {
        let line = serde_json::to_string(new).unwrap_or_default();
        let told = &mut self.told;
        if let Some(journal) = &mut self.journal {
            let mut locked = journal.lock(|line| apply(told, line))?;
            locked.append(&line)?;
        }
        apply(told, &line);
        Ok(())
    }

    /// Everything that it has said of an order by now, in its order.
    pub(super) fn words(&self, told: &Told, now: Instant) -> Vec<Word> {
        let planned = match told.call.as_str() {
            "apply" => self.audit(told),
            "withdraw" => self.withdrawal(told),
            _ => return Vec::new(),
        };
        let passed = now.millis().saturating_sub(told.at).max(0);
        let mut at = 0_i64;
        let mut words = Vec::new();
        for word in planned {
            if at > passed {
                return words;
            }
            at = at.saturating_add(self.after_ms);
            words.push(word);
        }
        if words.last().is_some_and(|word| word.status == 4101) {
            words.extend(self.reported(told));
        }
        words
    }

    /// The last three digits of an amount in yuan, where amounts are magic.
    fn magic(&self, fen: i64) -> i64 {
        match self.amounts {
            Amounts::Magic => fen.div_euclid(100).rem_euclid(1000),
            Amounts::Plain => 0,
        }
    }

    fn audit(&self, told: &Told) -> Vec<Word> {
        let granted = |less: i64, tenors: Vec<u32>| Word {
            amount: Some(told.amount.saturating_sub(less)),
            tenors: Some(tenors),
            ..Word::of(300)
        };
        let all = || granted(0, told.tenors.clone());
        let mut words = vec![Word::of(200)];
        match self.magic(told.amount) {
            200 => {}
            300 => {
                let short = told.tenors.iter().copied().filter(|months| *months <= 3);
                words.push(granted(30_000, short.collect()));
            }
            400 => words.push(Word::because(400, "综合评分不足")),
            500 => words.push(Word::of(500)),
            600 => words.extend([Word::of(500), all()]),
            700 => words.push(granted(-10_000, told.tenors.clone())),
            _ => words.push(all()),
        }
        words
    }

    fn withdrawal(&self, told: &Told) -> Vec<Word> {
        let of = |status: u32| Word { amount: Some(told.amount), ..Word::of(status) };
        let because = |status: u32, reason| Word { reason: Some(reason), ..of(status) };
        let mut words = vec![of(4001)];
        // What is tried again goes well.
        let is_again = told.number.contains('-');
        match self.magic(told.amount) {
            200 if !is_again => words.extend([of(4002), because(4102, "收款账户状态异常")]),
            300 if !is_again => words.push(because(4003, "提现审核未通过")),
            400 => words.push(of(4002)),
            800 => words.extend([of(4002), of(4101), because(4102, "收款账户状态异常")]),
            900 => words.push(Word { amount: Some(told.amount.saturating_add(100)), ..of(4002) }),
            _ => words.extend([of(4002), of(4101)]),
        }
        words
    }

    /// What it says of a loan upon what it is told of it: it is being repaid, and settled once all
    /// of its principal is.
    fn reported(&self, drawn: &Told) -> Vec<Word> {
        let of = |status: u32| Word { amount: Some(drawn.amount), ..Word::of(status) };
        let about = self.told.iter().filter(|told| told.order == drawn.order);
        let (mut owed, mut has_plan, mut stood) = (drawn.amount, false, 0);
        let mut words = Vec::new();
        for told in about {
            match told.call.as_str() {
                "plan" => has_plan = true,
                "repay" => owed = owed.saturating_sub(told.amount),
                "reversal" => owed = owed.saturating_add(told.amount),
                _ => continue,
            }
            let is_early = self.magic(drawn.amount) == 600;
            let stands = if owed <= 0 || is_early { 4203 } else { 4201 };
            if has_plan && stands != stood {
                stood = stands;
                words.push(of(stands));
            }
        }
        words
    }

    pub(super) fn paid(&self, now: Instant) -> Vec<Paid> {
        let drawn = self.told.iter().filter(|told| told.call == "withdraw");
        let paid =
            drawn.filter(|told| self.words(told, now).iter().any(|word| word.status == 4101));
        let paid = paid.filter_map(|told| {
            let amount = Money::from_fen(told.amount)?;
            Some(Paid { order: told.order.clone(), number: told.number.clone(), amount })
        });
        paid.collect()
    }
}

fn apply(told: &mut Vec<Told>, line: &str) -> bool {
    serde_json::from_str(line).is_ok_and(|new| {
        told.push(new);
        true
    })
}

/// Reads what a call tells.
fn read(call: &str, body: &Body, now: Instant) -> Result<Told, Refusal> {
    let new = |kind: &str, number: String, order: String, amount: i64| Told {
        at: now.millis(),
        call: kind.to_owned(),
        number,
        order,
        amount,
        tenors: Vec::new(),
        notify: body.notify(),
    };
    let order = body.number("orderNo")?;
    match call {
        "apply" => {
            body.person()?;
            body.text("product")?;
            let told = new("apply", order.clone(), order, body.amount("amount")?);
            Ok(Told { tenors: body.tenors()?, ..told })
        }
        "withdraw" => {
            body.card()?;
            let told = new("withdraw", body.number("withdrawNo")?, order, body.amount("amount")?);
            Ok(Told { tenors: vec![body.months("tenor")?], ..told })
        }
        "repay-plan" => Ok(new("plan", order.clone(), order, body.plan()?)),
        "repay" => Ok(new("repay", body.number("repayNo")?, order, body.repaid()?)),
        "repay-reversal" => Ok(new("reversal", body.number("repayNo")?, order, body.repaid()?)),
        _ => Err(Refusal::new("1004", "no such call")),
    }
}
