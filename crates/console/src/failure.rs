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
    LOG_IN_REFUSED = 401 "log_in_refused" "login name or password is wrong, or the account closed";
    LOCKED = 429 "locked" "too many wrong passwords; wait, or have the password reset";
    OLD_PASSWORD_WRONG = 403 "old_password_wrong" "the old password is wrong";

    // Operators.
    NO_SUCH_OPERATOR = 404 "no_such_operator" "there is no such operator";
    LOGIN_TAKEN = 409 "login_taken" "the login name is taken";
    YOURSELF = 409 "yourself" "nobody changes their own account so";

    // The two-person rule.
    NO_SUCH_APPROVAL = 404 "no_such_approval" "there is no such approval";
    NOT_WAITING = 409 "approval_not_waiting" "the approval is {}";
    OWN_REQUEST = 409 "own_request" "nobody approves their own request";
}
