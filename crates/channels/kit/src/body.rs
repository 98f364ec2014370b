//! Reading request bodies within bounds.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;

/// Of a body over its limit, this much more is read and thrown away, so that the client gets to
/// read the answer instead of a broken connection.
const DRAINED_BYTES: usize = 32 * 1024 * 1024;
/// How long a whole body may take to arrive; below the time limit of a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Longer than the limit.
    TooLarge,
    /// The connection broke or took too long.
    Broken,
}

/// Reads a whole body of at most `limit` bytes.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    match tokio::time::timeout(PATIENCE, collect(body, limit)).await {
        Ok(read) => read,
        Err(_) => Err(BodyError::Broken),
    }
}

async fn collect(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut whole: Vec<u8> = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= limit {
            whole.extend_from_slice(&data);
        } else if length > limit.saturating_add(DRAINED_BYTES) {
            return Err(BodyError::TooLarge);
        } else {
            whole = Vec::new();
        }
    }
    if length > limit { Err(BodyError::TooLarge) } else { Ok(whole.into()) }
}
