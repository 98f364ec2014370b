//! A higher limit, and coupons.

use kernel::id::MemberId;
use lending::credit::{self, CouponKind, CouponState, Proven, RaiseError};
use lending::customers::statements::{self, Elsewhere};
use lending::ports::DataKind;
use lending::reports::{self, Progress};
use lending::{Fault, Page, Route, Tx};
use serde::Serialize;

use crate::Wukong;
use crate::call::Call;
use crate::envelope::Reply;
use crate::numbers::{Figure, yuan};
use crate::section::{LIMIT, OFFSET, section};
use crate::texts::{
    DONE, Failure, NO_TOKEN, RAISE_BASICS, RAISE_MORE, RAISE_REQUESTED, RAISE_WAITING,
};

section! {
    APPLY: Get "/quota-apply", "提升额度", TOKEN;
    fields: [];
    refusals: [RAISE_BASICS, RAISE_MORE, RAISE_WAITING];
    success: RAISE_REQUESTED, "null";
}

pub(crate) async fn apply(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let asked = channel.app.write(Route::home(member.number()), move |tx| {
        let proven = proven(tx, member)?;
        credit::request_raise(tx, member, proven)
    });
    asked.await.map_err(|error| match error {
        RaiseError::NoSuchCustomer => NO_TOKEN.into(),
        RaiseError::BasicsFirst => RAISE_BASICS.into(),
        RaiseError::MoreFirst => RAISE_MORE.into(),
        RaiseError::Waiting => RAISE_WAITING.into(),
        RaiseError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}

/// What is proven elsewhere, and which accounts are named.
fn proven(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Proven, Fault> {
    let state = reports::auth_state(tx, member)?;
    let is_proven = |kind| state.of(kind) == Progress::Done;
    let reports = [DataKind::Jd, DataKind::Bill, DataKind::Ebank];
    let mut others: u32 = 0;
    for kind in reports {
        others = others.saturating_add(u32::from(is_proven(kind)));
    }
    for account in Elsewhere::ALL {
        let named = statements::account(tx, member, *account)?.is_some();
        others = others.saturating_add(u32::from(named));
    }
    let (education, taobao) = (is_proven(DataKind::Education), is_proven(DataKind::Taobao));
    Ok(Proven { education, taobao, others })
}

section! {
    COUPONS: Get "/cash-coupon-get", "代金券查询", TOKEN;
    fields: [OFFSET, LIMIT];
    refusals: [];
    success: DONE,
        r#"[{"coupon_id":1,"coupon_name":1,"coupon_amount":10,"min_repayment":400,"min_withdrawal":0,"end_at":1795000000,"state":0}]"#;
}

#[derive(Serialize)]
struct CouponShown {
    /// Its place among the customer's coupons, from the oldest on: the core's own number is larger
    /// than a number of JavaScript can be.
    coupon_id: i64,
    coupon_name: u8,
    coupon_amount: Figure,
    min_repayment: Figure,
    min_withdrawal: Figure,
    end_at: i64,
    state: u8,
}

pub(crate) async fn coupons(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let (member, part) = (call.member()?, call.part()?);
    let found = channel.app.read(move |tx| {
        let coupons = credit::coupons(tx, member, part)?;
        Ok::<_, Fault>((coupons, credit::coupon_count(tx, member)?, tx.at().business.date()))
    });
    let (coupons, total, today) = found.await?;
    let newest = total.saturating_sub(part.offset());
    let shown = (1..).zip(coupons).map(|(place, coupon)| {
        let is_over = coupon.last_day < today;
        let end = coupon.last_day.start().plus_days(1).seconds().saturating_sub(1);
        CouponShown {
            coupon_id: newest.saturating_sub(place).saturating_add(1),
            coupon_name: match coupon.kind {
                CouponKind::Deduction => 1,
                CouponKind::Cash => 2,
            },
            coupon_amount: Figure::Number(yuan(coupon.amount)),
            min_repayment: Figure::Number(yuan(coupon.min_repayment)),
            min_withdrawal: Figure::Number(yuan(coupon.min_withdrawal)),
            end_at: end,
            state: match coupon.state {
                CouponState::Issued if is_over => 2,
                CouponState::Issued | CouponState::Reserved => 0,
                CouponState::Used => 1,
                CouponState::Expired => 2,
            },
        }
    });
    Reply::part(&shown.collect::<Vec<_>>(), has_more(part, total))
}

fn has_more(part: Page, total: i64) -> bool {
    part.offset().saturating_add(part.size()) < total
}
