//! Contracts and other papers of a customer: links that can be opened without a session, and what
//! stands behind them.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use channel_kit::chance;
use channel_kit::route::{Method, Operation};
use kernel::id::{DocumentId, LoanId};
use lending::documents::{self, Document, Kind, TOKEN_BYTES};
use lending::origination::Application;
use lending::{Fault, Route, Tx};

use crate::call::{self, Call};
use crate::envelope::Manner;
use crate::failure::{Failure, LINK_GONE};
use crate::pages;
use crate::section::page;
use crate::wire::answers::ContractData;
use crate::{Xianjindai, pages::shown};

/// How long a link is good: as long as a session without a call.
const LINK_SECONDS: u32 = 1800;
/// What stands behind a token for the PDF.
const PDF: &str = ".pdf";

pub(crate) static CONTRACT: [Operation<&'static str>; 1] =
    [page(Method::Get, "/xianjindai/contract/{token}", "合同页面，或加.pdf后的合同文件 (ours)")];

/// The contract of a loan that its customer has confirmed.
pub(crate) fn of_loan(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<Option<DocumentId>, Fault> {
    let papers = documents::of_loan(tx, loan)?;
    let contract =
        |paper: &&Document| paper.kind == Kind::LoanContract && paper.confirmed_at.is_some();
    Ok(papers.iter().rev().find(contract).map(|paper| paper.id))
}

/// The papers of an application and its loan that the customer has confirmed.
pub(crate) fn all_of(
    tx: &mut Tx<'_, '_>,
    application: &Application,
) -> Result<Vec<Document>, Fault> {
    let mut papers = match application.loan {
        Some(loan) => documents::of_loan(tx, loan)?,
        None => documents::of_application(tx, application.id)?,
    };
    papers.retain(|paper| paper.confirmed_at.is_some());
    Ok(papers)
}

/// Links to papers, fresh for one answer.
pub(crate) struct Links {
    /// Where the channel stands, as the client has called it.
    base: String,
    tokens: BTreeMap<DocumentId, String>,
}

impl Links {
    /// Makes a link for each paper; each paper must be the caller's own.
    pub(crate) async fn issue(
        channel: &Xianjindai,
        call: &Call,
        papers: &[DocumentId],
    ) -> Result<Self, Failure> {
        let (base, papers) = (call.base.clone(), papers.iter().copied().collect::<BTreeSet<_>>());
        if papers.is_empty() {
            return Ok(Self { base, tokens: BTreeMap::new() });
        }
        let mut secrets: Vec<(DocumentId, [u8; TOKEN_BYTES])> = Vec::new();
        for paper in papers {
            secrets.push((paper, chance::bytes()?));
        }
        let route = Route::home(call.member()?.number());
        let issue = move |tx: &mut Tx<'_, '_>| {
            let mut tokens = BTreeMap::new();
            for (paper, secret) in &secrets {
                let token = documents::issue_link(tx, *paper, secret, LINK_SECONDS)?;
                tokens.extend(token.map(|token| (*paper, token.expose().to_owned())));
            }
            Ok::<_, Fault>(tokens)
        };
        Ok(Self { base, tokens: channel.app.write(route, issue).await? })
    }

    /// The address of a paper.
    pub(crate) fn of(&self, paper: DocumentId) -> Option<String> {
        let token = self.tokens.get(&paper)?;
        Some(format!("{}/contract/{token}", self.base))
    }

    /// Name and address of a paper.
    pub(crate) fn data(&self, paper: &Document) -> Option<ContractData> {
        let contract_path = self.of(paper.id)?;
        Some(ContractData { contract_name: name(paper.kind).to_owned(), contract_path })
    }
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::LoanContract => "借款合同",
        Kind::DebitAuthority => "委托扣款授权书",
        Kind::DataAuthority => "个人信息与征信查询授权书",
        Kind::RegistrationAgreement => "注册协议",
        Kind::RepaymentHelp => "还款帮助",
        Kind::CostDisclosure => "综合融资成本明示表",
        Kind::ServiceAgreement => "居间服务协议",
    }
}

pub(crate) fn route() -> MethodRouter<Xianjindai> {
    get(open)
}

async fn open(State(channel): State<Xianjindai>, Path(token): Path<String>) -> Response {
    match opened(&channel, &token).await {
        Ok(response) => response,
        Err(failure) => channel.respond(Manner::PLAIN, call::NOTHING, &Err(failure)),
    }
}

async fn opened(channel: &Xianjindai, token: &str) -> Result<Response, Failure> {
    let (token, as_pdf) = match token.strip_suffix(PDF) {
        Some(token) => (token.to_owned(), true),
        None => (token.to_owned(), false),
    };
    let found = channel.app.read(move |tx| {
        let Some((document, paper)) = documents::open_link(tx, &token)? else { return Ok(None) };
        let pdf = if as_pdf { documents::pdf(tx, document.id)? } else { None };
        Ok::<_, Fault>(Some((document, paper, pdf)))
    });
    let (document, paper, pdf) = found.await?.ok_or(LINK_GONE)?;
    if !as_pdf {
        return Ok(shown(paper.html_with(&documents::stamp(&document))));
    }
    let mut response = pdf.ok_or(LINK_GONE)?.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    pages::guard(headers);
    Ok(response)
}
