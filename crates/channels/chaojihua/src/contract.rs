//! Contracts that can be looked at (合同预览): addresses that expire, and the pages behind them.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use channel_kit::chance;
use lending::servicing::{self, Preview};
use serde::Serialize;

use crate::Chaojihua;
use crate::call::{Call, home};
use crate::envelope::{Reply, respond};
use crate::section::{ORDER_NO, section, text};
use crate::texts::{BUSY, DONE, FIELD_MISSING, FIELD_WRONG, Failure, LINK_GONE, NO_SUCH_ORDER};

/// How long an address is good.
const LINK_SECONDS: u32 = 1800;

section! {
    SHOW: Post "contract-show", "合同预览", TOKEN;
    fields: [
        ORDER_NO,
        text("contractNo", "1：委托代扣协议；2：居间服务协议；3：借款合同；4：数据查询授权书")
    ];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_SUCH_ORDER];
    success: DONE, r#"{"contractUrl":"http://host/chaojihua/cjh-open-api/contract/0123…"}"#;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    contract_url: String,
}

pub(crate) async fn show(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let paper = call.fields.read("contractNo", |number| match number {
        "1" => Some(Preview::DebitAuthority),
        "2" => Some(Preview::ServiceAgreement),
        "3" => Some(Preview::LoanContract),
        "4" => Some(Preview::DataAuthority),
        _ => None,
    })?;
    let (application, secret) = (call.order_id(&channel).await?, chance::bytes()?);
    let link = channel.app.write(home(member), move |tx| {
        servicing::preview_link(tx, (member, application), paper, &secret, LINK_SECONDS)
    });
    let token = link.await?.ok_or(NO_SUCH_ORDER)?;
    let contract_url = format!("{}/cjh-open-api/contract/{}", call.base, token.expose());
    Reply::show(&Shown { contract_url })
}

/// The page behind an address; it needs no token.
pub(crate) async fn page(State(channel): State<Chaojihua>, Path(token): Path<String>) -> Response {
    let opened = channel.app.read(move |tx| servicing::open_preview(tx, &token)).await;
    let failure = match opened {
        Ok(Some(html)) => return shown(html),
        Ok(None) => Failure::from(LINK_GONE).status(StatusCode::NOT_FOUND),
        Err(fault) => Failure::from(fault),
    };
    respond(&channel.settings, BUSY, &Err(failure))
}

/// A whole HTML document that holds no script, is kept nowhere, and tells nobody its address.
fn shown(html: String) -> Response {
    let mut response = html.into_response();
    guard(response.headers_mut());
    response
}

fn guard(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html;charset=UTF-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
