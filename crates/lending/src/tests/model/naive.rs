//! What the core should do, written once more: plain maps, plain arithmetic, no database.
//!
//! It shares no code with the core but the names of the commands.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Command;
use super::figures::{date, largest_remainder, months_later};

const DAY_MS: i64 = 86_400_000;
const MOST_FEN: i128 = 1_000_000_000_000;
const STEP_FEN: i128 = 10_000;

#[derive(Debug)]
pub(super) struct Member {
    pub(super) mobile: u32,
    pub(super) nickname: String,
    pub(super) administrator: bool,
    pub(super) blocked: bool,
    pub(super) revoked_through: i64,
    pub(super) registered_at: i64,
    pub(super) wallet: i128,
    pub(super) frozen: i128,
}

#[derive(Debug)]
pub(super) struct Project {
    pub(super) borrower: i64,
    pub(super) amount: i128,
    pub(super) raised: i128,
    pub(super) ppm: i128,
    /// `true` for months.
    pub(super) months: bool,
    pub(super) tenor: i64,
    pub(super) bidding_days: i64,
    pub(super) status: &'static str,
    pub(super) terms_repaid: i64,
    pub(super) started_at: Option<i64>,
    pub(super) ends_at: Option<i64>,
    pub(super) full_at: Option<i64>,
    pub(super) bids: Vec<i64>,
}

#[derive(Debug)]
pub(super) struct Bid {
    pub(super) member: i64,
    pub(super) amount: i128,
    pub(super) state: &'static str,
}

#[derive(Debug)]
pub(super) struct Instalment {
    pub(super) principal: i128,
    pub(super) interest: i128,
    pub(super) due: String,
    pub(super) paid_at: Option<i64>,
}

#[derive(Default)]
struct Guard {
    attempts: u32,
    started: i64,
    locked_until: i64,
}

/// So many attempts in so many seconds.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) account: (u32, i64),
    pub(super) address: (u32, i64),
    pub(super) registration: (u32, i64),
}

/// The world as it should be.
pub(super) struct Model {
    pub(super) wall: i64,
    pub(super) business: i64,
    pub(super) members: BTreeMap<i64, Member>,
    pub(super) projects: BTreeMap<i64, Project>,
    pub(super) bids: BTreeMap<i64, Bid>,
    /// By bid and term.
    pub(super) plans: BTreeMap<(i64, i64), Instalment>,
    /// Paid in, less paid out.
    pub(super) bank: i128,
    limits: Limits,
    guards: BTreeMap<(char, String), Guard>,
}

type Answer = Result<String, String>;

fn refuse<T>(text: &str) -> Result<T, String> {
    Err(text.to_owned())
}

impl Model {
    pub(super) fn new(wall: i64, limits: Limits) -> Self {
        Self {
            wall,
            business: wall,
            members: BTreeMap::new(),
            projects: BTreeMap::new(),
            bids: BTreeMap::new(),
            plans: BTreeMap::new(),
            bank: 0,
            limits,
            guards: BTreeMap::new(),
        }
    }

    /// What the core should answer. A number that it gave is believed if it is a new one, higher
    /// than all before it: series may have gaps.
    pub(super) fn run(&mut self, command: &Command, given: Option<i64>) -> Answer {
        match command {
            Command::Register { n, administrator, address } => {
                self.register(*n, *administrator, *address, given)
            }
            Command::LogIn { n, right, address } => Ok(self.log_in(*n, *right, *address)),
            Command::Rename { caller, member, name } => {
                self.acting(*caller, *member)?;
                let found = self.members.get_mut(member).unwrap();
                found.nickname.clone_from(name);
                Ok(format!("member {member} {name} {}", found.wallet))
            }
            Command::Recharge { caller, member, fen } => {
                self.acting(*caller, *member)?;
                let found = self.members.get_mut(member).unwrap();
                if found.wallet + i128::from(*fen) > MOST_FEN {
                    return refuse("TooLarge");
                }
                found.wallet += i128::from(*fen);
                self.bank += i128::from(*fen);
                Ok(format!("member {member} {} {}", found.nickname, found.wallet))
            }
            Command::Withdraw { caller, member, fen } => {
                self.acting(*caller, *member)?;
                let found = self.members.get_mut(member).unwrap();
                if found.wallet < i128::from(*fen) {
                    return refuse("Insufficient");
                }
                found.wallet -= i128::from(*fen);
                self.bank -= i128::from(*fen);
                Ok(format!("member {member} {} {}", found.nickname, found.wallet))
            }
            Command::List { caller, borrower, fen, ppm, months, tenor, days } => {
                self.acting(*caller, *borrower)?;
                self.list(*borrower, (*fen, *ppm, *months, *tenor, *days), given)
            }
            Command::Audit { caller, project, approve } => self.audit(*caller, *project, *approve),
            Command::Bid { caller, member, project, fen } => {
                self.bid((*caller, *member), *project, *fen, given)
            }
            Command::Repay { caller, project } => self.repay(*caller, *project),
            Command::Fail { project } => Ok(self.give_up(*project, true).to_string()),
            Command::Abandon { project } => Ok(self.give_up(*project, false).to_string()),
            Command::Revoke { member } => {
                let Some(found) = self.members.get_mut(member) else { return Ok("false".into()) };
                let through = self.wall.div_euclid(1000) + 300;
                found.revoked_through = through.max(found.revoked_through + 1);
                Ok("true".into())
            }
            Command::Jobs => Ok("done".into()), // they change nothing that can be seen
            Command::Block { member, blocked } => {
                let Some(found) = self.members.get_mut(member) else { return Ok("false".into()) };
                found.blocked = *blocked;
                Ok("true".into())
            }
        }
    }

    /// The number that was given, if it is a good one.
    fn fresh<T>(map: &BTreeMap<i64, T>, given: Option<i64>) -> Result<i64, String> {
        let last = map.last_key_value().map_or(0, |(id, _)| *id);
        given.filter(|id| *id > last).ok_or(format!("a number above {last}"))
    }

    fn register(&mut self, n: u32, administrator: bool, from: u32, given: Option<i64>) -> Answer {
        if !self.count('r', from.to_string(), self.limits.registration) {
            return Ok("not admitted".into());
        }
        if self.members.values().any(|member| member.mobile == n) {
            return Ok("Taken".into());
        }
        let id = Self::fresh(&self.members, given)?;
        let member = Member {
            mobile: n,
            nickname: format!("n{n}"),
            administrator,
            blocked: false,
            revoked_through: 0,
            registered_at: self.business,
            wallet: 0,
            frozen: 0,
        };
        self.members.insert(id, member);
        Ok(format!("member {id} n{n} 0"))
    }

    /// Counts an attempt; whether it is within the limit.
    fn count(&mut self, kind: char, subject: String, (most, seconds): (u32, i64)) -> bool {
        let guard = self.guards.entry((kind, subject)).or_default();
        if guard.attempts == 0 || self.wall >= guard.started + seconds * 1000 {
            guard.started = self.wall;
            guard.attempts = 0;
        }
        guard.attempts += 1;
        guard.locked_until = if guard.attempts >= most { self.wall + seconds * 1000 } else { 0 };
        guard.attempts <= most
    }

    fn is_locked(&self, kind: char, subject: &str) -> bool {
        let guard = self.guards.get(&(kind, subject.to_owned()));
        guard.is_some_and(|guard| self.wall < guard.locked_until)
    }

    fn log_in(&mut self, n: u32, right: bool, from: u32) -> String {
        let (account, address) = (n.to_string(), from.to_string());
        if self.is_locked('a', &account) || self.is_locked('f', &address) {
            return "locked".into();
        }
        let found = self.members.iter().find(|(_, member)| member.mobile == n);
        let Some((id, member)) = found.filter(|(_, member)| right && !member.blocked) else {
            self.count('a', account, self.limits.account);
            self.count('f', address, self.limits.address);
            return "refused".into();
        };
        let expires = (self.wall.div_euclid(1000) + 300).max(member.revoked_through + 1);
        let answer = format!("in {id} until {expires}");
        self.guards.remove(&('a', account));
        answer
    }

    fn acting(&self, caller: super::Caller, target: i64) -> Result<&Member, String> {
        let Some(member) = self.members.get(&target) else { return refuse("NoSuchMember") };
        let gone = match caller {
            None => member.blocked,
            Some((id, _)) if id != target => return refuse("NotYours"),
            Some((_, expires)) => member.blocked || expires <= member.revoked_through,
        };
        if gone { refuse("Revoked") } else { Ok(member) }
    }

    fn list(&mut self, borrower: i64, figures: super::Figures, given: Option<i64>) -> Answer {
        let (fen, ppm, months, tenor, days) = figures;
        let Some(amount) = fen.map(i128::from).filter(|fen| *fen >= 100_000 && fen % STEP_FEN == 0)
        else {
            return refuse("AmountNotOffered");
        };
        let Some(ppm) = ppm.filter(|ppm| *ppm > 0 && *ppm <= 240_000) else {
            return refuse("RateNotOffered");
        };
        let Some(months) = months else { return refuse("UnitNotOffered") };
        let (least, most) = if months { (1, 36) } else { (10, 45) };
        let Some(tenor) = tenor.filter(|tenor| *tenor >= least && *tenor <= most) else {
            let unit = if months { "Month" } else { "Day" };
            return Err(format!("TenorNotOffered({unit})"));
        };
        let Some(days) = days.filter(|days| *days >= 1 && *days <= 10) else {
            return refuse("BiddingDaysNotOffered");
        };
        let id = Self::fresh(&self.projects, given)?;
        let project = Project {
            borrower,
            amount,
            raised: 0,
            ppm: i128::from(ppm),
            months,
            tenor: i64::from(tenor),
            bidding_days: i64::from(days),
            status: "Auditing",
            terms_repaid: 0,
            started_at: None,
            ends_at: None,
            full_at: None,
            bids: Vec::new(),
        };
        self.projects.insert(id, project);
        Ok(format!("project {id}"))
    }

    fn audit(&mut self, caller: super::Caller, project: i64, approve: bool) -> Answer {
        if let Some((id, _)) = caller {
            match self.acting(caller, id) {
                Err(_) => return refuse("Revoked"),
                Ok(member) if !member.administrator => return refuse("NotAdministrator"),
                Ok(_) => {}
            }
        }
        let now = self.business;
        let Some(found) = self.projects.get_mut(&project) else { return refuse("NoSuchProject") };
        if found.status != "Auditing" {
            return refuse("NotAuditing");
        }
        if approve {
            found.status = "Bidding";
            found.started_at = Some(now);
            found.ends_at = Some(now + found.bidding_days * DAY_MS);
        } else {
            found.status = "Rejected";
        }
        Ok("done".into())
    }

    fn bid(
        &mut self,
        (caller, member): (super::Caller, i64),
        project: i64,
        fen: Option<i64>,
        given: Option<i64>,
    ) -> Answer {
        let Some(amount) =
            fen.map(i128::from).filter(|fen| *fen >= STEP_FEN && fen % STEP_FEN == 0)
        else {
            return refuse("AmountNotAllowed");
        };
        self.acting(caller, member)?;
        let now = self.business;
        let Some(found) = self.projects.get_mut(&project) else { return refuse("NoSuchProject") };
        if found.status != "Bidding" || found.ends_at.unwrap() <= now {
            return refuse("NotBidding");
        }
        let rest = found.amount - found.raised;
        if amount > rest {
            let text = format!("{}.{:02}", rest / 100, rest % 100);
            return Err(format!("MoreThanRest {{ rest: {text} }}"));
        }
        let bidder = self.members.get_mut(&member).unwrap();
        if bidder.wallet < amount {
            return refuse("Insufficient");
        }
        let id = Self::fresh(&self.bids, given)?;
        bidder.wallet -= amount;
        bidder.frozen += amount;
        found.raised += amount;
        found.bids.push(id);
        self.bids.insert(id, Bid { member, amount, state: "Held" });
        if amount == rest {
            self.fill(project);
            return Ok(format!("bid {id} Full"));
        }
        Ok(format!("bid {id} GoesOn"))
    }

    /// Lends the bids to the borrower and writes the plans.
    fn fill(&mut self, id: i64) {
        let now = self.business;
        let project = self.projects.get_mut(&id).unwrap();
        project.status = "Repaying";
        project.full_at = Some(now);
        let mut amounts = Vec::new();
        for bid in &project.bids {
            let bid = self.bids.get_mut(bid).unwrap();
            bid.state = "Lent";
            self.members.get_mut(&bid.member).unwrap().frozen -= bid.amount;
            amounts.push(bid.amount);
        }
        self.members.get_mut(&project.borrower).unwrap().wallet += project.amount;
        // amount x rate / 12, or amount x rate / 360 x days; half up.
        let (exact, of) = if project.months {
            (project.amount * project.ppm, 12_000_000)
        } else {
            (project.amount * project.ppm * i128::from(project.tenor), 360_000_000)
        };
        let interest = exact / of + i128::from(exact % of * 2 >= of);
        let shares = largest_remainder(interest, &amounts);
        let terms = if project.months { project.tenor } else { 1 };
        let day = now.div_euclid(1000).saturating_add(8 * 3600).div_euclid(86_400);
        for (index, bid) in project.bids.iter().enumerate() {
            for term in 1..=terms {
                let due = if project.months {
                    months_later(day, term)
                } else {
                    date(day + project.tenor)
                };
                let principal = if term == terms { amounts[index] } else { 0 };
                let interest = shares[index];
                let row = Instalment { principal, interest, due, paid_at: None };
                self.plans.insert((*bid, term), row);
            }
        }
    }

    fn repay(&mut self, caller: super::Caller, id: i64) -> Answer {
        let Some(project) = self.projects.get(&id) else { return refuse("NoSuchProject") };
        self.acting(caller, project.borrower)?;
        if project.status != "Repaying" {
            return refuse("NotRepaying");
        }
        let term = project.terms_repaid + 1;
        let mut total = 0;
        for bid in &project.bids {
            let row = &self.plans[&(*bid, term)];
            total += row.principal + row.interest;
        }
        let borrower = self.members.get_mut(&project.borrower).unwrap();
        if borrower.wallet < total {
            return refuse("Insufficient");
        }
        borrower.wallet -= total;
        for bid in &project.bids {
            let row = self.plans.get_mut(&(*bid, term)).unwrap();
            row.paid_at = Some(self.business);
            let investor = self.members.get_mut(&self.bids[bid].member).unwrap();
            investor.wallet += row.principal + row.interest;
        }
        let project = self.projects.get_mut(&id).unwrap();
        project.terms_repaid = term;
        if term == if project.months { project.tenor } else { 1 } {
            project.status = "Repaid";
        }
        Ok(format!("{term} {}", project.status))
    }

    fn give_up(&mut self, id: i64, only_when_over: bool) -> bool {
        let now = self.business;
        let Some(project) = self.projects.get_mut(&id) else { return false };
        let over = project.ends_at.is_some_and(|ends| ends <= now);
        if project.status != "Bidding" || (only_when_over && !over) {
            return false;
        }
        if !over {
            project.ends_at = Some(now);
        }
        project.status = "Failed";
        project.raised = 0;
        for bid in &project.bids {
            let bid = self.bids.get_mut(bid).unwrap();
            bid.state = "Returned";
            let member = self.members.get_mut(&bid.member).unwrap();
            member.frozen -= bid.amount;
            member.wallet += bid.amount;
        }
        true
    }

    /// Everything, one line each, as the core is asked for it.
    pub(super) fn state(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, m) in &self.members {
            lines.push(format!(
                "member {id} {} {} {} {} {} {} {} {}",
                m.mobile,
                m.nickname,
                m.administrator,
                m.blocked,
                m.revoked_through,
                m.registered_at,
                m.wallet,
                m.frozen
            ));
        }
        for (id, p) in &self.projects {
            lines.push(format!(
                "project {id} {} {} {} {} {} {} {} {} {:?} {:?} {:?}",
                p.borrower,
                p.amount,
                p.raised,
                p.ppm,
                if p.months { "Month" } else { "Day" },
                p.tenor,
                p.status,
                p.terms_repaid,
                p.started_at,
                p.ends_at,
                p.full_at
            ));
            let terms = if p.months { p.tenor } else { 1 };
            for term in 1..=if p.full_at.is_some() { terms } else { 0 } {
                for bid in &p.bids {
                    let i = &self.plans[&(*bid, term)];
                    lines.push(format!(
                        "instalment {bid} {term} {} {} {} {:?}",
                        i.principal, i.interest, i.due, i.paid_at
                    ));
                }
            }
        }
        for (id, _) in self.members.iter().filter(|(_, member)| !member.blocked) {
            for (bid, b) in self.bids.iter().filter(|(_, bid)| bid.member == *id) {
                lines.push(format!("bid {bid} {id} {} {}", b.amount, b.state));
            }
        }
        let mut trial = String::from("trial");
        let frozen: i128 = self.members.values().map(|member| member.frozen).sum();
        let wallets: i128 = self.members.values().map(|member| member.wallet).sum();
        if !self.projects.is_empty() {
            trial.push_str(" escrow 0");
        }
        if !self.members.is_empty() {
            let _ = write!(trial, " frozen {frozen} wallet {wallets}");
        }
        let _ = write!(trial, " bank {}", -self.bank);
        lines.push(trial);
        lines
    }
}
