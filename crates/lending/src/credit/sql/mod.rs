//! The rows of credit lines, rules and coupons, and what rules ask of applications and loans.

pub(super) mod raises;

use kernel::id::{ApplicationId, CouponId, MemberId, OperatorId, PersonId, ProductId, RuleId};
use kernel::{Channel, Date, Instant, Money};
use store::{Fault, Row, params};

use super::coupons::{Coupon, CouponKind, CouponState};
use super::decisions::{MOST_APPLICATIONS, MOST_RULES, Rule, SaveRule};
use super::lines::{Line, LineChange, LineStatus};
use super::rules::{Outcome, Test};
use crate::{Page, Tx};

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

const fn line_word(status: LineStatus) -> &'static str {
    match status {
        LineStatus::Open => "open",
        LineStatus::Suspended => "suspended",
    }
}

/// A query for a line; both read the same columns.
macro_rules! select_line {
    ($which:literal) => {
        concat!(
            "SELECT member_id, limit_fen, frozen_fen, used_fen, status FROM credit_line ",
            "WHERE member_id = ?1",
            $which
        )
    };
}

fn read_line(row: &Row<'_>) -> Result<Line, Fault> {
    let status = match row.text("status")?.as_str() {
        "open" => LineStatus::Open,
        "suspended" => LineStatus::Suspended,
        _ => return Err(corrupt("credit_line.status")),
    };
    Ok(Line {
        member: MemberId::from_number(row.i64("member_id")?),
        limit: row.money("limit_fen")?,
        frozen: row.money("frozen_fen")?,
        used: row.money("used_fen")?,
        status,
    })
}

pub(super) fn line(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Line>, Fault> {
    tx.row(select_line!(""), params![member], read_line)
}

pub(super) fn lock_line(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Line>, Fault> {
    tx.row(select_line!(" FOR UPDATE"), params![member], read_line)
}

/// Opens a line; false if there is one.
pub(super) fn insert_line(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    limit: Money,
) -> Result<bool, Fault> {
    let insert = "INSERT INTO credit_line (member_id, limit_fen, frozen_fen, used_fen, status,
            opened_at, changed_at)
        VALUES (?1, ?2, 0, 0, 'open', ?3, ?3) ON CONFLICT (member_id) DO NOTHING";
    Ok(tx.execute(insert, params![member, limit, tx.at.business])? == 1)
}

/// Notes limits before and after, and by whom and why.
pub(super) fn insert_change(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    (before, after): (Option<Money>, Money),
    (operator, reason): (Option<OperatorId>, &str),
) -> Result<(), Fault> {
    let id = tx.ids.take(tx.at.wall, 1);
    let insert = "INSERT INTO credit_line_change (change_id, member_id, before_fen, after_fen,
            operator_id, reason, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let now = tx.at.business;
    tx.execute(insert, params![id, member, before, after, operator, reason, now]).map(|_| ())
}

pub(super) fn changes(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<Vec<LineChange>, Fault> {
    let select = "SELECT before_fen, after_fen, operator_id, reason, changed_at
        FROM credit_line_change WHERE member_id = ?1
        ORDER BY changed_at DESC, change_id DESC LIMIT ?2 OFFSET ?3";
    tx.rows(select, params![member, page.size(), page.offset()], |row| {
        let before = row.opt_i64("before_fen")?;
        let before = before.map(|fen| Money::from_fen(fen).ok_or_else(|| corrupt("before_fen")));
        Ok(LineChange {
            before: before.transpose()?,
            after: row.money("after_fen")?,
            operator: row.opt_i64("operator_id")?.map(OperatorId::from_number),
            reason: row.text("reason")?,
            changed_at: row.instant("changed_at")?,
        })
    })
}

/// Freezes, if the line is open and so much is left.
pub(super) fn freeze(tx: &mut Tx<'_, '_>, member: MemberId, amount: Money) -> Result<bool, Fault> {
    let update = "UPDATE credit_line SET frozen_fen = frozen_fen + ?2, changed_at = ?3
        WHERE member_id = ?1 AND status = 'open' AND limit_fen - frozen_fen - used_fen >= ?2";
    Ok(tx.execute(update, params![member, amount, tx.at.business])? == 1)
}

/// Takes `frozen` from what is frozen, if it is there, and adds `used` to what is used.
pub(super) fn use_frozen(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    frozen: Money,
    used: Money,
) -> Result<bool, Fault> {
    let update = "UPDATE credit_line SET frozen_fen = frozen_fen - ?2, used_fen = used_fen + ?3,
            changed_at = ?4
        WHERE member_id = ?1 AND frozen_fen >= ?2";
    Ok(tx.execute(update, params![member, frozen, used, tx.at.business])? == 1)
}

/// Takes from what is used, if it is there.
pub(super) fn give_back(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    amount: Money,
) -> Result<bool, Fault> {
    let update = "UPDATE credit_line SET used_fen = used_fen - ?2, changed_at = ?3
        WHERE member_id = ?1 AND used_fen >= ?2";
    Ok(tx.execute(update, params![member, amount, tx.at.business])? == 1)
}

/// Adds to what is used, whatever the limit.
pub(super) fn use_again(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    amount: Money,
) -> Result<bool, Fault> {
    let update = "UPDATE credit_line SET used_fen = used_fen + ?2, changed_at = ?3
        WHERE member_id = ?1";
    Ok(tx.execute(update, params![member, amount, tx.at.business])? == 1)
}

pub(super) fn set_limit(tx: &mut Tx<'_, '_>, member: MemberId, limit: Money) -> Result<u64, Fault> {
    let update = "UPDATE credit_line SET limit_fen = ?2, changed_at = ?3 WHERE member_id = ?1";
    tx.execute(update, params![member, limit, tx.at.business])
}

pub(super) fn set_line_status(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    status: LineStatus,
) -> Result<bool, Fault> {
    let update = "UPDATE credit_line SET status = ?2, changed_at = ?3 WHERE member_id = ?1";
    Ok(tx.execute(update, params![member, line_word(status), tx.at.business])? == 1)
}

/// The columns of a test: kind, threshold, days, region.
type Columns<'t> = (&'static str, Option<i64>, Option<u32>, Option<&'t str>);

fn columns(test: &Test) -> Columns<'_> {
    let bare = |kind| (kind, None, None, None);
    let count = |kind, bound: u32| (kind, Some(i64::from(bound)), None, None);
    match test {
        Test::MinimumAge(years) => count("minimum_age", *years),
        Test::MaximumAge(years) => count("maximum_age", *years),
        Test::Region(prefix) => ("region", None, None, Some(prefix)),
        Test::IncomeRatio(ppm) => count("income_ratio", *ppm),
        Test::Blacklist => bare("blacklist"),
        Test::RiskFlag => bare("risk_flag"),
        Test::Exposure(most) => ("exposure", Some(most.fen()), None, None),
        Test::Velocity { most, days } => ("velocity", Some(i64::from(*most)), Some(*days), None),
        Test::Overdue(most) => count("overdue", *most),
        Test::ReportScore(least) => ("report_score", Some(*least), None, None),
    }
}

fn read_test(row: &Row<'_>) -> Result<Test, Fault> {
    let small = |column: &str| u32::try_from(row.i64(column)?).map_err(|_| corrupt(column));
    Ok(match row.text("kind")?.as_str() {
        "minimum_age" => Test::MinimumAge(small("threshold")?),
        "maximum_age" => Test::MaximumAge(small("threshold")?),
        "region" => Test::Region(row.text("region")?),
        "income_ratio" => Test::IncomeRatio(small("threshold")?),
        "blacklist" => Test::Blacklist,
        "risk_flag" => Test::RiskFlag,
        "exposure" => Test::Exposure(row.money("threshold")?),
        "velocity" => Test::Velocity { most: small("threshold")?, days: small("days")? },
        "overdue" => Test::Overdue(small("threshold")?),
        "report_score" => Test::ReportScore(row.i64("threshold")?),
        _ => return Err(corrupt("decision_rule.kind")),
    })
}

pub(super) fn rules(tx: &mut Tx<'_, '_>, channel: Channel) -> Result<Vec<Rule>, Fault> {
    let select = "SELECT rule_id, code, product_id, kind, threshold, days, region, outcome, status
        FROM decision_rule WHERE channel = ?1 ORDER BY rule_id LIMIT ?2";
    tx.rows(select, params![channel.word(), MOST_RULES], |row| {
        let outcome = match row.text("outcome")?.as_str() {
            "refer" => Outcome::Refer,
            "refuse" => Outcome::Refuse,
            _ => return Err(corrupt("decision_rule.outcome")),
        };
        Ok(Rule {
            id: RuleId::from_number(row.i64("rule_id")?),
            channel,
            code: row.text("code")?,
            product: row.opt_i64("product_id")?.map(ProductId::from_number),
            test: read_test(row)?,
            outcome,
            enabled: row.text("status")? == "enabled",
        })
    })
}

/// Writes a rule over the one of its code, or a new one; its number.
pub(super) fn save_rule(tx: &mut Tx<'_, '_>, rule: &SaveRule) -> Result<RuleId, Fault> {
    let id = tx.ids.take(tx.at.wall, 1);
    let (kind, threshold, days, region) = columns(&rule.test);
    let outcome = match rule.outcome {
        Outcome::Refer => "refer",
        Outcome::Refuse => "refuse",
    };
    let status = if rule.enabled { "enabled" } else { "disabled" };
    let (channel, code, now) = (rule.channel.word(), &rule.code, tx.at.business);
    let upsert = "INSERT INTO decision_rule (rule_id, channel, code, product_id, kind, threshold,
            days, region, outcome, status, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ON CONFLICT (channel, code) DO UPDATE SET product_id = excluded.product_id,
            kind = excluded.kind, threshold = excluded.threshold, days = excluded.days,
            region = excluded.region, outcome = excluded.outcome, status = excluded.status,
            changed_at = excluded.changed_at";
    let values = params![
        id,
        channel,
        code,
        rule.product,
        kind,
        threshold,
        days,
        region,
        outcome,
        status,
        now
    ];
    tx.execute(upsert, values)?;
    let select = "SELECT rule_id FROM decision_rule WHERE channel = ?1 AND code = ?2";
    let id = tx.row(select, params![channel, code], |row| row.i64("rule_id"))?;
    id.map(RuleId::from_number).ok_or_else(|| corrupt("decision_rule"))
}

/// Waits until no other decision about the person is under way, until this call is committed.
pub(super) fn take_turn(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<(), Fault> {
    let upsert = "INSERT INTO decision_turn (person_id, taken_at) VALUES (?1, ?2)
        ON CONFLICT (person_id) DO UPDATE SET taken_at = excluded.taken_at";
    tx.execute(upsert, params![person, tx.at.business]).map(|_| ())
}

/// What is open and outstanding of a person over all channels, in fen. An application that has
/// become a loan counts as the loan; one whose payout failed counts while it is open.
pub(super) fn exposure_fen(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    without: Option<ApplicationId>,
) -> Result<i64, Fault> {
    let without = without.map_or(0, ApplicationId::number);
    let select = "SELECT CAST(COALESCE(SUM(COALESCE(a.approved_amount_fen, a.amount_fen)), 0)
            AS BIGINT) AS fen
        FROM application a
        WHERE a.person_id = ?1 AND a.application_id <> ?2 AND a.state IN ('reviewing', 'approved')
            AND NOT EXISTS (SELECT 1 FROM loan l
                WHERE l.application_id = a.application_id AND l.state <> 'payout_failed')";
    let open = tx.row(select, params![person, without], |row| row.i64("fen"))?;
    let select = "SELECT CAST(COALESCE(SUM(principal_fen - principal_paid_fen), 0) AS BIGINT)
            AS fen
        FROM loan WHERE person_id = ?1 AND state IN ('paying_out', 'repaying', 'written_off')";
    let lent = tx.row(select, params![person], |row| row.i64("fen"))?;
    Ok(open.unwrap_or(0).saturating_add(lent.unwrap_or(0)))
}

/// When a person applied since an instant, the latest first.
pub(super) fn applied_at(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    without: Option<ApplicationId>,
    since: Instant,
) -> Result<Vec<Instant>, Fault> {
    let without = without.map_or(0, ApplicationId::number);
    let select = "SELECT applied_at FROM application
        WHERE person_id = ?1 AND application_id <> ?2 AND applied_at >= ?3
        ORDER BY applied_at DESC LIMIT ?4";
    tx.rows(select, params![person, without, since, MOST_APPLICATIONS], |row| {
        row.instant("applied_at")
    })
}

/// Loans of a person over all channels with a row that was due before today, or written off.
pub(super) fn overdue_loans(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<u32, Fault> {
    let select = "SELECT COUNT(*) AS loans FROM loan WHERE person_id = ?1
        AND (state = 'written_off' OR (state = 'repaying' AND next_due_day < ?2))";
    let today = tx.at.business.date();
    let loans = tx.row(select, params![person, today], |row| row.i64("loans"))?;
    u32::try_from(loans.unwrap_or(0)).map_err(|_| corrupt("loans"))
}

/// A query for coupons; both read the same columns.
macro_rules! select_coupons {
    ($which:literal) => {
        concat!(
            "SELECT coupon_id, member_id, kind, amount_fen, min_repayment_fen, ",
            "min_withdrawal_fen, last_day, state, worth_fen, issued_at FROM coupon ",
            "WHERE member_id = ?1 ",
            $which
        )
    };
}

fn read_coupon(row: &Row<'_>) -> Result<Coupon, Fault> {
    let kind = match row.text("kind")?.as_str() {
        "deduction" => CouponKind::Deduction,
        "cash" => CouponKind::Cash,
        _ => return Err(corrupt("coupon.kind")),
    };
    let state = match row.text("state")?.as_str() {
        "issued" => CouponState::Issued,
        "reserved" => CouponState::Reserved,
        "used" => CouponState::Used,
        "expired" => CouponState::Expired,
        _ => return Err(corrupt("coupon.state")),
    };
    let worth = row.opt_i64("worth_fen")?;
    let worth = worth.map(|fen| Money::from_fen(fen).ok_or_else(|| corrupt("worth_fen")));
    Ok(Coupon {
        id: CouponId::from_number(row.i64("coupon_id")?),
        member: MemberId::from_number(row.i64("member_id")?),
        kind,
        amount: row.money("amount_fen")?,
        min_repayment: row.money("min_repayment_fen")?,
        min_withdrawal: row.money("min_withdrawal_fen")?,
        last_day: row.day("last_day")?,
        state,
        worth: worth.transpose()?,
        issued_at: row.instant("issued_at")?,
    })
}

pub(super) fn coupons(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<Vec<Coupon>, Fault> {
    let select = select_coupons!("ORDER BY coupon_id DESC LIMIT ?2 OFFSET ?3");
    tx.rows(select, params![member, page.size(), page.offset()], read_coupon)
}

pub(super) fn coupon_count(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<i64, Fault> {
    let select = "SELECT COUNT(*) AS n FROM coupon WHERE member_id = ?1";
    Ok(tx.row(select, params![member], |row| row.i64("n"))?.unwrap_or(0))
}

pub(super) fn lock_coupon(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    coupon: CouponId,
) -> Result<Option<Coupon>, Fault> {
    tx.row(select_coupons!("AND coupon_id = ?2 FOR UPDATE"), params![member, coupon], read_coupon)
}

pub(super) fn has_member(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<bool, Fault> {
    let select = "SELECT member_id FROM member WHERE member_id = ?1";
    Ok(tx.row(select, params![member], |row| row.i64("member_id"))?.is_some())
}

pub(super) fn insert_coupon(tx: &mut Tx<'_, '_>, coupon: &Coupon) -> Result<u64, Fault> {
    let insert = "INSERT INTO coupon (coupon_id, member_id, kind, amount_fen, min_repayment_fen,
            min_withdrawal_fen, last_day, state, worth_fen, issued_at, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, ?9, ?9)";
    let (kind, state) = (coupon.kind.word(), coupon.state.word());
    let (repayment, withdrawal) = (coupon.min_repayment, coupon.min_withdrawal);
    let (id, last_day, issued_at) = (coupon.id, coupon.last_day, coupon.issued_at);
    let values = params![
        id,
        coupon.member,
        kind,
        coupon.amount,
        repayment,
        withdrawal,
        last_day,
        state,
        issued_at
    ];
    tx.execute(insert, values)
}

pub(super) fn set_coupon(
    tx: &mut Tx<'_, '_>,
    coupon: CouponId,
    state: CouponState,
    worth: Option<Money>,
) -> Result<(), Fault> {
    let update = "UPDATE coupon SET state = ?2, worth_fen = ?3, changed_at = ?4
        WHERE coupon_id = ?1";
    tx.execute(update, params![coupon, state.word(), worth, tx.at.business]).map(|_| ())
}

pub(super) fn expire_coupons(tx: &mut Tx<'_, '_>, day: Date, limit: u32) -> Result<u64, Fault> {
    let update = "UPDATE coupon SET state = 'expired', changed_at = ?3 WHERE state = 'issued'
        AND coupon_id IN (SELECT coupon_id FROM coupon
            WHERE state = 'issued' AND last_day < ?1 ORDER BY last_day, coupon_id LIMIT ?2)";
    tx.execute(update, params![day, limit, tx.at.business])
}
