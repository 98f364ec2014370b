//! One type per kind of id, so that a swapped argument does not compile.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Wraps the number as it stands in the database or on the wire.
            pub const fn from_number(number: i64) -> Self {
                Self(number)
            }

            /// The number as it stands in the database and on the wire.
            pub const fn number(self) -> i64 {
                self.0
            }
        }
    )*};
}

ids! {
    /// A member (会员) of a market.
    MemberId
    /// A project (项目, 标) that asks the market for money.
    ProjectId
    /// A bid (投资) of one member on one project.
    BidId
    /// One row of an investor's plan (回款计划).
    InstalmentId
    /// A ledger account; see `lending::ledger::AccountId` for how it is made up.
    AccountNumber
    /// A balanced movement of money.
    TransferId
    /// One line of a transfer.
    PostingId
    /// A natural person (自然人), known across channels by their id number.
    PersonId
    /// A bank card (银行卡) of a customer.
    CardId
    /// A question about a customer that a provider is asked (认证).
    CheckId
    /// Somebody whom a customer named as a contact (联系人).
    ContactId
    /// A product (产品) of a channel.
    ProductId
    /// An application (进件, 借款申请) for a loan.
    ApplicationId
    /// A loan (借据) that has been paid out.
    LoanId
    /// One row of a loan's plan (还款计划): the loan's number with the row's four digits behind it.
    PlanRowId
    /// An order to a payment provider (支付订单): a payout or a debit.
    PaymentId
    /// What was used of a payment for a loan (还款记录).
    RepaymentId
    /// A contract (合同) or disclosure that was rendered and kept.
    DocumentId
    /// Somebody who works in the back office (操作员).
    OperatorId
    /// A message (消息) to a customer or to everybody.
    MessageId
    /// A rule (规则) by which applications are decided.
    RuleId
    /// A coupon (代金券) of a customer.
    CouponId
    /// An entry of the audit trail (审计记录).
    AuditEntryId
    /// A request for a second person's consent (复核), and what came of it.
    ApprovalId
    /// A text (短信) in the outbox.
    SmsId
    /// A lead (甩单): somebody who wants a loan, as a loan officer tells the others.
    LeadId
    /// A request for a higher limit (提额申请).
    RaiseId
    /// A difference (对账差异) between the provider's statement and our orders.
    DifferenceId
    /// A call to a provider, as it was recorded.
    ProviderCallId
    /// What a customer thinks (意见反馈).
    FeedbackId
    /// A task at a data provider (数据采集任务).
    ReportTaskId
    /// A drawdown (提现) on an approved limit.
    DrawdownId
    /// A comparison of a face (活体校验).
    FaceCheckId
    /// Something that the funding partner (资金方) is told.
    FundingOrderId
    /// What the funding partner said that a person has to look at.
    FundingIssueId
    /// A contact about a late loan (催收记录).
    CollectionContactId
}
