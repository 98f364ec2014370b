//! Papers: contracts and cost disclosures from templates to a text that is kept, HTML and PDF.
//!
//! Pure: a template and facts make a [`Paper`]; the same paper gives the same digest, the same page
//! and the same bytes of PDF. Nothing here knows a loan, a database or a clock.

mod amounts;
mod canon;
mod facts;
mod html;
mod paper;
mod pdf;
mod shipped;
mod template;
mod text;

pub use amounts::{capitals, grouped};
pub use canon::CanonError;
pub use facts::Facts;
pub use paper::{Align, Block, Digest, Paper, Signature, Source, Table};
pub use pdf::{PdfError, Stamp};
pub use shipped::Kind;
pub use template::{FillError, Template, TemplateError, TemplateProblem};
pub use text::{Span, Text};
