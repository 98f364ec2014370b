//! Every way a call can fail, with the status, the code and the sentence that say so.

use std::borrow::Cow;

use lending::Fault;
use lending::operators::{Denied, Right};

use crate::operation::Refusal;

/// A failed call.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The caller's.
    Refused {
        refusal: Refusal,
        /// The sentence, with its parts filled in.
        message: Cow<'static, str>,
    },
    /// The platform's own; told as [`BUSY`] and logged.
    Fault(Fault),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal, message: Cow::Borrowed(refusal.message) }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotLoggedIn => NOT_LOGGED_IN.into(),
            Denied::NoRight(right) => Self::no_right(right),
            Denied::Fault(fault) => fault.into(),
        }
    }
}

impl Failure {
    /// A sentence with a part that varies.
    pub(crate) fn with(refusal: Refusal, part: &str) -> Self {
        Self::Refused { refusal, message: Cow::Owned(refusal.message.replace("{}", part)) }
    }

    /// The caller's roles do not give a right.
    pub(crate) fn no_right(right: Right) -> Self {
        Self::with(NO_RIGHT, right.word())
    }

    /// A field does not hold what it should.
    pub(crate) fn field(name: &str) -> Self {
        Self::with(FIELD_WRONG, name)
    }
}

/// The part that varies in the sentence of a refusal; `None` if it is another sentence.
pub fn part_of<'m>(refusal: &Refusal, message: &'m str) -> Option<&'m str> {
    let (before, after) = refusal.message.split_once("{}")?;
    message.strip_prefix(before)?.strip_suffix(after)
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $message:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) const $name: Refusal =
            Refusal { status: $status, code: $code, message: $message };
    )*};
}

refusals! {
    // The way in.
    NO_SUCH_CALL = 404 "no_such_call" "there is no call {}";
    WRONG_METHOD = 405 "wrong_method" "this address does not take {}";
    NOT_LOGGED_IN = 401 "not_logged_in" "a valid bearer token is needed";
    NO_RIGHT = 403 "no_right" "the operator's roles do not give the right {}";
    BODY_TOO_LARGE = 413 "body_too_large" "the body is too large";
    BODY_BROKEN = 400 "body_broken" "the body did not arrive as a whole";
    BODY_MALFORMED = 400 "body_malformed" "the body cannot be read: {}";
    QUERY_MALFORMED = 400 "query_malformed" "the query cannot be read";
    KEY_MALFORMED = 400 "key_malformed" "Idempotency-Key has 1 to 255 visible characters";
    KEY_REUSED = 409 "key_reused" "the Idempotency-Key was used for another request";
    FIELD_WRONG = 422 "field_wrong" "the field {} does not hold what it should";
    BUSY = 503 "busy" "the platform is busy; try again in a moment";

    // Log-in.
    LOG_IN_REFUSED = 401 "log_in_refused" "login name, password or code is wrong, or the account closed";
    LOCKED = 429 "locked" "too many wrong passwords; wait, or have the password reset";
    OLD_PASSWORD_WRONG = 403 "old_password_wrong" "the old password is wrong";
    FACTOR_ON = 409 "second_factor_on" "the second factor is on already";
    FACTOR_NOT_ON = 409 "second_factor_not_on" "the second factor is not on, or not set up";
    CODE_WRONG = 403 "code_wrong" "the code is wrong, too old, or was used before";
    NO_SUCH_SESSION = 404 "no_such_session" "there is no such session of yours";

    // Operators.
    NO_SUCH_OPERATOR = 404 "no_such_operator" "there is no such operator";
    LOGIN_TAKEN = 409 "login_taken" "the login name is taken";
    YOURSELF = 409 "yourself" "nobody changes their own account so";

    // Records.
    NO_SUCH_CUSTOMER = 404 "no_such_customer" "there is no such customer";
    NO_SUCH_APPLICATION = 404 "no_such_application" "there is no such application";
    NO_SUCH_ROW = 404 "no_such_instalment" "the loan has no such instalment";
    NO_SUCH_LOAN = 404 "no_such_loan" "there is no such loan";
    NO_SUCH_REPAYMENT = 404 "no_such_repayment" "there is no such repayment";
    NO_SUCH_PAYMENT = 404 "no_such_payment" "there is no such payment";
    NO_SUCH_STATEMENT = 404 "no_such_statement" "there is no statement of that day";
    NO_SUCH_DIFFERENCE = 404 "no_such_difference" "there is no such difference that is open";
    NOT_BEGUN = 422 "not_begun" "the day has not begun yet";
    STATEMENT_UNFIT = 422 "statement_unfit" "line {} is not order_no,in|out,yuan,provider_no";
    NO_SUCH_PRODUCT = 404 "no_such_product" "there is no such product";
    NO_SUCH_LEAD = 404 "no_such_lead" "there is no such lead";
    NO_SUCH_OFFICER = 404 "no_such_officer" "there is no such loan officer, or the account is closed";
    NO_SUCH_DOCUMENT = 404 "no_such_document" "there is no such document";
    NO_SUCH_MESSAGE = 404 "no_such_message" "there is no such message that is shown";

    // Review.
    NOT_REVIEWING = 409 "not_reviewing" "the application does not wait for review";
    SAME_REVIEWER = 409 "same_reviewer" "the steps of a review are taken by different people";
    WITH_PARTNER = 409 "with_partner" "the funding partner decides about it";
    NO_SUCH_FUNDING_ORDER = 404 "no_such_funding_order" "the funding partner was never told that";
    NOT_TOLD_AGAIN = 409 "not_told_again" "it was not taken for a mistake, or is decided otherwise";
    NO_SUCH_ISSUE = 404 "no_such_issue" "there is no such issue";
    ISSUE_CLOSED = 409 "issue_closed" "somebody is done with it already";
    NO_SUCH_DRAWDOWN = 404 "no_such_drawdown" "there is no such drawdown";
    CUSTOMER_REFUSED = 409 "customer_refused" "nothing is lent to this customer";
    NO_IDENTITY = 409 "no_identity" "who the customer is is not proven";
    OPEN_APPLICATION = 409 "open_application" "an application for the product is open";
    LINE_TOO_SMALL = 409 "line_too_small" "the credit line does not hold the amount";
    TOO_MUCH = 422 "more_than_asked" "more than was asked for or than an earlier step approved";
    NOT_OFFERED = 422 "not_offered" "the product does not offer that: {}";

    // Money.
    NOT_PAYABLE = 409 "not_payable" "it is not in a state to be paid out";
    NO_CARD = 409 "no_card" "the customer has no card";
    NOT_DISCLOSED = 409 "not_disclosed" "the customer has not confirmed what these terms cost";
    ABOVE_TODAY = 409 "above_legal_line_today" "the contract would be above a legal line in force today: {}";
    NOT_RUNNING = 409 "not_running" "the loan takes no payments: not paid out, settled, or closed";
    COUPON_EXPIRED = 422 "coupon_expired" "the last day is over already";
    UNDER_WAY = 409 "payment_under_way" "another payment on the loan is under way";
    NOT_OVERDUE = 409 "not_overdue" "the loan is not overdue";
    NOT_WRITTEN_OFF = 409 "not_written_off" "the loan was not written off";
    REVERSED = 409 "already_reversed" "the repayment was taken back before";
    LOAN_CLOSED = 409 "loan_closed" "the loan is closed";
    LATER_FIRST = 409 "later_first" "a later repayment must be taken back first";
    EXCESS_USED = 409 "excess_used" "the customer has used the credit that came of it";
    LEAD_APPLIED = 409 "lead_applied" "an application was made of the lead";
    WALLET_TOO_SMALL = 409 "wallet_too_small" "the officer's wallet does not hold that";
    WALLET_TOO_LARGE = 409 "wallet_too_large" "the officer's wallet would hold too much";
    CREDIT_TOO_SMALL = 409 "credit_too_small" "the customer's credit is less than that";

    // Collections.
    CASE_TAKEN = 409 "case_taken" "another operator works on it";
    NOT_YOUR_CASE = 409 "not_your_case" "only who has taken the loan can do that";
    CONTACT_STOPPED = 409 "contact_stopped" "nobody may contact this customer about what they owe";
    OUTSIDE_HOURS = 409 "outside_hours" "it is not the time of day to contact customers: {}";
    TOO_MANY_CONTACTS = 409 "too_many_contacts" "the customer has been contacted often enough today: {}";
    SOMETHING_OPEN = 409 "something_open" "something is open with the customer: {}";
    NOT_STOPPED = 409 "not_stopped" "contacts are not stopped";

    // Products and rules.
    PRODUCT_UNFIT = 422 "product_unfit" "the product does not hang together: {}";
    NO_ANNUAL_RATE = 422 "no_annual_rate" "it cannot be held against the legal lines: {}";
    ABOVE_LEGAL_LINE = 422 "above_legal_line" "a loan that it offers is above a legal line: {}";
    LATE_ABOVE_LINE = 422 "late_above_legal_line" "being late costs more than a line allows: {}";
    RULE_UNFIT = 422 "rule_unfit" "the rule cannot be kept: {}";

    // Credit lines.
    NO_LINE = 409 "no_credit_line" "the customer has no credit line yet";
    NO_SUCH_RAISE = 404 "no_such_raise" "there is no such request that waits";
    NOT_HIGHER = 409 "not_higher" "what is granted is no higher than the limit";
    BELOW_USE = 409 "below_use" "so much is frozen or used: {}";

    // Texts.
    TEXT_UNFIT = 422 "text_unfit" "{}";
    VERSION_TAKEN = 409 "version_taken" "this version has been published";
    NO_PDF = 404 "no_pdf" "there is no PDF of the document: {}";

    // The books.
    NO_SUCH_ACCOUNT = 404 "no_such_account" "there is no such account";
    NO_SUCH_TRANSFER = 404 "no_such_transfer" "there is no such movement of money";
    TOO_MANY_DAYS = 422 "too_many_days" "so many days are looked at at once, at most: {}";
    NO_SUCH_PERIOD = 404 "no_such_period" "nothing is posted in this period";
    PERIOD_CLOSED = 409 "period_closed" "the period is closed";
    EARLIER_OPEN = 409 "earlier_period_open" "an earlier period is to be closed first: {}";
    PERIOD_NOT_OVER = 409 "period_not_over" "the period has not been over for ten minutes";
    DAY_ENDS_OPEN = 409 "day_ends_open" "the day-ends of the period are not finished; the last one was of {}";

    // The market.
    NO_SUCH_PROJECT = 404 "no_such_project" "there is no such project";
    NOT_AUDITING = 409 "not_auditing" "the project does not wait for an audit";
    NO_SUCH_MEMBER = 404 "no_such_member" "there is no such member of the market";

    // Bench.
    CLOCK_FIXED = 409 "clock_fixed" "the business clock cannot be moved: bench.movable_clock is off";

    // The two-person rule.
    OTHER_COMMAND = 409 "approval_for_another" "the approval is for another command";
    NOT_APPROVED = 409 "approval_not_good" "the approval cannot be used: it is {}";
    NO_SUCH_APPROVAL = 404 "no_such_approval" "there is no such approval";
    NOT_WAITING = 409 "approval_not_waiting" "the approval is {}";
    OWN_REQUEST = 409 "own_request" "nobody approves their own request";
}
