//! Which template a document is made from: the operators' own, or the one that is shipped.

use papers::{Facts, Kind, Template, TemplateError};
use store::Fault;

use super::{MakeError, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};

/// Why a template was not saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// The text is no template.
    #[error(transparent)]
    Unreadable(#[from] TemplateError),
    /// Its head names another kind.
    #[error("the template is one for `{0}`")]
    OtherKind(String),
    /// It names a fact that the platform does not give to documents of its kind.
    #[error("documents of this kind have no fact `{0}`")]
    UnknownFact(String),
    /// Its version is not above the one in use.
    #[error("the version must be above {0}, which is in use")]
    OldVersion(u32),
    /// The platform failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The template in use. What operators have saved goes before what is shipped.
pub(super) fn current(tx: &mut Tx<'_, '_>, kind: Kind) -> Result<Template, Fault> {
    let parsed = match sql::template(tx, kind)? {
        Some(text) => Template::parse(&text),
        None => kind.shipped(),
    };
    parsed.map_err(|error| Fault::Corrupt(format!("template {}: {error}", kind.word())))
}

/// Puts a template in the place of the one in use; documents that exist stay as they are.
pub fn save_template(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    kind: Kind,
    text: &str,
) -> Result<u32, SaveError> {
    let template = Template::parse(text)?;
    let source = template.source();
    if source.template != kind.word() {
        return Err(SaveError::OtherKind(source.template.clone()));
    }
    let known = kind.shipped()?.fields();
    if let Some(unknown) = template.fields().into_iter().find(|name| !known.contains(name)) {
        return Err(SaveError::UnknownFact(unknown));
    }
    let in_use = current(tx, kind)?.source().version;
    let is_new = source.version > in_use;
    if !is_new || !sql::insert_template(tx, kind, source.version, text)? {
        return Err(SaveError::OldVersion(in_use));
    }
    let detail = format!("{} v{}", kind.word(), source.version);
    audit::note(tx, actor, "document.template_saved", Subject::Platform, &detail)?;
    Ok(source.version)
}

/// A page that belongs to nobody, such as the registration agreement (注册协议) and the help with
/// repaying (还款帮助), as HTML.
pub fn page(tx: &mut Tx<'_, '_>, kind: Kind, facts: &Facts) -> Result<String, MakeError> {
    Ok(fill(tx, kind, facts)?.html())
}

/// A paper by the template in use, which is not kept.
pub(crate) fn fill(
    tx: &mut Tx<'_, '_>,
    kind: Kind,
    facts: &Facts,
) -> Result<papers::Paper, MakeError> {
    Ok(current(tx, kind)?.fill(facts)?)
}
