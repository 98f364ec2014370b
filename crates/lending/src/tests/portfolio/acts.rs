//! What customers and operators do on a day, what the core makes of it, and what the naive lender
//! expects.

use kernel::id::{ApplicationId, LoanId, MemberId, PaymentId, PlanRowId, ProductId};
use kernel::{Channel, Money};

use super::market::Payer;
use super::naive::Terms;
use super::{Fate, Known, Ordered, Run, fen, money};
use crate::audit::Actor;
use crate::catalog::Request;
use crate::identity::Caller;
use crate::origination::{self, Approved, Review, Submit, SubmitError, Verdict};
use crate::servicing::payments::Purpose;
use crate::servicing::{self, BeginRepayment, Begun, Meant, ReverseError};
use crate::tests::lender::REVIEWER;
use crate::wallet::{self, Move};
use crate::{Fault, Tx};

/// Something that somebody does.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Applies, and is approved; for so much less, perhaps, and perhaps never paid out.
    Apply {
        member: MemberId,
        product: ProductId,
        request: Request,
        less: i64,
        pay_out: bool,
    },
    Begin {
        member: MemberId,
        row: PlanRowId,
        meant: Meant,
    },
    Recharge {
        member: MemberId,
        amount: Money,
    },
    ByWallet {
        loan: LoanId,
    },
    WriteOff {
        loan: LoanId,
    },
    Recover {
        loan: LoanId,
        amount: Money,
    },
    Reverse {
        loan: LoanId,
    },
    Retry {
        loan: LoanId,
    },
    Abandon {
        loan: LoanId,
    },
    Refund {
        member: MemberId,
        amount: Money,
    },
}

/// What the core made of it.
#[derive(Clone, Copy, Debug)]
enum Made {
    Refused,
    Application(ApplicationId, Money),
    Loan(LoanId, PaymentId, Money, Money),
    Order(PaymentId),
    Amount(Money),
    Nothing,
}

fn broken(error: &dyn std::error::Error) -> Fault {
    Fault::Engine(error.to_string())
}

/// Lets the core do it.
fn perform(tx: &mut Tx<'_, '_>, act: &Act) -> Result<Made, Fault> {
    let actor = Actor::Platform;
    match *act {
        Act::Apply { .. } => apply(tx, act),
        Act::Begin { member, row, meant } => {
            let command = BeginRepayment { member, row, meant, coupon: None };
            match servicing::begin_repayment(tx, &command).map_err(|error| broken(&error))? {
                Begun::Ordered(order) => Ok(Made::Order(order)),
                Begun::Paid(_) => Err(Fault::Engine("paid without an order".into())),
            }
        }
        Act::Recharge { member, amount } => {
            let command = Move { caller: Caller::Anyone, member, amount };
            wallet::recharge(tx, &command).map_err(|error| broken(&error))?;
            Ok(Made::Nothing)
        }
        Act::ByWallet { loan } => servicing::pay_by_wallet(tx, loan).map(Made::Amount),
        Act::WriteOff { loan } => {
            let lost = servicing::write_off(tx, actor, loan);
            lost.map(Made::Amount).map_err(|error| broken(&error))
        }
        Act::Recover { loan, amount } => {
            servicing::recover(tx, actor, loan, amount).map_err(|error| broken(&error))?;
            Ok(Made::Nothing)
        }
        Act::Reverse { loan } => reverse(tx, loan),
        Act::Retry { loan } => {
            let order = servicing::retry_payout(tx, actor, loan);
            order.map(Made::Order).map_err(|error| broken(&error))
        }
        Act::Abandon { loan } => {
            servicing::abandon_payout(tx, actor, loan).map_err(|error| broken(&error))?;
            Ok(Made::Nothing)
        }
        Act::Refund { member, amount } => {
            let order = servicing::refund(tx, actor, member, amount);
            order.map(Made::Order).map_err(|error| broken(&error))
        }
    }
}

fn apply(tx: &mut Tx<'_, '_>, act: &Act) -> Result<Made, Fault> {
    let Act::Apply { member, product, request, less, pay_out } = *act else {
        return Ok(Made::Refused);
    };
    let command = Submit {
        member,
        channel: Channel::Xianjindai,
        product,
        request,
        purpose: "16".into(),
        other_debts: "01".into(),
        report_order: String::new(),
        place: String::new(),
    };
    let application = match tx.nested(|tx| origination::submit(tx, &command))? {
        Ok(done) => done.application,
        Err(SubmitError::AlreadySubmitted | SubmitError::LineTooSmall) => return Ok(Made::Refused),
        Err(error) => return Err(broken(&error)),
    };
    let amount = request.amount.minus(Money::from_yuan(less).unwrap()).unwrap();
    let verdict = Verdict::Approve(Approved { amount, tenor: request.tenor });
    let (operator, id) = (REVIEWER, application.id);
    let review = Review { operator, application: id, verdict, note: "fine".into() };
    origination::review(tx, &review).map_err(|error| broken(&error))?;
    if !pay_out {
        return Ok(Made::Application(id, amount));
    }
    origination::confirm_offer(tx, application.member, id).map_err(|error| broken(&error))?;
    let (loan, order) =
        servicing::request_payout(tx, Actor::Platform, id).map_err(|error| broken(&error))?;
    Ok(Made::Loan(loan.id, order, loan.received, amount))
}

/// Takes the last repayment of a loan back.
fn reverse(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<Made, Fault> {
    let paid = servicing::repayments(tx, loan)?;
    let last = paid.iter().rfind(|repayment| !repayment.reversed).unwrap().id;
    match tx.nested(|tx| servicing::reverse_repayment(tx, Actor::Platform, last))? {
        Ok(_) => Ok(Made::Nothing),
        Err(ReverseError::ExcessUsed) => Ok(Made::Refused),
        Err(error) => Err(broken(&error)),
    }
}

impl Run {
    /// One day of everybody.
    pub(super) fn act(&mut self) {
        let acts = self.wishes();
        for part in acts.chunks(100) {
            let acts: Vec<Act> = part.iter().map(|(act, _)| *act).collect();
            let made = self.bench.write(move |tx| {
                acts.iter().map(|act| perform(tx, act)).collect::<Result<Vec<_>, Fault>>()
            });
            let seed = self.seed;
            let made = made.unwrap_or_else(|fault| panic!("seed {seed}: {fault}: {part:?}"));
            for ((act, terms), made) in part.iter().zip(made) {
                self.expect(act, terms.as_ref(), made);
            }
        }
    }

    fn wishes(&mut self) -> Vec<(Act, Option<Terms>)> {
        let mut acts = Vec::new();
        let members: Vec<_> = self.payers.keys().copied().collect();
        for member in members {
            if self.random.between(1, 1000) <= self.apply_per_mille {
                let sale = self.random.pick(&self.on_sale);
                let (request, terms) = sale.wish(&mut self.random);
                // What is approved must be on sale as well.
                let can_be_less = fen(request.amount) >= i128::from(sale.least + 10) * 100;
                let less = if can_be_less && self.random.percent(20) { 10 } else { 0 };
                let pay_out = self.random.percent(90);
                let product = sale.product;
                let act = Act::Apply { member, product, request, less, pay_out };
                acts.push((act, Some(terms)));
            }
            let wallet = self.wallets.get(&member).copied().unwrap_or(0);
            if wallet > 0 && self.random.percent(2) {
                acts.push((Act::Refund { member, amount: money((wallet + 1) / 2) }, None));
            }
        }
        let (busy, today) = (self.busy(), self.today());
        let loans: Vec<_> = self.loans.keys().copied().collect();
        for loan in loans {
            let known = &self.loans[&loan];
            let act = match known.fate {
                Fate::PayingOut | Fate::Abandoned => continue,
                Fate::PayoutFailed if self.random.percent(60) => Some(Act::Retry { loan }),
                Fate::PayoutFailed => Some(Act::Abandon { loan }),
                Fate::WrittenOff if self.random.percent(1) => {
                    let amount = money(i128::from(self.random.between(1, 20_000)));
                    Some(Act::Recover { loan, amount })
                }
                Fate::WrittenOff => None,
                Fate::Lent => {
                    // One that is over can only be opened again by a reversal, soon after its end.
                    let old = known.events.last().is_some_and(|event| today - event.day >= 5);
                    if known.over && old {
                        continue;
                    }
                    let known = known.clone();
                    self.wish(loan, &known, busy.contains(&loan))
                }
            };
            acts.extend(act.map(|act| (act, None)));
        }
        acts
    }

    /// What happens to a loan that was paid out.
    fn wish(&mut self, loan: LoanId, known: &Known, is_busy: bool) -> Option<Act> {
        let today = self.today();
        // A mistake is found within some days.
        let is_new = known.events.last().is_some_and(|event| today - event.day < 5);
        let chance = self.random.between(1, 1000);
        if is_new && chance <= 8 {
            return Some(Act::Reverse { loan });
        }
        if known.over {
            return None;
        }
        let Some((number, due, owed)) = known.stands(today).next() else {
            self.loans.get_mut(&loan).unwrap().over = true;
            return None;
        };
        let late = today - due;
        let member = known.member;
        if late > 60 && chance <= 50 {
            return Some(Act::WriteOff { loan });
        }
        let row = PlanRowId::from_number(loan.number() * 10_000 + i64::from(number));
        let begin = |meant| Act::Begin { member, row, meant };
        match known.payer {
            Payer::Partial if late >= 0 && chance <= 150 => {
                let most = i64::try_from(owed).unwrap();
                let amount = money(i128::from(self.random.between(1, most.max(2))));
                Some(Act::Recharge { member, amount })
            }
            Payer::Partial if chance <= 160 => Some(Act::ByWallet { loan }),
            Payer::OnTime if !is_busy && late >= -3 && chance <= 100 => Some(begin(Meant::Row)),
            Payer::Late if !is_busy && late > 0 && chance <= 120 => Some(begin(Meant::Row)),
            Payer::Never if !is_busy && late > 0 && chance <= 2 => Some(begin(Meant::Row)),
            Payer::Early if !is_busy && chance <= 30 => Some(begin(Meant::Settlement)),
            Payer::OnTime | Payer::Late | Payer::Partial | Payer::Early | Payer::Never => None,
        }
    }

    fn expect(&mut self, act: &Act, terms: Option<&Terms>, made: Made) {
        let today = self.today();
        match (*act, made) {
            (Act::Apply { member, .. }, Made::Application(id, amount)) => {
                self.waiting.insert(id, (member, fen(amount), today));
                self.count("approved only");
            }
            (Act::Apply { member, .. }, Made::Loan(loan, order, received, amount)) => {
                let terms = Terms { principal: fen(amount), ..*terms.unwrap() };
                assert_eq!(fen(received), terms.received(), "loan {loan:?}, seed {}", self.seed);
                self.lend(member, loan, terms);
                let amount = fen(received);
                let what = Ordered { purpose: Purpose::Payout, loan: Some(loan), member, amount };
                self.ordered(order, what);
            }
            (Act::Begin { member, row, meant }, Made::Order(order)) => {
                let loan = servicing::loan_of_row(row);
                let stands = self.loans[&loan].stands(today);
                let (purpose, amount) = match meant {
                    Meant::Row => (Purpose::Instalment, stands.next().unwrap().2),
                    Meant::Settlement => (Purpose::Settlement, stands.settlement()),
                };
                self.ordered(order, Ordered { purpose, loan: Some(loan), member, amount });
            }
            (Act::Recharge { member, amount }, Made::Nothing) => {
                *self.wallets.entry(member).or_default() += fen(amount);
                self.bank += fen(amount);
            }
            (Act::ByWallet { loan }, Made::Amount(amount)) => {
                let wanted = self.expect_wallet(loan, "by credit");
                assert_eq!(fen(amount), wanted, "loan {loan:?}, seed {}", self.seed);
            }
            (Act::WriteOff { loan }, Made::Amount(lost)) => {
                let known = self.loans.get_mut(&loan).unwrap();
                let owed: i128 = known.stands(today).owed().iter().sum();
                (known.fate, known.given_up) = (Fate::WrittenOff, today);
                assert_eq!(fen(lost), owed, "loan {loan:?}, seed {}", self.seed);
                self.count("written off");
            }
            (Act::Recover { loan, amount }, Made::Nothing) => {
                self.loans.get_mut(&loan).unwrap().recovered += fen(amount);
                self.provider -= fen(amount);
                self.count("recovered");
            }
            (Act::Reverse { loan }, made) => self.expect_reversal(loan, made),
            (Act::Retry { loan }, Made::Order(order)) => {
                let known = self.loans.get_mut(&loan).unwrap();
                known.fate = Fate::PayingOut;
                let (member, received) = (known.member, known.terms.received());
                let purpose = Purpose::Payout;
                self.ordered(
                    order,
                    Ordered { purpose, loan: Some(loan), member, amount: received },
                );
            }
            (Act::Abandon { loan }, Made::Nothing) => {
                self.loans.get_mut(&loan).unwrap().fate = Fate::Abandoned;
                self.count("abandoned");
            }
            (Act::Refund { member, amount }, Made::Order(order)) => {
                *self.wallets.entry(member).or_default() -= fen(amount);
                self.provider += fen(amount);
                let amount = fen(amount);
                self.ordered(
                    order,
                    Ordered { purpose: Purpose::Refund, loan: None, member, amount },
                );
            }
            (Act::Apply { .. }, Made::Refused) => self.count("not taken in"),
            (act, made) => panic!("seed {}: {act:?} came to {made:?}", self.seed),
        }
    }

    fn lend(&mut self, member: MemberId, loan: LoanId, terms: Terms) {
        let known = Known {
            member,
            payer: self.payers[&member],
            terms,
            fate: Fate::PayingOut,
            start: 0,
            events: Vec::new(),
            over: false,
            given_up: 0,
            recovered: 0,
        };
        self.loans.insert(loan, known);
    }

    fn ordered(&mut self, id: PaymentId, what: Ordered) {
        let order = self.bench.read(move |tx| servicing::payments::payment(tx, id)).unwrap();
        let said = (order.purpose, fen(order.amount));
        assert_eq!(said, (what.purpose, what.amount), "seed {}", self.seed);
        self.orders.insert(id, what);
    }

    /// The last event of a loan is no more; unless the credit that came of it has been spent.
    fn expect_reversal(&mut self, loan: LoanId, made: Made) {
        let known = self.loans.get_mut(&loan).unwrap();
        let event = *known.events.last().unwrap();
        let left = *known.stands(event.day).excess.last().unwrap();
        let wallet = self.wallets.entry(known.member).or_default();
        let is_refused = !event.by_wallet && *wallet < left;
        assert_eq!(matches!(made, Made::Refused), is_refused, "seed {}", self.seed);
        if is_refused {
            return self.count("not reversed");
        }
        known.events.pop();
        known.over = false;
        if event.by_wallet {
            *wallet += event.amount - left;
        } else {
            *wallet -= left;
            self.provider += event.amount;
        }
        self.count("reversed");
    }
}
