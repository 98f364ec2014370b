//! App versions (版本检测): which one a channel's app should be.

use kernel::{Channel, Instant};
use store::Fault;

use super::{messages, sql, templates};
use crate::audit::{self, Actor, Subject};
use crate::{Page, Tx};

/// Characters of an app type at most: the apps send a digit.
const TYPE_MOST: usize = 20;
/// Characters of a version at most.
const VERSION_MOST: usize = 40;
/// Characters of the notes at most.
const NOTES_MOST: usize = 4000;

/// A version of a channel's app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppVersion {
    /// Of which channel.
    pub channel: Channel,
    /// Which app, in its own word.
    pub app_type: String,
    /// What the app calls itself: `2.1.0`.
    pub version: String,
    /// Where it can be had.
    pub url: String,
    /// Whether older ones must not go on.
    pub forced: bool,
    /// What is new.
    pub notes: String,
    /// When it was published, by the business clock.
    pub published_at: Instant,
}

/// A version to be offered from now on.
#[derive(Clone, Debug)]
pub struct PublishVersion {
    /// Who publishes it.
    pub by: Actor,
    /// Of which channel.
    pub channel: Channel,
    /// Which app, in its own word.
    pub app_type: String,
    /// What the app calls itself.
    pub version: String,
    /// Where it can be had.
    pub url: String,
    /// Whether older ones must not go on.
    pub forced: bool,
    /// What is new; may be empty.
    pub notes: String,
}

/// Why a version was not published. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// The type is empty or too long.
    #[error("the app type has 1 to {most} characters")]
    Type {
        /// Characters at most.
        most: usize,
    },
    /// The version is empty or too long.
    #[error("the version has 1 to {most} characters")]
    Version {
        /// Characters at most.
        most: usize,
    },
    /// The address is no web address.
    #[error("the address begins with http:// or https:// and has no blanks")]
    Url,
    /// The notes are too long.
    #[error("the notes have {most} characters at most")]
    Notes {
        /// Characters at most.
        most: usize,
    },
    /// This version was published before.
    #[error("this version has been published")]
    Taken,
    /// The platform failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Publishes a version, which is the latest from now on.
pub fn publish_version(tx: &mut Tx<'_, '_>, command: &PublishVersion) -> Result<(), VersionError> {
    if !templates::is_within(&command.app_type, TYPE_MOST) {
        return Err(VersionError::Type { most: TYPE_MOST });
    }
    if !templates::is_within(&command.version, VERSION_MOST) {
        return Err(VersionError::Version { most: VERSION_MOST });
    }
    if !messages::is_web_address(&command.url) {
        return Err(VersionError::Url);
    }
    if command.notes.chars().count() > NOTES_MOST {
        return Err(VersionError::Notes { most: NOTES_MOST });
    }
    if !sql::insert_version(tx, command)? {
        return Err(VersionError::Taken);
    }
    let (channel, app, version) = (command.channel.word(), &command.app_type, &command.version);
    let detail = format!("{channel} app {app} version {version}");
    audit::note(tx, command.by, "app_version.published", Subject::Platform, &detail)?;
    Ok(())
}

/// The version of an app that was published last.
pub fn latest(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    app_type: &str,
) -> Result<Option<AppVersion>, Fault> {
    sql::latest_version(tx, channel, app_type)
}

/// A page of all versions, the newest first; for operators.
pub fn versions(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<AppVersion>, Fault> {
    sql::versions(tx, page)
}
