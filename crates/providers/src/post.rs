//! How an adapter sends its forms: by the client over HTTP, or to a sandbox in this process.

use std::collections::BTreeMap;

use kernel::Money;

use crate::client::{Body, Call, CallError, Client, Resend};
use crate::form;

/// A form that is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Form<'f> {
    /// What the call is called in records.
    pub name: &'static str,
    /// Where it goes.
    pub url: &'f str,
    /// All of it.
    pub fields: &'f BTreeMap<String, String>,
    /// What of it records may know of; they mask it.
    pub noted: &'f [(&'f str, &'f str)],
    /// Whether it may be sent again where nobody answers.
    pub resend: Resend,
    /// What the provider charges for it.
    pub cost: Money,
}

/// Somebody who sends forms.
pub trait Post: Send + Sync {
    /// Sends a form; the text of the answer.
    fn post(&self, form: &Form<'_>) -> Result<String, CallError>;
}

impl Post for Client {
    fn post(&self, form: &Form<'_>) -> Result<String, CallError> {
        let body = form::write(form.fields);
        self.call(&Call {
            name: form.name,
            url: form.url,
            body: Body::Form(&body),
            fields: form.noted,
            resend: form.resend,
            cost: form.cost,
        })
    }
}
